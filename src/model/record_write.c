/* record_write.c: the SQL of a save, built from the type's table. Values are bound, names come from
 * the model. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/record_write.h"

#include "base/utf8.h"
#include "model/bulk.h"
#include "model/columns.h"
#include "store/file_store.h"

static DbValue id_or_null(int64_t id) {
    return id ? db_int(id) : db_null();
}

static Err lock_one(Ctx *c, const Type *t, int64_t id) {
    Sql s = sql_new(c->arena, c->db);
    int64_t got;
    bool found;
    sql_add(&s, "SELECT id FROM ");
    sql_name(&s, NULL, t->name);
    sql_add(&s, " WHERE id = ");
    sql_bind(&s, db_int(id));
    sql_add(&s, db_for_update(c->db));
    return db_get_int(&got, &found, c->db, s.text.p, s.args, s.n);
}

Err record_write_lock(Ctx *c, const Record *r) {
    if (db_kind(c->db) == DB_SQLITE) return OK; /* the writer is alone */
    const Field *parent = r->type->parent;
    if (parent && r->values[parent->index].i &&
        !bulk_is_new(c, parent->target, r->values[parent->index].i))
        TRY(lock_one(c, parent->target, r->values[parent->index].i));
    return r->id && !bulk_is_new(c, r->type, r->id) ? lock_one(c, r->type, r->id) : OK;
}

Err record_write_insert(Ctx *c, const Record *r) {
    const TypeColumns *columns = &r->type->columns;
    DbValue *values = NEW_N(c->arena, DbValue, columns->n);
    columns_row(values, c->arena, r, c->now_us);
    Err e = db_run(c->db, NULL, columns->insert, values, columns->n);
    if (e != ERR_CONFLICT || strcmp(db_constraint(c->db), "unique") != 0) return e;
    for (size_t i = 0; i < r->type->n_fields; i++)
        if (r->type->fields[i].flags & F_UNIQUE)
            issue(c, r->type->fields[i].name, "taken", N_("This is taken already."));
    return c->issues.errors ? ERR_INVALID : ERR_CONFLICT;
}

/* The row as it is goes to the past, unless it lived for no time at all. */
static Err keep_past(Ctx *c, const Record *r) {
    return db_post(c->db, r->type->columns.keep, ARGS(db_int(r->id), db_int(c->now_us)));
}

/* Where a version begins the one before ends, also when a clock was set back in between. */
static void set_recorded(Sql *s, const Ctx *c) {
    sql_add(s, "recorded_from = CASE WHEN recorded_from > ");
    sql_bind(s, db_int(c->now_us));
    sql_add(s, " THEN recorded_from ELSE ");
    sql_bind(s, db_int(c->now_us));
    sql_add(s, " END");
}

static void set_changed(Sql *s, Ctx *c, const Record *before, const Record *after,
                        bool derived_only, bool *any) {
    DbValue values[3];
    const char *names[3];
    for (size_t i = 0; i < after->type->n_fields; i++) {
        const Field *f = &after->type->fields[i];
        if ((derived_only && !(f->flags & F_DERIVED)) ||
            value_eq(before->values[i], after->values[i]))
            continue;
        size_t n = columns_values(values, names, c->arena, f, after->values[i]);
        for (size_t k = 0; k < n; k++) {
            if (*any) sql_add(s, ", ");
            *any = true;
            sql_name(s, NULL, names[k]);
            sql_add(s, " = ");
            sql_bind(s, values[k]);
        }
    }
}

Err record_write_update(Ctx *c, const Record *before, const Record *after) {
    static const char *const moving[] = {"version",    "state",        "unit",       "owner",
                                         "restricted", "updated_at",   "updated_by", "moved_by",
                                         "hash",       "recorded_from"};
    Sql s = sql_new(c->arena, c->db);
    int64_t changed;
    bool any = false;
    TRY(keep_past(c, before));
    sql_add(&s, "UPDATE ");
    sql_name(&s, NULL, after->type->name);
    sql_add(&s, " SET ");
    for (size_t i = 0; i < LENGTH(moving); i++) {
        if (any) sql_add(&s, ", ");
        any = true;
        if (strcmp(moving[i], "recorded_from") == 0) {
            set_recorded(&s, c);
            continue;
        }
        sql_name(&s, NULL, moving[i]);
        sql_add(&s, " = ");
        sql_bind(&s, columns_system_value(after, moving[i], c->now_us));
    }
    set_changed(&s, c, before, after, false, &any);
    sql_add(&s, " WHERE id = ");
    sql_bind(&s, db_int(after->id));
    sql_add(&s, " AND version = ");
    sql_bind(&s, db_int(before->version));
    Err e = sql_run(&changed, &s, c->db);
    if (e == ERR_CONFLICT && strcmp(db_constraint(c->db), "unique") == 0) {
        for (size_t i = 0; i < after->type->n_fields; i++)
            if ((after->type->fields[i].flags & F_UNIQUE) &&
                !value_eq(before->values[i], after->values[i]))
                issue(c, after->type->fields[i].name, "taken", N_("This is taken already."));
        return ERR_INVALID;
    }
    TRY(e);
    return changed == 1 ? OK : ERR_CONFLICT;
}

