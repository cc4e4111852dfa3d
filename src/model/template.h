/* template.h: an empty Excel workbook for the import of a type: headers in the reader's language,
 * lists to choose from, a second sheet for records that belong to the first (entries of incidents).
 * Knows no HTTP. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_TEMPLATE_H
#define MODEL_TEMPLATE_H

#include "model/record.h"

/* *fd is an unlinked temporary file of *size bytes, the caller closes it. ERR_DENIED without the
 * right to import. */
Err template_write(int *fd, int64_t *size, Ctx *c, const Type *t) MUST;

#endif
