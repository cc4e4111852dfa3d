/* columns.h: which columns a type's table has and how a record is read from a row; shared by record
 * and list. Internal to model/. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_COLUMNS_H
#define MODEL_COLUMNS_H

#include "model/record.h"
#include "model/sql.h"

enum { COLUMNS_SYSTEM = 15 };
extern const char *const columns_system[COLUMNS_SYSTEM]; /* id, year, seq ... in reading order */

const char *columns_currency(Arena *a, const Field *f); /* NAME_currency of a money field */
const char *columns_sort(Arena *a, const Field *f);     /* the column that lists sort by */
bool columns_has_sort(const Field *f);                  /* NAME_sort: folded text for sorting */
/* "alias.id, alias.year, ... " all columns in reading order. */
void columns_add(Sql *s, const Type *t, const char *alias);
/* Reads a row that begins with columns_add's columns. */
Err columns_read(Record *out, Ctx *c, const Type *t, const Rows *r, Arena *a) MUST;
/* The bound value(s) of a field: n is 1 or 2 (money), plus the sort column. */
size_t columns_values(DbValue out[3], const char *names[3], Arena *a, const Field *f, Value v);
const char *columns_past(Arena *a, const Type *t); /* "incident_past" */

/* List values as stored text: references ",1,2,", choices ",a,b,", rows as JSON [["..",".."],..] of
 * machine values. */
Str columns_list_text(Arena *a, const Field *f, Value v);
Value columns_list_value(Arena *a, const Field *f, Str text);

#endif
