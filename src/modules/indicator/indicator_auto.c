/* indicator_auto.c: values that nobody enters, and the run that brings them: counted from the
 * records of Gardefou by the same filters as its lists (so that each figure opens its records), or
 * worked out from other indicators (indicator_formula.c). As the system. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "base/clock.h"
#include "model/core_rules.h"
#include "modules/indicator/indicator_auto.h"

enum { CATCH_UP = 13, MILLION_MINOR = 100000000, MOST_DEFINITIONS = 2000 };

/* ---- counting ---- */

static const struct Counter {
    const char *key, *type; /* of another module; absent: no value */
    const char *filter; /* {from}, {to}: the period; {year}: a year before its end; {month}: 30 days
                         * before it; {next}: 30 days after it */
    bool is_now;        /* speaks of today: only the newest period can be known */
} counters[] = {
    {"losses", "incident",
     "event_kind=loss&state.in={states}&discovered_on.ge={from}&discovered_on.le={to}", false},
    {"net_loss", "incident",
     "event_kind=loss&state.in={states}&discovered_on.ge={from}&discovered_on.le={to}", false},
    {"late_declarations", "incident", "state.in={states}&declared_on.ge={from}&declared_on.le={to}",
     false},
    {"near_miss_share", "incident",
     "event_kind=near_miss&state.in={states}&discovered_on.ge={from}&discovered_on.le={to}", false},
    {"stale_estimates", "incident",
     "event_kind=loss&state.open=1&financial_status=estimated&declared_on.le={month}", true},
    {"open_12_months", "incident", "state.open=1&declared_on.le={year}", true},
    {"without_entry", "incident",
     "event_kind=loss&state.open=1&entry_count=0&declared_on.le={month}", true},
    {"overdue_actions", "action", "overdue=true", true},
    {"expiring_acceptances", "risk_acceptance", "expires_soon=true", true},
    {"missing_values", "indicator", "value_missing=true", true},
};

static const struct Counter *counter_of(Str key) {
    for (size_t i = 0; i < LENGTH(counters); i++)
        if (str_is(key, counters[i].key)) return &counters[i];
    return NULL;
}

static Str states_of(Ctx *c, const Type *t) {
    Text names = text_new(c->arena, 1000);
    for (size_t i = 0; i < t->n_states; i++) {
        if ((t->states[i].flags & STATE_VOID) || strcmp(t->states[i].name, "draft") == 0) continue;
        if (names.n) text_char(&names, ',');
        text_addz(&names, t->states[i].name);
    }
    return text_str(&names);
}

static Str filled(Ctx *c, const Type *t, const char *pattern, int64_t from, int64_t to) {
    const struct {
        const char *name;
        Str value;
    } words[] = {
        {"{from}", date_text(c->arena, from)},     {"{to}", date_text(c->arena, to)},
        {"{year}", date_text(c->arena, to - 365)}, {"{month}", date_text(c->arena, to - 30)},
        {"{next}", date_text(c->arena, to + 30)},  {"{states}", states_of(c, t)}};
    Text out = text_new(c->arena, 4000);
    for (Str rest = str_of(pattern); rest.n;) {
        size_t k = 0;
        while (k < LENGTH(words) && !str_starts(rest, str_of(words[k].name))) k++;
        size_t n = k < LENGTH(words) ? strlen(words[k].name) : 1;
        text_add(&out, k < LENGTH(words) ? words[k].value : str_sub(rest, 0, 1));
        rest = str_sub(rest, n, rest.n);
    }
    return text_str(&out);
}

/* A condition or type that another module brings may be absent with it. */
static bool can_count(const Type *t, const char *filter) {
    if (!t) return false;
    Str first = str_of(filter), name;
    str_cut(&name, &first, '=');
    return !str_is(first, "true") || type_condition(t, name) != NULL;
}

/* One value stands for everybody who sees the indicator, so it may hold nothing of a case that only
 * some of them may see: a head of unit would find a fraud by subtraction. */
static const char *open_cases(const Type *t) {
    return (t->flags & TYPE_CONFIDENTIAL) || t->parent ? "&restricted=false" : "";
}

Err indicator_auto_filter(Str *out, Ctx *c, const Indicator *i, int64_t period) {
    const struct Counter *k = counter_of(record_text(i->definition, "counter"));
    const Type *t = k ? model_type(c->model, str_of(k->type)) : NULL;
    RefName unit = {0};
    *out = (Str){0};
    if (!k || !can_count(t, k->filter)) return OK;
    TRY(ref_name(&unit, c, model_need(c->model, "unit"), i->record->unit));
    *out = str_fmt(c->arena, "/%s?%.*s%s&unit.under=%.*s", t->plural,
                   FMT(filled(c, t, k->filter, period, period_end(i->frequency, period))),
                   open_cases(t), FMT(unit.key));
    return OK;
}

