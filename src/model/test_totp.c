/* test_totp.c: the vectors of RFC 6238 appendix B (last six digits) and the refusal of a second
 * use. SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/secret.h"
#include "model/totp.h"

static void test_totp_vectors(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    static const struct {
        int64_t time;
        const char *code;
    } vectors[] = {{59, "287082"},         {1111111109, "081804"},
                   {1111111111, "050471"}, {1234567890, "005924"},
                   {2000000000, "279037"}, {INT64_C(20000000000), "353130"}};
    Str secret = S("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"); /* "12345678901234567890" */
    for (size_t i = 0; i < LENGTH(vectors); i++)
        assert_string_equal(totp_code(a, secret, vectors[i].time / 30).p, vectors[i].code);
    assert_int_equal(totp_code(a, S("not base32!"), 1).n, 0);
    arena_free(a);
}

static void test_totp_works_once_and_near(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    secret_init();
    Str secret = totp_secret_new(a);
    assert_int_equal(secret.n, 32);
    int64_t now = INT64_C(1800000000) * 1000000, step, now_step = 1800000000 / 30;
    assert_true(totp_verify(&step, a, secret, totp_code(a, secret, now_step), now, 0));
    assert_int_equal(step, now_step);
    assert_false(totp_verify(&step, a, secret, totp_code(a, secret, now_step), now, step));
    assert_true(totp_verify(&step, a, secret, totp_code(a, secret, now_step - 1), now, 0));
    assert_false(totp_verify(&step, a, secret, totp_code(a, secret, now_step - 2), now, 0));
    assert_false(totp_verify(&step, a, secret, S(""), now, 0));
    arena_free(a);
}
