/* indicator_types.c: definition, indicator, threshold, batch of values and breach as tables. Data
 * only; rules are in indicator_rules.c. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/indicator/indicator.h"
#include "model/library.h"

/* clang-format off */
#define READS (OP_READ | OP_HISTORY)
#define KEEPS (OP_READ | OP_HISTORY | OP_CREATE | OP_UPDATE | OP_IMPORT)

static const Choice kinds[] = {
    {"kri", N_("Key risk indicator (KRI)"), 0}, {"kpi", N_("Key performance indicator (KPI)"), 0},
    {"kci", N_("Key control indicator (KCI)"), 0}, {0}};
static const Choice timings[] = {{"leading", N_("Leading"), 0}, {"lagging", N_("Lagging"), 0}, {0}};
static const Choice units[] = {
    {"number", N_("Number"), 0}, {"percent", N_("Per cent"), 0}, {"money", N_("Amount in millions"), 0}, {"days", N_("Days"), 0},
    {"ratio", N_("Ratio"), 0}, {"index", N_("Index"), 0}, {0}};
static const Choice directions[] = {
    {"up", N_("Higher is worse"), 0}, {"down", N_("Lower is worse"), 0}, {"band", N_("Both sides are worse (band)"), 0}, {0}};
static const Choice collections[] = {
    {"manual", N_("By hand"), 0}, {"file", N_("From a file"), 0}, {"push", N_("Sent by another system"), 0},
    {"calculated", N_("Calculated from other indicators"), 0}, {"composite", N_("Composite score"), 0},
    {"automatic", N_("Counted by Gardefou"), 0}, {0}};
static const Choice counters[] = {
    {"losses", N_("Number of losses"), 0}, {"net_loss", N_("Net loss, millions"), 0}, {"late_declarations", N_("Late declarations, %"), 0},
    {"near_miss_share", N_("Share of near misses, %"), 0}, {"stale_estimates", N_("Stale estimates"), 0},
    {"open_12_months", N_("Incidents open for more than 12 months"), 0}, {"without_entry", N_("Losses without an entry"), 0},
    {"overdue_actions", N_("Overdue actions"), 0}, {"expiring_acceptances", N_("Acceptances about to expire"), 0},
    {"missing_values", N_("Missing indicator values"), 0}, {0}};
static const Choice gaps[] = {
    {"part", N_("A value that it is worked out from is missing"), TONE_WARN}, {"unknown_part", N_("No indicator in use to work it out from"), TONE_WARN},
    {"no_threshold", N_("No threshold in force to score a part"), TONE_WARN}, {"zero", N_("Division by zero, or a root or logarithm that does not exist"), TONE_WARN},
    {"too_large", N_("The result is too large"), TONE_WARN}, {"formula", N_("The formula cannot be read any more"), TONE_WARN},
    {"nothing", N_("Nothing to take a share of in this period"), TONE_MUTED}, {"not_counted", N_("What it counts is not kept here"), TONE_WARN}, {0}};
static const Choice aggregations[] = {
    {"none", N_("Not added up"), 0}, {"sum", N_("Sum"), 0}, {"max", N_("Worst"), 0}, {"ratio", N_("Ratio of sums"), 0}, {0}};
static const Choice frequencies[] = {
    {"daily", N_("Daily"), 0}, {"weekly", N_("Weekly"), 0}, {"monthly", N_("Monthly"), 0}, {"quarterly", N_("Quarterly"), 0}, {"yearly", N_("Yearly"), 0}, {0}};
static const Choice bases[] = {
    {"absolute", N_("The value itself"), 0}, {"versus_last", N_("Change against the value before, %"), 0},
    {"versus_mean", N_("Change against the mean of the last n, %"), 0}, {"z_score", N_("Deviations from the mean of the last n"), 0},
    {"control_chart", N_("Sigmas of the control chart of the last n"), 0}, {0}};
