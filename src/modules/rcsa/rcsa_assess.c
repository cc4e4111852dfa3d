/* rcsa_assess.c: what an assessment works out at each save: its set-up from risk and campaign, the
 * answers proposed, the evidence, the rating by the method and the contradictions. What is
 * published is never worked out again. Knows no page. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_assess.h"

#include "base/clock.h"

static bool is_frozen(const Record *r) {
    return rcsa_state_is(r, "published") || rcsa_state_is(r, "superseded") ||
           rcsa_state_is(r, "cancelled");
}

static Err risk_of(Record **out, Ctx *c, const Record *r) {
    *out = NULL;
    if (!record_int(r, "risk")) return OK;
    return record_load_raw(out, c, model_need(c->model, "risk"), record_int(r, "risk"));
}

static Value int_or_null(int64_t i) {
    return i ? value_int(i) : (Value){0};
}

static Value key_or_null(const char *key) {
    return key ? value_text(str_of(key)) : (Value){0};
}

/* ---- set-up ---- */

static Err set_method(Ctx *c, Record *r) {
    Record *campaign;
    int64_t method = 0;
    if (record_int(r, "campaign")) {
        TRY(record_load_raw(&campaign, c, model_need(c->model, "rcsa_campaign"),
                            record_int(r, "campaign")));
        method = record_int(campaign, "method");
        record_set(r, "due_on", record_get(campaign, "assess_due"));
    }
    if (!method) TRY(rcsa_method_default(&method, c));
    record_set(r, "method", int_or_null(method));
    return OK;
}

/* The rows of the risk's controls, with no rating yet. */
static void take_controls(Ctx *c, Record *r, const Record *risk) {
    Value from = record_get(risk, "controls");
    const Field *f = type_need(r->type, "controls");
    Value *rows = NEW_N(c->arena, Value, from.n + 1);
    for (size_t i = 0; i < from.n; i++) {
        Value *cells = NEW_N(c->arena, Value, f->n_rows);
        memcpy(cells, from.list[i].list, from.list[i].n * sizeof *cells);
        rows[i] = (Value){.kind = V_LIST, .list = cells, .n = f->n_rows};
    }
    record_set(r, "controls",
               from.n ? (Value){.kind = V_ROWS, .list = rows, .n = from.n} : (Value){0});
}

static Err set_up(Ctx *c, Record *r, const Record *risk) {
    static const char *const same[] = {"name_fr", "name_en", "name_ar", "risk_category", "entity"};
    int64_t assessor;
    for (size_t i = 0; i < LENGTH(same); i++) record_set(r, same[i], record_get(risk, same[i]));
    if (type_field(r->type, S("process"))) record_set(r, "process", record_get(risk, "process"));
    r->owner = risk->owner;
    TRY(rcsa_ask_assessor(&assessor, c, risk));
    record_set(r, "assessor", int_or_null(assessor));
    take_controls(c, r, risk);
    return set_method(c, r);
}

/* ---- what the form already holds ---- */

static const Value *row_of_control(Value rows, int64_t control) {
    for (size_t i = 0; i < rows.n; i++)
        if (rows.list[i].list[RISK_CONTROL].i == control) return rows.list[i].list;
    return NULL;
}

/* Ratings of controls: those of the last assessment of this risk, else of the control itself. */
static Err propose_controls(Ctx *c, Record *r, const Record *previous) {
    Value rows = record_get(r, "controls"), last = {0};
    Value *all = NEW_N(c->arena, Value, rows.n + 1);
    if (previous) last = record_get(previous, "controls");
    for (size_t i = 0; i < rows.n; i++) {
        Record *control;
        Value *cells = NEW_N(c->arena, Value, rows.list[i].n);
        memcpy(cells, rows.list[i].list, rows.list[i].n * sizeof *cells);
        const Value *before = row_of_control(last, cells[RISK_CONTROL].i);
        TRY(record_load_raw(&control, c, model_need(c->model, "control"), cells[RISK_CONTROL].i));
        cells[ASSESS_DESIGN] = before ? before[ASSESS_DESIGN] : record_get(control, "design");
        cells[ASSESS_OPERATION] =
            before ? before[ASSESS_OPERATION] : record_get(control, "operation");
        all[i] = (Value){.kind = V_LIST, .list = cells, .n = rows.list[i].n};
    }
    if (rows.n) record_set(r, "controls", (Value){.kind = V_ROWS, .list = all, .n = rows.n});
    return OK;
}

