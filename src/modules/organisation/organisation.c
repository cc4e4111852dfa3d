/* organisation.c: the module's table and the process type. Entities, units, people and roles are types of the engine; this module
 * adds processes, the shipped taxonomies and settings, the organisation chart and the demonstration bank.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/organisation/organisation.h"

/* clang-format off */
static const Choice levels[] = {
    {"1", N_("Macro process"), 0}, {"2", N_("Process"), 0}, {"3", N_("Sub-process"), 0}, {"4", N_("Activity"), 0}, {0}
};
static const FieldDef process_fields[] = {
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_SEARCHED | F_FIXED, .max_length = 40, .help = N_("Short and lasting, for example P04.")},
    {.name = "name_fr", .label = N_("Name in French"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_SEARCHED | F_LISTED | F_SORTED},
    {.name = "name_en", .label = N_("Name in English"), .kind = KIND_TEXT, .flags = F_SEARCHED},
    {.name = "name_ar", .label = N_("Name in Arabic"), .kind = KIND_TEXT, .flags = F_SEARCHED},
    {.name = "level", .label = N_("Level"), .kind = KIND_CHOICE, .choices = levels, .flags = F_REQUIRED | F_LISTED | F_FILTER, .default_value = "2"},
    {.name = "parent", .label = N_("Part of"), .kind = KIND_REF, .of = "process", .flags = F_LISTED},
    {.name = "process_owner", .label = N_("Process owner"), .kind = KIND_USER, .flags = F_LISTED | F_FILTER},
    {.name = "in_unit", .label = N_("Unit in charge"), .kind = KIND_UNIT, .flags = F_LISTED | F_FILTER},
    {.name = "critical", .label = N_("Critical process"), .kind = KIND_BOOL, .flags = F_LISTED | F_FILTER, .help = N_("Its stop for a few hours would do serious harm.")},
    {.name = "business_line", .label = N_("Business line"), .kind = KIND_TAXON, .of = "business_line", .flags = F_FILTER},
    {.name = "description", .label = N_("Description"), .kind = KIND_LONG, .flags = F_SEARCHED},
    {.name = "inputs", .label = N_("Inputs"), .kind = KIND_TEXT, .flags = F_MORE, .max_length = 500},
    {.name = "outputs", .label = N_("Outputs"), .kind = KIND_TEXT, .flags = F_MORE, .max_length = 500},
    {.name = "customers", .label = N_("Customers of the process"), .kind = KIND_TEXT, .flags = F_MORE, .max_length = 500},
    {.name = "systems", .label = N_("Systems used"), .kind = KIND_TEXT, .flags = F_MORE, .max_length = 500},
    {.name = "third_parties", .label = N_("Third parties used"), .kind = KIND_TEXT, .flags = F_MORE, .max_length = 500},
    {.name = "yearly_volume", .label = N_("Volume a year"), .kind = KIND_INT, .flags = F_MORE, .min = 0, .max = INT64_C(1000000000000)},
    {0}
};
static const StateDef process_states[] = {
    {"active",  N_("Active"),  TONE_GOOD,  1, 0, NULL},
    {"retired", N_("Retired"), TONE_MUTED, 2, STATE_CLOSED, NULL},
    {0}
};
static const TransitionDef process_transitions[] = {
    {"retire",  N_("Retire"),    "active",  "retired", "organisation", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("retired it")},
    {"restore", N_("Use again"), "retired", "active",  "organisation", TRANSITION_REASON, .done = N_("put it back into use")},
    {0}
};
static const GrantDef process_grants[] = {
    {"declarant",    OP_READ, SCOPE_ALL, true, NULL, NULL, NULL},
    {"organisation", OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY | OP_IMPORT, SCOPE_ALL, true, NULL, NULL, NULL},
    {"methodology",  OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY | OP_IMPORT, SCOPE_ALL, true, NULL, NULL, NULL},
    {"auditor",      OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {0}
};
const TypeDef organisation_process_type = {
    .name = "process", .label = N_("Process"), .plural_label = N_("Processes"), .plural = "processes", .prefix = "PRO", .key = "code", .title = "name",
    .icon = "route", .flags = TYPE_NO_UNIT | TYPE_TREE, .fields = process_fields, .states = process_states, .transitions = process_transitions,
    .grants = process_grants, .validate = organisation_process_validate, .list_default = "sort=code&limit=100",
    .text = N_("What the bank does, from end to end, and who answers for it.")};
/* clang-format on */

Err organisation_process_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    Record *up;
    int64_t id = record_int(r, "parent");
    for (int depth = 0; id; depth++) {
        if (id == r->id || depth > 8) return issue(c, "parent", "cycle", N_("A process cannot be part of itself."));
        TRY(record_load_raw(&up, c, r->type, id));
        if (depth == 0 && str_cmp(record_text(up, "level"), record_text(r, "level")) >= 0)
            issue(c, "level", "order", N_("The level must be below that of the process it is part of."));
        id = record_int(up, "parent");
    }
    return OK;
}

static const TypeDef *const types[] = {&organisation_process_type, NULL};

const Module module_organisation = {.name = "organisation",
                                    .label = N_("Organisation"),
                                    .uses = "entity unit user role_assignment taxon rate approval_limit setting",
                                    .types = types,
                                    .pages = organisation_pages,
                                    .seed = organisation_seed,
                                    .demo = organisation_demo,
                                    .demo_order = 1};
