/* action_plan.c: cost and benefit of the plans, and the best set of actions under a budget of money
 * and staff days, with the curve of loss removed against money. The choice itself is
 * calc/portfolio. SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "calc/portfolio.h"
#include "modules/action/action_calc.h"
#include "modules/action/action_pages.h"

enum { MOST_ITEMS = 300, MOST_ISSUES = 500, CURVE_POINTS = 13, NODES = 20000, CURVE_NODES = 1500 };

/* ---- cost and benefit ---- */

static Err cost_row(ReportList *l, Ctx *c, const Record *r, Str group) {
    int64_t loss = record_int(r, "yearly_loss_group"), saved = record_int(r, "benefit_planned");
    int64_t once = record_int(r, "cost_planned"), yearly = record_int(r, "running_planned");
    int64_t each, back = action_calc_payback(once, yearly, saved);
    Cell *x = report_row(l, record_number(c->arena, r), record_path(c->arena, r));
    x[0] = report_ref(c, r);
    x[1] = report_choice_cell(c, r, "rating");
    TRY(report_unit(&x[2], c, r->unit));
    x[3] = cell_int(record_int(r, "actions_total"));
    x[4] = report_money(once, group);
    x[5] = report_money(yearly, group);
    x[6] = report_money(saved, group);
    if (loss) {
        x[7] = report_money(loss, group);
        x[8] = report_money(saved > loss ? 0 : loss - saved, group);
    }
    if (saved > 0 && mul_div(&each, once, 100, saved)) x[9] = cell_decimal(each, 2);
    if (back >= 0) x[10] = cell_decimal(back, 1);
    return OK;
}

static void totals_row(LedgerView *v, Ctx *c, Str group, const Records *list) {
    static const struct {
        const char *field;
        int column;
    } sums[] = {{"cost_planned", 4}, {"running_planned", 5}, {"benefit_planned", 6}};
    Cell *x = NEW_N(c->arena, Cell, v->n_columns);
    x[0] = cell_label((Str){0}, TRS(c, N_("In all")));
    for (size_t s = 0; s < LENGTH(sums); s++) {
        int64_t sum = 0;
        for (size_t i = 0; i < list->n; i++)
            if (add_overflows(sum, record_int(list->items[i], sums[s].field), &sum))
                sum = INT64_MAX;
        x[sums[s].column] = report_money(sum, group);
    }
    v->totals = x;
}

