/* indicator_rules.c: what the tables of the module cannot say: titles, bounds in order, formulas
 * that can be read and are no circle, which threshold holds, what follows from approving one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/indicator/indicator.h"

#include "base/clock.h"
#include "calc/formula.h"

static bool is_empty(const Record *r, const char *field) {
    return value_is_null(record_get(r, field));
}

static int choice_at(const char *const *words, size_t n, Str key) {
    for (size_t i = 0; i < n; i++)
        if (str_is(key, words[i])) return (int)i;
    return 0;
}

static Frequency frequency_of(Str key) {
    static const char *const words[] = {"daily", "weekly", "monthly", "quarterly", "yearly"};
    return (Frequency)choice_at(words, LENGTH(words), key);
}
static Direction direction_of(Str key) {
    static const char *const words[] = {"up", "down", "band"};
    return (Direction)choice_at(words, LENGTH(words), key);
}
static Basis basis_of(Str key) {
    static const char *const words[] = {"absolute", "versus_last", "versus_mean", "z_score",
                                        "control_chart"};
    return (Basis)choice_at(words, LENGTH(words), key);
}

/* ---- an indicator opened ---- */

Err indicator_open(Indicator *out, Ctx *c, Record *r) {
    const Record *d;
    const Calendar *calendar;
    TRY(record_shared(&d, c, model_need(c->model, "indicator_definition"),
                      record_int(r, "definition")));
    TRY(calendar_for_unit(&calendar, c, r->unit));
    *out = (Indicator){.record = r,
                       .definition = d,
                       .calendar = calendar,
                       .frequency = frequency_of(record_text(d, "frequency")),
                       .direction = direction_of(record_text(d, "direction")),
                       .due_offset = (int)record_int(d, "due_offset"),
                       .grace = (int)record_int(d, "grace")};
    return OK;
}

int64_t indicator_due(const Indicator *i, int64_t period) {
    return calendar_add(i->calendar, period_end(i->frequency, period), i->due_offset);
}

int64_t indicator_last_day(const Indicator *i, int64_t period) {
    return calendar_add(i->calendar, indicator_due(i, period), i->grace);
}

int64_t indicator_last_period(Ctx *c, const Indicator *i) {
    int64_t today;
    CHECK(date_parse(&today, c->today), "today is no date");
    return period_move(i->frequency, period_start(i->frequency, today), -1);
}

bool indicator_is_worked_out(const Indicator *i) {
    static const char *const ways[] = {"automatic", "calculated", "composite"};
    Str collection = record_text(i->definition, "collection");
    for (size_t k = 0; k < LENGTH(ways); k++)
        if (str_is(collection, ways[k])) return true;
    return false;
}

static void bounds_read(Bounds *out, const Record *t, Direction direction) {
    *out = (Bounds){.direction = direction,
                    .basis = basis_of(record_text(t, "basis")),
                    .amber = record_int(t, "amber"),
                    .red = record_int(t, "red"),
                    .green_low = record_int(t, "green_low"),
                    .green_high = record_int(t, "green_high"),
                    .low = record_int(t, "low"),
                    .high = record_int(t, "high"),
                    .n = (int)record_int(t, "look_back"),
                    .persistence = (int)record_int(t, "persistence"),
                    .hysteresis = (int)record_int(t, "hysteresis")};
}

static bool holds(const Record *t, int64_t indicator, int64_t day) {
    int64_t from, until;
    if (strcmp(t->state->name, "approved") != 0) return false;
    if (record_int(t, "indicator") != indicator) return false;
    if (!date_parse(&from, record_text(t, "valid_from")) || from > day) return false;
    return !date_parse(&until, record_text(t, "valid_until")) || day <= until;
}

/* Among those that hold the youngest wins; the indicator's own before the definition's. */
void indicator_pick_bounds(Bounds *out, int64_t *id, const Records *list, const Indicator *i,
                           int64_t day) {
    const Record *best = NULL;
    *id = 0;
    for (int own = 1; own >= 0 && !best; own--)
        for (size_t k = 0; k < list->n; k++) {
            const Record *t = list->items[k];
            if (!holds(t, own ? i->record->id : 0, day)) continue;
            if (!best ||
                str_cmp(record_text(t, "valid_from"), record_text(best, "valid_from")) >= 0)
                best = t;
        }
    if (!best) return;
    *id = best->id;
    bounds_read(out, best, i->direction);
}

Err indicator_bounds(Bounds *out, int64_t *id, Ctx *c, const Indicator *i, int64_t day) {
    Records list;
    TRY(record_where(&list, c, model_need(c->model, "indicator_threshold"), "definition",
                     value_int(i->definition->id), 1000));
    indicator_pick_bounds(out, id, &list, i, day);
    return OK;
}

