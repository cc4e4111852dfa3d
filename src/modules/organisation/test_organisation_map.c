/* test_organisation_map.c: maps to external taxonomies: what a line and a version must satisfy, who
 * may publish it, lines that are copied, a published version that stays as it is, on SQLite and,
 * when GARDEFOU_TEST_PG names one, on PostgreSQL. SPDX-License-Identifier: GPL-3.0-or-later */
#define DESK_NAME "map"
#include "model/test_desk.h"

static Record *draft(const char *code, const char *more) {
    act(1, "methodology", NULL);
    return create(
        "taxonomy_map",
        str_fmt(c->arena, "code=%s|name_fr=Essai|taxonomy=SUP|valid_from=2027-01-01|%s", code, more)
            .p);
}

static Record *line(const char *map, const char *source, const char *target, const char *share) {
    return create(
        "taxonomy_map_line",
        str_fmt(c->arena, "map=%s|source=%s|target=%s|share=%s", map, source, target, share).p);
}

/* Refused, with an issue on that field. */
static void no(const char *type, const char *text, const char *field) {
    Record *r;
    c->issues = (Issues){0};
    OKAY(db_savepoint(c->db));
    assert_int_equal(record_create(&r, c, model_need(c->model, type), input(text)), ERR_INVALID);
    if (!has_issue(field)) print_error("  %s\n", text), show_issues();
    assert_true(has_issue(field));
    db_rollback_to(c->db);
}

static void versions(void) {
    act(1, "methodology", NULL);
#define MAP(more) "code=T|name_fr=Essai|" more
    no("taxonomy_map", MAP("taxonomy=SUP"), "valid_from");
    no("taxonomy_map", MAP("taxonomy=SUP|valid_from=2027-01-01|valid_until=2026-12-31"),
       "valid_until");
    no("taxonomy_map", MAP("taxonomy=SUP-1|valid_from=2027-01-01"), "taxonomy");
    no("taxonomy_map", MAP("taxonomy=ET1|valid_from=2027-01-01"), "taxonomy");
    no("taxonomy_map", MAP("taxonomy=SUP|valid_from=2027-01-01|source_list=cause"), "source_list");
    no("taxonomy_map", MAP("taxonomy=SUP|valid_from=2027-01-01|copy_of=GRP-2016.1"), "copy_of");
    no("taxonomy_map", "code=SUP-2016.1|name_fr=Essai|taxonomy=SUP|valid_from=2027-01-01", "code");
    no("taxon", "kind=external|code=SUP-9|name_fr=x|parent=ET1", "parent");
}

static void lines(void) {
    (void)draft("T", "");
#define LINE(more) "map=T|" more
    no("taxonomy_map_line", LINE("source=RC1|target=SUP-1|share=100"), "source");
    no("taxonomy_map_line", LINE("source=ET1|target=GRP-A|share=100"), "target");
    no("taxonomy_map_line", LINE("source=ET1|target=ET2|share=100"), "target");
    no("taxonomy_map_line", LINE("source=ET1|target=SUP-1|share=0"), "share");
    no("taxonomy_map_line", LINE("source=ET1|target=SUP-1|share=100.5"), "share");
    no("taxonomy_map_line", LINE("source=ET1|target=SUP-1|share=trop"), "share");
    no("taxonomy_map_line", LINE("source=NIX|target=SUP-1|share=10"), "source");
    no("taxonomy_map_line", "map=SUP-2016.1|source=ET3.3|target=SUP-4|share=100", "map");
    Record *first = line("T", "ET1", "SUP-1.1", "60");
    no("taxonomy_map_line", LINE("source=ET1|target=SUP-1.1|share=10"), "target");
    no("taxonomy_map_line", LINE("source=ET1|target=SUP-1.2|share=40.01"), "share");
    (void)line("T", "ET1", "SUP-1.2", "40");
    (void)move(first, "retire", "");
    (void)line("T", "ET1", "SUP-1.3", "60");
    refuse(first, "restore", "", ERR_INVALID);
}

