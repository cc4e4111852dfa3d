/* html.c: escaping, and markdown through cmark-gfm in its safe mode.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/html.h"
#include "base/utf8.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <pthread.h>

#define MARKDOWN_MAX (256u * 1024u)

void html_lit(Html *h, const char *markup, size_t n) {
    text_add(h->out, (Str){markup, n});
}

static const bool is_special[256] = {
    ['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\''] = true};

/* Whether any of eight bytes needs an escape: a byte is zero where `x - 1` borrows. A false alarm
 * only costs a look at each of them. */
static bool may_be_special(uint64_t eight) {
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t x = eight ^ (ones * '&');
    uint64_t found = (x - ones) & ~x;
    x = (eight & ~(ones * 2)) ^ (ones * '<'); /* `<` and `>` differ in one bit */
    found |= (x - ones) & ~x;
    x = eight ^ (ones * '"');
    found |= (x - ones) & ~x;
    x = eight ^ (ones * '\'');
    found |= (x - ones) & ~x;
    return (found & tops) != 0;
}

/* How many bytes from `i` need no escape. */
static size_t plain_run(Str s, size_t i) {
    size_t from = i;
    for (uint64_t eight; i + sizeof eight <= s.n; i += sizeof eight) {
        memcpy(&eight, s.p + i, sizeof eight);
        if (may_be_special(eight)) break;
    }
    while (i < s.n && !is_special[(unsigned char)s.p[i]]) i++;
    return i - from;
}

static void escaped(Html *h, char c) {
    switch (c) {
    case '&': HTML(h, "&amp;"); break;
    case '<': HTML(h, "&lt;"); break;
    case '>': HTML(h, "&gt;"); break;
    case '"': HTML(h, "&quot;"); break;
    default: HTML(h, "&#39;"); break;
    }
}

void html_text(Html *h, Str s) {
    for (size_t i = 0; i < s.n; i++) {
        size_t n = plain_run(s, i);
        text_add(h->out, (Str){s.p + i, n});
        i += n;
        if (i < s.n) escaped(h, s.p[i]);
    }
}

void html_textz(Html *h, const char *z) {
    html_text(h, str_of(z));
}

static bool is_scheme_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
}

Str html_checked_url(Str address) {
    for (size_t i = 0; i < address.n; i++)
        if ((unsigned char)address.p[i] <= ' ' || address.p[i] == '\\') return S("#");
    if (str_starts(address, S("//"))) return S("#");
    size_t i = 0;
    while (i < address.n && is_scheme_char(address.p[i])) i++;
    if (i == address.n || address.p[i] != ':') return address;
    bool known = str_starts(address, S("https:")) || str_starts(address, S("http:")) ||
                 str_starts(address, S("mailto:"));
    return known ? address : S("#");
}

void html_url(Html *h, Str address) {
    html_text(h, html_checked_url(address));
}

void html_url_part(Html *h, Str part) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < part.n; i++) {
        unsigned char c = (unsigned char)part.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        if (!plain) {
            text_char(h->out, '%');
            text_char(h->out, digits[c >> 4]);
            text_char(h->out, digits[c & 15]);
        } else {
            text_char(h->out, (char)c);
        }
    }
}

void html_int(Html *h, int64_t i) {
    text_int(h->out, i);
}

void html_tr(Html *h, const char *english) {
    html_text(h, trs(h->shell->lang, english));
}

void html_safe(Html *h, HtmlSafe safe) {
    text_add(h->out, safe.markup);
}

