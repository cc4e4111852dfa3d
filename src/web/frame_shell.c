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

static const char *place_named(Str name) {
    for (size_t i = 0; i < frame_n_places; i++)
        if (str_is(name, frame_places[i])) return frame_places[i];
    return NULL;
}

/* The place of a type: that of its own plural, of its module's name or its plural, of a sister
 * type. */
static const char *place_of(const Model *m, const Type *t, Arena *a) {
    const char *place = t->def->place;
    if (!place) place = place_named(str_of(t->plural));
    Str module = str_of(t->module ? t->module->name : "");
    if (!place) place = place_named(module);
    if (!place) place = place_named(str_join(a, module, S("s")));
    for (size_t i = 0; i < m->n_types && !place; i++)
        if (m->types[i].module == t->module) place = place_named(str_of(m->types[i].plural));
    return place ? place : "administration";
}

typedef struct NavItems {
    NavItem *items;
    size_t n, cap;
} NavItems;

static void put(NavItems *list, Web *w, NavItem item) {
    GROW(w->arena, list->items, list->n, list->cap);
    list->items[list->n++] = item;
}

static bool is_current(const Web *w, const Page *page, Str href) {
    if (page->nav) return str_is(href, page->nav);
    return str_eq(w->path, href) ||
           (href.n > 1 && str_starts(w->path, href) && w->path.p[href.n] == '/');
}

static bool may(Web *w, const Type *t, enum Op op) {
    const Access *access;
    return access_of(&access, w->c, t, op) == OK && access_any(access);
}

/* The lists of the administration are there for those who keep or check them. */
static bool is_offered(Web *w, const Type *t, const char *place) {
    if (!may(w, t, OP_READ)) return false;
    return strcmp(place, "administration") != 0 || may(w, t, OP_UPDATE) || may(w, t, OP_CREATE) ||
           may(w, t, OP_HISTORY);
}

static void put_type(NavItems *list, Web *w, const Page *page, const Type *t) {
    if ((t->flags & TYPE_NO_PAGES) || t->def->parent) return;
    const char *place = place_of(w->server->model, t, w->arena);
    if (!is_offered(w, t, place)) return;
    Str href = str_join(w->arena, S("/"), str_of(t->plural));
    put(list, w,
        (NavItem){.label = trs(w->lang, t->def->nav_label ? t->def->nav_label : t->plural_label),
                  .href = href,
                  .icon = t->icon,
                  .group = place,
                  .is_current = is_current(w, page, href)});
}

static void put_page(NavItems *list, Web *w, const Page *page, const PageDef *p) {
    if (!p->nav || !frame_page_allowed(w, p)) return;
    if (p->about && !p->is_pinned && !is_current(w, page, str_of(p->path))) return;
    put(list, w,
        (NavItem){.label = trs(w->lang, p->nav_label ? p->nav_label : p->label),
                  .href = str_of(p->path),
                  .icon = p->icon,
                  .group = p->nav,
                  .is_current = is_current(w, page, str_of(p->path))});
}

/* Seldom used places begin folded; the cookie holds the places that the reader has turned over. */
static bool is_turned(Str turned, const char *name) {
    Str word;
    while (turned.n && str_cut(&word, &turned, '.'))
        if (str_is(word, name)) return true;
    return false;
}

static void fold(NavItem *items, size_t n, Str turned) {
    static const char *const seldom[] = {"indicators",    "controls", "actions",
                                         "continuity",    "capital",  "organisation",
                                         "administration"};
    for (size_t i = 0; i < n; i++) {
        bool has_current = false;
        for (size_t k = 0; k < LENGTH(seldom); k++)
            items[i].is_seldom |= strcmp(items[i].group, seldom[k]) == 0;
        bool folded = items[i].is_seldom != is_turned(turned, items[i].group);
        for (size_t k = 0; k < n; k++)
            has_current |= items[k].is_current && strcmp(items[i].group, items[k].group) == 0;
        items[i].is_folded = folded && !has_current;
    }
}

static void navigation(Shell *out, Web *w, const Page *page) {
    const Model *m = w->server->model;
    NavItems all = {0}, sorted = {0};
    put(&all, w,
        (NavItem){.label = trs(w->lang, N_("My work")),
                  .href = S("/"),
                  .icon = "inbox",
                  .group = "work",
                  .is_current = is_current(w, page, S("/"))});
    for (size_t i = 0; i < m->n_types; i++) put_type(&all, w, page, &m->types[i]);
    for (size_t i = 0; i < m->n_pages; i++) put_page(&all, w, page, m->pages[i]);
    if (hub_has_reports(w))
        put(&all, w,
            (NavItem){.label = trs(w->lang, N_("All reports")),
                      .href = S("/reports"),
                      .icon = "list-details",
                      .group = "reports",
                      .is_current = str_is(w->path, "/reports")});
    for (size_t p = 0; p < frame_n_places; p++)
        for (size_t i = 0; i < all.n; i++)
            if (strcmp(all.items[i].group, frame_places[p]) == 0) put(&sorted, w, all.items[i]);
    Str turned = web_cookie(w->request, "rail");
    fold(sorted.items, sorted.n, turned);
    out->is_narrow = is_turned(turned, "narrow");
    out->nav = sorted.items;
    out->n_nav = sorted.n;
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
        const Access *access;
        if ((t->flags & (TYPE_NO_PAGES | TYPE_NO_UNIT)) || t->def->parent ||
            access_of(&access, w->c, t, OP_CREATE) != OK || !access_any(access))
            continue;
        Str label = trs(w->lang, t->label);
        return (Button){.label = tr_fill(w->arena, tr(w->lang, N_("New: {0}")), &label, 1),
                        .href = str_fmt(w->arena, "/%s/new", t->plural),
                        .is_primary = true,
                        .icon = "plus"};
    }
    return (Button){0};
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
    navigation(out, w, page);
    out->create = create_button(w);
}
