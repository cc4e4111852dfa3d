/* incident_dates.c: losses by month of each of the three dates (occurrence, discovery, accounting),
 * and open against closed losses; every figure opens its records. Figures come from
 * incident_analysis_query.c. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_analysis_query.h"
#include "modules/incident/incident_pages.h"

typedef struct Steps {
    Ctx *c;
    Period p;
    Str step, currency;
    int months;
    int32_t first; /* month with which the first step begins */
    size_t n;
} Steps;

static Err steps_read(Steps *x, Ctx *c, const Input *query, const char *period) {
    *x = (Steps){.c = c};
    TRY(incident_kit_period(&x->p, c, query, period));
    TRY(incident_kit_choice(&x->step, c, query, "step", incident_kit_steps));
    TRY(incident_group_currency(&x->currency, c));
    x->months = str_is(x->step, "year") ? 12 : str_is(x->step, "quarter") ? 3 : 1;
    x->first = x->p.first / x->months * x->months;
    x->n = (size_t)((x->p.last - x->first) / x->months + 1);
    return OK;
}

/* First and last day of a step, inside the period. */
static void bounds(Str *from, Str *to, const Steps *x, size_t i) {
    int32_t first = x->first + (int32_t)i * x->months, last = first + x->months - 1;
    *from = incident_kit_first_day(x->c, first < x->p.first ? x->p.first : first);
    *to = incident_kit_last_day(x->c, last > x->p.last ? x->p.last : last);
}

static Str step_key(const Steps *x, size_t i) {
    int32_t m = x->first + (int32_t)i * x->months;
    if (x->months == 12) return str_fmt(x->c->arena, "%04d", (int)(m / 12));
    if (x->months == 3)
        return str_fmt(x->c->arena, "%04d-Q%d", (int)(m / 12), (int)(m % 12 / 3 + 1));
    return str_fmt(x->c->arena, "%04d-%02d", (int)(m / 12), (int)(m % 12 + 1));
}

static Err gather(MonthFigures **out, const Steps *x, const MonthList *list) {
    MonthFigures *sums = NEW_N(x->c->arena, MonthFigures, x->n + 1);
    for (size_t i = 0; i < list->n; i++) {
        const MonthFigures *m = &list->items[i];
        int32_t at = (m->month - x->first) / x->months;
        if (m->month < x->first || (size_t)at >= x->n) continue;
        MonthFigures *s = &sums[at], *all = &sums[x->n];
        MonthFigures *into[] = {s, all};
        for (size_t k = 0; k < LENGTH(into); k++)
            if (add_overflows(into[k]->count, m->count, &into[k]->count) ||
                add_overflows(into[k]->gross, m->gross, &into[k]->gross) ||
                add_overflows(into[k]->net, m->net, &into[k]->net))
                return ERR_INTERNAL;
    }
    *out = sums;
    return OK;
}

static Cell money(const Steps *x, const MonthFigures *m, int64_t amount, Str href) {
    Cell cell = report_money(amount, x->currency);
    return m->count ? cell_link(cell, href) : cell;
}

static Block *parameters(const Steps *x, const char *path) {
    Ctx *c = x->c;
    FormField f[4];
    size_t n = incident_kit_period_fields(f, c, &x->p);
    f[n] = report_choice(c, "step", N_("By"), incident_kit_steps, x->step);
    f[n++].as_cards = true;
    return report_parameters(c, path, f, n);
}

/* ---- three dates ---- */

static Str by_day(const Steps *x, const char *day, Str from, Str to) {
    Ctx *c = x->c;
    if (strcmp(day, "booked_on") == 0)
        return str_fmt(
            c->arena,
            "/financial_entries?booked_on.ge=%.*s&booked_on.le=%.*s&is_loss=true&status=booked&state.in=accepted,reversed",
            FMT(from), FMT(to));
    Str href = str_fmt(c->arena, "/incidents?event_kind=loss&%s.ge=%.*s&%s.le=%.*s", day, FMT(from),
                       day, FMT(to));
    return report_link(c, href, "state.in",
                       incident_kit_states(c, model_need(c->model, "incident")));
}

static const char *const days[] = {"occurred_on", "discovered_on", "booked_on"};

