/* render_table.c: every block kind that has figures, as columns and rows. Knows no file format.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "web/render_table.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct Builder {
    Arena *a;
    Column *columns;
    size_t n_columns;
    Row *rows;
    size_t n, cap;
} Builder;

static Column column(const char *name, Str label, CellKind kind) {
    return (Column){.name = name, .label = label, .kind = kind};
}

static Cell *add_row(Builder *b) {
    Cell *cells = NEW_N(b->a, Cell, b->n_columns);
    GROW(b->a, b->rows, b->n, b->cap);
    b->rows[b->n++] = (Row){.cells = cells};
    return cells;
}

static Builder builder(Arena *a, size_t n_columns) {
    return (Builder){
        .a = a, .columns = NEW_N(a, Column, n_columns ? n_columns : 1), .n_columns = n_columns};
}

static void finish(Table *out, const Builder *b) {
    *out = (Table){b->columns, b->n_columns, rows_of_array(b->a, b->rows, b->n)};
}

static void facts(Table *out, Arena *a, const FactsView *v) {
    Builder b = builder(a, v->n);
    Cell *cells = add_row(&b);
    for (size_t i = 0; i < v->n; i++) {
        b.columns[i] = column(v->facts[i].name, v->facts[i].label, v->facts[i].cell.kind);
        cells[i] = v->facts[i].cell;
    }
    finish(out, &b);
}

void render_table_moves(Table *out, Arena *a, const MatrixView *v) {
    static const char *const directions[] = {"up", "same", "down"};
    Builder b = builder(a, 4);
    b.columns[0] = column("from", v->from_label, CELL_LABEL);
    b.columns[1] = column("to", v->to_label, CELL_LABEL);
    b.columns[2] = column("count", S("count"), CELL_INT);
    b.columns[3] = column("direction", S("direction"), CELL_LABEL);
    for (size_t i = 0; i < v->n_moves; i++) {
        Cell *cells = add_row(&b);
        cells[0] = v->moves[i].from;
        cells[1] = v->moves[i].to;
        cells[2] = cell_int(v->moves[i].count);
        cells[3] = cell_label(str_of(directions[v->moves[i].better + 1]), (Str){0});
    }
    finish(out, &b);
}

static void matrix(Table *out, Arena *a, const MatrixView *v) {
    if (v->is_moves) {
        render_table_moves(out, a, v);
        return;
    }
    Builder b = builder(a, 7);
    const char *names[] = {v->main_name, v->second_name, v->third_name};
    const Str labels[] = {v->main_label, v->second_label, v->third_label};
    b.columns[0] = column("row", v->corner.n ? v->corner : S("row"), CELL_LABEL);
    b.columns[1] = column("column", S("column"), CELL_LABEL);
    b.columns[2] = column("count", S("count"), CELL_INT);
    size_t n = 3;
    for (size_t i = 0; i < 3; i++)
        if (names[i]) b.columns[n++] = column(names[i], labels[i], CELL_MONEY);
    size_t level = n;
    if (v->n_levels) b.columns[n++] = column("level", S("level"), CELL_LABEL);
    b.n_columns = n;
    for (size_t r = 0; r < v->n_rows; r++) {
        for (size_t c = 0; c < v->n_cols; c++) {
            const MatrixCell *m = &v->cells[r * v->n_cols + c];
            const Cell *figures[] = {&m->main, &m->second, &m->third};
            Cell *cells = add_row(&b);
            cells[0] = cell_label(v->row_keys ? v->row_keys[r] : (Str){0}, v->row_labels[r]);
            cells[1] = cell_label(v->col_keys ? v->col_keys[c] : (Str){0}, v->col_labels[c]);
            cells[2] = cell_int(m->count);
            for (size_t i = 0, at = 3; i < 3; i++)
                if (names[i]) cells[at++] = *figures[i];
            if (v->n_levels && m->level > 0 && (size_t)m->level <= v->n_levels)
                cells[level] = cell_label((Str){0}, v->level_labels[m->level - 1]);
        }
    }
    finish(out, &b);
}

static void chart(Table *out, Arena *a, const ChartView *v) {
    Builder b = builder(a, v->n_series + 1);
    CellKind kind = v->unit == CELL_EMPTY ? CELL_INT : v->unit;
    b.columns[0] = column("point", v->caption.n ? v->caption : S("point"), CELL_LABEL);
    for (size_t s = 0; s < v->n_series; s++) {
        const char *name =
            v->series[s].name ? v->series[s].name : str_fmt(a, "series_%zu", s + 1).p;
        b.columns[s + 1] = column(name, v->series[s].label, kind);
    }
    for (size_t i = 0; i < v->n_points; i++) {
        Cell *cells = add_row(&b);
        cells[0] = cell_label(v->point_keys ? v->point_keys[i] : (Str){0}, v->points[i]);
        for (size_t s = 0; s < v->n_series; s++) {
            cells[s + 1] = (Cell){.kind = kind,
                                  .i = v->series[s].values ? v->series[s].values[i] : 0,
                                  .scale = v->scale};
            memcpy(cells[s + 1].currency, v->currency, sizeof v->currency);
        }
    }
    finish(out, &b);
}

static void graph(Table *out, Arena *a, const GraphView *v) {
    static const char *const names[] = {"column", "key", "label", "note"};
    Builder b = builder(a, LENGTH(names));
    for (size_t i = 0; i < LENGTH(names); i++)
        b.columns[i] = column(names[i], str_of(names[i]), CELL_TEXT);
    for (size_t c = 0; c < v->n; c++)
        for (size_t i = 0; i < v->columns[c].n; i++) {
            const GraphNode *node = &v->columns[c].nodes[i];
            Cell *cells = add_row(&b);
            cells[0] = cell_text(v->columns[c].label);
            cells[1] = cell_text(node->key);
            cells[2] = cell_text(node->label);
            cells[3] = cell_text(node->note);
        }
    finish(out, &b);
}

static void timeline(Table *out, Arena *a, const TimelineView *v) {
    static const char *const names[] = {"at", "who", "what", "text", "key"};
    Builder b = builder(a, LENGTH(names));
    for (size_t i = 0; i < LENGTH(names); i++)
        b.columns[i] = column(names[i], str_of(names[i]), i ? CELL_TEXT : CELL_INSTANT);
    for (size_t i = 0; i < v->n; i++) {
        const TimelineItem *t = &v->items[i];
        Cell *cells = add_row(&b);
        cells[0] = cell_instant(t->at_us);
        cells[1] = cell_text(t->who);
        cells[2] = cell_text(t->what);
        cells[3] = cell_text(t->text);
        cells[4] = cell_text(t->key);
    }
    finish(out, &b);
}

static void tree(Table *out, Arena *a, const TreeView *v) {
    Builder b = builder(a, 4);
    b.columns[0] = column("key", S("key"), CELL_CODE);
    b.columns[1] = column("label", S("label"), CELL_TEXT);
    b.columns[2] = column("depth", S("depth"), CELL_INT);
    b.columns[3] = column("retired", S("retired"), CELL_BOOL);
    for (size_t i = 0; i < v->n; i++) {
        Cell *cells = add_row(&b);
        cells[0] = cell_code(v->nodes[i].key);
        cells[1] = cell_text(v->nodes[i].label);
        cells[2] = cell_int(v->nodes[i].depth);
        cells[3] = cell_bool(v->nodes[i].is_retired);
    }
    finish(out, &b);
}

static void board(Table *out, Arena *a, const BoardView *v) {
    Builder b = builder(a, v->n_fields + 2);
    b.columns[0] = column("column", S("column"), CELL_LABEL);
    b.columns[1] = column("number", S("number"), CELL_CODE);
    for (size_t i = 0; i < v->n_fields; i++) b.columns[i + 2] = v->fields[i];
    for (size_t k = 0; k < v->n_columns; k++) {
        const BoardColumn *of = &v->columns[k];
        for (size_t n = 0; n < of->n; n++) {
            Cell *cells = add_row(&b);
            cells[0] = cell_label(str_of(of->name), of->label);
            cells[1] = cell_code(of->cards[n].id);
            for (size_t i = 0; i < v->n_fields; i++) cells[i + 2] = of->cards[n].cells[i];
        }
    }
    finish(out, &b);
}

static Cell ids_of(Arena *a, const GanttView *v, const GanttRow *r) {
    Cell *ids = NEW_N(a, Cell, r->n_after + 1);
    size_t n = 0;
    for (size_t i = 0; i < r->n_after; i++)
        if (r->after[i] < v->n_rows) ids[n++] = cell_code(v->rows[r->after[i]].id);
    return n ? (Cell){.kind = CELL_LIST, .more = ids, .n_more = n} : (Cell){0};
}

void render_table_gantt(Table *out, Arena *a, const GanttView *v) {
    enum { MORE = 6 };
    Builder b = builder(a, v->n_columns + MORE);
    Column *more = b.columns + v->n_columns;
    for (size_t i = 0; i < v->n_columns; i++) b.columns[i] = v->columns[i];
    more[0] = column("number", S("number"), CELL_CODE);
    more[1] = column("start", S("start"), CELL_DATE);
    more[2] = column("end", S("end"), CELL_DATE);
    more[3] = column("first_end", S("first_end"), CELL_DATE);
    more[4] = column("progress", S("progress"), CELL_PERCENT);
    more[5] = column("after", S("after"), CELL_LIST);
    for (size_t r = 0; r < v->n_rows; r++) {
        const GanttRow *row = &v->rows[r];
        Cell *cells = add_row(&b);
        for (size_t i = 0; i < v->n_columns; i++) cells[i] = row->cells[i];
        cells += v->n_columns;
        cells[0] = cell_code(row->id);
        cells[1] = cell_date(row->start);
        cells[2] = cell_date(row->end);
        cells[3] = cell_date(row->baseline.n ? row->baseline : row->end);
        cells[4] = cell_percent(row->progress, 0);
        cells[5] = ids_of(a, v, row);
    }
    finish(out, &b);
}

Err render_table_of(Table *out, Arena *a, const Page *page) {
    const Block *b = page->main ? page->main : page->body;
    if (!b) return ERR_MISSING;
    switch (b->kind) {
    case BLOCK_LIST: *out = (Table){b->list.columns, b->list.n_columns, b->list.rows}; return OK;
    case BLOCK_LEDGER:
        *out = (Table){b->ledger.columns, b->ledger.n_columns,
                       rows_of_array(a, b->ledger.rows, b->ledger.n_rows)};
        return OK;
    case BLOCK_FACTS: facts(out, a, &b->facts); return OK;
    case BLOCK_MATRIX: matrix(out, a, &b->matrix); return OK;
    case BLOCK_CHART: chart(out, a, &b->chart); return OK;
    case BLOCK_GRAPH: graph(out, a, &b->graph); return OK;
    case BLOCK_TIMELINE:
    case BLOCK_HISTORY: timeline(out, a, &b->timeline); return OK;
    case BLOCK_TREE: tree(out, a, &b->tree); return OK;
    case BLOCK_BOARD: board(out, a, &b->board); return OK;
    case BLOCK_GANTT: render_table_gantt(out, a, &b->gantt); return OK;
    case BLOCK_LAYOUT:
    case BLOCK_FORM:
    case BLOCK_PATH:
    case BLOCK_QR:
    case BLOCK_TEXT: break;
    }
    return ERR_MISSING;
}

static Str joined(Arena *a, const Cell *c) {
    Text out = text_new(a, 0);
    size_t n = 0;
    for (size_t i = 0; i < c->n_more; i++) {
        if (c->more[i].is_masked) continue; /* as if it were not there */
        if (n++) text_addz(&out, "; ");
        text_add(&out, render_table_text(a, &c->more[i]));
    }
    return text_str(&out);
}

