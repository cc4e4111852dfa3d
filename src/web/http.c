/* http.c: starts and stops the server and drives one exchange from its head to its answer. The
 * library's threads read and write sockets and make small answers (http_here.c); all other
 * handlers run on the workers of http_queue.c. Call order: http_start, any number of requests,
 * http_stop; the process arena must outlive http_stop. SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "web/http_internal.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* ---- one exchange ---- */

static HttpConn *conn_of(struct MHD_Connection *mhd) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* The first sight of a request: its line has been read, its fields have not. */
static void *on_line(void *cls, const char *uri, struct MHD_Connection *mhd) {
    HttpConn *conn = conn_of(mhd);
    if (conn == NULL) return NULL;
    if (conn_get_phase(conn) == PHASE_IDLE) conn_phase(conn, PHASE_HEADER);
    conn->exchange = (HttpExchange){
        .http = cls, .conn = conn, .mhd = mhd, .raw_uri = uri, .response = {.fd = -1}};
    HttpExchange *x = &conn->exchange;
    x->request.arena = conn_arena(cls);
    x->uri_size = strlen(uri);
    /* A copy: the library is about to put NULs into the query. */
    size_t kept = x->uri_size > HTTP_MAX_URI ? 0 : x->uri_size;
    x->uri = str_copy(x->request.arena, (Str){uri, kept});
    return conn;
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **context,
                         enum MHD_RequestTerminationCode code) {
    (void)mhd;
    (void)code;
    HttpConn *conn = *context;
    if (conn == NULL) return;
    HttpExchange *x = &conn->exchange;
    if (x->reply) MHD_destroy_response(x->reply); /* the client went away before its answer */
    if (x->response.fd >= 0) close(x->response.fd);
    if (x->body_have > 0) atomic_fetch_sub(&x->http->bodies, (int64_t)x->body_have);
    if (x->request.arena) conn_arena_back(cls, x->request.arena);
    *x = (HttpExchange){.response = {.fd = -1}};
    conn_phase(conn, PHASE_IDLE);
    *context = NULL;
}

/* Texts are left as they are: the path is decoded once, by http_guard.c. */
static size_t no_unescape(void *cls, struct MHD_Connection *mhd, char *text) {
    (void)cls;
    (void)mhd;
    return strlen(text);
}

static enum MHD_Result refuse(HttpExchange *x, int status) {
    Http *h = x->http;
    bool is_framing = status != 405 && status != 421 && status != 429 && status != 501 &&
                      status != 503 && status != 413;
    if (is_framing) atomic_fetch_add(&h->bad_framing, 1);
    if (status == 503 || status == 429) atomic_fetch_add(&h->shed, 1);
    /* With a body still to come, or doubts where it ends, nothing more is read. */
    x->close = is_framing || x->body_have < x->body_size;
    reply_refuse(x, status);
    return reply_send(x);
}

typedef struct Mapping {
    void *p;
    size_t n;
} Mapping;

static void unmap(void *cls) {
    Mapping *m = cls;
    munmap(m->p, m->n);
}

