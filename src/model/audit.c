/* audit.c: verifies the history in the database: entries, chains, checkpoints, records, and that
 * each entry is sealed or waiting. Reads only. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/chain.h"

#include "base/json.h"
#include "model/core_rules.h"
#include "model/series.h"
#include "model/list.h"
#include "model/sql.h"

typedef struct AuditArg {
    Verifier *v;
    Ctx *c;
} AuditArg;

static Err on_entry(void *arg, const ChainEntry *e) {
    verify_entry(((AuditArg *)arg)->v, e);
    return OK;
}
static Err on_row(void *arg, const ChainRow *row) {
    verify_row(((AuditArg *)arg)->v, row);
    return OK;
}
static Err on_page(void *arg, const Type *t, const Record *records, size_t n) {
    const AuditArg *x = arg;
    return audit_beside(x->v, x->c, t, records, n);
}
static Err on_record(void *arg, Str type, int64_t record, Str number, Str canonical) {
    verify_rows_end(((AuditArg *)arg)->v);
    verify_record(((AuditArg *)arg)->v, type, record, number, canonical);
    return OK;
}
static Err on_no_record(void *arg, Str type, int64_t record) {
    verify_no_record(((AuditArg *)arg)->v, type, record);
    return OK;
}
static Err on_checkpoint(void *arg, const ChainCheckpoint *k) {
    verify_checkpoint(((AuditArg *)arg)->v, k);
    return OK;
}
static Err on_leaf(void *arg, int64_t entry, Str sealed, Str found) {
    verify_leaf(((AuditArg *)arg)->v, entry, sealed, found);
    return OK;
}
static Err on_checkpoint_end(void *arg) {
    verify_checkpoint_end(((AuditArg *)arg)->v);
    return OK;
}

/* Each query gives the lowest entry that is where it must not be. */
static const struct Stray {
    const char *sql, *why;
} strays[] = {
    {"SELECT MIN(u.entry) FROM unsealed u LEFT JOIN entry e ON e.id = u.entry WHERE e.id IS NULL",
     "Entry %lld waited for its seal and is no longer there."},
    {"SELECT MIN(e.id) FROM entry e LEFT JOIN checkpoint_entry k ON k.entry = e.id LEFT JOIN unsealed u"
     " ON u.entry = e.id WHERE k.entry IS NULL AND u.entry IS NULL",
     "Entry %lld is in no checkpoint and does not wait for one: its checkpoint was removed, or it was written outside"
     " the program."},
    {"SELECT MIN(u.entry) FROM unsealed u JOIN checkpoint_entry k ON k.entry = u.entry",
     "Entry %lld is sealed and waits for its seal."},
    {"SELECT MIN(k.entry) FROM checkpoint_entry k LEFT JOIN checkpoint c ON c.id = k.checkpoint WHERE c.id IS NULL",
     "The checkpoint that sealed entry %lld was removed."},
};

static Err verify_strays(Verifier *v, Ctx *c) {
    for (size_t i = 0; i < LENGTH(strays); i++) {
        int64_t entry;
        bool found;
        TRY(db_get_int(&entry, &found, c->db, strays[i].sql, NO_ARGS));
        if (!found) continue;
        Arena *a = v->scratch;
        Text why = text_new(a, 0);
        Str pattern = str_of(strays[i].why);
        ptrdiff_t at = str_find(pattern, S("%lld"));
        text_add(&why, str_sub(pattern, 0, (size_t)at));
        text_int(&why, entry);
        text_add(&why, str_sub(pattern, (size_t)at + 4, pattern.n));
        verify_bad(v, entry, "%s", text_str(&why).p);
    }
    return OK;
}

/* Children carry the unit and the confidentiality of their parent, outside their own hash. */
static Err verify_child(Verifier *v, Ctx *c, const Type *t) {
    Sql s = sql_new(v->scratch, c->db);
    int64_t entry;
    bool found;
    sql_add(&s, "SELECT (SELECT MAX(e.id) FROM entry e WHERE e.type = ");
    sql_bind(&s, db_textz(t->name));
    sql_add(&s, " AND e.record = r.id) FROM ");
    sql_name(&s, NULL, t->name);
    sql_add(&s, " r JOIN ");
    sql_name(&s, NULL, t->parent->target->name);
    sql_add(&s, " p ON p.id = ");
    sql_name(&s, "r", t->parent->name);
    sql_add(&s, " WHERE COALESCE(r.unit, 0) <> COALESCE(p.unit, 0) OR r.restricted <> p.restricted"
                " ORDER BY r.id LIMIT 1");
    TRY(db_get_int(&entry, &found, c->db, s.text.p, s.args, s.n));
    if (found)
        verify_bad(v, entry,
                   "The %s of entry %lld was changed outside the program: its unit or its"
                   " confidentiality is not that of the %s it belongs to.",
                   t->name, (long long)entry, t->parent->target->name);
    return OK;
}

