/* measure_read.c: the reading side of measures: cells and unfolded deltas within the reader's
 * rights, or the deltas up to a day, or (for readers of own and assigned records only) the records
 * themselves. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/measure_kit.h"

#include "base/clock.h"

#include <stdlib.h>

enum { AD_HOC_RECORDS = 5000 };

const Type *measure_dim_type(Str *kind, const Ctx *c, const MeasureDef *m, int dim) {
    *kind = (Str){0};
    if (dim < 0 || dim >= FACT_DIMS || !m->dims[dim] || !m->dim_taxonomy[dim]) return NULL;
    Str name = str_of(m->dim_taxonomy[dim]);
    if (str_starts(name, S("@"))) return model_type(c->model, str_sub(name, 1, name.n));
    *kind = name;
    return model_type(c->model, S("taxon"));
}

const Field *measure_field(const Ctx *c, const MeasureDef *m, const char *name) {
    const Type *t = model_type(c->model, str_of(m->type));
    return t && name ? type_field(t, str_of(name)) : NULL;
}

Err measure_hidden(FieldSet *out, Ctx *c, const MeasureDef *m) {
    return access_hidden(out, c, model_need(c->model, m->type), NULL);
}

/* ---- rights ---- */

typedef struct Scope {
    const Access *access;
    bool all; /* every fact, restricted ones too */
    bool from_cells;
    bool ad_hoc; /* only own or assigned records, or cases open by name */
} Scope;

static bool is_by_person(const AccessRule *r) {
    return r->grant->scope == SCOPE_OWN || r->grant->scope == SCOPE_ASSIGNED;
}

static Err scope_of(Scope *out, Ctx *c, const MeasureDef *m) {
    const Type *t = model_need(c->model, m->type);
    *out = (Scope){0};
    TRY(access_of(&out->access, c, t, OP_READ));
    const Access *a = out->access;
    bool may_restrict = (t->flags & TYPE_CONFIDENTIAL) || t->parent; /* a child as its parent */
    out->all = a->everything;
    for (size_t i = 0; i < a->n; i++) {
        const AccessRule *r = &a->rules[i];
        if (is_by_person(r)) {
            out->ad_hoc = true;
            continue;
        }
        out->from_cells = true;
        if (r->all && (r->grant->restricted || !may_restrict)) out->all = true;
    }
    out->from_cells = out->from_cells || out->all;
    out->ad_hoc = !out->from_cells && (out->ad_hoc || a->named);
    return OK;
}

static void scope_sql(Sql *sql, const Scope *s) {
    if (s->all) return;
    bool first = true;
    sql_add(sql, " AND (");
    for (size_t i = 0; i < s->access->n; i++) {
        const AccessRule *r = &s->access->rules[i];
        if (is_by_person(r)) continue;
        if (!first) sql_add(sql, " OR ");
        first = false;
        if (r->all) {
            sql_add(sql, "restricted = 0");
            continue;
        }
        sql_add(sql, r->grant->restricted ? "(" : "(restricted = 0 AND ");
        sql_in_set(sql, "unit", r->units, r->n_units);
        sql_add(sql, ")");
    }
    sql_add(sql, ")");
}

/* ---- trees of dimensions ---- */

typedef struct Node {
    int64_t id, shown; /* shown: the ancestor that stands for it on the axis */
} Node;
typedef struct Roll {
    const Type *type; /* a tree whose nodes are rolled up; NULL: values stand for themselves */
    Node *nodes;      /* by id */
    size_t n;
} Roll;

static int node_cmp(const void *x, const void *y) {
    int64_t a = ((const Node *)x)->id, b = ((const Node *)y)->id;
    return a < b ? -1 : a > b;
}

/* level counts from 1; 0: one below `under`, or the top. */
static Err roll_of(Roll *out, Ctx *c, const MeasureQuery *q, int axis, int level) {
    Str kind;
    const TreeItem *items;
    size_t n;
    const Type *t = measure_dim_type(&kind, c, q->measure, axis);
    *out = (Roll){0};
    if (!t || !(t->flags & TYPE_TREE) || level < 0) return OK;
    TRY(ref_tree(&items, &n, c, t, kind));
    if (level == 0) {
        level = 1;
        for (size_t i = 0; i < n; i++)
            if (q->under[axis] && items[i].id == q->under[axis]) level = items[i].depth + 2;
    }
    out->type = t;
    out->nodes = NEW_N(c->arena, Node, n + 1);
    /* The items stand in tree order: the last one seen at the level is the ancestor of those below
     * it. */
    int64_t shown = 0;
    for (size_t i = 0; i < n; i++) {
        bool is_above = items[i].depth < level - 1;
        if (items[i].depth == level - 1) shown = items[i].id;
        out->nodes[out->n++] = (Node){items[i].id, is_above ? items[i].id : shown};
    }
    if (n) qsort(out->nodes, out->n, sizeof *out->nodes, node_cmp);
    return OK;
}

