/* incident_reports.c: top losses, ageing, data quality and restated figures as lists, the
 * committee's page for print. Figures come from incident_query.c, in the reader's scope.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/core_rules.h"
#include "modules/incident/incident_pages.h"
#include "modules/incident/incident_query.h"

#include <math.h>

enum { TOP_LIMIT = 50, COMMITTEE_TOP = 10, RESTATED_LIMIT = 500 };

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
    TRY(incident_kit_period(&p, c, args->query, "rolling_12"));
    TRY(top_block(&list, c, p.from, p.to, TOP_LIMIT, "/reports/top-losses", args->query));
    FormField f[3];
    size_t n = incident_kit_period_fields(f, c, &p);
    out->title = TRS(c, N_("Largest losses"));
    out->subtitle = TRS(
        c, N_("By gross loss and date of discovery, in the group's currency, before recoveries."));
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
    out->subtitle = TRS(c, N_("Days since the declaration, by state."));
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

static Err quality_rows(ReportList *l, Ctx *c, const QualityRows *rows, Str since) {
    int64_t stale_days, entry_days, today;
    TRY(setting_whole(&stale_days, c, "stale_estimate_days", 90));
    TRY(setting_whole(&entry_days, c, "no_entry_days", 30));
    CHECK(date_parse(&today, c->today), "today is no date");
    Str stale = date_text(c->arena, today - stale_days),
        entry = date_text(c->arena, today - entry_days);
    Str states = S("review,approval,open,closure,closed"),
        all = incident_kit_states(c, model_need(c->model, "incident"));
    for (size_t i = 0; i < rows->n; i++) {
        const QualityRow *q = &rows->items[i];
        Cell unit;
        TRY(report_unit(&unit, c, q->unit));
        const char *base =
            str_fmt(c->arena, "/incidents?unit=%.*s&declared_on.ge=%.*s", FMT(unit.key), FMT(since))
                .p;
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
                    base, FMT(entry), FMT(all)));
        cells[5] = report_count(
            q->stale,
            str_fmt(c->arena, "%s&financial_status=estimated&valued_on.le=%.*s&state.open=1", base,
                    FMT(stale)));
        cells[6] = cell_int(q->late);
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
    TRY(incident_query_quality(&rows, c, p.from));
    TRY(quality_rows(&l, c, &rows, p.from));
    Block *list =
        report_block(&l, "/reports/data-quality", args->query, N_("No incident in this period"));
    FormField f[3];
    size_t n = incident_kit_period_fields(f, c, &p);
    out->title = TRS(c, N_("Data quality"));
    out->subtitle = TRS(
        c,
        N_("By unit, for incidents declared in the period. The score is the share of five checks that are passed."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, "/reports/data-quality", f, n));
    view_put(c->arena, out->body, list);
    out->main = list;
    out->main_key = "units";
    return OK;
}

/* ---- restated figures ---- */

Err incident_report_restated(Ctx *c, const PageArgs *args, Page *out) {
    static const Column columns[] = {
        {.name = "entry", .label = S(N_("Entry")), .kind = CELL_REF, .is_main = true},
        {.name = "incident", .label = S(N_("Incident")), .kind = CELL_REF},
        {.name = "booked_on", .label = S(N_("Date of accounting")), .kind = CELL_DATE},
        {.name = "accepted_at", .label = S(N_("Changed on")), .kind = CELL_INSTANT},
        {.name = "gross", .label = S(N_("Gross loss")), .kind = CELL_MONEY},
        {.name = "net", .label = S(N_("Net loss")), .kind = CELL_MONEY}};
    RestatedList rows;
    Str currency;
    ReportList l = report_list(c, columns, LENGTH(columns));
    TRY(incident_group_currency(&currency, c));
    TRY(incident_query_restated(&rows, c, RESTATED_LIMIT));
    for (size_t i = 0; i < rows.n; i++) {
        Record *entry;
        Cell incident;
        TRY(record_load_raw(&entry, c, model_need(c->model, "financial_entry"),
                            rows.items[i].entry));
        TRY(incident_cell(&incident, NULL, c, rows.items[i].incident));
        Str number = record_number(c->arena, entry), href = record_path(c->arena, entry);
        Cell *cells = report_row(&l, number, href);
        cells[0] = cell_ref(number, number, href);
        cells[1] = incident;
        cells[2] = cell_date(rows.items[i].booked_on);
        cells[3] = cell_instant(rows.items[i].accepted_at);
        cells[4] = report_money(rows.items[i].gross, currency);
        cells[5] = report_money(rows.items[i].net, currency);
    }
    Block *list =
        report_block(&l, "/reports/restated", args->query, N_("No closed period was changed"));
    out->title = TRS(c, N_("Restated figures"));
    out->subtitle =
        TRS(c, N_("Entries dated in a period that was closed already when they were accepted."));
    out->body = out->main = list;
    out->main_key = "entries";
    return OK;
}

