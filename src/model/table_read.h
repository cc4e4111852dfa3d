/* table_read.h: a file that somebody brings (CSV, XLSX, JSON) as tables of texts. Knows no record
 * and no database. Everything is bounded; what is refused is said in words. Cells are not held in
 * memory: those of a CSV are read again from its text, those of XLSX and JSON from a nameless file
 * on the disk (base/spool.h). They are UTF-8; keep the bytes and the arena as long as the tables.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_TABLE_READ_H
#define MODEL_TABLE_READ_H

#include "base/spool.h"
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
    TABLE_MAX_SPOOL = 1 << 30,   /* bytes of cells on the disk */
    TABLE_MAX_HELD = 64 << 20,   /* bytes of one row, or one JSON object with its tree, in memory */
    TABLE_MAX_FIRST =
        16 << 20, /* bytes of all rows in which the headers are looked for, in memory */
    TABLE_MAX_OBJECT = 1 << 20, /* JSON: bytes of one object */
    TABLE_MAX_PATH = 256,       /* JSON: bytes of the name of a column, a.b.c */
    TABLE_MAX_RATIO = 200,      /* XLSX: unpacked to packed size, above 1 MiB */
    TABLE_LOOK = 30             /* rows in which the headers are looked for */
};

typedef enum TableFormat { TABLE_CSV, TABLE_XLSX, TABLE_JSON } TableFormat;

/* row: as a spreadsheet counts, the first line is 1. cells: `n` of them, never more than the
 * headers. */
typedef struct TableRow {
    int64_t row;
    const Str *cells;
    size_t n;
} TableRow;
typedef struct TableBegin { /* where a row can be read again */
    int64_t row;
    size_t at;
} TableBegin;
typedef struct TableFirst { /* a row of which it is not known yet whether it is above the headers */
    TableRow cells;
    size_t at;
} TableFirst;
typedef struct Table {
    Str name; /* of the sheet; empty for CSV and JSON */
    const Str *headers;
    size_t n_headers;
    int64_t header_row; /* 0: JSON */
    size_t n_above;     /* rows above the headers that hold something: titles */
    TableBegin *rows;   /* blank rows are left out; their cells: table_row */
    size_t n_rows, cap_rows;
    Str text; /* of a CSV; else what was spooled */
    char delimiter;
    Str shared;        /* XLSX: texts that many cells share */
    Spool *spool;      /* NULL: a CSV */
    TableFirst *first; /* while reading: rows before the headers are found */
    size_t n_first, cap_first;
    size_t held; /* bytes of them, and of those of the sheets before */
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
/* A row with its cells; the list of them lives in `a`, the texts in `a` or with the table. */
TableRow table_row(const Table *t, size_t i, Arena *a);
/* The cell, or empty. */
static inline Str table_cell(const TableRow *r, size_t column) {
    return column < r->n ? r->cells[column] : (Str){0};
}

/* For table_read.c only. Cells need to live during a call of table_add_row only. */
Err table_read_xlsx(TableFile *out, const char **why, Arena *a, Str bytes,
                    const TableOptions *options) MUST;
Err table_read_json(TableFile *out, const char **why, Arena *a, Str text) MUST;
Err table_add_row(Table *t, const char **why, Arena *a, int64_t row, const Str *cells,
                  size_t n) MUST;
/* At the end of a table whose rows came by table_add_row. */
Err table_end(Table *t, const char **why, Arena *a) MUST;
/* ERR_INVALID with *why for what the disk says. */
Err table_spool(Spool **out, const char **why, Arena *a) MUST;
Err table_spooled(Str *out, const char **why, Spool *s) MUST;
Err table_no_room(const char **why) MUST;

#endif
