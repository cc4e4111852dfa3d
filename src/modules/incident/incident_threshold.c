/* incident_threshold.c: see incident_threshold.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_threshold.h"

#include "base/clock.h"
#include "model/core_rules.h"
#include "model/outbox.h"
#include "modules/incident/incident_pages.h"
#include "modules/incident/incident_query.h"

enum { STRETCH = 200 };

#define HOUR_US (INT64_C(3600) * 1000000)

Err incident_threshold(Threshold *out, Ctx *c) {
    Str measure, day;
    bool found, dated;
    *out = (Threshold){0};
    TRY(incident_group_currency(&out->currency, c));
    TRY(setting_text(&measure, &found, c, "capital_measure"));
    out->on_net = !found || !str_is(measure, "gross");
    TRY(setting_money(&out->set, &out->is_national, c, "capital_threshold_national"));
    out->is_national = out->is_national && out->set.minor > 0;
    if (!out->is_national) {
        TRY(setting_money(&out->set, &found, c, "capital_threshold"));
        if (!found) return OK;
    }
    TRY(setting_text(&day, &dated, c, "threshold_rate_on"));
    if (!dated || day.n != 10) day = c->today;
    Err e = rate_find(&out->rate9, &out->rate_day, &out->rate_source, c, str_of(out->set.currency),
                      out->currency, day);
    if (e == ERR_MISSING) return OK;
    TRY(e);
    if (!money_convert(&out->minor, out->set.minor, str_of(out->set.currency), out->rate9,
                       out->currency))
        out->minor = 0;
    return OK;
}

Block *incident_threshold_facts(Ctx *c, const Threshold *t) {
    Fact *f = NEW_N(c->arena, Fact, 6);
    size_t n = 0;
    bool converted = t->minor && !str_is(t->currency, t->set.currency);
    if (!t->minor)
        return view_text(c->arena, TEXT_NOTICE, TONE_WARN, (Str){0},
                         TRS(c, N_("No threshold is set, or there is no exchange rate for it.")));
    if (converted) {
        f[n++] = incident_kit_fact("threshold_set",
                                   t->is_national ? TRS(c, N_("National threshold"))
                                                  : TRS(c, N_("Threshold")),
                                   cell_money(t->set));
        f[n++] = incident_kit_fact("rate", TRS(c, N_("Exchange rate")), cell_decimal(t->rate9, 9));
        f[n] =
            incident_kit_fact("rate_day", TRS(c, N_("Date of the rate")), cell_date(t->rate_day));
        f[n++].cell.note = t->rate_source;
    }
    f[n++] = incident_kit_fact("threshold",
                               converted        ? TRS(c, N_("Threshold in the group's currency"))
                               : t->is_national ? TRS(c, N_("National threshold"))
                                                : TRS(c, N_("Threshold")),
                               report_money(t->minor, t->currency));
    f[n++] = incident_kit_fact("measured_on", TRS(c, N_("Measured on")),
                               t->on_net ? cell_label(S("net"), TRS(c, N_("Net loss")))
                                         : cell_label(S("gross"), TRS(c, N_("Gross loss"))));
    Block *b = view_block(c->arena, BLOCK_FACTS);
    b->facts = (FactsView){.facts = f, .n = n};
    return b;
}

/* ---- judged anew ---- */

static bool is_same_setting(const Saving *s) {
    static const char *const fields[] = {"value", "amount", "valid_from"};
    bool same = s->before->state == s->after->state;
    for (size_t i = 0; i < LENGTH(fields); i++)
        same = same && value_eq(record_get(s->before, fields[i]), record_get(s->after, fields[i]));
    return same;
}

static Err judge_from(Ctx *c, const Record *r, Str when, int64_t due_us) {
    return outbox_add(c, &(OutboxRow){.topic = "incident_thresholds",
                                      .key = str_fmt(c->arena, "%lld/%lld%.*s/0", (long long)r->id,
                                                     (long long)r->version, FMT(when)),
                                      .payload = S("0"),
                                      .due_us = due_us,
                                      .lane = S("incident_thresholds")});
}

/* Now, and once more when what is still to come counts: by noon it is that day everywhere. */
Err incident_setting_after_save(Ctx *c, const Saving *s) {
    static const char *const codes[] = {"capital_threshold",   "capital_threshold_national",
                                        "threshold_rate_on",   "capital_measure",
                                        "rapid_recovery_days", "large_loss"};
    const Record *r = s->after;
    Str from = record_text(r, "valid_from");
    bool counts = false;
    int64_t day;
    for (size_t i = 0; i < LENGTH(codes); i++)
        counts = counts || str_is(record_text(r, "code"), codes[i]);
    if (!counts || !s->before || is_same_setting(s)) return OK;
    TRY(judge_from(c, r, (Str){0}, 0));
    if (str_cmp(from, c->today) <= 0 || !date_parse(&day, from)) return OK;
    return judge_from(c, r, str_join(c->arena, S("@"), from), (day * 24 + 12) * HOUR_US);
}

Err incident_threshold_job(Ctx *c, Job *job) {
    int64_t *ids, after;
    size_t n;
    Str first = job->key, rest = job->key, part;
    if (!str_to_int(&after, job->payload)) return ERR_INVALID;
    TRY(incident_query_after(&ids, &n, c, after, STRETCH));
    for (size_t i = 0; i < n; i++) TRY(incident_sums(c, ids[i]));
    if (n < STRETCH) return OK;
    str_cut(&part, &rest, '/');
    str_cut(&part, &rest, '/');
    first.n -= rest.n; /* the setting and its version, with the slash */
    Str last = str_fmt(c->arena, "%lld", (long long)ids[n - 1]);
    return outbox_add(c, &(OutboxRow){.topic = "incident_thresholds",
                                      .key = str_join(c->arena, first, last),
                                      .payload = last,
                                      .lane = S("incident_thresholds")});
}
