/* file_store.c: attachments in parts of 256 KiB, their names made harmless and their kind guessed
 * by leading bytes. Knows no record type, no HTTP. SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/file_store.h"

#include "base/secret.h"
#include "base/utf8.h"

enum { PART_BYTES = 256 * 1024, NAME_BYTES = 200, SWEEP_FILES = 200 };

/* clang-format off */
static const DbColumn file_columns[] = {
    {"id",           DB_INT,  true,  NULL, NULL},
    {"name",         DB_TEXT, true,  NULL, NULL},
    {"content_type", DB_TEXT, true,  NULL, NULL},
    {"size",         DB_INT,  true,  NULL, NULL},
    {"sha256",       DB_TEXT, true,  NULL, NULL},
    {"created_at",   DB_INT,  true,  NULL, NULL},
    {"created_by",   DB_INT,  true,  NULL, NULL},
    {"claimed",      DB_INT,  true,  "0",  NULL},
    {"type",         DB_TEXT, false, NULL, NULL},
    {"record",       DB_INT,  false, NULL, NULL},
    {"unscanned",    DB_INT,  true,  "0",  NULL},
};
static const DbIndex file_indexes[] = {
    {"file_unclaimed", "created_at",   false, "claimed = 0"},
    {"file_record",    "type, record", false, "claimed = 1"},
};
static const DbColumn part_columns[] = {
    {"file",  DB_INT,  true, NULL, "file"},
    {"part",  DB_INT,  true, NULL, NULL},
    {"bytes", DB_BLOB, true, NULL, NULL},
};
const DbTable file_store_tables[] = {
    {"file",      file_columns, LENGTH(file_columns), NULL,         file_indexes, LENGTH(file_indexes)},
    {"file_part", part_columns, LENGTH(part_columns), "file, part", NULL,         0},
};
const size_t file_store_n_tables = LENGTH(file_store_tables);

/* Leading bytes; the longest that fits first. */
static const struct { Str lead; const char *type; } magic[] = {
    {{"%PDF-", 5},                              "application/pdf"},
    {{"\x89PNG\r\n\x1a\n", 8},                  "image/png"},
    {{"\xff\xd8\xff", 3},                       "image/jpeg"},
    {{"GIF87a", 6},                             "image/gif"},
    {{"GIF89a", 6},                             "image/gif"},
    {{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8},   "application/x-ole-storage"},
    {{"II*\0", 4},                              "image/tiff"},
    {{"MM\0*", 4},                              "image/tiff"},
    {{"7z\xbc\xaf\x27\x1c", 6},                 "application/x-7z-compressed"},
    {{"\x1f\x8b", 2},                           "application/gzip"},
    {{"{\\rtf", 5},                             "application/rtf"},
};
/* clang-format on */

static Err put_parts(Db *db, int64_t id, Str bytes) {
    for (size_t at = 0, part = 0; at < bytes.n; at += PART_BYTES, part++)
        TRY(db_run(
            db, NULL, "INSERT INTO file_part (file, part, bytes) VALUES ($1, $2, $3)",
            ARGS(db_int(id), db_int((int64_t)part), db_blob(str_sub(bytes, at, PART_BYTES)))));
    return OK;
}

static Err put_in(int64_t *out_id, Db *db, Arena *a, Str name, Str content_type, Str bytes,
                  int64_t user, int64_t now_us) {
    bool found;
    TRY(db_get_int(out_id, &found, db,
                   "INSERT INTO file (name, content_type, size, sha256, created_at, created_by) "
                   "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
                   ARGS(db_text(file_store_clean_name(a, name)), db_text(content_type),
                        db_int((int64_t)bytes.n), db_text(sha256_hex(a, bytes)), db_int(now_us),
                        db_int(user))));
    return found ? put_parts(db, *out_id, bytes) : ERR_INTERNAL;
}

Err file_store_put(int64_t *out_id, Db *db, Str name, Str content_type, Str bytes, int64_t user,
                   int64_t now_us) {
    Arena *a = arena_new(0);
    Err err = put_in(out_id, db, a, name, content_type, bytes, user, now_us);
    arena_free(a);
    return err;
}

Err file_store_unscanned(Db *db, int64_t id) {
    return db_run(db, NULL, "UPDATE file SET unscanned = 1 WHERE id = $1", ARGS(db_int(id)));
}

Err file_store_find(StoredFile *out, Db *db, Arena *a, int64_t id) {
    Rows *r;
    bool more;
    *out = (StoredFile){0};
    TRY(db_rows(&r, db, a,
                "SELECT id, size, created_at, created_by, name, content_type, sha256, claimed "
                "FROM file WHERE id = $1",
                ARGS(db_int(id))));
    TRY(rows_next(&more, r));
    if (!more) return ERR_MISSING;
    out->id = rows_int(r, 0);
    out->size = rows_int(r, 1);
    out->created_at = rows_int(r, 2);
    out->created_by = rows_int(r, 3);
    out->name = rows_copy(r, 4);
    out->content_type = rows_copy(r, 5);
    out->sha256 = rows_copy(r, 6);
    out->is_claimed = rows_int(r, 7) != 0;
    rows_close(r);
    return OK;
}

Err file_store_part(Str *out, Db *db, Arena *a, int64_t id, int64_t part) {
    bool found;
    return db_get_text(out, &found, db, a,
                       "SELECT bytes FROM file_part WHERE file = $1 AND part = $2",
                       ARGS(db_int(id), db_int(part)));
}

