/* action_pages.c: the table of the module's pages and what they share. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "modules/action/action_pages.h"

#define REPORT_RIGHT                                                                               \
    "role:unit_head correspondent legal compliance analyst head_orm inspection committee auditor"

/* clang-format off */
const PageDef action_pages[] = {
    {.path = "/action-tracker", .label = N_("Follow-up"), .right = "issue", .build = action_tracker_build, .nav = "actions", .icon = "target"},
    {.path = "/action-board", .label = N_("Board"), .right = "action", .build = action_board_build, .nav = "actions", .icon = "columns-3"},
    {.path = "/action-gantt", .label = N_("Time axis"), .right = "action", .build = action_gantt_build, .nav = "actions", .icon = "calendar"},
    {.path = "/action-plan", .label = N_("Best plan under a budget"), .right = REPORT_RIGHT, .build = action_plan_build, .nav = "actions", .icon = "coins"},
    {.path = "/plan-action", .label = N_("Decide an action"), .right = "issue", .build = action_decide_build, .post = action_decide_post, .creates = true},
    {.path = "/reports/action-ageing", .label = N_("Age of late actions"), .right = REPORT_RIGHT, .build = action_ageing_build, .nav = "reports", .icon = "hourglass", .about = N_("How long the late actions have been late."), .subject = "actions"},
    {.path = "/reports/action-trend", .label = N_("Open and overdue actions by month"), .right = REPORT_RIGHT, .build = action_trend_build, .nav = "reports", .icon = "chart-line", .about = N_("Is the backlog of actions growing?"), .subject = "actions"},
    {.path = "/reports/extensions", .label = N_("Extensions"), .right = REPORT_RIGHT, .build = action_extensions_build, .nav = "reports", .icon = "calendar-event", .about = N_("Whose due dates moved, how often, and with whose approval."), .subject = "actions"},
    {.path = "/reports/acceptances", .label = N_("Acceptances about to end"), .right = REPORT_RIGHT, .build = action_acceptances_build, .nav = "reports", .icon = "scale", .about = N_("Accepted risks whose time is nearly up."), .subject = "actions"},
    {.path = "/reports/plan-cost", .label = N_("Cost and benefit of plans"), .right = REPORT_RIGHT, .build = action_cost_build, .nav = "reports", .icon = "report-money", .about = N_("What plans cost and the yearly loss that they should remove."), .subject = "actions"},
    {0}};
const SectionDef action_sections[] = {{.page = "/reports/committee", .right = "action", .order = 30, .build = action_committee}, {0}};
const Choice action_whose[] = {{"all", N_("All"), 0}, {"mine", N_("With me as owner"), 0}, {0}};
/* clang-format on */

Err action_list(Records *out, Ctx *c, const char *type, const Input *params, int64_t limit) {
    ListQuery q = {0};
    ListCursor *cursor;
    *out = (Records){0};
    TRY(list_parse(&q, c, model_need(c->model, type), params));
    q.limit = limit;
    TRY(list_open(&cursor, c, &q));
    for (;;) {
        Record *r;
        TRY(list_next(&r, cursor, c->arena));
        if (!r) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = r;
    }
}

Err action_count(int64_t *out, Ctx *c, const char *type, const char *query) {
    Str rest = str_of(query), part, name;
    Input params = {0};
    ListQuery q = {0};
    bool exact;
    while (rest.n && str_cut(&part, &rest, '&'))
        if (str_cut(&name, &part, '=')) input_add(&params, c->arena, name, part);
    TRY(list_parse(&q, c, model_need(c->model, type), &params));
    return list_count(out, &exact, c, &q, LIST_COUNT_API);
}

void action_filters(Input *out, Ctx *c, const Input *query) {
    Str unit = str_trim(input_getz(query, "unit"));
    if (unit.n) input_add(out, c->arena, S("unit.under"), unit);
    if (str_is(input_getz(query, "whose"), "mine")) input_add(out, c->arena, S("owner"), S("me"));
}

Fact action_fact(const char *name, Str label, Cell cell) {
    return (Fact){.name = name, .label = label, .cell = cell};
}
