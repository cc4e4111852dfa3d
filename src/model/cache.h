/* cache.h: what a context remembers while it lives: names, trees, rights, unit sets, reference
 * data. Internal to model/. Another Actor in the context gets names and rights of their own by
 * itself; a committed change of the organisation needs a new context (or c->cache = NULL).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_CACHE_H
#define MODEL_CACHE_H

#include "model/record.h"

enum { CACHE_MEMOS = 64, CACHE_REFS = 512, CACHE_RATES = 128, CACHE_OPS = OP_COUNT };

typedef struct CacheRef CacheRef;
struct CacheRef {
    const Type *type;
    RefName name; /* as stored; is_hidden: from this actor */
    Lang lang;
    CacheRef *next;
};
typedef struct CacheParent CacheParent;
struct CacheParent {
    const Type *type;
    int64_t id, parent;
    CacheParent *next;
};
typedef struct CacheTree CacheTree;
struct CacheTree {
    const Type *type;
    Str kind;
    Lang lang;
    const TreeItem *items;
    size_t n;
    CacheTree *next;
};
typedef struct CacheUnits CacheUnits;
struct CacheUnits {
    int64_t unit;
    Str day;
    const int64_t *ids;
    size_t n;
    CacheUnits *next;
};
/* What a code leads to; only what was found, and only for codes that never change. */
typedef struct CacheKey CacheKey;
struct CacheKey {
    const Type *type;
    Str key;
    int64_t id;
    CacheKey *next;
};
typedef struct CacheRecord CacheRecord;
struct CacheRecord {
    const Type *type;
    const Record *record;
    CacheRecord *next;
};
typedef struct CacheWhere CacheWhere;
struct CacheWhere {
    const Type *type;
    const char *field;
    int64_t value;
    size_t limit;
    Records found;
    CacheWhere *next;
};
/* What a layer above the engine remembers, see ctx_memo. */
typedef struct CacheMemo CacheMemo;
struct CacheMemo {
    const void *owner;
    int64_t id;
    const char *types;
    void *value;
    CacheMemo *next;
};
typedef struct CacheRate CacheRate;
struct CacheRate {
    Str from, to, on_day;
    int64_t rate9;
    Str day, source;
    Err err;
    CacheRate *next;
};
typedef struct NameTable NameTable; /* names.h */
typedef struct Cache {
    Arena *arena;     /* what is remembered lives here */
    NameTable *names; /* shared with other requests; NULL: not asked for yet */
    CacheRef *refs[CACHE_REFS];
    CacheParent *parents[CACHE_REFS];
    CacheTree *trees;
    CacheUnits *units;
    CacheKey *keys[CACHE_REFS];
    CacheRecord *records[CACHE_REFS];
    CacheWhere *wheres;
    CacheMemo *memos[CACHE_MEMOS];
    CacheRate *rates[CACHE_RATES];
    bool *seen; /* by type: something of it is in records, wheres, memos or rates */
    const struct Access **access; /* type x operation, of the actor below */
    size_t n_types;
    const Actor *actor;
    /* The actor's roles, a bit each: held everywhere, in a unit, in person. */
    uint64_t everywhere, in_unit, in_person;
    int64_t user;
    const ActorRole *roles;
    size_t n_roles;
    bool is_system, is_read_only;
} Cache;

Cache *cache_of(Ctx *c);
static inline size_t cache_hash(const Type *t, int64_t id) {
    return (size_t)id * 31u + (size_t)t->index;
}
static inline size_t cache_slot(const Type *t, int64_t id) {
    return cache_hash(t, id) % CACHE_REFS;
}
/* What was read of a type is no longer so. */
void cache_forget(Ctx *c, const Type *t);
void cache_saw(Ctx *c, Cache *k, const char *type); /* something of the type was remembered */
/* " r WHERE " is followed by the condition on key or number; false: no record can have it. */
bool ref_where(Sql *s, Ctx *c, const Type *t, Str key);
/* "INC-2026-00042" to year and sequence. */
bool ref_number(int64_t *year, int64_t *seq, const Type *t, Str number);

#endif
