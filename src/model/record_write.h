/* record_write.h: the SQL of a save, one step a function. Internal to model/; called by
 * record_save.c, bulk.c and rederive.c, and the lock by import_undo.c. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef MODEL_RECORD_WRITE_H
#define MODEL_RECORD_WRITE_H

#include "model/record.h"

/* PostgreSQL: locks the parent, then the record, so that sums see each other. */
Err record_write_lock(Ctx *c, const Record *r) MUST;
Err record_write_insert(Ctx *c, const Record *r) MUST; /* id and hash are set */
/* Keeps the earlier version, writes what changed; ERR_CONFLICT when the version moved. */
Err record_write_update(Ctx *c, const Record *before, const Record *after) MUST;
Err record_write_derived(Ctx *c, const Record *before, const Record *after) MUST;
/* The same for many records of one type, n > 0, in two statements. */
Err record_write_derived_many(Ctx *c, const Record *const *before, Record *const *after,
                              size_t n) MUST;
/* The row goes to the past; its side rows and search text go. ERR_CONFLICT: it is referred to. */
Err record_write_remove(Ctx *c, const Record *r) MUST;
Err record_write_sides(Ctx *c, const Record *before, const Record *after) MUST;
/* The side rows of one record anew; derived fields and their side rows as if they had always been
 * so, without an earlier version (for what was found wrong). */
Err record_write_side(Ctx *c, const Field *f, int64_t record, Value list) MUST;
Err record_write_again(Ctx *c, const Record *before, const Record *after) MUST;
Err record_write_claim(Ctx *c, const Record *r, const Field *f, Value before) MUST;
Err record_write_search(Ctx *c, const Record *r) MUST;
Str record_search_text(Ctx *c, const Record *r);
/* A row of the side table of a list field: its columns, and its values for one element of the list.
 */
const char *const *record_side_columns(size_t *n, Arena *a, const Field *f);
void record_side_row(DbValue *out, Arena *a, const Field *f, int64_t record, size_t position,
                     Value v);
/* Unit and confidentiality of a record's children of one type follow it. */
Err record_write_inherit(Ctx *c, const Type *child, const Record *parent) MUST;

#endif
