/* frame.c: one request from the first byte to the answer: route, who it is, CSRF, limits,
 * transaction, idempotency, commit, and only then the answer. The one place that maps Err to HTTP.
 * The shell and the rendering stand in frame_answer.c. Names no module and no record type but
 * through the model. SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/frame_internal.h"
#include "web/scan.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "model/history.h"

#include <pthread.h>
#include <stdlib.h>

enum { ATTEMPTS = 4 };

void frame_settle(void *app) {
    db_commit_open(((Server *)app)->base);
}

/* ---- limits ---- */

enum { LIMITER_SLOTS = 4096 };
typedef struct Bucket {
    int64_t account, at_us, tokens; /* tokens in millionths */
} Bucket;
struct Limiter {
    pthread_mutex_t lock;
    int64_t rate, seconds, burst; /* rate tokens in so many seconds */
    Bucket slots[LIMITER_SLOTS];
};

Limiter *limiter_new(Arena *process, int rate, int seconds, int burst) {
    Limiter *l = NEW(process, Limiter);
    CHECK(pthread_mutex_init(&l->lock, NULL) == 0, "no mutex");
    l->rate = rate;
    l->seconds = seconds;
    l->burst = burst * INT64_C(1000000);
    return l;
}

bool limiter_take(Limiter *l, int64_t account, int64_t now_mono_us) {
    Bucket *b = &l->slots[(uint64_t)account * UINT64_C(0x9E3779B97F4A7C15) >> 52];
    pthread_mutex_lock(&l->lock);
    if (b->account != account) *b = (Bucket){account, now_mono_us, l->burst};
    int64_t gained, passed = now_mono_us - b->at_us;
    if (passed < 0) passed = 0;
    if (mul_overflows(passed, l->rate, &gained) || gained / l->seconds > l->burst)
        gained = l->burst;
    else
        gained /= l->seconds;
    b->tokens = b->tokens + gained > l->burst ? l->burst : b->tokens + gained;
    b->at_us = now_mono_us;
    bool may = b->tokens >= 1000000;
    if (may) b->tokens -= 1000000;
    pthread_mutex_unlock(&l->lock);
    return may;
}

/* ---- per process and per thread ---- */

void frame_server_init(Server *server) {
    enum { HOUR_SECONDS = 3600 };
    ServerConfig *config = &server->config;
    if (config->rate < 1) config->rate = 50;
    if (config->burst < 1) config->burst = 200;
    if (config->anonymous_rate < 1) config->anonymous_rate = 120;
    server->limiter = limiter_new(server->process, config->rate, 1, config->burst);
    /* Ten minutes' worth at once. */
    server->anonymous = limiter_new(server->process, config->anonymous_rate, HOUR_SECONDS,
                                    (config->anonymous_rate + 5) / 6);
    server->started_us = clock_now_us();
    frame_nav_init(server);
    if (!server->config.zone) server->config.zone = "Africa/Casablanca";
    if (!server->config.max_upload) server->config.max_upload = (size_t)25 << 20;
}

/* The first worker opens all languages, so that a start without their data fails, and so do those
 * that make most answers; the others when somebody reads them. */
void *frame_worker_new(void *app, int index) {
    Server *server = app;
    Arena *arena = arena_new(64 << 20);
    Worker *w = NEW(arena, Worker);
    w->server = server;
    w->arena = arena;
    Err e = db_session_new(&w->db, server->base);
    for (int i = 0; e == OK && index <= 0 && i < LANG_COUNT; i++)
        e = format_locale_new(&w->locales[i], arena, (Lang)i, server->config.zone);
    if (e == OK) return w;
    if (w->db) db_session_free(w->db);
    arena_free(arena);
    return NULL;
}

void frame_worker_free(void *worker) {
    Worker *w = worker;
    if (!w) return;
    db_session_free(w->db);
    arena_free(w->arena);
}

const Locale *frame_locale(Web *w) {
    Worker *k = w->worker;
    Locale **l = &k->locales[w->lang];
    if (*l) return *l;
    Err e = format_locale_new(l, k->arena, w->lang, k->server->config.zone);
    CHECK(e == OK, "a language could be opened at the start and cannot be now");
    return *l;
}

