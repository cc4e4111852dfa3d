/* rcsa_query.c: see rcsa_query.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_query.h"

#include "modules/rcsa/rcsa.h"

#define SUM_OF(what) "CAST(COALESCE(SUM(" what "), 0) AS BIGINT)"

/* A statement with the reader's scope on `alias` (of that type) at its end, before `tail`. */
static Err scoped_sql(Sql *out, Ctx *c, const char *type, const char *alias, const char *sql,
                      const DbValue *args, size_t n, const char *tail) {
    const Access *a;
    Sql s = sql_new(c->arena, c->db);
    TRY(access_of(&a, c, model_need(c->model, type), OP_READ));
    sql_add(&s, sql);
    for (size_t i = 0; i < n; i++) {
        GROW(c->arena, s.args, s.n, s.cap);
        s.args[s.n++] = args[i];
    }
    access_sql(&s, a, alias);
    sql_add(&s, tail);
    *out = s;
    return OK;
}

static Err scoped(Rows **out, Ctx *c, const char *type, const char *alias, const char *sql,
                  const DbValue *args, size_t n, const char *tail) {
    Sql s;
    TRY(scoped_sql(&s, c, type, alias, sql, args, n, tail));
    return sql_rows(out, &s, c->db, c->arena);
}

static Err ids_of(RcsaIds *out, Ctx *c, Rows *rows, int64_t limit) {
    bool more;
    *out = (RcsaIds){0};
    while ((int64_t)out->n < limit) {
        TRY(rows_next(&more, rows));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = rows_int(rows, 0);
    }
    rows_close(rows);
    return OK;
}

Err rcsa_query_readable(Sql *s, Ctx *c, const char *type, const char *alias) {
    const Access *a;
    TRY(access_of(&a, c, model_need(c->model, type), OP_READ));
    sql_add(s, " AND ");
    sql_name(s, alias, "id");
    sql_add(s, " IN (SELECT n.id FROM ");
    sql_name(s, NULL, type);
    sql_add(s, " n WHERE 1 = 1");
    access_sql(s, a, "n");
    sql_add(s, ")");
    return OK;
}

/* " FROM links and incidents WHERE linked to the risk", on c->as_of. */
static void linked_incidents(Sql *s, Ctx *c, int64_t risk) {
    sql_add(s, " FROM ");
    record_source(s, c, model_need(c->model, "incident_risk"), "incident, risk, state", c->as_of);
    sql_add(s, " l JOIN ");
    record_source(s, c, model_need(c->model, "incident"), "id, state, discovered_on", c->as_of);
    sql_add(s, " i ON i.id = l.incident WHERE l.state = 'linked' AND i.state NOT IN ('draft', "
               "'cancelled') AND l.risk = ");
    sql_bind(s, db_int(risk));
}

Err rcsa_query_incidents(RcsaIds *out, Ctx *c, int64_t risk, int64_t limit) {
    Rows *rows;
    *out = (RcsaIds){0};
    if (!model_type(c->model, S("incident"))) return OK;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT i.id");
    linked_incidents(&s, c, risk);
    TRY(rcsa_query_readable(&s, c, "incident", "i"));
    sql_add(&s, " ORDER BY i.discovered_on DESC, i.id DESC");
    TRY(sql_rows(&rows, &s, c->db, c->arena));
    return ids_of(out, c, rows, limit);
}

Err rcsa_query_entries(RcsaIds *out, Ctx *c, int64_t risk, int64_t limit) {
    Rows *rows;
    *out = (RcsaIds){0};
    if (!model_type(c->model, S("financial_entry"))) return OK;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT e.id FROM ");
    record_source(&s, c, model_need(c->model, "financial_entry"), "id, incident, state, booked_on",
                  c->as_of);
    sql_add(&s, " e WHERE e.state IN ('accepted', 'reversed') AND e.incident IN (SELECT i.id");
    linked_incidents(&s, c, risk);
    sql_add(&s, ")");
    TRY(rcsa_query_readable(&s, c, "financial_entry", "e"));
    sql_add(&s, " ORDER BY e.booked_on DESC, e.id DESC");
    TRY(sql_rows(&rows, &s, c->db, c->arena));
    return ids_of(out, c, rows, limit);
}

Err rcsa_query_risks_of_control(RcsaIds *out, Ctx *c, int64_t control, int64_t limit) {
    Rows *rows;
    TRY(scoped(&rows, c, "risk", "r",
               "SELECT r.id FROM risk_controls k JOIN risk r ON r.id = k.record WHERE k.control = "
               "$1 AND r.state <> 'retired'",
               ARGS(db_int(control)), " ORDER BY r.residual_level DESC, r.id"));
    return ids_of(out, c, rows, limit);
}

