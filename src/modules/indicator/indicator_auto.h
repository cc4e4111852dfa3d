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
/* The newest batch among the values that the one of this period is worked out from; 0: none. */
Err indicator_parts_batch(int64_t *batch, Ctx *c, const Indicator *i, int64_t period) MUST;
/* The calculated and composite definitions, each after all that it is worked out from. */
Err indicator_worked_order(int64_t **ids, size_t *n, Ctx *c) MUST;
/* What a new day brings: acceptances end. As the system. */
Err indicator_daily(Ctx *c) MUST;

#endif
