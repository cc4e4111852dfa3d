/* assignment_query.c: the SQL of assignment.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/assignment.h"

#include "model/sql.h"

static Err ids_of(int64_t **out, size_t *n, Ctx *c, Rows *r) {
    size_t cap = 0;
    bool more;
    *out = NULL;
    *n = 0;
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, *out, *n, cap);
        (*out)[(*n)++] = rows_int(r, 0);
    }
}

Err assignment_due(int64_t **out, size_t *n, Ctx *c, const char *state, Str until) {
    Rows *r;
    const char *sql =
        strcmp(state, "planned") == 0
            ? "SELECT id FROM assignment WHERE state = $1 AND opens_on <= $2 ORDER BY id"
            : "SELECT id FROM assignment WHERE state = $1 AND due_on <= $2 ORDER BY id";
    TRY(db_rows(&r, c->db, c->arena, sql, ARGS(db_textz(state), db_text(until))));
    return ids_of(out, n, c, r);
}

Err assignment_last_done(Str *out, bool *found, Ctx *c, int64_t plan, int64_t source) {
    return db_get_text(out, found, c->db, c->arena,
                       "SELECT completed_on FROM assignment WHERE plan = $1 AND source = $2 AND "
                       "completed_on IS NOT NULL ORDER BY completed_on DESC LIMIT 1",
                       ARGS(db_int(plan), db_int(source)));
}

Err assignment_asked_for(bool *out, Ctx *c, int64_t plan, int64_t source, Str from, Str to) {
    int64_t id;
    return db_get_int(&id, out, c->db,
                      "SELECT id FROM assignment WHERE source = $2 AND plan = $1 AND "
                      "period_from = $3 AND period_to = $4 LIMIT 1",
                      ARGS(db_int(plan), db_int(source), db_text(from), db_text(to)));
}

Err assignment_orphans(int64_t **out, size_t *n, Ctx *c, Str today) {
    Rows *r;
    TRY(db_rows(&r, c->db, c->arena,
                "SELECT a.id FROM assignment a JOIN \"user\" u ON u.id = a.owner WHERE a.state IN "
                "('planned', 'open') AND (u.state <> 'active' OR (a.deputy IS NOT NULL AND "
                "a.deputy <> a.owner AND a.state = 'open' AND EXISTS (SELECT 1 FROM delegation d "
                "WHERE d.from_user = a.owner AND d.state = 'active' AND d.valid_from <= $1 AND "
                "d.valid_until >= $1))) ORDER BY a.id",
                ARGS(db_text(today))));
    return ids_of(out, n, c, r);
}

Err assignment_figures(PlanFigures **out, size_t *n, Ctx *c, Str from, Str to) {
    Rows *r;
    size_t cap = 0;
    bool more;
    const Access *access;
    *out = NULL;
    *n = 0;
    TRY(access_of(&access, c, model_need(c->model, "assignment"), OP_READ));
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s,
            "SELECT COALESCE(r.plan, 0), COUNT(*), COUNT(CASE WHEN r.state = 'done' THEN 1 END), "
            "COUNT(CASE WHEN r.state = 'done' AND r.on_time = 1 THEN 1 END), "
            "COUNT(CASE WHEN r.state IN ('open', 'review') THEN 1 END), "
            "COUNT(CASE WHEN r.state = 'open' AND r.grace_until < ");
    sql_bind(&s, db_text(c->today));
    sql_add(&s, " THEN 1 END) FROM assignment r WHERE r.state <> 'cancelled' AND r.due_on >= ");
    sql_bind(&s, db_text(from));
    sql_add(&s, " AND r.due_on <= ");
    sql_bind(&s, db_text(to));
    access_sql(&s, access, "r");
    sql_add(&s, " GROUP BY r.plan ORDER BY r.plan");
    TRY(sql_rows(&r, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, *out, *n, cap);
        (*out)[(*n)++] = (PlanFigures){.plan = rows_int(r, 0),
                                       .asked = rows_int(r, 1),
                                       .done = rows_int(r, 2),
                                       .on_time = rows_int(r, 3),
                                       .open = rows_int(r, 4),
                                       .late = rows_int(r, 5)};
    }
}

Err assignment_year(int64_t asked[12], int64_t done[12], Ctx *c, int64_t plan, int year) {
    Rows *r;
    bool more;
    const Access *access;
    TRY(access_of(&access, c, model_need(c->model, "assignment"), OP_READ));
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s,
            "SELECT substr(r.due_on, 6, 2), COUNT(*), COUNT(CASE WHEN r.state = 'done' THEN 1 END) "
            "FROM assignment r WHERE r.state <> 'cancelled' AND r.plan = ");
    sql_bind(&s, db_int(plan));
    sql_add(&s, " AND r.due_on >= ");
    sql_bind(&s, db_text(str_fmt(c->arena, "%04d-01-01", year)));
    sql_add(&s, " AND r.due_on <= ");
    sql_bind(&s, db_text(str_fmt(c->arena, "%04d-12-31", year)));
    access_sql(&s, access, "r");
    sql_add(&s, " GROUP BY substr(r.due_on, 6, 2)");
    TRY(sql_rows(&r, &s, c->db, c->arena));
    for (;;) {
        int64_t month;
        TRY(rows_next(&more, r));
        if (!more) return OK;
        if (!str_to_int(&month, rows_text(r, 0)) || month < 1 || month > 12) continue;
        asked[month - 1] = rows_int(r, 1);
        done[month - 1] = rows_int(r, 2);
    }
}

/* A statement takes so many keys; its text is the same each time but for the last. */
enum { KEYS_AT_ONCE = 200 };

static Err asked_open_part(Str *out, size_t *n, Ctx *c, const Str *keys, size_t n_keys) {
    Rows *r;
    bool more;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT slot FROM assignment WHERE state IN ('planned', 'open') AND slot IN (");
    for (size_t i = 0; i < n_keys; i++) {
        if (i) sql_add(&s, ", ");
        sql_bind(&s, db_text(keys[i]));
    }
    sql_add(&s, ") ORDER BY id");
    TRY(sql_rows(&r, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        out[(*n)++] = rows_copy(r, 0);
    }
}

Err work_asked_open(Str **out, size_t *n, Ctx *c, const Str *keys, size_t n_keys) {
    *n = 0;
    *out = NEW_N(c->arena, Str, n_keys + 1);
    for (size_t i = 0; i < n_keys; i += KEYS_AT_ONCE)
        TRY(asked_open_part(*out, n, c, keys + i,
                            n_keys - i < KEYS_AT_ONCE ? n_keys - i : KEYS_AT_ONCE));
    return OK;
}
