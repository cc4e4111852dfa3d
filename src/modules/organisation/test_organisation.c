/* test_organisation.c: the starting lists are whole, named in three languages and stay as they are
 * when seeded again; the demonstration bank is the same each time and its rights hold together; the
 * pages show the tree of their day. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/organisation/organisation.h"

extern const Module module_organisation;
#define BANK_MORE &module_organisation,
#include "model/test_bank.h"

static int64_t number_of(Bank *b, const char *sql) {
    int64_t n = -1;
    bool found;
    assert_int_equal(db_get_int(&n, &found, b->c->db, sql, NO_ARGS), OK);
    return found ? n : 0;
}

static void seed(Bank *b) {
    Err e = organisation_seed(b->c);
    for (size_t i = 0; i < b->c->issues.n; i++)
        print_error("%.*s: %s\n", FMT(b->c->issues.items[i].field), b->c->issues.items[i].text);
    assert_int_equal(e, OK);
}

static void demo(Bank *b, DemoReport *report) {
    Err e = organisation_demo(b->c, 1, 0, report);
    for (size_t i = 0; i < b->c->issues.n; i++)
        print_error("%.*s: %s\n", FMT(b->c->issues.items[i].field), b->c->issues.items[i].text);
    assert_int_equal(e, OK);
}

/* ---- lists ---- */

static void lists_are_whole(Bank *b) {
    seed(b);
#define NODES "SELECT COUNT(*) FROM taxon WHERE code LIKE "
    assert_int_equal(number_of(b, NODES "'ET_'"), 7);
    assert_int_equal(number_of(b, NODES "'ET_.%' AND code NOT LIKE 'ET_.%.%'"), 20);
    assert_int_equal(number_of(b, NODES "'ET_.%.%'"), 70);
    assert_int_equal(number_of(b, NODES "'BL_'"), 9);
    assert_int_equal(number_of(b, NODES "'BL_.%'"), 19);
    assert_int_equal(number_of(b, "SELECT SUM(beta) FROM taxon WHERE kind = 'business_line'"),
                     12000);
    assert_int_equal(number_of(b, "SELECT beta FROM taxon WHERE code = 'BL4'"), 1500);
    /* The bank of the tests brought three nodes of its own without names. */
    assert_int_equal(
        number_of(b, "SELECT COUNT(*) FROM taxon WHERE name_en IS NULL OR name_ar IS NULL"), 3);
    assert_int_equal(
        number_of(
            b,
            "SELECT COUNT(*) FROM setting WHERE name_en IS NULL OR name_ar IS NULL OR source IS NULL"),
        0);
    assert_int_equal(
        number_of(
            b,
            "SELECT COUNT(*) FROM taxon t JOIN taxon p ON p.id = t.parent WHERE p.kind <> t.kind"),
        0);
    assert_int_equal(
        number_of(
            b,
            "SELECT COUNT(*) FROM taxon t JOIN taxon p ON p.id = t.parent "
            "WHERE t.kind IN ('event_type', 'business_line') AND t.code NOT LIKE p.code || '.%' AND p.code <> 'FRAUD'"),
        0);
    assert_int_equal(number_of(b, "SELECT up_to FROM approval_limit WHERE role = 'analyst'"),
                     50000000);
    assert_int_equal(
        number_of(b,
                  "SELECT COUNT(*) FROM approval_limit WHERE role = 'committee' AND up_to IS NULL"),
        1);
    const TreeItem *items;
    size_t n;
    assert_int_equal(ref_tree(&items, &n, b->c, model_need(b->model, "taxon"), S("business_line")),
                     OK);
    assert_int_equal(n, 28);
    assert_true(str_is(items[0].key, "BL1") && str_is(items[1].key, "BL1.1") &&
                items[1].depth == 1);
    assert_true(str_is(items[n - 1].key, "BL0"));
}

