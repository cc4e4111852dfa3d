/* indicator_follow.h: what follows of values that were written. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef MODULES_INDICATOR_INDICATOR_FOLLOW_H
#define MODULES_INDICATOR_INDICATOR_FOLLOW_H

#include "modules/indicator/indicator.h"

enum { PUNCTUAL_PERIODS = 12 };

/* An indicator with rows written; what it says now. */
typedef struct Followed {
    Indicator open;
    SeriesRow newest;    /* without its comment; no values: period 0 and n 0 */
    int64_t given, late; /* of the last twelve periods up to the newest */
    int64_t *periods;    /* written */
    size_t n;
    int64_t *corrected; /* of them, those whose value is another one now */
    size_t n_corrected;
} Followed;
typedef struct Follow {
    Ctx *c;
    Arena *keep, *scratch; /* for what is told, and for one part at a time (reset) */
    const Followed *list;
    size_t n;
    int64_t batch;
    bool is_told; /* corrections, to the reviewers */
} Follow;
/* Colour and next due day of each, breaches that begin, grow and end, assignments that are
 * answered, reviewers who are told of corrections. As the system: the person gives a value, what it
 * means is the rule's doing. */
Err indicator_follow(const Follow *f) MUST;

#endif
