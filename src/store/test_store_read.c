/* test_store_read.c: reading transactions: one snapshot, what is announced and what is not,
 * failures and connections that broke while they were idle, on both engines.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/test_store.h"

static int group_setup(void **state) {
    return store_setup(state);
}

static const char above_sql[] = "SELECT name FROM item WHERE amount > $1 ORDER BY amount";

static void fill(Env *e) {
    Db *db = begin_write(e);
    for (int i = 0; i < 9; i++) add_item(db, str_fmt(e->a, "n%d", i).p, i);
    GOOD(db_commit(db));
}

static int count_above(Env *e, Db *db, int64_t least, bool is_few) {
    Rows *r;
    int n = 0;
    Err err = is_few ? db_few(&r, db, e->a, above_sql, ARGS(db_int(least)))
                     : db_rows(&r, db, e->a, above_sql, ARGS(db_int(least)));
    if (err != OK) fail_msg("%d: %s", (int)err, db_error(db));
    for (bool more;; n++) {
        GOOD(rows_next(&more, r));
        if (!more) return n;
        assert_true(str_eq(rows_text(r, 0), str_fmt(e->a, "n%lld", (long long)least + 1 + n)));
    }
}

/* Asked in another order than announced, with other values, twice, or never. */
static void body_announced(Env *e) {
    fill(e);
    for (int round = 0; round < 3; round++) {
        Db *db = begin_read(e);
        db_announce(db, above_sql, ARGS(db_int(2)));
        db_announce(db, above_sql, ARGS(db_int(5)));
        db_announce(db, "SELECT count(*) FROM item", NO_ARGS);
        db_announce(db, above_sql, ARGS(db_int(7)));
        assert_int_equal(count_above(e, db, 5, true), 3);
        assert_int_equal(count_above(e, db, 5, false), 3);
        assert_int_equal(count_above(e, db, 2, false), 6);
        assert_int_equal(count_above(e, db, -1, true), 9);
        assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 9);
        db_announce(db, above_sql, ARGS(db_int(3)));
        db_rollback(db);
        db = begin_write(e);
        db_announce(db, above_sql, ARGS(db_int(3))); /* nothing happens */
        assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 9);
        GOOD(db_commit(db));
    }
}
static void test_store_read_announced(void **state) {
    (void)state;
    each(body_announced);
}

/* Whatever is announced or asked later is of the state that the first answer showed. */
static void body_snapshot(Env *e) {
    DbSession *other;
    Db *writer;
    fill(e);
    GOOD(db_session_new(&other, e->base));
    Db *db = begin_read(e);
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 9);
    GOOD(db_write(&writer, other));
    add_item(writer, "n9", 9);
    GOOD(db_commit(writer));
    db_announce(db, above_sql, ARGS(db_int(4)));
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 9);
    assert_int_equal(count_above(e, db, 4, true), 4);
    GOOD(db_commit(db));
    db = begin_read(e);
    assert_int_equal(count_above(e, db, 4, true), 5);
    db_rollback(db);
    db_session_free(other);
}
static void test_store_read_snapshot(void **state) {
    (void)state;
    each(body_snapshot);
}

/* Rows that still arrive when something else is asked, and plans for the values in between. */
static void body_amid_rows(Env *e) {
    Rows *r;
    bool more;
    int n = 0;
    fill(e);
    Db *db = begin_read(e);
    GOOD(db_rows(&r, db, e->a, DB_PLAN_EACH "SELECT amount FROM item ORDER BY amount", NO_ARGS));
    for (;; n++) {
        GOOD(rows_next(&more, r));
        if (!more) break;
        db_announce(db, above_sql, ARGS(db_int(n)));
        assert_int_equal(rows_int(r, 0), n);
        if (n % 2) assert_int_equal(count_above(e, db, n, n % 4 == 1), 8 - n);
    }
    assert_int_equal(n, 9);
    if (e->kind == DB_POSTGRES) {
        Str mode;
        bool found;
        GOOD(db_get_text(&mode, &found, db, e->a, "SHOW plan_cache_mode", NO_ARGS));
        assert_true(str_is(mode, "auto"));
    }
    db_rollback(db);
}
static void test_store_read_amid_rows(void **state) {
    (void)state;
    each(body_amid_rows);
}

