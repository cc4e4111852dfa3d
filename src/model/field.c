/* field.c: one field value between its forms: text of a form or file, typed value, cell of a view.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/field.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"

static const Choice *choice_of(const Field *f, Str key) {
    for (size_t i = 0; i < f->n_choices; i++)
        if (str_is(key, f->choices[i].key)) return &f->choices[i];
    return NULL;
}

static bool money_of(Value *out, Ctx *c, Str text) {
    Str amount = str_trim(text), currency = S("MAD");
    ptrdiff_t blank = -1;
    for (size_t i = 0; i + 3 < amount.n; i++)
        if (amount.p[i] == ' ') blank = (ptrdiff_t)i;
    if (blank >= 0 && amount.n - (size_t)blank == 4 &&
        currency_digits(str_sub(amount, (size_t)blank + 1, 3)) >= 0) {
        currency = str_sub(amount, (size_t)blank + 1, 3);
        amount = str_sub(amount, 0, (size_t)blank);
    }
    return field_money(out, c, amount, currency);
}

bool field_money(Value *out, Ctx *c, Str amount, Str currency) {
    int digits = currency_digits(currency);
    int64_t minor;
    if (digits < 0) return false;
    amount = str_trim(amount);
    if (!decimal_parse(&minor, amount, digits) &&
        (c->is_exact || !decimal_parse_loose(&minor, amount, digits, c->lang != LANG_EN)))
        return false;
    *out = value_money(minor, currency);
    return true;
}

static bool ref_of(Value *out, Ctx *c, const Type *t, Str key) {
    int64_t id;
    if (ref_find(&id, c, t, key) != OK) return false;
    *out = value_int(id);
    return true;
}

/* The first two of each are the machine form; the others are what forms and files say. */
static bool bool_of(Value *out, const Ctx *c, Str t) {
    static const char *const yes[] = {"true", "1", "on", "yes", "oui", "x", "vrai"};
    static const char *const no[] = {"false", "0", "off", "no", "non", "faux"};
    for (size_t i = 0; i < (c->is_exact ? 2 : LENGTH(yes)); i++)
        if (str_is(t, yes[i])) return *out = value_int(1), true;
    for (size_t i = 0; i < (c->is_exact ? 2 : LENGTH(no)); i++)
        if (str_is(t, no[i])) return *out = value_int(0), true;
    return false;
}

static bool date_of(Value *out, Ctx *c, Str t) {
    int64_t days;
    if (str_is(t, "today")) return *out = value_text(c->today), true;
    if (!date_parse(&days, t) && (c->is_exact || !date_parse_loose(&days, t))) return false;
    *out = value_text(date_text(c->arena, days));
    return true;
}

/* "a,b" -> several values of one reference or choice field. */
static bool several_of(Value *out, Ctx *c, const Field *f, Str text) {
    Value *items = NULL;
    size_t n = 0, cap = 0;
    Str part, rest = text;
    while (str_cut(&part, &rest, ',')) {
        Value v = {0};
        part = str_trim(part);
        if (!part.n) continue;
        if (f->kind == KIND_CHOICES) {
            if (!choice_of(f, part)) return false;
            v = value_text(str_copy(c->arena, part));
        } else if (f->kind == KIND_FILES) {
            if (!str_to_int(&v.i, part)) return false;
            v.kind = V_INT;
        } else if (str_is(part, "me") && !strcmp(f->target->name, "user") && c->actor->user)
            v = value_int(c->actor->user);
        else if (!ref_of(&v, c, f->target, part))
            return false;
        bool twice = false;
        for (size_t i = 0; i < n; i++) twice = twice || value_eq(items[i], v);
        if (twice) continue;
        if (n >= 1000) return false;
        GROW(c->arena, items, n, cap);
        items[n++] = v;
    }
    *out = n ? (Value){.kind = V_LIST, .list = items, .n = n} : (Value){0};
    return true;
}