size_t frame_body_limit(HttpMethod method, Str path) {
    if (method != HTTP_POST || str_starts(path, S("/api/")) || str_starts(path, S("/login")) ||
        str_starts(path, S("/account")) || str_starts(path, S("/preferences")))
        return 0;
    return (size_t)25 << 20;
}

/* Its length is all that can be seen without the database. */
bool frame_has_credentials(const HttpRequest *r) {
    enum { SHORTEST = 40 };
    static const char *const cookies[] = {"session", "__Host-session"};
    for (size_t i = 0; i < LENGTH(cookies); i++)
        if (web_cookie(r, cookies[i]).n >= SHORTEST) return true;
    Str given = http_header(r, "authorization");
    Str bearer = str_lower_ascii(r->arena, str_sub(given, 0, 7));
    return str_is(bearer, "bearer ") && given.n >= 7 + SHORTEST;
}

HttpClass frame_classify(HttpMethod method, Str path, bool has_credentials) {
    if (str_is(path, "/healthz")) return HTTP_CLASS_HEALTH;
    if (str_starts(path, S("/assets/"))) return HTTP_CLASS_READ;
    if (!has_credentials) return HTTP_CLASS_ANON;
    if (method != HTTP_GET && method != HTTP_HEAD) return HTTP_CLASS_WRITE;
    bool costly = str_starts(path, S("/reports/")) || str_starts(path, S("/measures/")) ||
                  str_starts(path, S("/api/v1/measures/")) || str_ends(path, S(".xlsx")) ||
                  str_ends(path, S(".csv"));
    return costly ? HTTP_CLASS_COSTLY : HTTP_CLASS_READ;
}

/* ---- small helpers for handlers ---- */

Page *web_page(Web *w) {
    w->page = NEW(w->arena, Page);
    return w->page;
}

Err web_redirect(Web *w, Str path, const char *flash) {
    w->location = path;
    w->flash = flash;
    return OK;
}

Str web_safe_path(Str path, Str otherwise) {
    if (path.n == 0 || path.n > 2000 || path.p[0] != '/') return otherwise;
    if (path.n > 1 && (path.p[1] == '/' || path.p[1] == '\\')) return otherwise;
    for (size_t i = 0; i < path.n; i++) {
        unsigned char c = (unsigned char)path.p[i];
        if (c <= 0x20 || c == 0x7f || c == '\\') return otherwise;
    }
    return path;
}

Str web_cookie(const HttpRequest *r, const char *name) {
    Str rest = http_header(r, "cookie"), part;
    while (rest.n && str_cut(&part, &rest, ';')) {
        part = str_trim(part);
        Str key;
        if (str_cut(&key, &part, '=') && str_is(str_trim(key), name)) return part;
    }
    return (Str){0};
}

/* ---- who is it ---- */

static Str session_cookie_value(const Web *w) {
    return web_cookie(w->request, w->request->is_tls ? "__Host-session" : "session");
}

static Lang pick_lang(const Web *w) {
    Lang lang;
    if (w->session.id && lang_parse(&lang, w->session.lang)) return lang;
    if (lang_parse(&lang, web_cookie(w->request, "lang"))) return lang;
    if (w->c->actor && w->c->actor->user) return w->c->actor->lang;
    return lang_negotiate(http_header(w->request, "accept-language"), LANG_FR);
}

static Str pick_theme(const Web *w) {
    Str theme = w->session.theme;
    if (theme.n == 0) theme = web_cookie(w->request, "theme");
    return str_is(theme, "dark") || str_is(theme, "light") ? theme : S("auto");
}

static Ctx *fresh_ctx(Web *w, Db *db) {
    Ctx *c = ctx_new(w->arena, w->server->model, w->worker->db);
    c->db = db;
    c->request_id = w->request->id;
    c->source = w->is_api || w->is_bearer ? S("api") : S("web");
    c->is_exact = w->is_api;
    c->lang = w->lang;
    c->work = &w->server->config.work;
    w->c = c;
    return c;
}

