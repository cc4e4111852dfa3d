/* bulk.h: many new records at once, for take-overs and imports. Between bulk_begin and bulk_end of
 * a writing context, record_save of a new record runs every rule but holds the record back; saving
 * a held record again changes what is held: all that happens before the flush is one change, with
 * one entry in the history. Reads by id, of children, by field value and by number see what is
 * held; a query of a module does not: it asks bulk_is_new, or flushes first. Any other change
 * (a transition, an edit of a stored record) flushes by itself. The flush writes rows, history,
 * figures and search text table by table. What c->arena holds must live until the flush; after
 * db_behind_begin until the next flush, or bulk_end, has returned.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_BULK_H
#define MODEL_BULK_H

#include "model/record.h"

void bulk_begin(Ctx *c);
/* So many new records of the type will come: ids and numbers are taken for these. */
void bulk_expect(Ctx *c, const Type *t, size_t n);
/* Takes ids for the next n records of a type, if so many are not at hand: outside of a savepoint it
 * costs less than within. */
Err bulk_stock(Ctx *c, const Type *t, size_t n) MUST;
/* Figures are written at bulk_end, those of all flushes added up (but of flushes behind a mark):
 * far fewer rows where nobody asks for figures in between. c->keep must be set: it holds them. */
void bulk_gather_facts(Ctx *c);
size_t bulk_held(const Ctx *c);
Err bulk_flush(Ctx *c) MUST;
Err bulk_end(Ctx *c) MUST; /* flushes */
void bulk_drop(Ctx *c);    /* instead, where the transaction is rolled back */
/* Beside a savepoint of the database: bulk_mark when it is set, bulk_keep when it is released,
 * bulk_undo when it was rolled back, which puts what is held, ids and numbers back to the mark. */
void bulk_mark(Ctx *c);
void bulk_keep(Ctx *c);
void bulk_undo(Ctx *c);
/* Memory of a bulk for what is gathered until its end, zeroed at first: one for each `then`, which
 * is run once after the last flush. NULL outside of a bulk and behind a mark. */
void *bulk_gather(Ctx *c, size_t size, Err (*then)(Ctx *c, void *gathered));
/* Are records of the type held, or of a type that its records name? Else a query of the type's
 * table, and an update of its rows, misses nothing. */
bool bulk_concerns(const Ctx *c, const Type *t);
/* Is the record held back? Then nothing stored can name it. */
bool bulk_is_new(const Ctx *c, const Type *t, int64_t id);

/* For model/ only. */
Record *bulk_find(const Ctx *c, const Type *t, int64_t id); /* NULL when it is not held */
/* What is held with this outer key (field external_key); NULL. */
Record *bulk_outer(const Ctx *c, const Type *t, Str key);
/* What is held of a type, the n-th; NULL after the last. */
Record *bulk_at(const Ctx *c, const Type *t, size_t n);
Err bulk_hold(Ctx *c, Record *r, const char *action) MUST; /* gives it its id and number */
void bulk_replace(Ctx *c, Record *r);

#endif
