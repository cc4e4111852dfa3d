/* indicator_file.c: what is on the page of one indicator: its course with the bounds of each time,
 * its control chart, its values with what they were before; on a definition: where it is in use and
 * its thresholds; on what they are linked to: its indicators. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "base/clock.h"
#include "calc/trend.h"
#include "model/report.h"
#include "modules/indicator/indicator_auto.h"
#include "modules/indicator/indicator_pages.h"

enum { CHART_PERIODS = 36, TABLE_PERIODS = 13, MOST_USES = 200 };
static const char *const colour_keys[] = {"none", "green", "amber", "red"};

Err indicator_names(Str *label, Str *note, Ctx *c, const Record *r) {
    RefName definition = {0}, unit = {0};
    TRY(ref_name(&definition, c, model_need(c->model, "indicator_definition"),
                 record_int(r, "definition")));
    if (r->unit) TRY(ref_name(&unit, c, model_need(c->model, "unit"), r->unit));
    *label = str_fmt(c->arena, "%.*s · %.*s", FMT(definition.key), FMT(definition.title));
    *note = unit.title;
    return OK;
}

static Cell colour_cell(Ctx *c, Colour colour) {
    return cell_state(str_of(colour_keys[colour]), TRS(c, indicator_colour_word(colour)),
                      indicator_tone(colour));
}

static Colour colour_of(Str key) {
    size_t k = LENGTH(colour_keys) - 1;
    while (k > 0 && !str_is(key, colour_keys[k])) k--;
    return (Colour)k;
}

/* ---- values ---- */

Str indicator_gap_words(Ctx *c, const Indicator *i, const Gap *gap) {
    Str why = record_choice_words(c, type_need(i->record->type, "gap"), str_of(gap->key));
    return gap->part.n ? INDICATOR_FILL(c, TR(c, N_("{0}: {1}")), why, gap->part) : why;
}

/* What a value was before it was corrected, newest first: "99,6 until 06/05/2026". */
static Cell earlier_cell(Ctx *c, const Indicator *i, const SeriesRows *past, int64_t period) {
    Text words = text_new(c->arena, 2000);
    int64_t last = INT64_MIN;
    for (size_t k = past->n; k-- > 0;) {
        const SeriesRow *row = &past->items[k];
        if (row->period != period) continue;
        if (row->values[VALUE_VALUE].i == last) continue; /* judged again, the value stayed */
        last = row->values[VALUE_VALUE].i;
        Cell value = indicator_value_cell(i->definition, last);
        if (words.n) text_addz(&words, " · ");
        text_add(&words,
                 INDICATOR_FILL(c, TR(c, N_("{0} until {1}")), indicator_cell_words(c, value),
                                report_day_words(c, date_of_instant(c->arena, row->until))));
    }
    return words.n ? cell_text(text_str(&words)) : (Cell){0};
}

static Cell moved_cell(int64_t now, const SeriesRow *then) {
    bool known = false;
    int64_t moved = then ? judge_variation(&known, now, then->values[VALUE_VALUE].i) : 0;
    return known ? cell_percent(moved, 2) : (Cell){0};
}

/* The same period of last year: a week has no same day, so the one that holds it. */
static int64_t year_before(const Indicator *i, int64_t period) {
    int per_year = i->frequency == MONTHLY ? 12 : i->frequency == QUARTERLY ? 4 : 1;
    return i->frequency == DAILY || i->frequency == WEEKLY
               ? period_start(i->frequency, period - 364)
               : period_move(i->frequency, period, -per_year);
}

/* Values corrected or ended since the first shown period; a value judged again under another
 * threshold is none. */
static Err corrected(SeriesRows *out, Ctx *c, const Indicator *i, const SeriesRows *rows) {
    *out = (SeriesRows){0};
    if (c->as_of.n) return OK;
    SeriesRows past;
    TRY(series_replaced(&past, c, &indicator_values, i->record->id,
                        rows->n ? rows->items[0].period : INT64_MIN / 2, INT64_MAX / 2));
    for (size_t k = 0; k < past.n; k++) {
        const SeriesRow *now = indicator_row_of(rows, past.items[k].owner, past.items[k].period);
        if (now && now->values[VALUE_VALUE].i == past.items[k].values[VALUE_VALUE].i) continue;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = past.items[k];
    }
    return OK;
}

