/* render_cell.c: typed values as HTML. Figures, codes, dates and people's words are isolated (bdi)
 * so that they stay legible inside text of the other direction. Knows no block.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"
#include "web/render_internal.h"

Str render_unread(Html *h) {
    Str n = render_number(h, h->shell->unread);
    const char *pattern = tr_n(h->shell->lang, "{0} unread notification",
                               "{0} unread notifications", h->shell->unread);
    return tr_fill(h->arena, pattern, &n, 1);
}

Str render_number(Html *h, int64_t i) {
    return format_int(h->arena, h->shell->locale, i);
}

Str render_date(Html *h, Str iso) {
    return format_date(h->arena, h->shell->locale, iso);
}

Str render_instant(Html *h, int64_t us) {
    return format_instant(h->arena, h->shell->locale, us);
}

static void number_words(Html *h, Str text, Str unit) {
    html_text(h, text);
    if (unit.n) {
        HTML(h, " <span class=\"cur\">");
        html_text(h, unit);
        HTML(h, "</span>");
    }
    HTML(h, "</bdi>");
}

static void number(Html *h, Str text, Str unit) {
    HTML(h, "<bdi dir=\"ltr\" class=\"num\">");
    number_words(h, text, unit);
}

/* "1,2 M": in Arabic a word follows the figure, so it runs as the page does. */
static void compact(Html *h, Str text, Str unit) {
    HTML(h, "<bdi dir=\"");
    html_textz(h, render_dir(h));
    HTML(h, "\" class=\"num\">");
    number_words(h, text, unit);
}

static void money(Html *h, const Cell *c, Str *text, Str *unit) {
    Str currency = str_of(c->currency);
    bool is_said = h->currency && strcmp(h->currency, c->currency) == 0;
    *text = format_amount(h->arena, h->shell->locale, c->i, currency);
    *unit = is_said ? (Str){0} : currency;
}

/* A text runs as its first letter does; but Arabic words behind a code ("K10 · ... · OPS-CRD") run
 * as an Arabic page does. */
static bool is_arabic_behind_code(const Html *h, Str text) {
    size_t arabic = 0, latin = 0;
    if (strcmp(render_dir(h), "rtl") != 0) return false;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char b = (unsigned char)text.p[i];
        arabic += b >= 0xd8 && b <= 0xdb; /* first bytes of U+0600 to U+06FF */
        latin += (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
        if (arabic && !latin) return false;
    }
    return arabic > latin;
}

static void isolated(Html *h, Str text) {
    if (is_arabic_behind_code(h, text))
        HTML(h, "<bdi dir=\"rtl\">");
    else
        HTML(h, "<bdi>");
    html_text(h, text);
    HTML(h, "</bdi>");
}

static void code(Html *h, Str text) {
    HTML(h, "<bdi dir=\"ltr\" class=\"code\">");
    html_text(h, text);
    HTML(h, "</bdi>");
}

static void state(Html *h, const Cell *c) {
    HTML(h, "<span class=\"state ");
    html_textz(h, render_tone(c->tone));
    HTML(h, "\"><i></i>");
    html_text(h, c->text.n ? c->text : c->key);
    HTML(h, "</span>");
}

static void label(Html *h, const Cell *c) {
    if (c->tone == TONE_NONE || c->tone == TONE_ACCENT) {
        html_text(h, c->text.n ? c->text : c->key);
        return;
    }
    HTML(h, "<span class=\"tag ");
    html_textz(h, render_tone(c->tone));
    HTML(h, "\">");
    html_text(h, c->text.n ? c->text : c->key);
    HTML(h, "</span>");
}

static void time_element(Html *h, Str machine, Str people) {
    HTML(h, "<time datetime=\"");
    html_text(h, machine);
    HTML(h, "\">");
    isolated(h, people);
    HTML(h, "</time>");
}

static void person(Html *h, const Cell *c) {
    Str name = c->text.n ? c->text : c->key;
    HTML(h, "<span class=\"person\" data-initials=\"");
    html_text(h, render_initials(h, name));
    HTML(h, "\">");
    isolated(h, name);
    HTML(h, "</span>");
}

static void reference(Html *h, const Cell *c) {
    if (c->key.n && !str_eq(c->key, c->text) && !(c->is_named && c->text.n)) {
        code(h, c->key);
        HTML(h, " ");
    }
    isolated(h, c->text.n ? c->text : c->key);
}

static void file(Html *h, const Cell *c) {
    render_icon(h, "paperclip");
    isolated(h, c->text);
    HTML(h, " <small class=\"note\">");
    isolated(h, format_bytes(h->arena, h->shell->locale, c->i));
    HTML(h, "</small>");
}

static void list(Html *h, const Cell *c) {
    HTML(h, "<ul class=\"several\">");
    for (size_t i = 0; i < c->n_more; i++) {
        HTML(h, "<li>");
        if (c->more[i].kind != CELL_LIST && c->more[i].kind != CELL_ROWS)
            render_cell(h, &c->more[i]);
        HTML(h, "</li>");
    }
    HTML(h, "</ul>");
}

