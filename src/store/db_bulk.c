/* db_bulk.c: ids and rows by the many: a prepared INSERT row by row on SQLite, binary COPY on
 * PostgreSQL. Knows no record type. SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/db_impl.h"

#include <stdio.h>

/* sqlite_sequence has no index: where the row of a table was found the last time. A row taken back
 * with its transaction leaves a place that no longer fits, and is looked for again. */
static SequencePlace *place_of(DbBase *base, const char *table) {
    for (size_t i = 0; i < base->n_places; i++)
        if (strcmp(base->places[i].table, table) == 0) return &base->places[i];
    if (base->n_places == LENGTH(base->places)) return NULL;
    SequencePlace *p = &base->places[base->n_places++];
    (void)snprintf(p->table, sizeof p->table, "%s", table);
    return p;
}

static Err take_ids(int64_t *last, bool *found, Db *db, const char *table, size_t n, int64_t row) {
    return db_get_int(last, found, db,
                      "UPDATE sqlite_sequence SET seq = seq + $2 WHERE rowid = $3 AND name = $1 "
                      "RETURNING seq",
                      ARGS(db_textz(table), db_int((int64_t)n), db_int(row)));
}

/* AUTOINCREMENT goes on from the highest id that was given, or reserved here. */
static Err ids_sqlite(int64_t *out, size_t n, Db *db, const char *table) {
    int64_t last, row = 0;
    bool found = false;
    SequencePlace *place = place_of(db->conn->base, table);
    if (place && place->row) TRY(take_ids(&last, &found, db, table, n, place->row));
    if (!found) {
        TRY(db_get_int(&row, &found, db, "SELECT rowid FROM sqlite_sequence WHERE name = $1",
                       ARGS(db_textz(table))));
        if (found) TRY(take_ids(&last, &found, db, table, n, row));
        if (place) place->row = row;
    }
    if (!found) {
        last = (int64_t)n;
        TRY(db_run(db, NULL, "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)",
                   ARGS(db_textz(table), db_int(last))));
    }
    for (size_t i = 0; i < n; i++) out[i] = last - (int64_t)(n - 1 - i);
    return OK;
}

static Err ids_pgsql(int64_t *out, size_t n, Db *db, Arena *a, const char *table) {
    Rows *r;
    bool more;
    TRY(db_rows(&r, db, a,
                "SELECT nextval(s.name) FROM (SELECT CAST(pg_get_serial_sequence(quote_ident($1), "
                "'id') AS regclass) AS name OFFSET 0) s, generate_series(1, $2)",
                ARGS(db_textz(table), db_int((int64_t)n))));
    for (size_t i = 0; i < n; i++) {
        TRY(rows_next(&more, r));
        if (!more) return ERR_INTERNAL;
        out[i] = rows_int(r, 0);
    }
    rows_close(r);
    return OK;
}

Err db_new_ids(int64_t *out, size_t n, Db *db, const char *table) {
    CHECK(db_is_word(table), "db_new_ids: not a table name");
    if (db->is_read_only) return ERR_DENIED;
    if (db_kind(db) == DB_SQLITE) return ids_sqlite(out, n, db, table);
    Arena *a = arena_new(0);
    Err e = ids_pgsql(out, n, db, a, table);
    arena_free(a);
    return e;
}

static void names_add(Text *t, const char *const *columns, size_t n) {
    for (size_t i = 0; i < n; i++) {
        CHECK(db_is_word(columns[i]), "db_insert_many: not a column name");
        text_fmt(t, "%s\"%s\"", i ? ", " : "", columns[i]);
    }
}

const char *db_insert_text(Arena *a, const char *table, const char *const *columns, size_t n) {
    CHECK(db_is_word(table), "not a table name");
    Text t = text_new(a, 0);
    text_fmt(&t, "INSERT INTO \"%s\" (", table);
    names_add(&t, columns, n);
    text_addz(&t, ") VALUES (");
    for (size_t i = 0; i < n; i++) text_fmt(&t, "%s$%zu", i ? ", " : "", i + 1);
    text_char(&t, ')');
    return t.p;
}

static Err insert_each(Db *db, Arena *a, const char *table, const char *const *columns, size_t n,
                       const DbValue *values, size_t n_rows) {
    const char *sql = db_insert_text(a, table, columns, n);
    return db->conn->base->driver->many(db->conn, sql, values, n, n_rows);
}

static Err copy_all(Db *db, Arena *a, const char *table, const char *const *columns, size_t n,
                    const DbValue *values, size_t n_rows) {
    Text t = text_new(a, 0);
    text_fmt(&t, "COPY \"%s\" (", table);
    names_add(&t, columns, n);
    text_addz(&t, ") FROM STDIN (FORMAT binary)");
    return db->conn->base->driver->many(db->conn, t.p, values, n, n_rows);
}

Err db_insert_many(Db *db, const char *table, const char *const *columns, size_t n_columns,
                   const DbValue *values, size_t n_rows) {
    CHECK(db_is_word(table), "db_insert_many: not a table name");
    if (db->is_read_only) return ERR_DENIED;
    if (n_rows == 0) return OK;
    TRY(db_values_check(db, values, n_columns * n_rows));
    TRY(db_tell_savepoints(db));
    Arena *a = arena_new(0);
    Err e = (db_kind(db) == DB_SQLITE ? insert_each : copy_all)(db, a, table, columns, n_columns,
                                                                values, n_rows);
    arena_free(a);
    return e;
}

/* A COPY costs as much as ten such statements before its first row. */
enum { POST_MOST = 16 };

Err db_post_many(Db *db, const char *table, const char *const *columns, size_t n_columns,
                 const DbValue *values, size_t n_rows) {
    CHECK(db_is_word(table), "db_post_many: not a table name");
    if (db_kind(db) == DB_SQLITE || n_rows > POST_MOST)
        return db_insert_many(db, table, columns, n_columns, values, n_rows);
    if (db->is_read_only) return ERR_DENIED;
    if (n_rows == 0) return OK;
    Arena *a = arena_new(0);
    const char *sql = db_insert_text(a, table, columns, n_columns);
    Err e = OK;
    for (size_t i = 0; e == OK && i < n_rows; i++)
        e = db_post(db, sql, values + i * n_columns, n_columns);
    arena_free(a);
    return e;
}
