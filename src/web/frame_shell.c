/* frame_shell.c: what stands around a page: navigation of what the reader may see, create button,
 * person, language, theme, notice. Places are a fixed list; which module fills them is not known
 * here. SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/frame_internal.h"

#include "base/secret.h"

#include <stdio.h>

const char *const frame_places[] = {"work",     "incidents", "risks",         "indicators",
                                    "controls", "actions",   "continuity",    "organisation",
                                    "capital",  "reports",   "administration"};
const size_t frame_n_places = LENGTH(frame_places);

static const struct {
    const char *code, *text;
    Tone tone;
} notices[] = {
    {"saved", N_("Saved."), TONE_GOOD},
    {"created", N_("Created."), TONE_GOOD},
    {"proposed", N_("Sent to a second person. It takes effect once approved."), TONE_INFO},
    {"moved", N_("Done."), TONE_GOOD},
    {"deleted", N_("Deleted."), TONE_GOOD},
    {"password", N_("Your password is changed. Other sessions are signed out."), TONE_GOOD},
    {"ended", N_("The session is signed out."), TONE_GOOD},
    {"revoked", N_("The token is revoked."), TONE_GOOD},
    {"signed_out", N_("You are signed out."), TONE_INFO},
    {"file_sent", N_("The file has arrived and is being checked. Nothing is saved yet."),
     TONE_INFO},
    {"file_again", N_("The file is being checked once more. Nothing is saved yet."), TONE_INFO},
    {"import_runs", N_("The import has begun. It goes on when you leave this page."), TONE_INFO},
    {"import_stops", N_("The import is being stopped; what it has saved is taken back."),
     TONE_INFO},
    {"import_back", N_("The import is being taken back."), TONE_INFO},
    {"bulk_all", N_("Done for all chosen records."), TONE_GOOD},
    {"bulk_some", N_("Done for some of the chosen records; the others do not allow it."),
     TONE_WARN},
    {"bulk_none", N_("None of the chosen records allows it."), TONE_BAD},
};

const char *frame_notice(Str code, Tone *tone) {
    for (size_t i = 0; i < LENGTH(notices); i++) {
        if (!str_is(code, notices[i].code)) continue;
        *tone = notices[i].tone;
        return notices[i].text;
    }
    return NULL;
}

static int place_named(Str name) {
    for (size_t i = 0; i < frame_n_places; i++)
        if (str_is(name, frame_places[i])) return (int)i;
    return -1;
}

/* The place of a type: that of its own plural, of its module's name or its plural, of a sister
 * type. */
static int place_of(const Model *m, const Type *t, Arena *a) {
    int place = t->def->place ? place_named(str_of(t->def->place)) : -1;
    if (place < 0) place = place_named(str_of(t->plural));
    Str module = str_of(t->module ? t->module->name : "");
    if (place < 0) place = place_named(module);
    if (place < 0) place = place_named(str_join(a, module, S("s")));
    for (size_t i = 0; i < m->n_types && place < 0; i++)
        if (m->types[i].module == t->module) place = place_named(str_of(m->types[i].plural));
    return place >= 0 ? place : place_named(S("administration"));
}

/* ---- what may stand in the navigation, worked out once ---- */

static const char reports_label[] = N_("All reports");

typedef struct Entries {
    NavEntry *items;
    size_t n, cap;
} Entries;

static void put(Entries *list, Arena *a, NavEntry entry) {
    GROW(a, list->items, list->n, list->cap);
    list->items[list->n++] = entry;
}

static void put_type(Entries *list, Arena *a, const Model *m, const Type *t) {
    if ((t->flags & TYPE_NO_PAGES) || t->def->parent) return;
    put(list, a,
        (NavEntry){.place = place_of(m, t, a),
                   .label = t->def->nav_label ? t->def->nav_label : t->plural_label,
                   .href = str_join(a, S("/"), str_of(t->plural)),
                   .icon = t->icon,
                   .type = t});
}

static void put_page(Entries *list, Arena *a, const PageDef *p) {
    if (!p->nav) return;
    put(list, a,
        (NavEntry){.place = place_named(str_of(p->nav)),
                   .label = p->nav_label ? p->nav_label : p->label,
                   .href = str_of(p->path),
                   .icon = p->icon,
                   .page = p});
}

void frame_nav_init(Server *server) {
    const Model *m = server->model;
    Arena *a = server->process;
    Entries all = {0}, sorted = {0};
    put(&all, a,
        (NavEntry){.label = N_("My work"),
                   .href = S("/"),
                   .icon = "inbox",
                   .place = place_named(S("work"))});
    for (size_t i = 0; i < m->n_types; i++) put_type(&all, a, m, &m->types[i]);
    for (size_t i = 0; i < m->n_pages; i++) put_page(&all, a, m->pages[i]);
    put(&all, a,
        (NavEntry){.label = reports_label,
                   .href = S("/reports"),
                   .icon = "list-details",
                   .place = place_named(S("reports"))});
    for (size_t p = 0; p < frame_n_places; p++)
        for (size_t i = 0; i < all.n; i++)
            if (all.items[i].place == (int)p) put(&sorted, a, all.items[i]);
    server->nav = sorted.items;
    server->n_nav = sorted.n;
}

/* ---- what this reader sees of it ---- */

static bool is_current(const Web *w, const Page *page, Str href) {
    if (page->nav) return str_is(href, page->nav);
    return str_eq(w->path, href) ||
           (href.n > 1 && str_starts(w->path, href) && w->path.p[href.n] == '/');
}

