/* report.c: see report.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/report.h"

#include "model/page_kit.h"

/* ---- lists ---- */

ReportList report_list(Ctx *c, const Column *columns, size_t n) {
    Column *kept = NEW_N(c->arena, Column, n + 1);
    for (size_t i = 0; i < n; i++) {
        kept[i] = columns[i];
        kept[i].label = trs(c->lang, columns[i].label.p);
    }
    return (ReportList){.c = c, .columns = kept, .n_columns = n};
}

Cell *report_row(ReportList *l, Str id, Str href) {
    Cell *cells = NEW_N(l->c->arena, Cell, l->n_columns + 1);
    GROW(l->c->arena, l->rows, l->n, l->cap);
    l->rows[l->n++] = (Row){.id = id, .href = href, .cells = cells};
    return cells;
}

Block *report_block(ReportList *l, const char *path, const Input *query, const char *empty) {
    Arena *a = l->c->arena;
    Input kept = {0};
    for (size_t i = 0; path && query && i < query->n; i++) {
        InputItem item = query->items[i];
        bool is_frame = str_is(item.name, "format") || str_is(item.name, "lang") ||
                        (item.name.n && item.name.p[0] == '_');
        if (item.value.n && !is_frame) input_add(&kept, a, item.name, item.value);
    }
    Block *b = view_block(a, BLOCK_LIST);
    b->list = (ListView){.columns = l->columns,
                         .n_columns = l->n_columns,
                         .rows = rows_of_array(a, l->rows, l->n),
                         .total = (int64_t)l->n,
                         .total_is_exact = true,
                         .is_plain = true,
                         .action = str_of(path),
                         .empty_title = TRS(l->c, empty)};
    view_share_currency(l->columns, l->n_columns, l->rows, l->n);
    if (path) b->list.export_query = str_join(a, S("?"), page_kit_query(a, &kept));
    return b;
}

/* ---- cells ---- */

Cell report_count(int64_t n, Str href) {
    Cell cell = cell_int(n);
    return n && href.n ? cell_link(cell, href) : cell;
}

Cell report_money(int64_t minor, Str currency) {
    Money m = {.minor = minor};
    memcpy(m.currency, currency.p ? currency.p : "", currency.n < 4 ? currency.n : 3);
    return cell_money(m);
}

Cell report_state(const Ctx *c, const Record *r) {
    return page_kit_state(c, r->state);
}

Cell report_ref(const Ctx *c, const Record *r) {
    Cell cell = cell_ref(record_number(c->arena, r), record_title(c, r), record_path(c->arena, r));
    cell.is_named = true;
    return cell;
}

Err report_unit(Cell *out, Ctx *c, int64_t unit) {
    TRY(page_kit_unit(out, c, unit));
    if (out->key.n)
        out->href = str_fmt(c->arena, "/units/%.*s", FMT(page_kit_escape(c->arena, out->key)));
    return OK;
}

Err report_person(Cell *out, Ctx *c, int64_t user) {
    return page_kit_person(out, c, user);
}

Cell report_choice_cell(const Ctx *c, const Record *r, const char *field) {
    const Field *f = type_need(r->type, field);
    for (size_t i = 0; i < f->n_choices; i++) {
        if (!str_is(r->values[f->index].s, f->choices[i].key)) continue;
        Cell cell = cell_label(str_of(f->choices[i].key), TRS(c, f->choices[i].label));
        cell.tone = f->choices[i].tone;
        return cell;
    }
    return (Cell){0};
}

/* ---- parameters ---- */

static const Str *one_value(Ctx *c, Str value) {
    Str *kept = NEW(c->arena, Str);
    *kept = value;
    return kept;
}

FormField report_choice(Ctx *c, const char *name, const char *label, const Choice *choices,
                        Str chosen) {
    size_t n = 0;
    while (choices[n].key) n++;
    FilterOption *options = NEW_N(c->arena, FilterOption, n + 1);
    for (size_t i = 0; i < n; i++)
        options[i] = (FilterOption){.value = str_of(choices[i].key),
                                    .label = TRS(c, choices[i].label),
                                    .is_chosen = str_is(chosen, choices[i].key)};
    FormField f = {.name = str_of(name),
                   .label = TRS(c, label),
                   .kind = INPUT_CHOICE,
                   .options = options,
                   .n_options = n,
                   .values = one_value(c, chosen),
                   .n_values = chosen.n ? 1 : 0};
    f.errors = page_kit_errors(&f.n_errors, c, f.name);
    return f;
}

FormField report_filter(Ctx *c, const char *name, const char *label, const Choice *choices,
                        Str chosen) {
    FormField f = report_choice(c, name, label, choices, chosen);
    FilterOption *options = NEW_N(c->arena, FilterOption, f.n_options + 1);
    options[0] = (FilterOption){.label = TRS(c, N_("All")), .is_chosen = !chosen.n};
    memcpy(options + 1, f.options, f.n_options * sizeof *options);
    f.options = options;
    f.n_options++;
    f.n_values = 1;
    return f;
}

FormField report_text(Ctx *c, const char *name, const char *label, InputKind kind, Str value) {
    FormField f = {.name = str_of(name),
                   .label = TRS(c, label),
                   .kind = kind,
                   .values = one_value(c, value),
                   .n_values = value.n ? 1 : 0};
    f.errors = page_kit_errors(&f.n_errors, c, f.name);
    return f;
}

Err report_unit_field(FormField *out, Ctx *c, const char *name, const char *label, Str chosen) {
    *out = report_text(c, name, label, INPUT_TREE, chosen);
    return page_kit_tree(&out->options, &out->n_options, c, model_need(c->model, "unit"), (Str){0},
                         chosen);
}

Block *report_parameters(Ctx *c, const char *path, const FormField *fields, size_t n) {
    Block *b = view_block(c->arena, BLOCK_FORM);
    FormField *kept = NEW_N(c->arena, FormField, n + 1);
    FormGroup *g = NEW(c->arena, FormGroup);
    memcpy(kept, fields, n * sizeof *kept);
    *g = (FormGroup){.fields = kept, .n = n};
    b->form = (FormView){.action = str_of(path),
                         .groups = g,
                         .n_groups = 1,
                         .submit_label = TRS(c, N_("Show")),
                         .is_get = true,
                         .is_toolbar = true};
    return b;
}

/* ---- addresses ---- */

Str report_link(Ctx *c, Str address, const char *name, Str value) {
    const char *sign = str_find_char(address, '?') < 0 ? "?" : "&";
    return str_fmt(c->arena, "%.*s%s%s=%.*s", FMT(address), sign, name,
                   FMT(page_kit_escape(c->arena, value)));
}

Str report_day_words(Ctx *c, Str iso) {
    return page_kit_day(c->arena, iso);
}

int32_t report_month(Str day) {
    int64_t year, month;
    if (day.n != 10 || !str_to_int(&year, str_sub(day, 0, 4)) ||
        !str_to_int(&month, str_sub(day, 5, 2)))
        return 0;
    return (int32_t)(year * 12 + month - 1);
}

Str report_share(Ctx *c, int64_t hundredths) {
    const char *sign = c->lang == LANG_FR ? "\xC2\xA0%" : "%",
               *point = c->lang == LANG_EN ? "." : ",";
    long long whole = (long long)(hundredths / 100), rest = (long long)(hundredths % 100);
    if (!rest) return str_fmt(c->arena, "%lld%s", whole, sign);
    return rest % 10 ? str_fmt(c->arena, "%lld%s%02lld%s", whole, point, rest, sign)
                     : str_fmt(c->arena, "%lld%s%lld%s", whole, point, rest / 10, sign);
}
