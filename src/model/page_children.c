/* page_children.c: what belongs to a record, on its page: a list of each child type, or a ledger
 * where the type says which amounts add up (TypeDef.ledger). Rights of each child are its own.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/page_kit.h"

enum { MOST_CHILDREN = 500, MOST_SUMS = 6 };

/* ---- columns ---- */

static bool is_name(const Type *t, const Field *f) {
    bool is = f == t->key || f == t->title || f == t->title_else;
    for (int i = 0; i < LANG_COUNT; i++) is |= f == t->titles[i] && t->titles[i] == t->title;
    return is;
}

static bool is_listed(const Type *t, const Field *f) {
    return (f->flags & F_LISTED) && !(f->flags & F_HIDDEN) && f != t->parent && !is_name(t, f);
}

static Column column_of(const PageColumn *from, bool is_main) {
    return (Column){
        .name = from->name, .label = from->label, .kind = from->kind, .is_main = is_main};
}

/* ---- a list ---- */

static size_t list_columns(PageColumn *out, size_t max, Ctx *c, const Type *t, FieldSet hidden) {
    size_t n = 0;
    bool has_title = page_kit_title(c, t) != NULL;
    if (page_kit_column(&out[n], c, t, S("number"), hidden)) n++;
    if (has_title && page_kit_column(&out[n], c, t, S("title"), hidden)) n++;
    if (t->n_states > 1 && page_kit_column(&out[n], c, t, S("state"), hidden)) n++;
    for (size_t i = 0; i < t->n_fields && n + 1 < max; i++) {
        const Field *f = &t->fields[i];
        bool wanted = is_listed(t, f) && f != page_kit_title(c, t);
        if (wanted && page_kit_column(&out[n], c, t, str_of(f->name), hidden)) n++;
    }
    return n;
}

static Err child_list(Block **out, Ctx *c, const Type *t, const Records *children,
                      FieldSet hidden) {
    PageColumn *columns = NEW_N(c->arena, PageColumn, t->n_fields + 4);
    size_t n = list_columns(columns, t->n_fields + 4, c, t, hidden);
    *out = NULL;
    if (!n) return OK;
    bool has_title = n > 1 && !strcmp(columns[1].name, "title");
    if (has_title) columns[1].below = BELOW_NUMBER;
    Row *rows = NEW_N(c->arena, Row, children->n + 1);
    for (size_t i = 0; i < children->n; i++)
        TRY(page_kit_row(&rows[i], c, c->arena, children->items[i], columns, n));
    Column *shown = NEW_N(c->arena, Column, n);
    for (size_t i = 0; i < n; i++) shown[i] = column_of(&columns[i], i == (has_title ? 1u : 0u));
    shown[0].is_hidden = has_title;
    view_share_currency(shown, n, rows, children->n);
    *out = view_block(c->arena, BLOCK_LIST);
    (*out)->list = (ListView){.columns = shown,
                              .n_columns = n,
                              .rows = rows_of_array(c->arena, rows, children->n),
                              .total = (int64_t)children->n,
                              .total_is_exact = true,
                              .is_plain = true};
    return OK;
}

/* ---- a ledger ---- */

typedef struct Ledger {
    Ctx *c;
    const Type *type;
    FieldSet hidden;
    const Field *date, *amount;
    const Field *sums[MOST_SUMS];
    Str labels[MOST_SUMS];
    size_t n_sums;
    int64_t running[MOST_SUMS];
    char currency[4];
    bool is_mixed;
} Ledger;

static const Field *first_listed(const Ledger *l, FieldKind kind) {
    for (size_t i = 0; i < l->type->n_fields; i++) {
        const Field *f = &l->type->fields[i];
        if (f->kind == kind && is_listed(l->type, f) && !fieldset_has(l->hidden, f->index))
            return f;
    }
    return NULL;
}

/* False when the reader may not see what is summed. */
static bool ledger_open(Ledger *l, Ctx *c, const Type *t, FieldSet hidden) {
    *l = (Ledger){.c = c, .type = t, .hidden = hidden};
    for (const LedgerDef *d = t->def->ledger; d && d->field && l->n_sums < MOST_SUMS; d++) {
        const Field *f = type_need(t, d->field);
        if (fieldset_has(hidden, f->index)) return false;
        l->labels[l->n_sums] = TRS(c, d->label);
        l->sums[l->n_sums++] = f;
    }
    l->date = first_listed(l, KIND_DATE);
    l->amount = first_listed(l, KIND_MONEY);
    return l->n_sums > 0;
}

/* Only what is settled and not void adds up. */
static bool adds_up(const Record *r) {
    return !r->state || r->type->n_states < 2 ||
           ((r->state->flags & STATE_CLOSED) && !(r->state->flags & STATE_VOID));
}

