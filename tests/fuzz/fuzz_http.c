/* fuzz_http.c: bytes on a socket to a running front: whatever comes, what reaches the handler is
 * one clean request after the other, and what goes back is answers. The connection is closed for
 * writing behind the input; half a request, for whose end the front waits, is cut after a moment.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "base/log.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "web/decode.h"
#include "web/frame.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Http *server; /* one for the process */

static void check_request(const HttpRequest *r) {
    Str rest = r->path, segment;
    CHECK(r->path.n && r->path.p[0] == '/' && utf8_is_valid(r->path), "a path");
    for (size_t i = 0; i < r->path.n; i++)
        CHECK((unsigned char)r->path.p[i] >= ' ' && r->path.p[i] != '\\', "a path of signs");
    while (rest.n && str_cut(&segment, &rest, '/'))
        CHECK(!str_is(segment, ".") && !str_is(segment, ".."), "a path without steps");
    CHECK(str_find(r->path, S("//")) < 0 && r->host.n <= 255, "one spelling of a path");
    size_t lengths = 0;
    for (size_t i = 0; i < r->n_headers; i++) {
        Str name = r->headers[i].name, value = r->headers[i].value;
        CHECK(name.n && str_eq(name, str_lower_ascii(r->arena, name)), "names in lower case");
        CHECK(!str_is(name, "transfer-encoding"), "no coding comes through");
        for (size_t k = 0; k < value.n; k++)
            CHECK(value.p[k] != '\r' && value.p[k] != '\n' && value.p[k], "a value of one line");
        if (!str_is(name, "content-length")) continue;
        int64_t n;
        lengths++;
        CHECK(str_to_int(&n, value) && (size_t)n == r->body.n, "the body has the length told");
    }
    CHECK(lengths <= 1 && (lengths || !r->body.n), "a body has one length");
}

static void handle(const HttpRequest *r, HttpResponse *out) {
    static const char *const cookies[] = {"session", "__Host-session", "lang", "browser"};
    Input query = {0}, body = {0};
    Str why = {0};
    check_request(r);
    for (size_t i = 0; i < LENGTH(cookies); i++) (void)web_cookie(r, cookies[i]);
    (void)(decode_query(&query, r->arena, r->query) == OK);
    Err e = decode_body(&body, &why, r->arena, r->content_type, r->body);
    CHECK(e == OK || e == ERR_INVALID, "a body is taken or refused");
    out->content_type = S("text/plain; charset=utf-8");
    out->body = S("ok");
}

static void start(void) {
    Arena *process = arena_new(0);
    setenv("GARDEFOU_ADDRESS_RATE", "0", 1);
    secret_init();
    log_set_level(LOG_ERROR);
    HttpConfig config = {.port = 0,
                         .address = "127.0.0.1",
                         .listen_fd = -1,
                         .workers = 2,
                         .per_address = 1000,
                         .max_body = 100000,
                         .handler = handle,
                         .trusted_proxy = "127.0.0.1"};
    CHECK(http_start(&server, process, &config) == OK, "no server");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char answer[4096];
    if (size > 32768) return 0;
    if (!server) start();
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)http_port(server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct linger hard = {1, 0}; /* no waiting sockets are left behind */
    struct timeval patience = {.tv_usec = 20000};
    CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "no connection");
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    size_t sent = 0;
    for (ssize_t n = 0; sent < size && n >= 0; sent += n > 0 ? (size_t)n : 0)
        n = send(fd, data + sent, size - sent, MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    size_t have = 0;
    for (ssize_t n = 1; n > 0;) {
        n = recv(fd, answer + have, sizeof answer - have, 0);
        if (n > 0) have = have + (size_t)n < sizeof answer ? have + (size_t)n : 16;
    }
    CHECK(have < 5 || memcmp(answer, "HTTP/", 5) == 0, "what goes back is an answer");
    close(fd);
    return 0;
}
