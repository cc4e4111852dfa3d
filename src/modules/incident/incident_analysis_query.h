/* incident_analysis_query.h: the SQL behind the analyses of losses: delays, ratios, distributions,
 * the three dates, open and closed. All in the reader's scope; values are bound. Runs on SQLite and
 * PostgreSQL. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INCIDENT_INCIDENT_ANALYSIS_QUERY_H
#define MODULES_INCIDENT_INCIDENT_ANALYSIS_QUERY_H

#include "model/record.h"

/* One of the fields days_to_... of the events discovered in [from, to]. */
typedef struct DelayFigures {
    int64_t n, sum, median, longest, late; /* days; late: events above `limit` */
} DelayFigures;
Err incident_query_delay(DelayFigures *out, Ctx *c, const char *field, Str from, Str to,
                         int64_t limit) MUST;

/* Events and losses discovered in [from, to]; amounts in group currency. */
typedef struct RatioFigures {
    int64_t losses, near_misses; /* events, each once */
    int64_t gross, recoveries, insurance;
    int64_t closed;       /* closed losses with a first estimate */
    int64_t first, final; /* of these: first estimate and gross loss now */
} RatioFigures;
Err incident_query_ratios(RatioFigures *out, Ctx *c, Str from, Str to) MUST;

/* Single losses discovered in [from, to] (those declared many together are left out) by amount.
 * bounds: rising, minor units; band k holds bounds[k] <= amount < bounds[k + 1], the last one
 * everything from bounds[n - 1]; what is below bounds[0] is in no band but in `below`. */
enum { BANDS_MAX = 16 };
typedef struct Severity {
    int64_t counts[BANDS_MAX], sums[BANDS_MAX];
    int64_t n, below, aggregates;             /* n: losses in all bands */
    int64_t sum, median, high, highest, most; /* high: 90 %, highest: 99 % of n at most */
} Severity;
Err incident_query_severity(Severity *out, Ctx *c, bool net, const int64_t *bounds, size_t n,
                            Str from, Str to) MUST;

typedef struct MonthFigures {
    int32_t month;
    int64_t count, gross, net;
} MonthFigures;
typedef struct MonthList {
    MonthFigures *items; /* rising; months without any are absent */
    size_t n, cap;
} MonthList;
/* Single losses of at least `least` by month of discovery. */
Err incident_query_frequency(MonthList *out, Ctx *c, bool net, int64_t least, Str from,
                             Str to) MUST;
/* Losses by month of `day`: a date field of the incident. */
Err incident_query_by_day(MonthList *out, Ctx *c, const char *day, Str from, Str to) MUST;
/* Booked entries of losses by month of accounting: count, gross, net. */
Err incident_query_by_booking(MonthList *out, Ctx *c, Str from, Str to) MUST;
/* Losses by month of discovery, only the closed or only the open ones. */
Err incident_query_by_state(MonthList *out, Ctx *c, bool closed, Str from, Str to) MUST;

typedef struct CapitalYear {
    int year;
    int64_t losses, entries; /* losses of one root are one */
    int64_t gross, recoveries, net;
} CapitalYear;
typedef struct CapitalYears {
    CapitalYear *items; /* rising; years without any are absent */
    size_t n, cap;
    int64_t losses; /* of the whole window: one that was booked over years counts once */
} CapitalYears;
/* Booked entries of the capital set with a date of accounting in [from, to]. */
Err incident_query_capital(CapitalYears *out, Ctx *c, Str from, Str to) MUST;

typedef struct CapitalOut {
    int64_t below, credit, excluded; /* events */
    int64_t below_gross, credit_gross, excluded_gross;
} CapitalOut;
/* Losses first booked in [from, to] that are not in the set: counted in credit risk-weighted
 * assets, or anything else, mostly below the threshold. */
Err incident_query_capital_out(CapitalOut *out, Ctx *c, Str from, Str to) MUST;

#endif
