/* rcsa_campaign.c: what the table of campaigns cannot say: dates in order, the scope drawn up from
 * the register, opening, publication as a frozen snapshot. Knows no page.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/secret.h"
#include "model/core_rules.h"
#include "modules/rcsa/rcsa_assess.h"
#include "modules/rcsa/rcsa_query.h"

enum { LINK_DAYS = 400, MAX_AGE_DAYS = 730, NEAR_MISSES = 2 };

/* ---- checks ---- */

static void check_order(Ctx *c, const Record *r) {
    static const char *const dates[] = {"scoping_due", "assess_due", "challenge_due",
                                        "approve_due"};
    Str last = {0};
    for (size_t i = 0; i < LENGTH(dates); i++) {
        Str day = record_text(r, dates[i]);
        if (!day.n) continue;
        if (last.n && str_cmp(day, last) < 0)
            issue(c, dates[i], "order", N_("This step is due before the one that precedes it."));
        last = day;
    }
    Str from = record_text(r, "period_from"), to = record_text(r, "period_to");
    if (from.n && to.n && str_cmp(to, from) < 0)
        issue(c, "period_to", "order", N_("It ends before it begins."));
}

static Err check_method(Ctx *c, const Record *before, const Record *r) {
    Record *m;
    int64_t id = record_int(r, "method");
    if (!id || (before && record_int(before, "method") == id)) return OK;
    TRY(record_load_raw(&m, c, model_need(c->model, "rcsa_method"), id));
    if (!rcsa_state_is(m, "published"))
        issue(c, "method", "state", N_("This version of the method is not published."));
    return OK;
}

static Err check_categories(Ctx *c, const Record *r) {
    Value list = record_get(r, "categories");
    for (size_t i = 0; i < list.n; i++) {
        Record *t;
        TRY(record_load_raw(&t, c, model_need(c->model, "taxon"), list.list[i].i));
        if (!str_is(record_text(t, "kind"), "risk_category"))
            return issue(c, "categories", "wrong_list", N_("This entry belongs to another list."));
    }
    return OK;
}

Err rcsa_campaign_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    check_order(c, r);
    TRY(check_method(c, s->before, r));
    Err e = check_categories(c, r);
    return e == ERR_INVALID ? OK : e;
}

Err rcsa_campaign_compute(Ctx *c, const Saving *s) {
    Record *r = s->after;
    int64_t method;
    if (!s->before && !record_int(r, "method")) {
        TRY(rcsa_method_default(&method, c));
        if (method) record_set(r, "method", value_int(method));
    }
    if (!rcsa_state_is(s->before, "approval") || !rcsa_state_is(r, "published")) return OK;
    record_set(r, "published_on", value_text(c->today));
    if (c->actor->user) record_set(r, "published_by", value_int(c->actor->user));
    return OK;
}

Err rcsa_campaign_guard_scope(Ctx *c, const Record *r) {
    if (!record_int(r, "method"))
        return issue(c, "method", "required", N_("No method of rating is published."));
    return OK;
}

Err rcsa_campaign_guard_open(Ctx *c, const Record *r) {
    RcsaIds ids;
    TRY(rcsa_query_assessments(&ids, c, r->id, "scoped"));
    if (!ids.n) return issue(c, "", "empty", N_("No risk is in the scope."));
    if (rcsa_is_empty(r, "assess_due"))
        issue(c, "assess_due", "required", N_("Say by when the assessors answer."));
    else if (str_cmp(record_text(r, "assess_due"), c->today) < 0)
        issue(c, "assess_due", "past", N_("This day is past."));
    return OK;
}

Err rcsa_campaign_guard_publish(Ctx *c, const Record *r) {
    static const char *const states[] = {"scoped", "todo", "submitted", "challenged", "committee"};
    size_t left = 0;
    for (size_t i = 0; i < LENGTH(states); i++) {
        RcsaIds ids;
        TRY(rcsa_query_assessments(&ids, c, r->id, states[i]));
        left += ids.n;
    }
    if (left)
        return issue_arg(
            c, "", "unfinished",
            N_("Assessments that are not approved yet: {0}. Have them finished or left out."),
            str_fmt(c->arena, "%zu", left));
    return OK;
}

/* ---- scope ---- */

typedef struct IdSet {
    int64_t *ids;
    size_t n, cap;
    bool all; /* the field is empty: no limit */
} IdSet;

static void add_id(IdSet *s, Ctx *c, int64_t id) {
    GROW(c->arena, s->ids, s->n, s->cap);
    s->ids[s->n++] = id;
}

static bool has_id(const IdSet *s, int64_t id) {
    for (size_t i = 0; i < s->n; i++)
        if (s->ids[i] == id) return true;
    return s->all;
}

