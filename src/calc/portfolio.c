/* portfolio.c: see portfolio.h. Depth-first; at each node the relaxation of all side constraints is
 * improved by a few steps along the subgradient, items whose choice is decided by it are fixed, and
 * what a choice implies is fixed with it. Doubles only bound; sets are compared in whole units.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "calc/portfolio.h"

#include <math.h>
#include <stdlib.h>

enum { FREE = 0, IN = 1, OUT = 2, ROOT_STEPS = 300, NODE_STEPS = 12, MOST_GROUPS = PORTFOLIO_MOST };

/* One multiplier a relaxed constraint. Amounts are scaled so that all benefits add up to 1, costs
 * are shares of the budget, days shares of the limit. */
typedef struct Prices {
    double money, days;
    double *needs, *excludes, *caps;
} Prices;

typedef struct Solver {
    const Portfolio *p;
    double *benefit, *cost, *days, *cap; /* scaled */
    double unit;                         /* minor units of one scaled benefit */
    unsigned char *state;
    int *trail;
    size_t n_trail;
    int64_t cost_in, days_in;
    Prices now, best_prices;
    double *value; /* reduced value of an item under the prices */
    bool *picked;  /* of the relaxation */
    double size;   /* of the terms of the last bound: what its rounding error is measured by */
    bool *trial, *chosen;
    int *order;
    int64_t best;
    bool has_plan;
    double open_bound; /* over what was left unexplored */
    int64_t nodes, most_nodes;
    bool stopped;
} Solver;

/* ---- whole units ---- */

int64_t portfolio_benefit(const Portfolio *p, const bool *chosen) {
    int64_t sum = 0, groups[MOST_GROUPS] = {0};
    for (size_t i = 0; i < p->n; i++) {
        if (!chosen[i]) continue;
        if (p->items[i].group < 0 || p->caps[p->items[i].group] < 0)
            sum += p->items[i].benefit;
        else
            groups[p->items[i].group] += p->items[i].benefit;
    }
    for (size_t g = 0; g < p->n_caps; g++)
        sum += groups[g] < p->caps[g] ? groups[g] : p->caps[g] < 0 ? 0 : p->caps[g];
    return sum;
}

static void totals(const Portfolio *p, const bool *chosen, int64_t *cost, int64_t *days) {
    *cost = *days = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (!chosen[i]) continue;
        *cost += p->items[i].cost;
        *days += p->items[i].days;
    }
}

bool portfolio_fits(const Portfolio *p, const bool *chosen) {
    int64_t cost, days;
    totals(p, chosen, &cost, &days);
    if (cost > p->budget || (p->days >= 0 && days > p->days)) return false;
    for (size_t e = 0; e < p->n_needs; e++)
        if (chosen[p->needs[e].a] && !chosen[p->needs[e].b]) return false;
    for (size_t e = 0; e < p->n_excludes; e++)
        if (chosen[p->excludes[e].a] && chosen[p->excludes[e].b]) return false;
    for (size_t i = 0; i < p->n; i++)
        if (p->items[i].must && !chosen[i]) return false;
    return true;
}

static bool pairs_are_valid(const PortfolioPair *pairs, size_t n, size_t n_items) {
    for (size_t e = 0; e < n; e++)
        if (pairs[e].a < 0 || pairs[e].b < 0 || (size_t)pairs[e].a >= n_items ||
            (size_t)pairs[e].b >= n_items)
            return false;
    return true;
}

static bool is_valid(const Portfolio *p) {
    int64_t cost = 0, days = 0, benefit = 0;
    if (p->n > PORTFOLIO_MOST || p->n_caps > MOST_GROUPS || p->budget < 0) return false;
    for (size_t i = 0; i < p->n; i++) {
        const PortfolioItem *x = &p->items[i];
        if (x->cost < 0 || x->days < 0 || x->benefit < 0 || x->group >= (int)p->n_caps)
            return false;
        if (add_overflows(cost, x->cost, &cost) || add_overflows(days, x->days, &days) ||
            add_overflows(benefit, x->benefit, &benefit))
            return false;
    }
    return benefit < INT64_MAX / 8 && pairs_are_valid(p->needs, p->n_needs, p->n) &&
           pairs_are_valid(p->excludes, p->n_excludes, p->n);
}

/* ---- fixing an item, and what follows ---- */