/* ---- definition ---- */

Err indicator_definition_named(int64_t *out, Ctx *c, Str name) {
    Text upper = text_new(c->arena, 100);
    for (size_t k = 0; k < name.n; k++)
        text_char(&upper,
                  name.p[k] >= 'a' && name.p[k] <= 'z' ? (char)(name.p[k] - 32) : name.p[k]);
    Err e = ref_find(out, c, model_need(c->model, "indicator_definition"), text_str(&upper));
    if (e == ERR_MISSING) *out = 0;
    return e == ERR_MISSING ? OK : e;
}

static Err formula_check(Ctx *c, const Record *r) {
    Formula *f;
    FormulaError why;
    Str code = record_text(r, "code");
    if (!str_is(record_text(r, "collection"), "calculated") || is_empty(r, "formula")) return OK;
    if (formula_parse(&f, &why, c->arena, record_text(r, "formula")) != OK) {
        Issue one = {.field = S("formula"),
                     .code = "formula",
                     .text = N_("Character {0}: {1}"),
                     .args = {str_fmt(c->arena, "%d", why.column),
                              tr_fill(c->arena, TR(c, why.text), &why.what, 1)}};
        issues_add(&c->issues, c->arena, one);
        return OK;
    }
    for (size_t i = 0; i < formula_n_names(f); i++) {
        int64_t id;
        Str name = formula_name(f, i);
        if (str_eq(name, str_lower_ascii(c->arena, code)))
            issue(c, "formula", "itself", N_("An indicator cannot be part of its own formula."));
        TRY(indicator_definition_named(&id, c, name));
        if (!id) issue_arg(c, "formula", "unknown", N_("There is no indicator “{0}”."), name);
    }
    return OK;
}

/* ---- circles ---- */

/* What a definition is worked out from, each once; more than that is looked at no further. */
enum { MOST_BEHIND = 1000 };
typedef struct Behind {
    int64_t ids[MOST_BEHIND];
    size_t n;
} Behind;

static bool behind_has(const Behind *b, int64_t id) {
    for (size_t i = 0; i < b->n; i++)
        if (b->ids[i] == id) return true;
    return false;
}

static void behind_put(Behind *b, int64_t id) {
    if (id && b->n < MOST_BEHIND && !behind_has(b, id)) b->ids[b->n++] = id;
}

static Err behind_add(Behind *b, Ctx *c, const Record *definition) {
    Str collection = record_text(definition, "collection");
    if (str_is(collection, "composite")) {
        Value parts = record_get(definition, "parts");
        for (size_t i = 0; i < parts.n; i++) behind_put(b, parts.list[i].list[0].i);
    }
    if (!str_is(collection, "calculated")) return OK;
    Formula *f;
    FormulaError why;
    if (formula_parse(&f, &why, c->arena, record_text(definition, "formula")) != OK) return OK;
    for (size_t i = 0; i < formula_n_names(f); i++) {
        int64_t id;
        TRY(indicator_definition_named(&id, c, formula_name(f, i)));
        behind_put(b, id);
    }
    return OK;
}

Err indicator_worked_from(int64_t **ids, size_t *n, Ctx *c, const Record *definition) {
    Behind *b = NEW(c->arena, Behind);
    TRY(behind_add(b, c, definition));
    *ids = b->ids;
    *n = b->n;
    return OK;
}

/* A circle would move its values at every run. Only what is named already can close one. */
static Err circle_check(Ctx *c, const Record *r) {
    bool is_score = str_is(record_text(r, "collection"), "composite");
    if (!r->id) return OK;
    Behind *b = NEW(c->arena, Behind);
    TRY(behind_add(b, c, r));
    if (behind_has(b, r->id)) { /* a formula was told so by its own check */
        if (is_score) issue(c, "parts", "itself", N_("A score cannot be a part of itself."));
        return OK;
    }
    for (size_t i = 0; i < b->n; i++) {
        Record *part;
        TRY(record_load_raw(&part, c, r->type, b->ids[i]));
        TRY(behind_add(b, c, part));
        if (behind_has(b, r->id)) {
            issue_arg(c, is_score ? "parts" : "formula", "circle",
                      N_("{0} is itself worked out from this indicator."),
                      record_text(part, "code"));
            return OK;
        }
    }
    return OK;
}

Err indicator_definition_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    Str code = record_text(r, "code");
    for (size_t i = 0; i < code.n; i++) {
        char ch = code.p[i];
        bool good = (ch >= 'A' && ch <= 'Z') || ch == '_' || (i > 0 && ch >= '0' && ch <= '9');
        if (good) continue;
        issue(c, "code", "letters",
              N_("A code is a capital letter, then capital letters, digits and “_”."));
        break;
    }
    if (is_empty(r, "numerator") != is_empty(r, "denominator"))
        issue(c, "denominator", "pair",
              N_("Name both the numerator and the denominator, or neither."));
    TRY(formula_check(c, r));
    return circle_check(c, r);
}

