/* test_secret.c: hashes against published vectors, passwords and their gate.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>

#include "base/secret.h"

static void test_secret_vectors(void **state) {
    (void)state;
    secret_init();
    Arena *a = arena_new(0);
    assert_string_equal(sha256_hex(a, S("abc")).p,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    /* RFC 4231, test case 2 */
    assert_string_equal(hmac_sha256_hex(a, S("Jefe"), S("what do ya want for nothing?")).p,
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_string_equal(base64url(a, (const unsigned char *)"\xFB\xFF\xFE", 3).p, "-__-");
    Str bytes;
    assert_true(hex_decode(a, &bytes, S("00fFa1")));
    assert_memory_equal(bytes.p, "\x00\xFF\xA1", 3);
    assert_false(hex_decode(a, &bytes, S("0")));
    assert_false(hex_decode(a, &bytes, S("0g")));
    arena_free(a);
}

static void test_secret_random(void **state) {
    (void)state;
    secret_init();
    Arena *a = arena_new(0);
    assert_int_equal(random_token(a, 32).n, 43);
    assert_false(str_eq(random_token(a, 32), random_token(a, 32)));
    Str code = random_code(a, 2000);
    assert_int_equal(code.n, 2000);
    for (size_t i = 0; i < code.n; i++) assert_null(strchr("0O1IL", code.p[i]));
    arena_free(a);
}

static void test_secret_passwords(void **state) {
    (void)state;
    secret_init();
    Arena *a = arena_new(0);
    Str hash;
    assert_int_equal(password_hash(&hash, a, S("un mot de passe")), OK);
    assert_true(str_starts(hash, S("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_int_equal(password_verify(hash, S("un mot de passe")), OK);
    assert_int_equal(password_verify(hash, S("un mot de passf")), ERR_DENIED);
    assert_int_equal(password_verify(S(""), S("x")), ERR_DENIED);
    assert_int_equal(password_verify(S("$argon2id$broken"), S("x")), ERR_DENIED);
    arena_free(a);
}

static void test_secret_seal_opens_with_its_key_only(void **state) {
    (void)state;
    secret_init();
    Arena *a = arena_new(0);
    Str text = S("/anonymous/ABCDEFGHJK"), sealed = secret_seal(a, S("key"), text), out;
    assert_true(str_find(sealed, text) < 0);
    assert_false(str_eq(sealed, secret_seal(a, S("key"), text)));
    assert_true(secret_open(&out, a, S("key"), sealed) && str_eq(out, text));
    assert_false(secret_open(&out, a, S("other"), sealed));
    assert_int_equal(out.n, 0);
    char *changed = (char *)(uintptr_t)str_copy(a, sealed).p;
    changed[sealed.n - 1] = changed[sealed.n - 1] == '0' ? '1' : '0';
    assert_false(secret_open(&out, a, S("key"), (Str){changed, sealed.n}));
    assert_false(secret_open(&out, a, S("key"), S("00")));
    assert_false(secret_open(&out, a, S("key"), S("zz")));
    assert_true(secret_open(&out, a, S("key"), secret_seal(a, S("key"), S(""))) && out.n == 0);
    arena_free(a);
}

static void *verify_once(void *out) {
    *(Err *)out = password_verify(S(""), S("x"));
    return NULL;
}

static void test_secret_gate_is_bounded(void **state) {
    (void)state;
    secret_init();
    enum { CALLERS = 60 };
    pthread_t threads[CALLERS];
    Err results[CALLERS];
    int denied = 0, busy = 0;
    for (int i = 0; i < CALLERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, verify_once, &results[i]), 0);
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(threads[i], NULL);
        denied += results[i] == ERR_DENIED;
        busy += results[i] == ERR_BUSY;
    }
    assert_int_equal(denied + busy, CALLERS);
    assert_true(denied >= 22);
    assert_int_equal(password_verify(S(""), S("x")), ERR_DENIED); /* the gate opens again */
}
