/* http_conn.c: every open connection with the phase it is in and since when, and the reaper that
 * ends what passes its absolute deadline and, when room is short, what has been unfinished longest.
 * It only ever calls shutdown(): libmicrohttpd closes, after conn_notify has taken the connection
 * off the list. SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "web/http_internal.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

void conn_phase(HttpConn *conn, HttpPhase phase) {
    atomic_store(&conn->stage, clock_mono_us() * 8 + (int64_t)phase);
}

HttpPhase conn_get_phase(const HttpConn *conn) {
    return (HttpPhase)(atomic_load(&conn->stage) % 8);
}

static HttpAddress peer_of(struct MHD_Connection *mhd) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info && info->client_addr ? address_of(info->client_addr) : (HttpAddress){0};
}

static void conn_opened(Http *h, struct MHD_Connection *mhd, void **context) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    int fd = info ? info->connect_fd : -1;
    atomic_fetch_add(&h->accepted, 1);
    atomic_fetch_sub(&h->on_the_way, 1);
    pthread_mutex_lock(&h->conn_lock);
    HttpConn *conn = h->spare_conn;
    if (conn) {
        h->spare_conn = conn->next;
        *conn = (HttpConn){.fd = fd, .next = h->open, .address = peer_of(mhd)};
        if (h->open) h->open->prev = conn;
        h->open = conn;
        h->n_open++;
        conn->exchange.response.fd = -1;
        conn_phase(conn, PHASE_HEADER);
        conn->bucket = address_bucket(h, &conn->address, false);
        conn->is_trusted = address_is_trusted(h, &conn->address);
        /* conn_accept looked before the others on the way were counted. */
        int before = atomic_fetch_add(&h->buckets[conn->bucket].connections, 1);
        if (before >= h->config.per_address && conn->address.is_known && !conn->is_trusted)
            shutdown(fd, SHUT_RDWR);
        if ((int64_t)h->n_open * 4 > (int64_t)h->config.max_connections * 3) {
            pthread_cond_signal(&h->conn_signal);
        }
    } else if (fd >= 0) {
        shutdown(fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&h->conn_lock);
    *context = conn;
}

void conn_notify(void *cls, struct MHD_Connection *mhd, void **context,
                 enum MHD_ConnectionNotificationCode code) {
    Http *h = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        conn_opened(h, mhd, context);
        return;
    }
    HttpConn *conn = *context;
    if (conn == NULL) return;
    atomic_fetch_sub(&h->buckets[conn->bucket].connections, 1);
    pthread_mutex_lock(&h->conn_lock);
    if (conn->prev) conn->prev->next = conn->next;
    if (conn->next) conn->next->prev = conn->prev;
    if (h->open == conn) h->open = conn->next;
    h->n_open--;
    conn->next = h->spare_conn;
    h->spare_conn = conn;
    pthread_mutex_unlock(&h->conn_lock);
    *context = NULL;
}

enum MHD_Result conn_accept(void *cls, const struct sockaddr *sockaddr, socklen_t n) {
    Http *h = cls;
    (void)n;
    HttpAddress address = address_of(sockaddr);
    if (!address.is_known || address_is_trusted(h, &address)) return MHD_YES;
    uint32_t bucket = address_bucket(h, &address, false);
    return atomic_load(&h->buckets[bucket].connections) < h->config.per_address ? MHD_YES : MHD_NO;
}

int conn_busy(Http *h) {
    int busy = 0;
    pthread_mutex_lock(&h->conn_lock);
    for (HttpConn *c = h->open; c; c = c->next) {
        HttpPhase phase = conn_get_phase(c);
        busy += phase == PHASE_BODY || phase == PHASE_HANDLER || phase == PHASE_RESPONSE;
    }
    pthread_mutex_unlock(&h->conn_lock);
    return busy;
}

Arena *conn_arena(Http *h) {
    Arena *a = NULL;
    pthread_mutex_lock(&h->conn_lock);
    if (h->n_spare > 0) a = h->spare[--h->n_spare];
    pthread_mutex_unlock(&h->conn_lock);
    return a ? a : arena_new(HTTP_ARENA_MAX);
}

void conn_arena_back(Http *h, Arena *a) {
    bool is_big = arena_used(a) > (1 << 20); /* a spare arena keeps its memory */
    if (!is_big) {
        arena_reset(a);
        pthread_mutex_lock(&h->conn_lock);
        if (h->n_spare < HTTP_SPARE_ARENAS) {
            h->spare[h->n_spare++] = a;
            a = NULL;
        }
        pthread_mutex_unlock(&h->conn_lock);
    }
    arena_free(a);
}

/* ---- the reaper ---- */

