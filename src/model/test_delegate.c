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
    {"hand", "Hand in", "open", "done", "@owner", 0},
    {"approve", "Approve", "open done", "closed", "analyst head_orm", TRANSITION_NOT_CREATOR | TRANSITION_NOT_PREVIOUS}, {0}};
static const GrantDef task_grants[] = {
    {"analyst", OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {"head_orm", OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {"auditor", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL},
    {"declarant", OP_READ | OP_UPDATE, SCOPE_ASSIGNED, false, NULL, NULL, NULL}, {0}};
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

static void delegate(Bank *b, int64_t from, int64_t to, const char *role) {
    Record *d = record_new(b->c, model_need(b->model, "delegation"));
    record_set(d, "from_user", value_int(from));
    record_set(d, "to_user", value_int(to));
    if (role) record_set(d, "role", value_text(str_of(role)));
    record_set(d, "valid_from", value_text(S("2020-01-01")));
    record_set(d, "valid_until", value_text(S("2030-01-01")));
    record_set(d, "why", value_text(S("Leave")));
    bank_save(b, d, "create");
}

static Cast cast(Bank *b, const char *own_role) {
    Cast p = {person(b, "principal", "analyst"), person(b, "delegate", own_role),
              person(b, "other", "analyst")};
    delegate(b, p.principal, p.delegate, NULL);
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

/* Nor do they make a delegation to them; what they make for others is in that one's name. */
static void delegations_given(Bank *b) {
    Cast p = cast(b, NULL);
    give_role(b, p.principal, "admin");
    int64_t third = person(b, "third", NULL);
    const struct {
        int64_t from, to, whom;
        Err err;
    } cases[] = {{p.other, p.principal, 0, ERR_INVALID},
                 {p.other, p.delegate, 0, ERR_INVALID},
                 {p.other, third, p.principal, OK},
                 {p.delegate, third, 0, OK}};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const Type *users = model_need(b->model, "user"), *t = model_need(b->model, "delegation");
        Input in = {0};
        Record *r, *from, *to;
        bool is_self = false, found;
        int64_t whom = -1;
        as(b, p.delegate);
        assert_int_equal(record_load_raw(&from, b->c, users, cases[i].from), OK);
        assert_int_equal(record_load_raw(&to, b->c, users, cases[i].to), OK);
        input_add(&in, b->arena, S("from_user"), record_text(from, "email"));
        input_add(&in, b->arena, S("to_user"), record_text(to, "email"));
        input_add(&in, b->arena, S("valid_from"), S("2020-01-01"));
        input_add(&in, b->arena, S("valid_until"), S("2030-01-01"));
        input_add(&in, b->arena, S("why"), S("Leave"));
        assert_int_equal(record_create(&r, b->c, t, &in), cases[i].err);
        for (size_t k = 0; k < b->c->issues.n; k++)
            is_self = is_self || (strcmp(b->c->issues.items[k].code, "self") == 0 &&
                                  str_is(b->c->issues.items[k].field, "to_user"));
        assert_int_equal(is_self, cases[i].err == ERR_INVALID);
        if (cases[i].err) continue;
        assert_int_equal(db_get_int(&whom, &found, b->c->db,
                                    "SELECT actor_for FROM entry WHERE type = 'delegation' AND "
                                    "record = $1",
                                    ARGS(db_int(r->id))),
                         OK);
        assert_int_equal(whom, cases[i].whom);
    }
}
static void test_delegations_of_an_administrator(void **state) {
    (void)state;
    bank_each(delegations_given);
}

/* A step that is asked for a page, or refused, is not taken for anybody. */
static void steps_shown(Bank *b) {
    Cast p = cast(b, "head_orm");
    const char *why;
    Record *r = task(b, p.other);
    const Transition *finish = type_transition(r->type, S("finish"));
    as(b, p.delegate);
    assert_int_equal(access_transition(b->c, r, finish, &why), OK);
    assert_false(b->c->actor->is_acting_known);
    assert_int_equal(history_note(b->c, r, "read", (Str){0}), OK);
    assert_int_equal(last_actor_for(b, r), 0);
    r = task(b, p.principal);
    as(b, p.delegate);
    assert_int_equal(access_take(b->c, r, finish, &why), ERR_DENIED); /* changed by whom they are */
    assert_false(b->c->actor->is_acting_known);
    assert_int_equal(b->c->actor->acting_for, 0);
}
static void test_steps_only_shown(void **state) {
    (void)state;
    bank_each(steps_shown);
}

/* Who only read for somebody has not acted for them. */
static void read_for(Bank *b) {
    Cast p = cast(b, NULL);
    Record *r = task(b, p.principal);
    as(b, p.delegate);
    assert_int_equal(history_note(b->c, r, "read", (Str){0}), OK);
    assert_int_equal(last_actor_for(b, r), p.principal);
    actor_system(b->c);
    give_role(b, p.delegate, "head_orm");
    assert_int_equal(take(b, &r, p.delegate, "approve"), OK);
}
static void test_reading_is_not_acting(void **state) {
    (void)state;
    bank_each(read_for);
}

/* Of what is somebody's as owner, a delegate of everything takes the steps, but does not edit. */
static void owned(Bank *b) {
    int64_t owner = person(b, "owner", "auditor"), all = person(b, "all", NULL),
            role = person(b, "role", NULL), other = person(b, "other", "analyst");
    delegate(b, owner, all, NULL);
    delegate(b, owner, role, "auditor");
    Record *r = task(b, other);
    bank_sql(b, str_fmt(b->arena, "UPDATE task SET owner = %lld", (long long)owner).p);
    const struct {
        int64_t who, whom;
        Err edits, step;
    } cases[] = {{role, -1, ERR_DENIED, ERR_DENIED},
                 {all, owner, ERR_DENIED, OK},
                 {owner, owner, OK, ERR_CONFLICT}};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        as(b, cases[i].who);
        assert_int_equal(record_load_raw(&r, b->c, r->type, r->id), OK);
        assert_int_equal(access_check(b->c, r, OP_UPDATE), cases[i].edits);
        assert_int_equal(take(b, &r, cases[i].who, "hand"), cases[i].step);
        if (cases[i].whom > 0) assert_int_equal(last_actor_for(b, r), cases[i].whom);
    }
}
static void test_what_is_somebodys_as_owner(void **state) {
    (void)state;
    bank_each(owned);
}

static void test_delegate_and_principal_are_one(void **state) {
    (void)state;
    bank_each(delegation_used);
}
static void test_delegate_with_a_role_of_their_own(void **state) {
    (void)state;
    bank_each(delegation_not_used);
}
