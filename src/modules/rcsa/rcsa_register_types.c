/* rcsa_register_types.c: the register as tables: the library of risk definitions, the risk of a
 * process in a unit, the appetite for a category, the link from an incident to the risks that it
 * realised. Data only. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa.h"
#include "model/library.h"

/* clang-format off */

/* ---- choices that several types share ---- */
const Choice rcsa_classes[] = {
    {"1", N_("Low"), TONE_GOOD}, {"2", N_("Medium"), TONE_WARN}, {"3", N_("High"), TONE_BAD}, {"4", N_("Critical"), TONE_CRITICAL},
    {"5", N_("Extreme"), TONE_CRITICAL}, {0}
};
const Choice rcsa_effectiveness[] = {
    {"effective", N_("Effective"), TONE_GOOD}, {"largely", N_("Largely effective"), TONE_INFO}, {"partly", N_("Partly effective"), TONE_WARN},
    {"ineffective", N_("Ineffective"), TONE_BAD}, {"none", N_("No control"), TONE_MUTED}, {0}
};
const Choice rcsa_ratings[] = {
    {"effective", N_("Effective"), TONE_GOOD}, {"largely", N_("Largely effective"), TONE_INFO}, {"partly", N_("Partly effective"), TONE_WARN},
    {"ineffective", N_("Ineffective"), TONE_BAD}, {"not_testable", N_("Cannot be judged"), TONE_MUTED}, {0}
};
const Choice rcsa_acts_on[] = {
    {"both", N_("Likelihood and impact"), 0}, {"likelihood", N_("Likelihood"), 0}, {"impact", N_("Impact"), 0}, {0}
};
const Choice rcsa_responses[] = {
    {"accept", N_("Accept"), TONE_MUTED}, {"reduce", N_("Reduce"), TONE_INFO}, {"transfer", N_("Transfer"), TONE_INFO}, {"avoid", N_("Avoid"), TONE_WARN}, {0}
};
const Choice rcsa_positions[] = {
    {"within", N_("Within the appetite"), TONE_GOOD}, {"above_appetite", N_("Above the appetite"), TONE_WARN},
    {"above_tolerance", N_("Above the tolerance"), TONE_BAD}, {"above_capacity", N_("Above the capacity"), TONE_CRITICAL},
    {"none", N_("No appetite set"), TONE_MUTED}, {0}
};

#define NAMES(at) \
    {.name = "name_fr", .label = N_("Name in French"), .kind = KIND_TEXT, .group = at, .flags = F_REQUIRED | F_SEARCHED | F_LISTED | F_SORTED}, \
    {.name = "name_en", .label = N_("Name in English"), .kind = KIND_TEXT, .group = at, .flags = F_SEARCHED}, \
    {.name = "name_ar", .label = N_("Name in Arabic"), .kind = KIND_TEXT, .group = at, .flags = F_SEARCHED}
#define WORDS(id, label_fr, label_en, label_ar, at) \
    {.name = id "_fr", .label = label_fr, .kind = KIND_TEXT, .group = at, .flags = F_SEARCHED, .max_length = 400}, \
    {.name = id "_en", .label = label_en, .kind = KIND_TEXT, .group = at, .flags = F_SEARCHED, .max_length = 400}, \
    {.name = id "_ar", .label = label_ar, .kind = KIND_TEXT, .group = at, .flags = F_SEARCHED, .max_length = 400}
#define READS (OP_READ | OP_HISTORY)
#define WRITES (OP_READ | OP_HISTORY | OP_CREATE | OP_UPDATE)

