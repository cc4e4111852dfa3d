/* access.c: the rights of the actor on a type, from the grants of its table: the same rules give
 * the SQL condition and the check in memory. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/access.h"

#include "model/cache.h"
#include "model/core_rules.h"
#include "model/names.h"

static int op_index(unsigned op) {
    int i = 0;
    while (op > 1) {
        op >>= 1;
        i++;
    }
    return i;
}

static Err units_under(const int64_t **out, size_t *n, Ctx *c, int64_t unit, Str day) {
    Cache *k = cache_of(c);
    for (CacheUnits *e = k->units; e; e = e->next)
        if (e->unit == unit && str_eq(e->day, day)) {
            *out = e->ids;
            *n = e->n;
            return OK;
        }
    NameTable *names;
    TRY(names_now(&names, c));
    if (names && names_find_units(out, n, names, unit, day)) return OK;
    Rows *r;
    bool more;
    int64_t *ids = NULL;
    size_t count = 0, cap = 0;
    TRY(db_few(
        &r, c->db, k->arena,
        "SELECT unit FROM unit_under WHERE ancestor = $1 AND from_day <= $2 AND until_day > $2 ORDER BY unit",
        ARGS(db_int(unit), db_text(day))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) break;
        GROW(k->arena, ids, count, cap);
        ids[count++] = rows_int(r, 0);
    }
    if (!count) {
        ids = NEW_N(k->arena, int64_t, 1);
        ids[count++] = unit;
    }
    CacheUnits *e = NEW(k->arena, CacheUnits);
    *e = (CacheUnits){unit, str_copy(k->arena, day), ids, count, k->units};
    k->units = e;
    /* Any past day may be asked for: only today's are kept for all. */
    if (names && str_eq(day, c->today)) names_keep_units(names, unit, day, ids, count);
    *out = ids;
    *n = count;
    return OK;
}

Err access_units_under(const int64_t **out, size_t *n, Ctx *c, int64_t unit) {
    return units_under(out, n, c, unit, c->as_of.n ? c->as_of : c->today);
}

/* Rights are those of today's tree, whatever day is shown. */
static Err rule_make(AccessRule *out, bool *use, Ctx *c, const Type *t, const GrantDef *g,
                     const ActorRole *role) {
    *out = (AccessRule){.grant = g, .role = role};
    *use = true;
    bool everywhere = g->scope == SCOPE_ALL, has_units = !(t->flags & TYPE_NO_UNIT);
    if (g->scope <= SCOPE_UNIT && (!role->unit || (everywhere && !has_units))) {
        out->all = true;
        return OK;
    }
    if (g->scope <= SCOPE_UNIT) {
        /* A role given for a unit ends there, also where the role itself reaches everywhere. */
        if (!has_units) {
            *use = false;
            return OK;
        }
        return units_under(&out->units, &out->n_units, c, role->unit, c->today);
    }
    *use = c->actor->user != 0 && !role->for_user; /* own and assigned are not delegated */
    return OK;
}

Err access_of(const Access **out, Ctx *c, const Type *t, unsigned op) {
    Cache *k = cache_of(c);
    const Access **slot = &k->access[(size_t)t->index * CACHE_OPS + (size_t)op_index(op)];
    if (*slot) {
        *out = *slot;
        return OK;
    }
    Access *a = NEW(k->arena, Access);
    *a = (Access){.type = t, .op = op, .everything = c->actor->is_system, .user = c->actor->user};
    size_t cap = 0;
    bool writes = (op & (OP_CREATE | OP_UPDATE | OP_IMPORT)) != 0;
    for (size_t i = 0; i < t->n_grants && !a->everything; i++) {
        const GrantDef *g = &t->grants[i];
        if (!(g->ops & op) || (writes && c->actor->is_read_only)) continue;
        for (size_t j = 0; j < c->actor->n_roles; j++) {
            AccessRule rule;
            bool use;
            if (strcmp(c->actor->roles[j].role->name, g->role) != 0) continue;
            TRY(rule_make(&rule, &use, c, t, g, &c->actor->roles[j]));
            if (!use) continue;
            GROW(k->arena, a->rules, a->n, cap);
            a->rules[a->n++] = rule;
        }
    }
    a->named = (t->flags & TYPE_CONFIDENTIAL) && op == OP_READ && c->actor->user != 0;
    *slot = a;
    *out = a;
    return OK;
}

