/* test_table_read.c: files of any kind as tables: separators, character sets, quoting, hostile
 * workbooks, JSON. SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>
#include <zip.h>

#include "model/table_read.h"

#define cell(f, row, column) cell_in(a, f, row, column)
static Str cell_in(Arena *a, const TableFile *f, size_t row, size_t column) {
    TableRow r = table_row(&f->items[0], row, a);
    return table_cell(&r, column);
}

static void is(Str s, const char *expected) {
    if (!str_is(s, expected)) print_error("got '%.*s', expected '%s'\n", FMT(s), expected);
    assert_true(str_is(s, expected));
}

static Err read_text(TableFile *f, Arena *a, Str text) {
    const char *why;
    Err e = table_read(f, &why, a, text, NULL);
    if (e != OK) print_message("refused: %s\n", why);
    return e;
}

void test_csv_separators_and_quotes(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    TableFile f;
    assert_int_equal(
        read_text(&f, a, S("a;b;c\r\n1;\"x \"\"y\"\"\r\nz\";3,5\r\n\r\n;;\r\n4;5\r\n")), OK);
    assert_int_equal(f.delimiter, ';');
    assert_int_equal(f.items[0].n_rows, 2);
    is(cell(&f, 0, 1), "x \"y\"\r\nz");
    is(cell(&f, 0, 2), "3,5");
    assert_int_equal(f.items[0].rows[1].row, 5);
    is(cell(&f, 1, 2), "");
    assert_int_equal(read_text(&f, a, S("a\tb\n1\t2\n")), OK);
    assert_int_equal(f.delimiter, '\t');
    assert_int_equal(read_text(&f, a, S("sep=|\na|b\n1|2\n")), OK);
    is(cell(&f, 0, 1), "2");
    assert_int_equal(read_text(&f, a, S("a,b\n1,\"open\n")), ERR_INVALID);
    assert_int_equal(read_text(&f, a, S("a,b\n1,\"x\"y\n")), ERR_INVALID);
    assert_int_equal(read_text(&f, a, S("a,b\n1,2,3\n")), ERR_INVALID);
    assert_int_equal(read_text(&f, a, S("")), ERR_INVALID);
    arena_free(a);
}

void test_headers_below_titles(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    TableFile f;
    const char *why;
    /* A title, a blank line, groups of columns, then the headers. */
    assert_int_equal(read_text(&f, a,
                               S("Pertes 2015-2024\n\n;;Dates;;Montants\nNum;Agence;Constat;"
                                 "Compta;Brut\n1;Rabat;01/02/2015;;12,5\n2;Casa;;;3\n")),
                     OK);
    assert_int_equal(f.delimiter, ';');
    assert_int_equal(f.items[0].header_row, 4);
    assert_int_equal(f.items[0].n_above, 2);
    is(f.items[0].headers[1], "Agence");
    assert_int_equal(f.items[0].n_rows, 2);
    assert_int_equal(f.items[0].rows[0].row, 5);
    is(cell(&f, 0, 2), "01/02/2015");
    /* Nothing above that is a title: the first row, also when another would look better. */
    assert_int_equal(read_text(&f, a, S("a;b;\n1;2;3\n")), ERR_INVALID);
    assert_int_equal(read_text(&f, a, S("a\n1,5\n2,5\n")), ERR_INVALID);
    assert_int_equal(read_text(&f, a, S("Only\nx\ny\n")), OK);
    assert_int_equal(f.items[0].header_row, 1);
    /* Told: no looking. */
    TableOptions told = {.has_skip = true};
    assert_int_equal(table_read(&f, &why, a, S("Title\na;b\n"), &told), ERR_INVALID);
    told.skip = 1;
    assert_int_equal(table_read(&f, &why, a, S("x;y\na;b\n1;2\n"), &told), OK);
    is(f.items[0].headers[0], "a");
    arena_free(a);
}

