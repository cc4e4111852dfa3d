/* audit_rows.c: what stands beside the records and must follow from them: side tables (references,
 * files, child rows) and who may find them in the search; and which column of a row is the wrong
 * one. Reads only. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/chain.h"

#include "base/json.h"
#include "model/beside.h"
#include "model/columns.h"

/* A page of records of one type. */
typedef struct Beside {
    Verifier *v;
    Ctx *c;
    const Type *type;
    const Record *records;
    size_t n;
    Arena *arena;
} Beside;

static Err last_entry(int64_t *out, Ctx *c, const char *type, int64_t record) {
    bool found;
    *out = 0;
    return db_get_int(out, &found, c->db,
                      "SELECT MAX(id) FROM entry WHERE type = $1 AND record = $2",
                      ARGS(db_textz(type), db_int(record)));
}

static Err bad(Verifier *v, Ctx *c, const Type *t, const Record *r, int64_t record,
               const char *table, const char *column) {
    int64_t entry;
    Str number = r ? record_number(c->arena, r) : (Str){0};
    TRY(last_entry(&entry, c, t->name, record));
    verify_bad(v, entry,
               "What belongs to the record %.*s%s%s %lld was changed outside the program (table "
               "%s%s%s).",
               FMT(number), number.n ? ", " : "", t->name, (long long)record, table,
               column[0] ? ", column " : "", column);
    return OK;
}

static void between(Sql *s, const Beside *b) {
    sql_bind(s, db_int(b->records[0].id));
    sql_add(s, " AND record <= ");
    sql_bind(s, db_int(b->records[b->n - 1].id));
}

/* ---- who may find it ---- */

static Err check_search(const Beside *b) {
    Rows *rows;
    bool has;
    if (b->type->flags & TYPE_NO_PAGES) return OK;
    Sql s = sql_new(b->arena, b->c->db);
    sql_add(&s, "SELECT record, COALESCE(unit, 0), restricted FROM search_doc WHERE type = ");
    sql_bind(&s, db_textz(b->type->name));
    sql_add(&s, " AND record >= ");
    between(&s, b);
    sql_add(&s, " ORDER BY record");
    TRY(sql_rows(&rows, &s, b->c->db, b->arena));
    for (size_t i = 0;;) {
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        while (i < b->n && b->records[i].id < rows_int(rows, 0)) i++;
        if (i == b->n) continue;
        const Record *r = &b->records[i];
        const char *column = rows_int(rows, 1) != r->unit            ? "unit"
                             : rows_int(rows, 2) != r->is_restricted ? "restricted"
                                                                     : NULL;
        if (r->id == rows_int(rows, 0) && column)
            TRY(bad(b->v, b->c, b->type, r, r->id, "search_doc", column));
    }
}

/* ---- secrets ---- */

/* The last hash that the history gives the field of a record, empty once it was removed. *found
 * false: it never speaks of it (an older program saved it). */
static Err said_secret(Str *out, bool *found, Ctx *c, Arena *a, const Record *r, Str name) {
    Rows *rows;
    bool has;
    *out = (Str){0};
    *found = false;
    TRY(db_few(&rows, c->db, a,
               "SELECT changes FROM entry WHERE type = $1 AND record = $2 AND changes LIKE $3 "
               "ORDER BY id DESC LIMIT 1",
               ARGS(db_textz(r->type->name), db_int(r->id),
                    db_text(str_fmt(a, "%%\"%.*s\":%%", FMT(name))))));
    TRY(rows_next(&has, rows));
    const JsonValue *json, *change;
    Str why;
    if (has && json_parse(&json, &why, a, rows_copy(rows, 0)) == OK &&
        (change = json_get(json, str_z(a, name))) && change->kind == J_ARRAY && change->n == 2) {
        *found = true;
        *out = change->items[1].s;
    }
    if (has) rows_close(rows);
    return OK;
}

