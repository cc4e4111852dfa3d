/* openapi_page.c: the description of the API for people: addresses and fields of each type that the
 * reader may see. SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/openapi.h"

static const char *kind_word(const Field *f) {
    static const char *const words[] = {"",
                                        N_("text"),
                                        N_("long text"),
                                        N_("whole number"),
                                        N_("money"),
                                        N_("decimal"),
                                        N_("per cent"),
                                        N_("date"),
                                        N_("instant"),
                                        N_("yes or no"),
                                        N_("choice"),
                                        N_("choices"),
                                        N_("entry of a list"),
                                        N_("reference"),
                                        N_("references"),
                                        N_("person"),
                                        N_("unit"),
                                        N_("files"),
                                        N_("rows")};
    return words[f->kind];
}

static Block *fields_table(Web *w, const Type *t) {
    Arena *a = w->arena;
    FieldSet hidden = openapi_hidden(w, t);
    Column *columns = NEW_N(a, Column, 4);
    columns[0] = (Column){.name = "name", .label = trs(w->lang, N_("Field")), .kind = CELL_CODE};
    columns[1] =
        (Column){.name = "label", .label = trs(w->lang, N_("Meaning")), .kind = CELL_LABEL};
    columns[2] = (Column){.name = "kind", .label = trs(w->lang, N_("Kind")), .kind = CELL_LABEL};
    columns[3] =
        (Column){.name = "required", .label = trs(w->lang, N_("Required")), .kind = CELL_BOOL};
    Row *rows = NEW_N(a, Row, t->n_fields + 1);
    size_t n = 0;
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        if ((f->flags & F_SECRET) || fieldset_has(hidden, f->index)) continue;
        Cell *cells = NEW_N(a, Cell, 4);
        cells[0] = cell_code(str_of(f->name));
        cells[1] = cell_label(str_of(f->name), trs(w->lang, f->label));
        cells[2] = cell_label(str_of(kind_word(f)), trs(w->lang, kind_word(f)));
        cells[3] = cell_bool((f->flags & F_REQUIRED) != 0);
        rows[n++] = (Row){.id = str_of(f->name), .cells = cells};
    }
    Block *b = view_block(a, BLOCK_LIST);
    b->list = (ListView){.columns = columns,
                         .n_columns = 4,
                         .rows = rows_of_array(a, rows, n),
                         .total = (int64_t)n,
                         .total_is_exact = true,
                         .is_plain = true};
    return b;
}

/* ---- one type ---- */

static Block *addresses(Web *w, const Type *t) {
    Arena *a = w->arena;
    Text code = text_new(a, 4 << 10);
    text_fmt(&code,
             "GET   /api/v1/%s\nPOST  /api/v1/%s\nGET   /api/v1/%s/NUMBER\n"
             "PATCH /api/v1/%s/NUMBER\nGET   /api/v1/%s/NUMBER/history\n"
             "GET   /api/v1/%s/NUMBER/comments\nPOST  /api/v1/%s/NUMBER/comments\n",
             t->plural, t->plural, t->plural, t->plural, t->plural, t->plural, t->plural);
    for (size_t i = 0; i < t->n_transitions; i++)
        if (!(t->transitions[i].def->flags & TRANSITION_HIDDEN))
            text_fmt(&code, "POST  /api/v1/%s/NUMBER/do/%s\n", t->plural, t->transitions[i].name);
    return view_text(a, TEXT_CODE, TONE_NONE, (Str){0}, text_str(&code));
}

static void type_page(Web *w, Page *page, const Type *t) {
    Arena *a = w->arena;
    Crumb *trail = NEW(a, Crumb);
    *trail = (Crumb){page->title, S("/api")};
    page->trail = trail;
    page->n_trail = 1;
    page->title = trs(w->lang, t->plural_label);
    if (t->def->text) page->subtitle = trs(w->lang, t->def->text);
    view_put(a, page->body, addresses(w, t));
    view_put(a, page->body, fields_table(w, t));
}

/* ---- all types ---- */

static Block *types_table(Web *w) {
    const Model *m = w->c->model;
    Arena *a = w->arena;
    Column *columns = NEW_N(a, Column, 2);
    columns[0] = (Column){
        .name = "label", .label = trs(w->lang, N_("Records")), .kind = CELL_TEXT, .is_main = true};
    columns[1] =
        (Column){.name = "address", .label = trs(w->lang, N_("Address")), .kind = CELL_CODE};
    Row *rows = NEW_N(a, Row, m->n_types + 1);
    size_t n = 0;
    for (size_t i = 0; i < m->n_types; i++) {
        const Type *t = &m->types[i];
        if (!openapi_described(w, t)) continue;
        Cell *cells = NEW_N(a, Cell, 2);
        cells[0] = cell_text(trs(w->lang, t->plural_label));
        if (t->def->text) cells[0].note = trs(w->lang, t->def->text);
        cells[1] = cell_code(str_fmt(a, "/api/v1/%s", t->plural));
        rows[n++] = (Row){
            .id = str_of(t->plural), .href = str_fmt(a, "/api?type=%s", t->plural), .cells = cells};
    }
    Block *b = view_block(a, BLOCK_LIST);
    b->list = (ListView){.columns = columns,
                         .n_columns = 2,
                         .rows = rows_of_array(a, rows, n),
                         .total = (int64_t)n,
                         .total_is_exact = true,
                         .is_plain = true};
    return b;
}

static const Type *asked_type(Web *w, Str plural) {
    const Model *m = w->c->model;
    for (size_t i = 0; i < m->n_types; i++)
        if (str_is(plural, m->types[i].plural) && openapi_described(w, &m->types[i]))
            return &m->types[i];
    return NULL;
}

/* /api: the types; /api?type=incidents: addresses and fields of one. */
Err openapi_page(Web *w) {
    Arena *a = w->arena;
    Str plural = input_getz(&w->query, "type");
    const Type *t = asked_type(w, plural);
    if (plural.n && !t) return ERR_MISSING;
    Page *page = web_page(w);
    page->title = trs(w->lang, N_("Programming interface"));
    page->body = view_layout(a, LAYOUT_STACK, (Str){0});
    Button *b = NEW(a, Button);
    *b = (Button){.label = trs(w->lang, N_("OpenAPI description")), .href = S("/openapi.json")};
    page->buttons = b;
    page->n_buttons = 1;
    if (t) {
        type_page(w, page, t);
        return OK;
    }
    view_put(
        a, page->body,
        view_text(a, TEXT_PLAIN, TONE_NONE, (Str){0},
                  trs(w->lang, N_("Programs use the same addresses, rights and rules as people. "
                                  "Create a token on your account page and send it as "
                                  "Authorization: Bearer TOKEN."))));
    view_put(a, page->body, types_table(w));
    return OK;
}
