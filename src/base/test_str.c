/* test_str.c: functions on Str and Text.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/str.h"

static void test_str_compare(void **state) {
    (void)state;
    assert_true(str_eq(S(""), str_of(NULL)));
    assert_true(str_is(S(""), NULL));
    assert_true(str_is(S("ab"), "ab"));
    assert_false(str_is(S("ab"), "abc"));
    assert_true(str_cmp(S("a"), S("b")) < 0);
    assert_true(str_cmp(S("ab"), S("a")) > 0);
    assert_true(str_cmp(S("\xFF"), S("a")) > 0);
    assert_int_equal(str_cmp(S(""), str_of(NULL)), 0);
    assert_true(str_eq_secret(S("key"), S("key")));
    assert_false(str_eq_secret(S("key"), S("kez")));
    assert_false(str_eq_secret(S("key"), S("keys")));
}

static void test_str_find_and_sub(void **state) {
    (void)state;
    assert_int_equal(str_find(S("incident"), S("den")), 4);
    assert_int_equal(str_find(S("incident"), S("x")), -1);
    assert_int_equal(str_find(S(""), S("")), 0);
    assert_int_equal(str_find_char(S("a,b"), ','), 1);
    assert_int_equal(str_find_char(S(""), ','), -1);
    assert_true(str_is(str_sub(S("abc"), 1, 9), "bc"));
    assert_true(str_is(str_sub(S("abc"), 7, 9), ""));
    assert_true(str_starts(S("abc"), S("")));
    assert_true(str_ends(S("abc"), S("bc")));
    assert_false(str_ends(S("c"), S("bc")));
}

static void test_str_trim_unicode_blanks(void **state) {
    (void)state;
    assert_true(str_is(str_trim(S(" \t\xC2\xA0x y\xE2\x80\xAF\r\n")), "x y"));
    assert_true(str_is(str_trim(S("\xEF\xBB\xBFid")), "id"));
    assert_true(str_is(str_trim(S("  ")), ""));
}

static void test_str_cut_parts(void **state) {
    (void)state;
    Str part, rest = S("a,,b,");
    const char *want[] = {"a", "", "b", ""};
    for (size_t i = 0; i < 4; i++) {
        assert_true(str_cut(&part, &rest, ','));
        assert_true(str_is(part, want[i]));
    }
    assert_false(str_cut(&part, &rest, ','));
    rest = S("");
    assert_true(str_cut(&part, &rest, ','));
    assert_false(str_cut(&part, &rest, ','));
}

static void test_str_to_int_bounds(void **state) {
    (void)state;
    int64_t i;
    assert_true(str_to_int(&i, S("-9223372036854775808")) && i == INT64_MIN);
    assert_true(str_to_int(&i, S("9223372036854775807")) && i == INT64_MAX);
    assert_true(str_to_int(&i, S("007")) && i == 7);
    const char *bad[] = {"", "-", "+1", "1 ", "9223372036854775808", "-9223372036854775809", "0x1"};
    for (size_t k = 0; k < LENGTH(bad); k++) assert_false(str_to_int(&i, str_of(bad[k])));
}

static void test_str_format(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    assert_true(str_is(str_fmt(a, "%.*s-%d", FMT(S("abc")), 5), "abc-5"));
    assert_int_equal(str_fmt(a, "%*d", 5000, 1).n, 5000);
    assert_true(str_is(str_join(a, S("ab"), S("")), "ab"));
    assert_true(str_is(str_lower_ascii(a, S("AZaz09\xC3\x89")), "azaz09\xC3\x89"));
    assert_string_equal(str_z(a, str_of(NULL)), "");
    arena_free(a);
}

static void test_text_maximum(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Text t = text_new(a, 11);
    text_addz(&t, "12345");
    text_int(&t, -1234);
    assert_false(t.full);
    text_char(&t, 'x');
    assert_false(t.full);
    text_char(&t, 'y');
    assert_true(t.full);
    text_addz(&t, "");
    assert_string_equal(text_str(&t).p, "12345-1234x");
    arena_free(a);
}

static void test_text_int_extremes(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Text t = text_new(a, 0);
    text_int(&t, INT64_MIN);
    text_char(&t, ' ');
    text_int(&t, INT64_MAX);
    text_fmt(&t, " %s", "end");
    assert_string_equal(text_str(&t).p, "-9223372036854775808 9223372036854775807 end");
    Text empty = text_new(a, 0);
    assert_string_equal(text_str(&empty).p, "");
    for (int i = 0; i < 5000; i++) text_char(&empty, 'z');
    assert_int_equal(empty.n, 5000);
    arena_free(a);
}
