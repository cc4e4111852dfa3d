/* test_store_post.c: statements that are sent without waiting: order, failures and when they are
 * told, on both engines. SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/test_store.h"

static int group_setup(void **state) {
    return store_setup(state);
}

static const char put_sql[] = "INSERT INTO item (name, amount) VALUES ($1, $2)";

static Err post_item(Db *db, const char *name, int64_t amount) {
    return db_post(db, put_sql, ARGS(db_textz(name), db_int(amount)));
}

static int64_t items(Db *db) {
    return get_int(db, "SELECT count(*) FROM item");
}

static void body_order(Env *e) {
    Db *db = begin_write(e);
    for (int i = 0; i < 200; i++) GOOD(post_item(db, str_fmt(e->a, "n%03d", i).p, i));
    assert_int_equal(items(db), 200);
    GOOD(post_item(db, "last", 1));
    int64_t changed;
    GOOD(db_run(db, &changed, "UPDATE item SET amount = 7 WHERE name = 'last'", NO_ARGS));
    assert_int_equal(changed, 1);
    GOOD(post_item(db, "later", 2));
    GOOD(db_commit(db));
    db = begin_read(e);
    assert_int_equal(items(db), 202);
    assert_int_equal(get_int(db, "SELECT amount FROM item WHERE name = 'last'"), 7);
    assert_int_equal(db_post(db, "DELETE FROM item", NO_ARGS), ERR_DENIED);
    db_rollback(db);
    db = begin_write(e);
    GOOD(post_item(db, "gone", 1));
    db_rollback(db);
    db = begin_read(e);
    assert_int_equal(items(db), 202);
    db_rollback(db);
}
static void test_store_post_order(void **state) {
    (void)state;
    each(body_order);
}

/* Rows that still arrive when something is posted, and a result opened behind what was posted. */
static void body_amid_rows(Env *e) {
    Db *db = begin_write(e);
    for (int i = 0; i < 20; i++) add_item(db, str_fmt(e->a, "n%03d", i).p, i);
    Rows *outer, *inner;
    bool more;
    int64_t sum = 0, n = 0;
    GOOD(post_item(db, "x", 100));
    GOOD(db_rows(&outer, db, e->a, "SELECT amount FROM item WHERE amount < 1000 ORDER BY amount",
                 NO_ARGS));
    for (;;) {
        GOOD(rows_next(&more, outer));
        if (!more) break;
        sum += rows_int(outer, 0);
        GOOD(post_item(db, str_fmt(e->a, "y%lld", (long long)n).p, 1000 + n));
        if (n++ % 7) continue;
        GOOD(db_rows(&inner, db, e->a, "SELECT name FROM item ORDER BY name", NO_ARGS));
        GOOD(rows_next(&more, inner));
        assert_true(more);
        rows_close(inner);
    }
    assert_int_equal(sum, 190 + 100);
    assert_int_equal(items(db), 20 + 1 + 21);
    GOOD(db_commit(db));
}
static void test_store_post_amid_rows(void **state) {
    (void)state;
    each(body_amid_rows);
}

/* SQLite tells at once, PostgreSQL with a later call; a broken constraint is nobody's to mend. */
static void body_failure(Env *e) {
    log_set_level((LogLevel)(LOG_ERROR + 1)); /* expected here */
    Db *db = begin_write(e);
    GOOD(post_item(db, "one", 1));
    Err err = post_item(db, "one", 2);
    if (err == OK) err = post_item(db, "two", 2);
    int64_t n;
    bool found;
    if (err == OK) err = db_get_int(&n, &found, db, "SELECT count(*) FROM item", NO_ARGS);
    assert_int_equal(err, ERR_INTERNAL);
    assert_string_equal(db_constraint(db), "");
    db_rollback(db);

    db = begin_write(e); /* told by the commit, which then keeps nothing */
    GOOD(post_item(db, "one", 1));
    err = post_item(db, "one", 2);
    if (err == OK)
        err = db_commit(db);
    else
        db_rollback(db);
    assert_int_equal(err, ERR_INTERNAL);

    db = begin_write(e); /* a savepoint is not passed */
    GOOD(post_item(db, "one", 1));
    GOOD(db_savepoint(db));
    err = post_item(db, "one", 2);
    if (err == OK) err = db_release(db);
    assert_int_equal(err, ERR_INTERNAL);
    if (e->kind == DB_SQLITE) db_rollback_to(db);
    db_rollback(db);

    db = begin_write(e); /* and what stood before it stays */
    GOOD(post_item(db, "one", 1));
    GOOD(db_savepoint(db));
    err = post_item(db, "one", 2);
    if (err == OK) err = db_get_int(&n, &found, db, "SELECT 1", NO_ARGS);
    assert_int_equal(err, ERR_INTERNAL);
    db_rollback_to(db);
    GOOD(post_item(db, "three", 3));
    GOOD(db_commit(db));
    db = begin_read(e);
    assert_int_equal(items(db), 2);
    db_rollback(db);
    log_set_level(LOG_ERROR);
}
static void test_store_post_failure(void **state) {
    (void)state;
    each(body_failure);
}

static void body_many(Env *e) {
    static const char *const columns[] = {"name", "amount"};
    DbValue values[2 * 40];
    for (int i = 0; i < 40; i++) {
        values[2 * i] = db_text(str_fmt(e->a, "m%02d", i));
        values[2 * i + 1] = i % 3 ? db_int(i) : db_null_of(DB_INT);
    }
    Db *db = begin_write(e);
    GOOD(db_post_many(db, "item", columns, 2, values, 0));
    GOOD(db_post_many(db, "item", columns, 2, values, 5));
    GOOD(db_post_many(db, "item", columns, 2, values + 10, 35)); /* a COPY behind what is posted */
    assert_int_equal(items(db), 40);
    assert_int_equal(get_int(db, "SELECT count(*) FROM item WHERE amount IS NULL"), 14);
    GOOD(db_commit(db));
}
static void test_store_post_many(void **state) {
    (void)state;
    each(body_many);
}

/* ---- the connection is lost ---- */

static void body_lost(Env *e) {
    if (e->kind == DB_SQLITE) return;
    log_set_level((LogLevel)(LOG_ERROR + 1)); /* expected here */
    Db *db = begin_write(e), *killer;
    int64_t pid = get_int(db, "SELECT pg_backend_pid()");
    DbSession *other;
    GOOD(post_item(db, "lost", 1));
    GOOD(db_session_new(&other, e->base));
    GOOD(db_write(&killer, other));
    int64_t n;
    bool found;
    GOOD(db_get_int(&n, &found, killer,
                    "SELECT CAST(pg_terminate_backend(CAST($1 AS INT), 5000) AS INT)",
                    ARGS(db_int(pid))));
    GOOD(db_commit(killer));
    db_session_free(other);
    Err noticed = post_item(db, "lost too", 1);
    assert_true(noticed == OK || noticed == ERR_BUSY);
    assert_int_equal(db_commit(db), ERR_BUSY);
    db = begin_write(e);
    GOOD(post_item(db, "found", 1));
    assert_int_equal(items(db), 1);
    GOOD(db_commit(db));
    log_set_level(LOG_ERROR);
}
static void test_store_post_lost(void **state) {
    (void)state;
    each(body_lost);
}
