/* incident_entries.c: rules of a financial entry: conversion at the rate of the booking date, sign,
 * checks on the data, and the sums of its incident. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/core_rules.h"
#include "modules/incident/incident.h"
#include "modules/incident/incident_calc.h"

static bool counts(const Record *r) {
    return incident_state_is(r, "accepted") || incident_state_is(r, "reversed");
}

static Err parent_of(Record **out, Ctx *c, const Record *r) {
    *out = NULL;
    if (!record_int(r, "incident")) return OK;
    return record_load_raw(out, c, model_need(c->model, "incident"), record_int(r, "incident"));
}

static CalcEntry calc_of(const Record *r) {
    CalcEntry e = {.class = incident_calc_class(record_text(r, "kind")),
                   .amount = record_int(r, "amount_entity"),
                   .group = record_int(r, "amount_group"),
                   .day = INT64_MIN};
    e.is_booked = str_is(record_text(r, "status"), "booked");
    e.is_reversal = record_int(r, "reversal_of") != 0;
    e.counts_timing = record_bool(r, "legal_timing");
    return e;
}

static Err convert(Ctx *c, Record *r, const Record *parent) {
    Value v = record_get(r, "amount");
    Str group, entity, day = record_text(r, "booked_on"), used = {0}, source = {0};
    int64_t rate = 0, minor;
    bool found;
    if (value_is_null(v)) return OK;
    Money m = {.minor = v.i};
    memcpy(m.currency, v.currency, sizeof m.currency);
    if (!day.n) day = c->today;
    TRY(incident_group_currency(&group, c));
    TRY(incident_entity_currency(&entity, c, record_int(parent, "entity")));
    Err e = rate_find(&rate, &used, &source, c, str_of(m.currency), group, day);
    if (e == ERR_MISSING)
        return issue(c, "amount", "no_rate",
                     N_("There is no exchange rate for this currency and date."));
    TRY(e);
    record_set(r, "rate", value_int(rate));
    record_set(r, "rate_day", value_text(used));
    record_set(r, "rate_source", value_text(source));
    TRY(incident_convert(&minor, &found, c, m, group, day));
    record_set(r, "amount_group", value_money(minor, group));
    TRY(incident_convert(&minor, &found, c, m, entity, day));
    if (!found)
        return issue(c, "amount", "no_rate",
                     N_("There is no exchange rate for this currency and date."));
    record_set(r, "amount_entity", value_money(minor, entity));
    return OK;
}

static Err set_signs(Ctx *c, Record *r) {
    CalcEntry e = calc_of(r);
    CalcResult one;
    Str group;
    TRY(incident_group_currency(&group, c));
    incident_calc_sums(&one, &e, 1, INT64_MIN);
    record_set(r, "in_gross", value_int(incident_calc_gross_sign(&e) != 0));
    record_set(r, "gross_group", value_money(one.group.gross, group));
    record_set(r, "recoveries_group", value_money(one.group.recoveries, group));
    record_set(r, "net_group", value_money(one.group.net, group));
    return OK;
}

static Err set_closed_period(Ctx *c, Record *r) {
    Str until = {0};
    int64_t days;
    bool found;
    TRY(setting_text(&until, &found, c, "closed_until"));
    bool closed =
        found && incident_days_between(&days, record_text(r, "booked_on"), until) && days >= 0;
    record_set(r, "closed_period", value_int(closed));
    return OK;
}

void incident_entry_inherit(Record *r, const Record *incident) {
    bool is_loss = str_is(record_text(incident, "event_kind"), "loss") &&
                   !(incident->state->flags & STATE_VOID) && !incident_state_is(incident, "draft");
    record_set(r, "event_type", record_get(incident, "event_type"));
    record_set(r, "business_line", record_get(incident, "business_line"));
    record_set(r, "entity", record_get(incident, "entity"));
    record_set(r, "is_loss", value_int(is_loss));
    record_set(r, "in_capital", value_int(is_loss && record_bool(incident, "used_in_capital")));
}

Err incident_entry_compute(Ctx *c, const Saving *s) {
    Record *r = s->after, *parent;
    TRY(parent_of(&parent, c, r));
    if (!parent) return OK; /* the required check says so */
    incident_entry_inherit(r, parent);
    if (s->before && counts(s->before)) return OK; /* what was accepted keeps its rate */
    Err e = convert(c, r, parent);
    if (e && e != ERR_INVALID) return e;
    TRY(set_signs(c, r));
    Str day = record_text(r, "booked_on");
    record_set(r, "period", day.n == 10 ? value_text(str_sub(day, 0, 7)) : (Value){0});
    return set_closed_period(c, r);
}

