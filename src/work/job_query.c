/* job_query.c: the SQL of job.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/job.h"

#include "base/log.h"
#include "base/utf8.h"
#include "model/sql.h"

#include <stdlib.h>

enum { BREAKER_FAILURES = 5, BREAKER_SECONDS = 30 };
#define SECOND INT64_C(1000000)
#define FREE_LANE                                                                                  \
    " AND (o.lane IS NULL OR NOT EXISTS (SELECT 1 FROM outbox p WHERE p.lane = o.lane AND "        \
    "p.id < o.id AND p.state IN ('ready', 'running')))"

const JobDef *job_def(const Model *m, Str topic) {
    for (size_t i = 0; i < m->n_jobs; i++)
        if (str_is(topic, m->jobs[i]->topic)) return m->jobs[i];
    return NULL;
}

Err job_due(bool *out, Ctx *c, Str owner) {
    int64_t one;
    return db_get_int(&one, out, c->db,
                      "SELECT 1 FROM outbox WHERE state = 'ready' AND due_at <= $1 UNION ALL "
                      "SELECT 1 FROM outbox WHERE state = 'running' AND lease_until < $1 AND "
                      "owner <> $2 LIMIT 1",
                      ARGS(db_int(c->now_us), db_text(owner)));
}

/* Nothing of a topic that this program does not know, of a target that is paused, or of a lane
 * whose earlier row has not ended. */
static Str claim_sql(Ctx *c, const char *which) {
    return str_fmt(
        c->arena,
        "UPDATE outbox SET state = 'running', owner = $2, fence = fence + 1, attempts = attempts "
        "+ 1, lease_until = $1 + $3 WHERE id = (SELECT o.id FROM outbox o WHERE %s AND NOT EXISTS "
        "(SELECT 1 FROM outbox_pause z WHERE z.target = COALESCE(o.lane, o.topic) AND z.until > "
        "$1)" FREE_LANE " ORDER BY o.due_at, o.id LIMIT 1%s) "
        "RETURNING id, topic, item_key, payload, attempts, fence, COALESCE(lane, topic), created_at",
        which, db_for_update_skip(c->db));
}

static Claim claim_of(const Rows *r) {
    return (Claim){.job = {.id = rows_int(r, 0),
                           .topic = rows_copy(r, 1),
                           .key = rows_copy(r, 2),
                           .payload = rows_copy(r, 3),
                           .attempts = (int)rows_int(r, 4),
                           .created_at = rows_int(r, 7)},
                   .fence = rows_int(r, 5),
                   .target = rows_copy(r, 6)};
}

static Err claim_one(Claim *out, bool *found, Ctx *c, Str owner, const char *which) {
    Rows *r;
    TRY(db_few(&r, c->db, c->arena, claim_sql(c, which).p,
               ARGS(db_int(c->now_us), db_text(owner), db_int(JOB_LEASE_SECONDS * SECOND))));
    TRY(rows_next(found, r));
    if (!*found) return OK;
    *out = claim_of(r);
    rows_close(r);
    return OK;
}

/* Another program version added it; it is left for that one. */
static Err put_back(Ctx *c, const Claim *claim) {
    return db_run(c->db, NULL,
                  "UPDATE outbox SET state = 'ready', attempts = attempts - 1, due_at = $2 "
                  "WHERE id = $1",
                  ARGS(db_int(claim->job.id), db_int(c->now_us + 600 * SECOND)));
}

Err job_claim(Claim *out, bool *found, Ctx *c, Str owner) {
    TRY(claim_one(out, found, c, owner, "o.state = 'ready' AND o.due_at <= $1"));
    if (!*found)
        TRY(claim_one(out, found, c, owner,
                      "o.state = 'running' AND o.lease_until < $1 AND o.owner <> $2"));
    if (!*found) return OK;
    out->def = job_def(c->model, out->job.topic);
    if (!out->def) {
        *found = false;
        return put_back(c, out);
    }
    if (out->def->lease <= JOB_LEASE_SECONDS) return OK;
    return db_run(c->db, NULL, "UPDATE outbox SET lease_until = $2 WHERE id = $1",
                  ARGS(db_int(out->job.id), db_int(c->now_us + out->def->lease * SECOND)));
}

static int by_id(const void *x, const void *y) {
    int64_t a = ((const Claim *)x)->job.id, b = ((const Claim *)y)->job.id;
    return (a > b) - (a < b);
}

