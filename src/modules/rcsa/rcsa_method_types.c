/* rcsa_method_types.c: the method of rating as a table: scales with plain-words anchors, explicit
 * matrices, effectiveness of controls, the way to the residual risk, the contradictions that must
 * be answered. Versioned; published by a second person after a dry run. Data only; quantities
 * (frequency and severity as distributions) will be further groups of the same type.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa.h"
#include "modules/rcsa/rcsa_method.h"

/* clang-format off */
static const Choice aggregates[] = {
    {"max", N_("The worst dimension"), 0}, {"weighted", N_("Weighted mean, rounded up"), 0}, {"worst_two", N_("Mean of the two worst, rounded up"), 0},
    {"sum", N_("Sum above the lowest level"), 0}, {0}
};
static const Choice set_rules[] = {
    {"weakest_key", N_("The weakest key control"), 0}, {"weighted", N_("Weighted mean"), 0}, {"failed_share", N_("Share of failed controls"), 0}, {0}
};
static const Choice residual_rules[] = {
    {"matrix", N_("Matrix of inherent class and effectiveness"), 0}, {"steps", N_("Steps down on each axis"), 0}, {"reduction", N_("Reduction of the exposure"), 0}, {0}
};
static const Choice effects[] = { /* of a single control */
    {"effective", N_("Effective"), TONE_GOOD}, {"largely", N_("Largely effective"), TONE_INFO}, {"partly", N_("Partly effective"), TONE_WARN},
    {"ineffective", N_("Ineffective"), TONE_BAD}, {0}
};
/* In the order of CalcRule. */
const Choice rcsa_rules[] = {
    {"low_but_losses",      N_("Residual low, but losses"), TONE_BAD},
    {"likelihood_below",    N_("Rarer than the losses say"), TONE_WARN},
    {"impact_below",        N_("Milder than the largest loss"), TONE_WARN},
    {"effective_failed",    N_("Control praised, its test failed"), TONE_BAD},
    {"effective_untested",  N_("Control praised, its test overdue"), TONE_WARN},
    {"low_but_actions",     N_("Residual low, but overdue actions"), TONE_WARN},
    {"low_but_red",         N_("Residual low, but indicators in the red"), TONE_WARN},
    {"lower_despite",       N_("Lower than last time, although losses happened"), TONE_WARN},
    {"gone_but_losses",     N_("No longer true, but losses"), TONE_BAD},
    {"near_misses",         N_("Rare, but near misses"), TONE_WARN},
    {0}
};

#define WORDS \
    {.name = "name_fr", .label = N_("Name in French"), .kind = KIND_TEXT, .flags = F_REQUIRED, .max_length = 60}, \
    {.name = "name_en", .label = N_("Name in English"), .kind = KIND_TEXT, .max_length = 60}, \
    {.name = "name_ar", .label = N_("Name in Arabic"), .kind = KIND_TEXT, .max_length = 60}
#define ANCHOR \
    {.name = "anchor_fr", .label = N_("In plain French"), .kind = KIND_TEXT, .max_length = 300}, \
    {.name = "anchor_en", .label = N_("In plain English"), .kind = KIND_TEXT, .max_length = 300}, \
    {.name = "anchor_ar", .label = N_("In plain Arabic"), .kind = KIND_TEXT, .max_length = 300}
#define LEVEL(id, words) {.name = id, .label = words, .kind = KIND_INT, .min = 1, .max = 5, .flags = F_REQUIRED}
#define CLASS_AT(id, words) {.name = id, .label = words, .kind = KIND_INT, .min = 1, .max = 5}

