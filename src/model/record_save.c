/* record_save.c: every change of a record goes through save_run: row, earlier version, child rows,
 * history entry, measures, search text, the type's after_save, all in the caller's transaction.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/save.h"

#include "base/clock.h"
#include "model/bulk.h"
#include "model/cache.h"
#include "model/columns.h"
#include "model/core_rules.h"
#include "model/history.h"
#include "model/measure.h"
#include "model/names.h"
#include "model/record_write.h"

/* ---- checks ---- */

bool save_field_asked(const Field *f, const Record *r) {
    return !f->only_if || save_says(r, f->only_if);
}

bool save_says(const Record *r, const char *condition) {
    Str rest = str_of(condition), name;
    str_cut(&name, &rest, '=');
    const Field *other = type_field(r->type, name);
    if (!other) return true;
    Value v = r->values[other->index];
    if (other->kind == KIND_BOOL) return (v.i != 0) == str_is(rest, "true");
    for (Str one; str_cut(&one, &rest, '|');)
        if (str_eq(v.s, one)) return true;
    return false;
}

bool save_field_required(const Field *f, const Record *r) {
    if (f->flags & (F_COMPUTED | F_DERIVED) || !save_field_asked(f, r)) return false;
    if (f->flags & F_REQUIRED) return true;
    return !(r->state->flags & STATE_VOID) && r->state->rank > f->leave_rank;
}

static void check_required(Ctx *c, const Record *r) {
    for (size_t i = 0; i < r->type->n_fields; i++)
        if (value_is_null(r->values[i]) && save_field_required(&r->type->fields[i], r))
            issue(c, r->type->fields[i].name, "required", N_("This is needed."));
    if (!r->unit && !(r->type->flags & TYPE_NO_UNIT))
        issue(c, "unit", "required", N_("The unit is needed."));
}

Err save_hidden_at_creation(FieldSet *out, Ctx *c, const Record *r) {
    const Access *a;
    FieldSet hidden = {{~UINT64_C(0), ~UINT64_C(0)}};
    TRY(access_of(&a, c, r->type, OP_CREATE));
    for (size_t k = 0; k < a->n; k++) {
        FieldSet one = r->type->hides[a->rules[k].grant - r->type->grants];
        hidden.bits[0] &= one.bits[0];
        hidden.bits[1] &= one.bits[1];
    }
    *out = a->n ? hidden : (FieldSet){{0, 0}};
    return OK;
}

static Err inherit(Ctx *c, Record *r) {
    if (!r->type->parent) return OK;
    Record *parent;
    int64_t id = r->values[r->type->parent->index].i;
    if (!id) return OK;
    TRY(record_load_raw(&parent, c, r->type->parent->target, id));
    r->unit = parent->unit;
    r->is_restricted = parent->is_restricted;
    return OK;
}

static Err check(Ctx *c, const Record *before, Record *after, const Transition *t) {
    Saving s = {.before = before, .after = after, .transition = t};
    TRY(inherit(c, after));
    if (after->type->def->compute) TRY(after->type->def->compute(c, &s));
    check_required(c, after);
    if (after->type->def->validate) {
        Err e = after->type->def->validate(c, &s);
        if (e && e != ERR_INVALID) return e;
    }
    return c->issues.errors ? ERR_INVALID : OK;
}

Err record_check(Ctx *c, const Record *before, Record *after) {
    return check(c, before, after, NULL);
}

/* ---- running a save ---- */

typedef struct ChildFacts {
    MeasureSnapshot **items;
    int64_t *ids;
    const Type **types;
    size_t n, cap;
} ChildFacts;

/* Counts follow the parent's unit and confidentiality only. */
static bool is_moved(const Record *before, const Record *after) {
    return before->unit != after->unit || before->is_restricted != after->is_restricted;
}

static bool feeds_measure(const Model *m, const Type *t, bool moved) {
    for (size_t i = 0; i < m->n_measures; i++)
        if ((moved || !m->measures[i]->is_internal) && strcmp(m->measures[i]->type, t->name) == 0)
            return true;
    return false;
}

