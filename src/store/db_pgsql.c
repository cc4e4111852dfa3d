/* db_pgsql.c: the PostgreSQL engine. Results arrive row by row; a second statement reads the first
 * to its end ahead. A COMMIT is never cancelled, and one whose outcome is unknown is ERR_BUSY: the
 * idempotency key tells later. SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/db_pgsql.h"

#include <stdio.h>
#include <stdlib.h>

enum { OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25 };

/* A row read ahead: per column its length (-1: NULL), then the bytes, each NUL-ended. */
typedef struct Buffered {
    struct Buffered *next;
    size_t columns;
    char data[];
} Buffered;

/* ---- errors ---- */

typedef struct StateMap {
    const char *state; /* a whole SQLSTATE or its class of two letters */
    Err err;
    const char *constraint;
} StateMap;

/* clang-format off */
static const StateMap state_map[] = {
    {"23505", ERR_CONFLICT, "unique"},      {"23P01", ERR_CONFLICT, "unique"},
    {"23503", ERR_INVALID,  "foreign_key"}, {"23502", ERR_INVALID,  "not_null"},
    {"23514", ERR_INVALID,  "check"},       {"23",    ERR_INVALID,  "check"},
    {"22",    ERR_INVALID,  ""},            {"40",    ERR_CONFLICT, ""},
    {"25006", ERR_DENIED,   ""},            {"25P03", ERR_BUSY,     ""},
    {"54000", ERR_INVALID,  ""},            {"55P03", ERR_BUSY,     ""},
    {"57",    ERR_BUSY,     ""},            {"08",    ERR_BUSY,     ""},
    {"53",    ERR_BUSY,     ""},            {"58030", ERR_BUSY,     ""},
    /* IF NOT EXISTS does not hold when two transactions make the same sequence at once. */
    {"42P07", ERR_CONFLICT, ""},
};
/* clang-format on */

bool db_pgsql_is_broken(const Conn *c) {
    return !c->pg || c->is_lost || PQstatus(c->pg) == CONNECTION_BAD;
}

static bool is_last_word(const PGresult *res) {
    const char *severity = res ? PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED) : NULL;
    return severity && (!strcmp(severity, "FATAL") || !strcmp(severity, "PANIC"));
}

/* Whoever waits for it is told to try again and learns no more. A disk that is full for what is
 * written need not be for what is read. */
static void tell_busy(Conn *c, const char *code, const char *sql) {
    bool is_full = strcmp(code, "53100") == 0, is_room = strncmp(code, "53", 2) == 0;
    if (is_full && !c->is_reading && !c->db.is_read_only && db_base_is_degraded(c->base)) return;
    log_line(is_room ? LOG_ERROR : LOG_WARN, "database", "postgresql %s: %s in: %.300s", code,
             c->error, sql);
    if (is_full && !c->is_reading && !c->db.is_read_only)
        db_degrade(c->base, DEGRADE_DISK_S, "the disk of the database server is full");
}

/* The detail of a message holds values. */
Err db_pgsql_why(Conn *c, const PGresult *res, const char *sql) {
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    const char *text = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    char code[6] = "";
    if (state) (void)snprintf(code, sizeof code, "%s", state);
    db_conn_error(c, "%s", text ? text : PQerrorMessage(c->pg));
    /* The server ends the connection, which is seen a moment later. */
    if (is_last_word(res)) c->is_lost = true;
    for (size_t i = 0; i < LENGTH(state_map); i++) {
        const StateMap *m = &state_map[i];
        if (strncmp(code, m->state, strlen(m->state)) != 0) continue;
        c->constraint = m->constraint;
        if (m->err == ERR_BUSY) tell_busy(c, code, sql);
        return m->err;
    }
    if (db_pgsql_is_broken(c)) {
        log_line(LOG_WARN, "database_connection", "%s", c->error);
        return ERR_BUSY;
    }
    log_line(LOG_ERROR, "database", "postgresql %s: %s in: %.300s", code, c->error, sql);
    return ERR_INTERNAL;
}