static bool rows_of(Value *out, Ctx *c, const Field *f, Str text) {
    const JsonValue *j;
    Str why;
    if (json_parse(&j, &why, c->arena, text) != OK || j->kind != J_ARRAY || j->n > 500)
        return false;
    Value *rows = NEW_N(c->arena, Value, j->n ? j->n : 1);
    for (size_t i = 0; i < j->n; i++) {
        if (j->items[i].kind != J_OBJECT) return false;
        Value *cells = NEW_N(c->arena, Value, f->n_rows);
        for (size_t k = 0; k < f->n_rows; k++) {
            bool ok = true;
            cells[k] =
                field_from_text(c, &f->rows[k], json_get_str(&j->items[i], f->rows[k].name), &ok);
            if (!ok) return false;
        }
        rows[i] = (Value){.kind = V_LIST, .list = cells, .n = f->n_rows};
    }
    *out = (Value){.kind = V_ROWS, .list = rows, .n = j->n};
    return true;
}

static bool decimal_of(Value *out, Ctx *c, const Field *f, Str t) {
    int64_t i;
    if (f->kind == KIND_PERCENT && str_ends(t, S("%"))) t = str_trim(str_sub(t, 0, t.n - 1));
    if (!decimal_parse(&i, t, f->scale) &&
        (c->is_exact || !decimal_parse_loose(&i, t, f->scale, c->lang != LANG_EN)))
        return false;
    *out = value_int(i);
    return true;
}

static bool parse(Value *out, Ctx *c, const Field *f, Str raw) {
    Str t = f->kind == KIND_LONG ? raw : str_trim(raw);
    int64_t i;
    switch (f->kind) {
    case KIND_TEXT:
    case KIND_LONG: *out = value_text(str_copy(c->arena, t)); return true;
    case KIND_INT:
        if (!str_to_int(&i, t) && (c->is_exact || !decimal_parse_loose(&i, t, 0, true)))
            return false;
        *out = value_int(i);
        return true;
    case KIND_MONEY: return money_of(out, c, t);
    case KIND_DECIMAL:
    case KIND_PERCENT: return decimal_of(out, c, f, t);
    case KIND_DATE: return date_of(out, c, t);
    case KIND_INSTANT:
        if (!instant_parse(&i, t)) return false;
        *out = value_int(i);
        return true;
    case KIND_BOOL: return bool_of(out, c, t);
    case KIND_CHOICE:
        if (!choice_of(f, t)) return false;
        *out = value_text(str_copy(c->arena, t));
        return true;
    case KIND_TAXON:
    case KIND_REF:
    case KIND_USER:
    case KIND_UNIT:
        if (f->kind == KIND_USER && str_is(t, "me"))
            return *out = value_int(c->actor->user), c->actor->user != 0;
        if (f->kind == KIND_UNIT && str_is(t, "my_unit"))
            return *out = value_int(c->actor->unit), c->actor->unit != 0;
        return ref_of(out, c, f->target, t);
    case KIND_CHOICES:
    case KIND_REFS:
    case KIND_FILES: return several_of(out, c, f, t);
    case KIND_ROWS: return rows_of(out, c, f, t);
    default: return false;
    }
}

Str field_default(const Ctx *c, const Field *f) {
    bool is_language = f->default_value && strcmp(f->default_value, "lang") == 0;
    return str_of(is_language ? lang_code(c->lang) : f->default_value);
}

Value field_from_text(Ctx *c, const Field *f, Str text, bool *ok) {
    Value v = {0};
    *ok = true;
    if (!str_trim(text).n) return v;
    *ok = parse(&v, c, f, text);
    return *ok ? v : (Value){0};
}

/* For whom a text is made: the reader (names that are hidden from the actor are left out) or the
 * program itself. */
typedef enum For { FOR_READER, FOR_CODE } For;
static Str text_for(Ctx *c, const Field *f, Value v, For whom);

