/* rcsa_demo.c: the risk register of the demonstration bank: controls of its units, more than two
 * hundred risks, the appetite, and the incidents that realised them. Lived by the people whose turn
 * it is; the same seed gives the same records. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_demo.h"

#include "base/clock.h"
#include "modules/rcsa/rcsa_seed.h"

enum { REGISTER_DAYS_AGO = 760, CONTROLS_MAX = 600 };

/* ---- time and people ---- */

void rcsa_demo_at(Demo *d, int64_t day) {
    Ctx *c = d->c;
    d->minutes = day == d->day ? d->minutes + 1 : 0;
    d->day = day;
    c->today = date_text(c->arena, day);
    c->now_us = day * INT64_C(86400000000) + (480 + d->minutes % 540) * INT64_C(60000000);
    if (c->now_us > d->real_now_us) c->now_us = d->real_now_us;
}

void rcsa_demo_as(Demo *d, int64_t user) {
    *d->c->actor = (Actor){.user = user, .is_system = true, .name = S("demo"), .lang = LANG_FR};
}

void rcsa_demo_count(Demo *d, const char *type, int64_t n) {
    DemoReport *r = d->report;
    size_t i = 0;
    while (i < r->n && strcmp(r->counts[i].type, type) != 0) i++;
    if (i == LENGTH(r->counts)) return;
    if (i == r->n) r->counts[r->n++] = (struct DemoCount){type, 0};
    r->counts[i].n += n;
}

/* Persons who hold a role for the whole bank; the last one stands in where there are fewer. */
static Err holders(int64_t *out, size_t wanted, Ctx *c, const char *role) {
    Records list;
    size_t n = 0;
    TRY(record_where(&list, c, model_need(c->model, "role_assignment"), "role",
                     rcsa_text_value(role), 50));
    for (size_t i = 0; i < list.n && n < wanted; i++)
        if (!record_int(list.items[i], "in_unit")) out[n++] = record_int(list.items[i], "person");
    for (; n && n < wanted; n++) out[n] = out[n - 1];
    return OK;
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
    for (size_t i = 0; i < n && d->n_units < DEMO_UNITS_MAX; i++) {
        Record *r;
        TRY(record_load_raw(&r, c, model_need(c->model, "unit"), items[i].id));
        DemoUnit *u = &d->units[d->n_units++];
        *u = (DemoUnit){.id = r->id,
                        .parent = record_int(r, "parent"),
                        .head = record_int(r, "head"),
                        .correspondent = record_int(r, "correspondent")};
        copy(u->code, sizeof u->code, record_text(r, "code"));
        copy(u->kind, sizeof u->kind, record_text(r, "kind"));
    }
    return OK;
}

const DemoUnit *rcsa_demo_unit(const Demo *d, int64_t id) {
    for (size_t i = 0; i < d->n_units; i++)
        if (d->units[i].id == id) return &d->units[i];
    return NULL;
}

int64_t rcsa_demo_upwards(const Demo *d, int64_t unit, bool head) {
    const DemoUnit *u = rcsa_demo_unit(d, unit);
    for (int guard = 0; u && guard < 10; guard++) {
        int64_t found = head ? u->head : u->correspondent;
        if (found) return found;
        u = rcsa_demo_unit(d, u->parent);
    }
    return d->analysts[0];
}

bool rcsa_demo_stands(const DemoRisk *row, const DemoUnit *u) {
    return strcmp(row->unit, u->code) == 0 || (row->elsewhere && !strcmp(row->elsewhere, u->kind));
}

Err rcsa_demo_move(Record **r, Demo *d, const char *transition, const Input *in) {
    static const Input nothing;
    Record *now;
    TRY(record_load_raw(&now, d->c, (*r)->type, (*r)->id));
    return record_move(r, d->c, now, transition, in ? in : &nothing);
}

/* ---- controls ---- */

typedef struct Held {
    int64_t definition, unit, id;
} Held;
typedef struct Controls {
    Held items[CONTROLS_MAX];
    size_t n;
} Controls;

static bool is_local(const DemoUnit *u) {
    return strcmp(u->kind, "branch") == 0 || strcmp(u->kind, "subsidiary") == 0 ||
           strcmp(u->kind, "business_centre") == 0;
}

static Err control_create(Held *out, Demo *d, int64_t definition, const DemoUnit *u,
                          int64_t process) {
    Ctx *c = d->c;
    Record *r = record_new(c, model_need(c->model, "control"));
    rcsa_demo_as(d, rcsa_demo_upwards(d, u->id, false));
    r->unit = u->id;
    r->owner = rcsa_demo_upwards(d, u->id, true);
    record_set(r, "definition", value_int(definition));
    if (process) record_set(r, "process", value_int(process));
    record_set(r, "operator", value_int(rcsa_demo_upwards(d, u->id, false)));
    record_set(
        r, "description",
        rcsa_text_value("L'exécutant suit la procédure de l'unité, date et signe la feuille de "
                        "contrôle, et remonte toute anomalie le jour même."));
    TRY(record_save(&r, c, r, "create"));
    TRY(rcsa_demo_move(&r, d, "design", NULL));
    TRY(rcsa_demo_move(&r, d, "implement", NULL));
    TRY(rcsa_demo_move(&r, d, "operate", NULL));
    *out = (Held){definition, u->id, r->id};
    rcsa_demo_count(d, "control", 1);
    return OK;
}

