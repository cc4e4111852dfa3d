/* clamd.c: the protocol of the ClamAV daemon (clamd(8)): "zINSTREAM\0", chunks with their length in
 * four bytes, an empty chunk, and one answer that ends with NUL: "stream: OK", "stream: NAME FOUND"
 * or "... ERROR". SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/clamd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

enum { CONNECT_MS = 3000, TOTAL_MS = 30000, CHUNK = 128 << 10, ANSWER = 1024 };

typedef struct Line {
    int fd;
    int64_t until; /* monotonic microseconds */
} Line;

static int left_ms(const Line *l) {
    int64_t ms = (l->until - clock_mono_us()) / 1000;
    return ms > 0 ? (int)ms : 0;
}

static bool ready(const Line *l, short events) {
    struct pollfd p = {.fd = l->fd, .events = events};
    return poll(&p, 1, left_ms(l)) == 1 && (p.revents & (events | POLLHUP)) != 0;
}

static bool connected(Line *l, const struct sockaddr *address, socklen_t n) {
    l->fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (l->fd < 0) return false;
    int64_t until = l->until;
    int error = 0;
    socklen_t size = sizeof error;
    bool there = connect(l->fd, address, n) == 0;
    l->until = clock_mono_us() + CONNECT_MS * INT64_C(1000);
    if (!there && ready(l, POLLOUT))
        there = getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
    l->until = until;
    if (there) return true;
    close(l->fd);
    l->fd = -1;
    return false;
}

static bool open_local(Line *l, Str path) {
    struct sockaddr_un u = {.sun_family = AF_UNIX};
    if (path.n >= sizeof u.sun_path) return false;
    memcpy(u.sun_path, path.p, path.n);
    return connected(l, (const struct sockaddr *)&u, sizeof u);
}

static bool open_tcp(Line *l, Arena *a, Str where) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list = NULL;
    size_t at = where.n;
    while (at > 0 && where.p[at - 1] != ':') at--;
    if (at < 2) return false;
    Str host = str_sub(where, 0, at - 1), port = str_sub(where, at, where.n);
    if (getaddrinfo(str_z(a, host), str_z(a, port), &hints, &list) != 0) return false;
    bool done = false;
    for (struct addrinfo *i = list; i && !done; i = i->ai_next)
        done = connected(l, i->ai_addr, i->ai_addrlen);
    freeaddrinfo(list);
    return done;
}

static bool send_all(Line *l, Str s) {
    while (s.n) {
        ssize_t n = send(l->fd, s.p, s.n, MSG_NOSIGNAL);
        if (n > 0)
            s = str_sub(s, (size_t)n, s.n);
        else if ((n < 0 && errno != EAGAIN && errno != EINTR) || !ready(l, POLLOUT))
            return false; /* it hung up, or the time is over */
    }
    return true;
}

static bool send_chunk(Line *l, Str s) {
    uint32_t size = htonl((uint32_t)s.n);
    return send_all(l, (Str){(const char *)&size, sizeof size}) && send_all(l, s);
}

static bool send_stream(Line *l, Str bytes) {
    if (!send_all(l, (Str){"zINSTREAM", 10})) return false; /* with its NUL */
    for (size_t at = 0; at < bytes.n; at += CHUNK)
        if (!send_chunk(l, str_sub(bytes, at, CHUNK))) return false;
    return send_chunk(l, (Str){0});
}

/* Up to the NUL or the end. */
static Str answer_of(Line *l, Arena *a) {
    char *buffer = arena_alloc(a, ANSWER);
    size_t n = 0;
    while (n < ANSWER && ready(l, POLLIN)) {
        ssize_t got = recv(l->fd, buffer + n, ANSWER - n, 0);
        if (got <= 0) break;
        n += (size_t)got;
        if (buffer[n - 1] == 0 || buffer[n - 1] == '\n') break;
    }
    while (n > 0 && (buffer[n - 1] == 0 || buffer[n - 1] == '\n')) n--;
    return (Str){buffer, n};
}

static bool open_line(Line *l, Arena *a, Str where) {
    *l = (Line){.fd = -1, .until = clock_mono_us() + TOTAL_MS * INT64_C(1000)};
    return where.n && where.p[0] == '/' ? open_local(l, where) : open_tcp(l, a, where);
}

static bool ends_with(Str s, Str end) {
    return s.n >= end.n && str_eq(str_sub(s, s.n - end.n, end.n), end);
}

Err clamd_scan(Str *found, Arena *a, Str where, Str bytes) {
    Line l;
    *found = S("the virus scanner does not answer");
    if (!open_line(&l, a, where)) return ERR_BUSY;
    /* It may answer and hang up before it has read everything (its size limit). */
    (void)send_stream(&l, bytes);
    Str answer = answer_of(&l, a);
    close(l.fd);
    if (str_is(answer, "stream: OK")) {
        *found = (Str){0};
        return OK;
    }
    if (ends_with(answer, S(" FOUND"))) {
        Str name = str_sub(answer, 0, answer.n - 6);
        *found = str_starts(name, S("stream: ")) ? str_sub(name, 8, name.n) : name;
        return ERR_DENIED;
    }
    if (answer.n) *found = answer;
    return ERR_BUSY;
}

Err clamd_version(Str *version, Arena *a, Str where) {
    Line l;
    *version = S("the virus scanner does not answer");
    if (!open_line(&l, a, where)) return ERR_BUSY;
    Str answer = {0};
    if (send_all(&l, (Str){"zVERSION", 9})) answer = answer_of(&l, a);
    close(l.fd);
    if (!answer.n) return ERR_BUSY;
    *version = answer;
    return OK;
}
