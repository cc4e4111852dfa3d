/* render_chart.c: charts as SVG drawn on the server, with a table of the same figures beside each.
 * Colours come from classes, so that both themes and print have their own. From right to left the
 * axis runs that way. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"
#include "web/render_internal.h"

#define WIDTH 960
#define WIDTH_SMALL 600
#define MARGIN_AXIS 64 /* room for the labels of the value axis */
#define MARGIN_END 12
#define MARGIN_TOP 12
#define MARGIN_BOTTOM 42
#define MOST_SERIES 8
#define TICKS 4
#define VALUE_WIDTH 24 /* a bar that bears its figure */
#define LETTER 5.6     /* mean width of a letter of a label */

typedef struct Plot {
    Html *h;
    const ChartView *v;
    int width, height;
    int64_t low, high, step;
    bool rtl;
} Plot;

static void number_at(Html *h, const char *name, double x) {
    /* One decimal is finer than a pixel. */
    int64_t tenths = (int64_t)(x * 10.0 + (x < 0 ? -0.5 : 0.5));
    HTML(h, " ");
    html_textz(h, name);
    HTML(h, "=\"");
    html_text(h, decimal_text(h->arena, tenths, 1));
    HTML(h, "\"");
}

/* A point in full: "novembre 2026" for a month, else its label. */
static Str point_text(const Plot *p, size_t i) {
    int64_t year, month;
    Html *h = p->h;
    if (!p->v->points_are_months) return p->v->points[i];
    Str key = p->v->point_keys[i];
    if (key.n != 7 || !str_to_int(&year, str_sub(key, 0, 4)) ||
        !str_to_int(&month, str_sub(key, 5, 2)))
        return p->v->points[i];
    return format_month(h->arena, h->shell->locale, (int)year, (int)month);
}

static int64_t value_at(const ChartSeries *s, size_t i) {
    return s->values ? s->values[i] : 0;
}

static void add_clipped(int64_t *sum, int64_t x) {
    if (add_overflows(*sum, x, sum)) *sum = x > 0 ? INT64_MAX : INT64_MIN;
}

static void range_add(Plot *p, int64_t x, bool *any) {
    if (x == INT64_MIN || x == INT64_MAX) return;
    if (!*any || x > p->high) p->high = x;
    if (!*any || x < p->low) p->low = x;
    *any = true;
}

/* From the lowest to the highest figure with a little room; bounds of bands that lie near. */
static void range_tight(Plot *p) {
    const ChartView *v = p->v;
    bool any = false;
    for (size_t s = 0; s < v->n_series; s++)
        for (size_t i = 0; i < v->n_points; i++) range_add(p, value_at(&v->series[s], i), &any);
    double span = (double)p->high - (double)p->low;
    double reach = span > 0 ? span * 2 : (double)(p->high < 0 ? -p->high : p->high) / 10 + 1;
    int64_t low = p->low, high = p->high;
    for (size_t b = 0; b < v->n_bands; b++)
        for (size_t i = 0; i < v->n_points; i++) {
            int64_t edges[] = {v->bands[b].low[i], v->bands[b].high[i]};
            for (size_t k = 0; k < 2; k++)
                if ((double)edges[k] > (double)low - reach &&
                    (double)edges[k] < (double)high + reach)
                    range_add(p, edges[k], &any);
        }
    int64_t room = (int64_t)(((double)p->high - (double)p->low) / 20);
    if (p->high == p->low) room = (int64_t)reach;
    add_clipped(&p->high, room);
    add_clipped(&p->low, low >= 0 && p->low - room < 0 ? -p->low : -room);
}

static void range_of(Plot *p) {
    const ChartView *v = p->v;
    if (v->is_tight) {
        range_tight(p);
        return;
    }
    for (size_t i = 0; i < v->n_points; i++) {
        int64_t up = 0, down = 0;
        for (size_t s = 0; s < v->n_series; s++) {
            int64_t x = value_at(&v->series[s], i);
            if (v->kind == CHART_STACKED)
                add_clipped(x > 0 ? &up : &down, x);
            else if (x > up)
                up = x;
            else if (x < down)
                down = x;
        }
        if (up > p->high) p->high = up;
        if (down < p->low) p->low = down;
    }
}

