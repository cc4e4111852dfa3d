/* db_pgsql_post.c: statements that are sent without waiting (pipeline mode of libpq). They and the
 * statement that somebody waits for are one group, ended by a sync: after the first failure the
 * server passes over the rest of it. A group never reaches over a savepoint or the end of the
 * transaction. SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/db_pgsql.h"

/* Their outcomes wait in the buffers of both sides. */
enum { POSTED_MOST = 64 };

/* What was posted cannot be mended: a broken constraint is a fault of the program. */
static Err post_failed(Conn *c, PGresult *res) {
    Err err = db_pgsql_error(c, res, "(posted)");
    if (err == ERR_INVALID || *c->constraint) {
        log_line(LOG_ERROR, "database", "posted: %s", c->error);
        err = ERR_INTERNAL;
    }
    c->constraint = "";
    return err;
}

Err db_pgsql_posted(Conn *c) {
    Err err = OK;
    for (; c->n_posted; c->n_posted--) {
        PGresult *res;
        while ((res = db_pgsql_result(c)) != NULL) {
            ExecStatusType status = PQresultStatus(res);
            if (err == OK && status == PGRES_FATAL_ERROR)
                err = post_failed(c, res);
            else
                PQclear(res);
        }
    }
    return err;
}

void db_pgsql_pipe_end(Conn *c) {
    bool is_over = false;
    while (!is_over && PQstatus(c->pg) == CONNECTION_OK) {
        PGresult *res = db_pgsql_result(c);
        is_over = !res || PQresultStatus(res) == PGRES_PIPELINE_SYNC;
        PQclear(res);
    }
    if (PQstatus(c->pg) == CONNECTION_OK && !PQexitPipelineMode(c->pg))
        log_line(LOG_ERROR, "database", "postgresql: %s", PQerrorMessage(c->pg));
    c->is_piped = false;
    c->n_posted = 0;
}

Err db_pgsql_settle(Conn *c) {
    if (!c->is_piped) return OK;
    Err err = PQpipelineSync(c->pg) ? OK : db_pgsql_error(c, NULL, "(posted)");
    Err posted = db_pgsql_posted(c);
    db_pgsql_pipe_end(c);
    return err ? err : posted;
}

Err db_pgsql_post(Conn *c, const char *sql, const DbValue *args, size_t n) {
    TRY(db_pgsql_check_reading(c, sql));
    db_pgsql_drain(c);
    if (c->n_posted >= POSTED_MOST) TRY(db_pgsql_settle(c));
    Statement *s;
    TRY(db_pgsql_prepare(&s, c, sql, args, n));
    if (!c->is_piped && !PQenterPipelineMode(c->pg)) return db_pgsql_error(c, NULL, sql);
    c->is_piped = true;
    TRY(db_pgsql_send(c, s, args, n));
    c->n_posted++;
    return OK;
}
