/* test_http.c: the HTTP front over raw sockets: framing probes, deadlines, keep-alive, parallel
 * requests, refusals, shedding and the graceful stop. The handler here is the smallest one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "web/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static Arena *process;
static Http *server;
static _Atomic int smuggled;

static int64_t cpu_us(void) {
    struct timespec t = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static _Atomic int tries;

static void *release_late(void *request) {
    usleep(30000);
    http_release(request, true);
    return NULL;
}

/* An answer that is sent when something else has happened, or is made again. */
static void hold(const HttpRequest *r) {
    int n = atomic_fetch_add(&tries, 1) + 1;
    pthread_t late;
    http_hold(r);
    if (str_is(r->path, "/held")) {
        assert_int_equal(pthread_create(&late, NULL, release_late, (void *)(uintptr_t)r), 0);
        pthread_detach(late);
    } else {
        http_release(r, str_is(r->path, "/lost") && n == 3);
    }
}

static void handle(const HttpRequest *r, HttpResponse *out) {
    if (str_is(r->path, "/smuggled")) atomic_fetch_add(&smuggled, 1);
    bool waits = str_is(r->path, "/slow") || str_is(r->path, "/elsewhere");
    if (r->is_here && waits) {
        out->elsewhere = out->is_counted = true;
        return;
    }
    if (str_is(r->path, "/slow")) usleep(300000);
    if (str_is(r->path, "/busy"))
        for (int64_t end = cpu_us() + 20000; cpu_us() < end;) continue;
    out->content_type = S("text/plain; charset=utf-8");
    out->body = str_fmt(r->arena, "%.*s %.*s %zu", FMT(r->method_text), FMT(r->path), r->body.n);
    if (str_is(r->path, "/where") || str_is(r->path, "/elsewhere"))
        out->body = str_fmt(r->arena, "%s%s", r->is_here ? "here" : "worker",
                            r->is_counted ? ", counted" : "");
    if (str_is(r->path, "/big")) {
        size_t n = 8 << 20;
        out->body = (Str){arena_alloc(r->arena, n), n};
        out->content_type = S("application/octet-stream");
    }
    if (str_is(r->path, "/long")) {
        out->body = (Str){memset(arena_alloc(r->arena, 4096), 'x', 4096), 4096};
    }
    if (str_is(r->path, "/held") || str_is(r->path, "/lost") || str_is(r->path, "/gone")) {
        hold(r);
        out->body = str_fmt(r->arena, "try %d", atomic_load(&tries));
    }
    if (str_is(r->path, "/split")) http_add_header(out, S("X-A"), S("a\r\nB: c"));
}

static HttpClass classify(HttpMethod method, Str path, bool has_credentials) {
    (void)method;
    if (str_is(path, "/health")) return HTTP_CLASS_HEALTH;
    return has_credentials ? HTTP_CLASS_READ : HTTP_CLASS_ANON;
}

static Http *start(int workers) {
    HttpConfig config = {.port = 0,
                         .listen_fd = -1,
                         .workers = workers,
                         .per_address = 1000,
                         .max_body = 100000,
                         .classify = classify,
                         .handler = handle,
                         .answers_here = true,
                         .trusted_proxy = "127.0.0.9"};
    Http *h = NULL;
    assert_int_equal(http_start(&h, process, &config), OK);
    return h;
}

static int dial(Http *h) {
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)http_port(h)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval limit = {.tv_sec = 15};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void put(int fd, const char *p, size_t n) {
    if (send(fd, p, n, MSG_NOSIGNAL) < 0) return; /* the server may have closed already */
}

/* Everything until the server closes, or until `until` has been seen. */
static size_t get(int fd, char *out, size_t room, const char *until) {
    size_t n = 0;
    out[0] = 0;
    while (n + 1 < room) {
        ssize_t got = recv(fd, out + n, room - 1 - n, 0);
        if (got <= 0) break;
        n += (size_t)got;
        out[n] = 0;
        if (until && memmem(out, n, until, strlen(until))) break;
    }
    return n;
}

/* Sends raw bytes on a connection of its own and returns the status of the first answer. */
static int probe(const char *p, size_t n, char *answer, size_t room) {
    int fd = dial(server);
    put(fd, p, n);
    shutdown(fd, SHUT_WR);
    get(fd, answer, room, NULL);
    close(fd);
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? (int)strtol(answer + 9, NULL, 10) : 0;
}

#define NEXT "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define PROBE(status, text)                                                                        \
    { status, text, sizeof(text) - 1 }
