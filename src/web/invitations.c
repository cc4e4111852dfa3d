/* invitations.c: links with which people choose their first password, for an administrator to hand
 * out. They are shown once, on the answer itself, and are stored nowhere. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "web/route.h"

enum { MOST_LINKS = 200 };

static Str link_of(Web *w, Str secret) {
    const WorkConfig *work = w->c->work;
    if (work && work->public_url.n)
        return str_fmt(w->arena, "%.*s/welcome/%.*s", FMT(work->public_url), FMT(secret));
    return str_fmt(w->arena, "%s://%.*s/welcome/%.*s", w->request->is_tls ? "https" : "http",
                   FMT(w->request->host), FMT(secret));
}

static Err make_link(Web *w, Text *out, int64_t user) {
    Uninvited u;
    Str secret;
    Err e = account_uninvited_find(&u, w->c, user);
    if (e == ERR_MISSING) return OK; /* in already */
    TRY(e);
    TRY(one_time_new(&secret, w->c, user, "password", INVITATION_SECONDS));
    text_fmt(out, "%.*s\t%.*s\t%.*s\n", FMT(u.name), FMT(u.email), FMT(link_of(w, secret)));
    return OK;
}

Err invitation_links_run(Web *w) {
    Text made = text_new(w->arena, 1 << 20);
    size_t n = 0;
    if (w->is_bearer || !actor_has_role(w->c, S("admin")) || w->c->actor->is_system)
        return ERR_DENIED;
    for (size_t i = 0; i < w->form.n; i++) {
        int64_t user;
        if (!str_is(w->form.items[i].name, "number")) continue;
        if (++n > MOST_LINKS || !str_to_int(&user, w->form.items[i].value))
            return issue(w->c, "number", "bad_value", N_("There is no such entry."));
        TRY(make_link(w, &made, user));
    }
    if (!n) return issue(w->c, "number", "required", N_("Choose at least one person."));
    w->prepared = text_str(&made);
    w->is_refused = true; /* not refused: shown at once instead of a redirect */
    w->status = 200;
    return OK;
}

Err invitation_links_again(Web *w) {
    Page *page = web_page(w);
    Block *body = view_layout(w->arena, LAYOUT_STACK, (Str){0});
    page->title = trs(w->lang, N_("Links to hand out"));
    page->nav = "/invitations";
    page->body = body;
    if (w->c->issues.errors) {
        for (size_t i = 0; i < w->c->issues.n; i++)
            view_put(w->arena, body,
                     view_text(w->arena, TEXT_NOTICE, TONE_BAD, (Str){0},
                               issue_text(w->c, &w->c->issues.items[i])));
        return OK;
    }
    view_put(w->arena, body,
             view_text(w->arena, TEXT_NOTICE, TONE_GOOD, trs(w->lang, N_("Copy them now")),
                       trs(w->lang, N_("They are not shown again. Each opens once, for seven days; "
                                       "give every person only their own."))));
    page->main = view_text(w->arena, TEXT_CODE, TONE_NONE, (Str){0}, w->prepared);
    view_put(w->arena, body, page->main);
    return OK;
}
