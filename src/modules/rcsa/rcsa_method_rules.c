/* rcsa_method_rules.c: versions of a method: numbered by themselves, checked for contradictions,
 * tried on all assessments that exist, published by a second person, superseded by the next. Knows
 * no page. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_assess.h"
#include "modules/rcsa/rcsa_query.h"

/* ---- dry run ---- */

static int class_of(const Record *r, const char *field) {
    int64_t level = 0;
    Str key = record_text(r, field);
    return key.n && str_to_int(&level, key) && level <= CALC_LEVELS ? (int)level : 0;
}

/* A level above the new scale counts as its top. */
static int clipped(int64_t level, int top) {
    return level > top ? top : (int)level;
}

static Err try_one(RcsaTrial *out, Ctx *c, const RcsaMethod *m, const Record *r) {
    CalcControl controls[CALC_CONTROLS];
    CalcResult x;
    size_t n;
    TRY(rcsa_assess_controls(controls, &n, c, r, rcsa_assess_is_live(r)));
    int before = class_of(r, "final_level");
    if (!before) before = class_of(r, "residual_level");
    bool rated =
        calc_rate(&x, &m->calc, clipped(record_int(r, "inherent_likelihood"), m->calc.n_likelihood),
                  clipped(record_int(r, "inherent_impact"), m->calc.n_impact), controls, n);
    int after = rated ? x.residual_class : 0;
    if (!before) return OK;
    out->moves[before][after]++;
    out->total++;
    out->up += after > before;
    out->down += after && after < before;
    return OK;
}

Err rcsa_method_trial(RcsaTrial *out, Ctx *c, const Record *method) {
    RcsaMethod m;
    RcsaIds ids;
    const Type *t = model_need(c->model, "assessment");
    *out = (RcsaTrial){.total = 0};
    TRY(rcsa_method_read(&m, c, method));
    TRY(rcsa_query_newest_assessments(&ids, c));
    RcsaScratch scratch = rcsa_scratch_begin(c);
    Err e = OK;
    for (size_t i = 0; i < ids.n && !e; i++) {
        Record *r;
        rcsa_scratch_next(&scratch);
        e = record_load_raw(&r, c, t, ids.items[i]);
        if (!e) e = try_one(out, c, &m, r);
    }
    rcsa_scratch_end(&scratch);
    return e;
}

/* ---- compute ---- */

static Err next_edition(Ctx *c, Record *r) {
    RcsaIds ids;
    int64_t last = 0;
    TRY(rcsa_query_methods(&ids, c, "", record_text(r, "code")));
    for (size_t i = 0; i < ids.n; i++) {
        Record *x;
        TRY(record_load_raw(&x, c, r->type, ids.items[i]));
        if (record_int(x, "edition") > last) last = record_int(x, "edition");
    }
    record_set(r, "edition", value_int(last + 1));
    return OK;
}

Err rcsa_method_compute(Ctx *c, const Saving *s) {
    Record *r = s->after;
    if (!s->before || !str_eq(record_text(s->before, "code"), record_text(r, "code")))
        TRY(next_edition(c, r));
    if (rcsa_state_is(s->before, "draft") && rcsa_state_is(r, "trial")) {
        RcsaTrial t;
        TRY(rcsa_method_trial(&t, c, r));
        record_set(r, "tried_on", value_text(c->today));
        record_set(r, "trial_total", value_int(t.total));
        record_set(r, "trial_up", value_int(t.up));
        record_set(r, "trial_down", value_int(t.down));
    }
    if (rcsa_state_is(r, "published") && !rcsa_state_is(s->before, "published")) {
        record_set(r, "published_on", value_text(c->today));
        if (c->actor->user) record_set(r, "published_by", value_int(c->actor->user));
    }
    return OK;
}

/* ---- checks ---- */

