/* names.h: names and trees of lists that everybody may read (units, people, taxa), kept for all
 * requests of a base. Each save of such a type raises the number in `name_version` in its own
 * transaction; what is kept holds for one number, so a snapshot never sees names of another state.
 * Nothing that depends on the reader is here, but the language. Internal to model/.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H

#include "model/cache.h"

extern const DbTable names_tables[];
extern const size_t names_n_tables;

/* What is kept of the state that the reading transaction of c sees; NULL in a writing one, and for
 * types that not everybody may read. Valid as long as the arena of c's cache. */
Err names_of(NameTable **out, Ctx *c, const Type *t) MUST;
bool names_find(RefName *out, NameTable *k, const Type *t, int64_t id, Lang lang);
void names_keep(NameTable *k, const Type *t, RefName name, Lang lang);
bool names_find_tree(const TreeItem **out, size_t *n, NameTable *k, const Type *t, Str kind,
                     Lang lang);
void names_keep_tree(NameTable *k, const Type *t, Str kind, Lang lang, const TreeItem *items,
                     size_t n);
/* In the transaction of a change to a record of the type. */
Err names_changed(Ctx *c, const Type *t) MUST;

#endif
