/* page_board.c: the records of a type as cards in the columns of their states, each with the steps
 * that this person may take now. What a step demands and who may take it is decided where it is
 * taken; the board only leads there. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/condition.h"
#include "model/page_kit.h"

enum { OPEN_CARDS = 60, CLOSED_CARDS = 15 };

typedef struct Board {
    Ctx *c;
    const Type *type;
    const BoardQuery *query;
    const State **states; /* of the columns, in the order of the path */
    size_t n_states;
    PageColumn *fields;
    size_t n_fields;
} Board;

static void order_states(Board *b) {
    const Type *t = b->type;
    b->states = NEW_N(b->c->arena, const State *, t->n_states);
    for (size_t i = 0; i < t->n_states; i++) {
        if (t->states[i].flags & STATE_VOID) continue;
        size_t at = b->n_states++;
        for (; at > 0 && b->states[at - 1]->rank > t->states[i].rank; at--)
            b->states[at] = b->states[at - 1];
        b->states[at] = &t->states[i];
    }
}

static ptrdiff_t column_of(const Board *b, const State *s) {
    for (size_t i = 0; i < b->n_states; i++)
        if (b->states[i] == s) return (ptrdiff_t)i;
    return -1;
}

/* ---- cards ---- */

static const State *target_of(const Board *b, const Record *r, const Transition *t) {
    if (t->to) return t->to;
    const char *name = t->def->route ? t->def->route(b->c, r) : NULL;
    return name ? type_state(b->type, str_of(name)) : NULL;
}

/* After the step one is back at the board. */
static void lead_back(Button *step, const Board *b) {
    Ctx *c = b->c;
    if (step->asks) {
        Str next = page_kit_escape(c->arena, b->query->back);
        step->href = str_fmt(c->arena, "%.*s?_next=%.*s", FMT(step->href), FMT(next));
        return;
    }
    step->name = S("_next");
    step->value = b->query->back;
}

static Err card_moves(BoardCard *card, const Board *b, const Record *r) {
    const Type *t = b->type;
    BoardMove *moves = NEW_N(b->c->arena, BoardMove, t->n_transitions + 1);
    if (b->c->actor->is_read_only || b->c->as_of.n) return OK;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < t->n_transitions; i++) {
            const Transition *step = &t->transitions[i];
            bool offered = false, first = (step->def->flags & TRANSITION_PRIMARY) != 0;
            BoardMove *move = &moves[card->n_moves];
            if (first != (pass == 0)) continue;
            TRY(page_kit_transition(&move->step, &offered, b->c, r, step));
            ptrdiff_t to = offered ? column_of(b, target_of(b, r, step)) : -1;
            if (to < 0 || move->step.disabled_why.n) continue;
            move->to = (size_t)to;
            lead_back(&move->step, b);
            card->n_moves++;
        }
    card->moves = moves;
    return OK;
}

static Err card_of(BoardCard *card, const Board *b, const Record *r) {
    Ctx *c = b->c;
    FieldSet hidden = {0};
    TRY(access_hidden(&hidden, c, b->type, r));
    Cell *cells = NEW_N(c->arena, Cell, b->n_fields + 1);
    for (size_t i = 0; i < b->n_fields; i++)
        TRY(page_kit_cell(&cells[i], c, r, &b->fields[i], hidden));
    const Condition *k = condition_first(c, r, NULL, hidden);
    *card = (BoardCard){.id = record_number(c->arena, r),
                        .href = record_path(c->arena, r),
                        .cells = cells,
                        .tone = k ? k->def->tone : TONE_NONE};
    return card_moves(card, b, r);
}

/* ---- columns ---- */

static Err column_fill(BoardColumn *out, const Board *b, const State *s) {
    Ctx *c = b->c;
    Input params = {0};
    ListQuery q = {0};
    ListCursor *cursor = NULL;
    bool exact, closed = (s->flags & STATE_CLOSED) != 0;
    const Input *own = b->query->filters;
    for (size_t i = 0; own && i < own->n; i++)
        input_add(&params, c->arena, own->items[i].name, own->items[i].value);
    input_add(&params, c->arena, S("state"), str_of(s->name));
    Str more = page_kit_url(c->arena, page_kit_list_path(c->arena, b->type), &params);
    input_add(&params, c->arena, S("sort"), closed ? S("-id") : str_of(b->query->sort));
    TRY(list_parse(&q, c, b->type, &params));
    q.limit = closed ? CLOSED_CARDS : OPEN_CARDS;
    TRY(list_open(&cursor, c, &q));
    BoardCard *cards = NEW_N(c->arena, BoardCard, (size_t)q.limit + 1);
    *out = (BoardColumn){.name = s->name, .label = TRS(c, s->label), .tone = s->tone};
    for (;;) {
        Record *r = NULL;
        TRY(list_next(&r, cursor, c->arena));
        if (!r) break;
        TRY(card_of(&cards[out->n++], b, r));
    }
    out->cards = cards;
    out->total = (int64_t)out->n;
    if (!list_after(cursor).n) return OK;
    out->more_href = more;
    return list_count(&out->total, &exact, c, &q, LIST_COUNT_API);
}

Err page_board(Ctx *c, const Type *t, const BoardQuery *query, Block **out) {
    Board b = {.c = c, .type = t, .query = query};
    FieldSet hidden = {0};
    TRY(access_hidden(&hidden, c, t, NULL));
    order_states(&b);
    b.fields = NEW_N(c->arena, PageColumn, query->n_fields + 1);
    Column *fields = NEW_N(c->arena, Column, query->n_fields + 1);
    for (size_t i = 0; i < query->n_fields; i++) {
        PageColumn *f = &b.fields[b.n_fields];
        if (!page_kit_column(f, c, t, str_of(query->fields[i]), hidden)) continue;
        fields[b.n_fields++] = (Column){.name = f->name, .label = f->label, .kind = f->kind};
    }
    BoardColumn *columns = NEW_N(c->arena, BoardColumn, b.n_states + 1);
    for (size_t i = 0; i < b.n_states; i++) TRY(column_fill(&columns[i], &b, b.states[i]));
    *out = view_block(c->arena, BLOCK_BOARD);
    (*out)->id = "board";
    (*out)->board = (BoardView){.fields = fields,
                                .n_fields = b.n_fields,
                                .columns = columns,
                                .n_columns = b.n_states,
                                .empty_text = TRS(c, N_("Nothing here yet"))};
    return OK;
}
