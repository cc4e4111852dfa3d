/* sql.h: an SQL text being built with its bound values. Names come from the model's tables only;
 * values are always bound. Only model/ uses it. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_SQL_H
#define MODEL_SQL_H

#include "store/db.h"

typedef struct Sql {
    Text text;
    Arena *arena;
    const Db *db;
    DbValue *args;
    size_t n, cap;
} Sql;

Sql sql_new(Arena *a, const Db *db);
void sql_add(Sql *s, const char *constant); /* text from the program */
void sql_name(Sql *s, const char *alias,
              const char *column); /* alias."column", alias may be NULL; also for table names */
void sql_bind(Sql *s, DbValue v);  /* writes $n and binds */
/* The same for a value that PostgreSQL need not look at to plan: it does that once then. */
void sql_bind_any(Sql *s, DbValue v);
void sql_in_any(Sql *s, const char *column, const int64_t *ids, size_t n);
void sql_in_set(Sql *s, const char *column, const int64_t *ids, size_t n);
Err sql_rows(Rows **out, Sql *s, Db *db, Arena *a) MUST;
Err sql_few(Rows **out, Sql *s, Db *db, Arena *a) MUST; /* see db_few */
void sql_announce(const Sql *s, Db *db);                /* see db_announce */
Err sql_run(int64_t *changed, Sql *s, Db *db) MUST;

#endif
