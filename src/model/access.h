/* access.h: one declaration of rights, two forms: a check in memory and an SQL condition.
 * Hidden is ERR_MISSING, visible but forbidden ERR_DENIED. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef MODEL_ACCESS_H
#define MODEL_ACCESS_H

#include "model/ctx.h"
#include "model/sql.h"

typedef struct AccessRule {
    const GrantDef *grant;
    const ActorRole *role;
    bool all;             /* no unit limit */
    const int64_t *units; /* sorted ids, when !all and scope is unit */
    size_t n_units;
} AccessRule;
typedef struct Access {
    const Type *type;
    unsigned op;
    bool everything; /* system */
    AccessRule *rules;
    size_t n;
    bool named; /* restricted records whose readers name the actor */
    int64_t user;
} Access;

/* Worked out once per request, type and operation; cheap to call again. */
Err access_of(const Access **out, Ctx *c, const Type *t, unsigned op) MUST;
bool access_any(const Access *a); /* may there be any record at all */
/* The same without working the rules out. */
bool access_may(Ctx *c, const Type *t, enum Op op);
bool access_allows(const Access *a, const Record *r);
/* " AND (...)" over the columns of the type's table under `alias`. */
void access_sql(Sql *sql, const Access *a, const char *alias);
/* The same records as "SELECT ..." with "r.id" and more columns of the type's table r: each rule
 * finds its own, at most `limit`, by its index. PostgreSQL reads the whole table for an OR of rules
 * on different columns. Not for who may read everything. */
void access_sets_sql(Sql *sql, const Access *a, const char *columns, int64_t limit);
/* OK, ERR_MISSING when unreadable, ERR_DENIED when readable but `op` is not allowed (state
 * included). A version of a past day (c->as_of) is judged as the record is today. */
Err access_check(Ctx *c, const Record *r, unsigned op) MUST;
/* Hidden from this actor on this record (intersection over the grants that let them read it). r
 * NULL: hidden under every grant. */
Err access_hidden(FieldSet *out, Ctx *c, const Type *t, const Record *r) MUST;
/* Who edited a record last is of its history: is it this reader's on this record? A record of a
 * past day is judged as it is today. */
Err access_editor(bool *out, Ctx *c, const Record *r) MUST;
/* May the actor make a restricted record one that everybody of its scope sees? */
Err access_may_open(bool *out, Ctx *c, const Record *r) MUST;
/* The rules of `a` that hide none of these fields: what is counted, added up, filtered or sorted by
 * them comes from records that show them, or the result would tell. */
const Access *access_showing(Ctx *c, const Access *a, const Field *const *fields, size_t n);
/* Notes for whom the actor acts in a write that `a` allows on r: Actor.acting_for. */
void access_act(Ctx *c, const Access *a, const Record *r);
void access_act_no_more(Ctx *c); /* what is noted now is not part of that write */
/* Are two users one person for four eyes on this record? They are when one of them acted for the
 * other on it. */
Err access_same_person(bool *out, Ctx *c, const Record *r, int64_t user, int64_t other) MUST;
/* The same of the actor, and of whom they act for in the step or change under way: what every rule
 * of four eyes asks. */
Err access_is_actor(bool *out, Ctx *c, const Record *r, int64_t other) MUST;
/* What that asks about r is read once for several contexts of one transaction. */
Err access_lend(Ctx *to, Ctx *from, const Record *r) MUST;
/* Unit ids at or below `unit` today (or on c->as_of), for filters and figures. */
Err access_units_under(const int64_t **out, size_t *n, Ctx *c, int64_t unit) MUST;
/* Does the actor hold one of these roles (words as in a transition) over this very record, in their
 * own right (*whom 0) or as somebody's delegate? */
Err access_covers(bool *out, int64_t *whom, Ctx *c, const Record *r, const char *words) MUST;
/* Transition: role, scope, four eyes, limit; ERR_DENIED with *why (English key) when shown
 * disabled. ERR_MISSING: not offered at all. */
Err access_transition(Ctx *c, const Record *r, const Transition *t, const char **why) MUST;
/* The same of who takes it now: when OK, Actor.acting_for says for whom. Asking alone leaves it. */
Err access_take(Ctx *c, const Record *r, const Transition *t, const char **why) MUST;
/* The step that the actor may take now, most usual first; never one of danger or one that goes back
 * (transition_goes_back). NULL: none. */
Err access_next_step(const Transition **out, Ctx *c, const Record *r) MUST;

/* The right of a page, as PageDef says it. ERR_DENIED when the actor does not have it. */
Err access_page(Ctx *c, Str right) MUST;

#endif