static void short_topics(Sql *s, const Model *m) {
    sql_add(s, " AND o.topic IN (''");
    for (size_t i = 0; i < m->n_jobs; i++) {
        if (!m->jobs[i]->is_short || !m->jobs[i]->run) continue;
        sql_add(s, ", ");
        sql_bind(s, db_textz(m->jobs[i]->topic));
    }
    sql_add(s, ")");
}

Err job_claim_short(Claims *out, Ctx *c, Str owner, int most) {
    Sql s = sql_new(c->arena, c->db);
    Rows *r;
    bool more;
    out->n = 0;
    sql_add(&s, "UPDATE outbox SET state = 'running', fence = fence + 1, attempts = attempts + 1, "
                "owner = ");
    sql_bind(&s, db_text(owner));
    sql_add(&s, ", lease_until = ");
    sql_bind(&s, db_int(c->now_us + JOB_LEASE_SECONDS * SECOND));
    sql_add(&s, " WHERE id IN (SELECT o.id FROM outbox o WHERE o.state = 'ready' AND o.due_at <= ");
    sql_bind(&s, db_int(c->now_us));
    sql_add(&s, " AND o.attempts = 0");
    short_topics(&s, c->model);
    sql_add(&s, FREE_LANE " AND NOT EXISTS (SELECT 1 FROM outbox_pause z WHERE z.target = "
                          "COALESCE(o.lane, o.topic) AND z.until > ");
    sql_bind(&s, db_int(c->now_us));
    sql_add(&s, ") ORDER BY o.due_at, o.id LIMIT ");
    sql_bind(&s, db_int(most));
    sql_add(&s, db_for_update_skip(c->db));
    sql_add(
        &s,
        ") RETURNING id, topic, item_key, payload, attempts, fence, COALESCE(lane, topic), created_at");
    TRY(sql_rows(&r, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) break;
        GROW(c->arena, out->items, out->n, out->cap);
        Claim *claim = &out->items[out->n++];
        *claim = claim_of(r);
        claim->def = job_def(c->model, claim->job.topic);
    }
    if (out->n) qsort(out->items, out->n, sizeof *out->items, by_id);
    return OK;
}

Err job_hold(bool *mine, Ctx *c, const Claim *claim) {
    int64_t fence;
    Str sql = str_fmt(c->arena, "SELECT fence FROM outbox WHERE id = $1 AND state = 'running'%s",
                      db_for_update(c->db));
    TRY(db_get_int(&fence, mine, c->db, sql.p, ARGS(db_int(claim->job.id))));
    *mine = *mine && fence == claim->fence;
    return OK;
}

Err job_done(Ctx *c, const Claim *claim) {
    if (claim->def->is_passing)
        return db_run(c->db, NULL, "DELETE FROM outbox WHERE id = $1", ARGS(db_int(claim->job.id)));
    TRY(db_run(c->db, NULL,
               "UPDATE outbox SET state = 'done', ended_at = $2, error = NULL WHERE id = $1",
               ARGS(db_int(claim->job.id), db_int(c->now_us))));
    if (!claim->def->send) return OK;
    return db_run(c->db, NULL, "DELETE FROM outbox_pause WHERE target = $1",
                  ARGS(db_text(claim->target)));
}

int64_t job_backoff(int attempts, int64_t id) {
    int64_t seconds = 10;
    for (int i = 1; i < attempts && seconds < 3600; i++) seconds *= 2;
    if (seconds > 3600) seconds = 3600;
    /* Spread by a tenth, so that what failed together does not come back together. */
    return seconds + seconds * (id % 11) / 100;
}

/* After some failures in a row the target is left alone for half a minute at a time. */
static Err target_failed(Ctx *c, const Claim *claim) {
    return db_run(c->db, NULL,
                  "INSERT INTO outbox_pause (target, failures, until) VALUES ($1, 1, 0) "
                  "ON CONFLICT (target) DO UPDATE SET failures = outbox_pause.failures + 1, "
                  "until = CASE WHEN outbox_pause.failures + 1 >= $2 THEN $3 ELSE 0 END",
                  ARGS(db_text(claim->target), db_int(BREAKER_FAILURES),
                       db_int(c->now_us + BREAKER_SECONDS * SECOND)));
}

