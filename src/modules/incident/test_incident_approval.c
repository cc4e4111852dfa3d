/* test_incident_approval.c: the matrix of a response template, what happens to an approval when
 * what was approved changes, provisions, exclusions, small losses together, what a template does by
 * itself. On SQLite, and on PostgreSQL when GARDEFOU_TEST_PG names one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define DESK_NAME "incident_approval"
#define DESK_SEED incident_seed_processes
#include "modules/incident/incident_pages.h"
#include "model/test_desk.h"

#include "model/core_rules.h"

static int group_setup(void **state) {
    return desk_setup(state);
}
static int group_teardown(void **state) {
    return desk_teardown(state);
}

#define ASSESSED                                                                                     \
    "occurred_on=2026-11-16|impact_client=1|impact_reputation=0|impact_regulatory=0|impact_legal=0|" \
    "impact_staff=0|impact_data=0|impact_service=0|controls_failed[0].how=operation|"                \
    "immediate_measures=Fait|lesson=Retenu|business_line=BL4|risk_category=RC7.1"

static Record *declared(void) {
    act(0, "", NULL);
    return create("incident", "pattern=I09|title=Virement|description=Parti deux fois|unit=AG-MAA|"
                              "discovered_on=2026-11-16|amount_range=to_100k");
}

static Record *edited(Record *r, const char *text) {
    Record *now = reload(r), *after;
    c->issues = (Issues){0};
    OKAY(record_update(&after, c, now, now->version, input(text)));
    return after;
}

/* Reviewed and validated by the system: the steps themselves are tested elsewhere. */
static Record *validated(const char *more) {
    Record *r = declared();
    as_system();
    r = move(r, "submit", "");
    r = move(r, "confirm", "");
    r = edited(r, ASSESSED);
    if (more[0]) r = edited(r, more);
    r = move(r, "send", "");
    return move(r, "validate", "");
}

static Record *propose(const Record *incident, const char *text) {
    Str all = str_fmt(c->arena, "incident=%.*s|%s", FMT(record_number(c->arena, incident)), text);
    act(1, "finance", NULL);
    return create("financial_entry", str_z(c->arena, all));
}

static Record *booked(const Record *incident, const char *text) {
    Record *e = propose(incident, text);
    act(2, "finance", NULL);
    e = move(e, "accept", "");
    as_system();
    return e;
}

/* As changed by the system: two persons are asked of everybody else. */
static void template(const char *text) {
    Record *r, *after;
    as_system();
    OKAY(record_load_raw(&r, c, model_need(c->model, "response_template"),
                         find("response_template", "RT-ET7")));
    OKAY(record_update(&after, c, r, r->version, input(text)));
}

#define MAD(field, amount) field ".amount=" amount "|" field ".currency=MAD"
#define ESTIMATE(amount) MAD("estimated_loss", amount)
/* Compliance and legal in any order, then the head of operational risk; above a million also the
 * committee. */
#define MATRIX                                                                                                                                                                                                                   \
    "approvers[0].level=1|approvers[0].measure=gross|approvers[0].role=compliance|" MAD("approvers[0].amount_from", "1000.00") "|approvers[1].level=1|approvers[1].measure=gross|approvers[1].role=legal|" MAD(                  \
        "approvers[1].amount_from",                                                                                                                                                                                              \
        "1000.00") "|approvers[2].level=2|approvers[2].measure=gross|approvers[2].role=head_orm|" MAD("approvers[2].amount_from",                                                                                                \
                                                                                                      "1000.00") "|approvers[3].level=3|approvers[3].measure=gross|approvers[3].role=committee|" MAD("approvers[3].amount_from", \
                                                                                                                                                                                                     "1000000.00")

static size_t left_of(const Record *r) {
    Value rows = record_get(r, "approvals");
    size_t left = 0;
    for (size_t i = 0; i < rows.n; i++) left += rows.list[i].list[4].i == 0;
    return left;
}

