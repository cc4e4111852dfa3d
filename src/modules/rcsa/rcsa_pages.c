/* rcsa_pages.c: the table of the module's pages and of what it attaches to records.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_pages.h"

const AttachDef rcsa_attach[] = {{.type = "risk", .section = rcsa_section_bow_tie, .leads = true},
                                 {.type = "risk", .section = rcsa_section_losses},
                                 {.type = "control", .section = rcsa_section_control},
                                 {.type = "incident", .panel = rcsa_panel_incident},
                                 {0}};
