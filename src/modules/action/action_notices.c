/* action_notices.c: who is told what of issues and actions: steps by the table, dates that come
 * near or have passed by the work of the day. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/action/action.h"
#include "modules/action/action_calc.h"
#include "modules/action/action_query.h"
#include "work/work.h"

static bool was_found_before(Ctx *c, const Record *r) {
    (void)c;
    return record_bool(r, "repeat_finding");
}

/* clang-format off */
const NoticeDef action_notices[] = {
    {.name = "issue.repeated", .type = "issue", .on = "open", .to = "unit_head head_orm inspection", .text = N_("Found again"), .when = was_found_before, .tone = TONE_BAD},
    {.name = "issue.assigned", .type = "issue", .on = "open", .to = "@owner", .text = N_("An issue is yours to see through"), .tone = TONE_ACCENT},
    {.name = "issue.plan_approved", .type = "issue", .on = "approve_plan", .to = "@owner @creator", .text = N_("Action plan approved"), .tone = TONE_GOOD},
    {.name = "action.assigned", .type = "action", .on = "@create", .to = "@owner", .text = N_("An action is yours to do"), .tone = TONE_ACCENT},
    {.name = "action.submitted", .type = "action", .on = "submit", .to = "@verifier", .text = N_("Submitted as done, to be verified"), .tone = TONE_WARN},
    {.name = "action.returned", .type = "action", .on = "return", .to = "@owner", .text = N_("Returned, it is not done"), .tone = TONE_WARN},
    {.name = "action.verified", .type = "action", .on = "verify", .to = "@owner", .text = N_("Verified"), .tone = TONE_GOOD},
    {.name = "action.no_effect", .type = "action", .on = "deny_effect", .to = "@owner @creator unit_head", .text = N_("It does not work: the action goes on"), .tone = TONE_BAD},
    {.name = "action.due_soon", .to = "@owner", .text = N_("To be done by {0}"), .tone = TONE_WARN},
    {.name = "action.overdue", .to = "@owner @verifier", .text = N_("Overdue since {0}"), .tone = TONE_BAD},
    {.name = "extension.granted", .type = "extension_request", .on = "=approved", .to = "@creator @owner", .text = N_("More time is granted"), .tone = TONE_GOOD},
    {.name = "extension.refused", .type = "extension_request", .on = "=refused", .to = "@creator @owner", .text = N_("More time is refused"), .tone = TONE_WARN},
    {.name = "acceptance.granted", .type = "risk_acceptance", .on = "=active", .to = "@creator @owner", .text = N_("The risk is accepted for a time"), .tone = TONE_GOOD},
    {.name = "acceptance.refused", .type = "risk_acceptance", .on = "=refused", .to = "@creator @owner", .text = N_("The risk is not accepted"), .tone = TONE_WARN},
    {.name = "acceptance.expired", .type = "risk_acceptance", .on = "=expired", .to = "@creator @owner analyst", .text = N_("An acceptance has run out, its issue is open again"), .tone = TONE_BAD},
    {.name = "acceptance.ends_soon", .to = "@creator @owner", .text = N_("The acceptance ends on {0}"), .tone = TONE_WARN},
    {0}
};
/* clang-format on */

/* A person who becomes the owner later than at the creation. */
Err action_tell_new_owner(Ctx *c, const Saving *s) {
    const Record *before = s->before, *r = s->after;
    if (!before || c->is_quiet || before->owner == r->owner || r->owner == c->actor->user ||
        r->state->flags & STATE_CLOSED)
        return OK;
    const char *notice = strcmp(r->type->name, "issue") == 0 ? "issue.assigned" : "action.assigned";
    if (action_state_is(r, "draft")) return OK;
    Str key = str_fmt(c->arena, "%s/%lld/%lld", notice, (long long)r->id, (long long)r->version);
    return work_tell(c, r, notice, NULL, key, (Str){0});
}

/* ---- dates ---- */

/* Nearest first: whom a stage reaches besides those of the notice. */
static const char *overdue_to(int stage) {
    if (stage >= -1) return "@owner @verifier";
    return stage >= -7 ? "@owner @verifier unit_head" : "@owner @verifier unit_head head_orm";
}

static Err tell_stage(Ctx *c, const Record *r, const char *day_field, const char *soon,
                      const char *late, int stage) {
    Str day = record_text(r, day_field);
    /* The day is part of the key: a new date is told afresh. */
    Str key =
        str_fmt(c->arena, "%s/%lld/%.*s/%d", r->type->name, (long long)r->id, FMT(day), stage);
    bool is_late = stage < 0;
    return work_tell(c, r, is_late ? late : soon, is_late ? overdue_to(stage) : NULL, key, day);
}

static Err remind(Ctx *c, const Ids *ids, const char *type, const char *day_field,
                  const int *stages, const char *soon, const char *late) {
    const Type *t = model_need(c->model, type);
    for (size_t i = 0; i < ids->n; i++) {
        Record *r;
        int64_t days;
        int stage;
        TRY(record_load_raw(&r, c, t, ids->items[i]));
        if (!action_days_between(&days, c->today, record_text(r, day_field)) ||
            !action_calc_stage(&stage, stages, days))
            continue;
        TRY(tell_stage(c, r, day_field, soon, late, stage));
    }
    return OK;
}

Err action_remind(Ctx *c) {
    enum { LOOK_BACK = 60 }; /* days: what is late for longer has been told */
    int64_t today;
    Ids ids;
    CHECK(date_parse(&today, c->today), "today is no date");
    Str from = date_text(c->arena, today - LOOK_BACK);
    TRY(action_query_due(&ids, c, from, date_text(c->arena, today + action_calc_due_stages[0])));
    TRY(remind(c, &ids, "action", "due_on", action_calc_due_stages, "action.due_soon",
               "action.overdue"));
    TRY(action_query_ends(&ids, c, c->today,
                          date_text(c->arena, today + action_calc_expiry_stages[0])));
    return remind(c, &ids, "risk_acceptance", "expires_on", action_calc_expiry_stages,
                  "acceptance.ends_soon", NULL);
}