/* A large body gets pages that only cost memory as they fill: the length is a mere claim. */
static bool make_room(HttpExchange *x) {
    if (x->body_size <= 65536) {
        x->body = arena_alloc(x->request.arena, x->body_size);
        return true;
    }
    void *p = mmap(NULL, x->body_size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return false;
    Mapping *m = NEW(x->request.arena, Mapping);
    *m = (Mapping){p, x->body_size};
    arena_defer(x->request.arena, unmap, m);
    x->body = p;
    return true;
}

static enum MHD_Result on_head(HttpExchange *x, const char *method, const char *version) {
    Http *h = x->http;
    HttpRequest *r = &x->request;
    r->started_us = clock_mono_us();
    r->id = str_fmt(r->arena, "%s-%llx", h->id_prefix,
                    (unsigned long long)atomic_fetch_add(&h->next_id, 1));
    atomic_fetch_add(&h->requests, 1);
    int status = guard_head(x, method, version);
    if (status == 0) status = guard_request(x);
    if (status != 0) return refuse(x, status);
    if (atomic_load(&h->refusing) || !queue_has_room(h, x->class)) return refuse(x, 503);
    x->step = STEP_BODY;
    if (x->body_size > 0) {
        if (atomic_load(&h->bodies) > HTTP_BODIES_MAX || !make_room(x)) return refuse(x, 503);
        atomic_store(&x->conn->body_size, (int64_t)x->body_size);
    }
    conn_phase(x->conn, PHASE_BODY);
    return MHD_YES;
}

static enum MHD_Result on_body(HttpExchange *x, const char *data, size_t n) {
    if (n > x->body_size - x->body_have) return MHD_NO;
    memcpy(x->body + x->body_have, data, n);
    x->body_have += n;
    atomic_fetch_add(&x->http->bodies, (int64_t)n);
    return MHD_YES;
}

static enum MHD_Result on_whole(HttpExchange *x) {
    Http *h = x->http;
    if (x->body_have != x->body_size) return MHD_NO;
    x->request.body = (Str){x->body, x->body_have};
    conn_phase(x->conn, PHASE_HANDLER);
    if (here_answer(x)) return reply_send(x);
    x->step = STEP_QUEUED;
    MHD_suspend_connection(x->mhd);
    if (!atomic_load(&h->refusing) && queue_push(h, x)) return MHD_YES;
    atomic_fetch_add(&h->shed, 1);
    reply_refuse(x, 503);
    x->step = STEP_READY;
    conn_phase(x->conn, PHASE_RESPONSE);
    MHD_resume_connection(x->mhd);
    return MHD_YES;
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *mhd, const char *url,
                                 const char *method, const char *version, const char *data,
                                 size_t *n, void **context) {
    (void)cls;
    (void)mhd;
    (void)url;
    HttpConn *conn = *context;
    if (conn == NULL) return MHD_NO;
    HttpExchange *x = &conn->exchange;
    switch (x->step) {
    case STEP_NEW: return on_head(x, method, version);
    case STEP_BODY:
        if (*n == 0) return on_whole(x);
        size_t have = *n;
        *n = 0;
        return on_body(x, data, have);
    case STEP_READY: return reply_send(x);
    case STEP_SENT: *n = 0; return MHD_YES; /* the rest of a refused body */
    case STEP_QUEUED: break;
    }
    return MHD_NO;
}

Str http_header(const HttpRequest *request, const char *name) {
    for (size_t i = 0; i < request->n_headers; i++) {
        if (str_is(request->headers[i].name, name)) return request->headers[i].value;
    }
    return (Str){0};
}

void http_add_header(HttpResponse *out, Str name, Str value) {
    CHECK(out->n_headers < LENGTH(out->headers), "too many response headers");
    out->headers[out->n_headers++] = (HttpPair){name, value};
}

/* ---- start and stop ---- */

static void set_defaults(Http *h, const HttpConfig *config) {
    HttpConfig *c = &h->config;
    *c = *config;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (c->address == NULL) c->address = "127.0.0.1";
    if (c->workers <= 0) c->workers = (int)(cores > 0 ? cores * 2 : 2);
    if (c->max_connections <= 0) c->max_connections = 2000;
    if (c->per_address <= 0) c->per_address = 64;
    if (c->max_body == 0) c->max_body = 1 << 20;
    if (c->deadline_us <= 0) c->deadline_us = 30 * HTTP_SECOND_US;
    h->any_host = strcmp(c->address, "0.0.0.0") == 0 || strcmp(c->address, "::") == 0;
    h->bound = strchr(c->address, ':') ? str_fmt(h->process, "[%s]", c->address).p : c->address;
    unsigned char random[5];
    random_bytes(random, sizeof random);
    Str prefix = hex_encode(h->process, random, sizeof random);
    memcpy(h->id_prefix, prefix.p, prefix.n);
}

static void raise_file_limit(int connections) {
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connections + 512;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        log_line(LOG_WARN, "file_limit", "the limit of open files could not be raised");
    }
}

