/* incident.c: the module's table: incidents and losses, from the first word of a declarant to the
 * figures of the committee. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_daily.h"
#include "modules/incident/incident.h"
#include "modules/incident/incident_due.h"
#include "modules/incident/incident_similar.h"
#include "modules/incident/incident_taxonomy.h"
#include "modules/incident/incident_threshold.h"

static const TypeDef *const types[] = {
    &incident_type,           &incident_entry_type,    &incident_rca_type,
    &incident_pattern_type,   &incident_template_type, &incident_external_type,
    &incident_exclusion_type, &incident_message_type,  NULL};

static bool is_restricted(Ctx *c, const Record *r) {
    (void)c;
    return r->is_restricted;
}

/* clang-format off */
static const JobDef jobs[] = {
    {.topic = "incident_daily", .label = N_("Reminds of estimates, entries and claims of incidents"), .every = "daily 05:40", .run = incident_daily_job},
    {.topic = "incident_digest", .label = N_("Tells each unit of its incidents of the month before"), .every = "monthly workday 2 07:00", .run = incident_digest_job},
    {.topic = "incident_thresholds", .label = N_("Judges losses anew after a threshold has changed"), .run = incident_threshold_job},
    {.topic = "incident_rapid", .label = N_("Judges recoveries anew after a business calendar has changed"), .run = incident_rapid_job},
    {.topic = "incident_close_small", .label = N_("Close small incidents whose template says so"), .every = "workdays 05:45", .run = incident_close_small},
    {0}};
static const NoticeDef notices[] = {
    {.name = "incident.declared", .type = "incident", .on = "=declared", .to = "unit_head correspondent analyst", .text = N_("Incident declared"), .tone = TONE_WARN},
    {.name = "incident.over_limit", .type = "incident", .on = "=approval", .to = "unit_head correspondent head_orm", .text = N_("Amount above the limit"), .tone = TONE_BAD},
    {.name = "incident.to_approve", .type = "incident", .to = "head_orm", .text = N_("Waits for your approval"), .tone = TONE_ACCENT},
    {.name = "incident.category", .type = "incident", .to = "analyst", .text = N_("Incident of a category that you follow: {0}"), .tone = TONE_WARN},
    {.name = "incident.not_event", .type = "incident", .on = "not_event", .to = "analyst", .text = N_("Declaration found to be no incident"), .tone = TONE_INFO},
    {.name = "incident.asked", .type = "incident", .on = "ask", .to = "@creator", .text = N_("A question about what you declared"), .tone = TONE_ACCENT},
    {.name = "incident.restricted", .type = "incident", .on = "=declared", .to = "inspection compliance", .text = N_("Confidential case declared"), .when = is_restricted, .tone = TONE_BAD},
    {.name = "incident.reopened", .type = "incident", .on = "reopen late_booking", .to = "@owner unit_head correspondent analyst", .text = N_("Incident reopened"), .tone = TONE_WARN},
    {.name = "incident.overdue", .to = "correspondent", .text = N_("Next step overdue since {0}"), .tone = TONE_BAD},
    {.name = "incident.stale", .to = "correspondent analyst", .text = N_("Estimate not reviewed since {0}"), .tone = TONE_WARN},
    {.name = "incident.no_entry", .to = "correspondent finance", .text = N_("No entry yet, declared on {0}"), .tone = TONE_WARN},
    {.name = "incident.claim_soon", .to = "@owner correspondent finance", .text = N_("To be claimed from the insurer or provider by {0}"), .tone = TONE_WARN},
    {.name = "incident.claim_late", .to = "@owner correspondent finance analyst", .text = N_("Not claimed from the insurer or provider, due on {0}"), .tone = TONE_BAD},
    {.name = "incident.digest", .to = "unit_head correspondent", .text = N_("Incidents of the unit, month {0}"), .tone = TONE_INFO},
    {.name = "incident.closed", .type = "incident", .on = "close", .to = "@creator @owner correspondent", .text = N_("Incident closed"), .tone = TONE_GOOD},
    {0}
};
/* clang-format on */

static const AttachDef attach[] = {{.type = "incident", .panel = incident_outage_panel},
                                   {.type = "incident", .panel = incident_template_panel},
                                   {.type = "incident", .panel = similar_panel},
                                   {.type = "setting", .after_save = incident_setting_after_save},
                                   {.type = "calendar", .after_save = incident_calendar_after_save},
                                   {.type = "holiday", .after_save = incident_calendar_after_save},
                                   {.type = "entity", .after_save = incident_calendar_after_save},
                                   {.type = "unit", .after_save = incident_calendar_after_save},
                                   {.type = "incident", .panel = taxonomy_panel},
                                   {.type = "unit", .panel = incident_poster_panel},
                                   {.type = "unit", .section = incident_digest_section},
                                   {0}};

const Module module_incident = {
    .name = "incident",
    .label = N_("Incidents and losses"),
    .uses =
        "entity unit user taxon rate setting approval_limit process control indicator issue taxonomy_map taxonomy_map_line calendar holiday",
    .types = types,
    .measures = incident_measures,
    .attach = attach,
    .readings = incident_readings,
    .pages = incident_pages,
    .notices = notices,
    .jobs = jobs,
    .seed = incident_seed,
    .demo = incident_demo,
    .demo_order = INCIDENT_ORDER,
    .demo_slice = incident_demo_slice};
