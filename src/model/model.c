/* model.c: builds the effective model from the built-in tables and checks it whole at start, so
 * that a programmer's mistake shows at the first run and not at a customer's. The only reader of
 * the *Def tables. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/columns.h"
#include "model/list_total.h"
#include "model/series.h"

#include <stdio.h>

#include "base/secret.h"

enum { MAX_FIELDS = 128, MAX_STATES = 60, MAX_TYPES = 250, MAX_ROLES = 64, FIELD_SLOTS = 512 };

_Noreturn static void wrong(const char *type, const char *what, const char *name) {
    fprintf(stderr, "model: type %s: %s: %s\n", type, what, name ? name : "(none)");
    base_abort(__FILE__, __LINE__, "the model's tables contradict each other");
}

bool word_in(const char *blank_separated, Str word) {
    Str rest = str_of(blank_separated), part;
    if (!blank_separated || !word.n) return false;
    while (str_cut(&part, &rest, ' '))
        if (str_eq(part, word)) return true;
    return false;
}

/* Of the length, the first and the last eight bytes: a save asks for hundreds of names. */
static size_t slot_of(Str name) {
    uint64_t first = 0, last = 0;
    if (name.n >= 8) {
        memcpy(&first, name.p, 8);
        memcpy(&last, name.p + name.n - 8, 8);
    } else {
        for (size_t i = 0; i < name.n; i++) first = first << 8 | (unsigned char)name.p[i];
    }
    uint64_t h = (first ^ last * 0x9E3779B97F4A7C15u ^ name.n) * 0xD6E8FEB86659FD93u;
    return (size_t)(h >> 32) % FIELD_SLOTS;
}

const Type *model_type(const Model *m, Str name) {
    for (size_t at = slot_of(name); m->slots[at]; at = (at + 1) % FIELD_SLOTS) {
        const Type *t = &m->types[m->slots[at] - 1];
        if (str_is(name, t->name)) return t;
    }
    return NULL;
}

const Type *model_type_by_plural(const Model *m, Str plural) {
    for (size_t i = 0; i < m->n_types; i++)
        if (str_is(plural, m->types[i].plural)) return &m->types[i];
    return NULL;
}

const Type *model_need(const Model *m, const char *name) {
    const Type *t = model_type(m, str_of(name));
    if (!t) wrong(name, "is needed and absent", name);
    return t;
}

const Field *type_field(const Type *t, Str name) {
    for (size_t at = slot_of(name); t->slots[at]; at = (at + 1) % FIELD_SLOTS) {
        const Field *f = &t->fields[t->slots[at] - 1];
        bool is_it = f->name == name.p || strncmp(f->name, name.p, name.n) == 0;
        if (is_it && name.n && !f->name[name.n]) return f;
    }
    return NULL;
}

static void slots_fill(Type *t, Arena *a) {
    uint8_t *slots = NEW_N(a, uint8_t, FIELD_SLOTS);
    for (size_t i = 0; i < t->n_fields; i++) {
        size_t at = slot_of(str_of(t->fields[i].name));
        while (slots[at]) at = (at + 1) % FIELD_SLOTS;
        slots[at] = (uint8_t)(i + 1);
    }
    t->slots = slots;
}

/* Neither what follows from others nor what is secret has a place in the history. */
static void named_fill(Type *t, Arena *a) {
    const Field **named = NEW_N(a, const Field *, t->n_fields + 1);
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        if (f->flags & (F_DERIVED | F_SECRET)) continue;
        size_t at = t->n_named++;
        for (; at > 0 && strcmp(named[at - 1]->name, f->name) > 0; at--) named[at] = named[at - 1];
        named[at] = f;
    }
    t->named = named;
}

const Field *type_need(const Type *t, const char *name) {
    const Field *f = type_field(t, str_of(name));
    if (!f) wrong(t->name, "has no field", name);
    return f;
}

const State *type_state(const Type *t, Str name) {
    for (size_t i = 0; i < t->n_states; i++)
        if (str_is(name, t->states[i].name)) return &t->states[i];
    return NULL;
}

