/* action_query.h: the SQL of the module: questions about many actions that lists and measures do
 * not answer. Values are bound; the reader's scope is inside wherever a page shows the answer. Runs
 * on SQLite and PostgreSQL. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_ACTION_ACTION_QUERY_H
#define MODULES_ACTION_ACTION_QUERY_H

#include "modules/action/action.h"
#include "modules/action/action_calc.h"

typedef struct Ids {
    int64_t *items;
    size_t n, cap;
} Ids;
/* Acceptances in force whose last day is before today; verified actions whose day of the
 * effectiveness check has come. For code, without scope. */
Err action_query_run_out(Ids *out, Ctx *c) MUST;
Err action_query_checks_due(Ids *out, Ctx *c) MUST;

/* Actions not done yet that are due, acceptances in force that end, between two days. */
Err action_query_due(Ids *out, Ctx *c, Str from, Str to) MUST;
Err action_query_ends(Ids *out, Ctx *c, Str from, Str to) MUST;

typedef struct AgeRow {
    int64_t key; /* unit or owner */
    int64_t open, late[ACTION_AGES];
    int64_t done, on_time; /* of those submitted since `since` */
    int64_t extensions;    /* granted to the open ones */
} AgeRow;
typedef struct AgeRows {
    AgeRow *items;
    size_t n, cap;
} AgeRows;
/* Actions by unit or by owner: open ones by how late they are, and how punctual the ones done since
 * a day were. */
Err action_query_ages(AgeRows *out, Ctx *c, bool by_owner, Str since) MUST;
/* due_on of class k is in [from, to]; from empty: open. */
void action_query_age_bounds(Str *from, Str *to, Ctx *c, int k);

#endif
