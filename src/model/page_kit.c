/* page_kit.c: addresses, words, columns and cells that the record pages share. Reads the effective
 * model and records only; formats nothing (the renderers do). SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "model/page_kit.h"

#include "base/clock.h"
#include "model/condition.h"
#include "model/names.h"
#include "model/save.h"

/* ---- addresses ---- */

static int hex_digit(char ch) {
    if (ch >= '0' && ch <= '9') return ch - '0';
    if (ch >= 'a' && ch <= 'f') return ch - 'a' + 10;
    if (ch >= 'A' && ch <= 'F') return ch - 'A' + 10;
    return -1;
}

static Str unescape(Arena *a, Str s) {
    Text t = text_new(a, 0);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '%' && i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 &&
            hex_digit(s.p[i + 2]) >= 0) {
            text_char(&t, (char)(hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2])));
            i += 2;
        } else {
            text_char(&t, s.p[i] == '+' ? ' ' : s.p[i]);
        }
    }
    return text_str(&t);
}

void page_kit_parse(Input *out, Arena *a, Str query) {
    Str part;
    for (int i = 0; i < 100 && query.n && str_cut(&part, &query, '&'); i++) {
        if (!part.n) continue;
        ptrdiff_t eq = str_find_char(part, '=');
        size_t at = eq < 0 ? part.n : (size_t)eq;
        Str value = eq < 0 ? (Str){0} : str_sub(part, at + 1, part.n);
        input_add(out, a, unescape(a, str_sub(part, 0, at)), unescape(a, value));
    }
}

static void escape_to(Text *t, Str s) {
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        unsigned char ch = (unsigned char)s.p[i];
        bool plain = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
                     (ch >= '0' && ch <= '9') || ch == '-' || ch == '_' || ch == '.' || ch == '~' ||
                     ch == ',';
        if (plain) {
            text_char(t, (char)ch);
        } else {
            text_char(t, '%');
            text_char(t, hex[ch >> 4]);
            text_char(t, hex[ch & 15]);
        }
    }
}

Str page_kit_escape(Arena *a, Str text) {
    Text t = text_new(a, 0);
    escape_to(&t, text);
    return text_str(&t);
}

Str page_kit_query(Arena *a, const Input *params) {
    Text t = text_new(a, 0);
    for (size_t i = 0; i < params->n; i++) {
        if (i) text_char(&t, '&');
        escape_to(&t, params->items[i].name);
        text_char(&t, '=');
        escape_to(&t, params->items[i].value);
    }
    return text_str(&t);
}

Str page_kit_url(Arena *a, Str path, const Input *params) {
    if (!params->n) return path;
    Str query = page_kit_query(a, params);
    return str_fmt(a, "%.*s?%.*s", FMT(path), FMT(query));
}

Str page_kit_list_path(Arena *a, const Type *t) {
    return str_fmt(a, "/%s", t->plural);
}

Str page_kit_path(Arena *a, const Record *r, const char *tail) {
    Str number = page_kit_escape(a, record_number(a, r));
    return str_fmt(a, "/%s/%.*s/%s", r->type->plural, FMT(number), tail);
}

/* ---- words ---- */

Str page_kit_day(Arena *a, Str iso) {
    int64_t days;
    if (!date_parse(&days, iso)) return iso;
    return str_fmt(a, "%.2s/%.2s/%.4s", iso.p + 8, iso.p + 5, iso.p);
}

bool page_kit_word(Str *out, Str *rest) {
    *rest = str_trim(*rest);
    return rest->n && str_cut(out, rest, ' ');
}

bool page_kit_holds(const Ctx *c, const char *roles) {
    Str rest = str_of(roles), word;
    while (page_kit_word(&word, &rest)) {
        if (word.p[0] == '@' || actor_has_role(c, word)) return true;
    }
    return false;
}

Str page_kit_role_label(const Ctx *c, const char *roles) {
    Str rest = str_of(roles), word;
    while (page_kit_word(&word, &rest)) {
        if (word.p[0] == '@' || !actor_has_role(c, word)) continue;
        const RoleDef *role = model_role(c->model, word);
        if (role) return TRS(c, role->label);
    }
    return (Str){0};
}

