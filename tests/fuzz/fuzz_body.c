/* fuzz_body.c: a request's body through the one decoder: the first byte picks the content type.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const types[] = {"application/x-www-form-urlencoded",
                                        "multipart/form-data; boundary=x", "application/json",
                                        "text/plain"};
    if (size < 1 || size > 65536) return 0;
    Arena *a = arena_new(64 << 20);
    Input in = {0};
    Str why = {0};
    Err e = decode_body(&in, &why, a, str_of(types[data[0] % 4]),
                        (Str){(const char *)data + 1, size - 1});
    CHECK(e == OK || e == ERR_INVALID,
          "a decoder either takes a body or says what is wrong with it");
    CHECK(in.n <= 2000 && in.n_files <= 64, "more names or files than allowed");
    arena_free(a);
    return 0;
}
