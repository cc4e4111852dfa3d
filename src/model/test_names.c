/* test_names.c: names kept for all requests of a base follow every save, and nobody sees those of
 * another state: not the one who writes, not a snapshot from before.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/test_bank.h"

#include "model/record.h"

static void rename_casa(Bank *b, const char *name) {
    Record *r;
    assert_int_equal(record_load_raw(&r, b->c, model_need(b->model, "unit"), b->casa), OK);
    r = record_clone(b->c, r);
    record_set(r, "name_fr", value_text(str_of(name)));
    bank_save(b, r, "update");
}

static Str casa_in(Ctx *c, const Bank *b) {
    RefName name;
    assert_int_equal(ref_name(&name, c, model_need(b->model, "unit"), b->casa), OK);
    assert_true(name.found);
    return name.title;
}

static Str casa_now(Bank *b) {
    bank_read(b);
    Str title = str_copy(b->arena, casa_in(b->c, b));
    bank_end(b);
    return title;
}

static size_t units_now(Bank *b) {
    const TreeItem *items;
    size_t n;
    bank_read(b);
    assert_int_equal(ref_tree(&items, &n, b->c, model_need(b->model, "unit"), (Str){0}), OK);
    bank_end(b);
    return n;
}

static void test_names_follow_saves(void **state) {
    (void)state;
    for (int n = 0; n < 2; n++) {
        Bank *b = bank_open(n);
        if (!b) continue;
        assert_string_equal(casa_now(b).p, "CASA");
        assert_string_equal(casa_now(b).p, "CASA");
        size_t units = units_now(b);
        DbSession *other;
        assert_int_equal(db_session_new(&other, b->base), OK);
        Ctx *before = ctx_new(b->arena, b->model, other);
        assert_int_equal(db_read(&before->db, other), OK);
        actor_system(before);
        assert_string_equal(casa_in(before, b).p, "CASA"); /* the snapshot begins */
        before->cache = NULL;
        bank_begin(b);
        rename_casa(b, "Casablanca");
        assert_string_equal(casa_in(b->c, b).p, "Casablanca");
        bank_named(b, "unit", "FES", "entity", value_int(b->entity), b->head);
        bank_commit(b);
        assert_string_equal(casa_now(b).p, "Casablanca");
        assert_string_equal(casa_in(before, b).p, "CASA");
        db_rollback(before->db);
        assert_string_equal(casa_now(b).p, "Casablanca");
        assert_int_equal(units_now(b), units + 1);
        db_session_free(other);
        bank_close(b);
    }
}

static int made;

static Err make_title(const void **out, Ctx *c, Arena *memory, int64_t id) {
    RefName name;
    Str *title = NEW(memory, Str);
    made++;
    TRY(ref_name(&name, c, model_need(c->model, "unit"), id));
    *title = str_copy(memory, name.title);
    *out = title;
    return OK;
}

static const char *kept_title(Bank *b, bool reads) {
    const void *title;
    reads ? bank_read(b) : bank_begin(b);
    assert_int_equal(ctx_kept(&title, b->c, make_title, b->casa), OK);
    Str copy = str_copy(b->arena, *(const Str *)title);
    bank_end(b);
    return copy.p;
}

static void test_names_keep_what_follows(void **state) {
    (void)state;
    for (int n = 0; n < 2; n++) {
        Bank *b = bank_open(n);
        if (!b) continue;
        made = 0;
        assert_string_equal(kept_title(b, true), "CASA");
        assert_string_equal(kept_title(b, true), "CASA");
        assert_int_equal(made, 1);
        assert_string_equal(kept_title(b, false), "CASA"); /* one who changed nothing uses it */
        assert_int_equal(made, 1);
        const void *title;
        bank_begin(b);
        rename_casa(b, "Casablanca");
        assert_int_equal(ctx_kept(&title, b->c, make_title, b->casa), OK);
        assert_true(str_is(*(const Str *)title, "Casablanca"));
        assert_int_equal(made, 2);
        bank_commit(b);
        assert_string_equal(kept_title(b, true), "Casablanca");
        assert_string_equal(kept_title(b, true), "Casablanca");
        assert_int_equal(made, 3);
        bank_close(b);
    }
}