static bool is_slow_reader(HttpConn *conn, int64_t stage, int64_t now, int64_t grace) {
    if (conn->window_stage != stage) {
        conn->window_stage = stage;
        conn->window_us = stage / 8;
        conn->acked = 0;
    }
    int64_t elapsed = now - conn->window_us;
    if (elapsed < grace && conn->acked != 0) return false;
    struct tcp_info info = {0};
    socklen_t n = sizeof info;
    if (getsockopt(conn->fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0 ||
        n < offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked) {
        return elapsed > 6 * grace;
    }
    if (conn->acked == 0) {
        conn->acked = info.tcpi_bytes_acked + 1;
        return false;
    }
    uint64_t sent = info.tcpi_bytes_acked + 1 - conn->acked;
    conn->window_us = now;
    conn->acked = info.tcpi_bytes_acked + 1;
    return sent < (uint64_t)(elapsed / HTTP_SECOND_US) * 1024;
}

static bool is_late(HttpConn *conn, int64_t stage, int64_t now, bool is_tight) {
    int64_t waited = now - stage / 8, budget = 5 * HTTP_SECOND_US;
    switch ((HttpPhase)(stage % 8)) {
    case PHASE_HANDLER: return false;
    case PHASE_HEADER:
    case PHASE_IDLE: break;
    case PHASE_BODY:
        budget = 10 * HTTP_SECOND_US + atomic_load(&conn->body_size) / 16384 * HTTP_SECOND_US;
        break;
    case PHASE_RESPONSE: {
        int64_t grace = 10 * HTTP_SECOND_US;
        return is_slow_reader(conn, stage, now, is_tight ? grace * 3 / 10 : grace);
    }
    }
    return waited > (is_tight ? budget / 10 * 3 : budget);
}

static int by_age(const void *a, const void *b) {
    const HttpOldest *x = a, *y = b;
    return (x->since > y->since) - (x->since < y->since);
}

static void cut(HttpConn *conn) {
    conn->cut = true;
    shutdown(conn->fd, SHUT_RDWR);
}

static void evict(Http *h, int alive, size_t n_candidates) {
    int excess = alive - (int)((int64_t)h->config.max_connections * 3 / 4);
    if (excess <= 0) return;
    qsort(h->oldest, n_candidates, sizeof *h->oldest, by_age);
    for (size_t i = 0; i < n_candidates && excess > 0; i++, excess--) {
        cut(h->oldest[i].conn);
        atomic_fetch_add(&h->evicted, 1);
    }
}

static void reap(Http *h) {
    int64_t now = clock_mono_us();
    bool is_tight = (int64_t)h->n_open * 2 > h->config.max_connections;
    int alive = 0;
    size_t n = 0;
    for (HttpConn *c = h->open; c; c = c->next) {
        if (c->cut) continue;
        int64_t stage = atomic_load(&c->stage);
        if (is_late(c, stage, now, is_tight)) {
            cut(c);
            atomic_fetch_add(&h->timed_out, 1);
            continue;
        }
        alive++;
        HttpPhase phase = (HttpPhase)(stage % 8);
        if (phase == PHASE_HANDLER) continue;
        /* Who is being answered comes last: its work is already done. */
        int64_t since = stage / 8 + (phase == PHASE_RESPONSE ? INT64_C(1) << 60 : 0);
        h->oldest[n++] = (HttpOldest){.since = since, .conn = c};
    }
    evict(h, alive, n);
}

static void *reaper_main(void *cls) {
    Http *h = cls;
    pthread_mutex_lock(&h->conn_lock);
    while (!h->reaper_stop) {
        int64_t wake = clock_mono_us() + HTTP_SECOND_US / 4;
        struct timespec until = {.tv_sec = wake / HTTP_SECOND_US,
                                 .tv_nsec = wake % HTTP_SECOND_US * 1000};
        pthread_cond_timedwait(&h->conn_signal, &h->conn_lock, &until);
        reap(h);
        pthread_mutex_unlock(&h->conn_lock);
        queue_tick(h);
        log_flush();
        /* Under a flood of connections each one signals: at most 200 rounds a second. */
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        pthread_mutex_lock(&h->conn_lock);
    }
    pthread_mutex_unlock(&h->conn_lock);
    return NULL;
}

Err conn_init(Http *h) {
    h->n_conns = h->config.max_connections + 64;
    h->conns = NEW_N(h->process, HttpConn, (size_t)h->n_conns);
    h->oldest = NEW_N(h->process, HttpOldest, (size_t)h->n_conns);
    for (int i = h->n_conns - 1; i >= 0; i--) {
        h->conns[i].next = h->spare_conn;
        h->spare_conn = &h->conns[i];
    }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&h->conn_lock, NULL);
    pthread_cond_init(&h->conn_signal, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&h->reaper, NULL, reaper_main, h) != 0) return ERR_INTERNAL;
    h->has_reaper = true;
    return OK;
}

void conn_stop(Http *h) {
    if (!h->has_reaper) return;
    pthread_mutex_lock(&h->conn_lock);
    h->reaper_stop = true;
    pthread_cond_signal(&h->conn_signal);
    pthread_mutex_unlock(&h->conn_lock);
    pthread_join(h->reaper, NULL);
    log_flush();
    h->has_reaper = false;
    for (int i = 0; i < h->n_spare; i++) arena_free(h->spare[i]);
    h->n_spare = 0;
    pthread_cond_destroy(&h->conn_signal);
    pthread_mutex_destroy(&h->conn_lock);
}
