/* rederive.c: what follows from the records, worked out again; see rederive.h. What is put right is
 * written as if it had always been so: no version, no entry. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "model/rederive.h"

#include "model/beside.h"
#include "model/cache.h"
#include "model/columns.h"
#include "model/core_rules.h"
#include "model/record_write.h"

enum { STRETCH = 200 };
enum Phase { PHASE_CHILDREN, PHASE_NOW, PHASE_PAST, PHASE_LEFT, PHASES };
enum Pass { PASS_BESIDE, PASS_DERIVED, PASSES }; /* derived fields are read from side tables */

typedef struct Stretch {
    Rederive *d;
    Ctx *c;
    const Type *type;
    bool is_past;
    Record *records;
    int64_t *until;
    const char **stale; /* the first text for sorting that is wrong, a record each */
    size_t n;
} Stretch;

static void found(Rederive *d, Ctx *c, const Type *t, const Record *r, const char *table,
                  const char *column) {
    d->different++;
    if (d->n_shown == REDERIVE_SHOWN) return;
    RederiveFinding *f = &d->shown[d->n_shown++];
    *f = (RederiveFinding){.type = t->name, .table = table, .column = column};
    if (r) f->number = str_copy(d->keep, record_number(c->arena, r));
}

/* ---- texts for sorting ---- */

static Err mend_sorts(const Stretch *s, size_t k) {
    const Record *r = &s->records[k];
    Sql sql = sql_new(s->c->arena, s->c->db);
    bool any = false;
    sql_add(&sql, "UPDATE ");
    sql_name(&sql, NULL, s->is_past ? s->type->columns.past : s->type->name);
    sql_add(&sql, " SET ");
    for (size_t i = 0; i < s->type->n_fields; i++) {
        const Field *f = &s->type->fields[i];
        DbValue values[3];
        const char *names[3];
        if (!columns_has_sort(f)) continue;
        size_t n = columns_values(values, names, s->c->arena, f, r->values[i]);
        if (any) sql_add(&sql, ", ");
        any = true;
        sql_name(&sql, NULL, names[n - 1]);
        sql_add(&sql, " = ");
        sql_bind(&sql, values[n - 1]);
    }
    sql_add(&sql, " WHERE id = ");
    sql_bind(&sql, db_int(r->id));
    if (s->is_past) {
        sql_add(&sql, " AND recorded_until = ");
        sql_bind(&sql, db_int(s->until[k]));
    }
    return sql_run(NULL, &sql, s->c->db);
}

static Err check_sorts(const Stretch *s) {
    const char *table = s->is_past ? s->type->columns.past : s->type->name;
    for (size_t k = 0; k < s->n; k++) {
        if (!s->stale[k]) continue;
        found(s->d, s->c, s->type, &s->records[k], table, s->stale[k]);
        if (s->d->mends) TRY(mend_sorts(s, k));
    }
    return OK;
}

/* ---- reading a stretch ---- */

static void stretch_sql(Sql *sql, const Stretch *s) {
    const Rederive *d = s->d;
    sql_add(sql, "SELECT ");
    sql_add(sql, s->type->columns.read);
    columns_add_sorts(sql, s->type);
    if (s->is_past) sql_add(sql, ", recorded_until");
    sql_add(sql, " FROM ");
    sql_name(sql, NULL, s->is_past ? s->type->columns.past : s->type->name);
    sql_add(sql, s->is_past ? " t WHERE (t.id, t.recorded_until) > (" : " t WHERE t.id > ");
    sql_bind(sql, db_int(d->after));
    if (s->is_past) {
        sql_add(sql, ", ");
        sql_bind(sql, db_int(d->until));
        sql_add(sql, ")");
    }
    sql_add(sql, s->is_past ? " ORDER BY t.id, t.recorded_until LIMIT " : " ORDER BY t.id LIMIT ");
    sql_bind(sql, db_int(STRETCH));
    if (d->mends) sql_add(sql, db_for_update(s->c->db));
}

static Err stretch_read(Stretch *s) {
    Arena *a = s->c->arena;
    Rows *rows;
    bool has;
    s->records = NEW_N(a, Record, STRETCH);
    s->until = NEW_N(a, int64_t, STRETCH);
    s->stale = NEW_N(a, const char *, STRETCH);
    Sql sql = sql_new(a, s->c->db);
    stretch_sql(&sql, s);
    TRY(sql_rows(&rows, &sql, s->c->db, a));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) break;
        Record *r = &s->records[s->n];
        TRY(columns_read(r, s->c, s->type, rows, a));
        s->until[s->n] = s->is_past ? rows_int(rows, rows_count(rows) - 1) : 0;
        s->stale[s->n] = columns_stale_sort(a, rows, r);
        s->n++;
    }
    if (!s->n) return OK;
    s->d->after = s->records[s->n - 1].id;
    s->d->until = s->until[s->n - 1];
    return OK;
}

/* ---- side tables ---- */

static const Field *field_of_table(const Type *t, const char *table) {
    for (size_t i = 0; i < t->n_fields; i++)
        if (t->fields[i].table && strcmp(t->fields[i].table, table) == 0) return &t->fields[i];
    return NULL;
}