static void propose_last(Record *r, const Record *previous) {
    static const char *const fields[] = {"inherent_likelihood", "inherent_impact", "impacts",
                                         "target_likelihood",   "target_impact",   "target_on"};
    for (size_t i = 0; previous && i < LENGTH(fields); i++)
        record_set(r, fields[i], record_get(previous, fields[i]));
}

/* Levels at which the losses of a year stand. */
static void propose_data(Record *r, const RcsaMethod *m, const CalcFacts *facts) {
    record_set(r, "inherent_likelihood",
               int_or_null(calc_likelihood_of(&m->calc, facts->losses, 1)));
    record_set(r, "inherent_impact", int_or_null(calc_impact_of(&m->calc, facts->largest)));
}

static Err previous_of(Record **out, Ctx *c, const Record *r) {
    Records list;
    *out = NULL;
    TRY(record_where(&list, c, r->type, "risk", record_get(r, "risk"), 500));
    for (size_t i = 0; i < list.n; i++)
        if (list.items[i]->id != r->id && rcsa_state_is(list.items[i], "published"))
            *out = list.items[i];
    return OK;
}

static Err campaign_prefill(Str *out, Ctx *c, const Record *r) {
    Record *campaign;
    TRY(record_load_raw(&campaign, c, model_need(c->model, "rcsa_campaign"),
                        record_int(r, "campaign")));
    *out = record_text(campaign, "prefill");
    return OK;
}

static void put_evidence(Record *r, const RcsaEvidence *e, Str currency) {
    const CalcFacts *f = &e->facts;
    record_set(r, "since", value_text(e->since));
    record_set(r, "losses", value_int(f->losses));
    record_set(r, "losses_gross", value_money(f->gross, currency));
    record_set(r, "largest_loss", value_money(f->largest, currency));
    record_set(r, "losses_since", value_int(f->losses_since));
    record_set(r, "near_misses", value_int(f->near_misses));
    record_set(r, "open_actions", value_int(e->open_actions));
    record_set(r, "overdue_actions", value_int(f->overdue_actions));
    record_set(r, "red_indicators", value_int(f->red_indicators));
    record_set(r, "amber_indicators", value_int(f->amber_indicators));
}

/* The form is opened: controls of today, last answers, evidence. "Still true?" is never answered
 * for the assessor: each line must be confirmed. */
static Err prefill(Ctx *c, Record *r, const Record *risk, const RcsaMethod *m) {
    Record *previous;
    RcsaEvidence e;
    Str how;
    take_controls(c, r, risk);
    TRY(previous_of(&previous, c, r));
    TRY(campaign_prefill(&how, c, r));
    record_set(r, "previous", int_or_null(previous ? previous->id : 0));
    record_set(r, "previous_level", previous ? record_get(previous, "final_level") : (Value){0});
    TRY(rcsa_evidence(&e, c, risk->id, record_text(risk, "assessed_on")));
    put_evidence(r, &e, m->currency);
    if (str_is(how, "empty")) return OK;
    if (str_is(how, "data"))
        propose_data(r, m, &e.facts);
    else
        propose_last(r, previous);
    return propose_controls(c, r, previous);
}

/* ---- answers ---- */

/* Which controls there are is not the assessor's choice: only their ratings and notes are taken. A
 * design that nobody rated is as good as the operation. */
static void keep_controls(Ctx *c, const Record *before, Record *r) {
    Value base = record_get(before, "controls"), typed = record_get(r, "controls");
    Value *rows = NEW_N(c->arena, Value, base.n + 1);
    for (size_t i = 0; i < base.n; i++) {
        Value *cells = NEW_N(c->arena, Value, base.list[i].n);
        memcpy(cells, base.list[i].list, base.list[i].n * sizeof *cells);
        const Value *said = row_of_control(typed, cells[RISK_CONTROL].i);
        for (size_t k = ASSESS_DESIGN; said && k <= ASSESS_NOTE; k++) cells[k] = said[k];
        if (value_is_null(cells[ASSESS_DESIGN])) cells[ASSESS_DESIGN] = cells[ASSESS_OPERATION];
        rows[i] = (Value){.kind = V_LIST, .list = cells, .n = base.list[i].n};
    }
    record_set(r, "controls",
               base.n ? (Value){.kind = V_ROWS, .list = rows, .n = base.n} : (Value){0});
}

