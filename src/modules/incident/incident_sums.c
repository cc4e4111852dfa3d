/* incident_sums.c: what follows from the entries of an incident: amounts in both currencies,
 * delays, status, capital, severity, and what a new amount changes elsewhere. Knows no page.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident.h"

#include "base/clock.h"
#include "model/bulk.h"
#include "model/core_rules.h"
#include "model/history.h"
#include "modules/incident/incident_calc.h"
#include "modules/incident/incident_due.h"
#include "modules/incident/incident_query.h"
#include "modules/incident/incident_threshold.h"

static Err entries_read(CalcEntry **out, size_t *n, Ctx *c, const Record *r) {
    Records list = {0};
    const Type *type = model_need(c->model, "financial_entry");
    *n = 0;
    if (r->id) TRY(record_children(&list, c, type, r));
    CalcEntry *items = NEW_N(c->arena, CalcEntry, list.n + 1);
    for (size_t i = 0; i < list.n; i++) {
        const Record *e = list.items[i];
        CalcEntry x = {.day = INT64_MIN};
        if (!incident_state_is(e, "accepted") && !incident_state_is(e, "reversed")) continue;
        x.class = incident_calc_class(record_text(e, "kind"));
        x.amount = record_int(e, "amount_entity");
        x.group = record_int(e, "amount_group");
        x.is_booked = str_is(record_text(e, "status"), "booked");
        x.is_reversal = record_int(e, "reversal_of") != 0;
        x.counts_timing = record_bool(e, "legal_timing");
        if (!date_parse(&x.day, record_text(e, "booked_on"))) x.day = INT64_MIN;
        items[(*n)++] = x;
    }
    *out = items;
    return OK;
}

/* Before the first loss entry the declarant's or analyst's estimate stands for the gross loss. */
static Err estimate_into(Ctx *c, CalcResult *sums, const Record *r, Str entity, Str group) {
    Value v = record_get(r, "estimated_loss");
    bool found;
    if (value_is_null(v) || sums->has_loss || !str_is(record_text(r, "event_kind"), "loss"))
        return OK;
    Str day = record_text(r, "discovered_on");
    TRY(incident_convert(&sums->own.gross, &found, c, incident_money(v), entity, day));
    if (!found)
        warn(c, "estimated_loss", "no_rate",
             N_("There is no exchange rate for this currency and date."));
    TRY(incident_convert(&sums->group.gross, &found, c, incident_money(v), group, day));
    sums->own.net = sums->own.gross - sums->own.recoveries;
    sums->group.net = sums->group.gross - sums->group.recoveries;
    return OK;
}

static void set_money(Record *r, const char *field, int64_t minor, Str currency) {
    record_set(r, field, value_money(minor, currency));
}

static void set_day(Ctx *c, Record *r, const char *field, int64_t day) {
    record_set(r, field, day == INT64_MIN ? (Value){0} : value_text(date_text(c->arena, day)));
}

/* What follows from the entries alone. */
static void set_from_entries(Ctx *c, Record *r, const CalcResult *s, Str entity, Str group) {
    set_money(r, "recoveries", s->own.recoveries, entity);
    set_money(r, "insurance", s->own.insurance, entity);
    set_money(r, "direct_recoveries", s->own.recoveries - s->own.insurance - s->own.other, entity);
    set_money(r, "other_recoveries", s->own.other, entity);
    set_money(r, "gross_booked", s->own.gross_booked, entity);
    set_money(r, "net_booked", s->own.net_booked, entity);
    set_money(r, "provision_outstanding", s->own.provision, entity);
    set_money(r, "pending", s->own.pending, entity);
    set_money(r, "gain", s->own.gain, entity);
    set_money(r, "memo", s->own.memo, entity);
    set_money(r, "opportunity_cost", s->own.opportunity, entity);
    set_money(r, "internal_cost", s->own.internal, entity);
    set_money(r, "recoveries_group", s->group.recoveries, group);
    set_money(r, "insurance_group", s->group.insurance, group);
    set_day(c, r, "first_booked_on", s->first_booked);
    set_day(c, r, "last_booked_on", s->last_booked);
    set_day(c, r, "legal_provision_on",
            record_bool(r, "legal_case") ? s->first_provision : INT64_MIN);
    record_set(r, "entry_count", value_int((int64_t)s->n));
}

