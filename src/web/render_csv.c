/* render_csv.c: the main block of a page as CSV (RFC 4180, UTF-8 with BOM), in memory or streamed
 * to a file. Columns carry the machine names; money gives two, NAME.amount and NAME.currency, as
 * imports read them. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"
#include "web/render_table.h"

#include <errno.h>
#include <unistd.h>

#define FLUSH_AT (64u * 1024u)

typedef struct Sink {
    Text *out;
    int fd; /* -1: all stays in `out` */
    int64_t written;
} Sink;

static Err flush(Sink *s) {
    if (s->fd < 0) return OK;
    for (size_t at = 0; at < s->out->n;) {
        ssize_t n = write(s->fd, s->out->p + at, s->out->n - at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            log_line(LOG_ERROR, "export_write_failed", "errno %d", errno);
            return ERR_INTERNAL;
        }
        at += (size_t)n;
        s->written += n;
    }
    s->out->n = 0;
    return OK;
}

static void put(Text *out, Str text, bool is_words) {
    bool guard = is_words && render_table_is_formula(text), quote = guard;
    for (size_t i = 0; i < text.n && !quote; i++)
        quote = text.p[i] == ',' || text.p[i] == '"' || text.p[i] == '\n' || text.p[i] == '\r' ||
                text.p[i] == ';';
    if (text.n && (text.p[0] == ' ' || text.p[text.n - 1] == ' ')) quote = true;
    if (!quote) {
        text_add(out, text);
        return;
    }
    text_char(out, '"');
    if (guard) text_char(out, '\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"') text_char(out, '"');
        text_char(out, text.p[i]);
    }
    text_char(out, '"');
}

static void head(Text *out, Arena *a, const Table *t) {
    text_addz(out, "\xEF\xBB\xBF");
    for (size_t i = 0; i < t->n_columns; i++) {
        const Column *c = &t->columns[i];
        Str name = c->name ? str_of(c->name) : c->label;
        if (i) text_char(out, ',');
        if (c->kind == CELL_MONEY) {
            put(out, str_fmt(a, "%.*s.amount", FMT(name)), false);
            text_char(out, ',');
            put(out, str_fmt(a, "%.*s.currency", FMT(name)), false);
        } else {
            put(out, name, true);
        }
    }
    text_addz(out, "\r\n");
}

static void line(Text *out, Arena *scratch, const Table *t, const Row *row) {
    for (size_t i = 0; i < t->n_columns; i++) {
        const Cell *c = &row->cells[i];
        if (i) text_char(out, ',');
        put(out, render_table_text(scratch, c), render_table_is_words(c->kind));
        if (t->columns[i].kind != CELL_MONEY) continue;
        text_char(out, ',');
        if (c->kind == CELL_MONEY && !c->is_masked) put(out, str_of(c->currency), true);
    }
    text_addz(out, "\r\n");
}

static void free_arena(void *arena) {
    arena_free(arena);
}

static Err write_table(Sink *s, Arena *a, const Page *page) {
    Table t;
    TRY(render_table_of(&t, a, page));
    Arena *scratch = arena_new(0);
    arena_defer(a, free_arena, scratch);
    head(s->out, a, &t);
    while (t.rows.next) {
        Row row;
        bool has;
        arena_reset(scratch);
        TRY(t.rows.next(t.rows.state, scratch, &row, &has));
        if (!has) break;
        line(s->out, scratch, &t, &row);
        if (s->out->full) break;
        if (s->fd >= 0 && s->out->n >= FLUSH_AT) TRY(flush(s));
    }
    return flush(s);
}

Err render_csv(Text *out, Arena *a, const Page *page) {
    Sink s = {.out = out, .fd = -1};
    return write_table(&s, a, page);
}

Err render_csv_file(int *out_fd, int64_t *out_size, Arena *a, const Page *page) {
    int fd;
    TRY(render_table_file(&fd));
    Text buffer = text_new(a, 0);
    Sink s = {.out = &buffer, .fd = fd};
    Err e = write_table(&s, a, page);
    if (e == OK && lseek(fd, 0, SEEK_SET) != 0) e = ERR_INTERNAL;
    if (e != OK) {
        close(fd);
        return e;
    }
    *out_fd = fd;
    *out_size = s.written;
    return OK;
}
