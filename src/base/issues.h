/* issues.h: what is wrong with an input, collected and shown beside the fields.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_ISSUES_H
#define BASE_ISSUES_H

#include "base/str.h"

typedef struct Issue {
    Str field; /* name of the field as the form and the API write it; empty: the whole record */
    const char *code; /* stable word for programs: "required", "too_long", "four_eyes" ... */
    const char *text; /* English message, the key of its translation, with {0}.. for args */
    Str args[3];
    bool is_warning; /* shown, does not stop the save */
} Issue;

typedef struct Issues {
    Issue *items;
    size_t n, cap; /* at most 200 are kept */
    size_t errors; /* how many are no warnings */
} Issues;

void issues_add(Issues *list, Arena *a, Issue issue);

#endif