/* A line of a period whose value ended: what it was, and why there is none now. */
static Err ended_line(Cell *cells, Ctx *c, const Indicator *i, int64_t period) {
    Given none;
    Gap gap = {0};
    cells[2] = colour_cell(c, NOT_JUDGED);
    cells[2].note = TRS(c, N_("No value any more"));
    if (indicator_is_worked_out(i)) TRY(indicator_worked_value(&none, &gap, c, i, period));
    if (gap.key) cells[5] = cell_text(indicator_gap_words(c, i, &gap));
    return OK;
}

/* Periods to show, newest first: those with a value, and those whose value ended. */
static size_t shown_periods(int64_t out[TABLE_PERIODS], const SeriesRows *rows,
                            const SeriesRows *past) {
    size_t n = 0, k = rows->n, p = past->n;
    while (n < TABLE_PERIODS && (k || p)) {
        int64_t at = k ? rows->items[k - 1].period : INT64_MIN;
        if (p && past->items[p - 1].period > at) at = past->items[p - 1].period;
        out[n++] = at;
        while (k && rows->items[k - 1].period == at) k--;
        while (p && past->items[p - 1].period == at) p--;
    }
    return n;
}

static Err values_table(Block **out, Ctx *c, const Indicator *i, const SeriesRows *rows) {
    static const Column columns[] = {
        {.name = "period", .label = S(N_("Period")), .kind = CELL_CODE, .is_main = true},
        {.name = "value", .label = S(N_("Value")), .kind = CELL_DECIMAL},
        {.name = "colour", .label = S(N_("Colour")), .kind = CELL_STATE},
        {.name = "versus_before", .label = S(N_("Against before")), .kind = CELL_PERCENT},
        {.name = "versus_last_year", .label = S(N_("Against last year")), .kind = CELL_PERCENT},
        {.name = "comment", .label = S(N_("Comment")), .kind = CELL_TEXT, .is_long = true},
        {.name = "batch", .label = S(N_("Collection")), .kind = CELL_REF, .is_hidden = true},
        {.name = "earlier", .label = S(N_("Before it was corrected")), .kind = CELL_TEXT}};
    SeriesRows past;
    int64_t periods[TABLE_PERIODS];
    TRY(corrected(&past, c, i, rows));
    size_t n = shown_periods(periods, rows, &past);
    ReportList l = report_list(c, columns, LENGTH(columns) - (past.n ? 0 : 1));
    for (size_t k = 0; k < n; k++) {
        const SeriesRow *row = indicator_row_of(rows, i->record->id, periods[k]);
        RefName batch = {0};
        Str period = indicator_period_label(c, i, periods[k]);
        Cell *cells = report_row(&l, period, (Str){0});
        cells[0] = cell_code(period);
        if (past.n) cells[7] = earlier_cell(c, i, &past, periods[k]);
        if (!row) {
            TRY(ended_line(cells, c, i, periods[k]));
            continue;
        }
        int64_t value = row->values[VALUE_VALUE].i;
        if (ref_name(&batch, c, model_need(c->model, "indicator_batch"), row->batch) == OK &&
            batch.found) {
            Str href = str_fmt(c->arena, "/indicator_batches/%.*s", FMT(batch.key));
            cells[0] = cell_link(cells[0], href);
            cells[6] = cell_ref(batch.key, batch.key, href);
        }
        cells[1] = indicator_value_cell(i->definition, value);
        cells[2] = colour_cell(c, (Colour)row->values[VALUE_COLOUR].i);
        if (row->values[VALUE_LATE].i) cells[2].note = TRS(c, N_("Given late"));
        cells[3] = moved_cell(
            value, indicator_row_of(rows, row->owner, period_move(i->frequency, row->period, -1)));
        cells[4] =
            moved_cell(value, indicator_row_of(rows, row->owner, year_before(i, row->period)));
        if (row->values[VALUE_COMMENT].s.n) cells[5] = cell_text(row->values[VALUE_COMMENT].s);
    }
    *out = report_block(&l, NULL, NULL, N_("No value yet"));
    (*out)->id = "values";
    (*out)->list.empty_text = TRS(c, N_("The provider enters it after the end of each period."));
    return OK;
}

