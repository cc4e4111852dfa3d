/* feed.h: the due days of a person as an iCalendar feed (RFC 5545) under a secret address that the
 * person makes and revokes. Only the hash of the secret is kept. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef WORK_FEED_H
#define WORK_FEED_H

#include "work/work.h"

extern const DbTable feed_tables[]; /* ends with {0} */

/* A new secret; an older one ends. */
Err feed_new(Str *out_secret, Ctx *c, int64_t person) MUST;
Err feed_revoke(Ctx *c, int64_t person) MUST;
Err feed_made_at(int64_t *out, Ctx *c, int64_t person) MUST; /* 0: none */
Err feed_find(int64_t *out_person, Ctx *c, Str secret) MUST; /* ERR_MISSING */
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
