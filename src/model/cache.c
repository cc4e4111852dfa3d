/* cache.c: reference data read once a context: patterns, units, entities, settings, rates. A save
 * of a type forgets what was read of it, so a context always sees its own changes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/cache.h"

static bool is_of(const Cache *k, const Actor *a) {
    return k->actor == a && k->user == a->user && k->is_system == a->is_system &&
           k->roles == a->roles && k->n_roles == a->n_roles && k->is_read_only == a->is_read_only;
}

/* Rights, and the names and trees that follow them. */
static void rights_forget(Cache *k, const Model *m, const Actor *a) {
    k->everywhere = k->in_unit = k->in_person = 0;
    for (size_t i = 0; i < a->n_roles; i++)
        for (size_t r = 0; r < m->n_roles; r++) {
            if (m->roles[r] != a->roles[i].role) continue;
            *(a->roles[i].unit ? &k->in_unit : &k->everywhere) |= UINT64_C(1) << r;
            if (!a->roles[i].for_user) k->in_person |= UINT64_C(1) << r;
        }
    memset(k->access, 0, k->n_types * CACHE_OPS * sizeof *k->access);
    memset(k->refs, 0, sizeof k->refs);
    k->trees = NULL;
    k->actor = a;
    k->user = a->user;
    k->is_system = a->is_system;
    k->roles = a->roles;
    k->n_roles = a->n_roles;
    k->is_read_only = a->is_read_only;
}

Cache *cache_of(Ctx *c) {
    Cache *k = c->cache;
    if (!k) {
        k = NEW(c->keep ? c->keep : c->arena, Cache);
        k->arena = c->keep ? c->keep : c->arena;
        k->n_types = c->model->n_types;
        k->access = NEW_N(k->arena, const struct Access *, k->n_types *CACHE_OPS);
        k->seen = NEW_N(k->arena, bool, k->n_types);
        rights_forget(k, c->model, c->actor);
        c->cache = k;
    }
    if (!is_of(k, c->actor)) rights_forget(k, c->model, c->actor);
    return k;
}

void cache_forget(Ctx *c, const Type *t) {
    Cache *k = c->cache;
    if (!k || !k->seen[t->index]) return;
    k->seen[t->index] = false;
    memset(k->keys, 0, sizeof k->keys);
    for (size_t i = 0; i < CACHE_REFS; i++)
        for (CacheRecord **at = &k->records[i]; *at;)
            if ((*at)->type == t)
                *at = (*at)->next;
            else
                at = &(*at)->next;
    for (CacheWhere **at = &k->wheres; *at;)
        if ((*at)->type == t)
            *at = (*at)->next;
        else
            at = &(*at)->next;
    for (size_t i = 0; i < CACHE_MEMOS; i++)
        for (CacheMemo **at = &k->memos[i]; *at;)
            if (word_in((*at)->types, str_of(t->name)))
                *at = (*at)->next;
            else
                at = &(*at)->next;
    if (strcmp(t->name, "rate") == 0) memset(k->rates, 0, sizeof k->rates);
}

void cache_saw(Ctx *c, Cache *k, const char *type) {
    const Type *t = model_type(c->model, str_of(type));
    if (t) k->seen[t->index] = true;
}

/* ---- records ---- */

Err record_shared(const Record **out, Ctx *c, const Type *t, int64_t id) {
    Cache *k = cache_of(c);
    Record *r;
    if (c->as_of.n) {
        Err e = record_load_raw(&r, c, t, id);
        *out = r;
        if (e != ERR_MISSING) return e;
        Str day = c->as_of; /* written down later than what names it: as it is now */
        c->as_of = (Str){0};
        e = record_load_raw(&r, c, t, id);
        c->as_of = day;
        *out = r;
        return e;
    }
    CacheRecord **slot = &k->records[cache_slot(t, id)];
    for (CacheRecord *e = *slot; e; e = e->next)
        if (e->type == t && e->record->id == id) {
            *out = e->record;
            return OK;
        }
    Arena *own = c->arena;
    c->arena = k->arena;
    Err err = record_load_raw(&r, c, t, id);
    c->arena = own;
    if (err) return err;
    CacheRecord *e = NEW(k->arena, CacheRecord);
    *e = (CacheRecord){.type = t, .record = r, .next = *slot};
    *slot = e;
    k->seen[t->index] = true;
    *out = r;
    return OK;
}

Err record_shared_where(Records *out, Ctx *c, const Type *t, const char *field, int64_t value,
                        size_t limit) {
    Cache *k = cache_of(c);
    if (c->as_of.n) return record_where(out, c, t, field, value_int(value), limit);
    for (CacheWhere *e = k->wheres; e; e = e->next)
        if (e->type == t && e->value == value && e->limit == limit &&
            strcmp(e->field, field) == 0) {
            *out = e->found;
            return OK;
        }
    Arena *own = c->arena;
    c->arena = k->arena;
    Err err = record_where(out, c, t, field, value_int(value), limit);
    c->arena = own;
    if (err) return err;
    CacheWhere *e = NEW(k->arena, CacheWhere);
    *e = (CacheWhere){.type = t,
                      .field = type_need(t, field)->name,
                      .value = value,
                      .limit = limit,
                      .found = *out,
                      .next = k->wheres};
    k->wheres = e;
    k->seen[t->index] = true;
    return OK;
}

/* ---- of other layers ---- */

void *ctx_memo(bool *is_new, Arena **arena, Ctx *c, const void *owner, int64_t id,
               const char *types, size_t size) {
    Cache *k = cache_of(c);
    Str rest = str_of(types), word;
    *arena = k->arena;
    *is_new = false;
    CacheMemo **slot = &k->memos[((uintptr_t)owner / 8 + (size_t)id * 31u) % CACHE_MEMOS];
    for (CacheMemo *e = *slot; e; e = e->next)
        if (e->owner == owner && e->id == id) return e->value;
    *is_new = true;
    CacheMemo *e = NEW(k->arena, CacheMemo);
    *e = (CacheMemo){.owner = owner,
                     .id = id,
                     .types = types,
                     .value = arena_alloc(k->arena, size),
                     .next = *slot};
    *slot = e;
    while (rest.n && str_cut(&word, &rest, ' ')) cache_saw(c, k, str_z(c->arena, word));
    return e->value;
}
