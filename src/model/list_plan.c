/* list_plan.c: which index a list is read by on SQLite, whose own planner knows neither how many
 * rows a reader's rights leave nor how many a filter finds: walking along the sort order until the
 * page is full, or gathering the few rows of the narrowest filter and sorting them. The wrong one
 * costs a thousand times the right one. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/list_total.h"

#include "model/condition.h"

static bool is_column(const ListFilter *f, const char *name) {
    return f->column && strcmp(f->column, name) == 0;
}

/* Is there an index that finds its rows? Conditions are found by their states. */
static bool is_indexed(const ListFilter *f) {
    const Field *x = f->field;
    if (f->column)
        return is_column(f, "state") || is_column(f, "unit") || is_column(f, "owner") ||
               is_column(f, "created_by") || is_column(f, "id") || is_column(f, "number");
    return x && ((x->flags & (F_SORTED | F_LOOKUP)) || x->target);
}

/* Rows to look at so that neither way costs more: walking through n rows meets a page of them
 * after page * n / found steps. */
static int64_t limit_of(int64_t n, int64_t page) {
    enum { LEAST = 300 };
    int64_t at = LEAST;
    while (at * at < page * n) at += at / 8;
    return at;
}

static Err found_by(int64_t *out, Ctx *c, const ListQuery *q, size_t filter, int64_t limit) {
    bool found;
    ListQuery one = *q;
    Sql s = sql_new(c->arena, c->db);
    one.filters = &q->filters[filter];
    one.n_filters = 1;
    sql_add(&s, "SELECT COUNT(*) FROM (SELECT 1 FROM ");
    sql_name(&s, NULL, q->type->name);
    sql_add(&s, " r WHERE 1 = 1");
    TRY(list_filters_sql(&s, c, &one));
    sql_add(&s, " LIMIT ");
    sql_bind(&s, db_int(limit + 1));
    sql_add(&s, ") x");
    return db_get_int(out, &found, c->db, s.text.p, s.args, s.n);
}

static Err newest(int64_t *out, Ctx *c, const Type *t) {
    bool found;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT MAX(id) FROM ");
    sql_name(&s, NULL, t->name);
    return db_get_int(out, &found, c->db, s.text.p, s.args, s.n);
}

typedef struct Best {
    int64_t n;
    ptrdiff_t filter; /* -1: the reader's rights */
} Best;

static void better(Best *best, int64_t n, ptrdiff_t filter) {
    if (n < best->n) *best = (Best){n, filter};
}

static Err look(Best *best, Ctx *c, const ListQuery *q, int64_t limit) {
    int64_t n;
    bool known;
    TRY(list_total_rights(&n, &known, c, q, limit));
    if (known) better(best, n, -1);
    for (size_t i = 0; i < q->n_filters && best->n > 0; i++) {
        const ListFilter *f = &q->filters[i];
        bool is_range = f->op == FILTER_GE || f->op == FILTER_LE;
        if (is_range && f->field == q->sort) continue; /* a part of the walk itself */
        TRY(list_total_filter(&n, &known, c, q->type, f));
        if (!known && !is_indexed(f)) continue;
        if (!known || n < limit) TRY(found_by(&n, c, q, i, limit));
        better(best, n, (ptrdiff_t)i);
    }
    return OK;
}

Err list_plan(ListPlan *out, Ctx *c, const ListQuery *q) {
    enum { SMALL = 1000 };
    int64_t n, page = q->limit + 1;
    *out = (ListPlan){.index = ""};
    if (db_kind(c->db) != DB_SQLITE || q->as_of.n || !q->limit) return OK;
    if (q->q.n) {
        out->is_sorted_apart = true;
        for (size_t i = 0; i < q->n_filters; i++) q->filters[i].no_index = true;
        return OK;
    }
    TRY(newest(&n, c, q->type));
    if (n < SMALL) return OK;
    Best best = {n, -1};
    TRY(look(&best, c, q, limit_of(n, page)));
    out->is_walk = best.n > limit_of(n, page);
    out->is_sorted_apart = !out->is_walk;
    for (size_t i = 0; i < q->n_filters; i++)
        q->filters[i].no_index = out->is_walk || (ptrdiff_t)i != best.filter;
    if (!out->is_walk) return OK;
    out->index = q->sort
                     ? str_fmt(c->arena, " INDEXED BY \"%s_%s_o\"", q->type->name, q->sort->name).p
                     : " NOT INDEXED";
    return OK;
}
