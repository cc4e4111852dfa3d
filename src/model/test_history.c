/* test_history.c: entries, sealing, verification, and that each way of tampering is found and
 * named. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/test_bank.h"

#include <fcntl.h>

static Value one_line(Arena *a, const char *label, int64_t part) {
    Value *cells = NEW_N(a, Value, 2), *rows = NEW_N(a, Value, 1);
    cells[0] = value_text(str_of(label));
    cells[1] = value_money(part, S("MAD"));
    rows[0] = (Value){.kind = V_LIST, .list = cells, .n = 2};
    return (Value){.kind = V_ROWS, .list = rows, .n = 1};
}

/* Two probes of two and three entries, all kinds of values. */
static void fill(Bank *b, int64_t ids[2]) {
    bank_begin(b);
    Record *r = bank_probe(b, "First", b->casa, b->theft, "2026-03-04", 12345);
    record_set(r, "story", value_text(S("line one\nline=two \\ back")));
    record_set(r, "suspect", value_text(S("Number seven")));
    record_set(r, "lines", one_line(b->arena, "a,b;c", 700));
    Value tags[] = {value_text(S("a")), value_text(S("c"))};
    record_set(r, "tags", (Value){.kind = V_LIST, .list = tags, .n = 2});
    r = bank_save(b, r, "create");
    ids[0] = r->id;
    bank_commit(b);
    bank_begin(b);
    Record *s =
        bank_save(b, bank_probe(b, "Second", b->agdal, b->system, "2026-04-05", -5), "create");
    ids[1] = s->id;
    bank_commit(b);
    bank_begin(b);
    assert_int_equal(record_load_raw(&r, b->c, b->probe, ids[0]), OK);
    r = record_clone(b->c, r);
    record_set(r, "title", value_text(S("First, corrected")));
    record_set(r, "suspect", value_text(S("Number eight")));
    b->c->reason = S("a typing mistake");
    bank_save(b, r, "update");
    assert_int_equal(history_note(b->c, r, "comment", S("Seen.")), OK);
    assert_int_equal(history_note(b->c, NULL, "export", S("all probes")), OK);
    bank_commit(b);
}

static int64_t seal(Bank *b) {
    int64_t n;
    bank_begin(b);
    assert_int_equal(history_seal(&n, b->c), OK);
    bank_commit(b);
    return n;
}

static AuditResult verify(Bank *b) {
    AuditResult result;
    bank_read(b);
    assert_int_equal(audit_verify(&result, b->c), OK);
    bank_end(b);
    return result;
}

static AuditResult verify_exported(Bank *b) {
    AuditResult result;
    char path[64];
    snprintf(path, sizeof path, "/tmp/gardefou_export_%d", (int)getpid());
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    bank_read(b);
    assert_int_equal(audit_export(b->c, fd), OK);
    bank_end(b);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(audit_verify_file(&result, b->arena, fd), OK);
    close(fd);
    unlink(path);
    return result;
}

static int64_t entry_of(Bank *b, int64_t record, int nth) {
    int64_t id;
    bool found;
    bank_read(b);
    assert_int_equal(
        db_get_int(
            &id, &found, b->c->db,
            "SELECT id FROM entry WHERE type = 'probe' AND record = $1 ORDER BY id LIMIT 1 OFFSET $2",
            ARGS(db_int(record), db_int(nth))),
        OK);
    assert_true(found);
    bank_end(b);
    return id;
}

static void assert_sound(Bank *b, int64_t unsealed) {
    AuditResult x = verify(b), y = verify_exported(b);
    if (!x.ok || !y.ok) print_error("%.*s / %.*s\n", FMT(x.why), FMT(y.why));
    assert_true(x.ok && y.ok);
    assert_int_equal(x.unsealed, unsealed);
    assert_int_equal(y.unsealed, unsealed);
    assert_int_equal(x.entries, y.entries);
    assert_int_equal(x.records, y.records);
    assert_true(str_eq(x.head, y.head));
}

/* Also for who has the file only. */
static void test_history_taken_away_is_no_finding(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        int64_t ids[2];
        Record *r;
        fill(b, ids);
        bank_begin(b);
        assert_int_equal(record_load_raw(&r, b->c, b->probe, ids[1]), OK);
        assert_int_equal(record_remove(b->c, r, "undo"), OK);
        bank_commit(b);
        assert_true(seal(b) > 0);
        assert_sound(b, 0);
        bank_close(b);
    }
}

