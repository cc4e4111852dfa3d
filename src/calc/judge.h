/* judge.h: the judgement of an indicator: bounds, colours in a row, variation, scores. Pure. Values
 * are scaled by JUDGE_SCALE. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CALC_JUDGE_H
#define CALC_JUDGE_H

#include "base/str.h"

#define JUDGE_DIGITS 6
#define JUDGE_SCALE INT64_C(1000000)

/* Missing is never green: NOT_JUDGED is drawn hatched. */
typedef enum Colour { NOT_JUDGED, GREEN, AMBER, RED } Colour;
typedef enum Direction { HIGHER_WORSE, LOWER_WORSE, BAND } Direction;
typedef enum Basis {
    ABSOLUTE,     /* the value itself */
    VERSUS_LAST,  /* per cent above (below) the value before */
    VERSUS_MEAN,  /* per cent above (below) the mean of the n values before */
    Z_SCORE,      /* deviations from the mean of the n values before */
    CONTROL_CHART /* sigmas of the chart of individual values from its centre */
} Basis;

/* Half-open bounds, so that no value belongs to two colours (domain facts 4.2):
 * HIGHER_WORSE: green below amber, amber in [amber, red), red from red on.
 * LOWER_WORSE: green from amber on, amber in [red, amber), red below red.
 * BAND: green in [green_low, green_high), amber in [low, high) outside it, red elsewhere. */
typedef struct Bounds {
    Direction direction;
    Basis basis;
    int64_t amber, red, green_low, green_high, low, high;
    int n;           /* values that a dynamic basis looks back at */
    int persistence; /* that many ambers in a row are red; 0: never */
    int hysteresis;  /* that many better values in a row leave a colour; 0 and 1: at once */
} Bounds;
/* NULL, or the name of the first bound that is out of order: "red", "green_high", "low", "high". */
const char *judge_wrong(const Bounds *b);

/* Colour of one value alone. `before`: earlier values, oldest first, for a dynamic basis.
 * NOT_JUDGED when the basis has too few of them. */
Colour judge_value(const Bounds *b, int64_t value, const int64_t *before, size_t n);
/* Colour that counts after persistence and hysteresis. raw: colours of each value alone, oldest
 * first, the newest last; shown: the colours that counted, for all but the newest (n - 1 of them).
 * A missing period (NOT_JUDGED) breaks a row. */
Colour judge_row(const Bounds *b, const Colour *raw, const Colour *shown, size_t n);

/* (now - then) / |then| in hundredths of a per cent; *known false when then is 0 or it overflows.
 */
int64_t judge_variation(bool *known, int64_t now, int64_t then);
/* Ratio of sums, never a mean of ratios: sum(numerator) / sum(denominator) * factor. *known false
 * when the denominator is 0. */
int64_t judge_ratio(bool *known, const int64_t *numerator, const int64_t *denominator, size_t n,
                    int64_t factor);

/* 0 (as good as green gets) to 100 (as bad as red): linear between the bounds, for composites.
 * Value at the amber bound 33.33, at the red bound 66.67; beyond it up to 100 at twice the
 * distance. BAND: by colour. */
int64_t judge_score(const Bounds *b, int64_t value);

#endif
