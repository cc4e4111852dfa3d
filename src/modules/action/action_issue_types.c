/* action_issue_types.c: the issue (French: constat) and the acceptance of a risk as tables. Data
 * only; what no table can say is in action_issue_rules.c and action_side_rules.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/action/action.h"
#include "modules/action/action_levels.h"

/* clang-format off */
#define READS (OP_READ | OP_HISTORY)
#define WRITES (OP_READ | OP_HISTORY | OP_CREATE | OP_UPDATE)

/* ---- choices ---- */
static const Choice sources[] = {
    {"incident", N_("Incident"), 0}, {"rcsa", N_("Risk assessment"), 0}, {"indicator", N_("Indicator beyond its limit"), 0},
    {"control_test", N_("Control test"), 0}, {"certification", N_("Certification"), 0}, {"audit", N_("Audit"), 0},
    {"supervisor", N_("Supervisor"), 0}, {"exercise", N_("Continuity analysis or exercise"), 0}, {"third_party", N_("Third party"), 0},
    {"complaint", N_("Complaint"), 0}, {"project", N_("Project"), 0}, {"self", N_("Found by ourselves"), 0}, {0}
};
static const Choice natures[] = {
    {"design", N_("Design"), 0}, {"operation", N_("Operation"), 0}, {"compliance", N_("Compliance"), 0}, {"data", N_("Data"), 0},
    {"resource", N_("Resources"), 0}, {0}
};
static const Choice likelihoods[] = {
    {"1", N_("Very unlikely"), TONE_MUTED}, {"2", N_("Unlikely"), TONE_GOOD}, {"3", N_("Possible"), TONE_WARN}, {"4", N_("Likely"), TONE_BAD},
    {"5", N_("Almost certain"), TONE_CRITICAL}, {0}
};
static const Choice impacts[] = {
    {"1", N_("Very low"), TONE_MUTED}, {"2", N_("Low"), TONE_GOOD}, {"3", N_("Medium"), TONE_WARN}, {"4", N_("High"), TONE_BAD},
    {"5", N_("Critical"), TONE_CRITICAL}, {0}
};
static const Choice ratings[] = {
    {"low", N_("Low"), TONE_GOOD}, {"medium", N_("Medium"), TONE_WARN}, {"high", N_("High"), TONE_BAD}, {"critical", N_("Critical"), TONE_CRITICAL}, {0}
};
static const Choice responses[] = {
    {"remediate", N_("Put it right"), TONE_INFO}, {"accept", N_("Accept the risk"), TONE_WARN}, {"transfer", N_("Transfer the risk"), TONE_ACCENT}, {0}
};

