/* organisation_pages.c: the organisation chart of a day, and the people by unit with their roles.
 * Knows no SQL and no markup. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/organisation/organisation.h"

#include "base/clock.h"
#include "model/list.h"

#define FILL(c, pattern, ...)                                                                      \
    tr_fill((c)->arena, (pattern), (const Str[]){__VA_ARGS__}, LENGTH(((const Str[]){__VA_ARGS__})))
enum { MOST_PEOPLE = 20000 };

static Str person_name(Ctx *c, int64_t id) {
    RefName name = {0};
    if (!id || ref_name(&name, c, model_need(c->model, "user"), id) != OK) return (Str){0};
    return name.title;
}

static Str choice_label(Ctx *c, const char *type, const char *field, Str key) {
    const Field *f = type_need(model_need(c->model, type), field);
    for (size_t i = 0; i < f->n_choices; i++)
        if (str_is(key, f->choices[i].key)) return TRS(c, f->choices[i].label);
    return key;
}

/* ---- the small form above both pages ---- */

static FormField *one_field(Ctx *c, const char *name, const char *label, InputKind kind,
                            Str value) {
    FormField *f = NEW(c->arena, FormField);
    Str *values = NEW(c->arena, Str);
    *values = value;
    *f = (FormField){.name = str_of(name),
                     .label = TRS(c, label),
                     .kind = kind,
                     .values = values,
                     .n_values = value.n ? 1 : 0};
    return f;
}

static Block *small_form(Ctx *c, const char *path, const FormField *field) {
    Block *b = view_block(c->arena, BLOCK_FORM);
    FormGroup *group = NEW(c->arena, FormGroup);
    *group = (FormGroup){.fields = field, .n = 1};
    b->form = (FormView){.action = str_of(path),
                         .groups = group,
                         .n_groups = 1,
                         .submit_label = TRS(c, N_("Show")),
                         .is_get = true};
    return b;
}

static void add_buttons(Ctx *c, Page *out, const Button *buttons, size_t n) {
    Button *copy = NEW_N(c->arena, Button, n);
    memcpy(copy, buttons, n * sizeof *copy);
    out->buttons = copy;
    out->n_buttons = n;
}

/* ---- chart ---- */

static Str unit_note(Ctx *c, const OrgUnit *u) {
    Str head = person_name(c, u->head), correspondent = person_name(c, u->correspondent);
    Str kind = u->kind.n ? choice_label(c, "unit", "kind", u->kind) : u->entity;
    if (head.n && correspondent.n)
        return FILL(c, TR(c, "{0} · head: {1} · risk correspondent: {2}"), kind, head,
                    correspondent);
    if (head.n) return FILL(c, TR(c, "{0} · head: {1}"), kind, head);
    return kind;
}

static Block *chart_tree(Ctx *c, const OrgUnits *units) {
    TreeNode *nodes = NEW_N(c->arena, TreeNode, units->n + 1);
    Block *tree = view_block(c->arena, BLOCK_TREE);
    for (size_t i = 0; i < units->n; i++) {
        const OrgUnit *u = &units->items[i];
        nodes[i] = (TreeNode){.label = u->name,
                              .key = u->code,
                              .href = str_fmt(c->arena, "/units/%.*s", FMT(u->code)),
                              .note = unit_note(c, u),
                              .depth = u->depth,
                              .is_retired = u->is_retired};
        if (u->people)
            nodes[i].figure =
                cell_link(cell_int(u->people),
                          str_fmt(c->arena, "/organisation/people?unit=%.*s", FMT(u->code)));
    }
    tree->id = "chart";
    tree->tree = (TreeView){
        .nodes = nodes, .n = units->n, .empty_text = TRS(c, N_("There was no unit on this day."))};
    return tree;
}

