/* db_search.c: writing the search text of a record. The full text table of SQLite keeps no text of
 * its own: each change first takes the old words out, then puts the new ones in. Its documents are
 * numbered by type and record, so that the newest records of a type are found first, one by one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/db_impl.h"

Err db_search_slot(int64_t *out, Db *db, const char *type) {
    bool found;
    TRY(db_get_int(out, &found, db, "SELECT id FROM search_type WHERE name = $1",
                   ARGS(db_textz(type))));
    if (!found) *out = 0;
    return OK;
}

static Err slot_need(int64_t *out, Db *db, const char *type) {
    bool found;
    TRY(db_search_slot(out, db, type));
    if (*out) return OK;
    return db_get_int(out, &found, db, "INSERT INTO search_type (name) VALUES ($1) RETURNING id",
                      ARGS(db_textz(type)));
}

static int64_t document_in(int64_t slot, int64_t record) {
    CHECK(record > 0 && record >> SEARCH_SLOT_BITS == 0, "no record has this id");
    return (slot << SEARCH_SLOT_BITS) + record;
}

static Err document(int64_t *out, Db *db, const char *type, int64_t record) {
    int64_t slot;
    TRY(slot_need(&slot, db, type));
    *out = document_in(slot, record);
    return OK;
}

static Err fts_delete(Db *db, const char *type, int64_t record, Str body) {
    int64_t id;
    TRY(document(&id, db, type, record));
    return db_run(db, NULL,
                  "INSERT INTO search_text (search_text, rowid, body) VALUES ('delete', $1, $2)",
                  ARGS(db_int(id), db_text(body)));
}

static Err fts_insert(Db *db, const char *type, int64_t record, Str body) {
    int64_t id;
    TRY(document(&id, db, type, record));
    return db_run(db, NULL, "INSERT INTO search_text (rowid, body) VALUES ($1, $2)",
                  ARGS(db_int(id), db_text(body)));
}

static Err find(int64_t *id, Str *body, bool *found, Db *db, Arena *a, const char *type,
                int64_t record) {
    Rows *r;
    TRY(db_rows(&r, db, a, "SELECT id, body FROM search_doc WHERE type = $1 AND record = $2",
                ARGS(db_textz(type), db_int(record))));
    TRY(rows_next(found, r));
    if (!*found) return OK;
    *id = rows_int(r, 0);
    *body = rows_copy(r, 1);
    rows_close(r);
    return OK;
}

static Err put_sqlite(Db *db, Arena *a, const char *type, int64_t record, DbValue unit,
                      bool is_restricted, Str body) {
    int64_t id = 0;
    Str old = {0};
    bool found;
    TRY(find(&id, &old, &found, db, a, type, record));
    if (!found) {
        TRY(db_get_int(
            &id, &found, db,
            "INSERT INTO search_doc (type, record, unit, restricted, body) VALUES ($1, $2, $3, $4, $5) RETURNING id",
            ARGS(db_textz(type), db_int(record), unit, db_int(is_restricted), db_text(body))));
        return fts_insert(db, type, record, body);
    }
    bool same = str_eq(old, body);
    if (!same) TRY(fts_delete(db, type, record, old));
    TRY(db_run(db, NULL,
               "UPDATE search_doc SET unit = $2, restricted = $3, body = $4 WHERE id = $1",
               ARGS(db_int(id), unit, db_int(is_restricted), db_text(body))));
    return same ? OK : fts_insert(db, type, record, body);
}

/* The text with words that PostgreSQL's index takes: see DB_WORDS_PGSQL. */
static Str clip_words(Arena *a, Str body) {
    size_t word = 0, longest = 0;
    for (size_t i = 0; i < body.n; i++) {
        word = body.p[i] == ' ' ? 0 : word + 1;
        if (word > longest) longest = word;
    }
    if (longest <= DB_WORD_MOST) return body;
    Text t = text_new(a, 0);
    bool is_over = false;
    for (size_t i = word = 0; i < body.n; i++) {
        bool is_inner = ((unsigned char)body.p[i] & 0xC0) == 0x80; /* of a character */
        word = body.p[i] == ' ' ? 0 : word + 1;
        if (!is_inner) is_over = word > DB_WORD_MOST;
        if (!is_over) text_char(&t, body.p[i]);
    }
    return text_str(&t);
}