static const FieldGroup issue_groups[] = {
    {"what",     N_("What was found"), N_("In plain words, with where it comes from.")},
    {"rating",   N_("How serious it is"), N_("Likelihood and impact give the rating; the matrix is a setting.")},
    {"response", N_("What to do about it"), N_("Put it right by actions, accept the risk for a time, or transfer it.")},
    {"links",    N_("Connected with"), NULL},
    {"progress", N_("State of the plan"), N_("From its actions.")},
    {0}
};
static const FieldDef issue_fields[] = {
    {.name = "title", .label = N_("Title"), .kind = KIND_TEXT, .group = "what", .flags = F_REQUIRED | F_LISTED | F_SEARCHED | F_SORTED,
     .help = N_("One line, for example “Call-back skipped for large transfers”.")},
    {.name = "description", .label = N_("What was found?"), .kind = KIND_LONG, .group = "what", .flags = F_SEARCHED, .leave = "draft",
     .help = N_("What is wrong, how it was seen and what it can lead to.")},
    {.name = "source", .label = N_("Source"), .kind = KIND_CHOICE, .choices = sources, .group = "what", .flags = F_REQUIRED | F_LISTED | F_FILTER},
    {.name = "incident", .label = N_("Incident"), .kind = KIND_REF, .of = "incident", .group = "what", .flags = F_FILTER,
     .help = N_("The incident that showed it; the link is seen from both sides.")},
    {.name = "source_reference", .label = N_("Reference of the source"), .kind = KIND_TEXT, .group = "what", .flags = F_SEARCHED | F_FILTER,
     .help = N_("For example the number of the audit report or of the supervisor's letter.")},
    {.name = "identified_on", .label = N_("Found on"), .kind = KIND_DATE, .group = "what", .flags = F_REQUIRED | F_SORTED | F_FILTER, .default_value = "today"},
    {.name = "nature", .label = N_("Kind of weakness"), .kind = KIND_CHOICE, .choices = natures, .group = "what", .flags = F_FILTER, .leave = "open"},
    {.name = "root_cause", .label = N_("Root cause"), .kind = KIND_TAXON, .of = "cause", .group = "what", .flags = F_FILTER, .leave = "open"},
    {.name = "repeat_finding", .label = N_("Found before"), .kind = KIND_BOOL, .group = "what", .flags = F_FILTER,
     .help = N_("The same was found before and was said to be put right.")},
    {.name = "regulatory", .label = N_("Demanded by an authority"), .kind = KIND_BOOL, .group = "what", .flags = F_FILTER},
    {.name = "files", .label = N_("Files"), .kind = KIND_FILES, .group = "what"},

    {.name = "likelihood", .label = N_("Likelihood"), .kind = KIND_CHOICE, .choices = likelihoods, .group = "rating", .leave = "draft"},
    {.name = "impact", .label = N_("Impact"), .kind = KIND_CHOICE, .choices = impacts, .group = "rating", .leave = "draft"},
    {.name = "rating", .label = N_("Rating"), .kind = KIND_CHOICE, .choices = ratings, .group = "rating", .flags = F_COMPUTED | F_LISTED | F_FILTER | F_HEADLINE},
    {.name = "yearly_loss", .label = N_("Loss a year if nothing is done"), .kind = KIND_MONEY, .group = "rating", .min = 0, .max = INT64_C(100000000000000),
     .help = N_("An estimate; no plan can remove more than this.")},
    {.name = "yearly_loss_group", .label = N_("The same, group currency"), .kind = KIND_MONEY, .group = "rating", .flags = F_COMPUTED | F_HIDDEN},
    {.name = "residual_effect", .label = N_("What remains if it is not treated"), .kind = KIND_LONG, .group = "rating"},

    {.name = "response", .label = N_("Response"), .kind = KIND_CHOICE, .choices = responses, .group = "response", .flags = F_CARDS | F_FILTER, .default_value = "remediate"},
    {.name = "target_on", .label = N_("Target date"), .kind = KIND_DATE, .group = "response", .flags = F_LISTED | F_SORTED | F_FILTER | F_HEADLINE, .leave = "draft"},
    {.name = "first_target_on", .label = N_("First target date"), .kind = KIND_DATE, .group = "response", .flags = F_COMPUTED,
     .help = N_("As it stood when the issue was opened; it never changes.")},

    {.name = "risks", .label = N_("Risks"), .kind = KIND_REFS, .of = "risk", .group = "links", .flags = F_FILTER},
    {.name = "controls", .label = N_("Controls"), .kind = KIND_REFS, .of = "control", .group = "links", .flags = F_FILTER},
    {.name = "processes", .label = N_("Processes"), .kind = KIND_REFS, .of = "process", .group = "links", .flags = F_FILTER},
    {.name = "external_key", .label = N_("Key in the source system"), .kind = KIND_TEXT, .group = "links", .flags = F_UNIQUE | F_MORE, .max_length = 100,
     .help = N_("Makes an import safe to repeat.")},

    {.name = "entity", .label = N_("Entity"), .kind = KIND_REF, .of = "entity", .group = "progress", .flags = F_COMPUTED | F_FILTER},
    {.name = "actions_total", .label = N_("Actions"), .kind = KIND_INT, .group = "progress", .flags = F_DERIVED},
    {.name = "actions_open", .label = N_("Actions still open"), .kind = KIND_INT, .group = "progress", .flags = F_DERIVED | F_LISTED | F_HEADLINE},
    {.name = "progress", .label = N_("Progress in %"), .kind = KIND_INT, .group = "progress", .flags = F_DERIVED | F_LISTED | F_HEADLINE},
    {.name = "next_due_on", .label = N_("Next action due on"), .kind = KIND_DATE, .group = "progress", .flags = F_DERIVED | F_HEADLINE},
    {.name = "cost_planned", .label = N_("Cost of the plan"), .kind = KIND_MONEY, .group = "progress", .flags = F_DERIVED,
     .help = N_("One-off, in the group's currency. An action of several issues counts at the first one.")},
    {.name = "running_planned", .label = N_("Cost a year of the plan"), .kind = KIND_MONEY, .group = "progress", .flags = F_DERIVED},
    {.name = "benefit_planned", .label = N_("Loss removed a year"), .kind = KIND_MONEY, .group = "progress", .flags = F_DERIVED},
    {.name = "action_owners", .label = N_("People with an action"), .kind = KIND_REFS, .of = "user", .group = "progress", .flags = F_DERIVED | F_ASSIGNED | F_MORE},
    {.name = "plan_approved_on", .label = N_("Plan approved on"), .kind = KIND_DATE, .group = "progress", .flags = F_COMPUTED},
    {.name = "verified_on", .label = N_("Verified on"), .kind = KIND_DATE, .group = "progress", .flags = F_COMPUTED},
    {.name = "closed_on", .label = N_("Date of closure"), .kind = KIND_DATE, .group = "progress", .flags = F_COMPUTED | F_FILTER},
    {0}
};