Err record_write_derived(Ctx *c, const Record *before, const Record *after) {
    Sql s = sql_new(c->arena, c->db);
    int64_t changed;
    bool any = true;
    TRY(keep_past(c, before));
    sql_add(&s, "UPDATE ");
    sql_name(&s, NULL, after->type->name);
    sql_add(&s, " SET ");
    set_recorded(&s, c);
    set_changed(&s, c, before, after, true, &any);
    sql_add(&s, " WHERE id = ");
    sql_bind(&s, db_int(after->id));
    TRY(sql_run(&changed, &s, c->db));
    if (changed != 1) return ERR_CONFLICT;
    return record_write_sides(c, before, after); /* derived lists of references */
}

/* The columns of the derived fields, with the values of one record. */
static size_t derived_columns(DbValue *values, const char **names, Ctx *c, const Record *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->type->n_fields; i++)
        if (r->type->fields[i].flags & F_DERIVED)
            n += columns_values(values + n, names + n, c->arena, &r->type->fields[i], r->values[i]);
    return n;
}

static DbType column_kind(const Type *t, const char *name) {
    for (size_t i = 0; i < t->columns.n; i++)
        if (strcmp(t->columns.names[i], name) == 0) return t->columns.kinds[i];
    return DB_TEXT;
}

/* As keep_past for each of them. */
static Err keep_past_many(Ctx *c, const Type *t, const int64_t *ids, size_t n) {
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "INSERT INTO ");
    sql_name(&s, NULL, t->columns.past);
    sql_add(&s, " (");
    sql_add(&s, t->columns.row);
    sql_add(&s, ", recorded_until) SELECT ");
    sql_add(&s, t->columns.row);
    sql_add(&s, ", ");
    sql_bind(&s, db_int(c->now_us));
    sql_add(&s, " FROM ");
    sql_name(&s, NULL, t->name);
    sql_add(&s, " WHERE ");
    sql_in_set(&s, "id", ids, n);
    sql_add(&s, " AND recorded_from < ");
    sql_bind(&s, db_int(c->now_us));
    return sql_run(NULL, &s, c->db);
}

static Err write_derived_part(Ctx *c, const Record *const *before, Record *const *after, size_t n) {
    const Type *t = after[0]->type;
    DbValue *values = NEW_N(c->arena, DbValue, 3 * t->n_fields + 1);
    const char **names = NEW_N(c->arena, const char *, 3 * t->n_fields + 1);
    int64_t *ids = NEW_N(c->arena, int64_t, n), changed;
    size_t n_columns = derived_columns(values, names, c, after[0]);
    for (size_t i = 0; i < n; i++) ids[i] = after[i]->id;
    TRY(keep_past_many(c, t, ids, n));
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "UPDATE ");
    sql_name(&s, NULL, t->name);
    sql_add(&s, " SET ");
    set_recorded(&s, c);
    for (size_t k = 0; k < n_columns; k++) {
        sql_add(&s, ", ");
        sql_name(&s, NULL, names[k]);
        sql_add(&s, str_fmt(c->arena, " = v.column%zu", k + 2).p);
    }
    sql_add(&s, " FROM (VALUES ");
    for (size_t i = 0; i < n; i++) {
        (void)derived_columns(values, names, c, after[i]);
        sql_add(&s, i ? ", (" : "(");
        sql_bind(&s, db_int(ids[i]));
        for (size_t k = 0; k < n_columns; k++) {
            sql_add(&s, ", ");
            sql_bind(&s,
                     values[k].type == DB_NULL ? db_null_of(column_kind(t, names[k])) : values[k]);
        }
        sql_add(&s, ")");
    }
    sql_add(&s, ") AS v WHERE ");
    sql_name(&s, t->name, "id");
    sql_add(&s, " = v.column1");
    TRY(sql_run(&changed, &s, c->db));
    if (changed != (int64_t)n) return ERR_CONFLICT;
    for (size_t i = 0; i < n; i++) TRY(record_write_sides(c, before[i], after[i]));
    return OK;
}

