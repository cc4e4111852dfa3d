/* http_queue.c: admission control and the worker threads. Each class of requests has its own queue
 * and reserved share of the workers; idle workers may be borrowed except a last reserve. A queue
 * whose head has waited over 100 ms for a whole second drops what waited that long (as CoDel does).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/http_internal.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"

#define LATE_US INT64_C(100000)
/* Nothing stays open longer, even when all that follows is refused. */
#define SETTLE_US INT64_C(20000)

/* Share of the workers and of the waiting room, percent. */
static const int worker_share[HTTP_CLASS_COUNT] = {[HTTP_CLASS_HEALTH] = 100,
                                                   [HTTP_CLASS_READ] = 50,
                                                   [HTTP_CLASS_WRITE] = 30,
                                                   [HTTP_CLASS_ANON] = 20,
                                                   [HTTP_CLASS_COSTLY] = 20};
static const int room_share[HTTP_CLASS_COUNT] = {[HTTP_CLASS_HEALTH] = 10,
                                                 [HTTP_CLASS_READ] = 80,
                                                 [HTTP_CLASS_WRITE] = 50,
                                                 [HTTP_CLASS_ANON] = 40,
                                                 [HTTP_CLASS_COSTLY] = 20};

static bool has_room(const Http *h, HttpClass class) {
    int own = h->queues[class].waiting;
    if (h->waiting >= HTTP_QUEUE) return false;
    if (own < room_share[class]) return true;
    return class != HTTP_CLASS_COSTLY && h->waiting < HTTP_QUEUE * 3 / 4;
}

bool queue_has_room(Http *h, HttpClass class) {
    pthread_mutex_lock(&h->queue_lock);
    bool room = has_room(h, class);
    pthread_mutex_unlock(&h->queue_lock);
    return room;
}

bool queue_push(Http *h, HttpExchange *x) {
    x->queued_us = clock_mono_us();
    x->next = NULL;
    pthread_mutex_lock(&h->queue_lock);
    bool room = has_room(h, x->class) && !h->workers_stop;
    if (room) {
        HttpQueue *q = &h->queues[x->class];
        if (q->tail) {
            q->tail->next = x;
        } else {
            q->head = x;
        }
        q->tail = x;
        q->waiting++;
        h->waiting++;
        pthread_cond_signal(x->class == HTTP_CLASS_HEALTH ? &h->health_work : &h->work);
    }
    pthread_mutex_unlock(&h->queue_lock);
    return room;
}

static HttpExchange *pop(Http *h, HttpQueue *q) {
    HttpExchange *x = q->head;
    q->head = x->next;
    if (q->head == NULL) q->tail = NULL;
    x->next = NULL;
    q->waiting--;
    h->waiting--;
    return x;
}

/* Takes what has to be dropped off the queue, as a list. */
static HttpExchange *take_late(Http *h, HttpQueue *q, int64_t now, HttpExchange *list) {
    while (q->head && now - q->head->queued_us > LATE_US) {
        if (q->late_since == 0) q->late_since = now;
        if (now - q->late_since < HTTP_SECOND_US) return list;
        HttpExchange *x = pop(h, q);
        x->next = list;
        list = x;
    }
    q->late_since = 0;
    return list;
}

static HttpExchange *take_all_late(Http *h) {
    int64_t now = clock_mono_us();
    HttpExchange *list = NULL;
    for (int c = 0; c < HTTP_CLASS_COUNT; c++) list = take_late(h, &h->queues[c], now, list);
    return list;
}

static void resume(HttpExchange *x) {
    struct MHD_Connection *mhd = x->mhd;
    x->step = STEP_READY;
    conn_phase(x->conn, PHASE_RESPONSE);
    MHD_resume_connection(mhd); /* from here on the exchange is the library thread's again */
}

static void shed(HttpExchange *list) {
    while (list) {
        HttpExchange *x = list;
        list = x->next;
        atomic_fetch_add(&x->http->shed, 1);
        reply_refuse(x, 503);
        resume(x);
    }
}

