/* test_indicator.c: values judged, corrected and kept, breaches that begin, grow and end,
 * thresholds approved later, automatic and calculated values, on both databases.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/indicator/test_indicator_world.h"

static Err give(World *w, Record *r, const char *period, int64_t value, const char *comment,
                const char *reason) {
    Indicator i;
    Collected done;
    Given g = {.indicator = r, .value = value, .comment = str_of(comment)};
    OKAY(indicator_open(&i, w->c, r));
    assert_true(period_parse(&g.period, i.frequency, str_of(period)));
    w->c->issues = (Issues){0};
    return indicator_collect(&done, w->c, &g, 1, "manual", str_of(reason));
}

static SeriesRow value_at(World *w, const Record *r, const char *month) {
    SeriesRow row;
    bool found;
    int64_t day;
    assert_true(period_parse(&day, MONTHLY, str_of(month)));
    OKAY(series_one(&row, &found, w->c, &indicator_values, r->id, day));
    assert_true(found);
    return row;
}

static Record *last_breach(World *w, const Record *r) {
    Records list;
    OKAY(record_children(&list, w->c, model_need(w->c->model, "breach"), r));
    return list.n ? list.items[list.n - 1] : NULL;
}

/* K13: availability, lower is worse, amber below 99.8, red below 99.5; due 5 working days after the
 * month. */
static void judged_and_breached(World *w) {
    on_day(w, "2026-01-05");
    Record *r = use(w, "K13", "2026-01-01");
    on_day(w, "2026-02-04");
    OKAY(give(w, r, "2026-01", V(99.9), NULL, NULL));
    OKAY(record_load_raw(&r, w->c, r->type, r->id));
    assert_true(str_is(record_text(r, "colour"), "green"));
    assert_true(str_is(record_text(r, "next_due"),
                       "2026-03-10")); /* 5 working days and 2 of grace after February */
    assert_null(last_breach(w, r));
    on_day(w, "2026-03-20"); /* late */
    OKAY(give(w, r, "2026-02", V(99.6), NULL, NULL));
    assert_int_equal(value_at(w, r, "2026-02").values[VALUE_LATE].i, 1);
    Record *b = last_breach(w, r);
    assert_non_null(b);
    assert_true(str_is(record_text(b, "colour"), "amber"));
    on_day(w, "2026-04-02");
    assert_int_equal(give(w, r, "2026-03", V(99.1), NULL, NULL),
                     ERR_INVALID); /* red: a comment, please */
    assert_true(str_is(w->c->issues.items[0].field, "values[0].comment"));
    OKAY(give(w, r, "2026-03", V(99.1), "Mise en production ratée", NULL));
    OKAY(record_load_raw(&b, w->c, b->type, b->id));
    assert_true(str_is(record_text(b, "colour"), "red"));
    assert_int_equal(record_int(b, "peak"), V(99.1));
    on_day(w, "2026-05-05");
    OKAY(give(w, r, "2026-04", V(99.95), NULL, NULL));
    OKAY(record_load_raw(&b, w->c, b->type, b->id));
    assert_string_equal(b->state->name, "closed");
    assert_true(str_is(record_text(b, "ended_on"), "2026-04-01"));

    /* A correction keeps the old value, needs a reason and opens no episode in the past. */
    assert_int_equal(give(w, r, "2026-02", V(99.9), NULL, NULL), ERR_INVALID);
    assert_true(str_is(w->c->issues.items[0].field, "values[0].reason"));
    on_day(w, "2026-05-06");
    OKAY(give(w, r, "2026-02", V(99.9), NULL, "Erreur de relevé"));
    SeriesRows versions;
    OKAY(series_versions(&versions, w->c, &indicator_values, r->id,
                         value_at(w, r, "2026-02").period));
    assert_int_equal(versions.n, 2);
    assert_int_equal(versions.items[0].values[VALUE_VALUE].i, V(99.6));
    assert_int_equal(value_at(w, r, "2026-02").values[VALUE_COLOUR].i, GREEN);
}

