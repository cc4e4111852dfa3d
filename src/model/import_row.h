/* import_row.h: one row of an import: mapped, matched, compared and, when it is no check, saved
 * with its children. Internal to model/. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_IMPORT_ROW_H
#define MODEL_IMPORT_ROW_H

#include "model/import.h"

/* Marks in ImportBatch.later. */
enum { IMPORT_WAITS = 1, IMPORT_SAME_KEY = 2 };

typedef struct ImportRow {
    ImportPlan *plan;
    ImportBatch *batch;
    size_t index;
    bool is_check, is_last_try;
    ImportAction action; /* IMPORT_NONE: it refers to a row of the file that is not saved yet */
    Str number, text;
    int64_t children_created, children_updated;
    bool waits, is_bad; /* while it runs */
} ImportRow;

/* OK also for a bad row (action IMPORT_REJECT, reasons in the report). */
Err import_row(ImportRow *row, Ctx *c) MUST;
/* Does the batch have a row with this key? */
bool import_has_key(const ImportBatch *b, Str key);
size_t import_key_row(const ImportBatch *b, Str key); /* its first row; SIZE_MAX */

#endif
