/* import_row.c: what one row of a file does; see import_row.h. The operator's imports may set the
 * state and leave the workflow aside (history action "import"); a person's go through the same
 * doors as a form. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/import_row.h"

#include "base/utf8.h"
#include "view/format.h"

typedef struct Item {
    const Type *type;
    const MapPart *part;
    Input in;
    Input creation; /* added when the record is new */
    Str state, number, key;
    Input shown;      /* lines of a record as spreadsheets show them: compared, never read */
    bool has_pending; /* a reference that cannot be resolved before the other row is saved */
} Item;

/* ---- reasons ---- */

/* A reason may quote a cell, and a cell may be a book. */
static Str short_copy(Arena *a, Str text) {
    return str_copy(a, utf8_count(text) > 400 ? utf8_clip(text, 400) : text);
}

static void reject(ImportRow *row, Str column, Str reason) {
    ImportReport *r = &row->plan->report;
    Arena *a = row->plan->arena;
    row->is_bad = true;
    if (r->n_reasons >= IMPORT_MOST_REASONS) return;
    GROW(a, r->rejected, r->n_reasons, r->cap_reasons);
    r->rejected[r->n_reasons++] = (ImportReject){.row = row->batch->table->rows[row->index].row,
                                                 .sheet = row->batch->table->name,
                                                 .column = short_copy(a, column),
                                                 .reason = short_copy(a, reason)};
}

static void reject_words(ImportRow *row, Ctx *c, Str column, const char *english) {
    reject(row, column, TRS(c, english));
}

static Str base_name(Str name) {
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == '[' || name.p[i] == '.') return str_sub(name, 0, i);
    return name;
}

/* The file's column that fills the field; empty: none does. */
static Str column_filling(const MapPart *part, Str field) {
    for (size_t i = 0; i < part->n_fields; i++)
        if (str_eq(part->fields[i].name, field) && part->fields[i].program.column.n)
            return part->fields[i].program.column;
    for (size_t i = 0; i < part->n_fields; i++)
        if (str_eq(base_name(part->fields[i].name), base_name(field)) &&
            part->fields[i].program.column.n)
            return part->fields[i].program.column;
    return (Str){0};
}

static Str column_of(const MapPart *part, Str field) {
    Str column = column_filling(part, field);
    return column.n ? column : field;
}

static void reject_issues(ImportRow *row, Ctx *c, const Item *item) {
    for (size_t i = 0; i < c->issues.n; i++) {
        const Issue *x = &c->issues.items[i];
        if (x->is_warning) continue;
        Str column = column_filling(item->part, x->field);
        const Field *f = column.n ? NULL : type_field(item->type, x->field);
        if (!column.n) column = f ? TRS(c, f->label) : x->field;
        reject(row, column, issue_text(c, x));
    }
    c->issues = (Issues){0};
}

/* ---- from cells to an input ---- */

static bool in_file(const ImportRow *row, const Type *target, Str key) {
    for (size_t i = 0; i < row->plan->n; i++)
        if (row->plan->batches[i].type == target &&
            import_has_key(&row->plan->batches[i], str_trim(key)))
            return true;
    return false;
}

static const Type *target_of(Ctx *c, const Type *t, Str name) {
    const Field *f = type_field(t, base_name(name));
    if (!f)
        return str_is(name, "unit")    ? model_need(c->model, "unit")
               : str_is(name, "owner") ? model_need(c->model, "user")
                                       : NULL;
    return f->target;
}

/* Remembered once, so that the person can say what the value means. */
static void note_unknown(ImportRow *row, const MapField *f, Str value) {
    ImportReport *r = &row->plan->report;
    Arena *a = row->plan->arena;
    Str sheet = row->batch->table->name;
    value = str_trim(value);
    if (!row->is_check && !row->plan->is_unchecked) return;
    if (!f->program.column.n || !value.n || value.n > 200) return;
    for (size_t i = 0; i < r->n_unknown; i++) {
        ImportUnknown *u = &r->unknown[i];
        if (!str_eq(u->value, value) || !str_eq(u->field, f->name) || !str_eq(u->sheet, sheet))
            continue;
        u->rows++;
        return;
    }
    if (r->n_unknown >= IMPORT_MOST_UNKNOWN) return;
    GROW(a, r->unknown, r->n_unknown, r->cap_unknown);
    r->unknown[r->n_unknown++] =
        (ImportUnknown){sheet, f->program.column, f->name, str_copy(a, value), 1};
}

