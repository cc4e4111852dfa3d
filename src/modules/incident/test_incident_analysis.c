/* test_incident_analysis.c: delays, ratios, severity and frequency, the three dates, open and
 * closed: figures of a few losses whose results are worked out by hand; the reader's scope is
 * inside. On SQLite, and on PostgreSQL when GARDEFOU_TEST_PG names one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define DESK_NAME "incident_analysis"
#define DESK_SEED incident_seed_processes
#include "modules/incident/incident_pages.h"
#include "model/test_desk.h"

#include "modules/incident/incident_analysis_query.h"
#include "model/outbox.h"
#include "modules/incident/incident_query.h"
#include "modules/incident/incident_threshold.h"

static int group_setup(void **state) {
    return desk_setup(state);
}
static int group_teardown(void **state) {
    return desk_teardown(state);
}

/* Declared today, 2026-11-18, in AG-MAA, as the system and already in review. */
static Record *loss(const char *occurred, const char *discovered, const char *amount,
                    const char *more) {
    Record *r, *moved;
    Input *in = input(
        "title=Perte|description=Perte|unit=AG-MAA|amount_range=to_100k|process=P04|event_type=ET7.1|"
        "business_line=BL4|risk_category=RC7.1|causes[0].cause=CP1|causes[0].is_primary=true");
    as_system();
    input_add(in, c->arena, S("occurred_on"), str_of(occurred));
    input_add(in, c->arena, S("discovered_on"), str_of(discovered));
    input_add(in, c->arena, S("estimated_loss.amount"), str_of(amount));
    input_add(in, c->arena, S("estimated_loss.currency"), S("MAD"));
    const Input *extra = input(more);
    for (size_t i = 0; i < extra->n; i++)
        input_add(in, c->arena, extra->items[i].name, extra->items[i].value);
    OKAY(record_create(&r, c, model_need(c->model, "incident"), in));
    OKAY(record_move(&moved, c, r, "submit", input("")));
    return moved;
}

static void entry(const Record *incident, const char *text) {
    Record *e, *moved;
    Input *in = input(text);
    as_system();
    input_add(in, c->arena, S("incident"), record_number(c->arena, incident));
    OKAY(record_create(&e, c, model_need(c->model, "financial_entry"), in));
    OKAY(record_move(&moved, c, e, "accept", input("")));
}

static void delays_are_counted(void) {
    DelayFigures f;
    Record *first = loss("2026-10-01", "2026-10-04", "900.00", ""); /* found after 3, declared 45 */
    loss("2026-10-20", "2026-10-30", "5000.00", "");                /* 10, 19 */
    loss("2026-11-01", "2026-11-02", "70000.00", "");               /* 1, 16 */
    entry(first, "kind=direct_loss|amount.amount=900.00|amount.currency=MAD|booked_on=2026-10-02");
    assert_int_equal(record_int(reload(first), "days_to_discover"), 3);
    assert_int_equal(record_int(reload(first), "days_to_declare"), 45);
    assert_int_equal(record_int(reload(first), "days_to_book"),
                     -2); /* booked before it was found */
    OKAY(incident_query_delay(&f, c, "days_to_declare", S("2026-10-01"), S("2026-11-30"), 18));
    assert_int_equal(f.n, 3);
    assert_int_equal(f.sum, 45 + 19 + 16);
    assert_int_equal(f.median, 19);
    assert_int_equal(f.longest, 45);
    assert_int_equal(f.late, 2);
    OKAY(incident_query_delay(&f, c, "days_to_close", S("2026-10-01"), S("2026-11-30"), 18));
    assert_int_equal(f.n, 0);
    act(6, "unit_head", "AG-TNG"); /* another region */
    OKAY(incident_query_delay(&f, c, "days_to_declare", S("2026-10-01"), S("2026-11-30"), 18));
    assert_int_equal(f.n, 0);
}
static void test_incident_analysis_delays_are_counted(void **state) {
    (void)state;
    each(delays_are_counted);
}

