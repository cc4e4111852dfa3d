/* page_field.c: one field of a form: what it holds, typed or stored, its choices, its rows and the
 * errors beside it. Whether it is shown is decided in page_form.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/page_field.h"

#include "model/field.h"

/* ---- what the fields hold ---- */

bool page_field_part_of(Str name, Str base) {
    if (!str_starts(name, base)) return false;
    return name.n == base.n || name.p[base.n] == '.' || name.p[base.n] == '[';
}

bool page_field_is_typed(const Input *typed, Str base) {
    for (size_t i = 0; typed && i < typed->n; i++)
        if (page_field_part_of(typed->items[i].name, base)) return true;
    return false;
}

const Str *page_kit_errors(size_t *n, Ctx *c, Str name) {
    Str *texts = NEW_N(c->arena, Str, c->issues.n + 1);
    *n = 0;
    for (size_t i = 0; i < c->issues.n; i++)
        if (page_field_part_of(c->issues.items[i].field, name))
            texts[(*n)++] = issue_text(c, &c->issues.items[i]);
    return texts;
}

static InputKind input_kind(const Field *f) {
    switch (f->kind) {
    case KIND_LONG: return INPUT_LONG;
    case KIND_INT: return INPUT_INT;
    case KIND_MONEY: return INPUT_MONEY;
    case KIND_DECIMAL:
    case KIND_PERCENT: return INPUT_DECIMAL;
    case KIND_DATE: return INPUT_DATE;
    case KIND_INSTANT: return INPUT_INSTANT;
    case KIND_BOOL: return INPUT_BOOL;
    case KIND_CHOICE: return INPUT_CHOICE;
    case KIND_CHOICES: return INPUT_CHOICES;
    case KIND_TAXON:
    case KIND_UNIT: return INPUT_TREE;
    case KIND_REF: return f->target && (f->target->flags & TYPE_TREE) ? INPUT_TREE : INPUT_REF;
    case KIND_USER: return INPUT_REF;
    case KIND_REFS: return INPUT_REFS;
    case KIND_FILES: return INPUT_FILE;
    case KIND_ROWS: return INPUT_ROWS;
    case KIND_NONE:
    case KIND_TEXT: break;
    }
    return f->flags & F_MULTILINE ? INPUT_LONG : INPUT_TEXT;
}

void page_field_add_value(FormField *out, Arena *a, Str value) {
    Str *values = NEW_N(a, Str, out->n_values + 1);
    if (out->n_values) memcpy(values, out->values, out->n_values * sizeof *values);
    values[out->n_values++] = value;
    out->values = values;
}

static void typed_values(FormField *out, Ctx *c, const Field *f, Str name, const Input *typed) {
    Str value;
    if (f->kind == KIND_MONEY) {
        Str whole = input_get(typed, name);
        Str amount = input_get(typed, str_fmt(c->arena, "%.*s.amount", FMT(name)));
        Str currency = input_get(typed, str_fmt(c->arena, "%.*s.currency", FMT(name)));
        page_field_add_value(out, c->arena, amount.n ? amount : whole);
        if (currency.n) out->currency = currency;
        return;
    }
    bool several = f->kind == KIND_CHOICES || f->kind == KIND_REFS || f->kind == KIND_FILES;
    for (size_t k = 0; input_nth(&value, typed, name, k); k++) {
        Str part;
        while (several && str_cut(&part, &value, ','))
            if (part.n) page_field_add_value(out, c->arena, part);
        if (several) continue;
        /* A check box comes after its hidden empty twin: the last one counts. */
        out->n_values = 0;
        page_field_add_value(out, c->arena, value);
        if (f->kind != KIND_BOOL) return;
    }
}

