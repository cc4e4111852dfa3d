/* incident_demo.h: what the files of the demonstration share: who is who, one planned incident and
 * how it is written. The same seed gives the same incidents: keep the order of the random numbers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef INCIDENT_DEMO_H
#define INCIDENT_DEMO_H

#include "calc/rng.h"
#include "modules/incident/demo_text.h"
#include "modules/incident/incident.h"

enum { DEMO_UNITS = 200, DEMO_PEOPLE = 100, DEMO_PATTERNS = 100, DEMO_TAXA = 8 };

typedef struct DemoUnit {
    int64_t id, parent, head, correspondent;
    char code[16], kind[20], currency[4];
} DemoUnit;
typedef struct DemoTaxon {
    const char *code;
    int64_t id;
} DemoTaxon;
typedef struct Demo {
    Ctx *c;
    Arena *keep, *scratch;
    Actor *actor; /* of the context before, and its day */
    Str today;
    Rng rng;
    DemoUnit units[DEMO_UNITS];
    size_t n_units;
    int64_t patterns[DEMO_PATTERNS]; /* ids, as far as they were needed */
    DemoTaxon taxa[DEMO_TAXA];
    int64_t people[DEMO_PEOPLE];
    size_t n_people;
    int64_t head_orm, analysts[3], finance[2], inspectors[2], committee;
    int64_t now; /* the real today in days */
    int64_t real_now_us;
    const Type *incident, *entry, *rca;
    int64_t incidents, entries, rcas, near_misses;
    int64_t most; /* incidents: no more than that; 0: no bound */
    Input nothing;
} Demo;

/* One incident before it happens. */
typedef struct DemoPlan {
    const DemoPattern *p;
    int64_t occurred, discovered, declared; /* days */
    int64_t kmad;                           /* gross in thousands */
    const DemoUnit *unit;
    int64_t root; /* id of the root event, 0: none */
    bool near_miss, arabic, imported;
    const char *title, *system;
} DemoPlan;

typedef struct DemoBooking {
    const char *kind;
    int64_t day;
    int64_t minor;
    const char *account;
} DemoBooking;
typedef struct DemoBookings {
    DemoBooking items[12];
    size_t n;
    int64_t last;
    const char *currency;
} DemoBookings;

/* Reads persons and units of the bank; the context gets an Actor of its own. */
Err incident_demo_open(Demo *d, Ctx *c, uint64_t seed) MUST;
void incident_demo_close(Demo *d); /* gives the context back as it was */

int64_t incident_demo_any(Demo *d, int64_t from, int64_t to);
const char *incident_demo_pick(Demo *d, const char *const *list);
/* The clock of the context at a working hour of a day; false when that day is still to come. */
bool incident_demo_at(Demo *d, int64_t day);
void incident_demo_as(Demo *d, int64_t user);
const DemoUnit *incident_demo_unit(const Demo *d, const char *code);
/* Head or correspondent of the unit or of the nearest unit above that has one. */
int64_t incident_demo_upwards(const Demo *d, const DemoUnit *u, bool head, int64_t not_this);
/* A pattern, the frequent ones more often. */
const DemoPattern *incident_demo_pattern(Demo *d);
/* About the median, the 95th percentile at p95; thousands. */
int64_t incident_demo_lognormal(Demo *d, int median, int p95);

DemoPlan incident_demo_plan(Demo *d, const DemoPattern *p, int64_t first_day, int64_t days);
Err incident_demo_pattern_record(const Record **out, Demo *d, const DemoPattern *p) MUST;
/* The record as declared, not yet saved. */
Err incident_demo_event(Record **out, Demo *d, const DemoPlan *x) MUST;
/* What is known after qualification. */
Err incident_demo_fill(Demo *d, Record *r, const DemoPlan *x) MUST;
/* Its bookings by day. */
void incident_demo_bookings(Demo *d, DemoBookings *b, const DemoPlan *x, bool is_gain);
/* One of them as a record, not yet saved. */
Record *incident_demo_entry(Demo *d, const Record *incident, const char *currency,
                            const DemoBooking *b);

#endif
