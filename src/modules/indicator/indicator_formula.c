/* indicator_formula.c: values worked out from other indicators: calculated by formula or composed
 * as a score, why one cannot be, and in which order they are. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "calc/formula.h"

#include <stdlib.h>

#include "base/clock.h"
#include "modules/indicator/indicator_auto.h"

enum { MOST_UNITS = 20000, MOST_DEPTH = 20, MOST_DEFINITIONS = 2000 };

/* ---- the values it comes from ---- */

/* The indicator of a definition for the same unit, or the nearest unit above it. */
static Err sibling(Record **out, Ctx *c, int64_t definition, int64_t unit) {
    Records list;
    *out = NULL;
    TRY(record_shared_where(&list, c, model_need(c->model, "indicator"), "definition", definition,
                            MOST_UNITS));
    for (int depth = 0; depth < MOST_DEPTH && unit; depth++) {
        Record *u;
        for (size_t i = 0; i < list.n; i++)
            if (list.items[i]->unit == unit && !(list.items[i]->state->flags & STATE_CLOSED)) {
                *out = list.items[i];
                return OK;
            }
        TRY(record_load_raw(&u, c, model_need(c->model, "unit"), unit));
        unit = record_int(u, "parent");
    }
    return OK;
}

/* One indicator that a value is worked out from, at a time. */
typedef struct Part {
    Record *record; /* NULL: none is in use for this unit or above it */
    SeriesRow row;  /* its newest value, when !value.missing */
    FormulaValue value;
} Part;

/* Its newest value up to the end of the period, when that is not older than one of its own periods.
 */
static Err part_then(Part *out, Ctx *c, int64_t definition, const Indicator *of, int64_t period) {
    SeriesRows last;
    Indicator i;
    int64_t end = period_end(of->frequency, period);
    *out = (Part){.value = {.missing = true}};
    if (definition) TRY(sibling(&out->record, c, definition, of->record->unit));
    if (!out->record) return OK;
    TRY(indicator_open(&i, c, out->record));
    TRY(series_last(&last, c, &indicator_values, out->record->id, end, 1));
    if (!last.n ||
        period_end(i.frequency, period_move(i.frequency, last.items[0].period, 1)) <= end)
        return OK;
    out->row = last.items[0];
    out->value = formula_number(out->row.values[VALUE_VALUE].i, JUDGE_SCALE);
    return OK;
}

/* ---- what is missing for it ---- */

/* One without an indicator in use is a gap that no value will fill: that is told first. */
static void gap_add(Gap *gap, Ctx *c, const Part *part, Str code) {
    const char *key = part->record ? "part" : "unknown_part";
    if (gap->key && strcmp(gap->key, key) != 0) {
        if (part->record) return;
        gap->part = (Str){0};
    }
    gap->key = key;
    gap->part = gap->part.n ? str_fmt(c->arena, "%.*s, %.*s", FMT(gap->part), FMT(code)) : code;
}

static Err code_of(Str *out, Ctx *c, int64_t definition) {
    const Record *d;
    TRY(record_shared(&d, c, model_need(c->model, "indicator_definition"), definition));
    *out = record_text(d, "code");
    return OK;
}

/* ---- formulas ---- */

static Str upper(Ctx *c, Str name) {
    Text out = text_new(c->arena, FORMULA_BYTES);
    for (size_t k = 0; k < name.n; k++) {
        char ch = name.p[k];
        text_char(&out, ch >= 'a' && ch <= 'z' ? (char)(ch - 'a' + 'A') : ch);
    }
    return text_str(&out);
}

Err indicator_formula_value(Given *out, Gap *gap, Ctx *c, const Indicator *i, int64_t period) {
    Formula *f;
    FormulaError why;
    FormulaValue values[FORMULA_NAMES], result;
    Gap missing = {0};
    if (formula_parse(&f, &why, c->arena, record_text(i->definition, "formula")) != OK) {
        gap->key = "formula";
        return OK;
    }
    for (size_t k = 0; k < formula_n_names(f); k++) {
        int64_t definition;
        Part part;
        TRY(indicator_definition_named(&definition, c, formula_name(f, k)));
        TRY(part_then(&part, c, definition, i, period));
        values[k] = part.value;
        if (part.value.missing) gap_add(&missing, c, &part, upper(c, formula_name(f, k)));
    }
    FormulaOutcome outcome = formula_eval(&result, f, values);
    if (result.missing && missing.key)
        *gap = missing;
    else if (outcome == FORMULA_ZERO)
        gap->key = "zero";
    else if (outcome != FORMULA_OK || !formula_scaled(&out->value, result, JUDGE_SCALE))
        gap->key = "too_large";
    return OK;
}

/* ---- scores ---- */

