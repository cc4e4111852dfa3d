/* test_incident_taxonomy.c: shares and places of codes in maps to external taxonomies: fixed cases
 * and properties over many random maps; versions in force by day; what an event is called; totals
 * that are the same in every taxonomy, on SQLite and, when GARDEFOU_TEST_PG names one, PostgreSQL.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define DESK_NAME "taxonomy"
#include "model/test_desk.h"

#include "calc/rng.h"
#include "modules/incident/incident_pages.h"
#include "modules/incident/incident_taxonomy.h"

/* ---- shares ---- */

static void split_test(void **state) {
    static const struct {
        int64_t amount;
        int64_t shares[3], parts[3];
    } cases[] = {
        {100, {10000, 0, 0}, {100, 0, 0}},
        {100, {3333, 3333, 3334}, {33, 33, 34}},
        {1, {5000, 5000, 0}, {1, 0, 0}},
        {-1, {5000, 5000, 0}, {-1, 0, 0}},
        {2, {3333, 3333, 3334}, {1, 0, 1}},
        {-100, {2500, 2500, 5000}, {-25, -25, -50}},
        {0, {6000, 4000, 0}, {0, 0, 0}},
        {INT64_MAX,
         {1, 1, 9998},
         {INT64_C(922337203685478), INT64_C(922337203685477), INT64_C(9221527362447404852)}}};
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        TaxonomyLine lines[3];
        int64_t parts[3];
        for (size_t k = 0; k < 3; k++)
            lines[k] =
                (TaxonomyLine){.source = 1, .target = (int64_t)k, .share = cases[i].shares[k]};
        taxonomy_split(parts, cases[i].amount, lines, 3);
        for (size_t k = 0; k < 3; k++) {
            if (parts[k] != cases[i].parts[k]) print_error("case %zu, part %zu\n", i, k);
            assert_int_equal(parts[k], cases[i].parts[k]);
        }
    }
}

enum { MOST = 9 };

static void random_shares(TaxonomyLine *lines, size_t n, Rng *rng) {
    int64_t left = TAXONOMY_WHOLE;
    for (size_t i = 0; i < n; i++) {
        int64_t room = left - (int64_t)(n - i - 1);
        lines[i].share = i + 1 == n ? left : 1 + rng_below(rng, room);
        left -= lines[i].share;
    }
}

/* No cent is lost or made, and none is further than one from its exact share. */
static void split_property(void **state) {
    Rng rng = rng_new(18);
    (void)state;
    for (int i = 0; i < 20000; i++) {
        TaxonomyLine lines[MOST];
        int64_t parts[MOST], sum = 0;
        size_t n = 1 + (size_t)rng_below(&rng, MOST);
        int64_t amount = rng_below(&rng, INT64_C(1000000000000)) - 500000000000;
        if (i % 7 == 0) amount %= 12;
        random_shares(lines, n, &rng);
        taxonomy_split(parts, amount, lines, n);
        for (size_t k = 0; k < n; k++) {
            sum += parts[k];
            int64_t off = parts[k] * TAXONOMY_WHOLE - amount * lines[k].share;
            assert_true(off < TAXONOMY_WHOLE && off > -TAXONOMY_WHOLE);
        }
        assert_int_equal(sum, amount);
    }
}

/* ---- places ---- */

static void places_test(void **state) {
    static const TreeItem tree[] = {
        {.id = 5}, {.id = 9, .parent = 5}, {.id = 3, .parent = 9}, {.id = 4, .parent = 5},
        {.id = 7}, {.id = 8, .parent = 7}};
    static const TaxonomyLine lines[] = {
        {5, 100, 10000}, {9, 101, 6000}, {9, 102, 4000}, {8, 103, 10000}};
    TaxonomyPlace places[LENGTH(tree)];
    (void)state;
    taxonomy_places(places, tree, LENGTH(tree), lines, LENGTH(lines));
    const struct {
        int64_t node;
        size_t first, n;
    } wanted[] = {{5, 0, 1}, {9, 1, 2}, {3, 1, 2}, {4, 0, 1}, {8, 3, 1}};
    for (size_t i = 0; i < LENGTH(wanted); i++) {
        const TaxonomyPlace *at = taxonomy_place(places, LENGTH(tree), wanted[i].node);
        assert_non_null(at);
        assert_int_equal(at->first, wanted[i].first);
        assert_int_equal(at->n, wanted[i].n);
    }
    assert_null(taxonomy_place(places, LENGTH(tree), 7));
    assert_null(taxonomy_place(places, LENGTH(tree), 6));
    assert_null(taxonomy_place(places, 0, 5));
}

