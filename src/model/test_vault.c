/* test_vault.c: stored secrets under a key outside the database: sealed at once, old ones sealed
 * when a key comes, another key opens nothing and seals nothing, what is lost is given up and
 * noted; what ends sessions ends tokens. On both databases. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "model/test_bank.h"

#include "model/account.h"
#include "model/totp.h"
#include "model/vault.h"

static void with_key(Bank *b, const char *key) {
    Site *site = NEW(b->arena, Site);
    site->key = str_of(key);
    b->model = model_at(b->model, b->arena, site);
    b->c->model = b->model;
    b->c->cache = NULL;
    b->c->issues = (Issues){0};
}

static Str stored(Bank *b, const char *table) {
    Str s = {0};
    bool found;
    Str sql = str_fmt(b->arena,
                      "SELECT totp_secret FROM \"%s\" WHERE id = $1 ORDER BY version DESC", table);
    assert_int_equal(
        db_get_text(&s, &found, b->c->db, b->arena, str_z(b->arena, sql), ARGS(db_int(b->user))),
        OK);
    return s;
}

static VaultState state_of(Bank *b) {
    VaultState s;
    assert_int_equal(vault_state(&s, b->c), OK);
    return s;
}

static void sealed_at_once(Bank *b) {
    Second second;
    Str secret = totp_secret_new(b->arena);
    assert_int_equal(account_second_set(b->c, b->user, secret), ERR_INVALID); /* no key yet */
    assert_string_equal(b->c->issues.items[0].code, "no_key");
    with_key(b, "a key that is long enough for tests");
    assert_int_equal(state_of(b), VAULT_NEW);
    assert_int_equal(account_second_set(b->c, b->user, secret), OK);
    assert_int_equal(state_of(b), VAULT_OPEN);
    assert_true(str_starts(stored(b, "user"), S("s1:")));
    assert_true(str_find(stored(b, "user"), secret) < 0);
    assert_int_equal(account_second(&second, b->c, b->user), OK);
    assert_true(second.is_on && !second.is_lost && str_eq(second.secret, secret));
}