/* The nodes named and all below them. */
static Err tree_set(IdSet *out, Ctx *c, const Record *r, const char *field, const char *type,
                    const char *kind) {
    const TreeItem *items;
    size_t n;
    *out = (IdSet){.all = true};
    if (!type_field(r->type, str_of(field)) || !record_get(r, field).n) return OK;
    Value list = record_get(r, field);
    out->all = false;
    TRY(ref_tree(&items, &n, c, model_need(c->model, type), str_of(kind)));
    for (size_t k = 0; k < list.n; k++)
        for (size_t i = 0; i < n; i++) {
            if (items[i].id != list.list[k].i) continue;
            add_id(out, c, items[i].id);
            for (size_t j = i + 1; j < n && items[j].depth > items[i].depth; j++)
                add_id(out, c, items[j].id);
        }
    return OK;
}

typedef struct Scope {
    IdSet entities, units, processes, categories;
    Str kind;
    int64_t loss, near_misses, age_days; /* settings of triggers and exceptions */
    Str oldest;                          /* assessed before it is too long ago */
} Scope;

static Err scope_read(Scope *out, Ctx *c, const Record *r) {
    Money loss = {0};
    bool found;
    int64_t today;
    *out = (Scope){.kind = record_text(r, "kind")};
    TRY(tree_set(&out->units, c, r, "units", "unit", NULL));
    TRY(tree_set(&out->processes, c, r, "processes", "process", NULL));
    TRY(tree_set(&out->categories, c, r, "categories", "taxon", "risk_category"));
    Value entities = record_get(r, "entities");
    out->entities.all = !entities.n;
    for (size_t i = 0; i < entities.n; i++) add_id(&out->entities, c, entities.list[i].i);
    TRY(setting_money(&loss, &found, c, "rcsa_trigger_loss"));
    out->loss = found ? loss.minor : 0;
    TRY(setting_whole(&out->near_misses, c, "rcsa_trigger_near_misses", NEAR_MISSES));
    TRY(setting_whole(&out->age_days, c, "rcsa_max_age_days", MAX_AGE_DAYS));
    CHECK(date_parse(&today, c->today), "today is no date");
    out->oldest = date_text(c->arena, today - out->age_days);
    return OK;
}

static Err failed_control(bool *out, Ctx *c, const Record *risk) {
    Value rows = record_get(risk, "controls");
    *out = false;
    for (size_t i = 0; i < rows.n; i++) {
        Record *control;
        TRY(record_load_raw(&control, c, model_need(c->model, "control"),
                            rows.list[i].list[RISK_CONTROL].i));
        *out |= str_is(record_text(control, "last_test_result"), "failed") &&
                str_cmp(record_text(control, "last_test_on"), record_text(risk, "assessed_on")) > 0;
    }
    return OK;
}

/* Has something happened that asks for a new assessment? */
static Err is_triggered(bool *out, Ctx *c, const Scope *s, const Record *risk,
                        const RcsaEvidence *e) {
    bool failed;
    TRY(failed_control(&failed, c, risk));
    Str accepted = record_text(risk, "accepted_until");
    bool is_over = accepted.n && str_cmp(accepted, c->as_of.n ? c->as_of : c->today) < 0;
    *out = failed || is_over || (e->facts.losses_since && s->loss && e->facts.largest >= s->loss) ||
           e->facts.near_misses >= s->near_misses;
    return OK;
}

static Err is_wanted(bool *out, Ctx *c, const Scope *s, const Record *risk) {
    RcsaEvidence e;
    *out = true;
    if (str_is(s->kind, "full") || str_is(s->kind, "spot")) return OK;
    Str assessed = record_text(risk, "assessed_on");
    TRY(rcsa_evidence(&e, c, risk->id, assessed));
    TRY(is_triggered(out, c, s, risk, &e));
    if (*out || str_is(s->kind, "triggered")) return OK;
    *out = !assessed.n || str_cmp(assessed, s->oldest) < 0 || e.facts.losses_since ||
           e.facts.overdue_actions || e.facts.red_indicators;
    return OK;
}

Err rcsa_campaign_triggered(bool *out, Ctx *c, const Record *risk, RcsaEvidence *e) {
    Scope s = {0};
    Money loss = {0};
    bool found;
    TRY(setting_money(&loss, &found, c, "rcsa_trigger_loss"));
    s.loss = found ? loss.minor : 0;
    TRY(setting_whole(&s.near_misses, c, "rcsa_trigger_near_misses", NEAR_MISSES));
    TRY(rcsa_evidence(e, c, risk->id, record_text(risk, "assessed_on")));
    return is_triggered(out, c, &s, risk, e);
}