void queue_tick(Http *h) {
    pthread_mutex_lock(&h->queue_lock);
    HttpExchange *late = take_all_late(h);
    pthread_mutex_unlock(&h->queue_lock);
    shed(late);
}

static bool may_run(const Http *h, int class) {
    const HttpQueue *q = &h->queues[class];
    if (q->waiting == 0) return false;
    if (class == HTTP_CLASS_HEALTH) return true;
    int free_workers = h->workers - h->running;
    if (free_workers <= 0) return false;
    if (class == HTTP_CLASS_COSTLY) {
        int most = h->workers >= 4 ? 2 : 1;
        return q->running < most && (free_workers > 1 || h->workers == 1);
    }
    int reserved = h->workers * worker_share[class] / 100;
    if (q->running < (reserved > 0 ? reserved : 1)) return true;
    int leave = h->workers < 3 ? 0 : class == HTTP_CLASS_ANON && h->workers > 3 ? 2 : 1;
    return free_workers > leave;
}

static int choose(const Http *h, bool health_only) {
    if (h->queues[HTTP_CLASS_HEALTH].waiting > 0) return HTTP_CLASS_HEALTH;
    int best = -1;
    for (int c = 0; c < HTTP_CLASS_COUNT && !health_only; c++) {
        if (!may_run(h, c)) continue;
        /* The smallest use of its share goes first. */
        if (best < 0 ||
            h->queues[c].running * worker_share[best] < h->queues[best].running * worker_share[c]) {
            best = c;
        }
    }
    return best;
}

void queue_count(Http *h, HttpExchange *x) {
    int64_t taken = clock_mono_us() - x->queued_us;
    static const int64_t limits[] = {1000,   2000,   5000,   10000,   25000,  50000,
                                     100000, 250000, 500000, 1000000, 5000000};
    size_t i = 0;
    while (i < LENGTH(limits) && taken > limits[i]) i++;
    atomic_fetch_add(&h->bucket_us[i], 1);
    atomic_fetch_add(&h->latency_sum, taken);
    if (taken <= h->config.deadline_us) return;
    log_line(LOG_WARN, "request_slow", "%.*s took %lld us", FMT(x->request.id), (long long)taken);
}

/* What was made of it is not true: it gets in line again. */
static void make_again(HttpExchange *x) {
    Http *h = x->http;
    MHD_destroy_response(x->reply); /* closes the file, if there is one */
    x->reply = NULL;
    x->is_lost = false;
    x->response = (HttpResponse){.fd = -1};
    x->request.is_counted = true;
    if (++x->lost < HTTP_TRIES && queue_push(h, x)) return;
    atomic_fetch_add(&h->shed, 1);
    reply_refuse(x, 503);
    resume(x);
}

/* Who calls it has no more to do with the exchange. */
static void let_go(HttpExchange *x) {
    if (atomic_fetch_sub(&x->holds, 1) > 1) return;
    if (x->is_lost) {
        make_again(x);
        return;
    }
    queue_count(x->http, x);
    resume(x);
}

void http_hold(const HttpRequest *request) {
    atomic_fetch_add(&request->exchange->holds, 1);
}

bool http_is_followed(const HttpRequest *request) {
    const HttpExchange *x = request->exchange;
    const HttpQueue *q = &x->http->queues[x->class];
    return x->http->config.settle && x->class == HTTP_CLASS_WRITE &&
           atomic_load_explicit(&q->waiting, memory_order_relaxed) > 0;
}

void http_release(const HttpRequest *request, bool is_valid) {
    HttpExchange *x = request->exchange;
    if (!is_valid) x->is_lost = true;
    let_go(x);
}

static void serve(HttpWorker *w, HttpExchange *x) {
    Http *h = w->http;
    x->request.worker = w->app;
    atomic_store(&x->holds, 1);
    h->config.handler(&x->request, &x->response);
    reply_build(x, &w->deflate);
    let_go(x);
}

