/* rcsa_measures.c: figures of the module as facts of one record each: the register and the
 * assessments by residual class, category and position against the appetite. As of a day they give
 * the register and the round as they were recorded then. SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "model/report.h"
#include "modules/rcsa/rcsa.h"

/* 1 + the index of a choice; 0 when empty. */
static int64_t choice_of(const Record *r, const char *field) {
    const Field *f = type_need(r->type, field);
    for (size_t i = 0; i < f->n_choices; i++)
        if (str_is(r->values[f->index].s, f->choices[i].key)) return (int64_t)i + 1;
    return 0;
}

static MeasureFact fact_of(const Record *r, const char *date) {
    return (MeasureFact){.unit = r->unit,
                         .entity = record_int(r, "entity"),
                         .is_restricted = r->is_restricted,
                         .month = report_month(record_text(r, date)),
                         .dims = {choice_of(r, "residual_level"), record_int(r, "risk_category"),
                                  choice_of(r, "appetite_position")},
                         .count = 1};
}

static void put(Ctx *c, MeasureFacts *out, MeasureFact f) {
    if (!f.month || !f.dims[0]) return;
    GROW(c->arena, out->items, out->n, out->cap);
    out->items[out->n++] = f;
}

static Err risk_facts(Ctx *c, const Record *r, MeasureFacts *out) {
    if (rcsa_state_is(r, "active") || rcsa_state_is(r, "dormant"))
        put(c, out, fact_of(r, "assessed_on"));
    return OK;
}

static Err assessment_facts(Ctx *c, const Record *r, MeasureFacts *out) {
    if ((r->state->flags & STATE_VOID) || rcsa_state_is(r, "scoped") || rcsa_state_is(r, "todo"))
        return OK;
    MeasureFact f = fact_of(r, "due_on");
    f.sums[0] = record_get(r, "losses_gross").i;
    f.sums[1] = record_get(r, "largest_loss").i;
    put(c, out, f);
    return OK;
}

/* clang-format off */
#define BY_RATING .dims = {"residual_level", "risk_category", "appetite_position"}, .dim_taxonomy = {NULL, "risk_category", NULL}
const MeasureDef rcsa_measures[] = {
    {.name = "risks", .label = N_("Risks by residual risk"), .type = "risk", BY_RATING, .date_field = "assessed_on", .states = "active dormant", .filled = "residual_level", .facts = risk_facts,
     .text = N_("Rated risks of the register that are in use, by the month of their last assessment. As recorded at the end of a day, it is the register of that day.")},
    {.name = "assessments", .label = N_("Assessments by residual risk"), .type = "assessment", BY_RATING, .sums = {"losses_gross", "largest_loss"},
     .sum_labels = {N_("Gross loss of twelve months"), N_("Largest loss of twelve months")}, .date_field = "due_on",
     .states = "submitted challenged committee approved published superseded", .filled = "residual_level", .facts = assessment_facts,
     .text = N_("Assessments that were submitted, by the month in which they were due, with the losses that stood beside them. The class is that of the assessor; what the second line thinks is in the record.")},
    {0}
};
/* clang-format on */
