/* indicator_follow.c: see indicator_follow.h. Many indicators at a time, with a few statements for
 * all of them; only breaches and answers are a work of their own. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "modules/indicator/indicator_follow.h"

#include <stdlib.h>

#include "base/clock.h"
#include "modules/indicator/indicator_auto.h"
#include "modules/indicator/indicator_query.h"
#include "work/work.h"

enum { PART = 250, TOLD_SINGLY = 10 };

/* ---- the indicator's own fields ---- */

/* What follows from the values and the definition alone. */
static void figures_into(Ctx *c, const Followed *f, bool has_values, Record *after) {
    static const char *const keys[] = {"none", "green", "amber", "red"};
    const Value *v = f->newest.values;
    record_set(after, "given", value_int(f->given));
    record_set(after, "given_late", value_int(f->late));
    record_set(after, "frequency", record_get(f->open.definition, "frequency"));
    record_set(after, "category", record_get(f->open.definition, "category"));
    record_set(after, "last_period",
               has_values ? value_text(date_text(c->arena, f->newest.period)) : (Value){0});
    record_set(after, "last_value",
               has_values ? value_int(indicator_rounded(v[VALUE_VALUE].i)) : (Value){0});
    record_set(after, "colour",
               value_text(str_of(keys[has_values ? v[VALUE_COLOUR].i : NOT_JUDGED])));
}

static Record *refreshed(Ctx *c, const Followed *f, bool has_values) {
    const Indicator *i = &f->open;
    Record *after = record_clone(c, i->record);
    int64_t from, next = has_values ? period_move(i->frequency, f->newest.period, 1) : 0;
    figures_into(c, f, has_values, after);
    if (!has_values && date_parse(&from, record_text(i->record, "active_from")))
        next = period_start(i->frequency, from);
    record_set(after, "next_due", value_text(date_text(c->arena, indicator_last_day(i, next))));
    record_set(after, "calendar", i->calendar->id ? value_int(i->calendar->id) : (Value){0});
    if (!indicator_is_worked_out(i)) { /* it was, and people give it now */
        record_set(after, "gap", (Value){0});
        record_set(after, "gap_part", (Value){0});
    }
    return after;
}

static Err followed_of(Followed *f, bool *has_values, Ctx *c, Record *r) {
    SeriesRows last;
    *f = (Followed){0};
    TRY(indicator_open(&f->open, c, r));
    TRY(series_last(&last, c, &indicator_values, r->id, INT64_MAX / 2, PUNCTUAL_PERIODS));
    *has_values = last.n > 0;
    if (last.n) f->newest = last.items[last.n - 1];
    int64_t since = period_move(f->open.frequency, f->newest.period, 1 - PUNCTUAL_PERIODS);
    for (size_t k = 0; k < last.n; k++) {
        if (last.items[k].period < since) continue;
        f->given++;
        f->late += last.items[k].values[VALUE_LATE].i;
    }
    return OK;
}

Err indicator_refresh(Ctx *c, Record *r) {
    Followed f;
    bool has_values;
    TRY(followed_of(&f, &has_values, c, r));
    return record_save_derived(c, r, refreshed(c, &f, has_values));
}

/* Without the next day, which follows from the calendar, too. */
Err indicator_rederive(Ctx *c, Record *r) {
    Followed f;
    bool has_values;
    if (!record_text(r, "frequency").n) return OK; /* of an older base */
    TRY(followed_of(&f, &has_values, c, r));
    figures_into(c, &f, has_values, r);
    return OK;
}

static int by_id(const void *x, const void *y) {
    const Record *a = *(Record *const *)x, *b = *(Record *const *)y;
    return (a->id > b->id) - (a->id < b->id);
}

/* The caller may hold a record as it was some values ago: figures change from what is stored. */
static Err refresh_part(const Follow *f, const Followed *list, size_t n) {
    Ctx *c = f->c;
    Records stored;
    const Record **before = NEW_N(c->arena, const Record *, n);
    Record **after = NEW_N(c->arena, Record *, n);
    int64_t *ids = NEW_N(c->arena, int64_t, n);
    for (size_t i = 0; i < n; i++) ids[i] = list[i].open.record->id;
    TRY(record_load_many(&stored, c, model_need(c->model, "indicator"), ids, n));
    for (size_t i = 0; i < n; i++) {
        Followed one = list[i];
        Record *key = one.open.record, **found;
        found = bsearch(&key, stored.items, stored.n, sizeof *stored.items, by_id);
        if (!found) return ERR_CONFLICT;
        one.open.record = *found;
        before[i] = *found;
        after[i] = refreshed(c, &one, true);
    }
    return record_save_derived_many(c, before, after, n);
}

