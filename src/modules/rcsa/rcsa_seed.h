/* rcsa_seed.h: rows of the shipped libraries: the bank's own later, so they are data and not words
 * of the interface. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_RCSA_RCSA_SEED_H
#define MODULES_RCSA_RCSA_SEED_H

#include "modules/rcsa/rcsa.h"

typedef struct RcsaControlRow {
    const char *code, *kind, *frequency, *level;
    bool is_key, is_automated;
    const char *fr, *en, *ar, *aim_fr, *aim_en, *aim_ar;
} RcsaControlRow;

typedef struct RcsaRiskRow {
    const char *code, *sector, *category, *event_type, *business_line;
    const char *controls, *patterns, *processes, *indicators; /* codes, blank separated, or NULL */
    bool is_scenario;
    const char *fr[4], *en[4], *ar[4]; /* name, cause, event, effect */
} RcsaRiskRow;

extern const RcsaControlRow rcsa_seed_controls[]; /* both end with {0} */
extern const RcsaRiskRow rcsa_seed_risks[];

Err rcsa_seed_processes(Ctx *c);
Err rcsa_seed_methods(Ctx *c);
Err rcsa_seed_settings(Ctx *c);

#endif
