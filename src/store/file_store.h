/* file_store.h: attachments as rows of 256 KiB in file_part, on both databases.
 * A file is uploaded first (claimed = 0) and claimed by the save of a record; unclaimed ones are
 * swept after a day. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STORE_FILE_STORE_H
#define STORE_FILE_STORE_H

#include "store/db.h"

typedef struct StoredFile {
    int64_t id, size, created_at, created_by;
    Str name, content_type, sha256; /* hex */
    bool is_claimed;
} StoredFile;

extern const DbTable file_store_tables[];
extern const size_t file_store_n_tables;

/* The name is cleaned (no path, no control or bidi override characters, at most 200 bytes). */
Err file_store_put(int64_t *out_id, Db *db, Str name, Str content_type, Str bytes, int64_t user,
                   int64_t now_us) MUST;
/* No virus scanner looked at it. */
Err file_store_unscanned(Db *db, int64_t id) MUST;
Err file_store_find(StoredFile *out, Db *db, Arena *a, int64_t id) MUST; /* ERR_MISSING */
/* One part (0-based) of at most 256 KiB; empty after the last. */
Err file_store_part(Str *out, Db *db, Arena *a, int64_t id, int64_t part) MUST;
Err file_store_claim(Db *db, int64_t id, const char *type, int64_t record) MUST;
/* Keeps an unclaimed file from being swept, or gives it back to the sweeper. */
Err file_store_hold(Db *db, int64_t id, bool is_held) MUST;
Err file_store_sweep(int64_t *removed, Db *db, int64_t before_us) MUST;
Str file_store_clean_name(Arena *a, Str name);
/* By leading bytes: "application/pdf", "image/png", "image/jpeg", "text/plain" ... or
 * "application/octet-stream". */
Str file_store_sniff(Str bytes);

#endif
