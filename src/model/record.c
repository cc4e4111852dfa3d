/* record.c: finding and loading one record, now or as recorded on a past day, with the reader's
 * rights. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/record.h"

#include <stdlib.h>

#include "base/clock.h"
#include "model/bulk.h"
#include "model/cache.h"
#include "model/columns.h"

Value record_get(const Record *r, const char *field) {
    return r->values[type_need(r->type, field)->index];
}

int64_t record_int(const Record *r, const char *field) {
    return record_get(r, field).i;
}

Str record_text(const Record *r, const char *field) {
    return record_get(r, field).s;
}

bool record_bool(const Record *r, const char *field) {
    return record_get(r, field).i != 0;
}

void record_set(Record *r, const char *field, Value v) {
    r->values[type_need(r->type, field)->index] = v;
}

Str record_number(Arena *a, const Record *r) {
    if (r->type->key) return r->values[r->type->key->index].s;
    return record_number_of(a, r->type, r->year, r->seq);
}

static void put_padded(Text *t, int64_t n, int64_t least) {
    for (; least > 1 && n < least; least /= 10) text_char(t, '0');
    text_int(t, n);
}

Str record_number_of(Arena *a, const Type *t, int64_t year, int64_t seq) {
    Text text = text_new(a, 0);
    text_addz(&text, t->prefix);
    text_char(&text, '-');
    put_padded(&text, year, 1000);
    text_char(&text, '-');
    put_padded(&text, seq, 10000);
    return text_str(&text);
}

Str record_choice_words(const Ctx *c, const Field *f, Str key) {
    for (size_t i = 0; f->kind == KIND_CHOICE && i < f->n_choices; i++)
        if (str_is(key, f->choices[i].key)) return TRS(c, f->choices[i].label);
    return key;
}

/* The title as it is stored; where it is a choice, in the reader's words. */
Str record_title(const Ctx *c, const Record *r) {
    const Type *t = r->type;
    const Field *order[] = {t->titles[c->lang], t->titles[LANG_FR], t->titles[LANG_EN],
                            t->titles[LANG_AR], t->title_else};
    for (size_t i = 0; i < LENGTH(order); i++) {
        const Field *f = order[i];
        if (f && r->values[f->index].s.n) return record_choice_words(c, f, r->values[f->index].s);
    }
    return record_number(c->arena, r);
}

Str record_path_of(Arena *a, const Type *t, Str number) {
    Text path = text_new(a, 0);
    text_char(&path, '/');
    text_addz(&path, t->plural);
    text_char(&path, '/');
    text_add(&path, number);
    return text_str(&path);
}

Str record_path(Arena *a, const Record *r) {
    return record_path_of(a, r->type, record_number(a, r));
}

static Err load_from(Record **out, Ctx *c, const Type *t, int64_t id, bool is_past) {
    Sql s = sql_new(c->arena, c->db);
    Rows *r;
    bool found;
    sql_add(&s, "SELECT ");
    sql_add(&s, t->columns.read);
    sql_add(&s, " FROM ");
    sql_name(&s, NULL, is_past ? t->columns.past : t->name);
    sql_add(&s, " r WHERE r.id = ");
    sql_bind(&s, db_int(id));
    if (c->as_of.n) {
        sql_add(&s, " AND r.recorded_from < ");
        sql_bind(&s, db_int(ctx_ends(c, c->as_of)));
        if (is_past) {
            sql_add(&s, " AND r.recorded_until >= ");
            sql_bind(&s, db_int(ctx_ends(c, c->as_of)));
        }
    }
    TRY(sql_few(&r, &s, c->db, c->arena));
    TRY(rows_next(&found, r));
    *out = NULL;
    if (!found) return ERR_MISSING;
    *out = NEW(c->arena, Record);
    TRY(columns_read(*out, c, t, r, c->arena));
    rows_close(r);
    return OK;
}

Err record_load_raw(Record **out, Ctx *c, const Type *t, int64_t id) {
    *out = bulk_find(c, t, id);
    if (*out) return OK;
    Err e = load_from(out, c, t, id, false);
    return e == ERR_MISSING && c->as_of.n ? load_from(out, c, t, id, true) : e;
}

