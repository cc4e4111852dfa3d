/* db.c: opening, sessions, transactions, the queue of writers and the statement cache: what both
 * engines share. Knows no dialect beyond the helpers at the end. Lifetime: base > session >
 * transaction > rows. SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/db_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void *db_calloc(size_t count, size_t size) {
    void *p = calloc(count ? count : 1, size ? size : 1);
    CHECK(p, "out of memory");
    return p;
}

char *db_strdup(const char *z, size_t n) {
    char *p = db_calloc(n + 1, 1);
    if (n) memcpy(p, z, n);
    return p;
}

bool db_is_word(const char *name) {
    size_t n = strlen(name);
    if (n == 0 || n > 63 || (name[0] >= '0' && name[0] <= '9')) return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

void db_conn_error(Conn *c, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vsnprintf(c->error, sizeof c->error, format, args);
    va_end(args);
    for (size_t n = strlen(c->error); n && c->error[n - 1] == '\n';) c->error[--n] = 0;
}

/* ---- statement cache ---- */

static uint64_t hash_of(const char *p, size_t n) {
    uint64_t h = 1469598103934665603u ^ n;
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t w;
        memcpy(&w, p, 8);
        h = (h ^ w) * 0x9E3779B97F4A7C15u;
        h ^= h >> 32;
    }
    for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)p[i]) * 1099511628211u;
    return h ^ (h >> 29);
}

static void cache_unlink(Cache *cache, Statement *s) {
    if (s->newer)
        s->newer->older = s->older;
    else
        cache->newest = s->older;
    if (s->older)
        s->older->newer = s->newer;
    else
        cache->oldest = s->newer;
    s->newer = s->older = NULL;
}

static void cache_push(Cache *cache, Statement *s) {
    s->older = cache->newest;
    s->newer = NULL;
    if (cache->newest)
        cache->newest->newer = s;
    else
        cache->oldest = s;
    cache->newest = s;
}

Statement *db_cache_find(Conn *c, const char *sql, size_t n_sql) {
    uint64_t hash = hash_of(sql, n_sql);
    for (Statement *s = c->cache.buckets[hash % CACHE_BUCKETS]; s; s = s->chain) {
        if (s->hash != hash || s->n_sql != n_sql || memcmp(s->sql, sql, n_sql) != 0) continue;
        if (s->is_busy) return NULL;
        if (c->cache.newest != s) {
            cache_unlink(&c->cache, s);
            cache_push(&c->cache, s);
        }
        return s;
    }
    return NULL;
}

static void statement_free(Conn *c, Statement *s) {
    c->base->driver->drop(c, s);
    free(s->sql);
    free(s->places);
    free(s->types);
    free(s);
}

void db_cache_remove(Conn *c, Statement *s) {
    if (s->is_cached) {
        Statement **at = &c->cache.buckets[s->hash % CACHE_BUCKETS];
        while (*at != s) at = &(*at)->chain;
        *at = s->chain;
        cache_unlink(&c->cache, s);
        c->cache.n--;
    }
    statement_free(c, s);
}

static void cache_make_room(Conn *c) {
    Statement *s = c->cache.oldest;
    while (s && s->is_busy) s = s->newer;
    if (s) db_cache_remove(c, s);
}

static bool cache_holds(const Conn *c, uint64_t hash, const char *sql, size_t n_sql) {
    for (Statement *s = c->cache.buckets[hash % CACHE_BUCKETS]; s; s = s->chain)
        if (s->hash == hash && s->n_sql == n_sql && memcmp(s->sql, sql, n_sql) == 0) return true;
    return false;
}

Statement *db_cache_add(Conn *c, const char *sql, size_t n_sql, bool is_cached) {
    Statement *s = db_calloc(1, sizeof *s);
    s->sql = db_strdup(sql, n_sql);
    s->n_sql = n_sql;
    s->hash = hash_of(sql, n_sql);
    /* A second use of a busy statement stands beside the cache. */
    s->is_cached = is_cached && !cache_holds(c, s->hash, sql, n_sql);
    if (!s->is_cached) return s;
    if (c->cache.n >= CACHE_SIZE) cache_make_room(c);
    s->chain = c->cache.buckets[s->hash % CACHE_BUCKETS];
    c->cache.buckets[s->hash % CACHE_BUCKETS] = s;
    cache_push(&c->cache, s);
    c->cache.n++;
    return s;
}

