/* action_side_rules.c: who decides on more time and on a risk borne, and what their decision does:
 * the date of the action moves, the issue rests until the last day. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "base/clock.h"
#include "model/core_rules.h"
#include "modules/action/action.h"
#include "modules/action/action_calc.h"

/* What a draft may still hold is only said; from the submission on it must be right. */
static void object(Ctx *c, const Record *r, const char *field, const char *code, const char *text) {
    if (action_state_is(r, "draft"))
        warn(c, field, code, text);
    else
        issue(c, field, code, text);
}

static void set_level(Record *r, Level level) {
    const Field *f = type_need(r->type, "level");
    record_set(r, "level", value_text(str_of(f->choices[level - 1].key)));
}

const char *action_route_level(Ctx *c, const Record *r) {
    static const struct {
        const char *level, *state;
    } states[] = {{"unit", "with_unit"},
                  {"orm", "with_orm"},
                  {"head", "with_head"},
                  {"committee", "with_committee"}};
    (void)c;
    for (size_t i = 0; i < LENGTH(states); i++)
        if (str_is(record_text(r, "level"), states[i].level)) return states[i].state;
    return "with_orm";
}

/* ---- more time ---- */

static Err action_of(Record **out, Ctx *c, const Record *r) {
    *out = NULL;
    if (!record_int(r, "action")) return OK;
    return record_load_raw(out, c, model_need(c->model, "action"), record_int(r, "action"));
}

/* The most serious of the issues counts. */
static Err weight_of(int *rating, bool *regulatory, Ctx *c, const Record *action) {
    Value issues = action_refs(action, "issues");
    *rating = 0;
    *regulatory = false;
    for (size_t i = 0; i < issues.n; i++) {
        Record *one;
        TRY(record_load_raw(&one, c, model_need(c->model, "issue"), issues.list[i].i));
        if (action_rating(one) > *rating) *rating = action_rating(one);
        *regulatory = *regulatory || record_bool(one, "regulatory");
    }
    return OK;
}

Err action_extension_compute(Ctx *c, const Saving *s) {
    Record *r = s->after, *action;
    int rating;
    bool regulatory;
    TRY(action_of(&action, c, r));
    if (!action || action_state_is(r, "approved refused withdrawn")) return OK;
    r->owner = action->owner;
    record_set(r, "from_due_on", record_get(action, "due_on"));
    record_set(r, "nth", value_int(record_int(action, "extensions") + 1));
    record_set(
        r, "title",
        value_text(str_fmt(c->arena, "%.*s \xE2\x86\x92 %.*s", FMT(record_number(c->arena, action)),
                           FMT(record_text(r, "new_due_on")))));
    TRY(weight_of(&rating, &regulatory, c, action));
    set_level(r, action_calc_extension_level(record_int(r, "nth"), rating, regulatory,
                                             action->is_restricted));
    return OK;
}

static Err check_only_request(Ctx *c, const Record *r) {
    Records list = {0};
    TRY(record_where(&list, c, r->type, "action", value_int(record_int(r, "action")), 200));
    for (size_t i = 0; i < list.n; i++)
        if (list.items[i]->id != r->id && !(list.items[i]->state->flags & STATE_CLOSED))
            return issue(c, "action", "pending",
                         N_("Another request for this action is not decided yet."));
    return OK;
}

Err action_extension_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    Record *action;
    int64_t days;
    TRY(action_of(&action, c, r));
    if (!action || (r->state->flags & STATE_CLOSED)) return OK;
    if (!action_state_is(action, "planned in_progress"))
        issue(c, "action", "state", N_("Only an action that is not done yet gets more time."));
    Str wanted = record_text(r, "new_due_on");
    if (action_days_between(&days, record_text(action, "due_on"), wanted) && days <= 0)
        object(c, r, "new_due_on", "order", N_("The new date is not after the date so far."));
    if (action_days_between(&days, c->today, wanted) && days < 0)
        object(c, r, "new_due_on", "past", N_("This date is past."));
    Err e = check_only_request(c, r);
    return e == ERR_INVALID ? OK : e;
}

static Err extend(Ctx *c, const Record *r) {
    Record *action, *after, *saved;
    TRY(action_of(&action, c, r));
    after = record_clone(c, action);
    record_set(after, "due_on", record_get(r, "new_due_on"));
    record_set(after, "extensions", value_int(record_int(action, "extensions") + 1));
    return action_save_as_system(&saved, c, after, "extend");
}

