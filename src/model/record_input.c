/* record_input.c: what was typed or sent, into a record's values, with an issue for each thing
 * wrong. The only way from outside into a record. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/field.h"
#include "base/utf8.h"

#include "model/save.h"

static const char *const frame_names[] = {"_csrf", "_key",   "version", "reason",
                                          "do",    "_draft", "_next"};
static const char *const system_names[] = {"unit", "owner", "restricted"};
static const char *const system_read_only[] = {
    "number", "state", "created_at", "created_by", "updated_at", "updated_by", "id", "title"};

static bool is_one_of(Str name, const char *const *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_is(name, list[i])) return true;
    return false;
}

bool save_name_split(Str *base, int64_t *index, Str *rest, Str name) {
    ptrdiff_t open = str_find_char(name, '['), dot = str_find_char(name, '.');
    *index = -1;
    *rest = (Str){0};
    if (open > 0) {
        ptrdiff_t close = str_find_char(name, ']');
        if (close < open ||
            !str_to_int(index, str_sub(name, (size_t)open + 1, (size_t)(close - open - 1))))
            return false;
        *base = str_sub(name, 0, (size_t)open);
        Str tail = str_sub(name, (size_t)close + 1, name.n);
        if (tail.n && tail.p[0] == '.') tail = str_sub(tail, 1, tail.n);
        *rest = tail;
        return *index >= 0 && *index < 500;
    }
    if (dot > 0) {
        *base = str_sub(name, 0, (size_t)dot);
        *rest = str_sub(name, (size_t)dot + 1, name.n);
        return true;
    }
    *base = name;
    return true;
}

/* A program writes dates and numbers in one form; people in several. */
static const char *bad_value(const Ctx *c, const Field *f) {
    if (c->is_exact && f->kind == KIND_DATE)
        return N_("This is not a date, for example 2026-03-31.");
    if (c->is_exact && f->kind == KIND_MONEY)
        return N_("This is not an amount with a known currency, for example 1234.50.");
    switch (f->kind) {
    case KIND_INT: return N_("This is not a whole number.");
    case KIND_MONEY:
        return N_("This is not an amount with a known currency, for example 1 234,50.");
    case KIND_DECIMAL:
    case KIND_PERCENT: return N_("This is not a number, or it has too many decimals.");
    case KIND_DATE: return N_("This is not a date, for example 31/03/2026.");
    case KIND_INSTANT: return N_("This is not a date with a time.");
    case KIND_BOOL: return N_("This is neither yes nor no.");
    case KIND_CHOICE:
    case KIND_CHOICES: return N_("This is none of the choices.");
    default: return N_("There is no such entry.");
    }
}

static void check_bounds(Ctx *c, const Field *f, const char *name, Value v) {
    if (value_is_null(v)) return;
    if ((f->min || f->max) && v.kind != V_LIST && v.kind != V_ROWS && v.kind != V_TEXT) {
        if (v.i < f->min)
            issue(c, name, "too_small", N_("This is below the smallest value allowed."));
        if (v.i > f->max)
            issue(c, name, "too_large", N_("This is above the largest value allowed."));
    }
    if (v.kind != V_TEXT) return;
    if ((f->kind == KIND_TEXT || f->kind == KIND_LONG) && utf8_count(v.s) > (size_t)f->max_length)
        issue_arg(c, name, "too_long", N_("This is too long: at most {0} characters."),
                  str_fmt(c->arena, "%d", f->max_length));
    if (!utf8_is_clean(v.s))
        issue(c, name, "bad_text", N_("This holds characters that cannot be kept."));
    if (f->kind == KIND_TEXT && !(f->flags & F_MULTILINE) && str_find_char(v.s, '\n') >= 0)
        issue(c, name, "one_line", N_("This must be one line."));
}

