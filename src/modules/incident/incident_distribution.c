/* incident_distribution.c: how often single losses come and how large they are: frequency by month
 * and severity by bands of amounts, from the collection threshold. Small losses declared together
 * are in neither: their amounts are no single losses. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/core_rules.h"
#include "modules/incident/incident_analysis_query.h"
#include "modules/incident/incident_pages.h"

/* clang-format off */
static const Choice shows[] = {{"severity", N_("Severity"), 0}, {"frequency", N_("Frequency"), 0}, {0}};
static const Choice measures[] = {{"gross", N_("Gross loss"), 0}, {"net", N_("Net loss"), 0}, {0}};
/* clang-format on */

typedef struct Spread {
    Ctx *c;
    Period p;
    Str currency, show, measure;
    bool net;
    int64_t least; /* collection threshold in group currency */
    int64_t unit;  /* minor units of one */
    int64_t bounds[BANDS_MAX];
    size_t n;
} Spread;

/* From the threshold on by 1, 5, 10, 50 ... up to 100 million. */
static void set_bounds(Spread *x) {
    static const int64_t steps[] = {1000,   5000,    10000,   50000,    100000,
                                    500000, 1000000, 5000000, 10000000, 100000000};
    x->bounds[x->n++] = x->least;
    for (size_t i = 0; i < LENGTH(steps) && x->n < BANDS_MAX; i++)
        if (steps[i] * x->unit > x->least) x->bounds[x->n++] = steps[i] * x->unit;
}

static Err spread_read(Spread *x, Ctx *c, const Input *query) {
    Money m;
    bool found;
    *x = (Spread){.c = c, .unit = 1};
    TRY(incident_kit_choice(&x->show, c, query, "show", shows));
    TRY(incident_kit_choice(&x->measure, c, query, "measure", measures));
    TRY(incident_kit_period(&x->p, c, query, "rolling_36"));
    TRY(incident_group_currency(&x->currency, c));
    x->net = str_is(x->measure, "net");
    for (int i = 0; i < currency_digits(x->currency); i++) x->unit *= 10;
    TRY(setting_money(&m, &found, c, "collection_threshold"));
    if (found) TRY(incident_convert(&x->least, &found, c, m, x->currency, c->today));
    if (!found || x->least <= 0) x->least = 1;
    set_bounds(x);
    return OK;
}

/* The single losses of an amount, INT64_MAX: without end. */
static Str losses(const Spread *x, Str from, Str to, int64_t least, int64_t end) {
    Ctx *c = x->c;
    const char *field = x->net ? "net_group" : "gross_group";
    Str href = incident_kit_events(c, from, to, "event_kind=loss&aggregate=false");
    if (least != INT64_MIN)
        href = report_link(c, href, str_fmt(c->arena, "%s.ge", field).p,
                           incident_kit_minor(c, least, x->currency));
    if (end != INT64_MAX)
        href = report_link(c, href, str_fmt(c->arena, "%s.le", field).p,
                           incident_kit_minor(c, end - 1, x->currency));
    return href;
}

static Block *headline(Ctx *c, const Fact *facts, size_t n) {
    Fact *kept = NEW_N(c->arena, Fact, n);
    memcpy(kept, facts, n * sizeof *facts);
    Block *b = view_block(c->arena, BLOCK_FACTS);
    b->facts = (FactsView){.facts = kept, .n = n, .is_headline = true};
    return b;
}

/* ---- severity ---- */

/* Thousands apart by a narrow blank, which every language reads. */
static Str grouped(Ctx *c, int64_t n) {
    Str digits = str_fmt(c->arena, "%lld", (long long)n);
    Text t = text_new(c->arena, 40);
    for (size_t i = 0; i < digits.n; i++) {
        if (i && (digits.n - i) % 3 == 0) text_addz(&t, "\xE2\x80\xAF");
        text_char(&t, digits.p[i]);
    }
    return text_str(&t);
}

static Str band_label(const Spread *x, size_t k) {
    Ctx *c = x->c;
    Str low = grouped(c, x->bounds[k] / x->unit);
    if (k + 1 == x->n) return INCIDENT_FILL(c, TR(c, N_("from {0}")), low);
    Str high = grouped(c, x->bounds[k + 1] / x->unit);
    return INCIDENT_FILL(c, TR(c, N_("{0} to under {1}")), low, high);
}

