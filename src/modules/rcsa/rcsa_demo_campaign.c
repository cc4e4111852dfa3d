/* rcsa_demo_campaign.c: two rounds of self-assessment of the demonstration bank: last year's, lived
 * through to its publication, and this year's, under way: some units have not begun, others wait
 * for the second line, their head or the committee. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/rcsa/rcsa_assess.h"
#include "modules/rcsa/rcsa_demo.h"
#include "modules/rcsa/rcsa_query.h"

enum { LAST_YEAR_DAYS_AGO = 400, THIS_YEAR_DAYS_AGO = 24, TESTS_DAYS_AGO = 120 };

static const DemoRisk *row_of(const char *code) {
    const DemoRisk *row = rcsa_demo_risks;
    while (row->code && strcmp(row->code, code) != 0) row++;
    return row->code ? row : NULL;
}

/* The row of the demonstration that a risk comes from, and whether it stands in the unit that
 * answers for it. */
static Err demo_row(const DemoRisk **out, bool *is_main, Demo *d, const Record *risk) {
    RefName name = {0};
    const DemoUnit *u = rcsa_demo_unit(d, risk->unit);
    *out = NULL;
    *is_main = false;
    if (!record_int(risk, "definition")) return OK;
    TRY(ref_name(&name, d->c, model_need(d->c->model, "risk_definition"),
                 record_int(risk, "definition")));
    *out = row_of(str_z(d->c->arena, name.key));
    *is_main = *out && u && strcmp((*out)->unit, u->code) == 0;
    return OK;
}

/* ---- the rounds ---- */

static Err campaign_create(Record **out, Demo *d, const char *title, int64_t day) {
    Ctx *c = d->c;
    Record *r = record_new(c, model_need(c->model, "rcsa_campaign"));
    rcsa_demo_at(d, day);
    rcsa_demo_as(d, d->head_orm);
    record_set(r, "title", value_text(str_fmt(c->arena, "%s %.4s", title, c->today.p)));
    record_set(r, "message",
               rcsa_text_value("Quatre questions par risque. Les pertes de l'année sont à côté : "
                               "confirmez ou changez, et répondez à ce qui ne concorde pas."));
    record_set(r, "period_from", value_text(date_text(c->arena, day - 365)));
    record_set(r, "period_to", value_text(date_text(c->arena, day)));
    record_set(r, "scoping_due", value_text(date_text(c->arena, day + 7)));
    record_set(r, "assess_due", value_text(date_text(c->arena, day + 35)));
    record_set(r, "challenge_due", value_text(date_text(c->arena, day + 50)));
    record_set(r, "approve_due", value_text(date_text(c->arena, day + 65)));
    TRY(record_save(out, c, r, "create"));
    rcsa_demo_count(d, "rcsa_campaign", 1);
    TRY(rcsa_demo_move(out, d, "scope", NULL));
    rcsa_demo_at(d, day + 6);
    return rcsa_demo_move(out, d, "open", NULL);
}

static Value rated_controls(Ctx *c, const Record *r) {
    Value rows = record_get(r, "controls");
    Value *all = NEW_N(c->arena, Value, rows.n + 1);
    for (size_t i = 0; i < rows.n; i++) {
        Value *cells = NEW_N(c->arena, Value, rows.list[i].n);
        memcpy(cells, rows.list[i].list, rows.list[i].n * sizeof *cells);
        cells[ASSESS_DESIGN] = rcsa_text_value("effective");
        cells[ASSESS_OPERATION] = rcsa_text_value("largely");
        all[i] = (Value){.kind = V_LIST, .list = cells, .n = rows.list[i].n};
    }
    return rows.n ? (Value){.kind = V_ROWS, .list = all, .n = rows.n} : (Value){0};
}

static void answer_contradictions(Ctx *c, Record *r) {
    Value rows = record_get(r, "contradictions");
    Value *all = NEW_N(c->arena, Value, rows.n + 1);
    if (!rows.n) return;
    for (size_t i = 0; i < rows.n; i++) {
        Value *cells = NEW_N(c->arena, Value, rows.list[i].n);
        memcpy(cells, rows.list[i].list, rows.list[i].n * sizeof *cells);
        if (value_is_null(cells[ASSESS_ANSWER]))
            cells[ASSESS_ANSWER] = rcsa_text_value(
                "Les pertes viennent d'un même fait, traité depuis ; la cotation tient compte de "
                "la mesure prise.");
        all[i] = (Value){.kind = V_LIST, .list = cells, .n = rows.list[i].n};
    }
    record_set(r, "contradictions", (Value){.kind = V_ROWS, .list = all, .n = rows.n});
}

