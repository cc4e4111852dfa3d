/* test_store_copy.c: sessions side by side, backup, copy, the file store. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "store/test_store.h"

static int group_setup(void **state) {
    return store_setup(state);
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

/* ---- commits that are told ---- */

typedef struct Told {
    DbDone done;
    int times;
    Err result;
} Told;

static void told_over(DbDone *done, Err result) {
    Told *t = (Told *)done;
    t->times++;
    t->result = result;
}

static void add_shared(Env *e, const char *name, Told *told, bool is_followed) {
    Db *db;
    bool later;
    *told = (Told){.done.call = told_over};
    GOOD(db_write_shared(&db, e->s));
    GOOD(db_run(db, NULL, "INSERT INTO item (name) VALUES ($1)", ARGS(db_textz(name))));
    GOOD(db_commit_later(&later, db, &told->done, is_followed));
    assert_int_equal(later, is_followed && e->kind == DB_SQLITE);
}

static void undo_shared(Env *e, bool writes) {
    Db *db;
    GOOD(db_write_shared(&db, e->s));
    if (writes) GOOD(db_run(db, NULL, "INSERT INTO item (name) VALUES ('never')", NO_ARGS));
    db_rollback(db);
}

static int items(Env *e) {
    Db *db = begin_read(e);
    int n = (int)get_int(db, "SELECT count(*) FROM item");
    db_rollback(db);
    return n;
}

static void expect_told(const Told *t, int times, Err result) {
    assert_int_equal(t->times, times);
    if (times) assert_int_equal(t->result, result);
}

static void body_later(Env *e) {
    Told a, b;
    add_shared(e, "a", &a, true);
    add_shared(e, "b", &b, true);
    if (e->kind != DB_SQLITE) { /* there each is durable at once */
        assert_int_equal(items(e), 2);
        return;
    }
    undo_shared(e, false); /* of what wrote nothing nothing is taken back: it commits */
    expect_told(&a, 1, OK);
    expect_told(&b, 1, OK);
    assert_int_equal(items(e), 2);

    add_shared(e, "c", &a, true);
    assert_int_equal(items(e), 2); /* nobody sees what is not committed */
    expect_told(&a, 0, OK);
    undo_shared(e, true); /* takes the other with it ... */
    expect_told(&a, 1, ERR_CONFLICT);
    assert_int_equal(items(e), 2);

    add_shared(e, "c", &a, true);
    add_shared(e, "d", &b, true);
    undo_shared(e, true); /* ... and then, for a moment, no more */
    expect_told(&a, 1, OK);
    expect_told(&b, 1, OK);
    assert_int_equal(items(e), 4);

    add_shared(e, "e", &a, true);
    db_commit_open(e->base);
    db_commit_open(e->base);
    expect_told(&a, 1, OK);
    add_shared(e, "f", &a, true);
    Db *db = begin_write(e); /* who shares with nobody begins anew */
    expect_told(&a, 1, OK);
    db_rollback(db);
    assert_int_equal(items(e), 6);
    add_shared(e, "g", &a, false);
    expect_told(&a, 0, OK);
    assert_int_equal(items(e), 7);
}
static void test_store_later(void **state) {
    (void)state;
    each(body_later);
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