/* A step of 1, 2 or 5 times a power of ten that needs at most TICKS lines. */
static void step_of(Plot *p) {
    double span = (double)p->high - (double)p->low;
    double unit = p->v->unit == CELL_MONEY ? 100.0 : 1.0, best = unit;
    static const double factors[] = {1, 2, 5};
    for (double power = unit; power < 1e19; power *= 10) {
        for (size_t i = 0; i < LENGTH(factors); i++) {
            best = power * factors[i];
            if (span / best <= TICKS) goto found;
        }
    }
found:
    p->step = best < 4e18 ? (int64_t)best : INT64_MAX / 4;
    int64_t top = p->high / p->step * p->step;
    if (top < p->high && !add_overflows(top, p->step, &top)) p->high = top;
    if (p->high == 0 && p->low == 0) p->high = p->step;
    int64_t bottom = p->low / p->step * p->step;
    bool fits = bottom <= p->low || !sub_overflows(bottom, p->step, &bottom);
    if (fits) p->low = bottom;
}

static Str short_decimal(Html *h, int64_t x, int64_t divisible, int scale) {
    while (scale > 0 && divisible % 10 == 0 && x % 10 == 0) {
        divisible /= 10;
        x /= 10;
        scale--;
    }
    return format_decimal(h->arena, h->shell->locale, x, scale);
}

static Str axis_text(Plot *p, int64_t x) {
    Html *h = p->h;
    if (p->v->unit == CELL_MONEY)
        return format_compact(h->arena, h->shell->locale, x, str_of(p->v->currency));
    if (p->v->unit == CELL_DECIMAL) return short_decimal(h, x, p->step, p->v->scale);
    return format_compact(h->arena, h->shell->locale, x, (Str){0});
}

static Str exact_text(Plot *p, int64_t x) {
    Html *h = p->h;
    if (p->v->unit == CELL_MONEY)
        return format_money(h->arena, h->shell->locale, x, str_of(p->v->currency));
    if (p->v->unit == CELL_DECIMAL) return short_decimal(h, x, x, p->v->scale);
    return format_int(h->arena, h->shell->locale, x);
}

static double share_of(const Plot *p, int64_t x) {
    double span = (double)p->high - (double)p->low;
    return span > 0 ? ((double)x - (double)p->low) / span : 0;
}

static double y_of(const Plot *p, int64_t x) {
    return MARGIN_TOP + (1.0 - share_of(p, x)) * (p->height - MARGIN_TOP - MARGIN_BOTTOM);
}

/* From the start of the axis; mirrored from right to left. */
static double x_of(const Plot *p, double from_start) {
    return p->rtl ? p->width - from_start : from_start;
}

static double slot(const Plot *p) {
    double room = p->width - MARGIN_AXIS - MARGIN_END;
    return room / (double)(p->v->n_points ? p->v->n_points : 1);
}

static void text_at(Html *h, double x, double y, const char *anchor, const char *look, Str text) {
    HTML(h, "<text class=\"");
    html_textz(h, look);
    HTML(h, "\" text-anchor=\"");
    html_textz(h, anchor);
    HTML(h, "\"");
    number_at(h, "x", x);
    number_at(h, "y", y);
    HTML(h, ">");
    html_text(h, text);
    HTML(h, "</text>");
}

static void line_at(Html *h, const char *look, double x1, double y1, double x2, double y2) {
    HTML(h, "<line class=\"");
    html_textz(h, look);
    HTML(h, "\"");
    number_at(h, "x1", x1);
    number_at(h, "y1", y1);
    number_at(h, "x2", x2);
    number_at(h, "y2", y2);
    HTML(h, "/>");
}

static void point_labels(Plot *p) {
    size_t n = p->v->n_points, longest = 1;
    for (size_t i = 0; i < n; i++) {
        size_t letters = utf8_count(p->v->points[i]);
        if (letters > longest) longest = letters;
    }
    size_t every = (size_t)(((double)longest * LETTER + 10) / slot(p)) + 1, shown = 0;
    for (size_t i = 0; i < n; i += every, shown++) {
        double x = x_of(p, MARGIN_AXIS + slot(p) * ((double)i + 0.5));
        text_at(p->h, x, p->height - 20, "middle", shown % 2 ? "tick odd" : "tick",
                p->v->points[i]);
    }
}