static void thresholds_change(World *w) {
    Record *t, *moved;
    Input nothing = {0};
    on_day(w, "2026-04-10");
    Record *r = use(w, "K14", "2026-01-01");
    OKAY(give(w, r, "2026-01", V(96), NULL, NULL));
    OKAY(give(w, r, "2026-02", V(96), NULL, NULL));
    OKAY(give(w, r, "2026-03", V(96), NULL, NULL));
    assert_int_equal(value_at(w, r, "2026-03").values[VALUE_COLOUR].i, AMBER);
    t = record_new(w->c, model_need(w->c->model, "indicator_threshold"));
    record_set(t, "definition", record_get(r, "definition"));
    record_set(t, "valid_from", value_text(S("2026-02-01")));
    record_set(t, "amber", value_int(V(95)));
    record_set(t, "red", value_int(V(96.5)));
    record_set(t, "rationale", value_text(S("Nouveau parc")));
    assert_int_equal(record_save(&moved, w->c, t, "create"),
                     ERR_INVALID); /* red on the wrong side */
    assert_true(str_is(w->c->issues.items[0].field, "red"));
    w->c->issues = (Issues){0};
    record_set(t, "red", value_int(V(90)));
    t = save(w, t);
    OKAY(record_move(&t, w->c, t, "propose", &nothing));
    assert_int_equal(value_at(w, r, "2026-03").values[VALUE_COLOUR].i,
                     AMBER); /* not yet in force */
    OKAY(record_move(&moved, w->c, t, "approve", &nothing));
    assert_int_equal(value_at(w, r, "2026-01").values[VALUE_COLOUR].i, AMBER);
    assert_int_equal(value_at(w, r, "2026-02").values[VALUE_COLOUR].i, GREEN);
    assert_int_equal(value_at(w, r, "2026-03").values[VALUE_COLOUR].i, GREEN);
    assert_string_equal(last_breach(w, r)->state->name, "closed");
}

static void refused(World *w) {
    Record *r = use(w, "K16", "2026-02-01");
    on_day(w, "2026-04-10");
    assert_int_equal(give(w, r, "2026-05", V(10), NULL, NULL), ERR_INVALID);
    assert_true(
        str_is(w->c->issues.items[0].code ? str_of(w->c->issues.items[0].code) : S(""), "future"));
    assert_int_equal(give(w, r, "2026-01", V(10), NULL, NULL), ERR_INVALID);
    assert_true(str_is(str_of(w->c->issues.items[0].code), "too_early"));
    int64_t x;
    static const struct {
        const char *text;
        double value;
    } good[] = {{"12,5", 12.5}, {"99.812", 99.812}, {"1 234,5", 1234.5},
                {"0", 0},       {"-3", -3},         {"99,812", 99.812}};
    for (size_t i = 0; i < LENGTH(good); i++) {
        assert_true(indicator_parse_value(&x, str_of(good[i].text)));
        assert_int_equal(x, (int64_t)(good[i].value * 1000000 + (good[i].value < 0 ? -0.5 : 0.5)));
    }
    static const char *const bad[] = {"", "abc", "1e9", "12x", "--1", "9999999999999999999"};
    for (size_t i = 0; i < LENGTH(bad); i++)
        assert_false(indicator_parse_value(&x, str_of(bad[i])));
}

static Record *define(World *w, const char *code, const char *collection, const char *formula) {
    Record *r = record_new(w->c, model_need(w->c->model, "indicator_definition"));
    record_set(r, "code", value_text(str_of(code)));
    record_set(r, "name_fr", value_text(str_of(code)));
    record_set(r, "collection", value_text(str_of(collection)));
    record_set(r, "formula", value_text(str_of(formula)));
    return r;
}

/* A declared loss of March, when the module of incidents is there. */
static bool loss(World *w, bool is_restricted) {
    const Type *t = model_type(w->c->model, S("incident"));
    if (!t) return false;
    Record *r = record_new(w->c, t);
    record_set(r, "title", value_text(S("Loss")));
    record_set(r, "description", value_text(S("Told")));
    record_set(r, "amount_range", value_text(S("unknown")));
    record_set(r, "discovered_on", value_text(S("2026-03-10")));
    r->state = type_state(t, S("declared"));
    r->unit = w->unit;
    r->is_restricted = is_restricted;
    save(w, r);
    return true;
}

/* C01 from C03 that comes from C02 that comes from C01. */
static void circle(World *w, Record *first) {
    Record *out;
    save(w, define(w, "C02", "calculated", "c01 + 1"));
    save(w, define(w, "C03", "calculated", "c02 * k13"));
    Record *changed = record_clone(w->c, first);
    record_set(changed, "formula", value_text(S("k14 - c03")));
    w->c->issues = (Issues){0};
    assert_int_equal(record_save(&out, w->c, changed, "update"), ERR_INVALID);
    assert_int_equal(w->c->issues.n, 1);
    assert_true(str_is(w->c->issues.items[0].field, "formula"));
    assert_true(str_is(str_of(w->c->issues.items[0].code), "circle"));
    w->c->issues = (Issues){0};
}