Err indicator_definition_after_save(Ctx *c, const Saving *s) {
    static const char *const repeated[] = {"frequency", "category", "due_offset", "grace"};
    Records list;
    bool same = true;
    if (!s->before) return OK;
    for (size_t k = 0; k < LENGTH(repeated); k++)
        same =
            same && value_eq(record_get(s->before, repeated[k]), record_get(s->after, repeated[k]));
    if (same) return OK;
    TRY(record_where(&list, c, model_need(c->model, "indicator"), "definition",
                     value_int(s->after->id), 20000));
    for (size_t k = 0; k < list.n; k++) TRY(indicator_refresh(c, list.items[k]));
    return OK;
}

/* ---- indicator ---- */

static Err name_of(Str *out, Ctx *c, const char *type, int64_t id) {
    RefName name = {0};
    *out = (Str){0};
    if (!id) return OK;
    TRY(ref_name(&name, c, model_need(c->model, type), id));
    *out = name.found ? name.title : (Str){0};
    return OK;
}

/* Lists are sorted by the French title; pages name it in the reader's language. */
Err indicator_compute(Ctx *c, const Saving *s) {
    Record *r = s->after, *definition;
    RefName unit = {0};
    if (!record_int(r, "definition")) return OK;
    TRY(record_load_raw(&definition, c, model_need(c->model, "indicator_definition"),
                        record_int(r, "definition")));
    if (r->unit) TRY(ref_name(&unit, c, model_need(c->model, "unit"), r->unit));
    static const char *const fields[][2] = {
        {"title", "name_fr"}, {"title_en", "name_en"}, {"title_ar", "name_ar"}};
    for (size_t k = 0; k < LENGTH(fields); k++) {
        Str name = record_text(definition, fields[k][1]);
        if (!name.n) name = record_text(definition, "name_fr");
        record_set(
            r, fields[k][0],
            value_text(str_fmt(c->arena, "%.*s · %.*s · %.*s", FMT(record_text(definition, "code")),
                               FMT(name), FMT(unit.key))));
    }
    return OK;
}

Str indicator_title(Ctx *c, const Record *r) {
    Str definition, unit;
    if (name_of(&definition, c, "indicator_definition", record_int(r, "definition")) != OK ||
        name_of(&unit, c, "unit", r->unit) != OK)
        return record_title(c, r);
    return str_fmt(c->arena, "%.*s · %.*s", FMT(definition), FMT(unit));
}

Err indicator_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    Str from = record_text(r, "active_from"), until = record_text(r, "active_until");
    if (until.n && str_cmp(until, from) < 0)
        issue(c, "active_until", "date_order", N_("It cannot end before it begins."));
    if (record_int(r, "provider") && record_int(r, "provider") == record_int(r, "reviewer"))
        issue(c, "reviewer", "same", N_("The reviewer is somebody else than the provider."));
    if (record_int(r, "provider") && record_int(r, "provider") == record_int(r, "deputy"))
        issue(c, "deputy", "same", N_("The deputy is somebody else than the provider."));
    if (s->before) return OK;
    Records list;
    TRY(record_where(&list, c, r->type, "definition", record_get(r, "definition"), 1000));
    for (size_t i = 0; i < list.n; i++)
        if (list.items[i]->unit == r->unit && !(list.items[i]->state->flags & STATE_CLOSED) &&
            record_int(list.items[i], "process") == record_int(r, "process"))
            return issue(c, "definition", "twice",
                         N_("This unit has this indicator already, for the same process."));
    return OK;
}

/* A new indicator is waited for from its first period on. */
Err indicator_after_save(Ctx *c, const Saving *s) {
    if (!s->before) return indicator_refresh(c, s->after);
    return indicator_handed_over(c, s);
}

/* An import that made it is taken back; values that came since then keep it. */
Err indicator_remove(Ctx *c, const Record *r, bool is_gone) {
    SeriesRows last;
    if (is_gone) return OK;
    TRY(series_last(&last, c, &indicator_values, r->id, INT64_MAX / 2, 1));
    if (!last.n) return OK;
    issue(c, "", "referred", N_("It has values by now."));
    return ERR_CONFLICT;
}

/* ---- threshold ---- */

Err indicator_threshold_compute(Ctx *c, const Saving *s) {
    Record *r = s->after, *definition;
    if (!record_int(r, "definition")) return OK;
    TRY(record_load_raw(&definition, c, model_need(c->model, "indicator_definition"),
                        record_int(r, "definition")));
    record_set(r, "title",
               value_text(str_fmt(c->arena, "%.*s · %.*s", FMT(record_text(definition, "code")),
                                  FMT(record_text(r, "valid_from")))));
    return OK;
}

