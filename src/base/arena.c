/* arena.c: chunks of memory that end together. A chunk is used once from front to back; after a
 * reset all chunks are used again. Under ASan each allocation is a chunk of its own and a reset
 * frees it, so that use after reset and overruns are seen. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
enum { ARENA_IS_CHECKED = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { ARENA_IS_CHECKED = 1 };
#else
enum { ARENA_IS_CHECKED = 0 };
#endif
#else
enum { ARENA_IS_CHECKED = 0 };
#endif

enum { ARENA_FIRST_CHUNK = 8 << 10, ARENA_LARGEST_CHUNK = 1 << 20, ARENA_KEEP = 4 << 20 };
#define ARENA_ALIGN alignof(max_align_t)

typedef struct Chunk {
    struct Chunk *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
} Chunk;

typedef struct Deferred {
    struct Deferred *next;
    void (*fn)(void *);
    void *arg;
} Deferred;

struct Arena {
    Chunk *current; /* newest first; the others are full */
    Chunk *spare;   /* kept by a reset */
    Deferred *deferred;
    size_t used, max, next_size;
};

Arena *arena_new(size_t max_bytes) {
    Arena *a = calloc(1, sizeof *a);
    CHECK(a, "out of memory");
    a->max = max_bytes ? max_bytes : (size_t)1 << 30;
    a->next_size = ARENA_FIRST_CHUNK;
    return a;
}

static void run_deferred(Arena *a) {
    /* A deferred call may defer again or allocate: take one at a time. */
    while (a->deferred) {
        Deferred *d = a->deferred;
        a->deferred = d->next;
        d->fn(d->arg);
    }
}

static void free_chunks(Chunk *chunk) {
    while (chunk) {
        Chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

void arena_reset(Arena *a) {
    run_deferred(a);
    size_t kept = 0;
    while (a->current) {
        Chunk *chunk = a->current;
        a->current = chunk->next;
        if (ARENA_IS_CHECKED || kept + chunk->size > ARENA_KEEP) {
            free(chunk);
            continue;
        }
        kept += chunk->size;
        chunk->used = 0;
        chunk->next = a->spare;
        a->spare = chunk;
    }
    a->used = 0;
}

void arena_free(Arena *a) {
    if (!a) return;
    run_deferred(a);
    free_chunks(a->current);
    free_chunks(a->spare);
    free(a);
}

static Chunk *take_spare(Arena *a, size_t n) {
    for (Chunk **at = &a->spare; *at; at = &(*at)->next) {
        if ((*at)->size >= n) {
            Chunk *chunk = *at;
            *at = chunk->next;
            return chunk;
        }
    }
    return NULL;
}

static void add_chunk(Arena *a, size_t n) {
    Chunk *chunk = take_spare(a, n);
    if (!chunk) {
        size_t size = n, total;
        if (!ARENA_IS_CHECKED) {
            if (size < a->next_size) size = a->next_size;
            if (a->next_size < ARENA_LARGEST_CHUNK) a->next_size *= 2;
        }
        CHECK(!add_overflows(size, sizeof(Chunk), &total), "allocation too large");
        chunk = malloc(total);
        CHECK(chunk, "out of memory");
        chunk->size = size;
    }
    chunk->used = 0;
    chunk->next = a->current;
    a->current = chunk;
}

/* The bytes hold whatever was there. */
static void *take(Arena *a, size_t n) {
    size_t need = n ? n : 1, padded, total;
    CHECK(!add_overflows(need, ARENA_ALIGN - 1, &padded), "allocation too large");
    padded &= ~(size_t)(ARENA_ALIGN - 1);
    CHECK(!add_overflows(a->used, padded, &total) && total <= a->max, "arena over its limit");
    a->used = total;
    if (ARENA_IS_CHECKED) {
        add_chunk(a, need);
        a->current->used = need;
        return memset(a->current->bytes, 0xA5, need); /* so that nobody takes it for zeroes */
    }
    if (!a->current || a->current->size - a->current->used < padded) add_chunk(a, padded);
    void *p = a->current->bytes + a->current->used;
    a->current->used += padded;
    return p;
}

void *arena_alloc(Arena *a, size_t n) {
    return memset(take(a, n), 0, n ? n : 1);
}

char *arena_bytes(Arena *a, size_t n) {
    return take(a, n);
}

void *arena_array(Arena *a, size_t count, size_t size) {
    size_t total;
    CHECK(!mul_overflows(count, size, &total), "array too large");
    return arena_alloc(a, total);
}

void arena_defer(Arena *a, void (*fn)(void *), void *arg) {
    Deferred *d = NEW(a, Deferred);
    *d = (Deferred){a->deferred, fn, arg};
    a->deferred = d;
}

size_t arena_used(const Arena *a) {
    return a->used;
}

void *arena_grow(Arena *a, void *items, size_t n, size_t *cap, size_t size) {
    if (n < *cap) return items;
    size_t wanted = 8;
    if (*cap) CHECK(!mul_overflows(*cap, (size_t)2, &wanted), "array too large");
    void *moved = arena_array(a, wanted, size);
    if (n) memcpy(moved, items, n * size);
    *cap = wanted;
    return moved;
}
