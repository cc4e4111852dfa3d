/* incident_side_types.c: the types around the incident: patterns, root cause analyses, external
 * losses, response templates, exclusions from the capital set, messages of a case. Data only.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident.h"
#include "model/library.h"

/* clang-format off */
#define READS (OP_READ | OP_HISTORY)
#define READ_BY_ALL {"declarant", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}
#define KEPT_BY(role) {role, READS | OP_CREATE | OP_UPDATE | OP_IMPORT, SCOPE_ALL, true, NULL, NULL, NULL}
#define HISTORY_FOR(role) {role, READS, SCOPE_ALL, true, NULL, NULL, NULL}

static const GrantDef method_grants[] = {READ_BY_ALL, KEPT_BY("methodology"), HISTORY_FOR("auditor"), HISTORY_FOR("analyst"), {0}};

/* ---- pattern ---- */
static const Choice families[] = {
    {"cash", N_("Cash, branches and machines"), 0}, {"cheque", N_("Cheques and seizures"), 0}, {"payment", N_("Transfers and cards"), 0},
    {"digital", N_("Digital and computer systems"), 0}, {"credit", N_("Loans and collateral"), 0}, {"market", N_("Markets and securities"), 0},
    {"client", N_("Clients and advice"), 0}, {"people", N_("Staff"), 0}, {"place", N_("Buildings and providers"), 0}, {"other", N_("Something else"), 0}, {0}
};
static const Choice kinds[] = {{"loss", N_("Loss"), 0}, {"gain", N_("Gain"), 0}, {"near_miss", N_("Near miss"), 0}, {"non_financial", N_("Without financial effect"), 0}, {0}};
static const FieldDef pattern_fields[] = {
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_SEARCHED | F_FIXED, .max_length = 40},
    {.name = "name_fr", .label = N_("Name in French"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_SEARCHED | F_LISTED | F_SORTED},
    {.name = "name_en", .label = N_("Name in English"), .kind = KIND_TEXT, .flags = F_SEARCHED},
    {.name = "name_ar", .label = N_("Name in Arabic"), .kind = KIND_TEXT, .flags = F_SEARCHED},
    {.name = "family", .label = N_("Group of cards"), .kind = KIND_CHOICE, .choices = families, .flags = F_REQUIRED | F_LISTED | F_FILTER, .help = N_("Where the card stands on the declaration page.")},
    {.name = "position", .label = N_("Position"), .kind = KIND_INT, .flags = F_MORE},
    {.name = "event_kind", .label = N_("Kind of event"), .kind = KIND_CHOICE, .choices = kinds, .flags = F_REQUIRED | F_LISTED, .default_value = "loss"},
    {.name = "event_type", .label = N_("Event type"), .kind = KIND_TAXON, .of = "event_type", .flags = F_LISTED | F_FILTER},
    {.name = "business_line", .label = N_("Business line"), .kind = KIND_TAXON, .of = "business_line", .flags = F_LISTED},
    {.name = "risk_category", .label = N_("Risk category"), .kind = KIND_TAXON, .of = "risk_category"},
    {.name = "process", .label = N_("Process"), .kind = KIND_REF, .of = "process", .flags = F_LISTED},
    {.name = "cause", .label = N_("Cause"), .kind = KIND_TAXON, .of = "cause"},
    {.name = "is_restricted", .label = N_("Restricted from the first moment"), .kind = KIND_BOOL, .flags = F_LISTED, .help = N_("Goes to the general inspection; the unit does not see it.")},
    {.name = "is_credit", .label = N_("Boundary with credit risk"), .kind = KIND_BOOL},
    {.name = "is_legal", .label = N_("Usually a legal case"), .kind = KIND_BOOL},
    {.name = "is_regulatory", .label = N_("To be reported to an authority"), .kind = KIND_BOOL},
    {.name = "is_insured", .label = N_("Usually insured"), .kind = KIND_BOOL},
    {.name = "is_ict", .label = N_("Computer or cyber incident"), .kind = KIND_BOOL},
    {.name = "is_fraud", .label = N_("Fraud"), .kind = KIND_BOOL},
    {.name = "is_aggregate", .label = N_("Small losses may be declared together"), .kind = KIND_BOOL},
    {.name = "is_third_party", .label = N_("Caused by a third party"), .kind = KIND_BOOL},
    {.name = "hint_fr", .label = N_("Advice in French"), .kind = KIND_LONG, .help = N_("What to do at once, shown to the declarant.")},
    {.name = "hint_en", .label = N_("Advice in English"), .kind = KIND_LONG},
    {.name = "hint_ar", .label = N_("Advice in Arabic"), .kind = KIND_LONG},
    {0}
};
const TypeDef incident_pattern_type = {
    .name = "pattern", .label = N_("Incident pattern"), .plural_label = N_("Incident patterns"), .prefix = "PAT", .key = "code", .title = "name",
    .nav_label = N_("Patterns"), .place = "administration", .icon = "template", .flags = TYPE_NO_UNIT | TYPE_TWO_PERSONS, .fields = pattern_fields, .states = library_states, .transitions = library_steps_of_two,
    .grants = method_grants, .validate = incident_pattern_validate, .list_default = "sort=code&limit=100",
    .text = N_("What usually happens, in plain words, with the classification that goes with it.")};

