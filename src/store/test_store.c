/* test_store.c: the door to the database and the file store. Every test runs on SQLite, and on
 * PostgreSQL when GARDEFOU_TEST_PG holds a URL (tools/pg.sh start DIR). Each run begins with an
 * empty base. SPDX-License-Identifier: GPL-3.0-or-later */
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

static Str pg_schema_url(Arena *a, const char *schema) {
    const char *url = pg_url();
    return str_fmt(a, "%s%coptions=-csearch_path%%3D%s", url, strchr(url, '?') ? '&' : '?', schema);
}

static void pg_new_schema(Arena *a, const char *schema) {
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

static void migrate(DbBase *base) {
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

static DbBase *open_new(Env *e, DbKind kind, const char *name) {
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

static void remove_tree(char *path) {
    FTS *walk = fts_open((char *[]){path, NULL}, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    assert_non_null(walk);
    for (FTSENT *f; (f = fts_read(walk));)
        if (f->fts_info != FTS_D) assert_int_equal(remove(f->fts_accpath), 0);
    fts_close(walk);
}

static void run_on(DbKind kind, void (*body)(Env *e)) {
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

static void each(void (*body)(Env *e)) {
    run_on(DB_SQLITE, body);
    if (pg_url()) run_on(DB_POSTGRES, body);
}

static Db *begin_write(Env *e) {
    Db *db;
    GOOD(db_write(&db, e->s));
    return db;
}

static Db *begin_read(Env *e) {
    Db *db;
    GOOD(db_read(&db, e->s));
    return db;
}

static int64_t get_int(Db *db, const char *sql) {
    int64_t i;
    bool found;
    GOOD(db_get_int(&i, &found, db, sql, NO_ARGS));
    return found ? i : -1;
}

static int64_t add_item(Db *db, const char *name, int64_t amount) {
    int64_t id;
    bool found;
    GOOD(db_get_int(&id, &found, db, "INSERT INTO item (name, amount) VALUES ($1, $2) RETURNING id",
                    ARGS(db_textz(name), db_int(amount))));
    assert_true(found);
    return id;
}

static int group_setup(void **state) {
    (void)state;
    secret_init();
    log_set_level(LOG_ERROR);
    return 0;
}

/* ---- opening ---- */

static void test_store_open_says_why(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    DbBase *base;
    Str why = {0};
    assert_int_equal(db_open(&base, &why, a, S("mysql://x"), (DbOptions){0}), ERR_INVALID);
    assert_true(why.n > 0);
    assert_int_equal(db_open(&base, &why, a, S("sqlite:"), (DbOptions){0}), ERR_INVALID);
    assert_int_equal(
        db_open(&base, &why, a, S("sqlite:/tmp/not/there.db"), (DbOptions){.create = true}),
        ERR_MISSING);
    assert_int_equal(db_open(&base, &why, a, S("sqlite:/tmp/nothing-here.db"), (DbOptions){0}),
                     ERR_MISSING);
    assert_true(str_find(why, S("no database")) >= 0);
    assert_int_equal(
        db_open(&base, &why, a, S("postgresql://a:secret@127.0.0.1:1/x"), (DbOptions){0}),
        ERR_BUSY);
    assert_true(why.n > 0 && str_find(why, S("secret")) < 0);
    arena_free(a);
}

static void body_lock_and_mode(Env *e) {
    DbBase *other;
    Str why = {0};
    Str url = db_base_url(e->base);
    assert_int_equal(db_base_kind(e->base), e->kind);
    if (e->kind == DB_POSTGRES) return;
    assert_int_equal(db_open(&other, &why, e->a, url, (DbOptions){.exclusive = true}), ERR_BUSY);
    assert_true(str_find(why, S("another process")) >= 0);
    GOOD(db_open(&other, &why, e->a, url, (DbOptions){.read_only = true}));
    DbSession *s;
    Db *db;
    GOOD(db_session_new(&s, other));
    assert_int_equal(db_write(&db, s), ERR_DENIED);
    GOOD(db_read(&db, s));
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 0);
    assert_int_equal(db_run(db, NULL, "DELETE FROM item", NO_ARGS), ERR_DENIED);
    db_rollback(db);
    db_session_free(s);
    db_close(other);
    struct stat st;
    const char *path = str_z(e->a, db_base_path(e->base));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(str_fmt(e->a, "%s-wal", path).p, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    db = begin_read(e);
    assert_int_equal(get_int(db, "PRAGMA synchronous"), 2);
    assert_int_equal(get_int(db, "PRAGMA foreign_keys"), 1);
    assert_int_equal(get_int(db, "PRAGMA query_only"), 1);
    assert_int_equal(get_int(db, "PRAGMA wal_autocheckpoint"), 0);
    assert_int_equal(get_int(db, "PRAGMA trusted_schema"), 0);
    db_rollback(db);
    db = begin_write(e);
    assert_int_equal(get_int(db, "PRAGMA trusted_schema"), 0);
    assert_int_equal(get_int(db, "PRAGMA synchronous"), 2);
    db_rollback(db);
}
static void test_store_lock_and_mode(void **state) {
    (void)state;
    each(body_lock_and_mode);
}

static void test_store_not_a_database(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    char name[] = "/tmp/test_store.XXXXXX";
    int fd = mkstemp(name);
    char junk[4096];
    memset(junk, 'x', sizeof junk);
    assert_int_equal(write(fd, junk, sizeof junk), sizeof junk);
    close(fd);
    DbBase *base;
    Str why = {0};
    log_set_level(LOG_ERROR);
    assert_int_not_equal(db_open(&base, &why, a, str_fmt(a, "sqlite:%s", name), (DbOptions){0}),
                         OK);
    assert_true(str_find(why, S("not a database")) >= 0);
    unlink(name);
    arena_free(a);
}

static void body_url_without_password(Env *e) {
    if (e->kind == DB_SQLITE || strchr(strstr(pg_url(), "//") + 2, '@') == NULL) return;
    Arena *a = e->a;
    const char *at = strchr(pg_url(), '@');
    Str url = str_fmt(a, "%.*s:s3cr3t%s?password=oth3r&application_name=x", (int)(at - pg_url()),
                      pg_url(), at);
    DbBase *base;
    GOOD(db_open(&base, NULL, a, url, (DbOptions){0}));
    assert_true(str_find(db_base_url(base), S("s3cr3t")) < 0);
    assert_true(str_find(db_base_url(base), S("oth3r")) < 0);
    assert_true(str_find(db_base_url(base), S("gardefou@")) >= 0);
    db_close(base);
}
static void test_store_url_without_password(void **state) {
    (void)state;
    each(body_url_without_password);
}

/* ---- values ---- */

static void put_value(Db *db, const char *name, DbValue amount, DbValue data) {
    GOOD(db_run(db, NULL, "INSERT INTO item (name, amount, data) VALUES ($1, $2, $3)",
                ARGS(db_textz(name), amount, data)));
}

static void body_values_round_trip(Env *e) {
    static const char bytes[] = "a\0b\xff\x00\\x41'";
    size_t big = 3 * 1024 * 1024;
    char *text = NEW_N(e->a, char, big);
    memset(text, 'e', big);
    Db *db = begin_write(e);
    put_value(db, "null first", db_null(), db_null());
    put_value(db, "low", db_int(INT64_MIN), db_blob((Str){bytes, sizeof bytes}));
    put_value(db, "high", db_int(INT64_MAX), db_blob((Str){NULL, 0}));
    put_value(db, "null again", db_null(), db_blob((Str){text, big}));
    put_value(db, "", db_int(0), db_null());
    GOOD(
        db_run(db, NULL, "INSERT INTO place (label) VALUES ($1)", ARGS(db_text((Str){text, big}))));
    GOOD(db_commit(db));
    db = begin_read(e);
    Rows *r;
    bool more;
    GOOD(db_rows(&r, db, e->a, "SELECT name, amount, data FROM item ORDER BY id", NO_ARGS));
    assert_int_equal(rows_count(r), 3);
    GOOD(rows_next(&more, r));
    assert_true(more && rows_is_null(r, 1) && rows_is_null(r, 2) && rows_text(r, 2).p == NULL);
    assert_int_equal(rows_int(r, 1), 0);
    GOOD(rows_next(&more, r));
    assert_true(rows_int(r, 1) == INT64_MIN);
    Str copy = rows_copy(r, 2);
    assert_true(str_eq(copy, (Str){bytes, sizeof bytes}));
    assert_true(str_is(rows_text(r, 1), "-9223372036854775808"));
    GOOD(rows_next(&more, r));
    assert_true(rows_int(r, 1) == INT64_MAX);
    assert_false(rows_is_null(r, 2));
    assert_int_equal(rows_text(r, 2).n, 0);
    GOOD(rows_next(&more, r));
    assert_int_equal(rows_text(r, 2).n, big);
    GOOD(rows_next(&more, r));
    assert_false(rows_is_null(r, 0));
    assert_int_equal(rows_text(r, 0).n, 0);
    GOOD(rows_next(&more, r));
    assert_false(more);
    GOOD(rows_next(&more, r));
    assert_false(more);
    assert_true(str_eq(copy, (Str){bytes, sizeof bytes}));
    Str label;
    bool found;
    GOOD(db_get_text(&label, &found, db, e->a, "SELECT label FROM place", NO_ARGS));
    assert_true(found && str_eq(label, (Str){text, big}));
    GOOD(db_get_text(&label, &found, db, e->a, "SELECT label FROM place WHERE id = 77", NO_ARGS));
    assert_false(found);
    db_rollback(db);
}
static void test_store_values_round_trip(void **state) {
    (void)state;
    each(body_values_round_trip);
}

static void body_parameters(Env *e) {
    Db *db = begin_write(e);
    int64_t i;
    bool found;
    assert_int_equal(
        db_run(db, NULL, "INSERT INTO item (name) VALUES ($1)", ARGS(db_text(S("a\0b")))),
        ERR_INVALID);
    add_item(db, "x", 7);
    GOOD(db_get_int(&i, &found, db,
                    "SELECT amount FROM item WHERE name = $2 AND (amount = $1 OR amount > $1)",
                    ARGS(db_int(7), db_textz("x"))));
    assert_true(found && i == 7);
    /* More than nine, one twice, and a place that is NULL at first. */
    GOOD(db_get_int(&i, &found, db,
                    "SELECT $1 + $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 + $10 * $11 + $11",
                    ARGS(db_int(1), db_int(1), db_int(1), db_int(1), db_int(1), db_int(1),
                         db_int(1), db_int(1), db_int(1), db_int(10), db_int(100))));
    assert_int_equal(i, 1109);
    const char *by_amount = "SELECT count(*) FROM item WHERE amount = $1";
    GOOD(db_get_int(&i, &found, db, by_amount, ARGS(db_null())));
    assert_int_equal(i, 0);
    GOOD(db_get_int(&i, &found, db, by_amount, ARGS(db_int(7))));
    assert_int_equal(i, 1);
    GOOD(db_get_int(&i, &found, db, by_amount, ARGS(db_null())));
    assert_int_equal(i, 0);
    int64_t changed;
    GOOD(db_run(db, &changed, "UPDATE item SET amount = 8 WHERE id > $1", ARGS(db_int(0))));
    assert_int_equal(changed, 1);
    GOOD(db_run(db, &changed, "UPDATE item SET amount = 8 WHERE id < $1", ARGS(db_int(0))));
    assert_int_equal(changed, 0);
    /* Sets. */
    int64_t ids[] = {add_item(db, "p", 1), add_item(db, "q", 2)};
    Str sql = str_fmt(e->a, "SELECT count(*) FROM item WHERE %s", db_in_set(e->a, db, "id", 1).p);
    GOOD(db_get_int(&i, &found, db, sql.p, ARGS(db_int_set(e->a, db, ids, 2))));
    assert_int_equal(i, 2);
    GOOD(db_get_int(&i, &found, db, sql.p, ARGS(db_int_set(e->a, db, ids, 0))));
    assert_int_equal(i, 0);
    Str lock = str_fmt(e->a, "SELECT id FROM item WHERE name = 'p'%s", db_for_update(db));
    assert_int_equal(get_int(db, lock.p), ids[0]);
    db_rollback(db);
}
static void test_store_parameters(void **state) {
    (void)state;
    each(body_parameters);
}

/* ---- transactions ---- */

static void body_commit_and_rollback(Env *e) {
    Db *db = begin_write(e);
    assert_false(db_is_read_only(db));
    add_item(db, "kept", 1);
    GOOD(db_commit(db));
    db = begin_write(e);
    add_item(db, "gone", 1);
    db_rollback(db);
    db = begin_read(e);
    assert_true(db_is_read_only(db));
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 1);
    /* A snapshot does not see what is committed later; the same session may write meanwhile. */
    Db *w = begin_write(e);
    add_item(w, "later", 1);
    GOOD(db_commit(w));
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 1);
    GOOD(db_commit(db));
    db = begin_read(e);
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 2);
    db_rollback(db);
}
static void test_store_commit_and_rollback(void **state) {
    (void)state;
    each(body_commit_and_rollback);
}

static void body_savepoints(Env *e) {
    Db *db = begin_write(e);
    add_item(db, "a", 1);
    GOOD(db_savepoint(db));
    add_item(db, "b", 1);
    GOOD(db_savepoint(db));
    add_item(db, "c", 1);
    db_rollback_to(db);
    GOOD(db_release(db));
    GOOD(db_savepoint(db));
    assert_int_equal(db_run(db, NULL, "INSERT INTO item (name) VALUES ('a')", NO_ARGS),
                     ERR_CONFLICT);
    assert_string_equal(db_constraint(db), "unique");
    assert_true(strlen(db_error(db)) > 0);
    db_rollback_to(db);
    for (int i = 0; i < 8; i++) GOOD(db_savepoint(db));
    add_item(db, "deep", 1);
    for (int i = 0; i < 8; i++) GOOD(db_release(db));
    GOOD(db_commit(db));
    db = begin_read(e);
    assert_int_equal(get_int(db, "SELECT count(*) FROM item WHERE name IN ('a', 'b', 'deep')"), 3);
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 3);
    db_rollback(db);
}
static void test_store_savepoints(void **state) {
    (void)state;
    each(body_savepoints);
}

static void expect_error(Db *db, const char *sql, Err err, const char *constraint) {
    GOOD(db_savepoint(db));
    assert_int_equal(db_run(db, NULL, sql, NO_ARGS), err);
    assert_string_equal(db_constraint(db), constraint);
    db_rollback_to(db);
}

static void body_constraints(Env *e) {
    Db *db = begin_write(e);
    add_item(db, "a", 1);
    expect_error(db, "INSERT INTO item (name) VALUES ('a')", ERR_CONFLICT, "unique");
    expect_error(db, "INSERT INTO item (id, name) SELECT id, 'z' FROM item", ERR_CONFLICT,
                 "unique");
    expect_error(db, "INSERT INTO item (name) VALUES (NULL)", ERR_INVALID, "not_null");
    expect_error(db, "INSERT INTO item (name, parent) VALUES ('b', 99)", ERR_INVALID,
                 "foreign_key");
    expect_error(db, "INSERT INTO item (name, place) VALUES ('b', 99)", ERR_INVALID, "foreign_key");
    GOOD(db_savepoint(db));
    assert_int_equal(db_run(db, NULL, "UPDATE item SET amount = $1", ARGS(db_textz("many"))),
                     e->kind == DB_SQLITE ? ERR_INVALID : ERR_INTERNAL);
    db_rollback_to(db);
    GOOD(db_savepoint(db));
    assert_int_equal(db_run(db, NULL, "UPDATE nowhere SET a = 1", NO_ARGS), ERR_INTERNAL);
    db_rollback_to(db);
    add_item(db, "still works", 1);
    GOOD(db_commit(db));
}
static void test_store_constraints(void **state) {
    (void)state;
    each(body_constraints);
}

static void body_reading_refuses_writes(Env *e) {
    Db *db = begin_read(e);
    int64_t number;
    assert_int_equal(db_run(db, NULL, "INSERT INTO item (name) VALUES ('x')", NO_ARGS), ERR_DENIED);
    assert_int_equal(db_run(db, NULL, "CREATE TABLE x (id BIGINT)", NO_ARGS), ERR_DENIED);
    assert_int_equal(db_ensure(db, tables, 1), ERR_DENIED);
    assert_int_equal(db_next_number(&number, db, "incident", 2026), ERR_DENIED);
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 0);
    int64_t i;
    bool found;
    assert_int_equal(
        db_get_int(&i, &found, db, "INSERT INTO item (name) VALUES ('x') RETURNING id", NO_ARGS),
        ERR_DENIED);
    db_rollback(db);
    db = begin_write(e);
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 0);
    db_rollback(db);
}
static void test_store_reading_refuses_writes(void **state) {
    (void)state;
    each(body_reading_refuses_writes);
}

