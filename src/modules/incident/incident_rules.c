/* incident_rules.c: what the tables of the incident cannot say: presets of the pattern,
 * need-to-know from the first moment, dates in order, sums of the entries, who approves, when it
 * may close. Knows no page. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident.h"

#include "base/clock.h"
#include "model/bulk.h"
#include "model/core_rules.h"
#include "model/history.h"
#include "modules/incident/incident_calc.h"
#include "modules/incident/incident_query.h"
#include "modules/incident/incident_threshold.h"

enum { DAYS_A_YEAR = 365 };

/* ---- small things ---- */

Err incident_taxon(int64_t *out, Ctx *c, const char *code) {
    Err e = ref_find(out, c, model_need(c->model, "taxon"), str_of(code));
    if (e == ERR_MISSING) *out = 0;
    return e == ERR_MISSING ? OK : e;
}

Err incident_group_currency(Str *out, Ctx *c) {
    bool found;
    TRY(setting_text(out, &found, c, "group_currency"));
    if (!found || currency_digits(*out) < 0) *out = S("MAD");
    return OK;
}

Err incident_entity_currency(Str *out, Ctx *c, int64_t entity) {
    const Record *e = NULL;
    if (!entity) return incident_group_currency(out, c);
    TRY(record_shared(&e, c, model_need(c->model, "entity"), entity));
    *out = record_text(e, "currency");
    return out->n ? OK : incident_group_currency(out, c);
}

Err incident_convert(int64_t *out, bool *found, Ctx *c, Money m, Str to, Str day) {
    int64_t rate;
    Str used, source;
    *found = true;
    *out = m.minor;
    if (str_is(to, m.currency)) return OK;
    Err e = rate_find(&rate, &used, &source, c, str_of(m.currency), to, day.n ? day : c->today);
    if (e == ERR_MISSING) {
        *found = false;
        *out = 0;
        return OK;
    }
    TRY(e);
    *found = money_convert(out, m.minor, str_of(m.currency), rate, to);
    return OK;
}

bool incident_days_between(int64_t *out, Str from, Str to) {
    int64_t a, b;
    if (!date_parse(&a, from) || !date_parse(&b, to)) return false;
    *out = b - a;
    return true;
}

static Money money_of(Value v) {
    Money m = {.minor = v.i};
    memcpy(m.currency, v.currency, sizeof m.currency);
    return m;
}

static bool is_empty(const Record *r, const char *field) {
    return value_is_null(record_get(r, field));
}

/* ---- presets of the pattern ---- */

static void preset(Record *r, const Record *pattern, const char *field, const char *from) {
    if (type_field(r->type, str_of(field)) && is_empty(r, field))
        record_set(r, field, record_get(pattern, from));
}

static void preset_flag(Record *r, const Record *pattern, const char *field, const char *from) {
    if (record_bool(pattern, from)) record_set(r, field, value_int(1));
}

static void preset_cause(Ctx *c, Record *r, const Record *pattern) {
    if (is_empty(pattern, "cause") || !is_empty(r, "causes")) return;
    const Field *f = type_need(r->type, "causes");
    Value *cells = NEW_N(c->arena, Value, f->n_rows);
    Value *row = NEW(c->arena, Value);
    cells[0] = record_get(pattern, "cause");
    cells[1] = value_int(1);
    *row = (Value){.kind = V_LIST, .list = cells, .n = f->n_rows};
    record_set(r, "causes", (Value){.kind = V_ROWS, .list = row, .n = 1});
}

/* Insurers and providers hear only claims that come in time. */
static Err preset_claim(Ctx *c, Record *r, const Record *pattern) {
    bool insured = record_bool(pattern, "is_insured"),
         third = record_bool(pattern, "is_third_party");
    int64_t days, day;
    if (!is_empty(r, "claim_by") || !str_is(record_text(r, "event_kind"), "loss") ||
        !(insured || third) || !date_parse(&day, record_text(r, "discovered_on")))
        return OK;
    TRY(insured ? setting_whole(&days, c, "insurance_claim_days", 5)
                : setting_whole(&days, c, "provider_claim_days", 30));
    if (days > 0) record_set(r, "claim_by", value_text(date_text(c->arena, day + days)));
    return OK;
}

