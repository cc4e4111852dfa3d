/* rcsa_assess_steps.c: what an assessment must hold before each step: answers, answered
 * contradictions, a rating of the second line's own, an approval by somebody else, a decision above
 * the tolerance; and what the publication does to risk and controls. Knows no page.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/core_rules.h"
#include "modules/rcsa/rcsa_assess.h"
#include "modules/rcsa/rcsa_query.h"

static Err method_of(RcsaMethod *out, bool *found, Ctx *c, const Record *r) {
    *found = record_int(r, "method") != 0;
    return *found ? rcsa_method_load(out, c, record_int(r, "method")) : OK;
}

static bool is_gone(const Record *r) {
    return str_is(record_text(r, "still_true"), "gone");
}

/* ---- places and levels ---- */

/* A level must be on the method's scale, and not above another one on either axis. */
static void check_place(Ctx *c, const Record *r, const RcsaMethod *m, const char *likelihood,
                        const char *impact) {
    if (record_int(r, likelihood) > m->calc.n_likelihood)
        issue(c, likelihood, "off_scale", N_("The scale of the method does not go so far."));
    if (record_int(r, impact) > m->calc.n_impact)
        issue(c, impact, "off_scale", N_("The scale of the method does not go so far."));
}

static void check_not_above(Ctx *c, const Record *r, const char *field, const char *bound,
                            const char *text) {
    if (record_int(r, field) && record_int(r, bound) && record_int(r, field) > record_int(r, bound))
        issue(c, field, "above", text);
}

static void check_levels(Ctx *c, const Record *r, const RcsaMethod *m) {
    static const char *const above_inherent =
        N_("The residual risk is never above the inherent risk.");
    static const char *const above_residual = N_("The target is not above the residual risk.");
    check_place(c, r, m, "inherent_likelihood", "inherent_impact");
    check_place(c, r, m, "challenger_likelihood", "challenger_impact");
    check_not_above(c, r, "override_likelihood", "inherent_likelihood", above_inherent);
    check_not_above(c, r, "override_impact", "inherent_impact", above_inherent);
    check_not_above(c, r, "challenger_likelihood", "inherent_likelihood", above_inherent);
    check_not_above(c, r, "challenger_impact", "inherent_impact", above_inherent);
    check_not_above(c, r, "target_likelihood", "residual_likelihood", above_residual);
    check_not_above(c, r, "target_impact", "residual_impact", above_residual);
    bool overridden = record_int(r, "override_likelihood") || record_int(r, "override_impact");
    if (overridden && !record_text(r, "override_reason").n)
        issue(c, "override_reason", "required",
              N_("Another result than the method's needs a reason."));
}

static void check_impacts(Ctx *c, const Record *r, const RcsaMethod *m) {
    Value rows = record_get(r, "impacts");
    for (size_t i = 0; i < rows.n; i++) {
        bool known = false;
        for (size_t k = 0; k < m->n_dimensions; k++)
            known |= str_eq(rows.list[i].list[ASSESS_DIMENSION].s, m->dimensions[k].code);
        if (!known)
            issue(c, str_fmt(c->arena, "impacts[%zu].dimension", i).p, "bad_value",
                  N_("The method has no such dimension."));
        if (rows.list[i].list[ASSESS_LEVEL].i > m->calc.n_impact)
            issue(c, str_fmt(c->arena, "impacts[%zu].level", i).p, "off_scale",
                  N_("The scale of the method does not go so far."));
    }
}

/* ---- submission ---- */

static void check_answers(Ctx *c, const Record *r) {
    Value rows = record_get(r, "controls");
    if (is_gone(r)) return;
    if (!record_int(r, "inherent_likelihood"))
        issue(c, "inherent_likelihood", "required", N_("How often? This is needed."));
    if (!record_int(r, "inherent_impact"))
        issue(c, "inherent_impact", "required", N_("How bad? This is needed."));
    for (size_t i = 0; i < rows.n; i++)
        if (value_is_null(rows.list[i].list[ASSESS_OPERATION]))
            issue(c, str_fmt(c->arena, "controls[%zu].operation", i).p, "required",
                  N_("Does this control work? This is needed."));
    if (str_is(record_text(r, "still_true"), "changed") && !record_text(r, "comment").n)
        issue(c, "comment", "required", N_("Say what has changed."));
}

