/* test_assignment.c: plans make assignments ahead of their day, people are reminded, their heads
 * are told, a second person reviews, and what somebody leaves behind is handed over.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/assignment.h"
#include "work/calendar.h"
#include "work/rule.h"
#define BANK_MORE &work_module,
#include "model/test_bank.h"

static const WorkConfig config = {.zone = "Africa/Casablanca"};

typedef struct Cast {
    int64_t holder, deputy, head, top, reviewer, probe;
} Cast;

static int64_t day_of(const char *iso) {
    int64_t d;
    assert_true(date_parse(&d, str_of(iso)));
    return d;
}

static void begin_on(Bank *b, int64_t day) {
    bank_begin(b);
    b->c->now_us = b->at = day * INT64_C(86400000000) + INT64_C(6) * 3600 * 1000000;
    b->c->today = date_text(b->arena, day);
    b->c->work = &config;
}

static int64_t person(Bank *b, const char *name, const char *role, int64_t unit) {
    Record *u = record_new(b->c, model_need(b->model, "user"));
    record_set(u, "email", value_text(str_fmt(b->arena, "%s@bank.test", name)));
    record_set(u, "name", value_text(str_of(name)));
    record_set(u, "home_unit", value_int(unit ? unit : b->head));
    int64_t id = bank_save(b, u, "create")->id;
    if (!role) return id;
    Record *r = record_new(b->c, model_need(b->model, "role_assignment"));
    record_set(r, "person", value_int(id));
    record_set(r, "role", value_text(str_of(role)));
    record_set(r, "valid_from", value_text(S("2020-01-01")));
    if (unit) record_set(r, "in_unit", value_int(unit));
    bank_save(b, r, "create");
    return id;
}

static Cast cast_of(Bank *b, const char *day) {
    Cast p;
    begin_on(b, day_of(day));
    assert_int_equal(calendar_seed(b->c), OK);
    p.holder = person(b, "holder", NULL, b->casa);
    p.deputy = person(b, "deputy", NULL, b->casa);
    p.head = person(b, "head", "unit_head", b->casa);
    p.top = person(b, "top", "unit_head", b->head);
    p.reviewer = person(b, "reviewer", "analyst", 0);
    Record *r = bank_probe(b, "Vault", b->casa, 0, "2027-01-01", 100);
    r->owner = p.holder;
    p.probe = bank_save(b, r, "create")->id;
    bank_commit(b);
    return p;
}

static Record *plan_new(Bank *b, const Cast *p, const char *rule) {
    Record *r = record_new(b->c, model_need(b->model, "assignment_plan"));
    record_set(r, "title", value_text(S("Review")));
    record_set(r, "source_type", value_text(S("probe")));
    record_set(r, "task", value_text(S("Look at it again.")));
    record_set(r, "rule", value_text(str_of(rule)));
    record_set(r, "starts_on", value_text(b->c->today));
    record_set(r, "deputy", value_int(p->deputy));
    record_set(r, "review_role", value_text(S("analyst")));
    record_set(r, "grace_days", value_int(2));
    return bank_save(b, r, "create");
}

/* One day as the jobs run it. */
static void live(Bank *b, int64_t plan, int64_t day) {
    Job job = {.payload = str_fmt(b->arena, "%lld", (long long)plan)};
    begin_on(b, day);
    assert_int_equal(assignments_plan(b->c, &job), OK);
    assert_int_equal(assignments_day(b->c, &job), OK);
    bank_commit(b);
}

static int64_t count(Bank *b, const char *sql) {
    int64_t n;
    bool found;
    bank_read(b);
    assert_int_equal(db_get_int(&n, &found, b->c->db, sql, NO_ARGS), OK);
    bank_end(b);
    return n;
}

static Str text_of(Bank *b, const char *sql) {
    Str s;
    bool found;
    bank_read(b);
    assert_int_equal(db_get_text(&s, &found, b->c->db, b->arena, sql, NO_ARGS), OK);
    bank_end(b);
    return found ? s : S("");
}

static int64_t told(Bank *b, int64_t user, const char *kind) {
    int64_t n;
    bool found;
    bank_read(b);
    assert_int_equal(db_get_int(&n, &found, b->c->db,
                                "SELECT COUNT(*) FROM notice WHERE person = $1 AND kind = $2",
                                ARGS(db_int(user), db_textz(kind))),
                     OK);
    bank_end(b);
    return n;
}

