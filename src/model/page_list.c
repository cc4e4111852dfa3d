/* page_list.c: the list of a record type: tabs, filters in force, columns, rows, exports, steps for
 * several records at once. Which rows a reader sees is decided in list.c and access.c alone.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/page_kit.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "model/list_total.h"
#include "model/saved_view.h"

enum { SCREEN_ROWS = 50, MOST_COLUMNS = 160, ENOUGH_COLUMNS = 6, MOST_BULK = 200 };
/* Pixels of a screen 1280 wide that are left for a list, and what its cells take of them. */
enum { SCREEN_WIDTH = 984, WIDTH_PADDING = 20, WIDTH_TITLE = 200, WIDTH_PICK = 36 };

/* ---- what was asked ---- */

static bool is_list_param(Str name) {
    static const char *const page_only[] = {"columns",      "columns_form", "view_form", "as_of",
                                            "filters_form", "after",        "limit",     "format",
                                            "lang",         "_fragment"};
    for (size_t i = 0; i < LENGTH(page_only); i++)
        if (str_is(name, page_only[i])) return false;
    return true;
}

static PageQuery read_query(Ctx *c, const Type *t, const Input *query, Format format) {
    PageQuery q = {.type = t, .path = page_kit_list_path(c->arena, t), .is_default = true};
    Input own = {0};
    for (size_t i = 0; i < query->n; i++) {
        InputItem item = query->items[i];
        if (is_list_param(item.name)) {
            q.is_default = false;
            if (item.value.n) input_add(&own, c->arena, item.name, item.value);
        } else if (str_is(item.name, "columns") && item.value.n) {
            input_add(&q.columns, c->arena, item.name, item.value);
        }
    }
    /* Programs and exports ask for exactly what they say; people see the list as its owner arranged
     * it. */
    if (q.is_default && format == FORMAT_HTML && t->def->list_default) {
        page_kit_parse(&own, c->arena, str_of(t->def->list_default));
    }
    q.params = own;
    Str as_of = input_getz(query, "as_of");
    if (as_of.n) input_add(&q.params, c->arena, S("as_of"), as_of);
    return q;
}

static Err parse_list(ListQuery *out, Ctx *c, const PageQuery *q, const Input *query,
                      Format format) {
    Input params = {0};
    input_add_all(&params, c->arena, &q->params);
    Str after = input_getz(query, "after"), limit = input_getz(query, "limit");
    bool is_export = format == FORMAT_CSV || format == FORMAT_XLSX;
    if (after.n && !is_export) input_add(&params, c->arena, S("after"), after);
    if (limit.n && !is_export) input_add(&params, c->arena, S("limit"), limit);
    TRY(list_parse(out, c, q->type, &params));
    if (is_export)
        out->limit = 0;
    else if (!limit.n)
        out->limit = SCREEN_ROWS;
    return OK;
}

/* ---- columns ---- */

typedef struct Columns {
    PageColumn items[MOST_COLUMNS];
    size_t n;
} Columns;

static void add_column(Columns *out, Ctx *c, const Type *t, Str name, FieldSet hidden) {
    for (size_t i = 0; i < out->n; i++)
        if (str_is(name, out->items[i].name)) return;
    if (out->n < MOST_COLUMNS && page_kit_column(&out->items[out->n], c, t, name, hidden)) out->n++;
}

/* A module's own column, as things are today. */
static void add_module_column(Columns *out, const Ctx *c, const ColumnDef *d) {
    for (size_t i = 0; i < out->n; i++)
        if (!strcmp(d->name, out->items[i].name)) return;
    if (out->n < MOST_COLUMNS && !c->as_of.n)
        out->items[out->n++] =
            (PageColumn){.name = d->name, .label = TRS(c, d->label), .kind = d->kind, .added = d};
}

static bool is_title(Ctx *c, const Type *t, const Field *f) {
    if (f == t->key || f == page_kit_title(c, t)) return true;
    for (int i = 0; i < LANG_COUNT; i++)
        if (f == t->titles[i]) return true;
    return false;
}

enum { LIST_DATES, LIST_AMOUNTS, LIST_REST, LIST_PARTS };

static int list_part(const Field *f) {
    if (f->kind == KIND_DATE || f->kind == KIND_INSTANT) return LIST_DATES;
    return f->kind == KIND_MONEY ? LIST_AMOUNTS : LIST_REST;
}

static int words_width(Str text) {
    return 7 * (int)utf8_count(text) + WIDTH_PADDING;
}

/* A heading breaks between words. */
static int heading_width(const PageColumn *column) {
    Str rest = column->label, word;
    int widest = 0;
    while (page_kit_word(&word, &rest))
        if (words_width(word) > widest) widest = words_width(word);
    return widest;
}

