/* action_query.c: see action_query.h. Sums are cast: PostgreSQL gives them as numeric otherwise.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/action/action_query.h"

#include "base/clock.h"

#define COUNT_IF(condition)                                                                        \
    "CAST(COALESCE(SUM(CASE WHEN " condition " THEN 1 ELSE 0 END), 0) AS BIGINT)"
#define IS_OPEN "a.state IN ('planned', 'in_progress')"

static Err ids_read(Ids *out, Ctx *c, const char *sql, const DbValue *args, size_t n) {
    Rows *r;
    bool more;
    *out = (Ids){0};
    TRY(db_rows(&r, c->db, c->arena, sql, args, n));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = rows_int(r, 0);
    }
}

Err action_query_run_out(Ids *out, Ctx *c) {
    return ids_read(
        out, c,
        "SELECT id FROM risk_acceptance WHERE state = 'active' AND expires_on < $1 ORDER BY id",
        ARGS(db_text(c->today)));
}

Err action_query_checks_due(Ids *out, Ctx *c) {
    return ids_read(
        out, c, "SELECT id FROM action WHERE state = 'verified' AND effect_on <= $1 ORDER BY id",
        ARGS(db_text(c->today)));
}

Err action_query_due(Ids *out, Ctx *c, Str from, Str to) {
    return ids_read(out, c,
                    "SELECT id FROM action WHERE state IN ('planned', 'in_progress') AND due_on >= "
                    "$1 AND due_on <= $2 ORDER BY id",
                    ARGS(db_text(from), db_text(to)));
}

Err action_query_ends(Ids *out, Ctx *c, Str from, Str to) {
    return ids_read(out, c,
                    "SELECT id FROM risk_acceptance WHERE state = 'active' AND expires_on >= $1 "
                    "AND expires_on <= $2 ORDER BY id",
                    ARGS(db_text(from), db_text(to)));
}

static Str day_back(Ctx *c, int64_t days) {
    int64_t today;
    CHECK(date_parse(&today, c->today), "today is no date");
    return date_text(c->arena, today - days);
}

void action_query_age_bounds(Str *from, Str *to, Ctx *c, int k) {
    *to = day_back(c, action_calc_age_from[k]);
    *from = k + 1 < ACTION_AGES ? day_back(c, action_calc_age_from[k + 1] - 1) : (Str){0};
}

#define AGES(key)                                                                                                                                                                                                          \
    "SELECT a." key                                                                                                                                                                                                        \
    ", " COUNT_IF(IS_OPEN) ", " COUNT_IF(IS_OPEN " AND a.due_on <= $1 AND a.due_on > $2") ", " COUNT_IF(IS_OPEN " AND a.due_on <= $2 AND a.due_on > $3") ", " COUNT_IF(                                                    \
        IS_OPEN                                                                                                                                                                                                            \
        " AND a.due_on <= $3 AND a.due_on > $4") ", " COUNT_IF(IS_OPEN                                                                                                                                                     \
                                                               " AND a.due_on <= $4") ", " COUNT_IF("a.done_on >= $5") ", " COUNT_IF("a.done_on >= $5 AND a.timing = 'on_time'") ", CAST(COALESCE(SUM(CASE WHEN " IS_OPEN  \
                                                                                                                                                                                 " THEN a.extensions ELSE 0 END), 0) AS "  \
                                                                                                                                                                                 "BIGINT) FROM action a WHERE a.state <> " \
                                                                                                                                                                                 "'cancelled'"

Err action_query_ages(AgeRows *out, Ctx *c, bool by_owner, Str since) {
    const Access *a;
    Rows *r;
    bool more;
    Sql s = sql_new(c->arena, c->db);
    *out = (AgeRows){0};
    TRY(access_of(&a, c, model_need(c->model, "action"), OP_READ));
    sql_add(&s, by_owner ? AGES("owner") : AGES("unit"));
    for (int k = 0; k <= ACTION_AGES; k++) {
        GROW(c->arena, s.args, s.n, s.cap);
        s.args[s.n++] = db_text(k < ACTION_AGES ? day_back(c, action_calc_age_from[k]) : since);
    }
    access_sql(&s, a, "a");
    sql_add(&s, by_owner ? " GROUP BY a.owner" : " GROUP BY a.unit");
    TRY(sql_rows(&r, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        AgeRow *row = &out->items[out->n++];
        *row = (AgeRow){.key = rows_int(r, 0), .open = rows_int(r, 1), .done = rows_int(r, 6)};
        for (size_t k = 0; k < ACTION_AGES; k++) row->late[k] = rows_int(r, 2 + k);
        row->on_time = rows_int(r, 7);
        row->extensions = rows_int(r, 8);
    }
}
