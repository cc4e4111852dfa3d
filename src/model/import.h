/* import.h: records from a file: read, mapped, checked and matched without the writer, then saved
 * in writing transactions whose ends the caller decides. One bad row does not lose the others.
 * Knows no HTTP and no command line. Order: import_plan, import_check or import_unchecked (reading
 * Db), import_begin, import_apply until done (writing Db, source "import:ID"). The plan is the
 * temporary base: rows, keys and what each row will do, in an arena of its own (TABLE_ARENA). The
 * run that is kept in the database, its states and how it is taken back: import_run.h,
 * import_work.h. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_IMPORT_H
#define MODEL_IMPORT_H

#include "model/import_map.h"
#include "model/record.h"

enum {
    IMPORT_ONE_TRANSACTION = 5000,
    IMPORT_SLICE_US = 50000,
    IMPORT_MOST_REASONS = 10000,
    IMPORT_MOST_SHOWN = 1000,
    IMPORT_MOST_UNKNOWN = 200
};

typedef enum ImportAction {
    IMPORT_NONE,
    IMPORT_CREATE,
    IMPORT_UPDATE,
    IMPORT_UNCHANGED,
    IMPORT_REJECT
} ImportAction;

/* column: header of the file, or the field when none is concerned. sheet: empty for the first. */
typedef struct ImportReject {
    int64_t row;
    Str sheet, column, reason;
} ImportReject;
typedef struct ImportLine {
    int64_t row;
    ImportAction action;
    Str sheet, number, text;
} ImportLine;
typedef struct ImportReport {
    int64_t id, read, created, updated, unchanged,
        n_rejected; /* rows; a row counts once, with its children */
    int64_t children_created, children_updated;
    ImportReject *rejected; /* the first 10,000 reasons, several a row are possible */
    size_t n_reasons, cap_reasons;
    ImportLine *lines; /* what each row does: filled by import_check, at most 1,000 */
    size_t n_lines, cap_lines;
    const Str *ignored; /* columns that no field takes */
    size_t n_ignored;
    struct ImportSheet *sheets; /* what the file holds, for choosing columns */
    size_t n_sheets;
    struct ImportSum *sums; /* of columns of amounts */
    size_t n_sums, cap_sums;
    struct ImportTotal *totals; /* lines of totals that were left out; only in a plan */
    size_t n_totals, cap_totals;
    struct ImportUnknown *unknown; /* values that name no entry, once each, at most 200 */
    size_t n_unknown, cap_unknown;
} ImportReport;
typedef struct ImportUnknown {
    Str sheet, column, field, value;
    int64_t rows;
} ImportUnknown;
/* A line of totals of the sheet itself. */
typedef struct ImportTotal {
    const Table *table;
    const TableRow *cells;
    int64_t row;
    Str sheet;
} ImportTotal;
/* A column of amounts: sum of all rows, of those that are not rejected, and what the sheet's own
 * total says; decimals with a point. */
typedef struct ImportSum {
    Str sheet, column, all, taken, told;
    int64_t told_row; /* 0: the sheet has no total */
} ImportSum;
/* One sheet of the file: columns with their first values. type: whose rows they were taken for. */
typedef struct ImportColumn {
    Str name, field, sample; /* field: what it fills, empty: nothing */
} ImportColumn;
typedef struct ImportSheet {
    Str name, type;
    ImportColumn *columns;
    size_t n, rows;
    int64_t header_row;
    size_t n_above; /* titles above the headers */
} ImportSheet;

typedef struct ImportDefault {
    Str field, value;
} ImportDefault;
typedef struct ImportOptions {
    Str map; /* text of a map; empty: columns by their names */
    Str map_name, file_name;
    TableOptions table;
    const ImportDefault *defaults; /* for fields that no column fills, on creation */
    size_t n_defaults;
    bool all_or_nothing;
    /* History taken over as it was: new records get the state that the file gives, lists that need
     * two persons are written at once. Somebody else has released it. The operator always may. */
    bool takeover;
    int64_t run; /* row of import_run; 0: import_begin makes one */
    /* Called each 100 rows of a check; false stops it with ERR_BUSY. May be NULL. */
    bool (*tick)(void *arg, int64_t rows);
    void *tick_arg;
} ImportOptions;

/* One sheet with the type its rows are of. */
typedef struct ImportBatch {
    const Type *type;
    const Type *children[MAP_MAX_CHILDREN];
    const Table *table;
    ImportMap *map;
    unsigned char *actions; /* ImportAction a row */
    unsigned char *later;   /* rows that wait for another row of the file */
    Str *row_keys;          /* key of each row, empty: none */
    bool *digests;          /* whose key is a digest of the row */
    size_t *key_rows;       /* by their keys, once each: for references inside the file */
    size_t n_keys;
    /* import_unchecked: rows whose key a stored record has; NULL: not asked. Of children the keys
     * that are stored, sorted. */
    const bool *known;
    struct ImportKeys {
        const Type *type; /* NULL: not asked */
        Str *items;
        size_t n, cap;
    } child_keys[MAP_MAX_CHILDREN];
    int key_field; /* of map->main.fields; -1: none */
    bool is_auto, comma;
} ImportBatch;
typedef struct ImportPlan {
    Arena *arena;
    const Model *model;
    TableFile file;
    ImportOptions options;
    ImportBatch batches[TABLE_MAX_SHEETS];
    size_t n;
    size_t batch, row; /* where import_apply goes on */
    bool retrying, progress, moved;
    bool is_unchecked;      /* import_unchecked */
    size_t checked_reasons; /* reasons that import_check found */
    int64_t default_unit;
    struct ImportPlan *mark; /* import_mark */
    unsigned char *mark_later[TABLE_MAX_SHEETS];
    ImportReport report;
} ImportPlan;

