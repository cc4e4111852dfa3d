/* rcsa_calc.h: rating a risk: pure functions over plain structs, whole numbers only. No record, no
 * database, no clock. Levels and classes count from 1 (lowest). Sources: the three ways to a
 * residual rating met in practice: (a) a matrix of inherent class and control effectiveness, (b)
 * reduction, Álvarez and Gledhill, Operational Risk & Regulation, part III: residual = (1 - sum of
 * a_i w_i) x inherent with exposure = base^(n S + m F - 2), (c) steps by the share of failed
 * controls as HOPEX takes it. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_RCSA_RCSA_CALC_H
#define MODULES_RCSA_RCSA_CALC_H

#include "base/base.h"

enum { CALC_LEVELS = 5, CALC_DIMENSIONS = 8, CALC_CONTROLS = 60, CALC_UNIT = 10000 };

/* How well a control or a set works; also the answer to design and operation, where the fifth is
 * "cannot be judged". 0: not answered. */
typedef enum CalcEffect {
    EFFECT_UNKNOWN = 0,
    EFFECT_EFFECTIVE,
    EFFECT_LARGELY,
    EFFECT_PARTLY,
    EFFECT_INEFFECTIVE,
    EFFECT_NONE, /* of a set: no control; of a rating: cannot be judged */
    EFFECT_COUNT
} CalcEffect;
enum { RATING_NOT_TESTABLE = EFFECT_NONE };

typedef enum CalcAggregate {
    AGGREGATE_MAX,
    AGGREGATE_WEIGHTED,  /* weighted mean, rounded up */
    AGGREGATE_WORST_TWO, /* mean of the two worst, rounded up */
    AGGREGATE_SUM        /* 1 + what each dimension adds above 1, at most the top */
} CalcAggregate;
typedef enum CalcSetRule {
    SET_WEAKEST_KEY, /* the weakest key control; without a key control the weakest of all */
    SET_WEIGHTED,    /* weighted mean, rounded to the weaker */
    SET_FAILED_SHARE /* 25 x failed / all, rounded up, nearest of 1, 4, 9, 16, 25 */
} CalcSetRule;
typedef enum CalcResidualRule {
    RESIDUAL_MATRIX,   /* inherent class x effectiveness of the set -> residual class */
    RESIDUAL_STEPS,    /* steps down on each axis by the set that acts on it */
    RESIDUAL_REDUCTION /* (1 - sum of a_i w_i) x inherent exposure */
} CalcResidualRule;
enum { ACTS_LIKELIHOOD = 1, ACTS_IMPACT = 2, ACTS_BOTH = 3 };

typedef struct CalcMethod {
    int n_likelihood, n_impact, n_classes;
    int matrix[CALC_LEVELS][CALC_LEVELS]; /* [likelihood - 1][impact - 1]: class */
    int64_t per_year[CALC_LEVELS];        /* events a year from which a level holds, thousandths */
    int64_t amounts[CALC_LEVELS];         /* loss from which a level holds, minor units */
    CalcAggregate aggregate;
    int weights[CALC_DIMENSIONS];
    CalcSetRule set_rule;
    CalcResidualRule residual_rule;
    int control[4][4];                       /* [design - 1][operation - 1]: effectiveness */
    int not_testable;                        /* what "cannot be judged" counts as */
    int failed_at_best;                      /* a control whose last test failed is at best this */
    int overdue_at_best;                     /* a control whose test is overdue is at best this */
    int residual[CALC_LEVELS][EFFECT_COUNT]; /* [class - 1][effectiveness]: class */
    int steps_likelihood[EFFECT_COUNT], steps_impact[EFFECT_COUNT];
    int reduction[EFFECT_COUNT]; /* a_i by effectiveness, in CALC_UNIT */
    int percent[EFFECT_COUNT];   /* level of a control by effectiveness, 0..100 */
    int passes_at;               /* a control below this level has failed */
    int base, severity_factor, frequency_factor;
    int low_class; /* the highest class that is called low */
} CalcMethod;

typedef struct CalcControl {
    bool is_key;
    int acts_on, weight;
    int design, operation; /* CalcEffect */
    bool test_failed, test_overdue;
} CalcControl;
/* Why a control counts as it does. */
typedef enum CalcReason {
    REASON_MATRIX,
    REASON_NOT_TESTABLE,
    REASON_FAILED,
    REASON_OVERDUE
} CalcReason;

typedef struct CalcSet {
    CalcEffect effect;
    int n, keys;
    int weakest;               /* index of the control that decides, -1: none does */
    int failed, average, step; /* SET_FAILED_SHARE: 2 of 3, 17, 16 */
} CalcSet;

typedef struct CalcResult {
    int inherent_class;
    CalcEffect effects[CALC_CONTROLS];
    CalcReason reasons[CALC_CONTROLS];
    CalcSet all, on_likelihood, on_impact;
    int likelihood, impact, residual_class;
    int wanted_class;                   /* RESIDUAL_MATRIX: what the matrix says */
    int steps_likelihood, steps_impact; /* RESIDUAL_STEPS: what the method gives */
    int reduced;                        /* RESIDUAL_REDUCTION: sum of a_i w_i, CALC_UNIT */
    int64_t exposure, exposure_left;    /* RESIDUAL_REDUCTION; the latter x CALC_UNIT */
} CalcResult;

