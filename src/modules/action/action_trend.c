/* action_trend.c: how many actions were open and overdue at the end of each month, how many were
 * done in it, and the overdue ones by unit. Figures are the measures as recorded at those days.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/measure.h"
#include "modules/action/action_pages.h"
#include "modules/action/action_query.h"

enum { MONTHS = 12, MOST_UNITS = 200 };

typedef struct Trend {
    Ctx *c;
    int32_t first; /* month of the first column; the last one is today */
    int64_t open[MONTHS], overdue[MONTHS], done[MONTHS], on_time[MONTHS];
    int64_t units[MOST_UNITS];
    size_t n_units;
    int64_t by_unit[MOST_UNITS][MONTHS];
} Trend;

static Str last_day(Ctx *c, int32_t month) {
    return date_text(c->arena, date_to_days((month + 1) / 12, (month + 1) % 12 + 1, 1) - 1);
}

static int64_t *cell_of(Trend *t, int64_t unit, int month) {
    for (size_t i = 0; i < t->n_units; i++)
        if (t->units[i] == unit) return &t->by_unit[i][month];
    if (t->n_units == MOST_UNITS) return NULL;
    t->units[t->n_units] = unit;
    return &t->by_unit[t->n_units++][month];
}

static Err total(int64_t *out, Ctx *c, const MeasureQuery *q) {
    MeasureTable table = {0};
    *out = 0;
    TRY(measure_read(&table, c, q));
    for (size_t i = 0; i < table.n; i++) *out += table.cells[i].count;
    return OK;
}

/* Due until the end of the month and still to do then. */
static Err month_end(Trend *t, int k) {
    Ctx *c = t->c;
    const MeasureDef *open = model_measure(c->model, S("open_actions"));
    MeasureTable table = {0};
    MeasureQuery q = {.measure = open, .rows = -1, .columns = -1};
    q.as_of = last_day(c, t->first + k);
    TRY(total(&t->open[k], c, &q));
    q.rows = -4;
    q.to = t->first + k;
    TRY(measure_read(&table, c, &q));
    for (size_t i = 0; i < table.n; i++) {
        int64_t *cell = cell_of(t, table.cells[i].row, k);
        if (cell) *cell += table.cells[i].count;
        t->overdue[k] += table.cells[i].count;
    }
    return OK;
}

/* The running month stands as it is today, to the day. */
static Err today_column(Trend *t) {
    AgeRows rows;
    TRY(action_query_ages(&rows, t->c, false, t->c->today));
    for (size_t i = 0; i < rows.n; i++) {
        int64_t late = 0, *cell = cell_of(t, rows.items[i].key, MONTHS - 1);
        for (int k = 0; k < ACTION_AGES; k++) late += rows.items[i].late[k];
        if (cell) *cell = late;
        t->open[MONTHS - 1] += rows.items[i].open;
        t->overdue[MONTHS - 1] += late;
    }
    return OK;
}

static Err done_columns(Trend *t) {
    Ctx *c = t->c;
    MeasureTable table = {0};
    MeasureQuery q = {.measure = model_measure(c->model, S("done_actions")),
                      .rows = -2,
                      .columns = 0,
                      .from = t->first,
                      .to = t->first + MONTHS - 1};
    TRY(measure_read(&table, c, &q));
    for (size_t i = 0; i < table.n; i++) {
        int64_t k = table.cells[i].row - t->first;
        if (k < 0 || k >= MONTHS) continue;
        t->done[k] += table.cells[i].count;
        if (table.cells[i].column == 1) t->on_time[k] += table.cells[i].count; /* first choice */
    }
    return OK;
}

/* ---- drawing ---- */

static Str month_words(Ctx *c, int32_t month) {
    return str_fmt(c->arena, "%02d/%04d", (int)(month % 12) + 1, (int)(month / 12));
}

static Str month_key(Ctx *c, int32_t month) {
    return str_fmt(c->arena, "%04d-%02d", (int)(month / 12), (int)(month % 12) + 1);
}

static Block *chart(Trend *t) {
    Ctx *c = t->c;
    static const struct {
        const char *name, *label;
    } words[] = {
        {"open", N_("To do")}, {"overdue", N_("Overdue")}, {"done", N_("Done in the month")}};
    const int64_t *const values[] = {t->open, t->overdue, t->done};
    Str *points = NEW_N(c->arena, Str, MONTHS), *keys = NEW_N(c->arena, Str, MONTHS);
    ChartSeries *series = NEW_N(c->arena, ChartSeries, LENGTH(words));
    for (int k = 0; k < MONTHS; k++) {
        points[k] = month_words(c, t->first + k);
        keys[k] = month_key(c, t->first + k);
    }
    for (size_t s = 0; s < LENGTH(words); s++)
        series[s] = (ChartSeries){
            .label = TRS(c, words[s].label), .name = words[s].name, .values = values[s]};
    Block *b = view_block(c->arena, BLOCK_CHART);
    b->id = "months";
    b->chart = (ChartView){.kind = CHART_LINE,
                           .caption = TRS(c, N_("Actions at the end of each month")),
                           .points = points,
                           .point_keys = keys,
                           .points_are_months = true,
                           .n_points = MONTHS,
                           .series = series,
                           .n_series = LENGTH(words),
                           .unit = CELL_INT};
    return b;
}

