/* render_rows.c: heads and rows of the tables of lists and ledgers, as little markup as they can do
 * with: cells are not closed (HTML does that), only what is no plain text has a class, and the
 * style sheet does the rest. Knows no request. SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/render_internal.h"

/* No class: words. */
const char *render_column_class(const Column *c) {
    if (c->is_main) return "main";
    if (c->is_long) return "long";
    switch (c->kind) {
    case CELL_INT:
    case CELL_DECIMAL:
    case CELL_PERCENT: return "end";
    case CELL_MONEY: return "amount";
    case CELL_STATE: return "state-cell";
    case CELL_DATE:
    case CELL_INSTANT: return "date-cell";
    case CELL_CODE: return "code-cell";
    case CELL_EMPTY:
    case CELL_TEXT:
    case CELL_LABEL:
    case CELL_BOOL:
    case CELL_REF:
    case CELL_PERSON:
    case CELL_MARKDOWN:
    case CELL_FILE:
    case CELL_LIST:
    case CELL_ROWS: break;
    }
    return "";
}

static bool is_figure(const Column *c) {
    return c->kind == CELL_INT || c->kind == CELL_DECIMAL || c->kind == CELL_PERCENT ||
           c->kind == CELL_MONEY;
}

static void head_words(Html *h, const Column *c) {
    html_text(h, c->label);
    if (!c->currency[0]) return;
    HTML(h, " <small class=cur>");
    html_textz(h, c->currency);
    HTML(h, "</small>");
}

void render_column_head(Html *h, const Column *c) {
    const char *look = render_column_class(c);
    HTML(h, "<th scope=col");
    if (look[0]) {
        HTML(h, " class=");
        html_textz(h, look);
    }
    if (c->sorted > 0) HTML(h, " aria-sort=ascending");
    if (c->sorted < 0) HTML(h, " aria-sort=descending");
    HTML(h, ">");
    if (!c->sort_href.n) {
        head_words(h, c);
        return;
    }
    HTML(h, "<a href=\"");
    html_url(h, c->sort_href);
    HTML(h, "\">");
    head_words(h, c);
    if (c->sorted) render_icon(h, c->sorted > 0 ? "arrow-up" : "arrow-down");
    HTML(h, "</a>");
}

static void open_cell(Html *h, const Column *c, bool is_labelled) {
    const char *look = render_column_class(c);
    HTML(h, "<td");
    if (look[0]) {
        HTML(h, " class=");
        html_textz(h, look);
    }
    bool is_word = c->kind == CELL_LABEL && !c->is_main;
    if (is_labelled && (is_word || (is_figure(c) && !c->is_main))) {
        HTML(h, " data-label=\"");
        html_text(h, c->label);
        HTML(h, "\"");
    }
    HTML(h, ">");
}

static void draw_cell(Html *h, const Column *column, const Cell *c, bool is_linked) {
    h->currency = column->currency[0] ? column->currency : NULL;
    bool is_zero = (c->kind == CELL_INT || c->kind == CELL_MONEY) && c->i == 0 && !c->is_masked &&
                   !c->instead.n;
    if (is_zero) HTML(h, "<span class=none>"); /* what matters is the rest */
    render_cell_row(h, c, is_linked);
    if (is_zero) HTML(h, "</span>");
    h->currency = NULL;
}

void render_column_cell(Html *h, const Column *column, const Cell *c, bool is_labelled) {
    open_cell(h, column, is_labelled);
    draw_cell(h, column, c, false);
}

/* The column that carries the row's link: the main one, else the first. */
static size_t link_column(const Column *columns, size_t n) {
    size_t first = n;
    for (size_t i = 0; i < n; i++) {
        if (columns[i].is_hidden) continue;
        if (columns[i].is_main) return i;
        if (first == n) first = i;
    }
    return first;
}

void render_row_look(Html *h, RowLook *look) {
    HtmlSafe *cells = NEW_N(h->arena, HtmlSafe, look->n + 1);
    Text *page = h->out;
    for (size_t i = 0; i < look->n; i++) {
        Text one = text_new(h->arena, 0);
        h->out = &one;
        open_cell(h, &look->columns[i], look->is_labelled);
        cells[i].markup = text_str(&one);
    }
    h->out = page;
    look->cells = cells;
    look->link = link_column(look->columns, look->n);
    if (look->link < look->n && look->needs_main && !look->columns[look->link].is_main)
        look->link = look->n;
}

void render_row(Html *h, const Row *row, const RowLook *look) {
    HTML(h, "<tr");
    if (row->tone != TONE_NONE) {
        HTML(h, " class=");
        html_textz(h, render_tone(row->tone));
    }
    HTML(h, ">");
    if (look->is_chosen) {
        HTML(h, "<td class=pick><input type=checkbox name=number value=\"");
        html_text(h, row->id);
        HTML(h, "\" aria-label=\"");
        html_text(h, row->id);
        HTML(h, "\">");
    }
    size_t link = row->href.n ? look->link : look->n;
    for (size_t i = 0; i < look->n; i++) {
        const Column *c = &look->columns[i];
        if (c->is_hidden) continue;
        html_safe(h, look->cells[i]);
        if (i != link) {
            draw_cell(h, c, &row->cells[i], false);
            continue;
        }
        HTML(h, "<a class=row-link href=\"");
        html_url(h, row->href);
        HTML(h, "\">");
        draw_cell(h, c, &row->cells[i], true);
        HTML(h, "</a>");
    }
    HTML(h, "\n");
}

void render_rows(Html *h, const ListView *v, Row *row, Arena *scratch, Err *err) {
    RowLook look = {.columns = v->columns,
                    .n = v->n_columns,
                    .is_chosen = v->n_bulk > 0,
                    .is_labelled = v->is_plain};
    render_row_look(h, &look);
    for (bool has = true; has && *err == OK && !h->out->full;) {
        render_row(h, row, &look);
        arena_reset(scratch);
        *err = v->rows.next(v->rows.state, scratch, row, &has);
    }
}
