/* incident_analysis_query.c: see incident_analysis_query.h. Sums are cast: PostgreSQL gives them as
 * numeric otherwise. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_analysis_query.h"

#include "modules/incident/incident.h"
#include "modules/incident/incident_query.h"

#define SUM_OF(column) "CAST(COALESCE(SUM(" column "), 0) AS BIGINT)"
#define SUM_IF(condition, column)                                                                  \
    "CAST(COALESCE(SUM(CASE WHEN " condition " THEN " column " ELSE 0 END), 0) AS BIGINT)"
#define COUNTED "i.state NOT IN ('draft', 'cancelled')"
#define LOSSES COUNTED " AND i.event_kind = 'loss'"
#define IN_PERIOD " AND i.discovered_on >= $1 AND i.discovered_on <= $2"
#define MONTHLY_TAIL " GROUP BY 1 ORDER BY 1"

/* The sum must fit: amounts of all records together are far below 64 bits, but files tell stories.
 */
static Err put(int64_t *sum, int64_t x) {
    return add_overflows(*sum, x, sum) ? ERR_INTERNAL : OK;
}

/* ---- delays ---- */

typedef struct Days {
    int64_t days, count;
} Days;

Err incident_query_delay(DelayFigures *out, Ctx *c, const char *field, Str from, Str to,
                         int64_t limit) {
    Rows *r;
    bool more;
    Days *all = NULL;
    size_t n = 0, cap = 0;
    Sql sql = sql_new(c->arena, c->db);
    *out = (DelayFigures){0};
    sql_add(&sql, "SELECT ");
    sql_name(&sql, "i", field);
    sql_add(&sql, ", COUNT(*) FROM incident i WHERE " COUNTED IN_PERIOD " AND ");
    sql_name(&sql, "i", field);
    sql_add(&sql, " IS NOT NULL");
    TRY(incident_query_scoped(&r, c, str_z(c->arena, text_str(&sql.text)),
                              ARGS(db_text(from), db_text(to)), MONTHLY_TAIL));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) break;
        GROW(c->arena, all, n, cap);
        all[n++] = (Days){rows_int(r, 0), rows_int(r, 1)};
    }
    for (size_t i = 0; i < n; i++) {
        out->n += all[i].count;
        TRY(put(&out->sum, all[i].days * all[i].count));
        if (all[i].days > limit) out->late += all[i].count;
    }
    if (n) out->longest = all[n - 1].days;
    int64_t seen = 0; /* the smallest number of days that at least half of them stay within */
    for (size_t i = 0; i < n && 2 * seen < out->n; i++) {
        seen += all[i].count;
        out->median = all[i].days;
    }
    return OK;
}

/* ---- ratios ---- */

/* First estimates are kept in the entity's currency: each is brought to the group's by the rate of
 * the event's own sums. */
static Err accuracy(RatioFigures *out, Ctx *c, Str from, Str to) {
    Rows *r;
    bool more;
    Str group;
    TRY(incident_group_currency(&group, c));
    TRY(incident_query_scoped(
        &r, c,
        "SELECT i.first_estimate, i.first_estimate_currency, i.gross, i.gross_group FROM incident i WHERE " LOSSES
            IN_PERIOD " AND i.state = 'closed' AND i.first_estimate > 0",
        ARGS(db_text(from), db_text(to)), ""));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        int64_t first = rows_int(r, 0), own = rows_int(r, 2), all = rows_int(r, 3);
        if (!str_eq(rows_text(r, 1), group) && (!own || !mul_div(&first, first, all, own)))
            continue; /* nothing is left that tells its rate */
        out->closed++;
        TRY(put(&out->first, first));
        TRY(put(&out->final, all));
    }
}

Err incident_query_ratios(RatioFigures *out, Ctx *c, Str from, Str to) {
    Rows *r;
    bool found;
    *out = (RatioFigures){0};
    TRY(incident_query_scoped(
        &r, c,
        "SELECT " SUM_IF("i.event_kind = 'loss'", "1") ", " SUM_IF("i.event_kind = 'near_miss'", "1") ", " SUM_IF(
            "i.event_kind = 'loss'",
            "i.gross_group") ", " SUM_IF("i.event_kind = 'loss'",
                                         "i.recoveries_group") ", " SUM_IF("i.event_kind = 'loss'",
                                                                           "i.insurance_group") " FROM incident i WHERE " COUNTED
            IN_PERIOD,
        ARGS(db_text(from), db_text(to)), ""));
    TRY(rows_next(&found, r));
    if (found)
        *out = (RatioFigures){.losses = rows_int(r, 0),
                              .near_misses = rows_int(r, 1),
                              .gross = rows_int(r, 2),
                              .recoveries = rows_int(r, 3),
                              .insurance = rows_int(r, 4)};
    rows_close(r);
    return accuracy(out, c, from, to);
}

/* ---- severity and frequency ---- */

#define SINGLE LOSSES IN_PERIOD " AND COALESCE(i.aggregate, 0) = 0"

static const char *amount_of(bool net) {
    return net ? "i.net_group" : "i.gross_group";
}

