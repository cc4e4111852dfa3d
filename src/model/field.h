/* field.h: values and texts of one field; field_from_text, field_text and field_cell stand in
 * record.h. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_FIELD_H
#define MODEL_FIELD_H

#include "model/record.h"

/* amount as people type it in the reader's language; false when it is none or the currency is
 * unknown. */
bool field_money(Value *out, Ctx *c, Str amount, Str currency);
Cell field_ref_cell(Ctx *c, const Type *t, int64_t id);

/* ---- references to records that the actor may not read ---- */
/* One reference; or any of a field's. */
bool field_is_unseen(Ctx *c, const Field *f, Value v);
bool field_has_unseen(Ctx *c, const Field *f, Value v);
/* Nobody takes away what they may not see by leaving it out: `now` with the unseen references of
 * `before` that nothing else was given for. */
Value field_keep_unseen(Ctx *c, const Field *f, Value now, Value before);
/* A machine text kept earlier (history) as the actor may see it; *hides is set when something was
 * left out. */
Str field_seen_text(Ctx *c, const Field *f, Str text, bool *hides);

#endif