/* Names of months, from January on at even distances; the year once, under its first one. */
static void month_labels(Plot *p) {
    Html *h = p->h;
    static const int steps[] = {1, 2, 3, 6, 12};
    size_t k = 0;
    int64_t year, month, last = 0;
    while (k + 1 < LENGTH(steps) && slot(p) * steps[k] < 40) k++;
    for (size_t i = 0; i < p->v->n_points; i++) {
        Str key = p->v->point_keys[i];
        if (key.n != 7 || !str_to_int(&year, str_sub(key, 0, 4)) ||
            !str_to_int(&month, str_sub(key, 5, 2)))
            continue;
        double x = x_of(p, MARGIN_AXIS + slot(p) * ((double)i + 0.5));
        if ((month - 1) % steps[k] == 0)
            text_at(h, x, p->height - 24, "middle", month == 1 ? "tick" : "tick odd",
                    format_month_name(h->arena, h->shell->locale, (int)month));
        if (year == last || (i && month != 1) || (!i && month > 10)) continue;
        last = year;
        text_at(h, x, p->height - 5, "middle", "tick year", str_fmt(h->arena, "%.4s", key.p));
        if (i) {
            double edge = x_of(p, MARGIN_AXIS + slot(p) * (double)i);
            line_at(h, "grid-line", edge, MARGIN_TOP, edge, p->height - MARGIN_BOTTOM);
        }
    }
}

static void axes(Plot *p) {
    Html *h = p->h;
    for (int64_t x = p->low; x <= p->high; x += p->step) {
        double y = y_of(p, x);
        line_at(h, x == 0 ? "axis" : "grid-line", x_of(p, MARGIN_AXIS), y,
                x_of(p, p->width - MARGIN_END), y);
        text_at(h, x_of(p, MARGIN_AXIS - 8), y + 4, "end", "tick", axis_text(p, x));
        if (x > INT64_MAX - p->step) break;
    }
    if (p->v->points_are_months)
        month_labels(p);
    else
        point_labels(p);
}

static void series_class(Plot *p, const char *kind, size_t s) {
    Html *h = p->h;
    Tone tone = p->v->series[s].tone;
    HTML(h, " class=\"");
    html_textz(h, kind);
    HTML(h, " ");
    if (tone != TONE_NONE) {
        html_textz(h, render_tone(tone));
    } else {
        HTML(h, "series-");
        html_int(h, (int64_t)(s % MOST_SERIES) + 1);
    }
    HTML(h, "\"");
}

static void title_of(Plot *p, size_t s, size_t i) {
    Html *h = p->h;
    HTML(h, "<title>");
    html_text(h, point_text(p, i));
    if (p->v->series[s].label.n) {
        HTML(h, " \xC2\xB7 ");
        html_text(h, p->v->series[s].label);
    }
    HTML(h, ": ");
    html_text(h, exact_text(p, value_at(&p->v->series[s], i)));
    HTML(h, "</title>");
}

static bool open_link(Plot *p, size_t i) {
    if (!p->v->point_hrefs || !p->v->point_hrefs[i].n) return false;
    HTML(p->h, "<a href=\"");
    html_url(p->h, p->v->point_hrefs[i]);
    HTML(p->h, "\">");
    return true;
}

static void rectangle(Plot *p, size_t s, size_t i, double x, double y, double width,
                      double height) {
    Html *h = p->h;
    HTML(h, "<rect rx=\"1.5\"");
    series_class(p, "bar", s);
    number_at(h, "x", x);
    number_at(h, "y", y);
    number_at(h, "width", width > 0.5 ? width : 0.5);
    number_at(h, "height", height > 0.5 ? height : 0.5);
    HTML(h, ">");
    title_of(p, s, i);
    HTML(h, "</rect>");
}

