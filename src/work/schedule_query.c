/* schedule_query.c: slots of the clock (schedule.h). schedule(name, slot): the last slot of each
 * rule that gave a row. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/log.h"
#include "work/rule.h"
#include "work/schedule.h"

#define SECOND INT64_C(1000000)

/* clang-format off */
static const DbColumn columns[] = {
    {.name = "name", .type = DB_TEXT, .not_null = true},
    {.name = "slot", .type = DB_INT, .not_null = true},
};
const DbTable schedule_tables[] = {{"schedule", columns, LENGTH(columns), "name", NULL, 0}, {0}};
/* clang-format on */

typedef struct Clock {
    const Calendar *calendar; /* NULL until a rule asks for working days */
} Clock;

static bool asks_workdays(const Rule *r) {
    return r->kind == RULE_WORKDAYS || r->is_workday || r->shift;
}

/* The slot of a job that should have run by now and did not; 0: none. */
static Err slot_of(int64_t *out, int64_t *last, Ctx *c, Clock *k, const JobDef *job) {
    Rule rule;
    bool found;
    int64_t slot;
    *out = *last = 0;
    CHECK(rule_parse(&rule, str_of(job->every)), job->every);
    TRY(db_get_int(last, &found, c->db, "SELECT slot FROM schedule WHERE name = $1",
                   ARGS(db_textz(job->topic))));
    if (!found) *last = -1;
    if (!k->calendar && asks_workdays(&rule)) TRY(calendar_load(&k->calendar, c, 0));
    if (rule_last(&slot, &rule, k->calendar, ctx_zone(c), c->now_us) && slot > *last) *out = slot;
    return OK;
}

Err schedule_due(bool *out, Ctx *c) {
    Clock k = {0};
    *out = false;
    for (size_t i = 0; i < c->model->n_jobs && !*out; i++) {
        int64_t slot, last;
        if (!c->model->jobs[i]->every) continue;
        TRY(slot_of(&slot, &last, c, &k, c->model->jobs[i]));
        *out = slot != 0;
    }
    return OK;
}

/* A rule seen for the first time begins with its next slot: nothing of the past is made up. */
static Err slot_take(int64_t *added, Ctx *c, const JobDef *job, int64_t slot, bool is_new) {
    int64_t changed;
    TRY(db_run(c->db, &changed,
               "INSERT INTO schedule (name, slot) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET "
               "slot = excluded.slot WHERE schedule.slot < excluded.slot",
               ARGS(db_textz(job->topic), db_int(slot))));
    if (is_new || !changed) return OK;
    ++*added;
    return outbox_add(c, &(OutboxRow){.topic = job->topic, .key = instant_text(c->arena, slot)});
}

Err schedule_tick(int64_t *added, Ctx *c) {
    Clock k = {0};
    *added = 0;
    for (size_t i = 0; i < c->model->n_jobs; i++) {
        int64_t slot, last;
        if (!c->model->jobs[i]->every) continue;
        TRY(slot_of(&slot, &last, c, &k, c->model->jobs[i]));
        if (slot) TRY(slot_take(added, c, c->model->jobs[i], slot, last < 0));
    }
    return OK;
}

static int64_t apart(int64_t a, int64_t b) {
    return a > b ? a - b : b - a;
}

bool clock_guard(ClockGuard *g, int64_t wall, int64_t mono, int64_t database) {
    bool first = g->mono == 0;
    bool jumped = !first && apart(wall - g->wall, mono - g->mono) > CLOCK_JUMP_SECONDS * SECOND;
    bool alone = database && apart(wall, database) > CLOCK_JUMP_SECONDS * SECOND;
    g->wall = wall;
    g->mono = mono;
    if (jumped || alone) {
        if (mono >= g->trusted_from)
            log_line(LOG_WARN, "clock_not_trusted", "%s; nothing is scheduled for five minutes",
                     jumped ? "the clock jumped" : "the database's clock tells another time");
        g->trusted_from = mono + CLOCK_CALM_SECONDS * SECOND;
    }
    return mono >= g->trusted_from;
}
