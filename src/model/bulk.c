/* bulk.c: records held back and written together; see bulk.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/bulk.h"

#include "model/chain.h"
#include "model/columns.h"
#include "model/measure_kit.h"
#include "model/record_write.h"

enum { ID_POOL = 4096, ID_POOL_FIRST = 256, YEAR_POOLS = 16, OUTER_BITS = 8192 };

/* Who saved it, when and why: as the context was. */
typedef struct Held {
    Record *record;
    const char *action;
    Actor actor;
    int64_t now_us;
    Str today, reason, source;
} Held;

/* Taken ahead; `n` of `size` are left, each time more are taken than the last time. */
typedef struct Pool {
    int64_t *ids;
    size_t n, size;
    int64_t year; /* of numbers */
} Pool;

/* What is held of one type. */
typedef struct Shelf {
    const Type *type;
    Held *items;
    size_t n, cap;
    Pool ids, numbers[YEAR_POOLS]; /* numbers by year: take-overs go back and forth */
    size_t expected;               /* how many come, as far as it was said */
    int64_t search_place;          /* db_search_place, 0: not asked yet */
} Shelf;

/* Facts that are recorded on one day, one list a measure. */
typedef struct DayFacts {
    Str day;
    MeasureFacts *facts;
} DayFacts;

/* By day; n grows. */
typedef struct FactBook {
    DayFacts *days;
    size_t n, cap;
} FactBook;

/* What stood at a place before it was changed; base: the place is in an array that may move. */
typedef struct Before {
    char **base, *where, *copy;
    size_t offset, size;
} Before;

/* What others gather until the end. */
typedef struct Gathered {
    Err (*then)(Ctx *c, void *gathered);
    void *memory;
} Gathered;

typedef struct Bulk {
    Shelf *shelves;     /* one a type of the model */
    const Type **order; /* types as they first came: what is named comes before what names it */
    size_t n_order, n;
    /* A bit for the hash of each outer key that is held, perhaps for more: most keys are new. */
    uint64_t outer[OUTER_BITS / 64];
    Pool entries, docs; /* ids of history entries and of search texts */
    int64_t *counted;   /* SQLite: measure_counted, which nobody else changes meanwhile */
    bool gathers_facts; /* see bulk_gather_facts */
    FactBook book;
    Gathered *gathered;
    size_t n_gathered, cap_gathered;
    bool is_marked;
    Arena *undo; /* what is remembered since bulk_mark */
    Before *before;
    size_t n_before, cap_before;
} Bulk;

/* ---- what is held ---- */

void bulk_begin(Ctx *c) {
    CHECK(!c->bulk, "a bulk within a bulk");
    Arena *a = c->keep ? c->keep : c->arena;
    c->bulk = NEW(a, Bulk);
    c->bulk->shelves = NEW_N(a, Shelf, c->model->n_types);
    c->bulk->order = NEW_N(a, const Type *, c->model->n_types);
    for (size_t i = 0; i < c->model->n_types; i++) c->bulk->shelves[i].type = &c->model->types[i];
}

void bulk_gather_facts(Ctx *c) {
    c->bulk->gathers_facts = true;
}

/* ---- back to a mark ---- */

static void free_undo(void *arena) {
    arena_free(arena);
}

void bulk_mark(Ctx *c) {
    Bulk *b = c->bulk;
    if (!b->undo) {
        b->undo = arena_new(0);
        arena_defer(c->keep ? c->keep : c->arena, free_undo, b->undo);
    } else {
        arena_reset(b->undo);
    }
    b->before = NULL;
    b->n_before = b->cap_before = 0;
    b->is_marked = true;
}

void bulk_keep(Ctx *c) {
    c->bulk->is_marked = false;
}

static void remember_in(Bulk *b, void *base, size_t offset, size_t size) {
    if (!b->is_marked) return;
    char **array = base;
    char *copy = arena_alloc(b->undo, size);
    memcpy(copy, *array + offset, size);
    GROW(b->undo, b->before, b->n_before, b->cap_before);
    b->before[b->n_before++] = (Before){array, NULL, copy, offset, size};
}

