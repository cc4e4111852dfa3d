/* import_columns.c: choosing in the browser which column of a file fills which field. What is
 * chosen becomes the text of a map (docs/IMPORT.md), which may be saved under a name and edited as
 * text. The columns come from the check of the file; the file itself is not read here.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/import_page.h"

typedef struct Columns {
    Ctx *c;
    const ImportRun *run;
    ImportReport report;
    ImportMap *map;     /* of the run, NULL: none */
    const Input *typed; /* NULL: as it stands */
} Columns;

static Err columns_read(Columns *out, Ctx *c, const ImportRun *run, const Input *typed) {
    Str why;
    *out = (Columns){.c = c, .run = run};
    import_report_read(&out->report, c->arena, run->report);
    if (!out->report.n_sheets) return ERR_MISSING;
    bool is_read = run->map_text.n && map_parse_any(&out->map, &why, c->arena, run->map_text) == OK;
    if (!is_read) out->map = NULL;
    if (typed && input_has(typed, S("s0.type"))) out->typed = typed;
    return OK;
}

static Str sheet_name(Arena *a, size_t sheet, const char *part) {
    return str_fmt(a, "s%zu.%s", sheet, part);
}

/* ---- what a sheet may be ---- */

static bool may_be(Columns *k, const Type *t, Err *e) {
    bool may = false;
    if (t != k->run->type && !(t->parent && t->parent->target == k->run->type)) return false;
    if (*e == OK) *e = import_may(&may, k->c, t);
    return may;
}

/* The sheet whose rows are of the run's list: as it was read, else the first. */
static size_t main_sheet(const Columns *k) {
    for (size_t i = 0; i < k->report.n_sheets; i++)
        if (str_is(k->report.sheets[i].type, k->run->type->name)) return i;
    return 0;
}

static const Type *sheet_type(const Columns *k, size_t i) {
    Str name = k->report.sheets[i].type;
    if (k->typed) name = input_get(k->typed, sheet_name(k->c->arena, i, "type"));
    if (!k->typed && !name.n && i == main_sheet(k)) return k->run->type;
    return model_type(k->c->model, name);
}

static Err type_field_of(FormField *out, Columns *k, size_t i) {
    Ctx *c = k->c;
    const ImportSheet *s = &k->report.sheets[i];
    FilterOption *options = NEW_N(c->arena, FilterOption, c->model->n_types + 1);
    Str *value = NEW(c->arena, Str);
    const Type *chosen = sheet_type(k, i);
    size_t n = 0;
    Err e = OK;
    for (size_t t = 0; t < c->model->n_types; t++)
        if (may_be(k, &c->model->types[t], &e))
            options[n++] = (FilterOption){.value = str_of(c->model->types[t].name),
                                          .label = TRS(c, c->model->types[t].plural_label)};
    TRY(e);
    *value = chosen ? str_of(chosen->name) : (Str){0};
    Str rows = str_fmt(c->arena, "%zu", s->rows);
    *out = (FormField){.name = sheet_name(c->arena, i, "type"),
                       .label = TRS(c, N_("Its rows are")),
                       .kind = INPUT_CHOICE,
                       .options = options,
                       .n_options = n,
                       .values = value,
                       .n_values = value->n ? 1 : 0,
                       .help = FILL(c, TR(c, N_("{0} rows. “None” leaves the sheet out.")), rows)};
    out->errors = page_kit_errors(&out->n_errors, c, out->name);
    return OK;
}

/* ---- which field a column fills ---- */

static void add_option(FilterOption *options, size_t *n, Str value, Str label) {
    options[(*n)++] = (FilterOption){.value = value, .label = label};
}

static bool is_fillable(const Field *f) {
    return !(f->flags & (F_COMPUTED | F_DERIVED | F_SECRET | F_HIDDEN)) && f->kind != KIND_FILES &&
           f->kind != KIND_ROWS;
}

