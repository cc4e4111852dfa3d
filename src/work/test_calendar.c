/* test_calendar.c: working days against cases counted by hand, the calendar of a unit, and what a
 * holiday that comes later does to a plan. SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/calendar.h"
#include "work/work.h"

#define BANK_MORE &work_module,
#include "model/test_bank.h"

static int64_t day(const char *iso) {
    int64_t days;
    assert_true(date_parse(&days, str_of(iso)));
    return days;
}

static const Calendar *morocco(void) {
    static Holiday dated[2];
    static const Yearly yearly[] = {
        {.month = 1, .day = 1, .length = 1},
        {.month = 1, .day = 11, .length = 1},
        {.month = 1, .day = 14, .first = 2024, .length = 1},
        {.month = 5, .day = 1, .length = 1},
        {.month = 11, .day = 18, .length = 1},
    };
    static Calendar k = {
        .weekend = 1u << 6 | 1u << 7, .yearly = yearly, .n_yearly = LENGTH(yearly)};
    dated[0] = (Holiday){.day = day("2026-05-27")};
    dated[1] = (Holiday){.day = day("2026-05-28")};
    k.holidays = dated;
    k.n = 2;
    return &k;
}

static void added(const Calendar *k, const char *from, int n, const char *to) {
    int64_t got = calendar_add(k, day(from), n);
    if (got != day(to)) print_error("%s %+d\n", from, n);
    assert_int_equal(got, day(to));
    assert_int_equal(calendar_count(k, day(from), day(to)), n);
}

static void test_calendar_by_hand(void **state) {
    (void)state;
    const Calendar *k = morocco();
    added(k, "2026-11-13", 0, "2026-11-13");
    /* A week of four days: Wednesday 18 November 2026 is off. */
    added(k, "2026-11-13", 5, "2026-11-23");
    added(k, "2026-11-17", 1, "2026-11-19");
    added(k, "2026-11-19", -1, "2026-11-17");
    /* A holiday on a weekend takes nothing: 18 November 2023 is a Saturday. */
    added(k, "2023-11-16", 2, "2023-11-20");
    /* Across the years: 1 January 2027 is a Friday, 11 January a Monday, 14 January a Thursday. */
    added(k, "2026-12-30", 2, "2027-01-04");
    added(k, "2026-12-30", 10, "2027-01-18");
    added(k, "2027-01-18", -10, "2026-12-30");
    /* 14 January is one since 2024 only: in 2022 it is a Friday of work, in 2025 a Tuesday off. */
    added(k, "2022-01-13", 1, "2022-01-14");
    added(k, "2025-01-13", 1, "2025-01-15");
    /* Two days off in the middle of a week. */
    added(k, "2026-05-26", 1, "2026-05-29");
    /* From a day that is not worked, and over fifty years. */
    added(k, "2026-11-21", 1, "2026-11-23");
    added(k, "1976-05-01", 1, "1976-05-03");
    assert_int_equal(calendar_count(k, day("2026-01-01"), day("2026-12-31")),
                     261 - 4 - 2); /* Mondays to Fridays after New Year; 11 January is a Sunday */
}

/* Friday and Saturday are the weekend of some countries of the Gulf and the Maghrib. */
static void test_calendar_friday_saturday(void **state) {
    (void)state;
    Calendar k = {.weekend = 1u << 5 | 1u << 6};
    added(&k, "2026-11-26", 1, "2026-11-29"); /* Thursday, then Sunday */
    added(&k, "2026-11-26", 5, "2026-12-03");
    added(&k, "2026-11-29", -1, "2026-11-26");
    Calendar none = {.weekend = 0};
    added(&none, "2026-11-26", 5, "2026-12-01");
}

static void test_calendar_undoes(void **state) {
    (void)state;
    const Calendar *k = morocco();
    for (int64_t from = day("2025-12-20"); from < day("2026-01-20"); from++)
        for (int n = -40; n <= 40; n++) {
            int64_t to = calendar_add(k, from, n);
            assert_int_equal(calendar_count(k, from, to), n);
            assert_true(n == 0 || calendar_is_workday(k, to));
        }
}

/* Holidays of several days run into the next year; lunar ones make room for announced dates. */
static void test_calendar_yearly(void **state) {
    (void)state;
    static const int64_t announced[] = {20535}; /* 2026-03-23 */
    const Yearly yearly[] = {{.month = 12, .day = 31, .length = 3, .record = 1, .last = 2026},
                             {.kind = YEARLY_LUNAR,
                              .month = 10,
                              .day = 1,
                              .length = 2,
                              .record = 2,
                              .announced = announced,
                              .n_announced = 1},
                             {.kind = YEARLY_EASTER, .day = 1, .length = 1, .record = 3},
                             {.month = 2, .day = 29, .length = 1, .record = 4}};
    Calendar k = {.yearly = yearly, .n_yearly = LENGTH(yearly)};
    Holiday h;
    assert_int_equal(day("2026-03-23"), 20535);
    assert_true(calendar_holiday(&h, &k, day("2027-01-02")) && h.record == 1);
    assert_false(calendar_holiday(&h, &k, day("2027-01-03")));
    assert_false(calendar_holiday(&h, &k, day("2028-01-01"))); /* 2026 was its last year */
    int64_t fitr = hijri_to_days(1446, 10, 1);
    assert_true(calendar_holiday(&h, &k, fitr + 1) && h.record == 2 && h.is_provisional);
    assert_false(calendar_holiday(&h, &k, hijri_to_days(1447, 10, 1))); /* announced */
    assert_true(calendar_holiday(&h, &k, day("2027-03-29")) && h.record == 3);
    assert_true(calendar_holiday(&h, &k, day("2028-02-29")) && h.record == 4);
    assert_false(calendar_holiday(&h, &k, day("2027-03-01")));
}