static void remember(Bulk *b, void *where, size_t size) {
    if (!b->is_marked) return;
    char *copy = arena_alloc(b->undo, size);
    memcpy(copy, where, size);
    GROW(b->undo, b->before, b->n_before, b->cap_before);
    b->before[b->n_before++] = (Before){NULL, where, copy, 0, size};
}

void bulk_undo(Ctx *c) {
    Bulk *b = c->bulk;
    b->is_marked = false;
    while (b->n_before) {
        const Before *x = &b->before[--b->n_before];
        memcpy(x->base ? *x->base + x->offset : x->where, x->copy, x->size);
    }
}

/* ---- reading what is held ---- */

size_t bulk_held(const Ctx *c) {
    return c->bulk ? c->bulk->n : 0;
}

static Held *held_of(const Ctx *c, const Type *t, int64_t id) {
    if (!c->bulk || !id) return NULL;
    const Shelf *s = &c->bulk->shelves[t->index];
    size_t from = 0, until = s->n; /* ids of a type only grow */
    while (from < until) {
        size_t at = from + (until - from) / 2;
        int64_t found = s->items[at].record->id;
        if (found == id) return &s->items[at];
        if (found < id)
            from = at + 1;
        else
            until = at;
    }
    return NULL;
}

static size_t outer_bit(const Type *t, Str key) {
    uint64_t h = 1469598103934665603u + (uint64_t)t->index;
    for (size_t i = 0; i < key.n; i++) h = (h ^ (unsigned char)key.p[i]) * 1099511628211u;
    return (size_t)((h ^ h >> 32) % OUTER_BITS);
}

static void note_outer(Bulk *b, const Record *r) {
    const Field *f = type_field(r->type, S("external_key"));
    if (!f || value_is_null(r->values[f->index])) return;
    size_t bit = outer_bit(r->type, r->values[f->index].s);
    b->outer[bit / 64] |= UINT64_C(1) << (bit % 64);
}

Record *bulk_outer(const Ctx *c, const Type *t, Str key) {
    if (!c->bulk) return NULL;
    const Shelf *s = &c->bulk->shelves[t->index];
    const Field *f = type_field(t, S("external_key"));
    size_t bit = outer_bit(t, key);
    if (!f || !((c->bulk->outer[bit / 64] >> (bit % 64)) & 1u)) return NULL;
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(s->items[i].record->values[f->index].s, key)) return s->items[i].record;
    return NULL;
}

bool bulk_concerns(const Ctx *c, const Type *t) {
    const Bulk *b = c->bulk;
    if (!b) return false;
    if (b->shelves[t->index].n) return true;
    for (size_t i = 0; i < t->n_fields; i++) {
        const Type *target = t->fields[i].target;
        if (target && b->shelves[target->index].n) return true;
    }
    return false;
}

bool bulk_is_new(const Ctx *c, const Type *t, int64_t id) {
    return held_of(c, t, id) != NULL;
}

Record *bulk_find(const Ctx *c, const Type *t, int64_t id) {
    Held *h = held_of(c, t, id);
    return h ? h->record : NULL;
}

Record *bulk_at(const Ctx *c, const Type *t, size_t n) {
    if (!c->bulk) return NULL;
    const Shelf *s = &c->bulk->shelves[t->index];
    return n < s->n ? s->items[n].record : NULL;
}

void bulk_replace(Ctx *c, Record *r) {
    Held *h = held_of(c, r->type, r->id);
    CHECK(h, "bulk_replace: the record is not held");
    Shelf *s = &c->bulk->shelves[r->type->index];
    remember_in(c->bulk, &s->items, (size_t)(h - s->items) * sizeof *h, sizeof *h);
    h->record = r;
    h->now_us = c->now_us;
    h->today = c->today;
    note_outer(c->bulk, r);
}

/* Room for so many, which the caller fills. */
static void pool_room(Ctx *c, Pool *p, size_t more) {
    remember(c->bulk, p, sizeof *p);
    if (more == p->size)
        remember(c->bulk, p->ids, p->size * sizeof *p->ids);
    else
        p->ids = NEW_N(c->keep ? c->keep : c->arena, int64_t, more);
    p->n = p->size = more;
}

