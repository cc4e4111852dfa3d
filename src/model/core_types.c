/* core_types.c: the types that the engine's own field kinds and rights need: entity, unit, user,
 * role assignment, delegation, taxon, rate, approval limit, setting, change request. Data, and the
 * few rules that no table can say. Pages for them come from the engine; organisation/ adds more.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/core_rules.h"
#include "model/library.h"
#include "model/measure.h"
#include "model/pages.h"

/* clang-format off */
static const RoleDef roles[] = {
    {"declarant",     N_("Declarant"), N_("Any employee: declares incidents and answers questions on them."), true, 1},
    {"unit_head",     N_("Unit head"), N_("Confirms what the unit declared and approves up to a limit."), false, 1},
    {"correspondent", N_("Risk correspondent"), N_("Completes, qualifies and values the unit's incidents."), false, 1},
    {"finance",       N_("Finance"), N_("Books losses and recoveries and checks them."), false, 0},
    {"legal",         N_("Legal"), N_("Gives an opinion on legal cases and provisions."), false, 0},
    {"compliance",    N_("Compliance"), N_("Follows compliance incidents and fines."), false, 2},
    {"analyst",       N_("Operational risk analyst"), N_("Reviews, challenges and classifies."), false, 2},
    {"head_orm",      N_("Head of operational risk"), N_("Approves above the limits, decides exclusions and method."), false, 2},
    {"inspection",    N_("General inspection"), N_("Handles restricted cases such as internal fraud."), false, 3},
    {"committee",     N_("Risk committee"), N_("Reads all figures and approves the largest amounts."), false, 0},
    {"auditor",       N_("Auditor"), N_("Reads everything that is not restricted, with its history."), false, 3},
    {"methodology",   N_("Methodology"), N_("Keeps lists, taxonomies, thresholds and limits; two persons."), false, 2},
    {"organisation",  N_("Organisation officer"), N_("Keeps entities, units, processes and people."), false, 0},
    {"admin",         N_("Administrator"), N_("Keeps accounts and roles; sees no business data."), false, 0},
    {"security",      N_("Security officer"), N_("Reads the audit trail of accounts and rights."), false, 0},
    {0}
};

/* Names of many types: everybody signed in may read them. */
#define READ_BY_ALL {"declarant", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}
#define KEPT_BY(role) {role, OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY | OP_IMPORT, SCOPE_ALL, true, NULL, NULL, NULL}
#define HISTORY_FOR(role) {role, OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL}

/* ---- entity ---- */
static const Choice consolidation[] = {
    {"full", N_("Full consolidation"), TONE_NONE}, {"equity", N_("Equity method"), TONE_NONE},
    {"none", N_("Not consolidated"), TONE_NONE}, {0}
};
static const FieldDef entity_fields[] = {
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_SEARCHED | F_FIXED, .max_length = 40, .help = N_("Short and lasting, for example BTM.")},
    LIBRARY_NAMES,
    {.name = "parent", .label = N_("Parent entity"), .kind = KIND_REF, .of = "entity", .flags = F_LISTED},
    {.name = "currency", .label = N_("Functional currency"), .kind = KIND_CHOICE, .of = "@currencies", .flags = F_REQUIRED | F_LISTED, .default_value = "MAD"},
    {.name = "country", .label = N_("Country"), .kind = KIND_TEXT, .max_length = 2, .help = N_("Two letters, for example MA."), .flags = F_LISTED},
    {.name = "calendar", .label = N_("Business calendar"), .kind = KIND_REF, .of = "calendar", .help = N_("Its units count their working days in it. Left empty, it is that of the country.")},
    {.name = "held", .label = N_("Share held"), .kind = KIND_PERCENT, .min = 0, .max = 10000},
    {.name = "consolidation", .label = N_("Consolidation method"), .kind = KIND_CHOICE, .choices = consolidation},
    {.name = "regulator", .label = N_("Regulator"), .kind = KIND_TEXT, .flags = F_LISTED},
    LIBRARY_VALIDITY, {0}
};
static const GrantDef organisation_grants[] = {READ_BY_ALL, KEPT_BY("organisation"), HISTORY_FOR("auditor"), {0}};

