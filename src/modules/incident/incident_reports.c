/* incident_reports.c: top losses, ageing and data quality as lists, the
 * committee's page for print. Figures come from incident_query.c, in the reader's scope.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/core_rules.h"
#include "modules/incident/incident_pages.h"
#include "modules/incident/incident_query.h"

#include <math.h>

/* Declared, neither closed nor cancelled. */
#define OPEN_STATES "declared,qualification,review,approval,open,closure"

enum { TOP_LIMIT = 50, COMMITTEE_TOP = 10 };

static Err incident_cell(Cell *out, Record **record, Ctx *c, int64_t id) {
    Record *r;
    TRY(record_load_raw(&r, c, model_need(c->model, "incident"), id));
    *out = cell_ref(record_number(c->arena, r), record_title(c, r), record_path(c->arena, r));
    if (record) *record = r;
    return OK;
}

/* ---- top losses ---- */

/* On paper without unit and state, so that it fits the page. */
static Err top_block(Block **out, Ctx *c, Str from, Str to, int64_t limit, const char *path,
                     const Input *query) {
    static const Column columns[] = {
        {.name = "title", .label = S(N_("Title")), .kind = CELL_REF, .is_main = true},
        {.name = "discovered_on", .label = S(N_("Date of discovery")), .kind = CELL_DATE},
        {.name = "gross", .label = S(N_("Gross loss")), .kind = CELL_MONEY},
        {.name = "recoveries", .label = S(N_("Recoveries")), .kind = CELL_MONEY},
        {.name = "net", .label = S(N_("Net loss")), .kind = CELL_MONEY},
        {.name = "unit", .label = S(N_("Unit")), .kind = CELL_REF},
        {.name = "state", .label = S(N_("State")), .kind = CELL_STATE}};
    TopLosses top;
    Str currency;
    ReportList l = report_list(c, columns, path ? LENGTH(columns) : LENGTH(columns) - 2);
    TRY(incident_group_currency(&currency, c));
    TRY(incident_query_top(&top, c, from, to, limit));
    for (size_t i = 0; i < top.n; i++) {
        Record *r;
        Cell title;
        TRY(incident_cell(&title, &r, c, top.items[i].id));
        Cell *cells = report_row(&l, title.key, title.href);
        cells[0] = title;
        cells[0].is_named = true;
        cells[0].note = title.key;
        cells[1] = cell_date(top.items[i].discovered_on);
        cells[2] = report_money(top.items[i].gross, currency);
        cells[3] = report_money(top.items[i].recoveries, currency);
        cells[4] = report_money(top.items[i].net, currency);
        if (!path) continue;
        TRY(report_unit(&cells[5], c, r->unit));
        cells[6] = cell_state(str_of(r->state->name), TRS(c, r->state->label), r->state->tone);
    }
    *out = report_block(&l, path, query, N_("No loss in this period"));
    return OK;
}

Err incident_report_top(Ctx *c, const PageArgs *args, Page *out) {
    Period p;
    Block *list;
    Str currency;
    TRY(incident_kit_period(&p, c, args->query, "rolling_12"));
    TRY(top_block(&list, c, p.from, p.to, TOP_LIMIT, "/reports/top-losses", args->query));
    FormField f[3];
    size_t n = incident_kit_period_fields(f, c, &p);
    out->title = TRS(c, N_("Largest losses"));
    TRY(incident_group_currency(&currency, c));
    out->subtitle = INCIDENT_FILL(c, TR(c, N_("By gross loss before recoveries; discovered {0}")),
                                  incident_kit_caption(c, p.from, p.to, currency));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, "/reports/top-losses", f, n));
    view_put(c->arena, out->body, list);
    out->main = list;
    out->main_key = "losses";
    return OK;
}

/* ---- ageing ---- */

static const AgeRow *age_of(const AgeRows *rows, const char *state) {
    for (size_t i = 0; i < rows->n; i++)
        if (str_is(rows->items[i].state, state)) return &rows->items[i];
    return NULL;
}

static Str age_href(Ctx *c, const char *state, int k) {
    Str from, to;
    incident_query_age_bounds(&from, &to, c, k);
    Str href = str_fmt(c->arena, "/incidents?state=%s&declared_on.le=%.*s", state, FMT(to));
    return from.n ? str_fmt(c->arena, "%.*s&declared_on.ge=%.*s", FMT(href), FMT(from)) : href;
}