bool access_any(const Access *a) {
    return a->everything || a->n > 0;
}

bool access_may(Ctx *c, const Type *t, enum Op op) {
    const Cache *k = cache_of(c);
    int i = op_index(op);
    if (k->is_system) return true;
    if (k->is_read_only && (op == OP_CREATE || op == OP_UPDATE || op == OP_IMPORT)) return false;
    return (t->everywhere[i] & k->everywhere) || (t->in_unit[i] & k->in_unit) ||
           (k->user && (t->in_person[i] & k->in_person));
}

static bool has_unit(const AccessRule *rule, int64_t unit) {
    size_t low = 0, high = rule->n_units;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rule->units[middle] == unit) return true;
        if (rule->units[middle] < unit)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static bool names_user(const Record *r, const Field *f, int64_t user) {
    Value v = r->values[f->index];
    if (f->kind == KIND_USER) return v.i == user;
    for (size_t i = 0; i < v.n; i++)
        if (v.list[i].i == user) return true;
    return false;
}

static bool is_assigned(const Record *r, int64_t user) {
    if (!user) return false;
    if (r->owner == user) return true;
    for (size_t i = 0; r->values && i < r->type->n_fields; i++)
        if ((r->type->fields[i].flags & F_ASSIGNED) && names_user(r, &r->type->fields[i], user))
            return true;
    return false;
}

static bool rule_allows(const Access *a, const AccessRule *rule, const Record *r) {
    const GrantDef *g = rule->grant;
    if (g->scope == SCOPE_OWN) return r->created_by == a->user && r->created_by != 0;
    if (g->scope == SCOPE_ASSIGNED) return is_assigned(r, a->user);
    if (r->is_restricted && !g->restricted) return false;
    return rule->all || has_unit(rule, r->unit);
}

static bool state_allows(const Access *a, const GrantDef *g, const Record *r) {
    if (a->op != OP_UPDATE) return true;
    if (g->states) return word_in(g->states, str_of(r->state->name));
    return !(r->state->flags & STATE_CLOSED);
}

static bool is_reader(const Record *r) {
    const Field *f = type_field(r->type, S("readers"));
    return f && r->values && !value_is_null(r->values[f->index]);
}

static bool named_reader(const Access *a, const Record *r) {
    if (!a->named || !r->is_restricted || !is_reader(r)) return false;
    Value v = r->values[type_field(r->type, S("readers"))->index];
    for (size_t i = 0; i < v.n; i++)
        if (v.list[i].i == a->user) return true;
    return false;
}

bool access_allows(const Access *a, const Record *r) {
    if (a->everything) return true;
    for (size_t i = 0; i < a->n; i++)
        if (rule_allows(a, &a->rules[i], r) && state_allows(a, a->rules[i].grant, r)) return true;
    return named_reader(a, r);
}

/* ---- SQL ---- */

static void is_user_sql(Sql *s, const Access *a, const char *alias, const char *column) {
    sql_name(s, alias, column);
    sql_add(s, " = ");
    sql_bind(s, db_int(a->user));
}

/* Assigned as the owner (f NULL), or by a field. */
static void assigned_by_sql(Sql *s, const Access *a, const Field *f, const char *alias) {
    if (!f || f->kind == KIND_USER) {
        is_user_sql(s, a, alias, f ? f->name : "owner");
        return;
    }
    sql_name(s, alias, "id");
    sql_add(s, " IN (SELECT record FROM ");
    sql_name(s, NULL, f->table);
    sql_add(s, " WHERE target = ");
    sql_bind(s, db_int(a->user));
    sql_add(s, ")");
}

static void assigned_sql(Sql *s, const Access *a, const char *alias) {
    sql_add(s, "(");
    assigned_by_sql(s, a, NULL, alias);
    for (size_t i = 0; i < a->type->n_fields; i++) {
        const Field *f = &a->type->fields[i];
        if (!(f->flags & F_ASSIGNED)) continue;
        sql_add(s, " OR ");
        assigned_by_sql(s, a, f, alias);
    }
    sql_add(s, ")");
}

