/* incident_demo_plan.c: who is who in the demonstration bank, and one incident before and while it
 * is written: pattern, unit, dates, texts, bookings. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "base/clock.h"
#include "modules/incident/incident_demo.h"

enum { ARABIC_PER_CENT = 12, LATE_PER_CENT = 8, LONG_PER_CENT = 10 };

static Value text(const char *z) {
    return value_text(str_of(z));
}

int64_t incident_demo_any(Demo *d, int64_t from, int64_t to) {
    return from + rng_below(&d->rng, to - from + 1);
}

const char *incident_demo_pick(Demo *d, const char *const *list) {
    int64_t n = 0;
    while (list[n]) n++;
    return list[rng_below(&d->rng, n)];
}

bool incident_demo_at(Demo *d, int64_t day) {
    if (day > d->now) return false;
    int64_t minutes = incident_demo_any(d, 0, 540);
    d->c->today = date_text(d->c->arena, day);
    d->c->now_us = day * INT64_C(86400000000) + (480 + minutes) * INT64_C(60000000);
    if (d->c->now_us > d->real_now_us) d->c->now_us = d->real_now_us;
    return true;
}

void incident_demo_as(Demo *d, int64_t user) {
    *d->c->actor = (Actor){.user = user, .is_system = true, .name = S("demo"), .lang = LANG_FR};
}

/* ---- who is who ---- */

/* Persons who hold a role for the whole bank; when there are fewer than wanted, the last one stands
 * in. */
static Err holders(int64_t *out, size_t wanted, Ctx *c, const char *role) {
    Records list;
    size_t n = 0;
    TRY(record_where(&list, c, model_need(c->model, "role_assignment"), "role", text(role), 50));
    for (size_t i = 0; i < list.n && n < wanted; i++)
        if (!record_int(list.items[i], "in_unit")) out[n++] = record_int(list.items[i], "person");
    if (!n)
        return issue_arg(c, "", "no_person",
                         N_("Nobody of the demonstration bank holds the role {0}."), str_of(role));
    for (; n < wanted; n++) out[n] = out[n - 1];
    return OK;
}

static Err people_read(Demo *d) {
    Ctx *c = d->c;
    Records list;
    TRY(record_where(&list, c, model_need(c->model, "user"), "is_demo", value_int(1), DEMO_PEOPLE));
    for (size_t i = 0; i < list.n; i++) d->people[d->n_people++] = list.items[i]->id;
    TRY(holders(&d->head_orm, 1, c, "head_orm"));
    TRY(holders(d->analysts, LENGTH(d->analysts), c, "analyst"));
    TRY(holders(d->finance, LENGTH(d->finance), c, "finance"));
    TRY(holders(d->inspectors, LENGTH(d->inspectors), c, "inspection"));
    return holders(&d->committee, 1, c, "committee");
}

static void copy(char *out, size_t cap, Str s) {
    size_t n = s.n < cap - 1 ? s.n : cap - 1;
    memcpy(out, s.p ? s.p : "", n);
    out[n] = 0;
}

static Err units_read(Demo *d) {
    Ctx *c = d->c;
    const TreeItem *items;
    size_t n;
    TRY(ref_tree(&items, &n, c, model_need(c->model, "unit"), (Str){0}));
    for (size_t i = 0; i < n && d->n_units < DEMO_UNITS; i++) {
        Record *r;
        Str currency;
        TRY(record_load_raw(&r, c, model_need(c->model, "unit"), items[i].id));
        TRY(incident_entity_currency(&currency, c, record_int(r, "entity")));
        DemoUnit *u = &d->units[d->n_units++];
        *u = (DemoUnit){.id = r->id,
                        .parent = record_int(r, "parent"),
                        .head = record_int(r, "head"),
                        .correspondent = record_int(r, "correspondent")};
        copy(u->code, sizeof u->code, record_text(r, "code"));
        copy(u->kind, sizeof u->kind, record_text(r, "kind"));
        copy(u->currency, sizeof u->currency, currency);
    }
    return OK;
}

static const DemoUnit *unit_by_id(const Demo *d, int64_t id) {
    for (size_t i = 0; i < d->n_units; i++)
        if (d->units[i].id == id) return &d->units[i];
    return NULL;
}