static void lower_headings(cmark_node *document) {
    cmark_iter *it = cmark_iter_new(document);
    cmark_event_type event;
    while ((event = cmark_iter_next(it)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(it);
        if (event != CMARK_EVENT_ENTER || cmark_node_get_type(node) != CMARK_NODE_HEADING) continue;
        int level = cmark_node_get_heading_level(node) + 2;
        cmark_node_set_heading_level(node, level > 6 ? 6 : level);
    }
    cmark_iter_free(it);
}

/* A picture from elsewhere would tell its server who reads what: its words stay, as a link. */
static cmark_node *link_for_picture(cmark_node *picture) {
    cmark_node *link = cmark_node_new(CMARK_NODE_LINK), *child;
    cmark_node_set_url(link, cmark_node_get_url(picture));
    if (!cmark_node_replace(picture, link)) {
        cmark_node_free(link);
        return picture;
    }
    while ((child = cmark_node_first_child(picture))) cmark_node_append_child(link, child);
    cmark_node_free(picture);
    return link;
}

static void check_links(Arena *a, cmark_node *document) {
    cmark_iter *it = cmark_iter_new(document);
    cmark_event_type event;
    while ((event = cmark_iter_next(it)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(it);
        if (event != CMARK_EVENT_EXIT) continue;
        if (cmark_node_get_type(node) == CMARK_NODE_IMAGE) node = link_for_picture(node);
        if (cmark_node_get_type(node) != CMARK_NODE_LINK) continue;
        Str address = html_checked_url(str_of(cmark_node_get_url(node)));
        cmark_node_set_url(node, str_z(a, address));
    }
    cmark_iter_free(it);
}

/* Letters, digits and the punctuation of plain sentences in lines that begin with a letter:
 * markdown and its extensions make nothing of them but paragraphs. Most descriptions are such. */
static bool is_plain(Str text) {
    bool at_start = true;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
        if (at_start && !letter) return false;
        at_start = c == '\n';
        if (letter || (c >= '0' && c <= '9') || c == ' ' || c == ',' || c == '.' || c == ';' ||
            c == '\'' || c == '(' || c == ')' || c == '%' || c == '/' || c == '?' || c == '-' ||
            c == '\n')
            continue;
        /* No address: "http:", "mailto:" */
        if (c != ':' || (i + 1 < text.n && text.p[i + 1] != ' ')) return false;
    }
    bool ends_well =
        text.n && text.n <= MARKDOWN_MAX && text.p[text.n - 1] != ' ' && text.p[text.n - 1] != '\n';
    return ends_well && !str_starts(text, S("\xEF\xBB\xBF")) && str_find(text, S(" \n")) < 0 &&
           str_find(text, S("www.")) < 0 && utf8_is_valid(text);
}

static HtmlSafe plain_paragraph(Arena *a, Str text) {
    Text out = text_new(a, 0);
    Str line;
    bool is_first = true;
    text_addz(&out, "<p>");
    while (str_cut(&line, &text, '\n')) {
        if (!is_first) text_addz(&out, "<br />\n");
        text_add(&out, line);
        is_first = false;
    }
    text_addz(&out, "</p>\n");
    return (HtmlSafe){text_str(&out)};
}

HtmlSafe html_markdown(Arena *a, Str text) {
    if (is_plain(text)) return plain_paragraph(a, text);
    static pthread_once_t once = PTHREAD_ONCE_INIT; /* the library's registry is filled once */
    pthread_once(&once, cmark_gfm_core_extensions_ensure_registered);
    text = utf8_clip(text, MARKDOWN_MAX);
    cmark_parser *parser = cmark_parser_new(CMARK_OPT_VALIDATE_UTF8 | CMARK_OPT_HARDBREAKS);
    static const char *const names[] = {"table", "strikethrough", "autolink"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        cmark_syntax_extension *x = cmark_find_syntax_extension(names[i]);
        if (x) cmark_parser_attach_syntax_extension(parser, x);
    }
    cmark_parser_feed(parser, text.p ? text.p : "", text.n);
    cmark_node *document = cmark_parser_finish(parser);
    lower_headings(document);
    check_links(a, document);
    char *markup = cmark_render_html(document, CMARK_OPT_HARDBREAKS,
                                     cmark_parser_get_syntax_extensions(parser));
    HtmlSafe safe = {str_copy(a, str_of(markup))};
    cmark_get_default_mem_allocator()->free(markup);
    cmark_node_free(document);
    cmark_parser_free(parser);
    return safe;
}
