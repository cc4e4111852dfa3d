/* incident_matrix.c: the loss matrix and the trend, from measures; every figure opens its records.
 * Knows no SQL. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/measure.h"
#include "model/report.h"
#include "modules/incident/incident_pages.h"

enum { AXIS_MAX = 40 };

/* clang-format off */
static const Choice bases[] = {{"discovery", N_("Date of discovery"), 0}, {"accounting", N_("Date of accounting"), 0}, {0}};
static const Choice figures[] = {{"gross", N_("Gross loss"), 0}, {"net", N_("Net loss"), 0}, {"recoveries", N_("Recoveries"), 0}, {"count", N_("Count"), 0}, {0}};
/* clang-format on */

typedef struct Axis {
    int64_t ids[AXIS_MAX];
    Str keys[AXIS_MAX], labels[AXIS_MAX];
    size_t n;
} Axis;

typedef struct Report {
    Ctx *c;
    const MeasureDef *measure;
    Period period;
    Str basis, figure, as_of, currency;
    ReportFilters narrowed; /* filters of the list of what is counted */
} Report;

static const char *const own_parameters[] = {"period", "from",  "to",   "basis",
                                             "figure", "as_of", "step", NULL};

static Err report_read(Report *out, Ctx *c, const Input *query, const char *period,
                       const char *path) {
    *out = (Report){.c = c};
    TRY(incident_kit_choice(&out->basis, c, query, "basis", bases));
    TRY(incident_kit_choice(&out->figure, c, query, "figure", figures));
    TRY(incident_kit_period(&out->period, c, query, period));
    TRY(incident_kit_as_of(&out->as_of, c, query));
    TRY(incident_group_currency(&out->currency, c));
    out->measure =
        model_measure(c->model, str_is(out->basis, "discovery") ? S("losses") : S("booked_losses"));
    if (!out->measure) return ERR_MISSING;
    return report_filters(&out->narrowed, c, model_need(c->model, out->measure->type), path, query,
                          own_parameters);
}

/* From what is kept by dimensions, or record by record when a filter narrows it. */
static Err read_figures(MeasureTable *out, Report *x, MeasureQuery q) {
    q.measure = x->measure;
    q.from = x->period.first;
    q.to = x->period.last;
    q.as_of = x->as_of;
    if (x->narrowed.filters.n) TRY(measure_narrow(&q, x->c, &x->narrowed.filters));
    return measure_read(out, x->c, &q);
}

static void panel_page(Page *out, Report *x, const char *title) {
    out->title = TRS(x->c, title);
    out->body = out->main = x->narrowed.panel;
}

/* ---- addresses of the records behind a figure ---- */

static Str node_filter(Report *x, Str href, const char *field, Str key) {
    if (!key.n) return report_link(x->c, href, str_fmt(x->c->arena, "%s.empty", field).p, S("1"));
    return report_link(x->c, href, str_fmt(x->c->arena, "%s.under", field).p, key);
}

static Str records_href(Report *x, int32_t from, int32_t to) {
    Ctx *c = x->c;
    const Type *t = model_need(c->model, x->measure->type);
    Input in = {0};
    Str href = str_fmt(c->arena, "/%s", t->plural);
    measure_records(&in, c, x->measure, from, to);
    for (size_t i = 0; i < in.n; i++)
        href = report_link(c, href, str_z(c->arena, in.items[i].name), in.items[i].value);
    for (size_t i = 0; i < x->narrowed.filters.n; i++)
        href = report_link(c, href, str_z(c->arena, x->narrowed.filters.items[i].name),
                           x->narrowed.filters.items[i].value);
    return x->as_of.n ? report_link(c, href, "as_of", x->as_of) : href;
}

/* ---- matrix ---- */

static Err axis_read(Axis *out, Ctx *c, const char *kind) {
    const TreeItem *items;
    size_t n;
    *out = (Axis){.n = 0};
    TRY(ref_tree(&items, &n, c, model_need(c->model, "taxon"), str_of(kind)));
    for (size_t i = 0; i < n && out->n + 1 < AXIS_MAX; i++) {
        if (items[i].depth) continue;
        out->ids[out->n] = items[i].id;
        out->keys[out->n] = items[i].key;
        out->labels[out->n++] = items[i].title;
    }
    out->keys[out->n] = (Str){0};
    out->labels[out->n++] = TRS(c, N_("Not classified yet"));
    return OK;
}

