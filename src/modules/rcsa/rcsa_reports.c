/* rcsa_reports.c: top ten risks, risks hit by events. Figures come from
 * rcsa_report_query.c, in the reader's scope. Knows no SQL and no markup. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "modules/rcsa/rcsa_pages.h"

enum { TOP = 10, TOP_MOST = 100 };

/* ---- lines of risks ---- */

Err rcsa_risk_rows(ReportList *l, Ctx *c, const RcsaRiskLines *lines) {
    const Type *t = model_need(c->model, "risk");
    for (size_t i = 0; i < lines->n; i++) {
        const RcsaRiskLine *x = &lines->items[i];
        Record *r;
        TRY(record_load_raw(&r, c, t, x->id));
        Cell *cells;
        TRY(rcsa_risk_row(&cells, l, c, r, x->unit));
        TRY(rcsa_ref_cell(&cells[2], c, "process", x->process));
        cells[3] = rcsa_class_cell(c, x->inherent_level);
        cells[4] = rcsa_class_cell(c, x->residual_level);
        cells[5] = rcsa_position_cell(c, x->position);
        if (x->accepted_until.n) cells[6] = cell_date(x->accepted_until);
    }
    return OK;
}

const Column rcsa_risk_columns[] = {
    {.name = "risk", .label = S(N_("Risk")), .kind = CELL_REF, .is_main = true},
    {.name = "unit", .label = S(N_("Unit")), .kind = CELL_REF},
    {.name = "process", .label = S(N_("Process")), .kind = CELL_REF},
    {.name = "inherent_level", .label = S(N_("Inherent risk")), .kind = CELL_LABEL},
    {.name = "residual_level", .label = S(N_("Residual risk")), .kind = CELL_LABEL},
    {.name = "appetite_position", .label = S(N_("Against the appetite")), .kind = CELL_LABEL},
    {.name = "accepted_until", .label = S(N_("Accepted until")), .kind = CELL_DATE}};

Err rcsa_page_top(Ctx *c, const PageArgs *args, Page *out) {
    RcsaAsked asked;
    RcsaRiskLines lines;
    Block *parameters;
    int64_t limit = TOP;
    Str typed = str_trim(input_getz(args->query, "limit"));
    ReportList l = report_list(c, rcsa_risk_columns, RCSA_RISK_COLUMNS);
    if (typed.n && (!str_to_int(&limit, typed) || limit < 1 || limit > TOP_MOST))
        issue(c, "limit", "bad_value", N_("Between 1 and 100."));
    TRY(rcsa_asked(&asked, c, args->query));
    asked.filter.campaign = 0;
    TRY(rcsa_query_worst(&lines, c, &asked.filter, false, limit));
    TRY(rcsa_risk_rows(&l, c, &lines));
    TRY(rcsa_parameters(&parameters, c, "/reports/top-risks", &asked,
                        ASK_UNIT | ASK_CATEGORY | ASK_PROCESS | ASK_DAY, NULL, 0));
    Block *list = report_block(&l, "/reports/top-risks", args->query, N_("No risk is rated yet"));
    out->title = TRS(c, N_("Top risks"));
    out->subtitle = rcsa_as_of(c, TRS(c, N_("By residual class, then impact, then likelihood.")),
                               asked.filter.as_of);
    out->as_of = asked.filter.as_of;
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, parameters);
    view_put(c->arena, out->body, list);
    out->main = list;
    out->main_key = "risks";
    return OK;
}

/* ---- risks hit by events ---- */

Err rcsa_page_triggers(Ctx *c, const PageArgs *args, Page *out) {
    static const Column columns[] = {
        {.name = "risk", .label = S(N_("Risk")), .kind = CELL_REF, .is_main = true},
        {.name = "unit", .label = S(N_("Unit")), .kind = CELL_REF},
        {.name = "residual_level", .label = S(N_("Residual risk")), .kind = CELL_LABEL},
        {.name = "assessed_on", .label = S(N_("Assessed on")), .kind = CELL_DATE},
        {.name = "losses_since", .label = S(N_("Losses since")), .kind = CELL_INT},
        {.name = "largest", .label = S(N_("Largest loss of twelve months")), .kind = CELL_MONEY},
        {.name = "near_misses", .label = S(N_("Near misses of twelve months")), .kind = CELL_INT}};
    ReportList l = report_list(c, columns, LENGTH(columns));
    RcsaAsked asked;
    RcsaIds ids;
    Str currency;
    const Access *access;
    Block *parameters;
    TRY(rcsa_asked(&asked, c, args->query));
    TRY(rcsa_currency(&currency, c));
    TRY(access_of(&access, c, model_need(c->model, "risk"), OP_READ));
    TRY(rcsa_query_active_risks(&ids, c));
    for (size_t i = 0; i < ids.n; i++) {
        Record *r;
        RcsaEvidence e;
        bool hit;
        TRY(rcsa_load_now(&r, c, "risk", ids.items[i]));
        if (!access_allows(access, r)) continue; /* rights are today's */
        if (c->as_of.n) TRY(record_load_raw(&r, c, r->type, r->id));
        TRY(rcsa_campaign_triggered(&hit, c, r, &e));
        if (!hit) continue;
        Cell *cells;
        TRY(rcsa_risk_row(&cells, &l, c, r, r->unit));
        cells[2] = rcsa_class_cell(c, record_text(r, "residual_level"));
        if (!rcsa_is_empty(r, "assessed_on")) cells[3] = cell_date(record_text(r, "assessed_on"));
        cells[4] = cell_int(e.facts.losses_since);
        cells[5] = report_money(e.facts.largest, currency);
        cells[6] = cell_int(e.facts.near_misses);
    }
    Block *list = report_block(&l, "/reports/risk-triggers", args->query,
                               N_("No risk has been hit since its last assessment"));
    out->title = TRS(c, N_("Risks hit by events"));
    out->subtitle = rcsa_as_of(
        c,
        TRS(c,
            N_("A large loss, near misses or a failed test since the last assessment: a triggered campaign takes these risks.")),
        c->as_of);
    out->as_of = c->as_of;
    if (!c->as_of.n && (actor_has_role(c, S("analyst")) || actor_has_role(c, S("head_orm")))) {
        Button *b = NEW(c->arena, Button);
        *b = (Button){.label = TRS(c, N_("New triggered campaign")),
                      .href = S("/rcsa_campaigns/new?kind=triggered"),
                      .icon = "plus",
                      .is_primary = true};
        out->buttons = b;
        out->n_buttons = 1;
    }
    TRY(rcsa_parameters(&parameters, c, "/reports/risk-triggers", &asked, ASK_DAY, NULL, 0));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, parameters);
    view_put(c->arena, out->body, list);
    out->main = list;
    out->main_key = "risks";
    return OK;
}
