/* rcsa_campaign_types.c: the campaign of self-assessment and the assessment of one risk in it as
 * tables. Who answers, who challenges, who approves, and what is frozen. Data only.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa.h"
#include "modules/rcsa/rcsa_assess.h"
#include "modules/rcsa/rcsa_method.h"

/* clang-format off */
#define READS (OP_READ | OP_HISTORY)

/* ---- campaign ---- */
static const Choice kinds[] = {
    {"full", N_("Full"), 0}, {"exception", N_("By exception"), 0}, {"triggered", N_("Triggered by events"), 0}, {"spot", N_("Spot"), 0}, {0}
};
static const Choice prefills[] = {
    {"confirm", N_("Last answers, each to be confirmed"), 0}, {"data", N_("Data only"), 0}, {"empty", N_("Empty"), 0}, {0}
};
static const FieldGroup campaign_groups[] = {
    {"campaign", N_("Campaign"), N_("What is assessed, with which method, and why now.")},
    {"scope",    N_("Scope"), N_("Left empty, a line does not limit the scope.")},
    {"dates",    N_("Dates"), N_("Each step has its day; reminders follow them.")},
    {"result",   N_("Publication"), N_("The published ratings are frozen under one fingerprint.")},
    {0}
};
static const FieldDef campaign_fields[] = {
    {.name = "title", .label = N_("Title"), .kind = KIND_TEXT, .group = "campaign", .flags = F_REQUIRED | F_SEARCHED | F_SORTED, .help = N_("For example “Yearly self-assessment 2026”.")},
    {.name = "kind", .label = N_("Kind of campaign"), .kind = KIND_CHOICE, .choices = kinds, .group = "campaign", .flags = F_REQUIRED | F_LISTED | F_FILTER | F_CARDS, .default_value = "full", .frozen = "scoping",
     .help = N_("By exception: risks with losses, contradictions or an old assessment. Triggered: risks hit by an event since their last assessment.")},
    {.name = "method", .label = N_("Method of rating"), .kind = KIND_REF, .of = "rcsa_method", .group = "campaign", .flags = F_LISTED | F_FILTER, .leave = "draft", .frozen = "scoping"},
    {.name = "prefill", .label = N_("What the form already holds"), .kind = KIND_CHOICE, .choices = prefills, .group = "campaign", .flags = F_REQUIRED, .default_value = "confirm", .frozen = "open"},
    {.name = "message", .label = N_("Message to the assessors"), .kind = KIND_LONG, .group = "campaign"},
    {.name = "entities", .label = N_("Entities"), .kind = KIND_REFS, .of = "entity", .group = "scope", .frozen = "scoping"},
    {.name = "units", .label = N_("Units and below"), .kind = KIND_REFS, .of = "unit", .group = "scope", .frozen = "scoping"},
    {.name = "processes", .label = N_("Processes"), .kind = KIND_REFS, .of = "process", .group = "scope", .frozen = "scoping"},
    {.name = "categories", .label = N_("Risk categories and below"), .kind = KIND_REFS, .of = "taxon", .group = "scope", .frozen = "scoping"},
    {.name = "period_from", .label = N_("Period from"), .kind = KIND_DATE, .group = "dates", .leave = "draft"},
    {.name = "period_to", .label = N_("Period to"), .kind = KIND_DATE, .group = "dates", .flags = F_LISTED | F_SORTED, .leave = "draft"},
    {.name = "scoping_due", .label = N_("Scope confirmed by"), .kind = KIND_DATE, .group = "dates"},
    {.name = "assess_due", .label = N_("Assessed by"), .kind = KIND_DATE, .group = "dates", .flags = F_LISTED, .leave = "scoping"},
    {.name = "challenge_due", .label = N_("Challenged by"), .kind = KIND_DATE, .group = "dates"},
    {.name = "approve_due", .label = N_("Approved by the day"), .kind = KIND_DATE, .group = "dates"},
    {.name = "published_on", .label = N_("Published on"), .kind = KIND_DATE, .group = "result", .flags = F_COMPUTED | F_LISTED | F_FILTER},
    {.name = "published_by", .label = N_("Published by"), .kind = KIND_USER, .group = "result", .flags = F_COMPUTED},
    {.name = "published_count", .label = N_("Ratings published"), .kind = KIND_INT, .group = "result", .flags = F_COMPUTED},
    {.name = "snapshot", .label = N_("Fingerprint of the ratings"), .kind = KIND_TEXT, .group = "result", .flags = F_COMPUTED, .max_length = 80,
     .help = N_("SHA-256 over the proofs of all published assessments, in their order.")},
    {0}
};
static const StateDef campaign_states[] = {
    {"draft",     N_("Draft"),     TONE_MUTED,  1, 0, NULL},
    {"scoping",   N_("Scoping"),   TONE_INFO,   2, 0, "correspondent"},
    {"open",      N_("Open"),      TONE_ACCENT, 3, 0, NULL},
    {"challenge", N_("Challenge"), TONE_WARN,   4, 0, NULL},
    {"approval",  N_("Approval"),  TONE_WARN,   5, 0, NULL},
    {"published", N_("Published"), TONE_GOOD,   6, STATE_CLOSED, NULL},
    {"archived",  N_("Archived"),  TONE_MUTED,  7, STATE_CLOSED, NULL},
    {"cancelled", N_("Cancelled"), TONE_MUTED,  8, STATE_CLOSED | STATE_VOID, NULL},
    {0}
};
static const TransitionDef campaign_transitions[] = {
    {"scope",     N_("Draw up the scope"), "draft", "scoping", "analyst head_orm", TRANSITION_PRIMARY, .guard = rcsa_campaign_guard_scope, .done = N_("drew up the scope")},
    {"open",      N_("Open to the assessors"), "scoping", "open", "analyst head_orm", TRANSITION_PRIMARY, .guard = rcsa_campaign_guard_open, .done = N_("opened it to the assessors")},
    {"challenge", N_("Go to challenge"), "open", "challenge", "analyst head_orm", TRANSITION_PRIMARY, .done = N_("went to challenge")},
    {"approval",  N_("Go to approval"), "challenge", "approval", "analyst head_orm", TRANSITION_PRIMARY, .done = N_("went to approval")},
    {"publish",   N_("Publish"), "approval", "published", "head_orm", TRANSITION_PRIMARY, .guard = rcsa_campaign_guard_publish, .done = N_("published the ratings")},
    {"archive",   N_("Archive"), "published", "archived", "head_orm", 0, .done = N_("archived it")},
    {"cancel",    N_("Cancel"), "draft scoping open challenge approval", "cancelled", "head_orm", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("cancelled it")},
    {0}
};
static const GrantDef campaign_grants[] = {
    {"declarant",   OP_READ,                       SCOPE_ALL, true, NULL, NULL, NULL},
    {"analyst",     READS | OP_CREATE | OP_UPDATE, SCOPE_ALL, true, NULL, NULL, NULL},
    {"head_orm",    READS | OP_CREATE | OP_UPDATE, SCOPE_ALL, true, NULL, NULL, NULL},
    {"committee",   READS,                         SCOPE_ALL, true, NULL, NULL, NULL},
    {"methodology", READS,                         SCOPE_ALL, true, NULL, NULL, NULL},
    {"auditor",     READS,                         SCOPE_ALL, true, NULL, NULL, NULL},
    {0}
};
static const ConditionDef campaign_conditions[] = {
    {"is_late", N_("Answers overdue"), "assess_due", "open", CONDITION_OPEN, -1, TONE_BAD},
    {0}
};
const TypeDef rcsa_campaign_type = {
    .name = "rcsa_campaign", .label = N_("Self-assessment campaign"), .plural_label = N_("Self-assessment campaigns"), .nav_label = N_("Campaigns"), .prefix = "RCSA", .title = "title",
    .icon = "clipboard-list", .flags = TYPE_NO_UNIT, .groups = campaign_groups, .fields = campaign_fields, .states = campaign_states, .transitions = campaign_transitions,
    .grants = campaign_grants, .conditions = campaign_conditions, .validate = rcsa_campaign_validate, .compute = rcsa_campaign_compute, .after_save = rcsa_campaign_after_save,
    .list_default = "sort=-id", .text = N_("A round of assessments from the scope to the published ratings.")};