/* ---- charts ---- */

typedef struct Course {
    Ctx *c;
    const Indicator *i;
    const SeriesRows *rows;
    Str *points;
    int64_t *values;
    Tone *tones;
} Course;

static Course course_of(Ctx *c, const Indicator *i, const SeriesRows *rows) {
    size_t n = rows->n + 1;
    Course o = {
        c, i, rows, NEW_N(c->arena, Str, n), NEW_N(c->arena, int64_t, n), NEW_N(c->arena, Tone, n)};
    for (size_t k = 0; k < rows->n; k++) {
        o.points[k] = indicator_period_label(c, i, rows->items[k].period);
        o.values[k] = rows->items[k].values[VALUE_VALUE].i;
        o.tones[k] = indicator_tone((Colour)rows->items[k].values[VALUE_COLOUR].i);
    }
    return o;
}

static Block *line_chart(const Course *o, const char *caption, const ChartSeries *series,
                         size_t n_series) {
    Block *block = view_block(o->c->arena, BLOCK_CHART);
    block->chart = (ChartView){.kind = CHART_LINE,
                               .caption = TRS(o->c, caption),
                               .points = o->points,
                               .point_keys = o->points,
                               .points_are_months = o->i->frequency == MONTHLY,
                               .n_points = o->rows->n,
                               .series = series,
                               .n_series = n_series,
                               .unit = CELL_DECIMAL,
                               .scale = JUDGE_DIGITS,
                               .is_tight = true,
                               .tones = o->tones};
    return block;
}

/* The zones of one threshold: green, amber below, amber above, red below, red above. */
static void zones_of(int64_t low[5], int64_t high[5], const Bounds *b) {
    for (int z = 0; z < 5; z++) low[z] = high[z] = 0; /* none */
    if (b->direction == HIGHER_WORSE) {
        low[0] = INT64_MIN, high[0] = b->amber;
        low[2] = b->amber, high[2] = b->red;
        low[4] = b->red, high[4] = INT64_MAX;
    } else if (b->direction == LOWER_WORSE) {
        low[0] = b->amber, high[0] = INT64_MAX;
        low[1] = b->red, high[1] = b->amber;
        low[3] = INT64_MIN, high[3] = b->red;
    } else {
        low[0] = b->green_low, high[0] = b->green_high;
        low[1] = b->low, high[1] = b->green_low;
        low[2] = b->green_high, high[2] = b->high;
        low[3] = INT64_MIN, high[3] = b->low;
        low[4] = b->high, high[4] = INT64_MAX;
    }
}

