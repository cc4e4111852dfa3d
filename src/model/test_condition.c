/* test_condition.c: what depends on today, and persons whom a record names: the same answer in
 * memory, in lists and on pages. On both databases. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/model.h"

/* clang-format off */
static const FieldDef task_fields[] = {
    {.name = "title", .label = "Title", .kind = KIND_TEXT, .flags = F_REQUIRED},
    {.name = "due", .label = "Due", .kind = KIND_DATE, .flags = F_SORTED},
    {.name = "checker", .label = "Checker", .kind = KIND_USER, .flags = F_ASSIGNED},
    {.name = "helpers", .label = "Helpers", .kind = KIND_REFS, .of = "user", .flags = F_ASSIGNED}, {0}};
static const StateDef task_states[] = {
    {"open", "Open", TONE_INFO, 1, 0, "@owner"}, {"done", "Done", TONE_WARN, 2, 0, "@checker"},
    {"closed", "Closed", TONE_GOOD, 3, STATE_CLOSED, NULL}, {0}};
static const TransitionDef task_transitions[] = {
    {"finish", "Finish", "open", "done", "@owner", TRANSITION_PRIMARY},
    {"check", "Check", "done", "closed", "@checker analyst", TRANSITION_PRIMARY | TRANSITION_NOT_OWNER}, {0}};
static const GrantDef task_grants[] = {
    {"declarant", OP_READ | OP_UPDATE, SCOPE_ASSIGNED, false, NULL, NULL, NULL},
    {"analyst", OP_READ | OP_CREATE | OP_UPDATE, SCOPE_ALL, true, NULL, NULL, NULL},
    {"finance", OP_READ, SCOPE_ALL, true, "due", NULL, NULL}, {0}};
static const ConditionDef task_conditions[] = {
    {"late", "Late", "due", "open", CONDITION_OPEN, -1, TONE_BAD},
    {"soon", "Soon", "due", NULL, 0, 7, TONE_WARN}, {0}};
static const TypeDef task_type = {.name = "task", .label = "Task", .plural_label = "Tasks", .prefix = "TSK", .title = "title",
    .flags = TYPE_CONFIDENTIAL, .fields = task_fields, .states = task_states, .transitions = task_transitions, .grants = task_grants,
    .conditions = task_conditions};
/* clang-format on */
static const TypeDef *const task_types[] = {&task_type, NULL};
static const Module task_module = {.name = "task", .label = "Task", .types = task_types};
#define BANK_MORE &task_module,
#include "model/test_bank.h"

#include "model/condition.h"
#include "model/pages.h"

static int64_t person(Bank *b, const char *email, const char *role) {
    Record *u = record_new(b->c, model_need(b->model, "user"));
    record_set(u, "email", value_text(str_of(email)));
    record_set(u, "name", value_text(str_of(email)));
    record_set(u, "home_unit", value_int(b->casa));
    int64_t id = bank_save(b, u, "create")->id;
    if (!role) return id;
    Record *r = record_new(b->c, model_need(b->model, "role_assignment"));
    record_set(r, "person", value_int(id));
    record_set(r, "role", value_text(str_of(role)));
    record_set(r, "valid_from", value_text(S("2020-01-01")));
    bank_save(b, r, "create");
    return id;
}

static void as(Bank *b, int64_t user) {
    b->c->cache = NULL;
    b->c->issues = (Issues){0};
    assert_int_equal(actor_load(b->c, user), OK);
}

static Record *task(Bank *b, const char *title, int64_t owner, int64_t checker, int64_t helper,
                    Str due, const char *state) {
    const Type *t = model_need(b->model, "task");
    Record *r = record_new(b->c, t);
    record_set(r, "title", value_text(str_of(title)));
    record_set(r, "due", value_text(due));
    r->unit = b->casa;
    r->owner = owner;
    r->state = type_state(t, str_of(state));
    if (checker) record_set(r, "checker", value_int(checker));
    Value *one = NEW(b->arena, Value);
    *one = value_int(helper);
    if (helper) record_set(r, "helpers", (Value){.kind = V_LIST, .list = one, .n = 1});
    return bank_save(b, r, "create");
}

