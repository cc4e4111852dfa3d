/* table_read.h: a file that somebody brings (CSV, XLSX, JSON) as tables of texts. Knows no record
 * and no database. Everything is bounded; what is refused is said in words. Cells are UTF-8 and
 * live in the given arena, which may share the bytes of the file: keep them as long as the tables.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_TABLE_READ_H
#define MODEL_TABLE_READ_H

#include "base/str.h"

enum {
    TABLE_MAX_COLUMNS = 512,
    TABLE_MAX_ROWS = 1000000,
    TABLE_MAX_SHEETS = 16,
    TABLE_MAX_CELL = 1 << 20,    /* bytes of one cell */
    TABLE_MAX_FILE = 64 << 20,   /* bytes of the file */
    TABLE_MAX_LOCAL = 512 << 20, /* ... of one that the operator reads on a base of their own */
    TABLE_MAX_PART = 512 << 20,  /* XLSX: bytes of one unpacked part */
    TABLE_MAX_PARTS = 1 << 30,   /* ... of all parts together, each time that one is read */
    TABLE_MAX_MEMORY = 1 << 30,  /* bytes of the arena that reading may take */
    TABLE_MAX_RATIO = 200,       /* XLSX: unpacked to packed size, above 1 MiB */
    TABLE_LOOK = 30              /* rows in which the headers are looked for */
};

typedef enum TableFormat { TABLE_CSV, TABLE_XLSX, TABLE_JSON } TableFormat;

/* row: as a spreadsheet counts, the first line is 1. cells: `n` of them, never more than the
 * headers. */
typedef struct TableRow {
    int64_t row;
    const Str *cells;
    size_t n;
} TableRow;
typedef struct Table {
    Str name; /* of the sheet; empty for CSV and JSON */
    const Str *headers;
    size_t n_headers;
    int64_t header_row; /* 0: JSON */
    size_t n_above;     /* rows above the headers that hold something: titles */
    TableRow *rows;     /* blank rows are left out; of a lean table see table_row */
    size_t n_rows, cap_rows;
    Str text; /* of a lean table: its rows hold only where in the text they begin */
    char delimiter;
    TableRow *first; /* while reading: rows before the headers are found */
    size_t n_first, cap_first;
} Table;
typedef struct TableFile {
    TableFormat format;
    Str encoding;   /* CSV: as found or told */
    char delimiter; /* CSV */
    Table items[TABLE_MAX_SHEETS];
    size_t n;
} TableFile;

typedef struct TableOptions {
    char delimiter; /* 0: the most frequent of ; , tab in the first line */
    Str encoding;   /* empty: byte order mark, then UTF-8, then a guess */
    size_t skip;    /* lines before the headers */
    bool has_skip;  /* also when it is 0; otherwise the headers are looked for below titles */
    size_t most;    /* bytes of the file; 0: TABLE_MAX_FILE */
    bool is_lean;   /* the cells of a CSV are not kept but read again by table_row */
} TableOptions;

/* An arena for reading: larger than what the reader bounds itself to, so that too large a file is
 * refused in words. */
#define TABLE_ARENA ((size_t)4 << 30)

/* The format comes from the bytes: a zip is XLSX, a text that begins with { or [ is JSON, else CSV.
 * JSON: an array of objects, one object with such an array as `items`, one object, or one object a
 * line. JSON paths become columns: a.b for members, arrays joined with ", ", members of objects in
 * an array likewise, and a.* holds the names of the members of a. ERR_INVALID with *why: English,
 * the key of its translation.
 * The headers are the first row that is not a title: titles fill less than three fifths of the
 * cells of the widest of the first 30 rows, and headers hold no number and no date. */
Err table_read(TableFile *out, const char **why, Arena *a, Str bytes,
               const TableOptions *options) MUST;
/* A row with its cells, which live in `a`, or with the table. */
TableRow table_row(const Table *t, size_t i, Arena *a);
/* The cell, or empty. */
static inline Str table_cell(const TableRow *r, size_t column) {
    return column < r->n ? r->cells[column] : (Str){0};
}

/* For table_read.c only. */
Err table_read_xlsx(TableFile *out, const char **why, Arena *a, Str bytes,
                    const TableOptions *options) MUST;
Err table_read_json(TableFile *out, const char **why, Arena *a, Str text) MUST;
Err table_add_row(Table *t, const char **why, Arena *a, int64_t row, const Str *cells,
                  size_t n) MUST;
/* At the end of a table whose rows came by table_add_row. */
Err table_end(Table *t, const char **why, Arena *a) MUST;

#endif
