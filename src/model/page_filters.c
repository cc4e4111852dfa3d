/* page_filters.c: the filter panel of a list and its chips: each filter in force is a sentence with
 * the address that takes it away. Reads parameters only; list.c decides what they mean.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/page_kit.h"

typedef struct Builder {
    Ctx *c;
    const PageQuery *q;
    bool *used; /* one per parameter of q->params */
    bool all;   /* every filter with its choices; else those in force, as sentences */
    Filter *items;
    size_t n, cap;
} Builder;

Str page_kit_href(Ctx *c, const PageQuery *q, Str drop1, Str drop2, const char *name, Str value) {
    Input kept = {0};
    for (size_t i = 0; i < q->params.n; i++) {
        InputItem item = q->params.items[i];
        bool drop = str_eq(item.name, drop1) || str_eq(item.name, drop2) || str_is(item.name, name);
        if (!drop) input_add(&kept, c->arena, item.name, item.value);
    }
    if (name && value.n) input_add(&kept, c->arena, str_of(name), value);
    /* An address without parameters means the type's default: say "everything" explicitly. */
    if (!kept.n && !q->is_report && q->type->def->list_default)
        input_add(&kept, c->arena, S("sort"), S("-id"));
    input_add_all(&kept, c->arena, &q->columns);
    return page_kit_url(c->arena, q->path, &kept);
}

static bool take(Builder *b, Str name, const char *op, Str *value) {
    Str full = op ? str_fmt(b->c->arena, "%.*s.%s", FMT(name), op) : name;
    for (size_t i = 0; i < b->q->params.n; i++) {
        if (b->used[i] || !str_eq(b->q->params.items[i].name, full)) continue;
        b->used[i] = true;
        *value = b->q->params.items[i].value;
        return true;
    }
    return false;
}

/* Whether a filter is built at all: one that the address does not name is a matter of the panel. */
static bool is_asked(const Builder *b, Str name) {
    if (b->all) return true;
    for (size_t i = 0; i < b->q->params.n; i++) {
        Str param = b->q->params.items[i].name;
        if (str_starts(param, name) && (param.n == name.n || param.p[name.n] == '.')) return true;
    }
    return false;
}

static void put(Builder *b, Filter f) {
    GROW(b->c->arena, b->items, b->n, b->cap);
    b->items[b->n++] = f;
}

static Str option_label(const Filter *f, Str value) {
    for (size_t i = 0; i < f->n_options; i++) {
        if (str_eq(f->options[i].value, value)) return f->options[i].label;
    }
    return value;
}

/* One value in the reader's words. */
static Err value_words(Str *out, Ctx *c, const Type *t, Str name, Str value) {
    *out = value;
    const State *state = str_is(name, "state") ? type_state(t, value) : NULL;
    if (state) {
        *out = TRS(c, state->label);
        return OK;
    }
    if (str_is(value, "me")) {
        *out = TRS(c, N_("me"));
        return OK;
    }
    const Field *f = type_field(t, name);
    const Type *target = f ? f->target : NULL;
    if (type_reading(t, name)) target = model_type(c->model, S("taxon"));
    if (str_is(name, "unit")) target = model_type(c->model, S("unit"));
    if (str_is(name, "owner") || str_is(name, "created_by"))
        target = model_type(c->model, S("user"));
    if (target) {
        int64_t id = 0;
        Err err = ref_find(&id, c, target, value);
        if (err == ERR_MISSING) return OK;
        TRY(err);
        RefName ref = {0};
        TRY(ref_name(&ref, c, target, id));
        if (ref.found) *out = ref.title;
        return OK;
    }
    for (size_t i = 0; f && i < f->n_choices; i++) {
        if (str_is(value, f->choices[i].key)) *out = TRS(c, f->choices[i].label);
    }
    if (f && f->kind == KIND_BOOL) {
        bool yes = str_is(value, "true") || str_is(value, "1");
        *out = TRS(c, yes ? N_("Yes") : N_("No"));
    }
    *out = page_kit_day(c->arena, *out);
    return OK;
}

