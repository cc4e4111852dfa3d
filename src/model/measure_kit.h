/* measure_kit.h: what measure*.c share: keys of facts and sums of facts. Private to them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_MEASURE_KIT_H
#define MODEL_MEASURE_KIT_H

#include "model/list.h"
#include "model/measure.h"

enum { MEASURE_FIRST_MONTH = 12, MEASURE_LAST_MONTH = 9999 * 12 + 11 };

/* Order by everything but the amounts. */
int fact_cmp(const MeasureFact *x, const MeasureFact *y);
bool fact_is_zero(const MeasureFact *f);
/* into += sign * f; false on overflow. */
bool fact_add(MeasureFact *into, const MeasureFact *f, int sign);
/* Sorts and joins equal keys, drops zeros. False on overflow. */
bool facts_merge(MeasureFacts *facts);
/* Columns in the order of measure_delta after (measure): unit, entity, restricted, month, d0..d2,
 * count, s0..s5. */
#define FACT_COLUMNS "unit, entity, restricted, month, d0, d1, d2, count, s0, s1, s2, s3, s4, s5"
#define FACT_TOTALS                                                                                      \
    "CAST(SUM(count) AS BIGINT) AS count, CAST(SUM(s0) AS BIGINT) AS s0, CAST(SUM(s1) AS BIGINT) AS s1," \
    " CAST(SUM(s2) AS BIGINT) AS s2, CAST(SUM(s3) AS BIGINT) AS s3, CAST(SUM(s4) AS BIGINT) AS s4,"      \
    " CAST(SUM(s5) AS BIGINT) AS s5"
/* A grain of cells: what its key keeps of a fact; the rest is zero (the month: January). */
typedef struct Grain {
    const char *name;
    bool has_unit, has_month, has_rest; /* rest: entity and d2 */
    const char *key;                    /* unit, entity, restricted, month, d0, d1, d2 of a fact */
    const char *group;                  /* the same without constants */
} Grain;
enum { GRAIN_YEAR, GRAIN_ALL, GRAIN_YEAR_TOTAL, GRAIN_MONTH_TOTAL, GRAIN_YEAR_UNIT, GRAINS };
extern const Grain measure_grains[GRAINS];
MeasureFact measure_at_grain(MeasureFact f, const Grain *g);
/* Reads FACT_COLUMNS from column `at` on. */
void fact_read(MeasureFact *out, const Rows *rows, size_t at);
/* record: whose it is; 0: of many. */
Err fact_write_delta(Ctx *c, const MeasureDef *m, const MeasureFact *f, bool is_folded,
                     int64_t record) MUST;
/* Deltas of a day, many at once. */
Err facts_write_deltas(Ctx *c, const MeasureDef *m, Str day, const MeasureFacts *facts) MUST;
/* Adds the facts of a record; an issue when a month is out of range. */
Err facts_of(MeasureFacts *out, Ctx *c, const MeasureDef *m, const Record *r) MUST;
Err measure_lock(Ctx *c) MUST;
/* Up to which record each measure of the model is counted; INT64_MAX: all are. */
Err measure_counted(int64_t **out, bool *any_pending, Ctx *c) MUST;
/* Adds what the records of the measure's type after *upto say, at most `most` of them. *upto is the
 * last one then; *is_last: there are no more. */
Err measure_count_some(int64_t *upto, bool *is_last, Ctx *c, const MeasureDef *m, size_t most) MUST;
/* "measure_delta r" for reading what is not folded. SQLite is told the index of the few: without
 * statistics of it, for mostly it is empty, it read all deltas that a measure ever had. */
static inline const char *measure_unfolded(const Db *db) {
    return db_kind(db) == DB_SQLITE ? "measure_delta r INDEXED BY measure_delta_unfolded"
                                    : "measure_delta r";
}

/* Row, column, count and sums of a narrowed question, not yet grouped (measure_list.c). hides: sums
 * that the reader does not see, one a sum. */
Err measure_list_sql(Sql *s, Ctx *c, const MeasureQuery *q, const bool *hides) MUST;

/* The type whose records are the values of a dimension and, for a taxonomy, its kind; NULL: plain
 * numbers. */
const Type *measure_dim_type(Str *kind, const Ctx *c, const MeasureDef *m, int dim);
/* Field behind a dimension or a sum, when it has the name of one. */
const Field *measure_field(const Ctx *c, const MeasureDef *m, const char *name);
Err measure_hidden(FieldSet *out, Ctx *c, const MeasureDef *m) MUST;
static inline bool measure_is_hidden(FieldSet set, const Field *f) {
    return f && fieldset_has(set, f->index);
}

#endif