static Block *months_list(Trend *t, const Input *query) {
    static const Column columns[] = {
        {.name = "month", .label = S(N_("Month")), .kind = CELL_CODE, .is_main = true},
        {.name = "open", .label = S(N_("To do at its end")), .kind = CELL_INT},
        {.name = "overdue", .label = S(N_("Overdue at its end")), .kind = CELL_INT},
        {.name = "overdue_share", .label = S(N_("Share overdue")), .kind = CELL_PERCENT},
        {.name = "done", .label = S(N_("Done in the month")), .kind = CELL_INT},
        {.name = "on_time", .label = S(N_("Of which on time")), .kind = CELL_PERCENT}};
    Ctx *c = t->c;
    ReportList l = report_list(c, columns, LENGTH(columns));
    for (int k = MONTHS - 1; k >= 0; k--) {
        Str month = month_key(c, t->first + k);
        Cell *x = report_row(&l, month, (Str){0});
        x[0] = cell_code(month);
        x[1] = cell_int(t->open[k]);
        x[2] = cell_int(t->overdue[k]);
        x[3] = t->open[k] ? cell_percent(t->overdue[k] * 100 / t->open[k], 0) : (Cell){0};
        x[4] = cell_int(t->done[k]);
        x[5] = t->done[k] ? cell_percent(t->on_time[k] * 100 / t->done[k], 0) : (Cell){0};
    }
    Block *b = report_block(&l, "/reports/action-trend", query, N_("No data yet"));
    b->id = "figures";
    return b;
}

static int shade(int64_t n, int64_t most) {
    if (n <= 0) return 0;
    int level = (int)((n - 1) * 5 / (most > 0 ? most : 1)) + 1;
    return level > 5 ? 5 : level;
}

static bool has_any(const Trend *t, size_t unit) {
    for (int k = 0; k < MONTHS; k++)
        if (t->by_unit[unit][k]) return true;
    return false;
}

static Err matrix(Block **out, Trend *t) {
    Ctx *c = t->c;
    size_t n = 0;
    int64_t most = 0;
    Str *labels = NEW_N(c->arena, Str, t->n_units + 1),
        *keys = NEW_N(c->arena, Str, t->n_units + 1);
    Str *months = NEW_N(c->arena, Str, MONTHS);
    MatrixCell *cells = NEW_N(c->arena, MatrixCell, (t->n_units + 1) * MONTHS);
    for (size_t u = 0; u < t->n_units; u++)
        for (int k = 0; k < MONTHS; k++)
            if (t->by_unit[u][k] > most) most = t->by_unit[u][k];
    for (size_t u = 0; u < t->n_units; u++) {
        Cell unit;
        if (!has_any(t, u)) continue;
        TRY(report_unit(&unit, c, t->units[u]));
        labels[n] = unit.text;
        keys[n] = unit.key;
        for (int k = 0; k < MONTHS; k++) {
            MatrixCell *x = &cells[n * MONTHS + (size_t)k];
            *x = (MatrixCell){.count = t->by_unit[u][k], .level = shade(t->by_unit[u][k], most)};
            if (k == MONTHS - 1 && x->count)
                x->href = report_link(c, S("/actions?overdue=true"), "unit", unit.key);
        }
        n++;
    }
    for (int k = 0; k < MONTHS; k++) months[k] = month_words(c, t->first + k);
    months[MONTHS - 1] = TRS(c, N_("Today"));
    *out = view_block(c->arena, BLOCK_MATRIX);
    (*out)->id = "units";
    (*out)->matrix = (MatrixView){.corner = TRS(c, N_("Unit")),
                                  .caption = TRS(c, N_("Overdue actions by unit and month")),
                                  .row_labels = labels,
                                  .row_keys = keys,
                                  .col_labels = months,
                                  .col_keys = months,
                                  .n_rows = n,
                                  .n_cols = MONTHS,
                                  .cells = cells};
    return OK;
}

Err action_trend_build(Ctx *c, const PageArgs *args, Page *out) {
    Trend *t = NEW(c->arena, Trend);
    Block *units;
    t->c = c;
    t->first = report_month(c->today) - (MONTHS - 1);
    for (int k = 0; k < MONTHS - 1; k++) TRY(month_end(t, k));
    TRY(today_column(t));
    TRY(done_columns(t));
    TRY(matrix(&units, t));
    out->title = TRS(c, N_("Open and overdue actions by month"));
    out->subtitle = TRS(
        c,
        N_("At the end of a month those are overdue that were due until then and not done; the last column is today."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, chart(t));
    view_put(c->arena, out->body, units);
    Block *list = months_list(t, args->query);
    view_put(c->arena, out->body, list);
    out->main = args->format == FORMAT_JSON ? out->body : list;
    return OK;
}
