/* organisation_demo.c: puts the demonstration bank into an empty database: entities, units, people with one shared password, roles,
 * processes, exchange rates. As the system; the same tables give the same bank. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/secret.h"
#include "modules/organisation/demo_data.h"
#include "modules/organisation/organisation.h"

static const char since[] = "2016-01-01"; /* ten full years of incidents lie after it */

static Value text(const char *z) {
    return value_text(str_of(z));
}

static Err id_of(Value *out, Ctx *c, const char *type, const char *code) {
    int64_t id;
    *out = (Value){0};
    if (!code || !code[0]) return OK;
    TRY(ref_find(&id, c, model_need(c->model, type), str_of(code)));
    *out = value_int(id);
    return OK;
}

static void count(DemoReport *report, const char *type, int64_t n) {
    if (report->n < LENGTH(report->counts)) report->counts[report->n++] = (struct DemoCount){type, n};
}

static void names(Record *r, const char *fr, const char *en, const char *ar) {
    record_set(r, "name_fr", text(fr));
    record_set(r, "name_en", text(en));
    record_set(r, "name_ar", text(ar));
}

static Err put_entities(Ctx *c, DemoReport *report) {
    int64_t n = 0;
    for (const DemoEntity *e = demo_entities; e->code; e++, n++) {
        Record *r = record_new(c, model_need(c->model, "entity")), *saved;
        Value parent;
        TRY(id_of(&parent, c, "entity", e->parent));
        record_set(r, "code", text(e->code));
        names(r, e->fr, e->en, e->ar);
        record_set(r, "parent", parent);
        record_set(r, "currency", text(e->currency));
        record_set(r, "country", text(e->country));
        record_set(r, "regulator", text(e->regulator));
        record_set(r, "held", value_int(e->held * 100));
        record_set(r, "consolidation", text("full"));
        record_set(r, "valid_from", text(since));
        TRY(record_save(&saved, c, r, "create"));
    }
    count(report, "entity", n);
    return OK;
}

static Err put_units(Ctx *c, DemoReport *report) {
    int64_t n = 0;
    for (const DemoUnit *u = demo_units; u->code; u++, n++) {
        Record *r = record_new(c, model_need(c->model, "unit")), *saved;
        Value parent, entity;
        TRY(id_of(&parent, c, "unit", u->parent));
        TRY(id_of(&entity, c, "entity", u->entity));
        record_set(r, "code", text(u->code));
        names(r, u->fr, u->en, u->ar);
        record_set(r, "parent", parent);
        if (u->parent) record_set(r, "parent_since", text(since));
        record_set(r, "entity", entity);
        record_set(r, "kind", text(u->kind));
        record_set(r, "cost_centre", value_text(str_fmt(c->arena, "%d", (int)(1000 + 10 * n))));
        record_set(r, "valid_from", text(since));
        TRY(record_save(&saved, c, r, "create"));
    }
    count(report, "unit", n);
    return OK;
}

static Err put_person(Ctx *c, const DemoPerson *p, Str hash) {
    Record *r = record_new(c, model_need(c->model, "user")), *saved;
    Value unit;
    TRY(id_of(&unit, c, "unit", p->unit));
    record_set(r, "email", value_text(str_fmt(c->arena, "%s@tinmel.example", p->login)));
    record_set(r, "name", text(p->name));
    record_set(r, "name_ar", text(p->ar));
    record_set(r, "home_unit", unit);
    record_set(r, "job", text(p->job));
    record_set(r, "language", text(p->lang));
    record_set(r, "is_demo", value_int(1));
    record_set(r, "password_hash", value_text(hash));
    return record_save(&saved, c, r, "create");
}

static Err put_roles(Ctx *c, const DemoPerson *p, int64_t *n) {
    Str rest = str_of(p->roles), word;
    Value person;
    TRY(id_of(&person, c, "user", str_fmt(c->arena, "%s@tinmel.example", p->login).p));
    while (str_cut(&word, &rest, ' ')) {
        if (!word.n) continue;
        Str role, unit_code = word;
        str_cut(&role, &unit_code, '@');
        Record *r = record_new(c, model_need(c->model, "role_assignment")), *saved;
        Value unit;
        TRY(id_of(&unit, c, "unit", str_z(c->arena, unit_code)));
        record_set(r, "person", person);
        record_set(r, "role", value_text(str_copy(c->arena, role)));
        record_set(r, "in_unit", unit);
        record_set(r, "valid_from", text(since));
        TRY(record_save(&saved, c, r, "create"));
        (*n)++;
    }
    return OK;
}

