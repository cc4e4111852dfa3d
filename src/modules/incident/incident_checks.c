/* incident_checks.c: what is asked of an incident before it is saved: dates in order, sums of rows,
 * groups, aggregates, depth of the classification, places of an allocation, interruptions. What
 * blocks only a step is said when the step is taken, so that older and imported records stay
 * editable.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/incident/incident.h"
#include "modules/incident/incident_query.h"

enum { DAYS_A_YEAR = 365 };

bool incident_is_step(const Saving *s, const char *name) {
    return s->transition && strcmp(s->transition->name, name) == 0;
}

/* Cells: entity, unit, business line, process, percent. */
void incident_check_shares(Ctx *c, const Record *r) {
    Value parts = record_get(r, "allocations");
    int64_t share = 0;
    for (size_t i = 0; i < parts.n; i++) {
        const Value *cells = parts.list[i].list;
        bool any = false, twice = false;
        for (size_t k = 0; k < 4; k++) any = any || cells[k].i;
        for (size_t j = 0; j < i; j++) {
            bool same = true;
            for (size_t k = 0; k < 4; k++) same = same && parts.list[j].list[k].i == cells[k].i;
            twice = twice || same;
        }
        if (!any)
            issue(
                c, "allocations", "no_place",
                N_("Say where each share goes: an entity, a unit, a business line or a process."));
        else if (twice)
            issue(c, "allocations", "twice", N_("Two shares go to the same place: add them up."));
        share += cells[4].i;
    }
    if (parts.n && share != 10000)
        issue(c, "allocations", "sum_100", N_("The shares must add up to 100 %."));
}

static void check_days(Ctx *c, const Record *r) {
    static const char *const later[] = {"settled_on", "notified_on"};
    int64_t days;
    for (size_t i = 0; i < LENGTH(later); i++)
        if (incident_days_between(&days, record_text(r, "discovered_on"),
                                  record_text(r, later[i])) &&
            days < 0)
            issue(c, later[i], "date_order", N_("It cannot be before the discovery."));
}

static void check_outage(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    int64_t from = record_int(r, "outage_from"), until = record_int(r, "outage_until");
    bool has_from = !value_is_null(record_get(r, "outage_from")),
         has_until = !value_is_null(record_get(r, "outage_until"));
    if (has_until && !has_from)
        issue(c, "outage_from", "required", N_("Say when the interruption began."));
    if (has_from && has_until && until < from)
        issue(c, "outage_until", "date_order", N_("It cannot end before it begins."));
    if (has_from && from > c->now_us)
        issue(c, "outage_from", "future", N_("This moment is in the future."));
    if (has_until && until > c->now_us)
        issue(c, "outage_until", "future", N_("This moment is in the future."));
    bool runs = (has_from && !has_until) || str_is(record_text(r, "channel"), "feed");
    if (incident_is_step(s, "start") && !runs)
        issue(
            c, "outage_from", "not_running",
            N_("Only what is still going on, or came from a status feed, is opened so: say since when, or declare it."));
}

/* Basel's second level, wherever the list has one. */
static Err check_level(Ctx *c, const Saving *s) {
    const Record *node;
    Records below;
    const Type *taxon = model_need(c->model, "taxon");
    int64_t id = record_int(s->after, "event_type");
    if (!id || (!incident_is_step(s, "send") && !incident_is_step(s, "validate"))) return OK;
    TRY(record_shared(&node, c, taxon, id));
    if (record_int(node, "parent")) return OK;
    TRY(record_shared_where(&below, c, taxon, "parent", id, 1));
    if (below.n)
        return issue(c, "event_type", "level",
                     N_("Choose an event type of the second level, for example ET7.1."));
    return OK;
}

/* Whether small losses of this kind are declared together at all. */
static Err check_pattern(Ctx *c, const Record *r) {
    const Record *pattern;
    int64_t id = record_int(r, "pattern");
    if (!id || !record_bool(r, "aggregate") || (r->state->flags & STATE_CLOSED)) return OK;
    TRY(record_shared(&pattern, c, model_need(c->model, "pattern"), id));
    if (!record_bool(pattern, "is_aggregate"))
        warn(c, "aggregate", "pattern",
             N_("Incidents of this pattern are usually declared one by one."));
    return OK;
}

static Err checks_of_later(Ctx *c, const Saving *s) {
    check_days(c, s->after);
    check_outage(c, s);
    Err e = check_level(c, s);
    if (e && e != ERR_INVALID) return e;
    e = check_pattern(c, s->after);
    if (e && e != ERR_INVALID) return e;
    return incident_template_check(c, s);
}

static void not_after(Ctx *c, const Record *r, const char *early, const char *late,
                      const char *field, const char *text) {
    int64_t days;
    if (incident_days_between(&days, record_text(r, early), record_text(r, late)) && days < 0)
        issue(c, field, "date_order", text);
}