static Str ref_text(Ctx *c, const Type *t, int64_t id, For whom) {
    RefName r;
    if (!id) return (Str){0};
    Err e = whom == FOR_CODE ? ref_name_stored(&r, c, t, id) : ref_name(&r, c, t, id);
    if (e || (r.is_hidden && whom == FOR_READER)) return (Str){0};
    return r.found ? r.key : str_fmt(c->arena, "#%lld", (long long)id);
}

static Str rows_text_of(Ctx *c, const Field *f, Value v, For whom) {
    Text t = text_new(c->arena, 0);
    Json j = json_new(&t);
    json_array(&j);
    for (size_t i = 0; i < v.n; i++) {
        json_object(&j);
        for (size_t k = 0; k < f->n_rows; k++) {
            Str text = text_for(c, &f->rows[k], v.list[i].list[k], whom);
            if (!text.n) continue;
            json_keyz(&j, f->rows[k].name);
            json_str(&j, text);
        }
        json_end_object(&j);
    }
    json_end_array(&j);
    return text_str(&t);
}

static Str several_text(Ctx *c, const Field *f, Value v, For whom) {
    Text t = text_new(c->arena, 0);
    for (size_t i = 0; i < v.n; i++) {
        Str one = f->kind == KIND_CHOICES ? v.list[i].s
                  : f->kind == KIND_FILES ? str_fmt(c->arena, "%lld", (long long)v.list[i].i)
                                          : ref_text(c, f->target, v.list[i].i, whom);
        if (!one.n) continue;
        if (t.n) text_char(&t, ',');
        text_add(&t, one);
    }
    return text_str(&t);
}

static Str text_for(Ctx *c, const Field *f, Value v, For whom) {
    if (value_is_null(v)) return (Str){0};
    switch (f->kind) {
    case KIND_TEXT:
    case KIND_LONG:
    case KIND_DATE:
    case KIND_CHOICE: return v.s;
    case KIND_INT: return str_fmt(c->arena, "%lld", (long long)v.i);
    case KIND_MONEY: {
        Money m = {.minor = v.i};
        memcpy(m.currency, v.currency, sizeof m.currency);
        return str_fmt(c->arena, "%.*s %s", FMT(money_text(c->arena, m)), m.currency);
    }
    case KIND_DECIMAL:
    case KIND_PERCENT: return decimal_text(c->arena, v.i, f->scale);
    case KIND_INSTANT: return instant_text(c->arena, v.i);
    case KIND_BOOL: return v.i ? S("true") : S("false");
    case KIND_TAXON:
    case KIND_REF:
    case KIND_USER:
    case KIND_UNIT: return ref_text(c, f->target, v.i, whom);
    case KIND_CHOICES:
    case KIND_REFS:
    case KIND_FILES: return several_text(c, f, v, whom);
    case KIND_ROWS: return rows_text_of(c, f, v, whom);
    default: return (Str){0};
    }
}

Str field_text(Ctx *c, const Field *f, Value v) {
    return text_for(c, f, v, FOR_READER);
}

Str field_text_stored(Ctx *c, const Field *f, Value v) {
    return text_for(c, f, v, FOR_CODE);
}

/* ---- cells ---- */

Cell field_ref_cell(Ctx *c, const Type *t, int64_t id) {
    RefName r;
    if (!id || ref_name(&r, c, t, id) != OK) return (Cell){0};
    if (r.is_hidden) return (Cell){.kind = CELL_EMPTY, .is_masked = true};
    if (!r.found) return (Cell){0};
    Cell cell = cell_ref(r.key, r.title.n ? r.title : r.key, record_path_of(c->arena, t, r.key));
    if (strcmp(t->name, "user") == 0) {
        cell.kind = CELL_PERSON;
        cell.href = (Str){0};
    }
    if (t->flags & TYPE_NO_PAGES) cell.href = (Str){0};
    cell.is_named = strcmp(t->name, "unit") == 0 || strcmp(t->name, "entity") == 0;
    return cell;
}

