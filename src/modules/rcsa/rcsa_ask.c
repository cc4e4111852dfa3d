/* rcsa_ask.c: who is asked for the assessments of a campaign. What one person answers for in one
 * unit is one assignment (work/work.h), which reminds, goes up the unit tree and is handed over;
 * each assessment knows its own. It is done by itself with the last answer, asked anew when one
 * is returned, and follows the day of the campaign. Knows no page.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/report.h"
#include "modules/rcsa/rcsa_assess.h"
#include "modules/rcsa/rcsa_query.h"
#include "work/work.h"

enum { MOST_LEVELS = 20, MOST_ROUNDS = 50, DAYS_ANEW = 7 };

/* The person in a field of the unit or of the nearest above it, but not this one. 0: nobody. */
static Err nearest(int64_t *out, Ctx *c, int64_t unit, const char *field, int64_t but) {
    const Type *t = model_need(c->model, "unit");
    *out = 0;
    for (int i = 0; unit && !*out && i < MOST_LEVELS; i++) {
        const Record *u;
        TRY(record_shared(&u, c, t, unit));
        if (record_int(u, field) != but) *out = record_int(u, field);
        unit = record_int(u, "parent");
    }
    return OK;
}

Err rcsa_ask_assessor(int64_t *out, Ctx *c, const Record *risk) {
    TRY(nearest(out, c, risk->unit, "correspondent", 0));
    if (!*out) TRY(work_holder(out, c, risk, "correspondent"));
    if (!*out) *out = risk->owner;
    return OK;
}

/* ---- asking ---- */

static Err campaign_of(Record **out, Ctx *c, const Record *assessment) {
    return rcsa_load_now(out, c, "rcsa_campaign", record_int(assessment, "campaign"));
}

/* Who answers later than the others still has some days. */
static Str due_day(Ctx *c, const Record *campaign) {
    int64_t today;
    Str due = record_text(campaign, "assess_due");
    if (str_cmp(due, c->today) >= 0 || !date_parse(&today, c->today)) return due;
    return date_text(c->arena, today + DAYS_ANEW);
}

static Err ask_person(Record **out, Ctx *c, const Record *campaign, const Record *a, Str key) {
    const Record *unit;
    Str sheet = report_link(c, S("/assess"), "campaign", record_number(c->arena, campaign));
    WorkAsk ask = {.source = campaign, .key = key, .unit = a->unit, .due_on = due_day(c, campaign)};
    TRY(record_shared(&unit, c, model_need(c->model, "unit"), a->unit));
    ask.page = report_link(c, sheet, "unit", record_text(unit, "code"));
    ask.person = record_int(a, "assessor");
    if (!ask.person) ask.person = campaign->created_by;
    TRY(nearest(&ask.deputy, c, a->unit, "deputy", ask.person));
    if (!ask.deputy) TRY(nearest(&ask.deputy, c, a->unit, "head", ask.person));
    ask.title = str_fmt(c->arena, "%.*s – %.*s", FMT(record_text(campaign, "title")),
                        FMT(record_text(unit, "name_fr")));
    ask.task = record_text(campaign, "message");
    if (!ask.task.n)
        ask.task = TRS(c, N_("Answer the four questions for each risk of the unit: still true, "
                             "how often, how bad, are the controls working?"));
    return work_ask(out, c, &ask);
}

/* The open assignment of this person, unit and campaign, else a new one: closed ones stay. */
static Err open_lot(Record **out, Ctx *c, const Record *a) {
    Record *campaign;
    TRY(campaign_of(&campaign, c, a));
    for (int round = 1; round <= MOST_ROUNDS; round++) {
        Str key = str_fmt(c->arena, "rcsa/%lld/%lld/%lld/%d", (long long)campaign->id,
                          (long long)a->unit, (long long)record_int(a, "assessor"), round);
        TRY(work_asked(out, c, key));
        if (!*out) return ask_person(out, c, campaign, a, key);
        if (!((*out)->state->flags & STATE_CLOSED)) return OK;
    }
    return ERR_INTERNAL;
}

