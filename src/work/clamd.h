/* clamd.h: asks the ClamAV daemon about bytes (its INSTREAM command), over a local socket or TCP.
 * Knows no HTTP and no record. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_CLAMD_H
#define WORK_CLAMD_H

#include "base/str.h"

/* where: "/path/of/socket" or "host:port". OK: nothing found. ERR_DENIED: *found names what was
 * found. ERR_BUSY: no answer, or the daemon could not look (too large for it, too busy); *found
 * says why. Ends within half a minute. */
Err clamd_scan(Str *found, Arena *a, Str where, Str bytes) MUST;
/* Does it answer? *version is its own word for itself. ERR_BUSY with why. */
Err clamd_version(Str *version, Arena *a, Str where) MUST;

#endif
