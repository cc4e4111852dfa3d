/* organisation_pages.c: the organisation chart as of a day, and people by unit. Knows no SQL.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/organisation/organisation.h"

/* The day asked for, else the reader's situation date, else today. */
static Err day_of(Str *out, Ctx *c, const Input *query) {
    int64_t days;
    Str typed = str_trim(input_getz(query, "as_of"));
    *out = c->as_of.n ? c->as_of : c->today;
    if (!typed.n) return OK;
    if (!date_parse(&days, typed) && !date_parse_loose(&days, typed))
        return issue(c, "as_of", "bad_value", N_("This is not a date, for example 31/03/2026."));
    *out = date_text(c->arena, days);
    return OK;
}

static Block *day_form(Ctx *c, const char *path, Str day) {
    Block *b = view_block(c->arena, BLOCK_FORM);
    FormField *f = NEW(c->arena, FormField);
    Str *value = NEW(c->arena, Str);
    FormGroup *g = NEW(c->arena, FormGroup);
    *value = day;
    *f = (FormField){.name = S("as_of"), .label = TRS(c, N_("Situation at")), .kind = INPUT_DATE, .values = value, .n_values = 1};
    *g = (FormGroup){.fields = f, .n = 1};
    b->form = (FormView){.action = str_of(path), .groups = g, .n_groups = 1, .submit_label = TRS(c, N_("Show")), .is_get = true};
    return b;
}

static Str kind_label(Ctx *c, Str kind) {
    const Field *f = type_need(model_need(c->model, "unit"), "kind");
    for (size_t i = 0; i < f->n_choices; i++)
        if (str_is(kind, f->choices[i].key)) return TRS(c, f->choices[i].label);
    return kind;
}

static Err chart_page(Ctx *c, const PageArgs *args, Page *out) {
    OrgUnits units;
    Str day;
    TRY(day_of(&day, c, args->query));
    TRY(organisation_query_units(&units, c, day));
    TreeNode *nodes = NEW_N(c->arena, TreeNode, units.n + 1);
    for (size_t i = 0; i < units.n; i++) {
        const OrgUnit *u = &units.items[i];
        nodes[i] = (TreeNode){.label = u->name, .key = u->code, .depth = u->depth,
                              .href = str_fmt(c->arena, "/units/%.*s", FMT(u->code)), .figure = cell_int(u->people)};
        nodes[i].note = u->head.n ? str_fmt(c->arena, "%.*s, %.*s", FMT(kind_label(c, u->kind)), FMT(u->head)) : kind_label(c, u->kind);
    }
    Block *tree = view_block(c->arena, BLOCK_TREE);
    tree->tree = (TreeView){.nodes = nodes, .n = units.n, .empty_text = TRS(c, N_("There was no unit on this day."))};
    out->title = TRS(c, N_("Organisation chart"));
    out->subtitle = TRS(c, N_("Units with their head and number of people. Past dates show the tree of that date."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, day_form(c, "/organisation/chart", day));
    view_put(c->arena, out->body, tree);
    out->main = tree;
    out->main_key = "units";
    if (!str_eq(day, c->today)) out->as_of = day;
    return OK;
}

typedef struct PeopleRows {
    const OrgUnits *units;
    Row *rows;
    size_t n, cap;
} PeopleRows;

static Err people_of(PeopleRows *out, Ctx *c, const OrgUnit *u) {
    Records people;
    TRY(record_where(&people, c, model_need(c->model, "user"), "home_unit", value_int(u->id), 500));
    for (size_t i = 0; i < people.n; i++) {
        const Record *p = people.items[i];
        if (p->state->flags & STATE_CLOSED) continue;
        Cell *cells = NEW_N(c->arena, Cell, 3);
        Str name = record_text(p, "name");
        if (c->lang == LANG_AR && record_text(p, "name_ar").n) name = record_text(p, "name_ar");
        cells[0] = cell_ref(u->code, u->name, str_fmt(c->arena, "/units/%.*s", FMT(u->code)));
        cells[1] = cell_text(name);
        cells[2] = cell_text(record_text(p, "job"));
        GROW(c->arena, out->rows, out->n, out->cap);
        out->rows[out->n++] = (Row){.id = record_text(p, "email"), .cells = cells};
    }
    return OK;
}

static Err people_page(Ctx *c, const PageArgs *args, Page *out) {
    OrgUnits units;
    PeopleRows rows = {0};
    Str day;
    TRY(day_of(&day, c, args->query));
    TRY(organisation_query_units(&units, c, day));
    for (size_t i = 0; i < units.n; i++) TRY(people_of(&rows, c, &units.items[i]));
    Column *columns = NEW_N(c->arena, Column, 3);
    columns[0] = (Column){.name = "unit", .label = TRS(c, N_("Unit")), .kind = CELL_REF};
    columns[1] = (Column){.name = "name", .label = TRS(c, N_("Name")), .kind = CELL_TEXT, .is_main = true};
    columns[2] = (Column){.name = "job", .label = TRS(c, N_("Job")), .kind = CELL_TEXT};
    Block *list = view_block(c->arena, BLOCK_LIST);
    list->list = (ListView){.columns = columns, .n_columns = 3, .rows = rows_of_array(c->arena, rows.rows, rows.n),
                            .total = (int64_t)rows.n, .total_is_exact = true, .is_plain = true, .action = S("/organisation/people"),
                            .export_query = S("?"), .empty_title = TRS(c, N_("Nobody yet"))};
    out->title = TRS(c, N_("People by unit"));
    out->body = list;
    out->main = list;
    out->main_key = "people";
    return OK;
}

const PageDef organisation_pages[] = {
    {.path = "/organisation/chart", .label = N_("Organisation chart"), .right = "unit", .build = chart_page, .nav = "organisation", .icon = "hierarchy"},
    {.path = "/organisation/people", .label = N_("People by unit"), .right = "unit", .build = people_page, .nav = "organisation", .icon = "users"},
    {0}};
