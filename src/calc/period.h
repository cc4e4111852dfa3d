/* period.h: periods of the calendar: which one holds a day, the next, its name. Days are days since
 * 1970. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CALC_PERIOD_H
#define CALC_PERIOD_H

#include "base/str.h"

typedef enum Frequency { DAILY, WEEKLY, MONTHLY, QUARTERLY, YEARLY } Frequency;
/* First day of the period that holds `day`; weeks begin on Monday (ISO 8601). */
int64_t period_start(Frequency f, int64_t day);
/* First day of the period `n` periods later (earlier when negative). */
int64_t period_move(Frequency f, int64_t start, int n);
int64_t period_end(Frequency f, int64_t start); /* last day */
/* "2026-03-14", "2026-W11", "2026-03", "2026-Q1", "2026". */
Str period_key(Arena *a, Frequency f, int64_t start);
/* The same read back; also any ISO day inside the period. */
bool period_parse(int64_t *start, Frequency f, Str text);

#endif
