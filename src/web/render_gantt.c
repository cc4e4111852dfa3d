/* render_gantt.c: a time axis drawn by the server: names as text on one side, bars as SVG on the
 * other with positions in per cent, so that it fits any width; the same figures as a table beside.
 * Row and head heights are those of .gantt in the style. SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "web/render_internal.h"
#include "web/render_table.h"

enum { ROW = 34, HEAD = 30, BAR = 14, MOST_TICKS = 14 };

typedef struct Axis {
    Html *h;
    const GanttView *v;
    int64_t from, to; /* days */
    bool rtl;
    int height;
} Axis;

/* Hundredths of a per cent from the left edge. */
static int64_t x_of(const Axis *a, int64_t day) {
    int64_t span = a->to - a->from, at = day - a->from;
    if (at < 0) at = 0;
    if (at > span) at = span;
    int64_t share = span > 0 ? at * 10000 / span : 0;
    return a->rtl ? 10000 - share : share;
}

static void percent(Axis *a, const char *name, int64_t hundredths) {
    Html *h = a->h;
    HTML(h, " ");
    html_textz(h, name);
    HTML(h, "=\"");
    html_text(h, decimal_text(h->arena, hundredths, 2));
    HTML(h, "%\"");
}

static void pixels(Axis *a, const char *name, int64_t n) {
    Html *h = a->h;
    HTML(h, " ");
    html_textz(h, name);
    HTML(h, "=\"");
    html_int(h, n);
    HTML(h, "\"");
}

static void line(Axis *a, const char *look, int64_t x1, int64_t y1, int64_t x2, int64_t y2) {
    Html *h = a->h;
    HTML(h, "<line class=\"");
    html_textz(h, look);
    HTML(h, "\"");
    percent(a, "x1", x1);
    pixels(a, "y1", y1);
    percent(a, "x2", x2);
    pixels(a, "y2", y2);
    HTML(h, "/>");
}

static void rectangle(Axis *a, const char *look, int64_t from, int64_t to, int64_t y,
                      int64_t height) {
    Html *h = a->h;
    int64_t x1 = x_of(a, from), x2 = x_of(a, to), left = x1 < x2 ? x1 : x2;
    int64_t wide = x1 < x2 ? x2 - x1 : x1 - x2;
    HTML(h, "<rect rx=\"3\" class=\"");
    html_textz(h, look);
    HTML(h, "\"");
    percent(a, "x", left);
    pixels(a, "y", y);
    percent(a, "width", wide < 40 ? 40 : wide);
    pixels(a, "height", height);
    HTML(h, "/>");
}

/* ---- the axis ---- */

static void tick(Axis *a, int year, int month, bool labelled) {
    Html *h = a->h;
    int64_t x = x_of(a, date_to_days(year, month, 1));
    line(a, month == 1 ? "axis" : "grid-line", x, labelled ? 6 : HEAD, x, a->height);
    if (!labelled) return;
    HTML(h, "<text class=\"tick\" text-anchor=\"start\"");
    percent(a, "x", x);
    HTML(h, " dx=\"");
    html_int(h, a->rtl ? -5 : 5);
    HTML(h, "\"");
    pixels(a, "y", 18);
    HTML(h, ">");
    html_text(h, format_month(h->arena, h->shell->locale, year, month));
    HTML(h, "</text>");
}

static void ticks(Axis *a) {
    int y, m, d, y2, m2;
    date_from_days(&y, &m, &d, a->from);
    date_from_days(&y2, &m2, &d, a->to);
    int first = y * 12 + m - 1, last = y2 * 12 + m2 - 1, months = last - first + 1;
    static const int steps[] = {1, 2, 3, 6, 12, 24, 60, 120};
    size_t s = 0;
    while (s + 1 < LENGTH(steps) && months / steps[s] > MOST_TICKS) s++;
    for (int n = first; n <= last; n++) {
        if (date_to_days(n / 12, n % 12 + 1, 1) < a->from || n % steps[s]) continue;
        bool fits = x_of(a, date_to_days(n / 12, n % 12 + 1, 1)) * (a->rtl ? -1 : 1) <=
                    (a->rtl ? -600 : 9400);
        tick(a, n / 12, n % 12 + 1, fits);
    }
}

/* ---- one row ---- */

static const char *bar_class(Axis *a, const GanttRow *r, const char *kind) {
    return str_fmt(a->h->arena, "%s %s", kind, render_tone(r->tone)).p;
}