/* A child's facts carry its parent's dimensions, so a change of the parent moves them too. */
static Err children_before(ChildFacts *out, Ctx *c, const Record *before, const Record *after) {
    for (size_t i = 0; before && i < c->model->n_types; i++) {
        const Type *child = &c->model->types[i];
        if (!child->parent || child->parent->target != before->type ||
            !feeds_measure(c->model, child, is_moved(before, after)))
            continue;
        Records list;
        TRY(record_children(&list, c, child, before));
        for (size_t k = 0; k < list.n; k++) {
            size_t cap_ids = out->cap, cap_types = out->cap;
            out->ids = arena_grow(c->arena, out->ids, out->n, &cap_ids, sizeof *out->ids);
            out->types = arena_grow(c->arena, out->types, out->n, &cap_types, sizeof *out->types);
            GROW(c->arena, out->items, out->n, out->cap);
            TRY(measure_before(&out->items[out->n], c, list.items[k]));
            out->ids[out->n] = list.items[k]->id;
            out->types[out->n++] = child;
        }
    }
    return OK;
}

static Err children_after(Ctx *c, const ChildFacts *facts, const Record *before,
                          const Record *after) {
    if (!before) return OK;
    if (is_moved(before, after))
        for (size_t i = 0; i < c->model->n_types; i++) {
            const Type *child = &c->model->types[i];
            if (child->parent && child->parent->target == after->type)
                TRY(record_write_inherit(c, child, after));
        }
    for (size_t k = 0; k < facts->n; k++) {
        Record *r;
        TRY(record_load_raw(&r, c, facts->types[k], facts->ids[k]));
        TRY(measure_after(c, facts->items[k], r));
    }
    return OK;
}

static Err number_year(Ctx *c, Record *r) {
    if (r->type->key) return OK;
    const char *field = r->type->def->number_date;
    Str day = field ? record_text(r, field) : (Str){0};
    if (day.n != 10) day = ctx_date(c, c->now_us);
    CHECK(str_to_int(&r->year, str_sub(day, 0, 4)), "a date without a year");
    return OK;
}

static Err number_take(Ctx *c, Record *r) {
    TRY(db_new_ids(&r->id, 1, c->db, r->type->name));
    return r->type->key ? OK : db_next_number(&r->seq, c->db, r->type->name, (int)r->year);
}

static Err claim_files(Ctx *c, const Record *before, const Record *after) {
    for (size_t i = 0; i < after->type->n_fields; i++)
        if (after->type->fields[i].kind == KIND_FILES)
            TRY(record_write_claim(c, after, &after->type->fields[i],
                                   before ? before->values[i] : (Value){0}));
    return OK;
}

static Err attached_after_save(Ctx *c, const Saving *s) {
    for (size_t i = 0; i < c->model->n_attach; i++) {
        const AttachDef *a = c->model->attach[i];
        if (!a->after_save) continue;
        if (strcmp(a->type, "*") == 0 || strcmp(a->type, s->after->type->name) == 0)
            TRY(a->after_save(c, s));
    }
    return OK;
}

static Err born(Ctx *c, Record *r) {
    r->version = 1;
    r->created_at = c->now_us;
    r->created_by = c->actor->user;
    r->updated_by = c->actor->user;
    return number_year(c, r);
}

static Err hooks(Ctx *c, const Record *before, Record *after, const Transition *t) {
    Saving s = {.before = before, .after = after, .transition = t};
    if (after->type->def->after_save) TRY(after->type->def->after_save(c, &s));
    return attached_after_save(c, &s);
}

/* Within a bulk a new record is held back, and changed there until it is written. */
static Err save_held(Ctx *c, const Record *before, Record *after, const char *action,
                     const Transition *t) {
    if (!before) {
        TRY(born(c, after));
        TRY(bulk_hold(c, after, action));
        TRY(claim_files(c, NULL, after));
    } else {
        after->version = before->version;
        bulk_replace(c, after);
        TRY(claim_files(c, before, after));
    }
    return hooks(c, before, after, t);
}