static Err apply_pattern(Ctx *c, const Record *before, Record *r, bool *restricted) {
    int64_t id = record_int(r, "pattern");
    const Record *pattern;
    *restricted = false;
    if (!id) return OK;
    TRY(record_shared(&pattern, c, model_need(c->model, "pattern"), id));
    *restricted = record_bool(pattern, "is_restricted");
    if (before && record_int(before, "pattern") == id) return OK;
    if (!before && str_is(record_text(r, "event_kind"), "loss"))
        record_set(r, "event_kind", record_get(pattern, "event_kind"));
    preset(r, pattern, "event_type", "event_type");
    preset(r, pattern, "business_line", "business_line");
    preset(r, pattern, "risk_category", "risk_category");
    if (type_field(r->type, S("process")) && type_field(pattern->type, S("process")))
        preset(r, pattern, "process", "process");
    preset_cause(c, r, pattern);
    preset_flag(r, pattern, "fraud", "is_fraud");
    preset_flag(r, pattern, "ict", "is_ict");
    preset_flag(r, pattern, "legal_case", "is_legal");
    preset_flag(r, pattern, "regulatory", "is_regulatory");
    preset_flag(r, pattern, "third_party_caused", "is_third_party");
    if (record_bool(pattern, "is_credit") && str_is(record_text(r, "boundary"), "none"))
        record_set(r, "boundary", value_text(S("credit")));
    return preset_claim(c, r, pattern);
}

/* ---- computed fields ---- */

static Err is_internal_fraud(bool *out, Ctx *c, const Record *r) {
    RefName name = {0};
    int64_t id = record_int(r, "event_type");
    *out = false;
    if (!id) return OK;
    TRY(ref_name(&name, c, model_need(c->model, "taxon"), id));
    *out = str_is(name.key, "ET1") || str_starts(name.key, S("ET1."));
    return OK;
}

/* Need to know from the first moment: set when a reason appears, never taken away by itself. */
static Err restrict_if_needed(Ctx *c, const Record *before, Record *r, bool by_pattern) {
    bool now, was = false;
    TRY(is_internal_fraud(&now, c, r));
    if (before) TRY(is_internal_fraud(&was, c, before));
    bool pattern_new =
        by_pattern && (!before || record_int(before, "pattern") != record_int(r, "pattern"));
    bool manager_new =
        record_bool(r, "manager_involved") && (!before || !record_bool(before, "manager_involved"));
    bool anonymous_new = !before && str_is(record_text(r, "channel"), "anonymous");
    if ((now && !was) || pattern_new || manager_new || anonymous_new) r->is_restricted = true;
    return OK;
}

static void set_primary_cause(Record *r) {
    Value rows = record_get(r, "causes");
    int64_t primary = 0;
    for (size_t i = 0; i < rows.n; i++)
        if (rows.list[i].list[1].i) primary = rows.list[i].list[0].i;
    if (!primary && rows.n == 1) primary = rows.list[0].list[0].i;
    record_set(r, "primary_cause", primary ? value_int(primary) : (Value){0});
}

static Err set_entity(Ctx *c, const Record *before, Record *r) {
    const Record *unit;
    bool moved = before && before->unit != r->unit &&
                 record_int(before, "entity") == record_int(r, "entity");
    if (!r->unit || (!is_empty(r, "entity") && !moved)) return OK;
    TRY(record_shared(&unit, c, model_need(c->model, "unit"), r->unit));
    record_set(r, "entity", record_get(unit, "entity"));
    return OK;
}

static bool state_is(const Record *r, const char *name) {
    return r && strcmp(r->state->name, name) == 0;
}

