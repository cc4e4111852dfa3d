/* rcsa_query.h: the SQL of the module: questions about many records that lists and measures do not
 * answer. Values are bound; the reader's scope is inside wherever a page shows the answer. Runs on
 * SQLite and PostgreSQL. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_RCSA_RCSA_QUERY_H
#define MODULES_RCSA_RCSA_QUERY_H

#include "model/record.h"

typedef struct RcsaIds {
    int64_t *items;
    size_t n, cap;
} RcsaIds;

/* Incidents linked to a risk that the reader may see, newest first. */
Err rcsa_query_incidents(RcsaIds *out, Ctx *c, int64_t risk, int64_t limit) MUST;
/* Financial entries of those incidents, accepted ones, newest booking first. */
Err rcsa_query_entries(RcsaIds *out, Ctx *c, int64_t risk, int64_t limit) MUST;
/* Risks, in the reader's scope, that hold this control. */
Err rcsa_query_risks_of_control(RcsaIds *out, Ctx *c, int64_t control, int64_t limit) MUST;
/* Active risks whose definition knows the incident's pattern, in its unit or above it, nearest
 * first, not linked to it yet; in the reader's scope. */
Err rcsa_query_suggestions(RcsaIds *out, Ctx *c, int64_t incident, int64_t limit) MUST;

typedef struct RcsaPairs {
    struct RcsaPair {
        int64_t first, second;
    } * items;
    size_t n, cap;
} RcsaPairs;
/* Incidents that never had a link, each with the nearest active risk at or above its unit whose
 * definition knows its pattern. For code, without scope. */
Err rcsa_query_unlinked(RcsaPairs *out, Ctx *c, Str since) MUST;

#endif