static void upright(Plot *p, size_t s, size_t i, int64_t from, int64_t to, double at,
                    double width) {
    double a = y_of(p, from), b = y_of(p, to);
    double left = p->rtl ? p->width - at - width : at;
    rectangle(p, s, i, left, a < b ? a : b, width, a < b ? b - a : a - b);
}

/* The exact figure is in the title; where there is room its short form stands over the bar. */
static void bar_value(Plot *p, size_t s, size_t i, double at, double width) {
    if (width < VALUE_WIDTH || p->v->is_small) return;
    int64_t x = value_at(&p->v->series[s], i);
    double y = y_of(p, x > 0 ? x : 0) - 5;
    text_at(p->h, x_of(p, at + width / 2), y, "middle", "tick", axis_text(p, x));
}

static void bars_at(Plot *p, size_t i) {
    const ChartView *v = p->v;
    bool stacked = v->kind == CHART_STACKED, nested = v->kind == CHART_NESTED;
    double wide = slot(p) * 0.7, most = stacked || nested || v->n_series < 2 ? 44 : 84;
    if (wide > most) wide = most;
    double one = stacked || nested || !v->n_series ? wide : wide / (double)v->n_series;
    double at = MARGIN_AXIS + slot(p) * ((double)i + 0.5) - wide / 2;
    int64_t up = 0, down = 0;
    for (size_t s = 0; s < v->n_series; s++) {
        int64_t x = value_at(&v->series[s], i);
        if (x == 0) continue;
        int64_t *base = x > 0 ? &up : &down, from = stacked ? *base : 0;
        add_clipped(base, x);
        double inset = nested ? one * 0.22 * (double)s : 0;
        double left = at + (stacked || nested ? 0 : one * (double)s) + inset;
        bool apart = one > 3 && !stacked && !nested;
        upright(p, s, i, from, stacked ? *base : x, left, one - 2 * inset - (apart ? 1 : 0));
        if (!stacked && !(nested && s)) bar_value(p, s, i, left, one);
    }
}

static bool has_bar(const Plot *p, size_t i) {
    for (size_t s = 0; s < p->v->n_series; s++)
        if (value_at(&p->v->series[s], i)) return true;
    return false;
}

static void bars(Plot *p) {
    for (size_t i = 0; i < p->v->n_points; i++) {
        bool linked = has_bar(p, i) && open_link(p, i); /* a link needs something to be touched */
        bars_at(p, i);
        if (linked) HTML(p->h, "</a>");
    }
}

/* A step at each point, half a slot to either side, so that a bound that changed is seen when. */
static void band(Plot *p, const ChartBand *b) {
    Html *h = p->h;
    for (size_t i = 0; i < p->v->n_points;) {
        size_t k = i + 1;
        int64_t low = b->low[i], high = b->high[i];
        while (k < p->v->n_points && b->low[k] == low && b->high[k] == high) k++;
        if (low < p->low) low = p->low;
        if (high > p->high) high = p->high;
        if (low < high) {
            double from = MARGIN_AXIS + slot(p) * (double)i, wide = slot(p) * (double)(k - i);
            HTML(h, "<rect class=\"band ");
            html_textz(h, render_tone(b->tone));
            HTML(h, "\"");
            number_at(h, "x", p->rtl ? p->width - from - wide : from);
            number_at(h, "y", y_of(p, high));
            number_at(h, "width", wide);
            number_at(h, "height", y_of(p, low) - y_of(p, high));
            HTML(h, "/>");
        }
        i = k;
    }
}

