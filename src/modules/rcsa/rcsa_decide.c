/* rcsa_decide.c: what the committee decides above the tolerance, and what comes of it: an
 * acceptance that ends on a day, or an issue with the action demanded. Both are records of another
 * module, written by type name: where that is not there, the decision stands in the assessment
 * alone. Knows no page. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/core_rules.h"
#include "modules/rcsa/rcsa_assess.h"

enum { ACCEPTANCE_DAYS = 365, ACTION_DAYS = 90 };

/* ---- before the decision ---- */

static Err check_acceptance(Ctx *c, const Record *r) {
    Str text = {0};
    int64_t days = ACCEPTANCE_DAYS, today, last;
    bool found;
    TRY(setting_text(&text, &found, c, "rcsa_acceptance_days"));
    if (found && !str_to_int(&days, text)) days = ACCEPTANCE_DAYS;
    CHECK(date_parse(&today, c->today), "today is no date");
    if (!str_trim(record_text(r, "decision_note")).n)
        issue(c, "decision_note", "required", N_("Say why the risk is accepted."));
    if (!date_parse(&last, record_text(r, "accepted_until")))
        return issue(c, "accepted_until", "required", N_("An acceptance ends on a day."));
    if (last <= today) issue(c, "accepted_until", "past", N_("An acceptance ends in the future."));
    if (last > today + days)
        issue_arg(c, "accepted_until", "too_long", N_("An acceptance lasts at most {0} days."),
                  str_fmt(c->arena, "%lld", (long long)days));
    return OK;
}

Err rcsa_assess_guard_decide(Ctx *c, const Record *r) {
    if (rcsa_is_empty(r, "response"))
        return issue(c, "response", "required", N_("Say what the bank does about it."));
    if (str_is(record_text(r, "response"), "accept")) return check_acceptance(c, r);
    if (!record_text(r, "action_note").n && !record_int(r, "open_actions"))
        issue(c, "action_note", "required",
              N_("Demand an action, or accept the risk until a day."));
    Str due = record_text(r, "action_due_on");
    if (due.n && str_cmp(due, c->today) <= 0)
        issue(c, "action_due_on", "past", N_("An action is due in the future."));
    return OK;
}

/* ---- what comes of it ---- */

/* Of a record of another module only the fields that it has are set. */
static void put(Record *r, const char *field, Value v) {
    if (type_field(r->type, str_of(field))) record_set(r, field, v);
}

static void put_text(Record *r, const char *field, Str s) {
    put(r, field, value_text(s));
}

static void put_one_ref(Ctx *c, Record *r, const char *field, int64_t id) {
    Value *list = NEW(c->arena, Value);
    *list = value_int(id);
    put(r, field, (Value){.kind = V_LIST, .list = list, .n = 1});
}

/* Saved in that state; what its own rules refuse stands beside the field of the decision. */
static Err save_in(Record **out, Ctx *c, Record *r, const char *state, const char *theirs,
                   const char *ours) {
    const State *s = type_state(r->type, str_of(state));
    size_t known = c->issues.n;
    if (s) r->state = s;
    Err e = record_save(out, c, r, "decide");
    for (size_t i = known; i < c->issues.n; i++)
        if (str_is(c->issues.items[i].field, theirs)) c->issues.items[i].field = str_of(ours);
    return e;
}

static Record *new_for(Ctx *c, const char *type, const Record *assessment) {
    Record *r = record_new(c, model_need(c->model, type));
    r->unit = assessment->unit;
    r->owner = assessment->owner ? assessment->owner : record_int(assessment, "approved_by");
    return r;
}

/* The controls that keep the loss within bounds meanwhile. */
static Err controls_text(Str *out, Ctx *c, const Record *assessment) {
    Value rows = record_get(assessment, "controls");
    Text t = text_new(c->arena, 400);
    for (size_t i = 0; i < rows.n; i++) {
        RefName name = {0};
        TRY(ref_name_stored(&name, c, model_need(c->model, "control"),
                            rows.list[i].list[RISK_CONTROL].i));
        if (i) text_addz(&t, "; ");
        text_add(&t, name.title);
    }
    *out = rows.n ? text_str(&t) : TRS(c, N_("No control"));
    return OK;
}

