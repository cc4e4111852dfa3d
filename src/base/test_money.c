/* test_money.c: exact decimals, amounts as people type them, conversion and splitting.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/money.h"

static void test_money_currencies(void **state) {
    (void)state;
    assert_int_equal(currency_digits(S("MAD")), 2);
    assert_int_equal(currency_digits(S("XOF")), 0);
    assert_int_equal(currency_digits(S("TND")), 3);
    assert_int_equal(currency_digits(S("CLF")), 4);
    assert_int_equal(currency_digits(S("mad")), -1);
    assert_int_equal(currency_digits(S("XXX")), -1);
    assert_int_equal(currency_digits(S("")), -1);
    assert_int_equal(currency_digits(S("MADX")), -1);
    assert_true(currency_count() > 150);
    for (size_t i = 0; i < currency_count(); i++) {
        assert_true(currency_digits(str_of(currency_code(i))) >= 0);
        if (i) assert_true(strcmp(currency_code(i - 1), currency_code(i)) < 0);
    }
}

static void test_money_decimal_strict(void **state) {
    (void)state;
    int64_t v;
    assert_true(decimal_parse(&v, S("-1234.5"), 2) && v == -123450);
    assert_true(decimal_parse(&v, S("-92233720368547758.08"), 2) && v == INT64_MIN);
    assert_true(decimal_parse(&v, S("0"), 9) && v == 0);
    const char *bad[] = {
        "",     "-", ".5", "5.", "1.234", "1,5", "+1", "1e3", " 1", "--1", "92233720368547758.08",
        "1.2.3"};
    for (size_t i = 0; i < LENGTH(bad); i++) assert_false(decimal_parse(&v, str_of(bad[i]), 2));
}

static void loose(const char *in, bool comma, int64_t want) {
    int64_t v = 0;
    if (!decimal_parse_loose(&v, str_of(in), 2, comma)) fail_msg("refused: %s", in);
    if (v != want) fail_msg("%s gave %lld", in, (long long)v);
}

static void test_money_decimal_loose(void **state) {
    (void)state;
    loose("1 234,50", true, 123450);
    loose("1 234,50", false, 123450);
    loose("1.234.567,89", true, 123456789);
    loose("1,234,567.89", false, 123456789);
    loose("1\xC2\xA0"
          "234\xE2\x80\xAF"
          "567",
          true, 123456700);
    loose("1'234.5", false, 123450);
    loose("\xE2\x88\x92"
          "12",
          true, -1200);
    loose("(12,5)", true, -1250);
    loose("١٢٣٤٫٥", true, 123450);
    loose("١٬٢٣٤", true, 123400);
    loose("1.234", true, 123400);
    loose("1,234", false, 123400);
    loose("1,5", false, 150);
    loose(".5", false, 50);
    loose("1234,56", false, 123456);
    loose("12,000", true, 1200);
    loose("1,234,567", true, 123456700);
    loose("0,12", true, 12);
    loose("0", true, 0);
}

static void test_money_decimal_loose_refuses(void **state) {
    (void)state;
    int64_t v;
    const char *bad[] = {"",      " ",  "abc", "1 2 3",  "1,23,4",    "12 34",        "1.2,3.4",
                         "--1",   "1-", "(1",  "1.234,", "1 234,567", "12 MAD",       "1..2",
                         "1,234", "()", "-",   ",",      "1234 567",  "1 234.567 890"};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        if (decimal_parse_loose(&v, str_of(bad[i]), 2, true))
            fail_msg("taken: %s as %lld", bad[i], (long long)v);
    }
}

static void test_money_text_and_rescale(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    assert_string_equal(decimal_text(a, -123450, 2).p, "-1234.50");
    assert_string_equal(decimal_text(a, -5, 2).p, "-0.05");
    assert_string_equal(decimal_text(a, INT64_MIN, 0).p, "-9223372036854775808");
    assert_string_equal(money_text(a, (Money){1234, "TND"}).p, "1.234");
    int64_t v;
    assert_true(decimal_rescale(&v, 125, 2, 1) && v == 12);
    assert_true(decimal_rescale(&v, 135, 2, 1) && v == 14);
    assert_true(decimal_rescale(&v, -125, 2, 1) && v == -12);
    assert_true(decimal_rescale(&v, -135, 2, 1) && v == -14);
    assert_true(decimal_rescale(&v, 7, 0, 3) && v == 7000);
    assert_false(decimal_rescale(&v, INT64_MAX, 0, 1));
    arena_free(a);
}

static void test_money_convert(void **state) {
    (void)state;
    int64_t v;
    /* 100.00 EUR at 10.85 MAD */
    assert_true(money_convert(&v, 10000, S("EUR"), 10850000000, S("MAD")) && v == 108500);
    assert_true(money_convert(&v, 10000, S("EUR"), 655957000000, S("XOF")) && v == 65596);
    assert_true(money_convert(&v, 65596, S("XOF"), 1524490, S("EUR")) && v == 10000);
    assert_true(money_convert(&v, 1000, S("TND"), INT64_C(3200000000), S("MAD")) && v == 320);
    assert_false(money_convert(&v, 1, S("EUR"), 1, S("???")));
    assert_false(money_convert(&v, INT64_MAX, S("EUR"), INT64_C(2000000000), S("MAD")));
    assert_true(mul_div(&v, INT64_MAX, INT64_MAX, INT64_MAX) && v == INT64_MAX);
    assert_true(mul_div(&v, 5, 1, 2) && v == 2);
    assert_true(mul_div(&v, -7, 1, 2) && v == -4);
    assert_true(mul_div(&v, 7, -1, -2) && v == 4);
    assert_false(mul_div(&v, 1, 1, 0));
}

static void test_money_split(void **state) {
    (void)state;
    int64_t parts[3];
    const int64_t equal[] = {1, 1, 1}, some[] = {0, 3, 1}, large[] = {INT64_MAX, INT64_MAX, 1};
    assert_true(split_largest_remainder(parts, 100, equal, 3));
    assert_true(parts[0] == 34 && parts[1] == 33 && parts[2] == 33);
    assert_true(split_largest_remainder(parts, -100, equal, 3));
    assert_true(parts[0] == -34 && parts[1] == -33 && parts[2] == -33);
    assert_true(split_largest_remainder(parts, 10, some, 3));
    assert_true(parts[0] == 0 && parts[1] == 8 && parts[2] == 2);
    assert_true(split_largest_remainder(parts, INT64_MIN, large, 3));
    int64_t sum = parts[0] + parts[1] + parts[2];
    assert_true(sum == INT64_MIN);
    const int64_t zero[] = {0, 0}, negative[] = {2, -1};
    assert_false(split_largest_remainder(parts, 1, zero, 2));
    assert_false(split_largest_remainder(parts, 1, negative, 2));
    assert_false(split_largest_remainder(parts, 1, equal, 0));
}
