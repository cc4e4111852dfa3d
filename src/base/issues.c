/* issues.c: the bounded list of what is wrong with an input.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/issues.h"

enum { ISSUES_KEPT = 200 };

void issues_add(Issues *list, Arena *a, Issue issue) {
    if (!issue.is_warning) list->errors++; /* also counted when no longer kept: a save must stop */
    if (list->n >= ISSUES_KEPT) return;
    GROW(a, list->items, list->n, list->cap);
    list->items[list->n++] = issue;
}