const Transition *type_transition(const Type *t, Str name) {
    for (size_t i = 0; i < t->n_transitions; i++)
        if (str_is(name, t->transitions[i].name)) return &t->transitions[i];
    return NULL;
}

bool transition_goes_back(const Transition *t, const State *from) {
    return t->to && t->to->index < from->index && !(t->to->flags & (STATE_CLOSED | STATE_VOID));
}

const Condition *type_condition(const Type *t, Str name) {
    for (size_t i = 0; i < t->n_conditions; i++)
        if (str_is(name, t->conditions[i].name)) return &t->conditions[i];
    return NULL;
}

const Reading *type_reading(const Type *t, Str name) {
    for (size_t i = 0; i < t->n_readings; i++)
        if (str_is(name, t->readings[i].name)) return &t->readings[i];
    return NULL;
}

const MeasureDef *model_measure(const Model *m, Str name) {
    for (size_t i = 0; i < m->n_measures; i++)
        if (!m->measures[i]->is_internal && str_is(name, m->measures[i]->name))
            return m->measures[i];
    return NULL;
}

const RoleDef *model_role(const Model *m, Str name) {
    for (size_t i = 0; i < m->n_roles; i++)
        if (str_is(name, m->roles[i]->name)) return m->roles[i];
    return NULL;
}

/* ---- building ---- */

typedef struct Builder {
    Arena *arena;
    Model *model;
    const Module *const *modules;
    const TypeDef **defs;
    const Module **owners;
    size_t n_defs, cap_defs;
    const Choice *role_choices, *currency_choices, *type_choices;
} Builder;

static size_t count_choices(const Choice *c) {
    size_t n = 0;
    while (c && c[n].key) n++;
    return n;
}

static bool has_type(const Builder *b, const char *name) {
    for (size_t i = 0; i < b->n_defs; i++)
        if (strcmp(b->defs[i]->name, name) == 0) return true;
    return false;
}

static const Type *target_of(const Builder *b, const FieldDef *d) {
    switch (d->kind) {
    case KIND_REF:
    case KIND_REFS: return model_type(b->model, str_of(d->of));
    case KIND_USER: return model_type(b->model, S("user"));
    case KIND_UNIT: return model_type(b->model, S("unit"));
    case KIND_TAXON: return model_type(b->model, S("taxon"));
    default: return NULL;
    }
}

static int rank_of(const Type *t, const char *state, int otherwise) {
    if (!state) return otherwise;
    const State *s = type_state(t, str_of(state));
    if (!s) wrong(t->name, "a field names an unknown state", state);
    return s->rank;
}

static void field_fill(Builder *b, Type *t, Field *f, const FieldDef *d, int index) {
    *f = (Field){.name = d->name,
                 .label = d->label,
                 .of = d->of,
                 .group = d->group,
                 .help = d->help,
                 .only_if = d->only_if,
                 .yearly_if = d->yearly_if,
                 .also = d->also,
                 .default_value = d->default_value,
                 .kind = d->kind,
                 .flags = d->flags,
                 .choices = d->choices,
                 .index = index,
                 .min = d->min,
                 .max = d->max,
                 .scale = d->scale,
                 .max_length = d->max_length};
    if (!f->label) wrong(t->name, "a field has no label", d->name);
    if (f->kind == KIND_PERCENT && !f->scale) f->scale = 2;
    if (!f->max_length) f->max_length = f->kind == KIND_LONG ? 20000 : 200;
    if (d->of && strcmp(d->of, "@roles") == 0) f->choices = b->role_choices;
    if (d->of && strcmp(d->of, "@currencies") == 0) f->choices = b->currency_choices;
    if (d->of && strcmp(d->of, "@types") == 0) f->choices = b->type_choices;
    f->n_choices = count_choices(f->choices);
    if ((f->kind == KIND_CHOICE || f->kind == KIND_CHOICES) && !f->n_choices)
        wrong(t->name, "a choice has no options", d->name);
    f->leave_rank = rank_of(t, d->leave, INT32_MAX);
    f->frozen_rank = rank_of(t, d->frozen, INT32_MAX);
    f->target = target_of(b, d);
    if (f->kind == KIND_REFS || f->kind == KIND_FILES || f->kind == KIND_ROWS)
        f->table = str_fmt(b->arena, "%s_%s", t->name, d->name).p;
    columns_name(f, b->arena);
    if (d->rows) {
        size_t n = 0;
        while (d->rows[n].name) n++;
        Field *rows = NEW_N(b->arena, Field, n);
        for (size_t i = 0; i < n; i++) field_fill(b, t, &rows[i], &d->rows[i], (int)i);
        f->rows = rows;
        f->n_rows = n;
    }
}

