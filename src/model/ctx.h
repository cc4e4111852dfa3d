/* ctx.h: what a request, job or command carries: arena, database, model, actor, clock, language,
 * issues. Order: ctx_new, set db (db_read or db_write), actor_load or actor_system, work, end of
 * transaction. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_CTX_H
#define MODEL_CTX_H

#include "model/model.h"

typedef struct ActorRole {
    const RoleDef *role;
    int64_t unit;     /* 0: everywhere */
    int64_t for_user; /* delegation: acting for this user; 0: own role */
    bool is_all;      /* of a delegation of everything: where a record names them, too */
} ActorRole;

typedef struct Actor {
    int64_t user; /* 0: nobody (anonymous) or the system */
    Str email, name;
    bool is_system; /* jobs and commands of the operator: may everything, still written to the
                       history */
    ActorRole *roles;
    size_t n_roles;
    int64_t unit;      /* home unit */
    int64_t token;     /* id of the API token used; 0: session */
    bool is_read_only; /* token scope */
    /* Whom the actor represents in the write under way, 0: themselves; known once the rights for it
     * were asked: a role of one's own comes before a delegated one. */
    int64_t acting_for;
    bool is_acting_known;
    Lang lang;
} Actor;

struct Ctx {
    Arena *arena;
    const Model *model;
    DbSession *session;
    Db *db;
    Actor *actor;
    int64_t now_us;
    Str today; /* ISO, the day of now_us in the institution's zone; set both with ctx_at */
    Lang lang;
    Issues issues;
    Str request_id;
    Str reason;    /* of the change being made, goes into the history */
    Str as_of;     /* ISO date; empty: now */
    Str source;    /* "web" "api" "import:ID" "cli" "job" */
    bool is_exact; /* values come from a program: only their machine form is read */
    /* What a page of a module shows of one record (its text, not only its number): the frame notes
     * the reading of a restricted one. */
    const struct Record *shown;
    bool is_quiet; /* imports and demo data: nobody is told, no outbox row comes of a save */
    /* Zone, mail and the other settings of work/ (work.h); NULL outside a server. */
    const struct WorkConfig *work;
    void *cache;       /* ref titles and others, see cache.h */
    Arena *keep;       /* where the cache lives when `arena` is shorter-lived; NULL: arena */
    struct Bulk *bulk; /* new records held back, see bulk.h; NULL: each save writes at once */
};

Ctx *ctx_new(Arena *a, const Model *m, DbSession *s); /* clock read, language French, no actor */
void ctx_at(Ctx *c, int64_t now_us);                  /* as if it were that instant */
const Zone *ctx_zone(const Ctx *c);                   /* of the institution */
/* The day (since 1970-01-01) of an instant where the institution is, the same as ISO text, and the
 * instant at which such a day begins. */
int64_t ctx_day(const Ctx *c, int64_t us);
Str ctx_date(const Ctx *c, int64_t us);
int64_t ctx_begins(const Ctx *c, int64_t day);
/* The first instant after that ISO day; INT64_MAX when it is none. */
int64_t ctx_ends(const Ctx *c, Str day);
/* ERR_MISSING when there is no such active user. Roles are those valid today, delegations included.
 */
Err actor_load(Ctx *c, int64_t user) MUST;
Err actor_load_by_email(Ctx *c, Str email) MUST;
void actor_system(Ctx *c);
void actor_anonymous(Ctx *c);
bool actor_has_role(const Ctx *c, Str role); /* anywhere; system: true */

/* Adds an issue and returns ERR_INVALID. text: English key of its translation. */
Err issue(Ctx *c, const char *field, const char *code, const char *text);
Err issue_arg(Ctx *c, const char *field, const char *code, const char *text, Str arg);
void warn(Ctx *c, const char *field, const char *code, const char *text);
Str issue_text(Ctx *c, const Issue *i); /* in the reader's language, args filled */
#define TR(c, english) tr((c)->lang, (english))
#define TRS(c, english) trs((c)->lang, (english))

#endif
