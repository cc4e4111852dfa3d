/* test_audit_files.c: bytes of stored files that were changed behind the program's back are found,
 * also when the row beside them was changed to fit; so is a file that was given to another record.
 * On both databases. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/model.h"

/* clang-format off */
static const FieldDef paper_fields[] = {
    {.name = "title", .label = "Title", .kind = KIND_TEXT, .flags = F_REQUIRED | F_LISTED},
    {.name = "files", .label = "Files", .kind = KIND_FILES}, {0}};
static const StateDef paper_states[] = {{"open", "Open", TONE_INFO, 1, 0, NULL}, {0}};
static const GrantDef paper_grants[] = {
    {"analyst", OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL}, {0}};
static const TypeDef paper_type = {
    .name = "paper", .label = "Paper", .plural_label = "Papers", .prefix = "PAP", .title = "title",
    .fields = paper_fields, .states = paper_states, .grants = paper_grants};
static const TypeDef *const paper_types[] = {&paper_type, NULL};
/* clang-format on */
static const Module paper_module = {.name = "papers", .label = "Papers", .types = paper_types};
#define BANK_MORE &paper_module,
#include "model/test_bank.h"

#include "store/file_store.h"

enum { LONG_FILE = 600000 };

static int64_t upload(Bank *b, size_t n, char fill) {
    int64_t id;
    char *bytes = NEW_N(b->arena, char, n);
    memset(bytes, fill, n);
    assert_int_equal(file_store_put(&id, b->c->db, S("proof.txt"), S("text/plain"), (Str){bytes, n},
                                    0, b->c->now_us),
                     OK);
    return id;
}

static Record *with_files(Bank *b, Record *r, int64_t first, int64_t second) {
    Value *list = NEW_N(b->arena, Value, 2);
    list[0] = value_int(first);
    list[1] = value_int(second);
    record_set(r, "files", (Value){.kind = V_LIST, .list = list, .n = second ? 2 : 1});
    return bank_save(b, r, r->id ? "update" : "create");
}

static Record *paper(Bank *b, int64_t first, int64_t second) {
    Record *r = record_new(b->c, model_need(b->model, "paper"));
    r->unit = b->casa;
    record_set(r, "title", value_text(S("Paper")));
    return with_files(b, r, first, second);
}

static void assert_harm(Bank *b, const char *sql, const DbValue *args, size_t n,
                        const char *table) {
    AuditResult r = {0};
    assert_int_equal(db_savepoint(b->c->db), OK);
    Err e = db_run(b->c->db, NULL, sql, args, n);
    if (e != OK) print_error("%s: %s\n", sql, db_error(b->c->db));
    assert_int_equal(e, OK);
    assert_int_equal(audit_verify(&r, b->c), OK);
    db_rollback_to(b->c->db);
    if (r.ok) print_error("not found: %s\n", sql);
    assert_false(r.ok);
    assert_true(r.first_bad > 0);
    if (str_find(r.why, str_of(table)) < 0) print_error("%s: %.*s\n", sql, FMT(r.why));
    assert_true(str_find(r.why, str_of(table)) > 0);
}

static void harms(Bank *b) {
    AuditResult r = {0};
    int64_t one = upload(b, LONG_FILE, 'a'), two = upload(b, 10, 'b'), three = upload(b, 20, 'c');
    Record *first = paper(b, one, 0);
    ctx_at(b->c, b->at += 1000000);
    with_files(b, record_clone(b->c, first), one, two);
    paper(b, three, 0);
    assert_int_equal(audit_verify(&r, b->c), OK);
    if (!r.ok) print_error("%.*s\n", FMT(r.why));
    assert_true(r.ok);

    char *other = NEW_N(b->arena, char, 10);
    memset(other, 'x', 10);
    Str bytes = {other, 10}, hash = sha256_hex(b->arena, bytes);
    assert_harm(b, "UPDATE file_part SET bytes = $2 WHERE file = $1",
                ARGS(db_int(two), db_blob(bytes)), "file_part");
    assert_harm(b, "DELETE FROM file_part WHERE file = $1 AND part = 2", ARGS(db_int(one)),
                "file_part");
    assert_harm(b, "UPDATE file_part SET part = 7 - part WHERE file = $1", ARGS(db_int(one)),
                "file_part");
    assert_harm(b, "UPDATE file SET sha256 = $2 WHERE id = $1", ARGS(db_int(two), db_text(hash)),
                "table file)");
    assert_harm(b, "UPDATE file SET size = 11 WHERE id = $1", ARGS(db_int(two)), "table file)");
    assert_harm(b, "UPDATE file SET name = 'other.txt' WHERE id = $1", ARGS(db_int(one)),
                "table file)");
    assert_harm(b, "UPDATE file SET content_type = 'text/html' WHERE id = $1", ARGS(db_int(two)),
                "table file)");
    assert_harm(b, "UPDATE file SET created_by = 99 WHERE id = $1", ARGS(db_int(two)),
                "table file)");
    assert_harm(b, "UPDATE file SET record = $2 WHERE id = $1",
                ARGS(db_int(three), db_int(first->id)), "table file)");
    assert_harm(b, "UPDATE file SET claimed = 0 WHERE id = $1", ARGS(db_int(three)), "table file)");

    /* Bytes and row together: only the history knows better. */
    assert_int_equal(db_savepoint(b->c->db), OK);
    assert_int_equal(db_run(b->c->db, NULL, "UPDATE file SET sha256 = $2 WHERE id = $1",
                            ARGS(db_int(two), db_text(hash))),
                     OK);
    assert_harm(b, "UPDATE file_part SET bytes = $2 WHERE file = $1",
                ARGS(db_int(two), db_blob(bytes)), "file_part");
    db_rollback_to(b->c->db);

    HistoryEntries entries;
    assert_int_equal(history_list(&entries, b->c, first, 0, 10), OK);
    assert_int_equal(entries.n, 2);
    for (size_t i = 0; i < entries.n; i++)
        for (size_t k = 0; k < entries.items[i].n_changes; k++)
            assert_true(str_find_char(entries.items[i].changes[k].name, '.') < 0);
}

static void test_audit_files(void **state) {
    (void)state;
    bank_each(harms);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_audit_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
