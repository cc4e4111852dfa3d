/* measure_check.c: recomputes measures from all records and compares or rewrites what is stored.
 * Holds one sum per distinct cell in memory, never the records. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "model/measure_kit.h"

#include "model/columns.h"

/* A table of sums by key; open addressing, doubling. */
typedef struct Sums {
    Arena *arena;
    MeasureFact *slots;
    bool *used;
    size_t cap, n;
    bool overflow;
} Sums;

static uint64_t fact_hash(const MeasureFact *f) {
    const int64_t parts[] = {f->unit,    f->entity,  f->is_restricted, f->month,
                             f->dims[0], f->dims[1], f->dims[2]};
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < LENGTH(parts); i++) {
        h = (h ^ (uint64_t)parts[i]) * 1099511628211u;
        h ^= h >> 29;
    }
    return h;
}

static MeasureFact *sums_slot(Sums *s, const MeasureFact *key) {
    size_t i = fact_hash(key) & (s->cap - 1);
    while (s->used[i] && fact_cmp(&s->slots[i], key) != 0) i = (i + 1) & (s->cap - 1);
    if (!s->used[i]) {
        s->used[i] = true;
        s->n++;
        s->slots[i] = *key;
        s->slots[i].count = 0;
        memset(s->slots[i].sums, 0, sizeof s->slots[i].sums);
    }
    return &s->slots[i];
}

static void sums_add(Sums *s, const MeasureFact *f, int sign) {
    if (s->n * 2 >= s->cap) {
        Sums bigger = {
            .arena = s->arena, .cap = s->cap ? s->cap * 2 : 1024, .overflow = s->overflow};
        bigger.slots = NEW_N(s->arena, MeasureFact, bigger.cap);
        bigger.used = NEW_N(s->arena, bool, bigger.cap);
        for (size_t i = 0; i < s->cap; i++)
            if (s->used[i]) *sums_slot(&bigger, &s->slots[i]) = s->slots[i];
        *s = bigger;
    }
    if (!fact_add(sums_slot(s, f), f, sign)) s->overflow = true;
}

static Err sums_of_records(Sums *out, Ctx *c, const MeasureDef *m) {
    ListQuery query = {.type = model_need(c->model, m->type)};
    ListCursor *cursor;
    Arena *scratch = arena_new(0), *own = c->arena;
    Err err = list_open(&cursor, c, &query);
    while (err == OK) {
        Record *r = NULL;
        MeasureFacts facts = {0};
        arena_reset(scratch);
        err = list_next(&r, cursor, scratch);
        if (err != OK || !r) break;
        c->arena = scratch; /* what the facts function allocates goes with the record */
        void *cache = c->cache;
        c->cache = NULL;
        err = m->facts(c, r, &facts);
        c->cache = cache;
        c->arena = own;
        for (size_t i = 0; err == OK && i < facts.n; i++) sums_add(out, &facts.items[i], 1);
    }
    arena_free(scratch);
    if (err == OK && out->overflow) err = ERR_INTERNAL;
    return err;
}