static Err roll_value(int64_t *out, Ctx *c, const Roll *roll, int64_t id) {
    Node key = {.id = id};
    *out = id;
    if (!roll->type || id == 0) return OK;
    const Node *node = roll->n ? bsearch(&key, roll->nodes, roll->n, sizeof key, node_cmp) : NULL;
    if (node) {
        *out = node->shown;
        return OK;
    }
    return ref_root(out, c, roll->type, id);
}

/* Ids at or below a node. */
static Err under_set(const int64_t **out, size_t *n, Ctx *c, const MeasureQuery *q, int dim) {
    Str kind;
    const TreeItem *items;
    size_t n_items = 0;
    int depth = -1;
    const Type *t = measure_dim_type(&kind, c, q->measure, dim);
    if (t && (t->flags & TYPE_TREE)) TRY(ref_tree(&items, &n_items, c, t, kind));
    int64_t *ids = NEW_N(c->arena, int64_t, n_items + 1);
    *n = 0;
    ids[(*n)++] = q->under[dim];
    for (size_t i = 0; i < n_items; i++) {
        if (items[i].id == q->under[dim]) {
            depth = items[i].depth;
        } else if (depth >= 0) {
            if (items[i].depth <= depth) break;
            ids[(*n)++] = items[i].id;
        }
    }
    *out = ids;
    return OK;
}

/* ---- filters, as SQL and in memory ---- */

typedef struct Narrow {
    const int64_t *under[FACT_DIMS], *units;
    size_t n_under[FACT_DIMS], n_units;
} Narrow;

static Err narrow_of(Narrow *out, Ctx *c, const MeasureQuery *q) {
    memset(out, 0, sizeof *out);
    for (int i = 0; i < FACT_DIMS; i++)
        if (q->under[i]) TRY(under_set(&out->under[i], &out->n_under[i], c, q, i));
    if (q->unit) TRY(access_units_under(&out->units, &out->n_units, c, q->unit));
    return OK;
}

static void narrow_sql(Sql *sql, const MeasureQuery *q, const Narrow *n) {
    static const char *const columns[FACT_DIMS] = {"d0", "d1", "d2"};
    for (int i = 0; i < FACT_DIMS; i++) {
        if (!q->under[i]) continue;
        sql_add(sql, " AND ");
        sql_in_set(sql, columns[i], n->under[i], n->n_under[i]);
    }
    if (q->unit) {
        sql_add(sql, " AND ");
        sql_in_set(sql, "unit", n->units, n->n_units);
    }
    if (q->entity) {
        sql_add(sql, " AND entity = ");
        sql_bind(sql, db_int(q->entity));
    }
    if (q->from) {
        sql_add(sql, " AND month >= ");
        sql_bind(sql, db_int(q->from));
    }
    if (q->to) {
        sql_add(sql, " AND month <= ");
        sql_bind(sql, db_int(q->to));
    }
}

static bool in_set(const int64_t *ids, size_t n, int64_t id) {
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id) return true;
    return false;
}

static bool narrow_has(const MeasureQuery *q, const Narrow *n, const MeasureFact *f) {
    for (int i = 0; i < FACT_DIMS; i++)
        if (q->under[i] && !in_set(n->under[i], n->n_under[i], f->dims[i])) return false;
    if (q->unit && !in_set(n->units, n->n_units, f->unit)) return false;
    if (q->entity && f->entity != q->entity) return false;
    return (!q->from || f->month >= q->from) && (!q->to || f->month <= q->to);
}

/* ---- gathering ---- */

typedef struct Reader {
    Ctx *c;
    const MeasureQuery *q;
    Scope scope;
    Narrow narrow;
    Roll rows, columns;
    bool hides[FACT_SUMS];
    MeasureTable *out;
} Reader;

static const char *axis_sql(int axis) {
    static const char *const dims[FACT_DIMS] = {"d0", "d1", "d2"};
    static const char *const others[] = {"CAST(0 AS BIGINT)", "month", "month / 12", "unit",
                                         "entity"};
    return axis >= 0 ? dims[axis] : others[-axis - 1];
}