static void test_plan_makes_reminds_and_escalates(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        Cast p = cast_of(b, "2027-12-20");
        begin_on(b, day_of("2027-12-20"));
        int64_t plan = plan_new(b, &p, "monthly workday 5")->id;
        bank_commit(b);
        for (int64_t d = day_of("2027-12-20"); d <= day_of("2028-03-20"); d++) live(b, plan, d);
        /* December's fifth working day was before the plan began. 3 January is a Monday; the 11th
         * and 14th are holidays but later. February and March follow; April's is made ahead. */
        assert_int_equal(count(b, "SELECT COUNT(*) FROM assignment"), 4);
        assert_int_equal(
            count(
                b,
                "SELECT COUNT(*) FROM assignment WHERE due_on = '2028-01-07' AND grace_until = '2028-01-12' AND "
                "period_from = '2027-12-01' AND period_to = '2027-12-31'"),
            1);
        assert_int_equal(
            count(
                b,
                "SELECT COUNT(*) FROM assignment WHERE due_on = '2028-03-07' AND period_to = '2028-02-29'"),
            1);
        assert_int_equal(count(b, "SELECT COUNT(*) FROM assignment WHERE state = 'planned'"), 1);
        assert_int_equal(count(b, "SELECT COUNT(*) FROM assignment WHERE state = 'open'"), 3);
        assert_int_equal(told(b, p.holder, "assignment.due"), 9); /* 7, 1 and 0 days before */
        assert_int_equal(told(b, p.holder, "assignment.late"),
                         8); /* the third is not yet 30 days late */
        assert_true(told(b, p.head, "assignment.escalated") >= 2);
        assert_true(told(b, p.top, "assignment.escalated") >= 2);
        live(b, plan, day_of("2028-03-20")); /* again changes nothing */
        assert_int_equal(count(b, "SELECT COUNT(*) FROM assignment"), 4);
        PlanFigures *f;
        size_t n_f;
        int64_t asked[12] = {0}, done[12] = {0};
        begin_on(b, day_of("2028-03-20"));
        assert_int_equal(assignment_figures(&f, &n_f, b->c, S("2028-01-01"), S("2028-12-31")), OK);
        assert_int_equal(n_f, 1);
        assert_int_equal(f[0].asked, 4);
        assert_int_equal(f[0].late, 3);
        assert_int_equal(assignment_year(asked, done, b->c, plan, 2028), OK);
        assert_int_equal(asked[0] + asked[1] + asked[2] + asked[3], 4);
        bank_commit(b);
        bank_close(b);
    }
}

/* 6 January 2028 becomes a holiday after its assignment was made for the 7th: the fifth working day
 * is then the 10th, and what is asked stays as it is. */
static void test_plan_asks_once_when_a_holiday_comes_later(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        int64_t calendar;
        Cast p = cast_of(b, "2027-12-20");
        begin_on(b, day_of("2027-12-20"));
        int64_t plan = plan_new(b, &p, "monthly workday 5")->id;
        bank_commit(b);
        live(b, plan, day_of("2027-12-21"));
        int64_t made = count(b, "SELECT COUNT(*) FROM assignment");
        assert_int_equal(
            count(b, "SELECT COUNT(*) FROM assignment a JOIN calendar k ON k.id = a.calendar "
                     "WHERE a.due_on = '2028-01-07' AND k.code = 'MA'"),
            1);
        begin_on(b, day_of("2027-12-22"));
        assert_int_equal(ref_find(&calendar, b->c, model_need(b->model, "calendar"), S("MA")), OK);
        Record *r = record_new(b->c, model_need(b->model, "holiday")), *out;
        record_set(r, "calendar", value_int(calendar));
        record_set(r, "name_fr", value_text(S("Jour ajouté")));
        record_set(r, "repeats", value_text(S("once")));
        record_set(r, "days", value_int(1));
        record_set(r, "day", value_text(S("2028-01-06")));
        assert_int_equal(record_save(&out, b->c, r, "create"), OK);
        bank_commit(b);
        live(b, plan, day_of("2027-12-23"));
        assert_int_equal(count(b, "SELECT COUNT(*) FROM assignment"), made);
        assert_int_equal(count(b, "SELECT COUNT(*) FROM assignment WHERE due_on = '2028-01-07'"),
                         1);
        bank_close(b);
    }
}

static Err move_as(Bank *b, int64_t user, int64_t id, int64_t day, const char *step,
                   const char *result) {
    Record *r, *out;
    Input in = {0};
    begin_on(b, day);
    assert_int_equal(actor_load(b->c, user), OK);
    if (result) input_add(&in, b->arena, S("result"), str_of(result));
    Err e = record_load(&r, b->c, model_need(b->model, "assignment"), id);
    if (e == OK) e = record_move(&out, b->c, r, step, &in);
    if (e == OK)
        bank_commit(b);
    else
        db_rollback(b->c->db);
    return e;
}

