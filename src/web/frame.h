/* frame.h: what stands around every handler: route, session or token, CSRF, limits, transaction,
 * idempotency, commit, error page, shell. A handler gets a Web and fills in what the answer is; it
 * never commits, writes no header and no markup. Names no module. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef WEB_FRAME_H
#define WEB_FRAME_H

#include "model/account.h"
#include "model/idempotency.h"
#include "model/pages.h"
#include "web/decode.h"
#include "web/render.h"
#include "work/work.h"

typedef struct Limiter Limiter;

typedef struct ServerConfig {
    Str organisation; /* name of the bank, in the shell */
    const char *zone; /* IANA name */
    WorkConfig work;  /* given to every context */
    bool is_demo;
    bool metrics_public;
    size_t max_upload;  /* bytes of a request with files */
    int rate, burst;    /* requests a second and burst of one account; 0: 50 and 200 */
    int anonymous_rate; /* writings to public pages an hour from one address; 0: 120 */
} ServerConfig;

/* What may stand in the navigation: a type's list, a page, or a place of the frame itself. */
typedef struct NavEntry {
    int place;
    const char *label, *icon;
    Str href;
    const Type *type;
    const PageDef *page;
} NavEntry;

/* One per process, before http_start; read-only afterwards but for the limiters (own locks) and
 * http.
 */
typedef struct Server {
    const Model *model;
    DbBase *base;
    Arena *process;
    ServerConfig config;
    Limiter *limiter, *anonymous;
    Http *http;
    int64_t started_us;
    const NavEntry *nav; /* in the order of their places */
    size_t n_nav;
} Server;

typedef struct Worker {
    Server *server;
    Arena *arena;
    DbSession *db;
    Locale *locales[LANG_COUNT]; /* by frame_locale */
} Worker;

typedef struct Route Route;

typedef struct Web {
    const HttpRequest *request;
    HttpResponse *out;
    Server *server;
    Worker *worker;
    Arena *arena;
    Ctx *c; /* of this attempt; with an actor */
    /* what the route matched */
    const Route *route;
    const PageDef *page_def;
    const Type *type;
    Str number, name, rest;
    Str path; /* without the format suffix */
    Format format;
    bool is_api;     /* under /api/v1 */
    bool is_machine; /* errors as application/problem+json */
    Input query, form;
    /* who */
    Session session; /* id 0: none */
    bool is_bearer;
    ApiToken token;
    Lang lang;
    Str theme, csrf, secret; /* secret: value of the session or anonymous cookie */
    Str device;              /* secret of the known-browser cookie */
    /* what the handler decided */
    int status; /* 0: 200, or 303 with location */
    Str location;
    const char *flash;      /* code of a notice, see frame.c; shown on the next page */
    Str body, content_type; /* a ready body instead of a page */
    Str etag;
    Page *page;
    bool is_refused;   /* OK, commit, but then show `again` with the issues (a failed sign-in) */
    bool is_uncertain; /* nobody knows whether the last commit took place */
    Str note_export;   /* address of a file of confidential records: noted as well */
    const Record *note_read; /* restricted record shown: noted in the history before the answer */
    const Record *seen;      /* record shown with unread notices: they are marked as read */
    Str new_session, new_device, new_visit; /* cookies to set */
    bool is_repeat;                         /* answered from a kept idempotency row */
    bool end_session;
    Str set_lang, set_theme;
    Str prepared, prepared_key;            /* from `prepare` to `run` */
    void *prepared_page;                   /* of a module's page */
    int64_t prepared_user, prepared_owner; /* whose password was right; whose address it is */
    int64_t prepared_wait;
    const struct DirectoryEntry *prepared_entry; /* who proved it to the directory */
    const struct DirectoryEntry *found_entry;    /* whom the directory knows by this name */
    bool is_directory_silent;
    Str ticket; /* of the second step of signing in */
    Str retry_after;
} Web;

typedef Err (*WebHandler)(Web *w);

/* http.h's handler and the per-thread state; app is the Server. */
void frame_handle(const HttpRequest *request, HttpResponse *out);
void frame_settle(void *server); /* HttpConfig.settle */
void *frame_worker_new(void *app, int index);
void frame_worker_free(void *worker);
HttpClass frame_classify(HttpMethod method, Str path, bool has_credentials);
bool frame_has_credentials(
    const HttpRequest *r); /* a session cookie or bearer token, valid or not */
/* Fills limiter and nav; model, base, process and config must be set. */
void frame_server_init(Server *server);
size_t frame_body_limit(HttpMethod method,
                        Str path); /* files are allowed on pages, not under /api */

/* For handlers. */
/* True: this thread may not wait for the writing that the answer asks for (a note of the reading):
 * return OK, a worker begins again. */
bool web_is_elsewhere(const Web *w);
const Locale *frame_locale(Web *w); /* of w->lang; made when it is first needed */
Page *web_page(Web *w);             /* new empty page, set as the answer */
Err web_redirect(Web *w, Str path, const char *flash); /* 303 after the commit */
/* The answer shows r: noted when r is restricted or holds sensitive values. */
void web_note_read(Web *w, const Record *r);
/* Passes e on; a collision tells what is stored, so it is noted like a reading. */
Err web_collided(Web *w, const Record *r, Err e) MUST;
/* Same-origin path or `otherwise`. */
Str web_safe_path(Str path, Str otherwise);
Str web_cookie(const HttpRequest *r, const char *name);
/* Renders `page` as JSON into w->body (for API answers made inside a write). */
Err web_json(Web *w, const Page *page) MUST;
/* "application/problem+json" body for a status; issues of c may be NULL. */
Str web_problem(Web *w, int status, const char *title, Ctx *c);

/* Token bucket per account (or another key): `rate` tokens in so many seconds; false: too many. */
Limiter *limiter_new(Arena *process, int rate, int seconds, int burst);
bool limiter_take(Limiter *l, int64_t account, int64_t now_mono_us);

#endif
