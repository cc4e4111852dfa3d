/* fuzz_query.c: query strings and percent escapes. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"
#include "web/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 16384) return 0;
    Arena *a = arena_new(64 << 20);
    Input in = {0};
    if (decode_query(&in, a, (Str){(const char *)data, size}) == OK)
        for (size_t i = 0; i < in.n; i++)
            CHECK(utf8_is_valid(in.items[i].name) && utf8_is_valid(in.items[i].value),
                  "bad text let through");
    arena_free(a);
    return 0;
}