Err action_extension_after_save(Ctx *c, const Saving *s) {
    bool granted = action_state_is(s->after, "approved") && !action_state_is(s->before, "approved");
    return granted ? extend(c, s->after) : OK;
}

/* ---- a risk borne ---- */

static Err issue_of(Record **out, Ctx *c, const Record *r) {
    int64_t id = action_ref(r, "issue");
    *out = NULL;
    return id ? record_load_raw(out, c, model_need(c->model, "issue"), id) : OK;
}

static Err amount_from(int64_t *out, Ctx *c, const char *code) {
    Money m;
    bool found;
    *out = 0;
    TRY(setting_money(&m, &found, c, code));
    if (found) *out = m.minor;
    return OK;
}

static Err acceptance_level(Ctx *c, Record *r, const Record *of) {
    int64_t head_from, committee_from;
    TRY(amount_from(&head_from, c, "acceptance_head"));
    TRY(amount_from(&committee_from, c, "acceptance_committee"));
    set_level(r, action_calc_acceptance_level(
                     of ? action_rating(of) : 0, record_int(r, "amount_group"), head_from,
                     committee_from, of && record_bool(of, "regulatory"), r->is_restricted));
    return OK;
}

Err action_acceptance_compute(Ctx *c, const Saving *s) {
    Record *r = s->after, *of;
    Str group;
    int64_t amount;
    TRY(issue_of(&of, c, r));
    if (of) {
        r->unit = of->unit;
        r->owner = of->owner;
        r->is_restricted = r->is_restricted || of->is_restricted;
    }
    TRY(action_group_currency(&group, c));
    TRY(action_to_group(&amount, c, r, "amount"));
    record_set(r, "amount_group", value_money(amount, group));
    if (action_state_is(r, "draft") || action_is_empty(r, "level")) TRY(acceptance_level(c, r, of));
    if (action_state_is(r, "active") && !action_state_is(s->before, "active"))
        record_set(r, "from_on", value_text(c->today));
    if (action_state_is(r, "expired ended") && !action_state_is(s->before, "expired ended"))
        record_set(r, "ended_on", value_text(c->today));
    return OK;
}

static Err check_last_day(Ctx *c, const Record *r) {
    int64_t days, months;
    Str last = record_text(r, "expires_on");
    TRY(setting_whole(&months, c, "acceptance_months", 12));
    Str latest = action_months_later(c, c->today, months);
    if (action_days_between(&days, c->today, last) && days < 0)
        object(c, r, "expires_on", "past", N_("This date is past."));
    if (action_days_between(&days, latest, last) && days > 0 && !action_state_is(r, "draft"))
        issue_arg(c, "expires_on", "too_long", N_("A risk is accepted for at most {0} months."),
                  str_fmt(c->arena, "%lld", (long long)months));
    return OK;
}

Err action_acceptance_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    Record *of;
    TRY(issue_of(&of, c, r));
    if (!of && !action_ref(r, "risk"))
        object(c, r, "issue", "required", N_("Say which issue or risk is accepted."));
    if (r->state->flags & STATE_CLOSED) return OK;
    bool waits = of && !action_state_is(r, "active");
    if (waits && !action_state_is(of, "open plan_proposed plan_approved remediation accepted"))
        object(c, r, "issue", "state",
               N_("The risk of an issue in this state cannot be accepted."));
    if (waits && (action_is_empty(of, "nature") || action_is_empty(of, "root_cause")))
        object(c, r, "issue", "unexplained",
               N_("Say in the issue what is weak and why, before its risk is accepted."));
    bool decides = !s->before || !action_state_is(s->before, "active");
    if (decides) TRY(check_last_day(c, r));
    return OK;
}

/* The issue rests while its risk is accepted, and is open again when that is over. */
Err action_acceptance_after_save(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    Record *of, *other;
    Records list = {0};
    TRY(issue_of(&of, c, r));
    if (!of) return OK;
    if (action_state_is(r, "active") && !action_state_is(s->before, "active") &&
        !action_state_is(of, "accepted"))
        return action_move_as_system(c, of->type, of->id, "accept", record_number(c->arena, r));
    if (!action_state_is(s->before, "active") || action_state_is(r, "active") ||
        !action_state_is(of, "accepted"))
        return OK;
    TRY(record_where(&list, c, r->type, "issue", value_int(of->id), 200));
    for (size_t i = 0; i < list.n; i++) {
        other = list.items[i];
        if (other->id != r->id && action_state_is(other, "active")) return OK; /* renewed */
    }
    return action_move_as_system(c, of->type, of->id, "acceptance_over",
                                 record_number(c->arena, r));
}
