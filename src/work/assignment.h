/* assignment.h: something asked of a person by a day: once by code (work_ask), or on a schedule by
 * a plan (a record type) for each of its source records. A day's job opens, reminds, escalates up
 * the unit tree and hands over what somebody can no longer do. SPDX-License-Identifier:
 * GPL-3.0-or-later
 */
#ifndef WORK_ASSIGNMENT_H
#define WORK_ASSIGNMENT_H

#include "work/work.h"

extern const TypeDef plan_type, assignment_type;

Err assignments_plan(Ctx *c,
                     Job *job) MUST; /* topic "assignments": makes what is due within the horizon */
Err assignments_day(
    Ctx *c, Job *job) MUST; /* topic "assignment_day": opens, reminds, escalates, hands over */
/* One plan now: adds what is missing up to its horizon. */
Err plan_generate(int64_t *made, Ctx *c, const Record *plan) MUST;

/* ---- assignment_query.c ---- */
typedef struct PlanFigures {
    int64_t plan; /* 0: asked by code */
    int64_t asked, done, on_time, open, late;
} PlanFigures;
Err assignment_figures(PlanFigures **out, size_t *n, Ctx *c, Str from, Str to) MUST;
/* Open assignments that are due on or before a day; ids in order. */
Err assignment_due(int64_t **out, size_t *n, Ctx *c, const char *state, Str until) MUST;
/* The day on which the newest finished assignment of a plan about a record was completed. */
Err assignment_last_done(Str *out, bool *found, Ctx *c, int64_t plan, int64_t source) MUST;
/* Open assignments whose holder is disabled, or away by a delegation of today. */
Err assignment_orphans(int64_t **out, size_t *n, Ctx *c, Str today) MUST;
/* How many assignments of a plan are due in each month of a year (12 counts), and how many of them
 * are done. */
Err assignment_year(int64_t asked[12], int64_t done[12], Ctx *c, int64_t plan, int year) MUST;

#endif
