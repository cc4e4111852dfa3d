/* test_formula.c: precedence, missing values, errors that point at the character, bounds.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>

#include "calc/formula.h"

/* a = 6, b = 3, c = 0, gone: missing. */
static FormulaOutcome value_of(FormulaValue *out, const char *text) {
    Arena *a = arena_new(0);
    Formula *f;
    FormulaError why;
    if (formula_parse(&f, &why, a, str_of(text)) != OK) {
        print_error("%s: %d: %s\n", text, why.column, why.text);
        fail();
    }
    FormulaValue values[FORMULA_NAMES];
    for (size_t i = 0; i < formula_n_names(f); i++) {
        Str name = formula_name(f, i);
        double x = str_is(name, "a") ? 6 : str_is(name, "b") ? 3 : 0;
        values[i] = (FormulaValue){x, str_is(name, "gone")};
    }
    FormulaOutcome outcome = formula_eval(out, f, values);
    arena_free(a);
    return outcome;
}

static void test_formula_values(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double x;
    } cases[] = {{"1 + 2 * 3", 7},
                 {"(1 + 2) * 3", 9},
                 {"2 ^ 3 ^ 2", 512},
                 {"-2 ^ 2", 4}, /* the sign belongs to the number */
                 {"10 - 4 - 3", 3},
                 {"12 / 2 / 3", 2},
                 {"50% * a", 3},
                 {"a / b", 2},
                 {"a > b and not c", 1},
                 {"a < b or b <> 3", 0},
                 {"a >= 6 and b <= 3 and c = 0", 1},
                 {"if(a > b, 10, 20)", 10},
                 {"if(b = 0, 0, a / b)", 2},
                 {"if(c = 0, 7, a / c)", 7}, /* the other branch divides by zero */
                 {"min(4, a, b) + max(1, 2)", 5},
                 {"sum(1, 2, 3) + mean(2, 4)", 9},
                 {"round(2.345, 2)", 2.35},
                 {"round(-2.5)", -3},
                 {"abs(-4) + floor(2.9) + ceil(2.1)", 9},
                 {"sqrt(16) + ln(exp(2))", 6},
                 {"clamp(12, 0, 10)", 10},
                 {"coalesce(gone, 5)", 5},
                 {"coalesce(a / c, -1)", -1},
                 {"gone = 1 or a = 6", 1},
                 {"gone = 1 and a = 1", 0},
                 {"0.1 + 0.2", 0.1 + 0.2},
                 {" a\n* b ", 18},
                 {"--a", 6}};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        FormulaValue v;
        if (value_of(&v, cases[i].text) != FORMULA_OK || v.missing ||
            fabs(v.x - cases[i].x) > 1e-12) {
            print_error("%s gives %g\n", cases[i].text, v.x);
            fail();
        }
    }
}

static void test_formula_missing_is_never_zero(void **state) {
    (void)state;
    static const char *const cases[] = {
        "gone",     "gone + 1",       "a * gone",      "if(gone, 1, 2)", "max(a, gone)",
        "not gone", "-gone",          "mean(gone, 2)", "gone or c",      "gone and a",
        "gone%",    "round(gone, 1)", "0 * gone",      "coalesce(gone)"};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        FormulaValue v;
        assert_int_equal(value_of(&v, cases[i]), FORMULA_OK);
        if (!v.missing) print_error("%s\n", cases[i]);
        assert_true(v.missing);
    }
}

static void test_formula_outcomes(void **state) {
    (void)state;
    FormulaValue v;
    assert_int_equal(value_of(&v, "a / c"), FORMULA_ZERO);
    assert_true(v.missing);
    assert_int_equal(value_of(&v, "ln(0)"), FORMULA_ZERO);
    assert_int_equal(value_of(&v, "sqrt(-1)"), FORMULA_ZERO);
    assert_int_equal(value_of(&v, "0 ^ -1"), FORMULA_ZERO);
    assert_int_equal(value_of(&v, "(-8) ^ 0.5"), FORMULA_ZERO);
    assert_int_equal(value_of(&v, "exp(1000)"), FORMULA_TOO_LARGE);
    assert_int_equal(value_of(&v, "10 ^ 300 * 10 ^ 300"), FORMULA_TOO_LARGE);
}

static void test_formula_errors_point_at_the_character(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int column;
    } cases[] = {{"", 1},
                 {"   ", 1},
                 {"1 +", 4},
                 {"1 + * 2", 5},
                 {"(1 + 2", 7},
                 {"1 2", 3},
                 {"a b", 3},
                 {"f(1)", 1},
                 {"min()", 5},
                 {"round(1, 2, 3)", 1},
                 {"if(1, 2)", 1},
                 {"1.", 1},
                 {"1,5", 2},
                 {"1.2.3", 1},
                 {"12x", 1},
                 {"a = b = c", 7},
                 {"and 1", 1},
                 {"é + 1", 1},
                 {"a + é", 5},
                 {"a; b", 2},
                 {"system('x')", 1},
                 {"a := 1", 3},
                 {"A", 1},
                 {"1e9", 1},
                 {"min(1,", 7},
                 {"a ? b", 3},
                 {"a\\b", 2},
                 {"\"x\"", 1}};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        Arena *a = arena_new(0);
        Formula *f;
        FormulaError why;
        assert_int_equal(formula_parse(&f, &why, a, str_of(cases[i].text)), ERR_INVALID);
        assert_non_null(why.text);
        if (why.column != cases[i].column)
            print_error("%s: column %d, not %d: %s\n", cases[i].text, why.column, cases[i].column,
                        why.text);
        assert_int_equal(why.column, cases[i].column);
        arena_free(a);
    }
}

static Str repeat(Arena *a, const char *what, size_t n) {
    Text t = text_new(a, 1 << 20);
    for (size_t i = 0; i < n; i++) text_addz(&t, what);
    return text_str(&t);
}

static void test_formula_is_bounded(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Formula *f;
    FormulaError why;
    static const struct {
        const char *piece;
        size_t n;
    } hostile[] = {{"(", 1900},   {"-(", 900},    {"2^", 900}, {"1+", 990}, {"min(", 400},
                   {"not ", 400}, {"if(1,", 300}, {"1", 1999}, {"x", 3000}};
    for (size_t i = 0; i < LENGTH(hostile); i++) {
        Str text = str_join(a, repeat(a, hostile[i].piece, hostile[i].n), S("1"));
        Err e = formula_parse(&f, &why, a, text);
        if (e == OK) { /* long, but within the bounds */
            FormulaValue none[FORMULA_NAMES] = {0}, v;
            (void)formula_eval(&v, f, none);
        } else
            assert_non_null(why.text);
    }
    Text names = text_new(a, 0);
    text_addz(&names, "a0");
    for (int i = 1; i <= FORMULA_NAMES; i++) text_fmt(&names, "+a%d", i);
    assert_int_equal(formula_parse(&f, &why, a, text_str(&names)), ERR_INVALID);
    arena_free(a);
}

static void test_formula_names_once_in_order(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Formula *f;
    FormulaError why;
    assert_int_equal(formula_parse(&f, &why, a, S("k02 / (k01.count + k02) + if_x")), OK);
    assert_int_equal(formula_n_names(f), 3);
    assert_true(str_is(formula_name(f, 0), "k02"));
    assert_true(str_is(formula_name(f, 1), "k01.count"));
    assert_true(str_is(formula_name(f, 2), "if_x"));
    arena_free(a);
}
