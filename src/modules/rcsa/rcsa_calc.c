/* rcsa_calc.c: see rcsa_calc.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_calc.h"

static int smaller(int a, int b) {
    return a < b ? a : b;
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

int calc_class(const CalcMethod *m, int likelihood, int impact) {
    if (likelihood < 1 || impact < 1 || likelihood > m->n_likelihood || impact > m->n_impact)
        return 0;
    return m->matrix[likelihood - 1][impact - 1];
}

/* ---- impact ---- */

static int weighted(const CalcMethod *m, const int levels[CALC_DIMENSIONS]) {
    int64_t sum = 0, weight = 0;
    for (int i = 0; i < CALC_DIMENSIONS; i++) {
        if (!levels[i]) continue;
        int w = m->weights[i] > 0 ? m->weights[i] : 1;
        sum += (int64_t)w * levels[i];
        weight += w;
    }
    return weight ? (int)((sum + weight - 1) / weight) : 0;
}

int calc_impact(const CalcMethod *m, const int levels[CALC_DIMENSIONS]) {
    int worst = 0, second = 0, sum = 0;
    for (int i = 0; i < CALC_DIMENSIONS; i++) {
        if (!levels[i]) continue;
        sum += levels[i] - 1;
        if (levels[i] >= worst) {
            second = worst;
            worst = levels[i];
        } else
            second = larger(second, levels[i]);
    }
    if (!worst) return 0;
    switch (m->aggregate) {
    case AGGREGATE_WEIGHTED: return weighted(m, levels);
    case AGGREGATE_WORST_TWO: return second ? (worst + second + 1) / 2 : worst;
    case AGGREGATE_SUM: return smaller(1 + sum, m->n_impact);
    case AGGREGATE_MAX: break;
    }
    return worst;
}

/* ---- controls ---- */

CalcEffect calc_control(const CalcMethod *m, const CalcControl *x, CalcReason *why) {
    int design = x->design, operation = x->operation;
    *why = REASON_MATRIX;
    if (design == RATING_NOT_TESTABLE || operation == RATING_NOT_TESTABLE) {
        *why = REASON_NOT_TESTABLE;
        if (design == RATING_NOT_TESTABLE) design = m->not_testable;
        if (operation == RATING_NOT_TESTABLE) operation = m->not_testable;
    }
    if (design < 1 || design > 4 || operation < 1 || operation > 4) return EFFECT_UNKNOWN;
    int effect = m->control[design - 1][operation - 1];
    if (x->test_failed && effect < m->failed_at_best) {
        *why = REASON_FAILED;
        effect = m->failed_at_best;
    } else if (x->test_overdue && effect < m->overdue_at_best) {
        *why = REASON_OVERDUE;
        effect = m->overdue_at_best;
    }
    return (CalcEffect)effect;
}

CalcSet calc_failed_share(const int *percents, size_t n, int passes_at) {
    static const int steps[] = {1, 4, 9, 16, 25};
    CalcSet out = {.n = (int)n, .weakest = -1, .effect = EFFECT_NONE, .average = 25, .step = 25};
    if (!n) return out;
    for (size_t i = 0; i < n; i++) out.failed += percents[i] < passes_at;
    out.average = (25 * out.failed + out.n - 1) / out.n;
    int best = 1000;
    for (int i = 0; i < 5; i++) {
        int distance = steps[i] > out.average ? steps[i] - out.average : out.average - steps[i];
        if (distance > best) continue; /* of two equally near the weaker */
        best = distance;
        out.step = steps[i];
        out.effect = (CalcEffect)(EFFECT_EFFECTIVE + i);
    }
    return out;
}

/* Does the control belong to the set that acts on `axis`? */
static bool in_set(const CalcControl *x, int axis) {
    return (x->acts_on & axis) != 0;
}

static CalcSet set_weakest(const CalcControl *controls, const CalcEffect *effects, size_t n,
                           int axis) {
    CalcSet out = {.weakest = -1, .effect = EFFECT_NONE};
    for (size_t i = 0; i < n; i++) {
        if (!in_set(&controls[i], axis)) continue;
        out.n++;
        out.keys += controls[i].is_key;
    }
    for (size_t i = 0; i < n; i++) {
        if (!in_set(&controls[i], axis) || (out.keys && !controls[i].is_key)) continue;
        if (out.weakest >= 0 && effects[i] <= out.effect) continue;
        out.weakest = (int)i;
        out.effect = effects[i];
    }
    return out;
}

