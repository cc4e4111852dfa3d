/* idempotency.c: kept answers of creating requests (idempotency.h). What was answered (a restricted
 * record, the code of an anonymous declaration) is sealed under the request's key, of which only
 * the hash is stored: the database alone does not give it away. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "model/idempotency.h"

#include "base/secret.h"

#define KEEP_US (INT64_C(7) * 24 * 3600 * 1000000)

/* clang-format off */
static const DbColumn columns[] = {
    {.name = "id", .type = DB_INT, .not_null = true},
    {.name = "account", .type = DB_INT, .not_null = true},
    {.name = "request_key", .type = DB_TEXT, .not_null = true},
    {.name = "request_hash", .type = DB_TEXT, .not_null = true},
    {.name = "status", .type = DB_INT, .not_null = true},
    {.name = "body", .type = DB_TEXT},
    {.name = "content_type", .type = DB_TEXT},
    {.name = "location", .type = DB_TEXT},
    {.name = "etag", .type = DB_TEXT},
    {.name = "created_at", .type = DB_INT, .not_null = true},
};
static const DbIndex indexes[] = {
    {"idempotency_key", "account, request_key", true, NULL},
    {"idempotency_age", "created_at", false, NULL},
};
const DbTable idempotency_tables[] = {
    {"idempotency", columns, LENGTH(columns), NULL, indexes, LENGTH(indexes)},
};
const size_t idempotency_n_tables = LENGTH(idempotency_tables);
/* clang-format on */

static DbValue key_hash(Ctx *c, Str key) {
    return db_text(sha256_hex(c->arena, key));
}

static DbValue sealed(Ctx *c, Str key, Str text) {
    return db_text_or_null(secret_seal(c->arena, key, text));
}

static int64_t account_of(const Ctx *c) {
    return c->actor ? c->actor->user : 0;
}

Err idempotency_find(Answer *out, bool *found, Ctx *c, Str key, Str request_hash) {
    *out = (Answer){0};
    *found = false;
    Rows *r;
    TRY(db_few(&r, c->db, c->arena,
               "SELECT request_hash, status, body, content_type, location, etag FROM idempotency "
               "WHERE account = $1 AND request_key = $2 AND created_at > $3",
               ARGS(db_int(account_of(c)), key_hash(c, key), db_int(c->now_us - KEEP_US))));
    TRY(rows_next(found, r));
    if (!*found) return OK;
    bool same = str_eq(rows_text(r, 0), request_hash);
    *out = (Answer){
        .status = rows_int(r, 1), .content_type = rows_copy(r, 3), .etag = rows_copy(r, 5)};
    bool opens = secret_open(&out->body, c->arena, key, rows_text(r, 2)) &&
                 secret_open(&out->location, c->arena, key, rows_text(r, 4));
    rows_close(r);
    if (same && opens) return OK;
    return issue(c, "", "key_reused",
                 N_("This idempotency key was already used for another request."));
}

Err idempotency_keep(Ctx *c, Str key, Str request_hash, const Answer *answer) {
    /* A key older than seven days may be used again. */
    TRY(db_run(c->db, NULL,
               "DELETE FROM idempotency WHERE account = $1 AND request_key = $2 AND "
               "created_at <= $3",
               ARGS(db_int(account_of(c)), key_hash(c, key), db_int(c->now_us - KEEP_US))));
    return db_run(c->db, NULL,
                  "INSERT INTO idempotency (account, request_key, request_hash, status, body, "
                  "content_type, location, etag, created_at) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                  ARGS(db_int(account_of(c)), key_hash(c, key), db_text(request_hash),
                       db_int(answer->status), sealed(c, key, answer->body),
                       db_text_or_null(answer->content_type), sealed(c, key, answer->location),
                       db_text_or_null(answer->etag), db_int(c->now_us)));
}

Err idempotency_sweep(int64_t *removed, Ctx *c) {
    return db_run(c->db, removed, "DELETE FROM idempotency WHERE created_at < $1",
                  ARGS(db_int(c->now_us - KEEP_US)));
}
