/* organisation_demo.c: puts the demonstration bank into an empty database: companies, units, people
 * with their roles, processes and rates. Everything is dated from the fixed beginning below, the
 * same at each run; only the password's salt differs. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/organisation/organisation.h"

#include "base/clock.h"
#include "base/secret.h"
#include "work/calendar.h"

#define DEMO_START "2016-01-01"
#define DEMO_HOLIDAYS "2015-12-15"
#define DEMO_MOVE "2023-01-01" /* information security leaves IT for the risk direction */

typedef struct Demo {
    Ctx *c;
    DemoReport *report;
    int64_t at; /* instant of the next record */
} Demo;

static void count(DemoReport *report, const char *type) {
    size_t i = 0;
    while (i < report->n && strcmp(report->counts[i].type, type) != 0) i++;
    if (i == LENGTH(report->counts)) return;
    if (i == report->n) report->counts[report->n++].type = type;
    report->counts[i].n++;
}

/* The day on which the next records are written, from 06:00 on, a second apart. */
static Err set_day(Demo *d, const char *day) {
    int64_t days;
    if (!date_parse(&days, str_of(day))) return ERR_INTERNAL;
    d->at = (days * 24 + 6) * INT64_C(3600000000);
    return OK;
}

static Err save(int64_t *out, Demo *d, Record *r, const char *action) {
    Record *done;
    Ctx *c = d->c;
    d->at += 1000000;
    ctx_at(c, d->at);
    if (!r->id) count(d->report, r->type->name);
    TRY(record_save(&done, c, r, action));
    *out = done->id;
    return OK;
}

static Err save_for(int64_t *out, void *demo, Record *r, const char *action) {
    return save(out, demo, r, action);
}

static Record *fresh(Demo *d, const char *type) {
    return record_new(d->c, model_need(d->c->model, type));
}

static void put(Record *r, const char *field, const char *text) {
    if (text) record_set(r, field, value_text(str_of(text)));
}

static void put_id(Record *r, const char *field, int64_t id) {
    if (id) record_set(r, field, value_int(id));
}

static void put_names(Record *r, const char *code, const char *fr, const char *en, const char *ar) {
    put(r, "code", code);
    put(r, "name_fr", fr);
    put(r, "name_en", en);
    put(r, "name_ar", ar);
}

/* 0 for NULL; a code that is not there is a mistake of the tables. */
static Err id_of(int64_t *out, Demo *d, const char *type, const char *code) {
    *out = 0;
    if (!code) return OK;
    return ref_find(out, d->c, model_need(d->c->model, type), str_of(code));
}

static Err user_of(int64_t *out, Demo *d, const char *name) {
    *out = 0;
    if (!name) return OK;
    return ref_find(out, d->c, model_need(d->c->model, "user"),
                    str_fmt(d->c->arena, "%s%s", name, DEMO_MAIL));
}

/* ---- companies and units ---- */

static Err make_entities(Demo *d) {
    int64_t top = 0, id;
    for (size_t i = 0; demo_entities[i].code; i++) {
        const EntityRow *row = &demo_entities[i];
        Record *r = fresh(d, "entity");
        put_names(r, row->code, row->fr, row->en, row->ar);
        put(r, "currency", row->currency);
        put(r, "country", row->country);
        put(r, "regulator", row->regulator);
        put(r, "consolidation", "full");
        put(r, "valid_from", DEMO_START);
        put_id(r, "parent", top);
        if (row->held) record_set(r, "held", value_int(row->held));
        TRY(save(&id, d, r, "create"));
        if (!top) top = id;
    }
    return OK;
}

static Err make_units(Demo *d) {
    for (size_t i = 0; demo_units[i].code; i++) {
        const UnitRow *row = &demo_units[i];
        int64_t parent, entity, line, id;
        Record *r = fresh(d, "unit");
        TRY(id_of(&parent, d, "unit", row->parent));
        TRY(id_of(&entity, d, "entity", row->entity));
        TRY(id_of(&line, d, "taxon", row->line));
        put_names(r, row->code, row->fr, row->en, row->ar);
        put(r, "kind", row->kind);
        put(r, "parent_since", DEMO_START);
        put(r, "valid_from", DEMO_START);
        put_id(r, "parent", parent);
        put_id(r, "entity", entity);
        put_id(r, "business_line", line);
        TRY(organisation_demo_lines(d->c, r));
        TRY(save(&id, d, r, "create"));
    }
    return OK;
}

