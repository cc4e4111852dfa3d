/* test_json.c: the writer's escaping and nesting, the reader's strictness and exactness.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/json.h"

static void test_json_writer(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Text t = text_new(a, 0);
    Json j = json_new(&t);
    json_object(&j);
    json_keyz(&j, "a");
    json_array(&j);
    json_int(&j, INT64_MIN);
    json_bool(&j, true);
    json_null(&j);
    json_object(&j);
    json_end_object(&j);
    json_end_array(&j);
    json_keyz(&j, "b\"");
    json_str(&j, S("</script>&\xE2\x80\xA8\n\x01\xFF\xC3\xA9\\"));
    json_keyz(&j, "c");
    json_raw(&j, S("[1]"));
    json_end_object(&j);
    assert_string_equal(text_str(&t).p,
                        "{\"a\":[-9223372036854775808,true,null,{}],\"b\\\"\":"
                        "\"\\u003c/script\\u003e\\u0026\\u2028\\n\\u0001\xEF\xBF\xBD\xC3\xA9\\\\\","
                        "\"c\":[1]}");
    const JsonValue *v;
    Str why;
    assert_int_equal(json_parse(&v, &why, a, text_str(&t)), OK);
    arena_free(a);
}

static void test_json_reader_tree(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    const JsonValue *v;
    Str why;
    Str text = S("{\"z\":[1.50,{\"y\":[]},-0.1e2,\"1.5\"],\"n\":9007199254740993,\"t\":true,"
                 "\"s\":\"\\u00e9\",\"big\":123456789012345.678,\"e\":{}}");
    assert_int_equal(json_parse(&v, &why, a, text), OK);
    assert_int_equal(v->kind, J_OBJECT);
    assert_int_equal(v->n, 6);
    const JsonValue *z = json_get(v, "z");
    assert_int_equal(z->n, 4);
    assert_true(str_is(z->items[0].s, "1.50"));
    assert_true(str_is(z->items[2].s, "-0.1e2"));
    assert_true(z->items[2].real > -10.01 && z->items[2].real < -9.99);
    assert_int_equal(json_get(v, "n")->i, 9007199254740993);
    assert_true(json_get(v, "t")->b);
    assert_true(str_is(json_get_str(v, "s"), "\xC3\xA9"));
    assert_true(str_is(json_get(v, "big")->s, "123456789012345.678"));
    assert_null(json_get(v, "no"));
    assert_int_equal(json_get_str(v, "n").n, 0);
    arena_free(a);
}

static void test_json_reader_many_keys_in_order(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Text t = text_new(a, 0);
    text_char(&t, '{');
    for (int i = 0; i < 3000; i++) text_fmt(&t, "%s\"k%d\":%d.25", i ? "," : "", i * 7919, i);
    text_char(&t, '}');
    const JsonValue *v;
    Str why;
    assert_int_equal(json_parse(&v, &why, a, text_str(&t)), OK);
    for (int i = 0; i < 3000; i++) {
        assert_true(str_eq(v->keys[i], str_fmt(a, "k%d", i * 7919)));
        assert_true(str_eq(v->items[i].s, str_fmt(a, "%d.25", i)));
    }
    arena_free(a);
}

static void test_json_reader_refuses(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    const char *bad[] = {"",
                         "{",
                         "{\"a\":1,\"a\":2}",
                         "[01]",
                         "[1.]",
                         "[1] x",
                         "[1e400]",
                         "[\"\\u0000\"]",
                         "[\"\\ud800\"]",
                         "[\"\xFF\"]",
                         "nul",
                         "[9223372036854775808]",
                         "[\"",
                         "[\"\\",
                         "[-]",
                         "[1-2.5]",
                         "{1.5:2}"};
    const JsonValue *v;
    Str why;
    for (size_t i = 0; i < LENGTH(bad); i++) {
        if (json_parse(&v, &why, a, str_of(bad[i])) != ERR_INVALID) fail_msg("taken: %s", bad[i]);
        assert_true(why.n > 0);
    }
    assert_int_equal(json_parse(&v, &why, a, S("[\"a\0b\"]")), ERR_INVALID);
    Text t = text_new(a, 0);
    for (int i = 0; i < 64; i++) text_char(&t, '[');
    for (int i = 0; i < 64; i++) text_char(&t, ']');
    assert_int_equal(json_parse(&v, &why, a, text_str(&t)), OK);
    text_char(&t, ' ');
    assert_int_equal(json_parse(&v, &why, a, str_fmt(a, "[%s]", t.p)), ERR_INVALID);
    assert_int_equal(json_parse(&v, &why, a, S(" 1.5 ")), OK);
    assert_true(str_is(v->s, "1.5"));
    arena_free(a);
}