/* Amounts on the record's own row: a kind of entry each, and what else the entries take. */
static Err entry_options(FilterOption *options, size_t *n, Columns *k, const Type *entry) {
    Ctx *c = k->c;
    const Field *kind = import_flat_field(entry, KIND_CHOICE);
    const Field *amount = import_flat_field(entry, KIND_MONEY);
    Str list = TRS(c, entry->plural_label);
    FieldSet hidden;
    bool may;
    TRY(import_may(&may, c, entry));
    if (!may || !kind || !amount) return OK;
    TRY(access_hidden(&hidden, c, entry, NULL));
    for (size_t i = 0; i < kind->n_choices; i++)
        add_option(options, n, str_fmt(c->arena, "%s:%s", entry->name, kind->choices[i].key),
                   FILL(c, TR(c, N_("{0}: {1}")), list, TRS(c, kind->choices[i].label)));
    for (size_t i = 0; i < entry->n_fields; i++) {
        const Field *f = &entry->fields[i];
        if (!is_fillable(f) || fieldset_has(hidden, f->index) || f == kind || f == entry->parent)
            continue;
        const char *part = f == amount ? ".currency" : "";
        Str label = TRS(c, f->label);
        if (f == amount) label = FILL(c, TR(c, N_("{0} (Currency)")), label);
        add_option(options, n, str_fmt(c->arena, "%s.%s%s", entry->name, f->name, part),
                   FILL(c, TR(c, N_("{0}: {1}")), list, label));
    }
    return OK;
}

static size_t entry_room(const Type *entry) {
    const Field *kind = entry ? import_flat_field(entry, KIND_CHOICE) : NULL;
    return entry ? entry->n_fields + (kind ? kind->n_choices : 0) : 0;
}

static Err field_options(const FilterOption **out, size_t *n, Columns *k, const Type *t) {
    Ctx *c = k->c;
    FieldSet hidden;
    const Type *entry = import_flat_type(c->model, t);
    FilterOption *options = NEW_N(c->arena, FilterOption, 2 * t->n_fields + entry_room(entry) + 8);
    *n = 0;
    *out = options;
    TRY(access_hidden(&hidden, c, t, NULL));
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        if (!is_fillable(f) || fieldset_has(hidden, f->index)) continue;
        Str label = TRS(c, f->label);
        if (f->flags & F_REQUIRED) label = str_join(c->arena, label, S(" *"));
        add_option(options, n, str_of(f->name), label);
        if (f->kind == KIND_MONEY)
            add_option(options, n, str_fmt(c->arena, "%s.currency", f->name),
                       FILL(c, TR(c, N_("{0} (Currency)")), TRS(c, f->label)));
    }
    if (!(t->flags & TYPE_NO_UNIT) && !t->parent) {
        add_option(options, n, S("unit"), TRS(c, N_("Unit")));
        add_option(options, n, S("owner"), TRS(c, N_("Owner")));
    }
    if (k->run->takeover) add_option(options, n, S("state"), TRS(c, N_("State")));
    if (!t->key) add_option(options, n, S("number"), TRS(c, N_("Number")));
    return entry ? entry_options(options, n, k, entry) : OK;
}

static Err column_fields(FormGroup *out, Columns *k, size_t i) {
    Ctx *c = k->c;
    const ImportSheet *s = &k->report.sheets[i];
    const Type *t = sheet_type(k, i);
    const FilterOption *options;
    size_t n_options;
    FormField *fields = NEW_N(c->arena, FormField, s->n + 1);
    out->fields = fields;
    TRY(type_field_of(&fields[out->n++], k, i));
    TRY(field_options(&options, &n_options, k, t ? t : k->run->type));
    for (size_t x = 0; x < s->n; x++) {
        const ImportColumn *column = &s->columns[x];
        if (!column->name.n) continue;
        Str *value = NEW(c->arena, Str);
        FormField *f = &fields[out->n++];
        *f = (FormField){.name = str_fmt(c->arena, "s%zu.c%zu", i, x),
                         .label = column->name,
                         .kind = INPUT_CHOICE,
                         .options = options,
                         .n_options = n_options,
                         .help = column->sample};
        *value = k->typed ? input_get(k->typed, f->name) : column->field;
        f->values = value;
        f->n_values = value->n ? 1 : 0;
        f->errors = page_kit_errors(&f->n_errors, c, f->name);
    }
    Str name = s->name.n ? s->name : k->run->file;
    out->label = FILL(c, TR(c, N_("Columns of {0}")), name);
    return OK;
}

/* ---- what new records get when the file says nothing ---- */

static const ImportMap *map_of_sheet(const Columns *k, size_t i) {
    const Type *t = sheet_type(k, i);
    for (const ImportMap *m = k->map; m && t; m = m->also)
        if (str_is(m->main.type, t->name)) return m;
    return NULL;
}

