/* list_total.c: the kept counts of lists, as list_total.h says. States and choices stand in the
 * counts as hashes of their names, which outlive any change of their order.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/list_total.h"

#include "model/measure_kit.h"

enum { COUNT_DIMS = FACT_DIMS - 1, OWN_LIMIT = 10000 };
static const int32_t no_month = 2000 * 12; /* counts know no date */

static int64_t name_hash(Str name) {
    uint32_t h = 2166136261u;
    if (!name.n) return 0;
    for (size_t i = 0; i < name.n; i++) h = (h ^ (unsigned char)name.p[i]) * 16777619u;
    return (int64_t)h + 1;
}

/* ---- keeping ---- */

static MeasureFact fact_of(int64_t unit, bool is_restricted, Str state, int64_t count) {
    return (MeasureFact){.unit = unit,
                         .is_restricted = is_restricted,
                         .month = no_month,
                         .dims = {name_hash(state)},
                         .count = count};
}

static Err count_facts(Ctx *c, const Record *r, MeasureFacts *out) {
    MeasureFact f = fact_of(r->unit, r->is_restricted, str_of(r->state->name), 1);
    for (size_t i = 0; i < r->type->n_count_dims; i++)
        f.dims[i + 1] = name_hash(r->values[r->type->count_dims[i]->index].s);
    GROW(c->arena, out->items, out->n, out->cap);
    out->items[out->n++] = f;
    return OK;
}

void list_total_define(Type *t, Arena *a) {
    if (t->flags & (TYPE_NO_PAGES | TYPE_NO_UNIT)) return;
    MeasureDef *m = NEW(a, MeasureDef);
    Text name = text_new(a, 0);
    text_fmt(&name, "count.%s", t->name);
    for (size_t i = 0; i < t->n_fields && t->n_count_dims < COUNT_DIMS; i++) {
        const Field *f = &t->fields[i];
        unsigned wanted = F_FILTER | F_LISTED, unwanted = F_SECRET | F_SENSITIVE;
        if (f->kind != KIND_CHOICE || (f->flags & wanted) != wanted || (f->flags & unwanted) ||
            !f->is_public)
            continue;
        t->count_dims[t->n_count_dims++] = f;
        text_fmt(&name, ".%s", f->name);
    }
    *m = (MeasureDef){.name = text_str(&name).p,
                      .label = t->plural_label,
                      .type = t->name,
                      .is_internal = true,
                      .facts = count_facts};
    t->counts = m;
}

/* ---- the filters that the counts know ---- */

typedef struct Set {
    int64_t *ids;
    size_t n, cap;
    bool is_given;
} Set;
typedef struct Wanted {
    Set units, dims[FACT_DIMS];
} Wanted;

static void set_put(Set *s, Ctx *c, int64_t id) {
    GROW(c->arena, s->ids, s->n, s->cap);
    s->ids[s->n++] = id;
}

/* A second filter on the same: only what is in both. */
static void set_and(Set *into, const Set *other) {
    size_t n = 0;
    if (!into->is_given) {
        *into = *other;
        return;
    }
    for (size_t i = 0; i < into->n; i++) {
        bool in_both = false;
        for (size_t k = 0; k < other->n; k++) in_both = in_both || into->ids[i] == other->ids[k];
        if (in_both) into->ids[n++] = into->ids[i];
    }
    into->n = n;
}

static bool is_yes(Str text) {
    return !str_is(text, "0") && !str_is(text, "false");
}

static bool states_wanted(Set *out, Ctx *c, const Type *t, const ListFilter *f) {
    Str part, rest = f->text;
    bool known = f->op == FILTER_EQ || f->op == FILTER_IN || f->op == FILTER_OPEN;
    for (size_t i = 0; f->op == FILTER_OPEN && i < t->n_states; i++) {
        bool is_open = !(t->states[i].flags & (STATE_CLOSED | STATE_VOID));
        if (is_open == is_yes(f->text)) set_put(out, c, name_hash(str_of(t->states[i].name)));
    }
    if (f->op == FILTER_EQ) set_put(out, c, name_hash(f->text));
    while (f->op == FILTER_IN && str_cut(&part, &rest, ','))
        set_put(out, c, name_hash(str_trim(part)));
    return known;
}

