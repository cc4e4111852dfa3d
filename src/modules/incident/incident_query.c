/* incident_query.c: see incident_query.h. Sums are cast: PostgreSQL gives them as numeric
 * otherwise. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_query.h"

#include "base/clock.h"
#include "model/core_rules.h"
#include "modules/incident/incident.h"

#define SUM_OF(column) "CAST(COALESCE(SUM(" column "), 0) AS BIGINT)"
#define COUNT_IF(condition)                                                                        \
    "CAST(COALESCE(SUM(CASE WHEN " condition " THEN 1 ELSE 0 END), 0) AS BIGINT)"
#define COUNTED "i.state NOT IN ('draft', 'cancelled')"

#define IN_CAPITAL                                                                                 \
    " AND state NOT IN ('draft', 'cancelled') AND event_kind = 'loss' AND exclusion IS NULL AND (boundary IS NULL OR boundary <> 'credit' OR COALESCE(in_credit_rwa, 0) = 0)"

enum { AGE_CLASSES = 5 };
static const int age_from[AGE_CLASSES] = {0, 31, 91, 181, 366};

static Str day_back(Ctx *c, int64_t days) {
    int64_t today;
    CHECK(date_parse(&today, c->today), "today is no date");
    return date_text(c->arena, today - days);
}

static Err ids_of(int64_t **ids, size_t *n, Ctx *c, Rows *r, int64_t most) {
    bool more;
    *ids = NEW_N(c->arena, int64_t, (size_t)most + 1);
    *n = 0;
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        (*ids)[(*n)++] = rows_int(r, 0);
    }
}

Err incident_query_after(int64_t **ids, size_t *n, Ctx *c, int64_t after, int64_t most) {
    Rows *r;
    TRY(db_rows(&r, c->db, c->arena, "SELECT id FROM incident WHERE id > $1 ORDER BY id LIMIT $2",
                ARGS(db_int(after), db_int(most))));
    return ids_of(ids, n, c, r, most);
}

Err incident_query_recovered(int64_t **ids, size_t *n, Ctx *c, Str from, Str until, int64_t after,
                             int64_t most) {
    Rows *r;
    TRY(db_rows(
        &r, c->db, c->arena,
        "SELECT id FROM incident WHERE id > $3 AND (recoveries <> 0 OR rapid_recovery <> 0) AND "
        "COALESCE(occurred_on, discovered_on) >= $1 AND COALESCE(occurred_on, discovered_on) <= $2 "
        "ORDER BY id LIMIT $4",
        ARGS(db_text(from), db_text(until), db_int(after), db_int(most))));
    return ids_of(ids, n, c, r, most);
}

Err incident_query_same_aggregate(int64_t *out, Ctx *c, const Record *r) {
    bool found;
    Str day = record_text(r, "discovered_on");
    *out = 0;
    if (day.n != 10 || !record_int(r, "pattern")) return OK;
    Str month = str_sub(day, 0, 7);
    TRY(db_get_int(out, &found, c->db,
                   "SELECT i.id FROM incident i WHERE i.unit = $1 AND i.pattern = $2 AND "
                   "i.discovered_on >= $3 AND i.discovered_on <= $4 AND i.id <> $5 AND "
                   "i.aggregate = 1 AND " COUNTED " ORDER BY i.id LIMIT 1",
                   ARGS(db_int(r->unit), db_int(record_int(r, "pattern")),
                        db_text(str_join(c->arena, month, S("-01"))),
                        db_text(str_join(c->arena, month, S("-31"))), db_int(r->id))));
    if (!found) *out = 0;
    return OK;
}

Err incident_query_average_year(int64_t *out, Ctx *c) {
    int64_t sum = 0;
    bool found;
    TRY(db_get_int(
        &sum, &found, c->db,
        "SELECT " SUM_OF(
            "net_group") " FROM incident WHERE event_kind = 'loss' AND state NOT IN ('draft', 'cancelled') "
                         "AND discovered_on >= $1",
        ARGS(db_text(day_back(c, 3652)))));
    *out = sum / 10;
    return OK;
}

Err incident_query_group(int64_t *gross, int64_t *net, Ctx *c, int64_t self, int64_t root) {
    Rows *r;
    bool found;
    *gross = *net = 0;
    if (!root) return OK;
    TRY(db_rows(
        &r, c->db, c->arena,
        "SELECT " SUM_OF("gross_group") ", " SUM_OF(
            "net_group") " FROM incident WHERE grouped_root = $1 AND id <> $2" IN_CAPITAL
                         " UNION ALL SELECT COALESCE(gross_group, 0), COALESCE(net_group, 0) FROM incident WHERE id = $1 AND id <> $2" IN_CAPITAL,
        ARGS(db_int(root), db_int(self))));
    for (;;) {
        TRY(rows_next(&found, r));
        if (!found) return OK;
        if (add_overflows(*gross, rows_int(r, 0), gross) ||
            add_overflows(*net, rows_int(r, 1), net))
            *gross = *net = INT64_MAX / 2;
    }
}

Err incident_query_in_closure(int64_t *ids, size_t *n, size_t most, Ctx *c, int64_t after) {
    Rows *r;
    bool found;
    *n = 0;
    TRY(db_rows(&r, c->db, c->arena,
                "SELECT id FROM incident WHERE state = 'closure' AND id > $2 ORDER BY id LIMIT $1",
                ARGS(db_int((int64_t)most), db_int(after))));
    for (;;) {
        TRY(rows_next(&found, r));
        if (!found) return OK;
        ids[(*n)++] = rows_int(r, 0);
    }
}

/* What the reports show: who sees a record without these (a declarant) finds none of it here. */
static const char *const shown[] = {"gross_group",      "recoveries_group", "net_group",
                                    "insurance_group",  "business_line",    "primary_cause",
                                    "financial_status", "valued_on"};

