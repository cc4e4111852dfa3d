/* rederive.h: everything that follows from the records, worked out again and compared or put right,
 * in stretches that a caller may show and break off: texts for sorting, side tables, search texts,
 * derived fields (TypeDef.rederive), what children have of their parents, the tree of units.
 * Figures are measure.h's. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_REDERIVE_H
#define MODEL_REDERIVE_H

#include "model/record.h"

enum { REDERIVE_SHOWN = 50 };
typedef struct RederiveFinding {
    const char *type, *table, *column; /* column "": rows are missing or too many */
    Str number;                        /* empty: of several records */
} RederiveFinding;
/* Where it stands and what it found. Copy it before a stretch: after a failed transaction the copy
 * goes on. */
typedef struct Rederive {
    bool mends, is_done;
    int64_t done,
        total; /* records, each twice: what SQL reads is put right before what follows from it */
    int64_t different;
    RederiveFinding shown[REDERIVE_SHOWN];
    size_t n_shown;
    Arena *keep, *scratch;
    size_t type;
    int pass, phase;
    int64_t after, until;
    bool has_search; /* search texts were written: the full text index is made anew at the end */
} Rederive;
/* keep: for as long as the findings are read. */
Err rederive_begin(Rederive *out, Ctx *c, Arena *keep, bool mends) MUST;
/* One stretch in the caller's transaction: a writing one when it mends. Needs the system actor. */
Err rederive_step(Rederive *d, Ctx *c) MUST;
void rederive_end(Rederive *d);

#endif
