/* test_store_power.c: power that is cut at any moment, and calls of the system that fail. A VFS
 * records each write and sync of the database and its log; images of the disk are then built as a
 * cut could leave them (what was synced, and of the rest nothing, all, some, or a torn sector), and
 * whatever was acknowledged must be in them. A control that takes syncs for nothing must lose
 * something. SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/test_store.h"

#include <errno.h>
#include <sqlite3.h>

enum { FILES = 2, SECTOR = 512, COMMITS = 90, CUTS = 160, TEXT_MOST = 60000, FAILURES = 45 };

typedef enum OpKind { OP_WRITE, OP_CUT, OP_SYNC, OP_ACK } OpKind;
typedef struct Op {
    OpKind kind;
    int file;         /* 0: the database, 1: its log */
    sqlite3_int64 at; /* of a write; new length of OP_CUT; number of OP_ACK */
    size_t n;
    unsigned char *bytes;
} Op;

/* Of one test at a time; a VFS has no place of its own for it. */
static struct Recorder {
    bool is_on;
    Op *ops;
    size_t n, cap;
    int calls, fail_at; /* 0: none fails */
    int fail_code;
    bool fails_on; /* all that follow fail, too */
} rec;
static sqlite3_vfs shim;

typedef struct ShimFile {
    sqlite3_file base;
    sqlite3_file *real;
    int id; /* -1: of no interest */
} ShimFile;

static sqlite3_file *real_of(sqlite3_file *f) {
    return ((ShimFile *)f)->real;
}

static void note(OpKind kind, int file, sqlite3_int64 at, const void *bytes, size_t n) {
    if (!rec.is_on || file < 0) return;
    if (rec.n == rec.cap) {
        rec.cap = rec.cap ? rec.cap * 2 : 1024;
        rec.ops = realloc(rec.ops, rec.cap * sizeof *rec.ops);
        assert_non_null(rec.ops);
    }
    Op *op = &rec.ops[rec.n++];
    *op = (Op){.kind = kind, .file = file, .at = at, .n = n};
    if (!n) return;
    op->bytes = malloc(n);
    assert_non_null(op->bytes);
    memcpy(op->bytes, bytes, n);
}

static bool fails(const ShimFile *f) {
    if (!rec.is_on || f->id < 0 || !rec.fail_at) return false;
    rec.calls++;
    return rec.fails_on ? rec.calls >= rec.fail_at : rec.calls == rec.fail_at;
}

static int shim_close(sqlite3_file *f) {
    return real_of(f)->pMethods->xClose(real_of(f));
}
static int shim_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at) {
    return real_of(f)->pMethods->xRead(real_of(f), p, n, at);
}
static int shim_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at) {
    ShimFile *x = (ShimFile *)f;
    if (fails(x)) return rec.fail_code == SQLITE_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    note(OP_WRITE, x->id, at, p, (size_t)n);
    return x->real->pMethods->xWrite(x->real, p, n, at);
}
static int shim_truncate(sqlite3_file *f, sqlite3_int64 size) {
    ShimFile *x = (ShimFile *)f;
    if (fails(x)) return SQLITE_IOERR_TRUNCATE;
    note(OP_CUT, x->id, size, NULL, 0);
    return x->real->pMethods->xTruncate(x->real, size);
}
static int shim_sync(sqlite3_file *f, int flags) {
    ShimFile *x = (ShimFile *)f;
    if (fails(x)) return SQLITE_IOERR_FSYNC;
    note(OP_SYNC, x->id, 0, NULL, 0);
    (void)flags;
    return SQLITE_OK; /* the disk here is the record */
}
static int shim_size(sqlite3_file *f, sqlite3_int64 *size) {
    return real_of(f)->pMethods->xFileSize(real_of(f), size);
}
static int shim_lock(sqlite3_file *f, int kind) {
    return real_of(f)->pMethods->xLock(real_of(f), kind);
}
static int shim_unlock(sqlite3_file *f, int kind) {
    return real_of(f)->pMethods->xUnlock(real_of(f), kind);
}
static int shim_reserved(sqlite3_file *f, int *out) {
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}
static int shim_control(sqlite3_file *f, int op, void *arg) {
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}
static int shim_sector(sqlite3_file *f) {
    (void)f;
    return SECTOR;
}
/* No promises of the device: the worst disk that is still honest about syncs. */
static int shim_device(sqlite3_file *f) {
    (void)f;
    return 0;
}
static int shim_map(sqlite3_file *f, int page, int size, int extend, void volatile **p) {
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, p);
}
static int shim_shm_lock(sqlite3_file *f, int at, int n, int flags) {
    return real_of(f)->pMethods->xShmLock(real_of(f), at, n, flags);
}
static void shim_barrier(sqlite3_file *f) {
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}
static int shim_unmap(sqlite3_file *f, int remove_it) {
    return real_of(f)->pMethods->xShmUnmap(real_of(f), remove_it);
}

