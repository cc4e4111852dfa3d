/* render_xlsx.c: the main block of a page as an Excel workbook, row by row with constant memory.
 * Numbers, amounts and dates are typed; text is always stored as text, never as a formula.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "web/render_table.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define MOST_ROWS 1048576u /* of one sheet, with its head */
#define MOST_TEXT 32767u
#define EXACT_DOUBLE ((int64_t)1 << 53)

typedef struct Book {
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *head, *date, *instant, *wrap, *guarded, *decimals[10];
    const Table *table;
    const Locale *locale;
    Arena *a;
    Str title;
    uint32_t row;
    int sheets;
} Book;

static lxw_format *number_format(Book *b, int scale) {
    int s = scale < 0 ? 0 : scale > 9 ? 9 : scale;
    if (b->decimals[s]) return b->decimals[s];
    char pattern[24] = "#,##0";
    if (s > 0) snprintf(pattern, sizeof pattern, "#,##0.%.*s", s, "000000000");
    b->decimals[s] = workbook_add_format(b->book);
    format_set_num_format(b->decimals[s], pattern);
    return b->decimals[s];
}

static void formats(Book *b) {
    b->head = workbook_add_format(b->book);
    format_set_bold(b->head);
    format_set_bg_color(b->head, 0xE8EFEE);
    format_set_bottom(b->head, LXW_BORDER_THIN);
    b->date = workbook_add_format(b->book);
    format_set_num_format(b->date, "yyyy-mm-dd");
    b->instant = workbook_add_format(b->book);
    format_set_num_format(b->instant, "yyyy-mm-dd hh:mm");
    b->guarded = workbook_add_format(b->book);
    format_set_num_format(b->guarded, "@");
}

/* Sheet names have 31 characters at most and not every one of them. */
static const char *sheet_name(Book *b) {
    Text out = text_new(b->a, 0);
    Str clipped = utf8_clip(b->title, b->sheets > 0 ? 26 : 31);
    for (size_t i = 0; i < clipped.n; i++)
        if (!strchr("[]:*?/\\'", clipped.p[i])) text_char(&out, clipped.p[i]);
    if (b->sheets > 0) text_fmt(&out, " %d", b->sheets + 1);
    return text_str(&out).p;
}

static Err new_sheet(Book *b) {
    const char *name = sheet_name(b);
    bool usable = name && name[0] && workbook_validate_sheet_name(b->book, name) == LXW_NO_ERROR;
    b->sheet = workbook_add_worksheet(b->book, usable ? name : NULL);
    if (!b->sheet) return ERR_INTERNAL;
    b->sheets++;
    b->row = 1;
    if (lang_is_rtl(format_lang(b->locale))) worksheet_right_to_left(b->sheet);
    worksheet_freeze_panes(b->sheet, 1, 0);
    lxw_col_t at = 0;
    for (size_t i = 0; i < b->table->n_columns; i++) {
        const Column *c = &b->table->columns[i];
        Str label = c->label.n ? c->label : str_of(c->name);
        bool wide = c->is_main || c->kind == CELL_TEXT || c->kind == CELL_MARKDOWN;
        worksheet_set_column(b->sheet, at, at, wide ? 40 : 18, NULL);
        worksheet_write_string(b->sheet, 0, at++, str_z(b->a, label), b->head);
        if (c->kind != CELL_MONEY) continue;
        Lang lang = format_lang(b->locale);
        Str currency = tr_fill(b->a, tr(lang, N_("{0} (currency)")), &label, 1);
        worksheet_write_string(b->sheet, 0, at++, str_z(b->a, currency), b->head);
    }
    return OK;
}

static void write_words(Book *b, Arena *scratch, lxw_col_t at, Str text) {
    if (!text.n) return;
    text = utf8_clip(text, MOST_TEXT);
    lxw_format *format = render_table_is_formula(text) ? b->guarded : NULL;
    worksheet_write_string(b->sheet, b->row, at, str_z(scratch, text), format);
}

static void write_number(Book *b, Arena *scratch, lxw_col_t at, int64_t i, int scale, Str exact) {
    if (i > EXACT_DOUBLE || i < -EXACT_DOUBLE) {
        worksheet_write_string(b->sheet, b->row, at, str_z(scratch, exact), NULL);
        return;
    }
    double x = (double)i;
    for (int k = 0; k < scale; k++) x /= 10.0;
    worksheet_write_number(b->sheet, b->row, at, x, number_format(b, scale));
}

static void write_date(Book *b, lxw_col_t at, int64_t days, int64_t second_of_day,
                       lxw_format *format) {
    int y, m, d;
    date_from_days(&y, &m, &d, days);
    lxw_datetime t = {.year = y,
                      .month = m,
                      .day = d,
                      .hour = (int)(second_of_day / 3600),
                      .min = (int)(second_of_day / 60 % 60),
                      .sec = (double)(second_of_day % 60)};
    worksheet_write_datetime(b->sheet, b->row, at, &t, format);
}

