/* test_rule.c: business days, rules of recurrence, holidays of Morocco and France, and a year of
 * slots under a fake clock. SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/rule.h"
#include "work/schedule.h"

static Err tick_run(Ctx *c, Job *job);
/* clang-format off */
static const JobDef tick_jobs[] = {
    {.topic = "morning", .label = "Morning", .every = "daily 06:30", .run = tick_run},
    {.topic = "night", .label = "Night", .every = "daily 02:30", .run = tick_run},
    {.topic = "month", .label = "Month", .every = "monthly workday 5 07:00", .run = tick_run},
    {.topic = "hour", .label = "Hour", .every = "hourly", .run = tick_run}, {0}};
/* clang-format on */
static const Module tick_module = {.name = "tick", .label = "Tick", .jobs = tick_jobs};
#define BANK_MORE &work_module, &tick_module,
#include "model/test_bank.h"

static Err tick_run(Ctx *c, Job *job) {
    (void)c;
    (void)job;
    return OK;
}

static int64_t day(const char *iso) {
    int64_t days;
    assert_true(date_parse(&days, str_of(iso)));
    return days;
}

static int64_t at(const char *text) {
    int64_t us;
    assert_true(instant_parse(&us, str_of(text)));
    return us;
}

static Rule rule(const char *text) {
    Rule r;
    if (!rule_parse(&r, str_of(text))) print_error("%s\n", text);
    assert_true(rule_parse(&r, str_of(text)));
    return r;
}

static void test_rule_texts(void **state) {
    (void)state;
    Rule r;
    static const char *const bad[] = {"",
                                      "sometimes",
                                      "daily 25:00",
                                      "daily 6:30",
                                      "weekly",
                                      "weekly someday",
                                      "monthly",
                                      "monthly day 0",
                                      "monthly day 32",
                                      "monthly workday 0",
                                      "monthly workday 24",
                                      "quarterly month 4 day 1",
                                      "every 0 minutes",
                                      "after 0 months",
                                      "daily 06:30 and more"};
    for (size_t i = 0; i < LENGTH(bad); i++) assert_false(rule_parse(&r, str_of(bad[i])));
    r = rule("yearly month 3 workday -1 17:45");
    assert_int_equal(r.every, 12);
    assert_int_equal(r.month, 3);
    assert_int_equal(r.day, -1);
    assert_int_equal(r.minute, 17 * 60 + 45);
    assert_int_equal(rule("monthly day 31 next").shift, 1);
    assert_int_equal(rule("daily").minute, 360);
}

static int64_t after(const char *text, const char *iso) {
    static const Holiday may_first[] = {{.day = 20574}}; /* 2026-05-01 */
    Calendar k = {.weekend = 1u << 6 | 1u << 7, .holidays = may_first, .n = 1};
    Rule r = rule(text);
    int64_t out;
    assert_int_equal(day("2026-05-01"), 20574);
    assert_true(rule_day_after(&out, &r, &k, day(iso)));
    return out;
}

static void test_rule_days(void **state) {
    (void)state;
    assert_int_equal(after("workdays", "2026-04-30"), day("2026-05-04"));
    assert_int_equal(after("weekly mon", "2026-05-04"), day("2026-05-11"));
    assert_int_equal(after("monthly workday 1", "2026-04-30"), day("2026-05-04"));
    assert_int_equal(after("monthly workday 5", "2026-05-01"), day("2026-05-08"));
    assert_int_equal(after("monthly workday -1", "2026-05-01"), day("2026-05-29"));
    assert_int_equal(after("monthly workday 23", "2026-05-01"), day("2026-05-29"));
    assert_int_equal(after("monthly day 31", "2026-01-31"), day("2026-02-28"));
    assert_int_equal(after("monthly day 29", "2028-01-31"), day("2028-02-29")); /* leap */
    assert_int_equal(after("monthly day 1 next", "2026-04-20"), day("2026-05-04"));
    assert_int_equal(after("monthly day 31 next", "2026-05-29"), day("2026-06-01"));
    assert_int_equal(after("monthly day 1 previous", "2026-04-20"), day("2026-04-30"));
    assert_int_equal(after("quarterly day 15", "2026-04-15"), day("2026-07-15"));
    assert_int_equal(after("quarterly month 3 day 31", "2026-01-01"), day("2026-03-31"));
    assert_int_equal(after("yearly month 2 day 29", "2026-03-01"), day("2027-02-28"));
    assert_int_equal(after("after 6 months", "2026-08-31"), day("2027-02-28"));
    assert_int_equal(after("after 12 months", "2028-02-29"), day("2029-02-28"));
}