static int choices_width(const Ctx *c, const Field *f) {
    int widest = 0, around = 16; /* of a tag */
    for (size_t i = 0; i < f->n_choices; i++) {
        bool is_tag = f->choices[i].tone != TONE_NONE && f->choices[i].tone != TONE_ACCENT;
        int n = words_width(TRS(c, f->choices[i].label));
        if (is_tag) n += around - (int)utf8_count(TRS(c, f->choices[i].label)) / 2;
        if (n > widest) widest = n;
    }
    return widest;
}

static int states_width(const Ctx *c, const Type *t) {
    int widest = 0, dot = 14;
    for (size_t i = 0; i < t->n_states; i++) {
        int n = words_width(TRS(c, t->states[i].label)) + dot;
        if (n > widest) widest = n;
    }
    return widest;
}

/* About what a column takes on the screen: enough to choose those that fit beside each other. */
static int column_width(const Ctx *c, const Type *t, const PageColumn *column) {
    int content = 200;
    switch (column->kind) {
    case CELL_CODE: content = !t->key ? 118 : t->key->max_length > 60 ? 240 : 90; break;
    case CELL_STATE: return states_width(c, t);
    case CELL_DATE: content = 112; break;
    case CELL_INSTANT: content = 150; break;
    case CELL_MONEY: content = 125; break;
    case CELL_INT:
    case CELL_DECIMAL:
    case CELL_PERCENT:
    case CELL_BOOL: content = 60; break;
    case CELL_LABEL: content = column->field ? choices_width(c, column->field) : content; break;
    case CELL_EMPTY:
    case CELL_TEXT:
    case CELL_REF:
    case CELL_PERSON:
    case CELL_MARKDOWN:
    case CELL_FILE:
    case CELL_LIST:
    case CELL_ROWS: break;
    }
    int heading = heading_width(column);
    if (!strcmp(column->name, "title")) return WIDTH_TITLE;
    return heading > content ? heading : content;
}

static bool is_bulk(const Ctx *c, const Transition *t) {
    unsigned not_in_bulk = TRANSITION_REASON | TRANSITION_HIDDEN | TRANSITION_LIMIT;
    return !(t->def->flags & not_in_bulk) && !t->def->sends && page_kit_holds(c, t->def->roles);
}

static bool may_pick(const Ctx *c, const Type *t) {
    bool may = false;
    for (size_t i = 0; i < t->n_transitions; i++) may |= is_bulk(c, &t->transitions[i]);
    return may;
}

/* Takes back the column that has just been added after n others when there is no room. */
static void keep_if_it_fits(Columns *out, const Ctx *c, const Type *t, size_t n, int *left) {
    if (out->n == n) return;
    int width = column_width(c, t, &out->items[n]);
    if (width > *left)
        out->n = n;
    else
        *left -= width;
}

/* What it is and where it stands first, then when, the amounts together, the rest: as much as fits
 * a screen without scrolling sideways. The unit stands under the title. */
static void screen_columns(Columns *out, Ctx *c, const Type *t, FieldSet hidden) {
    add_column(out, c, t, S("number"), hidden);
    if (page_kit_title(c, t)) add_column(out, c, t, S("title"), hidden);
    bool is_unit_below = out->n && !strcmp(out->items[out->n - 1].name, "title");
    if (is_unit_below && !(t->flags & TYPE_NO_UNIT)) out->items[out->n - 1].below = BELOW_UNIT;
    if (t->n_states > 1) add_column(out, c, t, S("state"), hidden);
    int left = SCREEN_WIDTH - (may_pick(c, t) ? WIDTH_PICK : 0);
    for (size_t i = 0; i < out->n; i++) left -= column_width(c, t, &out->items[i]);
    for (int part = 0; part < LIST_PARTS; part++)
        for (size_t i = 0; i < t->n_fields; i++) {
            const Field *f = &t->fields[i];
            size_t n = out->n;
            bool shown = (f->flags & F_LISTED) && !(f->flags & F_HIDDEN) && !is_title(c, t, f);
            if (shown && list_part(f) == part) add_column(out, c, t, str_of(f->name), hidden);
            keep_if_it_fits(out, c, t, n, &left);
        }
    if (!is_unit_below) add_column(out, c, t, S("unit"), hidden);
    for (size_t i = 0; i < c->model->n_columns; i++) {
        size_t n = out->n;
        if (strcmp(c->model->columns[i]->type, t->name) != 0) continue;
        add_module_column(out, c, c->model->columns[i]);
        keep_if_it_fits(out, c, t, n, &left);
    }
    if (out->n < ENOUGH_COLUMNS && left > 150) add_column(out, c, t, S("updated_at"), hidden);
}

static void chosen_columns(Columns *out, Ctx *c, const PageQuery *q, FieldSet hidden) {
    for (size_t i = 0; i < q->columns.n; i++) {
        Str rest = q->columns.items[i].value, name;
        for (int k = 0; k < MOST_COLUMNS && rest.n && str_cut(&name, &rest, ','); k++) {
            add_column(out, c, q->type, name, hidden);
            for (size_t m = 0; m < c->model->n_columns; m++) {
                const ColumnDef *d = c->model->columns[m];
                if (!strcmp(d->type, q->type->name) && str_is(name, d->name))
                    add_module_column(out, c, d);
            }
        }
    }
    if (!out->n) screen_columns(out, c, q->type, hidden);
}