static void matrix_decides(void) {
    template(MATRIX);
    Record *small = validated(ESTIMATE("999.99"));
    assert_string_equal(small->state->name, "open");
    Record *r = validated(ESTIMATE("5000.00"));
    assert_string_equal(r->state->name, "approval");
    assert_int_equal(record_get(r, "approvals").n, 3); /* not the committee */
    act(3, "head_orm", NULL);
    refuse(r, "approve", "", ERR_DENIED); /* not yet the turn of level 2 */
    act(4, "committee unit_head", NULL);
    refuse(r, "approve", "", ERR_DENIED);
    act(5, "legal compliance", NULL);
    r = move(r, "approve", "");
    assert_string_equal(r->state->name, "approval");
    assert_int_equal(left_of(r), 2);
    refuse(r, "approve", "", ERR_DENIED); /* one person, one approval */
    assert_true(has_issue(""));
    act(6, "compliance legal", NULL);
    r = move(r, "approve", "");
    assert_int_equal(left_of(r), 1);
    act(5, "head_orm", NULL);
    refuse(r, "approve", "", ERR_DENIED); /* who approved at level 1 */
    act(3, "head_orm", NULL);
    r = move(r, "approve", "");
    assert_string_equal(r->state->name, "open");
    assert_int_equal(record_int(r, "approved_up_to"), 500000);
    /* More within the band needs nobody again; the next band needs its own people. */
    r = edited(r, "lesson=Autre");
    assert_string_equal(r->state->name, "open");
    booked(r, "kind=direct_loss|amount.amount=6000.00|amount.currency=MAD|booked_on=2026-11-17");
    assert_string_equal(reload(r)->state->name, "open");
    booked(r, "kind=direct_loss|amount.amount=2000000.00|amount.currency=MAD|booked_on=2026-11-17");
    r = reload(r);
    assert_string_equal(r->state->name, "approval");
    assert_int_equal(left_of(r), 4);
    act(6, "compliance", NULL);
    r = move(r, "reject", "reason=Montant");
    assert_string_equal(r->state->name, "qualification");
    assert_int_equal(record_get(r, "approvals").n, 0);
}
static void test_incident_approval_matrix_decides(void **state) {
    (void)state;
    each(matrix_decides);
}

static void one_person_is_named(void) {
    as_system();
    Record *person;
    OKAY(record_load_raw(&person, c, model_need(c->model, "user"), desk->users[7]));
    Str text =
        str_fmt(c->arena,
                "approvers[0].level=1|approvers[0].measure=potential|approvers[0].person=%.*s|" MAD(
                    "approvers[0].amount_from", "100.00"),
                FMT(record_number(c->arena, person)));
    template(str_z(c->arena, text));
    Record *none = validated(ESTIMATE("500.00"));
    assert_string_equal(none->state->name, "open"); /* nothing is said of what it could have cost */
    assert_string_equal(validated("event_kind=near_miss")->state->name, "closure");
    Record *r = validated("event_kind=near_miss|" MAD("max_potential_loss", "800.00"));
    assert_string_equal(r->state->name, "approval");
    assert_int_equal(record_get(r, "approvers").n, 1);
    assert_int_equal(record_get(r, "approvers").list[0].i, desk->users[7]);
    act(8, "head_orm", NULL);
    refuse(r, "approve", "", ERR_DENIED);
    act(7, "analyst", NULL);
    r = move(r, "approve", "");
    assert_string_equal(r->state->name, "closure");
    assert_int_equal(record_get(r, "approvers").n, 0);
}
static void test_incident_approval_one_person_is_named(void **state) {
    (void)state;
    each(one_person_is_named);
}

