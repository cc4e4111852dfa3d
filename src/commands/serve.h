/* serve.h: see command.h; serve_run is its only entry. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMMANDS_SERVE_H
#define COMMANDS_SERVE_H

#include "commands/command.h"

#endif