/* The lists of the administration are there for those who keep or check them. */
static bool is_offered(Web *w, const Type *t, int place) {
    Ctx *c = w->c;
    if (!access_may(c, t, OP_READ)) return false;
    return strcmp(frame_places[place], "administration") != 0 || access_may(c, t, OP_UPDATE) ||
           access_may(c, t, OP_CREATE) || access_may(c, t, OP_HISTORY);
}

static bool is_shown(Web *w, const NavEntry *e, bool current) {
    if (e->type) return is_offered(w, e->type, e->place);
    if (e->label == reports_label) return hub_has_reports(w);
    if (!e->page) return true;
    return frame_page_allowed(w, e->page) && (!e->page->about || e->page->is_pinned || current);
}

static bool is_turned(Str turned, const char *name) {
    Str word;
    while (turned.n && str_cut(&word, &turned, '.'))
        if (str_is(word, name)) return true;
    return false;
}

/* Seldom used places begin folded; the cookie holds the places that the reader has turned over. */
static void fold(NavItem *items, size_t n, Str turned) {
    static const char *const seldom[] = {"indicators",    "controls", "actions",
                                         "continuity",    "capital",  "organisation",
                                         "administration"};
    for (size_t i = 0, end; i < n; i = end) { /* a place at a time */
        bool has_current = false, is_seldom = false;
        for (size_t k = 0; k < LENGTH(seldom); k++)
            is_seldom |= strcmp(items[i].group, seldom[k]) == 0;
        for (end = i; end < n && items[end].group == items[i].group; end++)
            has_current |= items[end].is_current;
        bool is_folded = is_seldom != is_turned(turned, items[i].group) && !has_current;
        for (size_t k = i; k < end; k++) {
            items[k].is_seldom = is_seldom;
            items[k].is_folded = is_folded;
        }
    }
}

static void navigation(Shell *out, Web *w, const Page *page) {
    const Server *server = w->server;
    NavItem *items = NEW_N(w->arena, NavItem, server->n_nav + 1);
    size_t n = 0;
    for (size_t i = 0; i < server->n_nav; i++) {
        const NavEntry *e = &server->nav[i];
        bool current =
            e->label == reports_label ? str_is(w->path, "/reports") : is_current(w, page, e->href);
        if (!is_shown(w, e, current)) continue;
        items[n++] = (NavItem){.label = trs(w->lang, e->label),
                               .href = e->href,
                               .icon = e->icon,
                               .group = frame_places[e->place],
                               .is_current = current};
    }
    Str turned = web_cookie(w->request, "rail");
    fold(items, n, turned);
    out->is_narrow = is_turned(turned, "narrow");
    out->nav = items;
    out->n_nav = n;
}

/* The first page that creates records of a type, otherwise the first type the reader may create. */
static Button create_button(Web *w) {
    const Model *m = w->server->model;
    for (size_t i = 0; i < m->n_types; i++) {
        const TypeDef *d = m->types[i].def;
        if (!d->create_page) continue;
        for (size_t k = 0; k < m->n_pages; k++)
            if (strcmp(m->pages[k]->path, d->create_page) == 0 &&
                frame_page_allowed(w, m->pages[k]))
                return (Button){.label = trs(w->lang, d->create_label),
                                .href = str_of(d->create_page),
                                .is_primary = true,
                                .icon = "plus"};
    }
    for (size_t i = 0; i < m->n_types; i++) {
        const Type *t = &m->types[i];
        if ((t->flags & (TYPE_NO_PAGES | TYPE_NO_UNIT)) || t->def->parent ||
            !access_may(w->c, t, OP_CREATE))
            continue;
        Str label = trs(w->lang, t->label);
        return (Button){.label = tr_fill(w->arena, tr(w->lang, N_("New: {0}")), &label, 1),
                        .href = str_fmt(w->arena, "/%s/new", t->plural),
                        .is_primary = true,
                        .icon = "plus"};
    }
    return (Button){0};
}

/* A script that runs says so by a cookie of the session, and asks for the whole of a page by a
 * header. What answers a form keeps all its choices: there is no address to ask again. */
static bool lists_come_later(const Web *w) {
    return w->request->method == HTTP_GET && str_is(web_cookie(w->request, "lists"), "later") &&
           !str_is(http_header(w->request, "x-lists"), "full");
}

void frame_shell(Shell *out, Web *w, const Page *page) {
    *out = (Shell){.locale = frame_locale(w),
                   .lang = w->lang,
                   .theme = w->theme,
                   .csrf = w->csrf,
                   .idempotency = random_token(w->arena, 18),
                   .path = frame_own_address(w),
                   .organisation = w->server->config.organisation,
                   .query = str_is(w->path, "/search") ? input_getz(&w->query, "q") : (Str){0},
                   .is_demo = w->server->config.is_demo,
                   .now_us = w->c ? w->c->now_us : 0};
    Tone tone = TONE_NONE;
    const char *notice = frame_notice(web_cookie(w->request, "notice"), &tone);
    if (notice && w->request->method == HTTP_GET) {
        out->notice = trs(w->lang, notice);
        out->notice_tone = tone;
    }
    if (!w->c || !w->c->actor || w->c->actor->user == 0) return;
    out->person = w->c->actor->name;
    out->email = w->c->actor->email;
    if (page->is_bare || page->is_print || !w->c->db) return;
    if (work_unread(&out->unread, w->c) != OK) out->unread = 0;
    out->is_later = lists_come_later(w);
    navigation(out, w, page);
    out->create = create_button(w);
}