static void wrong_matrix_is_refused(void) {
#define ROW "approvers[0].level=1|approvers[0].measure=gross|"
    static const char *const wrong[] = {
        ROW MAD("approvers[0].amount_from", "1.00"),
        ROW "approvers[0].role=methodology|" MAD("approvers[0].amount_from", "1.00"),
        ROW "approvers[0].role=declarant|" MAD("approvers[0].amount_from", "1.00"),
        ROW "approvers[0].role=legal|" MAD("approvers[0].amount_from",
                                           "5.00") "|" MAD("approvers[0].amount_below", "5.00"),
        ROW "approvers[0].role=legal|" MAD("approvers[0].amount_from",
                                           "5.00") "|approvers[0].amount_below.amount=9.00|"
                                                   "approvers[0].amount_below.currency=EUR"};
    Record *r, *after;
    as_system();
    OKAY(record_load_raw(&r, c, model_need(c->model, "response_template"),
                         find("response_template", "RT-ET7")));
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        c->issues = (Issues){0};
        assert_int_equal(record_update(&after, c, r, r->version, input(wrong[i])), ERR_INVALID);
        assert_true(has_issue("approvers"));
    }
    c->issues = (Issues){0};
    assert_int_equal(record_update(&after, c, r, r->version, input("notify=admin")), ERR_INVALID);
    assert_true(has_issue("notify"));
}
static void test_incident_approval_wrong_matrix_is_refused(void **state) {
    (void)state;
    each(wrong_matrix_is_refused);
}

static void limits_bind_on_gross_and_on_net(void) {
    as_system();
    Record *l = record_new(c, model_need(c->model, "approval_limit")), *saved;
    record_set(l, "role", value_text(S("analyst")));
    record_set(l, "measure", value_text(S("net")));
    record_set(l, "up_to", value_money(100000, S("MAD")));
    OKAY(record_save(&saved, c, l, "create"));
    assert_string_equal(validated(ESTIMATE("1000.00"))->state->name, "open");
    assert_string_equal(validated(ESTIMATE("1000.01"))->state->name, "approval");
}
static void test_incident_approval_limits_bind_on_gross_and_on_net(void **state) {
    (void)state;
    each(limits_bind_on_gross_and_on_net);
}

static void what_was_approved_must_stay(void) {
    Record *r = validated(ESTIMATE("600000.00"));
    assert_string_equal(r->state->name, "approval");
    act(4, "committee", NULL);
    r = move(r, "approve", "");
    act(3, "analyst", NULL);
    r = edited(r, "lesson=Une leçon");
    assert_string_equal(r->state->name, "open"); /* not material */
    r = edited(r, "event_type=ET7.2");
    assert_string_equal(r->state->name, "approval");
    assert_true(has_code("approval"));
    act(3, "committee", NULL);
    refuse(r, "approve", "", ERR_DENIED); /* who made the change */
    act(4, "committee", NULL);
    r = move(r, "approve", "");
    /* An estimate that grows beyond the limits goes there by itself, also out of the check. */
    Record *small = validated(ESTIMATE("1000.00"));
    assert_string_equal(small->state->name, "open");
    act(3, "analyst", NULL);
    small = edited(small, ESTIMATE("2000.00"));
    assert_string_equal(small->state->name, "open"); /* nobody had approved it */
    small = edited(small, ESTIMATE("900000.00"));
    assert_string_equal(small->state->name, "approval");
    Record *late = validated(ESTIMATE("1000.00"));
    late = move(late, "propose_closure", "");
    booked(late,
           "kind=direct_loss|amount.amount=900000.00|amount.currency=MAD|booked_on=2026-11-17");
    assert_string_equal(reload(late)->state->name, "approval");
}
static void test_incident_approval_what_was_approved_must_stay(void **state) {
    (void)state;
    each(what_was_approved_must_stay);
}

static Err entry(const Record *incident, const char *text) {
    Record *e;
    Input *in = input(text);
    input_add(in, c->arena, S("incident"), record_number(c->arena, incident));
    act(1, "finance", NULL);
    return record_create(&e, c, model_need(c->model, "financial_entry"), in);
}

