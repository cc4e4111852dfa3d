/* test_words.c: lists by words. However they are found (along the index, by it, or in the texts of
 * other rows), pages hold the same records in the same order as all that have the words, whoever
 * reads. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/record.h"

static const Module note_module;
#define BANK_MORE &note_module,
#include "model/bulk.h"
#include "model/list_total.h"
#include "model/test_bank.h"

enum { NOTES = 1200, PAGE = 7, PAGES = 3 };

/* clang-format off */
static const FieldDef note_fields[] = {
    {.name = "title", .label = "Title", .kind = KIND_TEXT, .flags = F_LISTED | F_SEARCHED},
    {.name = "weight", .label = "Weight", .kind = KIND_INT, .flags = F_LISTED | F_SORTED}, {0}};
static const GrantDef note_grants[] = {
    {"analyst", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, {"auditor", OP_READ, SCOPE_ALL, false, NULL, NULL, NULL},
    {"correspondent", OP_READ, SCOPE_UNIT, false, NULL, NULL, NULL}, {"declarant", OP_READ, SCOPE_OWN, false, NULL, NULL, NULL}, {0}};
static const TypeDef note_type = {
    .name = "note", .label = "Note", .plural_label = "Notes", .prefix = "NOT", .title = "title",
    .flags = TYPE_CONFIDENTIAL, .fields = note_fields, .states = probe_states, .grants = note_grants};
static const TypeDef *const note_types[] = {&note_type, NULL};
static const Module note_module = {.name = "notes", .label = "Notes", .types = note_types};
static const char *const words[] = {"virement", "vire double", "rare", "rare7 virement", "seul", "nulle part", "not 00012", "d", "--"};
static const char *const sorts[] = {"-id", "id", "weight", "-weight"};
static const char *const filters[][2] = {{NULL, NULL}, {"unit", "AGDAL"}, {"state", "closed"}};
/* clang-format on */

static void fill(Bank *b, const Type *t, int notes) {
    bank_begin(b);
    bulk_begin(b->c);
    for (int i = 0; i < notes; i++) {
        Record *r = record_new(b->c, t);
        Str more = i % 100 == 7 ? str_fmt(b->arena, "rare%d", i % 900) : S("d'un client");
        record_set(r, "title",
                   value_text(str_fmt(b->arena, "Virement%s %s, %.*s", i % 5 ? "" : "s",
                                      i % 2 ? "double" : "simple", FMT(more))));
        if (i % 11) record_set(r, "weight", value_int(i * 37 % 101));
        if (i == 600) record_set(r, "title", value_text(S("Seul de son espèce")));
        r->unit = i % 40 ? b->casa : b->agdal;
        r->is_restricted = i % 9 == 0;
        r->created_by = 0;
        b->c->actor->user = i % 150 ? 0 : b->user;
        bank_save(b, r, "create");
    }
    assert_int_equal(bulk_end(b->c), OK);
    bank_sql(b, "UPDATE note SET state = 'closed' WHERE id % 60 = 5");
    bank_commit(b);
}

static size_t read_page(int64_t *ids, size_t n, ListQuery *q, Bank *b, Str *after) {
    ListCursor *cursor;
    Record *r;
    assert_int_equal(list_open(&cursor, b->c, q), OK);
    for (;;) {
        assert_int_equal(list_next(&r, cursor, b->arena), OK);
        if (!r) break;
        assert_true(n < NOTES);
        ids[n++] = r->id;
    }
    *after = list_after(cursor);
    return n;
}

/* Pages against the whole list, which is found by the set of all that have the words. */
static void compare(Bank *b, ListQuery *q) {
    int64_t paged[NOTES], whole[NOTES], counted;
    size_t n = 0, all;
    bool exact;
    Str after = {0};
    q->limit = 0;
    all = read_page(whole, 0, q, b, &after);
    q->limit = PAGE;
    for (int i = 0; i < PAGES; i++) {
        n = read_page(paged, n, q, b, &after);
        q->after = after;
        if (!after.n) break;
    }
    assert_int_equal(n, all < (size_t)PAGE * PAGES ? all : (size_t)PAGE * PAGES);
    assert_memory_equal(paged, whole, n * sizeof *paged);
    q->after = (Str){0};
    assert_int_equal(list_count(&counted, &exact, b->c, q, LIST_COUNT_API), OK);
    assert_int_equal(exact, all <= LIST_COUNT_WORDS);
    assert_int_equal(counted, all > LIST_COUNT_WORDS ? LIST_COUNT_WORDS : all);
}

static void read_as(Bank *b, const Type *t, const char *role, int64_t unit) {
    ActorRole *r = NEW(b->arena, ActorRole);
    bank_read(b);
    *r = (ActorRole){.role = model_role(b->model, str_of(role)), .unit = unit};
    *b->c->actor =
        (Actor){.user = b->user, .email = S("salma@bank.test"), .roles = r, .n_roles = 1};
    for (size_t i = 0; i < LENGTH(words) * LENGTH(sorts) * LENGTH(filters); i++) {
        const char *const *filter = filters[i / LENGTH(words) / LENGTH(sorts)];
        Input in = {0};
        ListQuery q;
        input_add(&in, b->arena, S("q"), str_of(words[i % LENGTH(words)]));
        input_add(&in, b->arena, S("sort"), str_of(sorts[i / LENGTH(words) % LENGTH(sorts)]));
        if (filter[0]) input_add(&in, b->arena, str_of(filter[0]), str_of(filter[1]));
        assert_int_equal(list_parse(&q, b->c, t, &in), OK);
        compare(b, &q);
    }
    bank_end(b);
}

/* The ways that the program takes. */
static WordsBy way(Bank *b, const Type *t, const char *q, const char *sort) {
    Input in = {0};
    ListQuery list;
    ListPlan plan;
    input_add(&in, b->arena, S("q"), str_of(q));
    input_add(&in, b->arena, S("sort"), str_of(sort));
    assert_int_equal(list_parse(&list, b->c, t, &in), OK);
    list.limit = PAGE;
    assert_int_equal(list_plan(&plan, b->c, &list), OK);
    return plan.by;
}

static void test_words_find_the_same_by_every_way(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        const Type *t = model_need(b->model, "note");
        fill(b, t, NOTES);
        read_as(b, t, "analyst", 0);
        read_as(b, t, "auditor", 0);
        read_as(b, t, "correspondent", b->agdal);
        read_as(b, t, "correspondent", b->casa);
        read_as(b, t, "declarant", 0);
        bank_read(b);
        if (db_kind(b->c->db) == DB_POSTGRES) {
            assert_int_equal(way(b, t, "virement", "-id"), WORDS_TEXT);
            assert_int_equal(way(b, t, "seul", "-id"), WORDS_SET);
        }
        bank_end(b);
        bank_close(b);
    }
}

