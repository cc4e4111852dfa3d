/* list.c: lists of records: the address to a query, the query to SQL with the reader's scope
 * inside, keyset pages. Empty sort values come last and are a query of their own.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/list.h"

#include "base/clock.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "model/cache.h"
#include "model/columns.h"
#include "model/condition.h"
#include "model/field.h"
#include "model/list_total.h"

/* ---- the address ---- */

static const char *const reserved[] = {"q",       "sort",         "after", "limit", "as_of",
                                       "columns", "columns_form", "view",  "tab",   "format",
                                       "lang",    "theme",        "page",  "saved"};
static const char *const plain_columns[] = {"state",      "unit",       "owner",
                                            "created_by", "updated_by", "restricted",
                                            "created_at", "updated_at", "id"};

static bool in_list(Str name, const char *const *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_is(name, list[i])) return true;
    return false;
}

static bool op_of(FilterOp *op, Str *base, Str name) {
    static const struct {
        const char *suffix;
        FilterOp op;
    } suffixes[] = {{".ge", FILTER_GE},       {".le", FILTER_LE},       {".in", FILTER_IN},
                    {".under", FILTER_UNDER}, {".empty", FILTER_EMPTY}, {".open", FILTER_OPEN}};
    *op = FILTER_EQ;
    *base = name;
    if (str_find_char(name, '.') < 0) return true;
    for (size_t i = 0; i < LENGTH(suffixes); i++)
        if (str_ends(name, str_of(suffixes[i].suffix))) {
            *op = suffixes[i].op;
            *base = str_sub(name, 0, name.n - strlen(suffixes[i].suffix));
            return str_find_char(*base, '.') < 0;
        }
    return false;
}

/* The name by which a filter is given and refused. */
static const char *name_of(const ListFilter *f) {
    if (f->condition) return f->condition->name;
    return f->reading ? f->reading->name : f->field ? f->field->name : f->column;
}

/* What a filter reads of the record, for the rights; NULL: a system column. */
static const Field *field_of(const ListFilter *f) {
    return f->condition ? f->condition->date : f->field;
}

static Err parse_condition(ListFilter *f, Ctx *c, FieldSet hidden) {
    Str v = f->text;
    if (fieldset_has(hidden, f->condition->date->index))
        return issue(c, f->condition->name, "unknown", N_("There is no such filter."));
    bool yes = str_is(v, "true") || str_is(v, "1"), no = str_is(v, "false") || str_is(v, "0");
    if (f->op != FILTER_EQ || (!yes && !no))
        return issue(c, f->condition->name, "bad_value", N_("This is neither yes nor no."));
    f->text = yes ? S("true") : S("false");
    return OK;
}

static Err parse_reading(const ListFilter *f, Ctx *c, FieldSet hidden) {
    bool is_known = f->op == FILTER_EQ || f->op == FILTER_IN || f->op == FILTER_UNDER;
    for (size_t i = 0; i < f->reading->n_fields; i++)
        is_known = is_known && !fieldset_has(hidden, f->reading->fields[i]->index);
    return is_known ? OK : issue(c, f->reading->name, "unknown", N_("There is no such filter."));
}

/* state=open, state.in=draft,open: names of states; a misspelt one would look like "none". */
static Err parse_states(Ctx *c, const Type *t, const ListFilter *f) {
    Str part, rest = f->text;
    if (f->op != FILTER_EQ && f->op != FILTER_IN) return OK;
    if (f->op == FILTER_EQ && !type_state(t, f->text))
        return issue(c, "state", "bad_value", N_("There is no such state."));
    while (f->op == FILTER_IN && str_cut(&part, &rest, ','))
        if (!type_state(t, str_trim(part)))
            return issue(c, "state", "bad_value", N_("There is no such state."));
    return OK;
}

