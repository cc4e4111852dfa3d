/* incident_demo.c: ten years of incidents of the demonstration bank, each lived through day by day:
 * declared, confirmed, completed, reviewed, approved, booked, closed, by the people whose turn it
 * is, until today. The same seed gives the same incidents. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "base/clock.h"
#include "base/log.h"
#include "modules/incident/incident_demo.h"

enum { FULL_YEARS = 3, LIGHT_YEARS = 7, LIGHT_PER_CENT = 22 };

static Value text(const char *z) {
    return value_text(str_of(z));
}

static Err move(Record **r, Demo *d, const char *transition, const char *reason) {
    Input in = d->nothing;
    Record *now;
    if (reason) input_add(&in, d->c->arena, S("reason"), str_of(reason));
    TRY(record_load_raw(&now, d->c, d->incident,
                        (*r)->id)); /* entries may have moved it meanwhile */
    return record_move(r, d->c, now, transition, &in);
}

static Err put_entry(Demo *d, const Record *incident, const char *currency, const DemoBooking *b,
                     bool quick) {
    Ctx *c = d->c;
    Record *r = incident_demo_entry(d, incident, currency, b), *saved;
    bool inspected = incident->is_restricted;
    incident_demo_as(d, inspected ? d->inspectors[0] : d->finance[0]);
    if (quick) {
        r->state = type_state(d->entry, S("accepted"));
        return record_save(&saved, c, r, "create");
    }
    TRY(record_save(&r, c, r, "create"));
    if (b->day > d->now - 21 && rng_chance(&d->rng, 40))
        return OK; /* waits for the second person */
    incident_demo_as(d, inspected ? d->inspectors[1] : d->finance[1]);
    return record_move(&saved, c, r, "accept", &d->nothing);
}

/* ---- following one incident ---- */

static Err reload(Record **r, Demo *d) {
    return record_load_raw(r, d->c, d->incident, (*r)->id);
}

static bool is_state(const Record *r, const char *name) {
    return strcmp(r->state->name, name) == 0;
}

static Err approve(Record **r, Demo *d) {
    incident_demo_as(d, record_int(*r, "gross_group") > 500000000 ? d->committee : d->head_orm);
    return move(r, d, "approve", NULL);
}

static Err put_entries(Record **r, Demo *d, const DemoPlan *x, const DemoBookings *b, bool quick) {
    for (size_t i = 0; i < b->n; i++) {
        int64_t day = b->items[i].day < x->declared ? x->declared : b->items[i].day;
        if (!incident_demo_at(d, day + (quick ? 0 : incident_demo_any(d, 0, 3)))) return OK;
        TRY(put_entry(d, *r, b->currency, &b->items[i], quick));
        TRY(reload(r, d));
        if (!is_state(*r, "approval")) continue;
        if (!incident_demo_at(d, day + incident_demo_any(d, 4, 9))) return OK;
        TRY(approve(r, d));
    }
    return OK;
}

static Err put_rca(Demo *d, const Record *incident) {
    Ctx *c = d->c;
    Record *r = record_new(c, d->rca), *saved;
    Value cause = record_get(incident, "primary_cause");
    const Field *f = type_need(d->rca, "steps");
    static const char *const steps[][2] = {
        {"Pourquoi est-ce arrivé ?", "Le contrôle prévu n'a pas été fait."},
        {"Pourquoi pas ?", "Le remplaçant ne connaissait pas la consigne."},
        {"Pourquoi ?", "La consigne n'est écrite nulle part."}};
    Value *rows = NEW_N(c->arena, Value, LENGTH(steps));
    for (size_t i = 0; i < LENGTH(steps); i++) {
        Value *cells = NEW_N(c->arena, Value, f->n_rows);
        cells[0] = text(steps[i][0]);
        cells[1] = text(steps[i][1]);
        rows[i] = (Value){.kind = V_LIST, .list = cells, .n = f->n_rows};
    }
    incident_demo_as(d, incident->is_restricted ? d->inspectors[0] : d->analysts[1]);
    record_set(r, "incident", value_int(incident->id));
    record_set(
        r, "title",
        value_text(str_fmt(c->arena, "Causes de %.*s", FMT(record_number(c->arena, incident)))));
    record_set(r, "method", text(rng_chance(&d->rng, 70) ? "five_why" : "timeline"));
    record_set(r, "steps", (Value){.kind = V_ROWS, .list = rows, .n = LENGTH(steps)});
    record_set(r, "root_cause", cause);
    record_set(r, "conclusion", text(incident_demo_pick(d, demo_lessons)));
    TRY(record_save(&r, c, r, "create"));
    TRY(record_move(&r, c, r, "submit", &d->nothing));
    incident_demo_as(d, incident->is_restricted ? d->inspectors[1] : d->analysts[0]);
    d->rcas++;
    return record_move(&saved, c, r, "validate", &d->nothing);
}