Err db_pgsql_error(Conn *c, PGresult *res, const char *sql) {
    Err err = db_pgsql_why(c, res, sql);
    PQclear(res);
    return err;
}

static void on_notice(void *arg, const PGresult *res) {
    Conn *c = arg;
    const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    if (!severity || strcmp(severity, "WARNING") != 0) return;
    /* The text is in the server's language; a warning while committing is the cancelled wait for a
     * standby. */
    if (c->is_committing && state && strcmp(state, "01000") == 0) c->wait_cancelled = true;
    log_line(LOG_WARN, "database_notice", "%s %s", state ? state : "", text ? text : "");
}

/* ---- connection ---- */

/* What nobody begins by name only reads, from one snapshot: see db_pgsql_read.c. */
static const char settings[] =
    "SET default_transaction_isolation = 'repeatable read'; SET default_transaction_read_only = on; "
    "SET statement_timeout = '30s'; SET jit = off; SET lock_timeout = '2s'; "
    "SET idle_in_transaction_session_timeout = '120s'; SET standard_conforming_strings = on; "
    "SET client_min_messages = warning; SET TimeZone = 'UTC'; SET bytea_output = 'hex'; "
    "SET extra_float_digits = 1; SET escape_string_warning = off; "
    /* A machine that is gone holds its locks and its snapshot no longer than this. */
    "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; "
    "SET tcp_user_timeout = '60s'";
/* A program that was ended leaves no long statement behind, such as the making of an index. Not
 * every server's system can tell. */
static const char settings_more[] = "SET client_connection_check_interval = '5s'";

static Err exec_now(Conn *c, const char *sql);

static Err pg_connect(Conn *c) {
    const char *words[] = {"application_name",
                           "client_encoding",
                           "connect_timeout",
                           "keepalives_idle",
                           "keepalives_interval",
                           "keepalives_count",
                           "tcp_user_timeout",
                           "target_session_attrs",
                           "dbname",
                           NULL};
    const char *values[] = {"gardefou",
                            "UTF8",
                            "4", /* whoever asks has an answer within five seconds */
                            "10",
                            "5",
                            "3",
                            "15000",
                            c->base->options.read_only ? "any" : "read-write",
                            c->base->full_url,
                            NULL};
    c->pg = PQconnectdbParams(words, values, 1);
    if (PQstatus(c->pg) != CONNECTION_OK) {
        db_conn_error(c, "%s", PQerrorMessage(c->pg));
        return ERR_BUSY;
    }
    PQsetNoticeReceiver(c->pg, on_notice, c);
    const char *encoding = PQparameterStatus(c->pg, "server_encoding");
    if (!encoding || strcmp(encoding, "UTF8") != 0) {
        db_conn_error(c, "the database must be in UTF8");
        return ERR_INVALID;
    }
    TRY(exec_now(c, settings));
    if (PQserverVersion(c->pg) >= 140000)
        PQclear(db_pgsql_answer(c, PQsendQuery(c->pg, settings_more)));
    return OK;
}

static void pg_disconnect(Conn *c) {
    if (c->pg) PQfinish(c->pg);
    c->pg = NULL;
    c->streaming = NULL;
    c->is_silent = false;
    c->is_piped = c->is_lost = false;
    c->n_posted = 0;
    db_pgsql_read_forget(c);
}

Err db_pgsql_reconnect(Conn *c) {
    pg_disconnect(c);
    db_cache_clear(c);
    Err err = pg_connect(c);
    if (err != OK)
        db_tell_connect(c);
    else
        log_line(LOG_INFO, "database_reconnected", "a broken connection was made anew");
    return err;
}

/* ---- reading ahead ---- */