static void note_choice(ImportRow *row, const Item *item, const MapField *f) {
    const Field *field = type_field(item->type, f->name);
    Str value = input_get(&item->in, f->name);
    if (!field || field->kind != KIND_CHOICE || !value.n) return;
    for (size_t i = 0; i < field->n_choices; i++)
        if (str_is(value, field->choices[i].key)) return;
    note_unknown(row, f, value);
}

static Err put(ImportRow *row, Ctx *c, Item *item, const MapField *f, Str text) {
    Input *in = &item->in;
    const Field *lines = type_field(item->type, f->name);
    if (lines && lines->kind == KIND_ROWS && !str_starts(str_trim(text), S("["))) {
        input_add(&item->shown, c->arena, f->name, str_trim(text));
        return OK;
    }
    Err e = import_put(in, c, item->type, f->name, text, row->batch->comma);
    if (e == OK) note_choice(row, item, f);
    if (e != ERR_MISSING) return e;
    const Type *target = target_of(c, item->type, f->name);
    Str column = f->program.column.n ? f->program.column : f->name;
    if (!target || row->is_last_try || !in_file(row, target, text)) {
        note_unknown(row, f, text);
        reject(row, column,
               str_fmt(c->arena, "%s (%.*s)", TR(c, N_("There is no such entry.")),
                       FMT(str_trim(text))));
        return OK;
    }
    item->has_pending = true;
    row->waits = true;
    return OK;
}

/* An amount without its own currency takes that of the currency column, or of the map. */
static Err with_currency(Str *text, ImportRow *row, const Item *item, MapRow *r, const MapField *f,
                         Arena *a) {
    const Field *field = type_field(item->type, base_name(f->name));
    if (!field || field->kind != KIND_MONEY) return OK;
    Str currency = {0}, bare = import_amount(a, *text);
    *text = bare;
    if (!bare.n || (bare.p[bare.n - 1] >= 'A' && bare.p[bare.n - 1] <= 'Z')) return OK;
    for (size_t i = 0; i < item->part->n_fields; i++)
        if (str_eq(item->part->fields[i].name, str_fmt(a, "%s.currency", field->name)))
            TRY(map_eval(&currency, r, &item->part->fields[i].program));
    if (!str_trim(currency).n) currency = row->batch->map->currency;
    if (str_trim(currency).n) *text = str_fmt(a, "%.*s %.*s", FMT(bare), FMT(str_trim(currency)));
    return OK;
}

static void empty_field(Ctx *c, Item *item, Str name) {
    const Field *f = type_field(item->type, name);
    /* no date in the file is no date: the form's "today" would be invented */
    if (f && f->kind == KIND_DATE && f->default_value)
        input_add(&item->creation, c->arena, name, (Str){0});
}

/* Texts say what they say; elsewhere a dash is no value. */
static bool is_nothing(const Type *t, Str name, Str text) {
    const Field *f = type_field(t, base_name(name));
    bool is_text = !f || f->kind == KIND_TEXT || f->kind == KIND_LONG || f->kind == KIND_ROWS;
    return is_text ? !str_trim(text).n : import_is_nothing(text);
}