static Err finish(Record **r, Demo *d, const DemoPlan *x, const DemoBookings *b) {
    int64_t day =
        (b->last > x->declared + 60 ? b->last : x->declared + 60) + incident_demo_any(d, 10, 120);
    bool restricted = (*r)->is_restricted;
    TRY(reload(r, d));
    if (is_state(*r, "open")) {
        if (!incident_demo_at(d, day)) return OK;
        incident_demo_as(d, restricted ? d->inspectors[0]
                                       : incident_demo_upwards(d, x->unit, false, 0));
        TRY(move(r, d, "propose_closure", NULL));
    }
    if (!is_state(*r, "closure") || !incident_demo_at(d, day + incident_demo_any(d, 4, 20)))
        return OK;
    if (record_bool(*r, "rca_required")) TRY(put_rca(d, *r));
    incident_demo_as(d, restricted ? d->inspectors[1] : d->analysts[0]);
    if (x->near_miss && (*r)->moved_by == d->analysts[0]) incident_demo_as(d, d->analysts[1]);
    return move(r, d, "close", NULL);
}

static Err review(Record **r, Demo *d, const DemoPlan *x, int64_t *day) {
    int64_t correspondent = (*r)->is_restricted
                                ? d->inspectors[0]
                                : incident_demo_upwards(d, x->unit, false, (*r)->created_by);
    *day += incident_demo_any(d, 3, 25);
    if (!incident_demo_at(d, *day)) return OK;
    incident_demo_as(d, correspondent);
    TRY(move(r, d, "send", NULL));
    *day += incident_demo_any(d, 2, 20);
    if (!incident_demo_at(d, *day)) return OK;
    if (rng_chance(&d->rng, 6)) { /* sent back once */
        incident_demo_as(d, (*r)->is_restricted ? d->inspectors[1] : d->analysts[1]);
        TRY(move(r, d, "return", "Merci de préciser la cause et le contrôle défaillant."));
        *day += incident_demo_any(d, 2, 8);
        if (!incident_demo_at(d, *day)) return OK;
        incident_demo_as(d, correspondent);
        TRY(move(r, d, "send", NULL));
        if (!incident_demo_at(d, ++*day)) return OK;
    }
    incident_demo_as(d,
                     (*r)->is_restricted ? d->inspectors[1] : d->analysts[rng_below(&d->rng, 2)]);
    TRY(move(r, d, "validate", NULL));
    if (!is_state(*r, "approval")) return OK;
    *day += incident_demo_any(d, 1, 12);
    return incident_demo_at(d, *day) ? approve(r, d) : OK;
}