static Value read_scalar(Ctx *c, const Field *f, const char *name, Str text) {
    bool ok;
    Value v = field_from_text(c, f, text, &ok);
    if (!ok) issue(c, name, "bad_value", bad_value(c, f));
    if (f->target && strcmp(f->target->name, "taxon") == 0 && v.i && f->of &&
        f->kind == KIND_TAXON) {
        const Record *node;
        if (record_shared(&node, c, f->target, v.i) == OK &&
            !str_is(record_text(node, "kind"), f->of))
            issue(c, name, "wrong_list", N_("This entry belongs to another list."));
    }
    check_bounds(c, f, name, v);
    return v;
}

Value save_read_text(Ctx *c, const Field *f, Str text) {
    return read_scalar(c, f, f->name, text);
}

/* A program that sends several values for a field of one has made a mistake; a form sends an empty
 * one before its box. */
static void check_single(Ctx *c, const char *field, Str name, const Input *in) {
    Str second;
    if (c->is_exact && input_nth(&second, in, name, 1))
        issue(c, field, "several", N_("Only one value can be kept here."));
}

static Value read_money(Ctx *c, const Field *f, const char *name, const Input *in, Value before) {
    Str amount = input_get(in, str_fmt(c->arena, "%s.amount", name));
    Str currency = str_trim(input_get(in, str_fmt(c->arena, "%s.currency", name)));
    Value v = {0};
    check_single(c, name, str_fmt(c->arena, "%s.amount", name), in);
    if (!str_trim(amount).n) return v;
    if (!currency.n) currency = before.currency[0] ? str_of(before.currency) : S("MAD");
    if (!field_money(&v, c, amount, currency)) issue(c, name, "bad_value", bad_value(c, f));
    check_bounds(c, f, name, v);
    return v;
}

/* Files may also be given as they are answered: files[0].id. */
static Value read_several(Ctx *c, const Field *f, const Input *in) {
    Text t = text_new(c->arena, 1 << 16);
    Str one;
    for (size_t k = 0; input_nth(&one, in, str_of(f->name), k); k++) {
        if (k) text_char(&t, ',');
        text_add(&t, one);
    }
    for (size_t k = 0; f->kind == KIND_FILES; k++) {
        if (!input_nth(&one, in, str_fmt(c->arena, "%s[%zu].id", f->name, k), 0)) break;
        if (t.n) text_char(&t, ',');
        text_add(&t, one);
    }
    return read_scalar(c, f, f->name, text_str(&t));
}

static Value read_rows(Ctx *c, const Field *f, const Input *in) {
    Str whole = str_trim(input_getz(in, f->name));
    if (whole.n) return read_scalar(c, f, f->name, whole);
    int64_t last = -1;
    for (size_t i = 0; i < in->n; i++) {
        Str base, rest;
        int64_t k;
        if (save_name_split(&base, &k, &rest, in->items[i].name) && str_is(base, f->name) &&
            k > last)
            last = k;
    }
    Value *rows = NEW_N(c->arena, Value, (size_t)(last + 2));
    size_t n = 0;
    for (int64_t k = 0; k <= last; k++) {
        Value *cells = NEW_N(c->arena, Value, f->n_rows);
        bool any = false;
        for (size_t j = 0; j < f->n_rows; j++) {
            const char *name =
                str_fmt(c->arena, "%s[%lld].%s", f->name, (long long)k, f->rows[j].name).p;
            cells[j] = f->rows[j].kind == KIND_MONEY
                           ? read_money(c, &f->rows[j], name, in, (Value){0})
                           : read_scalar(c, &f->rows[j], name, input_getz(in, name));
            check_single(c, name, str_of(name), in);
            any = any || (!value_is_null(cells[j]) && f->rows[j].kind != KIND_BOOL);
        }
        if (!any) continue;
        for (size_t j = 0; j < f->n_rows; j++)
            if ((f->rows[j].flags & F_REQUIRED) && value_is_null(cells[j]))
                issue(c, str_fmt(c->arena, "%s[%lld].%s", f->name, (long long)k, f->rows[j].name).p,
                      "required", N_("This is needed."));
        rows[n++] = (Value){.kind = V_LIST, .list = cells, .n = f->n_rows};
    }
    return n ? (Value){.kind = V_ROWS, .list = rows, .n = n} : (Value){0};
}

