/* rcsa_why.c: "Why this colour": every step from the answers to the class of an assessment, in
 * words, as the method of its version takes it. Knows no SQL and no markup.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_assess.h"
#include "modules/rcsa/rcsa_pages.h"

typedef struct Why {
    Ctx *c;
    const Record *r;
    RcsaMethod m;
    CalcResult x;
    Row *rows;
    size_t n, cap;
} Why;

static Str number(Why *w, int64_t i) {
    return str_fmt(w->c->arena, "%lld", (long long)i);
}

static void step(Why *w, Str what, Str how, Str result, Tone tone) {
    Cell *cells = NEW_N(w->c->arena, Cell, 3);
    cells[0] = cell_label((Str){0}, what);
    cells[1] = cell_text(how);
    cells[2] = cell_label((Str){0}, result);
    cells[2].tone = tone;
    GROW(w->c->arena, w->rows, w->n, w->cap);
    w->rows[w->n++] = (Row){.cells = cells};
}

static Str class_name(const Why *w, int level) {
    return level > 0 && level <= w->m.calc.n_classes ? w->m.classes[level - 1] : S("?");
}

static Tone class_tone(int level) {
    return level > 0 && level <= CALC_LEVELS ? rcsa_classes[level - 1].tone : TONE_MUTED;
}

static Str effect_name(const Why *w, int effect) {
    const char *key = rcsa_effect_key(effect);
    for (const Choice *x = rcsa_effectiveness; key && x->key; x++)
        if (strcmp(x->key, key) == 0) return TRS(w->c, x->label);
    return S("?");
}

static Tone effect_tone(int effect) {
    return effect > 0 && effect < EFFECT_COUNT ? rcsa_effectiveness[effect - 1].tone : TONE_MUTED;
}

static Str rating_name(const Why *w, Str key) {
    for (const Choice *x = rcsa_ratings; x->key; x++)
        if (str_is(key, x->key)) return TRS(w->c, x->label);
    return S("?");
}

static Str place(Why *w, int64_t likelihood, int64_t impact) {
    return RCSA_FILL(w->c, TR(w->c, N_("{0} × {1}")), number(w, likelihood), number(w, impact));
}

/* ---- inherent ---- */

static void put_levels(Why *w) {
    int64_t likelihood = record_int(w->r, "inherent_likelihood"),
            impact = record_int(w->r, "inherent_impact");
    const RcsaMethod *m = &w->m;
    if (likelihood >= 1 && likelihood <= m->calc.n_likelihood)
        step(w, TRS(w->c, N_("Likelihood without the controls")),
             m->likelihood_anchors[likelihood - 1],
             RCSA_FILL(w->c, TR(w->c, N_("{0}, {1}")), number(w, likelihood),
                       m->likelihoods[likelihood - 1]),
             TONE_NONE);
    if (impact >= 1 && impact <= m->calc.n_impact)
        step(w, TRS(w->c, N_("Impact without the controls")), m->impact_anchors[impact - 1],
             RCSA_FILL(w->c, TR(w->c, N_("{0}, {1}")), number(w, impact), m->impacts[impact - 1]),
             TONE_NONE);
}

static void put_dimensions(Why *w) {
    Value rows = record_get(w->r, "impacts");
    Text t = text_new(w->c->arena, 2000);
    for (size_t i = 0; i < rows.n; i++) {
        Str code = rows.list[i].list[ASSESS_DIMENSION].s, name = code;
        for (size_t k = 0; k < w->m.n_dimensions; k++)
            if (str_eq(w->m.dimensions[k].code, code)) name = w->m.dimensions[k].name;
        if (i) text_addz(&t, TR(w->c, ", "));
        text_fmt(&t, "%.*s %lld", FMT(name), (long long)rows.list[i].list[ASSESS_LEVEL].i);
    }
    if (!rows.n) return;
    const Field *f = type_need(model_need(w->c->model, "rcsa_method"), "aggregate");
    step(w, TRS(w->c, N_("Dimensions of the impact")), text_str(&t),
         TRS(w->c, f->choices[w->m.calc.aggregate].label), TONE_NONE);
}

/* ---- controls ---- */

