/* route.c: the table of all addresses and the matcher. Literal addresses come first, then modules'
 * pages, then the addresses that every record type has. Knows no session and no transaction.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/route.h"

/* clang-format off */
static const Route routes[] = {
    {HTTP_GET,   "/healthz",                          "public",    ROUTE_PLAIN, metrics_health, 0, 0},
    {HTTP_GET,   "/assets/{rest}",                    "public",    ROUTE_PLAIN, pages_asset, 0, 0},
    {HTTP_GET,   "/metrics",                          "public",    0, metrics_show, 0, 0},
    {HTTP_GET,   "/openapi.json",                     "signed_in", 0, openapi_show, 0, 0},
    {HTTP_GET,   "/api",                              "signed_in", 0, openapi_page, 0, 0},

    {HTTP_GET,   "/",                                 "signed_in", 0, pages_home, 0, 0},
    {HTTP_GET,   "/login",                            "public",    ROUTE_QUICK, login_show, 0, 0},
    {HTTP_POST,  "/login",                            "public",    0, login_run, login_prepare, login_show},
    {HTTP_POST,  "/login/code",                       "public",    0, login_code_run, 0, login_code_show},
    {HTTP_POST,  "/logout",                           "public",    0, logout_run, 0, 0},
    {HTTP_GET,   "/welcome/{name}",                   "public",    0, welcome_show, 0, 0},
    {HTTP_POST,  "/welcome/{name}",                   "public",    0, welcome_run, welcome_prepare, welcome_show},
    {HTTP_POST,  "/preferences",                      "public",    0, preferences_run, 0, 0},
    {HTTP_GET,   "/account",                          "signed_in", 0, account_show, 0, 0},
    {HTTP_POST,  "/account/password",                 "signed_in", 0, account_password_run, account_password_prepare, account_show},
    {HTTP_POST,  "/account/second",                   "signed_in", 0, account_second_run, account_second_prepare, account_show},
    {HTTP_POST,  "/account/sessions/delete",          "signed_in", 0, account_sessions_run, 0, account_show},
    {HTTP_POST,  "/account/sessions/{number}/delete", "signed_in", 0, account_session_run, 0, 0},
    {HTTP_POST,  "/account/tokens",                   "signed_in", 0, account_token_run, account_token_prepare, account_token_again},
    {HTTP_POST,  "/account/tokens/{number}/delete",   "signed_in", 0, account_token_revoke_run, 0, 0},
    {HTTP_POST,  "/account/feed",                     "signed_in", 0, feed_run, 0, feed_again},
    {HTTP_POST,  "/account/feed/delete",              "signed_in", 0, feed_revoke_run, 0, 0},
    {HTTP_GET,   "/feeds/{name}",                     "public",    0, feed_show, 0, 0},
    {HTTP_POST,  "/invitations/links",                "signed_in", 0, invitation_links_run, 0, invitation_links_again},
    {HTTP_GET,   "/reports",                          "signed_in", 0, hub_reports, 0, 0},
    {HTTP_GET,   "/search",                           "signed_in", 0, pages_search, 0, 0},
    {HTTP_POST,  "/views",                            "signed_in", 0, pages_view_add, 0, 0},
    {HTTP_POST,  "/views/{number}/delete",            "signed_in", 0, pages_view_delete, 0, 0},
    {HTTP_GET,   "/lookup/{types}",                   "signed_in", 0, pages_lookup, 0, 0},
    {HTTP_GET,   "/measures/{name}",                  "signed_in", ROUTE_COSTLY, pages_measure, 0, 0},
    {HTTP_GET,   "/files/{number}",                   "signed_in", 0, pages_file, 0, 0},

    {HTTP_GET,   "/api/v1/measures/{name}",           "signed_in", ROUTE_COSTLY, api_measure, 0, 0},
    {HTTP_GET,   "/api/v1/{types}",                   "signed_in", ROUTE_QUICK, api_list, 0, 0},
    {HTTP_POST,  "/api/v1/{types}",                   "signed_in", ROUTE_CREATES | ROUTE_KEY | ROUTE_JSON, api_create, 0, 0},
    {HTTP_GET,   "/api/v1/{types}/{number}",          "signed_in", ROUTE_QUICK | ROUTE_RECORD, api_get, 0, 0},
    {HTTP_PATCH, "/api/v1/{types}/{number}",          "signed_in", ROUTE_JSON, api_patch, 0, 0},
    {HTTP_POST,  "/api/v1/{types}/{number}/do/{name}", "signed_in", ROUTE_CREATES | ROUTE_JSON, api_move, 0, 0},
    {HTTP_GET,   "/api/v1/{types}/{number}/history",  "signed_in", 0, api_history, 0, 0},
    {HTTP_GET,   "/api/v1/{types}/{number}/comments", "signed_in", 0, api_comments, 0, 0},
    {HTTP_POST,  "/api/v1/{types}/{number}/comments", "signed_in", ROUTE_CREATES | ROUTE_KEY | ROUTE_JSON, api_comment, 0, 0},

    {HTTP_GET,   "{page}",                            "page",      0, pages_module, 0, 0},
    {HTTP_POST,  "{page}",                            "page",      ROUTE_CREATES, pages_module_post, pages_module_prepare, pages_module_again},

    {HTTP_GET,   "/{types}",                          "signed_in", ROUTE_QUICK, pages_list, 0, 0},
    {HTTP_POST,  "/{types}",                          "signed_in", ROUTE_CREATES | ROUTE_KEY, pages_create, 0, pages_create_again},
    {HTTP_GET,   "/{types}/new",                      "signed_in", ROUTE_QUICK, pages_new, 0, 0},
    {HTTP_POST,  "/{types}/bulk",                     "signed_in", 0, pages_bulk, 0, 0},
    {HTTP_GET,   "/{types}/{number}",                 "signed_in", ROUTE_QUICK | ROUTE_RECORD, pages_record, 0, 0},
    {HTTP_POST,  "/{types}/{number}",                 "signed_in", 0, pages_update, 0, pages_update_again},
    {HTTP_GET,   "/{types}/{number}/edit",            "signed_in", ROUTE_QUICK, pages_edit, 0, 0},
    {HTTP_GET,   "/{types}/{number}/history",         "signed_in", ROUTE_QUICK, pages_history, 0, 0},
    {HTTP_GET,   "/{types}/{number}/comments",        "signed_in", ROUTE_QUICK, pages_comments, 0, 0},
    {HTTP_POST,  "/{types}/{number}/comments",        "signed_in", ROUTE_CREATES | ROUTE_KEY, pages_comment, 0, pages_comment_again},
    {HTTP_GET,   "/{types}/{number}/people",          "signed_in", 0, pages_people, 0, 0},
    {HTTP_GET,   "/{types}/{number}/print",           "signed_in", 0, pages_print, 0, 0},
    {HTTP_GET,   "/{types}/{number}/do/{name}",       "signed_in", 0, pages_transition, 0, 0},
    {HTTP_POST,  "/{types}/{number}/do/{name}",       "signed_in", ROUTE_CREATES, pages_move, 0, pages_move_again},
};
/* clang-format on */