/* A question to the declarant brings it back to the draft: the day of its declaration stays. */
static void set_dates(Ctx *c, const Record *before, Record *r) {
    bool submitted = state_is(before, "draft") && !state_is(r, "draft") && !before->moved_by;
    if (is_empty(r, "declared_on") || submitted) record_set(r, "declared_on", value_text(c->today));
    if (!state_is(r, "closed"))
        record_set(r, "closed_on", (Value){0});
    else if (!state_is(before, "closed"))
        record_set(r, "closed_on", value_text(c->today));
    bool restored = state_is(before, "cancelled") && !state_is(r, "cancelled");
    if (restored)
        record_set(r, "duplicate_of", (Value){0}); /* it was merged, and is itself again */
}

static Err due_in(int64_t *out, bool *working, Ctx *c, const Record *r) {
    static const struct {
        const char *state, *field;
    } rules[] = {{"qualification", "days_qualification"},
                 {"review", "days_review"},
                 {"approval", "days_approval"},
                 {"open", "days_open"}};
    const Record *template;
    *out = 0;
    *working = true;
    if (state_is(r, "declared")) return setting_whole(out, c, "confirm_days", 1);
    TRY(incident_template_of(&template, c, r));
    for (size_t i = 0; template && i < LENGTH(rules); i++)
        if (state_is(r, rules[i].state)) *out = record_int(template, rules[i].field);
    if (*out || !state_is(r, "review")) return OK;
    *working = false;
    return setting_whole(out, c, "late_review_days", 10);
}

/* By when whoever has it now is to take the next step. */
static Err set_due(Ctx *c, const Record *before, Record *r) {
    int64_t days, today;
    bool working;
    if (before && before->state == r->state) return OK;
    TRY(due_in(&days, &working, c, r));
    CHECK(date_parse(&today, c->today), "today is no date");
    int64_t due = working ? date_add_working_days(today, (int)days) : today + days;
    record_set(r, "due_on", days > 0 ? value_text(date_text(c->arena, due)) : (Value){0});
    return OK;
}

/* The minutes follow from start and end, where both are known. */
static void set_downtime(Record *r) {
    int64_t from = record_int(r, "outage_from"), until = record_int(r, "outage_until");
    if (is_empty(r, "outage_from") || is_empty(r, "outage_until") || until < from) return;
    record_set(r, "downtime_minutes", value_int((until - from) / 60000000));
}

/* ---- sums ---- */

