/* library.h: states, steps and grants that lists and libraries share, whichever module keeps them:
 * an entry is in use or retired, never deleted. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_LIBRARY_H
#define MODEL_LIBRARY_H

#include "model/model.h"

extern const StateDef library_states[];     /* active, retired */
extern const TransitionDef library_steps[]; /* by methodology and the head of operational risk */
extern const TransitionDef library_steps_of_two[]; /* by methodology, not by who changed it last */
extern const TransitionDef library_steps_of_organisation[];
extern const GrantDef library_grants[]; /* read by all, kept by those of library_steps */

#endif