static void old_ones_are_sealed(Bank *b) {
    Second second;
    int64_t n;
    bank_sql(b, "UPDATE \"user\" SET totp_secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'");
    Record *r;
    assert_int_equal(record_load_raw(&r, b->c, model_need(b->model, "user"), b->user), OK);
    r = record_clone(b->c, r);
    record_set(r, "job", value_text(S("Cashier"))); /* the version before keeps the old text */
    bank_save(b, r, "update");
    assert_true(str_starts(stored(b, "user_past"), S("JBSW")));
    assert_int_equal(account_second(&second, b->c, b->user), OK); /* it goes on working */
    assert_true(str_starts(second.secret, S("JBSW")));
    assert_int_equal(vault_begin(&n, b->c), OK);
    assert_int_equal(n, 0); /* without a key */
    with_key(b, "a key that is long enough for tests");
    assert_int_equal(vault_begin(&n, b->c), OK);
    assert_int_equal(n, 2);
    assert_true(str_starts(stored(b, "user"), S("s1:")));
    assert_int_equal(stored(b, "user_past").n, 0);
    assert_int_equal(account_second(&second, b->c, b->user), OK);
    assert_true(str_is(second.secret, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"));
    assert_int_equal(vault_begin(&n, b->c), OK);
    assert_int_equal(n, 0); /* again: nothing */
}

static void another_key_opens_nothing(Bank *b) {
    static const char *const others[] = {"quite another key than the first one", ""};
    Second second;
    int64_t n;
    bool found;
    with_key(b, "a key that is long enough for tests");
    assert_int_equal(account_second_set(b->c, b->user, totp_secret_new(b->arena)), OK);
    for (size_t i = 0; i < LENGTH(others); i++) {
        with_key(b, others[i]);
        assert_int_equal(state_of(b), VAULT_LOST);
        assert_int_equal(account_second(&second, b->c, b->user), OK);
        assert_true(second.is_on && second.is_lost && !second.secret.n);
        assert_int_equal(account_second_set(b->c, b->user, totp_secret_new(b->arena)), ERR_INVALID);
        assert_int_equal(vault_begin(&n, b->c), ERR_CONFLICT);
    }
    assert_int_equal(vault_forget(&n, b->c), OK);
    assert_int_equal(n, 1);
    assert_int_equal(account_second(&second, b->c, b->user), OK);
    assert_false(second.is_on);
    assert_int_equal(db_get_int(&n, &found, b->c->db,
                                "SELECT COUNT(*) FROM entry WHERE action = 'secret_lost'", NO_ARGS),
                     OK);
    assert_int_equal(n, 1);
    with_key(b, others[0]);
    assert_int_equal(account_second_set(b->c, b->user, totp_secret_new(b->arena)), OK);
    assert_int_equal(state_of(b), VAULT_OPEN);
}

/* ---- what ends with what ---- */

typedef struct Way {
    Str session, token;
} Way;

static Way ways(Bank *b) {
    Way w;
    Session s;
    assert_int_equal(session_new(&s, b->c, b->user, S("Firefox")), OK);
    w.session = s.token;
    assert_int_equal(token_new(&w.token, b->c, b->user, S("script"), false, 30), OK);
    return w;
}

static int open_ways(Bank *b, const Way *w) {
    Session s;
    ApiToken t;
    return (session_find(&s, b->c, w->session) == OK) + 2 * (token_find(&t, b->c, w->token) == OK);
}

static Record *user_of(Bank *b) {
    Record *r;
    assert_int_equal(record_load_raw(&r, b->c, model_need(b->model, "user"), b->user), OK);
    return r;
}

static void step(Bank *b, const char *name, Err wanted) {
    Input in = {0};
    Record *moved;
    input_add(&in, b->arena, S("reason"), S("test"));
    b->c->issues = (Issues){0};
    assert_int_equal(record_move(&moved, b->c, user_of(b), name, &in), wanted);
}

static void what_ends_tokens(Bank *b) {
    Second second;
    with_key(b, "a key that is long enough for tests");
    Way w = ways(b);
    assert_int_equal(open_ways(b, &w), 3);
    assert_int_equal(account_set_password(b->c, b->user, S("x"), 0, true), OK);
    assert_int_equal(open_ways(b, &w), 2); /* kept, because it was asked */
    w = ways(b);
    assert_int_equal(account_set_password(b->c, b->user, S("y"), 0, false), OK);
    assert_int_equal(open_ways(b, &w), 0);
    w = ways(b);
    step(b, "sign_out", OK);
    assert_int_equal(open_ways(b, &w), 0);
    w = ways(b);
    assert_int_equal(account_sign_out(b->c, b->user, 0, false), OK);
    assert_int_equal(open_ways(b, &w), 0);
    w = ways(b);
    step(b, "disable", OK);
    step(b, "enable", OK); /* what was open before does not open again */
    assert_int_equal(open_ways(b, &w), 0);
    step(b, "reset_second", ERR_INVALID);
    b->c->issues = (Issues){0};
    assert_int_equal(account_second_set(b->c, b->user, totp_secret_new(b->arena)), OK);
    step(b, "reset_second", OK);
    assert_int_equal(account_second(&second, b->c, b->user), OK);
    assert_false(second.is_on);
}

static void test_vault_seals_at_once(void **state) {
    (void)state;
    bank_each(sealed_at_once);
}
static void test_vault_old_secrets_are_sealed(void **state) {
    (void)state;
    bank_each(old_ones_are_sealed);
}
static void test_vault_another_key_opens_nothing(void **state) {
    (void)state;
    bank_each(another_key_opens_nothing);
}
static void test_account_what_ends_tokens(void **state) {
    (void)state;
    bank_each(what_ends_tokens);
}
