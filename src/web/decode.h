/* decode.h: turns a query string, an urlencoded or multipart form or a JSON body into one flat list
 * of named texts (Input). The only decoder of client input. Bounded: 2000 names (or
 * Input.most), 1 MiB of texts (8 with more names), 64 files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WEB_DECODE_H
#define WEB_DECODE_H

#include "model/input.h"
#include "web/http.h"

/* "a=1&b=x%20y"; '+' is a blank; bad %-escapes, NUL and invalid UTF-8 are ERR_INVALID. */
Err decode_query(Input *out, Arena *a, Str query) MUST;
/* By content type: application/x-www-form-urlencoded, multipart/form-data (files become
 * InputFile), application/json (see input.h for the flattening). Other types: ERR_INVALID.
 * *why (English, may be shown) names the place. */
Err decode_body(Input *out, Str *why, Arena *a, Str content_type, Str body) MUST;
Str decode_percent(Arena *a, Str s, bool plus_is_blank, bool *ok);

#endif
