/* test_frame.c: the frame through its one door, frame_handle: routes, session, CSRF, tokens,
 * idempotency, error mapping; on a fresh SQLite file. SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/secret.h"
#include "web/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct Fixture {
    Arena *arena;
    DbBase *base;
    Server server;
    Worker *worker;
    int64_t user;
    char path[64];
} Fixture;

static Ctx *begin(Fixture *f) {
    Db *db;
    assert_int_equal(db_write(&db, f->worker->db), OK);
    Ctx *c = ctx_new(f->arena, f->server.model, f->worker->db);
    c->db = db;
    actor_system(c);
    return c;
}

static void add_user(Fixture *f) {
    Ctx *c = begin(f);
    assert_int_equal(model_migrate(f->server.model, c->db), OK);
    Str hash;
    assert_int_equal(password_hash(&hash, f->arena, S("correct horse battery")), OK);
    Record *r = record_new(c, model_need(c->model, "user")), *saved;
    record_set(r, "email", value_text(S("a@b.ma")));
    record_set(r, "name", value_text(S("A")));
    record_set(r, "password_hash", value_text(hash));
    assert_int_equal(record_save(&saved, c, r, "create"), OK);
    f->user = saved->id;
    r = record_new(c, model_need(c->model, "role_assignment"));
    record_set(r, "person", value_int(f->user));
    record_set(r, "role", value_text(S("organisation")));
    record_set(r, "valid_from", value_text(S("2020-01-01")));
    assert_int_equal(record_save(&saved, c, r, "create"), OK);
    assert_int_equal(db_commit(c->db), OK);
}

static Fixture *setup(void) {
    secret_init();
    Arena *a = arena_new(0);
    Fixture *f = NEW(a, Fixture);
    f->arena = a;
    snprintf(f->path, sizeof f->path, "/tmp/gardefou-frame-XXXXXX");
    int fd = mkstemp(f->path);
    assert_true(fd >= 0);
    close(fd);
    unlink(f->path);
    Str why;
    assert_int_equal(
        db_open(&f->base, &why, a, str_fmt(a, "sqlite:%s", f->path), (DbOptions){.create = true}),
        OK);
    f->server = (Server){.model = model_load(a), .base = f->base, .process = a};
    frame_server_init(&f->server);
    f->worker = frame_worker_new(&f->server, 0);
    assert_non_null(f->worker);
    add_user(f);
    return f;
}

static void teardown(Fixture *f) {
    static const char *const tails[] = {"", "-wal", "-shm", ".lock"};
    frame_worker_free(f->worker);
    db_close(f->base);
    for (size_t i = 0; i < LENGTH(tails); i++)
        unlink(str_z(f->arena, str_fmt(f->arena, "%s%s", f->path, tails[i])));
    arena_free(f->arena);
}

static HttpResponse ask(Fixture *f, HttpMethod method, const char *path, const HttpPair *headers,
                        size_t n, const char *type, Str body) {
    static const char *const names[] = {"GET", "HEAD", "POST", "PATCH", "DELETE", "PUT"};
    HttpRequest r = {.arena = f->arena,
                     .method = method,
                     .method_text = str_of(names[method]),
                     .path = str_of(path),
                     .host = S("localhost"),
                     .body = body,
                     .content_type = str_of(type),
                     .peer = S("127.0.0.1"),
                     .headers = headers,
                     .n_headers = n,
                     .id = S("test-1"),
                     .worker = f->worker};
    HttpResponse out = {0};
    frame_handle(&r, &out);
    if (out.status == 0) out.status = 200;
    return out;
}

static Str header(const HttpResponse *r, const char *name) {
    for (size_t i = 0; i < r->n_headers; i++)
        if (str_is(r->headers[i].name, name)) return r->headers[i].value;
    return (Str){0};
}

static Str token_of(Fixture *f, bool read_only) {
    Ctx *c = begin(f);
    Str secret;
    assert_int_equal(token_new(&secret, c, f->user, S("test"), read_only, 5), OK);
    assert_int_equal(db_commit(c->db), OK);
    return str_join(f->arena, S("Bearer "), secret);
}

/* The same on the thread that reads connections. */
static HttpResponse ask_here(Fixture *f, const char *path, const HttpPair *headers, size_t n) {
    HttpRequest r = {.arena = f->arena,
                     .method = HTTP_GET,
                     .method_text = S("GET"),
                     .path = str_of(path),
                     .host = S("localhost"),
                     .peer = S("127.0.0.1"),
                     .headers = headers,
                     .n_headers = n,
                     .id = S("test-1"),
                     .is_here = true,
                     .worker = f->worker};
    HttpResponse out = {0};
    frame_handle(&r, &out);
    return out;
}