bool page_kit_may_create(Ctx *c, const Type *t, Err *err) {
    const Access *a = NULL;
    *err = access_of(&a, c, t, OP_CREATE);
    return *err == OK && !c->as_of.n && !(t->flags & TYPE_NO_PAGES) && access_any(a);
}

Button page_kit_create(const Ctx *c, const Type *t) {
    const TypeDef *d = t->def;
    return (Button){.label = d->create_label ? TRS(c, d->create_label)
                                             : FILL(c, TR(c, "New: {0}"), TRS(c, t->label)),
                    .href = d->create_page ? str_of(d->create_page)
                                           : str_fmt(c->arena, "/%s/new", t->plural),
                    .is_primary = true,
                    .icon = "plus"};
}

void page_kit_trail(Page *out, Arena *a, Str label, Str href) {
    Crumb *trail = NEW_N(a, Crumb, out->n_trail + 1);
    if (out->n_trail) memcpy(trail, out->trail, out->n_trail * sizeof *trail);
    trail[out->n_trail++] = (Crumb){label, href};
    out->trail = trail;
}

/* ---- columns and cells ---- */

typedef struct SystemColumn {
    const char *name, *label;
    CellKind kind;
} SystemColumn;
/* clang-format off */
static const SystemColumn system_columns[] = {
    {"number",     N_("Number"),       CELL_CODE},
    {"title",      N_("Title"),        CELL_TEXT},
    {"state",      N_("State"),        CELL_STATE},
    {"unit",       N_("Unit"),         CELL_REF},
    {"owner",      N_("Owner"),        CELL_PERSON},
    {"restricted", N_("Restricted"),   CELL_BOOL},
    {"created_by", N_("Created by"),   CELL_PERSON},
    {"updated_by", N_("Last edited by"), CELL_PERSON},
    {"created_at", N_("Created on"),   CELL_INSTANT},
    {"updated_at", N_("Last changed"), CELL_INSTANT},
    {"version",    N_("Version"),      CELL_INT},
};
/* clang-format on */

CellKind page_kit_cell_kind(const Field *f) {
    switch (f->kind) {
    case KIND_LONG: return CELL_MARKDOWN;
    case KIND_INT: return CELL_INT;
    case KIND_MONEY: return CELL_MONEY;
    case KIND_DECIMAL: return CELL_DECIMAL;
    case KIND_PERCENT: return CELL_PERCENT;
    case KIND_DATE: return CELL_DATE;
    case KIND_INSTANT: return CELL_INSTANT;
    case KIND_BOOL: return CELL_BOOL;
    case KIND_CHOICE: return CELL_LABEL;
    case KIND_TAXON:
    case KIND_REF:
    case KIND_UNIT: return CELL_REF;
    case KIND_USER: return CELL_PERSON;
    case KIND_CHOICES:
    case KIND_REFS:
    case KIND_FILES: return CELL_LIST;
    case KIND_ROWS: return CELL_ROWS;
    case KIND_NONE:
    case KIND_TEXT: break;
    }
    return CELL_TEXT;
}

bool page_kit_reader_field(const Field *f) {
    return !(f->flags & F_SECRET);
}

const Field *page_kit_title(const Ctx *c, const Type *t) {
    return t->titles[c->lang] ? t->titles[c->lang] : t->title;
}

bool page_kit_is_system(const char *name) {
    for (size_t i = 0; i < LENGTH(system_columns); i++)
        if (name[0] == system_columns[i].name[0] && !strcmp(name, system_columns[i].name))
            return true;
    return false;
}

bool page_kit_condition_column(PageColumn *out, Ctx *c, const Condition *k, FieldSet hidden) {
    if (fieldset_has(hidden, k->date->index)) return false;
    *out = (PageColumn){k->name, TRS(c, k->label), CELL_BOOL, NULL, k, NULL, NULL, BELOW_NOTHING};
    return true;
}

