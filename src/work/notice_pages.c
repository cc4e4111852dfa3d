/* notice_pages.c: what a person was told, and what they want to be told by mail.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/kit.h"
#include "work/notice.h"
#include "work/pages.h"

enum { SHOWN = 50 };

/* clang-format off */
static const KitColumn columns[] = {
    {"headline", N_("Notification"), CELL_LABEL,   false, false},
    {"title",    N_("About"),  CELL_TEXT,    true,  false},
    {"number",   N_("Number"), CELL_CODE,    false, false},
    {"by",       N_("Done by"),     CELL_PERSON,  false, false},
    {"at",       N_("When"),   CELL_INSTANT, false, false},
    {"kind",     N_("Kind"),   CELL_CODE,    false, true},
    {"read",     N_("Read"),   CELL_BOOL,    false, true},
    {"waits",    N_("Waiting for you"), CELL_BOOL, false, true},
};
/* clang-format on */

static Cell person_cell(Ctx *c, int64_t user) {
    RefName name;
    if (!user || ref_name(&name, c, model_need(c->model, "user"), user) != OK) return (Cell){0};
    return (Cell){.kind = CELL_PERSON, .key = name.key, .text = name.title};
}

/* *shown false: the record is hidden from the reader by now. */
static Err notice_row(Row *out, bool *shown, Ctx *c, const Notice *n) {
    Record *r;
    FieldSet hidden;
    const Type *t = model_type(c->model, n->type);
    *shown = false;
    if (!t) return OK;
    Err e = record_load(&r, c, t, n->record);
    if (e == ERR_MISSING || e == ERR_DENIED) return OK;
    TRY(e);
    TRY(access_hidden(&hidden, c, t, r));
    Cell *cells = NEW_N(c->arena, Cell, LENGTH(columns));
    const NoticeDef *def = notice_def(c->model, n->kind);
    const Field *title = t->titles[c->lang];
    cells[0] = cell_state(n->kind, notice_headline(c, n), def ? def->tone : TONE_NONE);
    if (n->waits && !str_is(n->kind, "waiting")) cells[0].note = TRS(c, N_("Waiting for you"));
    cells[1] = title && fieldset_has(hidden, title->index) ? (Cell){.is_masked = true}
                                                           : cell_text(record_title(c, r));
    cells[1].note = TRS(c, t->label);
    cells[2] = cell_code(record_number(c->arena, r));
    cells[3] = person_cell(c, n->actor);
    cells[4] = cell_instant(n->at);
    cells[5] = cell_code(n->kind);
    cells[6] = cell_bool(n->read_at != 0);
    cells[7] = cell_bool(n->waits);
    *out = (Row){.id = kit_text_int(c, n->id),
                 .href = record_path(c->arena, r),
                 .cells = cells,
                 .tone = n->read_at ? TONE_NONE : TONE_ACCENT};
    *shown = true;
    return OK;
}

static Tab *tabs(Ctx *c, bool unread, int64_t count) {
    Tab *list = NEW_N(c->arena, Tab, 2);
    list[0] = (Tab){.label = TRS(c, N_("Unread")),
                    .href = S("/notifications"),
                    .count = count,
                    .is_current = unread};
    list[1] = (Tab){.label = TRS(c, N_("All")),
                    .href = S("/notifications?all=1"),
                    .count = -1,
                    .is_current = !unread};
    return list;
}

Err notice_page_build(Ctx *c, const PageArgs *args, Page *out) {
    Notices notices;
    int64_t before = 0, count;
    bool unread = !input_getz(args->query, "all").n;
    (void)str_to_int(&before, input_getz(args->query, "after"));
    TRY(notice_list(&notices, c, c->actor->user, unread, before > 0 ? before : 0, SHOWN + 1));
    TRY(work_unread(&count, c));
    Row *rows = NEW_N(c->arena, Row, SHOWN + 1);
    size_t n = 0;
    for (size_t i = 0; i < notices.n && i < SHOWN; i++) {
        bool shown;
        TRY(notice_row(&rows[n], &shown, c, &notices.items[i]));
        n += shown;
    }
    Block *list = kit_list(c, columns, LENGTH(columns), rows, n,
                           unread ? N_("You have read everything") : N_("No notifications yet"));
    list->list.tabs = tabs(c, unread, count);
    list->list.n_tabs = 2;
    list->list.total = -1;
    if (notices.n > SHOWN) {
        list->list.next_cursor = kit_text_int(c, notices.items[SHOWN - 1].id);
        list->list.next_href = str_fmt(c->arena, "/notifications?%safter=%.*s",
                                       unread ? "" : "all=1&", FMT(list->list.next_cursor));
    }
    Button *buttons = NEW_N(c->arena, Button, 2);
    buttons[out->n_buttons++] = (Button){.label = TRS(c, N_("What I want by mail")),
                                         .href = S("/notifications/settings"),
                                         .icon = "mail"};
    if (count)
        buttons[out->n_buttons++] =
            kit_post(c, N_("Mark all as read"), S("/notifications"), "read", S("all"));
    out->buttons = buttons;
    out->title = TRS(c, N_("Notifications"));
    out->body = out->main = list;
    return OK;
}