Err indicator_score_value(Given *out, Gap *gap, Ctx *c, const Indicator *i, int64_t period) {
    Value parts = record_get(i->definition, "parts");
    int64_t weights = 0, sum = 0, end = period_end(i->frequency, period);
    for (size_t k = 0; k < parts.n; k++) {
        const Value *cells = parts.list[k].list;
        Part part;
        Indicator of;
        Bounds b;
        Str code;
        int64_t threshold, weighted;
        TRY(part_then(&part, c, cells[0].i, i, period));
        TRY(code_of(&code, c, cells[0].i));
        if (part.value.missing) {
            gap_add(gap, c, &part, code);
            continue;
        }
        TRY(indicator_open(&of, c, part.record));
        TRY(indicator_bounds(&b, &threshold, c, &of, end));
        if (!threshold) {
            *gap = (Gap){"no_threshold", code};
            return OK;
        }
        int64_t score = judge_score(&b, part.row.values[VALUE_VALUE].i);
        if (mul_overflows(score, cells[1].i, &weighted) || add_overflows(sum, weighted, &sum)) {
            gap->key = "too_large";
            return OK;
        }
        weights += cells[1].i;
    }
    if (!weights && !gap->key) gap->key = "zero";
    if (!gap->key) out->value = sum / weights;
    return OK;
}

/* ---- what changed since, and the order ---- */

/* A value that ended left no row: the newest one that it replaced says when. */
static Err ended_since(bool *out, Ctx *c, const Record *part, const Indicator *of,
                       const SeriesRow *row) {
    SeriesRows past;
    Indicator i;
    TRY(indicator_open(&i, c, record_clone(c, part)));
    int64_t end = period_end(of->frequency, row->period);
    TRY(series_replaced(&past, c, &indicator_values, part->id, period_start(i.frequency, end),
                        end));
    for (size_t k = 0; k < past.n; k++) *out = *out || past.items[k].until >= row->at;
    return OK;
}

Err indicator_parts_moved(bool *out, Ctx *c, const Indicator *i, const SeriesRow *row) {
    int64_t *ids;
    size_t n;
    *out = false;
    TRY(indicator_worked_from(&ids, &n, c, i->definition));
    for (size_t k = 0; k < n && !*out; k++) {
        Part part;
        TRY(part_then(&part, c, ids[k], i, row->period));
        if (!part.value.missing)
            *out = part.row.batch > row->batch;
        else if (part.record)
            TRY(ended_since(out, c, part.record, i, row));
    }
    return OK;
}

typedef struct Worked { /* a definition with how many lie one behind the other before it */
    int64_t id, *from;
    size_t n;
    int level;
} Worked;

static int by_id(const void *x, const void *y) {
    int64_t a = ((const Worked *)x)->id, b = ((const Worked *)y)->id;
    return (a > b) - (a < b);
}

static int by_level(const void *x, const void *y) {
    const Worked *a = x, *b = y;
    return a->level != b->level ? (a->level > b->level) - (a->level < b->level) : by_id(x, y);
}

static Err worked_read(Worked **out, size_t *n, Ctx *c) {
    static const char *const ways[] = {"calculated", "composite"};
    *out = NEW_N(c->arena, Worked, LENGTH(ways) * MOST_DEFINITIONS);
    *n = 0;
    for (size_t k = 0; k < LENGTH(ways); k++) {
        Records list;
        TRY(record_where(&list, c, model_need(c->model, "indicator_definition"), "collection",
                         value_text(str_of(ways[k])), MOST_DEFINITIONS));
        for (size_t i = 0; i < list.n; i++) {
            Worked *w = &(*out)[(*n)++];
            *w = (Worked){.id = list.items[i]->id};
            TRY(indicator_worked_from(&w->from, &w->n, c, list.items[i]));
        }
    }
    qsort(*out, *n, sizeof **out, by_id);
    return OK;
}

/* A circle, which no save lets in, would only end the climb early. */
static bool climb(Worked *all, size_t n) {
    bool moved = false;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < all[i].n; k++) {
            Worked key = {.id = all[i].from[k]};
            const Worked *from = bsearch(&key, all, n, sizeof *all, by_id);
            if (!from || from->level < all[i].level) continue;
            all[i].level = from->level + 1;
            moved = true;
        }
    return moved;
}

Err indicator_worked_order(int64_t **ids, size_t *n, Ctx *c) {
    Worked *all;
    TRY(worked_read(&all, n, c));
    for (size_t k = 0; k < *n && climb(all, *n); k++) continue;
    qsort(all, *n, sizeof *all, by_level);
    *ids = NEW_N(c->arena, int64_t, *n + 1);
    for (size_t i = 0; i < *n; i++) (*ids)[i] = all[i].id;
    return OK;
}