/* ---- checks ---- */

static void check_day(Ctx *c, const Record *r, const Record *parent) {
    int64_t days;
    Str day = record_text(r, "booked_on");
    bool booked = str_is(record_text(r, "status"), "booked");
    if (booked && !day.n)
        issue(c, "booked_on", "required", N_("A booked entry has a date of accounting."));
    if (incident_days_between(&days, c->today, day) && days > 0)
        issue(c, "booked_on", "future", N_("This date is in the future."));
    if (booked && incident_days_between(&days, record_text(parent, "discovered_on"), day) &&
        days < 0)
        warn(c, "booked_on", "before_discovery",
             N_("It was booked before the incident was discovered."));
    if (incident_state_is(parent, "closed"))
        warn(c, "", "after_closing",
             N_("The incident is closed: this entry reopens it and changes reported figures."));
    if (record_bool(r, "closed_period"))
        warn(
            c, "booked_on", "closed_period",
            N_("The period of this date is closed: the entry will stand in the list of restated figures."));
}

/* Neither a reversal nor taking back a provision may leave less than nothing of it: in all, and of
 * what is booked when the entry is. */
static Err check_provision(Ctx *c, const Record *r, const Record *parent, const CalcEntry *e) {
    Records list;
    size_t n = 0;
    bool lessens = (e->class == ENTRY_PROVISION_BACK && !e->is_reversal) ||
                   (e->class == ENTRY_PROVISION && e->is_reversal);
    if (!lessens) return OK;
    TRY(record_children(&list, c, r->type, parent));
    CalcEntry *others = NEW_N(c->arena, CalcEntry, list.n + 1);
    for (size_t i = 0; i < list.n; i++)
        if (list.items[i]->id != r->id && counts(list.items[i]))
            others[n++] = calc_of(list.items[i]);
    int64_t left = incident_calc_provision_left(others, n, false);
    if (e->is_booked && left > incident_calc_provision_left(others, n, true))
        left = incident_calc_provision_left(others, n, true);
    if (e->amount <= left) return OK;
    if (e->class == ENTRY_PROVISION)
        return issue(
            c, "reversal_of", "used",
            N_("Part of this provision has been reversed already: take back those reversals first."));
    Str money = field_text(
        c, type_need(r->type, "amount_entity"),
        value_money(left > 0 ? left : 0, str_of(record_get(r, "amount_entity").currency)));
    return issue_arg(c, "amount", "above_provision",
                     N_("This is more than the provision still outstanding: {0}."), money);
}

static Err check_sums(Ctx *c, const Record *r, const Record *parent) {
    CalcEntry e = calc_of(r);
    int64_t total;
    Err provision = check_provision(c, r, parent, &e);
    if (provision) return provision;
    bool recovery = incident_calc_is_recovery(e.class);
    if (recovery && !e.is_reversal &&
        (add_overflows(record_int(parent, "recoveries"), e.amount, &total) ||
         total > record_int(parent, "gross")))
        warn(c, "amount", "above_gross", N_("With it, more is recovered than was lost."));
    return OK;
}

