/* rcsa_report_query.h: the SQL behind the reports: heat maps, appetite, progress, changes. The
 * reader's scope is inside; with a day the situation is that of its end, rights are today's. Runs
 * on SQLite and PostgreSQL. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_RCSA_RCSA_REPORT_QUERY_H
#define MODULES_RCSA_RCSA_REPORT_QUERY_H

#include "modules/rcsa/rcsa_query.h"

typedef struct RcsaFilter { /* ids of nodes with all below them; n 0: no limit */
    Str as_of;
    const int64_t *units, *categories, *processes;
    size_t n_units, n_categories, n_processes;
    int64_t campaign; /* 0: the register */
    bool is_final;    /* of a campaign: final ratings, else those of the assessors */
} RcsaFilter;

typedef struct RcsaPlace {
    int inherent_likelihood, inherent_impact, residual_likelihood, residual_impact,
        target_likelihood, target_impact;
    int64_t count;
} RcsaPlace;
typedef struct RcsaPlaces {
    RcsaPlace *items;
    size_t n, cap;
} RcsaPlaces;
/* Rated risks of the register (active or dormant), or assessments of a campaign, by where they lie.
 */
Err rcsa_query_map(RcsaPlaces *out, Ctx *c, const RcsaFilter *f) MUST;

typedef struct RcsaRiskLine {
    int64_t id, unit, process, category, entity, owner;
    Str inherent_level, residual_level, position, accepted_until, response;
} RcsaRiskLine;
typedef struct RcsaRiskLines {
    RcsaRiskLine *items;
    size_t n, cap;
} RcsaRiskLines;
/* The worst risks by residual class, then impact, then likelihood. above: only those above the
 * tolerance. */
Err rcsa_query_worst(RcsaRiskLines *out, Ctx *c, const RcsaFilter *f, bool above,
                     int64_t limit) MUST;

typedef struct RcsaProcessLine {
    int64_t process, count, above;
    Str level; /* residual class */
} RcsaProcessLine;
typedef struct RcsaProcessLines {
    RcsaProcessLine *items;
    size_t n, cap;
} RcsaProcessLines;
Err rcsa_query_processes(RcsaProcessLines *out, Ctx *c, const RcsaFilter *f) MUST;

typedef struct RcsaActual {
    int64_t net, largest, count; /* losses of twelve months up to the day, group currency */
} RcsaActual;
/* Losses of the filter's categories and day, of an entity (0: all), in the reader's scope. */
Err rcsa_query_actual(RcsaActual *out, Ctx *c, const RcsaFilter *f, int64_t entity, Str from,
                      Str to) MUST;
typedef struct RcsaLevels {
    int worst;
    int64_t count, above; /* above: residual class above `bound` */
} RcsaLevels;
Err rcsa_query_levels(RcsaLevels *out, Ctx *c, const RcsaFilter *f, int64_t entity, int bound) MUST;

typedef struct RcsaProgressLine {
    int64_t unit, count, late, overridden, disagreed, contradictions;
    Str state;
} RcsaProgressLine;
typedef struct RcsaProgress {
    RcsaProgressLine *items;
    size_t n, cap;
} RcsaProgress;
/* Assessments of a campaign by unit and state, in the reader's scope, on c->as_of. */
Err rcsa_query_progress(RcsaProgress *out, Ctx *c, int64_t campaign) MUST;

typedef struct RcsaMove {
    int64_t risk, before, after; /* assessments */
    Str level_before, level_after;
    int from_likelihood, from_impact, to_likelihood, to_impact;
} RcsaMove;
typedef struct RcsaMoves {
    RcsaMove *items;
    size_t n, cap;
} RcsaMoves;
/* Risks assessed in both campaigns, where they lay then and now, on c->as_of. */
Err rcsa_query_moves(RcsaMoves *out, Ctx *c, int64_t before, int64_t after) MUST;

/* Risks whose residual class is another one at the end of `after` (empty: now) than at the end of
 * `before`, the worst first, in the reader's scope. Only risk and levels are set. */
Err rcsa_query_risk_moves(RcsaMoves *out, Ctx *c, Str before, Str after) MUST;

/* Assessments that a unit (and below) has to answer in a campaign, by unit and risk. */
Err rcsa_query_sheet(RcsaIds *out, Ctx *c, int64_t campaign, const int64_t *units, size_t n,
                     int64_t limit) MUST;
/* Campaigns that ask for answers: open or in challenge, newest first. For code. */
Err rcsa_query_open_campaigns(RcsaIds *out, Ctx *c) MUST;
/* Appetites approved and valid on that day, by category and measure. For code: everybody who may
 * see the page may read them. */
Err rcsa_query_appetites(RcsaIds *out, Ctx *c, Str day) MUST;
/* Published or running campaigns, on c->as_of, newest first. For code. */
Err rcsa_query_campaigns(RcsaIds *out, Ctx *c) MUST;

#endif