static Err check_secrets(const Beside *b) {
    for (size_t k = 0; k < b->type->n_fields; k++) {
        const Field *f = &b->type->fields[k];
        if (!history_is_hashed(f)) continue;
        Str name = str_fmt(b->arena, "%s" HISTORY_CONTENTS, f->name), said;
        for (size_t i = 0; i < b->n; i++) {
            const Record *r = &b->records[i];
            Str stored = r->values[k].s;
            bool found;
            if (!stored.n) continue;
            TRY(said_secret(&said, &found, b->c, b->arena, r, name));
            if (found && !str_eq(said, sha256_hex(b->arena, stored)))
                TRY(bad(b->v, b->c, b->type, r, r->id, b->type->name, f->name));
        }
    }
    return OK;
}

static Err on_side(void *arg, const Record *r, const char *table, const char *column) {
    const Beside *b = arg;
    return bad(b->v, b->c, b->type, r, r->id, table, column);
}

Err audit_beside(Verifier *v, Ctx *c, const Type *t, const Record *records, size_t n) {
    Beside b = {v, c, t, records, n, arena_new(0)};
    Err e = check_search(&b);
    if (e == OK) e = check_secrets(&b);
    if (e == OK) e = beside_check(c, t, records, n, false, on_side, &b);
    arena_free(b.arena);
    return e;
}

/* Rows of records that are not there stand between no page's records. */
static Err left_in(Verifier *v, Ctx *c, const Type *t, const char *table) {
    int64_t record;
    bool found;
    Sql s = sql_new(v->scratch, c->db);
    sql_add(&s, "SELECT MIN(x.record) FROM ");
    sql_name(&s, NULL, table);
    sql_add(&s, " x LEFT JOIN ");
    sql_name(&s, NULL, t->name);
    sql_add(&s, " t ON t.id = x.record WHERE t.id IS NULL");
    if (strcmp(table, "search_doc") == 0) {
        sql_add(&s, " AND x.type = ");
        sql_bind(&s, db_textz(t->name));
    }
    TRY(db_get_int(&record, &found, c->db, s.text.p, s.args, s.n));
    return found ? bad(v, c, t, NULL, record, table, "record") : OK;
}

Err audit_left(Verifier *v, Ctx *c) {
    for (size_t i = 0; i < c->model->n_types; i++) {
        const Type *t = &c->model->types[i];
        for (size_t k = 0; k < t->n_fields; k++)
            if (t->fields[k].table) TRY(left_in(v, c, t, t->fields[k].table));
        TRY(left_in(v, c, t, "search_doc"));
    }
    return OK;
}

/* ---- which column ---- */

/* What the entries say of a record at one of its versions. */
typedef struct Said {
    Str *texts; /* a field each, hashed where `is_hash` */
    bool *is_hash;
    Str number, state, unit, owner, restricted;
    int64_t created_at, created_by, updated_at;
} Said;

static void say_change(Said *s, const Type *t, Str name, const JsonValue *v) {
    const Field *f = type_field(t, name);
    Str after = v->kind == J_ARRAY && v->n == 2 ? v->items[1].s : json_get_str(v, "after");
    if (f) {
        s->texts[f->index] = after;
        s->is_hash[f->index] = v->kind == J_OBJECT;
    } else if (str_is(name, "state")) {
        s->state = after;
    } else if (str_is(name, "unit")) {
        s->unit = after;
    } else if (str_is(name, "owner")) {
        s->owner = after;
    } else if (str_is(name, "restricted")) {
        s->restricted = after;
    }
}

static Err said_of(Said *s, Ctx *c, const Type *t, int64_t record, int64_t version) {
    Rows *rows;
    bool has;
    int64_t made = 0;
    *s = (Said){.texts = NEW_N(c->arena, Str, t->n_fields + 1),
                .is_hash = NEW_N(c->arena, bool, t->n_fields + 1)};
    TRY(db_rows(
        &rows, c->db, c->arena,
        "SELECT version, at, actor, changes, number FROM entry WHERE type = $1 AND record = $2 AND "
        "version <= $3 ORDER BY id",
        ARGS(db_textz(t->name), db_int(record), db_int(version))));
    for (;;) {
        const JsonValue *json = NULL;
        Str why;
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        if (rows_int(rows, 0) != made) s->updated_at = rows_int(rows, 1);
        if (!made) {
            s->created_at = rows_int(rows, 1);
            s->created_by = rows_int(rows, 2);
        }
        made = rows_int(rows, 0);
        s->number = rows_copy(rows, 4);
        if (rows_is_null(rows, 3)) continue;
        if (json_parse(&json, &why, c->arena, rows_copy(rows, 3)) != OK || json->kind != J_OBJECT)
            continue;
        for (size_t i = 0; i < json->n; i++) say_change(s, t, json->keys[i], &json->items[i]);
    }
}

