/* measure_keep.c: which measures a base holds, and how those that are new to it, or are declared
 * otherwise, are counted while everybody works on. measure_kept(name, hash, pending, upto): the
 * declaration that was counted; pending: records up to `upto` are counted, saves write deltas of
 * those only. A stretch has the table alone, so no save can fall between.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/measure_kit.h"

#include "base/secret.h"
#include "model/outbox.h"

enum { STRETCH = 2000 };
static const char topic[] = "measure.count";

/* ---- what the base holds ---- */

static void put(Text *t, const char *word) {
    text_addz(t, word ? word : "");
    text_char(t, '\n');
}

static Str declaration_hash(Arena *a, const MeasureDef *m) {
    Text t = text_new(a, 0);
    put(&t, m->name);
    put(&t, m->type);
    for (int i = 0; i < FACT_DIMS; i++) put(&t, m->dims[i]);
    for (int i = 0; i < FACT_DIMS; i++) put(&t, m->dim_taxonomy[i]);
    for (int i = 0; i < FACT_SUMS; i++) put(&t, m->sums[i]);
    put(&t, m->date_field);
    text_int(&t, m->version);
    return sha256_hex(a, text_str(&t));
}

/* Counts of lists only: figures of a module that is away for a while stay. */
static Err forget_others(const Model *m, Db *db, Arena *a) {
    Rows *rows;
    bool has;
    Str *gone = NULL;
    size_t n = 0, cap = 0;
    TRY(db_few(&rows, db, a,
               "SELECT name FROM measure_kept WHERE name LIKE 'count.%' ORDER BY name", NO_ARGS));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) break;
        bool known = false;
        for (size_t i = 0; i < m->n_measures; i++)
            known = known || str_is(rows_text(rows, 0), m->measures[i]->name);
        if (known) continue;
        GROW(a, gone, n, cap);
        gone[n++] = rows_copy(rows, 0);
    }
    for (size_t i = 0; i < n; i++) {
        TRY(db_run(db, NULL, "DELETE FROM measure_delta WHERE measure = $1",
                   ARGS(db_text(gone[i]))));
        TRY(db_run(db, NULL, "DELETE FROM measure_cell WHERE measure = $1",
                   ARGS(db_text(gone[i]))));
        TRY(db_run(db, NULL, "DELETE FROM measure_kept WHERE name = $1", ARGS(db_text(gone[i]))));
    }
    return OK;
}

static Err any_row(bool *out, Ctx *c, const char *table, const char *measure) {
    int64_t one;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT 1 FROM ");
    sql_name(&s, NULL, table);
    if (measure) {
        sql_add(&s, " WHERE measure = ");
        sql_bind(&s, db_textz(measure));
    }
    sql_add(&s, " LIMIT 1");
    return db_get_int(&one, out, c->db, s.text.p, s.args, s.n);
}

static Err keep_row(Ctx *c, const MeasureDef *m, Str hash, bool pending) {
    TRY(db_run(c->db, NULL, "DELETE FROM measure_kept WHERE name = $1", ARGS(db_textz(m->name))));
    return db_run(c->db, NULL,
                  "INSERT INTO measure_kept (name, hash, pending, upto) VALUES ($1, $2, $3, 0)",
                  ARGS(db_textz(m->name), db_text(hash), db_int(pending)));
}

static Err ask(Ctx *c, Str name, int64_t upto) {
    Str key = str_fmt(c->arena, "%.*s:%lld:%lld", FMT(name), (long long)c->now_us, (long long)upto);
    return outbox_add(
        c, &(OutboxRow){.topic = topic, .key = key, .payload = name, .lane = str_of(topic)});
}

static Err begin(Ctx *c, const MeasureDef *m, Str hash) {
    bool has_records, has_figures;
    TRY(any_row(&has_records, c, m->type, NULL));
    TRY(any_row(&has_figures, c, "measure_delta", m->name));
    if (!has_figures) TRY(any_row(&has_figures, c, "measure_cell", m->name));
    /* A new base stays empty: copies go into such ones. */
    if (!has_records && !has_figures) return keep_row(c, m, hash, false);
    TRY(measure_lock(c)); /* nobody folds what goes */
    TRY(db_run(c->db, NULL, "DELETE FROM measure_delta WHERE measure = $1",
               ARGS(db_textz(m->name))));
    TRY(db_run(c->db, NULL, "DELETE FROM measure_cell WHERE measure = $1",
               ARGS(db_textz(m->name))));
    TRY(keep_row(c, m, hash, has_records));
    return has_records ? ask(c, str_of(m->name), 0) : OK;
}

