/* rcsa_query.c: see rcsa_query.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_query.h"

#include "modules/rcsa/rcsa.h"

/* Opens a statement with the reader's scope on `alias` (of that type) at its end, before `tail`. */
static Err scoped(Rows **out, Ctx *c, const char *type, const char *alias, const char *sql,
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

Err rcsa_query_incidents(RcsaIds *out, Ctx *c, int64_t risk, int64_t limit) {
    Rows *rows;
    *out = (RcsaIds){0};
    if (!model_type(c->model, S("incident"))) return OK;
    TRY(scoped(&rows, c, "incident", "i",
               "SELECT i.id FROM incident_risk l JOIN incident i ON i.id = l.incident WHERE "
               "l.risk = $1 AND l.state = 'linked' AND i.state NOT IN ('draft', 'cancelled')",
               ARGS(db_int(risk)), " ORDER BY i.discovered_on DESC, i.id DESC"));
    return ids_of(out, c, rows, limit);
}

Err rcsa_query_entries(RcsaIds *out, Ctx *c, int64_t risk, int64_t limit) {
    Rows *rows;
    *out = (RcsaIds){0};
    if (!model_type(c->model, S("financial_entry"))) return OK;
    TRY(scoped(&rows, c, "financial_entry", "e",
               "SELECT e.id FROM incident_risk l JOIN incident i ON i.id = l.incident JOIN "
               "financial_entry e ON e.incident = i.id WHERE l.risk = $1 AND l.state = 'linked' "
               "AND i.state NOT IN ('draft', 'cancelled') AND e.state IN ('accepted', 'reversed')",
               ARGS(db_int(risk)), " ORDER BY e.booked_on DESC, e.id DESC"));
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

Err rcsa_query_suggestions(RcsaIds *out, Ctx *c, int64_t incident, int64_t limit) {
    Rows *rows;
    *out = (RcsaIds){0};
    const Type *definition = model_need(c->model, "risk_definition");
    if (!type_field(definition, S("patterns")) || !model_type(c->model, S("incident"))) return OK;
    TRY(scoped(
        &rows, c, "risk", "r",
        "SELECT r.id FROM incident i JOIN risk_definition_patterns p ON p.target = i.pattern JOIN "
        "risk r ON r.definition = p.record JOIN unit_under u ON u.ancestor = r.unit AND u.unit = "
        "i.unit AND u.from_day <= $2 AND u.until_day > $2 WHERE i.id = $1 AND r.state = 'active' "
        "AND NOT EXISTS (SELECT 1 FROM incident_risk l WHERE l.incident = i.id AND l.risk = r.id "
        "AND l.state = 'linked')",
        ARGS(db_int(incident), db_text(c->today)),
        " ORDER BY (SELECT COUNT(*) FROM unit_under x WHERE x.ancestor = r.unit), r.id"));
    return ids_of(out, c, rows, limit);
}

Err rcsa_query_unlinked(RcsaPairs *out, Ctx *c, Str since) {
    Rows *rows;
    bool more;
    *out = (RcsaPairs){0};
    const Type *definition = model_need(c->model, "risk_definition");
    if (!type_field(definition, S("patterns")) || !model_type(c->model, S("incident"))) return OK;
    TRY(db_rows(
        &rows, c->db, c->arena,
        "SELECT i.id, r.id FROM incident i JOIN risk_definition_patterns p ON p.target = i.pattern "
        "JOIN risk r ON r.definition = p.record AND r.state = 'active' JOIN unit_under u ON "
        "u.ancestor = r.unit AND u.unit = i.unit AND u.from_day <= $1 AND u.until_day > $1 WHERE "
        "i.discovered_on >= $2 AND i.state NOT IN ('draft', 'cancelled') AND NOT EXISTS (SELECT 1 "
        "FROM incident_risk l WHERE l.incident = i.id) ORDER BY i.id, (SELECT COUNT(*) FROM "
        "unit_under x WHERE x.ancestor = r.unit), r.id",
        ARGS(db_text(c->today), db_text(since))));
    for (;;) {
        TRY(rows_next(&more, rows));
        if (!more) return OK;
        int64_t incident = rows_int(rows, 0);
        if (out->n && out->items[out->n - 1].first == incident) continue; /* a wider one */
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (struct RcsaPair){incident, rows_int(rows, 1)};
    }
}
