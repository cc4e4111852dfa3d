/* work.h: what happens by itself. Modules include this one header of work/. Rows of work are added
 * with outbox_add (model/outbox.h) in the transaction that asks for them and worked off by the
 * JobDef of their topic (Module.jobs). SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_WORK_H
#define WORK_WORK_H

#include "model/outbox.h"
#include "model/record.h"

#include <stdatomic.h>

extern const Module work_module;

struct MailView; /* mail.h */

/* Settings of the operator, in Ctx.work of requests and jobs. Texts may be empty. */
typedef struct WorkConfig {
    const char *zone; /* IANA name of the institution's zone, for instants in mails */
    Str organisation;
    Str public_url;  /* "https://risk.bank.example", without a slash at the end; for links in mails
                      */
    Str mail_server; /* "smtp://host:587" (STARTTLS), "smtps://host:465"; empty: no mail */
    Str mail_user, mail_password, mail_from;
    const char *mail_ca;         /* file of certificates to trust; NULL: those of the system */
    bool mail_plain;             /* without TLS, for a relay on the same machine */
    bool webhook_private;        /* webhooks may reach private addresses, and without TLS */
    const char *webhook_ca;      /* as mail_ca */
    struct Directory *directory; /* ldap.h; NULL: everybody has a password here */
    Str clamd;          /* the virus scanner: "/path/of/socket" or "host:port"; empty: none */
    bool clamd_accepts; /* what it could not look at is kept with a mark, instead of refused */
    void (*mail_html)(Text *out, Arena *a, const struct MailView *v); /* made by web/ */
    const atomic_bool *stop; /* the server is stopping: long work ends early; may be NULL */
} WorkConfig;

/* ---- asking people: assignments ---- */

/* Something asked of one person about a record: an assignment (record type), which then stands in
 * their "My work", reminds, escalates up the unit tree and is handed over when they leave. What is
 * asked on a schedule is a plan (record type assignment_plan) and needs no code. */
typedef struct WorkAsk {
    const Record *source;
    int64_t unit; /* where it is asked, for reminders up the tree; 0: the unit of the source */
    Str page;     /* where it is answered, "/assess?unit=..."; empty: on the assignment itself */
    Str key;      /* the same key asks once: "control/42/2026-Q1" */
    Str title, task;
    int64_t person, deputy, reviewer;  /* users; deputy and reviewer may be 0 */
    int64_t calendar;                  /* that counted the working days, 0: none did */
    Str due_on, opens_on, grace_until; /* ISO; the last two may be empty: today, due_on */
} WorkAsk;
/* In the caller's transaction, as the system or a person. *out is the assignment, new or known.
 * ERR_MISSING: no person or no unit to ask in. */
Err work_ask(Record **out, Ctx *c, const WorkAsk *ask) MUST;
/* Who holds a role nearest to the record's unit, and may read the record. 0: nobody. */
Err work_holder(int64_t *out, Ctx *c, const Record *r, const char *role) MUST;
/* The assignment of a key, with its state and answer (fields result, comment, completed_on); NULL:
 * never asked. To act on an answer attach an after_save to the type "assignment". */
Err work_asked(Record **out, Ctx *c, Str key) MUST;
/* Which of these keys are asked and not yet answered. */
Err work_asked_open(Str **out, size_t *n, Ctx *c, const Str *keys, size_t n_keys) MUST;

/* ---- telling people ---- */

/* Tells the persons named by `to` (as in NoticeDef; NULL: the notice's own) of a record, outside of
 * its saves: a reminder, a limit. notice: name of a NoticeDef. key: the same key tells nobody
 * twice. arg: a date or text for {0} of its headline. Whoever may not read the record is left out.
 */
Err work_tell(Ctx *c, const Record *r, const char *notice, const char *to, Str key, Str arg) MUST;
/* How many notices the actor has not read. */
Err work_unread(int64_t *out, Ctx *c) MUST;
void work_unread_announce(Ctx *c); /* see db_announce */
/* Has the actor unread notices of this record; then they are marked as read (writing). */
Err work_has_unread(bool *out, Ctx *c, const Record *r) MUST;
Err work_mark_read(Ctx *c, const Record *r) MUST;

#endif