static Err parse_filter(ListQuery *out, Ctx *c, Str name, Str value) {
    ListFilter f = {.text = str_trim(value)};
    Str base;
    if (!f.text.n) return OK;
    if (!op_of(&f.op, &base, name))
        return issue(c, str_z(c->arena, name), "unknown", N_("There is no such filter."));
    if (f.op == FILTER_OPEN && !str_is(base, "state"))
        return issue(c, str_z(c->arena, name), "unknown", N_("There is no such filter."));
    f.field = type_field(out->type, base);
    if (f.field &&
        ((f.field->flags & F_SECRET) || f.field->kind == KIND_ROWS || f.field->kind == KIND_FILES))
        f.field = NULL;
    if (!f.field) f.condition = type_condition(out->type, base);
    if (!f.field && !f.condition) f.reading = type_reading(out->type, base);
    if (f.condition || f.reading) {
        FieldSet hidden;
        TRY(access_hidden(&hidden, c, out->type, NULL));
        TRY(f.condition ? parse_condition(&f, c, hidden) : parse_reading(&f, c, hidden));
    } else if (!f.field) {
        if (str_is(base, "number")) {
            f.column = "number";
        } else {
            if (!in_list(base, plain_columns, LENGTH(plain_columns)))
                return issue(c, str_z(c->arena, name), "unknown", N_("There is no such filter."));
            if (str_is(base, "updated_by") && !access_may(c, out->type, OP_HISTORY))
                return issue(c, str_z(c->arena, name), "unknown", N_("There is no such filter."));
            f.column = str_z(c->arena, base);
            if (str_is(base, "state")) TRY(parse_states(c, out->type, &f));
        }
    } else {
        FieldSet hidden;
        TRY(access_hidden(&hidden, c, out->type, NULL));
        if (fieldset_has(hidden, f.field->index))
            return issue(c, str_z(c->arena, name), "unknown", N_("There is no such filter."));
    }
    GROW(c->arena, out->filters, out->n_filters, out->cap_filters);
    out->filters[out->n_filters++] = f;
    return OK;
}

static Err parse_sort(ListQuery *out, Ctx *c, Str text) {
    text = str_trim(text);
    out->descending = !text.n;
    if (!text.n) return OK;
    if (text.p[0] == '-') {
        out->descending = true;
        text = str_sub(text, 1, text.n);
    }
    if (str_is(text, "number") || str_is(text, "id") || str_is(text, "created_at")) return OK;
    const Field *f = type_field(out->type, text);
    FieldSet hidden;
    TRY(access_hidden(&hidden, c, out->type, NULL));
    if (!f || !(f->flags & F_SORTED) || fieldset_has(hidden, f->index))
        return issue(c, "sort", "bad_value", N_("The list cannot be sorted by this."));
    out->sort = f;
    return OK;
}

Err list_parse(ListQuery *out, Ctx *c, const Type *t, const Input *params) {
    /* A form that is shown again with its issues may list records. */
    size_t before = c->issues.errors;
    *out = (ListQuery){.type = t, .limit = 50, .descending = true, .as_of = c->as_of};
    for (size_t i = 0; i < params->n; i++) {
        Str name = params->items[i].name, value = params->items[i].value;
        int64_t days;
        Err e = OK;
        if (str_is(name, "q"))
            out->q = str_trim(value);
        else if (str_is(name, "sort"))
            e = parse_sort(out, c, value);
        else if (str_is(name, "after"))
            out->after = value;
        else if (str_is(name, "limit")) {
            if (value.n && (!str_to_int(&out->limit, value) || out->limit < 1 || out->limit > 500))
                e = issue(c, "limit", "bad_value", N_("A page has 1 to 500 rows."));
        } else if (str_is(name, "as_of")) {
            if (value.n && !date_parse(&days, value))
                e = issue(c, "as_of", "bad_value",
                          N_("This is not a date, for example 2026-03-31."));
            else if (value.n)
                out->as_of = value;
        } else if (!in_list(name, reserved, LENGTH(reserved)) && !(name.n && name.p[0] == '_'))
            e = parse_filter(out, c, name, value);
        if (e && e != ERR_INVALID) return e;
    }
    c->as_of = out->as_of;
    return c->issues.errors > before ? ERR_INVALID : OK;
}

/* ---- SQL ---- */

static Err bad(Ctx *c, const ListFilter *f) {
    return issue_arg(c, name_of(f), "bad_value", N_("The filter's value “{0}” is not understood."),
                     f->text);
}

