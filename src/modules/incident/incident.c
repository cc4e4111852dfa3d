/* incident.c: the module's table: incidents and losses, from the first word of a declarant to the
 * figures of the committee. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident.h"

static const TypeDef *const types[] = {
    &incident_type,           &incident_entry_type,    &incident_rca_type,
    &incident_pattern_type,   &incident_template_type, &incident_external_type,
    &incident_exclusion_type, &incident_message_type,  NULL};

const Module module_incident = {.name = "incident",
                                .label = N_("Incidents and losses"),
                                .uses =
                                    "entity unit user taxon rate setting approval_limit process",
                                .types = types,
                                .measures = incident_measures,
                                .pages = incident_pages,
                                .seed = incident_seed,
                                .demo = incident_demo,
                                .demo_order = INCIDENT_ORDER};
