/* test_value.c: values, issues and the log line.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/issues.h"
#include "base/json.h"
#include "base/log.h"
#include "base/value.h"

static void test_value_equality(void **state) {
    (void)state;
    Value one = value_int(1), text = value_text(S("x")), none = value_text(S(""));
    assert_true(value_is_null(none));
    assert_true(value_eq(none, (Value){.kind = V_LIST}));
    assert_false(value_eq(one, text));
    assert_false(value_eq(one, none));
    assert_true(value_eq(value_money(5, S("MAD")), value_money(5, S("MAD"))));
    assert_false(value_eq(value_money(5, S("MAD")), value_money(5, S("EUR"))));
    const Value cells[] = {one, text}, other[] = {one, one};
    const Value row = {.kind = V_LIST, .list = cells, .n = 2};
    const Value row2 = {.kind = V_LIST, .list = other, .n = 2};
    Value rows = {.kind = V_ROWS, .list = &row, .n = 1},
          rows2 = {.kind = V_ROWS, .list = &row2, .n = 1};
    assert_true(value_eq(rows, rows));
    assert_false(value_eq(rows, rows2));
}

static void test_issues_are_bounded(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Issues list = {0};
    issues_add(&list, a, (Issue){.code = "odd", .is_warning = true});
    for (int i = 0; i < 300; i++) issues_add(&list, a, (Issue){.code = "required"});
    assert_int_equal(list.n, 200);
    assert_int_equal(list.errors, 300);
    arena_free(a);
}

static void test_log_lines_are_json(void **state) {
    (void)state;
    int ends[2], stderr_copy = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    char big[5000];
    memset(big, '"', sizeof big - 1);
    big[sizeof big - 1] = 0;
    log_line(LOG_DEBUG, "hidden", "not shown");
    log_line(LOG_WARN, "odd_text", "a \"quoted\"\n\xFF text %d", 7);
    log_line(LOG_ERROR, "long_text", "%s", big);
    dup2(stderr_copy, STDERR_FILENO);
    close(stderr_copy);
    close(ends[1]);
    char out[16384];
    ssize_t n = read(ends[0], out, sizeof out);
    close(ends[0]);
    assert_true(n > 0);
    Arena *a = arena_new(0);
    Str line, rest = {out, (size_t)n}, why;
    size_t lines = 0;
    while (str_cut(&line, &rest, '\n') && line.n) {
        const JsonValue *v;
        assert_int_equal(json_parse(&v, &why, a, line), OK);
        if (lines++ == 0) {
            assert_true(str_is(json_get_str(v, "event"), "odd_text"));
            assert_true(str_is(json_get_str(v, "text"), "a \"quoted\"\n? text 7"));
        }
    }
    assert_int_equal(lines, 2);
    arena_free(a);
}