static size_t axis_find(const Axis *a, int64_t id) {
    for (size_t i = 0; i + 1 < a->n; i++)
        if (a->ids[i] == id) return i;
    return a->n - 1;
}

typedef struct Sums {
    int64_t count, gross, recoveries, net;
} Sums;

static Err add(Sums *s, const MeasureCell *m) {
    bool bad = add_overflows(s->count, m->count, &s->count) ||
               add_overflows(s->gross, m->sums[0], &s->gross) ||
               add_overflows(s->recoveries, m->sums[1], &s->recoveries) ||
               add_overflows(s->net, m->sums[2], &s->net);
    return bad ? ERR_INTERNAL : OK;
}

static int64_t shown_of(const Report *x, const Sums *s) {
    if (str_is(x->figure, "count")) return s->count;
    if (str_is(x->figure, "net")) return s->net;
    return str_is(x->figure, "recoveries") ? s->recoveries : s->gross;
}

static MatrixCell matrix_cell(Report *x, const Sums *s, int64_t largest, Str row, Str column,
                              Str href) {
    MatrixCell cell = {.count = s->count,
                       .main = report_money(s->gross, x->currency),
                       .second = report_money(s->net, x->currency),
                       .third = report_money(s->recoveries, x->currency)};
    int64_t shown = shown_of(x, s);
    bool empty = !s->count && !s->gross && !s->recoveries && !s->net;
    if (!empty) {
        cell.href = href;
        cell.level =
            largest > 0 && shown > 0 ? 1 + (int)((double)shown / (double)largest * 4.0) : 1;
        if (cell.level > 5) cell.level = 5;
    }
    cell.note = INCIDENT_FILL(x->c, TR(x->c, N_("{0}, {1}, events: {2}")), row, column,
                              str_fmt(x->c->arena, "%lld", (long long)s->count));
    return cell;
}

static MatrixCell *totals(Report *x, const Sums *sums, size_t n, const Axis *axis,
                          const char *field, Str base) {
    MatrixCell *cells = NEW_N(x->c->arena, MatrixCell, n);
    Str all = TRS(x->c, N_("Total"));
    for (size_t i = 0; i < n; i++) {
        cells[i] = matrix_cell(x, &sums[i], 0, axis->labels[i], all,
                               node_filter(x, base, field, axis->keys[i]));
        cells[i].level = 0;
    }
    return cells;
}

static Err matrix_fill(Block *b, Report *x, const MeasureTable *table) {
    Ctx *c = x->c;
    Axis *rows = NEW(c->arena, Axis), *columns = NEW(c->arena, Axis);
    TRY(axis_read(rows, c, "business_line"));
    TRY(axis_read(columns, c, "event_type"));
    Sums *sums = NEW_N(c->arena, Sums, rows->n * columns->n),
         *by_row = NEW_N(c->arena, Sums, rows->n), *by_column = NEW_N(c->arena, Sums, columns->n),
         whole = {0};
    int64_t largest = 0;
    for (size_t i = 0; i < table->n; i++) {
        const MeasureCell *m = &table->cells[i];
        size_t row = axis_find(rows, m->row), column = axis_find(columns, m->column);
        TRY(add(&sums[row * columns->n + column], m));
        TRY(add(&by_row[row], m));
        TRY(add(&by_column[column], m));
        TRY(add(&whole, m));
    }
    for (size_t i = 0; i < rows->n * columns->n; i++)
        if (shown_of(x, &sums[i]) > largest) largest = shown_of(x, &sums[i]);
    Str base = records_href(x, x->period.first, x->period.last);
    MatrixCell *cells = NEW_N(c->arena, MatrixCell, rows->n * columns->n),
               *total = NEW(c->arena, MatrixCell);
    for (size_t r = 0; r < rows->n; r++) {
        Str row_href = node_filter(x, base, "business_line", rows->keys[r]);
        for (size_t k = 0; k < columns->n; k++)
            cells[r * columns->n + k] = matrix_cell(
                x, &sums[r * columns->n + k], largest, rows->labels[r], columns->labels[k],
                node_filter(x, row_href, "event_type", columns->keys[k]));
    }
    Str all = TRS(c, N_("Total"));
    *total = matrix_cell(x, &whole, 0, all, all, base);
    b->matrix =
        (MatrixView){.corner = TRS(c, N_("Business line and event type")),
                     .row_labels = rows->labels,
                     .row_keys = rows->keys,
                     .col_labels = columns->labels,
                     .col_keys = columns->keys,
                     .n_rows = rows->n,
                     .n_cols = columns->n,
                     .cells = cells,
                     .row_totals = totals(x, by_row, rows->n, rows, "business_line", base),
                     .col_totals = totals(x, by_column, columns->n, columns, "event_type", base),
                     .total = total,
                     .main_name = "gross",
                     .second_name = "net",
                     .third_name = "recoveries",
                     .main_label = TRS(c, N_("Gross loss")),
                     .second_label = TRS(c, N_("Net loss")),
                     .third_label = TRS(c, N_("Recoveries"))};
    b->matrix.shown = str_is(x->figure, "count")   ? 0
                      : str_is(x->figure, "gross") ? 1
                      : str_is(x->figure, "net")   ? 2
                                                   : 3;
    return OK;
}

