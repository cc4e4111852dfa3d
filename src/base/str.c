/* str.c: functions on Str and the growing Text. Bytes only; what a letter is belongs to utf8.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* memmem */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

#define TEXT_DEFAULT_MAX ((size_t)64 << 20)

int str_cmp(Str a, Str b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(Str a, Str prefix) {
    return a.n >= prefix.n && str_eq((Str){a.p, prefix.n}, prefix);
}

bool str_ends(Str a, Str suffix) {
    return a.n >= suffix.n &&
           (suffix.n == 0 || memcmp(a.p + a.n - suffix.n, suffix.p, suffix.n) == 0);
}

ptrdiff_t str_find(Str a, Str what) {
    if (what.n == 0) return 0;
    if (what.n > a.n) return -1;
    const char *at = memmem(a.p, a.n, what.p, what.n);
    return at ? at - a.p : -1;
}

ptrdiff_t str_find_char(Str a, char c) {
    const char *at = a.n ? memchr(a.p, c, a.n) : NULL;
    return at ? at - a.p : -1;
}

Str str_sub(Str a, size_t from, size_t n) {
    if (from > a.n) from = a.n;
    if (n > a.n - from) n = a.n - from;
    return (Str){a.p ? a.p + from : NULL, n};
}

static const Str blanks[] = {{" ", 1},        {"\t", 1},           {"\n", 1},
                             {"\r", 1},       {"\v", 1},           {"\f", 1},
                             {"\xC2\xA0", 2}, {"\xE2\x80\xAF", 3}, {"\xEF\xBB\xBF", 3}};

/* What most texts begin and end with. */
static bool is_plain(char c) {
    return c > ' ' && c < 0x7F;
}

Str str_trim(Str a) {
    bool again = !a.n || !is_plain(a.p[0]) || !is_plain(a.p[a.n - 1]);
    while (again && a.n) {
        again = false;
        for (size_t i = 0; i < LENGTH(blanks); i++) {
            if (str_starts(a, blanks[i])) {
                a = str_sub(a, blanks[i].n, a.n);
                again = true;
            }
            if (str_ends(a, blanks[i])) {
                a.n -= blanks[i].n;
                again = true;
            }
        }
    }
    return a;
}

const char *str_z(Arena *a, Str s) {
    size_t size;
    CHECK(!add_overflows(s.n, (size_t)1, &size), "text too long");
    char *p = arena_bytes(a, size);
    if (s.n) memcpy(p, s.p, s.n);
    p[s.n] = 0;
    return p;
}

Str str_copy(Arena *a, Str s) {
    return (Str){str_z(a, s), s.n};
}

Str str_join(Arena *a, Str x, Str y) {
    size_t n, size;
    CHECK(!add_overflows(x.n, y.n, &n) && !add_overflows(n, (size_t)1, &size), "text too long");
    char *p = arena_bytes(a, size);
    if (x.n) memcpy(p, x.p, x.n);
    if (y.n) memcpy(p + x.n, y.p, y.n);
    p[n] = 0;
    return (Str){p, n};
}

static PRINTF_LIKE(2, 0) Str format_v(Arena *a, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    char small[256];
    int n = vsnprintf(small, sizeof small, format, args);
    CHECK(n >= 0, "bad format");
    char *p = arena_bytes(a, (size_t)n + 1);
    if ((size_t)n < sizeof small) {
        memcpy(p, small, (size_t)n + 1);
    } else {
        vsnprintf(p, (size_t)n + 1, format, again);
    }
    va_end(again);
    return (Str){p, (size_t)n};
}

Str str_fmt(Arena *a, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Str s = format_v(a, format, args);
    va_end(args);
    return s;
}

Str str_lower_ascii(Arena *a, Str s) {
    char *p = arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        p[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return (Str){p, s.n};
}

bool str_cut(Str *part, Str *rest, char sep) {
    /* Used up is told from empty by the pointer: the last part leaves p == NULL behind. */
    if (!rest->p && rest->n == 0) {
        *part = (Str){NULL, 0};
        return false;
    }
    ptrdiff_t at = str_find_char(*rest, sep);
    if (at < 0) {
        *part = *rest;
        *rest = (Str){NULL, 0};
    } else {
        *part = (Str){rest->p, (size_t)at};
        *rest = (Str){rest->p + at + 1, rest->n - (size_t)at - 1};
    }
    return true;
}

bool str_to_int(int64_t *out, Str s) {
    size_t i = 0;
    bool negative = s.n > 0 && s.p[0] == '-';
    if (negative) i = 1;
    if (i == s.n) return false;
    int64_t value = 0;
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        int64_t digit = s.p[i] - '0';
        /* Counted downwards: INT64_MIN has no positive twin. */
        if (mul_overflows(value, (int64_t)10, &value) || sub_overflows(value, digit, &value))
            return false;
    }
    if (!negative && sub_overflows((int64_t)0, value, &value)) return false;
    *out = value;
    return true;
}

bool str_eq_secret(Str a, Str b) {
    if (a.n != b.n) return false;
    volatile unsigned char differs = 0;
    for (size_t i = 0; i < a.n; i++)
        differs = (unsigned char)(differs | ((unsigned char)a.p[i] ^ (unsigned char)b.p[i]));
    return differs == 0;
}

Text text_new(Arena *a, size_t max) {
    return (Text){.arena = a, .max = max ? max : TEXT_DEFAULT_MAX};
}

/* Room for `more` bytes and the ending NUL. */
bool text_room(Text *t, size_t more) {
    size_t need;
    if (t->full || add_overflows(t->n, more, &need) || need > t->max || need == SIZE_MAX) {
        t->full = true;
        t->cap = t->n; /* no room any more, whatever comes */
        return false;
    }
    need++;
    if (need <= t->cap) return true;
    size_t cap = t->cap ? t->cap : 128;
    while (cap < need) {
        if (mul_overflows(cap, (size_t)2, &cap)) cap = need;
    }
    if (t->max < SIZE_MAX && cap > t->max + 1) cap = t->max + 1;
    char *p = arena_bytes(t->arena, cap);
    if (t->n) memcpy(p, t->p, t->n);
    p[t->n] = 0;
    t->p = p;
    t->cap = cap;
    return true;
}

void text_int(Text *t, int64_t i) {
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (i < 0) digits[--at] = '-';
    text_add(t, (Str){digits + at, sizeof digits - at});
}

void text_fmt(Text *t, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Str s = format_v(t->arena, format, args);
    va_end(args);
    text_add(t, s);
}

Str text_str(const Text *t) {
    return t->p ? (Str){t->p, t->n} : (Str){"", 0};
}
