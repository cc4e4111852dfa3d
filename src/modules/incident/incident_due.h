/* incident_due.h: what counts working days in incidents: by when the next step is due, and until
 * when a recovery is rapid; by the calendar of the unit (work/calendar.h).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INCIDENT_INCIDENT_DUE_H
#define MODULES_INCIDENT_INCIDENT_DUE_H

#include "model/record.h"
#include "modules/incident/incident_calc.h"

/* In compute: when a step begins, its due date and the calendar that counted it are set, once. */
Err incident_due_set(Ctx *c, const Record *before, Record *r) MUST;
/* The last day on which a recovery is rapid: `rapid_recovery_days` working days after the day of
 * occurrence, or of discovery when that is unknown. INT64_MIN: both are unknown. Without a
 * later recovery: that day itself, and no calendar is read. */
Err incident_rapid_until(int64_t *out, Ctx *c, const Record *r, const CalcEntry *entries,
                         size_t n) MUST;
/* After a calendar, a holiday, an entity or a unit was saved: recoveries of the days concerned are
 * judged anew, stretch by stretch. */
Err incident_calendar_after_save(Ctx *c, const Saving *s);
Err incident_rapid_job(Ctx *c, Job *job);

#endif
