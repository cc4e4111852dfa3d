/* frame_internal.h: between frame.c (the request) and frame_answer.c (the answer). Nobody else
 * includes it. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WEB_FRAME_INTERNAL_H
#define WEB_FRAME_INTERNAL_H

#include "web/route.h"

/* Renders w->page (or takes w->body) in the wanted format into w->out, with cookies and headers.
 * The transaction whose rows the page pulls must still be open. */
Err frame_render(Web *w) MUST;
/* After a commit: redirect or ready body into w->out. */
Err frame_answer(Web *w) MUST;
/* The one mapping of Err to HTTP: an error page, or problem+json for programs. */
void frame_error(Web *w, Err e);
/* The same for statuses that have no Err. text: English key. */
void frame_problem(Web *w, int status, const char *text);
void frame_plain(Web *w);  /* body without session */
void frame_bounce(Web *w); /* an empty page that loads the same address again from this site */
Str frame_own_address(const Web *w);
Str frame_escape(Arena *a, Str text);
bool frame_page_allowed(Web *w, const PageDef *p);
/* frame_shell.c; places: the headings of the navigation, in their order. */
extern const char *const frame_places[];
extern const size_t frame_n_places;
void frame_shell(Shell *out, Web *w, const Page *page);
void frame_nav_init(Server *server);
/* Text of a notice by its code, English key; NULL when unknown. */
const char *frame_notice(Str code, Tone *tone);

#endif