/* A branch sees a smaller part of the same risk than the bank as a whole. */
static void put_answers(Ctx *c, Record *r, const DemoRisk *row, bool is_main, int shift) {
    int likelihood = row->gross_likelihood - (is_main ? 0 : 1) + shift;
    likelihood = likelihood < 1 ? 1 : likelihood > 5 ? 5 : likelihood;
    int impact = is_main || row->gross_impact < 3 ? row->gross_impact : row->gross_impact - 1;
    record_set(r, "still_true", rcsa_text_value(shift ? "changed" : "yes"));
    record_set(r, "inherent_likelihood", value_int(likelihood));
    record_set(r, "inherent_impact", value_int(impact));
    record_set(r, "controls", rated_controls(c, r));
    record_set(r, "confidence", rcsa_text_value("medium"));
    record_set(r, "basis", rcsa_text_value("data"));
    if (shift)
        record_set(r, "comment", rcsa_text_value("Plus de cas que l'an dernier dans l'unité."));
}

/* Where the bank reduces a risk it says down to where, and by when. */
static void put_target(Demo *d, Record *r, const DemoRisk *row) {
    int64_t likelihood = record_int(r, "residual_likelihood");
    if (strcmp(row->response, "reduce") != 0 || likelihood < 2) return;
    record_set(r, "target_likelihood", value_int(likelihood - 1));
    record_set(r, "target_impact", record_get(r, "residual_impact"));
    record_set(r, "target_on", value_text(date_text(d->c->arena, d->day + 300)));
}

static Err answer(Record **out, Demo *d, const Record *assessment, int shift) {
    Ctx *c = d->c;
    Record *risk, *r = record_clone(c, assessment);
    const DemoRisk *row;
    bool is_main;
    TRY(record_load_raw(&risk, c, model_need(c->model, "risk"), record_int(r, "risk")));
    TRY(demo_row(&row, &is_main, d, risk));
    *out = r;
    if (!row) return OK;
    rcsa_demo_as(d, record_int(r, "assessor"));
    put_answers(c, r, row, is_main, shift);
    TRY(record_save(out, c, r, "update"));
    r = record_clone(c, *out);
    if (is_main) put_target(d, r, row);
    answer_contradictions(c, r);
    TRY(record_save(out, c, r, "update"));
    return rcsa_demo_move(out, d, "submit", NULL);
}

static Err challenge(Record **r, Demo *d, bool disagrees) {
    Input in = {0};
    Ctx *c = d->c;
    int64_t likelihood = record_int(*r, "inherent_likelihood");
    rcsa_demo_as(d, d->analysts[(size_t)(*r)->id % LENGTH(d->analysts)]);
    input_add(&in, c->arena, S("opinion"), disagrees ? S("disagree") : S("agree"));
    if (disagrees) {
        input_add(&in, c->arena, S("challenger_likelihood"),
                  str_fmt(c->arena, "%lld", (long long)likelihood));
        input_add(&in, c->arena, S("challenger_impact"),
                  str_fmt(c->arena, "%lld", (long long)record_int(*r, "residual_impact")));
        input_add(
            &in, c->arena, S("challenge_note"),
            S("Les pertes de l'année ne montrent pas l'effet des contrôles sur la fréquence."));
    }
    return rcsa_demo_move(r, d, "challenge", &in);
}

static Err approve(Record **r, Demo *d) {
    Input in = {0};
    Ctx *c = d->c;
    rcsa_demo_as(d, (*r)->owner);
    bool disagrees = str_is(record_text(*r, "opinion"), "disagree");
    input_add(&in, c->arena, S("final_choice"), disagrees ? S("challenger") : S("assessed"));
    input_add(&in, c->arena, S("response"), S("reduce"));
    return rcsa_demo_move(r, d, "approve", &in);
}

static Err decide(Record **r, Demo *d) {
    Input in = {0};
    Ctx *c = d->c;
    bool accepts = (*r)->id % 3 == 0;
    if (!rcsa_state_is(*r, "committee")) return OK;
    rcsa_demo_as(d, d->committee);
    input_add(&in, c->arena, S("response"), accepts ? S("accept") : S("reduce"));
    if (accepts) {
        input_add(
            &in, c->arena, S("decision_note"),
            S("Le coût d'un contrôle de plus dépasse la perte attendue ; à revoir dans un an."));
        input_add(&in, c->arena, S("accepted_until"), date_text(c->arena, d->day + 360));
    } else {
        input_add(&in, c->arena, S("action_note"),
                  S("Renforcer le contrôle clé et en tester le fonctionnement."));
        input_add(&in, c->arena, S("action_due_on"),
                  date_text(c->arena, d->day + 360 + (*r)->id % 60));
    }
    return rcsa_demo_move(r, d, "decide", &in);
}