static bool choice_wanted(Set *out, Ctx *c, const Field *f, Str key) {
    for (size_t i = 0; i < f->n_choices; i++)
        if (str_is(key, f->choices[i].key)) {
            set_put(out, c, name_hash(key));
            return true;
        }
    return false;
}

static bool choices_wanted(Set *out, Ctx *c, const ListFilter *f) {
    Str part, rest = f->text;
    if (f->op == FILTER_EQ) return choice_wanted(out, c, f->field, f->text);
    if (f->op != FILTER_IN) return false;
    while (str_cut(&part, &rest, ','))
        if (!choice_wanted(out, c, f->field, str_trim(part))) return false;
    return true;
}

static Err unit_wanted(Set *out, bool *known, Ctx *c, Str key, bool below) {
    const int64_t *ids;
    size_t n;
    int64_t id;
    Err e = ref_find(&id, c, model_need(c->model, "unit"), key);
    *known = e == OK;
    if (e == ERR_MISSING) return OK;
    TRY(e);
    if (!below) {
        set_put(out, c, id);
        return OK;
    }
    TRY(access_units_under(&ids, &n, c, id));
    for (size_t i = 0; i < n; i++) set_put(out, c, ids[i]);
    return OK;
}

static Err units_wanted(Set *out, bool *known, Ctx *c, const ListFilter *f) {
    Str part, rest = f->text;
    *known = f->op == FILTER_EQ || f->op == FILTER_IN || f->op == FILTER_UNDER;
    if (!*known) return OK;
    if (f->op != FILTER_IN) return unit_wanted(out, known, c, f->text, f->op == FILTER_UNDER);
    while (*known && str_cut(&part, &rest, ','))
        TRY(unit_wanted(out, known, c, str_trim(part), false));
    return OK;
}

static Err filter_wanted(Wanted *out, bool *known, Ctx *c, const Type *t, const ListFilter *f) {
    Set one = {.is_given = true}, *into = NULL;
    *known = false;
    if (f->condition) return OK;
    if (f->column && strcmp(f->column, "unit") == 0) {
        into = &out->units;
        TRY(units_wanted(&one, known, c, f));
    } else if (f->column && strcmp(f->column, "state") == 0) {
        into = &out->dims[0];
        *known = states_wanted(&one, c, t, f);
    } else {
        for (size_t i = 0; f->field && i < t->n_count_dims; i++)
            if (f->field == t->count_dims[i]) into = &out->dims[i + 1];
        *known = into && choices_wanted(&one, c, f);
    }
    if (*known) set_and(into, &one);
    return OK;
}

/* ---- reading ---- */

static bool is_by_person(const AccessRule *r) {
    return r->grant->scope == SCOPE_OWN || r->grant->scope == SCOPE_ASSIGNED;
}

/* A reader's rules in two: those that the counts can answer, and those that follow persons. */
static void split(Access *units, Access *persons, bool *all, Ctx *c, const Access *a) {
    bool may_restrict = (a->type->flags & TYPE_CONFIDENTIAL) || a->type->parent;
    *units = *persons = *a;
    units->n = persons->n = 0;
    units->named = false;
    units->rules = NEW_N(c->arena, AccessRule, a->n + 1);
    persons->rules = NEW_N(c->arena, AccessRule, a->n + 1);
    *all = a->everything;
    for (size_t i = 0; i < a->n; i++) {
        const AccessRule *r = &a->rules[i];
        if (is_by_person(r))
            persons->rules[persons->n++] = *r;
        else
            units->rules[units->n++] = *r;
        if (!is_by_person(r) && r->all && (r->grant->restricted || !may_restrict)) *all = true;
    }
}