static const FieldDef readers_field = {
    .name = "readers",
    .label = N_("May also see it"),
    .kind = KIND_REFS,
    .of = "user",
    .flags = F_MORE,
    .help = N_("Only for restricted records: persons who need to know.")};

/* What every record has besides the fields of its type: tags, who is kept informed, files, and the
 * language in which its texts are. What belongs to a parent is found there; lists of two persons
 * and TYPE_PLAIN have none. */
static const Choice entry_languages[] = {
    {"fr", N_("French"), 0}, {"en", N_("English"), 0}, {"ar", N_("Arabic"), 0}, {0}};
static const FieldDef common_fields[] = {
    {.name = "tags",
     .label = N_("Tags"),
     .kind = KIND_REFS,
     .of = "tag",
     .flags = F_MORE | F_FILTER,
     .help = N_("Words under which it is found again, across all lists.")},
    {.name = "watchers",
     .label = N_("Kept informed"),
     .kind = KIND_REFS,
     .of = "user",
     .flags = F_MORE | F_FILTER,
     .help = N_("They are told of each step and comment, as far as they may see it.")},
    {.name = "files", .label = N_("Files"), .kind = KIND_FILES, .flags = F_MORE},
    {.name = "written_in",
     .label = N_("Language of entry"),
     .kind = KIND_CHOICE,
     .choices = entry_languages,
     .flags = F_MORE,
     .default_value = "lang",
     .help = N_("The language in which its texts are written.")},
};

/* Has the type that field already, or files under another name? */
static bool has_common(const TypeDef *def, const FieldDef *common) {
    for (const FieldDef *d = def->fields; d->name; d++)
        if (strcmp(d->name, common->name) == 0 ||
            (common->kind == KIND_FILES && d->kind == KIND_FILES))
            return true;
    return false;
}

/* A reference to an absent type is left out of the effective model. */
static bool is_absent(const Builder *b, const FieldDef *d) {
    return (d->kind == KIND_REF || d->kind == KIND_REFS) && !has_type(b, d->of);
}

/* The fields of the same type that a field's definition names. */
static void link_fields(const Type *t, Field *f) {
    const FieldDef *d = t->def->fields;
    while (d->name && strcmp(d->name, f->name) != 0) d++;
    if (d->known_by) f->known_by = type_need(t, d->known_by);
    if (d->stand_in) f->stand_in = type_need(t, d->stand_in);
}

static void fields_fill(Builder *b, Type *t) {
    const TypeDef *def = t->def;
    size_t n = 0;
    while (def->fields[n].name) n++;
    Field *fields = NEW_N(b->arena, Field, n + 1 + LENGTH(common_fields));
    size_t used = 0;
    for (size_t i = 0; i < n; i++)
        if (!is_absent(b, &def->fields[i])) {
            field_fill(b, t, &fields[used], &def->fields[i], (int)used);
            used++;
        }
    if (def->flags & TYPE_CONFIDENTIAL) {
        field_fill(b, t, &fields[used], &readers_field, (int)used);
        used++;
    }
    bool is_plain = (def->flags & (TYPE_PLAIN | TYPE_NO_PAGES | TYPE_TWO_PERSONS)) || def->parent;
    for (size_t i = 0; !is_plain && i < LENGTH(common_fields); i++)
        if (!has_common(def, &common_fields[i])) {
            field_fill(b, t, &fields[used], &common_fields[i], (int)used);
            used++;
        }
    if (used > MAX_FIELDS) wrong(t->name, "has more than 128 fields", "");
    t->fields = fields;
    t->n_fields = used;
    slots_fill(t, b->arena);
    named_fill(t, b->arena);
    columns_prepare(t, b->arena);
    for (size_t i = 0; i < used; i++) link_fields(t, &fields[i]);
    for (size_t i = 0; i < used; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(fields[i].name, fields[j].name) == 0)
                wrong(t->name, "two fields of one name", fields[i].name);
}