void db_cache_clear(Conn *c) {
    while (c->cache.newest) db_cache_remove(c, c->cache.newest);
}

void db_statement_done(Conn *c, Statement *s) {
    s->is_busy = false;
    if (!s->is_cached) statement_free(c, s);
}

/* ---- connections ---- */

Conn *db_conn_new(DbBase *base) {
    Conn *c = db_calloc(1, sizeof *c);
    c->base = base;
    c->constraint = "";
    c->db.conn = c;
    return c;
}

void db_conn_free(Conn *c) {
    if (!c) return;
    CHECK(!c->db.is_open, "a connection is closed inside a transaction");
    c->is_closing = true;
    db_cache_clear(c);
    db_endings_forget(c);
    c->base->driver->disconnect(c);
    free(c);
}

/* ---- opening ---- */

/* The URL as it may be shown: user:***@ loses the password, password= its value. */
static char *without_password(Str url) {
    char *out = db_strdup(url.p, url.n);
    char *host = strstr(out, "://");
    if (!host) return out;
    host += 3;
    size_t authority = strcspn(host, "/?");
    char *at = NULL;
    for (size_t i = 0; i < authority; i++)
        if (host[i] == '@') at = host + i;
    char *colon = at ? memchr(host, ':', (size_t)(at - host)) : NULL;
    if (colon) memmove(colon, at, strlen(at) + 1);
    for (char *p = strstr(host, "password="); p; p = strstr(p + 9, "password=")) {
        char *end = p + 9 + strcspn(p + 9, "&");
        memmove(p + 9, end, strlen(end) + 1);
    }
    return out;
}

static Err open_lock(DbBase *base) {
    size_t n = strlen(base->path) + 6;
    char *name = db_calloc(n, 1);
    (void)snprintf(name, n, "%s.lock", base->path);
    base->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    free(name);
    if (base->lock_fd < 0) {
        (void)snprintf(base->why, sizeof base->why, "cannot make the lock beside the database: %s",
                       strerror(errno));
        return ERR_INTERNAL;
    }
    if (flock(base->lock_fd, LOCK_EX | LOCK_NB) == 0) return OK;
    (void)snprintf(base->why, sizeof base->why, "another process has this database open: %s",
                   base->path);
    return ERR_BUSY;
}

static Err open_sqlite_file(DbBase *base) {
    struct stat st;
    if (stat(base->path, &st) != 0) {
        if (errno != ENOENT || !base->options.create || base->options.read_only) {
            (void)snprintf(base->why, sizeof base->why, "there is no database at %s", base->path);
            return ERR_MISSING;
        }
    }
    if (base->options.exclusive) TRY(open_lock(base));
    if (base->options.read_only) return OK;
    /* Made here so that it, its log and its index are readable by the owner only. */
    int fd = open(base->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        (void)snprintf(base->why, sizeof base->why, "cannot open %s: %s", base->path,
                       strerror(errno));
        return ERR_MISSING;
    }
    close(fd);
    return OK;
}

/* Who was alone and was killed left a journal, which a reader may not play back: whoever writes
 * does. */
static bool settle_journal(DbBase *base) {
    if (!base->options.read_only || base->kind != DB_SQLITE) return false;
    if (open_lock(base) != OK) return false;
    base->options.read_only = false;
    Conn *c = db_conn_new(base);
    bool is_settled = base->driver->connect(c) == OK;
    db_conn_free(c);
    base->options.read_only = true;
    close(base->lock_fd);
    base->lock_fd = -1;
    return is_settled;
}

