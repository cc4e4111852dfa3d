/* db_sqlite.c: the SQLite engine. The only file that includes sqlite3.h besides db_copy.c.
 * Readers are query_only and never checkpoint; the one writer does, since two connections that
 * write the log at once can damage it in the linked versions before 3.51.3.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/db_impl.h"

#include <sqlite3.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHECKPOINT_PAGES = 4000, CHECKPOINT_HARD_PAGES = 16000 };

static void note_constraint(Conn *c, int extended) {
    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: c->constraint = "unique"; break;
    case SQLITE_CONSTRAINT_FOREIGNKEY: c->constraint = "foreign_key"; break;
    case SQLITE_CONSTRAINT_NOTNULL: c->constraint = "not_null"; break;
    default: c->constraint = "check"; break;
    }
}

static void note_disk(Conn *c, int primary) {
    if (c->is_reader) return;
    if (primary == SQLITE_IOERR || primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB)
        db_degrade(c->base, DEGRADE_FOR_EVER, c->error);
    else if (primary == SQLITE_FULL)
        db_degrade(c->base, DEGRADE_DISK_S, c->error);
}

/* What an operator can mend, where SQLite only says that it could not: reading makes files beside
 * the base, too. */
static void note_place(Conn *c, int primary) {
    const char *path = c->base->path, *end = strrchr(path, '/');
    char folder[PATH_MAX] = ".";
    if (primary != SQLITE_CANTOPEN && primary != SQLITE_READONLY && primary != SQLITE_PERM) return;
    if (end) (void)snprintf(folder, sizeof folder, "%.*s/", (int)(end - path), path);
    if (access(path, F_OK) == 0 && access(path, R_OK) != 0)
        db_conn_error(c, "cannot read %s: %s", path, strerror(errno));
    else if (access(folder, W_OK) != 0)
        db_conn_error(c,
                      "cannot write to the folder of %s, which reading needs, too: %s. Copy the "
                      "database to a folder that is yours",
                      path, strerror(errno));
}

/* From a result code to ours; the text is kept for db_error. */
static Err lite_error(Conn *c, int rc, const char *sql) {
    int extended = c->lite ? sqlite3_extended_errcode(c->lite) : rc;
    int primary = rc & 0xFF;
    db_conn_error(c, "%s", c->lite ? sqlite3_errmsg(c->lite) : sqlite3_errstr(rc));
    note_place(c, primary);
    note_disk(c, primary);
    switch (primary) {
    case SQLITE_CONSTRAINT:
        note_constraint(c, extended);
        return str_is(S("unique"), c->constraint) ? ERR_CONFLICT : ERR_INVALID;
    case SQLITE_MISMATCH: c->constraint = "check"; return ERR_INVALID;
    case SQLITE_TOOBIG: return ERR_INVALID;
    case SQLITE_READONLY: return ERR_DENIED;
    case SQLITE_BUSY: return extended == SQLITE_BUSY_SNAPSHOT ? ERR_CONFLICT : ERR_BUSY;
    case SQLITE_LOCKED:
    case SQLITE_FULL: return ERR_BUSY;
    default: break;
    }
    log_line(LOG_ERROR, "database", "sqlite %d: %s in: %.300s", extended, c->error, sql);
    return ERR_INTERNAL;
}

