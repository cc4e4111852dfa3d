/* db_copy.c: whole databases: the online backup into one SQLite file, and the copy of all rows
 * between bases. Rows are copied by the names of tables and columns; knows no record type.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/db_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKUP_PAGES = 256, COPY_BUFFER = 1 << 20, PROGRESS_ROWS = 1000 };

typedef struct Copy {
    DbBase *base; /* holds the words of a failure */
    Db *from, *to;
    Arena *arena;
    void (*progress)(void *arg, int64_t done, int64_t total);
    void *arg;
    int64_t done, total;
} Copy;

static void PRINTF_LIKE(2, 3) say(DbBase *base, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vsnprintf(base->why, sizeof base->why, format, args);
    va_end(args);
}

static void tell(Copy *c) {
    if (c->progress) c->progress(c->arg, c->done, c->total);
}

/* ---- what must hold before a copy ---- */

static Err is_empty(bool *out, Db *db, Arena *a, Str table) {
    int64_t one;
    bool found;
    Str sql = str_fmt(a, "SELECT 1 FROM \"%.*s\" LIMIT 1", FMT(table));
    TRY(db_get_int(&one, &found, db, sql.p, NO_ARGS));
    *out = !found;
    return OK;
}

static Err check_table(Copy *c, Str table) {
    DbColumn *from, *to;
    size_t n_from, n_to;
    bool empty;
    TRY(db_list_columns(&from, &n_from, c->from, c->arena, table.p));
    TRY(db_list_columns(&to, &n_to, c->to, c->arena, table.p));
    if (n_to == 0) {
        say(c->base, "the target has no table %s: migrate it first", table.p);
        return ERR_CONFLICT;
    }
    for (size_t i = 0; i < n_from; i++) {
        size_t k = 0;
        while (k < n_to && strcmp(from[i].name, to[k].name) != 0) k++;
        if (k < n_to && from[i].type == to[k].type && from[i].type != DB_NULL) continue;
        say(c->base, "the target has no column %s.%s of the same type", table.p, from[i].name);
        return ERR_CONFLICT;
    }
    TRY(is_empty(&empty, c->to, c->arena, table));
    if (empty) return OK;
    say(c->base, "the target is not empty: table %s holds rows", table.p);
    return ERR_CONFLICT;
}

/* The target counts the migrations that it was made with, and the figures that its empty tables
 * began with; those of the rows are the source's. */
static Err forget_count(Copy *c) {
    static const char *const sql[][2] = {{"schema_version", "DELETE FROM schema_version"},
                                         {"measure_kept", "DELETE FROM measure_kept"}};
    for (size_t i = 0; i < LENGTH(sql); i++) {
        bool exists;
        TRY(db_table_exists(&exists, c->to, sql[i][0]));
        if (exists) TRY(db_run(c->to, NULL, sql[i][1], NO_ARGS));
    }
    return OK;
}

static Err check_tables(Copy *c, const Str *tables, size_t n) {
    for (size_t i = 0; i < n; i++) {
        int64_t rows;
        bool found, exists;
        TRY(db_table_exists(&exists, c->to, tables[i].p));
        if (!exists) {
            say(c->base, "the target has no table %s: migrate it first", tables[i].p);
            return ERR_CONFLICT;
        }
        TRY(check_table(c, tables[i]));
        Str sql = str_fmt(c->arena, "SELECT count(*) FROM \"%s\"", tables[i].p);
        TRY(db_get_int(&rows, &found, c->from, sql.p, NO_ARGS));
        c->total += rows;
    }
    return OK;
}

/* ---- rows ---- */

static Str column_list(Arena *a, const DbColumn *columns, size_t n) {
    Text t = text_new(a, 0);
    for (size_t i = 0; i < n; i++) text_fmt(&t, "%s\"%s\"", i ? ", " : "", columns[i].name);
    return text_str(&t);
}

static DbValue cell_value(const Rows *r, size_t i, DbType type) {
    if (rows_is_null(r, i)) return db_null();
    if (type == DB_INT) return db_int(rows_int(r, i));
    return type == DB_BLOB ? db_blob(rows_text(r, i)) : db_text(rows_text(r, i));
}

