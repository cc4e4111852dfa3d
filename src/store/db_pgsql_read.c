/* db_pgsql_read.c: reading transactions of a session. Nothing is sent before something is asked, so
 * that answers which need no database cost it nothing. All that is asked is one pipeline of libpq:
 * for the server one implicit transaction, that is one snapshot (the connection's default is
 * REPEATABLE READ READ ONLY), until the sync that ends it. What was announced is on its way with
 * what comes next, and its answer is kept until somebody asks. The server's word on the end is
 * awaited when the connection is used again. SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/db_pgsql.h"

#include <stdlib.h>

/* Answers wait in the buffers of both sides. */
enum { ANNOUNCED_MOST = 64 };

/* On its way, in the order in which it was sent. */
typedef struct Asked {
    struct Asked *next;
    unsigned number; /* of the statement; 0: an answer that nobody takes */
    PGresult *result;
    bool has_arrived;
    size_t n;
    char *key; /* its values */
    size_t n_key;
} Asked;

/* ---- what is on its way ---- */

static void asked_free(Asked *x) {
    PQclear(x->result);
    free(x->key);
    free(x);
}

static void forget_asked(Conn *c) {
    while (c->asked) {
        Asked *x = c->asked;
        c->asked = x->next;
        asked_free(x);
    }
    c->asked_last = NULL;
}

void db_pgsql_read_forget(Conn *c) {
    forget_asked(c);
    c->has_sent = c->has_read = c->is_ending = false;
    c->plans = PLANS_ONCE;
}

static Asked *put(Conn *c, unsigned number) {
    Asked *x = db_calloc(1, sizeof *x);
    x->number = number;
    if (c->asked_last)
        c->asked_last->next = x;
    else
        c->asked = x;
    c->asked_last = x;
    return x;
}

static void take_out(Conn *c, Asked *wanted) {
    Asked **at = &c->asked, *before = NULL;
    for (; *at != wanted; at = &(*at)->next) before = *at;
    *at = wanted->next;
    if (c->asked_last == wanted) c->asked_last = before;
    asked_free(wanted);
}

static bool has_failed(const PGresult *res) {
    ExecStatusType status = PQresultStatus(res);
    return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
}

void db_pgsql_fail(Conn *c, Err err) {
    if (c->failed != OK) return;
    c->failed = err;
    memcpy(c->reason, c->error, sizeof c->reason);
}

Err db_pgsql_read_failed(Conn *c, const PGresult *res, const char *sql) {
    bool is_own = res && PQresultStatus(res) != PGRES_PIPELINE_ABORTED;
    if (c->failed == OK && (is_own || !res)) {
        Err err = db_pgsql_why(c, res, sql);
        /* Nothing was written that could collide: who waited in vain may ask again. */
        db_pgsql_fail(c, err == ERR_CONFLICT ? ERR_BUSY : err);
    }
    db_conn_error(c, is_own ? "%s" : "an earlier statement of this transaction failed: %s",
                  c->failed != OK ? c->reason : "");
    if (is_own) return c->failed;
    db_pgsql_fail(c, ERR_INTERNAL);
    /* That its values were wrong is no matter of who asks for something else. */
    return c->failed == ERR_BUSY ? ERR_BUSY : ERR_INTERNAL;
}

static const char *text_of(const Conn *c, unsigned number) {
    const Statement *s = c->cache.newest;
    while (s && s->number != number) s = s->older;
    return s ? s->sql : "(announced)";
}

/* What nobody asks for may be why all the rest fails. */
static void note_failure(Conn *c, const PGresult *res, const char *sql) {
    if (!has_failed(res) || c->failed != OK) return;
    Err err = db_pgsql_read_failed(c, res, sql);
    (void)err; /* kept */
}

/* Reads all answers up to this one. */
static void arrive(Conn *c, Asked *last) {
    for (Asked *x = c->asked; x; x = x->next) {
        PGresult *res;
        while (!x->has_arrived && (res = db_pgsql_result(c)) != NULL) {
            if (has_failed(res)) note_failure(c, res, text_of(c, x->number));
            if (x->result || !x->number)
                PQclear(res);
            else
                x->result = res;
        }
        x->has_arrived = true;
        if (x == last) break;
    }
    while (c->asked && c->asked->has_arrived && !c->asked->number) take_out(c, c->asked);
}

