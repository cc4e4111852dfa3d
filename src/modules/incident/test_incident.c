/* test_incident.c: the module on a real database with the demonstration organisation: rights,
 * restricted cases, what each state asks, entries and their sums, approval, reopening, groups,
 * measures, the anonymous way, queries, the demo. On SQLite, and on PostgreSQL when
 * GARDEFOU_TEST_PG names one. Each test runs in a transaction that is rolled back.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define DESK_NAME "incident"
#define DESK_SEED incident_seed_processes
#include "modules/incident/incident_pages.h"
#include "model/test_desk.h"

#include "model/core_rules.h"
#include "model/measure.h"
#include "modules/incident/incident_query.h"
#include "modules/incident/incident_similar.h"

static int group_setup(void **state) {
    return desk_setup(state);
}
static int group_teardown(void **state) {
    return desk_teardown(state);
}

/* ---- helpers ---- */

static const Type *type_of(const char *name) {
    return model_need(c->model, name);
}

static Record *declare(const char *text) {
    Input in, nothing = {0};
    Record *r;
    OKAY(incident_declare_input(&in, c, input(text)));
    OKAY(record_create(&r, c, type_of("incident"), &in));
    OKAY(record_move(&r, c, r, "submit", &nothing));
    return r;
}

static Err step(Record **r, const char *transition, const char *text) {
    c->issues = (Issues){0};
    return record_move(r, c, reload(*r), transition, input(text));
}

#define DECLARED                                                                                   \
    "pattern=I09|description=Virement parti deux fois|unit=AG-MAA|discovered_on=2026-11-16|amount_range=to_100k"

/* Through qualification and review, as the system would see it: the steps themselves are tested
 * elsewhere. */
static Record *opened(const char *declared, const char *more) {
    act(0, "", NULL);
    Record *r = declare(declared);
    as_system();
    OKAY(step(&r, "confirm", ""));
    OKAY(record_update(
        &r, c, r, r->version,
        input(
            "occurred_on=2026-11-16|impact_client=1|impact_reputation=0|impact_regulatory=0|impact_legal=0|impact_staff=0|impact_data=0|impact_service=0|"
            "controls_failed[0].how=operation|immediate_measures=Fait|lesson=Retenu|business_line=BL4|risk_category=RC7.1")));
    if (more[0]) OKAY(record_update(&r, c, r, r->version, input(more)));
    OKAY(step(&r, "send", ""));
    OKAY(step(&r, "validate", ""));
    return r;
}

static Err propose(Record **out, const Record *incident, const char *text) {
    Input *in = input(text);
    input_add(in, c->arena, S("incident"), record_number(c->arena, incident));
    c->issues = (Issues){0};
    return record_create(out, c, type_of("financial_entry"), in);
}

/* Proposed by one person of finance, accepted by another. */
static Record *booked(const Record *incident, const char *text) {
    Record *e;
    act(1, "finance", NULL);
    OKAY(propose(&e, incident, text));
    act(2, "finance", NULL);
    OKAY(step(&e, "accept", ""));
    as_system();
    return e;
}

/* ---- tests ---- */

static void declarant_sees_little(void) {
    FieldSet hidden;
    act(0, "", NULL);
    Record *r = declare(DECLARED);
    assert_string_equal(r->state->name, "declared");
    assert_string_equal(reload(r)->state->name, "declared");
    static const char *const secret[] = {
        "event_type", "business_line", "boundary", "esg",      "financial_status", "causes",
        "gross",      "grouped_root",  "tags",     "watchers", "readers"};
    OKAY(access_hidden(&hidden, c, r->type, r));
    for (size_t i = 0; i < LENGTH(secret); i++)
        assert_true(fieldset_has(hidden, type_need(r->type, secret[i])->index));
    assert_false(fieldset_has(hidden, type_need(r->type, "description")->index));
    assert_int_not_equal(record_int(r, "event_type"), 0); /* preset by the pattern all the same */
    assert_int_not_equal(record_int(r, "process"), 0);
    assert_int_not_equal(record_int(r, "primary_cause"), 0);
    assert_int_not_equal(record_int(r, "entity"), 0);
    assert_int_equal(record_update(&r, c, reload(r), r->version, input("title=Autre")),
                     ERR_DENIED); /* no more after declaring */
    act(3, "", NULL);
    assert_int_equal(record_find(&r, c, type_of("incident"), record_number(c->arena, r)),
                     ERR_MISSING); /* somebody else's */
    act(0, "", NULL);
    Input in;
    assert_int_equal(incident_declare_input(&in, c, input("unit=AG-MAA")), ERR_INVALID);
    assert_true(has_issue("description") && has_issue("amount_range"));
}
static void test_incident_declarant_sees_little(void **state) {
    (void)state;
    each(declarant_sees_little);
}

