/* test_incident_daily.c: what the calendar tells of incidents: stale estimates, losses without an
 * entry, claims, the month of a unit; each once, restricted cases to the inspection alone. On
 * SQLite, and on PostgreSQL when GARDEFOU_TEST_PG names one. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#define DESK_NAME "incident_daily"
#define DESK_SEED incident_seed_processes
#include "modules/incident/incident_pages.h"
#include "model/test_desk.h"

#include "modules/incident/incident_daily.h"

static int group_setup(void **state) {
    return desk_setup(state);
}
static int group_teardown(void **state) {
    return desk_teardown(state);
}

static int64_t told(int user, const char *notice) {
    int64_t n;
    bool found;
    OKAY(db_get_int(&n, &found, c->db,
                    "SELECT COUNT(*) FROM notice WHERE person = $1 AND kind = $2",
                    ARGS(db_int(desk->users[user]), db_textz(notice))));
    return n;
}

static Record *declared(const char *more) {
    Record *r, *moved;
    as_system();
    Input *in = input("title=Perte|description=Perte|unit=AG-MAA|amount_range=to_100k|"
                      "discovered_on=2026-11-16|estimated_loss.amount=5000.00|"
                      "estimated_loss.currency=MAD");
    const Input *extra = input(more);
    for (size_t i = 0; i < extra->n; i++)
        input_add(in, c->arena, extra->items[i].name, extra->items[i].value);
    OKAY(record_create(&r, c, model_need(c->model, "incident"), in));
    OKAY(record_move(&moved, c, r, "submit", input("")));
    return moved;
}

static void at(const char *day) {
    c->today = str_of(day);
    c->cache = NULL;
}

static void role_of(int user, const char *role, const char *unit) {
    as_system();
    Record *r = record_new(c, model_need(c->model, "role_assignment")), *saved;
    record_set(r, "person", value_int(desk->users[user]));
    record_set(r, "role", value_text(str_of(role)));
    record_set(r, "in_unit", value_int(find("unit", unit)));
    OKAY(record_save(&saved, c, r, "create"));
}

static void estimates_and_entries(void) {
    role_of(3, "correspondent", "AG-MAA");
    declared("pattern=I09");
    declared("pattern=I15"); /* restricted */
    at("2026-12-10");        /* not confirmed within a working day */
    OKAY(incident_daily(c));
    assert_int_equal(told(3, "incident.overdue"), 1);
    assert_int_equal(told(3, "incident.stale"), 0);
    assert_int_equal(told(3, "incident.no_entry"), 0);
    at("2026-12-20"); /* 30 days and more without an entry */
    OKAY(incident_daily(c));
    assert_int_equal(told(3, "incident.no_entry"), 1); /* nothing of the restricted one */
    at("2026-12-21");
    OKAY(incident_daily(c));
    assert_int_equal(told(3, "incident.no_entry"), 1); /* once */
    at("2027-02-17");
    OKAY(incident_daily(c));
    assert_int_equal(told(3, "incident.stale"), 1);
}
static void test_incident_daily_estimates_and_entries(void **state) {
    (void)state;
    each(estimates_and_entries);
}

static void claims_in_time(void) {
    role_of(3, "correspondent", "AG-MAA");
    Record *insured = declared("pattern=I05"), *late = declared("pattern=I37"),
           *plain = declared("pattern=I09"), *saved;
    assert_true(str_is(record_text(insured, "claim_by"), "2026-11-21"));
    assert_true(str_is(record_text(late, "claim_by"), "2026-12-16"));
    assert_true(value_is_null(record_get(plain, "claim_by")));
    at("2026-11-19");
    OKAY(incident_daily(c));
    assert_int_equal(told(3, "incident.claim_soon"), 1);
    Record *now = record_clone(c, reload(late));
    record_set(now, "claimed_on", value_text(S("2026-11-19")));
    OKAY(record_save(&saved, c, now, "update"));
    at("2026-12-17");
    OKAY(incident_daily(c));
    assert_int_equal(told(3, "incident.claim_late"), 1); /* the other one was claimed */
    assert_int_equal(told(3, "incident.claim_soon"), 1);
}
static void test_incident_daily_claims_in_time(void **state) {
    (void)state;
    each(claims_in_time);
}

static void month_of_a_unit(void) {
    UnitMonth m;
    Block *section = NULL;
    role_of(3, "unit_head", "AG-MAA");
    role_of(4, "unit_head", "AG-TNG"); /* where nothing happened */
    declared("pattern=I09");
    declared("event_kind=near_miss|pattern=NM|estimated_loss.amount=0");
    at("2026-12-02");
    OKAY(incident_digest(c));
    OKAY(incident_digest(c));
    assert_int_equal(told(3, "incident.digest"), 1);
    assert_int_equal(told(4, "incident.digest"), 0);
    act(3, "unit_head", "AG-MAA");
    OKAY(incident_query_unit_month(&m, c, find("unit", "AG-MAA"), S("2026-11-01"), S("2026-11-30"),
                                   30));
    assert_int_equal(m.declared, 2);
    assert_int_equal(m.losses, 1);
    assert_int_equal(m.near_misses, 1);
    assert_int_equal(m.gross, 500000);
    assert_int_equal(m.open, 2);
    assert_int_equal(m.late, 0);
    Record *unit;
    OKAY(record_load_raw(&unit, c, model_need(c->model, "unit"), find("unit", "AG-MAA")));
    OKAY(incident_digest_section(c, unit, &section));
    assert_non_null(section);
    act(5, "unit_head", "AG-TNG"); /* sees none of it */
    section = NULL;
    OKAY(incident_digest_section(c, unit, &section));
    assert_null(section);
}
static void test_incident_daily_month_of_a_unit(void **state) {
    (void)state;
    each(month_of_a_unit);
}