static void test_rule_periods(void **state) {
    (void)state;
    Calendar k = {.weekend = 1u << 6 | 1u << 7};
    int64_t from, to;
    Rule r = rule("monthly workday 5");
    rule_period(&from, &to, &r, &k, day("2026-03-06"));
    assert_int_equal(from, day("2026-02-01"));
    assert_int_equal(to, day("2026-02-28"));
    r = rule("quarterly workday 10");
    rule_period(&from, &to, &r, &k, day("2026-01-14"));
    assert_int_equal(from, day("2025-10-01"));
    assert_int_equal(to, day("2025-12-31"));
    r = rule("monthly day 1 previous"); /* asked on 30 January for the month before February */
    rule_period(&from, &to, &r, &k, day("2026-01-30"));
    assert_int_equal(from, day("2026-01-01"));
    r = rule("weekly wed");
    rule_period(&from, &to, &r, &k, day("2026-11-25"));
    assert_int_equal(from, day("2026-11-16"));
    assert_int_equal(to, day("2026-11-22"));
}

static void test_calendar_moving_feasts(void **state) {
    (void)state;
    assert_int_equal(easter_sunday(2024), day("2024-03-31"));
    assert_int_equal(easter_sunday(2025), day("2025-04-20"));
    assert_int_equal(easter_sunday(2038), day("2038-04-25"));
    /* 1 Shawwal 1445 was expected on 10 April 2024, 10 Dhu al-Hijja 1446 on 6 June 2025. */
    assert_int_equal(hijri_to_days(1445, 10, 1), day("2024-04-10"));
    assert_true(labs(hijri_to_days(1446, 12, 10) - day("2025-06-06")) <= 1);
    for (int64_t d = day("2000-01-01"); d < day("2060-01-01"); d++) {
        int y = hijri_year_of(d);
        assert_true(hijri_to_days(y, 1, 1) <= d && d < hijri_to_days(y + 1, 1, 1));
    }
}

static int64_t calendar_id(Bank *b, const char *code) {
    int64_t id;
    assert_int_equal(ref_find(&id, b->c, model_need(b->model, "calendar"), str_of(code)), OK);
    return id;
}

static bool works(Bank *b, const char *code, const char *iso) {
    const Calendar *k;
    assert_int_equal(calendar_load(&k, b->c, code ? calendar_id(b, code) : 0), OK);
    return calendar_is_workday(k, day(iso));
}

static void test_calendar_records(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        b->at = at("2026-11-25T08:00:00Z");
        bank_begin(b);
        assert_int_equal(calendar_seed(b->c), OK);
        assert_int_equal(calendar_seed(b->c), OK); /* again changes nothing */
        assert_false(works(b, "MA", "2026-11-18"));
        assert_true(works(b, "FR", "2026-11-18"));
        assert_false(works(b, "FR", "2027-05-06")); /* Ascension */
        assert_true(works(b, "MA", "2027-05-06"));
        assert_false(works(b, NULL, "2026-11-06")); /* the default one is Morocco's */
        assert_false(works(b, NULL, "2026-11-22")); /* Sunday */
        const Calendar *k;
        assert_int_equal(calendar_load(&k, b->c, calendar_id(b, "MA")), OK);
        int64_t fitr = hijri_to_days(1448, 10, 1);
        assert_false(calendar_is_workday(k, fitr));
        /* The announced date is a day later: it replaces the expected one. */
        Records list;
        Record *made, *day_off = record_new(b->c, model_need(b->model, "holiday"));
        assert_int_equal(record_where(&list, b->c, model_need(b->model, "holiday"), "lunar_month",
                                      value_text(S("10")), 5),
                         OK);
        assert_int_equal(list.n, 1);
        record_set(day_off, "calendar", value_int(calendar_id(b, "MA")));
        record_set(day_off, "name_fr", value_text(S("Aïd Al Fitr 1448")));
        record_set(day_off, "repeats", value_text(S("once")));
        record_set(day_off, "day", value_text(date_text(b->arena, fitr + 3)));
        record_set(day_off, "confirms", value_int(list.items[0]->id));
        assert_int_equal(record_save(&made, b->c, day_off, "create"), OK);
        assert_int_equal(calendar_load(&k, b->c, calendar_id(b, "MA")), OK);
        size_t found = 0;
        Holiday h;
        for (int64_t d = fitr - 5; d <= fitr + 5; d++) found += calendar_holiday(&h, k, d);
        assert_int_equal(found, 1);
        Record *wrong = record_new(b->c, model_need(b->model, "holiday"));
        record_set(wrong, "calendar", value_int(calendar_id(b, "MA")));
        record_set(wrong, "name_fr", value_text(S("Sans date")));
        record_set(wrong, "repeats", value_text(S("once")));
        assert_int_equal(record_save(&made, b->c, wrong, "create"), ERR_INVALID);
        assert_true(str_is(b->c->issues.items[0].field, "day"));
        db_rollback(b->c->db);
        bank_close(b);
    }
}

/* ---- the clock ---- */

