/* import_auto.c: from headers to fields and from cells to what record_read_input takes; see
 * import.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"
#include "model/import.h"

/* ---- headers ---- */

typedef struct SystemName {
    const char *name, *label;
} SystemName;
/* clang-format off */
static const SystemName system_columns[] = {
    {"number", N_("Number")}, {"state", N_("State")}, {"unit", N_("Unit")}, {"owner", N_("Owner")},
    {"restricted", N_("Restricted")}, {NULL, NULL}
};
/* clang-format on */

static bool same(Arena *a, Str folded, Str text) {
    Str other = utf8_fold(a, text);
    return folded.n && str_eq(folded, other);
}

static bool names_field(Arena *a, Str folded, const char *name, const char *label) {
    if (same(a, folded, str_of(name))) return true;
    for (int lang = 0; label && lang < LANG_COUNT; lang++)
        if (same(a, folded, trs((Lang)lang, label))) return true;
    return false;
}

static bool names_currency(Arena *a, Str folded, const Field *f) {
    if (same(a, folded, str_fmt(a, "%s currency", f->name))) return true;
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        const char *label = tr((Lang)lang, f->label), *word = tr((Lang)lang, N_("Currency"));
        if (same(a, folded, str_fmt(a, "%s %s", label, word))) return true;
    }
    return false;
}

static bool is_taken(const Field *f) {
    return !(f->flags & (F_COMPUTED | F_DERIVED | F_SECRET)) && f->kind != KIND_FILES;
}

/* What a header means: the Input name, or empty when it is known but cannot be imported; false:
 * unknown. */
static bool header_name(Str *out, Arena *a, const Type *t, Str header) {
    Str folded = utf8_fold(a, header);
    *out = (Str){0};
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        if (f->kind == KIND_MONEY &&
            (names_currency(a, folded, f) || str_eq(header, str_fmt(a, "%s.currency", f->name)))) {
            if (is_taken(f)) *out = str_fmt(a, "%s.currency", f->name);
            return true;
        }
        bool amount = f->kind == KIND_MONEY && str_eq(header, str_fmt(a, "%s.amount", f->name));
        bool key = f->target && str_eq(header, str_fmt(a, "%s.key", f->name));
        if (!amount && !key && !names_field(a, folded, f->name, f->label)) continue;
        if (is_taken(f)) *out = str_of(f->name);
        return true;
    }
    for (const SystemName *s = system_columns; s->name; s++)
        if (names_field(a, folded, s->name, s->label)) return *out = str_of(s->name), true;
    static const char *const read_only[] = {"id",         "created at", "created by", "updated at",
                                            "updated by", "version",    "href",       "title"};
    for (size_t i = 0; i < LENGTH(read_only); i++)
        if (same(a, folded, str_of(read_only[i]))) return true;
    static const char *const labels[] = {N_("Created"),    N_("Created by"), N_("Created on"),
                                         N_("Changed on"), N_("Changed by"), N_("Last changed")};
    for (size_t i = 0; i < LENGTH(labels); i++)
        if (names_field(a, folded, labels[i], labels[i])) return true;
    return false;
}

static void add_field(ImportMap *m, Str name, MapProgram p) {
    GROW(m->arena, m->main.fields, m->main.n_fields, m->main.cap_fields);
    m->main.fields[m->main.n_fields++] = (MapField){name, p};
}

static bool has_field(const ImportMap *m, Str name) {
    for (size_t i = 0; i < m->main.n_fields; i++)
        if (str_eq(m->main.fields[i].name, name)) return true;
    return false;
}

static void replace_column(ImportMap *m, Str name, MapProgram p) {
    for (size_t i = 0; i < m->main.n_fields; i++)
        if (str_eq(m->main.fields[i].name, name)) m->main.fields[i].program = p;
}

/* Exports show the code as number and the name as title, too. */
static bool is_shown_twice(const Type *t, Str name) {
    bool is = t->key && str_is(name, t->key->name);
    for (int lang = 0; lang < LANG_COUNT; lang++)
        is = is || (t->titles[lang] && str_is(name, t->titles[lang]->name));
    return is;
}

/* Fields by the other names that their columns have in files; the first column of a field counts.
 */
