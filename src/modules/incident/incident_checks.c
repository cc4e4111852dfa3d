/* incident_checks.c: what an incident is asked beyond its own fields: order of the later dates,
 * depth of the classification, places of an allocation, interruptions. What blocks only a
 * step is said when the step is taken, so that older and imported records stay editable.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/incident/incident.h"

static bool is_step(const Saving *s, const char *name) {
    return s->transition && strcmp(s->transition->name, name) == 0;
}

void incident_country(Ctx *c, Record *r, const char *field) {
    Str typed = record_text(r, field);
    char *letters;
    bool ok = typed.n == 2;
    if (!typed.n) return;
    letters = arena_alloc(c->arena, 3);
    for (size_t i = 0; ok && i < 2; i++) {
        char ch = typed.p[i];
        if (ch >= 'a' && ch <= 'z') ch = (char)(ch - 'a' + 'A');
        ok = ch >= 'A' && ch <= 'Z';
        letters[i] = ch;
    }
    if (!ok)
        issue(c, field, "bad_value", N_("A country is two letters, for example MA."));
    else
        record_set(r, field, value_text((Str){letters, 2}));
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
    if (is_step(s, "start") && !runs)
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
    if (!id || (!is_step(s, "send") && !is_step(s, "validate"))) return OK;
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

Err incident_checks(Ctx *c, const Saving *s) {
    check_days(c, s->after);
    check_outage(c, s);
    Err e = check_level(c, s);
    if (e && e != ERR_INVALID) return e;
    e = check_pattern(c, s->after);
    if (e && e != ERR_INVALID) return e;
    return incident_template_check(c, s);
}