static bool is_public_page(const Web *w) {
    return w->page_def && str_is(str_of(w->page_def->right), "public");
}

static int64_t account_of(const Web *w) {
    return w->is_bearer ? w->token.user : w->session.user;
}

/* On a page for everybody nobody is known, not even who is signed in: what is declared there
 * without a name is kept without one. */
static Err load_actor(Web *w) {
    Ctx *c = w->c;
    int64_t user = account_of(w);
    if (user == 0 || is_public_page(w)) {
        actor_anonymous(c);
        return OK;
    }
    Err e = actor_load(c, user);
    c->lang = w->lang; /* what the reader chose goes before what the account says */
    if (e == ERR_MISSING) {
        /* Disabled meanwhile: the session is worth nothing. */
        w->session = (Session){0};
        w->is_bearer = false;
        w->token = (ApiToken){0};
        actor_anonymous(c);
        return OK;
    }
    TRY(e);
    if (w->is_bearer) {
        c->actor->token = w->token.id;
        c->actor->is_read_only = w->token.is_read_only;
    }
    return OK;
}

static Err authenticate(Web *w) {
    Str given = http_header(w->request, "authorization");
    if (given.n > 7 && str_is(str_lower_ascii(w->arena, str_sub(given, 0, 7)), "bearer ")) {
        Err e = token_find(&w->token, w->c, str_trim(str_sub(given, 7, given.n)));
        if (e != OK && e != ERR_MISSING) return e;
        w->is_bearer = e == OK;
    } else {
        w->secret = session_cookie_value(w);
        Err e = w->secret.n ? session_find(&w->session, w->c, w->secret) : ERR_MISSING;
        if (e != OK && e != ERR_MISSING) return e;
        if (w->session.id == 0) w->secret = web_cookie(w->request, "visit");
        w->device = web_cookie(w->request, "browser");
    }
    TRY(load_actor(w));
    /* Forms carry it; a program with a token sends none. */
    bool is_program = w->is_bearer && w->format != FORMAT_HTML;
    if (w->secret.n < 40 && !is_program) w->secret = w->new_visit = random_token(w->arena, 32);
    if (!is_program) w->csrf = hmac_sha256_hex(w->arena, w->secret, S("csrf"));
    w->lang = w->c->lang = pick_lang(w);
    w->theme = pick_theme(w);
    return OK;
}

/* ---- may it ---- */

static bool signed_in(const Web *w) {
    return w->session.id != 0 || w->is_bearer;
}

bool frame_page_allowed(Web *w, const PageDef *p) {
    return (str_is(str_of(p->right), "public") || signed_in(w)) &&
           access_page(w->c, str_of(p->right)) == OK;
}

/* Browsers say where a request comes from; programs with a token need not. */
static bool same_origin(const Web *w) {
    Str site = http_header(w->request, "sec-fetch-site");
    if (site.n && !str_is(site, "same-origin") && !str_is(site, "none")) return false;
    Str origin = http_header(w->request, "origin");
    if (origin.n == 0) return true;
    Str scheme = w->request->is_tls ? S("https://") : S("http://");
    return str_starts(origin, scheme) &&
           str_eq(str_sub(origin, scheme.n, origin.n), w->request->host);
}

static bool csrf_ok(const Web *w) {
    Str given = http_header(w->request, "x-csrf-token");
    if (given.n == 0) given = input_getz(&w->form, "_csrf");
    return w->new_visit.n == 0 && given.n && str_eq_secret(given, w->csrf);
}

/* ---- reading ---- */

static Err read_begin(Web *w) {
    Db *db;
    TRY(db_read(&db, w->worker->db));
    if (!w->c) fresh_ctx(w, db);
    w->c->db = db;
    return OK;
}

static void read_end(Web *w) {
    if (w->c && w->c->db) db_rollback(w->c->db);
    if (w->c) w->c->db = NULL;
}

enum { TOUCH_SECONDS = 300 };

