/* test_record.c: creating, changing and moving records with the rights of people; lists that agree
 * with the rights in memory; keyset pages; past versions. On both databases.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/model.h"

/* clang-format off */
static const FieldDef case_fields[] = {
    {.name = "title", .label = "Title", .kind = KIND_TEXT, .flags = F_REQUIRED | F_SORTED | F_SEARCHED},
    {.name = "story", .label = "Story", .kind = KIND_LONG},
    {.name = "day", .label = "Day", .kind = KIND_DATE, .flags = F_SORTED, .leave = "draft"},
    {.name = "amount", .label = "Amount", .kind = KIND_MONEY, .flags = F_SORTED},
    {.name = "secret_note", .label = "Note", .kind = KIND_TEXT},
    {.name = "twice", .label = "Twice", .kind = KIND_INT, .flags = F_COMPUTED},
    {.name = "count", .label = "Count", .kind = KIND_INT, .min = 1, .max = 10},
    {.name = "link", .label = "Link", .kind = KIND_REF, .of = "case"},
    {.name = "gone", .label = "Gone", .kind = KIND_REF, .of = "absent_type"},
    {.name = "external_key", .label = "Key", .kind = KIND_TEXT, .flags = F_UNIQUE},
    {0}};
static const StateDef case_states[] = {
    {"draft", "Draft", TONE_NONE, 1, 0, "declarant"}, {"review", "Review", TONE_WARN, 2, 0, "analyst"},
    {"done", "Done", TONE_GOOD, 3, STATE_CLOSED, NULL}, {"dropped", "Dropped", TONE_MUTED, 9, STATE_CLOSED | STATE_VOID, NULL}, {0}};
static const TransitionDef case_transitions[] = {
    {"send", "Send", "draft", "review", "@creator correspondent", 0},
    {"back", "Back", "review", "draft", "analyst", TRANSITION_REASON},
    {"finish", "Finish", "review", "done", "analyst head_orm", TRANSITION_NOT_CREATOR | TRANSITION_NOT_PREVIOUS | TRANSITION_LIMIT, .limit = "amount"},
    {"drop", "Drop", "draft review", "dropped", "analyst", TRANSITION_REASON}, {0}};
static const GrantDef case_grants[] = {
    {"declarant", OP_READ | OP_CREATE | OP_UPDATE, SCOPE_OWN, false, "secret_note", NULL, "draft"},
    {"correspondent", OP_READ | OP_CREATE | OP_UPDATE, SCOPE_UNIT, false, NULL, NULL, NULL},
    {"analyst", OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY, SCOPE_ALL, false, NULL, NULL, NULL},
    {"head_orm", OP_READ, SCOPE_ALL, false, NULL, NULL, NULL},
    {"inspection", OP_READ | OP_CREATE | OP_UPDATE, SCOPE_ALL, true, NULL, NULL, NULL}, {0}};
/* clang-format on */
static Err case_compute(Ctx *c, const Saving *s);
static const TypeDef case_type = {.name = "case",
                                  .label = "Case",
                                  .plural_label = "Cases",
                                  .prefix = "CAS",
                                  .title = "title",
                                  .flags = TYPE_CONFIDENTIAL,
                                  .fields = case_fields,
                                  .states = case_states,
                                  .transitions = case_transitions,
                                  .grants = case_grants,
                                  .compute = case_compute,
                                  .number_date = NULL};
static const TypeDef *const case_types[] = {&case_type, NULL};
static const Module case_module = {.name = "case", .label = "Case", .types = case_types};
#define BANK_MORE &case_module,
#include "model/test_bank.h"

static Err case_compute(Ctx *c, const Saving *s) {
    (void)c;
    Value n = record_get(s->after, "count");
    record_set(s->after, "twice", value_is_null(n) ? (Value){0} : value_int(n.i * 2));
    return OK;
}

static int64_t person(Bank *b, const char *email, const char *role, int64_t unit) {
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
    if (unit) record_set(r, "in_unit", value_int(unit));
    bank_save(b, r, "create");
    return id;
}

