/* calendar.c: arithmetic of working days, Easter and the Islamic months (calendar.h). Pure.
 * Easter: anonymous Gregorian computus (Meeus, Astronomical Algorithms, chapter 8). Islamic months:
 * the civil (tabular) calendar with leap years 2 5 7 10 13 16 18 21 24 26 29 and its epoch on 16
 * July 622 (Julian). SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/calendar.h"

#include "base/clock.h"

enum { HIJRI_EPOCH = -492148, MOST_SHIFT = 60 };

static bool find_dated(Holiday *out, const Calendar *k, int64_t day) {
    size_t low = 0, high = k->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        *out = k->holidays[middle];
        if (out->day == day) return true;
        if (out->day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static int year_of(int64_t day) {
    int year, month, of_month;
    date_from_days(&year, &month, &of_month, day);
    return year;
}

static bool is_known(const Yearly *h, int year) {
    return (!h->first || year >= h->first) && (!h->last || year <= h->last);
}

/* An announced date of the same holiday takes the place of the expected one. */
static bool is_announced(const Yearly *h, int64_t expected) {
    for (size_t i = 0; i < h->n_announced; i++)
        if (h->announced[i] >= expected - CALENDAR_CONFIRMS &&
            h->announced[i] <= expected + CALENDAR_CONFIRMS)
            return true;
    return false;
}

/* Its first day in a year: of the Islamic calendar for YEARLY_LUNAR, else of ours. */
static bool begins(int64_t *out, const Yearly *h, int year) {
    if (h->kind == YEARLY_LUNAR) {
        *out = hijri_to_days(year, h->month, h->day);
        return is_known(h, year_of(*out)) && !is_announced(h, *out);
    }
    if (!is_known(h, year)) return false;
    if (h->kind == YEARLY_DATE && h->day > days_in_month(year, h->month)) return false;
    *out = h->kind == YEARLY_EASTER ? easter_sunday(year) + h->day
                                    : date_to_days(year, h->month, h->day);
    return true;
}

static bool yearly_covers(const Yearly *h, int64_t day) {
    bool lunar = h->kind == YEARLY_LUNAR;
    int64_t earliest = day - h->length + 1, start;
    int first = lunar ? hijri_year_of(earliest) : year_of(earliest);
    int last = lunar ? hijri_year_of(day) : year_of(day);
    for (int year = first; year <= last; year++)
        if (begins(&start, h, year) && start >= earliest && start <= day) return true;
    return false;
}

bool calendar_holiday(Holiday *out, const Calendar *k, int64_t day) {
    if (find_dated(out, k, day)) return true;
    for (size_t i = 0; i < k->n_yearly; i++) {
        const Yearly *h = &k->yearly[i];
        *out = (Holiday){day, h->record, h->kind == YEARLY_LUNAR};
        if (yearly_covers(h, day)) return true;
    }
    return false;
}

bool calendar_is_workday(const Calendar *k, int64_t day) {
    Holiday found;
    return !((k->weekend >> date_weekday(day)) & 1u) && !calendar_holiday(&found, k, day);
}

int64_t calendar_shift(const Calendar *k, int64_t day, int step) {
    for (int i = 0; i < MOST_SHIFT && !calendar_is_workday(k, day); i++) day += step;
    return day;
}

int64_t calendar_add(const Calendar *k, int64_t day, int n) {
    int step = n < 0 ? -1 : 1;
    for (; n != 0; n -= step) day = calendar_shift(k, day + step, step);
    return day;
}

int64_t calendar_count(const Calendar *k, int64_t from, int64_t to) {
    int64_t n = 0;
    int step = to < from ? -1 : 1;
    for (int64_t day = from; day != to;) {
        day += step;
        if (calendar_is_workday(k, day)) n += step;
    }
    return n;
}

int days_in_month(int year, int month) {
    int64_t first = date_to_days(year, month, 1);
    int64_t next = month == 12 ? date_to_days(year + 1, 1, 1) : date_to_days(year, month + 1, 1);
    return (int)(next - first);
}

int64_t calendar_nth(const Calendar *k, int year, int month, int n) {
    int days = days_in_month(year, month), step = n < 0 ? -1 : 1;
    int64_t first = date_to_days(year, month, 1), day = n < 0 ? first + days - 1 : first;
    int64_t found = day;
    for (int i = 0, left = n < 0 ? -n : n; i < days && left > 0; i++, day += step) {
        if (!calendar_is_workday(k, day)) continue;
        found = day;
        left--;
    }
    return found;
}

int64_t easter_sunday(int year) {
    int a = year % 19, b = year / 100, c = year % 100;
    int d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
    int h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4;
    int l = (32 + 2 * e + 2 * i - h - k) % 7, m = (a + 11 * h + 22 * l) / 451;
    int month = (h + l - 7 * m + 114) / 31, day = (h + l - 7 * m + 114) % 31 + 1;
    return date_to_days(year, month, day);
}

int64_t hijri_to_days(int year, int month, int day) {
    int64_t y = year;
    return (y - 1) * 354 + (3 + 11 * y) / 30 + (59 * (month - 1) + 1) / 2 + day - 1 + HIJRI_EPOCH;
}

int hijri_year_of(int64_t day) {
    return (int)((30 * (day - HIJRI_EPOCH) + 10646) / 10631);
}