static Err suggestions_sql(bool *any, Sql *out, Ctx *c, const Record *incident) {
    const Type *definition = model_need(c->model, "risk_definition");
    const Field *pattern = type_field(incident->type, S("pattern"));
    *any = false;
    if (!type_field(definition, S("patterns")) || !pattern) return OK;
    int64_t of = incident->values[pattern->index].i;
    if (!of || !incident->unit) return OK;
    *any = true;
    return scoped_sql(
        out, c, "risk", "r",
        "SELECT r.id FROM risk_definition_patterns p JOIN risk r ON r.definition = p.record JOIN "
        "unit_under u ON u.ancestor = r.unit AND u.unit = $4 AND u.from_day <= $2 AND u.until_day "
        "> $2 WHERE p.target = $3 AND r.state = 'active' AND NOT EXISTS (SELECT 1 FROM "
        "incident_risk l JOIN risk x ON x.id = l.risk WHERE l.incident = $1 AND l.state = 'linked' "
        "AND (l.risk = r.id OR x.definition = r.definition))",
        ARGS(db_int(incident->id), db_text(c->today), db_int(of), db_int(incident->unit)),
        " ORDER BY (SELECT COUNT(*) FROM unit_under x WHERE x.ancestor = r.unit), r.id");
}

void rcsa_query_suggestions_announce(Ctx *c, const Record *incident) {
    bool any;
    Sql s;
    if (suggestions_sql(&any, &s, c, incident) == OK && any) sql_announce(&s, c->db);
}

Err rcsa_query_suggestions(RcsaIds *out, Ctx *c, const Record *incident, int64_t limit) {
    Rows *rows;
    Sql s;
    bool any;
    *out = (RcsaIds){0};
    TRY(suggestions_sql(&any, &s, c, incident));
    if (!any) return OK;
    TRY(sql_few(&rows, &s, c->db, c->arena));
    return ids_of(out, c, rows, limit);
}

/* Incidents without any link, each with the risks of its pattern at or above its unit, the nearest
 * first. $1: today. */
#define UNLINKED(which)                                                                              \
    "SELECT i.id, r.id FROM incident i JOIN risk_definition_patterns p ON p.target = i.pattern "     \
    "JOIN risk r ON r.definition = p.record AND r.state = 'active' JOIN unit_under u ON "            \
    "u.ancestor = r.unit AND u.unit = i.unit AND u.from_day <= $1 AND u.until_day > $1 WHERE " which \
    " AND i.state NOT IN ('draft', 'cancelled') AND NOT EXISTS (SELECT 1 FROM "                      \
    "incident_risk l WHERE l.incident = i.id) ORDER BY i.id, (SELECT COUNT(*) FROM "                 \
    "unit_under x WHERE x.ancestor = r.unit), r.id"

Err rcsa_query_unlinked(RcsaPairs *out, Ctx *c, Str since, int64_t incident) {
    Rows *rows;
    bool more;
    *out = (RcsaPairs){0};
    const Type *definition = model_need(c->model, "risk_definition");
    if (!type_field(definition, S("patterns")) || !model_type(c->model, S("incident"))) return OK;
    TRY(incident ? db_rows(&rows, c->db, c->arena, UNLINKED("i.id = $2"),
                           ARGS(db_text(c->today), db_int(incident)))
                 : db_rows(&rows, c->db, c->arena, UNLINKED("i.discovered_on >= $2"),
                           ARGS(db_text(c->today), db_text(since))));
    for (;;) {
        TRY(rows_next(&more, rows));
        if (!more) return OK;
        int64_t id = rows_int(rows, 0);
        if (out->n && out->items[out->n - 1].first == id) continue; /* a wider one */
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (struct RcsaPair){id, rows_int(rows, 1)};
    }
}

Err rcsa_query_lacks_risk(bool *out, Ctx *c, const Record *incident) {
    int64_t id;
    bool is_linked, has_register;
    *out = false;
    TRY(db_get_int(&id, &is_linked, c->db,
                   "SELECT id FROM incident_risk WHERE incident = $1 AND state = 'linked' LIMIT 1",
                   ARGS(db_int(incident->id))));
    if (is_linked) return OK;
    TRY(db_get_int(
        &id, &has_register, c->db,
        "SELECT r.id FROM unit_under u JOIN risk r ON r.unit = u.ancestor WHERE u.unit = "
        "$1 AND u.from_day <= $2 AND u.until_day > $2 AND r.state = 'active' LIMIT 1",
        ARGS(db_int(incident->unit), db_text(c->today))));
    *out = has_register;
    return OK;
}