static void as(Bank *b, int64_t user) {
    b->c->cache = NULL;
    b->c->issues = (Issues){0};
    assert_int_equal(actor_load(b->c, user), OK);
}

static Input *input_of(Bank *b, const char *const *pairs) {
    Input *in = NEW(b->arena, Input);
    for (; *pairs; pairs += 2) input_add(in, b->arena, str_of(pairs[0]), str_of(pairs[1]));
    return in;
}
#define IN(b, ...) input_of(b, (const char *const[]){__VA_ARGS__, NULL})

static bool has_issue(const Ctx *c, const char *field, const char *code) {
    for (size_t i = 0; i < c->issues.n; i++)
        if (str_is(c->issues.items[i].field, field) && strcmp(c->issues.items[i].code, code) == 0)
            return true;
    return false;
}

static const Type *cases(Bank *b) {
    return model_need(b->model, "case");
}

static void create_checks_input(Bank *b) {
    Record *r;
    int64_t user = person(b, "a@bank.test", NULL, 0);
    as(b, user);
    Ctx *c = b->c;
    assert_int_equal(
        record_create(&r, c, cases(b),
                      IN(b, "title", "", "day", "31/02/2026", "count", "11", "nonsense", "1",
                         "twice", "4", "amount.amount", "12,5x", "amount.currency", "MAD")),
        ERR_INVALID);
    assert_true(has_issue(c, "title", "required"));
    assert_true(has_issue(c, "day", "bad_value"));
    assert_true(has_issue(c, "count", "too_large"));
    assert_true(has_issue(c, "nonsense", "unknown"));
    assert_true(has_issue(c, "twice", "read_only"));
    assert_true(has_issue(c, "amount", "bad_value"));
    as(b, user);
    assert_int_equal(record_create(&r, c, cases(b),
                                   IN(b, "title", "Theft", "amount.amount", "1 234,50",
                                      "amount.currency", "MAD", "count", "3")),
                     OK);
    assert_int_equal(record_get(r, "amount").i, 123450);
    assert_int_equal(record_int(r, "twice"), 6);
    assert_int_equal(r->unit, b->casa);
    assert_int_equal(r->version, 1);
    assert_true(str_starts(record_number(b->arena, r), S("CAS-2023-")));
    assert_null(type_field(cases(b), S("gone"))); /* its type is absent */
}

static void fields_hidden_at_creation(Bank *b) {
    Record *r;
    as(b, person(b, "a@bank.test", NULL, 0));
    assert_int_equal(record_create(&r, b->c, cases(b), IN(b, "title", "T", "secret_note", "x")),
                     ERR_INVALID);
    assert_true(has_issue(b->c, "secret_note", "unknown"));
}

static Record *make(Bank *b, int64_t user, const char *title, const char *amount) {
    Record *r;
    as(b, user);
    assert_int_equal(
        record_create(&r, b->c, cases(b),
                      amount ? IN(b, "title", title, "day", "2023-10-01", "amount", amount)
                             : IN(b, "title", title)),
        OK);
    return r;
}

static void limit(Bank *b, const char *role, int64_t minor) {
    Record *l = record_new(b->c, model_need(b->model, "approval_limit"));
    record_set(l, "role", value_text(str_of(role)));
    record_set(l, "measure", value_text(S("gross")));
    record_set(l, "up_to", value_money(minor, S("MAD")));
    bank_save(b, l, "create");
}

