/* clock.h: instants are microseconds UTC in int64; dates are ISO text `YYYY-MM-DD` or days since
 * 1970-01-01. Nothing outside this file asks the system for the time.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/str.h"

int64_t clock_now_us(void);  /* wall clock; GARDEFOU_TEST_NOW (RFC 3339) fixes it in tests */
int64_t clock_mono_us(void); /* for time-outs only */

int64_t date_to_days(int year, int month, int day); /* civil calendar, any year 1..9999 */
void date_from_days(int *year, int *month, int *day, int64_t days);
bool date_parse(int64_t *days, Str iso); /* exactly YYYY-MM-DD and a real day */
/* As people write them: 2026-03-31, 31/03/2026, 31.03.2026, 31-03-2026 (day first). */
bool date_parse_loose(int64_t *days, Str text);
Str date_text(Arena *a, int64_t days);
Str date_of_instant(Arena *a, int64_t us);    /* the UTC day */
bool instant_parse(int64_t *us, Str rfc3339); /* with Z or offset; a bare date is 00:00Z */
Str instant_text(Arena *a, int64_t us);       /* 2026-11-23T10:11:12.123456Z, no trailing 0s */
int date_weekday(int64_t days);               /* 1 Monday .. 7 Sunday */

#endif