static void set_losses(Record *r, const CalcResult *s, Str entity, Str group) {
    set_money(r, "gross", s->own.gross, entity);
    set_money(r, "net", s->own.net, entity);
    set_money(r, "gross_group", s->group.gross, group);
    set_money(r, "net_group", s->group.net, group);
}

static void set_sums(Ctx *c, Record *r, const CalcResult *s, Str entity, Str group) {
    Value old = record_get(r, "gross");
    set_from_entries(c, r, s, entity, group);
    set_losses(r, s, entity, group);
    set_money(r, "rapid_recovery", s->own.rapid, entity);
    if (incident_is_empty(r, "first_estimate") && s->own.gross > 0)
        set_money(r, "first_estimate", s->own.gross, entity);
    bool changed = value_is_null(old) ? s->own.gross != 0 : old.i != s->own.gross;
    if (changed) record_set(r, "valued_on", value_text(c->today));
}

static void set_delay(Record *r, const char *field, const char *from, const char *to) {
    int64_t days;
    bool known = incident_days_between(&days, record_text(r, from), record_text(r, to));
    record_set(r, field, known ? value_int(days) : (Value){0});
}

static void set_delays(Record *r) {
    set_delay(r, "days_to_discover", "occurred_on", "discovered_on");
    set_delay(r, "days_to_declare", "discovered_on", "declared_on");
    set_delay(r, "days_to_book", "discovered_on", "first_booked_on");
    set_delay(r, "days_to_close", "declared_on", "closed_on");
}

/* An estimate in another currency was converted with the rate known then. */
static bool is_converted(const Record *r, const CalcResult *s, Str entity, Str group) {
    Value v = record_get(r, "estimated_loss");
    Str currency = str_of(v.currency);
    bool stands = !value_is_null(v) && !s->has_loss && str_is(record_text(r, "event_kind"), "loss");
    return stands && !(str_eq(currency, entity) && str_eq(currency, group));
}

static void set_financial_status(Record *r, const CalcResult *s) {
    const char *status = "estimated";
    if (s->own.gross_booked != 0 || s->own.gain != 0)
        status = s->own.provision > 0 ? "provisioned" : "booked";
    if (s->n && (!incident_is_empty(r, "settled_on") || incident_state_is(r, "closed")))
        status = "settled";
    bool any = s->n || s->own.gross != 0;
    record_set(r, "financial_status", any ? value_text(str_of(status)) : (Value){0});
}

Err incident_rederive(Ctx *c, Record *r) {
    CalcEntry *entries;
    CalcResult sums;
    size_t n;
    Value own = record_get(r, "recoveries"), whole = record_get(r, "recoveries_group");
    Str entity = str_of(own.currency), group = str_of(whole.currency);
    int64_t exclusion;
    TRY(incident_exclusion_of(&exclusion, c, r->id));
    record_set(r, "exclusion", exclusion ? value_int(exclusion) : (Value){0});
    TRY(incident_approvers_rederive(c, r));
    if (!entity.n || !group.n) return OK; /* made before there were sums */
    TRY(entries_read(&entries, &n, c, r));
    /* Which recoveries were rapid depends on settings and calendars, too: as it was judged. */
    incident_calc_sums(&sums, entries, n, INT64_MIN);
    set_from_entries(c, r, &sums, entity, group);
    set_delays(r);
    if (is_converted(r, &sums, entity, group)) return OK;
    TRY(estimate_into(c, &sums, r, entity, group));
    set_losses(r, &sums, entity, group);
    set_financial_status(r, &sums);
    return OK;
}

Err incident_setting_in(int64_t *out, bool *found, Ctx *c, const char *code, Str currency) {
    Money m;
    TRY(setting_money(&m, found, c, code));
    *out = 0;
    return *found ? incident_convert(out, found, c, m, currency, c->today) : OK;
}

/* Nobody can have named it as their root yet. */
static bool is_alone(const Ctx *c, const Record *r) {
    return !record_int(r, "grouped_root") && (!r->id || bulk_is_new(c, r->type, r->id));
}

