/* db_pgsql.h: what the files of the PostgreSQL engine share. Included by db_pgsql*.c only.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STORE_DB_PGSQL_H
#define STORE_DB_PGSQL_H

#include "store/db_impl.h"

#include <libpq-fe.h>

bool db_pgsql_is_broken(const Conn *c);
Err db_pgsql_reconnect(Conn *c) MUST;
/* Takes the result (NULL: the connection's own words); only the primary text is kept. */
Err db_pgsql_error(Conn *c, PGresult *res, const char *sql) MUST;
Err db_pgsql_why(Conn *c, const PGresult *res, const char *sql) MUST; /* leaves the result */
/* Waits until a result can be had, or the connection is given up because its server is silent
 * (c->is_silent). */
void db_pgsql_wait(Conn *c);
/* Commits waited for a standby that did not confirm: ERR_BUSY while they still do. */
Err db_pgsql_ask_standby(Conn *c) MUST;
PGresult *db_pgsql_result(Conn *c); /* PQgetResult with that patience */
/* The last result of what was sent, as PQexec gives it; NULL when it could not be sent. */
PGresult *db_pgsql_answer(Conn *c, int sent);
/* Reads the result that is still arriving to its end; its rows are kept. */
void db_pgsql_drain(Conn *c);
Err db_pgsql_check_reading(Conn *c, const char *sql) MUST;
/* A statement that is not prepared yet makes all wait that was posted. */
Err db_pgsql_prepare(Statement **out, Conn *c, const char *sql, const DbValue *args, size_t n) MUST;
Err db_pgsql_send(Conn *c, const Statement *s, const DbValue *args, size_t n) MUST;
/* Sent with what comes next. */
Err db_pgsql_post(Conn *c, const char *sql, const DbValue *args, size_t n) MUST;
/* Waits for all that was posted. */
Err db_pgsql_settle(Conn *c) MUST;
/* In parts, when a statement and a sync were sent behind: the outcomes of what was posted, and,
 * after that statement's own, the end of the group. */
Err db_pgsql_posted(Conn *c) MUST;
void db_pgsql_pipe_end(Conn *c);
void db_pgsql_columns(Rows *r, const PGresult *res);
void db_pgsql_whole(Rows *r, PGresult *res); /* all rows have arrived; takes the result */
/* A statement that is planned for its values each time. */
static inline bool db_pgsql_is_each(const char *sql) {
    return strncmp(sql, DB_PLAN_EACH, sizeof DB_PLAN_EACH - 1) == 0;
}

/* Reading transactions of sessions (c->is_reading), db_pgsql_read.c. */
Err db_pgsql_read_open(Rows *r, const char *sql, const DbValue *args, size_t n) MUST;
Err db_pgsql_read_run(Conn *c, int64_t *changed, const char *sql, const DbValue *args,
                      size_t n) MUST;
void db_pgsql_announce(Conn *c, const char *sql, const DbValue *args, size_t n);
PGresult *db_pgsql_read_answer(Conn *c, int sent, const char *sql); /* of what was sent last */
/* What a failed result (kept) means to who asked for it; the first failure of a transaction is the
 * reason of all that follow. */
Err db_pgsql_read_failed(Conn *c, const PGresult *res, const char *sql) MUST;
void db_pgsql_fail(Conn *c, Err err); /* c->error says why nothing more can be asked */
void db_pgsql_read_aside(Conn *c, const char *sql); /* nobody waits for its outcome */
void db_pgsql_read_end(Conn *c);    /* the server is told, its word is awaited by ... */
void db_pgsql_read_over(Conn *c);   /* ... this, before anything else is sent */
void db_pgsql_read_forget(Conn *c); /* the connection is gone */
Err db_pgsql_copy(Conn *c, const char *sql, const DbValue *values, size_t n_columns,
                  size_t n_rows) MUST;

#endif