int calc_class(const CalcMethod *m, int likelihood, int impact); /* 0 when a level is missing */
/* Overall impact of the dimensions that have a level (0: none given); 0 when none has. */
int calc_impact(const CalcMethod *m, const int levels[CALC_DIMENSIONS]);
CalcEffect calc_control(const CalcMethod *m, const CalcControl *x, CalcReason *why);
/* Share of failed controls from their levels in per cent: 90, 45 and 0 give average 17, step 16. */
CalcSet calc_failed_share(const int *percents, size_t n, int passes_at);
/* false: a level is missing or too many controls. Residual is never above inherent, on no axis. */
bool calc_rate(CalcResult *out, const CalcMethod *m, int likelihood, int impact,
               const CalcControl *controls, size_t n);
/* base^(severity_factor x impact + frequency_factor x likelihood - 2); false on overflow. */
bool calc_exposure(int64_t *out, const CalcMethod *m, int likelihood, int impact);

/* The level at which the data stand. events: in `years`; 0 events give 0. */
int calc_likelihood_of(const CalcMethod *m, int64_t events, int years);
int calc_impact_of(const CalcMethod *m, int64_t amount); /* 0 for no loss */

/* What is wrong with a method; in the order in which one would mend it. */
typedef enum CalcFault {
    FAULT_NONE,
    FAULT_SCALE,          /* 2 to 5 levels and classes */
    FAULT_RANGES,         /* frequencies and amounts rise from level to level */
    FAULT_MATRIX,         /* each cell has a class of the scale */
    FAULT_MATRIX_ORDER,   /* a higher level never gives a lower class */
    FAULT_CONTROL,        /* each pair of design and operation has an effectiveness */
    FAULT_CONTROL_ORDER,  /* a better rating never counts for less */
    FAULT_RESIDUAL,       /* each cell of the residual matrix has a class */
    FAULT_RESIDUAL_ABOVE, /* residual above inherent */
    FAULT_RESIDUAL_ORDER, /* weaker controls never leave less */
    FAULT_STEPS,          /* steps fall with effectiveness, none without control */
    FAULT_REDUCTION,      /* reductions fall with effectiveness, none without control */
    FAULT_EXPOSURE        /* the exposure would overflow */
} CalcFault;
CalcFault calc_check(const CalcMethod *m);

/* ---- contradictions between opinion and evidence ---- */
typedef enum CalcRule {
    RULE_LOW_BUT_LOSSES,     /* residual low, but n losses or an amount in twelve months */
    RULE_LIKELIHOOD_BELOW,   /* rarer than the losses of twelve months say */
    RULE_IMPACT_BELOW,       /* milder than the largest loss of twelve months */
    RULE_EFFECTIVE_FAILED,   /* a control rated effective, its last test failed */
    RULE_EFFECTIVE_UNTESTED, /* a control rated effective, its test is overdue */
    RULE_LOW_BUT_ACTIONS,    /* residual low, but overdue actions */
    RULE_LOW_BUT_RED,        /* residual low, but indicators in the red */
    RULE_LOWER_DESPITE,      /* lower than last time, although losses happened since */
    RULE_GONE_BUT_LOSSES,    /* no longer true, but losses in twelve months */
    RULE_NEAR_MISSES,        /* the lowest likelihood, but near misses */
    RULE_COUNT
} CalcRule;
typedef struct CalcFacts {
    int64_t losses, gross, largest, near_misses; /* of twelve months */
    int64_t losses_since;                        /* since the last assessment */
    int64_t overdue_actions, red_indicators, amber_indicators;
    int previous_class; /* residual, 0: none */
} CalcFacts;
typedef struct CalcOpinion {
    bool is_gone;                           /* "no longer true" */
    int likelihood, impact, residual_class; /* residual */
    const CalcControl *controls;
    size_t n;
} CalcOpinion;
typedef struct CalcRuleSetting {
    bool is_on;
    int64_t count, amount; /* 0: that part does not count */
} CalcRuleSetting;
typedef struct CalcFinding {
    CalcRule rule;
    int64_t count, amount; /* of the evidence */
} CalcFinding;
/* In the order of the rules; at most RULE_COUNT. */
size_t calc_contradictions(CalcFinding out[RULE_COUNT], const CalcMethod *m,
                           const CalcRuleSetting settings[RULE_COUNT], const CalcFacts *facts,
                           const CalcOpinion *opinion);

/* ---- appetite ---- */
typedef enum CalcPosition {
    POSITION_NONE,
    POSITION_WITHIN,
    POSITION_ABOVE_APPETITE,
    POSITION_ABOVE_TOLERANCE,
    POSITION_ABOVE_CAPACITY
} CalcPosition;
/* capacity < 0: none. */
CalcPosition calc_position(int64_t actual, int64_t appetite, int64_t tolerance, int64_t capacity);

#endif
