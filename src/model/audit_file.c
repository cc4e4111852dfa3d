/* audit_file.c: the history as JSON lines, and its verification from such a file alone: an auditor
 * needs neither server nor database. Line kinds, in this order: entry and record
 * (or no_record, of what has none), checkpoint each
 * with its leaf lines, unsealed, end. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/chain.h"

#include "base/json.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { BUFFER = 1 << 16, LINE_MAX_BYTES = 1 << 26 };

/* ---- export ---- */

typedef struct Export {
    int fd;
    Arena *arena;
    Text text;
    Str head;
    int64_t entries, unsealed;
    char last_hash[CHAIN_HEX + 1];
} Export;

static Err flush(Export *x) {
    size_t done = 0;
    if (x->text.full) return ERR_INTERNAL;
    while (done < x->text.n) {
        ssize_t n = write(x->fd, x->text.p + done, x->text.n - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return ERR_INTERNAL;
        done += (size_t)n;
    }
    arena_reset(x->arena);
    x->text = text_new(x->arena, 0);
    return OK;
}

static Json line_begin(Export *x, const char *kind) {
    Json j = json_new(&x->text);
    json_object(&j);
    json_keyz(&j, "kind");
    json_strz(&j, kind);
    return j;
}

static Err line_end(Export *x, Json *j) {
    json_end_object(j);
    text_char(&x->text, '\n');
    return x->text.n >= BUFFER ? flush(x) : OK;
}

static void put_str(Json *j, const char *key, Str s) {
    if (!s.n) return;
    json_keyz(j, key);
    json_str(j, s);
}

static void put_int(Json *j, const char *key, int64_t i) {
    if (i == 0) return;
    json_keyz(j, key);
    json_int(j, i);
}

static Err export_entry(void *arg, const ChainEntry *e) {
    Export *x = arg;
    x->entries++;
    Json j = line_begin(x, "entry");
    put_int(&j, "id", e->id);
    put_str(&j, "type", e->type);
    put_int(&j, "record", e->record);
    put_str(&j, "number", e->number);
    put_int(&j, "at", e->at);
    put_int(&j, "actor", e->actor);
    put_int(&j, "actor_for", e->actor_for);
    put_str(&j, "action", e->action);
    put_str(&j, "reason", e->reason);
    put_str(&j, "source", e->source);
    put_str(&j, "state", e->state);
    put_int(&j, "version", e->version);
    put_str(&j, "changes", e->changes);
    put_str(&j, "record_hash", e->record_hash);
    put_str(&j, "prev_hash", e->prev_hash);
    put_str(&j, "hash", e->hash);
    put_int(&j, "import", e->import);
    return line_end(x, &j);
}

/* Only what the hashes cover is exported: nothing in the file can be changed unseen. */
static Err export_record(void *arg, Str type, int64_t record, Str number, Str canonical) {
    Export *x = arg;
    (void)number;
    Json j = line_begin(x, "record");
    put_str(&j, "type", type);
    put_int(&j, "record", record);
    put_str(&j, "canonical", canonical);
    return line_end(x, &j);
}

static Err export_no_record(void *arg, Str type, int64_t record) {
    Export *x = arg;
    Json j = line_begin(x, "no_record");
    put_str(&j, "type", type);
    put_int(&j, "record", record);
    return line_end(x, &j);
}

static Err export_checkpoint(void *arg, const ChainCheckpoint *k) {
    Export *x = arg;
    Json j = line_begin(x, "checkpoint");
    put_int(&j, "at", k->at);
    put_int(&j, "first_entry", k->first_entry);
    put_int(&j, "n", k->n);
    put_str(&j, "root", k->root);
    put_str(&j, "prev", k->prev);
    put_str(&j, "hash", k->hash);
    size_t n = k->hash.n > CHAIN_HEX ? CHAIN_HEX : k->hash.n;
    if (n) memcpy(x->last_hash, k->hash.p, n);
    x->last_hash[n] = 0;
    return line_end(x, &j);
}

static Err export_leaf(void *arg, int64_t entry, Str sealed, Str found) {
    (void)found;
    Export *x = arg;
    Json j = line_begin(x, "leaf");
    put_int(&j, "entry", entry);
    put_str(&j, "hash", sealed);
    return line_end(x, &j);
}

static Err export_nothing(void *arg) {
    (void)arg;
    return OK;
}

static Err export_unsealed(Export *x, Ctx *c) {
    Rows *rows;
    bool has;
    TRY(db_rows(&rows, c->db, c->arena, "SELECT entry FROM unsealed ORDER BY entry", NO_ARGS));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        x->unsealed++;
        Json j = line_begin(x, "unsealed");
        put_int(&j, "entry", rows_int(rows, 0));
        TRY(line_end(x, &j));
    }
}

