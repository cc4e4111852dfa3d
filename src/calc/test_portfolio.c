/* test_portfolio.c: the best set equals that of trying all for up to 15 items with every kind of
 * rule; larger ones are exact or say how far they may be off. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "calc/portfolio.h"
#include "calc/rng.h"

enum { MOST = 120 };
typedef struct Case {
    Portfolio p;
    PortfolioItem items[MOST];
    PortfolioPair needs[MOST], excludes[MOST];
    int64_t caps[8];
} Case;

static void make(Case *x, Rng *r, size_t n, int rules) {
    *x = (Case){.p = {.n = n, .days = -1}};
    int64_t cost = 0, days = 0, benefit = 0;
    x->p.items = x->items;
    x->p.needs = x->needs;
    x->p.excludes = x->excludes;
    x->p.caps = x->caps;
    for (size_t i = 0; i < n; i++) {
        PortfolioItem *it = &x->items[i];
        *it = (PortfolioItem){.cost = rng_below(r, 100000), .days = rng_below(r, 60), .group = -1};
        it->benefit = rng_chance(r, 10) ? 0 : rng_below(r, 300000);
        if (rules & 4) it->group = (int)rng_below(r, 5) - 1;
        if (rng_chance(r, 5)) it->cost = 0;
        cost += it->cost;
        days += it->days;
        benefit += it->benefit;
    }
    x->p.budget = cost * rng_below(r, 80) / 100;
    if (rules & 1) x->p.days = days * rng_below(r, 90) / 100;
    /* a needs only what stands before it: no cycle */
    for (size_t i = 1; (rules & 2) && i < n; i++)
        if (rng_chance(r, 35))
            x->needs[x->p.n_needs++] = (PortfolioPair){(int)i, (int)rng_below(r, (int64_t)i)};
    for (size_t i = 1; (rules & 2) && i < n; i++)
        if (rng_chance(r, 15))
            x->excludes[x->p.n_excludes++] = (PortfolioPair){(int)i, (int)rng_below(r, (int64_t)i)};
    if (rules & 4) x->p.n_caps = 4;
    for (size_t g = 0; g < x->p.n_caps; g++)
        x->caps[g] = rng_chance(r, 20) ? -1 : rng_below(r, benefit / 4 + 1);
}

/* All sets, one after the other. */
static int64_t brute(const Portfolio *p) {
    bool set[16];
    int64_t best = -1;
    for (uint32_t bits = 0; bits < UINT32_C(1) << p->n; bits++) {
        for (size_t i = 0; i < p->n; i++) set[i] = (bits >> i) & 1u;
        if (!portfolio_fits(p, set)) continue;
        int64_t benefit = portfolio_benefit(p, set);
        if (benefit > best) best = benefit;
    }
    return best;
}

static void test_portfolio_equals_brute_force(void **state) {
    (void)state;
    Rng r = rng_new(15);
    for (int k = 0; k < 160; k++) {
        Case x;
        PortfolioPlan plan;
        Arena *a = arena_new(0);
        make(&x, &r, k < 120 ? 4 + (size_t)rng_below(&r, 8) : 15, k % 8);
        if (rng_chance(&r, 20)) x.items[0].must = true;
        int64_t best = brute(&x.p);
        bool solved = portfolio_solve(&plan, a, &x.p, 1000000, NULL);
        assert_int_equal(solved, best >= 0);
        if (solved) {
            assert_int_equal(plan.benefit, best);
            assert_true(plan.is_exact && plan.bound == best);
            assert_true(portfolio_fits(&x.p, plan.chosen));
            assert_int_equal(portfolio_benefit(&x.p, plan.chosen), best);
        }
        arena_free(a);
    }
}

static void test_portfolio_larger_ones_are_exact(void **state) {
    (void)state;
    Rng r = rng_new(77);
    int64_t most = 0;
    for (int k = 0; k < 16; k++) {
        Case x;
        PortfolioPlan plan;
        Arena *a = arena_new(0);
        make(&x, &r, 40, k % 8);
        assert_true(portfolio_solve(&plan, a, &x.p, 200000, NULL));
        assert_true(plan.is_exact);
        if (plan.nodes > most) most = plan.nodes;
        arena_free(a);
    }
    print_message("at most %lld nodes for 40 items\n", (long long)most);
}

