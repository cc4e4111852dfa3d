/* import_undo.c: takes back what an import did, newest entry of the history first: records it made
 * go, records it changed say again what they said before. What somebody has changed, commented on
 * or referred to since then stays. Each step is an entry "import_undo" of the same import; the
 * entry reached is the place to go on from. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/import_work.h"

#include "base/clock.h"
#include "model/history.h"
#include "model/record_write.h"
#include "model/series.h"

enum { PAGE = 200 };

typedef struct Trace { /* an entry that the import wrote */
    int64_t id, record, version;
    Str type;
} Trace;

static Err traces_read(Trace *out, size_t *n, const ImportUndo *u, Ctx *c) {
    Rows *r;
    bool more;
    *n = 0;
    TRY(db_rows(
        &r, c->db, c->arena,
        "SELECT id, record, version, type FROM entry WHERE import = $1 AND import > 0 AND id < $2 "
        "AND action <> 'import_undo' ORDER BY id DESC LIMIT 200",
        ARGS(db_int(u->run), db_int(u->at ? u->at : INT64_MAX))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more || *n == PAGE) return OK;
        out[(*n)++] = (Trace){rows_int(r, 0), rows_int(r, 1), rows_int(r, 2), rows_copy(r, 3)};
    }
}

/* The import's entries on one record: the last one is where the record is dealt with. */
typedef struct Span {
    int64_t last, first_version;
    bool is_touched; /* an entry of somebody else came later; reading does not count */
} Span;

static Err span_of(Span *out, Ctx *c, int64_t run, const Trace *t) {
    Rows *r;
    bool found;
    *out = (Span){0};
    TRY(db_rows(
        &r, c->db, c->arena,
        "SELECT MAX(CASE WHEN import = $3 AND action <> 'import_undo' THEN id END), "
        "MIN(CASE WHEN import = $3 AND action <> 'import_undo' THEN version END), "
        "MAX(CASE WHEN (import <> $3 AND action <> 'read') OR action = 'import_undo' THEN id END) "
        "FROM entry WHERE type = $1 AND record = $2",
        ARGS(db_text(t->type), db_int(t->record), db_int(run))));
    TRY(rows_next(&found, r));
    out->last = rows_int(r, 0);
    out->first_version = rows_int(r, 1);
    out->is_touched = rows_int(r, 2) > out->last;
    rows_close(r);
    return OK;
}

static Err take_back(Ctx *c, const Record *now, const Span *span) {
    Record *then, *saved;
    if (span->first_version <= 1) return record_remove(c, now, "import_undo");
    TRY(record_version(&then, c, now->type, now->id, span->first_version - 1));
    return record_restore(&saved, c, now, then, "import_undo");
}

/* As it is when nobody can change it any more in this transaction. */
static Err locked(Record **out, Ctx *c, const Type *t, int64_t id) {
    TRY(record_load_raw(out, c, t, id));
    if (db_kind(c->db) == DB_SQLITE) return OK;
    TRY(record_write_lock(c, *out));
    c->cache = NULL;
    return record_load_raw(out, c, t, id);
}

/* Values that were judged again by what was imported: the batch stays their proof, and they are
 * judged once more by what holds then. */
static bool is_batch(const Ctx *c, Str type) {
    for (size_t i = 0; i < c->model->n_series; i++)
        if (str_is(type, c->model->series[i]->batch)) return true;
    return false;
}

static Err one(ImportUndo *u, Ctx *c, const Trace *t) {
    const Type *type = is_batch(c, t->type) ? NULL : model_type(c->model, t->type);
    Span span;
    Record *now;
    u->at = t->id;
    Err e = type ? locked(&now, c, type, t->record) : ERR_MISSING;
    if (e == ERR_MISSING) return OK;
    TRY(e);
    TRY(span_of(&span, c, u->run, t));
    if (span.last != t->id) return OK; /* an earlier step of a record that was dealt with */
    bool is_same = !span.is_touched && now->version == t->version;
    c->issues = (Issues){0};
    TRY(db_savepoint(c->db));
    e = is_same ? take_back(c, now, &span) : ERR_CONFLICT;
    if (e == OK)
        TRY(db_release(c->db));
    else
        db_rollback_to(c->db);
    if (e == ERR_BUSY || e == ERR_INTERNAL) return e;
    /* Without a reason of ours a conflict is the database's: the whole slice runs again. */
    if (e == ERR_CONFLICT && is_same && !c->issues.n) return e;
    if (e == OK)
        u->undone++;
    else
        u->kept++;
    return OK;
}

Err import_undo(ImportUndo *u, Ctx *c, int64_t most_us, bool *done) {
    int64_t until = clock_mono_us() + most_us;
    Arena *own = arena_new(0), *kept = c->arena;
    Err e = OK;
    *done = false;
    while (e == OK && !*done && clock_mono_us() < until) {
        Trace traces[PAGE];
        size_t n;
        c->arena = own;
        e = traces_read(traces, &n, u, c);
        for (size_t i = 0; i < n && e == OK && clock_mono_us() < until; i++) {
            c->cache = NULL;
            e = one(u, c, &traces[i]);
        }
        *done = e == OK && n == 0;
        c->cache = NULL;
        c->arena = kept;
        c->issues = (Issues){0};
        arena_reset(own);
    }
    arena_free(own);
    return e;
}

const char *import_kept_why(const ImportKeptRecord *x) {
    if (x->is_touched) return N_("It was changed or commented on since.");
    if (import_is_final(x->type)) return N_("Records of this list are not taken back.");
    return N_("Something else rests on it: a record or values.");
}

Err import_kept(ImportKept *out, Ctx *c, int64_t run, size_t most) {
    Rows *r;
    bool more;
    *out = (ImportKept){0};
    TRY(db_rows(
        &r, c->db, c->arena,
        "SELECT k.type, k.record, k.number, CASE WHEN EXISTS (SELECT 1 FROM entry o WHERE "
        "o.type = k.type AND o.record = k.record AND o.id > k.last AND o.import <> $1 "
        "AND o.action <> 'read') THEN 1 ELSE 0 END FROM (SELECT e.type, e.record, "
        "MAX(e.number) AS number, MAX(e.id) AS last FROM entry e WHERE e.import = $1 "
        "AND e.import > 0 AND e.action <> 'import_undo' AND NOT EXISTS (SELECT 1 FROM entry u "
        "WHERE u.type = e.type AND u.record = e.record AND u.import = $1 "
        "AND u.action = 'import_undo') GROUP BY e.type, e.record) k "
        "ORDER BY k.type, k.record LIMIT $2",
        ARGS(db_int(run), db_int((int64_t)most))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        const Type *t = model_type(c->model, rows_text(r, 0));
        if (!t || is_batch(c, str_of(t->name))) continue;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] =
            (ImportKeptRecord){t, rows_int(r, 1), rows_copy(r, 2), rows_int(r, 3) > 0};
    }
}
