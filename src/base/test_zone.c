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

static int64_t instant(Zone *z, const char *day, int hour, int minute) {
    int64_t days;
    assert_true(date_parse(&days, str_of(day)));
    return zone_instant(z, days, hour * 60 + minute);
}

static void test_zone_morocco_goes_back_for_ramadan(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Zone *z;
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
    Zone *z;
    assert_int_equal(zone_open(&z, a, "Europe/Paris"), OK);
    assert_int_equal(instant(z, "2026-03-29", 2, 30), at("2026-03-29T01:00:00Z"));
    assert_int_equal(instant(z, "2026-10-25", 2, 30), at("2026-10-25T00:30:00Z"));
    assert_int_equal(instant(z, "2028-02-29", 12, 0), at("2028-02-29T11:00:00Z"));
    arena_free(a);
}

static void test_zone_unknown(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Zone *z;
    assert_int_equal(zone_open(&z, a, "Africa/Atlantis"), ERR_INVALID);
    assert_int_equal(zone_open(&z, a, ""), ERR_INVALID);
    arena_free(a);
}
