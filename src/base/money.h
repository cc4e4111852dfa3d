/* money.h: amounts are int64 minor units and an ISO 4217 currency; decimals are int64 with a scale
 * (0-9). No floating point. Rounding is half-even and says so by name.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include "base/str.h"

typedef struct Money {
    int64_t minor;
    char currency[4]; /* "MAD", NUL-ended; "" when unknown */
} Money;

/* Digits after the point (MAD 2, XOF 0, TND 3); -1 for an unknown code. */
int currency_digits(Str code);
size_t currency_count(void);
const char *currency_code(size_t i);

/* Strict machine form: optional '-', digits, optional '.' and at most `scale` digits. */
bool decimal_parse(int64_t *out, Str text, int scale);
/* As people type: blanks, NBSP, U+202F, ' or . as thousands, decimal comma or point, true minus,
 * parentheses for negative, Arabic-Indic digits. A single separator followed by exactly three
 * digits is ambiguous: it is read as a thousands separator unless `comma_decimal` says that a comma
 * is the decimal sign and the separator is a comma (or it is '.' and comma_decimal is false). The
 * whole text must be used. */
bool decimal_parse_loose(int64_t *out, Str text, int scale, bool comma_decimal);
Str decimal_text(Arena *a, int64_t value, int scale); /* "-1234.50" */
/* Changes the scale, half-even. False on overflow. */
bool decimal_rescale(int64_t *out, int64_t value, int from_scale, int to_scale);
Str money_text(Arena *a, Money m); /* "1234.50" without the currency */
/* minor (in `from` currency) x rate (scale 9, units of `to` per unit of `from`), half-even,
 * heeding both currencies' digits. False on overflow or unknown currency. */
bool money_convert(int64_t *out, int64_t minor, Str from, int64_t rate9, Str to);
/* value x numerator / denominator, half-even; false on overflow or denominator 0. */
bool mul_div(int64_t *out, int64_t value, int64_t numerator, int64_t denominator);
/* Splits total by weights so that the parts add up exactly (largest remainder, ties to the first).
 * Weights >= 0 with a positive sum; n <= 10000. */
bool split_largest_remainder(int64_t *parts, int64_t total, const int64_t *weights, size_t n);

#endif
