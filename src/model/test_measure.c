/* test_measure.c: deltas, cells, scopes, as-of reads, the page and the check of measures.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/test_bank.h"

#include "model/measure_kit.h"

static int64_t probe(Bank *b, int64_t unit, int64_t event_type, const char *day, int64_t gross,
                     bool restricted) {
    Record *r = bank_probe(b, day, unit, event_type, day, gross);
    r->is_restricted = restricted;
    return bank_save(b, r, "create")->id;
}

/* Five probes: casa 100 + 200 (theft, fraud), agdal 400, restricted casa 800, 2025 agdal 1600. */
static void fill(Bank *b, int64_t ids[5]) {
    bank_begin(b);
    ids[0] = probe(b, b->casa, b->theft, "2026-03-04", 100, false);
    ids[1] = probe(b, b->casa, b->fraud, "2026-03-20", 200, false);
    ids[2] = probe(b, b->agdal, b->system, "2026-04-01", 400, false);
    ids[3] = probe(b, b->casa, b->system, "2026-04-02", 800, true);
    ids[4] = probe(b, b->agdal, 0, "2025-12-31", 1600, false);
    bank_commit(b);
}

static int64_t fold(Bank *b) {
    int64_t n;
    bank_begin(b);
    assert_int_equal(measure_fold(&n, b->c), OK);
    bank_commit(b);
    return n;
}

static MeasureQuery query(Bank *b, int rows, int columns) {
    return (MeasureQuery){
        .measure = model_measure(b->model, S("probes")), .rows = rows, .columns = columns};
}

static int64_t sum_of(const MeasureTable *t, int64_t row, int64_t column) {
    for (size_t i = 0; i < t->n; i++)
        if (t->cells[i].row == row && t->cells[i].column == column) return t->cells[i].sums[0];
    return 0;
}

static int64_t total(Bank *b, MeasureQuery q) {
    MeasureTable t;
    int64_t sum = 0, count = 0;
    assert_int_equal(measure_read(&t, b->c, &q), OK);
    for (size_t i = 0; i < t.n; i++) {
        sum += t.cells[i].sums[0];
        count += t.cells[i].count;
        assert_int_equal(t.cells[i].sums[1], t.cells[i].sums[0] / 2);
    }
    return sum * 100 + count;
}

static void assert_checked(Bank *b) {
    MeasureCheck check;
    bank_read(b);
    assert_int_equal(measure_check(&check, b->c), OK);
    if (!check.ok) print_error("%s %s\n", check.shown[0].measure, check.shown[0].where);
    assert_true(check.ok);
    bank_end(b);
}

static int64_t count_rows(Bank *b, const char *sql) {
    int64_t n;
    bool found;
    assert_int_equal(db_get_int(&n, &found, b->c->db, sql, NO_ARGS), OK);
    return n;
}

static void read_all(Bank *b) {
    MeasureTable t;
    MeasureQuery q = query(b, 0, -3);
    bank_read(b);
    assert_int_equal(measure_read(&t, b->c, &q), OK);
    assert_int_equal(sum_of(&t, b->fraud, 2026), 300); /* theft is rolled up */
    assert_int_equal(sum_of(&t, b->system, 2026), 1200);
    assert_int_equal(sum_of(&t, 0, 2025), 1600);
    assert_int_equal(t.n, 3);
    q.rows_level = -1;
    assert_int_equal(measure_read(&t, b->c, &q), OK);
    assert_int_equal(sum_of(&t, b->theft, 2026), 100);
    q = query(b, -4, -2);
    assert_int_equal(measure_read(&t, b->c, &q), OK);
    assert_int_equal(sum_of(&t, b->casa, 2026 * 12 + 2), 300);
    assert_int_equal(sum_of(&t, b->agdal, 2025 * 12 + 11), 1600);
    q = query(b, -1, -1);
    assert_int_equal(total(b, q), 310005);
    q.from = 2026 * 12 + 3;
    assert_int_equal(total(b, q), 120002);
    q.to = q.from;
    q.unit = b->casa;
    assert_int_equal(total(b, q), 80001);
    q = query(b, -1, -1);
    q.to = 2026 * 12 + 2; /* April is in the same year, and after */
    assert_int_equal(total(b, q), 190003);
    q.to++; /* nothing after: the year as a whole */
    assert_int_equal(total(b, q), 310005);
    q.unit = b->agdal;
    assert_int_equal(total(b, q), 200002);
    q.to--;
    assert_int_equal(total(b, q), 160001);
    q = query(b, -1, -1);
    q.unit = b->head;
    assert_int_equal(total(b, q), 310005);
    q.under[0] = b->fraud;
    assert_int_equal(total(b, q), 30002);
    q = query(b, 0, -1);
    q.under[0] = b->fraud;
    assert_int_equal(measure_read(&t, b->c, &q), OK);
    assert_int_equal(sum_of(&t, b->theft, 0), 100);
    assert_int_equal(sum_of(&t, b->fraud, 0), 200);
    bank_end(b);
}