/* ---- from records ---- */

static int64_t id_of(Bank *b, const char *type, const char *code) {
    int64_t id;
    assert_int_equal(ref_find(&id, b->c, model_need(b->model, type), str_of(code)), OK);
    return id;
}

static int64_t entity_add(Bank *b, const char *code, const char *country, int64_t calendar,
                          int64_t parent) {
    Record *r = record_new(b->c, model_need(b->model, "entity")), *made;
    record_set(r, "code", value_text(str_of(code)));
    record_set(r, "name_fr", value_text(str_of(code)));
    if (country) record_set(r, "country", value_text(str_of(country)));
    if (calendar) record_set(r, "calendar", value_int(calendar));
    if (parent) record_set(r, "parent", value_int(parent));
    assert_int_equal(record_save(&made, b->c, r, "create"), OK);
    return made->id;
}

static int64_t calendar_of(Bank *b, int64_t entity) {
    int64_t id;
    assert_int_equal(calendar_of_entity(&id, b->c, entity), OK);
    return id;
}

static void test_calendar_of_an_entity(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        bank_begin(b);
        assert_int_equal(calendar_seed(b->c), OK);
        int64_t ma = id_of(b, "calendar", "MA"), fr = id_of(b, "calendar", "FR");
        int64_t top = entity_add(b, "TOP", "FR", 0, 0);
        assert_int_equal(calendar_of(b, top), fr); /* its country's */
        assert_int_equal(calendar_of(b, entity_add(b, "OWN", "FR", ma, top)), ma); /* its own */
        assert_int_equal(calendar_of(b, entity_add(b, "SUB", NULL, 0, top)), fr);  /* from above */
        assert_int_equal(calendar_of(b, entity_add(b, "FAR", "TN", 0, 0)), 0);     /* the default */
        /* Small letters become capitals; what is no country is none. */
        assert_int_equal(calendar_of(b, entity_add(b, "LOW", "fr", 0, 0)), fr);
        Record *wrong = record_new(b->c, model_need(b->model, "entity")), *made;
        record_set(wrong, "code", value_text(S("BAD")));
        record_set(wrong, "name_fr", value_text(S("BAD")));
        record_set(wrong, "country", value_text(S("M1")));
        assert_int_equal(record_save(&made, b->c, wrong, "create"), ERR_INVALID);
        assert_true(str_is(b->c->issues.items[0].field, "country"));
        b->c->issues = (Issues){0};
        assert_int_equal(record_load_raw(&wrong, b->c, model_need(b->model, "entity"),
                                         id_of(b, "entity", "TOP")),
                         OK);
        wrong = record_clone(b->c, wrong);
        record_set(wrong, "parent", value_int(id_of(b, "entity", "SUB"))); /* it is under TOP */
        assert_int_equal(record_save(&made, b->c, wrong, "update"), ERR_INVALID);
        assert_true(str_is(b->c->issues.items[0].field, "parent"));
        b->c->issues = (Issues){0};
        const Calendar *k;
        assert_int_equal(calendar_load(&k, b->c, 0), OK);
        assert_int_equal(k->id, ma);
        /* Whatever today is: also a year that is far back. */
        assert_false(calendar_is_workday(k, day("2008-11-18")));
        assert_true(calendar_is_workday(k, day("2009-01-14")));
        db_rollback(b->c->db);
        bank_close(b);
    }
}

static void test_calendar_demo_dates_are_to_be_confirmed(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        const Calendar *k;
        Holiday h;
        size_t made, found = 0;
        bank_begin(b);
        assert_int_equal(calendar_seed(b->c), OK);
        assert_int_equal(calendar_demo(b->c, &made), OK);
        assert_int_equal(made, 16);
        assert_int_equal(calendar_load(&k, b->c, 0), OK);
        assert_int_equal(k->n, 28); /* four feasts a year, seven days of them */
        assert_true(calendar_holiday(&h, k, day("2025-06-08")) && h.is_provisional);
        assert_true(calendar_holiday(&h, k, day("2025-11-18")) && !h.is_provisional);
        /* The expected days of the same feasts are replaced, not added. */
        for (int64_t d = day("2023-01-01"); d <= day("2026-12-31"); d++)
            found += calendar_holiday(&h, k, d) && h.is_provisional;
        assert_int_equal(found, 28);
        db_rollback(b->c->db);
        bank_close(b);
    }
}
