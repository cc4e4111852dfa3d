/* measure.h: figures kept as deltas in the record's own transaction, folded into cells by a job,
 * and opened down to the records behind them. measure_delta(id, measure, day, unit, entity,
 * restricted, month, d0..d2, count, s0..s5, folded), measure_cell(measure, grain, unit, entity,
 * restricted, month, d0..d2, count, s0..s5): the same facts in several grains, fine to coarse
 * (measure_grains); a figure is read from the coarsest that tells apart what it asks for.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_MEASURE_H
#define MODEL_MEASURE_H

#include "model/record.h"

extern const DbTable measure_tables[];
extern const size_t measure_n_tables;

/* Facts of a record for every measure fed by its type (void states give none by the facts functions
 * themselves). */
typedef struct MeasureSnapshot MeasureSnapshot;
/* Called before the row is written, measure_after once everything is; deltas carry c->today.
 * ERR_INVALID when an amount overflows. */
Err measure_before(MeasureSnapshot **out, Ctx *c, const Record *r) MUST; /* r NULL: none */
Err measure_after(Ctx *c, MeasureSnapshot *before,
                  const Record *r) MUST; /* appends new minus old */
/* Folds what is unfolded into the cells, in batches inside the caller's writing transaction; one
 * folder at a time (row lock). */
Err measure_fold(int64_t *folded, Ctx *c) MUST;

/* A measure that is new to a base which holds records, or is declared otherwise than the base knows
 * it, is counted anew by a job, stretch by stretch, while everybody works on. Meanwhile reading it
 * is ERR_BUSY with an issue "counting" that says how far it is, and lists count by themselves.
 * measure_keep: at every migration; what the model no longer has is forgotten. */
Err measure_keep(const Model *m, Db *db) MUST;
/* *percent < 0: it is counted. */
Err measure_counting(int *percent, Ctx *c, const MeasureDef *m) MUST;
/* The next stretch of a measure by name, in a writing transaction; *more: there is another one. */
Err measure_count(bool *more, Ctx *c, Str name) MUST;
extern const JobDef measure_jobs[];

typedef struct MeasureQuery {
    const MeasureDef *measure;
    int rows, columns;        /* dimension index; -1 none; -2 month, -3 year, -4 unit, -5 entity */
    int32_t from, to;         /* months, inclusive; 0: open */
    int64_t under[FACT_DIMS]; /* a taxonomy node each: itself and below; 0: all */
    int64_t unit;             /* unit and below; 0: all */
    int64_t entity;
    Str as_of;                     /* ISO; empty: now */
    bool from_deltas;              /* as_of by adding up from the first day, however long that is */
    int rows_level, columns_level; /* of tree dimensions: 1 top nodes, 2 the next ...; 0: 1, or one
                                      below `under`; -1: as recorded */
    const struct ListQuery *list;  /* only what this list finds (measure_narrow); NULL: all */
    Input filters;                 /* measure_parse: those of `list` that are no parameter */
} MeasureQuery;
typedef struct MeasureCell {
    int64_t row, column;
    int64_t count;
    int64_t sums[FACT_SUMS];
} MeasureCell;
typedef struct MeasureTable {
    MeasureCell *cells;
    size_t n, cap;
} MeasureTable; /* absent cells are zero */
/* The reader's scope (grants of the measure's type) is inside: restricted facts and units they may
 * not see are left out. Cases open by name, own or assigned ones count only for readers who have no
 * other right: those are computed from at most 5,000 records (more: a warning "partial"). Sums over
 * a field hidden from the reader are zero; rows, columns or filters of such a field: ERR_DENIED. */
Err measure_read(MeasureTable *out, Ctx *c, const MeasureQuery *q) MUST;
/* rows= columns= (dimension, month, year, unit, entity, none) rows_level= columns_level= from= to=
 * (YYYY, YYYY-MM, YYYY-MM-DD) as_of= unit=CODE entity=CODE DIM.under=CODE; "format" and "lang" are
 * ignored; filters of the type's list narrow it (measure_narrow), other names are refused. Without
 * rows: first dimension by the second. */
Err measure_parse(MeasureQuery *out, Ctx *c, const MeasureDef *m, const Input *params) MUST;
/* Narrows a question by filters of the list of the measure's type, as in an address; from, to and
 * as_of are set before. The records are added up one by one then, own and named ones too: what the
 * list itself shows. Only for measures that say which records count (MeasureDef.where); unknown
 * filters: ERR_INVALID. measure_parse does it by itself. */
Err measure_narrow(MeasureQuery *q, Ctx *c, const Input *filters) MUST;
/* Filters that leave the records which a measure counts, months from..to (0: open). */
void measure_records(Input *in, Ctx *c, const MeasureDef *m, int64_t from, int64_t to);
/* GET /measures/NAME as a page with a matrix as its main block. */
Err measure_page(Ctx *c, const MeasureDef *m, const PageArgs *args, Page *out) MUST;

enum { MEASURE_SHOWN = 100 };
/* One cell that differs: what is stored less what the records say. */
typedef struct MeasureDifference {
    const char *measure, *where; /* where: the name of a grain, or "deltas" */
    MeasureFact by;
} MeasureDifference;
typedef struct MeasureCheck {
    bool ok;
    int64_t cells, different;
    int64_t counting; /* measures that are being counted and were not compared */
    MeasureDifference shown[MEASURE_SHOWN];
    size_t n_shown;
} MeasureCheck;
/* Recomputes everything from the records and compares with all grains of cells + unfolded deltas,
 * and with the sum of all deltas. Needs the system actor (ERR_DENIED). On PostgreSQL run them when
 * nobody writes, or in a snapshot (measure_check). */
Err measure_check(MeasureCheck *out, Ctx *c) MUST;
/* Makes the cells of the grains that a base of an older program lacks, from the finest. */
Err measure_add_grains(Db *db) MUST;
/* Appends correcting deltas of today where the deltas do not add up to the records and writes all
 * cells anew. */
Err measure_rebuild(Ctx *c) MUST;

#endif
