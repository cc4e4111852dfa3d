/* calendar.h: business days of a country: weekend and holidays, read from the record types calendar
 * and holiday. Days are counted since 1970-01-01. The part above the line is pure.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_CALENDAR_H
#define WORK_CALENDAR_H

#include "model/record.h"

typedef struct Holiday {
    int64_t day;
    int64_t record; /* the holiday it comes from */
    bool is_provisional;
} Holiday;
typedef struct Calendar {
    unsigned weekend;        /* bit per weekday, 1 Monday ... 7 Sunday */
    const Holiday *holidays; /* sorted by day */
    size_t n;
} Calendar;

bool calendar_is_workday(const Calendar *k, int64_t day);
int64_t calendar_add(const Calendar *k, int64_t day, int n); /* n working days on, or back */
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

/* id 0: the default calendar; without any, Monday to Friday. Holidays from two years before today
 * to twelve after. Lives in c->arena. */
Err calendar_load(const Calendar **out, Ctx *c, int64_t id) MUST;
/* The calendar of the country of the unit's entity, else the default one. */
Err calendar_of_unit(int64_t *out, Ctx *c, int64_t unit) MUST;

/* The same calendar, loaded; remembered by the context. */
Err calendar_for_unit(const Calendar **out, Ctx *c, int64_t unit) MUST;

extern const TypeDef calendar_type, holiday_type;
Err calendar_seed(Ctx *c) MUST;
Err calendar_section(Ctx *c, const Record *r,
                     Block **out) MUST; /* days off of this year and next */

#endif
