/* judge.c: see judge.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "calc/judge.h"

#include "calc/trend.h"

const char *judge_wrong(const Bounds *b) {
    switch (b->direction) {
    case HIGHER_WORSE: return b->red > b->amber ? NULL : "red";
    case LOWER_WORSE: return b->red < b->amber ? NULL : "red";
    default:
        if (b->green_high <= b->green_low) return "green_high";
        if (b->low > b->green_low) return "low";
        return b->high < b->green_high ? "high" : NULL;
    }
}

static Colour by_bounds(const Bounds *b, int64_t x) {
    switch (b->direction) {
    case HIGHER_WORSE: return x >= b->red ? RED : x >= b->amber ? AMBER : GREEN;
    case LOWER_WORSE: return x < b->red ? RED : x < b->amber ? AMBER : GREEN;
    default:
        if (x >= b->green_low && x < b->green_high) return GREEN;
        return x >= b->low && x < b->high ? AMBER : RED;
    }
}

static bool scaled(int64_t *out, double x) {
    if (!(x > -9e12 && x < 9e12)) return false;
    *out = (int64_t)(x * (double)JUDGE_SCALE + (x < 0 ? -0.5 : 0.5));
    return true;
}

/* The figure that the bounds of a dynamic basis speak of; false: too little is known. */
static bool relative(int64_t *out, const Bounds *b, int64_t value, const int64_t *before,
                     size_t n) {
    double x[64], now = (double)value / (double)JUDGE_SCALE;
    size_t want = b->basis == VERSUS_LAST ? 1 : b->n < 1 ? 12 : (size_t)b->n;
    if (want > LENGTH(x)) want = LENGTH(x);
    if (n > want) {
        before += n - want;
        n = want;
    }
    for (size_t i = 0; i < n; i++) x[i] = (double)before[i] / (double)JUDGE_SCALE;
    bool known = false;
    double score = 0;
    if (b->basis == VERSUS_LAST || b->basis == VERSUS_MEAN) {
        double base = trend_mean(x, n);
        known = n >= (b->basis == VERSUS_LAST ? 1u : 3u) && base != 0;
        if (known) score = (now - base) / (base < 0 ? -base : base) * 100;
    } else if (b->basis == Z_SCORE) {
        score = trend_score(&known, now, x, n);
    } else {
        ControlChart chart;
        trend_control_chart(&chart, x, n);
        known = chart.is_known && chart.sigma > 0;
        if (known) score = (now - chart.centre) / chart.sigma;
    }
    return known && scaled(out, score);
}

Colour judge_value(const Bounds *b, int64_t value, const int64_t *before, size_t n) {
    int64_t figure = value;
    if (b->basis != ABSOLUTE && !relative(&figure, b, value, before, n)) return NOT_JUDGED;
    return by_bounds(b, figure);
}

/* The colour of the n-th value when ambers in a row count as red, before any hysteresis. */
static Colour persistent(const Bounds *b, const Colour *raw, size_t n) {
    if (raw[n - 1] != AMBER || b->persistence < 2) return raw[n - 1];
    int row = 0;
    while (n > 0 && raw[n - 1] == AMBER && row < b->persistence) {
        row++;
        n--;
    }
    return row >= b->persistence ? RED : AMBER;
}

Colour judge_row(const Bounds *b, const Colour *raw, const Colour *shown, size_t n) {
    if (!n || raw[n - 1] == NOT_JUDGED) return NOT_JUDGED;
    Colour now = persistent(b, raw, n), last = n > 1 ? shown[n - 2] : NOT_JUDGED;
    if (last <= now || b->hysteresis < 2) return now;
    int better = 0;
    for (; n > 0 && raw[n - 1] != NOT_JUDGED && better < b->hysteresis; n--) {
        if (persistent(b, raw, n) >= last) break;
        better++;
    }
    return better >= b->hysteresis ? now : last;
}

int64_t judge_variation(bool *known, int64_t now, int64_t then) {
    int64_t difference, scaled_up;
    *known = then != 0 && then != INT64_MIN && !sub_overflows(now, then, &difference) &&
             !mul_overflows(difference, INT64_C(10000), &scaled_up);
    return *known ? scaled_up / (then < 0 ? -then : then) : 0;
}

int64_t judge_ratio(bool *known, const int64_t *numerator, const int64_t *denominator, size_t n,
                    int64_t factor) {
    double above = 0, below = 0;
    int64_t out = 0;
    for (size_t i = 0; i < n; i++) {
        above += (double)numerator[i];
        below += (double)denominator[i];
    }
    *known = below != 0 && scaled(&out, above / below * (double)factor);
    return *known ? out : 0;
}

int64_t judge_score(const Bounds *b, int64_t value) {
    if (b->direction == BAND || b->basis != ABSOLUTE) {
        Colour c = by_bounds(b, value);
        return (c == GREEN ? 0 : c == AMBER ? 50 : 100) * JUDGE_SCALE;
    }
    double amber = (double)b->amber, red = (double)b->red, x = (double)value, width = red - amber;
    if (width == 0) return 0;
    double at = (x - amber) / width; /* 0 at the amber bound, 1 at the red one, either direction */
    double score = 100.0 / 3 * (1 + at);
    score = score < 0 ? 0 : score > 100 ? 100 : score;
    int64_t out = 0;
    return scaled(&out, score) ? out : 0;
}