static void test_history_entries_are_chained_and_sealed(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        int64_t ids[2];
        fill(b, ids);
        AuditResult x = verify(b);
        if (!x.ok) print_error("%.*s\n", FMT(x.why));
        assert_true(x.ok);
        assert_int_equal(x.entries, 8 + 5);
        assert_int_equal(x.records, 10);
        assert_sound(b, 13);
        assert_int_equal(seal(b), 13);
        assert_int_equal(seal(b), 0);
        assert_sound(b, 0);
        assert_int_equal(verify(b).head.n, 64);
        bank_close(b);
    }
}

static const HistoryChange *change_of(const HistoryEntry *e, const char *name) {
    for (size_t i = 0; i < e->n_changes; i++)
        if (str_is(e->changes[i].name, name)) return &e->changes[i];
    return NULL;
}

static void test_history_list_shows_changes_and_erases(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        int64_t ids[2];
        HistoryEntries list;
        Record *r;
        fill(b, ids);
        bank_begin(b);
        assert_int_equal(record_load_raw(&r, b->c, b->probe, ids[0]), OK);
        assert_int_equal(history_list(&list, b->c, r, 0, 50), OK);
        assert_int_equal(list.n, 3);
        assert_true(str_is(list.items[0].action, "comment"));
        assert_true(str_is(list.items[0].reason, "Seen."));
        assert_true(str_is(list.items[1].reason, "a typing mistake"));
        assert_true(str_is(change_of(&list.items[1], "title")->before, "First"));
        assert_true(str_is(change_of(&list.items[1], "suspect")->after, "Number eight"));
        assert_null(change_of(&list.items[1], "gross"));
        assert_true(str_is(change_of(&list.items[2], "unit")->after, "CASA"));
        assert_true(str_is(change_of(&list.items[2], "event_type")->after, "THEFT"));
        assert_int_equal(history_list(&list, b->c, r, list.items[1].id, 50), OK);
        assert_int_equal(list.n, 1);
        Str text;
        bool found;
        assert_int_equal(
            db_get_text(
                &text, &found, b->c->db, b->arena,
                "SELECT changes FROM entry WHERE type = 'probe' AND changes LIKE '%Number%'",
                NO_ARGS),
            OK);
        assert_false(found);
        assert_int_equal(history_erase(b->c, r), OK);
        assert_int_equal(history_list(&list, b->c, r, 0, 50), OK);
        assert_true(change_of(&list.items[2], "suspect")->is_erased);
        assert_int_equal(change_of(&list.items[2], "suspect")->after.n, 0);
        bank_commit(b);
        assert_sound(b, 14);
        bank_close(b);
    }
}

typedef struct Tamper {
    const char *what;
    const char *sql[3]; /* "$E" first entry of the first probe + nth, "$F" of the second probe, "$R"
                           record */
    int nth, record;    /* the entry that must be named */
    bool only_database; /* an export made afterwards cannot show it: clear texts are not in it */
} Tamper;

/* clang-format off */
static const Tamper tampers[] = {
    {"row of a record", {"UPDATE probe SET title = 'Other' WHERE id = $R"}, 2, 0, false},
    {"amount of a record", {"UPDATE probe SET gross = gross + 1 WHERE id = $R"}, 2, 0, false},
    {"record removed", {"DELETE FROM probe_lines WHERE record = $R", "DELETE FROM probe WHERE id = $R"}, 2, 0, false},
    {"entry changed", {"UPDATE entry SET reason = 'none' WHERE id = $E"}, 0, 0, false},
    {"changes of an entry", {"UPDATE entry SET changes = '{}' WHERE id = $E"}, 0, 0, false},
    {"hash of an entry", {"UPDATE entry SET hash = record_hash WHERE id = $E"}, 0, 0, false},
    {"entry deleted", {"DELETE FROM entry WHERE id = $E"}, 0, 0, false},
    {"checkpoint deleted", {"DELETE FROM checkpoint WHERE id = (SELECT checkpoint FROM checkpoint_entry WHERE entry = $E)"}, -1, 0, false},
    {"checkpoint and its list deleted",
     {"DELETE FROM checkpoint WHERE id = (SELECT checkpoint FROM checkpoint_entry WHERE entry = $E)",
      "DELETE FROM checkpoint_entry WHERE entry NOT IN (SELECT entry FROM checkpoint_entry k JOIN checkpoint c ON c.id = k.checkpoint)"}, -1, 0, false},
    {"checkpoint changed", {"UPDATE checkpoint SET at = at + 1"}, -1, 0, false},
    {"list of a checkpoint shortened", {"DELETE FROM checkpoint_entry WHERE entry = $E"}, 0, 0, false},
    {"two entries of one record swapped",
     {"UPDATE entry SET id = 999 WHERE id = $E", "UPDATE entry SET id = $E WHERE id = $G", "UPDATE entry SET id = $G WHERE id = 999"}, 0, 0, false},
    {"entries of two records swapped",
     {"UPDATE entry SET id = 999 WHERE id = $E", "UPDATE entry SET id = $E WHERE id = $F", "UPDATE entry SET id = $F WHERE id = 999"}, 0, 0, false},
    {"clear text of a confidential value", {"UPDATE entry_sensitive SET after = 'Nobody' WHERE entry = $E"}, 0, 0, true},
};
/* clang-format on */