static bool is_due(const Web *w, int64_t last) {
    return w->c->now_us - last > TOUCH_SECONDS * INT64_C(1000000);
}

/* Was the session or token last seen too long ago? */
static bool is_touched(const Web *w) {
    return (w->session.id && is_due(w, w->session.last_seen)) ||
           (w->is_bearer && is_due(w, w->token.last_used));
}

bool web_is_elsewhere(const Web *w) {
    return w->request->is_here && (w->note_read || w->note_export.n || w->seen);
}

static Err write_notes(Web *w, bool touch, bool used) {
    Db *db;
    TRY(db_write_shared(&db, w->worker->db));
    Err e = OK;
    w->c->db = db;
    if (touch) e = session_touch(w->c, w->session.id);
    if (e == OK && used) e = token_used(w->c, w->token.id);
    access_act_no_more(w->c); /* a form shown again after a refused write is only read */
    if (e == OK && w->note_read) e = history_note(w->c, w->note_read, "read", (Str){0});
    if (e == OK && w->note_export.n) e = history_note(w->c, NULL, "export", w->note_export);
    if (e == OK && w->seen) e = work_mark_read(w->c, w->seen);
    w->c->db = NULL;
    if (e == OK) return db_commit(db);
    db_rollback(db);
    return e;
}

/* What the frame writes after a GET: last-seen, and reads of restricted records, the latter before
 * the answer: without that entry there is no answer. */
static Err write_after_read(Web *w) {
    bool touch = w->session.id && is_due(w, w->session.last_seen);
    bool used = w->is_bearer && is_due(w, w->token.last_used);
    bool must = w->note_read || w->note_export.n;
    if (!touch && !used && !must && !w->seen) return OK;
    Err e = ERR_CONFLICT;
    for (int i = 0; i < ATTEMPTS && e == ERR_CONFLICT; i++) e = write_notes(w, touch, used);
    /* Last-seen may wait for a calmer moment. */
    return must ? e : OK;
}

/* A form shown again and a collision show the stored record, too. */
static Err traced(Web *w, Err e) {
    Err noted = w->note_read ? write_after_read(w) : OK;
    return noted == OK ? e : noted;
}

static Err handle_read(Web *w) {
    if (w->format == FORMAT_HTML && w->session.id && w->c->actor->user)
        work_unread_announce(w->c); /* it stands on every page */
    Err e = w->route->run(w);
    if (e == OK && web_is_elsewhere(w)) {
        w->out->elsewhere = true;
        return OK;
    }
    if (e == OK) e = frame_render(w);
    read_end(w);
    return e == OK ? write_after_read(w) : e;
}

/* ---- writing ---- */

static bool left_out(Str name) {
    return str_is(name, "_csrf") || str_is(name, "_key");
}

static Str request_hash(const Web *w) {
    Text t = text_new(w->arena, (size_t)64 << 20);
    text_add(&t, w->request->method_text);
    text_char(&t, ' ');
    text_add(&t, w->path);
    for (size_t i = 0; i < w->form.n; i++) {
        if (left_out(w->form.items[i].name)) continue;
        text_fmt(&t, "\n%zu %zu ", w->form.items[i].name.n, w->form.items[i].value.n);
        text_add(&t, w->form.items[i].name);
        text_add(&t, w->form.items[i].value);
    }
    for (size_t i = 0; i < w->form.n_files; i++) {
        text_char(&t, '\n');
        text_add(&t, w->form.files[i].field);
        text_add(&t, sha256_hex(w->arena, w->form.files[i].bytes));
    }
    return sha256_hex(w->arena, text_str(&t));
}

static Err run_keyed(Web *w, Str key, Str hash) {
    Answer a;
    bool found;
    TRY(idempotency_find(&a, &found, w->c, key, hash));
    if (found) {
        w->status = (int)a.status;
        w->body = a.body;
        w->content_type = a.content_type;
        w->location = a.location;
        w->etag = a.etag;
        w->is_repeat = true;
        return OK;
    }
    TRY(w->route->run(w));
    if (w->is_refused) return OK;
    a = (Answer){w->status       ? w->status
                 : w->location.n ? 303
                                 : 200,
                 w->body, w->content_type, w->location, w->etag};
    return idempotency_keep(w->c, key, hash, &a);
}

