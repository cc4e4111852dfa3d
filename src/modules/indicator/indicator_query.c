/* indicator_query.c: see indicator_query.h. What an indicator says now is a column of it, so that
 * no statement reads its values, however many they are. SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "modules/indicator/indicator_query.h"

#define MISSING "CASE WHEN i.next_due < "
#define SUMS                                                                                       \
    " THEN 1 ELSE 0 END, COUNT(*), CAST(COALESCE(SUM(i.given), 0) AS BIGINT), "                    \
    "CAST(COALESCE(SUM(i.given_late), 0) AS BIGINT) FROM indicator i"

/* What the lines stand for: a column of the indicator, or a table of its links. */
static const struct {
    const char *key, *links;
} keys[] = {[BY_UNIT] = {"i.unit", NULL},
            [BY_CATEGORY] = {"i.category", NULL},
            [BY_RISK] = {"l.target", "indicator_risks"},
            [BY_CONTROL] = {"l.target", "indicator_controls"},
            [BY_PROCESS] = {"i.process", NULL},
            [BY_OBJECTIVE] = {"l.target", "indicator_objectives"},
            [BY_PROVIDER] = {"i.provider", NULL}};

static Colour colour_of(Str key) {
    return str_is(key, "red")     ? RED
           : str_is(key, "amber") ? AMBER
           : str_is(key, "green") ? GREEN
                                  : NOT_JUDGED;
}

Err indicator_query_counts(IndicatorCounts *out, Ctx *c, CountBy by, int64_t unit) {
    const Access *a;
    Rows *r;
    bool more;
    Sql s = sql_new(c->arena, c->db);
    *out = (IndicatorCounts){0};
    TRY(access_of(&a, c, model_need(c->model, "indicator"), OP_READ));
    if (!access_any(a)) return OK;
    sql_add(&s, "SELECT ");
    sql_add(&s, keys[by].key);
    sql_add(&s, ", i.colour, " MISSING);
    sql_bind(&s, db_text(c->today));
    sql_add(&s, SUMS);
    if (keys[by].links) {
        sql_add(&s, " LEFT JOIN ");
        sql_add(&s, keys[by].links);
        sql_add(&s, " l ON l.record = i.id");
    }
    sql_add(&s, " WHERE i.state = 'active'");
    if (unit) {
        const int64_t *ids;
        size_t n;
        TRY(access_units_under(&ids, &n, c, unit));
        sql_add(&s, " AND ");
        sql_in_set(&s, "i.unit", ids, n);
    }
    access_sql(&s, a, "i");
    sql_add(&s, " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3");
    TRY(sql_rows(&r, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (IndicatorCount){.key = rows_is_null(r, 0) ? 0 : rows_int(r, 0),
                                                .colour = colour_of(rows_text(r, 1)),
                                                .is_missing = rows_int(r, 2) != 0,
                                                .n = rows_int(r, 3),
                                                .given = rows_int(r, 4),
                                                .late = rows_int(r, 5)};
    }
}

Err indicator_query_open(OpenBreach **out, size_t *n, Ctx *c, const int64_t *ids, size_t n_ids) {
    Rows *r;
    bool more;
    size_t cap = 0;
    Sql s = sql_new(c->arena, c->db);
    *out = NULL;
    *n = 0;
    sql_add(&s, "SELECT indicator, MAX(id) FROM breach WHERE state <> 'closed' AND ");
    sql_in_set(&s, "indicator", ids, n_ids);
    sql_add(&s, " GROUP BY indicator ORDER BY indicator");
    TRY(sql_rows(&r, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, *out, *n, cap);
        (*out)[(*n)++] = (OpenBreach){rows_int(r, 0), rows_int(r, 1)};
    }
}
