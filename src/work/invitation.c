/* invitation.c: people who were imported or added have no password: they get a link to choose one,
 * by mail where there is mail, else as links that an administrator hands out (web/invitations.c).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/account.h"
#include "work/kit.h"
#include "work/mail.h"
#include "work/net.h"
#include "work/pages.h"

enum { SHOWN = 200 };

/* ---- who is asked ---- */

static Err ask(Ctx *c, int64_t user, Str key) {
    return outbox_add(
        c, &(OutboxRow){.topic = "invitation", .key = key, .payload = kit_text_int(c, user)});
}

/* Commands show the link themselves; the demonstration invites nobody. */
Err invitation_observe(Ctx *c, const Saving *s) {
    bool asked =
        str_starts(c->source, S("import:")) || str_is(c->source, "web") || str_is(c->source, "api");
    if (s->before || !asked || !kit_state(s->after, "active")) return OK;
    if (record_text(s->after, "password_hash").n || record_text(s->after, "directory_key").n)
        return OK;
    return ask(c, s->after->id, str_fmt(c->arena, "new/%lld", (long long)s->after->id));
}

/* ---- the mail ---- */

static Str mail_of(Str *html, Str *subject, Ctx *c, const Uninvited *u, Str secret) {
    MailItem *item = NEW(c->arena, MailItem);
    MailFact *fact = NEW(c->arena, MailFact);
    Str link = str_fmt(c->arena, "%.*s/welcome/%.*s", FMT(c->work->public_url), FMT(secret));
    Str until = date_of_instant(c->arena, c->now_us + INVITATION_SECONDS * INT64_C(1000000));
    Text text = text_new(c->arena, 1 << 16), rich = text_new(c->arena, 1 << 16);
    *fact = (MailFact){TRS(c, N_("Works once, until")), until};
    *item = (MailItem){.headline = TRS(c, N_("Your account is ready")),
                       .title = u->email,
                       .href = link,
                       .facts = fact,
                       .n_facts = 1,
                       .step_label = TRS(c, N_("Choose a password")),
                       .step_href = link,
                       .tone = TONE_ACCENT};
    MailView v = {.lang = c->lang,
                  .greeting = FILL(c, TR(c, "Hello {0},"), u->name),
                  .intro = TRS(c, N_("You were given an account. Choose a password to sign in.")),
                  .items = item,
                  .n_items = 1,
                  .open_label = link,
                  .organisation = c->work->organisation,
                  .footer = TRS(c, N_("If you did not expect this mail, tell your administrator. "
                                      "Never pass the link on."))};
    *subject = c->work->organisation.n
                   ? FILL(c, TR(c, N_("Your account at {0}")), c->work->organisation)
                   : TRS(c, N_("Your account is ready"));
    v.subject = *subject;
    mail_text(&text, &v);
    if (c->work->mail_html) c->work->mail_html(&rich, c->arena, &v);
    *html = rich.full ? (Str){0} : text_str(&rich);
    return text_str(&text);
}

/* The link is made now; an earlier one of the person opens nothing any more. */
static Err write_mail(MailMessage *m, Uninvited *u, Ctx *c, int64_t user) {
    Ctx *own;
    Str secret;
    TRY(account_uninvited_find(u, c, user));
    TRY(kit_as(&own, c, user));
    TRY(one_time_new(&secret, c, user, "password", INVITATION_SECONDS));
    m->text = mail_of(&m->html, &m->subject, own, u, secret);
    return OK;
}

Err invitation_send(Ctx *c, Job *job) {
    MailMessage m = {.from = c->work ? c->work->mail_from : (Str){0}, .at_us = c->now_us};
    Uninvited u;
    int64_t user;
    NetAnswer answer;
    if (!str_to_int(&user, job->payload)) return ERR_INVALID;
    if (!c->work || !c->work->mail_server.n) return OK; /* the administrator sees who is left */
    if (c->work->directory && str_starts(job->key, S("new/"))) return OK; /* it signs them in */
    TRY(db_write(&c->db, c->session));
    Err e = write_mail(&m, &u, c, user);
    if (e == OK && !mail_address_ok(u.email)) {
        job->error = S("The person's e-mail is no address.");
        e = ERR_INVALID;
    }
    Err ended = OK;
    if (e == OK)
        ended = db_commit(c->db);
    else
        db_rollback(c->db);
    c->db = NULL;
    if (e == ERR_MISSING) return OK; /* gone, or in already */
    if (e != OK || ended != OK) return e != OK ? e : ended;
    m.to = u.email;
    m.to_name = u.name;
    m.id = str_fmt(c->arena, "invitation.%lld.%lld", (long long)user, (long long)c->now_us);
    e = net_mail(&answer, c, mail_address(c->work->mail_from), m.to, mail_message(c->arena, &m));
    job->error = answer.error;
    job->is_unreachable = answer.is_unreachable;
    return e;
}

/* ---- the administrator's page ---- */