static void stored_values(FormField *out, Ctx *c, const Field *f, Value v) {
    if (value_is_null(v)) return;
    if (f->kind == KIND_MONEY) {
        Money m = {.minor = v.i};
        memcpy(m.currency, v.currency, sizeof m.currency);
        page_field_add_value(out, c->arena, money_text(c->arena, m));
        out->currency = str_copy(c->arena, str_of(v.currency));
        return;
    }
    Str text = field_text(c, f, v), part;
    bool several = f->kind == KIND_CHOICES || f->kind == KIND_REFS || f->kind == KIND_FILES;
    if (!several) {
        page_field_add_value(out, c->arena, text);
        return;
    }
    while (str_cut(&part, &text, ','))
        if (part.n) page_field_add_value(out, c->arena, part);
}

/* ---- options ---- */

static Err default_currency(Str *out, Ctx *c, const Record *r) {
    *out = S("MAD");
    const Type *unit = model_type(c->model, S("unit")), *entity = model_type(c->model, S("entity"));
    const Field *of = unit ? type_field(unit, S("entity")) : NULL;
    const Field *currency = entity ? type_field(entity, S("currency")) : NULL;
    int64_t id = r && r->unit ? r->unit : c->actor->unit;
    if (!of || !currency || !id) return OK;
    Record *at = NULL, *company = NULL;
    Err err = record_load_raw(&at, c, unit, id);
    if (err == OK && at->values[of->index].kind == V_INT)
        err = record_load_raw(&company, c, entity, at->values[of->index].i);
    if (err != OK && err != ERR_MISSING) return err;
    if (err == OK && company && company->values[currency->index].s.n)
        *out = company->values[currency->index].s;
    return OK;
}

static Err currency_options(FormField *out, Ctx *c, const Record *r) {
    if (!out->currency.n) TRY(default_currency(&out->currency, c, r));
    const Type *entity = model_type(c->model, S("entity"));
    const Field *f = entity ? type_field(entity, S("currency")) : NULL;
    if (f && f->n_choices)
        out->options = page_kit_choices(&out->n_options, c, f, &out->currency, 1);
    return OK;
}

static Err title_of(Str *out, Ctx *c, const Type *t, Str key) {
    *out = key;
    int64_t id = 0;
    Err err = key.n ? ref_find(&id, c, t, key) : ERR_MISSING;
    if (err == ERR_MISSING) return OK;
    TRY(err);
    RefName name = {0};
    TRY(ref_name(&name, c, t, id));
    if (name.found && name.title.n) *out = name.title;
    return OK;
}

/* Several references looked up stand in one input, separated by commas: none is lost by a save. */
static Err look_up(FormField *out, Ctx *c, const Type *t) {
    out->options = NULL;
    out->n_options = 0;
    out->lookup_href = str_fmt(c->arena, "/lookup/%s?q=", t->plural);
    if (!out->n_values) return OK;
    Text keys = text_new(c->arena, 0), titles = text_new(c->arena, 0);
    for (size_t k = 0; k < out->n_values; k++) {
        Str title;
        TRY(title_of(&title, c, t, out->values[k]));
        if (k) {
            text_char(&keys, ',');
            text_addz(&titles, TR(c, ", "));
        }
        text_add(&keys, out->values[k]);
        text_add(&titles, title);
    }
    Str *one = NEW(c->arena, Str);
    *one = text_str(&keys);
    out->values = one;
    out->n_values = 1;
    out->value_label = text_str(&titles);
    return OK;
}

static Err reference_options(FormField *out, Ctx *c, const Field *f) {
    const Type *t = f->target;
    if (!t) return OK;
    Str current = out->n_values ? out->values[0] : (Str){0};
    if (out->kind == INPUT_TREE) {
        Str kind = f->kind == KIND_TAXON ? str_of(f->of) : (Str){0};
        return page_kit_tree(&out->options, &out->n_options, c, t, kind, current);
    }
    bool many = f->kind == KIND_USER || !strcmp(t->name, "user");
    const Access *access = NULL;
    TRY(access_of(&access, c, t, OP_READ));
    if (!many && access_any(access))
        TRY(page_kit_options(&out->options, &out->n_options, &many, c, t, current));
    if (!many && out->n_options) {
        FilterOption *options = NEW_N(c->arena, FilterOption, out->n_options);
        memcpy(options, out->options, out->n_options * sizeof *options);
        for (size_t i = 0; i < out->n_options; i++)
            for (size_t k = 0; k < out->n_values; k++)
                options[i].is_chosen |= str_eq(options[i].value, out->values[k]);
        out->options = options;
        return OK;
    }
    return look_up(out, c, t);
}