static Str default_of(const Columns *k, size_t i, const char *field) {
    const ImportMap *m = map_of_sheet(k, i);
    for (size_t x = 0; m && x < m->main.n_defaults; x++) {
        const MapField *f = &m->main.defaults[x];
        if (str_is(f->name, field) && f->program.n == 1 && f->program.steps[0].op == MAP_LITERAL)
            return f->program.steps[0].text;
    }
    const Type *t = sheet_type(k, i);
    const Field *f = t ? type_field(t, str_of(field)) : NULL;
    bool flat = t && !m && import_flat_type(k->c->model, t) && f && import_flat_stand_in(t, f);
    return flat ? S("unknown") : (Str){0};
}

static bool default_said(const Columns *k, size_t i, const char *field) {
    Str name = str_fmt(k->c->arena, "s%zu.d.%s", i, field);
    return (k->typed ? input_get(k->typed, name) : default_of(k, i, field)).n > 0;
}

/* History that is taken over: in which state, where no column says it. */
static bool takes_state(const Columns *k, const Type *t) {
    return k->run->takeover && t == k->run->type && import_flat_type(k->c->model, t);
}

static bool takes_default(const Field *f) {
    bool kind = f->kind == KIND_CHOICE || f->kind == KIND_TAXON || f->kind == KIND_TEXT ||
                f->kind == KIND_LONG || f->kind == KIND_BOOL || f->kind == KIND_UNIT ||
                (f->kind == KIND_REF && f->target && (f->target->flags & TYPE_TREE));
    return kind && is_fillable(f) && !(f->flags & F_UNIQUE) &&
           ((f->flags & F_REQUIRED) || f->kind == KIND_CHOICE || f->kind == KIND_TAXON);
}

static void set_default(FormField *f, Columns *k, size_t i, const char *field) {
    Ctx *c = k->c;
    Str *value = NEW(c->arena, Str);
    f->name = str_fmt(c->arena, "s%zu.d.%s", i, field);
    *value = k->typed ? input_get(k->typed, f->name) : default_of(k, i, field);
    f->values = value;
    f->n_values = value->n ? 1 : 0;
    f->is_required = f->is_optional_part = f->as_cards = false;
    f->preset = (Str){0};
    f->errors = page_kit_errors(&f->n_errors, c, f->name);
}

static Str chosen_state(const Columns *k, size_t i);
static void state_field(FormField *out, Columns *k, size_t i) {
    Ctx *c = k->c;
    const Type *t = k->run->type;
    FilterOption *options = NEW_N(c->arena, FilterOption, t->n_states + 1);
    Str *value = NEW(c->arena, Str);
    size_t n = 0;
    for (size_t x = 0; x < t->n_states; x++)
        add_option(options, &n, str_of(t->states[x].name), TRS(c, t->states[x].label));
    *value = chosen_state(k, i);
    *out = (FormField){.name = sheet_name(c->arena, i, "state"),
                       .label = TRS(c, N_("State")),
                       .kind = INPUT_CHOICE,
                       .options = options,
                       .n_options = n,
                       .values = value,
                       .n_values = value->n ? 1 : 0,
                       .help = TRS(c, N_("Later states ask for more fields; rows that lack them "
                                         "are rejected with the reason."))};
    out->errors = page_kit_errors(&out->n_errors, c, out->name);
}

static Err default_fields(FormGroup *out, Columns *k, size_t i) {
    Ctx *c = k->c;
    const Type *t = sheet_type(k, i);
    *out = (FormGroup){.is_folded = true};
    if (!t) return OK;
    FormField *fields = NEW_N(c->arena, FormField, t->n_fields + 3);
    Record *fresh = record_new(c, t);
    out->fields = fields;
    if (takes_state(k, t)) state_field(&fields[out->n++], k, i);
    if (!(t->flags & TYPE_NO_UNIT) && !t->parent) {
        FormField *f = &fields[out->n++];
        *f = (FormField){.label = TRS(c, N_("Unit")), .kind = INPUT_TREE};
        TRY(page_kit_tree(&f->options, &f->n_options, c, model_need(c->model, "unit"), (Str){0},
                          (Str){0}));
        set_default(f, k, i, "unit");
    }
    for (size_t x = 0; x < t->n_fields; x++) {
        if (!takes_default(&t->fields[x])) continue;
        TRY(page_kit_form_field(&fields[out->n], c, &t->fields[x], fresh, NULL));
        set_default(&fields[out->n++], k, i, t->fields[x].name);
    }
    out->label = FILL(c, TR(c, N_("New records: {0}, where the file says nothing")),
                      TRS(c, t->plural_label));
    return OK;
}

/* ---- values that name nothing here ---- */

