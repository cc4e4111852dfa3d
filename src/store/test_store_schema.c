/* test_store_schema.c: tables, numbers, many rows at once, search. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "store/test_store.h"

static int group_setup(void **state) {
    return store_setup(state);
}

/* ---- schema ---- */

/* clang-format off */
static const DbColumn more_columns[] = {
    {"id",     DB_INT,  true,  NULL,  NULL},
    {"name",   DB_TEXT, true,  NULL,  NULL},
    {"flag",   DB_INT,  true,  "5",   NULL},
    {"x_note", DB_TEXT, false, NULL,  NULL},
    {"x_pair", DB_INT,  false, NULL,  "place"},
};
static const DbIndex more_indexes[] = {{"item_flag", "flag, id", false, NULL}};
static const DbTable more_table = {"item", more_columns, LENGTH(more_columns), NULL, more_indexes, LENGTH(more_indexes)};
/* clang-format on */

static const char *const index_there[] = {
    [DB_SQLITE] = "SELECT count(*) FROM sqlite_schema WHERE name = 'item_parent'",
    [DB_POSTGRES] =
        "SELECT count(*) FROM pg_class WHERE relname = 'item_parent' AND relnamespace = "
        "current_schema()::regnamespace"};

static void body_schema_is_additive(Env *e) {
    bool exists;
    Db *db = begin_write(e);
    int64_t id = add_item(db, "old", 3);
    GOOD(db_commit(db));
    db = begin_write(e);
    GOOD(db_ensure(db, &more_table, 1));
    GOOD(db_ensure(db, &more_table, 1));
    GOOD(db_ensure(db, tables, LENGTH(tables)));
    GOOD(db_table_exists(&exists, db, "item"));
    assert_true(exists);
    GOOD(db_table_exists(&exists, db, "nothing"));
    assert_false(exists);
    GOOD(db_commit(db));
    /* An index that was taken away is made again. */
    db = begin_write(e);
    GOOD(db_drop_index(db, "item_parent"));
    GOOD(db_drop_index(db, "item_parent"));
    assert_int_equal(get_int(db, index_there[e->kind]), 0);
    GOOD(db_ensure(db, tables, LENGTH(tables)));
    assert_int_equal(get_int(db, index_there[e->kind]), 1);
    GOOD(db_commit(db));
    db = begin_write(e);
    assert_int_equal(get_int(db, "SELECT flag FROM item WHERE amount = 3"), 5);
    expect_error(db, "UPDATE item SET x_pair = 12", ERR_INVALID, "foreign_key");
    GOOD(db_run(db, NULL, "UPDATE item SET x_note = $1 WHERE id = $2",
                ARGS(db_textz("n"), db_int(id))));
    /* An id is not used again. */
    int64_t last = add_item(db, "last", 1);
    GOOD(db_run(db, NULL, "DELETE FROM item WHERE id = $1", ARGS(db_int(last))));
    assert_true(add_item(db, "next", 1) > last);
    GOOD(db_analyze(db));
    GOOD(db_commit(db));
    /* Text is ordered by bytes. */
    db = begin_write(e);
    GOOD(db_run(db, NULL, "INSERT INTO pair (a, b) VALUES (1, 'é'), (1, 'Z'), (1, 'a'), (1, '_')",
                NO_ARGS));
    Rows *r;
    bool more;
    Text t = text_new(e->a, 0);
    GOOD(db_rows(&r, db, e->a, "SELECT b FROM pair ORDER BY b", NO_ARGS));
    for (GOOD(rows_next(&more, r)); more;) {
        text_add(&t, rows_text(r, 0));
        GOOD(rows_next(&more, r));
    }
    assert_string_equal(text_str(&t).p, "Z_aé");
    expect_error(db, "INSERT INTO pair (a, b) VALUES (1, 'a')", ERR_CONFLICT, "unique");
    db_rollback(db);
}
static void test_store_schema_is_additive(void **state) {
    (void)state;
    each(body_schema_is_additive);
}

static void body_schema_refuses_bad_column(Env *e) {
    static const DbColumn bad[] = {{"id", DB_INT, true, NULL, NULL},
                                   {"must", DB_INT, true, NULL, NULL}};
    static const DbTable table = {"item", bad, 2, NULL, NULL, 0};
    Db *db = begin_write(e);
    assert_int_equal(db_ensure(db, &table, 1), ERR_INTERNAL);
    db_rollback(db);
}
static void test_store_schema_refuses_bad_column(void **state) {
    (void)state;
    each(body_schema_refuses_bad_column);
}