/* Loads the person anew, as a request does. */
static bool has_role(Ctx *c, const Bank *b, const char *role) {
    assert_int_equal(actor_load(c, b->user), OK);
    return actor_has_role(c, str_of(role));
}

static bool has_role_now(Bank *b, const char *role) {
    bank_read(b);
    bool has = has_role(b->c, b, role);
    bank_end(b);
    return has;
}

static int64_t give_role(Bank *b, int64_t person, const char *role) {
    Record *r = record_new(b->c, model_need(b->model, "role_assignment"));
    record_set(r, "person", value_int(person));
    record_set(r, "role", value_text(str_of(role)));
    return bank_save(b, r, "create")->id;
}

static int64_t principal_of(Bank *b) {
    Record *u = record_new(b->c, model_need(b->model, "user"));
    record_set(u, "email", value_text(S("head@bank.test")));
    record_set(u, "name", value_text(S("Head")));
    return bank_save(b, u, "create")->id;
}

static void delegate(Bank *b, int64_t from) {
    Record *d = record_new(b->c, model_need(b->model, "delegation"));
    record_set(d, "from_user", value_int(from));
    record_set(d, "to_user", value_int(b->user));
    record_set(d, "valid_from", value_text(S("2020-01-01")));
    record_set(d, "valid_until", value_text(S("2030-01-01")));
    record_set(d, "why", value_text(S("Leave")));
    bank_save(b, d, "create");
}

/* Who holds which role is kept, too, and follows grants, delegations and the end of an account. */
static void test_roles_follow_saves(void **state) {
    (void)state;
    for (int n = 0; n < 2; n++) {
        Bank *b = bank_open(n);
        if (!b) continue;
        assert_false(has_role_now(b, "analyst"));
        assert_false(has_role_now(b, "analyst"));
        DbSession *other;
        assert_int_equal(db_session_new(&other, b->base), OK);
        Ctx *before = ctx_new(b->arena, b->model, other);
        ctx_at(before, b->at);
        assert_int_equal(db_read(&before->db, other), OK);
        assert_false(has_role(before, b, "analyst")); /* the snapshot begins */
        bank_begin(b);
        give_role(b, b->user, "analyst");
        assert_true(has_role(b->c, b, "analyst"));
        actor_system(b->c);
        int64_t principal = principal_of(b);
        give_role(b, principal, "head_orm");
        bank_commit(b);
        assert_true(has_role_now(b, "analyst"));
        assert_false(has_role_now(b, "head_orm"));
        assert_false(has_role(before, b, "analyst"));
        db_rollback(before->db);
        bank_begin(b);
        delegate(b, principal);
        bank_commit(b);
        assert_true(has_role_now(b, "head_orm"));
        bank_begin(b);
        Record *r;
        assert_int_equal(record_load_raw(&r, b->c, model_need(b->model, "user"), b->user), OK);
        r = record_clone(b->c, r);
        r->state = type_state(r->type, S("disabled"));
        assert_non_null(r->state);
        bank_save(b, r, "update");
        bank_commit(b);
        bank_read(b);
        assert_int_equal(actor_load(b->c, b->user), ERR_MISSING);
        bank_end(b);
        db_session_free(other);
        bank_close(b);
    }
}

/* What no save has changed is read once, whoever asks. */
static void test_names_are_shared(void **state) {
    (void)state;
    for (int n = 0; n < 2; n++) {
        Bank *b = bank_open(n);
        if (!b) continue;
        assert_string_equal(casa_now(b).p, "CASA");
        bank_begin(b);
        bank_sql(b, "UPDATE unit SET name_fr = 'Written by hand' WHERE code = 'CASA'");
        bank_commit(b);
        assert_string_equal(casa_now(b).p, "CASA");
        bank_begin(b);
        rename_casa(b, "Casa-Anfa");
        bank_commit(b);
        assert_string_equal(casa_now(b).p, "Casa-Anfa");
        bank_close(b);
    }
}
