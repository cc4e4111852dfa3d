/* indicator_grid.c: what the values say, many at once: the grid of the last periods and the
 * calendar of colours. Colour is never the only sign: each cell says it by its shape and in words.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/clock.h"
#include "model/report.h"
#include "modules/indicator/indicator_pages.h"

enum { GRID_ROWS = 30, MONTHS = 12 };

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

Str indicator_cell_words(Ctx *c, Cell value) {
    Str plain = decimal_text(c->arena, value.i, value.scale);
    Text out = text_new(c->arena, 60);
    for (size_t i = 0; i < plain.n; i++)
        text_char(&out, plain.p[i] == '.' && c->lang != LANG_EN ? ',' : plain.p[i]);
    if (value.kind == CELL_PERCENT) text_addz(&out, c->lang == LANG_EN ? "%" : "\u00a0%");
    return text_str(&out);
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

static int by_id(const void *x, const void *y) {
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

/* ---- which indicators ---- */

Err indicator_visible(Indicators *out, Ctx *c, const Input *params, size_t limit) {
    ListQuery q;
    ListCursor *cursor;
    Input in = {0};
    const Type *t = model_need(c->model, "indicator");
    *out = (Indicators){.items = NEW_N(c->arena, Indicator, limit),
                        .ids = NEW_N(c->arena, int64_t, limit)};
    input_add(&in, c->arena, S("state"), S("active"));
    for (size_t i = 0; i < params->n; i++)
        if (params->items[i].value.n)
            input_add(&in, c->arena, params->items[i].name, params->items[i].value);
    TRY(list_parse(&q, c, t, &in));
    q.limit = (int64_t)limit;
    q.as_of = c->as_of;
    TRY(list_open(&cursor, c, &q));
    Record **found = NEW_N(c->arena, Record *, limit);
    for (;;) {
        Record *r;
        TRY(list_next(&r, cursor, c->arena));
        if (!r || out->n == limit) break;
        found[out->n++] = r;
    }
    out->after = list_after(cursor);
    for (size_t i = 0; i < out->n; i++) {
        TRY(indicator_open(&out->items[i], c, found[i]));
        out->ids[i] = found[i]->id;
    }
    qsort(out->ids, out->n, sizeof *out->ids, by_id);
    return OK;
}

const SeriesRow *indicator_row_of(const SeriesRows *rows, int64_t owner, int64_t period) {
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

/* ---- grid ---- */

typedef struct Grid {
    Ctx *c;
    Frequency frequency;
    Str frequency_key;
    int64_t periods[INDICATOR_GRID];
} Grid;

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
    Cell value = indicator_value_cell(i->definition, row->values[VALUE_VALUE].i), late = {0};
    value.tone = indicator_tone(colour);
    Str word = TRS(c, indicator_colour_word(colour));
    Str note = INDICATOR_FILL(c, TR(c, N_("{0}: {1}")), when, word);
    if (row->values[VALUE_LATE].i) {
        note = INDICATOR_FILL(c, TR(c, N_("{0}, given late")), note);
        late = cell_label(S("late"), TRS(c, N_("Given late")));
    }
    return (MatrixCell){
        .count = 1, .main = value, .second = late, .level = (int)colour, .note = note};
}

static const Choice frequencies[] = {
    {"daily", N_("Daily"), 0},         {"weekly", N_("Weekly"), 0}, {"monthly", N_("Monthly"), 0},
    {"quarterly", N_("Quarterly"), 0}, {"yearly", N_("Yearly"), 0}, {0}};

