/* measure.c: the writing side of measures: facts before and after a save become deltas, deltas
 * become cells. Appending never waits for another save; only the folder touches shared cells.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/measure_kit.h"

#include <stdlib.h>

/* clang-format off */
#define NUMBER(name) {name, DB_INT, true, "0", NULL}
#define AMOUNTS NUMBER("count"), NUMBER("s0"), NUMBER("s1"), NUMBER("s2"), NUMBER("s3"), NUMBER("s4"), NUMBER("s5")
#define WHERE_AND_WHAT NUMBER("unit"), NUMBER("entity"), NUMBER("restricted"), NUMBER("month"), NUMBER("d0"), NUMBER("d1"), NUMBER("d2")
static const DbColumn delta_columns[] = {
    {"id", DB_INT, true, NULL, NULL}, {"measure", DB_TEXT, true, "''", NULL}, {"day", DB_TEXT, true, "''", NULL},
    WHERE_AND_WHAT, AMOUNTS, NUMBER("folded")};
static const DbIndex delta_indexes[] = {
    {"measure_delta_unfolded", "id", false, "folded = 0"}, {"measure_delta_day", "measure, day", false, NULL}};
static const DbColumn cell_columns[] = {
    {"measure", DB_TEXT, true, "''", NULL}, NUMBER("grain"), WHERE_AND_WHAT, AMOUNTS};
static const DbIndex cell_indexes[] = {{"measure_cell_month", "measure, grain, month", false, NULL}};
static const DbColumn lock_columns[] = {NUMBER("id")};
static const DbColumn kept_columns[] = {
    {"name", DB_TEXT, true, NULL, NULL}, {"hash", DB_TEXT, false, NULL, NULL}, NUMBER("pending"), NUMBER("upto")};
const DbTable measure_tables[] = {
    {"measure_delta", delta_columns, LENGTH(delta_columns), NULL, delta_indexes, LENGTH(delta_indexes)},
    {"measure_cell", cell_columns, LENGTH(cell_columns), "measure, grain, unit, entity, restricted, month, d0, d1, d2",
     cell_indexes, LENGTH(cell_indexes)},
    {"measure_lock", lock_columns, LENGTH(lock_columns), "id", NULL, 0},
    {"measure_kept", kept_columns, LENGTH(kept_columns), "name", NULL, 0}, /* what the base holds, see measure_keep.c */
};
const size_t measure_n_tables = LENGTH(measure_tables);
/* clang-format on */

/* ---- grains ---- */

/* clang-format off */
const Grain measure_grains[GRAINS] = {
    [GRAIN_YEAR] = {"year", false, false, true,
        "0, entity, restricted, month / 12 * 12, d0, d1, d2", "entity, restricted, month / 12 * 12, d0, d1, d2"},
    [GRAIN_ALL] = {"month", true, true, true,
        "unit, entity, restricted, month, d0, d1, d2", "unit, entity, restricted, month, d0, d1, d2"},
    [GRAIN_YEAR_TOTAL] = {"year_total", false, false, false,
        "0, 0, restricted, month / 12 * 12, d0, d1, 0", "restricted, month / 12 * 12, d0, d1"},
    [GRAIN_MONTH_TOTAL] = {"month_total", false, true, false,
        "0, 0, restricted, month, d0, d1, 0", "restricted, month, d0, d1"},
    [GRAIN_YEAR_UNIT] = {"year_unit", true, false, false,
        "unit, 0, restricted, month / 12 * 12, d0, d1, 0", "unit, restricted, month / 12 * 12, d0, d1"},
};
/* clang-format on */

MeasureFact measure_at_grain(MeasureFact f, const Grain *g) {
    if (!g->has_unit) f.unit = 0;
    if (!g->has_month) f.month = f.month / 12 * 12;
    if (!g->has_rest) f.entity = f.dims[2] = 0;
    return f;
}

/* ---- facts ---- */

#define COMPARE(x, y)                                                                              \
    if ((x) != (y)) return (x) < (y) ? -1 : 1

int fact_cmp(const MeasureFact *x, const MeasureFact *y) {
    COMPARE(x->unit, y->unit);
    COMPARE(x->entity, y->entity);
    COMPARE(x->is_restricted, y->is_restricted);
    COMPARE(x->month, y->month);
    for (size_t i = 0; i < FACT_DIMS; i++) COMPARE(x->dims[i], y->dims[i]);
    return 0;
}

static int fact_order(const void *x, const void *y) {
    return fact_cmp(x, y);
}

bool fact_is_zero(const MeasureFact *f) {
    if (f->count) return false;
    for (size_t i = 0; i < FACT_SUMS; i++)
        if (f->sums[i]) return false;
    return true;
}

static bool add_signed(int64_t *into, int64_t x, int sign) {
    return sign < 0 ? !sub_overflows(*into, x, into) : !add_overflows(*into, x, into);
}

