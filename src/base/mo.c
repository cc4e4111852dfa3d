/* mo.c: look-up in a .mo image (gettext manual, section "The Format of GNU MO Files") by the hash
 * table that msgfmt writes, or by binary search where there is none.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mo.h"

typedef struct Catalogue {
    const unsigned char *p;
    size_t n;
    bool swapped;
} Catalogue;

static uint32_t word(const Catalogue *c, size_t at) {
    if (c->n < 4 || at > c->n - 4) return 0;
    uint32_t w;
    memcpy(&w, c->p + at, sizeof w);
    return c->swapped ? __builtin_bswap32(w) : w;
}

/* The i-th text of the table at `table`: length and offset, NUL behind it inside the image. */
static Str entry(const Catalogue *c, size_t table, size_t i) {
    size_t length = word(c, table + 8 * i), at = word(c, table + 8 * i + 4);
    if (at >= c->n || length >= c->n - at || c->p[at + length] != 0) return (Str){NULL, 0};
    return (Str){(const char *)c->p + at, length};
}

/* P. J. Weinberger's hash as gettext takes it. */
static uint32_t hash_of(const char *z) {
    uint32_t h = 0;
    for (; *z; z++) {
        h = (h << 4) + (unsigned char)*z;
        uint32_t high = h & 0xF0000000u;
        h ^= high >> 24 ^ high;
    }
    return h;
}

/* Index of msgid by the table of `size` places at `table`; count: it is not there. */
static size_t find_hashed(const Catalogue *c, size_t table, uint32_t size, size_t originals,
                          size_t count, const char *msgid) {
    uint32_t hash = hash_of(msgid), at = hash % size, step = 1 + hash % (size - 2);
    for (uint32_t tries = 0; tries < size; tries++) {
        size_t i = word(c, table + 4 * (size_t)at);
        if (i == 0) break;
        Str id = i <= count ? entry(c, originals, i - 1) : (Str){0};
        if (id.p && strcmp(id.p, msgid) == 0) return i - 1;
        at = at >= size - step ? at - (size - step) : at + step;
    }
    return count;
}

Str mo_find(const LangImage *image, const char *msgid) {
    const Str nothing = {NULL, 0};
    Catalogue c = {image->p, image->n, false};
    if (!c.p || c.n < 28) return nothing;
    if (word(&c, 0) == 0xDE120495) c.swapped = true;
    if (word(&c, 0) != 0x950412DE || word(&c, 4) >> 16 > 1) return nothing;
    size_t count = word(&c, 8), originals = word(&c, 12), translations = word(&c, 16);
    if (count > c.n / 16 || originals > c.n - 8 * count || translations > c.n - 8 * count)
        return nothing;
    uint32_t places = word(&c, 20);
    size_t hashes = word(&c, 24);
    if (places > 2 && places <= c.n / 4 && hashes <= c.n - 4 * (size_t)places) {
        size_t i = find_hashed(&c, hashes, places, originals, count, msgid);
        return i < count ? entry(&c, translations, i) : nothing;
    }
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        Str id = entry(&c, originals, middle);
        if (!id.p) return nothing;
        /* A plural entry's id is "one NUL many": strcmp sees the first form, as gettext does. */
        int order = strcmp(msgid, id.p);
        if (order == 0) return entry(&c, translations, middle);
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return nothing;
}

Str mo_form(Str found, size_t i) {
    Str form, rest = found;
    while (str_cut(&form, &rest, '\0')) {
        if (i-- == 0) return form;
    }
    return (Str){NULL, 0};
}
