/* rcsa_committee.c: what the page for the committee says of risks at the end of its period: how
 * many lie where, the worst, those that moved, what is beyond the tolerance. Knows no SQL and no
 * markup. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/rcsa/rcsa_pages.h"

enum { TOP = 5, MOVED = 5, HIGH = 3, ALL = 100000 };

static Block *titled(Ctx *c, const char *title, Block *list) {
    Block *b = view_layout(c->arena, LAYOUT_SECTION, TRS(c, title));
    view_put(c->arena, b, list);
    return b;
}

static Str day_before(Ctx *c, Str day) {
    int64_t days;
    return date_parse(&days, day) ? date_text(c->arena, days - 1) : (Str){0};
}

static Fact fact(Ctx *c, const char *name, const char *label, int64_t n) {
    return (Fact){.name = name, .label = TRS(c, label), .cell = cell_int(n)};
}

static Block *figures(Ctx *c, const RcsaRiskLines *all, const RcsaMoves *moves) {
    int64_t high = 0, above = 0, rose = 0;
    Fact *f = NEW_N(c->arena, Fact, 5);
    for (size_t i = 0; i < all->n; i++) {
        int64_t level = 0;
        high += str_to_int(&level, all->items[i].residual_level) && level >= HIGH;
        above += str_is(all->items[i].position, "above_tolerance") ||
                 str_is(all->items[i].position, "above_capacity");
    }
    for (size_t i = 0; i < moves->n; i++)
        rose += str_cmp(moves->items[i].level_after, moves->items[i].level_before) > 0;
    f[0] = fact(c, "rated", N_("Rated risks"), (int64_t)all->n);
    f[1] = fact(c, "high", N_("High or worse after controls"), high);
    f[2] = fact(c, "above", N_("Above the tolerance"), above);
    f[3] = fact(c, "rose", N_("Risen in the period"), rose);
    f[4] = fact(c, "fell", N_("Fallen in the period"), (int64_t)moves->n - rose);
    Block *b = view_block(c->arena, BLOCK_FACTS);
    b->id = "risk-figures";
    b->facts = (FactsView){.facts = f, .n = 5, .is_headline = true};
    return b;
}

static Err top_list(Block **out, Ctx *c, const RcsaRiskLines *all) {
    static const Column columns[] = {
        {.name = "risk", .label = S(N_("Risk")), .kind = CELL_REF, .is_main = true},
        {.name = "unit", .label = S(N_("Unit")), .kind = CELL_REF},
        {.name = "inherent_level", .label = S(N_("Inherent risk")), .kind = CELL_LABEL},
        {.name = "residual_level", .label = S(N_("Residual risk")), .kind = CELL_LABEL},
        {.name = "appetite_position", .label = S(N_("Against the appetite")), .kind = CELL_LABEL}};
    ReportList l = report_list(c, columns, LENGTH(columns));
    for (size_t i = 0; i < all->n && i < TOP; i++) {
        const RcsaRiskLine *x = &all->items[i];
        Record *r;
        TRY(record_load_raw(&r, c, model_need(c->model, "risk"), x->id));
        Cell *cells;
        TRY(rcsa_risk_row(&cells, &l, c, r, x->unit));
        cells[2] = rcsa_class_cell(c, x->inherent_level);
        cells[3] = rcsa_class_cell(c, x->residual_level);
        cells[4] = rcsa_position_cell(c, x->position);
    }
    *out = report_block(&l, NULL, NULL, N_("No risk is rated yet"));
    return OK;
}

static Err moved_list(Block **out, Ctx *c, const RcsaMoves *moves) {
    static const Column columns[] = {
        {.name = "risk", .label = S(N_("Risk")), .kind = CELL_REF, .is_main = true},
        {.name = "unit", .label = S(N_("Unit")), .kind = CELL_REF},
        {.name = "before", .label = S(N_("Before")), .kind = CELL_LABEL},
        {.name = "after", .label = S(N_("Now")), .kind = CELL_LABEL},
        {.name = "direction", .label = S(N_("Movement")), .kind = CELL_LABEL}};
    ReportList l = report_list(c, columns, LENGTH(columns));
    for (size_t i = 0; i < moves->n && i < MOVED; i++) {
        const RcsaMove *m = &moves->items[i];
        Record *r;
        TRY(record_load_raw(&r, c, model_need(c->model, "risk"), m->risk));
        bool rose = str_cmp(m->level_after, m->level_before) > 0;
        Cell *cells;
        TRY(rcsa_risk_row(&cells, &l, c, r, r->unit));
        cells[2] = rcsa_class_cell(c, m->level_before);
        cells[3] = rcsa_class_cell(c, m->level_after);
        cells[4] = rose ? cell_label(S("up"), TRS(c, N_("Rising")))
                        : cell_label(S("down"), TRS(c, N_("Falling")));
        cells[4].tone = rose ? TONE_BAD : TONE_GOOD;
    }
    *out = report_block(&l, NULL, NULL, N_("No rating has moved"));
    return OK;
}

Err rcsa_section_committee(Ctx *c, const Page *page, Block **out) {
    RcsaRiskLines all;
    RcsaMoves moves = {0};
    ReportList beyond;
    Block *top, *moved;
    TRY(rcsa_query_worst(&all, c, &(RcsaFilter){.as_of = c->as_of}, false, ALL));
    if (page->from.n) TRY(rcsa_query_risk_moves(&moves, c, day_before(c, page->from), c->as_of));
    TRY(top_list(&top, c, &all));
    TRY(moved_list(&moved, c, &moves));
    TRY(rcsa_appetites(&beyond, c, true));
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Risks")));
    (*out)->id = "risks";
    (*out)->layout.text = rcsa_as_of(c, (Str){0}, c->as_of);
    view_put(c->arena, *out, figures(c, &all, &moves));
    view_put(c->arena, *out, titled(c, N_("Worst risks"), top));
    view_put(c->arena, *out, titled(c, N_("Risks that moved in the period"), moved));
    view_put(c->arena, *out,
             titled(c, N_("Beyond the tolerance"),
                    report_block(&beyond, NULL, NULL, N_("Nothing is beyond its tolerance"))));
    return OK;
}
