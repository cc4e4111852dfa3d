/* template.c: see template.h. Lists to choose from stand on a hidden sheet, because Excel bounds a
 * list inside a cell's own rule to 255 characters. SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "model/template.h"

#include "base/utf8.h"
#include "model/import.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum { LAST_ROW = 5000, MOST_LISTED = 2000 };

typedef struct Book {
    Ctx *c;
    lxw_workbook *book;
    lxw_worksheet *lists;
    lxw_col_t lists_used;
    lxw_format *head, *needed, *date, *text;
} Book;

static const char *z(Book *b, Str s) {
    return str_z(b->c->arena, s);
}

/* Writes the texts as a column of the hidden sheet and ties the column of `sheet` to it. */
static void choose_from(Book *b, lxw_worksheet *sheet, lxw_col_t column, const Str *texts,
                        size_t n) {
    if (!n) return;
    lxw_col_t at = b->lists_used++;
    for (size_t i = 0; i < n; i++)
        worksheet_write_string(b->lists, (lxw_row_t)i, at, z(b, texts[i]), NULL);
    char name[16] = "", from[64];
    lxw_col_to_name(name, at, 1);
    snprintf(from, sizeof from, "=lists!%s$1:%s$%zu", name, name, n);
    lxw_data_validation rule = {.validate = LXW_VALIDATION_TYPE_LIST_FORMULA,
                                .ignore_blank = LXW_VALIDATION_ON,
                                .dropdown = LXW_VALIDATION_ON,
                                .show_error = LXW_VALIDATION_ON,
                                .error_type = LXW_VALIDATION_ERROR_TYPE_STOP,
                                .value_formula = from};
    worksheet_data_validation_range(sheet, 1, column, LAST_ROW, column, &rule);
}

static void choose_choice(Book *b, lxw_worksheet *sheet, lxw_col_t column, const Field *f) {
    Str *texts = NEW_N(b->c->arena, Str, f->n_choices + 1);
    for (size_t i = 0; i < f->n_choices; i++) texts[i] = TRS(b->c, f->choices[i].label);
    choose_from(b, sheet, column, texts, f->n_choices);
}

static void choose_bool(Book *b, lxw_worksheet *sheet, lxw_col_t column) {
    const Str texts[] = {TRS(b->c, N_("Yes")), TRS(b->c, N_("No"))};
    choose_from(b, sheet, column, texts, LENGTH(texts));
}

/* Taxonomies, units and entities in tree order as "CODE · Name". */
static Err choose_ref(Book *b, lxw_worksheet *sheet, lxw_col_t column, const Type *target,
                      const char *kind) {
    const TreeItem *items;
    size_t n, k = 0;
    if (!target->key || !(target->flags & TYPE_TREE)) return OK;
    TRY(ref_tree(&items, &n, b->c, target, str_of(kind)));
    Str *texts = NEW_N(b->c->arena, Str, n + 1);
    for (size_t i = 0; i < n && k < MOST_LISTED; i++)
        if (!items[i].is_retired)
            texts[k++] =
                str_fmt(b->c->arena, "%.*s \xC2\xB7 %.*s", FMT(items[i].key), FMT(items[i].title));
    choose_from(b, sheet, column, texts, k);
    return OK;
}

static void head(Book *b, lxw_worksheet *sheet, lxw_col_t column, const char *label, bool needed,
                 const char *help) {
    Str text = TRS(b->c, label);
    if (needed) text = str_join(b->c->arena, text, S(" *"));
    worksheet_write_string(sheet, 0, column, z(b, text), needed ? b->needed : b->head);
    worksheet_set_column(sheet, column, column, 22, NULL);
    if (help) worksheet_write_comment(sheet, 0, column, z(b, TRS(b->c, help)));
}

static Err field_column(Book *b, lxw_worksheet *sheet, lxw_col_t *column, const Field *f) {
    lxw_col_t at = (*column)++;
    head(b, sheet, at, f->label, (f->flags & F_REQUIRED) != 0, f->help);
    switch (f->kind) {
    case KIND_CHOICE: choose_choice(b, sheet, at, f); break;
    case KIND_BOOL: choose_bool(b, sheet, at); break;
    case KIND_DATE: worksheet_set_column(sheet, at, at, 14, b->date); break;
    case KIND_TAXON: return choose_ref(b, sheet, at, f->target, f->of);
    case KIND_REF:
    case KIND_UNIT: return choose_ref(b, sheet, at, f->target, NULL);
    case KIND_MONEY: {
        Str words = str_fmt(b->c->arena, "%s (%s)", TR(b->c, f->label), TR(b->c, N_("Currency")));
        at = (*column)++;
        worksheet_write_string(sheet, 0, at, z(b, words), b->head);
        Str codes[64];
        size_t n = 0;
        static const char *const usual[] = {"MAD", "EUR", "USD", "GBP", "CHF", "XOF",
                                            "TND", "DZD", "AED", "SAR", "CNY", "JPY"};
        for (size_t i = 0; i < LENGTH(usual); i++) codes[n++] = str_of(usual[i]);
        choose_from(b, sheet, at, codes, n);
        break;
    }
    case KIND_TEXT:
        worksheet_set_column(sheet, at, at, 30, b->text);
        break; /* codes keep their leading zeros */
    default: break;
    }
    return OK;
}

