/* sql.c: building one SQL statement with its bound values. Texts from the program and names from
 * the model tables only; everything else goes through sql_bind. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "model/sql.h"

Sql sql_new(Arena *a, const Db *db) {
    return (Sql){.text = text_new(a, 1 << 20), .arena = a, .db = db};
}

void sql_add(Sql *s, const char *constant) {
    text_addz(&s->text, constant);
}

void sql_name(Sql *s, const char *alias, const char *column) {
    if (alias) {
        text_addz(&s->text, alias);
        text_char(&s->text, '.');
    }
    text_char(&s->text, '"'); /* quoted: a type may be named like a word of SQL (user) */
    text_addz(&s->text, column);
    text_char(&s->text, '"');
}

static void keep(Sql *s, DbValue v) {
    GROW(s->arena, s->args, s->n, s->cap);
    s->args[s->n++] = v;
}

void sql_bind(Sql *s, DbValue v) {
    keep(s, v);
    text_char(&s->text, '$');
    text_int(&s->text, (int64_t)s->n);
}

void sql_bind_any(Sql *s, DbValue v) {
    bool hides = db_kind(s->db) == DB_POSTGRES;
    if (hides) text_addz(&s->text, "(SELECT ");
    sql_bind(s, v);
    if (hides) text_char(&s->text, ')');
}

void sql_in_any(Sql *s, const char *column, const int64_t *ids, size_t n) {
    if (db_kind(s->db) != DB_POSTGRES) {
        sql_in_set(s, column, ids, n);
        return;
    }
    text_fmt(&s->text, "%s = ANY((SELECT ", column);
    sql_bind(s, db_int_set(s->arena, s->db, ids, n));
    text_addz(&s->text, ")::bigint[])");
}

void sql_in_set(Sql *s, const char *column, const int64_t *ids, size_t n) {
    keep(s, db_int_set(s->arena, s->db, ids, n));
    text_add(&s->text, db_in_set(s->arena, s->db, column, (int)s->n));
}

Err sql_rows(Rows **out, Sql *s, Db *db, Arena *a) {
    CHECK(!s->text.full, "an SQL text grew too long");
    return db_rows(out, db, a, s->text.p, s->args, s->n);
}

Err sql_few(Rows **out, Sql *s, Db *db, Arena *a) {
    CHECK(!s->text.full, "an SQL text grew too long");
    return db_few(out, db, a, s->text.p, s->args, s->n);
}

void sql_announce(const Sql *s, Db *db) {
    if (!s->text.full) db_announce(db, s->text.p, s->args, s->n);
}

Err sql_run(int64_t *changed, Sql *s, Db *db) {
    CHECK(!s->text.full, "an SQL text grew too long");
    return db_run(db, changed, s->text.p, s->args, s->n);
}
