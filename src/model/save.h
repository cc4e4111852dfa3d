/* save.h: steps of a save that record_input.c and record_save.c share. Internal to model/.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_SAVE_H
#define MODEL_SAVE_H

#include "model/record.h"

/* May the field be written at all in the record's state (rights aside)? */
bool save_field_writable(const Field *f, const Record *r, bool is_new);
/* What a step sends along: fields flagged F_STEP too. */
Err save_read_step(Record *r, Ctx *c, const Input *in) MUST;
/* Fields that the actor may not fill when creating: hidden under every grant with OP_CREATE. */
Err save_hidden_at_creation(FieldSet *out, Ctx *c, const Record *r) MUST;
/* One value out of its text, within the field's bounds; issues name the field. */
Value save_read_text(Ctx *c, const Field *f, Str text);
/* "causes[0].taxon" -> causes, 0, taxon; "gross.amount" -> gross, -1, amount. False for other
 * shapes. */
bool save_name_split(Str *base, int64_t *index, Str *rest, Str name);
/* A new record as by record_create. parent: of a child made with it, NULL otherwise. step: taken in
 * the same save (TRANSITION_AT_ONCE), NULL: none. */
Err save_create(Record **out, Ctx *c, const Type *t, const Input *in, const Record *parent,
                const Transition *step) MUST;
/* Does what it depends on (only_if) hold? */
bool save_field_asked(const Field *f, const Record *r);
/* Does the record hold "field=value", or one of "field=value|other"? */
bool save_says(const Record *r, const char *condition);
/* Is the field needed in this state (only_if, required, leave)? */
bool save_field_required(const Field *f, const Record *r);

#endif
