/* action_tracker.c: follow-up of issues, how late actions are and whose, extensions, acceptances
 * that end soon. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/action/action_pages.h"
#include "modules/action/action_query.h"

enum { MOST_ROWS = 500 };

/* A date with the sign of the condition "before today". */
static Cell dated(Ctx *c, Str day, bool counts) {
    int64_t days;
    Cell cell = cell_date(day);
    if (counts && action_days_between(&days, c->today, day) && days < 0) cell.tone = TONE_BAD;
    return cell;
}

static int64_t days_late(const Ctx *c, const Record *r, const char *field, const char *states) {
    int64_t days;
    if (!action_state_is(r, states) ||
        !action_days_between(&days, record_text(r, field), c->today) || days < 0)
        return 0;
    return days;
}

/* ---- follow-up ---- */

#define WORKED_ON "open plan_proposed plan_approved remediation ready"

static Err tracker_facts(Block **out, Ctx *c) {
    int64_t issues, late_issues, actions, late_actions, done, on_time;
    Str since = action_months_later(c, c->today, -12);
    Str query = str_fmt(c->arena, "done_on.ge=%.*s&state.in=done,verified,effectiveness,closed",
                        FMT(since));
    TRY(action_count(&issues, c, "issue", "state.open=1"));
    TRY(action_count(&late_issues, c, "issue", "overdue=true"));
    TRY(action_count(&actions, c, "action", "state.in=planned,in_progress"));
    TRY(action_count(&late_actions, c, "action", "overdue=true"));
    TRY(action_count(&done, c, "action", query.p));
    TRY(action_count(&on_time, c, "action",
                     str_fmt(c->arena, "%.*s&timing=on_time", FMT(query)).p));
    Fact *f = NEW_N(c->arena, Fact, 5);
    f[0] = action_fact("issues_open", TRS(c, N_("Open issues")),
                       report_count(issues, S("/issues?state.open=1&sort=target_on")));
    f[1] = action_fact("issues_overdue", TRS(c, N_("Overdue issues")),
                       report_count(late_issues, S("/issues?overdue=true&sort=target_on")));
    f[2] =
        action_fact("actions_open", TRS(c, N_("Actions to do")),
                    report_count(actions, S("/actions?state.in=planned,in_progress&sort=due_on")));
    f[3] = action_fact("actions_overdue", TRS(c, N_("Overdue actions")),
                       report_count(late_actions, S("/actions?overdue=true&sort=due_on")));
    f[4] = action_fact("on_time", TRS(c, N_("Done on time in 12 months")),
                       done ? cell_percent(on_time * 100 / done, 0) : (Cell){0});
    for (int i = 1; i < 4; i += 2)
        if (f[i].cell.i) f[i].cell.tone = TONE_BAD;
    *out = view_block(c->arena, BLOCK_FACTS);
    (*out)->facts = (FactsView){.facts = f, .n = 5, .is_headline = true};
    return OK;
}

static Err tracker_rows(ReportList *l, Ctx *c, const Records *list) {
    for (size_t i = 0; i < list->n; i++) {
        const Record *r = list->items[i];
        int64_t late = days_late(c, r, "target_on", WORKED_ON);
        Cell *x = report_row(l, record_number(c->arena, r), record_path(c->arena, r));
        x[0] = report_ref(c, r);
        x[1] = report_choice_cell(c, r, "rating");
        x[2] = report_state(c, r);
        TRY(report_person(&x[3], c, r->owner));
        TRY(report_unit(&x[4], c, r->unit));
        x[5] = dated(c, record_text(r, "target_on"), late > 0);
        x[6] = cell_int(late);
        x[7] = cell_int(action_calc_score(action_rating(r), late));
        x[8] = action_is_empty(r, "actions_total") ? cell_int(0)
                                                   : cell_int(record_int(r, "actions_total"));
        x[9] = cell_int(record_int(r, "actions_open"));
        x[10] =
            action_is_empty(r, "progress") ? (Cell){0} : cell_percent(record_int(r, "progress"), 0);
        x[11] = dated(c, record_text(r, "next_due_on"), true);
    }
    return OK;
}

