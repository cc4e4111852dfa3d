/* asked.h: a few fields of a record, asked of a person in a form of their own: which may be asked,
 * what the form shows of them, and the record around them to read. Saves nothing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_ASKED_H
#define MODEL_ASKED_H

#include "model/pages.h"

typedef struct Asked {
    const Field **items;
    size_t n;
} Asked;

/* May the field be asked at all: written by people at any time, hidden from no role, one value or
 * several, no file and no table. */
bool asked_allows(const Type *t, const Field *f);
/* The fields of a list of names (blanks or commas between them). *unknown: the first name that is
 * none or may not be asked; empty: all are. */
void asked_parse(Asked *out, Str *unknown, Ctx *c, const Type *t, Str names);
/* May it be written in the record's present state? */
bool asked_is_open(const Field *f, const Record *r);
/* A value out of its machine text, within the field's bounds; ERR_INVALID with issues otherwise. */
Err asked_value(Value *out, Ctx *c, const Field *f, Str text) MUST;
/* Those that are open as form fields: what was typed, else what `values` holds. */
Err asked_form(FormField **out, size_t *n, Ctx *c, const Asked *asked, const Record *values,
               const Input *typed) MUST;
/* The record to read beside the form, without what is asked there; a link leads to all of it. */
Err asked_context(Block **out, Ctx *c, const Record *r, const Asked *asked) MUST;

#endif
