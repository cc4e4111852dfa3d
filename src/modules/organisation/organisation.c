/* organisation.c: the organisation module: the processes of the bank as a record type (objectives
 * are in organisation_objective.c), the lists it starts with, chart and people pages, and the
 * demonstration bank. Entities, units and people themselves are types of the engine.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/organisation/organisation.h"
#include "model/library.h"

#include "model/core_rules.h"

/* clang-format off */
static const Choice channels[] = {
    {"branch", N_("Branch"), 0}, {"business_centre", N_("Business centre"), 0}, {"atm", N_("Cash machine"), 0},
    {"online", N_("Online banking"), 0}, {"mobile", N_("Mobile application"), 0}, {"phone", N_("Telephone"), 0},
    {"merchant", N_("Merchant terminal"), 0}, {"back_office", N_("Back office"), 0}, {"market", N_("Trading room"), 0}, {0}
};
static const FieldGroup process_groups[] = {
    {"process", N_("Process"), N_("What the bank does, from its domains down to single activities.")},
    {"means",   N_("How it is done"), N_("Through which channels, with which systems and providers, how often.")},
    {0}
};
static const FieldDef process_fields[] = {
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .group = "process", .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_SEARCHED | F_FIXED, .max_length = 40,
     .help = N_("Short and lasting, for example P04 or P04.2.")},
    {.name = "name_fr", .label = N_("Name in French"), .kind = KIND_TEXT, .group = "process", .flags = F_REQUIRED | F_SEARCHED | F_LISTED | F_SORTED},
    {.name = "name_en", .label = N_("Name in English"), .kind = KIND_TEXT, .group = "process", .flags = F_SEARCHED},
    {.name = "name_ar", .label = N_("Name in Arabic"), .kind = KIND_TEXT, .group = "process", .flags = F_SEARCHED},
    {.name = "level", .label = N_("Level"), .kind = KIND_INT, .group = "process", .min = 1, .max = 4, .default_value = "1", .flags = F_FILTER,
     .help = N_("1 domain, 2 process, 3 sub-process, 4 activity.")},
    {.name = "parent", .label = N_("Part of"), .kind = KIND_REF, .of = "process", .group = "process", .flags = F_LISTED},
    {.name = "in_unit", .label = N_("Unit in charge"), .kind = KIND_UNIT, .group = "process", .flags = F_LISTED | F_FILTER},
    {.name = "process_owner", .label = N_("Process owner"), .kind = KIND_USER, .group = "process", .flags = F_LISTED | F_FILTER},
    {.name = "critical", .label = N_("Critical"), .kind = KIND_BOOL, .group = "process", .flags = F_LISTED | F_FILTER,
     .help = N_("Its interruption would put clients, the bank or its obligations in danger.")},
    {.name = "business_line", .label = N_("Business line"), .kind = KIND_TAXON, .of = "business_line", .group = "process", .flags = F_FILTER},
    {.name = "description", .label = N_("Description"), .kind = KIND_LONG, .group = "process", .flags = F_SEARCHED},
    {.name = "channels", .label = N_("Channels"), .kind = KIND_CHOICES, .choices = channels, .group = "means"},
    {.name = "used_systems", .label = N_("Systems used"), .kind = KIND_REFS, .of = "system", .group = "means", .flags = F_FILTER},
    {.name = "systems", .label = N_("Other systems"), .kind = KIND_TEXT, .group = "means", .flags = F_SEARCHED | F_MORE, .max_length = 400, .help = N_("Those that are not in the list of systems, separated by commas.")},
    {.name = "third_parties", .label = N_("Providers used"), .kind = KIND_TEXT, .group = "means", .flags = F_SEARCHED, .max_length = 400, .help = N_("Companies outside the bank, separated by commas.")},
    {.name = "products", .label = N_("Products"), .kind = KIND_REFS, .of = "product", .group = "means", .flags = F_FILTER},
    {.name = "volume", .label = N_("Operations a year"), .kind = KIND_INT, .group = "means", .min = 0, .max = INT64_C(1000000000000)},
    {.name = "other_units", .label = N_("Other units that take part"), .kind = KIND_REFS, .of = "unit", .group = "means", .flags = F_MORE | F_FILTER},
    {.name = "inputs", .label = N_("What comes in"), .kind = KIND_TEXT, .group = "means", .flags = F_MORE | F_MULTILINE | F_SEARCHED, .max_length = 1000, .help = N_("Documents, data and orders that start it, and who sends them.")},
    {.name = "outputs", .label = N_("What comes out"), .kind = KIND_TEXT, .group = "means", .flags = F_MORE | F_MULTILINE | F_SEARCHED, .max_length = 1000},
    {.name = "customers", .label = N_("For whom"), .kind = KIND_TEXT, .group = "means", .flags = F_MORE | F_MULTILINE | F_SEARCHED, .max_length = 1000, .help = N_("Clients, units and authorities that receive it.")},
    {.name = "procedure", .label = N_("Procedure"), .kind = KIND_TEXT, .group = "means", .flags = F_MORE | F_SEARCHED, .max_length = 400, .help = N_("Its reference, or where it is kept.")},
    {0}
};
static const GrantDef process_grants[] = {
    {"declarant",    OP_READ, SCOPE_ALL, true, NULL, NULL, NULL},
    {"organisation", OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY | OP_IMPORT, SCOPE_ALL, true, NULL, NULL, NULL},
    {"analyst",      OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {"auditor",      OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {0}
};
const TypeDef process_type = {
    .name = "process", .label = N_("Process"), .plural_label = N_("Processes"), .plural = "processes", .prefix = "PRC",
    .key = "code", .title = "name", .icon = "route", .flags = TYPE_TREE | TYPE_NO_UNIT, .groups = process_groups,
    .fields = process_fields, .states = library_states, .transitions = library_steps_of_organisation, .grants = process_grants,
    .validate = core_tree_validate, .list_default = "sort=code",
    .text = N_("What the bank does: incidents, risks and controls are attached to processes.")};
/* clang-format on */

static const TypeDef *const types[] = {
    &process_type,    &objective_type,    &product_type,           &site_type, &system_type,
    &gl_account_type, &taxonomy_map_type, &taxonomy_map_line_type, NULL};

extern const Module module_organisation;
const Module module_organisation = {.name = "organisation",
                                    .label = N_("Organisation"),
                                    .uses = "entity unit user role_assignment taxon setting",
                                    .types = types,
                                    .pages = organisation_pages,
                                    .seed = organisation_seed,
                                    .demo = organisation_demo,
                                    .demo_order = 1};