static Err put_control(Why *w, size_t i) {
    Ctx *c = w->c;
    RefName name = {0};
    const Value *row = record_get(w->r, "controls").list[i].list;
    TRY(ref_name(&name, c, model_need(c->model, "control"), row[RISK_CONTROL].i));
    Str how =
        RCSA_FILL(c, TR(c, N_("Design: {0}. Operation: {1}.")),
                  rating_name(w, row[ASSESS_DESIGN].s), rating_name(w, row[ASSESS_OPERATION].s));
    CalcReason why = w->x.reasons[i];
    if (why != REASON_MATRIX)
        how = str_fmt(
            c->arena, "%.*s %.*s", FMT(how),
            FMT(RCSA_FILL(c, TR(c, N_("{0}: at best {1}.")), TRS(c, rcsa_reasons[why].label),
                          effect_name(w, w->x.effects[i]))));
    bool is_key = row[RISK_CONTROL_KEY].i != 0;
    Str what = is_key ? RCSA_FILL(c, TR(c, N_("Key control: {0}")), name.title)
                      : RCSA_FILL(c, TR(c, N_("Control: {0}")), name.title);
    step(w, what, how, effect_name(w, w->x.effects[i]), effect_tone(w->x.effects[i]));
    return OK;
}

static Err weakest_name(Str *out, Why *w, const CalcSet *s) {
    RefName name = {0};
    *out = (Str){0};
    if (s->weakest < 0) return OK;
    const Value *row = record_get(w->r, "controls").list[s->weakest].list;
    TRY(ref_name(&name, w->c, model_need(w->c->model, "control"), row[RISK_CONTROL].i));
    *out = name.title;
    return OK;
}

static Err put_set(Why *w, const char *what, const CalcSet *s) {
    Ctx *c = w->c;
    Str how = {0}, name;
    if (!s->n) {
        step(w, TRS(c, what), TRS(c, N_("No control acts on it.")), effect_name(w, EFFECT_NONE),
             TONE_MUTED);
        return OK;
    }
    TRY(weakest_name(&name, w, s));
    if (w->m.calc.set_rule == SET_FAILED_SHARE)
        how = RCSA_FILL(
            c,
            TR(c, N_("Failed: {0} of {1}; 25 × {0} / {1}, rounded up, is {2}; nearest step {3}.")),
            number(w, s->failed), number(w, s->n), number(w, s->average), number(w, s->step));
    else if (w->m.calc.set_rule == SET_WEIGHTED)
        how = TRS(c, N_("Weighted mean of the controls, rounded to the weaker."));
    else if (s->keys)
        how = RCSA_FILL(c, TR(c, N_("The weakest key control counts: {0}.")), name);
    else
        how = RCSA_FILL(c, TR(c, N_("No key control: the weakest of all counts: {0}.")), name);
    step(w, TRS(c, what), how, effect_name(w, (int)s->effect), effect_tone((int)s->effect));
    return OK;
}

/* ---- residual ---- */

static void put_axis(Why *w, const char *what, const CalcSet *s, int steps, int64_t from,
                     int64_t to) {
    Ctx *c = w->c;
    step(w, TRS(c, what),
         RCSA_FILL(c, TR(c, N_("{0}: {1} steps down from {2}.")), effect_name(w, (int)s->effect),
                   number(w, steps), number(w, from)),
         number(w, to), TONE_NONE);
}

static Err put_rule(Why *w) {
    Ctx *c = w->c;
    const CalcResult *x = &w->x;
    int64_t likelihood = record_int(w->r, "inherent_likelihood"),
            impact = record_int(w->r, "inherent_impact");
    switch (w->m.calc.residual_rule) {
    case RESIDUAL_STEPS:
        TRY(put_set(w, N_("Controls on the likelihood"), &x->on_likelihood));
        TRY(put_set(w, N_("Controls on the impact"), &x->on_impact));
        put_axis(w, N_("Residual likelihood"), &x->on_likelihood, x->steps_likelihood, likelihood,
                 x->likelihood);
        put_axis(w, N_("Residual impact"), &x->on_impact, x->steps_impact, impact, x->impact);
        return OK;
    case RESIDUAL_MATRIX:
        TRY(put_set(w, N_("Controls as a whole"), &x->all));
        step(w, TRS(c, N_("Residual matrix")),
             RCSA_FILL(c, TR(c, N_("Inherent {0} with controls {1} leaves {2}.")),
                       class_name(w, x->inherent_class), effect_name(w, (int)x->all.effect),
                       class_name(w, x->wanted_class)),
             place(w, x->likelihood, x->impact), TONE_NONE);
        return OK;
    case RESIDUAL_REDUCTION:
        step(
            w, TRS(c, N_("Reduction of the exposure")),
            RCSA_FILL(
                c,
                TR(c,
                   N_("Exposure {0}, reduced by {1} %, leaves {2}; the lowest place that is not below it.")),
                number(w, x->exposure), decimal_text(c->arena, x->reduced, 2),
                number(w, x->exposure_left / CALC_UNIT)),
            place(w, x->likelihood, x->impact), TONE_NONE);
        return OK;
    }
    return OK;
}