/* The overall impact follows from the dimensions when they are answered. */
static void set_impact(Record *r, const RcsaMethod *m) {
    int levels[CALC_DIMENSIONS] = {0};
    bool any = false;
    Value rows = record_get(r, "impacts");
    for (size_t i = 0; i < rows.n; i++)
        for (size_t k = 0; k < m->n_dimensions; k++)
            if (str_eq(rows.list[i].list[ASSESS_DIMENSION].s, m->dimensions[k].code)) {
                levels[k] = (int)rows.list[i].list[ASSESS_LEVEL].i;
                any = true;
            }
    if (any) record_set(r, "inherent_impact", int_or_null(calc_impact(&m->calc, levels)));
}

bool rcsa_assess_is_live(const Record *r) {
    return rcsa_state_is(r, "scoped") || rcsa_state_is(r, "todo");
}

static Err tests_of(CalcControl *x, Ctx *c, const Value *row, bool live) {
    Record *control;
    if (!live) {
        x->test_failed = str_is(row[ASSESS_BECAUSE].s, rcsa_reasons[REASON_FAILED].key);
        x->test_overdue = str_is(row[ASSESS_BECAUSE].s, rcsa_reasons[REASON_OVERDUE].key);
        return OK;
    }
    TRY(record_load_raw(&control, c, model_need(c->model, "control"), row[RISK_CONTROL].i));
    Str due = record_text(control, "next_test_on");
    x->test_failed = str_is(record_text(control, "last_test_result"), "failed");
    x->test_overdue = due.n && str_cmp(due, c->today) < 0;
    return OK;
}

Err rcsa_assess_controls(CalcControl *out, size_t *n, Ctx *c, const Record *r, bool live) {
    Value rows = record_get(r, "controls");
    *n = 0;
    for (size_t i = 0; i < rows.n && *n < CALC_CONTROLS; i++) {
        const Value *row = rows.list[i].list;
        CalcControl *x = &out[(*n)++];
        *x = (CalcControl){.is_key = row[RISK_CONTROL_KEY].i != 0,
                           .acts_on = rcsa_acts_of(row[RISK_CONTROL_ACTS].s),
                           .weight =
                               row[RISK_CONTROL_WEIGHT].i ? (int)row[RISK_CONTROL_WEIGHT].i : 1,
                           .design = rcsa_effect_of(row[ASSESS_DESIGN].s),
                           .operation = rcsa_effect_of(row[ASSESS_OPERATION].s)};
        TRY(tests_of(x, c, row, live));
    }
    return OK;
}

Err rcsa_assess_rate(CalcResult *out, bool *rated, Ctx *c, const RcsaMethod *m, const Record *r,
                     bool live) {
    CalcControl controls[CALC_CONTROLS];
    size_t n;
    TRY(rcsa_assess_controls(controls, &n, c, r, live));
    *rated = calc_rate(out, &m->calc, (int)record_int(r, "inherent_likelihood"),
                       (int)record_int(r, "inherent_impact"), controls, n);
    return OK;
}

/* ---- results ---- */

static int level_at(const RcsaMethod *m, const Record *r, const char *likelihood,
                    const char *impact) {
    return calc_class(&m->calc, (int)record_int(r, likelihood), (int)record_int(r, impact));
}

static void put_level(Record *r, const char *field, int level) {
    record_set(r, field, key_or_null(rcsa_class_key(level)));
}

static int64_t instead(const Record *r, const char *override, int64_t otherwise) {
    return record_int(r, override) ? record_int(r, override) : otherwise;
}

/* What each control counts as, and why: kept, so that a published colour can be explained later. */
static void put_effects(Ctx *c, Record *r, const CalcResult *x, bool rated) {
    Value rows = record_get(r, "controls");
    Value *all = NEW_N(c->arena, Value, rows.n + 1);
    for (size_t i = 0; i < rows.n; i++) {
        Value *cells = NEW_N(c->arena, Value, rows.list[i].n);
        memcpy(cells, rows.list[i].list, rows.list[i].n * sizeof *cells);
        bool is_known = rated && i < CALC_CONTROLS;
        cells[ASSESS_COUNTS_AS] = key_or_null(is_known ? rcsa_effect_key(x->effects[i]) : NULL);
        cells[ASSESS_BECAUSE] = key_or_null(is_known ? rcsa_reasons[x->reasons[i]].key : NULL);
        all[i] = (Value){.kind = V_LIST, .list = cells, .n = rows.list[i].n};
    }
    if (rows.n) record_set(r, "controls", (Value){.kind = V_ROWS, .list = all, .n = rows.n});
}

