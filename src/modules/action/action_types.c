/* action_types.c: the action and the request to extend it as tables. Data only; what no table can
 * say is in action_rules.c and action_side_rules.c. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/action/action.h"
#include "modules/action/action_levels.h"

/* clang-format off */
#define READS (OP_READ | OP_HISTORY)
#define WRITES (OP_READ | OP_HISTORY | OP_CREATE | OP_UPDATE)
#define SECOND_LINE "analyst head_orm inspection"

const Choice action_levels[] = {
    {"unit", N_("Unit head"), 0}, {"orm", N_("Operational risk"), 0}, {"head", N_("Head of operational risk"), 0}, {"committee", N_("Committee"), 0}, {0}
};
static const Choice kinds[] = {
    {"corrective", N_("Corrective"), 0}, {"preventive", N_("Preventive"), 0}, {"improvement", N_("Improvement"), 0}, {"transfer", N_("Transfer of the risk"), 0},
    {"study", N_("Study"), 0}, {0}
};
static const Choice priorities[] = {
    {"low", N_("Low"), TONE_MUTED}, {"normal", N_("Normal"), TONE_NONE}, {"high", N_("High"), TONE_WARN}, {"urgent", N_("Urgent"), TONE_BAD}, {0}
};
static const Choice timings[] = {
    {"on_time", N_("On time"), TONE_GOOD}, {"extended", N_("Within an extension"), TONE_WARN}, {"late", N_("Late"), TONE_BAD}, {0}
};
static const Choice effects[] = {{"effective", N_("It works"), TONE_GOOD}, {"not_effective", N_("It does not work"), TONE_BAD}, {0}};