static Err change_unit(Record **out, Demo *d, const char *code) {
    int64_t id;
    Record *r;
    TRY(id_of(&id, d, "unit", code));
    TRY(record_load_raw(&r, d->c, model_need(d->c->model, "unit"), id));
    *out = record_clone(d->c, r);
    return OK;
}

/* People need a unit and units need people: heads are named once both are there. */
static Err name_heads(Demo *d) {
    for (size_t i = 0; demo_units[i].code; i++) {
        int64_t head, correspondent, id;
        Record *r;
        TRY(change_unit(&r, d, demo_units[i].code));
        TRY(user_of(&head, d, demo_units[i].head));
        TRY(user_of(&correspondent, d, demo_units[i].correspondent));
        put_id(r, "head", head);
        put_id(r, "correspondent", correspondent);
        TRY(save(&id, d, r, "update"));
    }
    return OK;
}

static Err move_security(Demo *d) {
    int64_t parent, id;
    Record *r;
    TRY(set_day(d, DEMO_MOVE));
    TRY(change_unit(&r, d, "SSI"));
    TRY(id_of(&parent, d, "unit", "RSK"));
    put_id(r, "parent", parent);
    put(r, "parent_since", DEMO_MOVE);
    return save(&id, d, r, "update");
}

/* ---- people ---- */

static Err make_people(Demo *d) {
    Str hash;
    TRY(password_hash(&hash, d->c->arena, S(DEMO_PASSWORD)));
    for (size_t i = 0; demo_people[i].email; i++) {
        const PersonRow *row = &demo_people[i];
        int64_t unit, id;
        Record *r = fresh(d, "user");
        TRY(id_of(&unit, d, "unit", row->unit));
        record_set(r, "email", value_text(str_fmt(d->c->arena, "%s%s", row->email, DEMO_MAIL)));
        put(r, "name", row->name);
        put(r, "name_ar", row->ar);
        put(r, "job", row->job);
        put(r, "language", row->lang);
        put_id(r, "home_unit", unit);
        record_set(r, "is_demo", value_int(1));
        record_set(r, "password_hash", value_text(hash));
        TRY(save(&id, d, r, "create"));
    }
    return OK;
}

static Err assign(Demo *d, int64_t person, Str role, Str unit) {
    int64_t in_unit = 0, id;
    Record *r = fresh(d, "role_assignment");
    if (unit.n) TRY(id_of(&in_unit, d, "unit", str_z(d->c->arena, unit)));
    put_id(r, "person", person);
    record_set(r, "role", value_text(role));
    put_id(r, "in_unit", in_unit);
    put(r, "valid_from", DEMO_START);
    return save(&id, d, r, "create");
}

static Err make_roles(Demo *d) {
    for (size_t i = 0; demo_people[i].email; i++) {
        int64_t person;
        Str rest = str_of(demo_people[i].roles), word, role;
        TRY(user_of(&person, d, demo_people[i].email));
        while (rest.n && str_cut(&word, &rest, ' ')) {
            str_cut(&role, &word, '@');
            TRY(assign(d, person, role, word));
        }
    }
    return OK;
}

/* The regional director is away for two weeks around the day of the demonstration. */
static Err make_delegation(Demo *d, int64_t today) {
    int64_t from, to, id;
    Arena *a = d->c->arena;
    Record *r = fresh(d, "delegation");
    TRY(user_of(&from, d, "said.boukhari"));
    TRY(user_of(&to, d, "nawal.cherkaoui"));
    put_id(r, "from_user", from);
    put_id(r, "to_user", to);
    put(r, "role", "unit_head");
    record_set(r, "valid_from", value_text(date_text(a, today - 3)));
    record_set(r, "valid_until", value_text(date_text(a, today + 11)));
    put(r, "why", "Congé annuel du directeur régional");
    TRY(set_day(d, str_z(a, date_text(a, today - 5))));
    return save(&id, d, r, "create");
}

/* ---- processes and rates ---- */

static void put_list(Record *r, Ctx *c, const char *field, const char *commas) {
    bool ok;
    if (!commas) return;
    Value v = field_from_text(c, type_need(r->type, field), str_of(commas), &ok);
    CHECK(ok, "a demonstration list has an unknown choice");
    record_set(r, field, v);
}