static bool is_offered(const Field *f) {
    return !(f->flags & (F_COMPUTED | F_DERIVED | F_SECRET | F_HIDDEN)) && f->kind != KIND_FILES &&
           f->kind != KIND_ROWS;
}

static Err sheet_of(Book *b, const Type *t) {
    FieldSet hidden;
    Str label = TRS(b->c, t->plural_label);
    lxw_col_t column = 0;
    label = utf8_clip(label, 31); /* Excel's bound for names of sheets */
    lxw_worksheet *sheet = workbook_add_worksheet(b->book, z(b, label));
    if (!b->lists) {
        b->lists = workbook_add_worksheet(b->book, "lists");
        if (b->lists) worksheet_hide(b->lists);
    }
    if (!sheet || !b->lists) return ERR_INTERNAL;
    TRY(access_hidden(&hidden, b->c, t, NULL));
    if (b->c->actor->is_system) hidden = (FieldSet){{0, 0}};
    const Field *key = type_field(t, S("external_key"));
    if (key) TRY(field_column(b, sheet, &column, key));
    if (!(t->flags & TYPE_NO_UNIT) && !t->parent) {
        head(b, sheet, column, N_("Unit"), false, NULL);
        TRY(choose_ref(b, sheet, column++, model_need(b->c->model, "unit"), NULL));
    }
    for (size_t i = 0; i < t->n_fields; i++)
        if (&t->fields[i] != key && is_offered(&t->fields[i]) && !fieldset_has(hidden, (int)i))
            TRY(field_column(b, sheet, &column, &t->fields[i]));
    worksheet_freeze_panes(sheet, 1, 0);
    if (lang_is_rtl(b->c->lang)) worksheet_right_to_left(sheet);
    return OK;
}

static Err fill(Book *b, const Type *t) {
    TRY(sheet_of(b, t));
    for (size_t i = 0; i < b->c->model->n_types; i++) {
        const Type *child = &b->c->model->types[i];
        const Access *a;
        if (!child->parent || child->parent->target != t) continue;
        TRY(access_of(&a, b->c, child, OP_IMPORT));
        if (access_any(a)) TRY(sheet_of(b, child));
    }
    return OK;
}

static Err write_book(const char *path, Ctx *c, const Type *t) {
    lxw_workbook_options options = {.constant_memory = LXW_FALSE, .tmpdir = "/tmp"};
    Book b = {.c = c, .book = workbook_new_opt(path, &options)};
    if (!b.book) return ERR_INTERNAL;
    b.head = workbook_add_format(b.book);
    format_set_bold(b.head);
    b.needed = workbook_add_format(b.book);
    format_set_bold(b.needed);
    format_set_bg_color(b.needed, 0xFFF2CC);
    b.date = workbook_add_format(b.book);
    format_set_num_format(b.date, "dd/mm/yyyy");
    b.text = workbook_add_format(b.book);
    format_set_num_format(b.text, "@");
    Err e = fill(&b, t);
    return workbook_close(b.book) == LXW_NO_ERROR ? e : ERR_INTERNAL;
}

Err template_write(int *fd, int64_t *size, Ctx *c, const Type *t) {
    char path[] = "/tmp/gardefou-template-XXXXXX";
    const Access *a;
    struct stat st;
    *fd = -1;
    TRY(access_of(&a, c, t, OP_IMPORT));
    if (!access_any(a)) return ERR_DENIED;
    int made = mkostemp(path, O_CLOEXEC);
    if (made < 0) return ERR_INTERNAL;
    close(made);
    Err e = write_book(path, c, t);
    if (e == OK) *fd = open(path, O_RDONLY | O_CLOEXEC);
    unlink(path);
    if (e != OK) return e;
    if (*fd < 0 || fstat(*fd, &st) != 0) return ERR_INTERNAL;
    *size = st.st_size;
    return OK;
}
