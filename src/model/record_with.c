/* record_with.c: a record made together with its first children and its first step: one request,
 * one transaction, each record with its own rights, rules and history entry. All of them are held
 * back (bulk.h) and written at once, so that the parent is computed and written a single time.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/bulk.h"
#include "model/save.h"

/* ---- what came ---- */

typedef struct Line {
    const Type *type;
    size_t index; /* as it was sent */
    Input in;
} Line;

typedef struct With {
    Input own; /* of the record itself */
    const Transition *step;
    Line *lines;
    size_t n, cap;
} With;

const Type *record_within(const Model *m, const Type *parent, Str name) {
    for (size_t i = 0; i < m->n_types; i++) {
        const Type *t = &m->types[i];
        if (t->def->within && t->parent->target == parent && str_is(name, t->def->within)) return t;
    }
    return NULL;
}

const Transition *record_step_at_once(const Type *t, Str name) {
    const Transition *step = type_transition(t, name);
    bool may = step && (step->def->flags & TRANSITION_AT_ONCE) &&
               ((step->from >> t->states[0].index) & 1u);
    return may ? step : NULL;
}

static Line *line_of(With *w, Ctx *c, const Type *t, size_t index) {
    for (size_t i = 0; i < w->n; i++)
        if (w->lines[i].type == t && w->lines[i].index == index) return &w->lines[i];
    GROW(c->arena, w->lines, w->n, w->cap);
    w->lines[w->n] = (Line){.type = t, .index = index};
    return &w->lines[w->n++];
}

static void take_step(With *w, Ctx *c, const Type *t, Str name) {
    if (!name.n) return;
    w->step = record_step_at_once(t, name);
    if (!w->step) issue(c, "do", "unknown", N_("A new record cannot take this step at once."));
}

static void split(With *w, Ctx *c, const Type *t, const Input *in) {
    w->own = (Input){.files = in->files, .n_files = in->n_files, .files_cap = in->files_cap};
    for (size_t i = 0; i < in->n; i++) {
        Str base, rest, name = in->items[i].name, value = in->items[i].value;
        int64_t index;
        bool is_split = save_name_split(&base, &index, &rest, name);
        const Type *child = is_split ? record_within(c->model, t, base) : NULL;
        if (str_is(name, "do"))
            take_step(w, c, t, str_trim(value));
        else if (!child)
            input_add(&w->own, c->arena, name, value);
        else if (index >= 0)
            input_add(&line_of(w, c, child, (size_t)index)->in, c->arena, rest, value);
        else if (str_trim(value).n || rest.n) /* [] and null are nothing */
            issue(c, child->def->within, "bad_value", N_("A list of records is needed here."));
    }
}

/* A form sends lines that nobody filled in, with a currency at most, and boxes left empty. */
static bool is_blank(Line *line) {
    size_t n = 0, said = 0;
    for (size_t i = 0; i < line->in.n; i++) {
        InputItem item = line->in.items[i];
        if (!str_trim(item.value).n) continue;
        said += !str_ends(item.name, S(".currency"));
        line->in.items[n++] = item;
    }
    line->in.n = n;
    return said == 0;
}

/* In the order of their places, whatever order they came in. */
static void keep_filled(With *w, const Ctx *c) {
    size_t kept = 0;
    for (size_t i = 0; i < w->n; i++) {
        if (!c->is_exact && is_blank(&w->lines[i])) continue;
        Line line = w->lines[i];
        size_t at = kept++;
        for (; at > 0 && w->lines[at - 1].type == line.type && w->lines[at - 1].index > line.index;
             at--)
            w->lines[at] = w->lines[at - 1];
        w->lines[at] = line;
    }
    w->n = kept;
}

/* ---- making them ---- */

static void place_issues(Ctx *c, size_t from, const Line *line) {
    for (size_t i = from; i < c->issues.n; i++) {
        Issue *is = &c->issues.items[i];
        Str place = str_fmt(c->arena, "%s[%zu]", line->type->def->within, line->index);
        is->field =
            is->field.n ? str_fmt(c->arena, "%.*s.%.*s", FMT(place), FMT(is->field)) : place;
    }
}

/* What is written at once later would not say which record and field it was. */
static Err check_free(Ctx *c, const Record *r) {
    for (size_t i = 0; i < r->type->n_fields; i++) {
        const Field *f = &r->type->fields[i];
        Records same;
        if (!(f->flags & F_UNIQUE) || value_is_null(r->values[i])) continue;
        TRY(record_where(&same, c, r->type, f->name, r->values[i], 2));
        for (size_t k = 0; k < same.n; k++)
            if (same.items[k]->id != r->id) {
                issue(c, f->name, "taken", N_("This is taken already."));
                break;
            }
    }
    return c->issues.errors ? ERR_INVALID : OK;
}

static Err make(Record **out, Ctx *c, const Type *t, const Input *in, const Record *parent,
                const Transition *step) {
    TRY(save_create(out, c, t, in, parent, step));
    return check_free(c, *out);
}

/* Without its parent only what can be read of it is looked at. */
static Err make_line(Ctx *c, const Line *line, const Record *parent) {
    const Type *t = line->type;
    Record *r = record_new(c, t);
    const Access *a;
    TRY(access_of(&a, c, t, OP_CREATE));
    if (!access_any(a)) {
        issue(c, "", "denied", N_("You may not add this."));
        return ERR_DENIED;
    }
    for (size_t i = 0; i < line->in.n; i++)
        if (str_is(line->in.items[i].name, t->parent->name))
            issue(c, t->parent->name, "read_only", N_("This cannot be changed here."));
    return parent ? make(&r, c, t, &line->in, parent, NULL)
                  : record_read_input(r, c, &line->in, true);
}

static Err make_all(Record **out, Ctx *c, const Type *t, const With *w) {
    Err e = make(out, c, t, &w->own, NULL, w->step);
    if (e && e != ERR_INVALID) return e;
    const Record *parent = e ? NULL : *out;
    for (size_t i = 0; i < w->n; i++) {
        size_t from = c->issues.n;
        Err one = make_line(c, &w->lines[i], parent);
        place_issues(c, from, &w->lines[i]);
        if (one && one != ERR_INVALID) return one;
        if (one) e = one;
    }
    if (e) return e;
    Record *held = bulk_find(c, t, (*out)->id);
    if (held) *out = held;
    return bulk_end(c);
}

Err record_create_with(Record **out, Ctx *c, const Type *t, const Input *in) {
    With w = {0};
    split(&w, c, t, in);
    keep_filled(&w, c);
    if (w.n > RECORD_MOST_WITHIN)
        return issue(c, w.lines[0].type->def->within, "too_many",
                     N_("These are too many at once."));
    if (!w.n) return save_create(out, c, t, &w.own, NULL, w.step);
    bulk_begin(c);
    bulk_expect(c, t, 1);
    for (size_t i = 0; i < w.n; i++) bulk_expect(c, w.lines[i].type, w.n);
    Err e = make_all(out, c, t, &w);
    if (e) bulk_drop(c);
    return e;
}