/* Earlier versions of a child carry what its parent was at some time. */
static Err verify_child_past(Verifier *v, Ctx *c, const Type *t) {
    Arena *a = v->scratch;
    const Type *p = t->parent->target;
    int64_t entry;
    bool found;
    const char *same = "p.unit IS NOT DISTINCT FROM r.unit AND p.restricted = r.restricted";
    Str sql = str_fmt(
        a,
        "SELECT (SELECT MAX(e.id) FROM entry e WHERE e.type = $1 AND e.record = r.id) FROM \"%s\" r "
        "WHERE NOT EXISTS (SELECT 1 FROM \"%s\" p WHERE p.id = r.\"%s\" AND %s) AND NOT EXISTS "
        "(SELECT 1 FROM \"%s\" p WHERE p.id = r.\"%s\" AND %s) ORDER BY r.id LIMIT 1",
        t->columns.past, p->name, t->parent->name, same, p->columns.past, t->parent->name, same);
    TRY(db_get_int(&entry, &found, c->db, sql.p, ARGS(db_textz(t->name))));
    if (found)
        verify_bad(
            v, entry,
            "An earlier version of the %s of entry %lld was changed outside the program: its "
            "unit or its confidentiality was never that of the %s it belongs to (table %s).",
            t->name, (long long)entry, p->name, t->columns.past);
    return OK;
}

static Err verify_units(Verifier *v, Ctx *c) {
    int64_t unit, entry;
    bool found;
    const char *table = "unit_parent";
    TRY(unit_links_check(&unit, c));
    if (!unit) {
        table = "unit_under";
        TRY(unit_tree_check(&unit, c));
    }
    if (!unit) return OK;
    TRY(db_get_int(&entry, &found, c->db,
                   "SELECT MAX(id) FROM entry WHERE type = 'unit' AND record = $1",
                   ARGS(db_int(unit))));
    verify_bad(v, found ? entry : 0,
               "Where unit %lld reports to was changed outside the program (table %s).",
               (long long)unit, table);
    return OK;
}

static Err verify_children(Verifier *v, Ctx *c) {
    for (size_t i = 0; i < c->model->n_types; i++)
        if (c->model->types[i].parent) {
            TRY(verify_child(v, c, &c->model->types[i]));
            TRY(verify_child_past(v, c, &c->model->types[i]));
        }
    return verify_units(v, c);
}

/* ---- derived values ---- */

static bool is_nothing(Value v) {
    return value_is_null(v) ||
           (v.kind != V_TEXT && v.kind != V_LIST && v.kind != V_ROWS && v.i == 0);
}

static Err last_entry_of(int64_t *out, Ctx *c, const Record *r) {
    bool found;
    *out = 0;
    return db_get_int(out, &found, c->db,
                      "SELECT MAX(id) FROM entry WHERE type = $1 AND record = $2",
                      ARGS(db_textz(r->type->name), db_int(r->id)));
}

static Err verify_derived(Verifier *v, Ctx *c, const Record *r) {
    Record *again = record_clone(c, r);
    TRY(r->type->def->rederive(c, again));
    for (size_t i = 0; i < r->type->n_fields; i++) {
        Value stored = r->values[i], worked_out = again->values[i];
        if (value_eq(stored, worked_out) || (is_nothing(stored) && is_nothing(worked_out)))
            continue;
        int64_t entry;
        TRY(last_entry_of(&entry, c, r));
        Str number = record_number(c->arena, r);
        verify_bad(v, entry,
                   "The record %.*s was changed outside the program: its %s does not follow from "
                   "what belongs to it.",
                   FMT(number), r->type->fields[i].name);
        return OK;
    }
    return OK;
}

/* Record by record; what the type reads goes with each stretch of them. */
static Err verify_type_derived(Verifier *v, Ctx *c, const Type *t) {
    enum { STRETCH = 256 };
    ListQuery q = {.type = t};
    ListCursor *cursor;
    TRY(list_open(&cursor, c, &q));
    Arena *scratch = arena_new(0), *own = c->arena;
    void *cache = c->cache;
    Issues issues = c->issues;
    Err e = OK;
    for (size_t n = 0; e == OK; n++) {
        Record *r = NULL;
        if (n % STRETCH == 0) {
            arena_reset(scratch);
            c->cache = NULL;
        }
        c->issues = (Issues){0};
        e = list_next(&r, cursor, scratch);
        if (e != OK || !r) break;
        c->arena = scratch;
        e = verify_derived(v, c, r);
        c->arena = own;
    }
    c->cache = cache;
    c->issues = issues;
    arena_free(scratch);
    return e;
}

static Err verify_all_derived(Verifier *v, Ctx *c) {
    for (size_t i = 0; i < c->model->n_types; i++)
        if (c->model->types[i].def->rederive) TRY(verify_type_derived(v, c, &c->model->types[i]));
    return OK;
}

static bool hash_fits(Arena *a, Str salt, Str text, const JsonValue *change, const char *side) {
    return str_eq(chain_salted(a, salt, text), json_get_str(change, side));
}