static void put_rating(Record *r, const RcsaMethod *m, const CalcResult *x, bool rated) {
    int64_t likelihood = rated ? x->likelihood : 0, impact = rated ? x->impact : 0;
    record_set(r, "computed_likelihood", int_or_null(likelihood));
    record_set(r, "computed_impact", int_or_null(impact));
    put_level(r, "inherent_level", level_at(m, r, "inherent_likelihood", "inherent_impact"));
    record_set(r, "effectiveness", key_or_null(rated ? rcsa_effect_key(x->all.effect) : NULL));
    if (rated) {
        likelihood = instead(r, "override_likelihood", likelihood);
        impact = instead(r, "override_impact", impact);
    }
    record_set(r, "residual_likelihood", int_or_null(likelihood));
    record_set(r, "residual_impact", int_or_null(impact));
    bool is_own = rated && likelihood == x->likelihood && impact == x->impact;
    put_level(r, "residual_level",
              is_own ? x->residual_class
                     : level_at(m, r, "residual_likelihood", "residual_impact"));
    put_level(r, "target_level", level_at(m, r, "target_likelihood", "target_impact"));
    put_level(r, "challenger_level", level_at(m, r, "challenger_likelihood", "challenger_impact"));
}

static bool is_gone(const Record *r) {
    return str_is(record_text(r, "still_true"), "gone");
}

static Str answer_of(Value rows, const char *rule) {
    for (size_t i = 0; i < rows.n; i++)
        if (str_is(rows.list[i].list[ASSESS_RULE].s, rule))
            return rows.list[i].list[ASSESS_ANSWER].s;
    return (Str){0};
}

static CalcFacts facts_of(const Record *r) {
    int64_t level = 0;
    Str previous = record_text(r, "previous_level");
    if (previous.n && !str_to_int(&level, previous)) level = 0;
    return (CalcFacts){.losses = record_int(r, "losses"),
                       .gross = record_int(r, "losses_gross"),
                       .largest = record_int(r, "largest_loss"),
                       .near_misses = record_int(r, "near_misses"),
                       .losses_since = record_int(r, "losses_since"),
                       .overdue_actions = record_int(r, "overdue_actions"),
                       .red_indicators = record_int(r, "red_indicators"),
                       .previous_class = (int)level};
}

/* Worked out anew from answers and evidence; answers to those that still hold are kept. */
static Err put_contradictions(Ctx *c, Record *r, const RcsaMethod *m) {
    CalcFinding found[RULE_COUNT];
    CalcControl controls[CALC_CONTROLS];
    CalcFacts facts = facts_of(r);
    size_t n;
    int64_t level = 0, failed = 0;
    TRY(rcsa_assess_controls(controls, &n, c, r, true));
    for (size_t i = 0; i < n; i++) failed += controls[i].test_failed;
    record_set(r, "failed_tests", value_int(failed));
    Str residual = record_text(r, "residual_level");
    if (residual.n && !str_to_int(&level, residual)) level = 0;
    CalcOpinion o = {.is_gone = is_gone(r),
                     .likelihood = (int)record_int(r, "residual_likelihood"),
                     .impact = (int)record_int(r, "residual_impact"),
                     .residual_class = (int)level,
                     .controls = controls,
                     .n = n};
    size_t k = calc_contradictions(found, &m->calc, m->rules, &facts, &o);
    Value old = record_get(r, "contradictions");
    Value *rows = NEW_N(c->arena, Value, k + 1);
    for (size_t i = 0; i < k; i++) {
        const char *rule = rcsa_rules[found[i].rule].key;
        Value *cells = NEW_N(c->arena, Value, 4);
        cells[ASSESS_RULE] = rcsa_text_value(rule);
        cells[ASSESS_COUNT] = int_or_null(found[i].count);
        if (found[i].amount) cells[ASSESS_AMOUNT] = value_money(found[i].amount, m->currency);
        cells[ASSESS_ANSWER] = value_text(answer_of(old, rule));
        rows[i] = (Value){.kind = V_LIST, .list = cells, .n = 4};
    }
    record_set(r, "contradictions", k ? (Value){.kind = V_ROWS, .list = rows, .n = k} : (Value){0});
    return OK;
}