static bool is_figure(CellKind kind) {
    return kind == CELL_INT || kind == CELL_DECIMAL || kind == CELL_PERCENT || kind == CELL_MONEY;
}

static void rows(Html *h, const Cell *c) {
    if (!c->n_more) return;
    const Cell *first = &c->more[0];
    HTML(h, "<div class=\"table-box\"><table class=\"rows small-rows\"><thead><tr>");
    for (size_t i = 0; i < first->n_more; i++) {
        if (is_figure(first->more[i].kind))
            HTML(h, "<th scope=\"col\" class=\"end\">");
        else
            HTML(h, "<th scope=\"col\">");
        html_text(h, first->more[i].label);
        HTML(h, "</th>");
    }
    HTML(h, "</tr></thead><tbody>");
    for (size_t r = 0; r < c->n_more; r++) {
        HTML(h, "<tr>");
        for (size_t i = 0; i < c->more[r].n_more; i++) {
            const Cell *x = &c->more[r].more[i];
            if (is_figure(x->kind))
                HTML(h, "<td class=\"end\">");
            else
                HTML(h, "<td>");
            if (x->kind != CELL_LIST && x->kind != CELL_ROWS) render_cell(h, x);
            HTML(h, "</td>");
        }
        HTML(h, "</tr>");
    }
    HTML(h, "</tbody></table></div>");
}

static void empty(Html *h) {
    HTML(
        h,
        "<span class=\"none\"><span aria-hidden=\"true\">\xE2\x80\x93</span><span class=\"hush\">");
    html_tr(h, N_("empty"));
    HTML(h, "</span></span>");
}

static void masked(Html *h) {
    HTML(h, "<span class=\"masked\">");
    render_icon(h, "lock");
    html_tr(h, N_("Hidden"));
    HTML(h, "</span>");
}

static void value(Html *h, const Cell *c) {
    Arena *a = h->arena;
    const Locale *l = h->shell->locale;
    if (c->instead.n) {
        HTML(h, "<span class=\"none\">");
        html_text(h, c->instead);
        HTML(h, "</span>");
        return;
    }
    switch (c->kind) {
    case CELL_EMPTY: empty(h); break;
    case CELL_TEXT: isolated(h, c->text); break;
    case CELL_LABEL: label(h, c); break;
    case CELL_CODE: code(h, c->text.n ? c->text : c->key); break;
    case CELL_INT: number(h, format_int(a, l, c->i), (Str){0}); break;
    case CELL_DECIMAL: number(h, format_decimal(a, l, c->i, c->scale), (Str){0}); break;
    case CELL_PERCENT: number(h, format_percent(a, l, c->i, c->scale), (Str){0}); break;
    case CELL_MONEY: {
        Str text, unit;
        money(h, c, &text, &unit);
        number(h, text, unit);
        break;
    }
    case CELL_DATE:
        time_element(h, c->is_yearly ? str_sub(c->text, 5, c->text.n) : c->text,
                     format_cell(a, l, c));
        break;
    case CELL_INSTANT: time_element(h, instant_text(a, c->i), format_instant(a, l, c->i)); break;
    case CELL_BOOL: html_tr(h, c->i ? N_("Yes") : N_("No")); break;
    case CELL_STATE: state(h, c); break;
    case CELL_REF: reference(h, c); break;
    case CELL_PERSON: person(h, c); break;
    case CELL_MARKDOWN:
        HTML(h, "<div class=\"prose\" dir=\"auto\">");
        html_safe(h, html_markdown(a, c->text));
        HTML(h, "</div>");
        break;
    case CELL_FILE: file(h, c); break;
    case CELL_LIST: list(h, c); break;
    case CELL_ROWS: rows(h, c); break;
    }
}

static void note(Html *h, const Cell *c) {
    if (!c->note.n) return;
    HTML(h, " <small class=\"note\">");
    html_text(h, c->note);
    HTML(h, "</small>");
}

static void link_open(Html *h, Str href, const char *look) {
    HTML(h, "<a href=\"");
    html_url(h, href);
    HTML(h, "\"");
    if (look[0]) {
        HTML(h, " class=\"");
        html_textz(h, look);
        HTML(h, "\"");
    }
    HTML(h, ">");
}

/* A value with its tone, its link and its note around it. */
static void framed(Html *h, const Cell *c, void (*draw)(Html *h, const Cell *c)) {
    /* A label with the accent is the next step of its line: drawn as a button. */
    bool step = c->kind == CELL_LABEL && c->tone == TONE_ACCENT;
    bool linked = c->href.n && c->kind != CELL_MARKDOWN && c->kind != CELL_ROWS;
    bool toned = c->tone != TONE_NONE && c->kind != CELL_STATE && c->kind != CELL_LABEL;
    if (toned) {
        HTML(h, "<span class=\"");
        html_textz(h, render_tone(c->tone));
        HTML(h, "\">");
    }
    if (linked) link_open(h, c->href, step ? "button small" : c->kind == CELL_FILE ? "file" : "");
    draw(h, c);
    if (linked) HTML(h, "</a>");
    if (toned) HTML(h, "</span>");
    note(h, c);
}

