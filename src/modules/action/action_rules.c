/* action_rules.c: what the table of actions cannot say: the first agreed date that is never lost,
 * terms that stand once the plan is approved, dependencies without a circle, who verifies, what it
 * costs and saves in the group's currency. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/action/action.h"
#include "modules/action/action_calc.h"

enum { MOST_LINKED = 500 };

static Err issue_load(Record **out, Ctx *c, int64_t id) {
    return record_load_raw(out, c, model_need(c->model, "issue"), id);
}

Err action_plan_is_approved(bool *out, Ctx *c, const Record *r) {
    Value issues = action_refs(r, "issues");
    *out = false;
    for (size_t i = 0; i < issues.n && !*out; i++) {
        Record *one;
        TRY(issue_load(&one, c, issues.list[i].i));
        *out = action_state_is(one, "plan_approved remediation ready verified closed");
    }
    return OK;
}

/* ---- computed fields ---- */

/* Need-to-know and its readers come from the issues; the unit of the first one is the default. */
static Err take_over(Ctx *c, Record *r) {
    Value issues = action_refs(r, "issues");
    for (size_t i = 0; i < issues.n; i++) {
        Record *one;
        TRY(issue_load(&one, c, issues.list[i].i));
        if (!r->unit) r->unit = one->unit;
        if (!one->is_restricted || r->is_restricted) continue;
        r->is_restricted = true;
        if (action_is_empty(r, "readers")) record_set(r, "readers", record_get(one, "readers"));
    }
    return OK;
}

/* The owner of the issue verifies; when that is the same person, the head of the unit. */
static Err set_verifier(Ctx *c, Record *r) {
    Value issues = action_refs(r, "issues");
    Record *one, *unit;
    int64_t found = 0;
    if (!action_is_empty(r, "verifier") || !r->owner) return OK;
    for (size_t i = 0; i < issues.n && !found; i++) {
        TRY(issue_load(&one, c, issues.list[i].i));
        if (one->owner != r->owner) found = one->owner;
    }
    if (!found && r->unit) {
        TRY(record_load_raw(&unit, c, model_need(c->model, "unit"), r->unit));
        if (record_int(unit, "head") != r->owner) found = record_int(unit, "head");
    }
    if (found) record_set(r, "verifier", value_int(found));
    return OK;
}

/* The loss that the shares apply to: that of the first issue which has one. */
static Err loss_of(int64_t *out, Ctx *c, const Record *r) {
    Value issues = action_refs(r, "issues");
    *out = 0;
    for (size_t i = 0; i < issues.n && !*out; i++) {
        Record *one;
        TRY(issue_load(&one, c, issues.list[i].i));
        *out = record_int(one, "yearly_loss_group");
    }
    return OK;
}

static Err set_money(Ctx *c, Record *r) {
    Str group;
    int64_t once, yearly, benefit, loss;
    TRY(action_group_currency(&group, c));
    TRY(action_to_group(&once, c, r, "cost_once"));
    TRY(action_to_group(&yearly, c, r, "cost_yearly"));
    TRY(action_to_group(&benefit, c, r, "benefit_yearly"));
    if (action_is_empty(r, "benefit_yearly")) {
        TRY(loss_of(&loss, c, r));
        benefit = action_calc_benefit(loss, record_int(r, "frequency_cut"),
                                      record_int(r, "severity_cut"));
    }
    record_set(r, "cost_group", value_money(once, group));
    record_set(r, "running_group", value_money(yearly, group));
    record_set(r, "benefit_group", value_money(benefit, group));
    return OK;
}

static void set_timing(Record *r) {
    int64_t done, first, due;
    const Field *f = type_need(r->type, "timing");
    bool known = date_parse(&done, record_text(r, "done_on")) &&
                 date_parse(&first, record_text(r, "first_due_on")) &&
                 date_parse(&due, record_text(r, "due_on"));
    if (!known) {
        record_set(r, "timing", (Value){0});
        record_set(r, "slip_days", (Value){0});
        return;
    }
    Timing t = action_calc_timing(done, first, due);
    record_set(r, "timing", value_text(str_of(f->choices[t].key)));
    record_set(r, "slip_days", value_int(done > first ? done - first : 0));
}

static void set_day(Ctx *c, const Record *before, Record *r, const char *field,
                    const char *states) {
    if (!action_state_is(r, states))
        record_set(r, field, (Value){0});
    else if (!action_state_is(before, states))
        record_set(r, field, value_text(c->today));
}

