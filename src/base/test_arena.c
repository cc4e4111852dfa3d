/* test_arena.c: lifetimes, zeroing, growth, deferred calls.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/arena.h"

static void test_arena_zeroed_and_aligned(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    for (size_t round = 0; round < 3; round++) {
        for (size_t n = 0; n < 3000; n += 7) {
            unsigned char *p = arena_alloc(a, n);
            assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < n; i++) assert_int_equal(p[i], 0);
            memset(p, 0xAA, n);
        }
        arena_reset(a);
        assert_int_equal(arena_used(a), 0);
    }
    arena_free(a);
    arena_free(NULL);
}

static char order[8];
static void note(void *arg) {
    strncat(order, arg, 1);
}

static void test_arena_defer_last_first(void **state) {
    (void)state;
    order[0] = 0;
    Arena *a = arena_new(0);
    arena_defer(a, note, "1");
    arena_defer(a, note, "2");
    arena_reset(a);
    assert_string_equal(order, "21");
    arena_defer(a, note, "3");
    arena_free(a);
    assert_string_equal(order, "213");
}

static void test_arena_grow_keeps_items(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    struct {
        int *items;
        size_t n, cap;
    } list = {0};
    for (int i = 0; i < 1000; i++) {
        GROW(a, list.items, list.n, list.cap);
        list.items[list.n++] = i;
    }
    for (int i = 0; i < 1000; i++) assert_int_equal(list.items[i], i);
    arena_free(a);
}

static void test_arena_large(void **state) {
    (void)state;
    Arena *a = arena_new((size_t)64 << 20);
    char *p = arena_alloc(a, (size_t)9 << 20);
    p[((size_t)9 << 20) - 1] = 1;
    char *q = arena_alloc(a, 10);
    q[9] = 1;
    arena_free(a);
}