static Err grid_read(Grid *g, Ctx *c, const Input *query) {
    int64_t day;
    Str wanted = str_trim(input_getz(query, "frequency"));
    *g = (Grid){.c = c, .frequency = MONTHLY, .frequency_key = S("monthly")};
    if (wanted.n) {
        size_t k = 0;
        while (frequencies[k].key && !str_is(wanted, frequencies[k].key)) k++;
        if (!frequencies[k].key)
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

static const Str *level_labels(Ctx *c) {
    Str *labels = NEW_N(c->arena, Str, 3);
    for (int k = 0; k < 3; k++) labels[k] = TRS(c, indicator_colour_word((Colour)(k + 1)));
    return labels;
}

/* A grid of some columns with a row for each indicator; its cells are the caller's. */
static Err grid_view(Block **out, Ctx *c, const Indicators *all, size_t n_cols) {
    Str *labels = NEW_N(c->arena, Str, all->n + 1), *keys = NEW_N(c->arena, Str, all->n + 1);
    Str *hrefs = NEW_N(c->arena, Str, all->n + 1), *notes = NEW_N(c->arena, Str, all->n + 1);
    for (size_t i = 0; i < all->n; i++) {
        Record *r = all->items[i].record;
        TRY(indicator_names(&labels[i], &notes[i], c, r));
        keys[i] = record_number(c->arena, r);
        hrefs[i] = record_path(c->arena, r);
    }
    *out = view_block(c->arena, BLOCK_MATRIX);
    (*out)->matrix = (MatrixView){.corner = TRS(c, N_("Indicator")),
                                  .row_labels = labels,
                                  .row_keys = keys,
                                  .row_hrefs = hrefs,
                                  .row_notes = notes,
                                  .n_rows = all->n,
                                  .n_cols = n_cols,
                                  .cells = NEW_N(c->arena, MatrixCell, all->n * n_cols + 1),
                                  .main_name = "value",
                                  .main_label = TRS(c, N_("Value")),
                                  .level_labels = level_labels(c),
                                  .n_levels = 3,
                                  .shown = 1,
                                  .is_grid = true};
    return OK;
}

static Err grid_block(Block **out, const Grid *g, const Indicators *all) {
    Ctx *c = g->c;
    SeriesRows rows;
    Str *columns = NEW_N(c->arena, Str, INDICATOR_GRID);
    TRY(series_range(&rows, c, &indicator_values, all->ids, all->n, g->periods[0],
                     g->periods[INDICATOR_GRID - 1]));
    TRY(grid_view(out, c, all, INDICATOR_GRID));
    MatrixCell *cells = (MatrixCell *)(*out)->matrix.cells;
    for (size_t i = 0; i < all->n; i++)
        for (size_t k = 0; k < INDICATOR_GRID; k++) {
            const Indicator *one = &all->items[i];
            cells[i * INDICATOR_GRID + k] = grid_cell(
                g, one, indicator_row_of(&rows, one->record->id, g->periods[k]), g->periods[k]);
        }
    for (size_t k = 0; k < INDICATOR_GRID; k++)
        columns[k] = period_key(c->arena, g->frequency, g->periods[k]);
    (*out)->matrix.col_labels = (*out)->matrix.col_keys = columns;
    (*out)->matrix.caption = TRS(c, N_("Values by period"));
    (*out)->matrix.spark_label = TRS(c, N_("Course"));
    (*out)->matrix.second_name = "punctuality";
    (*out)->matrix.second_label = TRS(c, N_("Given late"));
    return OK;
}

static Err asked(Input *out, Ctx *c, const Input *query) {
    Str unit = str_trim(input_getz(query, "unit")), after = str_trim(input_getz(query, "after"));
    *out = (Input){0};
    input_add(out, c->arena, S("unit.under"), unit);
    input_add(out, c->arena, S("after"), after);
    input_add(out, c->arena, S("sort"), S("title"));
    return OK;
}

static Block *next_page(Ctx *c, const Indicators *all, Str path) {
    if (!all->after.n) return NULL;
    Block *b = view_text(c->arena, TEXT_PLAIN, TONE_NONE, (Str){0},
                         TRS(c, N_("There are more indicators than fit on this page.")));
    b->text.button = (Button){.label = TRS(c, N_("Next indicators")),
                              .href = report_link(c, path, "after", all->after)};
    return b;
}

static Block *nothing(Ctx *c) {
    return view_text(
        c->arena, TEXT_EMPTY, TONE_NONE, TRS(c, N_("No indicator of this frequency")),
        TRS(c, N_("Choose another frequency, or put a definition of the catalogue into use.")));
}

Err indicator_grid(Ctx *c, const PageArgs *args, Page *out) {
    Grid g;
    Indicators all;
    Input params;
    Block *grid;
    FormField f[2];
    Str unit = str_trim(input_getz(args->query, "unit"));
    TRY(grid_read(&g, c, args->query));
    TRY(asked(&params, c, args->query));
    input_add(&params, c->arena, S("frequency"), g.frequency_key);
    TRY(indicator_visible(&all, c, &params, GRID_ROWS));
    TRY(grid_block(&grid, &g, &all));
    f[0] = report_choice(c, "frequency", N_("Frequency"), frequencies, g.frequency_key);
    f[0].as_cards = true;
    TRY(report_unit_field(&f[1], c, "unit", N_("Unit"), unit));
    Str path = report_link(c, S("/indicator-grid"), "frequency", g.frequency_key);
    if (unit.n) path = report_link(c, path, "unit", unit);
    out->title = TRS(c, N_("Grid of indicators"));
    out->subtitle = TRS(c, N_("The last thirteen periods; a missing value is never green."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, "/indicator-grid", f, 2));
    view_put(c->arena, out->body, grid->matrix.n_rows ? grid : nothing(c));
    view_put(c->arena, out->body, next_page(c, &all, path));
    out->main = grid;
    out->as_of = c->as_of;
    return OK;
}

/* ---- calendar of colours ---- */

typedef struct Month {
    int64_t n, missing;
    Colour worst;
} Month;

static MatrixCell month_cell(Ctx *c, const Month *m, Str when) {
    if (!m->n && !m->missing) return (MatrixCell){.note = when};
    Str word = m->n ? TRS(c, indicator_colour_word(m->worst)) : TRS(c, N_("missing"));
    Str note = INDICATOR_FILL(c, TR(c, N_("{0}: {1}")), when, word);
    if (m->n > 1) {
        Str count = str_fmt(c->arena, "%lld", (long long)m->n);
        note = INDICATOR_FILL(c, TR(c, N_("{0}, the worst of {1} values")), note, count);
    }
    return (MatrixCell){.count = m->n,
                        .level = m->n ? (int)m->worst : 0,
                        .main = m->n ? (Cell){0} : cell_label(S("missing"), word),
                        .note = note};
}

/* The worst colour of the periods that end in each month of a year. */
static Err year_row(MatrixCell *cells, Ctx *c, const Indicator *i, const SeriesRows *rows, int year,
                    const Str *months) {
    Month of[MONTHS] = {0};
    int64_t today, from, first = date_to_days(year, 1, 1), end = date_to_days(year, 12, 31);
    CHECK(date_parse(&today, c->as_of.n ? c->as_of : c->today), "today is no date");
    if (!date_parse(&from, record_text(i->record, "active_from"))) from = first;
    int64_t period = period_start(i->frequency, from > first ? from : first);
    for (; period_end(i->frequency, period) <= end; period = period_move(i->frequency, period, 1)) {
        int y, month, day;
        int64_t last = period_end(i->frequency, period);
        if (last < first) continue;
        if (last >= today) break;
        date_from_days(&y, &month, &day, last);
        Month *m = &of[month - 1];
        const SeriesRow *row = indicator_row_of(rows, i->record->id, period);
        m->n += row != NULL;
        m->missing += !row && indicator_is_missing(c, i, period);
        if (row && (Colour)row->values[VALUE_COLOUR].i > m->worst)
            m->worst = (Colour)row->values[VALUE_COLOUR].i;
    }
    for (int k = 0; k < MONTHS; k++) cells[k] = month_cell(c, &of[k], months[k]);
    return OK;
}

static Err year_field(FormField *f, int *year, Ctx *c, const Input *query) {
    int64_t day, wanted;
    int now, month, of_month;
    Str typed = str_trim(input_getz(query, "year"));
    CHECK(date_parse(&day, c->as_of.n ? c->as_of : c->today), "today is no date");
    date_from_days(&now, &month, &of_month, day);
    *year = now;
    if (typed.n) {
        if (!str_to_int(&wanted, typed) || wanted < 1990 || wanted > now)
            return issue(c, "year", "bad_value", N_("This is none of the choices."));
        *year = (int)wanted;
    }
    Choice *choices = NEW_N(c->arena, Choice, 6);
    for (int k = 0; k < 5; k++) {
        const char *key = str_fmt(c->arena, "%d", now - k).p;
        choices[k] = (Choice){.key = key, .label = key};
    }
    *f = report_choice(c, "year", N_("Year"), choices, str_fmt(c->arena, "%d", *year));
    f->as_cards = true;
    return OK;
}

Err indicator_calendar(Ctx *c, const PageArgs *args, Page *out) {
    Indicators all;
    Input params;
    SeriesRows rows;
    Block *grid;
    FormField f[2];
    int year;
    Str unit = str_trim(input_getz(args->query, "unit"));
    Str *months = NEW_N(c->arena, Str, MONTHS);
    TRY(year_field(&f[0], &year, c, args->query));
    TRY(report_unit_field(&f[1], c, "unit", N_("Unit"), unit));
    TRY(asked(&params, c, args->query));
    TRY(indicator_visible(&all, c, &params, GRID_ROWS));
    TRY(series_range(&rows, c, &indicator_values, all.ids, all.n, date_to_days(year - 1, 1, 1),
                     date_to_days(year, 12, 31)));
    TRY(grid_view(&grid, c, &all, MONTHS));
    for (int k = 0; k < MONTHS; k++) months[k] = str_fmt(c->arena, "%d-%02d", year, k + 1);
    for (size_t i = 0; i < all.n; i++)
        TRY(year_row((MatrixCell *)&grid->matrix.cells[i * MONTHS], c, &all.items[i], &rows, year,
                     months));
    grid->matrix.col_labels = grid->matrix.col_keys = months;
    grid->matrix.caption = TRS(c, N_("The worst colour of each month"));
    Str path =
        report_link(c, S("/reports/indicator-calendar"), "year", str_fmt(c->arena, "%d", year));
    if (unit.n) path = report_link(c, path, "unit", unit);
    out->title = TRS(c, N_("Calendar of colours"));
    out->subtitle =
        TRS(c, N_("A year of each indicator; a month counts by the worst of its values."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, "/reports/indicator-calendar", f, 2));
    view_put(c->arena, out->body, grid->matrix.n_rows ? grid : nothing(c));
    view_put(c->arena, out->body, next_page(c, &all, path));
    out->main = grid;
    return OK;
}
