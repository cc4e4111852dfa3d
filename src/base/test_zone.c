/* test_zone.c: Morocco's clock with and without Ramadan, Paris in spring and autumn.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/zone.h"

static int64_t at(const char *text) {
    int64_t us;
    assert_true(instant_parse(&us, str_of(text)));
    return us;
}

static int64_t instant(const Zone *z, const char *day, int hour, int minute) {
    int64_t days;
    assert_true(date_parse(&days, str_of(day)));
    return zone_instant(z, days, hour * 60 + minute);
}

static void test_zone_morocco_goes_back_for_ramadan(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    const Zone *z;
    assert_int_equal(zone_open(&z, a, "Africa/Casablanca"), OK);
    assert_int_equal(instant(z, "2026-11-23", 6, 30), at("2026-11-23T05:30:00Z"));
    assert_int_equal(instant(z, "2026-03-01", 6, 30), at("2026-03-01T06:30:00Z")); /* Ramadan */
    assert_int_equal(instant(z, "2026-04-01", 6, 30), at("2026-04-01T05:30:00Z"));
    int64_t day, wanted;
    int minute;
    zone_local(&day, &minute, z, at("2026-11-22T23:10:59.999999Z"));
    assert_true(date_parse(&wanted, S("2026-11-23")));
    assert_int_equal(day, wanted);
    assert_int_equal(minute, 10);
    arena_free(a);
}

static void test_zone_paris_skips_and_repeats_an_hour(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    const Zone *z;
    assert_int_equal(zone_open(&z, a, "Europe/Paris"), OK);
    assert_int_equal(instant(z, "2026-03-29", 2, 30), at("2026-03-29T01:00:00Z"));
    assert_int_equal(instant(z, "2026-10-25", 2, 30), at("2026-10-25T00:30:00Z"));
    assert_int_equal(instant(z, "2028-02-29", 12, 0), at("2028-02-29T11:00:00Z"));
    arena_free(a);
}

/* A day begins at its own midnight, whatever the clock does that month. */
static void test_zone_days_around_midnight(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    const Zone *z;
    assert_int_equal(zone_open(&z, a, "Africa/Casablanca"), OK);
    static const struct {
        const char *at, *day;
    } rows[] = {
        {"2026-11-22T22:59:59.999999Z", "2026-11-22"}, {"2026-11-22T23:00:00Z", "2026-11-23"},
        {"2026-03-01T23:30:00Z", "2026-03-01"}, /* Ramadan: the clock is that of UTC */
        {"2026-03-02T00:00:00Z", "2026-03-02"},        {"2026-02-14T23:30:00Z", "2026-02-15"},
        {"2027-02-08T23:30:00Z", "2027-02-08"},        {"1899-12-31T12:00:00Z", "1899-12-31"},
        {"2190-07-01T12:00:00Z", "2190-07-01"}};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        int64_t day = zone_day(z, at(rows[i].at));
        assert_true(str_is(date_text(a, day), rows[i].day));
        assert_true(zone_instant(z, day, 0) <= at(rows[i].at));
        assert_true(zone_instant(z, day + 1, 0) > at(rows[i].at));
    }
    assert_int_equal(zone_day(zone_utc, at("1969-12-31T23:59:59Z")), -1);
    arena_free(a);
}

static void test_zone_unknown(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    const Zone *z;
    assert_int_equal(zone_open(&z, a, "Africa/Atlantis"), ERR_INVALID);
    assert_int_equal(zone_open(&z, a, ""), ERR_INVALID);
    arena_free(a);
}