static void states_ask_for_what_they_need(void) {
    Input nothing = {0};
    act(4, "correspondent", "RES");
    Record *r = declare(
        "description=Quelque chose|unit=AG-MAA|discovered_on=2026-11-16|amount_range=unknown");
    assert_int_equal(step(&r, "confirm", ""), ERR_DENIED); /* who declared does not confirm */
    act(5, "unit_head", "AG-MAA");
    OKAY(step(&r, "confirm", ""));
    act(4, "correspondent", "RES");
    assert_int_equal(record_move(&r, c, reload(r), "send", &nothing), ERR_INVALID);
    static const char *const needed[] = {"occurred_on",   "process",       "event_type",
                                         "business_line", "risk_category", "causes"};
    for (size_t i = 0; i < LENGTH(needed); i++) assert_true(has_issue(needed[i]));
    assert_false(has_issue("impact_client")); /* later */
    act(6, "unit_head", "AG-TNG");
    assert_int_equal(record_find(&r, c, type_of("incident"), record_number(c->arena, reload(r))),
                     ERR_MISSING); /* another region */
}
static void test_incident_states_ask_for_what_they_need(void **state) {
    (void)state;
    each(states_ask_for_what_they_need);
}

static void restricted_from_the_first_moment(void) {
    static const char *const ways[] = {
        "pattern=I15|description=Retraits sans le client|unit=AG-MAA|discovered_on=2026-11-16|amount_range=unknown",
        DECLARED "|manager_involved=true",
        "pattern=I41|description=Pressions|unit=AG-MAA|discovered_on=2026-11-16|amount_range=none"};
    for (size_t i = 0; i < LENGTH(ways); i++) {
        Record *found;
        act(0, "", NULL);
        Record *r = declare(ways[i]);
        Str number = record_number(c->arena, r);
        assert_true(r->is_restricted);
        OKAY(record_find(&found, c, type_of("incident"), number)); /* the declarant follows it */
        act(5, "unit_head", "AG-MAA");
        assert_int_equal(record_find(&found, c, type_of("incident"), number), ERR_MISSING);
        act(4, "correspondent analyst finance auditor", NULL);
        assert_int_equal(record_find(&found, c, type_of("incident"), number), ERR_MISSING);
        act(7, "inspection", NULL);
        OKAY(record_find(&found, c, type_of("incident"), number));
        OKAY(step(&r, "confirm", ""));
    }
    as_system();
    int64_t fraud;
    OKAY(incident_taxon(&fraud, c, "ET1.2"));
    Record *r = opened(DECLARED, "");
    assert_false(r->is_restricted);
    Record *now = record_clone(c, reload(r)), *saved;
    record_set(now, "event_type", value_int(fraud));
    OKAY(record_save(&saved, c, now, "update"));
    assert_true(saved->is_restricted); /* when it turns out to be internal fraud */
}
static void test_incident_restricted_from_the_first_moment(void **state) {
    (void)state;
    each(restricted_from_the_first_moment);
}