static Err list_words(Str *out, Ctx *c, const Type *t, Str name, Str values) {
    Text text = text_new(c->arena, 0);
    Str part;
    for (int i = 0; i < 50 && values.n && str_cut(&part, &values, ','); i++) {
        Str word;
        TRY(value_words(&word, c, t, name, part));
        if (i) text_addz(&text, TR(c, ", "));
        text_add(&text, word);
    }
    *out = text_str(&text);
    return OK;
}

static void finish_range(Builder *b, Filter *f) {
    Ctx *c = b->c;
    Str name = f->name;
    bool from = take(b, name, "ge", &f->value), to = take(b, name, "le", &f->value_to);
    Str both = {0};
    if (!from && !to && take(b, name, NULL, &both)) {
        from = to = true;
        f->value = f->value_to = both;
    }
    f->is_active = from || to;
    Str a = page_kit_day(c->arena, f->value), z = page_kit_day(c->arena, f->value_to);
    if (from && to) {
        f->sentence = str_eq(a, z) ? FILL(c, TR(c, "{0}: {1}"), f->label, a)
                                   : FILL(c, TR(c, "{0} between {1} and {2}"), f->label, a, z);
    } else if (from) {
        f->sentence = FILL(c, TR(c, "{0} from {1}"), f->label, a);
    } else if (to) {
        f->sentence = FILL(c, TR(c, "{0} up to {1}"), f->label, z);
    }
    Str ge = str_fmt(c->arena, "%.*s.ge", FMT(name)), le = str_fmt(c->arena, "%.*s.le", FMT(name));
    const char *plain = str_eq(a, z) ? str_z(c->arena, name) : NULL;
    if (f->is_active) f->clear_href = page_kit_href(c, b->q, ge, le, plain, (Str){0});
}

static Err finish_single(Builder *b, Filter *f) {
    Ctx *c = b->c;
    f->is_active = take(b, f->name, f->is_tree ? "under" : NULL, &f->value);
    if (!f->is_active) return OK;
    Str words = option_label(f, f->value);
    if (str_eq(words, f->value)) TRY(value_words(&words, c, b->q->type, f->name, f->value));
    f->sentence = FILL(c, TR(c, "{0}: {1}"), f->label, words);
    Str param = f->is_tree ? str_fmt(c->arena, "%.*s.under", FMT(f->name)) : f->name;
    f->clear_href = page_kit_href(c, b->q, param, (Str){0}, NULL, (Str){0});
    return OK;
}

/* The value that the address gives for a filter, without marking it as used. */
static Str given(const Builder *b, Str name, bool is_tree) {
    Str full = is_tree ? str_fmt(b->c->arena, "%.*s.under", FMT(name)) : name;
    return input_get(&b->q->params, full);
}

static Err open_filter(Builder *b) {
    Ctx *c = b->c;
    Filter open = {
        .name = S("state.open"), .label = TRS(c, N_("Still open")), .kind = FILTER_CHOICE};
    FilterOption *yes = NEW(c->arena, FilterOption);
    *yes = (FilterOption){S("1"), TRS(c, N_("Open ones only")), 0,
                          input_has(&b->q->params, open.name)};
    open.options = yes;
    open.n_options = 1;
    TRY(finish_single(b, &open));
    if (open.is_active) open.sentence = yes->label;
    put(b, open);
    return OK;
}

static Err state_filters(Builder *b) {
    const Type *t = b->q->type;
    Ctx *c = b->c;
    if (t->n_states < 2 || !is_asked(b, S("state"))) return OK;
    Filter f = {.name = S("state"), .label = TRS(c, N_("State")), .kind = FILTER_CHOICE};
    FilterOption *options = NEW_N(c->arena, FilterOption, t->n_states);
    Str chosen = given(b, f.name, false);
    bool has_closed = false;
    for (size_t i = 0; i < t->n_states; i++) {
        const State *s = &t->states[i];
        has_closed |= (s->flags & (STATE_CLOSED | STATE_VOID)) != 0;
        options[i] = (FilterOption){str_of(s->name), TRS(c, s->label), 0, str_is(chosen, s->name)};
    }
    f.options = options;
    f.n_options = t->n_states;
    TRY(finish_single(b, &f));
    put(b, f);
    return has_closed ? open_filter(b) : OK;
}