/* One connection proves that the base is there and usable; SQLite keeps it as its writer. */
static Err open_first(DbBase *base) {
    if (base->kind == DB_SQLITE) TRY(open_sqlite_file(base));
    Conn *c = db_conn_new(base);
    c->is_reader = base->options.read_only;
    Err err = base->driver->connect(c);
    if (err == ERR_DENIED && settle_journal(base)) {
        db_conn_free(c);
        c = db_conn_new(base);
        c->is_reader = true;
        err = base->driver->connect(c);
    }
    if (err != OK) (void)snprintf(base->why, sizeof base->why, "%s", c->error);
    if (err == OK && base->kind == DB_SQLITE && !base->options.read_only)
        base->writer = c;
    else
        db_conn_free(c);
    return err;
}

static void base_free(DbBase *base) {
    db_conn_free(base->writer);
    if (base->memory) base->forget(base->memory);
    if (base->lock_fd >= 0) close(base->lock_fd);
    pthread_mutex_destroy(&base->lock);
    pthread_mutex_destroy(&base->news_lock);
    pthread_cond_destroy(&base->news);
    free(base->full_url);
    free(base->url);
    free(base->path);
    free(base);
}

static void news_init(DbBase *base) {
    pthread_condattr_t attr;
    CHECK(pthread_mutex_init(&base->news_lock, NULL) == 0, "mutex");
    CHECK(pthread_condattr_init(&attr) == 0, "condition");
    CHECK(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0, "condition");
    CHECK(pthread_cond_init(&base->news, &attr) == 0, "condition");
    pthread_condattr_destroy(&attr);
}

Err db_open(DbBase **out, Str *why, Arena *process, Str url, DbOptions options) {
    *out = NULL;
    bool lite = str_starts(url, S("sqlite:"));
    bool pg = str_starts(url, S("postgresql://")) || str_starts(url, S("postgres://"));
    if ((!lite && !pg) || (lite && url.n == 7) || memchr(url.p, 0, url.n)) {
        if (why) *why = S("the database must be sqlite:PATH or postgresql://...");
        return ERR_INVALID;
    }
    DbBase *base = db_calloc(1, sizeof *base);
    base->kind = lite ? DB_SQLITE : DB_POSTGRES;
    base->driver = lite ? &db_driver_sqlite : &db_driver_pgsql;
    base->options = options;
    base->lock_fd = -1;
    base->full_url = db_strdup(url.p, url.n);
    base->url = without_password(url);
    base->path = lite ? db_strdup(url.p + 7, url.n - 7) : db_strdup("", 0);
    CHECK(pthread_mutex_init(&base->lock, NULL) == 0, "mutex");
    news_init(base);
    Err err = open_first(base);
    if (err != OK) {
        if (why) *why = str_copy(process, str_of(base->why));
        base_free(base);
        return err;
    }
    *out = base;
    return OK;
}

void db_close(DbBase *base) {
    if (!base) return;
    CHECK(atomic_load(&base->sessions) == 0, "db_close: a session is still there");
    db_commit_open(base);
    base_free(base);
}

DbKind db_base_kind(const DbBase *base) {
    return base->kind;
}

Str db_base_url(const DbBase *base) {
    return str_of(base->url);
}

Str db_base_path(const DbBase *base) {
    return str_of(base->path);
}

bool db_base_is_degraded(const DbBase *base) {
    int64_t until = atomic_load(&base->degraded_until);
    return until != 0 && clock_mono_us() < until;
}

bool db_base_is_ailing(const DbBase *base) {
    return db_base_is_degraded(base) || atomic_load(&base->awaits_standby);
}

void db_degrade(DbBase *base, int seconds, const char *why) {
    /* A full disk may get room again; anything else needs a look and a new start. */
    int64_t until = seconds ? clock_mono_us() + seconds * INT64_C(1000000) : INT64_MAX;
    int64_t old = atomic_load(&base->degraded_until);
    if (old == INT64_MAX) return;
    atomic_store(&base->degraded_until, until);
    if (seconds)
        log_line(LOG_ERROR, "database_degraded", "%s; writing is refused for %d seconds", why,
                 seconds);
    else
        log_line(LOG_ERROR, "database_degraded", "%s; writing is refused until the next start",
                 why);
}