#define ON_17 "|amount.currency=MAD|booked_on=2026-11-17"
static void provisions_never_fall_below_nothing(void) {
    Record *r = validated(ESTIMATE("10.00"));
    Record *first = booked(r, "kind=provision|amount.amount=100.00" ON_17);
    Record *a = propose(r, "kind=provision_used|amount.amount=60.00" ON_17),
           *b = propose(r, "kind=provision_unused|amount.amount=60.00" ON_17);
    act(2, "finance", NULL);
    move(a, "accept", "");
    refuse(b, "accept", "", ERR_INVALID); /* both fitted when they were proposed */
    assert_true(has_issue("amount"));
    Str back = str_fmt(c->arena, "kind=provision|amount.amount=100.00" ON_17 "|reversal_of=%.*s",
                       FMT(record_number(c->arena, first)));
    assert_int_equal(entry(r, str_z(c->arena, back)), ERR_INVALID);
    assert_true(has_issue("reversal_of"));
    /* What is only estimated of a provision is not reversed by a booking. */
    Record *other = validated(ESTIMATE("10.00"));
    booked(other, "kind=provision|status=estimated|amount.amount=100.00" ON_17);
    assert_int_equal(entry(other, "kind=provision_used|amount.amount=1.00" ON_17), ERR_INVALID);
    assert_true(has_issue("amount"));
    OKAY(entry(other, "kind=provision_unused|status=estimated|amount.amount=100.00" ON_17));
}
static void test_incident_approval_provisions_never_fall_below_nothing(void **state) {
    (void)state;
    each(provisions_never_fall_below_nothing);
}

static void parts_are_shown_apart(void) {
    Record *r = validated(ESTIMATE("10.00"));
    booked(r, "kind=direct_loss|amount.amount=100.00" ON_17);
    booked(r, "kind=direct_recovery|amount.amount=1.00" ON_17);
    booked(r, "kind=insurance_recovery|amount.amount=2.00" ON_17);
    booked(r, "kind=other_recovery|amount.amount=4.00" ON_17);
    booked(r, "kind=opportunity_cost|amount.amount=8.00" ON_17);
    Record *e = booked(r, "kind=internal_cost|amount.amount=16.00" ON_17
                          "|allocations[0].unit=AG-MAA|allocations[0].percent=25|"
                          "allocations[1].business_line=BL3|allocations[1].percent=75");
    Record *now = reload(r);
    static const struct {
        const char *field;
        int64_t amount;
    } sums[] = {{"recoveries", 700},
                {"direct_recoveries", 100},
                {"insurance", 200},
                {"other_recoveries", 400},
                {"opportunity_cost", 800},
                {"internal_cost", 1600},
                {"memo", 2400},
                {"net", 9300}};
    for (size_t i = 0; i < LENGTH(sums); i++)
        assert_int_equal(record_int(now, sums[i].field), sums[i].amount);
    assert_true(str_is(record_text(e, "period"), "2026-11"));
    static const char *const wrong[] = {
        "|allocations[0].unit=AG-MAA|allocations[0].percent=99", "|allocations[0].percent=100",
        "|allocations[0].unit=AG-MAA|allocations[0].percent=50|allocations[1].unit=AG-MAA|"
        "allocations[1].percent=50"};
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        Str text = str_fmt(c->arena, "kind=direct_loss|amount.amount=1.00" ON_17 "%s", wrong[i]);
        assert_int_equal(entry(r, str_z(c->arena, text)), ERR_INVALID);
        assert_true(has_issue("allocations"));
    }
}
static void test_incident_approval_parts_are_shown_apart(void **state) {
    (void)state;
    each(parts_are_shown_apart);
}

static void granted_exclusion_leaves_the_set(void) {
    Record *r = validated(ESTIMATE("400000.00")), *with = validated(ESTIMATE("400000.00"));
    as_system();
    with = edited(with, str_fmt(c->arena, "grouped_root=%.*s", FMT(record_number(c->arena, r))).p);
    assert_true(record_bool(reload(r), "used_in_capital") && record_bool(with, "used_in_capital"));
    act(3, "analyst", NULL);
    Str text = str_fmt(c->arena, "title=Vendue|why=Vendue|divested=true|events=%.*s",
                       FMT(record_number(c->arena, r)));
    Record *x = create("loss_exclusion_request", str_z(c->arena, text)),
           *twin = create("loss_exclusion_request", str_z(c->arena, text));
    x = move(x, "submit", "");
    refuse(twin, "submit", "", ERR_INVALID);
    assert_true(has_issue("events"));
    act(4, "head_orm", NULL);
    x = move(x, "support", "");
    act(5, "committee", NULL);
    x = move(x, "approve", "");
    assert_true(record_bool(reload(r), "used_in_capital")); /* not before the supervisor */
    act(4, "head_orm", NULL);
    x = move(x, "grant", "authority_reference=BAM 12");
    Record *now = reload(r);
    assert_false(record_bool(now, "used_in_capital"));
    assert_int_equal(record_int(now, "exclusion"), x->id);
    assert_true(record_bool(reload(with), "used_in_capital")); /* 400,000 of its own */
    Record *again = record_clone(c, now);
    OKAY(incident_rederive(c, again));
    assert_int_equal(record_int(again, "exclusion"), x->id);
}
static void test_incident_approval_granted_exclusion_leaves_the_set(void **state) {
    (void)state;
    each(granted_exclusion_leaves_the_set);
}