/* So many at a time as a statement takes values (db.c ends the program at 2,000): an id and the
 * columns of each, two for all. */
Err record_write_derived_many(Ctx *c, const Record *const *before, Record *const *after, size_t n) {
    enum { VALUES_MAX = 2000 };
    size_t room = 3 * after[0]->type->n_fields + 1;
    DbValue *values = NEW_N(c->arena, DbValue, room);
    const char **names = NEW_N(c->arena, const char *, room);
    size_t most = (VALUES_MAX - 2) / (derived_columns(values, names, c, after[0]) + 1);
    for (size_t i = 0; i < n; i += most)
        TRY(write_derived_part(c, before + i, after + i, n - i < most ? n - i : most));
    return OK;
}

static Err remove_rows(Ctx *c, const char *table, const char *column, int64_t id) {
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "DELETE FROM ");
    sql_name(&s, NULL, table);
    sql_add(&s, " WHERE ");
    sql_name(&s, NULL, column);
    sql_add(&s, " = ");
    sql_bind(&s, db_int(id));
    return db_post(c->db, s.text.p, s.args, s.n);
}

Err record_write_remove(Ctx *c, const Record *r) {
    TRY(keep_past(c, r));
    for (size_t i = 0; i < r->type->n_fields; i++)
        if (r->type->fields[i].table)
            TRY(remove_rows(c, r->type->fields[i].table, "record", r->id));
    if (!(r->type->flags & TYPE_NO_PAGES)) TRY(db_search_remove(c->db, r->type->name, r->id));
    Sql s = sql_new(c->arena, c->db);
    int64_t changed;
    sql_add(&s, "DELETE FROM ");
    sql_name(&s, NULL, r->type->name);
    sql_add(&s, " WHERE id = ");
    sql_bind(&s, db_int(r->id));
    sql_add(&s, " AND version = ");
    sql_bind(&s, db_int(r->version));
    Err e = sql_run(&changed, &s, c->db);
    if (e == ERR_INVALID && strcmp(db_constraint(c->db), "foreign_key") == 0) return ERR_CONFLICT;
    TRY(e);
    return changed == 1 ? OK : ERR_CONFLICT;
}

/* ---- child rows ---- */

const char *const *record_side_columns(size_t *n, Arena *a, const Field *f) {
    const char **names = NEW_N(a, const char *, 3 + 2 * f->n_rows);
    *n = 0;
    names[(*n)++] = "record";
    names[(*n)++] = "pos";
    if (f->kind != KIND_ROWS) names[(*n)++] = "target";
    for (size_t i = 0; f->kind == KIND_ROWS && i < f->n_rows; i++) {
        names[(*n)++] = f->rows[i].name;
        if (f->rows[i].currency) names[(*n)++] = f->rows[i].currency;
        if (columns_has_sort(&f->rows[i])) names[(*n)++] = f->rows[i].sort;
    }
    return names;
}

void record_side_row(DbValue *out, Arena *a, const Field *f, int64_t record, size_t position,
                     Value v) {
    const char *names[3];
    *out++ = db_int(record);
    *out++ = db_int((int64_t)position);
    if (f->kind != KIND_ROWS) *out++ = db_int(v.i);
    for (size_t i = 0; f->kind == KIND_ROWS && i < f->n_rows; i++)
        out += columns_values(out, names, a, &f->rows[i], v.list[i]);
}

static Err side_write(Ctx *c, const Field *f, int64_t record, Value list) {
    size_t n;
    const char *const *columns = record_side_columns(&n, c->arena, f);
    DbValue *values = NEW_N(c->arena, DbValue, n * list.n + 1);
    for (size_t k = 0; k < list.n; k++)
        record_side_row(values + k * n, c->arena, f, record, k, list.list[k]);
    return db_post_many(c->db, f->table, columns, n, values, list.n);
}