/* A recent event, step by step. */
static Err live(int64_t *id, Demo *d, const DemoPlan *x) {
    Record *r;
    DemoBookings b;
    int64_t declarant = rng_chance(&d->rng, 40) && x->unit->head
                            ? x->unit->head
                            : d->people[rng_below(&d->rng, (int64_t)d->n_people)];
    if (!incident_demo_at(d, x->declared)) return OK;
    incident_demo_as(d, declarant);
    TRY(incident_demo_event(&r, d, x));
    TRY(record_save(&r, d->c, r, "create"));
    *id = r->id;
    d->incidents++;
    d->near_misses += x->near_miss;
    if (x->declared > d->now - 20 && rng_chance(&d->rng, 6)) return OK; /* still a draft */
    TRY(move(&r, d, "submit", NULL));
    int64_t day = x->declared + incident_demo_any(d, 0, x->declared > d->now - 30 ? 6 : 3);
    bool odd = !x->root && !x->title && rng_chance(&d->rng, 3);
    if (!incident_demo_at(d, day)) return OK;
    incident_demo_as(d, r->is_restricted ? d->inspectors[0]
                                         : incident_demo_upwards(d, x->unit, true, declarant));
    if (odd) return move(&r, d, "not_event", "Opération retrouvée le jour même, aucun effet.");
    TRY(move(&r, d, "confirm", NULL));
    if (!incident_demo_at(d, ++day)) return OK;
    incident_demo_as(d, r->is_restricted ? d->inspectors[0]
                                         : incident_demo_upwards(d, x->unit, false, 0));
    r = record_clone(d->c, r);
    TRY(incident_demo_fill(d, r, x));
    TRY(record_save(&r, d->c, r, "update"));
    TRY(review(&r, d, x, &day));
    if (!is_state(r, "open") && !is_state(r, "closure")) return OK;
    incident_demo_bookings(d, &b, x, str_is(record_text(r, "event_kind"), "gain"));
    for (size_t i = 0; i < b.n; i++)
        if (b.items[i].day < x->discovered) b.items[i].day = x->discovered;
    DemoPlan later = *x;
    later.declared = day; /* nothing is entered before the event is open */
    TRY(put_entries(&r, d, &later, &b, false));
    return finish(&r, d, x, &b);
}

/* An event of the years before the system: taken over with its entries, closed when nothing is
 * open. */
static Err take_over(int64_t *id, Demo *d, const DemoPlan *x) {
    Record *r;
    DemoBookings b;
    if (!incident_demo_at(d, x->declared)) return OK;
    incident_demo_as(d, d->analysts[2]);
    TRY(incident_demo_event(&r, d, x));
    TRY(record_save(&r, d->c, r, "create"));
    *id = r->id;
    d->incidents++;
    r = record_clone(d->c, r);
    r->state = type_state(d->incident, S("open"));
    TRY(incident_demo_fill(d, r, x));
    TRY(record_save(&r, d->c, r, "import"));
    incident_demo_bookings(d, &b, x, str_is(record_text(r, "event_kind"), "gain"));
    TRY(put_entries(&r, d, x, &b, true));
    return finish(&r, d, x, &b);
}

static void say(const DemoPlan *x, const Issue *i) {
    log_line(LOG_ERROR, "demo", "%s: %.*s: %s", x->p->code, FMT(i->field), i->text);
}

/* Each incident has its own scratch memory: a demonstration of any size runs in the same space. */
static Err run(int64_t *id, Demo *d, const DemoPlan *x) {
    Ctx *c = d->c;
    int64_t ignored = 0;
    arena_reset(d->scratch);
    c->arena = d->scratch;
    c->cache = NULL;
    c->issues = (Issues){0};
    c->reason = (Str){0};
    Err e = x->imported ? take_over(id ? id : &ignored, d, x) : live(id ? id : &ignored, d, x);
    if (e == ERR_INVALID || e == ERR_CONFLICT) {
        for (size_t i = 0; i < c->issues.n; i++)
            if (!c->issues.items[i].is_warning) say(x, &c->issues.items[i]);
        e = ERR_INTERNAL;
    }
    c->arena = d->keep;
    c->cache = NULL;
    c->issues = (Issues){0};
    return e;
}

/* ---- years ---- */

static bool is_full(const Demo *d) {
    return d->most && d->incidents >= d->most;
}

static Err year_run(Demo *d, int64_t first_day, int64_t days, double factor, bool imported) {
    for (const DemoPattern *p = demo_patterns; p->code; p++) {
        int64_t n = rng_poisson(&d->rng, p->per_decade / 10.0 * factor * (double)days / 365.25);
        bool watched = strcmp(p->code, "I06") == 0 || strcmp(p->code, "I09") == 0 ||
                       strcmp(p->code, "I10") == 0 || strcmp(p->code, "I11") == 0;
        for (int64_t i = 0; i < n && !is_full(d); i++) {
            DemoPlan x = incident_demo_plan(d, p, first_day, days);
            x.imported = imported;
            TRY(run(NULL, d, &x));
            if (is_full(d) || imported || !watched || !rng_chance(&d->rng, 25)) continue;
            x = incident_demo_plan(d, p, first_day, days);
            x.near_miss = true;
            TRY(run(NULL, d, &x));
        }
    }
    return OK;
}