static Err read_item(ImportRow *row, Ctx *c, Item *item, MapRow *r) {
    item->state = item->part->state;
    for (size_t i = 0; i < item->part->n_fields; i++) {
        const MapField *f = &item->part->fields[i];
        Str text;
        if (str_ends(f->name, S(".currency"))) continue;
        Err e = map_eval(&text, r, &f->program);
        if (e == OK) e = with_currency(&text, row, item, r, f, c->arena);
        if (e == ERR_INVALID) {
            reject_words(row, c, r->column.n ? r->column : f->name, r->why);
            continue;
        }
        if (is_nothing(item->type, f->name, text)) {
            empty_field(c, item, f->name);
        } else if (str_is(f->name, "state")) {
            item->state = str_trim(text);
        } else if (str_is(f->name, "number")) {
            item->number = str_trim(text);
        } else {
            TRY(put(row, c, item, f, text));
        }
    }
    return OK;
}

/* A record without a title is shown, and exported, with its number as title. */
static void drop_shown_title(Item *item) {
    const Field *title = item->type->title;
    Input *in = &item->in;
    size_t n = 0;
    for (size_t i = 0; i < in->n; i++) {
        bool shown = title && item->number.n && str_is(in->items[i].name, title->name) &&
                     str_eq(in->items[i].value, item->number);
        if (!shown) in->items[n++] = in->items[i];
    }
    in->n = n;
}

/* Values for new records where the row gives none: those of the map, then those of the command. */
static Err add_defaults(ImportRow *row, Ctx *c, Item *item, MapRow *r) {
    const ImportOptions *o = &row->plan->options;
    for (size_t i = 0; i < item->part->n_defaults; i++) {
        const MapField *f = &item->part->defaults[i];
        Str text;
        Input one = {0};
        if (input_has(&item->in, f->name)) continue;
        Err e = map_eval(&text, r, &f->program);
        if (e == ERR_INVALID) {
            reject_words(row, c, r->column.n ? r->column : f->name, r->why);
            continue;
        }
        e = import_put(&one, c, item->type, f->name, text, row->batch->comma);
        if (e == ERR_MISSING)
            reject(row, f->name,
                   str_fmt(c->arena, "%s (%.*s)", TR(c, N_("There is no such entry.")), FMT(text)));
        else
            TRY(e);
        for (size_t k = 0; k < one.n; k++)
            input_add(&item->creation, c->arena, one.items[k].name, one.items[k].value);
    }
    if (item->part != &row->batch->map->main) return OK;
    for (size_t i = 0; i < o->n_defaults; i++)
        if (!input_has(&item->in, o->defaults[i].field) && !str_is(o->defaults[i].field, "state"))
            input_add(&item->creation, c->arena, o->defaults[i].field, o->defaults[i].value);
    return OK;
}

/* ---- matching ---- */

enum { TELLS = F_FIXED | F_MATCHED };

/* All fields that cannot change later must agree, those that are named for it, and a needed day
 * that stands once it is decided: the next threshold of an indicator differs in nothing else that
 * is fixed. The day, or a reference, selects first because indexes know them. */
static const Field *natural_first(const Type *t) {
    const Field *best = NULL;
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        bool usable = f->kind == KIND_DATE || f->kind == KIND_USER || f->kind == KIND_REF ||
                      f->kind == KIND_TAXON || f->kind == KIND_CHOICE;
        if (!(f->flags & TELLS) || !usable || f == t->parent) continue;
        if (!best || f->kind == KIND_DATE || (best->kind == KIND_CHOICE && f->kind != KIND_CHOICE))
            best = f;
    }
    if (best) return best;
    for (size_t i = 0; i < t->n_fields && !best; i++)
        if (t->fields[i].kind == KIND_CHOICE && (t->fields[i].flags & F_REQUIRED) && !t->parent)
            best = &t->fields[i];
    return best;
}

static bool is_day_that_stands(const Field *f) {
    return f->kind == KIND_DATE && (f->flags & F_REQUIRED) && f->frozen_rank < INT32_MAX;
}

static bool natural_same(const Type *t, const Record *a, const Record *b, bool has_fixed) {
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        bool compared =
            has_fixed ? (f->flags & TELLS) || is_day_that_stands(f)
                      : f->kind == KIND_CHOICE || f->kind == KIND_REF || f->kind == KIND_TAXON;
        if (compared && !value_eq(a->values[i], b->values[i])) return false;
    }
    return true;
}

