/* account.c: sessions, API tokens, addresses of calendars, one-time links, failed sign-ins and
 * passwords, as account.h says. Only hashes of secrets are stored. Knows no HTTP.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/account.h"

#include "base/clock.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "model/history.h"
#include "model/names.h"
#include "model/vault.h"

#define SECOND_US INT64_C(1000000)
#define IDLE_US (30 * 60 * SECOND_US)
#define ABSOLUTE_US (12 * 3600 * SECOND_US)
#define DAY_US (24 * 3600 * SECOND_US)

/* clang-format off */
static const DbColumn session_columns[] = {
    {.name = "id", .type = DB_INT, .not_null = true},
    {.name = "hash", .type = DB_TEXT, .not_null = true},
    {.name = "user_id", .type = DB_INT, .not_null = true},
    {.name = "created_at", .type = DB_INT, .not_null = true},
    {.name = "last_seen", .type = DB_INT, .not_null = true},
    {.name = "expires_at", .type = DB_INT, .not_null = true},
    {.name = "lang", .type = DB_TEXT},
    {.name = "theme", .type = DB_TEXT},
    {.name = "client", .type = DB_TEXT},
};
static const DbIndex session_indexes[] = {
    {"session_hash", "hash", true, NULL}, {"session_user", "user_id, id", false, NULL},
    {"session_expires", "expires_at", false, NULL},
};
static const DbColumn token_columns[] = {
    {.name = "id", .type = DB_INT, .not_null = true},
    {.name = "hash", .type = DB_TEXT, .not_null = true},
    {.name = "user_id", .type = DB_INT, .not_null = true},
    {.name = "name", .type = DB_TEXT},
    {.name = "prefix", .type = DB_TEXT},
    {.name = "scopes", .type = DB_TEXT, .not_null = true},
    {.name = "created_at", .type = DB_INT, .not_null = true},
    {.name = "expires_at", .type = DB_INT, .not_null = true},
    {.name = "last_used", .type = DB_INT, .not_null = true, .default_sql = "0"},
    {.name = "revoked", .type = DB_INT, .not_null = true, .default_sql = "0"},
};
static const DbIndex token_indexes[] = {
    {"api_token_hash", "hash", true, NULL}, {"api_token_user", "user_id, id", false, NULL},
};
static const DbColumn attempt_columns[] = {
    {.name = "account", .type = DB_TEXT, .not_null = true},
    {.name = "failures", .type = DB_INT, .not_null = true},
    {.name = "last_at", .type = DB_INT, .not_null = true},
};
static const DbColumn link_columns[] = {
    {.name = "id", .type = DB_INT, .not_null = true},
    {.name = "hash", .type = DB_TEXT, .not_null = true},
    {.name = "user_id", .type = DB_INT, .not_null = true},
    {.name = "purpose", .type = DB_TEXT, .not_null = true},
    {.name = "expires_at", .type = DB_INT, .not_null = true},
    {.name = "used_at", .type = DB_INT, .not_null = true, .default_sql = "0"},
};
static const DbIndex link_indexes[] = {{"one_time_hash", "hash", true, NULL}};
static const DbColumn device_columns[] = {
    {.name = "id", .type = DB_INT, .not_null = true},
    {.name = "hash", .type = DB_TEXT, .not_null = true},
    {.name = "user_id", .type = DB_INT, .not_null = true},
    {.name = "created_at", .type = DB_INT, .not_null = true},
};
static const DbIndex device_indexes[] = {{"known_device_hash", "hash", true, NULL}};
static const DbColumn feed_columns[] = {
    {.name = "person", .type = DB_INT, .not_null = true, .references = "user"},
    {.name = "hash", .type = DB_TEXT, .not_null = true},
    {.name = "made_at", .type = DB_INT, .not_null = true},
};
static const DbIndex feed_indexes[] = {{"feed_hash", "hash", true, NULL}};