static int64_t axis_value(int axis, const MeasureFact *f) {
    if (axis >= 0) return f->dims[axis];
    const int64_t others[] = {0, f->month, f->month / 12, f->unit, f->entity};
    return others[-axis - 1];
}

static Err put(Reader *r, MeasureCell cell) {
    TRY(roll_value(&cell.row, r->c, &r->rows, cell.row));
    TRY(roll_value(&cell.column, r->c, &r->columns, cell.column));
    for (size_t i = 0; i < FACT_SUMS; i++)
        if (r->hides[i]) cell.sums[i] = 0;
    GROW(r->c->arena, r->out->cells, r->out->n, r->out->cap);
    r->out->cells[r->out->n++] = cell;
    return OK;
}

static int cell_cmp(const void *x, const void *y) {
    const MeasureCell *a = x, *b = y;
    if (a->row != b->row) return a->row < b->row ? -1 : 1;
    return a->column < b->column ? -1 : a->column > b->column;
}

static bool cell_join(MeasureCell *into, const MeasureCell *from) {
    bool ok = !add_overflows(into->count, from->count, &into->count);
    for (size_t i = 0; i < FACT_SUMS; i++)
        ok = !add_overflows(into->sums[i], from->sums[i], &into->sums[i]) && ok;
    return ok;
}

static bool cell_is_zero(const MeasureCell *x) {
    for (size_t i = 0; i < FACT_SUMS; i++)
        if (x->sums[i]) return false;
    return x->count == 0;
}

static Err join_cells(MeasureTable *t) {
    size_t n = 0;
    if (t->n) qsort(t->cells, t->n, sizeof *t->cells, cell_cmp);
    for (size_t i = 0; i < t->n;) {
        MeasureCell sum = t->cells[i++];
        for (; i < t->n && cell_cmp(&sum, &t->cells[i]) == 0; i++)
            if (!cell_join(&sum, &t->cells[i])) return ERR_INTERNAL;
        if (!cell_is_zero(&sum)) t->cells[n++] = sum;
    }
    t->n = n;
    return OK;
}

/* The grains to read: one by months, and one by years for the whole years of the period. */
typedef struct Source {
    int year, month;    /* year -1: there is none */
    int64_t first, end; /* months: first of the first whole year, first after the last one */
} Source;

static bool is_limited(const Scope *s) {
    for (size_t i = 0; !s->all && i < s->access->n; i++)
        if (!is_by_person(&s->access->rules[i]) && !s->access->rules[i].all) return true;
    return false;
}

static Source grains_of(const Reader *r) {
    const MeasureQuery *q = r->q;
    int rest = FACT_DIMS - 1; /* the dimension that small grains leave out */
    bool by_month = q->rows == -2 || q->columns == -2, by_unit = q->rows == -4 || q->columns == -4;
    bool by_rest = q->rows == -5 || q->columns == -5 || q->rows == rest || q->columns == rest ||
                   q->entity || q->under[rest];
    by_unit = by_unit || q->unit || is_limited(&r->scope);
    Source s = {.year = GRAIN_YEAR_TOTAL, .month = GRAIN_MONTH_TOTAL};
    if (by_rest || by_unit) s.month = GRAIN_ALL;
    if (by_rest) s.year = by_unit ? -1 : GRAIN_YEAR;
    if (by_unit && !by_rest) s.year = GRAIN_YEAR_UNIT;
    if (by_month) s.year = -1;
    return s;
}

/* A year of which nothing is known after the period's end is whole, too: the year up to today. */
static Err is_whole(bool *out, Reader *r, int64_t after, int64_t before) {
    int64_t one;
    TRY(db_get_int(&one, out, r->c->db,
                   "SELECT 1 FROM measure_cell WHERE measure = $1 AND grain = $2"
                   " AND month >= $3 AND month < $4 LIMIT 1",
                   ARGS(db_textz(r->q->measure->name), db_int(GRAIN_MONTH_TOTAL), db_int(after),
                        db_int(before))));
    *out = !*out;
    return OK;
}

static Err source_of(Source *out, Reader *r) {
    const MeasureQuery *q = r->q;
    Source s = grains_of(r);
    int64_t after = (int64_t)q->to + 1, next_year = (after + 11) / 12 * 12;
    bool whole;
    s.first = ((int64_t)q->from + 11) / 12 * 12;
    s.end = q->to ? after / 12 * 12 : MEASURE_LAST_MONTH + 1;
    if (s.year >= 0 && q->to && after < next_year && s.first < next_year) {
        TRY(is_whole(&whole, r, after, next_year));
        if (whole) s.end = next_year;
    }
    if (s.year < 0 || s.first >= s.end) s.first = s.end = 0;
    *out = s;
    return OK;
}