/* Few are lost when little is saved, and much is seldom interrupted by taking them. */
static void pool_more(Ctx *c, const Shelf *s, Pool *p) {
    size_t more = p->size ? p->size * 2 : s->expected ? s->expected : ID_POOL_FIRST;
    pool_room(c, p, more > ID_POOL ? ID_POOL : more);
}

void bulk_expect(Ctx *c, const Type *t, size_t n) {
    c->bulk->shelves[t->index].expected = n;
}

Err bulk_stock(Ctx *c, const Type *t, size_t n) {
    Pool *p = &c->bulk->shelves[t->index].ids;
    size_t expected = c->bulk->shelves[t->index].expected;
    if (p->n >= n) return OK;
    pool_room(c, p, expected < n ? n : expected > ID_POOL ? ID_POOL : expected);
    return db_new_ids(p->ids, p->n, c->db, t->name);
}

/* Ids for n rows of the flush; long runs take them ahead, for each taking interrupts. */
static Err pool_need(Ctx *c, Pool *p, const char *table, size_t n) {
    if (p->n >= n) return OK;
    pool_room(c, p, c->bulk->gathers_facts && n < ID_POOL ? ID_POOL : n);
    return db_new_ids(p->ids, p->n, c->db, table);
}

static int64_t pool_next(Bulk *b, Pool *p) {
    remember(b, &p->n, sizeof p->n);
    return p->ids[p->size - p->n--];
}

static Err take_id(Ctx *c, Shelf *s, int64_t *out) {
    Pool *p = &s->ids;
    if (!p->n) {
        pool_more(c, s, p);
        TRY(db_new_ids(p->ids, p->n, c->db, s->type->name));
    }
    *out = pool_next(c->bulk, p);
    return OK;
}

static Err take_number(Ctx *c, Shelf *s, int64_t year, int64_t *out) {
    Pool *p = &s->numbers[year % YEAR_POOLS];
    if (!p->n || p->year != year) {
        TRY(db_return_numbers(c->db, s->type->name, (int)p->year, p->n));
        pool_more(c, s, p);
        p->year = year;
        TRY(db_next_numbers(p->ids, p->n, c->db, s->type->name, (int)year));
    }
    *out = pool_next(c->bulk, p);
    return OK;
}

Err bulk_hold(Ctx *c, Record *r, const char *action) {
    Bulk *b = c->bulk;
    Shelf *s = &b->shelves[r->type->index];
    TRY(take_id(c, s, &r->id));
    if (!r->type->key) TRY(take_number(c, s, r->year, &r->seq));
    remember(b, &s->n, sizeof s->n);
    remember(b, &b->n, sizeof b->n);
    remember(b, &b->n_order, sizeof b->n_order);
    if (!s->n) b->order[b->n_order++] = r->type;
    Arena *a = c->keep ? c->keep : c->arena;
    GROW(a, s->items, s->n, s->cap);
    s->items[s->n++] = (Held){.record = r,
                              .action = action,
                              .actor = *c->actor,
                              .now_us = c->now_us,
                              .today = c->today,
                              .reason = c->reason,
                              .source = c->source};
    b->n++;
    note_outer(b, r);
    return OK;
}

/* ---- writing ---- */

/* Rows for one table, gathered. */
typedef struct Rowset {
    const char *table;
    const char *const *columns;
    size_t n_columns;
    DbValue *values;
    size_t n, cap, expected;
} Rowset;

typedef struct Flush {
    Ctx *c;
    Bulk *bulk;
    Rowset entries, unsealed;
    Rowset *rows;  /* one a type in bulk->order */
    Rowset *sides; /* side tables */
    size_t n_sides, cap_sides;
    DbSearchDoc *docs;
    size_t n_docs;
    FactBook book;
    int64_t *counted; /* up to which record, a measure each */
} Flush;