/* "a=b&c=d" of our own making: no escapes in it. */
static void parameters(Input *in, Arena *a, Str query) {
    Str part, name;
    while (query.n && str_cut(&part, &query, '&')) {
        str_cut(&name, &part, '=');
        input_add(in, a, name, part);
    }
}

static Err open_list(ListQuery *q, Ctx *c, const Type *t, Str address) {
    Input in = {0};
    Str path, query = address;
    str_cut(&path, &query, '?');
    parameters(&in, c->arena, query);
    return list_parse(q, c, t, &in);
}

typedef struct Tally {
    int64_t n, late, net;
} Tally;

static Err tally(Tally *out, Ctx *c, const Type *t, Str address, bool one_by_one) {
    ListQuery q;
    ListCursor *cursor;
    bool exact;
    int64_t most = 3;
    *out = (Tally){0};
    TRY(open_list(&q, c, t, address));
    if (!one_by_one) return list_count(&out->n, &exact, c, &q, LIST_COUNT_API);
    TRY(setting_whole(&most, c, "late_declaration_days", 3));
    q.limit = 0;
    Arena *scratch = arena_new(0);
    Err e = list_open(&cursor, c, &q);
    while (e == OK) {
        Record *r;
        int64_t found, declared;
        arena_reset(scratch);
        e = list_next(&r, cursor, scratch);
        if (e != OK || !r) break;
        out->n++;
        out->net += record_int(r, "net_group");
        if (date_parse(&found, record_text(r, "discovered_on")) &&
            date_parse(&declared, record_text(r, "declared_on")))
            out->late += declared - found > most;
    }
    arena_free(scratch);
    return e;
}

static Err near_misses(Tally *all, Ctx *c, const Type *t, Str address) {
    Text other = text_new(c->arena, 4000);
    Str kind = S("event_kind=near_miss"), rest = address;
    ptrdiff_t at = str_find(address, kind);
    text_add(&other, str_sub(address, 0, (size_t)at));
    text_addz(&other, "event_kind=loss");
    rest = str_sub(address, (size_t)at + kind.n, address.n);
    text_add(&other, rest);
    return tally(all, c, t, text_str(&other), false);
}

static Err count_value(Given *out, Gap *gap, Ctx *c, const Indicator *i, int64_t period) {
    const struct Counter *k = counter_of(record_text(i->definition, "counter"));
    Str address, key = record_text(i->definition, "counter");
    Tally one, losses;
    TRY(indicator_auto_filter(&address, c, i, period));
    if (!address.n) gap->key = "not_counted";
    if (address.n && k->is_now && period != indicator_last_period(c, i)) gap->key = "past";
    if (gap->key) return OK;
    const Type *t = model_need(c->model, k->type);
    bool parts = str_is(key, "late_declarations") || str_is(key, "near_miss_share");
    TRY(tally(&one, c, t, address, str_is(key, "net_loss") || str_is(key, "late_declarations")));
    out->value = one.n * JUDGE_SCALE;
    if (str_is(key, "net_loss")) out->value = one.net / (MILLION_MINOR / JUDGE_SCALE);
    if (!parts) return OK;
    losses = one;
    if (str_is(key, "near_miss_share")) {
        TRY(near_misses(&losses, c, t, address));
        losses.n += one.n;
    } else
        one.n = one.late;
    if (!losses.n) gap->key = "nothing"; /* a share of nothing is unknown, not zero */
    out->has_parts = losses.n > 0;
    out->numerator = one.n * JUDGE_SCALE;
    out->denominator = losses.n * JUDGE_SCALE;
    return OK;
}

/* ---- the run ---- */

static Str collection_of(const Record *definition) {
    return record_text(definition, "collection");
}

Err indicator_worked_value(Given *out, Gap *gap, Ctx *c, const Indicator *i, int64_t period) {
    Str collection = collection_of(i->definition);
    *out = (Given){.indicator = i->record, .period = period};
    *gap = (Gap){0};
    if (str_is(collection, "automatic")) return count_value(out, gap, c, i, period);
    if (str_is(collection, "calculated")) return indicator_formula_value(out, gap, c, i, period);
    return indicator_score_value(out, gap, c, i, period);
}

/* What stands for a period that is looked at again. */
typedef struct Standing {
    bool found, moved; /* moved: something that it came from was corrected since */
    bool settled;
} Standing;

/* What was worked out stays, but for the newest period, which may have been too early, and where
 * something that it came from was corrected since. */