static bool is_hidden(const Reading *k, FieldSet hidden) {
    for (size_t i = 0; i < k->n_fields; i++)
        if (fieldset_has(hidden, k->fields[i]->index)) return true;
    return false;
}

bool page_kit_reading_column(PageColumn *out, Ctx *c, const Reading *k, FieldSet hidden) {
    if (is_hidden(k, hidden)) return false;
    *out =
        (PageColumn){.name = k->name, .label = TRS(c, k->label), .kind = CELL_LIST, .reading = k};
    return true;
}

bool page_kit_field_column(PageColumn *out, Ctx *c, const Type *t, const Field *f,
                           FieldSet hidden) {
    if (!page_kit_reader_field(f) || fieldset_has(hidden, f->index)) return false;
    CellKind kind = f == t->key ? CELL_CODE : page_kit_cell_kind(f);
    *out = (PageColumn){f->name, TRS(c, f->label), kind, f, NULL, NULL, NULL, BELOW_NOTHING};
    return true;
}

bool page_kit_column(PageColumn *out, Ctx *c, const Type *t, Str name, FieldSet hidden) {
    for (size_t i = 0; i < LENGTH(system_columns); i++) {
        const SystemColumn *s = &system_columns[i];
        if (!str_is(name, s->name)) continue;
        if (!strcmp(s->name, "unit") && (t->flags & TYPE_NO_UNIT)) break;
        if (!strcmp(s->name, "updated_by") && !access_may(c, t, OP_HISTORY)) break;
        const Field *stands_for = NULL;
        if (!strcmp(s->name, "title")) stands_for = page_kit_title(c, t);
        if (!strcmp(s->name, "number")) stands_for = t->key;
        if (stands_for && fieldset_has(hidden, stands_for->index)) break;
        const char *label = s->label;
        if (stands_for && (t->title || stands_for == t->key)) label = stands_for->label;
        *out = (PageColumn){s->name, TRS(c, label), s->kind, NULL, NULL, NULL, NULL, BELOW_NOTHING};
        return true;
    }
    const Condition *k = type_condition(t, name);
    if (k && page_kit_condition_column(out, c, k, hidden)) return true;
    const Reading *x = type_reading(t, name);
    if (x && page_kit_reading_column(out, c, x, hidden)) return true;
    const Field *f = type_field(t, name);
    return f && page_kit_field_column(out, c, t, f, hidden);
}

Err page_kit_person(Cell *out, Ctx *c, int64_t user) {
    *out = (Cell){0};
    const Type *t = model_type(c->model, S("user"));
    if (!user || !t) return OK;
    RefName name = {0};
    TRY(ref_name(&name, c, t, user));
    if (!name.found) return OK;
    FieldSet hidden = {0};
    TRY(access_hidden(&hidden, c, t, NULL));
    if (t->key && fieldset_has(hidden, t->key->index)) name.key = (Str){0};
    *out = (Cell){.kind = CELL_PERSON, .key = name.key, .text = name.title};
    return OK;
}

Err page_kit_unit(Cell *out, Ctx *c, int64_t unit) {
    *out = (Cell){0};
    const Type *t = model_type(c->model, S("unit"));
    if (!unit || !t) return OK;
    RefName name = {0};
    TRY(ref_name(&name, c, t, unit));
    if (!name.found) return OK;
    *out = cell_ref(name.key, name.title, (Str){0});
    out->is_named = true;
    return OK;
}

Cell page_kit_state(const Ctx *c, const State *s) {
    return s ? cell_state(str_of(s->name), TRS(c, s->label), s->tone) : (Cell){0};
}

static Err editor_cell(Cell *out, Ctx *c, const Record *r) {
    bool is_told;
    TRY(access_editor(&is_told, c, r));
    if (is_told) return page_kit_person(out, c, r->updated_by);
    *out = (Cell){.kind = CELL_EMPTY, .is_masked = true};
    return OK;
}

