/* incident_calc.c: sums of the entries of one event. Pure; see incident_calc.h for the rules.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_calc.h"

/* clang-format off */
const EntryKind incident_calc_kinds[] = {
    {"direct_loss",        ENTRY_LOSS},
    {"provision",          ENTRY_PROVISION},
    {"provision_used",     ENTRY_PROVISION_BACK},
    {"provision_unused",   ENTRY_PROVISION_BACK},
    {"write_down",         ENTRY_LOSS},
    {"external_cost",      ENTRY_LOSS},
    {"indemnity",          ENTRY_LOSS},
    {"fine",               ENTRY_LOSS},
    {"loss_of_assets",     ENTRY_LOSS},
    {"timing_loss",        ENTRY_TIMING},
    {"pending_loss",       ENTRY_PENDING},
    {"direct_recovery",    ENTRY_RECOVERY},
    {"insurance_recovery", ENTRY_INSURANCE},
    {"other_recovery",     ENTRY_OTHER_RECOVERY},
    {"rapid_recovery",     ENTRY_RAPID},
    {"gain",               ENTRY_GAIN},
    {"opportunity_cost",   ENTRY_OPPORTUNITY},
    {"internal_cost",      ENTRY_INTERNAL},
    {NULL,                 ENTRY_MEMO}
};
/* clang-format on */

EntryClass incident_calc_class(Str kind) {
    for (const EntryKind *k = incident_calc_kinds; k->key; k++)
        if (str_is(kind, k->key)) return k->class;
    return ENTRY_MEMO;
}

int incident_calc_gross_sign(const CalcEntry *e) {
    int sign = 0;
    switch (e->class) {
    case ENTRY_LOSS:
    case ENTRY_PROVISION:
    case ENTRY_PENDING: sign = 1; break;
    case ENTRY_PROVISION_BACK: sign = -1; break;
    case ENTRY_TIMING: sign = e->counts_timing ? 1 : 0; break;
    default: return 0;
    }
    return e->is_reversal ? -sign : sign;
}

static void put(int64_t *sum, int64_t amount, int sign, bool *overflow) {
    int64_t signed_amount;
    if (mul_overflows(amount, (int64_t)sign, &signed_amount) ||
        add_overflows(*sum, signed_amount, sum))
        *overflow = true;
}

static void sum_one(CalcSums *s, const CalcEntry *e, int64_t amount, bool is_rapid,
                    bool *overflow) {
    int sign = e->is_reversal ? -1 : 1, gross = incident_calc_gross_sign(e);
    put(&s->gross, amount, gross, overflow);
    if (e->is_booked) put(&s->gross_booked, amount, gross, overflow);
    switch (e->class) {
    case ENTRY_PROVISION: put(&s->provision, amount, sign, overflow); break;
    case ENTRY_PROVISION_BACK: put(&s->provision, amount, -sign, overflow); break;
    case ENTRY_PENDING: put(&s->pending, amount, sign, overflow); break;
    case ENTRY_INSURANCE:
    case ENTRY_OTHER_RECOVERY:
        put(e->class == ENTRY_INSURANCE ? &s->insurance : &s->other, amount, sign, overflow);
        /* fall through */
    case ENTRY_RECOVERY:
    case ENTRY_RAPID:
        put(&s->recoveries, amount, sign, overflow);
        if (e->is_booked) put(&s->net_booked, amount, -sign, overflow);
        if (is_rapid) put(&s->rapid, amount, sign, overflow);
        break;
    case ENTRY_GAIN: put(&s->gain, amount, sign, overflow); break;
    case ENTRY_OPPORTUNITY:
    case ENTRY_INTERNAL:
        put(e->class == ENTRY_INTERNAL ? &s->internal : &s->opportunity, amount, sign, overflow);
        /* fall through */
    case ENTRY_MEMO: put(&s->memo, amount, sign, overflow); break;
    case ENTRY_TIMING:
        if (!e->counts_timing) put(&s->memo, amount, sign, overflow);
        break;
    case ENTRY_LOSS: break;
    }
}

static void finish(CalcSums *s, bool *overflow) {
    /* net_booked holds minus the booked recoveries so far */
    if (add_overflows(s->net_booked, s->gross_booked, &s->net_booked)) *overflow = true;
    if (sub_overflows(s->gross, s->recoveries, &s->net)) *overflow = true;
    if (s->rapid > s->gross) s->rapid = s->gross;
    if (s->rapid < 0) s->rapid = 0;
}

bool incident_calc_is_recovery(EntryClass class) {
    return class == ENTRY_RECOVERY || class == ENTRY_OTHER_RECOVERY || class == ENTRY_INSURANCE ||
           class == ENTRY_RAPID;
}

void incident_calc_sums(CalcResult *out, const CalcEntry *entries, size_t n, int64_t rapid_until) {
    *out = (CalcResult){
        .first_booked = INT64_MIN, .last_booked = INT64_MIN, .first_provision = INT64_MIN, .n = n};
    for (size_t i = 0; i < n; i++) {
        const CalcEntry *e = &entries[i];
        bool rapid =
            e->class == ENTRY_RAPID || (incident_calc_is_recovery(e->class) && e->is_booked &&
                                        e->day != INT64_MIN && e->day <= rapid_until);
        sum_one(&out->own, e, e->amount, rapid, &out->overflow);
        sum_one(&out->group, e, e->group, rapid, &out->overflow);
        out->has_loss = out->has_loss || incident_calc_gross_sign(e) != 0;
        if (!e->is_booked || e->day == INT64_MIN) continue;
        if (out->first_booked == INT64_MIN || e->day < out->first_booked)
            out->first_booked = e->day;
        if (e->day > out->last_booked) out->last_booked = e->day;
        if (e->class == ENTRY_PROVISION &&
            (out->first_provision == INT64_MIN || e->day < out->first_provision))
            out->first_provision = e->day;
    }
    finish(&out->own, &out->overflow);
    finish(&out->group, &out->overflow);
}

int64_t incident_calc_provision_left(const CalcEntry *entries, size_t n, bool booked) {
    int64_t left = 0;
    bool overflow = false;
    for (size_t i = 0; i < n; i++) {
        const CalcEntry *e = &entries[i];
        bool is_back = e->class == ENTRY_PROVISION_BACK;
        if ((booked && !e->is_booked) || (!is_back && e->class != ENTRY_PROVISION)) continue;
        put(&left, e->amount, is_back == e->is_reversal ? 1 : -1, &overflow);
    }
    return overflow ? 0 : left;
}

bool incident_calc_used_in_capital(const CalcCapital *in) {
    if (!in->is_loss || in->in_credit_rwa || in->is_void || in->is_excluded) return false;
    int64_t tested = in->on_net ? in->net_group : in->gross_group;
    return tested >= in->threshold && tested > 0;
}

int incident_calc_severity(int64_t net_group, const int *levels, size_t n) {
    static const int64_t bounds[] = {5000000, 50000000, 500000000, 5000000000};
    int worst = 1;
    for (size_t i = 0; i < LENGTH(bounds); i++)
        if (net_group >= bounds[i]) worst = (int)i + 2;
    for (size_t i = 0; i < n; i++)
        if (levels[i] + 1 > worst) worst = levels[i] + 1;
    return worst > 5 ? 5 : worst;
}
