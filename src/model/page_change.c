/* page_change.c: what a change does, field by field, as people read it: rows of a child table one
 * by one, and what a proposed change was and becomes, in the reader's language and with names in
 * place of codes. Saves nothing. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/page_kit.h"

#include "model/core_rules.h"

enum { MOST_LINES = 400 };

/* ---- rows of a child table ---- */

static bool is_blank(const Cell *cell) {
    return cell->kind == CELL_EMPTY && !cell->is_masked;
}

/* A row is known by the first of its cells that says something. */
static size_t name_of(Cell *out, Ctx *c, const Field *f, const Value *row) {
    for (size_t k = 0; k < f->n_rows && k < row->n; k++) {
        *out = field_cell(c, &f->rows[k], row->list[k]);
        if (!is_blank(out)) return k;
    }
    return f->n_rows;
}

static Value cell_of(const Value *row, size_t k) {
    return row && k < row->n ? row->list[k] : (Value){0};
}

static void row_change(RowChange *out, Ctx *c, const Field *f, const Value *was,
                       const Value *becomes) {
    Change *cells = NEW_N(c->arena, Change, f->n_rows ? f->n_rows : 1);
    *out = (RowChange){.sign = !was ? 1 : !becomes ? -1 : 0, .cells = cells};
    size_t said = name_of(&out->name, c, f, becomes ? becomes : was);
    for (size_t k = 0; k < f->n_rows; k++) {
        Value before = cell_of(was, k), after = cell_of(becomes, k);
        if (value_eq(before, after) || (out->sign && k == said)) continue;
        cells[out->n++] = (Change){.label = TRS(c, f->rows[k].label),
                                   .name = f->rows[k].name,
                                   .before = field_cell(c, &f->rows[k], before),
                                   .after = field_cell(c, &f->rows[k], after)};
    }
}

/* The partner of a new row among the old ones that have none yet: the same row, else one that
 * begins with the same cell. */
static size_t partner(const Value *old, const bool *taken, size_t n, const Value *row, bool whole) {
    for (size_t i = 0; i < n; i++) {
        if (taken[i]) continue;
        bool same = whole ? value_eq(old[i], *row)
                          : old[i].n && row->n && value_eq(old[i].list[0], row->list[0]);
        if (same) return i;
    }
    return n;
}

const RowChange *page_kit_row_changes(size_t *n, Ctx *c, const Field *f, Value was, Value becomes) {
    RowChange *out = NEW_N(c->arena, RowChange, was.n + becomes.n + 1);
    bool *taken = NEW_N(c->arena, bool, was.n + 1), *placed = NEW_N(c->arena, bool, becomes.n + 1);
    *n = 0;
    for (size_t i = 0; i < becomes.n; i++) {
        size_t k = partner(was.list, taken, was.n, &becomes.list[i], true);
        if (k == was.n) continue;
        taken[k] = placed[i] = true;
    }
    for (size_t i = 0; i < becomes.n; i++) {
        if (placed[i]) continue;
        size_t k = partner(was.list, taken, was.n, &becomes.list[i], false);
        row_change(&out[(*n)++], c, f, k < was.n ? &was.list[k] : NULL, &becomes.list[i]);
        taken[k] = true; /* there is room for one more */
    }
    for (size_t i = 0; i < was.n; i++)
        if (!taken[i]) row_change(&out[(*n)++], c, f, &was.list[i], NULL);
    return out;
}

/* ---- a proposed change ---- */

typedef struct Lines {
    Ctx *c;
    Row *items;
    size_t n;
} Lines;

static void add_line(Lines *out, Str label, Cell was, Cell becomes) {
    if (out->n == MOST_LINES) return;
    Cell *cells = NEW_N(out->c->arena, Cell, 3);
    cells[0] = cell_text(label);
    cells[1] = was;
    cells[2] = becomes;
    out->items[out->n++] = (Row){.cells = cells};
}

static void add_rows(Lines *out, const Field *f, Value was, Value becomes) {
    Ctx *c = out->c;
    size_t n;
    const RowChange *rows = page_kit_row_changes(&n, c, f, was, becomes);
    Str table = TRS(c, f->label);
    for (size_t i = 0; i < n; i++) {
        Str name = rows[i].name.text;
        if (!name.n) name = str_fmt(c->arena, "%zu", i + 1);
        if (rows[i].sign)
            add_line(out, table, rows[i].sign < 0 ? rows[i].name : (Cell){0},
                     rows[i].sign > 0 ? rows[i].name : (Cell){0});
        for (size_t k = 0; k < rows[i].n; k++) {
            const Change *x = &rows[i].cells[k];
            add_line(out,
                     str_fmt(c->arena, "%.*s · %.*s · %.*s", FMT(table), FMT(name), FMT(x->label)),
                     x->before, x->after);
        }
    }
}

static Err add_system(Lines *out, const Type *t, Str name, Str text) {
    PageColumn column;
    FieldSet none = {0};
    if (!page_kit_column(&column, out->c, t, name, none)) return OK;
    Cell becomes;
    TRY(page_kit_system_change(&becomes, out->c, t, name, text));
    add_line(out, column.label, (Cell){0}, becomes);
    return OK;
}