static Buffered *buffer_row(const PGresult *res) {
    size_t columns = (size_t)PQnfields(res), n = sizeof(Buffered) + columns * sizeof(int);
    for (size_t i = 0; i < columns; i++) n += (size_t)PQgetlength(res, 0, (int)i) + 1;
    Buffered *b = db_calloc(n, 1);
    char *p = b->data + columns * sizeof(int);
    b->columns = columns;
    for (size_t i = 0; i < columns; i++) {
        int size = PQgetisnull(res, 0, (int)i) ? -1 : PQgetlength(res, 0, (int)i);
        memcpy(b->data + i * sizeof(int), &size, sizeof size);
        if (size > 0) memcpy(p, PQgetvalue(res, 0, (int)i), (size_t)size);
        p += (size > 0 ? size : 0) + 1;
    }
    return b;
}

/* Ends the arriving result: its remaining rows are kept (or dropped when it is being closed). */
static void drain(Conn *c, bool keep) {
    Rows *r = c->streaming;
    if (!r) return;
    PGresult *res;
    while ((res = db_pgsql_result(c)) != NULL) {
        ExecStatusType status = PQresultStatus(res);
        if (status == PGRES_SINGLE_TUPLE && keep) {
            Buffered *b = buffer_row(res);
            if (r->tail)
                r->tail->next = b;
            else
                r->head = b;
            r->tail = b;
        } else if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK && keep) {
            r->failed = db_pgsql_error(c, res, "reading ahead");
            continue;
        }
        PQclear(res);
    }
    r->is_streaming = false;
    c->streaming = NULL;
    if (r->failed != OK) db_pgsql_fail(c, r->failed);
    if (c->is_piped) db_pgsql_pipe_end(c);
}

void db_pgsql_drain(Conn *c) {
    drain(c, true);
}

/* ---- statements ---- */

typedef struct Bound {
    const char **values;
    int *lengths, *formats;
    char (*ints)[8];
    void *memory;
} Bound;

static Bound bind_values(const DbValue *args, size_t n) {
    Bound b;
    size_t each = sizeof(char *) + 8 + 2 * sizeof(int);
    char *p = b.memory = db_calloc(n, each);
    b.values = (const char **)(void *)p;
    b.ints = (char(*)[8])(void *)(p + n * sizeof(char *));
    b.lengths = (int *)(void *)(p + n * (sizeof(char *) + 8));
    b.formats = b.lengths + n;
    for (size_t i = 0; i < n; i++) {
        b.formats[i] = 1;
        if (args[i].type == DB_NULL) continue;
        if (args[i].type == DB_INT) {
            for (int k = 0; k < 8; k++)
                b.ints[i][k] = (char)((uint64_t)args[i].i >> (56 - 8 * k) & 0xFF);
            b.values[i] = b.ints[i];
            b.lengths[i] = 8;
            continue;
        }
        CHECK(args[i].s.n < (size_t)1 << 30, "a value is too long");
        b.values[i] = args[i].s.p ? args[i].s.p : "";
        b.lengths[i] = (int)args[i].s.n;
    }
    return b;
}

static Oid type_of(DbValue v) {
    switch (v.type == DB_NULL ? (DbType)v.i : v.type) {
    case DB_INT: return OID_INT8;
    case DB_TEXT: return OID_TEXT;
    case DB_BLOB: return OID_BYTEA;
    case DB_NULL: break;
    }
    return 0;
}

static bool types_fit(const Statement *s, const DbValue *args, size_t n) {
    if (s->n_args != n) return false;
    for (size_t i = 0; i < n; i++)
        if (type_of(args[i]) && s->types[i] != type_of(args[i])) return false;
    return true;
}

/* Its outcome: of a reading transaction, behind all that is on its way. */
static PGresult *prepare_now(Conn *c, const char *name, const char *sql, int n, const Oid *types) {
    if (!c->is_reading) return db_pgsql_answer(c, PQsendPrepare(c->pg, name, sql, n, types));
    return db_pgsql_read_answer(c, PQsendPrepare(c->pg, name, sql, n, types), sql);
}

