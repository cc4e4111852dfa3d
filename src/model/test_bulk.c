/* test_bulk.c: records held back and written together are the same as records saved one by one:
 * rows, history, figures, search text; and what is held can be read.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/bulk.h"
#include "model/test_bank.h"

static void assert_intact(Bank *b, int64_t records) {
    AuditResult audit;
    MeasureCheck check;
    bank_read(b);
    assert_int_equal(audit_verify(&audit, b->c), OK);
    if (!audit.ok) print_error("%.*s\n", FMT(audit.why));
    assert_true(audit.ok);
    if (records) assert_int_equal(audit.records, records);
    assert_int_equal(measure_check(&check, b->c), OK);
    if (!check.ok) print_error("%lld cells differ\n", (long long)check.different);
    assert_true(check.ok);
    bank_end(b);
}

static int64_t number_of(Bank *b, const char *sql) {
    int64_t n;
    bool found;
    assert_int_equal(db_get_int(&n, &found, b->c->db, sql, NO_ARGS), OK);
    return found ? n : 0;
}

static Record *with_lines(Bank *b, Record *r) {
    const Field *f = type_need(b->probe, "lines");
    Value *cells = NEW_N(b->arena, Value, f->n_rows), *row = NEW(b->arena, Value);
    cells[0] = value_text(S("half"));
    cells[1] = value_money(50, S("MAD"));
    *row = (Value){.kind = V_LIST, .list = cells, .n = f->n_rows};
    record_set(r, "lines", (Value){.kind = V_ROWS, .list = row, .n = 1});
    record_set(r, "suspect", value_text(S("Mr X")));
    return r;
}

static void holds_and_writes(Bank *b) {
    Record *r, *found;
    RefName name;
    int64_t id;
    bank_begin(b);
    bulk_begin(b->c);
    for (int i = 0; i < 300; i++) {
        if (i == 150) b->c->today = S("2024-01-02");
        r = bank_probe(b, "Held", b->casa, b->theft, "2023-03-04", 100 + i);
        r = bank_save(b, with_lines(b, r), "import");
    }
    assert_int_equal(bulk_held(b->c), 300);
    assert_true(bulk_is_new(b->c, b->probe, r->id));
    assert_int_equal(number_of(b, "SELECT COUNT(*) FROM probe"), 0);
    assert_int_equal(record_load_raw(&found, b->c, b->probe, r->id), OK);
    assert_ptr_equal(found, r);
    assert_int_equal(ref_find(&id, b->c, b->probe, record_number(b->arena, r)), OK);
    assert_int_equal(id, r->id);
    assert_int_equal(ref_name(&name, b->c, b->probe, r->id), OK);
    assert_true(str_is(name.title, "Held"));
    Records same;
    assert_int_equal(record_where(&same, b->c, b->probe, "event_type", value_int(b->theft), 1000),
                     OK);
    assert_int_equal(same.n, 300);
    /* Saved again before it is written: one version, one entry. */
    Record *again = record_clone(b->c, r);
    record_set(again, "title", value_text(S("Changed")));
    again->state = type_state(b->probe, S("closed"));
    again = bank_save(b, again, "update");
    assert_int_equal(again->version, 1);
    assert_int_equal(bulk_end(b->c), OK);
    assert_int_equal(number_of(b, "SELECT COUNT(*) FROM probe"), 300);
    assert_int_equal(number_of(b, "SELECT COUNT(*) FROM probe_lines"), 300);
    assert_int_equal(number_of(b, "SELECT COUNT(*) FROM entry WHERE type = 'probe'"), 300);
    assert_int_equal(number_of(b, "SELECT COUNT(*) FROM entry_sensitive"), 300);
    assert_int_equal(number_of(b, "SELECT COUNT(*) FROM measure_delta"), 5);
    assert_int_equal(
        number_of(
            b,
            "SELECT COUNT(*) FROM probe WHERE title = 'Changed' AND state = 'closed' AND version = 1"),
        1);
    /* What follows is an ordinary change. */
    assert_int_equal(record_load_raw(&found, b->c, b->probe, again->id), OK);
    found = record_clone(b->c, found);
    record_set(found, "title", value_text(S("Later")));
    b->c->now_us += 1000000;
    found = bank_save(b, found, "update");
    assert_int_equal(found->version, 2);
    Record *next = bank_save(b, bank_probe(b, "Next", b->casa, 0, "2023-03-04", 1), "create");
    assert_true(next->seq > again->seq);
    bank_commit(b);
    assert_intact(b, 0);
}

static void flushes_for_other_changes(Bank *b) {
    Record *old, *r;
    bank_begin(b);
    old = bank_save(b, bank_probe(b, "Old", b->casa, b->fraud, "2023-01-01", 7), "create");
    bank_commit(b);
    bank_begin(b);
    bulk_begin(b->c);
    r = bank_save(b, bank_probe(b, "New", b->agdal, b->fraud, "2023-01-02", 8), "import");
    assert_int_equal(bulk_held(b->c), 1);
    assert_int_equal(record_load_raw(&old, b->c, b->probe, old->id), OK);
    old = record_clone(b->c, old);
    record_set(old, "title", value_text(S("Older")));
    old = bank_save(b, old, "update");
    assert_int_equal(bulk_held(b->c), 0);
    assert_int_equal(old->version, 2);
    assert_true(r->hash.n > 0);
    assert_int_equal(bulk_end(b->c), OK);
    bank_commit(b);
    assert_intact(b, 0);
}

static void each(void (*body)(Bank *b)) {
    for (int n = 0;; n++) {
        Bank *b = bank_open(n);
        if (!b) return;
        body(b);
        bank_close(b);
    }
}

static void test_bulk_holds_and_writes(void **state) {
    (void)state;
    each(holds_and_writes);
}

static void test_bulk_flushes_for_other_changes(void **state) {
    (void)state;
    each(flushes_for_other_changes);
}