/* before NULL: a new record. */
static Err add_changes(Lines *out, const Type *t, const Record *before, const Input *in,
                       FieldSet hidden) {
    Ctx *c = out->c;
    for (size_t i = 0; i < in->n; i++) {
        const Field *f = type_field(t, in->items[i].name);
        bool ok = false;
        if (!f) TRY(add_system(out, t, in->items[i].name, in->items[i].value));
        if (!f || f->flags & (F_SECRET | F_HIDDEN) || fieldset_has(hidden, f->index)) continue;
        Value was = before ? before->values[f->index] : (Value){0};
        Value becomes = field_from_text(c, f, in->items[i].value, &ok);
        Cell shown = ok ? field_cell(c, f, becomes) : cell_text(in->items[i].value);
        if (ok && value_eq(was, becomes)) continue;
        if (ok && f->kind == KIND_ROWS)
            add_rows(out, f, was, becomes);
        else
            add_line(out, TRS(c, f->label), field_cell(c, f, was), shown);
    }
    return OK;
}

/* The record as it was when the change was written; NULL: it is new, or may not be seen. */
static Err base_of(const Record **out, bool *may, Ctx *c, const Type *t, const Record *request) {
    Record *now = NULL, *then = NULL;
    Str number = record_text(request, "on_number");
    *out = NULL;
    *may = true;
    if (!number.n) return OK;
    Err err = record_find(&now, c, t, number);
    if (err == ERR_MISSING || err == ERR_DENIED) *may = false;
    if (!*may) return OK;
    TRY(err);
    *out = now;
    int64_t version = record_int(request, "base_version");
    if (version >= now->version) return OK;
    err = record_version(&then, c, t, now->id, version);
    if (err == OK) *out = then;
    return err == ERR_MISSING ? OK : err;
}

/* A record without a name is known by what it must say: that stands first, unchanged. */
static void add_known(Lines *out, const Record *r, const Input *in, FieldSet hidden) {
    Ctx *c = out->c;
    const Type *t = r->type;
    if (!str_eq(record_title(c, r), record_number(c->arena, r))) return;
    Cell same = cell_text(TRS(c, N_("unchanged")));
    same.tone = TONE_MUTED;
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        bool ok = true, is_known = (f->flags & F_REQUIRED) && !(f->flags & (F_SECRET | F_HIDDEN)) &&
                                   !fieldset_has(hidden, f->index);
        Value sent = r->values[f->index];
        if (is_known && input_has(in, str_of(f->name)))
            sent = field_from_text(c, f, input_getz(in, f->name), &ok);
        if (is_known && ok && value_eq(sent, r->values[f->index]))
            add_line(out, TRS(c, f->label), field_cell(c, f, r->values[f->index]), same);
    }
}

static Str subject_words(Ctx *c, const Record *r) {
    Str number = record_number(c->arena, r), title = record_title(c, r);
    return str_eq(number, title) ? number : FILL(c, TR(c, "{0} · {1}"), number, title);
}

Err page_change_section(Ctx *c, const Record *request, Block **out) {
    const Type *t = model_type(c->model, record_text(request, "on_type"));
    const Record *before;
    bool may;
    *out = NULL;
    if (!t) return OK;
    TRY(base_of(&before, &may, c, t, request));
    if (!may) return OK;
    Input in = {0};
    FieldSet hidden = {0};
    TRY(core_change_input(&in, c, request));
    TRY(access_hidden(&hidden, c, t, before));
    Lines lines = {.c = c, .items = NEW_N(c->arena, Row, MOST_LINES)};
    if (before) add_known(&lines, before, &in, hidden);
    TRY(add_changes(&lines, t, before, &in, hidden));
    Column *columns = NEW_N(c->arena, Column, 3);
    columns[0] = (Column){.name = "field", .label = TRS(c, N_("Field")), .kind = CELL_TEXT};
    columns[1] = (Column){.name = "was", .label = TRS(c, N_("Was")), .kind = CELL_TEXT};
    columns[2] = (Column){.name = "becomes", .label = TRS(c, N_("Becomes")), .kind = CELL_TEXT};
    Block *list = view_block(c->arena, BLOCK_LIST);
    list->list = (ListView){.columns = columns,
                            .n_columns = 3,
                            .rows = rows_of_array(c->arena, lines.items, lines.n),
                            .total = (int64_t)lines.n,
                            .total_is_exact = true,
                            .is_plain = true,
                            .empty_title = TRS(c, N_("Nothing changes"))};
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("What changes")));
    view_put(c->arena, *out, list);
    if (before) {
        Block *link = view_text(c->arena, TEXT_PLAIN, TONE_NONE, (Str){0}, (Str){0});
        link->text.button =
            (Button){.label = subject_words(c, before), .href = record_path(c->arena, before)};
        view_put(c->arena, *out, link);
    }
    return OK;
}
