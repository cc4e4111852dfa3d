/* indicator_collect.c: values arrive: judged against the threshold of their period, written in one
 * batch, and what follows: colour of the indicator, breaches that begin, grow and end.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/indicator/indicator.h"

#include <stdlib.h>

#include "base/clock.h"
#include "work/work.h"

/* One given value with its place in the call. */
typedef struct Item {
    const Given *given;
    size_t at;
} Item;
/* One period of one indicator: what stands there or what is given. */
typedef struct Line {
    SeriesRow row;
    const Item *item; /* NULL: it was there */
} Line;
typedef struct Collect {
    Ctx *c;
    Arena *keep, *scratch; /* for what is written or told, and for one indicator at a time: a call
                            * may be about ten thousand of them */
    const char *method;
    Str reason;
    SeriesRow *rows;     /* to be written */
    bool *is_correction; /* of each of them */
    size_t n, cap, cap_correction;
    int64_t batch;
    Indicator open;     /* the indicator being worked on */
    Records thresholds; /* of its definition */
    int64_t thresholds_of;
} Collect;

static bool is_by_program(const Collect *k) {
    return strcmp(k->method, "automatic") == 0 || strcmp(k->method, "calculated") == 0 ||
           strcmp(k->method, "rejudged") == 0;
}

static void wrong(Collect *k, const Item *item, const char *field, const char *code,
                  const char *text) {
    Arena *own = k->c->arena;
    k->c->arena = k->keep;
    Str name = str_fmt(k->keep, "values[%zu].%s", item->at, field);
    issue(k->c, name.p, code, text);
    k->c->arena = own;
}

/* ---- what is given ---- */

static int by_indicator(const void *x, const void *y) {
    const Given *a = ((const Item *)x)->given, *b = ((const Item *)y)->given;
    if (a->indicator->id != b->indicator->id) return a->indicator->id < b->indicator->id ? -1 : 1;
    return (a->period > b->period) - (a->period < b->period);
}

static void check_item(Collect *k, const Item *item) {
    Ctx *c = k->c;
    const Indicator *i = &k->open;
    int64_t today, from, until, period = item->given->period;
    CHECK(date_parse(&today, c->today), "today is no date");
    if (i->record->state->flags & STATE_CLOSED)
        wrong(k, item, "indicator", "closed", N_("This indicator is no longer collected."));
    if (period > period_start(i->frequency, today))
        wrong(k, item, "period", "future", N_("This period has not begun yet."));
    if (date_parse(&from, record_text(i->record, "active_from")) &&
        period < period_start(i->frequency, from))
        wrong(k, item, "period", "too_early", N_("The indicator was not collected yet."));
    if (date_parse(&until, record_text(i->record, "active_until")) && period > until)
        wrong(k, item, "period", "too_late", N_("The indicator was no longer collected."));
    bool has_ratio = record_text(i->definition, "numerator").n > 0;
    if (item->given->has_parts && !has_ratio)
        wrong(k, item, "numerator", "no_ratio", N_("This indicator is no ratio: give its value."));
    if (item->given->has_parts && item->given->denominator == 0)
        wrong(k, item, "denominator", "zero", N_("The denominator is zero."));
}

static void values_of(SeriesRow *row, const Collect *k, const Given *g) {
    int64_t value = g->value;
    if (g->has_parts) {
        bool known;
        int64_t factor = record_int(k->open.definition, "factor");
        value = judge_ratio(&known, &g->numerator, &g->denominator, 1, factor > 0 ? factor : 1);
        row->values[VALUE_NUMERATOR] = value_int(g->numerator);
        row->values[VALUE_DENOMINATOR] = value_int(g->denominator);
    }
    row->values[VALUE_VALUE] = value_int(value);
    row->values[VALUE_COMMENT] = value_text(g->comment);
}

/* ---- judging a line of periods ---- */