static void no_word_of_a_case_that_one_may_not_see(void) {
    act(0, "", NULL);
    Record *secret = declare(DECLARED "|manager_involved=true");
    Record *r = opened(DECLARED, "");
    act(8, "analyst", NULL);
    r = reload(r);
    assert_int_equal(
        record_update(
            &r, c, r, r->version,
            input(str_fmt(c->arena, "grouped_root=%.*s", FMT(record_number(c->arena, secret))).p)),
        ERR_INVALID);
    assert_true(has_issue("grouped_root"));
}
static void test_incident_no_word_of_a_case_that_one_may_not_see(void **state) {
    (void)state;
    each(no_word_of_a_case_that_one_may_not_see);
}

static void entries_and_sums(void) {
    Record *e, *r = opened(DECLARED, "");
    assert_string_equal(r->state->name, "open");
    act(1, "finance", NULL);
    OKAY(propose(&e, r,
                 "kind=provision|amount.amount=100.00|amount.currency=MAD|booked_on=2026-11-17"));
    assert_int_equal(record_int(reload(r), "gross"),
                     0); /* not before a second person has accepted */
    assert_int_equal(step(&e, "accept", ""), ERR_DENIED);
    act(2, "finance", NULL);
    OKAY(step(&e, "accept", ""));
    as_system();
    assert_int_equal(record_int(reload(r), "provision_outstanding"), 10000);
    assert_true(str_is(record_text(reload(r), "financial_status"), "provisioned"));
    booked(r, "kind=indemnity|amount.amount=90.00|amount.currency=MAD|booked_on=2026-11-17");
    booked(r, "kind=provision_used|amount.amount=90.00|amount.currency=MAD|booked_on=2026-11-17");
    act(1, "finance", NULL);
    assert_int_equal(
        propose(
            &e, r,
            "kind=provision_unused|amount.amount=11.00|amount.currency=MAD|booked_on=2026-11-17"),
        ERR_INVALID);
    assert_true(has_issue("amount"));
    booked(r, "kind=provision_unused|amount.amount=10.00|amount.currency=MAD|booked_on=2026-11-17");
    Record *now = reload(r);
    assert_int_equal(record_int(now, "gross"), 9000);
    assert_int_equal(record_int(now, "provision_outstanding"), 0);
    assert_true(str_is(record_text(now, "first_booked_on"), "2026-11-17"));
    act(1, "finance", NULL);
    OKAY(propose(
        &e, r,
        "kind=direct_recovery|amount.amount=500.00|amount.currency=MAD|booked_on=2026-11-17|journal_ref=OD-1"));
    assert_true(has_code("above_gross")); /* a warning */
    assert_int_equal(
        propose(&e, r,
                "kind=direct_loss|amount.amount=-5.00|amount.currency=MAD|booked_on=2026-11-17"),
        ERR_INVALID);
    assert_int_equal(
        propose(&e, r,
                "kind=direct_loss|amount.amount=5.00|amount.currency=MAD|booked_on=2027-01-01"),
        ERR_INVALID);
    OKAY(propose(
        &e, r,
        "kind=direct_loss|amount.amount=5.00|amount.currency=EUR|booked_on=2026-11-01|journal_ref=OD-1"));
    assert_true(has_code("twice") && has_code("currency") && has_code("before_discovery"));
    assert_int_equal(record_int(e, "amount_entity"),
                     5400); /* at the fixed demonstration rate 10.80 */
    assert_int_equal(record_int(e, "rate"), INT64_C(10800000000));
}
static void test_incident_entries_and_sums(void **state) {
    (void)state;
    each(entries_and_sums);
}

static void reversal_takes_back(void) {
    Record *r = opened(DECLARED, ""), *e, *bad;
    e = booked(r, "kind=direct_loss|amount.amount=70.00|amount.currency=MAD|booked_on=2026-11-17");
    Str number = record_number(c->arena, e);
    act(1, "finance", NULL);
    assert_int_equal(
        propose(
            &bad, r,
            str_fmt(
                c->arena,
                "kind=fine|amount.amount=70.00|amount.currency=MAD|booked_on=2026-11-18|reversal_of=%.*s",
                FMT(number))
                .p),
        ERR_INVALID);
    booked(
        r,
        str_fmt(
            c->arena,
            "kind=direct_loss|amount.amount=70.00|amount.currency=MAD|booked_on=2026-11-18|reversal_of=%.*s",
            FMT(number))
            .p);
    assert_int_equal(record_int(reload(r), "gross_booked"), 0);
    assert_string_equal(reload(e)->state->name, "reversed");
}
static void test_incident_reversal_takes_back(void **state) {
    (void)state;
    each(reversal_takes_back);
}

