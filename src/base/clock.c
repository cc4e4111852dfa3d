/* clock.c: the calendar and the only place that asks the system for the time. Day arithmetic
 * follows the proleptic Gregorian calendar with years that begin in March (so that leap days come
 * last). SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_DAY (INT64_C(86400) * US_PER_SECOND)

static int64_t read_clock(clockid_t id) {
    struct timespec t;
    CHECK(clock_gettime(id, &t) == 0, "no clock");
    return (int64_t)t.tv_sec * US_PER_SECOND + t.tv_nsec / 1000;
}

int64_t clock_now_us(void) {
    const char *fixed = getenv("GARDEFOU_TEST_NOW");
    int64_t us;
    if (fixed && instant_parse(&us, str_of(fixed))) return us;
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono_us(void) {
    return read_clock(CLOCK_MONOTONIC);
}

static int64_t floor_div(int64_t a, int64_t b) {
    int64_t q = a / b;
    return a % b < 0 ? q - 1 : q;
}

int64_t date_to_days(int year, int month, int day) {
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = floor_div(y, 400);
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void date_from_days(int *year, int *month, int *day, int64_t days) {
    int64_t z = days + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t m = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

/* Exactly n digits at *at. */
static bool digits(int *out, Str s, size_t *at, size_t n) {
    if (s.n - *at < n) return false;
    int value = 0;
    for (size_t i = 0; i < n; i++) {
        char c = s.p[*at + i];
        if (c < '0' || c > '9') return false;
        value = value * 10 + (c - '0');
    }
    *at += n;
    *out = value;
    return true;
}

static bool literal(Str s, size_t *at, char c) {
    if (*at >= s.n || s.p[*at] != c) return false;
    *at += 1;
    return true;
}

static bool real_day(int64_t *days, int year, int month, int day) {
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > lengths[month - 1] + (month == 2 && is_leap ? 1 : 0)) return false;
    *days = date_to_days(year, month, day);
    return true;
}

static bool date_at(int64_t *days, Str s, size_t *at) {
    int year, month, day;
    return digits(&year, s, at, 4) && literal(s, at, '-') && digits(&month, s, at, 2) &&
           literal(s, at, '-') && digits(&day, s, at, 2) && real_day(days, year, month, day);
}

bool date_parse(int64_t *days, Str iso) {
    size_t at = 0;
    return iso.n == 10 && date_at(days, iso, &at);
}

bool date_parse_loose(int64_t *days, Str text) {
    text = str_trim(text);
    if (date_parse(days, text)) return true;
    size_t at = 0;
    int day, month, year;
    if (!(digits(&day, text, &at, 2) || digits(&day, text, &at, 1))) return false;
    char sep = at < text.n ? text.p[at] : 0;
    if (sep != '/' && sep != '.' && sep != '-') return false;
    at++;
    if (!(digits(&month, text, &at, 2) || digits(&month, text, &at, 1))) return false;
    return literal(text, &at, sep) && digits(&year, text, &at, 4) && at == text.n &&
           real_day(days, year, month, day);
}

Str date_text(Arena *a, int64_t days) {
    int y, m, d;
    date_from_days(&y, &m, &d, days);
    return str_fmt(a, "%04d-%02d-%02d", y, m, d);
}

Str date_of_instant(Arena *a, int64_t us) {
    return date_text(a, floor_div(us, US_PER_DAY));
}

/* ".123456" with 1 to 9 digits; what is finer than a microsecond is cut. */
static bool fraction_at(int64_t *us, Str s, size_t *at) {
    *us = 0;
    if (!literal(s, at, '.')) return true;
    int64_t unit = US_PER_SECOND / 10;
    size_t from = *at;
    while (*at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9') {
        *us += unit * (s.p[*at] - '0');
        unit /= 10;
        *at += 1;
    }
    return *at > from && *at - from <= 9;
}

static bool offset_at(int64_t *seconds, Str s, size_t *at) {
    *seconds = 0;
    if (literal(s, at, 'Z') || literal(s, at, 'z')) return true;
    int sign = literal(s, at, '+') ? 1 : literal(s, at, '-') ? -1 : 0;
    int hour, minute;
    if (!sign || !digits(&hour, s, at, 2) || !literal(s, at, ':') || !digits(&minute, s, at, 2))
        return false;
    *seconds = sign * (hour * 3600 + minute * 60);
    return hour <= 23 && minute <= 59;
}

bool instant_parse(int64_t *us, Str s) {
    int64_t days, fraction, offset;
    size_t at = 0;
    if (!date_at(&days, s, &at)) return false;
    if (at == s.n) {
        *us = days * US_PER_DAY;
        return true;
    }
    int hour, minute, second;
    if (!literal(s, &at, 'T') && !literal(s, &at, 't') && !literal(s, &at, ' ')) return false;
    if (!digits(&hour, s, &at, 2) || !literal(s, &at, ':') || !digits(&minute, s, &at, 2) ||
        !literal(s, &at, ':') || !digits(&second, s, &at, 2))
        return false;
    if (hour > 23 || minute > 59 || second > 59) return false;
    if (!fraction_at(&fraction, s, &at) || !offset_at(&offset, s, &at) || at != s.n) return false;
    int64_t seconds = hour * 3600 + minute * 60 + second - offset;
    *us = days * US_PER_DAY + seconds * US_PER_SECOND + fraction;
    return true;
}

Str instant_text(Arena *a, int64_t us) {
    int64_t days = floor_div(us, US_PER_DAY);
    int64_t rest = us - days * US_PER_DAY;
    int y, m, d;
    date_from_days(&y, &m, &d, days);
    int seconds = (int)(rest / US_PER_SECOND), fraction = (int)(rest % US_PER_SECOND);
    Text t = text_new(a, 0);
    text_fmt(&t, "%04d-%02d-%02dT%02d:%02d:%02d", y, m, d, seconds / 3600, seconds / 60 % 60,
             seconds % 60);
    if (fraction) {
        text_fmt(&t, ".%06d", fraction);
        while (t.p[t.n - 1] == '0') t.n--;
    }
    text_char(&t, 'Z');
    return text_str(&t);
}

int date_weekday(int64_t days) {
    int64_t since_monday = days + 3; /* 1970-01-01 was a Thursday */
    return (int)(since_monday - floor_div(since_monday, 7) * 7) + 1;
}