static void test_measure_reads_same_before_and_after_folding(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        int64_t ids[5];
        fill(b, ids);
        read_all(b);
        assert_checked(b);
        assert_int_equal(fold(b), 10); /* and as many counts of the list */
        assert_int_equal(fold(b), 0);
        read_all(b);
        assert_checked(b);
        bank_close(b);
    }
}

static void test_measure_deltas_only_for_changed_facts(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        int64_t ids[5];
        Record *r;
        fill(b, ids);
        fold(b);
        bank_begin(b);
        assert_int_equal(record_load_raw(&r, b->c, b->probe, ids[0]), OK);
        r = record_clone(b->c, r);
        record_set(r, "title", value_text(S("Another title")));
        r = record_clone(b->c, bank_save(b, r, "update"));
        assert_int_equal(
            count_rows(b, "SELECT COUNT(*) FROM measure_delta WHERE measure = 'probes'"), 5);
        record_set(r, "gross", value_money(150, S("MAD")));
        r = record_clone(b->c, bank_save(b, r, "update"));
        assert_int_equal(
            count_rows(b, "SELECT COUNT(*) FROM measure_delta WHERE measure = 'probes'"), 6);
        record_set(r, "happened", value_text(S("2026-05-04")));
        bank_save(b, r, "update");
        assert_int_equal(
            count_rows(
                b, "SELECT COUNT(*) FROM measure_delta WHERE measure = 'probes' AND folded = 0"),
            3);
        bank_commit(b);
        assert_checked(b);
        fold(b);
        assert_checked(b);
        bank_read(b);
        assert_int_equal(total(b, query(b, -1, -1)), 315005);
        bank_end(b);
        bank_close(b);
    }
}

/* Both ways to a past day give the same figures. */
static void assert_same_way(Bank *b, MeasureQuery q) {
    static const int axes[][2] = {{-1, -1}, {-2, 0}, {-3, 0}, {-4, 0}, {0, -5}};
    for (size_t i = 0; i < LENGTH(axes); i++) {
        MeasureTable x, y;
        q.rows = axes[i][0];
        q.columns = axes[i][1];
        q.from_deltas = false;
        assert_int_equal(measure_read(&x, b->c, &q), OK);
        q.from_deltas = true;
        assert_int_equal(measure_read(&y, b->c, &q), OK);
        assert_int_equal(x.n, y.n);
        for (size_t k = 0; k < x.n; k++)
            assert_memory_equal(&x.cells[k], &y.cells[k], sizeof x.cells[k]);
    }
}

static void test_measure_as_of(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        int64_t ids[5];
        fill(b, ids);
        fold(b);
        Str day = date_of_instant(b->arena, b->at);
        b->at += INT64_C(86400000000) * 10;
        bank_begin(b);
        probe(b, b->casa, b->fraud, "2024-01-01", 7, false);
        bank_commit(b);
        bank_read(b);
        MeasureQuery q = query(b, -1, -1);
        assert_int_equal(total(b, q), 310706);
        q.as_of = day;
        assert_int_equal(total(b, q), 310005);
        assert_same_way(b, q);
        q.from = 2025 * 12;
        q.to = 2026 * 12 + 3;
        assert_same_way(b, q);
        q.from = q.to = 0;
        q.as_of = S("2020-01-01");
        assert_int_equal(total(b, q), 0);
        assert_same_way(b, q);
        bank_end(b);
        bank_close(b);
    }
}