/* ---- committee ---- */

static Str quarter_day(Ctx *c, int32_t month, bool is_end) {
    if (!is_end) return str_fmt(c->arena, "%04d-%02d-01", (int)(month / 12), (int)(month % 12 + 1));
    int32_t next = month + 3;
    return date_text(c->arena, date_to_days(next / 12, next % 12 + 1, 1) - 1);
}

static void compare(ReportList *l, Str label, const char *name, Cell now, Cell before) {
    Cell *cells = report_row(l, str_of(name), (Str){0});
    cells[0] = cell_label(str_of(name), label);
    cells[1] = now;
    cells[2] = before;
    /* In tenths of a per cent of the quarter before; that of nothing says nothing. */
    double change =
        before.i > 0 ? 1000.0 * ((double)now.i - (double)before.i) / (double)before.i : 0;
    if (before.i > 0 && change < 1e9) cells[3] = cell_percent(llround(change), 1);
}

static Block *comparison(Ctx *c, const PeriodFigures *now, const PeriodFigures *before,
                         Str currency) {
    static const Column columns[] = {
        {.name = "figure", .label = S(N_("Figure")), .kind = CELL_LABEL, .is_main = true},
        {.name = "quarter", .label = S(N_("This quarter")), .kind = CELL_INT},
        {.name = "previous", .label = S(N_("Previous quarter")), .kind = CELL_INT},
        {.name = "change", .label = S(N_("Change")), .kind = CELL_PERCENT}};
    ReportList l = report_list(c, columns, LENGTH(columns));
    compare(&l, TRS(c, N_("Losses")), "losses", cell_int(now->losses), cell_int(before->losses));
    compare(&l, TRS(c, N_("Gross loss")), "gross", report_money(now->gross, currency),
            report_money(before->gross, currency));
    compare(&l, TRS(c, N_("Recoveries")), "recoveries", report_money(now->recoveries, currency),
            report_money(before->recoveries, currency));
    compare(&l, TRS(c, N_("Of which insurance")), "insurance",
            report_money(now->insurance, currency), report_money(before->insurance, currency));
    compare(&l, TRS(c, N_("Net loss")), "net", report_money(now->net, currency),
            report_money(before->net, currency));
    compare(&l, TRS(c, N_("Near misses")), "near_misses", cell_int(now->near_misses),
            cell_int(before->near_misses));
    compare(&l, TRS(c, N_("Declared late")), "late", cell_int(now->late), cell_int(before->late));
    return report_block(&l, NULL, NULL, N_("No figure"));
}

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
    Block *top;
    TRY(quarter_read(&month, c, args->query));
    Str from = quarter_day(c, month, false), to = quarter_day(c, month, true);
    TRY(incident_group_currency(&currency, c));
    TRY(incident_query_period(&now, c, from, to));
    TRY(incident_query_period(&before, c, quarter_day(c, month - 3, false),
                              quarter_day(c, month - 3, true)));
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
    Block *figures = comparison(c, &now, &before, currency),
          *section = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Ten largest losses")));
    view_put(c->arena, out->body, figures);
    view_put(c->arena, section, top);
    view_put(c->arena, out->body, section);
    out->main = figures;
    out->main_key = "figures";
    return OK;
}
