/* render_moves.c: movements between the cells of a rating: the grid as SVG drawn on the server with
 * an arrow for each of the largest movements, its thickness and figure telling how many, and all of
 * them as a table beside. From right to left the picture runs that way. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include <math.h>

#include "base/utf8.h"
#include "web/render_internal.h"
#include "web/render_table.h"

enum {
    CELL_WIDTH = 84,
    CELL_HEIGHT = 56,
    HEAD = 36,
    SIDE = 104,
    MOST_ARROWS = 20,
    MOST_CELLS = 8,
    MOST_LETTERS = 15
};

typedef struct Drawing {
    Html *h;
    const MatrixView *v;
    bool rtl;
    double width, height;
} Drawing;

typedef struct Point {
    double x, y;
} Point;

static void number(Html *h, double x) {
    int64_t tenths = (int64_t)(x * 10 + (x < 0 ? -0.5 : 0.5));
    if (tenths % 10)
        html_text(h, decimal_text(h->arena, tenths, 1));
    else
        html_int(h, tenths / 10);
}

static void attribute(Html *h, const char *name, double x) {
    HTML(h, " ");
    html_textz(h, name);
    HTML(h, "=");
    number(h, x);
}

static double side(const Drawing *d, double x) {
    return d->rtl ? d->width - x : x;
}

static Point centre(const Drawing *d, size_t row, size_t col) {
    return (Point){side(d, SIDE + ((double)col + 0.5) * CELL_WIDTH),
                   HEAD + ((double)row + 0.5) * CELL_HEIGHT};
}

/* ---- the grid ---- */

/* The style sheet knows where each look is anchored. */
static void words(Html *h, const char *look, double x, double y, Str text) {
    HTML(h, "<text class=\"");
    html_textz(h, look);
    HTML(h, "\"");
    attribute(h, "x", x);
    attribute(h, "y", y);
    HTML(h, ">");
    html_text(h, text);
    HTML(h, "</text>");
}

static Str short_label(Html *h, Str label) {
    if (utf8_count(label) <= MOST_LETTERS) return label;
    return str_fmt(h->arena, "%.*s\xE2\x80\xA6", FMT(utf8_clip(label, MOST_LETTERS - 1)));
}

/* "3 Possible": the figure stands at the grid, the words before it. */
static Str words_after(Str label, Str key) {
    if (str_starts(label, key)) label = str_trim(str_sub(label, key.n, label.n - key.n));
    return label;
}

/* The cells of one class as one path. */
static void level(Drawing *d, int which) {
    Html *h = d->h;
    const MatrixView *v = d->v;
    bool any = false;
    for (size_t r = 0; r < v->n_rows; r++)
        for (size_t c = 0; c < v->n_cols; c++) {
            if (v->cells[r * v->n_cols + c].level != which) continue;
            if (!any) {
                HTML(h, "<path class=rated-");
                html_int(h, which);
                HTML(h, " d=\"");
            }
            any = true;
            Point p = centre(d, r, c);
            html_text(h, str_fmt(h->arena, "M%d %dh%dv%dh-%dz", (int)p.x - CELL_WIDTH / 2 + 1,
                                 (int)p.y - CELL_HEIGHT / 2 + 1, CELL_WIDTH - 2, CELL_HEIGHT - 2,
                                 CELL_WIDTH - 2));
        }
    if (any) HTML(h, "\"/>");
}

static void sign(Drawing *d, size_t r, size_t c) {
    const MatrixCell *m = &d->v->cells[r * d->v->n_cols + c];
    Point p = centre(d, r, c);
    double edge = CELL_WIDTH / 2.0 - 6;
    words(d->h, "sign", p.x - (d->rtl ? -edge : edge), p.y - CELL_HEIGHT / 2.0 + 13,
          str_of(render_level_sign(m->level)));
}

static void grid(Drawing *d) {
    Html *h = d->h;
    const MatrixView *v = d->v;
    for (int i = 0; i <= 5; i++) level(d, i);
    for (size_t r = 0; r < v->n_rows; r++) {
        double y = centre(d, r, 0).y + 4;
        words(h, "key", side(d, SIDE - 10), y, v->row_keys[r]);
        words(h, "odd row", side(d, SIDE - 20), y,
              short_label(h, words_after(v->row_labels[r], v->row_keys[r])));
        for (size_t c = 0; c < v->n_cols; c++) sign(d, r, c);
    }
    for (size_t c = 0; c < v->n_cols; c++) {
        double x = centre(d, 0, c).x;
        words(h, "key", x, 13, v->col_keys[c]);
        words(h, "odd", x, 28, short_label(h, words_after(v->col_labels[c], v->col_keys[c])));
    }
}

/* ---- arrows ---- */

