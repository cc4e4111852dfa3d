/* incident_demo_bulk.c: the many events of a large demonstration, for load tests: taken over as
 * closed ones, with their entries, quarter by quarter, in bulk. Every rule of an incident and an
 * entry runs; only the steps of the workflow were walked in the system before.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/log.h"
#include "model/bulk.h"
#include "modules/incident/incident_demo.h"

enum { YEARS = 10, LAST_DAYS = 400, AT_ONCE = 100, NEAR_MISS_PER_CENT = 8 };

/* The first day of the quarter after a day: history came over once a quarter. */
static int64_t quarter_after(int64_t day) {
    int year, month, ignored;
    date_from_days(&year, &month, &ignored, day);
    month = (month - 1) / 3 * 3 + 4;
    return month > 12 ? date_to_days(year + 1, 1, 1) : date_to_days(year, month, 1);
}

static void not_later(Demo *d, DemoBookings *b, const DemoPlan *x) {
    for (size_t i = 0; i < b->n; i++) {
        DemoBooking *one = &b->items[i];
        if (one->day < x->declared) one->day = x->declared;
        if (one->day > d->now) one->day = d->now;
        if (one->day > b->last) b->last = one->day;
    }
    if (b->last > d->now) b->last = d->now;
}

static Err entries_put(Demo *d, const Record *incident, const DemoBookings *b) {
    Ctx *c = d->c;
    for (size_t i = 0; i < b->n; i++) {
        Record *r = incident_demo_entry(d, incident, b->currency, &b->items[i]), *saved;
        record_set(r, "journal_ref", (Value){0}); /* it stayed in the old books */
        r->state = type_state(d->entry, S("accepted"));
        TRY(record_save(&saved, c, r, "import"));
    }
    return OK;
}

/* The day on which it came over, as the context's clock. */
static void clock_set(Demo *d, int64_t day) {
    Ctx *c = d->c;
    if (day > d->now) day = d->now;
    c->today = date_text(c->arena, day);
    c->now_us = day * INT64_C(86400000000) + INT64_C(28800000000);
    if (c->now_us > d->real_now_us) c->now_us = d->real_now_us;
}

/* The record is in review while its entries come, so that none of them asks for an approval or
 * reopens it. */
static Err take_over(Demo *d, DemoPlan *x) {
    Ctx *c = d->c;
    Record *r;
    DemoBookings b;
    const Record *pattern;
    TRY(incident_demo_pattern_record(&pattern, d, x->p));
    incident_demo_bookings(d, &b, x, str_is(record_text(pattern, "event_kind"), "gain"));
    not_later(d, &b, x);
    clock_set(d, quarter_after(b.last > x->declared ? b.last : x->declared));
    incident_demo_as(d, d->analysts[2]);
    TRY(incident_demo_event(&r, d, x));
    record_set(r, "declared_on", value_text(date_text(c->arena, x->declared)));
    TRY(record_save(&r, c, r, "import"));
    r = record_clone(c, r);
    r->state = type_state(d->incident, S("review"));
    TRY(incident_demo_fill(d, r, x));
    TRY(record_save(&r, c, r, "import"));
    TRY(entries_put(d, r, &b));
    TRY(record_load_raw(&r, c, d->incident, r->id));
    r = record_clone(c, r);
    r->state = type_state(d->incident, S("closed"));
    d->incidents++;
    return record_save(&r, c, r, "import");
}

static Err slice_run(Demo *d, const DemoSlice *s) {
    Ctx *c = d->c;
    int year, month, day;
    date_from_days(&year, &month, &day, d->now);
    int64_t first = date_to_days(year - YEARS, 1, 1), days = d->now - LAST_DAYS - first;
    for (int64_t i = s->from; i < s->until; i++) {
        if (bulk_held(c) == 0) arena_reset(d->scratch);
        c->arena = d->scratch;
        c->issues = (Issues){0};
        c->reason = (Str){0};
        DemoPlan x = incident_demo_plan(d, incident_demo_pattern(d), first + i * days / s->all, 1);
        x.imported = true;
        x.near_miss = rng_chance(&d->rng, NEAR_MISS_PER_CENT);
        TRY(take_over(d, &x));
        if ((i - s->from) % AT_ONCE == AT_ONCE - 1) TRY(bulk_flush(c));
    }
    return OK;
}

Err incident_demo_slice(Ctx *c, const DemoSlice *s, DemoReport *report) {
    Demo *d = NEW(c->arena, Demo);
    TRY(incident_demo_open(d, c, s->seed + (uint64_t)s->from));
    Arena *keep = c->keep, *memory = arena_new(0);
    c->cache = NULL;
    c->keep = memory;
    bulk_begin(c);
    bulk_gather_facts(c);
    Err e = slice_run(d, s);
    for (size_t i = 0; e == ERR_INVALID && i < c->issues.n; i++)
        if (!c->issues.items[i].is_warning)
            log_line(LOG_ERROR, "demo", "%.*s: %s", FMT(c->issues.items[i].field),
                     c->issues.items[i].text);
    if (!e) e = bulk_end(c);
    c->bulk = NULL;
    c->keep = keep;
    incident_demo_close(d);
    arena_free(memory);
    report->counts[report->n++] = (struct DemoCount){"incident", d->incidents};
    report->counts[report->n++] = (struct DemoCount){"financial_entry", d->entries};
    return e == ERR_INVALID ? ERR_INTERNAL : e;
}
