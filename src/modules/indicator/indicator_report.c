/* indicator_report.c: the state of all indicators by unit, risk category or risk, and who gives
 * values in time. SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/clock.h"
#include "model/report.h"
#include "modules/indicator/indicator_pages.h"
#include "modules/indicator/indicator_query.h"

typedef struct Tally {
    int64_t key, colours[4], missing, n, given, late;
} Tally;
typedef struct Tallies {
    Tally *items;
    size_t n;
    Tally all;
} Tallies;

/* One line a key. What is missing counts as missing, whatever colour it had before. */
static Tallies tallies_of(Ctx *c, const IndicatorCounts *counts) {
    Tallies t = {.items = NEW_N(c->arena, Tally, counts->n + 1)};
    for (size_t i = 0; i < counts->n; i++) {
        const IndicatorCount *x = &counts->items[i];
        if (!t.n || t.items[t.n - 1].key != x->key) t.items[t.n++] = (Tally){.key = x->key};
        Tally *both[] = {&t.items[t.n - 1], &t.all};
        for (size_t k = 0; k < LENGTH(both); k++) {
            both[k]->n += x->n;
            both[k]->given += x->given;
            both[k]->late += x->late;
            *(x->is_missing ? &both[k]->missing : &both[k]->colours[x->colour]) += x->n;
        }
    }
    return t;
}

/* The worst first; what has none of it last. */
static int by_worst(const void *x, const void *y) {
    const Tally *a = x, *b = y;
    const int64_t of_a[] = {a->key == 0, -a->colours[RED], -a->colours[AMBER], -a->missing, -a->n},
                  of_b[] = {b->key == 0, -b->colours[RED], -b->colours[AMBER], -b->missing, -b->n};
    for (size_t k = 0; k < LENGTH(of_a); k++)
        if (of_a[k] != of_b[k]) return of_a[k] < of_b[k] ? -1 : 1;
    return (a->key > b->key) - (a->key < b->key);
}

static Err unit_of(int64_t *out, Ctx *c, Str code) {
    *out = 0;
    if (!code.n) return OK;
    Err e = ref_find(out, c, model_need(c->model, "unit"), code);
    return e == ERR_MISSING ? issue(c, "unit", "missing", N_("There is no such entry.")) : e;
}

static Fact figure(Ctx *c, const char *name, const char *label, int64_t n, Tone tone, Str href) {
    Cell cell = cell_int(n);
    cell.tone = n ? tone : TONE_NONE;
    return (Fact){
        .name = name, .label = TRS(c, label), .cell = n && href.n ? cell_link(cell, href) : cell};
}

static Block *headline(Ctx *c, const Tally *t, Str unit) {
    static const struct {
        const char *name, *label;
        Colour colour;
    } colours[] = {
        {"red", N_("Red"), RED}, {"amber", N_("Amber"), AMBER}, {"green", N_("Green"), GREEN}};
    Fact *facts = NEW_N(c->arena, Fact, 6);
    size_t n = 0;
    Str list = S("/indicators?state=active");
    if (unit.n) list = report_link(c, list, "unit.under", unit);
    for (size_t k = 0; k < LENGTH(colours); k++)
        facts[n++] = figure(c, colours[k].name, colours[k].label, t->colours[colours[k].colour],
                            indicator_tone(colours[k].colour),
                            report_link(c, report_link(c, list, "value_missing", S("false")),
                                        "colour", str_of(colours[k].name)));
    facts[n++] = figure(c, "missing", N_("Missing values"), t->missing, TONE_BAD,
                        report_link(c, list, "value_missing", S("true")));
    facts[n++] = figure(c, "all", N_("Indicators in use"), t->n, TONE_NONE, list);
    Block *b = view_block(c->arena, BLOCK_FACTS);
    b->facts = (FactsView){.facts = facts, .n = n, .is_headline = true};
    return b;
}

/* ---- what the lines stand for ---- */

static const Choice by_choices[] = {{"unit", N_("Unit"), 0},
                                    {"category", N_("Risk category"), 0},
                                    {"risk", N_("Risk"), 0},
                                    {"control", N_("Control"), 0},
                                    {"process", N_("Process"), 0},
                                    {"objective", N_("Objective"), 0},
                                    {0}};

/* Risks and controls of several units are called the same. */
static Err name_unit(Cell *out, Str *name, Ctx *c, const Type *t, int64_t id) {
    Record *r;
    RefName unit = {0};
    TRY(record_load_raw(&r, c, t, id));
    if (r->unit) TRY(ref_name(&unit, c, model_need(c->model, "unit"), r->unit));
    if (!unit.found) return OK;
    out->note = unit.title;
    *name = str_fmt(c->arena, "%.*s · %.*s", FMT(*name), FMT(unit.key));
    return OK;
}