static bool fix(Solver *s, int item, unsigned char to) {
    const Portfolio *p = s->p;
    if (s->state[item] != FREE) return s->state[item] == to;
    s->state[item] = to;
    s->trail[s->n_trail++] = item;
    if (to == IN) {
        s->cost_in += p->items[item].cost;
        s->days_in += p->items[item].days;
        if (s->cost_in > p->budget || (p->days >= 0 && s->days_in > p->days)) return false;
    }
    for (size_t e = 0; e < p->n_needs; e++) {
        if (to == IN && p->needs[e].a == item && !fix(s, p->needs[e].b, IN)) return false;
        if (to == OUT && p->needs[e].b == item && !fix(s, p->needs[e].a, OUT)) return false;
    }
    for (size_t e = 0; to == IN && e < p->n_excludes; e++) {
        if (p->excludes[e].a == item && !fix(s, p->excludes[e].b, OUT)) return false;
        if (p->excludes[e].b == item && !fix(s, p->excludes[e].a, OUT)) return false;
    }
    return true;
}

static void undo(Solver *s, size_t to) {
    while (s->n_trail > to) {
        int item = s->trail[--s->n_trail];
        if (s->state[item] == IN) {
            s->cost_in -= s->p->items[item].cost;
            s->days_in -= s->p->items[item].days;
        }
        s->state[item] = FREE;
    }
}

static bool drop_unaffordable(Solver *s) {
    const Portfolio *p = s->p;
    for (size_t i = 0; i < p->n; i++) {
        if (s->state[i] != FREE) continue;
        bool too_dear = p->items[i].cost > p->budget - s->cost_in ||
                        (p->days >= 0 && p->items[i].days > p->days - s->days_in);
        if (too_dear && !fix(s, (int)i, OUT)) return false;
    }
    return true;
}

/* ---- the relaxation ---- */

static double share_of(const Solver *s, size_t i) {
    int g = s->p->items[i].group;
    return g >= 0 && s->p->caps[g] >= 0 ? s->now.caps[g] : 1;
}

/* The most that the relaxed problem gives under the prices: a bound for every set below the node.
 */
static double relaxed(Solver *s) {
    const Portfolio *p = s->p;
    double sum = s->now.money + (p->days >= 0 ? s->now.days : 0);
    s->size = 1 + sum;
    for (size_t i = 0; i < p->n; i++) {
        double price = s->now.money * s->cost[i] + s->now.days * s->days[i];
        s->value[i] = share_of(s, i) * s->benefit[i] - price;
        if (s->state[i] != OUT) s->size += s->benefit[i] + price;
    }
    for (size_t e = 0; e < p->n_needs; e++) {
        s->value[p->needs[e].a] -= s->now.needs[e];
        s->value[p->needs[e].b] += s->now.needs[e];
        s->size += 2 * s->now.needs[e];
    }
    for (size_t e = 0; e < p->n_excludes; e++) {
        s->value[p->excludes[e].a] -= s->now.excludes[e];
        s->value[p->excludes[e].b] -= s->now.excludes[e];
        sum += s->now.excludes[e];
        s->size += 3 * s->now.excludes[e];
    }
    for (size_t g = 0; g < p->n_caps; g++)
        if (p->caps[g] >= 0) sum += (1 - s->now.caps[g]) * s->cap[g];
    for (size_t i = 0; i < p->n; i++) {
        s->picked[i] = s->state[i] == IN || (s->state[i] == FREE && s->value[i] > 0);
        if (s->picked[i]) sum += s->value[i];
    }
    return sum;
}

static double clamp(double x, double most) {
    return x < 0 ? 0 : x > most ? most : x;
}

typedef struct Slack {
    double money, days, square;
    double *caps;
} Slack;

static void slack_of(Slack *out, const Solver *s, double *caps) {
    const Portfolio *p = s->p;
    *out = (Slack){.money = 1, .days = p->days >= 0 ? 1 : 0, .caps = caps};
    for (size_t g = 0; g < p->n_caps; g++) caps[g] = p->caps[g] >= 0 ? -s->cap[g] : 0;
    for (size_t i = 0; i < p->n; i++) {
        if (!s->picked[i]) continue;
        out->money -= s->cost[i];
        if (p->days >= 0) out->days -= s->days[i];
        int g = p->items[i].group;
        if (g >= 0 && p->caps[g] >= 0) caps[g] += s->benefit[i];
    }
    out->square = out->money * out->money + out->days * out->days;
    for (size_t g = 0; g < p->n_caps; g++) out->square += caps[g] * caps[g];
    for (size_t e = 0; e < p->n_needs; e++) {
        double d = (double)s->picked[p->needs[e].b] - (double)s->picked[p->needs[e].a];
        out->square += d * d;
    }
    for (size_t e = 0; e < p->n_excludes; e++) {
        double d = 1 - (double)s->picked[p->excludes[e].a] - (double)s->picked[p->excludes[e].b];
        out->square += d * d;
    }
}