static Err unit_filter(Builder *b) {
    Ctx *c = b->c;
    const Type *unit = model_type(c->model, S("unit"));
    if (!unit || (b->q->type->flags & TYPE_NO_UNIT) || !is_asked(b, S("unit"))) return OK;
    Filter f = {
        .name = S("unit"), .label = TRS(c, N_("Unit")), .kind = FILTER_TREE, .is_tree = true};
    if (b->all)
        TRY(page_kit_tree(&f.options, &f.n_options, c, unit, (Str){0}, given(b, f.name, true)));
    TRY(finish_single(b, &f));
    put(b, f);
    return OK;
}

static Err reference_options(Builder *b, Filter *f, const Field *field) {
    Ctx *c = b->c;
    bool is_tree = field->kind == KIND_TAXON || field->kind == KIND_UNIT ||
                   (field->target && (field->target->flags & TYPE_TREE));
    if (is_tree && field->target) {
        f->kind = FILTER_TREE;
        f->is_tree = true;
        if (!b->all) return OK;
        Str kind = field->kind == KIND_TAXON ? str_of(field->of) : (Str){0};
        return page_kit_tree(&f->options, &f->n_options, c, field->target, kind,
                             given(b, f->name, true));
    }
    if (field->kind == KIND_USER || !field->target) {
        FilterOption *me = NEW(c->arena, FilterOption);
        *me = (FilterOption){S("me"), TRS(c, N_("me")), 0, str_is(given(b, f->name, false), "me")};
        f->kind = FILTER_CHOICE;
        f->options = me;
        f->n_options = 1;
        return OK;
    }
    bool many = true;
    if (b->all)
        TRY(page_kit_options(&f->options, &f->n_options, &many, c, field->target,
                             given(b, f->name, false)));
    f->kind = many ? FILTER_TEXT : FILTER_CHOICE;
    if (many) f->n_options = 0;
    return OK;
}

static Err field_filter(Builder *b, const Field *field) {
    Ctx *c = b->c;
    Filter f = {.name = str_of(field->name), .label = TRS(c, field->label), .kind = FILTER_TEXT};
    Str chosen = given(b, f.name, false);
    switch (field->kind) {
    case KIND_CHOICE:
    case KIND_CHOICES:
        f.kind = FILTER_CHOICE;
        f.options = page_kit_choices(&f.n_options, c, field, &chosen, 1);
        break;
    case KIND_TAXON:
    case KIND_REF:
    case KIND_REFS:
    case KIND_USER:
    case KIND_UNIT: TRY(reference_options(b, &f, field)); break;
    case KIND_DATE:
    case KIND_INSTANT:
        f.kind = FILTER_DATE;
        f.is_range = true;
        break;
    case KIND_INT:
    case KIND_DECIMAL:
    case KIND_PERCENT:
    case KIND_MONEY:
        f.kind = FILTER_NUMBER;
        f.is_range = true;
        break;
    case KIND_BOOL: f.kind = FILTER_BOOL; break;
    case KIND_FILES:
    case KIND_ROWS: return OK;
    case KIND_NONE:
    case KIND_TEXT:
    case KIND_LONG: break;
    }
    if (f.is_range) {
        finish_range(b, &f);
    } else {
        TRY(finish_single(b, &f));
    }
    put(b, f);
    return OK;
}

