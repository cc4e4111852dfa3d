/* rule.h: when something is due again, as a short text: "every 15 minutes", "hourly", "daily
 * 06:30", "workdays 06:30", "weekly mon 08:00", "monthly workday 5 07:00", "monthly day 31 next",
 * "quarterly workday -1", "half-yearly day 15", "yearly month 3 workday 10", "after 6 months".
 * Hours are those of the institution's clock; without one it is 06:00. A day that the month lacks
 * is its last one; "next" or "previous" moves off a day that is no working day. Pure.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_RULE_H
#define WORK_RULE_H

#include "base/zone.h"
#include "work/calendar.h"

typedef enum RuleKind {
    RULE_MINUTES, /* each `every` minutes */
    RULE_DAILY,
    RULE_WORKDAYS,
    RULE_WEEKLY,  /* `day` is the weekday */
    RULE_MONTHLY, /* each `every` months, in month `month` of that period */
    RULE_AFTER    /* `every` months after it was last done */
} RuleKind;
typedef struct Rule {
    RuleKind kind;
    int every;
    int month;
    int day; /* of the month, or weekday; with is_workday the n-th working day, < 0 from the end */
    bool is_workday;
    int shift; /* 1 next, -1 previous, 0 stays */
    int minute;
} Rule;

bool rule_parse(Rule *out, Str text);
/* Is the day one of the rule (RULE_MINUTES, RULE_AFTER: never)? */
bool rule_hits(const Rule *r, const Calendar *k, int64_t day);
/* The first day of the rule after, or the last on or before, the given one; within five years. */
bool rule_day_after(int64_t *out, const Rule *r, const Calendar *k, int64_t day);
bool rule_day_until(int64_t *out, const Rule *r, const Calendar *k, int64_t day);
/* The last slot at or before the instant. */
bool rule_last(int64_t *out_us, const Rule *r, const Calendar *k, const Zone *z, int64_t now_us);
/* n months later, the last day of the month when it is too short. */
int64_t day_add_months(int64_t day, int months);
/* The period that a day of the rule asks about: the whole day, week, month ... before it. */
void rule_period(int64_t *from, int64_t *to, const Rule *r, const Calendar *k, int64_t day);

#endif