/* PostgreSQL: the texts of few records are looked into at once. */
static void test_words_of_few_records(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        const Type *t = model_need(b->model, "note");
        fill(b, t, 150);
        read_as(b, t, "auditor", 0);
        read_as(b, t, "declarant", 0);
        bank_read(b);
        if (db_kind(b->c->db) == DB_POSTGRES) {
            assert_int_equal(way(b, t, "virement", "-id"), WORDS_TEXT);
            assert_int_equal(way(b, t, "rare7", "weight"), WORDS_TEXT);
            assert_int_equal(way(b, t, "nulle part", "-id"), WORDS_NOTHING);
        }
        bank_end(b);
        bank_close(b);
    }
}

static void test_words_ways(void **state) {
    (void)state;
    Bank *b = bank_open(0);
    const Type *t = model_need(b->model, "note");
    fill(b, t, NOTES);
    bank_read(b);
    assert_int_equal(way(b, t, "virement", "-id"), WORDS_HITS);
    assert_int_equal(way(b, t, "virement", "weight"), WORDS_TEXT);
    assert_int_equal(way(b, t, "rare", "weight"), WORDS_SET);
    assert_int_equal(way(b, t, "--", "-id"), WORDS_NOTHING);
    bank_end(b);
    bank_close(b);
}
