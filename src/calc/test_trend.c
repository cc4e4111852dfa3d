/* test_trend.c: slope and test against values worked out by hand, ties, gaps, outliers; against
 * the textbook definitions counted pair by pair over pseudo-random series, and against every
 * order of short series. SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>

#include "calc/rng.h"
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

/* d2 of two values is the mean distance of two draws from a unit normal, 2 / sqrt(pi) = 1.128 to
 * the three decimals of the tables, and 3 / d2 their 2.66 (Shewhart 1931; Montgomery,
 * Introduction to Statistical Quality Control, table of factors for control charts). */
static void test_trend_control_chart_constants(void **state) {
    (void)state;
    double x[] = {3, 4, 8, 1, 1, 6, 2, 9, 4};
    double range = (1 + 4 + 7 + 0 + 5 + 4 + 7 + 5) / 8.0, d2 = 2 / sqrt(acos(-1));
    ControlChart c;
    trend_control_chart(&c, x, LENGTH(x));
    assert_true(c.is_known);
    NEAR(c.centre, 38 / 9.0);
    assert_true(fabs(range / c.sigma - d2) < 0.0005);
    assert_true(fabs((c.high - c.centre) / range - 2.66) < 0.005);
    NEAR(c.high - c.centre, c.centre - c.low);
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

/* The example of Sen, Estimates of the Regression Coefficient Based on Kendall's Tau (1968). */
static void test_trend_example_of_sen(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    TrendPoint p[] = {{1, 9}, {2, 15}, {3, 19}, {4, 20}, {10, 45}, {12, 55}, {18, 78}};
    Trend t;
    trend_of(&t, a, p, LENGTH(p));
    NEAR(t.slope, 4);
    NEAR(t.s, 21);
    NEAR(t.variance, 7 * 6 * 19 / 18.0);
    arena_free(a);
}

enum { MOST = 24 };

/* How many of the values lie below x, and how many are not above it: no sorting. */
static bool has_rank(const double *x, size_t n, double value, size_t rank) {
    size_t below = 0, up_to = 0;
    for (size_t i = 0; i < n; i++) {
        below += x[i] < value;
        up_to += x[i] <= value;
    }
    return below <= rank && rank < up_to;
}

static double of_rank(const double *x, size_t n, size_t rank) {
    for (size_t i = 0; i < n; i++)
        if (has_rank(x, n, x[i], rank)) return x[i];
    return NAN;
}

static double counted_median(const double *x, size_t n) {
    return (of_rank(x, n, (n - 1) / 2) + of_rank(x, n, n / 2)) / 2;
}

/* Kendall, Rank Correlation Methods (1975); Gilbert, Statistical Methods for Environmental
 * Pollution Monitoring (1987), chapter 16: S is later less earlier by sign, var(S) =
 * (n(n-1)(2n+5) - sum of t(t-1)(2t+5)) / 18 over groups of t equal values. A group's term is
 * shared here by its t members. Points in the order of time. */
static void by_definition(Trend *out, const TrendPoint *p, size_t n) {
    double slopes[MOST * MOST], rest[MOST], count = (double)n, ties = 0;
    size_t pairs = 0;
    *out = (Trend){.n = n};
    for (size_t j = 0; j < n; j++) {
        double equal = 0;
        for (size_t i = 0; i < n; i++) {
            equal += p[i].x == p[j].x;
            if (i >= j) continue;
            out->s += (p[j].x > p[i].x) - (p[j].x < p[i].x);
            slopes[pairs++] = (p[j].x - p[i].x) / (p[j].t - p[i].t);
        }
        ties += (equal - 1) * (2 * equal + 5);
    }
    out->slope = counted_median(slopes, pairs);
    for (size_t i = 0; i < n; i++) rest[i] = p[i].x - out->slope * p[i].t;
    out->intercept = counted_median(rest, n);
    out->variance = (count * (count - 1) * (2 * count + 5) - ties) / 18;
    if (out->s > 0) out->z = (out->s - 1) / sqrt(out->variance);
    if (out->s < 0) out->z = (out->s + 1) / sqrt(out->variance);
}

/* A series with months left out; few = how many different values, 0 for no ties. */
static size_t make_series(TrendPoint *p, Rng *rng, size_t few, double drift) {
    size_t n = 4 + (size_t)(rng_uniform(rng) * (MOST - 3));
    double t = 0;
    for (size_t i = 0; i < n; i++) {
        t += rng_uniform(rng) < 0.2 ? 3 : 1;
        double x = rng_uniform(rng);
        p[i] = (TrendPoint){t, few ? floor(x * (double)few) : 10 * x + drift * t};
    }
    return n;
}

static void test_trend_agrees_with_the_definitions(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Rng rng = rng_new(1968);
    size_t risen = 0, fallen = 0, tied = 0;
    for (size_t round = 0; round < 240; round++) {
        TrendPoint p[MOST];
        size_t n = make_series(p, &rng, round % 2 ? 1 + round % 5 : 0, (double)(round % 3) - 1);
        Trend got, want;
        by_definition(&want, p, n);
        trend_of(&got, a, p, n);
        assert_true(got.is_known);
        NEAR(got.s, want.s);
        NEAR(got.slope, want.slope);
        NEAR(got.intercept, want.intercept);
        NEAR(got.variance, want.variance);
        NEAR(got.z, want.z);
        NEAR(got.p, 2 * (1 - (1 + erf(fabs(want.z) / sqrt(2))) / 2));
        /* 5 %, two-sided: 1.959964 of the normal distribution */
        int way = fabs(want.z) < 1.959964 ? 0 : want.s > 0 ? 1 : -1;
        assert_int_equal(trend_direction(&got), way);
        risen += way > 0;
        fallen += way < 0;
        tied += want.variance < (double)(n * (n - 1) * (2 * n + 5)) / 18;
    }
    assert_true(risen > 10 && fallen > 10 && tied > 100 && tied < 140);
    arena_free(a);
}

/* S over every order of the values: the mean is 0, and the mean square is what the formula says. */
static void every_order(TrendPoint *p, size_t from, size_t n, Arena *a, double sums[3]) {
    if (from == n) {
        Trend t;
        trend_of(&t, a, p, n);
        sums[0] += 1;
        sums[1] += t.s;
        sums[2] += t.s * t.s;
        return;
    }
    for (size_t i = from; i < n; i++) {
        double kept = p[from].x;
        p[from].x = p[i].x;
        p[i].x = kept;
        every_order(p, from + 1, n, a, sums);
        p[i].x = p[from].x;
        p[from].x = kept;
    }
}

static void test_trend_variance_is_that_of_every_order(void **state) {
    (void)state;
    static const double series[][6] = {{1, 2, 3, 4, 5, 6},
                                       {1, 1, 2, 3, 4, 5},
                                       {1, 1, 2, 2, 3, 3},
                                       {0, 0, 0, 0, 1, 7},
                                       {5, 5, 5, 5, 5, 9}};
    Arena *a = arena_new(0);
    for (size_t k = 0; k < LENGTH(series); k++) {
        TrendPoint p[6];
        double sums[3] = {0};
        Trend t;
        for (size_t i = 0; i < 6; i++) p[i] = (TrendPoint){(double)i, series[k][i]};
        every_order(p, 0, 6, a, sums);
        trend_of(&t, a, p, 6);
        NEAR(sums[0], 720);
        NEAR(sums[1], 0);
        NEAR(sums[2] / sums[0], t.variance);
    }
    arena_free(a);
}
