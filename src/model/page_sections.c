/* page_sections.c: what modules add to the end of another's page: rights, order, and the day that
 * the page is about. Knows no module. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/access.h"
#include "model/pages.h"

#include <stdlib.h>

static int by_order(const void *a, const void *b) {
    const SectionDef *x = *(const SectionDef *const *)a, *y = *(const SectionDef *const *)b;
    return (x->order > y->order) - (x->order < y->order);
}

static Err add(Ctx *c, const SectionDef *s, Page *page, bool is_first) {
    Block *block = NULL;
    Err e = access_page(c, str_of(s->right));
    if (e == ERR_DENIED) return OK;
    TRY(e);
    TRY(s->build(c, page, &block));
    if (page->is_print && is_first && block && block->kind == BLOCK_LAYOUT)
        block->layout.starts_page = true;
    view_put(c->arena, page->body, block);
    return OK;
}

/* Names are remembered as of a day, so what was remembered for another one is put aside. */
static Err add_all(Ctx *c, const SectionDef *const *list, size_t n, Page *page) {
    Str day = c->as_of;
    void *cache = c->cache;
    Err e = OK;
    bool is_past = page->to.n && str_cmp(page->to, day.n ? day : c->today) < 0;
    if (is_past) {
        c->as_of = page->to;
        c->cache = NULL;
    }
    size_t own = page->body->layout.n;
    for (size_t i = 0; i < n && !e; i++) e = add(c, list[i], page, page->body->layout.n == own);
    if (is_past) {
        c->as_of = day;
        c->cache = cache;
    }
    return e;
}

Err page_sections(Ctx *c, const PageDef *def, Page *page) {
    size_t n = 0;
    const SectionDef **list = NEW_N(c->arena, const SectionDef *, c->model->n_sections + 1);
    for (size_t i = 0; i < c->model->n_sections; i++)
        if (strcmp(c->model->sections[i]->page, def->path) == 0) list[n++] = c->model->sections[i];
    if (!n || !page->body || page->body->kind != BLOCK_LAYOUT) return OK;
    qsort(list, n, sizeof *list, by_order);
    return add_all(c, list, n, page);
}
