/* action_attach.c: what the module shows on records of others and on its own: the issues of an
 * incident and what stops its closure, the actions and acceptances of an issue, what waits for an
 * action, the renewal of an acceptance. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"
#include "modules/action/action_calc.h"
#include "modules/action/action_pages.h"

enum { MOST_SHOWN = 200 };

static const Column line_columns[] = {
    {.name = "what", .label = S(N_("Title")), .kind = CELL_REF, .is_main = true},
    {.name = "state", .label = S(N_("State")), .kind = CELL_STATE},
    {.name = "owner", .label = S(N_("Owner")), .kind = CELL_PERSON},
    {.name = "due", .label = S(N_("Due on")), .kind = CELL_DATE},
    {.name = "progress", .label = S(N_("Progress")), .kind = CELL_PERCENT}};

static Err line(ReportList *l, Ctx *c, const Record *r, const char *date) {
    int64_t days;
    Cell *x = report_row(l, record_number(c->arena, r), record_path(c->arena, r));
    bool is_open = !(r->state->flags & STATE_CLOSED);
    x[0] = report_ref(c, r);
    x[1] = report_state(c, r);
    TRY(report_person(&x[2], c, r->owner));
    x[3] = cell_date(record_text(r, date));
    if (is_open && !action_state_is(r, "done verified effectiveness accepted") &&
        action_days_between(&days, c->today, record_text(r, date)) && days < 0) {
        x[3].tone = TONE_BAD;
        x[3].note = TRS(c, N_("Overdue"));
    }
    if (!action_is_empty(r, "progress")) x[4] = cell_percent(record_int(r, "progress"), 0);
    return OK;
}

static Value named_by(Ctx *c, const Field *f, const Record *to) {
    return f->kind == KIND_TEXT ? value_text(record_number(c->arena, to)) : value_int(to->id);
}

/* Records that point here and that the reader may see. */
static Err pointing(Records *out, Ctx *c, const char *type, const char *field, const Record *to) {
    const Type *t = model_need(c->model, type);
    const Field *f = type_need(t, field);
    Records all;
    *out = (Records){0};
    if (!to->id || c->as_of.n) return OK;
    const Access *a;
    TRY(access_of(&a, c, t, OP_READ));
    if (!access_any(a)) return OK;
    a = access_showing(c, a, &f, 1);
    TRY(record_where(&all, c, t, field, named_by(c, f, to), MOST_SHOWN));
    for (size_t i = 0; i < all.n; i++) {
        if (!access_allows(a, all.items[i])) continue;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = all.items[i];
    }
    return OK;
}

static Err may_create(bool *out, Ctx *c, const char *type) {
    const Access *a;
    *out = false;
    if (c->actor->is_read_only || c->as_of.n) return OK;
    TRY(access_of(&a, c, model_need(c->model, type), OP_CREATE));
    *out = access_any(a);
    return OK;
}

static Block *section(Ctx *c, const char *id, const char *title, Block *inner, Button *buttons,
                      size_t n) {
    Block *b = view_layout(c->arena, LAYOUT_SECTION, TRS(c, title));
    b->id = id;
    b->layout.buttons = buttons;
    b->layout.n_buttons = n;
    view_put(c->arena, b, inner);
    return b;
}

/* ---- incident ---- */

static Err new_issue_button(Button *out, Ctx *c, const Record *incident) {
    RefName unit = {0};
    Str href = report_link(c, S("/issues/new?source=incident"), "incident",
                           record_number(c->arena, incident));
    if (incident->unit) TRY(ref_name(&unit, c, model_need(c->model, "unit"), incident->unit));
    href = report_link(c, href, "title", record_title(c, incident));
    href = report_link(c, href, "unit", unit.key);
    if (incident->is_restricted) href = report_link(c, href, "restricted", S("true"));
    *out = (Button){.label = TRS(c, N_("New issue")), .href = href, .icon = "flag"};
    return OK;
}

static Err incident_buttons(Button *buttons, size_t *n, Ctx *c, const Record *r) {
    bool allowed;
    *n = 0;
    TRY(may_create(&allowed, c, "issue"));
    if (!allowed || (r->state->flags & STATE_VOID) || action_state_is(r, "draft")) return OK;
    buttons[(*n)++] =
        (Button){.label = TRS(c, N_("Decide an action")),
                 .href = report_link(c, S("/plan-action"), "incident", record_number(c->arena, r)),
                 .icon = "plus"};
    return new_issue_button(&buttons[(*n)++], c, r);
}

