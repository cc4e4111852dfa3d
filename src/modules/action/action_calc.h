/* action_calc.h: the arithmetic of issues and actions: pure functions over plain values. Knows no
 * record, no database, no clock. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_ACTION_ACTION_CALC_H
#define MODULES_ACTION_ACTION_CALC_H

#include "base/money.h"

/* Ageing of what is late: under 30, 30 to 90, 91 to 180, more than 180 days. */
enum { ACTION_AGES = 4 };
extern const int action_calc_age_from[ACTION_AGES]; /* first day of the class, counted from 1 */
/* 0..3; -1: not late. */
int action_calc_age(int64_t days_late);

/* 1 low .. 4 critical. matrix: 25 digits 1-4, five a likelihood from the lowest, impacts rising;
 * anything else: the built-in one. likelihood and impact 1..5; 0 when one is missing. */
int action_calc_rating(int likelihood, int impact, Str matrix);

typedef enum Level { LEVEL_UNIT = 1, LEVEL_ORM, LEVEL_HEAD, LEVEL_COMMITTEE } Level;
/* Who decides the n-th extension (n from 1) of an action of an issue rated 1..4 (0: none). */
Level action_calc_extension_level(int64_t nth, int rating, bool is_regulatory, bool is_restricted);
/* Who accepts a risk: by rating, by the amount at stake against the amounts from which the head and
 * the committee decide (0: no such amount). */
Level action_calc_acceptance_level(int rating, int64_t amount, int64_t head_from,
                                   int64_t committee_from, bool is_regulatory, bool is_restricted);

typedef enum Timing { TIMING_ON_TIME, TIMING_EXTENDED, TIMING_LATE } Timing;
Timing action_calc_timing(int64_t done, int64_t first_due, int64_t due); /* days */

/* What is saved of a year's loss when events become rarer by `frequency` and cheaper by `severity`
 * (hundredths of a per cent): loss x (1 - (1 - f)(1 - s)), half-even. */
int64_t action_calc_benefit(int64_t loss, int64_t frequency, int64_t severity);
/* Days before (or, below 0, after) a date at which people are reminded, falling, ended by
 * STAGES_END. *out: the last one reached with `days` to go; false: none yet. */
enum { STAGES_END = -1000000 };
extern const int action_calc_due_stages[], action_calc_expiry_stages[];
bool action_calc_stage(int *out, const int *stages, int64_t days);
/* Rating times age class plus one: 1 .. 16; 0 when not late or not rated. */
int action_calc_score(int rating, int64_t days_late);
/* Years until a one-off cost is saved, in tenths; -1: never. */
int64_t action_calc_payback(int64_t once, int64_t yearly, int64_t benefit);

#endif