static Err key_cell(Cell *out, Str *name, Ctx *c, CountBy by, int64_t id) {
    static const char *const types[] = {"unit",    "taxon",     "risk", "control",
                                        "process", "objective", "user"};
    const Type *t = model_type(c->model, str_of(types[by]));
    RefName ref = {0};
    *name = TRS(c, N_("Without"));
    *out = cell_label(S("none"), *name);
    if (!id || !t) return OK;
    TRY(ref_name(&ref, c, t, id));
    if (!ref.found) return OK;
    *name = ref.title;
    *out = by == BY_PROVIDER ? (Cell){.kind = CELL_PERSON, .key = ref.key, .text = ref.title}
                             : cell_ref(ref.key, ref.title,
                                        str_fmt(c->arena, "/%s/%.*s", t->plural, FMT(ref.key)));
    return by == BY_RISK || by == BY_CONTROL ? name_unit(out, name, c, t, id) : OK;
}

static Str lines_href(Ctx *c, CountBy by, const Cell *key) {
    static const char *const fields[] = {"unit",     "category", "risks",
                                         "controls", "process",  "objectives"};
    Str list = S("/indicators?state=active");
    return key->kind == CELL_REF ? report_link(c, list, fields[by], key->key) : list;
}

static Cell count_of(int64_t n, Tone tone, Str href) {
    Cell cell = report_count(n, href);
    cell.tone = n ? tone : TONE_NONE;
    return cell;
}

/* The lines of one page; other formats than a page have them all. */
typedef struct Lines {
    size_t from, to;
} Lines;

static Lines lines_shown(const PageArgs *args, size_t n) {
    enum { LINES_SHOWN = 50 };
    int64_t from = 0;
    if (args->format != FORMAT_HTML) return (Lines){0, n};
    Str typed = str_trim(input_getz(args->query, "from"));
    if (!str_to_int(&from, typed) || from < 0 || (uint64_t)from >= n) from = 0;
    size_t first = (size_t)from;
    return (Lines){first, n - first > LINES_SHOWN ? first + LINES_SHOWN : n};
}

static Err state_rows(Block **table, Block **chart, Ctx *c, const Tallies *t, CountBy by,
                      const Input *asked, Lines lines) {
    static const Column columns[] = {
        {.name = "of", .label = S(N_("For")), .kind = CELL_REF, .is_main = true},
        {.name = "red", .label = S(N_("Red")), .kind = CELL_INT},
        {.name = "amber", .label = S(N_("Amber")), .kind = CELL_INT},
        {.name = "green", .label = S(N_("Green")), .kind = CELL_INT},
        {.name = "not_judged", .label = S(N_("Not judged")), .kind = CELL_INT},
        {.name = "missing", .label = S(N_("Missing values")), .kind = CELL_INT},
        {.name = "all", .label = S(N_("In all")), .kind = CELL_INT}};
    static const Colour order[] = {RED, AMBER, GREEN};
    enum { CHART_MOST = 12 };
    ReportList l = report_list(c, columns, LENGTH(columns));
    size_t n = t->n < CHART_MOST ? t->n : CHART_MOST;
    Str *points = NEW_N(c->arena, Str, t->n + 1);
    int64_t *values[4];
    for (int k = 0; k < 4; k++) values[k] = NEW_N(c->arena, int64_t, t->n + 1);
    for (size_t i = 0; i < t->n; i++) {
        const Tally *x = &t->items[i];
        Cell key;
        bool in_chart = i < n, in_table = i >= lines.from && i < lines.to;
        if (!in_chart && !in_table) continue;
        TRY(key_cell(&key, &points[i], c, by, x->key));
        if (by == BY_UNIT && key.kind == CELL_REF) points[i] = key.key; /* short, so that all fit */
        for (int k = 0; k < 3; k++) values[k][i] = x->colours[order[k]];
        values[3][i] = x->missing + x->colours[NOT_JUDGED];
        if (!in_table) continue;
        Str list = lines_href(c, by, &key),
            fresh = report_link(c, list, "value_missing", S("false"));
        Cell *cells = report_row(&l, key.key, list);
        cells[0] = key;
        for (int k = 0; k < 3; k++) {
            static const char *const names[] = {"red", "amber", "green"};
            cells[k + 1] = count_of(x->colours[order[k]], indicator_tone(order[k]),
                                    report_link(c, fresh, "colour", str_of(names[k])));
        }
        cells[4] = cell_int(x->colours[NOT_JUDGED]);
        cells[5] = count_of(x->missing, TONE_BAD, report_link(c, list, "value_missing", S("true")));
        cells[6] = cell_int(x->n);
    }
    *table = report_block(&l, "/reports/indicators", asked, N_("No indicator is in use yet"));
    (*table)->list.total = (int64_t)t->n;
    (*table)->list.total_is_exact = true;
    ChartSeries *series = NEW_N(c->arena, ChartSeries, 4);
    for (int k = 0; k < 3; k++)
        series[k] = (ChartSeries){TRS(c, indicator_colour_word(order[k])), columns[k + 1].name,
                                  values[k], indicator_tone(order[k])};
    series[3] =
        (ChartSeries){TRS(c, N_("Missing or not judged")), "missing", values[3], TONE_MUTED};
    *chart = n < 2 ? NULL : view_block(c->arena, BLOCK_CHART);
    if (!*chart) return OK;
    (*chart)->chart = (ChartView){.kind = CHART_STACKED,
                                  .caption = TRS(c, N_("Colours")),
                                  .points = points,
                                  .point_keys = points,
                                  .n_points = n,
                                  .series = series,
                                  .n_series = 4,
                                  .unit = CELL_INT};
    return OK;
}

