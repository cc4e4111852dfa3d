/* i18n.c: languages, plural rules and the filling of patterns. The catalogues are read by mo.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/i18n.h"
#include "base/mo.h"

static const char *const codes[LANG_COUNT] = {"en", "fr", "ar"};
static const char *const locales[LANG_COUNT] = {"en_GB", "fr_FR", "ar_MA"};

const char *lang_code(Lang lang) {
    return codes[lang];
}

const char *lang_locale(Lang lang) {
    return locales[lang];
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool lang_parse(Lang *out, Str code) {
    if (code.n < 2 || (code.n > 2 && code.p[2] != '-' && code.p[2] != '_')) return false;
    for (int i = 0; i < LANG_COUNT; i++) {
        if (lower(code.p[0]) == codes[i][0] && lower(code.p[1]) == codes[i][1]) {
            *out = (Lang)i;
            return true;
        }
    }
    return false;
}

/* The weight of "fr;q=0.8" in thousandths; 0 when it is written wrongly. */
static int weight(Str parameters) {
    Str part;
    while (str_cut(&part, &parameters, ';')) {
        part = str_trim(part);
        if (part.n < 3 || lower(part.p[0]) != 'q' || part.p[1] != '=') continue;
        int value = 0, unit = 1000;
        for (size_t i = 2; i < part.n && unit > 0; i++) {
            char c = part.p[i];
            if (c == '.' && i == 3) continue;
            if (c < '0' || c > '9') return 0;
            value += unit * (c - '0');
            unit /= 10;
        }
        return value > 1000 ? 0 : value;
    }
    return 1000;
}

Lang lang_negotiate(Str accept_language, Lang otherwise) {
    Lang best = otherwise;
    int best_weight = 0;
    Str part;
    for (int i = 0; i < 32 && str_cut(&part, &accept_language, ','); i++) {
        Str tag;
        Lang lang;
        str_cut(&tag, &part, ';');
        if (!lang_parse(&lang, str_trim(tag))) continue;
        int w = weight(part);
        if (w > best_weight) {
            best = lang;
            best_weight = w;
        }
    }
    return best;
}

Str trs(Lang lang, const char *english) {
    if (!english) return S("");
    if (lang == LANG_EN || !english[0]) return str_of(english); /* "" is the catalogue's head */
    Str found = mo_form(mo_find(&lang_images[lang], english), 0);
    return found.n ? found : str_of(english);
}

const char *tr(Lang lang, const char *english) {
    return trs(lang, english).p;
}

/* Plural forms as Unicode CLDR and gettext number them. */
static size_t plural_form(Lang lang, uint64_t n) {
    uint64_t rest = n % 100;
    switch (lang) {
    case LANG_FR: return n > 1;
    case LANG_AR:
        if (n < 3) return (size_t)n;
        if (rest >= 3 && rest <= 10) return 3;
        return rest >= 11 ? 4 : 5;
    case LANG_EN:
    case LANG_COUNT: break;
    }
    return n != 1;
}

const char *tr_n(Lang lang, const char *one, const char *many, int64_t n) {
    uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    if (lang != LANG_EN && one[0]) {
        Str found = mo_form(mo_find(&lang_images[lang], one), plural_form(lang, size));
        if (found.n) return found.p;
    }
    return size == 1 ? one : many;
}

Str tr_fill(Arena *a, const char *pattern, const Str *args, size_t n) {
    Text t = text_new(a, 0);
    for (const char *p = pattern; *p;) {
        if (p[0] == '{' && p[1] >= '0' && p[1] <= '9' && p[2] == '}') {
            size_t i = (size_t)(p[1] - '0');
            if (i < n) text_add(&t, args[i]);
            p += 3;
            continue;
        }
        size_t plain = 1 + strcspn(p + 1, "{");
        text_add(&t, (Str){p, plain});
        p += plain;
    }
    return text_str(&t);
}