static void workflow_keeps_four_eyes(Bank *b) {
    int64_t clerk = person(b, "clerk@bank.test", NULL, 0);
    int64_t analyst = person(b, "analyst@bank.test", "analyst", 0);
    int64_t other = person(b, "other@bank.test", "analyst", 0);
    Record *r = make(b, analyst, "Mine", NULL), *moved;
    Ctx *c = b->c;
    as(b, analyst);
    assert_int_equal(record_move(&moved, c, r, "finish", IN(b, "reason", "")), ERR_CONFLICT);
    as(b, analyst);
    assert_int_equal(record_move(&moved, c, r, "send", IN(b, "reason", "")), ERR_INVALID);
    assert_true(has_issue(c, "day", "required"));
    as(b, analyst);
    assert_int_equal(record_update(&r, c, r, 1, IN(b, "day", "2023-10-01")), OK);
    assert_int_equal(record_move(&moved, c, r, "send", IN(b, "reason", "")), OK);
    assert_string_equal(moved->state->name, "review");
    r = moved;
    as(b, analyst);
    assert_int_equal(record_move(&moved, c, r, "finish", IN(b, "reason", "")), ERR_DENIED);
    as(b, clerk);
    assert_int_equal(record_move(&moved, c, r, "finish", IN(b, "reason", "")),
                     ERR_MISSING); /* not even visible */
    as(b, other);
    assert_int_equal(record_move(&moved, c, r, "back", IN(b, "reason", " ")), ERR_INVALID);
    assert_true(has_issue(c, "reason", "required"));
    as(b, other);
    assert_int_equal(record_move(&moved, c, r, "finish", IN(b, "title", "sneaked in")),
                     ERR_INVALID);
    as(b, other);
    assert_int_equal(record_move(&moved, c, r, "finish", IN(b, "reason", "")), OK);
    as(b, other);
    assert_int_equal(record_update(&r, c, moved, moved->version, IN(b, "title", "late")),
                     ERR_DENIED); /* closed */
}

static void limits_compare_amounts(Bank *b) {
    int64_t clerk = person(b, "clerk@bank.test", NULL, 0);
    int64_t analyst = person(b, "analyst@bank.test", "analyst", 0);
    Record *r = make(b, clerk, "Big", "1000.00 MAD"), *moved;
    limit(b, "analyst", 50000);
    as(b, clerk);
    assert_int_equal(record_move(&r, b->c, r, "send", IN(b, "reason", "")), OK);
    as(b, analyst); /* the limit's measure is gross, the field is amount: no limit of that name, so
                       none covers */
    assert_int_equal(record_move(&moved, b->c, r, "finish", IN(b, "reason", "")), ERR_DENIED);
    assert_true(has_issue(b->c, "", "denied"));
}

/* A role given for a unit ends there, with its limit. */
static void roles_end_at_their_unit(Bank *b) {
    int64_t clerk = person(b, "clerk@bank.test", NULL, 0);
    int64_t regional = person(b, "regional@bank.test", "analyst", b->agdal);
    int64_t mixed = person(b, "mixed@bank.test", "analyst", b->casa);
    Record *r = make(b, clerk, "Here", "1000.00 MAD"), *seen, *moved; /* in CASA */
    actor_system(b->c);
    Record *role = record_new(b->c, model_need(b->model, "role_assignment"));
    record_set(role, "person", value_int(mixed));
    record_set(role, "role", value_text(S("head_orm")));
    record_set(role, "in_unit", value_int(b->agdal));
    bank_save(b, role, "create");
    limit(b, "analyst", 50000);
    limit(b, "head_orm", 100000000);
    bank_sql(b, "UPDATE approval_limit SET measure = 'amount'");
    as(b, clerk);
    assert_int_equal(record_move(&r, b->c, r, "send", IN(b, "reason", "")), OK);
    as(b, regional);
    assert_int_equal(record_load(&seen, b->c, cases(b), r->id), ERR_MISSING);
    as(b, mixed); /* analyst here up to 500, head elsewhere up to a million */
    assert_int_equal(record_load(&seen, b->c, cases(b), r->id), OK);
    assert_int_equal(record_move(&moved, b->c, r, "finish", IN(b, "reason", "")), ERR_DENIED);
    actor_system(b->c);
    bank_sql(b, "UPDATE approval_limit SET up_to = 200000 WHERE role = 'analyst'");
    as(b, mixed);
    assert_int_equal(record_move(&moved, b->c, r, "finish", IN(b, "reason", "")), OK);
}