static void set_sql(Sql *s, const char *column, const Set *set) {
    enum { FEW = 16 };
    if (!set->is_given) return;
    sql_add(s, " AND ");
    if (set->n <= FEW)
        sql_in_any(s, column, set->ids, set->n);
    else
        sql_in_set(s, column, set->ids, set->n);
}

static void stored_sql(Sql *s, const Type *t, const char *from, const Access *units,
                       const Wanted *w) {
    static const char *const dims[FACT_DIMS] = {"r.d0", "r.d1", "r.d2"};
    sql_add(s, "SELECT r.count AS n FROM ");
    sql_add(s, from);
    sql_bind_any(s, db_textz(t->counts->name));
    if (units) access_sql(s, units, "r");
    set_sql(s, "r.unit", &w->units);
    for (int i = 0; i < FACT_DIMS; i++) set_sql(s, dims[i], &w->dims[i]);
}

static bool is_limited(const Access *units, const Wanted *w) {
    for (size_t i = 0; i < units->n; i++)
        if (!units->rules[i].all) return true;
    return w->units.is_given;
}

static Sql total_sql(Ctx *c, const Type *t, const Access *units, bool all, const Wanted *w) {
    Sql s = sql_new(c->arena, c->db);
    const Access *scope = all ? NULL : units;
    sql_add(&s, "SELECT COALESCE(CAST(SUM(n) AS BIGINT), 0) FROM (");
    stored_sql(&s, t,
               w->units.is_given || (scope && is_limited(units, w))
                   ? "measure_cell r WHERE r.grain = 1 AND r.measure = "
                   : "measure_cell r WHERE r.grain = 0 AND r.measure = ",
               scope, w);
    sql_add(&s, " UNION ALL ");
    stored_sql(
        &s, t,
        str_fmt(c->arena, "%s WHERE r.folded = 0 AND r.measure = ", measure_unfolded(c->db)).p,
        scope, w);
    sql_add(
        &s,
        ") x HAVING NOT EXISTS (SELECT 1 FROM measure_kept k WHERE k.pending = 1 AND k.name = ");
    sql_bind_any(&s, db_textz(t->counts->name));
    sql_add(&s, ")");
    return s;
}

/* *known false: they are being counted. */
static Err stored(int64_t *out, bool *known, Ctx *c, const Type *t, const Access *units, bool all,
                  const Wanted *w) {
    Sql s = total_sql(c, t, units, all, w);
    return db_get_int(out, known, c->db, s.text.p, s.args, s.n);
}

Err list_total_filter(int64_t *out, bool *known, Ctx *c, const Type *t, const ListFilter *f) {
    Wanted wanted = {0};
    Access everything = {.type = t, .everything = true};
    *out = 0;
    *known = false;
    if (!t->counts) return OK;
    for (size_t i = 0; f->condition && i < t->n_states; i++)
        if ((f->condition->states >> i) & 1u) {
            wanted.dims[0].is_given = *known = true;
            set_put(&wanted.dims[0], c, name_hash(str_of(t->states[i].name)));
        }
    if (f->condition && !str_is(f->text, "true")) *known = false;
    if (!f->condition) TRY(filter_wanted(&wanted, known, c, t, f));
    return *known ? stored(out, known, c, t, &everything, true, &wanted) : OK;
}

