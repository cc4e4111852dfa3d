/* action_issue_rules.c: what the table of issues cannot say: the rating by the matrix, need-to-know
 * taken over from the incident, what a plan needs, who verifies points of audit, and the figures
 * from the actions. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/core_rules.h"
#include "modules/action/action.h"
#include "modules/action/action_calc.h"

/* ---- computed fields ---- */

static Err set_rating(Ctx *c, Record *r) {
    Str matrix = {0}, likelihood = record_text(r, "likelihood"), impact = record_text(r, "impact");
    bool found;
    TRY(setting_text(&matrix, &found, c, "issue_matrix"));
    int l = likelihood.n ? likelihood.p[0] - '0' : 0, i = impact.n ? impact.p[0] - '0' : 0;
    int rating = action_calc_rating(l, i, matrix);
    const Field *f = type_need(r->type, "rating");
    record_set(r, "rating", rating ? value_text(str_of(f->choices[rating - 1].key)) : (Value){0});
    return OK;
}

/* What came from a restricted case is one, and never stops being one by itself. */
static Err take_over_restriction(Ctx *c, const Record *before, Record *r) {
    Record *incident;
    int64_t id = action_ref(r, "incident");
    if (!id || r->is_restricted || (before && action_ref(before, "incident") == id)) return OK;
    TRY(record_load_raw(&incident, c, type_need(r->type, "incident")->target, id));
    r->is_restricted = incident->is_restricted;
    return OK;
}

Err action_incident_saved(Ctx *c, const Saving *s) {
    Records list;
    const Record *r = s->after;
    const Type *t = model_need(c->model, "issue");
    if (!s->before || s->before->is_restricted || !r->is_restricted ||
        !type_field(t, S("incident")))
        return OK;
    TRY(record_where(&list, c, t, "incident", value_int(r->id), 500));
    for (size_t i = 0; i < list.n; i++) {
        Record *saved, *own = record_clone(c, list.items[i]);
        if (own->is_restricted) continue;
        own->is_restricted = true;
        TRY(action_save_as_system(&saved, c, own, "restrict"));
    }
    return OK;
}

/* The day on which a state was reached; empty again when the issue is back before it. */
static void day_of(Ctx *c, const Record *before, Record *r, const char *field, const char *states) {
    if (!action_state_is(r, states))
        record_set(r, field, (Value){0});
    else if (!action_state_is(before, states))
        record_set(r, field, value_text(c->today));
}

Err action_issue_compute(Ctx *c, const Saving *s) {
    Record *r = s->after;
    Str group;
    int64_t loss, entity;
    TRY(set_rating(c, r));
    TRY(take_over_restriction(c, s->before, r));
    TRY(action_group_currency(&group, c));
    TRY(action_to_group(&loss, c, r, "yearly_loss"));
    record_set(r, "yearly_loss_group",
               action_is_empty(r, "yearly_loss") ? (Value){0} : value_money(loss, group));
    TRY(action_entity_of(&entity, c, r->unit));
    record_set(r, "entity", entity ? value_int(entity) : (Value){0});
    bool is_first = action_state_is(r, "draft") || action_is_empty(r, "first_target_on");
    if (is_first) record_set(r, "first_target_on", record_get(r, "target_on"));
    day_of(c, s->before, r, "plan_approved_on", "plan_approved remediation ready verified closed");
    day_of(c, s->before, r, "verified_on", "verified closed");
    day_of(c, s->before, r, "closed_on", "closed");
    return OK;
}

/* ---- validation ---- */

static void check_source(Ctx *c, const Record *r) {
    if (action_state_is(r, "draft")) return;
    bool from_incident = str_is(record_text(r, "source"), "incident");
    if (from_incident && type_field(r->type, S("incident")) && action_is_empty(r, "incident"))
        issue(c, "incident", "required", N_("Say which incident showed it."));
    bool needs_reference = !from_incident && !str_is(record_text(r, "source"), "self");
    if (needs_reference && action_is_empty(r, "source_reference"))
        issue(c, "source_reference", "required", N_("Say where in the source it is written."));
}