static void all_arrive(Conn *c) {
    if (c->asked_last && !c->asked_last->has_arrived) arrive(c, c->asked_last);
}

/* ---- begin and end ---- */

void db_pgsql_read_end(Conn *c) {
    c->is_reading = false;
    if (!c->has_sent) return;
    if (c->failed != OK) c->plans = PLANS_UNKNOWN; /* what was set is taken back */
    c->has_sent = c->has_read = false;
    if (db_pgsql_is_broken(c) || !PQpipelineSync(c->pg)) return; /* seen at the next begin */
    c->is_ending = true;
}

void db_pgsql_read_over(Conn *c) {
    c->failed = OK;
    if (c->is_ending && !db_pgsql_is_broken(c)) {
        all_arrive(c);
        bool is_over = false;
        while (!is_over && !db_pgsql_is_broken(c)) {
            PGresult *res = db_pgsql_result(c);
            is_over = !res || PQresultStatus(res) == PGRES_PIPELINE_SYNC;
            PQclear(res);
        }
        if (!db_pgsql_is_broken(c) && !PQexitPipelineMode(c->pg)) c->is_lost = true;
    }
    if (c->failed != OK) c->plans = PLANS_UNKNOWN;
    c->is_ending = false;
    c->failed = OK;
    forget_asked(c);
}

static Err start(Conn *c) {
    if (c->has_sent) return OK;
    db_pgsql_read_over(c);
    if (db_pgsql_is_broken(c) || PQtransactionStatus(c->pg) != PQTRANS_IDLE)
        TRY(db_pgsql_reconnect(c));
    if (!PQenterPipelineMode(c->pg)) return db_pgsql_error(c, NULL, "pipeline");
    c->has_sent = true;
    return OK;
}

/* ---- asking ---- */

static Err flush(Conn *c) {
    bool done = PQsendFlushRequest(c->pg) && PQflush(c->pg) == 0;
    return done ? OK : db_pgsql_error(c, NULL, "flush");
}

PGresult *db_pgsql_read_answer(Conn *c, int sent, const char *sql) {
    PGresult *first = NULL, *res;
    if (!sent || flush(c) != OK) return NULL;
    all_arrive(c);
    while ((res = db_pgsql_result(c)) != NULL) {
        note_failure(c, res, sql);
        if (first)
            PQclear(res);
        else
            first = res;
    }
    return first;
}

void db_pgsql_read_aside(Conn *c, const char *sql) {
    if (!c->has_sent || c->failed != OK) return;
    if (PQsendQueryParams(c->pg, sql, 0, NULL, NULL, NULL, NULL, 0)) (void)put(c, 0);
}

static Err plan(Conn *c, const char *sql) {
    Statement *s;
    bool each = db_pgsql_is_each(sql);
    if (c->plans == (each ? PLANS_EACH : PLANS_ONCE)) return OK;
    TRY(db_pgsql_prepare(
        &s, c, each ? "SET plan_cache_mode = force_custom_plan" : "SET plan_cache_mode = auto",
        NO_ARGS));
    TRY(db_pgsql_send(c, s, NO_ARGS));
    (void)put(c, 0);
    c->plans = each ? PLANS_EACH : PLANS_ONCE;
    return OK;
}

static Err prepared(Statement **out, Conn *c, const char *sql, const DbValue *args, size_t n) {
    TRY(db_pgsql_check_reading(c, sql));
    if (c->failed != OK) return db_pgsql_read_failed(c, NULL, sql);
    db_pgsql_drain(c);
    TRY(start(c));
    TRY(plan(c, sql));
    return db_pgsql_prepare(out, c, sql, args, n);
}