/* ---- unit ---- */
static const FieldDef line_rows[] = {
    {.name = "line", .label = N_("Business line"), .kind = KIND_TAXON, .of = "business_line", .flags = F_REQUIRED},
    {.name = "share", .label = N_("Share"), .kind = KIND_PERCENT, .flags = F_REQUIRED, .min = 1, .max = 10000},
    {0}
};
static const Choice unit_kinds[] = {
    {"head_office", N_("Head office"), 0}, {"direction", N_("Direction"), 0}, {"region", N_("Region"), 0},
    {"business_centre", N_("Business centre"), 0}, {"branch", N_("Branch"), 0}, {"desk", N_("Desk"), 0},
    {"support", N_("Support"), 0}, {"control", N_("Control"), 0}, {"committee", N_("Committee"), 0},
    {"subsidiary", N_("Subsidiary"), 0}, {0}
};
static const FieldDef unit_fields[] = {
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_SEARCHED | F_FIXED, .max_length = 40},
    LIBRARY_NAMES,
    {.name = "parent", .label = N_("Reports to"), .kind = KIND_UNIT, .flags = F_LISTED},
    {.name = "parent_since", .label = N_("Reports there since"), .kind = KIND_DATE, .help = N_("Reports of earlier dates keep the tree of their date.")},
    {.name = "entity", .label = N_("Entity"), .kind = KIND_REF, .of = "entity", .flags = F_REQUIRED | F_LISTED | F_FILTER},
    {.name = "kind", .label = N_("Kind of unit"), .kind = KIND_CHOICE, .choices = unit_kinds, .flags = F_LISTED | F_FILTER},
    {.name = "head", .label = N_("Head"), .kind = KIND_USER},
    {.name = "correspondent", .label = N_("Risk correspondent"), .kind = KIND_USER},
    {.name = "deputy", .label = N_("Deputy"), .kind = KIND_USER},
    {.name = "business_line", .label = N_("Business line"), .kind = KIND_TAXON, .of = "business_line"},
    {.name = "business_lines", .label = N_("Split over business lines"), .kind = KIND_ROWS, .rows = line_rows, .flags = F_MORE,
     .help = N_("Only for a unit of several lines: the shares add up to 100 %.")},
    {.name = "cost_centre", .label = N_("Cost centre"), .kind = KIND_TEXT, .flags = F_MORE},
    LIBRARY_VALIDITY, {0}
};