static const FieldDef milestone_rows[] = {
    {.name = "name", .label = N_("Milestone"), .kind = KIND_TEXT, .flags = F_REQUIRED},
    {.name = "due_on", .label = N_("Due on"), .kind = KIND_DATE},
    {.name = "done_on", .label = N_("Done on"), .kind = KIND_DATE},
    {0}
};
static const FieldGroup action_groups[] = {
    {"what",  N_("What is to be done"), N_("An action has an owner, a date and a result that can be checked.")},
    {"when",  N_("When"), N_("The first agreed date is kept for ever; once the plan is approved, only an extension moves the date.")},
    {"money", N_("Costs and benefit"), N_("What the choice of a plan under a budget rests on.")},
    {"proof", N_("Proof and verification"), N_("Somebody else than the owner verifies, and looks again some months later.")},
    {0}
};
#define COST(id, words, text) {.name = id, .label = words, .kind = KIND_MONEY, .group = "money", .min = 0, .max = INT64_C(100000000000000), .help = text}
static const FieldDef action_fields[] = {
    {.name = "issues", .label = N_("Issues"), .kind = KIND_REFS, .of = "issue", .group = "what", .flags = F_REQUIRED | F_FILTER,
     .help = N_("What the action puts right; the first one carries its cost.")},
    {.name = "title", .label = N_("Title"), .kind = KIND_TEXT, .group = "what", .flags = F_REQUIRED | F_LISTED | F_SEARCHED | F_SORTED,
     .help = N_("One line that begins with a verb, for example “Make the call-back a condition of release”.")},
    {.name = "deliverable", .label = N_("Result that closes it"), .kind = KIND_LONG, .group = "what", .flags = F_SEARCHED, .leave = "planned",
     .help = N_("What somebody else can look at to say that it is done.")},
    {.name = "kind", .label = N_("Kind of action"), .kind = KIND_CHOICE, .choices = kinds, .group = "what", .flags = F_REQUIRED | F_FILTER, .default_value = "corrective"},
    {.name = "priority", .label = N_("Priority"), .kind = KIND_CHOICE, .choices = priorities, .group = "what", .flags = F_REQUIRED | F_LISTED | F_FILTER, .default_value = "normal"},
    {.name = "contributors", .label = N_("Contributors"), .kind = KIND_REFS, .of = "user", .group = "what", .flags = F_ASSIGNED | F_MORE},
    {.name = "project", .label = N_("Project"), .kind = KIND_TEXT, .group = "what", .flags = F_MORE | F_FILTER | F_SEARCHED},
    {.name = "controls", .label = N_("Controls that it changes"), .kind = KIND_REFS, .of = "control", .group = "what", .flags = F_MORE | F_FILTER},
    {.name = "state_after", .label = N_("How the control stands afterwards"), .kind = KIND_LONG, .group = "what", .flags = F_MORE},
    {.name = "external_key", .label = N_("Key in the source system"), .kind = KIND_TEXT, .group = "what", .flags = F_UNIQUE | F_MORE, .max_length = 100,
     .help = N_("Makes an import safe to repeat.")},

    {.name = "start_on", .label = N_("Starts on"), .kind = KIND_DATE, .group = "when", .flags = F_SORTED},
    {.name = "due_on", .label = N_("Due on"), .kind = KIND_DATE, .group = "when", .flags = F_REQUIRED | F_LISTED | F_SORTED | F_FILTER | F_HEADLINE},
    {.name = "first_due_on", .label = N_("First agreed date"), .kind = KIND_DATE, .group = "when", .flags = F_COMPUTED | F_FILTER | F_HEADLINE,
     .help = N_("As it stood when the plan was approved; no extension changes it.")},
    {.name = "extensions", .label = N_("Extensions granted"), .kind = KIND_INT, .group = "when", .flags = F_COMPUTED | F_FILTER},
    {.name = "done_on", .label = N_("Done on"), .kind = KIND_DATE, .group = "when", .flags = F_COMPUTED | F_SORTED | F_FILTER},
    {.name = "slip_days", .label = N_("Days after the first agreed date"), .kind = KIND_INT, .group = "when", .flags = F_COMPUTED},
    {.name = "timing", .label = N_("Punctuality"), .kind = KIND_CHOICE, .choices = timings, .group = "when", .flags = F_COMPUTED | F_FILTER},
    {.name = "progress", .label = N_("Progress in %"), .kind = KIND_INT, .min = 0, .max = 100, .group = "when", .flags = F_LISTED | F_HEADLINE, .default_value = "0"},
    {.name = "expected_on", .label = N_("Expected end"), .kind = KIND_DATE, .group = "when", .flags = F_FILTER,
     .help = N_("When the owner expects to be done. The agreed date stays; an extension moves it.")},
    {.name = "follow_note", .label = N_("Where the action stands"), .kind = KIND_LONG, .group = "when", .flags = F_SEARCHED,
     .help = N_("In two sentences: what was done since last time, and what stands in the way.")},
    {.name = "milestones", .label = N_("Milestones"), .kind = KIND_ROWS, .rows = milestone_rows, .group = "when"},
    {.name = "prerequisites", .label = N_("Only after"), .kind = KIND_REFS, .of = "action", .group = "when", .flags = F_MORE,
     .help = N_("Actions that must be done before this one can be.")},
    {.name = "alternatives", .label = N_("Instead of"), .kind = KIND_REFS, .of = "action", .group = "when", .flags = F_MORE,
     .help = N_("Actions that this one replaces: a plan takes one of them at most.")},

    COST("cost_once", N_("One-off cost, planned"), NULL),
    COST("cost_yearly", N_("Cost a year, planned"), N_("For example licences and maintenance.")),
    {.name = "staff_days", .label = N_("Staff days"), .kind = KIND_DECIMAL, .scale = 1, .min = 0, .max = 1000000, .group = "money"},
    {.name = "frequency_cut", .label = N_("Makes it rarer by"), .kind = KIND_PERCENT, .min = 0, .max = 10000, .group = "money", .help = N_("Share of the events that no longer happen.")},
    {.name = "severity_cut", .label = N_("Makes it cheaper by"), .kind = KIND_PERCENT, .min = 0, .max = 10000, .group = "money", .help = N_("Share of the loss of an event that is saved.")},
    COST("benefit_yearly", N_("Loss removed a year"), N_("Left empty, it is worked out from the two shares and the loss a year of the issue.")),
    COST("actual_once", N_("One-off cost, actual"), NULL),
    COST("actual_yearly", N_("Cost a year, actual"), NULL),
    {.name = "cost_group", .label = N_("One-off cost, group currency"), .kind = KIND_MONEY, .group = "money", .flags = F_COMPUTED | F_SORTED},
    {.name = "running_group", .label = N_("Cost a year, group currency"), .kind = KIND_MONEY, .group = "money", .flags = F_COMPUTED},
    {.name = "benefit_group", .label = N_("Loss removed a year, group currency"), .kind = KIND_MONEY, .group = "money", .flags = F_COMPUTED | F_SORTED},

    {.name = "evidence", .label = N_("Evidence"), .kind = KIND_FILES, .group = "proof", .leave = "in_progress", .help = N_("The proof that the result is there.")},
    {.name = "done_note", .label = N_("What was done"), .kind = KIND_LONG, .group = "proof", .flags = F_SEARCHED},
    {.name = "verifier", .label = N_("Verifier"), .kind = KIND_USER, .group = "proof", .flags = F_ASSIGNED | F_FILTER,
     .help = N_("Left empty, it is the owner of the issue. Never the owner of the action.")},
    {.name = "verification_note", .label = N_("Result of the verification"), .kind = KIND_LONG, .group = "proof"},
    {.name = "verified_on", .label = N_("Verified on"), .kind = KIND_DATE, .group = "proof", .flags = F_COMPUTED},
    {.name = "effect_months", .label = N_("Months until the effectiveness check"), .kind = KIND_INT, .group = "proof", .min = 0, .max = 36, .default_value = "3", .flags = F_MORE,
     .help = N_("0: no check, the verification closes the action.")},
    {.name = "effect_on", .label = N_("Effectiveness check on"), .kind = KIND_DATE, .group = "proof", .flags = F_COMPUTED | F_SORTED | F_FILTER},
    {.name = "effect", .label = N_("Effectiveness"), .kind = KIND_CHOICE, .choices = effects, .group = "proof", .flags = F_COMPUTED | F_FILTER},
    {.name = "effect_note", .label = N_("Result of the effectiveness check"), .kind = KIND_LONG, .group = "proof"},
    {.name = "closed_on", .label = N_("Date of closure"), .kind = KIND_DATE, .group = "proof", .flags = F_COMPUTED | F_FILTER},
    {.name = "entity", .label = N_("Entity"), .kind = KIND_REF, .of = "entity", .group = "proof", .flags = F_COMPUTED | F_FILTER},
    {0}
};
static const StateDef action_states[] = {
    {"planned",       N_("Planned"),             TONE_MUTED,  1, 0, "@owner"},
    {"in_progress",   N_("In progress"),         TONE_INFO,   2, 0, "@owner"},
    {"done",          N_("Submitted as done"),   TONE_WARN,   3, 0, "@verifier"},
    {"verified",      N_("Verified"),            TONE_GOOD,   4, 0, NULL},
    {"effectiveness", N_("Effectiveness check"), TONE_WARN,   5, 0, "@verifier"},
    {"closed",        N_("Closed"),              TONE_GOOD,   6, STATE_CLOSED, NULL},
    {"cancelled",     N_("Cancelled"),           TONE_MUTED,  7, STATE_CLOSED | STATE_VOID, NULL},
    {0}
};
#define BY_SOMEBODY_ELSE (TRANSITION_NOT_OWNER | TRANSITION_NOT_PREVIOUS)
static const TransitionDef action_transitions[] = {
    {"start", N_("Start"), "planned", "in_progress", "@owner unit_head correspondent " SECOND_LINE, TRANSITION_PRIMARY, .guard = action_guard_start, .done = N_("started it")},
    {"submit", N_("Submit as done"), "in_progress", "done", "@owner " SECOND_LINE, TRANSITION_PRIMARY, .guard = action_guard_submit, .sends = "done_note evidence",
     .done = N_("submitted it as done")},
    {"return", N_("Return"), "done", "in_progress", "@verifier " SECOND_LINE, TRANSITION_REASON | TRANSITION_NOT_OWNER, .done = N_("returned it, it is not done")},
    {"verify", N_("Verify"), "done", NULL, "@verifier " SECOND_LINE, TRANSITION_PRIMARY | BY_SOMEBODY_ELSE, .route = action_route_verified,
     .sends = "verification_note effect_months", .done = N_("verified it")},
    {"check", N_("Check the effectiveness now"), "verified", "effectiveness", "@verifier " SECOND_LINE, 0, .done = N_("opened the effectiveness check")},
    {"confirm_effect", N_("It works"), "effectiveness", "closed", "@verifier " SECOND_LINE, TRANSITION_PRIMARY | TRANSITION_NOT_OWNER, .sends = "effect_note",
     .done = N_("confirmed that it works")},
    {"deny_effect", N_("It does not work"), "effectiveness", "in_progress", "@verifier " SECOND_LINE, TRANSITION_REASON | TRANSITION_NOT_OWNER, .sends = "due_on effect_note",
     .done = N_("found that it does not work")},
    {"cancel", N_("Cancel"), "planned in_progress", "cancelled", "unit_head correspondent " SECOND_LINE, TRANSITION_REASON | TRANSITION_DANGER | TRANSITION_NOT_OWNER,
     .done = N_("cancelled it")},
    {"restore", N_("Restore"), "cancelled", "planned", SECOND_LINE, TRANSITION_REASON, .done = N_("restored it")},
    {"reopen", N_("Reopen"), "closed", "in_progress", SECOND_LINE, TRANSITION_REASON, .sends = "due_on", .done = N_("reopened it")},
    {0}
};
static const GrantDef action_grants[] = {
    {"declarant",     READS | OP_UPDATE,  SCOPE_ASSIGNED, false, NULL, NULL, "planned in_progress"},
    {"unit_head",     WRITES,             SCOPE_UNIT, false, NULL, NULL, "planned in_progress"},
    {"correspondent", WRITES,             SCOPE_UNIT, false, NULL, NULL, "planned in_progress"},
    {"legal",         READS,              SCOPE_ALL,  false, NULL, NULL, NULL},
    {"compliance",    READS,              SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"analyst",       WRITES | OP_IMPORT, SCOPE_ALL,  false, NULL, NULL, NULL},
    {"head_orm",      WRITES | OP_IMPORT, SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"inspection",    WRITES | OP_IMPORT, SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"committee",     OP_READ,            SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"auditor",       READS,              SCOPE_ALL,  false, NULL, NULL, NULL},
    {0}
};
static const ConditionDef action_conditions[] = {
    {"overdue", N_("Overdue"), "due_on", "planned in_progress", CONDITION_OPEN, -1, TONE_BAD},
    {"due_soon", N_("Due within 30 days"), "due_on", "planned in_progress", 0, 30, TONE_WARN},
    {"check_due", N_("Check is due"), "effect_on", "verified effectiveness", CONDITION_OPEN, 0, TONE_WARN},
    {0}
};
const TypeDef action_type = {
    .name = "action", .label = N_("Action"), .plural_label = N_("Actions"), .prefix = "ACT", .title = "title", .icon = "checklist",
    .flags = TYPE_CONFIDENTIAL, .groups = action_groups, .fields = action_fields, .states = action_states, .transitions = action_transitions,
    .grants = action_grants, .conditions = action_conditions, .validate = action_validate, .compute = action_compute, .after_save = action_after_save, .remove = action_remove,
    .list_default = "state.open=1&sort=due_on", .text = N_("What one person brings about until a date, with proof, verified by another.")};

