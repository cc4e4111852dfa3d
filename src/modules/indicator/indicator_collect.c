/* indicator_collect.c: values arrive: judged against the threshold of their period and written in
 * one batch; what follows of it is in indicator_follow.c. A call may be about ten thousand
 * indicators, so they are worked on some hundred at a time, with a few statements for all of them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/indicator/indicator_follow.h"

#include <stdlib.h>

#include "base/clock.h"

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
typedef struct Past { /* colours and values so far, oldest first; a gap is NOT_JUDGED */
    Colour raw[4096], shown[4096];
    int64_t values[4096];
    size_t n, n_values;
    int64_t period;
} Past;
/* An indicator of the call. */
typedef struct Subject {
    Indicator open;
    Records thresholds; /* of its definition */
    const Item *items;
    size_t n;
} Subject;
typedef struct Collect {
    Ctx *c;
    Arena *keep, *scratch; /* for what is written or told, and for one part at a time */
    const char *method;
    Str reason;
    SeriesRow *rows; /* to be written */
    size_t n, cap;
    Followed *followed; /* the indicators of those rows */
    size_t n_followed, cap_followed;
    const Subject *now; /* the indicator being worked on */
    Past past;
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
    int other =
        str_cmp(record_text(a->indicator, "frequency"), record_text(b->indicator, "frequency"));
    if (other) return other;
    if (a->indicator->id != b->indicator->id) return a->indicator->id < b->indicator->id ? -1 : 1;
    return (a->period > b->period) - (a->period < b->period);
}

static void check_item(Collect *k, const Item *item) {
    Ctx *c = k->c;
    const Indicator *i = &k->now->open;
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
        int64_t factor = record_int(k->now->open.definition, "factor");
        value = judge_ratio(&known, &g->numerator, &g->denominator, 1, factor > 0 ? factor : 1);
        row->values[VALUE_NUMERATOR] = value_int(g->numerator);
        row->values[VALUE_DENOMINATOR] = value_int(g->denominator);
    }
    row->values[VALUE_VALUE] = value_int(value);
    row->values[VALUE_COMMENT] = value_text(g->comment);
}

