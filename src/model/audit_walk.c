/* audit_walk.c: reads entries, records and checkpoints in the order in which they are verified and
 * exported. By pages, so that neither database holds a whole result in memory. Judges nothing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/chain.h"
#include "model/columns.h"

#include <stdlib.h>

enum { PAGE_ENTRIES = 2000, PAGE_RECORDS = 500, PAGE_LEAVES = 5000 };

typedef struct Walk {
    Ctx *c;
    const AuditSink *sink;
    Arena *keep, *entry_arena, *record_arena, *scratch;
    Str type;
    const Type *model_type; /* NULL: the model no longer has it */
    FieldOrder order;
    ChainEntry *entries;
    size_t n_entries, at_entry;
    bool entries_end, records_end;
    Record *records;
    size_t n_records, at_record, emitted;
} Walk;

/* ---- entries of one type ---- */

static void entry_read(ChainEntry *e, const Rows *rows) {
    *e = (ChainEntry){.id = rows_int(rows, 0),
                      .type = rows_copy(rows, 1),
                      .record = rows_int(rows, 2),
                      .number = rows_copy(rows, 3),
                      .at = rows_int(rows, 4),
                      .actor = rows_int(rows, 5),
                      .actor_for = rows_int(rows, 6),
                      .action = rows_copy(rows, 7),
                      .reason = rows_copy(rows, 8),
                      .source = rows_copy(rows, 9),
                      .state = rows_copy(rows, 10),
                      .version = rows_int(rows, 11),
                      .changes = rows_copy(rows, 12),
                      .record_hash = rows_copy(rows, 13),
                      .prev_hash = rows_copy(rows, 14),
                      .hash = rows_copy(rows, 15),
                      .import = rows_int(rows, 16)};
}

static Err entries_load(Walk *w) {
    Rows *rows;
    bool has;
    int64_t record = INT64_MIN, id = INT64_MIN;
    if (w->n_entries) {
        record = w->entries[w->n_entries - 1].record;
        id = w->entries[w->n_entries - 1].id;
    }
    arena_reset(w->entry_arena);
    w->entries = NEW_N(w->entry_arena, ChainEntry, PAGE_ENTRIES);
    w->n_entries = w->at_entry = 0;
    TRY(db_rows(
        &rows, w->c->db, w->entry_arena,
        "SELECT id, type, record, number, at, actor, actor_for, action, reason, source, state, version,"
        " changes, record_hash, prev_hash, hash, import FROM entry WHERE type = $1 AND (record, id) > ($2, $3)"
        " ORDER BY record, id LIMIT $4",
        ARGS(db_text(w->type), db_int(record), db_int(id), db_int(PAGE_ENTRIES))));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) break;
        CHECK(w->n_entries < PAGE_ENTRIES, "more rows than asked for");
        entry_read(&w->entries[w->n_entries++], rows);
    }
    w->entries_end = w->n_entries < PAGE_ENTRIES;
    return OK;
}

static Err entry_peek(const ChainEntry **out, Walk *w) {
    if (w->at_entry == w->n_entries && !w->entries_end) TRY(entries_load(w));
    *out = w->at_entry < w->n_entries ? &w->entries[w->at_entry] : NULL;
    return OK;
}

/* ---- records of one type ---- */

static Err records_load(Walk *w) {
    Rows *rows;
    bool has;
    int64_t id = w->n_records ? w->records[w->n_records - 1].id : INT64_MIN;
    arena_reset(w->record_arena);
    w->records = NEW_N(w->record_arena, Record, PAGE_RECORDS);
    w->n_records = w->at_record = 0;
    Sql sql = sql_new(w->record_arena, w->c->db);
    sql_add(&sql, "SELECT ");
    sql_add(&sql, w->model_type->columns.read);
    sql_add(&sql, " FROM ");
    sql_name(&sql, NULL, w->model_type->name);
    sql_add(&sql, " t WHERE t.id > ");
    sql_bind(&sql, db_int(id));
    sql_add(&sql, " ORDER BY t.id LIMIT ");
    sql_bind(&sql, db_int(PAGE_RECORDS));
    TRY(sql_rows(&rows, &sql, w->c->db, w->record_arena));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) break;
        CHECK(w->n_records < PAGE_RECORDS, "more rows than asked for");
        TRY(columns_read(&w->records[w->n_records++], w->c, w->model_type, rows, w->record_arena));
    }
    w->records_end = w->n_records < PAGE_RECORDS;
    return OK;
}

