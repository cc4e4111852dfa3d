/* indicator_pages.h: the module's pages. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INDICATOR_INDICATOR_PAGES_H
#define MODULES_INDICATOR_INDICATOR_PAGES_H

#include "modules/indicator/indicator_auto.h"

Err indicator_grid(Ctx *c, const PageArgs *args, Page *out);
Err indicator_calendar(Ctx *c, const PageArgs *args, Page *out);
Err indicator_dashboard(Ctx *c, const PageArgs *args, Page *out);
Err indicator_log(Ctx *c, const PageArgs *args, Page *out);
Err indicator_punctuality(Ctx *c, const PageArgs *args, Page *out);
Err indicator_entry(Ctx *c, const PageArgs *args, Page *out);
Err indicator_entry_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect);
Err indicator_due_sheet(Ctx *c, const PageArgs *args, Page *out);
Err indicator_push(Ctx *c, const PageArgs *args, Page *out);
Err indicator_push_prepare(void **out, Ctx *c, const Input *form);
Err indicator_push_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect);
/* On the page for the committee: colours, and the red ones. */
Err indicator_committee(Ctx *c, const Page *page, Block **out);
/* On the record page of an indicator: chart, values, thresholds. */
Err indicator_section(Ctx *c, const Record *r, Block **out);

/* On the page of a definition: where it is in use, its thresholds. */
Err indicator_definition_section(Ctx *c, const Record *r, Block **out);

/* On the page of a risk, a control, a process or an objective: its indicators with their colours.
 */
Err indicator_linked_panel(Ctx *c, const Record *r, Block **out);

/* Values of a file or of an input as `values[i].field`; issues name row or value. */
Err indicator_read_table(Given **out, size_t *n, Ctx *c, Str bytes) MUST;
Err indicator_read_input(Given **out, size_t *n, Ctx *c, const Input *in) MUST;

typedef struct Indicators {
    Indicator *items;
    int64_t *ids; /* sorted */
    size_t n;
    Str after; /* cursor of the next ones; empty: these are all */
} Indicators;
/* Those that the reader may see, active, as a list of them with these parameters gives them. */
Err indicator_visible(Indicators *out, Ctx *c, const Input *params, size_t limit) MUST;
const SeriesRow *indicator_row_of(const SeriesRows *rows, int64_t owner, int64_t period);
/* "K13 · Availability" and the unit's name. */
Err indicator_names(Str *label, Str *note, Ctx *c, const Record *r) MUST;
/* Is the value of this period missing beyond its grace? */
bool indicator_is_missing(Ctx *c, const Indicator *i, int64_t period);
Str indicator_period_label(Ctx *c, const Indicator *i, int64_t period);

#endif
