/* incident_daily.c: see incident_daily.h. Told are those nearest to the event's unit; of restricted
 * cases the inspection alone. What became due while nothing ran is told for a month, older things
 * stand in the reports. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_daily.h"

#include "base/clock.h"
#include "model/core_rules.h"
#include "modules/incident/incident_pages.h"
#include "work/work.h"

enum { LOOK_BACK = 30, CLAIM_AHEAD = 3 };

/* ---- each day ---- */

/* With whom a step lies, and who sees to it that it is taken. */
static const char *overdue_to(const Record *r) {
    static const struct {
        const char *state, *to;
    } rules[] = {
        {"review", "analyst head_orm"}, {"approval", "head_orm"}, {"closure", "analyst head_orm"}};
    for (size_t i = 0; i < LENGTH(rules); i++)
        if (strcmp(r->state->name, rules[i].state) == 0) return rules[i].to;
    return "correspondent unit_head analyst";
}

static Err tell_each(Ctx *c, const DueEvents *list, const char *notice, bool is_step) {
    const Type *t = model_need(c->model, "incident");
    for (size_t i = 0; i < list->n; i++) {
        Record *r;
        TRY(record_load_raw(&r, c, t, list->items[i].id));
        /* The day is part of the key: a new one is told afresh. */
        Str key =
            str_fmt(c->arena, "%s/%lld/%.*s", notice, (long long)r->id, FMT(list->items[i].day));
        const char *to = is_step ? overdue_to(r) : NULL;
        TRY(work_tell(c, r, notice, r->is_restricted ? "inspection" : to, key, list->items[i].day));
    }
    return OK;
}

/* Claims are told some days ahead and once more on the day after, when it may be too late. */
static Err claims(Ctx *c, int64_t today) {
    DueEvents soon, late;
    TRY(incident_query_claims(&soon, c, c->today, date_text(c->arena, today + CLAIM_AHEAD)));
    TRY(tell_each(c, &soon, "incident.claim_soon", false));
    TRY(incident_query_claims(&late, c, date_text(c->arena, today - LOOK_BACK),
                              date_text(c->arena, today - 1)));
    return tell_each(c, &late, "incident.claim_late", false);
}

Err incident_daily(Ctx *c) {
    DueEvents overdue, stale, bare;
    int64_t today, stale_days, entry_days;
    CHECK(date_parse(&today, c->today), "today is no date");
    TRY(setting_whole(&stale_days, c, "stale_estimate_days", 90));
    TRY(setting_whole(&entry_days, c, "no_entry_days", 30));
    TRY(incident_query_overdue(&overdue, c, date_text(c->arena, today - LOOK_BACK),
                               date_text(c->arena, today - 1)));
    TRY(tell_each(c, &overdue, "incident.overdue", true));
    TRY(incident_query_stale(&stale, c, date_text(c->arena, today - stale_days - LOOK_BACK),
                             date_text(c->arena, today - stale_days)));
    TRY(tell_each(c, &stale, "incident.stale", false));
    TRY(incident_query_no_entry(&bare, c, date_text(c->arena, today - entry_days - LOOK_BACK),
                                date_text(c->arena, today - entry_days)));
    TRY(tell_each(c, &bare, "incident.no_entry", false));
    return claims(c, today);
}

Err incident_daily_job(Ctx *c, Job *job) {
    (void)job;
    return incident_daily(c);
}

/* ---- each month ---- */

static int32_t month_before(const Ctx *c) {
    return report_month(c->today) - 1;
}

Err incident_digest(Ctx *c) {
    UnitIds units;
    const Type *t = model_need(c->model, "unit");
    int32_t month = month_before(c);
    Str words = str_fmt(c->arena, "%02d/%04d", (int)(month % 12 + 1), (int)(month / 12));
    TRY(incident_query_digest_units(&units, c));
    for (size_t i = 0; i < units.n; i++) {
        Record *unit;
        TRY(record_load_raw(&unit, c, t, units.items[i]));
        if (unit->state->flags & STATE_CLOSED) continue;
        Record *at = record_clone(c, unit);
        at->unit = unit->id; /* those who answer for it are the nearest */
        Str key = str_fmt(c->arena, "digest/%lld/%d", (long long)unit->id, (int)month);
        TRY(work_tell(c, at, "incident.digest", NULL, key, words));
    }
    return OK;
}