typedef struct Arrow {
    Point from, bend, to; /* a curve, so that ways there and back lie apart */
    Point along;          /* unit vector at its end */
    double thick;
} Arrow;

static Point between(Point a, Point b, double share) {
    return (Point){a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share};
}

static Point unit(Point a, Point b) {
    double x = b.x - a.x, y = b.y - a.y, length = sqrt(x * x + y * y);
    return (Point){x / length, y / length};
}

static Arrow arrow_of(const Drawing *d, const MatrixMove *m) {
    Point a = centre(d, m->from_row, m->from_col), b = centre(d, m->to_row, m->to_col);
    Point u = unit(a, b);
    double x = b.x - a.x, y = b.y - a.y, bow = sqrt(x * x + y * y) * (d->rtl ? -0.09 : 0.09),
           many = (double)m->count;
    Arrow w = {.thick = 1.2 + sqrt(many > 60 ? 60 : many) * 0.45};
    Point mid = between(a, b, 0.5);
    w.bend = (Point){mid.x - u.y * bow, mid.y + u.x * bow};
    Point out = unit(a, w.bend);
    w.along = unit(w.bend, b);
    w.from = (Point){a.x + out.x * 8, a.y + out.y * 8};
    w.to = (Point){b.x - w.along.x * 13, b.y - w.along.y * 13};
    return w;
}

static void curve(Html *h, const char *look, const Arrow *w, double more) {
    HTML(h, "<path class=");
    html_textz(h, look);
    attribute(h, "stroke-width", w->thick + more);
    HTML(h, " d=\"M");
    number(h, round(w->from.x));
    HTML(h, " ");
    number(h, round(w->from.y));
    HTML(h, "Q");
    number(h, round(w->bend.x));
    HTML(h, " ");
    number(h, round(w->bend.y));
    HTML(h, " ");
    number(h, round(w->to.x));
    HTML(h, " ");
    number(h, round(w->to.y));
    HTML(h, "\"/>");
}

static void head(Html *h, const Arrow *w) {
    double size = 6 + w->thick, half = size * 0.55;
    Point tip = {w->to.x + w->along.x * size, w->to.y + w->along.y * size};
    double corners[] = {tip.x,
                        tip.y,
                        w->to.x - w->along.y * half,
                        w->to.y + w->along.x * half,
                        w->to.x + w->along.y * half,
                        w->to.y - w->along.x * half};
    HTML(h, "<path class=tip d=\"M");
    for (size_t i = 0; i < LENGTH(corners); i++) {
        if (i) html_textz(h, i == 2 ? "L" : " ");
        number(h, corners[i]);
    }
    HTML(h, "z\"/>");
}

static bool stays(const MatrixMove *m) {
    return m->from_row == m->to_row && m->from_col == m->to_col;
}

/* The table says what it is and where it leads; a script lends both to the drawing. */
static void open_move(Drawing *d, const MatrixMove *m, const char *look) {
    Html *h = d->h;
    HTML(h, "<g class=");
    html_textz(h, look);
    HTML(h, " data-row=");
    html_int(h, (int64_t)(m - d->v->moves));
    HTML(h, ">");
}

static void badge(Html *h, Point p, const MatrixMove *m) {
    Str text = render_number(h, m->count);
    double half = 5.5 + 3.4 * (double)text.n;
    HTML(h, "<rect class=badge rx=8 height=16");
    attribute(h, "x", round(p.x - half));
    attribute(h, "y", round(p.y - 8));
    attribute(h, "width", round(half * 2));
    HTML(h, " />");
    words(h, "many", round(p.x), round(p.y + 4), text);
}

static void arrow(Drawing *d, const MatrixMove *m) {
    Html *h = d->h;
    Arrow w = arrow_of(d, m);
    open_move(d, m, m->better < 0 ? "rose" : m->better > 0 ? "fell" : "even");
    curve(h, "halo", &w, 3);
    curve(h, "way", &w, 0);
    head(h, &w);
    /* Nearer to its start: there fewer arrows meet. */
    badge(h, between(between(w.from, w.bend, 0.42), between(w.bend, w.to, 0.42), 0.42), m);
    HTML(h, "</g>");
}

/* What stays where it is: the figure in the upper corner of the cell. */
static void still(Drawing *d, const MatrixMove *m) {
    Html *h = d->h;
    Point p = centre(d, m->from_row, m->from_col);
    double edge = CELL_WIDTH / 2.0 - 6;
    open_move(d, m, "even");
    words(h, "still", p.x + (d->rtl ? -edge : edge), p.y - CELL_HEIGHT / 2.0 + 14,
          str_fmt(h->arena, "= %.*s", FMT(render_number(h, m->count))));
    HTML(h, "</g>");
}