static void test_organisation_lists_are_whole(void **state) {
    (void)state;
    bank_each(lists_are_whole);
}

static void seeding_again_changes_nothing(Bank *b) {
    seed(b);
    Record *r, *done;
    int64_t id, entries = number_of(b, "SELECT COUNT(*) FROM entry");
    seed(b);
    assert_int_equal(number_of(b, "SELECT COUNT(*) FROM entry"), entries);
    /* What the bank made its own stays. */
    const Type *t = model_need(b->model, "setting");
    assert_int_equal(ref_find(&id, b->c, t, S("late_declaration_days")), OK);
    assert_int_equal(record_load_raw(&r, b->c, t, id), OK);
    r = record_clone(b->c, r);
    record_set(r, "value", value_text(S("15")));
    assert_int_equal(record_save(&done, b->c, r, "update"), OK);
    seed(b);
    assert_int_equal(
        number_of(
            b,
            "SELECT COUNT(*) FROM setting WHERE code = 'late_declaration_days' AND value = '15'"),
        1);
    assert_int_equal(number_of(b, "SELECT COUNT(*) FROM entry"), entries + 1);
}

static void test_organisation_seeding_again_changes_nothing(void **state) {
    (void)state;
    bank_each(seeding_again_changes_nothing);
}

/* ---- demonstration bank ---- */

/* All records of a type in machine form, but for secrets and what the row alone knows. */
static void add_rows(Text *out, Bank *b, const char *type) {
    const Type *t = model_need(b->model, type);
    ListQuery q;
    ListCursor *cursor;
    Input none = {0};
    assert_int_equal(list_parse(&q, b->c, t, &none), OK);
    q.limit = 0;
    q.descending = false;
    assert_int_equal(list_open(&cursor, b->c, &q), OK);
    for (;;) {
        Record *r;
        assert_int_equal(list_next(&r, cursor, b->arena), OK);
        if (!r) return;
        text_fmt(out, "%s %lld %lld", type, (long long)r->created_at, (long long)r->updated_at);
        for (size_t i = 0; i < t->n_fields; i++)
            if (!(t->fields[i].flags & F_SECRET))
                text_fmt(out, "|%.*s", FMT(field_text(b->c, &t->fields[i], r->values[i])));
        text_char(out, '\n');
    }
}

static Str fingerprint(Arena *keep, Bank *b) {
    static const char *const types[] = {"entity",     "unit", "user",   "role_assignment",
                                        "delegation", "rate", "process"};
    Text out = text_new(b->arena, 0);
    for (size_t i = 0; i < LENGTH(types); i++) add_rows(&out, b, types[i]);
    return sha256_hex(keep, text_str(&out));
}

static void test_organisation_demo_is_the_same_each_time(void **state) {
    Arena *keep = arena_new(0);
    Str hash[2];
    (void)state;
    for (int i = 0; i < 2; i++) {
        Bank *b = bank_open(0);
        DemoReport report = {0};
        bank_begin(b);
        seed(b);
        demo(b, &report);
        hash[i] = fingerprint(keep, b);
        int64_t entries = number_of(b, "SELECT COUNT(*) FROM entry");
        demo(b, &report); /* once is enough */
        assert_int_equal(number_of(b, "SELECT COUNT(*) FROM entry"), entries);
        bank_commit(b);
        bank_close(b);
    }
    assert_true(str_eq(hash[0], hash[1]));
    arena_free(keep);
}

static int64_t reported(const DemoReport *report, const char *type) {
    for (size_t i = 0; i < report->n; i++)
        if (strcmp(report->counts[i].type, type) == 0) return report->counts[i].n;
    return 0;
}

