/* test_list_total.c: the kept counts of lists say what a reader would count by hand, whatever
 * happened to the records and whoever reads. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/record.h"

static const Module ticket_module;
#define BANK_MORE &ticket_module,
#include "model/list_total.h"
#include "model/test_bank.h"

/* clang-format off */
static const Choice ticket_kinds[] = {{"loss", "Loss", 0}, {"gain", "Gain", 0}, {0}};
static const FieldDef ticket_fields[] = {
    {.name = "title", .label = "Title", .kind = KIND_TEXT, .flags = F_LISTED | F_SORTED},
    {.name = "kind", .label = "Kind", .kind = KIND_CHOICE, .choices = ticket_kinds, .flags = F_LISTED | F_FILTER}, {0}};
static const GrantDef ticket_grants[] = {
    {"analyst", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, {"auditor", OP_READ, SCOPE_ALL, false, NULL, NULL, NULL},
    {"correspondent", OP_READ, SCOPE_UNIT, false, NULL, NULL, NULL}, {"declarant", OP_READ, SCOPE_OWN, false, NULL, NULL, NULL},
    {"unit_head", OP_READ, SCOPE_UNIT, false, NULL, NULL, NULL}, {"unit_head", OP_READ, SCOPE_ASSIGNED, false, NULL, NULL, NULL}, {0}};
static const TypeDef ticket_type = {
    .name = "ticket", .label = "Ticket", .plural_label = "Tickets", .prefix = "TIC", .title = "title",
    .flags = TYPE_CONFIDENTIAL, .fields = ticket_fields, .states = probe_states, .grants = ticket_grants};
static const TypeDef *const ticket_types[] = {&ticket_type, NULL};
static const Module ticket_module = {.name = "desk", .label = "Desk", .types = ticket_types};
static const char *const queries[][4] = {
    {0}, {"state", "open"}, {"state.open", "1"}, {"state.open", "0"}, {"state.in", "closed,void"}, {"unit", "CASA"},
    {"unit.under", "HEAD"}, {"unit.in", "CASA,AGDAL"}, {"kind", "loss"}, {"kind.in", "loss,gain", "state", "open"},
    {"unit", "CASA", "kind", "gain"}, {"state", "open", "state.open", "0"}};
/* clang-format on */

static int64_t by_hand(Bank *b, const ListQuery *q) {
    ListQuery all = *q;
    ListCursor *cursor;
    Record *r;
    int64_t n = 0;
    all.limit = 0;
    assert_int_equal(list_open(&cursor, b->c, &all), OK);
    for (;; n++) {
        assert_int_equal(list_next(&r, cursor, b->arena), OK);
        if (!r) return n;
    }
}

static void compare(Bank *b, const Type *t, const char *role, int64_t unit) {
    ActorRole *r = NEW(b->arena, ActorRole);
    bank_read(b);
    *r = (ActorRole){.role = model_role(b->model, str_of(role)), .unit = unit};
    *b->c->actor =
        (Actor){.user = b->user, .email = S("salma@bank.test"), .roles = r, .n_roles = 1};
    for (size_t i = 0; i < LENGTH(queries); i++) {
        Input in = {0};
        ListQuery q;
        int64_t n;
        bool known;
        for (size_t k = 0; k < 4 && queries[i][k]; k += 2)
            input_add(&in, b->arena, str_of(queries[i][k]), str_of(queries[i][k + 1]));
        assert_int_equal(list_parse(&q, b->c, t, &in), OK);
        assert_int_equal(list_total(&n, &known, b->c, &q), OK);
        assert_true(known);
        int64_t counted = by_hand(b, &q);
        if (n != counted)
            print_error("%s, query %zu: %lld instead of %lld\n", role, i, (long long)n,
                        (long long)counted);
        assert_int_equal(n, counted);
    }
    bank_end(b);
}

static void compare_all(Bank *b, const Type *t) {
    compare(b, t, "analyst", 0);
    compare(b, t, "analyst", b->casa);
    compare(b, t, "auditor", 0);
    compare(b, t, "auditor", b->agdal);
    compare(b, t, "correspondent", b->casa);
    compare(b, t, "correspondent", b->head);
    compare(b, t, "declarant", 0);
    compare(b, t, "unit_head", b->agdal);
}

static Record *ticket(Bank *b, const Type *t, int i) {
    Record *r = record_new(b->c, t);
    record_set(r, "title", value_text(str_fmt(b->arena, "Ticket %d", i)));
    if (i % 4) record_set(r, "kind", value_text(i % 2 ? S("loss") : S("gain")));
    r->unit = i % 3 ? b->casa : b->agdal;
    r->is_restricted = i % 5 == 0;
    r->owner = i % 7 == 0 ? b->user : 0;
    if (i == 5) {
        Value *reader = NEW(b->arena, Value);
        *reader = value_int(b->user);
        record_set(r, "readers", (Value){.kind = V_LIST, .list = reader, .n = 1});
    }
    return bank_save(b, r, "create");
}

static Record *again(Bank *b, const Type *t, int64_t id) {
    Record *r;
    assert_int_equal(record_load_raw(&r, b->c, t, id), OK);
    return record_clone(b->c, r);
}

static void folded(Bank *b) {
    int64_t n;
    bank_begin(b);
    assert_int_equal(measure_fold(&n, b->c), OK);
    bank_commit(b);
}

static void test_list_total_is_what_a_reader_counts(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        const Type *t = model_need(b->model, "ticket");
        int64_t ids[30];
        bank_begin(b);
        for (int i = 0; i < 30; i++) ids[i] = ticket(b, t, i)->id;
        b->c->actor->user = b->user; /* a few of the reader's own */
        for (int i = 30; i < 36; i++) ticket(b, t, i);
        bank_commit(b);
        compare_all(b, t);
        folded(b);
        compare_all(b, t);
        bank_begin(b);
        for (int i = 0; i < 6; i++) {
            Record *r = again(b, t, ids[i]);
            r->state = type_state(t, i % 2 ? S("closed") : S("void"));
            r->unit = i % 3 ? b->agdal : b->head;
            r->is_restricted = !r->is_restricted;
            record_set(r, "kind", value_text(S("gain")));
            bank_save(b, r, "update");
        }
        assert_int_equal(record_remove(b->c, again(b, t, ids[7]), "take_back"), OK);
        assert_int_equal(record_remove(b->c, again(b, t, ids[10]), "take_back"), OK);
        bank_commit(b);
        compare_all(b, t);
        folded(b);
        compare_all(b, t);
        bank_close(b);
    }
}

