/* model_tables.c: the database tables of the effective model and of the engine itself; additive
 * only. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/vault.h"
#include "model/account.h"
#include "model/columns.h"
#include "model/core_rules.h"
#include "model/history.h"
#include "model/idempotency.h"
#include "model/import_run.h"
#include "model/measure.h"
#include "model/migration.h"
#include "model/names.h"
#include "model/outbox.h"
#include "model/saved_view.h"
#include "model/series.h"
#include "store/file_store.h"

typedef struct Tables {
    Arena *arena;
    DbTable *items;
    size_t n, cap;
} Tables;

typedef struct ColumnList {
    Arena *arena;
    DbColumn *items;
    size_t n, cap;
    DbIndex *indexes;
    size_t n_indexes, cap_indexes;
} ColumnList;

static void column(ColumnList *l, const char *name, DbType type, const char *references) {
    GROW(l->arena, l->items, l->n, l->cap);
    l->items[l->n++] = (DbColumn){.name = name, .type = type, .references = references};
}

static void column_default(ColumnList *l, const char *name, DbType type, const char *value) {
    GROW(l->arena, l->items, l->n, l->cap);
    l->items[l->n++] =
        (DbColumn){.name = name, .type = type, .not_null = true, .default_sql = value};
}

static void index_where(ColumnList *l, const char *table, const char *suffix, const char *columns,
                        bool unique, const char *where) {
    GROW(l->arena, l->indexes, l->n_indexes, l->cap_indexes);
    l->indexes[l->n_indexes++] = (DbIndex){.name = str_fmt(l->arena, "%s_%s", table, suffix).p,
                                           .columns = str_copy(l->arena, str_of(columns)).p,
                                           .unique = unique,
                                           .where = where};
}

static void index_on(ColumnList *l, const char *table, const char *suffix, const char *columns,
                     bool unique) {
    index_where(l, table, suffix, columns, unique, NULL);
}

static void table_put(Tables *t, const char *name, ColumnList *l, const char *key) {
    GROW(t->arena, t->items, t->n, t->cap);
    t->items[t->n++] = (DbTable){.name = name,
                                 .columns = l->items,
                                 .n_columns = l->n,
                                 .key = key,
                                 .indexes = l->indexes,
                                 .n_indexes = l->n_indexes};
}

static bool is_integer(FieldKind k) {
    return k == KIND_INT || k == KIND_MONEY || k == KIND_DECIMAL || k == KIND_PERCENT ||
           k == KIND_INSTANT || k == KIND_BOOL || k == KIND_TAXON || k == KIND_REF ||
           k == KIND_USER || k == KIND_UNIT;
}

static void field_columns(ColumnList *l, const Field *f, bool is_past) {
    const char *references = f->target && !is_past && is_integer(f->kind) ? f->target->name : NULL;
    column(l, f->name, is_integer(f->kind) ? DB_INT : DB_TEXT, references);
    if (f->kind == KIND_MONEY) column(l, f->currency, DB_TEXT, NULL);
    if (columns_has_sort(f)) column(l, f->sort, DB_TEXT, NULL);
}

static void system_columns(ColumnList *l, const Type *t, bool is_past) {
    column(l, "id", DB_INT, NULL);
    column_default(l, "year", DB_INT, "0");
    column_default(l, "seq", DB_INT, "0");
    column_default(l, "version", DB_INT, "1");
    column_default(l, "state", DB_TEXT, "''");
    column(l, "unit", DB_INT, is_past || (t->flags & TYPE_NO_UNIT) ? NULL : "unit");
    column(l, "owner", DB_INT, is_past ? NULL : "user");
    column_default(l, "restricted", DB_INT, "0");
    column_default(l, "created_at", DB_INT, "0");
    column(l, "created_by", DB_INT, is_past ? NULL : "user");
    column_default(l, "updated_at", DB_INT, "0");
    column(l, "updated_by", DB_INT, is_past ? NULL : "user");
    column(l, "moved_by", DB_INT, is_past ? NULL : "user");
    column_default(l, "hash", DB_TEXT, "''");
    column_default(l, "recorded_from", DB_INT, "0");
}

static void type_indexes(ColumnList *l, Arena *a, const Type *t, const char *table) {
    index_on(l, table, "unit_id", "unit, id", false);
    index_on(l, table, "state_id", "state, id", false);
    index_where(l, table, "owner_id", "owner, id", false, "owner IS NOT NULL");
    index_on(l, table, "created_by_id", "created_by, id", false);
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        if (f->flags & F_SORTED) {
            index_on(l, table, str_fmt(a, "%s_o", f->name).p, str_fmt(a, "%s, id", f->sort).p,
                     false);
            index_on(l, table, str_fmt(a, "%s_u", f->name).p, str_fmt(a, "unit, %s, id", f->sort).p,
                     false);
        } else if ((f->target && is_integer(f->kind)) || (f->flags & F_LOOKUP))
            /* Asked by value only: rows without one need no place in it. */
            index_where(l, table, str_fmt(a, "%s_i", f->name).p, str_fmt(a, "%s, id", f->name).p,
                        false, str_fmt(a, "%s IS NOT NULL", f->name).p);
    }
}

static bool is_indexed(const Field *f) {
    return (f->flags & (F_SORTED | F_LOOKUP | F_UNIQUE)) || (f->target && is_integer(f->kind));
}

static void type_columns(ColumnList *l, const Type *t, bool is_past) {
    system_columns(l, t, is_past);
    for (size_t i = 0; i < t->n_fields; i++)
        if (is_indexed(&t->fields[i])) field_columns(l, &t->fields[i], is_past);
    for (size_t i = 0; i < t->n_fields; i++)
        if (!is_indexed(&t->fields[i])) field_columns(l, &t->fields[i], is_past);
}

