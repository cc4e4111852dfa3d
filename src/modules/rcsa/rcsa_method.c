/* rcsa_method.c: a method's rows as plain numbers and words. Knows no page.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_method.h"

#include "model/core_rules.h"
#include "modules/rcsa/rcsa_query.h"

static const char *const effect_keys[] = {NULL,     "effective",   "largely",
                                          "partly", "ineffective", "none"};

int rcsa_effect_of(Str key) {
    for (int i = 1; i < EFFECT_COUNT; i++)
        if (str_is(key, effect_keys[i])) return i;
    return str_is(key, "not_testable") ? RATING_NOT_TESTABLE : EFFECT_UNKNOWN;
}

const char *rcsa_effect_key(int effect) {
    return effect > 0 && effect < EFFECT_COUNT ? effect_keys[effect] : NULL;
}

int rcsa_acts_of(Str key) {
    if (str_is(key, "likelihood")) return ACTS_LIKELIHOOD;
    return str_is(key, "impact") ? ACTS_IMPACT : ACTS_BOTH;
}

const char *rcsa_class_key(int level) {
    static const char *const keys[] = {NULL, "1", "2", "3", "4", "5"};
    return level > 0 && level <= CALC_LEVELS ? keys[level] : NULL;
}

const char *rcsa_position_key(CalcPosition p) {
    static const char *const keys[] = {"none", "within", "above_appetite", "above_tolerance",
                                       "above_capacity"};
    return keys[p];
}

/* ---- rows ---- */

static Str words_at(const Ctx *c, const Value *row, size_t first) {
    static const size_t own[LANG_COUNT] = {[LANG_FR] = 0, [LANG_EN] = 1, [LANG_AR] = 2};
    Str s = row[first + own[c->lang]].s;
    for (size_t i = 0; !s.n && i < 3; i++) s = row[first + i].s;
    return s;
}

/* The level that a row is of; 0 when it is outside the scale. */
static int level_of(const Value *row, size_t column) {
    int64_t level = row[column].i;
    return level >= 1 && level <= CALC_LEVELS ? (int)level : 0;
}

static void read_likelihood(RcsaMethod *m, const Ctx *c, const Record *r) {
    Value rows = record_get(r, "likelihood_levels");
    for (size_t i = 0; i < rows.n; i++) {
        const Value *row = rows.list[i].list;
        int level = level_of(row, METHOD_LEVEL);
        if (!level) continue;
        if (level > m->calc.n_likelihood) m->calc.n_likelihood = level;
        m->likelihoods[level - 1] = words_at(c, row, METHOD_NAME_FR);
        m->likelihood_anchors[level - 1] = words_at(c, row, METHOD_ANCHOR_FR);
        m->calc.per_year[level - 1] = row[METHOD_FROM].i;
    }
}

static void read_impact(RcsaMethod *m, const Ctx *c, const Record *r) {
    Value rows = record_get(r, "impact_levels");
    for (size_t i = 0; i < rows.n; i++) {
        const Value *row = rows.list[i].list;
        int level = level_of(row, METHOD_LEVEL);
        if (!level) continue;
        if (level > m->calc.n_impact) m->calc.n_impact = level;
        m->impacts[level - 1] = words_at(c, row, METHOD_NAME_FR);
        m->impact_anchors[level - 1] = words_at(c, row, METHOD_ANCHOR_FR);
        m->calc.amounts[level - 1] = row[METHOD_FROM].i;
        if (row[METHOD_FROM].kind == V_MONEY && !m->currency.n)
            m->currency = str_copy(c->arena, str_of(row[METHOD_FROM].currency));
    }
}

static void read_dimensions(RcsaMethod *m, const Ctx *c, const Record *r) {
    Value rows = record_get(r, "dimensions"), anchors = record_get(r, "dimension_anchors");
    for (size_t i = 0; i < rows.n && m->n_dimensions < CALC_DIMENSIONS; i++) {
        const Value *row = rows.list[i].list;
        RcsaDimension *d = &m->dimensions[m->n_dimensions];
        d->code = row[METHOD_CODE].s;
        d->name = words_at(c, row, METHOD_NAME_FR);
        m->calc.weights[m->n_dimensions++] = row[METHOD_WEIGHT].i ? (int)row[METHOD_WEIGHT].i : 1;
        for (size_t k = 0; k < anchors.n; k++) {
            const Value *a = anchors.list[k].list;
            int level = level_of(a, METHOD_AT);
            if (level && str_eq(a[METHOD_OF].s, d->code))
                d->anchors[level - 1] = words_at(c, a, METHOD_AT_ANCHOR);
        }
    }
}

static void read_matrix(RcsaMethod *m, const Ctx *c, const Record *r) {
    Value classes = record_get(r, "classes"), rows = record_get(r, "matrix");
    for (size_t i = 0; i < classes.n; i++) {
        const Value *row = classes.list[i].list;
        int level = level_of(row, METHOD_LEVEL);
        if (!level) continue;
        if (level > m->calc.n_classes) m->calc.n_classes = level;
        m->classes[level - 1] = words_at(c, row, METHOD_NAME_FR);
        m->colours[level - 1] = level_of(row, METHOD_COLOUR) ? level_of(row, METHOD_COLOUR) : level;
    }
    for (size_t i = 0; i < rows.n; i++) {
        int level = level_of(rows.list[i].list, 0);
        for (int k = 0; level && k < CALC_LEVELS; k++)
            m->calc.matrix[level - 1][k] = (int)rows.list[i].list[k + 1].i;
    }
    m->calc.low_class = (int)record_int(r, "low_class");
}