static DbValue *row_add(Flush *f, Rowset *set) {
    size_t n = set->n_columns;
    if (set->n == set->cap) {
        size_t cap = set->cap ? set->cap * 2 : set->expected ? set->expected : 64;
        DbValue *moved = NEW_N(f->c->arena, DbValue, cap * n);
        if (set->n) memcpy(moved, set->values, set->n * n * sizeof *moved);
        set->values = moved;
        set->cap = cap;
    }
    return set->values + set->n++ * n;
}

/* Of a type's fields many are empty in all of its rows: those columns, which have no default, are
 * not written. */
static void leave_empty_columns(Ctx *c, Rowset *s) {
    const char **names = NEW_N(c->arena, const char *, s->n_columns);
    size_t *from = NEW_N(c->arena, size_t, s->n_columns), n = 0;
    for (size_t k = 0; k < s->n_columns; k++) {
        size_t i = 0;
        while (i < s->n && s->values[i * s->n_columns + k].type == DB_NULL) i++;
        if (i == s->n) continue;
        names[n] = s->columns[k];
        from[n++] = k;
    }
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < n; k++) s->values[i * n + k] = s->values[i * s->n_columns + from[k]];
    s->columns = names;
    s->n_columns = n;
}

static Err facts_join(Ctx *c, MeasureFacts *facts) {
    return facts_merge(facts)
               ? OK
               : issue(c, "", "too_large", N_("An amount is too large to be added up."));
}

static MeasureFacts *facts_of_day(Ctx *c, Arena *a, FactBook *book, Str day) {
    for (size_t i = book->n; i-- > 0;)
        if (str_eq(book->days[i].day, day)) return book->days[i].facts;
    GROW(a, book->days, book->n, book->cap);
    DayFacts *new = &book->days[book->n++];
    *new = (DayFacts){str_copy(a, day), NEW_N(a, MeasureFacts, c->model->n_measures + 1)};
    return new->facts;
}

static Err facts_write(Ctx *c, FactBook *book) {
    for (size_t k = 0; k < book->n; k++)
        for (size_t i = 0; i < c->model->n_measures; i++) {
            MeasureFacts *facts = &book->days[k].facts[i];
            TRY(facts_join(c, facts));
            TRY(facts_write_deltas(c, c->model->measures[i], book->days[k].day, facts));
        }
    return OK;
}

/* Joined only where the list would have to grow. */
static Err facts_append(Ctx *c, Arena *a, MeasureFacts *to, const MeasureFacts *from) {
    if (to->n + from->n > to->cap) TRY(facts_join(c, to));
    for (size_t i = 0; i < from->n; i++) {
        GROW(a, to->items, to->n, to->cap);
        to->items[to->n++] = from->items[i];
    }
    return OK;
}

static Err facts_gather(Flush *f) {
    Ctx *c = f->c;
    Arena *a = c->keep ? c->keep : c->arena;
    for (size_t k = 0; k < f->book.n; k++) {
        const DayFacts *day = &f->book.days[k];
        MeasureFacts *to = facts_of_day(c, a, &f->bulk->book, day->day);
        for (size_t i = 0; i < c->model->n_measures; i++)
            TRY(facts_append(c, a, &to[i], &day->facts[i]));
    }
    return OK;
}

static Err facts_add(Flush *f, const Record *r) {
    Ctx *c = f->c;
    MeasureFacts *facts = facts_of_day(c, c->arena, &f->book, c->today);
    const Model *m = c->model;
    for (size_t i = 0; i < m->n_measures; i++)
        if (strcmp(m->measures[i]->type, r->type->name) == 0 && r->id <= f->counted[i])
            TRY(facts_of(&facts[i], c, m->measures[i], r));
    return OK;
}

static Err entry_add(Flush *f, Record *r, const char *action) {
    ChainEntry e;
    TRY(history_entry_new(&e, f->c, r, action, pool_next(f->bulk, &f->bulk->entries)));
    r->hash = e.hash;
    history_entry_values(row_add(f, &f->entries), &e);
    *row_add(f, &f->unsealed) = db_int(e.id);
    return OK;
}