void test_csv_character_sets(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    TableFile f;
    assert_int_equal(read_text(&f, a, S("\xEF\xBB\xBFlibell\xC3\xA9;b\n1;2\n")), OK);
    is(f.items[0].headers[0], "libell\xC3\xA9");
    assert_int_equal(
        read_text(&f, a, S("libell\xE9;d\xE9tail\nvol \xE0 l'agence \x97 caf\xE9;2 \x80\n")), OK);
    is(f.items[0].headers[0], "libell\xC3\xA9");
    is(cell(&f, 0, 1), "2 \xE2\x82\xAC");
    static const char le[] = "\xFF\xFE"
                             "a\0;\0b\0\n\0\xE9\0;\0"
                             "2\0\n\0";
    assert_int_equal(read_text(&f, a, (Str){le, sizeof le - 1}), OK);
    is(cell(&f, 0, 0), "\xC3\xA9");
    static const char be[] = "\0a\0;\0b\0\n\0x\0;\0y\0\n";
    assert_int_equal(read_text(&f, a, (Str){be, sizeof be - 1}), OK);
    is(cell(&f, 0, 1), "y");
    arena_free(a);
}

void test_json_rows(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    TableFile f;
    assert_int_equal(
        read_text(&f, a,
                  S("[{\"a\":1,\"b\":{\"c\":\"x\",\"d\":[1,2]}},{\"b\":{\"e\":null},\"z\":1.50}]")),
        OK);
    assert_int_equal(f.items[0].n_rows, 2);
    is(f.items[0].headers[1], "b.*");
    is(cell(&f, 0, 1), "c, d");
    is(cell(&f, 0, 3), "1, 2");
    is(cell(&f, 1, 4), "1.50");
    assert_int_equal(read_text(&f, a, S("{\"a\":\"1\"}\n{\"a\":\"2\"}\n")), OK);
    assert_int_equal(f.items[0].n_rows, 2);
    assert_int_equal(read_text(&f, a, S("{\"items\":[{\"a\":\"1\"}]}")), OK);
    assert_int_equal(f.items[0].n_rows, 1);
    assert_int_equal(read_text(&f, a, S("[1,2]")), ERR_INVALID);
    assert_int_equal(read_text(&f, a, S("{\"a\":}")), ERR_INVALID);
    arena_free(a);
}

/* The text is cut into its objects: brackets in texts, what stands between, and what is too long.
 */
void test_json_cuts(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    TableFile f;
    assert_int_equal(
        read_text(&f, a,
                  S(" [ {\"a\":\"x]}\\\"{\",\"b\":[{\"c\":1},{\"c\":2}]} ,\n{\"a\":\"y\"} ]\n")),
        OK);
    assert_int_equal(f.items[0].n_rows, 2);
    is(cell(&f, 0, 0), "x]}\"{");
    is(cell(&f, 0, 1), "c, c");
    is(cell(&f, 0, 2), "1, 2");
    assert_int_equal(f.items[0].rows[1].row, 2);
    assert_int_equal(
        read_text(&f, a, S("{\"next\":{\"items\":1},\"items\" : [{\"a\":\"1\"},{\"a\":\"2\"}]}")),
        OK);
    assert_int_equal(f.items[0].n_rows, 2);
    assert_int_equal(
        read_text(&f, a, S("{\"items\":[{\"a\":\"1\"}], \"n\":{\"b\":[1]},\"z\":null}\n")), OK);
    assert_int_equal(f.items[0].n_rows, 1);
    assert_int_equal(read_text(&f, a, S("{\"items\":\"none\",\"a\":1}")), OK);
    is(cell(&f, 0, 0), "none");
    static const char *const wrong[] = {"[{\"a\":1},]",
                                        "[{\"a\":1}",
                                        "[{\"a\":1}] x",
                                        "[{\"a\":1} {\"a\":2}]",
                                        "[,]",
                                        "{\"a\":\"",
                                        "{\"a\":1}\n[{\"a\":2}]",
                                        "{\"a\":1}]",
                                        "[[{\"a\":1}]]",
                                        "{\"items\":[{\"a\":1},}",
                                        "{\"items\":[{\"a\":1}]",
                                        "{\"items\":[{\"a\":1}],",
                                        "{\"items\":[{\"a\":1}],}",
                                        "{\"items\":[{\"a\":1}]} x",
                                        "{\"items\":[{\"a\":1}],\"b\":}",
                                        "{\"items\":[{\"a\":1}],\"b\":{\"c\":1}",
                                        "{\"items\":[{\"a\":1}] \"b\":1}",
                                        "{\"b\":,\"items\":[{\"a\":1}]}",
                                        "{\"b\":1 \"items\":[{\"a\":1}]}"};
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_int_equal(read_text(&f, a, str_of(wrong[i])), ERR_INVALID);
    /* Entries under a long name would each repeat it. */
    Text t = text_new(a, 0);
    text_addz(&t, "[{\"");
    for (int i = 0; i < 300; i++) text_char(&t, 'n');
    text_addz(&t, "\":[{\"a\":1}]}]");
    assert_int_equal(read_text(&f, a, text_str(&t)), ERR_INVALID);
    t = text_new(a, 0);
    text_addz(&t, "[{\"a\":\"");
    for (int i = 0; i < TABLE_MAX_OBJECT; i++) text_char(&t, 'x');
    text_addz(&t, "\"}]");
    assert_int_equal(read_text(&f, a, text_str(&t)), ERR_INVALID);
    arena_free(a);
}

