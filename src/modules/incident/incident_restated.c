/* incident_restated.c: what changed in closed periods since they were reported: the figures of each
 * closed month then and now, from the measure of booked losses, and the entries behind it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/core_rules.h"
#include "model/measure.h"
#include "modules/incident/incident_pages.h"
#include "modules/incident/incident_query.h"

enum { RESTATED_LIMIT = 500 };

typedef struct Restating {
    Str since, until, currency; /* the day of the last report, the last closed day */
} Restating;

/* since= a day, otherwise the last day that is closed: what was reported right after the closing.
 */
static Err restating_read(Restating *x, Ctx *c, const Input *query) {
    int64_t days;
    bool found;
    Str typed = str_trim(input_getz(query, "since"));
    *x = (Restating){0};
    TRY(incident_group_currency(&x->currency, c));
    TRY(setting_text(&x->until, &found, c, "closed_until"));
    if (!found || !date_parse(&days, x->until)) x->until = (Str){0};
    TRY(setting_text(&x->since, &found, c, "last_report_on"));
    if (!found || !date_parse(&days, x->since)) x->since = x->until;
    if (!typed.n) return OK;
    if (!date_parse(&days, typed) && !date_parse_loose(&days, typed))
        return issue(c, "since", "bad_value", N_("This is not a date, for example 31/03/2026."));
    x->since = date_text(c->arena, days);
    return OK;
}

/* ---- months ---- */

typedef struct Month {
    int64_t month;
    MeasureCell then, now;
} Month;

static Month *month_of(Ctx *c, Month **list, size_t *n, size_t *cap, int64_t month) {
    for (size_t i = 0; i < *n; i++)
        if ((*list)[i].month == month) return &(*list)[i];
    GROW(c->arena, *list, *n, *cap);
    (*list)[*n] = (Month){.month = month};
    return &(*list)[(*n)++];
}

static Str entries(Ctx *c, int32_t month, Str as_of) {
    Str first = incident_kit_first_day(c, month), last = incident_kit_last_day(c, month);
    Str href = str_fmt(
        c->arena,
        "/financial_entries?booked_on.ge=%.*s&booked_on.le=%.*s&is_loss=true&status=booked&state.in=accepted,reversed",
        FMT(first), FMT(last));
    return as_of.n ? report_link(c, href, "as_of", as_of) : href;
}

static void month_row(ReportList *l, Ctx *c, const Month *m, const Restating *x) {
    int32_t month = (int32_t)m->month;
    Str key = str_fmt(c->arena, "%04d-%02d", (int)(month / 12), (int)(month % 12 + 1));
    Str then = entries(c, month, x->since), now = entries(c, month, (Str){0});
    Cell *cells = report_row(l, key, (Str){0});
    cells[0] = cell_label(key, incident_kit_step_label(c, month, 1));
    cells[1] = cell_link(report_money(m->then.sums[0], x->currency), then);
    cells[2] = cell_link(report_money(m->now.sums[0], x->currency), now);
    cells[3] = report_money(m->now.sums[0] - m->then.sums[0], x->currency);
    cells[4] = cell_link(report_money(m->then.sums[2], x->currency), then);
    cells[5] = cell_link(report_money(m->now.sums[2], x->currency), now);
    cells[6] = report_money(m->now.sums[2] - m->then.sums[2], x->currency);
}

static bool differs(const Month *m) {
    return m->then.count != m->now.count || m->then.sums[0] != m->now.sums[0] ||
           m->then.sums[2] != m->now.sums[2];
}