static Block *severity_chart(const Spread *x, const Severity *s) {
    Ctx *c = x->c;
    Str *labels = NEW_N(c->arena, Str, x->n), *keys = NEW_N(c->arena, Str, x->n),
        *hrefs = NEW_N(c->arena, Str, x->n);
    int64_t *counts = NEW_N(c->arena, int64_t, x->n);
    for (size_t k = 0; k < x->n; k++) {
        labels[k] = band_label(x, k);
        keys[k] = incident_kit_minor(c, x->bounds[k], x->currency);
        counts[k] = s->counts[k];
        if (counts[k])
            hrefs[k] = losses(x, x->p.from, x->p.to, x->bounds[k],
                              k + 1 < x->n ? x->bounds[k + 1] : INT64_MAX);
    }
    ChartSeries *series = NEW(c->arena, ChartSeries);
    *series = (ChartSeries){.label = TRS(c, N_("Losses")), .name = "losses", .values = counts};
    Block *b = view_block(c->arena, BLOCK_CHART);
    b->chart = (ChartView){.kind = CHART_BARS,
                           .caption = TRS(c, N_("Losses by amount")),
                           .points = labels,
                           .point_keys = keys,
                           .point_hrefs = hrefs,
                           .n_points = x->n,
                           .series = series,
                           .n_series = 1,
                           .unit = CELL_INT};
    return b;
}

static Err severity(Page *out, const Spread *x) {
    Ctx *c = x->c;
    Severity s;
    TRY(incident_query_severity(&s, c, x->net, x->bounds, x->n, x->p.from, x->p.to));
    int64_t mean = s.n ? s.sum / s.n : 0;
    const Fact facts[] = {
        incident_kit_fact("losses", TRS(c, N_("Losses")),
                          report_count(s.n, losses(x, x->p.from, x->p.to, x->least, INT64_MAX))),
        incident_kit_fact("mean", TRS(c, N_("Mean")), report_money(mean, x->currency)),
        incident_kit_fact("median", TRS(c, N_("Median")), report_money(s.median, x->currency)),
        incident_kit_fact("p90", TRS(c, N_("90 % are at most")), report_money(s.high, x->currency)),
        incident_kit_fact("p99", TRS(c, N_("99 % are at most")),
                          report_money(s.highest, x->currency)),
        incident_kit_fact("largest", TRS(c, N_("Largest")), report_money(s.most, x->currency)),
        incident_kit_fact(
            "below", TRS(c, N_("Below the collection threshold, left out")),
            report_count(s.below, losses(x, x->p.from, x->p.to, INT64_MIN, x->least))),
        incident_kit_fact(
            "together", TRS(c, N_("Declared many together, left out")),
            report_count(s.aggregates, incident_kit_events(c, x->p.from, x->p.to,
                                                           "event_kind=loss&aggregate=true")))};
    out->main = severity_chart(x, &s);
    out->main_key = "bands";
    view_put(c->arena, out->body, headline(c, facts, LENGTH(facts)));
    view_put(c->arena, out->body, out->main);
    return OK;
}

/* ---- frequency ---- */

static Block *frequency_chart(const Spread *x, const int64_t *counts, size_t n) {
    Ctx *c = x->c;
    Str *labels = NEW_N(c->arena, Str, n), *keys = NEW_N(c->arena, Str, n),
        *hrefs = NEW_N(c->arena, Str, n);
    for (size_t i = 0; i < n; i++) {
        int32_t month = x->p.first + (int32_t)i;
        labels[i] = incident_kit_step_label(c, month, 1);
        keys[i] = str_fmt(c->arena, "%04d-%02d", (int)(month / 12), (int)(month % 12 + 1));
        if (counts[i])
            hrefs[i] = losses(x, incident_kit_first_day(c, month), incident_kit_last_day(c, month),
                              x->least, INT64_MAX);
    }
    ChartSeries *series = NEW(c->arena, ChartSeries);
    *series = (ChartSeries){.label = TRS(c, N_("Losses")), .name = "losses", .values = counts};
    Block *b = view_block(c->arena, BLOCK_CHART);
    b->chart = (ChartView){.kind = CHART_BARS,
                           .caption = TRS(c, N_("Losses by month of discovery")),
                           .points = labels,
                           .point_keys = keys,
                           .points_are_months = true,
                           .point_hrefs = hrefs,
                           .n_points = n,
                           .series = series,
                           .n_series = 1,
                           .unit = CELL_INT};
    return b;
}