Err rcsa_ask_open(Ctx *c, Record *assessment) {
    Record *lot, *before = record_clone(c, assessment);
    RcsaActor kept = rcsa_as_system(c);
    Err e = open_lot(&lot, c, assessment);
    if (!e) {
        record_set(assessment, "assignment", value_int(lot->id));
        e = record_save_derived(c, before, assessment);
    }
    rcsa_as_before(c, &kept);
    return e;
}

/* ---- answered ---- */

static Err finish(Ctx *c, const Record *lot, bool answered) {
    Record *moved;
    Input in = {0};
    if (answered)
        input_add(&in, c->arena, S("result"), S("done"));
    else
        input_add(&in, c->arena, S("reason"), TRS(c, N_("Nothing is left to assess.")));
    return record_move(&moved, c, lot, answered ? "answer" : "cancel", &in);
}

Err rcsa_ask_close(Ctx *c, const Record *assessment) {
    Record *lot;
    RcsaLot left;
    if (!record_int(assessment, "assignment")) return OK;
    TRY(rcsa_query_lot(&left, c, record_int(assessment, "assignment")));
    if (left.todo) return OK;
    TRY(rcsa_load_now(&lot, c, "assignment", record_int(assessment, "assignment")));
    if (lot->state->flags & STATE_CLOSED) return OK;
    RcsaActor kept = rcsa_as_system(c);
    Err e = finish(c, lot, left.answered > 0);
    rcsa_as_before(c, &kept);
    return e;
}

/* ---- on the assignment ---- */

static bool is_ours(const Record *assignment) {
    return str_starts(record_text(assignment, "slot"), S("rcsa/"));
}

Err rcsa_ask_guard(Ctx *c, const Record *assignment) {
    RcsaLot left;
    if (!is_ours(assignment)) return OK;
    TRY(rcsa_query_lot(&left, c, assignment->id));
    if (!left.todo) return OK;
    return issue_arg(c, "", "unanswered",
                     N_("Risks that are still to assess: {0}. The last one ends this by itself."),
                     str_fmt(c->arena, "%lld", (long long)left.todo));
}

/* Each assessment of the lot that is still to be answered, changed in one field. */
static Err change_each(Ctx *c, int64_t lot, const char *field, Value v, const char *action) {
    RcsaIds ids;
    Err e = OK;
    TRY(rcsa_query_lot_todo(&ids, c, lot));
    RcsaScratch scratch = rcsa_scratch_begin(c);
    for (size_t i = 0; i < ids.n && !e; i++) {
        Record *r, *saved;
        rcsa_scratch_next(&scratch);
        e = rcsa_load_now(&r, c, "assessment", ids.items[i]);
        if (e) break;
        r = record_clone(c, r);
        record_set(r, field, v);
        e = record_save(&saved, c, r, action);
    }
    rcsa_scratch_end(&scratch);
    return e;
}

Err rcsa_ask_after_save(Ctx *c, const Saving *s) {
    if (!s->before || !is_ours(s->after) || s->before->owner == s->after->owner) return OK;
    RcsaActor kept = rcsa_as_system(c);
    Err e = change_each(c, s->after->id, "assessor", value_int(s->after->owner), "reassign");
    rcsa_as_before(c, &kept);
    return e;
}

Err rcsa_ask_move_due(Ctx *c, const Record *campaign) {
    RcsaIds lots;
    Value due = record_get(campaign, "assess_due");
    TRY(rcsa_query_lots(&lots, c, campaign->id));
    for (size_t i = 0; i < lots.n; i++) {
        Record *lot, *saved;
        TRY(change_each(c, lots.items[i], "due_on", due, "reschedule"));
        TRY(rcsa_load_now(&lot, c, "assignment", lots.items[i]));
        lot = record_clone(c, lot);
        record_set(lot, "due_on", due);
        record_set(lot, "grace_until", due);
        TRY(record_save(&saved, c, lot, "reschedule"));
    }
    return OK;
}
