/* input.c: the flat list of names and texts (and files) that somebody sent. Knows neither forms nor
 * JSON nor records: web/decode.c and the imports fill it, model/ reads it. Lists are short and
 * bounded by whoever fills them, so looking up is a walk. SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "model/input.h"

void input_add(Input *in, Arena *a, Str name, Str value) {
    GROW(a, in->items, in->n, in->cap);
    in->items[in->n++] = (InputItem){.name = name, .value = value};
}

void input_add_all(Input *in, Arena *a, const Input *more) {
    for (size_t i = 0; i < more->n; i++)
        input_add(in, a, more->items[i].name, more->items[i].value);
}

bool input_has(const Input *in, Str name) {
    Str ignored;
    return input_nth(&ignored, in, name, 0);
}

Str input_get(const Input *in, Str name) {
    Str value;
    return input_nth(&value, in, name, 0) ? value : (Str){0};
}

Str input_getz(const Input *in, const char *name) {
    return input_get(in, str_of(name));
}

bool input_nth(Str *out, const Input *in, Str name, size_t k) {
    for (size_t i = 0; i < in->n; i++) {
        if (!str_eq(in->items[i].name, name)) continue;
        if (k == 0) {
            *out = in->items[i].value;
            return true;
        }
        k--;
    }
    *out = (Str){0};
    return false;
}