static Str last_value(const Input *in, Str name) {
    Str v = {0}, one;
    for (size_t k = 0; input_nth(&one, in, name, k); k++) v = one;
    return v;
}

static Value read_given(Ctx *c, const Field *f, const Input *in, Value before) {
    Str name = str_of(f->name);
    if (f->kind == KIND_ROWS) return read_rows(c, f, in);
    if (f->kind == KIND_CHOICES || f->kind == KIND_REFS || f->kind == KIND_FILES)
        return read_several(c, f, in);
    check_single(c, f->name, name, in);
    if (f->kind == KIND_MONEY && input_has(in, str_fmt(c->arena, "%s.amount", f->name)))
        return read_money(c, f, f->name, in, before);
    if (f->kind == KIND_BOOL) /* a form sends a hidden "" and then the box */
        return read_scalar(c, f, f->name, last_value(in, name));
    return read_scalar(c, f, f->name, input_get(in, name));
}

static Value read_field(Ctx *c, const Field *f, const Input *in, Value before) {
    return field_keep_unseen(c, f, read_given(c, f, in, before), before);
}

static Err read_system(Record *r, Ctx *c, const Input *in, bool is_new) {
    int64_t id = 0;
    for (size_t i = 0; i < LENGTH(system_names); i++)
        check_single(c, system_names[i], str_of(system_names[i]), in);
    if (input_has(in, S("unit")) && !(r->type->flags & TYPE_NO_UNIT) && !r->type->parent) {
        Str text = str_trim(input_getz(in, "unit"));
        Err e = text.n ? ref_find(&id, c, model_need(c->model, "unit"), text) : OK;
        if (e == ERR_MISSING)
            issue(c, "unit", "bad_value", N_("There is no such unit."));
        else
            TRY(e);
        r->unit = id;
    }
    if (input_has(in, S("owner"))) {
        Str text = str_trim(input_getz(in, "owner"));
        id = 0;
        Err e = text.n ? ref_find(&id, c, model_need(c->model, "user"), text) : OK;
        if (e == ERR_MISSING)
            issue(c, "owner", "bad_value", N_("There is no such person."));
        else
            TRY(e);
        r->owner = id;
    }
    if (input_has(in, S("restricted")) && (r->type->flags & TYPE_CONFIDENTIAL)) {
        Str text = str_trim(last_value(in, S("restricted")));
        bool wanted = str_is(text, "true");
        if (text.n && !wanted && !str_is(text, "false"))
            issue(c, "restricted", "bad_value", N_("This is neither yes nor no."));
        if (!wanted && r->is_restricted && !is_new) {
            bool may;
            TRY(access_may_open(&may, c, r));
            if (!may) {
                issue(c, "restricted", "denied",
                      N_("Only those who handle restricted cases may open one."));
                wanted = true;
            }
        }
        r->is_restricted = wanted;
    }
    return OK;
}

bool save_field_writable(const Field *f, const Record *r, bool is_new) {
    if (f->flags & (F_COMPUTED | F_DERIVED | F_SECRET | F_STEP)) return false;
    if ((f->flags & F_FIXED) && !is_new) return false;
    if (f->kind == KIND_REF && r->type->parent == f && !is_new) return false;
    return r->state->rank < f->frozen_rank || is_new;
}

/* A field that may not be written is accepted when it says what is there already, so that a record
 * read may be sent back. */
static bool says_the_same(Ctx *c, const Record *r, const Field *f, const Input *in) {
    size_t errors = c->issues.errors, n = c->issues.n;
    Value v = read_field(c, f, in, r->values[f->index]);
    c->issues.errors = errors;
    c->issues.n = n;
    return value_eq(v, r->values[f->index]);
}

