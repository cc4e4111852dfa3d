/* job.h: working off the outbox: claim a row, run it, say how it ended. A claim is a lease with a
 * fencing number: whoever comes back too late holds an old number and its writing is refused. Any
 * number of threads and nodes may claim at once; kill -9 is the normal stop. Order: job_due,
 * job_claim (own transaction), the work, job_hold and then job_done or job_failed (one
 * transaction). SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_JOB_H
#define WORK_JOB_H

#include "model/outbox.h"

enum { JOB_MOST_ATTEMPTS = 30, JOB_LEASE_SECONDS = 20 };

typedef struct Claim {
    Job job;
    const JobDef *def;
    int64_t fence;
    Str target; /* lane or topic: what pauses together */
} Claim;

const JobDef *job_def(const Model *m, Str topic);
/* Is there a row to claim: cheap, for a reading transaction. owner: random name of this process. */
Err job_due(bool *out, Ctx *c, Str owner) MUST;
/* The next row that is due, now leased to `owner` with one more attempt counted; rows of other
 * owners whose lease ran out, too. Rows of a lane come one at a time, in the order they were
 * added. */
Err job_claim(Claim *out, bool *found, Ctx *c, Str owner) MUST;
/* Further rows of short topics, never tried before and first of their lanes; leased, too. */
typedef struct Claims {
    Claim *items;
    size_t n, cap;
} Claims;
Err job_claim_short(Claims *out, Ctx *c, Str owner, int most) MUST;
/* Locks the row; *mine false: the lease was lost, nothing may be written. */
Err job_hold(bool *mine, Ctx *c, const Claim *claim) MUST;
Err job_done(Ctx *c, const Claim *claim) MUST;
/* Plans the next attempt (10 s, 20 s ... at most an hour apart), or sets the row aside: at once for
 * an error that waiting does not mend, after 30 attempts (about a day) otherwise. */
Err job_failed(Ctx *c, const Claim *claim, Err why) MUST;
/* On SQLite at start: what another process had claimed is free, for it is gone. */
Err job_release_all(Ctx *c) MUST;
/* Seconds until attempt n + 1. */
int64_t job_backoff(int attempts, int64_t id);

/* ---- for the administrator ---- */
typedef struct JobRow {
    int64_t id, created_at, due_at, ended_at, attempts;
    Str topic, key, state, error;
} JobRow;
typedef struct JobRows {
    JobRow *items;
    size_t n, cap;
} JobRows;
typedef struct JobCounts {
    int64_t ready, late, running, done, dead; /* late: due for more than a minute */
} JobCounts;
Err job_counts(JobCounts *out, Ctx *c) MUST;
/* Newest first, before_id 0: from the newest. state empty: all. */
Err job_list(JobRows *out, Ctx *c, Str state, int64_t before_id, size_t limit) MUST;
/* Ready again with its attempts forgotten; ERR_MISSING when it is not set aside. id 0: all of them.
 */
Err job_resend(int64_t *changed, Ctx *c, int64_t id) MUST;
/* Gives up for good; it stays in the list as done, with its error. */
Err job_drop(Ctx *c, int64_t id) MUST;
/* Removes what ended more than OUTBOX_KEEP_US ago; rows set aside stay. */
Err job_sweep(int64_t *removed, Ctx *c) MUST;

#endif