/* once: planned once, whoever it is. */
static void named_sql(Sql *s, const Access *a, const char *alias, bool once) {
    sql_add(s, "(");
    sql_name(s, alias, "restricted");
    sql_add(s, " = 1 AND ");
    sql_name(s, alias, "id");
    sql_add(s, " IN (SELECT record FROM ");
    sql_name(s, NULL, str_fmt(s->arena, "%s_readers", a->type->name).p);
    sql_add(s, " WHERE target = ");
    if (once)
        sql_bind_any(s, db_int(a->user));
    else
        sql_bind(s, db_int(a->user));
    sql_add(s, "))");
}

static void rule_sql(Sql *s, const Access *a, const AccessRule *rule, const char *alias) {
    const GrantDef *g = rule->grant;
    if (g->scope == SCOPE_OWN) {
        is_user_sql(s, a, alias, "created_by");
        return;
    }
    if (g->scope == SCOPE_ASSIGNED) {
        assigned_sql(s, a, alias);
        return;
    }
    sql_add(s, "(");
    if (!g->restricted && (a->type->flags & TYPE_CONFIDENTIAL || a->type->parent)) {
        sql_name(s, alias, "restricted");
        sql_add(s, " = 0");
        if (!rule->all) sql_add(s, " AND ");
    } else if (rule->all)
        sql_add(s, "1 = 1");
    if (!rule->all)
        sql_in_set(s, str_fmt(s->arena, "%s.unit", alias).p, rule->units, rule->n_units);
    sql_add(s, ")");
}

/* A rule that another one contains adds nothing but work for the planner. */
static bool is_contained(const Access *a, size_t i) {
    const AccessRule *x = &a->rules[i];
    for (size_t j = 0; j < a->n; j++) {
        const AccessRule *y = &a->rules[j];
        if (j == i || !y->all) continue;
        if (x->grant->scope >= SCOPE_OWN ? y->grant->restricted
                                         : (y->grant->restricted || !x->grant->restricted))
            if (!x->all || (j < i) || (y->grant->restricted && !x->grant->restricted)) return true;
    }
    return false;
}

void access_sql(Sql *s, const Access *a, const char *alias) {
    if (a->everything) return;
    bool any = false;
    sql_add(s, " AND (");
    for (size_t i = 0; i < a->n; i++) {
        if (is_contained(a, i)) continue;
        if (any) sql_add(s, " OR ");
        rule_sql(s, a, &a->rules[i], alias);
        any = true;
    }
    if (a->named) {
        if (any) sql_add(s, " OR ");
        named_sql(s, a, alias, false);
        any = true;
    }
    if (!any) sql_add(s, "1 = 0");
    sql_add(s, ")");
}

typedef struct Sets {
    Sql *sql;
    const Access *access;
    const char *columns;
    int64_t limit;
    bool any;
} Sets;

static void set_begin(Sets *x) {
    sql_add(x->sql, x->any ? " UNION SELECT * FROM (SELECT " : "SELECT * FROM (SELECT ");
    sql_add(x->sql, x->columns);
    sql_add(x->sql, " FROM ");
    sql_name(x->sql, NULL, x->access->type->name);
    sql_add(x->sql, " r WHERE ");
    x->any = true;
}

static void set_end(Sets *x) {
    sql_add(x->sql, str_fmt(x->sql->arena, " LIMIT %lld) s", (long long)x->limit).p);
}

/* The order is that of an index: whoever it is, it is read by that, and planned once. */
static void user_set(Sets *x, const char *column) {
    set_begin(x);
    sql_name(x->sql, "r", column);
    sql_add(x->sql, " = ");
    sql_bind_any(x->sql, db_int(x->access->user));
    sql_add(x->sql, str_fmt(x->sql->arena, " ORDER BY r.\"%s\", r.id", column).p);
    set_end(x);
}

static void assigned_sets(Sets *x) {
    const Type *t = x->access->type;
    user_set(x, "owner");
    for (size_t i = 0; i < t->n_fields; i++) {
        if (!(t->fields[i].flags & F_ASSIGNED)) continue;
        set_begin(x);
        assigned_by_sql(x->sql, x->access, &t->fields[i], "r");
        set_end(x);
    }
}