static DbValue value_bound(Value v) {
    return v.kind == V_TEXT ? db_text(v.s) : db_int(v.i);
}

/* Ids of a node and everything below it. */
static Err ids_under(const int64_t **out, size_t *n, Ctx *c, const Field *f, const Type *t,
                     Str key) {
    int64_t id;
    TRY(ref_find(&id, c, t, key));
    if (strcmp(t->name, "unit") == 0) return access_units_under(out, n, c, id);
    const TreeItem *items;
    size_t count;
    TRY(ref_tree(&items, &count, c, t, f && f->kind == KIND_TAXON ? str_of(f->of) : (Str){0}));
    int64_t *ids = NEW_N(c->arena, int64_t, count + 1);
    *n = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i].id != id) continue;
        ids[(*n)++] = id;
        for (size_t k = i + 1; k < count && items[k].depth > items[i].depth; k++)
            ids[(*n)++] = items[k].id;
    }
    if (!*n) ids[(*n)++] = id;
    *out = ids;
    return OK;
}

static Err sql_under(Sql *s, Ctx *c, const ListFilter *f, const Type *target, const char *column) {
    const int64_t *ids;
    size_t n;
    if (!target || !(target->flags & TYPE_TREE)) return bad(c, f);
    Err e = ids_under(&ids, &n, c, f->field, target, f->text);
    if (e == ERR_MISSING) return bad(c, f);
    TRY(e);
    if (f->field && f->field->kind == KIND_REFS) {
        sql_add(s, "r.id IN (SELECT record FROM ");
        sql_name(s, NULL, f->field->table);
        sql_add(s, " WHERE ");
        sql_in_set(s, "target", ids, n);
        sql_add(s, ")");
    } else
        sql_in_set(s, column, ids, n);
    return OK;
}

static Err sql_one(Sql *s, Ctx *c, const ListFilter *f, const char *column, Str text) {
    const Field *field = f->field;
    bool ok;
    Value v = field_from_text(c, field, text, &ok);
    if (!ok) return bad(c, f);
    if (field->kind == KIND_REFS) {
        sql_add(s, "r.id IN (SELECT record FROM ");
        sql_name(s, NULL, field->table);
        sql_add(s, " WHERE target = ");
        sql_bind(s, db_int(v.n ? v.list[0].i : 0));
        sql_add(s, ")");
    } else if (field->kind == KIND_CHOICES) {
        sql_add(s, column);
        sql_add(s, " LIKE ");
        sql_bind(s, db_text(str_fmt(c->arena, "%%,%.*s,%%", FMT(v.n ? v.list[0].s : text))));
    } else if (field->kind == KIND_BOOL && !v.i) {
        sql_add(s, "COALESCE(");
        sql_add(s, column);
        sql_add(s, ", 0) = 0");
    } else {
        sql_add(s, column);
        sql_add(s, " = ");
        sql_bind(s, value_bound(v));
    }
    return OK;
}

static Err sql_each(Sql *s, Ctx *c, const ListFilter *f, const char *column,
                    Err (*one)(Sql *, Ctx *, const ListFilter *, const char *, Str)) {
    enum { MOST_VALUES = 100 };
    Str part, rest = f->text;
    bool any = false;
    size_t n = 0;
    sql_add(s, "(");
    while (str_cut(&part, &rest, ',')) {
        if (n++ == MOST_VALUES) return bad(c, f);
        if (any) sql_add(s, " OR ");
        TRY(one(s, c, f, column, str_trim(part)));
        any = true;
    }
    sql_add(s, ")");
    return OK;
}

static Err sql_range(Sql *s, Ctx *c, const ListFilter *f, const char *column) {
    Value v = {.kind = V_INT};
    bool ok = true, is_instant = true; /* without a field: a system instant */
    int64_t days;
    if (f->field) {
        FieldKind k = f->field->kind;
        if (k != KIND_INT && k != KIND_MONEY && k != KIND_DECIMAL && k != KIND_PERCENT &&
            k != KIND_DATE && k != KIND_INSTANT)
            return bad(c, f);
        is_instant = k == KIND_INSTANT;
        if (!is_instant) v = field_from_text(c, f->field, f->text, &ok);
    }
    if (is_instant && date_parse(&days, f->text)) /* by its day: .le means the end of it */
        v.i = f->op == FILTER_LE ? ctx_begins(c, days + 1) - 1 : ctx_begins(c, days);
    else if (is_instant)
        ok = instant_parse(&v.i, f->text) || str_to_int(&v.i, f->text);
    if (!ok) return bad(c, f);
    sql_add(s, column);
    sql_add(s, f->op == FILTER_GE ? " >= " : " <= ");
    sql_bind(s, value_bound(v));
    return OK;
}