static Err accept_risk(int64_t *out, Ctx *c, const Record *a) {
    Record *saved;
    Str controls, currency;
    TRY(controls_text(&controls, c, a));
    TRY(rcsa_currency(&currency, c));
    Record *r = new_for(c, "risk_acceptance", a);
    put_text(r, "title", record_title(c, a));
    put(r, "risk", value_int(record_int(a, "risk")));
    put_text(r, "why", record_text(a, "decision_note"));
    put_text(r, "compensating", controls);
    put(r, "amount",
        rcsa_is_empty(a, "losses_gross") ? value_money(0, currency)
                                         : record_get(a, "losses_gross"));
    put_text(r, "level", S("committee"));
    put_text(r, "expires_on", record_text(a, "accepted_until"));
    TRY(save_in(&saved, c, r, "active", "expires_on", "accepted_until"));
    *out = saved->id;
    return OK;
}

static Str due_of(Ctx *c, const Record *a) {
    int64_t today;
    Str due = record_text(a, "action_due_on");
    return due.n || !date_parse(&today, c->today) ? due : date_text(c->arena, today + ACTION_DAYS);
}

static Str level_text(Ctx *c, const Record *a, const char *field) {
    return str_fmt(c->arena, "%lld", (long long)record_int(a, field));
}

static Err open_issue(Record **out, Ctx *c, const Record *a) {
    Record *r = new_for(c, "issue", a);
    put_text(r, "title", RCSA_FILL(c, TR(c, N_("Above the tolerance: {0}")), record_title(c, a)));
    put_text(r, "description",
             record_text(a, "decision_note").n ? record_text(a, "decision_note")
                                               : record_text(a, "action_note"));
    put_text(r, "source", S("rcsa"));
    put_text(r, "source_reference", record_number(c->arena, a));
    put_text(r, "identified_on", c->today);
    put_text(r, "likelihood", level_text(c, a, "final_likelihood"));
    put_text(r, "impact", level_text(c, a, "final_impact"));
    put_text(r, "response", S("remediate"));
    put_text(r, "target_on", due_of(c, a));
    put_one_ref(c, r, "risks", record_int(a, "risk"));
    return save_in(out, c, r, "open", "target_on", "action_due_on");
}

static Err demand_action(int64_t *out, Ctx *c, const Record *a) {
    Record *of, *saved;
    TRY(open_issue(&of, c, a));
    Record *r = new_for(c, "action", a);
    if (record_int(a, "action_owner")) r->owner = record_int(a, "action_owner");
    put_one_ref(c, r, "issues", of->id);
    put_text(r, "title", record_text(a, "action_note"));
    put_text(r, "deliverable", record_text(a, "action_note"));
    put_text(r, "priority", S("high"));
    put_text(r, "due_on", due_of(c, a));
    TRY(save_in(&saved, c, r, "planned", "due_on", "action_due_on"));
    *out = saved->id;
    return OK;
}

static Err carry_out(Ctx *c, Record *a) {
    int64_t id = 0;
    bool accepts = str_is(record_text(a, "response"), "accept");
    const char *field = accepts ? "acceptance" : "action";
    Record *before = record_clone(c, a);
    if (!type_field(a->type, str_of(field))) return OK; /* that module is not there */
    if (!accepts && (!record_text(a, "action_note").n || !model_type(c->model, S("issue"))))
        return OK;
    TRY(accepts ? accept_risk(&id, c, a) : demand_action(&id, c, a));
    record_set(a, field, value_int(id));
    return record_save_derived(c, before, a);
}

Err rcsa_decide_carry_out(Ctx *c, Record *assessment) {
    RcsaActor kept = rcsa_as_system(c);
    c->reason = record_number(c->arena, assessment);
    Err e = carry_out(c, assessment);
    rcsa_as_before(c, &kept);
    return e;
}

/* The campaign is cancelled: what was accepted for its sake is not accepted any more. */
Err rcsa_decide_take_back(Ctx *c, const Record *assessment) {
    Record *r, *moved;
    Input in = {0};
    if (!type_field(assessment->type, S("acceptance")) || !record_int(assessment, "acceptance"))
        return OK;
    TRY(rcsa_load_now(&r, c, "risk_acceptance", record_int(assessment, "acceptance")));
    if (!rcsa_state_is(r, "active")) return OK;
    input_add(&in, c->arena, S("reason"), record_number(c->arena, assessment));
    return record_move(&moved, c, r, "end", &in);
}