static Err bands(Severity *out, Ctx *c, bool net, const int64_t *bounds, size_t n, Str from,
                 Str to) {
    Rows *r;
    bool more;
    Sql sql = sql_new(c->arena, c->db);
    sql_add(&sql, "SELECT CASE");
    for (size_t k = 0; k < n; k++) /* own numbers, none of a reader */
        text_fmt(&sql.text, " WHEN %s < %lld THEN %d", amount_of(net), (long long)bounds[k],
                 (int)k);
    text_fmt(&sql.text,
             " ELSE %d END, COUNT(*), CAST(SUM(%s) AS BIGINT), MAX(%s) FROM incident i WHERE ",
             (int)n, amount_of(net), amount_of(net));
    sql_add(&sql, SINGLE " AND ");
    sql_add(&sql, amount_of(net));
    sql_add(&sql, " IS NOT NULL");
    TRY(incident_query_scoped(&r, c, str_z(c->arena, text_str(&sql.text)),
                              ARGS(db_text(from), db_text(to)), MONTHLY_TAIL));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        int64_t k = rows_int(r, 0);
        if (!k) {
            out->below = rows_int(r, 1);
            continue;
        }
        out->counts[k - 1] = rows_int(r, 1);
        out->sums[k - 1] = rows_int(r, 2);
        out->n += out->counts[k - 1];
        TRY(put(&out->sum, out->sums[k - 1]));
        if (rows_int(r, 3) > out->most) out->most = rows_int(r, 3);
    }
}

/* The smallest amount that at least `percent` of the losses do not exceed. */
static Err quantile(int64_t *out, Ctx *c, bool net, int64_t least, const Severity *s, int percent,
                    Str from, Str to) {
    Rows *r;
    bool found;
    int64_t rank = (s->n * percent + 99) / 100 - 1;
    if (s->n <= 0) return OK;
    Sql sql = sql_new(c->arena, c->db);
    text_fmt(&sql.text, "SELECT %s FROM incident i WHERE ", amount_of(net));
    text_fmt(&sql.text, SINGLE " AND %s >= $3", amount_of(net));
    TRY(incident_query_scoped(
        &r, c, str_z(c->arena, text_str(&sql.text)),
        ARGS(db_text(from), db_text(to), db_int(least)),
        str_fmt(c->arena, " ORDER BY 1 LIMIT 1 OFFSET %lld", (long long)(rank < 0 ? 0 : rank)).p));
    TRY(rows_next(&found, r));
    if (found) *out = rows_int(r, 0);
    rows_close(r);
    return OK;
}

Err incident_query_severity(Severity *out, Ctx *c, bool net, const int64_t *bounds, size_t n,
                            Str from, Str to) {
    Rows *r;
    bool found;
    *out = (Severity){0};
    CHECK(n > 0 && n <= BANDS_MAX, "too many bands of amounts");
    TRY(bands(out, c, net, bounds, n, from, to));
    TRY(quantile(&out->median, c, net, bounds[0], out, 50, from, to));
    TRY(quantile(&out->high, c, net, bounds[0], out, 90, from, to));
    TRY(quantile(&out->highest, c, net, bounds[0], out, 99, from, to));
    TRY(incident_query_scoped(
        &r, c, "SELECT COUNT(*) FROM incident i WHERE " LOSSES IN_PERIOD " AND i.aggregate = 1",
        ARGS(db_text(from), db_text(to)), ""));
    TRY(rows_next(&found, r));
    if (found) out->aggregates = rows_int(r, 0);
    rows_close(r);
    return OK;
}

/* ---- by month ---- */

static Err months_read(MonthList *out, Ctx *c, Rows *r) {
    bool more;
    *out = (MonthList){0};
    for (;;) {
        int64_t year, month;
        TRY(rows_next(&more, r));
        if (!more) return OK;
        Str day = rows_text(r, 0);
        if (day.n != 7 || !str_to_int(&year, str_sub(day, 0, 4)) ||
            !str_to_int(&month, str_sub(day, 5, 2)))
            continue;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (MonthFigures){(int32_t)(year * 12 + month - 1), rows_int(r, 1),
                                              rows_int(r, 2), rows_int(r, 3)};
    }
}

#define BY_MONTH_OF(day)                                                                           \
    "SELECT SUBSTR(" day ", 1, 7), COUNT(*), " SUM_OF("i.gross_group") ", " SUM_OF(                \
        "i.net_group") " FROM incident i WHERE "

Err incident_query_frequency(MonthList *out, Ctx *c, bool net, int64_t least, Str from, Str to) {
    Rows *r;
    TRY(incident_query_scoped(&r, c,
                              net ? BY_MONTH_OF("i.discovered_on") SINGLE " AND i.net_group >= $3"
                                  : BY_MONTH_OF("i.discovered_on") SINGLE
                                  " AND i.gross_group >= $3",
                              ARGS(db_text(from), db_text(to), db_int(least)), MONTHLY_TAIL));
    return months_read(out, c, r);
}

