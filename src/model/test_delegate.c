/* test_delegate.c: four eyes where a delegate acted for somebody: the two count as one person on
 * what the delegation was used for, in either order, and on nothing else; the history says who
 * acted for whom. On both databases. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/model.h"

static Err note_step(Ctx *c, const Saving *s);

/* clang-format off */
static const FieldDef task_fields[] = {{.name = "title", .label = "Title", .kind = KIND_TEXT, .flags = F_REQUIRED},
    {.name = "step", .label = "Step", .kind = KIND_TEXT, .flags = F_COMPUTED}, {0}};
static const StateDef task_states[] = {
    {"open", "Open", TONE_INFO, 1, 0, NULL}, {"done", "Done", TONE_WARN, 2, 0, NULL}, {"closed", "Closed", TONE_GOOD, 3, STATE_CLOSED, NULL}, {0}};
static const TransitionDef task_transitions[] = {
    {"finish", "Finish", "open", "done", "analyst", TRANSITION_NOT_EDITOR},
    {"approve", "Approve", "open done", "closed", "analyst head_orm", TRANSITION_NOT_CREATOR | TRANSITION_NOT_PREVIOUS}, {0}};
static const GrantDef task_grants[] = {
    {"analyst", OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {"head_orm", OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL}, {0}};
static const TypeDef task_type = {.name = "task", .label = "Task", .plural_label = "Tasks", .prefix = "TSK", .title = "title", .flags = TYPE_NO_UNIT,
    .fields = task_fields, .states = task_states, .transitions = task_transitions, .grants = task_grants, .compute = note_step};
/* clang-format on */
static const TypeDef *const task_types[] = {&task_type, NULL};
static const Module task_module = {.name = "task", .label = "Task", .types = task_types};
#define BANK_MORE &task_module,
#include "model/test_bank.h"

/* compute and validate are told the step that asks them. */
static Err note_step(Ctx *c, const Saving *s) {
    (void)c;
    record_set(s->after, "step", value_text(str_of(s->transition ? s->transition->name : "edit")));
    return OK;
}

typedef struct Cast {
    int64_t principal, delegate, other;
} Cast;

static void give_role(Bank *b, int64_t user, const char *role) {
    Record *r = record_new(b->c, model_need(b->model, "role_assignment"));
    record_set(r, "person", value_int(user));
    record_set(r, "role", value_text(str_of(role)));
    bank_save(b, r, "create");
}

static int64_t person(Bank *b, const char *name, const char *role) {
    Record *u = record_new(b->c, model_need(b->model, "user"));
    record_set(u, "email", value_text(str_fmt(b->arena, "%s@bank.test", name)));
    record_set(u, "name", value_text(str_of(name)));
    int64_t id = bank_save(b, u, "create")->id;
    if (role) give_role(b, id, role);
    return id;
}

static Cast cast(Bank *b, const char *own_role) {
    Cast p = {person(b, "principal", "analyst"), person(b, "delegate", own_role),
              person(b, "other", "analyst")};
    Record *d = record_new(b->c, model_need(b->model, "delegation"));
    record_set(d, "from_user", value_int(p.principal));
    record_set(d, "to_user", value_int(p.delegate));
    record_set(d, "valid_from", value_text(S("2020-01-01")));
    record_set(d, "valid_until", value_text(S("2030-01-01")));
    record_set(d, "why", value_text(S("Leave")));
    bank_save(b, d, "create");
    return p;
}

static void as(Bank *b, int64_t user) {
    b->c->cache = NULL;
    b->c->issues = (Issues){0};
    assert_int_equal(actor_load(b->c, user), OK);
}

static Record *task(Bank *b, int64_t by) {
    Input in = {0};
    Record *r;
    as(b, by);
    input_add(&in, b->arena, S("title"), S("To do"));
    assert_int_equal(record_create(&r, b->c, model_need(b->model, "task"), &in), OK);
    return r;
}

static Err take(Bank *b, Record **r, int64_t by, const char *step) {
    Record *now;
    Input none = {0};
    as(b, by);
    assert_int_equal(record_load_raw(&now, b->c, (*r)->type, (*r)->id), OK);
    return record_move(r, b->c, now, step, &none);
}

static int64_t last_actor_for(Bank *b, const Record *r) {
    int64_t whom = -1;
    bool found;
    assert_int_equal(db_get_int(&whom, &found, b->c->db,
                                "SELECT actor_for FROM entry WHERE type = 'task' AND record = $1 "
                                "ORDER BY id DESC LIMIT 1",
                                ARGS(db_int(r->id))),
                     OK);
    return whom;
}

static void delegation_used(Bank *b) {
    Cast p = cast(b, NULL);
    Record *r = task(b, p.delegate);
    assert_int_equal(last_actor_for(b, r), p.principal);
    assert_true(str_is(record_text(r, "step"), "edit"));
    assert_int_equal(take(b, &r, p.principal, "approve"),
                     ERR_DENIED); /* wrote it, by another hand */
    assert_int_equal(take(b, &r, p.delegate, "approve"), ERR_DENIED);
    assert_int_equal(take(b, &r, p.other, "approve"), OK);
    assert_true(str_is(record_text(r, "step"), "approve"));
    r = task(b, p.principal);
    assert_int_equal(last_actor_for(b, r), 0);
    assert_int_equal(take(b, &r, p.delegate, "approve"), ERR_DENIED); /* acts for who wrote it */
    r = task(b, p.other);
    assert_int_equal(take(b, &r, p.delegate, "finish"), OK);
    assert_int_equal(last_actor_for(b, r), p.principal);
    assert_int_equal(take(b, &r, p.principal, "approve"), ERR_DENIED); /* took the step before */
}

/* Who holds a role of their own acts for nobody, and is another person than who delegates. */
static void delegation_not_used(Bank *b) {
    Cast p = cast(b, "head_orm");
    Record *r = task(b, p.principal);
    assert_int_equal(take(b, &r, p.delegate, "approve"), OK);
    assert_int_equal(last_actor_for(b, r), 0);
    r = task(b, p.delegate); /* to write, the delegated role is needed */
    assert_int_equal(last_actor_for(b, r), p.principal);
    assert_int_equal(take(b, &r, p.principal, "approve"), ERR_DENIED);
    Input in = {0};
    r = task(b, p.other);
    as(b, p.delegate);
    input_add(&in, b->arena, S("title"), S("Changed"));
    assert_int_equal(record_update(&r, b->c, r, r->version, &in), OK);
    assert_int_equal(take(b, &r, p.principal, "finish"), ERR_DENIED); /* changed it last */
    assert_int_equal(take(b, &r, p.other, "finish"), OK);
}

/* Who stands in for an administrator gives them no role either. */
static void roles_given(Bank *b) {
    Cast p = cast(b, NULL);
    Record *r;
    bool is_self = false;
    give_role(b, p.principal, "admin");
    const int64_t to[] = {p.principal, p.delegate, p.other};
    for (size_t i = 0; i < LENGTH(to); i++) {
        Input in = {0};
        Record *who;
        as(b, p.delegate);
        assert_int_equal(record_load_raw(&who, b->c, model_need(b->model, "user"), to[i]), OK);
        input_add(&in, b->arena, S("person"), record_text(who, "email"));
        input_add(&in, b->arena, S("role"), S("head_orm"));
        Err e = record_create(&r, b->c, model_need(b->model, "role_assignment"), &in);
        for (size_t k = 0; k < b->c->issues.n; k++)
            is_self = is_self || strcmp(b->c->issues.items[k].code, "self") == 0;
        assert_int_equal(e, i < 2 ? ERR_INVALID : OK);
        assert_int_equal(is_self, i < 2);
        is_self = false;
    }
}
static void test_delegate_of_an_administrator(void **state) {
    (void)state;
    bank_each(roles_given);
}

static void test_delegate_and_principal_are_one(void **state) {
    (void)state;
    bank_each(delegation_used);
}
static void test_delegate_with_a_role_of_their_own(void **state) {
    (void)state;
    bank_each(delegation_not_used);
}
