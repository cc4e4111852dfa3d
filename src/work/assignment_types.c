/* assignment_types.c: plans and assignments as tables, and their rules. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "base/clock.h"
#include "model/asked.h"
#include "work/assignment.h"
#include "work/kit.h"
#include "work/rule.h"

static Err plan_validate(Ctx *c, const Saving *s);
static Err plan_after_save(Ctx *c, const Saving *s);
static Err compute(Ctx *c, const Saving *s);
static Err validate(Ctx *c, const Saving *s);
static Err after_save(Ctx *c, const Saving *s);

static const char *after_answer(Ctx *c, const Record *r) {
    (void)c;
    return record_int(r, "reviewer") ? "review" : "done";
}

/* clang-format off */
static const Choice assignees[] = {
    {"owner", N_("The owner of the record"), 0}, {"role", N_("Who holds the role for its unit"), 0}, {"person", N_("This person"), 0}, {0}
};
static const FieldGroup plan_groups[] = {
    {"what", N_("What is asked"), NULL}, {"when", N_("When"), NULL}, {"who", N_("Who"), NULL}, {0}
};
static const FieldDef plan_fields[] = {
    {.name = "title", .label = N_("Title"), .kind = KIND_TEXT, .group = "what", .flags = F_REQUIRED | F_LISTED | F_SORTED | F_SEARCHED},
    {.name = "source_type", .label = N_("About each"), .kind = KIND_CHOICE, .of = "@types", .group = "what", .flags = F_REQUIRED | F_LISTED | F_FILTER | F_FIXED},
    {.name = "source_number", .label = N_("Only this one"), .kind = KIND_TEXT, .group = "what", .max_length = 60, .help = N_("Its number; leave it empty for all that are open.")},
    {.name = "task", .label = N_("What is to be done"), .kind = KIND_LONG, .group = "what", .flags = F_REQUIRED},
    {.name = "asked", .label = N_("Fields asked"), .kind = KIND_TEXT, .group = "what", .flags = F_HIDDEN, .max_length = 1000,
     .help = N_("Names of fields of the record, separated by commas.")},
    {.name = "states", .label = N_("Asked while it is"), .kind = KIND_TEXT, .group = "what", .flags = F_HIDDEN, .max_length = 500,
     .help = N_("Names of states, separated by commas; empty for all that are open.")},
    {.name = "rule", .label = N_("Due"), .kind = KIND_TEXT, .group = "when", .max_length = 80, .flags = F_REQUIRED | F_LISTED, .default_value = "quarterly workday 10",
     .help = N_("For example: monthly workday 5; quarterly workday 10; yearly month 3 day 31 previous; weekly mon; after 6 months.")},
    {.name = "calendar", .label = N_("Calendar"), .kind = KIND_REF, .of = "calendar", .group = "when", .help = N_("Leave it empty for that of the unit’s entity.")},
    {.name = "open_days", .label = N_("Days to answer"), .kind = KIND_INT, .min = 1, .max = 366, .group = "when", .flags = F_REQUIRED, .default_value = "14"},
    {.name = "grace_days", .label = N_("Working days of grace"), .kind = KIND_INT, .min = 0, .max = 60, .group = "when", .flags = F_REQUIRED, .default_value = "0"},
    {.name = "ahead_days", .label = N_("Days made in advance"), .kind = KIND_INT, .min = 1, .max = 400, .group = "when", .flags = F_REQUIRED, .default_value = "31"},
    {.name = "starts_on", .label = N_("From"), .kind = KIND_DATE, .group = "when", .flags = F_REQUIRED, .default_value = "today"},
    {.name = "escalate_days", .label = N_("Escalate every so many days late"), .kind = KIND_INT, .min = 1, .max = 60, .group = "when", .flags = F_REQUIRED, .default_value = "7"},
    {.name = "assignee", .label = N_("Asked of"), .kind = KIND_CHOICE, .choices = assignees, .group = "who", .flags = F_REQUIRED | F_LISTED, .default_value = "owner"},
    {.name = "role", .label = N_("Role"), .kind = KIND_CHOICE, .of = "@roles", .group = "who", .only_if = "assignee=role"},
    {.name = "person", .label = N_("Person"), .kind = KIND_USER, .group = "who", .only_if = "assignee=person"},
    {.name = "deputy", .label = N_("Deputy"), .kind = KIND_USER, .group = "who", .help = N_("Takes over while the person is away or when they leave.")},
    {.name = "review_role", .label = N_("Reviewed by"), .kind = KIND_CHOICE, .of = "@roles", .group = "who", .help = N_("A second person with this role; leave it empty for no review.")},
    {0}
};
static const StateDef plan_states[] = {
    {"active", N_("Active"), TONE_GOOD,  1, 0, NULL},
    {"ended",  N_("Ended"),  TONE_MUTED, 2, STATE_CLOSED, NULL},
    {0}
};
static const TransitionDef plan_transitions[] = {
    {"end",     N_("End"),       "active", "ended",  "methodology analyst head_orm", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("ended it")},
    {"restart", N_("Use again"), "ended",  "active", "methodology analyst head_orm", TRANSITION_REASON, .done = N_("put it back into use")},
    {0}
};
#define PLANS (OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY)
static const GrantDef plan_grants[] = {
    {"declarant",     OP_READ,              SCOPE_ALL, true, NULL, NULL, NULL},
    {"methodology",   PLANS,                SCOPE_ALL, true, NULL, NULL, NULL},
    {"analyst",       PLANS,                SCOPE_ALL, true, NULL, NULL, NULL},
    {"head_orm",      PLANS,                SCOPE_ALL, true, NULL, NULL, NULL},
    {"auditor",       OP_READ | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {0}
};
const TypeDef plan_type = {
    .name = "assignment_plan", .label = N_("Plan of assignments"), .plural_label = N_("Plans of assignments"), .prefix = "PLAN", .title = "title",
    .icon = "calendar-event", .flags = TYPE_PLAIN | TYPE_NO_UNIT, .groups = plan_groups, .fields = plan_fields, .states = plan_states,
    .transitions = plan_transitions, .grants = plan_grants, .validate = plan_validate, .after_save = plan_after_save, .place = "administration",
    .text = N_("What is asked again and again: of whom, about what, and by when.")};

static const Choice results[] = {
    {"confirmed", N_("Checked, still right"), TONE_GOOD}, {"changed", N_("Checked and brought up to date"), TONE_INFO},
    {"done", N_("Done"), TONE_GOOD}, {"problem", N_("There is a problem"), TONE_BAD}, {"not_applicable", N_("Does not apply"), TONE_MUTED}, {0}
};
static const FieldDef answer_rows[] = {
    {.name = "field", .label = N_("Field"), .kind = KIND_TEXT, .flags = F_REQUIRED, .max_length = 60},
    {.name = "before", .label = N_("Before"), .kind = KIND_LONG},
    {.name = "after", .label = N_("After"), .kind = KIND_LONG},
    {0}
};
static const FieldDef fields[] = {
    {.name = "title", .label = N_("Title"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_LISTED | F_SEARCHED | F_FIXED, .max_length = 300},
    {.name = "task", .label = N_("What is to be done"), .kind = KIND_LONG, .flags = F_FIXED},
    {.name = "plan", .label = N_("Plan"), .kind = KIND_REF, .of = "assignment_plan", .flags = F_FIXED | F_FILTER},
    {.name = "source_type", .label = N_("About"), .kind = KIND_CHOICE, .of = "@types", .flags = F_FIXED | F_FILTER},
    {.name = "source", .label = N_("Record"), .kind = KIND_INT, .flags = F_FIXED | F_HIDDEN},
    {.name = "source_number", .label = N_("Number"), .kind = KIND_TEXT, .flags = F_FIXED | F_LISTED, .max_length = 220},
    {.name = "slot", .label = N_("Key"), .kind = KIND_TEXT, .flags = F_UNIQUE | F_FIXED | F_HIDDEN, .max_length = 200},
    {.name = "page", .label = N_("Where it is answered"), .kind = KIND_TEXT, .flags = F_FIXED | F_HIDDEN, .max_length = 300},
    {.name = "asked", .label = N_("Fields asked"), .kind = KIND_TEXT, .flags = F_FIXED | F_HIDDEN, .max_length = 1000},
    {.name = "period_from", .label = N_("Period from"), .kind = KIND_DATE, .flags = F_FIXED},
    {.name = "period_to", .label = N_("Period to"), .kind = KIND_DATE, .flags = F_FIXED},
    {.name = "opens_on", .label = N_("Asked on"), .kind = KIND_DATE, .flags = F_FIXED},
    {.name = "due_on", .label = N_("Due on"), .kind = KIND_DATE, .flags = F_REQUIRED | F_LISTED | F_SORTED | F_FILTER | F_HEADLINE},
    {.name = "grace_until", .label = N_("At the latest"), .kind = KIND_DATE, .flags = F_SORTED},
    {.name = "calendar", .label = N_("Working days counted by"), .kind = KIND_REF, .of = "calendar", .flags = F_COMPUTED},
    {.name = "deputy", .label = N_("Deputy"), .kind = KIND_USER},
    {.name = "reviewer", .label = N_("Reviewer"), .kind = KIND_USER},
    {.name = "escalate_days", .label = N_("Escalate every so many days late"), .kind = KIND_INT, .flags = F_HIDDEN | F_FIXED},
    {.name = "result", .label = N_("Result"), .kind = KIND_CHOICE, .choices = results, .flags = F_CARDS | F_FILTER, .leave = "open"},
    {.name = "comment", .label = N_("Comment"), .kind = KIND_LONG},
    {.name = "evidence", .label = N_("Proof"), .kind = KIND_FILES},
    {.name = "answers", .label = N_("Answers"), .kind = KIND_ROWS, .rows = answer_rows, .flags = F_HIDDEN | F_STEP},
    {.name = "returned_why", .label = N_("Why it came back"), .kind = KIND_LONG, .flags = F_COMPUTED},
    {.name = "completed_on", .label = N_("Answered on"), .kind = KIND_DATE, .flags = F_COMPUTED | F_FILTER},
    {.name = "on_time", .label = N_("On time"), .kind = KIND_BOOL, .flags = F_COMPUTED | F_FILTER},
    {0}
};
static const StateDef states[] = {
    {"planned",   N_("Planned"),      TONE_MUTED,  1, 0, NULL},
    {"open",      N_("To be answered"), TONE_WARN, 2, 0, "@owner"},
    {"review",    N_("To be reviewed"), TONE_INFO, 3, 0, "@reviewer"},
    {"done",      N_("Done"),         TONE_GOOD,   4, STATE_CLOSED, NULL},
    {"cancelled", N_("Cancelled"),    TONE_MUTED,  5, STATE_CLOSED | STATE_VOID, NULL},
    {0}
};
static const TransitionDef transitions[] = {
    {"open",   N_("Open now"), "planned", "open", "analyst head_orm methodology", 0, .done = N_("opened it")},
    {"answer", N_("Give the answer"), "open", NULL, "@owner", TRANSITION_PRIMARY, .route = after_answer, .sends = "result comment evidence answers", .at = "page", .done = N_("answered")},
    {"accept", N_("Accept"),   "review", "done", "@reviewer head_orm", TRANSITION_PRIMARY | TRANSITION_NOT_PREVIOUS | TRANSITION_NOT_OWNER, .done = N_("accepted the answer")},
    {"return", N_("Return"),   "review", "open", "@reviewer head_orm", TRANSITION_REASON | TRANSITION_NOT_OWNER, .done = N_("returned the answer")},
    {"cancel", N_("Cancel"),   "planned open review", "cancelled", "analyst head_orm methodology", TRANSITION_REASON | TRANSITION_DANGER, .done = N_("cancelled it")},
    {0}
};
#define READS (OP_READ | OP_HISTORY)
static const GrantDef grants[] = {
    {"declarant",     OP_READ,           SCOPE_ASSIGNED, false, NULL, NULL, NULL},
    {"declarant",     OP_UPDATE,         SCOPE_ASSIGNED, false, NULL, NULL, "open"},
    {"unit_head",     READS,             SCOPE_UNIT, false, NULL, NULL, NULL},
    {"correspondent", READS,             SCOPE_UNIT, false, NULL, NULL, NULL},
    {"analyst",       READS | OP_UPDATE, SCOPE_ALL,  false, NULL, NULL, "planned open"},
    {"head_orm",      READS | OP_UPDATE, SCOPE_ALL,  true,  NULL, NULL, "planned open"},
    {"methodology",   READS,             SCOPE_ALL,  false, "answers", NULL, NULL}, /* reads no incident either */
    {"auditor",       READS,             SCOPE_ALL,  false, NULL, NULL, NULL},
    {"inspection",    OP_READ,           SCOPE_ALL,  true,  NULL, NULL, NULL},
    {0}
};
static const ConditionDef conditions[] = {
    {"overdue",  N_("Overdue"),      "due_on", "open", CONDITION_OPEN, -1, TONE_BAD},
    {"due_soon", N_("Due soon"),     "due_on", "open", 0, 7, TONE_WARN},
    {0}
};
const TypeDef assignment_type = {
    .name = "assignment", .label = N_("Assignment"), .plural_label = N_("Assignments"), .prefix = "ASG", .title = "title", .icon = "clipboard-check",
    .flags = TYPE_PLAIN | TYPE_CONFIDENTIAL, .fields = fields, .states = states, .transitions = transitions, .conditions = conditions, .grants = grants,
    .validate = validate, .compute = compute, .after_save = after_save, .list_default = "state.open=1&sort=due_on", .place = "work",
    .text = N_("What somebody is asked to do or to answer by a day.")};
/* clang-format on */

/* Only what may be asked, and of records whose saves do not wait for a second person anyway. */
static void plan_check_asked(Ctx *c, const Record *r, const Type *t) {
    Asked asked;
    Str unknown;
    asked_parse(&asked, &unknown, c, t, record_text(r, "asked"));
    if (unknown.n)
        issue_arg(c, "asked", "bad_value", N_("“{0}” is no field that may be asked."), unknown);
    if (asked.n && t->flags & TYPE_TWO_PERSONS)
        issue(c, "asked", "two_persons",
              N_("Changes of this list wait for a second person: its fields cannot be asked."));
}

static void plan_check_states(Ctx *c, const Record *r, const Type *t) {
    Str rest = record_text(r, "states"), word;
    while (rest.n && str_cut(&word, &rest, ',')) {
        word = str_trim(word);
        if (word.n && !type_state(t, word))
            issue_arg(c, "states", "bad_value", N_("“{0}” is no state of this list."), word);
    }
}

static Err plan_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    Rule rule;
    int64_t id;
    const Type *t = model_type(c->model, record_text(r, "source_type"));
    if (!rule_parse(&rule, record_text(r, "rule")) || rule.kind == RULE_MINUTES)
        issue(c, "rule", "rule", N_("This is no rule, for example: monthly workday 5."));
    if (t && t->flags & TYPE_NO_PAGES)
        issue(c, "source_type", "bad_value", N_("There is no such entry."));
    if (t) plan_check_asked(c, r, t);
    if (t) plan_check_states(c, r, t);
    Str number = record_text(r, "source_number"), who = record_text(r, "assignee");
    if (t && number.n) {
        Err e = ref_find(&id, c, t, number);
        if (e == ERR_MISSING) issue(c, "source_number", "missing", N_("There is no such entry."));
        if (e && e != ERR_MISSING) return e;
    }
    if (str_is(who, "role") && !record_text(r, "role").n)
        issue(c, "role", "required", N_("This is needed."));
    if (str_is(who, "person") && !record_int(r, "person"))
        issue(c, "person", "required", N_("This is needed."));
    return OK;
}

/* What a new or changed plan asks for is made at once, not only tomorrow. */
static Err plan_after_save(Ctx *c, const Saving *s) {
    if (strcmp(s->after->state->name, "active") != 0 || c->is_quiet) return OK;
    Str key =
        str_fmt(c->arena, "plan/%lld/%lld", (long long)s->after->id, (long long)s->after->version);
    return outbox_add(
        c,
        &(OutboxRow){.topic = "assignments", .key = key, .payload = kit_text_int(c, s->after->id)});
}

static Err validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    Str due = record_text(r, "due_on"), last = record_text(r, "grace_until");
    if (!r->owner) issue(c, "owner", "required", N_("Say who is asked."));
    if (record_int(r, "reviewer") && record_int(r, "reviewer") == r->owner)
        issue(c, "reviewer", "four_eyes", N_("Somebody else than its owner must do this."));
    if (due.n && last.n && str_cmp(last, due) < 0)
        issue(c, "grace_until", "date_order", N_("It cannot end before it begins."));
    return OK;
}

static Err compute(Ctx *c, const Saving *s) {
    Record *r = s->after;
    bool was_open = s->before && strcmp(s->before->state->name, "open") == 0;
    bool answered = strcmp(r->state->name, "review") == 0 || strcmp(r->state->name, "done") == 0;
    if (!record_text(r, "grace_until").n) record_set(r, "grace_until", record_get(r, "due_on"));
    if (s->transition && strcmp(s->transition->name, "return") == 0)
        record_set(r, "returned_why", value_text(c->reason));
    if (s->transition && strcmp(s->transition->name, "answer") == 0) TRY(answer_take(c, r));
    if (was_open && answered) {
        record_set(r, "completed_on", value_text(c->today));
        record_set(r, "on_time", value_int(str_cmp(c->today, record_text(r, "grace_until")) <= 0));
    }
    if (!answered) {
        record_set(r, "completed_on", (Value){0});
        record_set(r, "on_time", (Value){0});
    }
    return OK;
}

/* An answer that nobody has to accept, or that was accepted now, changes the record. */
static Err after_save(Ctx *c, const Saving *s) {
    bool done = s->before && s->before->state != s->after->state && kit_state(s->after, "done");
    return done ? answer_apply(c, s->after) : OK;
}