/* One step of the prices against the slack of the constraints (Polyak's length). */
static bool step(Solver *s, double gap, double length, double *caps) {
    const Portfolio *p = s->p;
    Slack d;
    slack_of(&d, s, caps);
    if (d.square < 1e-18) return false;
    double t = length * gap / d.square;
    s->now.money = clamp(s->now.money - t * d.money, 1e9);
    if (p->days >= 0) s->now.days = clamp(s->now.days - t * d.days, 1e9);
    for (size_t g = 0; g < p->n_caps; g++) s->now.caps[g] = clamp(s->now.caps[g] - t * caps[g], 1);
    for (size_t e = 0; e < p->n_needs; e++) {
        double x = (double)s->picked[p->needs[e].b] - (double)s->picked[p->needs[e].a];
        s->now.needs[e] = clamp(s->now.needs[e] - t * x, 1e9);
    }
    for (size_t e = 0; e < p->n_excludes; e++) {
        double x = 1 - (double)s->picked[p->excludes[e].a] - (double)s->picked[p->excludes[e].b];
        s->now.excludes[e] = clamp(s->now.excludes[e] - t * x, 1e9);
    }
    return true;
}

static void prices_copy(Prices *to, const Prices *from, const Portfolio *p) {
    to->money = from->money;
    to->days = from->days;
    memcpy(to->needs, from->needs, p->n_needs * sizeof *to->needs);
    memcpy(to->excludes, from->excludes, p->n_excludes * sizeof *to->excludes);
    memcpy(to->caps, from->caps, p->n_caps * sizeof *to->caps);
}

/* In scaled benefit: what rounding may hide, so that no better set is ever cut off. */
static double tolerance(const Solver *s) {
    return 2e-14 * s->size + 0.25 / s->unit;
}

static bool cannot_beat(const Solver *s, double bound) {
    return s->has_plan && (bound + tolerance(s)) * s->unit < (double)s->best + 1;
}

/* Improves the prices and leaves the best of them in force; the least bound found. */
static double bound_of(Solver *s, int steps) {
    double caps[MOST_GROUPS], least = relaxed(s), length = 1.2;
    int since = 0;
    prices_copy(&s->best_prices, &s->now, s->p);
    for (int k = 0; k < steps && !cannot_beat(s, least); k++) {
        double goal = s->has_plan ? (double)s->best / s->unit : 0;
        double gap = least - goal + 1e-6;
        if (!step(s, gap, length, caps)) break;
        double now = relaxed(s);
        if (now < least - 1e-12) {
            least = now;
            prices_copy(&s->best_prices, &s->now, s->p);
            since = 0;
        } else if (++since >= 8) {
            since = 0;
            length *= 0.6;
        }
    }
    prices_copy(&s->now, &s->best_prices, s->p);
    return relaxed(s);
}

/* ---- sets ---- */

static void keep_if_better(Solver *s, const bool *set) {
    int64_t benefit = portfolio_benefit(s->p, set);
    if (s->has_plan && benefit <= s->best) return;
    if (!portfolio_fits(s->p, set)) return;
    s->best = benefit;
    s->has_plan = true;
    memcpy(s->chosen, set, s->p->n * sizeof *set);
}

/* Takes items in the order of their reduced value, each with what it needs, while they fit. */
static void greedy(Solver *s) {
    const Portfolio *p = s->p;
    size_t n = 0, mark = s->n_trail;
    for (size_t i = 0; i < p->n; i++) {
        if (s->state[i] != FREE) continue;
        size_t at = n++;
        for (; at > 0 && s->value[s->order[at - 1]] < s->value[i]; at--)
            s->order[at] = s->order[at - 1];
        s->order[at] = (int)i;
    }
    for (size_t k = 0; k < n; k++) {
        size_t before = s->n_trail;
        if (s->state[s->order[k]] != FREE || p->items[s->order[k]].benefit == 0) continue;
        if (!fix(s, s->order[k], IN)) undo(s, before);
    }
    for (size_t i = 0; i < p->n; i++) s->trial[i] = s->state[i] == IN;
    undo(s, mark);
    keep_if_better(s, s->trial);
}

/* What the relaxation decides already: the other choice could not beat the best set. */
static bool fix_decided(Solver *s, double bound) {
    for (size_t i = 0; i < s->p->n; i++) {
        if (s->state[i] != FREE) continue;
        double x = s->value[i];
        if (x > 0 && cannot_beat(s, bound - x) && !fix(s, (int)i, IN)) return false;
        if (x <= 0 && s->state[i] == FREE && cannot_beat(s, bound + x) && !fix(s, (int)i, OUT))
            return false;
    }
    return true;
}

/* The free item about which the relaxation is least sure. */
static int branch_item(const Solver *s) {
    int found = -1;
    for (size_t i = 0; i < s->p->n; i++) {
        if (s->state[i] != FREE) continue;
        if (found < 0 || fabs(s->value[i]) < fabs(s->value[found])) found = (int)i;
    }
    return found;
}