static Err entries_read(CalcEntry **out, size_t *n, Ctx *c, const Record *r) {
    Records list = {0};
    const Type *type = model_need(c->model, "financial_entry");
    *n = 0;
    if (r->id) TRY(record_children(&list, c, type, r));
    CalcEntry *items = NEW_N(c->arena, CalcEntry, list.n + 1);
    for (size_t i = 0; i < list.n; i++) {
        const Record *e = list.items[i];
        CalcEntry x = {.day = INT64_MIN};
        if (!state_is(e, "accepted") && !state_is(e, "reversed")) continue;
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
    TRY(incident_convert(&sums->own.gross, &found, c, money_of(v), entity, day));
    if (!found)
        warn(c, "estimated_loss", "no_rate",
             N_("There is no exchange rate for this currency and date."));
    TRY(incident_convert(&sums->group.gross, &found, c, money_of(v), group, day));
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
    if (is_empty(r, "first_estimate") && s->own.gross > 0)
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

Err incident_rederive(Ctx *c, Record *r) {
    CalcEntry *entries;
    CalcResult sums;
    size_t n;
    Value own = record_get(r, "recoveries"), whole = record_get(r, "recoveries_group");
    Str entity = str_of(own.currency), group = str_of(whole.currency);
    int64_t exclusion;
    TRY(incident_exclusion_of(&exclusion, c, r->id));
    record_set(r, "exclusion", exclusion ? value_int(exclusion) : (Value){0});
    if (!entity.n || !group.n) return OK; /* made before there were sums */
    TRY(entries_read(&entries, &n, c, r));
    incident_calc_sums(&sums, entries, n, INT64_MIN, 0);
    set_from_entries(c, r, &sums, entity, group);
    set_delays(r);
    if (is_converted(r, &sums, entity, group)) return OK;
    TRY(estimate_into(c, &sums, r, entity, group));
    set_losses(r, &sums, entity, group);
    return OK;
}

static void set_financial_status(Record *r, const CalcResult *s) {
    const char *status = "estimated";
    if (s->own.gross_booked != 0 || s->own.gain != 0)
        status = s->own.provision > 0 ? "provisioned" : "booked";
    if (s->n && (!is_empty(r, "settled_on") || state_is(r, "closed"))) status = "settled";
    bool any = s->n || s->own.gross != 0;
    record_set(r, "financial_status", any ? value_text(str_of(status)) : (Value){0});
}

static Err setting_in(int64_t *out, bool *found, Ctx *c, const char *code, Str currency) {
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
    in.is_void = (r->state->flags & STATE_VOID) || state_is(r, "draft");
    in.is_excluded = !is_empty(r, "exclusion");
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
            if (state_is(found.items[i], "active")) *out = found.items[i];
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
    if (template && !is_empty(template, "rca_above") &&
        str_is(record_text(r, "event_kind"), "loss")) {
        TRY(incident_convert(&above, &found, c, money_of(record_get(template, "rca_above")), group,
                             c->today));
        required = found && record_int(r, "gross_group") >= above;
    }
    record_set(r, "rca_required", value_int(required));
    return OK;
}

static Err derive(Ctx *c, Record *r) {
    CalcEntry *entries;
    CalcResult sums;
    size_t n;
    int64_t day = INT64_MIN, rapid_days, large;
    Str entity, group;
    bool found;
    TRY(incident_group_currency(&group, c));
    TRY(incident_entity_currency(&entity, c, record_int(r, "entity")));
    TRY(entries_read(&entries, &n, c, r));
    TRY(setting_whole(&rapid_days, c, "rapid_recovery_days", 5));
    Str lost = is_empty(r, "occurred_on") ? record_text(r, "discovered_on")
                                          : record_text(r, "occurred_on");
    if (!date_parse(&day, lost)) day = INT64_MIN;
    incident_calc_sums(&sums, entries, n, day, (int)rapid_days);
    if (sums.overflow) return issue(c, "", "overflow", N_("The amounts together are too large."));
    TRY(estimate_into(c, &sums, r, entity, group));
    set_sums(c, r, &sums, entity, group);
    set_delays(r);
    set_financial_status(r, &sums);
    TRY(setting_in(&large, &found, c, "large_loss", group));
    record_set(r, "large_loss", value_int(found && sums.group.gross >= large));
    TRY(set_capital(c, r));
    set_severity(r);
    return set_rca_required(c, r, group);
}

Err incident_compute(Ctx *c, const Saving *s) {
    Record *r = s->after;
    bool by_pattern;
    TRY(apply_pattern(c, s->before, r, &by_pattern));
    TRY(restrict_if_needed(c, s->before, r, by_pattern));
    TRY(set_entity(c, s->before, r));
    if (is_empty(r, "discovery_unit") && r->unit)
        record_set(r, "discovery_unit", value_int(r->unit));
    set_primary_cause(r);
    set_dates(c, s->before, r);
    set_downtime(r);
    incident_country(c, r, "country");
    TRY(derive(c, r));
    TRY(incident_approvals_set(c, s));
    return set_due(c, s->before, r);
}

/* ---- validation ---- */

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
    if (record_bool(r, "aggregate") && is_empty(r, "item_count"))
        issue(c, "item_count", "required", N_("Say how many small losses are in it."));
    if (str_is(record_text(r, "boundary"), "credit") && record_bool(r, "in_credit_rwa") &&
        is_empty(r, "boundary_reference"))
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
    TRY(setting_in(&limit, &found, c, "internal_limit", group));
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
    Err checked = incident_checks(c, s);
    if (checked && checked != ERR_INVALID) return checked;
    Str kind = record_text(r, "event_kind");
    if ((str_is(kind, "near_miss") || str_is(kind, "non_financial")) &&
        record_int(r, "gross_booked") > 0)
        issue(c, "event_kind", "has_loss", N_("Losses are booked on it: it is no near miss."));
    if (s->before && state_is(s->before, "closed") && state_is(r, "closed"))
        warn(c, "", "closed", N_("It is closed; what changes now changes reported figures."));
    return OK;
}

/* ---- after the save ---- */

/* Entries carry the dimensions of their event, so that their figures open by themselves. */
static Err spread(Ctx *c, const Record *r) {
    Records list;
    TRY(record_children(&list, c, model_need(c->model, "financial_entry"), r));
    for (size_t i = 0; i < list.n; i++) {
        Record *after = record_clone(c, list.items[i]);
        incident_entry_inherit(after, r);
        TRY(record_save_derived(c, list.items[i], after));
    }
    return OK;
}

static bool dimensions_changed(const Record *x, const Record *y) {
    static const char *const names[] = {"event_type", "business_line", "entity", "event_kind",
                                        "used_in_capital"};
    if (x->state != y->state) return true;
    for (size_t i = 0; i < LENGTH(names); i++)
        if (!value_eq(record_get(x, names[i]), record_get(y, names[i]))) return true;
    return false;
}

/* The others of the group may enter or leave the capital set when this one's amount changes. */
static Err group_refresh(Ctx *c, const Record *r) {
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
        if (dimensions_changed(list.items[i], after)) TRY(spread(c, after));
    }
    return OK;
}

