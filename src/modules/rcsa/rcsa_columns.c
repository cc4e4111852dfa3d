/* rcsa_columns.c: what the list of risks shows beside their ratings: the actions that are open and
 * the losses of twelve months, of those that the reader may see; empty for who sees none at all.
 * Knows no SQL and no markup. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/report.h"
#include "modules/rcsa/rcsa.h"
#include "modules/rcsa/rcsa_query.h"

static Err fill_actions(Ctx *c, const int64_t *ids, size_t n, Cell *out) {
    int64_t *open = NEW_N(c->arena, int64_t, n);
    bool seen;
    TRY(rcsa_query_actions_of(open, &seen, c, ids, n));
    for (size_t i = 0; seen && i < n; i++) out[i] = cell_int(open[i]);
    return OK;
}

static Err fill_losses(Ctx *c, const int64_t *ids, size_t n, Cell *out) {
    Str currency;
    bool seen;
    int64_t today, *gross = NEW_N(c->arena, int64_t, n);
    CHECK(date_parse(&today, c->today), "today is no date");
    TRY(rcsa_currency(&currency, c));
    TRY(rcsa_query_losses_of(gross, &seen, c, ids, n, date_text(c->arena, today - 365)));
    for (size_t i = 0; seen && i < n; i++) out[i] = report_money(gross[i], currency);
    return OK;
}

const ColumnDef rcsa_columns[] = {
    {"risk", "open_actions", N_("Open actions"), CELL_INT, fill_actions},
    {"risk", "losses_12", N_("Losses, 12 months"), CELL_MONEY, fill_losses},
    {0}};
