/* incident_taxonomy_calc.c: shares of amounts and places of codes in a map; pure.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_taxonomy.h"

#include <stdlib.h>

/* amount = whole * 10000 + rest, so that nothing overflows. */
void taxonomy_split(int64_t *parts, int64_t amount, const TaxonomyLine *lines, size_t n) {
    int64_t sign = amount < 0 ? -1 : 1, whole = amount / TAXONOMY_WHOLE * sign;
    int64_t rest = amount % TAXONOMY_WHOLE * sign, left = rest;
    for (size_t i = 0; i < n; i++) {
        int64_t more = rest * lines[i].share / TAXONOMY_WHOLE;
        parts[i] = whole * lines[i].share + more;
        left -= more;
    }
    /* At most n - 1 units are left: each goes to the largest remainder that has none yet. */
    int64_t above = TAXONOMY_WHOLE, after = -1;
    while (left > 0 && n) {
        size_t best = n;
        for (size_t i = 0; i < n; i++) {
            int64_t r = rest * lines[i].share % TAXONOMY_WHOLE;
            bool is_next = r < above || (r == above && (int64_t)i > after);
            if (!is_next) continue;
            if (best == n || r > rest * lines[best].share % TAXONOMY_WHOLE) best = i;
        }
        if (best == n) best = 0; /* shares that do not add up: nothing is lost all the same */
        above = rest * lines[best].share % TAXONOMY_WHOLE;
        after = (int64_t)best;
        parts[best]++;
        left--;
    }
    for (size_t i = 0; i < n; i++) parts[i] *= sign;
}

static int by_node(const void *a, const void *b) {
    const TaxonomyPlace *x = a, *y = b;
    return (x->node > y->node) - (x->node < y->node);
}

void taxonomy_places(TaxonomyPlace *out, const TreeItem *tree, size_t n, const TaxonomyLine *lines,
                     size_t n_lines) {
    for (size_t i = 0; i < n; i++) {
        out[i] = (TaxonomyPlace){.node = tree[i].id};
        for (size_t k = 0; k < n_lines; k++) {
            if (lines[k].source != tree[i].id) continue;
            if (!out[i].n) out[i].first = k;
            out[i].n++;
        }
        for (size_t k = i; k > 0 && !out[i].n && tree[i].parent; k--) {
            if (tree[k - 1].id != tree[i].parent) continue;
            out[i].first = out[k - 1].first;
            out[i].n = out[k - 1].n;
            break;
        }
    }
    qsort(out, n, sizeof *out, by_node);
}

const TaxonomyPlace *taxonomy_place(const TaxonomyPlace *places, size_t n, int64_t node) {
    TaxonomyPlace key = {.node = node};
    const TaxonomyPlace *at = n ? bsearch(&key, places, n, sizeof key, by_node) : NULL;
    return at && at->n ? at : NULL;
}
