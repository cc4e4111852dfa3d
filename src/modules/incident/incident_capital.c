/* incident_capital.c: the loss data set of capital by year of accounting: what is in it, from which
 * threshold on, and what is left out. Figures come from incident_analysis_query.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/core_rules.h"
#include "modules/incident/incident_analysis_query.h"
#include "modules/incident/incident_pages.h"
#include "modules/incident/incident_threshold.h"

enum { YEARS_MAX = 30 };

typedef struct Statement {
    Ctx *c;
    int first, last; /* years; the last is under way */
    Str from, to, currency;
    CapitalYears years;
    CapitalOut out;
    Threshold threshold;
} Statement;

static Err statement_read(Statement *x, Ctx *c) {
    int64_t year, span;
    *x = (Statement){.c = c};
    CHECK(str_to_int(&year, str_sub(c->today, 0, 4)), "today is no date");
    TRY(setting_whole(&span, c, "loss_window_years", 10));
    if (span < 1) span = 1;
    if (span > YEARS_MAX) span = YEARS_MAX;
    x->last = (int)year;
    x->first = x->last - (int)span + 1;
    x->from = str_fmt(c->arena, "%04d-01-01", x->first);
    x->to = str_fmt(c->arena, "%04d-12-31", x->last);
    TRY(incident_group_currency(&x->currency, c));
    TRY(incident_threshold(&x->threshold, c));
    TRY(incident_query_capital(&x->years, c, x->from, x->to));
    return incident_query_capital_out(&x->out, c, x->from, x->to);
}

static Cell money(const Statement *x, int64_t minor, Str href) {
    Cell cell = report_money(minor, x->currency);
    return minor && href.n ? cell_link(cell, href) : cell;
}

static Str entries(Ctx *c, Str from, Str to, const char *more) {
    return str_fmt(
        c->arena,
        "/financial_entries?booked_on.ge=%.*s&booked_on.le=%.*s&in_capital=true&status=booked&state.in=accepted,reversed%s",
        FMT(from), FMT(to), more);
}

static void year_row(ReportList *l, const Statement *x, const CapitalYear *y, Str key, Str label,
                     Str from, Str to) {
    Ctx *c = x->c;
    Str all = entries(c, from, to, "");
    Cell *cells = report_row(l, key, (Str){0});
    cells[0] = cell_label(key, label);
    cells[1] = cell_int(y->losses);
    cells[2] = report_count(y->entries, all);
    cells[3] = money(x, y->gross, all);
    cells[4] =
        money(x, y->recoveries,
              entries(c, from, to,
                      "&kind.in=direct_recovery,insurance_recovery,other_recovery,rapid_recovery"));
    cells[5] = money(x, y->net, all);
}

static Err add(CapitalYear *all, const CapitalYear *y) {
    all->entries += y->entries;
    bool bad = add_overflows(all->gross, y->gross, &all->gross) ||
               add_overflows(all->recoveries, y->recoveries, &all->recoveries) ||
               add_overflows(all->net, y->net, &all->net);
    return bad ? ERR_INTERNAL : OK;
}

static Err rows(ReportList *l, const Statement *x) {
    Ctx *c = x->c;
    CapitalYear all = {.losses = x->years.losses};
    for (int year = x->first; year <= x->last; year++) {
        CapitalYear y = {.year = year};
        for (size_t i = 0; i < x->years.n; i++)
            if (x->years.items[i].year == year) y = x->years.items[i];
        TRY(add(&all, &y));
        Str key = str_fmt(c->arena, "%04d", year);
        year_row(l, x, &y, key, key, str_join(c->arena, key, S("-01-01")),
                 str_join(c->arena, key, S("-12-31")));
    }
    year_row(l, x, &all, S("total"), TRS(c, N_("Total")), x->from, x->to);
    int64_t n = x->last - x->first + 1;
    Cell *mean = report_row(l, S("average"), (Str){0});
    mean[0] = cell_label(S("average"), TRS(c, N_("Average a year")));
    mean[3] = report_money(all.gross / n, x->currency);
    mean[4] = report_money(all.recoveries / n, x->currency);
    mean[5] = report_money(all.net / n, x->currency);
    return OK;
}

