/* work.c: what work/ brings to the model: its types, tables, pages, jobs and commands.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/work.h"

#include "model/account.h"
#include "model/idempotency.h"
#include "store/file_store.h"
#include "work/calendar.h"
#include "work/job.h"
#include "work/pages.h"
#include "work/schedule.h"

static Err sweep_run(Ctx *c, Job *job) {
    int64_t n;
    (void)job;
    TRY(account_sweep(&n, c));
    TRY(idempotency_sweep(&n, c));
    TRY(job_sweep(&n, c));
    return file_store_sweep(&n, c->db, c->now_us - INT64_C(86400) * 1000000);
}

/* clang-format off */
static const TypeDef *const types[] = {&calendar_type, &holiday_type, NULL};
static const JobDef jobs[] = {
    {.topic = "sweep", .label = N_("Removes what has expired"), .every = "hourly", .run = sweep_run},
    {0}
};
static const AttachDef attach[] = {
    {.type = "calendar", .section = calendar_section},
    {0}
};
static const PageDef pages[] = {
    {.path = "/jobs", .label = N_("Background work"), .right = "role:admin", .build = job_page_build, .nav = "administration", .icon = "refresh", .post = job_page_post},
    {0}
};
static const CommandDef commands[] = {
    {"jobs", "jobs list [ready|running|done|dead] [--json] | resend ID|all", "look at the background work and send again what was set aside", true, jobs_command_run},
    {0}
};
/* clang-format on */

const Module work_module = {.name = "automation",
                            .label = N_("Background work"),
                            .types = types,
                            .pages = pages,
                            .attach = attach,
                            .commands = commands,
                            .jobs = jobs,
                            .tables = schedule_tables,
                            .seed = calendar_seed};