static void bank_holds_together(Bank *b) {
    DemoReport report = {0};
    seed(b);
    int64_t at = b->c->now_us;
    demo(b, &report);
    assert_int_equal(b->c->now_us, at);
    assert_int_equal(reported(&report, "entity"), 8);
    assert_int_equal(reported(&report, "unit"), 60);
    assert_int_equal(reported(&report, "user"), 40);
    assert_int_equal(reported(&report, "process"), 24);
    assert_int_equal(reported(&report, "product"), 13);
    assert_int_equal(reported(&report, "site"), 4);
    assert_int_equal(reported(&report, "system"), 9);
    assert_int_equal(reported(&report, "gl_account"), 4);
    assert_int_equal(number_of(b, "SELECT COUNT(*) FROM process_used_systems x JOIN process p ON "
                                  "p.id = x.record WHERE p.code = 'P04'"),
                     3);
    assert_int_equal(reported(&report, "rate"),
                     24); /* 2016 to 2023, the year of the test's clock */
    assert_int_equal(
        number_of(
            b,
            "SELECT COUNT(*) FROM unit WHERE entity IN (SELECT id FROM entity WHERE code LIKE 'BT_') "
            "AND (name_en IS NULL OR name_ar IS NULL OR head IS NULL)"),
        0);
    assert_int_equal(
        number_of(
            b,
            "SELECT COUNT(*) FROM process WHERE name_en IS NULL OR name_ar IS NULL OR in_unit IS NULL "
            "OR process_owner IS NULL OR business_line IS NULL"),
        0);
    assert_int_equal(
        number_of(
            b,
            "SELECT COUNT(*) FROM \"user\" WHERE is_demo = 1 AND password_hash IS NOT NULL AND name_ar IS NOT NULL"),
        40);
    assert_int_equal(
        number_of(b, "SELECT COUNT(*) FROM objective WHERE state = 'active' AND name_en IS NOT "
                     "NULL AND name_ar IS NOT NULL AND owner IS NOT NULL AND unit IS NOT NULL AND "
                     "entity IS NOT NULL AND begins_on < due_on AND baseline <> target"),
        10);
    assert_int_equal(number_of(b, "SELECT COUNT(DISTINCT role) FROM role_assignment"),
                     (int64_t)b->model->n_roles - 1);
#define COVERED(field, role)                                                                               \
    "SELECT COUNT(*) FROM unit u WHERE u." field                                                           \
    " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM role_assignment r JOIN unit_under x "                      \
    "ON x.ancestor = r.in_unit AND x.unit = u.id AND x.until_day = '9999-12-31' WHERE r.person = u." field \
    " AND r.role = '" role "')"
    assert_int_equal(number_of(b, COVERED("head", "unit_head")), 0);
    assert_int_equal(number_of(b, COVERED("correspondent", "correspondent")), 0);
    Str hash;
    bool found;
    assert_int_equal(
        db_get_text(&hash, &found, b->c->db, b->arena,
                    "SELECT password_hash FROM \"user\" WHERE email = 'admin@tinmel.example'",
                    NO_ARGS),
        OK);
    assert_int_equal(password_verify(hash, S(DEMO_PASSWORD)), OK);
}

static void test_organisation_bank_holds_together(void **state) {
    (void)state;
    bank_each(bank_holds_together);
}

/* ---- a unit that works for several business lines ---- */

static Err split_unit(Record **out, Bank *b, const char *line, const char *const *parts) {
    const Type *t = model_need(b->model, "unit");
    int64_t id;
    Record *r;
    Input in = {0};
    b->c->issues = (Issues){0};
    assert_int_equal(ref_find(&id, b->c, t, S("MAR")), OK);
    assert_int_equal(record_load_raw(&r, b->c, t, id), OK);
    input_add(&in, b->arena, S("business_line"), str_of(line));
    for (int i = 0; parts[2 * i]; i++) {
        input_add(&in, b->arena, str_fmt(b->arena, "business_lines[%d].line", i),
                  str_of(parts[2 * i]));
        input_add(&in, b->arena, str_fmt(b->arena, "business_lines[%d].share", i),
                  str_of(parts[2 * i + 1]));
    }
    return record_update(out, b->c, r, r->version, &in);
}