static void machine_columns(Columns *out, Ctx *c, const Type *t, FieldSet hidden) {
    static const char *const first[] = {"number", "title", "state", "version", "created_at"};
    static const char *const last[] = {"updated_at", "unit", "owner", "created_by"};
    for (size_t i = 0; i < LENGTH(first); i++) add_column(out, c, t, str_of(first[i]), hidden);
    for (size_t i = 0; i < t->n_fields; i++)
        add_column(out, c, t, str_of(t->fields[i].name), hidden);
    for (size_t i = 0; i < t->n_conditions; i++)
        add_column(out, c, t, str_of(t->conditions[i].name), hidden);
    for (size_t i = 0; i < t->n_readings; i++)
        add_column(out, c, t, str_of(t->readings[i].name), hidden);
    for (size_t i = 0; i < LENGTH(last); i++) add_column(out, c, t, str_of(last[i]), hidden);
    if (t->flags & TYPE_CONFIDENTIAL) add_column(out, c, t, S("restricted"), hidden);
    for (size_t i = 0; i < c->model->n_columns; i++)
        if (!strcmp(c->model->columns[i]->type, t->name))
            add_module_column(out, c, c->model->columns[i]);
}

static bool can_sort(const Type *t, const PageColumn *column, const char **key) {
    *key = column->field ? column->field->name : column->name;
    if (column->field) return (column->field->flags & F_SORTED) && column->field->is_public;
    if (!strcmp(column->name, "number")) {
        *key = "id";
        return true;
    }
    const Field *title = t->title;
    if (!strcmp(column->name, "title") && title && (title->flags & F_SORTED) && title->is_public) {
        *key = title->name;
        return true;
    }
    return false;
}

static void add_sort(Column *column, Ctx *c, const PageQuery *q, const ListQuery *list,
                     const char *key) {
    Str now = input_getz(&q->params, "sort");
    bool down = str_starts(now, S("-"));
    if (down) now = str_sub(now, 1, now.n);
    bool is_this = str_is(now, key) || (!now.n && !list->sort && !strcmp(key, "id"));
    down = list->descending;
    if (is_this) column->sorted = down ? -1 : 1;
    Str next = is_this && !down ? str_fmt(c->arena, "-%s", key) : str_of(key);
    column->sort_href = page_kit_href(c, q, (Str){0}, (Str){0}, "sort", next);
}

static Column *view_columns(Ctx *c, const PageQuery *q, const ListQuery *list, const Columns *from,
                            Format format) {
    Column *columns = NEW_N(c->arena, Column, from->n ? from->n : 1);
    bool has_title = false;
    for (size_t i = 0; i < from->n; i++) has_title |= !strcmp(from->items[i].name, "title");
    for (size_t i = 0; i < from->n; i++) {
        const PageColumn *column = &from->items[i];
        columns[i] = (Column){.name = column->name, .label = column->label, .kind = column->kind};
        columns[i].is_hidden = column->field && (column->field->flags & F_HIDDEN);
        columns[i].is_main = !strcmp(column->name, has_title ? "title" : "number");
        const char *key;
        if (format == FORMAT_HTML && can_sort(q->type, column, &key))
            add_sort(&columns[i], c, q, list, key);
    }
    return columns;
}

/* ---- rows ---- */

enum { ROWS_PER_ARENA = 5000, ROWS_AT_ONCE = 200 };

/* An export of any length must not fill the request's arena: cells and remembered names live in an
 * arena of their own that is emptied now and then. */
typedef struct Screen {
    Row *rows;
    int64_t *ids;
    size_t n, cap, cap_ids;
    uint64_t states; /* bit a state index that occurs */
} Screen;

typedef struct Source {
    Ctx *c;
    ListCursor *cursor;
    const Columns *columns;
    Arena *cells;
    void *cache;
    int64_t n;
    Screen ahead; /* with columns of modules: rows that were read and filled together */
    size_t at;
    bool is_read; /* nothing comes after them */
} Source;

static void free_cells(void *arena) {
    arena_free(arena);
}

static Err row_apart(Row *out, Source *s, const Record *r) {
    Ctx *c = s->c;
    Arena *own = c->arena;
    void *cache = c->cache;
    c->arena = s->cells;
    c->cache = s->cache;
    Err err = page_kit_row(out, c, s->cells, r, s->columns->items, s->columns->n);
    s->cache = c->cache;
    c->arena = own;
    c->cache = cache;
    return err;
}

static void empty_cells(Source *s) {
    arena_reset(s->cells);
    s->cache = NULL;
}