/* What decides how the group counts for capital. */
static bool counted_changed(const Record *x, const Record *y) {
    static const char *const names[] = {"grouped_root",  "gross_group", "net_group", "boundary",
                                        "in_credit_rwa", "event_kind",  "exclusion"};
    for (size_t i = 0; i < LENGTH(names); i++)
        if (!value_eq(record_get(x, names[i]), record_get(y, names[i]))) return true;
    return false;
}

Err incident_after_save(Ctx *c, const Saving *s) {
    const Record *before = s->before, *r = s->after;
    TRY(incident_approvals_tell(c, s));
    TRY(incident_template_told(c, s));
    if (before && !before->is_restricted) TRY(incident_exclusions_follow(c, r));
    if (before && dimensions_changed(before, r)) TRY(spread(c, r));
    bool moved = !before || before->state != r->state || counted_changed(before, r);
    bool grouped = record_int(r, "grouped_root") || (before && record_int(before, "grouped_root"));
    if (moved && (grouped || before)) TRY(group_refresh(c, r));
    if (before && record_int(before, "grouped_root") &&
        record_int(before, "grouped_root") != record_int(r, "grouped_root"))
        TRY(group_refresh(c, before));
    return OK;
}

Err incident_remove(Ctx *c, const Record *r, bool is_gone) {
    return is_gone && record_int(r, "grouped_root") ? group_refresh(c, r) : OK;
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
    TRY(derive(c, *after));
    TRY(record_save_derived(c, *before, *after));
    if (dimensions_changed(*before, *after)) TRY(spread(c, *after));
    if (record_int(*before, "net_group") == record_int(*after, "net_group")) return OK;
    return group_refresh(c, *after);
}

