/* feed.c: the iCalendar address of a person: made and revoked on the account page, read by calendar
 * programs without a sign-in, because the address is the secret. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "web/route.h"

#include "work/feed.h"

static Str feed_address(Web *w, Str secret) {
    Str base = w->server->config.work.public_url;
    if (!base.n)
        base = str_fmt(w->arena, "%s://%.*s", w->request->is_tls ? "https" : "http",
                       FMT(w->request->host));
    return str_fmt(w->arena, "%.*s/feeds/%.*s.ics", FMT(base), FMT(secret));
}

Err feed_show(Web *w) {
    int64_t person;
    Str name = w->name;
    if (!str_ends(name, S(".ics"))) return ERR_MISSING;
    TRY(feed_find(&person, w->c, str_sub(name, 0, name.n - 4)));
    TRY(actor_load(w->c, person));
    w->c->actor->is_read_only = true;
    TRY(feed_text(&w->body, w->c));
    w->content_type = S("text/calendar; charset=utf-8");
    return OK;
}

Err feed_run(Web *w) {
    if (w->is_bearer) return ERR_DENIED;
    TRY(feed_new(&w->prepared, w->c, w->c->actor->user));
    w->is_refused = true; /* not refused: shown at once, for it is stored nowhere */
    w->status = 200;
    return OK;
}

Err feed_again(Web *w) {
    TRY(account_show(w));
    Block *body = view_layout(w->arena, LAYOUT_STACK, (Str){0});
    view_put(
        w->arena, body,
        view_text(
            w->arena, TEXT_NOTICE, TONE_GOOD, trs(w->lang, N_("Address of your calendar")),
            trs(w->lang,
                N_("Copy it now into your calendar program: it is not shown again. Whoever has it sees what is due for you."))));
    view_put(w->arena, body,
             view_text(w->arena, TEXT_CODE, TONE_NONE, (Str){0}, feed_address(w, w->prepared)));
    view_put(w->arena, body, w->page->body);
    w->page->body = body;
    return OK;
}

Err feed_revoke_run(Web *w) {
    if (w->is_bearer) return ERR_DENIED;
    TRY(feed_revoke(w->c, w->c->actor->user));
    return web_redirect(w, S("/account"), "revoked");
}

Err feed_block(Block **out, Web *w) {
    int64_t made;
    TRY(feed_made_at(&made, w->c, w->c->actor->user));
    Button *buttons = NEW_N(w->arena, Button, 2);
    buttons[0] =
        (Button){.label = trs(w->lang, made ? N_("Make a new address") : N_("Make an address")),
                 .href = S("/account/feed"),
                 .is_post = true};
    if (made)
        buttons[1] = (Button){.label = trs(w->lang, N_("Revoke")),
                              .href = S("/account/feed/delete"),
                              .is_post = true,
                              .is_danger = true};
    *out = view_layout(w->arena, LAYOUT_SECTION, trs(w->lang, N_("Calendar of what is due")));
    (*out)->layout.text = trs(
        w->lang,
        N_("A secret address that calendar programs read: your assignments and what you own with their due days."));
    (*out)->layout.buttons = buttons;
    (*out)->layout.n_buttons = made ? 2 : 1;
    if (!made) return OK;
    Fact *fact = NEW(w->arena, Fact);
    *fact = (Fact){
        .name = "feed", .label = trs(w->lang, N_("Address made")), .cell = cell_instant(made)};
    Block *facts = view_block(w->arena, BLOCK_FACTS);
    facts->facts = (FactsView){.facts = fact, .n = 1};
    view_put(w->arena, *out, facts);
    return OK;
}