static Err scope_one(Ctx *c, const Record *campaign, const Scope *s, int64_t id) {
    Record *r, *saved;
    bool wanted;
    const Type *risk = model_need(c->model, "risk");
    TRY(record_load_raw(&r, c, risk, id));
    bool has_process = type_field(risk, S("process")) != NULL;
    if (!has_id(&s->units, r->unit) || !has_id(&s->entities, record_int(r, "entity")) ||
        !has_id(&s->categories, record_int(r, "risk_category")) ||
        (has_process && !has_id(&s->processes, record_int(r, "process"))))
        return OK;
    TRY(is_wanted(&wanted, c, s, r));
    if (!wanted) return OK;
    Record *a = record_new(c, model_need(c->model, "assessment"));
    record_set(a, "risk", value_int(r->id));
    record_set(a, "campaign", value_int(campaign->id));
    return record_save(&saved, c, a, "scope");
}

static Err draw_scope(Ctx *c, const Record *campaign) {
    Scope s;
    RcsaIds ids;
    Err e = OK;
    TRY(scope_read(&s, c, campaign));
    TRY(rcsa_query_active_risks(&ids, c));
    RcsaScratch scratch = rcsa_scratch_begin(c);
    for (size_t i = 0; i < ids.n && !e; i++) {
        rcsa_scratch_next(&scratch);
        e = scope_one(c, campaign, &s, ids.items[i]);
    }
    rcsa_scratch_end(&scratch);
    return e;
}

/* ---- steps ---- */

static Err move_one(Ctx *c, int64_t id, const char *step) {
    Record *r, *moved;
    Input in = {0};
    TRY(record_load_raw(&r, c, model_need(c->model, "assessment"), id));
    return record_move(&moved, c, r, step, &in);
}

static Err move_all(Ctx *c, const Record *campaign, const char *state, const char *step) {
    RcsaIds ids;
    Err e = OK;
    TRY(rcsa_query_assessments(&ids, c, campaign->id, state));
    RcsaScratch scratch = rcsa_scratch_begin(c);
    for (size_t i = 0; i < ids.n && !e; i++) {
        rcsa_scratch_next(&scratch);
        e = move_one(c, ids.items[i], step);
    }
    rcsa_scratch_end(&scratch);
    return e;
}

static Err open_all(Ctx *c, const Record *campaign) {
    int64_t today, linked;
    CHECK(date_parse(&today, c->today), "today is no date");
    TRY(rcsa_link_by_pattern(&linked, c, date_text(c->arena, today - LINK_DAYS)));
    return move_all(c, campaign, "scoped", "start");
}

static Err withdraw_all(Ctx *c, const Record *campaign) {
    static const char *const states[] = {"scoped",     "todo",      "submitted",
                                         "challenged", "committee", "approved"};
    for (size_t i = 0; i < LENGTH(states); i++) TRY(move_all(c, campaign, states[i], "withdraw"));
    return OK;
}

/* The fingerprint covers the newest proof of every published assessment, in their order. */
static Err seal(Ctx *c, const Record *campaign) {
    RcsaIds ids;
    Record *now, *saved;
    Text t = text_new(c->arena, 0);
    Err e = OK;
    TRY(rcsa_query_assessments(&ids, c, campaign->id, "published"));
    RcsaScratch scratch = rcsa_scratch_begin(c);
    for (size_t i = 0; i < ids.n && !e; i++) {
        Record *r;
        rcsa_scratch_next(&scratch);
        e = record_load_raw(&r, c, model_need(c->model, "assessment"), ids.items[i]);
        if (e) break;
        text_add(&t, r->hash);
        text_char(&t, '\n');
    }
    rcsa_scratch_end(&scratch);
    TRY(e);
    TRY(record_load_raw(&now, c, campaign->type, campaign->id));
    now = record_clone(c, now);
    record_set(now, "published_count", value_int((int64_t)ids.n));
    record_set(now, "snapshot", value_text(sha256_hex(c->arena, text_str(&t))));
    return record_save(&saved, c, now, "seal");
}

static Err publish_all(Ctx *c, const Record *campaign) {
    TRY(move_all(c, campaign, "approved", "publish"));
    return seal(c, campaign);
}

static Err run_step(Ctx *c, const Record *r) {
    if (rcsa_state_is(r, "scoping")) return draw_scope(c, r);
    if (rcsa_state_is(r, "open")) return open_all(c, r);
    if (rcsa_state_is(r, "published")) return publish_all(c, r);
    return rcsa_state_is(r, "cancelled") ? withdraw_all(c, r) : OK;
}

/* Another day for the answers, while they are being given. */
static bool is_rescheduled(const Saving *s) {
    return s->before->state == s->after->state && rcsa_state_is(s->after, "open") &&
           !str_eq(record_text(s->before, "assess_due"), record_text(s->after, "assess_due"));
}

Err rcsa_campaign_after_save(Ctx *c, const Saving *s) {
    bool moved = s->before && s->before->state != s->after->state;
    if (!s->before || !(moved || is_rescheduled(s))) return OK;
    RcsaActor kept = rcsa_as_system(c);
    Err e = moved ? run_step(c, s->after) : rcsa_ask_move_due(c, s->after);
    rcsa_as_before(c, &kept);
    return e;
}
