/* render_json.c: the main block of a page as JSON for programs. Values in machine form; what is
 * masked for the reader is left out. Knows no markup. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/json.h"
#include "web/render_table.h"

static void money(Json *j, const Cell *c) {
    json_object(j);
    json_keyz(j, "amount");
    Money m = {.minor = c->i};
    memcpy(m.currency, c->currency, sizeof m.currency);
    json_str(j, money_text(j->out->arena, m));
    json_keyz(j, "currency");
    json_strz(j, c->currency);
    json_end_object(j);
}

static void file(Json *j, const Cell *c) {
    json_object(j);
    json_keyz(j, "id");
    json_str(j, c->key);
    json_keyz(j, "name");
    json_str(j, c->text);
    json_keyz(j, "size");
    json_int(j, c->i);
    json_keyz(j, "href");
    json_str(j, c->href);
    json_end_object(j);
}

static void key_or_text(Json *j, const Cell *c) {
    Str s = c->key.n ? c->key : c->text;
    if (s.n)
        json_str(j, s);
    else
        json_null(j);
}

static void list(Json *j, const Cell *c) {
    json_array(j);
    for (size_t i = 0; i < c->n_more; i++)
        if (!c->more[i].is_masked) render_json_cell(j, &c->more[i]);
    json_end_array(j);
}

static void rows(Json *j, const Cell *c) {
    json_array(j);
    for (size_t r = 0; r < c->n_more; r++) {
        json_object(j);
        for (size_t i = 0; i < c->more[r].n_more; i++) {
            const Cell *x = &c->more[r].more[i];
            if (!x->name || x->is_masked || x->kind == CELL_ROWS) continue;
            json_keyz(j, x->name);
            render_json_cell(j, x);
        }
        json_end_object(j);
    }
    json_end_array(j);
}

void render_json_cell(struct Json *j, const Cell *c) {
    Arena *a = j->out->arena;
    if (c->is_masked) {
        json_null(j);
        return;
    }
    switch (c->kind) {
    case CELL_EMPTY: json_null(j); break;
    case CELL_TEXT:
    case CELL_CODE:
    case CELL_MARKDOWN: json_str(j, c->text.n ? c->text : c->key); break;
    case CELL_LABEL:
    case CELL_STATE:
    case CELL_REF:
    case CELL_PERSON: key_or_text(j, c); break;
    case CELL_INT: json_int(j, c->i); break;
    case CELL_DECIMAL:
    case CELL_PERCENT: json_str(j, decimal_text(a, c->i, c->scale)); break;
    case CELL_MONEY: money(j, c); break;
    case CELL_DATE: json_str(j, c->text); break;
    case CELL_INSTANT: json_str(j, instant_text(a, c->i)); break;
    case CELL_BOOL: json_bool(j, c->i != 0); break;
    case CELL_FILE: file(j, c); break;
    case CELL_LIST: list(j, c); break;
    case CELL_ROWS: rows(j, c); break;
    }
}

static void cells(Json *j, const Column *columns, size_t n, const Cell *values) {
    json_object(j);
    for (size_t i = 0; i < n; i++) {
        if (!columns[i].name || values[i].is_masked) continue;
        json_keyz(j, columns[i].name);
        render_json_cell(j, &values[i]);
    }
    json_end_object(j);
}

static void text_or_null(Json *j, const char *key, Str s) {
    json_keyz(j, key);
    if (s.n)
        json_str(j, s);
    else
        json_null(j);
}

static void free_arena(void *arena) {
    arena_free(arena);
}

static Err list_view(Json *j, Arena *a, const ListView *v) {
    Arena *scratch = arena_new(0);
    arena_defer(a, free_arena, scratch);
    json_object(j);
    json_keyz(j, "items");
    json_array(j);
    while (v->rows.next) {
        Row row;
        bool has;
        arena_reset(scratch);
        TRY(v->rows.next(v->rows.state, scratch, &row, &has));
        if (!has || j->out->full) break;
        cells(j, v->columns, v->n_columns, row.cells);
    }
    json_end_array(j);
    text_or_null(j, "next", v->next_cursor);
    json_keyz(j, "total");
    if (v->total >= 0)
        json_int(j, v->total);
    else
        json_null(j);
    json_keyz(j, "total_exact");
    json_bool(j, v->total >= 0 && v->total_is_exact);
    if (v->sum.kind != CELL_EMPTY && !v->sum.is_masked) {
        json_keyz(j, "sum");
        render_json_cell(j, &v->sum);
    }
    json_end_object(j);
    return OK;
}

static void facts_view(Json *j, const FactsView *v) {
    json_object(j);
    for (size_t i = 0; i < v->n; i++) {
        if (!v->facts[i].name || v->facts[i].cell.is_masked) continue;
        json_keyz(j, v->facts[i].name);
        render_json_cell(j, &v->facts[i].cell);
    }
    json_end_object(j);
}

static void keyed_labels(Json *j, const char *name, const Str *keys, const Str *labels, size_t n) {
    json_keyz(j, name);
    json_array(j);
    for (size_t i = 0; i < n; i++) {
        json_object(j);
        json_keyz(j, "key");
        json_str(j, keys ? keys[i] : labels[i]);
        json_keyz(j, "label");
        json_str(j, labels[i]);
        json_end_object(j);
    }
    json_end_array(j);
}

static void matrix_figure(Json *j, const char *name, const Cell *c) {
    if (!name || c->kind == CELL_EMPTY || c->is_masked) return;
    json_keyz(j, name);
    render_json_cell(j, c);
}

static void matrix_cell(Json *j, const MatrixView *v, const MatrixCell *c) {
    json_object(j);
    json_keyz(j, "count");
    json_int(j, c->count);
    matrix_figure(j, v->main_name, &c->main);
    matrix_figure(j, v->second_name, &c->second);
    matrix_figure(j, v->third_name, &c->third);
    if (v->n_levels && c->level) {
        json_keyz(j, "level");
        json_int(j, c->level);
    }
    json_end_object(j);
}

static void matrix_cells(Json *j, const char *name, const MatrixView *v, const MatrixCell *c,
                         size_t n) {
    if (!c) return;
    json_keyz(j, name);
    json_array(j);
    for (size_t i = 0; i < n; i++) matrix_cell(j, v, &c[i]);
    json_end_array(j);
}

static void matrix_place(Json *j, const char *name, const MatrixView *v, size_t row, size_t col) {
    json_keyz(j, name);
    json_object(j);
    json_keyz(j, "row");
    json_str(j, v->row_keys[row]);
    json_keyz(j, "column");
    json_str(j, v->col_keys[col]);
    json_end_object(j);
}

static void matrix_moves(Json *j, const MatrixView *v) {
    json_keyz(j, "moves");
    json_array(j);
    for (size_t i = 0; i < v->n_moves; i++) {
        const MatrixMove *m = &v->moves[i];
        json_object(j);
        matrix_place(j, "from", v, m->from_row, m->from_col);
        matrix_place(j, "to", v, m->to_row, m->to_col);
        json_keyz(j, "count");
        json_int(j, m->count);
        json_keyz(j, "direction");
        json_strz(j, m->better > 0 ? "down" : m->better < 0 ? "up" : "same");
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static void matrix_view(Json *j, const MatrixView *v) {
    json_object(j);
    keyed_labels(j, "rows", v->row_keys, v->row_labels, v->n_rows);
    keyed_labels(j, "columns", v->col_keys, v->col_labels, v->n_cols);
    if (v->n_levels) keyed_labels(j, "levels", NULL, v->level_labels, v->n_levels);
    if (v->is_moves) {
        matrix_moves(j, v);
        return;
    }
    json_keyz(j, "cells");
    json_array(j);
    for (size_t r = 0; r < v->n_rows; r++) {
        json_array(j);
        for (size_t c = 0; c < v->n_cols; c++) matrix_cell(j, v, &v->cells[r * v->n_cols + c]);
        json_end_array(j);
    }
    json_end_array(j);
    matrix_cells(j, "row_totals", v, v->row_totals, v->n_rows);
    matrix_cells(j, "column_totals", v, v->col_totals, v->n_cols);
    if (v->total) {
        json_keyz(j, "total");
        matrix_cell(j, v, v->total);
    }
    json_end_object(j);
}

static void change(Json *j, const Change *c) {
    json_object(j);
    json_keyz(j, "field");
    json_strz(j, c->name);
    json_keyz(j, "before");
    render_json_cell(j, &c->before);
    json_keyz(j, "after");
    render_json_cell(j, &c->after);
    json_end_object(j);
}

static void timeline_view(Json *j, Arena *a, const TimelineView *v) {
    json_object(j);
    json_keyz(j, "items");
    json_array(j);
    for (size_t i = 0; i < v->n; i++) {
        const TimelineItem *t = &v->items[i];
        json_object(j);
        text_or_null(j, "at", instant_text(a, t->at_us));
        text_or_null(j, "who", t->who);
        text_or_null(j, "what", t->what);
        text_or_null(j, "text", t->text);
        text_or_null(j, "key", t->key);
        json_keyz(j, "changes");
        json_array(j);
        if (t->step) change(j, t->step);
        for (size_t k = 0; k < t->n_changes; k++) change(j, &t->changes[k]);
        json_end_array(j);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static const char *input_word(InputKind kind) {
    static const char *const words[] = {"text",    "long", "int",      "decimal", "money", "date",
                                        "instant", "bool", "choice",   "choices", "tree",  "ref",
                                        "refs",    "file", "password", "hidden",  "rows"};
    return (size_t)kind < LENGTH(words) ? words[kind] : "text";
}

static void form_options(Json *j, const FormField *f) {
    json_keyz(j, "options");
    json_array(j);
    for (size_t i = 0; i < f->n_options; i++) {
        json_object(j);
        text_or_null(j, "key", f->options[i].value);
        text_or_null(j, "label", f->options[i].label);
        json_end_object(j);
    }
    json_end_array(j);
}

static void form_field(Json *j, const FormField *f, bool with_children) {
    json_object(j);
    text_or_null(j, "name", f->name);
    text_or_null(j, "label", f->label);
    json_keyz(j, "kind");
    json_strz(j, input_word(f->kind));
    json_keyz(j, "required");
    json_bool(j, f->is_required);
    json_keyz(j, "readonly");
    json_bool(j, f->is_readonly);
    text_or_null(j, "help", f->help);
    if (f->kind != INPUT_PASSWORD) {
        json_keyz(j, "values");
        json_array(j);
        for (size_t i = 0; i < f->n_values; i++) json_str(j, f->values[i]);
        json_end_array(j);
    }
    if (f->n_options) form_options(j, f);
    json_keyz(j, "errors");
    json_array(j);
    for (size_t i = 0; i < f->n_errors; i++) json_str(j, f->errors[i]);
    json_end_array(j);
    if (f->n_children && with_children) {
        json_keyz(j, "children");
        json_array(j);
        for (size_t i = 0; i < f->n_children; i++) form_field(j, &f->children[i], false);
        json_end_array(j);
    }
    json_end_object(j);
}

static void form_view(Json *j, const FormView *v) {
    json_object(j);
    json_keyz(j, "fields");
    json_array(j);
    for (size_t g = 0; g < v->n_groups; g++)
        for (size_t i = 0; i < v->groups[g].n; i++) form_field(j, &v->groups[g].fields[i], true);
    json_end_array(j);
    json_keyz(j, "errors");
    json_array(j);
    for (size_t i = 0; i < v->n_errors; i++) json_str(j, v->errors[i]);
    json_end_array(j);
    json_end_object(j);
}

static void ledger_view(Json *j, const LedgerView *v) {
    json_object(j);
    json_keyz(j, "items");
    json_array(j);
    for (size_t i = 0; i < v->n_rows; i++) cells(j, v->columns, v->n_columns, v->rows[i].cells);
    json_end_array(j);
    if (v->totals) {
        json_keyz(j, "totals");
        cells(j, v->columns, v->n_columns, v->totals);
    }
    json_end_object(j);
}

static void chart_view(Json *j, const ChartView *v) {
    json_object(j);
    keyed_labels(j, "points", v->point_keys, v->points, v->n_points);
    json_keyz(j, "series");
    json_array(j);
    for (size_t s = 0; s < v->n_series; s++) {
        json_object(j);
        json_keyz(j, "key");
        if (v->series[s].name)
            json_strz(j, v->series[s].name);
        else
            json_null(j);
        text_or_null(j, "label", v->series[s].label);
        json_keyz(j, "values");
        json_array(j);
        for (size_t i = 0; i < v->n_points && v->series[s].values; i++) {
            Cell c = {.kind = v->unit == CELL_EMPTY ? CELL_INT : v->unit,
                      .i = v->series[s].values[i],
                      .scale = v->scale};
            memcpy(c.currency, v->currency, sizeof c.currency);
            render_json_cell(j, &c);
        }
        json_end_array(j);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static void graph_view(Json *j, const GraphView *v) {
    json_object(j);
    json_keyz(j, "columns");
    json_array(j);
    for (size_t c = 0; c < v->n; c++) {
        const GraphColumn *column = &v->columns[c];
        json_object(j);
        text_or_null(j, "key", str_of(column->name));
        text_or_null(j, "label", column->label);
        json_keyz(j, "nodes");
        json_array(j);
        for (size_t i = 0; i < column->n; i++) {
            json_object(j);
            text_or_null(j, "key", column->nodes[i].key);
            text_or_null(j, "label", column->nodes[i].label);
            text_or_null(j, "note", column->nodes[i].note);
            json_end_object(j);
        }
        json_end_array(j);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static void path_view(Json *j, Arena *a, const PathView *v) {
    json_array(j);
    for (size_t i = 0; i < v->n; i++) {
        const PathStep *p = &v->steps[i];
        json_object(j);
        text_or_null(j, "label", p->label);
        json_keyz(j, "done");
        json_bool(j, p->is_done);
        json_keyz(j, "current");
        json_bool(j, p->is_current);
        text_or_null(j, "at", p->at_us ? instant_text(a, p->at_us) : (Str){0});
        text_or_null(j, "who", p->who);
        json_end_object(j);
    }
    json_end_array(j);
}

static void tree_view(Json *j, const TreeView *v) {
    json_object(j);
    json_keyz(j, "items");
    json_array(j);
    for (size_t i = 0; i < v->n; i++) {
        const TreeNode *n = &v->nodes[i];
        json_object(j);
        text_or_null(j, "key", n->key);
        text_or_null(j, "label", n->label);
        json_keyz(j, "depth");
        json_int(j, n->depth);
        json_keyz(j, "retired");
        json_bool(j, n->is_retired);
        json_keyz(j, "figure");
        render_json_cell(j, &n->figure);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static void text_view(Json *j, const TextView *v) {
    json_object(j);
    text_or_null(j, "title", v->title);
    text_or_null(j, "text", v->text);
    if (v->kind == TEXT_PROGRESS) {
        json_keyz(j, "part");
        json_int(j, v->part);
        json_keyz(j, "whole");
        json_int(j, v->whole);
    }
    json_end_object(j);
}

static void board_card(Json *j, const BoardView *v, const BoardCard *card) {
    json_object(j);
    text_or_null(j, "number", card->id);
    for (size_t i = 0; i < v->n_fields; i++) {
        if (!v->fields[i].name || card->cells[i].is_masked) continue;
        json_keyz(j, v->fields[i].name);
        render_json_cell(j, &card->cells[i]);
    }
    json_keyz(j, "moves");
    json_array(j);
    for (size_t i = 0; i < card->n_moves; i++) {
        json_object(j);
        text_or_null(j, "to", str_of(v->columns[card->moves[i].to].name));
        text_or_null(j, "label", card->moves[i].step.label);
        text_or_null(j, "href", card->moves[i].step.href);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static void board_view(Json *j, const BoardView *v) {
    json_object(j);
    json_keyz(j, "columns");
    json_array(j);
    for (size_t k = 0; k < v->n_columns; k++) {
        const BoardColumn *c = &v->columns[k];
        json_object(j);
        text_or_null(j, "key", str_of(c->name));
        text_or_null(j, "label", c->label);
        json_keyz(j, "total");
        json_int(j, c->total);
        json_keyz(j, "cards");
        json_array(j);
        for (size_t i = 0; i < c->n; i++) board_card(j, v, &c->cards[i]);
        json_end_array(j);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static Err gantt_view(Json *j, Arena *a, const GanttView *v) {
    Table t;
    render_table_gantt(&t, a, v);
    json_object(j);
    text_or_null(j, "from", v->from);
    text_or_null(j, "to", v->to);
    json_keyz(j, "items");
    json_array(j);
    for (;;) {
        Row row;
        bool has;
        TRY(t.rows.next(t.rows.state, a, &row, &has));
        if (!has || j->out->full) break;
        cells(j, t.columns, t.n_columns, row.cells);
    }
    json_end_array(j);
    json_end_object(j);
    return OK;
}

static Err block(Json *j, Arena *a, const Block *b);

static Err layout_view(Json *j, Arena *a, const LayoutView *v) {
    json_object(j);
    for (size_t i = 0; i < v->n; i++) {
        if (!v->items[i]->id || j->depth > 40) continue;
        json_keyz(j, v->items[i]->id);
        TRY(block(j, a, v->items[i]));
    }
    json_end_object(j);
    return OK;
}

static Err block(Json *j, Arena *a, const Block *b) {
    switch (b->kind) {
    case BLOCK_LAYOUT: return layout_view(j, a, &b->layout);
    case BLOCK_FACTS: facts_view(j, &b->facts); break;
    case BLOCK_LIST: return list_view(j, a, &b->list);
    case BLOCK_FORM: form_view(j, &b->form); break;
    case BLOCK_LEDGER: ledger_view(j, &b->ledger); break;
    case BLOCK_MATRIX: matrix_view(j, &b->matrix); break;
    case BLOCK_CHART: chart_view(j, &b->chart); break;
    case BLOCK_GRAPH: graph_view(j, &b->graph); break;
    case BLOCK_TIMELINE:
    case BLOCK_HISTORY: timeline_view(j, a, &b->timeline); break;
    case BLOCK_TREE: tree_view(j, &b->tree); break;
    case BLOCK_PATH: path_view(j, a, &b->path); break;
    case BLOCK_TEXT: text_view(j, &b->text); break;
    case BLOCK_BOARD: board_view(j, &b->board); break;
    case BLOCK_GANTT: return gantt_view(j, a, &b->gantt);
    case BLOCK_QR: json_str(j, b->qr.url); break;
    }
    return OK;
}

Err render_json(Text *out, Arena *a, const Page *page) {
    const Block *main = page->main ? page->main : page->body;
    Json j = json_new(out);
    if (page->main_key) {
        json_object(&j);
        json_keyz(&j, page->main_key);
    }
    if (main)
        TRY(block(&j, a, main));
    else
        json_null(&j);
    if (page->main_key) json_end_object(&j);
    return OK;
}