static void test_portfolio_bound_is_honest_when_it_stops(void **state) {
    (void)state;
    Rng r = rng_new(5);
    for (int k = 0; k < 24; k++) {
        Case x;
        PortfolioPlan early, whole;
        Arena *a = arena_new(0);
        make(&x, &r, 24, 3 + 4 * (k % 2));
        assert_true(portfolio_solve(&whole, a, &x.p, 1000000, NULL));
        assert_true(whole.is_exact);
        assert_true(portfolio_solve(&early, a, &x.p, 1 + k % 3, NULL));
        assert_true(early.benefit <= whole.benefit && early.bound >= whole.benefit);
        assert_true(portfolio_fits(&x.p, early.chosen));
        /* Begun with the best set it is never worse. */
        assert_true(portfolio_solve(&early, a, &x.p, 1, whole.chosen));
        assert_int_equal(early.benefit, whole.benefit);
        arena_free(a);
    }
}

/* A cheap way to a dear one; what is not used is not taken. */
static void test_portfolio_prerequisites_and_caps(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    PortfolioPlan plan;
    PortfolioItem items[] = {{10, 0, 0, -1, false},   /* 0: opens the way to 1 */
                             {10, 0, 100, -1, false}, /* 1 */
                             {15, 0, 90, -1, false},  /* 2: alone nearly as good */
                             {1, 0, 50, 0, false},    /* 3, 4: the same loss */
                             {1, 0, 50, 0, false}};
    PortfolioPair needs[] = {{1, 0}}, excludes[] = {{1, 2}};
    int64_t caps[] = {60};
    Portfolio p = {.items = items, .n = 5, .needs = needs, .n_needs = 1, .excludes = excludes};
    p.n_excludes = 1;
    p.caps = caps;
    p.n_caps = 1;
    p.days = -1;
    p.budget = 22;
    assert_true(portfolio_solve(&plan, a, &p, 1000, NULL));
    assert_int_equal(plan.benefit, 160);
    assert_true(plan.chosen[0] && plan.chosen[1] && !plan.chosen[2] && plan.chosen[3]);
    p.budget = 16;
    assert_true(portfolio_solve(&plan, a, &p, 1000, NULL));
    assert_int_equal(plan.benefit, 140);
    assert_true(!plan.chosen[0] && plan.chosen[2]);
    p.budget = 9;
    assert_true(portfolio_solve(&plan, a, &p, 1000, NULL));
    assert_int_equal(plan.benefit, 60);
    assert_int_equal(plan.cost, 2);
    arena_free(a);
}

static void test_portfolio_refuses_nonsense(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    PortfolioPlan plan;
    PortfolioItem items[] = {{10, 0, 5, -1, true}, {5, 0, 5, -1, true}};
    PortfolioPair pair[] = {{0, 1}};
    Portfolio p = {.items = items, .n = 2, .budget = 12, .days = -1};
    assert_false(portfolio_solve(&plan, a, &p, 10, NULL)); /* must be done, cannot be paid */
    p.budget = 20;
    assert_true(portfolio_solve(&plan, a, &p, 10, NULL));
    p.excludes = pair;
    p.n_excludes = 1;
    assert_false(portfolio_solve(&plan, a, &p, 10, NULL));
    p.n_excludes = 0;
    pair[0].b = 2;
    p.needs = pair;
    p.n_needs = 1;
    assert_false(portfolio_solve(&plan, a, &p, 10, NULL));
    p.n_needs = 0;
    items[0].cost = -1;
    assert_false(portfolio_solve(&plan, a, &p, 10, NULL));
    items[0].cost = INT64_MAX;
    assert_false(portfolio_solve(&plan, a, &p, 10, NULL));
    p.n = 0;
    assert_true(portfolio_solve(&plan, a, &p, 10, NULL));
    assert_int_equal(plan.benefit, 0);
    arena_free(a);
}