Err job_failed(Ctx *c, const Claim *claim, Err why) {
    static const char *const words[] = {"done",     "refused", "not allowed",    "not found",
                                        "conflict", "busy",    "failed, see log"};
    bool hopeless = why == ERR_INVALID || why == ERR_DENIED || why == ERR_MISSING ||
                    claim->job.attempts >= JOB_MOST_ATTEMPTS;
    Str error = claim->job.error.n ? claim->job.error : str_of(words[why]);
    if (hopeless)
        log_line(LOG_WARN, "job_set_aside", "%.*s %lld: %.*s", FMT(claim->job.topic),
                 (long long)claim->job.id, FMT(error));
    if (claim->job.is_unreachable) TRY(target_failed(c, claim));
    return db_run(c->db, NULL,
                  "UPDATE outbox SET state = $2, due_at = $3, ended_at = $4, error = $5 "
                  "WHERE id = $1",
                  ARGS(db_int(claim->job.id), db_textz(hopeless ? "dead" : "ready"),
                       db_int(c->now_us + job_backoff(claim->job.attempts, claim->job.id) * SECOND),
                       db_int(hopeless ? c->now_us : 0), db_text(utf8_clip(error, 500))));
}

Err job_release_all(Ctx *c) {
    return db_run(c->db, NULL, "UPDATE outbox SET state = 'ready' WHERE state = 'running'",
                  NO_ARGS);
}

/* ---- for the administrator ---- */

Err job_counts(JobCounts *out, Ctx *c) {
    Rows *r;
    bool more;
    *out = (JobCounts){0};
    TRY(db_rows(&r, c->db, c->arena, "SELECT state, COUNT(*) FROM outbox GROUP BY state", NO_ARGS));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) break;
        Str state = rows_text(r, 0);
        int64_t n = rows_int(r, 1);
        if (str_is(state, "ready")) out->ready = n;
        if (str_is(state, "running")) out->running = n;
        if (str_is(state, "done")) out->done = n;
        if (str_is(state, "dead")) out->dead = n;
    }
    bool found;
    return db_get_int(&out->late, &found, c->db,
                      "SELECT COUNT(*) FROM outbox WHERE state = 'ready' AND due_at < $1",
                      ARGS(db_int(c->now_us - 60 * SECOND)));
}

Err job_list(JobRows *out, Ctx *c, Str state, int64_t before_id, size_t limit) {
    Rows *r;
    bool more;
    *out = (JobRows){0};
    TRY(db_rows(&r, c->db, c->arena,
                "SELECT id, topic, item_key, state, created_at, due_at, ended_at, attempts, error "
                "FROM outbox WHERE ($1 = '' OR state = $1) AND id < $2 ORDER BY id DESC LIMIT $3",
                ARGS(db_text(state.p ? state : S("")), db_int(before_id ? before_id : INT64_MAX),
                     db_int((int64_t)limit))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (JobRow){.id = rows_int(r, 0),
                                        .topic = rows_copy(r, 1),
                                        .key = rows_copy(r, 2),
                                        .state = rows_copy(r, 3),
                                        .created_at = rows_int(r, 4),
                                        .due_at = rows_int(r, 5),
                                        .ended_at = rows_int(r, 6),
                                        .attempts = rows_int(r, 7),
                                        .error = rows_copy(r, 8)};
    }
}

Err job_resend(int64_t *changed, Ctx *c, int64_t id) {
    TRY(db_run(c->db, changed,
               "UPDATE outbox SET state = 'ready', attempts = 0, due_at = $2, ended_at = 0 "
               "WHERE state = 'dead' AND ($1 = 0 OR id = $1)",
               ARGS(db_int(id), db_int(c->now_us))));
    return id && !*changed ? ERR_MISSING : OK;
}

Err job_drop(Ctx *c, int64_t id) {
    int64_t changed;
    TRY(db_run(c->db, &changed,
               "UPDATE outbox SET state = 'done', ended_at = $2 WHERE id = $1 AND state = 'dead'",
               ARGS(db_int(id), db_int(c->now_us))));
    return changed ? OK : ERR_MISSING;
}

Err job_sweep(int64_t *removed, Ctx *c) {
    return db_run(c->db, removed,
                  "DELETE FROM outbox WHERE ended_at > 0 AND ended_at < $1 AND state = 'done'",
                  ARGS(db_int(c->now_us - OUTBOX_KEEP_US)));
}
