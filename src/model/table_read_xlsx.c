/* table_read_xlsx.c: Excel workbooks as tables of texts, part by part through a streaming XML
 * parser; see table_read.h. Formulas are never run: the value kept in the file is read. Refused: a
 * document type, parts too large or packed too well, names beyond the bounds.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/i18n.h"
#include "base/money.h"
#include "base/utf8.h"
#include "model/table_read.h"

#include <expat.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <zip.h>

enum { MAX_PARTS = 4096, MAX_STRINGS = 4000000, MAX_STYLES = 65536, SCRATCH = 1 << 20 };

typedef enum Part { PART_BOOK, PART_RELS, PART_STRINGS, PART_STYLES, PART_SHEET } Part;

typedef struct Sheet {
    Str name, rel, target;
} Sheet;

typedef struct Book {
    Arena *arena, *scratch; /* scratch: of one row */
    TableFile *out;
    const char **why;
    const TableOptions *options;
    zip_t *zip;
    XML_Parser parser;
    uint64_t unpacked; /* bytes of all parts so far */
    Part part;
    Err err;
    Sheet sheets[TABLE_MAX_SHEETS];
    size_t n_sheets;
    bool is_1904;
    Spool *spool, *string_spool;
    Str shared;          /* all shared texts, one behind the other */
    size_t *string_ends; /* where each ends */
    size_t n_strings, cap_strings;
    bool *custom; /* numFmt id -> is a date; ids below MAX_STYLES */
    bool *styles; /* cell style -> is a date */
    size_t n_styles, cap_styles;
    bool in_cell_styles;
    Text text; /* of the element being read */
    bool reads_text;
    int skip; /* depth inside <rPh> */
    Table *table;
    Str cells[TABLE_MAX_COLUMNS];
    size_t n_cells, column;
    int64_t row;
    char kind; /* t= of the cell: s i(nline) t(str) b e n */
    bool is_date;
    Str value;
} Book;

static void stop(Book *b, const char *why) {
    if (b->err == OK) {
        b->err = ERR_INVALID;
        *b->why = why;
    }
    if (b->parser) XML_StopParser(b->parser, XML_FALSE);
}

/* Between rows, or shared texts: nothing of the one before is looked at any more. */
static void empty_scratch(Book *b) {
    b->reads_text = false;
    if (b->text.arena && arena_used(b->scratch) < SCRATCH) return;
    arena_reset(b->scratch);
    b->text = text_new(b->scratch, TABLE_MAX_CELL);
}

static const char *local(const char *name) {
    const char *bar = strrchr(name, '|');
    return bar ? bar + 1 : name;
}

static Str attribute(const char **attributes, const char *name) {
    for (; attributes && attributes[0]; attributes += 2)
        if (strcmp(local(attributes[0]), name) == 0) return str_of(attributes[1]);
    return (Str){0};
}

static int64_t number_of(Str s, int64_t otherwise) {
    int64_t i;
    return str_to_int(&i, s) ? i : otherwise;
}

/* ---- styles: is a number format one of a date? ---- */

static bool is_date_id(int64_t id) {
    return (id >= 14 && id <= 22) || (id >= 45 && id <= 47);
}

static bool is_date_code(Str code) {
    bool quoted = false, bracket = false;
    for (size_t i = 0; i < code.n; i++) {
        char ch = code.p[i];
        if (ch == '"')
            quoted = !quoted;
        else if (ch == '[')
            bracket = true;
        else if (ch == ']')
            bracket = false;
        else if (ch == '\\' || ch == '_')
            i++;
        else if (!quoted && !bracket && strchr("yYdDhHsS", ch))
            return true;
    }
    return false;
}

static void style_start(Book *b, const char *name, const char **at) {
    if (strcmp(name, "numFmt") == 0) {
        int64_t id = number_of(attribute(at, "numFmtId"), -1);
        if (id >= 0 && id < MAX_STYLES) b->custom[id] = is_date_code(attribute(at, "formatCode"));
    } else if (strcmp(name, "cellXfs") == 0) {
        b->in_cell_styles = true;
    } else if (strcmp(name, "xf") == 0 && b->in_cell_styles) {
        int64_t id = number_of(attribute(at, "numFmtId"), 0);
        if (b->n_styles >= MAX_STYLES) return stop(b, N_("The Excel file has too many styles."));
        GROW(b->arena, b->styles, b->n_styles, b->cap_styles);
        b->styles[b->n_styles++] = is_date_id(id) || (id >= 0 && id < MAX_STYLES && b->custom[id]);
    }
}

/* ---- cells ---- */

/* "BC12" -> 54; -1 when there is no letter. */
static int64_t column_of(Str reference) {
    int64_t c = 0;
    size_t i = 0;
    for (; i < reference.n && i < 4 && reference.p[i] >= 'A' && reference.p[i] <= 'Z'; i++)
        c = c * 26 + (reference.p[i] - 'A' + 1);
    return i ? c - 1 : -1;
}

