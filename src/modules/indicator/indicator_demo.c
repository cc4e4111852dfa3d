/* indicator_demo.c: two years of values of the demonstration bank: given by their providers month
 * after month, sometimes late or missing, with episodes outside their bounds. The same seed gives
 * the same values. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "calc/rng.h"
#include "modules/indicator/indicator_auto.h"

enum { DEMO_MONTHS = 26, PEOPLE_MAX = 100 };

typedef struct DemoIndicator {
    const char *code, *unit;
    int64_t denominator;   /* 0: a plain value */
    int64_t middle, swing; /* scaled: usual value and how far it moves */
} DemoIndicator;

/* clang-format off */
#define V(whole, thousandth) ((whole) * JUDGE_SCALE + (thousandth) * (JUDGE_SCALE / 1000))
static const DemoIndicator demo[] = {
    {"K01", "RES", 182000, V(1, 600), V(1, 0)},   {"K01", "AG-MAA", 9100, V(2, 200), V(1, 800)}, {"K02", "SI-MON", 0, V(8, 0), V(6, 0)},
    {"K03", "OPS-TIT", 0, V(0, 700), V(0, 900)},  {"K04", "OPS-CHQ", 1450, V(0, 400), V(0, 700)}, {"K05", "OPS", 620, V(0, 900), V(1, 0)},
    {"K06", "SI-MON", 0, V(3, 200), V(1, 300)},   {"K07", "TDI", 410000, V(1, 100), V(1, 400)}, {"K08", "OPS-VIR", 96000, V(0, 800), V(0, 500)},
    {"K09", "CO", 41000, V(4, 200), V(1, 500)},   {"K10", "OPS-CRD", 2300, V(1, 200), V(1, 200)}, {"K11", "CO", 5200, V(1, 700), V(1, 300)},
    {"K12", "RCL", 310000, V(1, 300), V(0, 600)}, {"K13", "SI-PRO", 0, V(99, 850), V(0, 140)}, {"K14", "SI-MON", 0, V(97, 300), V(1, 200)},
    {"K15", "SSI", 900, V(3, 0), V(2, 500)},      {"K16", "SI-PRO", 0, V(70, 0), V(45, 0)}, {"K17", "RH", 240, V(7, 0), V(2, 500)},
    {"K18", "RH", 520, V(1, 600), V(1, 500)},     {"K19", "RSK-RO", 0, V(4, 0), V(3, 0)}, {"K20", "SI", 48, V(44, 0), V(6, 0)},
};
static const char *const automatic[] = {"A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A09", "A10"};

/* What the bank's indicators watch; the risks are those whose library entry names the indicator. */
static const struct Watch {
    const char *code, *process, *controls, *objectives;
} watches[] = {
    {"K01", "P01", "C01 C02", "O02"}, {"K02", "P01", "C04", "O02"}, {"K03", "P12", "C18", NULL}, {"K04", "P03", "C07", NULL},
    {"K05", "P15", "C08", NULL},      {"K06", "P05", "C12", "O06"}, {"K07", "P06", "C11", "O06"}, {"K08", "P04", "C09", "O03"},
    {"K09", "P02", "C22", "O07"},     {"K10", "P09", "C21", NULL},  {"K11", "P17", "C25", "O07"}, {"K12", "P16", "C24", "O04"},
    {"K13", "P21", "C27 C28", "O05"}, {"K14", "P01", "C04", "O05"}, {"K15", "P22", "C29", "O06"}, {"K16", "P21", "C27", "O05.1"},
    {"K17", "P19", NULL, "O08"},      {"K18", "P19", "C14", "O08"}, {"K19", NULL, NULL, "O09"},   {"K20", "P20", "C30", NULL},
    {"A01", NULL, NULL, "O01"},       {"A02", NULL, NULL, "O01"},   {"A03", NULL, NULL, "O09"},   {"A04", NULL, NULL, "O09"},
};
enum { COUNT_THE_PAST = 4, LINKS_MAX = 8 }; /* the others speak of today: the bank counts them since last month */
/* clang-format on */

typedef struct Demo {
    Ctx *c;
    Rng rng;
    int64_t today, analyst;
    int64_t people[PEOPLE_MAX];
    size_t n_people;
    int64_t indicators, values;
    int64_t floor; /* of the indicator in hand: time does not run backwards */
} Demo;

static Err is_there(int64_t *out, Ctx *c, const char *type, const char *code) {
    Err e = ref_find(out, c, model_need(c->model, type), str_of(code));
    if (e == ERR_MISSING) *out = 0;
    return e == ERR_MISSING ? OK : e;
}

