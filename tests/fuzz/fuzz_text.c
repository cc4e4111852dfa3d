/* fuzz_text.c: what people type: dates, amounts, words to fold. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "base/clock.h"
#include "base/money.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 4096) return 0;
    Arena *a = arena_new(64 << 20);
    Str s = {(const char *)data, size};
    int64_t n;
    if (date_parse_loose(&n, s) || date_parse(&n, s)) {
        int64_t back;
        CHECK(date_parse(&back, date_text(a, n)) && back == n, "a date changed on its way");
    }
    if (instant_parse(&n, s)) CHECK(instant_text(a, n).n > 0, "an instant without a text");
    for (int scale = 0; scale <= 9; scale++) {
        int64_t again;
        if (decimal_parse_loose(&n, s, scale, true) || decimal_parse(&n, s, scale))
            CHECK(decimal_parse(&again, decimal_text(a, n, scale), scale) && again == n,
                  "an amount changed on its way");
    }
    if (utf8_is_valid(s)) {
        Str folded = utf8_fold(a, s);
        CHECK(utf8_is_valid(folded) && str_eq(folded, utf8_fold(a, folded)),
              "folding twice is folding once");
        CHECK(utf8_is_valid(utf8_search_text(a, folded)), "bad search text");
    }
    arena_free(a);
    return 0;
}
