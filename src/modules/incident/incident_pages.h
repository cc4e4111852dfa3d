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

/* ---- reports (incident_matrix.c, incident_reports.c, incident_parts.c) ---- */
Err incident_report_matrix(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_trend(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_top(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_parts(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_ageing(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_quality(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_restated(Ctx *c, const PageArgs *args, Page *out);
Err incident_report_committee(Ctx *c, const PageArgs *args, Page *out);

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
Fact incident_kit_fact(const char *name, Str label, Cell cell);

#endif