static void approval_by_amount(void) {
    Record *r = opened(DECLARED, "estimated_loss.amount=6000000.00|estimated_loss.currency=MAD");
    assert_string_equal(r->state->name, "approval");
    act(8, "analyst", NULL);
    assert_int_equal(step(&r, "approve", ""), ERR_DENIED);
    act(9, "head_orm", NULL);
    assert_int_equal(step(&r, "approve", ""), ERR_DENIED); /* above the limit */
    act(10, "committee", NULL);
    OKAY(step(&r, "approve", ""));
    assert_string_equal(r->state->name, "open");
    assert_int_equal(record_int(r, "approved_up_to"), 600000000);
    booked(r, "kind=direct_loss|amount.amount=6000000.00|amount.currency=MAD|booked_on=2026-11-17");
    assert_string_equal(reload(r)->state->name, "open"); /* not more than approved */
    booked(r, "kind=external_cost|amount.amount=1.00|amount.currency=MAD|booked_on=2026-11-17");
    assert_string_equal(reload(r)->state->name, "approval");
}
static void test_incident_approval_by_amount(void **state) {
    (void)state;
    each(approval_by_amount);
}

/* An entry without a label is called after its kind, in the words of whoever reads. */
static void entry_is_called_after_its_kind(void) {
    Record *r = opened(DECLARED, "");
    Record *e =
        booked(r, "kind=direct_loss|amount.amount=80.00|amount.currency=MAD|booked_on=2026-11-17");
    RefName name;
    Lang kept = c->lang;
    c->lang = LANG_FR;
    assert_true(str_is(record_title(c, e), "Perte directe"));
    c->lang = LANG_EN;
    assert_true(str_is(record_title(c, e), "Direct loss"));
    OKAY(ref_name(&name, c, e->type, e->id));
    assert_true(str_is(name.title, "Direct loss"));
    c->lang = kept;
    Record *named = booked(
        r,
        "kind=direct_loss|title=Own words|amount.amount=8.00|amount.currency=MAD|booked_on=2026-11-17");
    assert_true(str_is(record_title(c, named), "Own words"));
}
static void test_incident_entry_is_called_after_its_kind(void **state) {
    (void)state;
    each(entry_is_called_after_its_kind);
}

static void near_misses_need_no_approval(void) {
    MeasureFacts facts = {0};
    Record *r = opened(
        DECLARED,
        "event_kind=near_miss|max_potential_loss.amount=9000000.00|max_potential_loss.currency=MAD");
    assert_string_equal(r->state->name, "closure");
    for (const MeasureDef *m = incident_measures; m->name; m++) {
        if (strcmp(m->type, "incident") != 0) continue;
        facts.n = 0;
        OKAY(m->facts(c, r, &facts));
        assert_int_equal(facts.n, strcmp(m->name, "near_misses") == 0); /* it is no loss of zero */
    }
    OKAY(step(&r, "close", ""));
}
static void test_incident_near_misses_need_no_approval(void **state) {
    (void)state;
    each(near_misses_need_no_approval);
}