static const Choice reasons[] = {
    {"appetite", N_("Risk appetite"), 0}, {"percentile", N_("History (percentile)"), 0}, {"regulatory", N_("Regulation"), 0},
    {"expert", N_("Expert judgement"), 0}, {"back_test", N_("Back-test"), 0}, {0}};
static const Choice methods[] = {
    {"manual", N_("By hand"), 0}, {"file", N_("From a file"), 0}, {"push", N_("Sent by another system"), 0},
    {"calculated", N_("Calculated"), 0}, {"automatic", N_("Counted by Gardefou"), 0}, {"rejudged", N_("Judged again"), 0}, {0}};
static const Choice colours[] = {
    {"none", N_("Not judged"), TONE_MUTED}, {"green", N_("Green"), TONE_GOOD}, {"amber", N_("Amber"), TONE_WARN}, {"red", N_("Red"), TONE_BAD}, {0}};

/* ---- definition ---- */
static const FieldDef part_rows[] = {
    {.name = "part", .label = N_("Indicator definition"), .kind = KIND_REF, .of = "indicator_definition", .flags = F_REQUIRED},
    {.name = "weight", .label = N_("Weight"), .kind = KIND_PERCENT, .min = 1, .max = 10000, .flags = F_REQUIRED},
    {0}};
static const FieldGroup definition_groups[] = {
    {"what", N_("What it measures"), N_("In the words of those who provide and read it.")},
    {"how", N_("How it is measured"), N_("Where the figure comes from and which way is worse.")},
    {"when", N_("When"), N_("Periods, due day and grace.")}, {0}};
static const FieldDef definition_fields[] = {
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .group = "what", .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_FIXED, .max_length = 40, .help = N_("Letters and digits, for example K01; formulas use it in small letters.")},
    {.name = "name_fr", .label = N_("Name in French"), .kind = KIND_TEXT, .group = "what", .flags = F_REQUIRED | F_LISTED | F_SEARCHED},
    {.name = "name_en", .label = N_("Name in English"), .kind = KIND_TEXT, .group = "what"},
    {.name = "name_ar", .label = N_("Name in Arabic"), .kind = KIND_TEXT, .group = "what"},
    {.name = "purpose", .label = N_("Purpose"), .kind = KIND_LONG, .group = "what", .flags = F_SEARCHED},
    {.name = "kind", .label = N_("Kind"), .kind = KIND_CHOICE, .choices = kinds, .group = "what", .flags = F_REQUIRED | F_LISTED | F_FILTER, .default_value = "kri"},
    {.name = "timing", .label = N_("Leading or lagging"), .kind = KIND_CHOICE, .choices = timings, .group = "what", .default_value = "lagging"},
    {.name = "category", .label = N_("Risk category"), .kind = KIND_TAXON, .of = "risk_category", .group = "what", .flags = F_FILTER},
    {.name = "measure_unit", .label = N_("Unit of measure"), .kind = KIND_CHOICE, .choices = units, .group = "how", .flags = F_REQUIRED, .default_value = "number"},
    {.name = "direction", .label = N_("Which way is worse"), .kind = KIND_CHOICE, .choices = directions, .group = "how", .flags = F_REQUIRED | F_FILTER, .default_value = "up"},
    {.name = "numerator", .label = N_("Numerator"), .kind = KIND_TEXT, .group = "how", .help = N_("For a ratio: what is counted. Then both figures are asked.")},
    {.name = "denominator", .label = N_("Denominator"), .kind = KIND_TEXT, .group = "how", .help = N_("For a ratio: out of what.")},
    {.name = "numerator_en", .label = N_("Numerator in English"), .kind = KIND_TEXT, .group = "how", .flags = F_MORE},
    {.name = "numerator_ar", .label = N_("Numerator in Arabic"), .kind = KIND_TEXT, .group = "how", .flags = F_MORE},
    {.name = "denominator_en", .label = N_("Denominator in English"), .kind = KIND_TEXT, .group = "how", .flags = F_MORE},
    {.name = "denominator_ar", .label = N_("Denominator in Arabic"), .kind = KIND_TEXT, .group = "how", .flags = F_MORE},
    {.name = "factor", .label = N_("Multiplied by"), .kind = KIND_INT, .group = "how", .min = 1, .max = 1000000, .default_value = "1", .help = N_("100 for per cent, 10000 for “per 10,000”.")},
    {.name = "source", .label = N_("Source"), .kind = KIND_TEXT, .group = "how"},
    {.name = "collection", .label = N_("Collection"), .kind = KIND_CHOICE, .choices = collections, .group = "how", .flags = F_REQUIRED | F_LISTED | F_FILTER, .default_value = "manual"},
    {.name = "counter", .label = N_("What Gardefou counts"), .kind = KIND_CHOICE, .choices = counters, .group = "how", .only_if = "collection=automatic", .flags = F_REQUIRED,
     .help = N_("Restricted cases are left out: everybody who sees the indicator sees its value.")},
    {.name = "formula", .label = N_("Formula"), .kind = KIND_TEXT, .group = "how", .only_if = "collection=calculated", .flags = F_REQUIRED, .max_length = 2000,
     .help = N_("Codes of other indicators in small letters, for example round(100 * k02 / (k01 + k02), 2).")},
    {.name = "parts", .label = N_("Parts of the score"), .kind = KIND_ROWS, .rows = part_rows, .group = "how", .only_if = "collection=composite", .help = N_("Each part counts by how near it is to red, from 0 to 100.")},
    {.name = "aggregation", .label = N_("Over units"), .kind = KIND_CHOICE, .choices = aggregations, .group = "how", .default_value = "none"},
    {.name = "frequency", .label = N_("Frequency"), .kind = KIND_CHOICE, .choices = frequencies, .group = "when", .flags = F_REQUIRED | F_LISTED | F_FILTER, .default_value = "monthly"},
    {.name = "due_offset", .label = N_("Due after the end of the period, working days"), .kind = KIND_INT, .group = "when", .flags = F_REQUIRED, .min = 0, .max = 60, .default_value = "5"},
    {.name = "grace", .label = N_("Grace, working days"), .kind = KIND_INT, .group = "when", .flags = F_REQUIRED, .min = 0, .max = 60, .default_value = "2"},
    {.name = "comment_above", .label = N_("Comment needed from a change of"), .kind = KIND_PERCENT, .group = "when", .help = N_("Against the value before. Left empty: only when it is red.")},
    {0}};
