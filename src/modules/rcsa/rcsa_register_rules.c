/* rcsa_register_rules.c: what the tables of the register cannot say: words and class taken from the
 * library, a statement that is whole, controls named once, bounds in order, links to readable
 * risks. Knows no page. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/rcsa/rcsa.h"

/* ---- library ---- */

Err rcsa_definition_validate(Ctx *c, const Saving *s) {
    static const char *const parts[] = {"cause", "event", "effect"};
    static const char *const fields[] = {"cause_fr", "event_fr", "effect_fr"};
    for (size_t i = 0; i < LENGTH(parts); i++)
        if (!rcsa_words(c, s->after, parts[i]).n)
            issue(c, fields[i], "required",
                  N_("A risk is stated as cause, event and effect, in one language at least."));
    return OK;
}

/* ---- risk ---- */

static void preset(Record *r, const Record *from, const char *field) {
    if (type_field(r->type, str_of(field)) && type_field(from->type, str_of(field)) &&
        rcsa_is_empty(r, field))
        record_set(r, field, record_get(from, field));
}

static void preset_process(Record *r, const Record *definition) {
    if (!type_field(r->type, S("process")) || !type_field(definition->type, S("processes")) ||
        !rcsa_is_empty(r, "process"))
        return;
    Value list = record_get(definition, "processes");
    if (list.n == 1) record_set(r, "process", list.list[0]);
}

static Err take_from_library(Ctx *c, const Record *before, Record *r) {
    static const char *const fields[] = {"name_fr",       "name_en",    "name_ar",
                                         "risk_category", "event_type", "business_line"};
    Record *definition;
    int64_t id = record_int(r, "definition");
    if (!id || (before && record_int(before, "definition") == id && !rcsa_is_empty(r, "name_fr")))
        return OK;
    TRY(record_load_raw(&definition, c, model_need(c->model, "risk_definition"), id));
    for (size_t i = 0; i < LENGTH(fields); i++) preset(r, definition, fields[i]);
    preset_process(r, definition);
    return OK;
}

static Err set_entity(Ctx *c, Record *r) {
    Record *unit;
    record_set(r, "entity", (Value){0});
    if (!r->unit) return OK;
    TRY(record_load_raw(&unit, c, model_need(c->model, "unit"), r->unit));
    record_set(r, "entity", record_get(unit, "entity"));
    return OK;
}

/* Rows without an axis act on both; without a weight they weigh one. */
static void complete_controls(Ctx *c, Record *r) {
    Value rows = record_get(r, "controls");
    bool missing = false;
    for (size_t i = 0; i < rows.n; i++)
        missing |= value_is_null(rows.list[i].list[RISK_CONTROL_ACTS]) ||
                   value_is_null(rows.list[i].list[RISK_CONTROL_WEIGHT]);
    if (!missing) return;
    Value *all = NEW_N(c->arena, Value, rows.n);
    for (size_t i = 0; i < rows.n; i++) {
        Value *cells = NEW_N(c->arena, Value, rows.list[i].n);
        memcpy(cells, rows.list[i].list, rows.list[i].n * sizeof *cells);
        if (value_is_null(cells[RISK_CONTROL_ACTS]))
            cells[RISK_CONTROL_ACTS] = rcsa_text_value("both");
        if (value_is_null(cells[RISK_CONTROL_WEIGHT])) cells[RISK_CONTROL_WEIGHT] = value_int(1);
        all[i] = (Value){.kind = V_LIST, .list = cells, .n = rows.list[i].n};
    }
    record_set(r, "controls", (Value){.kind = V_ROWS, .list = all, .n = rows.n});
}

Err rcsa_risk_compute(Ctx *c, const Saving *s) {
    TRY(take_from_library(c, s->before, s->after));
    complete_controls(c, s->after);
    return set_entity(c, s->after);
}

static void check_controls(Ctx *c, const Record *r) {
    Value rows = record_get(r, "controls");
    for (size_t i = 0; i < rows.n; i++)
        for (size_t k = 0; k < i; k++)
            if (rows.list[i].list[RISK_CONTROL].i == rows.list[k].list[RISK_CONTROL].i)
                issue(c, str_fmt(c->arena, "controls[%zu].control", i).p, "twice",
                      N_("This control is named twice."));
}

/* A proposal may be a name; what enters the register is stated whole. */
Err rcsa_risk_validate(Ctx *c, const Saving *s) {
    RcsaStatement words;
    bool is_proposed = rcsa_state_is(s->after, "proposed");
    TRY(rcsa_statement(&words, c, s->after));
    if (is_proposed) words = (RcsaStatement){S("-"), S("-"), S("-")};
    if (!words.cause.n)
        issue(c, "cause", "required", N_("State the cause, or take the risk from the library."));
    if (!words.event.n)
        issue(c, "event", "required", N_("State the event, or take the risk from the library."));
    if (!words.effect.n)
        issue(c, "effect", "required", N_("State the effect, or take the risk from the library."));
    check_controls(c, s->after);
    return OK;
}

/* ---- control ---- */

Err rcsa_control_compute(Ctx *c, const Saving *s) {
    static const char *const fields[] = {"name_fr", "name_en",   "name_ar", "kind",
                                         "nature",  "frequency", "level"};
    Record *r = s->after, *definition;
    int64_t id = record_int(r, "definition");
    if (!id || (s->before && record_int(s->before, "definition") == id)) return OK;
    TRY(record_load_raw(&definition, c, model_need(c->model, "control_definition"), id));
    for (size_t i = 0; i < LENGTH(fields); i++) preset(r, definition, fields[i]);
    if (rcsa_is_empty(r, "objective"))
        record_set(r, "objective", value_text(rcsa_words(c, definition, "objective")));
    if (record_bool(definition, "is_key") && !s->before) record_set(r, "is_key", value_int(1));
    return OK;
}