static Cell choice_cell(Ctx *c, const Field *f, Str key) {
    const Choice *ch = choice_of(f, key);
    Cell cell = cell_label(key, ch ? TRS(c, ch->label) : key);
    if (ch) cell.tone = ch->tone;
    return cell;
}

static Cell file_cell(Ctx *c, int64_t id) {
    Rows *r;
    bool found;
    Cell cell = {0};
    if (db_few(&r, c->db, c->arena, "SELECT name, size, unscanned FROM file WHERE id = $1",
               ARGS(db_int(id))) != OK)
        return cell;
    if (rows_next(&found, r) != OK || !found) return cell;
    cell = (Cell){.kind = CELL_FILE, .text = rows_copy(r, 0), .i = rows_int(r, 1)};
    cell.key = str_fmt(c->arena, "%lld", (long long)id);
    cell.href = str_fmt(c->arena, "/files/%lld", (long long)id);
    if (rows_int(r, 2)) {
        cell.note = TRS(c, N_("not looked at by the virus scanner"));
        cell.tone = TONE_WARN;
    }
    rows_close(r);
    return cell;
}

static Cell several_cell(Ctx *c, const Field *f, Value v) {
    Cell *items = NEW_N(c->arena, Cell, v.n);
    for (size_t i = 0; i < v.n; i++)
        items[i] = f->kind == KIND_CHOICES ? choice_cell(c, f, v.list[i].s)
                   : f->kind == KIND_FILES ? file_cell(c, v.list[i].i)
                                           : field_ref_cell(c, f->target, v.list[i].i);
    return (Cell){.kind = CELL_LIST, .more = items, .n_more = v.n};
}

static Cell rows_cell(Ctx *c, const Field *f, Value v) {
    Cell *rows = NEW_N(c->arena, Cell, v.n);
    for (size_t i = 0; i < v.n; i++) {
        Cell *cells = NEW_N(c->arena, Cell, f->n_rows);
        for (size_t k = 0; k < f->n_rows; k++) {
            cells[k] = field_cell(c, &f->rows[k], v.list[i].list[k]);
            cells[k].name = f->rows[k].name;
            cells[k].label = TRS(c, f->rows[k].label);
        }
        rows[i] = (Cell){.kind = CELL_LIST, .more = cells, .n_more = f->n_rows};
    }
    return (Cell){.kind = CELL_ROWS, .more = rows, .n_more = v.n};
}

Cell field_cell(Ctx *c, const Field *f, Value v) {
    if (value_is_null(v)) return (Cell){0};
    switch (f->kind) {
    case KIND_TEXT: return cell_text(v.s);
    case KIND_LONG: return (Cell){.kind = CELL_MARKDOWN, .text = v.s};
    case KIND_INT: return cell_int(v.i);
    case KIND_MONEY: {
        Money m = {.minor = v.i};
        memcpy(m.currency, v.currency, sizeof m.currency);
        return cell_money(m);
    }
    case KIND_DECIMAL: return cell_decimal(v.i, f->scale);
    case KIND_PERCENT: return cell_percent(v.i, f->scale);
    case KIND_DATE: return cell_date(v.s);
    case KIND_INSTANT: return cell_instant(v.i);
    case KIND_BOOL: return cell_bool(v.i != 0);
    case KIND_CHOICE: return choice_cell(c, f, v.s);
    case KIND_TAXON:
    case KIND_REF:
    case KIND_USER:
    case KIND_UNIT: return field_ref_cell(c, f->target, v.i);
    case KIND_CHOICES:
    case KIND_REFS:
    case KIND_FILES: return several_cell(c, f, v);
    case KIND_ROWS: return rows_cell(c, f, v);
    default: return (Cell){0};
    }
}
