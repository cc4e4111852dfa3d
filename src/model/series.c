/* series.c: values by period in batches (series.h). The digest of a batch is the SHA-256 of its
 * rows, "owner|period|value|value...\n" by owner and period; values are escaped so that no text can
 * imitate another row. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/series.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/secret.h"
#include "model/sql.h"

static const char *const system_columns[] = {"owner", "period", "batch", "at"};

static size_t n_columns(const SeriesDef *s) {
    size_t n = 0;
    while (s->columns[n].name) n++;
    CHECK(n <= SERIES_COLUMNS, "a series has too many columns");
    return n;
}

static const char *past_of(Arena *a, const SeriesDef *s) {
    return str_fmt(a, "%s_past", s->name).p;
}

const SeriesDef *model_series(const Model *m, Str name) {
    for (size_t i = 0; i < m->n_series; i++)
        if (str_is(name, m->series[i]->name)) return m->series[i];
    return NULL;
}

/* ---- tables ---- */

static void tables_of(DbTable *out, const SeriesDef *s, Arena *a) {
    size_t n = n_columns(s), k = 0;
    DbColumn *columns = NEW_N(a, DbColumn, n + LENGTH(system_columns) + 1);
    for (; k < LENGTH(system_columns); k++)
        columns[k] = (DbColumn){
            .name = system_columns[k], .type = DB_INT, .not_null = true, .default_sql = "0"};
    for (size_t i = 0; i < n; i++)
        columns[k++] = (DbColumn){.name = s->columns[i].name,
                                  .type = s->columns[i].is_text ? DB_TEXT : DB_INT};
    DbIndex *index = NEW_N(a, DbIndex, 2);
    index[0] = (DbIndex){.name = str_fmt(a, "%s_batch", s->name).p, .columns = "batch"};
    index[1] = (DbIndex){.name = str_fmt(a, "%s_batch", past_of(a, s)).p, .columns = "batch"};
    out[0] = (DbTable){s->name, columns, k, "owner, period", &index[0], 1};
    DbColumn *past = NEW_N(a, DbColumn, k + 1);
    memcpy(past, columns, k * sizeof *past);
    past[k] = (DbColumn){.name = "until", .type = DB_INT, .not_null = true, .default_sql = "0"};
    out[1] = (DbTable){past_of(a, s), past, k + 1, "owner, period, batch", &index[1], 1};
}

const DbTable *series_tables(size_t *n, Arena *a, const Model *m) {
    DbTable *tables = NEW_N(a, DbTable, 2 * m->n_series + 1);
    *n = 2 * m->n_series;
    for (size_t i = 0; i < m->n_series; i++) tables_of(tables + 2 * i, m->series[i], a);
    return tables;
}

/* ---- reading ---- */

static void select_columns(Sql *sql, const SeriesDef *s, const char *until) {
    sql_add(sql, "SELECT owner, period, batch, at, ");
    sql_add(sql, until);
    for (size_t i = 0; s->columns[i].name; i++) {
        sql_add(sql, ", ");
        sql_name(sql, NULL, s->columns[i].name);
    }
    sql_add(sql, " FROM ");
}

