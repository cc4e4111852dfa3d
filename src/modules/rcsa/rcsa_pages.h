/* rcsa_pages.h: the pages and sections of the module and the small builders they share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODULES_RCSA_RCSA_PAGES_H
#define MODULES_RCSA_RCSA_PAGES_H

#include "model/report.h"
#include "modules/rcsa/rcsa_assess.h"
#include "modules/rcsa/rcsa_report_query.h"

/* ---- on records (rcsa_sections.c, rcsa_why.c, rcsa_campaign_pages.c, rcsa_method_pages.c) ---- */
Err rcsa_section_bow_tie(Ctx *c, const Record *risk, Block **out);
Err rcsa_section_losses(Ctx *c, const Record *risk, Block **out);
Err rcsa_section_rating(Ctx *c, const Record *risk, Block **out);
Err rcsa_section_control(Ctx *c, const Record *control, Block **out);
Err rcsa_section_contradictions(Ctx *c, const Record *assessment, Block **out);
Err rcsa_section_why(Ctx *c, const Record *assessment, Block **out);
Err rcsa_section_progress(Ctx *c, const Record *campaign, Block **out);
Err rcsa_section_matrix(Ctx *c, const Record *method, Block **out);
Err rcsa_section_trial(Ctx *c, const Record *method, Block **out);
Err rcsa_section_lot(Ctx *c, const Record *assignment, Block **out);
void rcsa_announce_incident(Ctx *c, const Record *incident); /* what the panel will ask */
Err rcsa_panel_incident(Ctx *c, const Record *incident, Block **out);

/* ---- pages ---- */
Err rcsa_page_map(Ctx *c, const PageArgs *args, Page *out);
Err rcsa_page_top(Ctx *c, const PageArgs *args, Page *out);
Err rcsa_page_processes(Ctx *c, const PageArgs *args, Page *out);
Err rcsa_page_controls(Ctx *c, const PageArgs *args, Page *out);
Err rcsa_page_appetite(Ctx *c, const PageArgs *args, Page *out);
Err rcsa_page_changes(Ctx *c, const PageArgs *args, Page *out);
Err rcsa_page_progress(Ctx *c, const PageArgs *args, Page *out);
Err rcsa_page_triggers(Ctx *c, const PageArgs *args, Page *out);
Err rcsa_page_sheet(Ctx *c, const PageArgs *args, Page *out);
Err rcsa_post_sheet(Ctx *c, const Input *form, const PageArgs *args, Str *redirect);
Err rcsa_page_version(Ctx *c, const PageArgs *args, Page *out);
Err rcsa_post_version(Ctx *c, const Input *form, const PageArgs *args, Str *redirect);

/* ---- shared builders (rcsa_page_kit.c) ---- */
/* unit, category, process (with all below), campaign and as_of of an address; issues name what is
 * wrong. */
typedef struct RcsaAsked {
    RcsaFilter filter;
    Str unit, category, process, campaign; /* codes and number as given */
    Record *of_campaign;                   /* NULL: none */
} RcsaAsked;
Err rcsa_asked(RcsaAsked *out, Ctx *c, const Input *query) MUST;
enum { ASK_UNIT = 1, ASK_CATEGORY = 2, ASK_PROCESS = 4, ASK_CAMPAIGN = 8, ASK_DAY = 16 };
/* The form of those parameters; `more` fields stand before them. */
Err rcsa_parameters(Block **out, Ctx *c, const char *path, const RcsaAsked *asked, unsigned which,
                    const FormField *more, size_t n_more) MUST;
/* "/risks?state.in=active,dormant" with the filters that were asked. */
Str rcsa_as_of(Ctx *c, Str sentence, Str day); /* with the day that it shows; empty: today */
Str rcsa_risks_href(Ctx *c, const RcsaAsked *asked);
Cell rcsa_class_cell(const Ctx *c, Str key);
Cell rcsa_position_cell(const Ctx *c, Str key);
Err rcsa_ref_cell(Cell *out, Ctx *c, const char *type, int64_t id) MUST;
/* A row of a report that opens a risk; its first two cells are the risk and the unit. */
Err rcsa_risk_row(Cell **cells, ReportList *l, Ctx *c, const Record *risk, int64_t unit) MUST;
Str rcsa_int(Ctx *c, int64_t i);
/* The risk map's frame: likelihood from high to low, impact from low to high, coloured by the
 * method. The cells' level is set, the rest empty. */
Block *rcsa_matrix(Ctx *c, const RcsaMethod *m, MatrixCell **cells);

/* The newest campaign that asks or asked (skip: the one before it ...), on c->as_of; NULL: none. */
Err rcsa_newest_campaign(Record **out, Ctx *c, size_t skip) MUST;
Err rcsa_no_campaign(Ctx *c, Page *out, const char *title) MUST; /* title: English key */

/* ---- lines of risks (rcsa_reports.c) ---- */
enum { RCSA_RISK_COLUMNS = 7 };
extern const Column rcsa_risk_columns[];
Err rcsa_risk_rows(ReportList *l, Ctx *c, const RcsaRiskLines *lines) MUST;

/* ---- appetite (rcsa_appetite.c) ---- */
/* Where we stand against each appetite in force on c->as_of; is_out: only those whose tolerance is
 * passed, in the few columns that fit a printed page. */
Err rcsa_appetites(ReportList *out, Ctx *c, bool is_out) MUST;
/* On the page for the committee (rcsa_committee.c). */
Err rcsa_section_committee(Ctx *c, const Page *page, Block **out);

/* ---- movements over the risk map (rcsa_moves.c) ---- */
typedef struct RcsaShift {
    int from_likelihood, from_impact, to_likelihood, to_impact;
    int64_t count;
    Str href;
} RcsaShift;
typedef struct RcsaShifts {
    RcsaShift *items;
    size_t n, cap;
} RcsaShifts;
/* Adds to an equal one, whose address stays; what has no place at an end is left out. */
void rcsa_shift_add(RcsaShifts *all, Ctx *c, RcsaShift s);
/* caption, from, to: English keys. */
Block *rcsa_moves(Ctx *c, const RcsaMethod *m, RcsaShifts *all, const char *caption,
                  const char *from, const char *to);

#endif
