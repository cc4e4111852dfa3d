/* cache.h: what a context remembers while it lives: names, trees, rights, unit sets. Internal to
 * model/. It is one actor's: another Actor in the context gets a new one by itself; a committed
 * change of the organisation needs a new context (or c->cache = NULL). SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef MODEL_CACHE_H
#define MODEL_CACHE_H

#include "model/record.h"

enum { CACHE_REFS = 512, CACHE_OPS = 5 };

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
    const int64_t *ids;
    size_t n;
    CacheUnits *next;
};
typedef struct Cache {
    const Actor *actor;
    bool is_system;
    CacheRef *refs[CACHE_REFS];
    CacheParent *parents[CACHE_REFS];
    CacheTree *trees;
    CacheUnits *units;
    const struct Access **access; /* type x operation */
    size_t n_types;
} Cache;

Cache *cache_of(Ctx *c);
/* "INC-2026-00042" to year and sequence. */
bool ref_number(int64_t *year, int64_t *seq, const Type *t, Str number);

#endif