static Err match_natural(int64_t *id, Ctx *c, const Item *item) {
    const Field *first = natural_first(item->type);
    if (!first || item->has_pending) return OK;
    Record *probe = record_new(c, item->type);
    Issues kept = c->issues;
    Err e = record_read_input(probe, c, &item->in, true);
    c->issues = kept;
    if (e == ERR_INVALID) return OK;
    TRY(e);
    Value v = probe->values[first->index];
    if (value_is_null(v)) return OK;
    Records found;
    TRY(record_where(&found, c, item->type, first->name, v, 2000));
    for (size_t i = 0; i < found.n && !*id; i++)
        if (natural_same(item->type, found.items[i], probe, (first->flags & TELLS) != 0))
            *id = found.items[i]->id;
    return OK;
}

static Err found_or_none(Err e) {
    return e == ERR_MISSING ? OK : e;
}

static bool is_stored(const struct ImportKeys *keys, Str key) {
    size_t from = 0, until = keys->n;
    while (from < until) {
        size_t at = from + (until - from) / 2;
        int by = str_cmp(key, keys->items[at]);
        if (!by) return true;
        if (by < 0)
            until = at;
        else
            from = at + 1;
    }
    return false;
}

/* The row's own key, once in the file, or one made of it for a child; and no stored record had it
 * when the sheet began. */
static bool is_unknown(const ImportRow *row, const Item *item, Str key) {
    const ImportBatch *b = row->batch;
    if (!b->known || row->is_check || b->known[row->index]) return false;
    if (item->part == &b->map->main) return str_eq(key, b->row_keys[row->index]);
    const struct ImportKeys *keys = &b->child_keys[item->part - b->map->children];
    return keys->type && str_eq(key, item->key) && str_starts(key, b->row_keys[row->index]) &&
           !is_stored(keys, key);
}

static Err match(int64_t *id, ImportRow *row, Ctx *c, Item *item) {
    const Type *t = item->type;
    bool keeps_key = type_field(t, S("external_key")) != NULL;
    *id = 0;
    if (item->number.n && !t->key) {
        TRY(found_or_none(ref_find(id, c, t, item->number)));
        if (*id) return OK;
        if (!item->key.n) item->key = item->number;
    }
    Str key = input_getz(&item->in, "external_key");
    if (keeps_key) {
        if (!key.n && item->key.n) {
            key = item->key;
            input_add(&item->in, c->arena, S("external_key"), key);
        }
        if (key.n && is_unknown(row, item, key)) return OK;
        if (key.n) return record_by_outer_key(id, c, t, key);
    }
    if (t->key)
        return found_or_none(ref_find(id, c, t, input_get(&item->in, str_of(t->key->name))));
    if (item->number.n) {
        reject_words(row, c, column_of(item->part, S("number")),
                     N_("There is no record with this number."));
        return OK;
    }
    return match_natural(id, c, item);
}

/* ---- comparing and saving ---- */

/* The operator, or a person's history that somebody else has released: records take the state that
 * the file gives and are written at once; the person's rights still decide what they may touch. */
static bool takes_over(const ImportRow *row, const Ctx *c) {
    return c->actor->is_system || row->plan->options.takeover;
}

static bool is_changed(const Record *before, const Record *after) {
    if (before->unit != after->unit || before->owner != after->owner ||
        before->is_restricted != after->is_restricted)
        return true;
    for (size_t i = 0; i < before->type->n_fields; i++)
        if (!(before->type->fields[i].flags & (F_DERIVED | F_COMPUTED)) &&
            !value_eq(before->values[i], after->values[i]))
            return true;
    return false;
}

/* Does the text say what the record's lines look like, in one of the languages? */
static Err looks_like(bool *out, Ctx *c, const Field *f, Value v, Str text) {
    Lang own = c->lang;
    Err e = OK;
    *out = false;
    for (int lang = 0; lang < LANG_COUNT && !*out && e == OK; lang++) {
        Locale *locale;
        c->lang = (Lang)lang;
        e = format_locale_new(&locale, c->arena, c->lang, "UTC");
        if (e != OK) break;
        Cell cell = field_cell(c, f, v);
        *out = str_eq(str_trim(format_cell(c->arena, locale, &cell)), text);
    }
    c->lang = own;
    return e;
}

