/* trend.h: does a series move, and is a point unusual: Theil-Sen slope, Mann-Kendall test, the
 * chart of individual values. Pure; values are what the caller measures, times are equidistant
 * numbers with gaps (a month that is missing is left out, not zero). SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef CALC_TREND_H
#define CALC_TREND_H

#include "base/arena.h"

enum { TREND_POINTS = 600 };

typedef struct TrendPoint {
    double t, x;
} TrendPoint;

typedef struct Trend {
    size_t n;
    double slope, intercept;  /* median of all pairwise slopes; x = intercept + slope * t, intercept
                               * the  median of x - slope * t (Sen 1968; Theil 1950) */
    double s, variance, z, p; /* Mann 1945, Kendall 1975: S, its variance with ties, the normal
                               * score with continuity correction, two-sided p */
    bool is_known;            /* at least 4 points and two different times */
} Trend;
/* At most TREND_POINTS points, the last ones count; any order of times. */
void trend_of(Trend *out, Arena *scratch, const TrendPoint *points, size_t n);

/* A point of a series of scaled integers; the scale does not matter to the direction. */
TrendPoint trend_point(int64_t t, int64_t x);
/* 1 rising, -1 falling, 0 neither at the level of 5 % (or not known). */
int trend_direction(const Trend *t);

typedef struct ControlChart {
    double centre, sigma, low,
        high;      /* centre +- 3 sigma; sigma = mean moving range / 1.128 (d2 of two
                    * values; Shewhart's chart of individual values, ISO 7870-2) */
    bool is_known; /* at least 8 values */
} ControlChart;
void trend_control_chart(ControlChart *out, const double *x, size_t n);

double trend_median(Arena *scratch, const double *x, size_t n); /* n >= 1 */
double trend_mean(const double *x, size_t n);                   /* 0 for n == 0 */
double trend_deviation(const double *x, size_t n);              /* sample, n - 1; 0 for n < 2 */
/* (x - mean) / deviation of the n values before; *known false when n < 3 or they do not vary. */
double trend_score(bool *known, double x, const double *before, size_t n);

#endif