static CalcSet set_weighted(const CalcControl *controls, const CalcEffect *effects, size_t n,
                            int axis) {
    CalcSet out = {.weakest = -1, .effect = EFFECT_NONE};
    int64_t sum = 0, weight = 0;
    for (size_t i = 0; i < n; i++) {
        if (!in_set(&controls[i], axis)) continue;
        int w = controls[i].weight > 0 ? controls[i].weight : 1;
        out.n++;
        out.keys += controls[i].is_key;
        sum += (int64_t)w * effects[i];
        weight += w;
    }
    if (weight) out.effect = (CalcEffect)((sum + weight - 1) / weight);
    return out;
}

static CalcSet set_share(const CalcMethod *m, const CalcControl *controls,
                         const CalcEffect *effects, size_t n, int axis) {
    int percents[CALC_CONTROLS];
    size_t count = 0;
    int keys = 0;
    for (size_t i = 0; i < n && count < CALC_CONTROLS; i++) {
        if (!in_set(&controls[i], axis)) continue;
        keys += controls[i].is_key;
        percents[count++] = m->percent[effects[i]];
    }
    CalcSet out = calc_failed_share(percents, count, m->passes_at);
    out.keys = keys;
    return out;
}

static CalcSet set_of(const CalcMethod *m, const CalcControl *controls, const CalcEffect *effects,
                      size_t n, int axis) {
    switch (m->set_rule) {
    case SET_WEIGHTED: return set_weighted(controls, effects, n, axis);
    case SET_FAILED_SHARE: return set_share(m, controls, effects, n, axis);
    case SET_WEAKEST_KEY: break;
    }
    return set_weakest(controls, effects, n, axis);
}

/* ---- residual ---- */

bool calc_exposure(int64_t *out, const CalcMethod *m, int likelihood, int impact) {
    int exponent = m->severity_factor * impact + m->frequency_factor * likelihood - 2;
    *out = 1;
    for (int i = 0; i < exponent; i++)
        if (mul_overflows(*out, (int64_t)m->base, out)) return false;
    return true;
}

/* One step down: on an axis that a control acts on, likelihood first; when those are at the bottom,
 * on the other. false: both are. */
static bool step_down(CalcResult *r) {
    if (r->on_likelihood.n && r->likelihood > 1) {
        r->likelihood--;
        return true;
    }
    if (r->on_impact.n && r->impact > 1) {
        r->impact--;
        return true;
    }
    if (r->likelihood > 1) {
        r->likelihood--;
        return true;
    }
    if (r->impact > 1) {
        r->impact--;
        return true;
    }
    return false;
}

static void by_matrix(CalcResult *r, const CalcMethod *m) {
    r->wanted_class = smaller(m->residual[r->inherent_class - 1][r->all.effect], r->inherent_class);
    while (calc_class(m, r->likelihood, r->impact) > r->wanted_class && step_down(r)) {}
}

static void by_steps(CalcResult *r, const CalcMethod *m) {
    r->steps_likelihood = r->on_likelihood.n ? m->steps_likelihood[r->on_likelihood.effect] : 0;
    r->steps_impact = r->on_impact.n ? m->steps_impact[r->on_impact.effect] : 0;
    r->likelihood = larger(1, r->likelihood - r->steps_likelihood);
    r->impact = larger(1, r->impact - r->steps_impact);
}

/* The lowest place whose exposure is not below what is left. */
static void by_reduction(CalcResult *r, const CalcMethod *m, const CalcControl *controls,
                         size_t n) {
    int64_t sum = 0, weight = 0, next;
    for (size_t i = 0; i < n; i++) {
        int w = controls[i].weight > 0 ? controls[i].weight : 1;
        sum += (int64_t)w * m->reduction[r->effects[i]];
        weight += w;
    }
    r->reduced = weight ? (int)(sum / weight) : 0;
    if (!calc_exposure(&r->exposure, m, r->likelihood, r->impact)) return;
    r->exposure_left = r->exposure * (CALC_UNIT - r->reduced);
    for (;;) {
        CalcResult lower = *r;
        if (!step_down(&lower) || !calc_exposure(&next, m, lower.likelihood, lower.impact) ||
            next * CALC_UNIT < r->exposure_left)
            return;
        r->likelihood = lower.likelihood;
        r->impact = lower.impact;
    }
}

bool calc_rate(CalcResult *out, const CalcMethod *m, int likelihood, int impact,
               const CalcControl *controls, size_t n) {
    *out = (CalcResult){.likelihood = likelihood, .impact = impact};
    out->inherent_class = calc_class(m, likelihood, impact);
    if (!out->inherent_class || n > CALC_CONTROLS) return false;
    for (size_t i = 0; i < n; i++) {
        out->effects[i] = calc_control(m, &controls[i], &out->reasons[i]);
        if (out->effects[i] == EFFECT_UNKNOWN) return false;
    }
    out->all = set_of(m, controls, out->effects, n, ACTS_BOTH);
    out->on_likelihood = set_of(m, controls, out->effects, n, ACTS_LIKELIHOOD);
    out->on_impact = set_of(m, controls, out->effects, n, ACTS_IMPACT);
    if (n) switch (m->residual_rule) {
        case RESIDUAL_MATRIX: by_matrix(out, m); break;
        case RESIDUAL_STEPS: by_steps(out, m); break;
        case RESIDUAL_REDUCTION: by_reduction(out, m, controls, n); break;
        }
    else
        out->wanted_class = out->inherent_class;
    bool by_class = m->residual_rule == RESIDUAL_MATRIX || !n;
    out->residual_class =
        by_class ? out->wanted_class
                 : smaller(calc_class(m, out->likelihood, out->impact), out->inherent_class);
    return true;
}