static void states_fill(Builder *b, Type *t) {
    static const StateDef only[] = {{"active", N_("Active"), TONE_GOOD, 1, 0, NULL}, {0}};
    const StateDef *defs = t->def->states ? t->def->states : only;
    size_t n = 0;
    while (defs[n].name) n++;
    if (n > MAX_STATES) wrong(t->name, "has too many states", "");
    State *states = NEW_N(b->arena, State, n);
    for (size_t i = 0; i < n; i++)
        states[i] = (State){.name = defs[i].name,
                            .label = defs[i].label,
                            .tone = defs[i].tone,
                            .rank = defs[i].rank,
                            .index = (int)i,
                            .flags = defs[i].flags,
                            .waits_for = defs[i].waits_for};
    t->states = states;
    t->n_states = n;
}

static bool is_person_word(const Type *t, Str word) {
    const Field *f = type_field(t, str_sub(word, 1, word.n));
    bool many = f && f->kind == KIND_REFS && f->target && !strcmp(f->target->name, "user");
    return str_is(word, "@creator") || str_is(word, "@owner") ||
           (f && (many || f->kind == KIND_USER));
}

static void check_roles(const Builder *b, const Type *t, const char *words) {
    Str rest = str_of(words), word;
    if (!words) return;
    while (str_cut(&word, &rest, ' ')) {
        bool is_known = !word.n || model_role(b->model, word);
        if (!is_known && word.p[0] == '@') is_known = is_person_word(t, word);
        if (!is_known) wrong(t->name, "names an unknown role", words);
    }
}

static void transitions_fill(Builder *b, Type *t) {
    const TransitionDef *defs = t->def->transitions;
    size_t n = 0;
    while (defs && defs[n].name) n++;
    Transition *list = NEW_N(b->arena, Transition, n ? n : 1);
    for (size_t i = 0; i < n; i++) {
        list[i] = (Transition){
            .def = &defs[i], .name = defs[i].name, .label = defs[i].label, .index = (int)i};
        Str rest = str_of(defs[i].from), word;
        while (str_cut(&word, &rest, ' ')) {
            const State *s = type_state(t, word);
            if (!s) wrong(t->name, "a transition comes from an unknown state", defs[i].name);
            list[i].from |= UINT64_C(1) << s->index;
        }
        if (defs[i].to) {
            list[i].to = type_state(t, str_of(defs[i].to));
            if (!list[i].to) wrong(t->name, "a transition leads to an unknown state", defs[i].name);
        } else if (!defs[i].route)
            wrong(t->name, "a transition leads nowhere", defs[i].name);
        check_roles(b, t, defs[i].roles);
        if ((defs[i].flags & TRANSITION_AT_ONCE) && (!defs[i].to || defs[i].guard || defs[i].sends))
            wrong(t->name, "a step at once has a guard, a route or fields", defs[i].name);
    }
    t->transitions = list;
    t->n_transitions = n;
    for (size_t i = 0; i < t->n_states; i++) check_roles(b, t, t->states[i].waits_for);
}

static void conditions_fill(Builder *b, Type *t) {
    const ConditionDef *defs = t->def->conditions;
    size_t n = 0;
    while (defs && defs[n].name) n++;
    Condition *list = NEW_N(b->arena, Condition, n ? n : 1);
    for (size_t i = 0; i < n; i++) {
        Condition k = {.def = &defs[i], .name = defs[i].name, .label = defs[i].label};
        Str rest = str_of(defs[i].states), word;
        k.date = type_field(t, str_of(defs[i].date));
        if (!k.date || k.date->kind != KIND_DATE)
            wrong(t->name, "a condition names no date", defs[i].name);
        if (type_field(t, str_of(k.name)))
            wrong(t->name, "a condition is named as a field", k.name);
        for (size_t s = 0; !defs[i].states && s < t->n_states; s++)
            if (!(t->states[s].flags & (STATE_CLOSED | STATE_VOID))) k.states |= UINT64_C(1) << s;
        while (defs[i].states && str_cut(&word, &rest, ' ')) {
            const State *s = type_state(t, word);
            if (!s) wrong(t->name, "a condition names an unknown state", defs[i].name);
            k.states |= UINT64_C(1) << s->index;
        }
        list[t->n_conditions++] = k;
    }
    t->conditions = list;
}