/* A circle, a triangle, a square: good, warning, bad. */
static void mark(Plot *p, size_t s, size_t i, double x, double y) {
    Html *h = p->h;
    Tone tone = s == 0 && p->v->tones ? p->v->tones[i] : TONE_NONE;
    if (tone == TONE_WARN || tone == TONE_BAD || tone == TONE_CRITICAL) {
        HTML(h, "<path class=\"mark ");
        html_textz(h, render_tone(tone));
        HTML(h, "\" d=\"M");
        html_text(h, decimal_text(h->arena, (int64_t)((x - 5) * 10), 1));
        HTML(h, " ");
        html_text(h, decimal_text(h->arena, (int64_t)((y + 4.5) * 10), 1));
        if (tone == TONE_WARN)
            HTML(h, "h10l-5 -9.5z\">");
        else
            HTML(h, "h10v-9h-10z\">");
        title_of(p, s, i);
        HTML(h, "</path>");
        return;
    }
    HTML(h, "<circle r=\"");
    html_int(h, tone == TONE_NONE ? 3 : 4);
    HTML(h, "\"");
    if (tone != TONE_NONE) {
        HTML(h, " class=\"mark ");
        html_textz(h, render_tone(tone));
        HTML(h, "\"");
    } else
        series_class(p, "dot", s);
    number_at(h, "cx", x);
    number_at(h, "cy", y);
    HTML(h, ">");
    title_of(p, s, i);
    HTML(h, "</circle>");
}

static void lines(Plot *p) {
    Html *h = p->h;
    const ChartView *v = p->v;
    for (size_t s = 0; s < v->n_series; s++) {
        HTML(h, "<polyline");
        series_class(p, "line", s);
        HTML(h, " points=\"");
        for (size_t i = 0; i < v->n_points; i++) {
            double x = x_of(p, MARGIN_AXIS + slot(p) * ((double)i + 0.5));
            html_text(h, decimal_text(h->arena, (int64_t)(x * 10), 1));
            HTML(h, ",");
            html_text(
                h, decimal_text(h->arena, (int64_t)(y_of(p, value_at(&v->series[s], i)) * 10), 1));
            HTML(h, " ");
        }
        HTML(h, "\"/>");
        for (size_t i = 0; i < v->n_points && !(s && v->tones); i++) {
            bool linked = open_link(p, i);
            mark(p, s, i, x_of(p, MARGIN_AXIS + slot(p) * ((double)i + 0.5)),
                 y_of(p, value_at(&v->series[s], i)));
            if (linked) HTML(h, "</a>");
        }
    }
}

static void open_svg(Plot *p) {
    Html *h = p->h;
    if (p->width == WIDTH)
        HTML(h, "<div class=\"plot-box\" tabindex=\"0\"><svg class=\"plot wide\" direction=\"");
    else
        HTML(h, "<div class=\"plot-box\"><svg class=\"plot\" direction=\"");
    html_textz(h, render_dir(h));
    HTML(h, "\" viewBox=\"0 0 ");
    html_int(h, p->width);
    HTML(h, " ");
    html_int(h, p->height);
    /* With links inside it is no single picture. */
    if (p->v->point_hrefs)
        HTML(h, "\" role=\"group\" aria-label=\"");
    else
        HTML(h, "\" role=\"img\" aria-label=\"");
    html_text(h, p->v->caption);
    HTML(h, "\">");
}

/* What is too long for the picture ends with three dots: in a line that is read the other way its
 * beginning would be lost. */
static Str clipped(const Plot *p, Str label) {
    size_t most = (size_t)p->width / 9;
    if (utf8_count(label) <= most) return label;
    return str_fmt(p->h->arena, "%.*s\xE2\x80\xA6", FMT(utf8_clip(label, most - 1)));
}

/* Lying bars: the label stands above its bar, so that long names in any language fit. */
static void lying_bars(Plot *p) {
    Html *h = p->h;
    const ChartView *v = p->v;
    double line = 28.0 + 16.0 * (double)(v->n_series ? v->n_series : 1);
    p->height = (int)(line * (double)v->n_points) + 8;
    open_svg(p);
    double room = p->width - 120;
    for (size_t i = 0; i < v->n_points; i++) {
        double y = line * (double)i;
        bool linked = open_link(p, i);
        text_at(h, x_of(p, 0), y + 18, "start", "bar-label", clipped(p, v->points[i]));
        for (size_t s = 0; s < v->n_series; s++) {
            double at = y + 25 + 16.0 * (double)s;
            double share = share_of(p, value_at(&v->series[s], i)) - share_of(p, 0);
            double wide = share > 0 ? share * room : 0;
            rectangle(p, s, i, p->rtl ? p->width - wide : 0, at, wide, 11);
            text_at(h, x_of(p, wide + 8), at + 10, "start", "tick",
                    axis_text(p, value_at(&v->series[s], i)));
        }
        if (linked) HTML(h, "</a>");
    }
    HTML(h, "</svg></div>");
}