static void assert_unknown(Bank *b, const Type *t) {
    ListQuery q = {.type = t};
    int64_t n;
    bool known;
    bank_read(b);
    assert_int_equal(list_total(&n, &known, b->c, &q), OK);
    assert_false(known);
    assert_int_equal(list_count(&n, &known, b->c, &q, 10), OK);
    assert_int_equal(n, 10);
    assert_false(known); /* "10+" */
    bank_end(b);
}

/* A base from before the counts: they are made once when it is next opened. */
static void test_list_total_of_an_older_base(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        const Type *t = model_need(b->model, "ticket");
        MeasureCheck check;
        bank_begin(b);
        for (int i = 0; i < 20; i++) ticket(b, t, i);
        bank_sql(b, "DELETE FROM measure_delta WHERE measure LIKE 'count.%'");
        bank_sql(b, "DELETE FROM measure_kept");
        bank_sql(b, "INSERT INTO measure_kept (name) VALUES ('count.ticket.colour')");
        bank_sql(b, "INSERT INTO measure_cell (measure, count) VALUES ('count.ticket.colour', 5)");
        bool more = true;
        for (int i = 0; i < 2; i++) assert_int_equal(measure_keep(b->model, b->c->db), OK);
        bank_commit(b);
        assert_unknown(b, t);
        bank_begin(b);
        for (; more;) assert_int_equal(measure_count(&more, b->c, str_of(t->counts->name)), OK);
        bank_commit(b);
        compare_all(b, t);
        bank_read(b);
        assert_int_equal(measure_check(&check, b->c), OK);
        assert_true(check.ok);
        bank_end(b);
        bank_close(b);
    }
}