static Err thresholds_load(Collect *k) {
    if (k->thresholds_of == k->open.definition->id) return OK;
    Ctx *c = k->c;
    Arena *own = c->arena;
    k->thresholds_of = k->open.definition->id;
    c->arena = k->keep;
    Err e = record_where(&k->thresholds, c, model_need(c->model, "indicator_threshold"),
                         "definition", value_int(k->open.definition->id), 1000);
    c->arena = own;
    return e;
}

typedef struct Past { /* colours and values so far, oldest first; a gap is NOT_JUDGED */
    Colour raw[4096], shown[4096];
    int64_t values[4096];
    size_t n, n_values;
    int64_t period;
} Past;

static void row_add(Past *r, const Collect *k, int64_t period, Colour raw, Colour shown,
                    int64_t value) {
    if (r->n + 2 >= LENGTH(r->raw)) { /* only the last ones matter */
        size_t keep = INDICATOR_LOOK_BACK;
        memmove(r->raw, r->raw + r->n - keep, keep * sizeof *r->raw);
        memmove(r->shown, r->shown + r->n - keep, keep * sizeof *r->shown);
        r->n = keep;
    }
    if (r->n_values + 1 >= LENGTH(r->values)) {
        size_t keep = INDICATOR_LOOK_BACK;
        memmove(r->values, r->values + r->n_values - keep, keep * sizeof *r->values);
        r->n_values = keep;
    }
    if (r->n && period_move(k->open.frequency, r->period, 1) != period) {
        r->raw[r->n] = r->shown[r->n] = NOT_JUDGED;
        r->n++;
    }
    r->raw[r->n] = raw;
    r->shown[r->n++] = shown;
    r->values[r->n_values++] = value;
    r->period = period;
}

static void judge_line(Past *r, Line *line, const Collect *k) {
    Bounds b;
    int64_t threshold, value = line->row.values[VALUE_VALUE].i;
    indicator_pick_bounds(&b, &threshold, &k->thresholds, &k->open,
                          period_end(k->open.frequency, line->row.period));
    Colour raw = threshold ? judge_value(&b, value, r->values, r->n_values) : NOT_JUDGED;
    row_add(r, k, line->row.period, raw, NOT_JUDGED, value);
    Colour shown = threshold ? judge_row(&b, r->raw, r->shown, r->n) : NOT_JUDGED;
    r->shown[r->n - 1] = shown;
    line->row.values[VALUE_COLOUR] = value_int(shown);
    line->row.values[VALUE_RAW] = value_int(raw);
    line->row.values[VALUE_THRESHOLD] = threshold ? value_int(threshold) : (Value){0};
}

/* What the method asks of a person: a reason for a correction, a comment on a bad or sudden value.
 */
static void check_words(Collect *k, const Line *line, const Line *before, const SeriesRow *was) {
    const Value *v = line->row.values;
    if (was && was->values[VALUE_VALUE].i != v[VALUE_VALUE].i && !k->reason.n && !is_by_program(k))
        wrong(k, line->item, "reason", "restated",
              N_("There is another value already: say why it is corrected."));
    if (strcmp(k->method, "manual") != 0 || !value_is_null(v[VALUE_COMMENT])) return;
    bool known = false;
    int64_t above = record_int(k->open.definition, "comment_above");
    int64_t moved =
        before ? judge_variation(&known, v[VALUE_VALUE].i, before->row.values[VALUE_VALUE].i) : 0;
    if (v[VALUE_COLOUR].i == RED)
        wrong(k, line->item, "comment", "required", N_("A red value needs a comment."));
    else if (known && above > 0 && (moved < 0 ? -moved : moved) > above)
        wrong(k, line->item, "comment", "required",
              N_("It moved a lot since the value before: please comment."));
}

static bool rows_equal(const SeriesRow *a, const SeriesRow *b) {
    for (size_t i = 0; i < SERIES_COLUMNS; i++)
        if (!value_eq(a->values[i], b->values[i])) return false;
    return true;
}

static void keep_row(Collect *k, const SeriesRow *row, bool is_correction) {
    GROW(k->keep, k->rows, k->n, k->cap);
    GROW(k->keep, k->is_correction, k->n, k->cap_correction);
    k->is_correction[k->n] = is_correction;
    k->rows[k->n] = *row;
    Value *note = &k->rows[k->n++].values[VALUE_COMMENT];
    if (note->s.n) note->s = str_copy(k->keep, note->s);
}

