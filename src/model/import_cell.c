/* import_cell.c: cells as people type them in spreadsheets: dates with the month in words, with two
 * digits for the year, with a time of day or as a bare serial number; amounts with the dirham's
 * many names; the marks that mean nothing. See import_map.h. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "base/clock.h"
#include "base/money.h"
#include "base/utf8.h"
#include "model/import_map.h"

/* ---- nothing ---- */

bool import_is_nothing(Str text) {
    static const char *const marks[] = {"-",
                                        "--",
                                        "---",
                                        "\xE2\x80\x93",
                                        "\xE2\x80\x94",
                                        "N/A",
                                        "n/a",
                                        "NA",
                                        "n.a.",
                                        "ND",
                                        "nd",
                                        "N/D",
                                        "n/d",
                                        "#N/A",
                                        "n\xC3\xA9"
                                        "ant",
                                        "N\xC3\xA9"
                                        "ant",
                                        "NEANT",
                                        "N\xC3\x89"
                                        "ANT"};
    text = str_trim(text);
    for (size_t i = 0; i < LENGTH(marks); i++)
        if (str_is(text, marks[i])) return true;
    return !text.n;
}

/* ---- dates ---- */

/* Beginnings of the names of months without accents, French, English and as Morocco writes them in
 * Arabic; the first that fits counts, so that longer beginnings come first. */
static const struct {
    const char *name;
    int month;
} months[] = {{"janv", 1},
              {"jan", 1},
              {"fev", 2},
              {"feb", 2},
              {"mars", 3},
              {"mar", 3},
              {"avr", 4},
              {"apr", 4},
              {"mai", 5},
              {"may", 5},
              {"juin", 6},
              {"jun", 6},
              {"juil", 7},
              {"jul", 7},
              {"aou", 8},
              {"aug", 8},
              {"sep", 9},
              {"oct", 10},
              {"nov", 11},
              {"dec", 12},
              {"\xD9\x8A\xD9\x86\xD8\xA7\xD9\x8A\xD8\xB1", 1},
              {"\xD9\x81\xD8\xA8\xD8\xB1\xD8\xA7\xD9\x8A\xD8\xB1", 2},
              {"\xD9\x85\xD8\xA7\xD8\xB1\xD8\xB3", 3},
              {"\xD8\xA7\xD8\xA8\xD8\xB1\xD9\x8A\xD9\x84", 4},
              {"\xD9\x85\xD8\xA7\xD9\x8A", 5},
              {"\xD9\x8A\xD9\x88\xD9\x86\xD9\x8A\xD9\x88", 6},
              {"\xD9\x8A\xD9\x88\xD9\x84\xD9\x8A\xD9\x88", 7},
              {"\xD8\xBA\xD8\xB4\xD8\xAA", 8},
              {"\xD8\xB4\xD8\xAA\xD9\x86\xD8\xA8\xD8\xB1", 9},
              {"\xD8\xA7\xD9\x83\xD8\xAA\xD9\x88\xD8\xA8\xD8\xB1", 10},
              {"\xD9\x86\xD9\x88\xD9\x86\xD8\xA8\xD8\xB1", 11},
              {"\xD8\xAF\xD8\xAC\xD9\x86\xD8\xA8\xD8\xB1", 12}};

static int month_of(Str word) {
    for (size_t i = 0; i < LENGTH(months); i++)
        if (str_starts(word, str_of(months[i].name))) return months[i].month;
    return 0;
}

static bool real_date(int64_t *days, int64_t year, int64_t month, int64_t day) {
    if (year < 1 || year > 9998 || month < 1 || month > 12 || day < 1 || day > 31) return false;
    *days = date_to_days((int)year, (int)month, (int)day);
    int y, m, d;
    date_from_days(&y, &m, &d, *days);
    return m == month && d == day;
}

/* Two digits: up to 69 this century, as spreadsheets read them. */
static int64_t full_year(int64_t year, size_t digits) {
    if (digits != 2) return digits == 4 ? year : 0;
    return year <= 69 ? 2000 + year : 1900 + year;
}