static Err insert_rows(Copy *c, Rows *r, Str table, const DbColumn *columns, size_t n,
                       int64_t *count) {
    Arena *a = c->arena;
    Text t = text_new(a, 0);
    text_fmt(&t, "INSERT INTO \"%s\" (%s) VALUES (", table.p, column_list(a, columns, n).p);
    for (size_t i = 0; i < n; i++) text_fmt(&t, "%s$%zu", i ? ", " : "", i + 1);
    text_char(&t, ')');
    DbValue *values = NEW_N(a, DbValue, n);
    for (;;) {
        bool more;
        TRY(rows_next(&more, r));
        if (!more) return OK;
        for (size_t i = 0; i < n; i++) values[i] = cell_value(r, i, columns[i].type);
        TRY(db_run(c->to, NULL, text_str(&t).p, values, n));
        ++*count;
        if (++c->done % PROGRESS_ROWS == 0) tell(c);
    }
}

/* PostgreSQL's binary COPY: each field is its length and its bytes, numbers most significant byte
 * first. */
typedef struct CopyOut {
    PGconn *pg;
    char *p;
    size_t n;
} CopyOut;

static bool copy_flush(CopyOut *o) {
    bool ok = o->n == 0 || PQputCopyData(o->pg, o->p, (int)o->n) == 1;
    o->n = 0;
    return ok;
}

static bool copy_bytes(CopyOut *o, const char *p, size_t n) {
    while (n) {
        size_t part = COPY_BUFFER - o->n < n ? COPY_BUFFER - o->n : n;
        memcpy(o->p + o->n, p, part);
        o->n += part;
        p += part;
        n -= part;
        if (o->n == COPY_BUFFER && !copy_flush(o)) return false;
    }
    return true;
}

static bool copy_number(CopyOut *o, uint64_t v, int bytes) {
    char b[8];
    for (int i = 0; i < bytes; i++) b[i] = (char)(v >> (8 * (bytes - 1 - i)) & 0xFF);
    return copy_bytes(o, b, (size_t)bytes);
}

static bool copy_cell(CopyOut *o, DbValue v) {
    if (v.type == DB_NULL) return copy_number(o, UINT32_MAX, 4);
    if (v.type == DB_INT) return copy_number(o, 8, 4) && copy_number(o, (uint64_t)v.i, 8);
    return copy_number(o, v.s.n, 4) && copy_bytes(o, v.s.p, v.s.n);
}

static Err copy_stream(Copy *c, CopyOut *o, Rows *r, const DbColumn *columns, size_t n,
                       int64_t *count) {
    static const char header[19] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";
    if (!copy_bytes(o, header, sizeof header)) return ERR_BUSY;
    for (;;) {
        bool more, ok = true;
        TRY(rows_next(&more, r));
        if (!more) break;
        ok = copy_number(o, n, 2);
        for (size_t i = 0; ok && i < n; i++) ok = copy_cell(o, cell_value(r, i, columns[i].type));
        if (!ok) return ERR_BUSY;
        ++*count;
        if (++c->done % PROGRESS_ROWS == 0) tell(c);
    }
    return copy_number(o, UINT16_MAX, 2) && copy_flush(o) ? OK : ERR_BUSY;
}

/* The end of a COPY: its result, and the one after it, must be read. */
static Err copy_end(Copy *c, Err err, int64_t count) {
    PGconn *pg = c->to->conn->pg;
    if (PQputCopyEnd(pg, err == OK ? NULL : "given up") != 1 && err == OK) err = ERR_BUSY;
    PGresult *res;
    while ((res = PQgetResult(pg)) != NULL) {
        int64_t stored = -1;
        if (PQresultStatus(res) != PGRES_COMMAND_OK) {
            const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
            if (err == OK) {
                say(c->base, "%s", text ? text : PQerrorMessage(pg));
                err = ERR_INVALID;
            }
        } else if (!str_to_int(&stored, str_of(PQcmdTuples(res))) || stored != count) {
            err = ERR_INTERNAL;
        }
        PQclear(res);
    }
    return err;
}

static Err copy_rows_in(Copy *c, Rows *r, Str table, const DbColumn *columns, size_t n,
                        int64_t *count) {
    Str sql = str_fmt(c->arena, "COPY \"%s\" (%s) FROM STDIN (FORMAT binary)", table.p,
                      column_list(c->arena, columns, n).p);
    CopyOut o = {.pg = c->to->conn->pg};
    PGresult *res = PQexec(o.pg, sql.p);
    bool ready = PQresultStatus(res) == PGRES_COPY_IN;
    if (!ready) say(c->base, "%s", PQerrorMessage(o.pg));
    PQclear(res);
    if (!ready) return ERR_INTERNAL;
    o.p = db_calloc(COPY_BUFFER, 1);
    Err err = copy_stream(c, &o, r, columns, n, count);
    free(o.p);
    return copy_end(c, err, *count);
}

