/* fuzz_filter.c: the address of a list, run: query string to filters to SQL, executed on a database
 * in memory that has every table of the program and a few records. An input is an address,
 * "incidents?state.open=1"; a "!" before it asks as a correspondent instead of the system. A list
 * answers, or names what it does not understand; the database never complains.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/secret.h"
#include "model/list.h"
#include "web/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Bank { /* made once for the process */
    Arena *arena;
    const Model *model;
    DbBase *base;
    DbSession *session;
    int64_t person;
    char path[64];
} Bank;
static Bank bank;

static void forget(void) {
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
    char path[80];
    if (bank.session) db_session_free(bank.session);
    if (bank.base) db_close(bank.base);
    for (size_t i = 0; i < LENGTH(ends); i++) {
        snprintf(path, sizeof path, "%s%s", bank.path, ends[i]);
        unlink(path);
    }
    if (bank.arena) arena_free(bank.arena);
}

static Ctx *context(Arena *a, bool writes) {
    Ctx *c = ctx_new(a, bank.model, bank.session);
    Err e = writes ? db_write(&c->db, bank.session) : db_read(&c->db, bank.session);
    CHECK(e == OK, "no transaction");
    actor_system(c);
    c->source = S("test");
    return c;
}

static int64_t added(Ctx *c, const char *type, const char *const pairs[][2], size_t n) {
    Input in = {0};
    Record *r;
    for (size_t i = 0; i < n; i++)
        input_add(&in, c->arena, str_of(pairs[i][0]), str_of(pairs[i][1]));
    Err e = record_create(&r, c, model_need(c->model, type), &in);
    for (size_t i = 0; i < c->issues.n; i++) fprintf(stderr, "%s\n", c->issues.items[i].text);
    CHECK(e == OK, "a record for the fuzzer");
    return r->id;
}

static void fill(void) {
    static const char *const entity[][2] = {
        {"code", "BNK"}, {"name_fr", "Banque"}, {"currency", "MAD"}, {"country", "MA"}};
    static const char *const unit[][2] = {
        {"code", "SIEGE"}, {"name_fr", "Siège"}, {"entity", "BNK"}, {"kind", "head_office"}};
    static const char *const user[][2] = {
        {"email", "salma@bank.test"}, {"name", "Salma"}, {"unit", "SIEGE"}};
    static const char *const role[][2] = {
        {"person", "salma@bank.test"}, {"role", "correspondent"}, {"unit", "SIEGE"}};
    Ctx *c = context(bank.arena, true);
    CHECK(model_migrate(bank.model, c->db) == OK, "no tables");
    for (size_t i = 0; all_modules[i]; i++)
        if (all_modules[i]->seed) CHECK(all_modules[i]->seed(c) == OK, "no reference data");
    added(c, "entity", entity, LENGTH(entity));
    added(c, "unit", unit, LENGTH(unit));
    bank.person = added(c, "user", user, LENGTH(user));
    added(c, "role_assignment", role, LENGTH(role));
    CHECK(db_commit(c->db) == OK, "not saved");
}

static void open_bank(void) {
    Str why;
    secret_init();
    bank.arena = arena_new(0);
    bank.model = model_load(bank.arena);
    snprintf(bank.path, sizeof bank.path, "/dev/shm/gardefou-fuzz-%d.db", (int)getpid());
    Str url = str_fmt(bank.arena, "sqlite:%s", bank.path);
    CHECK(db_open(&bank.base, &why, bank.arena, url,
                  (DbOptions){.create = true, .exclusive = true}) == OK &&
              db_session_new(&bank.session, bank.base) == OK,
          "no database");
    atexit(forget);
    fill();
}

static bool may_fail(Err e, const Ctx *c) {
    return e == OK || (e == ERR_INVALID && c->issues.errors) || e == ERR_DENIED;
}

static void run(Ctx *c, const Type *t, const Input *in) {
    ListQuery q;
    ListCursor *cursor;
    Record *r;
    int64_t n;
    bool exact;
    Err e = list_parse(&q, c, t, in);
    CHECK(may_fail(e, c), "a list is parsed, or the reason is named");
    if (e != OK) return;
    e = list_open(&cursor, c, &q);
    for (r = NULL; e == OK;) {
        e = list_next(&r, cursor, c->arena);
        if (!r) break;
    }
    if (!may_fail(e, c)) fprintf(stderr, "%d: %s\n", (int)e, db_error(c->db));
    CHECK(may_fail(e, c), "the database complains of a list");
    if (e == OK) (void)list_after(cursor);
    c->issues = (Issues){0};
    e = list_count(&n, &exact, c, &q, LIST_COUNT_API);
    if (!may_fail(e, c)) fprintf(stderr, "%d: %s\n", (int)e, db_error(c->db));
    CHECK(may_fail(e, c), "the database complains of a count");
}

/* The list that the address names, else one that its first byte picks. */
static const Type *list_of(Str *query, Str address) {
    ptrdiff_t mark = str_find_char(address, '?');
    const Type *t = NULL;
    *query = mark < 0 ? address : str_sub(address, (size_t)mark + 1, address.n);
    if (mark > 0) t = model_type_by_plural(bank.model, str_sub(address, 0, (size_t)mark));
    unsigned char first = address.n ? (unsigned char)address.p[0] : 0;
    return t ? t : &bank.model->types[first % bank.model->n_types];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1 || size > 8192) return 0;
    if (!bank.model) open_bank();
    Arena *a = arena_new(64 << 20);
    Input in = {0};
    Str query, address = {(const char *)data, size};
    bool as_person = address.p[0] == '!';
    if (as_person) address = str_sub(address, 1, size);
    const Type *t = list_of(&query, address);
    if (decode_query(&in, a, query) == OK) {
        Ctx *c = context(a, false);
        if (as_person) CHECK(actor_load(c, bank.person) == OK, "nobody");
        run(c, t, &in);
        db_rollback(c->db);
    }
    arena_free(a);
    return 0;
}
