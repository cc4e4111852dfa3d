/* incident_due.c: see incident_due.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_due.h"

#include "base/clock.h"
#include "model/core_rules.h"
#include "model/outbox.h"
#include "modules/incident/incident.h"
#include "modules/incident/incident_query.h"
#include "work/calendar.h"

/* How far back a holiday reaches: two days for each working day, and the longest holidays there
 * are. */
enum { STRETCH = 200, DAYS_EACH = 2, LONGEST = 60, MOST_DAYS = 100, MOST_DAYS_OF_STEP = 1000 };

static int64_t within(int64_t days, int64_t most) {
    return days < 0 ? 0 : days > most ? most : days;
}

static Err rapid_days(int64_t *out, Ctx *c) {
    TRY(setting_whole(out, c, "rapid_recovery_days", 5));
    *out = within(*out, MOST_DAYS);
    return OK;
}

/* ---- the next step ---- */

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
    if (incident_state_is(r, "declared")) return setting_whole(out, c, "confirm_days", 1);
    TRY(incident_template_of(&template, c, r));
    for (size_t i = 0; template && i < LENGTH(rules); i++)
        if (incident_state_is(r, rules[i].state)) *out = record_int(template, rules[i].field);
    if (*out || !incident_state_is(r, "review")) return OK;
    *working = false;
    return setting_whole(out, c, "late_review_days", 10);
}

Err incident_due_set(Ctx *c, const Record *before, Record *r) {
    int64_t days, due;
    bool working;
    const Calendar *calendar = NULL;
    if (before && before->state == r->state) return OK;
    TRY(due_in(&days, &working, c, r));
    days = within(days, MOST_DAYS_OF_STEP);
    CHECK(date_parse(&due, c->today), "today is no date");
    if (days > 0 && working) {
        TRY(calendar_for_unit(&calendar, c, r->unit));
        due = calendar_add(calendar, due, (int)days);
    } else
        due += days;
    record_set(r, "due_on", days > 0 ? value_text(date_text(c->arena, due)) : (Value){0});
    if (type_field(r->type, S("due_calendar")))
        record_set(r, "due_calendar",
                   calendar && calendar->id ? value_int(calendar->id) : (Value){0});
    return OK;
}

/* ---- rapid recoveries ---- */

static bool is_recovered(const CalcEntry *entries, size_t n, int64_t from) {
    for (size_t i = 0; i < n; i++)
        if (incident_calc_is_recovery(entries[i].class) && entries[i].is_booked &&
            entries[i].day != INT64_MIN && entries[i].day > from)
            return true;
    return false;
}

Err incident_rapid_until(int64_t *out, Ctx *c, const Record *r, const CalcEntry *entries,
                         size_t n) {
    int64_t lost, days;
    const Calendar *calendar;
    Str day = record_text(r, "occurred_on");
    if (!day.n) day = record_text(r, "discovered_on");
    *out = INT64_MIN;
    if (!date_parse(&lost, day)) return OK;
    *out = lost;
    if (!is_recovered(entries, n, lost)) return OK; /* whatever the calendar says */
    TRY(rapid_days(&days, c));
    TRY(calendar_for_unit(&calendar, c, r->unit));
    *out = calendar_add(calendar, lost, (int)days);
    return OK;
}

/* ---- judged anew ---- */

typedef struct Span {
    Str from, until; /* days of loss, ISO */
} Span;

static const Span whole = {S("0001-01-01"), S("9999-12-31")};

static bool differs(const Saving *s, const char *field) {
    return !value_eq(record_get(s->before, field), record_get(s->after, field));
}

/* Losses whose recoveries are counted over a holiday of one date; of each year: any. */
static Err span_of_holiday(Span *out, Ctx *c, const Record *r) {
    int64_t day, days;
    *out = whole;
    if (!str_is(record_text(r, "repeats"), "once")) return OK;
    if (!date_parse(&day, record_text(r, "day"))) return OK;
    TRY(rapid_days(&days, c));
    int64_t from = day - days * DAYS_EACH - LONGEST;
    out->from = date_text(c->arena, from);
    /* It may confirm an expected one, which ends later. */
    out->until = date_text(c->arena, day + within(record_int(r, "days"), LONGEST) + LONGEST);
    return OK;
}

/* What it was and what it is. */
static Err span_of(Span *out, Ctx *c, const Saving *s) {
    Span was;
    *out = whole;
    if (strcmp(s->after->type->name, "holiday") != 0) return OK;
    TRY(span_of_holiday(out, c, s->after));
    if (!s->before) return OK;
    TRY(span_of_holiday(&was, c, s->before));
    if (str_cmp(was.from, out->from) < 0) out->from = was.from;
    if (str_cmp(was.until, out->until) > 0) out->until = was.until;
    return OK;
}

static bool counts(const Saving *s) {
    const char *type = s->after->type->name;
    if (strcmp(type, "holiday") == 0) return true;
    if (!s->before) return strcmp(type, "calendar") == 0;
    if (strcmp(type, "unit") == 0) return differs(s, "entity");
    if (strcmp(type, "entity") == 0)
        return differs(s, "calendar") || differs(s, "country") || differs(s, "parent");
    return differs(s, "weekend") || differs(s, "country") || differs(s, "is_default") ||
           s->before->state != s->after->state;
}

static Err go_on(Ctx *c, Str first, Span span, int64_t after) {
    Str payload =
        str_fmt(c->arena, "%.*s %.*s %lld", FMT(span.from), FMT(span.until), (long long)after);
    return outbox_add(
        c, &(OutboxRow){.topic = "incident_rapid",
                        .key = str_fmt(c->arena, "%.*s/%lld", FMT(first), (long long)after),
                        .payload = payload,
                        .lane = S("incident_thresholds")});
}

Err incident_calendar_after_save(Ctx *c, const Saving *s) {
    Span span;
    int64_t *ids;
    size_t n;
    const Record *r = s->after;
    if (!counts(s)) return OK;
    TRY(span_of(&span, c, s));
    if (str_cmp(span.from, c->today) > 0) return OK;
    TRY(incident_query_recovered(&ids, &n, c, span.from, span.until, 0, 1));
    if (!n) return OK;
    Str first =
        str_fmt(c->arena, "%s-%lld-%lld", r->type->name, (long long)r->id, (long long)r->version);
    return go_on(c, first, span, 0);
}

Err incident_rapid_job(Ctx *c, Job *job) {
    int64_t *ids, after;
    size_t n;
    Str rest = job->payload, first = job->key;
    Span span;
    if (!str_cut(&span.from, &rest, ' ') || !str_cut(&span.until, &rest, ' ') ||
        !str_to_int(&after, rest))
        return ERR_INVALID;
    TRY(incident_query_recovered(&ids, &n, c, span.from, span.until, after, STRETCH));
    for (size_t i = 0; i < n; i++) TRY(incident_sums(c, ids[i]));
    if (n < STRETCH) return OK;
    ptrdiff_t slash = str_find_char(first, '/');
    if (slash > 0) first.n = (size_t)slash;
    return go_on(c, first, span, ids[n - 1]);
}
