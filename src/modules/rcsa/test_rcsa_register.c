/* test_rcsa_register.c: libraries, risks, controls, appetite and the links to incidents on a real
 * database: what comes from the library, what is refused, who sees what.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define DESK_NAME "rcsa_register"
#define DESK_SEED rcsa_seed_processes
#include "modules/rcsa/rcsa_seed.h"
#include "model/test_desk.h"

#include "model/list.h"
#include "modules/rcsa/rcsa_pages.h"
#include "modules/rcsa/rcsa_query.h"

static int group_setup(void **state) {
    return desk_setup(state);
}
static int group_teardown(void **state) {
    return desk_teardown(state);
}

static size_t count_of(const char *type) {
    const Type *t = model_need(c->model, type);
    ListQuery q = {.type = t, .limit = 500};
    int64_t n;
    bool exact;
    OKAY(list_count(&n, &exact, c, &q, LIST_COUNT_API));
    return (size_t)n;
}

static void run_libraries(void) {
    size_t risks = 0, controls = 0;
    while (rcsa_seed_risks[risks].code) risks++;
    while (rcsa_seed_controls[controls].code) controls++;
    assert_int_equal(risks, 42);
    assert_int_equal(controls, 40);
    assert_int_equal(count_of("risk_definition"), risks);
    assert_int_equal(count_of("control_definition"), controls);
    for (size_t i = 0; i < risks; i++) {
        const RcsaRiskRow *row = &rcsa_seed_risks[i];
        Record *r;
        OKAY(record_load_raw(&r, c, model_need(c->model, "risk_definition"),
                             find("risk_definition", row->code)));
        for (int k = 0; k < 4; k++) assert_true(row->fr[k][0] && row->en[k][0] && row->ar[k][0]);
        assert_true(record_int(r, "risk_category") != 0);
        assert_true(record_int(r, "event_type") != 0);
        assert_true(record_get(r, "controls").n > 0);
    }
    OKAY(rcsa_seed(c)); /* again: nothing is doubled */
    assert_int_equal(count_of("risk_definition"), risks);
    assert_int_equal(count_of("control_definition"), controls);
}
static void test_rcsa_libraries_are_whole(void **state) {
    (void)state;
    each(run_libraries);
}

static void run_from_library(void) {
    act(1, "correspondent", "OPS");
    Record *r = create("risk", "definition=R08|unit=OPS-VIR");
    assert_string_equal(r->state->name, "proposed");
    assert_true(str_is(record_text(r, "name_en"), "Wrong transfer or direct debit"));
    assert_int_equal(record_int(r, "event_type"), find("taxon", "ET7.1"));
    assert_int_equal(record_int(r, "entity"), find("entity", "BTM"));
    assert_int_equal(record_int(r, "process"), find("process", "P04"));
    refuse(r, "confirm", "", ERR_DENIED); /* a correspondent proposes, an analyst takes in */
    act(2, "analyst", NULL);
    r = move(r, "confirm", "");
    assert_string_equal(r->state->name, "active");
    RcsaStatement words;
    c->lang = LANG_AR;
    OKAY(rcsa_statement(&words, c, r));
    assert_true(str_is(words.event, "إرسال تحويل مرتين أو إلى حساب خاطئ"));
}
static void test_rcsa_risk_takes_words_and_class_from_the_library(void **state) {
    (void)state;
    each(run_from_library);
}

static void run_statement(void) {
    act(1, "correspondent", "OPS");
    Record *r =
        create("risk", "name_fr=Perte d'un pli|unit=OPS-VIR|process=P04|risk_category=RC7.1");
    act(2, "analyst", NULL);
    refuse(r, "confirm", "", ERR_INVALID);
    assert_true(has_issue("cause") && has_issue("event") && has_issue("effect"));
    Record *done;
    c->issues = (Issues){0};
    OKAY(record_update(&done, c, reload(r), r->version,
                       input("cause=le pli part sans suivi|event=il se perd|effect=un litige")));
    move(r, "confirm", "");
    act(1, "correspondent", "OPS");
    r = create("risk", "definition=R07|unit=OPS-VIR|process=P15");
    act(1, "analyst", NULL);
    refuse(r, "confirm", "", ERR_DENIED); /* who proposed it does not confirm it */
}
static void test_rcsa_risk_is_stated_whole_and_confirmed_by_another(void **state) {
    (void)state;
    each(run_statement);
}