static const StateDef issue_states[] = {
    {"draft",         N_("Draft"),                TONE_MUTED,  1, 0, "@creator"},
    {"open",          N_("Open"),                 TONE_WARN,   2, 0, "@owner"},
    {"plan_proposed", N_("Action plan proposed"), TONE_INFO,   3, 0, "analyst inspection"},
    {"plan_approved", N_("Plan approved"),        TONE_INFO,   4, 0, NULL},
    {"remediation",   N_("In remediation"),       TONE_INFO,   5, 0, NULL},
    {"accepted",      N_("Accepted"),             TONE_ACCENT, 6, STATE_ASIDE, NULL},
    {"ready",         N_("Ready for closure"),    TONE_WARN,   7, 0, "analyst inspection"},
    {"verified",      N_("Verified"),             TONE_GOOD,   8, 0, NULL},
    {"closed",        N_("Closed"),               TONE_GOOD,   9, STATE_CLOSED, NULL},
    {"cancelled",     N_("Cancelled"),            TONE_MUTED, 10, STATE_CLOSED | STATE_VOID, NULL},
    {0}
};
#define SECOND_LINE "analyst head_orm inspection"
static const TransitionDef issue_transitions[] = {
    {"open", N_("Open the issue"), "draft", "open", "@creator unit_head correspondent compliance " SECOND_LINE, TRANSITION_PRIMARY, .done = N_("opened it")},
    {"discard", N_("Discard"), "draft", "cancelled", "@creator " SECOND_LINE, TRANSITION_DANGER, .done = N_("discarded the draft")},
    {"propose_plan", N_("Propose the action plan"), "open", "plan_proposed", "@owner unit_head correspondent " SECOND_LINE, TRANSITION_PRIMARY,
     .guard = action_issue_guard_plan, .sends = "nature root_cause", .done = N_("proposed the action plan")},
    {"approve_plan", N_("Approve the plan"), "plan_proposed", "plan_approved", "@owner " SECOND_LINE, TRANSITION_PRIMARY | TRANSITION_NOT_PREVIOUS,
     .guard = action_issue_guard_plan, .done = N_("approved the plan")},
    {"return_plan", N_("Return the plan"), "plan_proposed", "open", "@owner " SECOND_LINE, TRANSITION_REASON, .done = N_("returned the plan")},
    {"start", N_("Start remediation"), "plan_approved", "remediation", "@owner unit_head correspondent " SECOND_LINE, TRANSITION_PRIMARY,
     .done = N_("started remediation")},
    {"ready", N_("Ready for closure"), "remediation", "ready", "@owner unit_head correspondent " SECOND_LINE, TRANSITION_PRIMARY,
     .guard = action_issue_guard_ready, .done = N_("said that it is ready for closure")},
    {"verify", N_("Verify"), "ready", "verified", SECOND_LINE, TRANSITION_PRIMARY | TRANSITION_NOT_OWNER | TRANSITION_NOT_PREVIOUS,
     .guard = action_issue_guard_verify, .done = N_("verified it")},
    {"return_work", N_("Return"), "ready verified", "remediation", SECOND_LINE, TRANSITION_REASON, .done = N_("returned it to remediation")},
    {"close", N_("Close the issue"), "verified", "closed", SECOND_LINE, TRANSITION_PRIMARY | TRANSITION_NOT_OWNER, .guard = action_issue_guard_close, .done = N_("closed it")},
    {"reopen", N_("Reopen"), "closed", "open", SECOND_LINE, TRANSITION_REASON, .done = N_("reopened it")},
    {"cancel", N_("Cancel"), "open plan_proposed plan_approved remediation", "cancelled", SECOND_LINE, TRANSITION_REASON | TRANSITION_DANGER | TRANSITION_NOT_OWNER,
     .done = N_("cancelled it")},
    {"restore", N_("Restore"), "cancelled", "open", SECOND_LINE, TRANSITION_REASON, .done = N_("restored it")},
    {"accept", N_("Accept the risk"), "open plan_proposed plan_approved remediation", "accepted", "", TRANSITION_HIDDEN, .done = N_("accepted the risk for a time")},
    {"acceptance_over", N_("Reopen, the acceptance is over"), "accepted", "open", "", TRANSITION_HIDDEN, .done = N_("reopened it, the acceptance is over")},
    {0}
};
static const GrantDef issue_grants[] = {
    {"declarant",     READS,              SCOPE_ASSIGNED, false, NULL, NULL, NULL},
    {"unit_head",     WRITES,             SCOPE_UNIT, false, NULL, NULL, "draft open plan_proposed plan_approved remediation"},
    {"correspondent", WRITES,             SCOPE_UNIT, false, NULL, NULL, "draft open plan_proposed plan_approved remediation"},
    {"legal",         READS,              SCOPE_ALL,  false, NULL, NULL, NULL},
    {"compliance",    WRITES,             SCOPE_ALL,  true,  NULL, NULL, "draft"},
    {"analyst",       WRITES | OP_IMPORT, SCOPE_ALL,  false, NULL, NULL, NULL},
    {"head_orm",      WRITES | OP_IMPORT, SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"inspection",    WRITES | OP_IMPORT, SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"committee",     OP_READ,            SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"auditor",       READS,              SCOPE_ALL,  false, NULL, NULL, NULL},
    {0}
};
static const ConditionDef issue_conditions[] = {
    {"overdue", N_("Overdue"), "target_on", "open plan_proposed plan_approved remediation ready", CONDITION_OPEN, -1, TONE_BAD},
    {"due_soon", N_("Due within 30 days"), "target_on", "open plan_proposed plan_approved remediation ready", 0, 30, TONE_WARN},
    {0}
};
const TypeDef action_issue_type = {
    .name = "issue", .label = N_("Issue"), .plural_label = N_("Issues"), .prefix = "ISS", .title = "title", .icon = "flag",
    .flags = TYPE_CONFIDENTIAL, .groups = issue_groups, .fields = issue_fields, .states = issue_states, .transitions = issue_transitions,
    .grants = issue_grants, .conditions = issue_conditions, .validate = action_issue_validate, .compute = action_issue_compute,
    .after_save = action_issue_after_save, .remove = action_issue_remove, .rederive = action_issue_rederive, .list_default = "state.open=1&sort=target_on", .number_date = "identified_on",
    .text = N_("A weakness that was found, from wherever it comes, until it is put right or its risk is accepted for a time.")};

