/* formula.h: a small expression language for indicators and scores: numbers, names, operators and a
 * few functions. Nothing in it loops, assigns, reads or calls outside; text, depth, nodes and names
 * are bounded, so that checking and evaluating cost a bounded time. A name without a value makes
 * the result missing, unless `coalesce`, `if`, `and` or `or` decides otherwise: missing is never
 * zero. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CALC_FORMULA_H
#define CALC_FORMULA_H

#include "base/str.h"

/* expression := conjunction {"or" conjunction}      conjunction := negation {"and" negation}
 * negation := {"not"} compare                       compare := sum [("="|"<>"|"<"|"<="|">"|">=")
 * sum] sum := product {("+"|"-") product}                product := power {("*"|"/") power} power
 * := unary ["^" power]                        unary := {"-"} atom ["%"] atom := NUMBER | NAME |
 * NAME "(" expression {"," expression} ")" | "(" expression ")" NUMBER has a decimal point, NAME is
 * [a-z_][a-z0-9_.]*; "and", "or", "not" are reserved. Truth is 1 and 0. Functions: min max sum mean
 * abs round(x, digits) floor ceil sqrt ln exp if(c, a, b) coalesce clamp(x, low, high). */

enum {
    FORMULA_BYTES = 2000, /* of the text */
    FORMULA_NODES = 500,
    FORMULA_DEPTH = 40,
    FORMULA_NAMES = 64
};

typedef struct FormulaError {
    size_t at;        /* byte of the text at which it was noticed */
    int column;       /* the same in characters, from 1 */
    const char *text; /* N_() sentence; {0} is `what` */
    Str what;
} FormulaError;

typedef struct Formula Formula;

/* ERR_INVALID fills *why. The formula lives in the arena and holds no pointer into `text`. */
Err formula_parse(Formula **out, FormulaError *why, Arena *a, Str text) MUST;
/* The names it asks for, each once, in the order of appearance. */
size_t formula_n_names(const Formula *f);
Str formula_name(const Formula *f, size_t i);

typedef struct FormulaValue {
    double x; /* finite when !missing */
    bool missing;
} FormulaValue;
typedef enum FormulaOutcome {
    FORMULA_OK,       /* also when the result is missing */
    FORMULA_ZERO,     /* division by zero, or a logarithm or root outside its domain */
    FORMULA_TOO_LARGE /* beyond what a number can hold */
} FormulaOutcome;
/* One value for each name, in the order of formula_name. On another outcome than FORMULA_OK *out is
 * missing. */
FormulaOutcome formula_eval(FormulaValue *out, const Formula *f, const FormulaValue *values);

/* Between numbers of a formula and integers that count 1/scale. *out rounds half away from zero;
 * false when it does not fit. */
FormulaValue formula_number(int64_t scaled, int64_t scale);
bool formula_scaled(int64_t *out, FormulaValue v, int64_t scale);

#endif