/* Largest saving first: what is shown in the chart and at the top of the list. */
static int by_benefit(const void *p, const void *q) {
    const Record *a = *(Record *const *)p, *b = *(Record *const *)q;
    int64_t x = record_int(a, "benefit_planned"), y = record_int(b, "benefit_planned");
    if (x != y) return x > y ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

static Block *cost_chart(Ctx *c, const Records *list, Str group) {
    size_t n = list->n < 12 ? list->n : 12;
    Str *points = NEW_N(c->arena, Str, n + 1), *hrefs = NEW_N(c->arena, Str, n + 1);
    int64_t *cost = NEW_N(c->arena, int64_t, n + 1), *saved = NEW_N(c->arena, int64_t, n + 1);
    ChartSeries *series = NEW_N(c->arena, ChartSeries, 2);
    for (size_t i = 0; i < n; i++) {
        const Record *r = list->items[i];
        points[i] = record_title(c, r);
        hrefs[i] = record_path(c->arena, r);
        cost[i] = record_int(r, "cost_planned");
        saved[i] = record_int(r, "benefit_planned");
    }
    series[0] = (ChartSeries){
        .label = TRS(c, N_("Loss removed a year")), .name = "benefit", .values = saved};
    series[1] = (ChartSeries){.label = TRS(c, N_("One-off cost")), .name = "cost", .values = cost};
    Block *b = view_block(c->arena, BLOCK_CHART);
    b->chart = (ChartView){.kind = CHART_HBARS,
                           .caption = TRS(c, N_("Plans that remove most loss")),
                           .points = points,
                           .point_hrefs = hrefs,
                           .n_points = n,
                           .series = series,
                           .n_series = 2,
                           .unit = CELL_MONEY};
    memcpy(b->chart.currency, group.p, 3);
    return n ? b : NULL;
}

Err action_cost_build(Ctx *c, const PageArgs *args, Page *out) {
    static const Column columns[] = {
        {.name = "issue", .label = S(N_("Issue")), .kind = CELL_REF, .is_main = true},
        {.name = "rating", .label = S(N_("Rating")), .kind = CELL_LABEL},
        {.name = "unit", .label = S(N_("Unit")), .kind = CELL_REF},
        {.name = "actions", .label = S(N_("Actions")), .kind = CELL_INT},
        {.name = "cost", .label = S(N_("One-off cost")), .kind = CELL_MONEY},
        {.name = "running", .label = S(N_("Cost a year")), .kind = CELL_MONEY},
        {.name = "benefit", .label = S(N_("Loss removed a year")), .kind = CELL_MONEY},
        {.name = "loss", .label = S(N_("Loss a year today")), .kind = CELL_MONEY},
        {.name = "residual", .label = S(N_("Left after the plan")), .kind = CELL_MONEY},
        {.name = "unit_cost", .label = S(N_("Cost for 1 of loss removed")), .kind = CELL_DECIMAL},
        {.name = "payback", .label = S(N_("Years until paid back")), .kind = CELL_DECIMAL}};
    Records list;
    Input params = {0};
    Str group;
    action_filters(&params, c, args->query);
    input_add(&params, c->arena, S("state.open"), S("1"));
    TRY(action_group_currency(&group, c));
    TRY(action_list(&list, c, "issue", &params, MOST_ISSUES));
    Records with = {0};
    for (size_t i = 0; i < list.n; i++) {
        if (!record_int(list.items[i], "actions_total")) continue;
        GROW(c->arena, with.items, with.n, with.cap);
        with.items[with.n++] = list.items[i];
    }
    if (with.n) qsort(with.items, with.n, sizeof *with.items, by_benefit);
    ReportList l = report_list(c, columns, LENGTH(columns));
    for (size_t i = 0; i < with.n; i++) TRY(cost_row(&l, c, with.items[i], group));
    view_share_currency(l.columns, l.n_columns, l.rows, l.n);
    Block *block = view_block(c->arena, BLOCK_LEDGER);
    block->ledger = (LedgerView){.columns = l.columns,
                                 .n_columns = l.n_columns,
                                 .rows = l.rows,
                                 .n_rows = l.n,
                                 .empty_text = TRS(c, N_("No plan with actions yet"))};
    if (with.n) totals_row(&block->ledger, c, group, &with);
    FormField f[1];
    TRY(report_unit_field(&f[0], c, "unit", N_("Unit"), input_getz(args->query, "unit")));
    out->title = TRS(c, N_("Cost and benefit of plans"));
    out->subtitle = TRS(
        c,
        N_("Open issues with actions, in the group's currency; an action of several issues counts at the first one."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, "/reports/plan-cost", f, 1));
    view_put(c->arena, out->body, cost_chart(c, &with, group));
    view_put(c->arena, out->body, block);
    out->main = block;
    out->main_key = "plans";
    return OK;
}

/* ---- best plan: what can be chosen ---- */

typedef struct Choices {
    Ctx *c;
    Records actions; /* of the items, in their order */
    Portfolio p;
    PortfolioItem *items;
    PortfolioPair *needs, *excludes;
    size_t cap_needs, cap_excludes;
    int64_t *caps, *cap_issue;
    int64_t total_cost, total_benefit;
    int64_t years;
    bool keep; /* what is under way stays in the plan */
    Str group;
} Choices;

static ptrdiff_t item_of(const Choices *x, int64_t id) {
    for (size_t i = 0; i < x->actions.n; i++)
        if (x->actions.items[i]->id == id) return (ptrdiff_t)i;
    return -1;
}

/* Of an action under way only the rest of its one-off cost is still to be paid. */
static int64_t cost_to_come(const Choices *x, const Record *r) {
    int64_t once = record_int(r, "cost_group"), running = record_int(r, "running_group"), rest;
    int64_t left = action_state_is(r, "in_progress") ? 100 - record_int(r, "progress") : 100;
    if (mul_div(&rest, once, left, 100)) once = rest;
    if (mul_overflows(running, x->years, &running) || add_overflows(once, running, &once))
        return INT64_MAX / 1000;
    return once;
}

static Err cap_of(int *out, Choices *x, const Record *r) {
    Value issues = action_refs(r, "issues");
    Record *one;
    *out = -1;
    if (!issues.n) return OK;
    for (size_t g = 0; g < x->p.n_caps; g++)
        if (x->cap_issue[g] == issues.list[0].i) *out = (int)g;
    if (*out >= 0) return OK;
    TRY(record_load_raw(&one, x->c, model_need(x->c->model, "issue"), issues.list[0].i));
    *out = (int)x->p.n_caps++;
    x->cap_issue[*out] = issues.list[0].i;
    int64_t loss = record_int(one, "yearly_loss_group");
    x->caps[*out] = loss > 0 ? loss : -1;
    return OK;
}

/* Prerequisites that are done or given up ask for nothing; ones outside the choice forbid it. */
static Err links_of(bool *possible, Choices *x, size_t i) {
    Ctx *c = x->c;
    const Record *r = x->actions.items[i];
    Value needs = action_refs(r, "prerequisites"), instead = action_refs(r, "alternatives");
    *possible = true;
    for (size_t k = 0; k < needs.n; k++) {
        ptrdiff_t other = item_of(x, needs.list[k].i);
        Record *one;
        if (other >= 0) {
            GROW(c->arena, x->needs, x->p.n_needs, x->cap_needs);
            x->needs[x->p.n_needs++] = (PortfolioPair){(int)i, (int)other};
            continue;
        }
        TRY(record_load_raw(&one, c, r->type, needs.list[k].i));
        if (action_state_is(one, "planned in_progress")) *possible = false;
    }
    for (size_t k = 0; k < instead.n; k++) {
        ptrdiff_t other = item_of(x, instead.list[k].i);
        if (other < 0) continue;
        GROW(c->arena, x->excludes, x->p.n_excludes, x->cap_excludes);
        x->excludes[x->p.n_excludes++] = (PortfolioPair){(int)i, (int)other};
    }
    return OK;
}

/* Two alternatives that are both under way contradict nothing any more: both are being done. */
static void forget_past_choices(Choices *x) {
    size_t n = 0;
    for (size_t i = 0; i < x->p.n_excludes; i++) {
        PortfolioPair pair = x->excludes[i];
        if (!x->items[pair.a].must || !x->items[pair.b].must) x->excludes[n++] = pair;
    }
    x->p.n_excludes = n;
}

/* What is taken in any case, with all that it waits for. */
static int64_t committed_cost(const Choices *x) {
    bool *taken = NEW_N(x->c->arena, bool, x->p.n + 1);
    int64_t cost = 0;
    for (size_t i = 0; i < x->p.n; i++) taken[i] = x->items[i].must;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < x->p.n_needs; i++) {
            PortfolioPair pair = x->needs[i];
            if (!taken[pair.a] || taken[pair.b]) continue;
            taken[pair.b] = more = true;
        }
    }
    for (size_t i = 0; i < x->p.n; i++) cost += taken[i] ? x->items[i].cost : 0;
    return cost;
}

