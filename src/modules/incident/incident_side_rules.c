/* incident_side_rules.c: rules of patterns and of requests to exclude losses from the capital set
 * (Basel OPE25.31 ff.: at least three years kept, at least 5 % of the average losses, sold
 * activities excepted). SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
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