void render_cell(Html *h, const Cell *c) {
    if (c->is_masked)
        masked(h);
    else
        framed(h, c, value);
}

static void clipped(Html *h, const Cell *c) {
    Str text = utf8_clip(c->text, 140);
    isolated(h, text);
    if (text.n < c->text.n) HTML(h, "\xE2\x80\xA6");
}

void render_cell_plain(Html *h, const Cell *c) {
    if (c->is_masked) {
        masked(h);
        return;
    }
    if (c->kind == CELL_MARKDOWN)
        clipped(h, c);
    else if (c->kind == CELL_LIST || c->kind == CELL_ROWS)
        isolated(h, format_cell(h->arena, h->shell->locale, c));
    else
        value(h, c);
    note(h, c);
}

void render_cell_short(Html *h, const Cell *c) {
    if (!c->is_masked && c->kind == CELL_MARKDOWN)
        clipped(h, c);
    else
        render_cell(h, c);
}

/* ---- inside a row of a table ---- */

/* What stands alone in a cell of a table needs no markup of its own: the style sheet takes the
 * direction of each cell from its text, and gives figures, codes and dates their look by the class
 * of their column. Nothing at all is an empty cell. */
static void row_text(Html *h, Str text) {
    if (is_arabic_behind_code(h, text))
        isolated(h, text);
    else
        html_text(h, text);
}

static void row_value(Html *h, const Cell *c) {
    Arena *a = h->arena;
    const Locale *l = h->shell->locale;
    if (c->instead.n) {
        value(h, c);
        return;
    }
    switch (c->kind) {
    case CELL_EMPTY: break;
    case CELL_TEXT: row_text(h, c->text); break;
    case CELL_CODE: html_text(h, c->text.n ? c->text : c->key); break;
    case CELL_INT: html_text(h, format_int(a, l, c->i)); break;
    case CELL_DECIMAL: html_text(h, format_decimal(a, l, c->i, c->scale)); break;
    case CELL_PERCENT: html_text(h, format_percent(a, l, c->i, c->scale)); break;
    case CELL_DATE: html_text(h, format_date(a, l, c->text)); break;
    case CELL_INSTANT: html_text(h, format_instant(a, l, c->i)); break;
    case CELL_MARKDOWN: clipped(h, c); break;
    case CELL_MONEY: {
        Str text, unit;
        money(h, c, &text, &unit);
        html_text(h, text);
        if (!unit.n) break;
        HTML(h, " <small class=cur>");
        html_text(h, unit);
        HTML(h, "</small>");
        break;
    }
    case CELL_REF:
        if (c->key.n && !str_eq(c->key, c->text) && !(c->is_named && c->text.n)) {
            HTML(h, "<bdi class=code>");
            html_text(h, c->key);
            HTML(h, "</bdi> ");
        }
        row_text(h, c->text.n ? c->text : c->key);
        break;
    case CELL_LABEL:
    case CELL_BOOL:
    case CELL_STATE:
    case CELL_PERSON:
    case CELL_FILE:
    case CELL_LIST:
    case CELL_ROWS: value(h, c); break;
    }
}

void render_cell_row(Html *h, const Cell *c, bool is_linked) {
    if (c->is_masked) {
        masked(h);
        return;
    }
    if (is_linked) {
        if (c->kind == CELL_LIST || c->kind == CELL_ROWS)
            html_text(h, format_cell(h->arena, h->shell->locale, c));
        else
            row_value(h, c);
        note(h, c);
        return;
    }
    framed(h, c, row_value);
}

void render_compact(Html *h, const Cell *c) {
    Str currency = str_of(c->currency);
    if (c->kind != CELL_MONEY || c->is_masked)
        render_cell_plain(h, c);
    else
        compact(h, format_compact(h->arena, h->shell->locale, c->i, currency), (Str){0});
}

void render_figure(Html *h, const Cell *c) {
    Arena *a = h->arena;
    const Locale *l = h->shell->locale;
    if (c->is_masked || c->kind != CELL_MONEY || c->instead.n) {
        HTML(h, "<span class=\"figure\">");
        Cell bare = *c;
        bare.note = (Str){0};
        render_cell(h, &bare);
        HTML(h, "</span>");
        note(h, c);
        return;
    }
    Str currency = str_of(c->currency), exact = format_amount(a, l, c->i, currency);
    int digits = currency_digits(currency);
    int64_t million = 100000000;
    bool large = digits >= 0 && (c->i >= million || c->i <= -million);
    HTML(h, "<span class=\"figure\">");
    if (c->href.n) link_open(h, c->href, "");
    if (large)
        compact(h, format_compact(a, l, c->i, currency), currency);
    else
        number(h, exact, currency);
    if (c->href.n) HTML(h, "</a>");
    HTML(h, "</span>");
    if (large) {
        HTML(h, "<small class=\"exact\">");
        number(h, exact, (Str){0});
        HTML(h, "</small>");
    }
    note(h, c);
}
