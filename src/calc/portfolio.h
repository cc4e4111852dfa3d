/* portfolio.h: which of a list of actions to take: the set that removes most loss a year under a
 * budget of money and of staff days, with prerequisites, exclusions and a cap a group (what an
 * issue costs can be removed only once). Exact by branch and bound with a Lagrangian bound (Fisher,
 * Management Science 27, 1981); when it stops early it says how far from the best it may be.
 * Knows no record and no clock. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CALC_PORTFOLIO_H
#define CALC_PORTFOLIO_H

#include "base/arena.h"

enum { PORTFOLIO_MOST = 400 }; /* items */

typedef struct PortfolioItem {
    int64_t cost;    /* minor units, >= 0 */
    int64_t days;    /* staff days in any unit, >= 0 */
    int64_t benefit; /* reduction of the loss of a year, minor units, >= 0 */
    int group;       /* index of a cap; -1: none */
    bool must;       /* in any case in the plan, with what it needs: already under way */
} PortfolioItem;
typedef struct PortfolioPair {
    int a, b;
} PortfolioPair;
typedef struct Portfolio {
    const PortfolioItem *items;
    size_t n;
    const PortfolioPair *needs; /* a only with b */
    size_t n_needs;
    const PortfolioPair *excludes; /* never a and b together */
    size_t n_excludes;
    const int64_t *caps; /* the most that a group's items remove together; negative: no cap */
    size_t n_caps;
    int64_t budget; /* >= 0 */
    int64_t days;   /* negative: no limit */
} Portfolio;

typedef struct PortfolioPlan {
    bool *chosen; /* n */
    int64_t cost, days, benefit;
    int64_t bound; /* no set can remove more; equals benefit when exact */
    bool is_exact;
    int64_t nodes;
} PortfolioPlan;

/* False, with nothing written, when the input makes no sense: too many items, a negative figure, an
 * index out of range, sums that do not fit, or items that must be taken and contradict each other
 * or break the budget. start (may be NULL): a set that keeps the rules, to begin with. The same
 * input gives the same set. */
bool portfolio_solve(PortfolioPlan *out, Arena *a, const Portfolio *p, int64_t most_nodes,
                     const bool *start);
/* Benefit of a set, caps heeded. */
int64_t portfolio_benefit(const Portfolio *p, const bool *chosen);
/* Does the set keep every rule and both budgets? */
bool portfolio_fits(const Portfolio *p, const bool *chosen);

#endif