static Str slurp(Arena *a, const char *path) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size > 0);
    rewind(file);
    char *p = arena_alloc(a, (size_t)size);
    size_t n = fread(p, 1, (size_t)size, file);
    fclose(file);
    unlink(path);
    return (Str){p, n};
}

void test_xlsx_values(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    char path[64];
    snprintf(path, sizeof path, "/tmp/gardefou_test_%d.xlsx", (int)getpid());
    lxw_workbook *book = workbook_new(path);
    lxw_worksheet *sheet = workbook_add_worksheet(book, "events");
    lxw_format *date = workbook_add_format(book);
    format_set_num_format(date, "dd/mm/yyyy");
    lxw_datetime day = {.year = 2024, .month = 2, .day = 29};
    worksheet_write_string(sheet, 0, 0, "titre", NULL);
    worksheet_write_string(sheet, 0, 1, "date", NULL);
    worksheet_write_string(sheet, 0, 3, "montant", NULL);
    worksheet_write_string(sheet, 2, 0, "caf\xC3\xA9 & th\xC3\xA9", NULL);
    worksheet_write_datetime(sheet, 2, 1, &day, date);
    worksheet_write_number(sheet, 2, 3, 0.1 + 0.2, NULL);
    worksheet_write_number(sheet, 3, 3, 1234567.89, NULL);
    worksheet_write_formula_num(sheet, 4, 3, "=1+1", NULL, 2);
    lxw_worksheet *second = workbook_add_worksheet(book, "entries");
    worksheet_write_string(second, 0, 0, "x", NULL);
    worksheet_write_number(second, 1, 0, 12, NULL);
    assert_int_equal(workbook_close(book), LXW_NO_ERROR);
    TableFile f;
    assert_int_equal(read_text(&f, a, slurp(a, path)), OK);
    assert_int_equal(f.n, 2);
    is(f.items[0].name, "events");
    assert_int_equal(f.items[0].n_rows, 3);
    assert_int_equal(f.items[0].rows[0].row, 3);
    is(cell(&f, 0, 0), "caf\xC3\xA9 & th\xC3\xA9");
    is(cell(&f, 0, 1), "2024-02-29");
    is(cell(&f, 0, 3), "0.3");
    is(cell(&f, 1, 3), "1234567.89");
    is(cell(&f, 2, 3), "2");
    TableRow entry = table_row(&f.items[1], 0, a);
    is(table_cell(&entry, 0), "12");
    arena_free(a);
}

static void put_part(zip_t *z, const char *name, const char *text, size_t n) {
    zip_source_t *s = zip_source_buffer(z, text, n, 0);
    assert_true(zip_file_add(z, name, s, 0) >= 0);
}

static Str hostile(Arena *a, const char *workbook, const char *sheet, size_t n) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/gardefou_test_%d.zip", (int)getpid());
    unlink(path);
    zip_t *z = zip_open(path, ZIP_CREATE, NULL);
    assert_non_null(z);
    static const char rels[] =
        "<Relationships><Relationship Id=\"r1\" Target=\"s.xml\"/></Relationships>";
    put_part(z, "xl/workbook.xml", workbook, strlen(workbook));
    put_part(z, "xl/_rels/workbook.xml.rels", rels, sizeof rels - 1);
    put_part(z, "xl/s.xml", sheet, n);
    assert_int_equal(zip_close(z), 0);
    return slurp(a, path);
}

