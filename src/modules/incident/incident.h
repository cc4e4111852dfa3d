/* incident.h: what the files of the incident module share: the tables of its types, the rules they
 * call, its pages, measures, seed and demo data. Nothing outside this folder includes it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INCIDENT_INCIDENT_H
#define MODULES_INCIDENT_INCIDENT_H

#include "model/record.h"

enum { INCIDENT_ORDER = 2 }; /* among the modules, for demo data and seeds */

/* Fills {0}, {1} ... of an already translated pattern with Str arguments. */
#define INCIDENT_FILL(c, pattern, ...)                                                             \
    tr_fill((c)->arena, (pattern), (const Str[]){__VA_ARGS__}, LENGTH(((const Str[]){__VA_ARGS__})))

/* ---- tables ---- */
extern const TypeDef incident_type, incident_entry_type, incident_pattern_type;
extern const TypeDef incident_rca_type, incident_external_type, incident_template_type,
    incident_exclusion_type, incident_message_type;
extern const MeasureDef incident_measures[];
extern const PageDef incident_pages[];

/* ---- rules of incident ---- */
Err incident_compute(Ctx *c, const Saving *s);
Err incident_validate(Ctx *c, const Saving *s);
Err incident_after_save(Ctx *c, const Saving *s);
Err incident_remove(Ctx *c, const Record *r, bool is_gone);
Err incident_guard_ask(Ctx *c, const Record *r);
Err incident_guard_merge(Ctx *c, const Record *r);
Err incident_guard_close(Ctx *c, const Record *r);
const char *incident_route_validated(Ctx *c, const Record *r);
bool incident_is_step(const Saving *s, const char *name); /* it is saved by this transition */
/* Rows of an allocation name a place each, and their shares add up to 100 %. */
void incident_check_shares(Ctx *c, const Record *r);
/* The response template of the event type or, when it has none, of its parents; NULL: none. */
Err incident_template_of(const Record **out, Ctx *c, const Record *r) MUST;

/* ---- what a response template does by itself (incident_template.c) ---- */
/* After the save: tells whom it names once the category is known, records its issue when the review
 * has validated the incident. */
Err incident_template_told(Ctx *c, const Saving *s) MUST;
/* Checks of the effects that it expects. */
Err incident_template_check(Ctx *c, const Saving *s) MUST;
/* A job: closes what a template says may be closed without a further check. */
Err incident_close_small(Ctx *c, Job *job);

/* ---- approval (incident_approval.c) ---- */
extern const Choice incident_approval_measures[];
/* Does the amount need an approval that it does not have: of the template's matrix or, without one,
 * above the limits of the role analyst and above what was approved? */
Err incident_needs_approval(bool *out, Ctx *c, const Record *r) MUST;
/* In compute: approvals asked on the way in, given by the step, and lost when what was approved has
 * changed or the amount has grown beyond it. */
Err incident_approvals_set(Ctx *c, const Saving *s) MUST;
Err incident_approvals_tell(Ctx *c, const Saving *s) MUST;
Err incident_actors_approve(Str *words, Ctx *c, const Record *r);
Err incident_refuse_approve(const char **why, Ctx *c, const Record *r);
/* Those who are named, in records of before they were listed. */
Err incident_approvers_rederive(Ctx *c, Record *r);
Err incident_actors_reject(Str *words, Ctx *c, const Record *r);
const char *incident_route_approved(Ctx *c, const Record *r);
/* Reads all entries of the incident, sets its derived sums and, when they crossed what was
 * approved, sends it to approval. Called after each save of an entry and of the incident. */
Err incident_recalculate(Ctx *c, int64_t incident);
Err incident_rederive(Ctx *c, Record *r);
/* Sets the sums of the entries and what follows from them; saves nothing. */
Err incident_sums_derive(Ctx *c, Record *r) MUST;
/* Has something changed that its entries carry too? Then spread gives it to them. */
bool incident_dimensions_changed(const Record *x, const Record *y);
Err incident_spread(Ctx *c, const Record *r) MUST;
/* The others of its group: a changed amount may take them into or out of the capital set. */
Err incident_group_refresh(Ctx *c, const Record *r) MUST;
/* The sums alone, without the steps that a new amount may ask for. */
Err incident_sums(Ctx *c, int64_t incident);

/* ---- rules of the other types ---- */
Err incident_entry_compute(Ctx *c, const Saving *s);
Err incident_entry_validate(Ctx *c, const Saving *s);
Err incident_entry_after_save(Ctx *c, const Saving *s);
Err incident_entry_remove(Ctx *c, const Record *r, bool is_gone);
Err incident_entry_guard_accept(Ctx *c, const Record *r);
Err incident_entry_rederive(Ctx *c, Record *r);
/* What an entry carries of its event. */
void incident_entry_inherit(Record *r, const Record *incident);
Err incident_pattern_validate(Ctx *c, const Saving *s);
Err incident_exclusion_compute(Ctx *c, const Saving *s);
Err incident_exclusion_validate(Ctx *c, const Saving *s);
Err incident_exclusion_after_save(Ctx *c, const Saving *s);
/* Its capital flag again, after a request was granted. */
Err incident_exclusion_changed(Ctx *c, int64_t incident) MUST;
/* The request that takes the incident out of the capital set; 0: none was granted. */
Err incident_exclusion_of(int64_t *out, Ctx *c, int64_t incident) MUST;
Err incident_external_compute(Ctx *c, const Saving *s);
Err incident_external_validate(Ctx *c, const Saving *s);
Err incident_template_validate(Ctx *c, const Saving *s);
Err incident_exclusions_follow(Ctx *c, const Record *incident) MUST;

/* ---- beside records ---- */
Err incident_outage_panel(Ctx *c, const Record *r, Block **out);
Err incident_template_panel(Ctx *c, const Record *r, Block **out);
Err incident_poster_panel(Ctx *c, const Record *unit, Block **out);

/* ---- data ---- */
Err incident_seed(Ctx *c);
/* Links the shipped patterns to the processes that exist by now. */
Err incident_seed_processes(Ctx *c);
Err incident_demo(Ctx *c, uint64_t seed, int64_t scale, DemoReport *report);
Err incident_demo_slice(Ctx *c, const DemoSlice *slice, DemoReport *report);

/* ---- shared small things ---- */
/* Id of a taxon by code, 0 when there is none. */
Err incident_taxon(int64_t *out, Ctx *c, const char *code) MUST;
/* Whole number of a setting, or `otherwise` when it is absent or no number. */
/* Currency in which the group's figures are kept ("MAD" unless the setting says otherwise). */
Err incident_group_currency(Str *out, Ctx *c) MUST;
/* Currency of an entity; the group's when there is none. */
Err incident_entity_currency(Str *out, Ctx *c, int64_t entity) MUST;
/* m in another currency with the rate of `day`; *found false when no rate is known. */
Err incident_convert(int64_t *out, bool *found, Ctx *c, Money m, Str to, Str day) MUST;
/* Days between two ISO dates; false when one of them is none. */
bool incident_days_between(int64_t *out, Str from, Str to);
bool incident_state_is(const Record *r, const char *name); /* r may be NULL */
bool incident_is_empty(const Record *r, const char *field);
Money incident_money(Value v);
/* A setting that is an amount, in another currency at today's rate. */
Err incident_setting_in(int64_t *out, bool *found, Ctx *c, const char *code, Str currency) MUST;

#endif