static Err condition_filters(Builder *b, FieldSet hidden) {
    Ctx *c = b->c;
    for (size_t i = 0; i < b->q->type->n_conditions; i++) {
        const Condition *k = &b->q->type->conditions[i];
        if (fieldset_has(hidden, k->date->index) || !k->date->is_public) continue;
        if (!is_asked(b, str_of(k->name))) continue;
        Filter f = {.name = str_of(k->name), .label = TRS(c, k->label), .kind = FILTER_BOOL};
        TRY(finish_single(b, &f));
        if (f.is_active) {
            bool yes = str_is(f.value, "true") || str_is(f.value, "1");
            Str no = FILL(c, TR(c, "Not: {0}"), f.label);
            f.sentence = yes ? f.label : no;
        }
        put(b, f);
    }
    return OK;
}

/* What the address filters by and the panel has no place for: a chip of its own that keeps its
 * parameter. */
static Err other_filter(Builder *b, size_t i) {
    static const char *const no_filters[] = {"q", "sort", "limit", "as_of", "after", "columns"};
    Ctx *c = b->c;
    Str param = b->q->params.items[i].name, value = b->q->params.items[i].value;
    for (size_t k = 0; k < LENGTH(no_filters); k++)
        if (str_is(param, no_filters[k])) return OK;
    ptrdiff_t dot = str_find_char(param, '.');
    Str name = dot < 0 ? param : str_sub(param, 0, (size_t)dot);
    Str op = dot < 0 ? (Str){0} : str_sub(param, (size_t)dot + 1, param.n);
    PageColumn column = {0};
    FieldSet none = {0};
    bool known = page_kit_column(&column, c, b->q->type, name, none);
    Filter f = {.name = param,
                .label = known ? column.label : name,
                .kind = FILTER_TEXT,
                .value = value,
                .is_active = true};
    const Field *field = type_field(b->q->type, param);
    if (field && field->kind == KIND_BOOL) f.kind = FILTER_BOOL;
    Str words;
    TRY(list_words(&words, c, b->q->type, name, value));
    const char *pattern = N_("{0}: {1}");
    if (str_is(op, "ge")) pattern = N_("{0} from {1}");
    if (str_is(op, "le")) pattern = N_("{0} up to {1}");
    if (str_is(op, "under")) pattern = N_("{0}: {1} and below");
    if (str_is(op, "empty")) pattern = N_("{0} is empty");
    f.sentence = FILL(c, TR(c, pattern), f.label, words);
    f.clear_href = page_kit_href(c, b->q, param, (Str){0}, NULL, (Str){0});
    put(b, f);
    return OK;
}

Err page_kit_filters(const Filter **out, size_t *n, Ctx *c, const PageQuery *q, bool all) {
    const Type *t = q->type;
    Builder b = {.c = c, .q = q, .all = all, .used = NEW_N(c->arena, bool, q->params.n + 1)};
    FieldSet hidden = {0};
    TRY(access_hidden(&hidden, c, t, NULL));
    TRY(state_filters(&b));
    TRY(unit_filter(&b));
    TRY(condition_filters(&b, hidden));
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        bool offered = (f->flags & F_FILTER) && !(f->flags & (F_SECRET | F_HIDDEN)) &&
                       !fieldset_has(hidden, f->index) && f->is_public;
        if (offered && is_asked(&b, str_of(f->name))) TRY(field_filter(&b, f));
    }
    Filter created = {.name = S("created_at"),
                      .label = TRS(c, N_("Created")),
                      .kind = FILTER_DATE,
                      .is_range = true};
    finish_range(&b, &created);
    if (all || created.is_active) put(&b, created);
    for (size_t i = 0; i < q->params.n; i++)
        if (!b.used[i]) TRY(other_filter(&b, i));
    *out = b.items;
    *n = b.n;
    return OK;
}

Err page_kit_filter_panel(Block **out, Ctx *c, const PageQuery *q) {
    *out = view_block(c->arena, BLOCK_LIST);
    ListView *list = &(*out)->list;
    TRY(page_kit_filters(&list->filters, &list->n_filters, c, q, true));
    list->is_filters = true;
    list->total = -1;
    list->search = input_getz(&q->params, "q");
    list->action = page_kit_href(c, q, (Str){0}, (Str){0}, NULL, (Str){0});
    return OK;
}