static Rowset *side_of(Flush *f, const Field *field) {
    for (size_t i = 0; i < f->n_sides; i++)
        if (f->sides[i].table == field->table) return &f->sides[i];
    GROW(f->c->arena, f->sides, f->n_sides, f->cap_sides);
    Rowset *s = &f->sides[f->n_sides++];
    *s = (Rowset){.table = field->table};
    s->columns = record_side_columns(&s->n_columns, f->c->arena, field);
    return s;
}

static void sides_add(Flush *f, const Record *r) {
    for (size_t i = 0; i < r->type->n_fields; i++) {
        const Field *field = &r->type->fields[i];
        Value v = r->values[i];
        if (!field->table || value_is_null(v)) continue;
        Rowset *s = side_of(f, field);
        for (size_t k = 0; k < v.n; k++)
            record_side_row(row_add(f, s), f->c->arena, field, r->id, k, v.list[k]);
    }
}

static Err doc_add(Flush *f, const Record *r) {
    Ctx *c = f->c;
    Shelf *s = &f->bulk->shelves[r->type->index];
    if (!s->search_place) {
        remember(f->bulk, &s->search_place, sizeof s->search_place);
        TRY(db_search_place(&s->search_place, c->db, r->type->name));
    }
    f->docs[f->n_docs++] = (DbSearchDoc){.id = pool_next(f->bulk, &f->bulk->docs),
                                         .place = s->search_place,
                                         .type = r->type->name,
                                         .record = r->id,
                                         .unit = r->unit,
                                         .is_restricted = r->is_restricted,
                                         .body = record_search_text(c, r)};
    return OK;
}

static Err record_add(Flush *f, Rowset *rows, const Held *h) {
    Ctx *c = f->c;
    Record *r = h->record;
    *c->actor = h->actor;
    c->now_us = h->now_us;
    c->today = h->today;
    c->reason = h->reason;
    c->source = h->source;
    TRY(entry_add(f, r, h->action));
    columns_row(row_add(f, rows), c->arena, r, c->now_us);
    sides_add(f, r);
    TRY(facts_add(f, r));
    return r->type->flags & TYPE_NO_PAGES ? OK : doc_add(f, r);
}

/* While a measure is being counted, the counting must not end between this and our rows: on SQLite
 * it cannot, for it writes. */
static Err counted_read(Flush *f) {
    Ctx *c = f->c;
    bool pending;
    f->counted = f->bulk->counted;
    if (f->counted) return OK;
    TRY(measure_counted(&f->counted, &pending, c));
    if (db_kind(c->db) == DB_SQLITE) {
        size_t n = c->model->n_measures + 1;
        f->bulk->counted = NEW_N(c->keep ? c->keep : c->arena, int64_t, n);
        memcpy(f->bulk->counted, f->counted, n * sizeof *f->counted);
        return OK;
    }
    if (!pending) return OK;
    for (size_t i = 0; i < f->bulk->n_order; i++)
        TRY(db_lock_table(c->db, f->bulk->order[i]->name, false));
    return measure_counted(&f->counted, &pending, c);
}

static Err gather(Flush *f) {
    for (size_t i = 0; i < f->bulk->n_order; i++) {
        const Type *t = f->bulk->order[i];
        const Shelf *s = &f->bulk->shelves[t->index];
        f->rows[i] = (Rowset){.table = t->name,
                              .columns = t->columns.names,
                              .n_columns = t->columns.n,
                              .expected = s->n};
        for (size_t k = 0; k < s->n; k++) TRY(record_add(f, &f->rows[i], &s->items[k]));
    }
    return OK;
}

static void set_add(DbRowset *sets, size_t *n, const Rowset *s) {
    sets[(*n)++] = (DbRowset){s->table, s->columns, s->n_columns, s->values, s->n};
}