/* A reading whose fields the model does without is left out. */
static bool reading_make(Reading *out, const Type *t, const ReadingDef *d) {
    Str rest = str_of(d->fields), word;
    *out = (Reading){.def = d, .name = d->name, .label = d->label};
    if (type_field(t, str_of(d->name)) || type_condition(t, str_of(d->name)))
        wrong(t->name, "a reading is named as a field", d->name);
    while (str_cut(&word, &rest, ' ')) {
        const Field *f = type_field(t, word);
        if (!f) return false;
        if (!f->target || out->n_fields == READING_FIELDS)
            wrong(t->name, "a reading is not of a few references", d->name);
        out->fields[out->n_fields++] = f;
    }
    return true;
}

static void readings_fill(Builder *b, Type *t) {
    Reading *list = NULL;
    size_t n = 0, cap = 0;
    for (size_t m = 0; b->modules[m]; m++)
        for (const ReadingDef *d = b->modules[m]->readings; d && d->name; d++) {
            Reading x;
            if (strcmp(d->type, t->name) != 0 || !reading_make(&x, t, d)) continue;
            GROW(b->arena, list, n, cap);
            list[n++] = x;
        }
    t->readings = list;
    t->n_readings = n;
}

static void titles_fill(Type *t) {
    const char *title = t->def->title ? t->def->title : "title";
    const Field *plain = type_field(t, str_of(title));
    static const char *const suffix[LANG_COUNT] = {"_en", "_fr", "_ar"};
    for (int l = 0; l < LANG_COUNT; l++) {
        char name[80];
        snprintf(name, sizeof name, "%s%s", title, suffix[l]);
        const Field *own = type_field(t, str_of(name));
        t->titles[l] = plain ? plain : own;
        if (plain && own) t->titles[l] = own;
    }
    t->title = plain;
    if (t->def->title_else) t->title_else = type_need(t, t->def->title_else);
    if (t->def->key) t->key = type_need(t, t->def->key);
    if (t->def->parent) t->parent = type_need(t, t->def->parent);
}

/* Which fields each grant hides, and which none does. */
static void hides_fill(Builder *b, Type *t) {
    FieldSet *hides = NEW_N(b->arena, FieldSet, t->n_grants + 1);
    FieldSet any = {{0, 0}};
    for (size_t k = 0; k < t->n_grants; k++) {
        const GrantDef *g = &t->grants[k];
        bool rest = g->hide && strcmp(g->hide, "*") == 0;
        for (size_t i = 0; i < t->n_fields; i++) {
            Str name = str_of(t->fields[i].name);
            if (rest ? !word_in(g->show, name) : word_in(g->hide, name))
                fieldset_add(&hides[k], (int)i);
        }
        any.bits[0] |= hides[k].bits[0];
        any.bits[1] |= hides[k].bits[1];
    }
    t->hides = hides;
    for (size_t i = 0; i < t->n_fields; i++) {
        Field *f = (Field *)(uintptr_t)&t->fields[i];
        f->is_public = !(f->flags & (F_SECRET | F_SENSITIVE)) && !fieldset_has(any, (int)i);
    }
}

static void grants_fill(Builder *b, Type *t) {
    size_t n = 0;
    while (t->def->grants && t->def->grants[n].role) {
        check_roles(b, t, t->def->grants[n].role);
        n++;
    }
    t->grants = t->def->grants;
    t->n_grants = n;
    hides_fill(b, t);
}

/* A grant hides what a name is made of: title and key. */
static bool hides_name(const Type *t, const GrantDef *g) {
    bool rest = g->hide && strcmp(g->hide, "*") == 0;
    const Field *parts[LANG_COUNT + 2] = {[LANG_COUNT] = t->key, t->title_else};
    memcpy(parts, t->titles, sizeof t->titles);
    for (size_t i = 0; i < LENGTH(parts); i++) {
        if (!parts[i]) continue;
        Str name = str_of(parts[i]->name);
        if (rest ? !word_in(g->show, name) : word_in(g->hide, name)) return true;
    }
    return false;
}

