/* idempotency.h: the answer of a creating request, kept under its key for 7 days in the same
 * transaction as what it created, so that a repeat gets the same answer and creates nothing. Knows
 * no HTTP. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_IDEMPOTENCY_H
#define MODEL_IDEMPOTENCY_H

#include "model/ctx.h"

extern const DbTable idempotency_tables[];
extern const size_t idempotency_n_tables;

typedef struct Answer {
    int64_t status;
    Str body, content_type, location, etag;
} Answer;
/* *found with the kept answer; ERR_INVALID when the key was used with another request (hash). */
Err idempotency_find(Answer *out, bool *found, Ctx *c, Str key, Str request_hash) MUST;
/* ERR_CONFLICT when somebody kept an answer under that key meanwhile: run the transaction again. */
Err idempotency_keep(Ctx *c, Str key, Str request_hash, const Answer *answer) MUST;
Err idempotency_sweep(int64_t *removed, Ctx *c) MUST;

#endif