/* ---- user ---- */
static const Choice languages[] = {{"fr", N_("French"), 0}, {"en", N_("English"), 0}, {"ar", N_("Arabic"), 0}, {0}};
static const Choice themes[] = {{"auto", N_("As the device"), 0}, {"light", N_("Light"), 0}, {"dark", N_("Dark"), 0}, {0}};
static const FieldDef user_fields[] = {
    {.name = "email", .label = N_("E-mail"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_SEARCHED, .max_length = 200},
    {.name = "name", .label = N_("Name"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_LISTED | F_SORTED | F_SEARCHED},
    {.name = "name_ar", .label = N_("Name in Arabic"), .kind = KIND_TEXT, .flags = F_SEARCHED},
    {.name = "home_unit", .label = N_("Unit"), .kind = KIND_UNIT, .flags = F_LISTED | F_FILTER},
    {.name = "job", .label = N_("Job"), .kind = KIND_TEXT, .flags = F_LISTED},
    {.name = "language", .label = N_("Language"), .kind = KIND_CHOICE, .choices = languages, .default_value = "fr", .flags = F_REQUIRED},
    {.name = "theme", .label = N_("Colours"), .kind = KIND_CHOICE, .choices = themes, .default_value = "auto", .flags = F_MORE},
    {.name = "is_demo", .label = N_("Demonstration account"), .kind = KIND_BOOL, .flags = F_HIDDEN | F_COMPUTED},
    {.name = "password_hash", .label = N_("Password"), .kind = KIND_TEXT, .flags = F_SECRET | F_COMPUTED | F_HIDDEN, .max_length = 200},
    {.name = "totp_secret", .label = N_("Second factor"), .kind = KIND_TEXT, .flags = F_SECRET | F_SEALED | F_COMPUTED | F_HIDDEN},
    {.name = "directory_key", .label = N_("Key in the directory"), .kind = KIND_TEXT, .flags = F_COMPUTED | F_MORE, .max_length = 300},
    {.name = "directory_off", .label = N_("Disabled by the directory"), .kind = KIND_BOOL, .flags = F_COMPUTED | F_HIDDEN},
    {.name = "totp_last_step", .label = N_("Last code used"), .kind = KIND_INT, .flags = F_SECRET | F_COMPUTED | F_HIDDEN},
    {0}
};
static const StateDef user_states[] = {
    {"active",   N_("Active"),   TONE_GOOD,  1, 0, NULL},
    {"disabled", N_("Disabled"), TONE_MUTED, 2, STATE_CLOSED, NULL},
    {0}
};
static const TransitionDef user_transitions[] = {
    {"disable", N_("Disable"), "active", "disabled", "admin", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("disabled the account")},
    {"enable",  N_("Enable"),  "disabled", "active", "admin", TRANSITION_REASON, .done = N_("enabled the account")},
    {"sign_out", N_("Sign out everywhere"), "active", "active", "admin", TRANSITION_REASON, .done = N_("signed the person out everywhere")},
    {"reset_second", N_("Reset the second factor"), "active", "active", "admin", TRANSITION_REASON | TRANSITION_DANGER, .guard = core_user_has_second, .done = N_("reset the second factor")},
    {0}
};
static const GrantDef user_grants[] = {
    {"declarant", OP_READ, SCOPE_ALL, true, "language theme directory_key", NULL, NULL},
    KEPT_BY("admin"), HISTORY_FOR("security"), HISTORY_FOR("organisation"), {0}
};

/* ---- role assignment, delegation ---- */
static const FieldDef assignment_fields[] = {
    {.name = "person", .label = N_("Person"), .kind = KIND_USER, .flags = F_REQUIRED | F_LISTED | F_FILTER | F_FIXED},
    {.name = "role", .label = N_("Role"), .kind = KIND_CHOICE, .of = "@roles", .flags = F_REQUIRED | F_LISTED | F_FILTER | F_FIXED},
    {.name = "in_unit", .label = N_("For the unit and below"), .kind = KIND_UNIT, .flags = F_LISTED | F_FILTER | F_FIXED, .help = N_("Leave it empty for the whole organisation.")},
    {.name = "valid_from", .label = N_("From"), .kind = KIND_DATE, .flags = F_LISTED, .default_value = "today"},
    {.name = "valid_until", .label = N_("Until"), .kind = KIND_DATE, .flags = F_LISTED},
    {.name = "from_directory", .label = N_("From the directory"), .kind = KIND_BOOL, .flags = F_COMPUTED | F_FILTER,
     .help = N_("A group of the directory gives it, and takes it away again.")},
    {0}
};
static const TransitionDef assignment_transitions[] = {
    {"retire", N_("Withdraw"), "active", "retired", "admin", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("withdrew the role")},
    {0}
};
static const GrantDef assignment_grants[] = {
    KEPT_BY("admin"), HISTORY_FOR("security"), HISTORY_FOR("organisation"), HISTORY_FOR("auditor"), {0}
};
static const FieldDef delegation_fields[] = {
    {.name = "from_user", .label = N_("On behalf of"), .kind = KIND_USER, .flags = F_REQUIRED | F_LISTED | F_FIXED, .default_value = "me"},
    {.name = "to_user", .label = N_("Delegate"), .kind = KIND_USER, .flags = F_REQUIRED | F_LISTED | F_FIXED},
    {.name = "role", .label = N_("Role"), .kind = KIND_CHOICE, .of = "@roles", .flags = F_LISTED | F_FIXED, .help = N_("Leave it empty for all roles.")},
    {.name = "valid_from", .label = N_("From"), .kind = KIND_DATE, .flags = F_REQUIRED | F_LISTED, .default_value = "today"},
    {.name = "valid_until", .label = N_("Until"), .kind = KIND_DATE, .flags = F_REQUIRED | F_LISTED},
    {.name = "why", .label = N_("Reason"), .kind = KIND_TEXT, .flags = F_REQUIRED},
    {0}
};
static const TransitionDef delegation_transitions[] = {
    {"retire", N_("End"), "active", "retired", "@creator admin", TRANSITION_DANGER, .done = N_("ended the delegation")},
    {0}
};
static const GrantDef delegation_grants[] = {
    {"declarant", OP_READ | OP_CREATE, SCOPE_OWN, false, NULL, NULL, NULL},
    KEPT_BY("admin"), HISTORY_FOR("security"), {0}
};

/* ---- taxon ---- */
static const Choice taxonomies[] = {
    {"event_type", N_("Event type"), 0}, {"business_line", N_("Business line"), 0}, {"cause", N_("Cause"), 0},
    {"consequence", N_("Consequence"), 0}, {"risk_category", N_("Risk category"), 0}, {"control", N_("Kind of control"), 0},
    {"process", N_("Standard process"), 0}, {"external", N_("External taxonomy"), 0}, {0}
};
static const FieldDef taxon_fields[] = {
    {.name = "kind", .label = N_("List"), .kind = KIND_CHOICE, .choices = taxonomies, .flags = F_REQUIRED | F_LISTED | F_FILTER | F_FIXED},
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_SEARCHED | F_FIXED, .max_length = 40},
    LIBRARY_NAMES,
    {.name = "parent", .label = N_("Under"), .kind = KIND_REF, .of = "taxon", .flags = F_LISTED},
    {.name = "position", .label = N_("Position"), .kind = KIND_INT, .flags = F_MORE},
    {.name = "definition", .label = N_("Definition"), .kind = KIND_LONG},
    {.name = "examples", .label = N_("Examples"), .kind = KIND_LONG},
    {.name = "beta", .label = N_("Factor of the standardised approach"), .kind = KIND_PERCENT, .flags = F_MORE},
    LIBRARY_VALIDITY, {0}
};
static const GrantDef method_grants[] = {READ_BY_ALL, KEPT_BY("methodology"), HISTORY_FOR("auditor"), HISTORY_FOR("analyst"), {0}};

/* ---- rate, limit, setting ---- */
static const FieldDef rate_fields[] = {
    {.name = "currency", .label = N_("Currency"), .kind = KIND_CHOICE, .of = "@currencies", .flags = F_REQUIRED | F_LISTED | F_FILTER | F_FIXED},
    {.name = "against", .label = N_("Against"), .kind = KIND_CHOICE, .of = "@currencies", .flags = F_REQUIRED | F_LISTED | F_FIXED, .default_value = "MAD"},
    {.name = "day", .label = N_("Date"), .kind = KIND_DATE, .flags = F_REQUIRED | F_LISTED | F_SORTED | F_FILTER | F_FIXED},
    {.name = "rate", .label = N_("Rate"), .kind = KIND_DECIMAL, .scale = 9, .min = 1, .max = INT64_C(1000000000000000), .flags = F_REQUIRED | F_LISTED, .help = N_("Units of the second currency for one unit of the first, for example 10.80.")},
    {.name = "source", .label = N_("Source"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_LISTED},
    {0}
};
static const GrantDef rate_grants[] = {READ_BY_ALL, KEPT_BY("finance"), KEPT_BY("methodology"), HISTORY_FOR("auditor"), {0}};
static const Choice limit_measures[] = {{"gross", N_("Gross loss"), 0}, {"net", N_("Net loss"), 0}, {0}};
static const FieldDef limit_fields[] = {
    {.name = "role", .label = N_("Role"), .kind = KIND_CHOICE, .of = "@roles", .flags = F_REQUIRED | F_LISTED | F_FILTER},
    {.name = "measure", .label = N_("Measured on"), .kind = KIND_CHOICE, .choices = limit_measures, .flags = F_REQUIRED | F_LISTED, .default_value = "gross"},
    {.name = "up_to", .label = N_("Up to"), .kind = KIND_MONEY, .flags = F_LISTED, .help = N_("Leave it empty for no limit.")},
    {.name = "entity", .label = N_("Entity"), .kind = KIND_REF, .of = "entity", .flags = F_LISTED, .help = N_("Leave it empty for all entities.")},
    {0}
};
static const FieldDef setting_fields[] = {
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_FIXED, .max_length = 60},
    LIBRARY_NAMES,
    {.name = "value", .label = N_("Value"), .kind = KIND_TEXT, .flags = F_LISTED},
    {.name = "amount", .label = N_("Amount"), .kind = KIND_MONEY, .flags = F_LISTED},
    {.name = "source", .label = N_("Source"), .kind = KIND_TEXT, .flags = F_LISTED, .help = N_("The text it comes from: article and paragraph, or the decision.")},
    {.name = "valid_from", .label = N_("Valid from"), .kind = KIND_DATE},
    {0}
};

/* ---- tag ---- */
static const FieldDef tag_fields[] = {
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_SEARCHED | F_FIXED, .max_length = 40, .help = N_("Short and lasting, for example cyber.")},
    LIBRARY_NAMES,
    {.name = "meaning", .label = N_("When to use it"), .kind = KIND_TEXT, .flags = F_LISTED, .max_length = 400},
    {0}
};
static const TransitionDef tag_transitions[] = {
    {"retire",  N_("Retire"),    "active",  "retired", "methodology head_orm analyst", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("retired it")},
    {"restore", N_("Use again"), "retired", "active",  "methodology head_orm analyst", TRANSITION_REASON, .done = N_("put it back into use")},
    {0}
};
static const GrantDef tag_grants[] = {READ_BY_ALL, KEPT_BY("methodology"), KEPT_BY("head_orm"), KEPT_BY("analyst"), HISTORY_FOR("auditor"), {0}};

