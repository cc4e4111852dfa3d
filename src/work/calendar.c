/* calendar.c: arithmetic of business days, Easter and the Islamic months (calendar.h). Pure.
 * Easter: anonymous Gregorian computus (Meeus, Astronomical Algorithms, chapter 8). Islamic months:
 * the civil (tabular) calendar with leap years 2 5 7 10 13 16 18 21 24 26 29 and its epoch on 16
 * July 622 (Julian). SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/calendar.h"

#include "base/clock.h"

enum { HIJRI_EPOCH = -492148, MOST_SHIFT = 60 };

static bool is_holiday(const Calendar *k, int64_t day) {
    size_t low = 0, high = k->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (k->holidays[middle].day == day) return true;
        if (k->holidays[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

bool calendar_is_workday(const Calendar *k, int64_t day) {
    return !((k->weekend >> date_weekday(day)) & 1u) && !is_holiday(k, day);
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