/* An actor with one role, everywhere or in a unit. */
static void act_as(Bank *b, const char *role, int64_t unit) {
    ActorRole *r = NEW(b->arena, ActorRole);
    bank_read(b);
    r->role = model_role(b->model, str_of(role));
    r->unit = unit;
    *b->c->actor =
        (Actor){.user = b->user, .email = S("salma@bank.test"), .roles = r, .n_roles = 1};
    b->c->cache = NULL;
}

static void test_measure_scopes(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        int64_t ids[5];
        fill(b, ids);
        for (int folded = 0; folded < 2; folded++) {
            act_as(b, "analyst", 0);
            assert_int_equal(total(b, query(b, -1, -1)), 310005);
            bank_end(b);
            act_as(b, "auditor", 0); /* no restricted ones */
            assert_int_equal(total(b, query(b, -1, -1)), 230004);
            assert_int_equal(total(b, query(b, 0, -3)), 230004);
            bank_end(b);
            act_as(b, "inspection", 0); /* no grant at all */
            assert_int_equal(total(b, query(b, -1, -1)), 0);
            Page page;
            PageArgs args = {.format = FORMAT_JSON};
            assert_int_equal(measure_page(b->c, model_measure(b->model, S("probes")), &args, &page),
                             ERR_DENIED);
            bank_end(b);
            act_as(b, "correspondent",
                   b->casa); /* one unit; gross is hidden, the half is no field */
            MeasureTable t;
            MeasureQuery q = query(b, -1, -1);
            assert_int_equal(measure_read(&t, b->c, &q), OK);
            assert_int_equal(t.n, 1);
            assert_int_equal(t.cells[0].count, 2);
            assert_int_equal(t.cells[0].sums[0], 0);
            assert_int_equal(t.cells[0].sums[1], 150);
            bank_end(b);
            fold(b);
        }
        /* Own records only: computed from the records. */
        bank_begin(b);
        bank_sql(b,
                 "UPDATE probe SET created_by = (SELECT MIN(id) FROM \"user\") WHERE gross = 400");
        bank_commit(b);
        act_as(b, "declarant", 0);
        assert_int_equal(total(b, query(b, -1, -1)), 40001);
        MeasureQuery q = query(b, 0, -3);
        q.unit = b->casa;
        assert_int_equal(total(b, q), 0);
        bank_end(b);
        bank_close(b);
    }
}

static void test_measure_grains_are_added_to_an_old_base(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        int64_t ids[5];
        fill(b, ids);
        fold(b);
        bank_begin(b);
        bank_sql(b, "DELETE FROM measure_cell WHERE grain > 1");
        for (int again = 0; again < 2; again++) assert_int_equal(measure_add_grains(b->c->db), OK);
        bank_commit(b);
        assert_checked(b);
        read_all(b);
        bank_close(b);
    }
}

static void test_measure_check_finds_and_rebuild_repairs(void **state) {
    (void)state;
    static const char *const damages[] = {
        "UPDATE measure_cell SET s0 = s0 + 1 WHERE grain = 0 AND restricted = 1",
        "UPDATE measure_cell SET count = count + 1 WHERE grain = 1 AND restricted = 0",
        "UPDATE measure_cell SET count = count + 1 WHERE measure = 'count.probe' AND grain = 0",
        "DELETE FROM measure_cell WHERE grain = 1",
        "DELETE FROM measure_cell WHERE grain = 2",
        "UPDATE measure_cell SET s0 = s0 + 1 WHERE grain = 3 AND restricted = 0",
        "UPDATE measure_cell SET count = count + 1 WHERE grain = 4 AND restricted = 1",
        "UPDATE measure_delta SET s1 = s1 + 5 WHERE s0 = 400",
        "DELETE FROM measure_delta WHERE s0 = 100",
    };
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        int64_t ids[5];
        fill(b, ids);
        fold(b);
        for (size_t i = 0; i < LENGTH(damages); i++) {
            MeasureCheck check;
            bank_begin(b);
            bank_sql(b, damages[i]);
            assert_int_equal(measure_check(&check, b->c), OK);
            assert_false(check.ok);
            assert_true(check.different > 0 && check.n_shown > 0);
            assert_true(check.shown[0].by.count || check.shown[0].by.sums[0] ||
                        check.shown[0].by.sums[1]);
            assert_int_equal(measure_rebuild(b->c), OK);
            bank_commit(b);
            assert_checked(b);
            read_all(b);
        }
        bank_close(b);
    }
}