static Err own_records(int64_t *out, Ctx *c, const Type *t, const Access *persons, int64_t limit) {
    bool found;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT COUNT(*) FROM (SELECT 1 FROM ");
    sql_name(&s, NULL, t->name);
    sql_add(&s, " r WHERE 1 = 1");
    access_sql(&s, persons, "r");
    sql_add(&s, " LIMIT ");
    sql_bind(&s, db_int(limit + 1));
    sql_add(&s, ") x");
    return db_get_int(out, &found, c->db, s.text.p, s.args, s.n);
}

Err list_total_rights(int64_t *out, bool *known, Ctx *c, const ListQuery *q, int64_t limit) {
    const Access *a;
    Access units, persons;
    Wanted none = {0};
    bool all;
    int64_t own = 0;
    *out = 0;
    *known = q->type->counts != NULL;
    if (!*known) return OK;
    TRY(list_access(&a, c, q));
    split(&units, &persons, &all, c, a);
    for (size_t i = 0; i < units.n; i++) all = all || units.rules[i].all;
    if (all) {
        *known = false; /* as good as everything */
        return OK;
    }
    if (units.n) TRY(stored(out, known, c, q->type, &units, false, &none));
    if (!*known) return OK;
    if (*out <= limit && (persons.n || persons.named))
        TRY(own_records(&own, c, q->type, &persons, limit));
    *out += own;
    return OK;
}

/* Records seen because of who the reader is, beyond those counted by unit. */
static Err by_person_sql(Sql *out, Ctx *c, const ListQuery *q, const Access *units,
                         const Access *persons) {
    const Type *t = q->type;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT COUNT(*), SUM(CASE WHEN NOT (CASE WHEN 1 = 1");
    access_sql(&s, units, "r");
    sql_add(&s, " THEN 1 = 1 ELSE 1 = 0 END)");
    TRY(list_filters_sql(&s, c, q));
    sql_add(&s, " THEN 1 ELSE 0 END) FROM (");
    Text columns = text_new(c->arena, 0);
    text_addz(&columns, "r.id, r.unit, r.restricted, r.state, r.owner");
    for (size_t i = 0; i < t->n_count_dims; i++)
        text_fmt(&columns, ", r.\"%s\"", t->count_dims[i]->name);
    access_sets_sql(&s, persons, text_str(&columns).p, OWN_LIMIT + 1);
    sql_add(&s, ") r");
    *out = s;
    return OK;
}

static Err by_person(int64_t *out, bool *known, Ctx *c, const ListQuery *q, const Access *units,
                     const Access *persons) {
    Rows *rows;
    bool has;
    Sql s;
    TRY(by_person_sql(&s, c, q, units, persons));
    TRY(sql_few(&rows, &s, c->db, c->arena));
    TRY(rows_next(&has, rows));
    *known = has && rows_int(rows, 0) <= OWN_LIMIT;
    *out = has ? rows_int(rows, 1) : 0;
    rows_close(rows);
    return OK;
}

/* What a total is added up from. */
typedef struct Parts {
    Access units, persons;
    Wanted wanted;
    bool all, by_person;
} Parts;

static Err parts_of(Parts *out, bool *known, Ctx *c, const ListQuery *q) {
    const Type *t = q->type;
    const Access *a;
    *out = (Parts){0};
    *known = t->counts && !q->q.n && !q->as_of.n && !c->as_of.n;
    for (size_t i = 0; *known && i < q->n_filters; i++)
        TRY(filter_wanted(&out->wanted, known, c, t, &q->filters[i]));
    if (!*known) return OK;
    TRY(list_access(&a, c, q));
    split(&out->units, &out->persons, &out->all, c, a);
    out->by_person = !out->all && (out->persons.n || out->persons.named);
    return OK;
}

void list_total_announce(Ctx *c, const ListQuery *q) {
    Parts p;
    Sql s;
    bool known;
    if (parts_of(&p, &known, c, q) != OK || !known) return;
    if (p.all || p.units.n) {
        s = total_sql(c, q->type, &p.units, p.all, &p.wanted);
        sql_announce(&s, c->db);
    }
    if (p.by_person && by_person_sql(&s, c, q, &p.units, &p.persons) == OK) sql_announce(&s, c->db);
}

Err list_total(int64_t *out, bool *known, Ctx *c, const ListQuery *q) {
    Parts p;
    int64_t more = 0;
    *out = 0;
    TRY(parts_of(&p, known, c, q));
    if (!*known) return OK;
    if (p.by_person) TRY(by_person(&more, known, c, q, &p.units, &p.persons));
    if (!*known) return OK;
    if (p.all || p.units.n) TRY(stored(out, known, c, q->type, &p.units, p.all, &p.wanted));
    *out += more;
    return OK;
}