static Err export_all(Export *x, Ctx *c) {
    AuditSink sink = {.entry = export_entry,
                      .record = export_record,
                      .no_record = export_no_record,
                      .checkpoint = export_checkpoint,
                      .leaf = export_leaf,
                      .checkpoint_end = export_nothing,
                      .arg = x};
    TRY(audit_walk(c, &sink));
    TRY(export_unsealed(x, c));
    Json j = line_begin(x, "end");
    json_keyz(&j, "entries");
    json_int(&j, x->entries);
    json_keyz(&j, "unsealed");
    json_int(&j, x->unsealed);
    put_str(&j, "head", str_of(x->last_hash));
    TRY(line_end(x, &j));
    return flush(x);
}

Err audit_export(Ctx *c, int fd) {
    Export x = {.fd = fd, .arena = arena_new(0)};
    x.text = text_new(x.arena, 0);
    Err err = export_all(&x, c);
    arena_free(x.arena);
    return err;
}

/* ---- verification of a file ---- */

typedef struct Known {
    int64_t id;
    unsigned char hash[32];
    bool has_hash, is_placed;
} Known;

typedef struct FileCheck {
    Verifier v;
    Arena *line_arena, *known_arena;
    Known *known;
    size_t n, cap;
    bool is_sorted, in_checkpoint, has_end;
    int64_t line;
    int phase; /* the kinds follow each other in order */
} FileCheck;

static int known_cmp(const void *x, const void *y) {
    int64_t a = ((const Known *)x)->id, b = ((const Known *)y)->id;
    return a < b ? -1 : a > b;
}

static Known *known_find(FileCheck *f, int64_t id) {
    if (!f->is_sorted && f->n) qsort(f->known, f->n, sizeof *f->known, known_cmp);
    f->is_sorted = true;
    Known key = {.id = id};
    return f->n ? bsearch(&key, f->known, f->n, sizeof key, known_cmp) : NULL;
}

static void line_entry(FileCheck *f, const JsonValue *j) {
    ChainEntry e = {.id = json_get_int(j, "id"),
                    .type = json_get_str(j, "type"),
                    .record = json_get_int(j, "record"),
                    .number = json_get_str(j, "number"),
                    .at = json_get_int(j, "at"),
                    .actor = json_get_int(j, "actor"),
                    .actor_for = json_get_int(j, "actor_for"),
                    .action = json_get_str(j, "action"),
                    .reason = json_get_str(j, "reason"),
                    .source = json_get_str(j, "source"),
                    .state = json_get_str(j, "state"),
                    .version = json_get_int(j, "version"),
                    .changes = json_get_str(j, "changes"),
                    .record_hash = json_get_str(j, "record_hash"),
                    .prev_hash = json_get_str(j, "prev_hash"),
                    .hash = json_get_str(j, "hash"),
                    .import = json_get_int(j, "import")};
    verify_entry(&f->v, &e);
    GROW(f->known_arena, f->known, f->n, f->cap);
    Known *known = &f->known[f->n++];
    Str bytes;
    *known = (Known){.id = e.id};
    if (e.hash.n == CHAIN_HEX && hex_decode(f->line_arena, &bytes, e.hash) &&
        bytes.n == sizeof known->hash) {
        memcpy(known->hash, bytes.p, sizeof known->hash);
        known->has_hash = true;
    }
}

/* Without its form: it was taken away, or there never was one. */
static void line_record(FileCheck *f, const JsonValue *j) {
    Str canonical = json_get(j, "canonical") ? json_get_str(j, "canonical") : (Str){0};
    verify_record(&f->v, json_get_str(j, "type"), json_get_int(j, "record"), (Str){0}, canonical);
}

static void line_no_record(FileCheck *f, const JsonValue *j) {
    verify_no_record(&f->v, json_get_str(j, "type"), json_get_int(j, "record"));
}

static void checkpoint_close(FileCheck *f) {
    if (f->in_checkpoint) verify_checkpoint_end(&f->v);
    f->in_checkpoint = false;
}

static void line_checkpoint(FileCheck *f, const JsonValue *j) {
    ChainCheckpoint k = {.at = json_get_int(j, "at"),
                         .first_entry = json_get_int(j, "first_entry"),
                         .n = json_get_int(j, "n"),
                         .root = json_get_str(j, "root"),
                         .prev = json_get_str(j, "prev"),
                         .hash = json_get_str(j, "hash")};
    checkpoint_close(f);
    verify_checkpoint(&f->v, &k);
    f->in_checkpoint = true;
}

static void place(FileCheck *f, Known *known, int64_t entry) {
    if (known && known->is_placed)
        verify_bad(&f->v, entry, "Entry %lld is sealed more than once.", (long long)entry);
    if (known) known->is_placed = true;
}

static void line_leaf(FileCheck *f, const JsonValue *j) {
    int64_t entry = json_get_int(j, "entry");
    Known *known = known_find(f, entry);
    Str found = {0};
    if (known)
        found =
            known->has_hash ? hex_encode(f->line_arena, known->hash, sizeof known->hash) : S("?");
    if (!f->in_checkpoint)
        verify_bad(&f->v, entry, "Entry %lld is sealed by no checkpoint of the file.",
                   (long long)entry);
    verify_leaf(&f->v, entry, json_get_str(j, "hash"), found);
    place(f, known, entry);
}