static Err is_said_field(bool *out, Ctx *c, const Said *s, const Record *r, const Field *f) {
    Value v = r->values[f->index];
    Str now = value_is_null(v) ? (Str){0} : field_text_stored(c, f, v), salt;
    bool found;
    *out = true;
    if ((f->flags & F_SENSITIVE) && now.n && s->is_hash[f->index]) {
        TRY(db_get_text(&salt, &found, c->db, c->arena,
                        "SELECT salt FROM entry_salt WHERE type = $1 AND record = $2",
                        ARGS(db_textz(r->type->name), db_int(r->id))));
        if (!found) return OK;
        now = chain_salted(c->arena, salt, now);
    }
    *out = str_eq(now, s->texts[f->index]);
    return OK;
}

static Err said_ref(Str *out, Ctx *c, const char *type, int64_t id) {
    RefName name = {0};
    *out = (Str){0};
    if (!id) return OK;
    TRY(ref_name_stored(&name, c, model_need(c->model, type), id));
    *out = name.found ? name.key : str_fmt(c->arena, "%lld", (long long)id);
    return OK;
}

static const char *system_differs(Ctx *c, const Said *s, const Record *r) {
    if (!str_eq(s->state, str_of(r->state->name))) return "state";
    if (!r->type->parent && (s->restricted.n > 0) != r->is_restricted) return "restricted";
    if (s->created_at != r->created_at) return "created_at";
    if (s->created_by != r->created_by) return "created_by";
    if (s->updated_at != r->updated_at) return "updated_at";
    if (r->type->key || str_eq(s->number, record_number(c->arena, r))) return NULL;
    Str year = str_fmt(c->arena, "-%lld-", (long long)r->year);
    return str_find(s->number, year) < 0 ? "year" : "seq";
}

/* References by name come last: a code that was renamed since reads otherwise, too. */
static Err differs(const char **out, Ctx *c, const Said *s, const Record *r) {
    Str unit, owner;
    *out = NULL;
    TRY(said_ref(&unit, c, "unit", r->unit));
    TRY(said_ref(&owner, c, "user", r->owner));
    for (int refs = 0; refs < 2; refs++) {
        for (size_t i = 0; i < r->type->n_fields; i++) {
            const Field *f = &r->type->fields[i];
            bool same;
            if ((f->flags & (F_DERIVED | F_SECRET)) || (f->target != NULL) != (refs == 1)) continue;
            TRY(is_said_field(&same, c, s, r, f));
            if (same) continue;
            *out = f->name;
            return OK;
        }
        if (refs == 0) {
            *out = system_differs(c, s, r);
        } else {
            if (!r->type->parent && !str_eq(unit, s->unit)) *out = "unit";
            if (!str_eq(owner, s->owner)) *out = "owner";
        }
        if (*out) return OK;
    }
    return OK;
}

Err audit_which(const char **out, Ctx *c, const Type *t, int64_t record, int64_t version,
                bool is_past) {
    Rows *rows;
    bool has;
    Said said;
    *out = NULL;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT ");
    sql_add(&s, t->columns.read);
    sql_add(&s, " FROM ");
    sql_name(&s, NULL, is_past ? t->columns.past : t->name);
    sql_add(&s, " WHERE id = ");
    sql_bind(&s, db_int(record));
    sql_add(&s, " AND version = ");
    sql_bind(&s, db_int(version));
    sql_add(&s, " LIMIT 1");
    TRY(sql_rows(&rows, &s, c->db, c->arena));
    TRY(rows_next(&has, rows));
    if (!has) return OK;
    Record *r = NEW(c->arena, Record);
    TRY(columns_read(r, c, t, rows, c->arena));
    rows_close(rows);
    TRY(said_of(&said, c, t, record, version));
    return differs(out, c, &said, r);
}
