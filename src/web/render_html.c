/* render_html.c: a page as HTML: shell, dispatch of blocks, buttons, icons. The markup itself
 * stands in ui/blocks; this file holds what a template cannot say: recursion and choices. Knows no
 * request. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"
#include "tpl.h"
#include "web/assets.h"
#include "web/render_internal.h"

#define MOST_DEPTH 32

const char *render_dir(const Html *h) {
    return lang_is_rtl(h->shell->lang) ? "rtl" : "ltr";
}

Str render_asset(Html *h, const char *name) {
    const Asset *asset = asset_find(str_of(name));
    if (!asset) return str_fmt(h->arena, "/assets/%s", name);
    return str_fmt(h->arena, "/assets/%s?v=%.8s", name, asset->version);
}

bool render_same_place(const NavItem *a, const NavItem *b) {
    return str_eq(str_of(a->group), str_of(b->group));
}

const char *render_place_label(const NavItem *item) {
    static const struct {
        const char *place, *label;
    } labels[] = {{"incidents", N_("Incidents")},       {"risks", N_("Risks")},
                  {"indicators", N_("Indicators")},     {"controls", N_("Controls")},
                  {"actions", N_("Actions")},           {"continuity", N_("Continuity")},
                  {"organisation", N_("Organisation")}, {"capital", N_("Capital")},
                  {"reports", N_("Reports")},           {"administration", N_("Administration")}};
    for (size_t i = 0; i < LENGTH(labels); i++)
        if (item->group && strcmp(item->group, labels[i].place) == 0) return labels[i].label;
    return NULL;
}

Str render_initials(Html *h, Str name) {
    Text out = text_new(h->arena, 0);
    bool at_start = true;
    int taken = 0;
    for (size_t i = 0; i < name.n && taken < 2;) {
        uint32_t c = utf8_next(name, &i);
        if (at_start && c > ' ') {
            utf8_put(&out, c);
            taken += c >= 0x590 && c <= 0x8FF ? 2 : 1; /* two Arabic letters would join */
        }
        at_start = c == ' ' || c == '-' || c == '.';
    }
    return text_str(&out);
}

void render_page_count(Html *h, const Page *page) {
    if (!page->main || page->main->kind != BLOCK_LIST) return;
    const ListView *v = &page->main->list;
    if (v->is_plain || v->total < 0) return;
    HTML(h, " <span class=\"count\"><bdi dir=\"ltr\">");
    html_text(h, render_number(h, v->total));
    if (!v->total_is_exact) HTML(h, "+");
    HTML(h, "</bdi></span>");
}

void render_notice(Html *h, const Page *page) {
    if (!h->shell->notice.n || page->is_confirmation) return;
    TextView v = {.kind = TEXT_NOTICE, .tone = h->shell->notice_tone, .text = h->shell->notice};
    HTML(h, "<div class=\"flash\" role=\"status\">");
    tpl_text(h, &v, NULL);
    HTML(h, "</div>");
}

size_t render_quiet_facts(const FactsView *v) {
    size_t n = 0;
    for (size_t i = 0; i < v->n; i++) n += v->facts[i].is_quiet;
    return n;
}

Str render_count_words(Html *h, const char *words, size_t n) {
    Str count = render_number(h, (int64_t)n);
    return tr_fill(h->arena, words, &count, 1);
}

void render_icon(Html *h, const char *name) {
    /* Only these point somewhere, and point the other way in a page from right to left. */
    static const char *const directed[] = {"arrow-right", "chevron-right", "chevrons-left",
                                           "logout",      "list-tree",     "arrow-back-up"};
    if (!h->icons.n) {
        Str sheet = render_asset(h, "icons.svg");
        h->icons = str_fmt(h->arena, " aria-hidden=true><use href=\"%.*s#", FMT(sheet));
    }
    bool is_directed = false;
    bool may_be = *name == 'a' || *name == 'c' || *name == 'l';
    for (size_t i = 0; may_be && i < LENGTH(directed); i++)
        is_directed |= strcmp(name, directed[i]) == 0;
    if (is_directed)
        HTML(h, "<svg class=\"icon directed\"");
    else
        HTML(h, "<svg class=icon");
    html_safe(h, (HtmlSafe){h->icons});
    html_textz(h, name);
    HTML(h, "\"/></svg>");
}