/* The table of the map that says what the values of a field mean. */
static Str table_of(Arena *a, Str field) {
    return str_fmt(a, "values %.*s", FMT(field));
}

static Err value_field(FormField *out, bool *offered, Columns *k, size_t u) {
    Ctx *c = k->c;
    const ImportUnknown *x = &k->report.unknown[u];
    const Type *t = k->run->type;
    for (size_t i = 0; i < k->report.n_sheets; i++)
        if (str_eq(k->report.sheets[i].name, x->sheet) && sheet_type(k, i)) t = sheet_type(k, i);
    const Field *f = type_field(t, x->field);
    *offered = f || str_is(x->field, "unit");
    if (!*offered) return OK;
    if (f) {
        TRY(page_kit_form_field(out, c, f, record_new(c, t), NULL));
    } else {
        *out = (FormField){.kind = INPUT_TREE};
        TRY(page_kit_tree(&out->options, &out->n_options, c, model_need(c->model, "unit"), (Str){0},
                          (Str){0}));
    }
    Str *value = NEW(c->arena, Str);
    Str rows = str_fmt(c->arena, "%lld", (long long)x->rows);
    out->name = str_fmt(c->arena, "v%zu", u);
    Str guess = k->typed ? (Str){0} : import_guess(c, out->options, out->n_options, x->value);
    *value = k->typed ? input_get(k->typed, out->name) : guess;
    out->values = value;
    out->n_values = value->n ? 1 : 0;
    out->label = FILL(c, TR(c, N_("“{0}” in the column {1}")), x->value, x->column);
    out->help = FILL(c,
                     guess.n ? TR(c, N_("In {0} rows. The nearest entry is proposed; check it."))
                             : TR(c, N_("In {0} rows. Left empty, those rows stay rejected.")),
                     rows);
    out->is_required = out->is_optional_part = out->as_cards = false;
    out->preset = (Str){0};
    out->errors = page_kit_errors(&out->n_errors, c, out->name);
    return OK;
}

static Err value_fields(FormGroup *out, Columns *k) {
    Ctx *c = k->c;
    FormField *fields = NEW_N(c->arena, FormField, k->report.n_unknown + 1);
    *out = (FormGroup){.label = TRS(c, N_("Values that name nothing here")), .fields = fields};
    for (size_t i = 0; i < k->report.n_unknown; i++) {
        bool offered;
        TRY(value_field(&fields[out->n], &offered, k, i));
        out->n += offered;
    }
    return OK;
}

/* What the map says of a field's values already, and what was said now; true when there is any. */
static bool write_values(Text *t, const Columns *k, size_t sheet, Str field) {
    Ctx *c = k->c;
    Str table = table_of(c->arena, field), name = k->report.sheets[sheet].name;
    bool any = false;
    for (const ImportMap *m = k->map; m && !any; m = m->also) {
        for (size_t i = 0; i < m->n_values; i++) {
            if (!str_eq(m->values[i].table, table)) continue;
            any = true;
            text_fmt(t, "value %.*s: %.*s -> %.*s\n", FMT(table),
                     FMT(map_quote(c->arena, m->values[i].from)),
                     FMT(map_quote(c->arena, m->values[i].to)));
        }
    }
    for (size_t i = 0; k->typed && i < k->report.n_unknown; i++) {
        const ImportUnknown *x = &k->report.unknown[i];
        Str to = input_get(k->typed, str_fmt(c->arena, "v%zu", i));
        if (!to.n || !str_eq(x->field, field) || !str_eq(x->sheet, name)) continue;
        any = true;
        text_fmt(t, "value %.*s: %.*s -> %.*s\n", FMT(table), FMT(map_quote(c->arena, x->value)),
                 FMT(map_quote(c->arena, to)));
    }
    return any;
}

/* ---- how texts are read ---- */

static const char *const date_formats[] = {"MM/DD/YYYY", "YYYY/MM/DD", "YYYYMMDD", "DDMMYYYY"};

static void choose(FormField *f, Columns *k, const char *name, const char *label, Str stored) {
    Str *value = NEW(k->c->arena, Str);
    *value = k->typed ? input_getz(k->typed, name) : stored;
    f->name = str_of(name);
    f->label = TRS(k->c, label);
    f->kind = INPUT_CHOICE;
    f->values = value;
    f->n_values = value->n ? 1 : 0;
    f->errors = page_kit_errors(&f->n_errors, k->c, f->name);
}

