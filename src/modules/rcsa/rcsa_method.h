/* rcsa_method.h: the method as a record (rules) and as plain numbers for the calculation (load).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_RCSA_RCSA_METHOD_H
#define MODULES_RCSA_RCSA_METHOD_H

#include "modules/rcsa/rcsa.h"
#include "modules/rcsa/rcsa_calc.h"

/* Columns of the rows of rcsa_method. */
enum {
    METHOD_LEVEL,
    METHOD_NAME_FR,
    METHOD_NAME_EN,
    METHOD_NAME_AR,
    METHOD_ANCHOR_FR,
    METHOD_ANCHOR_EN,
    METHOD_ANCHOR_AR,
    METHOD_FROM
};                                                           /* likelihood and impact levels */
enum { METHOD_CODE = 0, METHOD_WEIGHT = 4 };                 /* dimensions; names as above */
enum { METHOD_OF = 0, METHOD_AT = 1, METHOD_AT_ANCHOR = 2 }; /* anchors of dimensions */
enum { METHOD_COLOUR = 4 };                                  /* classes */
enum { METHOD_STEPS_LIKELIHOOD = 1, METHOD_STEPS_IMPACT, METHOD_REDUCTION, METHOD_PERCENT };
enum { METHOD_RULE, METHOD_RULE_ON, METHOD_RULE_COUNT, METHOD_RULE_AMOUNT };

typedef struct RcsaDimension {
    Str code, name, anchors[CALC_LEVELS];
} RcsaDimension;
/* Words are in the reader's language. */
typedef struct RcsaMethod {
    int64_t id;
    CalcMethod calc;
    CalcRuleSetting rules[RULE_COUNT];
    Str likelihoods[CALC_LEVELS], likelihood_anchors[CALC_LEVELS];
    Str impacts[CALC_LEVELS], impact_anchors[CALC_LEVELS];
    Str classes[CALC_LEVELS];
    int colours[CALC_LEVELS];
    RcsaDimension dimensions[CALC_DIMENSIONS];
    size_t n_dimensions;
    Str currency;
} RcsaMethod;
Err rcsa_method_load(RcsaMethod *out, Ctx *c, int64_t id) MUST;
Err rcsa_method_read(RcsaMethod *out, Ctx *c, const Record *r) MUST;
/* The published method that rates when nothing says otherwise: the one of the setting
 * "rcsa_method", else the first by code. 0: none is published. */
Err rcsa_method_default(int64_t *out, Ctx *c) MUST;

/* Keys of choices as numbers and back. */
int rcsa_effect_of(Str key);             /* effective .. ineffective, none, not_testable; 0 */
const char *rcsa_effect_key(int effect); /* of a set: 5 is "none"; NULL for 0 */
int rcsa_acts_of(Str key);
const char *rcsa_class_key(int level); /* "1".."5", NULL for 0 */
const char *rcsa_position_key(CalcPosition p);
extern const Choice rcsa_rules[]; /* in the order of CalcRule */

/* ---- rules ---- */
Err rcsa_method_compute(Ctx *c, const Saving *s);
Err rcsa_method_validate(Ctx *c, const Saving *s);
Err rcsa_method_after_save(Ctx *c, const Saving *s);
Err rcsa_method_guard_try(Ctx *c, const Record *r);
Err rcsa_method_guard_publish(Ctx *c, const Record *r);

/* What a method would make of the assessments that exist: the residual classes as they are (rows)
 * and as they would be (columns); 0: not to be rated. */
typedef struct RcsaTrial {
    int64_t moves[CALC_LEVELS + 1][CALC_LEVELS + 1];
    int64_t total, up, down;
} RcsaTrial;
Err rcsa_method_trial(RcsaTrial *out, Ctx *c, const Record *method) MUST;

#endif