static void check_contradictions(Ctx *c, const Record *r) {
    Value rows = record_get(r, "contradictions");
    for (size_t i = 0; i < rows.n; i++) {
        if (str_trim(rows.list[i].list[ASSESS_ANSWER].s).n) continue;
        Issue one = {.field = str_fmt(c->arena, "contradictions[%zu].answer", i),
                     .code = "unanswered",
                     .text = N_("Answer this first: {0}")};
        one.args[0] = rcsa_contradiction_text(c, rows.list[i].list);
        issues_add(&c->issues, c->arena, one);
    }
}

Str rcsa_contradiction_text(Ctx *c, const Value *row) {
    static const char *const texts[RULE_COUNT] = {
        N_("Residual risk low, but losses in twelve months: {0}, together {1}."),
        N_("You say it is rarer, but there were {0} losses in twelve months."),
        N_("You say it is milder, but the largest loss of twelve months was {1}."),
        N_("You call controls effective whose last test failed: {0}."),
        N_("You call controls effective whose test is overdue: {0}."),
        N_("Residual risk low, but actions are overdue: {0}."),
        N_("Residual risk low, but indicators are in the red: {0}."),
        N_("Lower than last time, although losses happened since: {0}."),
        N_("You say it is no longer true, but there were losses in twelve months: {0}, together {1}."),
        N_("You say it is very rare, but there were near misses in twelve months: {0}.")};
    Value v = row[ASSESS_AMOUNT];
    Str amount = v.kind == V_MONEY ? rcsa_money_words(c, v.i, str_of(v.currency)) : S("0");
    for (int k = 0; k < RULE_COUNT; k++)
        if (str_is(row[ASSESS_RULE].s, rcsa_rules[k].key))
            return RCSA_FILL(c, TR(c, texts[k]),
                             str_fmt(c->arena, "%lld", (long long)row[ASSESS_COUNT].i), amount);
    return row[ASSESS_RULE].s;
}

static Err check_once(Ctx *c, const Record *r) {
    Records list;
    TRY(record_where(&list, c, r->type, "risk", record_get(r, "risk"), 500));
    for (size_t i = 0; i < list.n; i++)
        if (list.items[i]->id != r->id && !(list.items[i]->state->flags & STATE_VOID) &&
            record_int(list.items[i], "campaign") == record_int(r, "campaign"))
            return issue(c, "risk", "twice", N_("This risk is in the campaign already."));
    return OK;
}

static Err check_campaign(Ctx *c, const Record *r) {
    Record *campaign, *risk;
    TRY(record_load_raw(&campaign, c, model_need(c->model, "rcsa_campaign"),
                        record_int(r, "campaign")));
    TRY(record_load_raw(&risk, c, model_need(c->model, "risk"), record_int(r, "risk")));
    if (campaign->state->flags & STATE_CLOSED)
        issue(c, "campaign", "closed", N_("This campaign takes no more assessments."));
    if (risk->state->flags & STATE_CLOSED) issue(c, "risk", "retired", N_("This risk is retired."));
    return OK;
}

Err rcsa_assess_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    RcsaMethod m;
    bool found;
    if (!record_int(r, "risk") || !record_int(r, "campaign")) return OK;
    if (!s->before) {
        TRY(check_campaign(c, r));
        Err e = check_once(c, r);
        if (e && e != ERR_INVALID) return e;
    }
    if (r->state->flags & STATE_CLOSED) return OK;
    TRY(method_of(&m, &found, c, r));
    if (found) {
        check_levels(c, r, &m);
        check_impacts(c, r, &m);
    }
    if (!rcsa_state_is(s->before, "todo") || !rcsa_state_is(r, "submitted")) return OK;
    if (!found) issue(c, "method", "required", N_("No method of rating is published."));
    check_answers(c, r);
    check_contradictions(c, r);
    return OK;
}

/* ---- guards ---- */