static Err choices_read(Choices *x, const Input *query) {
    Ctx *c = x->c;
    Input params = {0};
    action_filters(&params, c, query);
    input_add(&params, c->arena, S("state.in"), S("planned,in_progress"));
    input_add(&params, c->arena, S("sort"), S("-benefit_group"));
    TRY(action_list(&x->actions, c, "action", &params, MOST_ITEMS));
    size_t n = x->actions.n;
    x->items = NEW_N(c->arena, PortfolioItem, n + 1);
    x->caps = NEW_N(c->arena, int64_t, n + 1);
    x->cap_issue = NEW_N(c->arena, int64_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        const Record *r = x->actions.items[i];
        bool possible;
        x->items[i] = (PortfolioItem){.cost = cost_to_come(x, r),
                                      .days = record_int(r, "staff_days"),
                                      .benefit = record_int(r, "benefit_group")};
        x->items[i].must = x->keep && action_state_is(r, "in_progress");
        TRY(cap_of(&x->items[i].group, x, r));
        TRY(links_of(&possible, x, i));
        if (!possible && !x->items[i].must) x->items[i].benefit = 0;
        x->total_cost += x->items[i].cost;
    }
    forget_past_choices(x);
    x->p.items = x->items;
    x->p.n = n;
    x->p.needs = x->needs;
    x->p.excludes = x->excludes;
    x->p.caps = x->caps;
    bool *all = NEW_N(c->arena, bool, n + 1);
    memset(all, 1, n);
    x->total_benefit = portfolio_benefit(&x->p, all);
    return OK;
}