static void published(void) {
    Record *map = draft("T", "");
    refuse(map, "publish", "", ERR_DENIED); /* one's own */
    act(2, "methodology", NULL);
    refuse(map, "publish", "", ERR_INVALID); /* nothing in it */
    Record *half = line("T", "ET1", "SUP-1.1", "60");
    act(3, "methodology", NULL);
    refuse(map, "publish", "", ERR_INVALID);
    assert_true(has_issue("share"));
    act(2, "methodology", NULL);
    (void)line("T", "ET1", "SUP-1.2", "40");
    refuse(map, "publish", "", ERR_INVALID); /* who wrote lines */
    assert_true(has_code("four_eyes"));
    act(3, "analyst", NULL);
    refuse(map, "publish", "", ERR_DENIED);
    act(3, "methodology", NULL);
    map = move(map, "publish", "");
    assert_true(str_eq(record_text(map, "published_on"), c->today));
    assert_int_equal(record_int(map, "published_by"), desk->users[3]);
    act(1, "methodology", NULL);
    refuse(half, "retire", "", ERR_INVALID); /* a published version stays as it is */
    no("taxonomy_map_line", "map=T|source=ET2|target=SUP-1|share=100", "map");
    Record *same = draft("T2", "copy_of=T");
    act(3, "methodology", NULL);
    refuse(same, "publish", "", ERR_INVALID); /* the same day */
    assert_true(has_issue("valid_from"));
    refuse(map, "withdraw", "reason=non", ERR_DENIED); /* who published it */
    act(2, "methodology", NULL);
    (void)move(map, "withdraw", "reason=Erreur");
    act(3, "methodology", NULL);
    (void)move(same, "publish", "");
}

static void copied(void) {
    Records own, copies;
    Record *map = draft("T", "copy_of=SUP-2026.1");
    const Type *t = model_need(c->model, "taxonomy_map_line");
    OKAY(record_where(&own, c, t, "map", value_int(find("taxonomy_map", "SUP-2026.1")), 100));
    OKAY(record_where(&copies, c, t, "map", value_int(map->id), 100));
    assert_true(own.n > 10);
    assert_int_equal(copies.n, own.n);
    for (size_t i = 0; i < own.n; i++) {
        size_t found = 0;
        for (size_t k = 0; k < copies.n; k++)
            found += record_int(copies.items[k], "source") == record_int(own.items[i], "source") &&
                     record_int(copies.items[k], "target") == record_int(own.items[i], "target") &&
                     record_int(copies.items[k], "share") == record_int(own.items[i], "share");
        assert_int_equal(found, 1);
    }
}

/* An entry stays in its own tree, for maps lead to it. */
static void trees(void) {
    Record *r, *moved;
    as_system();
    OKAY(record_load_raw(&r, c, model_need(c->model, "taxon"), find("taxon", "SUP-4")));
    static const char *const places[] = {"parent=GRP", "parent=GRP-A", "parent="};
    for (size_t i = 0; i < LENGTH(places); i++) {
        c->issues = (Issues){0};
        OKAY(db_savepoint(c->db));
        assert_int_equal(record_update(&moved, c, r, r->version, input(places[i])), ERR_INVALID);
        assert_true(has_issue("parent"));
        db_rollback_to(c->db);
    }
    c->issues = (Issues){0};
    OKAY(record_update(&moved, c, r, r->version, input("parent=SUP-5")));
}

#define TEST(name)                                                                                 \
    static void name##_test(void **state) {                                                        \
        (void)state;                                                                               \
        each(name);                                                                                \
    }
TEST(versions)
TEST(lines)
TEST(published)
TEST(copied)
TEST(trees)

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(versions_test),
                                       cmocka_unit_test(lines_test),
                                       cmocka_unit_test(published_test),
                                       cmocka_unit_test(copied_test), cmocka_unit_test(trees_test)};
    return cmocka_run_group_tests(tests, desk_setup, desk_teardown);
}