static void run_on(Ledger *l, const Record *r) {
    for (size_t i = 0; i < l->n_sums; i++) {
        Value v = r->values[l->sums[i]->index];
        if (v.kind != V_MONEY) continue;
        if (!l->currency[0]) memcpy(l->currency, v.currency, sizeof l->currency);
        if (strcmp(l->currency, v.currency) != 0 ||
            add_overflows(l->running[i], v.i, &l->running[i]))
            l->is_mixed = true;
    }
}

static void running_cells(Cell *cells, const Ledger *l) {
    for (size_t i = 0; i < l->n_sums && !l->is_mixed && l->currency[0]; i++) {
        Money m = {.minor = l->running[i]};
        memcpy(m.currency, l->currency, sizeof m.currency);
        cells[i] = cell_money(m);
    }
}

/* Under the title: number, the listed choices, and the state while it is not settled. */
static Str line_note(const Ledger *l, const Record *r) {
    Ctx *c = l->c;
    Text t = text_new(c->arena, 0);
    text_add(&t, record_number(c->arena, r));
    for (size_t i = 0; i < l->type->n_fields; i++) {
        const Field *f = &l->type->fields[i];
        Str key = r->values[f->index].s;
        if (f->kind != KIND_CHOICE || !key.n || !is_listed(l->type, f) ||
            fieldset_has(l->hidden, f->index))
            continue;
        text_fmt(&t, " · %.*s", FMT(record_choice_words(c, f, key)));
    }
    if (r->state && !adds_up(r)) text_fmt(&t, " · %s", TR(c, r->state->label));
    return text_str(&t);
}

enum { LEDGER_DATE, LEDGER_TITLE, LEDGER_AMOUNT, LEDGER_SUMS };

static Column *ledger_columns(const Ledger *l) {
    Ctx *c = l->c;
    Column *columns = NEW_N(c->arena, Column, LEDGER_SUMS + l->n_sums);
    columns[LEDGER_DATE] = (Column){.name = l->date ? l->date->name : "date",
                                    .label = l->date ? TRS(c, l->date->label) : (Str){0},
                                    .kind = CELL_DATE,
                                    .is_hidden = !l->date};
    columns[LEDGER_TITLE] = (Column){
        .name = "title", .label = TRS(c, l->type->label), .kind = CELL_TEXT, .is_main = true};
    columns[LEDGER_AMOUNT] = (Column){.name = l->amount ? l->amount->name : "amount",
                                      .label = l->amount ? TRS(c, l->amount->label) : (Str){0},
                                      .kind = CELL_MONEY,
                                      .is_hidden = !l->amount};
    for (size_t i = 0; i < l->n_sums; i++)
        columns[LEDGER_SUMS + i] =
            (Column){.name = l->sums[i]->name, .label = l->labels[i], .kind = CELL_MONEY};
    return columns;
}

static Err ledger_row(Row *out, Ledger *l, const Record *r) {
    Ctx *c = l->c;
    FieldSet hidden;
    TRY(access_hidden(&hidden, c, l->type, r));
    Cell *cells = NEW_N(c->arena, Cell, LEDGER_SUMS + l->n_sums);
    if (l->date) cells[LEDGER_DATE] = page_kit_value(c, r, l->date, hidden);
    cells[LEDGER_TITLE] = cell_text(record_title(c, r));
    cells[LEDGER_TITLE].note = line_note(l, r);
    if (l->amount) cells[LEDGER_AMOUNT] = page_kit_value(c, r, l->amount, hidden);
    if (adds_up(r)) {
        run_on(l, r);
        running_cells(cells + LEDGER_SUMS, l);
    }
    *out =
        (Row){.id = record_number(c->arena, r), .href = record_path(c->arena, r), .cells = cells};
    if (!adds_up(r)) out->tone = r->state->flags & STATE_VOID ? TONE_MUTED : TONE_WARN;
    return OK;
}

/* Does it take away from the last of the sums? */
static bool takes_away(const Ledger *l, const Record *r) {
    Value v = r->values[l->sums[l->n_sums - 1]->index];
    return v.kind == V_MONEY && v.i < 0;
}

/* By day; of one day, what takes away (a reversal, a recovery) follows what it takes away from, so
 * that no running sum dips between two entries of a day. */
static int by_day(const Ledger *l, const Record *a, const Record *b) {
    int order = str_cmp(a->values[l->date->index].s, b->values[l->date->index].s);
    return order ? order : takes_away(l, a) - takes_away(l, b);
}

/* In the order of their day, else of their number; few enough for the simplest sort. *moved: a
 * line stands before one with a lower number of its day. */
