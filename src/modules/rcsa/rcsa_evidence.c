/* rcsa_evidence.c: what happened to a risk: losses and near misses linked to it, open and overdue
 * actions, indicators in the red and amber. Other modules' records are read by type name; what is
 * not there counts nothing. Knows no page. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/rcsa/rcsa_assess.h"
#include "modules/rcsa/rcsa_query.h"

Err rcsa_evidence(RcsaEvidence *out, Ctx *c, int64_t risk, Str since) {
    int64_t today;
    RcsaLosses losses;
    *out = (RcsaEvidence){.since = since};
    Str to = c->as_of.n ? c->as_of : c->today;
    CHECK(date_parse(&today, to), "today is no date");
    Str year_ago = date_text(c->arena, today - 365);
    TRY(rcsa_query_losses(&losses, c, risk, year_ago, since.n ? since : year_ago, to));
    out->facts = (CalcFacts){.losses = losses.count,
                             .gross = losses.gross,
                             .largest = losses.largest,
                             .near_misses = losses.near_misses,
                             .losses_since = losses.count_since};
    if (c->as_of.n) return OK; /* of a past day only losses are asked: what hit a risk */
    TRY(rcsa_query_actions(&out->open_actions, &out->facts.overdue_actions, c, risk));
    return rcsa_query_indicators(&out->facts.red_indicators, &out->facts.amber_indicators, c, risk);
}