void db_nudge(DbBase *base) {
    pthread_mutex_lock(&base->news_lock);
    atomic_fetch_add(&base->changes, 1);
    pthread_cond_broadcast(&base->news);
    pthread_mutex_unlock(&base->news_lock);
}

void db_wait(DbBase *base, uint64_t *seen, int64_t most_us) {
    struct timespec until = db_deadline(most_us);
    int rc = 0;
    pthread_mutex_lock(&base->news_lock);
    while (atomic_load(&base->changes) == *seen && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&base->news, &base->news_lock, &until);
    *seen = atomic_load(&base->changes);
    pthread_mutex_unlock(&base->news_lock);
}

Err db_session_new(DbSession **out, DbBase *base) {
    DbSession *s = db_calloc(1, sizeof *s);
    s->base = base;
    atomic_fetch_add(&base->sessions, 1);
    *out = s;
    return OK;
}

void db_session_free(DbSession *s) {
    if (!s) return;
    db_conn_free(s->conns[0]);
    db_conn_free(s->conns[1]);
    atomic_fetch_sub(&s->base->sessions, 1);
    free(s);
}

/* Of a server that is away every request meets it: told once a while. */
void db_tell_connect(Conn *c) {
    int64_t now = clock_mono_us(), until = atomic_load(&c->base->told_until);
    if (now < until ||
        !atomic_compare_exchange_strong(&c->base->told_until, &until, now + INT64_C(2000000)))
        return;
    log_line(LOG_WARN, "database_connect", "%s", c->error);
}

/* ---- transactions ---- */

static Db *db_start(Conn *c, DbSession *s, bool read_only) {
    c->db = (Db){.conn = c, .session = s, .is_open = true, .is_read_only = read_only};
    c->constraint = "";
    return &c->db;
}

static Err session_conn(Conn **out, DbSession *s, bool is_reader) {
    size_t slot = 0;
    if (s->conns[0] && s->conns[0]->db.is_open) slot = 1;
    if (s->base->kind == DB_SQLITE) slot = 0;
    Conn *c = s->conns[slot];
    CHECK(!c || !c->db.is_open, "db_read/db_write: the session is already in this transaction");
    if (!c) {
        c = db_conn_new(s->base);
        c->is_reader = is_reader;
        Err err = s->base->driver->connect(c);
        if (err != OK) {
            db_tell_connect(c);
            db_conn_free(c);
            return err;
        }
        s->conns[slot] = c;
    }
    *out = c;
    return OK;
}

Err db_read(Db **out, DbSession *s) {
    *out = NULL;
    Conn *c;
    TRY(session_conn(&c, s, true));
    TRY(c->base->driver->begin(c, true));
    *out = db_start(c, s, true);
    return OK;
}

static Err write_sqlite(Db **out, DbBase *base, DbSession *s, bool is_shared) {
    bool joins;
    if (!base->writer) return ERR_DENIED;
    if (db_base_is_degraded(base)) return ERR_BUSY;
    TRY(db_group_enter(&joins, base, is_shared));
    *out = db_start(base->writer, s, false);
    (*out)->is_shared = is_shared;
    (*out)->is_joined = joins;
    return OK;
}

static Err write_begin(Db **out, DbSession *s, bool is_shared) {
    *out = NULL;
    if (s->base->options.read_only) return ERR_DENIED;
    if (s->base->kind == DB_SQLITE) return write_sqlite(out, s->base, s, is_shared);
    if (db_base_is_degraded(s->base)) return ERR_BUSY;
    Conn *c;
    TRY(session_conn(&c, s, false));
    TRY(c->base->driver->begin(c, false));
    *out = db_start(c, s, false);
    return OK;
}

Err db_write(Db **out, DbSession *s) {
    return write_begin(out, s, false);
}

Err db_write_shared(Db **out, DbSession *s) {
    return write_begin(out, s, true);
}