static void dates_row(ReportList *l, const Steps *x, MonthFigures *const *sums, size_t i) {
    Ctx *c = x->c;
    Str from, to, label;
    if (i < x->n) {
        bounds(&from, &to, x, i);
        label = incident_kit_step_label(c, x->first + (int32_t)i * x->months, x->months);
    } else {
        from = x->p.from;
        to = x->p.to;
        label = TRS(c, N_("Total"));
    }
    Str key = i < x->n ? step_key(x, i) : S("total");
    Cell *cells = report_row(l, key, (Str){0});
    cells[0] = cell_label(key, label);
    for (size_t k = 0; k < LENGTH(days); k++) {
        const MonthFigures *m = &sums[k][i];
        Str href = by_day(x, days[k], from, to);
        cells[1 + 2 * k] = report_count(m->count, href);
        cells[2 + 2 * k] = money(x, m, m->gross, href);
    }
}

static Block *dates_chart(const Steps *x, MonthFigures *const *sums) {
    static const char *const labels[] = {N_("Date of occurrence"), N_("Date of discovery"),
                                         N_("Date of accounting")};
    Ctx *c = x->c;
    Str *points = NEW_N(c->arena, Str, x->n), *keys = NEW_N(c->arena, Str, x->n);
    ChartSeries *series = NEW_N(c->arena, ChartSeries, LENGTH(days));
    for (size_t i = 0; i < x->n; i++) {
        points[i] = incident_kit_step_label(c, x->first + (int32_t)i * x->months, x->months);
        keys[i] = step_key(x, i);
    }
    for (size_t k = 0; k < LENGTH(days); k++) {
        int64_t *values = NEW_N(c->arena, int64_t, x->n);
        for (size_t i = 0; i < x->n; i++) values[i] = sums[k][i].gross;
        series[k] = (ChartSeries){.label = TRS(c, labels[k]), .name = days[k], .values = values};
    }
    Block *b = view_block(c->arena, BLOCK_CHART);
    b->chart = (ChartView){.kind = CHART_LINE,
                           .caption = TRS(c, N_("Gross loss by each of the three dates")),
                           .points = points,
                           .point_keys = keys,
                           .points_are_months = x->months == 1,
                           .n_points = x->n,
                           .series = series,
                           .n_series = LENGTH(days),
                           .unit = CELL_MONEY};
    memcpy(b->chart.currency, report_money(0, x->currency).currency, sizeof b->chart.currency);
    return b;
}

Err incident_report_dates(Ctx *c, const PageArgs *args, Page *out) {
    static const char path[] = "/reports/loss-dates";
    static const Column columns[] = {
        {.name = "period", .label = S(N_("Period")), .kind = CELL_LABEL, .is_main = true},
        {.name = "occurred", .label = S(N_("Occurred")), .kind = CELL_INT},
        {.name = "occurred_gross", .label = S(N_("Gross by occurrence")), .kind = CELL_MONEY},
        {.name = "discovered", .label = S(N_("Discovered")), .kind = CELL_INT},
        {.name = "discovered_gross", .label = S(N_("Gross by discovery")), .kind = CELL_MONEY},
        {.name = "entries", .label = S(N_("Entries booked")), .kind = CELL_INT},
        {.name = "booked_gross", .label = S(N_("Gross by accounting")), .kind = CELL_MONEY}};
    Steps x;
    MonthList lists[3];
    MonthFigures *sums[3];
    ReportList l = report_list(c, columns, LENGTH(columns));
    TRY(steps_read(&x, c, args->query, "rolling_12"));
    TRY(incident_query_by_day(&lists[0], c, "occurred_on", x.p.from, x.p.to));
    TRY(incident_query_by_day(&lists[1], c, "discovered_on", x.p.from, x.p.to));
    TRY(incident_query_by_booking(&lists[2], c, x.p.from, x.p.to));
    for (size_t k = 0; k < 3; k++) TRY(gather(&sums[k], &x, &lists[k]));
    for (size_t i = 0; i <= x.n; i++) dates_row(&l, &x, sums, i);
    Block *list = report_block(&l, path, args->query, N_("No loss in this period"));
    out->title = TRS(c, N_("Losses by the three dates"));
    out->subtitle = incident_kit_caption(c, x.p.from, x.p.to, x.currency);
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, parameters(&x, path));
    view_put(c->arena, out->body, dates_chart(&x, sums));
    view_put(c->arena, out->body, list);
    view_put(
        c->arena, out->body,
        incident_kit_how(
            c,
            TRS(c,
                N_("Losses as known today, without drafts and cancelled events, in the group's currency: the whole gross loss of an event stands in the month in which it occurred and in the one in which it was discovered. By date of accounting stand the accepted entries booked in the month, with their sign, whenever the event happened; estimates are not booked. Each event counts once, also many small losses declared together."))));
    out->main = list;
    out->main_key = "periods";
    return OK;
}

