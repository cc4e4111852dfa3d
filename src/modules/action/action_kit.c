/* action_kit.c: small things that the rules of the module share. Knows no page and no SQL.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/core_rules.h"
#include "modules/action/action.h"

bool action_state_is(const Record *r, const char *states) {
    return r && r->state && word_in(states, str_of(r->state->name));
}

bool action_is_empty(const Record *r, const char *field) {
    const Field *f = type_field(r->type, str_of(field));
    return !f || value_is_null(r->values[f->index]);
}

int64_t action_ref(const Record *r, const char *field) {
    const Field *f = type_field(r->type, str_of(field));
    return f ? r->values[f->index].i : 0;
}

Value action_refs(const Record *r, const char *field) {
    const Field *f = type_field(r->type, str_of(field));
    return f ? r->values[f->index] : (Value){0};
}

int action_rating(const Record *issue) {
    const Field *f = type_need(issue->type, "rating");
    for (size_t i = 0; i < f->n_choices; i++)
        if (str_is(record_text(issue, "rating"), f->choices[i].key)) return (int)i + 1;
    return 0;
}

/* ---- in consequence of another change ---- */

/* The actor with all rights for a moment; who it is stays in the history. */
static Actor *with_all_rights(Ctx *c) {
    Actor *kept = c->actor, *all = NEW(c->arena, Actor);
    *all = *kept;
    all->is_system = true;
    c->actor = all;
    c->cache = NULL;
    return kept;
}

static void as_before(Ctx *c, Actor *kept, Str reason) {
    c->actor = kept;
    c->cache = NULL;
    c->reason = reason;
}

Err action_move_as_system(Ctx *c, const Type *t, int64_t id, const char *step, Str reason) {
    Str kept_reason = c->reason;
    Record *r, *moved;
    Input in = {0};
    if (reason.n) input_add(&in, c->arena, S("reason"), reason);
    Actor *kept = with_all_rights(c);
    Err e = record_load_raw(&r, c, t, id);
    if (!e) e = record_move(&moved, c, r, step, &in);
    as_before(c, kept, kept_reason);
    return e;
}

Err action_save_as_system(Record **out, Ctx *c, Record *r, const char *verb) {
    Str reason = c->reason;
    Actor *kept = with_all_rights(c);
    Err e = record_save(out, c, r, verb);
    as_before(c, kept, reason);
    return e;
}

/* ---- settings, money, dates ---- */

Err action_group_currency(Str *out, Ctx *c) {
    bool found;
    TRY(setting_text(out, &found, c, "group_currency"));
    if (!found || currency_digits(*out) < 0) *out = S("MAD");
    return OK;
}

Err action_to_group(int64_t *out, Ctx *c, const Record *r, const char *field) {
    Value v = record_get(r, field);
    Str group, day, source;
    int64_t rate;
    *out = 0;
    if (value_is_null(v)) return OK;
    TRY(action_group_currency(&group, c));
    Err e = rate_find(&rate, &day, &source, c, str_of(v.currency), group, c->today);
    if (e == ERR_MISSING)
        return issue(c, field, "no_rate",
                     N_("There is no exchange rate for this currency and date."));
    TRY(e);
    if (!money_convert(out, v.i, str_of(v.currency), rate, group))
        return issue(c, field, "overflow", N_("This amount is too large."));
    return OK;
}

Err action_entity_of(int64_t *out, Ctx *c, int64_t unit) {
    Record *r;
    *out = 0;
    if (!unit) return OK;
    TRY(record_load_raw(&r, c, model_need(c->model, "unit"), unit));
    *out = record_int(r, "entity");
    return OK;
}

bool action_days_between(int64_t *out, Str from, Str to) {
    int64_t a, b;
    if (!date_parse(&a, from) || !date_parse(&b, to)) return false;
    *out = b - a;
    return true;
}

Str action_months_later(Ctx *c, Str day, int64_t months) {
    int64_t days;
    int y, m, d;
    if (!date_parse(&days, day)) return (Str){0};
    date_from_days(&y, &m, &d, days);
    int64_t n = (int64_t)y * 12 + m - 1 + months;
    int64_t first = date_to_days((int)(n / 12), (int)(n % 12) + 1, 1);
    int64_t next = date_to_days((int)((n + 1) / 12), (int)((n + 1) % 12) + 1, 1);
    return date_text(c->arena, first + d - 1 < next ? first + d - 1 : next - 1);
}