static Err record_peek(const Record **out, Walk *w) {
    *out = NULL;
    if (!w->model_type) return OK;
    if (w->at_record == w->n_records && !w->records_end) TRY(records_load(w));
    if (w->at_record < w->n_records) *out = &w->records[w->at_record];
    return OK;
}

static Err record_emit(Walk *w, const Record *r) {
    Str canonical;
    if (++w->emitted % 64 == 0) arena_reset(w->scratch);
    TRY(history_canonical(&canonical, w->c, w->scratch, r, &w->order));
    TRY(w->sink->record(w->sink->arg, w->type, r->id, record_number(w->scratch, r), canonical));
    w->at_record++;
    return OK;
}

static Err walk_type(Walk *w) {
    const AuditSink *sink = w->sink;
    w->n_entries = w->at_entry = w->n_records = w->at_record = 0;
    w->entries_end = w->records_end = false;
    w->model_type = model_type(w->c->model, w->type);
    if (w->model_type) history_order(&w->order, w->keep, w->model_type);
    for (;;) {
        const ChainEntry *e;
        const Record *r;
        TRY(entry_peek(&e, w));
        TRY(record_peek(&r, w));
        if (!e && !r) return OK;
        if (!e || (r && r->id < e->record)) {
            TRY(record_emit(w, r));
            continue;
        }
        int64_t record = e->record;
        while (e && e->record == record) {
            TRY(sink->entry(sink->arg, e));
            w->at_entry++;
            TRY(entry_peek(&e, w));
        }
        if (r && r->id == record)
            TRY(record_emit(w, r));
        else if (w->model_type)
            TRY(sink->record(sink->arg, w->type, record, (Str){"", 0}, (Str){0}));
        else
            TRY(sink->no_record(sink->arg, w->type, record));
    }
}

static int type_cmp(const void *x, const void *y) {
    return str_cmp(*(const Str *)x, *(const Str *)y);
}

static Err walk_types(Walk *w) {
    Ctx *c = w->c;
    Str *types = NULL;
    size_t n = 0, cap = 0;
    Rows *rows;
    bool has;
    for (size_t i = 0; i < c->model->n_types; i++) {
        GROW(w->keep, types, n, cap);
        types[n++] = str_of(c->model->types[i].name);
    }
    TRY(db_rows(&rows, c->db, w->keep, "SELECT DISTINCT type FROM entry", NO_ARGS));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) break;
        GROW(w->keep, types, n, cap);
        types[n++] = rows_copy(rows, 0);
    }
    if (n) qsort(types, n, sizeof *types, type_cmp);
    for (size_t i = 0; i < n; i++) {
        if (i && str_eq(types[i], types[i - 1])) continue;
        w->type = types[i];
        TRY(walk_type(w));
    }
    return OK;
}

/* ---- checkpoints ---- */

typedef struct Leaves {
    Ctx *c;
    Arena *arena;
    struct Leaf {
        int64_t checkpoint, pos, entry;
        Str sealed, found;
    } * items;
    size_t n, at;
    bool end;
} Leaves;

