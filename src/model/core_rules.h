/* core_rules.h: the rules of the engine's own types that no table can say, called through the
 * tables of core_types.c. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_CORE_RULES_H
#define MODEL_CORE_RULES_H

#include "model/record.h"

Err core_unit_validate(Ctx *c, const Saving *s);
Err core_tree_validate(Ctx *c, const Saving *s); /* no record under itself; field `parent` */
/* A country is empty or two letters of the Latin alphabet; small ones become capitals. */
void core_country(Ctx *c, Record *r, const char *field);
Err core_entity_validate(Ctx *c, const Saving *s);
Err core_unit_compute(Ctx *c, const Saving *s);
Err core_unit_after_save(Ctx *c, const Saving *s); /* rebuilds unit_under */
Err core_unit_remove(Ctx *c, const Record *r, bool is_gone);
Err core_user_validate(Ctx *c, const Saving *s);
Err core_user_after_save(Ctx *c, const Saving *s); /* disabled, signed out: its sessions end */
Err core_user_has_second(Ctx *c, const Record *r);
Err core_user_remove(Ctx *c, const Record *r, bool is_gone); /* with its sessions and links */
Err core_assignment_validate(Ctx *c, const Saving *s);
Err core_delegation_validate(Ctx *c, const Saving *s);
Err core_taxon_validate(Ctx *c, const Saving *s);
Err core_rate_validate(Ctx *c, const Saving *s);
Err core_change_after_save(Ctx *c,
                           const Saving *s); /* applies the change when it is moved to "applied" */
Err core_change_remove(Ctx *c, const Record *r, bool is_gone);

/* Writes a change of a two-persons record as a change_request; *out is that request. r NULL: a new
 * record. after: what `sent` was read into. */
Err core_propose(Record **out, Ctx *c, const Record *r, const Record *after, int64_t version,
                 const Input *sent) MUST;
/* What a change request was sent: fields of its type in machine form. */
Err core_change_input(Input *out, Ctx *c, const Record *request) MUST;
/* unit_under(ancestor, unit, from_day, until_day): dated closure from unit_parent(unit, parent,
 * from_day, until_day). */
extern const DbTable unit_tree_tables[];
extern const size_t unit_tree_n_tables;
Err unit_tree_rebuild(Ctx *c) MUST;
/* The first unit whose rows of unit_under do not follow from the links (unit_parent), and the first
 * whose links are not those of the unit and its earlier versions; 0: none. */
Err unit_tree_check(int64_t *unit, Ctx *c) MUST;
Err unit_links_check(int64_t *unit, Ctx *c) MUST;
/* Rate of a day (scale 9): the newest on or before it, direct or inverse, or through `pivot`. 1.0
 * for the same currency. ERR_MISSING when there is none; *day is that of the rate used, *source its
 * source. */
Err rate_find(int64_t *rate9, Str *day, Str *source, Ctx *c, Str from, Str to, Str on_day) MUST;
/* A setting's amount or value; found=false when absent. */
Err setting_money(Money *out, bool *found, Ctx *c, const char *code) MUST;
Err setting_text(Str *out, bool *found, Ctx *c, const char *code) MUST;
/* A whole number; `otherwise` when the setting is absent or no number. */
Err setting_whole(int64_t *out, Ctx *c, const char *code, int64_t otherwise) MUST;

/* Those of `roles` whose approval limits the record's money fields (blank separated, each a measure
 * of limits) keep within; without an amount all of them, persons ("@owner") only then. What a role
 * has no limits in does not bind it, and without any it approves nothing. Limits and amounts are
 * compared in the limit's currency at today's rate. */
Err limit_roles(Str *out, Ctx *c, const Record *r, const char *roles, const char *fields) MUST;
/* The largest limit that any holder of `role` has for this measure and entity; unlimited=true: none
 * applies. */
Err limit_of_role(Money *out, bool *found, bool *unlimited, Ctx *c, Str role, Str measure,
                  int64_t entity) MUST;

#endif
