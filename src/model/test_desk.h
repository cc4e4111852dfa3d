/* test_desk.h: what the unit tests of modules share: a real database with all seeds and the
 * demonstration organisation, on SQLite and, when GARDEFOU_TEST_PG names one, on PostgreSQL; people
 * to act as, inputs from text. Each test runs in a transaction that is rolled back. Included by a
 * test file that sets DESK_NAME ("action") before, and DESK_SEED when a function of the module is
 * to run once the demonstration organisation is there (Err (*)(Ctx *)); its group_setup and
 * group_teardown call desk_setup and desk_teardown. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_TEST_DESK_H
#define MODEL_TEST_DESK_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"
#include "model/record.h"

enum { ENGINES = 2, USERS = 12 };

typedef struct Desk {
    Arena *arena;
    DbBase *base;
    DbSession *session;
    const Model *model;
    char path[80];
    int64_t users[USERS];
} Desk;
static Desk desks[ENGINES];
static size_t n_desks;
static Ctx *c; /* of the running test */
static const Desk *desk;
static const int64_t now_us = INT64_C(1795000000000000); /* 2026-11-18 */

static void show_issues(void) {
    for (size_t i = 0; i < c->issues.n; i++)
        print_error("  %.*s: %s\n", FMT(c->issues.items[i].field), c->issues.items[i].text);
}

#define OKAY(expression)                                                                           \
    do {                                                                                           \
        Err okay_ = (expression);                                                                  \
        if (okay_ != OK) show_issues();                                                            \
        assert_int_equal(okay_, OK);                                                               \
    } while (0)

static void ctx_open(Arena *a, const Desk *d) {
    c = ctx_new(a, d->model, d->session);
    OKAY(db_write(&c->db, d->session));
    actor_system(c);
    c->now_us = now_us;
    c->today = date_of_instant(a, now_us);
    c->source = S("test");
}

static void fill(Desk *d) {
    DemoReport report = {0};
    Records people;
    ctx_open(d->arena, d);
    OKAY(model_migrate(d->model, c->db));
    for (size_t i = 0; all_modules[i]; i++)
        if (all_modules[i]->seed) OKAY(all_modules[i]->seed(c));
    for (size_t i = 0; all_modules[i]; i++)
        if (all_modules[i]->demo && all_modules[i]->demo_order == 1)
            OKAY(all_modules[i]->demo(c, 1, 0, &report));
#ifdef DESK_SEED
    OKAY(DESK_SEED(c));
#endif
    OKAY(record_where(&people, c, model_need(d->model, "user"), "is_demo", value_int(1), USERS));
    assert_int_equal(people.n, USERS);
    for (size_t i = 0; i < USERS; i++) d->users[i] = people.items[i]->id;
    OKAY(db_commit(c->db));
}

static void open_desk(Str url) {
    Desk *d = &desks[n_desks++];
    Str why = {0};
    d->arena = arena_new(0);
    Err e = db_open(&d->base, &why, d->arena, url, (DbOptions){.create = true, .exclusive = true});
    if (e != OK) print_error("%.*s\n", FMT(why));
    assert_int_equal(e, OK);
    assert_int_equal(db_session_new(&d->session, d->base), OK);
    d->model = model_load(d->arena);
    fill(d);
}

static Str fresh_schema(Arena *a, const char *pg) {
    DbBase *base;
    DbSession *session;
    Db *db;
    Str why = {0};
    assert_int_equal(db_open(&base, &why, a, str_of(pg), (DbOptions){0}), OK);
    assert_int_equal(db_session_new(&session, base), OK);
    assert_int_equal(db_write(&db, session), OK);
    assert_int_equal(db_run(db, NULL, "DROP SCHEMA IF EXISTS test_" DESK_NAME " CASCADE", NO_ARGS),
                     OK);
    assert_int_equal(db_run(db, NULL, "CREATE SCHEMA test_" DESK_NAME, NO_ARGS), OK);
    assert_int_equal(db_commit(db), OK);
    db_session_free(session);
    db_close(base);
    return str_fmt(a, "%s%soptions=-csearch_path%%3Dtest_" DESK_NAME, pg,
                   strchr(pg, '?') ? "&" : "?");
}

static int desk_setup(void **state) {
    const char *pg = getenv("GARDEFOU_TEST_PG");
    Arena *a = arena_new(0);
    (void)state;
    secret_init();
    snprintf(desks[0].path, sizeof desks[0].path, "/tmp/gardefou_" DESK_NAME "_%d.db",
             (int)getpid());
    unlink(desks[0].path);
    open_desk(str_fmt(a, "sqlite:%s", desks[0].path));
    if (pg) open_desk(fresh_schema(a, pg));
    arena_free(a);
    return 0;
}