static Err people_read(Demo *d) {
    Ctx *c = d->c;
    Records list;
    TRY(record_where(&list, c, model_need(c->model, "user"), "is_demo", value_int(1), PEOPLE_MAX));
    for (size_t i = 0; i < list.n; i++) d->people[d->n_people++] = list.items[i]->id;
    TRY(record_where(&list, c, model_need(c->model, "role_assignment"), "role",
                     value_text(S("analyst")), 10));
    if (list.n) d->analyst = record_int(list.items[0], "person");
    return OK;
}

/* Somebody of the unit, or of the unit above it. */
static Err provider_of(int64_t *out, Demo *d, int64_t unit) {
    *out = 0;
    for (int depth = 0; depth < 6 && unit; depth++) {
        Record *u;
        for (size_t i = 0; i < d->n_people; i++) {
            Record *person;
            TRY(record_load_raw(&person, d->c, model_need(d->c->model, "user"), d->people[i]));
            if (record_int(person, "home_unit") == unit) {
                *out = person->id;
                return OK;
            }
        }
        TRY(record_load_raw(&u, d->c, model_need(d->c->model, "unit"), unit));
        unit = record_int(u, "parent");
    }
    *out = d->n_people ? d->people[0] : 0;
    return OK;
}

/* ---- what it watches ---- */

static bool has_word(Str words, const char *code) {
    Str word;
    while (words.n && str_cut(&word, &words, ' '))
        if (str_is(word, code)) return true;
    return false;
}

/* Those of one definition that stand in the unit or below it, else the nearest above. */
static Err standing(int64_t *out, size_t *n, Demo *d, const char *type, int64_t definition,
                    int64_t unit) {
    Ctx *c = d->c;
    Records list;
    const int64_t *below;
    size_t n_below;
    TRY(record_where(&list, c, model_need(c->model, type), "definition", value_int(definition),
                     500));
    TRY(access_units_under(&below, &n_below, c, unit));
    for (size_t i = 0; i < list.n && *n < LINKS_MAX; i++)
        for (size_t k = 0; k < n_below; k++)
            if (list.items[i]->unit == below[k] && !(list.items[i]->state->flags & STATE_CLOSED)) {
                out[(*n)++] = list.items[i]->id;
                break;
            }
    for (int depth = 0; !*n && depth < 6 && unit; depth++) {
        Record *u;
        for (size_t i = 0; i < list.n && *n < LINKS_MAX; i++)
            if (list.items[i]->unit == unit && !(list.items[i]->state->flags & STATE_CLOSED))
                out[(*n)++] = list.items[i]->id;
        TRY(record_load_raw(&u, c, model_need(c->model, "unit"), unit));
        unit = record_int(u, "parent");
    }
    return OK;
}

static void put_ids(Record *r, const char *field, const int64_t *ids, size_t n, Arena *a) {
    Value *list = NEW_N(a, Value, n + 1);
    for (size_t i = 0; i < n; i++) list[i] = value_int(ids[i]);
    if (n) record_set(r, field, (Value){.kind = V_LIST, .list = list, .n = n});
}

static Err put_risks(Record *r, Demo *d, const char *code) {
    Ctx *c = d->c;
    const Type *library = model_type(c->model, S("risk_definition"));
    Records list;
    int64_t ids[LINKS_MAX];
    size_t n = 0;
    if (!library) return OK;
    TRY(record_in_state(&list, c, library, "active", 500));
    for (size_t i = 0; i < list.n; i++)
        if (has_word(record_text(list.items[i], "indicators"), code))
            TRY(standing(ids, &n, d, "risk", list.items[i]->id, r->unit));
    put_ids(r, "risks", ids, n, c->arena);
    return OK;
}

static Err put_named(Record *r, Demo *d, const char *field, const char *type, const char *codes) {
    int64_t ids[LINKS_MAX];
    size_t n = 0;
    Str rest = str_of(codes), word;
    if (!model_type(d->c->model, str_of(type))) return OK;
    while (rest.n && n < LINKS_MAX && str_cut(&word, &rest, ' ')) {
        int64_t id;
        TRY(is_there(&id, d->c, type, str_z(d->c->arena, word)));
        if (!id) continue;
        if (strcmp(type, "control_definition") == 0)
            TRY(standing(ids, &n, d, "control", id, r->unit));
        else
            ids[n++] = id;
    }
    put_ids(r, field, ids, n, d->c->arena);
    return OK;
}

