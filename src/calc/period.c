/* period.c: see period.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "calc/period.h"

#include "base/clock.h"

static void parts(int *year, int *month, int64_t day) {
    int ignored;
    date_from_days(year, month, &ignored, day);
}

int64_t period_start(Frequency f, int64_t day) {
    int year, month;
    parts(&year, &month, day);
    switch (f) {
    case DAILY: return day;
    case WEEKLY: return day - (((day + 3) % 7) + 7) % 7; /* day 0 was a Thursday */
    case MONTHLY: return date_to_days(year, month, 1);
    case QUARTERLY: return date_to_days(year, (month - 1) / 3 * 3 + 1, 1);
    default: return date_to_days(year, 1, 1);
    }
}

int64_t period_move(Frequency f, int64_t start, int n) {
    int year, month;
    if (f == DAILY) return start + n;
    if (f == WEEKLY) return start + 7 * (int64_t)n;
    parts(&year, &month, start);
    int step = f == MONTHLY ? 1 : f == QUARTERLY ? 3 : 12;
    int at = year * 12 + month - 1 + n * step;
    return date_to_days(at / 12, at % 12 + 1, 1);
}

int64_t period_end(Frequency f, int64_t start) {
    return period_move(f, start, 1) - 1;
}

/* ISO 8601: the week belongs to the year of its Thursday. */
static void iso_week(int *year, int *week, int64_t monday) {
    int month;
    parts(year, &month, monday + 3);
    *week = (int)((monday + 3 - date_to_days(*year, 1, 1)) / 7) + 1;
}

Str period_key(Arena *a, Frequency f, int64_t start) {
    int year, month, week;
    parts(&year, &month, start);
    switch (f) {
    case DAILY: return date_text(a, start);
    case WEEKLY: iso_week(&year, &week, start); return str_fmt(a, "%04d-W%02d", year, week);
    case MONTHLY: return str_fmt(a, "%04d-%02d", year, month);
    case QUARTERLY: return str_fmt(a, "%04d-Q%d", year, (month - 1) / 3 + 1);
    default: return str_fmt(a, "%04d", year);
    }
}

static bool number_at(int *out, Str s, size_t from, size_t n) {
    int64_t x;
    if (s.n < from + n || !str_to_int(&x, str_sub(s, from, n)) || x < 0) return false;
    *out = (int)x;
    return true;
}

bool period_parse(int64_t *start, Frequency f, Str text) {
    int year, part;
    int64_t day;
    if (date_parse(&day, text)) {
        *start = period_start(f, day);
        return true;
    }
    if (!number_at(&year, text, 0, 4) || year < 1900 || year > 2200) return false;
    bool dash = text.n > 4 && text.p[4] == '-';
    if (f == YEARLY && text.n == 4) {
        *start = date_to_days(year, 1, 1);
        return true;
    }
    if (f == MONTHLY && text.n == 7 && dash && number_at(&part, text, 5, 2) && part >= 1 &&
        part <= 12) {
        *start = date_to_days(year, part, 1);
        return true;
    }
    if (f == QUARTERLY && text.n == 7 && dash && text.p[5] == 'Q' && number_at(&part, text, 6, 1) &&
        part >= 1 && part <= 4) {
        *start = date_to_days(year, part * 3 - 2, 1);
        return true;
    }
    if (f == WEEKLY && text.n == 8 && dash && text.p[5] == 'W' && number_at(&part, text, 6, 2) &&
        part >= 1 && part <= 53) {
        int back_year, back_week;
        *start = period_start(WEEKLY, date_to_days(year, 1, 4)) + 7 * (int64_t)(part - 1);
        iso_week(&back_year, &back_week, *start);
        return back_year == year && back_week == part;
    }
    return false;
}