Err incident_query_scope(const Access **out, Ctx *c) {
    const Access *a;
    const Type *t = model_need(c->model, "incident");
    const Field *fields[LENGTH(shown)];
    for (size_t i = 0; i < LENGTH(shown); i++) fields[i] = type_need(t, shown[i]);
    TRY(access_of(&a, c, t, OP_READ));
    *out = access_showing(c, a, fields, LENGTH(fields));
    return OK;
}

Err incident_query_scoped(Rows **out, Ctx *c, const char *sql, const DbValue *args, size_t n,
                          const char *tail) {
    const Access *a;
    Sql s = sql_new(c->arena, c->db);
    TRY(incident_query_scope(&a, c));
    sql_add(&s, sql);
    for (size_t i = 0; i < n; i++) {
        GROW(c->arena, s.args, s.n, s.cap);
        s.args[s.n++] = args[i];
    }
    access_sql(&s, a, "i");
    sql_add(&s, tail);
    return sql_rows(out, &s, c->db, c->arena);
}

Err incident_query_top(TopLosses *out, Ctx *c, Str from, Str to, int64_t limit) {
    Rows *r;
    bool more;
    *out = (TopLosses){0};
    TRY(incident_query_scoped(
        &r, c,
        "SELECT i.id, i.gross_group, i.recoveries_group, i.net_group, i.discovered_on FROM incident i WHERE " COUNTED
        " AND i.event_kind = 'loss' AND i.gross_group > 0 AND i.discovered_on >= $1 AND i.discovered_on <= $2",
        ARGS(db_text(from), db_text(to)), " ORDER BY i.gross_group DESC, i.id"));
    while (out->n < (size_t)limit) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (TopLoss){rows_int(r, 0), rows_int(r, 1), rows_int(r, 2),
                                         rows_int(r, 3), rows_copy(r, 4)};
    }
    rows_close(r);
    return OK;
}

Err incident_query_parts(Parts *out, Ctx *c, const Field *by, Str from, Str to) {
    Rows *r;
    bool more;
    *out = (Parts){0};
    Sql sql = sql_new(c->arena, c->db);
    sql_add(&sql, "SELECT ");
    sql_name(&sql, "i", by ? by->name : "unit");
    sql_add(&sql,
            ", COUNT(*), " SUM_OF("i.gross_group") ", " SUM_OF("i.recoveries_group") ", " SUM_OF(
                "i.net_group") ", COALESCE(MAX(i.gross_group), 0) FROM incident i WHERE " COUNTED
                               " AND i.event_kind = 'loss' AND i.discovered_on >= $1 AND "
                               "i.discovered_on <= $2");
    TRY(incident_query_scoped(&r, c, str_z(c->arena, text_str(&sql.text)),
                              ARGS(db_text(from), db_text(to)),
                              " GROUP BY 1 ORDER BY 3 DESC, 2 DESC, 1"));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        Part *p = &out->items[out->n++];
        *p = (Part){.count = rows_int(r, 1),
                    .gross = rows_int(r, 2),
                    .recoveries = rows_int(r, 3),
                    .net = rows_int(r, 4),
                    .largest = rows_int(r, 5)};
        if (rows_is_null(r, 0)) continue;
        if (!by || by->target)
            p->id = rows_int(r, 0);
        else
            p->text = rows_copy(r, 0);
    }
}