/* Lines in one cell: unchanged, or a bad row, never half understood. */
static Err check_shown(ImportRow *row, Ctx *c, const Item *item, const Record *before) {
    for (size_t i = 0; i < item->shown.n; i++) {
        const Field *f = type_field(item->type, item->shown.items[i].name);
        bool same = false;
        if (before && f)
            TRY(looks_like(&same, c, f, before->values[f->index], item->shown.items[i].value));
        if (!same)
            reject_words(row, c, column_of(item->part, item->shown.items[i].name),
                         N_("Several lines in one cell are not read. Change them on the record, or "
                            "in a JSON or CSV export."));
    }
    return OK;
}

static Err give_unit(ImportRow *row, Ctx *c, Item *item) {
    RefName unit;
    if ((item->type->flags & TYPE_NO_UNIT) || item->type->parent || !row->plan->default_unit)
        return OK;
    if (input_has(&item->in, S("unit")) || input_has(&item->creation, S("unit"))) return OK;
    TRY(ref_name(&unit, c, model_need(c->model, "unit"), row->plan->default_unit));
    if (unit.found) input_add(&item->creation, c->arena, S("unit"), unit.key);
    return OK;
}

/* Bad input is a bad row; anything else ends the import. */
static Err judged(Err e, ImportRow *row, Ctx *c, const Item *item) {
    if (e == OK && !c->issues.errors) return OK;
    if (e == ERR_BUSY || e == ERR_INTERNAL) return e;
    if (e == ERR_CONFLICT && !c->issues.errors && strcmp(db_constraint(c->db), "unique") != 0)
        return e;
    if (c->issues.errors) {
        reject_issues(row, c, item);
        return OK;
    }
    const char *why = e == ERR_DENIED     ? N_("You may not do this.")
                      : e == ERR_CONFLICT ? N_("Another record has this value already.")
                      : e == ERR_MISSING  ? N_("There is no such entry.")
                                          : N_("This row cannot be saved.");
    reject_words(row, c, (Str){0}, why);
    return OK;
}

static void all_input(Input *out, Ctx *c, const Item *item) {
    input_add_all(out, c->arena, &item->creation);
    input_add_all(out, c->arena, &item->in);
}

static Err set_state(ImportRow *row, Ctx *c, const Item *item, Record *r) {
    if (!item->state.n || !takes_over(row, c)) return OK;
    const State *s = type_state(r->type, item->state);
    if (s)
        r->state = s;
    else
        reject_words(row, c, column_of(item->part, S("state")), N_("There is no such state."));
    return OK;
}

/* Rules first: they give a child the unit of its parent. */
static Err may_create(ImportRow *row, Ctx *c, const Item *item, Record *r) {
    const Access *a;
    const Field *parent = r->type->parent;
    Record *owner;
    r->created_by = c->actor->user;
    TRY(judged(record_check(c, NULL, r), row, c, item));
    if (row->is_bad || c->actor->is_system) return OK;
    if (parent)
        TRY(judged(record_load(&owner, c, parent->target, r->values[parent->index].i), row, c,
                   item));
    TRY(access_of(&a, c, r->type, OP_CREATE));
    if (!row->is_bad && !access_allows(a, r))
        reject_words(row, c, (Str){0}, N_("You may not do this."));
    return OK;
}

/* What belongs to a record is as confidential as the record; a check says so before anything is
 * saved. */
static Err may_add_children(ImportRow *row, Ctx *c, const Record *r) {
    for (size_t i = 0; i < row->batch->map->n_children && !c->actor->is_system; i++) {
        const Access *a;
        Record *child = record_new(c, row->batch->children[i]);
        if (row->is_bad) return OK;
        child->unit = r->unit;
        child->is_restricted = r->is_restricted;
        child->created_by = c->actor->user;
        TRY(access_of(&a, c, child->type, OP_CREATE));
        if (access_allows(a, child)) continue;
        reject_words(row, c, (Str){0},
                     r->is_restricted
                         ? N_("It becomes confidential, and you may not add to confidential "
                              "records. Somebody who may has to import this row.")
                         : N_("You may not do this."));
    }
    return OK;
}

