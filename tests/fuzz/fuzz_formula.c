/* fuzz_formula.c: formulas of indicators: parsed and evaluated with every name missing and with
 * every name zero; the answer is finite or missing. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "calc/formula.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Arena *a = arena_new(16 << 20);
    Formula *f;
    FormulaError why;
    if (formula_parse(&f, &why, a, (Str){(const char *)data, size}) == OK) {
        FormulaValue values[FORMULA_NAMES], v;
        for (int pass = 0; pass < 2; pass++) {
            for (size_t i = 0; i < FORMULA_NAMES; i++) values[i] = (FormulaValue){0, pass == 0};
            (void)formula_eval(&v, f, values);
            CHECK(v.missing || isfinite(v.x), "a formula gives no number");
        }
    } else {
        CHECK(why.text && why.at <= size, "an error without a place");
    }
    arena_free(a);
    return 0;
}
