/* account.h: how somebody proves who they are: sessions, API tokens, one-time links, failed
 * sign-ins and passwords. Secrets are stored as SHA-256 of 256 random bits; passwords as Argon2id
 * in the user record. Knows no HTTP and no cookie. Every function runs in the caller's transaction
 * (c->db); hashing of passwords (password_hash, password_verify) is done by the caller outside any
 * transaction. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_ACCOUNT_H
#define MODEL_ACCOUNT_H

#include "model/record.h"

extern const DbTable account_tables[];
extern const size_t account_n_tables;

enum { PASSWORD_MIN = 10, PASSWORD_MAX = 512 };

/* ---- sessions: idle 30 minutes, absolute 12 hours ---- */
typedef struct Session {
    int64_t id, user, created_at, last_seen, expires_at;
    Str lang, theme; /* chosen in this session; empty: not chosen */
    Str client;      /* short description of the browser, for the list of sessions */
    Str token;       /* only from session_new */
} Session;
typedef struct Sessions {
    Session *items;
    size_t n, cap;
} Sessions;
/* ERR_MISSING when unknown, expired or idle too long. Does not load the actor. */
Err session_find(Session *out, Ctx *c, Str token) MUST;
Err session_new(Session *out, Ctx *c, int64_t user, Str client) MUST;
Err session_touch(Ctx *c, int64_t id) MUST;
Err session_preferences(Ctx *c, int64_t id, Str lang, Str theme) MUST; /* empty: unchanged */
Err session_list(Sessions *out, Ctx *c, int64_t user) MUST;
/* user 0: any; ERR_MISSING when it is not that user's. */
Err session_end(Ctx *c, int64_t id, int64_t user) MUST;
Err session_end_all(Ctx *c, int64_t user, int64_t except) MUST;

/* ---- API tokens: "gf_" + 43 characters ---- */
typedef struct ApiToken {
    int64_t id, user, created_at, expires_at, last_used;
    Str name, prefix;
    bool is_read_only, is_revoked;
} ApiToken;
typedef struct ApiTokens {
    ApiToken *items;
    size_t n, cap;
} ApiTokens;
Err token_find(ApiToken *out, Ctx *c,
               Str secret) MUST; /* ERR_MISSING: unknown, revoked or expired */
Err token_new(Str *out_secret, Ctx *c, int64_t user, Str name, bool is_read_only,
              int64_t days) MUST;
Err token_list(ApiTokens *out, Ctx *c, int64_t user) MUST; /* user 0: everybody's */
Err token_revoke(Ctx *c, int64_t id, int64_t user) MUST;
Err token_revoke_all(Ctx *c, int64_t user) MUST;
Err token_used(Ctx *c, int64_t id) MUST;

/* ---- the address of a calendar (work/feed.h): one a person, made and revoked by them ---- */
Err feed_new(Str *out_secret, Ctx *c, int64_t person) MUST; /* an older one ends */
Err feed_revoke(Ctx *c, int64_t person) MUST;
Err feed_made_at(int64_t *out, Ctx *c, int64_t person) MUST; /* 0: none */
Err feed_find(int64_t *out_person, Ctx *c, Str secret) MUST; /* ERR_MISSING */

/* ---- failed sign-ins: a delay that doubles per account, or per known browser of the account ----
 */
/* Seconds still to wait; 0: may try. device: secret of the browser cookie, may be empty; it counts
 * only when it belongs to `user`. */
Err attempt_wait(int64_t *seconds, Str *key, Ctx *c, Str email, int64_t user, Str device) MUST;
Err attempt_failed(Ctx *c, Str key) MUST;
Err attempt_clear(Ctx *c, Str key) MUST;
Err device_new(Str *out_secret, Ctx *c, int64_t user) MUST;

/* ---- one-time links (invitation, new password): single use ---- */
Err one_time_new(Str *out_secret, Ctx *c, int64_t user, const char *purpose, int64_t seconds) MUST;
Err one_time_find(int64_t *out_user, Ctx *c, Str secret,
                  const char *purpose) MUST; /* ERR_MISSING */
Err one_time_use(Ctx *c, Str secret) MUST;

/* People who cannot get in yet: active, without a password and not of the directory. */
enum { INVITATION_SECONDS = 7 * 86400 };
typedef struct Uninvited {
    int64_t user, unit;
    Str email, name;
    int64_t until; /* of the last link that was made for them; 0: none */
    bool is_used;  /* that link was replaced, or used up */
} Uninvited;
typedef struct UninvitedList {
    Uninvited *items;
    size_t n, cap;
} UninvitedList;
/* By e-mail, at most `most`, those behind `after` (empty: from the first). */
Err account_uninvited(UninvitedList *out, Ctx *c, Str after, size_t most) MUST;
/* One of them; ERR_MISSING: gone, disabled, or has a password already. */
Err account_uninvited_find(Uninvited *out, Ctx *c, int64_t user) MUST;

/* ---- passwords and users ---- */
/* NULL when it may be used, otherwise why not (English key). */
const char *password_problem(Str password, Str email);
/* Id and hash of an active user; id 0 and an empty hash when there is none (so that work stays the
 * same). The directory's accounts have an id and no hash. */
Err account_credentials(int64_t *out_user, Str *out_hash, Ctx *c, Str email) MUST;
/* Stores a hash made by password_hash and ends the user's sessions but `except`, and, unless they
 * are kept, the API tokens and the calendar's address: whoever knew the old password may have made
 * one. Refused for an account of the directory. */
Err account_set_password(Ctx *c, int64_t user, Str hash, int64_t except, bool keep_tokens) MUST;
/* Ends all sessions and links, revokes all tokens and the calendar's address. */
Err account_end_access(Ctx *c, int64_t user) MUST;
/* Ends the user's sessions but `except` and, unless they are kept, the API tokens and the
 * calendar's address; noted. */
Err account_sign_out(Ctx *c, int64_t user, int64_t except, bool keep_tokens) MUST;
typedef struct Second {
    bool is_on, is_lost; /* lost: sealed under a key that is not here, no code can be checked */
    Str secret;          /* base32 */
    int64_t step;        /* the last one used */
} Second;
Err account_second(Second *out, Ctx *c, int64_t user) MUST;
/* By an administrator (a step of the user): no code is needed. */
Err account_second_clear(Ctx *c, int64_t user) MUST;
Err account_second_set(Ctx *c, int64_t user, Str secret) MUST; /* empty: none any more */
/* Remembers a used step; ERR_CONFLICT when it, or a later one, was used meanwhile. */
Err account_second_used(Ctx *c, int64_t user, int64_t step) MUST;
/* Enables or disables the account; a disabled one has no sessions, and its tokens are refused. */
Err account_set_active(Ctx *c, int64_t user, bool active, Str reason) MUST;

/* The account is gone (an import was taken back): its sessions, tokens, links and browsers go. */
Err account_forget(Ctx *c, int64_t user) MUST;

/* Hourly: expired sessions, links, old attempts. */
Err account_sweep(int64_t *removed, Ctx *c) MUST;

#endif