/* ---- judging a line of periods ---- */

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
    if (r->n && period_move(k->now->open.frequency, r->period, 1) != period) {
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
    indicator_pick_bounds(&b, &threshold, &k->now->thresholds, &k->now->open,
                          period_end(k->now->open.frequency, line->row.period));
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
    int64_t above = record_int(k->now->open.definition, "comment_above");
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

static void keep_row(Collect *k, const SeriesRow *row) {
    GROW(k->keep, k->rows, k->n, k->cap);
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
            line->row.owner = k->now->open.record->id;
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

/* What the last periods say now: for the indicator's own fields and its breach. */
static void sum_up(Collect *k, const Line *lines, size_t n_lines, const Followed *told) {
    Followed *f;
    GROW(k->keep, k->followed, k->n_followed, k->cap_followed);
    f = &k->followed[k->n_followed++];
    *f = *told;
    f->open = k->now->open;
    f->newest = lines[n_lines - 1].row;
    f->newest.values[VALUE_COMMENT] = (Value){0};
    int64_t since = period_move(f->open.frequency, f->newest.period, 1 - PUNCTUAL_PERIODS);
    for (size_t i = 0; i < n_lines; i++) {
        if (lines[i].row.period < since) continue;
        f->given++;
        f->late += lines[i].row.values[VALUE_LATE].i;
    }
}

static bool items_are_good(Collect *k, const Item *items, size_t n) {
    size_t errors = k->c->issues.errors;
    for (size_t i = 0; i < n; i++) {
        check_item(k, &items[i]);
        if (i && items[i].given->period == items[i - 1].given->period)
            wrong(k, &items[i], "period", "twice", N_("The same period is given twice."));
    }
    return k->c->issues.errors == errors;
}

/* there: the stored rows of this indicator, from some periods before the first given one on. */
static void collect_rows(Collect *k, const SeriesRows *there) {
    const Item *items = k->now->items;
    int64_t today, first = items[0].given->period;
    size_t n_lines;
    Followed told = {.periods = NEW_N(k->keep, int64_t, k->now->n + there->n + 1)};
    told.corrected = NEW_N(k->keep, int64_t, k->now->n + 1);
    CHECK(date_parse(&today, k->c->today), "today is no date");
    Line *lines = merge(&n_lines, k, there, items, k->now->n);
    Past *row = &k->past;
    row->n = row->n_values = 0;
    for (size_t i = 0; i < n_lines; i++) {
        Line *line = &lines[i];
        const SeriesRow *was = row_at(there, line->row.period);
        if (line->row.period < first) {
            row_add(row, k, line->row.period, (Colour)line->row.values[VALUE_RAW].i,
                    (Colour)line->row.values[VALUE_COLOUR].i, line->row.values[VALUE_VALUE].i);
            continue;
        }
        if (line->item)
            line->row.values[VALUE_LATE] =
                was ? was->values[VALUE_LATE]
                    : value_int(!is_by_program(k) &&
                                today > indicator_last_day(&k->now->open, line->row.period));
        judge_line(row, line, k);
        if (line->item) check_words(k, line, i ? &lines[i - 1] : NULL, was);
        if (was && rows_equal(&line->row, was)) continue;
        if (was && was->values[VALUE_VALUE].i != line->row.values[VALUE_VALUE].i)
            told.corrected[told.n_corrected++] = line->row.period;
        told.periods[told.n++] = line->row.period;
        keep_row(k, &line->row);
    }
    if (told.n) sum_up(k, lines, n_lines, &told);
}

/* ---- some indicators at a time ---- */

enum { PART_SUBJECTS = 250, PART_ITEMS = 2000 };

static Err subject_open(Subject *out, Collect *k, const Item *items, size_t n) {
    Ctx *c = k->c;
    *out = (Subject){.items = items, .n = n};
    TRY(indicator_open(&out->open, c, items[0].given->indicator));
    return record_shared_where(&out->thresholds, c, model_need(c->model, "indicator_threshold"),
                               "definition", out->open.definition->id, 1000);
}

/* How many periods before the first given one its judgement may look at. A person is asked about a
 * jump since the value before, however long ago that was. */
static int look_back(const Collect *k, const Subject *x) {
    int most = PUNCTUAL_PERIODS;
    if (strcmp(k->method, "manual") == 0) return INDICATOR_LOOK_BACK;
    for (size_t i = 0; i < x->thresholds.n; i++) {
        const Record *t = x->thresholds.items[i];
        int rows = (int)(record_int(t, "persistence") + record_int(t, "hysteresis")) + 2;
        if (!str_is(record_text(t, "basis"), "absolute")) return INDICATOR_LOOK_BACK;
        if (rows > most) most = rows;
    }
    return most < INDICATOR_LOOK_BACK ? most : INDICATOR_LOOK_BACK;
}

static Err collect_part(Collect *k, const Subject *part, size_t n) {
    Ctx *c = k->c;
    SeriesRows all;
    int64_t *owners = NEW_N(c->arena, int64_t, n + 1), from = INT64_MAX;
    for (size_t i = 0; i < n; i++) {
        int64_t since = period_move(part[i].open.frequency, part[i].items[0].given->period,
                                    -look_back(k, &part[i]));
        owners[i] = part[i].open.record->id;
        if (since < from) from = since;
    }
    TRY(series_range(&all, c, &indicator_values, owners, n, from, INT64_MAX / 2));
    for (size_t i = 0, at = 0; i < n; i++) {
        SeriesRows there = {.items = all.items + at};
        while (at < all.n && all.items[at].owner == owners[i]) at++, there.n++;
        k->now = &part[i];
        collect_rows(k, &there);
    }
    return OK;
}

/* Those of one frequency from items[*at] on, by id; an indicator whose items are wrong is left out:
 * that is told at the end, with the others. */
static Err collect_some(Collect *k, const Item *items, size_t n, size_t *at) {
    Subject *part = NEW_N(k->c->arena, Subject, PART_SUBJECTS);
    size_t n_part = 0, n_items = 0;
    while (*at < n && n_part < PART_SUBJECTS && n_items < PART_ITEMS) {
        const Item *first = &items[*at];
        size_t m = 1;
        while (*at + m < n && first[m].given->indicator->id == first->given->indicator->id) m++;
        TRY(subject_open(&part[n_part], k, first, m));
        if (n_part && part[n_part].open.frequency != part[0].open.frequency) break;
        *at += m;
        n_items += m;
        k->now = &part[n_part];
        n_part += items_are_good(k, first, m);
    }
    return n_part ? collect_part(k, part, n_part) : OK;
}

/* Memory for one part; after an error nothing begins anew, so what is told of it stays. */
static Err collect_next(Collect *k, const Item *items, size_t n, size_t *at) {
    arena_reset(k->scratch);
    k->c->arena = k->scratch;
    Err e = collect_some(k, items, n, at);
    k->c->arena = k->keep;
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
    out->created = record_int(out->batch, "rows_new");
    out->changed = record_int(out->batch, "rows_changed");
    Follow f = {.c = c,
                .keep = k->keep,
                .scratch = k->scratch,
                .list = k->followed,
                .n = k->n_followed,
                .batch = out->batch->id,
                .is_told = k->reason.n > 0 && !c->is_quiet};
    return indicator_follow(&f);
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
    for (size_t i = 0; i < n;) TRY(collect_next(k, items, n, &i));
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