static void legend(Plot *p) {
    Html *h = p->h;
    if (p->v->n_series < 2 && !p->v->n_bands) return;
    HTML(h, "<ul class=\"legend\">");
    for (size_t b = 0; b < p->v->n_bands; b++) {
        HTML(h, "<li><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect width=\"10\" "
                "height=\"10\" rx=\"2\" class=\"band ");
        html_textz(h, render_tone(p->v->bands[b].tone));
        HTML(h, "\"/></svg>");
        html_text(h, p->v->bands[b].label);
        HTML(h, "</li>");
    }
    for (size_t s = 0; s < p->v->n_series; s++) {
        HTML(
            h,
            "<li><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect width=\"10\" height=\"10\" rx=\"2\"");
        series_class(p, "bar", s);
        HTML(h, "/></svg>");
        html_text(h, p->v->series[s].label);
        HTML(h, "</li>");
    }
    HTML(h, "</ul>");
}

static void table(Plot *p) {
    Html *h = p->h;
    const ChartView *v = p->v;
    HTML(h, "<details class=\"chart-table\"><summary>");
    html_tr(h, N_("The figures as a table"));
    HTML(
        h,
        "</summary><div class=\"table-box\"><table class=\"rows small-rows\"><thead><tr><td></td>");
    for (size_t s = 0; s < v->n_series; s++) {
        HTML(h, "<th scope=\"col\" class=\"end\">");
        html_text(h, v->series[s].label.n ? v->series[s].label : v->caption);
        HTML(h, "</th>");
    }
    HTML(h, "</tr></thead><tbody>");
    for (size_t i = 0; i < v->n_points; i++) {
        HTML(h, "<tr><th scope=\"row\">");
        bool linked = open_link(p, i);
        html_text(h, point_text(p, i));
        if (linked) HTML(h, "</a>");
        HTML(h, "</th>");
        for (size_t s = 0; s < v->n_series; s++) {
            HTML(h, "<td class=\"end\"><bdi dir=\"ltr\" class=\"num\">");
            html_text(h, exact_text(p, value_at(&v->series[s], i)));
            HTML(h, "</bdi></td>");
        }
        HTML(h, "</tr>");
    }
    HTML(h, "</tbody></table></div></details>");
}

void render_chart(Html *h, const ChartView *v, const char *id) {
    Plot p = {.h = h,
              .v = v,
              .width = v->is_small || v->kind == CHART_HBARS ? WIDTH_SMALL : WIDTH,
              .height = v->is_small ? 180 : 300,
              .rtl = lang_is_rtl(h->shell->lang)};
    if (v->kind == CHART_NESTED)
        HTML(h, "<figure class=\"chart nested\"");
    else
        HTML(h, "<figure class=\"chart\"");
    render_id(h, id);
    HTML(h, ">");
    if (v->caption.n) {
        HTML(h, "<figcaption>");
        html_text(h, v->caption);
        if (v->unit == CELL_MONEY && v->currency[0]) {
            HTML(h, " <small>");
            html_textz(h, v->currency);
            HTML(h, "</small>");
        }
        HTML(h, "</figcaption>");
    }
    if (!v->n_points || !v->n_series) {
        HTML(h, "<p class=\"quiet-text\">");
        html_tr(h, N_("No data yet"));
        HTML(h, "</p></figure>");
        return;
    }
    legend(&p);
    range_of(&p);
    step_of(&p);
    if (v->kind == CHART_HBARS) {
        lying_bars(&p);
    } else {
        open_svg(&p);
        for (size_t b = 0; b < v->n_bands && v->kind == CHART_LINE; b++) band(&p, &v->bands[b]);
        axes(&p);
        if (v->kind == CHART_LINE)
            lines(&p);
        else
            bars(&p);
        HTML(h, "</svg></div>");
    }
    table(&p);
    HTML(h, "</figure>");
}