static void closing_and_late_booking(void) {
    Record *r = opened(DECLARED, "");
    booked(r, "kind=direct_loss|amount.amount=80.00|amount.currency=MAD|booked_on=2026-11-17");
    booked(r, "kind=provision|amount.amount=20.00|amount.currency=MAD|booked_on=2026-11-17");
    OKAY(step(&r, "propose_closure", ""));
    act(8, "analyst", NULL);
    assert_int_equal(step(&r, "close", ""), ERR_INVALID);
    assert_true(has_issue("provision_outstanding"));
    booked(r, "kind=provision_unused|amount.amount=20.00|amount.currency=MAD|booked_on=2026-11-17");
    act(8, "analyst", NULL);
    OKAY(step(&r, "close", ""));
    assert_true(record_text(r, "closed_on").n == 10);
    booked(r, "kind=direct_recovery|amount.amount=30.00|amount.currency=MAD|booked_on=2026-11-18");
    Record *now = reload(r);
    assert_string_equal(now->state->name, "open");
    assert_int_equal(record_int(now, "net"), 5000);
    assert_int_equal(record_text(now, "closed_on").n, 0);
}
static void test_incident_closing_and_late_booking(void **state) {
    (void)state;
    each(closing_and_late_booking);
}

static void one_cause_counts_once(void) {
    const char *amount = "estimated_loss.amount=150000.00|estimated_loss.currency=MAD";
    Record *root = opened(DECLARED, amount), *second = opened(DECLARED, amount);
    assert_false(record_bool(reload(root), "used_in_capital")); /* EUR 20,000 are MAD 216,000 */
    Record *now = record_clone(c, reload(second)), *saved;
    record_set(now, "grouped_root", value_int(root->id));
    OKAY(record_save(&saved, c, now, "update"));
    assert_true(record_bool(saved, "used_in_capital"));
    assert_true(record_bool(reload(root), "used_in_capital"));
    now = record_clone(c, reload(second));
    record_set(now, "boundary", value_text(S("credit")));
    record_set(now, "in_credit_rwa", value_int(1));
    OKAY(record_save(&saved, c, now, "update"));
    assert_false(record_bool(saved, "used_in_capital")); /* kept, but outside */
    assert_false(record_bool(reload(root), "used_in_capital"));
    now = record_clone(c, reload(second));
    record_set(now, "in_credit_rwa", value_int(0));
    OKAY(record_save(&saved, c, now, "update"));
    assert_true(record_bool(reload(root), "used_in_capital"));
    now = record_clone(c, reload(second));
    record_set(now, "grouped_root", (Value){0});
    OKAY(record_save(&saved, c, now, "update"));
    assert_false(record_bool(reload(root), "used_in_capital"));
}
static void test_incident_one_cause_counts_once(void **state) {
    (void)state;
    each(one_cause_counts_once);
}

static void wrong_figures_are_refused(void) {
    Record *r = opened(DECLARED, "");
    static const struct {
        const char *input, *field;
    } wrong[] = {{"occurred_on=2026-11-17", "occurred_on"},
                 {"discovered_on=2027-11-17", "discovered_on"},
                 {"occurred_until=2026-01-01", "occurred_until"},
                 {"allocations[0].percent=60|allocations[1].percent=39.99", "allocations"},
                 {"aggregate=true", "item_count"},
                 {"causes[0].cause=CP1|causes[1].cause=CP2", "causes"},
                 {"causes[0].cause=CP1|causes[0].weight=50", "causes"},
                 {"grouped_root=INC-2026-99999", "grouped_root"}};
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        Record *out, *now = reload(r);
        c->issues = (Issues){0};
        assert_int_equal(record_update(&out, c, now, now->version, input(wrong[i].input)),
                         ERR_INVALID);
        assert_true(has_issue(wrong[i].field));
    }
    Record *out, *now = reload(r);
    c->issues = (Issues){0};
    OKAY(record_update(
        &out, c, now, now->version,
        input(
            "allocations[0].unit=AG-MAA|allocations[0].percent=60|allocations[1].unit=AG-TNG|allocations[1].percent=40")));
}
static void test_incident_wrong_figures_are_refused(void **state) {
    (void)state;
    each(wrong_figures_are_refused);
}

