/* calendar.h: working days: the one place where they are counted. A calendar is the weekend and the
 * days off of a country, read from the record types calendar and holiday. Days are counted since
 * 1970-01-01. The part above the line is pure and knows every year, whatever today is.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_CALENDAR_H
#define WORK_CALENDAR_H

#include "model/record.h"

typedef struct Holiday {
    int64_t day;
    int64_t record;      /* the holiday it comes from */
    bool is_provisional; /* computed or announced as expected: not confirmed */
} Holiday;
typedef enum YearlyKind { YEARLY_DATE, YEARLY_EASTER, YEARLY_LUNAR } YearlyKind;
/* A holiday of each year. */
typedef struct Yearly {
    YearlyKind kind;
    int month, day;          /* of our year or of the Islamic one; days after Easter in `day` */
    int first, last, length; /* years it is known from and until, 0: always; how many days */
    int64_t record;
    const int64_t *announced; /* a date at most CALENDAR_CONFIRMS days away takes its place */
    size_t n_announced;
} Yearly;
enum { CALENDAR_CONFIRMS = 5 };
typedef struct Calendar {
    int64_t id;              /* of the record; 0: none, Monday to Friday without days off */
    unsigned weekend;        /* bit per weekday, 1 Monday ... 7 Sunday */
    const Holiday *holidays; /* of one date each, sorted by day */
    size_t n;
    const Yearly *yearly;
    size_t n_yearly;
} Calendar;

bool calendar_is_workday(const Calendar *k, int64_t day);
/* Is it a day off that is more than a weekend, and which? */
bool calendar_holiday(Holiday *out, const Calendar *k, int64_t day);
int64_t calendar_add(const Calendar *k, int64_t day, int n); /* n working days on, or back */
/* Working days after `from` up to and with `to`; before `from` down to and with `to`, negative. So
 * it undoes calendar_add. */
int64_t calendar_count(const Calendar *k, int64_t from, int64_t to);
/* The day itself when it is a working day, else the next (step 1) or the one before (step -1). */
int64_t calendar_shift(const Calendar *k, int64_t day, int step);
/* The n-th working day of a month; n < 0 counts from its end; too large gives the last one. */
int64_t calendar_nth(const Calendar *k, int year, int month, int n);
int64_t easter_sunday(int year); /* Gregorian */
/* Civil Islamic calendar: what the months are expected to be before the moon is seen. */
int64_t hijri_to_days(int year, int month, int day);
int hijri_year_of(int64_t day);
int days_in_month(int year, int month);

/* ---- from records ---- */

/* id 0: the default calendar; without any, Monday to Friday. Lives in c->arena. */
Err calendar_load(const Calendar **out, Ctx *c, int64_t id) MUST;
/* That of the unit's entity: its own, else its country's, else that of the entity above it, else
 * the default one (0). */
Err calendar_of_unit(int64_t *out, Ctx *c, int64_t unit) MUST;
Err calendar_of_entity(int64_t *out, Ctx *c, int64_t entity) MUST;

/* The same calendar, loaded; remembered by the context. */
Err calendar_for_unit(const Calendar **out, Ctx *c, int64_t unit) MUST;
/* The record's name in the reader's language; empty without one. */
Err calendar_name(Str *out, Ctx *c, int64_t id) MUST;

extern const TypeDef calendar_type, holiday_type;
Err calendar_seed(Ctx *c) MUST;
/* Dated religious holidays of Morocco for the years of the demonstration, as expected dates. */
Err calendar_demo(Ctx *c, size_t *made) MUST;
Err calendar_section(Ctx *c, const Record *r,
                     Block **out) MUST; /* days off of this year and next */

#endif