static Err check_reversal(Ctx *c, const Record *r) {
    Record *original;
    int64_t id = record_int(r, "reversal_of");
    if (!id) return OK;
    TRY(record_load_raw(&original, c, r->type, id));
    if (record_int(original, "incident") != record_int(r, "incident"))
        return issue(c, "reversal_of", "other_incident",
                     N_("That entry belongs to another incident."));
    if (!incident_state_is(original, "accepted"))
        issue(c, "reversal_of", "not_accepted",
              N_("Only an accepted entry can be reversed, and only once."));
    if (record_int(original, "reversal_of"))
        issue(c, "reversal_of", "twice", N_("A reversal is not reversed; write a new entry."));
    if (!str_eq(record_text(original, "kind"), record_text(r, "kind")))
        issue(c, "kind", "other_kind",
              N_("A reversal has the kind of the entry that it takes back."));
    if (record_int(r, "amount_entity") > record_int(original, "amount_entity"))
        issue(c, "amount", "above_original", N_("This is more than the entry that it takes back."));
    return OK;
}

static Err check_twice(Ctx *c, const Record *r) {
    Records same;
    const Access *access;
    Str journal = record_text(r, "journal_ref");
    if (!journal.n) return OK;
    TRY(record_where(&same, c, r->type, "journal_ref", value_text(journal), 10));
    TRY(access_of(&access, c, r->type, OP_READ));
    for (size_t i = 0; i < same.n; i++)
        if (same.items[i]->id != r->id && !(same.items[i]->state->flags & STATE_VOID) &&
            access_allows(access, same.items[i])) {
            warn(c, "journal_ref", "twice", N_("Another entry has the same journal reference."));
            break;
        }
    return OK;
}

Err incident_entry_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    Record *parent;
    Str currency;
    if (s->before && counts(s->before)) return OK;
    TRY(parent_of(&parent, c, r));
    if (!parent) return OK;
    if (incident_state_is(parent, "draft") || (parent->state->flags & STATE_VOID))
        issue(c, "incident", "state", N_("A draft or cancelled incident takes no entries."));
    check_day(c, r, parent);
    incident_check_shares(c, r);
    TRY(incident_entity_currency(&currency, c, record_int(parent, "entity")));
    if (record_get(r, "amount").currency[0] && !str_is(currency, record_get(r, "amount").currency))
        warn(
            c, "amount", "currency",
            N_("This is not the currency of the entity; it is converted with the rate of the booking date."));
    if (r->state->flags & STATE_VOID) return OK;
    Err e = check_sums(c, r, parent);
    if (e && e != ERR_INVALID) return e;
    e = incident_state_is(r, "reversed") ? OK : check_reversal(c, r);
    if (e && e != ERR_INVALID) return e;
    return check_twice(c, r);
}

Err incident_entry_guard_accept(Ctx *c, const Record *r) {
    if (str_is(record_text(r, "status"), "booked") && !record_text(r, "booked_on").n)
        return issue(c, "booked_on", "required", N_("A booked entry has a date of accounting."));
    return OK;
}

static Err mark_reversed(Ctx *c, const Record *r) {
    Actor *actor = c->actor;
    Str kept = c->reason;
    Record *original, *moved;
    Input in = {0};
    if (!record_int(r, "reversal_of")) return OK;
    TRY(record_load_raw(&original, c, r->type, record_int(r, "reversal_of")));
    if (!incident_state_is(original, "accepted") ||
        record_int(original, "amount_entity") != record_int(r, "amount_entity"))
        return OK;
    c->actor = NEW(c->arena, Actor);
    actor_system(c);
    Err e = record_move(&moved, c, original, "reverse", &in);
    c->actor = actor;
    c->reason = kept;
    return e;
}

Err incident_entry_remove(Ctx *c, const Record *r, bool is_gone) {
    return is_gone && counts(r) ? incident_sums(c, record_int(r, "incident")) : OK;
}

Err incident_entry_after_save(Ctx *c, const Saving *s) {
    bool was = s->before && counts(s->before), is = counts(s->after);
    if (!was && !is) return OK;
    if (!was) TRY(mark_reversed(c, s->after));
    if (was && is) return OK; /* accepted amounts do not change */
    return incident_recalculate(c, record_int(s->after, "incident"));
}

Err incident_entry_rederive(Ctx *c, Record *r) {
    Record *parent;
    TRY(parent_of(&parent, c, r));
    if (parent) incident_entry_inherit(r, parent);
    return OK;
}
