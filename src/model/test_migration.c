/* test_migration.c: numbered migrations run once and in order, a failing one leaves nothing, a base
 * of a newer program is refused. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/test_bank.h"

#include "model/migration.h"

static Err first(Db *db) {
    return db_run(db, NULL, "UPDATE probe SET title = title || ' one'", NO_ARGS);
}
static Err second(Db *db) {
    return db_run(db, NULL, "UPDATE probe SET title = title || ' two'", NO_ARGS);
}
static Err broken(Db *db) {
    TRY(first(db));
    return ERR_CONFLICT;
}

static int64_t count(Bank *b) {
    int64_t n = 0;
    bool found;
    assert_int_equal(
        db_get_int(&n, &found, b->c->db, "SELECT max(id) FROM schema_version", NO_ARGS), OK);
    return n;
}

static void steps(Bank *b) {
    int base = (int)count(b);
    assert_true(base >= 1); /* a new base is counted at once */
    Record *r = bank_save(b, bank_probe(b, "old", b->casa, 0, "2026-01-02", 100), "create");
    Migration list[] = {
        {base, "seen", broken}, {base + 1, "one", first}, {base + 2, "two", second}, {0}};
    bool is_new;
    assert_int_equal(migration_check(&is_new, b->c->db, list), OK);
    assert_false(is_new);
    for (int i = 0; i < 2; i++) assert_int_equal(migration_run(b->c->db, list, is_new), OK);
    assert_int_equal(count(b), base + 2);
    assert_int_equal(record_load_raw(&r, b->c, r->type, r->id), OK);
    assert_true(str_is(record_text(r, "title"), "old one two"));

    /* A base that counts further than the program. */
    assert_int_equal(migration_check(&is_new, b->c->db, model_migrations), ERR_CONFLICT);

    /* One that fails is not counted, and takes what it did with it. */
    Migration bad[] = {{base + 3, "bad", broken}, {0}};
    assert_int_equal(db_savepoint(b->c->db), OK);
    assert_int_equal(migration_run(b->c->db, bad, false), ERR_CONFLICT);
    db_rollback_to(b->c->db);
    assert_int_equal(count(b), base + 2);
    assert_int_equal(record_load_raw(&r, b->c, r->type, r->id), OK);
    assert_true(str_is(record_text(r, "title"), "old one two"));
}
static void test_migration_steps(void **state) {
    (void)state;
    Bank *b;
    for (int i = 0; (b = bank_open(i)); i++) {
        bank_begin(b);
        steps(b);
        bank_commit(b);
        bank_close(b);
    }
}