/* ---- breaches ---- */

static bool is_worse(const Indicator *i, int64_t value, int64_t peak) {
    return i->direction == LOWER_WORSE ? value < peak : value > peak;
}

static Err breach_save(Ctx *c, const Followed *f, Record *open) {
    Record *r = open ? record_clone(c, open) : record_new(c, model_need(c->model, "breach")),
           *saved;
    const Value *v = f->newest.values;
    Colour colour = (Colour)v[VALUE_COLOUR].i;
    int64_t value = indicator_rounded(v[VALUE_VALUE].i);
    bool was_red = open && str_is(record_text(open, "colour"), "red");
    Value day = value_text(date_text(c->arena, f->newest.period));
    if (!open) {
        record_set(r, "indicator", value_int(f->open.record->id));
        record_set(r, "began_on", day);
    }
    if (!was_red) record_set(r, "colour", value_text(colour == RED ? S("red") : S("amber")));
    if (!open || is_worse(&f->open, value, record_int(open, "peak"))) {
        record_set(r, "peak", value_int(value));
        record_set(r, "peak_on", day);
    }
    TRY(record_save(&saved, c, r, open ? "update" : "create"));
    if (!open || was_red || colour != RED || c->is_quiet) return OK;
    Str key = str_fmt(c->arena, "breach/%lld/red", (long long)saved->id);
    return work_tell(c, saved, "breach.worse", NULL, key, (Str){0});
}

static Err breach_end(Ctx *c, const Followed *f, Record *open) {
    Record *r = record_clone(c, open), *saved;
    Input nothing = {0};
    record_set(r, "ended_on", value_text(date_text(c->arena, f->newest.period)));
    TRY(record_save(&r, c, r, "update"));
    return record_move(&saved, c, r, "end", &nothing);
}

/* Breaches follow the newest value only: a correction of the past changes no episode by itself. */
static Err breach_of(Ctx *c, const Followed *f, int64_t breach) {
    Record *open = NULL;
    Colour colour = (Colour)f->newest.values[VALUE_COLOUR].i;
    if (breach) TRY(record_load_raw(&open, c, model_need(c->model, "breach"), breach));
    if (colour == GREEN) return open ? breach_end(c, f, open) : OK;
    return colour == AMBER || colour == RED ? breach_save(c, f, open) : OK;
}

/* list: by id of the indicator. */
static Err breaches_part(const Follow *f, const Followed *list, size_t n) {
    int64_t *ids = NEW_N(f->c->arena, int64_t, n);
    OpenBreach *open;
    size_t n_open;
    for (size_t i = 0; i < n; i++) ids[i] = list[i].open.record->id;
    TRY(indicator_query_open(&open, &n_open, f->c, ids, n));
    for (size_t i = 0; i < n; i++) {
        int64_t breach = 0;
        for (size_t low = 0, high = n_open; low < high && !breach;) {
            size_t middle = low + (high - low) / 2;
            if (open[middle].indicator == ids[i]) breach = open[middle].breach;
            if (open[middle].indicator < ids[i])
                low = middle + 1;
            else
                high = middle;
        }
        TRY(breach_of(f->c, &list[i], breach));
    }
    return OK;
}

/* ---- what was asked ---- */

static Err answers_part(const Follow *f, const Followed *list, size_t n) {
    size_t n_answers = 0;
    for (size_t i = 0; i < n; i++) n_answers += list[i].n;
    Answer *answers = NEW_N(f->c->arena, Answer, n_answers + 1);
    n_answers = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < list[i].n; k++)
            answers[n_answers++] = (Answer){&list[i].open, list[i].periods[k]};
    return indicator_answered(f->c, answers, n_answers);
}

/* ---- who learns of corrections ---- */

static Err tell(const Follow *f, const Followed *x, const char *notice, Str key, Str words) {
    Ctx *c = f->c;
    /* What is looked up for the readers of this one is not to be remembered. */
    void *cache = c->cache;
    Arena *remembered = c->keep;
    c->cache = NULL;
    c->keep = NULL;
    Err e = work_tell(c, x->open.record, notice, NULL, key, words);
    c->cache = cache;
    c->keep = remembered;
    return e;
}

static Err tell_singly(const Follow *f, const Followed *x) {
    Ctx *c = f->c;
    for (size_t k = 0; k < x->n_corrected; k++) {
        Str period = period_key(c->arena, x->open.frequency, x->corrected[k]);
        Str key = str_fmt(c->arena, "indicator/%lld/%.*s/%lld", (long long)x->open.record->id,
                          FMT(period), (long long)f->batch);
        TRY(tell(f, x, "indicator.restated", key, period));
    }
    return OK;
}

