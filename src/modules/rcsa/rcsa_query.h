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

/* Adds " AND <alias> is readable" to a statement over a type's rows of any day: rights are today's.
 */
Err rcsa_query_readable(Sql *s, Ctx *c, const char *type, const char *alias) MUST;
/* Incidents linked to a risk on c->as_of that the reader may see, newest first. */
Err rcsa_query_incidents(RcsaIds *out, Ctx *c, int64_t risk, int64_t limit) MUST;
/* Financial entries of those incidents, accepted ones, newest booking first. */
Err rcsa_query_entries(RcsaIds *out, Ctx *c, int64_t risk, int64_t limit) MUST;
/* Risks, in the reader's scope, that hold this control. */
Err rcsa_query_risks_of_control(RcsaIds *out, Ctx *c, int64_t control, int64_t limit) MUST;
/* Active risks whose definition knows the incident's pattern, in its unit or above it, nearest
 * first, not linked to it yet; in the reader's scope. */
void rcsa_query_suggestions_announce(Ctx *c, const Record *incident); /* see db_announce */
Err rcsa_query_suggestions(RcsaIds *out, Ctx *c, const Record *incident, int64_t limit) MUST;

typedef struct RcsaPairs {
    struct RcsaPair {
        int64_t first, second;
    } * items;
    size_t n, cap;
} RcsaPairs;
/* Incidents that never had a link, each with the nearest active risk at or above its unit whose
 * definition knows its pattern. For code, without scope. */
Err rcsa_query_unlinked(RcsaPairs *out, Ctx *c, Str since, int64_t incident) MUST;
/* Has the incident no risk although the register has some at or above its unit? For code. */
Err rcsa_query_lacks_risk(bool *out, Ctx *c, const Record *incident) MUST;

typedef struct RcsaLosses {
    int64_t count, gross, largest, near_misses; /* discovered from `from` to `to` */
    int64_t count_since;                        /* discovered after `since` */
} RcsaLosses;
/* Losses and near misses linked to a risk on c->as_of, group currency, restricted cases left out.
 * For code. (rcsa_report_query.c) */
Err rcsa_query_losses(RcsaLosses *out, Ctx *c, int64_t risk, Str from, Str since, Str to) MUST;
/* Actions on issues of the risk that are not finished, and those of them that are late. For code.
 */
Err rcsa_query_actions(int64_t *open, int64_t *overdue, Ctx *c, int64_t risk) MUST;
/* Actions that are not finished, and the gross losses discovered since a day, of each of n risks,
 * of those that the reader may see; 0 where there is none. *seen: there may be any at all. */
Err rcsa_query_actions_of(int64_t *out, bool *seen, Ctx *c, const int64_t *ids, size_t n) MUST;
Err rcsa_query_losses_of(int64_t *out, bool *seen, Ctx *c, const int64_t *ids, size_t n,
                         Str since) MUST;
/* Indicators that watch the risk and are red, or amber. For code. */
Err rcsa_query_indicators(int64_t *red, int64_t *amber, Ctx *c, int64_t risk) MUST;
/* Assessments of a campaign in a state, by id. For code. */
Err rcsa_query_assessments(RcsaIds *out, Ctx *c, int64_t campaign, const char *state) MUST;
/* What is asked by one assignment: still to assess, and answered (left out counts neither). */
typedef struct RcsaLot {
    int64_t todo, answered;
} RcsaLot;
Err rcsa_query_lot(RcsaLot *out, Ctx *c, int64_t assignment) MUST;
Err rcsa_query_lot_todo(RcsaIds *out, Ctx *c, int64_t assignment) MUST;
/* Assignments of a campaign with something still to assess. */
Err rcsa_query_lots(RcsaIds *out, Ctx *c, int64_t campaign) MUST;
/* Risks active on c->as_of, by id. For code. */
Err rcsa_query_active_risks(RcsaIds *out, Ctx *c) MUST;
/* The newest assessment of each risk that holds an answer, by risk. For code. */
Err rcsa_query_newest_assessments(RcsaIds *out, Ctx *c) MUST;
/* Published methods, by code; `code` not NULL: only those of that code. For code. */
Err rcsa_query_methods(RcsaIds *out, Ctx *c, const char *state, Str code) MUST;

#endif