Err db_begin_alone(Db **out, DbBase *base, bool read_only) {
    *out = NULL;
    if (base->kind == DB_SQLITE && !read_only) return write_sqlite(out, base, NULL, false);
    Conn *c = db_conn_new(base);
    c->is_reader = read_only;
    c->is_alone = true;
    Err err = base->driver->connect(c);
    if (err == OK) err = base->driver->begin(c, read_only);
    if (err != OK) {
        (void)snprintf(base->why, sizeof base->why, "%s", c->error);
        db_conn_free(c);
        return err;
    }
    *out = db_start(c, NULL, read_only);
    return OK;
}

/* Of the writer the next in the queue may take the Db over at once: it is not touched after this.
 */
static Err db_over(bool *later, Db *db, bool keep, DbDone *done, bool is_followed) {
    Conn *c = db->conn;
    WriterPart part = {.is_shared = db->is_shared,
                       .is_joined = db->is_joined,
                       .keep = keep,
                       .is_followed = is_followed && db->is_shared,
                       .done = done};
    DbBase *base = c->base;
    db_behind_over(db);
    bool is_news = keep && !db->is_read_only;
    db->is_open = false;
    db->session = NULL;
    *later = false;
    if (c == base->writer || keep) {
        Err err = c == base->writer ? db_group_leave(later, c, part) : base->driver->commit(c);
        if (is_news && err == OK && !*later) db_nudge(base);
        return err;
    }
    c->base->driver->rollback(c);
    return OK;
}

static bool must_fail(Db *db) {
    DbSession *s = db->session;
    if (!s || s->fail_after <= 0 || --s->fail_after > 0) return false;
    db_conn_error(db->conn, "made to fail by a test");
    return true;
}

static void close_all_rows(Db *db) {
    while (db->rows) rows_close(db->rows);
}

Err db_commit_later(bool *later, Db *db, DbDone *done, bool is_followed) {
    CHECK(db->is_open, "db_commit: the transaction is over");
    *later = false;
    if (must_fail(db)) {
        db_rollback(db);
        return ERR_INTERNAL;
    }
    Err err = db_settle(db);
    if (err != OK) {
        db_rollback(db);
        return err;
    }
    close_all_rows(db);
    return db_over(later, db, true, done, is_followed);
}

Err db_commit(Db *db) {
    bool later;
    return db_commit_later(&later, db, NULL, false);
}

void db_rollback(Db *db) {
    CHECK(db->is_open, "db_rollback: the transaction is over");
    bool later;
    close_all_rows(db);
    (void)db_over(&later, db, false, NULL, false);
}

void db_end_alone(Db *db, bool commit, Err *err) {
    Conn *c = db->conn;
    if (commit && *err == OK)
        *err = db_commit(db);
    else
        db_rollback(db);
    if (c != c->base->writer) db_conn_free(c);
}

Err db_exec(Db *db, const char *sql) {
    TRY(db_settle(db));
    TRY(db_tell_savepoints(db));
    return db->conn->base->driver->exec(db->conn, sql);
}

static Err savepoint_do(Db *db, const char *verb, int level) {
    char sql[48];
    TRY(db_settle(db));
    (void)snprintf(sql, sizeof sql, "%s g%d", verb, level);
    return db->conn->base->driver->again(db->conn, sql);
}

Err db_tell_savepoints(Db *db) {
    if (db->is_read_only) return OK; /* there is nothing to undo */
    while (db->told < db->savepoints) {
        TRY(savepoint_do(db, "SAVEPOINT", db->told + 1));
        db->told++;
    }
    return OK;
}

/* What writes nothing needs none: the database is told when something is about to. */
Err db_savepoint(Db *db) {
    CHECK(db->is_open, "db_savepoint: the transaction is over");
    CHECK(db->savepoints < MAX_SAVEPOINTS, "db_savepoint: too deep");
    db->savepoints++;
    return OK;
}

Err db_release(Db *db) {
    CHECK(db->is_open && db->savepoints > 0, "db_release: no savepoint");
    int level = db->savepoints--;
    if (db->told < level) return OK;
    db->told = db->savepoints;
    return savepoint_do(db, "RELEASE SAVEPOINT", level);
}