/* A serial date: days since 1899-12-30 (the day 1900-02-29, which never was, is Excel's own), or
 * 1904-01-01. */
static Str date_cell(Book *b, Str text) {
    char *end;
    const char *z = str_z(b->scratch, text);
    double serial = strtod(z, &end);
    if (end == z || *end || !(serial >= 0) || serial > 2958466) return text;
    if (b->is_1904) serial += 1462;
    double whole = floor(serial), part = serial - whole;
    int64_t days = (int64_t)whole + date_to_days(1899, 12, 30) + (whole < 60 ? 1 : 0);
    int64_t seconds = (int64_t)llround(part * 86400);
    if (whole == 0) return text; /* a time of day alone */
    if (seconds == 0) return date_text(b->scratch, days);
    return instant_text(b->scratch, (days * 86400 + seconds) * 1000000);
}

/* Binary fractions as people typed them: 15 significant digits, as Excel shows. */
static Str number_cell(Book *b, Str text) {
    char *end, line[64];
    const char *z = str_z(b->scratch, text);
    bool plain = text.n > 0 && text.n <= 15;
    for (size_t i = 0; i < text.n; i++) plain = plain && strchr("0123456789.-", text.p[i]);
    if (plain) return text;
    double value = strtod(z, &end);
    if (end == z || *end || !isfinite(value)) return text;
    if (fabs(value) >= 1e18 || (value != 0 && fabs(value) < 1e-9)) return text;
    snprintf(line, sizeof line, "%.15g", value);
    if (strchr(line, 'e')) snprintf(line, sizeof line, fabs(value) < 1 ? "%.15f" : "%.0f", value);
    Str s = str_of(line);
    if (str_find_char(s, '.') >= 0)
        while (s.n && s.p[s.n - 1] == '0') s.n--;
    return str_copy(b->scratch, s);
}

static Str string_of(const Book *b, size_t i) {
    size_t from = i ? b->string_ends[i - 1] : 0;
    return str_sub(b->shared, from, b->string_ends[i] - from);
}

static Str cell_text_of(Book *b) {
    Str v = b->value;
    int64_t i;
    switch (b->kind) {
    case 's':
        if (!str_to_int(&i, str_trim(v)) || i < 0 || (size_t)i >= b->n_strings) return (Str){0};
        return string_of(b, (size_t)i);
    case 'b': return str_is(v, "1") ? S("true") : S("false");
    case 'e': return (Str){0};
    case 'n': return b->is_date ? date_cell(b, str_trim(v)) : number_cell(b, str_trim(v));
    default: return v;
    }
}

static void cell_start(Book *b, const char **at) {
    int64_t column = column_of(attribute(at, "r"));
    Str kind = attribute(at, "t");
    int64_t style = number_of(attribute(at, "s"), 0);
    b->column = column >= 0 ? (size_t)column : b->n_cells;
    if (b->column >= TABLE_MAX_COLUMNS) return stop(b, N_("The file has more than 512 columns."));
    b->kind = str_is(kind, "inlineStr") ? 'i'
              : str_is(kind, "str")     ? 't'
              : kind.n == 1             ? kind.p[0]
                                        : 'n';
    b->is_date = style >= 0 && (size_t)style < b->n_styles && b->styles[style];
    b->value = (Str){0};
    if (b->kind == 'i') {
        b->text = text_new(b->scratch, TABLE_MAX_CELL);
    }
}

static void cell_end(Book *b) {
    if (b->kind == 'i') b->value = text_str(&b->text);
    if (b->column >= TABLE_MAX_COLUMNS) return;
    while (b->n_cells <= b->column) b->cells[b->n_cells++] = (Str){0};
    b->cells[b->column] = cell_text_of(b);
}

static void sheet_start(Book *b, const char *name, const char **at) {
    if (strcmp(name, "row") == 0) {
        b->row = number_of(attribute(at, "r"), b->row + 1);
        b->n_cells = 0;
    } else if (strcmp(name, "c") == 0) {
        cell_start(b, at);
    } else if (strcmp(name, "v") == 0) {
        b->text = text_new(b->scratch, TABLE_MAX_CELL);
        b->reads_text = true;
    } else if (strcmp(name, "t") == 0 && b->kind == 'i') {
        b->reads_text = true;
    }
}

static void row_end(Book *b) {
    const char *why = NULL;
    Err e = OK;
    if (b->row > (int64_t)b->options->skip) {
        e = table_add_row(b->table, &why, b->arena, b->row, b->cells, b->n_cells);
        if (e == OK && b->options->has_skip) e = table_end(b->table, &why, b->arena);
    }
    if (e != OK) stop(b, why);
    b->n_cells = 0;
    b->value = (Str){0};
    empty_scratch(b);
}

