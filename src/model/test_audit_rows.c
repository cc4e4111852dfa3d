/* test_audit_rows.c: a change behind the program's back is found and named wherever it is: each
 * column of each table that the model makes of a type (records, earlier versions, side tables) is
 * changed in a record of its own, rows are removed and added; and what only looks unusual is no
 * finding. On both databases. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/test_bank.h"

#include "model/columns.h"
#include "model/record_write.h"

typedef struct Expected {
    int64_t record;
    char table[40], column[40];
} Expected;
typedef struct Harm {
    Bank *b;
    Expected items[AUDIT_SHOWN];
    size_t n;
} Harm;

static void later(Bank *b) {
    ctx_at(b->c, b->at += 1000000);
}

static Record *full(Bank *b, size_t n) {
    char title[24];
    snprintf(title, sizeof title, "Probe %zu", n);
    Record *r = bank_probe(b, title, b->casa, b->fraud, "2026-03-01", 5000);
    Value *tags = NEW_N(b->arena, Value, 2), *line = NEW_N(b->arena, Value, 2),
          *lines = NEW(b->arena, Value), *readers = NEW(b->arena, Value);
    tags[0] = value_text(S("a"));
    tags[1] = value_text(S("c"));
    record_set(r, "tags", (Value){.kind = V_LIST, .list = tags, .n = 2});
    line[0] = value_text(S("Part"));
    line[1] = value_money(70, S("MAD"));
    *lines = (Value){.kind = V_LIST, .list = line, .n = 2};
    record_set(r, "lines", (Value){.kind = V_ROWS, .list = lines, .n = 1});
    *readers = value_int(b->user);
    record_set(r, "readers", (Value){.kind = V_LIST, .list = readers, .n = 1});
    record_set(r, "suspect", value_text(S("Somebody")));
    record_set(r, "story", value_text(S("Once")));
    record_set(r, "share", value_int(5));
    r->is_restricted = true;
    r->owner = b->user;
    return bank_save(b, r, "create");
}

static Record *change(Bank *b, const Record *r, const char *title) {
    Record *after = record_clone(b->c, r);
    record_set(after, "title", value_text(str_of(title)));
    return bank_save(b, after, "update");
}

/* A record with an earlier version. */
static int64_t target(Bank *b, size_t n) {
    Record *r = full(b, n);
    later(b);
    return change(b, r, "Changed")->id;
}

static void expect(Harm *h, int64_t record, const char *table, const char *column) {
    assert_true(h->n < LENGTH(h->items));
    Expected *e = &h->items[h->n++];
    e->record = record;
    snprintf(e->table, sizeof e->table, "%s", table);
    snprintf(e->column, sizeof e->column, "%s", column);
}

static bool is_reference(const char *column) {
    static const char *const names[] = {"unit",     "owner",      "created_by", "updated_by",
                                        "moved_by", "event_type", "target"};
    for (size_t i = 0; i < LENGTH(names); i++)
        if (strcmp(names[i], column) == 0) return true;
    return false;
}

static void harm(Harm *h, const char *table, const char *key, const char *column, bool is_int) {
    char sql[400];
    int64_t record = target(h->b, h->n), n;
    size_t at = (size_t)snprintf(sql, sizeof sql, "UPDATE \"%s\" SET \"%s\" = ", table, column);
    if (is_reference(column))
        at += (size_t)snprintf(sql + at, sizeof sql - at,
                               "CASE WHEN \"%s\" IS NULL THEN (SELECT MIN(id) FROM \"user\") END",
                               column);
    else if (is_int)
        at += (size_t)snprintf(sql + at, sizeof sql - at, "COALESCE(\"%s\", 0) + 1000000", column);
    else
        at += (size_t)snprintf(sql + at, sizeof sql - at, "COALESCE(\"%s\", '') || 'x'", column);
    snprintf(sql + at, sizeof sql - at, " WHERE \"%s\" = %lld", key, (long long)record);
    assert_int_equal(db_savepoint(h->b->c->db), OK);
    Err e = db_run(h->b->c->db, &n, sql, NO_ARGS);
    if (e != OK) print_error("%s: %s\n", sql, db_error(h->b->c->db));
    assert_int_equal(e, OK);
    assert_int_equal(db_release(h->b->c->db), OK);
    bool is_told = strcmp(column, "updated_by") != 0 && strcmp(column, "moved_by") != 0;
    expect(h, record, table, is_told ? column : "");
}

