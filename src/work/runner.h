/* runner.h: the threads of a node that work off the outbox. Order: runner_start after the database
 * is migrated, runner_stop before it is closed; what is under way is finished, or left to whoever
 * comes next. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_RUNNER_H
#define WORK_RUNNER_H

#include "work/work.h"

typedef struct Runner Runner;
/* threads 0: this node leaves the work to others. config lives as long as the runner. */
Err runner_start(Runner **out, Arena *process, const Model *m, DbBase *base,
                 const WorkConfig *config, int threads) MUST;
void runner_stop(Runner *r);

/* One thread's part, for tests and commands: claims and runs a row that is due, or some short ones
 * together. *ran false: there was none. now_us 0: the clock. */
typedef struct RunnerPart {
    const Model *model;
    DbSession *session;
    const WorkConfig *config;
    Str owner;
    int64_t now_us;
} RunnerPart;
Err runner_once(bool *ran, const RunnerPart *part) MUST;

#endif
