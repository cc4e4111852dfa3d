/* indicator_query.h: figures over all indicators in one statement each, the reader's scope inside.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INDICATOR_INDICATOR_QUERY_H
#define MODULES_INDICATOR_INDICATOR_QUERY_H

#include "modules/indicator/indicator.h"

typedef enum CountBy {
    BY_UNIT,
    BY_CATEGORY,
    BY_RISK,
    BY_CONTROL,
    BY_PROCESS,
    BY_OBJECTIVE,
    BY_PROVIDER
} CountBy;
/* Active indicators of one unit (category, risk ...; id 0: none) and one colour. An indicator of
 * several risks, controls or objectives counts at each. */
typedef struct IndicatorCount {
    int64_t key;
    Colour colour;
    bool is_missing; /* no value of the newest period whose grace is over */
    int64_t n;
    int64_t given, late; /* of the values of the last twelve periods */
} IndicatorCount;
typedef struct IndicatorCounts {
    IndicatorCount *items;
    size_t n, cap;
} IndicatorCounts;
/* unit: and below; 0: all. */
Err indicator_query_counts(IndicatorCounts *out, Ctx *c, CountBy by, int64_t unit) MUST;

/* The open breaches of some indicators (sorted ids), one each: pairs of indicator and breach, by
 * indicator. */
typedef struct OpenBreach {
    int64_t indicator, breach;
} OpenBreach;
Err indicator_query_open(OpenBreach **out, size_t *n, Ctx *c, const int64_t *ids,
                         size_t n_ids) MUST;

#endif