/* Rows that say what they said stay as they are stored, also where the model got columns since. */
static void keep_same_rows(const Record *before, Record *after) {
    for (size_t i = 0; i < after->type->n_fields; i++)
        if (after->type->fields[i].kind == KIND_ROWS &&
            value_eq(before->values[i], after->values[i]))
            after->values[i] = before->values[i];
}

static Err save_run(Ctx *c, const Record *before, Record *after, const char *action,
                    const Transition *t) {
    MeasureSnapshot *facts;
    ChildFacts children = {0};
    cache_forget(c, after->type);
    TRY(names_changed(c, after->type));
    after->updated_at = c->now_us;
    after->updated_by = t ? after->updated_by : c->actor->user;
    if (c->bulk && (!before || (!t && bulk_is_new(c, before->type, before->id))))
        return save_held(c, before, after, action, t);
    TRY(bulk_flush(c));
    TRY(measure_before(&facts, c, before));
    TRY(children_before(&children, c, before, after));
    if (!before) {
        TRY(born(c, after));
        TRY(number_take(c, after));
        TRY(history_add(c, NULL, after, action));
        TRY(record_write_insert(c, after));
    } else {
        after->version = before->version + 1;
        keep_same_rows(before, after);
        TRY(history_add(c, before, after, action));
        TRY(record_write_update(c, before, after));
    }
    TRY(claim_files(c, before, after)); /* before the rows that refer to the files */
    TRY(record_write_sides(c, before, after));
    TRY(measure_after(c, facts, after));
    TRY(children_after(c, &children, before, after));
    TRY(record_write_search(c, after));
    return hooks(c, before, after, t);
}

static bool is_changed(const Record *before, const Record *after) {
    if (before->unit != after->unit || before->owner != after->owner ||
        before->state != after->state || before->is_restricted != after->is_restricted)
        return true;
    for (size_t i = 0; i < before->type->n_fields; i++)
        if (!(before->type->fields[i].flags & F_DERIVED) &&
            !value_eq(before->values[i], after->values[i]))
            return true;
    return false;
}

/* ---- the public ways ---- */

static Err attached_guards(Ctx *c, const Record *r, const Transition *t) {
    for (size_t i = 0; i < c->model->n_attach; i++) {
        const AttachDef *a = c->model->attach[i];
        if (!a->guard || !a->transition || strcmp(a->type, r->type->name) != 0 ||
            strcmp(a->transition, t->name) != 0)
            continue;
        Err e = a->guard(c, r);
        if (e && e != ERR_INVALID) return e;
    }
    return OK;
}

/* Computed as it will be after the step; whether the step may be taken is asked as it is before. */
static Err check_step(Ctx *c, Record *r, const Transition *step) {
    const State *from = r->state;
    const char *why = NULL;
    r->state = step->to;
    TRY(check(c, NULL, r, step));
    r->state = from;
    Err e = access_take(c, r, step, &why);
    r->state = step->to;
    r->moved_by = c->actor->user;
    if (!e) return attached_guards(c, r, step);
    issue(c, "do", "denied", why ? why : N_("This step is not for you."));
    return e == ERR_MISSING ? ERR_DENIED : e;
}

/* The actor may read what it belongs to, or it is what he makes in the same request. */
static Err check_parent(Ctx *c, const Record *r, const Record *parent) {
    Record *found;
    if (!r->type->parent || parent || c->actor->is_system) return OK;
    return record_load(&found, c, r->type->parent->target, r->values[r->type->parent->index].i);
}

