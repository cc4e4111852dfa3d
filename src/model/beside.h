/* beside.h: side tables (references, files, child rows) follow from a column of the record; here
 * they are compared. Internal to model/. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_BESIDE_H
#define MODEL_BESIDE_H

#include "model/record.h"

/* column "": rows are missing or too many. */
typedef Err (*BesideFn)(void *arg, const Record *r, const char *table, const char *column);
/* Records of one type in the order of their ids, and all side rows between the first and the last.
 * strict: an empty text for sorting is wrong, too; else it may be newer than its row. */
Err beside_check(Ctx *c, const Type *t, const Record *records, size_t n, bool strict, BesideFn fn,
                 void *arg) MUST;

#endif