/* ---- parameters ---- */

typedef struct Wish {
    Str budget, days, years, keep;
} Wish;

static Err read_amount(int64_t *out, Ctx *c, const char *name, Str typed, int scale,
                       int64_t otherwise) {
    *out = otherwise;
    if (!typed.n) return OK;
    if (!decimal_parse_loose(out, typed, scale, c->lang != LANG_EN) || *out < 0)
        return issue(c, name, "bad_value", N_("This is not a number, or it is below zero."));
    return OK;
}

static Err wish_read(Wish *w, Choices *x, const Input *query) {
    Ctx *c = x->c;
    *w = (Wish){.budget = str_trim(input_getz(query, "budget")),
                .days = str_trim(input_getz(query, "staff_days")),
                .years = str_trim(input_getz(query, "years")),
                .keep = input_getz(query, "keep")};
    x->years = 1;
    if (w->years.n && (!str_to_int(&x->years, w->years) || x->years < 0 || x->years > 10))
        return issue(c, "years", "bad_value", N_("Running costs count for 0 to 10 years."));
    /* Sent without its box, the form says no; the first visit says yes. */
    x->keep = !w->budget.n || str_is(w->keep, "true") || str_is(w->keep, "1");
    return OK;
}

static Block *plan_form(Ctx *c, const Wish *w, const Choices *x, Str budget) {
    FormField f[4];
    f[0] = report_text(c, "budget", N_("Budget"), INPUT_DECIMAL, budget);
    f[0].label = ACTION_FILL(c, TR(c, "Budget ({0})"), x->group);
    f[1] =
        report_text(c, "staff_days", N_("Staff days, if they are short"), INPUT_DECIMAL, w->days);
    f[2] = report_text(c, "years", N_("Years of running cost"), INPUT_INT,
                       w->years.n ? w->years : S("1"));
    f[3] = report_text(c, "keep", N_("What is under way stays"), INPUT_BOOL,
                       x->keep ? S("true") : S("false"));
    Block *form = report_parameters(c, "/action-plan", f, 4);
    form->form.is_toolbar = false; /* the budget is what it is all about */
    return form;
}

/* ---- result ---- */

static Str why_not(const Choices *x, const PortfolioPlan *plan, size_t i) {
    Ctx *c = x->c;
    const Portfolio *p = &x->p;
    if (!x->items[i].benefit)
        return TRS(c, N_("It removes no loss, or what it waits for is outside this choice."));
    for (size_t e = 0; e < p->n_excludes; e++) {
        int other = p->excludes[e].a == (int)i   ? p->excludes[e].b
                    : p->excludes[e].b == (int)i ? p->excludes[e].a
                                                 : -1;
        if (other >= 0 && plan->chosen[other])
            return ACTION_FILL(c, TR(c, "{0} is taken instead."),
                               record_number(c->arena, x->actions.items[other]));
    }
    if (p->budget - plan->cost < x->items[i].cost)
        return TRS(c, N_("The money left is not enough for it."));
    if (p->days >= 0 && p->days - plan->days < x->items[i].days)
        return TRS(c, N_("The staff days left are not enough for it."));
    for (size_t e = 0; e < p->n_needs; e++)
        if (p->needs[e].a == (int)i && !plan->chosen[p->needs[e].b])
            return TRS(c, N_("What must come before it costs too much."));
    return TRS(c, N_("The loss of its issue is removed by others already."));
}

