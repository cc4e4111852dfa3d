/* test_store.h: what the tests of the store share: an empty base of a few tables on SQLite, and on
 * PostgreSQL when GARDEFOU_TEST_PG holds a URL (tools/pg.sh start DIR).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STORE_TEST_STORE_H
#define STORE_TEST_STORE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fts.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "store/file_store.h"

typedef struct Env {
    Arena *a;
    DbKind kind;
    char folder[64];
    DbBase *base;
    DbSession *s;
} Env;

#define GOOD(expression) assert_int_equal((expression), OK)

/* clang-format off */
static const DbColumn item_columns[] = {
    {"id",     DB_INT,  true,  NULL,  NULL},
    {"name",   DB_TEXT, true,  NULL,  NULL},
    {"amount", DB_INT,  false, NULL,  NULL},
    {"data",   DB_BLOB, false, NULL,  NULL},
    {"parent", DB_INT,  false, NULL,  "item"},
    {"place",  DB_INT,  false, NULL,  "place"},
};
static const DbIndex item_indexes[] = {
    {"item_name", "name", true, NULL},
    {"item_parent", "parent, id", false, "parent IS NOT NULL"},
};
static const DbColumn place_columns[] = {
    {"id",    DB_INT,  true,  NULL,     NULL},
    {"label", DB_TEXT, true,  "'none'", NULL},
    {"boss",  DB_INT,  false, NULL,     "item"},
};
static const DbColumn pair_columns[] = {
    {"a", DB_INT,  true, NULL, NULL},
    {"b", DB_TEXT, true, NULL, NULL},
    {"n", DB_INT,  true, "0",  NULL},
};
static const DbTable tables[] = {
    {"item",  item_columns,  LENGTH(item_columns),  NULL,   item_indexes, LENGTH(item_indexes)},
    {"place", place_columns, LENGTH(place_columns), NULL,   NULL, 0},
    {"pair",  pair_columns,  LENGTH(pair_columns),  "a, b", NULL, 0},
};
/* clang-format on */

static const char *pg_url(void) {
    const char *url = getenv("GARDEFOU_TEST_PG");
    return url && *url ? url : NULL;
}

static inline Str pg_schema_url(Arena *a, const char *schema) {
    const char *url = pg_url();
    return str_fmt(a, "%s%coptions=-csearch_path%%3D%s", url, strchr(url, '?') ? '&' : '?', schema);
}

static inline void pg_new_schema(Arena *a, const char *schema) {
    DbBase *base;
    DbSession *s;
    Db *db;
    GOOD(db_open(&base, NULL, a, str_of(pg_url()), (DbOptions){0}));
    GOOD(db_session_new(&s, base));
    GOOD(db_write(&db, s));
    GOOD(db_run(db, NULL, str_fmt(a, "DROP SCHEMA IF EXISTS %s CASCADE", schema).p, NO_ARGS));
    GOOD(db_run(db, NULL, str_fmt(a, "CREATE SCHEMA %s", schema).p, NO_ARGS));
    GOOD(db_commit(db));
    db_session_free(s);
    db_close(base);
}

static inline void migrate(DbBase *base) {
    DbSession *s;
    Db *db;
    GOOD(db_session_new(&s, base));
    GOOD(db_write(&db, s));
    GOOD(db_ensure(db, tables, LENGTH(tables)));
    GOOD(db_ensure(db, file_store_tables, file_store_n_tables));
    GOOD(db_ensure_search(db));
    GOOD(db_commit(db));
    db_session_free(s);
}

static inline DbBase *open_new(Env *e, DbKind kind, const char *name) {
    DbBase *base;
    Str why = {0};
    Str url = str_fmt(e->a, "sqlite:%s/%s.db", e->folder, name);
    if (kind == DB_POSTGRES) {
        const char *schema = str_fmt(e->a, "gardefou_test_%s", name).p;
        pg_new_schema(e->a, schema);
        url = pg_schema_url(e->a, schema);
    }
    GOOD(db_open(&base, &why, e->a, url, (DbOptions){.create = true, .exclusive = true}));
    return base;
}