Err rcsa_control_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    bool dated = !rcsa_is_empty(r, "last_test_on"), judged = !rcsa_is_empty(r, "last_test_result");
    if (dated && !judged) issue(c, "last_test_result", "required", N_("A test has a result."));
    if (judged && !dated) issue(c, "last_test_on", "required", N_("A test has a date."));
    if (dated && str_cmp(record_text(r, "last_test_on"), c->today) > 0)
        issue(c, "last_test_on", "future", N_("This date is in the future."));
    if (record_int(r, "deputy") && record_int(r, "deputy") == record_int(r, "operator"))
        issue(c, "deputy", "same", N_("The deputy is somebody else than who performs it."));
    return OK;
}

/* ---- appetite ---- */

Err rcsa_appetite_compute(Ctx *c, const Saving *s) {
    if (!rcsa_state_is(s->after, "approved") || rcsa_state_is(s->before, "approved")) return OK;
    record_set(s->after, "approved_by", c->actor->user ? value_int(c->actor->user) : (Value){0});
    record_set(s->after, "approved_on", value_text(c->today));
    return OK;
}

static const char *bound_suffix(Str measure) {
    if (str_is(measure, "residual_level")) return "level";
    return str_is(measure, "count") ? "count" : "amount";
}

static int64_t bound_of(const Record *r, const char *field) {
    Value v = record_get(r, field);
    int64_t level = 0;
    if (v.kind == V_TEXT && str_to_int(&level, v.s)) return level;
    return v.i;
}

static Err check_bounds_order(Ctx *c, const Record *r) {
    static const char *const names[] = {"appetite", "tolerance", "capacity"};
    const char *suffix = bound_suffix(record_text(r, "measure"));
    const char *previous = NULL;
    for (size_t i = 0; i < LENGTH(names); i++) {
        const char *field = str_fmt(c->arena, "%s_%s", names[i], suffix).p;
        if (rcsa_is_empty(r, field)) {
            if (i < 2 && rcsa_state_is(r, "approved"))
                issue(c, field, "required", N_("This is needed."));
            continue;
        }
        if (previous && strcmp(record_get(r, previous).currency, record_get(r, field).currency))
            issue(c, field, "currency", N_("The bounds are in one currency."));
        else if (previous && bound_of(r, field) < bound_of(r, previous))
            issue(c, field, "order", N_("Appetite, tolerance and capacity rise in this order."));
        previous = field;
    }
    return OK;
}

static bool overlaps(const Record *a, const Record *b) {
    Str a_end = record_text(a, "valid_until"), b_end = record_text(b, "valid_until");
    bool before = a_end.n && str_cmp(a_end, record_text(b, "valid_from")) < 0;
    bool after = b_end.n && str_cmp(b_end, record_text(a, "valid_from")) < 0;
    return !before && !after;
}

static Err check_one_in_force(Ctx *c, const Record *r) {
    Records same;
    if (!rcsa_state_is(r, "approved")) return OK;
    TRY(record_where(&same, c, r->type, "risk_category", record_get(r, "risk_category"), 1000));
    for (size_t i = 0; i < same.n; i++) {
        const Record *x = same.items[i];
        if (x->id != r->id && rcsa_state_is(x, "approved") &&
            record_int(x, "entity") == record_int(r, "entity") &&
            str_eq(record_text(x, "measure"), record_text(r, "measure")) && overlaps(x, r))
            return issue_arg(
                c, "valid_from", "twice",
                N_("{0} already holds for this category, entity and time: end it first."),
                record_number(c->arena, x));
    }
    return OK;
}

Err rcsa_appetite_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    Str from = record_text(r, "valid_from"), until = record_text(r, "valid_until");
    if (r->state->flags & STATE_CLOSED && !rcsa_state_is(r, "approved")) return OK;
    TRY(check_bounds_order(c, r));
    if (until.n && str_cmp(until, from) < 0)
        issue(c, "valid_until", "order", N_("It ends before it begins."));
    Err e = check_one_in_force(c, r);
    return e == ERR_INVALID ? OK : e;
}

/* ---- incidents and their risks ---- */

Err rcsa_incident_compute(Ctx *c, const Saving *s) {
    if (rcsa_is_empty(s->after, "origin"))
        record_set(s->after, "origin", rcsa_text_value(c->actor->is_system ? "pattern" : "person"));
    return OK;
}

Err rcsa_incident_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    const Type *risk = model_need(c->model, "risk");
    Records links;
    Record *target;
    if (s->before || !record_int(r, "risk")) return OK;
    TRY(record_load_raw(&target, c, risk, record_int(r, "risk")));
    if (target->state->flags & STATE_CLOSED)
        issue(c, "risk", "retired", N_("This risk is retired."));
    TRY(record_where(&links, c, r->type, "incident", record_get(r, "incident"), 500));
    for (size_t i = 0; i < links.n; i++)
        if (rcsa_state_is(links.items[i], "linked") &&
            record_int(links.items[i], "risk") == record_int(r, "risk"))
            issue(c, "risk", "twice", N_("The incident is linked to this risk already."));
    return OK;
}
