/* organisation_seed.c: puts the starting lists into a database. What is there stays as the bank
 * made it, also when it was retired: a second run changes nothing. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "modules/organisation/organisation.h"

static Err is_there(int64_t *out, Ctx *c, const Type *t, const char *code) {
    *out = 0;
    Err e = ref_find(out, c, t, str_of(code));
    if (e == ERR_MISSING) {
        *out = 0;
        return OK;
    }
    return e;
}

static void set_names(Record *r, const char *fr, const char *en, const char *ar) {
    record_set(r, "name_fr", value_text(str_of(fr)));
    record_set(r, "name_en", value_text(str_of(en)));
    record_set(r, "name_ar", value_text(str_of(ar)));
}

static Err seed_taxonomy(Ctx *c, const char *kind, const TaxonRow *rows) {
    const Type *t = model_need(c->model, "taxon");
    for (int64_t i = 0; rows[i].code; i++) {
        const TaxonRow *row = &rows[i];
        int64_t id, parent = 0;
        Record *done;
        TRY(is_there(&id, c, t, row->code));
        if (id) continue;
        if (row->parent) TRY(is_there(&parent, c, t, row->parent));
        Record *r = record_new(c, t);
        record_set(r, "kind", value_text(str_of(kind)));
        record_set(r, "code", value_text(str_of(row->code)));
        set_names(r, row->fr, row->en, row->ar);
        if (parent) record_set(r, "parent", value_int(parent));
        record_set(r, "position", value_int((i + 1) * 10));
        if (row->beta) record_set(r, "beta", value_int(row->beta));
        TRY(record_save(&done, c, r, "create"));
    }
    return OK;
}

static Err seed_setting(Ctx *c, const SettingRow *row) {
    const Type *t = model_need(c->model, "setting");
    int64_t id;
    Record *done;
    TRY(is_there(&id, c, t, row->code));
    if (id) return OK;
    Record *r = record_new(c, t);
    record_set(r, "code", value_text(str_of(row->code)));
    set_names(r, row->fr, row->en, row->ar);
    if (row->value) record_set(r, "value", value_text(str_of(row->value)));
    if (row->currency) record_set(r, "amount", value_money(row->amount, str_of(row->currency)));
    record_set(r, "source", value_text(str_of(row->source)));
    return record_save(&done, c, r, "create");
}

static Err seed_limit(Ctx *c, const LimitRow *row) {
    const Type *t = model_need(c->model, "approval_limit");
    Records found;
    Record *done;
    TRY(record_where(&found, c, t, "role", value_text(str_of(row->role)), 100));
    for (size_t i = 0; i < found.n; i++)
        if (str_is(record_text(found.items[i], "measure"), row->measure)) return OK;
    Record *r = record_new(c, t);
    record_set(r, "role", value_text(str_of(row->role)));
    record_set(r, "measure", value_text(str_of(row->measure)));
    if (row->up_to) record_set(r, "up_to", value_money(row->up_to, S("MAD")));
    return record_save(&done, c, r, "create");
}

Err organisation_seed(Ctx *c) {
    static const TaxonTable tables[] = {{"event_type", taxa_event_type},
                                        {"business_line", taxa_business_line},
                                        {"cause", taxa_cause},
                                        {"consequence", taxa_consequence},
                                        {"risk_category", taxa_risk_category}};
    for (size_t i = 0; i < LENGTH(tables); i++)
        TRY(seed_taxonomy(c, tables[i].kind, tables[i].rows));
    for (size_t i = 0; seed_settings[i].code; i++) TRY(seed_setting(c, &seed_settings[i]));
    for (size_t i = 0; seed_limits[i].role; i++) TRY(seed_limit(c, &seed_limits[i]));
    return OK;
}
