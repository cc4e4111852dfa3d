/* test_rcsa_calc.c: the check figures of the rating: three residual rules with worked figures, no
 * control, no residual above inherent, weakest key control, failed and untestable controls, what a
 * method may not say, contradictions on a fixture. SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "modules/rcsa/rcsa_calc.h"

static const CalcMethod base_method = {
    .n_likelihood = 5,
    .n_impact = 5,
    .n_classes = 4,
    .matrix = {{1, 1, 1, 2, 3}, {1, 1, 2, 3, 4}, {1, 2, 2, 3, 4}, {1, 2, 3, 4, 4}, {2, 2, 3, 4, 4}},
    .per_year = {0, 100, 333, 1000, 10000},
    .amounts = {0, 5000000, 50000000, 500000000, INT64_C(5000000000)},
    .control = {{1, 2, 3, 4}, {2, 2, 3, 4}, {3, 3, 3, 4}, {4, 4, 4, 4}},
    .not_testable = EFFECT_INEFFECTIVE,
    .failed_at_best = EFFECT_INEFFECTIVE,
    .overdue_at_best = EFFECT_PARTLY,
    .residual = {{0, 1, 1, 1, 1, 1}, {0, 1, 1, 2, 2, 2}, {0, 1, 2, 2, 3, 3}, {0, 2, 3, 3, 4, 4}},
    .steps_likelihood = {0, 2, 1, 0, 0, 0},
    .steps_impact = {0, 2, 1, 0, 0, 0},
    .reduction = {0, 9000, 6000, 3000, 0, 0},
    .percent = {0, 100, 90, 45, 0, 0},
    .passes_at = 90,
    .base = 10,
    .severity_factor = 1,
    .frequency_factor = 1,
    .low_class = 1};

static CalcMethod method(CalcResidualRule rule) {
    CalcMethod m = base_method;
    m.residual_rule = rule;
    return m;
}

static CalcControl control(bool key, int acts, int design, int operation) {
    return (CalcControl){
        .is_key = key, .acts_on = acts, .weight = 1, .design = design, .operation = operation};
}

static void test_rcsa_calc_hopex_failed_share(void **state) {
    static const int percents[] = {90, 45, 0};
    (void)state;
    CalcSet s = calc_failed_share(percents, 3, 90);
    assert_int_equal(s.failed, 2);
    assert_int_equal(s.average, 17); /* 25 x 2 / 3 = 16.67, rounded up */
    assert_int_equal(s.step, 16);
    assert_int_equal(s.effect, EFFECT_INEFFECTIVE);
    s = calc_failed_share(percents, 1, 90);
    assert_int_equal(s.average, 0);
    assert_int_equal(s.effect, EFFECT_EFFECTIVE);
    s = calc_failed_share(percents, 0, 90);
    assert_int_equal(s.effect, EFFECT_NONE); /* inexistent */
    assert_int_equal(s.average, 25);
    static const int all_fail[] = {89, 0};
    assert_int_equal(calc_failed_share(all_fail, 2, 90).effect, EFFECT_NONE); /* 25: inexistent */
    static const int one_of_ten[] = {100, 100, 100, 100, 100, 100, 100, 100, 100, 0};
    s = calc_failed_share(one_of_ten, 10, 90); /* 2.5 -> 3, nearest 4 */
    assert_int_equal(s.average, 3);
    assert_int_equal(s.effect, EFFECT_LARGELY);
}

static void test_rcsa_calc_hopex_through_the_steps(void **state) {
    CalcMethod m = method(RESIDUAL_STEPS);
    CalcResult r;
    (void)state;
    m.set_rule = SET_FAILED_SHARE;
    CalcControl three[] = {control(true, ACTS_BOTH, 1, 2), control(false, ACTS_BOTH, 1, 3),
                           control(false, ACTS_BOTH, 4, 1)}; /* 90, 45 and 0 % */
    assert_true(calc_rate(&r, &m, 4, 4, three, 3));
    assert_int_equal(r.all.average, 17);
    assert_int_equal(r.all.effect, EFFECT_INEFFECTIVE);
    assert_int_equal(r.likelihood, 4); /* ineffective: no step */
    assert_int_equal(r.residual_class, r.inherent_class);
}