/* Reads the file and its map. bytes must live as long as the plan. ERR_INVALID with one issue;
 * ERR_DENIED without the right to import. */
Err import_plan(ImportPlan **out, Ctx *c, const Type *t, Str bytes,
                const ImportOptions *options) MUST;
/* What would happen: fills p->report. Writes nothing. */
Err import_check(ImportPlan *p, Ctx *c) MUST;
/* Instead of import_check, for who writes alone and takes what comes: each row is read once,
 * matched and saved at once. Only without all_or_nothing. */
void import_unchecked(ImportPlan *p);
/* Makes the import_run row and sets c->source. */
Err import_begin(ImportPlan *p, Ctx *c) MUST;
/* Saves rows until the end (*done) or until `most_us` have passed (0: no limit); each row is its
 * own savepoint. Rows that import_check found unchanged or bad are not touched. Any other error
 * than a bad row ends it: roll back. */
Err import_apply(ImportPlan *p, Ctx *c, int64_t most_us, bool *done) MUST;
/* Before the first import_apply, and to run a whole import again after its only transaction was
 * rolled back. */
void import_restart(ImportPlan *p);
/* Between slices: where a slice began, and back there when its transaction was rolled back. */
void import_mark(ImportPlan *p);
void import_rewind(ImportPlan *p);
size_t import_rows(const ImportPlan *p);
/* The sheets of p->file with what the plan does with their columns; also after import_plan gave
 * ERR_INVALID, when the file could be read. */
void import_sheets(ImportPlan *p);

/* ---- import_totals.c ---- */
/* Takes the lines of totals out of the table. */
void import_leave_totals(ImportPlan *p, Table *t);
/* After a check: fills p->report.sums. */
void import_sums(ImportPlan *p);

/* ---- import_report.c ---- */
/* is_whole: with what each row does and the columns, as import_report_read takes it. */
void import_report_json(Text *out, const ImportReport *r, bool is_whole);
/* What import_report_json wrote; strings are shared with `text`'s arena. */
void import_report_read(ImportReport *out, Arena *a, Str text);

/* ---- import_flat.c: amounts in columns of the record's own row ---- */
typedef struct ImportFlatPart {
    Str name, from; /* kind or field of the entry; the expression that gives it */
} ImportFlatPart;
typedef struct ImportFlat {
    const Type *type; /* of the entries */
    ImportFlatPart amounts[MAP_MAX_CHILDREN], fields[24];
    size_t n_amounts, n_fields;
    /* Expressions of the record's row, or empty: its outer key, the day of entries that have none,
     * its title and its first long text. */
    Str key, date, title, words;
} ImportFlat;
enum { IMPORT_COLUMN_FREE, IMPORT_COLUMN_TAKEN, IMPORT_COLUMN_KNOWN };
/* Is the header one of the names "a|b"? Case, accents, what stands in ( ) and currencies do not
 * count. */
bool import_names(Arena *a, Str header, const char *names);
/* The type that such amounts become entries of; NULL. */
const Type *import_flat_type(const Model *m, const Type *t);
/* Its kind (KIND_CHOICE), amount (KIND_MONEY) or day (KIND_DATE); NULL. */
const Field *import_flat_field(const Type *entry, FieldKind kind);
/* "TYPE:kind" (mark ':') and "TYPE.field" ('.'), as the form names them. */
bool import_flat_part(Str *part, const Type *entry, Str field, char mark);
/* Their children as lines of a map. */
void import_flat_write(Text *out, Arena *a, const ImportFlat *f);
/* A title that no column gives is the beginning of the long text, and the other way round. */
void import_flat_words(Text *out, const Type *t, Str title, Str words);
/* A required choice that stands in for the amount: "unknown" is what a new record gets. */
bool import_flat_stand_in(const Type *t, const Field *f);
/* What new records become when history is taken over: the first state behind the very first. */
const State *import_flat_state(const Type *t);
/* Adds to the map what the columns left free say by their names; taken: IMPORT_COLUMN_ a column. */
Err import_flat_auto(ImportMap *m, Ctx *c, const Type *t, const Table *table, unsigned char *taken,
                     bool takeover) MUST;

/* ---- import_auto.c ---- */
typedef struct ImportAuto {
    bool may_be_flat; /* no other sheet of the file holds the entries */
    bool takeover;
} ImportAuto;
/* A map made from the headers: names or labels of fields in three languages. */
Err import_auto_map(ImportMap **out, Ctx *c, const Type *t, const Table *table,
                    const ImportAuto *how, const Str **ignored, size_t *n_ignored) MUST;
/* Adds the field to the input in the form that record_read_input takes: numbers with a point,
 * choices by key or label, references by number, key or external key. ERR_MISSING: a reference is
 * not there (yet). Other errors: c->issues. */
Err import_put(Input *in, Ctx *c, const Type *t, Str name, Str text, bool comma) MUST;
/* The type of a second sheet whose rows belong to records of t; NULL. */
const Type *import_sheet_type(const Model *m, const Type *t, Str sheet);

#endif