/* The control of this definition that serves the unit: a branch, a business centre and a subsidiary
 * have their own, the others share the one of the unit that answers for the risk. */
static Err control_for(int64_t *out, Demo *d, Controls *all, int64_t definition, const DemoUnit *u,
                       int64_t process) {
    for (size_t i = 0; i < all->n; i++)
        if (all->items[i].definition == definition &&
            (all->items[i].unit == u->id || !is_local(u))) {
            *out = all->items[i].id;
            if (all->items[i].unit == u->id || !is_local(rcsa_demo_unit(d, all->items[i].unit)))
                return OK;
        }
    CHECK(all->n < CONTROLS_MAX, "too many controls in the demonstration");
    TRY(control_create(&all->items[all->n], d, definition, u, process));
    *out = all->items[all->n++].id;
    return OK;
}

/* ---- risks ---- */

static Err taxa_rows(Ctx *c, Record *r, const char *field, const char *codes) {
    Value *rows = NEW_N(c->arena, Value, 10);
    size_t n = 0;
    Str rest = str_of(codes), word;
    while (n < 10 && str_cut(&word, &rest, ' ')) {
        int64_t id;
        Value *cells = NEW_N(c->arena, Value, 2);
        TRY(rcsa_find(&id, c, "taxon", str_z(c->arena, word)));
        if (!id) continue;
        cells[0] = value_int(id);
        rows[n++] = (Value){.kind = V_LIST, .list = cells, .n = 2};
    }
    if (n) record_set(r, field, (Value){.kind = V_ROWS, .list = rows, .n = n});
    return OK;
}

static Err control_rows(Record *r, Demo *d, Controls *all, const Record *definition,
                        const DemoRisk *row, const DemoUnit *u) {
    Ctx *c = d->c;
    Value usual = record_get(definition, "controls");
    Value *rows = NEW_N(c->arena, Value, usual.n + 1);
    bool on_likelihood = row->net_likelihood < row->gross_likelihood,
         on_impact = row->net_impact < row->gross_impact;
    const char *acts = on_likelihood && on_impact ? "both" : on_impact ? "impact" : "likelihood";
    for (size_t i = 0; i < usual.n; i++) {
        Record *control;
        int64_t id;
        Value *cells = NEW_N(c->arena, Value, 4);
        TRY(record_load_raw(&control, c, model_need(c->model, "control_definition"),
                            usual.list[i].i));
        TRY(control_for(&id, d, all, usual.list[i].i, u, record_int(r, "process")));
        cells[RISK_CONTROL] = value_int(id);
        cells[RISK_CONTROL_KEY] = value_int(record_bool(control, "is_key"));
        cells[RISK_CONTROL_ACTS] = rcsa_text_value(acts);
        cells[RISK_CONTROL_WEIGHT] = value_int(1);
        rows[i] = (Value){.kind = V_LIST, .list = cells, .n = 4};
    }
    if (usual.n) record_set(r, "controls", (Value){.kind = V_ROWS, .list = rows, .n = usual.n});
    return OK;
}

static Err risk_create(Demo *d, Controls *all, const DemoRisk *row, const Record *definition,
                       const DemoUnit *u) {
    Ctx *c = d->c;
    Record *r = record_new(c, model_need(c->model, "risk"));
    r->unit = u->id;
    r->owner = rcsa_demo_upwards(d, u->id, true);
    record_set(r, "definition", value_int(definition->id));
    if (type_field(definition->type, S("processes")) && record_get(definition, "processes").n)
        record_set(r, "process", record_get(definition, "processes").list[0]);
    record_set(r, "response", rcsa_text_value(row->response));
    TRY(taxa_rows(c, r, "causes", row->causes));
    TRY(taxa_rows(c, r, "consequences", row->consequences));
    TRY(control_rows(r, d, all, definition, row, u));
    rcsa_demo_as(d, rcsa_demo_upwards(d, u->id, false));
    TRY(record_save(&r, c, r, "create"));
    rcsa_demo_as(d, d->analysts[(size_t)r->id % LENGTH(d->analysts)]);
    TRY(rcsa_demo_move(&r, d, "confirm", NULL));
    rcsa_demo_count(d, "risk", 1);
    return OK;
}

static Err risks_create(Demo *d) {
    Ctx *c = d->c;
    Controls *all = NEW(c->arena, Controls);
    for (const DemoRisk *row = rcsa_demo_risks; row->code; row++) {
        Record *definition;
        int64_t id;
        TRY(rcsa_find(&id, c, "risk_definition", row->code));
        if (!id) continue;
        TRY(record_load_raw(&definition, c, model_need(c->model, "risk_definition"), id));
        rcsa_demo_at(d, d->now - REGISTER_DAYS_AGO + (row - rcsa_demo_risks));
        for (int own = 1; own >= 0; own--) /* the unit that answers for it comes first */
            for (size_t i = 0; i < d->n_units; i++)
                if ((strcmp(row->unit, d->units[i].code) == 0) == own &&
                    rcsa_demo_stands(row, &d->units[i]))
                    TRY(risk_create(d, all, row, definition, &d->units[i]));
    }
    return OK;
}