Err incident_digest_job(Ctx *c, Job *job) {
    (void)job;
    return incident_digest(c);
}

/* ---- on the unit's page ---- */

static Str events(Ctx *c, Str unit, const char *more) {
    Str href = report_link(c, S("/incidents"), "unit.under", unit);
    return str_fmt(c->arena, "%.*s&%s", FMT(href), more);
}

static Fact counted(const char *name, Str label, int64_t n, Str href) {
    return incident_kit_fact(name, label, report_count(n, href));
}

static Fact amount(const char *name, Str label, int64_t minor, Str currency, Str href) {
    Cell cell = report_money(minor, currency);
    return incident_kit_fact(name, label, minor ? cell_link(cell, href) : cell);
}

Err incident_digest_section(Ctx *c, const Record *unit, Block **out) {
    UnitMonth m;
    Str currency;
    int64_t late;
    int32_t month = month_before(c);
    if (c->as_of.n) return OK;
    Str from = incident_kit_first_day(c, month), to = incident_kit_last_day(c, month);
    TRY(setting_whole(&late, c, "late_declaration_days", 30));
    TRY(incident_group_currency(&currency, c));
    TRY(incident_query_unit_month(&m, c, unit->id, from, to, late));
    if (!m.declared && !m.closed && !m.open) return OK;
    Str code = record_number(c->arena, unit);
    Str states =
        report_link(c, S(""), "state.in", incident_kit_states(c, model_need(c->model, "incident")));
    const char *then = str_fmt(c->arena, "declared_on.ge=%.*s&declared_on.le=%.*s&%.*s", FMT(from),
                               FMT(to), FMT(str_sub(states, 1, states.n - 1)))
                           .p;
    Str losses = events(c, code, str_fmt(c->arena, "%s&event_kind=loss", then).p);
    Fact *f = NEW_N(c->arena, Fact, 8);
    f[0] = counted("declared", TRS(c, N_("Declared")), m.declared, events(c, code, then));
    f[1] = counted(
        "late", TRS(c, N_("Declared late")), m.late,
        events(c, code,
               str_fmt(c->arena, "%s&days_to_declare.ge=%lld", then, (long long)late + 1).p));
    f[2] = counted("losses", TRS(c, N_("Losses")), m.losses, losses);
    f[3] = amount("gross", TRS(c, N_("Gross loss")), m.gross, currency, losses);
    f[4] = amount("net", TRS(c, N_("Net loss")), m.net, currency, losses);
    f[5] = counted("near_misses", TRS(c, N_("Near misses")), m.near_misses,
                   events(c, code, str_fmt(c->arena, "%s&event_kind=near_miss", then).p));
    f[6] = counted("closed", TRS(c, N_("Closed")), m.closed,
                   events(c, code,
                          str_fmt(c->arena, "state=closed&closed_on.ge=%.*s&closed_on.le=%.*s",
                                  FMT(from), FMT(to))
                              .p));
    f[7] = counted("open", TRS(c, N_("Open today")), m.open,
                   events(c, code, "state.in=declared,qualification,review,approval,open,closure"));
    *out = view_layout(
        c->arena, LAYOUT_SECTION,
        INCIDENT_FILL(c, TR(c, N_("Incidents declared from {0} to {1}, here and below")),
                      report_day_words(c, from), report_day_words(c, to)));
    Block *facts = view_block(c->arena, BLOCK_FACTS);
    facts->facts = (FactsView){.facts = f, .n = 8, .is_headline = true};
    view_put(c->arena, *out, facts);
    return OK;
}
