/* spool.c: a nameless file behind a buffer, mapped when it is whole; see spool.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* O_TMPFILE, memfd_create */
#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BUFFER = 64 << 10 };

struct Spool {
    int fd;
    size_t size, held; /* all bytes; those of them that are still in the buffer */
    void *map;
    char *buffer;
};

static void spool_end(void *arg) {
    Spool *s = arg;
    if (s->map) munmap(s->map, s->size);
    close(s->fd);
}

static int nameless(void) {
    const char *const places[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};
    for (size_t i = 0; i < LENGTH(places); i++) {
        int fd = places[i] && *places[i]
                     ? open(places[i], O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600)
                     : -1;
        if (fd >= 0) return fd;
    }
    return memfd_create("spool", MFD_CLOEXEC);
}

Spool *spool_new(Arena *a) {
    int fd = nameless();
    if (fd < 0) return NULL;
    Spool *s = NEW(a, Spool);
    s->fd = fd;
    s->buffer = arena_bytes(a, BUFFER);
    arena_defer(a, spool_end, s);
    return s;
}

size_t spool_size(const Spool *s) {
    return s->size;
}

static Err pour(Spool *s, Str bytes) {
    while (bytes.n) {
        ssize_t n = write(s->fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return ERR_BUSY;
        bytes = (Str){bytes.p + n, bytes.n - (size_t)n};
    }
    return OK;
}

static Err flush(Spool *s) {
    Str held = {s->buffer, s->held};
    s->held = 0;
    return pour(s, held);
}

Err spool_add(Spool *s, Str bytes) {
    CHECK(!s->map, "a spool that was viewed");
    if (!bytes.n) return OK;
    if (s->held + bytes.n > BUFFER) TRY(flush(s));
    s->size += bytes.n;
    if (bytes.n > BUFFER) return pour(s, bytes);
    memcpy(s->buffer + s->held, bytes.p, bytes.n);
    s->held += bytes.n;
    return OK;
}

Err spool_view(Str *out, Spool *s) {
    CHECK(!s->map, "a spool is viewed once");
    *out = (Str){0};
    TRY(flush(s));
    if (!s->size) return OK;
    void *map = mmap(NULL, s->size, PROT_READ, MAP_SHARED, s->fd, 0);
    if (map == MAP_FAILED) return ERR_BUSY;
    s->map = map;
    *out = (Str){map, s->size};
    return OK;
}