const DbTable account_tables[] = {
    {"session", session_columns, LENGTH(session_columns), NULL, session_indexes, LENGTH(session_indexes)},
    {"api_token", token_columns, LENGTH(token_columns), NULL, token_indexes, LENGTH(token_indexes)},
    {"login_attempt", attempt_columns, LENGTH(attempt_columns), "account", NULL, 0},
    {"one_time", link_columns, LENGTH(link_columns), NULL, link_indexes, LENGTH(link_indexes)},
    {"known_device", device_columns, LENGTH(device_columns), NULL, device_indexes, LENGTH(device_indexes)},
    {"feed", feed_columns, LENGTH(feed_columns), "person", feed_indexes, LENGTH(feed_indexes)},
};
const size_t account_n_tables = LENGTH(account_tables);
/* clang-format on */

static DbValue hash_of(Ctx *c, Str secret) {
    return db_text(sha256_hex(c->arena, secret));
}

/* ---- sessions ---- */

#define SESSION_COLUMNS                                                                            \
    "SELECT id, user_id, created_at, last_seen, expires_at, lang, theme, client, " NAMES_NUMBER    \
    " FROM session "

static Session session_of(const Rows *r) {
    return (Session){.id = rows_int(r, 0),
                     .user = rows_int(r, 1),
                     .created_at = rows_int(r, 2),
                     .last_seen = rows_int(r, 3),
                     .expires_at = rows_int(r, 4),
                     .lang = rows_copy(r, 5),
                     .theme = rows_copy(r, 6),
                     .client = rows_copy(r, 7)};
}

Err session_find(Session *out, Ctx *c, Str token) {
    *out = (Session){0};
    if (token.n < 40 || token.n > 64) return ERR_MISSING;
    Rows *r;
    TRY(db_few(&r, c->db, c->arena,
               SESSION_COLUMNS "WHERE hash = $1 AND expires_at > $2 AND last_seen > $3",
               ARGS(hash_of(c, token), db_int(c->now_us), db_int(c->now_us - IDLE_US))));
    bool has = false;
    TRY(rows_next(&has, r));
    if (!has) return ERR_MISSING;
    *out = session_of(r);
    names_tell(c, rows_int(r, 8));
    rows_close(r);
    return OK;
}

Err session_new(Session *out, Ctx *c, int64_t user, Str client) {
    Session s = {.user = user,
                 .created_at = c->now_us,
                 .last_seen = c->now_us,
                 .expires_at = c->now_us + ABSOLUTE_US,
                 .client = utf8_clip(client, 80),
                 .token = random_token(c->arena, 32)};
    TRY(db_run(c->db, NULL,
               "INSERT INTO session (hash, user_id, created_at, last_seen, expires_at, client) "
               "VALUES ($1, $2, $3, $3, $4, $5)",
               ARGS(hash_of(c, s.token), db_int(user), db_int(c->now_us), db_int(s.expires_at),
                    db_text_or_null(s.client))));
    bool found = false;
    TRY(db_get_int(&s.id, &found, c->db, "SELECT id FROM session WHERE hash = $1",
                   ARGS(hash_of(c, s.token))));
    *out = s;
    return found ? OK : ERR_INTERNAL;
}

Err session_touch(Ctx *c, int64_t id) {
    return db_run(c->db, NULL, "UPDATE session SET last_seen = $2 WHERE id = $1 AND last_seen < $2",
                  ARGS(db_int(id), db_int(c->now_us)));
}

Err session_preferences(Ctx *c, int64_t id, Str lang, Str theme) {
    return db_run(c->db, NULL,
                  "UPDATE session SET lang = COALESCE($2, lang), theme = COALESCE($3, theme) "
                  "WHERE id = $1",
                  ARGS(db_int(id), db_text_or_null(lang), db_text_or_null(theme)));
}

Err session_list(Sessions *out, Ctx *c, int64_t user) {
    Rows *r;
    TRY(db_few(&r, c->db, c->arena,
               SESSION_COLUMNS "WHERE user_id = $1 AND expires_at > $2 AND last_seen > $3 "
                               "ORDER BY last_seen DESC LIMIT 200",
               ARGS(db_int(user), db_int(c->now_us), db_int(c->now_us - IDLE_US))));
    *out = (Sessions){0};
    for (bool has;;) {
        TRY(rows_next(&has, r));
        if (!has) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = session_of(r);
    }
}