/* The clear texts beside the chain must be those whose hashes are in it. */
static Err sensitive_page(Verifier *v, Ctx *c, int64_t *entry, Str *field, bool *more) {
    enum { PAGE = 500 };
    Arena *a = arena_new(0);
    Rows *rows;
    bool has = false;
    size_t n = 0;
    Err err = db_rows(
        &rows, c->db, a,
        "SELECT s.entry, s.field, s.before, s.after, x.salt, e.changes FROM entry_sensitive s"
        " LEFT JOIN entry e ON e.id = s.entry LEFT JOIN entry_salt x ON x.type = e.type AND"
        " x.record = e.record WHERE (s.entry, s.field) > ($1, $2) ORDER BY s.entry, s.field LIMIT $3",
        ARGS(db_int(*entry), db_text(*field), db_int(PAGE)));
    while (err == OK) {
        const JsonValue *json = NULL, *change = NULL;
        Str why;
        err = rows_next(&has, rows);
        if (err != OK || !has) break;
        n++;
        *entry = rows_int(rows, 0);
        *field = str_copy(c->arena, rows_text(rows, 1));
        if (rows_text(rows, 5).n && json_parse(&json, &why, a, rows_copy(rows, 5)) == OK)
            change = json_get(json, str_z(a, *field));
        Str salt = rows_copy(rows, 4);
        if (!change || change->kind != J_OBJECT ||
            !hash_fits(a, salt, rows_copy(rows, 2), change, "before") ||
            !hash_fits(a, salt, rows_copy(rows, 3), change, "after"))
            verify_bad(v, *entry,
                       "The clear text of a confidential value of entry %lld was changed.",
                       (long long)*entry);
    }
    arena_free(a);
    *more = n == PAGE;
    return err;
}

static Err verify_sensitive(Verifier *v, Ctx *c) {
    int64_t entry = INT64_MIN;
    Str field = S("");
    for (bool more = true; more;) TRY(sensitive_page(v, c, &entry, &field, &more));
    return OK;
}

/* The values that batches brought: the batch itself is a record of the chain, its digest covers
 * them. */
static Err verify_series(Verifier *v, Ctx *c) {
    for (size_t i = 0; i < c->model->n_series; i++) {
        const SeriesDef *s = c->model->series[i];
        int64_t bad, entry = 0;
        bool found;
        TRY(series_verify(&bad, c, s));
        if (!bad) continue;
        TRY(db_get_int(&entry, &found, c->db,
                       "SELECT MIN(id) FROM entry WHERE type = $1 AND record = $2",
                       ARGS(db_textz(s->batch), db_int(bad))));
        if (bad < 0)
            verify_bad(v, 0, "Values of %s belong to no batch.", s->name);
        else
            verify_bad(v, entry, "The values of %s that entry %lld brought were changed.", s->name,
                       (long long)entry);
    }
    return OK;
}

/* Says in which column a row that is wrong differs from what its entries say. */
static Err name_column(AuditFinding *f, Verifier *v, Ctx *c) {
    const char *column = NULL;
    const Type *t = f->type ? model_type(c->model, str_of(f->type)) : NULL;
    if (!t) return OK;
    TRY(audit_which(&column, c, t, f->record, f->version, strcmp(f->table, t->columns.past) == 0));
    if (column)
        f->why =
            str_fmt(v->keep, "%.*s Column %s is not what it was saved as.", FMT(f->why), column);
    return OK;
}

static Err name_columns(Verifier *v, Ctx *c) {
    for (size_t i = 0; i < v->out->n_shown; i++) TRY(name_column(&v->out->shown[i], v, c));
    TRY(name_column(&v->first, v, c));
    if (!v->out->ok) v->out->why = v->first.why;
    return OK;
}

static Err verify_all(Verifier *v, Ctx *c) {
    AuditArg arg = {v, c};
    AuditSink sink = {.entry = on_entry,
                      .row = on_row,
                      .page = on_page,
                      .record = on_record,
                      .no_record = on_no_record,
                      .checkpoint = on_checkpoint,
                      .leaf = on_leaf,
                      .checkpoint_end = on_checkpoint_end,
                      .arg = &arg};
    bool found;
    TRY(audit_walk(c, &sink));
    TRY(audit_left(v, c));
    TRY(verify_strays(v, c));
    TRY(verify_children(v, c));
    TRY(verify_all_derived(v, c));
    TRY(verify_sensitive(v, c));
    TRY(verify_series(v, c));
    TRY(audit_files(v, c));
    TRY(name_columns(v, c));
    return db_get_int(&v->out->unsealed, &found, c->db, "SELECT COUNT(*) FROM unsealed", NO_ARGS);
}

Err audit_verify(AuditResult *out, Ctx *c) {
    Verifier v;
    verify_start(&v, out, c->arena);
    Err err = verify_all(&v, c);
    verify_end(&v);
    return err;
}