static Err standing_of(Standing *out, Ctx *c, const Indicator *i, int64_t period, bool is_newest) {
    SeriesRow row;
    *out = (Standing){0};
    TRY(series_one(&row, &out->found, c, &indicator_values, i->record->id, period));
    if (!out->found) return OK;
    if (!str_is(collection_of(i->definition), "automatic"))
        TRY(indicator_parts_moved(&out->moved, c, i, &row));
    out->settled = !is_newest && !out->moved;
    return OK;
}

/* Does the value that stands end? Not when the reason is no value: an indicator that is given up
 * does not take away what was worked out from it before. */
static bool ends(const Standing *x, const Gap *gap) {
    static const char *const keep[] = {"unknown_part", "formula", "not_counted", "past"};
    for (size_t k = 0; k < LENGTH(keep); k++)
        if (strcmp(gap->key, keep[k]) == 0) return false;
    return x->found && (x->moved || strcmp(gap->key, "nothing") == 0);
}

/* Why the newest period has no value, kept with the indicator until it has one. */
static Err gap_put(Ctx *c, const Record *r, const Gap *gap) {
    Record *stored, *after;
    Str key = str_of(gap->key), part = gap->part;
    if (str_eq(record_text(r, "gap"), key) && str_eq(record_text(r, "gap_part"), part)) return OK;
    TRY(record_load_raw(&stored, c, r->type, r->id));
    after = record_clone(c, stored);
    record_set(after, "gap", key.n ? value_text(key) : (Value){0});
    record_set(after, "gap_part", part.n ? value_text(part) : (Value){0});
    return record_save_derived(c, stored, after);
}

/* What a run found of one indicator: values, and periods whose value ends. */
typedef struct Run {
    Given given[CATCH_UP];
    int64_t ended[CATCH_UP];
    Gap gaps[CATCH_UP]; /* of those */
    size_t n, n_ended;
} Run;

/* Later values are judged again: a missing one breaks a row. */
static Err run_write(Ctx *c, const Indicator *i, Run *run, int64_t *values) {
    Collected done;
    bool counted = str_is(collection_of(i->definition), "automatic");
    if (run->n_ended) TRY(indicator_end_values(c, i, run->ended, run->gaps, run->n_ended));
    if (run->n) {
        TRY(indicator_collect(&done, c, run->given, run->n, counted ? "automatic" : "calculated",
                              (Str){0}));
        *values += done.created + done.changed;
    }
    if (!run->n_ended) return OK;
    *values += (int64_t)run->n_ended;
    TRY(indicator_rejudge(c, i->record, run->ended[0]));
    return indicator_ended_follow(c, i->record);
}

static Err run_one(Ctx *c, Record *r, int64_t *values) {
    Indicator i;
    Run run = {.n = 0};
    Gap gap = {0};
    int64_t from, until;
    if (!record_text(r, "frequency").n) TRY(indicator_refresh(c, r)); /* of an older base */
    TRY(indicator_open(&i, c, r));
    if (!date_parse(&from, record_text(r, "active_from"))) return OK;
    if (!date_parse(&until, record_text(r, "active_until"))) until = INT64_MAX;
    from = period_start(i.frequency, from);
    int64_t last = indicator_last_period(c, &i);
    for (int back = CATCH_UP - 1; back >= 0; back--) {
        int64_t period = period_move(i.frequency, last, -back);
        Standing there;
        if (period < from || period > until) continue;
        TRY(standing_of(&there, c, &i, period, back == 0));
        if (there.settled) continue;
        TRY(indicator_worked_value(&run.given[run.n], &gap, c, &i, period));
        run.n += gap.key == NULL;
        if (!gap.key || !ends(&there, &gap)) continue;
        run.ended[run.n_ended] = period;
        run.gaps[run.n_ended++] = gap;
    }
    TRY(run_write(c, &i, &run, values));
    return gap_put(c, r, &gap); /* of the newest period: the last one looked at */
}

static Err run_definition(Ctx *c, int64_t definition, int64_t *values) {
    Records list;
    TRY(record_where(&list, c, model_need(c->model, "indicator"), "definition",
                     value_int(definition), 20000));
    for (size_t n = 0; n < list.n; n++)
        if (!(list.items[n]->state->flags & STATE_CLOSED)) TRY(run_one(c, list.items[n], values));
    return OK;
}

/* Counted ones first, then what is worked out, each after all that it is worked out from. */
Err indicator_automatic(Ctx *c, int64_t *values) {
    Records counted;
    int64_t *order;
    size_t n;
    *values = 0;
    TRY(record_where(&counted, c, model_need(c->model, "indicator_definition"), "collection",
                     value_text(S("automatic")), MOST_DEFINITIONS));
    for (size_t k = 0; k < counted.n; k++) TRY(run_definition(c, counted.items[k]->id, values));
    TRY(indicator_worked_order(&order, &n, c));
    for (size_t k = 0; k < n; k++) TRY(run_definition(c, order[k], values));
    return OK;
}
