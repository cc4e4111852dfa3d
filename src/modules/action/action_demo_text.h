/* action_demo_text.h: what the demonstration's issues and actions say. Data only.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_ACTION_ACTION_DEMO_TEXT_H
#define MODULES_ACTION_ACTION_DEMO_TEXT_H

#include <stdint.h>

typedef struct DemoAction {
    const char *title, *deliverable, *kind;
    int32_t cost, running, days; /* thousands of MAD, thousands a year, staff days */
    int32_t rarer, cheaper;      /* per cent */
    const char *unit;            /* whose head owns it; NULL: the unit of the issue */
} DemoAction;
typedef struct DemoIssue {
    const char *patterns; /* codes of incidents that show it, blank separated; NULL: not from one */
    const char *title, *text, *nature, *cause;
    int32_t loss; /* thousands of MAD a year */
    int8_t likelihood, impact;
    const char *source, *reference, *unit; /* of those that come from elsewhere */
    DemoAction actions[3];
} DemoIssue;
extern const DemoIssue action_demo_issues[];                                   /* ends with {0} */
extern const char *const action_demo_reasons[], *const action_demo_interims[]; /* end with NULL */

#endif