/* ---- data to levels ---- */

int calc_likelihood_of(const CalcMethod *m, int64_t events, int years) {
    int level = 0;
    if (events <= 0 || years <= 0) return 0;
    for (int i = 0; i < m->n_likelihood; i++)
        if (events * 1000 >= m->per_year[i] * years) level = i + 1;
    return larger(level, 1);
}

int calc_impact_of(const CalcMethod *m, int64_t amount) {
    int level = 0;
    if (amount <= 0) return 0;
    for (int i = 0; i < m->n_impact; i++)
        if (amount >= m->amounts[i]) level = i + 1;
    return larger(level, 1);
}

/* ---- checking a method ---- */

static CalcFault check_ranges(const CalcMethod *m) {
    for (int i = 1; i < m->n_likelihood; i++)
        if (m->per_year[i] <= m->per_year[i - 1]) return FAULT_RANGES;
    for (int i = 1; i < m->n_impact; i++)
        if (m->amounts[i] <= m->amounts[i - 1]) return FAULT_RANGES;
    return FAULT_NONE;
}

static CalcFault check_matrix(const CalcMethod *m) {
    for (int l = 0; l < m->n_likelihood; l++)
        for (int i = 0; i < m->n_impact; i++)
            if (m->matrix[l][i] < 1 || m->matrix[l][i] > m->n_classes) return FAULT_MATRIX;
    for (int l = 0; l < m->n_likelihood; l++)
        for (int i = 0; i < m->n_impact; i++)
            if ((l && m->matrix[l][i] < m->matrix[l - 1][i]) ||
                (i && m->matrix[l][i] < m->matrix[l][i - 1]))
                return FAULT_MATRIX_ORDER;
    return FAULT_NONE;
}

static CalcFault check_control(const CalcMethod *m) {
    for (int d = 0; d < 4; d++)
        for (int o = 0; o < 4; o++)
            if (m->control[d][o] < 1 || m->control[d][o] > 4) return FAULT_CONTROL;
    for (int d = 0; d < 4; d++)
        for (int o = 0; o < 4; o++)
            if ((d && m->control[d][o] < m->control[d - 1][o]) ||
                (o && m->control[d][o] < m->control[d][o - 1]))
                return FAULT_CONTROL_ORDER;
    return FAULT_NONE;
}

static CalcFault check_residual(const CalcMethod *m) {
    for (int k = 0; k < m->n_classes; k++)
        for (int e = EFFECT_EFFECTIVE; e <= EFFECT_NONE; e++) {
            if (m->residual[k][e] < 1) return FAULT_RESIDUAL;
            if (m->residual[k][e] > k + 1) return FAULT_RESIDUAL_ABOVE;
            if (e > EFFECT_EFFECTIVE && m->residual[k][e] < m->residual[k][e - 1])
                return FAULT_RESIDUAL_ORDER;
        }
    return FAULT_NONE;
}

static CalcFault check_steps(const CalcMethod *m) {
    for (int e = EFFECT_EFFECTIVE; e <= EFFECT_NONE; e++) {
        bool rises = e > EFFECT_EFFECTIVE && (m->steps_likelihood[e] > m->steps_likelihood[e - 1] ||
                                              m->steps_impact[e] > m->steps_impact[e - 1]);
        if (rises || m->steps_likelihood[e] < 0 || m->steps_impact[e] < 0) return FAULT_STEPS;
    }
    return m->steps_likelihood[EFFECT_NONE] || m->steps_impact[EFFECT_NONE] ? FAULT_STEPS
                                                                            : FAULT_NONE;
}

static CalcFault check_reduction(const CalcMethod *m) {
    int64_t most, scaled;
    for (int e = EFFECT_EFFECTIVE; e <= EFFECT_NONE; e++) {
        if (m->reduction[e] < 0 || m->reduction[e] > CALC_UNIT) return FAULT_REDUCTION;
        if (e > EFFECT_EFFECTIVE && m->reduction[e] > m->reduction[e - 1]) return FAULT_REDUCTION;
    }
    if (m->reduction[EFFECT_NONE]) return FAULT_REDUCTION;
    if (m->base < 2 || m->severity_factor < 1 || m->frequency_factor < 1 ||
        !calc_exposure(&most, m, m->n_likelihood, m->n_impact) ||
        mul_overflows(most, (int64_t)CALC_UNIT, &scaled))
        return FAULT_EXPOSURE;
    return FAULT_NONE;
}