static void by_other_names(ImportMap *m, const Type *t, const Table *table, unsigned char *taken) {
    Arena *a = m->arena;
    for (size_t k = 0; k < t->n_fields; k++) {
        const Field *f = &t->fields[k];
        if (!f->also || !is_taken(f) || has_field(m, str_of(f->name))) continue;
        for (size_t i = 0; i < table->n_headers; i++) {
            if (taken[i] != IMPORT_COLUMN_FREE || !import_names(a, table->headers[i], f->also))
                continue;
            add_field(m, str_of(f->name), map_column(a, table->headers[i], i));
            taken[i] = IMPORT_COLUMN_TAKEN;
            break;
        }
    }
    for (size_t i = 0; i < table->n_headers && !(t->flags & TYPE_NO_UNIT) && !t->parent; i++)
        if (taken[i] == IMPORT_COLUMN_FREE && !has_field(m, S("unit")) &&
            import_names(a, table->headers[i],
                         "agence|entite|structure|point de vente|unite "
                         "concernee|code agence|agence concernee|site")) {
            add_field(m, S("unit"), map_column(a, table->headers[i], i));
            taken[i] = IMPORT_COLUMN_TAKEN;
        }
}

/* Does a column of numbers hold ours? Then the file came from here, and sums in it are no news. */
static bool is_own_export(const ImportMap *m, const Type *t, const Table *table) {
    Str begin = str_fmt(m->arena, "%s-", t->prefix);
    for (size_t i = 0; i < m->main.n_fields; i++)
        for (size_t r = 0; str_is(m->main.fields[i].name, "number") && r < table->n_rows && r < 20;
             r++) {
            TableRow row = table_row(table, r, m->arena);
            if (str_starts(table_cell(&row, m->main.fields[i].program.steps[0].index), begin))
                return true;
        }
    return false;
}

Err import_auto_map(ImportMap **out, Ctx *c, const Type *t, const Table *table,
                    const ImportAuto *how, const Str **ignored, size_t *n_ignored) {
    Arena *a = c->arena;
    ImportMap *m = NEW(a, ImportMap);
    Str *unknown = NEW_N(a, Str, table->n_headers + 1);
    unsigned char *taken = NEW_N(a, unsigned char, table->n_headers + 1);
    *out = m;
    m->arena = a;
    m->comma = -1;
    m->main.type = str_of(t->name);
    *ignored = unknown;
    *n_ignored = 0;
    for (size_t i = 0; i < table->n_headers; i++) {
        Str name, header = table->headers[i];
        taken[i] = IMPORT_COLUMN_KNOWN;
        if (!header.n || str_ends(header, S(".*"))) continue;
        taken[i] = IMPORT_COLUMN_FREE;
        if (!header_name(&name, a, t, header)) continue;
        taken[i] = IMPORT_COLUMN_KNOWN;
        if (!name.n) continue;
        if (is_shown_twice(t, name) && has_field(m, name)) { /* the field itself comes second */
            replace_column(m, name, map_column(a, header, i));
            taken[i] = IMPORT_COLUMN_TAKEN;
            continue;
        }
        if (has_field(m, name))
            return issue_arg(c, "file", "twice", N_("Two columns mean the same field: {0}."),
                             header);
        add_field(m, name, map_column(a, header, i));
        taken[i] = IMPORT_COLUMN_TAKEN;
    }
    by_other_names(m, t, table, taken);
    if (how->may_be_flat && m->main.n_fields && !is_own_export(m, t, table))
        TRY(import_flat_auto(m, c, t, table, taken, how->takeover && !has_field(m, S("state"))));
    for (size_t i = 0; i < table->n_headers; i++)
        if (taken[i] == IMPORT_COLUMN_FREE) unknown[(*n_ignored)++] = table->headers[i];
    if (!m->main.n_fields)
        return issue(
            c, "file", "no_columns",
            N_("No column of the file is known here. Choose a map, or name the columns as in the template."));
    return OK;
}

const Type *import_sheet_type(const Model *m, const Type *t, Str sheet) {
    Arena *a = arena_new(1 << 20);
    const Type *found = NULL;
    Str folded = utf8_fold(a, sheet);
    for (size_t i = 0; i < m->n_types && !found; i++) {
        const Type *x = &m->types[i];
        if (!x->parent || x->parent->target != t) continue;
        if (names_field(a, folded, x->name, x->label) ||
            names_field(a, folded, x->plural, x->plural_label))
            found = x;
    }
    arena_free(a);
    return found;
}

/* ---- cells ---- */

static Str choice_key(Ctx *c, const Field *f, Str text) {
    for (size_t i = 0; i < f->n_choices; i++)
        if (str_is(text, f->choices[i].key)) return text;
    Str folded = utf8_fold(c->arena, text);
    for (size_t i = 0; i < f->n_choices; i++)
        if (names_field(c->arena, folded, f->choices[i].key, f->choices[i].label))
            return str_of(f->choices[i].key);
    return text;
}

