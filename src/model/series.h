/* series.h: many small values by period that belong to the records of one type (values of an
 * indicator, availability). They have no number, no page, no search text and no history entry of
 * their own: they are written in batches, and a batch is a record whose field `digest` proves its
 * rows; a value that is corrected keeps its earlier rows. Rights are those of the owning records:
 * the caller gives ids that it may see. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_SERIES_H
#define MODEL_SERIES_H

#include "model/record.h"

enum { SERIES_COLUMNS = 16, SERIES_BATCH = 10000 /* rows */ };

/* Tables NAME(owner, period, batch, at, ...columns) with the key (owner, period), and NAME_past
 * with the rows that were replaced (until: when). period: first day as days since 1970. */
struct SeriesDef {
    const char *name;
    const char *owner; /* type */
    const char *batch; /* type; needs the fields digest (text), rows_new and rows_changed
                        * (integers), all F_COMPUTED */
    const struct SeriesColumn {
        const char *name;
        bool is_text; /* otherwise an integer */
    } * columns;      /* ends with {0} */
};

typedef struct SeriesRow {
    int64_t owner, period;
    int64_t batch, at;            /* reading only; at: microseconds */
    int64_t until;                /* of a replaced row; 0: it stands */
    Value values[SERIES_COLUMNS]; /* in the order of the columns; V_NULL, V_INT or V_TEXT */
} SeriesRow;
typedef struct SeriesRows {
    SeriesRow *items;
    size_t n, cap;
} SeriesRows;

/* Writes rows in one batch: `batch` is a new record of the batch type, saved with its digest; it is
 * not saved when nothing changes (*out NULL then). Equal rows are left alone; the same (owner,
 * period) twice is ERR_INVALID. At most SERIES_BATCH rows. In the caller's writing transaction. */
Err series_put(Record **out, Ctx *c, const SeriesDef *s, SeriesRow *rows, size_t n,
               Record *batch) MUST;
/* Ends what stands for some periods of one owner: there is no value any more. The rows move to the
 * past and nothing takes their place; `batch` is saved as by series_put, with the digest of no rows
 * and rows_changed. *out NULL: nothing stood. */
Err series_end(Record **out, Ctx *c, const SeriesDef *s, int64_t owner, const int64_t *periods,
               size_t n, Record *batch) MUST;
/* Rows of some owners (sorted ids) with from <= period <= to, by owner and period; with c->as_of as
 * they stood at the end of that day. */
Err series_range(SeriesRows *out, Ctx *c, const SeriesDef *s, const int64_t *owners, size_t n,
                 int64_t from, int64_t to) MUST;
/* The row that stands for one period; *found false: none. */
Err series_one(SeriesRow *out, bool *found, Ctx *c, const SeriesDef *s, int64_t owner,
               int64_t period) MUST;
/* The last `limit` rows of one owner with period <= to, oldest first. */
Err series_last(SeriesRows *out, Ctx *c, const SeriesDef *s, int64_t owner, int64_t to,
                size_t limit) MUST;
/* All rows ever of one period, the standing one last. */
Err series_versions(SeriesRows *out, Ctx *c, const SeriesDef *s, int64_t owner,
                    int64_t period) MUST;

/* The rows of an owner that were replaced, by period and in the order they stood. */
Err series_replaced(SeriesRows *out, Ctx *c, const SeriesDef *s, int64_t owner, int64_t from,
                    int64_t to) MUST;

const SeriesDef *model_series(const Model *m, Str name);
/* Creates or extends the tables. */
/* The tables of all series. */
const DbTable *series_tables(size_t *n, Arena *a, const Model *m);
/* Compares the rows of each batch with its digest; *bad is the lowest batch whose rows were changed
 * behind the program's back (0: none), or -1 when rows belong to no batch. */
Err series_verify(int64_t *bad, Ctx *c, const SeriesDef *s) MUST;

#endif