Err rcsa_assess_guard_start(Ctx *c, const Record *r) {
    Record *campaign;
    TRY(record_load_raw(&campaign, c, model_need(c->model, "rcsa_campaign"),
                        record_int(r, "campaign")));
    if (!rcsa_state_is(campaign, "open") && !rcsa_state_is(campaign, "challenge"))
        return issue(c, "", "campaign", N_("The campaign is not open."));
    return OK;
}

static Err not_the_assessor(Ctx *c, const Record *r) {
    bool same;
    if (c->actor->is_system) return OK;
    TRY(access_is_actor(&same, c, r, record_int(r, "submitted_by")));
    if (same)
        return issue(c, "", "four_eyes",
                     N_("Somebody else than the person who submitted it must do this."));
    return OK;
}

Err rcsa_assess_guard_challenge(Ctx *c, const Record *r) {
    if (rcsa_is_empty(r, "opinion")) issue(c, "opinion", "required", N_("Say whether you agree."));
    if (!str_is(record_text(r, "opinion"), "disagree") || is_gone(r)) return not_the_assessor(c, r);
    if (!record_int(r, "challenger_likelihood"))
        issue(c, "challenger_likelihood", "required",
              N_("Who disagrees gives a rating of his own."));
    if (!record_int(r, "challenger_impact"))
        issue(c, "challenger_impact", "required", N_("Who disagrees gives a rating of his own."));
    if (!record_text(r, "challenge_note").n)
        issue(c, "challenge_note", "required", N_("Who disagrees says why."));
    return not_the_assessor(c, r);
}

Err rcsa_assess_guard_agree(Ctx *c, const Record *r) {
    return not_the_assessor(c, r);
}

Err rcsa_assess_guard_approve(Ctx *c, const Record *r) {
    if (str_is(record_text(r, "opinion"), "disagree") && rcsa_is_empty(r, "final_choice") &&
        !is_gone(r))
        issue(c, "final_choice", "required",
              N_("The second line disagrees: say which rating holds."));
    if (str_is(record_text(r, "final_choice"), "challenger") &&
        !record_int(r, "challenger_likelihood"))
        issue(c, "final_choice", "bad_value", N_("The second line gave no rating of its own."));
    return not_the_assessor(c, r);
}

/* Above the tolerance the committee decides, whatever the owner thinks. */
const char *rcsa_assess_route_approved(Ctx *c, const Record *r) {
    bool challenger = str_is(record_text(r, "final_choice"), "challenger");
    Str key = record_text(r, challenger ? "challenger_level" : "residual_level");
    CalcPosition p = POSITION_NONE;
    int64_t level = 0;
    Record *risk;
    if (is_gone(r) || !str_to_int(&level, key)) return "approved";
    if (record_load_raw(&risk, c, model_need(c->model, "risk"), record_int(r, "risk")) != OK ||
        rcsa_appetite_position(&p, c, risk, (int)level) != OK)
        return "committee";
    return p >= POSITION_ABOVE_TOLERANCE ? "committee" : "approved";
}

/* ---- appetite ---- */

static int64_t level_of(const Record *r, const char *field) {
    int64_t level = -1;
    Str key = record_text(r, field);
    return key.n && str_to_int(&level, key) ? level : -1;
}

/* The appetite of the risk's category or of the nearest above it, of its entity before the group.
 */
Err rcsa_appetite_position(CalcPosition *out, Ctx *c, const Record *risk, int level) {
    int64_t node = record_int(risk, "risk_category");
    const Type *taxon = model_need(c->model, "taxon"), *t = model_need(c->model, "appetite");
    *out = POSITION_NONE;
    for (int depth = 0; node && level > 0 && depth < 8; depth++) {
        Record *up, *best = NULL;
        Records list;
        TRY(record_where(&list, c, t, "risk_category", value_int(node), 500));
        for (size_t i = 0; i < list.n; i++) {
            Record *a = list.items[i];
            Str until = record_text(a, "valid_until");
            int64_t entity = record_int(a, "entity");
            bool holds = rcsa_state_is(a, "approved") &&
                         str_is(record_text(a, "measure"), "residual_level") &&
                         str_cmp(record_text(a, "valid_from"), c->today) <= 0 &&
                         (!until.n || str_cmp(until, c->today) >= 0);
            if (holds && (entity == record_int(risk, "entity") || (!entity && !best))) best = a;
        }
        if (best) {
            *out =
                calc_position(level, level_of(best, "appetite_level"),
                              level_of(best, "tolerance_level"), level_of(best, "capacity_level"));
            return OK;
        }
        TRY(record_load_raw(&up, c, taxon, node));
        node = record_int(up, "parent");
    }
    return OK;
}