/* ---- one indicator ---- */

static Line *merge(size_t *n, Collect *k, const SeriesRows *there, const Item *items,
                   size_t n_items) {
    Line *lines = NEW_N(k->c->arena, Line, there->n + n_items + 1);
    size_t a = 0, b = 0;
    *n = 0;
    while (a < there->n || b < n_items) {
        bool take_given =
            b < n_items && (a >= there->n || items[b].given->period <= there->items[a].period);
        Line *line = &lines[*n];
        *line = (Line){0};
        if (take_given) {
            bool replaces = a < there->n && items[b].given->period == there->items[a].period;
            line->row.owner = k->open.record->id;
            line->row.period = items[b].given->period;
            values_of(&line->row, k, items[b].given);
            line->item = &items[b++];
            a += replaces;
        } else
            line->row = there->items[a++];
        (*n)++;
    }
    return lines;
}

static const SeriesRow *row_at(const SeriesRows *rows, int64_t period) {
    size_t low = 0, high = rows->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows->items[middle].period == period) return &rows->items[middle];
        if (rows->items[middle].period < period)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static Err collect_rows(Collect *k, const Item *items, size_t n) {
    Ctx *c = k->c;
    SeriesRows there;
    int64_t today, owner = items[0].given->indicator->id;
    size_t n_lines;
    CHECK(date_parse(&today, c->today), "today is no date");
    TRY(indicator_open(&k->open, c, items[0].given->indicator));
    TRY(thresholds_load(k));
    size_t errors = c->issues.errors;
    for (size_t i = 0; i < n; i++) {
        check_item(k, &items[i]);
        if (i && items[i].given->period == items[i - 1].given->period)
            wrong(k, &items[i], "period", "twice", N_("The same period is given twice."));
    }
    if (c->issues.errors > errors) return OK; /* told at the end, with the others */
    int64_t first = items[0].given->period;
    TRY(series_range(&there, c, &indicator_values, &owner, 1,
                     period_move(k->open.frequency, first, -INDICATOR_LOOK_BACK), INT64_MAX / 2));
    Line *lines = merge(&n_lines, k, &there, items, n);
    Past *row = NEW(c->arena, Past);
    for (size_t i = 0; i < n_lines; i++) {
        Line *line = &lines[i];
        const SeriesRow *was = row_at(&there, line->row.period);
        if (line->row.period < first) {
            row_add(row, k, line->row.period, (Colour)line->row.values[VALUE_RAW].i,
                    (Colour)line->row.values[VALUE_COLOUR].i, line->row.values[VALUE_VALUE].i);
            continue;
        }
        if (line->item)
            line->row.values[VALUE_LATE] =
                was ? was->values[VALUE_LATE]
                    : value_int(!is_by_program(k) &&
                                today > indicator_last_day(&k->open, line->row.period));
        judge_line(row, line, k);
        if (line->item) check_words(k, line, i ? &lines[i - 1] : NULL, was);
        if (was && rows_equal(&line->row, was)) continue;
        keep_row(k, &line->row,
                 was && was->values[VALUE_VALUE].i != line->row.values[VALUE_VALUE].i);
    }
    return OK;
}

/* Memory for one indicator; after an error nothing begins anew, so what is told of it stays. */
static void scratch_begin(Collect *k) {
    arena_reset(k->scratch);
    k->c->arena = k->scratch;
}

static Err collect_one(Collect *k, const Item *items, size_t n) {
    scratch_begin(k);
    Err e = collect_rows(k, items, n);
    k->c->arena = k->keep;
    return e;
}

/* ---- what follows ---- */

enum { PUNCTUAL_PERIODS = 12 };