/* ---- results ---- */

static void body_nested_results(Env *e) {
    Db *db = begin_write(e);
    for (int i = 0; i < 500; i++) add_item(db, str_fmt(e->a, "n%d", i).p, i);
    GOOD(db_commit(db));
    db = begin_read(e);
    const char *sql = "SELECT amount, name FROM item WHERE amount < $1 ORDER BY amount";
    Rows *x, *y;
    bool more;
    int64_t sum = 0, rows = 0;
    GOOD(db_rows(&x, db, e->a, sql, ARGS(db_int(500))));
    for (;;) {
        GOOD(rows_next(&more, x));
        if (!more) break;
        assert_int_equal(rows_int(x, 0), rows++);
        if (rows % 100) continue;
        GOOD(db_rows(&y, db, e->a, sql, ARGS(db_int(10)))); /* the same text while it is open */
        for (;;) {
            GOOD(rows_next(&more, y));
            if (!more) break;
            sum += rows_int(y, 0);
            sum += get_int(db, "SELECT 1");
        }
        assert_true(str_eq(rows_text(x, 1), str_fmt(e->a, "n%d", (int)rows - 1)));
    }
    assert_int_equal(rows, 500);
    assert_int_equal(sum, 5 * 55);
    /* Left open: closed early, by its arena, and by the end of the transaction. */
    GOOD(db_rows(&x, db, e->a, sql, ARGS(db_int(500))));
    GOOD(rows_next(&more, x));
    rows_close(x);
    Arena *scratch = arena_new(0);
    GOOD(db_rows(&x, db, scratch, sql, ARGS(db_int(500))));
    GOOD(rows_next(&more, x));
    assert_int_equal(db_open_statements(e->s), 1);
    arena_free(scratch);
    assert_int_equal(db_open_statements(e->s), 0);
    GOOD(db_rows(&x, db, e->a, sql, ARGS(db_int(500))));
    GOOD(db_rows(&y, db, e->a, sql, ARGS(db_int(500))));
    GOOD(rows_next(&more, y));
    db_rollback(db);
    GOOD(rows_next(&more, x));
    assert_false(more);
    arena_reset(e->a);
}
static void test_store_nested_results(void **state) {
    (void)state;
    each(body_nested_results);
}