static void announce_issues(Ctx *c, const Record *r) {
    const Type *issue = model_need(c->model, "issue");
    const Field *f = type_field(issue, S("incident"));
    if (f && !c->as_of.n && access_may(c, issue, OP_READ))
        record_where_announce(c, issue, f->name, named_by(c, f, r), MOST_SHOWN);
}

static Err incident_section(Ctx *c, const Record *r, Block **out) {
    Records issues;
    Button *buttons = NEW_N(c->arena, Button, 2);
    size_t n;
    if (!type_field(model_need(c->model, "issue"), S("incident"))) return OK;
    TRY(pointing(&issues, c, "issue", "incident", r));
    TRY(incident_buttons(buttons, &n, c, r));
    if (!issues.n && !n) return OK;
    ReportList l = report_list(c, line_columns, LENGTH(line_columns));
    for (size_t i = 0; i < issues.n; i++) {
        Records actions;
        TRY(line(&l, c, issues.items[i], "target_on"));
        TRY(pointing(&actions, c, "action", "issues", issues.items[i]));
        for (size_t k = 0; k < actions.n; k++) TRY(line(&l, c, actions.items[k], "due_on"));
    }
    Block *list = report_block(&l, NULL, NULL, N_("No issue yet"));
    *out = section(c, "issues", N_("Issues and actions"), list, buttons, n);
    return OK;
}

/* ---- root cause analysis ---- */

/* What it recommends becomes an issue of its incident, with the cause that was found. */
static Err analysis_section(Ctx *c, const Record *r, Block **out) {
    enum { MOST_CHARACTERS = 1500 };
    Record *incident;
    RefName unit = {0}, cause = {0};
    bool allowed;
    Str advice = record_text(r, "recommendations");
    TRY(may_create(&allowed, c, "issue"));
    if (!allowed || !advice.n || !type_field(model_need(c->model, "issue"), S("incident")))
        return OK;
    Err e = record_load(&incident, c, model_need(c->model, "incident"), record_int(r, "incident"));
    if (e) return e == ERR_MISSING ? OK : e;
    if (r->unit) TRY(ref_name(&unit, c, model_need(c->model, "unit"), r->unit));
    if (record_int(r, "root_cause"))
        TRY(ref_name(&cause, c, model_need(c->model, "taxon"), record_int(r, "root_cause")));
    Str href = report_link(c, S("/issues/new?source=incident"), "incident",
                           record_number(c->arena, incident));
    /* Addresses are kept in logs of others: nothing of a restricted case stands there. */
    if (!r->is_restricted) href = report_link(c, href, "title", record_title(c, r));
    href = report_link(c, href, "unit", unit.key);
    if (!r->is_restricted)
        href = report_link(c, href, "description", utf8_clip(advice, MOST_CHARACTERS));
    if (cause.found) href = report_link(c, href, "root_cause", cause.key);
    if (r->is_restricted) href = report_link(c, href, "restricted", S("true"));
    *out = view_text(c->arena, TEXT_PLAIN, TONE_NONE, (Str){0}, (Str){0});
    (*out)->text.button = (Button){.label = TRS(c, N_("Record the recommendations as an issue")),
                                   .href = href,
                                   .icon = "flag"};
    return OK;
}

/* ---- breach of an indicator ---- */

static Err breach_section(Ctx *c, const Record *r, Block **out) {
    Records issues;
    Button *button = NEW(c->arena, Button);
    bool allowed;
    TRY(pointing(&issues, c, "issue", "source_reference", r));
    TRY(may_create(&allowed, c, "issue"));
    bool shown = allowed && !(r->state->flags & STATE_CLOSED);
    if (!issues.n && !shown) return OK;
    *button =
        (Button){.label = TRS(c, N_("Decide an action")),
                 .href = report_link(c, S("/plan-action"), "breach", record_number(c->arena, r)),
                 .icon = "plus"};
    ReportList l = report_list(c, line_columns, LENGTH(line_columns));
    for (size_t i = 0; i < issues.n; i++) {
        Records actions;
        TRY(line(&l, c, issues.items[i], "target_on"));
        TRY(pointing(&actions, c, "action", "issues", issues.items[i]));
        for (size_t k = 0; k < actions.n; k++) TRY(line(&l, c, actions.items[k], "due_on"));
    }
    *out = section(c, "issues", N_("Issues and actions"),
                   report_block(&l, NULL, NULL, N_("No issue yet")), button, shown);
    return OK;
}

