/* http.h: the HTTP/1.1 front: libmicrohttpd with epoll, strict framing, absolute deadlines,
 * eviction, admission control and bounded workers. Knows nothing of sessions, records or pages: it
 * hands a whole request to one handler on a worker thread, or first on the thread that reads the
 * connection (answers_here), and sends what the handler made.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include "base/str.h"

typedef struct HttpPair {
    Str name, value;
} HttpPair;

typedef enum HttpMethod {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_PUT
} HttpMethod;

/* Which reserved share of the workers a request may use (decided before it is queued, from method,
 * path and whether it carries a session cookie or bearer token). */
typedef enum HttpClass {
    HTTP_CLASS_HEALTH,
    HTTP_CLASS_READ,
    HTTP_CLASS_WRITE,
    HTTP_CLASS_ANON,
    HTTP_CLASS_COSTLY,
    HTTP_CLASS_COUNT
} HttpClass;

typedef struct HttpRequest {
    Arena *arena; /* lives until the answer is sent */
    HttpMethod method;
    Str method_text;
    Str path;  /* decoded once, valid UTF-8, begins with '/', no NUL, no "//" nor dot segments */
    Str query; /* raw, after '?' */
    Str host;
    Str body;
    Str content_type; /* raw header value */
    Str peer;         /* client address: from the socket, or X-Forwarded-For of a trusted proxy */
    Str peer_key;     /* IPv4 /32 or IPv6 /64, for limits; never logged with content */
    bool is_tls;      /* of the socket or X-Forwarded-Proto of a trusted proxy */
    const HttpPair *headers; /* names in lower case */
    size_t n_headers;
    Str id;             /* request number, also in the X-Request-Id answer header */
    int64_t started_us; /* monotonic */
    void *worker;       /* what worker_new gave for this thread */
    /* The thread reads other connections, too: whatever may wait or take long sets `elsewhere` in
     * the response and returns; a worker then handles the request from its beginning. */
    bool is_here;
    bool is_counted; /* the try before this one said so: its limits are taken already */
    struct HttpExchange *exchange; /* http's own; NULL in tests of the handler */
} HttpRequest;

typedef struct HttpResponse {
    int status; /* 200 when left 0 */
    Str content_type;
    HttpPair headers[16]; /* further headers; values are checked for CR, LF and NUL */
    size_t n_headers;
    Str body;      /* in the request's arena or static */
    Str body_gzip; /* optional ready-made gzip form of the same body (static assets) */
    int fd; /* >= 0: send this (unlinked) file of fd_size bytes instead of body; closed by http */
    int64_t fd_size;
    bool no_compress;           /* otherwise text bodies over 1 KiB are deflated in the worker */
    bool elsewhere, is_counted; /* see HttpRequest.is_here */
} HttpResponse;

typedef void (*HttpHandler)(const HttpRequest *request, HttpResponse *out);

typedef struct HttpConfig {
    const char *address; /* "127.0.0.1", "::1", "0.0.0.0" */
    int port;            /* 0: any free port */
    int listen_fd;       /* from systemd; -1 otherwise */
    int workers;         /* 0: 2 x cores */
    int max_connections; /* 0: 2000 */
    int per_address;     /* connections an address may hold; 0: 64; ignored for trusted proxies */
    size_t max_body;     /* 0: 1 MiB; larger only for paths that `body_limit` allows */
    size_t (*body_limit)(HttpMethod method, Str path); /* may be NULL */
    const char *trusted_proxy;                         /* comma separated addresses, NULL: none */
    const char *allowed_hosts; /* comma separated host[:port]; NULL: loopback names, address:port
                                  and any host when bound to all */
    HttpClass (*classify)(HttpMethod method, Str path, bool has_credentials);
    /* Does it carry what could be a session or a token? NULL: any cookie or bearer token. */
    bool (*credentials)(const HttpRequest *request);
    HttpHandler handler;
    /* Ends what handlers left open for a next one: on a worker before it waits, or turns to another
     * class of requests. May be NULL. */
    void (*settle)(void *app);
    /* Reading requests without a body are tried on the thread of their connection first: handing a
     * small answer to another thread and back costs more than making it. */
    bool answers_here;
    /* On the thread at start, NULL result stops the start; index -1: for a thread that reads
     * connections, made on another. */
    void *(*worker_new)(void *app, int index);
    void (*worker_free)(void *worker);
    void *app;
    int64_t deadline_us; /* wall budget of a handler for admission accounting; 0: 30 s */
} HttpConfig;

typedef struct Http Http;
Err http_start(Http **out, Arena *process,
               const HttpConfig *config) MUST; /* listening when it returns */
int http_port(const Http *h);
void http_stop(Http *h); /* quiesce, linger at least 1 s, finish requests in flight, join */

/* Figures for /metrics and tests. */
typedef struct HttpStats {
    int64_t accepted, requests, shed, evicted, timed_out, bad_framing, by_status[6];
    int64_t here; /* answers made where their connection is read */
    int connections, queued, running;
    int64_t latency_us_bucket[12], latency_us_sum; /* le 1ms 2 5 10 25 50 100 250 500 1s 5s inf */
} HttpStats;
void http_stats(const Http *h, HttpStats *out);

/* For a request whose credentials turned out to be worth nothing: a token of its address, which an
 * anonymous one has paid already. false: answer 429. */
bool http_take(const HttpRequest *request);

/* From within a handler: what it makes is sent only when http_release, called once on any thread,
 * has said so; not `is_valid`: the request is handled again, from its beginning. */
void http_hold(const HttpRequest *request);
/* Another write waits: what both need may stay open, for `settle` comes in any case. */
bool http_is_followed(const HttpRequest *request);
void http_release(const HttpRequest *request, bool is_valid);

/* Header by lower-case name; empty when absent. */
Str http_header(const HttpRequest *request, const char *name);
void http_add_header(HttpResponse *out, Str name, Str value);

#endif
