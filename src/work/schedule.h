/* schedule.h: work by the clock: for each JobDef with a rule (`every`) one outbox row a slot, on
 * whichever node looks first. Slots missed while nothing ran give one row on return. A node whose
 * clock jumped waits until it is trusted again, and a slot that once ran never runs again when the
 * clock goes back. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_SCHEDULE_H
#define WORK_SCHEDULE_H

#include "work/work.h"

extern const DbTable schedule_tables[]; /* ends with {0} */

/* Is any slot due: cheap, for a reading transaction. */
Err schedule_due(bool *out, Ctx *c) MUST;
/* Adds the rows of all slots that are due at c->now_us; writing transaction. */
Err schedule_tick(int64_t *added, Ctx *c) MUST;

/* Tells a clock that was set from one that runs: wall time and monotonic time must go on alike, and
 * the database's clock, when it is another one, must agree. */
typedef struct ClockGuard {
    int64_t wall, mono;   /* of the last look */
    int64_t trusted_from; /* monotonic; before it nothing is scheduled */
} ClockGuard;
enum { CLOCK_JUMP_SECONDS = 60, CLOCK_CALM_SECONDS = 300 };
/* False: do not schedule now. Logs when it begins to distrust. database: its clock, 0 unknown. */
bool clock_guard(ClockGuard *g, int64_t wall, int64_t mono, int64_t database);

#endif
