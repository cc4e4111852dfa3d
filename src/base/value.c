/* value.c: making and comparing typed values. Knows nothing of fields or columns.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/value.h"

Value value_int(int64_t i) {
    return (Value){.kind = V_INT, .i = i};
}

Value value_text(Str s) {
    return s.n ? (Value){.kind = V_TEXT, .s = s} : (Value){.kind = V_NULL};
}

Value value_money(int64_t minor, Str currency) {
    Value v = {.kind = V_MONEY, .i = minor};
    CHECK(currency.n <= 3, "a currency code has three letters");
    if (currency.n) memcpy(v.currency, currency.p, currency.n);
    return v;
}

const Value value_unstored = {.kind = V_NULL, .list = &value_unstored};

size_t value_row_cells(Value row) {
    size_t n = row.n;
    while (n && value_is_null(row.list[n - 1]) && row.list[n - 1].list == &value_unstored) n--;
    return n;
}

/* Recursion is bounded by the kinds: rows hold lists, lists hold single values. */
bool value_eq(Value a, Value b) {
    if (value_is_null(a) || value_is_null(b)) return value_is_null(a) && value_is_null(b);
    if (a.kind != b.kind) return false;
    switch (a.kind) {
    case V_NULL: return true;
    case V_INT: return a.i == b.i;
    case V_TEXT: return str_eq(a.s, b.s);
    case V_MONEY: return a.i == b.i && memcmp(a.currency, b.currency, sizeof a.currency) == 0;
    case V_LIST:
    case V_ROWS: break;
    }
    if (a.n != b.n) return false;
    for (size_t i = 0; i < a.n; i++) {
        if (!value_eq(a.list[i], b.list[i])) return false;
    }
    return true;
}