static const sqlite3_io_methods methods = {
    2,           shim_close, shim_read,     shim_write,    shim_truncate, shim_sync,
    shim_size,   shim_lock,  shim_unlock,   shim_reserved, shim_control,  shim_sector,
    shim_device, shim_map,   shim_shm_lock, shim_barrier,  shim_unmap,    NULL,
    NULL};

static int shim_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out) {
    sqlite3_vfs *real = v->pAppData;
    ShimFile *x = (ShimFile *)f;
    *x = (ShimFile){.real = (sqlite3_file *)(void *)(x + 1)};
    x->id = flags & SQLITE_OPEN_MAIN_DB ? 0 : flags & SQLITE_OPEN_WAL ? 1 : -1;
    int rc = real->xOpen(real, name, x->real, flags, out);
    x->base.pMethods = x->real->pMethods ? &methods : NULL;
    return rc;
}

static void shim_on(void) {
    sqlite3_vfs *real = sqlite3_vfs_find("unix");
    assert_non_null(real);
    shim = *real;
    shim.pNext = NULL;
    shim.zName = "power";
    shim.szOsFile = (int)sizeof(ShimFile) + real->szOsFile;
    shim.pAppData = real;
    shim.xOpen = shim_open;
    assert_int_equal(sqlite3_vfs_register(&shim, 1), SQLITE_OK);
}

static void shim_off(void) {
    sqlite3_vfs_unregister(&shim);
    for (size_t i = 0; i < rec.n; i++) free(rec.ops[i].bytes);
    free(rec.ops);
    memset(&rec, 0, sizeof rec);
}

/* ---- the work that is cut ---- */

static unsigned chance(unsigned *seed, unsigned below) {
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

static Err add(DbSession *s, int i, const char *text, size_t n) {
    Db *db;
    char name[32];
    snprintf(name, sizeof name, "row %d", i);
    TRY(db_write(&db, s));
    Err e = db_run(db, NULL, "INSERT INTO item (name, amount, data) VALUES ($1, $2, $3)",
                   ARGS(db_text(str_of(name)), db_int(i), db_blob((Str){text, n})));
    if (e == OK) return db_commit(db);
    db_rollback(db);
    return e;
}

typedef struct Bytes {
    unsigned char *p;
    size_t n, cap;
} Bytes;

static void put(Bytes *b, size_t at, const unsigned char *p, size_t n) {
    if (!n) return;
    if (at + n > b->cap) {
        size_t cap = (at + n) * 2;
        b->p = realloc(b->p, cap);
        assert_non_null(b->p);
        memset(b->p + b->cap, 0, cap - b->cap);
        b->cap = cap;
    }
    if (at > b->n) memset(b->p + b->n, 0, at - b->n);
    memcpy(b->p + at, p, n);
    if (at + n > b->n) b->n = at + n;
}

static Bytes load(const char *path) {
    Bytes b = {0};
    unsigned char part[8192];
    FILE *f = fopen(path, "rb");
    for (size_t n; f && (n = fread(part, 1, sizeof part, f)) > 0;) put(&b, b.n, part, n);
    if (f) fclose(f);
    return b;
}

static void store(const char *path, const Bytes *b) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    if (b->n) assert_int_equal(fwrite(b->p, 1, b->n, f), b->n);
    assert_int_equal(fclose(f), 0);
}