static char *key_of(size_t *n_key, const DbValue *args, size_t n) {
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++) bytes += sizeof(DbType) + sizeof(int64_t) + args[i].s.n;
    char *key = db_calloc(bytes, 1), *p = key;
    for (size_t i = 0; i < n; i++) {
        bool is_int = args[i].type == DB_INT;
        int64_t x = is_int ? args[i].i : (int64_t)args[i].s.n;
        memcpy(p, &args[i].type, sizeof(DbType));
        memcpy(p + sizeof(DbType), &x, sizeof x);
        p += sizeof(DbType) + sizeof x;
        if (!is_int && args[i].s.n) memcpy(p, args[i].s.p, args[i].s.n);
        if (!is_int) p += args[i].s.n;
    }
    *n_key = (size_t)(p - key);
    return key;
}

void db_pgsql_announce(Conn *c, const char *sql, const DbValue *args, size_t n) {
    Statement *s;
    size_t waiting = 0;
    for (const Asked *x = c->asked; x && c->has_sent; x = x->next) waiting++;
    if (!c->is_reading || c->failed != OK || waiting >= ANNOUNCED_MOST) return;
    if (prepared(&s, c, sql, args, n) != OK || db_pgsql_send(c, s, args, n) != OK) return;
    Asked *x = put(c, s->number);
    x->n = n;
    x->key = key_of(&x->n_key, args, n);
}

static Asked *announced(const Conn *c, const Statement *s, const DbValue *args, size_t n) {
    Asked *x = c->asked;
    while (x && !(x->number == s->number && x->n == n)) x = x->next;
    if (!x) return NULL;
    size_t n_key;
    char *key = key_of(&n_key, args, n);
    while (x && !(x->number == s->number && x->n_key == n_key && memcmp(x->key, key, n_key) == 0))
        x = x->next;
    free(key);
    return x;
}

/* ---- answers ---- */

static Err answered(Rows *r, Conn *c, PGresult *res, const char *sql) {
    if (!res || has_failed(res)) {
        Err err = db_pgsql_read_failed(c, res, sql);
        PQclear(res);
        return err;
    }
    c->has_read = true;
    db_pgsql_whole(r, res);
    return OK;
}

static Err wait_single(Rows *r, Conn *c, const char *sql) {
    all_arrive(c);
    (void)PQsetSingleRowMode(c->pg);
    PGresult *res = db_pgsql_result(c);
    if (PQresultStatus(res) == PGRES_SINGLE_TUPLE) {
        c->has_read = true;
        db_pgsql_columns(r, res);
        r->result = res;
        r->has_first = r->is_streaming = true;
        c->streaming = r;
        return OK;
    }
    Err err = answered(r, c, res, sql);
    while ((res = db_pgsql_result(c)) != NULL) PQclear(res);
    return err;
}

static Err open_once(Rows *r, const char *sql, const DbValue *args, size_t n) {
    Conn *c = r->conn;
    Statement *s;
    TRY(prepared(&s, c, sql, args, n));
    Asked *x = announced(c, s, args, n);
    if (x) {
        if (!x->has_arrived) TRY(flush(c));
        arrive(c, x);
        PGresult *res = x->result;
        x->result = NULL;
        take_out(c, x);
        return answered(r, c, res, sql);
    }
    TRY(db_pgsql_send(c, s, args, n));
    if (!r->is_few) {
        TRY(flush(c));
        return wait_single(r, c, sql);
    }
    return answered(r, c, db_pgsql_read_answer(c, 1, sql), sql);
}

Err db_pgsql_read_open(Rows *r, const char *sql, const DbValue *args, size_t n) {
    Conn *c = r->conn;
    Err err = open_once(r, sql, args, n);
    if (err == OK || c->has_read || c->is_silent || !db_pgsql_is_broken(c)) return err;
    /* The server went away while the connection was idle. Nothing was read yet, so once more is
     * safe. */
    TRY(db_pgsql_reconnect(c));
    c->failed = OK;
    return open_once(r, sql, args, n);
}

Err db_pgsql_read_run(Conn *c, int64_t *changed, const char *sql, const DbValue *args, size_t n) {
    Rows r = {.conn = c, .is_few = true};
    *changed = 0;
    TRY(db_pgsql_read_open(&r, sql, args, n));
    db_driver_pgsql.close(&r);
    return OK;
}