static Err plan_list(Block **out, const Choices *x, const PortfolioPlan *plan, const Input *query) {
    static const Column columns[] = {
        {.name = "action", .label = S(N_("Action")), .kind = CELL_REF, .is_main = true},
        {.name = "chosen", .label = S(N_("In the plan")), .kind = CELL_LABEL},
        {.name = "state", .label = S(N_("State")), .kind = CELL_STATE},
        {.name = "owner", .label = S(N_("Owner")), .kind = CELL_PERSON},
        {.name = "cost", .label = S(N_("Still to pay")), .kind = CELL_MONEY},
        {.name = "staff_days", .label = S(N_("Staff days")), .kind = CELL_DECIMAL},
        {.name = "benefit", .label = S(N_("Loss removed a year")), .kind = CELL_MONEY},
        {.name = "why", .label = S(N_("Why not")), .kind = CELL_TEXT, .is_hidden = true}};
    Ctx *c = x->c;
    ReportList l = report_list(c, columns, LENGTH(columns));
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < x->p.n; i++) {
            const Record *r = x->actions.items[i];
            if (plan->chosen[i] != (pass == 0)) continue;
            Cell *v = report_row(&l, record_number(c->arena, r), record_path(c->arena, r));
            v[0] = report_ref(c, r);
            v[1] = cell_label(pass ? S("no") : S("yes"), TRS(c, pass ? N_("No") : N_("Yes")));
            v[1].tone = pass ? TONE_MUTED : TONE_GOOD;
            v[2] = report_state(c, r);
            TRY(report_person(&v[3], c, r->owner));
            v[4] = report_money(x->items[i].cost, x->group);
            v[5] = cell_decimal(x->items[i].days, 1);
            v[6] = report_money(record_int(r, "benefit_group"), x->group);
            if (pass) v[7] = cell_text(why_not(x, plan, i));
            if (pass) v[0].note = v[7].text;
        }
    *out = report_block(&l, "/action-plan", query, N_("No action to choose from"));
    (*out)->id = "actions";
    return OK;
}

static Block *plan_facts(const Choices *x, const PortfolioPlan *plan) {
    Ctx *c = x->c;
    Fact *f = NEW_N(c->arena, Fact, 6);
    size_t chosen = 0;
    for (size_t i = 0; i < x->p.n; i++) chosen += plan->chosen[i];
    int64_t share = 0;
    if (x->total_benefit > 0) mul_div(&share, plan->benefit, 100, x->total_benefit);
    f[0] = action_fact("benefit", TRS(c, N_("Loss removed a year")),
                       report_money(plan->benefit, x->group));
    f[1] = action_fact("share", TRS(c, N_("Of what all together remove")), cell_percent(share, 0));
    f[2] = action_fact("cost", TRS(c, N_("Cost")), report_money(plan->cost, x->group));
    f[3] = action_fact("staff_days", TRS(c, N_("Staff days")), cell_decimal(plan->days, 1));
    f[4] = action_fact("actions", TRS(c, N_("Actions")), cell_int((int64_t)chosen));
    f[5] = action_fact("bound", TRS(c, N_("No set removes more than")),
                       report_money(plan->bound, x->group));
    Block *b = view_block(c->arena, BLOCK_FACTS);
    b->id = "plan";
    b->facts = (FactsView){.facts = f, .n = 6, .is_headline = true};
    return b;
}

static Block *proof(const Choices *x, const PortfolioPlan *plan) {
    Ctx *c = x->c;
    int64_t share;
    if (plan->is_exact)
        return view_text(
            c->arena, TEXT_NOTICE, TONE_GOOD, TRS(c, N_("Proven best")),
            TRS(c, N_("No other set keeps the rules and the budget and removes more loss.")));
    if (!mul_div(&share, plan->bound - plan->benefit, 1000, plan->bound > 0 ? plan->bound : 1))
        share = 1000;
    Str words = ACTION_FILL(
        c, TR(c, "The search was stopped. The best set removes at most {0} % more than this one."),
        decimal_text(c->arena, share, 1));
    return view_text(c->arena, TEXT_NOTICE, TONE_WARN, TRS(c, N_("Good, not proven best")), words);
}