static void sheet_end(Book *b, const char *name) {
    if (strcmp(name, "v") == 0) {
        b->value = text_str(&b->text);
        b->reads_text = false;
    } else if (strcmp(name, "t") == 0) {
        b->reads_text = false;
    } else if (strcmp(name, "c") == 0) {
        cell_end(b);
    } else if (strcmp(name, "row") == 0) {
        row_end(b);
    }
}

/* ---- the parser's calls ---- */

static void book_start(Book *b, const char *name, const char **at) {
    if (strcmp(name, "workbookPr") == 0) {
        Str v = attribute(at, "date1904");
        b->is_1904 = str_is(v, "1") || str_is(v, "true");
    } else if (strcmp(name, "sheet") == 0 && b->n_sheets < TABLE_MAX_SHEETS) {
        Str rel = {0};
        for (const char **x = at; x[0]; x += 2) /* r:id, not sheetId */
            if (strcmp(local(x[0]), "id") == 0) rel = str_of(x[1]);
        b->sheets[b->n_sheets++] = (Sheet){.name = str_copy(b->arena, attribute(at, "name")),
                                           .rel = str_copy(b->arena, rel)};
    }
}

static void XMLCALL on_start(void *arg, const char *qualified, const char **at) {
    Book *b = arg;
    const char *name = local(qualified);
    if (b->skip || strcmp(name, "rPh") == 0) {
        b->skip++;
        return;
    }
    switch (b->part) {
    case PART_BOOK: book_start(b, name, at); break;
    case PART_RELS:
        for (size_t i = 0; strcmp(name, "Relationship") == 0 && i < b->n_sheets; i++)
            if (str_eq(attribute(at, "Id"), b->sheets[i].rel))
                b->sheets[i].target = str_copy(b->arena, attribute(at, "Target"));
        break;
    case PART_STRINGS:
        if (strcmp(name, "si") == 0) b->text = text_new(b->scratch, TABLE_MAX_CELL);
        b->reads_text = strcmp(name, "t") == 0;
        break;
    case PART_STYLES: style_start(b, name, at); break;
    case PART_SHEET: sheet_start(b, name, at); break;
    }
}

static void string_end(Book *b) {
    if (b->n_strings >= MAX_STRINGS) return stop(b, N_("The Excel file has too many texts."));
    if (spool_add(b->string_spool, text_str(&b->text)) != OK) {
        const char *why;
        if (table_no_room(&why) != OK) stop(b, why);
    }
    GROW(b->arena, b->string_ends, b->n_strings, b->cap_strings);
    b->string_ends[b->n_strings++] = spool_size(b->string_spool);
    empty_scratch(b);
}

static void XMLCALL on_end(void *arg, const char *qualified) {
    Book *b = arg;
    const char *name = local(qualified);
    if (b->skip) {
        b->skip--;
        return;
    }
    if (b->part == PART_STRINGS) {
        b->reads_text = false;
        if (strcmp(name, "si") == 0) string_end(b);
    } else if (b->part == PART_STYLES && strcmp(name, "cellXfs") == 0) {
        b->in_cell_styles = false;
    } else if (b->part == PART_SHEET) {
        sheet_end(b, name);
    }
}

static void XMLCALL on_text(void *arg, const char *p, int n) {
    Book *b = arg;
    if (!b->reads_text || b->skip || n <= 0) return;
    text_add(&b->text, (Str){p, (size_t)n});
    if (b->text.full) stop(b, N_("A cell is longer than 1 MiB."));
    if (arena_used(b->scratch) > TABLE_MAX_HELD) stop(b, N_("A row is longer than 64 MiB."));
}

static void XMLCALL on_doctype(void *arg, const char *name, const char *system, const char *public,
                               int internal) {
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    stop(arg, N_("The Excel file holds a document type, which is refused."));
}

/* ---- parts ---- */

static bool find_part(zip_uint64_t *out, zip_stat_t *st, Book *b, const char *name) {
    zip_int64_t i = zip_name_locate(b->zip, name, ZIP_FL_NOCASE);
    if (i < 0) return false;
    *out = (zip_uint64_t)i;
    return zip_stat_index(b->zip, *out, 0, st) == 0;
}