static Err sql_state_open(Sql *s, const Type *t, const char *column, bool open) {
    bool any = false;
    sql_add(s, column);
    sql_add(s, open ? " IN (" : " NOT IN (");
    for (size_t i = 0; i < t->n_states; i++) {
        if (t->states[i].flags & (STATE_CLOSED | STATE_VOID)) continue;
        if (any) sql_add(s, ", ");
        sql_bind(s, db_textz(t->states[i].name));
        any = true;
    }
    if (!any) sql_bind(s, db_textz(""));
    sql_add(s, ")");
    return OK;
}

static Err sql_system_one(Sql *s, Ctx *c, const ListFilter *f, const char *column, Str text) {
    int64_t id = 0;
    Err e = OK;
    if (strcmp(f->column, "unit") == 0)
        e = ref_find(&id, c, model_need(c->model, "unit"), text);
    else if (strcmp(f->column, "state") == 0) {
        sql_add(s, column);
        sql_add(s, " = ");
        sql_bind(s, db_text(text));
        return OK;
    } else if (strcmp(f->column, "restricted") == 0) {
        id = str_is(text, "true") || str_is(text, "1");
        if (!id && !str_is(text, "false") && !str_is(text, "0")) e = ERR_MISSING;
    } else if (strcmp(f->column, "id") == 0)
        e = str_to_int(&id, text) ? OK : ERR_MISSING;
    else if (str_is(text, "me"))
        id = c->actor->user;
    else if (strstr(f->column, "_at"))
        e = ERR_MISSING;
    else
        e = ref_find(&id, c, model_need(c->model, "user"), text);
    if (e == ERR_MISSING) return bad(c, f);
    TRY(e);
    sql_add(s, column);
    sql_add(s, " = ");
    sql_bind(s, db_int(id));
    return OK;
}

static Err sql_number(Sql *s, Ctx *c, const ListQuery *q, const ListFilter *f) {
    int64_t id;
    Err e = ref_find(&id, c, q->type, f->text);
    if (e && e != ERR_MISSING) return e;
    sql_add(s, "r.id = ");
    sql_bind(s, db_int(e ? 0 : id));
    return OK;
}

/* Many ids (what was found by words): one text however many they are, prepared and planned quickly.
 */
static Err sql_ids(Sql *s, Ctx *c, const ListFilter *f, const char *column) {
    enum { MOST_IDS = 100 };
    int64_t *ids = NEW_N(c->arena, int64_t, MOST_IDS);
    Str part, rest = f->text;
    size_t n = 0;
    while (str_cut(&part, &rest, ','))
        if (n == MOST_IDS || !str_to_int(&ids[n++], str_trim(part))) return bad(c, f);
    sql_in_set(s, column, ids, n);
    return OK;
}

/* Ids of the nodes that a filter on a reading names. */
static Err reading_nodes(const int64_t **out, size_t *n, Ctx *c, const ListFilter *f) {
    enum { MOST_NODES = 100 };
    const Type *taxon = model_need(c->model, "taxon");
    Field kind = {.kind = KIND_TAXON, .of = f->reading->def->of};
    int64_t *ids = NEW_N(c->arena, int64_t, MOST_NODES);
    Str part, rest = f->text;
    *n = 0;
    if (f->op == FILTER_UNDER) {
        Err e = ids_under(out, n, c, &kind, taxon, f->text);
        return e == ERR_MISSING ? bad(c, f) : e;
    }
    while (str_cut(&part, &rest, ',')) {
        Err e = *n < MOST_NODES ? ref_find(&ids[*n], c, taxon, str_trim(part)) : ERR_MISSING;
        if (e == ERR_MISSING) return bad(c, f);
        TRY(e);
        ++*n;
    }
    *out = ids;
    return OK;
}