void db_rollback_to(Db *db) {
    CHECK(db->is_open && db->savepoints > 0, "db_rollback_to: no savepoint");
    /* Results opened before it would show rows that are no longer there. */
    close_all_rows(db);
    int level = db->savepoints--;
    if (db->told < level) return;
    db->told = db->savepoints;
    Err err = savepoint_do(db, "ROLLBACK TO SAVEPOINT", level);
    if (err == OK) err = savepoint_do(db, "RELEASE SAVEPOINT", level);
    if (err != OK) log_line(LOG_ERROR, "database_savepoint", "%s", db->conn->error);
}

DbKind db_kind(const Db *db) {
    return db->conn->base->kind;
}

bool db_is_read_only(const Db *db) {
    return db->is_read_only;
}

int64_t *db_mark(Db *db) {
    return &db->mark;
}

void *db_memory(const Db *db, void *(*make)(void), void (*forget)(void *)) {
    DbBase *base = db->conn->base;
    if (base->options.read_only) return NULL;
    pthread_mutex_lock(&base->lock);
    if (!base->memory) base->memory = make();
    base->forget = forget;
    pthread_mutex_unlock(&base->lock);
    return base->memory;
}

const char *db_error(const Db *db) {
    return db->conn->error;
}

const char *db_constraint(const Db *db) {
    return db->conn->constraint;
}

/* ---- statements ---- */

/* The engines differ here (one takes a NUL or half a character in text, the other refuses it), so
 * both refuse a NUL. */
Err db_values_check(Db *db, const DbValue *args, size_t n) {
    CHECK(db->is_open, "the transaction is over");
    TRY(db_settle(db));
    db->conn->constraint = "";
    if (must_fail(db)) return ERR_INTERNAL;
    for (size_t i = 0; i < n; i++) {
        if (args[i].type != DB_TEXT || !args[i].s.n) continue;
        if (!memchr(args[i].s.p, 0, args[i].s.n)) continue;
        db_conn_error(db->conn, "value $%zu: a text holds a NUL", i + 1);
        return ERR_INVALID;
    }
    /* PostgreSQL ends a transaction also when a statement that only reads fails. */
    return db_kind(db) == DB_POSTGRES ? db_tell_savepoints(db) : OK;
}

Err db_run(Db *db, int64_t *changed, const char *sql, const DbValue *args, size_t n) {
    if (changed) *changed = 0;
    CHECK(n <= MAX_PARAMETERS, "too many values");
    TRY(db_values_check(db, args, n));
    int64_t ignored;
    return db->conn->base->driver->run(db->conn, changed ? changed : &ignored, sql, args, n);
}

Err db_post(Db *db, const char *sql, const DbValue *args, size_t n) {
    CHECK(n <= MAX_PARAMETERS, "too many values");
    TRY(db_values_check(db, args, n));
    return db->conn->base->driver->post(db->conn, sql, args, n);
}

static void rows_defer(void *r) {
    rows_close(r);
}

static Err rows_open(Rows *r, Db *db, const char *sql, const DbValue *args, size_t n) {
    CHECK(n <= MAX_PARAMETERS, "too many values");
    TRY(db_values_check(db, args, n));
    r->conn = db->conn;
    Err err = db->conn->base->driver->open(r, sql, args, n);
    if (err != OK) {
        r->conn = NULL;
        return err;
    }
    r->next = db->rows;
    db->rows = r;
    return OK;
}

static Err rows_new(Rows **out, Db *db, Arena *a, const char *sql, const DbValue *args, size_t n,
                    bool is_few) {
    Rows *r = NEW(a, Rows);
    r->arena = a;
    r->is_few = is_few;
    *out = r;
    TRY(rows_open(r, db, sql, args, n));
    arena_defer(a, rows_defer, r);
    return OK;
}

Err db_rows(Rows **out, Db *db, Arena *a, const char *sql, const DbValue *args, size_t n) {
    return rows_new(out, db, a, sql, args, n, false);
}

