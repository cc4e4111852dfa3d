/* i18n.h: the words of the interface in three languages. English is the key; French and Arabic come
 * from .po files compiled into the program (tools/po.sh). Thread-safe, read-only.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_I18N_H
#define BASE_I18N_H

#include "base/str.h"

typedef enum Lang { LANG_EN, LANG_FR, LANG_AR, LANG_COUNT } Lang;

/* The .mo images, defined by the generated build/gen/lang.c (en is empty). */
typedef struct LangImage {
    const unsigned char *p;
    size_t n;
} LangImage;
extern const LangImage lang_images[LANG_COUNT];

const char *lang_code(Lang lang);     /* "en" "fr" "ar" */
const char *lang_locale(Lang lang);   /* "en_GB" "fr_FR" "ar_MA" */
bool lang_parse(Lang *out, Str code); /* "fr", "fr-MA"; false when unknown */
Lang lang_negotiate(Str accept_language, Lang otherwise);
static inline bool lang_is_rtl(Lang lang) {
    return lang == LANG_AR;
}

/* The translation, or the English text itself. Never NULL; tr(lang, NULL) is "". */
const char *tr(Lang lang, const char *english);
Str trs(Lang lang, const char *english);
/* Plural by the language's rule; both English forms are the key. */
const char *tr_n(Lang lang, const char *one, const char *many, int64_t n);
/* Fills {0}, {1} ... {9} of a translated pattern with already formatted texts. */
Str tr_fill(Arena *a, const char *pattern, const Str *args, size_t n);
/* Marks a text of a const table for extraction, without translating it there. */
#define N_(english) english

#endif