static void leave_open(Solver *s, double bound) {
    s->stopped = true;
    if (bound > s->open_bound) s->open_bound = bound;
}

static void search(Solver *s, double above, int steps) {
    if (s->nodes >= s->most_nodes) {
        leave_open(s, above);
        return;
    }
    s->nodes++;
    if (!drop_unaffordable(s)) return;
    double bound = bound_of(s, steps);
    if (bound > above) bound = above;
    greedy(s);
    if (cannot_beat(s, bound) || !fix_decided(s, bound)) return;
    int item = branch_item(s);
    if (item < 0) {
        for (size_t i = 0; i < s->p->n; i++) s->trial[i] = s->state[i] == IN;
        keep_if_better(s, s->trial);
        return;
    }
    unsigned char first = s->value[item] > 0 ? IN : OUT;
    for (int k = 0; k < 2; k++) {
        size_t before = s->n_trail;
        if (fix(s, item, k == 0 ? first : (unsigned char)(IN + OUT - first)))
            search(s, bound, NODE_STEPS);
        undo(s, before);
    }
}

/* ---- setting up ---- */

static void scale(Solver *s, Arena *a) {
    const Portfolio *p = s->p;
    double total = 0;
    for (size_t i = 0; i < p->n; i++) total += (double)p->items[i].benefit;
    s->unit = total > 0 ? total : 1;
    s->benefit = NEW_N(a, double, p->n + 1);
    s->cost = NEW_N(a, double, p->n + 1);
    s->days = NEW_N(a, double, p->n + 1);
    s->cap = NEW_N(a, double, p->n_caps + 1);
    for (size_t i = 0; i < p->n; i++) {
        s->benefit[i] = (double)p->items[i].benefit / s->unit;
        s->cost[i] = p->budget > 0 ? (double)p->items[i].cost / (double)p->budget : 0;
        s->days[i] = p->days > 0 ? (double)p->items[i].days / (double)p->days : 0;
    }
    for (size_t g = 0; g < p->n_caps; g++) s->cap[g] = (double)p->caps[g] / s->unit;
}

static void prices_new(Prices *x, Arena *a, const Portfolio *p) {
    x->needs = NEW_N(a, double, p->n_needs + 1);
    x->excludes = NEW_N(a, double, p->n_excludes + 1);
    x->caps = NEW_N(a, double, p->n_caps + 1);
    for (size_t g = 0; g < p->n_caps; g++) x->caps[g] = 1;
}

static void solver_new(Solver *s, Arena *a, const Portfolio *p) {
    scale(s, a);
    s->state = NEW_N(a, unsigned char, p->n + 1);
    s->trail = NEW_N(a, int, p->n + 1);
    s->value = NEW_N(a, double, p->n + 1);
    s->picked = NEW_N(a, bool, p->n + 1);
    s->trial = NEW_N(a, bool, p->n + 1);
    s->chosen = NEW_N(a, bool, p->n + 1);
    s->order = NEW_N(a, int, p->n + 1);
    prices_new(&s->now, a, p);
    prices_new(&s->best_prices, a, p);
}

/* Leaves out what removes nothing more and costs something: a prerequisite without its use. */
static void trim(Solver *s) {
    const Portfolio *p = s->p;
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < p->n; i++) {
            if (!s->chosen[i] || p->items[i].must) continue;
            s->chosen[i] = false;
            if (portfolio_fits(p, s->chosen) && portfolio_benefit(p, s->chosen) == s->best)
                again = true;
            else
                s->chosen[i] = true;
        }
    }
}

bool portfolio_solve(PortfolioPlan *out, Arena *a, const Portfolio *p, int64_t most_nodes,
                     const bool *start) {
    Solver s = {.p = p, .most_nodes = most_nodes < 1 ? 1 : most_nodes, .open_bound = -1};
    if (!is_valid(p)) return false;
    solver_new(&s, a, p);
    for (size_t i = 0; i < p->n; i++)
        if (p->items[i].must && !fix(&s, (int)i, IN)) return false;
    for (size_t i = 0; i < p->n; i++) s.trial[i] = s.state[i] == IN;
    keep_if_better(&s, s.trial); /* what must be done is always a plan */
    if (!s.has_plan) return false;
    if (start) keep_if_better(&s, start);
    search(&s, 2, ROOT_STEPS);
    trim(&s);
    double open = floor((s.open_bound + tolerance(&s)) * s.unit);
    *out =
        (PortfolioPlan){.chosen = s.chosen, .benefit = s.best, .bound = s.best, .nodes = s.nodes};
    if (s.stopped && open > (double)s.best) out->bound = open < 9e18 ? (int64_t)open : INT64_MAX;
    out->is_exact = out->bound == out->benefit;
    totals(p, s.chosen, &out->cost, &out->days);
    return true;
}
