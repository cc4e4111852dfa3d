/* names.h: what hardly changes, kept for all requests of a base: names and trees of lists that
 * everybody may read (units, people, taxa), who holds which roles, and which units lie below one.
 * Each save of such a type, of a role assignment or a delegation raises the number in
 * `name_version` in its own transaction; what is kept holds for one number, so a snapshot never
 * sees the state of another, on any node. Writing transactions read all of it themselves. Internal
 * to model/. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H

#include "model/cache.h"

extern const DbTable names_tables[];
extern const size_t names_n_tables;

/* What is kept of the state that the reading transaction of c sees; NULL in a writing one, and for
 * types that not everybody may read. Valid as long as the arena of c's cache. */
Err names_of(NameTable **out, Ctx *c, const Type *t) MUST;
Err names_now(NameTable **out, Ctx *c) MUST; /* the same whatever the type */
/* The number as a part of another statement of c's transaction, which then tells it: so it costs no
 * statement of its own. */
void names_tell(Ctx *c, int64_t number);
#define NAMES_NUMBER "(SELECT n FROM name_version WHERE id = 1)"
bool names_find(RefName *out, NameTable *k, const Type *t, int64_t id, Lang lang);
void names_keep(NameTable *k, const Type *t, RefName name, Lang lang);
bool names_find_tree(const TreeItem **out, size_t *n, NameTable *k, const Type *t, Str kind,
                     Lang lang);
void names_keep_tree(NameTable *k, const Type *t, Str kind, Lang lang, const TreeItem *items,
                     size_t n);
/* A person who may sign in, with the roles of that day: own and delegated. */
typedef struct Person {
    int64_t id, unit;
    Str day, email, name, name_ar, language;
    const ActorRole *roles;
    size_t n_roles;
} Person;
const Person *names_find_person(NameTable *k, int64_t id, Str day);
void names_keep_person(NameTable *k, const Person *person);
/* Sorted ids of the units at or below one on a day. */
bool names_find_units(const int64_t **out, size_t *n, NameTable *k, int64_t unit, Str day);
void names_keep_units(NameTable *k, int64_t unit, Str day, const int64_t *ids, size_t n);
/* In the transaction of a change to a record of the type. */
Err names_changed(Ctx *c, const Type *t) MUST;

#endif