static void test_rcsa_calc_matrix(void **state) {
    CalcMethod m = method(RESIDUAL_MATRIX);
    CalcResult r;
    (void)state;
    CalcControl good[] = {control(true, ACTS_BOTH, 1, 2)};
    assert_true(calc_rate(&r, &m, 4, 4, good, 1)); /* critical x largely effective = high */
    assert_int_equal(r.inherent_class, 4);
    assert_int_equal(r.all.effect, EFFECT_LARGELY);
    assert_int_equal(r.residual_class, 3);
    assert_int_equal(r.likelihood, 3); /* one step of likelihood leads there: 3 x 4 is high */
    assert_int_equal(r.impact, 4);
    CalcControl impact_only[] = {control(true, ACTS_IMPACT, 1, 1)};
    assert_true(calc_rate(&r, &m, 4, 4, impact_only, 1)); /* critical x effective = medium */
    assert_int_equal(r.residual_class, 2);
    assert_int_equal(r.likelihood, 4);
    assert_int_equal(r.impact, 2);
}

static void test_rcsa_calc_reduction_of_alvarez(void **state) {
    CalcMethod m = method(RESIDUAL_REDUCTION);
    CalcResult r;
    int64_t x;
    (void)state;
    assert_true(calc_exposure(&x, &m, 4, 4));
    assert_int_equal(x, 1000000); /* 10^(4 + 4 - 2) */
    CalcControl two[] = {control(true, ACTS_BOTH, 1, 1), control(false, ACTS_BOTH, 1, 3)};
    assert_true(calc_rate(&r, &m, 4, 4, two, 2));
    assert_int_equal(r.reduced, 6000); /* (0.9 + 0.3) / 2 */
    assert_int_equal(r.exposure, 1000000);
    assert_int_equal(r.exposure_left, INT64_C(4000000000)); /* 400,000 */
    assert_int_equal(r.likelihood, 4); /* 100,000 would be below what is left */
    CalcControl strong[] = {control(true, ACTS_LIKELIHOOD, 1, 1)};
    assert_true(calc_rate(&r, &m, 4, 4, strong, 1));
    assert_int_equal(r.exposure_left, INT64_C(1000000000)); /* exactly 100,000 */
    assert_int_equal(r.likelihood, 3);
    assert_int_equal(r.impact, 4);
    two[0].weight = 3; /* (3 x 0.9 + 0.3) / 4 = 0.75 */
    assert_true(calc_rate(&r, &m, 4, 4, two, 2));
    assert_int_equal(r.reduced, 7500);
    m.base = 2;
    m.severity_factor = 2; /* 2^(2 x 3 + 4 - 2) = 256 */
    assert_true(calc_exposure(&x, &m, 4, 3));
    assert_int_equal(x, 256);
}

static void test_rcsa_calc_no_control_changes_nothing(void **state) {
    static const CalcResidualRule rules[] = {RESIDUAL_MATRIX, RESIDUAL_STEPS, RESIDUAL_REDUCTION};
    (void)state;
    for (size_t k = 0; k < LENGTH(rules); k++)
        for (int l = 1; l <= 5; l++)
            for (int i = 1; i <= 5; i++) {
                CalcMethod m = method(rules[k]);
                CalcResult r;
                assert_true(calc_rate(&r, &m, l, i, NULL, 0));
                assert_int_equal(r.likelihood, l);
                assert_int_equal(r.impact, i);
                assert_int_equal(r.residual_class, r.inherent_class);
                assert_int_equal(r.all.effect, EFFECT_NONE);
            }
}

/* Every method, every place, every control: residual is never above inherent, on no axis. */
static void test_rcsa_calc_residual_never_above_inherent(void **state) {
    (void)state;
    for (int rule = 0; rule < 3; rule++)
        for (int set = 0; set < 3; set++)
            for (int l = 1; l <= 5; l++)
                for (int i = 1; i <= 5; i++)
                    for (int acts = 1; acts <= 3; acts++)
                        for (int d = 1; d <= 5; d++)
                            for (int o = 1; o <= 5; o++) {
                                CalcMethod m = method((CalcResidualRule)rule);
                                CalcResult r;
                                m.set_rule = (CalcSetRule)set;
                                CalcControl x[] = {control(true, acts, d, o),
                                                   control(false, ACTS_BOTH, 1, 1)};
                                assert_true(calc_rate(&r, &m, l, i, x, 2));
                                assert_true(r.likelihood <= l && r.impact <= i);
                                assert_true(r.residual_class <= r.inherent_class);
                                assert_true(r.residual_class >= 1 && r.likelihood >= 1);
                            }
}

