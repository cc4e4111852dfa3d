/* work_demo.c: what the demonstration bank is asked and told: plans with their rounds answered,
 * reviewed, returned and late, and the notices of the last days. No mail is sent. After all other
 * modules; the same seed gives the same. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "work/assignment.h"
#include "work/demo.h"
#include "work/kit.h"
#include "work/notice.h"

enum { ROUNDS = 8, AHEAD_DAYS = 31, NOTICE_DAYS = 12, MOST_STEPS = 3000, MOST_OF_A_TYPE = 60 };

typedef struct DemoPlan {
    const char *title, *type, *task, *rule, *asked, *states, *review;
    int open_days, days_back; /* the first round was made so many days ago */
} DemoPlan;

static const DemoPlan plans[] = {
    {"Suivi mensuel des actions", "action",
     "Où en est l’action ? Avancement, fin prévue et ce qui bloque, en deux phrases.",
     "monthly workday 5", "progress, expected_on, follow_note", "in_progress", "correspondent", 12,
     75},
    {"Revue annuelle des contrôles", "control",
     "La description, la fréquence et la preuve du contrôle sont-elles encore exactes ?",
     "yearly month 12 day 15", NULL, NULL, NULL, 45, 30},
};
static const char *const notes[] = {
    "Cahier des charges validé, le prestataire a commencé le paramétrage.",
    "La recette est en cours ; deux anomalies restent à corriger.",
    "Formation faite dans quatre agences sur six.",
    "En attente de la réponse de la direction informatique depuis trois semaines.",
    "Procédure rédigée, en relecture à la conformité.",
    "Le déploiement est terminé à Casablanca, Rabat commence lundi.",
    "Le budget complémentaire a été demandé, sans réponse à ce jour.",
    "Première mesure faite : les écarts ont baissé de moitié.",
};
static const char *const comments[] = {"Relu avec l’équipe, rien à changer.",
                                       "Toujours exact, le volume a augmenté.",
                                       "Vérifié avec le métier.", "Conforme à la pratique."};

typedef struct Demo {
    Ctx *c;
    uint64_t seed;
    int64_t today, author, now_us, asked;
} Demo;

/* 0 .. n-1 by seed and thing, whatever the order they are met in (splitmix64). */
static int64_t dice(const Demo *d, int64_t thing, int64_t n) {
    uint64_t x = d->seed * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)thing;
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (int64_t)((x ^ (x >> 31)) % (uint64_t)n);
}

static void at_day(Demo *d, int64_t day) {
    int64_t us = ctx_begins(d->c, day) + INT64_C(9) * 3600 * 1000000;
    ctx_at(d->c, us < d->now_us ? us : d->now_us);
}

static void as(Demo *d, int64_t user) {
    *d->c->actor = (Actor){.user = user, .is_system = true, .name = S("demo"), .lang = LANG_FR};
}

/* ---- plans and their rounds ---- */

static Err plan_make(Record **out, Demo *d, const DemoPlan *p) {
    Ctx *c = d->c;
    Record *r = record_new(c, model_need(c->model, "assignment_plan"));
    record_set(r, "title", value_text(str_of(p->title)));
    record_set(r, "source_type", value_text(str_of(p->type)));
    record_set(r, "task", value_text(str_of(p->task)));
    record_set(r, "rule", value_text(str_of(p->rule)));
    if (p->asked) record_set(r, "asked", value_text(str_of(p->asked)));
    if (p->states) record_set(r, "states", value_text(str_of(p->states)));
    if (p->review) record_set(r, "review_role", value_text(str_of(p->review)));
    record_set(r, "open_days", value_int(p->open_days));
    record_set(r, "ahead_days", value_int(p->open_days > AHEAD_DAYS ? p->open_days : AHEAD_DAYS));
    record_set(r, "starts_on", value_text(date_text(c->arena, d->today - p->days_back)));
    return record_save(out, c, r, "create");
}

static void row_input(Input *in, Ctx *c, int i, const char *field, Str after) {
    input_add(in, c->arena, str_fmt(c->arena, "answers[%d].field", i), str_of(field));
    input_add(in, c->arena, str_fmt(c->arena, "answers[%d].after", i), after);
}

static Err answer(Record **out, Demo *d, const Record *r, const Record *source) {
    Ctx *c = d->c;
    Input in = {0};
    int64_t due;
    if (record_text(r, "asked").n) {
        int64_t progress = record_int(source, "progress") + 5 + dice(d, r->id, 25);
        row_input(&in, c, 0, "progress", kit_text_int(c, progress > 95 ? 95 : progress));
        row_input(&in, c, 1, "follow_note",
                  str_of(notes[dice(d, r->id * 7, (int64_t)LENGTH(notes))]));
        if (date_parse(&due, record_text(source, "due_on")))
            row_input(&in, c, 2, "expected_on",
                      date_text(c->arena, due + dice(d, r->id * 3, 40) - 10));
    } else {
        input_add(&in, c->arena, S("result"),
                  dice(d, r->id, 5) ? S("confirmed") : S("not_applicable"));
        input_add(&in, c->arena, S("comment"),
                  str_of(comments[dice(d, r->id * 7, (int64_t)LENGTH(comments))]));
    }
    return record_move(out, c, r, "answer", &in);
}

static Err step(Record **r, Demo *d, const char *name, const char *reason) {
    Input in = {0};
    if (reason) input_add(&in, d->c->arena, S("reason"), str_of(reason));
    return record_move(r, d->c, *r, name, &in);
}

/* The day of the answer: most some days before the date, some the day after, a few never (0); of
 * what is still to come a few came early, so that somebody has to review. */