Err file_store_claim(Db *db, int64_t id, const char *type, int64_t record) {
    int64_t changed, mine;
    bool found;
    TRY(db_run(db, &changed,
               "UPDATE file SET claimed = 1, type = $2, record = $3 WHERE id = $1 AND claimed = 0",
               ARGS(db_int(id), db_textz(type), db_int(record))));
    if (changed == 1) return OK;
    TRY(db_get_int(&mine, &found, db,
                   "SELECT CASE WHEN type = $2 AND record = $3 THEN 1 ELSE 0 END FROM file "
                   "WHERE id = $1",
                   ARGS(db_int(id), db_textz(type), db_int(record))));
    if (!found) return ERR_MISSING;
    return mine ? OK : ERR_CONFLICT;
}

static Err sweep_ids(int64_t *ids, size_t *n, Db *db, Arena *a, int64_t before_us) {
    Rows *r;
    bool more;
    Str sql = str_fmt(a,
                      "SELECT id FROM file WHERE claimed = 0 AND created_at < $1 "
                      "ORDER BY created_at LIMIT %d%s",
                      SWEEP_FILES, db_for_update(db));
    TRY(db_rows(&r, db, a, sql.p, ARGS(db_int(before_us))));
    for (*n = 0;; (*n)++) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        ids[*n] = rows_int(r, 0);
    }
}

static Err sweep_in(int64_t *removed, Db *db, Arena *a, int64_t before_us) {
    int64_t ids[SWEEP_FILES];
    size_t n;
    TRY(sweep_ids(ids, &n, db, a, before_us));
    DbValue set = db_int_set(a, db, ids, n);
    Str parts = str_fmt(a, "DELETE FROM file_part WHERE %.*s", FMT(db_in_set(a, db, "file", 1)));
    Str files = str_fmt(a, "DELETE FROM file WHERE %.*s", FMT(db_in_set(a, db, "id", 1)));
    TRY(db_run(db, NULL, parts.p, ARGS(set)));
    return db_run(db, removed, files.p, ARGS(set));
}

/* One call removes at most 200: the writing transaction stays short; call again while it removed
 * that many. */
Err file_store_hold(Db *db, int64_t id, bool is_held) {
    return db_run(db, NULL, "UPDATE file SET claimed = $2 WHERE id = $1 AND type IS NULL",
                  ARGS(db_int(id), db_int(is_held)));
}

Err file_store_sweep(int64_t *removed, Db *db, int64_t before_us) {
    Arena *a = arena_new(0);
    Err err = sweep_in(removed, db, a, before_us);
    arena_free(a);
    return err;
}

static bool is_dangerous(uint32_t c) {
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return true;
    /* Marks that turn the reading direction or cannot be seen hide the real ending of a name. */
    if (c == 0x061C || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E)) return true;
    if ((c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || c >= 0xE0000 || c == 0xFFFD) return true;
    return c < 0x80 && strchr("\"*:<>?|", (int)c) != NULL;
}

Str file_store_clean_name(Arena *a, Str name) {
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == '/' || name.p[i] == '\\') {
            name = str_sub(name, i + 1, name.n);
            i = (size_t)-1;
        }
    Text t = text_new(a, 0);
    for (size_t i = 0; i < name.n;) {
        uint32_t c = utf8_next(name, &i);
        if (is_dangerous(c)) continue;
        if (t.n + 4 > NAME_BYTES) break;
        utf8_put(&t, c);
    }
    Str clean = str_trim(text_str(&t));
    while (clean.n && (clean.p[0] == '.' || clean.p[0] == ' ')) clean = str_sub(clean, 1, clean.n);
    return clean.n ? str_copy(a, clean) : S("file");
}

/* Office files are ZIP archives whose first names tell what they are. */
static Str sniff_zip(Str bytes) {
    Str head = str_sub(bytes, 0, 4096);
    if (str_find(head, S("mimetypeapplication/vnd.oasis.opendocument.text")) >= 0)
        return S("application/vnd.oasis.opendocument.text");
    if (str_find(head, S("mimetypeapplication/vnd.oasis.opendocument.spreadsheet")) >= 0)
        return S("application/vnd.oasis.opendocument.spreadsheet");
    if (str_find(bytes, S("xl/workbook")) >= 0)
        return S("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    if (str_find(bytes, S("word/document")) >= 0)
        return S("application/vnd.openxmlformats-officedocument.wordprocessingml.document");
    if (str_find(bytes, S("ppt/presentation")) >= 0)
        return S("application/vnd.openxmlformats-officedocument.presentationml.presentation");
    return S("application/zip");
}

static bool looks_like_text(Str bytes) {
    Str head = str_sub(bytes, 0, 4096);
    if (head.n < bytes.n) /* do not judge half a character */
        while (head.n && ((unsigned char)head.p[head.n - 1] & 0x80)) head.n--;
    return head.n > 0 && utf8_is_clean(head);
}

Str file_store_sniff(Str bytes) {
    for (size_t i = 0; i < LENGTH(magic); i++)
        if (str_starts(bytes, magic[i].lead)) return str_of(magic[i].type);
    if (str_starts(bytes, S("PK\x03\x04"))) return sniff_zip(bytes);
    if (bytes.n >= 12 && str_starts(bytes, S("RIFF")) && str_eq(str_sub(bytes, 8, 4), S("WEBP")))
        return S("image/webp");
    return looks_like_text(bytes) ? S("text/plain") : S("application/octet-stream");
}