CalcFault calc_check(const CalcMethod *m) {
    bool scale = m->n_likelihood >= 2 && m->n_likelihood <= CALC_LEVELS && m->n_impact >= 2 &&
                 m->n_impact <= CALC_LEVELS && m->n_classes >= 2 && m->n_classes <= CALC_LEVELS;
    if (!scale) return FAULT_SCALE;
    CalcFault f = check_ranges(m);
    if (!f) f = check_matrix(m);
    if (!f) f = check_control(m);
    if (!f && m->residual_rule == RESIDUAL_MATRIX) f = check_residual(m);
    if (!f && m->residual_rule == RESIDUAL_STEPS) f = check_steps(m);
    if (!f && m->residual_rule == RESIDUAL_REDUCTION) f = check_reduction(m);
    return f;
}

/* ---- contradictions ---- */

static bool is_praised(const CalcControl *x) {
    return x->operation == EFFECT_EFFECTIVE || x->operation == EFFECT_LARGELY;
}

static int64_t praised(const CalcOpinion *o, bool failed) {
    int64_t n = 0;
    for (size_t i = 0; i < o->n; i++)
        n += is_praised(&o->controls[i]) &&
             (failed ? o->controls[i].test_failed
                     : o->controls[i].test_overdue && !o->controls[i].test_failed);
    return n;
}

static bool reaches(int64_t value, int64_t bound) {
    return bound > 0 && value >= bound;
}

/* Does the rule fire; with the figures of its evidence. */
static bool fires(CalcFinding *f, const CalcMethod *m, const CalcRuleSetting *s, const CalcFacts *x,
                  const CalcOpinion *o) {
    bool low = o->residual_class && o->residual_class <= m->low_class && !o->is_gone;
    switch (f->rule) {
    case RULE_LOW_BUT_LOSSES:
        f->count = x->losses;
        f->amount = x->gross;
        return low && (reaches(x->losses, s->count) || reaches(x->gross, s->amount));
    case RULE_LIKELIHOOD_BELOW:
        f->count = x->losses;
        return !o->is_gone && o->likelihood && reaches(x->losses, s->count) &&
               calc_likelihood_of(m, x->losses, 1) > o->likelihood;
    case RULE_IMPACT_BELOW:
        f->amount = x->largest;
        return !o->is_gone && o->impact && calc_impact_of(m, x->largest) > o->impact;
    case RULE_EFFECTIVE_FAILED: f->count = praised(o, true); return f->count > 0;
    case RULE_EFFECTIVE_UNTESTED: f->count = praised(o, false); return f->count > 0;
    case RULE_LOW_BUT_ACTIONS:
        f->count = x->overdue_actions;
        return low && reaches(x->overdue_actions, s->count);
    case RULE_LOW_BUT_RED:
        f->count = x->red_indicators;
        return low && reaches(x->red_indicators, s->count);
    case RULE_LOWER_DESPITE:
        f->count = x->losses_since;
        return !o->is_gone && x->previous_class && o->residual_class &&
               o->residual_class < x->previous_class && reaches(x->losses_since, s->count);
    case RULE_GONE_BUT_LOSSES:
        f->count = x->losses;
        f->amount = x->gross;
        return o->is_gone && reaches(x->losses, s->count);
    case RULE_NEAR_MISSES:
        f->count = x->near_misses;
        return o->likelihood == 1 && !o->is_gone && reaches(x->near_misses, s->count);
    case RULE_COUNT: break;
    }
    return false;
}

size_t calc_contradictions(CalcFinding out[RULE_COUNT], const CalcMethod *m,
                           const CalcRuleSetting settings[RULE_COUNT], const CalcFacts *facts,
                           const CalcOpinion *opinion) {
    size_t n = 0;
    for (int k = 0; k < RULE_COUNT; k++) {
        CalcFinding f = {.rule = (CalcRule)k};
        if (settings[k].is_on && fires(&f, m, &settings[k], facts, opinion)) out[n++] = f;
    }
    return n;
}

CalcPosition calc_position(int64_t actual, int64_t appetite, int64_t tolerance, int64_t capacity) {
    if (actual <= appetite) return POSITION_WITHIN;
    if (actual <= tolerance) return POSITION_ABOVE_APPETITE;
    if (capacity < 0 || actual <= capacity) return POSITION_ABOVE_TOLERANCE;
    return POSITION_ABOVE_CAPACITY;
}
