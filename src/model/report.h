/* report.h: builders that the report pages of modules share: plain lists of their own columns,
 * forms of parameters, addresses with a value. Labels are given as English keys and come out in the
 * reader's language. Knows no SQL and no markup. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_REPORT_H
#define MODEL_REPORT_H

#include "model/record.h"

/* ---- lists ---- */
typedef struct ReportList {
    Ctx *c;
    Column *columns;
    size_t n_columns;
    Row *rows;
    size_t n, cap;
} ReportList;
/* columns: labels are S(N_("...")). */
ReportList report_list(Ctx *c, const Column *columns, size_t n);
Cell *report_row(ReportList *l, Str id, Str href); /* one cell a column, to be filled */
/* path: address of the page for its exports, with what `query` held; NULL: no export. empty:
 * English key. */
Block *report_block(ReportList *l, const char *path, const Input *query, const char *empty);

/* ---- cells ---- */
Cell report_count(int64_t n, Str href); /* 0 has no link */
Cell report_money(int64_t minor, Str currency);
Cell report_state(const Ctx *c, const Record *r);
Cell report_ref(const Ctx *c, const Record *r); /* number, title and link of a record */
Err report_unit(Cell *out, Ctx *c, int64_t unit) MUST;
Err report_person(Cell *out, Ctx *c, int64_t user) MUST;
/* Label and tone of a choice field's value; empty when it has none. */
Cell report_choice_cell(const Ctx *c, const Record *r, const char *field);

/* ---- parameters ---- */
FormField report_choice(Ctx *c, const char *name, const char *label, const Choice *choices,
                        Str chosen);
/* The same with "All" before the choices, for an empty value. */
FormField report_filter(Ctx *c, const char *name, const char *label, const Choice *choices,
                        Str chosen);
FormField report_text(Ctx *c, const char *name, const char *label, InputKind kind, Str value);
/* The units of the organisation as a tree. */
Err report_unit_field(FormField *out, Ctx *c, const char *name, const char *label, Str chosen) MUST;
/* One row of choices that act at once; what is typed stands in a menu of its own. */
Block *report_parameters(Ctx *c, const char *path, const FormField *fields, size_t n);

/* Hundredths of a per cent as people read it, in the reader's language: "12,5 %". */
Str report_share(Ctx *c, int64_t hundredths);

/* ---- filters ---- */
/* A report over records of a type takes the filters of its list beside parameters of its own. */
typedef struct ReportFilters {
    Input filters; /* those in force; "format" and the like are left out */
    Block *bar;    /* each as a sentence, and the button that opens the panel */
    Block *panel;  /* ?filters_form=1: shown instead of the report; else NULL */
} ReportFilters;
/* own: names of the report's parameters, ends with NULL. */
Err report_filters(ReportFilters *out, Ctx *c, const Type *t, const char *path, const Input *query,
                   const char *const *own) MUST;
/* They are kept by a form of parameters: fields that nobody sees, as long as `only_if` ("basis=x")
 * holds. -> how many were written, at most REPORT_KEPT. */
enum { REPORT_KEPT = 12 };
size_t report_keep(FormField *out, Ctx *c, const ReportFilters *filters, Str only_if);

/* ---- addresses ---- */
/* address with ?name=value or &name=value after it, escaped. */
Str report_link(Ctx *c, Str address, const char *name, Str value);
Str report_day_words(Ctx *c, Str iso); /* "31/03/2026", inside sentences */
int32_t report_month(Str day);         /* year * 12 + month - 1; 0 when it is no date */

#endif