/* What is restricted today is restricted as it was before, and its reading is noted. */
static Err keep_restricted(Ctx *c, Record *r) {
    Sql s = sql_new(c->arena, c->db);
    int64_t now = 0;
    bool found;
    sql_add(&s, "SELECT restricted FROM ");
    sql_name(&s, NULL, r->type->name);
    sql_add(&s, " WHERE id = ");
    sql_bind(&s, db_int(r->id));
    TRY(db_get_int(&now, &found, c->db, s.text.p, s.args, s.n));
    r->is_restricted = r->is_restricted || now;
    return OK;
}

Err record_load(Record **out, Ctx *c, const Type *t, int64_t id) {
    TRY(record_load_raw(out, c, t, id));
    Err e = access_check(c, *out, OP_READ);
    if (!e && c->as_of.n) e = keep_restricted(c, *out);
    if (e) *out = NULL;
    return e;
}

Err record_version(Record **out, Ctx *c, const Type *t, int64_t id, int64_t version) {
    Sql s = sql_new(c->arena, c->db);
    Rows *r;
    bool found;
    sql_add(&s, "SELECT ");
    sql_add(&s, t->columns.read);
    sql_add(&s, " FROM ");
    sql_name(&s, NULL, t->columns.past);
    sql_add(&s, " r WHERE r.id = ");
    sql_bind(&s, db_int(id));
    sql_add(&s, " AND r.version = ");
    sql_bind(&s, db_int(version));
    sql_add(&s, " ORDER BY r.recorded_until DESC LIMIT 1");
    TRY(sql_few(&r, &s, c->db, c->arena));
    TRY(rows_next(&found, r));
    if (!found) return ERR_MISSING;
    *out = NEW(c->arena, Record);
    TRY(columns_read(*out, c, t, r, c->arena));
    rows_close(r);
    return OK;
}

/* False: no record can have it. */
static bool find_sql(Sql *s, Ctx *c, const Type *t, Str number) {
    sql_add(s, "SELECT ");
    sql_add(s, t->columns.read);
    sql_add(s, " FROM ");
    sql_name(s, NULL, t->name);
    sql_add(s, " r WHERE ");
    return ref_where(s, c, t, str_trim(number));
}

void record_find_announce(Ctx *c, const Type *t, Str number) {
    Sql s = sql_new(c->arena, c->db);
    if (!c->as_of.n && !c->bulk && find_sql(&s, c, t, number)) sql_announce(&s, c->db);
}

/* Read and judged in one statement, as it is now. */
static Err find_now(Record **out, Ctx *c, const Type *t, Str number) {
    Sql s = sql_new(c->arena, c->db);
    Rows *r;
    bool found;
    if (!find_sql(&s, c, t, number)) return ERR_MISSING;
    TRY(sql_few(&r, &s, c->db, c->arena));
    TRY(rows_next(&found, r));
    if (!found) return ERR_MISSING;
    Record *one = NEW(c->arena, Record);
    TRY(columns_read(one, c, t, r, c->arena));
    rows_close(r);
    TRY(access_check(c, one, OP_READ));
    *out = one;
    return OK;
}

Err record_find(Record **out, Ctx *c, const Type *t, Str number) {
    int64_t id;
    *out = NULL;
    if (!c->as_of.n && !c->bulk) return find_now(out, c, t, number);
    TRY(ref_find(&id, c, t, number));
    return record_load(out, c, t, id);
}

static Err records_of(Records *out, Ctx *c, const Type *t, Sql *s) {
    Rows *r;
    bool more;
    TRY(sql_few(&r, s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        Record *one = NEW(c->arena, Record);
        TRY(columns_read(one, c, t, r, c->arena));
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = one;
    }
}

Err record_load_many(Records *out, Ctx *c, const Type *t, const int64_t *ids, size_t n) {
    Sql s = sql_new(c->arena, c->db);
    *out = (Records){0};
    sql_add(&s, "SELECT ");
    sql_add(&s, t->columns.read);
    sql_add(&s, " FROM ");
    sql_name(&s, NULL, t->name);
    sql_add(&s, " r WHERE ");
    sql_in_set(&s, "r.id", ids, n);
    sql_add(&s, " ORDER BY r.id");
    return records_of(out, c, t, &s);
}

static int by_number(const void *x, const void *y) {
    const Record *a = *(Record *const *)x, *b = *(Record *const *)y;
    if (a->year != b->year) return a->year < b->year ? -1 : 1;
    return (a->seq > b->seq) - (a->seq < b->seq);
}

/* Those of a type whose numbers have this year and one of the sequences. */
static Err load_year(Records *out, Ctx *c, const Type *t, int64_t year, const int64_t *seqs,
                     size_t n) {
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "SELECT ");
    sql_add(&s, t->columns.read);
    sql_add(&s, " FROM ");
    sql_name(&s, NULL, t->name);
    sql_add(&s, " r WHERE r.year = ");
    sql_bind(&s, db_int(year));
    sql_add(&s, " AND ");
    sql_in_set(&s, "r.seq", seqs, n);
    return records_of(out, c, t, &s);
}

