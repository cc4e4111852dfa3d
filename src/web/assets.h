/* assets.h: the files of the user interface, embedded at build (tools/embed.c writes the table).
 * Read-only. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include "base/str.h"

typedef struct Asset {
    const char *path; /* below build/assets, no leading '/': "app.css", "fonts/inter.woff2" */
    const char *content_type;
    const char *version; /* 16 hex digits of the SHA-256: entity tag (without quotes) and ?v= */
    Str body;
    Str gzip; /* empty when packing does not pay */
} Asset;

/* Addressed as /assets/PATH. */
extern const Asset assets[]; /* sorted by path; ends with {0} */
extern const size_t assets_count;

const Asset *asset_find(Str path); /* NULL when there is none */

#endif
