/* directory.h: what other commands ask of the directory of the institution.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMMANDS_DIRECTORY_H
#define COMMANDS_DIRECTORY_H

#include "commands/command.h"

struct Directory;

/* NULL, with *out NULL when no directory is set; else what is wrong with the settings. */
const char *directory_settings(struct Directory **out, Run *run);
/* For doctor: asks it; *advice NULL: well. */
void directory_look(Str *value, const char **advice, Run *run);
int directory_run_sync(Run *run); /* user sync [--dry-run] [--force] */
Err directory_hand_over_work(Ctx *c, Str email) MUST;
Err directory_take_back_work(Ctx *c, Str email) MUST;

#endif
