/* test_indicator_year.c: a year of collection by the calendar of Morocco under a made-up clock:
 * asked once a period, reminded, late, escalated, handed to the deputy, answered by the value; and
 * an episode outside the bounds from its notice to its end. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "modules/indicator/test_indicator_world.h"

#include "work/assignment.h"
#include "work/notice.h"

static int64_t person(World *w, const char *email, const char *role) {
    Record *r = record_new(w->c, model_need(w->c->model, "user")), *a;
    record_set(r, "email", value_text(str_of(email)));
    record_set(r, "name", value_text(str_of(email)));
    record_set(r, "home_unit", value_int(w->unit));
    int64_t id = save(w, r)->id;
    if (!role) return id;
    a = record_new(w->c, model_need(w->c->model, "role_assignment"));
    record_set(a, "person", value_int(id));
    record_set(a, "role", value_text(str_of(role)));
    record_set(a, "in_unit", value_int(w->unit));
    record_set(a, "valid_from", value_text(S("2020-01-01")));
    save(w, a);
    return id;
}

static void day_of_work(World *w, int64_t day) {
    int64_t asked;
    on_day(w, date_text(w->arena, day).p);
    w->c->cache = NULL;
    OKAY(indicator_ask(&asked, w->c));
    OKAY(assignments_day(w->c, &(Job){0}));
    OKAY(indicator_daily(w->c));
}

static Record *asked_for(World *w, const Record *r, const char *period) {
    Record *out;
    OKAY(work_asked(&out, w->c, str_fmt(w->arena, "indicator/%lld/%s", (long long)r->id, period)));
    return out;
}

static void give(World *w, const Record *r, const char *period, int64_t value) {
    Indicator i;
    Collected done;
    Given g = {.indicator = record_clone(w->c, r), .value = value, .comment = S("Relevé")};
    OKAY(indicator_open(&i, w->c, g.indicator));
    assert_true(period_parse(&g.period, i.frequency, str_of(period)));
    w->c->issues = (Issues){0};
    OKAY(indicator_collect(&done, w->c, &g, 1, "manual", (Str){0}));
}

static int64_t told(World *w, int64_t who, const char *kind) {
    Rows *rows;
    bool more;
    OKAY(db_rows(&rows, w->c->db, w->arena,
                 "SELECT count(*) FROM notice WHERE person = $1 AND kind = $2",
                 ARGS(db_int(who), db_textz(kind))));
    OKAY(rows_next(&more, rows));
    assert_true(more);
    int64_t n = rows_int(rows, 0);
    rows_close(rows);
    return n;
}

/* K16: days since the last restore, monthly, due 5 working days after the month, 2 of grace. The
 * provider is always in time, but forgets April until the head has been told. */
static void a_year(World *w, Record *r, int64_t head, int64_t reviewer) {
    int64_t day = date_to_days(2026, 1, 2), end = date_to_days(2026, 12, 31), given = 0;
    Record *a;
    for (; day <= end; day++) {
        int year, month, of_month;
        day_of_work(w, day);
        date_from_days(&year, &month, &of_month, day);
        int before = month == 1 ? 12 : month - 1;
        const char *period = str_fmt(w->arena, "%d-%02d", month == 1 ? year - 1 : year, before).p;
        bool late = before == 4;
        if (of_month == 5 && !late) give(w, r, period, V(80)), given++;
        if (month == 5 && of_month == 25) give(w, r, "2026-04", V(80)), given++;
    }
    assert_int_equal(given, 12);
    /* 31 December: 1 and 11 January are days off, so five working days end on Thursday the 8th. */
    a = asked_for(w, r, "2025-12");
    assert_true(str_is(record_text(a, "due_on"), "2026-01-08"));
    assert_true(str_is(record_text(a, "grace_until"), "2026-01-12"));
    /* July: Throne Day lies before; 14 August after. October: Green March and the day of Unity. */
    a = asked_for(w, r, "2026-10");
    assert_true(str_is(record_text(a, "due_on"), "2026-11-09"));
    a = asked_for(w, r, "2026-04"); /* 1 May is a Friday off: 4, 5, 6, 7 and 8 May */
    assert_true(str_is(record_text(a, "due_on"), "2026-05-08"));
    assert_true(str_is(record_text(a, "completed_on"), "2026-05-25"));
    assert_int_equal(record_int(a, "on_time"), 0);
    assert_string_equal(a->state->name, "review"); /* the second person still looks at it */
    assert_int_equal(record_int(a, "reviewer"), reviewer);
    a = asked_for(w, r, "2026-05");
    assert_int_equal(record_int(a, "on_time"), 1);
    assert_true(told(w, w->provider, "assignment.late") >= 2); /* 1 and 7 days after */
    assert_int_equal(told(w, head, "assignment.escalated"), 1);
    assert_null(asked_for(w, r, "2026-12")); /* not over yet */
}

