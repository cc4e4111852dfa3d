/* base.h: the words every file shares: Str, Err, checked arithmetic. Knows no SQL, HTTP or risk.
 * Include this first. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MUST __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Text with a length. NUL-ended only when made by S() or str_z(); never assume it. */
typedef struct Str {
    const char *p;
    size_t n;
} Str;

#define S(literal) ((Str){("" literal), sizeof(literal) - 1})
/* For "%.*s" in the printf-like functions of this project. */
#define FMT(str) (int)(str).n, (str).p ? (str).p : ""

/* The only error codes below web/. web/ maps them to 422, 403, 404, 409, 503 and 500. */
typedef enum Err {
    OK = 0,
    ERR_INVALID,  /* the input is wrong; Issues say which field and why */
    ERR_DENIED,   /* visible but forbidden */
    ERR_MISSING,  /* not there, or hidden from this reader */
    ERR_CONFLICT, /* somebody else was faster, or the state does not allow it */
    ERR_BUSY,     /* try again later */
    ERR_INTERNAL  /* ours; logged once where it arose */
} Err;

#define TRY(expression)                                                                            \
    do {                                                                                           \
        Err try_err_ = (expression);                                                               \
        if (try_err_ != OK) return try_err_;                                                       \
    } while (0)

/* True on overflow; *out holds the wrapped result then. */
#define add_overflows(a, b, out) __builtin_add_overflow((a), (b), (out))
#define sub_overflows(a, b, out) __builtin_sub_overflow((a), (b), (out))
#define mul_overflows(a, b, out) __builtin_mul_overflow((a), (b), (out))

/* A programmer's mistake: prints file, line and text to stderr and aborts, also in release. */
#define CHECK(condition, text)                                                                     \
    do {                                                                                           \
        if (!(condition)) base_abort(__FILE__, __LINE__, (text));                                  \
    } while (0)
_Noreturn void base_abort(const char *file, int line, const char *text);

#endif
