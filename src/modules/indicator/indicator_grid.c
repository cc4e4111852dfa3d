/* indicator_grid.c: what the values say: the grid of the last periods, the dashboard, the section
 * on the page of one indicator. Colour is never the only sign: each cell says it in words.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "calc/trend.h"
#include "modules/indicator/indicator_pages.h"

enum { VISIBLE_MAX = 500, CHART_PERIODS = 36 };

/* ---- words ---- */

const char *indicator_colour_word(Colour colour) {
    static const char *const words[] = {N_("Not judged"), N_("Green"), N_("Amber"), N_("Red")};
    return words[colour];
}

Tone indicator_tone(Colour colour) {
    static const Tone tones[] = {TONE_MUTED, TONE_GOOD, TONE_WARN, TONE_BAD};
    return tones[colour];
}

int64_t indicator_rounded(int64_t value) {
    int64_t unit = JUDGE_SCALE / 100;
    int64_t rounded = (value + (value < 0 ? -unit / 2 : unit / 2)) / unit * unit;
    return rounded ? rounded : value;
}

/* Two decimals are enough to read, unless the value is smaller than that. */
Cell indicator_value_cell(const Record *definition, int64_t value) {
    int scale = 2;
    int64_t unit = JUDGE_SCALE / 100;
    int64_t rounded = (value + (value < 0 ? -unit / 2 : unit / 2)) / unit;
    if (rounded == 0 && value != 0) {
        rounded = value;
        scale = JUDGE_DIGITS;
    } else
        while (scale > 0 && rounded % 10 == 0) {
            rounded /= 10;
            scale--;
        }
    bool percent = str_is(record_text(definition, "measure_unit"), "percent");
    return percent ? cell_percent(rounded, scale) : cell_decimal(rounded, scale);
}

Str indicator_period_label(Ctx *c, const Indicator *i, int64_t period) {
    return period_key(c->arena, i->frequency, period);
}

bool indicator_is_missing(Ctx *c, const Indicator *i, int64_t period) {
    int64_t today, from;
    CHECK(date_parse(&today, c->as_of.n ? c->as_of : c->today), "today is no date");
    if (date_parse(&from, record_text(i->record, "active_from")) &&
        period < period_start(i->frequency, from))
        return false;
    return today > indicator_last_day(i, period);
}

/* ---- which indicators ---- */

Err indicator_visible(Indicators *out, Ctx *c, Str filter) {
    ListQuery q;
    ListCursor *cursor;
    Input in = {0};
    Str part, name;
    const Type *t = model_need(c->model, "indicator");
    *out = (Indicators){.items = NEW_N(c->arena, Indicator, VISIBLE_MAX),
                        .ids = NEW_N(c->arena, int64_t, VISIBLE_MAX)};
    input_add(&in, c->arena, S("state"), S("active"));
    while (filter.n && str_cut(&part, &filter, '&')) {
        str_cut(&name, &part, '=');
        if (part.n) input_add(&in, c->arena, name, part);
    }
    TRY(list_parse(&q, c, t, &in));
    q.limit = VISIBLE_MAX;
    TRY(list_open(&cursor, c, &q));
    Record **found = NEW_N(c->arena, Record *, VISIBLE_MAX);
    for (;;) {
        Record *r;
        TRY(list_next(&r, cursor, c->arena));
        if (!r || out->n == VISIBLE_MAX) break;
        found[out->n++] = r;
    }
    for (size_t i = 0; i < out->n; i++) {
        TRY(indicator_open(&out->items[i], c, found[i]));
        out->ids[i] = found[i]->id;
    }
    return OK;
}

/* ---- grid ---- */

typedef struct Grid {
    Ctx *c;
    Frequency frequency;
    Str frequency_key;
    int64_t periods[INDICATOR_GRID];
} Grid;