/* ---- change request ---- */
static const FieldDef change_fields[] = {
    {.name = "summary", .label = N_("What changes"), .kind = KIND_TEXT, .flags = F_COMPUTED | F_SEARCHED | F_HIDDEN, .max_length = 400},
    {.name = "summary_en", .label = N_("What changes, in English"), .kind = KIND_TEXT, .flags = F_COMPUTED | F_SEARCHED | F_HIDDEN, .max_length = 400},
    {.name = "summary_fr", .label = N_("What changes, in French"), .kind = KIND_TEXT, .flags = F_COMPUTED | F_SEARCHED | F_HIDDEN, .max_length = 400},
    {.name = "summary_ar", .label = N_("What changes, in Arabic"), .kind = KIND_TEXT, .flags = F_COMPUTED | F_SEARCHED | F_HIDDEN, .max_length = 400},
    {.name = "on_type", .label = N_("List"), .kind = KIND_TEXT, .flags = F_COMPUTED | F_HIDDEN},
    {.name = "on_number", .label = N_("Record"), .kind = KIND_TEXT, .flags = F_COMPUTED | F_LISTED, .max_length = 220},
    {.name = "base_version", .label = N_("Version it was written on"), .kind = KIND_INT, .flags = F_COMPUTED | F_HIDDEN},
    {.name = "changes", .label = N_("Changes"), .kind = KIND_LONG, .flags = F_COMPUTED | F_HIDDEN, .max_length = 60000},
    {0}
};
static const StateDef change_states[] = {
    {"proposed", N_("Proposed"), TONE_WARN, 1, 0, "methodology"},
    {"applied",  N_("Applied"),  TONE_GOOD, 2, STATE_CLOSED, NULL},
    {"refused",  N_("Refused"),  TONE_MUTED, 3, STATE_CLOSED | STATE_VOID, NULL},
    {0}
};
static const TransitionDef change_transitions[] = {
    {"apply",  N_("Apply"),  "proposed", "applied", "methodology", TRANSITION_NOT_CREATOR | TRANSITION_PRIMARY, .done = N_("applied the change")},
    {"refuse", N_("Refuse"), "proposed", "refused", "methodology", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("refused the change")},
    {0}
};
static const GrantDef change_grants[] = {
    {"methodology", OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL}, HISTORY_FOR("auditor"), {0}
};

