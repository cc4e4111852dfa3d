/* incident_rules.c: what the tables of the incident cannot say: presets of the pattern,
 * need-to-know from the first moment, dates that follow, what comes after a save, when it may
 * close. Sums are in incident_sums.c, what is asked before a save in incident_checks.c. Knows no
 * page. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident.h"

#include "base/clock.h"
#include "modules/incident/incident_due.h"
#include "model/core_rules.h"

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

bool incident_state_is(const Record *r, const char *name) {
    return r && strcmp(r->state->name, name) == 0;
}

Money incident_money(Value v) {
    Money m = {.minor = v.i};
    memcpy(m.currency, v.currency, sizeof m.currency);
    return m;
}

bool incident_is_empty(const Record *r, const char *field) {
    return value_is_null(record_get(r, field));
}

/* ---- presets of the pattern ---- */

static void preset(Record *r, const Record *pattern, const char *field, const char *from) {
    if (type_field(r->type, str_of(field)) && incident_is_empty(r, field))
        record_set(r, field, record_get(pattern, from));
}

static void preset_flag(Record *r, const Record *pattern, const char *field, const char *from) {
    if (record_bool(pattern, from)) record_set(r, field, value_int(1));
}

static void preset_cause(Ctx *c, Record *r, const Record *pattern) {
    if (incident_is_empty(pattern, "cause") || !incident_is_empty(r, "causes")) return;
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
    if (!incident_is_empty(r, "claim_by") || !str_is(record_text(r, "event_kind"), "loss") ||
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
    if (!r->unit || (!incident_is_empty(r, "entity") && !moved)) return OK;
    TRY(record_shared(&unit, c, model_need(c->model, "unit"), r->unit));
    record_set(r, "entity", record_get(unit, "entity"));
    return OK;
}

/* A question to the declarant brings it back to the draft: the day of its declaration stays. */
static void set_dates(Ctx *c, const Record *before, Record *r) {
    bool submitted =
        incident_state_is(before, "draft") && !incident_state_is(r, "draft") && !before->moved_by;
    if (incident_is_empty(r, "declared_on") || submitted)
        record_set(r, "declared_on", value_text(c->today));
    if (!incident_state_is(r, "closed"))
        record_set(r, "closed_on", (Value){0});
    else if (!incident_state_is(before, "closed"))
        record_set(r, "closed_on", value_text(c->today));
    bool restored = incident_state_is(before, "cancelled") && !incident_state_is(r, "cancelled");
    if (restored)
        record_set(r, "duplicate_of", (Value){0}); /* it was merged, and is itself again */
}

/* The minutes follow from start and end, where both are known. */
static void set_downtime(Record *r) {
    int64_t from = record_int(r, "outage_from"), until = record_int(r, "outage_until");
    if (incident_is_empty(r, "outage_from") || incident_is_empty(r, "outage_until") || until < from)
        return;
    record_set(r, "downtime_minutes", value_int((until - from) / 60000000));
}

Err incident_compute(Ctx *c, const Saving *s) {
    Record *r = s->after;
    bool by_pattern;
    TRY(apply_pattern(c, s->before, r, &by_pattern));
    TRY(restrict_if_needed(c, s->before, r, by_pattern));
    TRY(set_entity(c, s->before, r));
    if (incident_is_empty(r, "discovery_unit") && r->unit)
        record_set(r, "discovery_unit", value_int(r->unit));
    set_primary_cause(r);
    set_dates(c, s->before, r);
    set_downtime(r);
    core_country(c, r, "country");
    TRY(incident_sums_derive(c, r));
    TRY(incident_approvals_set(c, s));
    return incident_due_set(c, s->before, r);
}

/* ---- after the save ---- */

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
    if (before && incident_dimensions_changed(before, r)) TRY(incident_spread(c, r));
    bool moved = !before || before->state != r->state || counted_changed(before, r);
    bool grouped = record_int(r, "grouped_root") || (before && record_int(before, "grouped_root"));
    if (moved && (grouped || before)) TRY(incident_group_refresh(c, r));
    if (before && record_int(before, "grouped_root") &&
        record_int(before, "grouped_root") != record_int(r, "grouped_root"))
        TRY(incident_group_refresh(c, before));
    return OK;
}

Err incident_remove(Ctx *c, const Record *r, bool is_gone) {
    return is_gone && record_int(r, "grouped_root") ? incident_group_refresh(c, r) : OK;
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
        if (incident_state_is(list.items[i], "validated")) return OK;
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
        if (incident_state_is(list.items[i], "proposed")) {
            issue(c, "", "proposed", N_("An entry still waits for acceptance."));
            break;
        }
    if (str_is(record_text(r, "event_kind"), "loss") && !list.n && record_int(r, "gross") > 0)
        issue(c, "", "no_entry", N_("A loss without any entry: book it, or make it a near miss."));
    if (record_bool(r, "regulatory") && incident_is_empty(r, "notified_on"))
        issue(c, "notified_on", "required", N_("Say when the authority was informed."));
    TRY(guard_rca(c, r));
    TRY(guard_template(c, r));
    return c->issues.errors ? ERR_INVALID : OK;
}
