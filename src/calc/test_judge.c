/* test_judge.c: periods through leap years and weeks of two years, half-open bounds, rows of
 * colours, ratios. SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/clock.h"
#include "calc/judge.h"
#include "calc/period.h"

#define V(x) ((int64_t)((x)*1000000 + ((x) < 0 ? -0.5 : 0.5)))

static void test_judge_periods(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    int64_t day = date_to_days(2024, 2, 29), back;
    static const struct {
        Frequency f;
        const char *key, *next, *last;
    } cases[] = {{DAILY, "2024-02-29", "2024-03-01", "2024-02-29"},
                 {WEEKLY, "2024-W09", "2024-W10", "2024-03-03"},
                 {MONTHLY, "2024-02", "2024-03", "2024-02-29"},
                 {QUARTERLY, "2024-Q1", "2024-Q2", "2024-03-31"},
                 {YEARLY, "2024", "2025", "2024-12-31"}};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        int64_t start = period_start(cases[i].f, day);
        assert_string_equal(period_key(a, cases[i].f, start).p, cases[i].key);
        assert_string_equal(period_key(a, cases[i].f, period_move(cases[i].f, start, 1)).p,
                            cases[i].next);
        assert_string_equal(date_text(a, period_end(cases[i].f, start)).p, cases[i].last);
        assert_true(period_parse(&back, cases[i].f, str_of(cases[i].key)));
        assert_int_equal(back, start);
        for (int n = -30; n < 30; n++) /* there and back */
            assert_int_equal(period_move(cases[i].f, period_move(cases[i].f, start, n), -n), start);
    }
    /* the first days of 2027 belong to the last week of 2026 */
    assert_string_equal(period_key(a, WEEKLY, period_start(WEEKLY, date_to_days(2027, 1, 3))).p,
                        "2026-W53");
    assert_true(period_parse(&back, WEEKLY, S("2026-W53")));
    static const char *const wrong[] = {"2025-W53", "2026-W00", "2026-13", "2026-00", "2026-Q5",
                                        "26-01",    "2026-1",   "",        "2026-W1", "x"};
    for (size_t i = 0; i < LENGTH(wrong); i++)
        for (int f = DAILY; f <= YEARLY; f++)
            assert_false(period_parse(&back, (Frequency)f, str_of(wrong[i])));
    arena_free(a);
}

static void test_judge_bounds_are_half_open(void **state) {
    (void)state;
    Bounds up = {.direction = HIGHER_WORSE, .amber = V(2), .red = V(4)};
    Bounds down = {.direction = LOWER_WORSE, .amber = V(99.8), .red = V(99.5)};
    Bounds band = {
        .direction = BAND, .green_low = V(4), .green_high = V(7), .low = V(2), .high = V(8)};
    static const struct {
        double x;
        Colour c;
    } ups[] = {{1.999999, GREEN}, {2, AMBER}, {3.999999, AMBER}, {4, RED}},
      downs[] = {{99.8, GREEN}, {99.799999, AMBER}, {99.5, AMBER}, {99.499999, RED}},
      bands[] = {{1.999999, RED},   {2, AMBER}, {3.999999, AMBER}, {4, GREEN},
                 {6.999999, GREEN}, {7, AMBER}, {8, RED}};
    for (size_t i = 0; i < LENGTH(ups); i++)
        assert_int_equal(judge_value(&up, V(ups[i].x), NULL, 0), ups[i].c);
    for (size_t i = 0; i < LENGTH(downs); i++)
        assert_int_equal(judge_value(&down, V(downs[i].x), NULL, 0), downs[i].c);
    for (size_t i = 0; i < LENGTH(bands); i++)
        assert_int_equal(judge_value(&band, V(bands[i].x), NULL, 0), bands[i].c);
    assert_null(judge_wrong(&up));
    assert_null(judge_wrong(&down));
    assert_null(judge_wrong(&band));
    up.red = up.amber;
    down.red = V(100);
    band.high = V(6);
    assert_string_equal(judge_wrong(&up), "red");
    assert_string_equal(judge_wrong(&down), "red");
    assert_string_equal(judge_wrong(&band), "high");
}