/* Each period lies before the zones of the threshold that held at its end. */
static Err course_chart(Block **out, const Course *o) {
    static const Colour zones[] = {GREEN, AMBER, AMBER, RED, RED};
    Ctx *c = o->c;
    Records thresholds;
    size_t n = o->rows->n;
    int64_t *low[5], *high[5];
    bool any[5] = {0};
    ChartBand *bands = NEW_N(c->arena, ChartBand, 5);
    ChartSeries *series = NEW(c->arena, ChartSeries);
    TRY(record_where(&thresholds, c, model_need(c->model, "indicator_threshold"), "definition",
                     value_int(o->i->definition->id), 1000));
    for (int z = 0; z < 5; z++) {
        low[z] = NEW_N(c->arena, int64_t, n + 1);
        high[z] = NEW_N(c->arena, int64_t, n + 1);
    }
    for (size_t k = 0; k < n; k++) {
        Bounds b;
        int64_t id, at_low[5], at_high[5];
        indicator_pick_bounds(&b, &id, &thresholds, o->i,
                              period_end(o->i->frequency, o->rows->items[k].period));
        if (!id || b.basis != ABSOLUTE) continue;
        zones_of(at_low, at_high, &b);
        for (int z = 0; z < 5; z++) {
            low[z][k] = at_low[z];
            high[z][k] = at_high[z];
            any[z] = any[z] || at_low[z] < at_high[z];
        }
    }
    *series = (ChartSeries){TRS(c, N_("Value")), "value", o->values, TONE_NONE};
    *out = line_chart(o, N_("Course and bounds"), series, 1);
    for (int z = 0; z < 5; z++)
        if (any[z])
            bands[(*out)->chart.n_bands++] = (ChartBand){TRS(c, indicator_colour_word(zones[z])),
                                                         indicator_tone(zones[z]), low[z], high[z]};
    (*out)->chart.bands = bands;
    return OK;
}

static int64_t scaled(double x) {
    return x > -9e18 && x < 9e18 ? (int64_t)x : 0;
}

/* Shewhart's chart of individual values; NULL with fewer than eight of them. */
static Block *control_chart(const Course *o) {
    Ctx *c = o->c;
    ControlChart chart;
    size_t n = o->rows->n;
    double *x = NEW_N(c->arena, double, n + 1);
    int64_t *lines[3];
    Course own = *o;
    for (size_t k = 0; k < n; k++) x[k] = (double)o->values[k];
    trend_control_chart(&chart, x, n);
    if (!chart.is_known || chart.sigma <= 0) return NULL;
    own.tones = NEW_N(c->arena, Tone, n + 1);
    for (int s = 0; s < 3; s++) lines[s] = NEW_N(c->arena, int64_t, n + 1);
    for (size_t k = 0; k < n; k++) {
        lines[0][k] = scaled(chart.centre);
        lines[1][k] = scaled(chart.low);
        lines[2][k] = scaled(chart.high);
        own.tones[k] = x[k] < chart.low || x[k] > chart.high ? TONE_BAD : TONE_ACCENT;
    }
    ChartBand *band = NEW(c->arena, ChartBand);
    *band = (ChartBand){TRS(c, N_("Usual variation (3 sigmas)")), TONE_INFO, lines[1], lines[2]};
    ChartSeries *series = NEW_N(c->arena, ChartSeries, 2);
    series[0] = (ChartSeries){TRS(c, N_("Value")), "value", o->values, TONE_ACCENT};
    series[1] = (ChartSeries){TRS(c, N_("Centre")), "centre", lines[0], TONE_MUTED};
    Block *block = line_chart(&own, N_("Control chart"), series, 2);
    block->chart.bands = band;
    block->chart.n_bands = 1;
    return block;
}

/* ---- words ---- */

/* Theil-Sen by period, told only when Mann-Kendall finds it significant. */
static Str trend_words(Ctx *c, const Indicator *i, const SeriesRows *rows) {
    TrendPoint points[CHART_PERIODS];
    Trend trend;
    size_t n = 0;
    int64_t at = 0;
    for (size_t k = 0; k < rows->n && n < CHART_PERIODS; k++) {
        while (k && at < 4000 &&
               period_move(i->frequency, rows->items[0].period, (int)at) < rows->items[k].period)
            at++;
        points[n++] = trend_point(at, rows->items[k].values[VALUE_VALUE].i);
    }
    trend_of(&trend, c->arena, points, n);
    if (!trend.is_known) return TRS(c, N_("Too few values for a trend."));
    int way = trend_direction(&trend);
    if (!way) return TRS(c, N_("No significant trend (Mann-Kendall, 5 %)."));
    Cell slope = indicator_value_cell(i->definition, scaled(trend.slope));
    if (slope.i < 0) slope.i = -slope.i;
    Str each = indicator_cell_words(c, slope);
    return way > 0 ? INDICATOR_FILL(c,
                                    TR(c, N_("It rises by {0} a period (Theil-Sen), "
                                             "significantly (Mann-Kendall, 5 %).")),
                                    each)
                   : INDICATOR_FILL(c,
                                    TR(c, N_("It falls by {0} a period (Theil-Sen), "
                                             "significantly (Mann-Kendall, 5 %).")),
                                    each);
}

