/* incident_daily.h: what the calendar brings to incidents: steps that are overdue, estimates that
 * nobody reviewed, losses without an entry, claims that must be made, and once a month each unit's
 * figures. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INCIDENT_INCIDENT_DAILY_H
#define MODULES_INCIDENT_INCIDENT_DAILY_H

#include "model/record.h"

/* ---- jobs ---- */
Err incident_daily(Ctx *c) MUST; /* tells of each only once */
Err incident_digest(
    Ctx *c) MUST; /* of the month before, to the heads and correspondents of units */
Err incident_daily_job(Ctx *c, Job *job);
Err incident_digest_job(Ctx *c, Job *job);
/* On the page of a unit: the same figures, for whoever may see them. */
Err incident_digest_section(Ctx *c, const Record *unit, Block **out);

/* ---- questions (incident_daily_query.c) ---- */
typedef struct DueEvent {
    int64_t id;
    Str day;
} DueEvent;
typedef struct DueEvents {
    DueEvent *items;
    size_t n, cap;
} DueEvents;
/* Open losses whose estimate was last valued in [from, to]; for code, without scope. */
Err incident_query_stale(DueEvents *out, Ctx *c, Str from, Str to) MUST;
/* Open losses declared in [from, to] that have no entry. */
Err incident_query_no_entry(DueEvents *out, Ctx *c, Str from, Str to) MUST;
/* Open events whose next step was due in [from, to]. */
Err incident_query_overdue(DueEvents *out, Ctx *c, Str from, Str to) MUST;
/* Open events whose claim is to be made in [from, to] and was not. */
Err incident_query_claims(DueEvents *out, Ctx *c, Str from, Str to) MUST;

/* Units that a role of the two is given for, and that have incidents in or below them. */
typedef struct UnitIds {
    int64_t *items;
    size_t n, cap;
} UnitIds;
Err incident_query_digest_units(UnitIds *out, Ctx *c) MUST;

typedef struct UnitMonth {
    int64_t declared, late, losses, gross, net, near_misses, closed; /* in the month */
    int64_t open; /* now, whenever they were declared */
} UnitMonth;
/* Of a unit and below, in the reader's scope; late: declared after more than `limit` days. Group
 * currency. */
Err incident_query_unit_month(UnitMonth *out, Ctx *c, int64_t unit, Str from, Str to,
                              int64_t limit) MUST;

#endif