static void test_judge_dynamic_bases(void **state) {
    (void)state;
    int64_t before[] = {V(10), V(12), V(10), V(12), V(10), V(12), V(10), V(12)};
    Bounds b = {.direction = HIGHER_WORSE, .basis = VERSUS_LAST, .amber = V(10), .red = V(25)};
    assert_int_equal(judge_value(&b, V(13), before, 8), GREEN); /* +8.3 % on 12 */
    assert_int_equal(judge_value(&b, V(14), before, 8), AMBER);
    assert_int_equal(judge_value(&b, V(15), before, 8), RED);
    assert_int_equal(judge_value(&b, V(15), before, 0), NOT_JUDGED);
    b.basis = VERSUS_MEAN;
    b.n = 8;
    assert_int_equal(judge_value(&b, V(12), before, 8), GREEN); /* mean 11 */
    assert_int_equal(judge_value(&b, V(14), before, 8), RED);
    assert_int_equal(judge_value(&b, V(14), before, 2), NOT_JUDGED);
    b = (Bounds){.direction = HIGHER_WORSE, .basis = Z_SCORE, .amber = V(1), .red = V(2), .n = 8};
    assert_int_equal(judge_value(&b, V(12.2), before, 8), AMBER); /* deviation 1.069 */
    assert_int_equal(judge_value(&b, V(13.5), before, 8), RED);
    b = (Bounds){
        .direction = HIGHER_WORSE, .basis = CONTROL_CHART, .amber = V(2), .red = V(3), .n = 8};
    assert_int_equal(judge_value(&b, V(15), before, 8), AMBER); /* sigma 1.773 */
    assert_int_equal(judge_value(&b, V(17), before, 8), RED);
    assert_int_equal(judge_value(&b, V(17), before, 7), NOT_JUDGED);
}

static void test_judge_rows(void **state) {
    (void)state;
    Bounds b = {.persistence = 3, .hysteresis = 2};
    Colour raw[] = {GREEN, AMBER, AMBER, AMBER, GREEN, GREEN, AMBER, NOT_JUDGED, AMBER, AMBER};
    Colour want[] = {GREEN, AMBER, AMBER, RED, RED, GREEN, AMBER, NOT_JUDGED, AMBER, AMBER};
    Colour shown[LENGTH(raw)];
    for (size_t i = 0; i < LENGTH(raw); i++) {
        shown[i] = judge_row(&b, raw, shown, i + 1);
        assert_int_equal(shown[i], want[i]);
    }
    Bounds at_once = {0};
    Colour two[] = {RED, GREEN}, first[] = {RED};
    assert_int_equal(judge_row(&at_once, two, first, 2), GREEN);
    assert_int_equal(judge_row(&at_once, two, first, 0), NOT_JUDGED);
}

static void test_judge_figures(void **state) {
    (void)state;
    bool known;
    assert_int_equal(judge_variation(&known, V(12), V(10)), 2000);
    assert_true(known);
    assert_int_equal(judge_variation(&known, V(-12), V(-10)), -2000);
    (void)judge_variation(&known, V(1), 0);
    assert_false(known);
    (void)judge_variation(&known, INT64_MAX, -1);
    assert_false(known);
    int64_t up[] = {V(1), V(30)}, down[] = {V(10), V(100)};
    /* 31 / 110 = 28.18 %, not the mean of 10 % and 30 % */
    assert_int_equal(judge_ratio(&known, up, down, 2, 100), V(28.181818));
    int64_t none[] = {0, 0};
    (void)judge_ratio(&known, up, none, 2, 100);
    assert_false(known);
    Bounds b = {.direction = HIGHER_WORSE, .amber = V(2), .red = V(4)};
    assert_int_equal(judge_score(&b, V(2)), V(33.333333));
    assert_int_equal(judge_score(&b, V(4)), V(66.666667));
    assert_int_equal(judge_score(&b, V(0)), 0);
    assert_int_equal(judge_score(&b, V(100)), V(100));
    Bounds low = {.direction = LOWER_WORSE, .amber = V(99), .red = V(97)};
    assert_int_equal(judge_score(&low, V(97)), V(66.666667));
    assert_int_equal(judge_score(&low, V(101)), 0);
}