static void asked_back_it_keeps_its_day(void) {
    Record *r = declared();
    r = move(r, "submit", "");
    act(5, "unit_head", "AG-MAA");
    r = move(r, "ask", "reason=Quel compte ?");
    c->today = S("2026-11-20");
    c->now_us += INT64_C(2) * 86400000000;
    act(0, "", NULL);
    r = move(r, "submit", "");
    assert_true(str_is(record_text(r, "declared_on"), "2026-11-18"));
    assert_true(str_is(record_text(r, "due_on"), "2026-11-23")); /* the next working day */
    /* Merged, then restored: it is itself again. */
    Record *other = declared();
    act(6, "analyst", NULL);
    other = move(other, "submit", "");
    Str same = str_fmt(c->arena, "reason=Même|duplicate_of=%.*s", FMT(record_number(c->arena, r)));
    act(5, "correspondent", "AG-MAA");
    other = move(other, "merge", str_z(c->arena, same));
    assert_int_equal(record_int(other, "duplicate_of"), r->id);
    act(6, "analyst", NULL);
    other = move(other, "restore", "reason=Non");
    assert_string_equal(other->state->name, "declared");
    assert_int_equal(record_int(other, "duplicate_of"), 0);
}
static void test_incident_approval_asked_back_it_keeps_its_day(void **state) {
    (void)state;
    each(asked_back_it_keeps_its_day);
}

static void running_starts_at_once(void) {
    act(0, "", NULL);
    Record *r = create("incident", "title=Panne|description=Panne|unit=AG-MAA|"
                                   "discovered_on=2026-11-17|amount_range=unknown");
    act(3, "analyst", NULL);
    refuse(r, "start", "", ERR_INVALID);
    assert_true(has_issue("outage_from"));
    act(0, "", NULL);
    Record *feed = create("incident", "title=Panne|description=Panne|unit=AG-MAA|channel=feed|"
                                      "discovered_on=2026-11-17|amount_range=unknown|"
                                      "outage_from=2026-11-17T10:00:00Z");
    refuse(feed, "start", "", ERR_DENIED); /* a declarant declares */
    act(3, "analyst", NULL);
    feed = move(feed, "start", "");
    assert_string_equal(feed->state->name, "qualification");
    Block *panel = NULL;
    OKAY(incident_outage_panel(c, feed, &panel));
    assert_non_null(panel);
    feed = edited(feed, "outage_until=2026-11-17T11:30:00Z");
    assert_int_equal(record_int(feed, "downtime_minutes"), 90);
    panel = NULL;
    OKAY(incident_outage_panel(c, feed, &panel));
    assert_null(panel);
    Record *now = reload(feed), *bad;
    c->issues = (Issues){0};
    assert_int_equal(
        record_update(&bad, c, now, now->version, input("outage_until=2026-11-17T09:00:00Z")),
        ERR_INVALID);
    assert_true(has_issue("outage_until"));
}
static void test_incident_approval_running_starts_at_once(void **state) {
    (void)state;
    each(running_starts_at_once);
}