static Str listed(Bank *b, const char *name, const char *value, const char *as_of) {
    Input in = {0};
    ListQuery q;
    ListCursor *cursor;
    Text t = text_new(b->arena, 0);
    b->c->as_of = (Str){0};
    b->c->issues = (Issues){0};
    input_add(&in, b->arena, str_of(name), str_of(value));
    input_add(&in, b->arena, S("sort"), S("id"));
    if (as_of) input_add(&in, b->arena, S("as_of"), str_of(as_of));
    if (list_parse(&q, b->c, model_need(b->model, "task"), &in) != OK) return S("refused");
    assert_int_equal(list_open(&cursor, b->c, &q), OK);
    for (;;) {
        Record *r;
        assert_int_equal(list_next(&r, cursor, b->arena), OK);
        if (!r) break;
        text_add(&t, record_text(r, "title"));
    }
    b->c->as_of = (Str){0};
    return text_str(&t);
}

/* One task a day around today and one without a date, in each state. */
static void conditions_agree(Bank *b) {
    int64_t today;
    const Type *t = model_need(b->model, "task");
    assert_true(date_parse(&today, b->c->today));
    for (size_t s = 0; s < t->n_states; s++)
        for (int64_t d = -9; d <= 9; d++)
            task(b, "x", b->user, 0, 0, d == 9 ? (Str){0} : date_text(b->arena, today + d),
                 t->states[s].name);
    for (size_t i = 0; i < t->n_conditions; i++) {
        Records all = {0};
        const Condition *k = &t->conditions[i];
        size_t holds = 0;
        assert_int_equal(record_where(&all, b->c, t, "title", value_text(S("x")), 1000), OK);
        assert_int_equal(all.n, 57);
        for (size_t n = 0; n < all.n; n++) holds += condition_holds(b->c, all.items[n], k);
        assert_int_equal(holds, i == 0 ? 9 : 16);
        assert_int_equal(listed(b, k->name, "true", NULL).n, holds);
        assert_int_equal(listed(b, k->name, "0", NULL).n, all.n - holds);
    }
    assert_true(str_is(listed(b, "late", "maybe", NULL), "refused"));
    assert_true(str_is(listed(b, "late.ge", "true", NULL), "refused"));
    /* The question is put for the day asked about. */
    Str later = date_text(b->arena, today + 30);
    assert_int_equal(listed(b, "late", "true", str_z(b->arena, later)).n, 18);
    /* Who may not see the date may not ask for what follows from it. */
    int64_t finance = person(b, "finance@bank.test", "finance");
    as(b, finance);
    assert_true(listed(b, "title", "x", NULL).n > 0);
    assert_int_equal(listed(b, "late", "true", NULL).n, 0);
}

static void marks_are_shown(Bank *b) {
    const Type *t = model_need(b->model, "task");
    Record *r = task(b, "old", b->user, 0, 0, S("2001-01-01"), "open");
    Page page = {0}, machine = {0};
    Input none = {0};
    assert_int_equal(page_record(b->c, r, &none, FORMAT_HTML, &page), OK);
    assert_int_equal(page.n_marks, 1);
    assert_true(str_is(page.marks[0].key, "late"));
    assert_int_equal(page_record(b->c, r, &none, FORMAT_JSON, &machine), OK);
    bool late = false, soon = true;
    for (size_t i = 0; i < machine.main->facts.n; i++) {
        const Fact *f = &machine.main->facts.facts[i];
        if (!strcmp(f->name, "late")) late = f->cell.i != 0;
        if (!strcmp(f->name, "soon")) soon = f->cell.i != 0;
        if (!strcmp(f->name, "due")) assert_true(str_eq(f->cell.note, TRS(b->c, "Late")));
    }
    assert_true(late && !soon);
    /* A record read may be sent back; what is not stored is not written. */
    Input in = {0};
    Record *out;
    input_add(&in, b->arena, S("late"), S("false"));
    assert_int_equal(record_update(&out, b->c, r, r->version, &in), OK);
    assert_int_equal(out->version, r->version);
    assert_non_null(type_condition(t, S("soon")));
}

static void assigned_persons(Bank *b) {
    int64_t owner = person(b, "owner@bank.test", NULL), checker = person(b, "chk@bank.test", NULL);
    int64_t helper = person(b, "hlp@bank.test", NULL), stranger = person(b, "s@bank.test", NULL);
    Record *r = task(b, "a", owner, checker, helper, S("2026-01-01"), "open"), *moved;
    task(b, "b", checker, owner, 0, S("2026-01-01"), "open");
    task(b, "c", stranger, 0, 0, S("2026-01-01"), "open");
    const struct {
        int64_t who;
        const char *sees;
    } expected[] = {{owner, "ab"}, {checker, "ab"}, {helper, "a"}, {stranger, "c"}};
    for (size_t i = 0; i < LENGTH(expected); i++) {
        as(b, expected[i].who);
        assert_true(str_is(listed(b, "title.in", "a,b,c", NULL), expected[i].sees));
        Err e = access_check(b->c, r, OP_UPDATE);
        assert_int_equal(e, expected[i].sees[0] == 'a' ? OK : ERR_MISSING);
    }
    Input none = {0};
    as(b, checker);
    assert_int_equal(record_move(&moved, b->c, r, "finish", &none), ERR_DENIED);
    as(b, owner);
    assert_int_equal(record_move(&moved, b->c, r, "finish", &none), OK);
    r = moved;
    as(b, owner); /* the checker of that other task, but this one's owner */
    assert_int_equal(record_move(&moved, b->c, r, "check", &none), ERR_DENIED);
    as(b, checker);
    assert_int_equal(record_move(&moved, b->c, r, "check", &none), OK);
    assert_string_equal(moved->state->name, "closed");
}