static void nobody_gives_themselves_a_role(Bank *b) {
    Record *r;
    int64_t admin = person(b, "admin@bank.test", "admin", 0);
    person(b, "friend@bank.test", NULL, 0);
    const Type *roles = model_need(b->model, "role_assignment"),
               *delegations = model_need(b->model, "delegation");
    as(b, admin);
    assert_int_equal(
        record_create(&r, b->c, roles, IN(b, "person", "admin@bank.test", "role", "inspection")),
        ERR_INVALID);
    assert_true(has_issue(b->c, "person", "self"));
    as(b, admin);
    assert_int_equal(record_create(&r, b->c, delegations,
                                   IN(b, "from_user", "friend@bank.test", "to_user",
                                      "admin@bank.test", "valid_until", "2030-01-01", "why", "x")),
                     ERR_INVALID);
    assert_true(has_issue(b->c, "to_user", "self"));
    as(b, admin);
    assert_int_equal(
        record_create(&r, b->c, roles, IN(b, "person", "friend@bank.test", "role", "inspection")),
        OK);
}

static void conflict_shows_both(Bank *b) {
    int64_t clerk = person(b, "clerk@bank.test", NULL, 0);
    Record *r = make(b, clerk, "One", NULL), *after;
    as(b, clerk);
    assert_int_equal(record_update(&after, b->c, r, 1, IN(b, "title", "Two")), OK);
    assert_int_equal(after->version, 2);
    as(b, clerk);
    assert_int_equal(record_update(&r, b->c, after, 1, IN(b, "title", "Three")), ERR_CONFLICT);
    assert_true(has_issue(b->c, "title", "conflict"));
    assert_true(str_is(b->c->issues.items[0].args[0], "Two"));
    as(b, clerk);
    assert_int_equal(record_update(&r, b->c, after, 2, IN(b, "title", "Two")),
                     OK); /* nothing changed */
    assert_int_equal(r->version, 2);
}

static void unique_key_is_an_issue(Bank *b) {
    Record *r;
    as(b, person(b, "a@bank.test", "analyst", 0));
    assert_int_equal(record_create(&r, b->c, cases(b), IN(b, "title", "A", "external_key", "K1")),
                     OK);
    assert_int_equal(db_savepoint(b->c->db), OK);
    assert_int_equal(record_create(&r, b->c, cases(b), IN(b, "title", "B", "external_key", "K1")),
                     ERR_INVALID);
    assert_true(has_issue(b->c, "external_key", "taken"));
    db_rollback_to(b->c->db);
}