static void body_error_while_reading(Env *e) {
    Db *db = begin_write(e);
    for (int i = 0; i < 300; i++) add_item(db, str_fmt(e->a, "n%d", i).p, i);
    GOOD(db_commit(db));
    db = begin_read(e);
    Rows *r;
    bool more = true;
    const char *sql =
        e->kind == DB_SQLITE
            ? "SELECT json_extract(CASE WHEN amount = 250 THEN '{' ELSE '{}' END, '$.a') "
              "FROM item ORDER BY id"
            : "SELECT 1 / (250 - amount) FROM item" /* a sort would compute all first */;
    GOOD(db_rows(&r, db, e->a, sql, NO_ARGS));
    Err err = OK;
    int rows = 0;
    log_set_level(LOG_ERROR);
    while (err == OK && more) {
        err = rows_next(&more, r);
        rows += more;
    }
    assert_int_not_equal(err, OK);
    assert_int_equal(rows, 250);
    db_rollback(db);
}
static void test_store_error_while_reading(void **state) {
    (void)state;
    each(body_error_while_reading);
}

static void body_many_statements(Env *e) {
    Db *db = begin_write(e);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 700; i++) {
            Str sql = str_fmt(e->a, "SELECT %d + $1", i);
            int64_t got;
            bool found;
            GOOD(db_get_int(&got, &found, db, sql.p, ARGS(db_int(1))));
            assert_int_equal(got, i + 1);
        }
    if (e->kind == DB_POSTGRES)
        assert_in_range(get_int(db, "SELECT count(*) FROM pg_prepared_statements"), 250, 256);
    GOOD(db_commit(db));
}
static void test_store_many_statements(void **state) {
    (void)state;
    each(body_many_statements);
}