/* ---- appetite ---- */

typedef struct AppetiteRow {
    const char *category, *statement;
    const char *levels[3]; /* NULL: an amount */
    int64_t amounts[3];    /* minor units of MAD, net loss of twelve months */
} AppetiteRow;
/* clang-format off */
static const AppetiteRow appetites[] = {
    {"RC1", "Aucune fraude interne n'est acceptée ; chaque cas est instruit.",                      {"1", "2", "3"}, {0}},
    {"RC2", "La fraude externe est contenue par des contrôles à la source.",                        {"2", "3", "4"}, {0}},
    {"RC3", "La santé et les droits des salariés passent avant le coût.",                           {"2", "3", "4"}, {0}},
    {"RC4", "Aucun manquement de conformité en connaissance de cause.",                             {"1", "2", "3"}, {0}},
    {"RC5", "Les sinistres sont assurés et les sites critiques doublés.",                           {"2", "3", "4"}, {0}},
    {"RC6", "L'indisponibilité d'un service critique reste exceptionnelle.",                        {"2", "3", "4"}, {0}},
    {"RC7", "L'erreur d'exécution est tolérée si elle est détectée et réparée le jour même.",       {"2", "3", "4"}, {0}},
    {"RC8", "Aucun prestataire essentiel sans plan de sortie.",                                     {"2", "3", "4"}, {0}},
    {"RC2", "Perte nette de fraude externe sur douze mois.",                                        {0}, {1500000000, 2500000000, 6000000000}},
    {"RC7", "Perte nette d'exécution sur douze mois.",                                              {0}, {2000000000, 3500000000, 8000000000}},
    {0}
};
/* clang-format on */

static Err appetite_create(Demo *d, const AppetiteRow *row) {
    static const char *const names[] = {"appetite", "tolerance", "capacity"};
    Ctx *c = d->c;
    int64_t category;
    Record *r = record_new(c, model_need(c->model, "appetite"));
    TRY(rcsa_find(&category, c, "taxon", row->category));
    if (!category) return OK;
    record_set(r, "title", rcsa_text_value(row->statement));
    record_set(r, "risk_category", value_int(category));
    record_set(r, "measure", rcsa_text_value(row->levels[0] ? "residual_level" : "net_year"));
    record_set(r, "valid_from", value_text(c->today));
    for (size_t i = 0; i < LENGTH(names); i++)
        if (row->levels[0])
            record_set(r, str_fmt(c->arena, "%s_level", names[i]).p,
                       rcsa_text_value(row->levels[i]));
        else
            record_set(r, str_fmt(c->arena, "%s_amount", names[i]).p,
                       value_money(row->amounts[i], S("MAD")));
    rcsa_demo_as(d, d->head_orm);
    TRY(record_save(&r, c, r, "create"));
    rcsa_demo_as(d, d->committee);
    TRY(rcsa_demo_move(&r, d, "approve", NULL));
    rcsa_demo_count(d, "appetite", 1);
    return OK;
}

Err rcsa_demo_register(Demo *d) {
    TRY(rcsa_seed_processes(d->c));
    TRY(risks_create(d));
    rcsa_demo_at(d, d->now - REGISTER_DAYS_AGO + 40);
    for (const AppetiteRow *row = appetites; row->category; row++) TRY(appetite_create(d, row));
    return OK;
}

/* ---- all of it ---- */

static Err live(Demo *d) {
    int64_t linked;
    TRY(rcsa_demo_register(d));
    rcsa_demo_at(d, d->now);
    rcsa_demo_as(d, 0);
    TRY(rcsa_link_by_pattern(&linked, d->c, date_text(d->c->arena, d->now - 1100)));
    rcsa_demo_count(d, "incident_risk", linked);
    return rcsa_demo_campaigns(d);
}

Err rcsa_demo(Ctx *c, uint64_t seed, int64_t scale, DemoReport *report) {
    Demo *d = NEW(c->arena, Demo);
    Actor *actor = c->actor;
    Str today = c->today;
    int64_t now_us = c->now_us;
    (void)seed;
    (void)scale;
    *d = (Demo){.c = c, .report = report, .real_now_us = now_us, .day = -1};
    CHECK(date_parse(&d->now, today), "today is no date");
    TRY(units_read(d));
    TRY(holders(d->analysts, LENGTH(d->analysts), c, "analyst"));
    TRY(holders(&d->head_orm, 1, c, "head_orm"));
    TRY(holders(&d->committee, 1, c, "committee"));
    TRY(holders(d->methodology, LENGTH(d->methodology), c, "methodology"));
    if (!d->n_units || !d->head_orm || !d->committee) return OK; /* no bank to live in */
    c->actor = NEW(c->arena, Actor);
    Err e = live(d);
    c->actor = actor;
    c->cache = NULL;
    c->today = today;
    c->now_us = now_us;
    return e;
}