/* Child rows as JSON: [{"cause":"CE3","weight":"0.5"}], empty values left out; imports read it. */
static Str rows_text(Arena *a, const Cell *c) {
    Text out = text_new(a, 0);
    Json j = json_new(&out);
    json_array(&j);
    for (size_t r = 0; r < c->n_more; r++) {
        json_object(&j);
        for (size_t i = 0; i < c->more[r].n_more; i++) {
            const Cell *x = &c->more[r].more[i];
            Str text = x->name && x->kind != CELL_ROWS ? render_table_text(a, x) : (Str){0};
            if (!text.n) continue;
            json_keyz(&j, x->name);
            json_str(&j, text);
        }
        json_end_object(&j);
    }
    json_end_array(&j);
    return text_str(&out);
}

Str render_table_text(Arena *a, const Cell *c) {
    if (c->is_masked) return S("");
    switch (c->kind) {
    case CELL_EMPTY: return S("");
    case CELL_TEXT:
    case CELL_CODE:
    case CELL_MARKDOWN:
    case CELL_FILE:
    case CELL_DATE: return c->text.n ? c->text : c->key;
    case CELL_LABEL:
    case CELL_STATE:
    case CELL_REF:
    case CELL_PERSON: return c->key.n ? c->key : c->text;
    case CELL_INT: return str_fmt(a, "%lld", (long long)c->i);
    case CELL_DECIMAL:
    case CELL_PERCENT: return decimal_text(a, c->i, c->scale);
    case CELL_MONEY: {
        Money m = {.minor = c->i};
        memcpy(m.currency, c->currency, sizeof m.currency);
        return money_text(a, m);
    }
    case CELL_INSTANT: return instant_text(a, c->i);
    case CELL_BOOL: return c->i ? S("true") : S("false");
    case CELL_LIST: return joined(a, c);
    case CELL_ROWS: return rows_text(a, c);
    }
    return S("");
}

bool render_table_is_formula(Str text) {
    return text.n && (text.p[0] == '=' || text.p[0] == '+' || text.p[0] == '-' ||
                      text.p[0] == '@' || text.p[0] == '\t' || text.p[0] == '\r');
}

bool render_table_is_words(CellKind kind) {
    return kind != CELL_INT && kind != CELL_DECIMAL && kind != CELL_PERCENT && kind != CELL_MONEY &&
           kind != CELL_DATE && kind != CELL_INSTANT && kind != CELL_BOOL && kind != CELL_EMPTY;
}

Err render_table_file(int *out_fd) {
    const char *folder = getenv("TMPDIR");
    char path[512];
    snprintf(path, sizeof path, "%s/gardefou-XXXXXX", folder && folder[0] ? folder : "/tmp");
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0 || unlink(path) != 0) {
        log_line(LOG_ERROR, "temporary_file_failed", "%s: errno %d", path, errno);
        if (fd >= 0) close(fd);
        return ERR_INTERNAL;
    }
    *out_fd = fd;
    return OK;
}
