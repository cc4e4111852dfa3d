/* import_totals.c: a sheet's own lines of totals are no records; they are left out and compared
 * with the sums of the rows, so that whoever imports sees that nothing is lost. See import.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"
#include "model/import.h"

/* ---- lines of totals ---- */

static bool is_total_word(Arena *a, Str cell) {
    static const char *const words[] = {"total",
                                        "totaux",
                                        "sous total",
                                        "somme",
                                        "grand total",
                                        "\xD8\xA7\xD9\x84\xD9\x85\xD8\xAC\xD9\x85\xD9\x88\xD8\xB9",
                                        "\xD9\x85\xD8\xAC\xD9\x85\xD9\x88\xD8\xB9"};
    Str folded = utf8_fold(a, str_sub(cell, 0, 80));
    for (size_t i = 0; i < LENGTH(words); i++) {
        Str word = str_of(words[i]);
        if (str_starts(folded, word) && (folded.n == word.n || folded.p[word.n] == ' '))
            return true;
    }
    return false;
}

/* Begins with such a word, holds a number, and most other cells are empty. */
static bool is_total(Arena *a, const Table *t, const TableRow *row) {
    size_t filled = 0, numbers = 0;
    Str first = {0};
    for (size_t i = 0; i < row->n; i++) {
        int64_t ignored;
        Str cell = str_trim(row->cells[i]);
        if (!cell.n) continue;
        if (!filled++) first = cell;
        numbers += map_number(&ignored, cell, true);
    }
    return filled > 1 && numbers > 0 && 2 * filled <= t->n_headers && is_total_word(a, first);
}

void import_leave_totals(ImportPlan *p, Table *t) {
    Arena *scratch = arena_new(0);
    size_t n = 0;
    for (size_t i = 0; i < t->n_rows; i++) {
        if (arena_used(scratch) > (1u << 20)) arena_reset(scratch);
        TableRow row = table_row(t, i, scratch);
        if (!is_total(scratch, t, &row)) {
            t->rows[n++] = t->rows[i];
            continue;
        }
        ImportReport *r = &p->report;
        TableRow *kept = NEW(p->arena, TableRow);
        *kept = table_row(t, i, p->arena);
        GROW(p->arena, r->totals, r->n_totals, r->cap_totals);
        r->totals[r->n_totals++] = (ImportTotal){t, kept, kept->row, t->name};
    }
    t->n_rows = n;
    arena_free(scratch);
}

/* ---- sums ---- */

typedef struct Sum {
    int64_t all, taken; /* millionths */
    bool over;
} Sum;

static bool cell_number(int64_t *out, Arena *a, const TableRow *row, size_t column, bool comma) {
    Str text = import_amount(a, table_cell(row, column));
    ptrdiff_t blank = -1;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == ' ') blank = (ptrdiff_t)i;
    if (blank > 0 && text.n - (size_t)blank == 4 && text.p[text.n - 1] >= 'A')
        text = str_sub(text, 0, (size_t)blank); /* its currency */
    bool plain = str_find_char(text, ',') < 0 && decimal_parse(out, text, 6);
    return plain || map_number(out, text, comma);
}

/* An amount that a map reads from a column; is_abs: without its sign. */
typedef struct Amount {
    size_t column;
    bool is_abs;
} Amount;

static Sum sum_column(ImportBatch *b, Amount x) {
    Sum s = {0};
    Arena *scratch = arena_new(0);
    for (size_t i = 0; i < b->table->n_rows; i++) {
        int64_t value;
        if (i % 1024 == 0) arena_reset(scratch);
        TableRow row = table_row(b->table, i, scratch);
        if (!cell_number(&value, scratch, &row, x.column, b->comma)) continue;
        if (x.is_abs && value < 0) value = -value;
        s.over = s.over || add_overflows(s.all, value, &s.all);
        if (b->actions[i] != IMPORT_REJECT)
            s.over = s.over || add_overflows(s.taken, value, &s.taken);
    }
    arena_free(scratch);
    return s;
}

/* column: SIZE_MAX when the field is no amount, or made of more than a column. */
static Amount amount_of(const Type *t, const MapField *f) {
    const Field *field = type_field(t, f->name);
    const MapProgram *p = &f->program;
    bool is_abs =
        p->n == 2 && p->steps[1].op == MAP_CALL && p->steps[1].function == map_function(S("abs"));
    bool is =
        field && field->kind == KIND_MONEY && (p->n == 1 || is_abs) && p->steps[0].op == MAP_COLUMN;
    return (Amount){is ? p->steps[0].index : SIZE_MAX, is_abs};
}

static void add_sum(ImportPlan *p, ImportBatch *b, Amount amount) {
    ImportReport *r = &p->report;
    const Table *t = b->table;
    size_t column = amount.column;
    if (column >= t->n_headers) return;
    for (size_t i = 0; i < r->n_sums; i++)
        if (str_eq(r->sums[i].column, t->headers[column]) && str_eq(r->sums[i].sheet, t->name))
            return;
    Sum s = sum_column(b, amount);
    if (s.over) return;
    ImportSum x = {.sheet = t->name,
                   .column = t->headers[column],
                   .all = map_plain(p->arena, s.all),
                   .taken = map_plain(p->arena, s.taken)};
    for (size_t i = 0; i < r->n_totals; i++) {
        int64_t told;
        const ImportTotal *total = &r->totals[i];
        if (total->table != t || !cell_number(&told, p->arena, total->cells, column, b->comma))
            continue;
        if (amount.is_abs && told < 0) told = -told;
        x.told = map_plain(p->arena, told); /* the last one is that of the whole sheet */
        x.told_row = total->row;
    }
    GROW(p->arena, r->sums, r->n_sums, r->cap_sums);
    r->sums[r->n_sums++] = x;
}

void import_sums(ImportPlan *p) {
    p->report.n_sums = 0;
    for (size_t k = 0; k < p->n; k++) {
        ImportBatch *b = &p->batches[k];
        for (size_t i = 0; i < b->map->main.n_fields; i++)
            add_sum(p, b, amount_of(b->type, &b->map->main.fields[i]));
        for (size_t c = 0; c < b->map->n_children; c++)
            for (size_t i = 0; i < b->map->children[c].n_fields; i++)
                add_sum(p, b, amount_of(b->children[c], &b->map->children[c].fields[i]));
    }
}
