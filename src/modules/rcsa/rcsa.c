/* rcsa.c: the module's table: risks, controls, appetite, the method of rating and the campaigns of
 * self-assessment. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa.h"

static const TypeDef *const types[] = {&rcsa_risk_type,       &rcsa_control_type,
                                       &rcsa_campaign_type,   &rcsa_assessment_type,
                                       &rcsa_appetite_type,   &rcsa_incident_type,
                                       &rcsa_definition_type, &rcsa_control_definition_type,
                                       &rcsa_method_type,     NULL};

extern const Module module_rcsa;
const Module module_rcsa = {.name = "rcsa",
                            .label = N_("Risks and self-assessment"),
                            .uses = "entity unit user taxon setting process incident "
                                    "financial_entry pattern issue action risk_acceptance "
                                    "indicator",
                            .types = types,
                            .measures = rcsa_measures,
                            .pages = rcsa_pages,
                            .attach = rcsa_attach,
                            .sections = rcsa_page_sections,
                            .columns = rcsa_columns,
                            .seed = rcsa_seed,
                            .demo = rcsa_demo,
                            .demo_order = RCSA_ORDER};
