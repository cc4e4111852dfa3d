/* render.h: the walkers of a view. HTML is written only behind this header.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WEB_RENDER_H
#define WEB_RENDER_H

#include "view/format.h"

typedef struct NavItem {
    Str label, href;
    const char *icon;
    const char *group; /* place id: "work" "incidents" ... */
    bool is_current;
    bool is_folded; /* its place is shown as a heading alone */
    bool is_seldom; /* its place begins folded */
    int64_t count;  /* badge; 0: none */
} NavItem;

/* What stands around the page; made by the frame for each request. */
typedef struct Shell {
    const Locale *locale;
    Lang lang;
    Str theme;  /* "light" "dark" "auto" */
    Str person; /* name; empty: nobody signed in */
    Str email;
    Str csrf;        /* goes into every POST form as _csrf */
    Str idempotency; /* fresh key for the forms of this page, as _key */
    Str path;        /* current path with query, for the language and theme forms */
    const NavItem *nav;
    size_t n_nav;
    Str organisation; /* name of the bank */
    Str notice;       /* flash, already translated */
    Tone notice_tone;
    Str query;      /* current global search text */
    Button create;  /* label empty: none */
    int64_t unread; /* notices */
    bool is_demo;
    bool is_narrow;   /* navigation as icons alone */
    bool is_later;    /* long lists of choices are loaded by a script when a form is touched */
    bool is_fragment; /* partial update: only the block named by fragment_id */
    Str fragment_id;
    int64_t now_us;
} Shell;

/* Each writes into `out` (bounded; look at out->full). */
void render_html(Text *out, Arena *a, const Shell *shell, const Page *page);
/* ERR from a row source is passed on. */
Err render_json(Text *out, Arena *a, const Page *page) MUST;
/* RFC 4180, UTF-8 with BOM, `,`; text that a spreadsheet would take for a formula gets a leading '.
 */
Err render_csv(Text *out, Arena *a, const Page *page) MUST;
/* Streams to an unlinked temporary file and gives its descriptor and size (lists of any length). */
Err render_csv_file(int *out_fd, int64_t *out_size, Arena *a, const Page *page) MUST;
Err render_xlsx_file(int *out_fd, int64_t *out_size, Arena *a, const Page *page,
                     const Locale *l) MUST;
/* One typed cell as JSON; also used for history and export. */
struct Json;
void render_json_cell(struct Json *j, const Cell *c);

#endif