static void caption(Page *out, Report *x) {
    Ctx *c = x->c;
    out->subtitle = incident_kit_caption(c, x->period.from, x->period.to, x->currency);
    if (x->as_of.n) out->as_of = x->as_of;
}

static Block *how(Report *x) {
    Ctx *c = x->c;
    Block *b = incident_kit_how(c, TRS(c, x->measure->text));
    if (x->narrowed.filters.n)
        view_put(c->arena, b,
                 view_text(c->arena, TEXT_PLAIN, TONE_NONE, (Str){0},
                           TRS(c, N_("Narrowed by filters, the figures are those of the very "
                                     "records that the list shows you, added up one by one."))));
    return b;
}

static Block *parameters(Report *x, const char *path, const Input *query, bool is_trend) {
    Ctx *c = x->c;
    FormField f[8 + REPORT_KEPT];
    size_t n = 0;
    Str step = str_trim(input_getz(query, "step"));
    n += incident_kit_period_fields(f, c, &x->period);
    if (is_trend) {
        f[n] = report_choice(c, "step", N_("By"), incident_kit_steps, step.n ? step : S("month"));
        f[n++].as_cards = true;
    } else {
        f[n++] = report_choice(c, "figure", N_("Figure"), figures, x->figure);
    }
    f[n++] = report_choice(c, "basis", N_("By"), bases, x->basis);
    f[n++] = report_text(c, "as_of", N_("Situation at"), INPUT_DATE, x->as_of);
    /* They are filters of what the basis counts: events, or entries. */
    n += report_keep(f + n, c, &x->narrowed, str_fmt(c->arena, "basis=%.*s", FMT(x->basis)));
    return report_parameters(c, path, f, n);
}

Err incident_report_matrix(Ctx *c, const PageArgs *args, Page *out) {
    static const char path[] = "/reports/loss-matrix";
    Report x;
    MeasureTable table = {0};
    TRY(report_read(&x, c, args->query, "ytd", path));
    if (x.narrowed.panel) {
        panel_page(out, &x, N_("Loss matrix"));
        return OK;
    }
    MeasureQuery q = {.rows = 0, .columns = 1, .rows_level = 1, .columns_level = 1};
    TRY(read_figures(&table, &x, q));
    Block *b = view_block(c->arena, BLOCK_MATRIX);
    TRY(matrix_fill(b, &x, &table));
    b->matrix.caption = TRS(c, x.measure->label);
    out->title = TRS(c, N_("Loss matrix"));
    caption(out, &x);
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, parameters(&x, path, args->query, false));
    view_put(c->arena, out->body, x.narrowed.bar);
    view_put(c->arena, out->body, b);
    view_put(c->arena, out->body, how(&x));
    out->main = b;
    return OK;
}

/* ---- trend ---- */

