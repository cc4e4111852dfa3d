/* incident_daily_query.c: see incident_daily.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_daily.h"
#include "modules/incident/incident_query.h"

#define OPEN_NOW "state IN ('declared', 'qualification', 'review', 'approval', 'open', 'closure')"
#define COUNT_IF(condition)                                                                        \
    "CAST(COALESCE(SUM(CASE WHEN " condition " THEN 1 ELSE 0 END), 0) AS BIGINT)"
#define SUM_IF(condition, column)                                                                  \
    "CAST(COALESCE(SUM(CASE WHEN " condition " THEN " column " ELSE 0 END), 0) AS BIGINT)"

static Err due(DueEvents *out, Ctx *c, const char *sql, Str from, Str to) {
    Rows *r;
    bool more;
    *out = (DueEvents){0};
    TRY(db_rows(&r, c->db, c->arena, sql, ARGS(db_text(from), db_text(to))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (DueEvent){rows_int(r, 0), rows_copy(r, 1)};
    }
}

Err incident_query_stale(DueEvents *out, Ctx *c, Str from, Str to) {
    return due(out, c,
               "SELECT id, valued_on FROM incident WHERE valued_on >= $1 AND valued_on <= $2 AND "
               "event_kind = 'loss' AND financial_status = 'estimated' AND " OPEN_NOW
               " ORDER BY id",
               from, to);
}

Err incident_query_no_entry(DueEvents *out, Ctx *c, Str from, Str to) {
    return due(out, c,
               "SELECT id, declared_on FROM incident WHERE declared_on >= $1 AND declared_on <= $2 "
               "AND event_kind = 'loss' AND COALESCE(entry_count, 0) = 0 AND " OPEN_NOW
               " ORDER BY id",
               from, to);
}

Err incident_query_overdue(DueEvents *out, Ctx *c, Str from, Str to) {
    return due(out, c,
               "SELECT id, due_on FROM incident WHERE due_on >= $1 AND due_on <= $2 AND " OPEN_NOW
               " ORDER BY id",
               from, to);
}

Err incident_query_claims(DueEvents *out, Ctx *c, Str from, Str to) {
    return due(out, c,
               "SELECT id, claim_by FROM incident WHERE claim_by >= $1 AND claim_by <= $2 AND "
               "claimed_on IS NULL AND event_kind = 'loss' AND " OPEN_NOW " ORDER BY id",
               from, to);
}

Err incident_query_digest_units(UnitIds *out, Ctx *c) {
    Rows *r;
    bool more;
    *out = (UnitIds){0};
    TRY(db_rows(
        &r, c->db, c->arena,
        "SELECT DISTINCT ra.in_unit FROM role_assignment ra WHERE ra.state = 'active' AND ra.role "
        "IN ('unit_head', 'correspondent') AND ra.in_unit IS NOT NULL AND (ra.valid_until IS NULL "
        "OR ra.valid_until >= $1) AND EXISTS (SELECT 1 FROM unit_under u JOIN incident i ON i.unit "
        "= u.unit WHERE u.ancestor = ra.in_unit AND u.from_day <= $1 AND u.until_day > $1) ORDER "
        "BY 1",
        ARGS(db_text(c->today))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = rows_int(r, 0);
    }
}

#define DECLARED_THEN "i.declared_on >= $1 AND i.declared_on <= $2"

Err incident_query_unit_month(UnitMonth *out, Ctx *c, int64_t unit, Str from, Str to,
                              int64_t limit) {
    Rows *r;
    bool found;
    *out = (UnitMonth){0};
    TRY(incident_query_scoped(
        &r, c,
        "SELECT " COUNT_IF(DECLARED_THEN) ", " COUNT_IF(DECLARED_THEN " AND i.days_to_declare > $5") ", " COUNT_IF(DECLARED_THEN " AND i.event_kind = 'loss'") ", " SUM_IF(
            DECLARED_THEN " AND i.event_kind = 'loss'",
            "i.gross_group") ", " SUM_IF(DECLARED_THEN " AND i.event_kind = 'loss'",
                                         "i.net_group") ", " COUNT_IF(DECLARED_THEN
                                                                      " AND i.event_kind = 'near_miss'") ", " COUNT_IF("i.closed_on >= $1 AND i.closed_on <= $2") ", " COUNT_IF("i." OPEN_NOW) " FROM incident i WHERE i.state NOT IN ('draft', 'cancelled') AND "
                                                                                                                                                                                               "i.unit IN (SELECT u.unit FROM unit_under u WHERE u.ancestor = $3 AND u.from_day <= $4 AND u.until_day > $4)",
        ARGS(db_text(from), db_text(to), db_int(unit), db_text(c->today), db_int(limit)), ""));
    TRY(rows_next(&found, r));
    if (found)
        *out = (UnitMonth){.declared = rows_int(r, 0),
                           .late = rows_int(r, 1),
                           .losses = rows_int(r, 2),
                           .gross = rows_int(r, 3),
                           .net = rows_int(r, 4),
                           .near_misses = rows_int(r, 5),
                           .closed = rows_int(r, 6),
                           .open = rows_int(r, 7)};
    rows_close(r);
    return OK;
}