/* Names of such a type may stand anywhere; those of all others follow the reader's rights. */
static void public_fill(const Builder *b, Type *t) {
    bool may_restrict = (t->flags & TYPE_CONFIDENTIAL) || t->parent;
    for (size_t i = 0; i < t->n_grants && !t->is_public; i++) {
        const GrantDef *g = &t->grants[i];
        const RoleDef *role = model_role(b->model, str_of(g->role));
        t->is_public = role && role->is_everybody && (g->ops & OP_READ) && g->scope == SCOPE_ALL &&
                       (g->restricted || !may_restrict) && !hides_name(t, g);
    }
}

/* Tables, addresses and numbers of two types must differ. */
static void check_unlike(const Type *types, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++) {
            if (strcmp(types[i].name, types[k].name) == 0)
                wrong(types[i].name, "there are two types of one name", "");
            if (strcmp(types[i].plural, types[k].plural) == 0)
                wrong(types[i].name, "has the address of another type", types[k].name);
            if (!types[i].def->key && !types[k].def->key &&
                strcmp(types[i].prefix, types[k].prefix) == 0)
                wrong(types[i].name, "numbers its records like another type", types[k].name);
        }
}

static void types_slots_fill(Builder *b, const Type *types) {
    uint8_t *slots = NEW_N(b->arena, uint8_t, FIELD_SLOTS);
    if (b->n_defs > MAX_TYPES) wrong("(all)", "are too many", NULL);
    for (size_t i = 0; i < b->n_defs; i++) {
        size_t at = slot_of(str_of(types[i].name));
        while (slots[at]) at = (at + 1) % FIELD_SLOTS;
        slots[at] = (uint8_t)(i + 1);
    }
    b->model->slots = slots;
}

static void roles_fill(const Builder *b, Type *t) {
    if (b->model->n_roles > MAX_ROLES) wrong(t->name, "there are too many roles", NULL);
    for (size_t i = 0; i < t->n_grants; i++)
        for (size_t role = 0; role < b->model->n_roles; role++) {
            const GrantDef *g = &t->grants[i];
            uint64_t bit = UINT64_C(1) << role;
            bool is_own = g->scope > SCOPE_UNIT;
            bool reaches_unit = g->scope == SCOPE_ALL || !(t->flags & TYPE_NO_UNIT);
            if (strcmp(b->model->roles[role]->name, g->role) != 0) continue;
            for (int op = 0; op < OP_COUNT; op++) {
                if (!(g->ops & 1u << op)) continue;
                *(is_own ? &t->in_person[op] : &t->everywhere[op]) |= bit;
                if (!is_own && reaches_unit) t->in_unit[op] |= bit;
            }
        }
}

static void collect_types(Builder *b) {
    for (size_t m = 0; b->modules[m]; m++)
        for (size_t i = 0; b->modules[m]->types && b->modules[m]->types[i]; i++) {
            size_t cap = b->cap_defs;
            GROW(b->arena, b->defs, b->n_defs, b->cap_defs);
            b->owners = arena_grow(b->arena, b->owners, b->n_defs, &cap, sizeof *b->owners);
            b->defs[b->n_defs] = b->modules[m]->types[i];
            b->owners[b->n_defs++] = b->modules[m];
        }
}

static const FieldDef *parent_def(const TypeDef *d) {
    for (size_t i = 0; d->parent && d->fields[i].name; i++)
        if (strcmp(d->fields[i].name, d->parent) == 0) return &d->fields[i];
    return NULL;
}

/* A type whose parent's type is absent is left out too, and then the types below it. */
static void drop_orphans(Builder *b) {
    for (bool again = true; again;) {
        size_t kept = 0;
        for (size_t i = 0; i < b->n_defs; i++) {
            const FieldDef *parent = parent_def(b->defs[i]);
            if (parent && is_absent(b, parent)) continue;
            b->owners[kept] = b->owners[i];
            b->defs[kept++] = b->defs[i];
        }
        again = kept < b->n_defs;
        b->n_defs = kept;
    }
}

