/* demo_data.h: the demonstration bank as tables. All names are invented. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_ORGANISATION_DEMO_DATA_H
#define MODULES_ORGANISATION_DEMO_DATA_H

#include "base/base.h"

typedef struct DemoEntity { const char *code, *fr, *en, *ar, *parent, *currency, *country, *regulator; int held; } DemoEntity;
typedef struct DemoUnit { const char *code, *fr, *en, *ar, *parent, *entity, *kind; } DemoUnit;
typedef struct DemoProcess { const char *code, *fr, *en, *ar, *line, *unit; bool critical; } DemoProcess;
/* roles: "role@UNIT role@" separated by blanks; without a unit: everywhere. heads: codes of units that this person heads, or for
 * which "=CODE" is the correspondent. */
typedef struct DemoPerson { const char *login, *name, *ar, *unit, *job, *lang, *roles, *heads; } DemoPerson;
extern const DemoEntity demo_entities[];
extern const DemoUnit demo_units[];
extern const DemoProcess demo_processes[];
extern const DemoPerson demo_people[];

#endif
