/* render_mail.h: the HTML form of mails, handed to work/ by the server. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef WEB_RENDER_MAIL_H
#define WEB_RENDER_MAIL_H

#include "web/html.h"
#include "work/mail.h"

void render_mail(Text *out, Arena *a, const MailView *v);
const char *render_mail_colour(Tone tone);
const char *render_mail_tone(Tone tone); /* name of its class, for the dark */

#endif
