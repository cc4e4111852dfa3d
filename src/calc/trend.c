/* trend.c: see trend.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "calc/trend.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_sorted(const double *x, size_t n) {
    return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

double trend_median(Arena *scratch, const double *x, size_t n) {
    double *copy = NEW_N(scratch, double, n);
    memcpy(copy, x, n * sizeof *x);
    qsort(copy, n, sizeof *copy, by_value);
    return median_sorted(copy, n);
}

double trend_mean(const double *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[i];
    return n ? sum / (double)n : 0;
}

double trend_deviation(const double *x, size_t n) {
    if (n < 2) return 0;
    double mean = trend_mean(x, n), sum = 0;
    for (size_t i = 0; i < n; i++) sum += (x[i] - mean) * (x[i] - mean);
    return sqrt(sum / (double)(n - 1));
}

double trend_score(bool *known, double x, const double *before, size_t n) {
    double deviation = trend_deviation(before, n);
    *known = n >= 3 && deviation > 0;
    return *known ? (x - trend_mean(before, n)) / deviation : 0;
}

/* n(n-1)(2n+5)/18 less the same for each group of equal values. */
static double variance_of_s(Arena *scratch, const TrendPoint *p, size_t n) {
    double *x = NEW_N(scratch, double, n), total = (double)n;
    double variance = total * (total - 1) * (2 * total + 5);
    for (size_t i = 0; i < n; i++) x[i] = p[i].x;
    qsort(x, n, sizeof *x, by_value);
    for (size_t i = 0; i < n;) {
        size_t k = i + 1;
        while (k < n && x[k] == x[i]) k++;
        double ties = (double)(k - i);
        variance -= ties * (ties - 1) * (2 * ties + 5);
        i = k;
    }
    return variance / 18;
}

void trend_of(Trend *out, Arena *scratch, const TrendPoint *points, size_t n) {
    if (n > TREND_POINTS) {
        points += n - TREND_POINTS;
        n = TREND_POINTS;
    }
    *out = (Trend){.n = n, .p = 1};
    if (n < 4) return;
    double *slopes = NEW_N(scratch, double, n *(n - 1) / 2), *rest = NEW_N(scratch, double, n);
    size_t n_slopes = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++) {
            double dt = points[k].t - points[i].t, dx = points[k].x - points[i].x;
            if (dt == 0) continue;
            slopes[n_slopes++] = dx / dt;
            if (dx != 0) out->s += (dx > 0) == (dt > 0) ? 1 : -1;
        }
    if (!n_slopes) return;
    qsort(slopes, n_slopes, sizeof *slopes, by_value);
    out->slope = median_sorted(slopes, n_slopes);
    for (size_t i = 0; i < n; i++) rest[i] = points[i].x - out->slope * points[i].t;
    out->intercept = trend_median(scratch, rest, n);
    out->variance = variance_of_s(scratch, points, n);
    if (out->variance > 0 && out->s != 0)
        out->z = (out->s > 0 ? out->s - 1 : out->s + 1) / sqrt(out->variance);
    out->p = erfc(fabs(out->z) / sqrt(2));
    out->is_known = true;
}

TrendPoint trend_point(int64_t t, int64_t x) {
    return (TrendPoint){(double)t, (double)x};
}

int trend_direction(const Trend *t) {
    if (!t->is_known || t->p >= 0.05) return 0;
    return t->s > 0 ? 1 : -1;
}

void trend_control_chart(ControlChart *out, const double *x, size_t n) {
    *out = (ControlChart){0};
    if (n < 8) return;
    double range = 0;
    for (size_t i = 1; i < n; i++) range += fabs(x[i] - x[i - 1]);
    out->centre = trend_mean(x, n);
    out->sigma = range / (double)(n - 1) / 1.128;
    out->low = out->centre - 3 * out->sigma;
    out->high = out->centre + 3 * out->sigma;
    out->is_known = true;
}