/* ---- schema ---- */

/* clang-format off */
static const DbColumn more_columns[] = {
    {"id",     DB_INT,  true,  NULL,  NULL},
    {"name",   DB_TEXT, true,  NULL,  NULL},
    {"flag",   DB_INT,  true,  "5",   NULL},
    {"x_note", DB_TEXT, false, NULL,  NULL},
    {"x_pair", DB_INT,  false, NULL,  "place"},
};
static const DbIndex more_indexes[] = {{"item_flag", "flag, id", false, NULL}};
static const DbTable more_table = {"item", more_columns, LENGTH(more_columns), NULL, more_indexes, LENGTH(more_indexes)};
/* clang-format on */

static const char *const index_there[] = {
    [DB_SQLITE] = "SELECT count(*) FROM sqlite_schema WHERE name = 'item_parent'",
    [DB_POSTGRES] =
        "SELECT count(*) FROM pg_class WHERE relname = 'item_parent' AND relnamespace = "
        "current_schema()::regnamespace"};

static void body_schema_is_additive(Env *e) {
    bool exists;
    Db *db = begin_write(e);
    int64_t id = add_item(db, "old", 3);
    GOOD(db_commit(db));
    db = begin_write(e);
    GOOD(db_ensure(db, &more_table, 1));
    GOOD(db_ensure(db, &more_table, 1));
    GOOD(db_ensure(db, tables, LENGTH(tables)));
    GOOD(db_table_exists(&exists, db, "item"));
    assert_true(exists);
    GOOD(db_table_exists(&exists, db, "nothing"));
    assert_false(exists);
    GOOD(db_commit(db));
    /* An index that was taken away is made again. */
    db = begin_write(e);
    GOOD(db_drop_index(db, "item_parent"));
    GOOD(db_drop_index(db, "item_parent"));
    assert_int_equal(get_int(db, index_there[e->kind]), 0);
    GOOD(db_ensure(db, tables, LENGTH(tables)));
    assert_int_equal(get_int(db, index_there[e->kind]), 1);
    GOOD(db_commit(db));
    db = begin_write(e);
    assert_int_equal(get_int(db, "SELECT flag FROM item WHERE amount = 3"), 5);
    expect_error(db, "UPDATE item SET x_pair = 12", ERR_INVALID, "foreign_key");
    GOOD(db_run(db, NULL, "UPDATE item SET x_note = $1 WHERE id = $2",
                ARGS(db_textz("n"), db_int(id))));
    /* An id is not used again. */
    int64_t last = add_item(db, "last", 1);
    GOOD(db_run(db, NULL, "DELETE FROM item WHERE id = $1", ARGS(db_int(last))));
    assert_true(add_item(db, "next", 1) > last);
    GOOD(db_analyze(db));
    GOOD(db_commit(db));
    /* Text is ordered by bytes. */
    db = begin_write(e);
    GOOD(db_run(db, NULL, "INSERT INTO pair (a, b) VALUES (1, 'é'), (1, 'Z'), (1, 'a'), (1, '_')",
                NO_ARGS));
    Rows *r;
    bool more;
    Text t = text_new(e->a, 0);
    GOOD(db_rows(&r, db, e->a, "SELECT b FROM pair ORDER BY b", NO_ARGS));
    for (GOOD(rows_next(&more, r)); more;) {
        text_add(&t, rows_text(r, 0));
        GOOD(rows_next(&more, r));
    }
    assert_string_equal(text_str(&t).p, "Z_aé");
    expect_error(db, "INSERT INTO pair (a, b) VALUES (1, 'a')", ERR_CONFLICT, "unique");
    db_rollback(db);
}
static void test_store_schema_is_additive(void **state) {
    (void)state;
    each(body_schema_is_additive);
}

static void body_schema_refuses_bad_column(Env *e) {
    static const DbColumn bad[] = {{"id", DB_INT, true, NULL, NULL},
                                   {"must", DB_INT, true, NULL, NULL}};
    static const DbTable table = {"item", bad, 2, NULL, NULL, 0};
    Db *db = begin_write(e);
    assert_int_equal(db_ensure(db, &table, 1), ERR_INTERNAL);
    db_rollback(db);
}
static void test_store_schema_refuses_bad_column(void **state) {
    (void)state;
    each(body_schema_refuses_bad_column);
}

/* ---- numbers ---- */

