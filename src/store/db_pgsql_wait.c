/* db_pgsql_wait.c: waits for what PostgreSQL answers, but not for a server that is silent: a
 * machine that hangs, or a process that was stopped, still acknowledges packets, so no timeout of
 * the network ends the wait. A statement may take its time; whoever waits long asks the server for
 * a new connection, and when that is not answered either, gives this one up. Nothing is cancelled:
 * of a COMMIT the outcome is then unknown. SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/db_pgsql.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

/* Together below five seconds; two are libpq's least for a connection. */
enum { PATIENCE_MS = 2000 };
#define PROBE_SECONDS "2"

/* Does the server of this connection answer nobody? Not another host of the same address. */
static bool is_silent(const Conn *c) {
    const char *words[] = {"dbname", "connect_timeout", "host", "hostaddr", "port", NULL};
    const char *values[] = {c->base->full_url, PROBE_SECONDS, PQhost(c->pg),
                            PQhostaddr(c->pg), PQport(c->pg), NULL};
    return PQpingParams(words, values, 1) == PQPING_NO_RESPONSE;
}

void db_pgsql_wait(Conn *c) {
    while (PQisBusy(c->pg)) {
        struct pollfd p = {.fd = PQsocket(c->pg), .events = POLLIN};
        int n = poll(&p, 1, PATIENCE_MS);
        if (n < 0 && errno == EINTR) continue;
        if (n == 0 && !is_silent(c)) continue;
        if (n == 0) {
            c->is_silent = true;
            log_line(LOG_WARN, "database_silent", "the database server answers nobody");
            (void)shutdown(PQsocket(c->pg), SHUT_RDWR); /* libpq then calls it broken */
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
