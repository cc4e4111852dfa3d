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

/* ---- assignment_answer.c: answers that are fields of the source record ---- */

/* An answer is kept in the assignment (rows of field, before and after as machine texts) until it
 * changes the record: at once, or when the reviewer accepts it. Whoever writes must have the right
 * to: the person asked, or else who accepts. */
/* The step "answer": rows are checked against the record as it is, by a dry run; result is set when
 * it was left empty. Issues name the fields of the record. ERR_CONFLICT: it has changed. */
Err answer_take(Ctx *c, Record *r) MUST;
Err answer_apply(Ctx *c, const Record *r) MUST;
/* The record that an assignment is about; NULL: gone, or its module is. No rights. */
Err answer_source(Record **out, Ctx *c, const Record *r) MUST;
/* The row of a field; NULL: none. */
const Value *answer_row(const Record *r, const char *field);
enum { ANSWER_FIELD, ANSWER_BEFORE, ANSWER_AFTER, ANSWER_CELLS };
/* What is typed over what the record holds: the form's values, also of an answer sent back. */
Err answer_over(Record **out, Ctx *c, const Record *r, const Record *source) MUST;
Value answer_rows_value(Ctx *c, const Value *rows, size_t n); /* of arrays of ANSWER_CELLS */
Value answer_row_value(Ctx *c, const Field *f, Value before, Value after);
/* May anybody who has to do with it write the record now? c: who looks. */
Err answer_may_write(bool *out, Ctx *c, const Record *r, const Record *source) MUST;

/* After any save: the assignments about a record that becomes restricted become it, too. */
Err assignments_follow(Ctx *c, const Saving *s) MUST;

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
/* Has a plan asked about a record for this period? */
Err assignment_asked_for(bool *out, Ctx *c, int64_t plan, int64_t source, Str from, Str to) MUST;
/* Open assignments whose holder is disabled, or away by a delegation of today. */
Err assignment_orphans(int64_t **out, size_t *n, Ctx *c, Str today) MUST;
/* How many assignments of a plan are due in each month of a year (12 counts), and how many of them
 * are done. */
Err assignment_year(int64_t asked[12], int64_t done[12], Ctx *c, int64_t plan, int year) MUST;

#endif
