/* hub.c: the page of all reports: what each answers, under the heading of its subject.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/frame_internal.h"
#include "web/render_internal.h"

static bool is_report(Web *w, const PageDef *p) {
    return p->about && p->nav && frame_page_allowed(w, p);
}

bool hub_has_reports(Web *w) {
    const Model *m = w->server->model;
    for (size_t i = 0; i < m->n_pages; i++)
        if (is_report(w, m->pages[i])) return true;
    return false;
}

static Block *subject_card(Web *w, const char *subject) {
    const Model *m = w->server->model;
    const char *label = render_place_label(&(NavItem){.group = subject});
    Block *card = view_layout(w->arena, LAYOUT_CARD, trs(w->lang, label ? label : N_("My work")));
    Column *column = NEW(w->arena, Column);
    *column = (Column){
        .name = "report", .label = trs(w->lang, N_("Report")), .kind = CELL_TEXT, .is_main = true};
    Row *rows = NEW_N(w->arena, Row, m->n_pages);
    size_t n = 0;
    for (size_t i = 0; i < m->n_pages; i++) {
        const PageDef *p = m->pages[i];
        if (!is_report(w, p) || strcmp(p->subject, subject) != 0) continue;
        Cell *cell = NEW(w->arena, Cell);
        *cell = cell_text(trs(w->lang, p->label));
        cell->note = trs(w->lang, p->about);
        rows[n++] = (Row){.id = str_of(p->path), .href = str_of(p->path), .cells = cell};
    }
    if (!n) return NULL;
    Block *list = view_block(w->arena, BLOCK_LIST);
    list->list = (ListView){.columns = column,
                            .n_columns = 1,
                            .rows = rows_of_array(w->arena, rows, n),
                            .total = (int64_t)n,
                            .total_is_exact = true,
                            .is_plain = true};
    view_put(w->arena, card, list);
    return card;
}

Err hub_reports(Web *w) {
    Page *page = web_page(w);
    page->title = trs(w->lang, N_("Reports"));
    page->nav = "/reports";
    page->body = view_layout(w->arena, LAYOUT_GRID, (Str){0});
    for (size_t i = 1; i <= frame_n_places; i++) /* one's own work comes last */
        view_put(w->arena, page->body, subject_card(w, frame_places[i % frame_n_places]));
    if (!page->body->layout.n)
        view_put(w->arena, page->body,
                 view_text(w->arena, TEXT_EMPTY, TONE_NONE,
                           trs(w->lang, N_("No report is open to you")),
                           trs(w->lang, N_("Your roles decide which reports you see."))));
    return OK;
}
