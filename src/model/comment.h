/* comment.h: what people say to each other about a record: words in its history that change
 * nothing. Who may read the record may read and write them. Knows no HTTP and no markup.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_COMMENT_H
#define MODEL_COMMENT_H

#include "model/history.h"

enum { COMMENT_MAX = 4000 /* characters */ };

/* Field `text` of `in`. ERR_INVALID names it; ERR_MISSING when r is hidden from the actor. Writing
 * transaction. */
Err comment_add(Ctx *c, const Record *r, const Input *in) MUST;
/* Whom @name means: an address, or what stands before its @ when only one active person has it. 0:
 * nobody. */
Err comment_person(int64_t *out, Ctx *c, Str name) MUST;
/* Newest first, at most 100; with c->as_of those written until the end of that day. */
Err comment_list(TimelineView *out, Ctx *c, const Record *r) MUST;
/* The list as a page; its main block is the timeline. */
Err comment_page(Ctx *c, const Record *r, const Input *typed, Page *out) MUST;
/* List and form for the record page. all: the whole history when it has been read already, or NULL;
 * may_write false: no form. */
Err comment_section(Block **out, Ctx *c, const Record *r, const HistoryEntries *all,
                    bool may_write) MUST;

#endif
