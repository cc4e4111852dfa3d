/* http_internal.h: what the files of the HTTP front share: connections with their deadlines, the
 * one exchange a connection has at a time, the queue and the process-wide state. Included by
 * http*.c only. Locks: conn_lock (connections, spare arenas) and queue lock are never held
 * together. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WEB_HTTP_INTERNAL_H
#define WEB_HTTP_INTERNAL_H

#include "web/http.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <zlib.h>

enum {
    HTTP_MAX_URI = 8192,
    HTTP_MAX_HEADERS = 100,
    HTTP_MAX_HEADER_BYTES = 16384,
    HTTP_QUEUE = 200,
    HTTP_BUCKETS = 65536,
    HTTP_BUCKET_LOCKS = 64,
    HTTP_SPARE_ARENAS = 16,
    HTTP_TRIES = 4,  /* of what is held and lost */
    HTTP_READERS = 4 /* threads that read connections, at most */
};
#define HTTP_SECOND_US INT64_C(1000000)
/* Beyond it the process ends: above what all other bounds allow. */
#define HTTP_ARENA_MAX ((size_t)256 << 20)
#define HTTP_BODIES_MAX ((int64_t)256 << 20)

typedef enum HttpPhase {
    PHASE_HEADER,
    PHASE_IDLE,
    PHASE_BODY,
    PHASE_HANDLER,
    PHASE_RESPONSE
} HttpPhase;
typedef enum HttpStep { STEP_NEW, STEP_BODY, STEP_QUEUED, STEP_READY, STEP_SENT } HttpStep;

typedef struct HttpConn HttpConn;

typedef struct HttpAddress {
    unsigned char bytes[16];
    bool is_v4, is_known;
} HttpAddress;

typedef struct HttpExchange {
    Http *http;
    HttpConn *conn;
    struct MHD_Connection *mhd;
    struct MHD_Response *reply;
    struct HttpExchange *next; /* in a queue */
    HttpStep step;
    _Atomic int holds; /* the worker's own and that of http_hold: who ends the last sends */
    bool is_lost;      /* what was held must be made again; before the last hold ends */
    int lost;          /* so often */
    HttpClass class;
    bool close, has_credentials, accepts_gzip;
    const char *raw_uri; /* in libmicrohttpd's buffer, until the headers are read */
    size_t uri_size;
    Str uri; /* the raw target; empty when it is too long */
    char *body;
    size_t body_size, body_have;
    int64_t queued_us;
    HttpAddress client;
    HttpRequest request;
    HttpResponse response;
} HttpExchange;

struct HttpConn {
    HttpConn *next, *prev; /* in the list of open ones; `next` alone in the free list */
    int fd;
    _Atomic int64_t stage; /* begin of the phase (monotonic us) x 8 + phase: read as one */
    _Atomic int64_t body_size;
    uint64_t acked; /* bytes the peer had acknowledged at window_us; reaper only */
    int64_t window_us, window_stage;
    uint32_t bucket;
    bool cut, is_trusted;
    HttpAddress address;
    HttpExchange exchange;
};

typedef struct HttpBucket {
    int64_t last_us;
    int64_t micro_tokens;
    _Atomic int connections;
} HttpBucket;

typedef struct HttpQueue {
    HttpExchange *head, *tail;
    _Atomic int waiting; /* written with the lock */
    int running;
    int64_t late_since; /* the head has waited too long since then; 0: it has not */
} HttpQueue;

typedef struct HttpWorker {
    Http *http;
    pthread_t thread;
    int index;
    bool health_only;
    void *app;
    z_stream deflate;
    Arena *arena;    /* of a thread that reads connections: this struct lives in it */
    bool has_failed; /* such a thread hands everything on */
    bool has_answered;
    int64_t owes_until; /* it hands on until then */
} HttpWorker;

typedef struct HttpOldest {
    int64_t since;
    HttpConn *conn;
} HttpOldest;