static const TypeDef entity_type = {
    .name = "entity", .label = N_("Legal entity"), .plural_label = N_("Legal entities"), .plural = "entities", .prefix = "ENT",
    .key = "code", .title = "name", .icon = "building-bank", .flags = TYPE_NO_UNIT | TYPE_TREE, .fields = entity_fields,
    .states = library_states, .transitions = library_steps_of_organisation, .grants = organisation_grants,
    .validate = core_entity_validate, .text = N_("The companies of the group, each with its currency and regulator.")};
static const TypeDef unit_type = {
    .name = "unit", .label = N_("Unit"), .plural_label = N_("Units"), .prefix = "UNT", .key = "code", .title = "name",
    .icon = "hierarchy", .flags = TYPE_NO_UNIT | TYPE_TREE, .fields = unit_fields, .states = library_states,
    .transitions = library_steps_of_organisation, .grants = organisation_grants, .validate = core_unit_validate,
    .compute = core_unit_compute, .after_save = core_unit_after_save, .remove = core_unit_remove,
    .text = N_("Who reports to whom. Moves are dated, so that past reports keep their tree.")};
static const TypeDef user_type = {
    .name = "user", .label = N_("Person"), .plural_label = N_("People"), .prefix = "USR", .key = "email", .title = "name",
    .icon = "users", .flags = TYPE_PLAIN | TYPE_NO_UNIT, .fields = user_fields, .states = user_states, .transitions = user_transitions,
    .grants = user_grants, .validate = core_user_validate, .after_save = core_user_after_save, .remove = core_user_remove,
    .text = N_("Everybody with an account.")};
