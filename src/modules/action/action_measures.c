/* action_measures.c: figures of the module as facts of one record each. What is overdue at the end
 * of a month is what was open then and due by then: the measure by due month, as recorded at that
 * day. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/report.h"
#include "modules/action/action.h"

static void put(Ctx *c, MeasureFacts *out, const Record *r, const char *date, int64_t d0,
                int64_t d1) {
    MeasureFact f = {.unit = r->unit,
                     .entity = action_ref(r, "entity"),
                     .is_restricted = r->is_restricted,
                     .month = report_month(record_text(r, date)),
                     .dims = {d0, d1},
                     .count = 1};
    if (!f.month) return;
    GROW(c->arena, out->items, out->n, out->cap);
    out->items[out->n++] = f;
}

/* 1 + the index of a choice; 0 when empty. */
static int64_t choice_of(const Record *r, const char *field) {
    const Field *f = type_need(r->type, field);
    for (size_t i = 0; i < f->n_choices; i++)
        if (str_is(r->values[f->index].s, f->choices[i].key)) return (int64_t)i + 1;
    return 0;
}

static Err open_facts(Ctx *c, const Record *r, MeasureFacts *out) {
    if (!action_state_is(r, "planned in_progress")) return OK;
    size_t before = out->n;
    put(c, out, r, "due_on", choice_of(r, "priority"), choice_of(r, "kind"));
    if (out->n == before) return OK;
    MeasureFact *f = &out->items[out->n - 1];
    f->sums[0] = record_int(r, "cost_group");
    f->sums[1] = record_int(r, "benefit_group");
    return OK;
}

static Err done_facts(Ctx *c, const Record *r, MeasureFacts *out) {
    if (action_state_is(r, "done verified effectiveness closed"))
        put(c, out, r, "done_on", choice_of(r, "timing"), choice_of(r, "kind"));
    return OK;
}

static Err issue_facts(Ctx *c, const Record *r, MeasureFacts *out) {
    if (!(r->state->flags & STATE_CLOSED) && !action_state_is(r, "draft"))
        put(c, out, r, "target_on", choice_of(r, "rating"), choice_of(r, "source"));
    return OK;
}

/* clang-format off */
const MeasureDef action_measures[] = {
    {.name = "open_actions", .label = N_("Open actions by due date"), .type = "action", .dims = {"priority", "kind"}, .sums = {"cost_group", "benefit_group"},
     .sum_labels = {N_("One-off cost"), N_("Loss removed a year")}, .date_field = "due_on", .states = "planned in_progress", .facts = open_facts,
     .text = N_("Actions planned or in progress, by the month in which they are due. As recorded at the end of a month, those due until then are the overdue ones.")},
    {.name = "done_actions", .label = N_("Actions done"), .type = "action", .dims = {"timing", "kind"}, .date_field = "done_on", .states = "done verified effectiveness closed", .facts = done_facts,
     .text = N_("Actions submitted as done and not returned, by the month in which that was; on time means until the first agreed date.")},
    {.name = "open_issues", .label = N_("Open issues by target date"), .type = "issue", .dims = {"rating", "source"}, .date_field = "target_on", .states = "open plan_proposed plan_approved remediation accepted ready verified", .facts = issue_facts,
     .text = N_("Issues that are neither closed nor cancelled, drafts left out, by the month of their target date.")},
    {0}
};
/* clang-format on */