/* The format that a date of the map is read with. */
static Str date_format_of(const ImportMap *m) {
    for (size_t i = 0; m && i < m->main.n_fields; i++) {
        const MapProgram *p = &m->main.fields[i].program;
        if (p->n == 3 && p->steps[0].op == MAP_COLUMN && p->steps[1].op == MAP_LITERAL)
            for (size_t k = 0; k < LENGTH(date_formats); k++)
                if (str_is(p->steps[1].text, date_formats[k])) return p->steps[1].text;
    }
    return (Str){0};
}

/* Where the headers of the list's sheet are; 0: JSON. */
static int64_t header_row(const Columns *k) {
    return k->report.sheets[main_sheet(k)].header_row;
}

static void header_field(FormField *out, Columns *k) {
    Ctx *c = k->c;
    Str *value = NEW(c->arena, Str);
    *value = k->typed ? input_getz(k->typed, "header")
                      : str_fmt(c->arena, "%lld", (long long)header_row(k));
    *out = (FormField){.name = S("header"),
                       .label = TRS(c, N_("Row of the headers")),
                       .kind = INPUT_INT,
                       .values = value,
                       .n_values = 1,
                       .help = TRS(c, N_("What stands above it is left out. With another row the "
                                         "columns are looked for again."))};
    out->errors = page_kit_errors(&out->n_errors, c, out->name);
}

/* Another row than the one that was read; 0: the same. */
static int64_t other_header(const Columns *k) {
    int64_t typed;
    Str text = k->typed ? str_trim(input_getz(k->typed, "header")) : (Str){0};
    if (!text.n || !header_row(k)) return 0;
    if (!str_to_int(&typed, text) || typed < 1 || typed > 1000) {
        issue(k->c, "header", "bad_value", N_("This is not a number of a row."));
        return 0;
    }
    return typed == header_row(k) ? 0 : typed;
}

static void reading_fields(FormGroup *out, Columns *k) {
    Ctx *c = k->c;
    FormField *fields = NEW_N(c->arena, FormField, 4);
    FilterOption *decimal = NEW_N(c->arena, FilterOption, 2);
    FilterOption *dates = NEW_N(c->arena, FilterOption, LENGTH(date_formats));
    int comma = k->map ? k->map->comma : -1;
    decimal[0] = (FilterOption){.value = S("comma"), .label = TRS(c, N_("1 234,56"))};
    decimal[1] = (FilterOption){.value = S("point"), .label = TRS(c, N_("1,234.56"))};
    for (size_t i = 0; i < LENGTH(date_formats); i++)
        dates[i] =
            (FilterOption){.value = str_of(date_formats[i]), .label = str_of(date_formats[i])};
    choose(&fields[0], k, "decimal", N_("Numbers are written"),
           comma < 0 ? (Str){0}
           : comma   ? S("comma")
                     : S("point"));
    fields[0].options = decimal;
    fields[0].n_options = 2;
    fields[0].help = TRS(c, N_("“None”: as the file's separator suggests."));
    choose(&fields[1], k, "dates", N_("Dates are written"), date_format_of(k->map));
    fields[1].options = dates;
    fields[1].n_options = LENGTH(date_formats);
    fields[1].help = TRS(c, N_("“None”: day, month, year, or as Excel keeps them."));
    *out = (FormGroup){.label = TRS(c, N_("How it is written")), .fields = fields, .n = 2};
    if (header_row(k)) header_field(&fields[out->n++], k);
}

static FormField save_field(Columns *k) {
    Ctx *c = k->c;
    SavedMap saved;
    FormField f = {.name = S("save_as"),
                   .label = TRS(c, N_("Save this map under the name")),
                   .kind = INPUT_TEXT,
                   .max_length = 80,
                   .help =
                       TRS(c, N_("It can then be chosen for the next file. Leave it empty to use "
                                 "it only now."))};
    Str *value = NEW(c->arena, Str);
    bool is_mine =
        k->run->map.n && saved_map_find(&saved, c, k->run->map) == OK && saved.by == c->actor->user;
    *value = k->typed ? input_getz(k->typed, "save_as") : is_mine ? k->run->map : (Str){0};
    f.values = value;
    f.n_values = value->n ? 1 : 0;
    f.errors = page_kit_errors(&f.n_errors, c, f.name);
    return f;
}

/* ---- the page ---- */

static FormField run_field(Columns *k) {
    Str *id = NEW(k->c->arena, Str);
    *id = str_fmt(k->c->arena, "%lld", (long long)k->run->id);
    return (FormField){.name = S("run"), .kind = INPUT_HIDDEN, .values = id, .n_values = 1};
}