static void run_controls(void) {
    Record *r;
    act(2, "analyst", NULL);
    Record *control = create("control", "definition=C09|unit=OPS-VIR");
    assert_true(record_bool(control, "is_key"));
    assert_true(str_is(record_text(control, "kind"), "preventive"));
    Str number = record_number(c->arena, control);
    const char *twice = str_fmt(c->arena,
                                "definition=R08|unit=OPS-VIR|process=P04|controls[0].control=%.*s|"
                                "controls[1].control=%.*s",
                                FMT(number), FMT(number))
                            .p;
    assert_int_equal(record_create(&r, c, model_need(c->model, "risk"), input(twice)), ERR_INVALID);
    assert_true(has_issue("controls[1].control"));
    r = create("risk",
               str_fmt(c->arena, "definition=R08|unit=OPS-VIR|process=P04|controls[0].control=%.*s",
                       FMT(number))
                   .p);
    const Value *row = record_get(r, "controls").list[0].list;
    assert_true(str_is(row[RISK_CONTROL_ACTS].s, "both"));
    assert_int_equal(row[RISK_CONTROL_WEIGHT].i, 1);
    RcsaIds ids;
    OKAY(rcsa_query_risks_of_control(&ids, c, control->id, 10));
    assert_int_equal(ids.n, 1);
    act(2, "analyst", NULL);
    Record *done;
    c->issues = (Issues){0};
    assert_int_equal(record_update(&done, c, reload(control), control->version,
                                   input("last_test_result=failed")),
                     ERR_INVALID);
    assert_true(has_issue("last_test_on"));
}
static void test_rcsa_controls_of_a_risk(void **state) {
    (void)state;
    each(run_controls);
}

static void run_appetite_order(void) {
    Record *r;
    const Type *t = model_need(c->model, "appetite");
    act(1, "head_orm", NULL);
    assert_int_equal(
        record_create(&r, c, t,
                      input("title=Fraude|risk_category=RC1|measure=residual_level|"
                            "appetite_level=2|tolerance_level=1|valid_from=2026-01-01")),
        ERR_INVALID);
    assert_true(has_issue("tolerance_level"));
    r = create("appetite", "title=Fraude|risk_category=RC1|measure=residual_level|appetite_level=1|"
                           "valid_from=2026-01-01");
    act(1, "committee", NULL);
    refuse(r, "approve", "", ERR_DENIED); /* who wrote it */
    act(2, "committee", NULL);
    refuse(r, "approve", "", ERR_INVALID); /* without a tolerance */
    assert_true(has_issue("tolerance_level"));
    act(1, "head_orm", NULL);
    Record *done;
    c->issues = (Issues){0};
    OKAY(record_update(&done, c, reload(r), r->version, input("tolerance_level=2")));
    act(2, "committee", NULL);
    r = move(r, "approve", "");
    assert_int_equal(record_int(r, "approved_by"), desk->users[2]);
    act(1, "head_orm", NULL);
    Record *again = create("appetite", "title=Fraude, encore|risk_category=RC1|appetite_level=1|"
                                       "tolerance_level=2|valid_from=2026-06-01");
    act(2, "committee", NULL);
    refuse(again, "approve", "", ERR_INVALID); /* one holds at a time */
    assert_true(has_code("twice"));
}
static void test_rcsa_appetite_rises_and_holds_alone(void **state) {
    (void)state;
    each(run_appetite_order);
}

/* ---- incidents ---- */

static Record *incident_in(const char *unit, const char *pattern, const char *more) {
    Record *r = create("incident", str_fmt(c->arena,
                                           "unit=%s|pattern=%s|title=Virement double|description=x|"
                                           "amount_range=to_100k|discovered_on=2026-11-10%s",
                                           unit, pattern, more)
                                       .p);
    return move(r, "submit", "");
}

