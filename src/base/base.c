/* base.c: the end of the process for a programmer's mistake. Must work when memory is out: no
 * arena. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void base_abort(const char *file, int line, const char *text) {
    fprintf(stderr, "gardefou: %s:%d: %s\n", file, line, text);
    fflush(stderr);
    abort();
}