static bool has_issue(const Bank *b, const char *field, const char *code) {
    for (size_t i = 0; i < b->c->issues.n; i++)
        if (str_is(b->c->issues.items[i].field, field) &&
            strcmp(b->c->issues.items[i].code, code) == 0)
            return true;
    return false;
}

static void business_lines_add_up(Bank *b) {
    static const char *const short_of[] = {"BL2", "60", "BL4", "30", NULL};
    static const char *const twice[] = {"BL2", "60", "BL2", "40", NULL};
    static const char *const whole[] = {"BL2", "40", "BL4", "60", NULL};
    static const char *const other_list[] = {"ET1", "100", NULL};
    DemoReport report = {0};
    Record *r;
    seed(b);
    demo(b, &report);
    assert_int_equal(split_unit(&r, b, "BL2", short_of), ERR_INVALID);
    assert_true(has_issue(b, "business_lines", "sum_100"));
    assert_int_equal(split_unit(&r, b, "BL2", twice), ERR_INVALID);
    assert_true(has_issue(b, "business_lines", "twice"));
    assert_int_equal(split_unit(&r, b, "BL1", whole), ERR_INVALID);
    assert_true(has_issue(b, "business_line", "not_split"));
    assert_int_equal(split_unit(&r, b, "", other_list), ERR_INVALID);
    assert_true(has_issue(b, "business_lines[0].line", "wrong_list"));
    assert_int_equal(split_unit(&r, b, "", whole), OK);
    Str main_line =
        field_text(b->c, type_need(r->type, "business_line"), record_get(r, "business_line"));
    assert_true(str_is(main_line, "BL4")); /* the largest stands for the unit */
}

static void test_organisation_business_lines_add_up(void **state) {
    (void)state;
    bank_each(business_lines_add_up);
}

static void sign_in(Bank *b, const char *email) {
    b->c->cache = NULL;
    b->c->issues = (Issues){0};
    assert_int_equal(actor_load_by_email(b->c, str_of(email)), OK);
}

/* ---- pages ---- */

static Err open_page(Page *out, Bank *b, const char *path, const char *name, const char *value) {
    Input query = {0};
    PageArgs args = {.query = &query};
    if (name) input_add(&query, b->arena, str_of(name), str_of(value));
    *out = (Page){0};
    for (const PageDef *p = organisation_pages; p->path; p++)
        if (strcmp(p->path, path) == 0) return p->build(b->c, &args, out);
    return ERR_MISSING;
}

/* Code of the unit that `code` stands under in the tree; empty at the top. */
static Str above(const TreeView *tree, const char *code) {
    for (size_t i = 0; i < tree->n; i++) {
        if (!str_is(tree->nodes[i].key, code)) continue;
        for (size_t k = i; k-- > 0;)
            if (tree->nodes[k].depth < tree->nodes[i].depth) return tree->nodes[k].key;
    }
    return (Str){0};
}

static const TreeNode *node_of(const TreeView *tree, const char *code) {
    for (size_t i = 0; i < tree->n; i++)
        if (str_is(tree->nodes[i].key, code)) return &tree->nodes[i];
    fail_msg("no node %s", code);
    return NULL;
}

