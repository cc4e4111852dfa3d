/* organisation_structure.c: what the bank sells and works with: products, sites, systems and the
 * accounts of the general ledger, as record types. Processes refer to products and systems. Data,
 * and the few rules that no table can say. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/organisation/organisation.h"

#include "model/core_rules.h"
#include "model/library.h"

/* clang-format off */
#define CODE(example) {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_SEARCHED | F_FIXED, .max_length = 40, .help = example}

/* ---- products ---- */
static const FieldDef product_fields[] = {
    CODE(N_("Short and lasting, for example CRED-CONSO.")),
    LIBRARY_NAMES,
    {.name = "parent", .label = N_("Part of"), .kind = KIND_REF, .of = "product", .flags = F_LISTED},
    {.name = "business_line", .label = N_("Business line"), .kind = KIND_TAXON, .of = "business_line", .flags = F_LISTED | F_FILTER},
    {.name = "in_unit", .label = N_("Unit in charge"), .kind = KIND_UNIT, .flags = F_LISTED | F_FILTER},
    {.name = "product_owner", .label = N_("Product owner"), .kind = KIND_USER, .flags = F_FILTER},
    {.name = "approved_on", .label = N_("Approved as a new product on"), .kind = KIND_DATE, .flags = F_MORE},
    {.name = "description", .label = N_("Description"), .kind = KIND_LONG, .flags = F_MORE | F_SEARCHED},
    LIBRARY_VALIDITY, {0}
};

/* ---- sites ---- */
static const Choice site_kinds[] = {
    {"head_office", N_("Head office"), 0}, {"office", N_("Offices"), 0}, {"branch", N_("Branch"), 0},
    {"data_centre", N_("Data centre"), 0}, {"backup", N_("Back-up site"), 0}, {"archive", N_("Archive"), 0},
    {"other", N_("Other"), 0}, {0}
};
static const FieldDef site_fields[] = {
    CODE(N_("Short and lasting, for example CAS-SIEGE.")),
    LIBRARY_NAMES,
    {.name = "kind", .label = N_("Kind of site"), .kind = KIND_CHOICE, .choices = site_kinds, .flags = F_REQUIRED | F_LISTED | F_FILTER},
    {.name = "entity", .label = N_("Legal entity"), .kind = KIND_REF, .of = "entity", .flags = F_FILTER},
    {.name = "in_unit", .label = N_("Unit in charge"), .kind = KIND_UNIT, .flags = F_LISTED | F_FILTER},
    {.name = "city", .label = N_("City"), .kind = KIND_TEXT, .flags = F_LISTED | F_SEARCHED},
    {.name = "country", .label = N_("Country"), .kind = KIND_TEXT, .max_length = 2, .help = N_("Two letters, for example MA.")},
    {.name = "address", .label = N_("Address"), .kind = KIND_TEXT, .flags = F_MORE | F_MULTILINE, .max_length = 400},
    {.name = "work_places", .label = N_("Work places"), .kind = KIND_INT, .min = 0, .max = 1000000, .flags = F_MORE},
    {.name = "backup_site", .label = N_("Replaced by"), .kind = KIND_REF, .of = "site", .flags = F_MORE, .help = N_("The site where its work goes on when it cannot be used.")},
    LIBRARY_VALIDITY, {0}
};

/* ---- systems ---- */
static const Choice system_kinds[] = {
    {"application", N_("Application"), 0}, {"infrastructure", N_("Infrastructure"), 0}, {"data", N_("Data"), 0},
    {"equipment", N_("Equipment"), 0}, {"service", N_("Service of a provider"), 0}, {0}
};
static const Choice criticality[] = {
    {"critical", N_("Critical"), TONE_BAD}, {"important", N_("Important"), TONE_WARN}, {"standard", N_("Standard"), 0}, {0}
};
static const FieldDef system_fields[] = {
    CODE(N_("Short and lasting, for example CBS.")),
    LIBRARY_NAMES,
    {.name = "kind", .label = N_("Kind of system"), .kind = KIND_CHOICE, .choices = system_kinds, .flags = F_REQUIRED | F_LISTED | F_FILTER, .default_value = "application"},
    {.name = "parent", .label = N_("Part of"), .kind = KIND_REF, .of = "system"},
    {.name = "criticality", .label = N_("Criticality"), .kind = KIND_CHOICE, .choices = criticality, .flags = F_LISTED | F_FILTER},
    {.name = "in_unit", .label = N_("Unit in charge"), .kind = KIND_UNIT, .flags = F_LISTED | F_FILTER},
    {.name = "system_owner", .label = N_("System owner"), .kind = KIND_USER, .flags = F_FILTER},
    {.name = "provider", .label = N_("Provider"), .kind = KIND_TEXT, .flags = F_SEARCHED},
    {.name = "at_site", .label = N_("Hosted at"), .kind = KIND_REF, .of = "site", .flags = F_MORE | F_FILTER},
    {.name = "recovery_hours", .label = N_("Hours until it must run again"), .kind = KIND_INT, .min = 0, .max = 8760, .flags = F_MORE},
    {.name = "data_loss_hours", .label = N_("Hours of data that may be lost"), .kind = KIND_INT, .min = 0, .max = 8760, .flags = F_MORE},
    {.name = "description", .label = N_("Description"), .kind = KIND_LONG, .flags = F_MORE | F_SEARCHED},
    LIBRARY_VALIDITY, {0}
};