Err incident_report_ageing(Ctx *c, const PageArgs *args, Page *out) {
    static const Column columns[] = {
        {.name = "state", .label = S(N_("State")), .kind = CELL_STATE, .is_main = true},
        {.name = "days_30", .label = S(N_("Up to 30 days")), .kind = CELL_INT},
        {.name = "days_90", .label = S(N_("31 to 90")), .kind = CELL_INT},
        {.name = "days_180", .label = S(N_("91 to 180")), .kind = CELL_INT},
        {.name = "days_365", .label = S(N_("181 to 365")), .kind = CELL_INT},
        {.name = "days_more", .label = S(N_("More than a year")), .kind = CELL_INT},
        {.name = "gross", .label = S(N_("Gross loss")), .kind = CELL_MONEY}};
    AgeRows ages;
    Str currency;
    const Type *t = model_need(c->model, "incident");
    ReportList l = report_list(c, columns, LENGTH(columns));
    TRY(incident_group_currency(&currency, c));
    TRY(incident_query_ages(&ages, c));
    for (size_t i = 0; i < t->n_states; i++) {
        const State *s = &t->states[i];
        const AgeRow *row = age_of(&ages, s->name);
        if (s->flags & STATE_CLOSED || !row) continue;
        Cell *cells =
            report_row(&l, str_of(s->name), str_fmt(c->arena, "/incidents?state=%s", s->name));
        cells[0] = cell_state(str_of(s->name), TRS(c, s->label), s->tone);
        for (int k = 0; k < 5; k++)
            cells[k + 1] = report_count(row->counts[k], age_href(c, s->name, k));
        cells[6] = report_money(row->gross, currency);
    }
    Block *list = report_block(&l, "/reports/ageing", args->query, N_("No open incident"));
    out->title = TRS(c, N_("Age of open incidents"));
    out->subtitle =
        INCIDENT_FILL(c, TR(c, N_("Days since the declaration, by state, on {0}; amounts in {1}")),
                      report_day_words(c, c->today), currency);
    out->body = out->main = list;
    out->main_key = "states";
    return OK;
}

/* ---- data quality ---- */

/* 100 less the share of failed checks, five checks a record. */
static int64_t score_of(const QualityRow *q) {
    int64_t faults = q->no_line + q->no_entry + q->stale + q->late + q->no_cause;
    if (!q->total) return 100;
    int64_t score = 100 - faults * 100 / (q->total * 5);
    return score < 0 ? 0 : score;
}

static Err quality_rows(ReportList *l, Ctx *c, const QualityRows *rows, const Period *p) {
    int64_t stale_days, entry_days, late, today;
    TRY(setting_whole(&stale_days, c, "stale_estimate_days", 90));
    TRY(setting_whole(&entry_days, c, "no_entry_days", 30));
    TRY(setting_whole(&late, c, "late_declaration_days", 30));
    CHECK(date_parse(&today, c->today), "today is no date");
    Str stale = date_text(c->arena, today - stale_days),
        entry = date_text(c->arena, today - entry_days);
    Str states = S("review,approval,open,closure,closed"),
        all = incident_kit_states(c, model_need(c->model, "incident"));
    for (size_t i = 0; i < rows->n; i++) {
        const QualityRow *q = &rows->items[i];
        Cell unit;
        TRY(report_unit(&unit, c, q->unit));
        const char *since = str_fmt(c->arena, "/incidents?unit=%.*s&declared_on.ge=%.*s",
                                    FMT(unit.key), FMT(p->from))
                                .p,
                   *base = str_fmt(c->arena, "%s&declared_on.le=%.*s", since, FMT(p->to)).p;
        Cell *cells = report_row(l, unit.key, (Str){0});
        cells[0] = unit;
        cells[1] = report_count(q->total, str_fmt(c->arena, "%s&state.in=%.*s", base, FMT(all)));
        cells[2] =
            report_count(q->no_line, str_fmt(c->arena, "%s&business_line.empty=1&state.in=%.*s",
                                             base, FMT(states)));
        cells[3] =
            report_count(q->no_cause, str_fmt(c->arena, "%s&primary_cause.empty=1&state.in=%.*s",
                                              base, FMT(states)));
        cells[4] = report_count(
            q->no_entry,
            str_fmt(c->arena, "%s&event_kind=loss&entry_count=0&declared_on.le=%.*s&state.in=%.*s",
                    since, FMT(str_cmp(entry, p->to) < 0 ? entry : p->to), FMT(all)));
        cells[5] = report_count(
            q->stale,
            str_fmt(c->arena, "%s&financial_status=estimated&valued_on.le=%.*s&state.in=%s", base,
                    FMT(stale), OPEN_STATES));
        cells[6] =
            report_count(q->late, str_fmt(c->arena, "%s&days_to_declare.ge=%lld&state.in=%.*s",
                                          base, (long long)late + 1, FMT(all)));
        cells[7] = cell_int(score_of(q));
        cells[7].tone = score_of(q) >= 95 ? TONE_GOOD : score_of(q) >= 85 ? TONE_WARN : TONE_BAD;
    }
    return OK;
}