static Err on_beside(void *arg, const Record *r, const char *table, const char *column) {
    const Stretch *s = arg;
    const Field *f = field_of_table(s->type, table);
    found(s->d, s->c, s->type, r, table, column);
    if (!s->d->mends || !f) return OK;
    return record_write_side(s->c, f, r->id, r->values[f->index]);
}

/* ---- derived fields ---- */

static bool is_nothing(Value v) {
    return value_is_null(v) ||
           (v.kind != V_TEXT && v.kind != V_LIST && v.kind != V_ROWS && v.i == 0);
}

static Err check_derived(const Stretch *s, Record *r) {
    Ctx *c = s->c;
    bool differs = false;
    if (!s->type->def->rederive) return OK;
    Record *again = record_clone(c, r);
    TRY(s->type->def->rederive(c, again));
    for (size_t i = 0; i < s->type->n_fields; i++) {
        const Field *f = &s->type->fields[i];
        Value is = r->values[i], must = again->values[i];
        if (!(f->flags & F_DERIVED) || value_eq(is, must) || (is_nothing(is) && is_nothing(must))) {
            again->values[i] = is;
            continue;
        }
        differs = true;
        found(s->d, c, s->type, r, s->type->name, f->name);
    }
    if (!differs || !s->d->mends) return OK;
    TRY(record_write_again(c, r, again));
    cache_forget(c, s->type);
    *r = *again; /* what is searched follows from what is now */
    return OK;
}

/* ---- search ---- */

typedef struct Doc {
    int64_t record, unit;
    bool is_restricted;
    Str body;
} Doc;

static Err docs_read(Doc *docs, size_t *n, const Stretch *s) {
    Rows *rows;
    bool has;
    *n = 0;
    TRY(db_rows(
        &rows, s->c->db, s->c->arena,
        "SELECT record, COALESCE(unit, 0), restricted, body FROM search_doc WHERE type = $1 "
        "AND record >= $2 AND record <= $3 ORDER BY record",
        ARGS(db_textz(s->type->name), db_int(s->records[0].id), db_int(s->records[s->n - 1].id))));
    for (size_t i = 0;;) {
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        while (i < s->n && s->records[i].id < rows_int(rows, 0)) i++;
        if (i == s->n || s->records[i].id != rows_int(rows, 0)) continue;
        docs[i] =
            (Doc){rows_int(rows, 0), rows_int(rows, 1), rows_int(rows, 2) != 0, rows_copy(rows, 3)};
    }
}

static const char *doc_differs(Ctx *c, const Doc *doc, const Record *r) {
    if (doc->record != r->id) return "";
    if (doc->unit != r->unit) return "unit";
    if (doc->is_restricted != r->is_restricted) return "restricted";
    return str_eq(doc->body, record_search_text(c, r)) ? NULL : "body";
}

static Err check_search(const Stretch *s) {
    size_t n;
    if (s->type->flags & TYPE_NO_PAGES) return OK;
    Doc *docs = NEW_N(s->c->arena, Doc, s->n);
    TRY(docs_read(docs, &n, s));
    for (size_t i = 0; i < s->n; i++) {
        const char *column = doc_differs(s->c, &docs[i], &s->records[i]);
        if (!column) continue;
        found(s->d, s->c, s->type, &s->records[i], "search_doc", column);
        if (!s->d->mends) continue;
        TRY(record_write_search(s->c, &s->records[i]));
        s->d->has_search = true;
    }
    return OK;
}

static Err stretch_now(Stretch *s) {
    if (s->d->pass == PASS_BESIDE) {
        TRY(check_sorts(s));
        return beside_check(s->c, s->type, s->records, s->n, true, on_beside, s);
    }
    for (size_t i = 0; i < s->n; i++) TRY(check_derived(s, &s->records[i]));
    return check_search(s);
}

/* ---- children, and what is left of records that are gone ---- */

static Err children(Rederive *d, Ctx *c, const Type *t) {
    const Type *p = t->parent->target;
    const char *up = t->parent->name;
    Str where =
        str_fmt(c->arena,
                "id IN (SELECT r.id FROM \"%s\" r JOIN \"%s\" p ON p.id = r.\"%s\" WHERE "
                "COALESCE(r.unit, 0) <> COALESCE(p.unit, 0) OR r.restricted <> p.restricted)",
                t->name, p->name, up);
    Str count = str_fmt(c->arena, "SELECT COUNT(*) FROM \"%s\" WHERE %.*s", t->name, FMT(where));
    int64_t n;
    bool any;
    TRY(db_get_int(&n, &any, c->db, count.p, NO_ARGS));
    if (!n) return OK;
    found(d, c, t, NULL, t->name, "unit, restricted");
    d->different += n - 1;
    if (!d->mends) return OK;
    Str sql = str_fmt(
        c->arena,
        "UPDATE \"%s\" SET unit = (SELECT p.unit FROM \"%s\" p WHERE p.id = \"%s\".\"%s\"), "
        "restricted = (SELECT p.restricted FROM \"%s\" p WHERE p.id = \"%s\".\"%s\") WHERE %.*s",
        t->name, p->name, t->name, up, p->name, t->name, up, FMT(where));
    return db_run(c->db, NULL, sql.p, NO_ARGS);
}