static Err sql_reading(Sql *s, Ctx *c, const ListFilter *f) {
    const int64_t *nodes, *ids;
    size_t n_nodes, n;
    TRY(reading_nodes(&nodes, &n_nodes, c, f));
    sql_add(s, " AND (");
    for (size_t i = 0; i < f->reading->n_fields; i++) {
        const Field *field = f->reading->fields[i];
        if (i) sql_add(s, " OR ");
        TRY(f->reading->def->found(&ids, &n, c, field, nodes, n_nodes));
        sql_in_set(s, str_fmt(c->arena, "r.\"%s\"", field->name).p, ids, n);
    }
    sql_add(s, ")");
    return OK;
}

static Err sql_filter(Sql *s, Ctx *c, const ListQuery *q, const ListFilter *f) {
    if (f->reading) return sql_reading(s, c, f);
    if (f->condition) {
        sql_add(s, " AND ");
        condition_sql(s, c, q->type, f->condition, str_is(f->text, "true"));
        return OK;
    }
    const char *column = str_fmt(c->arena, f->no_index ? "+r.\"%s\"" : "r.\"%s\"", name_of(f)).p;
    const Type *target = f->field                         ? f->field->target
                         : strcmp(f->column, "unit") == 0 ? model_need(c->model, "unit")
                                                          : NULL;
    sql_add(s, " AND ");
    if (f->column && strcmp(f->column, "number") == 0) return sql_number(s, c, q, f);
    switch (f->op) {
    case FILTER_EMPTY:
        sql_add(s, column);
        sql_add(s, str_is(f->text, "0") || str_is(f->text, "false") ? " IS NOT NULL" : " IS NULL");
        return OK;
    case FILTER_OPEN:
        return sql_state_open(s, q->type, column,
                              !str_is(f->text, "0") && !str_is(f->text, "false"));
    case FILTER_UNDER: return sql_under(s, c, f, target, column);
    case FILTER_GE:
    case FILTER_LE: return sql_range(s, c, f, column);
    case FILTER_IN:
        if (f->column && !strcmp(f->column, "id") && db_kind(c->db) == DB_POSTGRES)
            return sql_ids(s, c, f, column);
        return sql_each(s, c, f, column, f->field ? sql_one : sql_system_one);
    default:
        return f->field ? sql_one(s, c, f, column, f->text)
                        : sql_system_one(s, c, f, column, f->text);
    }
}

/* Rules that hide a field of the query from the reader give no rows to it: filtering would tell. */
static const Access *access_for(Ctx *c, const Access *a, const ListQuery *q) {
    const Field **fields = NEW_N(c->arena, const Field *, (q->n_filters + 1) * READING_FIELDS);
    size_t n = 0;
    for (size_t k = 0; k <= q->n_filters; k++) {
        const Reading *x = k < q->n_filters ? q->filters[k].reading : NULL;
        for (size_t i = 0; x && i < x->n_fields; i++) fields[n++] = x->fields[i];
        const Field *f = k < q->n_filters ? field_of(&q->filters[k]) : q->sort;
        if (f) fields[n++] = f;
    }
    return access_showing(c, a, fields, n);
}

static void sql_source(Sql *s, const Ctx *c, const ListQuery *q, const ListPlan *plan) {
    if (plan->by == WORDS_HITS) {
        text_add(&s->text, db_words_hits(c->arena, &plan->words, true));
        return;
    }
    sql_add(s, " FROM ");
    if (!q->as_of.n) {
        sql_name(s, NULL, q->type->name);
        sql_add(s, " r");
        sql_add(s, plan->index);
        return;
    }
    record_source(s, c, q->type, q->type->columns.row, q->as_of);
    sql_add(s, " r");
}

/* Who edited last is of the history: where it is asked for, only records whose history the reader
 * may see are found. */
