/* render_internal.h: what the HTML walkers and the block templates share. Private to the render
 * files and block templates; everybody else reads render.h. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef WEB_RENDER_INTERNAL_H
#define WEB_RENDER_INTERNAL_H

#include "base/clock.h"
#include "web/html.h"

/* ---- shell (render_html.c) ---- */
const char *render_dir(const Html *h);       /* "ltr" "rtl" */
Str render_asset(Html *h, const char *name); /* versioned address */
bool render_same_place(const NavItem *a, const NavItem *b);
const char *render_place_label(const NavItem *item); /* English, NULL: the place needs no title */
Str render_initials(Html *h, Str name);
void render_page_count(Html *h, const Page *page); /* count beside the title of a list page */
void render_notice(Html *h, const Page *page);     /* flash of the shell */
size_t render_quiet_facts(const FactsView *v);
/* words: of tr_n(), with {0} for the number. */
Str render_count_words(Html *h, const char *words, size_t n);

/* ---- blocks (render_html.c) ---- */
void render_block(Html *h, const Block *b);
void render_items(Html *h, const LayoutView *v);
void render_id(Html *h, const char *id); /* an id attribute, or nothing */
void render_heading(Html *h, const char *look, Str text, const char *id);
const char *render_layout_class(const LayoutView *v);
/* look NULL: a plain or primary button. */
void render_button(Html *h, const Button *b, const char *look);
/* The first primary one and up to `beside` others stand in the open, the rest in a menu. */
void render_buttons(Html *h, const Button *buttons, size_t n, size_t beside);
void render_page_buttons(Html *h, const Page *page);
void render_icon(Html *h, const char *name);
const char *render_tone(Tone tone); /* class */
const char *render_tone_icon(Tone tone);

void render_qr(Html *h, const QrView *v, const char *id); /* render_qr.c */

/* ---- values (render_cell.c) ---- */
void render_cell(Html *h, const Cell *c);
void render_cell_plain(Html *h, const Cell *c); /* without its link: inside another link */
void render_cell_short(Html *h, const Cell *c); /* long text is cut */
/* In a cell of a list or ledger: short; `is_linked`: inside the link of its row. */
void render_cell_row(Html *h, const Cell *c, bool is_linked);
void render_figure(Html *h, const Cell *c);  /* large */
void render_compact(Html *h, const Cell *c); /* an amount as "1,2 M" */
Str render_number(Html *h, int64_t i);
Str render_unread(Html *h); /* "3 unread notices" */
Str render_date(Html *h, Str iso);
Str render_instant(Html *h, int64_t us);

/* ---- lists and matrices (render_list.c) ---- */
/* render_rows.c */
typedef struct RowLook {
    const Column *columns;
    size_t n;
    const HtmlSafe *cells; /* how each cell begins, by column; see render_row_look */
    size_t link;           /* the column that carries the row's link; n: none */
    bool is_chosen;        /* a box to choose the row by */
    bool is_labelled;      /* a phone shows the column's label beside figures and words */
    bool needs_main;       /* only a main column may carry the row's link */
} RowLook;
const char *render_column_class(const Column *c);  /* may be empty */
void render_column_head(Html *h, const Column *c); /* the whole head cell */
void render_column_cell(Html *h, const Column *column, const Cell *c, bool is_labelled);
void render_row_look(Html *h, RowLook *look); /* once before the rows */
void render_row(Html *h, const Row *row, const RowLook *look);
/* Draws `row` and all that follow it. */
void render_rows(Html *h, const ListView *v, Row *row, Arena *scratch, Err *err);
size_t render_active_filters(const ListView *v);
bool render_is_filtered(const ListView *v);
Arena *render_scratch(Html *h); /* freed with the request */
/* Parameters of the address that the filter form must keep, as hidden fields. */
void render_query_inputs(Html *h, const ListView *v);
Str render_path_of(Str address); /* without its query */
Str render_export(Html *h, Str path, const char *suffix, Str query);
void render_indent(Html *h, int depth);
void render_grid(Html *h, const MatrixView *v, const char *id);  /* render_grid.c */
void render_moves(Html *h, const MatrixView *v, const char *id); /* render_moves.c */
void render_matrix_cell(Html *h, const MatrixView *v, const MatrixCell *c, bool is_total);
const char *render_level_sign(int level); /* "I" .. "V" */

/* ---- forms (render_form.c) ---- */
size_t render_form_errors(const FormView *v);
bool render_group_errors(const FormGroup *g);
bool render_is_long_form(const FormView *v); /* gets a list of its parts beside it */
void render_error_links(Html *h, const FormView *v);
void render_field(Html *h, const FormField *f, Str name);
void render_input(Html *h, const FormField *f, Str name, Str id);
void render_listed_choice(Html *h, const FormField *f, const FilterOption *o, Str name);
void render_choices(Html *h, const FormField *f, Str name);
void render_choice(Html *h, const FormField *f, const FilterOption *o, Str name, const char *look);
Str render_far_choice(const FormField *f);
void render_describe(Html *h, const FormField *f, Str id); /* aria attributes */
void render_filled(Html *h, const FormGroup *g);           /* how much of it is filled */
bool render_is_more(const FormField *f);                   /* folded under "More" */
void render_only_if(Html *h, const FormField *f);          /* what script hides and counts it by */
bool render_is_group_field(const FormField *f);            /* several inputs: needs a fieldset */
bool render_is_true(const FormField *f);
const char *render_field_width(const FormField *f);
Str render_field_id(Html *h, Str name);
Str render_value(const FormField *f);
/* "name[3]" */
Str render_child_name(Html *h, Str name, size_t i);
Str render_child_field(Html *h, Str row, Str field);

/* ---- parameters of a report (render_toolbar.c) ---- */
/* The address with one choice changed; what depends on another choice is left out. */
Str render_toolbar_href(Html *h, const FormView *v, const FormField *changed, Str value);
bool render_is_choice(const FormField *f);
bool render_is_chosen(const FormField *f, const FilterOption *o);
Str render_chosen_label(const FormField *f);
size_t render_typed_fields(const FormView *v, size_t *filled, bool *wrong);

/* ---- charts (render_chart.c) ---- */
void render_chart(Html *h, const ChartView *v, const char *id);

/* ---- time axes (render_gantt.c) ---- */
void render_gantt(Html *h, const GanttView *v, const char *id);

#endif