/* Only the amounts that the measure has; sign "-": taken away. */
static void totals_sql(Sql *sql, const MeasureDef *m, const char *sign) {
    text_fmt(&sql->text, "CAST(%sSUM(count) AS BIGINT)", sign);
    for (int i = 0; i < FACT_SUMS; i++)
        if (m->sums[i])
            text_fmt(&sql->text, ", CAST(%sSUM(s%d) AS BIGINT)", sign, i);
        else
            sql_add(sql, ", 0");
}

static void signed_sql(Sql *sql, const Reader *r, const char *sign, const char *table,
                       const char *where) {
    sql_add(sql, "SELECT ");
    sql_add(sql, axis_sql(r->q->rows));
    sql_add(sql, " AS x, ");
    sql_add(sql, axis_sql(r->q->columns));
    sql_add(sql, " AS y, ");
    totals_sql(sql, r->q->measure, sign);
    sql_add(sql, " FROM ");
    sql_add(sql, table);
    sql_add(sql, " WHERE ");
    sql_add(sql, where);
    sql_bind(sql, db_textz(r->q->measure->name));
    scope_sql(sql, &r->scope);
    narrow_sql(sql, r->q, &r->narrow);
}

static void select_sql(Sql *sql, const Reader *r, const char *table, const char *where) {
    signed_sql(sql, r, "", table, where);
}

static void cells_sql(Sql *sql, const Reader *r, int grain, int64_t from, int64_t end) {
    if (from >= end) return;
    Str where = str_fmt(sql->arena, "grain = %d AND measure = ", grain);
    select_sql(sql, r, "measure_cell", where.p);
    sql_add(sql, " AND month >= ");
    sql_bind(sql, db_int(from));
    sql_add(sql, " AND month < ");
    sql_bind(sql, db_int(end));
    sql_add(sql, " GROUP BY 1, 2 UNION ALL ");
}

static Err all_cells_sql(Sql *sql, Reader *r) {
    const MeasureQuery *q = r->q;
    int64_t end = q->to ? q->to + 1 : MEASURE_LAST_MONTH + 1;
    Source s;
    TRY(source_of(&s, r));
    if (s.first == s.end) {
        cells_sql(sql, r, s.month, q->from, end);
        return OK;
    }
    cells_sql(sql, r, s.year, s.first, s.end);
    cells_sql(sql, r, s.month, q->from, s.first);
    cells_sql(sql, r, s.month, s.end, end);
    return OK;
}

/* As of a day: what was recorded until then, or all that is known now without what was recorded
 * since. */
typedef struct Recorded {
    int64_t few; /* recorded since, at most FEW are counted */
    Str first, last;
} Recorded;
enum { FEW = 5000 };

static Err recorded_of(Recorded *out, Reader *r) {
    Ctx *c = r->c;
    DbValue name = db_textz(r->q->measure->name);
    bool found;
    memset(out, 0, sizeof *out);
    TRY(db_get_int(&out->few, &found, c->db,
                   "SELECT COUNT(*) FROM (SELECT 1 FROM measure_delta WHERE measure = $1"
                   " AND day > $2 LIMIT $3) x",
                   ARGS(name, db_text(r->q->as_of), db_int(FEW))));
    if (out->few < FEW) return OK;
    TRY(db_get_text(&out->first, &found, c->db, c->arena,
                    "SELECT MIN(day) FROM measure_delta WHERE measure = $1", ARGS(name)));
    return db_get_text(&out->last, &found, c->db, c->arena,
                       "SELECT MAX(day) FROM measure_delta WHERE measure = $1", ARGS(name));
}

static int64_t day_number(Str day) {
    int64_t days = 0;
    return date_parse(&days, day) ? days : 0;
}

/* The way of fewer deltas, supposing that every year recorded as many. */
static Err is_nearer_now(bool *out, Reader *r) {
    Recorded x;
    TRY(recorded_of(&x, r));
    int64_t day = day_number(r->q->as_of);
    *out = x.few < FEW || day_number(x.last) - day < day - day_number(x.first);
    return OK;
}

