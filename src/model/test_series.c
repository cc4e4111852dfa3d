/* test_series.c: values by period in batches: what is equal is left alone, what is corrected is
 * kept, the past can be read, a row changed behind the program's back is found.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/series.h"

#define BANK_MORE &series_module,
static const struct Module series_module;
#include "model/test_bank.h"

/* clang-format off */
static const FieldDef load_fields[] = {
    {.name = "title", .label = "Title", .kind = KIND_TEXT, .flags = F_REQUIRED},
    {.name = "digest", .label = "Digest", .kind = KIND_TEXT, .flags = F_COMPUTED},
    {.name = "rows_new", .label = "New", .kind = KIND_INT, .flags = F_COMPUTED},
    {.name = "rows_changed", .label = "Changed", .kind = KIND_INT, .flags = F_COMPUTED},
    {0}};
static const TypeDef load_type = {.name = "load", .label = "Load", .plural_label = "Loads", .prefix = "LOD", .title = "title",
    .flags = TYPE_NO_UNIT, .fields = load_fields};
static const struct SeriesColumn reading_columns[] = {{"value", false}, {"note", true}, {NULL, false}};
static const SeriesDef readings = {.name = "reading", .owner = "probe", .batch = "load", .columns = reading_columns};
static const SeriesDef *const all_series[] = {&readings, NULL};
static const TypeDef *const load_types[] = {&load_type, NULL};
static const Module series_module = {.name = "series", .label = "Series", .types = load_types, .series = all_series};
/* clang-format on */

static SeriesRow row(int64_t owner, int64_t period, int64_t value, const char *note) {
    SeriesRow r = {.owner = owner, .period = period};
    r.values[0] = value_int(value);
    r.values[1] = value_text(str_of(note));
    return r;
}

static Record *put(Bank *b, SeriesRow *rows, size_t n) {
    Record *batch = record_new(b->c, model_need(b->model, "load")), *out;
    record_set(batch, "title", value_text(S("Load")));
    b->c->now_us = b->at += INT64_C(86400000000);
    assert_int_equal(series_put(&out, b->c, &readings, rows, n, batch), OK);
    return out;
}

static void writes_and_reads(Bank *b) {
    SeriesRows got;
    SeriesRow one;
    bool found;
    int64_t owners[] = {7, 9}, first_day = b->at;
    SeriesRow rows[] = {row(9, 20, 90, NULL), row(7, 10, 1, "a|b"), row(7, 11, 2, "x\ny")};
    Record *batch = put(b, rows, 3);
    assert_non_null(batch);
    assert_int_equal(record_int(batch, "rows_new"), 3);
    assert_int_equal(series_range(&got, b->c, &readings, owners, 2, 0, 100), OK);
    assert_int_equal(got.n, 3);
    assert_int_equal(got.items[0].owner, 7);
    assert_int_equal(got.items[1].values[0].i, 2);
    assert_true(value_is_null(got.items[2].values[1]));

    SeriesRow same[] = {row(7, 10, 1, "a|b")};
    assert_null(put(b, same, 1)); /* nothing changes: no batch */

    SeriesRow mixed[] = {row(7, 10, 5, "a|b"), row(7, 12, 3, NULL), row(7, 11, 2, "x\ny")};
    batch = put(b, mixed, 3);
    assert_int_equal(record_int(batch, "rows_new"), 1);
    assert_int_equal(record_int(batch, "rows_changed"), 1);
    assert_int_equal(series_versions(&got, b->c, &readings, 7, 10), OK);
    assert_int_equal(got.n, 2);
    assert_int_equal(got.items[0].values[0].i, 1);
    assert_int_equal(got.items[1].values[0].i, 5);
    assert_int_equal(got.items[0].until, got.items[1].at);
    assert_int_equal(series_last(&got, b->c, &readings, 7, 11, 1), OK);
    assert_int_equal(got.n, 1);
    assert_int_equal(got.items[0].period, 11);

    /* As it stood after the first batch, and before it. */
    b->c->as_of = date_of_instant(b->arena, first_day + INT64_C(86400000000));
    assert_int_equal(series_one(&one, &found, b->c, &readings, 7, 10), OK);
    assert_true(found && one.values[0].i == 1);
    assert_int_equal(series_one(&one, &found, b->c, &readings, 7, 12), OK);
    assert_false(found);
    b->c->as_of = date_of_instant(b->arena, first_day - INT64_C(86400000000));
    assert_int_equal(series_one(&one, &found, b->c, &readings, 7, 10), OK);
    assert_false(found);
    b->c->as_of = (Str){0};
}