/* ---- acceptance ---- */
static const FieldDef acceptance_fields[] = {
    {.name = "title", .label = N_("Title"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_LISTED | F_SEARCHED},
    {.name = "issue", .label = N_("Issue"), .kind = KIND_REF, .of = "issue", .flags = F_LISTED | F_FILTER | F_FIXED},
    {.name = "risk", .label = N_("Risk"), .kind = KIND_REF, .of = "risk", .flags = F_LISTED | F_FILTER | F_FIXED},
    {.name = "why", .label = N_("Why the risk is accepted"), .kind = KIND_LONG, .flags = F_SEARCHED, .leave = "draft", .frozen = "with_unit"},
    {.name = "compensating", .label = N_("Controls that compensate"), .kind = KIND_LONG, .leave = "draft", .frozen = "with_unit",
     .help = N_("What keeps the loss within bounds meanwhile.")},
    {.name = "amount", .label = N_("Amount at stake"), .kind = KIND_MONEY, .flags = F_LISTED | F_HEADLINE, .min = 0, .max = INT64_C(100000000000000), .leave = "draft", .frozen = "with_unit",
     .help = N_("The loss a year that is accepted; from certain amounts on a higher level decides.")},
    {.name = "amount_group", .label = N_("The same, group currency"), .kind = KIND_MONEY, .flags = F_COMPUTED | F_HIDDEN},
    {.name = "expires_on", .label = N_("Last day"), .kind = KIND_DATE, .flags = F_REQUIRED | F_LISTED | F_SORTED | F_FILTER | F_HEADLINE, .frozen = "with_unit",
     .help = N_("Each acceptance ends; the issue is open again on the day after.")},
    {.name = "from_on", .label = N_("Accepted from"), .kind = KIND_DATE, .flags = F_COMPUTED},
    {.name = "level", .label = N_("Decided by"), .kind = KIND_CHOICE, .choices = action_levels, .flags = F_COMPUTED | F_LISTED | F_FILTER | F_HEADLINE},
    {.name = "review", .label = N_("Result of the review"), .kind = KIND_LONG, .help = N_("Before it ends: is it still bearable, and what has changed?")},
    {.name = "ended_on", .label = N_("Ended on"), .kind = KIND_DATE, .flags = F_COMPUTED},
    {.name = "files", .label = N_("Files"), .kind = KIND_FILES},
    {0}
};
static const StateDef acceptance_states[] = {
    {"draft",          N_("Draft"),              TONE_MUTED, 1, 0, "@creator"},
    ACTION_LEVEL_STATES(2),
    {"active",         N_("Accepted"),           TONE_ACCENT, 6, 0, NULL},
    {"expired",        N_("Expired"),            TONE_WARN,   7, STATE_CLOSED, NULL},
    {"ended",          N_("Ended"),              TONE_GOOD,   8, STATE_CLOSED | STATE_ASIDE, NULL},
    {"refused",        N_("Refused"),            TONE_MUTED,  9, STATE_CLOSED | STATE_VOID, NULL},
    {0}
};
static const TransitionDef acceptance_transitions[] = {
    {"submit", N_("Submit"), "draft", NULL, "@creator @owner unit_head correspondent " SECOND_LINE, TRANSITION_PRIMARY, .route = action_route_level, .done = N_("submitted it")},
    {"discard", N_("Discard"), "draft", "refused", "@creator " SECOND_LINE, TRANSITION_DANGER, .done = N_("discarded the draft")},
    ACTION_LEVEL_STEPS("active", N_("accepted the risk for a time")),
    {"return", N_("Return"), ACTION_LEVEL_NAMES, "draft", "unit_head committee " SECOND_LINE, TRANSITION_REASON, .done = N_("returned it for completion")},
    {"refuse", N_("Refuse"), ACTION_LEVEL_NAMES, "refused", "unit_head committee " SECOND_LINE, TRANSITION_REASON | TRANSITION_DANGER | TRANSITION_NOT_CREATOR, .done = N_("refused it")},
    {"end", N_("End it"), "active", "ended", SECOND_LINE, TRANSITION_REASON, .sends = "review", .done = N_("ended the acceptance")},
    {"expire", N_("Mark as expired"), "active", "expired", "", TRANSITION_HIDDEN, .done = N_("noted that it has run out")},
    {0}
};
static const GrantDef acceptance_grants[] = {
    {"declarant",     READS,              SCOPE_ASSIGNED, false, NULL, NULL, NULL},
    {"unit_head",     WRITES,             SCOPE_UNIT, false, NULL, NULL, "draft"},
    {"correspondent", WRITES,             SCOPE_UNIT, false, NULL, NULL, "draft"},
    {"compliance",    READS,              SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"analyst",       WRITES,             SCOPE_ALL,  false, NULL, NULL, "draft active"},
    {"head_orm",      WRITES,             SCOPE_ALL,  true,  NULL, NULL, "draft active"},
    {"inspection",    WRITES,             SCOPE_ALL,  true,  NULL, NULL, "draft active"},
    {"committee",     OP_READ,            SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"auditor",       READS,              SCOPE_ALL,  false, NULL, NULL, NULL},
    {0}
};
static const ConditionDef acceptance_conditions[] = {
    {"run_out", N_("Past its last day"), "expires_on", "active", CONDITION_OPEN, -1, TONE_BAD},
    {"expires_soon", N_("Ends within 60 days"), "expires_on", "active", 0, 60, TONE_WARN},
    {0}
};
const TypeDef action_acceptance_type = {
    .name = "risk_acceptance", .label = N_("Risk acceptance"), .plural_label = N_("Risk acceptances"), .prefix = "ACC", .title = "title", .icon = "scale",
    .flags = TYPE_CONFIDENTIAL, .fields = acceptance_fields, .states = acceptance_states, .transitions = acceptance_transitions, .grants = acceptance_grants,
    .conditions = acceptance_conditions, .validate = action_acceptance_validate, .compute = action_acceptance_compute, .after_save = action_acceptance_after_save,
    .list_default = "state.open=1&sort=expires_on", .text = N_("A risk borne knowingly, for a time that always ends, decided at the level of its amount.")};
/* clang-format on */