static int64_t answer_day(const Demo *d, const Record *r, int64_t due, bool again) {
    int64_t chance = dice(d, r->id * 11, 100), opens;
    int64_t day = due - 6 + dice(d, r->id * 5, 8) + (again ? 5 : 0);
    if (chance < 6) return 0;
    if (day <= d->today) return day;
    bool early = record_text(r, "asked").n && chance < 40 && !again &&
                 date_parse(&opens, record_text(r, "opens_on")) && opens <= d->today;
    return early ? d->today - 1 > opens ? d->today - 1 : opens : 0;
}

/* What has a reviewer is accepted two days later, and now and then sent back. */
static Err live(Demo *d, int64_t id) {
    Ctx *c = d->c;
    Record *r, *source;
    int64_t due;
    TRY(record_load_raw(&r, c, model_need(c->model, "assignment"), id));
    if (!kit_state(r, "open") || !date_parse(&due, record_text(r, "due_on"))) return OK;
    TRY(answer_source(&source, c, r));
    bool again = record_text(r, "returned_why").n > 0;
    int64_t day = answer_day(d, r, due, again);
    if (!source || !day || source->state->flags & STATE_CLOSED) return OK;
    at_day(d, day);
    as(d, r->owner);
    TRY(answer(&r, d, r, source));
    bool back = dice(d, id * 11, 100) < 14 && !again;
    if (!kit_state(r, "review") || day + (back ? 1 : 2) > d->today) return OK;
    at_day(d, day + (back ? 1 : 2));
    as(d, record_int(r, "reviewer"));
    if (back) return step(&r, d, "return", "Le motif du retard manque : que faut-il décider ?");
    return step(&r, d, "accept", NULL);
}

static Err round_of(Demo *d, const Record *plan, int64_t day) {
    Ctx *c = d->c;
    Records open;
    int64_t made, opens, *ids;
    size_t n;
    at_day(d, day);
    as(d, 0);
    TRY(plan_generate(&made, c, plan));
    d->asked += made;
    TRY(assignment_due(&ids, &n, c, "planned", c->today));
    for (size_t i = 0; i < n; i++) {
        Record *r;
        TRY(record_load_raw(&r, c, model_need(c->model, "assignment"), ids[i]));
        if (date_parse(&opens, record_text(r, "opens_on")) && opens < day) at_day(d, opens);
        TRY(step(&r, d, "open", NULL));
    }
    at_day(d, day);
    TRY(record_in_state(&open, c, model_need(c->model, "assignment"), "open", 2000));
    for (size_t i = 0; i < open.n; i++)
        if (record_int(open.items[i], "plan") == plan->id) TRY(live(d, open.items[i]->id));
    return OK;
}

static Err plan_live(Demo *d, const DemoPlan *p) {
    Record *plan;
    if (!model_type(d->c->model, str_of(p->type))) return OK;
    at_day(d, d->today - p->days_back);
    as(d, d->author);
    TRY(plan_make(&plan, d, p));
    for (int i = 0; i < ROUNDS; i++)
        TRY(round_of(d, plan, d->today - p->days_back + p->days_back * i / (ROUNDS - 1)));
    return OK;
}

/* ---- who was told ---- */

static Err tell_steps(Demo *d) {
    Ctx *c = d->c;
    Event *events;
    int64_t *at;
    size_t n, *left = NEW_N(c->arena, size_t, c->model->n_types);
    for (size_t i = 0; i < c->model->n_types; i++) left[i] = MOST_OF_A_TYPE;
    TRY(notice_steps(&events, &at, &n, c, ctx_begins(c, d->today - NOTICE_DAYS), MOST_STEPS));
    for (size_t i = n; i-- > 0;) { /* the newest of each type */
        const Type *t = model_type(c->model, events[i].type);
        if (!t || t->n_states < 2 || !left[t->index])
            events[i].record = 0;
        else
            left[t->index]--;
    }
    for (size_t i = 0; i < n; i++) {
        if (!events[i].record) continue;
        Str key = str_fmt(c->arena, "demo/%.*s/%lld/%lld", FMT(events[i].type),
                          (long long)events[i].record, (long long)events[i].version);
        Job job = {.topic = S("event"), .key = key, .payload = event_write(c, &events[i])};
        ctx_at(c, at[i]);
        TRY(event_run(c, &job));
    }
    return OK;
}

static Err remind_late(Demo *d) {
    Job job = {.topic = S("assignment_day")};
    for (int64_t day = d->today - NOTICE_DAYS; day <= d->today; day++) {
        at_day(d, day);
        TRY(assignments_day(d->c, &job));
    }
    return OK;
}

static Err run(Demo *d) {
    Ctx *c = d->c;
    Holder *heads;
    size_t n;
    if (!date_parse(&d->today, c->today)) return ERR_INTERNAL;
    TRY(notice_holders(&heads, &n, c, S("head_orm")));
    d->author = n ? heads[0].person : 0;
    for (size_t i = 0; i < LENGTH(plans); i++) TRY(plan_live(d, &plans[i]));
    as(d, 0);
    ctx_at(c, d->now_us);
    TRY(tell_steps(d));
    TRY(remind_late(d));
    return notice_settle(c, ctx_begins(c, d->today - 4));
}

Err work_demo(Ctx *c, uint64_t seed, int64_t scale, DemoReport *report) {
    Demo d = {.c = c, .seed = seed, .now_us = c->now_us};
    Actor *actor = c->actor;
    (void)scale;
    c->actor = NEW(c->arena, Actor);
    Err e = run(&d);
    c->actor = actor;
    ctx_at(c, d.now_us);
    report->counts[0] = (struct DemoCount){"assignment", d.asked};
    report->n = 1;
    return e;
}