static void baseline(Axis *a, const GanttRow *r, int64_t end, int64_t y) {
    int64_t first;
    if (!r->baseline.n || !date_parse(&first, r->baseline) || first == end) return;
    int64_t x = x_of(a, first + 1);
    line(a, "gantt-first", x, y - 3, x, y + BAR + 3);
    line(a, "gantt-slip", x, y + BAR / 2, x_of(a, end + 1), y + BAR / 2);
}

static void marks(Axis *a, const GanttRow *r, int64_t middle) {
    Html *h = a->h;
    for (size_t i = 0; i < r->n_marks; i++) {
        int64_t day;
        if (!date_parse(&day, r->marks[i].day)) continue;
        HTML(h, "<svg overflow=\"visible\"");
        percent(a, "x", x_of(a, day));
        pixels(a, "y", middle);
        HTML(h, "><path class=\"");
        html_textz(h, r->marks[i].is_done ? "gantt-mark done" : "gantt-mark");
        HTML(h, "\" d=\"M0-6L6 0 0 6-6 0z\"><title>");
        html_text(h, r->marks[i].label);
        HTML(h, "</title></path></svg>");
    }
}

static void bar(Axis *a, const GanttRow *r, int64_t y) {
    Html *h = a->h;
    int64_t start, end;
    if (!date_parse(&end, r->end) && !date_parse(&end, r->start)) return;
    if (!date_parse(&start, r->start) || start > end) start = end;
    int64_t top = y + (ROW - BAR) / 2, thick = BAR;
    HTML(h, "<g>");
    if (r->note.n) {
        HTML(h, "<title>");
        html_text(h, r->note);
        HTML(h, "</title>");
    }
    if (r->depth == 0) {
        top += BAR / 2 - 3;
        thick = 6;
    }
    rectangle(a, bar_class(a, r, r->depth ? "gantt-bar" : "gantt-sum"), start, end + 1, top, thick);
    int64_t done = r->progress > 100 ? 100 : r->progress < 0 ? 0 : r->progress;
    if (done && r->depth)
        rectangle(a, bar_class(a, r, "gantt-done"), start, start + (end + 1 - start) * done / 100,
                  top, thick);
    if (r->depth) baseline(a, r, end, y + (ROW - BAR) / 2);
    HTML(h, "</g>");
    marks(a, r, y + ROW / 2);
}

/* From the end of what must come before, down or up, then to the start. */
static void arrows(Axis *a, size_t row) {
    Html *h = a->h;
    const GanttRow *r = &a->v->rows[row];
    int64_t start, end;
    if (!date_parse(&start, r->start.n ? r->start : r->end)) return;
    for (size_t i = 0; i < r->n_after; i++) {
        if (r->after[i] >= a->v->n_rows || !date_parse(&end, a->v->rows[r->after[i]].end)) continue;
        int64_t x1 = x_of(a, end + 1), x2 = x_of(a, start);
        int64_t y1 = HEAD + (int64_t)r->after[i] * ROW + ROW / 2;
        int64_t y2 = HEAD + (int64_t)row * ROW + ROW / 2;
        const char *look = end >= start ? "gantt-link late" : "gantt-link";
        line(a, look, x1, y1, x1, y2);
        line(a, look, x1, y2, x2, y2);
        HTML(h, "<svg overflow=\"visible\"");
        percent(a, "x", x2);
        pixels(a, "y", y2);
        bool leftwards = (x2 < x1) != false;
        HTML(h, "><path class=\"");
        html_textz(h, end >= start ? "gantt-tip late" : "gantt-tip");
        if (leftwards)
            HTML(h, "\" d=\"M0 0L6-4V4z\"/></svg>");
        else
            HTML(h, "\" d=\"M0 0L-6-4V4z\"/></svg>");
    }
}

static void drawing(Axis *a) {
    Html *h = a->h;
    int64_t today;
    HTML(h, "<svg class=\"gantt-plot\" width=\"100%\" role=\"img\" direction=\"");
    html_textz(h, render_dir(h));
    HTML(h, "\"");
    pixels(a, "height", a->height);
    HTML(h, " aria-label=\"");
    html_text(h, a->v->caption.n ? a->v->caption : h->page->title);
    HTML(h, "\">");
    ticks(a);
    for (size_t i = 0; i < a->v->n_rows; i++) {
        int64_t y = HEAD + (int64_t)i * ROW;
        line(a, "grid-line", 0, y, 10000, y);
        bar(a, &a->v->rows[i], y);
    }
    for (size_t i = 0; i < a->v->n_rows; i++) arrows(a, i);
    if (date_parse(&today, a->v->today) && today >= a->from && today <= a->to) {
        int64_t x = x_of(a, today);
        line(a, "gantt-today", x, 4, x, a->height);
    }
    HTML(h, "</svg>");
}

