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