static void test_answer_and_review_by_a_second_person(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        Cast p = cast_of(b, "2027-12-20");
        begin_on(b, day_of("2027-12-20"));
        int64_t plan = plan_new(b, &p, "after 6 months")->id;
        bank_commit(b);
        live(b, plan, day_of("2028-06-10"));
        int64_t id =
            count(b, "SELECT id FROM assignment WHERE state = 'open' AND due_on = '2028-06-20'");
        assert_true(id > 0);
        assert_int_equal(move_as(b, p.deputy, id, day_of("2028-06-11"), "answer", "confirmed"),
                         ERR_MISSING);
        assert_int_equal(move_as(b, p.head, id, day_of("2028-06-11"), "answer", "confirmed"),
                         ERR_DENIED);
        assert_int_equal(move_as(b, p.holder, id, day_of("2028-06-11"), "answer", NULL),
                         ERR_INVALID);
        assert_int_equal(move_as(b, p.holder, id, day_of("2028-06-11"), "answer", "confirmed"), OK);
        assert_true(str_is(text_of(b, "SELECT state FROM assignment"), "review"));
        assert_int_equal(move_as(b, p.holder, id, day_of("2028-06-12"), "accept", NULL),
                         ERR_DENIED);
        assert_int_equal(move_as(b, p.reviewer, id, day_of("2028-06-12"), "accept", NULL), OK);
        assert_int_equal(count(b, "SELECT on_time FROM assignment"), 1);
        /* Six months after the answer, not after the day it was due. */
        live(b, plan, day_of("2028-12-01"));
        assert_int_equal(count(b, "SELECT COUNT(*) FROM assignment WHERE due_on = '2028-12-11'"),
                         1);
        bank_close(b);
    }
}

static void test_what_somebody_leaves_is_handed_over(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        Cast p = cast_of(b, "2028-01-03");
        Record *a, *again, *r, *out;
        begin_on(b, day_of("2028-01-03"));
        assert_int_equal(record_load_raw(&r, b->c, b->probe, p.probe), OK);
        WorkAsk ask = {.source = r,
                       .key = S("probe/1"),
                       .title = S("Count"),
                       .task = S("Count it."),
                       .person = p.holder,
                       .deputy = p.deputy,
                       .due_on = S("2028-01-31")};
        assert_int_equal(work_ask(&a, b->c, &ask), OK);
        assert_int_equal(work_ask(&again, b->c, &ask), OK);
        assert_int_equal(a->id, again->id);
        assert_int_equal(work_asked(&again, b->c, S("probe/1")), OK);
        assert_int_equal(again->owner, p.holder);
        assert_int_equal(work_asked(&again, b->c, S("probe/2")), OK);
        assert_null(again);
        bank_commit(b);
        begin_on(b, day_of("2028-01-04"));
        assert_int_equal(record_load_raw(&r, b->c, model_need(b->model, "user"), p.holder), OK);
        Input why = {0};
        input_add(&why, b->arena, S("reason"), S("Left"));
        assert_int_equal(record_move(&out, b->c, r, "disable", &why), OK);
        bank_commit(b);
        live(b, 0, day_of("2028-01-05"));
        assert_int_equal(count(b, "SELECT owner FROM assignment"), p.deputy);
        assert_int_equal(told(b, p.deputy, "assignment.yours"), 1);
        begin_on(b, day_of("2028-01-05"));
        assert_int_equal(record_load_raw(&r, b->c, model_need(b->model, "user"), p.deputy), OK);
        assert_int_equal(record_move(&out, b->c, r, "disable", &why), OK);
        bank_commit(b);
        live(b, 0, day_of("2028-01-06"));
        assert_int_equal(count(b, "SELECT owner FROM assignment"),
                         p.head); /* the head of the unit */
        bank_close(b);
    }
}

static void test_plan_is_checked(void **state) {
    (void)state;
    Bank *b = bank_open(0);
    Cast p = cast_of(b, "2028-01-03");
    begin_on(b, day_of("2028-01-03"));
    Record *r = plan_new(b, &p, "monthly workday 5"), *out;
    r = record_clone(b->c, r);
    record_set(r, "rule", value_text(S("every full moon")));
    record_set(r, "assignee", value_text(S("person")));
    assert_int_equal(record_save(&out, b->c, r, "update"), ERR_INVALID);
    bool rule = false, who = false;
    for (size_t i = 0; i < b->c->issues.n; i++) {
        rule |= str_is(b->c->issues.items[i].field, "rule");
        who |= str_is(b->c->issues.items[i].field, "person");
    }
    assert_true(rule && who);
    bank_commit(b);
    bank_close(b);
}
