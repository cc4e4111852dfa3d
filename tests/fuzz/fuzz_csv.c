/* fuzz_csv.c: a table of text or JSON that somebody brings: the first byte picks separator,
 * character set and lines to skip. What is read is bounded, valid UTF-8 and inside its headers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"
#include "model/table_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(Str s) {
    CHECK(utf8_is_valid(s), "a cell is no UTF-8");
    for (size_t i = 0; i < s.n; i++) CHECK(s.p[i] != 0, "a NUL in a cell");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const encodings[] = {"",           "utf-8",    "windows-1252",
                                            "iso-8859-6", "utf-16le", "no-such-set"};
    if (size < 1 || size > 65536) return 0;
    TableOptions options = {.delimiter = ";,\t\0"[data[0] % 4],
                            .encoding = str_of(encodings[data[0] / 4 % LENGTH(encodings)]),
                            .skip = data[0] / 32 % 3};
    Arena *a = arena_new(256 << 20);
    TableFile file;
    const char *why = NULL;
    Err e = table_read(&file, &why, a, (Str){(const char *)data + 1, size - 1}, &options);
    CHECK(e == OK || (e == ERR_INVALID && why && why[0]), "read, or refused in words");
    for (size_t i = 0; e == OK && i < file.n; i++) {
        const Table *t = &file.items[i];
        CHECK(t->n_headers <= TABLE_MAX_COLUMNS, "too many columns");
        for (size_t k = 0; k < t->n_headers; k++) check_text(t->headers[k]);
        for (size_t r = 0; r < t->n_rows; r++) {
            TableRow row = table_row(t, r, a);
            CHECK(row.n <= t->n_headers, "a row is wider than its headers");
            CHECK(!r || row.row > t->rows[r - 1].row, "rows out of order");
            for (size_t k = 0; k < row.n; k++) check_text(row.cells[k]);
        }
    }
    arena_free(a);
    return 0;
}