Err incident_exclusion_changed(Ctx *c, int64_t id) {
    Record *before, *after;
    int64_t exclusion;
    TRY(record_load_raw(&before, c, model_need(c->model, "incident"), id));
    after = record_clone(c, before);
    TRY(incident_exclusion_of(&exclusion, c, id));
    record_set(after, "exclusion", exclusion ? value_int(exclusion) : (Value){0});
    TRY(derive(c, after));
    TRY(record_save_derived(c, before, after));
    if (dimensions_changed(before, after)) TRY(spread(c, after));
    return group_refresh(c, after);
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
    if (state_is(after, "closed"))
        TRY(move_as_system(c, id, "late_booking", TRS(c, N_("A booking arrived after closure."))));
    bool is_open =
        state_is(after, "open") || state_is(after, "closure") || state_is(after, "closed");
    if (!is_open || record_int(after, "gross") <= record_int(before, "gross")) return OK;
    TRY(incident_needs_approval(&needs, c, after));
    return needs ? move_as_system(c, id, "exceed", (Str){0}) : OK;
}

/* ---- guards and routes ---- */

Err incident_guard_ask(Ctx *c, const Record *r) {
    if (!r->created_by)
        return issue(c, "", "anonymous",
                     N_("The declarant has no account: write a message instead."));
    return OK;
}

Err incident_guard_merge(Ctx *c, const Record *r) {
    Record *other;
    int64_t id = record_int(r, "duplicate_of");
    if (!id)
        return issue(c, "duplicate_of", "required", N_("Say which incident it is the same as."));
    if (id == r->id)
        return issue(c, "duplicate_of", "itself", N_("It cannot be merged with itself."));
    Err e = record_load(&other, c, r->type, id);
    if (e == ERR_MISSING)
        return issue(c, "duplicate_of", "missing", N_("There is no such incident."));
    TRY(e);
    if (other->state->flags & STATE_VOID)
        return issue(c, "duplicate_of", "void", N_("This event was cancelled."));
    if (record_int(r, "entry_count"))
        return issue(c, "", "has_entries", N_("It has entries; reject or reverse them first."));
    return OK;
}

static Err guard_rca(Ctx *c, const Record *r) {
    Records list;
    if (!record_bool(r, "rca_required")) return OK;
    TRY(record_children(&list, c, model_need(c->model, "root_cause_analysis"), r));
    for (size_t i = 0; i < list.n; i++)
        if (state_is(list.items[i], "validated")) return OK;
    return issue(c, "", "rca_missing",
                 N_("A validated root cause analysis is required before closure."));
}

static Err guard_template(Ctx *c, const Record *r) {
    const Record *template;
    TRY(incident_template_of(&template, c, r));
    if (!template) return OK;
    Value must = record_get(template, "must_fill");
    for (size_t i = 0; i < must.n; i++) {
        const Field *f = type_field(r->type, must.list[i].s);
        if (f && value_is_null(r->values[f->index]))
            issue(c, f->name, "required",
                  N_("The response template asks for this before closure."));
    }
    return OK;
}

Err incident_guard_close(Ctx *c, const Record *r) {
    Records list;
    if (record_int(r, "provision_outstanding") > 0)
        issue(c, "provision_outstanding", "open",
              N_("A provision is still outstanding: use it or release it first."));
    if (record_int(r, "pending") > 0)
        issue(c, "pending", "open", N_("An amount is still in a suspense account."));
    TRY(record_children(&list, c, model_need(c->model, "financial_entry"), r));
    for (size_t i = 0; i < list.n; i++)
        if (state_is(list.items[i], "proposed")) {
            issue(c, "", "proposed", N_("An entry still waits for acceptance."));
            break;
        }
    if (str_is(record_text(r, "event_kind"), "loss") && !list.n && record_int(r, "gross") > 0)
        issue(c, "", "no_entry", N_("A loss without any entry: book it, or make it a near miss."));
    if (record_bool(r, "regulatory") && is_empty(r, "notified_on"))
        issue(c, "notified_on", "required", N_("Say when the authority was informed."));
    TRY(guard_rca(c, r));
    TRY(guard_template(c, r));
    return c->issues.errors ? ERR_INVALID : OK;
}