static Err set_dates(Ctx *c, const Record *before, Record *r) {
    bool approved, agreed = !action_is_empty(r, "first_due_on");
    TRY(action_plan_is_approved(&approved, c, r));
    /* Until the plan is approved the date may still be bargained about. */
    if (!agreed || (!approved && action_state_is(r, "planned") && !record_int(r, "extensions")))
        record_set(r, "first_due_on", record_get(r, "due_on"));
    set_day(c, before, r, "done_on", "done verified effectiveness closed");
    set_day(c, before, r, "verified_on", "verified effectiveness closed");
    set_day(c, before, r, "closed_on", "closed");
    if (action_is_empty(r, "extensions")) record_set(r, "extensions", value_int(0));
    if (action_state_is(r, "verified") && !action_state_is(before, "verified"))
        record_set(r, "effect_on",
                   value_text(action_months_later(c, c->today, record_int(r, "effect_months"))));
    if (action_state_is(r, "planned in_progress done")) record_set(r, "effect_on", (Value){0});
    set_timing(r);
    return OK;
}

static void set_effect(const Record *before, Record *r) {
    bool was_checked = action_state_is(before, "effectiveness");
    if (was_checked && action_state_is(r, "closed"))
        record_set(r, "effect", value_text(S("effective")));
    if (was_checked && action_state_is(r, "in_progress"))
        record_set(r, "effect", value_text(S("not_effective")));
}

Err action_compute(Ctx *c, const Saving *s) {
    Record *r = s->after;
    int64_t entity;
    TRY(take_over(c, r));
    TRY(set_verifier(c, r));
    TRY(set_money(c, r));
    if (action_state_is(r, "done") && !action_state_is(s->before, "done"))
        record_set(r, "progress", value_int(100));
    TRY(set_dates(c, s->before, r));
    set_effect(s->before, r);
    TRY(action_entity_of(&entity, c, r->unit));
    record_set(r, "entity", entity ? value_int(entity) : (Value){0});
    return OK;
}

/* ---- validation ---- */

static bool has_id(Value list, int64_t id) {
    for (size_t i = 0; i < list.n; i++)
        if (list.list[i].i == id) return true;
    return false;
}

/* Who plans an action for an issue may change the issue, or owns it. */
static Err check_issues(Ctx *c, const Record *before, const Record *r) {
    Value issues = action_refs(r, "issues");
    Value were = before ? action_refs(before, "issues") : (Value){0};
    for (size_t i = 0; i < issues.n; i++) {
        Record *one;
        if (has_id(were, issues.list[i].i)) continue;
        TRY(issue_load(&one, c, issues.list[i].i));
        if (one->state->flags & STATE_CLOSED)
            issue(c, "issues", "closed",
                  N_("A closed issue takes no new action: reopen it first."));
        if (c->actor->is_system || (one->owner && one->owner == c->actor->user)) continue;
        Err e = access_check(c, one, OP_UPDATE);
        if (e == ERR_DENIED || e == ERR_MISSING)
            issue(c, "issues", "denied", N_("You may not plan actions for this issue."));
        else
            TRY(e);
    }
    return OK;
}

static bool same_refs(const Record *x, const Record *y, const char *field) {
    return value_eq(action_refs(x, field), action_refs(y, field));
}

/* What was approved is kept: the date moves by an extension, the rest by the second line. */
static Err check_terms(Ctx *c, const Saving *s) {
    static const char *const terms[] = {"deliverable", "verifier", "cost_once", "benefit_yearly"};
    const Record *before = s->before, *r = s->after;
    bool approved;
    if (!before || c->actor->is_system || before->state != r->state) return OK;
    TRY(action_plan_is_approved(&approved, c, before));
    bool due_moves = !value_eq(record_get(before, "due_on"), record_get(r, "due_on"));
    bool is_fixed = approved || !action_state_is(before, "planned");
    if (due_moves && is_fixed)
        issue(c, "due_on", "extension",
              N_("The date was agreed: ask for an extension, it keeps the first date."));
    bool second_line = actor_has_role(c, S("analyst")) || actor_has_role(c, S("head_orm")) ||
                       actor_has_role(c, S("inspection"));
    if (!approved || second_line) return OK;
    for (size_t i = 0; i < LENGTH(terms); i++)
        if (!value_eq(record_get(before, terms[i]), record_get(r, terms[i])))
            issue(c, terms[i], "approved",
                  N_("The plan is approved: only the second line changes this."));
    if (before->owner != r->owner)
        issue(c, "owner", "approved",
              N_("The plan is approved: only the second line changes this."));
    if (!same_refs(before, r, "issues"))
        issue(c, "issues", "approved",
              N_("The plan is approved: only the second line changes this."));
    return OK;
}

/* Does `from` need, directly or through others, the action `wanted`? */
static Err reaches(bool *out, Ctx *c, const Type *t, Value from, int64_t wanted) {
    int64_t *queue = NULL;
    size_t n = 0, cap = 0;
    *out = false;
    for (size_t i = 0; i < from.n; i++) {
        GROW(c->arena, queue, n, cap);
        queue[n++] = from.list[i].i;
    }
    for (size_t at = 0; at < n && at < MOST_LINKED; at++) {
        Record *one;
        if (queue[at] == wanted) *out = true;
        if (*out) return OK;
        TRY(record_load_raw(&one, c, t, queue[at]));
        Value next = action_refs(one, "prerequisites");
        for (size_t i = 0; i < next.n; i++) {
            bool known = false;
            for (size_t k = 0; k < n; k++) known = known || queue[k] == next.list[i].i;
            if (known) continue;
            GROW(c->arena, queue, n, cap);
            queue[n++] = next.list[i].i;
        }
    }
    return OK;
}