static Err next_row(void *state, Arena *scratch, Row *out, bool *has) {
    Source *s = state;
    Record *r = NULL;
    *has = false;
    TRY(list_next(&r, s->cursor, scratch));
    if (!r) return OK;
    if (s->n++ % ROWS_PER_ARENA == 0) empty_cells(s);
    TRY(row_apart(out, s, r));
    *has = true;
    return OK;
}

static Err fill_added(Screen *s, Ctx *c, const Columns *columns) {
    for (size_t k = 0; k < columns->n && s->n; k++) {
        const ColumnDef *d = columns->items[k].added;
        if (!d) continue;
        Cell *filled = NEW_N(c->arena, Cell, s->n);
        TRY(d->fill(c, s->ids, s->n, filled));
        for (size_t i = 0; i < s->n; i++) {
            Cell *cells = NEW_N(c->arena, Cell, columns->n);
            memcpy(cells, s->rows[i].cells, columns->n * sizeof *cells);
            cells[k] = filled[i];
            s->rows[i].cells = cells;
        }
    }
    return OK;
}

/* What modules add is asked for many rows at once. */
static Err read_ahead(Source *s) {
    Ctx *c = s->c;
    empty_cells(s);
    s->ahead = (Screen){0};
    s->at = 0;
    while (s->ahead.n < ROWS_AT_ONCE) {
        Record *r = NULL;
        TRY(list_next(&r, s->cursor, s->cells));
        if (!r) break;
        GROW(s->cells, s->ahead.rows, s->ahead.n, s->ahead.cap);
        GROW(s->cells, s->ahead.ids, s->ahead.n, s->ahead.cap_ids);
        s->ahead.ids[s->ahead.n] = r->id;
        TRY(row_apart(&s->ahead.rows[s->ahead.n], s, r));
        s->ahead.n++;
    }
    Arena *own = c->arena;
    void *cache = c->cache;
    c->arena = s->cells;
    c->cache = s->cache;
    Err err = fill_added(&s->ahead, c, s->columns);
    s->cache = c->cache;
    c->arena = own;
    c->cache = cache;
    return err;
}

static Err next_filled(void *state, Arena *scratch, Row *out, bool *has) {
    Source *s = state;
    (void)scratch;
    *has = false;
    if (s->at == s->ahead.n && !s->is_read) {
        TRY(read_ahead(s));
        s->is_read = s->ahead.n < ROWS_AT_ONCE;
    }
    if (s->at == s->ahead.n) return OK;
    *out = s->ahead.rows[s->at++];
    *has = true;
    return OK;
}

static RowSource rows_apart(Ctx *c, ListCursor *cursor, const Columns *columns) {
    Source *s = NEW(c->arena, Source);
    *s = (Source){.c = c, .cursor = cursor, .columns = columns, .cells = arena_new(0)};
    arena_defer(c->arena, free_cells, s->cells);
    for (size_t i = 0; i < columns->n; i++)
        if (columns->items[i].added) return (RowSource){next_filled, s};
    return (RowSource){next_row, s};
}

static Err read_screen(Screen *out, Ctx *c, ListCursor *cursor, const Columns *columns) {
    for (;;) {
        Record *r = NULL;
        TRY(list_next(&r, cursor, c->arena));
        if (!r) return fill_added(out, c, columns);
        GROW(c->arena, out->rows, out->n, out->cap);
        GROW(c->arena, out->ids, out->n, out->cap_ids);
        out->ids[out->n] = r->id;
        TRY(page_kit_row(&out->rows[out->n], c, c->arena, r, columns->items, columns->n));
        out->n++;
        if (r->state && r->state->index < 64) out->states |= UINT64_C(1) << r->state->index;
    }
}

/* ---- around the rows ---- */

static void add_bulk(ListView *list, Ctx *c, const Type *t, uint64_t states) {
    Button *bulk = NEW_N(c->arena, Button, t->n_transitions ? t->n_transitions : 1);
    for (size_t i = 0; i < t->n_transitions; i++) {
        const Transition *step = &t->transitions[i];
        if (!(step->from & states) || !is_bulk(c, step)) continue;
        bulk[list->n_bulk++] = (Button){.label = TRS(c, step->label),
                                        .href = str_fmt(c->arena, "/%s/bulk", t->plural),
                                        .is_post = true,
                                        .is_primary = (step->def->flags & TRANSITION_PRIMARY) != 0,
                                        .is_danger = (step->def->flags & TRANSITION_DANGER) != 0,
                                        .name = S("do"),
                                        .value = str_of(step->name)};
    }
    list->bulk = bulk;
}

static Str waiting_states(Ctx *c, const Type *t) {
    Text names = text_new(c->arena, 0);
    for (size_t i = 0; i < t->n_states; i++) {
        const State *s = &t->states[i];
        if (!s->waits_for || !page_kit_holds(c, s->waits_for)) continue;
        if (names.n) text_char(&names, ',');
        text_addz(&names, s->name);
    }
    return text_str(&names);
}