Err incident_report_quality(Ctx *c, const PageArgs *args, Page *out) {
    static const Column columns[] = {
        {.name = "unit", .label = S(N_("Unit")), .kind = CELL_REF, .is_main = true},
        {.name = "total", .label = S(N_("Incidents")), .kind = CELL_INT},
        {.name = "no_business_line", .label = S(N_("Without business line")), .kind = CELL_INT},
        {.name = "no_cause", .label = S(N_("Without primary cause")), .kind = CELL_INT},
        {.name = "no_entry", .label = S(N_("Loss without entry")), .kind = CELL_INT},
        {.name = "stale", .label = S(N_("Stale estimate")), .kind = CELL_INT},
        {.name = "late", .label = S(N_("Declared late")), .kind = CELL_INT},
        {.name = "score", .label = S(N_("Score")), .kind = CELL_INT}};
    Period p;
    QualityRows rows;
    ReportList l = report_list(c, columns, LENGTH(columns));
    TRY(incident_kit_period(&p, c, args->query, "rolling_12"));
    TRY(incident_query_quality(&rows, c, p.from, p.to));
    TRY(quality_rows(&l, c, &rows, &p));
    Block *list =
        report_block(&l, "/reports/data-quality", args->query, N_("No incident in this period"));
    FormField f[3];
    size_t n = incident_kit_period_fields(f, c, &p);
    out->title = TRS(c, N_("Data quality"));
    out->subtitle = INCIDENT_FILL(
        c,
        TR(c,
           N_("By unit, for incidents declared {0} to {1}. The score is the share of five checks that are passed.")),
        report_day_words(c, p.from), report_day_words(c, p.to));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, "/reports/data-quality", f, n));
    view_put(c->arena, out->body, list);
    out->main = list;
    out->main_key = "units";
    return OK;
}

/* ---- committee ---- */

static Str quarter_day(Ctx *c, int32_t month, bool is_end) {
    if (!is_end) return str_fmt(c->arena, "%04d-%02d-01", (int)(month / 12), (int)(month % 12 + 1));
    int32_t next = month + 3;
    return date_text(c->arena, date_to_days(next / 12, next % 12 + 1, 1) - 1);
}

typedef struct Compared {
    const char *name, *label; /* label: N_() */
    Cell now, before;
    const char *filter; /* of the events behind it */
} Compared;

typedef struct Quarters {
    Str from, to, before_from, before_to;
} Quarters;

static Cell opened(Ctx *c, Cell cell, Str from, Str to, const char *filter) {
    return cell.i ? cell_link(cell, incident_kit_events(c, from, to, filter)) : cell;
}

static void compare(ReportList *l, const Quarters *q, const Compared *x) {
    Cell *cells = report_row(l, str_of(x->name), (Str){0});
    cells[0] = cell_label(str_of(x->name), TRS(l->c, x->label));
    cells[1] = opened(l->c, x->now, q->from, q->to, x->filter);
    cells[2] = opened(l->c, x->before, q->before_from, q->before_to, x->filter);
    /* In tenths of a per cent of the quarter before; that of nothing says nothing. */
    double change = x->before.i > 0
                        ? 1000.0 * ((double)x->now.i - (double)x->before.i) / (double)x->before.i
                        : 0;
    if (x->before.i > 0 && change < 1e9) cells[3] = cell_percent(llround(change), 1);
}

/* Where many small losses were declared together, how many records they are. */
static Cell losses_cell(Ctx *c, const PeriodFigures *f) {
    Cell cell = cell_int(f->losses);
    if (f->losses != f->events)
        cell.note = INCIDENT_FILL(c, tr_n(c->lang, "in {0} event", "in {0} events", f->events),
                                  str_fmt(c->arena, "%lld", (long long)f->events));
    return cell;
}