static Err put_links(Record *r, Demo *d, const char *code) {
    const struct Watch *w = NULL;
    int64_t process = 0;
    for (size_t i = 0; i < LENGTH(watches); i++)
        if (strcmp(watches[i].code, code) == 0) w = &watches[i];
    if (!w) return OK;
    if (w->process) TRY(is_there(&process, d->c, "process", w->process));
    if (process) record_set(r, "process", value_int(process));
    TRY(put_risks(r, d, code));
    if (w->controls) TRY(put_named(r, d, "controls", "control_definition", w->controls));
    return w->objectives ? put_named(r, d, "objectives", "objective", w->objectives) : OK;
}

static Err put_indicator(Record **out, Demo *d, const char *code, const char *unit, int64_t from) {
    Ctx *c = d->c;
    int64_t definition, unit_id, provider;
    Record *r = record_new(c, model_need(c->model, "indicator"));
    *out = NULL;
    TRY(is_there(&definition, c, "indicator_definition", code));
    TRY(is_there(&unit_id, c, "unit", unit));
    if (!definition || !unit_id) return OK;
    TRY(provider_of(&provider, d, unit_id));
    record_set(r, "definition", value_int(definition));
    record_set(r, "active_from", value_text(date_text(c->arena, from)));
    if (provider) record_set(r, "provider", value_int(provider));
    if (d->analyst && d->analyst != provider) record_set(r, "reviewer", value_int(d->analyst));
    r->unit = unit_id;
    TRY(put_links(r, d, code));
    TRY(record_save(out, c, r, "create"));
    d->indicators++;
    return OK;
}

static int64_t draw(Demo *d, const DemoIndicator *x, int episode) {
    int64_t noise = rng_below(&d->rng, 2 * x->swing + 1) - x->swing;
    int64_t value = x->middle + (noise + rng_below(&d->rng, x->swing + 1) - x->swing / 2) / 2;
    bool down =
        x->middle > V(90, 0) && x->denominator == 0; /* availabilities fall when it goes wrong */
    value += (down ? -1 : 1) * episode * x->swing;
    if (down && value > V(100, 0)) value = V(100, 0);
    if (value < 0) value = 0;
    /* as a person would read it off: whole days and items, hundredths otherwise */
    int64_t step = x->swing >= V(3, 0) ? V(1, 0) : V(0, 10);
    return x->denominator ? value : value / step * step;
}

static void fill(Given *g, const DemoIndicator *x, int64_t value, int64_t factor) {
    g->value = value;
    if (!x->denominator) return;
    g->has_parts = true;
    g->denominator = x->denominator * JUDGE_SCALE;
    /* a whole count that gives about this ratio */
    int64_t count =
        value / JUDGE_SCALE * x->denominator + value % JUDGE_SCALE * x->denominator / JUDGE_SCALE;
    g->numerator = count / (factor > 0 ? factor : 1) * JUDGE_SCALE;
}

static void set_clock(Ctx *c, int64_t day, int64_t now_us) {
    int64_t at = day * INT64_C(86400000000) + INT64_C(34200000000);
    c->today = date_text(c->arena, day);
    c->now_us = at < now_us ? at : now_us;
}

/* ---- what people do about a breach ---- */

static const char *const analyses[] = {
    "Pic d'activité de fin de mois ; les contrôles ont été faits avec retard.",
    "Deux absences simultanées dans l'équipe, sans suppléant formé.",
    "Changement de version du logiciel ; les rejets ont augmenté pendant dix jours.",
    "Un prestataire a livré ses fichiers hors délai trois jours de suite.",
};
static const char *const measures[] = {
    "Renfort de deux personnes en fin de mois et revue hebdomadaire des suspens.",
    "Suppléant désigné et formé ; point mensuel avec le correspondant risque.",
    "Correctif demandé à l'éditeur, contrôle manuel maintenu jusqu'à sa livraison.",
    "Pénalités appliquées et second canal de livraison ouvert avec le prestataire.",
};

static Err breach_step(Demo *d, Record **r, const char *step, int64_t day, int64_t now_us,
                       const Input *in) {
    d->floor = day;
    set_clock(d->c, day, now_us);
    return record_move(r, d->c, *r, step, in);
}

/* Acknowledged a few days later, mostly in time; analysed; then measures, or an acceptance: all of
 * it before the next value, for time does not run backwards. */