/* ---- library ---- */
static const Choice sectors[] = {
    {"bank", N_("Bank"), 0}, {"distribution", N_("Trade and distribution"), 0}, {"all", N_("Any sector"), 0}, {0}
};
static const FieldGroup definition_groups[] = {
    {"name",      N_("Risk"), N_("What the risk is called, whatever the unit.")},
    {"statement", N_("Statement"), N_("Because of a cause an event could happen and lead to an effect.")},
    {"class",     N_("Classification"), NULL},
    {"usual",     N_("What usually goes with it"), N_("Proposed when the risk enters the register of a unit.")},
    {0}
};
static const FieldDef definition_fields[] = {
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .group = "name", .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_SEARCHED | F_FIXED, .max_length = 40,
     .help = N_("Short and lasting, for example R08.")},
    NAMES("name"),
    WORDS("cause", N_("Cause in French"), N_("Cause in English"), N_("Cause in Arabic"), "statement"),
    WORDS("event", N_("Event in French"), N_("Event in English"), N_("Event in Arabic"), "statement"),
    WORDS("effect", N_("Effect in French"), N_("Effect in English"), N_("Effect in Arabic"), "statement"),
    {.name = "risk_category", .label = N_("Risk category"), .kind = KIND_TAXON, .of = "risk_category", .group = "class", .flags = F_LISTED | F_FILTER},
    {.name = "event_type", .label = N_("Event type"), .kind = KIND_TAXON, .of = "event_type", .group = "class", .flags = F_FILTER},
    {.name = "business_line", .label = N_("Business line"), .kind = KIND_TAXON, .of = "business_line", .group = "class", .flags = F_FILTER},
    {.name = "sector", .label = N_("Sector"), .kind = KIND_CHOICE, .choices = sectors, .group = "class", .flags = F_LISTED | F_FILTER, .default_value = "all"},
    {.name = "is_scenario", .label = N_("Analysed as a scenario"), .kind = KIND_BOOL, .group = "class", .flags = F_FILTER,
     .help = N_("Rare and severe: own losses alone do not tell how bad it may be.")},
    {.name = "controls", .label = N_("Usual controls"), .kind = KIND_REFS, .of = "control_definition", .group = "usual"},
    {.name = "processes", .label = N_("Processes"), .kind = KIND_REFS, .of = "process", .group = "usual"},
    {.name = "patterns", .label = N_("Patterns of incidents"), .kind = KIND_REFS, .of = "pattern", .group = "usual",
     .help = N_("Incidents of these patterns are proposed as this risk come true.")},
    {.name = "indicators", .label = N_("Usual indicators"), .kind = KIND_TEXT, .group = "usual", .flags = F_MORE | F_SEARCHED, .max_length = 400},
    {0}
};
const TypeDef rcsa_definition_type = {
    .name = "risk_definition", .label = N_("Risk of the library"), .plural_label = N_("Library of risks"), .prefix = "RDF", .key = "code", .title = "name",
    .icon = "book", .flags = TYPE_NO_UNIT, .groups = definition_groups, .fields = definition_fields, .states = library_states,
    .transitions = library_steps, .grants = library_grants, .validate = rcsa_definition_validate, .list_default = "state=active&sort=code",
    .text = N_("Risks as statements of cause, event and effect, from which units take what concerns them.")};

