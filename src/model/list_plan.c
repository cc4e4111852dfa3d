/* list_plan.c: which index a list is read by on SQLite, whose own planner knows neither how many
 * rows a reader's rights leave nor how many a filter finds: walking along the sort order until the
 * page is full, or gathering the few rows of the narrowest filter and sorting them. The wrong one
 * costs a thousand times the right one. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/list_total.h"

#include "base/utf8.h"
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

static void walk(ListPlan *out, Ctx *c, const ListQuery *q) {
    out->is_walk = true;
    for (size_t i = 0; i < q->n_filters; i++) q->filters[i].no_index = true;
    out->index = q->sort
                     ? str_fmt(c->arena, " INDEXED BY \"%s_%s_o\"", q->type->name, q->sort->name).p
                     : " NOT INDEXED";
}

/* The rows of one filter, or of the reader's rights, are gathered and sorted. */
static void gather(ListPlan *out, const ListQuery *q, ptrdiff_t filter) {
    out->is_sorted_apart = true;
    for (size_t i = 0; i < q->n_filters; i++) q->filters[i].no_index = (ptrdiff_t)i != filter;
}

/* ---- words ---- */

Err list_words(DbWords *out, Ctx *c, Str q) {
    return db_words(out, c->db, c->arena, utf8_query_text(c->arena, utf8_fold(c->arena, q)));
}

static Err words_of(ListPlan *out, Ctx *c, const ListQuery *q) {
    if (!q->q.n) return OK;
    if (q->words)
        out->words = *q->words;
    else
        TRY(list_words(&out->words, c, q->q));
    out->by = out->words.n ? WORDS_SET : WORDS_NOTHING;
    return out->words.n ? db_words_type(&out->words, c->db, q->type->name) : OK;
}

static Err hits(int64_t *out, Ctx *c, const DbWords *w, int64_t limit) {
    bool found;
    Str sql = str_fmt(c->arena, "SELECT COUNT(*) FROM (%.*s LIMIT $2) x",
                      FMT(db_words_set(c->arena, c->db, w, 1)));
    return db_get_int(out, &found, c->db, sql.p, ARGS(w->match, db_int(limit)));
}

/* SQLite. Newest first the index itself is walked, unless the reader or a filter leaves fewer rows
 * than that may take; sorted by a field, words that are frequent are looked for along its index. */
static Err plan_words(ListPlan *out, Ctx *c, const ListQuery *q, int64_t n, int64_t limit) {
    Best best = {n, -1};
    int64_t found = 0;
    TRY(look(&best, c, q, limit));
    int64_t few = best.n < limit ? best.n : limit;
    if (q->sort || best.n <= limit) TRY(hits(&found, c, &out->words, few + 1));
    if (found <= few) {
        out->by = q->sort ? WORDS_SET : WORDS_HITS;
        gather(out, q, -2);
        if (!q->sort) out->is_sorted_apart = false;
        return OK;
    }
    out->by = WORDS_TEXT;
    if (best.n <= limit)
        gather(out, q, best.filter);
    else
        walk(out, c, q);
    return OK;
}

/* PostgreSQL's index gives all records that have the words or none, and a word that is frequent in
 * any type costs as much in every other. Are the words frequent among the newest, or the records of
 * the type few, their texts are looked into along the order of the list. */
static Err plan_words_pgsql(ListPlan *out, Ctx *c, const ListQuery *q) {
    enum { LOOKED_AT = 1000, FREQUENT = 10 };
    const DbWords *w = &out->words;
    Rows *rows;
    bool any;
    DbValue args[DB_WORDS_MOST];
    memcpy(args, w->parts, w->n * sizeof *args);
    Str sql = str_fmt(c->arena,
                      "SELECT COUNT(*), COUNT(CASE WHEN %.*s THEN 1 END) FROM (SELECT body"
                      " FROM search_doc WHERE type = '%s' ORDER BY record DESC LIMIT %d) s",
                      FMT(db_words_has(c->arena, c->db, w, 1)), q->type->name, LOOKED_AT);
    TRY(db_few(&rows, c->db, c->arena, sql.p, args, w->n));
    TRY(rows_next(&any, rows));
    int64_t records = any ? rows_int(rows, 0) : 0, found = any ? rows_int(rows, 1) : 0;
    rows_close(rows);
    if (records < LOOKED_AT)
        out->by = found ? WORDS_TEXT : WORDS_NOTHING;
    else if (found >= FREQUENT)
        out->by = WORDS_TEXT;
    return OK;
}

Err list_plan(ListPlan *out, Ctx *c, const ListQuery *q) {
    enum { SMALL = 1000 };
    int64_t n, page = q->limit + 1;
    *out = (ListPlan){.index = ""};
    TRY(words_of(out, c, q));
    if (q->as_of.n || !q->limit || out->by == WORDS_NOTHING) return OK;
    if (db_kind(c->db) != DB_SQLITE) return out->by ? plan_words_pgsql(out, c, q) : OK;
    TRY(newest(&n, c, q->type));
    int64_t limit = limit_of(n, page);
    if (out->by) return plan_words(out, c, q, n, limit);
    if (n < SMALL) return OK;
    Best best = {n, -1};
    TRY(look(&best, c, q, limit));
    if (best.n > limit)
        walk(out, c, q);
    else
        gather(out, q, best.filter);
    return OK;
}