/* ---- assessment ---- */
static const Choice still_true[] = {
    {"yes", N_("Yes, as it is"), TONE_GOOD}, {"changed", N_("Yes, but it has changed"), TONE_WARN}, {"gone", N_("No longer"), TONE_MUTED}, {0}
};
static const Choice confidences[] = {{"low", N_("Low"), 0}, {"medium", N_("Medium"), 0}, {"high", N_("High"), 0}, {0}};
static const Choice bases[] = {{"data", N_("Data"), 0}, {"expert", N_("Experience"), 0}, {"workshop", N_("Workshop"), 0}, {0}};
static const Choice opinions[] = {{"agree", N_("Agrees"), TONE_GOOD}, {"disagree", N_("Disagrees"), TONE_BAD}, {0}};
/* In the order of CalcReason. */
const Choice rcsa_reasons[] = {
    {"matrix", N_("Design and operation"), 0}, {"not_testable", N_("Cannot be judged"), TONE_MUTED}, {"failed", N_("Last test failed"), TONE_BAD},
    {"overdue", N_("Test overdue"), TONE_WARN}, {0}
};
static const Choice finals[] = {{"assessed", N_("As assessed"), 0}, {"challenger", N_("As challenged"), 0}, {0}};

static const FieldDef impact_rows[] = { /* ASSESS_IMPACT_... */
    {.name = "dimension", .label = N_("Dimension"), .kind = KIND_TEXT, .flags = F_REQUIRED, .max_length = 30},
    {.name = "level", .label = N_("Level"), .kind = KIND_INT, .min = 1, .max = 5, .flags = F_REQUIRED},
    {.name = "note", .label = N_("Note"), .kind = KIND_TEXT},
    {0}
};
static const FieldDef control_rows[] = { /* RISK_CONTROL ..., then ASSESS_DESIGN ... */
    {.name = "control", .label = N_("Control"), .kind = KIND_REF, .of = "control", .flags = F_REQUIRED},
    {.name = "is_key", .label = N_("Key control"), .kind = KIND_BOOL},
    {.name = "acts_on", .label = N_("Acts on"), .kind = KIND_CHOICE, .choices = rcsa_acts_on},
    {.name = "weight", .label = N_("Weight"), .kind = KIND_INT, .min = 1, .max = 100},
    {.name = "design", .label = N_("Design"), .kind = KIND_CHOICE, .choices = rcsa_ratings},
    {.name = "operation", .label = N_("Operation"), .kind = KIND_CHOICE, .choices = rcsa_ratings},
    {.name = "note", .label = N_("Note"), .kind = KIND_TEXT},
    {.name = "counts_as", .label = N_("Counts as"), .kind = KIND_CHOICE, .choices = rcsa_effectiveness},
    {.name = "because", .label = N_("Because"), .kind = KIND_CHOICE, .choices = rcsa_reasons},
    {0}
};
static const FieldDef contradiction_rows[] = { /* ASSESS_RULE ... */
    {.name = "rule", .label = N_("Contradiction"), .kind = KIND_CHOICE, .choices = rcsa_rules, .flags = F_REQUIRED},
    {.name = "count", .label = N_("Number"), .kind = KIND_INT, .min = 0, .max = 1000000000},
    {.name = "amount", .label = N_("Amount"), .kind = KIND_MONEY},
    {.name = "answer", .label = N_("Answer"), .kind = KIND_TEXT, .max_length = 1000},
    {0}
};
static const FieldGroup assessment_groups[] = {
    {"assessment", N_("Assessment"), NULL},
    {"answers",    N_("Answers"), N_("Still true? How often? How bad? Are the controls working?")},
    {"result",     N_("Rating"), N_("What the method makes of the answers; another result needs a reason.")},
    {"evidence",   N_("Evidence"), N_("What happened since the last time, as it stood when the form was opened or last saved.")},
    {"challenge",  N_("Challenge"), N_("The second line's own rating stays beside the first one's.")},
    {"decision",   N_("Decision"), NULL},
    {0}
};
#define COMPUTED_LEVEL(id, words, at, more) {.name = id, .label = words, .kind = KIND_CHOICE, .choices = rcsa_classes, .group = at, .flags = F_COMPUTED | (more)}
#define PLACE(id, words, at, more) {.name = id, .label = words, .kind = KIND_INT, .group = at, .min = 1, .max = 5, .flags = (more), .frozen = "submitted"}
#define STEP(id, words, at) {.name = id, .label = words, .kind = KIND_INT, .group = at, .min = 1, .max = 5, .flags = F_STEP}
static const FieldDef assessment_fields[] = {
    {.name = "risk", .label = N_("Risk"), .kind = KIND_REF, .of = "risk", .group = "assessment", .flags = F_REQUIRED | F_FIXED},
    {.name = "campaign", .label = N_("Campaign"), .kind = KIND_REF, .of = "rcsa_campaign", .group = "assessment", .flags = F_REQUIRED | F_FIXED | F_FILTER},
    {.name = "name_fr", .label = N_("Name in French"), .kind = KIND_TEXT, .group = "assessment", .flags = F_COMPUTED | F_HIDDEN | F_SEARCHED},
    {.name = "name_en", .label = N_("Name in English"), .kind = KIND_TEXT, .group = "assessment", .flags = F_COMPUTED | F_HIDDEN | F_SEARCHED},
    {.name = "name_ar", .label = N_("Name in Arabic"), .kind = KIND_TEXT, .group = "assessment", .flags = F_COMPUTED | F_HIDDEN | F_SEARCHED},
    {.name = "method", .label = N_("Method of rating"), .kind = KIND_REF, .of = "rcsa_method", .group = "assessment", .flags = F_COMPUTED},
    {.name = "risk_category", .label = N_("Risk category"), .kind = KIND_TAXON, .of = "risk_category", .group = "assessment", .flags = F_COMPUTED | F_MORE | F_FILTER},
    {.name = "process", .label = N_("Process"), .kind = KIND_REF, .of = "process", .group = "assessment", .flags = F_COMPUTED | F_MORE | F_FILTER},
    {.name = "entity", .label = N_("Entity"), .kind = KIND_REF, .of = "entity", .group = "assessment", .flags = F_COMPUTED | F_MORE | F_FILTER},
    {.name = "assessor", .label = N_("Assessor"), .kind = KIND_USER, .group = "assessment", .flags = F_COMPUTED | F_ASSIGNED | F_FILTER},
    {.name = "assignment", .label = N_("Assignment"), .kind = KIND_REF, .of = "assignment", .group = "assessment", .flags = F_DERIVED | F_LOOKUP | F_MORE},
    {.name = "due_on", .label = N_("Due on"), .kind = KIND_DATE, .group = "assessment", .flags = F_COMPUTED | F_SORTED | F_LISTED | F_FILTER},
    {.name = "still_true", .label = N_("Is it still true?"), .kind = KIND_CHOICE, .choices = still_true, .group = "answers", .flags = F_CARDS | F_FILTER, .leave = "todo", .frozen = "submitted"},
    PLACE("inherent_likelihood", N_("How often, without the controls?"), "answers", 0),
    PLACE("inherent_impact", N_("How bad, without the controls?"), "answers", 0),
    {.name = "impacts", .label = N_("Impact by dimension"), .kind = KIND_ROWS, .rows = impact_rows, .group = "answers", .flags = F_MORE, .frozen = "submitted",
     .help = N_("When it is filled, the overall impact follows from it by the method.")},
    {.name = "controls", .label = N_("Are the controls working?"), .kind = KIND_ROWS, .rows = control_rows, .group = "answers", .frozen = "submitted"},
    {.name = "comment", .label = N_("Comment"), .kind = KIND_LONG, .group = "answers", .flags = F_SEARCHED, .frozen = "submitted"},
    {.name = "confidence", .label = N_("How sure are you?"), .kind = KIND_CHOICE, .choices = confidences, .group = "answers", .flags = F_MORE, .frozen = "submitted"},
    {.name = "basis", .label = N_("On what basis?"), .kind = KIND_CHOICE, .choices = bases, .group = "answers", .flags = F_MORE, .frozen = "submitted"},
    {.name = "files", .label = N_("Evidence attached"), .kind = KIND_FILES, .group = "answers", .flags = F_MORE, .frozen = "submitted"},
    COMPUTED_LEVEL("inherent_level", N_("Inherent risk"), "result", F_HEADLINE | F_LISTED | F_FILTER),
    {.name = "effectiveness", .label = N_("Controls as a whole"), .kind = KIND_CHOICE, .choices = rcsa_effectiveness, .group = "result", .flags = F_COMPUTED | F_HEADLINE},
    COMPUTED_LEVEL("residual_level", N_("Residual risk"), "result", F_HEADLINE | F_LISTED | F_FILTER),
    PLACE("computed_likelihood", N_("Residual likelihood by the method"), "result", F_COMPUTED),
    PLACE("computed_impact", N_("Residual impact by the method"), "result", F_COMPUTED),
    PLACE("override_likelihood", N_("Residual likelihood instead"), "result", F_MORE),
    PLACE("override_impact", N_("Residual impact instead"), "result", F_MORE),
    {.name = "override_reason", .label = N_("Why another result"), .kind = KIND_LONG, .group = "result", .flags = F_MORE, .frozen = "submitted"},
    PLACE("residual_likelihood", N_("Residual likelihood"), "result", F_COMPUTED),
    PLACE("residual_impact", N_("Residual impact"), "result", F_COMPUTED),
    PLACE("target_likelihood", N_("Target likelihood"), "result", F_MORE),
    PLACE("target_impact", N_("Target impact"), "result", F_MORE),
    {.name = "target_on", .label = N_("Target reached by"), .kind = KIND_DATE, .group = "result", .flags = F_MORE, .frozen = "submitted"},
    COMPUTED_LEVEL("target_level", N_("Target risk"), "result", 0),
    {.name = "appetite_position", .label = N_("Against the appetite"), .kind = KIND_CHOICE, .choices = rcsa_positions, .group = "result", .flags = F_COMPUTED | F_FILTER | F_HEADLINE | F_LISTED},
    {.name = "since", .label = N_("Since"), .kind = KIND_DATE, .group = "evidence", .flags = F_COMPUTED},
    {.name = "losses", .label = N_("Losses of twelve months"), .kind = KIND_INT, .group = "evidence", .flags = F_COMPUTED | F_LISTED | F_FILTER},
    {.name = "losses_gross", .label = N_("Gross loss of twelve months"), .kind = KIND_MONEY, .group = "evidence", .flags = F_COMPUTED},
    {.name = "largest_loss", .label = N_("Largest loss of twelve months"), .kind = KIND_MONEY, .group = "evidence", .flags = F_COMPUTED},
    {.name = "losses_since", .label = N_("Losses since the last assessment"), .kind = KIND_INT, .group = "evidence", .flags = F_COMPUTED},
    {.name = "near_misses", .label = N_("Near misses of twelve months"), .kind = KIND_INT, .group = "evidence", .flags = F_COMPUTED},
    {.name = "open_actions", .label = N_("Open actions"), .kind = KIND_INT, .group = "evidence", .flags = F_COMPUTED | F_FILTER},
    {.name = "overdue_actions", .label = N_("Overdue actions"), .kind = KIND_INT, .group = "evidence", .flags = F_COMPUTED},
    {.name = "red_indicators", .label = N_("Indicators in the red"), .kind = KIND_INT, .group = "evidence", .flags = F_COMPUTED},
    {.name = "amber_indicators", .label = N_("Indicators in the amber"), .kind = KIND_INT, .group = "evidence", .flags = F_COMPUTED},
    {.name = "failed_tests", .label = N_("Controls whose last test failed"), .kind = KIND_INT, .group = "evidence", .flags = F_COMPUTED},
    {.name = "previous", .label = N_("Last assessment"), .kind = KIND_REF, .of = "assessment", .group = "evidence", .flags = F_COMPUTED},
    COMPUTED_LEVEL("previous_level", N_("Residual risk last time"), "evidence", 0),
    {.name = "contradictions", .label = N_("Contradictions"), .kind = KIND_ROWS, .rows = contradiction_rows, .group = "evidence", .frozen = "submitted",
     .help = N_("Each must be answered before you submit.")},
    {.name = "submitted_by", .label = N_("Submitted by"), .kind = KIND_USER, .group = "challenge", .flags = F_COMPUTED},
    {.name = "submitted_on", .label = N_("Submitted on"), .kind = KIND_DATE, .group = "challenge", .flags = F_COMPUTED},
    {.name = "opinion", .label = N_("Opinion of the second line"), .kind = KIND_CHOICE, .choices = opinions, .group = "challenge", .flags = F_STEP | F_FILTER},
    STEP("challenger_likelihood", N_("Residual likelihood of the second line"), "challenge"),
    STEP("challenger_impact", N_("Residual impact of the second line"), "challenge"),
    COMPUTED_LEVEL("challenger_level", N_("Residual risk of the second line"), "challenge", 0),
    {.name = "challenge_note", .label = N_("Why the second line thinks so"), .kind = KIND_LONG, .group = "challenge", .flags = F_STEP},
    {.name = "challenged_by", .label = N_("Challenged by the person"), .kind = KIND_USER, .group = "challenge", .flags = F_COMPUTED},
    {.name = "final_choice", .label = N_("Rating that holds"), .kind = KIND_CHOICE, .choices = finals, .group = "decision", .flags = F_STEP},
    PLACE("final_likelihood", N_("Final likelihood"), "decision", F_COMPUTED),
    PLACE("final_impact", N_("Final impact"), "decision", F_COMPUTED),
    COMPUTED_LEVEL("final_level", N_("Final residual risk"), "decision", F_FILTER),
    {.name = "response", .label = N_("Response"), .kind = KIND_CHOICE, .choices = rcsa_responses, .group = "decision", .flags = F_STEP | F_FILTER},
    {.name = "accepted_until", .label = N_("Accepted until"), .kind = KIND_DATE, .group = "decision", .flags = F_STEP},
    {.name = "decision_note", .label = N_("Why it is decided so"), .kind = KIND_LONG, .group = "decision", .flags = F_STEP | F_SEARCHED,
     .help = N_("Needed when the risk is accepted.")},
    {.name = "action_note", .label = N_("Action demanded"), .kind = KIND_TEXT, .group = "decision", .flags = F_STEP, .max_length = 200,
     .help = N_("What is to be done; an issue and its action are opened with it.")},
    {.name = "action_owner", .label = N_("Who does it"), .kind = KIND_USER, .group = "decision", .flags = F_STEP, .help = N_("Left empty, the owner of the risk.")},
    {.name = "action_due_on", .label = N_("Done by"), .kind = KIND_DATE, .group = "decision", .flags = F_STEP, .help = N_("Left empty, in ninety days.")},
    {.name = "acceptance", .label = N_("Acceptance"), .kind = KIND_REF, .of = "risk_acceptance", .group = "decision", .flags = F_DERIVED},
    {.name = "action", .label = N_("Action"), .kind = KIND_REF, .of = "action", .group = "decision", .flags = F_DERIVED},
    {.name = "approved_by", .label = N_("Approved by"), .kind = KIND_USER, .group = "decision", .flags = F_COMPUTED},
    {.name = "approved_on", .label = N_("Approved on"), .kind = KIND_DATE, .group = "decision", .flags = F_COMPUTED},
    {.name = "decided_by", .label = N_("Decided by the committee"), .kind = KIND_USER, .group = "decision", .flags = F_COMPUTED},
    {0}
};
static const StateDef assessment_states[] = {
    {"scoped",     N_("In the scope"),      TONE_MUTED,  1, 0, NULL},
    {"todo",       N_("To assess"),         TONE_ACCENT, 2, 0, NULL}, /* waits as an assignment */
    {"submitted",  N_("Submitted"),         TONE_WARN,   3, 0, "analyst"},
    {"challenged", N_("For approval"),      TONE_WARN,   4, 0, "unit_head @owner"},
    {"committee",  N_("With the committee"), TONE_BAD,   5, 0, "committee"},
    {"approved",   N_("Approved"),          TONE_GOOD,   6, 0, NULL},
    {"published",  N_("Published"),         TONE_GOOD,   7, STATE_CLOSED, NULL},
    {"superseded", N_("Superseded"),        TONE_MUTED,  8, STATE_CLOSED, NULL},
    {"cancelled",  N_("Left out"),          TONE_MUTED,  9, STATE_CLOSED | STATE_VOID, NULL},
    {0}
};
static const TransitionDef assessment_transitions[] = {
    {"start",     N_("Ask for it"), "scoped", "todo", "analyst head_orm", 0, .guard = rcsa_assess_guard_start, .done = N_("asked for it")},
    {"leave_out", N_("Leave out"), "scoped todo", "cancelled", "correspondent analyst head_orm", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("left it out of the campaign")},
    {"submit",    N_("Submit"), "todo", "submitted", "@assessor correspondent unit_head", TRANSITION_PRIMARY, .done = N_("submitted it")},
    {"return",    N_("Return"), "submitted challenged committee", "todo", "analyst head_orm unit_head committee @owner", TRANSITION_REASON, .done = N_("returned it")},
    {"challenge", N_("Give an opinion"), "submitted", "challenged", "analyst head_orm", TRANSITION_PRIMARY | TRANSITION_NOT_PREVIOUS,
     .guard = rcsa_assess_guard_challenge, .sends = "opinion challenger_likelihood challenger_impact challenge_note", .done = N_("gave the opinion of the second line")},
    {"agree",     N_("Agree"), "submitted", "challenged", "analyst head_orm", TRANSITION_NOT_PREVIOUS, .guard = rcsa_assess_guard_agree, .done = N_("agreed")},
    {"approve",   N_("Approve"), "challenged", NULL, "unit_head @owner", TRANSITION_PRIMARY | TRANSITION_NOT_PREVIOUS,
     .guard = rcsa_assess_guard_approve, .route = rcsa_assess_route_approved, .sends = "final_choice response", .done = N_("approved it")},
    {"approve_as_is", N_("Approve as assessed"), "challenged", NULL, "unit_head @owner", TRANSITION_NOT_PREVIOUS,
     .guard = rcsa_assess_guard_approve, .route = rcsa_assess_route_approved, .done = N_("approved it")},
    {"decide",    N_("Decide"), "committee", "approved", "committee", TRANSITION_PRIMARY | TRANSITION_NOT_PREVIOUS,
     .guard = rcsa_assess_guard_decide, .sends = "response decision_note accepted_until action_note action_owner action_due_on", .done = N_("decided on it")},
    {"publish",   N_("Publish"), "approved", "published", "", TRANSITION_HIDDEN, .done = N_("published it")},
    {"supersede", N_("Supersede"), "published", "superseded", "", TRANSITION_HIDDEN, .done = N_("superseded it by a newer one")},
    {"withdraw",  N_("Withdraw"), "scoped todo submitted challenged committee approved", "cancelled", "", TRANSITION_HIDDEN, .done = N_("withdrew it with its campaign")},
    {0}
};
static const GrantDef assessment_grants[] = {
    {"declarant",     OP_READ | OP_UPDATE,           SCOPE_ASSIGNED, false, NULL, NULL, "todo"}, /* who took it over, whatever his role */
    {"unit_head",     READS | OP_UPDATE,             SCOPE_UNIT, true, NULL, NULL, "todo"},
    {"correspondent", READS | OP_CREATE | OP_UPDATE, SCOPE_UNIT, true, NULL, NULL, "todo"},
    {"compliance",    READS,                         SCOPE_ALL,  true, NULL, NULL, NULL},
    {"analyst",       READS | OP_CREATE,             SCOPE_ALL,  true, NULL, NULL, NULL},
    {"head_orm",      READS | OP_CREATE,             SCOPE_ALL,  true, NULL, NULL, NULL},
    {"inspection",    READS,                         SCOPE_ALL,  true, NULL, NULL, NULL},
    {"committee",     READS,                         SCOPE_ALL,  true, NULL, NULL, NULL},
    {"methodology",   READS,                         SCOPE_ALL,  true, NULL, NULL, NULL},
    {"auditor",       READS,                         SCOPE_ALL,  true, NULL, NULL, NULL},
    {0}
};
static const ConditionDef assessment_conditions[] = {
    {"is_late", N_("Overdue"), "due_on", "todo", CONDITION_OPEN, -1, TONE_BAD},
    {0}
};
const TypeDef rcsa_assessment_type = {
    .name = "assessment", .label = N_("Assessment of a risk"), .plural_label = N_("Assessments"), .prefix = "ASM", .title = "name", .parent = "risk", .icon = "clipboard-check",
    .groups = assessment_groups, .fields = assessment_fields, .states = assessment_states, .transitions = assessment_transitions, .grants = assessment_grants,
    .conditions = assessment_conditions, .validate = rcsa_assess_validate, .compute = rcsa_assess_compute, .after_save = rcsa_assess_after_save, .list_default = "state.open=1&sort=-id",
    .text = N_("What a unit says of a risk, what speaks against it, and what was decided.")};
/* clang-format on */
