/* format.h: a reader's locale: numbers, money, dates and instants as people of that language write
 * them (ICU). Made once per language and worker thread. Digits are always 0-9, also in Arabic
 * (ar-MA). SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VIEW_FORMAT_H
#define VIEW_FORMAT_H

#include "view/view.h"

typedef struct Locale Locale;
/* zone: IANA name, e.g. "Africa/Casablanca". */
Err format_locale_new(Locale **out, Arena *process, Lang lang, const char *zone) MUST;
Lang format_lang(const Locale *l);
Str format_int(Arena *a, const Locale *l, int64_t i);
Str format_decimal(Arena *a, const Locale *l, int64_t i, int scale);
Str format_percent(Arena *a, const Locale *l, int64_t i, int scale); /* "12,5 %" */
/* Without the currency, e.g. "1 234 567,89"; a true minus for negatives. */
Str format_amount(Arena *a, const Locale *l, int64_t minor, Str currency);
Str format_money(Arena *a, const Locale *l, int64_t minor,
                 Str currency); /* with the code: "1 234,50 MAD" */
/* Short for tiles and cells: "1,2 M", "350 k"; the exact amount belongs beside it. */
Str format_compact(Arena *a, const Locale *l, int64_t minor, Str currency);
Str format_date(Arena *a, const Locale *l, Str iso);              /* "23 nov. 2026" */
Str format_date_yearly(Arena *a, const Locale *l, Str iso);       /* "23 nov." */
Str format_instant(Arena *a, const Locale *l, int64_t us);        /* "23 nov. 2026, 11:04" */
Str format_month(Arena *a, const Locale *l, int year, int month); /* "nov. 2026" */
Str format_month_name(Arena *a, const Locale *l, int month);      /* "nov." */
/* Seconds that the reader's zone is ahead of UTC at that instant. */
int64_t format_offset(const Locale *l, int64_t us);
Str format_bytes(Arena *a, const Locale *l, int64_t n);
/* A cell as one line of plain text in this locale (CSV for people uses the machine form instead).
 */
Str format_cell(Arena *a, const Locale *l, const Cell *c);

#endif