/* Three parts: numbers, or one of them the name of a month. */
static bool from_parts(int64_t *days, const Str *part) {
    int64_t n[3] = {0, 0, 0};
    int named = -1;
    for (int i = 0; i < 3; i++) {
        Str digits = part[i];
        if (i == 0 && str_ends(digits, S("er"))) digits = str_sub(digits, 0, digits.n - 2);
        if (str_to_int(&n[i], digits) && n[i] >= 0) continue;
        n[i] = month_of(part[i]);
        if (!n[i] || named >= 0 || i == 2) return false;
        named = i;
    }
    if (named < 0 && part[0].n == 4) return real_date(days, n[0], n[1], n[2]);
    int64_t year = full_year(n[2], part[2].n);
    if (named == 0) return real_date(days, year, n[0], n[1]); /* March 12, 2019 */
    return real_date(days, year, n[1], n[0]);
}

/* "12/03/2019 14:30" and "2019-03-12T00:00:00Z": the day alone. */
static Str without_time(Str text) {
    ptrdiff_t at = str_find_char(text, ':');
    if (at < 0) return text;
    for (size_t i = (size_t)at; i > 0; i--)
        if (text.p[i - 1] == ' ' || text.p[i - 1] == 'T') return str_trim(str_sub(text, 0, i - 1));
    return text;
}

/* A spreadsheet's count of days, 1954 to 2064; a part of a day is left out. */
static bool from_serial(int64_t *days, Str text) {
    int64_t serial;
    ptrdiff_t point = str_find_char(text, '.');
    if (point >= 0) text = str_sub(text, 0, (size_t)point);
    if (text.n != 5 || !str_to_int(&serial, text) || serial < 20000 || serial > 60000) return false;
    *days = date_to_days(1899, 12, 30) + serial;
    return true;
}

bool import_date(int64_t *days, Arena *a, Str text) {
    Str parts[3], rest, word;
    size_t n = 0;
    text = without_time(str_trim(text));
    if (date_parse_loose(days, text) || from_serial(days, text)) return true;
    if (!text.n || text.n > 60) return false;
    char *plain = arena_alloc(a, text.n);
    for (size_t i = 0; i < text.n; i++) plain[i] = strchr("/.-,", text.p[i]) ? ' ' : text.p[i];
    rest = utf8_fold(a, (Str){plain, text.n});
    while (str_cut(&word, &rest, ' ')) {
        if (!word.n || str_is(word, "le")) continue;
        if (n == 3) return false;
        parts[n++] = word;
    }
    return n == 3 && from_parts(days, parts);
}

/* ---- amounts ---- */

static const struct {
    const char *mark, *code;
} currencies[] = {{"DHS", "MAD"},
                  {"DH", "MAD"},
                  {"DIRHAMS", "MAD"},
                  {"\xD8\xAF\xD8\xB1\xD9\x87\xD9\x85", "MAD"},
                  {"\xD8\xAF.\xD9\x85.", "MAD"},
                  {"\xD8\xAF.\xD9\x85", "MAD"},
                  {"\xE2\x82\xAC", "EUR"},
                  {"\xC2\xA3", "GBP"}};

static bool same_letters(Str text, const char *mark) {
    if (text.n != strlen(mark)) return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i] >= 'a' && text.p[i] <= 'z' ? (char)(text.p[i] - 32) : text.p[i];
        if (c != mark[i]) return false;
    }
    return true;
}

Str import_amount(Arena *a, Str text) {
    text = str_trim(text);
    if (str_ends(text, S(".")) && text.n > 3 && text.p[text.n - 2] >= 'A') /* "12 Dhs." */
        text = str_sub(text, 0, text.n - 1);
    for (size_t i = 0; i < LENGTH(currencies); i++) {
        size_t n = strlen(currencies[i].mark);
        if (text.n <= n) continue;
        Str rest = {0};
        if (same_letters(str_sub(text, text.n - n, n), currencies[i].mark))
            rest = str_sub(text, 0, text.n - n);
        else if (same_letters(str_sub(text, 0, n), currencies[i].mark))
            rest = str_sub(text, n, text.n);
        if (rest.n) return str_fmt(a, "%.*s %s", FMT(str_trim(rest)), currencies[i].code);
    }
    return text;
}