static Err lite_exec(Conn *c, const char *sql) {
    c->has_written = true;
    int rc = sqlite3_exec(c->lite, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? OK : lite_error(c, rc, sql);
}

/* Runs in the writer's own thread after a commit, so no other connection is at work on the log. */
static int on_log(void *arg, sqlite3 *lite, const char *name, int pages) {
    (void)arg;
    if (pages < CHECKPOINT_PAGES) return SQLITE_OK;
    if (pages < CHECKPOINT_HARD_PAGES) {
        (void)sqlite3_wal_checkpoint_v2(lite, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        return SQLITE_OK;
    }
    /* A slow reader kept the log from starting over: wait for it a moment, not longer. */
    sqlite3_busy_timeout(lite, 100);
    (void)sqlite3_wal_checkpoint_v2(lite, name, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(lite, 5000);
    return SQLITE_OK;
}

static Err lite_configure(Conn *c) {
    sqlite3 *l = c->lite;
    sqlite3_extended_result_codes(l, 1);
    sqlite3_busy_timeout(l, 5000);
    sqlite3_limit(l, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_db_config(l, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(l, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(l, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(l, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    if (c->is_reader) sqlite3_db_config(l, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    TRY(lite_exec(c, "PRAGMA mmap_size=0; PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=ON; "
                     "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; "
                     "PRAGMA cell_size_check=ON; PRAGMA secure_delete=FAST"));
    char cache[64];
    (void)snprintf(cache, sizeof cache, "PRAGMA cache_size=-%d",
                   c->is_reader ? LITE_READER_KIB : LITE_CACHE_KIB);
    TRY(lite_exec(c, cache));
    if (c->is_reader) return lite_exec(c, "PRAGMA wal_autocheckpoint=0; PRAGMA query_only=ON");
    TRY(lite_exec(c, "PRAGMA journal_size_limit=67108864; PRAGMA journal_mode=WAL"));
    sqlite3_wal_hook(l, on_log, NULL);
    return OK;
}

/* What the library counts of its memory costs it a lock at each allocation. */
static void lite_start_up(void) {
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static Err lite_connect(Conn *c) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, lite_start_up);
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= c->base->options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    int rc = sqlite3_open_v2(c->base->path, &c->lite, flags, NULL);
    if (rc != SQLITE_OK) return lite_error(c, rc, "open");
    TRY(lite_configure(c));
    /* The file is first read here: "file is not a database" must come out of the opening. */
    return lite_exec(c, "SELECT count(*) FROM sqlite_schema");
}

static void lite_disconnect(Conn *c) {
    if (c->lite && sqlite3_close(c->lite) != SQLITE_OK)
        log_line(LOG_ERROR, "database_close", "%s", sqlite3_errmsg(c->lite));
    c->lite = NULL;
}

static void lite_drop(Conn *c, Statement *s) {
    (void)c;
    if (s->lite) sqlite3_finalize(s->lite);
    s->lite = NULL;
}

static void find_places(Statement *s, size_t n) {
    s->n_args = n;
    s->places = db_calloc(n, sizeof *s->places);
    for (size_t i = 0; i < n; i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "$%zu", i + 1);
        s->places[i] = sqlite3_bind_parameter_index(s->lite, name);
    }
}

static Err lite_prepare(Statement **out, Conn *c, const char *sql, size_t n) {
    size_t n_sql = strlen(sql);
    Statement *s = db_cache_find(c, sql, n_sql);
    if (s && s->n_args == n) {
        *out = s;
        return OK;
    }
    if (s) db_cache_remove(c, s);
    sqlite3_stmt *lite = NULL;
    const char *tail = NULL;
    CHECK(n_sql < 1000000, "an SQL text is too long");
    int rc =
        sqlite3_prepare_v3(c->lite, sql, (int)n_sql + 1, SQLITE_PREPARE_PERSISTENT, &lite, &tail);
    if (rc != SQLITE_OK) return lite_error(c, rc, sql);
    CHECK(lite && tail[strspn(tail, " \n\t;")] == 0, "one statement at a time");
    s = db_cache_add(c, sql, n_sql, true);
    s->lite = lite;
    find_places(s, n);
    CHECK(sqlite3_bind_parameter_count(lite) <= (int)n, "a parameter has no value");
    *out = s;
    return OK;
}

/* A text that is run again and again: prepared once. */
static Err lite_again(Conn *c, const char *sql) {
    Statement *s = NULL;
    TRY(lite_prepare(&s, c, sql, 0));
    s->is_busy = true;
    int rc = sqlite3_step(s->lite);
    Err err = rc == SQLITE_DONE ? OK : lite_error(c, rc, sql);
    (void)sqlite3_reset(s->lite);
    db_statement_done(c, s);
    return err;
}

static Err lite_begin(Conn *c, bool read_only) {
    if (read_only) return lite_again(c, "BEGIN");
    return lite_again(c, c->base->is_alone ? "BEGIN EXCLUSIVE" : "BEGIN IMMEDIATE");
}

static void lite_rollback(Conn *c) {
    if (sqlite3_get_autocommit(c->lite)) return;
    Err err = lite_again(c, "ROLLBACK");
    if (err != OK) log_line(LOG_ERROR, "database_rollback", "%s", c->error);
}

static Err lite_commit(Conn *c) {
    /* Some failures (disk full, input/output) end the transaction by themselves. */
    if (sqlite3_get_autocommit(c->lite)) return ERR_INTERNAL;
    Err err = lite_again(c, "COMMIT");
    if (err != OK) lite_rollback(c);
    return err;
}

static int bind_one(sqlite3_stmt *lite, int place, DbValue v) {
    const char *p = v.s.p ? v.s.p : "";
    switch (v.type) {
    case DB_INT: return sqlite3_bind_int64(lite, place, v.i);
    case DB_TEXT: return sqlite3_bind_text64(lite, place, p, v.s.n, SQLITE_STATIC, SQLITE_UTF8);
    case DB_BLOB: return sqlite3_bind_blob64(lite, place, p, v.s.n, SQLITE_STATIC);
    case DB_NULL: break;
    }
    return sqlite3_bind_null(lite, place);
}

/* Values of an opened result must live as long as it: the engine copies them then. */
static int bind_copied(sqlite3_stmt *lite, int place, DbValue v) {
    const char *p = v.s.p ? v.s.p : "";
    if (v.type == DB_TEXT)
        return sqlite3_bind_text64(lite, place, p, v.s.n, SQLITE_TRANSIENT, SQLITE_UTF8);
    if (v.type == DB_BLOB) return sqlite3_bind_blob64(lite, place, p, v.s.n, SQLITE_TRANSIENT);
    return bind_one(lite, place, v);
}

static Err lite_start(Statement **out, Conn *c, const char *sql, const DbValue *args, size_t n,
                      bool copy) {
    Statement *s = NULL;
    TRY(lite_prepare(&s, c, sql, n));
    if (c->db.is_read_only && !sqlite3_stmt_readonly(s->lite)) {
        if (!s->is_cached) db_statement_done(c, s);
        db_conn_error(c, "this transaction only reads");
        return ERR_DENIED;
    }
    if (!sqlite3_stmt_readonly(s->lite)) {
        c->has_written = true;
        Err told = db_tell_savepoints(&c->db);
        if (told != OK) {
            db_statement_done(c, s);
            return told;
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (!s->places[i]) continue;
        int rc = copy ? bind_copied(s->lite, s->places[i], args[i])
                      : bind_one(s->lite, s->places[i], args[i]);
        if (rc == SQLITE_OK) continue;
        Err err = lite_error(c, rc, sql);
        db_statement_done(c, s);
        return err;
    }
    s->is_busy = true;
    *out = s;
    return OK;
}

static void lite_finish(Conn *c, Statement *s) {
    (void)sqlite3_reset(s->lite);
    (void)sqlite3_clear_bindings(s->lite);
    db_statement_done(c, s);
}

static Err lite_run(Conn *c, int64_t *changed, const char *sql, const DbValue *args, size_t n) {
    Statement *s = NULL;
    TRY(lite_start(&s, c, sql, args, n, false));
    sqlite3_int64 before = sqlite3_total_changes64(c->lite);
    int rc;
    do rc = sqlite3_step(s->lite);
    while (rc == SQLITE_ROW);
    Err err = rc == SQLITE_DONE ? OK : lite_error(c, rc, sql);
    if (err == OK && !sqlite3_stmt_readonly(s->lite) && sqlite3_total_changes64(c->lite) != before)
        *changed = sqlite3_changes64(c->lite);
    lite_finish(c, s);
    return err;
}

static Err lite_post(Conn *c, const char *sql, const DbValue *args, size_t n) {
    int64_t ignored;
    Err err = lite_run(c, &ignored, sql, args, n);
    if (!*c->constraint) return err;
    log_line(LOG_ERROR, "database", "posted: %s", c->error);
    c->constraint = "";
    return ERR_INTERNAL;
}

static Err lite_many(Conn *c, const char *sql, const DbValue *values, size_t n_columns,
                     size_t n_rows) {
    Statement *s = NULL;
    Err err = OK;
    TRY(lite_prepare(&s, c, sql, n_columns));
    s->is_busy = true;
    c->has_written = true;
    for (size_t i = 0; i < n_rows && err == OK; i++) {
        int rc = SQLITE_OK;
        for (size_t k = 0; k < n_columns && rc == SQLITE_OK; k++)
            rc = bind_one(s->lite, s->places[k], values[i * n_columns + k]);
        if (rc == SQLITE_OK) rc = sqlite3_step(s->lite);
        if (rc != SQLITE_DONE) err = lite_error(c, rc, sql);
        (void)sqlite3_reset(s->lite);
    }
    (void)sqlite3_clear_bindings(s->lite);
    db_statement_done(c, s);
    return err;
}

static Err lite_step(bool *out, Rows *r) {
    int rc = sqlite3_step(r->statement->lite);
    *out = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW || rc == SQLITE_DONE) return OK;
    return lite_error(r->conn, rc, r->statement->sql);
}

static Err lite_open(Rows *r, const char *sql, const DbValue *args, size_t n) {
    TRY(lite_start(&r->statement, r->conn, sql, args, n, true));
    r->columns = (size_t)sqlite3_column_count(r->statement->lite);
    /* A statement that writes must take effect here, not when its rows are read. */
    bool more;
    Err err = lite_step(&more, r);
    if (err != OK) {
        lite_finish(r->conn, r->statement);
        return err;
    }
    r->has_first = true;
    r->row = more;
    return OK;
}

static Err lite_next(bool *out, Rows *r) {
    if (!r->has_first) return lite_step(out, r);
    r->has_first = false;
    *out = r->row != 0;
    return OK;
}

static void lite_close(Rows *r) {
    lite_finish(r->conn, r->statement);
    r->statement = NULL;
}

static bool lite_is_null(const Rows *r, size_t column) {
    return sqlite3_column_type(r->statement->lite, (int)column) == SQLITE_NULL;
}

static int64_t lite_int(const Rows *r, size_t column) {
    return sqlite3_column_int64(r->statement->lite, (int)column);
}

static Str lite_text(Rows *r, size_t column) {
    sqlite3_stmt *l = r->statement->lite;
    int type = sqlite3_column_type(l, (int)column);
    if (type == SQLITE_NULL) return (Str){NULL, 0};
    const char *p = type == SQLITE_BLOB ? sqlite3_column_blob(l, (int)column)
                                        : (const char *)sqlite3_column_text(l, (int)column);
    size_t n = (size_t)sqlite3_column_bytes(l, (int)column);
    return (Str){p ? p : "", n};
}

const Driver db_driver_sqlite = {
    .connect = lite_connect,
    .disconnect = lite_disconnect,
    .begin = lite_begin,
    .commit = lite_commit,
    .rollback = lite_rollback,
    .exec = lite_exec,
    .again = lite_again,
    .run = lite_run,
    .post = lite_post,
    .open = lite_open,
    .next = lite_next,
    .close = lite_close,
    .drop = lite_drop,
    .is_null = lite_is_null,
    .get_int = lite_int,
    .get_text = lite_text,
    .many = lite_many,
};
