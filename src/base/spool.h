/* spool.h: bytes that are written once, then read in any order, without holding them in memory: a
 * nameless file in TMPDIR (else /var/tmp, /tmp) that nobody else can open, or memory where no
 * folder takes one. Lives as long as its arena. Order: spool_new, spool_add ..., spool_view, once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_SPOOL_H
#define BASE_SPOOL_H

#include "base/arena.h"

typedef struct Spool Spool;

Spool *spool_new(Arena *a); /* NULL: the system gives no file */
size_t spool_size(const Spool *s);
/* ERR_BUSY: no room on the disk. */
Err spool_add(Spool *s, Str bytes) MUST;
/* All that was added, as long as the arena lives; nothing may be added afterwards. */
Err spool_view(Str *out, Spool *s) MUST;

#endif