static void figures_follow_the_records(void) {
    MeasureCheck check;
    MeasureTable table = {0};
    Record *r = opened(DECLARED, "");
    booked(r, "kind=direct_loss|amount.amount=80.00|amount.currency=MAD|booked_on=2026-10-17");
    Record *now = record_clone(c, reload(r)), *saved;
    int64_t line;
    OKAY(incident_taxon(&line, c, "BL3"));
    record_set(now, "business_line", value_int(line));
    OKAY(record_save(&saved, c, now, "update"));
    MeasureQuery q = {.measure = model_measure(c->model, S("booked_losses")),
                      .rows = 0,
                      .columns = -1,
                      .from = 2026 * 12 + 9,
                      .to = 2026 * 12 + 9,
                      .rows_level = 1};
    OKAY(measure_read(&table, c, &q));
    assert_int_equal(table.n, 1);
    assert_int_equal(table.cells[0].row, line); /* the entry went with its event */
    assert_int_equal(table.cells[0].sums[0], 8000);
    OKAY(step(&r, "cancel", "reason=Doublon"));
    table = (MeasureTable){0};
    OKAY(measure_read(&table, c, &q));
    assert_true(table.n == 0 || (table.cells[0].count == 0 && table.cells[0].sums[0] == 0));
    OKAY(measure_check(&check, c));
    assert_true(check.ok);
}
static void test_incident_figures_follow_the_records(void **state) {
    (void)state;
    each(figures_follow_the_records);
}

static void without_a_name(void) {
    PageArgs args = {.query = input("")};
    Page page = {0};
    Str to = {0};
    Records found;
    c->actor = NEW(c->arena, Actor);
    c->cache = NULL;
    OKAY(incident_anonymous_build(c, &args, &page));
    assert_true(page.is_bare);
    OKAY(incident_anonymous_post(c, input(DECLARED), &args, &to));
    assert_true(str_starts(to, S("/anonymous/")));
    Str code = str_sub(to, 11, to.n);
    assert_true(code.n >= 10);
    OKAY(record_where(&found, c, type_of("incident"), "channel", value_text(S("anonymous")), 5));
    assert_int_equal(found.n, 1);
    const Record *r = found.items[0];
    assert_true(r->is_restricted);
    assert_int_equal(r->created_by, 0);
    assert_true(str_is(record_text(r, "follow_up_hash"), sha256_hex(c->arena, code).p));
    assert_string_equal(r->state->name, "declared");
    args.rest = code;
    OKAY(incident_anonymous_post(c, input("message=C'était mardi"), &args, &to));
    page = (Page){0};
    OKAY(incident_anonymous_build(c, &args, &page));
    args.rest = S("ABCDEFGHJK");
    assert_int_equal(incident_anonymous_build(c, &args, &page), ERR_MISSING);
    assert_int_equal(incident_anonymous_post(c, input("message=x"), &args, &to), ERR_MISSING);
    args.rest = (Str){0};
    c->issues = (Issues){0};
    assert_int_equal(incident_anonymous_post(c, input("unit=AG-MAA"), &args, &to), ERR_INVALID);
    assert_false(c->actor->is_system); /* nobody stays the system after a refusal */
}
static void test_incident_without_a_name(void **state) {
    (void)state;
    each(without_a_name);
}