/* Losses with one cause: the root first, the others name it. */
static Err root_run(Demo *d, const char *code, int64_t day, const char *title, const char *system,
                    const char *const *units, int64_t n, int64_t kmad) {
    const DemoPattern *p = demo_patterns;
    int64_t root = 0;
    while (p->code && strcmp(p->code, code) != 0) p++;
    if (!p->code || day > d->now) return OK;
    size_t n_units = 0;
    while (units[n_units]) n_units++;
    for (int64_t i = 0; i < n && !is_full(d); i++) {
        const DemoUnit *unit = incident_demo_unit(d, units[(size_t)i % n_units]);
        DemoPlan x = {.p = p,
                      .unit = unit ? unit : &d->units[0],
                      .occurred = day,
                      .discovered = day + (i ? incident_demo_any(d, 0, 3) : 0),
                      .root = root,
                      .title = title,
                      .system = system};
        x.declared = x.discovered + incident_demo_any(d, 0, 2);
        x.kmad = i ? incident_demo_lognormal(d, (int)kmad, (int)kmad * 4) : kmad * 2;
        x.arabic = title == NULL && rng_chance(&d->rng, 20);
        TRY(run(i ? NULL : &root, d, &x));
    }
    return OK;
}

static Err roots_run(Demo *d) {
    static const char *const south[] = {"AG-AMI", "AG-GUE", NULL},
                             *const digital[] = {"TDI", "AG-MAA", "AG-AGD", "AG-GUE", "TDI", NULL},
                             *const cloud[] = {"SI-PRO", "RCL", "MAR", NULL};
    TRY(root_run(d, "I35", date_to_days(2023, 9, 8), "Séisme d'Al Haouz : agence endommagée", NULL,
                 south, 2, 900));
    TRY(root_run(d, "I11", date_to_days(2025, 3, 10), "Vague d'hameçonnage de mars 2025", NULL,
                 digital, 31, 25));
    TRY(root_run(d, "I37", date_to_days(2023, 1, 25), "Panne Microsoft 365 du 25 janvier 2023",
                 "Microsoft 365", cloud, 3, 60));
    TRY(root_run(d, "I37", date_to_days(2023, 6, 9), "Panne du portail Azure du 9 juin 2023",
                 "Azure", cloud, 2, 40));
    return root_run(d, "I37", date_to_days(2024, 7, 30), "Panne Azure du 30 juillet 2024", "Azure",
                    cloud, 3, 70);
}

/* What arrived in the last days, so that everybody finds something to do. */
static Err recent_run(Demo *d) {
    static const char *const codes[] = {"I09", "I06", "I11", "I04", "I36", "I15", "I25",
                                        "I01", "I38", "I10", "I32", "I14", "I09", "I11"};
    static const char *const units[] = {"OPS-VIR", "OPS-CHQ", "TDI",    "AG-MAA", "SI-PRO",
                                        "AG-GUE",  "AG-AGD",  "AG-DOM", "SI-MON", "CAF-CAS",
                                        "RH",      "AG-AMI",  "AG-MAA", "AG-TNG"};
    for (size_t i = 0; i < LENGTH(codes) && !is_full(d); i++) {
        const DemoPattern *p = demo_patterns;
        const DemoUnit *unit = incident_demo_unit(d, units[i]);
        while (p->code && strcmp(p->code, codes[i]) != 0) p++;
        DemoPlan x = incident_demo_plan(d, p, d->now - 11, 11);
        if (unit) x.unit = unit;
        x.declared = x.discovered + incident_demo_any(d, 0, 1);
        x.near_miss = i >= LENGTH(codes) - 2;
        TRY(run(NULL, d, &x));
    }
    return OK;
}

/* Chance gives a little more or less than what was asked for: the rest, over the full years. */
static Err rest_run(Demo *d, int64_t first_day) {
    while (!is_full(d)) {
        const DemoPattern *p = incident_demo_pattern(d);
        DemoPlan x = incident_demo_plan(d, p, first_day, d->now - first_day + 1);
        TRY(run(NULL, d, &x));
    }
    return OK;
}