/* What writes or may take long is left to the workers. */
static void test_frame_waits_for_nothing_here(void **state) {
    (void)state;
    Fixture *f = setup();
    HttpPair token = {S("authorization"), token_of(f, true)};
    HttpResponse r = ask_here(f, "/login", NULL, 0);
    assert_true(!r.elsewhere && r.body.n > 0);
    assert_true(ask_here(f, "/reports", NULL, 0).elsewhere);
    assert_true(ask_here(f, "/entities.csv", NULL, 0).elsewhere);
    /* Its first use is to be written down. */
    r = ask_here(f, "/api/v1/entities", &token, 1);
    assert_true(r.elsewhere && !r.is_counted && r.body.n == 0);
    assert_int_equal(ask(f, HTTP_GET, "/api/v1/entities", &token, 1, NULL, (Str){0}).status, 200);
    r = ask_here(f, "/api/v1/entities", &token, 1);
    assert_true(!r.elsewhere && r.body.n > 0);
    teardown(f);
}

static void test_frame_only_listed_routes_exist(void **state) {
    (void)state;
    Fixture *f = setup();
    assert_int_equal(ask(f, HTTP_GET, "/nothing", NULL, 0, NULL, (Str){0}).status, 404);
    HttpResponse r = ask(f, HTTP_PUT, "/login", NULL, 0, NULL, (Str){0});
    assert_int_equal(r.status, 405);
    assert_true(str_find(header(&r, "Allow"), S("POST")) >= 0);
    r = ask(f, HTTP_GET, "/entities", NULL, 0, NULL, (Str){0});
    assert_int_equal(r.status, 303);
    assert_true(str_is(header(&r, "Location"), "/login?next=/entities"));
    r = ask(f, HTTP_GET, "/api/v1/entities", NULL, 0, NULL, (Str){0});
    assert_int_equal(r.status, 401);
    assert_true(str_is(r.content_type, "application/problem+json"));
    teardown(f);
}

static void test_frame_session_and_csrf(void **state) {
    (void)state;
    Fixture *f = setup();
    Ctx *c = begin(f);
    Session s;
    assert_int_equal(session_new(&s, c, f->user, S("Test")), OK);
    assert_int_equal(db_commit(c->db), OK);
    HttpPair h[] = {{S("cookie"), str_join(f->arena, S("session="), s.token)},
                    {S("origin"), S("http://localhost")}};
    const char *form = "application/x-www-form-urlencoded";
    assert_int_equal(ask(f, HTTP_POST, "/preferences", h, 2, form, S("lang=ar")).status, 403);
    Str csrf = hmac_sha256_hex(f->arena, s.token, S("csrf"));
    Str body = str_fmt(f->arena, "lang=ar&_csrf=%.*s", FMT(csrf));
    HttpResponse r = ask(f, HTTP_POST, "/preferences", h, 2, form, body);
    assert_int_equal(r.status, 303);
    h[1].value = S("http://evil");
    assert_int_equal(ask(f, HTTP_POST, "/preferences", h, 2, form, body).status, 403);
    c = begin(f);
    assert_int_equal(account_set_active(c, f->user, false, S("left")), OK);
    assert_int_equal(db_commit(c->db), OK);
    r = ask(f, HTTP_GET, "/entities", h, 1, NULL, (Str){0});
    assert_int_equal(r.status, 303);
    assert_true(str_starts(header(&r, "Location"), S("/login")));
    teardown(f);
}