Err db_pgsql_prepare(Statement **out, Conn *c, const char *sql, const DbValue *args, size_t n) {
    size_t n_sql = strlen(sql);
    Statement *old = db_cache_find(c, sql, n_sql);
    if (old && types_fit(old, args, n)) {
        *out = old;
        return OK;
    }
    TRY(db_pgsql_settle(c));
    /* A place that had only met NULL so far now shows its type: prepared again with all that is
     * known. */
    Oid *types = db_calloc(n, sizeof *types);
    for (size_t i = 0; i < n; i++) {
        types[i] = type_of(args[i]);
        if (!types[i] && old && old->n_args == n) types[i] = old->types[i];
    }
    if (old) db_cache_remove(c, old);
    char name[24];
    (void)snprintf(name, sizeof name, "s%u", ++c->next_number);
    PGresult *res = prepare_now(c, name, sql, (int)n, types);
    if (PQresultStatus(res) != PGRES_COMMAND_OK) {
        free(types);
        Err err = c->is_reading ? db_pgsql_read_failed(c, res, sql) : db_pgsql_why(c, res, sql);
        PQclear(res);
        return err;
    }
    PQclear(res);
    Statement *s = db_cache_add(c, sql, n_sql, true);
    s->number = c->next_number;
    s->types = types;
    s->n_args = n;
    s->is_prepared = true;
    *out = s;
    return OK;
}

static void pg_drop(Conn *c, Statement *s) {
    if (!s->is_prepared || c->is_closing || db_pgsql_is_broken(c)) return;
    char sql[40];
    (void)snprintf(sql, sizeof sql, "DEALLOCATE s%u", s->number);
    if (c->is_reading) {
        db_pgsql_read_aside(c, sql);
        return;
    }
    if (PQtransactionStatus(c->pg) == PQTRANS_INERROR) return;
    PQclear(db_pgsql_answer(c, PQsendQuery(c->pg, sql)));
}

static Err exec_now(Conn *c, const char *sql) {
    PGresult *res = db_pgsql_answer(c, PQsendQuery(c->pg, sql));
    ExecStatusType status = PQresultStatus(res);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return db_pgsql_error(c, res, sql);
    PQclear(res);
    return OK;
}

static Err pg_exec(Conn *c, const char *sql) {
    CHECK(!c->is_reading, "db_exec: not in a reading transaction");
    drain(c, true);
    Err posted = db_pgsql_settle(c);
    if (posted != OK && strncmp(sql, "ROLLBACK", 8) != 0) return posted;
    return exec_now(c, sql);
}

static bool starts_word(const char *sql, const char *word) {
    if (db_pgsql_is_each(sql)) sql += strlen(DB_PLAN_EACH);
    sql += strspn(sql, " \n\t(");
    size_t n = strlen(word);
    for (size_t i = 0; i < n; i++)
        if ((sql[i] & ~0x20) != word[i]) return false;
    return !((sql[n] >= 'a' && sql[n] <= 'z') || (sql[n] >= 'A' && sql[n] <= 'Z'));
}

/* Refused before it is sent: the server would end the whole transaction for it. It refuses what
 * passes here. */
Err db_pgsql_check_reading(Conn *c, const char *sql) {
    if (!c->db.is_read_only || starts_word(sql, "SELECT") || starts_word(sql, "WITH") ||
        starts_word(sql, "VALUES") || starts_word(sql, "EXPLAIN") || starts_word(sql, "SHOW"))
        return OK;
    db_conn_error(c, "this transaction only reads");
    return ERR_DENIED;
}

Err db_pgsql_send(Conn *c, const Statement *s, const DbValue *args, size_t n) {
    char name[24];
    (void)snprintf(name, sizeof name, "s%u", s->number);
    Bound b = bind_values(args, n);
    int sent = PQsendQueryPrepared(c->pg, name, (int)n, b.values, b.lengths, b.formats, 0);
    free(b.memory);
    return sent ? OK : db_pgsql_error(c, NULL, s->sql);
}