/* ---- closing an incident ---- */

/* Its number only to who may see the action. */
static Err still_open(Ctx *c, const Record *action) {
    Err e = access_check(c, action, OP_READ);
    if (e != OK && e != ERR_MISSING) return e;
    if (e == OK)
        issue_arg(c, "", "open_action",
                  N_("The action {0} is still open: it must be verified or cancelled first."),
                  record_number(c->arena, action));
    else
        issue(c, "", "open_action",
              N_("An action that you may not see is still open: it must be verified or cancelled "
                 "first."));
    return OK;
}

/* An incident is not closed while something is still to be done about it, whoever may see that. */
static Err incident_guard(Ctx *c, const Record *r) {
    Records issues = {0};
    const Type *issue_of = model_need(c->model, "issue");
    if (!type_field(issue_of, S("incident"))) return OK;
    TRY(record_where(&issues, c, issue_of, "incident", value_int(r->id), MOST_SHOWN));
    for (size_t i = 0; i < issues.n; i++) {
        Records actions = {0};
        TRY(record_where(&actions, c, model_need(c->model, "action"), "issues",
                         value_int(issues.items[i]->id), MOST_SHOWN));
        for (size_t k = 0; k < actions.n; k++)
            if (action_state_is(actions.items[k], "planned in_progress done"))
                TRY(still_open(c, actions.items[k]));
    }
    return c->issues.errors ? ERR_INVALID : OK;
}

/* ---- issue ---- */

static Err issue_buttons(Button *buttons, size_t *n, Ctx *c, const Record *r) {
    RefName unit = {0};
    bool allowed;
    *n = 0;
    if ((r->state->flags & STATE_CLOSED) || c->actor->is_read_only || c->as_of.n) return OK;
    Err e = access_check(c, r, OP_UPDATE);
    if (e && e != ERR_DENIED && e != ERR_MISSING) return e;
    if (e && (!r->owner || r->owner != c->actor->user)) return OK;
    Str number = record_number(c->arena, r);
    buttons[(*n)++] = (Button){.label = TRS(c, N_("Add an action")),
                               .href = report_link(c, S("/plan-action"), "issue", number),
                               .icon = "plus"};
    TRY(may_create(&allowed, c, "risk_acceptance"));
    if (!allowed || !action_state_is(r, "open plan_proposed plan_approved remediation")) return OK;
    if (r->unit) TRY(ref_name(&unit, c, model_need(c->model, "unit"), r->unit));
    Str href = report_link(c, S("/risk_acceptances/new"), "issue", number);
    /* Addresses are kept in logs of others: nothing of a restricted case stands there. */
    if (!r->is_restricted) href = report_link(c, href, "title", record_title(c, r));
    buttons[(*n)++] = (Button){.label = TRS(c, N_("Ask to accept the risk")),
                               .href = report_link(c, href, "unit", unit.key),
                               .icon = "scale"};
    return OK;
}

static Err issue_section(Ctx *c, const Record *r, Block **out) {
    Records actions, acceptances;
    Button *buttons = NEW_N(c->arena, Button, 3);
    size_t n;
    TRY(pointing(&actions, c, "action", "issues", r));
    TRY(pointing(&acceptances, c, "risk_acceptance", "issue", r));
    TRY(issue_buttons(buttons, &n, c, r));
    if (actions.n)
        buttons[n++] = (Button){
            .label = TRS(c, N_("Time axis")),
            .href = report_link(c, S("/action-gantt"), "issue", record_number(c->arena, r)),
            .icon = "calendar"};
    ReportList l = report_list(c, line_columns, LENGTH(line_columns));
    for (size_t i = 0; i < actions.n; i++) TRY(line(&l, c, actions.items[i], "due_on"));
    Block *both = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, both,
             section(c, "actions", N_("Actions"), report_block(&l, NULL, NULL, N_("No action yet")),
                     buttons, n));
    if (acceptances.n) {
        ReportList a = report_list(c, line_columns, 4);
        for (size_t i = 0; i < acceptances.n; i++)
            TRY(line(&a, c, acceptances.items[i], "expires_on"));
        view_put(c->arena, both,
                 section(c, "acceptances", N_("Risk acceptances"), report_block(&a, NULL, NULL, ""),
                         NULL, 0));
    }
    *out = both;
    return OK;
}