static void classification_and_small_losses(void) {
    Record *r = declared();
    as_system();
    r = move(r, "submit", "");
    r = move(r, "confirm", "");
    r = edited(r,
               ASSESSED "|event_type=ET7|" ESTIMATE("30000.00") "|aggregate=true|item_count=3|"
                                                                "country=ma|settled_on=2026-11-17");
    assert_true(str_is(record_text(r, "country"), "MA"));
    assert_true(has_code("pattern"));
    refuse(r, "send", "", ERR_INVALID);
    assert_true(has_issue("event_type"));
    r = edited(r, "event_type=ET7.1");
    r = move(r, "send", "");
    Record *now = reload(r), *bad;
    static const char *const wrong[][2] = {{"settled_on=2026-11-15", "settled_on"},
                                           {"country=M1", "country"}};
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        c->issues = (Issues){0};
        assert_int_equal(record_update(&bad, c, now, now->version, input(wrong[i][0])),
                         ERR_INVALID);
        assert_true(has_issue(wrong[i][1]));
    }
}
static void test_incident_approval_classification_and_small_losses(void **state) {
    (void)state;
    each(classification_and_small_losses);
}

static void template_acts_by_itself(void) {
    Job job = {0};
    Records issues;
    Block *panel = NULL;
    template("dimensions=impact_legal|" MAD("issue_above", "500.00") "|" MAD(
        "close_up_to", "700.00") "|days_open=5|notify=legal|must_fill=");
    Record *r = declared();
    as_system();
    r = move(r, "submit", "");
    r = move(r, "confirm", "");
    r = edited(r, ASSESSED "|" ESTIMATE("600.00"));
    r = move(r, "send", "");
    refuse(r, "validate", "", ERR_INVALID);
    assert_true(has_issue("impact_note"));
    r = edited(r, "impact_note=Aucun recours possible");
    r = move(r, "validate", "");
    assert_true(str_is(record_text(r, "due_on"), "2026-11-25"));
    const Type *issue_type = model_type(c->model, S("issue"));
    if (issue_type) {
        OKAY(record_where(&issues, c, issue_type, "incident", value_int(r->id), 5));
        assert_int_equal(issues.n, 1);
    }
    act(3, "analyst", NULL);
    OKAY(incident_template_panel(c, r, &panel));
    assert_non_null(panel);
    act(0, "", NULL);
    panel = NULL;
    OKAY(incident_template_panel(c, r, &panel));
    assert_null(panel); /* a declarant sees no classification, so no checklist either */
    booked(r, "kind=direct_loss|amount.amount=700.00" ON_17);
    r = move(r, "propose_closure", "");
    Record *waits = propose(r, "kind=direct_recovery|amount.amount=1.00" ON_17);
    as_system();
    OKAY(incident_close_small(c, &job));
    assert_string_equal(reload(r)->state->name, "closure"); /* an entry waits */
    act(2, "finance", NULL);
    move(waits, "reject", "reason=Erreur");
    as_system();
    OKAY(incident_close_small(c, &job));
    assert_string_equal(reload(r)->state->name, "closed");
}
static void test_incident_approval_template_acts_by_itself(void **state) {
    (void)state;
    each(template_acts_by_itself);
}

static void external_losses_are_completed(void) {
    act(3, "analyst", NULL);
    Record *r = create("external_loss",
                       "title=Amende|source=Presse|discovered_on=2026-11-17|country=fr|"
                       "gross.amount=100.00|gross.currency=MAD|direct_recovery.amount=40.00|"
                       "direct_recovery.currency=MAD");
    assert_int_equal(record_int(r, "net"), 6000);
    assert_true(record_int(r, "net_eur") > 0);
    assert_true(str_is(record_text(r, "country"), "FR"));
    static const char *const wrong[][2] = {
        {"started_on=2026-11-18", "discovered_on"},
        {"published_on=2027-01-01", "published_on"},
        {"is_open=true|settled_on=2026-11-18", "is_open"},
        {"net_eur.amount=5.00|net_eur.currency=MAD", "net_eur"},
        {"direct_recovery.amount=-1.00|direct_recovery.currency=MAD", "direct_recovery"}};
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        Record *bad;
        c->issues = (Issues){0};
        assert_int_equal(record_update(&bad, c, r, r->version, input(wrong[i][0])), ERR_INVALID);
        assert_true(has_issue(wrong[i][1]));
    }
    edited(r, "net.amount=70.00|net.currency=MAD");
    assert_true(has_code("differs"));
}
static void test_incident_approval_external_losses_are_completed(void **state) {
    (void)state;
    each(external_losses_are_completed);
}