Err record_find_many(Record **out, Ctx *c, const Type *t, const Str *numbers, size_t n) {
    Records all = {0};
    const Access *access;
    int64_t *years = NEW_N(c->arena, int64_t, n + 1), *seqs = NEW_N(c->arena, int64_t, n + 1),
            *part = NEW_N(c->arena, int64_t, n + 1);
    CHECK(!t->key && !c->as_of.n, "record_find_many: by running numbers, as they are now");
    TRY(access_of(&access, c, t, OP_READ));
    for (size_t i = 0; i < n; i++) {
        out[i] = NULL;
        if (!ref_number(&years[i], &seqs[i], t, str_trim(numbers[i]))) years[i] = seqs[i] = -1;
    }
    for (size_t i = 0; i < n; i++) { /* a year at a time */
        size_t m = 0;
        bool done = years[i] < 0;
        for (size_t k = 0; k < i && !done; k++) done = years[k] == years[i];
        for (size_t k = i; k < n && !done; k++)
            if (years[k] == years[i]) part[m++] = seqs[k];
        if (m) TRY(load_year(&all, c, t, years[i], part, m));
    }
    if (all.n) qsort(all.items, all.n, sizeof *all.items, by_number);
    for (size_t i = 0; i < n; i++) {
        Record wanted = {.year = years[i], .seq = seqs[i]}, *key = &wanted, **found;
        found = all.n ? bsearch(&key, all.items, all.n, sizeof *all.items, by_number) : NULL;
        if (found && access_allows(access, *found)) out[i] = *found;
    }
    return OK;
}

static void select_where(Sql *s, Ctx *c, const Type *t, bool is_past, const char *field,
                         DbValue v) {
    sql_add(s, "SELECT ");
    sql_add(s, t->columns.read);
    sql_add(s, " FROM ");
    sql_name(s, NULL, is_past ? t->columns.past : t->name);
    sql_add(s, " r WHERE ");
    sql_name(s, "r", field);
    sql_add(s, " = ");
    sql_bind(s, v);
    if (!c->as_of.n) return;
    sql_add(s, " AND r.recorded_from < ");
    sql_bind(s, db_int(ctx_ends(c, c->as_of)));
    if (!is_past) return;
    sql_add(s, " AND r.recorded_until >= ");
    sql_bind(s, db_int(ctx_ends(c, c->as_of)));
}

static bool holds(Value stored, Value wanted) {
    if (stored.kind != V_LIST) return value_eq(stored, wanted);
    for (size_t i = 0; i < stored.n; i++)
        if (value_eq(stored.list[i], wanted)) return true;
    return false;
}

/* What a bulk holds back counts as if it were stored. */
static void add_held(Records *out, Ctx *c, const Type *t, const Field *f, Value v) {
    Record *r;
    for (size_t i = 0; (r = bulk_at(c, t, i)); i++) {
        if (!holds(r->values[f->index], v)) continue;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = r;
    }
}

static void children_sql(Sql *s, Ctx *c, const Type *child, const Record *parent) {
    select_where(s, c, child, false, child->parent->name, db_int(parent->id));
    if (!c->as_of.n) {
        sql_add(s, " ORDER BY r.id");
        return;
    }
    sql_add(s, " UNION ALL ");
    select_where(s, c, child, true, child->parent->name, db_int(parent->id));
    sql_add(s, " ORDER BY 1");
}

void record_children_announce(Ctx *c, const Type *child, const Record *parent) {
    Sql s = sql_new(c->arena, c->db);
    children_sql(&s, c, child, parent);
    sql_announce(&s, c->db);
}

Err record_children(Records *out, Ctx *c, const Type *child, const Record *parent) {
    Sql s = sql_new(c->arena, c->db);
    CHECK(child->parent && child->parent->target == parent->type,
          "not a child type of this record");
    *out = (Records){0};
    if (bulk_is_new(c, parent->type, parent->id)) {
        add_held(out, c, child, child->parent, value_int(parent->id));
        return OK;
    }
    children_sql(&s, c, child, parent);
    TRY(records_of(out, c, child, &s));
    add_held(out, c, child, child->parent, value_int(parent->id));
    return OK;
}