/* ---- numbers ---- */

static void body_numbers(Env *e) {
    int64_t n;
    Db *db = begin_write(e);
    GOOD(db_next_number(&n, db, "incident", 2026));
    assert_int_equal(n, 1);
    GOOD(db_next_number(&n, db, "incident", 2026));
    assert_int_equal(n, 2);
    GOOD(db_next_number(&n, db, "incident", 2027));
    assert_int_equal(n, 1);
    GOOD(db_next_number(&n, db, "action_plan", 2026));
    assert_int_equal(n, 1);
    GOOD(db_commit(db));
    db = begin_write(e);
    GOOD(db_next_number(&n, db, "incident", 2026));
    assert_int_equal(n, 3);
    db_rollback(db);
    db = begin_write(e);
    GOOD(db_next_number(&n, db, "incident", 2026));
    assert_int_equal(n, e->kind == DB_SQLITE ? 3 : 4);
    GOOD(db_commit(db));
}
static void test_store_numbers(void **state) {
    (void)state;
    each(body_numbers);
}

/* ---- many rows at once ---- */

static void body_insert_many(Env *e) {
    enum { ROWS = 5000, COLUMNS = 4 };
    static const char *const columns[COLUMNS] = {"id", "name", "amount", "data"};
    DbValue *values = NEW_N(e->a, DbValue, ROWS * COLUMNS);
    int64_t *ids = NEW_N(e->a, int64_t, ROWS), numbers[3], n;
    bool found;
    Str blob = {"\0\1\377", 3}, text;
    Db *db = begin_write(e);
    GOOD(db_run(db, NULL, "INSERT INTO item (name) VALUES ('first')", NO_ARGS));
    GOOD(db_new_ids(ids, ROWS, db, "item"));
    for (size_t i = 0; i < ROWS; i++) {
        DbValue *row = values + i * COLUMNS;
        row[0] = db_int(ids[i]);
        row[1] = db_text(str_fmt(e->a, "été %zu", i));
        row[2] = i % 2 ? db_int(-(int64_t)i) : db_null_of(DB_INT);
        row[3] = i % 3 ? db_blob(blob) : db_null();
    }
    GOOD(db_insert_many(db, "item", columns, COLUMNS, values, ROWS));
    GOOD(db_get_int(&n, &found, db, "SELECT COUNT(*) FROM item", NO_ARGS));
    assert_int_equal(n, ROWS + 1);
    GOOD(db_get_int(&n, &found, db, "SELECT amount FROM item WHERE name = $1",
                    ARGS(db_textz("été 4999"))));
    assert_int_equal(n, -4999);
    GOOD(db_get_text(&text, &found, db, e->a, "SELECT data FROM item WHERE name = $1",
                     ARGS(db_textz("été 4"))));
    assert_true(str_eq(text, blob));
    /* The next id of the database comes after them. */
    GOOD(db_get_int(&n, &found, db, "INSERT INTO item (name) VALUES ('last') RETURNING id",
                    NO_ARGS));
    assert_true(n > ids[ROWS - 1]);
    GOOD(db_next_numbers(numbers, 3, db, "many", 2026));
    assert_int_equal(numbers[0] + 1, numbers[1]);
    GOOD(db_next_number(&n, db, "many", 2026));
    assert_int_equal(n, numbers[2] + 1);
    GOOD(db_commit(db));
    /* The same names again: refused as a whole, and the connection goes on. */
    db = begin_write(e);
    GOOD(db_new_ids(ids, 2, db, "item"));
    values[0] = db_int(ids[0]);
    assert_int_equal(db_insert_many(db, "item", columns, COLUMNS, values, 1), ERR_CONFLICT);
    assert_string_equal(db_constraint(db), "unique");
    db_rollback(db);
    db = begin_write(e);
    GOOD(db_get_int(&n, &found, db, "SELECT COUNT(*) FROM item", NO_ARGS));
    assert_int_equal(n, ROWS + 2);
    db_rollback(db);
}
static void test_store_insert_many(void **state) {
    (void)state;
    each(body_insert_many);
}

/* ---- search ---- */

static const char *const searched[] = {"action", "calendar", "control"};