static const GrantDef definition_grants[] = {
    {"declarant", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, {"methodology", KEEPS, SCOPE_ALL, true, NULL, NULL, NULL},
    {"head_orm", READS, SCOPE_ALL, true, NULL, NULL, NULL}, {"analyst", READS, SCOPE_ALL, true, NULL, NULL, NULL},
    {"auditor", READS, SCOPE_ALL, true, NULL, NULL, NULL}, {0}};
const TypeDef indicator_definition_type = {
    .name = "indicator_definition", .label = N_("Indicator definition"), .plural_label = N_("Catalogue of indicators"), .prefix = "KID", .key = "code", .title = "name",
    .icon = "list-details", .flags = TYPE_NO_UNIT | TYPE_TWO_PERSONS, .groups = definition_groups, .fields = definition_fields, .states = library_states,
    .transitions = library_steps, .grants = definition_grants, .validate = indicator_definition_validate, .after_save = indicator_definition_after_save, .list_default = "sort=code",
    .text = N_("What is measured, how, how often and which way is worse; the same for all units.")};

/* ---- indicator ---- */
static const FieldDef indicator_fields[] = {
    {.name = "title", .label = N_("Title"), .kind = KIND_TEXT, .flags = F_COMPUTED | F_LISTED | F_SEARCHED | F_SORTED},
    {.name = "title_en", .label = N_("Title in English"), .kind = KIND_TEXT, .flags = F_COMPUTED | F_HIDDEN},
    {.name = "title_ar", .label = N_("Title in Arabic"), .kind = KIND_TEXT, .flags = F_COMPUTED | F_HIDDEN},
    {.name = "definition", .label = N_("Indicator definition"), .kind = KIND_REF, .of = "indicator_definition", .flags = F_REQUIRED | F_FILTER | F_FIXED},
    {.name = "process", .label = N_("Process"), .kind = KIND_REF, .of = "process", .flags = F_FILTER},
    {.name = "risks", .label = N_("Risks"), .kind = KIND_REFS, .of = "risk", .flags = F_FILTER},
    {.name = "controls", .label = N_("Controls"), .kind = KIND_REFS, .of = "control", .flags = F_FILTER},
    {.name = "objectives", .label = N_("Objectives"), .kind = KIND_REFS, .of = "objective", .flags = F_FILTER, .help = N_("Whose measure of success it is, or whose reach it endangers.")},
    {.name = "provider", .label = N_("Data provider"), .kind = KIND_USER, .flags = F_ASSIGNED | F_FILTER, .help = N_("Who enters the value, or answers for the file or system that brings it.")},
    {.name = "deputy", .label = N_("Deputy"), .kind = KIND_USER, .flags = F_ASSIGNED, .help = N_("Takes over while the provider is away or when they leave.")},
    {.name = "reviewer", .label = N_("Reviewer"), .kind = KIND_USER, .flags = F_ASSIGNED},
    {.name = "active_from", .label = N_("Active from"), .kind = KIND_DATE, .flags = F_REQUIRED, .default_value = "today"},
    {.name = "active_until", .label = N_("Active until"), .kind = KIND_DATE},
    {.name = "target", .label = N_("Target"), .kind = KIND_DECIMAL, .scale = JUDGE_DIGITS},
    {.name = "note", .label = N_("Note"), .kind = KIND_LONG},
    {.name = "frequency", .label = N_("Frequency"), .kind = KIND_CHOICE, .choices = frequencies, .flags = F_DERIVED | F_FILTER},
    {.name = "category", .label = N_("Risk category"), .kind = KIND_TAXON, .of = "risk_category", .flags = F_DERIVED | F_FILTER},
    {.name = "given", .label = N_("Values of the last twelve periods"), .kind = KIND_INT, .flags = F_DERIVED},
    {.name = "given_late", .label = N_("Of them late"), .kind = KIND_INT, .flags = F_DERIVED},
    {.name = "last_period", .label = N_("Last period"), .kind = KIND_DATE, .flags = F_DERIVED | F_LISTED},
    {.name = "last_value", .label = N_("Last value"), .kind = KIND_DECIMAL, .scale = JUDGE_DIGITS, .flags = F_DERIVED | F_LISTED | F_HEADLINE},
    {.name = "colour", .label = N_("Colour"), .kind = KIND_CHOICE, .choices = colours, .flags = F_DERIVED | F_LISTED | F_FILTER | F_HEADLINE},
    {.name = "next_due", .label = N_("Next value due on"), .kind = KIND_DATE, .flags = F_DERIVED | F_SORTED | F_HEADLINE},
    {.name = "calendar", .label = N_("Working days counted by"), .kind = KIND_REF, .of = "calendar", .flags = F_DERIVED},
    {.name = "gap", .label = N_("Why the newest period has no value"), .kind = KIND_CHOICE, .choices = gaps, .flags = F_DERIVED | F_FILTER},
    {.name = "gap_part", .label = N_("Missing for it"), .kind = KIND_TEXT, .flags = F_DERIVED},
    {0}};
static const ConditionDef indicator_conditions[] = {
    {"value_missing", N_("Value missing"), "next_due", "active", CONDITION_OPEN, -1, TONE_WARN}, {0}};
static const TransitionDef indicator_transitions[] = {
    {"retire", N_("Stop collecting"), "active", "retired", "analyst head_orm", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("stopped collecting it")},
    {"restore", N_("Collect again"), "retired", "active", "analyst head_orm", TRANSITION_REASON, .done = N_("took up collecting again")}, {0}};
static const GrantDef indicator_grants[] = {
    {"declarant", OP_READ, SCOPE_ASSIGNED, false, NULL, NULL, NULL},
    {"unit_head", READS, SCOPE_UNIT, false, NULL, NULL, NULL}, {"correspondent", READS | OP_UPDATE, SCOPE_UNIT, false, NULL, NULL, NULL},
    {"analyst", KEEPS, SCOPE_ALL, true, NULL, NULL, NULL}, {"head_orm", KEEPS, SCOPE_ALL, true, NULL, NULL, NULL},
    {"committee", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, {"auditor", READS, SCOPE_ALL, true, NULL, NULL, NULL}, {0}};
const TypeDef indicator_type = {
    .name = "indicator", .label = N_("Indicator"), .plural_label = N_("Indicators"), .prefix = "KI", .title = "title", .icon = "gauge",
    .fields = indicator_fields, .states = library_states, .transitions = indicator_transitions, .grants = indicator_grants, .conditions = indicator_conditions,
    .compute = indicator_compute, .validate = indicator_validate, .after_save = indicator_after_save, .remove = indicator_remove, .rederive = indicator_rederive, .list_default = "state=active&sort=title",
    .text = N_("A definition in use for one unit, with who provides it.")};

/* ---- threshold ---- */
#define BOUND(id, words, explained, more) {.name = id, .label = words, .kind = KIND_DECIMAL, .group = "bounds", .flags = more, .scale = JUDGE_DIGITS, .help = explained, .frozen = "approved"}
static const FieldGroup threshold_groups[] = {
    {"what", N_("What it holds for"), N_("For all units or one indicator, and from when on.")},
    {"bounds", N_("Bounds"), N_("Amber and red, or the four bounds of a band.")},
    {"course", N_("Over time"), N_("How many values it looks at, and when a colour changes.")},
    {"why", N_("Why"), N_("Who approves it reads this.")}, {0}};
static const FieldDef threshold_fields[] = {
    {.name = "title", .label = N_("Title"), .kind = KIND_TEXT, .flags = F_COMPUTED | F_LISTED | F_SEARCHED},
    {.name = "definition", .label = N_("Indicator definition"), .kind = KIND_REF, .group = "what", .of = "indicator_definition", .flags = F_REQUIRED | F_LISTED | F_FILTER | F_FIXED},
    {.name = "indicator", .label = N_("For this indicator only"), .kind = KIND_REF, .group = "what", .of = "indicator", .flags = F_FILTER | F_FIXED, .help = N_("Left empty, it holds for all units.")},
    {.name = "valid_from", .label = N_("Valid from"), .kind = KIND_DATE, .group = "what", .flags = F_REQUIRED | F_LISTED | F_SORTED, .default_value = "today", .frozen = "approved"},
    {.name = "valid_until", .label = N_("Valid until"), .kind = KIND_DATE, .group = "what", .flags = F_LISTED},
    {.name = "basis", .label = N_("What the bounds speak of"), .kind = KIND_CHOICE, .group = "bounds", .choices = bases, .flags = F_REQUIRED, .default_value = "absolute", .frozen = "approved"},
    BOUND("amber", N_("Amber from"), N_("Higher is worse: amber from this value on. Lower is worse: amber below it."), 0),
    BOUND("red", N_("Red from"), N_("Higher is worse: red from this value on. Lower is worse: red below it."), 0),
    BOUND("green_low", N_("Green from"), N_("For a band: green from this value on."), F_MORE), BOUND("green_high", N_("Green below"), N_("For a band: green below this value."), F_MORE),
    BOUND("low", N_("Amber from, lower side"), N_("For a band: red below this value."), F_MORE), BOUND("high", N_("Amber below, upper side"), N_("For a band: red from this value on."), F_MORE),
    {.name = "look_back", .label = N_("Values looked back at"), .kind = KIND_INT, .group = "course", .min = 1, .max = INDICATOR_LOOK_BACK, .default_value = "12", .frozen = "approved"},
    {.name = "persistence", .label = N_("Ambers in a row that are red"), .kind = KIND_INT, .group = "course", .min = 0, .max = 24, .default_value = "0", .frozen = "approved", .help = N_("0: never.")},
    {.name = "hysteresis", .label = N_("Better values in a row that end a colour"), .kind = KIND_INT, .group = "course", .min = 0, .max = 24, .default_value = "0", .frozen = "approved", .help = N_("0 or 1: at once.")},
    {.name = "reason", .label = N_("Basis of the bounds"), .kind = KIND_CHOICE, .group = "why", .choices = reasons, .flags = F_REQUIRED | F_LISTED, .default_value = "expert"},
    {.name = "rationale", .label = N_("Rationale"), .kind = KIND_LONG, .group = "why", .flags = F_REQUIRED, .help = N_("Why these bounds: what happens at them, and to whom.")},
    {.name = "rationale_en", .label = N_("Rationale in English"), .kind = KIND_LONG, .group = "why", .flags = F_MORE, .help = N_("Left empty, readers of this language see the rationale as it was written.")},
    {.name = "rationale_ar", .label = N_("Rationale in Arabic"), .kind = KIND_LONG, .group = "why", .flags = F_MORE, .help = N_("Left empty, readers of this language see the rationale as it was written.")},
    {0}};
static const StateDef threshold_states[] = {
    {"draft", N_("Draft"), TONE_MUTED, 1, 0, "@creator"}, {"proposed", N_("Proposed"), TONE_WARN, 2, 0, "head_orm"},
    {"approved", N_("Approved"), TONE_GOOD, 3, STATE_CLOSED, NULL}, {"refused", N_("Refused"), TONE_MUTED, 4, STATE_CLOSED | STATE_VOID, NULL}, {0}};
static const TransitionDef threshold_transitions[] = {
    {"propose", N_("Propose"), "draft", "proposed", "analyst methodology head_orm", TRANSITION_PRIMARY, .done = N_("proposed it")},
    {"approve", N_("Approve"), "proposed", "approved", "head_orm methodology", TRANSITION_PRIMARY | TRANSITION_NOT_CREATOR | TRANSITION_NOT_PREVIOUS, .done = N_("approved it")},
    {"return", N_("Return"), "proposed", "draft", "head_orm methodology", TRANSITION_REASON, .done = N_("returned it for completion")},
    {"refuse", N_("Refuse"), "draft proposed", "refused", "head_orm methodology", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("refused it")}, {0}};
static const GrantDef threshold_grants[] = {
    {"declarant", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, {"analyst", KEEPS, SCOPE_ALL, true, NULL, NULL, "draft"},
    {"methodology", KEEPS, SCOPE_ALL, true, NULL, NULL, "draft proposed"}, {"head_orm", KEEPS, SCOPE_ALL, true, NULL, NULL, "draft proposed"},
    {"auditor", READS, SCOPE_ALL, true, NULL, NULL, NULL}, {0}};
const TypeDef indicator_threshold_type = {
    .name = "indicator_threshold", .label = N_("Threshold"), .plural_label = N_("Thresholds of indicators"), .prefix = "KT", .title = "title", .icon = "adjustments",
    .flags = TYPE_NO_UNIT, .groups = threshold_groups, .fields = threshold_fields, .states = threshold_states, .transitions = threshold_transitions, .grants = threshold_grants,
    .compute = indicator_threshold_compute, .validate = indicator_threshold_validate, .after_save = indicator_threshold_after_save, .remove = indicator_threshold_remove, .list_default = "sort=-valid_from",
    .text = N_("From when on which bounds hold, why, and who approved them.")};

/* ---- batch of values ---- */
static const FieldDef batch_fields[] = {
    {.name = "title", .label = N_("Title"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_LISTED | F_SEARCHED | F_FIXED},
    {.name = "method", .label = N_("Method"), .kind = KIND_CHOICE, .choices = methods, .flags = F_REQUIRED | F_LISTED | F_FILTER | F_FIXED},
    {.name = "why", .label = N_("Why values were corrected"), .kind = KIND_LONG, .flags = F_FIXED},
    {.name = "rows_new", .label = N_("New values"), .kind = KIND_INT, .flags = F_COMPUTED | F_LISTED},
    {.name = "rows_changed", .label = N_("Corrected values"), .kind = KIND_INT, .flags = F_COMPUTED | F_LISTED | F_FILTER},
    {.name = "digest", .label = N_("Digest of the values"), .kind = KIND_TEXT, .flags = F_COMPUTED},
    {0}};
static const GrantDef batch_grants[] = {
    {"analyst", READS, SCOPE_ALL, true, NULL, NULL, NULL}, {"head_orm", READS, SCOPE_ALL, true, NULL, NULL, NULL},
    {"declarant", OP_READ, SCOPE_OWN, false, NULL, NULL, NULL}, {"auditor", READS, SCOPE_ALL, true, NULL, NULL, NULL}, {0}};
const TypeDef indicator_batch_type = {
    .name = "indicator_batch", .label = N_("Collection of values"), .plural_label = N_("Collections of values"), .plural = "indicator_batches", .prefix = "KB", .title = "title",
    .icon = "packages", .flags = TYPE_PLAIN | TYPE_NO_UNIT, .fields = batch_fields, .grants = batch_grants, .list_default = "sort=-id",
    .text = N_("Values that arrived together; their digest in the history proves them.")};

/* ---- breach ---- */
static const FieldDef breach_fields[] = {
    {.name = "title", .label = N_("Title"), .kind = KIND_TEXT, .flags = F_COMPUTED | F_LISTED | F_SEARCHED},
    {.name = "title_en", .label = N_("Title in English"), .kind = KIND_TEXT, .flags = F_COMPUTED | F_HIDDEN},
    {.name = "title_ar", .label = N_("Title in Arabic"), .kind = KIND_TEXT, .flags = F_COMPUTED | F_HIDDEN},
    {.name = "indicator", .label = N_("Indicator"), .kind = KIND_REF, .of = "indicator", .flags = F_REQUIRED | F_FILTER | F_FIXED},
    {.name = "colour", .label = N_("Worst colour"), .kind = KIND_CHOICE, .choices = colours, .flags = F_REQUIRED | F_LISTED | F_FILTER | F_HEADLINE},
    {.name = "began_on", .label = N_("First period"), .kind = KIND_DATE, .flags = F_REQUIRED | F_LISTED | F_SORTED | F_HEADLINE},
    {.name = "peak", .label = N_("Worst value"), .kind = KIND_DECIMAL, .scale = JUDGE_DIGITS, .flags = F_LISTED | F_HEADLINE},
    {.name = "peak_on", .label = N_("Period of the worst value"), .kind = KIND_DATE},
    {.name = "ended_on", .label = N_("Back to green in"), .kind = KIND_DATE, .flags = F_LISTED},
    {.name = "provider", .label = N_("Data provider"), .kind = KIND_USER, .flags = F_COMPUTED | F_ASSIGNED},
    {.name = "acknowledge_by", .label = N_("To be acknowledged by"), .kind = KIND_DATE, .flags = F_COMPUTED | F_SORTED},
    {.name = "acknowledged_on", .label = N_("Acknowledged on"), .kind = KIND_DATE, .flags = F_COMPUTED},
    {.name = "analysis", .label = N_("Analysis"), .kind = KIND_LONG, .help = N_("Why it left its bounds, and what that means for the risk.")},
    {.name = "measures_taken", .label = N_("What is done about it"), .kind = KIND_LONG},
    {.name = "accepted_until", .label = N_("Accepted until"), .kind = KIND_DATE, .help = N_("An acceptance always ends.")},
    {0}};
static const StateDef breach_states[] = {
    {"open", N_("Open"), TONE_BAD, 1, 0, "unit_head correspondent"}, {"acknowledged", N_("Acknowledged"), TONE_WARN, 2, 0, "correspondent"},
    {"analysed", N_("Analysed"), TONE_INFO, 3, 0, "analyst"}, {"handled", N_("Being handled"), TONE_INFO, 4, 0, NULL},
    {"accepted", N_("Accepted for a time"), TONE_ACCENT, 5, 0, NULL}, {"closed", N_("Closed"), TONE_GOOD, 6, STATE_CLOSED, NULL}, {0}};
static const TransitionDef breach_transitions[] = {
    {"acknowledge", N_("Acknowledge"), "open", "acknowledged", "unit_head correspondent analyst @provider", TRANSITION_PRIMARY, .done = N_("acknowledged it")},
    {"analyse", N_("Hand in the analysis"), "acknowledged", "analysed", "unit_head correspondent analyst @provider", TRANSITION_PRIMARY, .sends = "analysis", .done = N_("analysed it")},
    {"handle", N_("Handle by measures"), "analysed accepted", "handled", "analyst head_orm", TRANSITION_PRIMARY, .sends = "measures_taken", .done = N_("had measures taken")},
    {"accept", N_("Accept for a time"), "analysed handled", "accepted", "head_orm", TRANSITION_REASON | TRANSITION_NOT_PREVIOUS, .sends = "accepted_until", .done = N_("accepted it for a time")},
    {"reopen", N_("Take up again"), "closed", "analysed", "analyst head_orm", TRANSITION_REASON, .done = N_("took it up again")},
    {"expire", N_("Acceptance ended"), "accepted", "analysed", "", TRANSITION_HIDDEN, .done = N_("ended the acceptance")},
    {"close", N_("Close"), "analysed handled accepted", "closed", "analyst head_orm", 0, .done = N_("closed it")},
    {"end", N_("Back to green"), "open acknowledged analysed handled accepted", "closed", "", TRANSITION_HIDDEN, .done = N_("brought it back to green")}, {0}};
static const GrantDef breach_grants[] = {
    {"declarant", OP_READ | OP_UPDATE, SCOPE_ASSIGNED, false, NULL, NULL, NULL},
    {"unit_head", READS | OP_UPDATE, SCOPE_UNIT, false, NULL, NULL, NULL}, {"correspondent", READS | OP_UPDATE, SCOPE_UNIT, false, NULL, NULL, NULL},
    {"analyst", READS | OP_UPDATE, SCOPE_ALL, true, NULL, NULL, NULL}, {"head_orm", READS | OP_UPDATE, SCOPE_ALL, true, NULL, NULL, NULL},
    {"committee", OP_READ, SCOPE_ALL, true, NULL, NULL, NULL}, {"auditor", READS, SCOPE_ALL, true, NULL, NULL, NULL}, {0}};
static const ConditionDef breach_conditions[] = {
    {"late_acknowledgement", N_("Not acknowledged in time"), "acknowledge_by", "open", CONDITION_OPEN, -1, TONE_BAD}, {0}};
const TypeDef indicator_breach_type = {
    .name = "breach", .label = N_("Breach"), .plural_label = N_("Breaches"), .plural = "breaches", .prefix = "BR", .title = "title", .icon = "alert-octagon",
    .parent = "indicator", .fields = breach_fields, .states = breach_states, .transitions = breach_transitions, .grants = breach_grants, .conditions = breach_conditions,
    .compute = indicator_breach_compute, .validate = indicator_breach_validate, .after_save = indicator_breach_after_save, .list_default = "state.open=1&sort=-began_on",
    .text = N_("An indicator outside its bounds, from the first period until it is green again.")};

/* ---- values ---- */
static const struct SeriesColumn value_columns[] = {
    {"value", false}, {"numerator", false}, {"denominator", false}, {"colour", false}, {"raw", false}, {"threshold", false}, {"late", false}, {"note", true}, {NULL, false}};
const SeriesDef indicator_values = {.name = "indicator_value", .owner = "indicator", .batch = "indicator_batch", .columns = value_columns};
/* clang-format on */