Err list_access(const Access **out, Ctx *c, const ListQuery *q) {
    const Access *a;
    unsigned op = OP_READ;
    for (size_t i = 0; i < q->n_filters; i++)
        if (q->filters[i].column && !strcmp(q->filters[i].column, "updated_by")) op = OP_HISTORY;
    TRY(access_of(&a, c, q->type, op));
    *out = access_for(c, a, q);
    return OK;
}

Err list_filters_sql(Sql *s, Ctx *c, const ListQuery *q) {
    for (size_t i = 0; i < q->n_filters; i++) TRY(sql_filter(s, c, q, &q->filters[i]));
    return OK;
}

/* Binds n values that follow each other; the number of the first. */
static int bind_all(Sql *s, const DbValue *values, size_t n) {
    int first = (int)s->n + 1;
    for (size_t i = 0; i < n; i++) {
        GROW(s->arena, s->args, s->n, s->cap);
        s->args[s->n++] = values[i];
    }
    return first;
}

static void sql_words(Sql *s, Ctx *c, const ListPlan *plan) {
    const DbWords *w = &plan->words;
    switch (plan->by) {
    case WORDS_NONE: return;
    case WORDS_NOTHING: sql_add(s, " AND 1 = 0"); return;
    case WORDS_SET:
        sql_add(s, " AND r.id IN (");
        text_add(&s->text, db_words_set(c->arena, c->db, w, bind_all(s, &w->match, 1)));
        sql_add(s, ")");
        return;
    case WORDS_HITS:
        sql_add(s, " AND ");
        text_add(&s->text, db_words_where(c->arena, w, bind_all(s, &w->match, 1)));
        return;
    case WORDS_TEXT:
        sql_add(s, " AND ");
        text_add(&s->text, db_words_in(c->arena, c->db, w, "r.id", bind_all(s, w->parts, w->n)));
        return;
    }
}

static void sql_scope(Sql *s, const ListQuery *q, const Access *a) {
    sql_add(s, " WHERE 1 = 1");
    if (q->as_of.n && !a->everything) { /* rights are today's */
        sql_add(s, " AND r.id IN (SELECT n.id FROM ");
        sql_name(s, NULL, q->type->name);
        sql_add(s, " n WHERE 1 = 1");
        access_sql(s, a, "n");
        sql_add(s, ")");
    } else
        access_sql(s, a, "r");
}

static Err sql_where(Sql *s, Ctx *c, const ListQuery *q, const ListPlan *plan) {
    const Access *a;
    TRY(list_access(&a, c, q));
    sql_scope(s, q, a);
    TRY(list_filters_sql(s, c, q));
    sql_words(s, c, plan);
    return OK;
}

Err list_source_sql(Sql *s, Ctx *c, const ListQuery *q, const Field *const *fields, size_t n) {
    const Access *a;
    ListPlan plan = {.index = ""};
    TRY(list_access(&a, c, q));
    sql_source(s, c, q, &plan);
    sql_scope(s, q, access_showing(c, a, fields, n));
    return list_filters_sql(s, c, q);
}

/* ---- pages ---- */

struct ListCursor {
    Ctx *ctx;
    ListQuery query;
    ListPlan plan;
    Rows *rows;
    int phase; /* 0: the sort field has a value (or sort by number), 1: it is empty */
    int64_t returned;
    bool ended, more;
    int64_t last_id;
    Value last_value;
    int last_phase;
    int64_t after_id;
    Str after_value;
    int after_phase; /* -1: from the start */
};

static Str query_hash(Ctx *c, const ListQuery *q) {
    Text t = text_new(c->arena, 1 << 16);
    text_fmt(&t, "%s|%.*s|%s|%d|%.*s|%.*s", q->type->name, FMT(c->model->hash),
             q->sort ? q->sort->name : "", q->descending, FMT(q->q), FMT(q->as_of));
    for (size_t i = 0; i < q->n_filters; i++)
        text_fmt(&t, "|%s%d=%.*s", name_of(&q->filters[i]), (int)q->filters[i].op,
                 FMT(q->filters[i].text));
    return str_sub(sha256_hex(c->arena, text_str(&t)), 0, 12);
}

