/* page_list.h: what the files of a list's page share: its columns (page_columns.c), its rows
 * (page_rows.c), its small forms (page_list_form.c) and steps for several records (page_bulk.c).
 * Private to them. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_PAGE_LIST_H
#define MODEL_PAGE_LIST_H

#include "model/page_kit.h"

/* ---- columns ---- */
enum { PAGE_COLUMNS_MOST = 160 };
typedef struct PageColumns {
    PageColumn items[PAGE_COLUMNS_MOST];
    size_t n;
} PageColumns;
/* Adds a column once; nothing when there is none or it is hidden. */
void page_columns_add(PageColumns *out, Ctx *c, const Type *t, Str name, FieldSet hidden);
/* A module's own column, as things are today. */
void page_columns_add_module(PageColumns *out, const Ctx *c, const ColumnDef *d);
/* Is the field the key or a title, which every list shows anyway? */
bool page_columns_is_title(Ctx *c, const Type *t, const Field *f);
/* Those that fit a screen; those that were chosen or, without a choice, the same; all of them. */
void page_columns_screen(PageColumns *out, Ctx *c, const Type *t, FieldSet hidden);
void page_columns_chosen(PageColumns *out, Ctx *c, const PageQuery *q, FieldSet hidden);
void page_columns_machine(PageColumns *out, Ctx *c, const Type *t, FieldSet hidden);
/* As the view takes them, with the addresses that sort by them (HTML). */
Column *page_columns_view(Ctx *c, const PageQuery *q, const ListQuery *list,
                          const PageColumns *from, Format format);

/* ---- rows ---- */
typedef struct PageRows {
    Row *rows;
    int64_t *ids;
    size_t n, cap, cap_ids;
    uint64_t states; /* bit a state index that occurs */
} PageRows;
/* Rows of an export, read as they are asked for: its memory does not grow with them. */
RowSource page_rows_apart(Ctx *c, ListCursor *cursor, const PageColumns *columns);
/* All rows of the cursor at once. */
Err page_rows_read(PageRows *out, Ctx *c, ListCursor *cursor, const PageColumns *columns) MUST;

/* ---- several at once ---- */
bool page_bulk_offered(const Ctx *c, const Transition *t);
bool page_bulk_any(const Ctx *c, const Type *t);
/* The steps that may be taken from one of those states. */
void page_bulk_buttons(ListView *list, Ctx *c, const Type *t, uint64_t states);

/* ---- forms: columns, a view to be saved (query: what it keeps), all filters ---- */
void page_list_form_columns(Page *out, Ctx *c, const PageQuery *q, FieldSet hidden);
void page_list_form_view(Page *out, Ctx *c, const PageQuery *q, Str query);
Err page_list_form_filters(Page *out, Ctx *c, const PageQuery *q) MUST;

#endif
