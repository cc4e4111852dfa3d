/* value.h: one typed value, as a record field or a cell holds it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H

#include "base/money.h"

typedef enum ValueKind {
    V_NULL = 0,
    V_INT,   /* i: integer, boolean (0/1), instant (us), reference (row id), decimal (scaled) */
    V_TEXT,  /* s: text, ISO date, choice key */
    V_MONEY, /* i minor units, currency */
    V_LIST,  /* list of n values: several choices (V_TEXT) or references (V_INT) */
    V_ROWS   /* child rows: list of n V_LIST values, each with one value per child field */
} ValueKind;

typedef struct Value Value;
struct Value {
    ValueKind kind;
    char currency[4];
    int64_t i;
    Str s;
    const Value *list;
    size_t n;
};

Value value_int(int64_t i);
Value value_text(Str s); /* an empty text is V_NULL */
Value value_money(int64_t minor, Str currency);
bool value_eq(Value a, Value b);

/* A cell of a row that was stored before its column came: null as any other, but at the end of a
 * row it is neither hashed nor written, so that a row is what it was until somebody changes it. */
extern const Value value_unstored;
size_t value_row_cells(Value row); /* without those at its end */

static inline bool value_is_null(Value v) {
    return v.kind == V_NULL || ((v.kind == V_LIST || v.kind == V_ROWS) && v.n == 0);
}

#endif