/* ---- root cause analysis ---- */
static const Choice methods[] = {
    {"five_why", N_("Five whys"), 0}, {"ishikawa", N_("Ishikawa"), 0}, {"fault_tree", N_("Fault tree"), 0}, {"bow_tie", N_("Bow tie"), 0},
    {"timeline", N_("Timeline"), 0}, {0}
};
static const FieldDef step_rows[] = {
    {.name = "question", .label = N_("Question or branch"), .kind = KIND_TEXT, .flags = F_REQUIRED, .max_length = 400},
    {.name = "answer", .label = N_("Answer"), .kind = KIND_TEXT, .max_length = 1000},
    {0}
};
static const FieldDef root_rows[] = {
    {.name = "cause", .label = N_("Cause"), .kind = KIND_TAXON, .of = "cause", .flags = F_REQUIRED},
    {.name = "note", .label = N_("Note"), .kind = KIND_TEXT, .max_length = 400},
    {0}
};
static const FieldDef rca_fields[] = {
    {.name = "incident", .label = N_("Incident"), .kind = KIND_REF, .of = "incident", .flags = F_REQUIRED | F_FIXED | F_LISTED},
    {.name = "title", .label = N_("Title"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_LISTED | F_SEARCHED},
    {.name = "method", .label = N_("Method"), .kind = KIND_CHOICE, .choices = methods, .flags = F_REQUIRED | F_LISTED | F_FILTER, .default_value = "five_why"},
    {.name = "steps", .label = N_("Steps"), .kind = KIND_ROWS, .rows = step_rows, .leave = "draft"},
    {.name = "root_cause", .label = N_("Root cause"), .kind = KIND_TAXON, .of = "cause", .flags = F_LISTED | F_FILTER, .leave = "draft"},
    {.name = "other_causes", .label = N_("Further root causes"), .kind = KIND_ROWS, .rows = root_rows, .flags = F_MORE},
    {.name = "conclusion", .label = N_("Conclusion"), .kind = KIND_LONG, .flags = F_SEARCHED, .leave = "draft"},
    {.name = "factors", .label = N_("Contributing factors"), .kind = KIND_LONG},
    {.name = "recommendations", .label = N_("Recommendations"), .kind = KIND_LONG, .flags = F_SEARCHED},
    {.name = "files", .label = N_("Files"), .kind = KIND_FILES},
    {0}
};
static const StateDef rca_states[] = {
    {"draft",     N_("Draft"),     TONE_MUTED, 1, 0, "@creator"},
    {"review",    N_("In review"), TONE_INFO,  2, 0, "analyst inspection"},
    {"validated", N_("Validated"), TONE_GOOD,  3, STATE_CLOSED, NULL},
    {0}
};
static const TransitionDef rca_transitions[] = {
    {"submit",   N_("Send for review"), "draft",  "review",    "@creator correspondent analyst inspection", TRANSITION_PRIMARY, .done = N_("sent it for review")},
    {"return",   N_("Return"),          "review", "draft",     "analyst head_orm inspection", TRANSITION_REASON, .done = N_("returned it for completion")},
    {"validate", N_("Validate"),        "review", "validated", "analyst head_orm inspection", TRANSITION_PRIMARY | TRANSITION_NOT_CREATOR, .done = N_("validated it")},
    {"reopen",   N_("Reopen"),          "validated", "draft",  "analyst head_orm inspection", TRANSITION_REASON, .done = N_("reopened it")},
    {0}
};
static const GrantDef rca_grants[] = {
    {"unit_head",     READS | OP_CREATE | OP_UPDATE, SCOPE_UNIT, false, NULL, NULL, NULL},
    {"correspondent", READS | OP_CREATE | OP_UPDATE, SCOPE_UNIT, false, NULL, NULL, NULL},
    {"analyst",       READS | OP_CREATE | OP_UPDATE, SCOPE_ALL,  false, NULL, NULL, NULL},
    {"head_orm",      READS | OP_CREATE | OP_UPDATE, SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"inspection",    READS | OP_CREATE | OP_UPDATE, SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"compliance",    OP_READ,                       SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"committee",     OP_READ,                       SCOPE_ALL,  true,  NULL, NULL, NULL},
    {"auditor",       READS,                         SCOPE_ALL,  false, NULL, NULL, NULL},
    {0}
};
const TypeDef incident_rca_type = {
    .name = "root_cause_analysis", .label = N_("Root cause analysis"), .plural_label = N_("Root cause analyses"), .plural = "root_cause_analyses", .prefix = "RCA",
    .title = "title", .parent = "incident", .icon = "sitemap", .fields = rca_fields, .states = rca_states, .transitions = rca_transitions, .grants = rca_grants,
    .text = N_("Why it happened, step by step, down to what can be changed.")};

/* ---- message of a case ---- */
static const FieldDef message_fields[] = {
    {.name = "incident", .label = N_("Incident"), .kind = KIND_REF, .of = "incident", .flags = F_REQUIRED | F_FIXED | F_LISTED},
    {.name = "message", .label = N_("Message"), .kind = KIND_LONG, .flags = F_REQUIRED | F_FIXED, .max_length = 4000, .help = N_("An anonymous declarant reads it with the follow-up code.")},
    {.name = "from_declarant", .label = N_("Written by the declarant"), .kind = KIND_BOOL, .flags = F_COMPUTED | F_LISTED},
    {0}
};
static const GrantDef message_grants[] = {
    {"inspection", READS | OP_CREATE, SCOPE_ALL, true, NULL, NULL, NULL},
    {"compliance", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL},
    {0}
};
const TypeDef incident_message_type = {
    .name = "case_message", .label = N_("Message to the declarant"), .plural_label = N_("Messages with the declarant"), .prefix = "MSG", .title = "message",
    .parent = "incident", .icon = "message", .fields = message_fields, .grants = message_grants,
    .text = N_("Questions and answers with somebody who declared without a name.")};

/* ---- external loss ---- */
static const FieldDef external_fields[] = {
    {.name = "title", .label = N_("Title"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_LISTED | F_SEARCHED | F_SORTED},
    {.name = "source", .label = N_("Source"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_LISTED | F_FILTER, .help = N_("Consortium, press, court, supervisor.")},
    {.name = "provider_id", .label = N_("Number at the source"), .kind = KIND_TEXT, .flags = F_UNIQUE, .max_length = 100},
    {.name = "company", .label = N_("Company"), .kind = KIND_TEXT, .flags = F_LISTED | F_SEARCHED},
    {.name = "region", .label = N_("Region"), .kind = KIND_TEXT}, {.name = "country", .label = N_("Country"), .kind = KIND_TEXT, .max_length = 2},
    {.name = "firm_role", .label = N_("Role of the firm"), .kind = KIND_TEXT, .flags = F_MORE},
    {.name = "business_line", .label = N_("Business line"), .kind = KIND_TAXON, .of = "business_line", .flags = F_LISTED | F_FILTER},
    {.name = "event_type", .label = N_("Event type"), .kind = KIND_TAXON, .of = "event_type", .flags = F_LISTED | F_FILTER},
    {.name = "cause", .label = N_("Cause"), .kind = KIND_TAXON, .of = "cause", .flags = F_FILTER},
    {.name = "process", .label = N_("Process"), .kind = KIND_REF, .of = "process"},
    {.name = "product", .label = N_("Product"), .kind = KIND_TEXT, .flags = F_MORE}, {.name = "counterparty_type", .label = N_("Type of counterparty"), .kind = KIND_TEXT, .flags = F_MORE},
    {.name = "jurisdiction", .label = N_("Jurisdiction"), .kind = KIND_TEXT, .flags = F_MORE},
    {.name = "is_open", .label = N_("Still open"), .kind = KIND_BOOL, .flags = F_FILTER},
    {.name = "gross", .label = N_("Gross loss"), .kind = KIND_MONEY, .flags = F_LISTED | F_SORTED, .max = INT64_C(10000000000000000)},
    {.name = "direct_recovery", .label = N_("Direct recovery"), .kind = KIND_MONEY, .max = INT64_C(10000000000000000)},
    {.name = "insurance_recovery", .label = N_("Insurance recovery"), .kind = KIND_MONEY, .max = INT64_C(10000000000000000)},
    {.name = "net", .label = N_("Net loss"), .kind = KIND_MONEY, .flags = F_LISTED, .max = INT64_C(10000000000000000)},
    {.name = "net_eur", .label = N_("Net loss in EUR"), .kind = KIND_MONEY, .max = INT64_C(10000000000000000)},
    {.name = "started_on", .label = N_("Began on"), .kind = KIND_DATE}, {.name = "discovered_on", .label = N_("Date of discovery"), .kind = KIND_DATE, .flags = F_LISTED | F_SORTED},
    {.name = "finished_on", .label = N_("Ended on"), .kind = KIND_DATE, .flags = F_MORE}, {.name = "settled_on", .label = N_("Settled on"), .kind = KIND_DATE, .flags = F_MORE},
    {.name = "published_on", .label = N_("Published on"), .kind = KIND_DATE, .flags = F_MORE},
    {.name = "scenario_category", .label = N_("Scenario category"), .kind = KIND_TEXT, .flags = F_FILTER},
    {.name = "volatility", .label = N_("Volatility of the environment"), .kind = KIND_TEXT, .flags = F_MORE},
    {.name = "narrative", .label = N_("What happened"), .kind = KIND_LONG, .flags = F_SEARCHED, .leave = "draft"},
    {.name = "scaling", .label = N_("Scaling factor"), .kind = KIND_DECIMAL, .scale = 4, .min = 1, .max = 1000000, .help = N_("To bring it to the size of our bank, for example 0.25.")},
    {.name = "relevance", .label = N_("Relevance, 0 to 100"), .kind = KIND_INT, .min = 0, .max = 100, .flags = F_SORTED},
    {0}
};
static const StateDef external_states[] = {
    {"draft",     N_("Draft"),     TONE_MUTED, 1, 0, "analyst"},
    {"published", N_("Published"), TONE_GOOD,  2, STATE_CLOSED, NULL},
    {"withdrawn", N_("Withdrawn"), TONE_MUTED, 3, STATE_CLOSED | STATE_VOID, NULL},
    {0}
};
static const TransitionDef external_transitions[] = {
    {"publish",  N_("Publish"),  "draft", "published", "analyst head_orm", TRANSITION_PRIMARY, .done = N_("published it")},
    {"edit",     N_("Take back to draft"), "published withdrawn", "draft", "analyst head_orm", TRANSITION_REASON, .done = N_("took it back to draft")},
    {"withdraw", N_("Withdraw"), "draft published", "withdrawn", "analyst head_orm", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("withdrew it")},
    {0}
};
static const GrantDef external_grants[] = {
    KEPT_BY("analyst"), KEPT_BY("head_orm"), {"correspondent", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, {"committee", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL},
    {"compliance", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, HISTORY_FOR("auditor"), {0}
};
const TypeDef incident_external_type = {
    .name = "external_loss", .label = N_("External loss"), .plural_label = N_("External losses"), .plural = "external_losses", .prefix = "XLO", .title = "title",
    .icon = "world", .flags = TYPE_NO_UNIT, .fields = external_fields, .states = external_states, .transitions = external_transitions, .grants = external_grants,
    .compute = incident_external_compute, .validate = incident_external_validate,
    .list_default = "sort=-discovered_on", .text = N_("Losses of other institutions, for scenarios; never in our own figures.")};

/* ---- response template ---- */
static const Choice must_fill[] = {
    {"legal_reference", N_("Number of the legal case"), 0}, {"third_party", N_("Third party"), 0}, {"perpetrator", N_("Who did it"), 0},
    {"downtime_minutes", N_("Downtime in minutes"), 0}, {"clients", N_("Clients affected"), 0}, {"immediate_measures", N_("Measures taken at once"), 0},
    {"lesson", N_("Lesson learned"), 0}, {"system_name", N_("System"), 0}, {"impact_note", N_("Why these levels"), 0}, {"notified_on", N_("Authority informed on"), 0}, {0}
};
static const Choice dimensions[] = {
    {"impact_client", N_("Effect on clients"), 0}, {"impact_reputation", N_("Effect on reputation"), 0}, {"impact_regulatory", N_("Regulatory effect"), 0},
    {"impact_legal", N_("Legal effect"), 0}, {"impact_staff", N_("Effect on staff and safety"), 0}, {"impact_data", N_("Effect on data"), 0},
    {"impact_service", N_("Effect on service"), 0}, {0}
};
static const FieldDef approver_rows[] = {
    {.name = "level", .label = N_("Level"), .kind = KIND_INT, .min = 1, .max = 9, .flags = F_REQUIRED},
    {.name = "measure", .label = N_("Measured on"), .kind = KIND_CHOICE, .choices = incident_approval_measures, .flags = F_REQUIRED},
    {.name = "amount_from", .label = N_("From amount"), .kind = KIND_MONEY, .flags = F_REQUIRED, .min = 0, .max = INT64_C(100000000000000)},
    {.name = "amount_below", .label = N_("Below"), .kind = KIND_MONEY, .min = 0, .max = INT64_C(100000000000000)},
    {.name = "role", .label = N_("Role"), .kind = KIND_CHOICE, .of = "@roles"},
    {.name = "person", .label = N_("Or one person"), .kind = KIND_USER},
    {0}
};
static const FieldDef template_fields[] = {
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_FIXED, .max_length = 40},
    {.name = "name_fr", .label = N_("Name in French"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_LISTED | F_SEARCHED},
    {.name = "name_en", .label = N_("Name in English"), .kind = KIND_TEXT}, {.name = "name_ar", .label = N_("Name in Arabic"), .kind = KIND_TEXT},
    {.name = "event_type", .label = N_("Event type"), .kind = KIND_TAXON, .of = "event_type", .flags = F_REQUIRED | F_LISTED | F_FILTER, .help = N_("Of level 1 or 2; the nearer one wins.")},
    {.name = "must_fill", .label = N_("Also needed before closure"), .kind = KIND_CHOICES, .choices = must_fill},
    {.name = "rca_above", .label = N_("Root cause analysis from a gross loss of"), .kind = KIND_MONEY, .flags = F_LISTED, .max = INT64_C(100000000000000), .help = N_("Zero: always. Left empty: never.")},
    {.name = "dimensions", .label = N_("Effects that it usually has"), .kind = KIND_CHOICES, .choices = dimensions, .help = N_("Judged as none, it must be said why.")},
    {.name = "approvers", .label = N_("Approval matrix"), .kind = KIND_ROWS, .rows = approver_rows, .help = N_("Levels follow each other; those of one level approve in any order. Left empty, the limits of the roles decide.")},
    {.name = "issue_above", .label = N_("An issue by itself from a gross loss of"), .kind = KIND_MONEY, .min = 0, .max = INT64_C(100000000000000), .help = N_("Recorded when the review validates the incident. Zero: always. Left empty: never.")},
    {.name = "close_up_to", .label = N_("Closed without a further check up to a gross loss of"), .kind = KIND_MONEY, .min = 0, .max = INT64_C(100000000000000), .help = N_("When nothing stands against it. Left empty: never.")},
    {.name = "notify", .label = N_("Also told"), .kind = KIND_CHOICES, .of = "@roles", .help = N_("Those who may see the incident, as soon as its category is known.")},
    {.name = "days_qualification", .label = N_("Working days to qualify"), .kind = KIND_INT, .min = 1, .max = 1000},
    {.name = "days_review", .label = N_("Working days to review"), .kind = KIND_INT, .min = 1, .max = 1000},
    {.name = "days_approval", .label = N_("Working days to approve"), .kind = KIND_INT, .min = 1, .max = 1000},
    {.name = "days_open", .label = N_("Working days to propose closure"), .kind = KIND_INT, .min = 1, .max = 5000},
    {.name = "approval_note", .label = N_("Note for approvers"), .kind = KIND_LONG},
    {.name = "playbook_fr", .label = N_("Checklist in French"), .kind = KIND_LONG}, {.name = "playbook_en", .label = N_("Checklist in English"), .kind = KIND_LONG},
    {.name = "playbook_ar", .label = N_("Checklist in Arabic"), .kind = KIND_LONG},
    {0}
};
const TypeDef incident_template_type = {
    .name = "response_template", .label = N_("Response template"), .plural_label = N_("Response templates"), .prefix = "RTP", .key = "code", .title = "name",
    .place = "administration", .icon = "checklist", .flags = TYPE_NO_UNIT | TYPE_TWO_PERSONS, .fields = template_fields, .states = library_states, .transitions = library_steps_of_two,
    .grants = method_grants, .validate = incident_template_validate, .text = N_("What a kind of incident demands: fields, analysis, approvals, due times, checklist.")};

/* ---- exclusion ---- */
static const FieldDef exclusion_fields[] = {
    {.name = "title", .label = N_("Title"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_LISTED | F_SEARCHED},
    {.name = "events", .label = N_("Incidents"), .kind = KIND_REFS, .of = "incident", .flags = F_REQUIRED | F_LISTED, .frozen = "submitted"},
    {.name = "why", .label = N_("Why they no longer matter"), .kind = KIND_LONG, .flags = F_REQUIRED, .frozen = "submitted", .help = N_("For example: the business was sold and no legal exposure remains.")},
    {.name = "divested", .label = N_("The activity was sold or ended"), .kind = KIND_BOOL, .frozen = "submitted"},
    {.name = "amount", .label = N_("Amount"), .kind = KIND_MONEY, .flags = F_COMPUTED | F_LISTED | F_HEADLINE},
    {.name = "years_kept", .label = N_("Years kept so far"), .kind = KIND_INT, .flags = F_COMPUTED | F_HEADLINE},
    {.name = "share", .label = N_("Share of average annual losses"), .kind = KIND_PERCENT, .flags = F_COMPUTED | F_HEADLINE},
    {.name = "authority_reference", .label = N_("Reference of the supervisor's approval"), .kind = KIND_TEXT, .leave = "with_authority"},
    {.name = "files", .label = N_("Files"), .kind = KIND_FILES},
    {0}
};
static const StateDef exclusion_states[] = {
    {"draft",          N_("Draft"),               TONE_MUTED, 1, 0, "@creator"},
    {"submitted",      N_("Submitted"),           TONE_WARN,  2, 0, "head_orm"},
    {"committee",      N_("With the committee"),  TONE_WARN,  3, 0, "committee"},
    {"with_authority", N_("With the supervisor"), TONE_INFO,  4, 0, "head_orm"},
    {"granted",        N_("Granted"),             TONE_GOOD,  5, STATE_CLOSED, NULL},
    {"refused",        N_("Refused"),             TONE_MUTED, 6, STATE_CLOSED | STATE_VOID, NULL},
    {0}
};
static const TransitionDef exclusion_transitions[] = {
    {"submit",  N_("Submit"),  "draft", "submitted", "analyst head_orm", TRANSITION_PRIMARY, .done = N_("submitted it")},
    {"support", N_("Support"), "submitted", "committee", "head_orm", TRANSITION_PRIMARY | TRANSITION_NOT_CREATOR, .done = N_("supported it")},
    {"approve", N_("Approve"), "committee", "with_authority", "committee", TRANSITION_PRIMARY | TRANSITION_NOT_CREATOR | TRANSITION_NOT_PREVIOUS, .done = N_("approved it")},
    {"grant",   N_("Record the supervisor's approval"), "with_authority", "granted", "head_orm", TRANSITION_PRIMARY, .sends = "authority_reference", .done = N_("recorded the supervisor's approval")},
    {"return",  N_("Return"),  "submitted committee", "draft", "head_orm committee", TRANSITION_REASON, .done = N_("returned it for completion")},
    {"refuse",  N_("Refuse"),  "submitted committee with_authority", "refused", "head_orm committee", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("refused it")},
    {0}
};
static const GrantDef exclusion_grants[] = { /* restricted as for incidents: the amount adds them up */
    {"analyst",   READS | OP_CREATE | OP_UPDATE, SCOPE_ALL, false, NULL, NULL, "draft"},
    {"head_orm",  READS | OP_CREATE | OP_UPDATE, SCOPE_ALL, true, NULL, NULL, NULL},
    {"committee", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL},
    {"auditor",   READS, SCOPE_ALL, false, NULL, NULL, NULL}, {0}
};
const TypeDef incident_exclusion_type = {
    .name = "loss_exclusion_request", .label = N_("Request to exclude losses"), .plural_label = N_("Requests to exclude losses"), .nav_label = N_("Exclusions"), .prefix = "EXC", .title = "title",
    .icon = "filter-off", .flags = TYPE_NO_UNIT | TYPE_CONFIDENTIAL, .fields = exclusion_fields, .states = exclusion_states, .transitions = exclusion_transitions, .grants = exclusion_grants,
    .compute = incident_exclusion_compute, .validate = incident_exclusion_validate, .after_save = incident_exclusion_after_save,
    .text = N_("Losses leave the capital set only with the supervisor's approval, after at least three years.")};
/* clang-format on */