void access_sets_sql(Sql *s, const Access *a, const char *columns, int64_t limit) {
    Sets x = {.sql = s, .access = a, .columns = columns, .limit = limit};
    for (size_t i = 0; i < a->n; i++) {
        if (is_contained(a, i)) continue;
        if (a->rules[i].grant->scope == SCOPE_ASSIGNED) {
            assigned_sets(&x);
            continue;
        }
        if (a->rules[i].grant->scope == SCOPE_OWN) {
            user_set(&x, "created_by");
            continue;
        }
        set_begin(&x);
        rule_sql(s, a, &a->rules[i], "r");
        set_end(&x);
    }
    if (a->named || !x.any) {
        set_begin(&x);
        if (a->named)
            named_sql(s, a, "r", true);
        else
            sql_add(s, "1 = 0");
        set_end(&x);
    }
}

Err access_may_open(bool *out, Ctx *c, const Record *r) {
    const Access *a;
    TRY(access_of(&a, c, r->type, OP_UPDATE));
    *out = a->everything;
    for (size_t i = 0; i < a->n; i++)
        *out = *out || (a->rules[i].grant->restricted && rule_allows(a, &a->rules[i], r));
    return OK;
}

/* A version of a past day is judged as the record is now: where it lies, whose it is and whether it
 * is restricted today decide who may see what it was. */
static Err as_it_is(const Record **out, Ctx *c, const Record *r) {
    Str day = c->as_of;
    Record *now;
    *out = r;
    if (!day.n || !r || !r->id) return OK;
    c->as_of = (Str){0};
    Err e = record_load_raw(&now, c, r->type, r->id);
    c->as_of = day;
    if (!e) *out = now;
    return e;
}

Err access_check(Ctx *c, const Record *r, unsigned op) {
    const Access *read, *wanted;
    TRY(as_it_is(&r, c, r));
    TRY(access_of(&read, c, r->type, OP_READ));
    if (!access_allows(read, r)) return ERR_MISSING;
    if (op == OP_READ) return OK;
    TRY(access_of(&wanted, c, r->type, op));
    return access_allows(wanted, r) ? OK : ERR_DENIED;
}

/* ---- fields ---- */

static bool some_hide(const Access *a) {
    for (size_t i = 0; i < a->n; i++)
        if (a->rules[i].grant->hide) return true;
    return false;
}

Err access_hidden(FieldSet *out, Ctx *c, const Type *t, const Record *r) {
    const Access *a;
    *out = (FieldSet){{0, 0}};
    for (size_t i = 0; i < t->n_fields; i++)
        if (t->fields[i].flags & F_SECRET) fieldset_add(out, (int)i);
    TRY(access_of(&a, c, t, OP_READ));
    if (a->everything) return OK;
    if (some_hide(a)) TRY(as_it_is(&r, c, r));
    FieldSet hidden = {{~UINT64_C(0), ~UINT64_C(0)}};
    bool any = false;
    for (size_t i = 0; i < a->n; i++) {
        if (r && !rule_allows(a, &a->rules[i], r)) continue;
        FieldSet one = t->hides[a->rules[i].grant - t->grants];
        hidden.bits[0] &= one.bits[0];
        hidden.bits[1] &= one.bits[1];
        any = true;
    }
    if (!any) return OK; /* a named reader sees the whole case */
    out->bits[0] |= hidden.bits[0];
    out->bits[1] |= hidden.bits[1];
    return OK;
}

Err access_editor(bool *out, Ctx *c, const Record *r) {
    const Access *a;
    TRY(access_of(&a, c, r->type, OP_HISTORY));
    *out = a->everything;
    for (size_t i = 0; i < a->n; i++)
        *out = *out || (a->rules[i].all && a->rules[i].grant->restricted);
    if (*out || !a->n) return OK;
    TRY(as_it_is(&r, c, r));
    *out = access_allows(a, r);
    return OK;
}

const Access *access_showing(Ctx *c, const Access *a, const Field *const *fields, size_t n) {
    Access *less = NEW(c->arena, Access);
    *less = *a;
    less->rules = NEW_N(c->arena, AccessRule, a->n ? a->n : 1);
    less->n = 0;
    for (size_t i = 0; i < a->n; i++) {
        FieldSet hidden = a->type->hides[a->rules[i].grant - a->type->grants];
        bool hides = false;
        for (size_t k = 0; k < n; k++) hides = hides || fieldset_has(hidden, fields[k]->index);
        if (!hides) less->rules[less->n++] = a->rules[i];
    }
    return less;
}

/* ---- transitions ---- */

