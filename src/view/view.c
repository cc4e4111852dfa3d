/* view.c: builders of blocks and cells. Everything lives in the caller's arena; nothing is
 * formatted here. SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/view.h"

Block *view_block(Arena *a, BlockKind kind) {
    Block *b = NEW(a, Block);
    b->kind = kind;
    return b;
}

Block *view_layout(Arena *a, LayoutKind kind, Str title) {
    Block *b = view_block(a, BLOCK_LAYOUT);
    b->layout.kind = kind;
    b->layout.title = title;
    return b;
}

void view_put(Arena *a, Block *layout, Block *item) {
    CHECK(layout && layout->kind == BLOCK_LAYOUT, "view_put into a block that is no layout");
    if (!item) return;
    LayoutView *l = &layout->layout;
    GROW(a, l->items, l->n, l->cap);
    l->items[l->n++] = item;
}

Block *view_text(Arena *a, TextKind kind, Tone tone, Str title, Str text) {
    Block *b = view_block(a, BLOCK_TEXT);
    b->text = (TextView){.kind = kind, .title = title, .text = text, .tone = tone};
    return b;
}

Cell cell_text(Str s) {
    return s.n ? (Cell){.kind = CELL_TEXT, .text = s} : (Cell){0};
}

Cell cell_label(Str key, Str text) {
    return (Cell){.kind = CELL_LABEL, .key = key, .text = text};
}

Cell cell_code(Str s) {
    return s.n ? (Cell){.kind = CELL_CODE, .text = s} : (Cell){0};
}

Cell cell_int(int64_t i) {
    return (Cell){.kind = CELL_INT, .i = i};
}

Cell cell_decimal(int64_t i, int scale) {
    return (Cell){.kind = CELL_DECIMAL, .i = i, .scale = scale};
}

Cell cell_percent(int64_t i, int scale) {
    return (Cell){.kind = CELL_PERCENT, .i = i, .scale = scale};
}

Cell cell_money(Money m) {
    Cell c = {.kind = CELL_MONEY, .i = m.minor};
    memcpy(c.currency, m.currency, sizeof c.currency);
    return c;
}

Cell cell_date(Str iso) {
    return iso.n ? (Cell){.kind = CELL_DATE, .text = iso} : (Cell){0};
}

Cell cell_instant(int64_t us) {
    return (Cell){.kind = CELL_INSTANT, .i = us};
}

Cell cell_bool(bool b) {
    return (Cell){.kind = CELL_BOOL, .i = b};
}

Cell cell_state(Str key, Str label, Tone tone) {
    return (Cell){.kind = CELL_STATE, .key = key, .text = label, .tone = tone};
}

Cell cell_ref(Str key, Str text, Str href) {
    return (Cell){.kind = CELL_REF, .key = key, .text = text, .href = href};
}

Cell cell_link(Cell c, Str href) {
    c.href = href;
    return c;
}

static bool is_amount(const Cell *c) {
    return c->kind == CELL_MONEY && !c->is_masked && !c->instead.n;
}

void view_share_currency(Column *columns, size_t n, const Row *rows, size_t n_rows) {
    for (size_t k = 0; k < n; k++) {
        if (columns[k].kind != CELL_MONEY) continue;
        const char *found = NULL;
        bool is_one = true;
        for (size_t i = 0; i < n_rows && is_one; i++) {
            const Cell *c = &rows[i].cells[k];
            if (!is_amount(c)) continue;
            is_one = !found || strcmp(found, c->currency) == 0;
            found = c->currency;
        }
        if (found && is_one) memcpy(columns[k].currency, found, sizeof columns[k].currency);
    }
}

typedef struct ArrayRows {
    const Row *rows;
    size_t n, at;
} ArrayRows;

static Err next_of_array(void *state, Arena *scratch, Row *out, bool *has) {
    (void)scratch;
    ArrayRows *rows = state;
    *has = rows->at < rows->n;
    if (*has) *out = rows->rows[rows->at++];
    return OK;
}

RowSource rows_of_array(Arena *a, const Row *rows, size_t n) {
    ArrayRows *state = NEW(a, ArrayRows);
    state->rows = rows;
    state->n = n;
    return (RowSource){.next = next_of_array, .state = state};
}
