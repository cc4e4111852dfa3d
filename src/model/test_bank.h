/* test_bank.h: a small bank for unit tests of the engine: one type with most field kinds, one
 * measure, units, users, on SQLite and, when GARDEFOU_TEST_PG names a database, in a schema of its
 * own on PostgreSQL. Included by tests only; everything is static. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef MODEL_TEST_BANK_H
#define MODEL_TEST_BANK_H

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
#include "model/access.h"
#include "model/history.h"
#include "model/list.h"
#include "model/measure.h"

/* clang-format off */
static const Choice bank_tags[] = {{"a", "A", 0}, {"b", "B", 0}, {"c", "C", 0}, {0}};
static const FieldDef bank_lines[] = {
    {.name = "label", .label = "Label", .kind = KIND_TEXT}, {.name = "part", .label = "Part", .kind = KIND_MONEY}, {0}};
static const FieldDef probe_fields[] = {
    {.name = "title", .label = "Title", .kind = KIND_TEXT, .flags = F_REQUIRED | F_LISTED | F_SORTED},
    {.name = "story", .label = "Story", .kind = KIND_LONG},
    {.name = "happened", .label = "Happened", .kind = KIND_DATE, .flags = F_FILTER},
    {.name = "event_type", .label = "Event type", .kind = KIND_TAXON, .of = "event_type", .flags = F_FILTER},
    {.name = "gross", .label = "Gross", .kind = KIND_MONEY},
    {.name = "share", .label = "Share", .kind = KIND_PERCENT},
    {.name = "tags", .label = "Tags", .kind = KIND_CHOICES, .choices = bank_tags},
    {.name = "suspect", .label = "Suspect", .kind = KIND_TEXT, .flags = F_SENSITIVE},
    {.name = "key_hash", .label = "Key", .kind = KIND_TEXT, .flags = F_SECRET | F_HIDDEN},
    {.name = "total", .label = "Total", .kind = KIND_INT, .flags = F_DERIVED},
    {.name = "lines", .label = "Lines", .kind = KIND_ROWS, .rows = bank_lines},
    {0}};
static const StateDef probe_states[] = {
    {"open", "Open", TONE_INFO, 1, 0, NULL}, {"closed", "Closed", TONE_GOOD, 2, STATE_CLOSED, NULL},
    {"void", "Void", TONE_MUTED, 3, STATE_CLOSED | STATE_VOID, NULL}, {0}};
