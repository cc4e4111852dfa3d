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

/* Fields of a list whose entries have a name in three languages, and are valid from and until a
 * day. */
/* clang-format off */
#define LIBRARY_NAMES                                                                                \
    {.name = "name_fr", .label = N_("Name in French"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_SEARCHED | F_LISTED | F_SORTED}, \
    {.name = "name_en", .label = N_("Name in English"), .kind = KIND_TEXT, .flags = F_SEARCHED}, \
    {.name = "name_ar", .label = N_("Name in Arabic"), .kind = KIND_TEXT, .flags = F_SEARCHED}
#define LIBRARY_VALIDITY                                                                                    \
    {.name = "valid_from", .label = N_("Valid from"), .kind = KIND_DATE, .flags = F_MORE},          \
    {.name = "valid_until", .label = N_("Valid until"), .kind = KIND_DATE, .flags = F_MORE, .help = N_("The last day; leave it empty while it is in use.")}
/* clang-format on */

#endif