static void worker_loop(HttpWorker *w) {
    Http *h = w->http;
    int64_t owes_us = 0; /* since when something may have been left open; 0: nothing */
    pthread_mutex_lock(&h->queue_lock);
    for (;;) {
        HttpExchange *late = take_all_late(h);
        if (late) {
            pthread_mutex_unlock(&h->queue_lock);
            shed(late);
            pthread_mutex_lock(&h->queue_lock);
            continue;
        }
        int class = choose(h, w->health_only);
        if (owes_us && h->config.settle &&
            (class != HTTP_CLASS_WRITE || clock_mono_us() - owes_us > SETTLE_US)) {
            owes_us = 0;
            pthread_mutex_unlock(&h->queue_lock);
            h->config.settle(h->config.app);
            pthread_mutex_lock(&h->queue_lock);
            continue;
        }
        if (class < 0) {
            if (h->workers_stop && h->waiting == 0) break;
            pthread_cond_wait(w->health_only ? &h->health_work : &h->work, &h->queue_lock);
            continue;
        }
        HttpExchange *x = pop(h, &h->queues[class]);
        h->queues[class].running++;
        h->running += !w->health_only;
        pthread_mutex_unlock(&h->queue_lock);
        serve(w, x);
        if (class == HTTP_CLASS_WRITE && !owes_us) owes_us = clock_mono_us();
        pthread_mutex_lock(&h->queue_lock);
        h->queues[class].running--;
        h->running -= !w->health_only;
        /* What its class or the reserve held back may run now, beside what this thread takes. */
        if (h->waiting > 0) pthread_cond_signal(&h->work);
    }
    pthread_mutex_unlock(&h->queue_lock);
}

static void *worker_main(void *cls) {
    HttpWorker *w = cls;
    Http *h = w->http;
    bool ok = deflateInit2(&w->deflate, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    bool has_app = ok && h->config.worker_new;
    if (has_app) w->app = h->config.worker_new(h->config.app, w->index);
    if (has_app && w->app == NULL) ok = false;
    if (ok) here_prepare(h, w->index);
    pthread_mutex_lock(&h->queue_lock);
    h->n_started++;
    if (!ok) h->n_failed++;
    pthread_cond_signal(&h->started);
    pthread_mutex_unlock(&h->queue_lock);
    if (ok) worker_loop(w);
    if (w->app && h->config.worker_free) h->config.worker_free(w->app);
    deflateEnd(&w->deflate);
    return NULL;
}

Err queue_start(Http *h) {
    pthread_mutex_init(&h->queue_lock, NULL);
    pthread_cond_init(&h->work, NULL);
    pthread_cond_init(&h->health_work, NULL);
    pthread_cond_init(&h->started, NULL);
    h->workers = h->config.workers;
    int wanted = h->workers + 1; /* one more that answers nothing but health checks */
    h->worker = NEW_N(h->process, HttpWorker, (size_t)wanted);
    for (int i = 0; i < wanted; i++) {
        h->worker[i] = (HttpWorker){.http = h, .index = i, .health_only = i == h->workers};
        if (pthread_create(&h->worker[i].thread, NULL, worker_main, &h->worker[i]) != 0) break;
        h->n_threads++;
    }
    pthread_mutex_lock(&h->queue_lock);
    while (h->n_started < h->n_threads) pthread_cond_wait(&h->started, &h->queue_lock);
    bool ok = h->n_failed == 0 && h->n_threads == wanted;
    pthread_mutex_unlock(&h->queue_lock);
    return ok ? OK : ERR_INTERNAL;
}

void queue_stop(Http *h) {
    pthread_mutex_lock(&h->queue_lock);
    h->workers_stop = true;
    pthread_cond_broadcast(&h->work);
    pthread_cond_broadcast(&h->health_work);
    pthread_mutex_unlock(&h->queue_lock);
    for (int i = 0; i < h->n_threads; i++) pthread_join(h->worker[i].thread, NULL);
    h->n_threads = 0;
}