int http_readers(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > HTTP_READERS ? HTTP_READERS : (int)cores;
}

/* One daemon a reading thread, none with a socket to listen on: http_listen.c hands them their
 * connections. */
static Err start_daemons(Http *h) {
    for (int i = 0; i < http_readers(); i++) {
        h->daemons[i] = MHD_start_daemon(
            MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
                MHD_USE_NO_LISTEN_SOCKET,
            0, conn_accept, h, on_access, h, MHD_OPTION_CONNECTION_LIMIT, (unsigned)h->n_conns,
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32768, MHD_OPTION_STRICT_FOR_CLIENT, 1,
            MHD_OPTION_NOTIFY_CONNECTION, conn_notify, h, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
            h, MHD_OPTION_URI_LOG_CALLBACK, on_line, h, MHD_OPTION_UNESCAPE_CALLBACK, no_unescape,
            h, MHD_OPTION_END);
        if (h->daemons[i] == NULL) return ERR_INTERNAL;
        h->n_daemons++;
    }
    return OK;
}

static void stop_daemons(Http *h) {
    while (h->n_daemons > 0) MHD_stop_daemon(h->daemons[--h->n_daemons]);
}

static Err start_parts(Http *h) {
    TRY(address_init(h));
    TRY(conn_init(h));
    TRY(here_start(h));
    TRY(queue_start(h));
    TRY(start_daemons(h));
    return listen_start(h);
}

Err http_start(Http **out, Arena *process, const HttpConfig *config) {
    CHECK(config->handler != NULL, "http_start needs a handler");
    Http *h = NEW(process, Http);
    h->process = process;
    set_defaults(h, config);
    raise_file_limit(h->config.max_connections);
    TRY(listen_open(h));
    Err err = start_parts(h);
    if (err != OK) {
        queue_stop(h);
        stop_daemons(h);
        here_stop(h);
        conn_stop(h);
        close(h->listen_fd);
        return err;
    }
    *out = h;
    return OK;
}

int http_port(const Http *h) {
    return h->port;
}

static void nap(void) {
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
}

void http_stop(Http *h) {
    atomic_store(&h->stopping, true);
    listen_stop(h);
    int64_t begin = clock_mono_us();
    /* At least a second, for what was accepted but not yet read; then while answers are under way.
     */
    for (;;) {
        int64_t waited = clock_mono_us() - begin;
        if (waited > HTTP_SECOND_US && (conn_busy(h) == 0 || waited > 20 * HTTP_SECOND_US)) break;
        nap();
    }
    atomic_store(&h->refusing, true);
    queue_stop(h); /* what is queued or running still gets done */
    for (int i = 0; i < 100 && conn_busy(h) > 0; i++) nap();
    stop_daemons(h);
    here_stop(h);
    close(h->listen_fd);
    conn_stop(h);
}

void http_stats(const Http *h, HttpStats *out) {
    Http *m = (Http *)(uintptr_t)h; /* locks are no part of what the caller may see change */
    *out = (HttpStats){.accepted = h->accepted,
                       .requests = h->requests,
                       .shed = h->shed,
                       .evicted = h->evicted,
                       .timed_out = h->timed_out,
                       .bad_framing = h->bad_framing,
                       .here = h->answered_here,
                       .latency_us_sum = h->latency_sum};
    for (size_t i = 0; i < LENGTH(out->by_status); i++) out->by_status[i] = h->by_status[i];
    for (size_t i = 0; i < LENGTH(out->latency_us_bucket); i++) {
        out->latency_us_bucket[i] = h->bucket_us[i];
    }
    pthread_mutex_lock(&m->conn_lock);
    out->connections = h->n_open;
    pthread_mutex_unlock(&m->conn_lock);
    pthread_mutex_lock(&m->queue_lock);
    out->queued = h->waiting;
    out->running = h->running;
    pthread_mutex_unlock(&m->queue_lock);
}
