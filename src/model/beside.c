/* beside.c: side tables against the lists that their records hold; see beside.h. Reads only.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/beside.h"

#include "model/columns.h"
#include "model/record_write.h"

static bool is_same(const Rows *rows, size_t column, DbValue wanted, bool is_sort) {
    if (rows_is_null(rows, column)) return wanted.type == DB_NULL || is_sort;
    if (wanted.type == DB_NULL) return false;
    if (wanted.type == DB_INT) return rows_int(rows, column) == wanted.i;
    return str_eq(rows_text(rows, column), wanted.s);
}

static bool is_sort_column(const Field *f, const char *column) {
    for (size_t i = 0; f->kind == KIND_ROWS && i < f->n_rows; i++)
        if (columns_has_sort(&f->rows[i]) && strcmp(f->rows[i].sort, column) == 0) return true;
    return false;
}

typedef struct Side {
    const Field *field;
    const char *const *columns;
    size_t n;
    Rows *rows;
    bool has; /* a row is read and waits */
} Side;

typedef struct Beside {
    Ctx *c;
    const Record *records;
    size_t n;
    bool strict;
    BesideFn fn;
    void *arg;
    Arena *arena;
} Beside;

/* The column that differs first, "" when rows are missing or too many, NULL: all is well. */
static Err side_record(const char **out, Side *s, const Beside *b, const Record *r) {
    Value list = r->values[s->field->index];
    DbValue *wanted = NEW_N(b->arena, DbValue, s->n);
    *out = NULL;
    for (size_t pos = 0; pos < list.n; pos++) {
        if (!s->has || rows_int(s->rows, 0) != r->id) {
            *out = "";
            break;
        }
        record_side_row(wanted, b->arena, s->field, r->id, pos, list.list[pos]);
        for (size_t x = 0; !*out && x < s->n; x++)
            if (!is_same(s->rows, x, wanted[x],
                         !b->strict && is_sort_column(s->field, s->columns[x])))
                *out = s->columns[x];
        TRY(rows_next(&s->has, s->rows));
    }
    while (s->has && rows_int(s->rows, 0) <= r->id) {
        if (!*out) *out = "";
        TRY(rows_next(&s->has, s->rows));
    }
    return OK;
}

static Err check_side(const Beside *b, const Field *f) {
    Side s = {.field = f};
    s.columns = record_side_columns(&s.n, b->arena, f);
    Sql sql = sql_new(b->arena, b->c->db);
    for (size_t i = 0; i < s.n; i++) {
        sql_add(&sql, i ? ", " : "SELECT ");
        sql_name(&sql, NULL, s.columns[i]);
    }
    sql_add(&sql, " FROM ");
    sql_name(&sql, NULL, f->table);
    sql_add(&sql, " WHERE record >= ");
    sql_bind(&sql, db_int(b->records[0].id));
    sql_add(&sql, " AND record <= ");
    sql_bind(&sql, db_int(b->records[b->n - 1].id));
    sql_add(&sql, " ORDER BY record, pos");
    TRY(sql_rows(&s.rows, &sql, b->c->db, b->arena));
    TRY(rows_next(&s.has, s.rows));
    const char **wrong = NEW_N(b->arena, const char *, b->n);
    for (size_t i = 0; i < b->n; i++) TRY(side_record(&wrong[i], &s, b, &b->records[i]));
    rows_close(s.rows); /* who is told may write to the table */
    for (size_t i = 0; i < b->n; i++)
        if (wrong[i]) TRY(b->fn(b->arg, &b->records[i], f->table, wrong[i]));
    return OK;
}

Err beside_check(Ctx *c, const Type *t, const Record *records, size_t n, bool strict, BesideFn fn,
                 void *arg) {
    Beside b = {c, records, n, strict, fn, arg, arena_new(0)};
    Err e = OK;
    for (size_t i = 0; e == OK && n && i < t->n_fields; i++)
        if (t->fields[i].table) e = check_side(&b, &t->fields[i]);
    arena_free(b.arena);
    return e;
}