static void sort_by_day(bool *moved, const Ledger *l, const Records *children) {
    *moved = false;
    if (!l->date) return;
    for (size_t i = 1; i < children->n; i++) {
        Record *r = children->items[i];
        size_t k = i;
        for (; k && by_day(l, children->items[k - 1], r) > 0; k--) {
            const Record *before = children->items[k - 1];
            *moved |= str_eq(before->values[l->date->index].s, r->values[l->date->index].s);
            children->items[k] = children->items[k - 1];
        }
        children->items[k] = r;
    }
}

static Err ledger_block(Block **out, bool *moved, Ledger *l, const Records *children) {
    Ctx *c = l->c;
    size_t n = LEDGER_SUMS + l->n_sums;
    Column *columns = ledger_columns(l);
    Row *rows = NEW_N(c->arena, Row, children->n + 1);
    Cell *totals = NEW_N(c->arena, Cell, n);
    sort_by_day(moved, l, children);
    for (size_t i = 0; i < children->n; i++) TRY(ledger_row(&rows[i], l, children->items[i]));
    totals[LEDGER_TITLE] = cell_label(S("total"), TRS(c, N_("Total")));
    running_cells(totals + LEDGER_SUMS, l);
    view_share_currency(columns, n, rows, children->n);
    *out = view_block(c->arena, BLOCK_LEDGER);
    (*out)->ledger = (LedgerView){.columns = columns,
                                  .n_columns = n,
                                  .rows = rows,
                                  .n_rows = children->n,
                                  .totals = l->currency[0] && !l->is_mixed ? totals : NULL};
    return OK;
}

/* ---- the section ---- */

static Err add_button(const Button **out, size_t *n, Ctx *c, const Record *r, const Type *child) {
    *n = 0;
    if (r->state && (r->state->flags & (STATE_CLOSED | STATE_VOID))) return OK;
    Err err;
    bool allowed = page_kit_may_create(c, child, &err);
    TRY(err);
    if (!allowed) return OK;
    Button *button = NEW(c->arena, Button);
    Str number = page_kit_escape(c->arena, record_number(c->arena, r));
    *button = (Button){.label = child->def->create_label
                                    ? TRS(c, child->def->create_label)
                                    : FILL(c, TR(c, "Add: {0}"), TRS(c, child->label)),
                       .href = str_fmt(c->arena, "/%s/new?%s=%.*s", child->plural,
                                       child->parent->name, FMT(number)),
                       .icon = "plus"};
    *out = button;
    *n = 1;
    return OK;
}

/* Who may read a record need not read all that belongs to it: a declarant, or somebody of another
 * unit, has no rights on its entries. */
static Err readable_children(Records *out, Ctx *c, const Record *r, const Type *child) {
    Records all = {0};
    TRY(record_children(&all, c, child, r));
    for (size_t i = 0; i < all.n; i++) {
        Err err = access_check(c, all.items[i], OP_READ);
        if (err == ERR_MISSING) continue;
        TRY(err);
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = all.items[i];
    }
    return OK;
}

Err page_children(Block **out, Ctx *c, const Record *r, const Type *child, bool may_add) {
    const Access *access = NULL;
    Records children = {0};
    FieldSet hidden = {0};
    const Button *buttons = NULL;
    size_t n_buttons = 0;
    Block *block = NULL;
    Ledger ledger;
    bool moved = false;
    *out = NULL;
    TRY(access_of(&access, c, child, OP_READ));
    if (!access_any(access)) return OK;
    TRY(readable_children(&children, c, r, child));
    bool is_cut = children.n > MOST_CHILDREN; /* then its sums would lie */
    if (is_cut) children.n = MOST_CHILDREN;
    if (may_add) TRY(add_button(&buttons, &n_buttons, c, r, child));
    if (!children.n && !n_buttons) return OK;
    TRY(access_hidden(&hidden, c, child, NULL));
    if (children.n && !is_cut && ledger_open(&ledger, c, child, hidden))
        TRY(ledger_block(&block, &moved, &ledger, &children));
    else if (children.n)
        TRY(child_list(&block, c, child, &children, hidden));
    else
        block =
            view_text(c->arena, TEXT_PLAIN, TONE_MUTED, (Str){0}, TRS(c, N_("Nothing here yet")));
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, child->plural_label));
    (*out)->id = child->plural;
    if (moved)
        (*out)->layout.text = TRS(c, N_("Of one day, what adds stands before what takes away."));
    (*out)->layout.buttons = buttons;
    (*out)->layout.n_buttons = n_buttons;
    view_put(c->arena, *out, block);
    return OK;
}
