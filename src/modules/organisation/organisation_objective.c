/* organisation_objective.c: what the institution and its units want to reach: a measure of success,
 * a starting value and a target by a date, approved by somebody else than who proposed it.
 * Indicators and risks of other modules point here. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/organisation/organisation.h"

#include "model/core_rules.h"

/* clang-format off */
static const Choice axes[] = {
    {"finance", N_("Finance"), 0}, {"client", N_("Clients"), 0}, {"process", N_("Internal processes"), 0},
    {"learning", N_("Learning and people"), 0}, {0}};
static const FieldGroup groups[] = {
    {"what",    N_("Objective"), N_("What is to be reached, in a sentence that everybody understands.")},
    {"measure", N_("Measure of success"), N_("By which figure it is judged, where it stood and where it is to stand.")},
    {"when",    N_("Period"), NULL},
    {0}
};
#define VALUE_DIGITS 2
static const FieldDef fields[] = {
    {.name = "code", .label = N_("Code"), .kind = KIND_TEXT, .group = "what", .flags = F_REQUIRED | F_UNIQUE | F_LISTED | F_SORTED | F_SEARCHED | F_FIXED, .max_length = 40,
     .help = N_("Short and lasting, for example O03 or O03.1.")},
    {.name = "name_fr", .label = N_("Name in French"), .kind = KIND_TEXT, .group = "what", .flags = F_REQUIRED | F_SEARCHED | F_LISTED | F_SORTED},
    {.name = "name_en", .label = N_("Name in English"), .kind = KIND_TEXT, .group = "what", .flags = F_SEARCHED},
    {.name = "name_ar", .label = N_("Name in Arabic"), .kind = KIND_TEXT, .group = "what", .flags = F_SEARCHED},
    {.name = "axis", .label = N_("Axis"), .kind = KIND_CHOICE, .choices = axes, .group = "what", .flags = F_REQUIRED | F_LISTED | F_FILTER | F_HEADLINE, .default_value = "process"},
    {.name = "parent", .label = N_("Part of"), .kind = KIND_REF, .of = "objective", .group = "what", .flags = F_FILTER, .help = N_("The wider objective that this one serves.")},
    {.name = "entity", .label = N_("Entity"), .kind = KIND_REF, .of = "entity", .group = "what", .flags = F_COMPUTED | F_FILTER},
    {.name = "description", .label = N_("Description"), .kind = KIND_LONG, .group = "what", .flags = F_SEARCHED},
    {.name = "measure", .label = N_("Measure of success"), .kind = KIND_TEXT, .group = "measure", .flags = F_REQUIRED | F_LISTED | F_SEARCHED,
     .help = N_("The figure with its unit, for example “complaints per 1,000 clients a month”.")},
    {.name = "baseline", .label = N_("Starting value"), .kind = KIND_DECIMAL, .scale = VALUE_DIGITS, .group = "measure", .flags = F_HEADLINE},
    {.name = "target", .label = N_("Target"), .kind = KIND_DECIMAL, .scale = VALUE_DIGITS, .group = "measure", .flags = F_LISTED | F_HEADLINE, .leave = "draft"},
    {.name = "begins_on", .label = N_("Begins on"), .kind = KIND_DATE, .group = "when", .flags = F_REQUIRED, .default_value = "today"},
    {.name = "due_on", .label = N_("To be reached by"), .kind = KIND_DATE, .group = "when", .flags = F_REQUIRED | F_LISTED | F_SORTED | F_FILTER | F_HEADLINE},
    {.name = "outcome", .label = N_("Outcome"), .kind = KIND_LONG, .group = "when", .flags = F_SEARCHED, .help = N_("What was reached in the end, and what was learnt.")},
    {0}
};
static const StateDef states[] = {
    {"draft",     N_("Draft"),     TONE_MUTED, 1, 0, "@creator"},
    {"active",    N_("Pursued"),   TONE_INFO,  2, 0, NULL},
    {"achieved",  N_("Achieved"),  TONE_GOOD,  3, STATE_CLOSED, NULL},
    {"missed",    N_("Missed"),    TONE_BAD,   4, STATE_CLOSED | STATE_ASIDE, NULL},
    {"abandoned", N_("Abandoned"), TONE_MUTED, 5, STATE_CLOSED | STATE_VOID, NULL},
    {0}
};
#define JUDGES "@owner organisation committee"
static const TransitionDef transitions[] = {
    {"approve", N_("Approve"), "draft", "active", "committee organisation", TRANSITION_PRIMARY | TRANSITION_NOT_CREATOR, .done = N_("approved it")},
    {"achieve", N_("Record as achieved"), "active", "achieved", JUDGES, TRANSITION_PRIMARY, .sends = "outcome", .done = N_("recorded it as achieved")},
    {"miss",    N_("Record as missed"), "active", "missed", JUDGES, 0, .sends = "outcome", .done = N_("recorded it as missed")},
    {"abandon", N_("Abandon"), "draft active", "abandoned", "committee organisation", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("abandoned it")},
    {"resume",  N_("Take up again"), "achieved missed abandoned", "active", "committee organisation", TRANSITION_REASON | TRANSITION_NOT_PREVIOUS, .done = N_("took it up again")},
    {0}
};
#define KEEPS (OP_READ | OP_HISTORY | OP_CREATE | OP_UPDATE)
static const GrantDef grants[] = {
    {"declarant",    OP_READ, SCOPE_ALL, true, NULL, NULL, NULL},
    {"unit_head",    KEEPS, SCOPE_UNIT, true, NULL, NULL, NULL},
    {"organisation", KEEPS | OP_IMPORT, SCOPE_ALL, true, NULL, NULL, NULL},
    {"committee",    OP_READ | OP_HISTORY | OP_UPDATE, SCOPE_ALL, true, NULL, NULL, NULL},
    {"analyst",      OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {"auditor",      OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {0}
};
static const ConditionDef conditions[] = {{"overdue", N_("Overdue"), "due_on", "active", CONDITION_OPEN, -1, TONE_BAD}, {0}};
/* clang-format on */

static Err compute(Ctx *c, const Saving *s) {
    Record *unit;
    record_set(s->after, "entity", (Value){0});
    if (!s->after->unit) return OK;
    TRY(record_load_raw(&unit, c, model_need(c->model, "unit"), s->after->unit));
    record_set(s->after, "entity", record_get(unit, "entity"));
    return OK;
}

static Err validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    Str from = record_text(r, "begins_on"), until = record_text(r, "due_on");
    bool is_judged =
        strcmp(r->state->name, "achieved") == 0 || strcmp(r->state->name, "missed") == 0;
    TRY(core_tree_validate(c, s));
    if (from.n && until.n && str_cmp(until, from) < 0)
        issue(c, "due_on", "date_order", N_("It cannot end before it begins."));
    Value start = record_get(r, "baseline"), target = record_get(r, "target");
    if (!value_is_null(start) && !value_is_null(target) && value_eq(start, target))
        issue(c, "target", "same", N_("The target is the starting value: nothing would change."));
    if (is_judged && value_is_null(record_get(r, "outcome")))
        issue(c, "outcome", "required", N_("Say what was reached."));
    return OK;
}

const TypeDef objective_type = {.name = "objective",
                                .label = N_("Objective"),
                                .plural_label = N_("Objectives"),
                                .prefix = "OBJ",
                                .key = "code",
                                .title = "name",
                                .icon = "target",
                                .flags = TYPE_TREE,
                                .groups = groups,
                                .fields = fields,
                                .states = states,
                                .transitions = transitions,
                                .grants = grants,
                                .conditions = conditions,
                                .compute = compute,
                                .validate = validate,
                                .list_default = "state.open=1&sort=code",
                                .text = N_("What is to be reached, by when, and by which figure it "
                                           "is judged; indicators and risks are attached to it.")};