typedef struct Tabs {
    Tab *items;
    size_t n;
    Str current;  /* canonical query of this page */
    Str arranged; /* the same with the columns that were chosen */
    bool found;
} Tabs;

static void add_tab(Tabs *tabs, Ctx *c, const Type *t, Str label, Str query, Str now) {
    bool is_current = !tabs->found && str_eq(query, now);
    tabs->found |= is_current;
    Str href = str_fmt(c->arena, "/%s?%.*s", t->plural, FMT(query));
    tabs->items[tabs->n++] = (Tab){label, href, -1, is_current};
}

static Str canonical(Ctx *c, Str query) {
    Input params = {0};
    page_kit_parse(&params, c->arena, query);
    return page_kit_query(c->arena, &params);
}

static Str chosen_names(Ctx *c, const PageQuery *q) {
    Text names = text_new(c->arena, 0);
    for (size_t i = 0; i < q->columns.n; i++) {
        if (i) text_char(&names, ',');
        text_add(&names, q->columns.items[i].value);
    }
    return text_str(&names);
}

/* What a saved view keeps of this page: its filters, order and columns. */
static Str arranged_query(Ctx *c, const PageQuery *q) {
    Input kept = {0};
    for (size_t i = 0; i < q->params.n; i++) {
        InputItem item = q->params.items[i];
        if (!str_is(item.name, "as_of")) input_add(&kept, c->arena, item.name, item.value);
    }
    if (q->columns.n) input_add(&kept, c->arena, S("columns"), chosen_names(c, q));
    return page_kit_query(c->arena, &kept);
}

static Err add_tabs(ListView *list, Ctx *c, const PageQuery *q, int64_t *view) {
    const Type *t = q->type;
    const SavedView *saved = NULL;
    size_t n_saved = 0;
    TRY(saved_view_list(&saved, &n_saved, c, t));
    Tabs tabs = {.items = NEW_N(c->arena, Tab, n_saved + 4),
                 .current = page_kit_query(c->arena, &q->params),
                 .arranged = arranged_query(c, q)};
    if (!tabs.current.n) tabs.current = S("sort=-id");
    for (size_t i = 0; q->columns.n && i < n_saved; i++)
        if (str_eq(canonical(c, saved[i].query), tabs.arranged)) tabs.current = S("-");
    if (t->def->list_default && !str_is(str_of(t->def->list_default), "sort=-id"))
        add_tab(&tabs, c, t, TRS(c, N_("Current")), canonical(c, str_of(t->def->list_default)),
                tabs.current);
    add_tab(&tabs, c, t, TRS(c, N_("All")), S("sort=-id"), tabs.current);
    Str states = waiting_states(c, t);
    if (states.n) {
        Str query = canonical(c, str_fmt(c->arena, "state.in=%.*s", FMT(states)));
        add_tab(&tabs, c, t, TRS(c, N_("Waiting for me")), query, tabs.current);
    }
    if (c->actor->user) add_tab(&tabs, c, t, TRS(c, N_("Mine")), S("created_by=me"), tabs.current);
    *view = 0;
    for (size_t i = 0; i < n_saved; i++) {
        bool before = tabs.found;
        add_tab(&tabs, c, t, saved[i].name, canonical(c, saved[i].query), tabs.arranged);
        if (!before && tabs.found) *view = saved[i].id;
    }
    list->tabs = tabs.items;
    list->n_tabs = tabs.n;
    return OK;
}

static Err create_button(Button *out, bool *allowed, Ctx *c, const Type *t) {
    Err err;
    *allowed = page_kit_may_create(c, t, &err) && !t->parent && !c->actor->is_read_only;
    TRY(err);
    *out = page_kit_create(c, t);
    return OK;
}

static Err add_empty(ListView *list, Ctx *c, const PageQuery *q, bool filtered) {
    if (filtered) {
        list->empty_title = TRS(c, N_("Nothing matches these filters"));
        list->empty_text = TRS(c, N_("Take a filter away, or look at everything."));
        list->empty_button = (Button){.label = TRS(c, N_("Show everything")),
                                      .href = str_fmt(c->arena, "%.*s?sort=-id", FMT(q->path))};
        return OK;
    }
    list->empty_title = TRS(c, N_("Nothing here yet"));
    list->empty_text = TRS(c, q->type->def->text);
    bool allowed = false;
    Button create;
    TRY(create_button(&create, &allowed, c, q->type));
    if (allowed) list->empty_button = create;
    return OK;
}

