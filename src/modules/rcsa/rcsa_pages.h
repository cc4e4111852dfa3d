/* rcsa_pages.h: the pages and sections of the module and the small builders they share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_RCSA_RCSA_PAGES_H
#define MODULES_RCSA_RCSA_PAGES_H

#include "modules/rcsa/rcsa.h"

/* ---- on records (rcsa_sections.c) ---- */
Err rcsa_section_bow_tie(Ctx *c, const Record *risk, Block **out);
Err rcsa_section_losses(Ctx *c, const Record *risk, Block **out);
Err rcsa_section_control(Ctx *c, const Record *control, Block **out);
Err rcsa_panel_incident(Ctx *c, const Record *incident, Block **out);

#endif