static int desk_teardown(void **state) {
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    char path[96];
    (void)state;
    for (size_t i = 0; i < n_desks; i++) {
        db_session_free(desks[i].session);
        db_close(desks[i].base);
        for (size_t k = 0; desks[i].path[0] && k < LENGTH(suffixes); k++) {
            snprintf(path, sizeof path, "%s%s", desks[i].path, suffixes[k]);
            unlink(path);
        }
        arena_free(desks[i].arena);
    }
    n_desks = 0;
    return 0;
}

static void each(void (*test)(void)) {
    static Db *open; /* left by a test that failed: the next one starts afresh all the same */
    if (open) db_rollback(open);
    for (size_t i = 0; i < n_desks; i++) {
        Arena *a = arena_new(0);
        desk = &desks[i];
        ctx_open(a, desk);
        open = c->db;
        test();
        db_rollback(c->db);
        open = NULL;
        arena_free(a);
    }
}

static inline int64_t find(const char *type, const char *code) {
    int64_t id;
    OKAY(ref_find(&id, c, model_need(c->model, type), str_of(code)));
    return id;
}

/* Acts as user k with the blank separated roles, in one unit or (NULL) everywhere. */
static inline void act(int k, const char *roles, const char *unit_code) {
    Str rest = str_of(roles), word;
    int64_t where = unit_code ? find("unit", unit_code) : 0;
    Actor *a = NEW(c->arena, Actor);
    a->user = desk->users[k];
    a->lang = LANG_FR;
    a->unit = find("unit", "AG-MAA");
    a->roles = NEW_N(c->arena, ActorRole, 8);
    a->roles[a->n_roles++] = (ActorRole){.role = model_role(c->model, S("declarant"))};
    while (roles[0] && str_cut(&word, &rest, ' '))
        a->roles[a->n_roles++] = (ActorRole){.role = model_role(c->model, word), .unit = where};
    c->actor = a;
    c->cache = NULL;
    c->issues = (Issues){0};
}

static inline void as_system(void) {
    c->actor = NEW(c->arena, Actor);
    actor_system(c);
    c->cache = NULL;
    c->issues = (Issues){0};
}

static inline Input *input(const char *text) { /* "name=value|name=value" */
    Input *in = NEW(c->arena, Input);
    Str rest = str_of(text), part, name;
    while (str_cut(&part, &rest, '|')) {
        Str value = part;
        if (!part.n) continue;
        str_cut(&name, &value, '=');
        input_add(in, c->arena, name, value);
    }
    return in;
}

static inline bool has_issue(const char *field) {
    for (size_t i = 0; i < c->issues.n; i++)
        if (str_is(c->issues.items[i].field, field) && !c->issues.items[i].is_warning) return true;
    return false;
}

static inline bool has_code(const char *code) {
    for (size_t i = 0; i < c->issues.n; i++)
        if (strcmp(c->issues.items[i].code, code) == 0) return true;
    return false;
}

static inline Record *create(const char *type, const char *text) {
    Record *r;
    c->issues = (Issues){0};
    OKAY(record_create(&r, c, model_need(c->model, type), input(text)));
    return r;
}

static inline Record *reload(const Record *r) {
    Record *now;
    OKAY(record_load_raw(&now, c, r->type, r->id));
    return now;
}

static inline Record *move(const Record *r, const char *step, const char *text) {
    Record *moved;
    c->issues = (Issues){0};
    Err e = record_move(&moved, c, reload(r), step, input(text));
    if (e != OK) print_error("  the step %s\n", step);
    OKAY(e);
    return moved;
}

/* The step is refused with this Err, and nothing is changed. */
static inline void refuse(const Record *r, const char *step, const char *text, Err why) {
    Record *moved;
    c->issues = (Issues){0};
    OKAY(db_savepoint(c->db));
    Err e = record_move(&moved, c, reload(r), step, input(text));
    if (e != why) print_error("  the step %s\n", step), show_issues();
    assert_int_equal(e, why);
    db_rollback_to(c->db);
}

/* Of all values that the statement gives, in its order. */
static inline Str digest_of(const char *sql) {
    Rows *r;
    bool more;
    Text t = text_new(c->arena, 0);
    OKAY(db_rows(&r, c->db, c->arena, sql, NO_ARGS));
    for (;;) {
        OKAY(rows_next(&more, r));
        if (!more) return sha256_hex(c->arena, text_str(&t));
        for (size_t i = 0; i < rows_count(r); i++) {
            text_add(&t, rows_text(r, i));
            text_char(&t, '\n');
        }
    }
}

#endif
