/* audit_walk.c: reads entries, records and checkpoints in the order in which they are verified and
 * exported. By pages, so that neither database holds a whole result in memory. Judges nothing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/chain.h"
#include "model/columns.h"

#include <stdlib.h>

enum { PAGE_ENTRIES = 2000, PAGE_RECORDS = 500, PAGE_LEAVES = 5000 };

/* A page of a type's rows, present ones or earlier versions. */
typedef struct RowPage {
    Arena *arena;
    bool is_past, end;
    size_t n, at;
    Record *records;
    int64_t *from, *until;
    const char **odd;
} RowPage;

typedef struct Walk {
    Ctx *c;
    const AuditSink *sink;
    Arena *keep, *entry_arena, *scratch;
    Str type;
    const Type *model_type; /* NULL: the model no longer has it */
    ChainEntry *entries;
    size_t n_entries, at_entry;
    bool entries_end;
    RowPage now, past;
    size_t emitted;
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

/* `o` gives the order; what is verified is read from the row itself, `e`: SQLite would else take
 * what the index holds (type, record) from there, and another one in the row would not be seen. */
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
        "SELECT e.id, e.type, e.record, e.number, e.at, e.actor, e.actor_for, e.action, e.reason, e.source, e.state, e.version,"
        " e.changes, e.record_hash, e.prev_hash, e.hash, e.import FROM entry o JOIN entry e ON e.id = o.id "
        "WHERE o.type = $1 AND (o.record, o.id) > ($2, $3) ORDER BY o.record, o.id LIMIT $4",
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

/* ---- rows of one type ---- */

static Str page_sql(Sql *sql, const Walk *w, const RowPage *p, int64_t id, int64_t until) {
    sql_add(sql, "SELECT ");
    sql_add(sql, w->model_type->columns.read);
    columns_add_sorts(sql, w->model_type);
    if (p->is_past) sql_add(sql, ", recorded_until");
    sql_add(sql, " FROM ");
    sql_name(sql, NULL, p->is_past ? w->model_type->columns.past : w->model_type->name);
    sql_add(sql, p->is_past ? " t WHERE (t.id, t.recorded_until) > (" : " t WHERE t.id > ");
    sql_bind(sql, db_int(id));
    if (p->is_past) {
        sql_add(sql, ", ");
        sql_bind(sql, db_int(until));
        sql_add(sql, ")");
    }
    sql_add(sql, p->is_past ? " ORDER BY t.id, t.recorded_until LIMIT " : " ORDER BY t.id LIMIT ");
    sql_bind(sql, db_int(PAGE_RECORDS));
    return text_str(&sql->text);
}

static Err page_read(RowPage *p, Walk *w, Rows *rows) {
    bool has;
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        CHECK(p->n < PAGE_RECORDS, "more rows than asked for");
        Record *r = &p->records[p->n];
        TRY(columns_read(r, w->c, w->model_type, rows, p->arena));
        p->from[p->n] = rows_int(rows, COLUMNS_SYSTEM - 1);
        p->until[p->n] = p->is_past ? rows_int(rows, rows_count(rows) - 1) : 0;
        p->odd[p->n] = w->sink->row ? columns_odd(p->arena, rows, r) : NULL;
        p->n++;
    }
}

static Err page_load(RowPage *p, Walk *w) {
    Rows *rows;
    int64_t id = p->n ? p->records[p->n - 1].id : INT64_MIN;
    int64_t until = p->n ? p->until[p->n - 1] : INT64_MIN;
    arena_reset(p->arena);
    p->records = NEW_N(p->arena, Record, PAGE_RECORDS);
    p->from = NEW_N(p->arena, int64_t, PAGE_RECORDS);
    p->until = NEW_N(p->arena, int64_t, PAGE_RECORDS);
    p->odd = NEW_N(p->arena, const char *, PAGE_RECORDS);
    p->n = p->at = 0;
    Sql sql = sql_new(p->arena, w->c->db);
    page_sql(&sql, w, p, id, until);
    TRY(sql_rows(&rows, &sql, w->c->db, p->arena));
    TRY(page_read(p, w, rows));
    p->end = p->n < PAGE_RECORDS;
    if (p->is_past || !p->n || !w->sink->page) return OK;
    return w->sink->page(w->sink->arg, w->model_type, p->records, p->n);
}

