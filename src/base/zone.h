/* zone.h: from instants to the days and hours of a place and back, by its time zone: clocks that
 * change in spring, in autumn and for Ramadan. The changes are read from ICU once; after that a
 * zone is constant and any thread may use it. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/str.h"

typedef struct Zone Zone;
extern const Zone *const zone_utc;
/* Lives in the arena. ERR_INVALID: no such zone. */
Err zone_open(const Zone **out, Arena *a, const char *iana) MUST;
/* Days since 1970-01-01 and minute of the day on the clock of the place. */
void zone_local(int64_t *day, int *minute, const Zone *z, int64_t us);
int64_t zone_day(const Zone *z, int64_t us);
/* When the clock of the place shows this: the first time of two; just after a gap that skips it. */
int64_t zone_instant(const Zone *z, int64_t day, int minute);

#endif
