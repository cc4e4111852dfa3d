/* rule.c: rules of recurrence (rule.h). SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/rule.h"

#include "base/clock.h"

enum { SEARCH_DAYS = 5 * 366, DEFAULT_MINUTE = 6 * 60, MOST_MONTHS = 120 };
#define MINUTE_US INT64_C(60000000)

/* ---- reading ---- */

typedef struct Words {
    Str rest;
} Words;

static bool next_word(Str *out, Words *w) {
    while (w->rest.n && w->rest.p[0] == ' ') w->rest = str_sub(w->rest, 1, w->rest.n);
    return w->rest.n && str_cut(out, &w->rest, ' ');
}

static bool take(Words *w, const char *word) {
    Words ahead = *w;
    Str s;
    if (!next_word(&s, &ahead) || !str_is(s, word)) return false;
    *w = ahead;
    return true;
}

static bool take_int(int *out, Words *w, int min, int max) {
    Words ahead = *w;
    Str s;
    int64_t n;
    if (!next_word(&s, &ahead) || !str_to_int(&n, s) || n < min || n > max) return false;
    *w = ahead;
    *out = (int)n;
    return true;
}

static bool take_time(int *minute, Words *w) {
    Words ahead = *w;
    Str s, hour_text;
    int64_t hour, rest;
    if (!next_word(&s, &ahead) || s.n != 5 || s.p[2] != ':') return false;
    hour_text = str_sub(s, 0, 2);
    if (!str_to_int(&hour, hour_text) || !str_to_int(&rest, str_sub(s, 3, 2)) || hour < 0 ||
        hour > 23 || rest < 0 || rest > 59)
        return false;
    *w = ahead;
    *minute = (int)(hour * 60 + rest);
    return true;
}

static bool weekday(int *out, Words *w) {
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (int i = 0; i < 7; i++)
        if (take(w, names[i])) {
            *out = i + 1;
            return true;
        }
    return false;
}

static bool day_of_month(Rule *r, Words *w) {
    r->month = 1;
    if (take(w, "month") && !take_int(&r->month, w, 1, r->every)) return false;
    if (take(w, "workday")) {
        r->is_workday = true;
        return take_int(&r->day, w, -23, 23) && r->day != 0;
    }
    if (!take(w, "day") || !take_int(&r->day, w, 1, 31)) return false;
    r->shift = take(w, "next") ? 1 : take(w, "previous") ? -1 : 0;
    return true;
}

static bool period_word(int *months, Words *w) {
    static const struct {
        const char *word;
        int months;
    } words[] = {{"monthly", 1}, {"quarterly", 3}, {"half-yearly", 6}, {"yearly", 12}};
    for (size_t i = 0; i < LENGTH(words); i++)
        if (take(w, words[i].word)) {
            *months = words[i].months;
            return true;
        }
    return false;
}

bool rule_parse(Rule *out, Str text) {
    Words w = {str_trim(text)};
    Rule r = {.minute = DEFAULT_MINUTE};
    bool ok;
    if (take(&w, "every")) {
        r.kind = RULE_MINUTES;
        ok = take_int(&r.every, &w, 1, 1440) && take(&w, "minutes");
    } else if (take(&w, "hourly")) {
        r.kind = RULE_MINUTES;
        r.every = 60;
        ok = true;
    } else if (take(&w, "after")) {
        r.kind = RULE_AFTER;
        ok = take_int(&r.every, &w, 1, MOST_MONTHS) && take(&w, "months");
    } else if (take(&w, "daily")) {
        r.kind = RULE_DAILY;
        ok = true;
    } else if (take(&w, "workdays")) {
        r.kind = RULE_WORKDAYS;
        ok = true;
    } else if (take(&w, "weekly")) {
        r.kind = RULE_WEEKLY;
        ok = weekday(&r.day, &w);
    } else {
        r.kind = RULE_MONTHLY;
        ok = period_word(&r.every, &w) && day_of_month(&r, &w);
    }
    if (ok && r.kind != RULE_MINUTES) (void)take_time(&r.minute, &w);
    Str left;
    if (!ok || next_word(&left, &w)) return false;
    *out = r;
    return true;
}