static Str yes_or_no(Ctx *c, Str text) {
    static const char *const yes[] = {"oui", "yes", "true", "vrai", "نعم", "1", "x"};
    static const char *const no[] = {"non", "no", "false", "faux", "لا", "0"};
    Str folded = utf8_fold(c->arena, text);
    for (size_t i = 0; i < LENGTH(yes); i++)
        if (same(c->arena, folded, str_of(yes[i]))) return S("true");
    for (size_t i = 0; i < LENGTH(no); i++)
        if (same(c->arena, folded, str_of(no[i]))) return S("false");
    return text;
}

/* Templates offer "CODE · Name", Excel exports write "CODE Name"; the code alone counts. */
static Str before_name(Str text, Str mark) {
    ptrdiff_t at = str_find(text, mark);
    return at > 0 ? str_trim(str_sub(text, 0, (size_t)at)) : str_trim(text);
}

/* Named instead of numbered: the key of the one record of that name. */
static Err by_name(Str *out, Ctx *c, const Type *t, const char *kind, Str text) {
    RefName name;
    int64_t id;
    bool is_taxon = strcmp(t->name, "taxon") == 0;
    TRY(ref_find_name(&id, c, t, is_taxon ? str_of(kind) : (Str){0}, text));
    TRY(ref_name(&name, c, t, id));
    *out = name.key;
    return name.found ? OK : ERR_MISSING;
}

static Err reference(Str *out, Ctx *c, const Type *t, const char *kind, Str text) {
    int64_t id;
    *out = before_name(text, S(" \xC2\xB7 "));
    Err e = ref_find(&id, c, t, *out);
    if (e != ERR_MISSING) return e;
    if (type_field(t, S("external_key"))) {
        Records found;
        TRY(record_where(&found, c, t, "external_key", value_text(*out), 1));
        if (found.n) return *out = record_number(c->arena, found.items[0]), OK;
    }
    if (t->key) {
        e = by_name(out, c, t, kind, text);
        if (e != ERR_MISSING) return e;
    }
    *out = before_name(text, S(" "));
    return ref_find(&id, c, t, *out);
}

static Err several(Str *out, Ctx *c, const Field *f, Str text, char mark) {
    Text t = text_new(c->arena, TABLE_MAX_CELL);
    Str part;
    while (str_cut(&part, &text, mark)) {
        Str one = str_trim(part);
        if (!one.n) continue;
        if (f->kind == KIND_CHOICES)
            one = choice_key(c, f, one);
        else
            TRY(reference(&one, c, f->target, f->of, one));
        if (t.n) text_char(&t, ',');
        text_add(&t, one);
    }
    *out = text_str(&t);
    return OK;
}

/* Several of a list: ";" between them as exports write it, else ","; a single name may hold one. */
static Err references(Str *out, Ctx *c, const Field *f, Str text) {
    if (str_find_char(text, ';') >= 0) return several(out, c, f, text, ';');
    Err e = several(out, c, f, text, ',');
    if (e != ERR_MISSING || str_find_char(text, ',') < 0) return e;
    return reference(out, c, f->target, f->of, text);
}

/* "1 234,50 MAD", "MAD 12.5", "12,5" -> "1234.50 MAD". What cannot be read stays as it is and is
 * refused later. */
static Str money(Ctx *c, Str text, bool comma) {
    text = import_amount(c->arena, text);
    Str currency = {0}, amount = text;
    int64_t value;
    if (text.n > 4 && currency_digits(str_sub(text, text.n - 3, 3)) >= 0) {
        currency = str_sub(text, text.n - 3, 3);
        amount = str_sub(text, 0, text.n - 3);
    } else if (text.n > 4 && currency_digits(str_sub(text, 0, 3)) >= 0) {
        currency = str_sub(text, 0, 3);
        amount = str_sub(text, 3, text.n);
    }
    amount = str_trim(amount);
    bool is_machine =
        decimal_parse(&value, amount, 3) && amount.n > 3 && amount.p[amount.n - 3] == '.';
    if (!is_machine && !map_number(&value, amount, comma)) return text;
    Str plain = is_machine ? amount : map_plain(c->arena, value);
    return currency.n ? str_fmt(c->arena, "%.*s %.*s", FMT(plain), FMT(currency)) : plain;
}

