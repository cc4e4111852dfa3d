/* indicator_notices.c: who is told what of breaches, corrections, acceptances and thresholds that
 * end: once an episode, and again only when it gets worse. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/indicator/indicator_auto.h"
#include "work/work.h"

static bool is_red(Ctx *c, const Record *r) {
    (void)c;
    return str_is(record_text(r, "colour"), "red");
}

/* clang-format off */
#define NEAR "@provider unit_head correspondent"
const NoticeDef indicator_notices[] = {
    {.name = "breach.red", .type = "breach", .on = "@create", .to = NEAR " analyst head_orm", .text = N_("An indicator is red"), .when = is_red, .tone = TONE_BAD},
    {.name = "breach.amber", .type = "breach", .on = "@create", .to = NEAR, .text = N_("An indicator is amber"), .tone = TONE_WARN},
    {.name = "breach.worse", .to = NEAR " analyst head_orm", .text = N_("An indicator has turned red, it was amber"), .tone = TONE_BAD},
    {.name = "breach.late", .to = "unit_head analyst", .text = N_("Breach to be acknowledged by {0}"), .tone = TONE_BAD},
    {.name = "breach.green", .type = "breach", .on = "end", .to = NEAR, .text = N_("The indicator is back to green"), .tone = TONE_GOOD},
    {.name = "breach.accepted_ends", .to = "analyst head_orm", .text = N_("The acceptance of a breach ends on {0}"), .tone = TONE_WARN},
    {.name = "breach.accepted_over", .type = "breach", .on = "expire", .to = NEAR " analyst", .text = N_("The acceptance of a breach has ended"), .tone = TONE_BAD},
    {.name = "indicator.restated", .to = "@reviewer", .text = N_("A value of {0} was corrected"), .tone = TONE_WARN},
    {.name = "indicator.ended", .to = "@reviewer", .text = N_("The value of {0} no longer stands: what it is worked out from was corrected"), .tone = TONE_WARN},
    {.name = "indicator.restated_many", .to = "@reviewer", .text = N_("{0} values were corrected at once"), .tone = TONE_WARN},
    {.name = "threshold.ends", .to = "analyst methodology", .text = N_("The threshold ends on {0}"), .tone = TONE_WARN},
    {.name = "indicator.threshold_ends", .to = "unit_head correspondent", .text = N_("Its own threshold ends on {0}"), .tone = TONE_WARN},
    {0}};
/* clang-format on */

/* ---- by the day ---- */

enum { SOON_DAYS = 30, MOST = 2000 };

/* Acceptances that ended put the breach back to work; those that end soon are told once. */
static Err acceptances(Ctx *c, const Type *t) {
    Records list;
    int64_t today, until;
    CHECK(date_parse(&today, c->today), "today is no date");
    TRY(record_in_state(&list, c, t, "accepted", MOST));
    for (size_t i = 0; i < list.n; i++) {
        Record *r = list.items[i], *saved;
        Input nothing = {0};
        Str day = record_text(r, "accepted_until");
        if (!date_parse(&until, day)) continue;
        if (until < today) {
            TRY(record_move(&saved, c, r, "expire", &nothing));
            continue;
        }
        if (until - today > SOON_DAYS) continue;
        Str key = str_fmt(c->arena, "breach/%lld/ends/%.*s", (long long)r->id, FMT(day));
        TRY(work_tell(c, r, "breach.accepted_ends", NULL, key, day));
    }
    return OK;
}

static Err not_acknowledged(Ctx *c, const Type *t) {
    Records list;
    TRY(record_in_state(&list, c, t, "open", MOST));
    for (size_t i = 0; i < list.n; i++) {
        Record *r = list.items[i];
        Str day = record_text(r, "acknowledge_by");
        if (!day.n || str_cmp(day, c->today) >= 0) continue;
        Str key = str_fmt(c->arena, "breach/%lld/late", (long long)r->id);
        TRY(work_tell(c, r, "breach.late", NULL, key, day));
    }
    return OK;
}

/* A threshold belongs to no unit; one of a single indicator is told where that one stands, too. */
static Err tell_unit(Ctx *c, int64_t indicator, Str key, Str day) {
    Record *r;
    if (!indicator) return OK;
    TRY(record_load_raw(&r, c, model_need(c->model, "indicator"), indicator));
    if (r->state->flags & STATE_CLOSED) return OK;
    return work_tell(c, r, "indicator.threshold_ends", NULL, key, day);
}

static Err thresholds_that_end(Ctx *c) {
    Records list;
    int64_t today, until;
    CHECK(date_parse(&today, c->today), "today is no date");
    const Type *t = model_need(c->model, "indicator_threshold");
    TRY(record_in_state(&list, c, t, "approved", MOST));
    for (size_t i = 0; i < list.n; i++) {
        Record *r = list.items[i];
        Str day = record_text(r, "valid_until");
        if (!date_parse(&until, day) || until < today || until - today > SOON_DAYS) continue;
        bool followed = false; /* by one that begins the day after, or earlier */
        for (size_t k = 0; k < list.n; k++) {
            const Record *next = list.items[k];
            followed =
                followed ||
                (next->id != r->id &&
                 record_int(next, "definition") == record_int(r, "definition") &&
                 record_int(next, "indicator") == record_int(r, "indicator") &&
                 str_cmp(record_text(next, "valid_from"), date_text(c->arena, until + 1)) <= 0 &&
                 str_cmp(record_text(next, "valid_from"), record_text(r, "valid_from")) > 0);
        }
        if (followed) continue;
        Str key = str_fmt(c->arena, "threshold/%lld/ends/%.*s", (long long)r->id, FMT(day));
        TRY(work_tell(c, r, "threshold.ends", NULL, key, day));
        TRY(tell_unit(c, record_int(r, "indicator"), key, day));
    }
    return OK;
}

Err indicator_daily(Ctx *c) {
    const Type *t = model_need(c->model, "breach");
    TRY(acceptances(c, t));
    TRY(not_acknowledged(c, t));
    return thresholds_that_end(c);
}