static void calculated(World *w) {
    int64_t values;
    Record *out;
    on_day(w, "2026-04-10");
    static const struct {
        const char *formula, *code;
    } bad[] = {{"k13 +", "formula"},
               {"zz9 + 1", "unknown"},
               {"c01 * 2", "itself"},
               {"system(1)", "formula"}};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        w->c->issues = (Issues){0};
        assert_int_equal(
            record_save(&out, w->c, define(w, "C01", "calculated", bad[i].formula), "create"),
            ERR_INVALID);
        assert_true(str_is(w->c->issues.items[0].field, "formula"));
        assert_true(str_is(str_of(w->c->issues.items[0].code), bad[i].code));
    }
    w->c->issues = (Issues){0};
    Record *first = save(w, define(w, "C01", "calculated", "round((k13 + k14) / 2, 2)"));
    circle(w, first);
    Record *r = use(w, "C01", "2026-01-01"), *counted = use(w, "A01", "2026-01-01");
    bool has_losses = loss(w, false) && loss(w, true);
    OKAY(indicator_automatic(w->c, &values));
    assert_true(values >= 3);
    assert_int_equal(value_at(w, r, "2026-03").values[VALUE_VALUE].i, V(97.55));
    assert_int_equal(value_at(w, counted, "2026-02").values[VALUE_VALUE].i,
                     0); /* no loss is a count of zero */
    assert_int_equal(value_at(w, counted, "2026-03").values[VALUE_VALUE].i,
                     has_losses ? V(1) : 0); /* a restricted one is not told by a figure */
    int64_t again;
    OKAY(indicator_automatic(w->c, &again));
    assert_int_equal(again, 0);
}

static Record *again(World *w, const Record *r) {
    Record *out;
    OKAY(record_load_raw(&out, w->c, r->type, r->id));
    return out;
}

static void gap_is(World *w, const Record *r, const char *gap, const char *part) {
    Record *now = again(w, r);
    assert_string_equal(str_z(w->arena, record_text(now, "gap")), gap);
    assert_string_equal(str_z(w->arena, record_text(now, "gap_part")), part);
}

static bool has_value(World *w, const Record *r, const char *month) {
    SeriesRow row;
    bool found;
    int64_t day;
    assert_true(period_parse(&day, MONTHLY, str_of(month)));
    OKAY(series_one(&row, &found, w->c, &indicator_values, r->id, day));
    return found;
}

static void value_is(World *w, const Record *r, const char *last, int64_t value) {
    Record *now = again(w, r);
    assert_string_equal(str_z(w->arena, record_text(now, "last_period")), last);
    assert_int_equal(record_int(now, "last_value"), value);
}

/* r[3] of February turns to zero: so does the score, 100 / 0 is no value any more, nor is what
 * comes from it. What stood stays in the past; the values come back with the next correction. */
static void loses_its_value(World *w, Record *const r[4]) {
    SeriesRows versions;
    AuditResult audit;
    Records batches;
    int64_t values, day;
    assert_true(period_parse(&day, MONTHLY, S("2026-02")));
    value_is(w, r[0], "2026-02-01", 4000000);
    assert_string_equal(str_z(w->arena, record_text(again(w, r[0]), "colour")), "none");
    on_day(w, "2026-04-11");
    OKAY(give(w, r[3], "2026-02", V(0), NULL, "Erreur de relevé"));
    OKAY(indicator_automatic(w->c, &values));
    assert_int_equal(value_at(w, r[2], "2026-02").values[VALUE_VALUE].i, 0);
    for (int k = 0; k < 2; k++) {
        assert_false(has_value(w, r[k], "2026-02"));
        assert_true(value_is_null(record_get(again(w, r[k]), "last_value")));
        assert_true(str_cmp(record_text(again(w, r[k]), "next_due"), w->c->today) < 0);
        OKAY(series_versions(&versions, w->c, &indicator_values, r[k]->id, day));
        assert_true(versions.n >= 2);
        assert_true(versions.items[versions.n - 1].until == w->c->now_us);
    }
    assert_int_equal(versions.items[versions.n - 1].values[VALUE_VALUE].i, 3000000);
    OKAY(record_where(&batches, w->c, model_need(w->c->model, "indicator_batch"), "method",
                      value_text(S("calculated")), 1000));
    size_t told = 0;
    for (size_t k = 0; k < batches.n; k++)
        told += str_starts(record_text(batches.items[k], "why"), S("2026-02: "));
    assert_int_equal(told, 2);
    OKAY(indicator_automatic(w->c, &values));
    assert_int_equal(values, 0);
    OKAY(audit_verify(&audit, w->c));
    assert_true(audit.ok);
    w->c->as_of = S("2026-04-10");
    assert_true(has_value(w, r[0], "2026-02"));
    w->c->as_of = (Str){0};
    on_day(w, "2026-04-12");
    OKAY(give(w, r[3], "2026-02", V(2), NULL, "Le premier relevé était bon"));
    OKAY(indicator_automatic(w->c, &values));
    value_is(w, r[0], "2026-02-01", 4000000);
}