static void apply(Bytes *b, const Op *op, size_t n) {
    if (op->kind == OP_WRITE) put(b, (size_t)op->at, op->bytes, n);
    if (op->kind == OP_CUT && (size_t)op->at < b->n) b->n = (size_t)op->at;
}

/* What the disk holds when the power goes after op `cut`; how the unsynced part fares is drawn. */
static void image(Bytes out[FILES], const Bytes *first, size_t cut, unsigned *seed, bool no_syncs) {
    for (int file = 0; file < FILES; file++) {
        size_t synced = 0;
        for (size_t i = 0; i < cut && !no_syncs; i++)
            if (rec.ops[i].file == file && rec.ops[i].kind == OP_SYNC) synced = i;
        unsigned fate = no_syncs ? 0 : chance(seed, 4);
        size_t prefix = synced + chance(seed, (unsigned)(cut - synced) + 1);
        put(&out[file], 0, first[file].p, first[file].n);
        for (size_t i = 0; i < cut; i++) {
            const Op *op = &rec.ops[i];
            if (op->file != file || op->kind == OP_ACK || op->kind == OP_SYNC) continue;
            bool is_durable = i < synced;
            bool stays = is_durable || fate == 1 || (fate == 2 && i < prefix) ||
                         (fate == 3 && chance(seed, 2));
            if (!stays) continue;
            bool is_torn = !is_durable && fate == 3 && op->n > SECTOR && chance(seed, 3) == 0;
            apply(&out[file], op,
                  is_torn ? (1 + chance(seed, (unsigned)(op->n / SECTOR))) * SECTOR : op->n);
        }
    }
}

/* How many of the first `acked` rows are there, whole; -1: the base is damaged. */
static int kept(const char *path, int acked) {
    sqlite3 *lite;
    sqlite3_stmt *s;
    int found = 0;
    bool whole = false;
    assert_int_equal(sqlite3_open_v2(path, &lite, SQLITE_OPEN_READWRITE, "unix"), SQLITE_OK);
    sqlite3_exec(lite, "PRAGMA synchronous=OFF", NULL, NULL, NULL);
    if (sqlite3_prepare_v2(lite, "PRAGMA integrity_check", -1, &s, NULL) == SQLITE_OK) {
        whole = sqlite3_step(s) == SQLITE_ROW &&
                strcmp((const char *)sqlite3_column_text(s, 0), "ok") == 0;
        sqlite3_finalize(s);
    }
    if (whole && sqlite3_prepare_v2(lite,
                                    "SELECT count(*) FROM item WHERE amount <= ? AND "
                                    "name = 'row ' || amount AND data IS NOT NULL",
                                    -1, &s, NULL) == SQLITE_OK) {
        sqlite3_bind_int(s, 1, acked);
        if (sqlite3_step(s) == SQLITE_ROW) found = sqlite3_column_int(s, 0);
        sqlite3_finalize(s);
    }
    sqlite3_close(lite);
    return whole ? found : -1;
}

static int acked_before(size_t cut) {
    int acked = 0;
    for (size_t i = 0; i < cut; i++)
        if (rec.ops[i].kind == OP_ACK) acked = (int)rec.ops[i].at;
    return acked;
}

static int lost_of(Env *e, const Bytes *first, int cuts, bool no_syncs) {
    int lost = 0;
    unsigned seed = 7;
    const char *path = str_fmt(e->a, "%s/image.db", e->folder).p;
    const char *log = str_fmt(e->a, "%s/image.db-wal", e->folder).p;
    const char *shm = str_fmt(e->a, "%s/image.db-shm", e->folder).p;
    for (int k = 0; k < cuts; k++) {
        Bytes out[FILES] = {0};
        size_t cut = 1 + chance(&seed, (unsigned)rec.n);
        int acked = acked_before(cut);
        image(out, first, cut, &seed, no_syncs);
        remove(shm);
        store(path, &out[0]);
        store(log, &out[1]);
        int found = kept(path, acked);
        if (found < acked) lost++;
        if (!no_syncs && found < acked)
            print_error("cut %zu of %zu: %d of %d are there\n", cut, rec.n, found, acked);
        for (int f = 0; f < FILES; f++) free(out[f].p);
    }
    return lost;
}