static const SeriesRow *row_of(const SeriesRows *rows, int64_t owner, int64_t period) {
    size_t low = 0, high = rows->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const SeriesRow *r = &rows->items[middle];
        if (r->owner == owner && r->period == period) return r;
        if (r->owner < owner || (r->owner == owner && r->period < period))
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static MatrixCell grid_cell(const Grid *g, const Indicator *i, const SeriesRow *row,
                            int64_t period) {
    Ctx *c = g->c;
    Str when = indicator_period_label(c, i, period);
    if (!row) {
        bool missing = indicator_is_missing(c, i, period);
        return (MatrixCell){
            .note = missing ? INDICATOR_FILL(c, TR(c, N_("{0}: missing")), when) : when,
            .main = missing ? cell_label(S("missing"), TRS(c, N_("missing"))) : (Cell){0}};
    }
    Colour colour = (Colour)row->values[VALUE_COLOUR].i;
    Cell value = indicator_value_cell(i->definition, row->values[VALUE_VALUE].i);
    value.tone = indicator_tone(colour);
    Str word = TRS(c, indicator_colour_word(colour));
    Str note = INDICATOR_FILL(c, TR(c, N_("{0}: {1}")), when, word);
    if (row->values[VALUE_LATE].i) note = INDICATOR_FILL(c, TR(c, N_("{0}, given late")), note);
    return (MatrixCell){.count = 1,
                        .main = value,
                        .level = (int)colour,
                        .note = note,
                        .href = str_join(c->arena, record_path(c->arena, i->record), S("#values"))};
}

static Err grid_read(Grid *g, Ctx *c, const Input *query) {
    static const char *const words[] = {"daily", "weekly", "monthly", "quarterly", "yearly"};
    int64_t day;
    Str wanted = str_trim(input_getz(query, "frequency"));
    *g = (Grid){.c = c, .frequency = MONTHLY, .frequency_key = S("monthly")};
    if (wanted.n) {
        size_t k = 0;
        while (k < LENGTH(words) && !str_is(wanted, words[k])) k++;
        if (k == LENGTH(words))
            return issue(c, "frequency", "bad_value", N_("This is none of the choices."));
        g->frequency = (Frequency)k;
        g->frequency_key = wanted;
    }
    CHECK(date_parse(&day, c->as_of.n ? c->as_of : c->today), "today is no date");
    int64_t last = period_move(g->frequency, period_start(g->frequency, day), -1);
    for (int k = 0; k < INDICATOR_GRID; k++)
        g->periods[k] = period_move(g->frequency, last, k - INDICATOR_GRID + 1);
    return OK;
}

static Str filter_of(Ctx *c, const Input *query) {
    Str unit = str_trim(input_getz(query, "unit"));
    return unit.n ? str_fmt(c->arena, "unit.under=%.*s", FMT(unit)) : (Str){0};
}

static const Str *level_labels(Ctx *c) {
    Str *labels = NEW_N(c->arena, Str, 3);
    for (int k = 0; k < 3; k++) labels[k] = TRS(c, indicator_colour_word((Colour)(k + 1)));
    return labels;
}

static Err grid_block(Block **out, const Grid *g, const Indicators *all) {
    Ctx *c = g->c;
    SeriesRows rows;
    size_t n = 0;
    Str *labels = NEW_N(c->arena, Str, all->n + 1), *keys = NEW_N(c->arena, Str, all->n + 1);
    Str *columns = NEW_N(c->arena, Str, INDICATOR_GRID);
    MatrixCell *cells = NEW_N(c->arena, MatrixCell, (all->n + 1) * INDICATOR_GRID);
    TRY(series_range(&rows, c, &indicator_values, all->ids, all->n, g->periods[0],
                     g->periods[INDICATOR_GRID - 1]));
    for (size_t i = 0; i < all->n; i++) {
        const Indicator *one = &all->items[i];
        if (one->frequency != g->frequency) continue;
        labels[n] = indicator_title(c, one->record);
        keys[n] = record_number(c->arena, one->record);
        for (size_t k = 0; k < INDICATOR_GRID; k++)
            cells[n * INDICATOR_GRID + k] =
                grid_cell(g, one, row_of(&rows, one->record->id, g->periods[k]), g->periods[k]);
        n++;
    }
    for (size_t k = 0; k < INDICATOR_GRID; k++)
        columns[k] = period_key(c->arena, g->frequency, g->periods[k]);
    *out = view_block(c->arena, BLOCK_MATRIX);
    (*out)->matrix = (MatrixView){.corner = TRS(c, N_("Indicator")),
                                  .caption = TRS(c, N_("Values by period")),
                                  .row_labels = labels,
                                  .row_keys = keys,
                                  .col_labels = columns,
                                  .col_keys = columns,
                                  .n_rows = n,
                                  .n_cols = INDICATOR_GRID,
                                  .cells = cells,
                                  .main_name = "value",
                                  .main_label = TRS(c, N_("Value")),
                                  .level_labels = level_labels(c),
                                  .n_levels = 3,
                                  .shown = 1};
    return OK;
}

static Block *frequency_tabs(Ctx *c, const Grid *g) {
    static const Choice choices[] = {{"daily", N_("Daily"), 0},
                                     {"weekly", N_("Weekly"), 0},
                                     {"monthly", N_("Monthly"), 0},
                                     {"quarterly", N_("Quarterly"), 0},
                                     {"yearly", N_("Yearly"), 0}};
    FilterOption *options = NEW_N(c->arena, FilterOption, LENGTH(choices));
    for (size_t i = 0; i < LENGTH(choices); i++)
        options[i] = (FilterOption){.value = str_of(choices[i].key),
                                    .label = TRS(c, choices[i].label),
                                    .is_chosen = str_is(g->frequency_key, choices[i].key)};
    Str *value = NEW(c->arena, Str);
    *value = g->frequency_key;
    FormField *f = NEW(c->arena, FormField);
    *f = (FormField){.name = S("frequency"),
                     .label = TRS(c, N_("Frequency")),
                     .kind = INPUT_CHOICE,
                     .options = options,
                     .n_options = LENGTH(choices),
                     .values = value,
                     .n_values = 1};
    FormGroup *group = NEW(c->arena, FormGroup);
    *group = (FormGroup){.fields = f, .n = 1};
    Block *b = view_block(c->arena, BLOCK_FORM);
    b->form = (FormView){.action = S("/indicator-grid"),
                         .groups = group,
                         .n_groups = 1,
                         .submit_label = TRS(c, N_("Show")),
                         .is_get = true};
    return b;
}

Err indicator_grid(Ctx *c, const PageArgs *args, Page *out) {
    Grid g;
    Indicators all;
    Block *grid;
    TRY(grid_read(&g, c, args->query));
    TRY(indicator_visible(&all, c, filter_of(c, args->query)));
    TRY(grid_block(&grid, &g, &all));
    out->title = TRS(c, N_("Grid of indicators"));
    out->subtitle = TRS(c, N_("The last thirteen periods; a missing value is never green."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, frequency_tabs(c, &g));
    if (grid->matrix.n_rows)
        view_put(c->arena, out->body, grid);
    else
        view_put(
            c->arena, out->body,
            view_text(
                c->arena, TEXT_EMPTY, TONE_NONE, TRS(c, N_("No indicator of this frequency")),
                TRS(c,
                    N_("Choose another frequency, or put a definition of the catalogue into use."))));
    out->main = grid;
    out->as_of = c->as_of;
    return OK;
}

/* ---- dashboard ---- */

typedef struct Tallies {
    int64_t colours[4], missing, given, late;
} Tallies;

static void tally_one(Tallies *t, Ctx *c, const Indicator *i, const SeriesRow *last) {
    int64_t period = indicator_last_period(c, i);
    if (last && last->period == period) {
        t->colours[last->values[VALUE_COLOUR].i]++;
        t->given++;
        t->late += last->values[VALUE_LATE].i;
    } else
        t->missing += indicator_is_missing(c, i, period);
}

static Fact fact(const char *name, Str label, Cell cell) {
    return (Fact){.name = name, .label = label, .cell = cell};
}

static Block *headline(Ctx *c, const Tallies *t) {
    Fact *facts = NEW_N(c->arena, Fact, 6);
    size_t n = 0;
    static const char *const names[] = {"not_judged", "green", "amber", "red"};
    for (int k = RED; k >= GREEN; k--) {
        Cell cell = cell_int(t->colours[k]);
        cell.tone = indicator_tone((Colour)k);
        facts[n++] = fact(names[k], TRS(c, indicator_colour_word((Colour)k)), cell);
    }
    facts[n++] = fact("missing", TRS(c, N_("Missing values")),
                      cell_link(cell_int(t->missing), S("/indicators?value_missing=true")));
    facts[n++] = fact("late", TRS(c, N_("Given late")), cell_int(t->late));
    Block *b = view_block(c->arena, BLOCK_FACTS);
    b->facts = (FactsView){.facts = facts, .n = n, .is_headline = true};
    return b;
}

static Err unit_rows(Block **out, Ctx *c, const Indicators *all, const SeriesRow *last,
                     const bool *has) {
    static const Column columns[] = {{.name = "unit", .kind = CELL_REF, .is_main = true},
                                     {.name = "red", .kind = CELL_INT},
                                     {.name = "amber", .kind = CELL_INT},
                                     {.name = "green", .kind = CELL_INT},
                                     {.name = "missing", .kind = CELL_INT},
                                     {.name = "late", .kind = CELL_INT}};
    Str labels[] = {TRS(c, N_("Unit")),           TRS(c, N_("Red")),
                    TRS(c, N_("Amber")),          TRS(c, N_("Green")),
                    TRS(c, N_("Missing values")), TRS(c, N_("Given late"))};
    Column *kept = NEW_N(c->arena, Column, LENGTH(columns));
    Row *rows = NEW_N(c->arena, Row, all->n + 1);
    int64_t *units = NEW_N(c->arena, int64_t, all->n + 1);
    Tallies *tallies = NEW_N(c->arena, Tallies, all->n + 1);
    size_t n = 0;
    for (size_t k = 0; k < LENGTH(columns); k++) {
        kept[k] = columns[k];
        kept[k].label = labels[k];
    }
    for (size_t i = 0; i < all->n; i++) {
        size_t k = 0;
        while (k < n && units[k] != all->items[i].record->unit) k++;
        if (k == n) units[n++] = all->items[i].record->unit;
        tally_one(&tallies[k], c, &all->items[i], has[i] ? &last[i] : NULL);
    }
    for (size_t k = 0; k < n; k++) {
        RefName name = {0};
        Cell *cells = NEW_N(c->arena, Cell, LENGTH(columns));
        TRY(ref_name(&name, c, model_need(c->model, "unit"), units[k]));
        Str href = str_fmt(c->arena, "/indicators?state=active&unit=%.*s", FMT(name.key));
        cells[0] = cell_ref(name.key, name.title, href);
        cells[1] = cell_int(tallies[k].colours[RED]);
        cells[2] = cell_int(tallies[k].colours[AMBER]);
        cells[3] = cell_int(tallies[k].colours[GREEN]);
        cells[4] = cell_int(tallies[k].missing);
        cells[5] = cell_int(tallies[k].late);
        rows[k] = (Row){.id = name.key, .href = href, .cells = cells};
    }
    *out = view_block(c->arena, BLOCK_LIST);
    (*out)->list = (ListView){.columns = kept,
                              .n_columns = LENGTH(columns),
                              .rows = rows_of_array(c->arena, rows, n),
                              .total = (int64_t)n,
                              .total_is_exact = true,
                              .is_plain = true,
                              .action = S("/reports/indicators"),
                              .export_query = S("?"),
                              .empty_title = TRS(c, N_("No indicator is in use yet"))};
    return OK;
}

Err indicator_dashboard(Ctx *c, const PageArgs *args, Page *out) {
    Indicators all;
    Tallies total = {0};
    Block *units;
    TRY(indicator_visible(&all, c, filter_of(c, args->query)));
    SeriesRow *last = NEW_N(c->arena, SeriesRow, all.n + 1);
    bool *has = NEW_N(c->arena, bool, all.n + 1);
    for (size_t i = 0; i < all.n; i++) {
        TRY(series_one(&last[i], &has[i], c, &indicator_values, all.ids[i],
                       indicator_last_period(c, &all.items[i])));
        tally_one(&total, c, &all.items[i], has[i] ? &last[i] : NULL);
    }
    TRY(unit_rows(&units, c, &all, last, has));
    out->title = TRS(c, N_("State of the indicators"));
    out->subtitle =
        TRS(c, N_("The newest period that has ended; missing counts from the end of the grace."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, headline(c, &total));
    view_put(c->arena, out->body, units);
    out->main = units;
    out->main_key = "units";
    return OK;
}

/* ---- one indicator ---- */

static Block *values_table(Ctx *c, const Indicator *i, const SeriesRows *rows) {
    static const Column columns[] = {{.name = "period", .kind = CELL_CODE, .is_main = true},
                                     {.name = "value", .kind = CELL_DECIMAL},
                                     {.name = "colour", .kind = CELL_STATE},
                                     {.name = "versus_before", .kind = CELL_PERCENT},
                                     {.name = "versus_last_year", .kind = CELL_PERCENT},
                                     {.name = "comment", .kind = CELL_TEXT},
                                     {.name = "batch", .kind = CELL_REF}};
    Str labels[] = {TRS(c, N_("Period")),
                    TRS(c, N_("Value")),
                    TRS(c, N_("Colour")),
                    TRS(c, N_("Against before")),
                    TRS(c, N_("Against last year")),
                    TRS(c, N_("Comment")),
                    TRS(c, N_("Collection"))};
    static const char *const keys[] = {"none", "green", "amber", "red"};
    Column *kept = NEW_N(c->arena, Column, LENGTH(columns));
    Row *list = NEW_N(c->arena, Row, rows->n + 1);
    for (size_t k = 0; k < LENGTH(columns); k++) {
        kept[k] = columns[k];
        kept[k].label = labels[k];
    }
    for (size_t k = 0; k < rows->n; k++) { /* newest first */
        const SeriesRow *row = &rows->items[rows->n - 1 - k];
        Cell *cells = NEW_N(c->arena, Cell, LENGTH(columns));
        Colour colour = (Colour)row->values[VALUE_COLOUR].i;
        RefName batch = {0};
        bool known = false;
        int64_t moved = 0, year = period_start(i->frequency, row->period - 365);
        cells[0] = cell_code(indicator_period_label(c, i, row->period));
        cells[1] = indicator_value_cell(i->definition, row->values[VALUE_VALUE].i);
        cells[2] = cell_state(str_of(keys[colour]), TRS(c, indicator_colour_word(colour)),
                              indicator_tone(colour));
        if (k + 1 < rows->n)
            moved = judge_variation(&known, row->values[VALUE_VALUE].i,
                                    rows->items[rows->n - 2 - k].values[VALUE_VALUE].i);
        if (known) cells[3] = cell_percent(moved, 2);
        const SeriesRow *then = row_of(rows, row->owner, year);
        known = false;
        if (then)
            moved =
                judge_variation(&known, row->values[VALUE_VALUE].i, then->values[VALUE_VALUE].i);
        if (known) cells[4] = cell_percent(moved, 2);
        if (row->values[VALUE_COMMENT].s.n) cells[5] = cell_text(row->values[VALUE_COMMENT].s);
        if (ref_name(&batch, c, model_need(c->model, "indicator_batch"), row->batch) == OK &&
            batch.found)
            cells[6] = cell_ref(batch.key, batch.key,
                                str_fmt(c->arena, "/indicator_batches/%.*s", FMT(batch.key)));
        list[k] = (Row){.id = cells[0].text, .cells = cells};
    }
    Block *b = view_block(c->arena, BLOCK_LIST);
    b->id = "values";
    b->list = (ListView){.columns = kept,
                         .n_columns = LENGTH(columns),
                         .rows = rows_of_array(c->arena, list, rows->n),
                         .total = (int64_t)rows->n,
                         .total_is_exact = true,
                         .is_plain = true,
                         .empty_title = TRS(c, N_("No value yet")),
                         .empty_text =
                             TRS(c, N_("The provider enters it after the end of each period."))};
    return b;
}

static Block *chart_of(Ctx *c, const Indicator *i, const SeriesRows *rows, const Bounds *b,
                       bool judged) {
    Block *block = view_block(c->arena, BLOCK_CHART);
    size_t n = rows->n, n_series = 0;
    Str *points = NEW_N(c->arena, Str, n + 1);
    int64_t *values = NEW_N(c->arena, int64_t, n + 1), *amber = NEW_N(c->arena, int64_t, n + 1),
            *red = NEW_N(c->arena, int64_t, n + 1);
    ChartSeries *series = NEW_N(c->arena, ChartSeries, 3);
    bool lines = judged && b->basis == ABSOLUTE && b->direction != BAND;
    for (size_t k = 0; k < n; k++) {
        points[k] = indicator_period_label(c, i, rows->items[k].period);
        values[k] = rows->items[k].values[VALUE_VALUE].i;
        amber[k] = lines ? b->amber : 0;
        red[k] = lines ? b->red : 0;
    }
    series[n_series++] = (ChartSeries){TRS(c, N_("Value")), "value", values, TONE_ACCENT};
    if (lines) {
        series[n_series++] = (ChartSeries){TRS(c, N_("Amber from")), "amber", amber, TONE_WARN};
        series[n_series++] = (ChartSeries){TRS(c, N_("Red from")), "red", red, TONE_BAD};
    }
    block->chart = (ChartView){.kind = CHART_LINE,
                               .caption = TRS(c, N_("Values and bounds")),
                               .points = points,
                               .point_keys = points,
                               .n_points = n,
                               .series = series,
                               .n_series = n_series,
                               .unit = CELL_DECIMAL,
                               .scale = JUDGE_DIGITS,
                               .is_small = true};
    return block;
}

static Str trend_words(Ctx *c, const SeriesRows *rows) {
    TrendPoint points[CHART_PERIODS];
    Trend trend;
    size_t n = 0;
    for (size_t k = rows->n > CHART_PERIODS ? rows->n - CHART_PERIODS : 0; k < rows->n; k++)
        points[n++] = trend_point((int64_t)k, rows->items[k].values[VALUE_VALUE].i);
    trend_of(&trend, c->arena, points, n);
    if (!trend.is_known) return TRS(c, N_("Too few values for a trend."));
    int way = trend_direction(&trend);
    return way == 0  ? TRS(c, N_("No significant trend (Mann-Kendall, 5 %)."))
           : way > 0 ? TRS(c, N_("It rises significantly (Mann-Kendall, 5 %)."))
                     : TRS(c, N_("It falls significantly (Mann-Kendall, 5 %)."));
}

Err indicator_section(Ctx *c, const Record *r, Block **out) {
    Indicator i;
    SeriesRows rows;
    Bounds b = {0};
    int64_t threshold, day;
    Str address = {0};
    TRY(indicator_open(&i, c, record_clone(c, r)));
    CHECK(date_parse(&day, c->as_of.n ? c->as_of : c->today), "today is no date");
    TRY(series_last(&rows, c, &indicator_values, r->id, day, CHART_PERIODS));
    TRY(indicator_bounds(&b, &threshold, c, &i, day));
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Values")));
    (*out)->layout.text = trend_words(c, &rows);
    if (rows.n > 1) view_put(c->arena, *out, chart_of(c, &i, &rows, &b, threshold != 0));
    view_put(c->arena, *out, values_table(c, &i, &rows));
    Button *buttons = NEW_N(c->arena, Button, 2);
    size_t n = 0;
    if (indicator_may_provide(c, r) && !c->as_of.n && !c->actor->is_system)
        buttons[n++] = (Button){.label = TRS(c, N_("Enter a value")),
                                .icon = "pencil",
                                .href = str_fmt(c->arena, "/indicator-entry?indicator=%.*s",
                                                FMT(record_number(c->arena, r)))};
    TRY(indicator_auto_filter(&address, c, &i, indicator_last_period(c, &i)));
    if (address.n)
        buttons[n++] = (Button){.label = TRS(c, N_("Records behind the newest value")),
                                .icon = "list",
                                .href = address};
    (*out)->layout.buttons = buttons;
    (*out)->layout.n_buttons = n;
    return OK;
}

Err indicator_risk_panel(Ctx *c, const Record *r, Block **out) {
    Indicators all;
    static const char *const keys[] = {"none", "green", "amber", "red"};
    const Access *access;
    *out = NULL;
    TRY(access_of(&access, c, model_need(c->model, "indicator"), OP_READ));
    if (!access_any(access)) return OK;
    TRY(indicator_visible(&all, c,
                          str_fmt(c->arena, "risks=%.*s", FMT(record_number(c->arena, r)))));
    if (!all.n) return OK;
    Fact *facts = NEW_N(c->arena, Fact, all.n);
    for (size_t i = 0; i < all.n; i++) {
        Record *one = all.items[i].record;
        Str colour = record_text(one, "colour");
        size_t k = LENGTH(keys) - 1;
        while (k > 0 && !str_is(colour, keys[k])) k--;
        Cell cell = cell_state(str_of(keys[k]), TRS(c, indicator_colour_word((Colour)k)),
                               indicator_tone((Colour)k));
        facts[i] =
            fact(keys[k], indicator_title(c, one), cell_link(cell, record_path(c->arena, one)));
    }
    Block *list = view_block(c->arena, BLOCK_FACTS);
    list->facts = (FactsView){.facts = facts, .n = all.n};
    *out = view_layout(c->arena, LAYOUT_CARD, TRS(c, N_("Indicators")));
    view_put(c->arena, *out, list);
    return OK;
}