static const struct {
    const char *field, *text;
} faults[] = {
    [FAULT_SCALE] = {"likelihood_levels",
                     N_("Scales and classes have two to five levels, counted from 1.")},
    [FAULT_RANGES] = {"impact_levels", N_("Frequencies and amounts rise from level to level.")},
    [FAULT_MATRIX] = {"matrix", N_("Each place of the matrix needs a class of the scale.")},
    [FAULT_MATRIX_ORDER] = {"matrix", N_("A higher level never gives a lower class.")},
    [FAULT_CONTROL] = {"control_matrix",
                       N_("Each pair of design and operation needs an effectiveness.")},
    [FAULT_CONTROL_ORDER] = {"control_matrix", N_("A better rating never counts for less.")},
    [FAULT_RESIDUAL] = {"residual_matrix", N_("Each place of the residual matrix needs a class.")},
    [FAULT_RESIDUAL_ABOVE] = {"residual_matrix",
                              N_("The residual risk is never above the inherent risk.")},
    [FAULT_RESIDUAL_ORDER] = {"residual_matrix", N_("Weaker controls never leave a lower class.")},
    [FAULT_STEPS] = {"effects", N_("Weaker controls never lead further down.")},
    [FAULT_REDUCTION] = {"effects", N_("Weaker controls never reduce more.")},
    [FAULT_EXPOSURE] = {"base", N_("With these factors the exposure grows beyond all numbers.")}};

static Err check_whole(Ctx *c, const Record *r) {
    RcsaMethod m;
    TRY(rcsa_method_read(&m, c, r));
    CalcFault f = calc_check(&m.calc);
    if (f) issue(c, faults[f].field, "contradiction", faults[f].text);
    return OK;
}

static void check_codes(Ctx *c, const Record *r) {
    Value rows = record_get(r, "dimensions"), anchors = record_get(r, "dimension_anchors");
    if (rows.n > CALC_DIMENSIONS)
        issue(c, "dimensions", "too_many", N_("A method has at most eight dimensions."));
    for (size_t i = 0; i < rows.n; i++)
        for (size_t k = 0; k < i; k++)
            if (str_eq(rows.list[i].list[METHOD_CODE].s, rows.list[k].list[METHOD_CODE].s))
                issue(c, str_fmt(c->arena, "dimensions[%zu].code", i).p, "twice",
                      N_("This code stands there twice."));
    for (size_t i = 0; i < anchors.n; i++) {
        bool known = false;
        for (size_t k = 0; k < rows.n; k++)
            known |= str_eq(anchors.list[i].list[METHOD_OF].s, rows.list[k].list[METHOD_CODE].s);
        if (!known)
            issue(c, str_fmt(c->arena, "dimension_anchors[%zu].dimension", i).p, "bad_value",
                  N_("The method has no such dimension."));
    }
}

/* A draft may be unfinished; what is tried must be whole. */
Err rcsa_method_validate(Ctx *c, const Saving *s) {
    check_codes(c, s->after);
    bool whole = rcsa_state_is(s->after, "trial") || rcsa_state_is(s->after, "published");
    return whole && s->before && s->before->state != s->after->state ? check_whole(c, s->after)
                                                                     : OK;
}

Err rcsa_method_guard_try(Ctx *c, const Record *r) {
    return check_whole(c, r);
}

/* What the dry run showed must be what would happen now. */
Err rcsa_method_guard_publish(Ctx *c, const Record *r) {
    RcsaTrial t;
    TRY(rcsa_method_trial(&t, c, r));
    if (t.total != record_int(r, "trial_total") || t.up != record_int(r, "trial_up") ||
        t.down != record_int(r, "trial_down"))
        return issue(c, "trial_total", "outdated",
                     N_("Assessments have changed since the dry run: revise and try again."));
    return OK;
}

/* ---- after the save ---- */

Err rcsa_method_after_save(Ctx *c, const Saving *s) {
    RcsaIds ids;
    const Record *r = s->after;
    if (!rcsa_state_is(r, "published") || rcsa_state_is(s->before, "published")) return OK;
    TRY(rcsa_query_methods(&ids, c, "published", record_text(r, "code")));
    RcsaActor kept = rcsa_as_system(c);
    Err e = OK;
    for (size_t i = 0; i < ids.n && !e; i++) {
        Record *old, *moved;
        Input in = {0};
        if (ids.items[i] == r->id) continue;
        e = record_load_raw(&old, c, r->type, ids.items[i]);
        if (!e) e = record_move(&moved, c, old, "supersede", &in);
    }
    rcsa_as_before(c, &kept);
    return e;
}
