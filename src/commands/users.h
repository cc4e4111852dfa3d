/* users.h: what init and the account commands share. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMMANDS_USERS_H
#define COMMANDS_USERS_H

#include "commands/command.h"

typedef struct NewUser {
    Str email, name, unit, hash; /* hash empty: a password is chosen through a one-time link */
} NewUser;
Err users_add(int64_t *out, Ctx *c, const NewUser *n) MUST;
Err users_grant(Ctx *c, int64_t user, Str role, Str unit) MUST;
/* Is there no record of that type? */
Err users_none(bool *out, Ctx *c, const char *type) MUST;
/* Hash of the password on standard input; says on err why not. */
Err users_hash(Str *out, Run *run, Str email) MUST;

#endif