/* What was announced and fails is told to who asks; the next transaction knows nothing of it. */
static void body_failure(Env *e) {
    static const char bad_sql[] = "SELECT amount FROM nowhere WHERE amount = $1";
    Rows *r;
    fill(e);
    log_set_level((LogLevel)(LOG_ERROR + 1)); /* expected here */
    for (int round = 0; round < 3; round++) {
        Db *db = begin_read(e);
        assert_int_equal(count_above(e, db, 4, true), 4);
        assert_int_equal(db_few(&r, db, e->a, bad_sql, ARGS(db_int(1))), ERR_INTERNAL);
        db_announce(db, above_sql, ARGS(db_int(3)));
        if (e->kind == DB_POSTGRES)
            assert_int_equal(db_few(&r, db, e->a, above_sql, ARGS(db_int(3))), ERR_INTERNAL);
        db_rollback(db);
        db = begin_read(e);
        if (round) db_announce(db, DB_PLAN_EACH "SELECT 1 / (amount - 4) FROM item", NO_ARGS);
        db_rollback(db);
        db = begin_read(e);
        assert_int_equal(count_above(e, db, 3, false), 5);
        db_rollback(db);
        db = begin_write(e);
        assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 9);
        GOOD(db_commit(db));
    }
    log_set_level(LOG_ERROR);
}
static void test_store_read_failure(void **state) {
    (void)state;
    each(body_failure);
}

/* Something announced that the server gives up, and that nobody asks for: what is asked next is
 * told its reason. */
static void body_reason(Env *e) {
    int64_t n;
    bool found;
    if (e->kind == DB_SQLITE) return;
    fill(e);
    log_set_level((LogLevel)(LOG_ERROR + 1)); /* expected here */
    for (int round = 0; round < 3; round++) {
        Db *db = begin_read(e);
        GOOD(db_run(db, NULL, "SELECT set_config('statement_timeout', '50ms', true)", NO_ARGS));
        if (round) assert_int_equal(count_above(e, db, 4, true), 4);
        db_announce(db, round == 2 ? "SELECT 1 / (amount - 4) FROM item" : "SELECT pg_sleep(5)",
                    NO_ARGS);
        Err err = db_get_int(&n, &found, db, "SELECT count(*) FROM item", NO_ARGS);
        assert_int_equal(err, round == 2 ? ERR_INTERNAL : ERR_BUSY);
        assert_non_null(strstr(db_error(db), round == 2 ? "division by zero" : "timeout"));
        err = db_get_int(&n, &found, db, "SELECT count(*) + 1 FROM item", NO_ARGS);
        assert_int_equal(err, round == 2 ? ERR_INTERNAL : ERR_BUSY);
        assert_non_null(strstr(db_error(db), round == 2 ? "division by zero" : "timeout"));
        db_rollback(db);
        db = begin_read(e);
        assert_int_equal(count_above(e, db, 3, false), 5);
        db_rollback(db);
    }
    log_set_level(LOG_ERROR);
}
static void test_store_read_reason(void **state) {
    (void)state;
    each(body_reason);
}

static bool is_there(DbSession *other, int64_t pid) {
    Db *db;
    int64_t n;
    bool found;
    GOOD(db_write(&db, other));
    GOOD(db_get_int(&n, &found, db, "SELECT count(*) FROM pg_stat_activity WHERE pid = $1",
                    ARGS(db_int(pid))));
    GOOD(db_commit(db));
    return n > 0;
}

static void kill_backend(DbSession *other, int64_t pid) {
    Db *killer;
    int64_t yes;
    bool found;
    GOOD(db_write(&killer, other));
    GOOD(db_get_int(&yes, &found, killer, "SELECT pg_terminate_backend(CAST($1 AS int))",
                    ARGS(db_int(pid))));
    GOOD(db_commit(killer));
    for (int i = 0; i < 1000 && is_there(other, pid); i++) usleep(20000);
}

/* Broken while idle: made anew without a word. Broken amid a transaction: ERR_BUSY. */
static void body_broken(Env *e) {
    DbSession *other;
    int64_t n;
    bool found;
    if (e->kind == DB_SQLITE) return;
    fill(e);
    GOOD(db_session_new(&other, e->base));
    for (int round = 0; round < 4; round++) {
        Db *db = begin_read(e);
        int64_t pid = get_int(db, "SELECT pg_backend_pid()");
        if (round == 3) {
            kill_backend(other, pid);
            assert_int_equal(db_get_int(&n, &found, db, "SELECT count(*) FROM item", NO_ARGS),
                             ERR_BUSY);
            db_rollback(db);
            break;
        }
        db_rollback(db);
        kill_backend(other, pid);
        db = begin_read(e);
        if (round) db_announce(db, above_sql, ARGS(db_int(4)));
        if (round == 2) db_announce(db, "SELECT 7", NO_ARGS);
        assert_int_equal(count_above(e, db, 4, true), 4);
        assert_true(get_int(db, "SELECT pg_backend_pid()") != pid);
        db_rollback(db);
    }
    Db *db = begin_write(e);
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 9);
    GOOD(db_commit(db));
    db_session_free(other);
}
static void test_store_read_broken(void **state) {
    (void)state;
    each(body_broken);
}
