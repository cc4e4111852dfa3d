/* import_guess.c: which entry a value of a file most likely names: pairs of letters in common, the
 * words that every branch and every list has left out. A guess is only ever offered, a person
 * agrees to it. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"
#include "model/import_page.h"

enum { MOST_PAIRS = 160, LEAST_ALIKE = 55, LEAST_AHEAD = 8 }; /* in hundredths */

typedef struct Pairs {
    uint32_t pair[MOST_PAIRS];
    size_t n;
} Pairs;

static void pairs_of(Pairs *out, Arena *a, Str text) {
    Str word, rest = utf8_fold(a, text);
    out->n = 0;
    while (str_cut(&word, &rest, ' ')) {
        if (!word.n ||
            word_in("agence agences unite direction service departement entite centre de du des la "
                    "le les l d et en a aux au et the of and branch unit",
                    word))
            continue;
        uint32_t before = ' ';
        for (size_t i = 0; i < word.n && out->n < MOST_PAIRS;) {
            uint32_t c = utf8_next(word, &i);
            out->pair[out->n++] = (before << 16) ^ c;
            before = c;
        }
        if (out->n < MOST_PAIRS) out->pair[out->n++] = (before << 16) ^ ' ';
    }
}

/* Twice the pairs in common, in hundredths of all pairs. */
static size_t alike(const Pairs *a, const Pairs *b) {
    bool used[MOST_PAIRS] = {0};
    size_t same = 0;
    if (!a->n || !b->n) return 0;
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++) {
            if (used[k] || a->pair[i] != b->pair[k]) continue;
            used[k] = true;
            same++;
            break;
        }
    return 200 * same / (a->n + b->n);
}

Str import_guess(Ctx *c, const FilterOption *options, size_t n, Str value) {
    Arena *scratch = arena_new(0);
    Pairs wanted, one;
    size_t best = 0, second = 0, at = 0;
    pairs_of(&wanted, scratch, value);
    for (size_t i = 0; i < n; i++) {
        size_t score = 0;
        if (!options[i].value.n) continue;
        if (i % 256 == 255) arena_reset(scratch);
        pairs_of(&one, scratch, options[i].label);
        score = alike(&wanted, &one);
        pairs_of(&one, scratch, options[i].value);
        if (alike(&wanted, &one) > score) score = alike(&wanted, &one);
        if (score > best) {
            second = best;
            best = score;
            at = i;
        } else if (score > second) {
            second = score;
        }
    }
    arena_free(scratch);
    (void)c;
    return best >= LEAST_ALIKE && best >= second + LEAST_AHEAD ? options[at].value : (Str){0};
}