static Err keep_one(Ctx *c, const MeasureDef *m) {
    Str hash = declaration_hash(c->arena, m), known;
    bool is_kept, counted = false;
    TRY(db_get_text(&known, &is_kept, c->db, c->arena,
                    "SELECT COALESCE(hash, '') FROM measure_kept WHERE name = $1",
                    ARGS(db_textz(m->name))));
    if (is_kept && str_eq(known, hash)) return OK;
    if (!is_kept && !m->is_internal) TRY(any_row(&counted, c, "measure_delta", m->name));
    /* A base of an older program knows no declarations: what it has was counted. */
    if ((is_kept && !known.n) || counted) return keep_row(c, m, hash, false);
    return begin(c, m, hash);
}

Err measure_keep(const Model *m, Db *db) {
    Arena *a = arena_new(0);
    Ctx *c = ctx_new(a, m, NULL);
    c->db = db;
    Err e = forget_others(m, db, a);
    for (size_t i = 0; e == OK && i < m->n_measures; i++) e = keep_one(c, m->measures[i]);
    arena_free(a);
    return e;
}

/* ---- while it is counted ---- */

Err measure_counted(int64_t **out, bool *any_pending, Ctx *c) {
    Rows *rows;
    bool has;
    *out = NEW_N(c->arena, int64_t, c->model->n_measures + 1);
    *any_pending = false;
    for (size_t i = 0; i < c->model->n_measures; i++) (*out)[i] = INT64_MAX;
    TRY(db_few(&rows, c->db, c->arena, "SELECT name, upto FROM measure_kept WHERE pending = 1",
               NO_ARGS));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        *any_pending = true;
        for (size_t i = 0; i < c->model->n_measures; i++)
            if (str_is(rows_text(rows, 0), c->model->measures[i]->name))
                (*out)[i] = rows_int(rows, 1);
    }
}

Err measure_counting(int *percent, Ctx *c, const MeasureDef *m) {
    int64_t upto, last;
    bool pending, any;
    *percent = -1;
    TRY(db_get_int(&upto, &pending, c->db,
                   "SELECT upto FROM measure_kept WHERE name = $1 AND pending = 1",
                   ARGS(db_textz(m->name))));
    if (!pending) return OK;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT MAX(id) FROM ");
    sql_name(&s, NULL, m->type);
    TRY(db_get_int(&last, &any, c->db, s.text.p, NO_ARGS));
    *percent = any && last > 0 ? (int)(upto * 100 / last) : 0;
    return OK;
}

static const MeasureDef *measure_of(const Model *m, Str name) {
    for (size_t i = 0; i < m->n_measures; i++)
        if (str_is(name, m->measures[i]->name)) return m->measures[i];
    return NULL;
}

/* Parent before child, as saves lock them. */
static Err lock_tables(Ctx *c, const MeasureDef *m) {
    const Type *t = model_need(c->model, m->type);
    if (t->parent) TRY(db_lock_table(c->db, t->parent->target->name, true));
    return db_lock_table(c->db, t->name, true);
}

Err measure_count(bool *more, Ctx *c, Str name) {
    const MeasureDef *m = measure_of(c->model, name);
    int64_t upto;
    bool pending, is_last;
    *more = false;
    if (!m) return OK; /* another program's */
    TRY(lock_tables(c, m));
    TRY(db_get_int(&upto, &pending, c->db,
                   "SELECT upto FROM measure_kept WHERE name = $1 AND pending = 1",
                   ARGS(db_text(name))));
    if (!pending) return OK;
    TRY(measure_count_some(&upto, &is_last, c, m, STRETCH));
    *more = !is_last;
    return db_run(c->db, NULL, "UPDATE measure_kept SET upto = $2, pending = $3 WHERE name = $1",
                  ARGS(db_text(name), db_int(upto), db_int(!is_last)));
}

static Err run(Ctx *c, Job *job) {
    bool more;
    int64_t upto;
    bool found;
    TRY(measure_count(&more, c, job->payload));
    if (!more) return OK;
    TRY(db_get_int(&upto, &found, c->db, "SELECT upto FROM measure_kept WHERE name = $1",
                   ARGS(db_text(job->payload))));
    return ask(c, job->payload, upto);
}

const JobDef measure_jobs[] = {
    {.topic = topic, .label = N_("Count figures that are new to this database"), .run = run}, {0}};
