/* rcsa_control_types.c: controls as tables: the library of control definitions and the control as
 * it is run in a unit. Tests, samples and certification are another module's. Data only.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa.h"
#include "model/library.h"

/* clang-format off */
static const Choice kinds[] = {
    {"preventive", N_("Preventive"), TONE_GOOD}, {"detective", N_("Detective"), TONE_INFO}, {"corrective", N_("Corrective"), TONE_WARN},
    {"directive", N_("Directive"), TONE_MUTED}, {0}
};
static const Choice natures[] = {
    {"manual", N_("Manual"), 0}, {"automated", N_("Automated"), 0}, {"dependent", N_("Manual, with the help of a system"), 0}, {0}
};
static const Choice frequencies[] = {
    {"transaction", N_("Each transaction"), 0}, {"daily", N_("Daily"), 0}, {"weekly", N_("Weekly"), 0}, {"monthly", N_("Monthly"), 0},
    {"quarterly", N_("Quarterly"), 0}, {"half_yearly", N_("Half-yearly"), 0}, {"annual", N_("Annual"), 0}, {"event", N_("On an event"), 0}, {0}
};
static const Choice levels[] = {
    {"n1", N_("First level, permanent"), 0}, {"n2", N_("Second level, permanent"), 0}, {"n3", N_("Third level, periodic"), 0}, {0}
};
static const Choice assertions[] = {
    {"existence", N_("Existence"), 0}, {"completeness", N_("Completeness"), 0}, {"accuracy", N_("Accuracy"), 0}, {"authorisation", N_("Authorisation"), 0},
    {"timeliness", N_("Timeliness"), 0}, {"segregation", N_("Segregation of duties"), 0}, {0}
};
static const Choice test_results[] = {
    {"passed", N_("Passed"), TONE_GOOD}, {"failed", N_("Failed"), TONE_BAD}, {0}
};

#define NAMES \
    {.name = "name_fr", .label = N_("Name in French"), .kind = KIND_TEXT, .group = "control", .flags = F_REQUIRED | F_SEARCHED | F_LISTED | F_SORTED}, \
    {.name = "name_en", .label = N_("Name in English"), .kind = KIND_TEXT, .group = "control", .flags = F_SEARCHED}, \
    {.name = "name_ar", .label = N_("Name in Arabic"), .kind = KIND_TEXT, .group = "control", .flags = F_SEARCHED}
#define READS (OP_READ | OP_HISTORY)
#define WRITES (OP_READ | OP_HISTORY | OP_CREATE | OP_UPDATE)

static const FieldGroup definition_groups[] = {
    {"control", N_("Control"), N_("What the control is called and what it is for, whatever the unit.")},
    {"nature",  N_("Nature"), NULL},
    {0}
};
static const FieldDef definition_fields[] = {
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .group = "control", .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_SEARCHED | F_FIXED, .max_length = 40},
    NAMES,
    {.name = "objective_fr", .label = N_("Objective in French"), .kind = KIND_TEXT, .group = "control", .flags = F_SEARCHED, .max_length = 400},
    {.name = "objective_en", .label = N_("Objective in English"), .kind = KIND_TEXT, .group = "control", .flags = F_SEARCHED, .max_length = 400},
    {.name = "objective_ar", .label = N_("Objective in Arabic"), .kind = KIND_TEXT, .group = "control", .flags = F_SEARCHED, .max_length = 400},
    {.name = "kind", .label = N_("Kind of control"), .kind = KIND_CHOICE, .choices = kinds, .group = "nature", .flags = F_LISTED | F_FILTER},
    {.name = "nature", .label = N_("Nature"), .kind = KIND_CHOICE, .choices = natures, .group = "nature", .flags = F_FILTER},
    {.name = "frequency", .label = N_("Frequency"), .kind = KIND_CHOICE, .choices = frequencies, .group = "nature", .flags = F_LISTED | F_FILTER},
    {.name = "level", .label = N_("Level"), .kind = KIND_CHOICE, .choices = levels, .group = "nature", .flags = F_FILTER},
    {.name = "is_key", .label = N_("Key control"), .kind = KIND_BOOL, .group = "nature", .flags = F_LISTED | F_FILTER},
    {0}
};
const TypeDef rcsa_control_definition_type = {
    .name = "control_definition", .label = N_("Control of the library"), .plural_label = N_("Library of controls"), .prefix = "CDF", .key = "code", .title = "name",
    .icon = "books", .flags = TYPE_NO_UNIT, .groups = definition_groups, .fields = definition_fields, .states = library_states,
    .transitions = library_steps, .grants = library_grants, .list_default = "state=active&sort=code",
    .text = N_("Controls as they are usually built, from which units take theirs.")};