/* The list (SQL) and the check in memory must give the same records to everybody. */
static void list_agrees_with_memory(Bank *b) {
    int64_t people[6] = {person(b, "c1@bank.test", NULL, 0),
                         person(b, "corr@bank.test", "correspondent", b->casa),
                         person(b, "corr2@bank.test", "correspondent", b->head),
                         person(b, "analyst@bank.test", "analyst", 0),
                         person(b, "insp@bank.test", "inspection", 0),
                         person(b, "nobody@bank.test", NULL, 0)};
    Records all = {0};
    size_t cap = 0;
    int64_t units[3] = {b->casa, b->agdal, b->head};
    for (int i = 0; i < 24; i++) {
        Record *r = record_new(b->c, cases(b)), *out;
        actor_system(b->c);
        record_set(r, "title", value_text(str_fmt(b->arena, "Case %d", i)));
        r->unit = units[i % 3];
        r->is_restricted = i % 4 == 0;
        if (i % 8 == 0) {
            Value *readers = NEW_N(b->arena, Value, 1);
            readers[0] = value_int(people[5]);
            record_set(r, "readers", (Value){.kind = V_LIST, .list = readers, .n = 1});
        }
        if (i % 5 == 0) b->c->actor->user = people[0]; /* as if c1 had declared it */
        assert_int_equal(record_save(&out, b->c, r, "create"), OK);
        all.items = arena_grow(b->arena, all.items, all.n, &cap, sizeof *all.items);
        all.items[all.n++] = out;
    }
    size_t seen[6] = {0};
    for (size_t p = 0; p < 6; p++) {
        const Access *a;
        ListQuery q;
        ListCursor *cur;
        Record *r;
        as(b, people[p]);
        assert_int_equal(access_of(&a, b->c, cases(b), OP_READ), OK);
        for (size_t i = 0; i < all.n; i++) seen[p] += access_allows(a, all.items[i]);
        assert_int_equal(list_parse(&q, b->c, cases(b), IN(b, "sort", "title", "limit", "500")),
                         OK);
        assert_int_equal(list_open(&cur, b->c, &q), OK);
        size_t listed = 0;
        for (;;) {
            assert_int_equal(list_next(&r, cur, b->arena), OK);
            if (!r) break;
            assert_true(access_allows(a, r));
            listed++;
        }
        assert_int_equal(listed, seen[p]);
        int64_t counted;
        bool exact;
        assert_int_equal(list_count(&counted, &exact, b->c, &q, LIST_COUNT_API), OK);
        assert_int_equal(counted, listed);
        Record *found;
        for (size_t i = 0; i < all.n; i++)
            assert_int_equal(record_load(&found, b->c, cases(b), all.items[i]->id),
                             access_allows(a, all.items[i]) ? OK : ERR_MISSING);
    }
    assert_int_equal(seen[0], 5);
    assert_int_equal(seen[1], 6);
    assert_int_equal(seen[2], 18);
    assert_int_equal(seen[4], 24);
    assert_int_equal(seen[5], 3);
}

static size_t page_through(Bank *b, const char *sort, Str *order) {
    Str after = {0};
    size_t n = 0;
    Text t = text_new(b->arena, 0);
    for (int page = 0; page < 100; page++) {
        ListQuery q;
        ListCursor *cur;
        Record *r;
        assert_int_equal(
            list_parse(&q, b->c, cases(b),
                       IN(b, "sort", sort, "limit", "3", "after", str_z(b->arena, after))),
            OK);
        assert_int_equal(list_open(&cur, b->c, &q), OK);
        for (;;) {
            assert_int_equal(list_next(&r, cur, b->arena), OK);
            if (!r) break;
            text_add(&t, record_text(r, "title"));
            text_char(&t, ' ');
            n++;
        }
        after = list_after(cur);
        if (!after.n) break;
    }
    *order = text_str(&t);
    return n;
}

static void pages_have_no_gap(Bank *b) {
    static const char *const titles[] = {"b", "E", "a", "d", "C", "é", "f"};
    static const char *const amounts[] = {"5 MAD", NULL, "1 MAD", "5 MAD", NULL, "2 MAD", NULL};
    Str order;
    for (size_t i = 0; i < LENGTH(titles); i++) {
        Record *r;
        as(b, b->user);
        assert_int_equal(record_create(&r, b->c, cases(b),
                                       amounts[i] ? IN(b, "title", titles[i], "amount", amounts[i],
                                                       "unit", "CASA")
                                                  : IN(b, "title", titles[i], "unit", "CASA")),
                         OK);
    }
    as(b, b->user);
    assert_int_equal(page_through(b, "title", &order), 7);
    assert_string_equal(order.p, "a b C d E é f "); /* folded: case and accents do not count */
    assert_int_equal(page_through(b, "amount", &order), 7);
    assert_string_equal(order.p, "a é b d E C f ");
    assert_int_equal(page_through(b, "-amount", &order), 7);
    assert_string_equal(order.p, "d b é a f C E "); /* empty ones last in both directions */
    ListQuery q;
    as(b, b->user);
    assert_int_equal(list_parse(&q, b->c, cases(b), IN(b, "sort", "story")), ERR_INVALID);
    as(b, b->user);
    assert_int_equal(list_parse(&q, b->c, cases(b), IN(b, "secret_note", "x")),
                     ERR_INVALID); /* hidden from them */
    as(b, b->user);
    assert_int_equal(list_parse(&q, b->c, cases(b), IN(b, "wrong", "x")), ERR_INVALID);
}