static Err page_buttons(Page *out, Ctx *c, const PageQuery *q, int64_t view, bool filtered) {
    Button *buttons = NEW_N(c->arena, Button, 3);
    bool allowed = false;
    TRY(create_button(&buttons[0], &allowed, c, q->type));
    size_t n = allowed ? 1 : 0;
    if (view) {
        buttons[n++] = (Button){.label = TRS(c, N_("Delete this view")),
                                .href = str_fmt(c->arena, "/views/%lld/delete", (long long)view),
                                .is_post = true};
    } else if ((filtered || q->columns.n) && c->actor->user) {
        Str href = page_kit_href(c, q, (Str){0}, (Str){0}, "view_form", S("1"));
        buttons[n++] = (Button){.label = TRS(c, N_("Save this view")), .href = href, .asks = true};
    }
    out->buttons = buttons;
    out->n_buttons = n;
    return OK;
}

static void as_of_notice(Block *body, Page *out, Ctx *c, const PageQuery *q) {
    if (!c->as_of.n) return;
    out->as_of = c->as_of;
    out->is_past_said = true;
    Str title = FILL(c, TR(c, "As it stood on {0}"), page_kit_day(c->arena, c->as_of));
    Block *notice =
        view_text(c->arena, TEXT_NOTICE, TONE_INFO, title,
                  TRS(c, N_("Later changes are not shown, and nothing can be changed here.")));
    notice->text.button =
        (Button){.label = TRS(c, N_("Show today")),
                 .href = page_kit_href(c, q, S("as_of"), (Str){0}, NULL, (Str){0})};
    view_put(c->arena, body, notice);
}

/* ---- the two small forms ---- */

static FormField hidden_field(Ctx *c, Str name, Str value) {
    Str *values = NEW(c->arena, Str);
    *values = value;
    return (FormField){.name = name, .kind = INPUT_HIDDEN, .values = values, .n_values = 1};
}

static Block *small_form(Ctx *c, FormField *fields, size_t n, Str action, Str submit, Str cancel) {
    FormGroup *group = NEW(c->arena, FormGroup);
    *group = (FormGroup){.fields = fields, .n = n};
    Block *form = view_block(c->arena, BLOCK_FORM);
    form->form = (FormView){.action = action,
                            .groups = group,
                            .n_groups = 1,
                            .submit_label = submit,
                            .cancel = {.label = TRS(c, N_("Cancel")), .href = cancel}};
    return form;
}

static void sub_page(Page *out, Ctx *c, const PageQuery *q, Str title, Block *body) {
    out->title = title;
    out->nav = str_z(c->arena, q->path);
    page_kit_trail(out, c->arena, TRS(c, q->type->plural_label), q->path);
    out->body = out->main = body;
}

static void columns_form(Page *out, Ctx *c, const PageQuery *q, FieldSet hidden) {
    Columns *all = NEW(c->arena, Columns), *now = NEW(c->arena, Columns);
    chosen_columns(now, c, q, hidden);
    screen_columns(all, c, q->type, hidden);
    add_column(all, c, q->type, S("unit"), hidden);
    for (size_t i = 0; i < q->type->n_fields; i++) {
        const Field *f = &q->type->fields[i];
        if (f->flags & F_HIDDEN || is_title(c, q->type, f)) continue;
        add_column(all, c, q->type, str_of(f->name), hidden);
    }
    for (size_t i = 0; i < q->type->n_readings; i++)
        add_column(all, c, q->type, str_of(q->type->readings[i].name), hidden);
    for (size_t i = 0; i < c->model->n_columns; i++)
        if (!strcmp(c->model->columns[i]->type, q->type->name))
            add_module_column(all, c, c->model->columns[i]);
    add_column(all, c, q->type, S("owner"), hidden);
    add_column(all, c, q->type, S("created_by"), hidden);
    add_column(all, c, q->type, S("created_at"), hidden);
    FilterOption *options = NEW_N(c->arena, FilterOption, all->n + 1);
    Str *values = NEW_N(c->arena, Str, now->n + 1);
    for (size_t i = 0; i < now->n; i++) values[i] = str_of(now->items[i].name);
    for (size_t i = 0; i < all->n; i++) {
        Str name = str_of(all->items[i].name);
        bool chosen = false;
        for (size_t k = 0; k < now->n; k++) chosen |= str_eq(values[k], name);
        options[i] = (FilterOption){name, all->items[i].label, 0, chosen};
    }
    FormField *fields = NEW_N(c->arena, FormField, q->params.n + 1);
    fields[0] = (FormField){.name = S("columns"),
                            .label = TRS(c, N_("Columns")),
                            .kind = INPUT_CHOICES,
                            .options = options,
                            .n_options = all->n,
                            .values = values,
                            .n_values = now->n};
    for (size_t i = 0; i < q->params.n; i++)
        fields[i + 1] = hidden_field(c, q->params.items[i].name, q->params.items[i].value);
    Str back = page_kit_href(c, q, (Str){0}, (Str){0}, NULL, (Str){0});
    Block *form =
        small_form(c, fields, q->params.n + 1, q->path, TRS(c, N_("Show these columns")), back);
    form->form.is_get = true;
    sub_page(out, c, q, TRS(c, N_("Columns")), form);
}

