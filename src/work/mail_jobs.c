/* mail_jobs.c: notices as mails, one at a time or once a day, in the reader's language and with the
 * reader's rights at the moment of sending. A mail about a restricted record names its number only.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/pages.h"
#include "work/kit.h"
#include "work/mail.h"
#include "work/net.h"
#include "view/format.h"

enum { MOST_ITEMS = 50, MOST_FACTS = 7 };

/* ---- what one notice says ---- */

typedef struct Facts {
    MailFact *items;
    size_t n;
} Facts;

static void fact(Facts *f, Ctx *c, const char *label, Str value) {
    if (value.n && f->n < MOST_FACTS) f->items[f->n++] = (MailFact){TRS(c, label), value};
}

static Str name_of(Ctx *c, const char *type, int64_t id) {
    RefName name;
    if (!id || ref_name(&name, c, model_need(c->model, type), id) != OK) return (Str){0};
    return name.title;
}

static Str own_title(Ctx *c, const Record *r) {
    FieldSet hidden;
    if (r->is_restricted) return TRS(c, N_("Confidential case"));
    if (access_hidden(&hidden, c, r->type, r) != OK) return (Str){0};
    const Field *f = r->type->titles[c->lang];
    return f && fieldset_has(hidden, f->index) ? TRS(c, r->type->label) : record_title(c, r);
}

/* The date on which something depends: that of the type's first condition. */
static void due_fact(Facts *f, Ctx *c, const Record *r, const Locale *l) {
    FieldSet hidden;
    if (!r->type->n_conditions || access_hidden(&hidden, c, r->type, r) != OK) return;
    const Field *date = r->type->conditions[0].date;
    if (fieldset_has(hidden, date->index) || value_is_null(r->values[date->index])) return;
    fact(f, c, date->label, format_date(c->arena, l, r->values[date->index].s));
}

static Err facts_of(MailItem *out, Ctx *c, const Record *r, const Notice *n, const Locale *l) {
    Facts f = {.items = NEW_N(c->arena, MailFact, MOST_FACTS)};
    Str reason;
    TRY(notice_reason(&reason, c, n));
    fact(&f, c, N_("State"), TRS(c, r->state->label));
    if (n->waits || r->owner == n->person) due_fact(&f, c, r, l);
    if (!r->is_restricted) {
        fact(&f, c, N_("Unit"), name_of(c, "unit", r->unit));
        fact(&f, c, N_("Done by"), name_of(c, "user", n->actor));
        fact(&f, c, N_("Reason"), reason);
    }
    fact(&f, c, N_("When"), format_instant(c->arena, l, n->at));
    out->facts = f.items;
    out->n_facts = f.n;
    return OK;
}

static Str link_to(Ctx *c, Str path) {
    return str_fmt(c->arena, "%.*s%.*s", FMT(c->work->public_url), FMT(path));
}

/* *shown false: this reader may not see the record (any more). */
static Err item_of(MailItem *out, bool *shown, Ctx *c, const Notice *n, const Locale *l) {
    Record *r;
    const Transition *step;
    const Type *t = model_type(c->model, n->type);
    *shown = false;
    if (!t) return OK;
    Err e = record_load(&r, c, t, n->record);
    if (e == ERR_MISSING || e == ERR_DENIED) return OK;
    TRY(e);
    const NoticeDef *def = notice_def(c->model, n->kind);
    *out = (MailItem){.headline = notice_headline(c, n),
                      .number = record_number(c->arena, r),
                      .title = own_title(c, r),
                      .href = link_to(c, record_path(c->arena, r)),
                      .tone = def ? def->tone : TONE_NONE};
    TRY(facts_of(out, c, r, n, l));
    TRY(access_next_step(&step, c, r));
    if (step && (n->waits || r->owner == n->person)) {
        out->step_label = TRS(c, step->label);
        out->step_href = link_to(c, page_step_href(c, r, step));
    }
    *shown = true;
    return OK;
}

