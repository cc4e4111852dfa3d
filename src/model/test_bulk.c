/* test_bulk.c: records held back and written together are the same as records saved one by one:
 * rows, history, figures, search text; and what is held can be read.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/bulk.h"
#include "model/test_bank.h"

#include <signal.h>
#include <sys/wait.h>

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

/* ---- the same as one by one ---- */

static void rows_add(Text *t, Bank *b, const char *table, const char *order) {
    Rows *r;
    bool more;
    text_fmt(t, "%s\n", table);
    assert_int_equal(db_rows(&r, b->c->db, b->arena,
                             str_fmt(b->arena, "SELECT * FROM %s ORDER BY %s", table, order).p,
                             NO_ARGS),
                     OK);
    for (;;) {
        assert_int_equal(rows_next(&more, r), OK);
        if (!more) return;
        for (size_t i = 0; i < rows_count(r); i++)
            text_fmt(t, "%.*s|", FMT(rows_is_null(r, i) ? S("-") : rows_text(r, i)));
        text_char(t, '\n');
    }
}

/* Sealed and folded, so that days and batches do not show; all that stays of a take-over. */
static Str whole(Bank *b) {
    static const char *const tables[][2] = {
        {"probe", "id"},
        {"probe_past", "id"},
        {"probe_lines", "record, pos"},
        {"entry", "id"},
        {"unsealed", "entry"},
        {"checkpoint_entry", "checkpoint, pos"},
        {"search_doc", "id"},
        {"measure_cell", "measure, grain, unit, entity, restricted, month, d0, d1, d2"}};
    int64_t n;
    Text t = text_new(b->arena, 0);
    bank_begin(b);
    assert_int_equal(history_seal(&n, b->c), OK);
    assert_int_equal(measure_fold(&n, b->c), OK);
    bank_commit(b);
    bank_read(b);
    for (size_t i = 0; i < LENGTH(tables); i++) rows_add(&t, b, tables[i][0], tables[i][1]);
    if (db_kind(b->c->db) == DB_SQLITE) {
        rows_add(&t, b, "number_sequence", "type, year");
        rows_add(&t, b, "search_type", "id");
        rows_add(&t, b, "search_text_words", "term, doc");
    }
    bank_end(b);
    return text_str(&t);
}

static void fill(Bank *b, bool in_bulk) {
    bank_begin(b);
    if (in_bulk) bulk_begin(b->c);
    for (int i = 0; i < 120; i++) {
        b->c->now_us += 1000000;
        if (i == 60) b->c->today = S("2024-01-02");
        Record *r =
            bank_probe(b, i % 3 ? "Été à l'agence" : "Fraud, \"twice\"", i % 2 ? b->casa : b->agdal,
                       i % 4 ? b->theft : 0, i % 5 ? "2023-03-04" : "2022-11-30", 100 + i);
        r = with_lines(b, r);
        record_set(r, "suspect", (Value){0}); /* its salt is random */
        r->is_restricted = i % 7 == 0;
        bank_save(b, r, "import");
        if (in_bulk && i % 50 == 49) assert_int_equal(bulk_flush(b->c), OK);
    }
    if (in_bulk) assert_int_equal(bulk_end(b->c), OK);
    bank_commit(b);
}

static void test_bulk_is_the_same_row_for_row(void **state) {
    (void)state;
    for (int n = 0; n < 2; n++) {
        Bank *b = bank_open(n);
        if (!b) return;
        fill(b, false);
        Arena *keep = arena_new(0);
        Str one_by_one = str_copy(keep, whole(b));
        bank_close(b);
        b = bank_open(n);
        fill(b, true);
        Str bulk = whole(b);
        if (!str_eq(one_by_one, bulk)) {
            size_t at = 0;
            while (at < bulk.n && at < one_by_one.n && bulk.p[at] == one_by_one.p[at]) at++;
            print_error("one by one: %.200s\nin bulk: %.200s\n", one_by_one.p + at, bulk.p + at);
        }
        assert_true(str_eq(one_by_one, bulk));
        assert_true(bulk.n > 60000);
        bank_close(b);
        arena_free(keep);
        b = bank_open(n);
        fill(b, true);
        assert_intact(b, 0);
        bank_close(b);
    }
}

/* ---- a part that is taken back ---- */