Err db_few(Rows **out, Db *db, Arena *a, const char *sql, const DbValue *args, size_t n) {
    return rows_new(out, db, a, sql, args, n, true);
}

void db_announce(Db *db, const char *sql, const DbValue *args, size_t n) {
    const Driver *driver = db->conn->base->driver;
    bool may = db->is_open && db->is_read_only && driver->announce && n <= MAX_PARAMETERS;
    for (size_t i = 0; may && i < n; i++)
        may = args[i].type != DB_TEXT || !args[i].s.n || !memchr(args[i].s.p, 0, args[i].s.n);
    if (may && (!db->session || db->session->fail_after == 0))
        driver->announce(db->conn, sql, args, n);
}

Err rows_next(bool *out, Rows *r) {
    *out = false;
    if (!r->conn) return OK;
    if (must_fail(&r->conn->db)) {
        rows_close(r);
        return ERR_INTERNAL;
    }
    TRY(db_settle(&r->conn->db));
    Err err = r->conn->base->driver->next(out, r);
    if (err != OK || !*out) rows_close(r);
    return err;
}

void rows_close(Rows *r) {
    if (!r || !r->conn) return;
    Rows **at = &r->conn->db.rows;
    while (*at && *at != r) at = &(*at)->next;
    if (*at) *at = r->next;
    Err told_later = db_settle(&r->conn->db);
    (void)told_later;
    r->conn->base->driver->close(r);
    r->conn = NULL;
}

size_t rows_count(const Rows *r) {
    return r->columns;
}

bool rows_is_null(const Rows *r, size_t column) {
    CHECK(r->conn && column < r->columns, "rows: no such column");
    return r->conn->base->driver->is_null(r, column);
}

int64_t rows_int(const Rows *r, size_t column) {
    CHECK(r->conn && column < r->columns, "rows: no such column");
    return r->conn->base->driver->get_int(r, column);
}

Str rows_text(const Rows *r, size_t column) {
    CHECK(r->conn && column < r->columns, "rows: no such column");
    return r->conn->base->driver->get_text((Rows *)(uintptr_t)r, column);
}

Str rows_copy(const Rows *r, size_t column) {
    if (rows_is_null(r, column)) return (Str){NULL, 0};
    return str_copy(r->arena, rows_text(r, column));
}

Err db_get_int(int64_t *out, bool *found, Db *db, const char *sql, const DbValue *args, size_t n) {
    Rows r = {.is_few = true};
    bool more;
    *out = 0;
    *found = false;
    TRY(rows_open(&r, db, sql, args, n));
    Err err = rows_next(&more, &r);
    if (err == OK && more && !rows_is_null(&r, 0)) {
        *out = rows_int(&r, 0);
        *found = true;
    }
    rows_close(&r);
    return err;
}

Err db_get_text(Str *out, bool *found, Db *db, Arena *a, const char *sql, const DbValue *args,
                size_t n) {
    Rows r = {.arena = a, .is_few = true};
    bool more;
    *out = (Str){NULL, 0};
    *found = false;
    TRY(rows_open(&r, db, sql, args, n));
    Err err = rows_next(&more, &r);
    if (err == OK && more && !rows_is_null(&r, 0)) {
        *out = rows_copy(&r, 0);
        *found = true;
    }
    rows_close(&r);
    return err;
}

void db_fail_after(DbSession *s, int n) {
    s->fail_after = n;
}

bool db_is_uncertain(const DbSession *s) {
    return (s->conns[0] && s->conns[0]->is_uncertain) || (s->conns[1] && s->conns[1]->is_uncertain);
}

int db_open_statements(const DbSession *s) {
    const Conn *conns[] = {s->conns[0], s->conns[1], s->base->writer};
    int n = 0;
    for (size_t i = 0; i < LENGTH(conns); i++) {
        /* The shared writer counts only while it is this session's turn. */
        if (!conns[i] || conns[i]->db.session != s) continue;
        for (const Rows *r = conns[i]->db.rows; r; r = r->next) n++;
    }
    return n;
}
