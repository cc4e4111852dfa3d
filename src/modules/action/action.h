/* action.h: what the files of the action module share: the tables of its types, the rules they
 * call, its pages, queries, measures, seed and demo data. Nothing outside this folder includes it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_ACTION_ACTION_H
#define MODULES_ACTION_ACTION_H

#include "model/record.h"

enum { ACTION_ORDER = 3 }; /* among the modules, for demo data: after incidents */

/* ---- tables ---- */
extern const TypeDef action_issue_type, action_type, action_extension_type, action_acceptance_type;
extern const MeasureDef action_measures[];
extern const PageDef action_pages[];
extern const AttachDef action_attach[];
extern const SectionDef action_sections[];
extern const NoticeDef action_notices[];

/* ---- rules of issues (action_issue_rules.c) ---- */
Err action_issue_compute(Ctx *c, const Saving *s);
Err action_issue_validate(Ctx *c, const Saving *s);
Err action_issue_after_save(Ctx *c, const Saving *s);
/* After any save of an incident: its issues become restricted with it. */
Err action_incident_saved(Ctx *c, const Saving *s);
Err action_issue_remove(Ctx *c, const Record *r, bool is_gone);
Err action_issue_guard_plan(Ctx *c, const Record *r);
Err action_issue_guard_ready(Ctx *c, const Record *r);
Err action_issue_guard_verify(Ctx *c, const Record *r);
Err action_issue_guard_close(Ctx *c, const Record *r);
/* Reads the actions of the issue and sets its derived figures. Called after each save of an action.
 */
Err action_issue_recalculate(Ctx *c, int64_t issue_id);
Err action_issue_rederive(Ctx *c, Record *r);

/* ---- rules of actions (action_rules.c) ---- */
Err action_compute(Ctx *c, const Saving *s);
Err action_validate(Ctx *c, const Saving *s);
Err action_after_save(Ctx *c, const Saving *s);
Err action_remove(Ctx *c, const Record *r, bool is_gone);
Err action_guard_start(Ctx *c, const Record *r);
Err action_guard_submit(Ctx *c, const Record *r);
const char *action_route_verified(Ctx *c, const Record *r);
/* Is the plan of one of its issues approved? From then on its terms change only by the second line,
 * its due date only by an extension. */
Err action_plan_is_approved(bool *out, Ctx *c, const Record *r) MUST;

/* ---- rules of extensions and acceptances (action_side_rules.c) ---- */
Err action_extension_compute(Ctx *c, const Saving *s);
Err action_extension_validate(Ctx *c, const Saving *s);
Err action_extension_after_save(Ctx *c, const Saving *s);
Err action_acceptance_compute(Ctx *c, const Saving *s);
Err action_acceptance_validate(Ctx *c, const Saving *s);
Err action_acceptance_after_save(Ctx *c, const Saving *s);
const char *action_route_level(Ctx *c, const Record *r); /* state of the level that decides */

/* ---- what the day brings (action_daily.c) ---- */
typedef struct ActionDaily {
    int64_t expired, checks;
} ActionDaily;
/* Ends acceptances whose last day is over, and with them re-opens their issues; opens effectiveness
 * checks whose day has come; reminds of dates. As the system; may run again and again. */
Err action_daily(ActionDaily *out, Ctx *c) MUST;
Err action_daily_job(Ctx *c, Job *job);
Err action_daily_command(Ctx *c, int argc, char **argv, Text *out, Text *err, int *exit_code);

/* ---- who is told (action_notices.c) ---- */
/* Actions 30, 7, 1 days before they are due, on the day and 1, 7, 30 days after it, higher and
 * higher; acceptances 60, 30, 7 days before they end. Nobody is told the same twice. */
Err action_remind(Ctx *c) MUST;
Err action_tell_new_owner(Ctx *c, const Saving *s) MUST;

/* ---- data ---- */
Err action_seed(Ctx *c);
Err action_demo(Ctx *c, uint64_t seed, int64_t scale, DemoReport *report);

/* ---- shared small things (action_kit.c) ---- */
/* Fills {0}, {1} ... of an already translated pattern with Str arguments. */
#define ACTION_FILL(c, pattern, ...)                                                               \
    tr_fill((c)->arena, (pattern), (const Str[]){__VA_ARGS__}, LENGTH(((const Str[]){__VA_ARGS__})))
bool action_state_is(const Record *r,
                     const char *states); /* one of blank separated; r may be NULL */
bool action_is_empty(const Record *r, const char *field);
/* Id in a reference field; 0 also when the effective model has no such field. */
int64_t action_ref(const Record *r, const char *field);
/* Ids of a list field, none when it is absent. */
Value action_refs(const Record *r, const char *field);
/* 1 low .. 4 critical of an issue, 0 when it has no rating. */
int action_rating(const Record *issue);
/* One step made by nobody: the history names the actor and the reason. */
Err action_move_as_system(Ctx *c, const Type *t, int64_t id, const char *step, Str reason) MUST;
/* A change made in consequence of another one: no rights are asked, the actor stays who it is. */
Err action_save_as_system(Record **out, Ctx *c, Record *r, const char *verb) MUST;
Err action_group_currency(Str *out, Ctx *c) MUST;
/* An amount in the group's currency at the rate of today; an issue on `field` without a rate. */
Err action_to_group(int64_t *out, Ctx *c, const Record *r, const char *field) MUST;
/* Entity of a unit; 0 when it has none. */
Err action_entity_of(int64_t *out, Ctx *c, int64_t unit) MUST;
/* Days from one ISO date to another; false when one is none. */
bool action_days_between(int64_t *out, Str from, Str to);
/* The day `months` later, the last of the month when it has no such day. */
Str action_months_later(Ctx *c, Str day, int64_t months);

#endif