/* "@creator", "@owner", "@FIELD": who stands in that field; "@#ID": that person. */
static bool is_person(const Record *r, Str word, int64_t user) {
    if (!user || !word.n || word.p[0] != '@') return false;
    if (str_is(word, "@creator")) return r->created_by == user;
    if (str_is(word, "@owner")) return r->owner == user;
    int64_t id;
    if (word.n > 2 && word.p[1] == '#')
        return str_to_int(&id, str_sub(word, 2, word.n)) && id == user;
    const Field *f = type_field(r->type, str_sub(word, 1, word.n));
    return f && (f->kind == KIND_USER || f->kind == KIND_REFS) && names_user(r, f, user);
}

/* On whose account the words are met: the actor's own first, then of those who delegate. */
typedef struct Stand {
    bool any, own;
    int64_t whom; /* of the first who delegates */
} Stand;

static void stand_as(Stand *s, int64_t whom) {
    s->any = true;
    s->own = s->own || !whom;
    if (!s->whom) s->whom = whom;
}

/* Who delegated everything is stood in for where the record names them, too; but nobody answers as
 * the declarant for another. */
static void stand_named(Stand *s, const Ctx *c, const Record *r, Str word) {
    if (is_person(r, word, c->actor->user)) stand_as(s, 0);
    for (size_t i = 0; i < c->actor->n_roles && !str_is(word, "@creator"); i++) {
        const ActorRole *role = &c->actor->roles[i];
        if (role->is_all && is_person(r, word, role->for_user)) stand_as(s, role->for_user);
    }
}

Err access_covers(bool *out, int64_t *whom, Ctx *c, const Record *r, const char *words) {
    const Access *a;
    Str rest = str_of(words), word;
    Stand s = {0};
    TRY(access_of(&a, c, r->type, OP_READ));
    while (str_cut(&word, &rest, ' ')) {
        stand_named(&s, c, r, word);
        for (size_t i = 0; i < a->n && word.n; i++)
            if (str_is(word, a->rules[i].grant->role) && rule_allows(a, &a->rules[i], r))
                stand_as(&s, a->rules[i].role->for_user);
    }
    *out = s.any;
    *whom = s.own ? 0 : s.whom;
    return OK;
}

/* Who acted for whom on this record: a delegate's acts count as those of who is represented. Read
 * once, until the record is saved again. */
typedef struct StandIns {
    struct StandIn {
        int64_t actor, whom;
    } * items;
    size_t n, cap;
} StandIns;

static Err stand_ins(const StandIns **out, Ctx *c, const Record *r) {
    Rows *rows;
    bool more, is_new;
    Arena *memory;
    StandIns *s = ctx_memo(&is_new, &memory, c, r->type, r->id, r->type->name, sizeof *s);
    *out = s;
    if (!is_new) return OK;
    TRY(db_few(&rows, c->db, c->arena,
               "SELECT DISTINCT actor, actor_for FROM entry WHERE type = $1 AND record = $2 "
               "AND actor_for <> 0 AND actor <> 0 AND action <> 'read'",
               ARGS(db_textz(r->type->name), db_int(r->id))));
    for (;;) {
        TRY(rows_next(&more, rows));
        if (!more) return OK;
        GROW(memory, s->items, s->n, s->cap);
        s->items[s->n++] = (struct StandIn){rows_int(rows, 0), rows_int(rows, 1)};
    }
}

Err access_lend(Ctx *to, Ctx *from, const Record *r) {
    const StandIns *known;
    bool is_new;
    Arena *memory;
    TRY(stand_ins(&known, from, r));
    StandIns *s = ctx_memo(&is_new, &memory, to, r->type, r->id, r->type->name, sizeof *s);
    if (!is_new) return OK;
    for (size_t i = 0; i < known->n; i++) {
        GROW(memory, s->items, s->n, s->cap);
        s->items[s->n++] = known->items[i];
    }
    return OK;
}

/* Most people never acted for anybody, nor anybody for them: asked once a page, not for each record
 * of it. Who writes may have done so a moment ago. */