static const struct {
    int status;
    const char *text;
    size_t n;
} probes[] = {
    /* clang-format off */
    PROBE(200, "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    PROBE(200, "\r\nGET /a%C3%A9?x=%00&y=1&z HTTP/1.1\r\nHost:localhost:99 \r\nX-Empty:\r\n\r\n"),
    PROBE(200, "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"),
    PROBE(400, "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT),
    PROBE(400, "POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" NEXT),
    PROBE(400, "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 9\r\n\r\n" NEXT),
    PROBE(400, "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n" NEXT),
    PROBE(400, "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0, 0\r\n\r\n" NEXT),
    PROBE(400, "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: +0\r\n\r\n" NEXT),
    PROBE(400, "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n" NEXT),
    PROBE(400, "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0x0\r\n\r\n" NEXT),
    PROBE(400, "GET /a HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n" NEXT),
    PROBE(400, "GET /a HTTP/1.1\r\n\r\n" NEXT),
    PROBE(400, "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length : 0\r\n\r\n" NEXT),
    PROBE(400, "GET /a HTTP/1.1\nHost: localhost\n\n" NEXT),
    PROBE(400, "GET /a HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n" NEXT),
    PROBE(400, "GET /a HTTP/1.1\r\nHost: localhost\r\nX: y\r\n\n" NEXT),
    PROBE(400, "GET /a HTTP/1.1\r\nHost: localhost\r\nX: y\rZ: a\r\n\r\n" NEXT),
    PROBE(400, "GET /a HTTP/1.1\r\nHost: localhost\r\nX: y\r\n folded\r\n\r\n" NEXT),
    PROBE(400, "GET /a HTTP/1.1\r\nHost: localhost\r\nX: y\0\0Z\0a\r\n\r\n" NEXT),
    PROBE(400, "GET /a HTTP/1.1\r\nHost: localhost\r\nX: y\0z\r\n\r\n" NEXT),
    PROBE(400, "GET /a HTTP/1.1\r\nHost: localhost\r\nX\r\n\r\n" NEXT),
    PROBE(400, "GET /a HTTP/1.1\r\nHost: localhost\r\n: y\r\n\r\n" NEXT),
    PROBE(400, "GET /a HTTP/1.1\r\nHost: localhost\r\nX: \x01\r\n\r\n" NEXT),
    PROBE(400, "GET  /a HTTP/1.1\r\nHost: localhost\r\n\r\n" NEXT),
    PROBE(400, "GET /a  HTTP/1.1\r\nHost: localhost\r\n\r\n" NEXT),
    PROBE(400, "GET /a HTTP/1.1 \r\nHost: localhost\r\n\r\n" NEXT),
    PROBE(400, "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n" NEXT),
    PROBE(400, "GET /a%00x HTTP/1.1\r\nHost: localhost\r\n\r\n" NEXT),
    PROBE(400, "GET /a%2fb HTTP/1.1\r\nHost: localhost\r\n\r\n" NEXT),
    PROBE(400, "GET /a%zz HTTP/1.1\r\nHost: localhost\r\n\r\n" NEXT),
    PROBE(400, "GET /a%ff HTTP/1.1\r\nHost: localhost\r\n\r\n" NEXT),
    PROBE(400, "GET /a/../b HTTP/1.1\r\nHost: localhost\r\n\r\n" NEXT),
    PROBE(400, "GET /a/%2e%2e/b HTTP/1.1\r\nHost: localhost\r\n\r\n" NEXT),
    PROBE(400, "GET //a HTTP/1.1\r\nHost: localhost\r\n\r\n" NEXT),
    PROBE(400, "GET http://localhost/a HTTP/1.1\r\nHost: localhost\r\n\r\n" NEXT),
    PROBE(400, "GET /a#b HTTP/1.1\r\nHost: localhost\r\n\r\n" NEXT),
    PROBE(400, "GET /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 45\r\n\r\n" NEXT),
    PROBE(400, "POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" NEXT),
    PROBE(400, "POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" NEXT),
    PROBE(400, "POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n" NEXT),
    PROBE(411, "POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT),
    PROBE(411, "PATCH /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT),
    PROBE(413, "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100001\r\n\r\n" NEXT),
    PROBE(413, "PATCH /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100001\r\n\r\n" NEXT),
    PROBE(417, "POST /a HTTP/1.1\r\nHost: localhost\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\n"),
    PROBE(421, "GET /a HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
    PROBE(405, "OPTIONS /a HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    PROBE(501, "BREW /a HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    PROBE(505, "GET /a HTTP/2.0\r\nHost: localhost\r\n\r\n" NEXT),
    PROBE(500, "GET /split HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    /* clang-format on */
};

static void framing_is_strict(void **state) {
    (void)state;
    static char answer[65536];
    int wrong = 0;
    for (size_t i = 0; i < LENGTH(probes); i++) {
        int status = probe(probes[i].text, probes[i].n, answer, sizeof answer);
        /* A close without an answer is as good as a 400: then the library itself gave up. */
        bool ok = status == probes[i].status || (probes[i].status == 400 && status == 0);
        if (!ok) {
            fprintf(stderr, "probe %zu: %d instead of %d: %.60s\n", i, status, probes[i].status,
                    probes[i].text);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(atomic_load(&smuggled), 0);
}

static void long_heads_are_refused(void **state) {
    (void)state;
    static char answer[65536];
    Text t = text_new(process, 0);
    text_addz(&t, "GET /");
    for (int i = 0; i < 8300; i++) text_char(&t, 'a');
    text_addz(&t, " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_int_equal(probe(t.p, t.n, answer, sizeof answer), 414);
    t = text_new(process, 0);
    text_addz(&t, "GET /a HTTP/1.1\r\nHost: localhost\r\n");
    for (int i = 0; i < 101; i++) text_addz(&t, "X: y\r\n");
    text_addz(&t, "\r\n");
    assert_int_equal(probe(t.p, t.n, answer, sizeof answer), 431);
}

static void answers_carry_security_headers(void **state) {
    (void)state;
    static char answer[65536];
    static const char ask[] = "GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    static const char bad[] = "GET /a%00 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    static const char *const wanted[] = {"Content-Security-Policy: default-src 'self';",
                                         "X-Content-Type-Options: nosniff",
                                         "Referrer-Policy: same-origin",
                                         "Cross-Origin-Opener-Policy: same-origin",
                                         "Cross-Origin-Resource-Policy: same-origin",
                                         "Permissions-Policy: ",
                                         "X-Request-Id: ",
                                         "Cache-Control: no-store"};
    for (int k = 0; k < 2; k++) {
        probe(k ? bad : ask, k ? sizeof bad - 1 : sizeof ask - 1, answer, sizeof answer);
        for (size_t i = 0; i < LENGTH(wanted); i++) assert_non_null(strstr(answer, wanted[i]));
        assert_null(strstr(answer, "Server:"));
    }
}

static void keep_alive_head_and_gzip(void **state) {
    (void)state;
    char answer[65536];
    int fd = dial(server);
    for (int i = 0; i < 50; i++) {
        static const char ask[] =
            "POST /k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nab";
        put(fd, ask, sizeof ask - 1);
        get(fd, answer, sizeof answer, "POST /k 2");
        assert_non_null(strstr(answer, "POST /k 2"));
    }
    static const char zip[] =
        "GET /long HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: br, gzip\r\n"
        "Connection: close\r\n\r\n";
    put(fd, zip, sizeof zip - 1);
    size_t n = get(fd, answer, sizeof answer, NULL);
    assert_true(n < 2000 && strstr(answer, "Content-Encoding: gzip") != NULL);
    close(fd);
    static const char head[] =
        "HEAD /long HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_int_equal(probe(head, sizeof head - 1, answer, sizeof answer), 200);
    assert_non_null(strstr(answer, "Content-Length: 4096"));
    assert_null(strstr(answer, "xxx"));
}

/* On one connection, so that one thread of the library answers. */
static const char *answer_on(int fd, const char *path, const char *until) {
    static char answer[4096];
    char ask[256];
    int n = snprintf(ask, sizeof ask, "%s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
    put(fd, ask, (size_t)n);
    get(fd, answer, sizeof answer, until);
    const char *body = strstr(answer, "\r\n\r\n");
    return body ? body + 4 : "";
}

static void small_answers_are_made_here(void **state) {
    (void)state;
    Http *own = start(2), *kept = server;
    server = own;
    HttpStats stats;
    int fd = dial(own);
    assert_string_equal(answer_on(fd, "GET /where", "here"), "here");
    assert_string_equal(answer_on(fd, "GET /where", "here"), "here");
    assert_string_equal(answer_on(fd, "POST /where", "worker"), "worker");
    /* What the handler declines is begun again by a worker, its limits taken once. */
    assert_string_equal(answer_on(fd, "GET /elsewhere", "counted"), "worker, counted");
    assert_string_equal(answer_on(fd, "GET /where", "here"), "here");
    http_stats(own, &stats);
    assert_int_equal(stats.here, 3);
    /* A long answer is made once here; then the thread leaves them to others for a while. */
    assert_string_equal(answer_on(fd, "GET /busy", "busy 0"), "GET /busy 0");
    assert_string_equal(answer_on(fd, "GET /where", "worker"), "worker");
    http_stats(own, &stats);
    assert_int_equal(stats.here, 4);
    close(fd);
    server = kept;
    http_stop(own);
}

static void held_answers_wait_or_are_made_again(void **state) {
    (void)state;
    HttpStats before, after;
    int fd = dial(server);
    http_stats(server, &before);
    atomic_store(&tries, 0);
    int64_t begin = clock_mono_us();
    assert_string_equal(answer_on(fd, "POST /held", "try 1"), "try 1");
    assert_true(clock_mono_us() - begin >= 30000);
    atomic_store(&tries, 0);
    assert_string_equal(answer_on(fd, "POST /lost", "try 3"), "try 3");
    atomic_store(&tries, 0);
    assert_non_null(strstr(answer_on(fd, "POST /gone", "again in a moment"), "busy"));
    assert_int_equal(atomic_load(&tries), 4);
    http_stats(server, &after);
    assert_int_equal(after.shed - before.shed, 1);
    close(fd);
}

static void slow_heads_and_bodies_are_cut(void **state) {
    (void)state;
    static const char slow_body[] =
        "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n";
    int head = dial(server), body = dial(server), idle = dial(server), reader = dial(server);
    static const char big[] = "GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n";
    put(head, "GET /a HTTP/1.1\r\nHost: localhost\r\n", 34);
    put(body, slow_body, sizeof slow_body - 1);
    put(reader, big, sizeof big - 1);
    HttpStats before, after;
    http_stats(server, &before);
    int64_t begin = clock_mono_us(), head_end = 0;
    after = before;
    /* The slow reader is cut after ten seconds, or twenty when what the socket holds was still on
     * its way at the first look. */
    for (int i = 0; i < 300 && (!head_end || after.timed_out - before.timed_out < 4); i++) {
        usleep(100000);
        http_stats(server, &after);
        if (i % 10 == 0) put(body, "a", 1);
        if (head_end == 0) {
            if (i % 10 == 0) put(head, "X: y\r\n", 6);
            char c;
            ssize_t n = recv(head, &c, 1, MSG_DONTWAIT);
            if (n == 0 || (n < 0 && errno != EAGAIN)) head_end = clock_mono_us() - begin;
        }
    }
    assert_true(head_end > 4000000 && head_end < 6500000);
    assert_int_equal(after.timed_out - before.timed_out, 4);
    close(head);
    close(body);
    close(idle);
    close(reader);
}

static void *one_client(void *cls) {
    char answer[4096];
    _Atomic int *good = cls;
    int fd = dial(server);
    static const char ask[] =
        "GET /p HTTP/1.1\r\nHost: localhost\r\nCookie: s=1\r\nConnection: close\r\n\r\n";
    put(fd, ask, sizeof ask - 1);
    get(fd, answer, sizeof answer, NULL);
    close(fd);
    if (strstr(answer, "GET /p 0")) atomic_fetch_add(good, 1);
    return NULL;
}

static void many_at_once(void **state) {
    (void)state;
    enum { N = 200 };
    pthread_t threads[N];
    _Atomic int good = 0;
    for (int i = 0; i < N; i++) pthread_create(&threads[i], NULL, one_client, &good);
    for (int i = 0; i < N; i++) pthread_join(threads[i], NULL);
    assert_int_equal(good, N);
}

static void overload_is_shed(void **state) {
    (void)state;
    enum { N = 300 };
    char answer[4096];
    int fds[N];
    static const char ask[] =
        "GET /slow HTTP/1.1\r\nHost: localhost\r\nCookie: s=1\r\nConnection: close\r\n\r\n";
    for (int i = 0; i < N; i++) {
        fds[i] = dial(server);
        put(fds[i], ask, sizeof ask - 1);
    }
    static const char alive[] =
        "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    int64_t begin = clock_mono_us();
    assert_int_equal(probe(alive, sizeof alive - 1, answer, sizeof answer), 200);
    assert_true(clock_mono_us() - begin < 250000);
    int served = 0, shed = 0;
    for (int i = 0; i < N; i++) {
        get(fds[i], answer, sizeof answer, NULL);
        if (strstr(answer, "200 OK")) served++;
        if (strstr(answer, "503 ") && strstr(answer, "Retry-After: 1")) shed++;
        close(fds[i]);
    }
    assert_int_equal(served + shed, N);
    assert_true(served >= 8 && shed >= 100);
}

static void *slow_client(void *cls) {
    static const char ask[] = "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char answer[4096];
    int fd = dial(cls);
    put(fd, ask, sizeof ask - 1);
    get(fd, answer, sizeof answer, NULL);
    close(fd);
    return strstr(answer, "200 OK") && strstr(answer, "Connection: close") ? cls : NULL;
}

static void stop_finishes_what_runs(void **state) {
    (void)state;
    Http *h = start(2);
    pthread_t thread;
    pthread_create(&thread, NULL, slow_client, h);
    usleep(100000);
    http_stop(h);
    void *result;
    pthread_join(thread, &result);
    assert_non_null(result);
}

/* One server that many connect to while it stops. */
typedef struct Stopped {
    Http *http;
    struct sockaddr_in at;
    _Atomic bool over;
    pthread_t knocking, stopping;
} Stopped;

static void *knock(void *cls) {
    Stopped *s = cls;
    while (!atomic_load(&s->over)) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        /* Closed without waiting, or the ports of the machine run out. */
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1},
                   sizeof(struct linger));
        if (connect(fd, (struct sockaddr *)&s->at, sizeof s->at) == 0) put(fd, "GET", 3);
        close(fd);
        usleep(200);
    }
    return NULL;
}

static void *stop_it(void *cls) {
    Stopped *s = cls;
    http_stop(s->http);
    return NULL;
}

static void stops_while_many_connect(void **state) {
    (void)state;
    enum { SERVERS = 24 };
    Stopped servers[SERVERS];
    for (int i = 0; i < SERVERS; i++) {
        Stopped *s = &servers[i];
        *s = (Stopped){.http = start(1), .at = {.sin_family = AF_INET}};
        s->at.sin_port = htons((uint16_t)http_port(s->http));
        s->at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    for (int i = 0; i < SERVERS; i++)
        pthread_create(&servers[i].knocking, NULL, knock, &servers[i]);
    usleep(50000);
    for (int i = 0; i < SERVERS; i++)
        pthread_create(&servers[i].stopping, NULL, stop_it, &servers[i]);
    for (int i = 0; i < SERVERS; i++) {
        pthread_join(servers[i].stopping, NULL);
        atomic_store(&servers[i].over, true);
        pthread_join(servers[i].knocking, NULL);
        /* Nobody listens there any more. */
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&servers[i].at, sizeof servers[i].at), -1);
        close(fd);
    }
}

static int set_up(void **state) {
    (void)state;
    setenv("GARDEFOU_ADDRESS_RATE", "0", 1);
    log_set_level(LOG_ERROR + 1);
    secret_init();
    process = arena_new(0);
    server = start(4);
    return 0;
}

static void anonymous_rate_is_limited(void **state) {
    (void)state;
    char answer[4096];
    setenv("GARDEFOU_ADDRESS_RATE", "2:5", 1);
    Http *limited = start(2), *kept = server;
    server = limited;
    static const char ask[] = "GET /r HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    static const char known[] =
        "GET /r HTTP/1.1\r\nHost: localhost\r\nCookie: s=1\r\nConnection: close\r\n\r\n";
    int refused = 0;
    for (int i = 0; i < 12; i++)
        refused += probe(ask, sizeof ask - 1, answer, sizeof answer) == 429;
    assert_true(refused >= 5 && refused <= 7);
    assert_int_equal(probe(known, sizeof known - 1, answer, sizeof answer), 200);
    server = kept;
    http_stop(limited);
}

static int tear_down(void **state) {
    (void)state;
    http_stop(server);
    arena_free(process);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(framing_is_strict),
        cmocka_unit_test(long_heads_are_refused),
        cmocka_unit_test(answers_carry_security_headers),
        cmocka_unit_test(keep_alive_head_and_gzip),
        cmocka_unit_test(small_answers_are_made_here),
        cmocka_unit_test(held_answers_wait_or_are_made_again),
        cmocka_unit_test(many_at_once),
        cmocka_unit_test(overload_is_shed),
        cmocka_unit_test(anonymous_rate_is_limited),
        cmocka_unit_test(slow_heads_and_bodies_are_cut),
        cmocka_unit_test(stop_finishes_what_runs),
        cmocka_unit_test(stops_while_many_connect),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
