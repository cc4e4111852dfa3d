/* indicator_auto.h: the lists behind automatic values, and values worked out from other indicators.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INDICATOR_INDICATOR_AUTO_H
#define MODULES_INDICATOR_INDICATOR_AUTO_H

#include "model/list.h"
#include "modules/indicator/indicator.h"

/* Why a period has no value. key: a choice of the field "gap" of an indicator, NULL when it has
 * one; part: the codes of the definitions that are missing. */
typedef struct Gap {
    const char *key;
    Str part;
} Gap;

/* Address of the list whose records are counted; empty when there is none. */
Err indicator_auto_filter(Str *out, Ctx *c, const Indicator *i, int64_t period) MUST;
Err indicator_formula_value(Given *out, Gap *gap, Ctx *c, const Indicator *i, int64_t period) MUST;
/* Weighted mean of the normalised scores of the parts; unknown while one part is. */
Err indicator_score_value(Given *out, Gap *gap, Ctx *c, const Indicator *i, int64_t period) MUST;
/* Was a value that this row is worked out from written, corrected or ended after it? */
Err indicator_parts_moved(bool *out, Ctx *c, const Indicator *i, const SeriesRow *row) MUST;
/* Its value of a period, or why there is none. */
Err indicator_worked_value(Given *out, Gap *gap, Ctx *c, const Indicator *i, int64_t period) MUST;
/* Why a period has no value, in the reader's words. */
Str indicator_gap_words(Ctx *c, const Indicator *i, const Gap *gap);
/* Values that no longer follow from anything: they end, in one batch that says why. What stood
 * stays in the past of the series; the reviewer is told. indicator_ended_follow is called when
 * what stands is judged again: a red or amber that is the newest value now is an episode; a missing
 * value ends none. */
Err indicator_end_values(Ctx *c, const Indicator *i, const int64_t *periods, const Gap *gaps,
                         size_t n) MUST;
Err indicator_ended_follow(Ctx *c, Record *r) MUST;
/* The calculated and composite definitions, each after all that it is worked out from. */
Err indicator_worked_order(int64_t **ids, size_t *n, Ctx *c) MUST;
/* What a new day brings: acceptances end. As the system. */
Err indicator_daily(Ctx *c) MUST;

#endif