static Err set_capital(Ctx *c, Record *r) {
    CalcCapital in = {.gross_group = record_int(r, "gross_group"),
                      .net_group = record_int(r, "net_group")};
    Threshold threshold;
    in.is_loss = str_is(record_text(r, "event_kind"), "loss");
    in.in_credit_rwa =
        str_is(record_text(r, "boundary"), "credit") && record_bool(r, "in_credit_rwa");
    in.is_void = (r->state->flags & STATE_VOID) || incident_state_is(r, "draft");
    in.is_excluded = !incident_is_empty(r, "exclusion");
    TRY(incident_threshold(&threshold, c));
    in.threshold = threshold.minor;
    in.on_net = threshold.on_net;
    int64_t gross = 0, net = 0, root = record_int(r, "grouped_root");
    if (root || !is_alone(c, r)) {
        if (bulk_concerns(c, r->type)) TRY(bulk_flush(c)); /* the query sees what is stored */
        TRY(incident_query_group(&gross, &net, c, r->id, root ? root : r->id));
    }
    if (add_overflows(in.gross_group, gross, &in.gross_group) ||
        add_overflows(in.net_group, net, &in.net_group))
        in.gross_group = in.net_group = INT64_MAX;
    record_set(r, "used_in_capital", value_int(incident_calc_used_in_capital(&in)));
    return OK;
}

static void set_severity(Record *r) {
    static const char *const impacts[] = {"impact_client", "impact_reputation", "impact_regulatory",
                                          "impact_legal",  "impact_staff",      "impact_data",
                                          "impact_service"};
    static const char *const keys[] = {"1", "2", "3", "4", "5"};
    int levels[LENGTH(impacts)] = {0};
    bool any = record_int(r, "net_group") != 0;
    for (size_t i = 0; i < LENGTH(impacts); i++) {
        Str level = record_text(r, impacts[i]);
        any = any || level.n;
        levels[i] = level.n ? level.p[0] - '0' : 0;
    }
    int severity = incident_calc_severity(record_int(r, "net_group"), levels, LENGTH(impacts));
    record_set(r, "severity", any ? value_text(str_of(keys[severity - 1])) : (Value){0});
}

Err incident_template_of(const Record **out, Ctx *c, const Record *r) {
    int64_t node = record_int(r, "event_type");
    const Type *type = model_need(c->model, "response_template"),
               *taxon = model_need(c->model, "taxon");
    *out = NULL;
    for (int depth = 0; node && depth < 4 && !*out; depth++) {
        Records found;
        const Record *t;
        TRY(record_shared_where(&found, c, type, "event_type", node, 5));
        for (size_t i = 0; i < found.n; i++)
            if (incident_state_is(found.items[i], "active")) *out = found.items[i];
        TRY(record_shared(&t, c, taxon, node));
        node = record_int(t, "parent");
    }
    return OK;
}

static Err set_rca_required(Ctx *c, Record *r, Str group) {
    const Record *template;
    int64_t above;
    bool found, required = false;
    TRY(incident_template_of(&template, c, r));
    if (template && !incident_is_empty(template, "rca_above") &&
        str_is(record_text(r, "event_kind"), "loss")) {
        TRY(incident_convert(&above, &found, c, incident_money(record_get(template, "rca_above")),
                             group, c->today));
        required = found && record_int(r, "gross_group") >= above;
    }
    record_set(r, "rca_required", value_int(required));
    return OK;
}

Err incident_sums_derive(Ctx *c, Record *r) {
    CalcEntry *entries;
    CalcResult sums;
    size_t n;
    int64_t rapid_until, large;
    Str entity, group;
    bool found;
    TRY(incident_group_currency(&group, c));
    TRY(incident_entity_currency(&entity, c, record_int(r, "entity")));
    TRY(entries_read(&entries, &n, c, r));
    TRY(incident_rapid_until(&rapid_until, c, r, entries, n));
    incident_calc_sums(&sums, entries, n, rapid_until);
    if (sums.overflow) return issue(c, "", "overflow", N_("The amounts together are too large."));
    TRY(estimate_into(c, &sums, r, entity, group));
    set_sums(c, r, &sums, entity, group);
    set_delays(r);
    set_financial_status(r, &sums);
    TRY(incident_setting_in(&large, &found, c, "large_loss", group));
    record_set(r, "large_loss", value_int(found && sums.group.gross >= large));
    TRY(set_capital(c, r));
    set_severity(r);
    return set_rca_required(c, r, group);
}

/* ---- what a new amount changes elsewhere ---- */