bool fact_add(MeasureFact *into, const MeasureFact *f, int sign) {
    bool ok = add_signed(&into->count, f->count, sign);
    for (size_t i = 0; i < FACT_SUMS; i++) ok = add_signed(&into->sums[i], f->sums[i], sign) && ok;
    return ok;
}

bool facts_merge(MeasureFacts *facts) {
    bool ok = true;
    size_t n = 0;
    if (facts->n) qsort(facts->items, facts->n, sizeof *facts->items, fact_order);
    for (size_t i = 0; i < facts->n;) {
        MeasureFact sum = facts->items[i++];
        for (; i < facts->n && fact_cmp(&sum, &facts->items[i]) == 0; i++)
            ok = fact_add(&sum, &facts->items[i], 1) && ok;
        if (!fact_is_zero(&sum)) facts->items[n++] = sum;
    }
    facts->n = n;
    return ok;
}

void fact_read(MeasureFact *out, const Rows *rows, size_t at) {
    *out = (MeasureFact){.unit = rows_int(rows, at),
                         .entity = rows_int(rows, at + 1),
                         .is_restricted = rows_int(rows, at + 2) != 0,
                         .month = (int32_t)rows_int(rows, at + 3)};
    for (size_t i = 0; i < FACT_DIMS; i++) out->dims[i] = rows_int(rows, at + 4 + i);
    out->count = rows_int(rows, at + 4 + FACT_DIMS);
    for (size_t i = 0; i < FACT_SUMS; i++) out->sums[i] = rows_int(rows, at + 5 + FACT_DIMS + i);
}

enum { DELTA_COLUMNS = 17 };
static const char *const delta_names[DELTA_COLUMNS] = {
    "measure", "day", "unit", "entity", "restricted", "month", "d0", "d1",    "d2",
    "count",   "s0",  "s1",   "s2",     "s3",         "s4",    "s5", "folded"};

static void delta_values(DbValue *out, const MeasureDef *m, Str day, const MeasureFact *f,
                         bool is_folded) {
    const DbValue values[DELTA_COLUMNS] = {
        db_textz(m->name),        db_text(day),       db_int(f->unit),    db_int(f->entity),
        db_int(f->is_restricted), db_int(f->month),   db_int(f->dims[0]), db_int(f->dims[1]),
        db_int(f->dims[2]),       db_int(f->count),   db_int(f->sums[0]), db_int(f->sums[1]),
        db_int(f->sums[2]),       db_int(f->sums[3]), db_int(f->sums[4]), db_int(f->sums[5]),
        db_int(is_folded)};
    memcpy(out, values, sizeof values);
}

/* Of a record whose turn to be counted comes later nothing is written: see measure_keep.c. */
Err fact_write_delta(Ctx *c, const MeasureDef *m, const MeasureFact *f, bool is_folded,
                     int64_t record) {
    DbValue values[DELTA_COLUMNS + 1];
    delta_values(values, m, c->today, f, is_folded);
    values[DELTA_COLUMNS] = db_int(record);
    return db_post(c->db,
                   "INSERT INTO measure_delta (measure, day, " FACT_COLUMNS
                   ", folded) SELECT $1, $2, $3, $4, $5, $6,"
                   " $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17 WHERE NOT EXISTS (SELECT 1 "
                   "FROM measure_kept k WHERE k.name = $1 AND k.pending = 1 AND k.upto < $18)",
                   values, DELTA_COLUMNS + 1);
}

Err facts_write_deltas(Ctx *c, const MeasureDef *m, Str day, const MeasureFacts *facts) {
    DbValue *values = NEW_N(c->arena, DbValue, facts->n * DELTA_COLUMNS + 1);
    for (size_t i = 0; i < facts->n; i++)
        delta_values(values + i * DELTA_COLUMNS, m, day, &facts->items[i], false);
    return db_insert_many(c->db, "measure_delta", delta_names, DELTA_COLUMNS, values, facts->n);
}

/* ---- appending ---- */

struct MeasureSnapshot {
    MeasureFacts *facts; /* one a measure of the model */
    int64_t record;
};

Err facts_of(MeasureFacts *out, Ctx *c, const MeasureDef *m, const Record *r) {
    TRY(m->facts(c, r, out));
    for (size_t i = 0; i < out->n; i++) {
        int32_t month = out->items[i].month;
        if (month < MEASURE_FIRST_MONTH || month > MEASURE_LAST_MONTH)
            return issue(c, m->date_field ? m->date_field : "", "out_of_range",
                         N_("This date is out of range."));
    }
    return OK;
}

static bool is_fed_by(const MeasureDef *m, const Record *r) {
    return r && strcmp(m->type, r->type->name) == 0;
}