static int64_t tick(Bank *b, int64_t now) {
    int64_t added;
    Arena *a = arena_new(0);
    Ctx *c = ctx_new(a, b->model, b->session);
    assert_int_equal(db_write(&c->db, b->session), OK);
    actor_system(c);
    ctx_at(c, now);
    assert_int_equal(schedule_tick(&added, c), OK);
    assert_int_equal(db_commit(c->db), OK);
    arena_free(a);
    return added;
}

static int64_t slots(Bank *b, const char *topic, const char *from, const char *to) {
    int64_t n;
    bool found;
    bank_read(b);
    assert_int_equal(db_get_int(&n, &found, b->c->db,
                                "SELECT COUNT(*) FROM outbox WHERE topic = $1 AND item_key >= $2 "
                                "AND item_key < $3",
                                ARGS(db_textz(topic), db_textz(from), db_textz(to))),
                     OK);
    bank_end(b);
    return n;
}

static void year_of_slots(Bank *b, const char *zone, int hours) {
    bank_zone(b, zone);
    bank_begin(b);
    assert_int_equal(calendar_seed(b->c), OK);
    bank_commit(b);
    int64_t end = at("2029-01-02T00:10:00Z");
    for (int64_t t = at("2027-12-31T12:00:00Z"); t < end; t += hours * INT64_C(3600000000))
        tick(b, t);
    assert_int_equal(slots(b, "morning", "2028-01-01", "2029-01-01"), 366);
    assert_int_equal(slots(b, "night", "2028-01-01", "2029-01-01"), 366);
    assert_int_equal(slots(b, "month", "2028", "2029"), 12);
    assert_int_equal(slots(b, "hour", "2028", "2029"), 366 * 24 / hours);
    assert_int_equal(slots(b, "morning", "2028-02-29", "2028-03-01"), 1);
}

static void test_schedule_year_in_morocco(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        year_of_slots(b, "Africa/Casablanca", n == 0 ? 1 : 6);
        /* Half past six is 05:30 UTC, and 06:30 UTC while the clock is back for Ramadan. */
        assert_int_equal(slots(b, "morning", "2028-01-10T05:30:00Z", "2028-01-10T05:30:01Z"), 1);
        assert_int_equal(slots(b, "morning", "2028-02-10T06:30:00Z", "2028-02-10T06:30:01Z"), 1);
        assert_int_equal(slots(b, "morning", "2028-06-10T05:30:00Z", "2028-06-10T05:30:01Z"), 1);
        /* The fifth working day of January: after the first, a Saturday, and before the 11th. */
        assert_int_equal(slots(b, "month", "2028-01-07", "2028-01-08"), 1);
        bank_close(b);
    }
}

static void test_schedule_year_in_paris(void **state) {
    (void)state;
    Bank *b = bank_open(0);
    year_of_slots(b, "Europe/Paris", 1);
    assert_int_equal(slots(b, "night", "2028-03-26T01:00:00Z", "2028-03-26T01:00:01Z"), 1);
    assert_int_equal(slots(b, "night", "2028-10-29T00:30:00Z", "2028-10-29T00:30:01Z"), 1);
    bank_close(b);
}

static void test_schedule_missed_slots_run_once(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        bank_zone(b, "Africa/Casablanca");
        tick(b, at("2026-11-20T12:00:00Z"));
        assert_int_equal(slots(b, "morning", "2026", "2027"), 0); /* nothing of the past */
        tick(b, at("2026-11-25T12:00:00Z"));
        assert_int_equal(slots(b, "morning", "2026", "2027"), 1);
        assert_int_equal(tick(b, at("2026-11-25T12:00:01Z")), 0);
        /* The clock goes back two days and comes forward again: nothing runs twice. */
        assert_int_equal(tick(b, at("2026-11-23T12:00:00Z")), 0);
        assert_int_equal(tick(b, at("2026-11-25T12:04:00Z")), 0);
        bank_close(b);
    }
}

static void test_clock_that_jumps_is_not_trusted(void **state) {
    (void)state;
    const int64_t second = 1000000, start = at("2026-11-25T12:00:00Z");
    ClockGuard g = {0};
    assert_true(clock_guard(&g, start, 100 * second, 0));
    assert_true(clock_guard(&g, start + 5 * second, 105 * second, 0));
    assert_false(clock_guard(&g, start + 86400 * second, 110 * second, 0)); /* a day ahead */
    assert_false(clock_guard(&g, start + 86405 * second, 115 * second, 0));
    assert_false(clock_guard(&g, start + 20 * second, 120 * second, 0)); /* and back */
    assert_false(clock_guard(&g, start + 310 * second, 410 * second, 0));
    assert_true(clock_guard(&g, start + 330 * second, 430 * second, 0));
    assert_false(clock_guard(&g, start + 335 * second, 435 * second, start + 500 * second));
    assert_true(clock_guard(&g, start + 735 * second, 835 * second, start + 734 * second));
}
