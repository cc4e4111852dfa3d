/* library.c: see library.h. Data only. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/library.h"

/* clang-format off */
const StateDef library_states[] = {
    {"active",  N_("Active"),  TONE_GOOD,  1, 0, NULL},
    {"retired", N_("Retired"), TONE_MUTED, 2, STATE_CLOSED, NULL},
    {0}
};

#define STEPS(roles, retire_flags, restore_flags) { \
    {"retire",  N_("Retire"),    "active",  "retired", roles, TRANSITION_REASON | TRANSITION_DANGER | (retire_flags), .done = N_("retired it")}, \
    {"restore", N_("Use again"), "retired", "active",  roles, TRANSITION_REASON | (restore_flags), .done = N_("put it back into use")}, \
    {0} \
}
const TransitionDef library_steps[] = STEPS("methodology head_orm", 0, 0);
const TransitionDef library_steps_of_two[] = STEPS("methodology", TRANSITION_NOT_EDITOR, TRANSITION_NOT_PREVIOUS);
const TransitionDef library_steps_of_organisation[] = STEPS("organisation", 0, 0);

#define READS (OP_READ | OP_HISTORY)
#define KEEPS (OP_READ | OP_HISTORY | OP_CREATE | OP_UPDATE | OP_IMPORT)
const GrantDef library_grants[] = {
    {"declarant",   OP_READ, SCOPE_ALL, true, NULL, NULL, NULL},
    {"analyst",     READS,   SCOPE_ALL, true, NULL, NULL, NULL},
    {"head_orm",    KEEPS,   SCOPE_ALL, true, NULL, NULL, NULL},
    {"methodology", KEEPS,   SCOPE_ALL, true, NULL, NULL, NULL},
    {"auditor",     READS,   SCOPE_ALL, true, NULL, NULL, NULL},
    {0}
};
/* clang-format on */