Err session_end(Ctx *c, int64_t id, int64_t user) {
    int64_t n = 0;
    TRY(db_run(c->db, &n, "DELETE FROM session WHERE id = $1 AND ($2 = 0 OR user_id = $2)",
               ARGS(db_int(id), db_int(user))));
    return n ? OK : ERR_MISSING;
}

Err session_end_all(Ctx *c, int64_t user, int64_t except) {
    return db_run(c->db, NULL, "DELETE FROM session WHERE user_id = $1 AND id <> $2",
                  ARGS(db_int(user), db_int(except)));
}

/* ---- API tokens ---- */

#define TOKEN_COLUMNS                                                                                     \
    "SELECT id, user_id, created_at, expires_at, last_used, name, prefix, scopes, revoked, " NAMES_NUMBER \
    " FROM api_token "

static ApiToken token_of(const Rows *r) {
    return (ApiToken){.id = rows_int(r, 0),
                      .user = rows_int(r, 1),
                      .created_at = rows_int(r, 2),
                      .expires_at = rows_int(r, 3),
                      .last_used = rows_int(r, 4),
                      .name = rows_copy(r, 5),
                      .prefix = rows_copy(r, 6),
                      .is_read_only = !str_is(rows_text(r, 7), "write"),
                      .is_revoked = rows_int(r, 8) != 0};
}

Err token_find(ApiToken *out, Ctx *c, Str secret) {
    *out = (ApiToken){0};
    if (secret.n < 40 || secret.n > 64) return ERR_MISSING;
    Rows *r;
    TRY(db_few(&r, c->db, c->arena,
               TOKEN_COLUMNS "WHERE hash = $1 AND revoked = 0 AND expires_at > $2",
               ARGS(hash_of(c, secret), db_int(c->now_us))));
    bool has = false;
    TRY(rows_next(&has, r));
    if (!has) return ERR_MISSING;
    *out = token_of(r);
    names_tell(c, rows_int(r, 9));
    rows_close(r);
    return OK;
}

Err token_new(Str *out_secret, Ctx *c, int64_t user, Str name, bool is_read_only, int64_t days) {
    if (days < 1 || days > 3650)
        return issue(c, "days", "range", N_("A token lives between 1 and 3650 days."));
    if (name.n == 0) return issue(c, "name", "required", N_("Give the token a name."));
    *out_secret = str_join(c->arena, S("gf_"), random_token(c->arena, 32));
    return db_run(c->db, NULL,
                  "INSERT INTO api_token (hash, user_id, name, prefix, scopes, created_at, "
                  "expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                  ARGS(hash_of(c, *out_secret), db_int(user), db_text(utf8_clip(name, 100)),
                       db_text(str_sub(*out_secret, 0, 9)),
                       db_textz(is_read_only ? "read" : "write"), db_int(c->now_us),
                       db_int(c->now_us + days * DAY_US)));
}

Err token_list(ApiTokens *out, Ctx *c, int64_t user) {
    Rows *r;
    TRY(db_few(&r, c->db, c->arena,
               TOKEN_COLUMNS "WHERE $1 = 0 OR user_id = $1 ORDER BY id DESC LIMIT 1000",
               ARGS(db_int(user))));
    *out = (ApiTokens){0};
    for (bool has;;) {
        TRY(rows_next(&has, r));
        if (!has) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = token_of(r);
    }
}

Err token_revoke(Ctx *c, int64_t id, int64_t user) {
    int64_t n = 0;
    TRY(db_run(c->db, &n,
               "UPDATE api_token SET revoked = 1 WHERE id = $1 AND ($2 = 0 OR user_id = $2)",
               ARGS(db_int(id), db_int(user))));
    return n ? OK : ERR_MISSING;
}

Err token_revoke_all(Ctx *c, int64_t user) {
    return db_run(c->db, NULL,
                  "UPDATE api_token SET revoked = 1 WHERE user_id = $1 AND revoked = 0",
                  ARGS(db_int(user)));
}

Err token_used(Ctx *c, int64_t id) {
    return db_run(c->db, NULL, "UPDATE api_token SET last_used = $2 WHERE id = $1",
                  ARGS(db_int(id), db_int(c->now_us)));
}

/* ---- addresses of calendars ---- */

