/* test_indicator_world.h: a bank with one unit and two people for the tests of the module, on
 * SQLite and, when GARDEFOU_TEST_PG is there, PostgreSQL. SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef MODULES_INDICATOR_TEST_INDICATOR_WORLD_H
#define MODULES_INDICATOR_TEST_INDICATOR_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"
#include "model/history.h"
#include "modules/indicator/indicator_pages.h"

#define OKAY(expression) assert_int_equal((expression), OK)
#define V(x) ((int64_t)((x)*1000000 + 0.5))

typedef struct World {
    Arena *arena;
    DbBase *base;
    DbSession *session;
    Ctx *c;
    char path[80];
    int64_t unit, provider, reviewer;
} World;

static inline World *open_world(int n, const char *schema) {
    static int count;
    const char *pg = getenv("GARDEFOU_TEST_PG");
    if (n > 1 || (n == 1 && !pg)) return NULL;
    Arena *a = arena_new(0);
    World *w = NEW(a, World);
    Str url, why = {0};
    w->arena = a;
    secret_init();
    snprintf(w->path, sizeof w->path, "/tmp/gardefou_indicator_%d_%d.db", (int)getpid(), count++);
    url = str_fmt(a, "sqlite:%s", w->path);
    if (n == 1) {
        Db *db;
        OKAY(db_open(&w->base, &why, a, str_of(pg), (DbOptions){0}));
        OKAY(db_session_new(&w->session, w->base));
        OKAY(db_write(&db, w->session));
        OKAY(db_run(db, NULL, str_fmt(a, "DROP SCHEMA IF EXISTS %s CASCADE", schema).p, NO_ARGS));
        OKAY(db_run(db, NULL, str_fmt(a, "CREATE SCHEMA %s", schema).p, NO_ARGS));
        OKAY(db_commit(db));
        db_session_free(w->session);
        db_close(w->base);
        url =
            str_fmt(a, "%s%soptions=-csearch_path%%3D%s", pg, strchr(pg, '?') ? "&" : "?", schema);
    }
    OKAY(db_open(&w->base, &why, a, url, (DbOptions){.create = true, .exclusive = true}));
    OKAY(db_session_new(&w->session, w->base));
    const Model *m = model_load(a);
    w->c = ctx_new(a, m, w->session);
    OKAY(db_write(&w->c->db, w->session));
    actor_system(w->c);
    w->c->source = S("test");
    OKAY(model_migrate(m, w->c->db));
    for (size_t i = 0; all_modules[i]; i++)
        if (all_modules[i]->seed) OKAY(all_modules[i]->seed(w->c));
    return w;
}

static inline void close_world(World *w) {
    char path[96];
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
    db_rollback(w->c->db);
    db_session_free(w->session);
    db_close(w->base);
    for (size_t i = 0; i < LENGTH(ends); i++) {
        snprintf(path, sizeof path, "%s%s", w->path, ends[i]);
        unlink(path);
    }
    arena_free(w->arena);
}

static inline void on_day(World *w, const char *day) {
    int64_t days;
    assert_true(date_parse(&days, str_of(day)));
    w->c->today = str_of(day);
    w->c->now_us = days * INT64_C(86400000000) + INT64_C(36000000000);
    w->c->issues = (Issues){0};
}

static inline Record *save(World *w, Record *r) {
    Record *out;
    Err e = record_save(&out, w->c, r, "create");
    for (size_t i = 0; i < w->c->issues.n; i++)
        print_error("%.*s: %s\n", FMT(w->c->issues.items[i].field), w->c->issues.items[i].text);
    OKAY(e);
    return out;
}

static inline void people(World *w) {
    Ctx *c = w->c;
    Record *r = record_new(c, model_need(c->model, "entity"));
    record_set(r, "code", value_text(S("BNK")));
    record_set(r, "name_fr", value_text(S("Banque")));
    record_set(r, "currency", value_text(S("MAD")));
    record_set(r, "country", value_text(S("MA")));
    int64_t entity = save(w, r)->id;
    r = record_new(c, model_need(c->model, "unit"));
    record_set(r, "code", value_text(S("HEAD")));
    record_set(r, "name_fr", value_text(S("Siège")));
    record_set(r, "entity", value_int(entity));
    w->unit = save(w, r)->id;
    for (int i = 0; i < 2; i++) {
        r = record_new(c, model_need(c->model, "user"));
        record_set(r, "email", value_text(i ? S("reviewer@bank.test") : S("provider@bank.test")));
        record_set(r, "name", value_text(i ? S("Réviseur") : S("Fournisseur")));
        *(i ? &w->reviewer : &w->provider) = save(w, r)->id;
    }
}

static inline Record *use(World *w, const char *code, const char *from) {
    int64_t definition;
    Record *r = record_new(w->c, model_need(w->c->model, "indicator"));
    OKAY(
        ref_find(&definition, w->c, model_need(w->c->model, "indicator_definition"), str_of(code)));
    record_set(r, "definition", value_int(definition));
    record_set(r, "provider", value_int(w->provider));
    record_set(r, "reviewer", value_int(w->reviewer));
    record_set(r, "active_from", value_text(str_of(from)));
    r->unit = w->unit;
    return save(w, r);
}

#endif