/* ---- versions and events ---- */

static const TaxonomyVersion *version_of(const char *taxonomy, const char *day) {
    const TaxonomyVersions *all;
    c->as_of = str_of(day);
    OKAY(taxonomy_in_force(&all, c));
    c->as_of = (Str){0};
    for (size_t i = 0; i < all->n; i++)
        if (all->items[i].taxonomy == find("taxon", taxonomy)) return &all->items[i];
    return NULL;
}

static void in_force(void) {
    assert_null(version_of("SUP", "2015-12-31"));
    assert_true(str_is(version_of("SUP", "2016-01-01")->code, "SUP-2016.1"));
    assert_true(str_is(version_of("SUP", "2025-12-31")->code, "SUP-2016.1"));
    assert_true(str_is(version_of("SUP", "2026-01-01")->code, "SUP-2026.1"));
    assert_true(str_is(version_of("GRP", "2026-01-01")->code, "GRP-2016.1"));
    assert_ptr_equal(version_of("GRP", "2026-01-01")->field->name,
                     type_need(model_need(c->model, "incident"), "risk_category")->name);
    as_system();
    Record *late = create("taxonomy_map", "code=SUP-X|name_fr=x|taxonomy=SUP|valid_from=2026-06-01|"
                                          "valid_until=2026-06-30|copy_of=SUP-2026.1");
    assert_true(str_is(version_of("SUP", "2026-06-15")->code, "SUP-2026.1")); /* a draft */
    act(3, "methodology", NULL);
    (void)move(late, "publish", "");
    assert_true(str_is(version_of("SUP", "2026-06-15")->code, "SUP-X"));
    assert_null(version_of("SUP", "2026-07-01")); /* it has ended, and none began since */
    act(4, "methodology", NULL);
    (void)move(late, "withdraw", "reason=Erreur de saisie");
    assert_true(str_is(version_of("SUP", "2026-07-01")->code, "SUP-2026.1"));
}

/* Of any day that somebody asks for nothing stays behind. */
static void only_today_is_kept(void) {
    const TaxonomyVersions *first, *second;
    static const char *const days[] = {"", "2025-12-31"};
    db_rollback(c->db);
    OKAY(db_read(&c->db, desk->session)); /* who reads fills what is kept */
    for (size_t i = 0; i < LENGTH(days); i++) {
        c->as_of = str_of(days[i]);
        c->cache = NULL;
        OKAY(taxonomy_in_force(&first, c));
        c->cache = NULL;
        OKAY(taxonomy_in_force(&second, c));
        assert_true(first->n > 0 && first->n == second->n);
        if (days[i][0])
            assert_ptr_not_equal(first, second);
        else
            assert_ptr_equal(first, second);
    }
    c->as_of = (Str){0};
}

static Str codes_of(const Record *r) {
    Cell cell;
    Text t = text_new(c->arena, 500);
    OKAY(incident_readings[0].read(c, r, &cell));
    for (size_t i = 0; i < cell.n_more; i++) {
        if (i) text_char(&t, ' ');
        text_add(&t, cell.more[i].key);
        if (cell.more[i].note.n) text_fmt(&t, "(%.*s)", FMT(cell.more[i].note));
    }
    return text_str(&t);
}

static Record *loss(const char *event_type, const char *category, int64_t cents) {
    Record *done, *r = record_new(c, model_need(c->model, "incident"));
    as_system();
    record_set(r, "title", value_text(S("Perte")));
    record_set(r, "description", value_text(S("x")));
    record_set(r, "event_kind", value_text(S("loss")));
    record_set(r, "amount_range", value_text(S("to_10k")));
    record_set(r, "discovered_on", value_text(S("2026-03-10")));
    record_set(r, "estimated_loss", value_money(cents, S("MAD")));
    if (event_type) record_set(r, "event_type", value_int(find("taxon", event_type)));
    if (category) record_set(r, "risk_category", value_int(find("taxon", category)));
    r->unit = find("unit", "AG-MAA");
    r->state = type_state(r->type, S("declared"));
    OKAY(record_save(&done, c, r, "create"));
    return done;
}

