/* demo_text.h: tables of the demonstration incidents. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INCIDENT_DEMO_TEXT_H
#define MODULES_INCIDENT_DEMO_TEXT_H

#include "base/base.h"

enum DemoFlag {
    DEMO_RAPID = 1,
    DEMO_ABROAD = 2,
    DEMO_LEGAL = 4,
    DEMO_INSURED = 8,
    DEMO_CREDIT = 16,
    DEMO_AGGREGATE = 32
};
typedef struct DemoPattern {
    const char *code;
    int per_decade;   /* events in ten years */
    int median, p95;  /* thousands of MAD */
    int recovery;     /* per cent on average */
    int delay;        /* days to discovery, median */
    const char *unit; /* code, "branch" any branch, "caf" any business centre */
    unsigned flags;
    const char *fr[2], *ar;
} DemoPattern;
extern const DemoPattern demo_patterns[]; /* ends with {0} */
/* Each ends with NULL. */
extern const char *const demo_openings[],
    *const demo_openings_ar[], *const demo_measures[], *const demo_measures_ar[],
                                                           *const demo_lessons[],
                                                               *const demo_lessons_ar[],
                                                                   *const demo_controls[];

#endif