static Err records_read(Record **records, size_t *n, Ctx *c, const Type *t, int64_t after,
                        size_t most) {
    Rows *rows;
    bool has;
    Sql s = sql_new(c->arena, c->db);
    *records = NEW_N(c->arena, Record, most);
    *n = 0;
    sql_add(&s, "SELECT ");
    sql_add(&s, t->columns.read);
    sql_add(&s, " FROM ");
    sql_name(&s, NULL, t->name);
    sql_add(&s, " WHERE id > ");
    sql_bind(&s, db_int(after));
    sql_add(&s, " ORDER BY id LIMIT ");
    sql_bind(&s, db_int((int64_t)most));
    TRY(sql_rows(&rows, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        TRY(columns_read(&(*records)[(*n)++], c, t, rows, c->arena));
    }
}

Err measure_count_some(int64_t *upto, bool *is_last, Ctx *c, const MeasureDef *m, size_t most) {
    const Type *t = model_need(c->model, m->type);
    Sums sums = {.arena = c->arena};
    Record *records;
    size_t n;
    TRY(records_read(&records, &n, c, t, *upto, most));
    for (size_t i = 0; i < n; i++) {
        MeasureFacts facts = {0};
        TRY(m->facts(c, &records[i], &facts));
        for (size_t k = 0; k < facts.n; k++) sums_add(&sums, &facts.items[k], 1);
    }
    if (sums.overflow) return ERR_INTERNAL;
    MeasureFacts all = {.items = NEW_N(c->arena, MeasureFact, sums.n + 1)};
    for (size_t i = 0; i < sums.cap; i++)
        if (sums.used[i] && !fact_is_zero(&sums.slots[i])) all.items[all.n++] = sums.slots[i];
    if (n) *upto = records[n - 1].id;
    *is_last = n < most;
    return facts_write_deltas(c, m, c->today, &all);
}

static Err sums_of_sql(Sums *out, Ctx *c, const MeasureDef *m, const char *from, int sign) {
    Arena *a = arena_new(0);
    Rows *rows;
    bool has = true;
    Str sql = str_fmt(a, "SELECT " FACT_COLUMNS " FROM %s", from);
    Err err = db_rows(&rows, c->db, a, sql.p, ARGS(db_textz(m->name)));
    while (err == OK) {
        MeasureFact f;
        err = rows_next(&has, rows);
        if (err != OK || !has) break;
        fact_read(&f, rows, 0);
        sums_add(out, &f, sign);
    }
    arena_free(a);
    return err;
}

#define ALL_DELTAS(where)                                                                          \
    "(SELECT unit, entity, restricted, month, d0, d1, d2, " FACT_TOTALS                            \
    " FROM measure_delta WHERE measure = $1" where                                                 \
    " GROUP BY unit, entity, restricted, month, d0, d1, d2) x"

static void sums_add_all(Sums *out, const Sums *from, const Grain *g, int sign) {
    for (size_t i = 0; i < from->cap; i++) {
        if (!from->used[i]) continue;
        MeasureFact f = measure_at_grain(from->slots[i], g);
        sums_add(out, &f, sign);
    }
}

static void report(MeasureCheck *out, const MeasureDef *m, const char *where,
                   const Sums *difference) {
    for (size_t i = 0; i < difference->cap; i++) {
        const MeasureFact *f = &difference->slots[i];
        if (!difference->used[i]) continue;
        out->cells++;
        if (fact_is_zero(f)) continue;
        out->ok = false;
        out->different++;
        if (out->n_shown < MEASURE_SHOWN)
            out->shown[out->n_shown++] = (MeasureDifference){m->name, where, *f};
    }
}

/* stored = cells of a grain + unfolded deltas at that grain; the difference to `expected` must be
 * zero everywhere. */
static Err check_grain(MeasureCheck *out, Ctx *c, Arena *a, const MeasureDef *m,
                       const Sums *expected, int grain) {
    Sums difference = {.arena = a}, unfolded = {.arena = a};
    const Grain *g = &measure_grains[grain];
    Str from = str_fmt(a, "measure_cell WHERE measure = $1 AND grain = %d", grain);
    TRY(sums_of_sql(&difference, c, m, from.p, 1));
    TRY(sums_of_sql(&unfolded, c, m, ALL_DELTAS(" AND folded = 0"), 1));
    sums_add_all(&difference, &unfolded, g, 1);
    sums_add_all(&difference, expected, g, -1);
    report(out, m, g->name, &difference);
    return OK;
}

static Err check_measure(MeasureCheck *out, Ctx *c, Arena *a, const MeasureDef *m) {
    Sums expected = {.arena = a}, deltas = {.arena = a};
    TRY(sums_of_records(&expected, c, m));
    for (int grain = 0; grain < GRAINS; grain++) TRY(check_grain(out, c, a, m, &expected, grain));
    TRY(sums_of_sql(&deltas, c, m, ALL_DELTAS(""), 1));
    sums_add_all(&deltas, &expected, &measure_grains[GRAIN_ALL], -1);
    int64_t cells = out->cells;
    report(out, m, "deltas", &deltas);
    out->cells = cells; /* deltas are no cells */
    return OK;
}

Err measure_check(MeasureCheck *out, Ctx *c) {
    *out = (MeasureCheck){.ok = true};
    if (!c->actor || !c->actor->is_system) return ERR_DENIED;
    Arena *a = arena_new((size_t)4 << 30);
    Err err = OK;
    for (size_t i = 0; err == OK && i < c->model->n_measures; i++) {
        int percent;
        arena_reset(a);
        err = measure_counting(&percent, c, c->model->measures[i]);
        if (err != OK) break;
        if (percent >= 0) {
            out->counting++;
            continue;
        }
        err = check_measure(out, c, a, c->model->measures[i]);
    }
    arena_free(a);
    return err;
}

static Err rebuild_measure(Ctx *c, Arena *a, const MeasureDef *m) {
    Sums missing = {.arena = a};
    TRY(sums_of_records(&missing, c, m));
    TRY(sums_of_sql(&missing, c, m, ALL_DELTAS(""), -1));
    for (size_t i = 0; i < missing.cap; i++)
        if (missing.used[i] && !fact_is_zero(&missing.slots[i]))
            TRY(fact_write_delta(c, m, &missing.slots[i], true, 0));
    return OK;
}

static Err make_cells(Db *db, Arena *a, int grain, const char *from) {
    const Grain *g = &measure_grains[grain];
    Str sql = str_fmt(a,
                      "INSERT INTO measure_cell (measure, grain, " FACT_COLUMNS
                      ") SELECT measure, %d, %s, " FACT_TOTALS " FROM %s GROUP BY measure, %s",
                      grain, g->key, from, g->group);
    return db_run(db, NULL, sql.p, NO_ARGS);
}

static Err rebuild_cells(Ctx *c) {
    TRY(db_run(c->db, NULL, "DELETE FROM measure_cell", NO_ARGS));
    for (int grain = 0; grain < GRAINS; grain++)
        TRY(make_cells(c->db, c->arena, grain, "measure_delta WHERE folded = 1"));
    return OK;
}

Err measure_add_grains(Db *db) {
    Arena *a = arena_new(0);
    Err err = OK;
    for (int grain = GRAIN_YEAR_TOTAL; err == OK && grain < GRAINS; grain++) {
        Str from = str_fmt(a, "measure_cell WHERE grain = %d", GRAIN_ALL);
        err = db_run(db, NULL, "DELETE FROM measure_cell WHERE grain = $1", ARGS(db_int(grain)));
        if (err == OK) err = make_cells(db, a, grain, from.p);
    }
    arena_free(a);
    return err;
}

/* Only the holder of the lock marks deltas as folded, so the cells made from folded ones and the
 * unfolded rest always add up, also while others append. */
Err measure_rebuild(Ctx *c) {
    if (!c->actor || !c->actor->is_system) return ERR_DENIED;
    TRY(measure_lock(c));
    Arena *a = arena_new((size_t)4 << 30);
    Err err = OK;
    for (size_t i = 0; err == OK && i < c->model->n_measures; i++) {
        arena_reset(a);
        err = rebuild_measure(c, a, c->model->measures[i]);
    }
    arena_free(a);
    if (err == OK) err = rebuild_cells(c);
    if (err == OK) err = db_run(c->db, NULL, "UPDATE measure_kept SET pending = 0", NO_ARGS);
    return err;
}