Err action_issue_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    int64_t days;
    if (r->state->flags & STATE_VOID) return OK;
    check_source(c, r);
    if (!r->owner && !action_state_is(r, "draft"))
        issue(c, "owner", "required", N_("An issue has an owner who sees it through."));
    if (action_days_between(&days, c->today, record_text(r, "identified_on")) && days > 0)
        issue(c, "identified_on", "future", N_("This date is in the future."));
    if (action_days_between(&days, record_text(r, "identified_on"), record_text(r, "target_on")) &&
        days < 0)
        issue(c, "target_on", "order", N_("The target date is before the day it was found."));
    if (record_bool(r, "regulatory") && str_is(record_text(r, "response"), "accept"))
        warn(c, "response", "regulatory",
             N_("What an authority demands is hardly ever accepted as a risk."));
    return OK;
}

/* ---- the actions of an issue ---- */

typedef struct Plan {
    int64_t n, open, done, progress, cost, running, benefit;
    Str next_due;
    const Record *nobody; /* an action without an owner */
    int64_t *owners;
    size_t n_owners, cap_owners;
} Plan;

static bool is_first_issue(const Record *action, int64_t issue_id) {
    Value v = action_refs(action, "issues");
    return v.n && v.list[0].i == issue_id;
}

static void add_owner(Ctx *c, Plan *p, int64_t user) {
    for (size_t i = 0; i < p->n_owners; i++)
        if (p->owners[i] == user) return;
    if (!user) return;
    GROW(c->arena, p->owners, p->n_owners, p->cap_owners);
    p->owners[p->n_owners++] = user;
}

static Err plan_read(Plan *out, Records *list, Ctx *c, int64_t issue_id) {
    *out = (Plan){0};
    TRY(record_where(list, c, model_need(c->model, "action"), "issues", value_int(issue_id), 500));
    for (size_t i = 0; i < list->n; i++) {
        const Record *a = list->items[i];
        if (a->state->flags & STATE_VOID) continue;
        if (!a->owner) out->nobody = a;
        bool is_open = action_state_is(a, "planned in_progress done");
        Str due = record_text(a, "due_on");
        out->n++;
        out->open += is_open;
        out->done += action_state_is(a, "done verified effectiveness closed");
        out->progress += is_open ? record_int(a, "progress") : 100;
        add_owner(c, out, a->owner);
        if (action_state_is(a, "planned in_progress") &&
            (!out->next_due.n || str_cmp(due, out->next_due) < 0))
            out->next_due = due;
        if (!is_first_issue(a, issue_id)) continue;
        bool over = add_overflows(out->cost, record_int(a, "cost_group"), &out->cost);
        over = add_overflows(out->running, record_int(a, "running_group"), &out->running) || over;
        over = add_overflows(out->benefit, record_int(a, "benefit_group"), &out->benefit) || over;
        if (over) return issue(c, "", "overflow", N_("The amounts together are too large."));
    }
    return OK;
}

static Value owners_value(Ctx *c, const Plan *p) {
    Value *list = NEW_N(c->arena, Value, p->n_owners + 1);
    for (size_t i = 0; i < p->n_owners; i++) list[i] = value_int(p->owners[i]);
    return p->n_owners ? (Value){.kind = V_LIST, .list = list, .n = p->n_owners} : (Value){0};
}

static Err plan_into(Ctx *c, Record *r, Str group) {
    Records list = {0};
    Plan p;
    TRY(plan_read(&p, &list, c, r->id));
    record_set(r, "actions_total", value_int(p.n));
    record_set(r, "actions_open", value_int(p.open));
    record_set(r, "progress", p.n ? value_int(p.progress / p.n) : (Value){0});
    record_set(r, "next_due_on", value_text(p.next_due));
    record_set(r, "cost_planned", p.n ? value_money(p.cost, group) : (Value){0});
    record_set(r, "running_planned", p.n ? value_money(p.running, group) : (Value){0});
    record_set(r, "benefit_planned", p.n ? value_money(p.benefit, group) : (Value){0});
    record_set(r, "action_owners", owners_value(c, &p));
    return OK;
}