void record_source(Sql *s, const Ctx *c, const Type *t, const char *columns, Str day) {
    sql_add(s, "(SELECT ");
    sql_add(s, columns);
    sql_add(s, " FROM ");
    sql_name(s, NULL, t->name);
    if (day.n) {
        sql_add(s, " WHERE recorded_from < ");
        sql_bind(s, db_int(ctx_ends(c, day)));
        sql_add(s, " UNION ALL SELECT ");
        sql_add(s, columns);
        sql_add(s, " FROM ");
        sql_name(s, NULL, t->columns.past);
        sql_add(s, " WHERE recorded_from < ");
        sql_bind(s, db_int(ctx_ends(c, day)));
        sql_add(s, " AND recorded_until >= ");
        sql_bind(s, db_int(ctx_ends(c, day)));
    }
    sql_add(s, ")");
}

static void where_sql(Sql *s, Ctx *c, const Type *t, const Field *f, Value v, size_t limit) {
    if (f->kind == KIND_REFS) {
        sql_add(s, "SELECT ");
        sql_add(s, t->columns.read);
        sql_add(s, " FROM ");
        sql_name(s, NULL, t->name);
        sql_add(s, " r WHERE r.id IN (SELECT record FROM ");
        sql_name(s, NULL, f->table);
        sql_add(s, " WHERE target = ");
        sql_bind(s, db_int(v.i));
        sql_add(s, ")");
    } else
        select_where(s, c, t, false, f->name, v.kind == V_TEXT ? db_text(v.s) : db_int(v.i));
    sql_add(s, " ORDER BY r.id LIMIT ");
    sql_bind(s, db_int((int64_t)limit));
}

void record_where_announce(Ctx *c, const Type *t, const char *field, Value v, size_t limit) {
    Sql s = sql_new(c->arena, c->db);
    where_sql(&s, c, t, type_need(t, field), v, limit);
    sql_announce(&s, c->db);
}

Err record_where(Records *out, Ctx *c, const Type *t, const char *field, Value v, size_t limit) {
    Sql s = sql_new(c->arena, c->db);
    const Field *f = type_need(t, field);
    *out = (Records){0};
    where_sql(&s, c, t, f, v, limit);
    TRY(records_of(out, c, t, &s));
    add_held(out, c, t, f, v);
    if (out->n > limit) out->n = limit;
    return OK;
}

Err record_by_outer_key(int64_t *id, Ctx *c, const Type *t, Str key) {
    const Record *held = bulk_outer(c, t, key);
    Sql s = sql_new(c->arena, c->db);
    bool found;
    *id = held ? held->id : 0;
    if (held) return OK;
    sql_add(&s, "SELECT id FROM ");
    sql_name(&s, NULL, t->name);
    sql_add(&s, " WHERE external_key = ");
    sql_bind(&s, db_text(key));
    sql_add(&s, " ORDER BY id LIMIT 1");
    return db_get_int(id, &found, c->db, s.text.p, s.args, s.n);
}

Err record_in_state(Records *out, Ctx *c, const Type *t, const char *state, size_t limit) {
    Sql s = sql_new(c->arena, c->db);
    *out = (Records){0};
    select_where(&s, c, t, false, "state", db_textz(state));
    sql_add(&s, " ORDER BY r.id LIMIT ");
    sql_bind(&s, db_int((int64_t)limit));
    return records_of(out, c, t, &s);
}

Record *record_clone(Ctx *c, const Record *r) {
    Record *copy = NEW(c->arena, Record);
    *copy = *r;
    copy->values = NEW_N(c->arena, Value, r->type->n_fields ? r->type->n_fields : 1);
    memcpy(copy->values, r->values, r->type->n_fields * sizeof *copy->values);
    return copy;
}

Record *record_new(Ctx *c, const Type *t) {
    Record *r = NEW(c->arena, Record);
    *r = (Record){
        .type = t, .state = &t->states[0], .unit = t->flags & TYPE_NO_UNIT ? 0 : c->actor->unit};
    r->values = NEW_N(c->arena, Value, t->n_fields ? t->n_fields : 1);
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        bool ok;
        if (f->default_value) r->values[i] = field_from_text(c, f, field_default(c, f), &ok);
    }
    return r;
}
