/* test_clock.c: calendar, instants, days of the week.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/clock.h"

static void test_clock_every_day_round_trips(void **state) {
    (void)state;
    int64_t first = date_to_days(1, 1, 1), last = date_to_days(9999, 12, 31);
    assert_int_equal(date_to_days(1970, 1, 1), 0);
    assert_int_equal(date_to_days(2000, 2, 29), 11016);
    int py = 0, pm = 0, pd = 0;
    for (int64_t day = first; day <= last; day++) {
        int y, m, d;
        date_from_days(&y, &m, &d, day);
        if (date_to_days(y, m, d) != day) fail();
        if (y * 10000 + m * 100 + d <= py * 10000 + pm * 100 + pd) fail();
        py = y, pm = m, pd = d;
    }
}

static void test_clock_date_parse(void **state) {
    (void)state;
    int64_t days, loose;
    assert_true(date_parse(&days, S("2026-03-31")));
    const char *same[] = {"2026-03-31", "31/03/2026", "31.03.2026", "31-03-2026", " 31/3/2026 "};
    for (size_t i = 0; i < LENGTH(same); i++) {
        assert_true(date_parse_loose(&loose, str_of(same[i])));
        assert_int_equal(loose, days);
    }
    const char *bad[] = {"2026-02-29",  "2026-13-01", "2026-1-1",  "0000-01-01",
                         "2026-03-31x", "",           "2026-04-31"};
    for (size_t i = 0; i < LENGTH(bad); i++) assert_false(date_parse(&days, str_of(bad[i])));
    assert_false(date_parse_loose(&days, S("31/03-2026")));
    assert_false(date_parse_loose(&days, S("31/03/26")));
    assert_false(date_parse_loose(&days, S("30/02/2026")));
}

static void check_instant(const char *in, const char *want) {
    Arena *a = arena_new(0);
    int64_t us;
    assert_true(instant_parse(&us, str_of(in)));
    assert_string_equal(instant_text(a, us).p, want);
    arena_free(a);
}

static void test_clock_instants(void **state) {
    (void)state;
    check_instant("2026-11-23T10:11:12.123456Z", "2026-11-23T10:11:12.123456Z");
    check_instant("2026-11-23T10:11:12.500Z", "2026-11-23T10:11:12.5Z");
    check_instant("2026-11-23T00:30:00+01:00", "2026-11-22T23:30:00Z");
    check_instant("2026-11-23", "2026-11-23T00:00:00Z");
    check_instant("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z");
    int64_t us;
    const char *bad[] = {"2026-11-23T10:11:12",   "2026-11-23T24:00:00Z",
                         "2026-11-23T10:11:12.Z", "2026-11-23T10:11:12+1:00",
                         "2026-11-23T10:11:12Zx", "x"};
    for (size_t i = 0; i < LENGTH(bad); i++) assert_false(instant_parse(&us, str_of(bad[i])));
    Arena *a = arena_new(0);
    assert_string_equal(date_of_instant(a, -1).p, "1969-12-31");
    arena_free(a);
}

static void test_clock_fixed_in_tests(void **state) {
    (void)state;
    setenv("GARDEFOU_TEST_NOW", "2026-01-02T03:04:05Z", 1);
    int64_t us;
    assert_true(instant_parse(&us, S("2026-01-02T03:04:05Z")));
    assert_int_equal(clock_now_us(), us);
    unsetenv("GARDEFOU_TEST_NOW");
    assert_true(clock_now_us() > us);
    assert_true(clock_mono_us() > 0);
}

static void test_clock_weekdays(void **state) {
    (void)state;
    assert_int_equal(date_weekday(date_to_days(2026, 11, 20)), 5);
    assert_int_equal(date_weekday(date_to_days(1969, 12, 28)), 7);
}