Err measure_before(MeasureSnapshot **out, Ctx *c, const Record *r) {
    MeasureSnapshot *s = NEW(c->arena, MeasureSnapshot);
    s->facts = NEW_N(c->arena, MeasureFacts, c->model->n_measures + 1);
    *out = s;
    s->record = r ? r->id : 0;
    for (size_t i = 0; i < c->model->n_measures; i++)
        if (is_fed_by(c->model->measures[i], r))
            TRY(facts_of(&s->facts[i], c, c->model->measures[i], r));
    return OK;
}

static Err append_difference(Ctx *c, const MeasureDef *m, const MeasureFacts *before,
                             const Record *r, int64_t record) {
    MeasureFacts facts = {0};
    bool ok = true;
    if (is_fed_by(m, r)) TRY(facts_of(&facts, c, m, r));
    for (size_t i = 0; i < before->n; i++) {
        MeasureFact minus = before->items[i];
        minus.count = 0;
        memset(minus.sums, 0, sizeof minus.sums);
        ok = fact_add(&minus, &before->items[i], -1) && ok;
        GROW(c->arena, facts.items, facts.n, facts.cap);
        facts.items[facts.n++] = minus;
    }
    if (!facts_merge(&facts) || !ok)
        return issue(c, "", "too_large", N_("An amount is too large to be added up."));
    for (size_t i = 0; i < facts.n; i++)
        TRY(fact_write_delta(c, m, &facts.items[i], false, record));
    return OK;
}

Err measure_after(Ctx *c, MeasureSnapshot *before, const Record *r) {
    for (size_t i = 0; i < c->model->n_measures; i++)
        if (is_fed_by(c->model->measures[i], r) || before->facts[i].n)
            TRY(append_difference(c, c->model->measures[i], &before->facts[i], r,
                                  r ? r->id : before->record));
    return OK;
}

/* ---- folding ---- */

Err measure_lock(Ctx *c) {
    int64_t id;
    bool found;
    TRY(db_run(c->db, NULL, "INSERT INTO measure_lock (id) VALUES (1) ON CONFLICT DO NOTHING",
               NO_ARGS));
    Str sql = str_fmt(c->arena, "SELECT id FROM measure_lock WHERE id = 1%s", db_for_update(c->db));
    return db_get_int(&id, &found, c->db, sql.p, NO_ARGS);
}

static Err fold_grain(Ctx *c, Arena *a, const int64_t *ids, size_t n, int grain) {
    Sql sql = sql_new(a, c->db);
    sql_add(&sql, "INSERT INTO measure_cell (measure, grain, " FACT_COLUMNS ") SELECT measure, ");
    text_fmt(&sql.text, "%d, %s, " FACT_TOTALS " FROM measure_delta WHERE ", grain,
             measure_grains[grain].key);
    sql_in_set(&sql, "id", ids, n);
    text_fmt(&sql.text, " GROUP BY measure, %s", measure_grains[grain].group);
    sql_add(
        &sql,
        " ON CONFLICT (measure, grain, unit, entity, restricted, month, d0, d1, d2) DO UPDATE SET"
        " count = measure_cell.count + excluded.count, s0 = measure_cell.s0 + excluded.s0,"
        " s1 = measure_cell.s1 + excluded.s1, s2 = measure_cell.s2 + excluded.s2,"
        " s3 = measure_cell.s3 + excluded.s3, s4 = measure_cell.s4 + excluded.s4,"
        " s5 = measure_cell.s5 + excluded.s5");
    return sql_run(NULL, &sql, c->db);
}

static Err fold_batch(size_t *out, Ctx *c, Arena *a) {
    enum { BATCH = 20000 };
    Rows *rows;
    bool has;
    int64_t *ids = NEW_N(a, int64_t, BATCH);
    *out = 0;
    TRY(db_rows(&rows, c->db, a,
                "SELECT id FROM measure_delta WHERE folded = 0 ORDER BY id LIMIT $1",
                ARGS(db_int(BATCH))));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) break;
        CHECK(*out < BATCH, "more rows than asked for");
        ids[(*out)++] = rows_int(rows, 0);
    }
    if (*out == 0) return OK;
    for (int grain = 0; grain < GRAINS; grain++) TRY(fold_grain(c, a, ids, *out, grain));
    Sql sql = sql_new(a, c->db);
    sql_add(&sql, "UPDATE measure_delta SET folded = 1 WHERE ");
    sql_in_set(&sql, "id", ids, *out);
    return sql_run(NULL, &sql, c->db);
}

Err measure_fold(int64_t *folded, Ctx *c) {
    *folded = 0;
    TRY(measure_lock(c));
    Arena *a = arena_new(0);
    Err err;
    size_t n;
    do {
        arena_reset(a);
        err = fold_batch(&n, c, a);
        if (err == OK) *folded += (int64_t)n;
    } while (err == OK && n > 0);
    arena_free(a);
    return err;
}
