/* kit.c: parts of pages (kit.h). SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/kit.h"

Block *kit_list(Ctx *c, const KitColumn *columns, size_t n_columns, const Row *rows, size_t n,
                const char *empty) {
    Column *list = NEW_N(c->arena, Column, n_columns);
    for (size_t i = 0; i < n_columns; i++)
        list[i] = (Column){.name = columns[i].name,
                           .label = TRS(c, columns[i].label),
                           .kind = columns[i].kind,
                           .is_main = columns[i].is_main,
                           .is_hidden = columns[i].is_hidden};
    Block *b = view_block(c->arena, BLOCK_LIST);
    b->list = (ListView){.columns = list,
                         .n_columns = n_columns,
                         .rows = rows_of_array(c->arena, rows, n),
                         .total = (int64_t)n,
                         .total_is_exact = true,
                         .empty_title = TRS(c, empty),
                         .is_plain = true};
    return b;
}

static void field_issues(Ctx *c, FormField *f) {
    Str *errors = NEW_N(c->arena, Str, c->issues.n + 1);
    for (size_t i = 0; i < c->issues.n; i++)
        if (str_eq(c->issues.items[i].field, f->name))
            errors[f->n_errors++] = issue_text(c, &c->issues.items[i]);
    f->errors = errors;
}

FormField kit_field(Ctx *c, const char *name, const char *label, InputKind kind, Str value,
                    const Input *typed) {
    Str *values = NEW(c->arena, Str);
    *values = typed && input_has(typed, str_of(name)) ? input_getz(typed, name) : value;
    FormField f = {.name = str_of(name),
                   .label = TRS(c, label),
                   .kind = kind,
                   .values = values,
                   .n_values = values->n ? 1 : 0,
                   .max_length = 200};
    field_issues(c, &f);
    return f;
}

void kit_options(Ctx *c, FormField *f, const char *const *options) {
    size_t n = 0;
    while (options[2 * n]) n++;
    FilterOption *list = NEW_N(c->arena, FilterOption, n + 1);
    for (size_t i = 0; i < n; i++)
        list[i] = (FilterOption){.value = str_of(options[2 * i]),
                                 .label = TRS(c, options[2 * i + 1]),
                                 .is_chosen = f->n_values && str_is(f->values[0], options[2 * i])};
    f->options = list;
    f->n_options = n;
}

Block *kit_form(Ctx *c, const char *action, const FormField *fields, size_t n, const char *submit) {
    FormGroup *group = NEW(c->arena, FormGroup);
    *group = (FormGroup){.fields = fields, .n = n};
    Block *b = view_block(c->arena, BLOCK_FORM);
    b->form = (FormView){
        .action = str_of(action), .groups = group, .n_groups = 1, .submit_label = TRS(c, submit)};
    kit_form_errors(c, b);
    return b;
}

void kit_form_errors(Ctx *c, Block *form) {
    Str *errors = NEW_N(c->arena, Str, c->issues.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < c->issues.n; i++)
        if (!c->issues.items[i].field.n) errors[n++] = issue_text(c, &c->issues.items[i]);
    form->form.errors = errors;
    form->form.n_errors = n;
}

Button kit_post(Ctx *c, const char *label, Str href, const char *name, Str value) {
    return (Button){.label = TRS(c, label),
                    .href = href,
                    .is_post = true,
                    .name = str_of(name),
                    .value = value};
}

Block *kit_section(Ctx *c, const char *title, const char *text, Block *inside) {
    Block *b = view_layout(c->arena, LAYOUT_SECTION, TRS(c, title));
    if (text) b->layout.text = TRS(c, text);
    view_put(c->arena, b, inside);
    return b;
}

bool kit_state(const Record *r, const char *state) {
    return strcmp(r->state->name, state) == 0;
}

Str kit_text_int(Ctx *c, int64_t i) {
    return str_fmt(c->arena, "%lld", (long long)i);
}

Err kit_as(Ctx **out, Ctx *c, int64_t user) {
    Ctx *own = NEW(c->arena, Ctx);
    *own = *c;
    own->actor = NEW(c->arena, Actor);
    own->cache = NULL;
    own->issues = (Issues){0};
    own->reason = (Str){0};
    *out = own;
    if (user) return actor_load(own, user);
    actor_system(own);
    return OK;
}