static Str decimal(Ctx *c, const Field *f, Str text, bool comma) {
    int64_t value;
    Str bare = f->kind == KIND_PERCENT && str_ends(text, S("%"))
                   ? str_trim(str_sub(text, 0, text.n - 1))
                   : text;
    int scale = f->kind == KIND_INT ? 0 : f->scale;
    if (!comma || str_find_char(bare, ',') < 0) {
        if (decimal_parse(&value, bare, scale)) return decimal_text(c->arena, value, scale);
    }
    if (decimal_parse_loose(&value, bare, scale, comma))
        return decimal_text(c->arena, value, scale);
    return text;
}

/* JSON text of rows, as exports write it, becomes name[0].part ... */
static void put_rows(Input *in, Ctx *c, const Field *f, Str name, Str text) {
    const JsonValue *j;
    Str why;
    if (json_parse(&j, &why, c->arena, text) != OK || j->kind != J_ARRAY || j->n > 500) {
        input_add(in, c->arena, name, text);
        return;
    }
    for (size_t i = 0; i < j->n; i++)
        for (size_t k = 0; k < j->items[i].n && j->items[i].kind == J_OBJECT; k++) {
            const JsonValue *v = &j->items[i].items[k];
            Str value = v->kind == J_BOOL  ? (v->b ? S("true") : S("false"))
                        : v->kind == J_INT ? str_fmt(c->arena, "%lld", (long long)v->i)
                                           : v->s;
            input_add(in, c->arena,
                      str_fmt(c->arena, "%s[%zu].%.*s", f->name, i, FMT(j->items[i].keys[k])),
                      value);
        }
}

static bool is_reference(const Field *f) {
    return f->kind == KIND_TAXON || f->kind == KIND_REF || f->kind == KIND_USER ||
           f->kind == KIND_UNIT;
}

/* The field of "name", of "name.amount" and of "name[0].part". */
static const Field *field_of(const Type *t, Str name) {
    const Field *f = type_field(t, name);
    ptrdiff_t open = str_find_char(name, '['), dot = str_find_char(name, '.');
    if (f) return f;
    if (open > 0) {
        f = type_field(t, str_sub(name, 0, (size_t)open));
        ptrdiff_t last = str_find(name, S("]."));
        if (!f || last < 0) return NULL;
        Str part = str_sub(name, (size_t)last + 2, name.n);
        for (size_t i = 0; i < f->n_rows; i++)
            if (str_is(part, f->rows[i].name)) return &f->rows[i];
        return NULL;
    }
    return dot > 0 ? type_field(t, str_sub(name, 0, (size_t)dot)) : NULL;
}

static Err put_system(Input *in, Ctx *c, Str name, Str text) {
    const Type *target = NULL;
    if (str_is(name, "unit")) target = model_need(c->model, "unit");
    if (str_is(name, "owner")) target = model_need(c->model, "user");
    if (target) TRY(reference(&text, c, target, NULL, text));
    if (str_is(name, "restricted")) text = yes_or_no(c, text);
    input_add(in, c->arena, name, text);
    return OK;
}

/* Spreadsheet exports put ' before what would be taken for a formula. */
static Str without_guard(Str text) {
    bool guarded = text.n > 1 && text.p[0] == '\'' && strchr("=+-@\t\r", text.p[1]);
    return guarded ? str_sub(text, 1, text.n) : text;
}

Err import_put(Input *in, Ctx *c, const Type *t, Str name, Str text, bool comma) {
    const Field *f = field_of(t, name);
    int64_t days;
    text = without_guard(text);
    if (!f) return put_system(in, c, name, text);
    if (f->kind != KIND_LONG) text = str_trim(text);
    if (str_ends(name, S(".currency"))) {
        input_add(in, c->arena, name, text);
        return OK;
    }
    if (f->kind == KIND_ROWS) {
        put_rows(in, c, f, name, text);
        return OK;
    }
    if (is_reference(f))
        TRY(reference(&text, c, f->target, f->of, text));
    else if (f->kind == KIND_REFS || f->kind == KIND_CHOICES)
        TRY(references(&text, c, f, text));
    else if (f->kind == KIND_CHOICE)
        text = choice_key(c, f, text);
    else if (f->kind == KIND_BOOL)
        text = yes_or_no(c, text);
    else if (f->kind == KIND_MONEY)
        text = money(c, text, comma);
    else if (f->kind == KIND_INT || f->kind == KIND_DECIMAL || f->kind == KIND_PERCENT)
        text = decimal(c, f, text, comma);
    else if (f->kind == KIND_DATE && import_date(&days, c->arena, text))
        text = date_text(c->arena, days);
    input_add(in, c->arena, name, text);
    return OK;
}
