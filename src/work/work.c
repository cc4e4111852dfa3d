/* work.c: what work/ brings to the model: its types, tables, pages, jobs and commands.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/work.h"

#include "work/pages.h"

/* clang-format off */
static const PageDef pages[] = {
    {.path = "/jobs", .label = N_("Background work"), .right = "role:admin", .build = job_page_build, .nav = "administration", .icon = "refresh", .post = job_page_post},
    {0}
};
static const CommandDef commands[] = {
    {"jobs", "jobs list [ready|running|done|dead] [--json] | resend ID|all", "look at the background work and send again what was set aside", true, jobs_command_run},
    {0}
};
/* clang-format on */

const Module work_module = {
    .name = "work", .label = N_("Background work"), .pages = pages, .commands = commands};