static const GrantDef probe_grants[] = {
    {"analyst", OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {"auditor", OP_READ | OP_HISTORY, SCOPE_ALL, false, "suspect", NULL, NULL},
    {"correspondent", OP_READ | OP_CREATE | OP_UPDATE, SCOPE_UNIT, false, "gross", NULL, NULL},
    {"declarant", OP_READ | OP_CREATE, SCOPE_OWN, false, NULL, NULL, NULL}, {0}};
static const TypeDef probe_type = {
    .name = "probe", .label = "Probe", .plural_label = "Probes", .prefix = "PRB", .title = "title",
    .flags = TYPE_CONFIDENTIAL | TYPE_PLAIN, .fields = probe_fields, .states = probe_states, .grants = probe_grants};
/* clang-format on */

static Err probe_facts(Ctx *c, const Record *r, MeasureFacts *out) {
    int64_t days;
    int year, month, day;
    Value gross = record_get(r, "gross");
    if ((r->state->flags & STATE_VOID) || !date_parse(&days, record_text(r, "happened"))) return OK;
    date_from_days(&year, &month, &day, days);
    GROW(c->arena, out->items, out->n, out->cap);
    out->items[out->n++] = (MeasureFact){.unit = r->unit,
                                         .is_restricted = r->is_restricted,
                                         .month = year * 12 + month - 1,
                                         .dims = {record_int(r, "event_type")},
                                         .count = 1,
                                         .sums = {gross.i, gross.i / 2}};
    return OK;
}

static const MeasureDef probe_measures[] = {{.name = "probes",
                                             .label = "Probes",
                                             .type = "probe",
                                             .dims = {"event_type"},
                                             .dim_taxonomy = {"event_type"},
                                             .sums = {"gross", "half"},
                                             .sum_labels = {"Gross", "Half"},
                                             .date_field = "happened",
                                             .facts = probe_facts},
                                            {0}};
static const TypeDef *const bank_types[] = {&probe_type, NULL};
static const Module bank_module = {
    .name = "bank", .label = "Bank", .types = bank_types, .measures = probe_measures};
#ifndef BANK_MORE /* further modules of a test: "&my_module," */
#define BANK_MORE
#endif
static const Module *const bank_modules[] = {&bank_module, BANK_MORE NULL};

typedef struct Bank {
    Arena *arena;
    DbBase *base;
    DbSession *session;
    const Model *model;
    const Type *probe;
    Ctx *c; /* system actor, writing transaction between bank_begin and bank_commit */
    char path[64];
    int64_t entity, head, casa, agdal, user; /* casa and agdal report to head */
    int64_t fraud, theft, system;            /* theft is under fraud */
    int64_t at;
} Bank;

/* From now on the bank is in that zone. */
static inline void bank_zone(Bank *b, const char *iana) {
    Site *site = NEW(b->arena, Site);
    assert_int_equal(zone_open(&site->zone, b->arena, iana), OK);
    b->model = model_at(b->model, b->arena, site);
}

static void bank_begin(Bank *b) {
    b->c = ctx_new(b->arena, b->model, b->session);
    assert_int_equal(db_write(&b->c->db, b->session), OK);
    actor_system(b->c);
    ctx_at(b->c, b->at += 1000000);
    b->c->source = S("test");
}

static void bank_commit(Bank *b) {
    assert_int_equal(db_commit(b->c->db), OK);
    b->c = NULL;
}

static inline void bank_read(Bank *b) {
    b->c = ctx_new(b->arena, b->model, b->session);
    assert_int_equal(db_read(&b->c->db, b->session), OK);
    actor_system(b->c);
    ctx_at(b->c, b->at);
}

static inline void bank_end(Bank *b) {
    db_rollback(b->c->db);
    b->c = NULL;
}

static inline void bank_sql(Bank *b, const char *sql) {
    Err err = db_run(b->c->db, NULL, sql, NO_ARGS);
    if (err != OK) print_error("%s: %s\n", sql, db_error(b->c->db));
    assert_int_equal(err, OK);
}

static Record *bank_save(Bank *b, Record *r, const char *action) {
    Record *out;
    Err err = record_save(&out, b->c, r, action);
    for (size_t i = 0; i < b->c->issues.n; i++)
        print_error("%.*s: %s\n", FMT(b->c->issues.items[i].field), b->c->issues.items[i].text);
    assert_int_equal(err, OK);
    return out;
}

static int64_t bank_named(Bank *b, const char *type, const char *code, const char *field,
                          Value value, int64_t parent) {
    Record *r = record_new(b->c, model_need(b->model, type));
    record_set(r, "code", value_text(str_of(code)));
    record_set(r, "name_fr", value_text(str_of(code)));
    record_set(r, field, value);
    if (parent) record_set(r, "parent", value_int(parent));
    return bank_save(b, r, "create")->id;
}

static inline Record *bank_probe(Bank *b, const char *title, int64_t unit, int64_t event_type,
                                 const char *day, int64_t gross) {
    Record *r = record_new(b->c, b->probe);
    record_set(r, "title", value_text(str_of(title)));
    record_set(r, "happened", value_text(str_of(day)));
    record_set(r, "event_type", event_type ? value_int(event_type) : (Value){0});
    record_set(r, "gross", value_money(gross, S("MAD")));
    r->unit = unit;
    return r;
}

/* One database after the other: the n-th engine, or NULL when there is none. */
static Bank *bank_open(int n) {
    static int count;
    const char *pg = getenv("GARDEFOU_TEST_PG");
    if (n > 1 || (n == 1 && !pg)) return NULL;
    Arena *a = arena_new(0);
    Bank *b = NEW(a, Bank);
    Str url, why = {0};
    secret_init();
    b->arena = a;
    b->at = INT64_C(1700000000000000);
    if (n == 0) {
        snprintf(b->path, sizeof b->path, "/tmp/gardefou_bank_%d_%d.db", (int)getpid(), count++);
        unlink(b->path);
        url = str_fmt(a, "sqlite:%s", b->path);
    } else {
        assert_int_equal(db_open(&b->base, &why, a, str_of(pg), (DbOptions){0}), OK);
        assert_int_equal(db_session_new(&b->session, b->base), OK);
        Db *db;
        assert_int_equal(db_write(&db, b->session), OK);
        assert_int_equal(db_run(db, NULL, "DROP SCHEMA IF EXISTS test_bank CASCADE", NO_ARGS), OK);
        assert_int_equal(db_run(db, NULL, "CREATE SCHEMA test_bank", NO_ARGS), OK);
        assert_int_equal(db_commit(db), OK);
        db_session_free(b->session);
        db_close(b->base);
        url = str_fmt(a, "%s%soptions=-csearch_path%%3Dtest_bank", pg, strchr(pg, '?') ? "&" : "?");
    }
    Err err = db_open(&b->base, &why, a, url, (DbOptions){.create = true, .exclusive = true});
    if (err != OK) print_error("%.*s\n", FMT(why));
    assert_int_equal(err, OK);
    assert_int_equal(db_session_new(&b->session, b->base), OK);
    b->model = model_build(a, bank_modules);
    b->probe = model_need(b->model, "probe");
    bank_begin(b);
    err = model_migrate(b->model, b->c->db);
    if (err != OK) print_error("%s\n", db_error(b->c->db));
    assert_int_equal(err, OK);
    b->entity = bank_named(b, "entity", "BNK", "currency", value_text(S("MAD")), 0);
    b->head = bank_named(b, "unit", "HEAD", "entity", value_int(b->entity), 0);
    b->casa = bank_named(b, "unit", "CASA", "entity", value_int(b->entity), b->head);
    b->agdal = bank_named(b, "unit", "AGDAL", "entity", value_int(b->entity), b->head);
    b->fraud = bank_named(b, "taxon", "FRAUD", "kind", value_text(S("event_type")), 0);
    b->theft = bank_named(b, "taxon", "THEFT", "kind", value_text(S("event_type")), b->fraud);
    b->system = bank_named(b, "taxon", "SYSTEM", "kind", value_text(S("event_type")), 0);
    Record *user = record_new(b->c, model_need(b->model, "user"));
    record_set(user, "email", value_text(S("salma@bank.test")));
    record_set(user, "name", value_text(S("Salma")));
    b->user = bank_save(b, user, "create")->id;
    bank_commit(b);
    return b;
}

static void bank_close(Bank *b) {
    db_session_free(b->session);
    db_close(b->base);
    char path[96];
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    for (size_t i = 0; b->path[0] && i < LENGTH(suffixes); i++) {
        snprintf(path, sizeof path, "%s%s", b->path, suffixes[i]);
        unlink(path);
    }
    arena_free(b->arena);
}

/* Runs the body on a new bank of each database, outside a transaction. */
static inline void bank_each_idle(void (*body)(Bank *b)) {
    for (int n = 0;; n++) {
        Bank *b = bank_open(n);
        if (!b) return;
        body(b);
        bank_close(b);
    }
}

/* The same in one transaction, committed at the end. */
static inline void bank_each(void (*body)(Bank *b)) {
    for (int n = 0;; n++) {
        Bank *b = bank_open(n);
        if (!b) return;
        bank_begin(b);
        body(b);
        bank_commit(b);
        bank_close(b);
    }
}

#endif