/* ---- a mail ---- */

static void view_frame(MailView *v, Ctx *c) {
    v->lang = c->lang;
    v->greeting = FILL(c, TR(c, "Hello {0},"), c->actor->name);
    v->open_label = TRS(c, N_("Open the record"));
    v->organisation = c->work->organisation;
    v->footer =
        TRS(c, N_("You receive this mail because of your roles. The links ask you to sign in."));
    v->settings_label = TRS(c, N_("Choose which mails you get"));
    v->settings_href = link_to(c, S("/notifications/settings"));
}

typedef struct Draft {
    int64_t person, first, last; /* ids of its notices */
    Str to, to_name, subject, text, html, id;
    bool is_empty; /* nothing to send */
} Draft;

static void draft_write(Draft *d, Ctx *c, const MailView *v) {
    Text text = text_new(c->arena, 1 << 20), html = text_new(c->arena, 1 << 20);
    mail_text(&text, v);
    if (c->work->mail_html) c->work->mail_html(&html, c->arena, v);
    d->text = text_str(&text);
    d->html = html.full ? (Str){0} : text_str(&html);
    d->subject = v->subject;
    d->to = c->actor->email;
    d->to_name = c->actor->name;
}

/* What happened or is asked, about what: "Incident declared – Confirm: ATM gap (INC-2026-00042)".
 */
static Str subject_of(Ctx *c, const MailItem *i) {
    if (i->step_label.n)
        return FILL(c, TR(c, N_("{0} – {1}: {2} ({3})")), i->headline, i->step_label, i->title,
                    i->number);
    return FILL(c, TR(c, N_("{0}: {1} ({2})")), i->headline, i->title, i->number);
}

static Err draft_one(Draft *d, Ctx *c, const Notice *n) {
    Ctx *own;
    Locale *locale;
    NoticeWish wish;
    MailItem *item = NEW(c->arena, MailItem);
    MailView v = {.items = item, .n_items = 1};
    bool shown;
    d->is_empty = true;
    TRY(notice_wish(&wish, c, n->person));
    if (n->read_at || wish.mail == MAIL_NONE || wish.mail == MAIL_DAILY) return OK;
    Err e = kit_as(&own, c, n->person);
    if (e == ERR_MISSING) return OK; /* disabled meanwhile */
    TRY(e);
    TRY(format_locale_new(&locale, c->arena, own->lang, c->work->zone));
    TRY(item_of(item, &shown, own, n, locale));
    if (!shown) return OK;
    view_frame(&v, own);
    v.subject = subject_of(own, item);
    *d = (Draft){.person = n->person, .first = n->id, .last = n->id};
    d->id = str_fmt(c->arena, "notice.%lld", (long long)n->id);
    draft_write(d, own, &v);
    return OK;
}

static Err send_draft(Ctx *c, Job *job, const Draft *d) {
    NetAnswer answer;
    if (d->is_empty) return OK;
    if (!mail_address_ok(d->to)) {
        job->error = S("The person's e-mail is no address.");
        return ERR_INVALID;
    }
    MailMessage m = {.from = c->work->mail_from,
                     .to = d->to,
                     .to_name = d->to_name,
                     .subject = d->subject,
                     .id = d->id,
                     .text = d->text,
                     .html = d->html,
                     .at_us = c->now_us};
    Err e =
        net_mail(&answer, c, mail_address(c->work->mail_from), d->to, mail_message(c->arena, &m));
    job->error = answer.error;
    job->is_unreachable = answer.is_unreachable;
    return e;
}

static Err mailed(Ctx *c, const Job *job, Err result) {
    const Draft *d = job->state;
    if (result != OK || !d || d->is_empty) return OK;
    return notice_mailed(c, d->person, d->first, d->last);
}