Err feed_new(Str *out_secret, Ctx *c, int64_t person) {
    *out_secret = random_token(c->arena, 32);
    return db_run(c->db, NULL,
                  "INSERT INTO feed (person, hash, made_at) VALUES ($1, $2, $3) ON CONFLICT "
                  "(person) DO UPDATE SET hash = excluded.hash, made_at = excluded.made_at",
                  ARGS(db_int(person), hash_of(c, *out_secret), db_int(c->now_us)));
}

Err feed_revoke(Ctx *c, int64_t person) {
    return db_run(c->db, NULL, "DELETE FROM feed WHERE person = $1", ARGS(db_int(person)));
}

Err feed_made_at(int64_t *out, Ctx *c, int64_t person) {
    bool found;
    *out = 0;
    return db_get_int(out, &found, c->db, "SELECT made_at FROM feed WHERE person = $1",
                      ARGS(db_int(person)));
}

Err feed_find(int64_t *out_person, Ctx *c, Str secret) {
    bool found;
    if (secret.n != 43) return ERR_MISSING;
    TRY(db_get_int(out_person, &found, c->db, "SELECT person FROM feed WHERE hash = $1",
                   ARGS(hash_of(c, secret))));
    return found ? OK : ERR_MISSING;
}

/* What works in somebody's name without a sign-in: programs and calendars. */
static Err standing_end(Ctx *c, int64_t user) {
    TRY(feed_revoke(c, user));
    return token_revoke_all(c, user);
}

/* ---- failed sign-ins ---- */

/* Three free tries, then 2, 4, 8 ... seconds, at most five minutes: an attacker is slowed down, the
 * owner is never locked out, and his known browser has a counter of its own. */
static int64_t delay_seconds(int64_t failures) {
    if (failures < 3) return 0;
    return failures > 10 ? 300 : INT64_C(1) << (failures - 2);
}

Err attempt_wait(int64_t *seconds, Str *key, Ctx *c, Str email, int64_t user, Str device) {
    *seconds = 0;
    Str name = str_lower_ascii(c->arena, email);
    if (device.n && user) {
        int64_t id;
        bool known = false;
        TRY(db_get_int(&id, &known, c->db,
                       "SELECT id FROM known_device WHERE hash = $1 AND user_id = $2",
                       ARGS(hash_of(c, device), db_int(user))));
        if (known) name = str_fmt(c->arena, "%.*s device %lld", FMT(name), (long long)id);
    }
    *key = sha256_hex(c->arena, name);
    Rows *r;
    /* Tries at the same moment wait for each other, or all of them would be free. */
    const char *lock = db_is_read_only(c->db) ? "" : db_for_update(c->db);
    Str sql =
        str_fmt(c->arena, "SELECT failures, last_at FROM login_attempt WHERE account = $1%s", lock);
    TRY(db_few(&r, c->db, c->arena, str_z(c->arena, sql), ARGS(db_text(*key))));
    bool has = false;
    TRY(rows_next(&has, r));
    if (!has) return OK;
    int64_t until = rows_int(r, 1) + delay_seconds(rows_int(r, 0)) * SECOND_US;
    if (until > c->now_us) *seconds = (until - c->now_us + SECOND_US - 1) / SECOND_US;
    rows_close(r);
    return OK;
}

Err attempt_failed(Ctx *c, Str key) {
    return db_run(c->db, NULL,
                  "INSERT INTO login_attempt (account, failures, last_at) VALUES ($1, 1, $2) "
                  "ON CONFLICT (account) DO UPDATE SET failures = login_attempt.failures + 1, "
                  "last_at = $2",
                  ARGS(db_text(key), db_int(c->now_us)));
}

Err attempt_clear(Ctx *c, Str key) {
    return db_run(c->db, NULL, "DELETE FROM login_attempt WHERE account = $1", ARGS(db_text(key)));
}

Err device_new(Str *out_secret, Ctx *c, int64_t user) {
    *out_secret = random_token(c->arena, 32);
    return db_run(c->db, NULL,
                  "INSERT INTO known_device (hash, user_id, created_at) VALUES ($1, $2, $3)",
                  ARGS(hash_of(c, *out_secret), db_int(user), db_int(c->now_us)));
}

/* ---- one-time links ---- */

