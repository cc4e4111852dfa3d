/* measure_parse.c: the question put to a measure, from an address or a form. Unknown names are
 * refused, so that a misspelt filter never gives a wrong figure. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "base/clock.h"
#include "model/measure_kit.h"

#define UNKNOWN_AXIS                                                                               \
    N_("Rows and columns are a dimension of the measure, month, year, unit, entity or none.")

static const struct Axis {
    const char *name;
    int axis;
} axes[] = {{"none", -1}, {"month", -2}, {"year", -3}, {"unit", -4}, {"entity", -5}};

static bool parse_axis(int *out, const MeasureDef *m, Str text) {
    for (size_t i = 0; i < LENGTH(axes); i++)
        if (str_is(text, axes[i].name)) {
            *out = axes[i].axis;
            return true;
        }
    for (int i = 0; i < FACT_DIMS; i++)
        if (m->dims[i] && str_is(text, m->dims[i])) {
            *out = i;
            return true;
        }
    return false;
}

/* Facts are kept by month: a day stands for its month, a year for its first or last one. */
static bool parse_month(int32_t *out, Str text, bool is_end) {
    int64_t year = 0, month = is_end ? 12 : 1, days;
    if (text.n == 10) {
        if (!date_parse(&days, text)) return false;
    } else if (text.n != 4 && !(text.n == 7 && text.p[4] == '-')) {
        return false;
    }
    if (!str_to_int(&year, str_sub(text, 0, 4)) || year < 1) return false;
    if (text.n >= 7 && (!str_to_int(&month, str_sub(text, 5, 2)) || month < 1 || month > 12))
        return false;
    *out = (int32_t)(year * 12 + month - 1);
    return true;
}

static Err parse_ref(int64_t *out, Ctx *c, const char *field, const Type *t, Str key) {
    Err err = t ? ref_find(out, c, t, key) : ERR_MISSING;
    if (err == ERR_MISSING) return issue_arg(c, field, "unknown", N_("There is no {0}."), key);
    return err;
}

static Err parse_level(int *out, Ctx *c, const char *field, Str text) {
    int64_t level;
    if (!str_to_int(&level, text) || level < -1 || level > 20)
        return issue(c, field, "invalid", N_("A level is a number from -1 to 20."));
    *out = (int)level;
    return OK;
}

static Err parse_under(bool *known, MeasureQuery *q, Ctx *c, Str name, Str value) {
    for (int i = 0; i < FACT_DIMS; i++) {
        const char *dim = q->measure->dims[i];
        Str kind;
        if (!dim) continue;
        if (!str_is(name, dim) && !str_is(name, str_fmt(c->arena, "%s.under", dim).p)) continue;
        const Type *t = measure_dim_type(&kind, c, q->measure, i);
        *known = true;
        if (t) return parse_ref(&q->under[i], c, dim, t, value);
        if (!str_to_int(&q->under[i], value))
            return issue(c, dim, "invalid", N_("This is not a number."));
        return OK;
    }
    return OK;
}

static Err parse_item(MeasureQuery *q, Ctx *c, Str name, Str value) {
    bool known = false;
    int64_t day;
    if (str_is(name, "format") || str_is(name, "lang") || str_is(name, "_fragment")) return OK;
    if (str_is(name, "rows"))
        return parse_axis(&q->rows, q->measure, value) ? OK
                                                       : issue(c, "rows", "unknown", UNKNOWN_AXIS);
    if (str_is(name, "columns"))
        return parse_axis(&q->columns, q->measure, value)
                   ? OK
                   : issue(c, "columns", "unknown", UNKNOWN_AXIS);
    if (str_is(name, "rows_level")) return parse_level(&q->rows_level, c, "rows_level", value);
    if (str_is(name, "columns_level"))
        return parse_level(&q->columns_level, c, "columns_level", value);
    if (str_is(name, "from"))
        return parse_month(&q->from, value, false)
                   ? OK
                   : issue(c, "from", "invalid", N_("Write a month as 2026-03."));
    if (str_is(name, "to"))
        return parse_month(&q->to, value, true)
                   ? OK
                   : issue(c, "to", "invalid", N_("Write a month as 2026-03."));
    if (str_is(name, "as_of")) {
        if (!date_parse(&day, value))
            return issue(c, "as_of", "invalid", N_("Write a date as 2026-03-31."));
        q->as_of = str_copy(c->arena, value);
        return OK;
    }
    if (str_is(name, "unit") || str_is(name, "unit.under"))
        return parse_ref(&q->unit, c, "unit", model_type(c->model, S("unit")), value);
    if (str_is(name, "entity"))
        return parse_ref(&q->entity, c, "entity", model_type(c->model, S("entity")), value);
    TRY(parse_under(&known, q, c, name, value));
    if (known) return OK;
    if (q->measure->where) {
        input_add(&q->filters, c->arena, name, value);
        return OK;
    }
    return issue_arg(c, str_z(c->arena, name), "unknown", N_("There is no parameter {0}."), name);
}

/* What the measure itself could be narrowed by, as filters of the list. */
static void add_own_filters(Input *in, Ctx *c, const MeasureQuery *q, const Input *params) {
    for (size_t i = 0; i < params->n; i++) {
        Str name = params->items[i].name, value = params->items[i].value;
        if (str_is(name, "unit") || str_is(name, "unit.under"))
            input_add(in, c->arena, S("unit.under"), value);
        if (str_is(name, "entity")) input_add(in, c->arena, name, value);
        for (int k = 0; k < FACT_DIMS; k++) {
            const char *dim = q->measure->dims[k];
            if (!dim || !q->under[k]) continue;
            Str under = str_fmt(c->arena, "%s.under", dim), kind;
            const Type *t = measure_dim_type(&kind, c, q->measure, k);
            if (!str_is(name, dim) && !str_eq(name, under)) continue;
            input_add(in, c->arena, t && (t->flags & TYPE_TREE) ? under : str_of(dim), value);
        }
    }
}

static Err narrow(MeasureQuery *q, Ctx *c, const Input *params) {
    Input all = {0};
    input_add_all(&all, c->arena, &q->filters);
    add_own_filters(&all, c, q, params);
    return measure_narrow(q, c, &all);
}

Err measure_parse(MeasureQuery *out, Ctx *c, const MeasureDef *m, const Input *params) {
    Err first = OK;
    *out =
        (MeasureQuery){.measure = m, .rows = m->dims[0] ? 0 : -3, .columns = m->dims[1] ? 1 : -1};
    if (!m->dims[1] && m->dims[0]) out->columns = -3;
    if (c->as_of.n) out->as_of = c->as_of;
    for (size_t i = 0; params && i < params->n; i++) {
        if (!params->items[i].value.n) continue;
        Err err = parse_item(out, c, params->items[i].name, params->items[i].value);
        if (err != OK && err != ERR_INVALID) return err;
        if (first == OK) first = err;
    }
    if (first == OK && out->from && out->to && out->from > out->to)
        return issue(c, "to", "order", N_("The end lies before the beginning."));
    return first == OK && out->filters.n ? narrow(out, c, params) : first;
}