static void body_numbers(Env *e) {
    int64_t n;
    Db *db = begin_write(e);
    GOOD(db_next_number(&n, db, "incident", 2026));
    assert_int_equal(n, 1);
    GOOD(db_next_number(&n, db, "incident", 2026));
    assert_int_equal(n, 2);
    GOOD(db_next_number(&n, db, "incident", 2027));
    assert_int_equal(n, 1);
    GOOD(db_next_number(&n, db, "action_plan", 2026));
    assert_int_equal(n, 1);
    GOOD(db_commit(db));
    db = begin_write(e);
    GOOD(db_next_number(&n, db, "incident", 2026));
    assert_int_equal(n, 3);
    db_rollback(db);
    db = begin_write(e);
    GOOD(db_next_number(&n, db, "incident", 2026));
    assert_int_equal(n, e->kind == DB_SQLITE ? 3 : 4);
    GOOD(db_commit(db));
}
static void test_store_numbers(void **state) {
    (void)state;
    each(body_numbers);
}

/* ---- many rows at once ---- */

static void body_insert_many(Env *e) {
    enum { ROWS = 5000, COLUMNS = 4 };
    static const char *const columns[COLUMNS] = {"id", "name", "amount", "data"};
    DbValue *values = NEW_N(e->a, DbValue, ROWS * COLUMNS);
    int64_t *ids = NEW_N(e->a, int64_t, ROWS), numbers[3], n;
    bool found;
    Str blob = {"\0\1\377", 3}, text;
    Db *db = begin_write(e);
    GOOD(db_run(db, NULL, "INSERT INTO item (name) VALUES ('first')", NO_ARGS));
    GOOD(db_new_ids(ids, ROWS, db, "item"));
    for (size_t i = 0; i < ROWS; i++) {
        DbValue *row = values + i * COLUMNS;
        row[0] = db_int(ids[i]);
        row[1] = db_text(str_fmt(e->a, "été %zu", i));
        row[2] = i % 2 ? db_int(-(int64_t)i) : db_null_of(DB_INT);
        row[3] = i % 3 ? db_blob(blob) : db_null();
    }
    GOOD(db_insert_many(db, "item", columns, COLUMNS, values, ROWS));
    GOOD(db_get_int(&n, &found, db, "SELECT COUNT(*) FROM item", NO_ARGS));
    assert_int_equal(n, ROWS + 1);
    GOOD(db_get_int(&n, &found, db, "SELECT amount FROM item WHERE name = $1",
                    ARGS(db_textz("été 4999"))));
    assert_int_equal(n, -4999);
    GOOD(db_get_text(&text, &found, db, e->a, "SELECT data FROM item WHERE name = $1",
                     ARGS(db_textz("été 4"))));
    assert_true(str_eq(text, blob));
    /* The next id of the database comes after them. */
    GOOD(db_get_int(&n, &found, db, "INSERT INTO item (name) VALUES ('last') RETURNING id",
                    NO_ARGS));
    assert_true(n > ids[ROWS - 1]);
    GOOD(db_next_numbers(numbers, 3, db, "many", 2026));
    assert_int_equal(numbers[0] + 1, numbers[1]);
    GOOD(db_next_number(&n, db, "many", 2026));
    assert_int_equal(n, numbers[2] + 1);
    GOOD(db_commit(db));
    /* The same names again: refused as a whole, and the connection goes on. */
    db = begin_write(e);
    GOOD(db_new_ids(ids, 2, db, "item"));
    values[0] = db_int(ids[0]);
    assert_int_equal(db_insert_many(db, "item", columns, COLUMNS, values, 1), ERR_CONFLICT);
    assert_string_equal(db_constraint(db), "unique");
    db_rollback(db);
    db = begin_write(e);
    GOOD(db_get_int(&n, &found, db, "SELECT COUNT(*) FROM item", NO_ARGS));
    assert_int_equal(n, ROWS + 2);
    db_rollback(db);
}
static void test_store_insert_many(void **state) {
    (void)state;
    each(body_insert_many);
}

/* ---- threads ---- */

enum { THREADS = 8, PER_THREAD = 200 };

typedef struct Work {
    DbBase *base;
    int number, failed, retried;
    pthread_barrier_t *start;
} Work;

/* Some share their commit with others; of those, some take their part back first. */
static Err one_change(DbSession *s, int thread, int i) {
    Db *db;
    int64_t number;
    bool found, is_shared = thread % 4 != 3;
    if (is_shared && i % 5 == 0) {
        TRY(db_write_shared(&db, s));
        Err e = db_run(db, NULL, "INSERT INTO item (name) VALUES ('never')", NO_ARGS);
        db_rollback(db);
        if (e != OK) return e;
    }
    TRY((is_shared ? db_write_shared : db_write)(&db, s));
    Err err = db_next_number(&number, db, "thread", 2026);
    char name[40];
    (void)snprintf(name, sizeof name, "t%d-%d", thread, i);
    if (err == OK)
        err = db_run(db, NULL, "INSERT INTO item (name, amount) VALUES ($1, $2)",
                     ARGS(db_textz(name), db_int(number)));
    if (err == OK)
        err = db_get_int(&number, &found, db, "UPDATE pair SET n = n + 1 WHERE a = 1 RETURNING n",
                         NO_ARGS);
    if (err == OK) return db_commit(db);
    db_rollback(db);
    return err;
}

static void *change_much(void *arg) {
    Work *w = arg;
    DbSession *s;
    if (db_session_new(&s, w->base) != OK) abort();
    pthread_barrier_wait(w->start);
    for (int i = 0; i < PER_THREAD; i++) {
        Err err;
        int tries = 0;
        while ((err = one_change(s, w->number, i)) == ERR_CONFLICT && ++tries < 20) w->retried++;
        if (err != OK) w->failed++;
        if (i % 10 == 0) {
            Db *db;
            int64_t n;
            bool found;
            char name[40];
            (void)snprintf(name, sizeof name, "t%d-%d", w->number, i);
            if (db_read(&db, s) != OK) abort();
            /* What was committed is there for everybody. */
            err = db_get_int(&n, &found, db, "SELECT 1 FROM item WHERE name = $1",
                             ARGS(db_textz(name)));
            if (err != OK || !found) w->failed++;
            err = db_get_int(&n, &found, db,
                             "SELECT (SELECT n FROM pair) - (SELECT count(*) FROM item)", NO_ARGS);
            if (err != OK || n != 0) w->failed++; /* a snapshot never shows half a change */
            db_rollback(db);
        }
    }
    db_session_free(s);
    return NULL;
}