/* What follows from the values and the definition alone. */
static void figures_into(Ctx *c, const Indicator *i, const SeriesRows *rows, Record *after) {
    static const char *const keys[] = {"none", "green", "amber", "red"};
    const SeriesRow *last = rows->n ? &rows->items[rows->n - 1] : NULL;
    int64_t late = 0;
    for (size_t k = 0; k < rows->n; k++) late += rows->items[k].values[VALUE_LATE].i;
    record_set(after, "given", value_int((int64_t)rows->n));
    record_set(after, "given_late", value_int(late));
    record_set(after, "frequency", record_get(i->definition, "frequency"));
    record_set(after, "category", record_get(i->definition, "category"));
    record_set(after, "last_period",
               last ? value_text(date_text(c->arena, last->period)) : (Value){0});
    record_set(after, "last_value",
               last ? value_int(indicator_rounded(last->values[VALUE_VALUE].i)) : (Value){0});
    record_set(after, "colour",
               value_text(str_of(keys[last ? last->values[VALUE_COLOUR].i : NOT_JUDGED])));
}

static Err refresh(Ctx *c, const Indicator *i, const SeriesRows *rows) {
    Record *after = record_clone(c, i->record);
    const SeriesRow *last = rows->n ? &rows->items[rows->n - 1] : NULL;
    figures_into(c, i, rows, after);
    int64_t from, next = last ? period_move(i->frequency, last->period, 1) : 0;
    if (!last && date_parse(&from, record_text(i->record, "active_from")))
        next = period_start(i->frequency, from);
    record_set(after, "next_due", value_text(date_text(c->arena, indicator_last_day(i, next))));
    return record_save_derived(c, i->record, after);
}

static Err open_breach(Record **out, Ctx *c, const Record *indicator) {
    Records list;
    *out = NULL;
    TRY(record_children(&list, c, model_need(c->model, "breach"), indicator));
    for (size_t i = 0; i < list.n; i++)
        if (!(list.items[i]->state->flags & STATE_CLOSED)) *out = list.items[i];
    return OK;
}

static bool is_worse(const Indicator *i, int64_t value, int64_t peak) {
    return i->direction == LOWER_WORSE ? value < peak : value > peak;
}

static Value rounded(const SeriesRow *row) {
    return value_int(indicator_rounded(row->values[VALUE_VALUE].i));
}

static Err breach_save(Ctx *c, const Indicator *i, const SeriesRow *last, Record *open) {
    Record *r = open ? record_clone(c, open) : record_new(c, model_need(c->model, "breach")),
           *saved;
    Colour colour = (Colour)last->values[VALUE_COLOUR].i;
    bool was_red = open && str_is(record_text(open, "colour"), "red");
    Value day = value_text(date_text(c->arena, last->period));
    if (!open) {
        record_set(r, "indicator", value_int(i->record->id));
        record_set(r, "began_on", day);
    }
    if (!was_red) record_set(r, "colour", value_text(colour == RED ? S("red") : S("amber")));
    if (!open || is_worse(i, rounded(last).i, record_int(open, "peak"))) {
        record_set(r, "peak", rounded(last));
        record_set(r, "peak_on", day);
    }
    TRY(record_save(&saved, c, r, open ? "update" : "create"));
    if (!open || was_red || colour != RED || c->is_quiet) return OK;
    Str key = str_fmt(c->arena, "breach/%lld/red", (long long)saved->id);
    return work_tell(c, saved, "breach.worse", NULL, key, (Str){0});
}

static Err breach_end(Ctx *c, const SeriesRow *last, Record *open) {
    Record *r = record_clone(c, open), *saved;
    Input nothing = {0};
    record_set(r, "ended_on", value_text(date_text(c->arena, last->period)));
    TRY(record_save(&r, c, r, "update"));
    return record_move(&saved, c, r, "end", &nothing);
}

Err indicator_refresh(Ctx *c, Record *r) {
    Indicator i;
    SeriesRows last;
    TRY(indicator_open(&i, c, r));
    TRY(series_last(&last, c, &indicator_values, r->id, INT64_MAX / 2, PUNCTUAL_PERIODS));
    return refresh(c, &i, &last);
}

