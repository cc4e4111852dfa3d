/* kit.h: small parts that the pages of work/ share. Knows no SQL and no markup.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_KIT_H
#define WORK_KIT_H

#include "work/work.h"

#define FILL(c, pattern, ...)                                                                      \
    tr_fill((c)->arena, (pattern), (const Str[]){__VA_ARGS__}, LENGTH(((const Str[]){__VA_ARGS__})))

typedef struct KitColumn {
    const char *name, *label; /* N_() */
    CellKind kind;
    bool is_main, is_hidden; /* is_hidden: machine formats only */
} KitColumn;
/* A list inside a page; rows hold one cell for each column. */
Block *kit_list(Ctx *c, const KitColumn *columns, size_t n_columns, const Row *rows, size_t n,
                const char *empty);
/* A field of a form with what was typed, else `value`, and the issues that name it. */
FormField kit_field(Ctx *c, const char *name, const char *label, InputKind kind, Str value,
                    const Input *typed);
/* options: pairs of value and N_() label, ended by NULL. */
void kit_options(Ctx *c, FormField *f, const char *const *options);
Block *kit_form(Ctx *c, const char *action, const FormField *fields, size_t n, const char *submit);
/* Issues without a field, above the form. */
void kit_form_errors(Ctx *c, Block *form);
/* A form of one button that sends NAME=VALUE. */
Button kit_post(Ctx *c, const char *label, Str href, const char *name, Str value);
Block *kit_section(Ctx *c, const char *title, const char *text, Block *inside);
bool kit_state(const Record *r, const char *state);
Str kit_text_int(Ctx *c, int64_t i);
/* Runs as somebody else, or as the system (user 0), with rights and language of theirs: a context
 * of its own on the same transaction. ERR_MISSING: no such active person. */
Err kit_as(Ctx **out, Ctx *c, int64_t user) MUST;

#endif