/* An answer that is ready but for the commit: the worker need not wait for it. */
typedef struct Held {
    DbDone done; /* first */
    const HttpRequest *request;
} Held;

static void held_over(DbDone *done, Err result) {
    http_release(((Held *)done)->request, result == OK);
}

/* What must be written after it before the answer, waits. */
static bool may_hold(const Web *w) {
    return w->request->exchange && !w->is_refused && !w->note_read && !w->note_export.n && !w->seen;
}

static Err commit(Web *w, Db *db) {
    bool later;
    Err e;
    if (may_hold(w)) {
        Held *held = NEW(w->arena, Held);
        *held = (Held){.done.call = held_over, .request = w->request};
        http_hold(w->request);
        e = db_commit_later(&later, db, &held->done, http_is_followed(w->request));
        if (!later) http_release(w->request, true);
    } else {
        e = db_commit(db);
    }
    w->is_uncertain = e == ERR_BUSY && db_is_uncertain(w->worker->db);
    if (e == ERR_CONFLICT) w->c->issues = (Issues){0}; /* warnings: it is the database's conflict */
    return e;
}

static Err attempt(Web *w, Str key, Str hash) {
    Db *db;
    TRY(db_write_shared(&db, w->worker->db));
    fresh_ctx(w, db);
    w->status = 0;
    w->location = w->body = w->content_type = w->etag = (Str){0};
    w->is_refused = false;
    w->note_read = NULL;
    Err e = load_actor(w);
    if (e == OK && !signed_in(w) && !str_is(str_of(w->route->right), "public") &&
        !is_public_page(w))
        e = ERR_DENIED;
    if (e == OK) e = key.n ? run_keyed(w, key, hash) : w->route->run(w);
    w->c->db = NULL;
    if (e == OK) return commit(w, db);
    db_rollback(db);
    return e;
}

/* Shows the form again with what is wrong beside the fields. Programs get the problem instead. */
static Err show_again(Web *w, Err why) {
    if (w->is_machine || !w->route->again) return traced(w, why);
    int status = why == ERR_CONFLICT ? 409 : w->status ? w->status : 422;
    Issues issues = w->c->issues;
    Db *db;
    TRY(db_read(&db, w->worker->db));
    fresh_ctx(w, db);
    Err e = load_actor(w);
    w->c->issues = issues;
    if (e == OK) e = w->route->again(w);
    if (e == OK && w->page) {
        w->page->status = status;
        e = frame_render(w);
    } else if (e == OK) {
        e = why;
    }
    read_end(w);
    return e == OK ? traced(w, e) : e;
}

/* What makes something must be able to be sent twice and be made once. */
static bool needs_key(const Web *w) {
    return (w->route->flags & ROUTE_KEY) || (w->page_def && w->page_def->creates);
}

static Err handle_write(Web *w) {
    Str key = {0}, hash = {0};
    if (w->route->flags & ROUTE_CREATES) {
        key = http_header(w->request, "idempotency-key");
        if (key.n == 0) key = input_getz(&w->form, "_key");
        if (key.n > 200) return issue(w->c, "", "key", N_("The idempotency key is too long."));
        if (key.n == 0 && needs_key(w)) {
            frame_problem(w, 400, N_("An Idempotency-Key header is needed."));
            return OK;
        }
        if (key.n) hash = request_hash(w);
    }
    if (w->route->prepare || w->form.n_files) frame_settle(w->server); /* that may take long */
    Err scanned = scan_uploads(w);
    if (scanned == ERR_INVALID) return show_again(w, scanned);
    TRY(scanned);
    if (w->route->prepare) {
        Err e = w->route->prepare(w);
        if (e == ERR_INVALID) return show_again(w, e);
        TRY(e);
    }
    Err e = ERR_CONFLICT;
    for (int i = 0; i < ATTEMPTS; i++) {
        e = attempt(w, key, hash);
        /* With issues it is a person's conflict, not the database's. */
        if (e != ERR_CONFLICT || w->c->issues.n) break;
    }
    if (e == OK && !w->is_refused) {
        TRY(traced(w, OK));
        return frame_answer(w);
    }
    if (e == OK) return show_again(w, ERR_INVALID);
    if (e == ERR_INVALID || (e == ERR_CONFLICT && w->c->issues.n)) return show_again(w, e);
    return e;
}

