/* rcsa_seed.c: puts the libraries of risks and controls into a database. What is there stays as the
 * bank made it, also when it was retired: a second run changes nothing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_seed.h"

static void put(Record *r, const char *field, const char *text) {
    if (text && type_field(r->type, str_of(field))) record_set(r, field, rcsa_text_value(text));
}

/* "C01 C02" as references; what does not exist (yet) is left out. */
static Err put_refs(Ctx *c, Record *r, const char *field, const char *type, const char *codes) {
    Value *items = NEW_N(c->arena, Value, 20);
    size_t n = 0;
    Str rest = str_of(codes), word;
    if (!codes || !type_field(r->type, str_of(field))) return OK;
    while (n < 20 && str_cut(&word, &rest, ' ')) {
        int64_t id;
        TRY(rcsa_find(&id, c, type, str_z(c->arena, word)));
        if (id) items[n++] = value_int(id);
    }
    if (n) record_set(r, field, (Value){.kind = V_LIST, .list = items, .n = n});
    return OK;
}

static Err put_taxon(Ctx *c, Record *r, const char *field, const char *code) {
    int64_t id;
    TRY(rcsa_find(&id, c, "taxon", code));
    if (id) record_set(r, field, value_int(id));
    return OK;
}

static Err seed_control(Ctx *c, const RcsaControlRow *row) {
    int64_t id;
    Record *saved, *r = record_new(c, model_need(c->model, "control_definition"));
    TRY(rcsa_find(&id, c, "control_definition", row->code));
    if (id) return OK;
    put(r, "code", row->code);
    put(r, "name_fr", row->fr);
    put(r, "name_en", row->en);
    put(r, "name_ar", row->ar);
    put(r, "objective_fr", row->aim_fr);
    put(r, "objective_en", row->aim_en);
    put(r, "objective_ar", row->aim_ar);
    put(r, "kind", row->kind);
    put(r, "nature", row->is_automated ? "automated" : "manual");
    put(r, "frequency", row->frequency);
    put(r, "level", row->level);
    record_set(r, "is_key", value_int(row->is_key));
    return record_save(&saved, c, r, "seed");
}

static Err seed_risk(Ctx *c, const RcsaRiskRow *row) {
    int64_t id;
    Record *saved, *r = record_new(c, model_need(c->model, "risk_definition"));
    TRY(rcsa_find(&id, c, "risk_definition", row->code));
    if (id) return OK;
    put(r, "code", row->code);
    put(r, "name_fr", row->fr[0]);
    put(r, "cause_fr", row->fr[1]);
    put(r, "event_fr", row->fr[2]);
    put(r, "effect_fr", row->fr[3]);
    put(r, "name_en", row->en[0]);
    put(r, "cause_en", row->en[1]);
    put(r, "event_en", row->en[2]);
    put(r, "effect_en", row->en[3]);
    put(r, "name_ar", row->ar[0]);
    put(r, "cause_ar", row->ar[1]);
    put(r, "event_ar", row->ar[2]);
    put(r, "effect_ar", row->ar[3]);
    put(r, "sector", row->sector);
    put(r, "indicators", row->indicators);
    record_set(r, "is_scenario", value_int(row->is_scenario));
    TRY(put_taxon(c, r, "risk_category", row->category));
    TRY(put_taxon(c, r, "event_type", row->event_type));
    TRY(put_taxon(c, r, "business_line", row->business_line));
    TRY(put_refs(c, r, "controls", "control_definition", row->controls));
    TRY(put_refs(c, r, "patterns", "pattern", row->patterns));
    TRY(put_refs(c, r, "processes", "process", row->processes));
    return record_save(&saved, c, r, "seed");
}

/* The lists of other modules that the library points to come first, whatever the order of seeds. */
static Err seeds_before(Ctx *c) {
    int64_t taxon;
    TRY(rcsa_find(&taxon, c, "taxon", "RC1"));
    for (size_t i = 0; !taxon && all_modules[i]; i++)
        if (all_modules[i]->seed && all_modules[i]->demo_order > 0 &&
            all_modules[i]->demo_order < RCSA_ORDER)
            TRY(all_modules[i]->seed(c));
    return OK;
}

Err rcsa_seed(Ctx *c) {
    TRY(seeds_before(c));
    for (const RcsaControlRow *row = rcsa_seed_controls; row->code; row++)
        TRY(seed_control(c, row));
    for (const RcsaRiskRow *row = rcsa_seed_risks; row->code; row++) TRY(seed_risk(c, row));
    TRY(rcsa_seed_settings(c));
    return rcsa_seed_methods(c);
}

/* The bank's processes come later than the shipped library: links those that are found by code. */
Err rcsa_seed_processes(Ctx *c) {
    const Type *t = model_need(c->model, "risk_definition");
    for (const RcsaRiskRow *row = rcsa_seed_risks; row->code; row++) {
        int64_t id;
        Record *r, *saved;
        if (!type_field(t, S("processes"))) return OK;
        TRY(rcsa_find(&id, c, "risk_definition", row->code));
        if (!id) continue;
        TRY(record_load_raw(&r, c, t, id));
        if (!rcsa_is_empty(r, "processes")) continue;
        r = record_clone(c, r);
        TRY(put_refs(c, r, "processes", "process", row->processes));
        TRY(record_save(&saved, c, r, "seed"));
    }
    return OK;
}