static void body_threads(Env *e) {
    Db *db = begin_write(e);
    GOOD(db_run(db, NULL, "INSERT INTO pair (a, b) VALUES (1, 'x')", NO_ARGS));
    GOOD(db_commit(db));
    pthread_t threads[THREADS];
    Work work[THREADS];
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        work[i] = (Work){e->base, i, 0, 0, &start};
        assert_int_equal(pthread_create(&threads[i], NULL, change_much, &work[i]), 0);
    }
    int failed = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        failed += work[i].failed;
    }
    pthread_barrier_destroy(&start);
    assert_int_equal(failed, 0);
    db = begin_read(e);
    assert_int_equal(get_int(db, "SELECT n FROM pair"), THREADS * PER_THREAD);
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), THREADS * PER_THREAD);
    assert_int_equal(get_int(db, "SELECT count(DISTINCT amount) FROM item"), THREADS * PER_THREAD);
    if (e->kind == DB_SQLITE)
        assert_int_equal(get_int(db, "SELECT max(amount) FROM item"), THREADS * PER_THREAD);
    db_rollback(db);
}
static void test_store_threads(void **state) {
    (void)state;
    each(body_threads);
}

/* ---- failures ---- */

static void body_fail_after(Env *e) {
    log_set_level(LOG_ERROR);
    for (int n = 1;; n++) {
        Db *db = begin_write(e);
        db_fail_after(e->s, n);
        Rows *r;
        bool more = false;
        Err err = db_run(db, NULL, "INSERT INTO item (name) VALUES ('x')", NO_ARGS);
        if (err == OK) err = db_rows(&r, db, e->a, "SELECT id FROM item", NO_ARGS);
        while (err == OK && (err = rows_next(&more, r)) == OK && more) continue;
        if (err == OK) {
            err = db_commit(db);
            if (err == OK) {
                assert_int_equal(n, 6);
                break;
            }
        } else {
            db_rollback(db);
        }
        assert_int_equal(err, ERR_INTERNAL);
        assert_int_equal(db_open_statements(e->s), 0);
        db = begin_read(e);
        assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 0);
        db_rollback(db);
    }
    db_fail_after(e->s, 0);
}
static void test_store_fail_after(void **state) {
    (void)state;
    each(body_fail_after);
}

static void body_broken_connection(Env *e) {
    if (e->kind == DB_SQLITE) return;
    DbSession *other;
    Db *db, *killer;
    int64_t pid, yes;
    bool found;
    GOOD(db_session_new(&other, e->base));
    for (int round = 0; round < 2; round++) {
        db = begin_write(e);
        pid = get_int(db, "SELECT pg_backend_pid()");
        if (round == 0) GOOD(db_commit(db));
        GOOD(db_write(&killer, other));
        GOOD(db_get_int(&yes, &found, killer, "SELECT pg_terminate_backend(CAST($1 AS int))",
                        ARGS(db_int(pid))));
        GOOD(db_commit(killer));
        usleep(100000);
        if (round == 1) {
            assert_int_equal(db_run(db, NULL, "DELETE FROM item", NO_ARGS), ERR_BUSY);
            assert_int_equal(db_commit(db), ERR_BUSY);
        }
        db = begin_write(e);
        assert_true(get_int(db, "SELECT pg_backend_pid()") != pid);
        GOOD(db_commit(db));
    }
    db_session_free(other);
}
static void test_store_broken_connection(void **state) {
    (void)state;
    each(body_broken_connection);
}

/* ---- search ---- */

static void put_doc(Env *e, Db *db, int64_t record, const char *text) {
    Str body = utf8_search_text(e->a, utf8_fold(e->a, str_of(text)));
    GOOD(db_search_put(db, "incident", record, 4, false, body));
}

static int64_t hits(Env *e, Db *db, const char *words) {
    int64_t sum;
    bool found;
    DbValue match = db_match_value(e->a, db, utf8_fold(e->a, str_of(words)));
    if (!match.s.n) return -1;
    Str sql = str_fmt(
        e->a, "SELECT CAST(sum(s.record) AS BIGINT) FROM search_doc s WHERE s.unit = $1 AND %s",
        db_match(e->a, db, 2).p);
    GOOD(db_get_int(&sum, &found, db, sql.p, ARGS(db_int(4), match)));
    return sum;
}

static void body_search(Env *e) {
    Db *db = begin_write(e);
    GOOD(db_ensure_search(db));
    put_doc(e, db, 1, "Détournement de fonds à l'agence de Fès, 12 000,50 MAD");
    put_doc(e, db, 2, "Fraude à la carte bancaire (œuvre d'un réseau)");
    put_doc(e, db, 4, "تعطّل نظام التَّحويلات المالية في الفرع");
    put_doc(e, db, 8, "IT outage RCSA-2026 e2e 1e5");
    assert_int_equal(hits(e, db, "detournement"), 1);
    assert_int_equal(hits(e, db, "DÉTOURN fes"), 1);
    assert_int_equal(hits(e, db, "detournement carte"), 0);
    assert_int_equal(hits(e, db, "la"), 2);
    assert_int_equal(hits(e, db, "ba"), 0); /* two letters: a whole word only */
    assert_int_equal(hits(e, db, "ban"), 2);
    assert_int_equal(hits(e, db, "التحويلات"), 4);
    assert_int_equal(hits(e, db, "المالي"), 4);
    assert_int_equal(hits(e, db, "rcsa 2026"), 8);
    assert_int_equal(hits(e, db, "e2e"), 8);
    assert_int_equal(hits(e, db, "1e5"), 8);
    assert_int_equal(hits(e, db, " \"' & | ! :* ( )"), -1);
    assert_int_equal(db_match_value(e->a, db, S("")).s.n, 0);
    /* What would be an operator is none, also unfolded. */
    DbValue odd = db_match_value(e->a, db, S("a\" OR b* :!&|'x -NEAR( AND"));
    Str sql = str_fmt(e->a, "SELECT count(*) FROM search_doc s WHERE %s", db_match(e->a, db, 1).p);
    int64_t n;
    bool found;
    GOOD(db_get_int(&n, &found, db, sql.p, ARGS(odd)));
    assert_int_equal(n, 0);
    put_doc(e, db, 1, "Erreur de caisse");
    assert_int_equal(hits(e, db, "detournement"), 0);
    assert_int_equal(hits(e, db, "caisse"), 1);
    GOOD(db_search_remove(db, "incident", 1));
    GOOD(db_search_remove(db, "incident", 99));
    assert_int_equal(hits(e, db, "caisse"), 0);
    if (e->kind == DB_SQLITE)
        GOOD(db_run(db, NULL,
                    "INSERT INTO search_fts (search_fts, rank) VALUES ('integrity-check', 1)",
                    NO_ARGS));
    GOOD(db_commit(db));
}
static void test_store_search(void **state) {
    (void)state;
    each(body_search);
}