struct Http {
    HttpConfig config;
    Arena *process;
    struct MHD_Daemon *daemons[HTTP_READERS]; /* one a reading thread */
    int n_daemons;
    int port, listen_fd, listen_wake;
    pthread_t listener;
    unsigned next_daemon;   /* of the listener alone */
    _Atomic int on_the_way; /* taken from the socket, not yet with a reading thread */
    bool any_host;
    const char *bound;
    unsigned char secret[16];
    int64_t rate, burst; /* anonymous requests per second of an address; 0: no limit */
    HttpAddress *trusted;
    size_t n_trusted;
    char id_prefix[16];
    _Atomic uint64_t next_id;
    _Atomic bool stopping, refusing;

    pthread_mutex_t conn_lock;
    pthread_cond_t conn_signal;
    HttpConn *conns, *open, *spare_conn;
    HttpOldest *oldest;
    int n_conns, n_open;
    Arena *spare[HTTP_SPARE_ARENAS];
    int n_spare;
    pthread_t reaper;
    bool reaper_stop, has_reaper;

    HttpBucket *buckets;
    pthread_mutex_t bucket_locks[HTTP_BUCKET_LOCKS];

    pthread_mutex_t queue_lock;
    pthread_cond_t work, health_work, started;
    HttpQueue queues[HTTP_CLASS_COUNT];
    int waiting, running, workers, n_started, n_failed;
    bool workers_stop;
    HttpWorker *worker;
    int n_threads;
    pthread_key_t here; /* the HttpWorker of each thread that reads connections */
    bool has_here;
    HttpWorker *prepared[HTTP_READERS]; /* not yet taken by such a thread; under queue_lock */
    int n_prepared;

    _Atomic int64_t bodies, answered_here;
    _Atomic int64_t accepted, requests, shed, evicted, timed_out, bad_framing, by_status[6];
    _Atomic int64_t bucket_us[12], latency_sum;
};

/* http_conn.c */
Err conn_init(Http *h) MUST;
void conn_stop(Http *h);
void conn_notify(void *cls, struct MHD_Connection *mhd, void **context,
                 enum MHD_ConnectionNotificationCode code);
enum MHD_Result conn_accept(void *cls, const struct sockaddr *address, socklen_t n);
void conn_phase(HttpConn *conn, HttpPhase phase);
HttpPhase conn_get_phase(const HttpConn *conn);
int conn_busy(Http *h); /* connections with a request under way */
Arena *conn_arena(Http *h);
void conn_arena_back(Http *h, Arena *a);

/* http_address.c */
bool address_parse(HttpAddress *out, Str text);
HttpAddress address_of(const void *sockaddr);
Str address_text(Arena *a, const HttpAddress *address);
Str address_key_text(Arena *a, const HttpAddress *address);
uint32_t address_bucket(const Http *h, const HttpAddress *address, bool wide);
bool address_is_trusted(const Http *h, const HttpAddress *address);
bool address_may(Http *h, const HttpAddress *address, int64_t now); /* takes one token */
Err address_init(Http *h) MUST;

/* http_guard.c: 0 or the status to refuse with. */
int guard_head(HttpExchange *x, const char *method, const char *version);
int guard_request(HttpExchange *x);

/* http_queue.c */
Err queue_start(Http *h) MUST;
void queue_stop(Http *h);
bool queue_has_room(Http *h, HttpClass class);
bool queue_push(Http *h, HttpExchange *x); /* the connection is suspended already */
void queue_tick(Http *h);
void queue_count(Http *h, HttpExchange *x); /* how long the answer took */

/* http_here.c */
Err here_start(Http *h) MUST;
void here_stop(Http *h);           /* when the library's threads are gone */
bool here_answer(HttpExchange *x); /* false: a worker is needed */
/* On the index-th worker thread while it starts: what a thread that reads connections will need. */
void here_prepare(Http *h, int index);

/* http_listen.c */
Err listen_open(Http *h) MUST;  /* the socket, or the one that was given */
Err listen_start(Http *h) MUST; /* once the daemons run */
void listen_stop(Http *h);      /* h->stopping is set; takes no more, the socket stays open */

/* http.c */
int http_readers(void); /* how many threads read connections */

/* http_reply.c */
void reply_refuse(HttpExchange *x, int status); /* fills and builds a short answer */
void reply_build(HttpExchange *x, z_stream *deflate);
enum MHD_Result reply_send(HttpExchange *x);

#endif