static Err ever_stood_in(bool *out, Ctx *c, int64_t user) {
    static const char owner = 0;
    bool is_new, found;
    int64_t one;
    Arena *memory;
    *out = true;
    if (!db_is_read_only(c->db)) return OK;
    bool *known = ctx_memo(&is_new, &memory, c, &owner, user, "", sizeof *known);
    if (is_new) {
        TRY(db_get_int(&one, &found, c->db,
                       "SELECT 1 WHERE EXISTS (SELECT 1 FROM entry WHERE actor = $1 AND actor_for "
                       "> 0) OR EXISTS (SELECT 1 FROM entry WHERE actor_for = $1 AND actor_for > "
                       "0)",
                       ARGS(db_int(user))));
        *known = found;
    }
    *out = *known;
    return OK;
}

Err access_same_person(bool *out, Ctx *c, const Record *r, int64_t user, int64_t other) {
    const StandIns *s;
    bool ever;
    *out = user && user == other;
    if (*out || !user || !other) return OK;
    TRY(ever_stood_in(&ever, c, user));
    if (!ever) return OK;
    TRY(stand_ins(&s, c, r));
    for (size_t i = 0; i < s->n; i++) {
        int64_t actor = s->items[i].actor, whom = s->items[i].whom;
        if ((actor == user && whom == other) || (actor == other && whom == user)) *out = true;
    }
    return OK;
}

Err access_is_actor(bool *out, Ctx *c, const Record *r, int64_t other) {
    TRY(access_same_person(out, c, r, c->actor->user, other));
    if (!*out) TRY(access_same_person(out, c, r, c->actor->acting_for, other));
    return OK;
}

/* Owners who gave the record away, and who did it, since it came into its state. */
static Err hand_overs(Rows **out, Ctx *c, const Record *r) {
    Sql s = sql_new(c->arena, c->db);
    const char *past = r->type->columns.past, *now = r->type->name;
    sql_add(&s, "SELECT p.owner, n.updated_by FROM ");
    sql_name(&s, NULL, past);
    sql_add(&s, " p JOIN (SELECT id, version, owner, updated_by FROM ");
    sql_name(&s, NULL, past);
    sql_add(&s, " UNION ALL SELECT id, version, owner, updated_by FROM ");
    sql_name(&s, NULL, now);
    sql_add(&s, ") n ON n.id = p.id AND n.version = p.version + 1 AND COALESCE(n.owner, 0) <> "
                "p.owner WHERE p.id = ");
    sql_bind(&s, db_int(r->id));
    sql_add(&s, " AND p.owner > 0 AND p.version > COALESCE((SELECT MAX(q.version) FROM ");
    sql_name(&s, NULL, past);
    sql_add(&s, " q WHERE q.id = ");
    sql_bind(&s, db_int(r->id));
    sql_add(&s, " AND q.state <> ");
    sql_bind(&s, db_textz(r->state->name));
    sql_add(&s, "), 0) ORDER BY p.version DESC LIMIT 50");
    return sql_few(out, &s, c->db, c->arena);
}

/* Naming another owner first is no way around a step that the owner must leave to others. */
static Err gave_away(bool *out, Ctx *c, const Record *r) {
    Rows *rows;
    bool more, was_owner, did_it;
    *out = false;
    if (!c->actor->user) return OK;
    TRY(hand_overs(&rows, c, r));
    for (;;) {
        TRY(rows_next(&more, rows));
        if (!more) return OK;
        int64_t owner = rows_int(rows, 0), by = rows_int(rows, 1);
        TRY(access_is_actor(&was_owner, c, r, owner));
        TRY(access_is_actor(&did_it, c, r, by));
        *out = *out || (was_owner && did_it);
    }
}

/* *why: the first rule of `flags` that the actor, or whom they act for, would break. */
static Err four_eyes(const char **why, Ctx *c, const Record *r, unsigned flags) {
    const struct {
        unsigned flag;
        int64_t user;
        const char *why;
    } rules[] = {{TRANSITION_NOT_CREATOR, r->created_by,
                  N_("Somebody else than the person who wrote it must do this.")},
                 {TRANSITION_NOT_OWNER, r->owner, N_("Somebody else than its owner must do this.")},
                 {TRANSITION_NOT_PREVIOUS, r->moved_by,
                  N_("Somebody else than the person who took the last step must do this.")},
                 {TRANSITION_NOT_EDITOR, r->updated_by,
                  N_("Somebody else than the person who changed it last must do this.")}};
    for (size_t i = 0; i < LENGTH(rules) && !*why; i++) {
        bool same = false;
        if (flags & rules[i].flag) TRY(access_is_actor(&same, c, r, rules[i].user));
        if (same) *why = rules[i].why;
    }
    if (*why || !(flags & TRANSITION_NOT_OWNER)) return OK;
    bool gave;
    TRY(gave_away(&gave, c, r));
    if (gave) *why = N_("Who was its owner until a moment ago leaves this to somebody else.");
    return OK;
}

