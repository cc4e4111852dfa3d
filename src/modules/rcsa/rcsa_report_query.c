/* rcsa_report_query.c: see rcsa_report_query.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_report_query.h"

#include "base/clock.h"
#include "modules/rcsa/rcsa.h"

/* ---- sources ---- */

#define RISK_COLUMNS                                                                               \
    "id, state, unit, owner, process, risk_category, entity, inherent_likelihood, "                \
    "inherent_impact, residual_likelihood, residual_impact, target_likelihood, target_impact, "    \
    "inherent_level, residual_level, appetite_position, accepted_until, response"
#define RISK_COLUMNS_BARE /* without processes: the organisation module is not there */            \
    "id, state, unit, owner, 0 AS process, risk_category, entity, inherent_likelihood, "           \
    "inherent_impact, residual_likelihood, residual_impact, target_likelihood, target_impact, "    \
    "inherent_level, residual_level, appetite_position, accepted_until, response"

static const char *risk_columns(const Ctx *c) {
    return type_field(model_need(c->model, "risk"), S("process")) ? RISK_COLUMNS
                                                                  : RISK_COLUMNS_BARE;
}

/* " FROM (the register, now or at the end of a day) r WHERE in use AND readable" */
static Err from_risks(Sql *s, Ctx *c, const RcsaFilter *f) {
    const Access *a;
    const char *columns = risk_columns(c);
    TRY(access_of(&a, c, model_need(c->model, "risk"), OP_READ));
    sql_add(s, " FROM ");
    record_source(s, c, model_need(c->model, "risk"), columns, f->as_of);
    sql_add(s, " r WHERE r.state IN ('active', 'dormant') AND r.id IN (SELECT n.id FROM risk n "
               "WHERE 1 = 1");
    access_sql(s, a, "n");
    sql_add(s, ")");
    return OK;
}

static void set_filter(Sql *s, const char *column, const int64_t *ids, size_t n) {
    if (!n) return;
    sql_add(s, " AND ");
    sql_in_set(s, column, ids, n);
}

static void node_filters(Sql *s, const RcsaFilter *f) {
    set_filter(s, f->campaign ? "m.unit" : "r.unit", f->units, f->n_units);
    set_filter(s, f->campaign ? "m.risk_category" : "r.risk_category", f->categories,
               f->n_categories);
    set_filter(s, f->campaign ? "m.process" : "r.process", f->processes, f->n_processes);
}

#define ASSESSMENT_COLUMNS                                                                         \
    "id, state, unit, risk, campaign, risk_category, inherent_likelihood, inherent_impact, "       \
    "residual_likelihood, residual_impact, target_likelihood, target_impact, final_likelihood, "   \
    "final_impact, residual_level, final_level, due_on, submitted_on, override_likelihood, "       \
    "override_impact, opinion, contradictions"

/* "(assessments, now or at the end of a day) ALIAS" */
static void assessments(Sql *s, Ctx *c, Str day, const char *alias) {
    const Type *t = model_need(c->model, "assessment");
    record_source(s, c, t,
                  type_field(t, S("process")) ? ASSESSMENT_COLUMNS ", process"
                                              : ASSESSMENT_COLUMNS ", 0 AS process",
                  day);
    sql_add(s, " ");
    sql_add(s, alias);
}

/* The answers of a campaign, as they were classified when its scope was drawn up. */
static Err from_campaign(Sql *s, Ctx *c, const RcsaFilter *f) {
    sql_add(s, " FROM ");
    assessments(s, c, f->as_of, "m");
    sql_add(s, " WHERE m.state NOT IN ('scoped', 'cancelled') AND m.campaign = ");
    sql_bind(s, db_int(f->campaign));
    return rcsa_query_readable(s, c, "assessment", "m");
}

/* ---- heat map ---- */

#define PLACES(of, likelihood, impact)                                                             \
    "SELECT " of ".inherent_likelihood, " of ".inherent_impact, " of "." likelihood ", " of        \
    "." impact ", " of ".target_likelihood, " of ".target_impact, COUNT(*)"
#define BY_PLACE(of, likelihood, impact)                                                           \
    " AND " of ".inherent_likelihood IS NOT NULL AND " of "." likelihood                           \
    " IS NOT NULL GROUP BY " of ".inherent_likelihood, " of ".inherent_impact, " of "." likelihood \
    ", " of "." impact ", " of ".target_likelihood, " of ".target_impact"