static void part_undone(Bank *b, bool flush) {
    Record *first, *changed;
    bank_begin(b);
    bulk_begin(b->c);
    first = bank_save(b, bank_probe(b, "Stays", b->casa, b->theft, "2023-03-04", 1), "import");
    bank_save(b, bank_probe(b, "Stays", b->casa, 0, "2023-03-04", 2), "import");
    assert_int_equal(db_savepoint(b->c->db), OK);
    bulk_mark(b->c);
    changed = record_clone(b->c, first);
    record_set(changed, "title", value_text(S("Never")));
    bank_save(b, changed, "import");
    for (int i = 0; i < 1100; i++) { /* more than the ids taken at once */
        bank_save(b, bank_probe(b, "Never", b->agdal, 0, "2023-03-04", 9), "import");
        if (flush && i == 5) assert_int_equal(bulk_flush(b->c), OK);
    }
    db_rollback_to(b->c->db);
    bulk_undo(b->c);
    assert_int_equal(bulk_held(b->c), 2);
    assert_ptr_equal(bulk_find(b->c, b->probe, first->id), first);
    /* And one that is kept. */
    assert_int_equal(db_savepoint(b->c->db), OK);
    bulk_mark(b->c);
    Record *next = bank_save(b, bank_probe(b, "Stays", b->casa, 0, "2023-03-04", 3), "import");
    assert_int_equal(next->seq, first->seq + 2);
    assert_int_equal(db_release(b->c->db), OK);
    bulk_keep(b->c);
    assert_int_equal(bulk_end(b->c), OK);
    Record *last = bank_save(b, bank_probe(b, "Stays", b->casa, 0, "2023-03-04", 4), "create");
    assert_true(last->id > next->id && last->seq > next->seq);
    assert_int_equal(number_of(b, "SELECT COUNT(*) FROM probe WHERE title = 'Stays'"), 4);
    assert_int_equal(number_of(b, "SELECT COUNT(*) FROM probe"), 4);
    bank_commit(b);
    assert_intact(b, 0);
}

static void takes_a_part_back(Bank *b) {
    part_undone(b, false);
}

static void takes_a_written_part_back(Bank *b) {
    part_undone(b, true);
}

/* ---- a process that dies in the middle ---- */

static int64_t indexes_of_probe(Bank *b) {
    return number_of(b, db_kind(b->c->db) == DB_SQLITE
                            ? "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index' AND "
                              "tbl_name = 'probe' AND sql IS NOT NULL"
                            : "SELECT COUNT(*) FROM pg_indexes WHERE schemaname = "
                              "current_schema() AND tablename = 'probe'");
}

static void reopen(Bank *b, Str url) {
    assert_int_equal(db_open(&b->base, NULL, b->arena, url, (DbOptions){.exclusive = true}), OK);
    assert_int_equal(db_session_new(&b->session, b->base), OK);
}

/* Without its indexes, one part written and another not yet. */
static void die_in_the_middle(Bank *b, Str url) {
    reopen(b, url);
    bank_begin(b);
    assert_int_equal(model_unindex(b->c->db, b->probe), OK);
    bank_commit(b);
    fill(b, true);
    bank_begin(b);
    bulk_begin(b->c);
    for (int i = 0; i < 20; i++)
        bank_save(b, bank_probe(b, "Lost", b->casa, b->theft, "2023-03-04", 5), "import");
    assert_int_equal(bulk_flush(b->c), OK);
    kill(getpid(), SIGKILL);
}

static void starts_after_a_kill(Bank *b) {
    int status;
    bank_read(b);
    int64_t all = indexes_of_probe(b);
    Str url = str_copy(b->arena, db_base_url(b->base));
    bank_end(b);
    db_session_free(b->session);
    db_close(b->base);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        die_in_the_middle(b, url);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    reopen(b, url);
    bank_begin(b);
    assert_true(indexes_of_probe(b) < all);
    assert_int_equal(model_migrate(b->model, b->c->db), OK); /* as every start does */
    assert_int_equal(indexes_of_probe(b), all);
    assert_int_equal(number_of(b, "SELECT COUNT(*) FROM probe"), 120);
    assert_int_equal(number_of(b, "SELECT COUNT(*) FROM probe WHERE title = 'Lost'"), 0);
    bank_commit(b);
    assert_intact(b, 0);
}

static void test_bulk_holds_and_writes(void **state) {
    (void)state;
    bank_each_idle(holds_and_writes);
}

static void test_bulk_flushes_for_other_changes(void **state) {
    (void)state;
    bank_each_idle(flushes_for_other_changes);
}

static void test_bulk_starts_after_a_kill(void **state) {
    (void)state;
    bank_each_idle(starts_after_a_kill);
}

static void test_bulk_takes_a_part_back(void **state) {
    (void)state;
    bank_each_idle(takes_a_part_back);
    bank_each_idle(takes_a_written_part_back);
}
