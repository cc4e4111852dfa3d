/* test_decode.c: queries, forms, multipart and JSON become the right Input; hostile bodies are
 * refused, and every cut and single changed byte of a valid body ends without harm.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "web/decode.h"

#define MULTIPART S("multipart/form-data; boundary=\"b1\"")
static const char form[] =
    "--b1\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n"
    "Vol \xc3\xa0 l'agence\r\n--b1\r\n"
    "Content-Disposition: form-data; name=\"f%22x\"; filename=\"C:\\a\\b.pdf\"\r\n"
    "Content-Type: application/pdf\r\n\r\n%PDF\r\n--b\r\n\r\n--b1\r\n"
    "content-disposition: form-data; name=\"none\"; filename=\"\"\r\n\r\n\r\n"
    "--b1\r\nContent-Disposition: form-data; name=empty\r\n\r\n\r\n--b1--\r\n";

static void is(const Input *in, const char *name, const char *value) {
    if (!input_has(in, str_of(name))) fail_msg("%s is absent", name);
    Str got = input_getz(in, name);
    if (!str_is(got, value)) fail_msg("%s is '%.*s', not '%s'", name, FMT(got), value);
}

static Err body(Input *in, Arena *a, Str type, Str text) {
    Str why;
    return decode_body(in, &why, a, type, text);
}

static void query_is_decoded(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Input in = {0};
    assert_int_equal(decode_query(&in, a, S("a=1&b=x%20y+z&a=2&&flag&u=%C3%A9&e=")), OK);
    is(&in, "a", "1");
    is(&in, "b", "x y z");
    is(&in, "flag", "");
    is(&in, "u", "\xc3\xa9");
    is(&in, "e", "");
    Str second;
    assert_true(input_nth(&second, &in, S("a"), 1) && str_is(second, "2"));
    assert_false(input_nth(&second, &in, S("a"), 2));
    static const char *const bad[] = {"a=%", "a=%2", "a=%zz", "a=%00", "a=%ff", "=x", "%00=1"};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        assert_int_equal(decode_query(&in, a, str_of(bad[i])), ERR_INVALID);
    }
    Text many = text_new(a, 0);
    for (int i = 0; i < 2001; i++) text_addz(&many, "a=1&");
    Input full = {0};
    assert_int_equal(decode_query(&full, a, text_str(&many)), ERR_INVALID);
    arena_free(a);
}

static void multipart_is_decoded(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Input in = {0};
    assert_int_equal(body(&in, a, MULTIPART, str_of(form)), OK);
    is(&in, "title", "Vol \xc3\xa0 l'agence");
    is(&in, "empty", "");
    assert_int_equal(in.n, 2);
    assert_int_equal(in.n_files, 1);
    assert_true(str_is(in.files[0].field, "f\"x"));
    assert_true(str_is(in.files[0].name, "b.pdf"));
    assert_true(str_is(in.files[0].content_type, "application/pdf"));
    assert_true(str_is(in.files[0].bytes, "%PDF\r\n--b\r\n"));
    arena_free(a);
}

static void bad_multipart_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "--b1",
        "--b1\r\n",
        "--b1\r\n\r\n\r\n--b1--",
        "--b1\r\nX: y\r\n\r\nz\r\n--b1--",
        "--b1\r\nContent-Disposition: form-data; name=\"a\r\n\r\nz\r\n--b1--",
        "--b1\r\nContent-Disposition: form-data\r\n\r\nz\r\n--b1--",
        "--b1\r\nContent-Disposition: form-data; name=a\r\n\r\nz\r\n--b1x",
        "--b1\r\nContent-Disposition: form-data; name=a\r\n\r\nz",
        "--b1\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--b1--",
        "--b1\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\nz\r\n--b1--"};
    Arena *a = arena_new(0);
    for (size_t i = 0; i < LENGTH(bad); i++) {
        Input in = {0};
        if (body(&in, a, MULTIPART, str_of(bad[i])) != ERR_INVALID) fail_msg("accepted: %zu", i);
    }
    Input in = {0};
    assert_int_equal(body(&in, a, S("multipart/form-data"), str_of(form)), ERR_INVALID);
    assert_int_equal(body(&in, a, S("text/xml"), S("<a/>")), ERR_INVALID);
    arena_free(a);
}

static void damaged_multipart_does_no_harm(void **state) {
    (void)state;
    size_t n = sizeof form - 1;
    for (size_t i = 0; i < n; i++) {
        Arena *a = arena_new(0);
        char *cut = arena_alloc(a, i + 1);
        memcpy(cut, form, i);
        Input in = {0};
        /* All but the last line break is needed. */
        Err err = body(&in, a, MULTIPART, (Str){cut, i});
        assert_int_equal(err, i < n - 2 ? ERR_INVALID : OK);
        char *changed = arena_alloc(a, n);
        memcpy(changed, form, n);
        static const char values[] = {0, '"', '\r', '\n', ';', '-', '%', '\\', (char)0xff};
        for (size_t v = 0; v < sizeof values; v++) {
            changed[i] = values[v];
            Input other = {0};
            err = body(&other, a, MULTIPART, (Str){changed, n});
            assert_true(err == OK || err == ERR_INVALID);
        }
        arena_free(a);
    }
}

static void json_is_flattened(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Input in = {0};
    Str text = S("{\"t\":\"x\",\"gross\":{\"amount\":\"1.50\",\"currency\":\"MAD\"},\"n\":null,"
                 "\"b\":true,\"i\":-7,\"tags\":[\"a\",\"b\"],\"none\":[],"
                 "\"rows\":[{\"k\":1},{\"k\":2,\"deep\":{\"z\":false}}]}");
    assert_int_equal(body(&in, a, S("Application/JSON; charset=utf-8"), text), OK);
    is(&in, "t", "x");
    is(&in, "gross.amount", "1.50");
    is(&in, "gross.currency", "MAD");
    is(&in, "n", "");
    is(&in, "b", "true");
    is(&in, "i", "-7");
    is(&in, "none", "");
    is(&in, "rows[0].k", "1");
    is(&in, "rows[1].deep.z", "false");
    Str second;
    assert_true(input_nth(&second, &in, S("tags"), 1) && str_is(second, "b"));
    static const char *const bad[] = {"",
                                      "1",
                                      "[1]",
                                      "{\"a\":[[1]]}",
                                      "{\"a\":[1,{}]}",
                                      "{\"a\":1,\"a\":2}",
                                      "{\"\":1}",
                                      "{\"a\":\"\\u0000\"}",
                                      "{"};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        Input no = {0};
        if (body(&no, a, S("application/json"), str_of(bad[i])) == OK) fail_msg("ok: %s", bad[i]);
    }
    arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(query_is_decoded),
        cmocka_unit_test(multipart_is_decoded),
        cmocka_unit_test(bad_multipart_is_refused),
        cmocka_unit_test(damaged_multipart_does_no_harm),
        cmocka_unit_test(json_is_flattened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