static void chart_shows_the_day(Bank *b) {
    DemoReport report = {0};
    Page page;
    seed(b);
    demo(b, &report);
    sign_in(b, "hamza.elidrissi@tinmel.example");
    b->c->lang = LANG_FR;
    assert_int_equal(open_page(&page, b, "/organisation/chart", NULL, NULL), OK);
    const TreeView *tree = &page.main->tree;
    assert_int_equal(tree->n, 63); /* with the three units of the test's own bank */
    assert_true(str_is(above(tree, "SSI"), "RSK"));
    assert_true(str_is(above(tree, "AG-MAA"), "DR-CAS"));
    assert_int_equal(node_of(tree, "AG-MAA")->depth, 3);
    assert_true(str_find(node_of(tree, "AG-MAA")->note, S("Nawal Cherkaoui")) >= 0);
    assert_int_equal(node_of(tree, "AG-MAA")->figure.i, 2);
    assert_int_equal(open_page(&page, b, "/organisation/chart", "as_of", "31/12/2022"), OK);
    assert_true(str_is(above(&page.main->tree, "SSI"), "SI"));
    assert_true(str_is(page.as_of, "2022-12-31"));
    b->c->lang = LANG_AR;
    assert_int_equal(open_page(&page, b, "/organisation/chart", NULL, NULL), OK);
    assert_true(str_is(node_of(&page.main->tree, "AG-MAA")->label, "وكالة الدار البيضاء المعاريف"));
    assert_int_equal(open_page(&page, b, "/organisation/chart", "as_of", "hier"), ERR_INVALID);
}

static void test_organisation_chart_shows_the_day(void **state) {
    (void)state;
    bank_each(chart_shows_the_day);
}

static size_t rows_of(const Page *page, Str *first_person) {
    size_t n = 0;
    Arena *a = arena_new(0);
    for (;; n++) {
        Row row;
        bool has;
        const ListView *list = &page->main->list;
        assert_int_equal(list->rows.next(list->rows.state, a, &row, &has), OK);
        if (!has) break;
        if (!n) *first_person = row.id;
    }
    arena_free(a);
    return n;
}

static void people_and_roles(Bank *b) {
    DemoReport report = {0};
    Page page;
    Str first;
    seed(b);
    demo(b, &report);
    sign_in(b, "hamza.elidrissi@tinmel.example");
    assert_int_equal(open_page(&page, b, "/organisation/people", NULL, NULL), OK);
    assert_int_equal(page.main->list.n_columns, 4); /* roles are not for everybody */
    assert_int_equal(rows_of(&page, &first), 41);
    sign_in(b, "karim.berrada@tinmel.example"); /* the auditor */
    assert_int_equal(open_page(&page, b, "/organisation/people", "unit", "DR-CAS"), OK);
    assert_int_equal(page.main->list.n_columns, 5);
    assert_int_equal(rows_of(&page, &first), 4);
    assert_true(str_is(first, "said.boukhari@tinmel.example"));
    assert_int_equal(open_page(&page, b, "/organisation/people", "unit", "NOWHERE"), ERR_INVALID);
}

static void test_organisation_people_and_roles(void **state) {
    (void)state;
    bank_each(people_and_roles);
}

/* ---- processes ---- */

static void processes_are_a_tree(Bank *b) {
    const Type *t = model_need(b->model, "process");
    Record *top = record_new(b->c, t), *below = record_new(b->c, t), *done;
    record_set(top, "code", value_text(S("P90")));
    record_set(top, "name_fr", value_text(S("Domaine")));
    assert_int_equal(record_save(&top, b->c, top, "create"), OK);
    assert_int_equal(record_int(top, "level"), 1);
    assert_true(str_is(record_text(top, "written_in"), "fr"));
    assert_non_null(type_field(t, S("tags")));
    assert_non_null(type_field(t, S("watchers")));
    assert_non_null(type_field(t, S("files")));
    assert_null(type_field(model_need(b->model, "user"), S("tags")));
    record_set(below, "code", value_text(S("P90.1")));
    record_set(below, "name_fr", value_text(S("Activité")));
    record_set(below, "parent", value_int(top->id));
    assert_int_equal(record_save(&below, b->c, below, "create"), OK);
    top = record_clone(b->c, top);
    record_set(top, "parent", value_int(below->id));
    assert_int_equal(record_save(&done, b->c, top, "update"), ERR_INVALID);
}

static void test_organisation_processes_are_a_tree(void **state) {
    (void)state;
    bank_each(processes_are_a_tree);
}
