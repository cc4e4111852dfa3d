/* test_ldap.c: the pure parts of the directory: escaping of filters, shut accounts, and what is
 * refused before anything is asked. The rest runs against a real server in
 * tests/http/directory.test.mjs. SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "work/ldap.h"

static Str escaped(Arena *a, Str value) {
    Text t = text_new(a, 0);
    ldap_filter_value(&t, value);
    return text_str(&t);
}

/* RFC 4515, sections 3 and 4. */
static void test_ldap_filter_value(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    assert_string_equal(escaped(a, S("Parens R Us (for all your parenthetical needs)")).p,
                        "Parens R Us \\28for all your parenthetical needs\\29");
    assert_string_equal(escaped(a, S("*")).p, "\\2a");
    assert_string_equal(escaped(a, S("C:\\MyFile")).p, "C:\\5cMyFile");
    assert_string_equal(escaped(a, (Str){"\0\0\0\4", 4}).p, "\\00\\00\\00\4");
    assert_string_equal(escaped(a, S("Aïcha")).p, "Aïcha");
    arena_free(a);
}

static void test_ldap_login_filter(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Directory d = {.filter = "(objectClass=person)", .names = "mail  uid"};
    assert_string_equal(
        ldap_login_filter(a, &d, S("a)(uid=*")).p,
        "(&(objectClass=person)(|(mail=a\\29\\28uid=\\2a)(uid=a\\29\\28uid=\\2a)))");
    arena_free(a);
}

static bool shut(const char *control, const char *expires, const char *locked, const char *lock) {
    return ldap_is_shut(str_of(control), str_of(expires), str_of(locked), str_of(lock),
                        INT64_C(1795000000000000)); /* 2026-11-18 */
}

static void test_ldap_is_shut(void **state) {
    (void)state;
    assert_false(shut("", "", "", ""));
    assert_false(shut("512", "0", "", "FALSE"));
    assert_true(shut("514", "", "", ""));
    assert_true(shut("66050", "", "", "")); /* and the password never expires */
    assert_false(shut("66048", "9223372036854775807", "", ""));
    assert_true(shut("512", "133485408000000000", "", ""));  /* 2024-01-01 */
    assert_false(shut("512", "157784688000000000", "", "")); /* 2101 */
    assert_true(shut("", "", "000001010000Z", ""));
    assert_false(shut("", "", "20261101120000Z", "")); /* too many tries, opens by itself */
    assert_true(shut("", "", "", "TRUE"));
}

/* A bind without a password would succeed as nobody. */
static void test_ldap_needs_password(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Directory d = {.server = "ldap://127.0.0.1:1", .base = "", .filter = "", .names = "mail"};
    DirectoryEntry e;
    Str why;
    assert_int_equal(ldap_login(&e, &why, a, &d, S("a@b.c"), S("")), ERR_DENIED);
    assert_int_equal(ldap_login(&e, &why, a, &d, S(""), S("x")), ERR_DENIED);
    assert_int_equal(ldap_login(&e, &why, a, &d, S("a@b.c"), S("x")), ERR_BUSY);
    assert_true(why.n > 0);
    assert_true(d.silent_until > 0);
    assert_int_equal(ldap_login(&e, &why, a, &d, S("a@b.c"), S("x")), ERR_BUSY);
    assert_int_equal(str_find(why, S("seconds ago")) >= 0, 1); /* nobody waits again */
    arena_free(a);
}
