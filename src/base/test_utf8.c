/* test_utf8.c: validation and folding in French and Arabic.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/utf8.h"

static void test_utf8_validity(void **state) {
    (void)state;
    const char *good[] = {
        "", "abc\t\r\n", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"};
    const char *bad[] = {
        "\x80",         "\xC0\x80",         "\xC1\xBF",         "\xC3",         "\xE0\x80\x80",
        "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80", "\xE2\x82",
        "a\xFF"};
    for (size_t i = 0; i < LENGTH(good); i++) assert_true(utf8_is_clean(str_of(good[i])));
    for (size_t i = 0; i < LENGTH(bad); i++) assert_false(utf8_is_valid(str_of(bad[i])));
    assert_true(utf8_is_valid(S("a\0b")));
    assert_false(utf8_is_clean(S("a\0b")));
    assert_false(utf8_is_clean(S("\x1B[0m")));
}

static void test_utf8_walk_and_clip(void **state) {
    (void)state;
    Str s = S("a\xC3\xA9\xF0\x9F\x98\x80\xFFz");
    size_t i = 0;
    const uint32_t want[] = {'a', 0xE9, 0x1F600, 0xFFFD, 'z'};
    for (size_t k = 0; k < LENGTH(want); k++) assert_int_equal(utf8_next(s, &i), want[k]);
    assert_int_equal(i, s.n);
    assert_int_equal(utf8_count(s), 5);
    assert_int_equal(utf8_clip(s, 2).n, 3);
    assert_int_equal(utf8_clip(s, 99).n, s.n);
    Arena *a = arena_new(0);
    Text t = text_new(a, 0);
    for (size_t k = 0; k < 3; k++) utf8_put(&t, want[k]);
    utf8_put(&t, 0xD800);
    assert_string_equal(text_str(&t).p, "a\xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBD");
    arena_free(a);
}

static void check_fold(const char *in, const char *want) {
    Arena *a = arena_new(0);
    assert_string_equal(utf8_fold(a, str_of(in)).p, want);
    arena_free(a);
}

static void test_utf8_fold_latin(void **state) {
    (void)state;
    check_fold("", "");
    check_fold("  Fraude -- INTERNE! ", "fraude interne");
    check_fold("Écart de Caisse à l’agence", "ecart de caisse a l agence");
    check_fold("E\xCC\x81t\xC3\xA9", "ete");
    check_fold("Straße cœur Łódź", "strasse coeur lodz");
    check_fold("INC-2026-000042", "inc 2026 000042");
    check_fold("a\xFF"
               "b",
               "a b");
}

static void test_utf8_fold_arabic(void **state) {
    (void)state;
    check_fold("مُحَمَّد", "محمد");
    check_fold("أحمد إدارة آخر ٱلبنك", "احمد اداره اخر البنك");
    check_fold("الرقـــم", "الرقم");
    check_fold("مستوى", "مستوي");
    check_fold("١٢٣ ۴۵", "123 45");
    check_fold("مسؤول شؤون رئيس", "مسوول شوون رييس");
}

static void test_utf8_fold_is_idempotent(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Str once = utf8_fold(a, S("Éàü ﬁn №5 ½ الإدارة"));
    assert_string_equal(utf8_fold(a, once).p, once.p);
    arena_free(a);
}

static void test_utf8_search_text_article(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Str folded = utf8_fold(a, S("الحريق في الفرع ال"));
    assert_string_equal(utf8_search_text(a, folded).p, "الحريق حريق في الفرع فرع ال");
    assert_string_equal(utf8_search_text(a, S("")).p, "");
    arena_free(a);
}

static void test_utf8_query_meets_index(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Str indexed = utf8_search_text(a, utf8_fold(a, S("الحريق")));
    assert_true(str_find(indexed, utf8_query_text(a, utf8_fold(a, S("حريق")))) >= 0);
    assert_true(str_eq(utf8_query_text(a, utf8_fold(a, S("الحريق"))), utf8_fold(a, S("حريق"))));
    assert_string_equal(utf8_query_text(a, utf8_fold(a, S("Contre-avis de l’agence"))).p,
                        "contre avis de agence");
    assert_string_equal(utf8_query_text(a, utf8_fold(a, S("qu'il, d'Anfa; plan C"))).p,
                        "il anfa plan c");
    arena_free(a);
}
