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
    const char *zone; /* IANA name of the institution's zone */
    Str organisation;
    Str public_url;  /* "https://risk.bank.example", without a slash at the end; for links in mails
                      */
    Str mail_server; /* "smtp://host:587" (STARTTLS), "smtps://host:465"; empty: no mail */
    Str mail_user, mail_password, mail_from;
    const char *mail_ca;    /* file of certificates to trust; NULL: those of the system */
    bool mail_plain;        /* without TLS, for a relay on the same machine */
    bool webhook_private;   /* webhooks may reach private addresses, and without TLS */
    const char *webhook_ca; /* as mail_ca */
    void (*mail_html)(Text *out, Arena *a, const struct MailView *v); /* made by web/ */
    const atomic_bool *stop; /* the server is stopping: long work ends early; may be NULL */
} WorkConfig;

/* ---- telling people ---- */

/* Tells the persons named by `to` (as in NoticeDef; NULL: the notice's own) of a record, outside of
 * its saves: a reminder, a limit. notice: name of a NoticeDef. key: the same key tells nobody
 * twice. arg: a date or text for {0} of its headline. Whoever may not read the record is left out.
 */
Err work_tell(Ctx *c, const Record *r, const char *notice, const char *to, Str key, Str arg) MUST;
/* How many notices the actor has not read. */
Err work_unread(int64_t *out, Ctx *c) MUST;
/* Has the actor unread notices of this record; then they are marked as read (writing). */
Err work_has_unread(bool *out, Ctx *c, const Record *r) MUST;
Err work_mark_read(Ctx *c, const Record *r) MUST;

#endif