static Err draft_notice(Draft *d, Ctx *c, const Job *job) {
    Notice n;
    int64_t id;
    if (!str_to_int(&id, job->payload)) return ERR_INVALID;
    Err e = notice_find(&n, c, id);
    if (e == ERR_MISSING) d->is_empty = true; /* swept */
    return e == OK ? draft_one(d, c, &n) : e == ERR_MISSING ? OK : e;
}

static Err with_reading(Ctx *c, Job *job, Err (*write)(Draft *d, Ctx *c, const Job *job)) {
    Draft *d = NEW(c->arena, Draft);
    job->state = d;
    if (!c->work || !c->work->mail_server.n) {
        d->is_empty = true;
        return OK;
    }
    TRY(db_read(&c->db, c->session));
    Err e = write(d, c, job);
    db_rollback(c->db);
    c->db = NULL;
    return e == OK ? send_draft(c, job, d) : e;
}

Err mail_send(Ctx *c, Job *job) {
    return with_reading(c, job, draft_notice);
}

Err mail_done(Ctx *c, const Job *job, Err result) {
    return mailed(c, job, result);
}

/* ---- once a day ---- */

Err digest_run(Ctx *c, Job *job) {
    People due = {0};
    int64_t day;
    int minute;
    (void)job;
    if (!c->work || !c->work->mail_server.n) return OK;
    zone_local(&day, &minute, ctx_zone(c), c->now_us);
    Str today = date_text(c->arena, day);
    TRY(notice_digest_due(&due, c, today, minute));
    for (size_t i = 0; i < due.n; i++) {
        Str person = kit_text_int(c, due.ids[i]);
        TRY(notice_digest_mark(c, due.ids[i], today));
        TRY(outbox_add(c,
                       &(OutboxRow){.topic = "digest",
                                    .key = str_fmt(c->arena, "%.*s/%.*s", FMT(person), FMT(today)),
                                    .payload = person}));
    }
    return OK;
}

static Err digest_items(MailView *v, Draft *d, Ctx *c, const Notices *list) {
    Locale *locale;
    MailItem *items = NEW_N(c->arena, MailItem, list->n + 1);
    TRY(format_locale_new(&locale, c->arena, c->lang, c->work->zone));
    for (size_t i = 0; i < list->n; i++) {
        bool shown;
        TRY(item_of(&items[v->n_items], &shown, c, &list->items[i], locale));
        v->n_items += shown;
    }
    v->items = items;
    d->last = list->items[0].id; /* newest first */
    d->first = list->items[list->n - 1].id;
    return OK;
}

static Err draft_digest(Draft *d, Ctx *c, const Job *job) {
    Ctx *own;
    Notices list;
    MailView v = {0};
    d->is_empty = true;
    if (!str_to_int(&d->person, job->payload)) return ERR_INVALID;
    Err e = kit_as(&own, c, d->person);
    if (e == ERR_MISSING) return OK;
    TRY(e);
    TRY(notice_for_digest(&list, c, d->person, MOST_ITEMS + 1));
    if (!list.n) return OK;
    bool more = list.n > MOST_ITEMS;
    if (more) list.n = MOST_ITEMS;
    TRY(digest_items(&v, d, own, &list));
    if (!v.n_items) return OK;
    view_frame(&v, own);
    v.intro = TRS(own, N_("This is what you have not read yet."));
    Str count = kit_text_int(c, (int64_t)v.n_items);
    v.subject = FILL(
        own,
        tr_n(own->lang, "{0} unread notification", "{0} unread notifications", (int64_t)v.n_items),
        count);
    if (more) {
        v.more_label = TRS(own, N_("There are more"));
        v.more_href = link_to(own, S("/notifications"));
    }
    d->id = str_fmt(c->arena, "digest.%.*s", FMT(job->key));
    draft_write(d, own, &v);
    d->is_empty = false;
    return OK;
}

Err digest_send(Ctx *c, Job *job) {
    return with_reading(c, job, draft_digest);
}

Err digest_done(Ctx *c, const Job *job, Err result) {
    return mailed(c, job, result);
}