static Block *form_of(Columns *k, FormGroup *groups, size_t n, const char *submit) {
    Ctx *c = k->c;
    Block *b = view_block(c->arena, BLOCK_FORM);
    b->form = (FormView){
        .action = S("/import/columns"),
        .groups = groups,
        .n_groups = n,
        .submit_label = TRS(c, submit),
        .cancel = {.label = TRS(c, N_("Cancel")),
                   .href = str_fmt(c->arena, "/import?run=%lld", (long long)k->run->id)}};
    return b;
}

static Err columns_form(Block **out, Columns *k) {
    Ctx *c = k->c;
    size_t n = 0, sheets = k->report.n_sheets;
    FormGroup *groups = NEW_N(c->arena, FormGroup, 2 * sheets + 3);
    TRY(value_fields(&groups[n], k)); /* what is asked comes first */
    n += groups[n].n > 0;
    for (size_t i = 0; i < sheets; i++) TRY(column_fields(&groups[n++], k, i));
    for (size_t i = 0; i < sheets; i++) {
        TRY(default_fields(&groups[n], k, i));
        n += groups[n].n > 0;
    }
    reading_fields(&groups[n++], k);
    FormField *last = NEW_N(c->arena, FormField, 2);
    last[0] = save_field(k);
    last[1] = run_field(k);
    groups[n++] = (FormGroup){.label = TRS(c, N_("For the next file")), .fields = last, .n = 2};
    *out = form_of(k, groups, n, N_("Check with these columns"));
    (*out)->id = "columns";
    return OK;
}

/* The same as text, for what the form cannot say: tables of values, joined columns, conditions. */
static Block *text_form(Columns *k, Str text, const Input *typed) {
    Ctx *c = k->c;
    FormGroup *group = NEW(c->arena, FormGroup);
    FormField *fields = NEW_N(c->arena, FormField, 3);
    Str *value = NEW(c->arena, Str);
    *value = typed && input_has(typed, S("text")) ? input_getz(typed, "text") : text;
    fields[0] =
        (FormField){.name = S("text"),
                    .label = TRS(c, N_("The map as text")),
                    .kind = INPUT_LONG,
                    .values = value,
                    .n_values = 1,
                    .rows = 16,
                    .help = TRS(c, N_("Says more than the form can: tables of values, joined "
                                      "columns, conditions. See the guide to importing."))};
    fields[0].errors = page_kit_errors(&fields[0].n_errors, c, S("text"));
    fields[1] = save_field(k);
    fields[2] = run_field(k);
    *group = (FormGroup){.fields = fields, .n = 3};
    Block *b = form_of(k, group, 1, N_("Check with this text"));
    Block *section = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("As text")));
    b->id = "text";
    section->layout.is_folded = !fields[0].n_errors;
    view_put(c->arena, section, b);
    return section;
}

/* ---- from what was chosen to a map ---- */

static bool is_date(const Type *t, Str name) {
    const Field *f = type_field(t, name);
    return f && f->kind == KIND_DATE;
}

/* How a column is read: its values, its dates. */
static Str read_column(Columns *k, const Type *type, Str column, Str field, bool has_values) {
    Ctx *c = k->c;
    Str dates = k->typed ? input_getz(k->typed, "dates") : date_format_of(k->map);
    Str from = map_quote_column(c->arena, column);
    if (has_values)
        from =
            str_fmt(c->arena, "translate(%.*s, %.*s)", FMT(from), FMT(table_of(c->arena, field)));
    if (dates.n && is_date(type, field))
        from = str_fmt(c->arena, "date(%.*s, %.*s)", FMT(from), FMT(map_quote(c->arena, dates)));
    return from;
}

/* A column of the entries of the row; false: it is none. */
static bool entry_column(ImportFlat *flat, Columns *k, Str column, Str field) {
    ImportFlatPart *x;
    Str part;
    if (!flat->type) return false;
    if (import_flat_part(&part, flat->type, field, ':')) {
        const Field *kind = import_flat_field(flat->type, KIND_CHOICE);
        bool known = false;
        for (size_t i = 0; kind && i < kind->n_choices; i++)
            known = known || str_is(part, kind->choices[i].key);
        if (!known || flat->n_amounts == LENGTH(flat->amounts)) return false;
        x = &flat->amounts[flat->n_amounts++];
    } else {
        ptrdiff_t dot;
        if (!import_flat_part(&part, flat->type, field, '.')) return false;
        dot = str_find_char(part, '.');
        const Field *f = type_field(flat->type, dot > 0 ? str_sub(part, 0, (size_t)dot) : part);
        if (!f || !is_fillable(f) || flat->n_fields == LENGTH(flat->fields)) return false;
        x = &flat->fields[flat->n_fields++];
    }
    *x = (ImportFlatPart){part, read_column(k, flat->type, column, part, false)};
    return true;
}

