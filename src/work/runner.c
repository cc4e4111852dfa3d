/* runner.c: threads that run due rows of the outbox (runner.h): they look after each commit of this
 * process, and one of them each second. A row is claimed in one transaction and ended in another,
 * so that a row that kills the process has its attempt counted; short rows are claimed and worked
 * off by the many. SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/runner.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "work/job.h"
#include "work/schedule.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* One thread looks each second for what has become due; a claim, which is a commit, wakes the
 * others. */
enum {
    MOST_THREADS = 16,
    CONFLICT_RETRIES = 4,
    MOST_TOGETHER = 40,
    PAUSE_MS = 100,
    IDLE_US = 1000000,
    IDLE_US_OTHERS = 10000000,
};

struct Runner {
    const Model *model;
    DbBase *base;
    WorkConfig config;
    Str owner;
    atomic_bool stop, has_watch; /* one thread also looks at the clock */
    pthread_t threads[MOST_THREADS];
    int n;
};

static Ctx *job_ctx(const RunnerPart *p, Arena *a) {
    Ctx *c = ctx_new(a, p->model, p->session);
    c->source = S("job");
    c->work = p->config;
    actor_system(c);
    if (p->now_us) ctx_at(c, p->now_us);
    return c;
}

/* ---- one row ---- */

typedef struct Turn {
    const RunnerPart *part;
    Claim claim;
    Claims more; /* short rows claimed with it */
    bool found;
    Err result; /* of send */
} Turn;

typedef Err (*TurnWork)(Ctx *c, Turn *t);

/* A writing transaction of its own, again on a conflict with others. */
static Err in_write(Turn *t, Arena *a, TurnWork work, bool is_short) {
    Err e = ERR_CONFLICT;
    for (int i = 0; i < CONFLICT_RETRIES && e == ERR_CONFLICT; i++) {
        Ctx *c = job_ctx(t->part, a);
        TRY((is_short ? db_write_shared : db_write)(&c->db, t->part->session));
        e = work(c, t);
        if (e == OK)
            e = db_commit(c->db);
        else
            db_rollback(c->db);
        c->db = NULL;
    }
    return e;
}

static Err claim_work(Ctx *c, Turn *t) {
    t->more.n = 0;
    TRY(job_claim(&t->claim, &t->found, c, t->part->owner));
    /* A row that failed before is tried alone. */
    if (!t->found || !t->claim.def->run || !t->claim.def->is_short || t->claim.job.attempts > 1)
        return OK;
    return job_claim_short(&t->more, c, t->part->owner, MOST_TOGETHER);
}

/* The whole of a `run`: work and end in one transaction. */
static Err run_work(Ctx *c, Turn *t) {
    bool mine;
    t->claim.job.error = (Str){0};
    TRY(job_hold(&mine, c, &t->claim));
    if (!mine) return OK;
    TRY(t->claim.def->run(c, &t->claim.job));
    return job_done(c, &t->claim);
}

/* One of several in a transaction: what fails is undone and counted alone. What the one before read
 * serves this one, unless that was undone. */
static Err run_one(void **known, const RunnerPart *part, Db *db, Claim *claim, Arena *a) {
    Turn t = {.part = part, .claim = *claim};
    Ctx *c = job_ctx(part, a);
    c->db = db;
    c->cache = *known;
    TRY(db_savepoint(db));
    Err e = run_work(c, &t);
    claim->job.error = t.claim.job.error;
    *known = e == OK ? c->cache : NULL;
    if (e == OK) return db_release(db);
    db_rollback_to(db);
    if (e == ERR_CONFLICT || e == ERR_BUSY) return e;
    bool mine;
    c = job_ctx(part, a);
    c->db = db;
    TRY(job_hold(&mine, c, claim));
    return mine ? job_failed(c, claim, e) : OK;
}

static Err run_together(Ctx *c, Turn *t) {
    void *known = NULL;
    TRY(run_one(&known, t->part, c->db, &t->claim, c->arena));
    for (size_t i = 0; i < t->more.n; i++)
        TRY(run_one(&known, t->part, c->db, &t->more.items[i], c->arena));
    return OK;
}

static Err failed_work(Ctx *c, Turn *t) {
    bool mine;
    TRY(job_hold(&mine, c, &t->claim));
    if (!mine) return OK;
    return job_failed(c, &t->claim, t->result);
}

static Err sent_work(Ctx *c, Turn *t) {
    bool mine;
    TRY(job_hold(&mine, c, &t->claim));
    if (!mine) return OK;
    if (t->claim.def->done) TRY(t->claim.def->done(c, &t->claim.job, t->result));
    return t->result == OK ? job_done(c, &t->claim) : job_failed(c, &t->claim, t->result);
}

static Err run_claimed(Turn *t, Arena *a) {
    if (t->claim.def->run) {
        t->result = in_write(t, a, run_work, t->claim.def->is_short);
        return t->result == OK ? OK : in_write(t, a, failed_work, true);
    }
    Ctx *c = job_ctx(t->part, a);
    t->result = t->claim.def->send(c, &t->claim.job);
    if (c->db) db_rollback(c->db); /* an early return left it open */
    return in_write(t, a, sent_work, t->claim.def->is_short);
}

