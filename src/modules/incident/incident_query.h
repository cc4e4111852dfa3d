/* incident_query.h: the SQL of the module: questions about many incidents that lists and measures
 * do not answer. Values are bound; the reader's scope is inside wherever a page shows the answer.
 * Runs on SQLite and PostgreSQL. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INCIDENT_INCIDENT_QUERY_H
#define MODULES_INCIDENT_INCIDENT_QUERY_H

#include "model/record.h"
#include "modules/incident/incident_similar.h"

/* Opens a statement on `incident i`, which ends inside its WHERE, with the reader's scope added
 * before `tail`; a reader from whom figures are hidden finds nothing. */
Err incident_query_scoped(Rows **out, Ctx *c, const char *sql, const DbValue *args, size_t n,
                          const char *tail) MUST;

/* Ids above `after` in rising order, at most `most`; for code, without scope. */
Err incident_query_after(int64_t **ids, size_t *n, Ctx *c, int64_t after, int64_t most) MUST;
/* The same of those with recoveries, lost on these days. */
Err incident_query_recovered(int64_t **ids, size_t *n, Ctx *c, Str from, Str until, int64_t after,
                             int64_t most) MUST;

/* Another event of many small losses with the unit, the pattern and the month of `r`; 0: none. */
Err incident_query_same_aggregate(int64_t *out, Ctx *c, const Record *r) MUST;

/* Average net loss a year of the last ten years by date of discovery, group currency; for code,
 * without scope. */
Err incident_query_average_year(int64_t *out, Ctx *c) MUST;

/* Gross and net loss, group currency, of the other events of one root (the root itself included,
 * `self` not) that may count for capital: losses, not void, not counted as credit risk. For code.
 */
Err incident_query_group(int64_t *gross, int64_t *net, Ctx *c, int64_t self, int64_t root) MUST;

/* Patterns that a unit declares most, among its last incidents that are not restricted. */
Err incident_query_frequent(int64_t *ids, size_t *n, size_t most, Ctx *c, int64_t unit) MUST;

/* Incidents that wait for their closure check, by id, those above `after`; for code. */
Err incident_query_in_closure(int64_t *ids, size_t *n, size_t most, Ctx *c, int64_t after) MUST;

/* The reader's rights on incidents, less those that do not show what reports are made of (a
 * declarant's). */
Err incident_query_scope(const Access **out, Ctx *c) MUST;

typedef struct TopLoss {
    int64_t id, gross, recoveries, net;
    Str discovered_on;
} TopLoss;
typedef struct TopLosses {
    TopLoss *items;
    size_t n, cap;
} TopLosses;
/* The largest losses discovered in [from, to], by gross loss in group currency, in the reader's
 * scope. */
Err incident_query_top(TopLosses *out, Ctx *c, Str from, Str to, int64_t limit) MUST;

typedef struct Part {
    int64_t id; /* of a reference */
    Str text;   /* of anything else; neither: what says nothing */
    int64_t count, gross, recoveries, net, largest;
} Part;
typedef struct Parts {
    Part *items;
    size_t n, cap;
} Parts;
/* Losses discovered in [from, to] by each value of a field of the incident (NULL: its unit), most
 * gross loss first, group currency, in the reader's scope. */
Err incident_query_parts(Parts *out, Ctx *c, const Field *by, Str from, Str to) MUST;

typedef struct AgeRow {
    Str state;
    int64_t counts[5];
    int64_t gross;
} AgeRow; /* 0-30, 31-90, 91-180, 181-365, more days */
typedef struct AgeRows {
    AgeRow *items;
    size_t n, cap;
} AgeRows;
/* Open incidents by state and days since their declaration. */
Err incident_query_ages(AgeRows *out, Ctx *c) MUST;
/* Bounds of the classes as ISO dates: declared_on of class k is in [from, to]; empty: open. */
void incident_query_age_bounds(Str *from, Str *to, Ctx *c, int k);

typedef struct QualityRow {
    int64_t unit, total, no_line, no_entry, stale, late, no_cause;
} QualityRow;
typedef struct QualityRows {
    QualityRow *items;
    size_t n, cap;
} QualityRows;
/* Data quality by unit of incidents declared in [since, until], in the reader's scope. */
Err incident_query_quality(QualityRows *out, Ctx *c, Str since, Str until) MUST;

typedef struct PeriodFigures {
    int64_t losses; /* many small ones declared together count as many */
    int64_t events; /* losses, each record once */
    int64_t near_misses, late, declared, gross, recoveries, net, insurance;
} PeriodFigures;
/* Counts of the events discovered in [from, to]; late: declared more than the setting's days after
 * discovery. */
Err incident_query_period(PeriodFigures *out, Ctx *c, Str from, Str to) MUST;

typedef struct Restated {
    int64_t entry, incident, gross, net, accepted_at;
    Str booked_on;
} Restated;
typedef struct RestatedList {
    Restated *items;
    size_t n, cap;
} RestatedList;
/* Entries that changed closed periods since an instant, newest first. */
Err incident_query_restated(RestatedList *out, Ctx *c, int64_t since_us, int64_t limit) MUST;

typedef struct NearEvent {
    EventTraits traits;
    int64_t id;
} NearEvent;
typedef struct NearEvents {
    NearEvent *items;
    size_t n, cap;
} NearEvents;
/* What the reader may see of other incidents around the day of discovery of `r`, nearest days
 * first on each side: at most SIMILAR_DAYS away, SIMILAR_READ on each side. */
Err incident_query_near(NearEvents *out, Ctx *c, const Record *r) MUST;

#endif
