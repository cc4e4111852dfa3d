/* mail.h: mails to people: what one says, as data; the message as bytes (RFC 5322, MIME) in text
 * and HTML; the jobs that send notices at once or once a day. The HTML is drawn by web/.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_MAIL_H
#define WORK_MAIL_H

#include "work/notice.h"

typedef struct MailFact {
    Str label, value;
} MailFact;
typedef struct MailItem {
    Str headline, title, number, href;
    const MailFact *facts;
    size_t n_facts;
    Str step_label, step_href; /* the next step; empty: none */
    Tone tone;
} MailItem;
typedef struct MailView {
    Lang lang;
    Str subject, greeting, intro;
    const MailItem *items;
    size_t n_items;
    Str open_label, more_label, more_href;
    Str footer, settings_label, settings_href, organisation;
} MailView;

/* The plain text form. */
void mail_text(Text *out, const MailView *v);
typedef struct MailMessage {
    Str from, to, to_name, subject, id; /* id: of Message-ID, before the @ */
    Str text, html;
    int64_t at_us;
} MailMessage;
/* The whole message with its headers, lines ended by CR LF; never a line break from a value. */
Str mail_message(Arena *a, const MailMessage *m);
/* The bare address in "Name <address>"; the text itself when there are no brackets. */
Str mail_address(Str from);
/* May the text be an address in an envelope? */
bool mail_address_ok(Str address);

Err mail_send(Ctx *c, Job *job) MUST; /* topic "mail": one notice */
Err mail_done(Ctx *c, const Job *job, Err result) MUST;
Err digest_run(Ctx *c,
               Job *job) MUST; /* topic "digests": adds a row for each person whose hour came */
Err digest_send(Ctx *c,
                Job *job) MUST; /* topic "digest": what a person has not read, in one mail */
Err digest_done(Ctx *c, const Job *job, Err result) MUST;

/* invitation.c, topic "invitation": a link to choose a password, to one person; the link is made at
 * the moment of sending and stands nowhere but in the mail. */
Err invitation_send(Ctx *c, Job *job) MUST;
Err invitation_observe(Ctx *c, const Saving *s) MUST; /* after a person was made */

#endif