const DemoUnit *incident_demo_unit(const Demo *d, const char *code) {
    for (size_t i = 0; i < d->n_units; i++)
        if (strcmp(d->units[i].code, code) == 0) return &d->units[i];
    return NULL;
}

int64_t incident_demo_upwards(const Demo *d, const DemoUnit *u, bool head, int64_t not_this) {
    for (int guard = 0; u && guard < 10; guard++) {
        int64_t found = head ? u->head : u->correspondent;
        if (found && found != not_this) return found;
        u = unit_by_id(d, u->parent);
    }
    return d->analysts[2];
}

static const DemoUnit *unit_pick(Demo *d, const DemoPattern *p) {
    const char *kind = strcmp(p->unit, "branch") == 0 ? "branch"
                       : strcmp(p->unit, "caf") == 0  ? "business_centre"
                                                      : NULL;
    const DemoUnit *fixed = incident_demo_unit(d, p->unit);
    if (rng_chance(&d->rng, 6)) kind = "subsidiary";
    if (!kind) return fixed ? fixed : &d->units[0];
    int64_t n = 0;
    for (size_t i = 0; i < d->n_units; i++) n += strcmp(d->units[i].kind, kind) == 0;
    if (!n) return fixed ? fixed : &d->units[0];
    int64_t k = rng_below(&d->rng, n);
    for (size_t i = 0; i < d->n_units; i++)
        if (strcmp(d->units[i].kind, kind) == 0 && k-- == 0) return &d->units[i];
    return &d->units[0];
}

/* ---- planning ---- */

int64_t incident_demo_lognormal(Demo *d, int median, int p95) {
    double sigma = log((double)p95 / median) / 1.6448536269514722;
    double x = median * exp(sigma * rng_normal(&d->rng));
    return x < 1 ? 1 : x > 400000 ? 400000 : (int64_t)x;
}

static int64_t delay(Demo *d, int median) {
    double days = median * -log2(1 - rng_uniform(&d->rng));
    return days > 1800 ? 1800 : (int64_t)days;
}

DemoPlan incident_demo_plan(Demo *d, const DemoPattern *p, int64_t first_day, int64_t days) {
    DemoPlan x = {.p = p, .unit = unit_pick(d, p)};
    x.discovered = first_day + rng_below(&d->rng, days);
    x.occurred = x.discovered - delay(d, p->delay);
    x.declared = x.discovered + (rng_chance(&d->rng, LATE_PER_CENT) ? incident_demo_any(d, 31, 120)
                                 : rng_chance(&d->rng, 70)          ? incident_demo_any(d, 0, 2)
                                                                    : incident_demo_any(d, 3, 14));
    x.kmad = incident_demo_lognormal(d, p->median, p->p95);
    x.arabic = rng_chance(&d->rng, ARABIC_PER_CENT);
    return x;
}

/* ---- writing one incident ---- */

static Err taxon_value(Value *out, Demo *d, const char *code) {
    DemoTaxon *t = d->taxa;
    while (t->code && strcmp(t->code, code) != 0) t++;
    CHECK(t < d->taxa + LENGTH(d->taxa) - 1, "more taxa than there is room for");
    if (!t->code) TRY(incident_taxon(&t->id, d->c, code));
    t->code = code;
    *out = t->id ? value_int(t->id) : (Value){0};
    return OK;
}

Err incident_demo_pattern_record(const Record **out, Demo *d, const DemoPattern *p) {
    int64_t *id = &d->patterns[p - demo_patterns];
    const Type *t = model_need(d->c->model, "pattern");
    if (!*id) TRY(ref_find(id, d->c, t, str_of(p->code)));
    return record_shared(out, d->c, t, *id);
}

/* The amount in the entity's currency: thousands of MAD at the fixed rates of the demonstration. */
static int64_t minor_of(const char *currency, double kmad) {
    double mad = kmad * 1000;
    if (strcmp(currency, "EUR") == 0) return (int64_t)(mad / 10.8 * 100);
    if (strcmp(currency, "USD") == 0) return (int64_t)(mad / 9.6 * 100);
    if (strcmp(currency, "XOF") == 0) return (int64_t)(mad / 0.01646);
    return (int64_t)(mad * 100);
}

