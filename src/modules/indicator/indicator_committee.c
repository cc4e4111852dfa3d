/* indicator_committee.c: what the page for the committee says of indicators at the end of its
 * period: how many are of which colour, and the red ones with their value. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "base/clock.h"
#include "model/report.h"
#include "modules/indicator/indicator_pages.h"

enum { MOST = 500, SHOWN = 8, YEAR_AND_A_QUARTER = 460 };

typedef struct Latest {
    int64_t reds, ambers, greens, missing;
    const Indicator *red[SHOWN];
    const SeriesRow *row[SHOWN];
    size_t n;
} Latest;

/* The newest value of a period that was over on the day. */
static const SeriesRow *latest_of(const SeriesRows *rows, const Indicator *i, int64_t day) {
    const SeriesRow *found = NULL;
    for (size_t k = 0; k < rows->n; k++) {
        const SeriesRow *r = &rows->items[k];
        if (r->owner == i->record->id && period_end(i->frequency, r->period) <= day) found = r;
    }
    return found;
}

static void count_one(Latest *l, const SeriesRows *rows, const Indicator *i, int64_t day) {
    const SeriesRow *r = latest_of(rows, i, day);
    Colour colour = r ? (Colour)r->values[VALUE_COLOUR].i : NOT_JUDGED;
    l->missing += !r;
    l->greens += colour == GREEN;
    l->ambers += colour == AMBER;
    l->reds += colour == RED;
    if (colour != RED || l->n == SHOWN) return;
    l->red[l->n] = i;
    l->row[l->n++] = r;
}

static Block *figures(Ctx *c, const Latest *l) {
    const struct {
        const char *name, *label;
        int64_t n;
    } items[] = {{"red", N_("Red"), l->reds},
                 {"amber", N_("Amber"), l->ambers},
                 {"green", N_("Green"), l->greens},
                 {"missing", N_("Without a value"), l->missing}};
    Fact *f = NEW_N(c->arena, Fact, LENGTH(items));
    for (size_t k = 0; k < LENGTH(items); k++)
        f[k] = (Fact){
            .name = items[k].name, .label = TRS(c, items[k].label), .cell = cell_int(items[k].n)};
    Block *b = view_block(c->arena, BLOCK_FACTS);
    b->id = "indicator-figures";
    b->facts = (FactsView){.facts = f, .n = LENGTH(items), .is_headline = true};
    return b;
}

static Err red_list(Block **out, Ctx *c, const Latest *l) {
    static const Column columns[] = {
        {.name = "indicator", .label = S(N_("Indicator")), .kind = CELL_REF, .is_main = true},
        {.name = "unit", .label = S(N_("Unit")), .kind = CELL_TEXT},
        {.name = "period", .label = S(N_("Period")), .kind = CELL_CODE},
        {.name = "value", .label = S(N_("Value")), .kind = CELL_DECIMAL}};
    ReportList list = report_list(c, columns, LENGTH(columns));
    for (size_t k = 0; k < l->n; k++) {
        const Indicator *i = l->red[k];
        Str label, unit, number = record_number(c->arena, i->record),
                         href = record_path(c->arena, i->record);
        TRY(indicator_names(&label, &unit, c, i->record));
        Cell *cells = report_row(&list, number, href);
        cells[0] = cell_link(cell_label(number, label), href);
        cells[1] = cell_text(unit);
        cells[2] = cell_code(indicator_period_label(c, i, l->row[k]->period));
        cells[3] = indicator_value_cell(i->definition, l->row[k]->values[VALUE_VALUE].i);
        cells[3].tone = TONE_BAD;
    }
    *out = report_block(&list, NULL, NULL, N_("No indicator is red"));
    return OK;
}

Err indicator_committee(Ctx *c, const Page *page, Block **out) {
    Indicators all;
    SeriesRows rows;
    Input none = {0};
    int64_t day;
    Block *list;
    Latest *l = NEW(c->arena, Latest);
    (void)page;
    CHECK(date_parse(&day, c->as_of.n ? c->as_of : c->today), "today is no date");
    TRY(indicator_visible(&all, c, &none, MOST));
    TRY(series_range(&rows, c, &indicator_values, all.ids, all.n, day - YEAR_AND_A_QUARTER, day));
    for (size_t i = 0; i < all.n; i++) count_one(l, &rows, &all.items[i], day);
    TRY(red_list(&list, c, l));
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Indicators")));
    (*out)->id = "indicators";
    view_put(c->arena, *out, figures(c, l));
    view_put(c->arena, *out, list);
    return OK;
}
