/* incident_side_rules.c: rules of patterns and of requests to exclude losses from the capital set
 * (Basel OPE25.31 ff.: at least three years kept, at least 5 % of the average losses, sold
 * activities excepted). SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/core_rules.h"
#include "modules/incident/incident.h"
#include "modules/incident/incident_query.h"

enum { YEARS_TO_KEEP = 3, SHARE_MIN = 500 /* 5 % with two decimals */ };

Err incident_pattern_validate(Ctx *c, const Saving *s) {
    RefName name = {0};
    const Record *r = s->after;
    if (!record_int(r, "event_type")) return OK;
    TRY(ref_name(&name, c, model_need(c->model, "taxon"), record_int(r, "event_type")));
    bool internal = str_is(name.key, "ET1") || str_starts(name.key, S("ET1."));
    if (internal && !record_bool(r, "is_restricted"))
        issue(c, "is_restricted", "internal_fraud",
              N_("Internal fraud is restricted from the first moment."));
    return OK;
}

Err incident_exclusion_compute(Ctx *c, const Saving *s) {
    Record *r = s->after;
    Value events = record_get(r, "events");
    Str group;
    int64_t total = 0, newest = INT64_MIN, average, share = 0, today;
    const Type *type = model_need(c->model, "incident");
    TRY(incident_group_currency(&group, c));
    for (size_t i = 0; i < events.n; i++) {
        Record *e;
        int64_t day;
        Err seen = c->actor->is_system ? record_load_raw(&e, c, type, events.list[i].i)
                                       : record_load(&e, c, type, events.list[i].i);
        if (seen == ERR_MISSING)
            return issue(c, "events", "bad_value", N_("There is no such entry."));
        TRY(seen);
        r->is_restricted = r->is_restricted || e->is_restricted;
        if (add_overflows(total, record_int(e, "net_group"), &total))
            return issue(c, "events", "overflow", N_("The amounts together are too large."));
        Str booked = record_text(e, "first_booked_on");
        if (date_parse(&day, booked.n ? booked : record_text(e, "discovered_on")) && day > newest)
            newest = day;
    }
    record_set(r, "amount", value_money(total, group));
    CHECK(date_parse(&today, c->today), "today is no date");
    record_set(r, "years_kept", value_int(newest == INT64_MIN ? 0 : (today - newest) / 365));
    TRY(incident_query_average_year(&average, c));
    if (average > 0 && !mul_div(&share, total, 10000, average)) share = 0;
    record_set(r, "share", value_int(share));
    return OK;
}

Err incident_exclusion_of(int64_t *out, Ctx *c, int64_t incident) {
    Records list;
    *out = 0;
    if (!incident) return OK;
    TRY(record_where(&list, c, model_need(c->model, "loss_exclusion_request"), "events",
                     value_int(incident), 1000));
    for (size_t i = 0; i < list.n && !*out; i++)
        if (strcmp(list.items[i]->state->name, "granted") == 0) *out = list.items[i]->id;
    return OK;
}

/* Once the supervisor has approved it, its losses leave the capital set. */
Err incident_exclusion_after_save(Ctx *c, const Saving *s) {
    bool granted = strcmp(s->after->state->name, "granted") == 0;
    Value events = record_get(s->after, "events");
    if (!granted || (s->before && s->before->state == s->after->state)) return OK;
    for (size_t i = 0; i < events.n; i++) TRY(incident_exclusion_changed(c, events.list[i].i));
    return OK;
}

static bool is_under_way(const Record *r) {
    return !(r->state->flags & STATE_VOID) && strcmp(r->state->name, "draft") != 0;
}

/* A loss leaves the set once, and only what is in it can leave it. */
static Err check_events(Ctx *c, const Record *r) {
    Value events = record_get(r, "events");
    for (size_t i = 0; i < events.n; i++) {
        Records others;
        Record *e;
        TRY(record_load_raw(&e, c, model_need(c->model, "incident"), events.list[i].i));
        if (!record_bool(e, "used_in_capital") && value_is_null(record_get(e, "exclusion")))
            warn(c, "events", "outside",
                 N_("One of these incidents is not in the capital set now."));
        TRY(record_where(&others, c, r->type, "events", events.list[i], 1000));
        for (size_t k = 0; k < others.n; k++)
            if (others.items[k]->id != r->id && is_under_way(others.items[k]))
                return issue(c, "events", "twice",
                             N_("Another request asks for one of these incidents already."));
    }
    return OK;
}