static const FieldDef likelihood_rows[] = { /* METHOD_LIKELIHOOD_... */
    LEVEL("level", N_("Level")), WORDS, ANCHOR,
    {.name = "per_year", .label = N_("From events a year"), .kind = KIND_DECIMAL, .scale = 3, .min = 0, .max = 100000000},
    {0}
};
static const FieldDef impact_rows[] = { /* METHOD_IMPACT_... */
    LEVEL("level", N_("Level")), WORDS, ANCHOR,
    {.name = "amount", .label = N_("From amount"), .kind = KIND_MONEY, .min = 0, .max = INT64_C(100000000000000)},
    {0}
};
static const FieldDef dimension_rows[] = { /* METHOD_DIMENSION_... */
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .flags = F_REQUIRED, .max_length = 30}, WORDS,
    {.name = "weight", .label = N_("Weight"), .kind = KIND_INT, .min = 1, .max = 100},
    {0}
};
static const FieldDef anchor_rows[] = { /* METHOD_ANCHOR_... */
    {.name = "dimension", .label = N_("Dimension"), .kind = KIND_TEXT, .flags = F_REQUIRED, .max_length = 30},
    LEVEL("level", N_("Level")), ANCHOR, {0}
};
static const FieldDef class_rows[] = { /* METHOD_CLASS_... */
    LEVEL("level", N_("Class")), WORDS,
    {.name = "colour", .label = N_("Colour, 1 green to 5 dark red"), .kind = KIND_INT, .min = 1, .max = 5},
    {0}
};
static const FieldDef matrix_rows[] = { /* METHOD_MATRIX_... */
    LEVEL("likelihood", N_("Likelihood")),
    CLASS_AT("impact_1", N_("Impact 1")), CLASS_AT("impact_2", N_("Impact 2")), CLASS_AT("impact_3", N_("Impact 3")),
    CLASS_AT("impact_4", N_("Impact 4")), CLASS_AT("impact_5", N_("Impact 5")), {0}
};
#define EFFECT_AT(id, words) {.name = id, .label = words, .kind = KIND_CHOICE, .choices = effects}
static const FieldDef control_rows[] = { /* METHOD_CONTROL_... */
    {.name = "design", .label = N_("Design effectiveness"), .kind = KIND_CHOICE, .choices = effects, .flags = F_REQUIRED},
    EFFECT_AT("effective", N_("Operation effective")), EFFECT_AT("largely", N_("Operation largely effective")),
    EFFECT_AT("partly", N_("Operation partly effective")), EFFECT_AT("ineffective", N_("Operation ineffective")), {0}
};
static const FieldDef residual_rows[] = { /* METHOD_RESIDUAL_... */
    LEVEL("class", N_("Inherent class")),
    CLASS_AT("effective", N_("Controls effective")), CLASS_AT("largely", N_("Controls largely effective")),
    CLASS_AT("partly", N_("Controls partly effective")), CLASS_AT("ineffective", N_("Controls ineffective")), {0}
};
static const FieldDef effect_rows[] = { /* METHOD_EFFECT_... */
    {.name = "effectiveness", .label = N_("Effectiveness"), .kind = KIND_CHOICE, .choices = effects, .flags = F_REQUIRED},
    {.name = "steps_likelihood", .label = N_("Steps of likelihood"), .kind = KIND_INT, .min = 0, .max = 4},
    {.name = "steps_impact", .label = N_("Steps of impact"), .kind = KIND_INT, .min = 0, .max = 4},
    {.name = "reduction", .label = N_("Reduction"), .kind = KIND_PERCENT, .min = 0, .max = 10000},
    {.name = "percent", .label = N_("Level of the control"), .kind = KIND_INT, .min = 0, .max = 100},
    {0}
};
static const FieldDef rule_rows[] = { /* METHOD_RULE_... */
    {.name = "rule", .label = N_("Contradiction"), .kind = KIND_CHOICE, .choices = rcsa_rules, .flags = F_REQUIRED},
    {.name = "is_on", .label = N_("Must be answered"), .kind = KIND_BOOL},
    {.name = "count", .label = N_("From how many"), .kind = KIND_INT, .min = 0, .max = 1000000},
    {.name = "amount", .label = N_("Or from amount"), .kind = KIND_MONEY, .min = 0, .max = INT64_C(100000000000000)},
    {0}
};