/* "gross.amount", "causes[0].taxon": only amounts and rows have parts. */
static bool has_part(const Field *f, int64_t index, Str part) {
    if (index < 0 && !part.n) return true;
    if (f->kind == KIND_MONEY)
        return index < 0 && (str_is(part, "amount") || str_is(part, "currency"));
    if (index < 0) return false;
    if (f->kind == KIND_FILES)
        return str_is(part, "id") || str_is(part, "name") || str_is(part, "size") ||
               str_is(part, "href");
    if (f->kind != KIND_ROWS) return false;
    Str name = part, rest = part;
    str_cut(&name, &rest, '.');
    for (size_t i = 0; i < f->n_rows; i++)
        if (str_is(name, f->rows[i].name))
            return has_part(&f->rows[i], -1, name.n < part.n ? rest : (Str){0});
    return false;
}

static bool is_title(const Type *t, const Field *f) {
    bool is = f == t->title;
    for (size_t i = 0; i < LANG_COUNT; i++) is = is || f == t->titles[i];
    return is;
}

/* A record without a title of its own is shown, answered and exported under another name: that name
 * coming back is no title. */
static bool is_shown_name(Ctx *c, const Record *before, const Field *f, Value v) {
    if (v.kind != V_TEXT || !value_is_null(before->values[f->index]) || !is_title(before->type, f))
        return false;
    Lang own = c->lang;
    bool is = false;
    for (int i = 0; i < LANG_COUNT && !is; i++) {
        c->lang = (Lang)i;
        is = str_eq(record_title(c, before), v.s);
    }
    c->lang = own;
    return is;
}

static Err read_names(Record *r, Ctx *c, const Input *in, FieldSet hidden, uint64_t *present,
                      bool is_new) {
    for (size_t i = 0; i < in->n; i++) {
        Str base, rest, name = in->items[i].name;
        int64_t k;
        if (is_one_of(name, frame_names, LENGTH(frame_names)) ||
            is_one_of(name, system_names, LENGTH(system_names)))
            continue;
        const Field *f = save_name_split(&base, &k, &rest, name) ? type_field(r->type, base) : NULL;
        if (f && !fieldset_has(hidden, f->index) && has_part(f, k, rest)) {
            present[f->index / 64] |= UINT64_C(1) << (f->index % 64);
            continue;
        }
        bool is_read_only = is_one_of(name, system_read_only, LENGTH(system_read_only)) ||
                            type_condition(r->type, name);
        if (!f && !is_new && is_read_only) continue;
        issue(c, str_z(c->arena, name), "unknown", N_("There is no such field here."));
    }
    return OK;
}

static Err read_input(Record *r, Ctx *c, const Input *in, bool is_new, bool is_step) {
    FieldSet hidden;
    uint64_t present[2] = {0, 0};
    TRY(access_hidden(&hidden, c, r->type, is_new ? NULL : r));
    if (c->actor->is_system || is_new) hidden = (FieldSet){{0, 0}};
    if (is_new && !c->actor->is_system) TRY(save_hidden_at_creation(&hidden, c, r));
    TRY(read_names(r, c, in, hidden, present, is_new));
    for (size_t i = 0; i < r->type->n_fields; i++) {
        const Field *f = &r->type->fields[i];
        if (!((present[i / 64] >> (i % 64)) & 1u)) continue;
        bool by_step = is_step && (f->flags & F_STEP);
        if (!by_step && !save_field_writable(f, r, is_new)) {
            if (!says_the_same(c, r, f, in))
                issue(c, f->name, "read_only", N_("This cannot be changed here."));
            continue;
        }
        Value v = read_field(c, f, in, r->values[i]);
        if (is_new || !is_shown_name(c, r, f, v)) r->values[i] = v;
    }
    TRY(read_system(r, c, in, is_new));
    return c->issues.errors ? ERR_INVALID : OK;
}

Err record_read_input(Record *r, Ctx *c, const Input *in, bool is_new) {
    return read_input(r, c, in, is_new, false);
}

Err save_read_step(Record *r, Ctx *c, const Input *in) {
    return read_input(r, c, in, false, true);
}