Err save_create(Record **out, Ctx *c, const Type *t, const Input *in, const Record *parent,
                const Transition *step) {
    const Access *a;
    Record *r = record_new(c, t);
    *out = r;
    TRY(access_of(&a, c, t, OP_CREATE));
    if (!access_any(a)) return ERR_DENIED;
    if (parent) r->values[t->parent->index] = value_int(parent->id);
    Err e = record_read_input(r, c, in, true);
    if (e && e != ERR_INVALID) return e;
    r->created_by = c->actor->user;
    if (!step) access_act(c, a, r); /* rules may ask; its unit may still follow from its parent */
    int64_t whom = c->actor->acting_for;
    Err checked = step ? check_step(c, r, step) : record_check(c, NULL, r);
    if (checked && checked != ERR_INVALID) return checked;
    if (e || checked) return ERR_INVALID;
    TRY(check_parent(c, r, parent));
    if (!access_allows(a, r)) return ERR_DENIED;
    /* A rule that uses another right than that of the type has said whose it is. */
    if (!step && whom == c->actor->acting_for) access_act(c, a, r);
    if ((t->flags & TYPE_TWO_PERSONS) && !c->actor->is_system)
        return core_propose(out, c, NULL, r, 0, in);
    TRY(record_write_lock(c, r));
    return save_run(c, NULL, r, step ? step->name : "create", step);
}

Err record_create(Record **out, Ctx *c, const Type *t, const Input *in) {
    return save_create(out, c, t, in, NULL, NULL);
}

static void both_values(Ctx *c, const char *field, Str now, Str typed) {
    issues_add(&c->issues, c->arena,
               (Issue){.field = str_of(field),
                       .code = "conflict",
                       .text = N_("Somebody else saved meanwhile: there it says “{0}”, you wrote "
                                  "“{1}”."),
                       .args = {now, typed}});
}

static Err conflict_of_ref(Ctx *c, const char *field, const char *type, int64_t now,
                           int64_t typed) {
    RefName names[2] = {{.id = now}, {.id = typed}};
    const Type *t = model_need(c->model, type);
    if (now) TRY(ref_name(&names[0], c, t, now));
    if (typed) TRY(ref_name(&names[1], c, t, typed));
    both_values(c, field, names[0].key, names[1].key);
    return OK;
}

static Err conflicts_of_system(Ctx *c, const Record *now, const Record *typed, const Input *in) {
    if (input_has(in, S("unit")) && now->unit != typed->unit)
        TRY(conflict_of_ref(c, "unit", "unit", now->unit, typed->unit));
    if (input_has(in, S("owner")) && now->owner != typed->owner)
        TRY(conflict_of_ref(c, "owner", "user", now->owner, typed->owner));
    if (input_has(in, S("restricted")) && now->is_restricted != typed->is_restricted)
        both_values(c, "restricted", now->is_restricted ? S("true") : S("false"),
                    typed->is_restricted ? S("true") : S("false"));
    return OK;
}

/* "title", "gross.amount", "causes[0].taxon" */
static bool is_sent(const Field *f, const Input *in) {
    for (size_t i = 0; i < in->n; i++) {
        Str base, rest;
        int64_t index;
        if (save_name_split(&base, &index, &rest, in->items[i].name) && str_is(base, f->name))
            return true;
    }
    return false;
}

/* What was typed against what somebody else saved meanwhile. */
static Err conflict(Ctx *c, const Record *now, const Record *typed, const Input *in) {
    size_t n = c->issues.n; /* what could not be read stands there, too */
    for (size_t i = 0; i < now->type->n_fields; i++) {
        const Field *f = &now->type->fields[i];
        if (!is_sent(f, in) || value_eq(now->values[i], typed->values[i])) continue;
        both_values(c, f->name, field_text(c, f, now->values[i]),
                    field_text(c, f, typed->values[i]));
    }
    TRY(conflicts_of_system(c, now, typed, in));
    if (c->issues.n == n)
        issue(c, "", "conflict",
              N_("Somebody else saved meanwhile. Look at it again before you save."));
    return ERR_CONFLICT;
}