static Err check_links(Ctx *c, const Record *before, const Record *r) {
    Value needs = action_refs(r, "prerequisites"), instead = action_refs(r, "alternatives");
    bool circle;
    for (size_t i = 0; i < needs.n; i++)
        if (has_id(instead, needs.list[i].i))
            issue(c, "alternatives", "contradiction",
                  N_("An action cannot both wait for another and replace it."));
    if (r->id && has_id(instead, r->id))
        issue(c, "alternatives", "itself", N_("An action does not replace itself."));
    if (!r->id || (before && same_refs(before, r, "prerequisites"))) return OK;
    TRY(reaches(&circle, c, r->type, needs, r->id));
    if (circle)
        issue(c, "prerequisites", "circle",
              N_("These actions would wait for each other in a circle."));
    return OK;
}

static void check_dates(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    int64_t days;
    bool again =
        action_state_is(r, "in_progress") && action_state_is(s->before, "effectiveness closed");
    if (action_days_between(&days, record_text(r, "start_on"), record_text(r, "due_on")) &&
        days < 0)
        issue(c, "due_on", "order", N_("It is due before it starts."));
    bool past = action_days_between(&days, c->today, record_text(r, "due_on")) && days < 0;
    if (past && again) issue(c, "due_on", "past", N_("Give a new date: this one is past."));
    if (past && !s->before) warn(c, "due_on", "past", N_("This date is past."));
}

Err action_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    if (r->state->flags & STATE_VOID) return OK;
    if (!r->owner && !action_state_is(r, "planned"))
        issue(c, "owner", "required", N_("An action has an owner."));
    if (r->owner && record_int(r, "verifier") == r->owner)
        issue(c, "verifier", "owner", N_("Nobody verifies their own action."));
    check_dates(c, s);
    TRY(check_issues(c, s->before, r));
    TRY(check_terms(c, s));
    return check_links(c, s->before, r);
}

/* ---- after the save ---- */

/* With its first action an issue whose plan is approved is in remediation. */
static Err start_issues(Ctx *c, const Saving *s) {
    Value issues = action_refs(s->after, "issues");
    if (!action_state_is(s->before, "planned") || !action_state_is(s->after, "in_progress"))
        return OK;
    for (size_t i = 0; i < issues.n; i++) {
        Record *one;
        TRY(issue_load(&one, c, issues.list[i].i));
        if (action_state_is(one, "plan_approved"))
            TRY(action_move_as_system(c, one->type, one->id, "start", (Str){0}));
    }
    return OK;
}

Err action_after_save(Ctx *c, const Saving *s) {
    Value now = action_refs(s->after, "issues");
    Value were = s->before ? action_refs(s->before, "issues") : (Value){0};
    for (size_t i = 0; i < now.n; i++) TRY(action_issue_recalculate(c, now.list[i].i));
    for (size_t i = 0; i < were.n; i++)
        if (!has_id(now, were.list[i].i)) TRY(action_issue_recalculate(c, were.list[i].i));
    TRY(start_issues(c, s));
    return action_tell_new_owner(c, s);
}

/* An import that made it is taken back: what its findings waited for has changed. */
Err action_remove(Ctx *c, const Record *r, bool is_gone) {
    Value issues = action_refs(r, "issues");
    for (size_t i = 0; is_gone && i < issues.n; i++)
        TRY(action_issue_recalculate(c, issues.list[i].i));
    return OK;
}

/* ---- guards and routes ---- */

static Err open_prerequisites(Ctx *c, const Record *r, bool as_warning) {
    Value needs = action_refs(r, "prerequisites");
    for (size_t i = 0; i < needs.n; i++) {
        Record *one;
        TRY(record_load_raw(&one, c, r->type, needs.list[i].i));
        if (!action_state_is(one, "planned in_progress")) continue;
        if (as_warning)
            warn(c, "prerequisites", "open",
                 N_("An action that must come before is not done yet."));
        else
            issue_arg(c, "prerequisites", "open", N_("The action {0} must be done before."),
                      record_number(c->arena, one));
    }
    return OK;
}

Err action_guard_start(Ctx *c, const Record *r) {
    return open_prerequisites(c, r, true);
}

Err action_guard_submit(Ctx *c, const Record *r) {
    TRY(open_prerequisites(c, r, false));
    return c->issues.errors ? ERR_INVALID : OK;
}

const char *action_route_verified(Ctx *c, const Record *r) {
    (void)c;
    return record_int(r, "effect_months") > 0 ? "verified" : "closed";
}
