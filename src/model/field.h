/* field.h: values and texts of one field; field_from_text, field_text and field_cell stand in
 * record.h. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_FIELD_H
#define MODEL_FIELD_H

#include "model/record.h"

/* amount as people type it in the reader's language; false when it is none or the currency is
 * unknown. */
bool field_money(Value *out, Ctx *c, Str amount, Str currency);
Cell field_ref_cell(Ctx *c, const Type *t, int64_t id);

#endif