static Err put_position(Ctx *c, Record *r, const Record *risk) {
    CalcPosition p = POSITION_NONE;
    int64_t level = 0;
    Str key = record_text(r, "final_level");
    if (!key.n) key = record_text(r, "residual_level");
    record_set(r, "appetite_position", (Value){0});
    if (!key.n || !str_to_int(&level, key)) return OK;
    TRY(rcsa_appetite_position(&p, c, risk, (int)level));
    record_set(r, "appetite_position", rcsa_text_value(rcsa_position_key(p)));
    return OK;
}

/* ---- steps ---- */

static void clear(Record *r, const char *const *fields, size_t n) {
    for (size_t i = 0; i < n; i++) record_set(r, fields[i], (Value){0});
}

static void put_final(Record *r) {
    bool challenger = str_is(record_text(r, "final_choice"), "challenger");
    record_set(r, "final_likelihood",
               record_get(r, challenger ? "challenger_likelihood" : "residual_likelihood"));
    record_set(r, "final_impact",
               record_get(r, challenger ? "challenger_impact" : "residual_impact"));
    record_set(r, "final_level", record_get(r, challenger ? "challenger_level" : "residual_level"));
}

/* Who took which step, and what it leaves. */
static void put_step(Ctx *c, const Record *before, Record *r) {
    static const char *const later[] = {
        "submitted_by",      "submitted_on",     "opinion",        "challenger_likelihood",
        "challenger_impact", "challenger_level", "challenge_note", "challenged_by",
        "final_choice",      "final_likelihood", "final_impact",   "final_level",
        "response",          "accepted_until",   "action_note",    "approved_by",
        "approved_on",       "decided_by",       "decision_note",  "action_owner",
        "action_due_on"};
    Value me = int_or_null(c->actor->user);
    if (!before || before->state == r->state) return;
    if (rcsa_state_is(r, "todo")) clear(r, later, LENGTH(later));
    if (rcsa_state_is(r, "submitted")) {
        record_set(r, "submitted_by", me);
        record_set(r, "submitted_on", value_text(c->today));
    }
    if (rcsa_state_is(r, "challenged")) {
        if (rcsa_is_empty(r, "opinion")) record_set(r, "opinion", rcsa_text_value("agree"));
        record_set(r, "challenged_by", me);
    }
    if (rcsa_state_is(before, "challenged")) {
        if (rcsa_is_empty(r, "final_choice"))
            record_set(r, "final_choice", rcsa_text_value("assessed"));
        record_set(r, "approved_by", me);
        record_set(r, "approved_on", value_text(c->today));
        put_final(r);
    }
    if (rcsa_state_is(before, "committee")) record_set(r, "decided_by", me);
}

Err rcsa_assess_compute(Ctx *c, const Saving *s) {
    Record *r = s->after, *risk;
    RcsaMethod m;
    CalcResult x = {0};
    bool rated = false;
    TRY(risk_of(&risk, c, r));
    if (!risk || is_frozen(r)) return OK; /* the required check says so */
    if (!s->before) TRY(set_up(c, r, risk));
    if (!record_int(r, "method")) return OK;
    TRY(rcsa_method_load(&m, c, record_int(r, "method")));
    bool opened = rcsa_state_is(s->before, "scoped") && rcsa_state_is(r, "todo");
    bool answers = rcsa_state_is(s->before, "todo");
    if (opened) TRY(prefill(c, r, risk, &m));
    if (answers) {
        RcsaEvidence e;
        keep_controls(c, s->before, r);
        set_impact(r, &m);
        TRY(rcsa_evidence(&e, c, risk->id, record_text(r, "since")));
        put_evidence(r, &e, m.currency);
    }
    bool live = opened || answers;
    if (!is_gone(r)) TRY(rcsa_assess_rate(&x, &rated, c, &m, r, live));
    if (live) put_effects(c, r, &x, rated);
    put_rating(r, &m, &x, rated);
    if (live) TRY(put_contradictions(c, r, &m));
    put_step(c, s->before, r);
    return put_position(c, r, risk);
}