static Err tracker_form(Block **out, Ctx *c, const Input *query) {
    FormField f[3];
    Str whose = input_getz(query, "whose");
    f[0] = report_choice(c, "whose", N_("Whose"), action_whose, whose.n ? whose : S("all"));
    f[0].as_cards = true;
    f[1] = report_filter(c, "rating", N_("Rating"),
                         type_need(model_need(c->model, "issue"), "rating")->choices,
                         input_getz(query, "rating"));
    TRY(report_unit_field(&f[2], c, "unit", N_("Unit"), input_getz(query, "unit")));
    *out = report_parameters(c, "/action-tracker", f, 3);
    return OK;
}

static void tracker_buttons(Page *out, Ctx *c) {
    Button *b = NEW_N(c->arena, Button, 3);
    b[0] = (Button){.label = TRS(c, N_("Board")), .href = S("/action-board"), .icon = "columns-3"};
    b[1] =
        (Button){.label = TRS(c, N_("Time axis")), .href = S("/action-gantt"), .icon = "calendar"};
    b[2] = (Button){.label = TRS(c, N_("Found before")),
                    .href = S("/issues?repeat_finding=true&state.open=1"),
                    .icon = "history"};
    out->buttons = b;
    out->n_buttons = 3;
}

Err action_tracker_build(Ctx *c, const PageArgs *args, Page *out) {
    static const Column columns[] = {
        {.name = "issue", .label = S(N_("Issue")), .kind = CELL_REF, .is_main = true},
        {.name = "rating", .label = S(N_("Rating")), .kind = CELL_LABEL},
        {.name = "state", .label = S(N_("State")), .kind = CELL_STATE},
        {.name = "owner", .label = S(N_("Owner")), .kind = CELL_PERSON},
        {.name = "unit", .label = S(N_("Unit")), .kind = CELL_REF, .is_hidden = true},
        {.name = "target_on", .label = S(N_("Target date")), .kind = CELL_DATE},
        {.name = "days_late", .label = S(N_("Days late")), .kind = CELL_INT},
        {.name = "score", .label = S(N_("Rating × age")), .kind = CELL_INT, .is_hidden = true},
        {.name = "actions", .label = S(N_("Actions")), .kind = CELL_INT, .is_hidden = true},
        {.name = "actions_open", .label = S(N_("Still open")), .kind = CELL_INT},
        {.name = "progress", .label = S(N_("Progress")), .kind = CELL_PERCENT},
        {.name = "next_due_on", .label = S(N_("Next due")), .kind = CELL_DATE}};
    Records list;
    Input params = {0};
    Block *facts, *form;
    Str rating = str_trim(input_getz(args->query, "rating"));
    action_filters(&params, c, args->query);
    if (rating.n) input_add(&params, c->arena, S("rating"), rating);
    input_add(&params, c->arena, S("state.open"), S("1"));
    input_add(&params, c->arena, S("sort"), S("target_on"));
    TRY(action_list(&list, c, "issue", &params, MOST_ROWS));
    ReportList l = report_list(c, columns, LENGTH(columns));
    TRY(tracker_rows(&l, c, &list));
    Block *block = report_block(&l, "/action-tracker", args->query, N_("No open issue"));
    TRY(tracker_facts(&facts, c));
    TRY(tracker_form(&form, c, args->query));
    out->title = TRS(c, N_("Follow-up of issues"));
    out->subtitle = TRS(c, N_("Open issues with their actions, the earliest target date first."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, facts);
    view_put(c->arena, out->body, form);
    view_put(c->arena, out->body, block);
    out->main = block;
    out->main_key = "issues";
    tracker_buttons(out, c);
    return OK;
}

/* ---- ageing ---- */

static Str late_href(Ctx *c, Str base, int k) {
    Str from, to;
    action_query_age_bounds(&from, &to, c, k);
    Str href = report_link(c, base, "due_on.le", to);
    return from.n ? report_link(c, href, "due_on.ge", from) : href;
}

static Err ageing_rows(ReportList *l, Ctx *c, const AgeRows *rows, bool by_owner) {
    for (size_t i = 0; i < rows->n; i++) {
        const AgeRow *row = &rows->items[i];
        int64_t late = 0;
        Cell key = {0};
        TRY(by_owner ? report_person(&key, c, row->key) : report_unit(&key, c, row->key));
        Str base = report_link(c, S("/actions?state.in=planned,in_progress"),
                               by_owner ? "owner" : "unit", key.key);
        Cell *x = report_row(l, key.key, (Str){0});
        x[0] = key;
        x[1] = report_count(row->open, base);
        for (int k = 0; k < ACTION_AGES; k++) {
            x[2 + k] = report_count(row->late[k], late_href(c, base, k));
            late += row->late[k];
        }
        x[6] = report_count(late, report_link(c, base, "overdue", S("true")));
        if (late) x[6].tone = TONE_BAD;
        x[7] = row->open ? cell_percent(late * 100 / row->open, 0) : (Cell){0};
        x[8] = cell_int(row->done);
        x[9] = row->done ? cell_percent(row->on_time * 100 / row->done, 0) : (Cell){0};
        x[10] = cell_int(row->extensions);
    }
    return OK;
}

Err action_ageing_build(Ctx *c, const PageArgs *args, Page *out) {
    static const Column columns[] = {
        {.name = "key", .label = S(N_("Who")), .kind = CELL_REF, .is_main = true},
        {.name = "open", .label = S(N_("To do")), .kind = CELL_INT},
        {.name = "late_30", .label = S(N_("Less than 30 days late")), .kind = CELL_INT},
        {.name = "late_90", .label = S(N_("30 to 90")), .kind = CELL_INT},
        {.name = "late_180", .label = S(N_("91 to 180")), .kind = CELL_INT},
        {.name = "late_more", .label = S(N_("More than 180")), .kind = CELL_INT},
        {.name = "late", .label = S(N_("Late in all")), .kind = CELL_INT},
        {.name = "late_share", .label = S(N_("Share late")), .kind = CELL_PERCENT},
        {.name = "done", .label = S(N_("Done in 12 months")), .kind = CELL_INT},
        {.name = "on_time", .label = S(N_("Of which on time")), .kind = CELL_PERCENT},
        {.name = "extensions", .label = S(N_("Extensions of open ones")), .kind = CELL_INT}};
    static const Choice by[] = {{"unit", N_("Unit"), 0}, {"owner", N_("Owner"), 0}, {0}};
    AgeRows rows;
    Str chosen = input_getz(args->query, "by");
    bool by_owner = str_is(chosen, "owner");
    if (chosen.n && !by_owner && !str_is(chosen, "unit"))
        return issue(c, "by", "bad_value", N_("This is none of the choices."));
    ReportList l = report_list(c, columns, LENGTH(columns));
    TRY(action_query_ages(&rows, c, by_owner, action_months_later(c, c->today, -12)));
    TRY(ageing_rows(&l, c, &rows, by_owner));
    Block *list = report_block(&l, "/reports/action-ageing", args->query, N_("No action yet"));
    FormField f[1] = {report_choice(c, "by", N_("By"), by, by_owner ? S("owner") : S("unit"))};
    f[0].as_cards = true;
    out->title = TRS(c, N_("Age of late actions"));
    out->subtitle =
        TRS(c, N_("Days after the date in force; on time means until the first agreed date."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, "/reports/action-ageing", f, 1));
    view_put(c->arena, out->body, list);
    out->main = list;
    out->main_key = "rows";
    return OK;
}

/* ---- extensions ---- */

static Err extension_row(ReportList *l, Ctx *c, const Record *r) {
    Record *action;
    int64_t days = 0;
    TRY(record_load_raw(&action, c, model_need(c->model, "action"), record_int(r, "action")));
    Cell *x = report_row(l, record_number(c->arena, r), record_path(c->arena, r));
    Str number = record_number(c->arena, r);
    x[0] = cell_ref(number, number, record_path(c->arena, r));
    x[0].is_named = true;
    x[1] = report_ref(c, action);
    TRY(report_unit(&x[2], c, r->unit));
    TRY(report_person(&x[3], c, r->owner));
    x[4] = cell_int(record_int(r, "nth"));
    x[5] = cell_date(record_text(action, "first_due_on"));
    x[6] = cell_date(record_text(r, "from_due_on"));
    x[7] = cell_date(record_text(r, "new_due_on"));
    if (action_days_between(&days, record_text(r, "from_due_on"), record_text(r, "new_due_on")))
        x[8] = cell_int(days);
    x[9] = report_choice_cell(c, r, "level");
    x[10] = report_state(c, r);
    return OK;
}

Err action_extensions_build(Ctx *c, const PageArgs *args, Page *out) {
    static const Column columns[] = {
        {.name = "request", .label = S(N_("Request")), .kind = CELL_REF, .is_main = true},
        {.name = "action", .label = S(N_("Action")), .kind = CELL_REF},
        {.name = "unit", .label = S(N_("Unit")), .kind = CELL_REF, .is_hidden = true},
        {.name = "owner", .label = S(N_("Owner")), .kind = CELL_PERSON},
        {.name = "nth", .label = S(N_("Which one")), .kind = CELL_INT},
        {.name = "first_due_on", .label = S(N_("First agreed date")), .kind = CELL_DATE},
        {.name = "from_due_on", .label = S(N_("Date so far")), .kind = CELL_DATE},
        {.name = "new_due_on", .label = S(N_("New date")), .kind = CELL_DATE},
        {.name = "days", .label = S(N_("Days")), .kind = CELL_INT},
        {.name = "level", .label = S(N_("Decided by")), .kind = CELL_LABEL},
        {.name = "state", .label = S(N_("State")), .kind = CELL_STATE}};
    static const Choice which[] = {{"all", N_("All"), 0},
                                   {"waiting", N_("Not decided yet"), 0},
                                   {"approved", N_("Approved"), 0},
                                   {"refused", N_("Refused"), 0},
                                   {0}};
    Records list;
    Input params = {0};
    Str state = input_getz(args->query, "which");
    if (str_is(state, "waiting")) input_add(&params, c->arena, S("state.open"), S("1"));
    if (str_is(state, "approved") || str_is(state, "refused"))
        input_add(&params, c->arena, S("state"), state);
    input_add(&params, c->arena, S("sort"), S("-id"));
    TRY(action_list(&list, c, "extension_request", &params, MOST_ROWS));
    ReportList l = report_list(c, columns, LENGTH(columns));
    for (size_t i = 0; i < list.n; i++) TRY(extension_row(&l, c, list.items[i]));
    Block *block =
        report_block(&l, "/reports/extensions", args->query, N_("No request for more time"));
    FormField f[1] = {report_choice(c, "which", N_("State"), which, state.n ? state : S("all"))};
    f[0].as_cards = true;
    out->title = TRS(c, N_("Extensions"));
    out->subtitle =
        TRS(c, N_("Requests for more time, the newest first; the first agreed date stays."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, "/reports/extensions", f, 1));
    view_put(c->arena, out->body, block);
    out->main = block;
    out->main_key = "extensions";
    return OK;
}

/* ---- acceptances ---- */

static Err acceptance_row(ReportList *l, Ctx *c, const Record *r, Str group) {
    int64_t days = 0;
    RefName name = {0};
    int64_t of = action_ref(r, "issue");
    if (of) TRY(ref_name(&name, c, model_need(c->model, "issue"), of));
    Cell *x = report_row(l, record_number(c->arena, r), record_path(c->arena, r));
    x[0] = report_ref(c, r);
    if (name.found && !name.is_hidden)
        x[1] = cell_ref(name.key, name.key, str_fmt(c->arena, "/issues/%.*s", FMT(name.key)));
    x[1].is_named = true;
    TRY(report_person(&x[2], c, r->owner));
    TRY(report_unit(&x[3], c, r->unit));
    x[4] = report_money(record_int(r, "amount_group"), group);
    x[5] = report_choice_cell(c, r, "level");
    x[6] = cell_date(record_text(r, "from_on"));
    x[7] = cell_date(record_text(r, "expires_on"));
    if (!action_days_between(&days, c->today, record_text(r, "expires_on"))) return OK;
    x[8] = cell_int(days);
    x[8].tone = days < 7 ? TONE_BAD : days <= 60 ? TONE_WARN : TONE_NONE;
    return OK;
}

static Err acceptance_list(Block **out, int64_t *stake, Ctx *c, const PageArgs *args, Str within) {
    static const Column columns[] = {
        {.name = "acceptance",
         .label = S(N_("Risk acceptance")),
         .kind = CELL_REF,
         .is_main = true},
        {.name = "issue", .label = S(N_("Issue")), .kind = CELL_REF},
        {.name = "owner", .label = S(N_("Owner")), .kind = CELL_PERSON},
        {.name = "unit", .label = S(N_("Unit")), .kind = CELL_REF, .is_hidden = true},
        {.name = "amount", .label = S(N_("Amount at stake")), .kind = CELL_MONEY},
        {.name = "level", .label = S(N_("Decided by")), .kind = CELL_LABEL},
        {.name = "from_on", .label = S(N_("Accepted from")), .kind = CELL_DATE},
        {.name = "expires_on", .label = S(N_("Last day")), .kind = CELL_DATE},
        {.name = "days_left", .label = S(N_("Days left")), .kind = CELL_INT}};
    Records list;
    Input params = {0};
    Str group;
    int64_t days, today;
    CHECK(date_parse(&today, c->today), "today is no date");
    TRY(action_group_currency(&group, c));
    input_add(&params, c->arena, S("state"), S("active"));
    input_add(&params, c->arena, S("sort"), S("expires_on"));
    if (str_to_int(&days, within))
        input_add(&params, c->arena, S("expires_on.le"), date_text(c->arena, today + days));
    TRY(action_list(&list, c, "risk_acceptance", &params, MOST_ROWS));
    ReportList l = report_list(c, columns, LENGTH(columns));
    *stake = 0;
    for (size_t i = 0; i < list.n; i++) {
        TRY(acceptance_row(&l, c, list.items[i], group));
        if (add_overflows(*stake, record_int(list.items[i], "amount_group"), stake))
            *stake = INT64_MAX;
    }
    *out = report_block(&l, "/reports/acceptances", args->query,
                        N_("No acceptance ends in this time"));
    (*out)->list.sum = report_money(*stake, group);
    (*out)->list.sum_label = TRS(c, N_("At stake in all"));
    return OK;
}

Err action_acceptances_build(Ctx *c, const PageArgs *args, Page *out) {
    static const Choice times[] = {{"30", N_("Within 30 days"), 0},
                                   {"60", N_("Within 60 days"), 0},
                                   {"90", N_("Within 90 days"), 0},
                                   {"all", N_("All in force"), 0},
                                   {0}};
    Block *list;
    Str within = input_getz(args->query, "within"), group;
    int64_t stake;
    if (!within.n) within = S("60");
    TRY(action_group_currency(&group, c));
    TRY(acceptance_list(&list, &stake, c, args, within));
    Fact *f = NEW_N(c->arena, Fact, 2);
    f[0] = action_fact("acceptances", TRS(c, N_("Acceptances")), cell_int(list->list.total));
    f[1] = action_fact("stake", TRS(c, N_("At stake in all")), report_money(stake, group));
    Block *facts = view_block(c->arena, BLOCK_FACTS);
    facts->facts = (FactsView){.facts = f, .n = 2, .is_headline = true};
    FormField p[1] = {report_choice(c, "within", N_("Ends"), times, within)};
    p[0].as_cards = true;
    out->title = TRS(c, N_("Acceptances about to end"));
    out->subtitle = TRS(c, N_("On the day after its last day the issue is open again."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, "/reports/acceptances", p, 1));
    view_put(c->arena, out->body, facts);
    view_put(c->arena, out->body, list);
    out->main = list;
    out->main_key = "acceptances";
    return OK;
}