/* Each correction by itself, but one notice for all of them to who would get many. */
static Err tell_reviewers(const Follow *f) {
    Ctx *c = f->c;
    int64_t *reviewers = NEW_N(c->arena, int64_t, f->n + 1);
    for (size_t i = 0; i < f->n && f->is_told; i++)
        if (f->list[i].n_corrected) reviewers[i] = record_int(f->list[i].open.record, "reviewer");
    for (size_t i = 0; i < f->n; i++) {
        const Followed *x = &f->list[i];
        int64_t reviewer = reviewers[i], all = 0;
        bool is_first = true;
        for (size_t k = 0; k < f->n && reviewer; k++) {
            if (reviewers[k] != reviewer) continue;
            if (k < i) is_first = false;
            all += (int64_t)f->list[k].n_corrected;
            if (!is_first && all > TOLD_SINGLY) break;
        }
        if (!reviewer) continue;
        if (all <= TOLD_SINGLY) {
            TRY(tell_singly(f, x));
            continue;
        }
        if (!is_first) continue;
        Str key = str_fmt(c->arena, "restated/%lld/%lld", (long long)f->batch, (long long)reviewer);
        TRY(tell(f, x, "indicator.restated_many", key, str_fmt(c->arena, "%lld", (long long)all)));
    }
    return OK;
}

/* ---- values that ended ---- */

Err indicator_ended_follow(Ctx *c, Record *r) {
    Followed f;
    bool has_values;
    OpenBreach *open;
    size_t n;
    TRY(followed_of(&f, &has_values, c, r));
    Colour colour = has_values ? (Colour)f.newest.values[VALUE_COLOUR].i : NOT_JUDGED;
    if (colour != AMBER && colour != RED) return OK;
    TRY(indicator_query_open(&open, &n, c, &r->id, 1));
    return n ? OK : breach_save(c, &f, NULL);
}

static Str ended_words(Ctx *c, const Indicator *i, const int64_t *periods, const Gap *gaps,
                       size_t n) {
    Text words = text_new(c->arena, 8000);
    for (size_t k = 0; k < n; k++)
        text_fmt(&words, "%s%.*s: %.*s", k ? "\n" : "",
                 FMT(period_key(c->arena, i->frequency, periods[k])),
                 FMT(indicator_gap_words(c, i, &gaps[k])));
    return text_str(&words);
}

Err indicator_end_values(Ctx *c, const Indicator *i, const int64_t *periods, const Gap *gaps,
                         size_t n) {
    Record *stored, *ended, *batch = record_new(c, model_need(c->model, "indicator_batch"));
    bool counted = str_is(record_text(i->definition, "collection"), "automatic");
    record_set(batch, "title", value_text(str_fmt(c->arena, "%zu · %.*s", n, FMT(c->today))));
    record_set(batch, "method", value_text(counted ? S("automatic") : S("calculated")));
    record_set(batch, "why", value_text(ended_words(c, i, periods, gaps, n)));
    TRY(series_end(&ended, c, &indicator_values, i->record->id, periods, n, batch));
    if (!ended) return OK;
    TRY(record_load_raw(&stored, c, i->record->type, i->record->id));
    TRY(indicator_refresh(c, stored));
    for (size_t k = 0; k < n && !c->is_quiet; k++) {
        Str period = period_key(c->arena, i->frequency, periods[k]);
        Str key = str_fmt(c->arena, "indicator/%lld/%.*s/%lld", (long long)stored->id, FMT(period),
                          (long long)ended->id);
        TRY(work_tell(c, stored, "indicator.ended", NULL, key, period));
    }
    return OK;
}

/* ---- all of it ---- */

static Err follow_part(const Follow *f, const Followed *list, size_t n) {
    TRY(refresh_part(f, list, n));
    TRY(breaches_part(f, list, n));
    return answers_part(f, list, n);
}

static Err follow_all(const Follow *f) {
    Ctx *c = f->c;
    for (size_t i = 0; i < f->n; i += PART) {
        arena_reset(f->scratch);
        c->arena = f->scratch;
        Err e = follow_part(f, f->list + i, f->n - i < PART ? f->n - i : PART);
        c->arena = f->keep;
        TRY(e);
    }
    return tell_reviewers(f);
}

Err indicator_follow(const Follow *f) {
    Ctx *c = f->c;
    Actor *actor = c->actor;
    void *cache = c->cache;
    c->actor = NEW(c->arena, Actor);
    *c->actor = *actor;
    c->actor->is_system = true;
    c->cache = NULL;
    Err e = follow_all(f);
    c->actor = actor;
    c->cache = cache;
    return e;
}