static void approved(World *w, const Record *r, double amber, double red) {
    Record *t = record_new(w->c, model_need(w->c->model, "indicator_threshold"));
    record_set(t, "definition", record_get(r, "definition"));
    record_set(t, "valid_from", value_text(S("2015-01-01")));
    record_set(t, "amber", value_int(V(amber)));
    record_set(t, "red", value_int(V(red)));
    record_set(t, "rationale", value_text(S("Essai")));
    t->state = type_state(t->type, S("approved"));
    save(w, t);
}

/* A value that ended is missing: it ends no episode; when it was the green one that had ended an
 * episode, the amber before it, the newest value now, is an episode again. */
static void missing_is_not_green(World *w, Record *const r[4]) {
    int64_t values;
    approved(w, r[0], 3, 5);
    OKAY(indicator_rejudge(w->c, again(w, r[0]), 0));
    assert_int_equal(value_at(w, r[0], "2026-02").values[VALUE_COLOUR].i, AMBER);
    Record *first = last_breach(w, r[0]);
    assert_string_equal(first->state->name, "open");
    OKAY(give(w, r[3], "2026-02", V(0), NULL, "Erreur de relevé"));
    OKAY(indicator_automatic(w->c, &values));
    assert_string_equal(str_z(w->arena, record_text(again(w, r[0]), "colour")), "none");
    assert_string_equal(again(w, first)->state->name, "open");
    OKAY(give(w, r[3], "2026-02", V(2), NULL, "Le premier relevé était bon"));
    OKAY(give(w, r[3], "2026-03", V(4), "Rouge", "Relevé oublié"));
    OKAY(indicator_automatic(w->c, &values));
    assert_int_equal(value_at(w, r[0], "2026-03").values[VALUE_COLOUR].i, GREEN);
    assert_int_equal(last_breach(w, r[0])->id, first->id);
    assert_string_equal(again(w, first)->state->name, "closed");
    OKAY(give(w, r[3], "2026-03", V(0), NULL, "Il n'y a rien eu"));
    OKAY(indicator_automatic(w->c, &values));
    assert_false(has_value(w, r[0], "2026-03"));
    Record *second = last_breach(w, r[0]);
    assert_true(second->id > first->id);
    assert_string_equal(second->state->name, "open");
    assert_true(str_is(record_text(second, "began_on"), "2026-02-01"));
}

/* D01 comes from D02 and that from D03, which is a score over D04; each was made before what it
 * comes from. One run fills them all; what is missing is told by its code. */
