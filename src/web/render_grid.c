/* render_grid.c: a matrix as a grid of many small cells: a figure and the sign of its level in each
 * (colour is never the only sign), a line of the figures before them. Kept short: a page of thirty
 * rows by thirteen columns stays light. SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/render_internal.h"

enum { SPARK_WIDTH = 88, SPARK_HEIGHT = 26, SPARK_MOST = 60 };

/* Shapes that are told apart without colour: circle, triangle, square. */
static const char *sign_of(int level) {
    static const char *const signs[] = {
        "", "\xE2\x97\x8F", "\xE2\x96\xB2", "\xE2\x96\xA0", "\xE2\x97\x86", "\xE2\x9C\x96"};
    return level >= 0 && level < (int)LENGTH(signs) ? signs[level] : "";
}

static double figure_of(const Cell *c) {
    double x = (double)c->i;
    for (int k = 0; k < c->scale; k++) x /= 10;
    return x;
}

static void point(Html *h, double x, double y) {
    html_text(h, decimal_text(h->arena, (int64_t)(x * 10 + 0.5), 1));
    HTML(h, ",");
    html_text(h, decimal_text(h->arena, (int64_t)(y * 10 + 0.5), 1));
}

/* The row's figures from their lowest to their highest; time runs in the reading direction. */
static void spark(Html *h, const MatrixView *v, const MatrixCell *row) {
    double x[SPARK_MOST], y[SPARK_MOST], low = 0, high = 0;
    size_t n = 0, cols = v->n_cols < SPARK_MOST ? v->n_cols : SPARK_MOST;
    bool rtl = lang_is_rtl(h->shell->lang);
    for (size_t c = 0; c < cols; c++) {
        if (!row[c].count || row[c].main.kind == CELL_EMPTY) continue;
        double value = figure_of(&row[c].main);
        if (!n || value < low) low = value;
        if (!n || value > high) high = value;
        x[n] = 3 + (double)c * (SPARK_WIDTH - 6) / (double)(cols > 1 ? cols - 1 : 1);
        if (rtl) x[n] = SPARK_WIDTH - x[n];
        y[n++] = value;
    }
    HTML(h, "<td class=\"line\">");
    if (n > 1) {
        HTML(h, "<svg viewBox=\"0 0 88 26\" aria-hidden=\"true\"><polyline points=\"");
        for (size_t i = 0; i < n; i++) {
            double share = high > low ? (y[i] - low) / (high - low) : 0.5;
            y[i] = 3 + (1 - share) * (SPARK_HEIGHT - 6);
            if (i) HTML(h, " ");
            point(h, x[i], y[i]);
        }
        HTML(h, "\"/><circle r=\"2.4\" cx=\"");
        html_text(h, decimal_text(h->arena, (int64_t)(x[n - 1] * 10 + 0.5), 1));
        HTML(h, "\" cy=\"");
        html_text(h, decimal_text(h->arena, (int64_t)(y[n - 1] * 10 + 0.5), 1));
        HTML(h, "\"/></svg>");
    }
    HTML(h, "</td>");
}

/* Three figures are enough here; machine formats have them all. */
static void short_figure(Html *h, const Cell *c) {
    int64_t i = c->i;
    int scale = c->scale;
    if (c->kind != CELL_DECIMAL && c->kind != CELL_PERCENT) {
        render_compact(h, c);
        return;
    }
    while (scale > 0 && (i >= 10000 || i <= -10000)) {
        i = (i + (i < 0 ? -5 : 5)) / 10;
        scale--;
    }
    while (scale > 0 && i % 10 == 0) {
        i /= 10;
        scale--;
    }
    html_text(h, format_decimal(h->arena, h->shell->locale, i, scale));
}

static void grid_cell(Html *h, const MatrixCell *c) {
    bool has_words = c->note.n && (c->count || c->main.kind == CELL_LABEL);
    if (!has_words) {
        HTML(h, "<td></td>");
        return;
    }
    HTML(h, "<td class=\"g");
    if (c->level > 0)
        html_int(h, c->level);
    else
        HTML(h, "m");
    HTML(h, "\">");
    if (c->count && c->main.kind != CELL_EMPTY) {
        HTML(h, "<b>");
        short_figure(h, &c->main);
        HTML(h, "</b>");
    }
    HTML(h, "<abbr title=\"");
    html_text(h, c->note);
    HTML(h, "\">");
    html_textz(h, c->level > 0 ? sign_of(c->level) : c->count ? "\xE2\x97\x8B" : "\xE2\x80\x93");
    if (c->second.kind == CELL_LABEL) HTML(h, "\xE2\x80\xA0");
    HTML(h, "</abbr></td>");
}

static void row_head(Html *h, const MatrixView *v, size_t r) {
    HTML(h, "<tr><th scope=\"row\">");
    bool linked = v->row_hrefs && v->row_hrefs[r].n;
    if (linked) {
        HTML(h, "<a href=\"");
        html_url(h, v->row_hrefs[r]);
        HTML(h, "\">");
    }
    html_text(h, v->row_labels[r]);
    if (linked) HTML(h, "</a>");
    if (v->row_notes && v->row_notes[r].n) {
        HTML(h, "<small>");
        html_text(h, v->row_notes[r]);
        HTML(h, "</small>");
    }
    HTML(h, "</th>");
}

static void head(Html *h, const MatrixView *v) {
    HTML(h, "<thead><tr><th scope=\"col\" class=\"corner\">");
    html_text(h, v->corner);
    HTML(h, "</th>");
    if (v->spark_label.n) {
        HTML(h, "<th scope=\"col\">");
        html_text(h, v->spark_label);
        HTML(h, "</th>");
    }
    for (size_t c = 0; c < v->n_cols; c++) {
        HTML(h, "<th scope=\"col\">");
        html_text(h, v->col_labels[c]);
        HTML(h, "</th>");
    }
    HTML(h, "</tr></thead><tbody>");
}

static void key(Html *h, const MatrixView *v) {
    HTML(h, "<ul class=\"cells-key\">");
    for (size_t i = 0; i < v->n_levels; i++) {
        HTML(h, "<li><i class=\"g");
        html_int(h, (int64_t)i + 1);
        HTML(h, "\" aria-hidden=\"true\">");
        html_textz(h, sign_of((int)i + 1));
        HTML(h, "</i>");
        html_text(h, v->level_labels[i]);
        HTML(h, "</li>");
    }
    HTML(h, "<li><i class=\"gm\" aria-hidden=\"true\">\xE2\x80\x93</i>");
    html_tr(h, N_("No data"));
    HTML(h, "</li>");
    if (v->second_label.n) {
        HTML(h, "<li><b aria-hidden=\"true\">\xE2\x80\xA0</b>");
        html_text(h, v->second_label);
        HTML(h, "</li>");
    }
    HTML(h, "</ul>");
}

void render_grid(Html *h, const MatrixView *v, const char *id) {
    HTML(h, "<div");
    render_id(h, id);
    HTML(h, "><div class=\"table-box\" tabindex=\"0\" role=\"group\" aria-label=\"");
    html_text(h, v->caption.n ? v->caption : h->page->title);
    HTML(h, "\"><table class=\"cells\">");
    head(h, v);
    for (size_t r = 0; r < v->n_rows; r++) {
        row_head(h, v, r);
        if (v->spark_label.n) spark(h, v, &v->cells[r * v->n_cols]);
        for (size_t c = 0; c < v->n_cols; c++) grid_cell(h, &v->cells[r * v->n_cols + c]);
        HTML(h, "</tr>");
    }
    HTML(h, "</tbody></table></div>");
    key(h, v);
    HTML(h, "</div>");
}