static Err act_on_breach(Demo *d, const Record *indicator, int64_t day, int64_t now_us) {
    Ctx *c = d->c;
    Records list;
    Record *open = NULL;
    Input nothing = {0}, why = {0}, then = {0};
    TRY(record_children(&list, c, model_need(c->model, "breach"), indicator));
    for (size_t i = 0; i < list.n; i++)
        if (strcmp(list.items[i]->state->name, "open") == 0) open = list.items[i];
    if (!open || !rng_chance(&d->rng, 85)) return OK;
    int64_t seen = day + 1 + rng_below(&d->rng, rng_chance(&d->rng, 80) ? 2 : 7);
    int64_t k = rng_below(&d->rng, LENGTH(analyses));
    if (seen > d->today) return OK;
    TRY(breach_step(d, &open, "acknowledge", seen, now_us, &nothing));
    if (seen + 3 > d->today || !rng_chance(&d->rng, 85)) return OK;
    input_add(&why, c->arena, S("analysis"), str_of(analyses[k]));
    TRY(breach_step(d, &open, "analyse", seen + 3, now_us, &why));
    if (seen + 6 > d->today || !rng_chance(&d->rng, 75)) return OK;
    bool accepted = rng_chance(&d->rng, 20);
    if (accepted) {
        input_add(&then, c->arena, S("accepted_until"), date_text(c->arena, seen + 96));
        input_add(&then, c->arena, S("reason"), S("Retour à la normale attendu sous trois mois."));
    } else
        input_add(&then, c->arena, S("measures_taken"), str_of(measures[k]));
    return breach_step(d, &open, accepted ? "accept" : "handle", seen + 6, now_us, &then);
}

static Err give_values(Demo *d, Record *r, const DemoIndicator *x, int64_t now_us) {
    Ctx *c = d->c;
    Indicator i;
    TRY(indicator_open(&i, c, r));
    int64_t from, factor = record_int(i.definition, "factor");
    CHECK(date_parse(&from, record_text(r, "active_from")), "an indicator without a beginning");
    int64_t last = period_move(i.frequency, period_start(i.frequency, d->today), -1);
    int left = 0;
    d->floor = 0;
    for (int64_t period = period_start(i.frequency, from); period <= last;
         period = period_move(i.frequency, period, 1)) {
        Given given = {.indicator = r, .period = period};
        Collected done;
        if (left == 0 && rng_chance(&d->rng, 6)) left = 2 + (int)rng_below(&d->rng, 3);
        int64_t due = indicator_due(&i, period);
        int64_t day = due - rng_below(&d->rng, 4) + (rng_chance(&d->rng, 8) ? 9 : 0);
        fill(&given, x, draw(d, x, left > 0 ? 2 : 0), factor);
        given.comment = left > 0 ? S("Écart suivi avec le responsable du processus.") : (Str){0};
        left -= left > 0;
        if (day <= period_end(i.frequency, period)) day = period_end(i.frequency, period) + 1;
        if (day < d->floor) day = d->floor;
        if (day > d->today || rng_chance(&d->rng, 2)) continue; /* not due yet, or forgotten */
        d->floor = day;
        set_clock(c, day, now_us);
        TRY(indicator_collect(&done, c, &given, 1, "manual", S("Reprise")));
        d->values += done.created;
        if (i.frequency > WEEKLY) TRY(act_on_breach(d, r, day, now_us));
    }
    return OK;
}

static Err run(Demo *d, int64_t now_us) {
    Ctx *c = d->c;
    int64_t from = period_move(MONTHLY, period_start(MONTHLY, d->today), -DEMO_MONTHS);
    for (size_t k = 0; k < LENGTH(demo); k++) {
        Record *r;
        set_clock(c, from, now_us);
        TRY(put_indicator(&r, d, demo[k].code, demo[k].unit, from));
        if (r) TRY(give_values(d, r, &demo[k], now_us));
    }
    for (size_t k = 0; k < LENGTH(automatic); k++) {
        Record *r;
        int64_t since =
            k < COUNT_THE_PAST ? from : period_move(MONTHLY, period_start(MONTHLY, d->today), -1);
        set_clock(c, since, now_us);
        TRY(put_indicator(&r, d, automatic[k], "DG", since));
    }
    int64_t values;
    set_clock(c, d->today, now_us);
    TRY(indicator_automatic(c, &values));
    d->values += values;
    return OK;
}

Err indicator_demo(Ctx *c, uint64_t seed, int64_t scale, DemoReport *report) {
    Demo *d = NEW(c->arena, Demo);
    Str today = c->today;
    int64_t now_us = c->now_us;
    (void)scale; /* load tests of values are made by the bench */
    *d = (Demo){.c = c, .rng = rng_new(seed ^ UINT64_C(0x1d1c))};
    CHECK(date_parse(&d->today, today), "today is no date");
    TRY(people_read(d));
    Err e = d->n_people ? run(d, now_us) : OK;
    c->today = today;
    c->now_us = now_us;
    if (report->n + 2 <= LENGTH(report->counts)) {
        report->counts[report->n++] = (struct DemoCount){"indicator", d->indicators};
        report->counts[report->n++] = (struct DemoCount){"indicator_value", d->values};
    }
    return e;
}