/* One column to one field; false with an issue when another column has it already. */
static bool write_column(Text *t, Columns *k, const Type *type, size_t i, size_t x, Str taken[],
                         size_t *n_taken, ImportFlat *flat) {
    Ctx *c = k->c;
    const ImportColumn *column = &k->report.sheets[i].columns[x];
    Str name = str_fmt(c->arena, "s%zu.c%zu", i, x);
    Str field = k->typed ? input_get(k->typed, name) : column->field;
    if (!field.n || !column->name.n) return true;
    for (size_t q = 0; q < *n_taken; q++)
        if (str_eq(taken[q], field)) {
            issue(c, str_z(c->arena, name), "twice",
                  N_("Another column fills this field already."));
            return false;
        }
    taken[(*n_taken)++] = field;
    if (entry_column(flat, k, column->name, field)) return true;
    ptrdiff_t dot = str_find_char(field, '.');
    Str base = dot > 0 ? str_sub(field, 0, (size_t)dot) : field;
    bool system = word_in("unit owner state number restricted", field);
    const Field *f = type_field(type, base);
    if (!system && (!f || !is_fillable(f))) {
        issue(c, str_z(c->arena, name), "unknown", N_("There is no such field."));
        return false;
    }
    Str from = read_column(k, type, column->name, field, write_values(t, k, i, field));
    text_fmt(t, "field %.*s = %.*s\n", FMT(field), FMT(from));
    if (str_is(field, "external_key")) flat->key = from;
    if (f && f->kind == KIND_DATE && (f->flags & F_REQUIRED) && !flat->date.n) flat->date = from;
    if (f && f->kind == KIND_LONG && !flat->words.n) flat->words = from;
    if (f && f == type->title) flat->title = from;
    return true;
}

static Str chosen_state(const Columns *k, size_t i) {
    const ImportMap *m = map_of_sheet(k, i);
    if (k->typed) return input_get(k->typed, sheet_name(k->c->arena, i, "state"));
    if (m && m->main.state.n) return m->main.state;
    const State *first = import_flat_state(k->run->type);
    return first ? str_of(first->name) : (Str){0};
}

/* What belongs to a record of the row: its title out of its words, its entries. */
static void write_flat(Text *t, Columns *k, const Type *type, size_t i, ImportFlat *flat) {
    Ctx *c = k->c;
    bool said = default_said(k, i, type->title ? type->title->name : "");
    if (flat->type && !said) import_flat_words(t, type, flat->title, flat->words);
    if (flat->type) import_flat_write(t, c->arena, flat);
}

static size_t write_sheet(Text *t, Columns *k, const Type *type, size_t i) {
    Ctx *c = k->c;
    const ImportSheet *s = &k->report.sheets[i];
    Str *taken = NEW_N(c->arena, Str, s->n + 1);
    size_t n = 0;
    ImportFlat flat = {.type = import_flat_type(c->model, type)};
    Str state = chosen_state(k, i);
    if (s->name.n) text_fmt(t, "sheet %.*s\n", FMT(map_quote(c->arena, s->name)));
    if (takes_state(k, type) && type_state(type, state)) text_fmt(t, "state %.*s\n", FMT(state));
    for (size_t x = 0; x < s->n; x++) write_column(t, k, type, i, x, taken, &n, &flat);
    for (size_t x = 0; x <= type->n_fields; x++) {
        const char *field = x < type->n_fields ? type->fields[x].name : "unit";
        Str name = str_fmt(c->arena, "s%zu.d.%s", i, field);
        Str value = k->typed ? input_get(k->typed, name) : default_of(k, i, field);
        if (value.n) text_fmt(t, "default %s = %.*s\n", field, FMT(map_quote(c->arena, value)));
    }
    write_flat(t, k, type, i, &flat);
    return n;
}