void incident_query_age_bounds(Str *from, Str *to, Ctx *c, int k) {
    *to = day_back(c, age_from[k]);
    *from = k + 1 < AGE_CLASSES ? day_back(c, age_from[k + 1] - 1) : (Str){0};
}

Err incident_query_ages(AgeRows *out, Ctx *c) {
    Rows *r;
    bool more;
    *out = (AgeRows){0};
    TRY(incident_query_scoped(
        &r, c,
        "SELECT i.state, " COUNT_IF("i.declared_on > $1") ", " COUNT_IF("i.declared_on <= $1 AND i.declared_on > $2") ", " COUNT_IF("i.declared_on <= $2 AND i.declared_on > $3") ", " COUNT_IF(
            "i.declared_on <= $3 AND i.declared_on > $4") ", " COUNT_IF("i.declared_on <= $4") ", " SUM_OF("i.gross_group") " FROM incident i WHERE i.state NOT IN ('closed', 'cancelled')",
        ARGS(db_text(day_back(c, age_from[1])), db_text(day_back(c, age_from[2])),
             db_text(day_back(c, age_from[3])), db_text(day_back(c, age_from[4]))),
        " GROUP BY i.state"));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        AgeRow *row = &out->items[out->n++];
        *row = (AgeRow){.state = rows_copy(r, 0), .gross = rows_int(r, 6)};
        for (size_t k = 0; k < AGE_CLASSES; k++) row->counts[k] = rows_int(r, k + 1);
    }
}

Err incident_query_quality(QualityRows *out, Ctx *c, Str since, Str until) {
    Rows *r;
    bool more;
    int64_t stale, no_entry, late;
    *out = (QualityRows){0};
    TRY(setting_whole(&stale, c, "stale_estimate_days", 90));
    TRY(setting_whole(&no_entry, c, "no_entry_days", 30));
    TRY(setting_whole(&late, c, "late_declaration_days", 30));
    TRY(incident_query_scoped(
        &r, c,
        "SELECT i.unit, COUNT(*), " COUNT_IF("i.business_line IS NULL AND i.state NOT IN ('declared', 'qualification')") ", " COUNT_IF("i.event_kind = 'loss' AND COALESCE(i.entry_count, 0) = 0 AND i.declared_on <= $2") ", " COUNT_IF(
            "i.financial_status = 'estimated' AND i.state <> 'closed' AND i.valued_on <= $3") ", " COUNT_IF("i.primary_cause IS NULL AND i.state NOT IN ('declared', 'qualification')") ", " COUNT_IF("i.days_to_declare > $4") " FROM incident i WHERE " COUNTED
                                                                                                                                                                                                                                " AND i.declared_on >= $1 AND i.declared_on <= $5",
        ARGS(db_text(since), db_text(day_back(c, no_entry)), db_text(day_back(c, stale)),
             db_int(late), db_text(until)),
        " GROUP BY i.unit"));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (QualityRow){.unit = rows_int(r, 0),
                                            .total = rows_int(r, 1),
                                            .no_line = rows_int(r, 2),
                                            .no_entry = rows_int(r, 3),
                                            .stale = rows_int(r, 4),
                                            .no_cause = rows_int(r, 5),
                                            .late = rows_int(r, 6)};
    }
}

Err incident_query_period(PeriodFigures *out, Ctx *c, Str from, Str to) {
    Rows *r;
    bool found;
    int64_t late;
    *out = (PeriodFigures){0};
    TRY(setting_whole(&late, c, "late_declaration_days", 30));
    TRY(incident_query_scoped(
        &r, c,
        "SELECT CAST(COALESCE(SUM(CASE WHEN i.event_kind <> 'loss' THEN 0 WHEN i.aggregate = 1 THEN COALESCE(i.item_count, 1) ELSE 1 END), 0) AS BIGINT), " COUNT_IF(
            "i.event_kind = 'near_miss'") ", COUNT(*), CAST(COALESCE(SUM(CASE WHEN i.event_kind = 'loss' THEN i.gross_group ELSE 0 END), 0) AS BIGINT), "
                                          "CAST(COALESCE(SUM(CASE WHEN i.event_kind = 'loss' THEN i.recoveries_group ELSE 0 END), 0) AS BIGINT), "
                                          "CAST(COALESCE(SUM(CASE WHEN i.event_kind = 'loss' THEN i.net_group ELSE 0 END), 0) AS BIGINT), "
                                          "CAST(COALESCE(SUM(CASE WHEN i.event_kind = 'loss' THEN i.insurance_group ELSE 0 END), 0) AS BIGINT), " COUNT_IF(
                                              "i.days_to_declare > $3") ", " COUNT_IF("i.event_kind = 'loss'") " "
                                                                                                               "FROM incident i WHERE " COUNTED
                                                                                                               " AND i.discovered_on >= $1 AND i.discovered_on <= $2",
        ARGS(db_text(from), db_text(to), db_int(late)), ""));
    TRY(rows_next(&found, r));
    if (found)
        *out = (PeriodFigures){.losses = rows_int(r, 0),
                               .near_misses = rows_int(r, 1),
                               .declared = rows_int(r, 2),
                               .gross = rows_int(r, 3),
                               .recoveries = rows_int(r, 4),
                               .net = rows_int(r, 5),
                               .insurance = rows_int(r, 6),
                               .late = rows_int(r, 7),
                               .events = rows_int(r, 8)};
    rows_close(r);
    return OK;
}