/* How many months saw 0, 1, 2 ... losses: the histogram that a frequency is fitted to. */
static Block *months_by_count(Ctx *c, const int64_t *counts, size_t n) {
    static const Column columns[] = {
        {.name = "losses", .label = S(N_("Losses in a month")), .kind = CELL_INT, .is_main = true},
        {.name = "months", .label = S(N_("Months")), .kind = CELL_INT}};
    ReportList l = report_list(c, columns, LENGTH(columns));
    int64_t last = -1;
    for (;;) {
        int64_t next = INT64_MAX, months = 0;
        for (size_t i = 0; i < n; i++)
            if (counts[i] > last && counts[i] < next) next = counts[i];
        if (next == INT64_MAX) break;
        for (size_t i = 0; i < n; i++) months += counts[i] == next;
        Cell *x = report_row(&l, str_fmt(c->arena, "%lld", (long long)next), (Str){0});
        x[0] = cell_int(next);
        x[1] = cell_int(months);
        last = next;
    }
    return report_block(&l, NULL, NULL, N_("No figure"));
}

static Err frequency(Page *out, const Spread *x) {
    Ctx *c = x->c;
    MonthList list;
    size_t n = (size_t)(x->p.last - x->p.first + 1);
    int64_t *counts = NEW_N(c->arena, int64_t, n), all = 0, squares = 0, mean, spread = 0;
    int64_t months = (int64_t)n;
    TRY(incident_query_frequency(&list, c, x->net, x->least, x->p.from, x->p.to));
    for (size_t i = 0; i < list.n; i++)
        counts[list.items[i].month - x->p.first] = list.items[i].count;
    for (size_t i = 0; i < n; i++) {
        all += counts[i];
        squares += counts[i] * counts[i];
    }
    if (!mul_div(&mean, all, 100, months)) mean = 0;
    if (n > 1 && !mul_div(&spread, months * squares - all * all, 100, months * (months - 1)))
        spread = 0;
    const Fact facts[] = {
        incident_kit_fact("losses", TRS(c, N_("Losses")),
                          report_count(all, losses(x, x->p.from, x->p.to, x->least, INT64_MAX))),
        incident_kit_fact("months", TRS(c, N_("Months")), cell_int(months)),
        incident_kit_fact("mean", TRS(c, N_("Mean a month")), cell_decimal(mean, 2)),
        incident_kit_fact("variance", TRS(c, N_("Variance")), cell_decimal(spread, 2))};
    out->main = frequency_chart(x, counts, n);
    out->main_key = "months";
    view_put(c->arena, out->body, headline(c, facts, LENGTH(facts)));
    view_put(c->arena, out->body, out->main);
    Block *section =
        view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Months by number of losses")));
    view_put(c->arena, section, months_by_count(c, counts, n));
    view_put(c->arena, out->body, section);
    return OK;
}

Err incident_report_distribution(Ctx *c, const PageArgs *args, Page *out) {
    static const char path[] = "/reports/loss-distribution";
    Spread x;
    FormField f[5];
    TRY(spread_read(&x, c, args->query));
    size_t n = incident_kit_period_fields(f, c, &x.p);
    f[n] = report_choice(c, "show", N_("Show"), shows, x.show);
    f[n++].as_cards = true;
    f[n++] = report_choice(c, "measure", N_("Figure"), measures, x.measure);
    out->title = TRS(c, N_("Frequency and severity"));
    out->subtitle = incident_kit_caption(c, x.p.from, x.p.to, x.currency);
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, path, f, n));
    TRY(str_is(x.show, "frequency") ? frequency(out, &x) : severity(out, &x));
    view_put(
        c->arena, out->body,
        incident_kit_how(
            c,
            INCIDENT_FILL(
                c,
                TR(c,
                   N_("Single losses by date of discovery, as known today, from the collection threshold on ({0} {1}, a setting): below it not everything is declared. Small losses declared many together are left out, for their amounts are no single losses. Losses of one root count each for itself. The month under way is among the months.")),
                incident_kit_minor(c, x.least, x.currency), x.currency)));
    return OK;
}
