/* page_rows.c: the rows of a list: those of a screen at once, those of an export as they are asked
 * for, with what columns of modules add. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/page_list.h"

enum { ROWS_PER_ARENA = 5000, ROWS_AT_ONCE = 200 };

/* An export of any length must not fill the request's arena: cells and remembered names live in an
 * arena of their own that is emptied now and then. */
typedef struct Source {
    Ctx *c;
    ListCursor *cursor;
    const PageColumns *columns;
    Arena *cells;
    void *cache;
    int64_t n;
    PageRows ahead; /* with columns of modules: rows that were read and filled together */
    size_t at;
    bool is_read; /* nothing comes after them */
} Source;

static void free_cells(void *arena) {
    arena_free(arena);
}

static Err row_apart(Row *out, Source *s, const Record *r) {
    Ctx *c = s->c;
    Arena *own = c->arena;
    void *cache = c->cache;
    c->arena = s->cells;
    c->cache = s->cache;
    Err err = page_kit_row(out, c, s->cells, r, s->columns->items, s->columns->n);
    s->cache = c->cache;
    c->arena = own;
    c->cache = cache;
    return err;
}

static void empty_cells(Source *s) {
    arena_reset(s->cells);
    s->cache = NULL;
}

static Err next_row(void *state, Arena *scratch, Row *out, bool *has) {
    Source *s = state;
    Record *r = NULL;
    *has = false;
    TRY(list_next(&r, s->cursor, scratch));
    if (!r) return OK;
    if (s->n++ % ROWS_PER_ARENA == 0) empty_cells(s);
    TRY(row_apart(out, s, r));
    *has = true;
    return OK;
}

static Err fill_added(PageRows *s, Ctx *c, const PageColumns *columns) {
    for (size_t k = 0; k < columns->n && s->n; k++) {
        const ColumnDef *d = columns->items[k].added;
        if (!d) continue;
        Cell *filled = NEW_N(c->arena, Cell, s->n);
        TRY(d->fill(c, s->ids, s->n, filled));
        for (size_t i = 0; i < s->n; i++) {
            Cell *cells = NEW_N(c->arena, Cell, columns->n);
            memcpy(cells, s->rows[i].cells, columns->n * sizeof *cells);
            cells[k] = filled[i];
            s->rows[i].cells = cells;
        }
    }
    return OK;
}

/* What modules add is asked for many rows at once. */
static Err read_ahead(Source *s) {
    Ctx *c = s->c;
    empty_cells(s);
    s->ahead = (PageRows){0};
    s->at = 0;
    while (s->ahead.n < ROWS_AT_ONCE) {
        Record *r = NULL;
        TRY(list_next(&r, s->cursor, s->cells));
        if (!r) break;
        GROW(s->cells, s->ahead.rows, s->ahead.n, s->ahead.cap);
        GROW(s->cells, s->ahead.ids, s->ahead.n, s->ahead.cap_ids);
        s->ahead.ids[s->ahead.n] = r->id;
        TRY(row_apart(&s->ahead.rows[s->ahead.n], s, r));
        s->ahead.n++;
    }
    Arena *own = c->arena;
    void *cache = c->cache;
    c->arena = s->cells;
    c->cache = s->cache;
    Err err = fill_added(&s->ahead, c, s->columns);
    s->cache = c->cache;
    c->arena = own;
    c->cache = cache;
    return err;
}

static Err next_filled(void *state, Arena *scratch, Row *out, bool *has) {
    Source *s = state;
    (void)scratch;
    *has = false;
    if (s->at == s->ahead.n && !s->is_read) {
        TRY(read_ahead(s));
        s->is_read = s->ahead.n < ROWS_AT_ONCE;
    }
    if (s->at == s->ahead.n) return OK;
    *out = s->ahead.rows[s->at++];
    *has = true;
    return OK;
}

RowSource page_rows_apart(Ctx *c, ListCursor *cursor, const PageColumns *columns) {
    Source *s = NEW(c->arena, Source);
    *s = (Source){.c = c, .cursor = cursor, .columns = columns, .cells = arena_new(0)};
    arena_defer(c->arena, free_cells, s->cells);
    for (size_t i = 0; i < columns->n; i++)
        if (columns->items[i].added) return (RowSource){next_filled, s};
    return (RowSource){next_row, s};
}

Err page_rows_read(PageRows *out, Ctx *c, ListCursor *cursor, const PageColumns *columns) {
    for (;;) {
        Record *r = NULL;
        TRY(list_next(&r, cursor, c->arena));
        if (!r) return fill_added(out, c, columns);
        GROW(c->arena, out->rows, out->n, out->cap);
        GROW(c->arena, out->ids, out->n, out->cap_ids);
        out->ids[out->n] = r->id;
        TRY(page_kit_row(&out->rows[out->n], c, c->arena, r, columns->items, columns->n));
        out->n++;
        if (r->state && r->state->index < 64) out->states |= UINT64_C(1) << r->state->index;
    }
}