/* ---- publication ---- */

static Err rate_risk(Ctx *c, const Record *r) {
    static const char *const same[] = {
        "inherent_likelihood", "inherent_impact",   "inherent_level", "effectiveness",
        "appetite_position",   "target_likelihood", "target_impact",  "target_level",
        "target_on",           "accepted_until"};
    Record *risk, *saved;
    TRY(record_load_raw(&risk, c, model_need(c->model, "risk"), record_int(r, "risk")));
    risk = record_clone(c, risk);
    for (size_t i = 0; i < LENGTH(same); i++) record_set(risk, same[i], record_get(r, same[i]));
    record_set(risk, "residual_likelihood", record_get(r, "final_likelihood"));
    record_set(risk, "residual_impact", record_get(r, "final_impact"));
    record_set(risk, "residual_level", record_get(r, "final_level"));
    record_set(risk, "assessed_on", value_text(c->today));
    if (!rcsa_is_empty(r, "response")) record_set(risk, "response", record_get(r, "response"));
    TRY(record_save(&saved, c, risk, "rate"));
    if (!is_gone(r) || (saved->state->flags & STATE_CLOSED)) return OK;
    Input in = {0};
    input_add(&in, c->arena, S("reason"),
              TRS(c, N_("No longer true, by the published assessment.")));
    return record_move(&risk, c, saved, "retire", &in);
}

/* Rated by several units on one day, a control has the weaker rating. */
static Err rate_controls(Ctx *c, const Record *r) {
    Value rows = record_get(r, "controls");
    static const char *const fields[] = {"design", "operation"};
    for (size_t i = 0; i < rows.n; i++) {
        const Value *row = rows.list[i].list;
        Record *control, *saved;
        TRY(record_load_raw(&control, c, model_need(c->model, "control"), row[RISK_CONTROL].i));
        control = record_clone(c, control);
        bool today = str_eq(record_text(control, "rated_on"), c->today);
        for (size_t k = 0; k < LENGTH(fields); k++) {
            Value said = row[ASSESS_DESIGN + k];
            if (value_is_null(said)) continue;
            if (!today || rcsa_effect_of(said.s) > rcsa_effect_of(record_text(control, fields[k])))
                record_set(control, fields[k], said);
        }
        record_set(control, "rated_on", value_text(c->today));
        TRY(record_save(&saved, c, control, "rate"));
    }
    return OK;
}

static Err supersede(Ctx *c, const Record *r) {
    Records list;
    TRY(record_where(&list, c, r->type, "risk", record_get(r, "risk"), 500));
    for (size_t i = 0; i < list.n; i++) {
        Record *moved;
        Input in = {0};
        if (list.items[i]->id == r->id || !rcsa_state_is(list.items[i], "published")) continue;
        TRY(record_move(&moved, c, list.items[i], "supersede", &in));
    }
    return OK;
}

Err rcsa_assess_after_save(Ctx *c, const Saving *s) {
    Record *r = s->after;
    if (!s->before || s->before->state == r->state) return OK;
    if (rcsa_state_is(r, "todo")) return rcsa_ask_open(c, r);
    if (rcsa_state_is(s->before, "todo")) return rcsa_ask_close(c, r);
    if (rcsa_state_is(s->before, "committee") && rcsa_state_is(r, "approved"))
        return rcsa_decide_carry_out(c, r);
    if (rcsa_state_is(s->before, "approved") && rcsa_state_is(r, "cancelled"))
        return rcsa_decide_take_back(c, r);
    if (!rcsa_state_is(r, "published")) return OK;
    RcsaActor kept = rcsa_as_system(c);
    Err e = supersede(c, r);
    if (!e) e = rate_risk(c, r);
    if (!e && !is_gone(r)) e = rate_controls(c, r);
    rcsa_as_before(c, &kept);
    return e;
}