static inline void remove_tree(char *path) {
    FTS *walk = fts_open((char *[]){path, NULL}, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    assert_non_null(walk);
    for (FTSENT *f; (f = fts_read(walk));)
        if (f->fts_info != FTS_D) assert_int_equal(remove(f->fts_accpath), 0);
    fts_close(walk);
}

static inline void run_on(DbKind kind, void (*body)(Env *e)) {
    Env e = {.a = arena_new(0), .kind = kind, .folder = "/tmp/test_store.XXXXXX"};
    assert_non_null(mkdtemp(e.folder));
    e.base = open_new(&e, kind, "one");
    migrate(e.base);
    GOOD(db_session_new(&e.s, e.base));
    body(&e);
    assert_int_equal(db_open_statements(e.s), 0);
    db_session_free(e.s);
    db_close(e.base);
    remove_tree(e.folder);
    arena_free(e.a);
}

static inline void each(void (*body)(Env *e)) {
    run_on(DB_SQLITE, body);
    if (pg_url()) run_on(DB_POSTGRES, body);
}

static inline Db *begin_write(Env *e) {
    Db *db;
    GOOD(db_write(&db, e->s));
    return db;
}

static inline Db *begin_read(Env *e) {
    Db *db;
    GOOD(db_read(&db, e->s));
    return db;
}

static inline int64_t get_int(Db *db, const char *sql) {
    int64_t i;
    bool found;
    GOOD(db_get_int(&i, &found, db, sql, NO_ARGS));
    return found ? i : -1;
}

static inline int64_t add_item(Db *db, const char *name, int64_t amount) {
    int64_t id;
    bool found;
    GOOD(db_get_int(&id, &found, db, "INSERT INTO item (name, amount) VALUES ($1, $2) RETURNING id",
                    ARGS(db_textz(name), db_int(amount))));
    assert_true(found);
    return id;
}

static inline void put_value(Db *db, const char *name, DbValue amount, DbValue data) {
    GOOD(db_run(db, NULL, "INSERT INTO item (name, amount, data) VALUES ($1, $2, $3)",
                ARGS(db_textz(name), amount, data)));
}

static inline void expect_error(Db *db, const char *sql, Err err, const char *constraint) {
    GOOD(db_savepoint(db));
    assert_int_equal(db_run(db, NULL, sql, NO_ARGS), err);
    assert_string_equal(db_constraint(db), constraint);
    db_rollback_to(db);
}

static inline void put_doc(Env *e, Db *db, int64_t record, const char *text) {
    Str body = utf8_search_text(e->a, utf8_fold(e->a, str_of(text)));
    GOOD(db_search_put(db, "incident", record, 4, false, body));
}

static inline int64_t hits_of(Env *e, Db *db, Str words) {
    int64_t sum = 0, same;
    bool found;
    DbWords w;
    GOOD(db_words(&w, db, e->a, words));
    if (!w.n) return -1;
    GOOD(db_words_type(&w, db, "incident"));
    Str sql = str_fmt(e->a, "SELECT CAST(sum(record) AS BIGINT) FROM (%.*s) x",
                      FMT(db_words_set(e->a, db, &w, 1)));
    GOOD(db_get_int(&sum, &found, db, sql.p, ARGS(w.match)));
    sql = str_fmt(
        e->a,
        "SELECT CAST(sum(d.record) AS BIGINT) FROM search_doc d WHERE type = 'incident' AND %.*s",
        FMT(db_words_in(e->a, db, &w, "d.record", 1)));
    GOOD(db_get_int(&same, &found, db, sql.p, w.parts, w.n));
    assert_int_equal(same, sum); /* the index and the texts say the same */
    return sum;
}

static inline int64_t hits(Env *e, Db *db, const char *words) {
    return hits_of(e, db, utf8_fold(e->a, str_of(words)));
}

static inline int store_setup(void **state) {
    (void)state;
    secret_init();
    log_set_level(LOG_ERROR);
    return 0;
}

#endif