/* ---- open and closed ---- */

static Str by_state(const Steps *x, bool closed, Str from, Str to) {
    Ctx *c = x->c;
    const Type *t = model_need(c->model, "incident");
    Text open = text_new(c->arena, 200);
    for (size_t i = 0; i < t->n_states; i++) {
        if (t->states[i].flags & STATE_CLOSED || strcmp(t->states[i].name, "draft") == 0) continue;
        if (open.n) text_char(&open, ',');
        text_addz(&open, t->states[i].name);
    }
    Str href =
        str_fmt(c->arena, "/incidents?event_kind=loss&discovered_on.ge=%.*s&discovered_on.le=%.*s",
                FMT(from), FMT(to));
    return closed ? report_link(c, href, "state", S("closed"))
                  : report_link(c, href, "state.in", text_str(&open));
}

static void state_row(ReportList *l, const Steps *x, const MonthFigures *open,
                      const MonthFigures *closed, size_t i) {
    Ctx *c = x->c;
    Str from = x->p.from, to = x->p.to, label = TRS(c, N_("Total")), key = S("total");
    if (i < x->n) {
        bounds(&from, &to, x, i);
        label = incident_kit_step_label(c, x->first + (int32_t)i * x->months, x->months);
        key = step_key(x, i);
    }
    Str open_href = by_state(x, false, from, to), closed_href = by_state(x, true, from, to);
    int64_t share, all = open[i].count + closed[i].count;
    Cell *cells = report_row(l, key, (Str){0});
    cells[0] = cell_label(key, label);
    cells[1] = report_count(open[i].count, open_href);
    cells[2] = money(x, &open[i], open[i].gross, open_href);
    cells[3] = money(x, &open[i], open[i].net, open_href);
    cells[4] = report_count(closed[i].count, closed_href);
    cells[5] = money(x, &closed[i], closed[i].gross, closed_href);
    cells[6] = money(x, &closed[i], closed[i].net, closed_href);
    if (all && mul_div(&share, closed[i].count, 1000, all)) cells[7] = cell_percent(share, 1);
}

Err incident_report_open_closed(Ctx *c, const PageArgs *args, Page *out) {
    static const char path[] = "/reports/open-closed";
    static const Column columns[] = {
        {.name = "period", .label = S(N_("Period")), .kind = CELL_LABEL, .is_main = true},
        {.name = "open", .label = S(N_("Open")), .kind = CELL_INT},
        {.name = "open_gross", .label = S(N_("Open, gross")), .kind = CELL_MONEY},
        {.name = "open_net", .label = S(N_("Open, net")), .kind = CELL_MONEY},
        {.name = "closed", .label = S(N_("Closed")), .kind = CELL_INT},
        {.name = "closed_gross", .label = S(N_("Closed, gross")), .kind = CELL_MONEY},
        {.name = "closed_net", .label = S(N_("Closed, net")), .kind = CELL_MONEY},
        {.name = "closed_share", .label = S(N_("Share closed")), .kind = CELL_PERCENT}};
    Steps x;
    MonthList open_list, closed_list;
    MonthFigures *open, *closed;
    ReportList l = report_list(c, columns, LENGTH(columns));
    TRY(steps_read(&x, c, args->query, "rolling_12"));
    TRY(incident_query_by_state(&open_list, c, false, x.p.from, x.p.to));
    TRY(incident_query_by_state(&closed_list, c, true, x.p.from, x.p.to));
    TRY(gather(&open, &x, &open_list));
    TRY(gather(&closed, &x, &closed_list));
    for (size_t i = 0; i <= x.n; i++) state_row(&l, &x, open, closed, i);
    Block *list = report_block(&l, path, args->query, N_("No loss in this period"));
    out->title = TRS(c, N_("Open and closed losses"));
    out->subtitle = incident_kit_caption(c, x.p.from, x.p.to, x.currency);
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, parameters(&x, path));
    view_put(c->arena, out->body, list);
    view_put(
        c->arena, out->body,
        incident_kit_how(
            c,
            TRS(c,
                N_("Losses by date of discovery, as they stand today, in the group's currency. Open is everything declared that is neither closed nor cancelled, whatever its state; drafts are left out. Each event counts once, also many small losses declared together."))));
    out->main = list;
    out->main_key = "periods";
    return OK;
}
