/* html.h: the only way to put anything into a page. Literal markup goes through html_lit (HTML in
 * C), every value through a function that escapes it for its place; HtmlSafe is markup that another
 * part of web/ has already made safe. The templates of ui/blocks are compiled to calls of these
 * functions. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WEB_HTML_H
#define WEB_HTML_H

#include "web/render.h"

typedef struct Html {
    Text *out;
    Arena *arena;
    const Shell *shell;
    const Page *page;
    unsigned ids;         /* numbers handed out for ids that must differ on a page */
    int heading;          /* level of the next section title: 2..4 */
    const char *form;     /* id prefix of the fields of the form being drawn */
    const char *currency; /* said in the head of the column being drawn; NULL: none */
    Str icons;            /* markup of a picture up to its name, once one was drawn */
} Html;

/* Markup made safe elsewhere in web/ (markdown without raw HTML). */
typedef struct HtmlSafe {
    Str markup;
} HtmlSafe;

void html_lit(Html *h, const char *markup, size_t n); /* a literal of this program, never a value */
#define HTML(h, literal) html_lit((h), "" literal, sizeof(literal) - 1)
void html_text(Html *h, Str s); /* text or quoted attribute value */
void html_textz(Html *h, const char *z);
void html_url(Html *h, Str address);        /* a whole href, src or action: checks the scheme */
void html_url_part(Html *h, Str part);      /* one part of an address: percent-encodes */
void html_int(Html *h, int64_t i);          /* plain digits */
void html_tr(Html *h, const char *english); /* interface words, escaped */
void html_safe(Html *h, HtmlSafe safe);

/* Dropped markup and links: raw HTML, javascript: and data: addresses. Headings start at level 3.
 */
HtmlSafe html_markdown(Arena *a, Str text);
/* The address when it may stand in href or action, else "#". */
Str html_checked_url(Str address);

#endif