static const FieldGroup method_groups[] = {
    {"method",   N_("Method"), N_("What it is for, and which version.")},
    {"scales",   N_("Scales"), N_("Levels in plain words, with the events a year and the amounts from which they hold.")},
    {"matrix",   N_("Matrix"), N_("The class of each place is written out; it is never a product of two numbers.")},
    {"controls", N_("Controls"), N_("From design and operation to the effectiveness of a control, and from controls to a set.")},
    {"residual", N_("Residual risk"), N_("The way from the inherent to the residual risk. It never leads above the inherent risk.")},
    {"evidence", N_("Contradictions"), N_("Where the data speak against the opinion, the assessor answers before submitting.")},
    {"trial",    N_("Dry run"), N_("What this version would change in the assessments that exist.")},
    {0}
};
static const FieldDef method_fields[] = {
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .group = "method", .flags = F_REQUIRED | F_LISTED | F_FILTER | F_SORTED | F_SEARCHED, .max_length = 30,
     .help = N_("All versions of a method share it, for example BANK5.")},
    {.name = "edition", .label = N_("Version"), .kind = KIND_INT, .group = "method", .flags = F_COMPUTED | F_LISTED | F_HEADLINE},
    {.name = "name_fr", .label = N_("Name in French"), .kind = KIND_TEXT, .group = "method", .flags = F_REQUIRED | F_SEARCHED | F_LISTED},
    {.name = "name_en", .label = N_("Name in English"), .kind = KIND_TEXT, .group = "method", .flags = F_SEARCHED},
    {.name = "name_ar", .label = N_("Name in Arabic"), .kind = KIND_TEXT, .group = "method", .flags = F_SEARCHED},
    {.name = "note", .label = N_("What changes in this version"), .kind = KIND_LONG, .group = "method"},
    {.name = "likelihood_levels", .label = N_("Likelihood"), .kind = KIND_ROWS, .rows = likelihood_rows, .group = "scales"},
    {.name = "impact_levels", .label = N_("Impact"), .kind = KIND_ROWS, .rows = impact_rows, .group = "scales"},
    {.name = "dimensions", .label = N_("Dimensions of the impact"), .kind = KIND_ROWS, .rows = dimension_rows, .group = "scales"},
    {.name = "dimension_anchors", .label = N_("Dimensions in plain words"), .kind = KIND_ROWS, .rows = anchor_rows, .group = "scales"},
    {.name = "aggregate", .label = N_("Overall impact"), .kind = KIND_CHOICE, .choices = aggregates, .group = "scales", .flags = F_REQUIRED, .default_value = "max"},
    {.name = "classes", .label = N_("Classes"), .kind = KIND_ROWS, .rows = class_rows, .group = "matrix"},
    {.name = "matrix", .label = N_("Matrix"), .kind = KIND_ROWS, .rows = matrix_rows, .group = "matrix"},
    {.name = "low_class", .label = N_("Called low up to class"), .kind = KIND_INT, .group = "matrix", .min = 1, .max = 5, .default_value = "1"},
    {.name = "control_matrix", .label = N_("Design and operation"), .kind = KIND_ROWS, .rows = control_rows, .group = "controls"},
    {.name = "not_testable", .label = N_("“Cannot be judged” counts as"), .kind = KIND_CHOICE, .choices = effects, .group = "controls", .default_value = "ineffective"},
    {.name = "failed_at_best", .label = N_("A failed test leaves at best"), .kind = KIND_CHOICE, .choices = effects, .group = "controls", .default_value = "ineffective"},
    {.name = "overdue_at_best", .label = N_("An overdue test leaves at best"), .kind = KIND_CHOICE, .choices = effects, .group = "controls", .default_value = "partly"},
    {.name = "set_rule", .label = N_("A set of controls counts as"), .kind = KIND_CHOICE, .choices = set_rules, .group = "controls", .flags = F_REQUIRED, .default_value = "weakest_key"},
    {.name = "passes_at", .label = N_("A control fails below, per cent"), .kind = KIND_INT, .group = "controls", .min = 1, .max = 100, .default_value = "90", .only_if = "set_rule=failed_share"},
    {.name = "effects", .label = N_("What effectiveness does"), .kind = KIND_ROWS, .rows = effect_rows, .group = "residual"},
    {.name = "residual_rule", .label = N_("Residual risk by"), .kind = KIND_CHOICE, .choices = residual_rules, .group = "residual", .flags = F_REQUIRED | F_LISTED, .default_value = "steps"},
    {.name = "residual_matrix", .label = N_("Residual matrix"), .kind = KIND_ROWS, .rows = residual_rows, .group = "residual"},
    {.name = "base", .label = N_("Base of the exposure"), .kind = KIND_INT, .group = "residual", .min = 2, .max = 10, .default_value = "10", .flags = F_MORE,
     .help = N_("Exposure = base to the power of severity factor × impact + frequency factor × likelihood − 2.")},
    {.name = "severity_factor", .label = N_("Severity factor"), .kind = KIND_INT, .group = "residual", .min = 1, .max = 3, .default_value = "1", .flags = F_MORE},
    {.name = "frequency_factor", .label = N_("Frequency factor"), .kind = KIND_INT, .group = "residual", .min = 1, .max = 3, .default_value = "1", .flags = F_MORE},
    {.name = "rules", .label = N_("Contradictions"), .kind = KIND_ROWS, .rows = rule_rows, .group = "evidence"},
    {.name = "tried_on", .label = N_("Dry run on"), .kind = KIND_DATE, .group = "trial", .flags = F_COMPUTED},
    {.name = "trial_total", .label = N_("Assessments tried"), .kind = KIND_INT, .group = "trial", .flags = F_COMPUTED | F_HEADLINE},
    {.name = "trial_up", .label = N_("Ratings that would rise"), .kind = KIND_INT, .group = "trial", .flags = F_COMPUTED | F_HEADLINE},
    {.name = "trial_down", .label = N_("Ratings that would fall"), .kind = KIND_INT, .group = "trial", .flags = F_COMPUTED | F_HEADLINE},
    {.name = "published_on", .label = N_("Published on"), .kind = KIND_DATE, .group = "trial", .flags = F_COMPUTED | F_LISTED},
    {.name = "published_by", .label = N_("Published by"), .kind = KIND_USER, .group = "trial", .flags = F_COMPUTED},
    {0}
};
static const StateDef method_states[] = {
    {"draft",      N_("Draft"),        TONE_MUTED, 1, 0, "methodology"},
    {"trial",      N_("Dry run done"), TONE_WARN,  2, 0, "methodology head_orm"},
    {"published",  N_("Published"),    TONE_GOOD,  3, STATE_CLOSED, NULL},
    {"superseded", N_("Superseded"),   TONE_MUTED, 4, STATE_CLOSED, NULL},
    {"dropped",    N_("Dropped"),      TONE_MUTED, 5, STATE_CLOSED | STATE_VOID, NULL},
    {0}
};
static const TransitionDef method_transitions[] = {
    {"try",       N_("Dry run on all assessments"), "draft", "trial", "methodology head_orm", TRANSITION_PRIMARY, .guard = rcsa_method_guard_try, .done = N_("made a dry run")},
    {"revise",    N_("Revise"), "trial", "draft", "methodology head_orm", TRANSITION_REASON, .done = N_("took it back for revision")},
    {"publish",   N_("Publish"), "trial", "published", "methodology head_orm", TRANSITION_PRIMARY | TRANSITION_NOT_CREATOR | TRANSITION_NOT_PREVIOUS | TRANSITION_NOT_EDITOR,
     .guard = rcsa_method_guard_publish, .done = N_("published it")},
    {"drop",      N_("Drop"), "draft trial", "dropped", "methodology head_orm", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("dropped it")},
    {"supersede", N_("Supersede"), "published", "superseded", "", TRANSITION_HIDDEN, .done = N_("superseded it by a newer version")},
    {0}
};
#define READS (OP_READ | OP_HISTORY)
static const GrantDef method_grants[] = {
    {"declarant",   OP_READ,                       SCOPE_ALL, true, NULL, NULL, NULL},
    {"analyst",     READS,                         SCOPE_ALL, true, NULL, NULL, NULL},
    {"head_orm",    READS | OP_CREATE | OP_UPDATE, SCOPE_ALL, true, NULL, NULL, "draft"},
    {"methodology", READS | OP_CREATE | OP_UPDATE, SCOPE_ALL, true, NULL, NULL, "draft"},
    {"auditor",     READS,                         SCOPE_ALL, true, NULL, NULL, NULL},
    {0}
};
const TypeDef rcsa_method_type = {
    .name = "rcsa_method", .label = N_("Method of rating"), .plural_label = N_("Methods of rating"), .prefix = "MTH", .title = "name", .icon = "adjustments",
    .flags = TYPE_NO_UNIT, .groups = method_groups, .fields = method_fields, .states = method_states, .transitions = method_transitions, .grants = method_grants,
    .validate = rcsa_method_validate, .compute = rcsa_method_compute, .after_save = rcsa_method_after_save, .list_default = "state.in=draft,trial,published&sort=code",
    .text = N_("How ratings are made: scales, matrices, controls and residual risk, version by version.")};
/* clang-format on */