static void read_controls(RcsaMethod *m, const Record *r) {
    CalcMethod *x = &m->calc;
    Value rows = record_get(r, "control_matrix"), residual = record_get(r, "residual_matrix");
    for (size_t i = 0; i < rows.n; i++) {
        int design = rcsa_effect_of(rows.list[i].list[0].s);
        for (size_t k = 0; design >= 1 && design <= 4 && k < 4; k++)
            x->control[design - 1][k] = rcsa_effect_of(rows.list[i].list[k + 1].s);
    }
    for (size_t i = 0; i < residual.n; i++) {
        int level = level_of(residual.list[i].list, 0);
        if (!level) continue;
        for (int e = EFFECT_EFFECTIVE; e <= EFFECT_INEFFECTIVE; e++)
            x->residual[level - 1][e] = (int)residual.list[i].list[e].i;
        x->residual[level - 1][EFFECT_NONE] = level; /* no control: residual is inherent */
    }
    x->not_testable = rcsa_effect_of(record_text(r, "not_testable"));
    x->failed_at_best = rcsa_effect_of(record_text(r, "failed_at_best"));
    x->overdue_at_best = rcsa_effect_of(record_text(r, "overdue_at_best"));
}

static void read_effects(RcsaMethod *m, const Record *r) {
    Value rows = record_get(r, "effects");
    CalcMethod *x = &m->calc;
    for (size_t i = 0; i < rows.n; i++) {
        const Value *row = rows.list[i].list;
        int effect = rcsa_effect_of(row[0].s);
        x->steps_likelihood[effect] = (int)row[METHOD_STEPS_LIKELIHOOD].i;
        x->steps_impact[effect] = (int)row[METHOD_STEPS_IMPACT].i;
        x->reduction[effect] = (int)row[METHOD_REDUCTION].i;
        x->percent[effect] = (int)row[METHOD_PERCENT].i;
    }
    x->passes_at = (int)record_int(r, "passes_at");
    x->base = (int)record_int(r, "base");
    x->severity_factor = (int)record_int(r, "severity_factor");
    x->frequency_factor = (int)record_int(r, "frequency_factor");
}

static void read_rules(RcsaMethod *m, const Record *r) {
    Value rows = record_get(r, "rules");
    for (size_t i = 0; i < rows.n; i++) {
        const Value *row = rows.list[i].list;
        for (int k = 0; k < RULE_COUNT; k++)
            if (str_is(row[METHOD_RULE].s, rcsa_rules[k].key))
                m->rules[k] =
                    (CalcRuleSetting){row[METHOD_RULE_ON].i != 0, row[METHOD_RULE_COUNT].i,
                                      row[METHOD_RULE_AMOUNT].i};
    }
}

static int choice_index(const Record *r, const char *field) {
    const Field *f = type_need(r->type, field);
    for (size_t i = 0; i < f->n_choices; i++)
        if (str_is(record_text(r, field), f->choices[i].key)) return (int)i;
    return 0;
}

Err rcsa_method_read(RcsaMethod *out, Ctx *c, const Record *r) {
    *out = (RcsaMethod){.id = r->id};
    read_likelihood(out, c, r);
    read_impact(out, c, r);
    read_dimensions(out, c, r);
    read_matrix(out, c, r);
    read_controls(out, r);
    read_effects(out, r);
    read_rules(out, r);
    out->calc.aggregate = (CalcAggregate)choice_index(r, "aggregate");
    out->calc.set_rule = (CalcSetRule)choice_index(r, "set_rule");
    out->calc.residual_rule = (CalcResidualRule)choice_index(r, "residual_rule");
    return out->currency.n ? OK : rcsa_currency(&out->currency, c);
}

Err rcsa_method_load(RcsaMethod *out, Ctx *c, int64_t id) {
    Record *r;
    TRY(rcsa_load_now(&r, c, "rcsa_method", id)); /* fixed once it is published */
    return rcsa_method_read(out, c, r);
}

Err rcsa_method_default(int64_t *out, Ctx *c) {
    RcsaIds ids;
    Str wanted = {0};
    bool found;
    TRY(setting_text(&wanted, &found, c, "rcsa_method"));
    TRY(rcsa_query_methods(&ids, c, "published", (Str){0}));
    if (!ids.n && c->as_of.n) { /* before the first one: its scales explain the figures */
        Str day = c->as_of;
        c->as_of = (Str){0};
        Err e = rcsa_query_methods(&ids, c, "published", (Str){0});
        c->as_of = day;
        TRY(e);
    }
    *out = ids.n ? ids.items[0] : 0;
    for (size_t i = 0; found && i < ids.n; i++) {
        Record *r;
        TRY(rcsa_load_now(&r, c, "rcsa_method", ids.items[i]));
        if (!str_eq(record_text(r, "code"), wanted)) continue;
        *out = r->id;
        return OK;
    }
    return OK;
}