/* Gathers one kind of table of all modules into an array of pointers. */
#define GATHER(b, Def, member, name_member, out, count)                                            \
    do {                                                                                           \
        const Def **list_ = NULL;                                                                  \
        size_t n_ = 0, cap_ = 0;                                                                   \
        for (size_t m_ = 0; (b)->modules[m_]; m_++)                                                \
            for (const Def *d_ = (b)->modules[m_]->member; d_ && d_->name_member; d_++) {          \
                GROW((b)->arena, list_, n_, cap_);                                                 \
                list_[n_++] = d_;                                                                  \
            }                                                                                      \
        (out) = list_;                                                                             \
        (count) = n_;                                                                              \
    } while (0)

static void gather_series(Builder *b) {
    const SeriesDef **list = NULL;
    size_t n = 0, cap = 0;
    for (size_t m = 0; b->modules[m]; m++)
        for (size_t i = 0; b->modules[m]->series && b->modules[m]->series[i]; i++) {
            GROW(b->arena, list, n, cap);
            list[n++] = b->modules[m]->series[i];
        }
    b->model->series = list;
    b->model->n_series = n;
}

static void tables_gather(Builder *b) {
    const DbTable **list = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0; b->modules[i]; i++)
        for (const DbTable *const *one = b->modules[i]->tables; one && *one; one++)
            for (const DbTable *t = *one; t->name; t++) {
                GROW(b->arena, list, n, cap);
                list[n++] = t;
            }
    b->model->tables = list;
    b->model->n_tables = n;
}

static void choices_make(Builder *b) {
    Choice *roles = NEW_N(b->arena, Choice, b->model->n_roles + 1);
    for (size_t i = 0; i < b->model->n_roles; i++)
        roles[i] = (Choice){b->model->roles[i]->name, b->model->roles[i]->label, TONE_NONE};
    b->role_choices = roles;
    Choice *currencies = NEW_N(b->arena, Choice, currency_count() + 1);
    for (size_t i = 0; i < currency_count(); i++)
        currencies[i] = (Choice){currency_code(i), currency_code(i), TONE_NONE};
    b->currency_choices = currencies;
    Choice *types = NEW_N(b->arena, Choice, b->n_defs + 1);
    for (size_t i = 0; i < b->n_defs; i++)
        types[i] = (Choice){b->defs[i]->name, b->defs[i]->label, TONE_NONE};
    b->type_choices = types;
}

static Str hash_of(Arena *a, const Model *m) {
    Text t = text_new(a, 0);
    for (size_t i = 0; i < m->n_types; i++) {
        text_fmt(&t, "%s\n", m->types[i].name);
        for (size_t k = 0; k < m->types[i].n_fields; k++)
            text_fmt(&t, " %s %d\n", m->types[i].fields[k].name, (int)m->types[i].fields[k].kind);
    }
    return str_sub(sha256_hex(a, text_str(&t)), 0, 16);
}

static void check_right(const Builder *b, const char *path, const char *right) {
    if (!right || !right[0]) wrong(path, "a page declares no right", right);
    Str r = str_of(right);
    if (!str_is(r, "public") && !str_is(r, "signed_in") && !str_starts(r, S("role:")) &&
        !model_type(b->model, r))
        wrong(path, "a page declares an unknown right", right);
}

/* What is written together must be seen while it is held back, and waits for nobody. */
static void check_within(const Type *t) {
    const Type *parent = t->parent ? t->parent->target : NULL;
    if (!t->def->within) return;
    if (!parent || !(t->flags & parent->flags & TYPE_BULK) ||
        ((t->flags | parent->flags) & TYPE_TWO_PERSONS) ||
        type_field(parent, str_of(t->def->within)))
        wrong(t->name, "cannot come with its parent", t->def->within);
}

