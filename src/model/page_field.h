/* page_field.h: one field of a form, shared by the files of forms. Private to the page_*.c files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_PAGE_FIELD_H
#define MODEL_PAGE_FIELD_H

#include "model/page_kit.h"

/* Is `name` that of `base` or of a part of it ("loss", "loss.amount", "causes[0].cause")? */
bool page_field_part_of(Str name, Str base);
bool page_field_is_typed(const Input *typed, Str base);
void page_field_add_value(FormField *out, Arena *a, Str value);
/* Everything but child rows; `name` is that under which it was typed. */
Err page_field_fill(FormField *out, Ctx *c, const Field *f, const Record *r, Value stored, Str name,
                    const Input *typed) MUST;

#endif