static Err put_pgsql(Db *db, Arena *a, const char *type, int64_t record, DbValue unit,
                     bool is_restricted, Str body) {
    return db_post(
        db,
        "INSERT INTO search_doc (type, record, unit, restricted, body) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (type, record) DO UPDATE SET unit = excluded.unit, restricted = excluded.restricted, body = excluded.body",
        ARGS(db_textz(type), db_int(record), unit, db_int(is_restricted),
             db_text(clip_words(a, body))));
}

Err db_search_put(Db *db, const char *type, int64_t record, int64_t unit, bool is_restricted,
                  Str body) {
    DbValue in_unit = unit ? db_int(unit) : db_null();
    if (!body.p) body = S("");
    Arena *a = arena_new(0);
    Err e = db_kind(db) == DB_SQLITE ? put_sqlite(db, a, type, record, in_unit, is_restricted, body)
                                     : put_pgsql(db, a, type, record, in_unit, is_restricted, body);
    arena_free(a);
    return e;
}

Err db_search_place(int64_t *out, Db *db, const char *type) {
    *out = 1;
    return db_kind(db) == DB_SQLITE ? slot_need(out, db, type) : OK;
}

static DbRowset text_rows(Arena *a, const DbSearchDoc *docs, size_t n) {
    static const char *const columns[] = {"rowid", "body"};
    DbValue *values = NEW_N(a, DbValue, 2 * n);
    for (size_t i = 0; i < n; i++) {
        values[2 * i] = db_int(document_in(docs[i].place, docs[i].record));
        values[2 * i + 1] = db_text(docs[i].body.p ? docs[i].body : S(""));
    }
    return (DbRowset){"search_text", columns, LENGTH(columns), values, n};
}

void db_search_rows(DbRowset *out, size_t *n_out, const Db *db, Arena *a, const DbSearchDoc *docs,
                    size_t n) {
    static const char *const columns[] = {"id", "type", "record", "unit", "restricted", "body"};
    enum { COLUMNS = LENGTH(columns) };
    DbValue *values = NEW_N(a, DbValue, n * COLUMNS);
    for (size_t i = 0; i < n; i++) {
        const DbSearchDoc *d = &docs[i];
        Str body = d->body.p ? d->body : S("");
        if (db_kind(db) == DB_POSTGRES) body = clip_words(a, body);
        const DbValue row[COLUMNS] = {db_int(d->id),
                                      db_textz(d->type),
                                      db_int(d->record),
                                      d->unit ? db_int(d->unit) : db_null_of(DB_INT),
                                      db_int(d->is_restricted),
                                      db_text(body)};
        memcpy(values + i * COLUMNS, row, sizeof row);
    }
    out[0] = (DbRowset){"search_doc", columns, COLUMNS, values, n};
    *n_out = 1;
    if (db_kind(db) == DB_SQLITE) out[(*n_out)++] = text_rows(a, docs, n);
}

Err db_search_remove(Db *db, const char *type, int64_t record) {
    Arena *a = arena_new(0);
    int64_t id = 0;
    Str old = {0};
    bool found = false;
    Err e = find(&id, &old, &found, db, a, type, record);
    if (!e && found && db_kind(db) == DB_SQLITE) e = fts_delete(db, type, record, old);
    if (!e && found) e = db_run(db, NULL, "DELETE FROM search_doc WHERE id = $1", ARGS(db_int(id)));
    arena_free(a);
    return e;
}

/* ---- joining the parts of the index ---- */

enum { PARTS_FEW = 4 };

static Err changes_so_far(int64_t *out, Db *db) {
    bool found;
    return db_get_int(out, &found, db, "SELECT total_changes()", NO_ARGS);
}

/* 'merge' (FTS5, "The 'merge' Command"): a negative number puts all parts on one level first; less
 * than two changes say that there was nothing to do. */
Err db_search_tend(bool *more, Db *db, int pages, bool is_first) {
    int64_t parts, before, after;
    bool found;
    *more = false;
    if (db_kind(db) != DB_SQLITE) return OK;
    if (is_first) {
        TRY(db_get_int(&parts, &found, db, "SELECT COUNT(DISTINCT segid) FROM search_text_idx",
                       NO_ARGS));
        if (parts <= PARTS_FEW) return OK;
    }
    TRY(changes_so_far(&before, db));
    TRY(db_run(db, NULL, "INSERT INTO search_text (search_text, rank) VALUES ('merge', $1)",
               ARGS(db_int(is_first ? -pages : pages))));
    TRY(changes_so_far(&after, db));
    *more = after - before >= 2;
    return OK;
}