/* ---- backup and copy ---- */

static void fill(Env *e) {
    static const char bytes[] = "\0\1\2\xff";
    int64_t n;
    Db *db = begin_write(e);
    for (int i = 1; i <= 1500; i++) {
        char name[40];
        (void)snprintf(name, sizeof name, "été %d", i);
        put_value(db, name, i % 7 ? db_int(i) : db_null(),
                  i % 5 ? db_blob((Str){bytes, 4}) : db_null());
    }
    /* References that point forward and in a circle. */
    GOOD(db_run(db, NULL, "INSERT INTO place (id, boss) VALUES (50, 1500)", NO_ARGS));
    GOOD(db_run(db, NULL, "UPDATE item SET parent = 1501 - id, place = 50", NO_ARGS));
    GOOD(db_run(db, NULL, "DELETE FROM item WHERE amount = -1", NO_ARGS));
    for (int i = 0; i < 3; i++) GOOD(db_next_number(&n, db, "incident", 2026));
    GOOD(db_next_number(&n, db, "action_plan", 2025));
    put_doc(e, db, 7, "Détournement de fonds");
    GOOD(file_store_put(&n, db, S("a.bin"), S("application/pdf"), (Str){bytes, 4}, 1, 1));
    GOOD(db_commit(db));
}

/* One hash-like line of all that must be the same. */
static Str digest(Env *e, Db *db) {
    Text t = text_new(e->a, 0);
    Rows *r;
    bool more;
    const char *all[] = {
        "SELECT id, name, amount, data, parent, place FROM item ORDER BY id",
        "SELECT id, label, boss FROM place ORDER BY id",
        "SELECT type, record, unit, restricted, body FROM search_doc ORDER BY id",
        "SELECT f.id, f.name, f.sha256, p.bytes FROM file f JOIN file_part p ON p.file = f.id"};
    for (size_t k = 0; k < LENGTH(all); k++) {
        GOOD(db_rows(&r, db, e->a, all[k], NO_ARGS));
        for (GOOD(rows_next(&more, r)); more;) {
            for (size_t i = 0; i < rows_count(r); i++) {
                text_addz(&t, rows_is_null(r, i) ? "|-" : "|=");
                if (!rows_is_null(r, i)) text_add(&t, rows_text(r, i));
            }
            GOOD(rows_next(&more, r));
        }
    }
    return sha256_hex(e->a, text_str(&t));
}

static void expect_same(Env *e, DbBase *other) {
    DbSession *s;
    Db *x = begin_read(e), *y;
    int64_t n;
    GOOD(db_session_new(&s, other));
    GOOD(db_read(&y, s));
    assert_int_equal(get_int(y, "SELECT count(*) FROM item"), 1500);
    assert_true(str_eq(digest(e, x), digest(e, y)));
    assert_int_equal(hits(e, y, "detourn"), 7);
    db_rollback(x);
    db_rollback(y);
    GOOD(db_write(&y, s));
    assert_int_equal(add_item(y, "new", 1), 1501);
    GOOD(db_next_number(&n, y, "incident", 2026));
    assert_int_equal(n, 4);
    GOOD(db_next_number(&n, y, "action_plan", 2025));
    assert_int_equal(n, 2);
    db_rollback(y);
    db_session_free(s);
}

static int64_t progress_done, progress_total;
static void note_progress(void *arg, int64_t done, int64_t total) {
    *(int *)arg += 1;
    progress_done = done;
    progress_total = total;
}

static void body_backup(Env *e) {
    fill(e);
    int calls = 0;
    Str why = {0};
    Str file = str_fmt(e->a, "%s/backup.db", e->folder);
    Err err = db_backup(e->base, &why, file, note_progress, &calls);
    if (err != OK) print_error("%.*s\n", FMT(why));
    GOOD(err);
    assert_true(calls > 0 && progress_done == progress_total && progress_total > 0);
    assert_int_equal(db_backup(e->base, &why, file, NULL, NULL), ERR_CONFLICT);
    assert_true(str_find(why, S("already")) >= 0);
    assert_int_not_equal(db_backup(e->base, &why, S("/tmp/not/there/x.db"), NULL, NULL), OK);
    struct stat st;
    assert_int_equal(stat(file.p, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_not_equal(stat(str_fmt(e->a, "%s.part", file.p).p, &st), 0);
    DbBase *copy;
    GOOD(db_open(&copy, &why, e->a, str_fmt(e->a, "sqlite:%s", file.p),
                 (DbOptions){.exclusive = true}));
    migrate(copy);
    expect_same(e, copy);
    DbSession *s;
    Db *db;
    Str ok;
    bool found;
    GOOD(db_session_new(&s, copy));
    GOOD(db_read(&db, s));
    GOOD(db_get_text(&ok, &found, db, e->a, "PRAGMA integrity_check", NO_ARGS));
    assert_true(str_is(ok, "ok"));
    db_rollback(db);
    db_session_free(s);
    db_close(copy);
}
static void test_store_backup(void **state) {
    (void)state;
    each(body_backup);
}

static void copy_to(Env *e, DbKind kind, const char *name) {
    DbBase *to = open_new(e, kind, name);
    Str why = {0};
    int calls = 0;
    assert_int_equal(db_copy(to, e->base, &why, NULL, NULL), ERR_CONFLICT);
    assert_true(str_find(why, S("migrate")) >= 0);
    migrate(to);
    Err err = db_copy(to, e->base, &why, note_progress, &calls);
    if (err != OK) print_error("%.*s\n", FMT(why));
    GOOD(err);
    assert_true(calls > 1 && progress_done == progress_total);
    expect_same(e, to);
    assert_int_equal(db_copy(to, e->base, &why, NULL, NULL), ERR_CONFLICT);
    assert_true(str_find(why, S("not empty")) >= 0);
    db_close(to);
}

static void body_copy(Env *e) {
    fill(e);
    copy_to(e, DB_SQLITE, "two");
    if (pg_url()) copy_to(e, DB_POSTGRES, "three");
}
static void test_store_copy(void **state) {
    (void)state;
    each(body_copy);
}

static void *write_on(void *arg) {
    Work *w = arg;
    DbSession *s;
    if (db_session_new(&s, w->base) != OK) abort();
    for (int i = 0; i < 300; i++)
        if (one_change(s, 1, i) != OK) w->failed++;
    db_session_free(s);
    return NULL;
}

/* Who waits for news hears of a commit at once, never misses one, and hears nothing of a rollback.
 */
static void body_news(Env *e) {
    uint64_t seen = 0;
    Db *db;
    db_wait(e->base, &seen, 1000);
    uint64_t before = seen;
    GOOD(db_write(&db, e->s));
    db_rollback(db);
    db_wait(e->base, &seen, 1000);
    assert_int_equal(seen, before);
    GOOD(db_write(&db, e->s));
    GOOD(db_commit(db));
    int64_t at = clock_mono_us();
    db_wait(e->base, &seen, 60000000);
    assert_true(clock_mono_us() - at < 30000000);
    assert_int_equal(seen, before + 1);
}

static void test_store_news(void **state) {
    (void)state;
    each(body_news);
}

static void body_backup_while_writing(Env *e) {
    Db *db = begin_write(e);
    GOOD(db_run(db, NULL, "INSERT INTO pair (a, b) VALUES (1, 'x')", NO_ARGS));
    for (int i = 0; i < 300; i++)
        put_value(db, str_fmt(e->a, "x%d", i).p, db_int(0), db_blob(S("0123456789abcdef")));
    GOOD(db_run(db, NULL, "UPDATE pair SET n = 300", NO_ARGS));
    GOOD(db_commit(db));
    Work w = {e->base, 1, 0, 0, NULL};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, write_on, &w), 0);
    for (int i = 0; i < 5; i++) {
        DbBase *copy;
        DbSession *s;
        Str why = {0}, file = str_fmt(e->a, "%s/b%d.db", e->folder, i);
        GOOD(db_backup(e->base, &why, file, NULL, NULL));
        GOOD(db_open(&copy, &why, e->a, str_fmt(e->a, "sqlite:%s", file.p),
                     (DbOptions){.read_only = true}));
        GOOD(db_session_new(&s, copy));
        GOOD(db_read(&db, s));
        assert_int_equal(get_int(db, "SELECT (SELECT n FROM pair) - (SELECT count(*) FROM item)"),
                         0);
        db_rollback(db);
        db_session_free(s);
        db_close(copy);
    }
    pthread_join(thread, NULL);
    assert_int_equal(w.failed, 0);
}
static void test_store_backup_while_writing(void **state) {
    (void)state;
    each(body_backup_while_writing);
}