static void in_order(World *w) {
    static const char *const codes[] = {"D01", "D02", "D04"};
    Record *r[4], *part, *score, *out;
    Value rows[1], cells[2];
    int64_t values;
    on_day(w, "2026-04-10");
    for (size_t i = 0; i < LENGTH(codes); i++)
        save(w, define(w, codes[i], i < 2 ? "calculated" : "manual", i < 2 ? "k13" : NULL));
    part = save(w, define(w, "D03", "composite", NULL));
    OKAY(ref_find(&cells[0].i, w->c, part->type, S("D04")));
    cells[0] = value_int(cells[0].i);
    cells[1] = value_int(100);
    rows[0] = (Value){.kind = V_LIST, .list = cells, .n = 2};
    score = record_clone(w->c, part);
    record_set(score, "parts", (Value){.kind = V_LIST, .list = rows, .n = 1});
    OKAY(record_save(&out, w->c, score, "update"));
    static const char *const chain[][2] = {{"D01", "d02 + 1"}, {"D02", "100 / d03"}};
    for (size_t i = 0; i < LENGTH(chain); i++) {
        int64_t id;
        OKAY(ref_find(&id, w->c, part->type, str_of(chain[i][0])));
        OKAY(record_load_raw(&out, w->c, part->type, id));
        out = record_clone(w->c, out);
        record_set(out, "formula", value_text(str_of(chain[i][1])));
        OKAY(record_save(&out, w->c, out, "update"));
    }
    r[0] = use(w, "D01", "2026-02-01");
    OKAY(indicator_automatic(w->c, &values));
    gap_is(w, r[0], "unknown_part", "D02");
    r[1] = use(w, "D02", "2026-02-01");
    r[2] = use(w, "D03", "2026-02-01");
    r[3] = use(w, "D04", "2026-02-01");
    OKAY(indicator_automatic(w->c, &values));
    gap_is(w, r[0], "part", "D02");
    gap_is(w, r[2], "part", "D04");
    OKAY(give(w, r[3], "2026-02", V(4), NULL, NULL));
    OKAY(give(w, r[3], "2026-03", V(0), NULL, NULL));
    OKAY(indicator_automatic(w->c, &values));
    gap_is(w, r[2], "no_threshold", "D04");
    approved(w, r[3], 2, 4);
    OKAY(indicator_automatic(w->c, &values));
    /* February: at red, two thirds of a score, 100 / 66.666667 + 1; March: a score of zero. */
    assert_int_equal(value_at(w, r[2], "2026-02").values[VALUE_VALUE].i, 66666667);
    assert_int_equal(value_at(w, r[0], "2026-02").values[VALUE_VALUE].i, 2500000);
    gap_is(w, r[2], "", "");
    gap_is(w, r[1], "zero", "");
    gap_is(w, r[0], "part", "D02");
    /* A correction of what it comes from is followed, with all that comes after it, in one run. */
    OKAY(give(w, r[3], "2026-02", V(2), NULL, "Erreur de relevé"));
    OKAY(indicator_automatic(w->c, &values));
    assert_int_equal(value_at(w, r[2], "2026-02").values[VALUE_VALUE].i, 33333333);
    assert_int_equal(value_at(w, r[0], "2026-02").values[VALUE_VALUE].i, 4000000);
    OKAY(indicator_automatic(w->c, &values));
    assert_int_equal(values, 0);
    loses_its_value(w, r);
    missing_is_not_green(w, r);
    /* One that is over hinders nobody. */
    save(w, define(w, "D05", "calculated", "7"));
    Record *over = record_clone(w->c, use(w, "D05", "2026-02-01"));
    record_set(over, "active_until", value_text(S("2026-02-28")));
    OKAY(record_save(&over, w->c, over, "update"));
    on_day(w, "2026-06-10");
    OKAY(indicator_automatic(w->c, &values));
    assert_int_equal(w->c->issues.errors, 0);
    assert_true(str_is(record_text(again(w, over), "last_period"), "2026-02-01"));
    gap_is(w, r[1], "part", "D03");
}

/* A base of an older program: shipped texts in French alone get their translations, others none. */
static void translated_later(World *w) {
    static const char *const emptied[] = {"numerator_en", "numerator_ar", "denominator_en",
                                          "denominator_ar"};
    const Type *d = model_need(w->c->model, "indicator_definition"),
               *t = model_need(w->c->model, "indicator_threshold");
    static const char *const codes[] = {"K09", "K10"};
    int64_t ids[2];
    Records thresholds[2];
    for (int i = 0; i < 2; i++) {
        Record *r, *saved;
        OKAY(ref_find(&ids[i], w->c, d, str_of(codes[i])));
        OKAY(record_load_raw(&r, w->c, d, ids[i]));
        r = record_clone(w->c, r);
        for (size_t k = 0; k < LENGTH(emptied); k++) record_set(r, emptied[k], (Value){0});
        if (i) record_set(r, "numerator", value_text(S("Hypothèques")));
        OKAY(record_save(&saved, w->c, r, "update"));
        OKAY(record_where(&thresholds[i], w->c, t, "definition", value_int(ids[i]), 10));
        r = record_clone(w->c, thresholds[i].items[0]);
        record_set(r, "rationale_en", (Value){0});
        record_set(r, "rationale_ar", (Value){0});
        if (i) record_set(r, "rationale", value_text(S("Décidé en comité")));
        OKAY(record_save(&saved, w->c, r, "update"));
    }
    OKAY(indicator_seed(w->c));
    for (int i = 0; i < 2; i++) {
        Record *r;
        OKAY(record_load_raw(&r, w->c, d, ids[i]));
        assert_int_equal(record_text(r, "numerator_ar").n > 0, i == 0);
        assert_int_equal(record_text(r, "denominator_en").n > 0, true);
        OKAY(record_load_raw(&r, w->c, t, thresholds[i].items[0]->id));
        assert_int_equal(record_text(r, "rationale_en").n > 0, i == 0);
        assert_int_equal(record_text(r, "rationale_ar").n > 0, i == 0);
        int64_t version = r->version;
        OKAY(indicator_seed(w->c)); /* nothing more to do */
        OKAY(record_load_raw(&r, w->c, t, r->id));
        assert_int_equal(r->version, version);
    }
}

