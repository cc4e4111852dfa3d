/* db_pgsql_wait.c: waits for what PostgreSQL answers, but not for a server that is silent: a
 * machine that hangs, or a process that was stopped, still acknowledges packets, so no timeout of
 * the network ends the wait. A statement may take its time; whoever waits long asks the server for
 * a new connection, and when that is not answered either, gives this one up. A COMMIT may also wait
 * for a standby that does not confirm: it is given up as well, and writing is refused until the
 * server waits no longer, so that reading goes on. Nothing is cancelled: of a COMMIT the outcome is
 * then unknown. SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/db_pgsql.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

/* Together below five seconds; two are libpq's least for a connection. */
enum { PATIENCE_MS = 2000 };
#define PROBE_SECONDS "2"

/* Another connection to the server of this one; not to another host of the same address. */
#define PROBE_WORDS                                                                                \
    { "dbname", "connect_timeout", "host", "hostaddr", "port", NULL }
#define PROBE_VALUES(c)                                                                            \
    {                                                                                              \
        (c)->base->full_url, PROBE_SECONDS, PQhost((c)->pg), PQhostaddr((c)->pg), PQport((c)->pg), \
            NULL                                                                                   \
    }

/* Does the server of this connection answer nobody? */
static bool is_silent(const Conn *c) {
    const char *words[] = PROBE_WORDS, *values[] = PROBE_VALUES(c);
    return PQpingParams(words, values, 1) == PQPING_NO_RESPONSE;
}

/* Does the server say of this connection that it waits for a standby? */
static bool waits_for_standby(const Conn *c) {
    const char *words[] = PROBE_WORDS, *values[] = PROBE_VALUES(c);
    char sql[100];
    (void)snprintf(sql, sizeof sql,
                   "SELECT 1 FROM pg_stat_activity WHERE pid = %d AND wait_event = 'SyncRep'",
                   PQbackendPID(c->pg));
    PGconn *probe = PQconnectdbParams(words, values, 1);
    PGresult *res = PQstatus(probe) == CONNECTION_OK ? PQexec(probe, sql) : NULL;
    bool waits = PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) > 0;
    PQclear(res);
    PQfinish(probe);
    return waits;
}

static void refuse_writing(DbBase *base) {
    atomic_store(&base->awaits_standby, true);
    db_degrade(base, DEGRADE_STANDBY_S, "no standby confirms what is committed");
}

Err db_pgsql_ask_standby(Conn *c) {
    PGresult *res = db_pgsql_answer(
        c, PQsendQuery(c->pg, "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() "
                              "AND usename = current_user AND wait_event = 'SyncRep' "
                              "AND state_change < now() - INTERVAL '2 seconds' LIMIT 1"));
    bool is_known = PQresultStatus(res) == PGRES_TUPLES_OK, waits = PQntuples(res) > 0;
    if (!is_known) return db_pgsql_error(c, res, "pg_stat_activity");
    PQclear(res);
    if (waits)
        refuse_writing(c->base);
    else
        atomic_store(&c->base->awaits_standby, false);
    return waits ? ERR_BUSY : OK;
}

/* libpq then calls the connection broken. */
static void give_up(Conn *c) {
    c->is_silent = true;
    (void)shutdown(PQsocket(c->pg), SHUT_RDWR);
}

void db_pgsql_wait(Conn *c) {
    int waits = 0;
    while (PQisBusy(c->pg)) {
        struct pollfd p = {.fd = PQsocket(c->pg), .events = POLLIN};
        int n = poll(&p, 1, PATIENCE_MS);
        if (n < 0 && errno == EINTR) continue;
        if (n == 0 && is_silent(c)) {
            log_line(LOG_WARN, "database_silent", "the database server answers nobody");
            give_up(c);
        } else if (n == 0 && c->is_committing && !c->is_alone && ++waits > 1 &&
                   waits_for_standby(c)) {
            refuse_writing(c->base);
            give_up(c);
        } else if (n == 0) {
            continue;
        }
        if (!PQconsumeInput(c->pg)) return; /* the result says why */
    }
}

PGresult *db_pgsql_result(Conn *c) {
    db_pgsql_wait(c);
    return PQgetResult(c->pg);
}

PGresult *db_pgsql_answer(Conn *c, int sent) {
    PGresult *last = NULL, *res;
    if (!sent) return NULL;
    while ((res = db_pgsql_result(c)) != NULL) {
        PQclear(last);
        last = res;
        ExecStatusType status = PQresultStatus(res);
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || PQstatus(c->pg) != CONNECTION_OK)
            break;
    }
    return last;
}
