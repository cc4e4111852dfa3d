/* incident_delays.c: how long events take to be found, declared, booked and closed, and the ratios
 * that tell of the collection: near misses, recoveries, accuracy of estimates. Figures come from
 * incident_analysis_query.c. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/core_rules.h"
#include "modules/incident/incident_analysis_query.h"
#include "modules/incident/incident_pages.h"

/* ---- delays ---- */

/* clang-format off */
typedef struct Delay {
    const char *field, *setting, *label; /* label: N_() */
    int64_t otherwise;
} Delay;
static const Delay delays[] = {
    {"days_to_discover", "late_discovery_days", N_("From occurrence to discovery"), 30},
    {"days_to_declare", "late_declaration_days", N_("From discovery to declaration"), 30},
    {"days_to_book", "late_booking_days", N_("From discovery to first booking"), 60},
    {"days_to_close", "late_closure_days", N_("From declaration to closure"), 180},
};
/* clang-format on */

/* With one decimal, away from zero at the half. */
static Cell mean_of(const DelayFigures *f) {
    int64_t tenths = 0;
    if (!f->n || !mul_div(&tenths, f->sum, 10, f->n)) return (Cell){0};
    return cell_decimal(tenths, 1);
}

static Cell share_of(int64_t part, int64_t whole) {
    int64_t tenths;
    if (whole <= 0 || !mul_div(&tenths, part, 1000, whole)) return (Cell){0};
    return cell_percent(tenths, 1);
}

static Err delay_row(ReportList *l, Ctx *c, const Delay *d, const Period *p) {
    DelayFigures f;
    int64_t limit;
    TRY(setting_whole(&limit, c, d->setting, d->otherwise));
    TRY(incident_query_delay(&f, c, d->field, p->from, p->to, limit));
    Str all = incident_kit_events(c, p->from, p->to, str_fmt(c->arena, "%s.empty=0", d->field).p),
        late = incident_kit_events(
            c, p->from, p->to, str_fmt(c->arena, "%s.ge=%lld", d->field, (long long)limit + 1).p);
    Cell *x = report_row(l, str_of(d->field), (Str){0});
    x[0] = cell_label(str_of(d->field), TRS(c, d->label));
    x[1] = report_count(f.n, all);
    x[2] = mean_of(&f);
    if (f.n) x[3] = cell_int(f.median);
    if (f.n) x[4] = cell_int(f.longest);
    x[5] = cell_int(limit);
    x[6] = report_count(f.late, late);
    x[7] = share_of(f.late, f.n);
    return OK;
}

Err incident_report_delays(Ctx *c, const PageArgs *args, Page *out) {
    static const char path[] = "/reports/delays";
    static const Column columns[] = {
        {.name = "delay", .label = S(N_("Delay")), .kind = CELL_LABEL, .is_main = true},
        {.name = "events", .label = S(N_("Events")), .kind = CELL_INT},
        {.name = "mean", .label = S(N_("Mean, days")), .kind = CELL_DECIMAL},
        {.name = "median", .label = S(N_("Median, days")), .kind = CELL_INT},
        {.name = "longest", .label = S(N_("Longest, days")), .kind = CELL_INT},
        {.name = "limit", .label = S(N_("Late after, days")), .kind = CELL_INT},
        {.name = "late", .label = S(N_("Late")), .kind = CELL_INT},
        {.name = "late_share", .label = S(N_("Share late")), .kind = CELL_PERCENT}};
    Period p;
    FormField f[3];
    ReportList l = report_list(c, columns, LENGTH(columns));
    TRY(incident_kit_period(&p, c, args->query, "rolling_12"));
    for (size_t i = 0; i < LENGTH(delays); i++) TRY(delay_row(&l, c, &delays[i], &p));
    Block *list = report_block(&l, path, args->query, N_("No incident in this period"));
    size_t n = incident_kit_period_fields(f, c, &p);
    out->title = TRS(c, N_("Delays"));
    out->subtitle = INCIDENT_FILL(c, TR(c, N_("Events discovered {0} to {1}, in calendar days")),
                                  report_day_words(c, p.from), report_day_words(c, p.to));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, path, f, n));
    view_put(c->arena, out->body, list);
    view_put(
        c->arena, out->body,
        incident_kit_how(
            c,
            TRS(c,
                N_("All events but drafts and cancelled ones, as they are known today. An event counts in a line once both of its dates are known; a booking before the discovery counts with a negative number. The median is the number of days that half of the events stay within. When a delay is late is a setting each."))));
    out->main = list;
    out->main_key = "delays";
    return OK;
}

/* ---- ratios ---- */

