/* action.c: the module's table: issues (French: constats), actions, extensions, acceptances of
 * risk. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/action/action.h"

static const TypeDef *const types[] = {&action_issue_type, &action_type, &action_extension_type,
                                       &action_acceptance_type, NULL};

/* clang-format off */
static const JobDef jobs[] = {
    {.topic = "action_daily", .label = N_("Ends acceptances that ran out, opens effectiveness checks and reminds of dates"), .every = "daily 05:30", .run = action_daily_job},
    {0}};
static const CommandDef commands[] = {
    {"actions-daily", "actions-daily", "end acceptances that ran out, open the effectiveness checks of today, remind of dates", true, action_daily_command},
    {0}};
/* clang-format on */

const Module module_action = {
    .name = "action",
    .label = N_("Issues and action plans"),
    .uses = "entity unit user taxon rate setting incident root_cause_analysis breach risk control "
            "process",
    .types = types,
    .measures = action_measures,
    .pages = action_pages,
    .attach = action_attach,
    .sections = action_sections,
    .notices = action_notices,
    .jobs = jobs,
    .commands = commands,
    .seed = action_seed,
    .demo = action_demo,
    .demo_order = ACTION_ORDER};
