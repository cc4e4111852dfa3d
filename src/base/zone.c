/* zone.c: time zones as tables of their changes, read from ICU (zone.h).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/zone.h"

#include "base/clock.h"

#include <unicode/ucal.h>
#include <unicode/ustring.h>

#define MINUTE_US INT64_C(60000000)
#define DAY_US (1440 * MINUTE_US)

/* From `at` on the clock of the place is `offset` ahead of UTC, both in microseconds. */
typedef struct Change {
    int64_t at, offset;
} Change;

struct Zone {
    const Change *changes; /* the first is of all time before the second */
    size_t n;
};

static const Change utc_change[] = {{INT64_MIN, 0}};
static const Zone utc = {utc_change, 1};
const Zone *const zone_utc = &utc;

static bool is_known(const UChar *id, int32_t n) {
    UErrorCode e = U_ZERO_ERROR;
    UChar canonical[80];
    UBool is_system = false;
    ucal_getCanonicalTimeZoneID(id, n, canonical, LENGTH(canonical), &is_system, &e);
    return U_SUCCESS(e) && is_system;
}

static int64_t offset_now(const UCalendar *k) {
    UErrorCode e = U_ZERO_ERROR;
    int64_t ms =
        (int64_t)ucal_get(k, UCAL_ZONE_OFFSET, &e) + (int64_t)ucal_get(k, UCAL_DST_OFFSET, &e);
    CHECK(U_SUCCESS(e), "a calendar without fields");
    return ms * 1000;
}

/* All changes from 1900 to 2200; what has a rule for ever goes on as in the last of them. */
static Err read_changes(Zone *z, Arena *a, UCalendar *k) {
    UErrorCode e = U_ZERO_ERROR;
    UDate from = (UDate)(date_to_days(1900, 1, 1) * (DAY_US / 1000)),
          until = (UDate)(date_to_days(2200, 1, 1) * (DAY_US / 1000));
    int64_t at = INT64_MIN;
    Change *changes = NULL;
    size_t cap = 0;
    while (from < until) {
        ucal_setMillis(k, from, &e);
        if (U_FAILURE(e)) return ERR_INTERNAL;
        GROW(a, changes, z->n, cap);
        changes[z->n++] = (Change){at, offset_now(k)};
        UDate next;
        if (!ucal_getTimeZoneTransitionDate(k, UCAL_TZ_TRANSITION_NEXT, &next, &e) || U_FAILURE(e))
            break;
        from = next;
        at = (int64_t)next * 1000;
    }
    z->changes = changes;
    return OK;
}

Err zone_open(const Zone **out, Arena *a, const char *iana) {
    UErrorCode e = U_ZERO_ERROR;
    UChar id[80];
    int32_t n = 0;
    u_strFromUTF8(id, LENGTH(id), &n, iana, -1, &e);
    if (U_FAILURE(e) || !is_known(id, n)) return ERR_INVALID;
    UCalendar *k = ucal_open(id, n, "en", UCAL_GREGORIAN, &e);
    if (U_FAILURE(e)) return ERR_INTERNAL;
    Zone *z = NEW(a, Zone);
    Err read = read_changes(z, a, k);
    ucal_close(k);
    *out = z;
    return read;
}

/* The last change that is not after `us`. */
static size_t change_at(const Zone *z, int64_t us) {
    size_t low = 0, high = z->n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (z->changes[middle].at <= us)
            low = middle;
        else
            high = middle;
    }
    return low;
}

void zone_local(int64_t *day, int *minute, const Zone *z, int64_t us) {
    int64_t local = us + z->changes[change_at(z, us)].offset, rest = local % DAY_US;
    if (rest < 0) rest += DAY_US;
    *day = (local - rest) / DAY_US;
    *minute = (int)(rest / MINUTE_US);
}

int64_t zone_day(const Zone *z, int64_t us) {
    int64_t day;
    int minute;
    zone_local(&day, &minute, z, us);
    return day;
}

int64_t zone_instant(const Zone *z, int64_t day, int minute) {
    int64_t local = day * DAY_US + minute * MINUTE_US;
    size_t i = change_at(z, local - DAY_US); /* no clock is a day off */
    for (; i + 1 < z->n; i++) {
        if (local - z->changes[i].offset < z->changes[i + 1].at) break;
        if (local - z->changes[i + 1].offset < z->changes[i + 1].at) return z->changes[i + 1].at;
    }
    return local - z->changes[i].offset;
}
