/* utf8.h: validation at the edge, walking, and folding for search and sorting.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/str.h"

/* Strict UTF-8 without NUL and without C0 controls other than TAB, LF, CR. */
bool utf8_is_clean(Str s);
bool utf8_is_valid(Str s);
/* Decodes the code point at s.p[*i] and moves *i on; U+FFFD for a bad byte (moves 1). */
uint32_t utf8_next(Str s, size_t *i);
size_t utf8_count(Str s); /* code points */
void utf8_put(Text *t, uint32_t code_point);
/* At most n code points, cut at a code point. */
Str utf8_clip(Str s, size_t n);
/* For search and sorting: lower case, accents and Arabic vowel signs removed, tatweel dropped,
 * alef variants unified, final ya and ta marbuta unified, Arabic-Indic digits as ASCII, every run
 * of other characters one blank. Thread-safe (ICU normaliser, no transliterator object). */
Str utf8_fold(Arena *a, Str s);
/* What to index of a folded text: its words, and those with an Arabic article (al-) also without it
 * when at least 3 letters stay. */
Str utf8_search_text(Arena *a, Str folded);
/* What to look for: each word without its article, so that it meets either form in the index, and
 * without what French elides before it: "l'agence" asks for "agence". */
Str utf8_query_text(Arena *a, Str folded);

#endif
