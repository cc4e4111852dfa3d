/* test_store_alone.c: writing without the log: what is kept, what a killed process leaves, and who
 * may read. SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/test_store.h"

#include <sys/wait.h>

static int group_setup(void **state) {
    return store_setup(state);
}

enum { ROWS = 15000 };

static Str mode_of(Env *e) {
    Str mode;
    bool found;
    Db *db = begin_write(e);
    GOOD(db_get_text(&mode, &found, db, e->a, "PRAGMA journal_mode", NO_ARGS));
    db_rollback(db);
    return mode;
}

/* More than the connection keeps in memory. */
static Db *write_many(Env *e) {
    static const char *const columns[] = {"name", "data"};
    char *fill = arena_alloc(e->a, 2000);
    memset(fill, 'x', 2000);
    Db *db = begin_write(e);
    for (int i = 0; i < ROWS; i += 100) {
        DbValue *rows = NEW_N(e->a, DbValue, 200);
        for (int k = 0; k < 100; k++) {
            rows[2 * k] = db_text(str_fmt(e->a, "many %d", i + k));
            rows[2 * k + 1] = db_blob((Str){fill, 2000});
        }
        GOOD(db_insert_many(db, "item", columns, 2, rows, 100));
    }
    return db;
}

static void body_kept(Env *e) {
    Db *db = begin_write(e);
    add_item(db, "first", 1);
    GOOD(db_commit(db));
    db = begin_read(e); /* leaves a connection that only reads */
    db_rollback(db);
    db_alone_begin(e->s);
    if (e->kind == DB_SQLITE) assert_true(str_is(mode_of(e), "delete"));
    db_rollback(write_many(e));
    GOOD(db_commit(write_many(e)));
    db_alone_end(e->s);
    if (e->kind == DB_SQLITE) assert_true(str_is(mode_of(e), "wal"));
    db = begin_read(e);
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), ROWS + 1);
    db_rollback(db);
}
static void test_store_alone_keeps(void **state) {
    (void)state;
    each(body_kept);
}

/* Somebody else's connection: it goes on as usual. */
static void body_not_alone(Env *e) {
    DbSession *other;
    Db *db;
    if (e->kind != DB_SQLITE) return;
    GOOD(db_session_new(&other, e->base));
    GOOD(db_read(&db, other));
    db_alone_begin(e->s);
    assert_true(str_is(mode_of(e), "wal"));
    db_rollback(db);
    db_alone_end(e->s);
    db_session_free(other);
}
static void test_store_alone_beside_a_reader(void **state) {
    (void)state;
    each(body_not_alone);
}

/* Who comes to read while it is written waits for it: the commit at the end waits for nobody. */
static void body_commit_beside_a_reader(Env *e) {
    DbSession *other;
    Db *reads, *db;
    int64_t ms, n;
    bool found;
    if (e->kind != DB_SQLITE) return;
    db_alone_begin(e->s);
    assert_true(str_is(mode_of(e), "delete"));
    GOOD(db_session_new(&other, e->base));
    GOOD(db_read(&reads, other));
    assert_int_equal(get_int(reads, "SELECT count(*) FROM item"), 0);
    db_rollback(reads);
    db = begin_write(e);
    add_item(db, "first", 1);
    GOOD(db_read(&reads, other));
    GOOD(db_get_int(&ms, &found, reads, "PRAGMA busy_timeout=0", NO_ARGS));
    assert_int_equal(db_get_int(&n, &found, reads, "SELECT count(*) FROM item", NO_ARGS), ERR_BUSY);
    GOOD(db_commit(db));
    db_rollback(reads);
    GOOD(db_read(&reads, other));
    assert_int_equal(get_int(reads, "SELECT count(*) FROM item"), 1);
    db_rollback(reads);
    db_session_free(other);
    db_alone_end(e->s);
    assert_true(str_is(mode_of(e), "wal"));
}
static void test_store_alone_commit_waits_for_nobody(void **state) {
    (void)state;
    each(body_commit_beside_a_reader);
}

/* Killed in the midst, with pages written: who only reads finds what was there before, and so does
 * who writes. */
