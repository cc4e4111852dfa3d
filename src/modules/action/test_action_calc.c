/* test_action_calc.c: the arithmetic of the module, value by value. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "modules/action/action_calc.h"

static void test_action_calc_ages(void **state) {
    (void)state;
    const struct {
        int64_t days;
        int age;
    } rows[] = {{-5, -1}, {0, -1}, {1, 0},   {29, 0},  {30, 1},
                {90, 1},  {91, 2}, {180, 2}, {181, 3}, {9999, 3}};
    for (size_t i = 0; i < LENGTH(rows); i++)
        assert_int_equal(action_calc_age(rows[i].days), rows[i].age);
    assert_int_equal(action_calc_score(4, 181), 16);
    assert_int_equal(action_calc_score(2, 30), 4);
    assert_int_equal(action_calc_score(4, 0), 0);
    assert_int_equal(action_calc_score(0, 50), 0);
}

static void test_action_calc_rating(void **state) {
    (void)state;
    assert_int_equal(action_calc_rating(1, 1, S("")), 1);
    assert_int_equal(action_calc_rating(5, 5, S("")), 4);
    assert_int_equal(action_calc_rating(4, 3, S("")), 3);
    assert_int_equal(action_calc_rating(0, 3, S("")), 0);
    assert_int_equal(action_calc_rating(3, 6, S("")), 0);
    /* Never lower for more. */
    for (int l = 1; l <= 5; l++)
        for (int i = 1; i < 5; i++) {
            assert_true(action_calc_rating(l, i + 1, S("")) >= action_calc_rating(l, i, S("")));
            assert_true(action_calc_rating(i + 1, l, S("")) >= action_calc_rating(i, l, S("")));
        }
    assert_int_equal(action_calc_rating(1, 2, S("1411111111111111111111111")), 4);
    assert_int_equal(action_calc_rating(1, 2, S("1911111111111111111111111")), 1); /* not one */
    assert_int_equal(action_calc_rating(1, 2, S("14")), 1);
}

static void test_action_calc_levels(void **state) {
    (void)state;
    assert_int_equal(action_calc_extension_level(1, 1, false, false), LEVEL_UNIT);
    assert_int_equal(action_calc_extension_level(2, 2, false, false), LEVEL_ORM);
    assert_int_equal(action_calc_extension_level(1, 3, false, false), LEVEL_ORM);
    assert_int_equal(action_calc_extension_level(2, 4, false, false), LEVEL_COMMITTEE);
    assert_int_equal(action_calc_extension_level(9, 1, false, false), LEVEL_COMMITTEE);
    assert_int_equal(action_calc_extension_level(1, 1, true, false), LEVEL_HEAD);
    assert_int_equal(action_calc_extension_level(1, 1, false, true), LEVEL_ORM);
    assert_int_equal(action_calc_acceptance_level(1, 0, 500, 900, false, false), LEVEL_UNIT);
    assert_int_equal(action_calc_acceptance_level(1, 500, 500, 900, false, false), LEVEL_HEAD);
    assert_int_equal(action_calc_acceptance_level(1, 900, 500, 900, false, false), LEVEL_COMMITTEE);
    assert_int_equal(action_calc_acceptance_level(4, 0, 0, 0, false, false), LEVEL_COMMITTEE);
    assert_int_equal(action_calc_acceptance_level(0, 0, 0, 0, false, false), LEVEL_ORM);
    assert_int_equal(action_calc_acceptance_level(2, 0, 0, 0, true, false), LEVEL_HEAD);
}

static void test_action_calc_stages(void **state) {
    static const struct {
        int64_t days;
        int stage; /* 99: none yet */
    } rows[] = {{31, 99}, {30, 30}, {8, 30},  {7, 7},    {2, 7},     {1, 1},     {0, 0},
                {-1, -1}, {-6, -1}, {-7, -7}, {-29, -7}, {-30, -30}, {-400, -30}};
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        int stage = 99;
        bool found = action_calc_stage(&stage, action_calc_due_stages, rows[i].days);
        assert_int_equal(found, rows[i].stage != 99);
        assert_int_equal(stage, rows[i].stage);
    }
}

static void test_action_calc_timing(void **state) {
    (void)state;
    assert_int_equal(action_calc_timing(10, 10, 10), TIMING_ON_TIME);
    assert_int_equal(action_calc_timing(11, 10, 20), TIMING_EXTENDED);
    assert_int_equal(action_calc_timing(21, 10, 20), TIMING_LATE);
}

static void test_action_calc_benefit(void **state) {
    (void)state;
    assert_int_equal(action_calc_benefit(100000, 5000, 0), 50000);
    assert_int_equal(action_calc_benefit(100000, 5000, 5000), 75000);
    assert_int_equal(action_calc_benefit(100000, 0, 0), 0);
    assert_int_equal(action_calc_benefit(100000, 10000, 3000), 100000);
    assert_int_equal(action_calc_benefit(0, 5000, 0), 0);
    assert_int_equal(action_calc_benefit(-5, 5000, 0), 0);
    assert_int_equal(action_calc_benefit(INT64_C(100000000000000), 10000, 10000),
                     INT64_C(100000000000000));
    assert_int_equal(action_calc_payback(1000, 100, 600), 20);
    assert_int_equal(action_calc_payback(1000, 100, 100), -1);
    assert_int_equal(action_calc_payback(0, 0, 5), 0);
}
