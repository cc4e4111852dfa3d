/* test_rederive.c: what follows from records is compared, put right, and broken off between
 * stretches; on both databases. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/test_bank.h"

#include "model/rederive.h"

/* More than two stretches. */
enum { PROBES = 450 };

static void fill(Bank *b) {
    bank_begin(b);
    for (int i = 0; i < PROBES; i++) {
        char title[24];
        snprintf(title, sizeof title, "Probé %d", i);
        Record *r = bank_probe(b, title, b->casa, b->fraud, "2026-03-01", 100);
        Value reader = value_int(b->user);
        record_set(r, "readers", (Value){.kind = V_LIST, .list = &reader, .n = 1});
        bank_save(b, r, "create");
    }
    bank_commit(b);
}

static void step(Rederive *d, Bank *b) {
    bank_begin(b);
    Rederive next = *d;
    assert_int_equal(rederive_step(&next, b->c), OK);
    *d = next;
    bank_commit(b);
}

static Rederive run(Bank *b, bool mends, int *steps) {
    Rederive d;
    bank_begin(b);
    assert_int_equal(rederive_begin(&d, b->c, b->arena, mends), OK);
    bank_commit(b);
    for (*steps = 0; !d.is_done; ++*steps) step(&d, b);
    rederive_end(&d);
    return d;
}

static bool is_shown(const Rederive *d, const char *table, const char *column) {
    for (size_t i = 0; i < d->n_shown; i++)
        if (strcmp(d->shown[i].table, table) == 0 && strcmp(d->shown[i].column, column) == 0)
            return true;
    return false;
}

static void damage(Bank *b) {
    bank_begin(b);
    bank_sql(b, "UPDATE probe SET title_sort = NULL WHERE id % 100 = 7");
    bank_sql(b, "DELETE FROM probe_readers WHERE record % 100 = 8");
    bank_sql(b, "DELETE FROM search_doc WHERE type = 'probe' AND record % 100 = 9");
    bank_sql(b, "UPDATE search_doc SET body = 'x' WHERE type = 'probe' AND record % 100 = 10");
    bank_sql(b, "UPDATE unit_under SET until_day = '2026-01-01' WHERE ancestor <> unit");
    bank_commit(b);
}

static int64_t matches(Bank *b, const char *word) {
    int64_t n;
    bool found;
    bank_read(b);
    DbWords w;
    assert_int_equal(db_words(&w, b->c->db, b->arena, str_of(word)), OK);
    assert_int_equal(db_words_type(&w, b->c->db, "probe"), OK);
    Str sql = str_fmt(b->arena, "SELECT COUNT(*) FROM (%.*s) x",
                      FMT(db_words_set(b->arena, b->c->db, &w, 1)));
    assert_int_equal(db_get_int(&n, &found, b->c->db, sql.p, &w.match, 1), OK);
    bank_end(b);
    return n;
}

static void compared_and_mended(Bank *b) {
    int steps;
    fill(b);
    Rederive d = run(b, false, &steps);
    assert_int_equal(d.different, 0);
    assert_int_equal(d.done, d.total);
    assert_true(steps > 3);
    damage(b);
    d = run(b, false, &steps);
    assert_true(is_shown(&d, "probe", "title_sort") && is_shown(&d, "probe_readers", ""));
    assert_true(is_shown(&d, "search_doc", "") && is_shown(&d, "search_doc", "body"));
    assert_true(is_shown(&d, "unit_under", ""));
    int64_t n = d.different;
    d = run(b, true, &steps);
    assert_int_equal(d.different, n);
    assert_int_equal(run(b, false, &steps).different, 0);
    assert_int_equal(matches(b, "prb"), PROBES);
    AuditResult audit;
    bank_read(b);
    assert_int_equal(audit_verify(&audit, b->c), OK);
    if (!audit.ok) print_error("%.*s\n", FMT(audit.why));
    assert_true(audit.ok);
    bank_end(b);
}

static void broken_off(Bank *b) {
    int steps, left = 1;
    Rederive d;
    fill(b);
    damage(b);
    int64_t n = run(b, false, &steps).different;
    bank_begin(b);
    assert_int_equal(rederive_begin(&d, b->c, b->arena, true), OK);
    bank_commit(b);
    while (d.different == 0) step(&d, b);
    rederive_end(&d);
    d = run(b, false, &left);
    assert_true(d.different > 0 && d.different < n);
    run(b, true, &left);
    assert_int_equal(run(b, false, &left).different, 0);
}

static void test_rederive_compared_and_mended(void **state) {
    (void)state;
    bank_each_idle(compared_and_mended);
}
static void test_rederive_broken_off(void **state) {
    (void)state;
    bank_each_idle(broken_off);
}