/* A case that becomes restricted takes the requests along that add it up. */
Err incident_exclusions_follow(Ctx *c, const Record *incident) {
    Records list;
    const Type *t = model_need(c->model, "loss_exclusion_request");
    if (!incident->is_restricted) return OK;
    TRY(record_where(&list, c, t, "events", value_int(incident->id), 1000));
    for (size_t i = 0; i < list.n; i++) {
        Record *next = record_clone(c, list.items[i]), *saved;
        Actor *own = c->actor;
        if (next->is_restricted) continue;
        next->is_restricted = true;
        Actor system = *own;
        system.is_system = true;
        c->actor = &system;
        Err e = record_save(&saved, c, next, "update");
        c->actor = own;
        TRY(e);
    }
    return OK;
}

Err incident_exclusion_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    if (is_under_way(r) && s->before && s->before->state != r->state) {
        Err e = check_events(c, r);
        if (e && e != ERR_INVALID) return e;
    }
    if (record_bool(r, "divested") || strcmp(r->state->name, "draft") == 0 ||
        (r->state->flags & STATE_VOID))
        return OK;
    if (record_int(r, "years_kept") < YEARS_TO_KEEP)
        issue(c, "years_kept", "too_early",
              N_("Losses stay in the data set for at least three years."));
    if (record_int(r, "share") < SHARE_MIN)
        warn(c, "share", "small",
             N_("Below 5 % of the average annual losses a request has little chance."));
    return OK;
}

/* ---- external losses ---- */

/* What the source leaves out and follows from the rest: the net loss, and its value in euros with
 * the rate of the day of discovery. */
Err incident_external_compute(Ctx *c, const Saving *s) {
    Record *r = s->after;
    Value gross = record_get(r, "gross"), net = record_get(r, "net");
    static const char *const back[] = {"direct_recovery", "insurance_recovery"};
    core_country(c, r, "country");
    bool fits = !value_is_null(gross) && value_is_null(net);
    int64_t left = gross.i;
    for (size_t i = 0; i < LENGTH(back); i++) {
        Value v = record_get(r, back[i]);
        if (value_is_null(v)) continue;
        fits = fits && strcmp(v.currency, gross.currency) == 0;
        left -= v.i;
    }
    if (fits) record_set(r, "net", value_money(left, str_of(gross.currency)));
    net = record_get(r, "net");
    if (value_is_null(net) || !value_is_null(record_get(r, "net_eur"))) return OK;
    Money m = {.minor = net.i};
    int64_t euros;
    bool found;
    Str day = record_text(r, "discovered_on");
    memcpy(m.currency, net.currency, sizeof m.currency);
    TRY(incident_convert(&euros, &found, c, m, S("EUR"), day));
    if (found) record_set(r, "net_eur", value_money(euros, S("EUR")));
    return OK;
}

static void check_external_amounts(Ctx *c, const Record *r) {
    static const char *const names[] = {"gross", "direct_recovery", "insurance_recovery"};
    Value gross = record_get(r, "gross"), net = record_get(r, "net");
    int64_t left = gross.i;
    bool comparable =
        !value_is_null(gross) && !value_is_null(net) && strcmp(gross.currency, net.currency) == 0;
    for (size_t i = 0; i < LENGTH(names); i++) {
        Value v = record_get(r, names[i]);
        if (v.i < 0) issue(c, names[i], "negative", N_("An amount is never negative here."));
        if (i == 0 || value_is_null(v)) continue;
        comparable = comparable && strcmp(v.currency, gross.currency) == 0;
        left -= v.i;
    }
    if (comparable && left != net.i)
        warn(c, "net", "differs", N_("It is not the gross loss less the recoveries."));
    Value euros = record_get(r, "net_eur");
    if (euros.currency[0] && !str_is(S("EUR"), euros.currency))
        issue(c, "net_eur", "currency", N_("Give this amount in euros."));
}

Err incident_external_validate(Ctx *c, const Saving *s) {
    static const char *const days[] = {"started_on", "discovered_on", "finished_on", "settled_on",
                                       "published_on"};
    const Record *r = s->after;
    int64_t between;
    for (size_t i = 0; i < LENGTH(days); i++) {
        Str day = record_text(r, days[i]);
        if (incident_days_between(&between, c->today, day) && between > 0)
            issue(c, days[i], "future", N_("This date is in the future."));
        if (i && incident_days_between(&between, record_text(r, "started_on"), day) && between < 0)
            issue(c, days[i], "date_order", N_("It cannot be before it began."));
    }
    if (incident_days_between(&between, record_text(r, "discovered_on"),
                              record_text(r, "settled_on")) &&
        between < 0)
        issue(c, "settled_on", "date_order", N_("It cannot be before the discovery."));
    if (record_bool(r, "is_open") && record_text(r, "settled_on").n)
        issue(c, "is_open", "settled", N_("It is settled: it is not open any more."));
    check_external_amounts(c, r);
    return OK;
}