static void act_for(Ctx *c, int64_t user) {
    c->actor->acting_for = user;
    c->actor->is_acting_known = true;
}

void access_act_no_more(Ctx *c) {
    c->actor->acting_for = 0;
    c->actor->is_acting_known = false;
}

void access_act(Ctx *c, const Access *a, const Record *r) {
    int64_t whom = 0;
    if (a->everything) return;
    for (size_t i = 0; i < a->n; i++) {
        if (!rule_allows(a, &a->rules[i], r) || !state_allows(a, a->rules[i].grant, r)) continue;
        whom = a->rules[i].role->for_user;
        if (!whom) break;
    }
    act_for(c, whom);
}

/* As far as their amounts go: who is stood in for is whose limit is used. */
static Err within_limit(bool *out, int64_t *whom, Ctx *c, const Record *r, const char *roles,
                        const char *fields) {
    Str able;
    TRY(limit_roles(&able, c, r, roles, fields));
    return access_covers(out, whom, c, r, str_z(c->arena, able));
}

static Err transition(Ctx *c, const Record *r, const Transition *t, const char **why) {
    int64_t whom, limit_of;
    bool may, covered = true, is_limited = (t->def->flags & TRANSITION_LIMIT) != 0;
    const char *roles = t->def->roles;
    Str words = {0};
    *why = NULL;
    if (!((t->from >> r->state->index) & 1u)) return ERR_MISSING;
    if (c->actor->is_system) return OK;
    TRY(access_check(c, r, OP_READ));
    if (t->def->flags & TRANSITION_HIDDEN || c->actor->is_read_only) return ERR_MISSING;
    if (t->def->actors) TRY(t->def->actors(&words, c, r));
    if (words.n) {
        roles = str_z(c->arena, words);
        is_limited = false;
    }
    TRY(access_covers(&may, &whom, c, r, roles));
    if (!may) return ERR_MISSING;
    if (is_limited) TRY(within_limit(&covered, &limit_of, c, r, roles, t->def->limit));
    act_for(c, is_limited && covered ? limit_of : whom);
    if (t->def->refuse) TRY(t->def->refuse(why, c, r));
    if (!*why) TRY(four_eyes(why, c, r, t->def->flags));
    if (!*why && !covered) *why = N_("The amount is above your approval limit.");
    return *why ? ERR_DENIED : OK;
}

Err access_take(Ctx *c, const Record *r, const Transition *t, const char **why) {
    Actor before = *c->actor;
    Err e = transition(c, r, t, why);
    if (e != OK) *c->actor = before;
    return e;
}

Err access_transition(Ctx *c, const Record *r, const Transition *t, const char **why) {
    Actor before = *c->actor;
    Err e = transition(c, r, t, why);
    *c->actor = before;
    return e;
}

Err access_next_step(const Transition **out, Ctx *c, const Record *r) {
    *out = NULL;
    for (int pass = 0; r->state && pass < 2; pass++)
        for (size_t i = 0; i < r->type->n_transitions; i++) {
            const Transition *t = &r->type->transitions[i];
            const char *why;
            bool is_primary = (t->def->flags & TRANSITION_PRIMARY) != 0;
            if (is_primary != (pass == 0) || t->def->flags & TRANSITION_DANGER ||
                transition_goes_back(t, r->state))
                continue;
            Err e = access_transition(c, r, t, &why);
            if (e == ERR_MISSING || e == ERR_DENIED) continue;
            if (e == OK) *out = t;
            return e;
        }
    return OK;
}

Err access_page(Ctx *c, Str right) {
    if (str_is(right, "public") || str_is(right, "signed_in")) return OK;
    if (str_starts(right, S("role:"))) {
        Str rest = str_sub(right, 5, right.n), name;
        while (rest.n && str_cut(&name, &rest, ' '))
            if (name.n && actor_has_role(c, name)) return OK;
        return ERR_DENIED;
    }
    const Type *t = model_type(c->model, right);
    if (!t) return ERR_DENIED;
    return access_may(c, t, OP_READ) ? OK : ERR_DENIED;
}