static void nobody_checks_own_work(Bank *b) {
    int64_t analyst = person(b, "an@bank.test", "analyst");
    Record *r = task(b, "a", analyst, analyst, 0, S("2026-01-01"), "done"), *moved;
    Input none = {0};
    as(b, analyst);
    assert_int_equal(record_move(&moved, b->c, r, "check", &none), ERR_DENIED);
    assert_true(b->c->issues.n == 1);
}

static size_t rows_of(const Block *b, const char *id) {
    size_t n = 0;
    if (b->kind == BLOCK_LIST) return (size_t)b->list.total;
    for (size_t i = 0; b->kind == BLOCK_LAYOUT && i < b->layout.n; i++)
        if (!id || (b->layout.items[i]->id && !strcmp(b->layout.items[i]->id, id)))
            n += rows_of(b->layout.items[i], NULL);
    return n;
}

static void my_work_names_persons(Bank *b) {
    int64_t owner = person(b, "owner@bank.test", NULL), checker = person(b, "chk@bank.test", NULL);
    task(b, "a", owner, checker, 0, S("2026-01-01"), "open");
    task(b, "b", owner, checker, 0, S("2026-01-01"), "done");
    Input none = {0};
    Page mine = {0}, theirs = {0};
    as(b, owner);
    assert_int_equal(page_home(b->c, &none, &mine), OK);
    assert_int_equal(rows_of(mine.body, "to-complete"), 1);
    as(b, checker);
    assert_int_equal(page_home(b->c, &none, &theirs), OK);
    assert_int_equal(rows_of(theirs.body, "to-complete"), 1);
}

/* A board offers each person the steps that are theirs, and leads back. */
static void board_offers_steps(Bank *b) {
    int64_t owner = person(b, "owner@bank.test", NULL), checker = person(b, "chk@bank.test", NULL);
    task(b, "a", owner, checker, 0, S("2001-01-01"), "open");
    task(b, "b", owner, checker, 0, S("2001-01-02"), "done");
    static const char *const fields[] = {"title", "due"};
    BoardQuery q = {.fields = fields, .n_fields = 2, .sort = "due", .back = S("/b?x=1")};
    Block *board;
    as(b, owner);
    assert_int_equal(page_board(b->c, model_need(b->model, "task"), &q, &board), OK);
    assert_int_equal(board->board.n_columns, 3);
    const BoardCard *open = board->board.columns[0].cards, *done = board->board.columns[1].cards;
    assert_int_equal(board->board.columns[2].n, 0);
    assert_int_equal(open->n_moves, 1);
    assert_int_equal(open->moves[0].to, 1);
    assert_true(str_is(open->moves[0].step.name, "_next"));
    assert_true(str_is(open->moves[0].step.value, "/b?x=1"));
    assert_int_equal(open->tone, TONE_BAD);
    assert_int_equal(done->n_moves, 0);
    as(b, checker);
    assert_int_equal(page_board(b->c, model_need(b->model, "task"), &q, &board), OK);
    assert_int_equal(board->board.columns[0].cards->n_moves, 0);
    assert_int_equal(board->board.columns[1].cards->n_moves, 1);
}

static void test_condition_memory_and_lists_agree(void **state) {
    (void)state;
    bank_each(conditions_agree);
}
static void test_condition_marks_are_shown(void **state) {
    (void)state;
    bank_each(marks_are_shown);
}
static void test_condition_assigned_persons_see_and_move(void **state) {
    (void)state;
    bank_each(assigned_persons);
}
static void test_condition_nobody_checks_own_work(void **state) {
    (void)state;
    bank_each(nobody_checks_own_work);
}
static void test_condition_my_work_names_persons(void **state) {
    (void)state;
    bank_each(my_work_names_persons);
}
static void test_condition_board_offers_steps(void **state) {
    (void)state;
    bank_each(board_offers_steps);
}