static Block *left_out(const Statement *x) {
    Ctx *c = x->c;
    Str base = str_fmt(c->arena,
                       "/incidents?event_kind=loss&used_in_capital=false&first_booked_on.ge=%.*s&"
                       "first_booked_on.le=%.*s&state.in=%.*s",
                       FMT(x->from), FMT(x->to),
                       FMT(incident_kit_states(c, model_need(c->model, "incident"))));
    Str credit = report_link(c, base, "in_credit_rwa", S("true")),
        other = report_link(c, base, "in_credit_rwa", S("false")),
        below = report_link(c, other, "exclusion.empty", S("1")),
        excluded = report_link(c, other, "exclusion.empty", S("0"));
    Fact *f = NEW_N(c->arena, Fact, 6);
    f[0] = incident_kit_fact("below", TRS(c, N_("Below the threshold")),
                             report_count(x->out.below, below));
    f[1] = incident_kit_fact("below_gross", TRS(c, N_("Their gross loss")),
                             money(x, x->out.below_gross, below));
    f[2] = incident_kit_fact("credit", TRS(c, N_("Counted as credit risk")),
                             report_count(x->out.credit, credit));
    f[3] = incident_kit_fact("credit_gross", TRS(c, N_("Their gross loss")),
                             money(x, x->out.credit_gross, credit));
    f[4] = incident_kit_fact("excluded", TRS(c, N_("Excluded with the supervisor's approval")),
                             report_count(x->out.excluded, excluded));
    f[5] = incident_kit_fact("excluded_gross", TRS(c, N_("Their gross loss")),
                             money(x, x->out.excluded_gross, excluded));
    Block *section = view_layout(c->arena, LAYOUT_SECTION,
                                 TRS(c, N_("Losses first booked in these years, not in the set"))),
          *facts = view_block(c->arena, BLOCK_FACTS);
    facts->facts = (FactsView){.facts = f, .n = 6, .is_headline = true};
    view_put(c->arena, section, facts);
    return section;
}

Err incident_report_capital(Ctx *c, const PageArgs *args, Page *out) {
    static const char path[] = "/reports/capital-losses";
    static const Column columns[] = {
        {.name = "year", .label = S(N_("Year of accounting")), .kind = CELL_LABEL, .is_main = true},
        {.name = "losses", .label = S(N_("Losses")), .kind = CELL_INT},
        {.name = "entries", .label = S(N_("Entries booked")), .kind = CELL_INT},
        {.name = "gross", .label = S(N_("Gross loss")), .kind = CELL_MONEY},
        {.name = "recoveries", .label = S(N_("Recoveries")), .kind = CELL_MONEY},
        {.name = "net", .label = S(N_("Net loss")), .kind = CELL_MONEY}};
    Statement x;
    ReportList l = report_list(c, columns, LENGTH(columns));
    TRY(statement_read(&x, c));
    TRY(rows(&l, &x));
    Block *list = report_block(&l, path, args->query, N_("No loss in this period"));
    out->title = TRS(c, N_("Loss data set of capital"));
    out->subtitle = incident_kit_caption(c, x.from, x.to, x.currency);
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, incident_threshold_facts(c, &x.threshold));
    view_put(c->arena, out->body, list);
    view_put(c->arena, out->body, left_out(&x));
    view_put(
        c->arena, out->body,
        incident_kit_how(
            c,
            TRS(c,
                N_("Accepted and booked entries, by date of accounting (of a legal case that of its provision), in the group's currency at the rate of that date, of the losses in the data set as they stand today. Losses of one root are tested and counted as one, and keep their own dates; one that was booked over several years counts in each of them, and once in the total. Losses counted in credit risk-weighted assets are left out, those at the boundary with market risk are in. The window and the threshold are settings."))));
    out->main = list;
    out->main_key = "years";
    return OK;
}