/* Why the newest period of what nobody enters has no value. */
static Block *gap_block(Ctx *c, const Indicator *i) {
    Str key = record_text(i->record, "gap");
    if (!key.n || c->as_of.n) return NULL;
    Str when = indicator_period_label(c, i, indicator_last_period(c, i));
    Gap gap = {str_z(c->arena, key), record_text(i->record, "gap_part")};
    Str why = indicator_gap_words(c, i, &gap);
    return view_text(c->arena, TEXT_NOTICE, TONE_WARN,
                     INDICATOR_FILL(c, TR(c, N_("No value for {0}")), when), why);
}

static Err buttons_of(Button **out, size_t *n, Ctx *c, const Indicator *i) {
    Str address = {0};
    *n = 0;
    *out = NEW_N(c->arena, Button, 2);
    if (indicator_may_provide(c, i->record) && !c->as_of.n && !c->actor->is_system)
        (*out)[(*n)++] = (Button){.label = TRS(c, N_("Enter a value")),
                                  .icon = "pencil",
                                  .href = str_fmt(c->arena, "/indicator-entry?indicator=%.*s",
                                                  FMT(record_number(c->arena, i->record)))};
    TRY(indicator_auto_filter(&address, c, i, indicator_last_period(c, i)));
    if (address.n)
        (*out)[(*n)++] = (Button){.label = TRS(c, N_("Records behind the newest value")),
                                  .icon = "list",
                                  .href = address};
    return OK;
}

Err indicator_section(Ctx *c, const Record *r, Block **out) {
    Indicator i;
    SeriesRows rows;
    int64_t day;
    Block *chart = NULL, *values;
    Button *buttons;
    TRY(indicator_open(&i, c, record_clone(c, r)));
    CHECK(date_parse(&day, c->as_of.n ? c->as_of : c->today), "today is no date");
    TRY(series_last(&rows, c, &indicator_values, r->id, day, CHART_PERIODS));
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Values")));
    (*out)->layout.text = trend_words(c, &i, &rows);
    view_put(c->arena, *out, gap_block(c, &i));
    if (rows.n > 1) {
        Course course = course_of(c, &i, &rows);
        Block *pair = view_layout(c->arena, LAYOUT_GRID, (Str){0});
        TRY(course_chart(&chart, &course));
        view_put(c->arena, pair, chart);
        view_put(c->arena, pair, control_chart(&course));
        view_put(c->arena, *out, pair);
    }
    TRY(values_table(&values, c, &i, &rows));
    view_put(c->arena, *out, values);
    TRY(buttons_of(&buttons, &(*out)->layout.n_buttons, c, &i));
    (*out)->layout.buttons = buttons;
    return OK;
}

/* ---- a definition ---- */

typedef struct Together {
    int64_t *up, *down; /* numerators and denominators */
    int64_t sum, worst;
    size_t n;
    bool has_parts, is_too_large;
} Together;

static void add_value(Together *t, Direction direction, const SeriesRow *row) {
    const Value *v = row->values;
    int64_t value = v[VALUE_VALUE].i;
    t->has_parts = t->has_parts && !value_is_null(v[VALUE_DENOMINATOR]);
    t->up[t->n] = v[VALUE_NUMERATOR].i;
    t->down[t->n] = v[VALUE_DENOMINATOR].i;
    t->is_too_large = t->is_too_large || add_overflows(t->sum, value, &t->sum);
    bool worse = direction == LOWER_WORSE ? value < t->worst : value > t->worst;
    if (!t->n || worse) t->worst = value;
    t->n++;
}

/* All units together in the newest period that has ended: sum, worst, or the ratio of the sums
 * (never the mean of the ratios). Units without a value are left out and said. */
