/* page_list_form.c: the small forms of a list: its columns, the name of a view, all its filters.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/page_list.h"

static FormField hidden_field(Ctx *c, Str name, Str value) {
    Str *values = NEW(c->arena, Str);
    *values = value;
    return (FormField){.name = name, .kind = INPUT_HIDDEN, .values = values, .n_values = 1};
}

static Block *small_form(Ctx *c, FormField *fields, size_t n, Str action, Str submit, Str cancel) {
    FormGroup *group = NEW(c->arena, FormGroup);
    *group = (FormGroup){.fields = fields, .n = n};
    Block *form = view_block(c->arena, BLOCK_FORM);
    form->form = (FormView){.action = action,
                            .groups = group,
                            .n_groups = 1,
                            .submit_label = submit,
                            .cancel = {.label = TRS(c, N_("Cancel")), .href = cancel}};
    return form;
}

static void sub_page(Page *out, Ctx *c, const PageQuery *q, Str title, Block *body) {
    out->title = title;
    out->nav = str_z(c->arena, q->path);
    page_kit_trail(out, c->arena, TRS(c, q->type->plural_label), q->path);
    out->body = out->main = body;
}

void page_list_form_columns(Page *out, Ctx *c, const PageQuery *q, FieldSet hidden) {
    PageColumns *all = NEW(c->arena, PageColumns), *now = NEW(c->arena, PageColumns);
    page_columns_chosen(now, c, q, hidden);
    page_columns_screen(all, c, q->type, hidden);
    page_columns_add(all, c, q->type, S("unit"), hidden);
    for (size_t i = 0; i < q->type->n_fields; i++) {
        const Field *f = &q->type->fields[i];
        if (f->flags & F_HIDDEN || page_columns_is_title(c, q->type, f)) continue;
        page_columns_add(all, c, q->type, str_of(f->name), hidden);
    }
    for (size_t i = 0; i < q->type->n_readings; i++)
        page_columns_add(all, c, q->type, str_of(q->type->readings[i].name), hidden);
    for (size_t i = 0; i < c->model->n_columns; i++)
        if (!strcmp(c->model->columns[i]->type, q->type->name))
            page_columns_add_module(all, c, c->model->columns[i]);
    page_columns_add(all, c, q->type, S("owner"), hidden);
    page_columns_add(all, c, q->type, S("created_by"), hidden);
    page_columns_add(all, c, q->type, S("created_at"), hidden);
    FilterOption *options = NEW_N(c->arena, FilterOption, all->n + 1);
    Str *values = NEW_N(c->arena, Str, now->n + 1);
    for (size_t i = 0; i < now->n; i++) values[i] = str_of(now->items[i].name);
    for (size_t i = 0; i < all->n; i++) {
        Str name = str_of(all->items[i].name);
        bool chosen = false;
        for (size_t k = 0; k < now->n; k++) chosen |= str_eq(values[k], name);
        options[i] = (FilterOption){name, all->items[i].label, 0, chosen};
    }
    FormField *fields = NEW_N(c->arena, FormField, q->params.n + 1);
    fields[0] = (FormField){.name = S("columns"),
                            .label = TRS(c, N_("Columns")),
                            .kind = INPUT_CHOICES,
                            .options = options,
                            .n_options = all->n,
                            .values = values,
                            .n_values = now->n};
    for (size_t i = 0; i < q->params.n; i++)
        fields[i + 1] = hidden_field(c, q->params.items[i].name, q->params.items[i].value);
    Str back = page_kit_href(c, q, (Str){0}, (Str){0}, NULL, (Str){0});
    Block *form =
        small_form(c, fields, q->params.n + 1, q->path, TRS(c, N_("Show these columns")), back);
    form->form.is_get = true;
    sub_page(out, c, q, TRS(c, N_("Columns")), form);
}

void page_list_form_view(Page *out, Ctx *c, const PageQuery *q, Str query) {
    FormField *fields = NEW_N(c->arena, FormField, 3);
    fields[0] = (FormField){.name = S("name"),
                            .label = TRS(c, N_("Name of the view")),
                            .help = TRS(c, N_("It becomes a tab of this list, for you alone.")),
                            .kind = INPUT_TEXT,
                            .is_required = true,
                            .max_length = 60};
    fields[1] = hidden_field(c, S("type"), str_of(q->type->name));
    fields[2] = hidden_field(c, S("query"), query);
    Str back = page_kit_href(c, q, (Str){0}, (Str){0}, NULL, (Str){0});
    Block *form = small_form(c, fields, 3, S("/views"), TRS(c, N_("Save this view")), back);
    sub_page(out, c, q, TRS(c, N_("Save this view")), form);
}

Err page_list_form_filters(Page *out, Ctx *c, const PageQuery *q) {
    Block *panel;
    TRY(page_kit_filter_panel(&panel, c, q));
    sub_page(out, c, q, TRS(c, N_("Filters")), panel);
    return OK;
}