static void test_rcsa_calc_set_is_its_weakest_key_control(void **state) {
    CalcMethod m = method(RESIDUAL_STEPS);
    CalcResult r;
    (void)state;
    CalcControl x[] = {control(true, ACTS_BOTH, 1, 1), control(true, ACTS_BOTH, 2, 3),
                       control(false, ACTS_BOTH, 4, 4)};
    assert_true(calc_rate(&r, &m, 5, 5, x, 3));
    assert_int_equal(r.all.effect, EFFECT_PARTLY); /* the weak one is no key control */
    assert_int_equal(r.all.weakest, 1);
    x[0].is_key = x[1].is_key = false;
    assert_true(calc_rate(&r, &m, 5, 5, x, 3));
    assert_int_equal(r.all.effect, EFFECT_INEFFECTIVE); /* no key control: the weakest of all */
    m.set_rule = SET_WEIGHTED;                          /* (1 + 3 + 4) / 3 = 2.67, to the weaker */
    assert_true(calc_rate(&r, &m, 5, 5, x, 3));
    assert_int_equal(r.all.effect, EFFECT_PARTLY);
}

static void test_rcsa_calc_each_axis_has_its_own_set(void **state) {
    CalcMethod m = method(RESIDUAL_STEPS);
    CalcResult r;
    (void)state;
    CalcControl x[] = {control(true, ACTS_LIKELIHOOD, 1, 1), control(true, ACTS_IMPACT, 2, 2)};
    assert_true(calc_rate(&r, &m, 5, 5, x, 2));
    assert_int_equal(r.likelihood, 3); /* effective: two steps */
    assert_int_equal(r.impact, 4);     /* largely: one */
    assert_int_equal(r.all.effect, EFFECT_LARGELY);
}

static void test_rcsa_calc_tests_and_doubt_cap_a_control(void **state) {
    CalcMethod m = method(RESIDUAL_STEPS);
    CalcReason why;
    (void)state;
    CalcControl x = control(true, ACTS_BOTH, 1, 1);
    assert_int_equal(calc_control(&m, &x, &why), EFFECT_EFFECTIVE);
    x.test_overdue = true;
    assert_int_equal(calc_control(&m, &x, &why), EFFECT_PARTLY);
    assert_int_equal(why, REASON_OVERDUE);
    x.test_failed = true;
    assert_int_equal(calc_control(&m, &x, &why), EFFECT_INEFFECTIVE);
    assert_int_equal(why, REASON_FAILED);
    x = control(true, ACTS_BOTH, 1, RATING_NOT_TESTABLE);
    assert_int_equal(calc_control(&m, &x, &why), EFFECT_INEFFECTIVE);
    assert_int_equal(why, REASON_NOT_TESTABLE);
    x = control(true, ACTS_BOTH, 2, 1); /* the weaker of design and operation */
    assert_int_equal(calc_control(&m, &x, &why), EFFECT_LARGELY);
    x.operation = 0;
    assert_int_equal(calc_control(&m, &x, &why), EFFECT_UNKNOWN);
    CalcResult r;
    assert_false(calc_rate(&r, &m, 3, 3, &x, 1)); /* not answered yet */
    assert_false(calc_rate(&r, &m, 0, 3, NULL, 0));
    assert_false(calc_rate(&r, &m, 6, 3, NULL, 0));
}

static void test_rcsa_calc_impact_of_dimensions(void **state) {
    CalcMethod m = base_method;
    int levels[CALC_DIMENSIONS] = {2, 4, 0, 1, 3};
    (void)state;
    assert_int_equal(calc_impact(&m, levels), 4);
    m.aggregate = AGGREGATE_WORST_TWO;
    assert_int_equal(calc_impact(&m, levels), 4); /* (4 + 3) / 2, rounded up */
    m.aggregate = AGGREGATE_WEIGHTED;
    assert_int_equal(calc_impact(&m, levels), 3); /* 10 / 4 */
    m.weights[0] = 5;
    assert_int_equal(calc_impact(&m, levels), 3); /* (10 + 4 + 1 + 3) / 8 = 2.25 */
    m.aggregate = AGGREGATE_SUM;
    assert_int_equal(calc_impact(&m, levels), 5); /* 1 + 1 + 3 + 2, at most the top */
    int none[CALC_DIMENSIONS] = {0};
    assert_int_equal(calc_impact(&m, none), 0);
}

