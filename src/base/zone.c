/* zone.c: time zones by an ICU calendar (zone.h). SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/zone.h"

#include "base/clock.h"

#include <unicode/ucal.h>
#include <unicode/ustring.h>

struct Zone {
    UCalendar *calendar;
};

static void close_calendar(void *calendar) {
    ucal_close(calendar);
}

static bool is_known(const UChar *id, int32_t n) {
    UErrorCode e = U_ZERO_ERROR;
    UChar canonical[80];
    UBool is_system = false;
    ucal_getCanonicalTimeZoneID(id, n, canonical, LENGTH(canonical), &is_system, &e);
    return U_SUCCESS(e) && is_system;
}

Err zone_open(Zone **out, Arena *a, const char *iana) {
    UErrorCode e = U_ZERO_ERROR;
    UChar id[80];
    int32_t n = 0;
    u_strFromUTF8(id, LENGTH(id), &n, iana, -1, &e);
    if (U_FAILURE(e) || !is_known(id, n)) return ERR_INVALID;
    Zone *z = NEW(a, Zone);
    z->calendar = ucal_open(id, n, "en", UCAL_GREGORIAN, &e);
    if (U_FAILURE(e)) return ERR_INTERNAL;
    arena_defer(a, close_calendar, z->calendar);
    ucal_setAttribute(z->calendar, UCAL_REPEATED_WALL_TIME, UCAL_WALLTIME_FIRST);
    ucal_setAttribute(z->calendar, UCAL_SKIPPED_WALL_TIME, UCAL_WALLTIME_NEXT_VALID);
    *out = z;
    return OK;
}

static int get(const Zone *z, UCalendarDateFields field) {
    UErrorCode e = U_ZERO_ERROR;
    int value = ucal_get(z->calendar, field, &e);
    CHECK(U_SUCCESS(e), "a calendar without fields");
    return value;
}

void zone_local(int64_t *day, int *minute, Zone *z, int64_t us) {
    UErrorCode e = U_ZERO_ERROR;
    int64_t ms = us / 1000;
    if (us % 1000 < 0) ms--;
    ucal_setMillis(z->calendar, (UDate)ms, &e);
    CHECK(U_SUCCESS(e), "an instant outside the calendar");
    *day = date_to_days(get(z, UCAL_YEAR), get(z, UCAL_MONTH) + 1, get(z, UCAL_DATE));
    *minute = get(z, UCAL_HOUR_OF_DAY) * 60 + get(z, UCAL_MINUTE);
}

int64_t zone_day(Zone *z, int64_t us) {
    int64_t day;
    int minute;
    zone_local(&day, &minute, z, us);
    return day;
}

int64_t zone_instant(Zone *z, int64_t day, int minute) {
    UErrorCode e = U_ZERO_ERROR;
    int year, month, of_month;
    date_from_days(&year, &month, &of_month, day);
    ucal_clear(z->calendar);
    ucal_setDateTime(z->calendar, year, month - 1, of_month, minute / 60, minute % 60, 0, &e);
    UDate ms = ucal_getMillis(z->calendar, &e);
    CHECK(U_SUCCESS(e), "a day outside the calendar");
    return (int64_t)ms * 1000;
}