/* No value any more: nothing stands, all that stood is in the past, and a new value begins anew. */
static void ends(Bank *b) {
    Record *batch = record_new(b->c, model_need(b->model, "load")), *out;
    SeriesRows got;
    SeriesRow one;
    bool found;
    int64_t periods[] = {30, 31, 99}, other[] = {99};
    SeriesRow rows[] = {row(9, 30, 1, "n"), row(9, 31, 2, NULL), row(9, 32, 3, NULL)};
    put(b, rows, 3);
    Str before = date_of_instant(b->arena, b->at);
    b->c->now_us = b->at += INT64_C(86400000000);
    record_set(batch, "title", value_text(S("End")));
    assert_int_equal(series_end(&out, b->c, &readings, 9, other, 1, batch), OK);
    assert_null(out);
    assert_int_equal(series_end(&out, b->c, &readings, 9, periods, 3, batch), OK);
    assert_int_equal(record_int(out, "rows_changed"), 2);
    int64_t owner = 9;
    assert_int_equal(series_range(&got, b->c, &readings, &owner, 1, 30, 32), OK);
    assert_int_equal(got.n, 1);
    assert_int_equal(got.items[0].period, 32);
    assert_int_equal(series_versions(&got, b->c, &readings, 9, 30), OK);
    assert_int_equal(got.n, 1);
    assert_true(got.items[0].values[0].i == 1 && got.items[0].until == b->at);
    b->c->as_of = before;
    assert_int_equal(series_one(&one, &found, b->c, &readings, 9, 31), OK);
    assert_true(found && one.values[0].i == 2);
    b->c->as_of = (Str){0};
    SeriesRow back[] = {row(9, 31, 2, NULL)};
    assert_int_equal(record_int(put(b, back, 1), "rows_new"), 1);
}

static void refuses(Bank *b) {
    Record *batch = record_new(b->c, model_need(b->model, "load")), *out;
    SeriesRow twice[] = {row(7, 10, 1, NULL), row(7, 10, 2, NULL)};
    assert_int_equal(series_put(&out, b->c, &readings, twice, 2, batch), ERR_INVALID);
    assert_null(out);
    b->c->issues = (Issues){0};
    assert_int_equal(series_put(&out, b->c, &readings, twice, 0, batch), OK);
}

static void is_proven(Bank *b) {
    int64_t bad;
    AuditResult audit;
    assert_int_equal(series_verify(&bad, b->c, &readings), OK);
    assert_int_equal(bad, 0);
    assert_int_equal(audit_verify(&audit, b->c), OK);
    assert_true(audit.ok);
    static const char *const tricks[] = {
        "UPDATE reading SET value = value + 1 WHERE owner = 9",
        "UPDATE reading_past SET note = 'z' WHERE owner = 7", "DELETE FROM reading WHERE owner = 9",
        "INSERT INTO reading (owner, period, batch, at, value) VALUES (9, 99, 1, 0, 1)",
        "INSERT INTO reading (owner, period, batch, at, value) VALUES (9, 99, 999, 0, 1)"};
    for (size_t i = 0; i < LENGTH(tricks); i++) {
        assert_int_equal(db_savepoint(b->c->db), OK);
        bank_sql(b, tricks[i]);
        assert_int_equal(series_verify(&bad, b->c, &readings), OK);
        assert_int_not_equal(bad, 0);
        assert_int_equal(audit_verify(&audit, b->c), OK);
        assert_false(audit.ok);
        db_rollback_to(b->c->db);
    }
}

static void test_series_batches(void **state) {
    (void)state;
    Bank *b;
    for (int i = 0; (b = bank_open(i)); i++) {
        bank_begin(b);
        writes_and_reads(b);
        ends(b);
        refuses(b);
        is_proven(b);
        bank_commit(b);
        bank_close(b);
    }
}

static void test_series_large_batch(void **state) {
    (void)state;
    Bank *b = bank_open(0);
    bank_begin(b);
    SeriesRow *rows = NEW_N(b->arena, SeriesRow, SERIES_BATCH + 1);
    for (int i = 0; i <= SERIES_BATCH; i++) rows[i] = row(i % 500, i / 500, i, NULL);
    Record *out, *batch = put(b, rows, SERIES_BATCH);
    assert_int_equal(record_int(batch, "rows_new"), SERIES_BATCH);
    batch = record_new(b->c, model_need(b->model, "load"));
    assert_int_equal(series_put(&out, b->c, &readings, rows, SERIES_BATCH + 1, batch), ERR_INVALID);
    bank_commit(b);
    bank_close(b);
}