static void test_rcsa_calc_levels_of_the_data(void **state) {
    (void)state;
    assert_int_equal(calc_likelihood_of(&base_method, 0, 1), 0);
    assert_int_equal(calc_likelihood_of(&base_method, 1, 10), 2); /* once in ten years */
    assert_int_equal(calc_likelihood_of(&base_method, 1, 2), 3);
    assert_int_equal(calc_likelihood_of(&base_method, 4, 1), 4);
    assert_int_equal(calc_likelihood_of(&base_method, 10, 1), 5);
    assert_int_equal(calc_impact_of(&base_method, 0), 0);
    assert_int_equal(calc_impact_of(&base_method, 4999999), 1);
    assert_int_equal(calc_impact_of(&base_method, 5000000), 2);
    assert_int_equal(calc_impact_of(&base_method, INT64_C(9000000000)), 5);
}

static void test_rcsa_calc_methods_that_contradict_themselves(void **state) {
    CalcMethod m = method(RESIDUAL_MATRIX);
    (void)state;
    assert_int_equal(calc_check(&m), FAULT_NONE);
    m.matrix[1][1] = 0;
    assert_int_equal(calc_check(&m), FAULT_MATRIX);
    m = method(RESIDUAL_MATRIX);
    m.matrix[4][0] = 1;
    m.matrix[3][0] = 2;
    assert_int_equal(calc_check(&m), FAULT_MATRIX_ORDER);
    m = method(RESIDUAL_MATRIX);
    m.residual[1][EFFECT_INEFFECTIVE] = 3; /* above inherent */
    assert_int_equal(calc_check(&m), FAULT_RESIDUAL_ABOVE);
    m = method(RESIDUAL_MATRIX);
    m.residual[2][EFFECT_EFFECTIVE] = 3;
    assert_int_equal(calc_check(&m), FAULT_RESIDUAL_ORDER);
    m = method(RESIDUAL_STEPS);
    m.steps_likelihood[EFFECT_NONE] = 1;
    assert_int_equal(calc_check(&m), FAULT_STEPS);
    m = method(RESIDUAL_REDUCTION);
    m.reduction[EFFECT_LARGELY] = 9500;
    assert_int_equal(calc_check(&m), FAULT_REDUCTION);
    m = method(RESIDUAL_REDUCTION);
    m.severity_factor = m.frequency_factor = 3;
    assert_int_equal(calc_check(&m), FAULT_EXPOSURE);
    m = method(RESIDUAL_STEPS);
    m.per_year[3] = m.per_year[2];
    assert_int_equal(calc_check(&m), FAULT_RANGES);
    m = method(RESIDUAL_STEPS);
    m.control[0][0] = 3;
    assert_int_equal(calc_check(&m), FAULT_CONTROL_ORDER);
    m.n_impact = 6;
    assert_int_equal(calc_check(&m), FAULT_SCALE);
}

/* ---- contradictions ---- */

static const CalcRuleSetting all_on[RULE_COUNT] = {
    {true, 3, 20000000}, {true, 2, 0}, {true, 0, 0}, {true, 0, 0}, {true, 0, 0},
    {true, 1, 0},        {true, 1, 0}, {true, 1, 0}, {true, 1, 0}, {true, 2, 0}};

typedef struct Case {
    CalcFacts facts;
    int likelihood, impact, residual_class;
    bool is_gone, failed, overdue;
    const char *expected; /* letters of the rules, A the first */
} Case;
static void test_rcsa_calc_contradictions_on_a_fixture(void **state) {
    static const Case cases[] = {
        {{0}, 2, 2, 1, false, false, false, ""},
        {{.losses = 4, .gross = 31000000, .largest = 12000000}, 4, 2, 1, false, false, false, "A"},
        {{.losses = 1, .gross = 31000000, .largest = 31000000}, 4, 2, 1, false, false, false, "A"},
        {{.losses = 4, .gross = 31000000, .largest = 12000000},
         2,
         1,
         1,
         false,
         false,
         false,
         "ABC"},
        {{.losses = 1, .gross = 100, .largest = 100}, 1, 1, 1, false, false, false, ""},
        {{.losses = 4, .gross = 31000000}, 4, 2, 2, false, false, false, ""},
        {{0}, 3, 3, 2, false, true, false, "D"},
        {{0}, 3, 3, 2, false, true, true, "D"}, /* failed says more than overdue */
        {{0}, 3, 3, 2, false, false, true, "E"},
        {{.overdue_actions = 1, .red_indicators = 2}, 2, 1, 1, false, false, false, "FG"},
        {{.losses_since = 1, .previous_class = 3}, 3, 3, 2, false, false, false, "H"},
        {{.losses_since = 1, .previous_class = 2}, 3, 3, 2, false, false, false, ""},
        {{.losses = 1, .gross = 500}, 1, 1, 1, true, false, false, "I"},
        {{.near_misses = 2}, 1, 3, 1, false, false, false, "J"},
        {{.near_misses = 2}, 2, 3, 1, false, false, false, ""}};
    (void)state;
    for (size_t k = 0; k < LENGTH(cases); k++) {
        const Case *x = &cases[k];
        CalcFinding found[RULE_COUNT];
        CalcControl one = control(true, ACTS_BOTH, 1, 1);
        char letters[RULE_COUNT + 1] = {0};
        one.test_failed = x->failed;
        one.test_overdue = x->overdue;
        CalcOpinion o = {.is_gone = x->is_gone,
                         .likelihood = x->likelihood,
                         .impact = x->impact,
                         .residual_class = x->residual_class,
                         .controls = &one,
                         .n = 1};
        size_t n = calc_contradictions(found, &base_method, all_on, &x->facts, &o);
        for (size_t i = 0; i < n; i++) letters[i] = (char)('A' + found[i].rule);
        assert_string_equal(letters, x->expected);
    }
}

