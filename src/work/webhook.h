/* webhook.h: telling other systems: a record type for where and what, a row of the outbox a
 * message, signed, in order per target, with a log of deliveries. A message holds references and
 * states; who wants the contents asks the API with rights of its own. Restricted records are never
 * named. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_WEBHOOK_H
#define WORK_WEBHOOK_H

#include "work/notice.h"

extern const TypeDef webhook_type;
extern const DbTable webhook_tables[]; /* ends with {0} */

/* Is there an active webhook for this type (is_edit: one that wants edits too)? */
Err webhook_listens(bool *out, Ctx *c, const Type *t, bool is_edit) MUST;
/* Adds a row for each webhook that listens. */
Err webhook_event(Ctx *c, const Record *r, const Event *e, Str key) MUST;
/* One row for one webhook. */
Err webhook_add(Ctx *c, int64_t webhook, const Record *r, const Event *e, Str key) MUST;
Err webhook_send(Ctx *c, Job *job) MUST; /* topic "webhook" */
Err webhook_done(Ctx *c, const Job *job, Err result) MUST;
Err webhook_panel(Ctx *c, const Record *r, Block **out) MUST;   /* its secret, for administrators */
Err webhook_section(Ctx *c, const Record *r, Block **out) MUST; /* its deliveries */
Err webhook_sweep(int64_t *removed, Ctx *c) MUST;

/* "sha256=" and the hex HMAC of "TIMESTAMP.BODY". */
Str webhook_signature(Arena *a, Str secret, Str timestamp, Str body);

/* ---- webhook_query.c ---- */
typedef struct Delivery {
    int64_t id, webhook, at, milliseconds, status, attempt; /* status 0: no answer */
    Str event, error;
} Delivery;
typedef struct Deliveries {
    Delivery *items;
    size_t n, cap;
} Deliveries;
Err delivery_add(Ctx *c, const Delivery *d) MUST;
Err delivery_list(Deliveries *out, Ctx *c, int64_t webhook, size_t limit) MUST;

#endif