/* Without the next day, which follows from the calendar, too. */
Err indicator_rederive(Ctx *c, Record *r) {
    Indicator i;
    SeriesRows last;
    if (!record_text(r, "frequency").n) return OK; /* of an older base */
    TRY(indicator_open(&i, c, r));
    TRY(series_last(&last, c, &indicator_values, r->id, INT64_MAX / 2, PUNCTUAL_PERIODS));
    figures_into(c, &i, &last, r);
    return OK;
}

/* Breaches follow the newest value only: a correction of the past changes no episode by itself. */
static Err follow(Ctx *c, const Indicator *i) {
    SeriesRows last;
    Record *open;
    TRY(series_last(&last, c, &indicator_values, i->record->id, INT64_MAX / 2, PUNCTUAL_PERIODS));
    TRY(refresh(c, i, &last));
    if (!last.n) return OK;
    const SeriesRow *newest = &last.items[last.n - 1];
    Colour colour = (Colour)newest->values[VALUE_COLOUR].i;
    TRY(open_breach(&open, c, i->record));
    if (colour == GREEN) return open ? breach_end(c, newest, open) : OK;
    return colour == AMBER || colour == RED ? breach_save(c, i, newest, open) : OK;
}

/* One value: it answers what was asked, and a reviewer learns of a correction. */
static Err follow_row(Collect *k, const Indicator *i, const SeriesRow *row) {
    Ctx *c = k->c;
    Str period = period_key(c->arena, i->frequency, row->period);
    TRY(indicator_answered(c, i, row->period));
    if (!k->reason.n || !k->is_correction[row - k->rows] || c->is_quiet) return OK;
    Str key = str_fmt(c->arena, "indicator/%lld/%.*s/%lld", (long long)i->record->id, FMT(period),
                      (long long)k->batch);
    /* What is looked up for the readers of this one is not to be remembered. */
    void *cache = c->cache;
    Arena *remembered = c->keep;
    c->cache = NULL;
    c->keep = NULL;
    Err e = work_tell(c, i->record, "indicator.restated", NULL, key, period);
    c->cache = cache;
    c->keep = remembered;
    return e;
}

static Err follow_all(Collect *k) {
    Ctx *c = k->c;
    Actor *actor = c->actor;
    void *cache = c->cache;
    Err e = OK;
    int64_t done = 0;
    size_t *firsts = NEW_N(c->arena, size_t, k->n + 1), n = 0; /* the first row of each owner */
    for (size_t i = 0; i < k->n; i++) {
        if (k->rows[i].owner == done) continue;
        done = k->rows[i].owner;
        firsts[n++] = i;
    }
    firsts[n] = k->n;
    /* The person gives a value; what it means for breaches is the rule's doing. */
    c->actor = NEW(c->arena, Actor);
    *c->actor = *actor;
    c->actor->is_system = true;
    c->cache = NULL;
    for (size_t i = 0; i < n && e == OK; i++) {
        Record *r;
        Indicator one;
        scratch_begin(k);
        e = record_load_raw(&r, c, model_need(c->model, "indicator"), k->rows[firsts[i]].owner);
        if (e == OK) e = indicator_open(&one, c, r);
        if (e == OK) e = follow(c, &one);
        for (size_t x = firsts[i]; x < firsts[i + 1] && e == OK; x++)
            e = follow_row(k, &one, &k->rows[x]);
    }
    c->arena = k->keep;
    c->actor = actor;
    c->cache = cache;
    return e;
}

/* ---- the public ways ---- */

static Err write_batch(Collected *out, Collect *k) {
    Ctx *c = k->c;
    const Type *t = model_need(c->model, "indicator_batch");
    Record *batch = record_new(c, t);
    Actor *actor = c->actor;
    record_set(batch, "title", value_text(str_fmt(c->arena, "%zu · %.*s", k->n, FMT(c->today))));
    record_set(batch, "method", value_text(str_of(k->method)));
    record_set(batch, "why", value_text(k->reason));
    c->actor = NEW(c->arena, Actor);
    *c->actor = *actor; /* nobody holds the right to make batches by hand */
    c->actor->is_system = true;
    Err e = series_put(&out->batch, c, &indicator_values, k->rows, k->n, batch);
    c->actor = actor;
    TRY(e);
    if (!out->batch) return OK;
    k->batch = out->batch->id;
    out->created = record_int(out->batch, "rows_new");
    out->changed = record_int(out->batch, "rows_changed");
    return follow_all(k);
}

