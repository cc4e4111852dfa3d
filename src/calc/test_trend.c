/* test_trend.c: slope and test against values worked out by hand, ties, gaps, outliers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>

#include "calc/trend.h"

#define NEAR(x, y) assert_true(fabs((x) - (y)) < 1e-9)

static void test_trend_slope_bears_an_outlier(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    TrendPoint p[] = {{1, 2}, {2, 4}, {3, 6}, {4, 100}, {5, 10}, {6, 12}};
    Trend t;
    trend_of(&t, a, p, LENGTH(p));
    assert_true(t.is_known);
    NEAR(t.slope, 2);
    NEAR(t.intercept, 0);
    arena_free(a);
}

static void test_trend_mann_kendall(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Trend t;
    /* strictly rising, n = 10: S = 45, variance 10*9*25/18 = 125, z = 44 / sqrt(125) */
    TrendPoint rising[10], flat[10], tied[6] = {{1, 1}, {2, 2}, {3, 2}, {4, 3}, {5, 3}, {6, 3}};
    for (int i = 0; i < 10; i++) {
        rising[i] = (TrendPoint){i, i * 0.5};
        flat[i] = (TrendPoint){i, 7};
    }
    trend_of(&t, a, rising, 10);
    NEAR(t.s, 45);
    NEAR(t.variance, 125);
    NEAR(t.z, 44 / sqrt(125));
    assert_true(t.p < 0.0001 && t.p > 0.00005);
    trend_of(&t, a, flat, 10);
    NEAR(t.s, 0);
    NEAR(t.z, 0);
    NEAR(t.p, 1);
    NEAR(t.slope, 0);
    /* 15 pairs less 1 + 3 ties: S = 11; variance (6*5*17 - 2*1*9 - 3*2*11) / 18 = 426 / 18 */
    trend_of(&t, a, tied, 6);
    NEAR(t.s, 11);
    NEAR(t.variance, 426.0 / 18);
    arena_free(a);
}

static void test_trend_needs_points(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    TrendPoint p[] = {{1, 1}, {2, 2}, {3, 3}, {3, 4}}, same[] = {{1, 1}, {1, 2}, {1, 3}, {1, 4}};
    Trend t;
    trend_of(&t, a, p, 3);
    assert_false(t.is_known);
    trend_of(&t, a, same, 4);
    assert_false(t.is_known);
    trend_of(&t, a, p, 4);
    assert_true(t.is_known);
    arena_free(a);
}

static void test_trend_control_chart(void **state) {
    (void)state;
    double x[] = {10, 12, 10, 12, 10, 12, 10, 12};
    ControlChart c;
    trend_control_chart(&c, x, 7);
    assert_false(c.is_known);
    trend_control_chart(&c, x, 8);
    assert_true(c.is_known);
    NEAR(c.centre, 11);
    NEAR(c.sigma, 2 / 1.128);
    NEAR(c.high, 11 + 6 / 1.128);
}

static void test_trend_score(void **state) {
    (void)state;
    double x[] = {1, 2, 3, 4, 5}, same[] = {2, 2, 2};
    bool known;
    NEAR(trend_score(&known, 6, x, 5), 3 / sqrt(2.5));
    assert_true(known);
    (void)trend_score(&known, 6, same, 3);
    assert_false(known);
    (void)trend_score(&known, 6, x, 2);
    assert_false(known);
}
