/* incident_demo.c: ten years of incidents of the demonstration bank, each lived through day by day:
 * declared, confirmed, completed, reviewed, approved, booked, closed, by the people whose turn it
 * is, until today. The same seed gives the same incidents. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include <math.h>

#include "base/clock.h"
#include "base/log.h"
#include "calc/rng.h"
#include "modules/incident/demo_text.h"
#include "modules/incident/incident.h"

enum {
    UNITS_MAX = 200,
    PEOPLE_MAX = 100,
    FULL_YEARS = 3,
    LIGHT_YEARS = 7,
    LIGHT_PER_CENT = 22,
    ARABIC_PER_CENT = 12,
    LATE_PER_CENT = 8,
    LONG_PER_CENT = 10
};

typedef struct DemoUnit {
    int64_t id, parent, head, correspondent;
    char code[16], kind[20], currency[4];
} DemoUnit;
typedef struct Demo {
    Ctx *c;
    Arena *keep, *scratch;
    Rng rng;
    DemoUnit units[UNITS_MAX];
    size_t n_units;
    int64_t people[PEOPLE_MAX];
    size_t n_people;
    int64_t head_orm, analysts[3], finance[2], inspectors[2], committee;
    int64_t now; /* the real today in days */
    int64_t real_now_us;
    const Type *incident, *entry, *rca;
    int64_t incidents, entries, rcas, near_misses;
    int64_t most; /* incidents: no more than that; 0: no bound */
    Input nothing;
} Demo;

/* One incident before it happens. */
typedef struct Plan {
    const DemoPattern *p;
    int64_t occurred, discovered, declared; /* days */
    int64_t kmad;                           /* gross in thousands */
    const DemoUnit *unit;
    int64_t root; /* id of the root event, 0: none */
    bool near_miss, arabic, imported;
    const char *title, *system;
} Plan;

static Value text(const char *z) {
    return value_text(str_of(z));
}

static int64_t any(Demo *d, int64_t from, int64_t to) {
    return from + rng_below(&d->rng, to - from + 1);
}

static const char *pick(Demo *d, const char *const *list) {
    int64_t n = 0;
    while (list[n]) n++;
    return list[rng_below(&d->rng, n)];
}

/* The clock of the context at a working hour of a day; false when that day is still to come. */
static bool at(Demo *d, int64_t day) {
    if (day > d->now) return false;
    int64_t minutes = any(d, 0, 540);
    d->c->today = date_text(d->c->arena, day);
    d->c->now_us = day * INT64_C(86400000000) + (480 + minutes) * INT64_C(60000000);
    if (d->c->now_us > d->real_now_us) d->c->now_us = d->real_now_us;
    return true;
}

