/* arena.h: memory with three lifetimes (process, request, scratch). Nothing is freed one by one;
 * arena_free/arena_reset end everything, running deferred calls last-first. Out of memory or over
 * the arena's cap ends the process (aborts with a log line): what a user can inflate is limited at
 * the edge. Under ASan every allocation is its own malloc, so overruns are seen.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/base.h"

typedef struct Arena Arena;

Arena *arena_new(size_t max_bytes);    /* max_bytes 0: 1 GiB */
void arena_reset(Arena *a);            /* deferred calls run, memory is kept for reuse */
void arena_free(Arena *a);             /* NULL is allowed */
void *arena_alloc(Arena *a, size_t n); /* zeroed, aligned for any type */
char *arena_bytes(Arena *a, size_t n); /* the same, not zeroed: for text that is written at once */
void *arena_array(Arena *a, size_t count, size_t size); /* checked multiplication, zeroed */
void arena_defer(Arena *a, void (*fn)(void *), void *arg);
size_t arena_used(const Arena *a);

#define NEW(arena, Type) ((Type *)arena_alloc((arena), sizeof(Type)))
#define NEW_N(arena, Type, count) ((Type *)arena_array((arena), (count), sizeof(Type)))

/* Grows an arena array by doubling: `items` of `*cap` elements of `size` bytes, `n` used, makes
 * room for one more and returns the (possibly moved) array. */
void *arena_grow(Arena *a, void *items, size_t n, size_t *cap, size_t size);
/* GROW(arena, list.items, list.n, list.cap) then list.items[list.n++] = x; */
#define GROW(a, items, n, cap) ((items) = arena_grow((a), (items), (n), &(cap), sizeof *(items)))

#endif