static Record *of_id(Bank *b, int64_t id) {
    Record *r;
    assert_int_equal(record_load_raw(&r, b->c, b->probe, id), OK);
    return record_clone(b->c, r);
}

static void raise_gross(Bank *b, int64_t id) {
    Record *r = of_id(b, id);
    record_set(r, "gross", value_money(record_get(r, "gross").i + 10000, S("MAD")));
    bank_save(b, r, "update");
}

/* The base knows another declaration: everybody works on while the records are counted. */
static void test_measure_is_counted_anew_meanwhile(void **state) {
    (void)state;
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        const MeasureDef *m = model_measure(b->model, S("probes"));
        MeasureQuery q = query(b, -1, -1);
        MeasureTable t;
        int64_t ids[5], upto = 0;
        bool last, more;
        fill(b, ids);
        fold(b);
        bank_begin(b);
        assert_int_equal(measure_keep(b->model, b->c->db), OK);
        assert_int_equal(total(b, q), 310005); /* nothing is new */
        bank_sql(b, "UPDATE measure_kept SET hash = 'another' WHERE name = 'probes'");
        assert_int_equal(measure_keep(b->model, b->c->db), OK);
        bank_commit(b);
        bank_read(b);
        assert_int_equal(measure_read(&t, b->c, &q), ERR_BUSY);
        assert_string_equal(b->c->issues.items[0].code, "counting");
        bank_end(b);
        bank_begin(b);
        probe(b, b->casa, b->fraud, "2026-05-01", 3200, false);
        raise_gross(b, ids[0]);
        assert_int_equal(
            count_rows(b, "SELECT COUNT(*) FROM measure_delta WHERE measure = 'probes'"), 0);
        assert_int_equal(measure_count_some(&upto, &last, b->c, m, 2), OK);
        assert_int_equal(upto, ids[1]);
        assert_false(last);
        assert_int_equal(db_run(b->c->db, NULL,
                                "UPDATE measure_kept SET upto = $1 WHERE pending = 1",
                                ARGS(db_int(upto))),
                         OK);
        bank_commit(b);
        bank_begin(b);
        raise_gross(b, ids[1]); /* counted already */
        raise_gross(b, ids[3]); /* not yet */
        assert_int_equal(record_remove(b->c, of_id(b, ids[2]), "undo"), OK);
        probe(b, b->casa, b->fraud, "2026-05-01", 6400, false);
        bank_commit(b);
        fold(b);
        bank_begin(b);
        assert_int_equal(measure_count(&more, b->c, S("probes")), OK);
        assert_false(more);
        assert_int_equal(measure_count(&more, b->c, S("probes")), OK); /* once is enough */
        assert_int_equal(total(b, q), (100 + 200 + 800 + 1600 + 3200 + 6400 + 3 * 10000) * 100 + 6);
        raise_gross(b, ids[4]);
        assert_int_equal(total(b, q), (100 + 200 + 800 + 1600 + 3200 + 6400 + 4 * 10000) * 100 + 6);
        bank_commit(b);
        assert_checked(b);
        fold(b);
        assert_checked(b);
        bank_close(b);
    }
}

