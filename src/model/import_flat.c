/* import_flat.c: sheets in which amounts stand in columns of the record's own row, as banks keep
 * losses: which entry each such column becomes, said as lines of a map; and the other names that
 * columns of files have. See import.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"
#include "model/import.h"

/* ---- names of columns ---- */

/* "Montant brut (en MAD)", "Montant brut en dirhams" -> "montant brut" */
static Str bare_header(Arena *a, Str header) {
    static const char *const tails[] = {" en mad", " en dh", " en dhs", " en dirhams",
                                        " mad",    " dh",    " dhs"};
    ptrdiff_t open = str_find_char(header, '(');
    if (open > 0) header = str_sub(header, 0, (size_t)open);
    Str folded = str_trim(utf8_fold(a, header));
    for (size_t i = 0; i < LENGTH(tails); i++)
        if (str_ends(folded, str_of(tails[i])))
            return str_sub(folded, 0, folded.n - strlen(tails[i]));
    return folded;
}

bool import_names(Arena *a, Str header, const char *names) {
    Str name, rest = str_of(names ? names : ""), bare = bare_header(a, header);
    while (bare.n && str_cut(&name, &rest, '|'))
        if (str_eq(str_trim(utf8_fold(a, name)), bare)) return true;
    return false;
}

/* ---- what such columns become ---- */

const Type *import_flat_type(const Model *m, const Type *t) {
    for (size_t i = 0; i < m->n_types; i++) {
        const Type *x = &m->types[i];
        if (x->parent && x->parent->target == t && x->def->flat) return x;
    }
    return NULL;
}

const Field *import_flat_field(const Type *entry, FieldKind kind) {
    for (size_t i = 0; i < entry->n_fields; i++) {
        const Field *f = &entry->fields[i];
        bool given = !(f->flags & (F_COMPUTED | F_DERIVED | F_HIDDEN));
        if (f->kind == kind && given && (kind == KIND_DATE || (f->flags & F_REQUIRED))) return f;
    }
    return NULL;
}

/* Choices that are good news are money that comes back: written with and without a minus. */
static bool comes_back(const Field *kind, Str key) {
    for (size_t i = 0; i < kind->n_choices; i++)
        if (str_is(key, kind->choices[i].key)) return kind->choices[i].tone == TONE_GOOD;
    return false;
}

/* The state of an entry that nobody has to accept any more. */
static const State *settled(const Type *entry) {
    const State *best = NULL;
    for (size_t i = 0; i < entry->n_states; i++) {
        const State *s = &entry->states[i];
        bool is = (s->flags & STATE_CLOSED) && !(s->flags & STATE_VOID);
        if (is && (!best || s->rank < best->rank)) best = s;
    }
    return best;
}

bool import_flat_part(Str *part, const Type *entry, Str field, char mark) {
    size_t n = strlen(entry->name);
    bool is = str_starts(field, str_of(entry->name)) && field.n > n + 1 && field.p[n] == mark;
    *part = is ? str_sub(field, n + 1, field.n) : (Str){0};
    return is;
}

void import_flat_write(Text *t, Arena *a, const ImportFlat *f) {
    const Field *kind = import_flat_field(f->type, KIND_CHOICE);
    const Field *amount = import_flat_field(f->type, KIND_MONEY);
    const Field *date = import_flat_field(f->type, KIND_DATE);
    const State *state = settled(f->type);
    if (!kind || !amount) return;
    for (size_t i = 0; i < f->n_amounts; i++) {
        const ImportFlatPart *x = &f->amounts[i];
        bool has_date = false;
        text_fmt(t, "child %s when nonzero(%.*s)\n", f->type->name, FMT(x->from));
        if (state) text_fmt(t, "  state %s\n", state->name);
        text_fmt(t, "  field %s = %.*s\n", kind->name, FMT(map_quote(a, x->name)));
        text_fmt(t, comes_back(kind, x->name) ? "  field %s = abs(%.*s)\n" : "  field %s = %.*s\n",
                 amount->name, FMT(x->from));
        for (size_t k = 0; k < f->n_fields; k++) {
            bool is_date = date && str_is(f->fields[k].name, date->name);
            has_date = has_date || is_date;
            if (is_date && f->date.n)
                text_fmt(t, "  field %s = first(%.*s, %.*s)\n", date->name, FMT(f->fields[k].from),
                         FMT(f->date));
            else
                text_fmt(t, "  field %.*s = %.*s\n", FMT(f->fields[k].name),
                         FMT(f->fields[k].from));
        }
        if (date && !has_date && f->date.n)
            text_fmt(t, "  field %s = %.*s\n", date->name, FMT(f->date));
        if (f->key.n)
            text_fmt(t, "  field external_key = %.*s + \"/%.*s\"\n", FMT(f->key), FMT(x->name));
        text_addz(t, "end\n");
    }
}

/* A choice that people read where there is no amount says that it is not known. */
bool import_flat_stand_in(const Type *t, const Field *f) {
    bool stands = false, unknown = false;
    for (size_t i = 0; i < t->n_fields; i++) stands = stands || t->fields[i].stand_in == f;
    for (size_t i = 0; stands && i < f->n_choices; i++)
        unknown = unknown || strcmp(f->choices[i].key, "unknown") == 0;
    return unknown;
}

