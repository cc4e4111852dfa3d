/* indicator_breach.c: an episode outside the bounds: what its table cannot say, and what follows
 * when an issue is opened for it in another module: it is being handled.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/indicator/indicator.h"

enum { DAYS_TO_ACKNOWLEDGE = 2 };

static bool is_empty(const Record *r, const char *field) {
    return value_is_null(record_get(r, field));
}

Err indicator_breach_compute(Ctx *c, const Saving *s) {
    Record *r = s->after, *indicator;
    const Calendar *calendar;
    int64_t today;
    if (!record_int(r, "indicator")) return OK;
    TRY(record_load_raw(&indicator, c, model_need(c->model, "indicator"),
                        record_int(r, "indicator")));
    static const char *const repeated[] = {"title", "title_en", "title_ar", "provider"};
    for (size_t k = 0; k < LENGTH(repeated); k++)
        record_set(r, repeated[k], record_get(indicator, repeated[k]));
    if (s->before && strcmp(s->before->state->name, "open") == 0 &&
        strcmp(r->state->name, "acknowledged") == 0)
        record_set(r, "acknowledged_on", value_text(c->today));
    if (s->before || !date_parse(&today, c->today)) return OK;
    TRY(calendar_for_unit(&calendar, c, indicator->unit));
    record_set(r, "acknowledge_by",
               value_text(date_text(c->arena, calendar_add(calendar, today, DAYS_TO_ACKNOWLEDGE))));
    return OK;
}

Err indicator_breach_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    bool accepted = strcmp(r->state->name, "accepted") == 0;
    bool just_now = s->before && s->before->state != r->state;
    Str until = record_text(r, "accepted_until");
    if (accepted && !until.n)
        issue(c, "accepted_until", "required", N_("An acceptance always ends: say when."));
    if (accepted && just_now && until.n && str_cmp(until, c->today) <= 0)
        issue(c, "accepted_until", "past", N_("This date is not in the future."));
    /* An episode that ends by itself needs none; whoever hands it on does. */
    bool analysed = strcmp(r->state->name, "analysed") == 0 && just_now &&
                    strcmp(s->before->state->name, "acknowledged") == 0;
    if (analysed && is_empty(r, "analysis"))
        issue(c, "analysis", "required", N_("Say why it left its bounds."));
    if (strcmp(r->state->name, "handled") == 0 && is_empty(r, "measures_taken"))
        issue(c, "measures_taken", "required", N_("Say what is done about it."));
    return OK;
}

/* ---- handled by an issue of another module ---- */

static Err handle(Ctx *c, const Record *r) {
    Record *moved;
    Input nothing = {0};
    return record_move(&moved, c, r, "handle", &nothing);
}

static bool can_be_handled(const Record *r) {
    return strcmp(r->state->name, "analysed") == 0 || strcmp(r->state->name, "accepted") == 0;
}

/* Runs `then` with the rights of the system; who it was stays in the history. */
static Err as_system(Ctx *c, Err (*then)(Ctx *, const Record *), const Record *r) {
    Actor *own = c->actor, all = *own;
    void *cache = c->cache;
    all.is_system = true;
    c->actor = &all;
    c->cache = NULL;
    Err e = then(c, r);
    c->actor = own;
    c->cache = cache;
    return e;
}

static Err write_down(Ctx *c, const Record *r) {
    Record *saved;
    TRY(record_save(&saved, c, record_clone(c, r), "update"));
    return can_be_handled(saved) ? handle(c, saved) : OK;
}

/* An analysis handed in for a breach that has its measures already. */
Err indicator_breach_after_save(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    bool just_analysed = s->before && strcmp(r->state->name, "analysed") == 0 &&
                         strcmp(s->before->state->name, "acknowledged") == 0;
    return just_analysed && !is_empty(r, "measures_taken") ? as_system(c, handle, r) : OK;
}

/* Another module's issue (a record with `source` and `source_reference`) names a breach: from now
 * on it is handled there. */
Err indicator_issue_saved(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    const Type *t = model_need(c->model, "breach");
    Record *breach;
    int64_t id;
    static const char *const needed[] = {"source", "source_reference"};
    for (size_t i = 0; i < LENGTH(needed); i++)
        if (!type_field(r->type, str_of(needed[i]))) return OK;
    bool was_open = s->before && strcmp(s->before->state->name, "draft") != 0;
    if (was_open || strcmp(r->state->name, "draft") == 0 || (r->state->flags & STATE_VOID) ||
        !str_is(record_text(r, "source"), "indicator"))
        return OK;
    Err e = ref_find(&id, c, t, record_text(r, "source_reference"));
    if (e == ERR_MISSING) return OK;
    TRY(e);
    TRY(record_load_raw(&breach, c, t, id));
    if (breach->state->flags & STATE_CLOSED) return OK;
    Record *after = record_clone(c, breach);
    Str words = str_fmt(c->arena, "%.*s · %.*s", FMT(record_number(c->arena, r)),
                        FMT(record_text(r, "title")));
    Str told = record_text(breach, "measures_taken");
    if (told.n) words = str_fmt(c->arena, "%.*s\n%.*s", FMT(told), FMT(words));
    record_set(after, "measures_taken", value_text(words));
    return as_system(c, write_down, after);
}
