/* list.h: many records: filters, sort, keyset pages, counts, with the reader's scope always inside.
 * Address: FIELD=VALUE, FIELD.ge= .le= .in= (comma separated) .under= (tree) .empty=1, state=,
 * state.open=1, CONDITION=true|false, READING= .in= .under=, q=, sort=FIELD or -FIELD,
 * after=CURSOR, limit=1..500, as_of=DATE. Unknown names or fields that may not be filtered:
 * ERR_INVALID naming it. SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef MODEL_LIST_H
#define MODEL_LIST_H

#include "model/record.h"

typedef enum FilterOp {
    FILTER_EQ,
    FILTER_GE,
    FILTER_LE,
    FILTER_IN,
    FILTER_UNDER,
    FILTER_EMPTY,
    FILTER_OPEN
} FilterOp;
typedef struct ListFilter {
    const Field *field;         /* NULL: a system column (`column`) */
    const char *column;         /* "state" "unit" "owner" "created_at" "id" ... */
    const Condition *condition; /* then neither field nor column */
    const Reading *reading;     /* the same */
    FilterOp op;
    Str text;      /* as given */
    bool no_index; /* SQLite: another one finds the rows */
} ListFilter;
typedef struct ListQuery {
    const Type *type;
    ListFilter *filters;
    size_t n_filters, cap_filters;
    Str q;                /* search words */
    const DbWords *words; /* of q, when they have been looked up already */
    const Field *sort;    /* NULL: by number (id) */
    bool descending;
    bool sort_by_state;
    int64_t limit;
    Str after; /* cursor */
    Str as_of;
    const FieldSet *wanted; /* fields to be read, the sorted one among them; NULL: all */
} ListQuery;

Err list_parse(ListQuery *out, Ctx *c, const Type *t, const Input *params) MUST;
/* Pulls records in order until `limit` (or without end when limit is 0: exports). Each record lives
 * in `scratch`. */
typedef struct ListCursor ListCursor;
Err list_open(ListCursor **out, Ctx *c, const ListQuery *q) MUST;
Err list_next(Record **out, ListCursor *cur, Arena *scratch) MUST; /* NULL: the end */
/* Cursor after the last record returned, when there are more; empty otherwise. Call after the end.
 */
Str list_after(ListCursor *cur);
/* Exact when the counts of the engine know it (no filter, or state, unit and the like), and up to
 * `most` (of words: up to 1,000); *exact false means "at least". */
enum { LIST_COUNT_API = 10000, LIST_COUNT_SCREEN = 1000, LIST_COUNT_WORDS = 1000 };
Err list_count(int64_t *out, bool *exact, Ctx *c, const ListQuery *q, int64_t most) MUST;

#endif
