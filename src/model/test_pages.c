/* test_pages.c: the record pages as views, on a small module of its own: a case with a workflow, a
 * child with amounts. What is looked at is data, never markup. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <setjmp.h>
#include <cmocka.h>

#include "model/pages.h"
#include "model/saved_view.h"

/* clang-format off */
static const Choice kinds[] = {{"loss", N_("Loss"), 0}, {"near_miss", N_("Near miss"), 0}, {"gain", N_("Gain"), 0}, {0}};
static const FieldGroup groups[] = {{"what", N_("What happened"), NULL}, {"more", N_("More"), NULL}, {0}};
static const FieldDef case_rows[] = {
    {.name = "share", .label = N_("Share"), .kind = KIND_PERCENT},
    {.name = "note", .label = N_("Note"), .kind = KIND_TEXT}, {0}};
static const FieldDef case_fields[] = {
    {.name = "note", .label = N_("Note"), .kind = KIND_TEXT, .group = "more", .flags = F_MORE},
    {.name = "title", .label = N_("Title"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_SEARCHED | F_SORTED},
    {.name = "kind", .label = N_("Kind"), .kind = KIND_CHOICE, .choices = kinds, .flags = F_LISTED | F_FILTER, .default_value = "loss"},
    {.name = "seen_on", .label = N_("Seen on"), .kind = KIND_DATE, .flags = F_FILTER | F_SORTED, .leave = "draft"},
    {.name = "estimate", .label = N_("Estimate"), .kind = KIND_MONEY, .flags = F_LISTED | F_HEADLINE, .only_if = "kind=loss|gain"},
    {.name = "shares", .label = N_("Shares"), .kind = KIND_ROWS, .rows = case_rows, .group = "more"},
    {.name = "secret_note", .label = N_("Method note"), .kind = KIND_TEXT, .group = "more"},
    {.name = "machine", .label = N_("Machine"), .kind = KIND_INT, .flags = F_HIDDEN | F_COMPUTED},
    {0}};
static const StateDef case_states[] = {
    {"draft", N_("Draft"), TONE_MUTED, 1, 0, NULL},
    {"in_review", N_("In review"), TONE_INFO, 2, 0, "analyst"},
    {"closed", N_("Closed"), TONE_GOOD, 3, STATE_CLOSED, NULL},
    {"cancelled", N_("Cancelled"), TONE_MUTED, 9, STATE_VOID, NULL}, {0}};
static const TransitionDef case_transitions[] = {
    {.name = "submit", .label = N_("Send for review"), .from = "draft", .to = "in_review", .roles = "@creator analyst", .flags = TRANSITION_PRIMARY, .done = N_("sent it for review")},
    {.name = "close", .label = N_("Close"), .from = "in_review", .to = "closed", .roles = "analyst", .flags = TRANSITION_PRIMARY | TRANSITION_NOT_CREATOR, .sends = "note"},
    {.name = "cancel", .label = N_("Cancel it"), .from = "draft in_review", .to = "cancelled", .roles = "analyst", .flags = TRANSITION_REASON | TRANSITION_DANGER},
    {0}};
static const GrantDef case_grants[] = {
    {"declarant", OP_READ | OP_CREATE | OP_UPDATE, SCOPE_OWN, true, "secret_note", NULL, "draft"},
    {"analyst", OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL}, {0}};
static const TypeDef case_type = {.name = "case", .label = N_("Case"), .plural_label = N_("Cases"), .prefix = "CAS", .title = "title",
    .flags = TYPE_CONFIDENTIAL, .groups = groups, .fields = case_fields, .states = case_states, .transitions = case_transitions,
    .grants = case_grants, .list_default = "state.open=1&sort=-id", .text = N_("What went wrong.")};
static const FieldDef entry_fields[] = {
    {.name = "of_case", .label = N_("Case"), .kind = KIND_REF, .of = "case", .flags = F_REQUIRED},
    {.name = "booked_on", .label = N_("Booked on"), .kind = KIND_DATE, .flags = F_LISTED},
    {.name = "amount", .label = N_("Amount"), .kind = KIND_MONEY, .flags = F_REQUIRED | F_LISTED}, {0}};
static const GrantDef entry_grants[] = {{"analyst", OP_READ | OP_CREATE | OP_UPDATE, SCOPE_ALL, true, NULL, NULL, NULL}, {0}};
static const LedgerDef entry_ledger[] = {{"amount", N_("Running total")}, {0}};
static const TypeDef entry_type = {.name = "case_line", .ledger = entry_ledger, .label = N_("Line"), .plural_label = N_("Lines"), .prefix = "LIN", .parent = "of_case",
    .fields = entry_fields, .grants = entry_grants};
/* clang-format on */
static const TypeDef *const types[] = {&case_type, &entry_type, NULL};
static Err fill_twice(Ctx *c, const int64_t *ids, size_t n, Cell *out) {
    (void)c;
    for (size_t i = 0; i < n; i++) out[i] = cell_int(2 * ids[i]);
    return OK;
}
static const ColumnDef added[] = {{"case_line", "twice", N_("Twice"), CELL_INT, fill_twice}, {0}};
static const Module module = {
    .name = "cases", .label = N_("Cases"), .types = types, .columns = added};
static const Module *const modules[] = {&module, NULL};

typedef struct Test {
    Arena *process;
    DbBase *base;
    DbSession *session;
    const Model *model;
    Ctx *c;
    char path[64];
    int64_t analyst, clerk, unit;
} Test;

static void put(Test *t, Input *in, const char *name, const char *value) {
    input_add(in, t->c->arena, str_of(name), str_of(value));
}

static int64_t add_user(Test *t, const char *email, const char *name, const char *role) {
    Ctx *c = t->c;
    const Type *user = model_need(t->model, "user");
    Record *r = record_new(c, user), *out;
    record_set(r, "email", value_text(str_of(email)));
    record_set(r, "name", value_text(str_of(name)));
    record_set(r, "home_unit", value_int(t->unit));
    assert_int_equal(record_save(&out, c, r, "create"), OK);
    if (!role) return out->id;
    Record *a = record_new(c, model_need(t->model, "role_assignment")), *saved;
    const Type *at = a->type;
    bool ok = true;
    for (size_t i = 0; i < at->n_fields; i++) {
        const Field *f = &at->fields[i];
        if (f->kind == KIND_USER) a->values[i] = value_int(out->id);
        if (!strcmp(f->name, "role")) a->values[i] = field_from_text(c, f, str_of(role), &ok);
    }
    assert_true(ok);
    assert_int_equal(record_save(&saved, c, a, "create"), OK);
    return out->id;
}

static int64_t add_unit(Test *t) {
    Ctx *c = t->c;
    Record *company = record_new(c, model_need(t->model, "entity")), *unit, *out;
    record_set(company, "code", value_text(S("BTM")));
    record_set(company, "name_fr", value_text(S("Banque")));
    record_set(company, "currency", value_text(S("MAD")));
    assert_int_equal(record_save(&out, c, company, "create"), OK);
    unit = record_new(c, model_need(t->model, "unit"));
    record_set(unit, "code", value_text(S("A01")));
    record_set(unit, "name_fr", value_text(S("Agence Agdal")));
    record_set(unit, "entity", value_int(out->id));
    assert_int_equal(record_save(&out, c, unit, "create"), OK);
    return out->id;
}

static int set_up(void **state) {
    Test *t = calloc(1, sizeof *t);
    t->process = arena_new(0);
    t->model = model_build(t->process, modules);
    snprintf(t->path, sizeof t->path, "/tmp/gardefou-pages-%d.db", (int)getpid());
    unlink(t->path);
    Str why = {0};
    assert_int_equal(db_open(&t->base, &why, t->process, str_fmt(t->process, "sqlite:%s", t->path),
                             (DbOptions){.create = true}),
                     OK);
    assert_int_equal(db_session_new(&t->session, t->base), OK);
    t->c = ctx_new(t->process, t->model, t->session);
    t->c->lang = LANG_EN;
    assert_int_equal(db_write(&t->c->db, t->session), OK);
    assert_int_equal(model_migrate(t->model, t->c->db), OK);
    actor_system(t->c);
    t->unit = add_unit(t);
    t->analyst = add_user(t, "salma@bank.example", "Salma", "analyst");
    t->clerk = add_user(t, "omar@bank.example", "Omar", NULL);
    *state = t;
    return 0;
}

static int tear_down(void **state) {
    Test *t = *state;
    db_rollback(t->c->db);
    arena_reset(t->process);
    db_session_free(t->session);
    db_close(t->base);
    arena_free(t->process);
    unlink(t->path);
    free(t);
    return 0;
}

static void as(Test *t, int64_t user) {
    assert_int_equal(actor_load(t->c, user), OK);
    t->c->lang = LANG_EN;
    t->c->issues = (Issues){0};
    t->c->source = S("web");
}

static Record *new_case(Test *t, const char *title) {
    Input in = {0};
    Record *r = NULL;
    put(t, &in, "title", title);
    put(t, &in, "seen_on", "2026-03-01");
    put(t, &in, "estimate.amount", "1250.50");
    put(t, &in, "estimate.currency", "MAD");
    Err err = record_create(&r, t->c, model_need(t->model, "case"), &in);
    for (size_t i = 0; i < t->c->issues.n; i++)
        print_error("%.*s: %s\n", FMT(t->c->issues.items[i].field), t->c->issues.items[i].text);
    assert_int_equal(err, OK);
    return r;
}

static Record *move(Test *t, Record *r, const char *step) {
    Input in = {0};
    Record *out = NULL;
    assert_int_equal(record_move(&out, t->c, r, step, &in), OK);
    return out;
}

/* ---- looking into a page ---- */

static const Block *find_block(const Block *b, BlockKind kind, const char *id) {
    if (!b) return NULL;
    if (b->kind == kind && (!id || (b->id && !strcmp(b->id, id)))) return b;
    for (size_t i = 0; b->kind == BLOCK_LAYOUT && i < b->layout.n; i++) {
        const Block *found = find_block(b->layout.items[i], kind, id);
        if (found) return found;
    }
    return NULL;
}

static size_t count_rows(const ListView *list) {
    Arena *scratch = arena_new(0);
    size_t n = 0;
    for (;;) {
        Row row;
        bool has = false;
        assert_int_equal(list->rows.next(list->rows.state, scratch, &row, &has), OK);
        if (!has) break;
        n++;
    }
    arena_free(scratch);
    return n;
}

static bool has_column(const ListView *list, const char *name) {
    for (size_t i = 0; i < list->n_columns; i++)
        if (!strcmp(list->columns[i].name, name)) return true;
    return false;
}

static const FormField *find_field(const Block *form, const char *name) {
    for (size_t g = 0; g < form->form.n_groups; g++)
        for (size_t i = 0; i < form->form.groups[g].n; i++)
            if (str_is(form->form.groups[g].fields[i].name, name))
                return &form->form.groups[g].fields[i];
    return NULL;
}

static const Button *find_button(const Page *page, const char *label) {
    for (size_t i = 0; i < page->n_buttons; i++)
        if (str_is(page->buttons[i].label, label)) return &page->buttons[i];
    return NULL;
}

/* ---- tests ---- */

static void test_pages_list(void **state) {
    Test *t = *state;
    const Type *type = model_need(t->model, "case");
    as(t, t->analyst);
    for (int i = 0; i < 3; i++) new_case(t, "Cash difference");
    move(t, new_case(t, "Card fraud"), "submit");
    Input none = {0};
    Page page = {0};
    assert_int_equal(page_list(t->c, type, &none, FORMAT_HTML, &page), OK);
    const ListView *list = &page.main->list;
    assert_int_equal(list->total, 4);
    Row first;
    bool has = false;
    assert_int_equal(list->rows.next(list->rows.state, t->c->arena, &first, &has), OK);
    assert_int_equal(1 + count_rows(list), 4);
    assert_true(has_column(list, "estimate") && !has_column(list, "machine"));
    /* the unit stands under the title */
    assert_false(has_column(list, "unit"));
    assert_string_equal(list->columns[1].name, "title");
    assert_true(has && first.cells[1].note.n);
    assert_int_equal(list->n_tabs, 4);
    assert_true(list->tabs[0].is_current);
    assert_true(str_is(list->tabs[2].href, "/cases?state.in=in_review"));
    assert_int_equal(list->n_bulk, 1); /* close sends a field, cancel needs a reason */
    bool chip = false;
    for (size_t i = 0; i < list->n_filters; i++)
        if (list->filters[i].is_active) {
            chip = true;
            assert_true(str_is(list->filters[i].sentence, "Open ones only"));
            assert_true(str_is(list->filters[i].clear_href, "/cases?sort=-id"));
        }
    assert_true(chip);
    assert_non_null(find_button(&page, "New: Case"));
}

static void test_pages_list_filters(void **state) {
    Test *t = *state;
    const Type *type = model_need(t->model, "case");
    as(t, t->analyst);
    new_case(t, "Cash difference");
    Input in = {0};
    Page page = {0};
    put(t, &in, "seen_on.ge", "2026-01-01");
    put(t, &in, "seen_on.le", "2026-03-31");
    put(t, &in, "kind", "near_miss");
    put(t, &in, "state.in", "draft,in_review");
    put(t, &in, "columns", "number,kind");
    assert_int_equal(page_list(t->c, type, &in, FORMAT_HTML, &page), OK);
    const ListView *list = &page.main->list;
    assert_int_equal(list->total, 0);
    assert_int_equal(list->n_columns, 2);
    assert_true(str_is(list->empty_title, "Nothing matches these filters"));
    size_t active = 0;
    for (size_t i = 0; i < list->n_filters; i++) {
        const Filter *f = &list->filters[i];
        if (!f->is_active) continue;
        active++;
        if (str_is(f->name, "seen_on")) {
            assert_true(str_is(f->sentence, "Seen on between 01/01/2026 and 31/03/2026"));
            assert_true(
                str_is(f->clear_href,
                       "/cases?kind=near_miss&state.in=draft,in_review&columns=number,kind"));
        }
        if (str_is(f->name, "kind")) assert_true(str_is(f->sentence, "Kind: Near miss"));
        if (str_is(f->name, "state.in"))
            assert_true(str_is(f->sentence, "State: Draft, In review"));
    }
    assert_int_equal(active, 3);
    assert_non_null(find_button(&page, "Save this view"));
    Input bad = {0};
    put(t, &bad, "nonsense", "1");
    assert_int_equal(page_list(t->c, type, &bad, FORMAT_HTML, &(Page){0}), ERR_INVALID);
}

/* The panel is a page of its own: a list carries the filters in force alone. */
static void test_pages_list_filter_panel(void **state) {
    Test *t = *state;
    const Type *type = model_need(t->model, "case");
    as(t, t->analyst);
    Input in = {0};
    Page list = {0}, panel = {0};
    put(t, &in, "kind", "near_miss");
    put(t, &in, "columns", "number,kind");
    assert_int_equal(page_list(t->c, type, &in, FORMAT_HTML, &list), OK);
    assert_int_equal(list.main->list.n_filters, 1);
    assert_true(str_is(list.main->list.filters_href,
                       "/cases?kind=near_miss&filters_form=1&columns=number,kind"));
    assert_true(str_is(list.main->list.action, "/cases?kind=near_miss&columns=number,kind"));
    put(t, &in, "filters_form", "1");
    assert_int_equal(page_list(t->c, type, &in, FORMAT_HTML, &panel), OK);
    const ListView *v = &panel.main->list;
    assert_true(v->is_filters && v->n_filters > 3 && !v->n_columns);
    for (size_t i = 0; i < v->n_filters; i++) {
        const Filter *f = &v->filters[i];
        if (str_is(f->name, "kind")) assert_true(f->is_active && f->n_options > 1);
        if (str_is(f->name, "state")) assert_true(!f->is_active && f->n_options > 1);
    }
}

static void test_pages_list_formats_and_scope(void **state) {
    Test *t = *state;
    const Type *type = model_need(t->model, "case");
    as(t, t->analyst);
    for (int i = 0; i < 60; i++) new_case(t, "Cash difference");
    Input none = {0}, two = {0};
    Page page = {0};
    assert_int_equal(page_list(t->c, type, &none, FORMAT_HTML, &page), OK);
    assert_true(page.main->list.next_href.n > 0);
    page = (Page){0};
    assert_int_equal(page_list(t->c, type, &none, FORMAT_CSV, &page), OK);
    assert_int_equal(count_rows(&page.main->list), 60);
    assert_true(has_column(&page.main->list, "machine") &&
                has_column(&page.main->list, "secret_note"));
    assert_string_equal(page.main->list.columns[0].name, "number");
    put(t, &two, "limit", "2");
    page = (Page){0};
    assert_int_equal(page_list(t->c, type, &two, FORMAT_JSON, &page), OK);
    assert_int_equal(count_rows(&page.main->list), 2);
    assert_true(page.main->list.next_cursor.n > 0);
    as(t, t->clerk); /* own ones only, without the hidden field */
    page = (Page){0};
    assert_int_equal(page_list(t->c, type, &none, FORMAT_JSON, &page), OK);
    assert_int_equal(page.main->list.total, 0);
    assert_false(has_column(&page.main->list, "secret_note"));
    assert_int_equal(page_list(t->c, model_need(t->model, "case_line"), &none, FORMAT_HTML, &page),
                     ERR_MISSING);
}

static void test_pages_saved_view(void **state) {
    Test *t = *state;
    const Type *type = model_need(t->model, "case");
    as(t, t->analyst);
    Input form = {0};
    Str to = {0};
    put(t, &form, "type", "case");
    put(t, &form, "name", "Near misses");
    put(t, &form, "query", "kind=near_miss");
    assert_int_equal(saved_view_add(&to, t->c, &form), OK);
    assert_true(str_is(to, "/cases?kind=near_miss"));
    Input in = {0};
    Page page = {0};
    put(t, &in, "kind", "near_miss");
    assert_int_equal(page_list(t->c, type, &in, FORMAT_HTML, &page), OK);
    const ListView *list = &page.main->list;
    assert_int_equal(list->n_tabs, 5);
    assert_true(list->tabs[4].is_current);
    assert_non_null(find_button(&page, "Delete this view"));
    /* The columns belong to a view; with them it is another one. */
    put(t, &in, "columns", "number,unit");
    page = (Page){0};
    assert_int_equal(page_list(t->c, type, &in, FORMAT_HTML, &page), OK);
    assert_null(find_button(&page, "Delete this view"));
    Input arranged = {0};
    put(t, &arranged, "type", "case");
    put(t, &arranged, "name", "By unit");
    put(t, &arranged, "query", "kind=near_miss&columns=number,unit");
    assert_int_equal(saved_view_add(&to, t->c, &arranged), OK);
    page = (Page){0};
    assert_int_equal(page_list(t->c, type, &in, FORMAT_HTML, &page), OK);
    assert_int_equal(page.main->list.n_tabs, 6);
    assert_true(page.main->list.tabs[5].is_current && !page.main->list.tabs[4].is_current);
    assert_true(has_column(&page.main->list, "unit"));
    const SavedView *views;
    size_t n;
    assert_int_equal(saved_view_list(&views, &n, t->c, type), OK);
    as(t, t->clerk);
    assert_int_equal(saved_view_delete(&to, t->c, views[0].id), ERR_MISSING);
    as(t, t->analyst);
    assert_int_equal(saved_view_delete(&to, t->c, views[0].id), OK);
    Input bad = {0};
    put(t, &bad, "type", "case");
    put(t, &bad, "name", "Bad");
    put(t, &bad, "query", "nonsense=1");
    assert_int_equal(saved_view_add(&to, t->c, &bad), ERR_INVALID);
}

static void test_pages_record(void **state) {
    Test *t = *state;
    as(t, t->clerk);
    Record *r = move(t, new_case(t, "Cash difference"), "submit");
    as(t, t->analyst);
    const Type *line = model_need(t->model, "case_line");
    /* A reversal that was entered before what it reverses, on one day. */
    static const char *const amounts[] = {"-100", "100", "250.25"};
    for (size_t i = 0; i < LENGTH(amounts); i++) {
        Input in = {0};
        Record *child;
        input_add(&in, t->c->arena, S("of_case"), record_number(t->c->arena, r));
        put(t, &in, "amount.amount", amounts[i]);
        put(t, &in, "amount.currency", "MAD");
        put(t, &in, "booked_on", i < 2 ? "2026-03-02" : "2026-03-01");
        assert_int_equal(record_create(&child, t->c, line, &in), OK);
    }
    Input none = {0};
    Page page = {0};
    assert_int_equal(page_record(t->c, r, &none, FORMAT_HTML, &page), OK);
    assert_true(str_is(page.title, "Cash difference"));
    assert_true(str_is(page.state.key, "in_review"));
    assert_true(str_is(page.buttons[0].label, "Close") && page.buttons[0].asks &&
                page.buttons[0].is_primary);
    assert_non_null(find_button(&page, "Edit"));
    const Block *ledger = find_block(page.body, BLOCK_LEDGER, NULL);
    assert_non_null(ledger);
    static const int64_t running[] = {25025, 35025, 25025};
    assert_int_equal(ledger->ledger.n_rows, LENGTH(running));
    for (size_t i = 0; i < LENGTH(running); i++)
        assert_int_equal(ledger->ledger.rows[i].cells[ledger->ledger.n_columns - 1].i, running[i]);
    assert_int_equal(ledger->ledger.totals[ledger->ledger.n_columns - 1].i, 25025);
    assert_true(str_starts(find_block(page.body, BLOCK_LAYOUT, "case_lines")->layout.text,
                           S("Of one day")));
    const Block *path = find_block(page.body, BLOCK_PATH, NULL);
    assert_int_equal(path->path.n, 3);
    assert_true(path->path.steps[0].is_done && path->path.steps[0].at_us &&
                path->path.steps[1].is_current);
    const Block *latest = find_block(page.body, BLOCK_TIMELINE, NULL);
    assert_true(str_is(latest->timeline.items[0].what, "sent it for review"));
    assert_true(str_is(latest->timeline.items[0].who, "Omar"));
    const Block *head = find_block(page.body, BLOCK_FACTS, "headline");
    assert_int_equal(head->facts.facts[0].cell.i, 125050);
    page = (Page){0};
    assert_int_equal(page_record_print(t->c, r, &none, &page), OK);
    assert_true(page.is_print && !page.n_buttons);
    page = (Page){0};
    assert_int_equal(page_record(t->c, r, &none, FORMAT_JSON, &page), OK);
    assert_string_equal(page.main->facts.facts[0].name, "number");
    as(t, t->clerk); /* sees it, without history, hidden field and four-eyes step */
    page = (Page){0};
    assert_int_equal(page_record(t->c, r, &none, FORMAT_HTML, &page), OK);
    assert_null(find_button(&page, "Edit"));
    assert_null(find_button(&page, "History"));
    assert_null(find_block(page.body, BLOCK_TIMELINE, NULL));
    /* On paper: the version for everybody, the fingerprint for whom the history is open. */
    page = (Page){0};
    assert_int_equal(page_record_print(t->c, r, &none, &page), OK);
    assert_true(str_is(page.proof, "Version 2"));
    as(t, t->analyst);
    page = (Page){0};
    assert_int_equal(page_record_print(t->c, r, &none, &page), OK);
    assert_true(str_starts(page.proof, S("Version 2, fingerprint ")) && r->hash.n == 64 &&
                str_ends(page.proof, r->hash));
    as(t, t->clerk);
    Block *facts;
    assert_int_equal(page_record_facts(t->c, r, &facts), OK);
    for (size_t i = 0; i < facts->facts.n; i++)
        assert_string_not_equal(facts->facts.facts[i].name, "secret_note");
}

/* More rows than are filled at once. */
static void test_pages_export_has_columns_of_modules(void **state) {
    enum { ROWS = 205 };
    Test *t = *state;
    as(t, t->analyst);
    Record *r = new_case(t, "Cash difference"), *child;
    const Type *line = model_need(t->model, "case_line");
    for (size_t i = 0; i < ROWS; i++) {
        Input in = {0};
        input_add(&in, t->c->arena, S("of_case"), record_number(t->c->arena, r));
        put(t, &in, "amount.amount", "1");
        put(t, &in, "amount.currency", "MAD");
        assert_int_equal(record_create(&child, t->c, line, &in), OK);
    }
    Input none = {0};
    Page page = {0};
    assert_int_equal(page_list(t->c, line, &none, FORMAT_CSV, &page), OK);
    const ListView *list = &page.main->list;
    size_t id = list->n_columns, twice = list->n_columns, n = 0;
    for (size_t i = 0; i < list->n_columns; i++) {
        if (!strcmp(list->columns[i].name, "number")) id = i;
        if (!strcmp(list->columns[i].name, "twice")) twice = i;
    }
    assert_true(id < list->n_columns && twice < list->n_columns);
    for (bool has = true;; n++) {
        Row row;
        int64_t number;
        assert_int_equal(list->rows.next(list->rows.state, t->process, &row, &has), OK);
        if (!has) break;
        Str text = row.cells[id].text;
        assert_true(str_to_int(&number, str_sub(text, text.n - 5, text.n)));
        assert_int_equal(row.cells[twice].i, 2 * number);
    }
    assert_int_equal(n, ROWS);
}

static void test_pages_form(void **state) {
    Test *t = *state;
    const Type *type = model_need(t->model, "case");
    as(t, t->clerk);
    Input none = {0};
    Page page = {0};
    assert_int_equal(page_form(t->c, type, NULL, &none, &page), OK);
    const Block *form = page.main;
    assert_true(str_is(form->form.action, "/cases"));
    assert_true(str_is(form->form.groups[0].fields[0].name, "title"));
    assert_true(find_field(form, "title")->is_required);
    assert_null(find_field(form, "secret_note"));
    assert_null(find_field(form, "machine"));
    assert_true(str_is(find_field(form, "kind")->values[0], "loss"));
    assert_true(find_field(form, "note")->is_optional_part);
    assert_int_equal(find_field(form, "shares")->n_children, 2);
    assert_true(str_is(find_field(form, "estimate")->currency, "MAD"));
    assert_true(find_field(form, "estimate")->help.n > 0);
    assert_true(str_is(find_field(form, "estimate")->only_if, "kind=loss|gain"));
    assert_true(str_find(find_field(form, "estimate")->help, S("“Loss” or “Gain”")) >= 0);
    assert_false(find_field(form, "estimate")->is_off);
    assert_non_null(find_field(form, "unit"));
    Input typed = {0};
    put(t, &typed, "kind", "near_miss");
    put(t, &typed, "shares[0].share", "40");
    put(t, &typed, "shares[0].note", "mine");
    Record *out;
    assert_int_equal(record_create(&out, t->c, type, &typed), ERR_INVALID);
    page = (Page){0};
    assert_int_equal(page_form(t->c, type, NULL, &typed, &page), OK);
    form = page.main;
    assert_true(find_field(form, "estimate")->is_off); /* only for losses */
    assert_int_equal(find_field(form, "title")->n_errors, 1);
    const FormField *shares = find_field(form, "shares");
    assert_int_equal(shares->n_child_rows, 1);
    assert_true(str_is(shares->child_rows[0][1].values[0], "mine"));
    /* What was typed stays in sight, whatever was answered elsewhere. */
    put(t, &typed, "estimate.amount", "12");
    page = (Page){0};
    assert_int_equal(page_form(t->c, type, NULL, &typed, &page), OK);
    assert_false(find_field(page.main, "estimate")->is_off);
    assert_true(str_is(find_field(page.main, "estimate")->values[0], "12"));
}

static void test_pages_form_edit_and_conflict(void **state) {
    Test *t = *state;
    const Type *type = model_need(t->model, "case");
    as(t, t->analyst);
    Record *r = new_case(t, "Cash difference"), *changed = NULL, *late = NULL;
    Input one = {0}, two = {0};
    put(t, &one, "title", "Cash missing");
    assert_int_equal(record_update(&changed, t->c, r, r->version, &one), OK);
    put(t, &two, "title", "Cash lost");
    put(t, &two, "version", "1");
    assert_int_equal(record_update(&late, t->c, changed, 1, &two), ERR_CONFLICT);
    Page page = {0};
    assert_int_equal(page_form(t->c, type, changed, &two, &page), OK);
    const Block *form = find_block(page.body, BLOCK_FORM, NULL);
    assert_true(str_is(form->form.version, "2"));
    assert_true(str_is(find_field(form, "title")->values[0], "Cash lost"));
    assert_int_equal(find_field(form, "title")->n_errors, 1);
    assert_non_null(find_block(page.body, BLOCK_TEXT, NULL));
    t->c->issues = (Issues){0};
    Record *moved = move(t, changed, "submit");
    Page denied = {0};
    assert_int_equal(
        page_transition(t->c, moved, type_transition(type, S("submit")), NULL, &denied),
        ERR_CONFLICT);
    assert_int_equal(page_transition(t->c, moved, type_transition(type, S("close")), NULL, &denied),
                     ERR_DENIED);
    page = (Page){0};
    assert_int_equal(page_transition(t->c, moved, type_transition(type, S("cancel")), NULL, &page),
                     OK);
    assert_true(find_field(page.main, "reason")->is_required);
}

static void test_pages_form_keeps_all_references(void **state) {
    Test *t = *state;
    as(t, t->analyst);
    Record *r = new_case(t, "Cash difference"), *out;
    Input in = {0};
    put(t, &in, "readers", "salma@bank.example");
    put(t, &in, "readers", "omar@bank.example");
    assert_int_equal(record_update(&out, t->c, r, 1, &in), OK);
    Page page = {0};
    assert_int_equal(page_form(t->c, r->type, out, NULL, &page), OK);
    const FormField *readers = find_field(page.main, "readers");
    assert_int_equal(readers->n_values, 1);
    assert_true(str_is(readers->values[0], "salma@bank.example,omar@bank.example"));
    assert_true(str_is(readers->value_label, "Salma, Omar"));
    Input again = {0};
    Record *same;
    input_add(&again, t->c->arena, S("readers"), readers->values[0]);
    assert_int_equal(record_update(&same, t->c, out, out->version, &again), OK);
    assert_int_equal(record_get(same, "readers").n, 2);
}

static void test_pages_history(void **state) {
    Test *t = *state;
    as(t, t->analyst);
    Record *r = new_case(t, "Cash difference"), *out;
    Input in = {0};
    put(t, &in, "estimate.amount", "2000");
    put(t, &in, "estimate.currency", "MAD");
    t->c->reason = S("a second till was counted");
    assert_int_equal(record_update(&out, t->c, r, 1, &in), OK);
    Page page = {0};
    Input none = {0};
    assert_int_equal(page_history(t->c, out, &none, &page), OK);
    const TimelineView *line = &page.main->timeline;
    assert_int_equal(line->n, 2);
    assert_true(str_is(line->items[0].what, "raised “Estimate”"));
    assert_true(str_is(line->items[0].text, "a second till was counted"));
    assert_int_equal(line->items[0].changes[0].before.i, 125050);
    assert_int_equal(line->items[0].changes[0].after.i, 200000);
    assert_true(str_is(line->items[1].what, "created it"));
    as(t, t->clerk);
    assert_int_not_equal(page_history(t->c, out, &none, &page), OK);
}

static void test_pages_home(void **state) {
    Test *t = *state;
    Input none = {0};
    Page page = {0};
    as(t, t->analyst);
    assert_int_equal(page_home(t->c, &none, &page), OK);
    const Block *empty = find_block(page.body, BLOCK_TEXT, NULL);
    assert_true(str_is(empty->text.title, "Nothing waits for you"));
    assert_true(str_is(empty->text.button.label, "New: Case"));
    as(t, t->clerk);
    move(t, new_case(t, "Cash difference"), "submit");
    new_case(t, "Not sent");
    page = (Page){0};
    assert_int_equal(page_home(t->c, &none, &page), OK);
    assert_non_null(find_block(page.body, BLOCK_LAYOUT, "drafts"));
    assert_non_null(find_block(page.body, BLOCK_LAYOUT, "mine"));
    as(t, t->analyst);
    move(t, new_case(t, "My own"), "submit"); /* four eyes: waits for somebody else */
    page = (Page){0};
    assert_int_equal(page_home(t->c, &none, &page), OK);
    const Block *review = find_block(page.body, BLOCK_LAYOUT, "to-review");
    assert_non_null(review);
    const ListView *list = &review->layout.items[0]->list;
    assert_int_equal(list->total, 1);
    Row row;
    bool has;
    assert_int_equal(list->rows.next(list->rows.state, t->process, &row, &has), OK);
    const Cell *next = &row.cells[list->n_columns - 1];
    assert_true(str_is(next->text, "Close") && str_ends(next->href, S("/do/close?_next=/")));
    assert_true(str_is(row.cells[4].text, "Operational risk analyst"));

    /* Five of a kind, then the way to all of them. */
    as(t, t->clerk);
    for (int i = 0; i < 8; i++) move(t, new_case(t, "Many of them"), "submit");
    as(t, t->analyst);
    page = (Page){0};
    assert_int_equal(page_home(t->c, &none, &page), OK);
    review = find_block(page.body, BLOCK_LAYOUT, "to-review");
    assert_int_equal(review->layout.n_buttons, 1);
    assert_true(str_starts(review->layout.buttons[0].href, S("/cases?state.in=")));
    size_t n = 0;
    list = &review->layout.items[0]->list;
    while (list->rows.next(list->rows.state, t->process, &row, &has) == OK && has) n++;
    assert_int_equal(n, 5);
}

static void test_pages_search(void **state) {
    Test *t = *state;
    as(t, t->analyst);
    Record *r = new_case(t, "Écart de caisse");
    new_case(t, "Card fraud");
    Input in = {0}, number = {0}, none = {0};
    Page page = {0};
    put(t, &in, "q", "ecart");
    assert_int_equal(page_search(t->c, &in, &page), OK);
    const Block *section = find_block(page.body, BLOCK_LAYOUT, "cases");
    assert_non_null(section);
    assert_int_equal(section->layout.items[0]->list.total, 1);
    input_add(&number, t->c->arena, S("q"),
              str_lower_ascii(t->c->arena, record_number(t->c->arena, r)));
    page = (Page){0};
    assert_int_equal(page_search(t->c, &number, &page), OK);
    assert_non_null(find_block(page.body, BLOCK_LAYOUT, "cases"));
    page = (Page){0};
    assert_int_equal(page_search(t->c, &none, &page), OK);
    page = (Page){0};
    assert_int_equal(page_lookup(t->c, r->type, S("caisse"), &page), OK);
    assert_int_equal(count_rows(&page.main->list), 1);
    as(t, t->clerk); /* other people's cases are not found */
    page = (Page){0};
    assert_int_equal(page_search(t->c, &in, &page), OK);
    assert_null(find_block(page.body, BLOCK_LAYOUT, "cases"));
    page = (Page){0};
    assert_int_equal(page_lookup(t->c, r->type, record_number(t->c->arena, r), &page), OK);
    assert_int_equal(count_rows(&page.main->list), 0);
}

static void test_pages_bulk(void **state) {
    Test *t = *state;
    const Type *type = model_need(t->model, "case");
    as(t, t->analyst);
    Record *a = new_case(t, "One"), *b = new_case(t, "Two");
    move(t, b, "submit");
    Input form = {0}, reason = {0};
    int64_t done, refused;
    put(t, &form, "do", "submit");
    input_add(&form, t->c->arena, S("number"), record_number(t->c->arena, a));
    input_add(&form, t->c->arena, S("number"), record_number(t->c->arena, b));
    put(t, &form, "number", "CAS-2026-99999");
    assert_int_equal(page_bulk(t->c, type, &form, &done, &refused), OK);
    assert_int_equal(done, 1);
    assert_int_equal(refused, 2);
    assert_int_equal(t->c->issues.n, 0);
    put(t, &reason, "do", "cancel");
    assert_int_equal(page_bulk(t->c, type, &reason, &done, &refused), ERR_INVALID);
}

#define PAGE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
    const struct CMUnitTest tests[] = {
        PAGE_TEST(test_pages_list),
        PAGE_TEST(test_pages_list_filters),
        PAGE_TEST(test_pages_list_filter_panel),
        PAGE_TEST(test_pages_list_formats_and_scope),
        PAGE_TEST(test_pages_saved_view),
        PAGE_TEST(test_pages_record),
        PAGE_TEST(test_pages_export_has_columns_of_modules),
        PAGE_TEST(test_pages_form),
        PAGE_TEST(test_pages_form_edit_and_conflict),
        PAGE_TEST(test_pages_form_keeps_all_references),
        PAGE_TEST(test_pages_history),
        PAGE_TEST(test_pages_home),
        PAGE_TEST(test_pages_search),
        PAGE_TEST(test_pages_bulk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