static const DbHits *newest_of(const DbHits *of, size_t n, const char *type) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(of[i].type, type) == 0) return &of[i];
    return NULL;
}

/* Types stand apart, each newest first; a word of very many endings is found, too. */
static void search_types(Env *e, Db *db) {
    DbWords w;
    DbHits *of;
    size_t n;
    int64_t newest;
    bool found;
    GOOD(db_search_put(db, "control", 3, 0, false, S("panne de caisse")));
    GOOD(db_search_put(db, "control", 5, 0, false, S("panne de courant")));
    GOOD(db_search_put(db, "action", 5, 0, false, S("panne")));
    GOOD(db_words(&w, db, e->a, S("panne")));
    GOOD(db_words_newest(&of, &n, db, e->a, &w, 2, searched, LENGTH(searched)));
    assert_int_equal(n, 2);
    const DbHits *action = newest_of(of, n, "action"), *control = newest_of(of, n, "control");
    assert_true(action && action->n == 1 && !action->is_cut);
    assert_true(control && control->n == 2 && control->ids[0] == 5);
    assert_int_equal(hits(e, db, "panne"), 0);
    for (int i = 1; i <= 100; i++) {
        Str text = str_fmt(e->a, "panneau%d rouge", i);
        GOOD(db_search_put(db, "control", 100 + i, 0, false, text));
    }
    GOOD(db_words(&w, db, e->a, S("pannea rouge")));
    GOOD(db_words_type(&w, db, "control"));
    Str sql = str_fmt(e->a, "SELECT COUNT(*) FROM (%.*s) x", FMT(db_words_set(e->a, db, &w, 1)));
    GOOD(db_get_int(&newest, &found, db, sql.p, ARGS(w.match)));
    assert_int_equal(newest, 100);
    GOOD(db_words(&w, db, e->a, S("panne")));
    GOOD(db_words_newest(&of, &n, db, e->a, &w, 2, searched, LENGTH(searched)));
    action = newest_of(of, n, "action"), control = newest_of(of, n, "control");
    assert_true(n == 2 && action && action->n == 1);
    assert_true(control && control->is_cut && control->n == 2 && control->ids[0] == 200);
    GOOD(db_search_put(db, "calendar", 1, 0, false, S("panneau")));
    GOOD(db_words_newest(&of, &n, db, e->a, &w, 2, searched, LENGTH(searched)));
    assert_true(n == 3 && newest_of(of, n, "calendar"));
    if (e->kind != DB_SQLITE) return;
    GOOD(db_words(&w, db, e->a, S("pannea rouge")));
    GOOD(db_words_type(&w, db, "control"));
    sql = str_fmt(e->a, "SELECT f.rowid%.*s WHERE %.*s ORDER BY f.rowid DESC LIMIT 1",
                  FMT(db_words_hits(e->a, &w, false)), FMT(db_words_where(e->a, &w, 1)));
    GOOD(db_get_int(&newest, &found, db, sql.p, ARGS(w.match)));
    assert_int_equal(newest, db_words_hit(&w, 200));
}

/* An index of an older program gets a short list of what is new. */
static void search_list(Db *db) {
    static const char count_sql[] =
        "SELECT COUNT(*) FROM pg_class WHERE relname = 'search_doc_lexemes' AND"
        " relnamespace = current_schema()::regnamespace AND reloptions::text LIKE '%limit=64%'";
    if (db_kind(db) == DB_SQLITE) return;
    GOOD(
        db_run(db, NULL, "ALTER INDEX search_doc_lexemes RESET (gin_pending_list_limit)", NO_ARGS));
    assert_int_equal(get_int(db, count_sql), 0);
    for (int i = 0; i < 2; i++) {
        GOOD(db_ensure_search(db));
        assert_int_equal(get_int(db, count_sql), 1);
    }
}

