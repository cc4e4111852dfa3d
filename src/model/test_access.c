/* test_access.c: the short answer to "may this person at all" is that of the rules worked out, for
 * every type, operation and role, held everywhere, in a unit or for somebody else.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/test_bank.h"

#include "model/access.h"

static int differences(Bank *b, Actor *actor) {
    Ctx *c = b->c;
    int wrong = 0;
    c->actor = actor;
    c->cache = NULL;
    for (size_t i = 0; i < b->model->n_types; i++)
        for (unsigned op = OP_READ; op <= OP_IMPORT; op *= 2) {
            const Type *t = &b->model->types[i];
            const Access *access;
            bool may = access_may(c, t, (enum Op)op);
            assert_int_equal(access_of(&access, c, t, op), OK);
            wrong += may != access_any(access);
        }
    return wrong;
}

static void body(Bank *b) {
    bank_read(b);
    for (size_t i = 0; i < b->model->n_roles; i++)
        for (int how = 0; how < 16; how++) {
            ActorRole role = {.role = b->model->roles[i],
                              .unit = how & 1 ? b->casa : 0,
                              .for_user = how & 2 ? b->user + 1 : 0};
            Actor actor = {.user = how & 4 ? 0 : b->user,
                           .is_read_only = (how & 8) != 0,
                           .roles = &role,
                           .n_roles = 1};
            assert_int_equal(differences(b, &actor), 0);
        }
    assert_int_equal(differences(b, &(Actor){.is_system = true}), 0);
    assert_int_equal(differences(b, &(Actor){.user = b->user}), 0);
    bank_end(b);
}

static void test_access_may_is_access_any(void **state) {
    (void)state;
    bank_each_idle(body);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_access_may_is_access_any)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