/* ---- files ---- */

static void body_files(Env *e) {
    size_t size = 256 * 1024 * 2 + 17;
    char *bytes = NEW_N(e->a, char, size);
    for (size_t i = 0; i < size; i++) bytes[i] = (char)(i * 31 + (i >> 9));
    int64_t id, empty, removed;
    Db *db = begin_write(e);
    GOOD(file_store_put(&id, db, S("../../etc/re\xE2\x80\xAEport.pdf"), S("application/pdf"),
                        (Str){bytes, size}, 9, 1000));
    GOOD(file_store_put(&empty, db, S(""), S("text/plain"), S(""), 9, 1000));
    GOOD(db_commit(db));
    db = begin_write(e);
    StoredFile f;
    GOOD(file_store_find(&f, db, e->a, id));
    assert_true(str_is(f.name, "report.pdf"));
    assert_true(f.size == (int64_t)size && f.created_by == 9 && f.created_at == 1000 &&
                !f.is_claimed);
    assert_true(str_eq(f.sha256, sha256_hex(e->a, (Str){bytes, size})));
    Text t = text_new(e->a, 0);
    Str part;
    for (int64_t k = 0;; k++) {
        GOOD(file_store_part(&part, db, e->a, id, k));
        if (!part.n) break;
        assert_true(part.n <= 256 * 1024);
        text_add(&t, part);
    }
    assert_true(str_eq(text_str(&t), (Str){bytes, size}));
    GOOD(file_store_part(&part, db, e->a, empty, 0));
    assert_int_equal(part.n, 0);
    assert_int_equal(file_store_find(&f, db, e->a, 999), ERR_MISSING);
    GOOD(file_store_claim(db, id, "incident", 5));
    GOOD(file_store_claim(db, id, "incident", 5));
    assert_int_equal(file_store_claim(db, id, "incident", 6), ERR_CONFLICT);
    assert_int_equal(file_store_claim(db, 999, "incident", 6), ERR_MISSING);
    GOOD(file_store_sweep(&removed, db, 1000));
    assert_int_equal(removed, 0);
    GOOD(file_store_sweep(&removed, db, 1001));
    assert_int_equal(removed, 1);
    assert_int_equal(file_store_find(&f, db, e->a, empty), ERR_MISSING);
    GOOD(file_store_find(&f, db, e->a, id));
    assert_true(f.is_claimed);
    GOOD(db_commit(db));
}
static void test_file_store_life(void **state) {
    (void)state;
    each(body_files);
}

static void test_file_store_names_and_kinds(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    assert_true(str_is(file_store_clean_name(a, S("C:\\temp\\a b.xlsx")), "a b.xlsx"));
    assert_true(str_is(file_store_clean_name(a, S("a/..")), "file"));
    assert_true(str_is(file_store_clean_name(a, S(".profile\r\n")), "profile"));
    assert_true(str_is(file_store_clean_name(a, S("تقرير é.pdf")), "تقرير é.pdf"));
    assert_true(str_is(file_store_clean_name(a, S("a\"b<c>.pdf")), "abc.pdf"));
    char *lots = NEW_N(a, char, 1000);
    for (size_t i = 0; i < 1000; i += 2) memcpy(lots + i, "é", 2);
    Str name = file_store_clean_name(a, (Str){lots, 1000});
    assert_true(name.n <= 200 && utf8_is_valid(name));
    assert_true(str_is(file_store_sniff(S("%PDF-1.7")), "application/pdf"));
    assert_true(str_is(file_store_sniff(S("\x89PNG\r\n\x1a\n...")), "image/png"));
    assert_true(str_is(file_store_sniff(S("\xff\xd8\xff\xe0")), "image/jpeg"));
    assert_true(str_is(file_store_sniff(S("PK\x03\x04....")), "application/zip"));
    assert_true(str_is(file_store_sniff(S("bonjour é\n")), "text/plain"));
    assert_true(str_is(file_store_sniff(S("")), "application/octet-stream"));
    assert_true(str_is(file_store_sniff(S("a\0b")), "application/octet-stream"));
    arena_free(a);
}
