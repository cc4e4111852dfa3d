/* test_spool.c: what goes in comes out, also across the buffer, and nothing is left behind.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

#include "base/spool.h"
#include "base/str.h"

static void test_spool(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Spool *s = spool_new(a);
    Str all;
    assert_non_null(s);
    char *large = arena_bytes(a, 100000);
    memset(large, 'x', 100000);
    assert_int_equal(spool_add(s, S("ab")), OK);
    assert_int_equal(spool_add(s, (Str){large, 100000}), OK);
    assert_int_equal(spool_add(s, S("")), OK);
    for (int i = 0; i < 30000; i++) assert_int_equal(spool_add(s, S("cd!")), OK);
    assert_int_equal(spool_size(s), 190002);
    assert_int_equal(spool_view(&all, s), OK);
    assert_int_equal(all.n, 190002);
    assert_true(str_starts(all, S("abxx")) && str_is(str_sub(all, 190000, 2), "d!"));
    assert_int_equal(all.p[100001], 'x');
    assert_int_equal(all.p[100002], 'c');
    s = spool_new(a);
    assert_int_equal(spool_view(&all, s), OK);
    assert_int_equal(all.n, 0);
    arena_free(a);
}

static void test_spool_other_folder(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    setenv("TMPDIR", "/nowhere", 1); /* the next place is taken */
    Spool *s = spool_new(a);
    unsetenv("TMPDIR");
    assert_non_null(s);
    assert_int_equal(spool_add(s, S("x")), OK);
    arena_free(a);
}