/* clang-format off */
static const KitColumn columns[] = {
    {"name",  N_("Name"),       CELL_TEXT,    true,  false},
    {"email", N_("E-mail"),     CELL_CODE,    false, false},
    {"unit",  N_("Unit"),       CELL_TEXT,    false, false},
    {"state", N_("Invitation"), CELL_STATE,   false, false},
    {"until", N_("Valid until"), CELL_INSTANT, false, false},
};
/* clang-format on */

static Cell invited_cell(Ctx *c, const Uninvited *u) {
    if (!u->until || u->is_used) return cell_state(S("none"), TRS(c, N_("Not invited")), TONE_WARN);
    if (u->until <= c->now_us) return cell_state(S("expired"), TRS(c, N_("Expired")), TONE_BAD);
    return cell_state(S("invited"), TRS(c, N_("Invited")), TONE_INFO);
}

static Err row_of(Row *out, Ctx *c, const Uninvited *u) {
    Cell *cells = NEW_N(c->arena, Cell, LENGTH(columns));
    RefName unit = {0};
    if (u->unit) TRY(ref_name_stored(&unit, c, model_need(c->model, "unit"), u->unit));
    cells[0] = cell_text(u->name);
    cells[1] = cell_code(u->email);
    cells[2] = cell_text(unit.title);
    cells[3] = invited_cell(c, u);
    cells[4] = u->until && !u->is_used ? cell_instant(u->until) : (Cell){0};
    *out = (Row){.id = kit_text_int(c, u->user),
                 .href = str_fmt(c->arena, "/users/%.*s", FMT(u->email)),
                 .cells = cells};
    return OK;
}

Err invitation_page_build(Ctx *c, const PageArgs *args, Page *out) {
    UninvitedList people;
    bool has_mail = c->work && c->work->mail_server.n;
    TRY(account_uninvited(&people, c, input_getz(args->query, "after"), SHOWN + 1));
    size_t n = people.n > SHOWN ? SHOWN : people.n;
    Row *rows = NEW_N(c->arena, Row, n + 1);
    for (size_t i = 0; i < n; i++) TRY(row_of(&rows[i], c, &people.items[i]));
    Block *list = kit_list(c, columns, LENGTH(columns), rows, n, N_("Everybody has a password"));
    if (people.n > SHOWN) {
        list->list.next_cursor = people.items[n - 1].email;
        list->list.next_href =
            str_fmt(c->arena, "/invitations?after=%.*s", FMT(list->list.next_cursor));
        list->list.total = -1;
    }
    Button *bulk = NEW_N(c->arena, Button, 2);
    size_t k = 0;
    if (has_mail) bulk[k++] = kit_post(c, N_("Invite by mail"), S("/invitations"), "do", S("mail"));
    bulk[k++] = kit_post(c, N_("Make links"), S("/invitations/links"), "do", S("links"));
    if (n) {
        list->list.bulk = bulk;
        list->list.n_bulk = k;
    }
    if (n && has_mail) {
        Button *all = NEW(c->arena, Button);
        *all = kit_post(c, N_("Invite all by mail"), S("/invitations"), "do", S("all"));
        out->buttons = all;
        out->n_buttons = 1;
    }
    out->title = TRS(c, N_("Invitations"));
    out->subtitle = TRS(
        c, has_mail ? N_("People without a password. Whoever is imported or added gets a mail with "
                         "a link that works once, for seven days.")
                    : N_("People without a password. No mail is set up here: make links and "
                         "hand them out; each works once, for seven days."));
    out->body = out->main = list;
    return OK;
}

static Err ask_again(Ctx *c, int64_t user) {
    return ask(c, user,
               str_fmt(c->arena, "again/%lld/%lld", (long long)user, (long long)c->now_us));
}

static Err ask_all(Ctx *c) {
    UninvitedList people;
    Str after = {0};
    do {
        TRY(account_uninvited(&people, c, after, SHOWN));
        for (size_t i = 0; i < people.n; i++) TRY(ask_again(c, people.items[i].user));
        if (people.n) after = people.items[people.n - 1].email;
    } while (people.n == SHOWN);
    return OK;
}

Err invitation_page_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) {
    Str what = input_getz(form, "do");
    *redirect = S("/invitations");
    if (c->actor->is_read_only || args->rest.n) return ERR_DENIED;
    if (!c->work || !c->work->mail_server.n)
        return issue(c, "do", "no_mail", N_("No mail is set up here."));
    if (str_is(what, "all")) return ask_all(c);
    if (!str_is(what, "mail")) return issue(c, "do", "unknown", N_("There is no such step."));
    for (size_t i = 0; i < form->n; i++) {
        int64_t user;
        if (!str_is(form->items[i].name, "number")) continue;
        if (!str_to_int(&user, form->items[i].value))
            return issue(c, "number", "bad_value", N_("There is no such entry."));
        TRY(ask_again(c, user));
    }
    return OK;
}