/* "HASH.PHASE.ID.HEXVALUE" */
static Err cursor_read(ListCursor *cur, Ctx *c) {
    Str rest = cur->query.after, part;
    int64_t phase;
    cur->after_phase = -1;
    if (!rest.n) return OK;
    bool ok = str_cut(&part, &rest, '.') && str_eq(part, query_hash(c, &cur->query));
    ok = ok && str_cut(&part, &rest, '.') && str_to_int(&phase, part) && phase >= 0 && phase <= 1;
    ok = ok && str_cut(&part, &rest, '.') && str_to_int(&cur->after_id, part);
    ok = ok && hex_decode(c->arena, &cur->after_value, rest);
    if (!ok)
        return issue(c, "after", "bad_value",
                     N_("The list has changed: please start again from its first page."));
    cur->after_phase = (int)phase;
    cur->phase = (int)phase;
    return OK;
}

static bool sort_is_text(const Field *f) {
    return f->kind == KIND_TEXT || f->kind == KIND_DATE || f->kind == KIND_CHOICE ||
           f->kind == KIND_LONG;
}

/* What stands after the place where the page before ended. */
static Err sql_after(Sql *s, Ctx *c, const ListCursor *cur, const char *column, const char *id) {
    const ListQuery *q = &cur->query;
    int64_t number = 0;
    if (cur->after_phase != cur->phase) return OK;
    if (!column || cur->phase) {
        sql_add(s, " AND ");
        sql_add(s, id);
        sql_add(s, q->descending ? " < " : " > ");
        bool by_hits = cur->plan.by == WORDS_HITS;
        sql_bind(s,
                 db_int(by_hits ? db_words_hit(&cur->plan.words, cur->after_id) : cur->after_id));
        return OK;
    }
    bool text = sort_is_text(q->sort);
    if (!text && !str_to_int(&number, cur->after_value))
        return issue(c, "after", "bad_value", N_("This is none of the choices."));
    sql_add(s, " AND (");
    sql_add(s, column);
    sql_add(s, q->descending ? ", r.id) < (" : ", r.id) > (");
    sql_bind(s, text ? db_text(cur->after_value) : db_int(number));
    sql_add(s, ", ");
    sql_bind(s, db_int(cur->after_id));
    sql_add(s, ")");
    return OK;
}

static void sql_order(Sql *s, const ListQuery *q, const char *column, const char *id) {
    const char *direction = q->descending ? " DESC" : "";
    sql_add(s, " ORDER BY ");
    if (column) {
        sql_add(s, column);
        sql_add(s, direction);
        sql_add(s, ", ");
    }
    sql_add(s, id);
    sql_add(s, direction);
}

enum { LIST_FEW = 1000 }; /* rows that are read at once */

static Err open_phase(ListCursor *cur) {
    Ctx *c = cur->ctx;
    const ListQuery *q = &cur->query;
    bool apart = cur->plan.is_sorted_apart;
    const char *column =
        q->sort ? str_fmt(c->arena, apart ? "+r.\"%s\"" : "r.\"%s\"", q->sort->sort).p : NULL;
    /* Apart: not the order of ids either: few rows, found first. */
    const char *id = cur->plan.by == WORDS_HITS ? "f.rowid" : apart ? "+r.id" : "r.id";
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, DB_PLAN_EACH "SELECT ");
    columns_select(&s, q->type, q->wanted);
    if (apart) { /* the ids of the page first: no more than those is read whole */
        sql_add(&s, " FROM ");
        sql_name(&s, NULL, q->type->name);
        sql_add(&s, " r WHERE r.id IN (SELECT r.id");
    }
    sql_source(&s, c, q, &cur->plan);
    TRY(sql_where(&s, c, q, &cur->plan));
    if (column) {
        sql_add(&s, " AND ");
        sql_add(&s, column);
        sql_add(&s, cur->phase ? " IS NULL" : " IS NOT NULL");
    }
    TRY(sql_after(&s, c, cur, column, id));
    sql_order(&s, q, cur->phase ? NULL : column, id);
    if (q->limit) {
        sql_add(&s, " LIMIT ");
        sql_bind(&s, db_int(q->limit - cur->returned + 1));
    }
    if (apart) {
        sql_add(&s, ")");
        sql_order(&s, q, cur->phase ? NULL : column, id);
    }
    bool is_few = q->limit && q->limit <= LIST_FEW;
    return is_few ? sql_few(&cur->rows, &s, c->db, c->arena)
                  : sql_rows(&cur->rows, &s, c->db, c->arena);
}