Err incident_query_by_day(MonthList *out, Ctx *c, const char *day, Str from, Str to) {
    Rows *r;
    const char *sql = strcmp(day, "occurred_on") == 0 ? BY_MONTH_OF("i.occurred_on") LOSSES
                          " AND i.occurred_on >= $1 AND i.occurred_on <= $2"
                                                      : BY_MONTH_OF("i.discovered_on")
                                                            LOSSES IN_PERIOD;
    TRY(incident_query_scoped(&r, c, sql, ARGS(db_text(from), db_text(to)), MONTHLY_TAIL));
    return months_read(out, c, r);
}

Err incident_query_by_booking(MonthList *out, Ctx *c, Str from, Str to) {
    Rows *r;
    TRY(incident_query_scoped(
        &r, c,
        "SELECT SUBSTR(e.booked_on, 1, 7), COUNT(*), " SUM_OF("e.gross_group") ", " SUM_OF(
            "e.net_group") " FROM financial_entry e JOIN incident i ON i.id = e.incident WHERE e.state IN ('accepted', 'reversed') AND "
                           "e.status = 'booked' AND e.is_loss = 1 AND e.booked_on >= $1 AND e.booked_on <= $2",
        ARGS(db_text(from), db_text(to)), MONTHLY_TAIL));
    return months_read(out, c, r);
}

Err incident_query_by_state(MonthList *out, Ctx *c, bool closed, Str from, Str to) {
    Rows *r;
    TRY(incident_query_scoped(
        &r, c,
        closed ? BY_MONTH_OF("i.discovered_on") LOSSES IN_PERIOD " AND i.state = 'closed'"
               : BY_MONTH_OF("i.discovered_on") LOSSES IN_PERIOD " AND i.state <> 'closed'",
        ARGS(db_text(from), db_text(to)), MONTHLY_TAIL));
    return months_read(out, c, r);
}

/* ---- capital set ---- */

#define CAPITAL_ENTRIES                                                                            \
    " FROM financial_entry e JOIN incident i ON i.id = e.incident WHERE e.state IN ('accepted', "  \
    "'reversed') AND e.status = 'booked' AND e.in_capital = 1 AND e.booked_on >= $1 AND "          \
    "e.booked_on <= $2"

Err incident_query_capital(CapitalYears *out, Ctx *c, Str from, Str to) {
    Rows *r;
    bool more;
    *out = (CapitalYears){0};
    TRY(incident_query_scoped(
        &r, c,
        "SELECT SUBSTR(e.booked_on, 1, 4), COUNT(DISTINCT COALESCE(i.grouped_root, i.id)), COUNT(*), " SUM_OF(
            "e.gross_group") ", " SUM_OF("e.recoveries_group") ", " SUM_OF("e.net_group")
            CAPITAL_ENTRIES,
        ARGS(db_text(from), db_text(to)), MONTHLY_TAIL));
    for (;;) {
        int64_t year;
        TRY(rows_next(&more, r));
        if (!more) break;
        if (!str_to_int(&year, rows_text(r, 0))) continue;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (CapitalYear){.year = (int)year,
                                             .losses = rows_int(r, 1),
                                             .entries = rows_int(r, 2),
                                             .gross = rows_int(r, 3),
                                             .recoveries = rows_int(r, 4),
                                             .net = rows_int(r, 5)};
    }
    TRY(incident_query_scoped(
        &r, c, "SELECT COUNT(DISTINCT COALESCE(i.grouped_root, i.id))" CAPITAL_ENTRIES,
        ARGS(db_text(from), db_text(to)), ""));
    TRY(rows_next(&more, r));
    if (more) out->losses = rows_int(r, 0);
    rows_close(r);
    return OK;
}

#define CREDIT "COALESCE(i.in_credit_rwa, 0) = 1"
#define EXCLUDED "COALESCE(i.in_credit_rwa, 0) = 0 AND i.exclusion IS NOT NULL"

Err incident_query_capital_out(CapitalOut *out, Ctx *c, Str from, Str to) {
    Rows *r;
    bool found;
    *out = (CapitalOut){0};
    TRY(incident_query_scoped(
        &r, c,
        "SELECT COUNT(*), " SUM_OF("i.gross_group") ", " SUM_IF(CREDIT, "1") ", " SUM_IF(
            CREDIT,
            "i.gross_group") ", " SUM_IF(EXCLUDED,
                                         "1") ", " SUM_IF(EXCLUDED,
                                                          "i.gross_group") " FROM incident i WHERE " LOSSES
                                                                           " AND COALESCE(i.used_in_capital, 0) = 0 AND i.first_booked_on >= $1 AND "
                                                                           "i.first_booked_on <= $2",
        ARGS(db_text(from), db_text(to)), ""));
    TRY(rows_next(&found, r));
    if (found)
        *out = (CapitalOut){.below = rows_int(r, 0) - rows_int(r, 2) - rows_int(r, 4),
                            .below_gross = rows_int(r, 1) - rows_int(r, 3) - rows_int(r, 5),
                            .credit = rows_int(r, 2),
                            .credit_gross = rows_int(r, 3),
                            .excluded = rows_int(r, 4),
                            .excluded_gross = rows_int(r, 5)};
    rows_close(r);
    return OK;
}