/* ---- one request ---- */

static Err decode(Web *w, bool unsafe) {
    Err e = decode_query(&w->query, w->arena, w->request->query);
    if (e == ERR_INVALID) return issue(w->c, "", "query", N_("The address cannot be read."));
    TRY(e);
    if (!unsafe) {
        w->c->as_of = input_getz(&w->query, "as_of");
        int64_t day;
        if (w->c->as_of.n && !date_parse(&day, w->c->as_of))
            return issue(w->c, "as_of", "date", N_("This is no date."));
        return OK;
    }
    if (w->request->body.n == 0) return OK;
    Str why = {0};
    if (w->page_def) w->form.most = w->page_def->most_values;
    e = decode_body(&w->form, &why, w->arena, w->request->content_type, w->request->body);
    if (e == ERR_INVALID)
        return issue_arg(w->c, "", "body", N_("The request's content cannot be read: {0}"), why);
    return e;
}

static bool refuse_anonymous(Web *w) {
    if (signed_in(w)) return false;
    Str right = str_of(w->page_def ? w->page_def->right : w->route->right);
    if (str_is(right, "public")) return false;
    if (w->is_machine || http_header(w->request, "authorization").n) {
        frame_problem(w, 401, N_("Sign in first."));
        http_add_header(w->out, S("WWW-Authenticate"), S("Bearer realm=\"gardefou\""));
        return true;
    }
    /* Coming from another site the strict cookie is not sent: one step on this site brings it. */
    if (str_is(http_header(w->request, "sec-fetch-site"), "cross-site") &&
        w->request->method == HTTP_GET) {
        frame_bounce(w);
        return true;
    }
    Str next = frame_own_address(w);
    Str to = S("/login");
    if (w->request->method == HTTP_GET && !str_is(next, "/"))
        to = str_fmt(w->arena, "/login?next=%.*s", FMT(frame_escape(w->arena, next)));
    web_redirect(w, to, NULL);
    Err e = frame_answer(w);
    if (e != OK) frame_error(w, e);
    return true;
}

/* What anybody may write (an anonymous declaration) stays for ever: few an hour from one address,
 * whoever sends them. */
static bool may_write_anonymously(Web *w) {
    unsigned char hash[32];
    int64_t key;
    sha256(hash, w->request->peer_key);
    memcpy(&key, hash, sizeof key);
    return limiter_take(w->server->anonymous, key, clock_mono_us());
}

static bool refuse_flood(Web *w, bool unsafe) {
    const char *why = NULL;
    const char *after = "1";
    if (w->request->is_counted) return false;
    w->out->is_counted = true;
    if (!signed_in(w) && !http_take(w->request))
        why = N_("Too many requests from this address. Please try again in a moment.");
    if (signed_in(w) && !limiter_take(w->server->limiter, account_of(w), clock_mono_us()))
        why = N_("Too many requests. Please wait a moment.");
    if (!why && unsafe && is_public_page(w) && !may_write_anonymously(w)) {
        why = N_("Too many messages came from this address. Please try again in a few minutes.");
        after = "60";
    }
    if (!why) return false;
    frame_problem(w, 429, why);
    http_add_header(w->out, S("Retry-After"), str_of(after));
    return true;
}

static bool refuse(Web *w, bool unsafe) {
    if (refuse_flood(w, unsafe)) return true;
    if (refuse_anonymous(w)) return true;
    if (!unsafe) return false;
    if (w->is_bearer ? w->token.is_read_only : !same_origin(w)) {
        frame_problem(w, 403,
                      w->is_bearer ? N_("This token may only read.")
                                   : N_("This request comes from another site."));
        return true;
    }
    if ((w->route->flags & ROUTE_JSON) && w->request->body.n &&
        !str_starts(w->request->content_type, S("application/json"))) {
        frame_problem(w, 415, N_("Send application/json."));
        return true;
    }
    return false;
}