/* What lists filter and sort by comes first in a row: SQLite walks a row from its beginning, and an
 * index that is made reads every row. Bases made before have another order, which nothing minds. */
static void type_tables(Tables *out, const Type *t) {
    Arena *a = out->arena;
    ColumnList now = {.arena = a}, past = {.arena = a};
    type_columns(&now, t, false);
    type_columns(&past, t, true);
    column_default(&past, "recorded_until", DB_INT, "0");
    type_indexes(&now, a, t, t->name);
    if (!t->key) index_on(&now, t->name, "number", "year, seq", true);
    for (size_t i = 0; i < t->n_fields; i++)
        if (t->fields[i].flags & F_UNIQUE)
            index_on(&now, t->name, str_fmt(a, "%s_unique", t->fields[i].name).p, t->fields[i].name,
                     true);
    type_indexes(&past, a, t, t->columns.past);
    table_put(out, t->name, &now, NULL);
    table_put(out, t->columns.past, &past, "id, recorded_until");
}

/* ---- without indexes for a while ---- */

/* Those by value ("_i"), and those by unit of what is looked up ("_u"), find records also for
 * rules, while others are saved: without one, each save would read the whole table. */
static bool serves_lists(const Type *t, Str index) {
    if (str_ends(index, S("_i"))) return false;
    if (!str_ends(index, S("_u"))) return true;
    size_t before = strlen(t->name) + 1;
    const Field *f = type_field(t, str_sub(index, before, index.n - before - 2));
    return !f || !(f->flags & F_LOOKUP);
}

Err model_unindex(Db *db, const Type *t) {
    Arena *a = arena_new(0);
    Tables tables = {.arena = a};
    type_tables(&tables, t);
    const DbTable *now = &tables.items[0];
    Err e = OK;
    for (size_t i = 0; !e && i < now->n_indexes; i++)
        if (!now->indexes[i].unique && serves_lists(t, str_of(now->indexes[i].name)))
            e = db_drop_index(db, now->indexes[i].name);
    arena_free(a);
    return e;
}

Err model_reindex(Db *db, const Type *t) {
    Arena *a = arena_new(0);
    Tables tables = {.arena = a};
    type_tables(&tables, t);
    Err e = db_ensure(db, tables.items, 1);
    arena_free(a);
    return e;
}

/* Side tables make lists searchable in SQL; the record's own column stays the source. */
static void side_tables(Tables *out, const Type *t) {
    Arena *a = out->arena;
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        if (!f->table) continue;
        ColumnList l = {.arena = a};
        column(&l, "record", DB_INT, t->name);
        column_default(&l, "pos", DB_INT, "0");
        if (f->kind == KIND_ROWS)
            for (size_t k = 0; k < f->n_rows; k++) field_columns(&l, &f->rows[k], false);
        else
            column(&l, "target", DB_INT, f->kind == KIND_REFS ? f->target->name : "file");
        if (f->kind != KIND_ROWS) index_on(&l, f->table, "target_i", "target", false);
        table_put(out, f->table, &l, "record, pos");
    }
}

static void tables_put(Tables *t, const DbTable *tables, size_t n) {
    for (size_t i = 0; i < n; i++) {
        GROW(t->arena, t->items, t->n, t->cap);
        t->items[t->n++] = tables[i];
    }
}

/* All at once: what the base has is read once. */
static void all_tables(Tables *t, const Model *m) {
    size_t n_series;
    tables_put(t, file_store_tables, file_store_n_tables);
    for (size_t i = 0; i < m->n_types; i++) type_tables(t, &m->types[i]);
    for (size_t i = 0; i < m->n_types; i++) side_tables(t, &m->types[i]);
    const DbTable *series = series_tables(&n_series, t->arena, m);
    tables_put(t, series, n_series);
    tables_put(t, history_tables, history_n_tables);
    tables_put(t, measure_tables, measure_n_tables);
    tables_put(t, unit_tree_tables, unit_tree_n_tables);
    tables_put(t, account_tables, account_n_tables);
    tables_put(t, names_tables, names_n_tables);
    tables_put(t, vault_tables, vault_n_tables);
    tables_put(t, idempotency_tables, idempotency_n_tables);
    tables_put(t, saved_view_tables, saved_view_n_tables);
    tables_put(t, outbox_tables, outbox_n_tables);
    tables_put(t, import_tables, import_n_tables);
    for (size_t i = 0; i < m->n_tables; i++) tables_put(t, m->tables[i], 1);
    tables_put(t, &db_search_table, 1);
}

Err model_migrate(const Model *m, Db *db) {
    Arena *a = arena_new(0);
    Tables t = {.arena = a};
    bool is_new = false;
    all_tables(&t, m);
    Err e = migration_check(&is_new, db, model_migrations);
    if (!e) e = db_ensure(db, t.items, t.n);
    if (!e) e = db_ensure_search(db);
    if (!e) e = measure_keep(m, db);
    if (!e) e = migration_run(db, model_migrations, is_new);
    arena_free(a);
    return e;
}

Err model_base_age(BaseAge *out, const Model *m, Db *db) {
    Arena *a = arena_new(0);
    Tables t = {.arena = a};
    Str lacks = {0};
    all_tables(&t, m);
    Err e = migration_age(out, db, model_migrations);
    if (!e && *out == BASE_FITS) e = db_lacks(&lacks, db, a, t.items, t.n);
    if (!e && *out == BASE_FITS && lacks.n) *out = BASE_BEHIND;
    arena_free(a);
    return e;
}