static void past_is_kept(Bank *b) {
    int64_t clerk = person(b, "clerk@bank.test", NULL, 0);
    Record *r = make(b, clerk, "Before", NULL), *after, *then;
    b->c->now_us += INT64_C(86400000000) * 3;
    as(b, clerk);
    assert_int_equal(record_update(&after, b->c, r, 1, IN(b, "title", "After")), OK);
    as(b, clerk);
    b->c->as_of = date_of_instant(b->arena, r->created_at);
    assert_int_equal(record_find(&then, b->c, cases(b), record_number(b->arena, r)), OK);
    assert_true(str_is(record_text(then, "title"), "Before"));
    ListQuery q;
    ListCursor *cur;
    assert_int_equal(list_parse(&q, b->c, cases(b), IN(b, "as_of", str_z(b->arena, b->c->as_of))),
                     OK);
    assert_int_equal(list_open(&cur, b->c, &q), OK);
    assert_int_equal(list_next(&then, cur, b->arena), OK);
    assert_true(then && str_is(record_text(then, "title"), "Before"));
    assert_int_equal(list_next(&then, cur, b->arena), OK);
    assert_null(then);
}

static void unit_moves_are_dated(Bank *b) {
    const int64_t *ids;
    size_t n;
    Record *agdal, *out;
    actor_system(b->c);
    assert_int_equal(record_load(&agdal, b->c, model_need(b->model, "unit"), b->agdal), OK);
    assert_int_equal(record_update(&out, b->c, agdal, agdal->version,
                                   IN(b, "parent", "CASA", "parent_since", "2023-06-01")),
                     OK);
    b->c->cache = NULL;
    assert_int_equal(access_units_under(&ids, &n, b->c, b->casa), OK);
    assert_int_equal(n, 2);
    b->c->cache = NULL;
    b->c->as_of = S("2023-05-31");
    assert_int_equal(access_units_under(&ids, &n, b->c, b->casa), OK);
    assert_int_equal(n, 1);
    b->c->as_of = (Str){0};
    b->c->issues = (Issues){0};
    Record *casa;
    assert_int_equal(record_load(&casa, b->c, model_need(b->model, "unit"), b->casa), OK);
    assert_int_equal(record_update(&out, b->c, casa, casa->version, IN(b, "parent", "AGDAL")),
                     ERR_INVALID);
    assert_true(has_issue(b->c, "parent", "circle"));
}

static void lists_need_two_persons(Bank *b) {
    int64_t one = person(b, "m1@bank.test", "methodology", 0),
            two = person(b, "m2@bank.test", "methodology", 0);
    Record *taxon, *request, *done;
    as(b, one);
    assert_int_equal(record_find(&taxon, b->c, model_need(b->model, "taxon"), S("THEFT")), OK);
    assert_int_equal(record_update(&request, b->c, taxon, taxon->version, IN(b, "name_fr", "Vol")),
                     OK);
    assert_string_equal(request->type->name, "change_request");
    as(b, one);
    assert_int_equal(record_move(&done, b->c, request, "apply", IN(b, "reason", "")), ERR_DENIED);
    as(b, two);
    assert_int_equal(record_move(&done, b->c, request, "apply", IN(b, "reason", "")), OK);
    assert_int_equal(record_find(&taxon, b->c, model_need(b->model, "taxon"), S("THEFT")), OK);
    assert_true(str_is(record_text(taxon, "name_fr"), "Vol"));
}