void test_xlsx_hostile(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    TableFile f;
    static const char plain[] =
        "<workbook><sheets><sheet name=\"a\" id=\"r1\"/></sheets></workbook>";
    static const char good[] =
        "<worksheet><row><c t=\"inlineStr\"><is><t>h</t><rPh><t>no</t></rPh></is></c></row><row><c><v>7</v></c></row></worksheet>";
    assert_int_equal(read_text(&f, a, hostile(a, plain, good, sizeof good - 1)), OK);
    is(f.items[0].headers[0], "h");
    is(cell(&f, 0, 0), "7");
    static const char laughs[] =
        "<!DOCTYPE w [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;\">]><workbook>&b;</workbook>";
    assert_int_equal(read_text(&f, a, hostile(a, laughs, good, sizeof good - 1)), ERR_INVALID);
    size_t n = 64 << 20;
    char *blank = malloc(n);
    assert_non_null(blank);
    memset(blank, ' ', n);
    assert_int_equal(read_text(&f, a, hostile(a, plain, blank, n)), ERR_INVALID);
    free(blank);
    assert_int_equal(read_text(&f, a, hostile(a, plain, "<worksheet><row>", 16)), ERR_INVALID);
    static const char wide[] = "<worksheet><row><c r=\"ZZZ1\"><v>1</v></c></row></worksheet>";
    assert_int_equal(read_text(&f, a, hostile(a, plain, wide, sizeof wide - 1)), ERR_INVALID);
    assert_int_equal(read_text(&f, a, S("PK\x03\x04garbage")), ERR_INVALID);
    arena_free(a);
}

/* Until the headers are found, rows are held in memory: not without bound. */
void test_xlsx_first_rows(void **state) {
    (void)state;
    enum { CELL = 1000000, ROWS = 20 };
    static const char begin[] = "<row><c t=\"inlineStr\"><is><t>", end[] = "</t></is></c></row>";
    Arena *a = arena_new(0);
    TableFile f;
    const char *why = "";
    Text t = text_new(a, (size_t)ROWS * (CELL + 100));
    uint64_t x = 1;
    text_addz(&t, "<worksheet>");
    for (int i = 0; i < ROWS; i++) {
        text_addz(&t, begin);
        for (size_t n = 0; n < CELL; n++) { /* what packs too well is refused for that */
            x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            text_char(&t, (char)('a' + (x >> 60)));
        }
        text_addz(&t, end);
    }
    text_addz(&t, "</worksheet>");
    assert_false(t.full);
    Str file = hostile(a, "<workbook><sheets><sheet name=\"a\" id=\"r1\"/></sheets></workbook>",
                       text_str(&t).p, t.n);
    Arena *own = arena_new(TABLE_ARENA);
    assert_int_equal(table_read(&f, &why, own, file, NULL), ERR_INVALID);
    assert_string_equal(why, "The first rows of the file hold more than 16 MiB.");
    assert_true(arena_used(own) < 24u << 20);
    arena_free(own);
    arena_free(a);
}

/* Objects that hold nothing are counted as well, and take nothing from those that follow. */
void test_json_blank_objects(void **state) {
    (void)state;
    enum { BLANK = TABLE_MAX_ROWS };
    Arena *a = arena_new(0);
    TableFile f;
    const char *why = "";
    assert_int_equal(
        read_text(&f, a, S("[{\"a\":1,\"b\":[\"x\",\"y\"]},{},{\"b\":\"z\"},{\"c\":2}]")), OK);
    assert_int_equal(f.items[0].n_rows, 3);
    is(cell(&f, 0, 1), "x, y");
    is(cell(&f, 1, 0), "");
    is(cell(&f, 1, 1), "z");
    is(cell(&f, 2, 1), "");
    is(cell(&f, 2, 2), "2");
    assert_int_equal(f.items[0].rows[1].row, 3);
    Text t = text_new(a, 3 * BLANK + 100);
    text_addz(&t, "[{\"a\":1}");
    for (int i = 0; i < BLANK; i++) text_addz(&t, ",{}");
    text_addz(&t, "]");
    assert_int_equal(table_read(&f, &why, a, text_str(&t), NULL), ERR_INVALID);
    assert_string_equal(why, "The file has more than 1,000,000 rows.");
    arena_free(a);
}