Err record_update(Record **out, Ctx *c, const Record *r, int64_t version, const Input *in) {
    Record *after = record_clone(c, r);
    const Access *allowed;
    *out = after;
    TRY(access_check(c, r, OP_UPDATE));
    TRY(access_of(&allowed, c, r->type, OP_UPDATE));
    access_act(c, allowed, r);
    Err e = record_read_input(after, c, in, false);
    if (e && e != ERR_INVALID) return e;
    if (version != r->version) return conflict(c, r, after, in);
    Err checked = record_check(c, r, after);
    if (checked && checked != ERR_INVALID) return checked;
    if (e || checked) return ERR_INVALID;
    if (after->unit != r->unit) {
        const Access *a;
        TRY(access_of(&a, c, r->type, OP_UPDATE));
        if (!access_allows(a, after)) {
            issue(c, "unit", "denied", N_("You may not move it to this unit."));
            return ERR_INVALID;
        }
    }
    if (!is_changed(r, after)) return OK;
    if ((r->type->flags & TYPE_TWO_PERSONS) && !c->actor->is_system)
        return core_propose(out, c, r, after, version, in);
    TRY(record_write_lock(c, after));
    return save_run(c, r, after, "update", NULL);
}

static Err sends_only(Ctx *c, const Transition *t, const Input *in) {
    for (size_t i = 0; i < in->n; i++) {
        Str name = in->items[i].name;
        ptrdiff_t dot = str_find_char(name, '.'), open = str_find_char(name, '[');
        if (open > 0 && (dot < 0 || open < dot)) dot = open; /* "rows[0].cell" */
        Str base = dot > 0 ? str_sub(name, 0, (size_t)dot) : name;
        if (name.n && (name.p[0] == '_' || str_is(name, "version") || str_is(name, "reason") ||
                       str_is(name, "do")))
            continue;
        if (!word_in(t->def->sends, base))
            return issue(c, str_z(c->arena, name), "unknown",
                         N_("This step does not take this field."));
    }
    return OK;
}

Err record_move(Record **out, Ctx *c, const Record *r, const char *name, const Input *in) {
    const Transition *t = type_transition(r->type, str_of(name));
    const char *why = NULL;
    *out = record_clone(c, r);
    Record *after = *out;
    if (!t) return ERR_MISSING;
    Err e = access_take(c, r, t, &why);
    if (e == ERR_MISSING) { /* readable but not possible now is a conflict, not a hole */
        TRY(access_check(c, r, OP_READ));
        issue(c, "", "not_now",
              N_("This step is not possible in the present state, or not for you."));
        return ((t->from >> r->state->index) & 1u) ? ERR_DENIED : ERR_CONFLICT;
    }
    if (e) {
        if (why) issue(c, "", "denied", why);
        return e;
    }
    Str version = input_getz(in, "version");
    int64_t wanted;
    if (version.n && str_to_int(&wanted, version) && wanted != r->version) {
        e = t->def->sends ? save_read_step(after, c, in) : OK;
        return e && e != ERR_INVALID ? e : conflict(c, r, after, in);
    }
    c->reason = str_trim(input_getz(in, "reason"));
    if ((t->def->flags & TRANSITION_REASON) && !c->reason.n)
        issue(c, "reason", "required", N_("Please give a reason."));
    if (c->reason.n > 4000) issue(c, "reason", "too_long", N_("The reason is too long."));
    TRY(sends_only(c, t, in));
    if (t->def->sends) {
        e = save_read_step(after, c, in);
        if (e && e != ERR_INVALID) return e;
    }
    if (t->def->guard) {
        e = t->def->guard(c, after);
        if (e && e != ERR_INVALID) return e;
    }
    TRY(attached_guards(c, after, t));
    const char *target = t->to ? t->to->name : t->def->route(c, after);
    after->state = type_state(r->type, str_of(target));
    CHECK(after->state, "a route leads to an unknown state");
    after->moved_by = c->actor->user;
    TRY(check(c, r, after, t));
    if (c->issues.errors) return ERR_INVALID;
    TRY(record_write_lock(c, after));
    return save_run(c, r, after, t->name, t);
}

