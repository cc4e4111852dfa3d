/* saved_view.h: a person's named list addresses, shown as tabs. Not part of the history: they
 * change no business data. Table saved_view(id, person, type, name, query).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_SAVED_VIEW_H
#define MODEL_SAVED_VIEW_H

#include "model/ctx.h"

extern const DbTable saved_view_tables[];
extern const size_t saved_view_n_tables;

typedef struct SavedView {
    int64_t id;
    Str name, query; /* query as in the address, without '?' */
} SavedView;

/* The actor's views of a type, oldest first; at most 20 are kept a type. */
void saved_view_announce(Ctx *c, const Type *t); /* see db_announce */
Err saved_view_list(const SavedView **out, size_t *n, Ctx *c, const Type *t) MUST;
/* POST /views {type, name, query}: adds one, or replaces that of the same name; *redirect is the
 * view. ERR_INVALID with issues on "name", "type" or "query"; ERR_DENIED for nobody. */
Err saved_view_add(Str *redirect, Ctx *c, const Input *form) MUST;
/* POST /views/ID/delete: ERR_MISSING when it is not the actor's; *redirect is the list. */
Err saved_view_delete(Str *redirect, Ctx *c, int64_t id) MUST;

#endif
