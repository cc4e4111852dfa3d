/* work.c: what work/ brings to the model: its types, tables, pages, jobs and commands.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/work.h"

#include "model/account.h"
#include "model/idempotency.h"
#include "store/file_store.h"
#include "work/assignment.h"
#include "work/calendar.h"
#include "work/demo.h"
#include "work/directory.h"
#include "work/feed.h"
#include "work/job.h"
#include "work/mail.h"
#include "work/pages.h"
#include "work/schedule.h"
#include "work/webhook.h"

static Err sweep_run(Ctx *c, Job *job) {
    int64_t n;
    (void)job;
    TRY(account_sweep(&n, c));
    TRY(idempotency_sweep(&n, c));
    TRY(job_sweep(&n, c));
    TRY(notice_sweep(&n, c));
    TRY(webhook_sweep(&n, c));
    return file_store_sweep(&n, c->db, c->now_us - INT64_C(86400) * 1000000);
}

/* Some milliseconds at a time, for it holds the writer of SQLite. */
static Err search_run(Ctx *c, Job *job) {
    enum { PAGES = 200 };
    bool more;
    TRY(db_search_tend(&more, c->db, PAGES, !str_is(job->payload, "on")));
    if (!more) return OK;
    Str key = str_fmt(c->arena, "on:%lld", (long long)job->id);
    return outbox_add(c, &(OutboxRow){.topic = "search", .key = key, .payload = S("on")});
}

/* clang-format off */
static const TypeDef *const types[] = {&calendar_type, &holiday_type, &webhook_type, &plan_type, &assignment_type, NULL};
static const DbTable *const tables[] = {schedule_tables, notice_tables, webhook_tables, NULL};
static const JobDef jobs[] = {
    {.topic = "sweep", .label = N_("Removes what has expired"), .every = "hourly", .run = sweep_run},
    {.topic = "search", .label = N_("Puts the search index in order"), .every = "daily 03:30", .run = search_run},
    {.topic = "event", .label = N_("Finds who is to be told"), .run = event_run, .is_short = true, .is_passing = true},
    {.topic = "comment", .label = N_("Tells of a comment"), .run = comment_run, .is_short = true},
    {.topic = "mail", .label = N_("Mail of a notification"), .send = mail_send, .done = mail_done, .lease = 30},
    {.topic = "digests", .label = N_("Looks whose daily mail is due"), .every = "every 15 minutes", .run = digest_run},
    {.topic = "digest", .label = N_("Daily mail"), .send = digest_send, .done = digest_done, .lease = 30},
    {.topic = "assignments", .label = N_("Makes the assignments of a plan"), .every = "daily 04:30", .run = assignments_plan},
    {.topic = "assignment_day", .label = N_("Opens, reminds and escalates assignments"), .every = "daily 05:30", .run = assignments_day},
    {.topic = "directory", .label = N_("Accounts and roles as the directory says"), .every = "every 5 minutes", .send = directory_send, .lease = 300},
    {.topic = "invitation", .label = N_("Invitation of a person"), .send = invitation_send, .lease = 30},
    {.topic = "webhook", .label = N_("Message to another system"), .send = webhook_send, .done = webhook_done, .lease = 30},
    {0}
};
static const AttachDef attach[] = {
    {.type = "*", .after_save = event_observe},
    {.type = "*", .after_save = assignments_follow},
    {.type = "user", .after_save = invitation_observe},
    {.type = "calendar", .section = calendar_section},
    {.type = "assignment", .panel = assignment_panel},
    {.type = "assignment", .section = answer_section, .leads = true, .on_steps = true},
    {.type = "assignment_plan", .section = plan_fields_section, .leads = true},
    {.type = "webhook", .panel = webhook_panel, .section = webhook_section},
    {0}
};
static const PageDef pages[] = {
    {.path = "/notifications", .label = N_("Notifications"), .right = "signed_in", .build = notice_page_build, .icon = "bell", .post = notice_page_post},
    {.path = "/notifications/settings", .label = N_("What I want by mail"), .right = "signed_in", .build = wishes_page_build, .icon = "mail", .post = wishes_page_post},
    {.path = "/assignments/answer", .label = N_("Answer"), .right = "assignment", .build = answer_page_build, .post = answer_page_post, .icon = "clipboard-check"},
    {.path = "/assignments/fields", .label = N_("Fields asked"), .right = "assignment_plan", .build = plan_fields_build, .post = plan_fields_post, .icon = "list-check"},
    {.path = "/assignments/overview", .label = N_("Follow-up of assignments"), .right = "assignment", .build = assignment_page_build, .nav = "reports", .icon = "calendar-event", .about = N_("Who was asked for what, who answered and who is late."), .subject = "work"},
    {.path = "/invitations", .label = N_("Invitations"), .right = "role:admin", .build = invitation_page_build, .nav = "administration", .icon = "mail", .post = invitation_page_post},
    {.path = "/jobs", .label = N_("Background work"), .right = "role:admin", .build = job_page_build, .nav = "administration", .icon = "refresh", .post = job_page_post},
    {0}
};
static const CommandDef commands[] = {
    {"jobs", "jobs list [ready|running|done|dead] [--json] | resend ID|all", "look at the background work and send again what was set aside", true, jobs_command_run},
    {0}
};
/* clang-format on */

const Module work_module = {.name = "automation",
                            .label = N_("Background work"),
                            .types = types,
                            .pages = pages,
                            .attach = attach,
                            .commands = commands,
                            .jobs = jobs,
                            .notices = work_notices,
                            .tables = tables,
                            .seed = calendar_seed,
                            .demo = work_demo,
                            .demo_order = 100}; /* after all that people work on */