static int level_of(const Record *r, const char *field) {
    int64_t level = 0;
    Str key = record_text(r, field);
    return key.n && str_to_int(&level, key) ? (int)level : 0;
}

static void put_result(Why *w) {
    Ctx *c = w->c;
    const Record *r = w->r;
    bool overridden = record_int(r, "override_likelihood") || record_int(r, "override_impact");
    if (overridden)
        step(w, TRS(c, N_("Another result, with its reason")), record_text(r, "override_reason"),
             place(w, record_int(r, "residual_likelihood"), record_int(r, "residual_impact")),
             TONE_WARN);
    step(
        w, TRS(c, N_("Residual risk")),
        RCSA_FILL(c, TR(c, N_("Matrix at {0}.")),
                  place(w, record_int(r, "residual_likelihood"), record_int(r, "residual_impact"))),
        class_name(w, level_of(r, "residual_level")), class_tone(level_of(r, "residual_level")));
    if (str_is(record_text(r, "final_choice"), "challenger"))
        step(w, TRS(c, N_("Rating of the second line")), record_text(r, "challenge_note"),
             class_name(w, level_of(r, "final_level")), class_tone(level_of(r, "final_level")));
    for (const Choice *x = rcsa_positions; x->key; x++)
        if (str_is(record_text(r, "appetite_position"), x->key))
            step(w, TRS(c, N_("Against the appetite")), (Str){0}, TRS(c, x->label), x->tone);
}

Err rcsa_section_why(Ctx *c, const Record *r, Block **out) {
    static const Column columns[] = {{.name = "step", .kind = CELL_LABEL, .is_main = true},
                                     {.name = "how", .kind = CELL_TEXT},
                                     {.name = "result", .kind = CELL_LABEL}};
    Why *w = NEW(c->arena, Why);
    bool rated;
    if (!record_int(r, "method")) return OK;
    *w = (Why){.c = c, .r = r};
    TRY(rcsa_method_load(&w->m, c, record_int(r, "method")));
    TRY(rcsa_assess_rate(&w->x, &rated, c, &w->m, r, rcsa_assess_is_live(r)));
    if (!rated) return OK;
    put_levels(w);
    put_dimensions(w);
    step(
        w, TRS(c, N_("Inherent risk")),
        RCSA_FILL(c, TR(c, N_("Matrix at {0}.")),
                  place(w, record_int(r, "inherent_likelihood"), record_int(r, "inherent_impact"))),
        class_name(w, w->x.inherent_class), class_tone(w->x.inherent_class));
    for (size_t i = 0; i < record_get(r, "controls").n && i < CALC_CONTROLS; i++)
        TRY(put_control(w, i));
    TRY(put_rule(w));
    put_result(w);
    Column *kept = NEW_N(c->arena, Column, LENGTH(columns));
    memcpy(kept, columns, sizeof columns);
    kept[0].label = TRS(c, N_("Step"));
    kept[1].label = TRS(c, N_("How"));
    kept[2].label = TRS(c, N_("Result"));
    Block *b = view_block(c->arena, BLOCK_LIST);
    b->list = (ListView){.columns = kept,
                         .n_columns = LENGTH(columns),
                         .rows = rows_of_array(c->arena, w->rows, w->n),
                         .total = (int64_t)w->n,
                         .total_is_exact = true,
                         .is_plain = true};
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Why this colour")));
    (*out)->id = "why";
    (*out)->layout.is_folded = true;
    view_put(c->arena, *out, b);
    return OK;
}
