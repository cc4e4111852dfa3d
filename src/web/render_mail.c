/* render_mail.c: the HTML of a mail: a walker like those of pages, but for mail programs: tables
 * and inline looks, no style sheet, no script, no picture from elsewhere. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "web/render_mail.h"

#include "tpl.h"
#include "web/render_internal.h"

const char *render_mail_colour(Tone tone) {
    switch (tone) {
    case TONE_GOOD: return "#1e7a46";
    case TONE_WARN: return "#9a5b00";
    case TONE_BAD:
    case TONE_CRITICAL: return "#b3261e";
    case TONE_NONE:
    case TONE_INFO:
    case TONE_MUTED:
    case TONE_ACCENT: break;
    }
    return "#10635d";
}

const char *render_mail_tone(Tone tone) {
    switch (tone) {
    case TONE_GOOD: return "good";
    case TONE_WARN: return "warn";
    case TONE_BAD:
    case TONE_CRITICAL: return "bad";
    case TONE_NONE:
    case TONE_INFO:
    case TONE_MUTED:
    case TONE_ACCENT: break;
    }
    return "none";
}

void render_mail(Text *out, Arena *a, const MailView *v) {
    Shell shell = {.lang = v->lang, .theme = S("light")};
    Page page = {.title = v->subject};
    Html h = {.out = out, .arena = a, .shell = &shell, .page = &page};
    tpl_mail(&h, v);
}