/* " AND a.state NOT IN (...)" of the states that are closed. */
static void not_closed(Sql *s, const Type *t, const char *alias) {
    sql_add(s, " AND ");
    sql_name(s, alias, "state");
    sql_add(s, " NOT IN (''");
    for (size_t i = 0; i < t->n_states; i++) {
        if (!(t->states[i].flags & STATE_CLOSED)) continue;
        sql_add(s, ", ");
        sql_bind(s, db_textz(t->states[i].name));
    }
    sql_add(s, ")");
}

Err rcsa_query_actions(int64_t *open, int64_t *overdue, Ctx *c, int64_t risk) {
    Rows *rows;
    bool more;
    const Type *issue = model_type(c->model, S("issue")), *t = model_type(c->model, S("action"));
    *open = *overdue = 0;
    if (!issue || !t || !type_field(issue, S("risks")) || !type_field(t, S("issues")) ||
        !type_field(t, S("due_on")))
        return OK;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT COUNT(*), COALESCE(SUM(CASE WHEN a.due_on < ");
    sql_bind(&s, db_text(c->today));
    sql_add(&s, " THEN 1 ELSE 0 END), 0) FROM action a WHERE EXISTS (SELECT 1 FROM action_issues i "
                "JOIN issue_risks r ON r.record = i.target WHERE i.record = a.id AND r.target = ");
    sql_bind(&s, db_int(risk));
    sql_add(&s, ")");
    not_closed(&s, t, "a");
    TRY(sql_rows(&rows, &s, c->db, c->arena));
    TRY(rows_next(&more, rows));
    if (!more) return OK;
    *open = rows_int(rows, 0);
    *overdue = rows_int(rows, 1);
    rows_close(rows);
    return OK;
}

/* One row of (risk, number) each: the numbers of `ids`, 0 where there is none. */
static Err by_risk(int64_t *out, Sql *s, Ctx *c, const int64_t *ids, size_t n) {
    Rows *rows;
    bool more;
    TRY(sql_rows(&rows, s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, rows));
        if (!more) return OK;
        for (size_t i = 0; i < n; i++)
            if (ids[i] == rows_int(rows, 0)) out[i] = rows_int(rows, 1);
    }
}

/* " AND ..." of what the reader may see of a type, alias x; from rules that show these fields. */
static Err sql_seen(Sql *s, bool *any, Ctx *c, const Type *t, const char *x,
                    const char *const *names, size_t n) {
    const Access *a;
    const Field **fields = NEW_N(c->arena, const Field *, n + 1);
    for (size_t i = 0; i < n; i++) fields[i] = type_need(t, names[i]);
    TRY(access_of(&a, c, t, OP_READ));
    a = access_showing(c, a, fields, n);
    *any = access_any(a);
    access_sql(s, a, x);
    return OK;
}

Err rcsa_query_actions_of(int64_t *out, bool *seen, Ctx *c, const int64_t *ids, size_t n) {
    const Type *issue = model_type(c->model, S("issue")), *t = model_type(c->model, S("action"));
    memset(out, 0, n * sizeof *out);
    *seen = false;
    if (!issue || !t || !type_field(issue, S("risks")) || !type_field(t, S("issues"))) return OK;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT r.target, COUNT(DISTINCT a.id) FROM issue_risks r JOIN action_issues i ON "
                "i.target = r.record JOIN action a ON a.id = i.record WHERE ");
    sql_in_set(&s, "r.target", ids, n);
    not_closed(&s, t, "a");
    TRY(sql_seen(&s, seen, c, t, "a", NULL, 0));
    sql_add(&s, " GROUP BY r.target");
    return by_risk(out, &s, c, ids, n);
}

Err rcsa_query_losses_of(int64_t *out, bool *seen, Ctx *c, const int64_t *ids, size_t n,
                         Str since) {
    static const char *const read[] = {"gross_group", "event_kind", "discovered_on"};
    const Type *t = model_type(c->model, S("incident"));
    memset(out, 0, n * sizeof *out);
    *seen = false;
    if (!t) return OK;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT l.risk, " SUM_OF(
                    "i.gross_group") " FROM incident_risk l JOIN incident i ON i.id = l.incident "
                                     "WHERE l.state = 'linked' AND i.restricted = 0 AND "
                                     "i.event_kind = 'loss' AND i.state NOT IN ('draft', "
                                     "'cancelled') AND i.discovered_on >= ");
    sql_bind(&s, db_text(since));
    sql_add(&s, " AND ");
    sql_in_set(&s, "l.risk", ids, n);
    TRY(sql_seen(&s, seen, c, t, "i", read, LENGTH(read)));
    sql_add(&s, " GROUP BY l.risk");
    return by_risk(out, &s, c, ids, n);
}