Err rcsa_query_map(RcsaPlaces *out, Ctx *c, const RcsaFilter *f) {
    Rows *r;
    bool more;
    Sql s = sql_new(c->arena, c->db);
    *out = (RcsaPlaces){0};
    if (f->campaign) {
        sql_add(&s, f->is_final ? PLACES("m", "final_likelihood", "final_impact")
                                : PLACES("m", "residual_likelihood", "residual_impact"));
        TRY(from_campaign(&s, c, f));
    } else {
        sql_add(&s, PLACES("r", "residual_likelihood", "residual_impact"));
        TRY(from_risks(&s, c, f));
    }
    node_filters(&s, f);
    if (!f->campaign)
        sql_add(&s, BY_PLACE("r", "residual_likelihood", "residual_impact"));
    else
        sql_add(&s, f->is_final ? BY_PLACE("m", "final_likelihood", "final_impact")
                                : BY_PLACE("m", "residual_likelihood", "residual_impact"));
    TRY(sql_rows(&r, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (RcsaPlace){
            (int)rows_int(r, 0), (int)rows_int(r, 1), (int)rows_int(r, 2), (int)rows_int(r, 3),
            (int)rows_int(r, 4), (int)rows_int(r, 5), rows_int(r, 6)};
    }
}

/* ---- lines of risks ---- */

Err rcsa_query_worst(RcsaRiskLines *out, Ctx *c, const RcsaFilter *f, bool above, int64_t limit) {
    Rows *r;
    bool more;
    Sql s = sql_new(c->arena, c->db);
    *out = (RcsaRiskLines){0};
    sql_add(&s, "SELECT r.id, r.unit, r.process, r.risk_category, r.entity, r.owner, "
                "r.inherent_level, r.residual_level, r.appetite_position, r.accepted_until, "
                "r.response");
    TRY(from_risks(&s, c, f));
    node_filters(&s, f);
    sql_add(&s, " AND r.residual_level IS NOT NULL");
    if (above) sql_add(&s, " AND r.appetite_position IN ('above_tolerance', 'above_capacity')");
    sql_add(&s, " ORDER BY r.residual_level DESC, r.residual_impact DESC, r.residual_likelihood "
                "DESC, r.inherent_level DESC, r.id LIMIT ");
    sql_bind(&s, db_int(limit));
    TRY(sql_rows(&r, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (RcsaRiskLine){.id = rows_int(r, 0),
                                              .unit = rows_int(r, 1),
                                              .process = rows_int(r, 2),
                                              .category = rows_int(r, 3),
                                              .entity = rows_int(r, 4),
                                              .owner = rows_int(r, 5),
                                              .inherent_level = rows_copy(r, 6),
                                              .residual_level = rows_copy(r, 7),
                                              .position = rows_copy(r, 8),
                                              .accepted_until = rows_copy(r, 9),
                                              .response = rows_copy(r, 10)};
    }
}

#define ABOVE_TOLERANCE                                                                            \
    "CAST(COALESCE(SUM(CASE WHEN r.appetite_position IN ('above_tolerance', 'above_capacity') "    \
    "THEN 1 ELSE 0 END), 0) AS BIGINT)"

Err rcsa_query_processes(RcsaProcessLines *out, Ctx *c, const RcsaFilter *f) {
    Rows *r;
    bool more;
    Sql s = sql_new(c->arena, c->db);
    *out = (RcsaProcessLines){0};
    sql_add(&s, "SELECT r.process, r.residual_level, COUNT(*), " ABOVE_TOLERANCE);
    TRY(from_risks(&s, c, f));
    node_filters(&s, f);
    sql_add(&s, " AND r.process IS NOT NULL AND r.residual_level IS NOT NULL GROUP BY r.process, "
                "r.residual_level");
    TRY(sql_rows(&r, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (RcsaProcessLine){.process = rows_int(r, 0),
                                                 .level = rows_copy(r, 1),
                                                 .count = rows_int(r, 2),
                                                 .above = rows_int(r, 3)};
    }
}

Err rcsa_query_levels(RcsaLevels *out, Ctx *c, const RcsaFilter *f, int64_t entity, int bound) {
    Rows *r;
    bool more;
    int64_t worst = 0;
    Sql s = sql_new(c->arena, c->db);
    *out = (RcsaLevels){0};
    sql_add(&s, "SELECT COUNT(*), MAX(r.residual_level), CAST(COALESCE(SUM(CASE WHEN "
                "r.residual_level > ");
    sql_bind(&s, db_text(str_fmt(c->arena, "%d", bound)));
    sql_add(&s, " THEN 1 ELSE 0 END), 0) AS BIGINT)");
    TRY(from_risks(&s, c, f));
    node_filters(&s, f);
    sql_add(&s, " AND r.residual_level IS NOT NULL");
    if (entity) {
        sql_add(&s, " AND r.entity = ");
        sql_bind(&s, db_int(entity));
    }
    TRY(sql_rows(&r, &s, c->db, c->arena));
    TRY(rows_next(&more, r));
    if (!more) return OK;
    if (!str_to_int(&worst, rows_text(r, 1))) worst = 0;
    *out = (RcsaLevels){(int)worst, rows_int(r, 0), rows_int(r, 2)};
    rows_close(r);
    return OK;
}

/* ---- losses ---- */

/* Incidents with the sums of their entries, now or as both stood at the end of a day. The sums are
 * outside the versions of an incident: of the past they are added up again from its entries. */
static Err losses_from(Sql *s, Ctx *c, Str day) {
#define LOSS_COLUMNS                                                                               \
    "id, state, event_kind, discovered_on, risk_category, entity, aggregate, item_count, restricted"
    const Type *incident = model_need(c->model, "incident");
    if (!day.n) {
        record_source(s, c, incident, LOSS_COLUMNS ", gross_group, net_group", day);
        sql_add(s, " i");
        return OK;
    }
    sql_add(s, "(SELECT x.*, COALESCE(e.gross, 0) AS gross_group, COALESCE(e.net, 0) AS net_group "
               "FROM ");
    record_source(s, c, incident, LOSS_COLUMNS, day);
    sql_add(s, " x LEFT JOIN (SELECT y.incident, CAST(SUM(y.gross_group) AS BIGINT) AS gross, "
               "CAST(SUM(y.net_group) AS BIGINT) AS net FROM ");
    record_source(s, c, model_need(c->model, "financial_entry"),
                  "incident, state, gross_group, net_group", day);
    sql_add(s, " y WHERE y.state IN ('accepted', 'reversed') GROUP BY y.incident) e ON e.incident "
               "= x.id) i");
    return OK;
}

Err rcsa_query_actual(RcsaActual *out, Ctx *c, const RcsaFilter *f, int64_t entity, Str from,
                      Str to) {
    Rows *r;
    bool found;
    const Access *a;
    const Type *incident = model_type(c->model, S("incident"));
    Sql s = sql_new(c->arena, c->db);
    *out = (RcsaActual){0};
    if (!incident) return OK;
    TRY(access_of(&a, c, incident, OP_READ));
    if (!access_any(a)) return OK;
    sql_add(&s, "SELECT CAST(COALESCE(SUM(i.net_group), 0) AS BIGINT), "
                "CAST(COALESCE(MAX(i.gross_group), 0) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN "
                "i.aggregate = 1 THEN COALESCE(i.item_count, 1) ELSE 1 END), 0) AS BIGINT) FROM ");
    TRY(losses_from(&s, c, f->as_of));
    sql_add(&s, " WHERE i.event_kind = 'loss' AND i.state NOT IN ('draft', 'cancelled') "
                "AND i.discovered_on >= ");
    sql_bind(&s, db_text(from));
    sql_add(&s, " AND i.discovered_on <= ");
    sql_bind(&s, db_text(to));
    set_filter(&s, "i.risk_category", f->categories, f->n_categories);
    if (entity) {
        sql_add(&s, " AND i.entity = ");
        sql_bind(&s, db_int(entity));
    }
    TRY(rcsa_query_readable(&s, c, "incident", "i"));
    TRY(sql_rows(&r, &s, c->db, c->arena));
    TRY(rows_next(&found, r));
    if (!found) return OK;
    *out = (RcsaActual){rows_int(r, 0), rows_int(r, 1), rows_int(r, 2)};
    rows_close(r);
    return OK;
}

#define LOSSES_IF(more)                                                                            \
    "CAST(COALESCE(SUM(CASE WHEN i.event_kind = 'loss' AND " more                                  \
    " THEN CASE WHEN i.aggregate = 1 THEN COALESCE(i.item_count, 1) ELSE 1 END ELSE 0 END), 0) "   \
    "AS BIGINT)"

/* Many small losses declared together count as many. */
Err rcsa_query_losses(RcsaLosses *out, Ctx *c, int64_t risk, Str from, Str since, Str to) {
    Rows *rows;
    bool found;
    *out = (RcsaLosses){0};
    if (!model_type(c->model, S("incident"))) return OK;
    Sql s = sql_new(c->arena, c->db);
    sql_add(
        &s,
        "SELECT " LOSSES_IF(
            "i.discovered_on >= w.first_day") ", CAST(COALESCE(SUM(CASE "
                                              "WHEN i.event_kind = 'loss' AND i.discovered_on >= w.first_day THEN i.gross_group "
                                              "ELSE 0 END), 0) AS BIGINT), CAST(COALESCE(MAX(CASE WHEN i.event_kind = 'loss' AND "
                                              "i.discovered_on >= w.first_day THEN i.gross_group ELSE 0 END), 0) AS BIGINT), "
                                              "CAST(COALESCE(SUM(CASE WHEN i.event_kind = 'near_miss' AND i.discovered_on >= "
                                              "w.first_day THEN 1 ELSE 0 END), 0) AS BIGINT), " LOSSES_IF(
                                                  "i.discovered_on > w.last_day") " FROM (SELECT CAST(");
    sql_bind(&s, db_text(from));
    sql_add(&s, " AS TEXT) AS first_day, CAST(");
    sql_bind(&s, db_text(since));
    sql_add(&s, " AS TEXT) AS last_day) w CROSS JOIN ");
    record_source(&s, c, model_need(c->model, "incident_risk"), "incident, risk, state", c->as_of);
    sql_add(&s, " l JOIN ");
    TRY(losses_from(&s, c, c->as_of));
    sql_add(&s, " ON i.id = l.incident WHERE l.risk = ");
    sql_bind(&s, db_int(risk));
    sql_add(&s, " AND l.state = 'linked' AND i.restricted = 0 AND i.state NOT IN ('draft', "
                "'cancelled') AND i.discovered_on <= ");
    sql_bind(&s, db_text(to));
    TRY(sql_rows(&rows, &s, c->db, c->arena));
    TRY(rows_next(&found, rows));
    if (!found) return OK;
    *out = (RcsaLosses){.count = rows_int(rows, 0),
                        .gross = rows_int(rows, 1),
                        .largest = rows_int(rows, 2),
                        .near_misses = rows_int(rows, 3),
                        .count_since = rows_int(rows, 4)};
    rows_close(rows);
    return OK;
}

/* ---- campaigns ---- */

Err rcsa_query_progress(RcsaProgress *out, Ctx *c, int64_t campaign) {
    Rows *r;
    bool more;
    Sql s = sql_new(c->arena, c->db);
    *out = (RcsaProgress){0};
    sql_add(&s, "SELECT m.unit, m.state, COUNT(*), CAST(COALESCE(SUM(CASE WHEN m.due_on < "
                "COALESCE(m.submitted_on, ");
    sql_bind(&s, db_text(c->as_of.n ? c->as_of : c->today));
    sql_add(&s,
            ") THEN 1 ELSE 0 END), 0) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN "
            "m.override_likelihood IS NOT NULL OR m.override_impact IS NOT NULL THEN 1 ELSE 0 "
            "END), 0) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN m.opinion = 'disagree' THEN 1 ELSE 0 "
            "END), 0) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN m.contradictions IS NOT NULL THEN 1 "
            "ELSE 0 END), 0) AS BIGINT) FROM ");
    assessments(&s, c, c->as_of, "m");
    sql_add(&s, " WHERE m.state <> 'cancelled' AND m.campaign = ");
    sql_bind(&s, db_int(campaign));
    TRY(rcsa_query_readable(&s, c, "assessment", "m"));
    sql_add(&s, " GROUP BY m.unit, m.state ORDER BY m.unit");
    TRY(sql_rows(&r, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (RcsaProgressLine){.unit = rows_int(r, 0),
                                                  .state = rows_copy(r, 1),
                                                  .count = rows_int(r, 2),
                                                  .late = rows_int(r, 3),
                                                  .overridden = rows_int(r, 4),
                                                  .disagreed = rows_int(r, 5),
                                                  .contradictions = rows_int(r, 6)};
    }
}

#define HELD(of, what) "COALESCE(" of ".final_" what ", " of ".residual_" what ")"

Err rcsa_query_moves(RcsaMoves *out, Ctx *c, int64_t before, int64_t after) {
    Rows *r;
    bool more;
    Sql s = sql_new(c->arena, c->db);
    *out = (RcsaMoves){0};
    sql_add(
        &s,
        "SELECT m.risk, p.id, m.id, " HELD("p", "level") ", " HELD("m", "level") ", " HELD(
            "p",
            "likelihood") ", " HELD("p",
                                    "impact") ", " HELD("m",
                                                        "likelihood") ", " HELD("m",
                                                                                "impact") " FROM ");
    assessments(&s, c, c->as_of, "m");
    sql_add(&s, " JOIN ");
    assessments(&s, c, c->as_of, "p");
    sql_add(&s, " ON p.risk = m.risk AND p.state <> 'cancelled' WHERE m.state NOT IN ('scoped', "
                "'todo', 'cancelled') AND " HELD("m", "level") " IS NOT NULL AND " HELD(
                    "p", "level") " IS NOT NULL AND p.campaign = ");
    sql_bind(&s, db_int(before));
    sql_add(&s, " AND m.campaign = ");
    sql_bind(&s, db_int(after));
    TRY(rcsa_query_readable(&s, c, "assessment", "m"));
    sql_add(&s, " ORDER BY 5 DESC, m.risk");
    TRY(sql_rows(&r, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (RcsaMove){.risk = rows_int(r, 0),
                                          .before = rows_int(r, 1),
                                          .after = rows_int(r, 2),
                                          .level_before = rows_copy(r, 3),
                                          .level_after = rows_copy(r, 4),
                                          .from_likelihood = (int)rows_int(r, 5),
                                          .from_impact = (int)rows_int(r, 6),
                                          .to_likelihood = (int)rows_int(r, 7),
                                          .to_impact = (int)rows_int(r, 8)};
    }
}

Err rcsa_query_risk_moves(RcsaMoves *out, Ctx *c, Str before, Str after) {
    Rows *r;
    bool more;
    const Type *t = model_need(c->model, "risk");
    Sql s = sql_new(c->arena, c->db);
    *out = (RcsaMoves){0};
    sql_add(&s, "SELECT r.id, p.residual_level, r.residual_level FROM ");
    record_source(&s, c, t, "id, state, residual_level", after);
    sql_add(&s, " r JOIN ");
    record_source(&s, c, t, "id, residual_level", before);
    sql_add(&s, " p ON p.id = r.id WHERE r.state IN ('active', 'dormant') AND r.residual_level <> "
                "p.residual_level");
    TRY(rcsa_query_readable(&s, c, "risk", "r"));
    sql_add(&s, " ORDER BY 3 DESC, 2, r.id");
    TRY(sql_rows(&r, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (RcsaMove){.risk = rows_int(r, 0),
                                          .level_before = rows_copy(r, 1),
                                          .level_after = rows_copy(r, 2)};
    }
}

static Err ids_of(RcsaIds *out, Ctx *c, Rows *rows) {
    bool more;
    *out = (RcsaIds){0};
    for (;;) {
        TRY(rows_next(&more, rows));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = rows_int(rows, 0);
    }
}

Err rcsa_query_sheet(RcsaIds *out, Ctx *c, int64_t campaign, const int64_t *units, size_t n,
                     int64_t limit) {
    Rows *r;
    const Access *a;
    Sql s = sql_new(c->arena, c->db);
    TRY(access_of(&a, c, model_need(c->model, "assessment"), OP_UPDATE));
    sql_add(&s, "SELECT m.id FROM assessment m WHERE m.state = 'todo' AND m.campaign = ");
    sql_bind(&s, db_int(campaign));
    set_filter(&s, "m.unit", units, n);
    access_sql(&s, a, "m");
    sql_add(&s, " ORDER BY m.unit, m.risk LIMIT ");
    sql_bind(&s, db_int(limit));
    TRY(sql_rows(&r, &s, c->db, c->arena));
    return ids_of(out, c, r);
}

Err rcsa_query_open_campaigns(RcsaIds *out, Ctx *c) {
    Rows *r;
    TRY(db_rows(
        &r, c->db, c->arena,
        "SELECT id FROM rcsa_campaign WHERE state IN ('open', 'challenge') ORDER BY id DESC",
        NO_ARGS));
    return ids_of(out, c, r);
}

Err rcsa_query_campaigns(RcsaIds *out, Ctx *c) {
    Rows *r;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT m.id FROM ");
    record_source(&s, c, model_need(c->model, "rcsa_campaign"), "id, state", c->as_of);
    sql_add(&s, " m WHERE m.state IN ('open', 'challenge', 'approval', 'published', 'archived') "
                "ORDER BY m.id DESC");
    TRY(sql_rows(&r, &s, c->db, c->arena));
    return ids_of(out, c, r);
}

Err rcsa_query_appetites(RcsaIds *out, Ctx *c, Str day) {
    Rows *r;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT a.id FROM ");
    record_source(&s, c, model_need(c->model, "appetite"),
                  "id, state, risk_category, measure, valid_from, valid_until", c->as_of);
    sql_add(&s, " a JOIN taxon t ON t.id = a.risk_category WHERE a.state = 'approved' AND "
                "a.valid_from <= ");
    sql_bind(&s, db_text(day));
    sql_add(&s, " AND (a.valid_until IS NULL OR a.valid_until >= ");
    sql_bind(&s, db_text(day));
    sql_add(&s, ") ORDER BY t.code, a.measure DESC, a.id");
    TRY(sql_rows(&r, &s, c->db, c->arena));
    return ids_of(out, c, r);
}