static void codes(void) {
    Record *shared = loss("ET7.1", "RC8", 10001), *own = loss("ET2.1.1", NULL, 100);
    Record *nowhere = loss("ET7.6.1", NULL, 100), *none = loss(NULL, NULL, 100);
    act(0, "analyst", NULL);
    c->lang = LANG_EN;
    assert_true(str_is(codes_of(shared), "SUP-5.1(85%) SUP-5.3(15%) GRP-B(70%) GRP-C(30%)"));
    c->as_of = S("2025-06-30");
    assert_true(str_is(codes_of(shared), "SUP-5.1 GRP-B(70%) GRP-C(30%)"));
    c->as_of = S("2015-06-30");
    assert_int_equal(codes_of(shared).n, 0);
    c->as_of = (Str){0};
    assert_true(str_is(codes_of(own), "SUP-1.3"));
    assert_int_equal(codes_of(nowhere).n, 0);
    assert_int_equal(codes_of(none).n, 0);
}

/* ---- the report ---- */

static void sums_of(int64_t out[4], const char *query) {
    static const size_t columns[] = {2, 3, 5, 6};
    Page page = {0};
    PageArgs args = {.query = input(query)};
    bool has = true;
    memset(out, 0, 4 * sizeof *out);
    c->issues = (Issues){0};
    OKAY(incident_report_taxonomy(c, &args, &page));
    c->as_of = (Str){0};
    RowSource rows = page.main->list.rows;
    while (has) {
        Row row;
        OKAY(rows.next(rows.state, c->arena, &row, &has));
        for (size_t k = 0; has && k < LENGTH(columns); k++) out[k] += row.cells[columns[k]].i;
    }
}

static void totals(void) {
    static const char *const types[] = {"ET7.1", "ET2.1", "ET7.6", "ET2.1.1",
                                        "ET3.3", "ET1.1", NULL};
    static const char *const categories[] = {"RC8", "RC7.1", NULL, "RC1", "RC8", "RC6.1"};
    static const char *const asked[] = {"taxonomy=risk_category",
                                        "taxonomy=SUP",
                                        "taxonomy=GRP",
                                        "taxonomy=SUP|level=2",
                                        "taxonomy=SUP|level=detail",
                                        "taxonomy=SUP|version=SUP-2016.1",
                                        "taxonomy=event_type|level=detail"};
    int64_t basel[4], other[4], all = 0;
    for (int64_t i = 0; i < 40; i++) {
        int64_t cents = 333 + i * i * 7919;
        (void)loss(types[i % (int64_t)LENGTH(types)], categories[i % (int64_t)LENGTH(categories)],
                   cents);
        all += cents;
    }
    act(0, "head_orm", NULL); /* internal fraud is restricted */
    sums_of(basel, "taxonomy=event_type|period=ytd");
    assert_int_equal(basel[0], 40);
    assert_int_equal(basel[1], all);
    for (size_t i = 0; i < LENGTH(asked); i++) {
        sums_of(other, str_fmt(c->arena, "%s|period=ytd", asked[i]).p);
        for (size_t k = 1; k < 4; k++) assert_int_equal(other[k], basel[k]);
        assert_true(other[0] >= basel[0]); /* a shared event counts in each of its lines */
    }
}

static void refused(void) {
    static const struct {
        const char *query, *field;
    } bad[] = {{"taxonomy=SUP-1", "taxonomy"},
               {"taxonomy=NIX", "taxonomy"},
               {"taxonomy=SUP|version=GRP-2016.1", "version"},
               {"taxonomy=event_type|version=SUP-2016.1", "version"},
               {"level=3", "level"},
               {"as_of=demain", "as_of"},
               {"period=always", "period"}};
    act(0, "analyst", NULL);
    for (size_t i = 0; i < LENGTH(bad); i++) {
        Page page = {0};
        PageArgs args = {.query = input(bad[i].query)};
        c->issues = (Issues){0};
        assert_int_equal(incident_report_taxonomy(c, &args, &page), ERR_INVALID);
        assert_true(has_issue(bad[i].field));
        c->as_of = (Str){0};
    }
}

#define TEST(name)                                                                                 \
    static void name##_test(void **state) {                                                        \
        (void)state;                                                                               \
        each(name);                                                                                \
    }
TEST(in_force)
TEST(only_today_is_kept)
TEST(codes)
TEST(totals)
TEST(refused)

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(split_test),
                                       cmocka_unit_test(split_property),
                                       cmocka_unit_test(places_test),
                                       cmocka_unit_test(in_force_test),
                                       cmocka_unit_test(only_today_is_kept_test),
                                       cmocka_unit_test(codes_test),
                                       cmocka_unit_test(totals_test),
                                       cmocka_unit_test(refused_test)};
    return cmocka_run_group_tests(tests, desk_setup, desk_teardown);
}
