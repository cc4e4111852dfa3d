/* str.h: functions on Str, and Text, the growing text builder. Results live in the given arena.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/arena.h"

/* NULL gives the empty Str with p == NULL */
static inline Str str_of(const char *z) {
    return z ? (Str){z, strlen(z)} : (Str){NULL, 0};
}
static inline bool str_eq(Str a, Str b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
/* Compares with a C string; z NULL: a is empty. */
static inline bool str_is(Str a, const char *z) {
    if (a.n && (!z || a.p[0] != z[0])) return false; /* most differ in the first byte */
    return str_eq(a, str_of(z));
}
int str_cmp(Str a, Str b); /* byte order */
bool str_starts(Str a, Str prefix);
bool str_ends(Str a, Str suffix);
ptrdiff_t str_find(Str a, Str what); /* -1 when absent */
ptrdiff_t str_find_char(Str a, char c);
Str str_sub(Str a, size_t from, size_t n); /* clipped, shares the bytes */
Str str_trim(Str a);                       /* ASCII blanks, U+00A0, U+202F, U+FEFF at both ends */
Str str_copy(Arena *a, Str s);             /* the copy is NUL-ended */
const char *str_z(Arena *a, Str s);        /* NUL-ended copy; inner NULs are kept */
Str str_join(Arena *a, Str x, Str y);
Str str_fmt(Arena *a, const char *format, ...) PRINTF_LIKE(2, 3);
Str str_lower_ascii(Arena *a, Str s);
/* Takes the part before `sep` off *rest; false when *rest is used up (an empty Str gives one part).
 */
bool str_cut(Str *part, Str *rest, char sep);
/* Whole decimal integer, optional '-'; false on anything else or overflow. */
bool str_to_int(int64_t *out, Str s);
/* Equal without telling where they differ, for secrets. Lengths may leak. */
bool str_eq_secret(Str a, Str b);

/* A growing text in an arena. When `max` (bytes) would be passed, the rest is dropped and
 * `full` is set: look at it once at the end. max 0 means 64 MiB. */
typedef struct Text {
    Arena *arena;
    char *p;
    size_t n, cap, max;
    bool full;
} Text;

Text text_new(Arena *a, size_t max);
bool text_room(Text *t, size_t more); /* false and `full` when over the maximum */
static inline void text_add(Text *t, Str s) {
    if (s.n == 0 || (t->cap - t->n <= s.n && !text_room(t, s.n))) return;
    memcpy(t->p + t->n, s.p, s.n);
    t->n += s.n;
    t->p[t->n] = 0;
}
static inline void text_addz(Text *t, const char *z) {
    if (z) text_add(t, (Str){z, strlen(z)});
}
static inline void text_char(Text *t, char c) {
    if (t->cap - t->n <= 1 && !text_room(t, 1)) return;
    t->p[t->n++] = c;
    t->p[t->n] = 0;
}
void text_int(Text *t, int64_t i);
void text_fmt(Text *t, const char *format, ...) PRINTF_LIKE(2, 3);
Str text_str(const Text *t); /* shares the builder's bytes; NUL-ended */

#endif