static void check_uses(const Builder *b) {
    for (size_t i = 0; i < b->model->n_types; i++) check_within(&b->model->types[i]);
    for (size_t i = 0; i < b->model->n_measures; i++)
        model_need(b->model, b->model->measures[i]->type);
    for (size_t i = 0; i < b->model->n_series; i++) {
        static const char *const needed[] = {"digest", "rows_new", "rows_changed"};
        const Type *batch = model_need(b->model, b->model->series[i]->batch);
        model_need(b->model, b->model->series[i]->owner);
        for (size_t k = 0; k < LENGTH(needed); k++) type_need(batch, needed[k]);
    }
    for (size_t i = 0; i < b->model->n_pages; i++)
        check_right(b, b->model->pages[i]->path, b->model->pages[i]->right);
    for (size_t i = 0; i < b->model->n_sections; i++)
        check_right(b, b->model->sections[i]->page, b->model->sections[i]->right);
}

/* The measures of the engine stand behind those of the modules. */
static void counts_make(Builder *b, Type *types) {
    Model *m = b->model;
    const MeasureDef **all = NEW_N(b->arena, const MeasureDef *, m->n_measures + m->n_types + 1);
    for (size_t i = 0; i < m->n_measures; i++) all[i] = m->measures[i];
    for (size_t i = 0; i < m->n_types; i++) {
        list_total_define(&types[i], b->arena);
        if (types[i].counts) all[m->n_measures++] = types[i].counts;
    }
    m->measures = all;
}

const Model *model_build(Arena *a, const Module *const *modules) {
    Model *m = NEW(a, Model);
    size_t n_modules = 0;
    while (modules[n_modules]) n_modules++;
    const Module **all = NEW_N(a, const Module *, n_modules + 2);
    all[0] = &core_module;
    memcpy(all + 1, modules, n_modules * sizeof *all);
    Builder b = {.arena = a, .model = m, .modules = all};
    collect_types(&b);
    drop_orphans(&b);
    GATHER(&b, RoleDef, roles, name, m->roles, m->n_roles);
    GATHER(&b, PageDef, pages, path, m->pages, m->n_pages);
    GATHER(&b, MeasureDef, measures, name, m->measures, m->n_measures);
    GATHER(&b, AttachDef, attach, type, m->attach, m->n_attach);
    GATHER(&b, SectionDef, sections, page, m->sections, m->n_sections);
    GATHER(&b, ColumnDef, columns, type, m->columns, m->n_columns);
    GATHER(&b, JobDef, jobs, topic, m->jobs, m->n_jobs);
    GATHER(&b, NoticeDef, notices, name, m->notices, m->n_notices);
    tables_gather(&b);
    gather_series(&b);
    choices_make(&b);
    Type *types = NEW_N(a, Type, b.n_defs);
    m->types = types;
    m->n_types = b.n_defs;
    for (size_t i = 0; i < b.n_defs; i++) {
        const TypeDef *d = b.defs[i];
        types[i] = (Type){.def = d,
                          .name = d->name,
                          .label = d->label,
                          .plural_label = d->plural_label,
                          .plural = d->plural ? d->plural : str_fmt(a, "%ss", d->name).p,
                          .prefix = d->prefix,
                          .icon = d->icon,
                          .module = b.owners[i],
                          .flags = d->flags,
                          .index = (int)i};
        if (!d->prefix || !d->label || !d->plural_label)
            wrong(d->name, "lacks prefix or label", "");
        states_fill(&b, &types[i]);
    }
    check_unlike(types, b.n_defs);
    types_slots_fill(&b, types);
    for (size_t i = 0; i < b.n_defs; i++) {
        fields_fill(&b, &types[i]);
        transitions_fill(&b, &types[i]);
        conditions_fill(&b, &types[i]);
        readings_fill(&b, &types[i]);
        titles_fill(&types[i]);
        grants_fill(&b, &types[i]);
        public_fill(&b, &types[i]);
        roles_fill(&b, &types[i]);
    }
    counts_make(&b, types);
    m->hash = hash_of(a, m);
    check_uses(&b);
    return m;
}

const Model *model_load(Arena *process) {
    return model_build(process, all_modules);
}

const Model *model_at(const Model *m, Arena *process, const Site *site) {
    Model *at = NEW(process, Model);
    *at = *m;
    at->site = site;
    return at;
}