static Err left_in_search(Rederive *d, Ctx *c, const Type *t) {
    int64_t record;
    bool any;
    Str sql =
        str_fmt(c->arena,
                "SELECT MIN(x.record) FROM search_doc x LEFT JOIN \"%s\" t ON t.id = x.record "
                "WHERE x.type = $1 AND t.id IS NULL",
                t->name);
    for (;;) {
        TRY(db_get_int(&record, &any, c->db, sql.p, ARGS(db_textz(t->name))));
        if (!any) return OK;
        found(d, c, t, NULL, "search_doc", "record");
        if (!d->mends) return OK;
        TRY(db_search_remove(c->db, t->name, record));
        d->has_search = true;
    }
}

static Err left(Rederive *d, Ctx *c, const Type *t) {
    TRY(left_in_search(d, c, t));
    for (size_t i = 0; i < t->n_fields; i++) {
        const char *table = t->fields[i].table;
        int64_t n;
        bool any;
        if (!table) continue;
        Str where = str_fmt(c->arena, "FROM \"%s\" WHERE record NOT IN (SELECT id FROM \"%s\")",
                            table, t->name);
        TRY(db_get_int(&n, &any, c->db, str_fmt(c->arena, "SELECT COUNT(*) %.*s", FMT(where)).p,
                       NO_ARGS));
        if (!n) continue;
        found(d, c, t, NULL, table, "record");
        d->different += n - 1;
        if (d->mends)
            TRY(db_run(c->db, NULL, str_fmt(c->arena, "DELETE %.*s", FMT(where)).p, NO_ARGS));
    }
    return OK;
}

static Err finish(Rederive *d, Ctx *c) {
    int64_t unit;
    TRY(unit_tree_check(&unit, c));
    if (unit) {
        found(d, c, model_need(c->model, "unit"), NULL, "unit_under", "");
        if (d->mends) TRY(unit_tree_rebuild(c));
    }
    if (d->has_search) TRY(db_search_rebuild(c->db));
    d->is_done = true;
    return OK;
}

/* ---- stretch by stretch ---- */

static bool has_sorts(const Type *t) {
    for (size_t i = 0; i < t->n_fields; i++)
        if (columns_has_sort(&t->fields[i])) return true;
    return false;
}

static void next_phase(Rederive *d, size_t n_types) {
    d->after = d->until = INT64_MIN;
    if (d->pass == PASS_BESIDE && ++d->phase < PHASES) return;
    d->phase = 0;
    if (++d->type < n_types) return;
    d->pass++;
    d->type = 0;
}

static Err step(Rederive *d, Ctx *c) {
    if (d->pass == PASSES) return finish(d, c);
    if (d->pass == PASS_DERIVED) d->phase = PHASE_NOW;
    Stretch s = {.d = d, .c = c, .type = &c->model->types[d->type]};
    s.is_past = d->phase == PHASE_PAST;
    if (d->phase == PHASE_CHILDREN || d->phase == PHASE_LEFT) {
        bool is_left = d->phase == PHASE_LEFT;
        next_phase(d, c->model->n_types);
        if (is_left) return left(d, c, s.type);
        return s.type->parent ? children(d, c, s.type) : OK;
    }
    if (s.is_past && !has_sorts(s.type)) {
        next_phase(d, c->model->n_types);
        return OK;
    }
    TRY(stretch_read(&s));
    if (s.n) TRY(s.is_past ? check_sorts(&s) : stretch_now(&s));
    if (!s.is_past) d->done += (int64_t)s.n;
    if (s.n < STRETCH) next_phase(d, c->model->n_types);
    return OK;
}

Err rederive_begin(Rederive *out, Ctx *c, Arena *keep, bool mends) {
    *out = (Rederive){.mends = mends, .keep = keep, .after = INT64_MIN, .until = INT64_MIN};
    if (!c->actor || !c->actor->is_system) return ERR_DENIED;
    for (size_t i = 0; i < c->model->n_types; i++) {
        int64_t n;
        bool any;
        Str sql = str_fmt(c->arena, "SELECT COUNT(*) FROM \"%s\"", c->model->types[i].name);
        TRY(db_get_int(&n, &any, c->db, sql.p, NO_ARGS));
        out->total += PASSES * n;
    }
    out->scratch = arena_new(0);
    return OK;
}

Err rederive_step(Rederive *d, Ctx *c) {
    Arena *own = c->arena;
    Issues issues = c->issues;
    arena_reset(d->scratch);
    c->arena = d->scratch;
    c->cache = NULL;
    c->issues = (Issues){0};
    Err e = step(d, c);
    c->arena = own;
    c->issues = issues;
    c->cache = NULL;
    return e;
}

void rederive_end(Rederive *d) {
    if (d->scratch) arena_free(d->scratch);
    d->scratch = NULL;
}