const Route *route_table(size_t *n) {
    *n = LENGTH(routes);
    return routes;
}

static const struct {
    const char *suffix;
    Format format;
} suffixes[] = {{".json", FORMAT_JSON}, {".csv", FORMAT_CSV}, {".xlsx", FORMAT_XLSX}};

/* A browser's Accept names text/html first; programs name one machine format. */
static Format format_of_accept(Str accept) {
    if (str_find(accept, S("text/html")) >= 0) return FORMAT_HTML;
    if (str_find(accept, S("application/json")) >= 0) return FORMAT_JSON;
    if (str_find(accept, S("application/problem+json")) >= 0) return FORMAT_JSON;
    if (str_find(accept, S("text/csv")) >= 0) return FORMAT_CSV;
    if (str_find(accept, S("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")) >=
        0)
        return FORMAT_XLSX;
    return FORMAT_HTML;
}

static void find_format(Web *w) {
    w->path = w->request->path;
    w->format = format_of_accept(http_header(w->request, "accept"));
    if (str_starts(w->path, S("/assets/")) || str_is(w->path, "/openapi.json")) return;
    for (size_t i = 0; i < LENGTH(suffixes); i++) {
        Str suffix = str_of(suffixes[i].suffix);
        if (w->path.n <= suffix.n + 1 || !str_ends(w->path, suffix)) continue;
        w->path = str_sub(w->path, 0, w->path.n - suffix.n);
        w->format = suffixes[i].format;
        return;
    }
}