static Err file_options(FormField *out, Ctx *c, const Field *f, Value stored) {
    Cell files = field_cell(c, f, stored);
    FilterOption *options = NEW_N(c->arena, FilterOption, out->n_values + 1);
    for (size_t i = 0; i < out->n_values; i++) {
        Str label = i < files.n_more ? files.more[i].text : out->values[i];
        options[i] = (FilterOption){out->values[i], label, 0, true};
    }
    out->options = options;
    out->n_options = out->n_values;
    return OK;
}

static Err field_options(FormField *out, Ctx *c, const Field *f, const Record *r, Value stored) {
    switch (f->kind) {
    case KIND_CHOICE:
    case KIND_CHOICES:
        out->options = page_kit_choices(&out->n_options, c, f, out->values, out->n_values);
        return OK;
    case KIND_TAXON:
    case KIND_UNIT:
    case KIND_REF:
    case KIND_REFS:
    case KIND_USER: return reference_options(out, c, f);
    case KIND_MONEY: return currency_options(out, c, r);
    case KIND_FILES: return file_options(out, c, f, stored);
    default: return OK;
    }
}

/* ---- one field ---- */

Err page_field_fill(FormField *out, Ctx *c, const Field *f, const Record *r, Value stored, Str name,
                    const Input *typed) {
    *out = (FormField){.name = str_of(f->name),
                       .label = TRS(c, f->label),
                       .help = f->help ? TRS(c, f->help) : (Str){0},
                       .kind = input_kind(f),
                       .is_required = (f->flags & F_REQUIRED) != 0,
                       .as_cards = (f->flags & F_CARDS) != 0,
                       .is_optional_part = (f->flags & F_MORE) != 0,
                       .max_length = f->max_length,
                       .scale = f->scale};
    if (out->kind == INPUT_LONG) out->rows = f->kind == KIND_LONG ? 6 : 3;
    out->errors = page_kit_errors(&out->n_errors, c, name);
    if (f->kind == KIND_ROWS) return OK;
    if (page_field_is_typed(typed, name))
        typed_values(out, c, f, name, typed);
    else
        stored_values(out, c, f, stored);
    if (out->n_values == 1)
        out->is_default = f->default_value && strcmp(f->default_value, "lang") == 0
                              ? true /* rarely asked for, whatever it is */
                          : f->default_value
                              ? str_eq(out->values[0], field_default(c, f))
                              : f->kind == KIND_BOOL && !str_is(out->values[0], "true");
    return field_options(out, c, f, r, stored);
}

static int64_t typed_rows(const Input *typed, Str base) {
    int64_t most = 0;
    for (size_t i = 0; typed && i < typed->n; i++) {
        Str name = typed->items[i].name;
        if (!page_field_part_of(name, base) || name.n == base.n || name.p[base.n] != '[') continue;
        Str rest = str_sub(name, base.n + 1, name.n), digits;
        int64_t k;
        if (str_cut(&digits, &rest, ']') && str_to_int(&k, digits) && k >= most && k < 500)
            most = k + 1;
    }
    return most;
}

