/* action_levels.h: the levels at which an extension or an acceptance is decided, as states, steps
 * and choices that both tables share. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_ACTION_ACTION_LEVELS_H
#define MODULES_ACTION_ACTION_LEVELS_H

/* clang-format off */
extern const Choice action_levels[]; /* unit orm head committee */

#define ACTION_LEVEL_NAMES "with_unit with_orm with_head with_committee"
/* Ranks from `first` on. */
#define ACTION_LEVEL_STATES(first)                                                                                 \
    {"with_unit",      N_("With the unit head"),                TONE_WARN, (first),     STATE_ASIDE, "unit_head"},           \
    {"with_orm",       N_("With operational risk"),             TONE_WARN, (first) + 1, STATE_ASIDE, "analyst inspection"},  \
    {"with_head",      N_("With the head of operational risk"), TONE_WARN, (first) + 2, STATE_ASIDE, "head_orm inspection"}, \
    {"with_committee", N_("With the committee"),                TONE_WARN, (first) + 3, STATE_ASIDE, "committee"}
#define ACTION_FOUR_EYES (TRANSITION_PRIMARY | TRANSITION_NOT_CREATOR | TRANSITION_NOT_OWNER | TRANSITION_NOT_PREVIOUS)
/* A higher level may always decide. */
#define ACTION_LEVEL_STEPS(to, words)                                                                                                     \
    {"approve_unit", N_("Approve"), "with_unit", to, "unit_head analyst head_orm inspection", ACTION_FOUR_EYES, .done = words},            \
    {"approve_orm", N_("Approve"), "with_orm", to, "analyst head_orm inspection", ACTION_FOUR_EYES, .done = words},                        \
    {"approve_head", N_("Approve"), "with_head", to, "head_orm inspection committee", ACTION_FOUR_EYES, .done = words},                    \
    {"approve_committee", N_("Approve"), "with_committee", to, "committee", ACTION_FOUR_EYES, .done = words}
/* clang-format on */

#endif