static void body_power(Env *e) {
    Arena *a = e->a;
    char *text = NEW_N(a, char, TEXT_MOST);
    unsigned seed = 3;
    memset(text, 'x', TEXT_MOST);
    db_session_free(e->s);
    db_close(e->base);
    const char *path = str_fmt(a, "%s/one.db", e->folder).p;
    const Bytes first[FILES] = {load(path), {0}};
    shim_on();
    rec.is_on = true;
    GOOD(db_open(&e->base, NULL, a, str_fmt(a, "sqlite:%s", path), (DbOptions){.exclusive = true}));
    GOOD(db_session_new(&e->s, e->base));
    for (int i = 1; i <= COMMITS; i++) {
        GOOD(add(e->s, i, text, 1 + chance(&seed, TEXT_MOST - 1)));
        note(OP_ACK, 1, i, NULL, 0);
    }
    db_session_free(e->s);
    db_close(e->base); /* what is in the log goes into the database */
    rec.is_on = false;
    size_t syncs[FILES] = {0};
    for (size_t i = 0; i < rec.n; i++)
        if (rec.ops[i].kind == OP_SYNC) syncs[rec.ops[i].file]++;
    assert_true(syncs[1] >= COMMITS); /* the log at each commit */
    assert_true(syncs[0] > 0);
    assert_int_equal(lost_of(e, first, CUTS, false), 0);
    assert_true(lost_of(e, first, 12, true) > 0);
    free(first[0].p);
    e->base = open_new(e, DB_SQLITE, "one");
    GOOD(db_session_new(&e->s, e->base));
}

static void test_store_power_cut(void **state) {
    (void)state;
    run_on(DB_SQLITE, body_power);
    shim_off();
}

/* ---- calls that fail ---- */

static void one_failure(Env *e, int call, int code, bool fails_on) {
    const char *path = str_fmt(e->a, "%s/fail%d-%d-%d.db", e->folder, call, code, fails_on).p;
    Bytes base = load(str_fmt(e->a, "%s/one.db", e->folder).p);
    DbBase *b;
    DbSession *s;
    int acked = 0;
    static const char text[9000] = "x";
    store(path, &base);
    free(base.p);
    rec.is_on = true;
    rec.calls = 0;
    rec.fail_at = call;
    rec.fail_code = code;
    rec.fails_on = fails_on;
    if (db_open(&b, NULL, e->a, str_fmt(e->a, "sqlite:%s", path), (DbOptions){.exclusive = true}) ==
        OK) {
        GOOD(db_session_new(&s, b));
        for (int i = 1; i <= 8; i++)
            if (i == acked + 1 && add(s, i, text, sizeof text) == OK) acked = i;
        rec.is_on = false;
        db_session_free(s);
        db_close(b);
    }
    rec.is_on = false;
    int found = kept(path, acked);
    if (found != acked)
        print_error("call %d, code %d: %d of %d are there\n", call, code, found, acked);
    assert_int_equal(found, acked);
}

static void body_failures(Env *e) {
    log_set_level(LOG_ERROR + 1);
    shim_on();
    for (int call = 1; call <= FAILURES; call++) {
        one_failure(e, call, SQLITE_IOERR, false);
        one_failure(e, call, SQLITE_FULL, false);
        if (call % 3 == 0) one_failure(e, call, SQLITE_IOERR, true);
    }
    log_set_level(LOG_INFO);
}

static void test_store_power_failing_calls(void **state) {
    (void)state;
    run_on(DB_SQLITE, body_failures);
    shim_off();
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_store_power_cut),
                                       cmocka_unit_test(test_store_power_failing_calls)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