/* ---- curve ---- */

static Block *curve(const Choices *x) {
    Ctx *c = x->c;
    Str *points = NEW_N(c->arena, Str, CURVE_POINTS);
    int64_t *values = NEW_N(c->arena, int64_t, CURVE_POINTS), most = x->total_cost;
    int64_t least = committed_cost(x); /* below it nothing fits */
    ChartSeries *series = NEW(c->arena, ChartSeries);
    Portfolio p = x->p;
    const bool *start = NULL;
    size_t n = 0;
    for (int k = 0; k < CURVE_POINTS && most > 0; k++) {
        PortfolioPlan one;
        p.budget = least + (most - least) / (CURVE_POINTS - 1) * k;
        if (k == CURVE_POINTS - 1) p.budget = most;
        if (!portfolio_solve(&one, c->arena, &p, CURVE_NODES, start)) continue;
        start = one.chosen; /* what fits into less fits into more */
        points[n] = str_fmt(c->arena, "%lld", (long long)(p.budget / 100000));
        values[n++] = one.benefit;
    }
    *series = (ChartSeries){
        .label = TRS(c, N_("Loss removed a year")), .name = "benefit", .values = values};
    Block *b = view_block(c->arena, BLOCK_CHART);
    b->id = "curve";
    b->chart = (ChartView){
        .kind = CHART_LINE,
        .caption = ACTION_FILL(
            c, TR(c, "Loss removed a year against the budget (thousands of {0})"), x->group),
        .points = points,
        .n_points = n,
        .series = series,
        .n_series = 1,
        .unit = CELL_MONEY};
    memcpy(b->chart.currency, x->group.p, 3);
    return n > 1 ? b : NULL;
}

static Err plan_blocks(Page *out, Choices *x, const Input *query, const Wish *w, Format format) {
    Ctx *c = x->c;
    PortfolioPlan plan;
    Block *list;
    Money half = {.minor = x->p.budget};
    memcpy(half.currency, x->group.p, 3);
    view_put(c->arena, out->body,
             plan_form(c, w, x, w->budget.n ? w->budget : money_text(c->arena, half)));
    if (!portfolio_solve(&plan, c->arena, &x->p, NODES, NULL)) {
        view_put(
            c->arena, out->body,
            view_text(
                c->arena, TEXT_NOTICE, TONE_WARN, TRS(c, N_("No plan fits")),
                TRS(c,
                    N_("What is under way already needs more than this, or contradicts itself. Raise the budget, or let it be chosen too."))));
        plan = (PortfolioPlan){.chosen = NEW_N(c->arena, bool, x->p.n + 1)};
        return plan_list(&out->main, x, &plan, query);
    }
    Block *results = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    TRY(plan_list(&list, x, &plan, query));
    view_put(c->arena, results, plan_facts(x, &plan));
    view_put(c->arena, results, proof(x, &plan));
    if (format == FORMAT_HTML || format == FORMAT_JSON) view_put(c->arena, results, curve(x));
    view_put(c->arena, results, list);
    view_put(c->arena, out->body, results);
    out->main = format == FORMAT_JSON ? results : list;
    return OK;
}

Err action_plan_build(Ctx *c, const PageArgs *args, Page *out) {
    Choices x = {.c = c};
    Wish w;
    TRY(action_group_currency(&x.group, c));
    TRY(wish_read(&w, &x, args->query));
    TRY(choices_read(&x, args->query));
    int64_t committed = committed_cost(&x); /* by itself: half of what is still open */
    TRY(read_amount(&x.p.budget, c, "budget", w.budget, currency_digits(x.group),
                    committed + (x.total_cost - committed) / 2));
    TRY(read_amount(&x.p.days, c, "staff_days", w.days, 1, -1));
    out->title = TRS(c, N_("Best plan under a budget"));
    out->subtitle = TRS(
        c,
        N_("Of the actions to do, the set that removes most loss a year. No more is removed than an issue costs; what must come before comes along; of alternatives one at most is taken."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    return plan_blocks(out, &x, args->query, &w, args->format);
}
