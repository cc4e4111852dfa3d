/* db_dialect.c: the few phrases and values that the two engines write differently, and human
 * numbers. Knows no record type. SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/db_impl.h"

#include "base/clock.h"

#include <stdio.h>

Str db_in_set(Arena *a, const Db *db, const char *column, int parameter) {
    if (db_kind(db) == DB_SQLITE)
        return str_fmt(a, "%s IN (SELECT value FROM json_each($%d))", column, parameter);
    /* Not `= ANY($n)`: in a scan that compares every row with every member of the array. */
    return str_fmt(a, "%s IN (SELECT unnest($%d::bigint[]))", column, parameter);
}

DbValue db_int_set(Arena *a, const Db *db, const int64_t *ids, size_t n) {
    bool lite = db_kind(db) == DB_SQLITE;
    Text t = text_new(a, 0);
    text_char(&t, lite ? '[' : '{');
    for (size_t i = 0; i < n; i++) {
        if (i) text_char(&t, ',');
        text_int(&t, ids[i]);
    }
    text_char(&t, lite ? ']' : '}');
    return db_text(text_str(&t));
}

const char *db_for_update(const Db *db) {
    return db_kind(db) == DB_POSTGRES ? " FOR UPDATE" : "";
}

Err db_lock_table(Db *db, const char *table, bool alone) {
    char sql[128];
    CHECK(db_is_word(table) && strlen(table) < 60, "db_lock_table: no table name");
    if (db_kind(db) == DB_SQLITE) return OK;
    (void)snprintf(sql, sizeof sql, "LOCK TABLE \"%s\" IN %s MODE", table,
                   alone ? "EXCLUSIVE" : "ROW EXCLUSIVE");
    return db_run(db, NULL, sql, NO_ARGS);
}

const char *db_for_update_skip(const Db *db) {
    return db_kind(db) == DB_POSTGRES ? " FOR UPDATE SKIP LOCKED" : "";
}

Err db_clock_us(int64_t *out, Db *db) {
    bool found;
    *out = clock_now_us();
    if (db_kind(db) == DB_SQLITE) return OK;
    return db_get_int(out, &found, db,
                      "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint", NO_ARGS);
}

static Err number_sqlite(int64_t *out, size_t n, Db *db, const char *type, int year) {
    bool found;
    int64_t last;
    TRY(db_get_int(&last, &found, db,
                   "INSERT INTO number_sequence (type, year, last) VALUES ($1, $2, $3) "
                   "ON CONFLICT (type, year) DO UPDATE SET last = last + $3 RETURNING last",
                   ARGS(db_textz(type), db_int(year), db_int((int64_t)n))));
    if (!found) return ERR_INTERNAL;
    for (size_t i = 0; i < n; i++) out[i] = last - (int64_t)(n - 1 - i);
    return OK;
}

/* Two nodes may make the year's first number at once: the later one waits for the other's
 * transaction and then meets a duplicate in the catalogue, which the savepoint takes back. */
static Err number_make_sequence(Db *db, const char *name) {
    char sql[128];
    (void)snprintf(sql, sizeof sql, "CREATE SEQUENCE IF NOT EXISTS \"%s\"", name);
    TRY(db_exec(db, "SAVEPOINT number"));
    Err err = db_exec(db, sql);
    if (err == OK) return db_exec(db, "RELEASE SAVEPOINT number");
    TRY(db_exec(db, "ROLLBACK TO SAVEPOINT number"));
    TRY(db_exec(db, "RELEASE SAVEPOINT number"));
    return err == ERR_CONFLICT ? OK : err;
}

static Err number_pgsql(int64_t *out, size_t n, Db *db, Arena *a, const char *type, int year) {
    const char *name = str_fmt(a, "number_%s_%d", type, year).p;
    for (int attempt = 0; attempt < 3; attempt++) {
        Rows *r;
        bool more, exists = true;
        TRY(db_rows(&r, db, a,
                    "SELECT CASE WHEN to_regclass($1) IS NULL THEN NULL "
                    "ELSE nextval(to_regclass($1)) END FROM generate_series(1, $2)",
                    ARGS(db_textz(name), db_int((int64_t)n))));
        for (size_t i = 0; i < n && exists; i++) {
            TRY(rows_next(&more, r));
            exists = more && !rows_is_null(r, 0);
            if (exists) out[i] = rows_int(r, 0);
        }
        rows_close(r);
        if (exists) return OK;
        TRY(number_make_sequence(db, name));
    }
    return ERR_BUSY;
}

Err db_next_numbers(int64_t *out, size_t n, Db *db, const char *type, int year) {
    CHECK(db_is_word(type) && strlen(type) <= 40, "db_next_number: no type name");
    CHECK(year >= 1 && year <= 9999, "db_next_number: no year");
    if (db->is_read_only) return ERR_DENIED;
    if (db_kind(db) == DB_SQLITE) return number_sqlite(out, n, db, type, year);
    Arena *a = arena_new(0);
    Err e = number_pgsql(out, n, db, a, type, year);
    arena_free(a);
    return e;
}

Err db_return_numbers(Db *db, const char *type, int year, size_t n) {
    if (n == 0 || db_kind(db) == DB_POSTGRES) return OK;
    return db_run(db, NULL,
                  "UPDATE number_sequence SET last = last - $3 WHERE type = $1 AND year = $2",
                  ARGS(db_textz(type), db_int(year), db_int((int64_t)n)));
}

Err db_next_number(int64_t *out, Db *db, const char *type, int year) {
    *out = 0;
    return db_next_numbers(out, 1, db, type, year);
}

Err db_page_cache(Db *db, int mib) {
    char sql[64];
    if (db_kind(db) == DB_POSTGRES) {
        if (!mib) return OK;
        (void)snprintf(sql, sizeof sql, "SET LOCAL maintenance_work_mem = '%dMB'", mib / 2);
        return db_exec(db, sql);
    }
    int usual = db->conn->is_reader ? LITE_READER_KIB : LITE_CACHE_KIB;
    (void)snprintf(sql, sizeof sql, "PRAGMA cache_size=-%d; PRAGMA threads=%d",
                   mib ? mib * 1024 : usual, mib ? 1 : 0);
    return db_exec(db, sql);
}

/* Of the tables in the base's own schema: a lock is held on each to the end of the transaction, and
 * those of all bases of a server are more than its table of locks may hold. Whoever holds one just
 * now, a vacuum maybe, is not waited for. */
static Err analyze_pgsql(Db *db, Arena *a) {
    Str tables;
    bool found;
    TRY(db_get_text(&tables, &found, db, a,
                    "SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ') "
                    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                    "WHERE n.nspname = current_schema() AND c.relkind = 'r' "
                    "AND pg_has_role(c.relowner, 'USAGE')",
                    NO_ARGS));
    if (!found || !tables.n) return OK;
    return db_exec(db, str_fmt(a, "ANALYZE (SKIP_LOCKED) %.*s", FMT(tables)).p);
}

Err db_analyze(Db *db) {
    if (db->is_read_only) return ERR_DENIED;
    if (db_kind(db) == DB_SQLITE) return db_exec(db, "PRAGMA analysis_limit=1000; ANALYZE");
    Arena *a = arena_new(0);
    Err e = analyze_pgsql(db, a);
    arena_free(a);
    return e;
}