static void read_from_files(World *w) {
    Given *given;
    size_t n;
    on_day(w, "2026-05-10");
    OKAY(indicator_read_table(
        &given, &n, w->c,
        S("code;unit;period;value;comment\nK13;HEAD;2026-04;99,95;\nK14;HEAD;2026-04;97;bien\n")));
    assert_int_equal(n, 2);
    assert_int_equal(given[0].value, V(99.95));
    assert_int_equal(w->c->issues.errors, 0);
    OKAY(indicator_read_table(
        &given, &n, w->c,
        S("code,unit,period,value\nK13,HEAD,2026-W04,1\nNO,HEAD,2026-04,1\nK14,HEAD,2026-04,x\n")));
    assert_int_equal(n, 0);
    assert_int_equal(w->c->issues.errors, 3);
    assert_true(str_is(w->c->issues.items[0].field, "values[0].period"));
    w->c->issues = (Issues){0};
    assert_int_equal(indicator_read_table(&given, &n, w->c, S("a,b\n1,2\n")), ERR_INVALID);
    w->c->issues = (Issues){0};
}

static void proven(World *w) {
    AuditResult audit;
    OKAY(audit_verify(&audit, w->c));
    assert_true(audit.ok);
    OKAY(db_run(w->c->db, NULL, "UPDATE indicator_value SET value = value + 1 WHERE colour = 1",
                NO_ARGS));
    OKAY(audit_verify(&audit, w->c));
    assert_false(audit.ok);
    assert_true(audit.first_bad > 0);
}

/* More indicators in one call than one statement has room for. The last one of the test: its
 * indicators are taken up again behind the program's back. */
static void many_at_once(World *w) {
    enum { MANY = 420 };
    Given given[MANY];
    Collected done;
    Record *r, *out;
    on_day(w, "2026-04-10");
    int64_t definition = save(w, define(w, "E01", "push", NULL))->id;
    for (size_t i = 0; i < MANY; i++) {
        r = record_new(w->c, model_need(w->c->model, "indicator"));
        record_set(r, "definition", value_int(definition));
        record_set(r, "active_from", value_text(S("2026-01-01")));
        r->unit = w->unit;
        r->state = type_state(r->type, S("retired"));
        given[i] = (Given){.indicator = save(w, r), .value = V((double)i)};
        assert_true(period_parse(&given[i].period, MONTHLY, S("2026-03")));
    }
    OKAY(db_run(w->c->db, NULL, "UPDATE indicator SET state = 'active' WHERE definition = $1",
                ARGS(db_int(definition))));
    for (size_t i = 0; i < MANY; i++) {
        OKAY(record_load_raw(&out, w->c, r->type, given[i].indicator->id));
        given[i].indicator = out;
    }
    OKAY(indicator_collect(&done, w->c, given, MANY, "push", (Str){0}));
    assert_int_equal(done.created, MANY);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(record_int(again(w, given[i].indicator), "last_value"), V((double)i));
}

static void test_indicator_life(void **state) {
    (void)state;
    World *w;
    for (int i = 0; (w = open_world(i, "test_indicator")); i++) {
        on_day(w, "2026-01-02");
        people(w);
        judged_and_breached(w);
        thresholds_change(w);
        refused(w);
        calculated(w);
        in_order(w);
        translated_later(w);
        read_from_files(w);
        proven(w);
        many_at_once(w);
        close_world(w);
    }
}
