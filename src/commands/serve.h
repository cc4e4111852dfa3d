/* serve.h: see command.h; serve_run is its only entry. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMMANDS_SERVE_H
#define COMMANDS_SERVE_H

#include "commands/command.h"

/* importer.c */
typedef struct Importer Importer;
struct WorkConfig;
/* Works on imports until importer_stop; also when it fails, importer_stop ends what was begun. */
Err importer_start(Importer **out, Arena *process, const Model *model, DbBase *base,
                   const struct WorkConfig *work) MUST;
void importer_stop(Importer *m);

#endif