/* Behind what was posted; the result is its own, to be read until NULL. */
static Err send_and_wait(Conn *c, const Statement *s, const DbValue *args, size_t n) {
    TRY(db_pgsql_send(c, s, args, n));
    if (!c->is_piped) return OK;
    if (!PQpipelineSync(c->pg)) return db_pgsql_error(c, NULL, s->sql);
    Err err = db_pgsql_posted(c);
    if (err == OK) return OK;
    PGresult *res;
    while ((res = db_pgsql_result(c)) != NULL) PQclear(res);
    db_pgsql_pipe_end(c);
    return err;
}

static void results_end(Conn *c) {
    PGresult *res;
    while ((res = db_pgsql_result(c)) != NULL) PQclear(res);
    if (c->is_piped) db_pgsql_pipe_end(c);
}

static Err pg_run(Conn *c, int64_t *changed, const char *sql, const DbValue *args, size_t n) {
    TRY(db_pgsql_check_reading(c, sql));
    if (c->is_reading) return db_pgsql_read_run(c, changed, sql, args, n);
    drain(c, true);
    Statement *s;
    TRY(db_pgsql_prepare(&s, c, sql, args, n));
    TRY(send_and_wait(c, s, args, n));
    PGresult *res = db_pgsql_result(c);
    ExecStatusType status = PQresultStatus(res);
    int64_t count = 0;
    Err err = OK;
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        if (strncmp(PQcmdStatus(res), "SELECT", 6) != 0)
            (void)str_to_int(&count, str_of(PQcmdTuples(res)));
        PQclear(res);
    } else {
        err = db_pgsql_error(c, res, sql);
    }
    results_end(c);
    *changed = count;
    return err;
}

void db_pgsql_columns(Rows *r, const PGresult *res) {
    r->columns = (size_t)PQnfields(res);
    r->types = db_calloc(r->columns, sizeof *r->types);
    r->decoded = db_calloc(r->columns, sizeof *r->decoded);
    for (size_t i = 0; i < r->columns; i++) r->types[i] = PQftype(res, (int)i);
}

static Err pg_open(Rows *r, const char *sql, const DbValue *args, size_t n) {
    Conn *c = r->conn;
    TRY(db_pgsql_check_reading(c, sql));
    if (c->is_reading) return db_pgsql_read_open(r, sql, args, n);
    drain(c, true);
    Statement *s;
    TRY(db_pgsql_prepare(&s, c, sql, args, n));
    TRY(send_and_wait(c, s, args, n));
    if (!r->is_few) (void)PQsetSingleRowMode(c->pg);
    PGresult *res = db_pgsql_result(c);
    ExecStatusType status = PQresultStatus(res);
    if (status == PGRES_SINGLE_TUPLE) {
        db_pgsql_columns(r, res);
        r->result = res;
        r->has_first = r->is_streaming = true;
        c->streaming = r;
        return OK;
    }
    Err err = OK;
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        db_pgsql_whole(r, res);
    else
        err = db_pgsql_error(c, res, sql);
    results_end(c);
    return err;
}

void db_pgsql_whole(Rows *r, PGresult *res) {
    db_pgsql_columns(r, res);
    r->is_whole = true;
    r->result = res;
    r->row = -1;
}

static void forget_row(Rows *r) {
    for (size_t i = 0; i < r->columns; i++) {
        free(r->decoded[i]);
        r->decoded[i] = NULL;
    }
    if (r->is_whole) return;
    if (r->result) PQclear(r->result);
    r->result = NULL;
    free(r->current);
    r->current = NULL;
}

static Err next_arriving(bool *out, Rows *r) {
    Conn *c = r->conn;
    PGresult *res = db_pgsql_result(c);
    ExecStatusType status = PQresultStatus(res);
    if (status == PGRES_SINGLE_TUPLE) {
        r->result = res;
        *out = true;
        return OK;
    }
    Err err = OK;
    if (status == PGRES_TUPLES_OK)
        PQclear(res);
    else
        err = db_pgsql_error(c, res, "next row");
    if (err != OK) db_pgsql_fail(c, err);
    drain(c, false);
    return err;
}