static Err trend_chart(Block *b, Report *x, const MeasureTable *table, int months) {
    Ctx *c = x->c;
    int32_t first = x->period.first / months * months;
    size_t n = (size_t)((x->period.last - first) / months + 1);
    Str *labels = NEW_N(c->arena, Str, n), *hrefs = NEW_N(c->arena, Str, n);
    Str *keys = NEW_N(c->arena, Str, n);
    Sums *sums = NEW_N(c->arena, Sums, n);
    for (size_t i = 0; i < table->n; i++) {
        int64_t at = (table->cells[i].row - first) / months;
        if (at >= 0 && (size_t)at < n) TRY(add(&sums[at], &table->cells[i]));
    }
    int64_t *gross = NEW_N(c->arena, int64_t, n), *net = NEW_N(c->arena, int64_t, n);
    for (size_t i = 0; i < n; i++) {
        int32_t from = first + (int32_t)i * months, to = from + months - 1;
        if (from < x->period.first) from = x->period.first;
        if (to > x->period.last) to = x->period.last;
        labels[i] = incident_kit_step_label(c, first + (int32_t)i * months, months);
        int32_t at = first + (int32_t)i * months;
        keys[i] = months == 1 ? str_fmt(c->arena, "%04d-%02d", at / 12, at % 12 + 1) : labels[i];
        hrefs[i] = records_href(x, from, to);
        gross[i] = sums[i].gross;
        net[i] = sums[i].net;
    }
    ChartSeries *series = NEW_N(c->arena, ChartSeries, 2);
    series[0] = (ChartSeries){.label = TRS(c, N_("Gross loss")), .name = "gross", .values = gross};
    series[1] = (ChartSeries){.label = TRS(c, N_("Net loss")), .name = "net", .values = net};
    b->chart = (ChartView){.kind = CHART_NESTED,
                           .caption = TRS(c, x->measure->label),
                           .points = labels,
                           .point_keys = keys,
                           .points_are_months = months == 1,
                           .point_hrefs = hrefs,
                           .n_points = n,
                           .series = series,
                           .n_series = 2,
                           .unit = CELL_MONEY};
    memcpy(b->chart.currency, report_money(0, x->currency).currency, sizeof b->chart.currency);
    return OK;
}

/* The whole period in four figures. */
static Err trend_headline(Block **out, Report *x, const MeasureTable *table) {
    Ctx *c = x->c;
    Sums all = {0};
    Fact *facts = NEW_N(c->arena, Fact, 4);
    for (size_t i = 0; i < table->n; i++) TRY(add(&all, &table->cells[i]));
    facts[0] =
        incident_kit_fact("gross", TRS(c, N_("Gross loss")), report_money(all.gross, x->currency));
    facts[1] = incident_kit_fact("recoveries", TRS(c, N_("Recoveries")),
                                 report_money(all.recoveries, x->currency));
    facts[2] = incident_kit_fact("net", TRS(c, N_("Net loss")), report_money(all.net, x->currency));
    facts[3] = incident_kit_fact("count", TRS(c, N_("Events")), cell_int(all.count));
    *out = view_block(c->arena, BLOCK_FACTS);
    (*out)->facts = (FactsView){.facts = facts, .n = 4, .is_headline = true};
    return OK;
}

Err incident_report_trend(Ctx *c, const PageArgs *args, Page *out) {
    static const char path[] = "/reports/loss-trend";
    Report x;
    Str step;
    MeasureTable table = {0};
    TRY(report_read(&x, c, args->query, "rolling_36", path));
    TRY(incident_kit_choice(&step, c, args->query, "step", incident_kit_steps));
    if (x.narrowed.panel) {
        panel_page(out, &x, N_("Loss trend"));
        return OK;
    }
    TRY(read_figures(&table, &x, (MeasureQuery){.rows = -2, .columns = -1}));
    Block *b = view_block(c->arena, BLOCK_CHART), *headline;
    TRY(trend_headline(&headline, &x, &table));
    TRY(trend_chart(b, &x, &table, str_is(step, "year") ? 12 : str_is(step, "quarter") ? 3 : 1));
    out->title = TRS(c, N_("Loss trend"));
    caption(out, &x);
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, parameters(&x, path, args->query, true));
    view_put(c->arena, out->body, x.narrowed.bar);
    view_put(c->arena, out->body, headline);
    view_put(c->arena, out->body, b);
    view_put(c->arena, out->body, how(&x));
    out->main = b;
    return OK;
}