static bool is_outside(const Type *t, const char *column) {
    const Field *f = type_field(t, str_of(column));
    return f && (f->flags & (F_SECRET | F_DERIVED));
}

static const AuditFinding *finding_of(const AuditResult *r, const Expected *e) {
    char record[60], table[60];
    snprintf(record, sizeof record, "probe %lld", (long long)e->record);
    snprintf(table, sizeof table, "table %s", e->table);
    for (size_t i = 0; i < r->n_shown; i++) {
        Str why = r->shown[i].why;
        ptrdiff_t at = str_find(why, str_of(record));
        if (at < 0) continue;
        char after = (size_t)at + strlen(record) < why.n ? why.p[(size_t)at + strlen(record)] : 0;
        if (after >= '0' && after <= '9') continue;
        if (e->table[0] && str_find(why, str_of(table)) < 0) continue;
        if (str_find(why, str_of(e->column)) < 0) continue;
        return &r->shown[i];
    }
    return NULL;
}

static void verify(AuditResult *r, Bank *b) {
    memset(r, 0, sizeof *r);
    assert_int_equal(audit_verify(r, b->c), OK);
}

static void assert_found(const Harm *h) {
    AuditResult r;
    verify(&r, h->b);
    assert_false(r.ok);
    for (size_t i = 0; i < h->n; i++) {
        const Expected *e = &h->items[i];
        const AuditFinding *f = finding_of(&r, e);
        if (!f)
            print_error("not found: %s.%s of %lld\n", e->table, e->column, (long long)e->record);
        assert_non_null(f);
        assert_true(f->entry > 0);
    }
    assert_true(r.bad >= (int64_t)h->n);
}

static void columns_of_rows(Bank *b) {
    Harm h = {.b = b};
    const Type *t = b->probe;
    const char *const tables[] = {t->name, t->columns.past};
    for (size_t k = 0; k < LENGTH(tables); k++)
        for (size_t n = 1; n < t->columns.n; n++)
            if (!is_outside(t, t->columns.names[n]))
                harm(&h, tables[k], "id", t->columns.names[n], t->columns.kinds[n] == DB_INT);
    assert_true(h.n > 45);
    assert_found(&h);
}

static void columns_beside(Bank *b) {
    Harm h = {.b = b};
    for (size_t k = 0; k < b->probe->n_fields; k++) {
        const Field *f = &b->probe->fields[k];
        size_t n;
        if (!f->table) continue;
        const char *const *names = record_side_columns(&n, b->arena, f);
        for (size_t x = 1; x < n; x++)
            harm(&h, f->table, "record", names[x],
                 x == 1 || (f->kind == KIND_ROWS && strcmp(names[x], "part") == 0));
    }
    harm(&h, "search_doc", "record", "restricted", true);
    assert_true(h.n > 5);
    assert_found(&h);
}

static void run(Bank *b, const char *sql, int64_t record) {
    Err e = db_run(b->c->db, NULL, sql, ARGS(db_int(record)));
    if (e != OK) print_error("%s: %s\n", sql, db_error(b->c->db));
    assert_int_equal(e, OK);
}

static void rows_gone_and_added(Bank *b) {
    Harm h = {.b = b};
    int64_t id = target(b, 0);
    run(b, "DELETE FROM probe_past WHERE id = $1", id);
    expect(&h, id, "", "no longer kept");
    run(b, "DELETE FROM probe_lines WHERE record = $1", id = target(b, 1));
    expect(&h, id, "probe_lines", "");
    id = target(b, 2);
    run(b,
        "INSERT INTO probe_readers (record, pos, target) SELECT record, 7, target FROM probe_readers WHERE record = $1",
        id);
    expect(&h, id, "probe_readers", "");
    id = target(b, 3); /* the earlier version in place of the present one */
    run(b,
        "UPDATE probe SET version = p.version, title = p.title, title_sort = p.title_sort, hash = p.hash, updated_at = p.updated_at FROM probe_past p WHERE p.id = probe.id AND p.id = $1",
        id);
    expect(&h, id, "probe", "an older version");
    assert_found(&h);
}

