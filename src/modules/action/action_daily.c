/* action_daily.c: what the day brings: acceptances that have run out, effectiveness checks whose
 * day has come, reminders. Called by the job of each day and by the command; what was done already
 * is not done again. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/action/action.h"
#include "modules/action/action_query.h"

static Err move_all(int64_t *moved, Ctx *c, const char *type, const Ids *ids, const char *step) {
    const Type *t = model_need(c->model, type);
    *moved = 0;
    for (size_t i = 0; i < ids->n; i++) {
        TRY(action_move_as_system(c, t, ids->items[i], step, (Str){0}));
        (*moved)++;
    }
    return OK;
}

Err action_daily(ActionDaily *out, Ctx *c) {
    Ids ids = {0};
    *out = (ActionDaily){0};
    TRY(action_query_run_out(&ids, c));
    TRY(move_all(&out->expired, c, "risk_acceptance", &ids, "expire"));
    TRY(action_query_checks_due(&ids, c));
    TRY(move_all(&out->checks, c, "action", &ids, "check"));
    return action_remind(c);
}

Err action_daily_job(Ctx *c, Job *job) {
    ActionDaily done;
    (void)job;
    return action_daily(&done, c);
}

Err action_daily_command(Ctx *c, int argc, char **argv, Text *out, Text *err, int *exit_code) {
    ActionDaily done;
    (void)argv;
    if (argc > 1) { /* the first is its name */
        text_addz(err, "usage: actions-daily\n");
        *exit_code = 2;
        return OK;
    }
    TRY(action_daily(&done, c));
    text_fmt(out, "%lld acceptances ended, %lld effectiveness checks opened.\n",
             (long long)done.expired, (long long)done.checks);
    return OK;
}