/* The longest page path that the address begins with. */
static const PageDef *find_page(const Model *m, Str path, Str *rest) {
    const PageDef *best = NULL;
    size_t best_n = 0;
    for (size_t i = 0; i < m->n_pages; i++) {
        Str own = str_of(m->pages[i]->path);
        if (own.n <= best_n || !str_starts(path, own)) continue;
        if (path.n > own.n && path.p[own.n] != '/') continue;
        best = m->pages[i];
        best_n = own.n;
    }
    if (best) *rest = str_sub(path, best_n + (path.n > best_n), path.n);
    return best;
}

static bool match_segment(Web *w, Str want, Str got) {
    if (str_is(want, "{types}")) {
        w->type = model_type_by_plural(w->server->model, got);
        return w->type && !(w->type->flags & TYPE_NO_PAGES);
    }
    if (got.n == 0) return false;
    if (str_is(want, "{number}"))
        w->number = got;
    else if (str_is(want, "{name}"))
        w->name = got;
    else
        return str_eq(want, got);
    return true;
}

static bool match(Web *w, const char *pattern) {
    if (strcmp(pattern, "{page}") == 0) {
        w->page_def = find_page(w->server->model, w->path, &w->rest);
        return w->page_def != NULL;
    }
    Str want_rest = str_of(pattern), got_rest = w->path, want, got;
    for (;;) {
        bool more_want = str_cut(&want, &want_rest, '/'), more_got = str_cut(&got, &got_rest, '/');
        if (more_want != more_got) return false;
        if (!more_want) return true;
        if (str_is(want, "{rest}")) {
            w->rest = str_sub(w->path, (size_t)(got.p - w->path.p), w->path.n);
            return got.n > 0;
        }
        if (want.n == 0 && got.n == 0) continue;
        if (!match_segment(w, want, got)) return false;
    }
}

RouteMatch route_match(Web *w, Str *allow) {
    static const char *const names[] = {"GET", "HEAD", "POST", "PATCH", "DELETE", "PUT"};
    find_format(w);
    w->is_api = str_starts(w->path, S("/api/v1/"));
    HttpMethod method = w->request->method == HTTP_HEAD ? HTTP_GET : w->request->method;
    Text allowed = text_new(w->arena, 200);
    const PageDef *page = NULL;
    for (size_t i = 0; i < LENGTH(routes); i++) {
        w->type = NULL;
        w->number = w->name = w->rest = (Str){0};
        if (!match(w, routes[i].pattern)) continue;
        /* A module's page hides the addresses of types below it, also for methods it has not. */
        if (w->page_def) page = w->page_def;
        if (page && !w->page_def) break;
        if (w->page_def && routes[i].method == HTTP_POST && !w->page_def->post) continue;
        if (routes[i].method == method) {
            w->route = &routes[i];
            return ROUTE_FOUND;
        }
        if (allowed.n) text_addz(&allowed, ", ");
        text_addz(&allowed, names[routes[i].method]);
        if (routes[i].method == HTTP_GET) text_addz(&allowed, ", HEAD");
    }
    *allow = text_str(&allowed);
    return allowed.n ? ROUTE_METHOD : ROUTE_NONE;
}
