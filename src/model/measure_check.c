/* measure_check.c: recomputes measures from all records and compares or rewrites what is stored.
 * Holds one sum per distinct cell in memory, never the records. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "model/measure_kit.h"

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

static MeasureFact to_year(MeasureFact f) {
    f.unit = 0;
    f.month = f.month / 12 * 12;
    return f;
}

static void sums_years(Sums *out, const Sums *months) {
    for (size_t i = 0; i < months->cap; i++) {
        if (!months->used[i]) continue;
        MeasureFact f = to_year(months->slots[i]);
        sums_add(out, &f, 1);
    }
}

static void sums_add_all(Sums *out, const Sums *from, int sign) {
    for (size_t i = 0; i < from->cap; i++)
        if (from->used[i]) sums_add(out, &from->slots[i], sign);
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
    TRY(sums_of_sql(&difference, c, m,
                    grain == 0 ? "measure_cell WHERE measure = $1 AND grain = 0"
                               : "measure_cell WHERE measure = $1 AND grain = 1",
                    1));
    TRY(sums_of_sql(&unfolded, c, m, ALL_DELTAS(" AND folded = 0"), 1));
    if (grain == 0)
        sums_years(&difference, &unfolded);
    else
        sums_add_all(&difference, &unfolded, 1);
    sums_add_all(&difference, expected, -1);
    report(out, m, grain == 0 ? "year" : "month", &difference);
    return OK;
}

static Err check_measure(MeasureCheck *out, Ctx *c, Arena *a, const MeasureDef *m) {
    Sums expected = {.arena = a}, years = {.arena = a}, deltas = {.arena = a};
    TRY(sums_of_records(&expected, c, m));
    sums_years(&years, &expected);
    TRY(check_grain(out, c, a, m, &years, 0));
    TRY(check_grain(out, c, a, m, &expected, 1));
    TRY(sums_of_sql(&deltas, c, m, ALL_DELTAS(""), 1));
    sums_add_all(&deltas, &expected, -1);
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
        arena_reset(a);
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
            TRY(fact_write_delta(c, m, &missing.slots[i], true));
    return OK;
}

static Err rebuild_cells(Ctx *c) {
    TRY(db_run(c->db, NULL, "DELETE FROM measure_cell", NO_ARGS));
    TRY(db_run(c->db, NULL,
               "INSERT INTO measure_cell (measure, grain, " FACT_COLUMNS
               ") SELECT measure, 1, unit, entity,"
               " restricted, month, d0, d1, d2, " FACT_TOTALS " FROM measure_delta WHERE folded = 1"
               " GROUP BY measure, unit, entity, restricted, month, d0, d1, d2",
               NO_ARGS));
    return db_run(c->db, NULL,
                  "INSERT INTO measure_cell (measure, grain, " FACT_COLUMNS
                  ") SELECT measure, 0, 0, entity,"
                  " restricted, month / 12 * 12, d0, d1, d2, " FACT_TOTALS
                  " FROM measure_delta WHERE folded = 1"
                  " GROUP BY measure, entity, restricted, month / 12 * 12, d0, d1, d2",
                  NO_ARGS);
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
    return err;
}