static void severity_and_frequency(void) {
    static const int64_t bounds[] = {100000, 500000, 5000000}; /* 1,000, 5,000 and 50,000 MAD */
    Severity s;
    MonthList months;
    loss("2026-10-01", "2026-10-04", "900.00", ""); /* below the threshold */
    loss("2026-10-01", "2026-10-05", "1000.00", "");
    loss("2026-10-01", "2026-10-06", "4999.99", "");
    loss("2026-11-01", "2026-11-02", "5000.00", "");
    loss("2026-11-01", "2026-11-03", "70000.00", "");
    loss("2026-11-01", "2026-11-04", "9000.00", "aggregate=true|item_count=30");
    OKAY(incident_query_severity(&s, c, false, bounds, LENGTH(bounds), S("2026-10-01"),
                                 S("2026-11-30")));
    assert_int_equal(s.n, 4);
    assert_int_equal(s.below, 1);
    assert_int_equal(s.aggregates, 1);
    assert_int_equal(s.counts[0], 2);
    assert_int_equal(s.counts[1], 1);
    assert_int_equal(s.counts[2], 1);
    assert_int_equal(s.sum, 100000 + 499999 + 500000 + 7000000);
    assert_int_equal(s.median, 499999); /* two of four do not exceed it */
    assert_int_equal(s.high, 7000000);
    assert_int_equal(s.most, 7000000);
    OKAY(incident_query_frequency(&months, c, false, bounds[0], S("2026-10-01"), S("2026-11-30")));
    assert_int_equal(months.n, 2);
    assert_int_equal(months.items[0].month, 2026 * 12 + 9);
    assert_int_equal(months.items[0].count, 2);
    assert_int_equal(months.items[1].count, 2);
    assert_int_equal(months.items[1].gross, 7500000);
}
static void test_incident_analysis_severity_and_frequency(void **state) {
    (void)state;
    each(severity_and_frequency);
}

static void three_dates_and_ratios(void) {
    MonthList list;
    RatioFigures f;
    Record *r = loss("2026-09-30", "2026-10-04", "5000.00", "");
    loss("2026-10-01", "2026-10-04", "0.00", "event_kind=near_miss");
    entry(r, "kind=direct_loss|amount.amount=8000.00|amount.currency=MAD|booked_on=2026-11-02");
    entry(r,
          "kind=insurance_recovery|amount.amount=2000.00|amount.currency=MAD|booked_on=2026-11-09");
    OKAY(incident_query_by_day(&list, c, "occurred_on", S("2026-09-01"), S("2026-11-30")));
    assert_int_equal(list.n, 1);
    assert_int_equal(list.items[0].month, 2026 * 12 + 8);
    assert_int_equal(list.items[0].gross, 800000);
    OKAY(incident_query_by_day(&list, c, "discovered_on", S("2026-09-01"), S("2026-11-30")));
    assert_int_equal(list.items[0].month, 2026 * 12 + 9);
    OKAY(incident_query_by_booking(&list, c, S("2026-09-01"), S("2026-11-30")));
    assert_int_equal(list.n, 1);
    assert_int_equal(list.items[0].month, 2026 * 12 + 10);
    assert_int_equal(list.items[0].count, 2);
    assert_int_equal(list.items[0].gross, 800000);
    assert_int_equal(list.items[0].net, 600000);
    OKAY(incident_query_by_state(&list, c, true, S("2026-09-01"), S("2026-11-30")));
    assert_int_equal(list.n, 0);
    OKAY(incident_query_by_state(&list, c, false, S("2026-09-01"), S("2026-11-30")));
    assert_int_equal(list.items[0].count, 1);
    OKAY(incident_query_ratios(&f, c, S("2026-10-01"), S("2026-10-31")));
    assert_int_equal(f.losses, 1);
    assert_int_equal(f.near_misses, 1);
    assert_int_equal(f.gross, 800000);
    assert_int_equal(f.recoveries, 200000);
    assert_int_equal(f.insurance, 200000);
    assert_int_equal(f.closed, 0);
    OKAY(db_run(c->db, NULL, "UPDATE incident SET state = 'closed' WHERE id = $1",
                ARGS(db_int(r->id)))); /* the way there is tested elsewhere */
    OKAY(incident_query_ratios(&f, c, S("2026-10-01"), S("2026-10-31")));
    assert_int_equal(f.closed, 1);
    assert_int_equal(f.first, 500000); /* what was estimated first */
    assert_int_equal(f.final, 800000);
}
static void test_incident_analysis_three_dates_and_ratios(void **state) {
    (void)state;
    each(three_dates_and_ratios);
}

static void set(const char *code, const char *value, int64_t amount, const char *currency,
                const char *from) {
    Records list;
    Record *saved;
    as_system();
    OKAY(record_where(&list, c, model_need(c->model, "setting"), "code", value_text(str_of(code)),
                      1));
    assert_int_equal(list.n, 1);
    Record *r = record_clone(c, list.items[0]);
    if (value) record_set(r, "value", value_text(str_of(value)));
    if (currency) record_set(r, "amount", value_money(amount, str_of(currency)));
    if (from) record_set(r, "valid_from", value_text(str_of(from)));
    OKAY(record_save(&saved, c, r, "update"));
    as_system(); /* what was read of the settings is forgotten */
}