/* Errors of a row stand in that row, where it has the field. */
static void rows_errors(FormField *out, Ctx *c, const Field *f) {
    Str base = str_of(f->name);
    Str *own = NEW_N(c->arena, Str, c->issues.n + 1);
    out->n_errors = 0;
    for (size_t i = 0; i < c->issues.n; i++) {
        Str field = c->issues.items[i].field;
        bool is_shown = !page_field_part_of(field, base);
        for (size_t r = 0; !is_shown && r < out->n_child_rows; r++)
            for (size_t k = 0; !is_shown && k < f->n_rows; k++)
                is_shown = page_field_part_of(
                    field, str_fmt(c->arena, "%s[%zu].%s", f->name, r, f->rows[k].name));
        if (!is_shown) own[out->n_errors++] = issue_text(c, &c->issues.items[i]);
    }
    out->errors = own;
}

/* A template row, then one row for each stored or typed one. */
static Err fill_rows(FormField *out, Ctx *c, const Field *f, const Record *r, Value stored,
                     const Input *typed) {
    Str base = str_of(f->name);
    bool use_typed = page_field_is_typed(typed, base);
    size_t n = use_typed ? (size_t)typed_rows(typed, base) : stored.n;
    FormField *template = NEW_N(c->arena, FormField, f->n_rows + 1);
    const FormField **rows = NEW_N(c->arena, const FormField *, n + 1);
    for (size_t k = 0; k < f->n_rows; k++)
        TRY(page_field_fill(
            &template [k], c, &f -> rows[k], r, (Value) { 0 }, S("-"), NULL));
    for (size_t i = 0; i < n; i++) {
        FormField *row = NEW_N(c->arena, FormField, f->n_rows + 1);
        for (size_t k = 0; k < f->n_rows; k++) {
            Str name = str_fmt(c->arena, "%s[%zu].%s", f->name, i, f->rows[k].name);
            Value v = !use_typed && k < stored.list[i].n ? stored.list[i].list[k] : (Value){0};
            TRY(page_field_fill(&row[k], c, &f->rows[k], r, v, name, use_typed ? typed : NULL));
        }
        rows[i] = row;
    }
    out->children = template;
    out->n_children = f->n_rows;
    out->child_rows = rows;
    out->n_child_rows = n;
    rows_errors(out, c, f);
    return OK;
}

Err page_kit_form_field(FormField *out, Ctx *c, const Field *f, const Record *values,
                        const Input *typed) {
    Value stored = values->values[f->index];
    TRY(page_field_fill(out, c, f, values, stored, str_of(f->name), typed));
    return f->kind == KIND_ROWS ? fill_rows(out, c, f, values, stored, typed) : OK;
}

/* Lines may stay empty, so nothing of them is needed before something is typed. */
static Field *line_fields(size_t *n, Ctx *c, const Type *child) {
    Field *fields = NEW_N(c->arena, Field, child->n_fields + 1);
    *n = 0;
    for (size_t i = 0; i < child->n_fields; i++) {
        const Field *f = &child->fields[i];
        if (f == child->parent || !(f->flags & (F_REQUIRED | F_HEADLINE)) ||
            (f->flags & (F_COMPUTED | F_DERIVED)) || (f->default_value && !(f->flags & F_HEADLINE)))
            continue;
        fields[*n] = *f;
        fields[*n].help = NULL; /* a line is short */
        fields[(*n)++].flags &= ~(unsigned)F_REQUIRED;
    }
    return fields;
}

Err page_lines(FormField *out, bool *may, Ctx *c, const Type *parent, const char *name,
               const Input *typed) {
    const Type *child = record_within(c->model, parent, str_of(name));
    const Access *access;
    Field lines = {.name = name, .kind = KIND_ROWS};
    *may = false;
    if (!child) return OK;
    TRY(access_of(&access, c, child, OP_CREATE));
    *may = access_any(access);
    if (!*may) return OK;
    lines.label = child->plural_label;
    lines.rows = line_fields(&lines.n_rows, c, child);
    TRY(page_field_fill(out, c, &lines, NULL, (Value){0}, str_of(name), typed));
    return fill_rows(out, c, &lines, NULL, (Value){0}, typed);
}
