/* organisation.h: what the files of the organisation module share. Nothing outside this folder includes it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_ORGANISATION_ORGANISATION_H
#define MODULES_ORGANISATION_ORGANISATION_H

#include "model/record.h"

extern const TypeDef organisation_process_type;
extern const PageDef organisation_pages[];

/* Taxonomies, thresholds and approval limits that every installation starts from. Idempotent: what exists by code is left as it is. */
Err organisation_seed(Ctx *c);
/* The demonstration bank: entities, units, processes, people, roles, rates. */
Err organisation_demo(Ctx *c, uint64_t seed, int64_t scale, DemoReport *report);

Err organisation_process_validate(Ctx *c, const Saving *s);

/* One node of a taxonomy as shipped; parent is a code of an earlier node of the same list. */
typedef struct TaxonSeed {
    const char *code, *parent, *en, *fr, *ar;
    int beta; /* per cent, 0: none */
} TaxonSeed;
typedef struct TaxonList {
    const char *kind;
    const TaxonSeed *nodes; /* ends with {0} */
} TaxonList;
extern const TaxonList organisation_taxonomies[]; /* ends with {0} */

/* ---- reading (organisation_query.c) ---- */
typedef struct OrgUnit {
    int64_t id, parent;
    Str code, name, kind, head;
    int64_t people;
    int depth;
} OrgUnit;
typedef struct OrgUnits { OrgUnit *items; size_t n, cap; } OrgUnits;
/* Units of a day in tree order, names in the reader's language. */
Err organisation_query_units(OrgUnits *out, Ctx *c, Str day) MUST;

#endif