static Err put_heads(Ctx *c, const DemoPerson *p) {
    Str rest = str_of(p->heads), word;
    Value person;
    TRY(id_of(&person, c, "user", str_fmt(c->arena, "%s@tinmel.example", p->login).p));
    while (str_cut(&word, &rest, ' ')) {
        if (!word.n) continue;
        bool is_correspondent = word.p[0] == '=';
        Record *unit, *saved;
        Value id;
        TRY(id_of(&id, c, "unit", str_z(c->arena, is_correspondent ? str_sub(word, 1, word.n) : word)));
        TRY(record_load_raw(&unit, c, model_need(c->model, "unit"), id.i));
        unit = record_clone(c, unit);
        record_set(unit, is_correspondent ? "correspondent" : "head", person);
        TRY(record_save(&saved, c, unit, "update"));
    }
    return OK;
}

static Err put_people(Ctx *c, DemoReport *report) {
    int64_t n = 0, roles = 0;
    Str hash;
    TRY(password_hash(&hash, c->arena, S("tinmel-demo-2026")));
    for (const DemoPerson *p = demo_people; p->login; p++, n++) {
        TRY(put_person(c, p, hash));
        TRY(put_roles(c, p, &roles));
    }
    for (const DemoPerson *p = demo_people; p->login; p++) TRY(put_heads(c, p));
    count(report, "user", n);
    count(report, "role_assignment", roles);
    return OK;
}

static Err put_processes(Ctx *c, DemoReport *report) {
    int64_t n = 0;
    const Type *t = model_need(c->model, "process");
    for (const DemoProcess *p = demo_processes; p->code; p++, n++) {
        Record *r, *saved, *unit;
        Value line, in_unit;
        int64_t id;
        Err e = ref_find(&id, c, t, str_of(p->code));
        if (e && e != ERR_MISSING) return e;
        r = record_new(c, t);
        if (!e) { /* patterns are shipped with processes of these codes */
            TRY(record_load_raw(&r, c, t, id));
            r = record_clone(c, r);
        }
        TRY(id_of(&line, c, "taxon", p->line));
        TRY(id_of(&in_unit, c, "unit", p->unit));
        TRY(record_load_raw(&unit, c, model_need(c->model, "unit"), in_unit.i));
        record_set(r, "code", text(p->code));
        names(r, p->fr, p->en, p->ar);
        record_set(r, "level", text("2"));
        record_set(r, "business_line", line);
        record_set(r, "in_unit", in_unit);
        record_set(r, "process_owner", record_get(unit, "head"));
        record_set(r, "critical", value_int(p->critical));
        TRY(record_save(&saved, c, r, e ? "create" : "update"));
    }
    count(report, "process", n);
    return OK;
}

static Err put_rates(Ctx *c, DemoReport *report) {
    static const struct { const char *currency; int64_t rate; } rates[] = {
        {"EUR", INT64_C(10800000000)}, {"USD", INT64_C(9600000000)}, {"XOF", INT64_C(16460000)}};
    int64_t n = 0, year;
    CHECK(str_to_int(&year, str_sub(c->today, 0, 4)), "today has no year");
    for (int64_t y = 2016; y <= year; y++)
        for (size_t i = 0; i < LENGTH(rates); i++, n++) {
            Record *r = record_new(c, model_need(c->model, "rate")), *saved;
            record_set(r, "currency", text(rates[i].currency));
            record_set(r, "against", text("MAD"));
            record_set(r, "day", value_text(str_fmt(c->arena, "%lld-01-01", (long long)y)));
            record_set(r, "rate", value_int(rates[i].rate));
            record_set(r, "source", text("Cours fixe de démonstration"));
            TRY(record_save(&saved, c, r, "create"));
        }
    count(report, "rate", n);
    return OK;
}

Err organisation_demo(Ctx *c, uint64_t seed, int64_t scale, DemoReport *report) {
    int64_t now = c->now_us, days;
    Str today = c->today;
    (void)seed; /* the bank is the same for every seed and scale; what happens in it is not */
    (void)scale;
    TRY(put_rates(c, report));
    CHECK(date_parse(&days, str_of(since)), "a date");
    c->today = str_of(since);
    c->now_us = days * INT64_C(86400000000) + INT64_C(28800000000);
    Err e = put_entities(c, report);
    if (!e) e = put_units(c, report);
    if (!e) e = put_people(c, report);
    if (!e) e = put_processes(c, report);
    c->now_us = now;
    c->today = today;
    return e;
}
