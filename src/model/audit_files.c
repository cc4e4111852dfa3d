/* audit_files.c: stored files against what the history says of them: the bytes of each, and that
 * the record that names a file is the one that it was given to. Entries of older programs do not
 * name the hashes of their files: those are compared with their own row only. Reads only.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/chain.h"

#include "base/json.h"
#include "store/file_store.h"

/* A file that belongs to a record. */
typedef struct Kept {
    int64_t id, size, record;
    Str type, sha256;
} Kept;

static Err last_entry(int64_t *out, Ctx *c, Str type, int64_t record) {
    bool found;
    *out = 0;
    return db_get_int(out, &found, c->db,
                      "SELECT MAX(id) FROM entry WHERE type = $1 AND record = $2",
                      ARGS(db_text(type), db_int(record)));
}

static Err contents(Str *out, Ctx *c, Arena *a, int64_t id) {
    Text t = text_new(a, 0);
    for (int64_t part = 0;; part++) {
        Str bytes;
        TRY(file_store_part(&bytes, c->db, a, id, part));
        if (!bytes.n) break;
        text_add(&t, bytes);
    }
    *out = text_str(&t);
    return OK;
}

/* "12=HASH:ABOUT,13=HASH:ABOUT"; older programs did not say what it is called. */
static Str hash_in(Str list, int64_t id) {
    Str one, key;
    while (list.n && str_cut(&one, &list, ',')) {
        int64_t n;
        if (str_cut(&key, &one, '=') && str_to_int(&n, key) && n == id) return one;
    }
    return (Str){0};
}

/* The hash that the history of its record gives the file, and the entry that does; empty: none
 * does. */
static Err said_of(Str *out, int64_t *entry, Ctx *c, Arena *a, const Kept *f) {
    Rows *rows;
    bool has;
    *out = (Str){0};
    TRY(db_rows(&rows, c->db, a,
                "SELECT id, changes FROM entry WHERE type = $1 AND record = $2 AND changes LIKE $3"
                " ORDER BY id",
                ARGS(db_text(f->type), db_int(f->record), db_textz("%" HISTORY_CONTENTS "\"%"))));
    for (;;) {
        const JsonValue *json;
        Str why;
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        if (json_parse(&json, &why, a, rows_copy(rows, 1)) != OK || json->kind != J_OBJECT)
            continue;
        for (size_t i = 0; i < json->n; i++) {
            const JsonValue *v = &json->items[i];
            if (!str_ends(json->keys[i], S(HISTORY_CONTENTS)) || v->kind != J_ARRAY || v->n != 2)
                continue;
            *out = hash_in(v->items[1].s, f->id);
            *entry = rows_int(rows, 0);
            if (!out->n) continue;
            rows_close(rows);
            return OK;
        }
    }
}

static Err check_file(Verifier *v, Ctx *c, Arena *a, const Kept *f) {
    Str bytes, said, said_hash = {0};
    int64_t entry;
    StoredFile row;
    TRY(contents(&bytes, c, a, f->id));
    TRY(file_store_find(&row, c->db, a, f->id));
    Str hash = sha256_hex(a, bytes);
    TRY(last_entry(&entry, c, f->type, f->record));
    TRY(said_of(&said, &entry, c, a, f));
    bool is_said = str_cut(&said_hash, &said, ':'); /* the rest: how it is called */
    bool is_own = (int64_t)bytes.n == f->size && str_eq(hash, f->sha256);
    bool is_called = !said.n || str_eq(said, history_file_about(a, &row));
    if (is_own && is_called && (!is_said || str_eq(hash, said_hash))) return OK;
    bool is_row = is_said && str_eq(hash, said_hash);
    verify_bad(
        v, entry,
        "The file %lld of the %.*s of entry %lld was changed outside the program (table %s).",
        (long long)f->id, FMT(f->type), (long long)entry, is_row ? "file" : "file_part");
    return OK;
}

static Err check_page(Verifier *v, Ctx *c, int64_t *after, bool *more) {
    enum { PAGE = 50 };
    Arena *a = arena_new(0), *scratch = arena_new(0);
    Kept list[PAGE];
    size_t n = 0;
    Rows *rows;
    bool has = false;
    Err e = db_rows(&rows, c->db, a,
                    "SELECT id, size, sha256, type, record FROM file WHERE id > $1 AND type IS NOT "
                    "NULL ORDER BY id LIMIT $2",
                    ARGS(db_int(*after), db_int(PAGE)));
    while (e == OK && (e = rows_next(&has, rows)) == OK && has)
        list[n++] = (Kept){.id = rows_int(rows, 0),
                           .size = rows_int(rows, 1),
                           .sha256 = rows_copy(rows, 2),
                           .type = rows_copy(rows, 3),
                           .record = rows_int(rows, 4)};
    for (size_t i = 0; e == OK && i < n; i++) {
        arena_reset(scratch);
        e = check_file(v, c, scratch, &list[i]);
        *after = list[i].id;
    }
    *more = n == PAGE;
    arena_free(scratch);
    arena_free(a);
    return e;
}

/* A record names a file that is not there, or that was given to another one. */
static Err check_owners(Verifier *v, Ctx *c, const Type *t, const Field *f) {
    int64_t record, entry;
    bool found;
    Str sql =
        str_fmt(v->scratch,
                "SELECT MIN(s.record) FROM \"%s\" s LEFT JOIN file f ON f.id = s.target WHERE "
                "f.id IS NULL OR f.claimed <> 1 OR COALESCE(f.type, '') <> $1 OR "
                "COALESCE(f.record, 0) <> s.record",
                f->table);
    TRY(db_get_int(&record, &found, c->db, str_z(v->scratch, sql), ARGS(db_textz(t->name))));
    if (!found) return OK;
    TRY(last_entry(&entry, c, str_of(t->name), record));
    verify_bad(v, entry,
               "A file of the %s of entry %lld was taken away or given to another record outside "
               "the program (table file).",
               t->name, (long long)entry);
    return OK;
}

Err audit_files(Verifier *v, Ctx *c) {
    int64_t after = 0;
    for (size_t i = 0; i < c->model->n_types; i++) {
        const Type *t = &c->model->types[i];
        for (size_t k = 0; k < t->n_fields; k++)
            if (t->fields[k].kind == KIND_FILES) TRY(check_owners(v, c, t, &t->fields[k]));
    }
    for (bool more = true; more;) TRY(check_page(v, c, &after, &more));
    return OK;
}
