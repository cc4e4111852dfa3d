/* pulse.h: the few figures by which a running server watches itself. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef MODEL_PULSE_H
#define MODEL_PULSE_H

#include "store/db.h"

typedef struct Pulse {
    int64_t unsealed, sessions;
    int64_t jobs_waiting, jobs_dead; /* rows of the outbox */
    bool has_demo;
} Pulse;
Err pulse_read(Pulse *out, Db *db) MUST;
/* Name of the legal entity that stands at the top; empty when there is none yet. */
Err pulse_institution(Str *out, Arena *a, Db *db) MUST;
/* Is there history to seal, are there deltas to fold: cheap, asked every second. */
Err pulse_work(bool *unsealed, bool *unfolded, Db *db) MUST;

#endif
