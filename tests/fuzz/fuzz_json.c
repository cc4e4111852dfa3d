/* fuzz_json.c: reading JSON; what was read can be written and read again. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 65536) return 0;
    Arena *a = arena_new(128 << 20);
    const JsonValue *j = NULL;
    Str why = {0};
    if (json_parse(&j, &why, a, (Str){(const char *)data, size}) == OK && j->kind == J_STRING) {
        Text t = text_new(a, 0);
        Json w = json_new(&t);
        const JsonValue *again = NULL;
        json_str(&w, j->s);
        CHECK(json_parse(&again, &why, a, text_str(&t)) == OK && str_eq(again->s, j->s),
              "a string changed on its way");
    }
    arena_free(a);
    return 0;
}