static void as(Demo *d, int64_t user) {
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
    TRY(record_where(&list, c, model_need(c->model, "user"), "is_demo", value_int(1), PEOPLE_MAX));
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
    for (size_t i = 0; i < n && d->n_units < UNITS_MAX; i++) {
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

static const DemoUnit *unit_by_code(const Demo *d, const char *code) {
    for (size_t i = 0; i < d->n_units; i++)
        if (strcmp(d->units[i].code, code) == 0) return &d->units[i];
    return NULL;
}

/* Head or correspondent of the unit or of the nearest unit above that has one. */
static int64_t upwards(const Demo *d, const DemoUnit *u, bool head, int64_t not_this) {
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
    const DemoUnit *fixed = unit_by_code(d, p->unit);
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

static int64_t lognormal(Demo *d, int median, int p95) {
    double sigma = log((double)p95 / median) / 1.6448536269514722;
    double x = median * exp(sigma * rng_normal(&d->rng));
    return x < 1 ? 1 : x > 400000 ? 400000 : (int64_t)x;
}

static int64_t delay(Demo *d, int median) {
    double days = median * -log2(1 - rng_uniform(&d->rng));
    return days > 1800 ? 1800 : (int64_t)days;
}

static Plan plan(Demo *d, const DemoPattern *p, int64_t first_day, int64_t days) {
    Plan x = {.p = p, .unit = unit_pick(d, p)};
    x.discovered = first_day + rng_below(&d->rng, days);
    x.occurred = x.discovered - delay(d, p->delay);
    x.declared = x.discovered + (rng_chance(&d->rng, LATE_PER_CENT) ? any(d, 31, 120)
                                 : rng_chance(&d->rng, 70)          ? any(d, 0, 2)
                                                                    : any(d, 3, 14));
    x.kmad = lognormal(d, p->median, p->p95);
    x.arabic = rng_chance(&d->rng, ARABIC_PER_CENT);
    return x;
}

/* ---- writing one incident ---- */

static Err taxon_value(Value *out, Ctx *c, const char *code) {
    int64_t id;
    TRY(incident_taxon(&id, c, code));
    *out = id ? value_int(id) : (Value){0};
    return OK;
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

static void write_texts(Demo *d, Record *r, const Plan *x) {
    Ctx *c = d->c;
    const char *opening = pick(d, x->arabic ? demo_openings_ar : demo_openings);
    const char *body = x->arabic ? x->p->ar : x->p->fr[rng_below(&d->rng, 2)];
    record_set(r, "description", value_text(str_fmt(c->arena, "%s%s", opening, body)));
    record_set(r, "immediate_measures",
               text(pick(d, x->arabic ? demo_measures_ar : demo_measures)));
}

static Err create(Record **out, Demo *d, const Plan *x) {
    Ctx *c = d->c;
    Record *r = record_new(c, d->incident), *pattern;
    int64_t id;
    TRY(ref_find(&id, c, model_need(c->model, "pattern"), str_of(x->p->code)));
    TRY(record_load_raw(&pattern, c, model_need(c->model, "pattern"), id));
    r->unit = x->unit->id;
    record_set(r, "pattern", value_int(id));
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
    return record_save(out, c, r, "create");
}

static Err move(Record **r, Demo *d, const char *transition, const char *reason) {
    Input in = d->nothing;
    Record *now;
    if (reason) input_add(&in, d->c->arena, S("reason"), str_of(reason));
    TRY(record_load_raw(&now, d->c, d->incident,
                        (*r)->id)); /* entries may have moved it meanwhile */
    return record_move(r, d->c, now, transition, &in);
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
    return rng_chance(&d->rng, chance) ? keys[any(d, 1, top)] : "0";
}

static Err fill_rest(Demo *d, Record *r, const Plan *x) {
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
    set_rows(c, r, "controls_failed", text(pick(d, demo_controls)), text(pick(d, how)));
    TRY(taxon_value(&consequence, c,
                    x->near_miss               ? "QN2"
                    : x->p->flags & DEMO_LEGAL ? "QF1"
                                               : "QF4"));
    set_rows(c, r, "consequences", consequence, (Value){0});
    record_set(r, "clients", value_int(rng_below(&d->rng, 40)));
    record_set(r, "lesson", text(pick(d, x->arabic ? demo_lessons_ar : demo_lessons)));
    if (record_bool(r, "fraud"))
        record_set(r, "perpetrator", text(r->is_restricted ? "internal" : "external"));
    if (record_bool(r, "legal_case"))
        record_set(r, "legal_reference",
                   value_text(str_fmt(c->arena, "CTX-%lld-%03lld", (long long)r->year,
                                      (long long)any(d, 1, 400))));
    if (record_bool(r, "ict")) {
        record_set(r, "system_name",
                   text(x->system                 ? x->system
                        : rng_chance(&d->rng, 50) ? "Core banking"
                                                  : "Banque en ligne"));
        record_set(r, "downtime_minutes", value_int(any(d, 15, 480)));
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
                   value_text(str_fmt(c->arena, "CR-%lld", (long long)any(d, 10000, 99999))));
    }
    if (x->p->flags & DEMO_AGGREGATE) {
        record_set(r, "aggregate", value_int(1));
        record_set(r, "item_count", value_int(any(d, 2, 12)));
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

typedef struct Booking {
    const char *kind;
    int64_t day;
    int64_t minor;
    const char *account;
} Booking;
typedef struct Bookings {
    Booking items[12];
    size_t n;
    int64_t last;
    const char *currency;
} Bookings;

static void book(Bookings *b, const char *kind, int64_t day, double kmad, const char *account) {
    int64_t minor = minor_of(b->currency, kmad);
    if (minor < 1 || b->n >= LENGTH(b->items)) return;
    b->items[b->n++] = (Booking){kind, day, minor, account};
    if (day > b->last) b->last = day;
}

/* Provision, then payment with the reversal of the provision, used and unused (100, 90, 10: gross
 * 90). */
static void plan_legal(Demo *d, Bookings *b, const Plan *x, double gross) {
    int64_t day = x->declared + any(d, 10, 60), paid = day + any(d, 200, 900);
    double provision = gross * (1 + 0.3 * rng_uniform(&d->rng));
    book(b, "provision", day, provision, "69");
    book(b, "external_cost", day + any(d, 20, 200), gross * 0.05, "61");
    book(b, "provision_used", paid, gross, "79");
    book(b, "indemnity", paid, gross, "65");
    book(b, "provision_unused", paid, provision - gross, "79");
    int64_t left = b->items[0].minor - minor_of(b->currency, gross);
    if (strcmp(b->items[b->n - 1].kind, "provision_unused") == 0)
        b->items[b->n - 1].minor = left; /* to the last centime */
}

static void plan_entries(Demo *d, Bookings *b, const Plan *x, bool is_gain) {
    double gross = (double)x->kmad, back = gross * x->p->recovery / 100;
    *b = (Bookings){.last = x->declared, .currency = x->unit->currency};
    if (x->p->flags & DEMO_ABROAD && strcmp(b->currency, "MAD") == 0)
        b->currency = rng_chance(&d->rng, 60) ? "EUR" : "USD";
    if (x->near_miss) return;
    int64_t day = x->discovered + any(d, 0, 20);
    if (is_gain) {
        book(b, "gain", day, gross, "75");
        return;
    }
    if (x->p->flags & DEMO_LEGAL && gross > 50)
        plan_legal(d, b, x, gross);
    else if (rng_chance(&d->rng, LONG_PER_CENT)) {
        book(b, "direct_loss", day, gross * 0.6, "65");
        book(b, "external_cost", day + any(d, 120, 400), gross * 0.15, "61");
        book(b, "write_down", day + any(d, 400, 800), gross * 0.25, "65");
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
        book(b, "direct_recovery", x->discovered + any(d, 1, 4), back, "75");
    else
        book(b, x->p->flags & DEMO_INSURED ? "insurance_recovery" : "direct_recovery",
             day + any(d, 30, 300), back, "75");
}

static void sort_bookings(Bookings *b) {
    for (size_t i = 1; i < b->n; i++)
        for (size_t k = i; k > 0 && b->items[k].day < b->items[k - 1].day; k--) {
            Booking kept = b->items[k];
            b->items[k] = b->items[k - 1];
            b->items[k - 1] = kept;
        }
}

static Err put_entry(Demo *d, const Record *incident, const char *currency, const Booking *b,
                     bool quick) {
    Ctx *c = d->c;
    Record *r = record_new(c, d->entry), *saved;
    bool inspected = incident->is_restricted;
    record_set(r, "incident", value_int(incident->id));
    record_set(r, "kind", text(b->kind));
    record_set(r, "amount", value_money(b->minor, str_of(currency)));
    record_set(r, "status", text("booked"));
    record_set(r, "booked_on", value_text(date_text(c->arena, b->day)));
    record_set(
        r, "account",
        value_text(str_fmt(c->arena, "%s%04lld", b->account, (long long)any(d, 1000, 1400))));
    record_set(r, "journal_ref",
               value_text(str_fmt(c->arena, "OD-%06lld", (long long)++d->entries)));
    as(d, inspected ? d->inspectors[0] : d->finance[0]);
    if (quick) {
        r->state = type_state(d->entry, S("accepted"));
        return record_save(&saved, c, r, "create");
    }
    TRY(record_save(&r, c, r, "create"));
    if (b->day > d->now - 21 && rng_chance(&d->rng, 40))
        return OK; /* waits for the second person */
    as(d, inspected ? d->inspectors[1] : d->finance[1]);
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
    as(d, record_int(*r, "gross_group") > 500000000 ? d->committee : d->head_orm);
    return move(r, d, "approve", NULL);
}

static Err put_entries(Record **r, Demo *d, const Plan *x, const Bookings *b, bool quick) {
    for (size_t i = 0; i < b->n; i++) {
        int64_t day = b->items[i].day < x->declared ? x->declared : b->items[i].day;
        if (!at(d, day + (quick ? 0 : any(d, 0, 3)))) return OK;
        TRY(put_entry(d, *r, b->currency, &b->items[i], quick));
        TRY(reload(r, d));
        if (!is_state(*r, "approval")) continue;
        if (!at(d, day + any(d, 4, 9))) return OK;
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
    as(d, incident->is_restricted ? d->inspectors[0] : d->analysts[1]);
    record_set(r, "incident", value_int(incident->id));
    record_set(
        r, "title",
        value_text(str_fmt(c->arena, "Causes de %.*s", FMT(record_number(c->arena, incident)))));
    record_set(r, "method", text(rng_chance(&d->rng, 70) ? "five_why" : "timeline"));
    record_set(r, "steps", (Value){.kind = V_ROWS, .list = rows, .n = LENGTH(steps)});
    record_set(r, "root_cause", cause);
    record_set(r, "conclusion", text(pick(d, demo_lessons)));
    TRY(record_save(&r, c, r, "create"));
    TRY(record_move(&r, c, r, "submit", &d->nothing));
    as(d, incident->is_restricted ? d->inspectors[1] : d->analysts[0]);
    d->rcas++;
    return record_move(&saved, c, r, "validate", &d->nothing);
}

static Err finish(Record **r, Demo *d, const Plan *x, const Bookings *b) {
    int64_t day = (b->last > x->declared + 60 ? b->last : x->declared + 60) + any(d, 10, 120);
    bool restricted = (*r)->is_restricted;
    TRY(reload(r, d));
    if (is_state(*r, "open")) {
        if (!at(d, day)) return OK;
        as(d, restricted ? d->inspectors[0] : upwards(d, x->unit, false, 0));
        TRY(move(r, d, "propose_closure", NULL));
    }
    if (!is_state(*r, "closure") || !at(d, day + any(d, 4, 20))) return OK;
    if (record_bool(*r, "rca_required")) TRY(put_rca(d, *r));
    as(d, restricted ? d->inspectors[1] : d->analysts[0]);
    if (x->near_miss && (*r)->moved_by == d->analysts[0]) as(d, d->analysts[1]);
    return move(r, d, "close", NULL);
}

static Err review(Record **r, Demo *d, const Plan *x, int64_t *day) {
    int64_t correspondent =
        (*r)->is_restricted ? d->inspectors[0] : upwards(d, x->unit, false, (*r)->created_by);
    *day += any(d, 3, 25);
    if (!at(d, *day)) return OK;
    as(d, correspondent);
    TRY(move(r, d, "send", NULL));
    *day += any(d, 2, 20);
    if (!at(d, *day)) return OK;
    if (rng_chance(&d->rng, 6)) { /* sent back once */
        as(d, (*r)->is_restricted ? d->inspectors[1] : d->analysts[1]);
        TRY(move(r, d, "return", "Merci de préciser la cause et le contrôle défaillant."));
        *day += any(d, 2, 8);
        if (!at(d, *day)) return OK;
        as(d, correspondent);
        TRY(move(r, d, "send", NULL));
        if (!at(d, ++*day)) return OK;
    }
    as(d, (*r)->is_restricted ? d->inspectors[1] : d->analysts[rng_below(&d->rng, 2)]);
    TRY(move(r, d, "validate", NULL));
    if (!is_state(*r, "approval")) return OK;
    *day += any(d, 1, 12);
    return at(d, *day) ? approve(r, d) : OK;
}

/* A recent event, step by step. */
static Err live(int64_t *id, Demo *d, const Plan *x) {
    Record *r;
    Bookings b;
    int64_t declarant = rng_chance(&d->rng, 40) && x->unit->head
                            ? x->unit->head
                            : d->people[rng_below(&d->rng, (int64_t)d->n_people)];
    if (!at(d, x->declared)) return OK;
    as(d, declarant);
    TRY(create(&r, d, x));
    *id = r->id;
    d->incidents++;
    d->near_misses += x->near_miss;
    if (x->declared > d->now - 20 && rng_chance(&d->rng, 6)) return OK; /* still a draft */
    TRY(move(&r, d, "submit", NULL));
    int64_t day = x->declared + any(d, 0, x->declared > d->now - 30 ? 6 : 3);
    bool odd = !x->root && !x->title && rng_chance(&d->rng, 3);
    if (!at(d, day)) return OK;
    as(d, r->is_restricted ? d->inspectors[0] : upwards(d, x->unit, true, declarant));
    if (odd) return move(&r, d, "not_event", "Opération retrouvée le jour même, aucun effet.");
    TRY(move(&r, d, "confirm", NULL));
    if (!at(d, ++day)) return OK;
    as(d, r->is_restricted ? d->inspectors[0] : upwards(d, x->unit, false, 0));
    r = record_clone(d->c, r);
    TRY(fill_rest(d, r, x));
    TRY(record_save(&r, d->c, r, "update"));
    TRY(review(&r, d, x, &day));
    if (!is_state(r, "open") && !is_state(r, "closure")) return OK;
    plan_entries(d, &b, x, str_is(record_text(r, "event_kind"), "gain"));
    sort_bookings(&b);
    for (size_t i = 0; i < b.n; i++)
        if (b.items[i].day < x->discovered) b.items[i].day = x->discovered;
    Plan later = *x;
    later.declared = day; /* nothing is entered before the event is open */
    TRY(put_entries(&r, d, &later, &b, false));
    return finish(&r, d, x, &b);
}

/* An event of the years before the system: taken over with its entries, closed when nothing is
 * open. */
static Err take_over(int64_t *id, Demo *d, const Plan *x) {
    Record *r;
    Bookings b;
    if (!at(d, x->declared)) return OK;
    as(d, d->analysts[2]);
    TRY(create(&r, d, x));
    *id = r->id;
    d->incidents++;
    r = record_clone(d->c, r);
    r->state = type_state(d->incident, S("open"));
    TRY(fill_rest(d, r, x));
    TRY(record_save(&r, d->c, r, "import"));
    plan_entries(d, &b, x, str_is(record_text(r, "event_kind"), "gain"));
    sort_bookings(&b);
    TRY(put_entries(&r, d, x, &b, true));
    return finish(&r, d, x, &b);
}

static void say(const Plan *x, const Issue *i) {
    log_line(LOG_ERROR, "demo", "%s: %.*s: %s", x->p->code, FMT(i->field), i->text);
}

/* Each incident has its own scratch memory: a demonstration of any size runs in the same space. */
static Err run(int64_t *id, Demo *d, const Plan *x) {
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
            Plan x = plan(d, p, first_day, days);
            x.imported = imported;
            TRY(run(NULL, d, &x));
            if (is_full(d) || imported || !watched || !rng_chance(&d->rng, 25)) continue;
            x = plan(d, p, first_day, days);
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
        const DemoUnit *unit = unit_by_code(d, units[(size_t)i % n_units]);
        Plan x = {.p = p,
                  .unit = unit ? unit : &d->units[0],
                  .occurred = day,
                  .discovered = day + (i ? any(d, 0, 3) : 0),
                  .root = root,
                  .title = title,
                  .system = system};
        x.declared = x.discovered + any(d, 0, 2);
        x.kmad = i ? lognormal(d, (int)kmad, (int)kmad * 4) : kmad * 2;
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
        const DemoUnit *unit = unit_by_code(d, units[i]);
        while (p->code && strcmp(p->code, codes[i]) != 0) p++;
        Plan x = plan(d, p, d->now - 11, 11);
        if (unit) x.unit = unit;
        x.declared = x.discovered + any(d, 0, 1);
        x.near_miss = i >= LENGTH(codes) - 2;
        TRY(run(NULL, d, &x));
    }
    return OK;
}

/* Chance gives a little more or less than what was asked for: the rest, over the full years. */
static Err rest_run(Demo *d, int64_t first_day) {
    double all = 0;
    for (const DemoPattern *p = demo_patterns; p->code; p++) all += p->per_decade;
    while (!is_full(d)) {
        double at = rng_uniform(&d->rng) * all;
        const DemoPattern *p = demo_patterns;
        while (p[1].code && (at -= p->per_decade) >= 0) p++;
        Plan x = plan(d, p, first_day, d->now - first_day + 1);
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

static void count(DemoReport *report, const char *type, int64_t n) {
    if (report->n < LENGTH(report->counts))
        report->counts[report->n++] = (struct DemoCount){type, n};
}

Err incident_demo(Ctx *c, uint64_t seed, int64_t scale, DemoReport *report) {
    Demo *d = NEW(c->arena, Demo);
    Actor *actor = c->actor;
    Str today = c->today;
    int64_t now_us = c->now_us;
    *d = (Demo){.c = c,
                .keep = c->arena,
                .rng = rng_new(seed),
                .real_now_us = now_us,
                .incident = model_need(c->model, "incident"),
                .entry = model_need(c->model, "financial_entry"),
                .rca = model_need(c->model, "root_cause_analysis")};
    CHECK(date_parse(&d->now, today), "today is no date");
    TRY(incident_seed_processes(c));
    TRY(people_read(d));
    TRY(units_read(d));
    if (!d->n_units || !d->n_people)
        return issue(c, "", "no_bank", N_("The demonstration bank is missing: load it first."));
    c->actor = NEW(c->arena, Actor);
    d->scratch = arena_new(0);
    Err e = years_run(d, scale);
    arena_free(d->scratch);
    c->actor = actor;
    c->arena = d->keep;
    c->cache = NULL;
    c->today = today;
    c->now_us = now_us;
    count(report, "incident", d->incidents);
    count(report, "financial_entry", d->entries);
    count(report, "root_cause_analysis", d->rcas);
    return e;
}