static void test_measure_parse(void **state) {
    (void)state;
    Bank *b = bank_open(0);
    MeasureQuery q;
    Input in = {0};
    const MeasureDef *m = model_measure(b->model, S("probes"));
    bank_read(b);
    assert_int_equal(measure_parse(&q, b->c, m, NULL), OK);
    assert_int_equal(q.rows, 0);
    assert_int_equal(q.columns, -3);
    input_add(&in, b->arena, S("rows"), S("unit"));
    input_add(&in, b->arena, S("columns"), S("month"));
    input_add(&in, b->arena, S("from"), S("2025"));
    input_add(&in, b->arena, S("to"), S("2026-02-28"));
    input_add(&in, b->arena, S("event_type.under"), S("FRAUD"));
    input_add(&in, b->arena, S("unit"), S("CASA"));
    input_add(&in, b->arena, S("as_of"), S("2026-01-31"));
    assert_int_equal(measure_parse(&q, b->c, m, &in), OK);
    assert_int_equal(q.rows, -4);
    assert_int_equal(q.columns, -2);
    assert_int_equal(q.from, 2025 * 12);
    assert_int_equal(q.to, 2026 * 12 + 1);
    assert_int_equal(q.under[0], b->fraud);
    assert_int_equal(q.unit, b->casa);
    assert_true(str_is(q.as_of, "2026-01-31"));
    static const char *const wrong[][2] = {
        {"rows", "colour"},      {"from", "2026-13"},    {"to", "26"},
        {"as_of", "2026-02-30"}, {"unit", "NOWHERE"},    {"event_type.under", "NONE"},
        {"evil", "1"},           {"from", "2026-99-99"}, {"to", "0000"}};
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        Input one = {0};
        b->c->issues = (Issues){0};
        input_add(&one, b->arena, str_of(wrong[i][0]), str_of(wrong[i][1]));
        assert_int_equal(measure_parse(&q, b->c, m, &one), ERR_INVALID);
        assert_int_equal(b->c->issues.n, 1);
    }
    bank_end(b);
    bank_close(b);
}

static Input url_query(Bank *b, Str href) {
    Input in = {0};
    ptrdiff_t at = str_find_char(href, '?');
    Str rest = at < 0 ? (Str){0} : str_sub(href, (size_t)at + 1, href.n), pair, name;
    while (rest.n && str_cut(&pair, &rest, '&')) {
        str_cut(&name, &pair, '=');
        input_add(&in, b->arena, name, pair);
    }
    return in;
}

/* Each cell opens exactly as many records as it counts. */
static void test_measure_page_opens_its_records(void **state) {
    (void)state;
    static const char *const asked[][4] = {{"event_type", "year", "", ""},
                                           {"unit", "month", "", ""},
                                           {"event_type", "month", "HEAD", "2026-01"},
                                           {"none", "year", "CASA", ""}};
    Bank *b;
    for (int n = 0; (b = bank_open(n)); n++) {
        int64_t ids[5];
        fill(b, ids);
        for (size_t i = 0; i < LENGTH(asked); i++) {
            Input in = {0};
            Page page;
            PageArgs args = {.query = &in, .format = FORMAT_HTML};
            bank_read(b);
            static const char *const names[] = {"rows", "columns", "unit", "from"};
            for (size_t k = 0; k < 4; k++)
                input_add(&in, b->arena, str_of(names[k]), str_of(asked[i][k]));
            assert_int_equal(measure_page(b->c, model_measure(b->model, S("probes")), &args, &page),
                             OK);
            const MatrixView *m = &page.main->matrix;
            assert_true(m->n_rows > 0 && m->n_cols > 0);
            int64_t seen = 0;
            for (size_t k = 0; k < m->n_rows * m->n_cols; k++) {
                ListQuery list;
                int64_t count;
                bool exact;
                if (!m->cells[k].count) continue;
                Input behind = url_query(b, m->cells[k].href);
                Err err = list_parse(&list, b->c, b->probe, &behind);
                if (err != OK) print_error("%.*s\n", FMT(m->cells[k].href));
                assert_int_equal(err, OK);
                assert_int_equal(list_count(&count, &exact, b->c, &list, LIST_COUNT_API), OK);
                if (count != m->cells[k].count) print_error("%.*s\n", FMT(m->cells[k].href));
                assert_int_equal(count, m->cells[k].count);
                seen += count;
            }
            assert_int_equal(seen, m->total->count);
            bank_end(b);
        }
        bank_close(b);
    }
}