static const char *range_of(int64_t kmad) {
    return kmad < 10 ? "to_10k" : kmad < 100 ? "to_100k" : kmad < 1000 ? "to_1m" : "over_1m";
}

static void write_texts(Demo *d, Record *r, const DemoPlan *x) {
    Ctx *c = d->c;
    const char *opening = incident_demo_pick(d, x->arabic ? demo_openings_ar : demo_openings);
    const char *body = x->arabic ? x->p->ar : x->p->fr[rng_below(&d->rng, 2)];
    record_set(r, "description", value_text(str_fmt(c->arena, "%s%s", opening, body)));
    record_set(r, "immediate_measures",
               text(incident_demo_pick(d, x->arabic ? demo_measures_ar : demo_measures)));
}

Err incident_demo_event(Record **out, Demo *d, const DemoPlan *x) {
    Ctx *c = d->c;
    Record *r = record_new(c, d->incident);
    const Record *pattern;
    TRY(incident_demo_pattern_record(&pattern, d, x->p));
    r->unit = x->unit->id;
    record_set(r, "pattern", value_int(pattern->id));
    Str title =
        x->title ? str_of(x->title) : record_text(pattern, x->arabic ? "name_ar" : "name_fr");
    record_set(r, "title", value_text(title));
    write_texts(d, r, x);
    record_set(r, "discovered_on", value_text(date_text(c->arena, x->discovered)));
    record_set(r, "amount_range",
               text(x->near_miss              ? "none"
                    : rng_chance(&d->rng, 20) ? "unknown"
                                              : range_of(x->kmad)));
    record_set(r, "clients_range",
               text(rng_chance(&d->rng, 50)   ? "none"
                    : rng_chance(&d->rng, 70) ? "one"
                                              : "few"));
    if (x->near_miss) record_set(r, "event_kind", text("near_miss"));
    if (x->root) record_set(r, "grouped_root", value_int(x->root));
    record_set(r, "channel",
               text(x->imported               ? "import"
                    : rng_chance(&d->rng, 80) ? "portal"
                                              : "form"));
    *out = r;
    return OK;
}

static void set_rows(Ctx *c, Record *r, const char *field, Value first, Value second) {
    const Field *f = type_need(r->type, field);
    Value *cells = NEW_N(c->arena, Value, f->n_rows), *row = NEW(c->arena, Value);
    cells[0] = first;
    cells[1] = second;
    *row = (Value){.kind = V_LIST, .list = cells, .n = f->n_rows};
    record_set(r, field, (Value){.kind = V_ROWS, .list = row, .n = 1});
}

static const char *level(Demo *d, int64_t kmad, int chance) {
    static const char *const keys[] = {"0", "1", "2", "3", "4"};
    int top = kmad < 50 ? 1 : kmad < 500 ? 2 : kmad < 5000 ? 3 : 4;
    return rng_chance(&d->rng, chance) ? keys[incident_demo_any(d, 1, top)] : "0";
}

