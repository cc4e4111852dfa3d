/* test_rng.c: the generator's known first values, bounds and moments. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>

#include "calc/rng.h"

static void test_rng_xoshiro_reference(void **state) {
    /* first outputs of xoshiro256++ with the state {1, 2, 3, 4}, as published with the algorithm */
    Rng r = {.s = {1, 2, 3, 4}};
    (void)state;
    assert_true(rng_next(&r) == UINT64_C(41943041));
    assert_true(rng_next(&r) == UINT64_C(58720359));
    assert_true(rng_next(&r) == UINT64_C(3588806011781223));
    assert_true(rng_next(&r) == UINT64_C(3591011842654386));
}

static void test_rng_same_seed_same_numbers(void **state) {
    Rng a = rng_new(7), b = rng_new(7), other = rng_new(8);
    (void)state;
    bool differs = false;
    for (int i = 0; i < 1000; i++) {
        uint64_t x = rng_next(&a);
        assert_true(x == rng_next(&b));
        differs = differs || x != rng_next(&other);
    }
    assert_true(differs);
}

static void test_rng_moments(void **state) {
    Rng r = rng_new(1);
    double sum = 0, squares = 0, poisson = 0;
    const int n = 200000;
    (void)state;
    for (int i = 0; i < n; i++) {
        double x = rng_normal(&r);
        sum += x;
        squares += x * x;
        int64_t below = rng_below(&r, 7);
        assert_true(below >= 0 && below < 7);
        if (i < 20000) poisson += (double)rng_poisson(&r, 45.5);
    }
    assert_true(fabs(sum / n) < 0.01);
    assert_true(fabs(squares / n - 1) < 0.02);
    assert_true(fabs(poisson / 20000 - 45.5) < 0.3);
}