/* How far a unit has come: 0 nothing, 1 submitted, 2 challenged, 3 approved or with the committee.
 */
static int far_of(const Demo *d, const Record *r) {
    const DemoUnit *u = rcsa_demo_unit(d, r->unit);
    return u ? (int)((u - d->units) % 4) : 0;
}

static Err live_one(Demo *d, int64_t id, int64_t day, bool is_last_year, int shift) {
    Record *r;
    TRY(record_load_raw(&r, d->c, model_need(d->c->model, "assessment"), id));
    int far = is_last_year ? 4 : far_of(d, r);
    rcsa_demo_count(d, "assessment", 1);
    if (far < 1) return OK;
    rcsa_demo_at(d, day + 10 + id % 8);
    TRY(answer(&r, d, r, shift));
    if (far < 2 || !rcsa_state_is(r, "submitted")) return OK;
    rcsa_demo_at(d, day + (is_last_year ? 40 : 20));
    TRY(challenge(&r, d, is_last_year ? id % 29 == 0 : id % 17 == 0));
    if (far < 3) return OK;
    rcsa_demo_at(d, day + (is_last_year ? 52 : 22));
    TRY(approve(&r, d));
    if (!is_last_year) return OK;
    rcsa_demo_at(d, day + 58);
    return decide(&r, d);
}

static Err live_round(Demo *d, const Record *campaign, int64_t day, bool is_last_year) {
    RcsaIds ids;
    TRY(rcsa_query_assessments(&ids, d->c, campaign->id, "todo"));
    for (size_t i = 0; i < ids.n; i++) {
        int shift = !is_last_year && ids.items[i] % 11 == 0 ? 1 : 0;
        TRY(live_one(d, ids.items[i], day, is_last_year, shift));
    }
    return OK;
}

static Err last_year(Demo *d) {
    Record *campaign;
    int64_t day = d->now - LAST_YEAR_DAYS_AGO;
    TRY(campaign_create(&campaign, d, "Auto-évaluation annuelle", day));
    TRY(live_round(d, campaign, day, true));
    rcsa_demo_as(d, d->head_orm);
    rcsa_demo_at(d, day + 60);
    TRY(rcsa_demo_move(&campaign, d, "challenge", NULL));
    TRY(rcsa_demo_move(&campaign, d, "approval", NULL));
    rcsa_demo_at(d, day + 66);
    return rcsa_demo_move(&campaign, d, "publish", NULL);
}

/* Tests of the second line in between: some fail, some are late. */
static Err test_controls(Demo *d) {
    static const struct {
        const char *definition, *unit, *result;
    } tests[] = {{"C10", "OPS-VIR", "failed"}, {"C27", "SI-PRO", "failed"},
                 {"C06", "OPS-CHQ", "passed"}, {"C16", "MAR", "passed"},
                 {"C01", "AG-GUE", "failed"},  {"C14", "AG-MAA", "passed"},
                 {"C05", "AG-TAL", "failed"},  {"C13", "OPS-CRD", "passed"}};
    Ctx *c = d->c;
    rcsa_demo_at(d, d->now - TESTS_DAYS_AGO);
    rcsa_demo_as(d, d->methodology[1]);
    for (size_t i = 0; i < LENGTH(tests); i++) {
        int64_t definition, unit;
        Records list;
        TRY(rcsa_find(&definition, c, "control_definition", tests[i].definition));
        TRY(rcsa_find(&unit, c, "unit", tests[i].unit));
        TRY(record_where(&list, c, model_need(c->model, "control"), "definition",
                         value_int(definition), 200));
        for (size_t k = 0; k < list.n; k++) {
            Record *r, *saved;
            if (list.items[k]->unit != unit) continue;
            r = record_clone(c, list.items[k]);
            record_set(r, "last_test_on", value_text(c->today));
            record_set(r, "last_test_result", rcsa_text_value(tests[i].result));
            record_set(r, "next_test_on",
                       value_text(date_text(c->arena, d->now - (int64_t)(i % 3) * 40 + 30)));
            TRY(record_save(&saved, c, r, "update"));
        }
    }
    return OK;
}

static Err this_year(Demo *d) {
    Record *campaign;
    int64_t day = d->now - THIS_YEAR_DAYS_AGO;
    TRY(campaign_create(&campaign, d, "Auto-évaluation annuelle", day));
    return live_round(d, campaign, day, false);
}

Err rcsa_demo_campaigns(Demo *d) {
    TRY(last_year(d));
    TRY(test_controls(d));
    return this_year(d);
}