static Err system_cell(Cell *out, Ctx *c, const Record *r, const char *name) {
    *out = (Cell){0};
    if (!strcmp(name, "number")) *out = cell_code(record_number(c->arena, r));
    if (!strcmp(name, "title")) *out = cell_text(record_title(c, r));
    if (!strcmp(name, "state")) *out = page_kit_state(c, r->state);
    if (!strcmp(name, "restricted")) *out = cell_bool(r->is_restricted);
    if (!strcmp(name, "created_at")) *out = cell_instant(r->created_at);
    if (!strcmp(name, "updated_at")) *out = cell_instant(r->updated_at);
    if (!strcmp(name, "version")) *out = cell_int(r->version);
    if (!strcmp(name, "unit")) TRY(page_kit_unit(out, c, r->unit));
    if (!strcmp(name, "owner")) TRY(page_kit_person(out, c, r->owner));
    if (!strcmp(name, "created_by")) TRY(page_kit_person(out, c, r->created_by));
    if (!strcmp(name, "updated_by")) TRY(editor_cell(out, c, r));
    return OK;
}

/* The words in place of an amount that is none yet. */
static Str not_known(Ctx *c, const Record *r, const Field *f, FieldSet hidden) {
    const Field *words = f->stand_in;
    if (!words || fieldset_has(hidden, words->index)) return S("\xE2\x80\x93");
    Str key = r->values[words->index].s;
    bool says = key.n && !str_is(key, "unknown");
    return says ? record_choice_words(c, words, key) : TRS(c, N_("Not valued yet"));
}

Err page_kit_cell(Cell *out, Ctx *c, const Record *r, const PageColumn *column, FieldSet hidden) {
    const Field *f = column->field;
    const Field *stands_for = column->condition ? column->condition->date : f;
    if (!f && !strcmp(column->name, "title")) stands_for = page_kit_title(c, r->type);
    if (!f && !strcmp(column->name, "number")) stands_for = r->type->key;
    bool is_masked = stands_for && fieldset_has(hidden, stands_for->index);
    if (is_masked || (column->reading && is_hidden(column->reading, hidden))) {
        *out = (Cell){.kind = CELL_EMPTY, .is_masked = true};
        return OK;
    }
    if (column->condition) {
        *out = cell_bool(condition_holds(c, r, column->condition));
        return OK;
    }
    if (column->reading) return column->reading->def->read(c, r, out);
    if (column->added) *out = (Cell){0}; /* filled for all rows at once */
    if (column->added) return OK;
    if (!f) TRY(system_cell(out, c, r, column->name));
    if (column->below == BELOW_NUMBER) out->note = record_number(c->arena, r);
    if (column->below == BELOW_UNIT) {
        Cell unit;
        TRY(page_kit_unit(&unit, c, r->unit));
        out->note = unit.text;
    }
    if (!f) return OK;
    *out = page_kit_value(c, r, f, hidden);
    return OK;
}

Cell page_kit_value(Ctx *c, const Record *r, const Field *f, FieldSet hidden) {
    Value v = r->values[f->index];
    Cell cell = field_cell(c, f, v);
    bool none = value_is_null(v) || !v.i;
    if (f->known_by && none && value_is_null(r->values[f->known_by->index]))
        cell.instead = not_known(c, r, f, hidden);
    cell.is_yearly = f->yearly_if && save_says(r, f->yearly_if);
    const Condition *k = f->kind == KIND_DATE ? condition_first(c, r, f, hidden) : NULL;
    if (!k) return cell;
    cell.tone = k->def->tone;
    cell.note = TRS(c, k->label);
    return cell;
}

const Cell *page_kit_marks(size_t *n, Ctx *c, const Record *r, FieldSet hidden) {
    Cell *marks = NEW_N(c->arena, Cell, r->type->n_conditions + 1);
    *n = 0;
    for (size_t i = 0; i < r->type->n_conditions; i++) {
        const Condition *k = &r->type->conditions[i];
        if (fieldset_has(hidden, k->date->index) || !condition_holds(c, r, k)) continue;
        marks[*n] = cell_label(str_of(k->name), TRS(c, k->label));
        marks[(*n)++].tone = k->def->tone;
    }
    return marks;
}