Err record_write_side(Ctx *c, const Field *f, int64_t record, Value list) {
    TRY(remove_rows(c, f->table, "record", record));
    return value_is_null(list) ? OK : side_write(c, f, record, list);
}

Err record_write_again(Ctx *c, const Record *before, const Record *after) {
    Sql s = sql_new(c->arena, c->db);
    bool any = false;
    sql_add(&s, "UPDATE ");
    sql_name(&s, NULL, after->type->name);
    sql_add(&s, " SET ");
    set_changed(&s, c, before, after, true, &any);
    sql_add(&s, " WHERE id = ");
    sql_bind(&s, db_int(after->id));
    TRY(sql_run(NULL, &s, c->db));
    return record_write_sides(c, before, after);
}

Err record_write_sides(Ctx *c, const Record *before, const Record *after) {
    for (size_t i = 0; i < after->type->n_fields; i++) {
        const Field *f = &after->type->fields[i];
        Value now = after->values[i], was = before ? before->values[i] : (Value){0};
        if (!f->table || value_eq(was, now)) continue;
        if (!value_is_null(was)) TRY(remove_rows(c, f->table, "record", after->id));
        TRY(side_write(c, f, after->id, now));
    }
    return OK;
}

static bool has_id(Value list, int64_t id) {
    for (size_t i = 0; i < list.n; i++)
        if (list.list[i].i == id) return true;
    return false;
}

/* A file can be taken only once and only by who sent it. */
Err record_write_claim(Ctx *c, const Record *r, const Field *f, Value before) {
    Value now = r->values[f->index];
    for (size_t i = 0; i < now.n; i++) {
        StoredFile file;
        if (has_id(before, now.list[i].i)) continue;
        Err e = file_store_find(&file, c->db, c->arena, now.list[i].i);
        if (e == ERR_MISSING || (!e && (file.is_claimed || (!c->actor->is_system &&
                                                            file.created_by != c->actor->user))))
            return issue(c, f->name, "bad_value", N_("There is no such file."));
        TRY(e);
        TRY(file_store_claim(c->db, now.list[i].i, r->type->name, r->id));
    }
    return OK;
}

/* ---- search ---- */

Str record_search_text(Ctx *c, const Record *r) {
    Text t = text_new(c->arena, 1 << 18);
    text_add(&t, record_number(c->arena, r));
    for (size_t i = 0; i < r->type->n_fields; i++) {
        const Field *f = &r->type->fields[i];
        if (!(f->flags & F_SEARCHED) || value_is_null(r->values[i]) || !f->is_public ||
            (f->target && !f->target->is_public))
            continue;
        text_char(&t, ' ');
        text_add(&t, field_text_stored(c, f, r->values[i]));
    }
    return utf8_search_text(c->arena, utf8_fold(c->arena, text_str(&t)));
}

Err record_write_search(Ctx *c, const Record *r) {
    if (r->type->flags & TYPE_NO_PAGES) return OK;
    return db_search_put(c->db, r->type->name, r->id, r->unit, r->is_restricted,
                         record_search_text(c, r));
}

Err record_write_inherit(Ctx *c, const Type *child, const Record *parent) {
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "UPDATE ");
    sql_name(&s, NULL, child->name);
    sql_add(&s, " SET unit = ");
    sql_bind(&s, id_or_null(parent->unit));
    sql_add(&s, ", restricted = ");
    sql_bind(&s, db_int(parent->is_restricted));
    sql_add(&s, " WHERE ");
    sql_name(&s, NULL, child->parent->name);
    sql_add(&s, " = ");
    sql_bind(&s, db_int(parent->id));
    TRY(sql_run(NULL, &s, c->db));
    s = sql_new(c->arena, c->db);
    sql_add(&s, "UPDATE search_doc SET unit = ");
    sql_bind(&s, id_or_null(parent->unit));
    sql_add(&s, ", restricted = ");
    sql_bind(&s, db_int(parent->is_restricted));
    sql_add(&s, " WHERE type = ");
    sql_bind(&s, db_textz(child->name));
    sql_add(&s, " AND record IN (SELECT id FROM ");
    sql_name(&s, NULL, child->name);
    sql_add(&s, " WHERE ");
    sql_name(&s, NULL, child->parent->name);
    sql_add(&s, " = ");
    sql_bind(&s, db_int(parent->id));
    sql_add(&s, ")");
    return sql_run(NULL, &s, c->db);
}