/* What the plan costs and leaves. */
static Err issue_panel(Ctx *c, const Record *r, Block **out) {
    Str group;
    int64_t loss = record_int(r, "yearly_loss_group"), saved = record_int(r, "benefit_planned");
    int64_t back =
        action_calc_payback(record_int(r, "cost_planned"), record_int(r, "running_planned"), saved);
    if (!loss && !saved) return OK;
    TRY(action_group_currency(&group, c));
    Fact *f = NEW_N(c->arena, Fact, 4);
    size_t n = 0;
    if (loss)
        f[n++] = action_fact("loss", TRS(c, N_("Loss a year today")), report_money(loss, group));
    f[n++] = action_fact("saved", TRS(c, N_("Loss removed a year")), report_money(saved, group));
    if (loss)
        f[n++] = action_fact("residual", TRS(c, N_("Left after the plan")),
                             report_money(saved > loss ? 0 : loss - saved, group));
    if (back >= 0)
        f[n++] = action_fact("payback", TRS(c, N_("Years until paid back")), cell_decimal(back, 1));
    Block *facts = view_block(c->arena, BLOCK_FACTS);
    facts->facts = (FactsView){.facts = f, .n = n};
    *out = view_layout(c->arena, LAYOUT_CARD, TRS(c, N_("Effect of the plan")));
    view_put(c->arena, *out, facts);
    return OK;
}

/* ---- action ---- */

static Err action_panel(Ctx *c, const Record *r, Block **out) {
    Records waiting;
    TRY(pointing(&waiting, c, "action", "prerequisites", r));
    if (!waiting.n) return OK;
    ReportList l = report_list(c, line_columns, 2);
    for (size_t i = 0; i < waiting.n; i++) {
        Cell *x = report_row(&l, record_number(c->arena, waiting.items[i]),
                             record_path(c->arena, waiting.items[i]));
        x[0] = report_ref(c, waiting.items[i]);
        x[1] = report_state(c, waiting.items[i]);
    }
    *out = view_layout(c->arena, LAYOUT_CARD, TRS(c, N_("These wait for it")));
    view_put(c->arena, *out, report_block(&l, NULL, NULL, ""));
    return OK;
}

/* ---- acceptance ---- */

static Err acceptance_section(Ctx *c, const Record *r, Block **out) {
    bool allowed;
    int64_t days;
    RefName of = {0}, unit = {0};
    TRY(may_create(&allowed, c, "risk_acceptance"));
    bool soon = action_days_between(&days, c->today, record_text(r, "expires_on")) && days <= 60;
    if (!allowed || !soon || !action_state_is(r, "active") || !action_ref(r, "issue")) return OK;
    TRY(ref_name(&of, c, model_need(c->model, "issue"), action_ref(r, "issue")));
    if (!of.found || of.is_hidden) return OK;
    if (r->unit) TRY(ref_name(&unit, c, model_need(c->model, "unit"), r->unit));
    Str href = report_link(c, S("/risk_acceptances/new"), "issue", of.key);
    /* Addresses are kept in logs of others: nothing of a restricted case stands there. */
    if (!r->is_restricted) href = report_link(c, href, "title", record_title(c, r));
    href = report_link(c, href, "why", record_text(r, "why"));
    href = report_link(c, href, "compensating", record_text(r, "compensating"));
    Block *b = view_text(
        c->arena, TEXT_NOTICE, TONE_WARN, TRS(c, N_("It ends soon")),
        TRS(c,
            N_("Review it: put the issue right, or ask for a new acceptance. Without a new one the issue is open again on the day after the last day.")));
    b->text.button = (Button){.label = TRS(c, N_("Ask for a new acceptance")),
                              .href = report_link(c, href, "unit", unit.key)};
    *out = b;
    return OK;
}

/* clang-format off */
const AttachDef action_attach[] = {
    {.type = "incident", .section = incident_section, .announce = announce_issues, .after_save = action_incident_saved},
    {.type = "incident", .transition = "close", .guard = incident_guard},
    {.type = "root_cause_analysis", .section = analysis_section},
    {.type = "breach", .section = breach_section},
    {.type = "issue", .section = issue_section, .leads = true},
    {.type = "issue", .panel = issue_panel},
    {.type = "action", .panel = action_panel},
    {.type = "risk_acceptance", .section = acceptance_section, .leads = true},
    {0}};
/* clang-format on */