static Err copy_table(Copy *c, Str table) {
    Arena *a = arena_new(0), *outer = c->arena;
    DbColumn *columns;
    size_t n;
    int64_t count = 0, stored = 0;
    bool found;
    Rows *r;
    c->arena = a;
    Err err = db_list_columns(&columns, &n, c->from, a, table.p);
    Str sql = err == OK ? str_fmt(a, "SELECT %s FROM \"%s\"", column_list(a, columns, n).p, table.p)
                        : S("");
    if (err == OK) err = db_rows(&r, c->from, a, sql.p, NO_ARGS);
    if (err == OK)
        err = db_kind(c->to) == DB_POSTGRES ? copy_rows_in(c, r, table, columns, n, &count)
                                            : insert_rows(c, r, table, columns, n, &count);
    sql = str_fmt(a, "SELECT count(*) FROM \"%s\"", table.p);
    if (err == OK) err = db_get_int(&stored, &found, c->to, sql.p, NO_ARGS);
    if (err == OK && stored != count) err = ERR_INTERNAL;
    if (err != OK && !c->base->why[0])
        say(c->base, "table %s: %s%s", table.p, db_error(c->from), db_error(c->to));
    arena_free(a);
    c->arena = outer;
    return err;
}

/* ---- counters ---- */

static Err last_id(int64_t *out, Copy *c, Str table) {
    bool found;
    int64_t highest;
    if (db_kind(c->from) == DB_SQLITE)
        TRY(db_get_int(out, &found, c->from, "SELECT seq FROM sqlite_sequence WHERE name = $1",
                       ARGS(db_text(table))));
    else
        TRY(db_get_int(
            out, &found, c->from,
            "SELECT pg_sequence_last_value(pg_get_serial_sequence(quote_ident($1), 'id')::regclass)",
            ARGS(db_text(table))));
    Str sql = str_fmt(c->arena, "SELECT max(id) FROM \"%s\"", table.p);
    TRY(db_get_int(&highest, &found, c->from, sql.p, NO_ARGS));
    if (found && highest > *out) *out = highest;
    return OK;
}

static Err copy_id_counter(Copy *c, Str table) {
    DbColumn *columns;
    size_t n;
    int64_t last, changed;
    bool own_id = false, found;
    TRY(db_list_columns(&columns, &n, c->to, c->arena, table.p));
    if (n && strcmp(columns[0].name, "id") == 0 && columns[0].type == DB_INT) own_id = true;
    if (!own_id) return OK;
    if (db_kind(c->to) == DB_POSTGRES || db_kind(c->from) == DB_POSTGRES) {
        /* A table may be keyed by an id that somebody else makes. */
        Db *pg = db_kind(c->to) == DB_POSTGRES ? c->to : c->from;
        int64_t one;
        TRY(db_get_int(&one, &found, pg,
                       "SELECT 1 WHERE pg_get_serial_sequence(quote_ident($1), 'id') IS NOT NULL",
                       ARGS(db_text(table))));
        if (!found) return OK;
    }
    TRY(last_id(&last, c, table));
    if (last <= 0) return OK;
    if (db_kind(c->to) == DB_POSTGRES)
        return db_get_int(
            &changed, &found, c->to,
            "SELECT setval(pg_get_serial_sequence(quote_ident($1), 'id')::regclass, $2)",
            ARGS(db_text(table), db_int(last)));
    TRY(db_run(c->to, &changed, "UPDATE sqlite_sequence SET seq = $2 WHERE name = $1",
               ARGS(db_text(table), db_int(last))));
    if (changed) return OK;
    return db_run(c->to, NULL, "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)",
                  ARGS(db_text(table), db_int(last)));
}

static Err set_number(Db *to, Str type, int64_t year, int64_t last, Arena *a) {
    bool found;
    int64_t ignored;
    if (db_kind(to) == DB_SQLITE)
        return db_run(to, NULL,
                      "INSERT INTO number_sequence (type, year, last) VALUES ($1, $2, $3)",
                      ARGS(db_text(type), db_int(year), db_int(last)));
    const char *name = str_fmt(a, "number_%.*s_%d", FMT(type), (int)year).p;
    if (!db_is_word(name)) return ERR_INVALID;
    TRY(db_exec(to, str_fmt(a, "CREATE SEQUENCE IF NOT EXISTS \"%s\"", name).p));
    return db_get_int(&ignored, &found, to, "SELECT setval($1::regclass, $2)",
                      ARGS(db_textz(name), db_int(last)));
}

