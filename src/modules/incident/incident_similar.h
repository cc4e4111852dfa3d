/* incident_similar.h: how much two events look like the same one, and what the record page says of
 * it. The score is Gardefou's own, no norm: a hint for whoever confirms, never a decision.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INCIDENT_INCIDENT_SIMILAR_H
#define MODULES_INCIDENT_INCIDENT_SIMILAR_H

#include "model/record.h"

enum {
    SIMILAR_DAYS = 30,  /* events discovered further apart are not compared */
    SIMILAR_READ = 200, /* nearest events compared on each side */
    SIMILAR_LEAST = 60, /* points from which an event is shown */
    SIMILAR_SHOWN = 3
};

/* Distinct words of at least three bytes, folded, as hashes in rising order. */
typedef struct WordSet {
    uint64_t *items;
    size_t n;
} WordSet;
WordSet similar_words(Arena *a, Str title, Str text);

typedef struct EventTraits {
    int64_t pattern, process, event_type, unit; /* ids; 0: not known */
    int64_t day;                                /* of discovery, days since 1970 */
    int64_t amount;                             /* declared estimate, minor units; 0: none */
    Str third_party;
    WordSet words;
} EventTraits;

/* 0 to 100. Same pattern 30, otherwise same process 15 and same event type 10; same unit 20; days
 * apart 20, falling evenly to 0 at 15 days; common words 25 times Jaccard's index (shared words by
 * all words; Jaccard 1901); same estimate within 2 % 15; same third party 10. */
int similar_score(const EventTraits *a, const EventTraits *b);

/* Beside an event that still is confirmed, qualified or reviewed: those that may be the same. */
Err similar_panel(Ctx *c, const Record *r, Block **out) MUST;

#endif