static Err check_new(ImportRow *row, Ctx *c, Item *item, const Input *in, bool has_parent) {
    Record *r = record_new(c, item->type);
    TRY(set_state(row, c, item, r));
    TRY(judged(record_read_input(r, c, in, true), row, c, item));
    if (row->is_bad || item->has_pending || has_parent) return OK;
    TRY(may_create(row, c, item, r));
    return may_add_children(row, c, r);
}

static Err create(Record **out, ImportRow *row, Ctx *c, Item *item, const Record *parent,
                  bool has_parent) {
    Input in = {0};
    TRY(check_shown(row, c, item, NULL));
    if (row->is_bad) return OK;
    TRY(give_unit(row, c, item));
    if (parent)
        input_add(&item->creation, c->arena, str_of(item->type->parent->name),
                  record_number(c->arena, parent));
    all_input(&in, c, item);
    if (row->is_check) return check_new(row, c, item, &in, has_parent);
    if (!takes_over(row, c)) return judged(record_create(out, c, item->type, &in), row, c, item);
    Record *r = record_new(c, item->type);
    TRY(set_state(row, c, item, r));
    TRY(judged(record_read_input(r, c, &in, true), row, c, item));
    if (row->is_bad) return OK;
    if (!c->actor->is_system) TRY(may_create(row, c, item, r));
    if (row->is_bad) return OK;
    return judged(record_save(out, c, r, "import"), row, c, item);
}

static Err change(Record **out, ImportRow *row, Ctx *c, Item *item, int64_t id,
                  ImportAction *action) {
    Record *before;
    Err e = c->actor->is_system ? record_load_raw(&before, c, item->type, id)
                                : record_load(&before, c, item->type, id);
    TRY(judged(e, row, c, item));
    if (row->is_bad) return OK;
    *out = before;
    TRY(check_shown(row, c, item, before));
    if (row->is_bad) return OK;
    Record *after = record_clone(c, before);
    TRY(judged(record_read_input(after, c, &item->in, false), row, c, item));
    if (row->is_bad) return OK;
    if (!is_changed(before, after)) return *action = IMPORT_UNCHANGED, OK;
    *action = IMPORT_UPDATE;
    if (!c->actor->is_system) TRY(judged(access_check(c, before, OP_UPDATE), row, c, item));
    if (row->is_bad) return OK;
    if (row->is_check) return judged(record_check(c, before, after), row, c, item);
    if (!takes_over(row, c))
        return judged(record_update(out, c, before, before->version, &item->in), row, c, item);
    return judged(record_save(out, c, after, "import"), row, c, item);
}

/* *out is the record when there is one; has_parent: it belongs to a record that a check cannot have
 * made. */
static Err run_item(Record **out, ImportRow *row, Ctx *c, Item *item, const Record *parent,
                    bool has_parent, ImportAction *action) {
    int64_t id;
    *out = NULL;
    TRY(match(&id, row, c, item));
    if (row->is_bad) return OK;
    *action = id ? IMPORT_UPDATE : IMPORT_CREATE;
    return id ? change(out, row, c, item, id, action)
              : create(out, row, c, item, parent, has_parent);
}

static Str outer_key(ImportRow *row, const Item *item) {
    Str key = input_getz(&item->in, "external_key");
    return key.n ? key : row->batch->row_keys[row->index];
}

