/* condition.c: see condition.h: the same bounds as a check in memory and as SQL.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/condition.h"

#include "base/clock.h"

static int64_t today_of(const Ctx *c) {
    int64_t days;
    CHECK(date_parse(&days, c->as_of.n ? c->as_of : c->today), "today is no date");
    return days;
}

static bool in_state(const Condition *k, const State *s) {
    return s && s->index < 64 && ((k->states >> s->index) & 1u);
}

bool condition_holds(const Ctx *c, const Record *r, const Condition *k) {
    int64_t days, today = today_of(c);
    Value v = r->values[k->date->index];
    if (!in_state(k, r->state) || v.kind != V_TEXT || !date_parse(&days, v.s)) return false;
    if (k->def->from != CONDITION_OPEN && days < today + k->def->from) return false;
    return k->def->to == CONDITION_OPEN || days <= today + k->def->to;
}

const Condition *condition_first(const Ctx *c, const Record *r, const Field *date,
                                 FieldSet hidden) {
    for (size_t i = 0; i < r->type->n_conditions; i++) {
        const Condition *k = &r->type->conditions[i];
        if ((date && k->date != date) || fieldset_has(hidden, k->date->index)) continue;
        if (condition_holds(c, r, k)) return k;
    }
    return NULL;
}

static void bound(Sql *s, const Condition *k, const char *op, int64_t days) {
    sql_add(s, " AND ");
    sql_name(s, "r", k->date->name);
    sql_add(s, op);
    sql_bind(s, db_text(date_text(s->arena, days)));
}

void condition_sql(Sql *s, const Ctx *c, const Type *t, const Condition *k, bool wanted) {
    int64_t today = today_of(c);
    bool any = false;
    /* An empty date fulfils nothing: without it NOT would give NULL. */
    sql_add(s, wanted ? "(" : "NOT (");
    sql_name(s, "r", k->date->name);
    sql_add(s, " IS NOT NULL");
    if (k->def->from != CONDITION_OPEN) bound(s, k, " >= ", today + k->def->from);
    if (k->def->to != CONDITION_OPEN) bound(s, k, " <= ", today + k->def->to);
    sql_add(s, " AND r.state IN (");
    for (size_t i = 0; i < t->n_states; i++) {
        if (!in_state(k, &t->states[i])) continue;
        if (any) sql_add(s, ", ");
        sql_bind(s, db_textz(t->states[i].name));
        any = true;
    }
    if (!any) sql_bind(s, db_textz(""));
    sql_add(s, "))");
}
