/* http_here.c: small answers made on the thread that reads the connection: handing a request to a
 * worker and back wakes two threads, which costs several times what a record page does. Tried are
 * GET and HEAD without a body while nobody of their class waits in the queue; the handler may
 * decline (writing, reports, exports). An answer that took long all the same is not repeated soon:
 * for fifty times its time the thread hands everything on, so that the other connections of a
 * thread wait for slow answers at most one fiftieth of the time. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "web/http_internal.h"

#include "base/clock.h"
#include "base/log.h"

#include <time.h>

/* Long: that much of a processor, or that much of anything (a disk). On a busy machine a short
 * answer may wait for a processor, on this thread or another. */
#define LONG_CPU_US INT64_C(5000)
#define LONG_US INT64_C(100000)
enum { OWES = 50 };

static void here_free(void *thread) {
    HttpWorker *w = thread;
    if (w->app && w->http->config.worker_free) w->http->config.worker_free(w->app);
    if (!w->has_failed) deflateEnd(&w->deflate);
    arena_free(w->arena);
}

Err here_start(Http *h) {
    if (!h->config.answers_here) return OK;
    h->has_here = pthread_key_create(&h->here, here_free) == 0;
    return h->has_here ? OK : ERR_INTERNAL;
}

void here_stop(Http *h) {
    if (h->has_here) pthread_key_delete(h->here);
    h->has_here = false;
    for (int i = 0; i < h->n_prepared; i++) here_free(h->prepared[i]);
    h->n_prepared = 0;
}

static HttpWorker *here_new(Http *h) {
    Arena *a = arena_new(0);
    HttpWorker *w = NEW(a, HttpWorker);
    *w = (HttpWorker){.http = h, .index = -1, .arena = a};
    w->has_failed =
        deflateInit2(&w->deflate, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK;
    if (!w->has_failed && h->config.worker_new) {
        w->app = h->config.worker_new(h->config.app, w->index);
        if (!w->app) deflateEnd(&w->deflate);
        w->has_failed = !w->app;
    }
    if (w->has_failed) log_line(LOG_WARN, "here_failed", "all answers are left to the workers");
    return w;
}

void here_prepare(Http *h, int index) {
    if (!h->has_here || index >= http_readers()) return;
    HttpWorker *w = here_new(h);
    pthread_mutex_lock(&h->queue_lock);
    h->prepared[h->n_prepared++] = w;
    pthread_mutex_unlock(&h->queue_lock);
}

/* That of this thread; at its first request it takes one that was made at the start. */
static HttpWorker *here_mine(Http *h) {
    HttpWorker *w = pthread_getspecific(h->here);
    if (w) return w;
    pthread_mutex_lock(&h->queue_lock);
    if (h->n_prepared > 0) w = h->prepared[--h->n_prepared];
    pthread_mutex_unlock(&h->queue_lock);
    if (!w) w = here_new(h);
    CHECK(pthread_setspecific(h->here, w) == 0, "out of memory");
    return w;
}

static bool is_tried(HttpExchange *x) {
    Http *h = x->http;
    bool reads = x->request.method == HTTP_GET || x->request.method == HTTP_HEAD;
    if (!h->has_here || !reads || x->body_size > 0 || x->class == HTTP_CLASS_COSTLY ||
        atomic_load(&h->refusing))
        return false;
    /* Where others of its class wait it gets in line. */
    return atomic_load_explicit(&h->queues[x->class].waiting, memory_order_relaxed) == 0;
}

static int64_t cpu_us(void) {
    struct timespec t = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * HTTP_SECOND_US + t.tv_nsec / 1000;
}

/* The first answer opens the database: that happens once. */
static void remember(HttpWorker *w, int64_t took, int64_t cpu, int64_t now) {
    int64_t owed = cpu > LONG_CPU_US ? cpu : took > LONG_US ? took : 0;
    if (w->has_answered) w->owes_until = now + OWES * owed;
    w->has_answered = true;
}

bool here_answer(HttpExchange *x) {
    Http *h = x->http;
    if (!is_tried(x)) return false;
    HttpWorker *w = here_mine(h);
    int64_t begin = clock_mono_us();
    if (w->has_failed || begin < w->owes_until) return false;
    int64_t cpu = cpu_us();
    x->queued_us = begin;
    x->request.worker = w->app;
    x->request.is_here = true;
    h->config.handler(&x->request, &x->response);
    bool done = !x->response.elsewhere;
    if (done) {
        reply_build(x, &w->deflate);
        atomic_fetch_add(&h->answered_here, 1);
        queue_count(h, x);
    } else {
        x->request.is_counted = x->response.is_counted;
        x->request.is_here = false;
        x->response = (HttpResponse){.fd = -1};
    }
    int64_t end = clock_mono_us();
    remember(w, end - begin, cpu_us() - cpu, end);
    return done;
}
