/* work.h: what happens by itself. Modules include this one header of work/. Rows of work are added
 * with outbox_add (model/outbox.h) in the transaction that asks for them and worked off by the
 * JobDef of their topic (Module.jobs). SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_WORK_H
#define WORK_WORK_H

#include "model/outbox.h"
#include "model/record.h"

#include <stdatomic.h>

extern const Module work_module;

/* Settings of the operator, in Ctx.work of requests and jobs. */
typedef struct WorkConfig {
    const char *zone;        /* IANA name of the institution's zone */
    const atomic_bool *stop; /* the server is stopping: long work ends early; may be NULL */
} WorkConfig;

#endif