const char *render_tone(Tone tone) {
    static const char *const names[] = {"tone-none", "tone-good",     "tone-info",  "tone-warn",
                                        "tone-bad",  "tone-critical", "tone-muted", "tone-accent"};
    return (size_t)tone < LENGTH(names) ? names[tone] : names[0];
}

const char *render_tone_icon(Tone tone) {
    switch (tone) {
    case TONE_GOOD: return "circle-check";
    case TONE_WARN: return "alert-triangle";
    case TONE_BAD:
    case TONE_CRITICAL: return "alert-circle";
    case TONE_NONE:
    case TONE_INFO:
    case TONE_MUTED:
    case TONE_ACCENT: break;
    }
    return "info-circle";
}

/* ---- buttons ---- */

void render_button(Html *h, const Button *b, const char *look) {
    const char *plain = b->is_danger    ? "button danger"
                        : b->is_primary ? "button primary"
                                        : "button";
    tpl_button(h, b, look ? look : plain);
}

/* A report's main figure goes into a file at the page's own address; lists have a bar for that. */
static bool is_exported(const Page *page) {
    const Block *b = page->main;
    if (!b) return false;
    if (b->kind == BLOCK_LIST) return b->list.is_plain && b->list.export_query.n > 0;
    return b->kind == BLOCK_MATRIX || b->kind == BLOCK_CHART;
}

/* Those of the page's head: what stands in the top bar already is not said again. */
void render_page_buttons(Html *h, const Page *page) {
    Button *left = NEW_N(h->arena, Button, page->n_buttons + 1);
    size_t n = 0;
    for (size_t i = 0; i < page->n_buttons; i++)
        if (!h->shell->create.label.n || !str_eq(page->buttons[i].href, h->shell->create.href))
            left[n++] = page->buttons[i];
    bool exports = is_exported(page);
    if (!n && !exports) return;
    HTML(h, "<div class=\"page-buttons\">");
    Str path = render_path_of(h->shell->path);
    if (exports)
        tpl_exports(h, "button quiet", path, str_sub(h->shell->path, path.n, h->shell->path.n));
    render_buttons(h, left, n, 2);
    HTML(h, "</div>");
}

void render_buttons(Html *h, const Button *buttons, size_t n, size_t beside) {
    const Button *primary = NULL;
    size_t others = 0, open = 0;
    for (size_t i = 0; i < n; i++) {
        if (!primary && buttons[i].is_primary)
            primary = &buttons[i];
        else
            others++;
    }
    if (others > beside && beside > 0) beside--; /* the menu itself takes a place */
    bool *shown = NEW_N(h->arena, bool, n + 1);
    for (size_t i = 0; i < n && open < beside; i++) {
        bool held_back = buttons[i].is_danger && others > 1;
        if (&buttons[i] == primary || held_back) continue;
        render_button(h, &buttons[i], NULL);
        shown[i] = true;
        open++;
    }
    if (primary) render_button(h, primary, NULL);
    if (others == open) return;
    HTML(h, "<details class=\"menu\"><summary class=\"button icon-only\" aria-label=\"");
    html_tr(h, N_("More steps"));
    HTML(h, "\">");
    render_icon(h, "dots");
    HTML(h, "</summary><div class=\"menu-body\">");
    for (size_t i = 0; i < n; i++) {
        if (&buttons[i] == primary || shown[i]) continue;
        render_button(h, &buttons[i], buttons[i].is_danger ? "item danger" : "item");
    }
    HTML(h, "</div></details>");
}

/* ---- blocks ---- */

void render_id(Html *h, const char *id) {
    if (!id || !id[0]) return;
    HTML(h, " id=\"");
    html_textz(h, id);
    HTML(h, "\"");
}