static Err make_processes(Demo *d) {
    for (size_t i = 0; demo_processes[i].code; i++) {
        const ProcessRow *row = &demo_processes[i];
        int64_t unit, owner, line, id;
        Record *r = fresh(d, "process");
        TRY(id_of(&unit, d, "unit", row->unit));
        TRY(user_of(&owner, d, row->owner));
        TRY(id_of(&line, d, "taxon", row->line));
        put_names(r, row->code, row->fr, row->en, row->ar);
        put_id(r, "in_unit", unit);
        put_id(r, "process_owner", owner);
        put_id(r, "business_line", line);
        record_set(r, "critical", value_int(row->is_critical));
        record_set(r, "volume", value_int(row->volume));
        put_list(r, d->c, "channels", row->channels);
        put(r, "systems", row->systems);
        put(r, "third_parties", row->third_parties);
        organisation_demo_links(d->c, r);
        TRY(save(&id, d, r, "create"));
    }
    return OK;
}

static Err make_rates(Demo *d, int last_year) {
    static const struct {
        const char *currency;
        int64_t rate9;
    } rates[] = {{"EUR", INT64_C(10800000000)}, {"USD", INT64_C(9600000000)}, {"XOF", 16460000}};
    for (int year = 2016; year <= last_year; year++) {
        Str day = str_fmt(d->c->arena, "%04d-01-01", year);
        TRY(set_day(d, day.p));
        for (size_t i = 0; i < LENGTH(rates); i++) {
            int64_t id;
            Record *r = fresh(d, "rate");
            put(r, "currency", rates[i].currency);
            put(r, "against", "MAD");
            record_set(r, "day", value_text(day));
            record_set(r, "rate", value_int(rates[i].rate9));
            put(r, "source", "Taux fixe de démonstration");
            TRY(save(&id, d, r, "create"));
        }
    }
    return OK;
}

/* ---- objectives ---- */

/* "-1-07-01": 1 July of the year before the demonstration's. */
static Str day_of(Demo *d, int year, const char *words) {
    bool before = words[0] == '-';
    return str_fmt(d->c->arena, "%04d%s", before ? year - 1 : year, words + (before ? 2 : 1));
}

/* Proposed by the organisation officer, approved by the committee: the rows are the outcome. */
static Err make_objectives(Demo *d, int year) {
    TRY(set_day(d, str_z(d->c->arena, day_of(d, year, "-1-12-15"))));
    for (size_t i = 0; demo_objectives[i].code; i++) {
        const ObjectiveRow *row = &demo_objectives[i];
        int64_t parent, id;
        Record *r = fresh(d, "objective");
        TRY(id_of(&parent, d, "objective", row->parent));
        TRY(id_of(&r->unit, d, "unit", row->unit));
        TRY(user_of(&r->owner, d, row->owner));
        put_names(r, row->code, row->fr, row->en, row->ar);
        put_id(r, "parent", parent);
        put(r, "axis", row->axis);
        put(r, "measure", row->measure);
        record_set(r, "baseline", value_int(row->baseline));
        record_set(r, "target", value_int(row->target));
        record_set(r, "begins_on", value_text(day_of(d, year, row->begins)));
        record_set(r, "due_on", value_text(day_of(d, year, row->due)));
        r->state = type_state(r->type, S("active"));
        TRY(save(&id, d, r, "create"));
    }
    return OK;
}

static Err make_holidays(Demo *d) {
    size_t made;
    TRY(set_day(d, DEMO_HOLIDAYS));
    ctx_at(d->c, d->at);
    TRY(calendar_demo(d->c, &made));
    for (size_t i = 0; i < made; i++) count(d->report, "holiday");
    return OK;
}

static Err make_bank(Demo *d, int64_t today) {
    int year, month, day;
    date_from_days(&year, &month, &day, today);
    TRY(make_holidays(d));
    TRY(set_day(d, DEMO_START));
    TRY(make_entities(d));
    TRY(make_units(d));
    TRY(make_people(d));
    TRY(name_heads(d));
    TRY(make_roles(d));
    TRY(organisation_demo_structure(d->c, save_for, d));
    TRY(make_processes(d));
    TRY(make_rates(d, year));
    TRY(make_objectives(d, year));
    TRY(organisation_demo_maps(d->c, save_for, d, year));
    TRY(move_security(d));
    return make_delegation(d, today);
}

/* A bank that is there already stays as it is: the demonstration is made once. */
Err organisation_demo(Ctx *c, uint64_t seed, int64_t scale, DemoReport *report) {
    Demo d = {.c = c, .report = report};
    int64_t now = c->now_us, days, id;
    Str today = c->today;
    (void)seed;
    (void)scale;
    Err e = ref_find(&id, c, model_need(c->model, "entity"), str_of(demo_entities[0].code));
    if (e != ERR_MISSING) return e;
    if (!date_parse(&days, today)) return ERR_INTERNAL;
    e = make_bank(&d, days);
    c->now_us = now;
    c->today = today;
    c->cache = NULL;
    return e;
}