/* ---- extension ---- */
static const FieldDef extension_fields[] = {
    {.name = "action", .label = N_("Action"), .kind = KIND_REF, .of = "action", .flags = F_REQUIRED | F_FIXED | F_LISTED | F_FILTER},
    {.name = "title", .label = N_("Request"), .kind = KIND_TEXT, .flags = F_COMPUTED | F_SEARCHED},
    {.name = "new_due_on", .label = N_("New date"), .kind = KIND_DATE, .flags = F_REQUIRED | F_LISTED | F_SORTED | F_HEADLINE, .frozen = "with_unit"},
    {.name = "why", .label = N_("Why more time is needed"), .kind = KIND_LONG, .flags = F_REQUIRED | F_SEARCHED, .frozen = "with_unit"},
    {.name = "interim", .label = N_("What protects us meanwhile"), .kind = KIND_LONG, .leave = "draft", .frozen = "with_unit", .help = N_("Interim measures until the action is done.")},
    {.name = "from_due_on", .label = N_("Date so far"), .kind = KIND_DATE, .flags = F_COMPUTED | F_LISTED | F_HEADLINE},
    {.name = "nth", .label = N_("Which extension it is"), .kind = KIND_INT, .flags = F_COMPUTED | F_LISTED},
    {.name = "level", .label = N_("Decided by"), .kind = KIND_CHOICE, .choices = action_levels, .flags = F_COMPUTED | F_LISTED | F_FILTER | F_HEADLINE,
     .help = N_("The more extensions and the more serious the issue, the higher.")},
    {0}
};
static const StateDef extension_states[] = {
    {"draft",     N_("Draft"),     TONE_MUTED, 1, 0, "@creator"},
    ACTION_LEVEL_STATES(2),
    {"approved",  N_("Approved"),  TONE_GOOD,  6, STATE_CLOSED, NULL},
    {"refused",   N_("Refused"),   TONE_BAD,   7, STATE_CLOSED | STATE_VOID, NULL},
    {"withdrawn", N_("Withdrawn"), TONE_MUTED, 8, STATE_CLOSED | STATE_VOID, NULL},
    {0}
};
static const TransitionDef extension_transitions[] = {
    {"submit", N_("Submit"), "draft", NULL, "@creator @owner unit_head correspondent " SECOND_LINE, TRANSITION_PRIMARY, .route = action_route_level, .done = N_("submitted it")},
    {"withdraw", N_("Withdraw"), "draft " ACTION_LEVEL_NAMES, "withdrawn", "@creator @owner", TRANSITION_DANGER, .done = N_("withdrew it")},
    ACTION_LEVEL_STEPS("approved", N_("approved the extension")),
    {"refuse", N_("Refuse"), ACTION_LEVEL_NAMES, "refused", "unit_head committee " SECOND_LINE, TRANSITION_REASON | TRANSITION_DANGER | TRANSITION_NOT_CREATOR | TRANSITION_NOT_OWNER,
     .done = N_("refused the extension")},
    {0}
};
static const GrantDef extension_grants[] = {
    {"declarant",     READS | OP_CREATE,  SCOPE_OWN,  false, NULL, NULL, NULL},
    {"declarant",     OP_UPDATE,          SCOPE_OWN,  false, NULL, NULL, "draft"},
    {"declarant",     READS,              SCOPE_ASSIGNED, false, NULL, NULL, NULL},
    {"unit_head",     WRITES,             SCOPE_UNIT, false, NULL, NULL, "draft"},
    {"correspondent", WRITES,             SCOPE_UNIT, false, NULL, NULL, "draft"},
    {"compliance",    READS,              SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"analyst",       WRITES,             SCOPE_ALL,  false, NULL, NULL, "draft"},
    {"head_orm",      WRITES,             SCOPE_ALL,  true,  NULL, NULL, "draft"},
    {"inspection",    WRITES,             SCOPE_ALL,  true,  NULL, NULL, "draft"},
    {"committee",     OP_READ,            SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"auditor",       READS,              SCOPE_ALL,  false, NULL, NULL, NULL},
    {0}
};
const TypeDef action_extension_type = {
    .name = "extension_request", .label = N_("Request for more time"), .plural_label = N_("Requests for more time"), .prefix = "EXT", .title = "title",
    .parent = "action", .icon = "calendar-event", .fields = extension_fields, .states = extension_states, .transitions = extension_transitions,
    .grants = extension_grants, .validate = action_extension_validate, .compute = action_extension_compute, .after_save = action_extension_after_save,
    .list_default = "state.open=1&sort=-id", .text = N_("Moves the date of an action with the consent of the right level; the first agreed date stays.")};
/* clang-format on */
