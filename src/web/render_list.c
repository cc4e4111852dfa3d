/* render_list.c: what the templates of lists, filters and matrices ask for. Knows no SQL and no
 * request. SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/render_internal.h"

#define MOST_PARAMETERS 50

size_t render_active_filters(const ListView *v) {
    size_t n = 0;
    for (size_t i = 0; i < v->n_filters; i++) n += v->filters[i].is_active;
    return n;
}

bool render_is_filtered(const ListView *v) {
    return v->search.n || render_active_filters(v);
}

static void free_arena(void *arena) {
    arena_free(arena);
}

Arena *render_scratch(Html *h) {
    Arena *scratch = arena_new(0);
    arena_defer(h->arena, free_arena, scratch);
    return scratch;
}

Str render_path_of(Str address) {
    ptrdiff_t at = str_find_char(address, '?');
    return at < 0 ? address : str_sub(address, 0, (size_t)at);
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static Str decoded(Arena *a, Str part) {
    Text out = text_new(a, 0);
    for (size_t i = 0; i < part.n; i++) {
        int high = part.p[i] == '%' && i + 2 < part.n ? hex_digit(part.p[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(part.p[i + 2]) : -1;
        if (low >= 0) {
            text_char(&out, (char)(high * 16 + low));
            i += 2;
        } else {
            text_char(&out, part.p[i] == '+' ? ' ' : part.p[i]);
        }
    }
    return text_str(&out);
}

/* Outside the panel a search keeps all filters in force. */
static bool has_own_field(const ListView *v, Str name) {
    if (str_is(name, "q") || str_is(name, "after") || str_is(name, "cursor")) return true;
    if (!v->is_filters) return false;
    for (size_t i = 0; i < v->n_filters; i++) {
        Str own = v->filters[i].name;
        if (!str_starts(name, own)) continue;
        Str rest = str_sub(name, own.n, name.n - own.n);
        if (rest.n == 0 || str_is(rest, ".ge") || str_is(rest, ".le") || str_is(rest, ".under"))
            return true;
    }
    return false;
}

/* A form with method GET drops the query of its action; the export's query holds what is in force.
 */
void render_query_inputs(Html *h, const ListView *v) {
    ptrdiff_t at = str_find_char(v->action, '?');
    Str query = at >= 0 ? str_sub(v->action, (size_t)at + 1, v->action.n) : v->export_query;
    if (query.n && query.p[0] == '?') query = str_sub(query, 1, query.n);
    Str part, name;
    for (int i = 0; i < MOST_PARAMETERS && query.n && str_cut(&part, &query, '&'); i++) {
        if (!str_cut(&name, &part, '=')) continue;
        name = decoded(h->arena, name);
        if (!name.n || has_own_field(v, name)) continue;
        HTML(h, "<input type=\"hidden\" name=\"");
        html_text(h, name);
        HTML(h, "\" value=\"");
        html_text(h, decoded(h->arena, part));
        HTML(h, "\">");
    }
}

Str render_export(Html *h, Str path, const char *suffix, Str query) {
    if (str_is(query, "?")) query = (Str){0};
    return str_fmt(h->arena, "%.*s%s%.*s", FMT(path), suffix, FMT(query));
}

void render_indent(Html *h, int depth) {
    for (int i = 0; i < depth && i < 20; i++) HTML(h, "\xE2\x80\x83"); /* em space */
}

/* ---- matrix ---- */

static const Cell *figure_at(const MatrixCell *c, int which) {
    return which == 1 ? &c->main : which == 2 ? &c->second : &c->third;
}

static void matrix_figures(Html *h, const MatrixView *v, const MatrixCell *c) {
    HTML(h, "<b>");
    if (v->shown == 0)
        html_text(h, render_number(h, c->count));
    else
        render_compact(h, figure_at(c, v->shown));
    HTML(h, "</b>");
    bool rated = v->n_levels && c->level;
    if (!rated && v->shown == 0 && c->main.kind == CELL_EMPTY) return;
    HTML(h, "<small>");
    if (rated)
        html_textz(h, render_level_sign(c->level));
    else if (v->shown == 0)
        render_compact(h, &c->main);
    else
        html_text(h, render_number(h, c->count));
    HTML(h, "</small>");
}

/* The class of a cell as a second sign beside its colour, for print and for readers who do not tell
 * colours apart. */
const char *render_level_sign(int level) {
    static const char *const signs[] = {"", "I", "II", "III", "IV", "V"};
    return level >= 0 && level <= 5 ? signs[level] : "";
}

/* A cell of a rating without records still lies in a class. */
static void rating_empty(Html *h, const MatrixView *v, int level) {
    HTML(h, "<td class=rate-");
    html_int(h, level);
    HTML(h, " aria-label=\"");
    if (level > 0 && (size_t)level <= v->n_levels) html_text(h, v->level_labels[level - 1]);
    HTML(h, ": 0\"><small>");
    html_textz(h, render_level_sign(level));
    HTML(h, "</small>");
}

void render_matrix_cell(Html *h, const MatrixView *v, const MatrixCell *c, bool is_total) {
    int level = c->level < 0 ? 0 : c->level > 5 ? 5 : c->level;
    bool is_rating = v->n_levels && !is_total && level;
    if (v->n_levels && !is_total && !level && !c->count) {
        HTML(h, "<td>"); /* no class, nothing there */
        return;
    }
    if (is_rating && !c->count) {
        rating_empty(h, v, level);
        return;
    }
    HTML(h, "<td class=");
    if (is_total)
        HTML(h, "total");
    else {
        html_textz(h, v->n_levels ? "rate-" : "shade-");
        html_int(h, level);
    }
    HTML(h, ">");
    if (!c->count) return; /* the style sheet puts a point there */
    if (!c->href.n) {
        HTML(h, "<span>");
        matrix_figures(h, v, c);
        HTML(h, "</span>");
        return;
    }
    HTML(h, "<a href=\"");
    html_url(h, c->href);
    HTML(h, "\">");
    matrix_figures(h, v, c);
    if (c->note.n) { /* a script shows it to who points at the cell, too */
        HTML(h, "<span class=hush>");
        html_text(h, c->note);
        HTML(h, "</span>");
    }
    HTML(h, "</a>");
}