static Err leaf_peek(const struct Leaf **out, Leaves *l) {
    if (l->at == l->n && !l->end) {
        Rows *rows;
        bool has;
        int64_t checkpoint = l->n ? l->items[l->n - 1].checkpoint : INT64_MIN;
        int64_t pos = l->n ? l->items[l->n - 1].pos : INT64_MIN;
        arena_reset(l->arena);
        l->items = NEW_N(l->arena, struct Leaf, PAGE_LEAVES);
        l->n = l->at = 0;
        TRY(db_rows(
            &rows, l->c->db, l->arena,
            "SELECT k.checkpoint, k.pos, k.entry, k.hash, e.hash FROM checkpoint_entry k LEFT JOIN entry e"
            " ON e.id = k.entry WHERE (k.checkpoint, k.pos) > ($1, $2) ORDER BY k.checkpoint, k.pos LIMIT $3",
            ARGS(db_int(checkpoint), db_int(pos), db_int(PAGE_LEAVES))));
        for (;;) {
            TRY(rows_next(&has, rows));
            if (!has) break;
            CHECK(l->n < PAGE_LEAVES, "more rows than asked for");
            l->items[l->n++] =
                (struct Leaf){rows_int(rows, 0), rows_int(rows, 1), rows_int(rows, 2),
                              rows_copy(rows, 3), rows_copy(rows, 4)};
        }
        l->end = l->n < PAGE_LEAVES;
    }
    *out = l->at < l->n ? &l->items[l->at] : NULL;
    return OK;
}

static Err walk_checkpoint(Leaves *l, const AuditSink *sink, const ChainCheckpoint *k) {
    const struct Leaf *leaf;
    TRY(leaf_peek(&leaf, l));
    while (leaf &&
           leaf->checkpoint < k->id) { /* of a checkpoint that was removed: audit.c names it */
        l->at++;
        TRY(leaf_peek(&leaf, l));
    }
    TRY(sink->checkpoint(sink->arg, k));
    while (leaf && leaf->checkpoint == k->id) {
        TRY(sink->leaf(sink->arg, leaf->entry, leaf->sealed, leaf->found));
        l->at++;
        TRY(leaf_peek(&leaf, l));
    }
    return sink->checkpoint_end(sink->arg);
}

static Err walk_checkpoints(Walk *w) {
    enum { PAGE = 1000 };
    Leaves leaves = {.c = w->c, .arena = w->record_arena};
    int64_t after = INT64_MIN;
    for (;;) {
        Rows *rows;
        bool has;
        size_t n = 0;
        arena_reset(w->entry_arena);
        ChainCheckpoint *page = NEW_N(w->entry_arena, ChainCheckpoint, PAGE);
        TRY(db_rows(
            &rows, w->c->db, w->entry_arena,
            "SELECT id, at, first_entry, n, root, prev, hash FROM checkpoint WHERE id > $1 ORDER BY id LIMIT $2",
            ARGS(db_int(after), db_int(PAGE))));
        for (;;) {
            TRY(rows_next(&has, rows));
            if (!has) break;
            CHECK(n < PAGE, "more rows than asked for");
            page[n++] = (ChainCheckpoint){rows_int(rows, 0), rows_int(rows, 1),  rows_int(rows, 2),
                                          rows_int(rows, 3), rows_copy(rows, 4), rows_copy(rows, 5),
                                          rows_copy(rows, 6)};
        }
        for (size_t i = 0; i < n; i++) TRY(walk_checkpoint(&leaves, w->sink, &page[i]));
        if (n < PAGE) return OK;
        after = page[n - 1].id;
    }
}

static Err walk_all(Walk *w) {
    TRY(walk_types(w));
    arena_reset(w->record_arena);
    return walk_checkpoints(w);
}

Err audit_walk(Ctx *c, const AuditSink *sink) {
    if (!c->actor || !c->actor->is_system) return ERR_DENIED;
    Walk w = {.c = c, .sink = sink, .keep = c->arena};
    w.entry_arena = arena_new(0);
    w.record_arena = arena_new(0);
    w.scratch = arena_new(0);
    Err err = walk_all(&w);
    arena_free(w.entry_arena);
    arena_free(w.record_arena);
    arena_free(w.scratch);
    return err;
}
