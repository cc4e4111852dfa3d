/* test_incident_due.c: steps and rapid recoveries counted in the working days of a calendar, and
 * what a holiday that comes later changes. On SQLite, and on PostgreSQL when GARDEFOU_TEST_PG names
 * one. SPDX-License-Identifier: GPL-3.0-or-later */
#define DESK_NAME "incident_due"
#include "model/test_desk.h"

#include "modules/incident/incident_due.h"
#include "modules/incident/incident.h"

static int group_setup(void **state) {
    return desk_setup(state);
}
static int group_teardown(void **state) {
    return desk_teardown(state);
}

static void at(const char *day) {
    c->today = str_of(day);
    c->cache = NULL;
}

static Record *lost_on(const char *day) {
    Str text = str_fmt(c->arena,
                       "title=Perte|description=Perte|unit=AG-MAA|amount_range=to_100k|"
                       "discovered_on=%s|occurred_on=%s",
                       day, day);
    Record *moved;
    as_system();
    OKAY(record_move(&moved, c, create("incident", str_z(c->arena, text)), "submit", input("")));
    return moved;
}

static void booked(const Record *r, const char *kind, const char *amount, const char *day) {
    Record *e, *moved;
    Input *in = input("status=booked|amount.currency=MAD");
    input_add(in, c->arena, S("kind"), str_of(kind));
    input_add(in, c->arena, S("amount.amount"), str_of(amount));
    input_add(in, c->arena, S("booked_on"), str_of(day));
    input_add(in, c->arena, S("incident"), record_number(c->arena, r));
    act(1, "finance", NULL);
    OKAY(record_create(&e, c, model_need(c->model, "financial_entry"), in));
    act(2, "finance", NULL);
    OKAY(record_move(&moved, c, e, "accept", input("")));
    as_system();
}

static void day_off(const char *day) {
    Record *r = record_new(c, model_need(c->model, "holiday")), *made;
    as_system();
    record_set(r, "calendar", value_int(find("calendar", "MA")));
    record_set(r, "name_fr", value_text(S("Jour ajouté")));
    record_set(r, "repeats", value_text(S("once")));
    record_set(r, "days", value_int(1));
    record_set(r, "day", value_text(str_of(day)));
    OKAY(record_save(&made, c, r, "create"));
}

static Str due_of(const Record *r) {
    return record_text(reload(r), "due_on");
}

static void steps(void) {
    at("2026-11-17"); /* a Tuesday; Wednesday the 18th is a holiday */
    Record *r = lost_on("2026-11-16");
    assert_true(str_is(due_of(r), "2026-11-19"));
    assert_int_equal(record_int(reload(r), "due_calendar"), find("calendar", "MA"));
    day_off("2026-11-19"); /* what was set stays */
    assert_true(str_is(due_of(r), "2026-11-19"));
    Record *later = lost_on("2026-11-16");
    assert_true(str_is(due_of(later), "2026-11-20"));
}
static void test_incident_due_steps_are_counted_once(void **state) {
    (void)state;
    each(steps);
}

static int64_t rapid_of(const Record *r) {
    return record_int(reload(r), "rapid_recovery");
}

static int64_t jobs(Str *key, Str *payload) {
    int64_t n;
    bool found;
    OKAY(db_get_int(&n, &found, c->db, "SELECT COUNT(*) FROM outbox WHERE topic = 'incident_rapid'",
                    NO_ARGS));
    OKAY(db_get_text(
        key, &found, c->db, c->arena,
        "SELECT item_key FROM outbox WHERE topic = 'incident_rapid' ORDER BY id DESC LIMIT 1",
        NO_ARGS));
    OKAY(db_get_text(
        payload, &found, c->db, c->arena,
        "SELECT payload FROM outbox WHERE topic = 'incident_rapid' ORDER BY id DESC LIMIT 1",
        NO_ARGS));
    return n;
}

static void recoveries(void) {
    Str key, payload;
    at("2026-12-01");
    /* Friday 13 November: the fifth working day after it is Monday the 23rd, for the 18th is off.
     */
    Record *rapid = lost_on("2026-11-13"), *late = lost_on("2026-11-13");
    booked(rapid, "direct_loss", "1000.00", "2026-11-13");
    booked(rapid, "direct_recovery", "400.00", "2026-11-23");
    booked(late, "direct_loss", "1000.00", "2026-11-13");
    booked(late, "direct_recovery", "400.00", "2026-11-24");
    assert_int_equal(rapid_of(rapid), 40000);
    assert_int_equal(rapid_of(late), 0);
    int64_t before = jobs(&key, &payload);
    day_off("2027-06-15"); /* still to come: nothing can have been counted over it */
    day_off("2019-06-14"); /* nothing was lost then */
    assert_int_equal(jobs(&key, &payload), before);
    day_off("2026-11-20");
    assert_int_equal(jobs(&key, &payload), before + 1);
    OKAY(incident_rapid_job(c, &(Job){.key = key, .payload = payload}));
    assert_int_equal(rapid_of(rapid), 40000);
    assert_int_equal(rapid_of(late), 40000);
    Record *again = record_clone(c, reload(late));
    record_set(again, "rapid_recovery", value_money(0, S("MAD")));
    OKAY(incident_rederive(c, again)); /* what a calendar decides is no proof of a change by hand */
    assert_int_equal(record_int(again, "rapid_recovery"), 0);
    assert_int_equal(incident_rapid_job(c, &(Job){.key = key, .payload = S("2026")}), ERR_INVALID);
    /* A unit that comes to another legal entity comes to its calendar. */
    as_system();
    Record *saved, *unit;
    OKAY(record_load_raw(&unit, c, model_need(c->model, "unit"), late->unit));
    unit = record_clone(c, unit);
    record_set(unit, "name_en", value_text(S("Renamed")));
    OKAY(record_save(&saved, c, unit, "update"));
    assert_int_equal(jobs(&key, &payload), before + 1);
    unit = record_clone(c, saved);
    record_set(unit, "entity", value_int(find("entity", "BTF")));
    OKAY(record_save(&saved, c, unit, "update"));
    assert_int_equal(jobs(&key, &payload), before + 2);
}
static void test_incident_due_rapid_recoveries_follow_the_calendar(void **state) {
    (void)state;
    each(recoveries);
}