static void view_form(Page *out, Ctx *c, const PageQuery *q) {
    FormField *fields = NEW_N(c->arena, FormField, 3);
    fields[0] = (FormField){.name = S("name"),
                            .label = TRS(c, N_("Name of the view")),
                            .help = TRS(c, N_("It becomes a tab of this list, for you alone.")),
                            .kind = INPUT_TEXT,
                            .is_required = true,
                            .max_length = 60};
    fields[1] = hidden_field(c, S("type"), str_of(q->type->name));
    fields[2] = hidden_field(c, S("query"), arranged_query(c, q));
    Str back = page_kit_href(c, q, (Str){0}, (Str){0}, NULL, (Str){0});
    Block *form = small_form(c, fields, 3, S("/views"), TRS(c, N_("Save this view")), back);
    sub_page(out, c, q, TRS(c, N_("Save this view")), form);
}

static Err filters_page(Page *out, Ctx *c, const PageQuery *q) {
    Block *panel;
    TRY(page_kit_filter_panel(&panel, c, q));
    sub_page(out, c, q, TRS(c, N_("Filters")), panel);
    return OK;
}

/* ---- the page ---- */

static bool is_filtered(const PageQuery *q) {
    for (size_t i = 0; i < q->params.n; i++) {
        Str name = q->params.items[i].name;
        if (!str_is(name, "sort") && !str_is(name, "as_of")) return true;
    }
    return false;
}

/* The figures of what the list shows, for those who may open that report. */
static void add_report(ListView *list, Ctx *c, const PageQuery *q) {
    const char *page = q->type->def->report_page;
    if (!page || input_getz(&q->params, "q").n) return;
    Str path, rest = str_of(page);
    str_cut(&path, &rest, '?');
    for (size_t i = 0; i < c->model->n_pages; i++) {
        const PageDef *p = c->model->pages[i];
        if (!str_is(path, p->path) || access_page(c, str_of(p->right)) != OK) continue;
        Input in = {0};
        page_kit_parse(&in, c->arena, rest);
        for (size_t k = 0; k < q->params.n; k++)
            if (!str_is(q->params.items[k].name, "sort"))
                input_add(&in, c->arena, q->params.items[k].name, q->params.items[k].value);
        list->report_href = page_kit_url(c->arena, path, &in);
        list->report_label = TRS(c, p->label);
    }
}

static Err fill_screen(Page *out, Ctx *c, const PageQuery *q, const Screen *screen,
                       ListView *list) {
    int64_t view = 0;
    bool filtered = is_filtered(q);
    TRY(page_kit_filters(&list->filters, &list->n_filters, c, q, false));
    TRY(add_tabs(list, c, q, &view));
    TRY(add_empty(list, c, q, filtered));
    if (!c->as_of.n && !c->actor->is_read_only) add_bulk(list, c, q->type, screen->states);
    TRY(page_buttons(out, c, q, view, filtered));
    Str none = {0};
    list->search = input_getz(&q->params, "q");
    list->action = page_kit_href(c, q, none, none, NULL, none);
    list->filters_href = page_kit_href(c, q, none, none, "filters_form", S("1"));
    list->first_href = page_kit_href(c, q, none, none, NULL, none);
    if (list->next_cursor.n)
        list->next_href = page_kit_href(c, q, none, none, "after", list->next_cursor);
    list->columns_href = page_kit_href(c, q, none, none, "columns_form", S("1"));
    add_report(list, c, q);
    Str query = page_kit_query(c->arena, &q->params);
    list->export_query = query.n ? str_fmt(c->arena, "?%.*s", FMT(query)) : S("?sort=-id");
    return OK;
}

static Err check_as_of(Ctx *c, Str as_of) {
    int64_t days;
    if (!as_of.n) return OK;
    if (!date_parse(&days, as_of))
        return issue(c, "as_of", "invalid", N_("This is no date; write it as 2026-03-31."));
    c->as_of = as_of;
    return OK;
}