static void check_dates(Ctx *c, const Record *r) {
    static const char *const past[] = {"occurred_on", "occurred_until", "discovered_on",
                                       "settled_on",  "notified_on",    "claimed_on"};
    int64_t days;
    for (size_t i = 0; i < LENGTH(past); i++)
        if (incident_days_between(&days, c->today, record_text(r, past[i])) && days > 0)
            issue(c, past[i], "future", N_("This date is in the future."));
    not_after(c, r, "occurred_on", "discovered_on", "occurred_on",
              N_("It cannot happen after it was discovered."));
    not_after(c, r, "occurred_on", "occurred_until", "occurred_until",
              N_("It cannot end before it begins."));
    not_after(c, r, "discovered_on", "declared_on", "discovered_on",
              N_("It cannot be discovered after it was declared."));
    if (incident_days_between(&days, record_text(r, "occurred_on"), c->today) &&
        days > 100 * DAYS_A_YEAR)
        issue(c, "occurred_on", "too_old", N_("This date is more than a hundred years ago."));
}

static void check_rows(Ctx *c, const Record *r) {
    Value causes = record_get(r, "causes");
    int64_t weight = 0;
    size_t primary = 0, weighted = 0;
    for (size_t i = 0; i < causes.n; i++) {
        primary += causes.list[i].list[1].i != 0;
        weighted += !value_is_null(causes.list[i].list[2]);
        weight += causes.list[i].list[2].i;
    }
    if (causes.n > 1 && primary != 1)
        issue(c, "causes", "one_primary", N_("Mark exactly one cause as the primary one."));
    if (weighted && weight != 10000)
        issue(c, "causes", "sum_100", N_("The weights must add up to 100 %."));
    incident_check_shares(c, r);
}

static Err check_group(Ctx *c, const Record *r) {
    Record *root;
    int64_t id = record_int(r, "grouped_root");
    if (!id) return OK;
    if (id == r->id) return issue(c, "grouped_root", "itself", N_("An event is not its own root."));
    TRY(record_load_raw(&root, c, r->type, id));
    if (record_int(root, "grouped_root"))
        issue(c, "grouped_root", "chain", N_("This event has a root itself; name that one."));
    if (root->state->flags & STATE_VOID)
        issue(c, "grouped_root", "void", N_("This event was cancelled."));
    return OK;
}

static void check_amounts(Ctx *c, const Record *r) {
    Value estimate = record_get(r, "estimated_loss");
    if (estimate.i < 0)
        issue(c, "estimated_loss", "negative", N_("An amount is never negative here."));
    if (record_int(r, "recoveries") > record_int(r, "gross") && record_int(r, "gross") > 0)
        warn(c, "recoveries", "above_gross", N_("More was recovered than lost."));
    if (record_bool(r, "aggregate") && incident_is_empty(r, "item_count"))
        issue(c, "item_count", "required", N_("Say how many small losses are in it."));
    if (str_is(record_text(r, "boundary"), "credit") && record_bool(r, "in_credit_rwa") &&
        incident_is_empty(r, "boundary_reference"))
        warn(c, "boundary_reference", "missing",
             N_("Give the number of the credit file, so that it can be checked."));
}

static bool changed(const Saving *s, const char *field) {
    return !s->before || !value_eq(record_get(s->before, field), record_get(s->after, field));
}

/* What counts many small losses as one: none so large that it is declared singly, and one a month,
 * unit and pattern. */
static Err check_aggregate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    int64_t limit, other, n = record_int(r, "item_count");
    bool found, asked = changed(s, "aggregate") || changed(s, "item_count") ||
                        changed(s, "estimated_loss") || changed(s, "discovered_on");
    Str group;
    if (!record_bool(r, "aggregate") || n <= 0 || !asked) return OK;
    TRY(incident_group_currency(&group, c));
    TRY(incident_setting_in(&limit, &found, c, "internal_limit", group));
    if (found && limit > 0 && record_int(r, "gross_group") / n >= limit)
        issue(c, "item_count", "singly",
              N_("Losses of this size are declared one by one: see the setting internal_limit."));
    TRY(incident_query_same_aggregate(&other, c, r));
    if (other)
        warn(c, "aggregate", "same_month",
             N_("Small losses of this kind, unit and month are declared already."));
    return OK;
}

Err incident_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    check_dates(c, r);
    check_rows(c, r);
    check_amounts(c, r);
    TRY(check_aggregate(c, s));
    TRY(check_group(c, r));
    Err checked = checks_of_later(c, s);
    if (checked && checked != ERR_INVALID) return checked;
    Str kind = record_text(r, "event_kind");
    if ((str_is(kind, "near_miss") || str_is(kind, "non_financial")) &&
        record_int(r, "gross_booked") > 0)
        issue(c, "event_kind", "has_loss", N_("Losses are booked on it: it is no near miss."));
    if (s->before && incident_state_is(s->before, "closed") && incident_state_is(r, "closed"))
        warn(c, "", "closed", N_("It is closed; what changes now changes reported figures."));
    return OK;
}