/* With ";" between, for names hold commas and imports read it again. */
static Str listed(const Book *b, Arena *scratch, const Cell *c) {
    Text out = text_new(scratch, 0);
    if (c->is_masked) return format_cell(scratch, b->locale, c);
    for (size_t i = 0; i < c->n_more; i++) {
        if (i) text_addz(&out, "; ");
        text_add(&out, format_cell(scratch, b->locale, &c->more[i]));
    }
    return text_str(&out);
}

static void write_instant(Book *b, lxw_col_t at, int64_t us) {
    int64_t local = us / 1000000 + format_offset(b->locale, us);
    int64_t days = local / 86400, rest = local % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    write_date(b, at, days, rest, b->instant);
}

static Str words_of(Book *b, Arena *scratch, const Cell *c) {
    if (c->kind == CELL_LIST) return listed(b, scratch, c);
    if (c->kind == CELL_ROWS) return format_cell(scratch, b->locale, c);
    if (c->kind == CELL_REF && c->key.n && c->text.n && !str_eq(c->key, c->text))
        return format_cell(scratch, b->locale, c);
    return c->text.n ? c->text : c->key;
}

static void write_cell(Book *b, Arena *scratch, lxw_col_t at, const Cell *c) {
    Str currency = str_of(c->currency);
    int64_t days;
    if (c->is_masked || c->kind == CELL_EMPTY) return;
    if (render_table_is_words(c->kind)) {
        write_words(b, scratch, at, words_of(b, scratch, c));
        return;
    }
    Str exact = render_table_text(scratch, c);
    if (c->kind == CELL_INT)
        write_number(b, scratch, at, c->i, 0, exact);
    else if (c->kind == CELL_DECIMAL || c->kind == CELL_PERCENT)
        write_number(b, scratch, at, c->i, c->scale, exact);
    else if (c->kind == CELL_MONEY)
        write_number(b, scratch, at, c->i,
                     currency_digits(currency) < 0 ? 2 : currency_digits(currency), exact);
    else if (c->kind == CELL_BOOL)
        write_words(b, scratch, at, format_cell(scratch, b->locale, c));
    else if (c->kind == CELL_INSTANT)
        write_instant(b, at, c->i);
    else if (date_parse(&days, c->text))
        write_date(b, at, days, 0, b->date);
    else
        write_words(b, scratch, at, c->text);
}

static void write_row(Book *b, Arena *scratch, const Row *row) {
    lxw_col_t at = 0;
    for (size_t i = 0; i < b->table->n_columns; i++) {
        const Cell *c = &row->cells[i];
        write_cell(b, scratch, at++, c);
        if (b->table->columns[i].kind != CELL_MONEY) continue;
        if (c->kind == CELL_MONEY && !c->is_masked)
            write_words(b, scratch, at, str_of(c->currency));
        at++;
    }
    b->row++;
}

static void free_arena(void *arena) {
    arena_free(arena);
}

static Err fill(Book *b) {
    Arena *scratch = arena_new(0);
    arena_defer(b->a, free_arena, scratch);
    TRY(new_sheet(b));
    while (b->table->rows.next) {
        Row row;
        bool has;
        arena_reset(scratch);
        TRY(b->table->rows.next(b->table->rows.state, scratch, &row, &has));
        if (!has) break;
        if (b->row == MOST_ROWS) TRY(new_sheet(b));
        write_row(b, scratch, &row);
    }
    return OK;
}

static Err failed(const char *what) {
    log_line(LOG_ERROR, "workbook_failed", "%s", what);
    return ERR_INTERNAL;
}

/* The library writes to a path: a private folder holds it until it is open and unlinked. */
static Err write_book(int *out_fd, Book *b, const char *path) {
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    b->book = workbook_new_opt(path, &options);
    if (!b->book) return failed("no workbook");
    formats(b);
    Err e = fill(b);
    lxw_error closed = workbook_close(b->book);
    if (e == OK && closed != LXW_NO_ERROR) e = failed(lxw_strerror(closed));
    if (e == OK) {
        *out_fd = open(path, O_RDONLY | O_CLOEXEC);
        if (*out_fd < 0) e = failed("cannot be read");
    }
    unlink(path);
    return e;
}

Err render_xlsx_file(int *out_fd, int64_t *out_size, Arena *a, const Page *page, const Locale *l) {
    Table table;
    TRY(render_table_of(&table, a, page));
    const char *tmp = getenv("TMPDIR");
    Str folder = str_fmt(a, "%s/gardefou-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
    char *name = arena_alloc(a, folder.n + 1);
    memcpy(name, folder.p, folder.n);
    if (!mkdtemp(name)) return failed("no temporary folder");
    Book b = {.table = &table, .locale = l, .a = a, .title = page->title};
    int fd = -1;
    Err e = write_book(&fd, &b, str_fmt(a, "%s/book.xlsx", name).p);
    rmdir(name);
    struct stat st;
    if (e == OK && fstat(fd, &st) != 0) {
        close(fd);
        e = failed("no size");
    }
    TRY(e);
    *out_fd = fd;
    *out_size = st.st_size;
    return OK;
}