/* ---- accounts of the general ledger ---- */
static const Choice account_kinds[] = {
    {"asset", N_("Asset"), 0}, {"liability", N_("Liability"), 0}, {"expense", N_("Expense"), 0},
    {"income", N_("Income"), 0}, {"off_balance", N_("Off balance sheet"), 0}, {0}
};
static const Choice account_uses[] = {
    {"loss", N_("Losses"), 0}, {"provision", N_("Provisions"), 0}, {"recovery", N_("Recoveries"), 0},
    {"suspense", N_("Suspense account"), 0}, {"other", N_("Other"), 0}, {0}
};
static const FieldDef account_fields[] = {
    {.name = "code", .label = N_("Account number"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_SEARCHED | F_FIXED, .max_length = 40, .help = N_("As in the general ledger, for example 67110.")},
    LIBRARY_NAMES,
    {.name = "parent", .label = N_("Under"), .kind = KIND_REF, .of = "gl_account"},
    {.name = "entity", .label = N_("Legal entity"), .kind = KIND_REF, .of = "entity", .flags = F_LISTED | F_FILTER, .help = N_("Leave it empty when all entities use it.")},
    {.name = "kind", .label = N_("Kind of account"), .kind = KIND_CHOICE, .choices = account_kinds, .flags = F_REQUIRED | F_LISTED | F_FILTER},
    {.name = "used_for", .label = N_("Used for"), .kind = KIND_CHOICE, .choices = account_uses, .flags = F_LISTED | F_FILTER, .help = N_("What operational risk books there.")},
    {.name = "currency", .label = N_("Currency"), .kind = KIND_CHOICE, .of = "@currencies", .flags = F_MORE},
    LIBRARY_VALIDITY, {0}
};

static const GrantDef structure_grants[] = {
    {"declarant",    OP_READ, SCOPE_ALL, true, NULL, NULL, NULL},
    {"organisation", OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY | OP_IMPORT, SCOPE_ALL, true, NULL, NULL, NULL},
    {"analyst",      OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {"auditor",      OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {0}
};
static const GrantDef account_grants[] = {
    {"declarant",    OP_READ, SCOPE_ALL, true, NULL, NULL, NULL},
    {"finance",      OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY | OP_IMPORT, SCOPE_ALL, true, NULL, NULL, NULL},
    {"analyst",      OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {"auditor",      OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {0}
};
static const TransitionDef account_steps[] = {
    {"retire",  N_("Retire"),    "active",  "retired", "finance", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("retired it")},
    {"restore", N_("Use again"), "retired", "active",  "finance", TRANSITION_REASON, .done = N_("put it back into use")},
    {0}
};
/* clang-format on */

/* Begins before it ends, no circle, a country of two letters. */
static Err structure_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    Str from = record_text(r, "valid_from"), until = record_text(r, "valid_until");
    if (from.n && until.n && str_cmp(from, until) > 0)
        issue(c, "valid_until", "order", N_("It ends before it begins."));
    if (type_field(r->type, S("country"))) core_country(c, s->after, "country");
    if (type_field(r->type, S("backup_site")) && r->id && record_int(r, "backup_site") == r->id)
        issue(c, "backup_site", "self", N_("A site cannot replace itself."));
    return type_field(r->type, S("parent")) ? core_tree_validate(c, s) : OK;
}

/* clang-format off */
const TypeDef product_type = {
    .name = "product", .label = N_("Product"), .plural_label = N_("Products"), .prefix = "PRD", .key = "code", .title = "name", .icon = "briefcase",
    .flags = TYPE_TREE | TYPE_NO_UNIT, .fields = product_fields, .states = library_states, .transitions = library_steps_of_organisation,
    .grants = structure_grants, .validate = structure_validate, .list_default = "sort=code",
    .text = N_("What is sold to clients, each with the unit in charge.")};
const TypeDef site_type = {
    .name = "site", .label = N_("Site"), .plural_label = N_("Sites"), .prefix = "SIT", .key = "code", .title = "name", .icon = "map-pin",
    .flags = TYPE_NO_UNIT, .fields = site_fields, .states = library_states, .transitions = library_steps_of_organisation,
    .grants = structure_grants, .validate = structure_validate, .list_default = "sort=code",
    .text = N_("Where people and machines work.")};
const TypeDef system_type = {
    .name = "system", .label = N_("System"), .plural_label = N_("Systems and assets"), .prefix = "SYS", .key = "code", .title = "name", .icon = "server",
    .flags = TYPE_TREE | TYPE_NO_UNIT, .fields = system_fields, .states = library_states, .transitions = library_steps_of_organisation,
    .grants = structure_grants, .validate = structure_validate, .list_default = "sort=code",
    .text = N_("Applications, machines and data that processes need.")};
const TypeDef gl_account_type = {
    .name = "gl_account", .label = N_("Account of the general ledger"), .plural_label = N_("Accounts of the general ledger"), .prefix = "GLA",
    .key = "code", .title = "name", .icon = "coins", .flags = TYPE_TREE | TYPE_NO_UNIT, .fields = account_fields,
    .states = library_states, .transitions = account_steps, .grants = account_grants, .validate = structure_validate,
    .list_default = "sort=code", .text = N_("The accounts in which losses, provisions and recoveries are booked.")};
/* clang-format on */
