/* incident_taxonomy.h: events in taxonomies of others: which version of a map holds on a day, where
 * a code of the bank goes in it, and how sums are shared out. "Code once, report in every
 * taxonomy": nothing is stored with the event, so a new version needs no recount.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INCIDENT_INCIDENT_TAXONOMY_H
#define MODULES_INCIDENT_INCIDENT_TAXONOMY_H

#include "modules/incident/incident_query.h"

/* ---- pure (incident_taxonomy_calc.c) ---- */
enum { TAXONOMY_WHOLE = 10000 }; /* 100 % in hundredths of a per cent */
/* One line of a map: the share of `source` that goes to `target`. */
typedef struct TaxonomyLine {
    int64_t source, target, share;
} TaxonomyLine;
/* Where a node of the bank's list goes: lines[first .. first + n - 1] of its own or of the nearest
 * node above it that has some; n 0: nowhere. */
typedef struct TaxonomyPlace {
    int64_t node;
    size_t first, n;
} TaxonomyPlace;
/* amount by shares that add up to TAXONOMY_WHOLE, rounded so that the parts add up to it: what is
 * left after rounding down goes to the largest remainders, the first of equal ones. A negative
 * amount is shared out like a positive one. */
void taxonomy_split(int64_t *parts, int64_t amount, const TaxonomyLine *lines, size_t n);
/* Places of all nodes of a tree, parents before their children; lines of one source together. The
 * result is sorted by node. */
void taxonomy_places(TaxonomyPlace *out, const TreeItem *tree, size_t n, const TaxonomyLine *lines,
                     size_t n_lines);
const TaxonomyPlace *taxonomy_place(const TaxonomyPlace *places, size_t n, int64_t node);

/* ---- versions ---- */
typedef struct TaxonomyVersion {
    int64_t id, taxonomy; /* taxonomy: the top node of the external tree */
    Str code, state, valid_from, valid_until, published_on;
    const Field *field; /* of the incident: event_type or risk_category */
    const TaxonomyLine *lines;
    size_t n_lines;
    const TaxonomyPlace *places;
    size_t n_places;
} TaxonomyVersion;
typedef struct TaxonomyVersions {
    TaxonomyVersion *items;
    size_t n, cap;
} TaxonomyVersions;
/* The versions in force on the day of the question (c->as_of, or today), one a taxonomy: the
 * published one that began last, unless it has ended. Kept for the context. */
Err taxonomy_in_force(const TaxonomyVersions **out, Ctx *c) MUST;
/* All versions of a taxonomy that were ever published, the newest first, without lines. */
Err taxonomy_versions_of(TaxonomyVersions *out, Ctx *c, int64_t taxonomy) MUST;
/* Fills lines and places of one of them. */
Err taxonomy_load(TaxonomyVersion *v, Ctx *c) MUST;
/* NULL: the code goes nowhere in this version. */
const TaxonomyPlace *taxonomy_of(const TaxonomyVersion *v, int64_t node);

extern const ReadingDef incident_readings[];
/* The event's external codes beside its record, with shares and versions. */
Err taxonomy_panel(Ctx *c, const Record *r, Block **out);

/* ---- reading (incident_taxonomy_query.c) ---- */
/* taxonomy 0: of all. */
Err taxonomy_query_versions(TaxonomyVersions *out, Ctx *c, int64_t taxonomy) MUST;
Err taxonomy_query_lines(TaxonomyVersion *v, Ctx *c) MUST;
/* As incident_query_parts, as it stood at the end of a day (empty: now). */
Err taxonomy_query_parts(Parts *out, Ctx *c, const Field *by, Str from, Str to, Str as_of) MUST;

#endif
