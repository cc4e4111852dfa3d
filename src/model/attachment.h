/* attachment.h: which record a stored file belongs to, and whether the reader may see it there.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_ATTACHMENT_H
#define MODEL_ATTACHMENT_H

#include "model/record.h"
#include "store/file_store.h"

/* ERR_MISSING when no record that the actor may read holds the file in a field that he may see. */
Err attachment_find(StoredFile *out, Record **owner, Ctx *c, int64_t id) MUST;
/* Stores the files of an input that belong to KIND_FILES fields of t and adds their ids as values,
 * in the caller's writing transaction. On a change (before not NULL) files already there are kept
 * when the input names none of them. */
Err attachment_take(Ctx *c, const Type *t, const Record *before, Input *in) MUST;

#endif