typedef struct Ratio {
    const char *name, *label; /* label: N_() */
    int64_t part, whole, part_before, whole_before;
    bool is_money;
    Str part_href, whole_href;
} Ratio;

static Cell figure(const Ratio *r, int64_t value, Str href, Str currency) {
    if (!r->is_money) return report_count(value, href);
    Cell cell = report_money(value, currency);
    return value && href.n ? cell_link(cell, href) : cell;
}

static void ratio_row(ReportList *l, Ctx *c, const Ratio *r, Str currency) {
    Cell *x = report_row(l, str_of(r->name), (Str){0});
    x[0] = cell_label(str_of(r->name), TRS(c, r->label));
    x[1] = figure(r, r->part, r->part_href, currency);
    x[2] = figure(r, r->whole, r->whole_href, currency);
    x[3] = share_of(r->part, r->whole);
    x[4] = share_of(r->part_before, r->whole_before);
}

static void ratio_rows(ReportList *l, Ctx *c, const Period *p, const RatioFigures *now,
                       const RatioFigures *then, Str currency) {
    Str losses = incident_kit_events(c, p->from, p->to, "event_kind=loss"),
        near = incident_kit_events(c, p->from, p->to, "event_kind=near_miss"),
        both = incident_kit_events(c, p->from, p->to, "event_kind.in=loss,near_miss"),
        back = incident_kit_events(c, p->from, p->to, "event_kind=loss&recoveries_group.ge=0.01"),
        insured = incident_kit_events(c, p->from, p->to, "event_kind=loss&insurance_group.ge=0.01"),
        closed = str_fmt(
            c->arena,
            "/incidents?event_kind=loss&discovered_on.ge=%.*s&discovered_on.le=%.*s&state=closed&first_estimate.ge=0.01",
            FMT(p->from), FMT(p->to));
    const Ratio rows[] = {
        {"near_miss_ratio", N_("Near misses among losses and near misses"), now->near_misses,
         now->near_misses + now->losses, then->near_misses, then->near_misses + then->losses, false,
         near, both},
        {"recovery_rate", N_("Recovered of the gross loss"), now->recoveries, now->gross,
         then->recoveries, then->gross, true, back, losses},
        {"insurance_rate", N_("Paid by insurers of the gross loss"), now->insurance, now->gross,
         then->insurance, then->gross, true, insured, losses},
        {"insurance_share", N_("Paid by insurers of the recoveries"), now->insurance,
         now->recoveries, then->insurance, then->recoveries, true, insured, back},
        {"provision_accuracy", N_("Final loss of the first estimate, closed losses"), now->final,
         now->first, then->final, then->first, true, closed, closed},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) ratio_row(l, c, &rows[i], currency);
}

Err incident_report_ratios(Ctx *c, const PageArgs *args, Page *out) {
    static const char path[] = "/reports/loss-ratios";
    static const Column columns[] = {
        {.name = "ratio", .label = S(N_("Ratio")), .kind = CELL_LABEL, .is_main = true},
        {.name = "part", .label = S(N_("Part")), .kind = CELL_INT},
        {.name = "whole", .label = S(N_("Of")), .kind = CELL_INT},
        {.name = "value", .label = S(N_("Value")), .kind = CELL_PERCENT},
        {.name = "year_before", .label = S(N_("A year before")), .kind = CELL_PERCENT}};
    Period p;
    FormField f[3];
    Str currency;
    RatioFigures now, then;
    ReportList l = report_list(c, columns, LENGTH(columns));
    TRY(incident_kit_period(&p, c, args->query, "rolling_12"));
    TRY(incident_group_currency(&currency, c));
    TRY(incident_query_ratios(&now, c, p.from, p.to));
    TRY(incident_query_ratios(&then, c, incident_kit_first_day(c, p.first - 12),
                              incident_kit_last_day(c, p.last - 12)));
    ratio_rows(&l, c, &p, &now, &then, currency);
    Block *list = report_block(&l, path, args->query, N_("No incident in this period"));
    size_t n = incident_kit_period_fields(f, c, &p);
    out->title = TRS(c, N_("Ratios of losses"));
    out->subtitle = incident_kit_caption(c, p.from, p.to, currency);
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, path, f, n));
    view_put(c->arena, out->body, list);
    view_put(
        c->arena, out->body,
        incident_kit_how(
            c,
            TRS(c,
                N_("By date of discovery, as known today, without drafts and cancelled events; each event counts once, also many small losses declared together. Amounts are in the group's currency; recoveries include what insurers paid. The accuracy of estimates compares, of closed losses, the gross loss of today with the first estimate, converted at the rate of the event: 100 % was right, more was estimated too low."))));
    out->main = list;
    out->main_key = "ratios";
    return OK;
}