Err rcsa_query_indicators(int64_t *red, int64_t *amber, Ctx *c, int64_t risk) {
    Rows *rows;
    bool more;
    const Type *t = model_type(c->model, S("indicator"));
    *red = *amber = 0;
    if (!t || !type_field(t, S("risks")) || !type_field(t, S("colour"))) return OK;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT k.colour, COUNT(*) FROM indicator k JOIN indicator_risks r ON r.record = "
                "k.id WHERE k.colour IN ('red', 'amber') AND r.target = ");
    sql_bind(&s, db_int(risk));
    not_closed(&s, t, "k");
    sql_add(&s, " GROUP BY k.colour");
    TRY(sql_rows(&rows, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, rows));
        if (!more) return OK;
        *(str_is(rows_text(rows, 0), "red") ? red : amber) = rows_int(rows, 1);
    }
}

enum { MOST_IDS = 1000000 };

Err rcsa_query_assessments(RcsaIds *out, Ctx *c, int64_t campaign, const char *state) {
    Rows *rows;
    TRY(db_rows(&rows, c->db, c->arena,
                "SELECT id FROM assessment WHERE campaign = $1 AND state = $2 ORDER BY id",
                ARGS(db_int(campaign), db_textz(state))));
    return ids_of(out, c, rows, MOST_IDS);
}

Err rcsa_query_lot(RcsaLot *out, Ctx *c, int64_t assignment) {
    Rows *rows;
    bool found;
    *out = (RcsaLot){0};
    TRY(db_rows(
        &rows, c->db, c->arena,
        "SELECT " SUM_OF("CASE WHEN state = 'todo' THEN 1 ELSE 0 END") ", " SUM_OF(
            "CASE WHEN state NOT IN ('scoped', 'todo', 'cancelled') THEN 1 ELSE 0 END") " FROM assessment WHERE assignment = $1",
        ARGS(db_int(assignment))));
    TRY(rows_next(&found, rows));
    if (!found) return OK;
    *out = (RcsaLot){rows_int(rows, 0), rows_int(rows, 1)};
    rows_close(rows);
    return OK;
}

Err rcsa_query_lot_todo(RcsaIds *out, Ctx *c, int64_t assignment) {
    Rows *rows;
    TRY(db_rows(&rows, c->db, c->arena,
                "SELECT id FROM assessment WHERE assignment = $1 AND state = 'todo' ORDER BY id",
                ARGS(db_int(assignment))));
    return ids_of(out, c, rows, MOST_IDS);
}

Err rcsa_query_lots(RcsaIds *out, Ctx *c, int64_t campaign) {
    Rows *rows;
    TRY(db_rows(&rows, c->db, c->arena,
                "SELECT DISTINCT assignment FROM assessment WHERE campaign = $1 AND state = 'todo' "
                "AND assignment IS NOT NULL ORDER BY assignment",
                ARGS(db_int(campaign))));
    return ids_of(out, c, rows, MOST_IDS);
}

Err rcsa_query_active_risks(RcsaIds *out, Ctx *c) {
    Rows *rows;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT r.id FROM ");
    record_source(&s, c, model_need(c->model, "risk"), "id, state", c->as_of);
    sql_add(&s, " r WHERE r.state = 'active' ORDER BY r.id");
    TRY(sql_rows(&rows, &s, c->db, c->arena));
    return ids_of(out, c, rows, MOST_IDS);
}

Err rcsa_query_newest_assessments(RcsaIds *out, Ctx *c) {
    Rows *rows;
    TRY(db_rows(&rows, c->db, c->arena,
                "SELECT MAX(id) FROM assessment WHERE state NOT IN ('scoped', 'cancelled') AND "
                "inherent_likelihood IS NOT NULL AND inherent_impact IS NOT NULL GROUP BY risk "
                "ORDER BY risk",
                NO_ARGS));
    return ids_of(out, c, rows, MOST_IDS);
}

Err rcsa_query_methods(RcsaIds *out, Ctx *c, const char *state, Str code) {
    Rows *rows;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT m.id FROM ");
    record_source(&s, c, model_need(c->model, "rcsa_method"), "id, state, code, edition", c->as_of);
    sql_add(&s, " m WHERE 1 = 1");
    if (state[0]) {
        sql_add(&s, " AND m.state = ");
        sql_bind(&s, db_textz(state));
    }
    if (code.n) {
        sql_add(&s, " AND m.code = ");
        sql_bind(&s, db_text(code));
    }
    sql_add(&s, " ORDER BY m.code, m.edition DESC, m.id DESC");
    TRY(sql_rows(&rows, &s, c->db, c->arena));
    return ids_of(out, c, rows, MOST_IDS);
}