static Err stored_sql(Sql *sql, Reader *r) {
    bool from_now = true;
    if (r->q->as_of.n && r->q->from_deltas) from_now = false;
    if (r->q->as_of.n && from_now) TRY(is_nearer_now(&from_now, r));
    if (!from_now) {
        select_sql(sql, r, "measure_delta", "measure = ");
        sql_add(sql, " AND day <= ");
        sql_bind(sql, db_text(r->q->as_of));
        return OK;
    }
    TRY(all_cells_sql(sql, r));
    select_sql(sql, r, measure_unfolded(r->c->db), "folded = 0 AND measure = ");
    if (!r->q->as_of.n) return OK;
    sql_add(sql, " GROUP BY 1, 2 UNION ALL ");
    signed_sql(sql, r, "-", "measure_delta", "measure = ");
    sql_add(sql, " AND day > ");
    sql_bind(sql, db_text(r->q->as_of));
    return OK;
}

static Err read_stored(Reader *r) {
    Ctx *c = r->c;
    Rows *rows;
    bool has;
    Sql sql = sql_new(c->arena, c->db);
    TRY(r->q->list ? measure_list_sql(&sql, c, r->q, r->hides) : stored_sql(&sql, r));
    sql_add(&sql, " GROUP BY 1, 2");
    TRY(sql_few(&rows, &sql, c->db, c->arena));
    for (;;) {
        MeasureCell cell = {0};
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        cell.row = rows_int(rows, 0);
        cell.column = rows_int(rows, 1);
        cell.count = rows_int(rows, 2);
        for (size_t i = 0; i < FACT_SUMS; i++) cell.sums[i] = rows_int(rows, 3 + i);
        TRY(put(r, cell));
    }
}

static Err read_record(Reader *r, const Record *record) {
    MeasureFacts facts = {0};
    TRY(r->q->measure->facts(r->c, record, &facts));
    for (size_t i = 0; i < facts.n; i++) {
        const MeasureFact *f = &facts.items[i];
        if (!narrow_has(r->q, &r->narrow, f)) continue;
        MeasureCell cell = {axis_value(r->q->rows, f), axis_value(r->q->columns, f), f->count, {0}};
        memcpy(cell.sums, f->sums, sizeof cell.sums);
        TRY(put(r, cell));
    }
    return OK;
}

static Err read_ad_hoc(Reader *r) {
    Ctx *c = r->c;
    ListQuery query = {.type = r->scope.access->type,
                       .limit = AD_HOC_RECORDS + 1,
                       .as_of = r->q->as_of,
                       .descending = true};
    ListCursor *cursor;
    TRY(list_open(&cursor, c, &query));
    for (int64_t n = 0;; n++) {
        Record *record;
        TRY(list_next(&record, cursor, c->arena));
        if (!record) return OK;
        if (n == AD_HOC_RECORDS) {
            warn(c, "", "partial", N_("Only the newest 5,000 records are counted."));
            return OK;
        }
        TRY(read_record(r, record));
    }
}

static Err refuse_hidden(Reader *r) {
    const MeasureQuery *q = r->q;
    FieldSet hidden;
    TRY(measure_hidden(&hidden, r->c, q->measure));
    for (int i = 0; i < FACT_DIMS; i++) {
        bool is_used = q->rows == i || q->columns == i || q->under[i];
        if (is_used &&
            measure_is_hidden(hidden, measure_field(r->c, q->measure, q->measure->dims[i])))
            return ERR_DENIED;
    }
    for (int i = 0; i < FACT_SUMS; i++)
        r->hides[i] =
            measure_is_hidden(hidden, measure_field(r->c, q->measure, q->measure->sums[i]));
    return OK;
}

Err measure_read(MeasureTable *out, Ctx *c, const MeasureQuery *q) {
    Reader r = {.c = c, .q = q, .out = out};
    memset(out, 0, sizeof *out);
    int percent;
    CHECK(q->rows >= -5 && q->rows < FACT_DIMS && q->columns >= -5 && q->columns < FACT_DIMS,
          "unknown axis");
    TRY(measure_counting(&percent, c, q->measure));
    if (percent >= 0)
        return issue_arg(
                   c, "", "counting",
                   N_("These figures are being counted: {0} % are done. They are shown as soon "
                      "as all of them are."),
                   str_fmt(c->arena, "%d", percent)),
               ERR_BUSY;
    TRY(scope_of(&r.scope, c, q->measure));
    if (q->list) r.scope.from_cells = access_any(r.scope.access);
    if (!r.scope.from_cells && !r.scope.ad_hoc) return OK;
    TRY(refuse_hidden(&r));
    TRY(narrow_of(&r.narrow, c, q));
    TRY(roll_of(&r.rows, c, q, q->rows, q->rows_level));
    TRY(roll_of(&r.columns, c, q, q->columns, q->columns_level));
    TRY(r.scope.from_cells ? read_stored(&r) : read_ad_hoc(&r));
    return join_cells(out);
}