static void tamper_run(Bank *b, const char *pattern, const int64_t ids[2],
                       const int64_t entries[4]) {
    Text sql = text_new(b->arena, 0);
    for (const char *p = pattern; *p; p++) {
        if (*p != '$') {
            text_char(&sql, *p);
            continue;
        }
        p++;
        text_int(&sql, *p == 'E'   ? entries[0]
                       : *p == 'G' ? entries[1]
                       : *p == 'F' ? entries[3]
                                   : ids[0]);
    }
    bank_sql(b, text_str(&sql).p);
}

static void tamper_one(Bank *b, const Tamper *t) {
    int64_t ids[2], entries[4];
    fill(b, ids);
    seal(b);
    for (int i = 0; i < 3; i++) entries[i] = entry_of(b, ids[0], i);
    entries[3] = entry_of(b, ids[1], 0);
    /* A second checkpoint after the first. */
    bank_begin(b);
    bank_save(b, bank_probe(b, "Third", b->casa, 0, "2026-05-06", 1), "create");
    bank_commit(b);
    seal(b);
    bank_begin(b);
    for (size_t i = 0; i < LENGTH(t->sql) && t->sql[i]; i++) tamper_run(b, t->sql[i], ids, entries);
    bank_commit(b);
    int64_t expected = t->nth < 0 ? 1 : entries[t->nth];
    AuditResult x = verify(b), y = verify_exported(b);
    if (x.ok || x.first_bad != expected || x.why.n == 0)
        print_error("%s: entry %lld expected, %lld named: %.*s\n", t->what, (long long)expected,
                    (long long)x.first_bad, FMT(x.why));
    assert_false(x.ok);
    assert_int_equal(x.first_bad, expected);
    assert_true(x.why.n > 0);
    if (t->only_database) return;
    if (y.ok || y.first_bad == 0)
        print_error("%s, exported: %lld %.*s\n", t->what, (long long)y.first_bad, FMT(y.why));
    assert_false(y.ok);
}

static void test_history_tampering_is_named(void **state) {
    (void)state;
    Bank *b;
    for (size_t i = 0; i < LENGTH(tampers); i++)
        for (int n = 0; (b = bank_open(n)); n++) {
            tamper_one(b, &tampers[i]);
            bank_close(b);
        }
}

static void test_history_record_without_entries(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        int64_t ids[2];
        fill(b, ids);
        bank_begin(b);
        bank_sql(b,
                 "DELETE FROM unsealed WHERE entry IN (SELECT id FROM entry WHERE type = 'probe')");
        bank_sql(b, "DELETE FROM entry_sensitive");
        bank_sql(b, "DELETE FROM entry WHERE type = 'probe'");
        bank_commit(b);
        AuditResult x = verify(b);
        assert_false(x.ok);
        assert_int_equal(x.first_bad, 0);
        assert_true(str_find(x.why, S("has no entry")) > 0);
        bank_close(b);
    }
}

static Value two_lines(Arena *a, size_t cells, Value last) {
    Value *rows = NEW_N(a, Value, 2), *all = NEW_N(a, Value, 4);
    all[0] = value_text(S("first"));
    all[2] = value_text(S("second"));
    all[3] = last;
    for (size_t i = 0; i < 2; i++)
        rows[i] = (Value){.kind = V_LIST, .list = all + 2 * i, .n = cells};
    return (Value){.kind = V_ROWS, .list = rows, .n = 2};
}