static void body_killed(Env *e) {
    DbBase *base;
    DbSession *s;
    Db *db;
    struct stat journal;
    if (e->kind != DB_SQLITE) return;
    db = begin_write(e);
    add_item(db, "first", 1);
    GOOD(db_commit(db));
    Str url = str_copy(e->a, db_base_url(e->base));
    Str left = str_fmt(e->a, "%.*s-journal", FMT(db_base_path(e->base)));
    db_session_free(e->s);
    db_close(e->base);
    pid_t child = fork();
    if (child == 0) {
        GOOD(db_open(&e->base, NULL, e->a, url, (DbOptions){.exclusive = true}));
        GOOD(db_session_new(&e->s, e->base));
        db_alone_begin(e->s);
        (void)write_many(e);
        _exit(9);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 9);
    assert_int_equal(stat(str_z(e->a, left), &journal), 0);
    assert_true(journal.st_size > 0);
    GOOD(db_open(&base, NULL, e->a, url, (DbOptions){.read_only = true}));
    GOOD(db_session_new(&s, base));
    GOOD(db_read(&db, s));
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 1);
    db_rollback(db);
    db_session_free(s);
    db_close(base);
    GOOD(db_open(&e->base, NULL, e->a, url, (DbOptions){.exclusive = true}));
    GOOD(db_session_new(&e->s, e->base));
    assert_true(str_is(mode_of(e), "wal"));
}
static void test_store_alone_killed(void **state) {
    (void)state;
    each(body_killed);
}

static Err put_behind(Env *e, Db *db, const char *const *names, size_t n) {
    static const char *const columns[] = {"name", "amount"};
    DbRowset *set = NEW(e->a, DbRowset);
    DbValue *values = NEW_N(e->a, DbValue, 2 * n);
    for (size_t i = 0; i < n; i++) {
        values[2 * i] = db_textz(names[i]);
        values[2 * i + 1] = db_int((int64_t)i);
    }
    *set = (DbRowset){"item", columns, 2, values, n};
    return db_insert_behind(db, set, 1);
}

/* Whoever asks next sees what was handed over; within a savepoint it goes with it. */
static void body_behind(Env *e) {
    static const char *const first[] = {"a", "b", "c"}, *const second[] = {"d"},
                             *const third[] = {"e"};
    Db *db = begin_write(e);
    db_behind_begin(db);
    GOOD(put_behind(e, db, first, 3));
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 3);
    GOOD(put_behind(e, db, second, 1));
    GOOD(db_savepoint(db));
    GOOD(put_behind(e, db, third, 1));
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 5);
    db_rollback_to(db);
    GOOD(put_behind(e, db, third, 1));
    GOOD(db_behind_wait(db));
    GOOD(db_commit(db));
    db = begin_read(e);
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 5);
    db_rollback(db);
    db = begin_write(e);
    db_behind_begin(db);
    add_item(db, "f", 1);
    db_rollback(db);
}
static void test_store_behind_writes(void **state) {
    (void)state;
    each(body_behind);
}

/* A row that cannot be written is told by the next call, by each after it and by the commit. */
static void body_behind_fails(Env *e) {
    static const char *const twice[] = {"x", "x"}, *const more[] = {"y"};
    if (e->kind != DB_SQLITE) return;
    Db *db = begin_write(e);
    db_behind_begin(db);
    GOOD(put_behind(e, db, twice, 2));
    assert_int_equal(put_behind(e, db, more, 1), ERR_INTERNAL);
    assert_string_equal(db_constraint(db), "");
    int64_t n;
    bool found;
    assert_int_equal(db_get_int(&n, &found, db, "SELECT count(*) FROM item", NO_ARGS),
                     ERR_INTERNAL);
    assert_int_equal(db_commit(db), ERR_INTERNAL);
    db = begin_read(e);
    assert_int_equal(get_int(db, "SELECT count(*) FROM item"), 0);
    db_rollback(db);
}
static void test_store_behind_fails(void **state) {
    (void)state;
    each(body_behind_fails);
}
