/* action_pages.h: the pages of the module, one group a file, and what they share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_ACTION_ACTION_PAGES_H
#define MODULES_ACTION_ACTION_PAGES_H

#include "model/list.h"
#include "model/pages.h"
#include "model/report.h"
#include "modules/action/action.h"

/* ---- follow-up (action_tracker.c) ---- */
Err action_tracker_build(Ctx *c, const PageArgs *args, Page *out);
Err action_ageing_build(Ctx *c, const PageArgs *args, Page *out);
Err action_extensions_build(Ctx *c, const PageArgs *args, Page *out);
Err action_acceptances_build(Ctx *c, const PageArgs *args, Page *out);

/* ---- board and time axis (action_board.c) ---- */
Err action_board_build(Ctx *c, const PageArgs *args, Page *out);
Err action_gantt_build(Ctx *c, const PageArgs *args, Page *out);

/* ---- money (action_plan.c) and months (action_trend.c) ---- */
Err action_cost_build(Ctx *c, const PageArgs *args, Page *out);
Err action_plan_build(Ctx *c, const PageArgs *args, Page *out);
Err action_trend_build(Ctx *c, const PageArgs *args, Page *out);

/* ---- on the page for the committee (action_committee.c) ---- */
Err action_committee(Ctx *c, const Page *page, Block **out);

/* ---- deciding an action (action_decide.c) ---- */
Err action_decide_build(Ctx *c, const PageArgs *args, Page *out);
Err action_decide_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect);

/* ---- shared ---- */
/* Records of a type in the reader's scope that the parameters of a list's address leave, at most
 * `limit`. */
Err action_list(Records *out, Ctx *c, const char *type, const Input *params, int64_t limit) MUST;
Err action_count(int64_t *out, Ctx *c, const char *type, const char *query) MUST; /* "state=open" */
/* "mine", "unit" of a page's address as filters of a list of actions or issues. */
void action_filters(Input *out, Ctx *c, const Input *query);
extern const Choice action_whose[]; /* all mine */
Fact action_fact(const char *name, Str label, Cell cell);

#endif
