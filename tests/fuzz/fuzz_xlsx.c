/* fuzz_xlsx.c: Excel workbooks. An input that begins with PK is taken as the file; any other is
 * cut at lines "---" into the parts (sheet, texts, styles, workbook) of one that is packed here, so
 * that the fuzzer reaches the XML. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"
#include "model/table_read.h"

#include <stdlib.h>
#include <zip.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char book_part[] =
    "<workbook xmlns=\"m\" xmlns:r=\"r\"><workbookPr/><sheets><sheet name=\"A\" sheetId=\"1\" "
    "r:id=\"s1\"/></sheets></workbook>";
static const char rels_part[] =
    "<Relationships><Relationship Id=\"s1\" Target=\"worksheets/sheet1.xml\"/></Relationships>";

static void add(zip_t *zip, const char *name, Str bytes) {
    zip_source_t *s = zip_source_buffer(zip, bytes.p, bytes.n, 0);
    CHECK(s && zip_file_add(zip, name, s, ZIP_FL_OVERWRITE) >= 0, "no place in the zip");
}

static Str packed(Arena *a, Str text) {
    Str parts[4] = {{0}, {0}, {0}, {book_part, sizeof book_part - 1}};
    for (size_t i = 0; i < LENGTH(parts) && text.n; i++) {
        ptrdiff_t cut = str_find(text, S("\n---\n"));
        parts[i] = cut < 0 ? text : str_sub(text, 0, (size_t)cut);
        text = cut < 0 ? (Str){0} : str_sub(text, (size_t)cut + 5, text.n);
    }
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *out = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_t *zip = out ? zip_open_from_source(out, ZIP_CREATE | ZIP_TRUNCATE, &error) : NULL;
    CHECK(zip, "no zip in memory");
    zip_source_keep(out);
    add(zip, "xl/workbook.xml", parts[3]);
    add(zip, "xl/_rels/workbook.xml.rels", (Str){rels_part, sizeof rels_part - 1});
    add(zip, "xl/worksheets/sheet1.xml", parts[0]);
    if (parts[1].n) add(zip, "xl/sharedStrings.xml", parts[1]);
    if (parts[2].n) add(zip, "xl/styles.xml", parts[2]);
    CHECK(zip_close(zip) == 0 && zip_source_open(out) == 0, "the zip is not written");
    zip_source_seek(out, 0, SEEK_END);
    size_t n = (size_t)zip_source_tell(out);
    zip_source_seek(out, 0, SEEK_SET);
    char *bytes = arena_alloc(a, n + 1);
    CHECK(zip_source_read(out, bytes, n) == (zip_int64_t)n, "the zip is not read");
    zip_source_close(out);
    zip_source_free(out);
    zip_error_fini(&error);
    return (Str){bytes, n};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1 || size > 65536) return 0;
    Arena *a = arena_new(256 << 20);
    TableFile file;
    const char *why = NULL;
    Str bytes = {(const char *)data, size};
    if (!str_starts(bytes, S("PK"))) bytes = packed(a, bytes);
    Err e = table_read(&file, &why, a, bytes, NULL);
    CHECK(e == OK || (e == ERR_INVALID && why && why[0]), "read, or refused in words");
    for (size_t i = 0; e == OK && i < file.n; i++) {
        const Table *t = &file.items[i];
        CHECK(t->n_headers <= TABLE_MAX_COLUMNS, "too many columns");
        for (size_t r = 0; r < t->n_rows; r++) {
            TableRow row = table_row(t, r, a);
            CHECK(row.n <= t->n_headers, "a row is wider than its headers");
            for (size_t k = 0; k < row.n; k++)
                CHECK(utf8_is_valid(row.cells[k]), "a cell is no UTF-8");
        }
    }
    arena_free(a);
    return 0;
}