static Err together_block(Block **out, Ctx *c, const Record *definition, const Indicators *all) {
    Str how = record_text(definition, "aggregation");
    *out = NULL;
    if (!all->n || !how.n || str_is(how, "none")) return OK;
    int64_t period = indicator_last_period(c, &all->items[0]), value;
    bool known = true;
    Together t = {.up = NEW_N(c->arena, int64_t, all->n),
                  .down = NEW_N(c->arena, int64_t, all->n),
                  .has_parts = true};
    SeriesRows rows;
    TRY(series_range(&rows, c, &indicator_values, all->ids, all->n, period, period));
    for (size_t k = 0; k < rows.n; k++) add_value(&t, all->items[0].direction, &rows.items[k]);
    if (!t.n) return OK;
    int64_t factor = record_int(definition, "factor");
    value = str_is(how, "max") ? t.worst : t.sum;
    if (str_is(how, "ratio"))
        value = judge_ratio(&known, t.up, t.down, t.has_parts ? t.n : 0, factor > 0 ? factor : 1);
    if (!known || (t.is_too_large && str_is(how, "sum"))) return OK;
    Fact *facts = NEW_N(c->arena, Fact, 3);
    const Field *f = type_need(definition->type, "aggregation");
    facts[0] = (Fact){.name = "together",
                      .label = INDICATOR_FILL(c, TR(c, N_("All units, {0}")),
                                              indicator_period_label(c, &all->items[0], period)),
                      .cell = indicator_value_cell(definition, value)};
    facts[1] = (Fact){.name = "aggregation",
                      .label = TRS(c, N_("Over units")),
                      .cell = cell_label(how, record_choice_words(c, f, how))};
    facts[2] = (Fact){.name = "without",
                      .label = TRS(c, N_("Units without a value")),
                      .cell = cell_int((int64_t)(all->n - t.n))};
    *out = view_block(c->arena, BLOCK_FACTS);
    (*out)->facts = (FactsView){.facts = facts, .n = 3, .is_headline = true};
    return OK;
}

Str indicator_words(const Ctx *c, const Record *r, const char *field) {
    static const char *const endings[LANG_COUNT] = {[LANG_EN] = "_en", [LANG_AR] = "_ar"};
    if (!endings[c->lang]) return record_text(r, field);
    Str own = record_text(r, str_fmt(c->arena, "%s%s", field, endings[c->lang]).p);
    return own.n ? own : record_text(r, field);
}

/* Which one it is for is a column of its own only where a threshold is for one indicator. */
static Err threshold_rows(ReportList *l, Ctx *c, const Record *definition) {
    Records list;
    l->columns[2].is_hidden = true;
    TRY(record_where(&list, c, model_need(c->model, "indicator_threshold"), "definition",
                     value_int(definition->id), MOST_USES));
    for (size_t k = list.n; k-- > 0;) {
        const Record *t = list.items[k];
        RefName of = {0};
        Cell *x = report_row(l, record_number(c->arena, t), record_path(c->arena, t));
        bool band = !value_is_null(record_get(t, "green_low"));
        x[0] = report_ref(c, t);
        x[1] = report_state(c, t);
        if (record_int(t, "indicator"))
            TRY(ref_name(&of, c, model_need(c->model, "indicator"), record_int(t, "indicator")));
        if (of.found) x[2] = cell_text(of.key);
        if (of.found) l->columns[2].is_hidden = false;
        x[3] = indicator_value_cell(definition, record_int(t, band ? "green_high" : "amber"));
        x[4] = indicator_value_cell(definition, record_int(t, band ? "high" : "red"));
        x[5] = cell_text(indicator_words(c, t, "rationale"));
    }
    return OK;
}

