/* test_day.c: "today" is the day where the institution is: what is overdue, from when on a role
 * counts, the year of numbers, the day of a filter and of an as-of, just before and after midnight,
 * with and without Ramadan. On both databases. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/model.h"

/* clang-format off */
static const FieldDef task_fields[] = {
    {.name = "title", .label = "Title", .kind = KIND_TEXT, .flags = F_REQUIRED},
    {.name = "due", .label = "Due", .kind = KIND_DATE, .flags = F_SORTED, .default_value = "today"}, {0}};
static const GrantDef task_grants[] = {{"analyst", OP_READ | OP_CREATE | OP_UPDATE, SCOPE_ALL, true, NULL, NULL, NULL}, {0}};
static const ConditionDef task_conditions[] = {{"late", "Late", "due", NULL, CONDITION_OPEN, -1, TONE_BAD}, {0}};
static const TypeDef task_type = {.name = "task", .label = "Task", .plural_label = "Tasks", .prefix = "TSK", .title = "title",
    .flags = TYPE_NO_UNIT, .fields = task_fields, .grants = task_grants, .conditions = task_conditions};
/* clang-format on */
static const TypeDef *const task_types[] = {&task_type, NULL};
static const Module task_module = {.name = "task", .label = "Task", .types = task_types};
#define BANK_MORE &task_module,
#include "model/test_bank.h"

#include "model/condition.h"

static void at(Bank *b, const char *text) {
    int64_t us;
    assert_true(instant_parse(&us, str_of(text)));
    ctx_at(b->c, us);
    b->c->cache = NULL;
    b->c->as_of = (Str){0};
    b->c->issues = (Issues){0};
}

static Record *task(Bank *b, const char *title, const char *due) {
    Record *r = record_new(b->c, model_need(b->model, "task"));
    record_set(r, "title", value_text(str_of(title)));
    if (due) record_set(r, "due", value_text(str_of(due)));
    return bank_save(b, r, "create");
}

static size_t listed(Bank *b, const char *name, const char *value) {
    Input in = {0};
    ListQuery q;
    ListCursor *cursor;
    size_t n = 0;
    b->c->as_of = (Str){0};
    input_add(&in, b->arena, str_of(name), str_of(value));
    input_add(&in, b->arena, S("sort"), S("id"));
    assert_int_equal(list_parse(&q, b->c, model_need(b->model, "task"), &in), OK);
    assert_int_equal(list_open(&cursor, b->c, &q), OK);
    for (Record *r;; n++) {
        assert_int_equal(list_next(&r, cursor, b->arena), OK);
        if (!r) break;
    }
    b->c->as_of = (Str){0};
    return n;
}

static void overdue(Bank *b) {
    const Condition *late = type_condition(model_need(b->model, "task"), S("late"));
    at(b, "2026-11-20T12:00:00Z");
    Record *r = task(b, "to do", "2026-11-22");
    at(b, "2026-11-22T22:59:59Z"); /* 23:59 there */
    assert_false(condition_holds(b->c, r, late));
    assert_int_equal(listed(b, "late", "true"), 0);
    at(b, "2026-11-22T23:00:00Z"); /* midnight there, not yet in UTC */
    assert_true(condition_holds(b->c, r, late));
    assert_int_equal(listed(b, "late", "true"), 1);
    Record *spring = task(b, "in Ramadan", "2027-02-20"); /* the clock goes with UTC */
    at(b, "2027-02-20T23:30:00Z");
    assert_false(condition_holds(b->c, spring, late));
    at(b, "2027-02-21T00:00:00Z");
    assert_true(condition_holds(b->c, spring, late));
}

static void numbers_and_defaults(Bank *b) {
    at(b, "2026-12-31T23:10:00Z");
    Record *r = task(b, "first of the year", NULL);
    assert_int_equal(r->year, 2027);
    assert_true(str_is(record_text(r, "due"), "2027-01-01"));
}

static void days_of_instants(Bank *b) {
    at(b, "2026-11-22T22:30:00Z");
    task(b, "on the 22nd", "2026-12-01");
    at(b, "2026-11-22T23:30:00Z");
    task(b, "on the 23rd", "2026-12-01");
    at(b, "2026-11-24T12:00:00Z");
    assert_int_equal(listed(b, "created_at.le", "2026-11-22"), 1);
    assert_int_equal(listed(b, "created_at.ge", "2026-11-23"), 1);
    assert_int_equal(listed(b, "as_of", "2026-11-22"), 1);
    assert_int_equal(listed(b, "as_of", "2026-11-23"), 2);
}

static void roles_begin(Bank *b) {
    at(b, "2026-11-20T12:00:00Z");
    Record *r = record_new(b->c, model_need(b->model, "role_assignment"));
    record_set(r, "person", value_int(b->user));
    record_set(r, "role", value_text(S("analyst")));
    record_set(r, "valid_from", value_text(S("2026-11-23")));
    bank_save(b, r, "create");
    at(b, "2026-11-22T22:59:00Z");
    assert_int_equal(actor_load(b->c, b->user), OK);
    assert_false(actor_has_role(b->c, S("analyst")));
    at(b, "2026-11-22T23:01:00Z");
    assert_int_equal(actor_load(b->c, b->user), OK);
    assert_true(actor_has_role(b->c, S("analyst")));
}

static void each(void (*body)(Bank *b)) {
    for (int n = 0;; n++) {
        Bank *b = bank_open(n);
        if (!b) return;
        bank_zone(b, "Africa/Casablanca");
        bank_begin(b);
        body(b);
        bank_commit(b);
        bank_close(b);
    }
}

static void test_day_overdue(void **state) {
    (void)state;
    each(overdue);
}
static void test_day_numbers_and_defaults(void **state) {
    (void)state;
    each(numbers_and_defaults);
}
static void test_day_of_instants(void **state) {
    (void)state;
    each(days_of_instants);
}
static void test_day_roles_begin(void **state) {
    (void)state;
    each(roles_begin);
}