/* clang-format off */
static Err comparison(Block **out, Ctx *c, const PeriodFigures *now, const PeriodFigures *then, const Quarters *q, Str currency) {
    static const Column columns[] = {
        {.name = "figure", .label = S(N_("Figure")), .kind = CELL_LABEL, .is_main = true},
        {.name = "quarter", .label = S(N_("This quarter")), .kind = CELL_INT},
        {.name = "previous", .label = S(N_("Previous quarter")), .kind = CELL_INT},
        {.name = "change", .label = S(N_("Change")), .kind = CELL_PERCENT}};
    ReportList l = report_list(c, columns, LENGTH(columns));
    int64_t late;
    TRY(setting_whole(&late, c, "late_declaration_days", 30));
    const char *loss = "event_kind=loss", *back = "event_kind=loss&recoveries_group.ge=0.01", *insured = "event_kind=loss&insurance_group.ge=0.01";
#define MONEY(of) report_money(now->of, currency), report_money(then->of, currency)
#define COUNT(of) cell_int(now->of), cell_int(then->of)
    const Compared rows[] = {
        {"losses", N_("Losses"), losses_cell(c, now), losses_cell(c, then), loss},
        {"gross", N_("Gross loss"), MONEY(gross), loss},
        {"recoveries", N_("Recoveries"), MONEY(recoveries), back},
        {"insurance", N_("Of which insurance"), MONEY(insurance), insured},
        {"net", N_("Net loss"), MONEY(net), loss},
        {"near_misses", N_("Near misses"), COUNT(near_misses), "event_kind=near_miss"},
        {"late", N_("Declared late"), COUNT(late), str_fmt(c->arena, "days_to_declare.ge=%lld", (long long)late + 1).p}};
#undef MONEY
#undef COUNT
    for (size_t i = 0; i < LENGTH(rows); i++) compare(&l, q, &rows[i]);
    *out = report_block(&l, NULL, NULL, N_("No figure"));
    return OK;
}
/* clang-format on */

static Err quarter_read(int32_t *out, Ctx *c, const Input *query) {
    int64_t year, quarter;
    Str typed = str_trim(input_getz(query, "quarter")), rest = typed, y;
    int64_t ty = 0, tm = 1;
    CHECK(str_to_int(&ty, str_sub(c->today, 0, 4)) && str_to_int(&tm, str_sub(c->today, 5, 2)),
          "today is no date");
    *out = (int32_t)((ty * 12 + tm - 1) / 3 * 3 - 3); /* the last one that is over */
    if (!typed.n) return OK;
    if (!str_cut(&y, &rest, '-') || rest.n != 2 || rest.p[0] != 'Q' || !str_to_int(&year, y) ||
        !str_to_int(&quarter, str_sub(rest, 1, 1)) || year < 1900 || year > 9998 || quarter < 1 ||
        quarter > 4)
        return issue(c, "quarter", "bad_value", N_("Write a quarter like 2026-Q3."));
    *out = (int32_t)(year * 12 + (quarter - 1) * 3);
    return OK;
}

Err incident_report_committee(Ctx *c, const PageArgs *args, Page *out) {
    int32_t month;
    PeriodFigures now, before;
    Str currency;
    Block *top, *figures;
    TRY(quarter_read(&month, c, args->query));
    Str from = quarter_day(c, month, false), to = quarter_day(c, month, true);
    const Quarters q = {from, to, quarter_day(c, month - 3, false),
                        quarter_day(c, month - 3, true)};
    TRY(incident_group_currency(&currency, c));
    TRY(incident_query_period(&now, c, from, to));
    TRY(incident_query_period(&before, c, q.before_from, q.before_to));
    TRY(comparison(&figures, c, &now, &before, &q, currency));
    TRY(top_block(&top, c, from, to, COMMITTEE_TOP, NULL, NULL));
    Str quarter =
        INCIDENT_FILL(c, TR(c, N_("Q{0} {1}")), str_fmt(c->arena, "%d", month % 12 / 3 + 1),
                      str_fmt(c->arena, "%d", month / 12));
    out->title = INCIDENT_FILL(c, TR(c, N_("Operational risk, {0}")), quarter);
    out->subtitle = INCIDENT_FILL(c, TR(c, N_("By date of discovery, {0} to {1}, in {2}")),
                                  report_day_words(c, from), report_day_words(c, to), currency);
    out->confidentiality = TRS(c, N_("For the risk committee"));
    out->is_print = true;
    out->from = from;
    out->to = to;
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    Block *section = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Ten largest losses")));
    view_put(c->arena, out->body, figures);
    view_put(c->arena, section, top);
    view_put(c->arena, out->body, section);
    out->main = figures;
    out->main_key = "figures";
    return OK;
}
