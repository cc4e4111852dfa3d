/* test_store.c: the door to the database: opening, values, transactions, results, failures.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/test_store.h"

static int group_setup(void **state) {
    return store_setup(state);
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

/* The server ends a process a moment after it was told to. */
static void wait_for_end(DbSession *session, int64_t pid) {
    for (int64_t n = 1, waits = 0; n; waits++) {
        Db *db;
        bool found;
        assert_true(waits < 3000);
        if (waits) usleep(10000);
        GOOD(db_read(&db, session));
        GOOD(db_get_int(&n, &found, db, "SELECT count(*) FROM pg_stat_activity WHERE pid = $1",
                        ARGS(db_int(pid))));
        db_rollback(db);
    }
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
        wait_for_end(other, pid);
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
