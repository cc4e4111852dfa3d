/* action_committee.c: what the page for the committee says of action plans at the end of its
 * period: open and overdue ones, those that are late longest. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/action/action_pages.h"

enum { SHOWN = 6 };

static Err figures(Block **out, Ctx *c) {
    static const struct {
        const char *name, *label, *type, *query;
    } items[] = {{"actions", N_("Open actions"), "action", "state.open=1"},
                 {"actions_overdue", N_("Overdue actions"), "action", "overdue=true"},
                 {"issues", N_("Open issues"), "issue", "state.open=1"},
                 {"issues_overdue", N_("Overdue issues"), "issue", "overdue=true"}};
    Fact *f = NEW_N(c->arena, Fact, LENGTH(items));
    for (size_t i = 0; i < LENGTH(items); i++) {
        int64_t n;
        TRY(action_count(&n, c, items[i].type, items[i].query));
        f[i] = action_fact(items[i].name, TRS(c, items[i].label), cell_int(n));
    }
    *out = view_block(c->arena, BLOCK_FACTS);
    (*out)->id = "action-figures";
    (*out)->facts = (FactsView){.facts = f, .n = LENGTH(items), .is_headline = true};
    return OK;
}

static Err late_list(Block **out, Ctx *c) {
    static const Column columns[] = {
        {.name = "action", .label = S(N_("Action")), .kind = CELL_REF, .is_main = true},
        {.name = "owner", .label = S(N_("Owner")), .kind = CELL_PERSON},
        {.name = "due_on", .label = S(N_("Due on")), .kind = CELL_DATE},
        {.name = "days", .label = S(N_("Days late")), .kind = CELL_INT}};
    Records late;
    Input params = {0};
    ReportList l = report_list(c, columns, LENGTH(columns));
    input_add(&params, c->arena, S("overdue"), S("true"));
    input_add(&params, c->arena, S("sort"), S("due_on"));
    TRY(action_list(&late, c, "action", &params, SHOWN));
    for (size_t i = 0; i < late.n; i++) {
        const Record *r = late.items[i];
        int64_t days = 0;
        Cell *cells = report_row(&l, record_number(c->arena, r), record_path(c->arena, r));
        cells[0] = report_ref(c, r);
        TRY(report_person(&cells[1], c, r->owner));
        cells[2] = cell_date(record_text(r, "due_on"));
        if (action_days_between(&days, record_text(r, "due_on"), c->as_of.n ? c->as_of : c->today))
            cells[3] = cell_int(days);
    }
    *out = report_block(&l, NULL, NULL, N_("No action is late"));
    return OK;
}

Err action_committee(Ctx *c, const Page *page, Block **out) {
    Block *list, *counts;
    (void)page;
    TRY(figures(&counts, c));
    TRY(late_list(&list, c));
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Action plans")));
    (*out)->id = "actions";
    view_put(c->arena, *out, counts);
    view_put(c->arena, *out, list);
    return OK;
}