static void demo_and_reports(void) {
    DemoReport report = {0};
    MeasureCheck check;
    TopLosses top;
    AgeRows ages;
    QualityRows quality;
    PeriodFigures figures;
    RestatedList restated;
    int64_t average, gross, net;
    OKAY(incident_demo(c, 7, 60, &report));
    assert_true(report.n >= 2 && report.counts[0].n > 30);
    OKAY(measure_check(&check, c));
    assert_true(check.ok);
    OKAY(incident_query_top(&top, c, S("2016-01-01"), S("2026-12-31"), 5));
    assert_int_equal(top.n, 5);
    assert_true(top.items[0].gross >= top.items[4].gross);
    OKAY(incident_query_ages(&ages, c));
    OKAY(incident_query_quality(&quality, c, S("2016-01-01"), S("2026-12-31")));
    OKAY(incident_query_period(&figures, c, S("2016-01-01"), S("2026-12-31")));
    OKAY(incident_query_restated(&restated, c, 0, 10));
    OKAY(incident_query_average_year(&average, c));
    OKAY(incident_query_group(&gross, &net, c, 0, top.items[0].id));
    assert_true(quality.n > 3 && figures.losses > 0 && figures.gross >= figures.net && average > 0);
    act(5, "unit_head", "AG-MAA");
    OKAY(incident_query_top(&top, c, S("2016-01-01"), S("2026-12-31"), 50));
    for (size_t i = 0; i < top.n; i++) { /* the reader's scope is inside */
        Record *r;
        OKAY(record_load(&r, c, type_of("incident"), top.items[i].id));
    }
    static Err (*const pages[])(Ctx *, const PageArgs *, Page *) = {
        incident_report_matrix,   incident_report_trend,     incident_report_top,
        incident_report_parts,    incident_report_ageing,    incident_report_quality,
        incident_report_restated, incident_report_committee, incident_declare_build,
        incident_report_delays,   incident_report_ratios,    incident_report_distribution,
        incident_report_triangle, incident_report_dates,     incident_report_open_closed,
        incident_report_capital};
    for (size_t i = 0; i < LENGTH(pages); i++) {
        Page page = {0};
        PageArgs args = {.query = input("")};
        act(8, "analyst head_orm", NULL);
        OKAY(pages[i](c, &args, &page));
        assert_non_null(page.body);
        assert_true(page.title.n > 0);
    }
}
static void test_incident_demo_and_reports(void **state) {
    (void)state;
    each(demo_and_reports);
}

/* A slice of a large demonstration: taken over closed, with its entries, whole. */
static void demo_slice(void) {
    DemoReport report = {0};
    DemoSlice slice = {.seed = 3, .from = 100, .until = 500, .all = 1000};
    MeasureCheck check;
    int64_t n, open;
    bool found;
    OKAY(incident_demo_slice(c, &slice, &report));
    assert_int_equal(report.counts[0].n, 400);
    OKAY(measure_check(&check, c));
    assert_true(check.ok);
    OKAY(db_get_int(&n, &found, c->db,
                    "SELECT COUNT(*) FROM financial_entry WHERE state = 'accepted'", NO_ARGS));
    assert_int_equal(n, report.counts[1].n);
    OKAY(db_get_int(&open, &found, c->db,
                    "SELECT COUNT(*) FROM incident WHERE state <> 'closed' OR version <> 1",
                    NO_ARGS));
    assert_int_equal(open, 0);
    OKAY(db_get_int(
        &n, &found, c->db,
        "SELECT COUNT(*) FROM incident i WHERE i.net <> i.gross - i.recoveries OR (i.event_kind = 'loss' "
        "AND i.gross_booked = 0)",
        NO_ARGS));
    assert_int_equal(n, 0);
    OKAY(db_get_int(&n, &found, c->db, "SELECT COUNT(*) FROM search_doc WHERE type = 'incident'",
                    NO_ARGS));
    assert_int_equal(n, 400);
}
static void test_incident_demo_slice(void **state) {
    (void)state;
    each(demo_slice);
}

static Str digest(void) {
    return digest_of(
        "SELECT year, seq, state, title, description, gross, net, discovered_on, created_at, updated_at FROM incident ORDER BY year, seq");
}

static void same_seed_same_demo(void) {
    Str first[2];
    for (int i = 0; i < 2; i++) {
        DemoReport report = {0};
        OKAY(db_savepoint(c->db));
        OKAY(incident_demo(c, 3, 30, &report));
        first[i] = digest();
        db_rollback_to(c->db);
        c->cache = NULL;
    }
    if (db_kind(c->db) == DB_SQLITE)
        assert_true(str_eq(first[0], first[1])); /* PostgreSQL's numbers do not roll back */
}
static void test_incident_same_seed_same_demo(void **state) {
    (void)state;
    each(same_seed_same_demo);
}