static void delegates_act_for_somebody(Bank *b) {
    int64_t clerk = person(b, "clerk@bank.test", NULL, 0);
    int64_t analyst = person(b, "analyst@bank.test", "analyst", 0);
    int64_t stand_in = person(b, "standin@bank.test", NULL, 0);
    Record *d = record_new(b->c, model_need(b->model, "delegation")), *moved;
    actor_system(b->c);
    record_set(d, "from_user", value_int(analyst));
    record_set(d, "to_user", value_int(stand_in));
    record_set(d, "valid_from", value_text(S("2023-01-01")));
    record_set(d, "valid_until", value_text(S("2030-01-01")));
    record_set(d, "why", value_text(S("Leave")));
    bank_save(b, d, "create");
    Record *r = make(b, clerk, "One", "0 MAD"), *mine = make(b, analyst, "Two", "0 MAD");
    as(b, clerk);
    assert_int_equal(record_move(&r, b->c, r, "send", IN(b, "reason", "")), OK);
    as(b, stand_in);
    assert_int_equal(record_move(&moved, b->c, r, "finish", IN(b, "reason", "")), OK);
    assert_int_equal(b->c->actor->acting_for, analyst);
    as(b, analyst);
    assert_int_equal(record_move(&mine, b->c, mine, "send", IN(b, "reason", "")), OK);
    as(b, stand_in); /* nobody approves their own item through a delegate */
    assert_int_equal(record_move(&moved, b->c, mine, "finish", IN(b, "reason", "")), ERR_DENIED);
}

static void search_finds_folded(Bank *b) {
    ListQuery q;
    int64_t n;
    bool exact;
    int64_t clerk = person(b, "clerk@bank.test", NULL, 0);
    make(b, clerk, "Détournement à Fès", NULL);
    make(b, clerk, "حريق في الوكالة", NULL);
    static const char *const words[] = {"detournement", "FES", "détour", "الحريق", "وكالة"};
    for (size_t i = 0; i < LENGTH(words); i++) {
        as(b, clerk);
        assert_int_equal(list_parse(&q, b->c, cases(b), IN(b, "q", words[i])), OK);
        assert_int_equal(list_count(&n, &exact, b->c, &q, LIST_COUNT_API), OK);
        if (n != 1) print_error("%s\n", words[i]);
        assert_int_equal(n, 1);
    }
}

static void test_record_create_checks_input(void **state) {
    (void)state;
    bank_each(create_checks_input);
}

static void test_record_fields_hidden_at_creation(void **state) {
    (void)state;
    bank_each(fields_hidden_at_creation);
}

static void test_record_workflow_keeps_four_eyes(void **state) {
    (void)state;
    bank_each(workflow_keeps_four_eyes);
}

static void test_record_limits_compare_amounts(void **state) {
    (void)state;
    bank_each(limits_compare_amounts);
}

static void test_record_conflict_shows_both(void **state) {
    (void)state;
    bank_each(conflict_shows_both);
}

static void test_record_unique_key_is_an_issue(void **state) {
    (void)state;
    bank_each(unique_key_is_an_issue);
}

static void test_record_list_agrees_with_memory(void **state) {
    (void)state;
    bank_each(list_agrees_with_memory);
}

static void test_record_roles_end_at_their_unit(void **state) {
    (void)state;
    bank_each(roles_end_at_their_unit);
}

static void test_record_nobody_gives_themselves_a_role(void **state) {
    (void)state;
    bank_each(nobody_gives_themselves_a_role);
}

static void test_record_pages_have_no_gap(void **state) {
    (void)state;
    bank_each(pages_have_no_gap);
}

static void test_record_past_is_kept(void **state) {
    (void)state;
    bank_each(past_is_kept);
}

static void test_record_unit_moves_are_dated(void **state) {
    (void)state;
    bank_each(unit_moves_are_dated);
}

static void test_record_lists_need_two_persons(void **state) {
    (void)state;
    bank_each(lists_need_two_persons);
}

static void test_record_delegates_act_for_somebody(void **state) {
    (void)state;
    bank_each(delegates_act_for_somebody);
}

static void test_record_search_finds_folded(void **state) {
    (void)state;
    bank_each(search_finds_folded);
}