/* Away for good: the deputy is asked; what comes after the end of an indicator is not asked. */
static void handed_over(World *w, Record *r) {
    Record *person_of, *out, *after;
    int64_t deputy = person(w, "deputy@bank.test", NULL);
    Input reason = {0};
    OKAY(record_load_raw(&r, w->c, r->type, r->id));
    after = record_clone(w->c, r);
    record_set(after, "deputy", value_int(deputy));
    OKAY(record_save(&r, w->c, after, "update"));
    day_of_work(w, date_to_days(2027, 1, 2));
    assert_int_equal(asked_for(w, r, "2026-12")->owner, w->provider);
    OKAY(record_load_raw(&person_of, w->c, model_need(w->c->model, "user"), w->provider));
    after = record_clone(w->c, person_of);
    after->state = type_state(after->type, S("disabled"));
    OKAY(record_save(&out, w->c, after, "disable"));
    day_of_work(w, date_to_days(2027, 1, 4));
    assert_int_equal(asked_for(w, r, "2026-12")->owner, deputy);
    input_add(&reason, w->arena, S("reason"), S("Remplacé"));
    OKAY(record_move(&out, w->c, r, "retire", &reason));
    assert_string_equal(asked_for(w, r, "2026-12")->state->name, "cancelled");
}

/* Sent by a system: asked of the person who answers for it only when it is late. */
static void sent(World *w, Record *r) {
    day_of_work(w, date_to_days(2026, 2, 3));
    Record *a = asked_for(w, r, "2026-01");
    assert_string_equal(a->state->name, "planned");
    day_of_work(w, date_to_days(2026, 2, 9));
    assert_string_equal(asked_for(w, r, "2026-01")->state->name, "open");
    give(w, r, "2026-01", V(99.95));
    assert_string_equal(asked_for(w, r, "2026-01")->state->name, "done");
}

static void an_episode(World *w, Record *r, int64_t head) {
    Records list;
    Record *b, *out;
    Input in = {0}, until = {0}, nothing = {0};
    const Type *t = model_need(w->c->model, "breach");
    on_day(w, "2026-03-04");
    give(w, r, "2026-02", V(99.6));
    OKAY(record_children(&list, w->c, t, r));
    assert_int_equal(list.n, 1);
    b = list.items[0];
    assert_true(str_is(record_text(b, "acknowledge_by"), "2026-03-06"));
    day_of_work(w, date_to_days(2026, 3, 7));
    day_of_work(w, date_to_days(2026, 3, 8));
    assert_int_equal(told(w, head, "breach.late"), 1); /* once */
    on_day(w, "2026-04-03");
    give(w, r, "2026-03", V(99.2));
    give(w, r, "2026-03", V(99.2));
    assert_int_equal(told(w, head, "breach.worse"), 1);
    OKAY(record_load_raw(&b, w->c, t, b->id));
    OKAY(record_move(&b, w->c, b, "acknowledge", &in));
    input_add(&in, w->arena, S("analysis"), S("Mise en production"));
    OKAY(record_move(&b, w->c, b, "analyse", &in));
    input_add(&until, w->arena, S("accepted_until"), S("2026-05-15"));
    input_add(&until, w->arena, S("reason"), S("Travaux en cours"));
    w->c->issues = (Issues){0};
    OKAY(record_move(&b, w->c, b, "accept", &until));
    day_of_work(w, date_to_days(2026, 5, 15));
    OKAY(record_load_raw(&b, w->c, t, b->id));
    assert_string_equal(b->state->name, "accepted"); /* the last day still counts */
    day_of_work(w, date_to_days(2026, 5, 16));
    OKAY(record_load_raw(&b, w->c, t, b->id));
    assert_string_equal(b->state->name, "analysed");
    OKAY(record_load_raw(&out, w->c, r->type, r->id));
    give(w, out, "2026-04", V(99.9));
    OKAY(record_load_raw(&b, w->c, t, b->id));
    assert_string_equal(b->state->name, "closed");
    assert_true(str_is(record_text(b, "ended_on"), "2026-04-01"));
    input_add(&nothing, w->arena, S("reason"), S("Remplacé"));
    OKAY(record_load_raw(&out, w->c, r->type, r->id));
    OKAY(record_move(&out, w->c, out, "retire", &nothing));
}

