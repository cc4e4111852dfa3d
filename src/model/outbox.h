/* outbox.h: what has to happen after a transaction (a mail, a webhook, the next step of a long
 * work), written down in that same transaction, so that it happens if and only if the transaction
 * did. Rows of topics; work/ works them off as the JobDef of the topic says. outbox(id, topic,
 * item_key, payload, lane, state, created_at, due_at, attempts, owner, fence, lease_until,
 * ended_at, error); outbox_pause(target, failures, until): the other side does not answer.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_OUTBOX_H
#define MODEL_OUTBOX_H

#include "model/ctx.h"

extern const DbTable outbox_tables[];
extern const size_t outbox_n_tables;

/* How long ended rows are kept: so long the same key adds nothing. */
#define OUTBOX_KEEP_US (INT64_C(30) * 86400 * 1000000)

typedef struct OutboxRow {
    const char *topic;
    Str key;        /* unique in the topic: a second row with it is not added */
    Str payload;    /* JSON of ids; business data stay in their records */
    int64_t due_us; /* 0: at once */
    Str lane;       /* rows of a lane run one after the other in the order they came; empty: none */
} OutboxRow;
Err outbox_add(Ctx *c, const OutboxRow *row) MUST;

#endif