static void run_links(void) {
    act(2, "analyst", NULL);
    Record *risk = create("risk", "definition=R08|unit=OPS-VIR|process=P04"), *r;
    act(3, "analyst", NULL);
    risk = move(risk, "confirm", "");
    act(4, "", NULL);
    Record *incident = incident_in("OPS-VIR", "I09", "");
    RcsaIds ids;
    act(5, "correspondent", "OPS");
    OKAY(rcsa_query_suggestions(&ids, c, incident, 5));
    assert_int_equal(ids.n, 1);
    assert_int_equal(ids.items[0], risk->id);
    Block *panel = NULL;
    OKAY(rcsa_panel_incident(c, incident, &panel));
    assert_non_null(panel);
    const char *text =
        str_fmt(c->arena, "incident=%.*s|risk=%.*s", FMT(record_number(c->arena, incident)),
                FMT(record_number(c->arena, risk)))
            .p;
    Record *link = create("incident_risk", text);
    assert_int_equal(link->unit, incident->unit);
    assert_int_equal(record_create(&r, c, model_need(c->model, "incident_risk"), input(text)),
                     ERR_INVALID); /* once is enough */
    assert_true(has_code("twice"));
    c->issues = (Issues){0};
    OKAY(rcsa_query_incidents(&ids, c, risk->id, 5));
    assert_int_equal(ids.n, 1);
    /* what the list shows beside the ratings */
    const int64_t of[] = {risk->id + 100000, risk->id};
    int64_t found[2] = {7, 7};
    bool seen;
    OKAY(db_run(c->db, NULL, "UPDATE incident SET gross_group = 120000 WHERE id = $1",
                ARGS(db_int(incident->id))));
    OKAY(rcsa_query_losses_of(found, &seen, c, of, 2, S("2026-11-01")));
    assert_true(found[0] == 0 && found[1] == 120000);
    OKAY(rcsa_query_losses_of(found, &seen, c, of, 2, S("2026-11-11")));
    assert_int_equal(found[1], 0);
    OKAY(rcsa_query_actions_of(found, &seen, c, of, 2));
    assert_true(found[0] == 0 && found[1] == 0);
    /* a like risk of another unit is no longer proposed once one of its kind is linked */
    OKAY(rcsa_query_suggestions(&ids, c, incident, 5));
    assert_int_equal(ids.n, 0);
    act(6, "correspondent", "RES"); /* another side sees neither */
    OKAY(rcsa_query_incidents(&ids, c, risk->id, 5));
    assert_int_equal(ids.n, 0);
    act(5, "correspondent", "OPS");
    move(link, "remove", "reason=Autre risque");
    OKAY(rcsa_query_incidents(&ids, c, risk->id, 5));
    assert_int_equal(ids.n, 0);
    int64_t linked;
    as_system();
    OKAY(rcsa_link_by_pattern(&linked, c, S("2026-01-01")));
    assert_int_equal(linked, 0); /* what a person removed stays removed */
}
static void test_rcsa_incidents_and_their_risks(void **state) {
    (void)state;
    each(run_links);
}

static void run_pattern_links(void) {
    act(2, "analyst", NULL);
    Record *wide = create("risk", "definition=R08|unit=OPS|process=P04"),
           *near = create("risk", "definition=R08|unit=OPS-VIR|process=P04");
    act(3, "analyst", NULL);
    move(wide, "confirm", "");
    near = move(near, "confirm", "");
    act(4, "", NULL);
    Record *incident = incident_in("OPS-VIR", "I09", "");
    Record *secret = incident_in("OPS-VIR", "I09", "|manager_involved=true");
    int64_t linked;
    as_system();
    OKAY(rcsa_link_by_pattern(&linked, c, S("2026-01-01")));
    assert_int_equal(linked, 2);
    Records links;
    OKAY(record_where(&links, c, model_need(c->model, "incident_risk"), "incident",
                      value_int(incident->id), 5));
    assert_int_equal(links.n, 1);
    assert_int_equal(record_int(links.items[0], "risk"), near->id); /* the nearest */
    RcsaIds ids;
    act(5, "correspondent", "OPS"); /* the restricted one is hidden, its link too */
    OKAY(rcsa_query_incidents(&ids, c, near->id, 5));
    assert_int_equal(ids.n, 1);
    OKAY(record_where(&links, c, model_need(c->model, "incident_risk"), "incident",
                      value_int(secret->id), 5));
    assert_true(links.items[0]->is_restricted);
    assert_int_equal(access_check(c, links.items[0], OP_READ), ERR_MISSING);
    act(5, "inspection", NULL);
    OKAY(access_check(c, links.items[0], OP_READ));
}
static void test_rcsa_links_by_pattern_take_the_nearest_and_keep_secrets(void **state) {
    (void)state;
    each(run_pattern_links);
}

static void run_bow_tie(void) {
    act(2, "analyst", NULL);
    Record *control = create("control", "definition=C27|unit=SI-PRO");
    Record *risk =
        create("risk", str_fmt(c->arena,
                               "definition=R27|unit=SI-PRO|process=P21|causes[0].cause=CS3|"
                               "consequences[0].consequence=QN1|controls[0].control=%.*s",
                               FMT(record_number(c->arena, control)))
                           .p);
    Block *b = NULL;
    OKAY(rcsa_section_bow_tie(c, risk, &b));
    const GraphView *g = &b->layout.items[0]->graph;
    assert_int_equal(g->n, 5);
    assert_int_equal(g->columns[0].n, 2); /* the statement's cause and the one of the list */
    assert_int_equal(g->columns[1].n, 0);
    assert_true(g->columns[2].is_centre);
    assert_int_equal(g->columns[3].n, 1); /* a corrective control stands after the event */
    assert_int_equal(g->columns[4].n, 2);
}
static void test_rcsa_bow_tie_puts_each_control_on_its_side(void **state) {
    (void)state;
    each(run_bow_tie);
}
