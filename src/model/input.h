/* input.h: what somebody typed or sent, before it is checked: a flat list of names and texts.
 * Forms, JSON and imports all become an Input, so there is one way into a record. Flattening of
 * JSON: {"gross":{"amount":"1.50","currency":"MAD"}} -> gross.amount, gross.currency; arrays of
 * scalars -> the same name repeated (an empty array -> the name once with an empty text); arrays of
 * objects -> name[0].field, name[1].field; null -> empty text; true/false -> "true"/"false".
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_INPUT_H
#define MODEL_INPUT_H

#include "base/str.h"

typedef struct InputItem {
    Str name, value;
} InputItem;

typedef struct InputFile {
    Str field, name, content_type, bytes;
    bool is_unscanned; /* the virus scanner did not answer */
} InputFile;

typedef struct Input {
    InputItem *items;
    size_t n, cap;
    InputFile *files;
    size_t n_files, files_cap;
    size_t most;   /* names that a decoder may add; 0: what is usual (decode.h) */
    size_t n_text; /* bytes that a decoder has added */
} Input;

void input_add(Input *in, Arena *a, Str name, Str value);
void input_add_all(Input *in, Arena *a, const Input *more); /* each of them, in order */
bool input_has(const Input *in, Str name);
/* First value of that name, empty when absent. */
Str input_get(const Input *in, Str name);
Str input_getz(const Input *in, const char *name);
/* The k-th value of that name; false when there are fewer. */
bool input_nth(Str *out, const Input *in, Str name, size_t k);

#endif