/* ---- control ---- */
static const FieldGroup control_groups[] = {
    {"control", N_("Control"), N_("Who does what, when, how, and what proves it.")},
    {"nature",  N_("Nature"), NULL},
    {"people",  N_("People and means"), NULL},
    {"rating",  N_("Does it work?"), N_("Design and operation, from the last assessment and the last test.")},
    {0}
};
static const FieldDef control_fields[] = {
    {.name = "definition", .label = N_("Control of the library"), .kind = KIND_REF, .of = "control_definition", .group = "control"},
    NAMES,
    {.name = "objective", .label = N_("Objective"), .kind = KIND_TEXT, .group = "control", .flags = F_SEARCHED, .max_length = 400, .leave = "draft"},
    {.name = "description", .label = N_("Description"), .kind = KIND_LONG, .group = "control", .flags = F_SEARCHED, .leave = "designed",
     .help = N_("Who does what, when, how and with what evidence, so that somebody else could do it tomorrow.")},
    {.name = "process", .label = N_("Process"), .kind = KIND_REF, .of = "process", .group = "control", .flags = F_FILTER},
    {.name = "kind", .label = N_("Kind of control"), .kind = KIND_CHOICE, .choices = kinds, .group = "nature", .flags = F_FILTER | F_LISTED, .leave = "draft"},
    {.name = "nature", .label = N_("Nature"), .kind = KIND_CHOICE, .choices = natures, .group = "nature", .flags = F_FILTER},
    {.name = "frequency", .label = N_("Frequency"), .kind = KIND_CHOICE, .choices = frequencies, .group = "nature", .flags = F_FILTER, .leave = "draft"},
    {.name = "is_key", .label = N_("Key control"), .kind = KIND_BOOL, .group = "nature", .flags = F_FILTER | F_LISTED},
    {.name = "level", .label = N_("Level"), .kind = KIND_CHOICE, .choices = levels, .group = "nature"},
    {.name = "assertions", .label = N_("What it assures"), .kind = KIND_CHOICES, .choices = assertions, .group = "nature", .flags = F_MORE | F_FILTER},
    {.name = "coverage", .label = N_("Share of the cases covered"), .kind = KIND_PERCENT, .group = "nature", .min = 0, .max = 10000, .flags = F_MORE},
    {.name = "regulation", .label = N_("Required by"), .kind = KIND_TEXT, .group = "nature", .flags = F_MORE | F_SEARCHED, .help = N_("Text, article and paragraph.")},
    {.name = "operator", .label = N_("Performed by"), .kind = KIND_USER, .group = "people", .flags = F_FILTER},
    {.name = "deputy", .label = N_("Deputy"), .kind = KIND_USER, .group = "people", .flags = F_MORE},
    {.name = "system_name", .label = N_("System"), .kind = KIND_TEXT, .group = "people", .flags = F_MORE | F_SEARCHED},
    {.name = "evidence", .label = N_("Evidence"), .kind = KIND_TEXT, .group = "people", .flags = F_MORE, .help = N_("For example “signed cash sheet”.")},
    {.name = "cost", .label = N_("Cost a year"), .kind = KIND_MONEY, .group = "people", .flags = F_MORE, .min = 0, .max = INT64_C(100000000000000)},
    {.name = "design", .label = N_("Design effectiveness"), .kind = KIND_CHOICE, .choices = rcsa_ratings, .group = "rating", .flags = F_COMPUTED | F_FILTER | F_LISTED | F_HEADLINE},
    {.name = "operation", .label = N_("Operating effectiveness"), .kind = KIND_CHOICE, .choices = rcsa_ratings, .group = "rating", .flags = F_COMPUTED | F_FILTER | F_LISTED | F_HEADLINE},
    {.name = "rated_on", .label = N_("Rated on"), .kind = KIND_DATE, .group = "rating", .flags = F_COMPUTED | F_FILTER},
    {.name = "last_test_on", .label = N_("Last test"), .kind = KIND_DATE, .group = "rating", .flags = F_FILTER | F_HEADLINE | F_LISTED},
    {.name = "last_test_result", .label = N_("Result of the last test"), .kind = KIND_CHOICE, .choices = test_results, .group = "rating", .flags = F_FILTER | F_HEADLINE},
    {.name = "next_test_on", .label = N_("Next test due"), .kind = KIND_DATE, .group = "rating", .flags = F_FILTER | F_SORTED | F_LISTED},
    {0}
};
static const StateDef control_states[] = {
    {"draft",       N_("Draft"),       TONE_MUTED, 1, 0, "correspondent"},
    {"designed",    N_("Designed"),    TONE_INFO,  2, 0, NULL},
    {"implemented", N_("Implemented"), TONE_INFO,  3, 0, NULL},
    {"operating",   N_("Operating"),   TONE_GOOD,  4, 0, NULL},
    {"retired",     N_("Retired"),     TONE_MUTED, 5, STATE_CLOSED, NULL},
    {0}
};
static const TransitionDef control_transitions[] = {
    {"design",    N_("Design is done"), "draft", "designed", "correspondent unit_head analyst head_orm @owner", TRANSITION_PRIMARY, .done = N_("finished its design")},
    {"implement", N_("Put into place"), "designed", "implemented", "correspondent unit_head analyst head_orm @owner", TRANSITION_PRIMARY, .done = N_("put it into place")},
    {"operate",   N_("Runs as described"), "implemented", "operating", "correspondent unit_head analyst head_orm @owner", TRANSITION_PRIMARY, .done = N_("confirmed that it runs")},
    {"revise",    N_("Revise"), "designed implemented operating", "draft", "correspondent unit_head analyst head_orm @owner", TRANSITION_REASON, .done = N_("took it back for revision")},
    {"retire",    N_("Retire"), "draft designed implemented operating", "retired", "unit_head analyst head_orm", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("retired it")},
    {"restore",   N_("Use again"), "retired", "draft", "analyst head_orm", TRANSITION_REASON, .done = N_("put it back into use")},
    {0}
};
static const GrantDef control_grants[] = {
    /* Everybody knows what controls there are: a risk of one unit is often held by another. */
    {"declarant",     OP_READ,            SCOPE_ALL,  true, "design operation rated_on last_test_on last_test_result cost tags watchers files", NULL, NULL},
    {"declarant",     OP_READ | OP_UPDATE, SCOPE_ASSIGNED, false, NULL, NULL, NULL},
    {"unit_head",     WRITES,             SCOPE_UNIT, true, NULL, NULL, NULL},
    {"correspondent", WRITES,             SCOPE_UNIT, true, NULL, NULL, NULL},
    {"finance",       OP_READ,            SCOPE_ALL,  true, NULL, NULL, NULL},
    {"legal",         OP_READ,            SCOPE_ALL,  true, NULL, NULL, NULL},
    {"compliance",    READS,              SCOPE_ALL,  true, NULL, NULL, NULL},
    {"analyst",       WRITES | OP_IMPORT, SCOPE_ALL,  true, NULL, NULL, NULL},
    {"head_orm",      WRITES | OP_IMPORT, SCOPE_ALL,  true, NULL, NULL, NULL},
    {"inspection",    READS,              SCOPE_ALL,  true, NULL, NULL, NULL},
    {"committee",     READS,              SCOPE_ALL,  true, NULL, NULL, NULL},
    {"auditor",       READS,              SCOPE_ALL,  true, NULL, NULL, NULL},
    {"methodology",   READS,              SCOPE_ALL,  true, NULL, NULL, NULL},
    {0}
};
const TypeDef rcsa_control_type = {
    .name = "control", .label = N_("Control"), .plural_label = N_("Controls"), .prefix = "CTL", .title = "name", .icon = "shield-check",
    .groups = control_groups, .fields = control_fields, .states = control_states, .transitions = control_transitions, .grants = control_grants,
    .validate = rcsa_control_validate, .compute = rcsa_control_compute, .list_default = "state.open=1&sort=name_fr",
    .text = N_("What holds a risk back in a unit: who does what, when, and whether it works.")};
/* clang-format on */