/* How many are due at this instant or later. */
static int64_t waiting(int64_t from_us) {
    int64_t n;
    bool found;
    OKAY(db_get_int(
        &n, &found, c->db,
        "SELECT COUNT(*) FROM outbox WHERE topic = 'incident_thresholds' AND due_at >= $1",
        ARGS(db_int(from_us))));
    return n;
}

static void thresholds_are_dated(void) {
    Threshold t;
    CapitalYears years;
    Record *saved, *rate = record_new(c, model_need(c->model, "rate"));
    Record *r = loss("2026-10-01", "2026-10-04", "300000.00", "");
    entry(r, "kind=direct_loss|amount.amount=300000.00|amount.currency=MAD|booked_on=2026-10-05");
    assert_true(record_bool(reload(r), "used_in_capital"));
    OKAY(incident_threshold(&t, c));
    assert_int_equal(t.minor, 21600000); /* EUR 20,000 at 10.8 */
    assert_true(t.on_net && !t.is_national && t.rate_source.n);
    OKAY(incident_query_capital(&years, c, S("2026-01-01"), S("2026-12-31")));
    assert_int_equal(years.n, 1);
    assert_int_equal(years.losses, 1);
    assert_int_equal(years.items[0].gross, 30000000);

    record_set(rate, "day", value_text(S("2026-06-01")));
    record_set(rate, "currency", value_text(S("EUR")));
    record_set(rate, "against", value_text(S("MAD")));
    record_set(rate, "rate", value_int(INT64_C(11000000000)));
    record_set(rate, "source", value_text(S("Essai")));
    OKAY(record_save(&saved, c, rate, "create"));
    as_system();
    OKAY(incident_threshold(&t, c));
    assert_int_equal(t.minor, 22000000);
    set("threshold_rate_on", "2026-05-31", 0, NULL, NULL);
    OKAY(incident_threshold(&t, c));
    assert_int_equal(t.minor, 21600000); /* the rate of the day that is set */

    set("capital_threshold_national", NULL, 50000000, "MAD", NULL);
    OKAY(incident_threshold(&t, c));
    assert_true(t.is_national);
    assert_int_equal(t.minor, 50000000);
    assert_int_equal(waiting(0), 2);
    OKAY(incident_threshold_job(c, &(Job){.key = S("1/2/0"), .payload = S("0")}));
    assert_false(record_bool(reload(r), "used_in_capital"));
    OKAY(incident_query_capital(&years, c, S("2026-01-01"), S("2026-12-31")));
    assert_int_equal(years.n, 0);
    CapitalOut out;
    OKAY(incident_query_capital_out(&out, c, S("2026-01-01"), S("2026-12-31")));
    assert_int_equal(out.below, 1);
    assert_int_equal(out.below_gross, 30000000);
    assert_int_equal(out.credit, 0);
    /* What counts from a later day on is judged at once, for it counts no more, and on that day. */
    int64_t day;
    assert_true(date_parse(&day, S("2027-01-01")));
    set("rapid_recovery_days", "7", 0, NULL, "2027-01-01");
    assert_int_equal(waiting(0), 4);
    assert_int_equal(waiting(day * INT64_C(86400000000)), 1);
}
static void test_incident_analysis_thresholds_are_dated(void **state) {
    (void)state;
    each(thresholds_are_dated);
}

static void small_losses_together(void) {
    Record *saved, *r = loss("2026-11-01", "2026-11-04", "90000.00",
                             "pattern=I12|aggregate=true|item_count=30");
    assert_false(has_code("same_month"));
    Record *now = record_clone(c, reload(r));
    record_set(now, "item_count", value_int(4)); /* 22,500 each: declared one by one */
    c->issues = (Issues){0};
    assert_int_equal(record_save(&saved, c, now, "update"), ERR_INVALID);
    assert_true(has_issue("item_count"));
    c->issues = (Issues){0};
    loss("2026-11-01", "2026-11-17", "9000.00", "pattern=I12|aggregate=true|item_count=9");
    assert_true(has_code("same_month"));
}
static void test_incident_analysis_small_losses_together(void **state) {
    (void)state;
    each(small_losses_together);
}