/* The long text that a record needs sooner or later; NULL. */
static const Field *story_of(const Type *t) {
    for (size_t i = 0; i < t->n_fields; i++)
        if (t->fields[i].kind == KIND_LONG && t->fields[i].leave_rank != INT32_MAX)
            return &t->fields[i];
    return NULL;
}

void import_flat_words(Text *out, const Type *t, Str title, Str words) {
    const Field *story = story_of(t);
    if (t->title && (t->title->flags & F_REQUIRED) && !title.n && words.n)
        text_fmt(out, "field %s = clip(%.*s, 120)\n", t->title->name, FMT(words));
    if (story && !words.n && title.n) text_fmt(out, "field %s = %.*s\n", story->name, FMT(title));
}

const State *import_flat_state(const Type *t) {
    const State *best = NULL;
    for (size_t i = 0; i < t->n_states; i++) {
        const State *s = &t->states[i];
        if (s->flags & (STATE_VOID | STATE_ASIDE) || s->rank <= t->states[0].rank) continue;
        if (!best || s->rank < best->rank) best = s;
    }
    return best;
}

/* ---- by the names of the columns alone ---- */

static Str column_of(const ImportMap *m, const Table *table, const Field *f, Arena *a) {
    for (size_t i = 0; f && i < m->main.n_fields; i++) {
        const MapProgram *p = &m->main.fields[i].program;
        if (str_is(m->main.fields[i].name, f->name) && p->n)
            return map_quote_column(a, table->headers[p->steps[0].index]);
    }
    return (Str){0};
}

static bool has(const ImportMap *m, const Field *f) {
    for (size_t i = 0; i < m->main.n_fields; i++)
        if (str_is(m->main.fields[i].name, f->name)) return true;
    return false;
}

static const Field *first_of(const ImportMap *m, const Type *t, FieldKind kind, unsigned flags) {
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        if (f->kind == kind && (f->flags & flags) == flags && has(m, f)) return f;
    }
    return NULL;
}

static void find_amounts(ImportFlat *f, Arena *a, const Table *table, unsigned char *taken) {
    for (const FlatDef *d = f->type->def->flat; d->kind; d++)
        for (size_t i = 0; i < table->n_headers && f->n_amounts < LENGTH(f->amounts); i++) {
            if (taken[i] == IMPORT_COLUMN_TAKEN || !import_names(a, table->headers[i], d->names))
                continue;
            f->amounts[f->n_amounts++] =
                (ImportFlatPart){str_of(d->kind), map_quote_column(a, table->headers[i])};
            taken[i] = IMPORT_COLUMN_TAKEN;
            break;
        }
}

static void find_fields(ImportFlat *f, Arena *a, const Table *table, unsigned char *taken) {
    for (size_t k = 0; k < f->type->n_fields; k++)
        for (size_t i = 0; i < table->n_headers && f->n_fields < LENGTH(f->fields); i++) {
            const Field *field = &f->type->fields[k];
            if (taken[i] == IMPORT_COLUMN_TAKEN || !field->also ||
                !import_names(a, table->headers[i], field->also))
                continue;
            f->fields[f->n_fields++] =
                (ImportFlatPart){str_of(field->name), map_quote_column(a, table->headers[i])};
            taken[i] = IMPORT_COLUMN_TAKEN;
            break;
        }
}

/* The title that is missing, and the entries, as a map of their own. */
Err import_flat_auto(ImportMap *m, Ctx *c, const Type *t, const Table *table, unsigned char *taken,
                     bool takeover) {
    Arena *a = c->arena;
    Text text = text_new(a, MAP_MAX_BYTES);
    ImportFlat f = {.type = import_flat_type(c->model, t)};
    ImportMap *more;
    Str why;
    if (!f.type) return OK;
    text_fmt(&text, "type %s\n", t->name);
    import_flat_words(&text, t, column_of(m, table, t->title, a),
                      column_of(m, table, first_of(m, t, KIND_LONG, 0), a));
    f.key = column_of(m, table, type_field(t, S("external_key")), a);
    f.date = column_of(m, table, first_of(m, t, KIND_DATE, F_REQUIRED), a);
    find_amounts(&f, a, table, taken);
    if (f.n_amounts) find_fields(&f, a, table, taken);
    import_flat_write(&text, a, &f);
    for (size_t i = 0; f.n_amounts && i < t->n_fields; i++)
        if (import_flat_stand_in(t, &t->fields[i]) && !has(m, &t->fields[i]))
            text_fmt(&text, "default %s = \"unknown\"\n", t->fields[i].name);
    if (map_parse_any(&more, &why, a, text_str(&text)) != OK) return ERR_INTERNAL;
    Str missing;
    if (map_bind(more, &missing, table->headers, table->n_headers, false) != OK)
        return ERR_INTERNAL;
    for (size_t i = 0; i < more->main.n_fields; i++) {
        GROW(a, m->main.fields, m->main.n_fields, m->main.cap_fields);
        m->main.fields[m->main.n_fields++] = more->main.fields[i];
    }
    m->main.defaults = more->main.defaults;
    m->main.n_defaults = more->main.n_defaults;
    memcpy(m->children, more->children, sizeof m->children);
    m->n_children = more->n_children;
    const State *state = takeover && f.n_amounts ? import_flat_state(t) : NULL;
    if (state) m->main.state = str_of(state->name);
    return OK;
}
