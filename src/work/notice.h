/* notice.h: who is told what: a save writes an event into the outbox; the event's job finds the
 * people by the tables of notices and by what the state says, leaves out who may not read the
 * record, and writes a notice for each, with a row for the mail when they want one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_NOTICE_H
#define WORK_NOTICE_H

#include "work/work.h"

extern const DbTable notice_tables[]; /* ends with {0} */
extern const NoticeDef work_notices[];

/* ---- events ---- */
typedef struct Event {
    Str type;
    int64_t record, version, actor, previous; /* previous: who took the step before */
    Str transition;                           /* empty: an edit or a creation */
    Str from, to;                             /* states; from empty: created */
} Event;
Err event_observe(Ctx *c, const Saving *s) MUST; /* attached to every type */
Err event_run(Ctx *c, Job *job) MUST;            /* topic "event" */
Err comment_run(Ctx *c, Job *job) MUST;          /* topic "comment": a comment was written */
bool event_read(Event *out, Ctx *c, Str payload);
Str event_write(Ctx *c, const Event *e);

/* The newest steps and creations since an instant, at most `limit`, oldest first; `at` beside
 * each: for what was saved quietly. */
Err notice_steps(Event **out, int64_t **at, size_t *n, Ctx *c, int64_t since_us, size_t limit) MUST;
/* Marks all as sent, and as read those from before an instant that ask for nothing. */
Err notice_settle(Ctx *c, int64_t before_us) MUST;

/* ---- people ---- */
typedef struct People {
    int64_t *ids;
    size_t n, cap;
} People;
void people_add(People *p, Ctx *c, int64_t user); /* once */
/* Active persons that `words` name for the record: of each role those nearest to its unit who may
 * read it, and their delegates. e: for @previous; may be NULL. */
Err people_find(People *out, Ctx *c, const Record *r, const char *words, const Event *e) MUST;
Err people_may_read(bool *out, Ctx *c, int64_t user, const Record *r) MUST;

/* ---- notices ---- */
typedef struct Notice {
    int64_t id, person, at, record, version, actor, read_at;
    bool waits; /* it is this person's turn */
    Str kind, type, key, arg;
} Notice;
typedef struct Notices {
    Notice *items;
    size_t n, cap;
} Notices;
/* Adds it unless the person was told under this key already; *id 0 then. */
Err notice_insert(int64_t *id, Ctx *c, const Notice *n) MUST;
/* As many at once, of one event: all but person, kind and waits are those of the first. */
Err notice_insert_many(Ctx *c, const Notice *list, size_t n) MUST;
Err notice_find(Notice *out, Ctx *c, int64_t id) MUST; /* ERR_MISSING */
/* Newest first. unread: only those. */
Err notice_list(Notices *out, Ctx *c, int64_t person, bool unread, int64_t before_id,
                size_t limit) MUST;
Err notice_mark(Ctx *c, int64_t person, int64_t id) MUST; /* read; id 0: all */
Err notice_sweep(int64_t *removed, Ctx *c) MUST; /* read ones after 90 days, all after a year */
const NoticeDef *notice_def(const Model *m, Str name);
/* "Incident declared", in the reader's language. */
Str notice_headline(Ctx *c, const Notice *n);
/* The reason given for the step that led to this version; empty: none. */
Err notice_reason(Str *out, Ctx *c, const Notice *n) MUST;

/* ---- what a person wants ---- */
typedef enum MailWish { MAIL_ALL, MAIL_WAITING, MAIL_DAILY, MAIL_NONE } MailWish;
typedef struct NoticeWish {
    MailWish mail;
    int quiet_from, quiet_until; /* minutes of the day; equal: never quiet */
    int digest_at;               /* minute of the day */
} NoticeWish;
const char *mail_wish_name(MailWish w);
bool mail_wish_parse(MailWish *out, Str name);
Err notice_wish(NoticeWish *out, Ctx *c, int64_t person) MUST; /* defaults when never set */
Err notice_wish_set(Ctx *c, int64_t person, const NoticeWish *w) MUST;
/* When a mail may go out: now, or at the end of the quiet hours. */
Err notice_mail_time(int64_t *out_us, Ctx *c, const NoticeWish *w) MUST;

/* ---- SQL of notice_query.c ---- */
typedef struct Holder {
    int64_t person, unit; /* unit 0: everywhere */
} Holder;
Err notice_holders(Holder **out, size_t *n, Ctx *c, Str role) MUST;
Err notice_delegates(People *out, Ctx *c, int64_t person, Str role) MUST;
/* Who wrote comments about the record, the latest first. */
Err notice_commenters(People *out, Ctx *c, const Record *r) MUST;
Err notice_ancestors(int64_t **out, size_t *n, Ctx *c, int64_t unit) MUST; /* itself first */
/* Persons with daily mail whose hour has come and who were not sent today's. */
Err notice_digest_due(People *out, Ctx *c, Str today, int minute) MUST;
Err notice_digest_mark(Ctx *c, int64_t person, Str today) MUST;
/* Unread notices of a person not yet in a mail; *last: the newest id among them. */
Err notice_for_digest(Notices *out, Ctx *c, int64_t person, size_t limit) MUST;
Err notice_mailed(Ctx *c, int64_t person, int64_t from, int64_t to) MUST; /* ids */

#endif