static Err run_child(ImportRow *row, Ctx *c, MapRow *r, size_t k, const Item *owner,
                     const Record *parent, ImportAction *owner_action) {
    const MapPart *part = &row->batch->map->children[k];
    Item item = {.type = row->batch->children[k], .part = part};
    ImportAction action = IMPORT_UNCHANGED;
    Record *saved;
    Str when = S("true");
    Err e = part->when.n ? map_eval(&when, r, &part->when) : OK;
    if (e == ERR_INVALID) return reject_words(row, c, r->column, r->why), OK;
    if (!str_trim(when).n) return OK;
    TRY(read_item(row, c, &item, r));
    TRY(add_defaults(row, c, &item, r));
    if (row->is_bad) return OK;
    Str key = outer_key(row, owner);
    if (key.n) item.key = str_fmt(c->arena, "%.*s/%zu", FMT(key), k + 1);
    TRY(run_item(&saved, row, c, &item, parent, true, &action));
    if (row->is_bad || action == IMPORT_UNCHANGED) return OK;
    if (action == IMPORT_CREATE)
        row->children_created++;
    else
        row->children_updated++;
    if (*owner_action == IMPORT_UNCHANGED) *owner_action = IMPORT_UPDATE;
    return OK;
}

static Err rejects_of_map(ImportRow *row, Ctx *c, MapRow *r) {
    const ImportMap *m = row->batch->map;
    for (size_t i = 0; i < m->n_rejects; i++) {
        Str when;
        Err e = map_eval(&when, r, &m->rejects[i].when);
        if (e == ERR_INVALID)
            reject_words(row, c, r->column, r->why);
        else if (str_trim(when).n)
            reject(row, m->rejects[i].when.column, m->rejects[i].reason);
    }
    return OK;
}

static void describe(ImportRow *row, Ctx *c, const Item *item, const Record *saved) {
    row->number = saved && saved->id ? record_number(c->arena, saved) : outer_key(row, item);
    const Field *title = item->type->titles[c->lang];
    row->text = title ? input_get(&item->in, str_of(title->name)) : (Str){0};
    if (!row->text.n && saved) row->text = record_title(c, saved);
}

static Err run_row(ImportRow *row, Ctx *c, Item *item, ImportAction *action) {
    TableRow cells = table_row(row->batch->table, row->index, c->arena);
    MapRow r = map_row(row->batch->map, &cells, c->arena, row->batch->comma);
    Record *saved = NULL;
    TRY(rejects_of_map(row, c, &r));
    TRY(read_item(row, c, item, &r));
    drop_shown_title(item);
    if (row->batch->digests[row->index]) item->key = row->batch->row_keys[row->index];
    if (row->is_bad || (row->waits && !row->is_check)) return OK;
    TRY(add_defaults(row, c, item, &r));
    if (row->is_bad) return OK;
    bool belongs = item->has_pending && item->type->parent;
    TRY(run_item(&saved, row, c, item, NULL, belongs, action));
    describe(row, c, item, saved);
    for (size_t k = 0; k < row->batch->map->n_children && !row->is_bad; k++)
        TRY(run_child(row, c, &r, k, item, saved, action));
    return OK;
}

static void reject_same_key(ImportRow *row, Ctx *c) {
    const ImportBatch *b = row->batch;
    size_t first = import_key_row(b, b->row_keys[row->index]);
    Str other =
        str_fmt(c->arena, "%lld", (long long)(first == SIZE_MAX ? 0 : b->table->rows[first].row));
    reject(row, b->map->main.fields[b->key_field].program.column,
           tr_fill(c->arena, TR(c, N_("Row {0} of the file has the same key.")), &other, 1));
}

Err import_row(ImportRow *row, Ctx *c) {
    Item item = {.type = row->batch->type, .part = &row->batch->map->main};
    ImportAction action = IMPORT_NONE;
    c->issues = (Issues){0};
    if (row->batch->later[row->index] == IMPORT_SAME_KEY) {
        reject_same_key(row, c);
    } else {
        TRY(run_row(row, c, &item, &action));
    }
    row->action = row->is_bad ? IMPORT_REJECT : row->waits && !row->is_check ? IMPORT_NONE : action;
    if (row->waits && row->is_check && !row->is_bad && action == IMPORT_NONE)
        row->action = IMPORT_CREATE;
    return OK;
}