static Err read_rows(SeriesRows *out, Ctx *c, const SeriesDef *s, Sql *sql) {
    Rows *rows;
    bool has;
    size_t n = n_columns(s);
    *out = (SeriesRows){0};
    TRY(sql_rows(&rows, sql, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        SeriesRow *row = &out->items[out->n++];
        *row = (SeriesRow){.owner = rows_int(rows, 0),
                           .period = rows_int(rows, 1),
                           .batch = rows_int(rows, 2),
                           .at = rows_int(rows, 3),
                           .until = rows_int(rows, 4)};
        for (size_t i = 0; i < n; i++) {
            if (rows_is_null(rows, i + 5)) continue;
            row->values[i] = s->columns[i].is_text ? value_text(rows_copy(rows, i + 5))
                                                   : value_int(rows_int(rows, i + 5));
        }
    }
}

/* The first microsecond after the as-of day; INT64_MAX: now. */
static int64_t seen_until(const Ctx *c) {
    return ctx_ends(c, c->as_of);
}

static void owners_and_periods(Sql *sql, const int64_t *owners, size_t n, int64_t from,
                               int64_t to) {
    sql_add(sql, " WHERE ");
    sql_in_set(sql, "owner", owners, n);
    sql_add(sql, " AND period >= ");
    sql_bind(sql, db_int(from));
    sql_add(sql, " AND period <= ");
    sql_bind(sql, db_int(to));
}

Err series_range(SeriesRows *out, Ctx *c, const SeriesDef *s, const int64_t *owners, size_t n,
                 int64_t from, int64_t to) {
    int64_t until = seen_until(c);
    *out = (SeriesRows){0};
    if (!n) return OK;
    Sql sql = sql_new(c->arena, c->db);
    select_columns(&sql, s, "0");
    sql_name(&sql, NULL, s->name);
    owners_and_periods(&sql, owners, n, from, to);
    if (until != INT64_MAX) {
        sql_add(&sql, " AND at < ");
        sql_bind(&sql, db_int(until));
        sql_add(&sql, " UNION ALL ");
        select_columns(&sql, s, "0");
        sql_name(&sql, NULL, past_of(c->arena, s));
        owners_and_periods(&sql, owners, n, from, to);
        sql_add(&sql, " AND at < ");
        sql_bind(&sql, db_int(until));
        sql_add(&sql, " AND until >= ");
        sql_bind(&sql, db_int(until));
    }
    sql_add(&sql, " ORDER BY 1, 2");
    return read_rows(out, c, s, &sql);
}

Err series_one(SeriesRow *out, bool *found, Ctx *c, const SeriesDef *s, int64_t owner,
               int64_t period) {
    SeriesRows rows;
    TRY(series_range(&rows, c, s, &owner, 1, period, period));
    *found = rows.n > 0;
    *out = rows.n ? rows.items[0] : (SeriesRow){0};
    return OK;
}

Err series_last(SeriesRows *out, Ctx *c, const SeriesDef *s, int64_t owner, int64_t to,
                size_t limit) {
    if (seen_until(c) != INT64_MAX) { /* rare: the whole range, then its end */
        TRY(series_range(out, c, s, &owner, 1, INT64_MIN / 2, to));
        if (out->n > limit) {
            out->items += out->n - limit;
            out->n = limit;
        }
        return OK;
    }
    Sql sql = sql_new(c->arena, c->db);
    select_columns(&sql, s, "0");
    sql_name(&sql, NULL, s->name);
    owners_and_periods(&sql, &owner, 1, INT64_MIN / 2, to);
    sql_add(&sql, " ORDER BY period DESC LIMIT ");
    sql_bind(&sql, db_int((int64_t)limit));
    TRY(read_rows(out, c, s, &sql));
    for (size_t i = 0; i < out->n / 2; i++) {
        SeriesRow kept = out->items[i];
        out->items[i] = out->items[out->n - 1 - i];
        out->items[out->n - 1 - i] = kept;
    }
    return OK;
}

Err series_versions(SeriesRows *out, Ctx *c, const SeriesDef *s, int64_t owner, int64_t period) {
    Sql sql = sql_new(c->arena, c->db);
    select_columns(&sql, s, "until");
    sql_name(&sql, NULL, past_of(c->arena, s));
    owners_and_periods(&sql, &owner, 1, period, period);
    sql_add(&sql, " UNION ALL ");
    select_columns(&sql, s, "0");
    sql_name(&sql, NULL, s->name);
    owners_and_periods(&sql, &owner, 1, period, period);
    sql_add(&sql, " ORDER BY 4, 3");
    return read_rows(out, c, s, &sql);
}

Err series_replaced(SeriesRows *out, Ctx *c, const SeriesDef *s, int64_t owner, int64_t from,
                    int64_t to) {
    Sql sql = sql_new(c->arena, c->db);
    select_columns(&sql, s, "until");
    sql_name(&sql, NULL, past_of(c->arena, s));
    owners_and_periods(&sql, &owner, 1, from, to);
    sql_add(&sql, " ORDER BY 2, 4");
    return read_rows(out, c, s, &sql);
}

/* ---- digest ---- */

static void row_text(Text *t, const SeriesDef *s, const SeriesRow *row) {
    text_int(t, row->owner);
    text_char(t, '|');
    text_int(t, row->period);
    for (size_t i = 0; s->columns[i].name; i++) {
        const Value *v = &row->values[i];
        text_char(t, '|');
        if (v->kind == V_INT) {
            text_char(t, '=');
            text_int(t, v->i);
        } else if (v->kind == V_TEXT) {
            text_char(t, '"');
            for (size_t k = 0; k < v->s.n; k++) {
                char ch = v->s.p[k];
                if (ch == '|' || ch == '\\' || ch == '\n') text_char(t, '\\');
                text_char(t, ch == '\n' ? 'n' : ch);
            }
        }
    }
    text_char(t, '\n');
}

static Str digest_of(Arena *a, const SeriesDef *s, const SeriesRow *const *rows, size_t n) {
    Arena *scratch = arena_new(0);
    Text t = text_new(scratch, 512 << 20);
    for (size_t i = 0; i < n; i++) row_text(&t, s, rows[i]);
    CHECK(!t.full, "a batch of a series grew too long");
    Str hex = sha256_hex(a, text_str(&t));
    arena_free(scratch);
    return hex;
}

/* ---- writing ---- */

static int by_key(const void *x, const void *y) {
    const SeriesRow *a = x, *b = y;
    if (a->owner != b->owner) return a->owner < b->owner ? -1 : 1;
    return (a->period > b->period) - (a->period < b->period);
}

static bool same_values(const SeriesDef *s, const SeriesRow *a, const SeriesRow *b) {
    for (size_t i = 0; s->columns[i].name; i++)
        if (!value_eq(a->values[i], b->values[i])) return false;
    return true;
}

typedef struct Put {
    Ctx *c;
    const SeriesDef *s;
    const SeriesRow **rows; /* what is new or changed, by key */
    bool *is_new;
    size_t n;
    int64_t n_new, n_changed;
} Put;

static Err classify(Put *p, SeriesRow *rows, size_t n) {
    Ctx *c = p->c;
    qsort(rows, n, sizeof *rows, by_key);
    int64_t *owners = NEW_N(c->arena, int64_t, n), from = rows[0].period, to = rows[0].period;
    size_t n_owners = 0;
    for (size_t i = 0; i < n; i++) {
        if (i && by_key(&rows[i - 1], &rows[i]) == 0)
            return issue(c, "period", "twice", N_("The same period is given twice."));
        if (!n_owners || owners[n_owners - 1] != rows[i].owner) owners[n_owners++] = rows[i].owner;
        if (rows[i].period < from) from = rows[i].period;
        if (rows[i].period > to) to = rows[i].period;
    }
    SeriesRows there;
    Str as_of = c->as_of;
    c->as_of = (Str){0};
    TRY(series_range(&there, c, p->s, owners, n_owners, from, to));
    c->as_of = as_of;
    for (size_t i = 0, k = 0; i < n; i++) {
        while (k < there.n && by_key(&there.items[k], &rows[i]) < 0) k++;
        bool found = k < there.n && by_key(&there.items[k], &rows[i]) == 0;
        if (found && same_values(p->s, &there.items[k], &rows[i])) continue;
        p->is_new[p->n] = !found;
        p->rows[p->n++] = &rows[i];
        p->n_new += !found;
        p->n_changed += found;
    }
    return OK;
}

static void names_of(Sql *sql, const SeriesDef *s) {
    sql_add(sql, "owner, period, batch, at");
    for (size_t i = 0; s->columns[i].name; i++) {
        sql_add(sql, ", ");
        sql_name(sql, NULL, s->columns[i].name);
    }
}

/* Rows that stand, as rows of the past until now; a condition follows. */
static Sql into_the_past(Put *p) {
    Ctx *c = p->c;
    Sql sql = sql_new(c->arena, c->db);
    sql_add(&sql, "INSERT INTO ");
    sql_name(&sql, NULL, past_of(c->arena, p->s));
    sql_add(&sql, " (");
    names_of(&sql, p->s);
    sql_add(&sql, ", until) SELECT ");
    names_of(&sql, p->s);
    sql_add(&sql, ", ");
    sql_bind(&sql, db_int(c->now_us));
    sql_add(&sql, " FROM ");
    sql_name(&sql, NULL, p->s->name);
    return sql;
}

/* The row that stands moves to the past. */
static Err retire(Put *p, const SeriesRow *row) {
    Sql sql = into_the_past(p);
    sql_add(&sql, " WHERE owner = ");
    sql_bind(&sql, db_int(row->owner));
    sql_add(&sql, " AND period = ");
    sql_bind(&sql, db_int(row->period));
    return sql_run(NULL, &sql, p->c->db);
}

static DbValue bound(Value v) {
    return v.kind == V_INT ? db_int(v.i) : v.kind == V_TEXT ? db_text(v.s) : db_null();
}

static Err write_row(Put *p, const SeriesRow *row, int64_t batch) {
    Ctx *c = p->c;
    Sql sql = sql_new(c->arena, c->db);
    sql_add(&sql, "INSERT INTO ");
    sql_name(&sql, NULL, p->s->name);
    sql_add(&sql, " (");
    names_of(&sql, p->s);
    sql_add(&sql, ") VALUES (");
    int64_t head[] = {row->owner, row->period, batch, c->now_us};
    for (size_t i = 0; i < LENGTH(head); i++) {
        if (i) sql_add(&sql, ", ");
        sql_bind(&sql, db_int(head[i]));
    }
    for (size_t i = 0; p->s->columns[i].name; i++) {
        sql_add(&sql, ", ");
        sql_bind(&sql, bound(row->values[i]));
    }
    sql_add(&sql, ") ON CONFLICT (owner, period) DO UPDATE SET batch = excluded.batch, at = "
                  "excluded.at");
    for (size_t i = 0; p->s->columns[i].name; i++) {
        sql_add(&sql, ", ");
        sql_name(&sql, NULL, p->s->columns[i].name);
        sql_add(&sql, " = ");
        sql_name(&sql, "excluded", p->s->columns[i].name);
    }
    return sql_run(NULL, &sql, c->db);
}

/* ---- many rows at once ---- */

enum { MANY = 64 }; /* from so many rows on it is worth it */

/* Rows of one owner (or one period) that stand move to the past. */
static Err retire_group(Put *p, const char *one, int64_t value, const char *many,
                        const int64_t *keys, size_t n) {
    Sql moves = into_the_past(p), leaves = sql_new(p->c->arena, p->c->db);
    sql_add(&leaves, "DELETE FROM ");
    sql_name(&leaves, NULL, p->s->name);
    Sql *steps[] = {&moves, &leaves};
    for (size_t i = 0; i < LENGTH(steps); i++) {
        sql_add(steps[i], " WHERE ");
        sql_name(steps[i], NULL, one);
        sql_add(steps[i], " = ");
        sql_bind(steps[i], db_int(value));
        sql_add(steps[i], " AND ");
        sql_in_set(steps[i], many, keys, n);
        TRY(sql_run(NULL, steps[i], p->c->db));
    }
    return OK;
}

static int by_period(const void *x, const void *y) {
    const SeriesRow *a = *(const SeriesRow *const *)x, *b = *(const SeriesRow *const *)y;
    if (a->period != b->period) return a->period < b->period ? -1 : 1;
    return (a->owner > b->owner) - (a->owner < b->owner);
}

/* By owner or by period, whichever needs fewer statements. */
static Err retire_many(Put *p) {
    Arena *a = p->c->arena;
    const SeriesRow **rows = NEW_N(a, const SeriesRow *, p->n + 1);
    int64_t *keys = NEW_N(a, int64_t, p->n + 1);
    size_t n = 0, owners = 0, periods = 0;
    for (size_t i = 0; i < p->n; i++)
        if (!p->is_new[i]) rows[n++] = p->rows[i]; /* by owner and period */
    for (size_t i = 0; i < n; i++) owners += !i || rows[i]->owner != rows[i - 1]->owner;
    const SeriesRow **sorted = NEW_N(a, const SeriesRow *, n + 1);
    memcpy(sorted, rows, n * sizeof *rows);
    qsort(sorted, n, sizeof *sorted, by_period);
    for (size_t i = 0; i < n; i++) periods += !i || sorted[i]->period != sorted[i - 1]->period;
    bool by_owner = owners <= periods;
    const SeriesRow **list = by_owner ? rows : sorted;
    for (size_t i = 0; i < n;) {
        size_t m = 0;
        int64_t value = by_owner ? list[i]->owner : list[i]->period;
        for (; i < n && (by_owner ? list[i]->owner : list[i]->period) == value; i++)
            keys[m++] = by_owner ? list[i]->period : list[i]->owner;
        TRY(retire_group(p, by_owner ? "owner" : "period", value, by_owner ? "period" : "owner",
                         keys, m));
    }
    return OK;
}

static Err write_many(Put *p, int64_t batch) {
    Ctx *c = p->c;
    size_t own = n_columns(p->s), n = LENGTH(system_columns) + own;
    const char **names = NEW_N(c->arena, const char *, n);
    DbValue *values = NEW_N(c->arena, DbValue, n * p->n);
    for (size_t k = 0; k < n; k++)
        names[k] = k < LENGTH(system_columns) ? system_columns[k]
                                              : p->s->columns[k - LENGTH(system_columns)].name;
    for (size_t i = 0; i < p->n; i++) {
        DbValue *row = &values[i * n];
        const int64_t head[] = {p->rows[i]->owner, p->rows[i]->period, batch, c->now_us};
        for (size_t k = 0; k < LENGTH(head); k++) row[k] = db_int(head[k]);
        for (size_t k = 0; k < own; k++) {
            Value v = p->rows[i]->values[k];
            row[LENGTH(head) + k] = value_is_null(v)
                                        ? db_null_of(p->s->columns[k].is_text ? DB_TEXT : DB_INT)
                                        : bound(v);
        }
    }
    TRY(retire_many(p));
    return db_insert_many(c->db, p->s->name, names, n, values, p->n);
}

static Err write_rows(Put *p, int64_t batch) {
    if (p->n >= MANY) return write_many(p, batch);
    Ctx *c = p->c;
    Arena *keep = c->arena, *scratch = arena_new(0);
    Err e = OK;
    c->arena = scratch;
    for (size_t i = 0; i < p->n && e == OK; i++) {
        if (!p->is_new[i]) e = retire(p, p->rows[i]);
        if (e == OK) e = write_row(p, p->rows[i], batch);
        if (i % 64 == 63) arena_reset(scratch);
    }
    c->arena = keep;
    arena_free(scratch);
    return e;
}

Err series_put(Record **out, Ctx *c, const SeriesDef *s, SeriesRow *rows, size_t n, Record *batch) {
    *out = NULL;
    if (!n) return OK;
    if (n > SERIES_BATCH) return issue(c, "", "too_many", N_("Too many values in one call."));
    Put p = {.c = c,
             .s = s,
             .rows = NEW_N(c->arena, const SeriesRow *, n),
             .is_new = NEW_N(c->arena, bool, n)};
    TRY(classify(&p, rows, n));
    if (!p.n) return OK;
    record_set(batch, "digest", value_text(digest_of(c->arena, s, p.rows, p.n)));
    record_set(batch, "rows_new", value_int(p.n_new));
    record_set(batch, "rows_changed", value_int(p.n_changed));
    TRY(record_save(out, c, batch, "create"));
    return write_rows(&p, (*out)->id);
}

Err series_end(Record **out, Ctx *c, const SeriesDef *s, int64_t owner, const int64_t *periods,
               size_t n, Record *batch) {
    Put p = {.c = c, .s = s};
    int64_t *stand = NEW_N(c->arena, int64_t, n + 1);
    Str as_of = c->as_of;
    *out = NULL;
    c->as_of = (Str){0};
    for (size_t i = 0; i < n; i++) {
        SeriesRow row;
        bool found;
        TRY(series_one(&row, &found, c, s, owner, periods[i]));
        if (found) stand[p.n_changed++] = periods[i];
    }
    c->as_of = as_of;
    if (!p.n_changed) return OK;
    record_set(batch, "digest", value_text(digest_of(c->arena, s, NULL, 0)));
    record_set(batch, "rows_new", value_int(0));
    record_set(batch, "rows_changed", value_int(p.n_changed));
    TRY(record_save(out, c, batch, "create"));
    return retire_group(&p, "owner", owner, "period", stand, (size_t)p.n_changed);
}

/* ---- verification ---- */

static Err digest_stored(Str *out, Ctx *c, const SeriesDef *s, int64_t batch) {
    SeriesRows rows;
    Sql sql = sql_new(c->arena, c->db);
    for (int past = 0; past < 2; past++) {
        if (past) sql_add(&sql, " UNION ALL ");
        select_columns(&sql, s, "0");
        sql_name(&sql, NULL, past ? past_of(c->arena, s) : s->name);
        sql_add(&sql, " WHERE batch = ");
        sql_bind(&sql, db_int(batch));
    }
    sql_add(&sql, " ORDER BY 1, 2");
    TRY(read_rows(&rows, c, s, &sql));
    const SeriesRow **list = NEW_N(c->arena, const SeriesRow *, rows.n + 1);
    for (size_t i = 0; i < rows.n; i++) list[i] = &rows.items[i];
    *out = digest_of(c->arena, s, list, rows.n);
    return OK;
}

static Err has_strays(bool *out, Ctx *c, const SeriesDef *s) {
    *out = false;
    for (int past = 0; past < 2 && !*out; past++) {
        int64_t one;
        Sql sql = sql_new(c->arena, c->db);
        sql_add(&sql, "SELECT 1 FROM ");
        sql_name(&sql, NULL, past ? past_of(c->arena, s) : s->name);
        sql_add(&sql, " v WHERE NOT EXISTS (SELECT 1 FROM ");
        sql_name(&sql, NULL, s->batch);
        sql_add(&sql, " b WHERE b.id = v.batch) LIMIT 1");
        TRY(db_get_int(&one, out, c->db, sql.text.p, NO_ARGS));
    }
    return OK;
}

Err series_verify(int64_t *bad, Ctx *c, const SeriesDef *s) {
    Arena *keep = c->arena, *scratch = arena_new(0);
    int64_t after = 0;
    Err e = OK;
    bool more = true, strays = false;
    *bad = 0;
    c->arena = scratch;
    while (e == OK && more && !*bad) {
        Str digest, found;
        int64_t id;
        arena_reset(scratch);
        Sql sql = sql_new(scratch, c->db);
        sql_add(&sql, "SELECT id FROM ");
        sql_name(&sql, NULL, s->batch);
        sql_add(&sql, " WHERE id > ");
        sql_bind(&sql, db_int(after));
        sql_add(&sql, " ORDER BY id LIMIT 1");
        e = db_get_int(&id, &more, c->db, sql.text.p, sql.args, sql.n);
        if (e != OK || !more) break;
        after = id;
        Sql one = sql_new(scratch, c->db);
        sql_add(&one, "SELECT digest FROM ");
        sql_name(&one, NULL, s->batch);
        sql_add(&one, " WHERE id = ");
        sql_bind(&one, db_int(id));
        e = db_get_text(&found, &more, c->db, scratch, one.text.p, one.args, one.n);
        if (e == OK) e = digest_stored(&digest, c, s, id);
        if (e == OK && (!more || !str_eq(digest, found))) *bad = id;
        more = true;
    }
    if (e == OK && !*bad) e = has_strays(&strays, c, s);
    if (strays) *bad = -1;
    c->arena = keep;
    arena_free(scratch);
    return e;
}
