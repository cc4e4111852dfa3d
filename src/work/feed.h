/* feed.h: the due days of a person as an iCalendar feed (RFC 5545). Its secret address is kept with
 * the account (model/account.h). SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_FEED_H
#define WORK_FEED_H

#include "work/work.h"

/* What the actor of c owns, is open and has a due day (assignments; of other types the day of their
 * first condition). A restricted record shows its number only. */
Err feed_text(Str *out, Ctx *c) MUST;

typedef struct FeedItem {
    Str uid, summary, text, url, day;
    int64_t changed_us;
} FeedItem;
/* One event, folded at 75 octets, values escaped. */
void feed_event(Text *out, Arena *a, const FeedItem *item);

#endif