static void body_search(Env *e) {
    Db *db = begin_write(e);
    GOOD(db_ensure_search(db));
    search_list(db);
    put_doc(e, db, 1, "Détournement de fonds à l'agence de Fès, 12 000,50 MAD");
    put_doc(e, db, 2, "Fraude à la carte bancaire (œuvre d'un réseau)");
    put_doc(e, db, 4, "تعطّل نظام التَّحويلات المالية في الفرع");
    put_doc(e, db, 8, "IT outage RCSA-2026 e2e 1e5");
    assert_int_equal(hits(e, db, "detournement"), 1);
    assert_int_equal(hits(e, db, "DÉTOURN fes"), 1);
    assert_int_equal(hits(e, db, "detournement carte"), 0);
    assert_int_equal(hits(e, db, "la"), 2);
    assert_int_equal(hits(e, db, "ba"), 0); /* two letters: a whole word only */
    assert_int_equal(hits(e, db, "ban"), 2);
    put_doc(e, db, 9, str_fmt(e->a, "mot %05000d", 7).p); /* a word of 5,000 letters */
    assert_int_equal(hits(e, db, "mot 0000000"), 9);
    GOOD(db_search_remove(db, "incident", 9));
    assert_int_equal(hits(e, db, "التحويلات"), 4);
    assert_int_equal(hits(e, db, "المالي"), 4);
    assert_int_equal(hits(e, db, "rcsa 2026"), 8);
    assert_int_equal(hits(e, db, "e2e"), 8);
    assert_int_equal(hits(e, db, "1e5"), 8);
    assert_int_equal(hits(e, db, " \"' & | ! :* ( )"), -1);
    assert_int_equal(hits(e, db, ""), -1);
    /* What would be an operator is none, also unfolded. */
    assert_int_equal(hits_of(e, db, S("a\" OR b* :!&|'x -NEAR( AND")), 0);
    put_doc(e, db, 1, "Erreur de caisse");
    assert_int_equal(hits(e, db, "detournement"), 0);
    assert_int_equal(hits(e, db, "caisse"), 1);
    GOOD(db_search_remove(db, "incident", 1));
    GOOD(db_search_remove(db, "incident", 99));
    assert_int_equal(hits(e, db, "caisse"), 0);
    search_types(e, db);
    if (e->kind == DB_SQLITE)
        GOOD(db_run(db, NULL, "INSERT INTO search_text (search_text) VALUES ('integrity-check')",
                    NO_ARGS));
    GOOD(db_commit(db));
}
/* What a reader knows of a word ends with the next write. */
static void body_search_again(Env *e) {
    Db *db = begin_write(e);
    GOOD(db_ensure_search(db));
    put_doc(e, db, 1, "virement");
    GOOD(db_commit(db));
    for (int i = 0; i < 3; i++) {
        db = begin_read(e);
        assert_int_equal(hits(e, db, "vire"), i ? 3 : 1);
        assert_int_equal(hits(e, db, "vire"), i ? 3 : 1);
        for (int k = 0; k < 20; k++) /* more words than are kept */
            assert_int_equal(hits(e, db, str_fmt(e->a, "mot%d", k).p), 0);
        db_rollback(db);
        if (i) continue;
        db = begin_write(e);
        put_doc(e, db, 2, "virements");
        GOOD(db_commit(db));
    }
}
static void test_store_search_again(void **state) {
    (void)state;
    each(body_search_again);
}

static void test_store_search(void **state) {
    (void)state;
    each(body_search);
}

/* Each commit leaves a part of its own; joined they find the same. */
static void body_search_tend(Env *e) {
    enum { COMMITS = 14 };
    bool more = true;
    for (int i = 1; i <= COMMITS; i++) {
        Db *db = begin_write(e);
        put_doc(e, db, i, "Virement en double");
        GOOD(db_commit(db));
    }
    Db *db = begin_write(e);
    int64_t all = hits(e, db, "virement double");
    assert_int_equal(all, COMMITS * (COMMITS + 1) / 2);
    for (int i = 0; more; i++) {
        assert_true(i < 50);
        GOOD(db_search_tend(&more, db, 4, i == 0));
    }
    assert_int_equal(hits(e, db, "virement double"), all);
    if (e->kind == DB_SQLITE)
        assert_int_equal(get_int(db, "SELECT COUNT(DISTINCT segid) FROM search_text_idx"), 1);
    GOOD(db_search_tend(&more, db, 4, true));
    assert_false(more);
    GOOD(db_load_begin(db));
    put_doc(e, db, COMMITS + 1, "Virement en double");
    GOOD(db_load_end(db));
    assert_int_equal(hits(e, db, "virement double"), all + COMMITS + 1);
    GOOD(db_commit(db));
}
static void test_store_search_tend(void **state) {
    (void)state;
    each(body_search_tend);
}