Err record_save(Record **out, Ctx *c, Record *r, const char *action) {
    Record *before = NULL;
    *out = r;
    if (r->id) TRY(record_load_raw(&before, c, r->type, r->id));
    TRY(record_check(c, before, r));
    if (before && !is_changed(before, r)) return OK;
    if (before) r->version = before->version;
    TRY(record_write_lock(c, r));
    return save_run(c, before, r, action, NULL);
}

Err record_restore(Record **out, Ctx *c, const Record *now, const Record *then,
                   const char *action) {
    Record *after = record_clone(c, now);
    *out = after;
    for (size_t i = 0; i < now->type->n_fields; i++)
        if (!(now->type->fields[i].flags & (F_DERIVED | F_SECRET)))
            after->values[i] = then->values[i];
    after->state = then->state;
    after->unit = then->unit;
    after->owner = then->owner;
    after->is_restricted = then->is_restricted;
    after->moved_by = then->moved_by;
    if (!is_changed(now, after)) return OK;
    TRY(record_write_lock(c, after));
    return save_run(c, now, after, action, NULL);
}

Err record_remove(Ctx *c, const Record *r, const char *action) {
    MeasureSnapshot *facts;
    const TypeDef *def = r->type->def;
    if (def->after_save && !def->remove)
        return issue(c, "", "stays", N_("Records of this list are not taken back.")), ERR_CONFLICT;
    TRY(record_write_lock(c, r));
    TRY(measure_before(&facts, c, r));
    TRY(history_remove(c, r, action));
    if (def->remove) TRY(def->remove(c, r, false));
    Err e = record_write_remove(c, r);
    if (e == ERR_CONFLICT && strcmp(db_constraint(c->db), "foreign_key") == 0)
        issue(c, "", "referred", N_("Another record refers to it."));
    TRY(e);
    TRY(measure_after(c, facts, NULL));
    cache_forget(c, r->type);
    TRY(names_changed(c, r->type));
    return def->remove ? def->remove(c, r, true) : OK;
}

static bool derived_changed(const Record *before, const Record *after) {
    bool changed = false;
    for (size_t i = 0; i < before->type->n_fields; i++)
        changed = changed || ((before->type->fields[i].flags & F_DERIVED) &&
                              !value_eq(before->values[i], after->values[i]));
    return changed;
}

static Err save_derived_part(Ctx *c, const Record **before, Record **after, size_t n) {
    MeasureSnapshot **facts = NEW_N(c->arena, MeasureSnapshot *, n + 1);
    if (!n) return OK;
    for (size_t i = 0; i < n; i++) TRY(measure_before(&facts[i], c, before[i]));
    TRY(record_write_derived_many(c, before, after, n));
    for (size_t i = 0; i < n; i++) TRY(measure_after(c, facts[i], after[i]));
    return OK;
}

Err record_save_derived_many(Ctx *c, const Record *const *before, Record *const *after, size_t n) {
    enum { PART = 200 };
    const Record *were[PART];
    Record *are[PART];
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (!derived_changed(before[i], after[i])) continue;
        if (bulk_is_new(c, after[i]->type, after[i]->id)) {
            TRY(record_save_derived(c, before[i], after[i]));
            continue;
        }
        if (!k) {
            cache_forget(c, after[i]->type);
            TRY(bulk_flush(c));
        }
        were[k] = before[i];
        are[k++] = after[i];
        if (k < PART) continue;
        TRY(save_derived_part(c, were, are, k));
        k = 0;
    }
    return save_derived_part(c, were, are, k);
}

Err record_save_derived(Ctx *c, const Record *before, Record *after) {
    MeasureSnapshot *facts;
    if (!derived_changed(before, after)) return OK;
    cache_forget(c, after->type);
    TRY(names_changed(c, after->type));
    if (bulk_is_new(c, after->type, after->id)) {
        bulk_replace(c, after);
        return OK;
    }
    if (bulk_concerns(c, after->type)) TRY(bulk_flush(c));
    TRY(measure_before(&facts, c, before));
    TRY(record_write_derived(c, before, after));
    return measure_after(c, facts, after);
}