Err notice_page_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) {
    (void)args;
    Str which = input_getz(form, "read");
    int64_t id = 0;
    *redirect = S("/notifications");
    if (c->actor->is_read_only || !c->actor->user) return ERR_DENIED;
    if (!str_is(which, "all") && (!str_to_int(&id, which) || id <= 0))
        return issue(c, "read", "bad_value", N_("There is no such entry."));
    return notice_mark(c, c->actor->user, id);
}

/* ---- wishes ---- */

static Str hour_text(Ctx *c, int minute) {
    return str_fmt(c->arena, "%02d:%02d", minute / 60, minute % 60);
}

static bool hour_read(int *minute, Str text) {
    int64_t hour, rest;
    text = str_trim(text);
    ptrdiff_t colon = str_find_char(text, ':');
    if (colon < 1 || !str_to_int(&hour, str_sub(text, 0, (size_t)colon)) ||
        !str_to_int(&rest, str_sub(text, (size_t)colon + 1, text.n)))
        return false;
    *minute = (int)(hour * 60 + rest);
    return hour >= 0 && hour < 24 && rest >= 0 && rest < 60;
}

Err wishes_page_build(Ctx *c, const PageArgs *args, Page *out) {
    /* clang-format off */
    static const char *const mails[] = {
        "all", N_("Each notification at once"), "waiting", N_("Only what waits for me"), "daily", N_("One mail a day"),
        "none", N_("No mail"), NULL};
    /* clang-format on */
    NoticeWish w;
    TRY(notice_wish(&w, c, c->actor->user));
    FormField *f = NEW_N(c->arena, FormField, 4);
    bool quiet = w.quiet_from != w.quiet_until;
    f[0] =
        kit_field(c, "mail", N_("Mail"), INPUT_CHOICE, str_of(mail_wish_name(w.mail)), args->query);
    f[0].is_required = true;
    kit_options(c, &f[0], mails);
    f[1] = kit_field(c, "digest_at", N_("The daily mail comes at"), INPUT_TEXT,
                     hour_text(c, w.digest_at), args->query);
    f[1].max_length = 5;
    f[1].help = TRS(c, N_("Hours and minutes, for example 07:30."));
    f[2] = kit_field(c, "quiet_from", N_("No mail from"), INPUT_TEXT,
                     quiet ? hour_text(c, w.quiet_from) : (Str){0}, args->query);
    f[2].max_length = 5;
    f[2].help = TRS(c, N_("For example 20:00; leave both empty for no quiet hours."));
    f[3] = kit_field(c, "quiet_until", N_("No mail until"), INPUT_TEXT,
                     quiet ? hour_text(c, w.quiet_until) : (Str){0}, args->query);
    f[3].max_length = 5;
    out->title = TRS(c, N_("What I want by mail"));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    if (!c->work || !c->work->mail_server.n)
        view_put(
            c->arena, out->body,
            view_text(
                c->arena, TEXT_NOTICE, TONE_INFO, (Str){0},
                TRS(c,
                    N_("This installation sends no mail; notifications appear in the program."))));
    view_put(c->arena, out->body, kit_form(c, "/notifications/settings", f, 4, N_("Save")));
    return OK;
}

Err wishes_page_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) {
    NoticeWish w = {0};
    (void)args;
    *redirect = S("/notifications/settings");
    if (c->actor->is_read_only || !c->actor->user) return ERR_DENIED;
    if (!mail_wish_parse(&w.mail, input_getz(form, "mail")))
        issue(c, "mail", "bad_value", N_("There is no such entry."));
    Str at = input_getz(form, "digest_at"), from = input_getz(form, "quiet_from"),
        until = input_getz(form, "quiet_until");
    w.digest_at = 7 * 60 + 30;
    static const char wrong[] = N_("Write hours and minutes, for example 07:30.");
    if (at.n && !hour_read(&w.digest_at, at)) issue(c, "digest_at", "time", wrong);
    if (from.n && !hour_read(&w.quiet_from, from)) issue(c, "quiet_from", "time", wrong);
    if (until.n && !hour_read(&w.quiet_until, until)) issue(c, "quiet_until", "time", wrong);
    if (!from.n != !until.n)
        issue(c, from.n ? "quiet_until" : "quiet_from", "required",
              N_("Give both ends of the quiet hours, or none."));
    if (c->issues.errors) return ERR_INVALID;
    return notice_wish_set(c, c->actor->user, &w);
}