/* A link that was asked for again, or whose purpose is done, opens nothing any more. */
static Err one_time_end(Ctx *c, int64_t user, const char *purpose) {
    return db_run(c->db, NULL,
                  "UPDATE one_time SET used_at = $3 WHERE user_id = $1 AND purpose = $2 "
                  "AND used_at = 0",
                  ARGS(db_int(user), db_textz(purpose), db_int(c->now_us)));
}

Err one_time_new(Str *out_secret, Ctx *c, int64_t user, const char *purpose, int64_t seconds) {
    *out_secret = random_token(c->arena, 32);
    if (strcmp(purpose, "password") == 0) TRY(one_time_end(c, user, purpose));
    return db_run(c->db, NULL,
                  "INSERT INTO one_time (hash, user_id, purpose, expires_at) "
                  "VALUES ($1, $2, $3, $4)",
                  ARGS(hash_of(c, *out_secret), db_int(user), db_textz(purpose),
                       db_int(c->now_us + seconds * SECOND_US)));
}

Err one_time_find(int64_t *out_user, Ctx *c, Str secret, const char *purpose) {
    *out_user = 0;
    bool found = false;
    if (secret.n < 40 || secret.n > 64) return ERR_MISSING;
    TRY(db_get_int(out_user, &found, c->db,
                   "SELECT user_id FROM one_time WHERE hash = $1 AND purpose = $2 AND used_at = 0 "
                   "AND expires_at > $3",
                   ARGS(hash_of(c, secret), db_textz(purpose), db_int(c->now_us))));
    return found ? OK : ERR_MISSING;
}

Err one_time_use(Ctx *c, Str secret) {
    int64_t n = 0;
    TRY(db_run(c->db, &n, "UPDATE one_time SET used_at = $2 WHERE hash = $1 AND used_at = 0",
               ARGS(hash_of(c, secret), db_int(c->now_us))));
    return n ? OK : ERR_MISSING;
}

/* ---- people who cannot get in yet ---- */

static Uninvited uninvited_of(const Rows *r) {
    return (Uninvited){.user = rows_int(r, 0),
                       .unit = rows_int(r, 1),
                       .email = rows_copy(r, 2),
                       .name = rows_copy(r, 3),
                       .until = rows_int(r, 4),
                       .is_used = rows_int(r, 5) != 0};
}

#define UNINVITED                                                                                   \
    "SELECT u.id, u.home_unit, u.email, u.name, o.expires_at, o.used_at FROM \"user\" u LEFT JOIN " \
    "one_time o ON o.id = (SELECT MAX(id) FROM one_time WHERE user_id = u.id AND purpose = "        \
    "'password') WHERE u.state = 'active' AND COALESCE(u.password_hash, '') = '' "                  \
    "AND COALESCE(u.directory_key, '') = '' "