static const TypeDef assignment_type = {
    .name = "role_assignment", .label = N_("Role of a person"), .plural_label = N_("Roles of people"), .prefix = "ROL",
    .icon = "shield", .flags = TYPE_PLAIN | TYPE_NO_UNIT, .fields = assignment_fields, .states = library_states, .transitions = assignment_transitions,
    .grants = assignment_grants, .validate = core_assignment_validate, .text = N_("Who may do what, and where.")};
static const TypeDef delegation_type = {
    .name = "delegation", .label = N_("Delegation"), .plural_label = N_("Delegations"), .prefix = "DLG", .icon = "arrows-exchange",
    .flags = TYPE_PLAIN | TYPE_NO_UNIT, .fields = delegation_fields, .states = library_states, .transitions = delegation_transitions,
    .grants = delegation_grants, .validate = core_delegation_validate, .text = N_("Who acts for whom during an absence.")};
static const TypeDef taxon_type = {
    .name = "taxon", .label = N_("Entry of a list"), .plural_label = N_("Lists and taxonomies"), .plural = "taxons", .prefix = "TAX", .key = "code",
    .title = "name", .icon = "list-tree", .flags = TYPE_NO_UNIT | TYPE_TREE | TYPE_TWO_PERSONS, .fields = taxon_fields,
    .states = library_states, .transitions = library_steps_of_two, .grants = method_grants, .validate = core_taxon_validate,
    .text = N_("Event types, business lines, causes and consequences. Entries are retired, never deleted.")};
static const TypeDef rate_type = {
    .name = "rate", .label = N_("Exchange rate"), .plural_label = N_("Exchange rates"), .prefix = "FX", .icon = "currency",
    .flags = TYPE_PLAIN | TYPE_NO_UNIT, .fields = rate_fields, .states = library_states, .grants = rate_grants, .validate = core_rate_validate,
    .text = N_("An amount is converted with the rate of its booking date.")};
static const TypeDef limit_type = {
    .name = "approval_limit", .label = N_("Approval limit"), .plural_label = N_("Approval limits"), .prefix = "LIM", .icon = "scale",
    .flags = TYPE_NO_UNIT | TYPE_TWO_PERSONS, .fields = limit_fields, .states = library_states, .transitions = library_steps_of_two,
    .grants = method_grants, .text = N_("Up to which amount a role may approve.")};
static const TypeDef setting_type = {
    .name = "setting", .label = N_("Threshold or setting"), .plural_label = N_("Thresholds and settings"), .prefix = "SET", .key = "code",
    .title = "name", .icon = "adjustments", .flags = TYPE_NO_UNIT | TYPE_TWO_PERSONS | TYPE_KEPT, .fields = setting_fields, .states = library_states,
    .transitions = library_steps_of_two, .grants = method_grants, .text = N_("Thresholds with their source.")};
static const TypeDef tag_type = {
    .name = "tag", .label = N_("Tag"), .plural_label = N_("Tags"), .prefix = "TAG", .key = "code", .title = "name", .icon = "tags",
    .flags = TYPE_PLAIN | TYPE_NO_UNIT, .fields = tag_fields, .states = library_states, .transitions = tag_transitions,
    .grants = tag_grants, .text = N_("Words that records of all lists carry, so that they are found together.")};
static const TypeDef change_type = {
    .name = "change_request", .label = N_("Proposed change"), .plural_label = N_("Proposed changes"), .prefix = "CHG", .title = "summary", .title_else = "summary",
    .icon = "git-pull-request", .flags = TYPE_PLAIN | TYPE_NO_UNIT, .fields = change_fields, .states = change_states, .transitions = change_transitions,
    .grants = change_grants, .after_save = core_change_after_save, .remove = core_change_remove,
    .text = N_("Changes of lists, thresholds and limits wait here for a second person.")};
/* clang-format on */

static const TypeDef *const types[] = {
    &entity_type, &unit_type,  &user_type,    &assignment_type, &delegation_type, &taxon_type,
    &rate_type,   &limit_type, &setting_type, &tag_type,        &change_type,     NULL};

extern const PageDef import_pages[];
static const AttachDef attach[] = {
    {.type = "change_request", .section = page_change_section, .leads = true, .on_steps = true},
    {0}};
const Module core_module = {.name = "core",
                            .label = N_("Administration"),
                            .types = types,
                            .roles = roles,
                            .pages = import_pages,
                            .attach = attach,
                            .jobs = measure_jobs};