Err list_open(ListCursor **out, Ctx *c, const ListQuery *q) {
    ListCursor *cur = NEW(c->arena, ListCursor);
    *cur = (ListCursor){.ctx = c, .query = *q};
    *out = cur;
    cur->query.filters = NEW_N(c->arena, ListFilter, q->n_filters + 1);
    if (q->n_filters) memcpy(cur->query.filters, q->filters, q->n_filters * sizeof *q->filters);
    TRY(cursor_read(cur, c));
    TRY(list_plan(&cur->plan, c, &cur->query));
    return open_phase(cur);
}

static bool has_second_phase(const ListCursor *cur) {
    return cur->query.sort && cur->phase == 0;
}

Err list_next(Record **out, ListCursor *cur, Arena *scratch) {
    bool found;
    *out = NULL;
    while (!cur->ended) {
        TRY(rows_next(&found, cur->rows));
        if (!found && has_second_phase(cur)) {
            cur->phase = 1;
            TRY(open_phase(cur));
            continue;
        }
        if (!found || (cur->query.limit && cur->returned == cur->query.limit)) {
            cur->more = found;
            cur->ended = true;
            if (found) rows_close(cur->rows);
            return OK;
        }
        Record *r = NEW(scratch, Record);
        TRY(columns_read_some(r, cur->query.type, cur->query.wanted, cur->rows, scratch));
        cur->returned++;
        cur->last_id = r->id;
        cur->last_phase = cur->phase;
        if (cur->query.sort && cur->query.limit) {
            cur->last_value = r->values[cur->query.sort->index];
            cur->last_value.s = str_copy(cur->ctx->arena, cur->last_value.s);
        }
        *out = r;
        return OK;
    }
    return OK;
}

Str list_after(ListCursor *cur) {
    Ctx *c = cur->ctx;
    const Field *f = cur->query.sort;
    Str value = {0};
    if (!cur->more) return (Str){0};
    if (f && !cur->last_phase)
        value = columns_has_sort(f) ? utf8_fold(c->arena, cur->last_value.s)
                : sort_is_text(f)   ? cur->last_value.s
                                    : str_fmt(c->arena, "%lld", (long long)cur->last_value.i);
    return str_fmt(c->arena, "%.*s.%d.%lld.%.*s", FMT(query_hash(c, &cur->query)), cur->last_phase,
                   (long long)cur->last_id,
                   FMT(hex_encode(c->arena, (const unsigned char *)value.p, value.n)));
}

Err list_count(int64_t *out, bool *exact, Ctx *c, const ListQuery *q, int64_t most) {
    Sql s = sql_new(c->arena, c->db);
    bool found;
    ListQuery counted = *q;
    ListPlan plan = {.index = ""};
    TRY(list_total(out, exact, c, q));
    if (*exact) return OK;
    if (q->q.n) { /* each hit is looked at for the reader's rights: not too many */
        counted.filters = NEW_N(c->arena, ListFilter, q->n_filters + 1);
        if (q->n_filters) memcpy(counted.filters, q->filters, q->n_filters * sizeof *q->filters);
        counted.sort = NULL;
        counted.limit = most = most > LIST_COUNT_WORDS ? LIST_COUNT_WORDS : most;
        TRY(list_plan(&plan, c, &counted));
        if (plan.is_walk) plan.index = "";
    }
    sql_add(&s, DB_PLAN_EACH "SELECT COUNT(*) FROM (SELECT 1");
    sql_source(&s, c, &counted, &plan);
    TRY(sql_where(&s, c, &counted, &plan));
    sql_add(&s, " LIMIT ");
    sql_bind(&s, db_int(most + 1));
    sql_add(&s, ") counted");
    TRY(db_get_int(out, &found, c->db, s.text.p, s.args, s.n));
    *exact = *out <= most;
    if (!*exact) *out = most;
    return OK;
}