static Err copy_numbers(Copy *c) {
    Rows *r;
    bool more, exists = true;
    if (db_kind(c->from) == DB_SQLITE) TRY(db_table_exists(&exists, c->from, "number_sequence"));
    if (!exists) return OK;
    TRY(db_rows(&r, c->from, c->arena,
                db_kind(c->from) == DB_SQLITE
                    ? "SELECT type, year, last FROM number_sequence"
                    : "SELECT substring(sequencename from '^number_(.*)_[0-9]{1,4}$'), "
                      "CAST(substring(sequencename from '_([0-9]{1,4})$') AS bigint), last_value "
                      "FROM pg_sequences WHERE schemaname = current_schema() "
                      "AND sequencename ~ '^number_.+_[0-9]{1,4}$' AND last_value IS NOT NULL",
                NO_ARGS));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        Str type = rows_copy(r, 0);
        if (!db_is_word(type.p)) continue;
        TRY(set_number(c->to, type, rows_int(r, 1), rows_int(r, 2), c->arena));
    }
}

/* ---- copy ---- */

/* A whole base takes longer than any page. */
static Err no_time_limit(Db *db) {
    if (db_kind(db) == DB_SQLITE) return OK;
    return db_exec(
        db, "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0");
}

static Err copy_all(Copy *c) {
    Str *tables;
    size_t n;
    TRY(no_time_limit(c->from));
    TRY(no_time_limit(c->to));
    TRY(db_list_tables(&tables, &n, c->from, c->arena));
    TRY(forget_count(c));
    TRY(check_tables(c, tables, n));
    TRY(db_exec(c->to, db_kind(c->to) == DB_POSTGRES ? "SET CONSTRAINTS ALL DEFERRED"
                                                     : "PRAGMA defer_foreign_keys=ON"));
    tell(c);
    for (size_t i = 0; i < n; i++) TRY(copy_table(c, tables[i]));
    for (size_t i = 0; i < n; i++) TRY(copy_id_counter(c, tables[i]));
    TRY(copy_numbers(c));
    TRY(db_search_rebuild(c->to));
    tell(c);
    return OK;
}

static Err copy_between(Copy *c) {
    Err err = copy_all(c);
    if (err != OK && !c->base->why[0]) say(c->base, "%s%s", db_error(c->from), db_error(c->to));
    return err;
}

Err db_copy(DbBase *to, DbBase *from, Str *why,
            void (*progress)(void *arg, int64_t done, int64_t total), void *arg) {
    Copy c = {.base = to, .arena = arena_new(0), .progress = progress, .arg = arg};
    to->why[0] = 0;
    Err err = db_begin_alone(&c.from, from, true);
    if (err == OK) {
        err = db_begin_alone(&c.to, to, false);
        if (err == OK) {
            err = copy_between(&c);
            db_end_alone(c.to, true, &err);
        }
        Err ignored = OK;
        db_end_alone(c.from, false, &ignored);
    }
    if (err != OK && !to->why[0]) say(to, "%s", "the copy could not be finished");
    arena_free(c.arena);
    if (why) *why = err == OK ? S("") : str_of(to->why);
    return err;
}

/* ---- backup ---- */

static Err backup_pages(Copy *c, sqlite3 *to) {
    sqlite3_backup *b = sqlite3_backup_init(to, "main", c->from->conn->lite, "main");
    if (!b) {
        say(c->base, "%s", sqlite3_errmsg(to));
        return ERR_INTERNAL;
    }
    int rc;
    do {
        rc = sqlite3_backup_step(b, BACKUP_PAGES);
        c->total = sqlite3_backup_pagecount(b);
        c->done = c->total - sqlite3_backup_remaining(b);
        tell(c);
    } while (rc == SQLITE_OK);
    int end = sqlite3_backup_finish(b);
    if (rc == SQLITE_DONE && end == SQLITE_OK) return OK;
    say(c->base, "%s", sqlite3_errstr(rc == SQLITE_DONE ? end : rc));
    return (rc & 0xFF) == SQLITE_FULL ? ERR_BUSY : ERR_INTERNAL;
}