Err action_issue_recalculate(Ctx *c, int64_t issue_id) {
    Record *before, *r;
    Str group;
    TRY(record_load_raw(&before, c, model_need(c->model, "issue"), issue_id));
    TRY(action_group_currency(&group, c));
    r = record_clone(c, before);
    TRY(plan_into(c, r, group));
    return record_save_derived(c, before, r);
}

/* The currency of the group is that of the time when it was worked out. */
Err action_issue_rederive(Ctx *c, Record *r) {
    Value cost = record_get(r, "cost_planned");
    Str group = str_of(cost.currency);
    if (!group.n) TRY(action_group_currency(&group, c));
    return plan_into(c, r, group);
}

/* Need-to-know goes on to the actions and acceptances; it is never taken away by itself. */
static Err spread_restriction(Ctx *c, const Record *r) {
    static const char *const types[][2] = {{"action", "issues"}, {"risk_acceptance", "issue"}};
    for (size_t t = 0; t < LENGTH(types); t++) {
        Records list = {0};
        TRY(record_where(&list, c, model_need(c->model, types[t][0]), types[t][1], value_int(r->id),
                         500));
        for (size_t i = 0; i < list.n; i++) {
            Record *saved, *own = record_clone(c, list.items[i]);
            if (own->is_restricted) continue;
            own->is_restricted = true;
            TRY(action_save_as_system(&saved, c, own, "restrict"));
        }
    }
    return OK;
}

Err action_issue_after_save(Ctx *c, const Saving *s) {
    const Record *before = s->before, *r = s->after;
    TRY(action_tell_new_owner(c, s));
    if (before && r->is_restricted && !before->is_restricted) return spread_restriction(c, r);
    return OK;
}

/* A new finding changes nothing elsewhere; what refers to it keeps it. */
Err action_issue_remove(Ctx *c, const Record *r, bool is_gone) {
    (void)c;
    (void)r;
    (void)is_gone;
    return OK;
}

/* ---- guards ---- */

Err action_issue_guard_plan(Ctx *c, const Record *r) {
    Plan p;
    Records list = {0};
    if (str_is(record_text(r, "response"), "accept"))
        return issue(c, "response", "accept",
                     N_("The risk is to be accepted: ask for an acceptance instead of a plan."));
    TRY(plan_read(&p, &list, c, r->id));
    if (!p.n)
        return issue(c, "", "no_action",
                     N_("A plan has at least one action, with an owner and a date."));
    if (p.nobody)
        return issue_arg(c, "", "no_owner", N_("The action {0} has no owner."),
                         record_number(c->arena, p.nobody));
    return OK;
}

Err action_issue_guard_ready(Ctx *c, const Record *r) {
    Plan p;
    Records list = {0};
    TRY(plan_read(&p, &list, c, r->id));
    for (size_t i = 0; i < list.n; i++)
        if (action_state_is(list.items[i], "planned in_progress done"))
            issue_arg(c, "", "open_action", N_("The action {0} is not verified yet."),
                      record_number(c->arena, list.items[i]));
    return c->issues.errors ? ERR_INVALID : OK;
}

/* Points of audit and of the supervisor's inspections are verified by the third line. */
Err action_issue_guard_verify(Ctx *c, const Record *r) {
    if (str_is(record_text(r, "source"), "audit") && !actor_has_role(c, S("inspection")))
        return issue(c, "", "audit", N_("A point of audit is verified by the general inspection."));
    return action_issue_guard_ready(c, r);
}

Err action_issue_guard_close(Ctx *c, const Record *r) {
    Plan p;
    Records list = {0};
    TRY(plan_read(&p, &list, c, r->id));
    for (size_t i = 0; i < list.n; i++)
        if (!(list.items[i]->state->flags & STATE_CLOSED))
            issue_arg(c, "", "open_action",
                      N_("The effectiveness of the action {0} is not confirmed yet."),
                      record_number(c->arena, list.items[i]));
    return c->issues.errors ? ERR_INVALID : OK;
}