/* Entries carry the dimensions of their event, so that their figures open by themselves. */
Err incident_spread(Ctx *c, const Record *r) {
    Records list;
    TRY(record_children(&list, c, model_need(c->model, "financial_entry"), r));
    for (size_t i = 0; i < list.n; i++) {
        Record *after = record_clone(c, list.items[i]);
        incident_entry_inherit(after, r);
        TRY(record_save_derived(c, list.items[i], after));
    }
    return OK;
}

bool incident_dimensions_changed(const Record *x, const Record *y) {
    static const char *const names[] = {"event_type", "business_line", "entity", "event_kind",
                                        "used_in_capital"};
    if (x->state != y->state) return true;
    for (size_t i = 0; i < LENGTH(names); i++)
        if (!value_eq(record_get(x, names[i]), record_get(y, names[i]))) return true;
    return false;
}

/* The others of the group may enter or leave the capital set when this one's amount changes. */
Err incident_group_refresh(Ctx *c, const Record *r) {
    Records list;
    int64_t root = record_int(r, "grouped_root") ? record_int(r, "grouped_root") : r->id;
    if (is_alone(c, r)) return OK;
    TRY(record_where(&list, c, r->type, "grouped_root", value_int(root), 1000));
    if (root != r->id) { /* also when nobody is left in the group */
        Record *first;
        TRY(record_load_raw(&first, c, r->type, root));
        GROW(c->arena, list.items, list.n, list.cap);
        list.items[list.n++] = first;
    }
    for (size_t i = 0; i < list.n; i++) {
        if (list.items[i]->id == r->id) continue;
        Record *after = record_clone(c, list.items[i]);
        TRY(set_capital(c, after));
        TRY(record_save_derived(c, list.items[i], after));
        if (incident_dimensions_changed(list.items[i], after)) TRY(incident_spread(c, after));
    }
    return OK;
}

/* A step that nobody takes by hand. */
static Err move_as_system(Ctx *c, int64_t id, const char *transition, Str reason) {
    Actor *actor = c->actor;
    Str kept = c->reason;
    Record *r, *moved;
    Input in = {0};
    c->actor = NEW(c->arena, Actor);
    actor_system(c);
    if (reason.n) input_add(&in, c->arena, S("reason"), reason);
    Err e = record_load_raw(&r, c, model_need(c->model, "incident"), id);
    if (!e) e = record_move(&moved, c, r, transition, &in);
    c->actor = actor;
    c->reason = kept;
    return e;
}

static Err sums(Record **before, Record **after, Ctx *c, int64_t id) {
    TRY(record_load_raw(before, c, model_need(c->model, "incident"), id));
    *after = record_clone(c, *before);
    TRY(incident_sums_derive(c, *after));
    TRY(record_save_derived(c, *before, *after));
    if (incident_dimensions_changed(*before, *after)) TRY(incident_spread(c, *after));
    if (record_int(*before, "net_group") == record_int(*after, "net_group")) return OK;
    return incident_group_refresh(c, *after);
}

Err incident_exclusion_changed(Ctx *c, int64_t id) {
    Record *before, *after;
    int64_t exclusion;
    TRY(record_load_raw(&before, c, model_need(c->model, "incident"), id));
    after = record_clone(c, before);
    TRY(incident_exclusion_of(&exclusion, c, id));
    record_set(after, "exclusion", exclusion ? value_int(exclusion) : (Value){0});
    TRY(incident_sums_derive(c, after));
    TRY(record_save_derived(c, before, after));
    if (incident_dimensions_changed(before, after)) TRY(incident_spread(c, after));
    return incident_group_refresh(c, after);
}

Err incident_sums(Ctx *c, int64_t id) {
    Record *before, *after;
    return sums(&before, &after, c, id);
}

Err incident_recalculate(Ctx *c, int64_t id) {
    Record *before, *after;
    bool needs, is_history;
    TRY(sums(&before, &after, c, id));
    /* What an import brings as closed or approved, with its amounts, stays so. */
    TRY(history_made_by_import(&is_history, c, after));
    if (is_history) return OK;
    if (incident_state_is(after, "closed"))
        TRY(move_as_system(c, id, "late_booking", TRS(c, N_("A booking arrived after closure."))));
    bool is_open = incident_state_is(after, "open") || incident_state_is(after, "closure") ||
                   incident_state_is(after, "closed");
    if (!is_open || record_int(after, "gross") <= record_int(before, "gross")) return OK;
    TRY(incident_needs_approval(&needs, c, after));
    return needs ? move_as_system(c, id, "exceed", (Str){0}) : OK;
}