static void need(Ctx *c, const Record *r, const char *field) {
    if (is_empty(r, field)) issue(c, field, "required", N_("This is needed."));
}

static void check_bounds(Ctx *c, const Record *r, const Bounds *b) {
    if (b->direction == BAND) {
        if (b->basis != ABSOLUTE)
            issue(c, "basis", "band", N_("A band speaks of the value itself."));
        need(c, r, "green_low");
        need(c, r, "green_high");
        need(c, r, "low");
        need(c, r, "high");
    } else {
        need(c, r, "amber");
        need(c, r, "red");
    }
    const char *wrong = c->issues.errors ? NULL : judge_wrong(b);
    if (wrong)
        issue(c, wrong, "order",
              b->direction == BAND ? N_("The bounds of a band go up: amber, green, green, amber.")
                                   : N_("Red lies beyond amber, in the direction that is worse."));
}

Err indicator_threshold_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    Record *definition, *indicator;
    Bounds b;
    Str from = record_text(r, "valid_from"), until = record_text(r, "valid_until");
    if (!record_int(r, "definition")) return OK;
    TRY(record_load_raw(&definition, c, model_need(c->model, "indicator_definition"),
                        record_int(r, "definition")));
    bounds_read(&b, r, direction_of(record_text(definition, "direction")));
    check_bounds(c, r, &b);
    if (until.n && str_cmp(until, from) < 0)
        issue(c, "valid_until", "date_order", N_("It cannot end before it begins."));
    if (!record_int(r, "indicator")) return OK;
    TRY(record_load_raw(&indicator, c, model_need(c->model, "indicator"),
                        record_int(r, "indicator")));
    if (record_int(indicator, "definition") != definition->id)
        issue(c, "indicator", "other", N_("This indicator has another definition."));
    return OK;
}

/* The indicators of a threshold, from that day on; one that is no longer collected keeps its
 * judgements. */
static Err judge_again(Ctx *c, const Record *r, int64_t from) {
    Records list;
    TRY(record_where(&list, c, model_need(c->model, "indicator"), "definition",
                     record_get(r, "definition"), 1000));
    for (size_t i = 0; i < list.n; i++) {
        if (list.items[i]->state->flags & STATE_CLOSED) continue;
        if (!record_int(r, "indicator") || record_int(r, "indicator") == list.items[i]->id)
            TRY(indicator_rejudge(c, list.items[i], from));
    }
    return OK;
}

/* The values from the first day on that the change of its last day speaks of. */
static Err last_day_moved(Ctx *c, const Record *before, const Record *r) {
    int64_t was, is;
    if (value_eq(record_get(before, "valid_until"), record_get(r, "valid_until"))) return OK;
    if (!date_parse(&was, record_text(before, "valid_until"))) was = INT64_MAX;
    if (!date_parse(&is, record_text(r, "valid_until"))) is = INT64_MAX;
    return judge_again(c, r, (was < is ? was : is) + 1);
}

/* An approved threshold ends the one before it, and the values since then are judged again. */
Err indicator_threshold_after_save(Ctx *c, const Saving *s) {
    Record *r = s->after, *saved;
    Records list;
    int64_t from;
    bool is_judged = false; /* where one ended, its values from that day on were */
    if (strcmp(r->state->name, "approved") != 0) return OK;
    if (s->before && s->before->state == r->state) return last_day_moved(c, s->before, r);
    if (!date_parse(&from, record_text(r, "valid_from"))) return OK;
    TRY(record_where(&list, c, r->type, "definition", record_get(r, "definition"), 1000));
    for (size_t i = 0; i < list.n; i++) {
        Record *old = list.items[i];
        if (old->id == r->id || record_int(old, "indicator") != record_int(r, "indicator") ||
            !holds(old, record_int(r, "indicator"), from) ||
            str_cmp(record_text(old, "valid_from"), record_text(r, "valid_from")) >= 0)
            continue;
        Record *after = record_clone(c, old);
        record_set(after, "valid_until", value_text(date_text(c->arena, from - 1)));
        TRY(record_save(&saved, c, after, "update"));
        is_judged = true;
    }
    return is_judged ? OK : judge_again(c, r, from);
}

/* An import that made it is taken back: the one before it holds again by an entry of its own. */
Err indicator_threshold_remove(Ctx *c, const Record *r, bool is_gone) {
    int64_t from;
    if (!is_gone || strcmp(r->state->name, "approved") != 0) return OK;
    return date_parse(&from, record_text(r, "valid_from")) ? judge_again(c, r, from) : OK;
}