static Err pg_next(bool *out, Rows *r) {
    if (r->has_first) {
        r->has_first = false;
        *out = true;
        return OK;
    }
    forget_row(r);
    if (r->is_whole) {
        *out = r->row + 1 < PQntuples(r->result);
        if (*out) r->row++;
        return OK;
    }
    if (r->head) {
        r->current = r->head;
        r->head = r->head->next;
        if (!r->head) r->tail = NULL;
        *out = true;
        return OK;
    }
    if (r->is_streaming) return next_arriving(out, r);
    Err err = r->failed;
    r->failed = OK;
    return err;
}

static void pg_close(Rows *r) {
    if (r->is_streaming) drain(r->conn, false);
    forget_row(r);
    if (r->result) PQclear(r->result);
    r->result = NULL;
    r->is_whole = false;
    while (r->head) {
        Buffered *b = r->head;
        r->head = b->next;
        free(b);
    }
    free(r->types);
    free(r->decoded);
    r->types = NULL;
    r->decoded = NULL;
    r->columns = 0;
}

/* ---- cells ---- */

static Str cell(const Rows *r, size_t column) {
    if (r->result) {
        int row = r->is_whole ? r->row : 0;
        if (PQgetisnull(r->result, row, (int)column)) return (Str){NULL, 0};
        return (Str){PQgetvalue(r->result, row, (int)column),
                     (size_t)PQgetlength(r->result, row, (int)column)};
    }
    const Buffered *b = r->current;
    CHECK(b, "rows: no row");
    const char *p = b->data + b->columns * sizeof(int);
    for (size_t i = 0;; i++) {
        int size;
        memcpy(&size, b->data + i * sizeof(int), sizeof size);
        if (i == column) return size < 0 ? (Str){NULL, 0} : (Str){p, (size_t)size};
        p += (size > 0 ? size : 0) + 1;
    }
}

static bool pg_is_null(const Rows *r, size_t column) {
    return cell(r, column).p == NULL;
}

static int64_t pg_int(const Rows *r, size_t column) {
    Str s = cell(r, column);
    if (!s.n) return 0;
    if (r->types[column] == OID_BOOL) return s.p[0] == 't';
    return strtoll(s.p, NULL, 10); /* libpq ends each value with NUL, and so does buffer_row */
}

