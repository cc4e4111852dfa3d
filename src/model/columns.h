/* columns.h: which columns a type's table has and how a record is read from a row; shared by record
 * and list. Internal to model/. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_COLUMNS_H
#define MODEL_COLUMNS_H

#include "model/record.h"
#include "model/sql.h"

enum { COLUMNS_SYSTEM = 15 };
extern const char *const columns_system[COLUMNS_SYSTEM]; /* id, year, seq ... in reading order */

/* Sets currency and sort of a field. */
void columns_name(Field *f, Arena *a);
/* Fills t->columns; called once when the model is built, after the fields. */
void columns_prepare(Type *t, Arena *a);
bool columns_has_sort(const Field *f); /* NAME_sort: folded text for sorting */
/* Reads a row that begins with t->columns.read. */
Err columns_read(Record *out, Ctx *c, const Type *t, const Rows *r, Arena *a) MUST;
/* The same of a record in part, for lists: the other fields stay empty. NULL: all fields. */
void columns_select(Sql *s, const Type *t, const FieldSet *wanted);
Err columns_read_some(Record *out, const Type *t, const FieldSet *wanted, const Rows *r,
                      Arena *a) MUST;
/* The bound value(s) of a field: n is 1 or 2 (money), plus the sort column. */
size_t columns_values(DbValue out[3], const char *names[3], Arena *a, const Field *f, Value v);
/* The whole row, in the order of t->columns.names. out has room for t->columns.n values. */
void columns_row(DbValue *out, Arena *a, const Record *r, int64_t now_us);
/* ", t."NAME_sort" ..." of every field that has one, to stand behind t->columns.read. */
void columns_add_sorts(Sql *s, const Type *t);
/* The first column of a row (read, then sorts) that is not as the program writes what was read of
 * it: another spelling of the same value, a sort text of something else. NULL: none. An empty sort
 * column passes: it may be newer than its row. */
const char *columns_odd(Arena *a, const Rows *rows, const Record *r);
/* The first sort column that is not what the record gives, empty ones included; NULL: none. */
const char *columns_stale_sort(Arena *a, const Rows *rows, const Record *r);
DbValue columns_system_value(const Record *r, const char *column, int64_t now_us);

/* List values as stored text: references ",1,2,", choices ",a,b,", rows as JSON [["..",".."],..] of
 * machine values. */
Str columns_list_text(Arena *a, const Field *f, Value v);
Value columns_list_value(Arena *a, const Field *f, Str text);

#endif
