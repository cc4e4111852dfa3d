/* page_columns.c: the columns of a list: which a reader may see, which fit a screen, which were
 * chosen, and what sorts by them. Reads no rows. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/page_list.h"

#include "base/utf8.h"

enum { ENOUGH_COLUMNS = 6 };
/* Pixels of a screen 1280 wide that are left for a list, and what its cells take of them. */
enum { SCREEN_WIDTH = 984, WIDTH_PADDING = 20, WIDTH_TITLE = 200, WIDTH_PICK = 36 };

void page_columns_add(PageColumns *out, Ctx *c, const Type *t, Str name, FieldSet hidden) {
    for (size_t i = 0; i < out->n; i++)
        if (str_is(name, out->items[i].name)) return;
    if (out->n < PAGE_COLUMNS_MOST && page_kit_column(&out->items[out->n], c, t, name, hidden))
        out->n++;
}

void page_columns_add_module(PageColumns *out, const Ctx *c, const ColumnDef *d) {
    for (size_t i = 0; i < out->n; i++)
        if (!strcmp(d->name, out->items[i].name)) return;
    if (out->n < PAGE_COLUMNS_MOST && !c->as_of.n)
        out->items[out->n++] =
            (PageColumn){.name = d->name, .label = TRS(c, d->label), .kind = d->kind, .added = d};
}

bool page_columns_is_title(Ctx *c, const Type *t, const Field *f) {
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

/* Takes back the column that has just been added after n others when there is no room. */
static void keep_if_it_fits(PageColumns *out, const Ctx *c, const Type *t, size_t n, int *left) {
    if (out->n == n) return;
    int width = column_width(c, t, &out->items[n]);
    if (width > *left)
        out->n = n;
    else
        *left -= width;
}

/* What it is and where it stands first, then when, the amounts together, the rest: as much as fits
 * a screen without scrolling sideways. The unit stands under the title. */
void page_columns_screen(PageColumns *out, Ctx *c, const Type *t, FieldSet hidden) {
    page_columns_add(out, c, t, S("number"), hidden);
    if (page_kit_title(c, t)) page_columns_add(out, c, t, S("title"), hidden);
    bool is_unit_below = out->n && !strcmp(out->items[out->n - 1].name, "title");
    if (is_unit_below && !(t->flags & TYPE_NO_UNIT)) out->items[out->n - 1].below = BELOW_UNIT;
    if (t->n_states > 1) page_columns_add(out, c, t, S("state"), hidden);
    int left = SCREEN_WIDTH - (page_bulk_any(c, t) ? WIDTH_PICK : 0);
    for (size_t i = 0; i < out->n; i++) left -= column_width(c, t, &out->items[i]);
    for (int part = 0; part < LIST_PARTS; part++)
        for (size_t i = 0; i < t->n_fields; i++) {
            const Field *f = &t->fields[i];
            size_t n = out->n;
            bool shown =
                (f->flags & F_LISTED) && !(f->flags & F_HIDDEN) && !page_columns_is_title(c, t, f);
            if (shown && list_part(f) == part) page_columns_add(out, c, t, str_of(f->name), hidden);
            keep_if_it_fits(out, c, t, n, &left);
        }
    if (!is_unit_below) page_columns_add(out, c, t, S("unit"), hidden);
    for (size_t i = 0; i < c->model->n_columns; i++) {
        size_t n = out->n;
        if (strcmp(c->model->columns[i]->type, t->name) != 0) continue;
        page_columns_add_module(out, c, c->model->columns[i]);
        keep_if_it_fits(out, c, t, n, &left);
    }
    if (out->n < ENOUGH_COLUMNS && left > 150) page_columns_add(out, c, t, S("updated_at"), hidden);
}

void page_columns_chosen(PageColumns *out, Ctx *c, const PageQuery *q, FieldSet hidden) {
    for (size_t i = 0; i < q->columns.n; i++) {
        Str rest = q->columns.items[i].value, name;
        for (int k = 0; k < PAGE_COLUMNS_MOST && rest.n && str_cut(&name, &rest, ','); k++) {
            page_columns_add(out, c, q->type, name, hidden);
            for (size_t m = 0; m < c->model->n_columns; m++) {
                const ColumnDef *d = c->model->columns[m];
                if (!strcmp(d->type, q->type->name) && str_is(name, d->name))
                    page_columns_add_module(out, c, d);
            }
        }
    }
    if (!out->n) page_columns_screen(out, c, q->type, hidden);
}

void page_columns_machine(PageColumns *out, Ctx *c, const Type *t, FieldSet hidden) {
    static const char *const first[] = {"number", "title", "state", "version", "created_at"};
    static const char *const last[] = {"updated_at", "unit", "owner", "created_by", "updated_by"};
    for (size_t i = 0; i < LENGTH(first); i++)
        page_columns_add(out, c, t, str_of(first[i]), hidden);
    for (size_t i = 0; i < t->n_fields; i++)
        page_columns_add(out, c, t, str_of(t->fields[i].name), hidden);
    for (size_t i = 0; i < t->n_conditions; i++)
        page_columns_add(out, c, t, str_of(t->conditions[i].name), hidden);
    for (size_t i = 0; i < t->n_readings; i++)
        page_columns_add(out, c, t, str_of(t->readings[i].name), hidden);
    for (size_t i = 0; i < LENGTH(last); i++) page_columns_add(out, c, t, str_of(last[i]), hidden);
    if (t->flags & TYPE_CONFIDENTIAL) page_columns_add(out, c, t, S("restricted"), hidden);
    for (size_t i = 0; i < c->model->n_columns; i++)
        if (!strcmp(c->model->columns[i]->type, t->name))
            page_columns_add_module(out, c, c->model->columns[i]);
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

Column *page_columns_view(Ctx *c, const PageQuery *q, const ListQuery *list,
                          const PageColumns *from, Format format) {
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