void render_heading(Html *h, const char *look, Str text, const char *id) {
    int level = h->heading < 2 ? 2 : h->heading > 6 ? 6 : h->heading;
    HTML(h, "<h");
    html_int(h, level);
    HTML(h, " class=\"");
    html_textz(h, look);
    HTML(h, "\"");
    render_id(h, id);
    HTML(h, ">");
    html_text(h, text);
    HTML(h, "</h");
    html_int(h, level);
    HTML(h, ">");
}

const char *render_layout_class(const LayoutView *v) {
    switch (v->kind) {
    case LAYOUT_STACK: return "stack";
    case LAYOUT_SPLIT: return "split";
    case LAYOUT_GRID: return "grid";
    case LAYOUT_SECTION: return v->starts_page ? "section new-page" : "section";
    case LAYOUT_TABS: return "panes";
    case LAYOUT_CARD: return "card";
    }
    return "stack";
}

void render_items(Html *h, const LayoutView *v) {
    int heading = h->heading;
    if (v->title.n) h->heading++;
    bool grid = v->kind == LAYOUT_GRID;
    if (grid) HTML(h, "<div class=\"grid-items\">");
    for (size_t i = 0; i < v->n; i++) render_block(h, v->items[i]);
    if (grid) HTML(h, "</div>");
    h->heading = heading;
}

void render_block(Html *h, const Block *b) {
    if (!b || h->out->full) return;
    switch (b->kind) {
    case BLOCK_LAYOUT: tpl_layout(h, &b->layout, b->id); break;
    case BLOCK_FACTS: tpl_facts(h, &b->facts, b->id); break;
    case BLOCK_LIST:
        if (b->list.is_filters)
            tpl_filters(h, &b->list);
        else
            tpl_list(h, &b->list, b->id);
        break;
    case BLOCK_FORM:
        h->form = b->id ? b->id : "f";
        if (b->form.is_toolbar && b->form.n_groups == 1)
            tpl_toolbar(h, &b->form, b->id);
        else
            tpl_form(h, &b->form, b->id);
        break;
    case BLOCK_LEDGER: tpl_ledger(h, &b->ledger, b->id); break;
    case BLOCK_MATRIX:
        if (b->matrix.is_moves)
            render_moves(h, &b->matrix, b->id);
        else if (b->matrix.is_grid)
            render_grid(h, &b->matrix, b->id);
        else
            tpl_matrix(h, &b->matrix, b->id);
        break;
    case BLOCK_CHART: render_chart(h, &b->chart, b->id); break;
    case BLOCK_GRAPH: tpl_graph(h, &b->graph, b->id); break;
    case BLOCK_TIMELINE:
    case BLOCK_HISTORY: tpl_timeline(h, &b->timeline, b->id); break;
    case BLOCK_TREE: tpl_tree(h, &b->tree, b->id); break;
    case BLOCK_PATH: tpl_path(h, &b->path, b->id); break;
    case BLOCK_TEXT: tpl_text(h, &b->text, b->id); break;
    case BLOCK_BOARD: tpl_board(h, &b->board, b->id); break;
    case BLOCK_GANTT: render_gantt(h, &b->gantt, b->id); break;
    case BLOCK_QR: render_qr(h, &b->qr, b->id); break;
    }
}

static const Block *find_block(const Block *b, Str id, int depth) {
    if (!b || depth > MOST_DEPTH) return NULL;
    if (b->id && str_is(id, b->id)) return b;
    if (b->kind != BLOCK_LAYOUT) return NULL;
    for (size_t i = 0; i < b->layout.n; i++) {
        const Block *found = find_block(b->layout.items[i], id, depth + 1);
        if (found) return found;
    }
    return NULL;
}

void render_html(Text *out, Arena *a, const Shell *shell, const Page *page) {
    Html h = {.out = out, .arena = a, .shell = shell, .page = page, .heading = 2, .form = "f"};
    if (shell->is_fragment) {
        render_block(&h, find_block(page->body, shell->fragment_id, 0));
        return;
    }
    if (page->is_print)
        tpl_print(&h, page);
    else if (page->is_bare || !shell->person.n)
        tpl_bare(&h, page);
    else
        tpl_shell(&h, page);
}
