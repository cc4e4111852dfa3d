/* incident_pages.h: the pages of the module, one group a file, and the small builders they share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_INCIDENT_INCIDENT_PAGES_H
#define MODULES_INCIDENT_INCIDENT_PAGES_H

#include "model/report.h"
#include "modules/incident/incident.h"

/* ---- declaring (incident_declare.c, incident_anonymous.c) ---- */
Err incident_declare_build(Ctx *c, const PageArgs *args, Page *out);
Err incident_declare_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect);
Err incident_anonymous_build(Ctx *c, const PageArgs *args, Page *out);
Err incident_poster_build(Ctx *c, const PageArgs *args, Page *out);
Err incident_anonymous_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect);
/* The three questions as groups of a form; typed answers and c->issues are shown. */
Err incident_declare_groups(const FormGroup **out, size_t *n, Ctx *c, const Input *typed,
                            bool is_anonymous) MUST;
/* The answers as input of a new incident, with a title made from them; ERR_INVALID with issues when
 * something is missing. */
Err incident_declare_input(Input *out, Ctx *c, const Input *form) MUST;

/* ---- reports (incident_matrix.c, incident_reports.c, incident_parts.c, incident_delays.c,
 * incident_distribution.c, incident_triangle.c, incident_dates.c, incident_taxonomy_report.c) ----
 */
Err incident_report_matrix(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_trend(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_top(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_parts(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_taxonomy(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_ageing(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_quality(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_restated(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_committee(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_delays(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_ratios(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_distribution(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_triangle(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_dates(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_capital(Ctx *c, const PageArgs *args, Page *out); /* incident_capital.c */
Err incident_report_open_closed(Ctx *c, const PageArgs *args, Page *out);

/* ---- shared with the reports, beside model/report.h (incident_kit.c) ---- */
typedef struct Period {
    Str from, to;        /* ISO dates, inclusive */
    int32_t first, last; /* months */
    Str name;            /* "rolling_12" ... */
    Str label;
} Period;
/* period= ytd, qtd, rolling_12, rolling_36, rolling_120, custom (from= and to=, which win over any
 * other), relative to as_of= or today. */
Err incident_kit_period(Period *out, Ctx *c, const Input *query, const char *otherwise) MUST;
Err incident_kit_as_of(Str *out, Ctx *c, const Input *query) MUST; /* empty: now */
extern const Choice incident_kit_periods[];
size_t incident_kit_period_fields(FormField *out, Ctx *c, const Period *p); /* room for three */
Str incident_kit_states(Ctx *c, const Type *t); /* "a,b,c": those that count in figures */
/* First and last day of a month (year * 12 + month - 1). */
Str incident_kit_first_day(Ctx *c, int32_t month);
Str incident_kit_last_day(Ctx *c, int32_t month);
/* "2026", "Q3 2026", "07/2026": the step of `months` (1, 3, 12) that begins with `first`. */
Str incident_kit_step_label(Ctx *c, int32_t first, int months);
extern const Choice incident_kit_steps[]; /* step=month, quarter, year */
/* Value of a parameter that is one of `list`; the first when it is absent. */
Err incident_kit_choice(Str *out, Ctx *c, const Input *query, const char *name,
                        const Choice *list) MUST;
/* Address of the events that figures count, discovered in [from, to]; more: "event_kind=loss" ...
 */
Str incident_kit_events(Ctx *c, Str from, Str to, const char *more);
Str incident_kit_minor(Ctx *c, int64_t minor, Str currency); /* "1234.50", for addresses */
/* "01/01/2026 to 31/12/2026, in MAD" */
Str incident_kit_caption(Ctx *c, Str from, Str to, Str currency);
Block *incident_kit_how(Ctx *c, Str text); /* folded: how the figures are made */
Fact incident_kit_fact(const char *name, Str label, Cell cell);

#endif