/* What an older program wrote, for which the second column of the lines was not there yet. */
static int64_t old_row(Bank *b) {
    bank_begin(b);
    Record *r = bank_probe(b, "Old", b->casa, b->theft, "2026-03-04", 100);
    record_set(r, "lines", two_lines(b->arena, 1, (Value){0}));
    r = bank_save(b, r, "create");
    bank_commit(b);
    return r->id;
}

static void expect_lines(Bank *b, int64_t id, const char *stored) {
    Str text;
    bool found;
    AuditResult x = verify(b);
    if (!x.ok) print_error("%.*s\n", FMT(x.why));
    assert_true(x.ok);
    bank_read(b);
    assert_int_equal(db_get_text(&text, &found, b->c->db, b->arena,
                                 "SELECT lines FROM probe WHERE id = $1", ARGS(db_int(id))),
                     OK);
    assert_string_equal(str_z(b->arena, text), stored);
    bank_end(b);
}

/* Columns of rows are appended: what was stored and sealed before verifies, is read with an empty
 * cell, is no change when it is sent back, and gets the column when somebody changes a row. */
static void fewer_columns(Bank *b) {
    static const char old[] = "[[\"first\"],[\"second\"]]";
    Record *r;
    HistoryEntries list;
    int64_t id = old_row(b);
    seal(b);
    expect_lines(b, id, old);
    bank_begin(b);
    assert_int_equal(record_load_raw(&r, b->c, b->probe, id), OK);
    Value lines = record_get(r, "lines");
    assert_int_equal(lines.list[1].n, 2);
    assert_true(value_is_null(lines.list[1].list[1]));
    r = record_clone(b->c, r);
    record_set(r, "lines", two_lines(b->arena, 2, (Value){0}));
    record_set(r, "title", value_text(S("Old, corrected")));
    r = bank_save(b, r, "update");
    assert_int_equal(history_list(&list, b->c, r, 0, 10), OK);
    assert_int_equal(list.items[0].n_changes, 1);
    bank_commit(b);
    expect_lines(b, id, old);
    bank_begin(b);
    assert_int_equal(record_load_raw(&r, b->c, b->probe, id), OK);
    r = record_clone(b->c, r);
    Value *rows = NEW_N(b->arena, Value, 2);
    memcpy(rows, record_get(r, "lines").list, 2 * sizeof *rows);
    rows[1] = two_lines(b->arena, 2, value_money(700, S("MAD"))).list[1];
    record_set(r, "lines", (Value){.kind = V_ROWS, .list = rows, .n = 2});
    bank_save(b, r, "update");
    bank_commit(b);
    seal(b);
    expect_lines(b, id, "[[\"first\"],[\"second\",[700,\"MAD\"]]]");
}

static void test_history_row_of_fewer_columns(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        fewer_columns(b);
        bank_close(b);
    }
}

static void test_history_export_cut_off(void **state) {
    (void)state;
    Bank *b = bank_open(0);
    AuditResult x;
    int64_t ids[2];
    char path[64], *text;
    fill(b, ids);
    seal(b);
    snprintf(path, sizeof path, "/tmp/gardefou_cut_%d", (int)getpid());
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    bank_read(b);
    assert_int_equal(audit_export(b->c, fd), OK);
    bank_end(b);
    off_t size = lseek(fd, 0, SEEK_END);
    text = arena_alloc(b->arena, (size_t)size);
    assert_int_equal(pread(fd, text, (size_t)size, 0), size);
    /* Every cut at a line and a few inside lines, and every changed digit, must be seen. */
    for (off_t cut = 0; cut < size; cut++) {
        if (cut % 97 != 0 && !(cut && text[cut - 1] == '\n')) continue;
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, text, (size_t)cut, 0), cut);
        lseek(fd, 0, SEEK_SET);
        assert_int_equal(audit_verify_file(&x, b->arena, fd), OK);
        assert_false(x.ok);
    }
    for (off_t at = 0; at < size; at += 53) {
        if (text[at] < '0' || text[at] > '9') continue;
        char kept = text[at];
        text[at] = kept == '9' ? '1' : (char)(kept + 1);
        assert_int_equal(pwrite(fd, text, (size_t)size, 0), size);
        lseek(fd, 0, SEEK_SET);
        assert_int_equal(audit_verify_file(&x, b->arena, fd), OK);
        if (x.ok)
            print_error("changed digit at %ld not seen: %.*s\n", (long)at, 60,
                        text + (at > 30 ? at - 30 : 0));
        assert_false(x.ok);
        text[at] = kept;
    }
    close(fd);
    unlink(path);
    bank_close(b);
}
