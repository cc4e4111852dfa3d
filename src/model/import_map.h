/* import_map.h: how the columns of a file become fields: a line-based text (docs/IMPORT.md)
 * compiled to short postfix programs over texts. No loops, no files, no code: every map ends after
 * at most as many steps as it has words. Knows no database. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef MODEL_IMPORT_MAP_H
#define MODEL_IMPORT_MAP_H

#include "base/str.h"
#include "model/table_read.h"

enum {
    MAP_MAX_BYTES = 256 << 10,
    MAP_MAX_LINES = 4000,
    MAP_MAX_FIELDS = 200,
    MAP_MAX_CHILDREN = 16,
    MAP_MAX_SHEETS = TABLE_MAX_SHEETS,
    MAP_MAX_TABLES = 32,
    MAP_MAX_VALUES = 2000,
    MAP_MAX_STEPS = 400,
    MAP_MAX_STACK = 64,
    MAP_MAX_DEPTH = 16,
    MAP_MAX_LETS = 64,
    MAP_MAX_MEMORY = 256 << 20 /* bytes of the row's arena */
};

typedef enum MapOp { MAP_LITERAL, MAP_COLUMN, MAP_LET, MAP_CALL } MapOp;
typedef struct MapStep {
    MapOp op;
    int function, arguments; /* MAP_CALL */
    size_t index;            /* MAP_COLUMN: column of the file after map_bind; MAP_LET: which */
    Str text;                /* literal, or name of the column */
    bool is_optional;        /* [Name?]: may be absent */
} MapStep;
typedef struct MapProgram {
    MapStep *steps;
    size_t n, cap;
    Str column; /* the first column it names, for messages */
} MapProgram;
typedef struct MapField {
    Str name; /* as an Input names it: "title", "gross.amount", "causes[0].cause", "unit" */
    MapProgram program;
} MapField;
typedef struct MapLet {
    Str name;
    MapProgram program;
} MapLet;
typedef struct MapValue {
    Str table, from, to; /* from is folded; empty: everything else */
    bool is_otherwise;
} MapValue;
typedef struct MapReject {
    Str reason;
    MapProgram when;
} MapReject;
typedef struct MapPart { /* the record of a row, or one child of it */
    Str type, state;
    MapProgram when, key; /* no steps: always; no key */
    MapField *fields;
    size_t n_fields, cap_fields;
    MapField *defaults; /* of new records, where no field gives a value */
    size_t n_defaults, cap_defaults;
} MapPart;
typedef struct ImportMap ImportMap;
struct ImportMap {
    Arena *arena;
    Str label, encoding, sheet, currency;
    char delimiter; /* 0: find it */
    size_t skip;
    bool has_skip; /* otherwise the headers are looked for */
    int comma;     /* 1: comma is the decimal sign, 0: point, -1: by the separator of the file */
    Str empty[8];  /* texts that mean "nothing" */
    size_t n_empty;
    MapPart main;
    MapPart children[MAP_MAX_CHILDREN];
    size_t n_children;
    MapLet *lets;
    size_t n_lets, cap_lets;
    MapValue *values;
    size_t n_values, cap_values;
    MapReject *rejects;
    size_t n_rejects, cap_rejects;
    ImportMap *also; /* of another sheet of the same file; NULL: none */
};

/* ERR_INVALID with *why in words (English, with the line). */
Err map_parse(ImportMap **out, Str *why, Arena *a, Str text) MUST;
/* The same, also when it fills no field: columns by their names, read as its settings say. */
Err map_parse_any(ImportMap **out, Str *why, Arena *a, Str text) MUST;
/* Finds the columns of the programs in the file. A column that is absent is ERR_INVALID with its
 * name in *missing, unless it is optional or `is_loose` (JSON, whose absent members are no
 * columns). */
Err map_bind(ImportMap *m, Str *missing, const Str *headers, size_t n, bool is_loose) MUST;

typedef struct MapRow {
    const ImportMap *map;
    const TableRow *row;
    Arena *arena;
    bool comma;
    Str lets[MAP_MAX_LETS];
    uint64_t has_let;
    const char *why; /* set when a step failed: English key */
    Str column;      /* the column it concerns */
} MapRow;
MapRow map_row(const ImportMap *m, const TableRow *row, Arena *a, bool comma);
/* ERR_INVALID: r->why. A program without steps gives an empty text. */
Err map_eval(Str *out, MapRow *r, const MapProgram *p) MUST;
/* The words of a map: a column as an expression, a text in quotation marks. */
Str map_quote_column(Arena *a, Str name);
Str map_quote(Arena *a, Str text);
/* A program that reads one column. */
MapProgram map_column(Arena *a, Str name, size_t index);
MapProgram map_literal(Arena *a, Str text);
/* A number as people or machines write it to plain digits with a point; false when it is none. */
bool map_number(int64_t *out6, Str text, bool comma); /* millionths */
Str map_plain(Arena *a, int64_t value6);

/* ---- import_cell.c ---- */
/* Empty, or a mark that spreadsheets use for it: -, N/A, neant ... */
bool import_is_nothing(Str text);
/* A date as people write it: also 12/3/19, "12 mars 2019", 12-mars-19, with a time behind it, or
 * the serial number of a spreadsheet (1954 to 2064). */
bool import_date(int64_t *days, Arena *a, Str text);
/* Names of the dirham and signs of currencies become codes: "1 200 Dhs" is "1 200 MAD". */
Str import_amount(Arena *a, Str text);

/* The maps built into the program (build/gen/maps.c). NULL: no such map. */
typedef struct BuiltMap {
    const char *name, *text;
} BuiltMap;
extern const BuiltMap import_maps[]; /* ends with {0} */
const BuiltMap *map_built_in(Str name);

/* import_eval.c */
int map_function(Str name); /* -1: unknown */
bool map_function_takes(int function, int arguments);
extern const int map_concat, map_lookup, map_translate;

#endif