static void line_unsealed(FileCheck *f, const JsonValue *j) {
    int64_t entry = json_get_int(j, "entry");
    Known *known = known_find(f, entry);
    checkpoint_close(f);
    if (!known)
        verify_bad(&f->v, entry, "Entry %lld waited for its seal and is no longer there.",
                   (long long)entry);
    place(f, known, entry);
    f->v.out->unsealed++;
}

static void line_last(FileCheck *f, const JsonValue *j) {
    checkpoint_close(f);
    f->has_end = true;
    if (json_get_int(j, "entries") != f->v.out->entries ||
        json_get_int(j, "unsealed") != f->v.out->unsealed ||
        !str_eq(json_get_str(j, "head"), chain_str(&f->v.head)))
        verify_bad(&f->v, 0, "The last line of the file does not fit the lines before it.");
}

static const struct LineKind {
    const char *kind;
    int phase;
    void (*read)(FileCheck *f, const JsonValue *json);
} line_kinds[] = {{"entry", 1, line_entry},
                  {"record", 1, line_record},
                  {"no_record", 1, line_no_record},
                  {"checkpoint", 2, line_checkpoint},
                  {"leaf", 2, line_leaf},
                  {"unsealed", 3, line_unsealed},
                  {"end", 4, line_last}};

static void check_line(FileCheck *f, Str line) {
    const JsonValue *json;
    Str why;
    f->line++;
    if (f->line % 64 == 0) arena_reset(f->line_arena);
    if (json_parse(&json, &why, f->line_arena, line) != OK || json->kind != J_OBJECT) {
        verify_bad(&f->v, 0, "Line %lld of the file cannot be read.", (long long)f->line);
        return;
    }
    Str kind = json_get_str(json, "kind");
    for (size_t i = 0; i < LENGTH(line_kinds); i++) {
        const struct LineKind *k = &line_kinds[i];
        if (!str_is(kind, k->kind)) continue;
        if (k->phase < f->phase || f->has_end)
            verify_bad(&f->v, 0, "Line %lld of the file is not where it belongs.",
                       (long long)f->line);
        else
            k->read(f, json);
        if (k->phase > f->phase) f->phase = k->phase;
        return;
    }
    verify_bad(&f->v, 0, "Line %lld of the file is of an unknown kind.", (long long)f->line);
}

typedef struct LineReader {
    int fd;
    Arena *arena;
    char *p;
    size_t n, cap, from;
    bool end;
} LineReader;

/* False at the end of the file; a line longer than LINE_MAX_BYTES is an error, no page is that
 * long. */
static Err line_next(Str *out, bool *has, LineReader *r) {
    size_t seen = r->from;
    for (;;) {
        char *nl = seen < r->n ? memchr(r->p + seen, '\n', r->n - seen) : NULL;
        if (nl || (r->end && r->from < r->n)) {
            size_t stop = nl ? (size_t)(nl - r->p) : r->n;
            *out = (Str){r->p + r->from, stop - r->from};
            r->from = nl ? stop + 1 : stop;
            *has = true;
            return OK;
        }
        *has = false;
        if (r->end) return OK;
        if (r->from) memmove(r->p, r->p + r->from, r->n - r->from);
        r->n -= r->from;
        r->from = 0;
        seen = r->n;
        if (r->n > LINE_MAX_BYTES) return ERR_INVALID;
        if (r->cap - r->n < BUFFER) {
            char *bigger = NEW_N(r->arena, char, r->cap * 2 + BUFFER);
            if (r->n) memcpy(bigger, r->p, r->n);
            r->p = bigger;
            r->cap = r->cap * 2 + BUFFER;
        }
        ssize_t n = read(r->fd, r->p + r->n, r->cap - r->n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return ERR_INTERNAL;
        r->end = n == 0;
        r->n += (size_t)n;
    }
}

static Err check_lines(FileCheck *f, LineReader *r) {
    for (;;) {
        Str line;
        bool has;
        TRY(line_next(&line, &has, r));
        if (!has) return OK;
        check_line(f, line);
    }
}

Err audit_verify_file(AuditResult *out, Arena *a, int fd) {
    FileCheck f = {.line_arena = arena_new(0), .known_arena = arena_new((size_t)4 << 30)};
    LineReader reader = {.fd = fd, .arena = f.known_arena};
    verify_start(&f.v, out, a);
    Err err = check_lines(&f, &reader);
    checkpoint_close(&f);
    if (err == OK && !f.has_end) verify_bad(&f.v, 0, "The file is cut off.");
    for (size_t i = 0; err == OK && i < f.n; i++) {
        if (f.known[i].is_placed) continue;
        verify_bad(&f.v, f.known[i].id, "Entry %lld is in no checkpoint and does not wait for one.",
                   (long long)f.known[i].id);
    }
    verify_end(&f.v);
    arena_free(f.line_arena);
    arena_free(f.known_arena);
    return err;
}