/* The moves that are drawn; how many of the others there are comes back. */
static size_t arrows(Drawing *d) {
    size_t drawn = 0, left = 0;
    for (size_t i = 0; i < d->v->n_moves; i++) {
        const MatrixMove *m = &d->v->moves[i];
        if (m->from_row >= d->v->n_rows || m->to_row >= d->v->n_rows ||
            m->from_col >= d->v->n_cols || m->to_col >= d->v->n_cols)
            continue;
        if (stays(m))
            still(d, m);
        else if (drawn++ < MOST_ARROWS)
            arrow(d, m);
        else
            left++;
    }
    return left;
}

/* ---- the same as a table ---- */

static void table(Html *h, const MatrixView *v) {
    static const char *const ways[] = {N_("Rising"), N_("Unchanged"), N_("Falling")};
    static const char *const looks[] = {"tone-bad", "tone-muted", "tone-good"};
    HTML(h, "<details class=\"chart-table\"><summary>");
    html_tr(h, N_("The figures as a table"));
    HTML(h, "</summary><div class=\"table-box\"><table class=\"rows small-rows\"><thead><tr>"
            "<th scope=\"col\">");
    html_text(h, v->from_label);
    HTML(h, "</th><th scope=\"col\">");
    html_text(h, v->to_label);
    HTML(h, "</th><th scope=\"col\" class=\"end\">");
    html_tr(h, N_("Count"));
    HTML(h, "</th><th scope=\"col\">");
    html_tr(h, N_("Movement"));
    HTML(h, "</th></tr></thead><tbody>");
    for (size_t i = 0; i < v->n_moves; i++) {
        const MatrixMove *m = &v->moves[i];
        HTML(h, "<tr><td>");
        render_cell_row(h, &m->from, false);
        HTML(h, "<td>");
        render_cell_row(h, &m->to, false);
        HTML(h, "<td class=end>");
        Cell count = cell_link(cell_int(m->count), m->href);
        render_cell_row(h, &count, false);
        HTML(h, "<td class=");
        html_textz(h, looks[m->better + 1]);
        HTML(h, ">");
        html_tr(h, ways[m->better + 1]);
    }
    HTML(h, "</tbody></table></div></details>");
}

static void legend(Html *h, size_t left) {
    static const struct {
        const char *look, *label;
    } items[] = {{"fell", N_("Falling")}, {"rose", N_("Rising")}};
    HTML(h, "<ul class=\"legend\">");
    for (size_t i = 0; i < LENGTH(items); i++) {
        HTML(h, "<li><svg class=\"moves-key\" viewBox=\"0 0 26 10\" aria-hidden=\"true\"><g "
                "class=\"");
        html_textz(h, items[i].look);
        HTML(h, "\"><path class=\"way\" stroke-width=\"2\" d=\"M1 5H17\"/><path class=\"tip\" "
                "d=\"M25 5L16 1V9z\"/></g></svg>");
        html_tr(h, items[i].label);
        HTML(h, "</li>");
    }
    HTML(h, "<li><b aria-hidden=\"true\">=</b> ");
    html_tr(h, N_("Unchanged"));
    HTML(h, "</li>");
    if (left) {
        HTML(h, "<li>");
        html_text(h,
                  render_count_words(h,
                                     tr_n(h->shell->lang, "{0} smaller movement in the table only",
                                          "{0} smaller movements in the table only", (int64_t)left),
                                     left));
        HTML(h, "</li>");
    }
    HTML(h, "</ul>");
}

void render_moves(Html *h, const MatrixView *v, const char *id) {
    Drawing d = {.h = h, .v = v, .rtl = lang_is_rtl(h->shell->lang)};
    HTML(h, "<figure class=\"chart moves\"");
    render_id(h, id);
    HTML(h, "><figcaption>");
    html_text(h, v->caption);
    HTML(h, "</figcaption>");
    if (!v->n_moves || v->n_rows > MOST_CELLS || v->n_cols > MOST_CELLS) {
        HTML(h, "<p class=\"quiet-text\">");
        html_text(h, v->n_moves || !v->empty_text.n ? trs(h->shell->lang, N_("No data yet"))
                                                    : v->empty_text);
        HTML(h, "</p></figure>");
        return;
    }
    d.width = SIDE + CELL_WIDTH * (double)v->n_cols;
    d.height = HEAD + CELL_HEIGHT * (double)v->n_rows;
    HTML(h, "<svg class=\"plot\" aria-hidden=\"true\" viewBox=\"0 0 ");
    number(h, d.width);
    HTML(h, " ");
    number(h, d.height);
    HTML(h, "\">");
    grid(&d);
    size_t left = arrows(&d);
    HTML(h, "</svg>");
    legend(h, left);
    table(h, v);
    HTML(h, "</figure>");
}
