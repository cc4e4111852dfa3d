/* incident.c: the module's table: incidents and losses, from the first word of a declarant to the
 * figures of the committee. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident.h"
#include "modules/incident/incident_similar.h"

static const TypeDef *const types[] = {
    &incident_type,           &incident_entry_type,    &incident_rca_type,
    &incident_pattern_type,   &incident_template_type, &incident_external_type,
    &incident_exclusion_type, &incident_message_type,  NULL};

/* clang-format off */
static const NoticeDef notices[] = {
    {.name = "incident.declared", .type = "incident", .on = "=declared", .to = "unit_head correspondent analyst", .text = N_("Incident declared"), .tone = TONE_WARN},
    {.name = "incident.over_limit", .type = "incident", .on = "=approval", .to = "unit_head correspondent head_orm", .text = N_("Amount above the limit"), .tone = TONE_BAD},
    {.name = "incident.asked", .type = "incident", .on = "ask", .to = "@creator", .text = N_("A question about what you declared"), .tone = TONE_ACCENT},
    {.name = "incident.closed", .type = "incident", .on = "close", .to = "@creator @owner correspondent", .text = N_("Incident closed"), .tone = TONE_GOOD},
    {0}
};
/* clang-format on */

static const AttachDef attach[] = {{.type = "incident", .panel = similar_panel},
                                   {.type = "unit", .panel = incident_poster_panel},
                                   {0}};

const Module module_incident = {.name = "incident",
                                .label = N_("Incidents and losses"),
                                .uses =
                                    "entity unit user taxon rate setting approval_limit process",
                                .types = types,
                                .measures = incident_measures,
                                .attach = attach,
                                .pages = incident_pages,
                                .notices = notices,
                                .seed = incident_seed,
                                .demo = incident_demo,
                                .demo_order = INCIDENT_ORDER,
                                .demo_slice = incident_demo_slice};
