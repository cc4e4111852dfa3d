/* http_listen.c: the socket connections come in on, and the thread that takes them and hands each
 * to the next reading thread. The library could listen by itself, but its way to stop doing so
 * (MHD_quiesce_daemon) races with its own threads: both take the socket out of the same epoll set
 * and the one that comes second ends the process. Here stopping is joining one thread; what is
 * still in the kernel's queue then waits for whoever else holds the socket.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "web/http_internal.h"

#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Connections taken but not yet seen by a reading thread, at most. */
enum { ON_THE_WAY = 64 };

static int open_socket(const HttpConfig *config) {
    struct sockaddr_storage storage = {0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&storage;
    socklen_t n = 0;
    if (config->port < 0 || config->port > 65535) return -1;
    if (inet_pton(AF_INET, config->address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)config->port);
        n = sizeof *v4;
    } else if (inet_pton(AF_INET6, config->address, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)config->port);
        n = sizeof *v6;
    } else {
        return -1;
    }
    int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&storage, n) != 0 || listen(fd, 4096) != 0) {
        int reason = errno;
        close(fd);
        errno = reason;
        return -1;
    }
    return fd;
}

static int read_port(int fd) {
    struct sockaddr_storage storage = {0};
    socklen_t n = sizeof storage;
    if (getsockname(fd, (struct sockaddr *)&storage, &n) != 0) return 0;
    if (storage.ss_family == AF_INET) return ntohs(((struct sockaddr_in *)&storage)->sin_port);
    if (storage.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&storage)->sin6_port);
    return 0;
}

Err listen_open(Http *h) {
    h->listen_fd = h->config.listen_fd;
    if (h->listen_fd < 0) h->listen_fd = open_socket(&h->config);
    /* Another process may hold the socket too and take what poll() has announced here. */
    int flags = h->listen_fd < 0 ? -1 : fcntl(h->listen_fd, F_GETFL);
    if (flags < 0 || fcntl(h->listen_fd, F_SETFL, flags | O_NONBLOCK) != 0) {
        log_line(LOG_ERROR, "listen", "cannot listen on %s port %d: %s", h->config.address,
                 h->config.port, strerror(errno));
        return ERR_INTERNAL;
    }
    h->port = read_port(h->listen_fd);
    return OK;
}

static void nap_ms(int ms) {
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

static bool has_room(Http *h) {
    int on_the_way = atomic_load(&h->on_the_way);
    pthread_mutex_lock(&h->conn_lock);
    int open = h->n_open;
    pthread_mutex_unlock(&h->conn_lock);
    return on_the_way < ON_THE_WAY && open + on_the_way < h->config.max_connections;
}

/* Takes what waits. -> false: nothing more can be taken for now, with a reason to pause. */
static bool take_all(Http *h) {
    while (!atomic_load(&h->stopping)) {
        if (!has_room(h)) return false;
        struct sockaddr_storage peer = {0};
        socklen_t n = sizeof peer;
        int fd = accept4(h->listen_fd, (struct sockaddr *)&peer, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
        if (fd < 0) return false; /* out of descriptors or memory */
        atomic_fetch_add(&h->on_the_way, 1);
        struct MHD_Daemon *daemon = h->daemons[h->next_daemon++ % (unsigned)h->n_daemons];
        /* It closes the socket when it says no. */
        if (MHD_add_connection(daemon, fd, (struct sockaddr *)&peer, n) != MHD_YES)
            atomic_fetch_sub(&h->on_the_way, 1);
    }
    return true;
}

static void *listen_main(void *cls) {
    Http *h = cls;
    struct pollfd fds[] = {{.fd = h->listen_fd, .events = POLLIN},
                           {.fd = h->listen_wake, .events = POLLIN}};
    while (!atomic_load(&h->stopping)) {
        if (poll(fds, LENGTH(fds), -1) < 0 && errno != EINTR) nap_ms(20);
        if ((fds[0].revents & POLLIN) && !take_all(h)) nap_ms(2);
    }
    return NULL;
}

Err listen_start(Http *h) {
    h->listen_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (h->listen_wake < 0) return ERR_INTERNAL;
    if (pthread_create(&h->listener, NULL, listen_main, h) != 0) {
        close(h->listen_wake);
        return ERR_INTERNAL;
    }
    return OK;
}

void listen_stop(Http *h) {
    CHECK(eventfd_write(h->listen_wake, 1) == 0, "an event counter that cannot be raised");
    pthread_join(h->listener, NULL);
    close(h->listen_wake);
}