Err indicator_definition_section(Ctx *c, const Record *r, Block **out) {
    static const Column uses[] = {
        {.name = "indicator", .label = S(N_("Indicator")), .kind = CELL_REF, .is_main = true},
        {.name = "unit", .label = S(N_("Unit")), .kind = CELL_REF},
        {.name = "colour", .label = S(N_("Colour")), .kind = CELL_STATE},
        {.name = "value", .label = S(N_("Last value")), .kind = CELL_DECIMAL},
        {.name = "period", .label = S(N_("Last period")), .kind = CELL_DATE}};
    static const Column thresholds[] = {
        {.name = "threshold", .label = S(N_("Threshold")), .kind = CELL_REF, .is_main = true},
        {.name = "state", .label = S(N_("State")), .kind = CELL_STATE},
        {.name = "only", .label = S(N_("For this indicator only")), .kind = CELL_TEXT},
        {.name = "amber", .label = S(N_("Amber from")), .kind = CELL_DECIMAL},
        {.name = "red", .label = S(N_("Red from")), .kind = CELL_DECIMAL},
        {.name = "rationale", .label = S(N_("Rationale")), .kind = CELL_TEXT, .is_long = true}};
    Indicators all;
    Block *together;
    Input params = {0};
    ReportList used = report_list(c, uses, LENGTH(uses)),
               bounds = report_list(c, thresholds, LENGTH(thresholds));
    input_add(&params, c->arena, S("definition"), record_number(c->arena, r));
    TRY(indicator_visible(&all, c, &params, MOST_USES));
    for (size_t k = 0; k < all.n; k++) {
        const Record *one = all.items[k].record;
        Cell *x = report_row(&used, record_number(c->arena, one), record_path(c->arena, one));
        x[0] = report_ref(c, one);
        TRY(report_unit(&x[1], c, one->unit));
        x[2] = colour_cell(c, colour_of(record_text(one, "colour")));
        if (!value_is_null(record_get(one, "last_value")))
            x[3] = indicator_value_cell(r, record_int(one, "last_value"));
        x[4] = cell_date(record_text(one, "last_period"));
    }
    TRY(threshold_rows(&bounds, c, r));
    Block *first = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("In use"))),
          *second = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Thresholds")));
    TRY(together_block(&together, c, r, &all));
    view_put(c->arena, first, together);
    view_put(c->arena, first, report_block(&used, NULL, NULL, N_("No indicator is in use yet")));
    view_put(c->arena, second, report_block(&bounds, NULL, NULL, N_("No threshold yet")));
    *out = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, *out, first);
    view_put(c->arena, *out, second);
    return OK;
}

/* ---- what indicators are linked to ---- */

static const char *link_field(const Type *t) {
    static const char *const links[][2] = {
        {"risk", "risks"}, {"control", "controls"}, {"objective", "objectives"}};
    for (size_t k = 0; k < LENGTH(links); k++)
        if (strcmp(t->name, links[k][0]) == 0) return links[k][1];
    return "process";
}

Err indicator_linked_panel(Ctx *c, const Record *r, Block **out) {
    enum { MOST = 50 };
    Indicators all;
    Input params = {0};
    const Access *access;
    *out = NULL;
    TRY(access_of(&access, c, model_need(c->model, "indicator"), OP_READ));
    if (!access_any(access)) return OK;
    input_add(&params, c->arena, str_of(link_field(r->type)), record_number(c->arena, r));
    TRY(indicator_visible(&all, c, &params, MOST));
    if (!all.n) return OK;
    Fact *facts = NEW_N(c->arena, Fact, all.n);
    for (size_t i = 0; i < all.n; i++) {
        Record *one = all.items[i].record;
        Colour colour = colour_of(record_text(one, "colour"));
        facts[i] = (Fact){.name = colour_keys[colour],
                          .label = indicator_title(c, one),
                          .cell = cell_link(colour_cell(c, colour), record_path(c->arena, one))};
    }
    Block *list = view_block(c->arena, BLOCK_FACTS);
    list->facts = (FactsView){.facts = facts, .n = all.n};
    *out = view_layout(c->arena, LAYOUT_CARD, TRS(c, N_("Indicators")));
    view_put(c->arena, *out, list);
    return OK;
}