static void tree_of_units(Bank *b) {
    static const char *const sql[] = {
        "DELETE FROM unit_under WHERE ancestor <> unit",
        "UPDATE unit_under SET until_day = '2026-01-01'",
        "INSERT INTO unit_under (ancestor, unit, from_day, until_day) SELECT MAX(id), MIN(id), '2026-01-01', '9999-12-31' FROM unit",
        "UPDATE unit_parent SET parent = NULL",
        "UPDATE unit_parent SET until_day = '2026-01-01'",
        "UPDATE unit_parent SET from_day = '2026-01-01'"};
    for (size_t i = 0; i < LENGTH(sql); i++) {
        AuditResult r;
        assert_int_equal(db_savepoint(b->c->db), OK);
        bank_sql(b, sql[i]);
        verify(&r, b);
        db_rollback_to(b->c->db);
        if (r.ok) print_error("not found: %s\n", sql[i]);
        assert_false(r.ok);
        assert_true(str_find(r.why, S("table unit_")) > 0);
    }
}

/* Saved twice in one instant, noted later; derived in between; a clock set back; taken away. */
static void unusual(Bank *b) {
    AuditResult r;
    Record *x = full(b, 0), *y = full(b, 1), *before;
    x = change(b, x, "At once");
    later(b);
    assert_int_equal(history_note(b->c, x, "comment", S("Seen.")), OK);
    before = record_clone(b->c, x);
    later(b);
    record_set(x, "total", value_int(7));
    assert_int_equal(record_save_derived(b->c, before, x), OK);
    x = change(b, x, "In the instant of the sum");
    ctx_at(b->c, b->at - 500000000);
    x = change(b, x, "Set back");
    x = change(b, x, "Set back again");
    later(b);
    y = change(b, y, "Later");
    assert_int_equal(record_remove(b->c, y, "undo"), OK);
    ctx_at(b->c, b->at += 1000000000);
    change(b, x, "On time again");
    verify(&r, b);
    if (!r.ok) print_error("%.*s\n", FMT(r.why));
    assert_true(r.ok);
    assert_int_equal(r.bad, 0);
}

/* Who writes another password's hash into the base could sign in as that person. */
static void secrets(Bank *b) {
    AuditResult r;
    Record *user;
    HistoryEntries list;
    assert_int_equal(record_load_raw(&user, b->c, model_need(b->model, "user"), b->user), OK);
    for (int i = 0; i < 2; i++) {
        user = record_clone(b->c, user);
        record_set(user, "password_hash", value_text(i ? S("$argon2id$two") : S("$argon2id$one")));
        user = bank_save(b, user, "password");
        later(b);
    }
    assert_int_equal(history_list(&list, b->c, user, 0, 10), OK);
    for (size_t i = 0; i < list.n; i++)
        for (size_t k = 0; k < list.items[i].n_changes; k++)
            assert_true(str_find(list.items[i].changes[k].name, S("password")) < 0);
    verify(&r, b);
    assert_true(r.ok);
    assert_int_equal(db_savepoint(b->c->db), OK);
    bank_sql(b,
             "UPDATE \"user\" SET password_hash = '$argon2id$one' WHERE password_hash IS NOT NULL");
    verify(&r, b);
    db_rollback_to(b->c->db);
    assert_false(r.ok);
    assert_true(str_find(r.why, S("table user, column password_hash")) > 0);
    user = record_clone(b->c, user);
    record_set(user, "password_hash", (Value){0});
    user = bank_save(b, user, "directory");
    verify(&r, b);
    assert_true(r.ok);
    /* Also one that is written where the last was taken away. */
    bank_sql(b, str_z(b->arena, str_fmt(b->arena,
                                        "UPDATE \"user\" SET password_hash = '$argon2id$new' "
                                        "WHERE id = %lld",
                                        (long long)user->id)));
    verify(&r, b);
    assert_false(r.ok);
    assert_true(str_find(r.why, S("table user, column password_hash")) > 0);
}

static void test_audit_rows_columns_of_rows(void **state) {
    (void)state;
    bank_each(columns_of_rows);
}
static void test_audit_rows_columns_beside(void **state) {
    (void)state;
    bank_each(columns_beside);
}
static void test_audit_rows_rows_gone_and_added(void **state) {
    (void)state;
    bank_each(rows_gone_and_added);
}
static void test_audit_rows_tree_of_units(void **state) {
    (void)state;
    bank_each(tree_of_units);
}
static void test_audit_rows_secrets(void **state) {
    (void)state;
    bank_each(secrets);
}
static void test_audit_rows_unusual(void **state) {
    (void)state;
    bank_each(unusual);
}