static int hex_digit(char c) {
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

static Str decode_bytea(Rows *r, size_t column, Str s) {
    CHECK(s.n >= 2 && s.n % 2 == 0, "bytea_output is not hex");
    size_t n = (s.n - 2) / 2;
    if (!r->decoded[column]) {
        char *p = r->decoded[column] = db_calloc(n + 1, 1);
        for (size_t i = 0; i < n; i++)
            p[i] = (char)(hex_digit(s.p[2 + 2 * i]) << 4 | hex_digit(s.p[3 + 2 * i]));
    }
    return (Str){r->decoded[column], n};
}

static Str pg_text(Rows *r, size_t column) {
    Str s = cell(r, column);
    if (!s.p) return s;
    if (r->types[column] == OID_BYTEA) return decode_bytea(r, column, s);
    if (r->types[column] == OID_BOOL) return s.p[0] == 't' ? S("1") : S("0");
    return s;
}

/* ---- transactions ---- */

static const char *begin_text(const Conn *c, bool read_only) {
    if (read_only) return "BEGIN";
    return c->plans == PLANS_ONCE
               ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = 0"
               : "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = 0; "
                 "SET LOCAL plan_cache_mode = auto";
}

static void pg_rollback(Conn *c);

/* A reading transaction of a session begins with the first thing that it asks. */
static Err pg_begin(Conn *c, bool read_only) {
    c->wait_cancelled = false;
    c->failed = OK;
    if (read_only && !c->is_alone) {
        c->is_reading = true;
        return OK;
    }
    c->is_uncertain = false;
    db_pgsql_read_over(c);
    if (db_pgsql_is_broken(c) || PQtransactionStatus(c->pg) != PQTRANS_IDLE)
        TRY(db_pgsql_reconnect(c));
    Err err = pg_exec(c, begin_text(c, read_only));
    if (err != OK && db_pgsql_is_broken(c) && !c->is_silent) {
        /* The server went away while the connection was idle. Nothing has been done yet, so once
         * more is safe. */
        TRY(db_pgsql_reconnect(c));
        err = pg_exec(c, begin_text(c, read_only));
    }
    if (err != OK || read_only || !atomic_load(&c->base->awaits_standby)) return err;
    err = db_pgsql_ask_standby(c);
    if (err != OK) pg_rollback(c);
    return err;
}

static void pg_rollback(Conn *c) {
    drain(c, false);
    if (c->is_reading) {
        db_pgsql_read_end(c);
        return;
    }
    if (db_pgsql_settle(c) != OK) c->constraint = ""; /* it is taken back anyway */
    if (db_pgsql_is_broken(c) || PQtransactionStatus(c->pg) == PQTRANS_IDLE) return;
    PQclear(db_pgsql_answer(c, PQsendQuery(c->pg, "ROLLBACK")));
}

/* Together with what was posted, which may keep it from happening. */
static PGresult *commit_now(Err *posted, Conn *c) {
    if (!c->is_piped) return db_pgsql_answer(c, PQsendQuery(c->pg, "COMMIT"));
    if (!PQsendQueryParams(c->pg, "COMMIT", 0, NULL, NULL, NULL, NULL, 0) || !PQpipelineSync(c->pg))
        *posted = db_pgsql_error(c, NULL, "COMMIT");
    Err err = db_pgsql_posted(c);
    if (*posted == OK) *posted = err;
    PGresult *res = db_pgsql_result(c);
    results_end(c);
    return res;
}

static Err pg_commit(Conn *c) {
    drain(c, false);
    if (c->is_reading) {
        db_pgsql_read_end(c);
        return OK;
    }
    if (db_pgsql_is_broken(c))
        return ERR_BUSY; /* lost before COMMIT was sent: the server took it back */
    if (PQtransactionStatus(c->pg) == PQTRANS_INERROR) {
        pg_rollback(c);
        log_line(LOG_ERROR, "database_commit", "after a failed statement: %s", c->error);
        return ERR_INTERNAL;
    }
    c->is_committing = true;
    Err posted = OK;
    PGresult *res = commit_now(&posted, c);
    c->is_committing = false;
    bool done = PQresultStatus(res) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(res), "COMMIT") == 0;
    if (done && !c->wait_cancelled) {
        PQclear(res);
        return OK;
    }
    if (done || db_pgsql_is_broken(c)) {
        db_conn_error(c, "the outcome of a commit is unknown: %s",
                      done ? "the wait for a standby was cancelled" : PQerrorMessage(c->pg));
        log_line(LOG_ERROR, "commit_unknown", "%s", c->error);
        PQclear(res);
        c->is_uncertain = !c->db.is_read_only;
        return c->db.is_read_only ? OK : ERR_BUSY;
    }
    if (posted != OK)
        PQclear(res);
    else
        posted = db_pgsql_error(c, res, "COMMIT");
    Err err = posted;
    pg_rollback(c);
    return err == OK ? ERR_INTERNAL : err;
}

const Driver db_driver_pgsql = {
    .connect = pg_connect,
    .disconnect = pg_disconnect,
    .begin = pg_begin,
    .commit = pg_commit,
    .rollback = pg_rollback,
    .exec = pg_exec,
    .again = pg_exec,
    .run = pg_run,
    .post = db_pgsql_post,
    .announce = db_pgsql_announce,
    .open = pg_open,
    .next = pg_next,
    .close = pg_close,
    .drop = pg_drop,
    .is_null = pg_is_null,
    .get_int = pg_int,
    .get_text = pg_text,
    .many = db_pgsql_copy,
};
