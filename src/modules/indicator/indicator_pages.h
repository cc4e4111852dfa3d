/* indicator_pages.h: the module's pages. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INDICATOR_INDICATOR_PAGES_H
#define MODULES_INDICATOR_INDICATOR_PAGES_H

#include "modules/indicator/indicator_auto.h"

Err indicator_grid(Ctx *c, const PageArgs *args, Page *out);
Err indicator_dashboard(Ctx *c, const PageArgs *args, Page *out);
Err indicator_entry(Ctx *c, const PageArgs *args, Page *out);
Err indicator_entry_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect);
Err indicator_push(Ctx *c, const PageArgs *args, Page *out);
Err indicator_push_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect);
/* On the record page of an indicator: chart, values, thresholds. */
Err indicator_section(Ctx *c, const Record *r, Block **out);

/* On the record page of a risk: its indicators with their colours. */
Err indicator_risk_panel(Ctx *c, const Record *r, Block **out);

/* Values of a file or of an input as `values[i].field`; issues name row or value. */
Err indicator_read_table(Given **out, size_t *n, Ctx *c, Str bytes) MUST;
Err indicator_read_input(Given **out, size_t *n, Ctx *c, const Input *in) MUST;

typedef struct Indicators {
    Indicator *items;
    int64_t *ids; /* sorted */
    size_t n;
} Indicators;
/* Those that the reader may see, active, by id. At most 500. */
Err indicator_visible(Indicators *out, Ctx *c, Str filter) MUST;
/* Is the value of this period missing beyond its grace? */
bool indicator_is_missing(Ctx *c, const Indicator *i, int64_t period);
Str indicator_period_label(Ctx *c, const Indicator *i, int64_t period);

#endif