static Record *threshold_of(World *w, const char *code) {
    Records list;
    int64_t id;
    const Type *t = model_need(w->c->model, "indicator_threshold");
    OKAY(ref_find(&id, w->c, model_need(w->c->model, "indicator_definition"), str_of(code)));
    OKAY(record_where(&list, w->c, t, "definition", value_int(id), 10));
    assert_int_equal(list.n, 1);
    return record_clone(w->c, list.items[0]);
}

/* Two thresholds end on 30 June; one of them is followed by another on the next day. */
static void threshold_ends(World *w) {
    static const char *const copied[] = {"definition", "basis", "amber", "red", "reason"};
    static const struct {
        const char *day;
        int64_t told;
    } days[] = {{"2026-05-30", 0}, {"2026-05-31", 1}, {"2026-06-01", 1}, {"2026-06-30", 1}};
    int64_t analyst = person(w, "analyst@bank.test", NULL);
    /* Nobody keeps the method everywhere, so whoever does in some unit is told. */
    int64_t keeper = person(w, "keeper@bank.test", "methodology");
    Record *ends = threshold_of(w, "K16"), *followed = threshold_of(w, "K13"), *saved;
    Record *role = record_new(w->c, model_need(w->c->model, "role_assignment")); /* of all units */
    record_set(role, "person", value_int(analyst));
    record_set(role, "role", value_text(S("analyst")));
    record_set(role, "valid_from", value_text(S("2020-01-01")));
    save(w, role);
    record_set(ends, "valid_until", value_text(S("2026-06-30")));
    OKAY(record_save(&saved, w->c, ends, "update"));
    Record *next = record_new(w->c, followed->type);
    for (size_t i = 0; i < LENGTH(copied); i++)
        record_set(next, copied[i], record_get(followed, copied[i]));
    record_set(next, "valid_from", value_text(S("2026-07-01")));
    record_set(next, "rationale", value_text(S("Revue annuelle")));
    next->state = type_state(next->type, S("approved"));
    save(w, next);
    OKAY(record_load_raw(&saved, w->c, followed->type, followed->id));
    assert_true(str_is(record_text(saved, "valid_until"), "2026-06-30"));
    for (size_t i = 0; i < LENGTH(days); i++) {
        on_day(w, days[i].day);
        OKAY(indicator_daily(w->c));
        assert_int_equal(told(w, analyst, "threshold.ends"), days[i].told);
        assert_int_equal(told(w, keeper, "threshold.ends"), days[i].told);
    }
}

static void test_indicator_year(void **state) {
    (void)state;
    World *w;
    for (int i = 0; (w = open_world(i, "test_indicator_year")); i++) {
        on_day(w, "2026-01-02");
        people(w);
        int64_t head = person(w, "head@bank.test", "unit_head");
        Record *r = use(w, "K16", "2025-12-01");
        a_year(w, r, head, w->reviewer);
        handed_over(w, r);
        on_day(w, "2026-01-02");
        w->provider = head;
        Record *pushed = use(w, "K13", "2026-01-01");
        sent(w, pushed);
        an_episode(w, pushed, head);
        on_day(w, "2026-05-01");
        threshold_ends(w);
        close_world(w);
    }
}