Err incident_demo_fill(Demo *d, Record *r, const DemoPlan *x) {
    static const char *const impacts[] = {"impact_client", "impact_reputation", "impact_regulatory",
                                          "impact_legal",  "impact_staff",      "impact_data",
                                          "impact_service"};
    static const int chances[] = {50, 25, 20, 30, 10, 10, 30};
    static const char *const how[] = {"missing",  "design", "operation", "operation",
                                      "override", "none",   NULL};
    Ctx *c = d->c;
    Value consequence;
    record_set(r, "occurred_on", value_text(date_text(c->arena, x->occurred)));
    for (size_t i = 0; i < LENGTH(impacts); i++)
        record_set(r, impacts[i], text(level(d, x->kmad, chances[i])));
    record_set(r, "impact_note",
               text(x->arabic ? "حسب عدد الزبناء المعنيين والمبلغ."
                              : "Selon le nombre de clients touchés et le montant."));
    set_rows(c, r, "controls_failed", text(incident_demo_pick(d, demo_controls)),
             text(incident_demo_pick(d, how)));
    TRY(taxon_value(&consequence, d,
                    x->near_miss               ? "QN2"
                    : x->p->flags & DEMO_LEGAL ? "QF1"
                                               : "QF4"));
    set_rows(c, r, "consequences", consequence, (Value){0});
    record_set(r, "clients", value_int(rng_below(&d->rng, 40)));
    record_set(r, "lesson",
               text(incident_demo_pick(d, x->arabic ? demo_lessons_ar : demo_lessons)));
    if (record_bool(r, "fraud"))
        record_set(r, "perpetrator", text(r->is_restricted ? "internal" : "external"));
    if (record_bool(r, "legal_case"))
        record_set(r, "legal_reference",
                   value_text(str_fmt(c->arena, "CTX-%lld-%03lld", (long long)r->year,
                                      (long long)incident_demo_any(d, 1, 400))));
    if (record_bool(r, "ict")) {
        record_set(r, "system_name",
                   text(x->system                 ? x->system
                        : rng_chance(&d->rng, 50) ? "Core banking"
                                                  : "Banque en ligne"));
        record_set(r, "downtime_minutes", value_int(incident_demo_any(d, 15, 480)));
    }
    if (record_bool(r, "regulatory")) record_set(r, "notified_on", value_text(c->today));
    if (record_bool(r, "third_party_caused"))
        record_set(r, "third_party",
                   text(x->system                 ? x->system
                        : rng_chance(&d->rng, 50) ? "TeleSud"
                                                  : "Monétix"));
    if (x->p->flags & DEMO_CREDIT) {
        record_set(r, "in_credit_rwa", value_int(1));
        record_set(r, "boundary_reference",
                   value_text(str_fmt(c->arena, "CR-%lld",
                                      (long long)incident_demo_any(d, 10000, 99999))));
    }
    if (x->p->flags & DEMO_AGGREGATE) {
        record_set(r, "aggregate", value_int(1));
        /* none of them as large as a loss that is declared singly */
        record_set(r, "item_count", value_int(incident_demo_any(d, 2, 12) + (int64_t)x->kmad / 15));
    }
    if (!x->near_miss && !str_is(record_text(r, "event_kind"), "gain"))
        record_set(r, "estimated_loss",
                   value_money(minor_of(x->unit->currency,
                                        (double)x->kmad * (0.7 + 0.5 * rng_uniform(&d->rng))),
                               str_of(x->unit->currency)));
    if (x->near_miss)
        record_set(
            r, "max_potential_loss",
            value_money(minor_of(x->unit->currency, (double)x->kmad), str_of(x->unit->currency)));
    return OK;
}

/* ---- entries ---- */

static void book(DemoBookings *b, const char *kind, int64_t day, double kmad, const char *account) {
    int64_t minor = minor_of(b->currency, kmad);
    if (minor < 1 || b->n >= LENGTH(b->items)) return;
    b->items[b->n++] = (DemoBooking){kind, day, minor, account};
    if (day > b->last) b->last = day;
}

/* Provision, then payment with the reversal of the provision, used and unused (100, 90, 10: gross
 * 90). */
static void plan_legal(Demo *d, DemoBookings *b, const DemoPlan *x, double gross) {
    int64_t day = x->declared + incident_demo_any(d, 10, 60),
            paid = day + incident_demo_any(d, 200, 900);
    double provision = gross * (1 + 0.3 * rng_uniform(&d->rng));
    book(b, "provision", day, provision, "69");
    book(b, "external_cost", day + incident_demo_any(d, 20, 200), gross * 0.05, "61");
    book(b, "provision_used", paid, gross, "79");
    book(b, "indemnity", paid, gross, "65");
    book(b, "provision_unused", paid, provision - gross, "79");
    int64_t left = b->items[0].minor - minor_of(b->currency, gross);
    if (strcmp(b->items[b->n - 1].kind, "provision_unused") == 0)
        b->items[b->n - 1].minor = left; /* to the last centime */
}