static void free_scratch(void *arena) {
    arena_free(arena);
}

static Err collect_all(Collected *out, Collect *k, Given *given, size_t n) {
    Ctx *c = k->c;
    *out = (Collected){0};
    if (n > SERIES_BATCH) return issue(c, "values", "too_many", N_("Too many values in one call."));
    Item *items = NEW_N(c->arena, Item, n + 1);
    for (size_t i = 0; i < n; i++) items[i] = (Item){&given[i], i};
    qsort(items, n, sizeof *items, by_indicator);
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && items[end].given->indicator->id == items[i].given->indicator->id) end++;
        TRY(collect_one(k, &items[i], end - i));
        i = end;
    }
    if (c->issues.errors) return ERR_INVALID;
    TRY(write_batch(out, k));
    out->unchanged = (int64_t)n - out->created - out->changed;
    if (out->unchanged < 0) out->unchanged = 0; /* later periods were judged again, too */
    return OK;
}

Err indicator_collect(Collected *out, Ctx *c, Given *given, size_t n, const char *method,
                      Str reason) {
    Collect *k = NEW(c->arena, Collect);
    Arena *keep = c->keep;
    *k = (Collect){.c = c,
                   .method = method,
                   .reason = str_trim(reason),
                   .keep = c->arena,
                   .scratch = arena_new(0)};
    arena_defer(c->arena, free_scratch, k->scratch);
    if (!c->keep) c->keep = c->arena; /* what the context remembers outlives one indicator */
    Err e = collect_all(out, k, given, n);
    c->arena = k->keep;
    c->keep = keep;
    return e;
}

Err indicator_rejudge(Ctx *c, Record *r, int64_t from) {
    SeriesRows there;
    Indicator i;
    Collected done;
    TRY(indicator_open(&i, c, r));
    TRY(series_range(&there, c, &indicator_values, &r->id, 1, period_start(i.frequency, from),
                     INT64_MAX / 2));
    Given *given = NEW_N(c->arena, Given, there.n + 1);
    for (size_t k = 0; k < there.n; k++) {
        const Value *v = there.items[k].values;
        given[k] = (Given){.indicator = r,
                           .period = there.items[k].period,
                           .value = v[VALUE_VALUE].i,
                           .has_parts = !value_is_null(v[VALUE_DENOMINATOR]),
                           .numerator = v[VALUE_NUMERATOR].i,
                           .denominator = v[VALUE_DENOMINATOR].i,
                           .comment = v[VALUE_COMMENT].s};
    }
    return there.n ? indicator_collect(&done, c, given, there.n, "rejudged", (Str){0}) : OK;
}

bool indicator_may_provide(Ctx *c, const Record *r) {
    int64_t me = c->actor->user;
    const Access *access;
    if (c->actor->is_system) return true;
    if (c->actor->is_read_only || !me) return false;
    if (record_int(r, "provider") == me) return true;
    return access_of(&access, c, r->type, OP_UPDATE) == OK && access_allows(access, r);
}

bool indicator_parse_value(int64_t *out, Str text) {
    char bytes[48];
    Str s = str_trim(text);
    size_t commas = 0;
    if (!s.n || s.n >= sizeof bytes) return false;
    for (size_t i = 0; i < s.n; i++) {
        bytes[i] = s.p[i] == ',' ? '.' : s.p[i];
        commas += s.p[i] == ',' || s.p[i] == '.';
    }
    /* One separator alone is the decimal sign, also before three digits. */
    if (commas <= 1 && decimal_parse(out, (Str){bytes, s.n}, JUDGE_DIGITS)) return true;
    return decimal_parse_loose(out, s, JUDGE_DIGITS, true);
}