static Err write_all(Flush *f) {
    Ctx *c = f->c;
    size_t n = 0, n_search;
    DbRowset *sets =
        NEW_N(c->arena, DbRowset, f->bulk->n_order + f->n_sides + 2 + DB_SEARCH_ROWSETS);
    for (size_t i = 0; i < f->bulk->n_order; i++) {
        leave_empty_columns(c, &f->rows[i]);
        set_add(sets, &n, &f->rows[i]);
    }
    for (size_t i = 0; i < f->n_sides; i++) set_add(sets, &n, &f->sides[i]);
    set_add(sets, &n, &f->entries);
    set_add(sets, &n, &f->unsealed);
    db_search_rows(sets + n, &n_search, c->db, c->arena, f->docs, f->n_docs);
    if (!f->bulk->gathers_facts || f->bulk->is_marked) TRY(facts_write(c, &f->book));
    TRY(db_insert_behind(c->db, sets, n + n_search));
    return f->bulk->gathers_facts && !f->bulk->is_marked ? facts_gather(f) : OK;
}

/* Behind a mark the arrays stay as they are: an undo needs what they hold. */
static void shelves_clear(Bulk *b) {
    remember(b, b->order, b->n_order * sizeof *b->order);
    for (size_t i = 0; i < b->n_order; i++) {
        Shelf *s = &b->shelves[b->order[i]->index];
        remember(b, &s->items, sizeof s->items);
        remember(b, &s->n, sizeof s->n);
        remember(b, &s->cap, sizeof s->cap);
        s->n = 0;
        if (!b->is_marked) continue;
        s->items = NULL;
        s->cap = 0;
    }
    remember(b, &b->n, sizeof b->n);
    remember(b, &b->n_order, sizeof b->n_order);
    b->n = b->n_order = 0;
    if (!b->is_marked) memset(b->outer, 0, sizeof b->outer);
}

Err bulk_flush(Ctx *c) {
    static const char *const unsealed[] = {"entry"};
    Bulk *b = c->bulk;
    if (!b) return OK;
    if (!b->n) return db_behind_wait(c->db);
    Actor actor = *c->actor;
    Ctx kept = *c;
    Flush f = {.c = c, .bulk = b};
    f.unsealed =
        (Rowset){.table = "unsealed", .columns = unsealed, .n_columns = 1, .expected = b->n};
    f.entries = (Rowset){.table = "entry",
                         .columns = history_entry_columns,
                         .n_columns = HISTORY_ENTRY_COLUMNS,
                         .expected = b->n};
    f.rows = NEW_N(c->arena, Rowset, b->n_order);
    f.docs = NEW_N(c->arena, DbSearchDoc, b->n);
    TRY(pool_need(c, &b->entries, "entry", b->n));
    TRY(pool_need(c, &b->docs, "search_doc", b->n));
    TRY(counted_read(&f));
    Err e = gather(&f);
    if (!e) e = write_all(&f);
    *c->actor = actor;
    c->now_us = kept.now_us;
    c->today = kept.today;
    c->reason = kept.reason;
    c->source = kept.source;
    shelves_clear(b);
    return e;
}

void *bulk_gather(Ctx *c, size_t size, Err (*then)(Ctx *c, void *gathered)) {
    Bulk *b = c->bulk;
    if (!b || b->is_marked) return NULL;
    for (size_t i = 0; i < b->n_gathered; i++)
        if (b->gathered[i].then == then) return b->gathered[i].memory;
    Arena *a = c->keep ? c->keep : c->arena;
    GROW(a, b->gathered, b->n_gathered, b->cap_gathered);
    b->gathered[b->n_gathered++] = (Gathered){then, arena_alloc(a, size)};
    return b->gathered[b->n_gathered - 1].memory;
}

void bulk_drop(Ctx *c) {
    c->bulk = NULL;
}

Err bulk_end(Ctx *c) {
    Bulk *b = c->bulk;
    TRY(bulk_flush(c));
    TRY(facts_write(c, &b->book));
    b->book = (FactBook){0};
    for (size_t i = 0; i < b->n_gathered; i++) TRY(b->gathered[i].then(c, b->gathered[i].memory));
    for (size_t i = 0; i < c->model->n_types * YEAR_POOLS; i++) {
        const Pool *p = &b->shelves[i / YEAR_POOLS].numbers[i % YEAR_POOLS];
        const char *type = c->model->types[i / YEAR_POOLS].name;
        TRY(db_return_numbers(c->db, type, (int)p->year, p->n));
    }
    c->bulk = NULL;
    return db_behind_wait(c->db);
}