Err page_kit_row(Row *out, Ctx *c, Arena *a, const Record *r, const PageColumn *columns, size_t n) {
    FieldSet hidden = {0};
    TRY(access_hidden(&hidden, c, r->type, r));
    Cell *cells = NEW_N(a, Cell, n ? n : 1);
    for (size_t i = 0; i < n; i++) TRY(page_kit_cell(&cells[i], c, r, &columns[i], hidden));
    *out = (Row){.cells = cells};
    const Field *key = r->type->key;
    if (!key || !fieldset_has(hidden, key->index)) {
        out->id = record_number(a, r);
        out->href = r->type->flags & TYPE_NO_PAGES ? (Str){0} : record_path(a, r);
    }
    if (r->state && (r->state->flags & STATE_VOID)) out->tone = TONE_MUTED;
    return OK;
}

static void draws(FieldSet *out, const Field *f) {
    if (f) fieldset_add(out, f->index);
}

const FieldSet *page_kit_drawn(Ctx *c, const ListQuery *q, const PageColumn *columns, size_t n) {
    const Type *t = q->type;
    FieldSet *out = NEW(c->arena, FieldSet);
    for (size_t i = 0; i < n; i++) {
        const PageColumn *column = &columns[i];
        draws(out, column->field);
        if (column->condition) draws(out, column->condition->date);
        for (size_t k = 0; column->reading && k < column->reading->n_fields; k++)
            draws(out, column->reading->fields[k]);
        if (!column->field) continue;
        if (column->field->yearly_if) {
            Str name, rest = str_of(column->field->yearly_if);
            if (str_cut(&name, &rest, '=')) draws(out, type_field(t, name));
        }
        draws(out, column->field->known_by);
        draws(out, column->field->stand_in);
    }
    for (size_t i = 0; i < t->n_fields; i++)
        if (t->fields[i].flags & F_ASSIGNED) draws(out, &t->fields[i]);
    for (int i = 0; i < LANG_COUNT; i++) draws(out, t->titles[i]);
    draws(out, t->title_else);
    draws(out, t->key);
    draws(out, t->parent);
    draws(out, type_field(t, S("readers")));
    draws(out, q->sort);
    return out;
}

/* ---- options ---- */

enum { MOST_OPTIONS = 50 };

/* The newest, and one more when there are too many to choose from. */
static Err read_options(TreeItem *items, size_t *n, Ctx *c, const Type *t) {
    Input params = {0};
    input_add(&params, c->arena, S("limit"), str_fmt(c->arena, "%d", MOST_OPTIONS + 1));
    ListQuery q = {0};
    ListCursor *cursor = NULL;
    TRY(list_parse(&q, c, t, &params));
    q.wanted = page_kit_drawn(c, &q, NULL, 0);
    TRY(list_open(&cursor, c, &q));
    for (;;) {
        Record *r = NULL;
        TRY(list_next(&r, cursor, c->arena));
        if (!r) return OK;
        items[(*n)++] =
            (TreeItem){.key = record_number(c->arena, r), .title = record_title(c, r), .id = r->id};
    }
}

/* Of lists that everybody may read they are the same for all requests. */
static Err known_options(const TreeItem **out, size_t *n, Ctx *c, const Type *t) {
    const Str as_options = S("=");
    NameTable *names;
    TRY(names_of(&names, c, t));
    if (c->as_of.n) names = NULL;
    if (names && names_find_tree(out, n, names, t, as_options, c->lang)) return OK;
    TreeItem *items = NEW_N(c->arena, TreeItem, MOST_OPTIONS + 1);
    /* A form that is shown again carries issues, which the list would take for its own. */
    Issues issues = c->issues;
    c->issues = (Issues){0};
    *n = 0;
    Err err = read_options(items, n, c, t);
    c->issues = issues;
    *out = items;
    if (!err && names) names_keep_tree(names, t, as_options, c->lang, items, *n);
    return err;
}