/* The record is on its way while it is found out who asks; whether they may see it is judged then.
 */
static void announce(Web *w) {
    bool is_now = str_find(w->request->query, S("as_of")) < 0;
    if (w->route->flags & ROUTE_RECORD && w->type && is_now && frame_has_credentials(w->request))
        record_find_announce(w->c, w->type, w->number);
}

static Err handle(Web *w) {
    bool unsafe = w->request->method != HTTP_GET && w->request->method != HTTP_HEAD;
    TRY(read_begin(w));
    announce(w);
    TRY(authenticate(w));
    if (w->request->is_here && is_touched(w)) {
        w->out->elsewhere = true;
        return OK;
    }
    if (refuse(w, unsafe)) return OK;
    TRY(decode(w, unsafe));
    if (w->page_def) TRY(access_page(w->c, str_of(w->page_def->right)));
    if (!unsafe) return handle_read(w);
    if (!w->is_bearer && !csrf_ok(w)) {
        frame_problem(
            w, 403, N_("The form is too old. Go back, load the page again and send it once more."));
        return OK;
    }
    read_end(w);
    return handle_write(w);
}

/* Of addresses made where the connection is read: no file, nothing looked for, no past day. */
static bool is_small(const Web *w) {
    static const char *const wide[] = {"q=", "as_of=", "limit="};
    bool is = (w->route->flags & (ROUTE_QUICK | ROUTE_PLAIN)) &&
              (w->format == FORMAT_HTML || w->format == FORMAT_JSON);
    for (size_t i = 0; is && w->request->query.n && i < LENGTH(wide); i++)
        is = str_find(w->request->query, str_of(wide[i])) < 0;
    return is;
}

/* By its pattern: an address may hold a secret (a link, a code, a calendar) or a person's e-mail.
 */
static void log_request(const Web *w) {
    static const char *const methods[] = {"GET", "HEAD", "POST", "PATCH", "DELETE", "PUT"};
    log_later("request", "%.*s %s %s %d %lld us", FMT(w->request->id), methods[w->request->method],
              w->route ? w->route->pattern : "-", w->out->status ? w->out->status : 200,
              (long long)(clock_mono_us() - w->request->started_us));
}

/* Where no route is, no database is asked: what the browser itself says of its reader. */
static void greet(Web *w) {
    Lang lang;
    if (lang_parse(&lang, web_cookie(w->request, "lang"))) w->lang = lang;
    w->theme = pick_theme(w);
    w->secret = session_cookie_value(w);
}

void frame_handle(const HttpRequest *request, HttpResponse *out) {
    Worker *worker = request->worker;
    Web *w = NEW(request->arena, Web);
    w->request = request;
    w->out = out;
    w->worker = worker;
    w->server = worker->server;
    w->arena = request->arena;
    w->lang = lang_negotiate(http_header(request, "accept-language"), LANG_FR);
    w->theme = S("auto");
    out->fd = -1;
    Str allow = {0};
    RouteMatch found = route_match(w, &allow);
    w->is_machine = str_starts(w->path, S("/api/")) || w->format != FORMAT_HTML;
    if (found == ROUTE_METHOD) {
        frame_problem(w, 405, N_("This address does not take this method."));
        http_add_header(out, S("Allow"), allow);
    } else if (found == ROUTE_NONE) {
        greet(w);
        frame_error(w, ERR_MISSING);
    } else if (request->is_here && !is_small(w)) {
        out->elsewhere = true;
        return;
    } else {
        Err e = w->route->flags & ROUTE_PLAIN ? w->route->run(w) : handle(w);
        if (e != OK)
            frame_error(w, e);
        else if (w->route->flags & ROUTE_PLAIN)
            frame_plain(w);
    }
    if (w->c && w->c->db) read_end(w);
    if (!out->elsewhere) log_request(w);
}