static void write_map(Text *t, Columns *k) {
    Ctx *c = k->c;
    size_t first = k->report.n_sheets;
    Str decimal = k->typed ? input_getz(k->typed, "decimal") : (Str){0};
    for (size_t i = 0; i < k->report.n_sheets && first == k->report.n_sheets; i++)
        if (sheet_type(k, i) == k->run->type) first = i;
    if (first == k->report.n_sheets) {
        issue(c, "s0.type", "required", N_("Say which sheet holds the records of the list."));
        return;
    }
    text_fmt(t, "type %s\n", k->run->type->name);
    if (str_is(decimal, "comma") || str_is(decimal, "point"))
        text_fmt(t, "decimal %.*s\n", FMT(decimal));
    if (k->map && k->map->has_skip) text_fmt(t, "skip %zu\n", k->map->skip);
    if (!write_sheet(t, k, k->run->type, first) && !c->issues.errors)
        issue(c, str_z(c->arena, sheet_name(c->arena, first, "type")), "empty",
              N_("Choose a field for at least one column."));
    for (size_t i = 0; i < k->report.n_sheets; i++) {
        const Type *type = sheet_type(k, i);
        if (i == first || !type) continue;
        if (type == k->run->type || !type->parent || type->parent->target != k->run->type) {
            issue(c, str_z(c->arena, sheet_name(c->arena, i, "type")), "twice",
                  N_("Only one sheet can hold the records of the list."));
            continue;
        }
        text_fmt(t, "also %s\n", type->name);
        if (!write_sheet(t, k, type, i) && !c->issues.errors)
            issue(c, str_z(c->arena, sheet_name(c->arena, i, "type")), "empty",
                  N_("Choose a field for at least one column."));
    }
}

Err import_columns_page(Ctx *c, const ImportRun *run, const Input *typed, Page *out) {
    Columns k;
    Block *form;
    Issues kept = c->issues;
    if (!word_in("waiting checked refused", run->state)) return ERR_CONFLICT;
    TRY(columns_read(&k, c, run, typed));
    TRY(columns_form(&form, &k));
    Text t = text_new(c->arena, 0);
    if (!run->map_text.n) write_map(&t, &k);
    c->issues = kept;
    out->title = TRS(c, N_("Choose the columns"));
    out->eyebrow = TRS(c, run->type->plural_label);
    out->subtitle = run->file;
    page_kit_trail(out, c->arena, TRS(c, N_("Import")), S("/import"));
    page_kit_trail(out, c->arena, run->file,
                   str_fmt(c->arena, "/import?run=%lld", (long long)run->id));
    view_put(c->arena, out->body, form);
    view_put(c->arena, out->body,
             text_form(&k, run->map_text.n ? run->map_text : text_str(&t), typed));
    out->main = form;
    return OK;
}

static Err map_from_text(Str *out, Ctx *c, const ImportRun *run, Str text) {
    ImportMap *map;
    Str why = {0};
    Text clean = text_new(c->arena, MAP_MAX_BYTES + 1);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != '\r') text_char(&clean, text.p[i]);
    *out = text_str(&clean);
    if (clean.full || map_parse(&map, &why, c->arena, *out) != OK)
        return issue_arg(c, "text", "bad_map", N_("The map cannot be read: {0}"), why);
    if (!str_is(map->main.type, run->type->name))
        return issue_arg(c, "text", "type", N_("The map is for another list: {0}."),
                         map->main.type);
    return OK;
}

Err import_columns_post(Ctx *c, const ImportRun *run, const Input *form, Str *redirect) {
    Columns k;
    Str text = input_getz(form, "text"), name = str_trim(input_getz(form, "save_as"));
    if (input_has(form, S("text"))) {
        TRY(map_from_text(&text, c, run, text));
    } else {
        Text t = text_new(c->arena, MAP_MAX_BYTES);
        TRY(columns_read(&k, c, run, form));
        if (!k.typed) return ERR_INVALID;
        int64_t header = other_header(&k);
        if (header) {
            text_fmt(&t, "type %s\nskip %lld\n", run->type->name, (long long)header - 1);
            TRY(import_run_remap(c, run->id, TRS(c, N_("Chosen columns")), text_str(&t)));
            *redirect = str_fmt(c->arena, "/import?run=%lld", (long long)run->id);
            return OK;
        }
        write_map(&t, &k);
        if (c->issues.errors) return ERR_INVALID;
        TRY(map_from_text(&text, c, run, text_str(&t)));
    }
    if (name.n) TRY(saved_map_put(c, "save_as", name, run->type, text));
    TRY(import_run_remap(c, run->id, name.n ? name : TRS(c, N_("Chosen columns")), text));
    *redirect = str_fmt(c->arena, "/import?run=%lld", (long long)run->id);
    return OK;
}