static void test_rcsa_calc_contradictions_carry_their_evidence(void **state) {
    CalcFinding found[RULE_COUNT];
    CalcFacts facts = {.losses = 4, .gross = 31000000, .largest = 12000000};
    CalcOpinion o = {.likelihood = 4, .impact = 2, .residual_class = 1};
    CalcRuleSetting off[RULE_COUNT] = {{false, 0, 0}};
    (void)state;
    assert_int_equal(calc_contradictions(found, &base_method, all_on, &facts, &o), 1);
    assert_int_equal(found[0].count, 4);
    assert_int_equal(found[0].amount, 31000000);
    assert_int_equal(calc_contradictions(found, &base_method, off, &facts, &o), 0);
}

static void test_rcsa_calc_position_against_the_appetite(void **state) {
    (void)state;
    assert_int_equal(calc_position(1, 1, 2, 3), POSITION_WITHIN);
    assert_int_equal(calc_position(2, 1, 2, 3), POSITION_ABOVE_APPETITE);
    assert_int_equal(calc_position(3, 1, 2, 3), POSITION_ABOVE_TOLERANCE);
    assert_int_equal(calc_position(4, 1, 2, 3), POSITION_ABOVE_CAPACITY);
    assert_int_equal(calc_position(4, 1, 2, -1), POSITION_ABOVE_TOLERANCE);
}

/* The thirty risks of the demonstration bank: gross to net, with largely effective controls on the
 * axes on which they act. */
static void test_rcsa_calc_demo_bank_gross_to_net(void **state) {
    static const int rows[][4] = {
        {5, 2, 4, 1}, {4, 1, 3, 1}, {5, 2, 4, 1}, {2, 4, 2, 3}, {5, 3, 4, 2}, {4, 3, 3, 2},
        {4, 3, 3, 3}, {5, 3, 4, 2}, {4, 4, 3, 4}, {5, 3, 4, 2}, {5, 3, 5, 2}, {5, 3, 4, 2},
        {3, 4, 2, 4}, {2, 5, 1, 5}, {2, 5, 1, 4}, {4, 3, 3, 3}, {2, 3, 1, 3}, {3, 4, 2, 3},
        {3, 4, 3, 3}, {2, 4, 2, 3}, {4, 3, 3, 2}, {3, 4, 2, 4}, {2, 5, 1, 4}, {2, 3, 2, 2},
        {4, 3, 4, 2}, {3, 4, 3, 3}, {4, 4, 3, 3}, {4, 4, 3, 3}, {3, 5, 2, 5}, {3, 3, 3, 2}};
    (void)state;
    assert_int_equal(LENGTH(rows), 30);
    for (size_t k = 0; k < LENGTH(rows); k++) {
        CalcMethod m = method(RESIDUAL_STEPS);
        CalcResult r;
        int acts = (rows[k][2] < rows[k][0] ? ACTS_LIKELIHOOD : 0) |
                   (rows[k][3] < rows[k][1] ? ACTS_IMPACT : 0);
        CalcControl x[] = {control(true, acts, 1, 2), control(false, acts, 1, 2)};
        assert_true(calc_rate(&r, &m, rows[k][0], rows[k][1], x, 2));
        assert_int_equal(r.likelihood, rows[k][2]);
        assert_int_equal(r.impact, rows[k][3]);
    }
}