static Err months(Block **out, Ctx *c, const Restating *x) {
    static const Column columns[] = {
        {.name = "month",
         .label = S(N_("Month of accounting")),
         .kind = CELL_LABEL,
         .is_main = true},
        {.name = "gross_then", .label = S(N_("Gross, reported")), .kind = CELL_MONEY},
        {.name = "gross_now", .label = S(N_("Gross, now")), .kind = CELL_MONEY},
        {.name = "gross_change", .label = S(N_("Difference")), .kind = CELL_MONEY},
        {.name = "net_then", .label = S(N_("Net, reported")), .kind = CELL_MONEY},
        {.name = "net_now", .label = S(N_("Net, now")), .kind = CELL_MONEY},
        {.name = "net_change", .label = S(N_("Difference")), .kind = CELL_MONEY}};
    ReportList l = report_list(c, columns, LENGTH(columns));
    const MeasureDef *m = model_measure(c->model, S("booked_losses"));
    Month *list = NULL;
    size_t n = 0, cap = 0;
    for (int now = 0; m && x->until.n && now < 2; now++) {
        MeasureTable table = {0};
        MeasureQuery q = {.measure = m,
                          .rows = -2,
                          .columns = -1,
                          .from = 12 * 1900,
                          .to = report_month(x->until),
                          .as_of = now ? (Str){0} : x->since};
        TRY(measure_read(&table, c, &q));
        for (size_t i = 0; i < table.n; i++) {
            Month *one = month_of(c, &list, &n, &cap, table.cells[i].row);
            if (now)
                one->now = table.cells[i];
            else
                one->then = table.cells[i];
        }
    }
    for (;;) { /* newest first */
        Month *next = NULL;
        for (size_t i = 0; i < n; i++)
            if (differs(&list[i]) && (!next || list[i].month > next->month)) next = &list[i];
        if (!next) break;
        month_row(&l, c, next, x);
        next->then = next->now;
    }
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Closed months whose figures changed")));
    view_put(c->arena, *out, report_block(&l, NULL, NULL, N_("No closed month changed")));
    return OK;
}

/* ---- entries ---- */

static Err entry_row(ReportList *l, Ctx *c, const Restated *x, Str currency) {
    Record *entry, *incident;
    TRY(record_load_raw(&entry, c, model_need(c->model, "financial_entry"), x->entry));
    TRY(record_load_raw(&incident, c, model_need(c->model, "incident"), x->incident));
    Str number = record_number(c->arena, entry), href = record_path(c->arena, entry);
    Cell *cells = report_row(l, number, href);
    cells[0] = cell_ref(number, number, href);
    cells[1] = cell_ref(record_number(c->arena, incident), record_title(c, incident),
                        record_path(c->arena, incident));
    cells[2] = cell_date(x->booked_on);
    cells[3] = cell_instant(x->accepted_at);
    cells[4] = report_money(x->gross, currency);
    cells[5] = report_money(x->net, currency);
    return OK;
}

static void caption(Page *out, Ctx *c, const Restating *x) {
    if (!x->until.n) {
        out->subtitle = TRS(c, N_("No period is closed: the setting closed_until is empty."));
        return;
    }
    out->subtitle = INCIDENT_FILL(
        c, TR(c, N_("Periods closed until {0}, changes after {1}, by date of accounting, in {2}")),
        report_day_words(c, x->until), report_day_words(c, x->since), x->currency);
}

Err incident_report_restated(Ctx *c, const PageArgs *args, Page *out) {
    static const char path[] = "/reports/restated";
    static const Column columns[] = {
        {.name = "entry", .label = S(N_("Entry")), .kind = CELL_REF, .is_main = true},
        {.name = "incident", .label = S(N_("Incident")), .kind = CELL_REF},
        {.name = "booked_on", .label = S(N_("Date of accounting")), .kind = CELL_DATE},
        {.name = "accepted_at", .label = S(N_("Changed on")), .kind = CELL_INSTANT},
        {.name = "gross", .label = S(N_("Gross loss")), .kind = CELL_MONEY},
        {.name = "net", .label = S(N_("Net loss")), .kind = CELL_MONEY}};
    Restating x;
    RestatedList rows;
    Block *changed;
    int64_t day, since = 0;
    ReportList l = report_list(c, columns, LENGTH(columns));
    TRY(restating_read(&x, c, args->query));
    if (x.since.n && date_parse(&day, x.since)) since = ctx_begins(c, day + 1);
    TRY(incident_query_restated(&rows, c, since, RESTATED_LIMIT));
    for (size_t i = 0; i < rows.n; i++) TRY(entry_row(&l, c, &rows.items[i], x.currency));
    TRY(months(&changed, c, &x));
    FormField f = report_text(c, "since", N_("Changes after"), INPUT_DATE, x.since);
    Block *list = report_block(&l, path, args->query, N_("No closed period was changed")),
          *section = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Entries behind it")));
    out->title = TRS(c, N_("Restated figures"));
    caption(out, c, &x);
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, path, &f, 1));
    view_put(c->arena, out->body, changed);
    view_put(c->arena, section, list);
    view_put(c->arena, out->body, section);
    view_put(
        c->arena, out->body,
        incident_kit_how(
            c,
            TRS(c,
                N_("Above, the booked losses of each closed month as they were known at the end of the day given and as they are now: whatever changed them, an entry, a reversal, an event cancelled or no longer a loss. Below, the accepted entries dated in a period that was closed already when they were made. The last closed day is a setting."))));
    out->main = list;
    out->main_key = "entries";
    return OK;
}
