/* render_table.h: the main block of a page as columns and rows, for the formats that are tables
 * (CSV, XLSX) or hold one (JSON). Private to the renderers. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef WEB_RENDER_TABLE_H
#define WEB_RENDER_TABLE_H

#include "web/render.h"

typedef struct Table {
    const Column *columns;
    size_t n_columns;
    RowSource rows;
} Table;

/* ERR_MISSING when the page has nothing that can stand in a table. */
Err render_table_of(Table *out, Arena *a, const Page *page) MUST;
/* The rows of a time axis with their bars in figures. */
void render_table_gantt(Table *out, Arena *a, const GanttView *v);
/* The movements of a matrix, with what they go from and to in words. */
void render_table_moves(Table *out, Arena *a, const MatrixView *v);
/* A cell as machine text: exact numbers without grouping, RFC 3339, keys of choices. */
Str render_table_text(Arena *a, const Cell *c);
/* A spreadsheet would take the text for a formula. */
bool render_table_is_formula(Str text);
bool render_table_is_words(CellKind kind); /* text, to which the guard above applies */
/* An open, already unlinked file in the temporary folder. */
Err render_table_file(int *out_fd) MUST;

#endif