/* ---- names and table ---- */

static void names(Axis *a) {
    Html *h = a->h;
    HTML(h, "<ol class=\"gantt-names\">");
    for (size_t i = 0; i < a->v->n_rows; i++) {
        const GanttRow *r = &a->v->rows[i];
        HTML(h, "<li class=\"");
        html_textz(h, r->depth ? "gantt-name inner" : "gantt-name");
        HTML(h, "\" dir=\"auto\">"); /* what does not fit is cut off at its own end */
        if (r->href.n) {
            HTML(h, "<a href=\"");
            html_url(h, r->href);
            HTML(h, "\">");
        }
        if (a->v->n_columns) render_cell_plain(h, &r->cells[0]);
        if (r->href.n) HTML(h, "</a>");
        HTML(h, "</li>");
    }
    HTML(h, "</ol>");
}

/* The columns of the machine table carry machine names: here they have words. */
static Str column_words(Html *h, const Column *c) {
    static const struct {
        const char *name, *label;
    } words[] = {{"number", N_("Number")},     {"start", N_("Starts on")},
                 {"end", N_("End")},           {"first_end", N_("First agreed end")},
                 {"progress", N_("Progress")}, {"after", N_("After")}};
    for (size_t i = 0; i < LENGTH(words); i++)
        if (str_is(c->label, words[i].name)) return trs(h->shell->lang, words[i].label);
    return c->label;
}

static void table(Axis *a) {
    Html *h = a->h;
    Table t;
    render_table_gantt(&t, h->arena, a->v);
    HTML(h, "<details class=\"chart-table\"><summary>");
    html_tr(h, N_("The figures as a table"));
    HTML(h, "</summary><div class=\"table-box\" tabindex=\"0\" role=\"group\" aria-label=\"");
    html_tr(h, N_("The figures as a table"));
    HTML(h, "\"><table class=\"rows small-rows\"><thead><tr>");
    for (size_t i = 0; i < t.n_columns; i++) {
        HTML(h, "<th scope=\"col\">");
        html_text(h, column_words(h, &t.columns[i]));
        HTML(h, "</th>");
    }
    HTML(h, "</tr></thead><tbody>");
    for (;;) {
        Row row;
        bool has = false;
        if (t.rows.next(t.rows.state, h->arena, &row, &has) != OK || !has) break;
        HTML(h, "<tr>");
        for (size_t i = 0; i < t.n_columns; i++) {
            HTML(h, "<td>");
            render_cell_short(h, &row.cells[i]);
            HTML(h, "</td>");
        }
        HTML(h, "</tr>");
    }
    HTML(h, "</tbody></table></div></details>");
}

static void legend(Html *h) {
    static const struct {
        const char *look, *label;
    } items[] = {{"gantt-done", N_("Done")},
                 {"gantt-bar", N_("Still to do")},
                 {"gantt-first-key", N_("First agreed end")},
                 {"gantt-today-key", N_("Today")}};
    HTML(h, "<ul class=\"legend\">");
    for (size_t i = 0; i < LENGTH(items); i++) {
        HTML(h,
             "<li><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect width=\"10\" height=\"10\" "
             "rx=\"2\" class=\"tone-accent ");
        html_textz(h, items[i].look);
        HTML(h, "\"/></svg>");
        html_tr(h, items[i].label);
        HTML(h, "</li>");
    }
    HTML(h, "</ul>");
}

void render_gantt(Html *h, const GanttView *v, const char *id) {
    Axis a = {.h = h, .v = v, .rtl = lang_is_rtl(h->shell->lang)};
    a.height = HEAD + ROW * (int)v->n_rows;
    HTML(h, "<figure class=\"gantt\"");
    render_id(h, id);
    HTML(h, ">");
    if (v->caption.n) {
        HTML(h, "<figcaption>");
        html_text(h, v->caption);
        HTML(h, "</figcaption>");
    }
    if (!v->n_rows || !date_parse(&a.from, v->from) || !date_parse(&a.to, v->to) ||
        a.to <= a.from) {
        HTML(h, "<p class=\"quiet-text\">");
        html_text(h, v->empty_text.n ? v->empty_text : trs(h->shell->lang, N_("No data yet")));
        HTML(h, "</p></figure>");
        return;
    }
    legend(h);
    HTML(h, "<div class=\"gantt-box\" tabindex=\"0\" role=\"group\" aria-label=\"");
    html_text(h, v->caption.n ? v->caption : h->page->title);
    HTML(h, "\">");
    names(&a);
    drawing(&a);
    HTML(h, "</div>");
    table(&a);
    HTML(h, "</figure>");
}