static Err row_peek(const Record **out, RowPage *p, Walk *w) {
    *out = NULL;
    if (!w->model_type || (p->is_past && !w->sink->row)) return OK;
    if (p->at == p->n && !p->end) TRY(page_load(p, w));
    if (p->at < p->n) *out = &p->records[p->at];
    return OK;
}

/* Its sensitive values cannot be compared once its salt was erased. */
static Err has_salt(bool *out, Walk *w, const Record *r) {
    Str salt;
    *out = true;
    for (size_t i = 0; i < r->type->n_fields; i++)
        if ((r->type->fields[i].flags & F_SENSITIVE) && !value_is_null(r->values[i]))
            return db_get_text(&salt, out, w->c->db, w->scratch,
                               "SELECT salt FROM entry_salt WHERE type = $1 AND record = $2",
                               ARGS(db_textz(r->type->name), db_int(r->id)));
    return OK;
}

static Err row_emit(Walk *w, RowPage *p) {
    const Record *r = &p->records[p->at];
    Str canonical;
    bool salted = true;
    if (++w->emitted % 64 == 0) arena_reset(w->scratch);
    TRY(history_canonical(&canonical, w->c, w->scratch, r));
    if (p->is_past) TRY(has_salt(&salted, w, r));
    ChainRow row = {.type = r->type->name,
                    .table = p->is_past ? r->type->columns.past : r->type->name,
                    .record = r->id,
                    .version = r->version,
                    .from = p->from[p->at],
                    .until = p->until[p->at],
                    .number = record_number(w->scratch, r),
                    .hash = r->hash,
                    .canonical = salted ? canonical : (Str){0},
                    .odd = p->odd[p->at]};
    if (w->sink->row) TRY(w->sink->row(w->sink->arg, &row));
    p->at++;
    return p->is_past ? OK : w->sink->record(w->sink->arg, w->type, r->id, row.number, canonical);
}

static Err entries_emit(Walk *w, int64_t record) {
    const ChainEntry *e;
    TRY(entry_peek(&e, w));
    while (e && e->record == record) {
        TRY(w->sink->entry(w->sink->arg, e));
        w->at_entry++;
        TRY(entry_peek(&e, w));
    }
    return OK;
}

static int64_t lowest(const ChainEntry *e, const Record *r, const Record *past) {
    int64_t id = INT64_MAX;
    if (e) id = e->record;
    if (r && r->id < id) id = r->id;
    return past && past->id < id ? past->id : id;
}

static Err walk_type(Walk *w) {
    const AuditSink *sink = w->sink;
    w->n_entries = w->at_entry = 0;
    w->entries_end = false;
    w->now = (RowPage){.arena = w->now.arena};
    w->past = (RowPage){.arena = w->past.arena, .is_past = true};
    w->model_type = model_type(w->c->model, w->type);
    for (;;) {
        const ChainEntry *e;
        const Record *r, *past;
        TRY(entry_peek(&e, w));
        TRY(row_peek(&r, &w->now, w));
        TRY(row_peek(&past, &w->past, w));
        if (!e && !r && !past) return OK;
        int64_t record = lowest(e, r, past);
        TRY(entries_emit(w, record));
        for (; past && past->id == record;) {
            TRY(row_emit(w, &w->past));
            TRY(row_peek(&past, &w->past, w));
        }
        if (r && r->id == record)
            TRY(row_emit(w, &w->now));
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
    Leaves leaves = {.c = w->c, .arena = w->now.arena};
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
    arena_reset(w->now.arena);
    return walk_checkpoints(w);
}

Err audit_walk(Ctx *c, const AuditSink *sink) {
    if (!c->actor || !c->actor->is_system) return ERR_DENIED;
    Walk w = {.c = c, .sink = sink, .keep = c->arena};
    w.entry_arena = arena_new(0);
    w.now.arena = arena_new(0);
    w.past.arena = arena_new(0);
    w.scratch = arena_new(0);
    Err err = walk_all(&w);
    arena_free(w.entry_arena);
    arena_free(w.now.arena);
    arena_free(w.past.arena);
    arena_free(w.scratch);
    return err;
}