/* From a reader that holds its snapshot: writers go on, and the backup need not start over. */
static Err backup_sqlite(DbBase *base, Copy *c, const char *part) {
    sqlite3 *to = NULL;
    int64_t ignored;
    bool found;
    TRY(db_begin_alone(&c->from, base, true));
    Err err = db_get_int(&ignored, &found, c->from, "SELECT count(*) FROM sqlite_schema", NO_ARGS);
    int rc = sqlite3_open_v2(part, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (err == OK && rc != SQLITE_OK) {
        say(base, "%s", sqlite3_errstr(rc));
        err = ERR_INTERNAL;
    }
    if (err == OK) err = backup_pages(c, to);
    if (sqlite3_close(to) != SQLITE_OK && err == OK) err = ERR_INTERNAL;
    Err end = OK;
    db_end_alone(c->from, false, &end);
    return err;
}

static Err mirror_tables(Copy *c) {
    Str *names;
    size_t n;
    bool has_search = false;
    TRY(db_list_tables(&names, &n, c->from, c->arena));
    DbTable *tables = NEW_N(c->arena, DbTable, n);
    size_t n_tables = 0;
    for (size_t i = 0; i < n; i++) {
        DbColumn *columns;
        size_t n_columns;
        int64_t own;
        bool own_id, has_key;
        Str key;
        if (str_is(names[i], "search_doc")) {
            has_search = true;
            continue;
        }
        TRY(db_list_columns(&columns, &n_columns, c->from, c->arena, names[i].p));
        TRY(db_get_text(
            &key, &has_key, c->from, c->arena,
            "SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY array_position(x.indkey, a.attnum)) "
            "FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indrelid "
            "AND a.attnum = ANY(x.indkey) "
            "WHERE x.indisprimary AND x.indrelid = quote_ident($1)::regclass",
            ARGS(db_text(names[i]))));
        own_id = n_columns && strcmp(columns[0].name, "id") == 0;
        if (own_id)
            TRY(db_get_int(
                &own, &own_id, c->from,
                "SELECT 1 WHERE pg_get_serial_sequence(quote_ident($1), 'id') IS NOT NULL",
                ARGS(db_text(names[i]))));
        if (!own_id && !has_key) {
            say(c->base, "table %s has no primary key", names[i].p);
            return ERR_INTERNAL;
        }
        tables[n_tables++] =
            (DbTable){names[i].p, columns, n_columns, own_id ? NULL : key.p, NULL, 0};
    }
    TRY(db_ensure(c->to, tables, n_tables));
    return has_search ? db_ensure_search(c->to) : OK;
}

/* Tables first in a transaction of their own; indexes are made by the first start on the copy. */
static Err backup_pgsql(DbBase *base, Copy *c, const char *part) {
    DbBase *file;
    Arena *a = c->arena;
    Str why = {0};
    Err err = db_open(&file, &why, a, str_fmt(a, "sqlite:%s", part), (DbOptions){.create = true});
    if (err != OK) {
        say(base, "%.*s", FMT(why));
        return err;
    }
    err = db_begin_alone(&c->from, base, true);
    if (err == OK) {
        err = db_begin_alone(&c->to, file, false);
        if (err == OK) {
            err = mirror_tables(c);
            if (err == OK) err = copy_between(c);
            if (err != OK && !base->why[0]) say(base, "%s%s", db_error(c->from), db_error(c->to));
            db_end_alone(c->to, true, &err);
        }
        Err end = OK;
        db_end_alone(c->from, false, &end);
    }
    db_close(file);
    return err;
}

/* Durable before it has its name: then its folder. */
static Err publish_file(DbBase *base, Arena *a, const char *part, const char *file) {
    int fd = open(part, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    if (ok && link(part, file) != 0) {
        say(base, "%s: %s", file, strerror(errno));
        return errno == EEXIST ? ERR_CONFLICT : ERR_INTERNAL;
    }
    const char *slash = strrchr(file, '/');
    const char *folder = slash ? str_fmt(a, "%.*s", (int)(slash - file + 1), file).p : ".";
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ok = ok && fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    if (!ok) say(base, "%s: %s", file, strerror(errno));
    return ok ? OK : ERR_INTERNAL;
}

Err db_backup(DbBase *base, Str *why, Str file,
              void (*progress)(void *arg, int64_t done, int64_t total), void *arg) {
    Copy c = {.base = base, .arena = arena_new(0), .progress = progress, .arg = arg};
    const char *name = str_z(c.arena, file), *part = str_fmt(c.arena, "%s.part", name).p;
    struct stat st;
    Err err = OK;
    base->why[0] = 0;
    int fd = -1;
    if (lstat(name, &st) == 0) {
        say(base, "%s is already there", name);
        err = ERR_CONFLICT;
    } else {
        fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0) {
            say(base, "%s: %s", part, strerror(errno));
            err = errno == EEXIST ? ERR_CONFLICT : ERR_INTERNAL;
        }
    }
    if (fd >= 0) {
        close(fd);
        err =
            base->kind == DB_SQLITE ? backup_sqlite(base, &c, part) : backup_pgsql(base, &c, part);
        if (err == OK) err = publish_file(base, c.arena, part, name);
        (void)unlink(part);
    }
    if (err != OK && !base->why[0]) say(base, "%s", "the backup could not be finished");
    if (why) *why = err == OK ? S("") : str_of(base->why);
    arena_free(c.arena);
    return err;
}