static void plan_bookings(Demo *d, DemoBookings *b, const DemoPlan *x, bool is_gain) {
    double gross = (double)x->kmad, back = gross * x->p->recovery / 100;
    *b = (DemoBookings){.last = x->declared, .currency = x->unit->currency};
    if (x->p->flags & DEMO_ABROAD && strcmp(b->currency, "MAD") == 0)
        b->currency = rng_chance(&d->rng, 60) ? "EUR" : "USD";
    if (x->near_miss) return;
    int64_t day = x->discovered + incident_demo_any(d, 0, 20);
    if (is_gain) {
        book(b, "gain", day, gross, "75");
        return;
    }
    if (x->p->flags & DEMO_LEGAL && gross > 50)
        plan_legal(d, b, x, gross);
    else if (rng_chance(&d->rng, LONG_PER_CENT)) {
        book(b, "direct_loss", day, gross * 0.6, "65");
        book(b, "external_cost", day + incident_demo_any(d, 120, 400), gross * 0.15, "61");
        book(b, "write_down", day + incident_demo_any(d, 400, 800), gross * 0.25, "65");
    } else
        book(b,
             strcmp(x->p->code, "I27") == 0 || strcmp(x->p->code, "I29") == 0 ? "fine"
                                                                              : "direct_loss",
             day, gross, "65");
    if (back <= 0) return;
    double share = rng_uniform(&d->rng) * 2; /* the average recovery, unevenly spread */
    back *= share > 1.9 ? 1.9 : share;
    if (back > gross * 0.98) back = gross * 0.98;
    if (x->p->flags & DEMO_RAPID && rng_chance(&d->rng, 60))
        book(b, "direct_recovery", x->discovered + incident_demo_any(d, 1, 4), back, "75");
    else
        book(b, x->p->flags & DEMO_INSURED ? "insurance_recovery" : "direct_recovery",
             day + incident_demo_any(d, 30, 300), back, "75");
}

static void sort_bookings(DemoBookings *b) {
    for (size_t i = 1; i < b->n; i++)
        for (size_t k = i; k > 0 && b->items[k].day < b->items[k - 1].day; k--) {
            DemoBooking kept = b->items[k];
            b->items[k] = b->items[k - 1];
            b->items[k - 1] = kept;
        }
}

void incident_demo_bookings(Demo *d, DemoBookings *b, const DemoPlan *x, bool is_gain) {
    plan_bookings(d, b, x, is_gain);
    sort_bookings(b);
}

Record *incident_demo_entry(Demo *d, const Record *incident, const char *currency,
                            const DemoBooking *b) {
    Ctx *c = d->c;
    Record *r = record_new(c, d->entry);
    record_set(r, "incident", value_int(incident->id));
    record_set(r, "kind", text(b->kind));
    record_set(r, "amount", value_money(b->minor, str_of(currency)));
    record_set(r, "status", text("booked"));
    record_set(r, "booked_on", value_text(date_text(c->arena, b->day)));
    record_set(r, "account",
               value_text(str_fmt(c->arena, "%s%04lld", b->account,
                                  (long long)incident_demo_any(d, 1000, 1400))));
    record_set(r, "journal_ref",
               value_text(str_fmt(c->arena, "OD-%06lld", (long long)++d->entries)));
    return r;
}

/* ---- opening ---- */

const DemoPattern *incident_demo_pattern(Demo *d) {
    double all = 0;
    for (const DemoPattern *p = demo_patterns; p->code; p++) all += p->per_decade;
    double at = rng_uniform(&d->rng) * all;
    const DemoPattern *p = demo_patterns;
    while (p[1].code && (at -= p->per_decade) >= 0) p++;
    return p;
}

Err incident_demo_open(Demo *d, Ctx *c, uint64_t seed) {
    *d = (Demo){.c = c,
                .keep = c->arena,
                .actor = c->actor,
                .today = c->today,
                .rng = rng_new(seed),
                .real_now_us = c->now_us,
                .incident = model_need(c->model, "incident"),
                .entry = model_need(c->model, "financial_entry"),
                .rca = model_need(c->model, "root_cause_analysis")};
    CHECK(date_parse(&d->now, c->today), "today is no date");
    TRY(people_read(d));
    TRY(units_read(d));
    if (!d->n_units || !d->n_people)
        return issue(c, "", "no_bank", N_("The demonstration bank is missing: load it first."));
    c->actor = NEW(c->arena, Actor);
    d->scratch = arena_new(0);
    return OK;
}

void incident_demo_close(Demo *d) {
    Ctx *c = d->c;
    arena_free(d->scratch);
    c->actor = d->actor;
    c->arena = d->keep;
    c->cache = NULL;
    c->today = d->today;
    c->now_us = d->real_now_us;
}