/* The amount of a request adds up its incidents: who may not see one of them sees none of it. */
static void exclusions_follow_their_incidents(void) {
    Record *found, *plain = opened(DECLARED, ""), *later = opened(DECLARED, "");
    act(8, "analyst", NULL);
    Str text =
        str_fmt(c->arena, "title=Activité vendue|why=Vendue|divested=true|events=%.*s|events=%.*s",
                FMT(record_number(c->arena, plain)), FMT(record_number(c->arena, later)));
    Record *r = create("loss_exclusion_request", str_z(c->arena, text));
    assert_false(r->is_restricted);
    as_system();
    Record *now = record_clone(c, reload(later)), *saved;
    record_set(now, "event_type", value_int(find("taxon", "ET1.2"))); /* internal fraud after all */
    OKAY(record_save(&saved, c, now, "update"));
    assert_true(saved->is_restricted && reload(r)->is_restricted);
    Str number = record_number(c->arena, r);
    act(8, "analyst auditor", NULL);
    assert_int_equal(record_find(&found, c, type_of("loss_exclusion_request"), number),
                     ERR_MISSING);
    act(9, "head_orm", NULL);
    OKAY(record_find(&found, c, type_of("loss_exclusion_request"), number));
}
static void test_incident_exclusions_follow_their_incidents(void **state) {
    (void)state;
    each(exclusions_follow_their_incidents);
}

/* The number of events shown beside `r` as perhaps the same. */
static size_t alike(const Record *r) {
    Block *card = NULL;
    Row row;
    bool has;
    size_t n = 0;
    OKAY(similar_panel(c, r, &card));
    if (!card) return 0;
    const ListView *list = &card->layout.items[0]->list;
    for (;; n++) {
        OKAY(list->rows.next(list->rows.state, c->arena, &row, &has));
        if (!has) return n;
    }
}

static void perhaps_the_same_event(void) {
    act(0, "", NULL);
    Record *first = declare(DECLARED), *again = declare(DECLARED);
    Record *other = declare("pattern=I37|description=Panne chez le prestataire|unit=AG-MAA|"
                            "discovered_on=2026-10-20|amount_range=to_100k");
    Record *fraud = declare("pattern=I09|description=Virement parti deux fois|unit=AG-MAA|"
                            "discovered_on=2026-11-16|amount_range=to_100k|manager_involved=true");
    assert_true(fraud->is_restricted);
    act(5, "correspondent", "AG-MAA");
    assert_int_equal(alike(reload(again)), 1); /* not the case that is restricted */
    assert_int_equal(alike(reload(other)), 0);
    Str merge = str_fmt(c->arena, "duplicate_of=%.*s|reason=Deux fois",
                        FMT(record_number(c->arena, first)));
    OKAY(step(&again, "merge", str_z(c->arena, merge)));
    assert_int_equal(alike(reload(first)), 0); /* the merged one no longer counts */
    act(0, "declarant", NULL);
    assert_int_equal(alike(reload(first)), 0); /* a declarant is told of no other */
}
static void test_incident_perhaps_the_same_event(void **state) {
    (void)state;
    each(perhaps_the_same_event);
}

/* A large load leaves out what serves lists alone; a rule that looks for the aggregate of a month
 * keeps its index, or each save would read the whole table. */
static void large_load_keeps_indexes_of_rules(void) {
    static const char *const names[] = {"incident_discovered_on_u", "incident_pattern_i",
                                        "incident_discovered_on_o"};
    act(0, "", NULL);
    OKAY(model_unindex(c->db, model_need(c->model, "incident")));
    for (size_t i = 0; i < LENGTH(names); i++) {
        int64_t n;
        bool found;
        OKAY(db_get_int(&n, &found, c->db,
                        db_kind(c->db) == DB_SQLITE
                            ? "SELECT COUNT(*) FROM sqlite_schema WHERE name = $1"
                            : "SELECT COUNT(*) FROM pg_indexes WHERE schemaname = current_schema() "
                              "AND indexname = $1",
                        ARGS(db_textz(names[i]))));
        assert_int_equal(n, i < 2);
    }
}
static void test_incident_large_load_keeps_indexes_of_rules(void **state) {
    (void)state;
    each(large_load_keeps_indexes_of_rules);
}