/* scale: so many incidents in all, those of roots_run and recent_run among them. */
static Err years_run(Demo *d, int64_t scale) {
    enum { ROOTS = 41, RECENT = 14 };
    int year, month, day;
    date_from_days(&year, &month, &day, d->now);
    int64_t this_year = date_to_days(year, 1, 1);
    double natural = 212.5 * (FULL_YEARS + LIGHT_YEARS * LIGHT_PER_CENT / 100.0 +
                              (double)(d->now - this_year + 1) / 365.25) +
                     62;
    int64_t by_chance = scale > ROOTS + RECENT ? scale - ROOTS - RECENT : 0;
    double factor = scale > 0 ? 0.9 * (double)by_chance / natural : 1;
    d->most = by_chance;
    for (int y = year - FULL_YEARS - LIGHT_YEARS; y <= year && (scale <= 0 || by_chance); y++) {
        int64_t first = date_to_days(y, 1, 1),
                end = y == year ? d->now + 1 : date_to_days(y + 1, 1, 1);
        bool light = y < year - FULL_YEARS;
        TRY(year_run(d, first, end - first, light ? factor * LIGHT_PER_CENT / 100.0 : factor,
                     light));
    }
    if (by_chance) TRY(rest_run(d, date_to_days(year - FULL_YEARS, 1, 1)));
    d->most = scale > 0 ? (scale > RECENT ? scale - RECENT : scale) : 0;
    TRY(roots_run(d));
    d->most = scale > 0 ? scale : 0;
    TRY(recent_run(d));
    return scale > 0 ? rest_run(d, date_to_days(year - FULL_YEARS, 1, 1)) : OK;
}

/* The accounts are closed up to the end of a month; three bookings of before come after that. */
static Err set_day(Demo *d, const char *setting, int64_t day) {
    Ctx *c = d->c;
    Records found;
    Record *saved;
    const Type *t = model_need(c->model, "setting");
    TRY(record_where(&found, c, t, "code", text(setting), 1));
    if (!found.n) return OK;
    Record *r = record_clone(c, found.items[0]);
    record_set(r, "value", value_text(date_text(c->arena, day)));
    incident_demo_as(d, d->head_orm);
    return record_save(&saved, c, r, "update");
}

static Err close_accounts(Demo *d, int64_t last_day) {
    TRY(set_day(d, "closed_until", last_day));
    return set_day(d, "last_report_on", last_day + 20);
}

static Err late_run(Demo *d) {
    static const DemoBooking late[] = {{"external_cost", 4, 1480000, "6136"},
                                       {"direct_recovery", 12, 920000, "7582"},
                                       {"external_cost", 21, 655000, "6136"}};
    int year, month, day;
    Records open;
    date_from_days(&year, &month, &day, d->now - 40);
    int64_t last_day = date_to_days(year, month, 1) - 1;
    if (!incident_demo_at(d, d->now)) return OK;
    TRY(close_accounts(d, last_day));
    TRY(record_in_state(&open, d->c, d->incident, "open", 200));
    for (size_t i = open.n, k = 0; i-- && k < LENGTH(late);) {
        const Record *r = open.items[i];
        Value gross = record_get(r, "gross");
        DemoBooking b = late[k];
        int64_t found_on;
        b.day = last_day - b.day;
        if (r->is_restricted || gross.i <= 5 * b.minor ||
            !date_parse(&found_on, record_text(r, "discovered_on")) || found_on > b.day)
            continue;
        TRY(put_entry(d, r, gross.currency, &b, false));
        k++;
    }
    return OK;
}

static void count(DemoReport *report, const char *type, int64_t n) {
    if (report->n < LENGTH(report->counts))
        report->counts[report->n++] = (struct DemoCount){type, n};
}

Err incident_demo(Ctx *c, uint64_t seed, int64_t scale, DemoReport *report) {
    Demo *d = NEW(c->arena, Demo);
    TRY(incident_seed_processes(c));
    TRY(incident_demo_open(d, c, seed));
    Err e = years_run(d, scale);
    if (!e) e = late_run(d);
    incident_demo_close(d);
    count(report, "incident", d->incidents);
    count(report, "financial_entry", d->entries);
    count(report, "root_cause_analysis", d->rcas);
    return e;
}
