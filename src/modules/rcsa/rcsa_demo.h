/* rcsa_demo.h: the demonstration bank's risks as rows, and what the files that make them share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_RCSA_RCSA_DEMO_H
#define MODULES_RCSA_RCSA_DEMO_H

#include "modules/rcsa/rcsa.h"

enum { DEMO_UNITS_MAX = 200 };

/* A risk of the bank: gross and net as likelihood and impact, the unit that answers for it, and
 * where else it stands ("branch", "business_centre", "subsidiary"; NULL: nowhere). */
typedef struct DemoRisk {
    const char *code;
    int gross_likelihood, gross_impact, net_likelihood, net_impact;
    const char *unit, *elsewhere;
    const char *causes, *consequences; /* taxon codes, blank separated */
    const char *response;
} DemoRisk;
extern const DemoRisk rcsa_demo_risks[]; /* ends with {0} */

typedef struct DemoUnit {
    int64_t id, parent, head, correspondent;
    char code[16], kind[20];
} DemoUnit;
typedef struct Demo {
    Ctx *c;
    DemoUnit units[DEMO_UNITS_MAX];
    size_t n_units;
    int64_t analysts[3], head_orm, committee, methodology[2];
    int64_t now, real_now_us; /* the real today */
    int64_t day;              /* the day that is being lived */
    int64_t minutes;
    DemoReport *report;
} Demo;

/* The clock of the context on a day, a little later at each call; never after the real now. */
void rcsa_demo_at(Demo *d, int64_t day);
/* Acts as this person, with the rights of the system. */
void rcsa_demo_as(Demo *d, int64_t user);
void rcsa_demo_count(Demo *d, const char *type, int64_t n);
const DemoUnit *rcsa_demo_unit(const Demo *d, int64_t id);
/* Head or correspondent of the unit or of the nearest above that has one. */
int64_t rcsa_demo_upwards(const Demo *d, int64_t unit, bool head);
/* Does the risk stand here? The unit that answers for it, or one of the kind named. */
bool rcsa_demo_stands(const DemoRisk *row, const DemoUnit *u);
Err rcsa_demo_move(Record **r, Demo *d, const char *transition, const Input *in) MUST;

Err rcsa_demo_register(Demo *d) MUST;
Err rcsa_demo_campaigns(Demo *d) MUST;

#endif
