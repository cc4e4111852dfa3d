/* route.h: every address of the program in one table: method, pattern, right, handler. What is not
 * in the table does not exist. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include "web/frame.h"

enum RouteFlag {
    ROUTE_PLAIN = 1,   /* no database: assets, health */
    ROUTE_CREATES = 2, /* heeds an idempotency key */
    ROUTE_KEY = 4,     /* ... and demands one */
    ROUTE_JSON = 8,    /* the body must be application/json */
    ROUTE_COSTLY = 16,
    ROUTE_NO_STORE_CTX = 32,
    ROUTE_RECORD = 128, /* of one record, which is asked for along with who asks */
    ROUTE_QUICK = 64    /* a few rows by their keys: may be made where its connection is read */
};

struct Route {
    HttpMethod method;
    const char *pattern; /* "{types}" plural of a type, "{number}" "{name}" "{rest}" one segment
                            each, "{page}" a module's page */
    const char *right;   /* "public" or "signed_in"; rights on records are checked by model/ */
    unsigned flags;
    WebHandler run;     /* inside the transaction */
    WebHandler prepare; /* POST: before any transaction (password hashing); may be NULL */
    WebHandler again;   /* POST: builds the form again after ERR_INVALID or is_refused, reading; may
                           be NULL */
};

typedef enum RouteMatch { ROUTE_FOUND, ROUTE_NONE, ROUTE_METHOD } RouteMatch;
/* Fills route, type, number, name, rest, path, format and is_api of w. allow: methods, on
 * ROUTE_METHOD. */
RouteMatch route_match(Web *w, Str *allow);
const Route *route_table(size_t *n);

/* login.c */
Err login_show(Web *w);
Err login_prepare(Web *w);
Err login_run(Web *w);
Err login_code_show(Web *w);
Err login_code_run(Web *w);
/* Is it the password of `login` in the directory? Outside of any transaction; a silent directory is
 * noted in w. */
Err login_ask_directory(bool *right, Web *w, Str login, Str password) MUST;
Err login_wait(Web *w, int64_t seconds); /* 429, committed, the form again */
Err logout_run(Web *w);
Err welcome_show(Web *w);
Err welcome_prepare(Web *w);
Err welcome_run(Web *w);
/* invitations.c */
Err invitation_links_run(Web *w);
Err invitation_links_again(Web *w);
/* preferences.c */
Err preferences_run(Web *w);
Err account_show(Web *w);
Err account_password_prepare(Web *w);
Err account_password_run(Web *w);
Err account_second_prepare(Web *w);
Err account_second_run(Web *w);
Err account_session_run(Web *w);
Err account_sessions_run(Web *w);
Err account_token_prepare(Web *w);
Err account_token_run(Web *w);
Err account_token_again(Web *w);
Err account_token_revoke_run(Web *w);
/* feed.c */
Err feed_show(Web *w);
Err feed_run(Web *w);
Err feed_again(Web *w);
Err feed_revoke_run(Web *w);
Err feed_block(Block **out, Web *w); /* section of the account page */
/* pages.c */
Err pages_home(Web *w);
Err pages_search(Web *w);
Err pages_lookup(Web *w);
Err pages_list(Web *w);
Err pages_new(Web *w);
Err pages_create(Web *w);
Err pages_record(Web *w);
Err pages_people(Web *w) MUST;
Err pages_print(Web *w);
Err pages_edit(Web *w);
Err pages_update(Web *w);
Err pages_transition(Web *w);
Err pages_move(Web *w);
Err pages_history(Web *w);
Err pages_comments(Web *w);
Err pages_comment(Web *w);
Err pages_comment_again(Web *w);
Err pages_bulk(Web *w);
Err pages_measure(Web *w);
Err pages_module(Web *w);
Err pages_module_prepare(Web *w);
Err pages_module_post(Web *w);
Err pages_file(Web *w);
Err pages_create_again(Web *w);
Err pages_update_again(Web *w);
Err pages_move_again(Web *w);
Err pages_module_again(Web *w);
Err pages_view_add(Web *w);
Err pages_view_delete(Web *w);
Err pages_asset(Web *w);
/* api.c */
Err api_list(Web *w);
Err api_get(Web *w);
Err api_create(Web *w);
Err api_patch(Web *w);
Err api_move(Web *w);
Err api_history(Web *w);
Err api_comments(Web *w);
Err api_comment(Web *w);
Err api_measure(Web *w);
/* openapi.c */
Err openapi_show(Web *w);
Err openapi_page(Web *w);
/* hub.c; has_reports: may the reader open one at least? */
bool hub_has_reports(Web *w);
Err hub_reports(Web *w);
/* metrics.c */
Err metrics_health(Web *w);
Err metrics_show(Web *w);

#endif