static Err run_all(Turn *t, Arena *a) {
    if (!t->more.n) return run_claimed(t, a);
    Err e = in_write(t, a, run_together, true);
    if (e == OK) return OK;
    /* The transaction was lost as a whole: each alone. */
    e = run_claimed(t, a);
    for (size_t i = 0; i < t->more.n; i++) {
        Turn one = {.part = t->part, .claim = t->more.items[i]};
        Err other = run_claimed(&one, a);
        if (e == OK) e = other;
    }
    return e;
}

static Err look(bool *due, const RunnerPart *p, Arena *a) {
    Ctx *c = job_ctx(p, a);
    TRY(db_read(&c->db, p->session));
    Err e = job_due(due, c, p->owner);
    db_rollback(c->db);
    return e;
}

Err runner_once(bool *ran, const RunnerPart *part) {
    Arena *a = arena_new(0);
    Turn t = {.part = part};
    *ran = false;
    Err e = look(ran, part, a);
    if (e == OK && *ran) {
        e = in_write(&t, a, claim_work, true);
        *ran = e == OK && t.found;
        if (*ran) e = run_all(&t, a);
    }
    arena_free(a);
    return e;
}

/* ---- work by the clock ---- */

enum { LOOK_SECONDS = 5 };

typedef struct Watch {
    ClockGuard guard;
    int64_t next; /* monotonic */
} Watch;

static Err tick_work(Ctx *c, Turn *t) {
    int64_t added;
    (void)t;
    return schedule_tick(&added, c);
}

static Err slot_due(bool *due, int64_t *database, const RunnerPart *p, Arena *a) {
    Ctx *c = job_ctx(p, a);
    TRY(db_read(&c->db, p->session));
    Err e = db_clock_us(database, c->db);
    if (e == OK) e = schedule_due(due, c);
    db_rollback(c->db);
    return e;
}

static void watch_clock(Watch *w, const RunnerPart *part) {
    int64_t mono = clock_mono_us(), database = 0;
    bool due = false;
    if (mono < w->next) return;
    w->next = mono + LOOK_SECONDS * INT64_C(1000000);
    Arena *a = arena_new(0);
    Turn t = {.part = part};
    Err e = slot_due(&due, &database, part, a);
    int64_t wall = clock_now_us();
    if (getenv("GARDEFOU_TEST_NOW")) database = 0; /* the clock is made up: only itself to ask */
    bool trusted = clock_guard(&w->guard, wall, clock_mono_us(), e == OK ? database : 0);
    if (e == OK && due && trusted) e = in_write(&t, a, tick_work, false);
    if (e == ERR_INTERNAL) log_line(LOG_WARN, "schedule_failed", "tried again in some seconds");
    arena_free(a);
}

/* ---- threads ---- */

static void *thread_main(void *arg) {
    Runner *r = arg;
    bool watches = !atomic_exchange(&r->has_watch, true);
    uint64_t seen = 0;
    Watch watch = {0};
    RunnerPart part = {.model = r->model, .config = &r->config, .owner = r->owner};
    if (db_session_new(&part.session, r->base) != OK) {
        log_line(LOG_ERROR, "runner_failed", "no connection to the database");
        return NULL;
    }
    while (!atomic_load(&r->stop)) {
        bool ran = false;
        if (watches) watch_clock(&watch, &part);
        Err e = runner_once(&ran, &part);
        if (e == ERR_INTERNAL) log_line(LOG_WARN, "job_failed", "tried again in a second");
        if (ran && e == OK) continue;
        if (e != OK) nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
        db_wait(r->base, &seen, watches ? IDLE_US : IDLE_US_OTHERS);
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
    }
    db_session_free(part.session);
    return NULL;
}

static Err release_work(Ctx *c, Turn *t) {
    (void)t;
    return job_release_all(c);
}

/* One process owns a SQLite file: what is marked as running belongs to nobody. */
static Err release(Runner *r) {
    if (db_base_kind(r->base) != DB_SQLITE) return OK;
    RunnerPart part = {.model = r->model, .config = &r->config, .owner = r->owner};
    TRY(db_session_new(&part.session, r->base));
    Arena *a = arena_new(0);
    Turn t = {.part = &part};
    Err e = in_write(&t, a, release_work, false);
    arena_free(a);
    db_session_free(part.session);
    return e;
}

Err runner_start(Runner **out, Arena *process, const Model *m, DbBase *base,
                 const WorkConfig *config, int threads) {
    Runner *r = NEW(process, Runner);
    *out = r;
    r->model = m;
    r->base = base;
    r->owner = random_token(process, 9);
    r->config = *config;
    r->config.stop = &r->stop;
    if (threads > 0) TRY(release(r));
    for (; r->n < threads && r->n < MOST_THREADS; r->n++)
        if (pthread_create(&r->threads[r->n], NULL, thread_main, r) != 0) return ERR_INTERNAL;
    return OK;
}

void runner_stop(Runner *r) {
    atomic_store(&r->stop, true);
    db_nudge(r->base);
    for (int i = 0; i < r->n; i++) pthread_join(r->threads[i], NULL);
}