static Err chart_page(Ctx *c, const PageArgs *args, Page *out) {
    OrgUnits units;
    int64_t days;
    Str typed = str_trim(input_getz(args->query, "as_of")), day = c->as_of.n ? c->as_of : c->today;
    if (typed.n) {
        if (!date_parse(&days, typed) && !date_parse_loose(&days, typed))
            return issue(c, "as_of", "bad_value",
                         N_("This is not a date, for example 31/03/2026."));
        day = date_text(c->arena, days);
    }
    c->as_of = (Str){0}; /* names of people are today's */
    TRY(organisation_query_units(&units, c, day));
    Block *tree = chart_tree(c, &units);
    out->title = TRS(c, N_("Organisation chart"));
    out->subtitle = TRS(c, N_("Who reports to whom, who heads and how many people. A past day "
                              "shows the tree of that day."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(
        c->arena, out->body,
        small_form(c, "/organisation/chart", one_field(c, "as_of", N_("As of"), INPUT_DATE, day)));
    view_put(c->arena, out->body, tree);
    out->main = tree;
    out->main_key = "units";
    if (!str_eq(day, c->today)) out->as_of = day;
    const Button buttons[] = {
        {.label = TRS(c, N_("People by unit")), .href = S("/organisation/people")},
        {.label = TRS(c, N_("Processes")), .href = S("/processes")},
        {.label = TRS(c, N_("Legal entities")), .href = S("/entities")}};
    add_buttons(c, out, buttons, LENGTH(buttons));
    return OK;
}

/* ---- people ---- */

/* Open records of a type in the reader's scope, oldest first unless sorted; none when they may read
 * none. */
static Err read_all(Records *out, Ctx *c, const char *type, const char *sort, Str unit) {
    const Type *t = model_need(c->model, type);
    const Access *access;
    ListQuery q;
    ListCursor *cursor;
    Input in = {0};
    *out = (Records){0};
    TRY(access_of(&access, c, t, OP_READ));
    if (!access_any(access)) return OK;
    input_add(&in, c->arena, S("state.open"), S("1"));
    if (sort) input_add(&in, c->arena, S("sort"), str_of(sort));
    if (unit.n) input_add(&in, c->arena, S("home_unit.under"), unit);
    TRY(list_parse(&q, c, t, &in));
    q.limit = 0;
    q.descending = false;
    TRY(list_open(&cursor, c, &q));
    while (out->n < MOST_PEOPLE) {
        Record *r;
        TRY(list_next(&r, cursor, c->arena));
        if (!r) break;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = r;
    }
    return OK;
}

typedef struct People {
    Ctx *c;
    const OrgUnits *units;
    Records users, roles;
    bool with_roles;
    Row *rows;
    size_t n;
} People;

static bool role_holds(const Ctx *c, const Record *role) {
    Str from = record_text(role, "valid_from"), until = record_text(role, "valid_until");
    return (!from.n || str_cmp(from, c->today) <= 0) && (!until.n || str_cmp(until, c->today) >= 0);
}

/* The units of one role of a person, "RSK, CP"; empty when it holds everywhere. Clears their marks
 * in `todo`. */
static Err role_units(Str *out, People *p, bool *todo, size_t from) {
    Ctx *c = p->c;
    const Record *first = p->roles.items[from];
    Text units = text_new(c->arena, 4000);
    bool everywhere = false;
    for (size_t i = from; i < p->roles.n; i++) {
        const Record *r = p->roles.items[i];
        RefName unit = {0};
        if (!todo[i] || !str_eq(record_text(r, "role"), record_text(first, "role"))) continue;
        todo[i] = false;
        if (!record_int(r, "in_unit")) everywhere = true;
        if (everywhere) continue;
        TRY(ref_name(&unit, c, model_need(c->model, "unit"), record_int(r, "in_unit")));
        if (units.n) text_addz(&units, ", ");
        text_add(&units, unit.key);
    }
    *out = everywhere ? (Str){0} : text_str(&units);
    return OK;
}

static Err role_cell(Cell *out, People *p, int64_t user) {
    Ctx *c = p->c;
    Cell *items = NULL;
    size_t n = 0, cap = 0;
    bool *todo = NEW_N(c->arena, bool, p->roles.n + 1);
    for (size_t i = 0; i < p->roles.n; i++)
        todo[i] =
            record_int(p->roles.items[i], "person") == user && role_holds(c, p->roles.items[i]);
    for (size_t i = 0; i < p->roles.n; i++) {
        Str units, key = record_text(p->roles.items[i], "role");
        if (!todo[i]) continue;
        Str role = choice_label(c, "role_assignment", "role", key);
        TRY(role_units(&units, p, todo, i));
        GROW(c->arena, items, n, cap);
        items[n++] = cell_label(key, units.n ? FILL(c, TR(c, "{0} ({1})"), role, units) : role);
    }
    *out = n ? (Cell){.kind = CELL_LIST, .more = items, .n_more = n} : (Cell){0};
    return OK;
}

static Err add_person(People *p, const OrgUnit *u, const Record *user) {
    Ctx *c = p->c;
    Cell *cells = NEW_N(c->arena, Cell, 5);
    Str name = record_text(user, "name"), arabic = record_text(user, "name_ar");
    Str path = record_path(c->arena, user);
    if (u) cells[0] = cell_ref(u->code, u->name, str_fmt(c->arena, "/units/%.*s", FMT(u->code)));
    cells[1] = cell_link(cell_text(c->lang == LANG_AR && arabic.n ? arabic : name), path);
    cells[2] = cell_text(record_text(user, "job"));
    cells[3] = cell_code(record_text(user, "email"));
    if (p->with_roles) TRY(role_cell(&cells[4], p, user->id));
    p->rows[p->n++] = (Row){.id = record_number(c->arena, user), .href = path, .cells = cells};
    return OK;
}

static Err people_of(People *p, const OrgUnit *u, bool *done, bool only_head) {
    for (size_t k = 0; k < p->users.n; k++) {
        const Record *user = p->users.items[k];
        if (done[k] || record_int(user, "home_unit") != u->id) continue;
        if (only_head && user->id != u->head) continue;
        done[k] = true;
        TRY(add_person(p, u, user));
    }
    return OK;
}

/* In the order of the chart, heads first; who belongs to no unit comes last. */
static Err people_rows(People *p) {
    p->rows = NEW_N(p->c->arena, Row, p->users.n + 1);
    bool *done = NEW_N(p->c->arena, bool, p->users.n + 1);
    for (size_t i = 0; i < p->units->n; i++) {
        const OrgUnit *u = &p->units->items[i];
        if (!u->people) continue;
        TRY(people_of(p, u, done, true));
        TRY(people_of(p, u, done, false));
    }
    for (size_t k = 0; k < p->users.n; k++)
        if (!done[k]) TRY(add_person(p, NULL, p->users.items[k]));
    return OK;
}

static Block *people_list(People *p, Str unit) {
    Ctx *c = p->c;
    Block *b = view_block(c->arena, BLOCK_LIST);
    Column *columns = NEW_N(c->arena, Column, 5);
    columns[0] = (Column){.name = "unit", .label = TRS(c, N_("Unit")), .kind = CELL_REF};
    columns[1] =
        (Column){.name = "name", .label = TRS(c, N_("Name")), .kind = CELL_TEXT, .is_main = true};
    columns[2] = (Column){.name = "job", .label = TRS(c, N_("Job")), .kind = CELL_TEXT};
    columns[3] = (Column){
        .name = "email", .label = TRS(c, N_("E-mail")), .kind = CELL_CODE, .is_hidden = true};
    columns[4] = (Column){.name = "roles", .label = TRS(c, N_("Roles")), .kind = CELL_LIST};
    b->id = "people";
    b->list =
        (ListView){.columns = columns,
                   .n_columns = p->with_roles ? 5 : 4,
                   .rows = rows_of_array(c->arena, p->rows, p->n),
                   .total = (int64_t)p->n,
                   .total_is_exact = true,
                   .is_plain = true,
                   .action = S("/organisation/people"),
                   .export_query = unit.n ? str_fmt(c->arena, "?unit=%.*s", FMT(unit)) : S("?"),
                   .empty_title = TRS(c, N_("Nobody here")),
                   .empty_text = TRS(c, N_("No active account belongs to this unit or below."))};
    return b;
}

static FormField *unit_field(Ctx *c, const OrgUnits *units, Str chosen) {
    FilterOption *options = NEW_N(c->arena, FilterOption, units->n + 1);
    size_t n = 0;
    options[n++] =
        (FilterOption){.label = TRS(c, N_("The whole organisation")), .is_chosen = !chosen.n};
    for (size_t i = 0; i < units->n; i++)
        options[n++] = (FilterOption){.value = units->items[i].code,
                                      .label = units->items[i].name,
                                      .depth = units->items[i].depth,
                                      .is_chosen = str_eq(units->items[i].code, chosen)};
    FormField *f = one_field(c, "unit", N_("Unit and below"), INPUT_TREE, chosen);
    f->options = options;
    f->n_options = n;
    return f;
}

static Err people_page(Ctx *c, const PageArgs *args, Page *out) {
    OrgUnits units;
    const Access *access;
    Str unit = str_trim(input_getz(args->query, "unit"));
    People p = {.c = c, .units = &units};
    c->as_of = (Str){0}; /* accounts are those of today */
    if (unit.n) {
        int64_t id;
        Err e = ref_find(&id, c, model_need(c->model, "unit"), unit);
        if (e == ERR_MISSING) return issue(c, "unit", "bad_value", N_("There is no such unit."));
        TRY(e);
    }
    TRY(organisation_query_units(&units, c, c->today));
    TRY(access_of(&access, c, model_need(c->model, "role_assignment"), OP_READ));
    p.with_roles = access_any(access);
    TRY(read_all(&p.users, c, "user", "name", unit));
    TRY(read_all(&p.roles, c, "role_assignment", NULL, (Str){0}));
    TRY(people_rows(&p));
    Block *list = people_list(&p, unit);
    out->title = TRS(c, N_("People by unit"));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body,
             small_form(c, "/organisation/people", unit_field(c, &units, unit)));
    view_put(c->arena, out->body, list);
    out->main = list;
    out->main_key = "people";
    const Button buttons[] = {
        {.label = TRS(c, N_("Organisation chart")), .href = S("/organisation/chart")}};
    add_buttons(c, out, buttons, LENGTH(buttons));
    return OK;
}

/* clang-format off */
const PageDef organisation_pages[] = {
    {.path = "/organisation/chart", .label = N_("Organisation chart"), .right = "unit", .build = chart_page, .nav = "organisation", .icon = "hierarchy"},
    {.path = "/organisation/people", .label = N_("People by unit"), .right = "user", .build = people_page, .nav = "organisation", .icon = "users"},
    {0}
};
/* clang-format on */
