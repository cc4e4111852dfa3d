/* measure_list.c: a measure narrowed by any filter of its type's list. What is kept by dimensions
 * cannot answer that: the records that the list finds are added up one by one, in the database and
 * in the reader's scope, so that a figure is the sum of the very list it opens.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/measure_kit.h"

#include "base/clock.h"
#include "model/list_total.h"
#include "model/page_kit.h"

static Str month_day(Arena *a, int64_t month, bool is_end) {
    int64_t m = is_end ? month + 1 : month;
    int64_t days = date_to_days((int)(m / 12), (int)(m % 12) + 1, 1);
    return date_text(a, is_end ? days - 1 : days);
}

/* States that the measure leaves out, void ones (cancelled, rejected) at least: the list does too.
 */
static void add_states(Input *in, Ctx *c, const Type *t, const char *counted) {
    bool leaves_out = false;
    Text names = text_new(c->arena, 0);
    for (size_t i = 0; i < t->n_states; i++) {
        const State *s = &t->states[i];
        bool is_out = counted ? !word_in(counted, str_of(s->name)) : (s->flags & STATE_VOID) != 0;
        leaves_out = leaves_out || is_out;
        if (is_out) continue;
        if (names.n) text_char(&names, ',');
        text_addz(&names, s->name);
    }
    if (leaves_out) input_add(in, c->arena, S("state.in"), text_str(&names));
}

void measure_records(Input *in, Ctx *c, const MeasureDef *m, int64_t from, int64_t to) {
    Arena *a = c->arena;
    Input where = {0};
    if (m->where) page_kit_parse(&where, a, str_of(m->where));
    input_add_all(in, a, &where);
    if (m->date_field && from)
        input_add(in, a, str_fmt(a, "%s.ge", m->date_field), month_day(a, from, false));
    if (m->date_field && to)
        input_add(in, a, str_fmt(a, "%s.le", m->date_field), month_day(a, to, true));
    add_states(in, c, model_need(c->model, m->type), m->states);
    if (m->filled) input_add(in, a, str_fmt(a, "%s.empty", m->filled), S("0"));
}

Err measure_narrow(MeasureQuery *q, Ctx *c, const Input *filters) {
    const MeasureDef *m = q->measure;
    ListQuery *list = NEW(c->arena, ListQuery);
    Input all = {0};
    CHECK(m->where, "a measure that does not say which records it counts");
    input_add_all(&all, c->arena, filters);
    measure_records(&all, c, m, q->from, q->to);
    if (m->date_field && !q->from && !q->to) /* without a date it is in no month */
        input_add(&all, c->arena, str_fmt(c->arena, "%s.empty", m->date_field), S("0"));
    if (q->as_of.n) input_add(&all, c->arena, S("as_of"), q->as_of);
    TRY(list_parse(list, c, model_need(c->model, m->type), &all));
    if (list->q.n) return issue(c, "q", "unknown", N_("Figures cannot be narrowed by words."));
    q->list = list;
    return OK;
}

/* ---- SQL ---- */

typedef struct Axes {
    const Field *fields[FACT_DIMS + FACT_SUMS + 4]; /* all that are read */
    size_t n;
} Axes;

static const Field *read_field(Axes *x, const Type *t, const char *name) {
    const Field *f = type_need(t, name);
    x->fields[x->n++] = f;
    return f;
}

static void sql_axis(Sql *s, Axes *x, const MeasureQuery *q, int axis) {
    const MeasureDef *m = q->measure;
    const Type *t = q->list->type;
    if (axis == -1) {
        sql_add(s, "CAST(0 AS BIGINT)");
    } else if (axis == -2 || axis == -3) { /* year, or year * 12 + month - 1 */
        read_field(x, t, m->date_field);
        sql_add(s, "CAST(SUBSTR(");
        sql_name(s, "r", m->date_field);
        sql_add(s, ", 1, 4) AS BIGINT)");
        if (axis == -3) return;
        sql_add(s, " * 12 + CAST(SUBSTR(");
        sql_name(s, "r", m->date_field);
        sql_add(s, ", 6, 2) AS BIGINT) - 1");
    } else {
        const char *column = axis == -4 ? "unit" : axis == -5 ? "entity" : m->dims[axis];
        if (axis != -4) read_field(x, t, column);
        sql_add(s, "COALESCE(");
        sql_name(s, "r", column);
        sql_add(s, ", 0)");
    }
}

/* For how many each record stands. */
static void sql_count(Sql *s, Axes *x, const MeasureQuery *q) {
    const char *flag = q->measure->many[0], *number = q->measure->many[1];
    if (!flag) {
        sql_add(s, ", COUNT(*)");
        return;
    }
    read_field(x, q->list->type, flag);
    read_field(x, q->list->type, number);
    sql_add(s, ", CAST(SUM(CASE WHEN ");
    sql_name(s, "r", flag);
    sql_add(s, " = 1 AND ");
    sql_name(s, "r", number);
    sql_add(s, " > 0 THEN ");
    sql_name(s, "r", number);
    sql_add(s, " ELSE 1 END) AS BIGINT)");
}

Err measure_list_sql(Sql *s, Ctx *c, const MeasureQuery *q, const bool *hides) {
    const Type *t = q->list->type;
    Axes x = {.n = 0};
    if ((q->rows == -5 || q->columns == -5) && !type_field(t, S("entity")))
        return issue(c, "rows", "unknown", N_("This has no legal entity of its own."));
    sql_add(s, "SELECT ");
    sql_axis(s, &x, q, q->rows);
    sql_add(s, ", ");
    sql_axis(s, &x, q, q->columns);
    sql_count(s, &x, q);
    for (int i = 0; i < FACT_SUMS; i++) {
        const char *sum = hides[i] ? NULL : q->measure->sums[i];
        sql_add(s, sum ? ", CAST(COALESCE(SUM(" : ", CAST(0 AS BIGINT)");
        if (!sum) continue;
        read_field(&x, t, sum);
        sql_name(s, "r", sum);
        sql_add(s, "), 0) AS BIGINT)");
    }
    return list_source_sql(s, c, q->list, x.fields, x.n);
}