/* ---- days ---- */

/* The rule's day of a month, whether or not that month is one of its months. */
static int64_t day_in(const Rule *r, const Calendar *k, int year, int month) {
    if (r->is_workday) return calendar_nth(k, year, month, r->day);
    int days = days_in_month(year, month);
    int64_t day = date_to_days(year, month, r->day < days ? r->day : days);
    return r->shift ? calendar_shift(k, day, r->shift) : day;
}

static bool month_hits(const Rule *r, const Calendar *k, int index, int64_t day) {
    int year = index / 12, month = index % 12 + 1;
    return (month - 1) % r->every == r->month - 1 && day_in(r, k, year, month) == day;
}

bool rule_hits(const Rule *r, const Calendar *k, int64_t day) {
    int year, month, of_month;
    switch (r->kind) {
    case RULE_DAILY: return true;
    case RULE_WORKDAYS: return calendar_is_workday(k, day);
    case RULE_WEEKLY: return date_weekday(day) == r->day;
    case RULE_MONTHLY:
        date_from_days(&year, &month, &of_month, day);
        int index = year * 12 + month - 1;
        /* A shifted day may fall into the month beside. */
        for (int i = -1; i <= 1; i++)
            if (month_hits(r, k, index + i, day)) return true;
        return false;
    case RULE_MINUTES:
    case RULE_AFTER: break;
    }
    return false;
}

static bool search(int64_t *out, const Rule *r, const Calendar *k, int64_t day, int step) {
    for (int i = 0; i < SEARCH_DAYS; i++, day += step)
        if (rule_hits(r, k, day)) {
            *out = day;
            return true;
        }
    return false;
}

bool rule_day_after(int64_t *out, const Rule *r, const Calendar *k, int64_t day) {
    if (r->kind == RULE_AFTER) {
        *out = day_add_months(day, r->every);
        return true;
    }
    return search(out, r, k, day + 1, 1);
}

bool rule_day_until(int64_t *out, const Rule *r, const Calendar *k, int64_t day) {
    return search(out, r, k, day, -1);
}

bool rule_last(int64_t *out_us, const Rule *r, const Calendar *k, const Zone *z, int64_t now_us) {
    int64_t day, slot;
    if (r->kind == RULE_MINUTES) {
        *out_us = now_us - now_us % (r->every * MINUTE_US);
        return true;
    }
    day = zone_day(z, now_us);
    if (!rule_day_until(&day, r, k, day)) return false;
    slot = zone_instant(z, day, r->minute);
    if (slot > now_us) {
        if (!rule_day_until(&day, r, k, day - 1)) return false;
        slot = zone_instant(z, day, r->minute);
    }
    *out_us = slot;
    return true;
}

int64_t day_add_months(int64_t day, int months) {
    int year, month, of_month;
    date_from_days(&year, &month, &of_month, day);
    int index = year * 12 + month - 1 + months;
    int days = days_in_month(index / 12, index % 12 + 1);
    return date_to_days(index / 12, index % 12 + 1, of_month < days ? of_month : days);
}

void rule_period(int64_t *from, int64_t *to, const Rule *r, const Calendar *k, int64_t day) {
    int year, month, of_month;
    *from = *to = day - 1;
    if (r->kind == RULE_WORKDAYS) *from = *to = calendar_add(k, day, -1);
    if (r->kind == RULE_WEEKLY) {
        *to = day - date_weekday(day); /* the Sunday before */
        *from = *to - 6;
    }
    if (r->kind != RULE_MONTHLY && r->kind != RULE_AFTER) return;
    date_from_days(&year, &month, &of_month, day);
    int every = r->kind == RULE_AFTER ? 1 : r->every, index = year * 12 + month - 1;
    for (int i = -1; r->kind == RULE_MONTHLY && i <= 1; i++)
        if (month_hits(r, k, year * 12 + month - 1 + i, day)) index = year * 12 + month - 1 + i;
    index = index / every * every; /* first month of the running period */
    *to = date_to_days(index / 12, index % 12 + 1, 1) - 1;
    index -= every;
    *from = date_to_days(index / 12, index % 12 + 1, 1);
}