static void page_links(Block *table, Ctx *c, CountBy by, Str unit, Lines shown, size_t n) {
    Str first = report_link(c, S("/reports/indicators"), "by", str_of(by_choices[by].key));
    if (unit.n) first = report_link(c, first, "unit", unit);
    if (shown.from) table->list.first_href = first;
    if (shown.to < n)
        table->list.next_href = report_link(c, first, "from", str_fmt(c->arena, "%zu", shown.to));
}

Err indicator_dashboard(Ctx *c, const PageArgs *args, Page *out) {
    IndicatorCounts counts;
    Tallies total;
    FormField f[2];
    Block *table, *chart;
    int64_t unit_id;
    Input asked = {0};
    CountBy by = BY_UNIT;
    Str wanted = str_trim(input_getz(args->query, "by")),
        unit = str_trim(input_getz(args->query, "unit"));
    for (size_t k = 0; by_choices[k].key; k++)
        if (str_is(wanted, by_choices[k].key)) by = (CountBy)k;
    TRY(unit_of(&unit_id, c, unit));
    TRY(indicator_query_counts(&counts, c, BY_UNIT, unit_id));
    total = tallies_of(c, &counts);
    if (by != BY_UNIT) TRY(indicator_query_counts(&counts, c, by, unit_id));
    Tallies lines = tallies_of(c, &counts);
    qsort(lines.items, lines.n, sizeof *lines.items, by_worst);
    Lines shown = lines_shown(args, lines.n);
    input_add(&asked, c->arena, S("by"), str_of(by_choices[by].key));
    input_add(&asked, c->arena, S("unit"), unit);
    TRY(state_rows(&table, &chart, c, &lines, by, &asked, shown));
    page_links(table, c, by, unit, shown, lines.n);
    if (shown.from) chart = NULL; /* it shows the first ones */
    f[0] = report_choice(c, "by", N_("By"), by_choices, str_of(by_choices[by].key));
    f[0].as_cards = true;
    TRY(report_unit_field(&f[1], c, "unit", N_("Unit"), unit));
    out->title = TRS(c, N_("State of the indicators"));
    out->subtitle =
        TRS(c, N_("By the newest value of each; without one after the grace it is missing."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, "/reports/indicators", f, 2));
    view_put(c->arena, out->body, headline(c, &total.all, unit));
    view_put(c->arena, out->body, chart);
    view_put(c->arena, out->body, table);
    out->main = table;
    out->main_key = "lines";
    return OK;
}

/* ---- punctuality ---- */

Err indicator_punctuality(Ctx *c, const PageArgs *args, Page *out) {
    static const Column columns[] = {
        {.name = "provider", .label = S(N_("Data provider")), .kind = CELL_PERSON, .is_main = true},
        {.name = "indicators", .label = S(N_("Indicators")), .kind = CELL_INT},
        {.name = "missing", .label = S(N_("Missing values")), .kind = CELL_INT},
        {.name = "given", .label = S(N_("Values of twelve periods")), .kind = CELL_INT},
        {.name = "late", .label = S(N_("Given late")), .kind = CELL_INT},
        {.name = "on_time", .label = S(N_("On time")), .kind = CELL_PERCENT}};
    IndicatorCounts counts;
    int64_t unit_id;
    FormField f[1];
    Str unit = str_trim(input_getz(args->query, "unit"));
    TRY(unit_of(&unit_id, c, unit));
    TRY(indicator_query_counts(&counts, c, BY_PROVIDER, unit_id));
    Tallies t = tallies_of(c, &counts);
    ReportList l = report_list(c, columns, LENGTH(columns));
    for (size_t i = 0; i < t.n; i++) {
        const Tally *x = &t.items[i];
        Cell key;
        Str name, list = S("/indicators?state=active");
        TRY(key_cell(&key, &name, c, BY_PROVIDER, x->key));
        if (x->key) list = report_link(c, list, "provider", key.key);
        Cell *cells = report_row(&l, key.key, list);
        cells[0] = key;
        cells[1] = report_count(x->n, list);
        cells[2] = count_of(x->missing, TONE_BAD, report_link(c, list, "value_missing", S("true")));
        cells[3] = cell_int(x->given);
        cells[4] = count_of(x->late, TONE_WARN, (Str){0});
        if (x->given) cells[5] = cell_percent((x->given - x->late) * 1000 / x->given, 1);
    }
    TRY(report_unit_field(&f[0], c, "unit", N_("Unit"), unit));
    Block *table = report_block(&l, "/reports/indicator-punctuality", args->query,
                                N_("No indicator is in use yet"));
    out->title = TRS(c, N_("Missing data and punctuality"));
    out->subtitle =
        TRS(c, N_("Who provides values, what is missing after the grace, and what came late."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, "/reports/indicator-punctuality", f, 1));
    view_put(c->arena, out->body, headline(c, &t.all, unit));
    view_put(c->arena, out->body, table);
    out->main = table;
    out->main_key = "providers";
    return OK;
}