Err incident_query_restated(RestatedList *out, Ctx *c, int64_t since_us, int64_t limit) {
    Rows *r;
    bool more;
    *out = (RestatedList){0};
    TRY(incident_query_scoped(
        &r, c,
        "SELECT e.id, e.incident, e.gross_group, e.net_group, e.updated_at, e.booked_on FROM financial_entry e JOIN incident i ON i.id = e.incident "
        "WHERE e.closed_period = 1 AND e.state IN ('accepted', 'reversed') AND e.status = 'booked' AND e.updated_at >= $1",
        ARGS(db_int(since_us)), " ORDER BY e.updated_at DESC, e.id DESC"));
    while (out->n < (size_t)limit) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (Restated){.entry = rows_int(r, 0),
                                          .incident = rows_int(r, 1),
                                          .gross = rows_int(r, 2),
                                          .net = rows_int(r, 3),
                                          .accepted_at = rows_int(r, 4),
                                          .booked_on = rows_copy(r, 5)};
    }
    rows_close(r);
    return OK;
}

Err incident_query_frequent(int64_t *ids, size_t *n, size_t most, Ctx *c, int64_t unit) {
    Rows *r;
    bool more;
    *n = 0;
    TRY(db_rows(&r, c->db, c->arena,
                "SELECT x.pattern FROM (SELECT pattern FROM incident WHERE unit = $1 AND "
                "restricted = 0 AND pattern IS NOT NULL ORDER BY id DESC LIMIT 200) x "
                "GROUP BY x.pattern ORDER BY COUNT(*) DESC, x.pattern LIMIT $2",
                ARGS(db_int(unit), db_int((int64_t)most))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more || *n == most) return OK;
        ids[(*n)++] = rows_int(r, 0);
    }
}

#define NEAR_EVENTS                                                                                \
    "SELECT i.id, i.pattern, i.process, i.event_type, i.unit, i.discovered_on, i.estimated_loss, " \
    "i.third_party, i.title, i.description FROM incident i WHERE " COUNTED " AND i.id <> $3 AND "

static Err near_side(NearEvents *out, Ctx *c, const Record *r, bool is_before) {
    Rows *rows;
    bool more;
    int64_t day = 0;
    if (!date_parse(&day, record_text(r, "discovered_on"))) return OK;
    Str own = record_text(r, "discovered_on");
    Str far = date_text(c->arena, is_before ? day - SIMILAR_DAYS : day + SIMILAR_DAYS);
    const char *sql = is_before ? NEAR_EVENTS "i.discovered_on <= $1 AND i.discovered_on >= $2"
                                : NEAR_EVENTS "i.discovered_on > $1 AND i.discovered_on <= $2";
    TRY(incident_query_scoped(&rows, c, sql, ARGS(db_text(own), db_text(far), db_int(r->id)),
                              is_before ? " ORDER BY i.discovered_on DESC, i.id DESC"
                                        : " ORDER BY i.discovered_on, i.id"));
    for (size_t n = 0; n < SIMILAR_READ; n++) {
        TRY(rows_next(&more, rows));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        NearEvent *x = &out->items[out->n++];
        *x = (NearEvent){.id = rows_int(rows, 0),
                         .traits = {.pattern = rows_int(rows, 1),
                                    .process = rows_int(rows, 2),
                                    .event_type = rows_int(rows, 3),
                                    .unit = rows_int(rows, 4),
                                    .amount = rows_int(rows, 6),
                                    .third_party = rows_copy(rows, 7)}};
        if (!date_parse(&x->traits.day, rows_text(rows, 5))) x->traits.day = day;
        x->traits.words = similar_words(c->arena, rows_text(rows, 8), rows_text(rows, 9));
    }
    rows_close(rows);
    return OK;
}

Err incident_query_near(NearEvents *out, Ctx *c, const Record *r) {
    *out = (NearEvents){0};
    TRY(near_side(out, c, r, true));
    return near_side(out, c, r, false);
}