/* ---- risk ---- */
static const Choice velocities[] = {
    {"hours", N_("Within hours"), TONE_BAD}, {"days", N_("Within days"), TONE_WARN}, {"weeks", N_("Within weeks"), TONE_INFO}, {"months", N_("Within months"), TONE_MUTED}, {0}
};
static const Choice proximities[] = {
    {"now", N_("Now"), TONE_BAD}, {"year", N_("Within the year"), TONE_WARN}, {"later", N_("Later"), TONE_MUTED}, {0}
};
static const Choice trends[] = {
    {"up", N_("Rising"), TONE_BAD}, {"same", N_("Stable"), TONE_MUTED}, {"down", N_("Falling"), TONE_GOOD}, {0}
};
static const FieldDef cause_rows[] = {
    {.name = "cause", .label = N_("Cause"), .kind = KIND_TAXON, .of = "cause", .flags = F_REQUIRED},
    {.name = "note", .label = N_("Note"), .kind = KIND_TEXT},
    {0}
};
static const FieldDef consequence_rows[] = {
    {.name = "consequence", .label = N_("Consequence"), .kind = KIND_TAXON, .of = "consequence", .flags = F_REQUIRED},
    {.name = "note", .label = N_("Note"), .kind = KIND_TEXT},
    {0}
};
static const FieldDef risk_control_rows[] = { /* RISK_CONTROL ... */
    {.name = "control", .label = N_("Control"), .kind = KIND_REF, .of = "control", .flags = F_REQUIRED},
    {.name = "is_key", .label = N_("Key control"), .kind = KIND_BOOL},
    {.name = "acts_on", .label = N_("Acts on"), .kind = KIND_CHOICE, .choices = rcsa_acts_on},
    {.name = "weight", .label = N_("Weight"), .kind = KIND_INT, .min = 1, .max = 100},
    {0}
};
static const FieldGroup risk_groups[] = {
    {"risk",      N_("Risk"), N_("Taken from the library, or in the unit's own words.")},
    {"statement", N_("Statement"), N_("Left empty, the words of the library stand here.")},
    {"class",     N_("Where it sits"), N_("The process, the category and the event type under which its losses are counted.")},
    {"controls",  N_("Causes, controls and consequences"), N_("What leads to it, what holds it back and what would follow.")},
    {"rating",    N_("Rating in force"), N_("From the last published assessment.")},
    {"response",  N_("Response"), N_("What the bank does about it.")},
    {0}
};
#define RATED(id, words, more) {.name = id, .label = words, .kind = KIND_INT, .group = "rating", .min = 1, .max = 5, .flags = F_COMPUTED | (more)}
#define CLASSED(id, words, more) {.name = id, .label = words, .kind = KIND_CHOICE, .choices = rcsa_classes, .group = "rating", .flags = F_COMPUTED | F_FILTER | F_SORTED | (more)}
static const FieldDef risk_fields[] = {
    {.name = "definition", .label = N_("Risk of the library"), .kind = KIND_REF, .of = "risk_definition", .group = "risk", .flags = F_FILTER},
    NAMES("risk"),
    {.name = "cause", .label = N_("Because of"), .kind = KIND_TEXT, .group = "statement", .flags = F_SEARCHED, .max_length = 400, .help = N_("For example “one person counts the cash alone”.")},
    {.name = "event", .label = N_("This could happen"), .kind = KIND_TEXT, .group = "statement", .flags = F_SEARCHED, .max_length = 400, .help = N_("For example “cash is missing in the evening”.")},
    {.name = "effect", .label = N_("Leading to"), .kind = KIND_TEXT, .group = "statement", .flags = F_SEARCHED, .max_length = 400, .help = N_("For example “a loss that nobody can explain”.")},
    {.name = "process", .label = N_("Process"), .kind = KIND_REF, .of = "process", .group = "class", .flags = F_FILTER, .leave = "proposed"},
    {.name = "risk_category", .label = N_("Risk category"), .kind = KIND_TAXON, .of = "risk_category", .group = "class", .flags = F_FILTER, .leave = "proposed"},
    {.name = "event_type", .label = N_("Event type"), .kind = KIND_TAXON, .of = "event_type", .group = "class", .flags = F_FILTER},
    {.name = "business_line", .label = N_("Business line"), .kind = KIND_TAXON, .of = "business_line", .group = "class", .flags = F_MORE},
    {.name = "entity", .label = N_("Entity"), .kind = KIND_REF, .of = "entity", .group = "class", .flags = F_COMPUTED | F_FILTER},
    {.name = "third_party", .label = N_("Third party"), .kind = KIND_TEXT, .group = "class", .flags = F_MORE | F_SEARCHED},
    {.name = "causes", .label = N_("Causes"), .kind = KIND_ROWS, .rows = cause_rows, .group = "controls"},
    {.name = "controls", .label = N_("Controls"), .kind = KIND_ROWS, .rows = risk_control_rows, .group = "controls",
     .help = N_("Key controls are those without which the risk is not held; the weakest of them counts for the set.")},
    {.name = "consequences", .label = N_("Consequences"), .kind = KIND_ROWS, .rows = consequence_rows, .group = "controls"},
    CLASSED("inherent_level", N_("Inherent risk"), F_HEADLINE | F_LISTED),
    CLASSED("residual_level", N_("Residual risk"), F_HEADLINE | F_LISTED),
    CLASSED("target_level", N_("Target risk"), F_HEADLINE),
    {.name = "effectiveness", .label = N_("Controls as a whole"), .kind = KIND_CHOICE, .choices = rcsa_effectiveness, .group = "rating", .flags = F_COMPUTED | F_HEADLINE},
    {.name = "appetite_position", .label = N_("Against the appetite"), .kind = KIND_CHOICE, .choices = rcsa_positions, .group = "rating", .flags = F_COMPUTED | F_FILTER | F_HEADLINE | F_LISTED},
    RATED("inherent_likelihood", N_("Inherent likelihood"), 0),
    RATED("inherent_impact", N_("Inherent impact"), 0),
    RATED("residual_likelihood", N_("Residual likelihood"), 0),
    RATED("residual_impact", N_("Residual impact"), 0),
    RATED("target_likelihood", N_("Target likelihood"), 0),
    RATED("target_impact", N_("Target impact"), 0),
    {.name = "target_on", .label = N_("Target reached by"), .kind = KIND_DATE, .group = "rating", .flags = F_COMPUTED},
    {.name = "assessed_on", .label = N_("Assessed on"), .kind = KIND_DATE, .group = "rating", .flags = F_COMPUTED | F_FILTER | F_SORTED},
    {.name = "accepted_until", .label = N_("Accepted until"), .kind = KIND_DATE, .group = "rating", .flags = F_COMPUTED | F_FILTER},
    {.name = "response", .label = N_("Response"), .kind = KIND_CHOICE, .choices = rcsa_responses, .group = "response", .flags = F_FILTER},
    {.name = "next_assessment_on", .label = N_("Next assessment"), .kind = KIND_DATE, .group = "response", .flags = F_FILTER | F_SORTED},
    {.name = "trend", .label = N_("Trend"), .kind = KIND_CHOICE, .choices = trends, .group = "response", .flags = F_FILTER},
    {.name = "velocity", .label = N_("How fast it hits"), .kind = KIND_CHOICE, .choices = velocities, .group = "response", .flags = F_MORE},
    {.name = "proximity", .label = N_("How near it is"), .kind = KIND_CHOICE, .choices = proximities, .group = "response", .flags = F_MORE},
    {.name = "note", .label = N_("Note"), .kind = KIND_LONG, .group = "response", .flags = F_SEARCHED | F_MORE},
    {0}
};
static const StateDef risk_states[] = {
    {"proposed", N_("Proposed"), TONE_WARN,  1, 0, "analyst head_orm"},
    {"active",   N_("Active"),   TONE_GOOD,  2, 0, NULL},
    {"dormant",  N_("Dormant"),  TONE_MUTED, 3, 0, NULL},
    {"retired",  N_("Retired"),  TONE_MUTED, 4, STATE_CLOSED, NULL},
    {0}
};
static const TransitionDef risk_transitions[] = {
    {"confirm", N_("Take into the register"), "proposed", "active", "analyst head_orm", TRANSITION_PRIMARY | TRANSITION_NOT_CREATOR, .done = N_("took it into the register")},
    {"rest",    N_("Set dormant"), "active", "dormant", "analyst head_orm", TRANSITION_REASON, .done = N_("set it dormant")},
    {"wake",    N_("Wake up"), "dormant", "active", "analyst head_orm", 0, .done = N_("woke it up")},
    {"retire",  N_("Retire"), "proposed active dormant", "retired", "analyst head_orm", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("retired it")},
    {"restore", N_("Use again"), "retired", "active", "analyst head_orm", TRANSITION_REASON, .done = N_("put it back into use")},
    {0}
};
static const GrantDef risk_grants[] = {
    {"declarant",     OP_READ,            SCOPE_ASSIGNED, false, NULL, NULL, NULL},
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
const TypeDef rcsa_risk_type = {
    .name = "risk", .label = N_("Risk"), .plural_label = N_("Risk register"), .prefix = "RSK", .title = "name", .icon = "alert-circle",
    .groups = risk_groups, .fields = risk_fields, .states = risk_states, .transitions = risk_transitions, .grants = risk_grants,
    .validate = rcsa_risk_validate, .compute = rcsa_risk_compute, .list_default = "state.open=1&sort=-residual_level",
    .text = N_("What could go wrong in a process of a unit, how well it is held and what is left.")};

/* ---- appetite ---- */
static const Choice appetite_measures[] = {
    {"residual_level", N_("Residual risk"), 0}, {"net_year", N_("Net loss of twelve months"), 0}, {"single_loss", N_("Largest single loss"), 0},
    {"count", N_("Number of losses in twelve months"), 0}, {0}
};
static const FieldGroup appetite_groups[] = {
    {"what",   N_("Appetite"), N_("How much of a kind of risk the bank is ready to bear.")},
    {"bounds", N_("Bounds"), N_("Appetite: where we want to be. Tolerance: above it the committee decides. Capacity: what must never be passed.")},
    {"valid",  N_("Validity"), NULL},
    {0}
};
static const FieldDef appetite_fields[] = {
    {.name = "title", .label = N_("Statement"), .kind = KIND_TEXT, .group = "what", .flags = F_REQUIRED | F_SEARCHED | F_SORTED, .max_length = 300,
     .help = N_("One sentence, for example “No internal fraud is accepted; each case is prosecuted”.")},
    {.name = "risk_category", .label = N_("Risk category"), .kind = KIND_TAXON, .of = "risk_category", .group = "what", .flags = F_REQUIRED | F_LISTED | F_FILTER},
    {.name = "entity", .label = N_("Entity"), .kind = KIND_REF, .of = "entity", .group = "what", .flags = F_LISTED | F_FILTER, .help = N_("Leave it empty for the whole group.")},
    {.name = "measure", .label = N_("Measured on"), .kind = KIND_CHOICE, .choices = appetite_measures, .group = "what", .flags = F_REQUIRED | F_LISTED | F_FILTER, .default_value = "residual_level"},
    {.name = "appetite_level", .label = N_("Appetite"), .kind = KIND_CHOICE, .choices = rcsa_classes, .group = "bounds", .flags = F_LISTED, .only_if = "measure=residual_level"},
    {.name = "tolerance_level", .label = N_("Tolerance"), .kind = KIND_CHOICE, .choices = rcsa_classes, .group = "bounds", .flags = F_LISTED, .only_if = "measure=residual_level"},
    {.name = "capacity_level", .label = N_("Capacity"), .kind = KIND_CHOICE, .choices = rcsa_classes, .group = "bounds", .only_if = "measure=residual_level"},
    {.name = "appetite_amount", .label = N_("Appetite, amount"), .kind = KIND_MONEY, .group = "bounds", .min = 0, .max = INT64_C(100000000000000)},
    {.name = "tolerance_amount", .label = N_("Tolerance, amount"), .kind = KIND_MONEY, .group = "bounds", .min = 0, .max = INT64_C(100000000000000)},
    {.name = "capacity_amount", .label = N_("Capacity, amount"), .kind = KIND_MONEY, .group = "bounds", .min = 0, .max = INT64_C(100000000000000)},
    {.name = "appetite_count", .label = N_("Appetite, number"), .kind = KIND_INT, .group = "bounds", .min = 0, .max = 1000000, .only_if = "measure=count"},
    {.name = "tolerance_count", .label = N_("Tolerance, number"), .kind = KIND_INT, .group = "bounds", .min = 0, .max = 1000000, .only_if = "measure=count"},
    {.name = "capacity_count", .label = N_("Capacity, number"), .kind = KIND_INT, .group = "bounds", .min = 0, .max = 1000000, .only_if = "measure=count"},
    {.name = "valid_from", .label = N_("Valid from"), .kind = KIND_DATE, .group = "valid", .flags = F_REQUIRED | F_LISTED | F_FILTER | F_SORTED, .default_value = "today"},
    {.name = "valid_until", .label = N_("Valid until"), .kind = KIND_DATE, .group = "valid", .flags = F_LISTED | F_FILTER, .help = N_("The last day; leave it empty while it is in use.")},
    {.name = "approved_by", .label = N_("Approved by"), .kind = KIND_USER, .group = "valid", .flags = F_COMPUTED},
    {.name = "approved_on", .label = N_("Approved on"), .kind = KIND_DATE, .group = "valid", .flags = F_COMPUTED},
    {.name = "note", .label = N_("Note"), .kind = KIND_LONG, .group = "valid", .flags = F_MORE},
    {0}
};
static const StateDef appetite_states[] = {
    {"proposed", N_("Proposed"), TONE_WARN,  1, 0, "committee"},
    {"approved", N_("Approved"), TONE_GOOD,  2, STATE_CLOSED, NULL},
    {"retired",  N_("Retired"),  TONE_MUTED, 3, STATE_CLOSED, NULL},
    {0}
};
static const TransitionDef appetite_transitions[] = {
    {"approve", N_("Approve"), "proposed", "approved", "committee", TRANSITION_PRIMARY | TRANSITION_NOT_CREATOR | TRANSITION_NOT_EDITOR, .done = N_("approved it")},
    {"refuse",  N_("Refuse"), "proposed", "retired", "committee", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("refused it")},
    {"retire",  N_("Retire"), "approved", "retired", "committee head_orm", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("retired it")},
    {0}
};
static const GrantDef appetite_grants[] = {
    {"unit_head",     OP_READ,            SCOPE_ALL, true, NULL, NULL, NULL},
    {"correspondent", OP_READ,            SCOPE_ALL, true, NULL, NULL, NULL},
    {"finance",       OP_READ,            SCOPE_ALL, true, NULL, NULL, NULL},
    {"compliance",    OP_READ,            SCOPE_ALL, true, NULL, NULL, NULL},
    {"analyst",       WRITES,             SCOPE_ALL, true, NULL, NULL, NULL},
    {"head_orm",      WRITES | OP_IMPORT, SCOPE_ALL, true, NULL, NULL, NULL},
    {"inspection",    READS,              SCOPE_ALL, true, NULL, NULL, NULL},
    {"committee",     READS,              SCOPE_ALL, true, NULL, NULL, NULL},
    {"auditor",       READS,              SCOPE_ALL, true, NULL, NULL, NULL},
    {"methodology",   READS,              SCOPE_ALL, true, NULL, NULL, NULL},
    {0}
};
const TypeDef rcsa_appetite_type = {
    .name = "appetite", .label = N_("Risk appetite"), .plural_label = N_("Risk appetite"), .prefix = "APP", .title = "title", .icon = "scale",
    .flags = TYPE_NO_UNIT, .groups = appetite_groups, .fields = appetite_fields, .states = appetite_states, .transitions = appetite_transitions,
    .grants = appetite_grants, .validate = rcsa_appetite_validate, .compute = rcsa_appetite_compute, .list_default = "sort=title",
    .text = N_("Appetite, tolerance and capacity by category and entity, approved by the committee.")};

/* ---- which risks an incident realised ---- */
static const Choice origins[] = {{"person", N_("A person"), 0}, {"pattern", N_("The pattern of the incident"), 0}, {0}};
static const FieldDef incident_fields[] = {
    {.name = "incident", .label = N_("Incident"), .kind = KIND_REF, .of = "incident", .flags = F_REQUIRED | F_FIXED | F_FILTER},
    {.name = "risk", .label = N_("Risk"), .kind = KIND_REF, .of = "risk", .flags = F_REQUIRED | F_FIXED | F_LISTED | F_FILTER,
     .help = N_("The risk of the register that this incident has realised.")},
    {.name = "note", .label = N_("Note"), .kind = KIND_TEXT, .flags = F_LISTED, .max_length = 400},
    {.name = "origin", .label = N_("Linked by"), .kind = KIND_CHOICE, .choices = origins, .flags = F_COMPUTED | F_LISTED},
    {0}
};
static const StateDef incident_states[] = {
    {"linked",  N_("Linked"),  TONE_GOOD,  1, 0, NULL},
    {"removed", N_("Removed"), TONE_MUTED, 2, STATE_CLOSED | STATE_VOID, NULL},
    {0}
};
static const TransitionDef incident_transitions[] = {
    {"remove", N_("Remove the link"), "linked", "removed", "correspondent analyst head_orm inspection", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("removed the link")},
    {0}
};
static const GrantDef incident_grants[] = { /* who sees the incident sees its risks */
    {"unit_head",     READS,              SCOPE_UNIT, false, NULL, NULL, NULL},
    {"correspondent", WRITES,             SCOPE_UNIT, false, NULL, NULL, NULL},
    {"finance",       OP_READ,            SCOPE_ALL,  false, NULL, NULL, NULL},
    {"legal",         OP_READ,            SCOPE_ALL,  false, NULL, NULL, NULL},
    {"compliance",    READS,              SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"analyst",       WRITES | OP_IMPORT, SCOPE_ALL,  false, NULL, NULL, NULL},
    {"head_orm",      WRITES | OP_IMPORT, SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"inspection",    WRITES,             SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"committee",     OP_READ,            SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"auditor",       READS,              SCOPE_ALL,  false, NULL, NULL, NULL},
    {0}
};
const TypeDef rcsa_incident_type = {
    .name = "incident_risk", .label = N_("Risk concerned"), .plural_label = N_("Risks concerned"), .prefix = "RIN", .parent = "incident", .icon = "list-tree",
    .fields = incident_fields, .states = incident_states, .transitions = incident_transitions, .grants = incident_grants,
    .validate = rcsa_incident_validate, .compute = rcsa_incident_compute,
    .text = N_("Which risks of the register an incident has realised: the evidence beside the opinion.")};
/* clang-format on */
