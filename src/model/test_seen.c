/* test_seen.c: a reference to a record that the reader may not read shows nothing of it, wherever
 * it stands, and is not lost when that reader saves. On both databases. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "model/model.h"

/* clang-format off */
static const FieldDef line_fields[] = {
    {.name = "label", .label = "Label", .kind = KIND_TEXT}, {.name = "of", .label = "Of", .kind = KIND_REF, .of = "case"}, {0}};
static const FieldDef case_fields[] = {
    {.name = "title", .label = "Title", .kind = KIND_TEXT, .flags = F_REQUIRED | F_SORTED | F_SEARCHED},
    {.name = "link", .label = "Link", .kind = KIND_REF, .of = "case", .flags = F_FILTER},
    {.name = "links", .label = "Links", .kind = KIND_REFS, .of = "case"},
    {.name = "lines", .label = "Lines", .kind = KIND_ROWS, .rows = line_fields},
    {.name = "story", .label = "Story", .kind = KIND_TEXT},
    {0}};
static const FieldDef step_fields[] = {
    {.name = "of", .label = "Of", .kind = KIND_REF, .of = "case", .flags = F_REQUIRED | F_FIXED},
    {.name = "title", .label = "Title", .kind = KIND_TEXT, .flags = F_REQUIRED | F_LISTED},
    {.name = "day", .label = "Day", .kind = KIND_DATE, .default_value = "2023-10-10"}, {0}};
