/* import_page.h: the parts of the pages under /import. Internal to model/. Knows no HTTP and no
 * markup. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_IMPORT_PAGE_H
#define MODEL_IMPORT_PAGE_H

#include "model/import_work.h"
#include "model/page_kit.h"

/* ---- import_pages.c ---- */
/* May the actor import records of the type at all? */
Err import_may(bool *out, Ctx *c, const Type *t) MUST;

/* ---- import_form.c: sending a file ---- */
Err import_upload_form(Block **out, Ctx *c, const Input *typed) MUST;
Err import_upload(Ctx *c, const Input *form, Str *redirect) MUST;
/* What was typed, and what is wrong with it. */
void import_keep_typed(Ctx *c, FormField *f, const Input *typed);

/* ---- import_columns.c: which column fills which field ---- */
Err import_columns_page(Ctx *c, const ImportRun *run, const Input *typed, Page *out) MUST;
Err import_columns_post(Ctx *c, const ImportRun *run, const Input *form, Str *redirect) MUST;

/* ---- import_guess.c ---- */
/* The option that the value most likely means; empty: none, or several. */
Str import_guess(Ctx *c, const FilterOption *options, size_t n, Str value);

/* ---- import_show.c: what it would do, or did ---- */
Block *import_figures(Ctx *c, const ImportRun *run, const ImportReport *r);
/* most: rows shown; the machine formats get them all. */
Block *import_rejected(Ctx *c, const ImportReport *r, size_t most);
/* Sums of amounts beside the sheet's own totals; NULL: no amounts. */
Block *import_sums_list(Ctx *c, const ImportReport *r);
Block *import_lines(Ctx *c, const ImportReport *r);
Block *import_ignored(Ctx *c, const ImportReport *r);
Block *import_progress(Ctx *c, const ImportRun *run);
Err import_left(Block **out, Ctx *c, int64_t run) MUST; /* what was kept when it was taken back */
Cell import_state_cell(Ctx *c, Str state);
Block *import_plain_list(Ctx *c, const Column *columns, size_t n_columns, const Row *rows, size_t n,
                         const char *empty);
Column import_column(Ctx *c, const char *name, const char *label, CellKind kind);

#endif
