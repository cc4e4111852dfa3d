/* test_i18n.c: the catalogue reader on an image made here (and on broken ones), plural rules,
 * negotiation, patterns.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/mo.h"

typedef struct Pair {
    Str id, text;
} Pair;

static const Pair pairs[] = {{{"", 0}, {"Language: fr", 12}},
                             {{"Cancel", 6}, {"Annuler", 7}},
                             {{"Save", 4}, {"Enregistrer", 11}},
                             {{"{0} loss\0{0} losses", 19}, {"{0} perte\0{0} pertes", 20}}};

static void put(unsigned char *p, size_t at, size_t value, bool swap) {
    uint32_t w = (uint32_t)value;
    if (swap) w = __builtin_bswap32(w);
    memcpy(p + at, &w, 4);
}

/* A .mo image as msgfmt writes it, without hash table. */
static size_t make_image(unsigned char *p, bool swap) {
    size_t n = LENGTH(pairs), at = 28 + 16 * n;
    put(p, 0, 0x950412DE, swap);
    put(p, 4, 0, swap);
    put(p, 8, n, swap);
    put(p, 12, 28, swap);
    put(p, 16, 28 + 8 * n, swap);
    for (size_t i = 0; i < 2 * n; i++) {
        Str s = i < n ? pairs[i].id : pairs[i - n].text;
        put(p, 28 + 8 * i, s.n, swap);
        put(p, 32 + 8 * i, at, swap);
        memcpy(p + at, s.p, s.n);
        p[at + s.n] = 0;
        at += s.n + 1;
    }
    return at;
}

static void test_mo_find_both_byte_orders(void **state) {
    (void)state;
    for (int swap = 0; swap < 2; swap++) {
        unsigned char bytes[512] = {0};
        LangImage image = {bytes, make_image(bytes, swap)};
        assert_string_equal(mo_find(&image, "Save").p, "Enregistrer");
        assert_string_equal(mo_find(&image, "Cancel").p, "Annuler");
        assert_null(mo_find(&image, "Sav").p);
        assert_null(mo_find(&image, "zzz").p);
        Str forms = mo_find(&image, "{0} loss");
        assert_string_equal(mo_form(forms, 0).p, "{0} perte");
        assert_string_equal(mo_form(forms, 1).p, "{0} pertes");
        assert_int_equal(mo_form(forms, 2).n, 0);
    }
}

static void test_mo_broken_images(void **state) {
    (void)state;
    unsigned char bytes[512] = {0};
    size_t n = make_image(bytes, false);
    for (size_t cut = 0; cut <= n; cut++) {
        unsigned char *copy = malloc(cut ? cut : 1);
        memcpy(copy, bytes, cut);
        LangImage image = {copy, cut};
        (void)mo_find(&image, "Save");
        free(copy);
    }
    for (size_t i = 0; i < n * 8; i++) {
        unsigned char *copy = malloc(n);
        memcpy(copy, bytes, n);
        copy[i / 8] ^= (unsigned char)(1 << i % 8);
        LangImage image = {copy, n};
        Str found = mo_find(&image, "{0} loss");
        if (found.p) (void)strlen(found.p);
        free(copy);
    }
}

static void test_i18n_languages(void **state) {
    (void)state;
    Lang lang;
    assert_true(lang_parse(&lang, S("fr-MA")) && lang == LANG_FR);
    assert_true(lang_parse(&lang, S("AR")) && lang == LANG_AR);
    assert_false(lang_parse(&lang, S("french")));
    assert_false(lang_parse(&lang, S("de")));
    assert_int_equal(lang_negotiate(S("de, fr;q=0.8, ar;q=0.9"), LANG_EN), LANG_AR);
    assert_int_equal(lang_negotiate(S("ar;q=0, en;q=0.1"), LANG_FR), LANG_EN);
    assert_int_equal(lang_negotiate(S("fr,en"), LANG_EN), LANG_FR);
    assert_int_equal(lang_negotiate(S("*;q=0.1"), LANG_FR), LANG_FR);
    assert_int_equal(lang_negotiate(S(""), LANG_AR), LANG_AR);
    assert_int_equal(lang_negotiate(S(";;,,fr;q=x"), LANG_EN), LANG_EN);
    assert_string_equal(lang_locale(LANG_AR), "ar_MA");
    assert_true(lang_is_rtl(LANG_AR));
}

static void test_i18n_fallbacks(void **state) {
    (void)state;
    static const char unknown[] = "no such text in any catalogue";
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        assert_ptr_equal(tr((Lang)lang, unknown), unknown);
        assert_string_equal(tr((Lang)lang, NULL), "");
        assert_string_equal(tr((Lang)lang, ""), "");
        assert_string_equal(tr_n((Lang)lang, "one x", "many x", 1), "one x");
        assert_string_equal(tr_n((Lang)lang, "one x", "many x", 5), "many x");
    }
    assert_string_equal(tr_n(LANG_EN, "a", "b", 0), "b");
    assert_string_equal(tr_n(LANG_EN, "a", "b", INT64_MIN), "b");
}

static void test_i18n_real_catalogues(void **state) {
    (void)state;
    for (int lang = LANG_FR; lang < LANG_COUNT; lang++) {
        if (lang_images[lang].n == 0) continue; /* built without words */
        assert_non_null(mo_find(&lang_images[lang], "").p);
        assert_non_null(strstr(mo_find(&lang_images[lang], "").p, "charset=UTF-8"));
    }
}

static void test_i18n_fill(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    const Str args[] = {S("12"), S("{0}")};
    assert_string_equal(tr_fill(a, "{1} of {0}{0} {x} {9}{", args, 2).p, "{0} of 1212 {x} {");
    assert_string_equal(tr_fill(a, "", args, 2).p, "");
    arena_free(a);
}