static Err pour(Book *b, zip_file_t *f) {
    uint64_t total = 0;
    for (;;) {
        void *room = XML_GetBuffer(b->parser, 65536);
        if (!room) return ERR_INTERNAL;
        zip_int64_t n = zip_fread(f, room, 65536);
        if (n < 0)
            stop(b, N_("The Excel file is damaged."));
        else
            total += (uint64_t)n;
        if (n > 0) b->unpacked += (uint64_t)n;
        if (total > TABLE_MAX_PART || b->unpacked > TABLE_MAX_PARTS)
            stop(b, N_("The Excel file unpacks to too much."));
        if (b->err != OK) return b->err;
        enum XML_Status s = XML_ParseBuffer(b->parser, (int)n, n == 0);
        if (b->err != OK) return b->err;
        if (s != XML_STATUS_OK) {
            stop(b, N_("The Excel file is damaged."));
            return b->err;
        }
        if (n == 0) return OK;
    }
}

/* A part that is absent is no error: *found says so. */
static Err read_part(bool *found, Book *b, const char *name, Part part) {
    zip_uint64_t index;
    zip_stat_t st;
    *found = find_part(&index, &st, b, name);
    if (!*found) return OK;
    bool sized = (st.valid & ZIP_STAT_SIZE) && (st.valid & ZIP_STAT_COMP_SIZE);
    bool bomb = !sized || st.size > TABLE_MAX_PART ||
                (st.size > (1u << 20) && st.size / TABLE_MAX_RATIO > st.comp_size);
    if (bomb) {
        *b->why = N_("The Excel file unpacks to too much.");
        return ERR_INVALID;
    }
    zip_file_t *f = zip_fopen_index(b->zip, index, 0);
    if (!f) {
        *b->why = N_("The Excel file is damaged or has a password.");
        return ERR_INVALID;
    }
    b->parser = XML_ParserCreateNS(NULL, '|');
    CHECK(b->parser, "no memory for an XML parser");
    b->part = part;
    b->reads_text = false;
    b->skip = 0;
    XML_SetUserData(b->parser, b);
    XML_SetElementHandler(b->parser, on_start, on_end);
    XML_SetCharacterDataHandler(b->parser, on_text);
    XML_SetStartDoctypeDeclHandler(b->parser, on_doctype);
    Err e = pour(b, f);
    XML_ParserFree(b->parser);
    b->parser = NULL;
    zip_fclose(f);
    return e;
}

static Err read_sheets(Book *b) {
    for (size_t i = 0; i < b->n_sheets; i++) {
        Str target = b->sheets[i].target;
        bool found;
        if (!target.n) continue;
        Str path = target.p[0] == '/' ? str_sub(target, 1, target.n)
                                      : str_fmt(b->arena, "xl/%.*s", FMT(target));
        b->table = &b->out->items[b->out->n];
        b->table->name = b->sheets[i].name;
        b->table->spool = b->spool;
        b->table->shared = b->shared;
        b->table->held = b->out->n ? b->table[-1].held : 0;
        b->row = 0;
        TRY(read_part(&found, b, str_z(b->arena, path), PART_SHEET));
        TRY(table_end(b->table, b->why, b->arena));
        if (found) b->out->n++;
    }
    return OK;
}

static Err read_book(Book *b) {
    bool found;
    TRY(read_part(&found, b, "xl/workbook.xml", PART_BOOK));
    if (!found) {
        *b->why = N_("The file is neither a table of text nor an Excel file.");
        return ERR_INVALID;
    }
    TRY(read_part(&found, b, "xl/_rels/workbook.xml.rels", PART_RELS));
    TRY(table_spool(&b->spool, b->why, b->arena));
    TRY(table_spool(&b->string_spool, b->why, b->arena));
    TRY(read_part(&found, b, "xl/sharedStrings.xml", PART_STRINGS));
    TRY(table_spooled(&b->shared, b->why, b->string_spool));
    TRY(read_part(&found, b, "xl/styles.xml", PART_STYLES));
    TRY(read_sheets(b));
    Str all;
    TRY(table_spooled(&all, b->why, b->spool));
    for (size_t i = 0; i < b->out->n; i++) b->out->items[i].text = all;
    return OK;
}

Err table_read_xlsx(TableFile *out, const char **why, Arena *a, Str bytes,
                    const TableOptions *options) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(bytes.p, bytes.n, 0, &error);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    zip_error_fini(&error);
    if (!zip) {
        if (source) zip_source_free(source); /* owned by libzip until it is opened */
        *why = N_("The Excel file is damaged.");
        return ERR_INVALID;
    }
    Book *b = NEW(a, Book);
    b->arena = a;
    b->scratch = arena_new(TABLE_ARENA);
    empty_scratch(b);
    b->out = out;
    b->why = why;
    b->options = options;
    b->zip = zip;
    b->custom = NEW_N(a, bool, MAX_STYLES);
    out->format = TABLE_XLSX;
    Err e;
    if (zip_get_num_entries(zip, 0) > MAX_PARTS) {
        *why = N_("The Excel file unpacks to too much.");
        e = ERR_INVALID;
    } else {
        e = read_book(b);
    }
    zip_discard(zip);
    arena_free(b->scratch);
    return e;
}