Err account_uninvited(UninvitedList *out, Ctx *c, Str after, size_t most) {
    Rows *r;
    bool more;
    *out = (UninvitedList){0};
    TRY(db_rows(&r, c->db, c->arena, UNINVITED "AND u.email > $1 ORDER BY u.email LIMIT $2",
                ARGS(db_text(after), db_int((int64_t)most))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = uninvited_of(r);
    }
}

Err account_uninvited_find(Uninvited *out, Ctx *c, int64_t user) {
    Rows *r;
    bool found;
    *out = (Uninvited){0};
    TRY(db_few(&r, c->db, c->arena, UNINVITED "AND u.id = $1", ARGS(db_int(user))));
    TRY(rows_next(&found, r));
    if (found) *out = uninvited_of(r);
    rows_close(r);
    return found ? OK : ERR_MISSING;
}

/* ---- passwords and users ---- */

/* Long enough to pass the length rule, yet among the first that anybody tries. */
static const char *const common_passwords[] = {
    "1234567890",   "12345678910",   "0123456789",    "123456789a",     "1111111111",
    "0000000000",   "9876543210",    "1q2w3e4r5t",    "1qaz2wsx3edc",   "q1w2e3r4t5",
    "qwertyuiop",   "qwerty12345",   "qwerty1234",    "qwerty123456",   "azertyuiop",
    "azerty12345",  "azerty1234",    "azerty123456",  "password12",     "password123",
    "password1234", "password12345", "password2024",  "password2025",   "password2026",
    "passw0rd123",  "p@ssw0rd123",   "p@ssword123",   "motdepasse",     "motdepasse1",
    "motdepasse12", "motdepasse123", "administrator", "administrateur", "admin12345",
    "admin123456",  "adminadmin",    "changeme123",   "letmein123",     "welcome123",
    "welcome1234",  "bienvenue1",    "bienvenue123",  "bonjour123",     "iloveyou123",
    "jetaime123",   "football123",   "superman123",   "princess123",    "soleil12345",
    "marseille13",  "casablanca",    "casablanca1",   "casablanca123",  "maroc12345",
    "morocco123",   "abcdefghij",    "abcd123456",    "abc1234567",     "aaaaaaaaaa",
    "test123456",   "testtest123",   "secret12345",   "gardefou123",    "gardefou2026",
    "trustno1234",  "sunshine123",   "dragon12345",   "monkey12345",    "master12345",
};

const char *password_problem(Str password, Str email) {
    if (!utf8_is_valid(password)) return N_("The password holds characters that cannot be read.");
    if (utf8_count(password) < PASSWORD_MIN) return N_("Use at least 10 characters.");
    if (password.n > PASSWORD_MAX) return N_("The password is too long.");
    Arena *scratch = arena_new(64 << 10);
    Str lower = str_lower_ascii(scratch, password);
    const char *why = NULL;
    for (size_t i = 0; i < LENGTH(common_passwords) && !why; i++)
        if (str_is(lower, common_passwords[i]))
            why = N_("This password is among the first that anybody tries.");
    if (email.n && str_eq(lower, str_lower_ascii(scratch, email)))
        why = N_("The password must not be the e-mail address.");
    bool all_same = true;
    for (size_t i = 1; i < lower.n; i++) all_same = all_same && lower.p[i] == lower.p[0];
    if (all_same) why = N_("This password is among the first that anybody tries.");
    arena_free(scratch);
    return why;
}

Err account_credentials(int64_t *out_user, Str *out_hash, Ctx *c, Str email) {
    *out_user = 0;
    *out_hash = (Str){0};
    if (email.n == 0 || email.n > 254) return OK;
    const Type *user = model_need(c->model, "user");
    int64_t id = 0;
    Err e = ref_find(&id, c, user, str_lower_ascii(c->arena, email));
    if (e == ERR_MISSING) e = ref_find(&id, c, user, email);
    if (e == ERR_MISSING) return OK;
    TRY(e);
    Record *r;
    TRY(record_load_raw(&r, c, user, id));
    if (r->state->flags & STATE_CLOSED) return OK;
    *out_user = id;
    if (!record_text(r, "directory_key").n)
        *out_hash = str_copy(c->arena, record_text(r, "password_hash"));
    return OK;
}

/* The account's owner and the operator may do this whatever their roles say about user records; the
 * history still names who it was. */
static Actor *elevate(Ctx *c, Actor *copy) {
    Actor *own = c->actor;
    *copy = own ? *own : (Actor){0};
    copy->is_system = true;
    c->actor = copy;
    return own;
}

Err account_set_password(Ctx *c, int64_t user, Str hash, int64_t except, bool keep_tokens) {
    Record *r, *saved;
    TRY(record_load_raw(&r, c, model_need(c->model, "user"), user));
    if (record_text(r, "directory_key").n)
        return issue(c, "password", "directory",
                     N_("The password of this account is kept by the directory."));
    Record *next = record_clone(c, r);
    record_set(next, "password_hash", value_text(hash));
    Actor copy, *own = elevate(c, &copy);
    Err e = record_save(&saved, c, next, "password");
    c->actor = own;
    TRY(e);
    /* Who knew the old password, or was sent a link, must begin again. */
    TRY(one_time_end(c, user, "password"));
    TRY(one_time_end(c, user, "second"));
    if (!keep_tokens) TRY(standing_end(c, user));
    return session_end_all(c, user, except);
}

Err account_end_access(Ctx *c, int64_t user) {
    TRY(one_time_end(c, user, "password"));
    TRY(one_time_end(c, user, "second"));
    TRY(standing_end(c, user));
    return session_end_all(c, user, 0);
}

Err account_sign_out(Ctx *c, int64_t user, int64_t except, bool keep_tokens) {
    Record *r;
    TRY(record_load_raw(&r, c, model_need(c->model, "user"), user));
    TRY(history_note(c, r, "sign_out_everywhere", (Str){0}));
    if (!keep_tokens) TRY(standing_end(c, user));
    return session_end_all(c, user, except);
}

Err account_second(Second *out, Ctx *c, int64_t user) {
    Record *r;
    TRY(record_load_raw(&r, c, model_need(c->model, "user"), user));
    Str stored = record_text(r, "totp_secret");
    *out = (Second){.is_on = stored.n > 0, .step = record_int(r, "totp_last_step")};
    out->is_lost = !vault_open(&out->secret, c, stored);
    return OK;
}

/* Beside the version, like every write of a secret; the step that asked for it is in the history.
 */
Err account_second_clear(Ctx *c, int64_t user) {
    TRY(one_time_end(c, user, "second"));
    return db_run(c->db, NULL,
                  "UPDATE \"user\" SET totp_secret = NULL, totp_last_step = NULL WHERE id = $1",
                  ARGS(db_int(user)));
}

Err account_second_set(Ctx *c, int64_t user, Str secret) {
    Record *r, *saved;
    Str sealed;
    TRY(vault_seal(&sealed, c, secret));
    TRY(record_load_raw(&r, c, model_need(c->model, "user"), user));
    Record *next = record_clone(c, r);
    record_set(next, "totp_secret", value_text(sealed));
    record_set(next, "totp_last_step", (Value){0});
    Actor copy, *own = elevate(c, &copy);
    Err e = record_save(&saved, c, next, secret.n ? "second_factor_on" : "second_factor_off");
    c->actor = own;
    return e;
}

/* Written beside the record's version: a secret field is no part of its history. */
Err account_second_used(Ctx *c, int64_t user, int64_t step) {
    int64_t changed;
    TRY(db_run(
        c->db, &changed,
        "UPDATE \"user\" SET totp_last_step = $2 WHERE id = $1 AND COALESCE(totp_last_step, 0) < $2",
        ARGS(db_int(user), db_int(step))));
    return changed == 1 ? OK : ERR_CONFLICT;
}

Err account_set_active(Ctx *c, int64_t user, bool active, Str reason) {
    Record *r, *saved;
    TRY(record_load_raw(&r, c, model_need(c->model, "user"), user));
    Input in = {0};
    input_add(&in, c->arena, S("reason"), reason);
    Actor copy, *own = elevate(c, &copy);
    Err e = record_move(&saved, c, r, active ? "enable" : "disable", &in);
    c->actor = own;
    return e;
}

Err account_forget(Ctx *c, int64_t user) {
    static const char *const all[] = {
        "DELETE FROM session WHERE user_id = $1", "DELETE FROM api_token WHERE user_id = $1",
        "DELETE FROM one_time WHERE user_id = $1", "DELETE FROM known_device WHERE user_id = $1",
        "DELETE FROM feed WHERE person = $1"};
    for (size_t i = 0; i < LENGTH(all); i++) TRY(db_run(c->db, NULL, all[i], ARGS(db_int(user))));
    return OK;
}

Err account_sweep(int64_t *removed, Ctx *c) {
    int64_t n = 0;
    *removed = 0;
    TRY(db_run(c->db, &n, "DELETE FROM session WHERE expires_at < $1 OR last_seen < $2",
               ARGS(db_int(c->now_us), db_int(c->now_us - IDLE_US))));
    *removed += n;
    TRY(db_run(c->db, &n, "DELETE FROM one_time WHERE expires_at < $1",
               ARGS(db_int(c->now_us - 30 * DAY_US))));
    *removed += n;
    TRY(db_run(c->db, &n, "DELETE FROM login_attempt WHERE last_at < $1",
               ARGS(db_int(c->now_us - DAY_US))));
    *removed += n;
    TRY(db_run(c->db, &n, "DELETE FROM known_device WHERE created_at < $1",
               ARGS(db_int(c->now_us - 365 * DAY_US))));
    *removed += n;
    return OK;
}
