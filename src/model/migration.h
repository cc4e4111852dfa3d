/* migration.h: numbered changes of data, written by hand, that additive tables cannot express (a
 * value to fill in, a meaning that changed). Each runs once, in order, in the transaction that has
 * just extended the tables. A base made by a newer program is refused before anything is touched.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_MIGRATION_H
#define MODEL_MIGRATION_H

#include "model/model.h"

typedef struct Migration {
    int number;         /* 1, 2, 3 ...; never used again */
    const char *name;   /* what it does, kept in the base */
    Err (*run)(Db *db); /* NULL: nothing to do but to be counted */
} Migration;

/* Those of this program; ends with {0}. */
extern const Migration model_migrations[];
/* ERR_CONFLICT, with a line in the log, when the base counts further than `list`. Call before the
 * tables are extended; *is_new: there are no tables yet. */
Err migration_check(bool *is_new, Db *db, const Migration *list) MUST;
/* The same question in silence, for who only reads; missing tables are not looked for. */
Err migration_age(BaseAge *out, Db *db, const Migration *list) MUST;
/* Runs what is missing; a new base is only counted. Call after the tables were extended. */
Err migration_run(Db *db, const Migration *list, bool is_new) MUST;

#endif