static const GrantDef step_grants[] = {
    {"correspondent", OP_READ | OP_CREATE, SCOPE_UNIT, false, NULL, NULL, NULL},
    {"analyst", OP_READ, SCOPE_ALL, false, NULL, NULL, NULL}, {"inspection", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, {0}};
static const GrantDef case_grants[] = {
    {"declarant", OP_READ | OP_CREATE | OP_HISTORY, SCOPE_OWN, false, "links story", NULL, NULL},
    {"correspondent", OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY, SCOPE_UNIT, false, NULL, NULL, NULL},
    {"analyst", OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY, SCOPE_ALL, false, NULL, NULL, NULL},
    {"auditor", OP_READ | OP_HISTORY, SCOPE_ALL, false, "title", NULL, NULL},
    {"inspection", OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL}, {0}};
static const FieldDef node_fields[] = {
    {.name = "code", .label = "Code", .kind = KIND_TEXT, .flags = F_REQUIRED | F_UNIQUE},
    {.name = "name_fr", .label = "Name", .kind = KIND_TEXT},
    {.name = "parent", .label = "Under", .kind = KIND_REF, .of = "node"}, {0}};
static const GrantDef node_grants[] = {
    {"correspondent", OP_READ, SCOPE_UNIT, false, NULL, NULL, NULL}, {"analyst", OP_READ, SCOPE_ALL, false, NULL, NULL, NULL}, {0}};
/* clang-format on */
static const TypeDef case_type = {.name = "case",
                                  .label = "Case",
                                  .plural_label = "Cases",
                                  .prefix = "CAS",
                                  .title = "title",
                                  .flags = TYPE_CONFIDENTIAL,
                                  .fields = case_fields,
                                  .grants = case_grants};
static const TypeDef node_type = {.name = "node",
                                  .label = "Node",
                                  .plural_label = "Nodes",
                                  .prefix = "NOD",
                                  .key = "code",
                                  .title = "name",
                                  .flags = TYPE_TREE,
                                  .fields = node_fields,
                                  .grants = node_grants};
static const TypeDef step_type = {.name = "step",
                                  .label = "Step",
                                  .plural_label = "Steps",
                                  .prefix = "STP",
                                  .title = "title",
                                  .parent = "of",
                                  .fields = step_fields,
                                  .grants = step_grants};
static const TypeDef *const case_types[] = {&case_type, &node_type, &step_type, NULL};
static Err step_facts(Ctx *c, const Record *r, MeasureFacts *out);
static const MeasureDef step_measures[] = {
    {.name = "steps", .label = "Steps", .type = "step", .date_field = "day", .facts = step_facts},
    {0}};
static const Module case_module = {
    .name = "case", .label = "Case", .types = case_types, .measures = step_measures};
#define BANK_MORE &case_module,
#include "model/test_bank.h"

#include "model/page_kit.h"
#include "model/pages.h"

static Err step_facts(Ctx *c, const Record *r, MeasureFacts *out) {
    GROW(c->arena, out->items, out->n, out->cap);
    out->items[out->n++] = (MeasureFact){
        .unit = r->unit, .is_restricted = r->is_restricted, .month = 2023 * 12 + 9, .count = 1};
    return OK;
}

/* Two sides and an inspector; `open` and `other` lie in CASA and AGDAL, `hidden` is restricted in
 * CASA. `from` in CASA refers to all of them. */
typedef struct World {
    Bank *b;
    const Type *type;
    int64_t casa, agdal, analyst, auditor, inspector;
    int64_t open, other, hidden, from;
} World;

static int64_t person(Bank *b, const char *email, const char *role, int64_t unit) {
    Record *u = record_new(b->c, model_need(b->model, "user"));
    record_set(u, "email", value_text(str_of(email)));
    record_set(u, "name", value_text(str_of(email)));
    record_set(u, "home_unit", value_int(b->casa));
    int64_t id = bank_save(b, u, "create")->id;
    Record *r = record_new(b->c, model_need(b->model, "role_assignment"));
    record_set(r, "person", value_int(id));
    record_set(r, "role", value_text(str_of(role)));
    record_set(r, "valid_from", value_text(S("2020-01-01")));
    if (unit) record_set(r, "in_unit", value_int(unit));
    bank_save(b, r, "create");
    return id;
}

static Record *case_new(World *w, const char *title, int64_t unit, bool is_restricted) {
    Record *r = record_new(w->b->c, w->type);
    record_set(r, "title", value_text(str_of(title)));
    r->unit = unit;
    r->is_restricted = is_restricted;
    return r;
}

static Value refs(Bank *b, const int64_t *ids, size_t n) {
    Value *items = NEW_N(b->arena, Value, n);
    for (size_t i = 0; i < n; i++) items[i] = value_int(ids[i]);
    return (Value){.kind = V_LIST, .list = items, .n = n};
}

static Value lines(World *w, int64_t first, int64_t second) {
    Value *rows = NEW_N(w->b->arena, Value, 2);
    const int64_t of[2] = {first, second};
    for (int i = 0; i < 2; i++) {
        Value *cells = NEW_N(w->b->arena, Value, 2);
        cells[0] = value_text(i ? S("second") : S("first"));
        cells[1] = value_int(of[i]);
        rows[i] = (Value){.kind = V_LIST, .list = cells, .n = 2};
    }
    return (Value){.kind = V_ROWS, .list = rows, .n = 2};
}

static void as(World *w, int64_t user) {
    w->b->c->issues = (Issues){0};
    assert_int_equal(actor_load(w->b->c, user), OK);
    w->b->c->lang = LANG_EN;
}

static World world(Bank *b) {
    World w = {.b = b, .type = model_need(b->model, "case")};
    w.casa = person(b, "casa@bank.test", "correspondent", b->casa);
    w.agdal = person(b, "agdal@bank.test", "correspondent", b->agdal);
    w.analyst = person(b, "analyst@bank.test", "analyst", 0);
    w.auditor = person(b, "auditor@bank.test", "auditor", 0);
    w.inspector = person(b, "inspector@bank.test", "inspection", 0);
    w.open = bank_save(b, case_new(&w, "Opentitle", b->casa, false), "create")->id;
    w.other = bank_save(b, case_new(&w, "Othertitle", b->agdal, false), "create")->id;
    w.hidden = bank_save(b, case_new(&w, "Hiddentitle", b->casa, true), "create")->id;
    Record *from = case_new(&w, "Fromtitle", b->casa, false);
    record_set(from, "link", value_int(w.other));
    record_set(from, "links", refs(b, (int64_t[]){w.hidden, w.open, w.other}, 3));
    record_set(from, "lines", lines(&w, w.open, w.other));
    w.from = bank_save(b, from, "create")->id;
    return w;
}

static void each(void (*body)(World *w)) {
    for (int n = 0;; n++) {
        Bank *b = bank_open(n);
        if (!b) return;
        bank_begin(b);
        World w = world(b);
        body(&w);
        bank_commit(b);
        bank_close(b);
    }
}

static Str number(World *w, int64_t id) {
    RefName name;
    assert_int_equal(ref_name_stored(&name, w->b->c, w->type, id), OK);
    return name.key;
}

static Record *load(World *w, int64_t id) {
    Record *r;
    assert_int_equal(record_load(&r, w->b->c, w->type, id), OK);
    return r;
}

static void assert_knows(World *w, int64_t user, int64_t id, bool knows) {
    RefName name;
    int64_t found = 0;
    as(w, user);
    assert_int_equal(ref_name(&name, w->b->c, w->type, id), OK);
    assert_int_equal(name.found, knows);
    assert_int_equal(name.is_hidden, !knows);
    assert_int_equal(name.title.n > 0 && name.key.n > 0, knows);
    Err e = ref_find(&found, w->b->c, w->type, number(w, id));
    assert_int_equal(e, knows ? OK : ERR_MISSING);
}

static void names_follow_rights(World *w) {
    RefName name;
    assert_knows(w, w->casa, w->open, true);
    assert_knows(w, w->casa, w->other, false);
    assert_knows(w, w->casa, w->hidden, false);
    assert_knows(w, w->agdal, w->other, true);
    assert_knows(w, w->agdal, w->open, false);
    assert_knows(w, w->analyst, w->other, true);
    assert_knows(w, w->analyst, w->hidden, false);
    assert_knows(w, w->inspector, w->hidden, true);
    /* A hidden title is no part of the name. */
    as(w, w->auditor);
    assert_int_equal(ref_name(&name, w->b->c, w->type, w->open), OK);
    assert_true(name.found && name.key.n && !name.title.n);
    /* Units and people are known to everybody. */
    assert_int_equal(ref_name(&name, w->b->c, model_need(w->b->model, "unit"), w->b->agdal), OK);
    assert_true(name.found && name.title.n);
    /* Who comes next in the same context does not inherit what the one before could see. */
    as(w, w->inspector);
    assert_int_equal(ref_name(&name, w->b->c, w->type, w->hidden), OK);
    assert_true(name.found);
    actor_anonymous(w->b->c);
    assert_int_equal(ref_name(&name, w->b->c, w->type, w->hidden), OK);
    assert_true(name.is_hidden);
}

/* The named reader of a restricted case knows its name. */
static void named_readers_know(World *w) {
    Record *r;
    actor_system(w->b->c);
    assert_int_equal(record_load_raw(&r, w->b->c, w->type, w->hidden), OK);
    r = record_clone(w->b->c, r);
    record_set(r, "readers", refs(w->b, (int64_t[]){w->agdal}, 1));
    bank_save(w->b, r, "edit");
    assert_knows(w, w->agdal, w->hidden, true);
    assert_knows(w, w->casa, w->hidden, false);
}

static void cells_and_texts(World *w) {
    Ctx *c = w->b->c;
    const Field *link = type_need(w->type, "link"), *links = type_need(w->type, "links"),
                *rows = type_need(w->type, "lines");
    as(w, w->casa);
    Record *r = load(w, w->from);
    Cell one = field_cell(c, link, r->values[link->index]);
    assert_true(one.is_masked && !one.text.n && !one.key.n && !one.href.n);
    Cell some = field_cell(c, links, r->values[links->index]);
    assert_int_equal(some.n_more, 3);
    assert_true(some.more[0].is_masked && !some.more[1].is_masked && some.more[2].is_masked);
    Cell grid = field_cell(c, rows, r->values[rows->index]);
    assert_false(grid.more[0].more[1].is_masked);
    assert_true(grid.more[1].more[1].is_masked);
    assert_int_equal(field_text(c, link, r->values[link->index]).n, 0);
    assert_true(str_eq(field_text(c, links, r->values[links->index]), number(w, w->open)));
    Str text = field_text(c, rows, r->values[rows->index]);
    assert_true(str_find(text, number(w, w->open)) >= 0);
    assert_true(str_find(text, number(w, w->other)) < 0);
    text = field_text_stored(c, links, r->values[links->index]);
    assert_true(str_find(text, number(w, w->hidden)) >= 0);
}

static Input *pairs_of(World *w, const char *const *pairs) {
    Input *in = NEW(w->b->arena, Input);
    for (; *pairs; pairs += 2) input_add(in, w->b->arena, str_of(pairs[0]), str_of(pairs[1]));
    return in;
}
#define IN(...) pairs_of(w, (const char *const[]){__VA_ARGS__, NULL})

/* Sends back what the reader was given, with a new title. */
static Record *send_back(World *w, const Input *more) {
    Ctx *c = w->b->c;
    Record *r = load(w, w->from), *after;
    Input in = {0};
    for (size_t i = 0; i < more->n; i++)
        input_add(&in, c->arena, more->items[i].name, more->items[i].value);
    for (size_t i = 0; i < w->type->n_fields; i++) {
        const Field *f = &w->type->fields[i];
        if (!input_has(&in, str_of(f->name)))
            input_add(&in, c->arena, str_of(f->name), field_text(c, f, r->values[i]));
    }
    Err e = record_update(&after, c, r, r->version, &in);
    for (size_t i = 0; i < c->issues.n; i++)
        print_error("%.*s: %s\n", FMT(c->issues.items[i].field), c->issues.items[i].text);
    assert_int_equal(e, OK);
    return after;
}

static void nothing_is_lost_by_a_save(World *w) {
    Ctx *c = w->b->c;
    as(w, w->casa);
    Record *before = load(w, w->from);
    Record *same = send_back(w, IN("title", "Fromtitle"));
    assert_int_equal(same->version, before->version); /* nothing changed at all */
    Record *r = send_back(w, IN("title", "Renamed"));
    assert_int_equal(record_int(r, "link"), w->other);
    assert_int_equal(record_get(r, "links").n, 3);
    assert_int_equal(record_get(r, "lines").list[1].list[1].i, w->other);
    /* What one sees one may take away; what one names takes the place. */
    r = send_back(w, IN("links", "", "link", str_z(c->arena, number(w, w->open))));
    assert_int_equal(record_int(r, "link"), w->open);
    assert_int_equal(record_get(r, "links").n, 2);
    assert_int_equal(record_get(r, "links").list[0].i, w->hidden);
    assert_int_equal(record_get(r, "links").list[1].i, w->other);
    r = send_back(w, IN("lines", "[{\"label\":\"second\"}]"));
    assert_int_equal(record_get(r, "lines").n, 1);
    assert_int_equal(record_get(r, "lines").list[0].list[1].i, w->other);
}

static void what_is_hidden_cannot_be_named(World *w) {
    Ctx *c = w->b->c;
    Record *r, *after;
    as(w, w->casa);
    r = load(w, w->open);
    const int64_t ids[] = {w->other, w->hidden, 0};
    for (size_t i = 0; i < LENGTH(ids); i++) {
        c->issues = (Issues){0};
        const char *key = ids[i] ? str_z(c->arena, number(w, ids[i])) : "CAS-2023-99999";
        assert_int_equal(record_update(&after, c, r, r->version, IN("link", key)), ERR_INVALID);
        assert_int_equal(c->issues.n, 1); /* the same words as for what does not exist */
        assert_string_equal(c->issues.items[0].text, "There is no such entry.");
    }
}

static bool page_says(const Page *page, World *w, const char *word);
static bool block_says(const Block *b, const char *word);

static bool text_says(Str text, const char *word) {
    return str_find(text, str_of(word)) >= 0;
}

static bool cell_says(const Cell *x, const char *word) {
    if (text_says(x->text, word) || text_says(x->key, word) || text_says(x->href, word))
        return true;
    for (size_t i = 0; i < x->n_more; i++)
        if (cell_says(&x->more[i], word)) return true;
    return false;
}

static bool options_say(const FilterOption *o, size_t n, const char *word) {
    for (size_t i = 0; i < n; i++)
        if (text_says(o[i].label, word) || text_says(o[i].value, word)) return true;
    return false;
}

static bool list_says(const ListView *l, World *w, const char *word) {
    for (size_t i = 0; i < l->n_filters; i++)
        if (text_says(l->filters[i].sentence, word) ||
            options_say(l->filters[i].options, l->filters[i].n_options, word))
            return true;
    Row row;
    bool has = l->rows.next != NULL;
    while (has) {
        if (l->rows.next(l->rows.state, w->b->arena, &row, &has) != OK || !has) break;
        for (size_t i = 0; i < l->n_columns; i++)
            if (cell_says(&row.cells[i], word)) return true;
    }
    return false;
}

static bool form_says(const FormView *v, const char *word) {
    for (size_t g = 0; g < v->n_groups; g++)
        for (size_t i = 0; i < v->groups[g].n; i++) {
            const FormField *f = &v->groups[g].fields[i];
            if (text_says(f->value_label, word) || options_say(f->options, f->n_options, word))
                return true;
            for (size_t k = 0; k < f->n_errors; k++)
                if (text_says(f->errors[k], word)) return true;
        }
    return false;
}

static bool timeline_says(const TimelineView *v, const char *word) {
    for (size_t i = 0; i < v->n; i++)
        for (size_t k = 0; k < v->items[i].n_changes; k++)
            if (cell_says(&v->items[i].changes[k].before, word) ||
                cell_says(&v->items[i].changes[k].after, word))
                return true;
    return false;
}

static World *saying;
static bool block_says(const Block *b, const char *word) {
    if (!b) return false;
    switch (b->kind) {
    case BLOCK_LAYOUT:
        for (size_t i = 0; i < b->layout.n; i++)
            if (block_says(b->layout.items[i], word)) return true;
        return false;
    case BLOCK_FACTS:
        for (size_t i = 0; i < b->facts.n; i++)
            if (cell_says(&b->facts.facts[i].cell, word)) return true;
        return false;
    case BLOCK_LIST: return list_says(&b->list, saying, word);
    case BLOCK_FORM: return form_says(&b->form, word);
    case BLOCK_HISTORY:
    case BLOCK_TIMELINE: return timeline_says(&b->timeline, word);
    default: return false;
    }
}

static bool page_says(const Page *page, World *w, const char *word) {
    saying = w;
    return text_says(page->title, word) || text_says(page->subtitle, word) ||
           block_says(page->body, word);
}

static void pages_say_nothing(World *w) {
    Ctx *c = w->b->c;
    const char *words[] = {"Othertitle", "Hiddentitle", str_z(c->arena, number(w, w->other)),
                           str_z(c->arena, number(w, w->hidden))};
    as(w, w->casa);
    Page record = {0}, list = {0}, form = {0}, history = {0}, make = {0};
    Input query = {0}, typed = {0};
    input_add(&typed, c->arena, S("link"), number(w, w->other));
    assert_int_equal(page_record(c, load(w, w->from), &query, FORMAT_HTML, &record), OK);
    assert_int_equal(page_list(c, w->type, &query, FORMAT_HTML, &list), OK);
    assert_int_equal(page_form(c, w->type, load(w, w->from), NULL, &form), OK);
    assert_int_equal(page_form(c, w->type, NULL, &typed, &make), OK);
    Record *r = send_back(w, IN("link", str_z(c->arena, number(w, w->open))));
    assert_int_equal(page_history(c, r, &query, &history), OK);
    for (size_t i = 0; i < LENGTH(words); i++) {
        assert_false(page_says(&record, w, words[i]));
        assert_false(page_says(&list, w, words[i]));
        assert_false(page_says(&form, w, words[i]));
        assert_false(page_says(&history, w, words[i]));
        if (i < 2) assert_false(page_says(&make, w, words[i]));
    }
    assert_true(page_says(&history, w, "Opentitle")); /* the test can see */
    /* A filter by what one may not see is no filter. */
    Page filtered = {0};
    assert_int_equal(page_list(c, w->type, &typed, FORMAT_HTML, &filtered), ERR_INVALID);
    /* The inspector sees it all. */
    as(w, w->inspector);
    Page whole = {0}, past = {0};
    assert_int_equal(page_record(c, load(w, w->from), &query, FORMAT_HTML, &whole), OK);
    assert_true(page_says(&whole, w, "Hiddentitle"));
    assert_int_equal(page_history(c, load(w, w->from), &query, &past), OK);
    assert_true(page_says(&past, w, "Othertitle"));
}

/* Another's change of a hidden reference is a conflict without its name. */
static void conflicts_say_nothing(World *w) {
    Ctx *c = w->b->c;
    Record *r, *after;
    as(w, w->casa);
    r = load(w, w->from);
    Err e = record_update(&after, c, r, r->version - 1,
                          IN("link", str_z(c->arena, number(w, w->open)), "title", "Mine"));
    assert_int_equal(e, ERR_CONFLICT);
    for (size_t i = 0; i < c->issues.n; i++)
        for (int k = 0; k < 2; k++)
            assert_false(
                text_says(c->issues.items[i].args[k], str_z(c->arena, number(w, w->other))));
}

static int64_t node(World *w, const char *code, int64_t unit, int64_t parent) {
    Record *r = record_new(w->b->c, model_need(w->b->model, "node"));
    record_set(r, "code", value_text(str_of(code)));
    record_set(r, "name_fr", value_text(str_of(code)));
    if (parent) record_set(r, "parent", value_int(parent));
    r->unit = unit;
    return bank_save(w->b, r, "create")->id;
}

static void trees_hold_what_may_be_read(World *w) {
    const TreeItem *items;
    size_t n;
    const Type *t = model_need(w->b->model, "node");
    int64_t top = node(w, "TOP", w->b->head, 0);
    node(w, "IN", w->b->casa, top);
    node(w, "OUT", w->b->agdal, top);
    assert_false(t->is_public);
    assert_true(model_need(w->b->model, "taxon")->is_public);
    as(w, w->casa);
    assert_int_equal(ref_tree(&items, &n, w->b->c, t, (Str){0}), OK);
    assert_int_equal(n, 1);
    assert_true(str_is(items[0].key, "IN") && items[0].depth == 0);
    as(w, w->analyst);
    assert_int_equal(ref_tree(&items, &n, w->b->c, t, (Str){0}), OK);
    assert_int_equal(n, 3);
}

static int64_t step_of(World *w, int64_t of, const char *title) {
    Record *r = record_new(w->b->c, model_need(w->b->model, "step"));
    record_set(r, "of", value_int(of));
    record_set(r, "title", value_text(str_of(title)));
    return bank_save(w->b, r, "create")->id;
}

/* Somebody of AGDAL, a correspondent there, declares a case in CASA: they see the case as its
 * declarant, and nothing that the unit adds to it. */
static void children_follow_their_own_rights(World *w) {
    Ctx *c = w->b->c;
    Record *r, *made;
    Input query = {0};
    Page page = {0};
    as(w, w->agdal);
    assert_int_equal(record_create(&made, c, w->type, IN("title", "Declared", "unit", "CASA")), OK);
    actor_system(c);
    step_of(w, made->id, "Steptitle");
    as(w, w->agdal);
    assert_int_equal(record_load(&r, c, w->type, made->id), OK);
    assert_int_equal(page_record(c, r, &query, FORMAT_HTML, &page), OK);
    assert_false(page_says(&page, w, "Steptitle"));
    as(w, w->casa);
    page = (Page){0};
    assert_int_equal(record_load(&r, c, w->type, made->id), OK);
    assert_int_equal(page_record(c, r, &query, FORMAT_HTML, &page), OK);
    assert_true(page_says(&page, w, "Steptitle"));
}

/* Figures of children leave restricted ones out for those who may not see them. */
static void figures_of_children_are_scoped(World *w) {
    const struct {
        int64_t user, count;
    } wanted[] = {{w->casa, 1}, {w->agdal, 1}, {w->analyst, 2}, {w->inspector, 3}};
    MeasureQuery q = {.measure = model_measure(w->b->model, S("steps")), .rows = -1, .columns = -1};
    step_of(w, w->open, "One");
    step_of(w, w->other, "Two");
    step_of(w, w->hidden, "Three");
    for (size_t i = 0; i < LENGTH(wanted); i++) {
        MeasureTable table;
        as(w, wanted[i].user);
        assert_int_equal(measure_read(&table, w->b->c, &q), OK);
        assert_int_equal(table.n, 1);
        assert_int_equal(table.cells[0].count, wanted[i].count);
    }
}

static void next_day(World *w) {
    Bank *b = w->b;
    bank_commit(b);
    b->at += INT64_C(2) * 86400 * 1000000;
    bank_begin(b);
}

static void as_of(World *w, int64_t user, Str day) {
    w->b->c->as_of = (Str){0};
    as(w, user);
    w->b->c->as_of = day;
}

static bool list_has(World *w, int64_t id) {
    ListQuery q = {.type = w->type, .limit = 100, .as_of = w->b->c->as_of, .descending = true};
    ListCursor *cursor;
    Record *r;
    bool has = false;
    assert_int_equal(list_open(&cursor, w->b->c, &q), OK);
    for (;;) {
        assert_int_equal(list_next(&r, cursor, w->b->arena), OK);
        if (!r) return has;
        has = has || r->id == id;
    }
}

/* What was open and is restricted now is not read by asking for the day before. */
static void the_past_has_the_rights_of_today(World *w) {
    Bank *b = w->b;
    Record *made, *gone, *r;
    FieldSet hidden;
    as(w, w->casa);
    assert_int_equal(
        record_create(&gone, b->c, w->type, IN("title", "Gone", "story", "Told", "unit", "CASA")),
        OK);
    assert_int_equal(
        record_create(&made, b->c, w->type, IN("title", "Early", "story", "Told", "unit", "CASA")),
        OK);
    Str before = b->c->today;
    next_day(w);
    assert_int_equal(record_load_raw(&r, b->c, w->type, made->id), OK);
    r = record_clone(b->c, r);
    r->is_restricted = true;
    bank_save(b, r, "edit");
    assert_int_equal(record_load_raw(&r, b->c, w->type, gone->id), OK);
    r = record_clone(b->c, r);
    r->unit = b->agdal;
    bank_save(b, r, "edit");
    as_of(w, w->analyst, before);
    assert_int_equal(record_load(&r, b->c, w->type, made->id), ERR_MISSING);
    assert_false(list_has(w, made->id));
    /* Its declarant sees it still, but as a declarant, and as restricted. */
    as_of(w, w->casa, before);
    assert_int_equal(record_load(&r, b->c, w->type, made->id), OK);
    assert_true(r->is_restricted);
    assert_int_equal(access_hidden(&hidden, b->c, w->type, r), OK);
    assert_true(fieldset_has(hidden, type_need(w->type, "story")->index));
    assert_true(list_has(w, made->id));
    /* The other one went to another unit: what the unit saw of it, it no longer sees. */
    assert_int_equal(record_load(&r, b->c, w->type, gone->id), OK);
    assert_int_equal(access_hidden(&hidden, b->c, w->type, r), OK);
    assert_true(fieldset_has(hidden, type_need(w->type, "story")->index));
    as_of(w, w->inspector, before);
    assert_int_equal(record_load(&r, b->c, w->type, made->id), OK);
    w->b->c->as_of = (Str){0};
}

/* The head of a unit that was moved away does not get it back by asking for an earlier day. */
static void a_moved_unit_is_gone(World *w) {
    Bank *b = w->b;
    Record *r;
    int64_t head = person(b, "head@bank.test", "correspondent", b->head);
    Str before = b->c->today;
    next_day(w);
    assert_int_equal(record_load_raw(&r, b->c, model_need(b->model, "unit"), b->agdal), OK);
    r = record_clone(b->c, r);
    record_set(r, "parent", (Value){0});
    record_set(r, "parent_since", value_text(b->c->today));
    bank_save(b, r, "edit");
    as_of(w, head, before);
    assert_true(list_has(w, w->open));
    assert_false(list_has(w, w->other));
    assert_int_equal(record_load(&r, b->c, w->type, w->other), ERR_MISSING);
    b->c->as_of = (Str){0};
    b->c->cache = NULL;
    assert_false(list_has(w, w->other));
}

#define EACH(body)                                                                                 \
    static void test_##body(void **state) {                                                        \
        (void)state;                                                                               \
        each(body);                                                                                \
    }
EACH(names_follow_rights)
EACH(named_readers_know)
EACH(cells_and_texts)
EACH(nothing_is_lost_by_a_save)
EACH(what_is_hidden_cannot_be_named)
EACH(pages_say_nothing)
EACH(conflicts_say_nothing)
EACH(trees_hold_what_may_be_read)
EACH(children_follow_their_own_rights)
EACH(figures_of_children_are_scoped)
EACH(the_past_has_the_rights_of_today)
EACH(a_moved_unit_is_gone)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_follow_rights),
        cmocka_unit_test(test_named_readers_know),
        cmocka_unit_test(test_cells_and_texts),
        cmocka_unit_test(test_nothing_is_lost_by_a_save),
        cmocka_unit_test(test_what_is_hidden_cannot_be_named),
        cmocka_unit_test(test_pages_say_nothing),
        cmocka_unit_test(test_conflicts_say_nothing),
        cmocka_unit_test(test_trees_hold_what_may_be_read),
        cmocka_unit_test(test_children_follow_their_own_rights),
        cmocka_unit_test(test_figures_of_children_are_scoped),
        cmocka_unit_test(test_the_past_has_the_rights_of_today),
        cmocka_unit_test(test_a_moved_unit_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