Err page_list(Ctx *c, const Type *t, const Input *query, Format format, Page *out) {
    const Access *access = NULL;
    TRY(access_of(&access, c, t, OP_READ));
    if ((t->flags & TYPE_NO_PAGES) || !access_any(access)) return ERR_MISSING;
    TRY(check_as_of(c, input_getz(query, "as_of")));
    PageQuery q = read_query(c, t, query, format);
    FieldSet hidden = {0};
    TRY(access_hidden(&hidden, c, t, NULL));
    if (format == FORMAT_HTML && input_has(query, S("columns_form"))) {
        columns_form(out, c, &q, hidden);
        return OK;
    }
    if (format == FORMAT_HTML && input_has(query, S("filters_form")))
        return filters_page(out, c, &q);
    if (format == FORMAT_HTML && input_has(query, S("view_form"))) {
        view_form(out, c, &q);
        return OK;
    }
    ListQuery parsed = {0};
    TRY(parse_list(&parsed, c, &q, query, format));
    Columns *columns = NEW(c->arena, Columns);
    if (format == FORMAT_HTML)
        chosen_columns(columns, c, &q, hidden);
    else
        machine_columns(columns, c, t, hidden);
    if (format == FORMAT_HTML)
        parsed.wanted = page_kit_drawn(c, &parsed, columns->items, columns->n);
    ListCursor *cursor = NULL;
    if (format == FORMAT_HTML) saved_view_announce(c, t);
    if (parsed.limit) list_total_announce(c, &parsed);
    TRY(list_open(&cursor, c, &parsed));
    Block *block = view_block(c->arena, BLOCK_LIST);
    block->id = "list";
    ListView *list = &block->list;
    Screen screen = {0};
    list->total = -1;
    if (parsed.limit == 0) {
        list->rows = rows_apart(c, cursor, columns);
    } else {
        TRY(read_screen(&screen, c, cursor, columns));
        list->rows = rows_of_array(c->arena, screen.rows, screen.n);
        list->next_cursor = list_after(cursor);
        if (parsed.after.n || list->next_cursor.n) {
            TRY(list_count(&list->total, &list->total_is_exact, c, &parsed,
                           format == FORMAT_HTML ? LIST_COUNT_SCREEN : LIST_COUNT_API));
        } else { /* all that there is has just been read */
            list->total = (int64_t)screen.n;
            list->total_is_exact = true;
        }
        if (format == FORMAT_HTML) TRY(fill_screen(out, c, &q, &screen, list));
        if (!parsed.after.n) list->first_href = (Str){0}; /* one is there */
    }
    Column *shown = view_columns(c, &q, &parsed, columns, format);
    view_share_currency(shown, columns->n, screen.rows, screen.n);
    list->columns = shown;
    list->n_columns = columns->n;
    out->title = TRS(c, t->plural_label);
    out->nav = str_z(c->arena, q.path);
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    as_of_notice(out->body, out, c, &q);
    view_put(c->arena, out->body, block);
    out->main = block;
    return OK;
}

Err page_records_list(Ctx *c, const Type *t, const Records *records, const char *const *columns,
                      size_t n, Block **out) {
    FieldSet hidden = {0};
    TRY(access_hidden(&hidden, c, t, NULL));
    Columns *chosen = NEW(c->arena, Columns);
    for (size_t i = 0; i < n; i++) add_column(chosen, c, t, str_of(columns[i]), hidden);
    Row *rows = NEW_N(c->arena, Row, records->n ? records->n : 1);
    for (size_t i = 0; i < records->n; i++)
        TRY(page_kit_row(&rows[i], c, c->arena, records->items[i], chosen->items, chosen->n));
    PageQuery q = {.type = t, .path = page_kit_list_path(c->arena, t)};
    ListQuery none = {0};
    Column *shown = view_columns(c, &q, &none, chosen, FORMAT_CSV);
    view_share_currency(shown, chosen->n, rows, records->n);
    *out = view_block(c->arena, BLOCK_LIST);
    (*out)->list = (ListView){.columns = shown,
                              .n_columns = chosen->n,
                              .rows = rows_of_array(c->arena, rows, records->n),
                              .total = (int64_t)records->n,
                              .total_is_exact = true,
                              .is_plain = true,
                              .empty_title = TRS(c, N_("Nothing here yet"))};
    return OK;
}

/* ---- several at once ---- */

static Err move_one(bool *moved, Ctx *c, const Type *t, Str number, const char *step) {
    *moved = false;
    Issues issues = c->issues;
    TRY(db_savepoint(c->db));
    Record *r = NULL, *after = NULL;
    Input nothing = {0};
    Err err = record_find(&r, c, t, number);
    if (err == OK) err = record_move(&after, c, r, step, &nothing);
    if (err == OK) {
        *moved = true;
        return db_release(c->db);
    }
    db_rollback_to(c->db);
    if (err == ERR_BUSY || err == ERR_INTERNAL) return err;
    c->issues = issues;
    return OK;
}

Err page_bulk(Ctx *c, const Type *t, const Input *form, int64_t *done, int64_t *refused) {
    *done = *refused = 0;
    const Transition *step = type_transition(t, input_getz(form, "do"));
    if (!step || !is_bulk(c, step))
        return issue(c, "do", "unknown",
                     N_("This step cannot be made for several records at once."));
    Str number;
    for (size_t i = 0; input_nth(&number, form, S("number"), i); i++) {
        if (i == MOST_BULK)
            return issue(c, "number", "too_many", N_("At most 200 records can be chosen at once."));
        bool moved = false;
        TRY(move_one(&moved, c, t, number, step->name));
        *(moved ? done : refused) += 1;
    }
    if (!*done && !*refused)
        return issue(c, "number", "required", N_("Choose at least one record."));
    return OK;
}
