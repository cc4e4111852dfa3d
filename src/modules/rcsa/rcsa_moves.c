/* rcsa_moves.c: movements over the risk map: equal ones counted together, the largest first, drawn
 * by the renderer over the grid of the method. Knows no SQL and no markup.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_pages.h"

#include <stdlib.h>

static Cell place_cell(Ctx *c, const RcsaMethod *m, int likelihood, int impact) {
    int class = calc_class(&m->calc, likelihood, impact);
    Str name = RCSA_FILL(c, TR(c, N_("{0} × {1}")), rcsa_int(c, likelihood), rcsa_int(c, impact));
    Cell cell = cell_label(name, name);
    if (!class) return cell;
    cell.text = RCSA_FILL(c, TR(c, N_("{0}, {1}")), name, m->classes[class - 1]);
    cell.tone = rcsa_classes[class - 1].tone;
    return cell;
}

/* Better is a lower class; within a class what lies nearer to the corner of rare and small. */
static int direction_of(const RcsaMethod *m, const RcsaShift *s) {
    int before = calc_class(&m->calc, s->from_likelihood, s->from_impact),
        after = calc_class(&m->calc, s->to_likelihood, s->to_impact);
    if (before == after) {
        before = s->from_likelihood + s->from_impact;
        after = s->to_likelihood + s->to_impact;
    }
    return after < before ? 1 : after > before ? -1 : 0;
}

static bool same_shift(const RcsaShift *a, const RcsaShift *b) {
    return a->from_likelihood == b->from_likelihood && a->from_impact == b->from_impact &&
           a->to_likelihood == b->to_likelihood && a->to_impact == b->to_impact;
}

void rcsa_shift_add(RcsaShifts *all, Ctx *c, RcsaShift s) {
    if (s.from_likelihood < 1 || s.from_impact < 1 || s.to_likelihood < 1 || s.to_impact < 1)
        return;
    for (size_t i = 0; i < all->n; i++)
        if (same_shift(&all->items[i], &s)) {
            all->items[i].count += s.count;
            return;
        }
    GROW(c->arena, all->items, all->n, all->cap);
    all->items[all->n++] = s;
}

static int by_count(const void *a, const void *b) {
    const RcsaShift *x = a, *y = b;
    const int keys[][2] = {{x->from_likelihood, y->from_likelihood},
                           {x->from_impact, y->from_impact},
                           {x->to_likelihood, y->to_likelihood},
                           {x->to_impact, y->to_impact}};
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    for (size_t i = 0; i < LENGTH(keys); i++)
        if (keys[i][0] != keys[i][1]) return keys[i][0] > keys[i][1] ? -1 : 1;
    return 0;
}

Block *rcsa_moves(Ctx *c, const RcsaMethod *m, RcsaShifts *all, const char *caption,
                  const char *from, const char *to) {
    MatrixCell *cells;
    Block *b = rcsa_matrix(c, m, &cells);
    int rows = m->calc.n_likelihood, columns = m->calc.n_impact;
    MatrixMove *moves = NEW_N(c->arena, MatrixMove, all->n + 1);
    int64_t total = 0;
    if (all->n) qsort(all->items, all->n, sizeof *all->items, by_count);
    b->matrix.is_moves = true;
    b->matrix.moves = moves;
    b->matrix.from_label = TRS(c, from);
    b->matrix.to_label = TRS(c, to);
    b->matrix.empty_text = TRS(c, N_("No risk is rated yet"));
    for (size_t i = 0; i < all->n; i++) {
        const RcsaShift *s = &all->items[i];
        if (s->from_likelihood > rows || s->to_likelihood > rows || s->from_impact > columns ||
            s->to_impact > columns)
            continue; /* of a method with another scale */
        moves[b->matrix.n_moves++] =
            (MatrixMove){.from_row = (size_t)(rows - s->from_likelihood),
                         .from_col = (size_t)s->from_impact - 1,
                         .to_row = (size_t)(rows - s->to_likelihood),
                         .to_col = (size_t)s->to_impact - 1,
                         .count = s->count,
                         .better = direction_of(m, s),
                         .from = place_cell(c, m, s->from_likelihood, s->from_impact),
                         .to = place_cell(c, m, s->to_likelihood, s->to_impact),
                         .href = s->href};
        total += s->count;
    }
    b->matrix.caption = RCSA_FILL(c, TR(c, N_("{0} ({1})")), TRS(c, caption), rcsa_int(c, total));
    return b;
}