Err page_kit_options(const FilterOption **out, size_t *n, bool *many, Ctx *c, const Type *t,
                     Str chosen) {
    const TreeItem *known;
    TRY(known_options(&known, n, c, t));
    *many = *n > MOST_OPTIONS;
    if (*many) *n = MOST_OPTIONS;
    FilterOption *items = NEW_N(c->arena, FilterOption, MOST_OPTIONS);
    for (size_t i = 0; i < *n; i++)
        items[i] = (FilterOption){known[i].key, known[i].title, 0, str_eq(known[i].key, chosen)};
    *out = items;
    return OK;
}

Err page_kit_tree(const FilterOption **out, size_t *n, Ctx *c, const Type *t, Str kind,
                  Str chosen) {
    const TreeItem *nodes = NULL;
    size_t n_nodes = 0;
    *n = 0;
    TRY(ref_tree(&nodes, &n_nodes, c, t, kind));
    FilterOption *items = NEW_N(c->arena, FilterOption, n_nodes ? n_nodes : 1);
    for (size_t i = 0; i < n_nodes; i++) {
        bool is_chosen = str_eq(nodes[i].key, chosen);
        if (nodes[i].is_retired && !is_chosen) continue;
        Text label = text_new(c->arena, 0);
        text_add(&label, nodes[i].key);
        text_char(&label, ' ');
        text_add(&label, nodes[i].title);
        items[(*n)++] = (FilterOption){nodes[i].key, text_str(&label), nodes[i].depth, is_chosen};
    }
    *out = items;
    return OK;
}

const FilterOption *page_kit_choices(size_t *n, Ctx *c, const Field *f, const Str *chosen,
                                     size_t n_chosen) {
    FilterOption *items = NEW_N(c->arena, FilterOption, f->n_choices ? f->n_choices : 1);
    for (size_t i = 0; i < f->n_choices; i++) {
        Str key = str_of(f->choices[i].key);
        bool is_chosen = false;
        for (size_t k = 0; k < n_chosen; k++) is_chosen |= str_eq(chosen[k], key);
        items[i] = (FilterOption){key, TRS(c, f->choices[i].label), 0, is_chosen};
    }
    *n = f->n_choices;
    return items;
}

/* ---- workflow ---- */

Button page_kit_step(Ctx *c, const Record *r, const Transition *t) {
    unsigned flags = t->def->flags;
    Button out = {
        .label = TRS(c, t->label),
        .href = page_kit_path(c->arena, r, str_z(c->arena, str_fmt(c->arena, "do/%s", t->name))),
        .is_primary = (flags & TRANSITION_PRIMARY) != 0,
        .is_danger = (flags & TRANSITION_DANGER) != 0,
        .asks = (flags & TRANSITION_REASON) || t->def->sends};
    out.is_post = !out.asks;
    Str elsewhere = t->def->at ? record_text(r, t->def->at) : (Str){0};
    if (elsewhere.n) {
        bool numbered = elsewhere.p[elsewhere.n - 1] == '/';
        Str number = numbered ? page_kit_escape(c->arena, record_number(c->arena, r)) : (Str){0};
        out.href = str_join(c->arena, elsewhere, number);
        out.asks = out.is_post = false;
    }
    return out;
}

Str page_step_href(Ctx *c, const Record *r, const Transition *t) {
    return page_kit_step(c, r, t).href;
}

Err page_kit_transition(Button *out, bool *offered, Ctx *c, const Record *r, const Transition *t) {
    *offered = false;
    if ((t->def->flags & TRANSITION_HIDDEN) || !r->state || r->state->index > 63 ||
        !((t->from >> r->state->index) & 1u))
        return OK;
    const char *why = NULL;
    Err err = access_transition(c, r, t, &why);
    if (err == ERR_MISSING) return OK;
    if (err != OK && err != ERR_DENIED) return err;
    *offered = true;
    *out = page_kit_step(c, r, t);
    if (err == ERR_DENIED) out->disabled_why = TRS(c, why ? why : N_("You may not do this."));
    return OK;
}