static void test_frame_idempotency_and_versions(void **state) {
    (void)state;
    Fixture *f = setup();
    HttpPair h[] = {{S("authorization"), token_of(f, false)}, {S("idempotency-key"), S("k")}};
    Str body = S("{\"code\":\"E1\",\"name_fr\":\"Un\",\"currency\":\"MAD\"}");
    const char *json = "application/json", *all = "/api/v1/entities", *one = "/api/v1/entities/E1";
    assert_int_equal(ask(f, HTTP_POST, all, h, 1, json, body).status, 400);
    assert_int_equal(ask(f, HTTP_POST, all, h, 2, "text/plain", body).status, 415);
    HttpResponse first = ask(f, HTTP_POST, all, h, 2, json, body);
    assert_int_equal(first.status, 201);
    HttpResponse second = ask(f, HTTP_POST, all, h, 2, json, body);
    assert_int_equal(second.status, 201);
    assert_true(str_eq(first.body, second.body));
    Str other = S("{\"code\":\"E2\",\"name_fr\":\"Un\",\"currency\":\"MAD\"}");
    assert_int_equal(ask(f, HTTP_POST, all, h, 2, json, other).status, 422);
    Str change = S("{\"name_en\":\"One\"}");
    assert_int_equal(ask(f, HTTP_PATCH, one, h, 1, json, change).status, 428);
    h[1] = (HttpPair){S("if-match"), S("\"1\"")};
    assert_int_equal(ask(f, HTTP_PATCH, one, h, 2, json, change).status, 200);
    HttpResponse late = ask(f, HTTP_PATCH, one, h, 2, json, S("{\"name_en\":\"Uno\"}"));
    assert_int_equal(late.status, 409);
    assert_true(str_find(late.body, S("\"sent\":\"Uno\"")) >= 0);
    h[0].value = token_of(f, true);
    assert_int_equal(ask(f, HTTP_PATCH, one, h, 2, json, change).status, 403);
    assert_int_equal(ask(f, HTTP_GET, one, h, 1, NULL, (Str){0}).status, 200);
    teardown(f);
}

static void test_frame_safe_paths_and_limiter(void **state) {
    (void)state;
    static const char *const bad[] = {"", "//evil", "/\\evil", "https://evil", "/a\r\nb", "evil"};
    for (size_t i = 0; i < LENGTH(bad); i++)
        assert_true(str_is(web_safe_path(str_of(bad[i]), S("/")), "/"));
    assert_true(str_is(web_safe_path(S("/a?b=c"), S("/")), "/a?b=c"));
    Arena *a = arena_new(0);
    Limiter *l = limiter_new(a, 10, 1, 3);
    for (int i = 0; i < 3; i++) assert_true(limiter_take(l, 7, 1000));
    assert_false(limiter_take(l, 7, 1000));
    assert_true(limiter_take(l, 7, 1000 + 100000));
    arena_free(a);
}

static void test_frame_passwords(void **state) {
    (void)state;
    assert_non_null(password_problem(S("short"), (Str){0}));
    assert_non_null(password_problem(S("Password123"), (Str){0}));
    assert_non_null(password_problem(S("aaaaaaaaaaaaaa"), (Str){0}));
    assert_non_null(password_problem(S("Someone@bank.ma"), S("someone@bank.ma")));
    assert_null(password_problem(S("a short sentence"), S("someone@bank.ma")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame_only_listed_routes_exist),
        cmocka_unit_test(test_frame_waits_for_nothing_here),
        cmocka_unit_test(test_frame_session_and_csrf),
        cmocka_unit_test(test_frame_idempotency_and_versions),
        cmocka_unit_test(test_frame_safe_paths_and_limiter),
        cmocka_unit_test(test_frame_passwords),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
