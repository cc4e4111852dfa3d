/* table_read.c: which format a file has, its character set, and CSV; see table_read.h. The parser
 * walks the bytes once and shares them: a cell is copied only when it holds doubled quotes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/table_read.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/money.h"
#include "base/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <uchardet/uchardet.h>

static Err refuse(const char **why, const char *text) {
    *why = text;
    return ERR_INVALID;
}

/* ---- character set ---- */

/* ERR_INVALID when the character set is unknown or the bytes are not in it. */
static Err convert(Str *out, Arena *a, Str bytes, const char *from) {
    iconv_t cd = iconv_open("UTF-8", from);
    if (cd == (iconv_t)-1) return ERR_INVALID;
    size_t room;
    Err e = mul_overflows(bytes.n, (size_t)4, &room) ? ERR_INVALID : OK;
    char *to = e == OK ? arena_alloc(a, room + 1) : NULL;
    char *in = (char *)(uintptr_t)bytes.p, *at = to;
    size_t left = bytes.n, space = room;
    if (e == OK && iconv(cd, &in, &left, &at, &space) == (size_t)-1) e = ERR_INVALID;
    iconv_close(cd);
    if (e == OK) *out = (Str){to, (size_t)(at - to)};
    return e;
}

/* UTF-16 without a mark: half of the bytes of Latin text are zero, always the same half. */
static const char *utf16_kind(Str bytes) {
    size_t even = 0, odd = 0, n = bytes.n < 4096 ? bytes.n : 4096;
    for (size_t i = 0; i < n; i++) {
        if (bytes.p[i]) continue;
        if (i % 2)
            odd++;
        else
            even++;
    }
    if (odd > n / 5 && even * 8 < odd) return "UTF-16LE";
    if (even > n / 5 && odd * 8 < even) return "UTF-16BE";
    return NULL;
}

static const char *guess(Arena *a, Str bytes) {
    uchardet_t u = uchardet_new();
    size_t n = bytes.n < (1u << 20) ? bytes.n : (1u << 20);
    const char *found = "";
    if (u && uchardet_handle_data(u, bytes.p, n) == 0) {
        uchardet_data_end(u);
        found = str_z(a, str_of(uchardet_get_charset(u)));
    }
    if (u) uchardet_delete(u);
    if (strcmp(found, "WINDOWS-1256") == 0 || strcmp(found, "ISO-8859-6") == 0)
        return "WINDOWS-1256";
    return "WINDOWS-1252"; /* what Excel writes in the west; ISO-8859-1 and -15 read alike but for
                              controls */
}

static Err to_utf8(Str *out, Str *encoding, const char **why, Arena *a, Str bytes, Str told) {
    static const char wrong[] = N_("The file is not in the character set that was named.");
    if (told.n && !str_is(str_lower_ascii(a, told), "utf-8")) {
        *encoding = told;
        return convert(out, a, bytes, str_z(a, told)) == OK ? OK : refuse(why, wrong);
    }
    if (str_starts(bytes, (Str){"\xEF\xBB\xBF", 3})) bytes = str_sub(bytes, 3, bytes.n);
    *encoding = S("UTF-8");
    *out = bytes;
    const char *kind = NULL;
    if (str_starts(bytes, (Str){"\xFF\xFE", 2}) && (kind = "UTF-16LE"))
        bytes = str_sub(bytes, 2, bytes.n);
    else if (str_starts(bytes, (Str){"\xFE\xFF", 2}) && (kind = "UTF-16BE"))
        bytes = str_sub(bytes, 2, bytes.n);
    else
        kind = utf16_kind(bytes);
    if (!kind && utf8_is_valid(bytes)) return OK;
    if (told.n) return refuse(why, wrong);
    if (!kind) kind = guess(a, bytes);
    *encoding = str_of(kind);
    if (convert(out, a, bytes, kind) != OK)
        return refuse(why, N_("The character set of the file is not known; save it as UTF-8."));
    return OK;
}

/* Control characters that no text may hold become blanks; NULs were refused before. */
static Str without_controls(Arena *a, Str text) {
    size_t i = 0;
    while (i < text.n && ((unsigned char)text.p[i] >= ' ' || strchr("\t\n\r", text.p[i]))) i++;
    if (i == text.n) return text;
    char *copy = arena_alloc(a, text.n);
    memcpy(copy, text.p, text.n);
    for (; i < text.n; i++)
        if ((unsigned char)copy[i] < ' ' && !strchr("\t\n\r", copy[i])) copy[i] = ' ';
    return (Str){copy, text.n};
}

/* ---- rows ---- */

static bool is_blank(const Str *cells, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_trim(cells[i]).n) return false;
    return true;
}

static size_t filled(const TableRow *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) n += str_trim(r->cells[i]).n > 0;
    return n;
}

/* Do all cells read as names: no number, no date? */
static bool is_names(const TableRow *r) {
    for (size_t i = 0; i < r->n; i++) {
        int64_t ignored;
        Str cell = r->cells[i];
        if (decimal_parse_loose(&ignored, cell, 9, true) || date_parse_loose(&ignored, cell) ||
            instant_parse(&ignored, cell))
            return false;
    }
    return true;
}

static size_t find_headers(const TableRow *rows, size_t n) {
    size_t widest = 0;
    for (size_t i = 0; i < n; i++)
        if (filled(&rows[i]) > widest) widest = filled(&rows[i]);
    for (size_t i = 0; i < n; i++)
        if (filled(&rows[i]) * 5 >= widest * 3) return is_names(&rows[i]) ? i : 0;
    return 0;
}

/* What a row of a table may be, without the empty cells at its end. */
static Err check_data(size_t *width, const Table *t, const char **why, const Str *cells, size_t n) {
    for (size_t i = t->n_headers; i < n; i++)
        if (str_trim(cells[i]).n)
            return refuse(
                why, N_("A row has more cells than there are columns. Is the separator right?"));
    if (n > t->n_headers) n = t->n_headers;
    while (n && !cells[n - 1].n) n--;
    if (t->n_rows >= TABLE_MAX_ROWS)
        return refuse(why, N_("The file has more than 1,000,000 rows."));
    *width = n;
    return OK;
}

/* ---- cells that are kept on the disk ---- */

Err table_no_room(const char **why) {
    return refuse(why, N_("There is no room on the disk of the server to read the file."));
}

Err table_spool(Spool **out, const char **why, Arena *a) {
    *out = spool_new(a);
    return *out ? OK : table_no_room(why);
}

Err table_spooled(Str *out, const char **why, Spool *s) {
    return spool_view(out, s) == OK ? OK : table_no_room(why);
}

/* A row is its texts, the number of cells, then for each where its text is. */
typedef struct KeptCell {
    uint64_t at;
    uint32_t n, is_shared;
} KeptCell;

static bool is_within(Str whole, Str part) {
    uintptr_t from = (uintptr_t)whole.p, at = (uintptr_t)part.p;
    return whole.n && at >= from && at < from + whole.n;
}

static Err keep_row(size_t *at, Table *t, const char **why, const Str *cells, size_t n) {
    KeptCell kept[TABLE_MAX_COLUMNS];
    uint32_t count = (uint32_t)n;
    for (size_t i = 0; i < n; i++) {
        bool is_shared = is_within(t->shared, cells[i]);
        kept[i] =
            (KeptCell){is_shared ? (uint64_t)(cells[i].p - t->shared.p) : spool_size(t->spool),
                       (uint32_t)cells[i].n, is_shared};
        if (!is_shared && spool_add(t->spool, cells[i]) != OK) return table_no_room(why);
    }
    *at = spool_size(t->spool);
    if (*at > TABLE_MAX_SPOOL)
        return refuse(why, N_("The file is too large to be read at once. Please split it."));
    if (spool_add(t->spool, (Str){(const char *)&count, sizeof count}) != OK ||
        spool_add(t->spool, (Str){(const char *)kept, n * sizeof *kept}) != OK)
        return table_no_room(why);
    return OK;
}

static TableRow kept_row(const Table *t, const TableBegin *b, Arena *a) {
    uint32_t n;
    memcpy(&n, t->text.p + b->at, sizeof n);
    Str *cells = NEW_N(a, Str, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        KeptCell k;
        memcpy(&k, t->text.p + b->at + sizeof n + i * sizeof k, sizeof k);
        if (k.n) cells[i] = (Str){(k.is_shared ? t->shared.p : t->text.p) + k.at, k.n};
    }
    return (TableRow){b->row, cells, n};
}

/* ---- rows as they come ---- */

/* at: where the row of a CSV begins. */
static Err add_data(Table *t, const char **why, Arena *a, TableBegin begin, const Str *cells,
                    size_t n) {
    TRY(check_data(&n, t, why, cells, n));
    if (t->spool) TRY(keep_row(&begin.at, t, why, cells, n));
    GROW(a, t->rows, t->n_rows, t->cap_rows);
    t->rows[t->n_rows++] = begin;
    return OK;
}

Err table_end(Table *t, const char **why, Arena *a) {
    if (t->headers || !t->n_first) return OK;
    TableRow rows[TABLE_LOOK];
    for (size_t i = 0; i < t->n_first; i++) rows[i] = t->first[i].cells;
    size_t at = find_headers(rows, t->n_first);
    Str *headers = NEW_N(a, Str, rows[at].n);
    for (size_t i = 0; i < rows[at].n; i++) headers[i] = str_trim(rows[at].cells[i]);
    t->headers = headers;
    t->n_headers = rows[at].n;
    t->header_row = rows[at].row;
    t->n_above = at;
    for (size_t i = at + 1; i < t->n_first; i++)
        TRY(add_data(t, why, a, (TableBegin){rows[i].row, t->first[i].at}, rows[i].cells,
                     rows[i].n));
    return OK;
}

/* Kept until it is known where the headers are. */
static Err keep_first(Table *t, const char **why, Arena *a, TableBegin begin, const Str *cells,
                      size_t n) {
    while (n && !str_trim(cells[n - 1]).n) n--;
    Str *copy = NEW_N(a, Str, n);
    for (size_t i = 0; i < n; i++) {
        copy[i] = cells[i];
        if (is_within(t->shared, cells[i]) || is_within(t->text, cells[i])) continue;
        t->held += cells[i].n;
        if (t->held > TABLE_MAX_FIRST)
            return refuse(why, N_("The first rows of the file hold more than 16 MiB."));
        copy[i] = str_copy(a, cells[i]);
    }
    GROW(a, t->first, t->n_first, t->cap_first);
    t->first[t->n_first++] = (TableFirst){{begin.row, copy, n}, begin.at};
    return OK;
}

static Err add_row(Table *t, const char **why, Arena *a, TableBegin begin, const Str *cells,
                   size_t n) {
    if (is_blank(cells, n)) return OK;
    if (t->headers) return add_data(t, why, a, begin, cells, n);
    TRY(keep_first(t, why, a, begin, cells, n));
    return t->n_first == TABLE_LOOK ? table_end(t, why, a) : OK;
}

Err table_add_row(Table *t, const char **why, Arena *a, int64_t row, const Str *cells, size_t n) {
    return add_row(t, why, a, (TableBegin){row, 0}, cells, n);
}

/* ---- CSV (RFC 4180; line ends LF, CRLF or CR) ---- */

/* The most frequent one of the first line that has any: a title may stand above. */
static char find_delimiter(Str text) {
    static const char known[] = {';', ',', '\t'};
    size_t counts[3] = {0, 0, 0}, best = 1;
    bool quoted = false;
    for (size_t i = 0; i < text.n; i++) {
        char ch = text.p[i];
        if (ch == '"') quoted = !quoted;
        if (quoted) continue;
        bool any = counts[0] + counts[1] + counts[2] > 0;
        if ((ch == '\n' || ch == '\r') && any) break;
        for (size_t k = 0; k < 3; k++) counts[k] += ch == known[k];
    }
    for (size_t k = 0; k < 3; k++)
        if (counts[k] > counts[best]) best = k;
    return known[best];
}

/* A quoted cell from behind its opening quote; *at then stands behind the closing one. */
static bool quoted_cell(Str *out, Arena *a, Str text, size_t *at) {
    size_t from = *at, doubled = 0, i = from;
    for (; i < text.n; i++) {
        if (text.p[i] != '"') continue;
        if (i + 1 >= text.n || text.p[i + 1] != '"') break;
        doubled++;
        i++;
    }
    if (i >= text.n) return false;
    *at = i + 1;
    if (!doubled) {
        *out = str_sub(text, from, i - from);
        return true;
    }
    char *copy = arena_alloc(a, i - from);
    size_t n = 0;
    for (size_t k = from; k < i; k++) {
        copy[n++] = text.p[k];
        if (text.p[k] == '"') k++;
    }
    *out = (Str){copy, n};
    return true;
}

/* One record; *at then stands behind its line end. */
static Err csv_record(Str *cells, size_t *n, const char **why, Arena *a, Str text, size_t *at,
                      char delimiter) {
    *n = 0;
    for (;;) {
        Str cell;
        if (*at < text.n && text.p[*at] == '"') {
            ++*at;
            if (!quoted_cell(&cell, a, text, at))
                return refuse(why, N_("A quotation mark is opened and never closed."));
        } else {
            size_t from = *at;
            while (*at < text.n && text.p[*at] != delimiter && text.p[*at] != '\n' &&
                   text.p[*at] != '\r')
                ++*at;
            cell = str_sub(text, from, *at - from);
        }
        if (cell.n > TABLE_MAX_CELL) return refuse(why, N_("A cell is longer than 1 MiB."));
        if (*n >= TABLE_MAX_COLUMNS) return refuse(why, N_("The file has more than 512 columns."));
        cells[(*n)++] = cell;
        if (*at >= text.n) return OK;
        char end = text.p[(*at)++];
        if (end == delimiter) continue;
        if (end == '\r' && *at < text.n && text.p[*at] == '\n') ++*at;
        if (end == '\n' || end == '\r') return OK;
        return refuse(why,
                      N_("There is text behind a closing quotation mark. Is the separator right?"));
    }
}

TableRow table_row(const Table *t, size_t i, Arena *a) {
    TableBegin begin = t->rows[i];
    if (t->spool) return kept_row(t, &begin, a);
    Str cells[TABLE_MAX_COLUMNS];
    const char *why = "";
    size_t at = begin.at, n = 0;
    CHECK(csv_record(cells, &n, &why, a, t->text, &at, t->delimiter) == OK, "a row read again");
    if (n > t->n_headers) n = t->n_headers;
    while (n && !cells[n - 1].n) n--;
    Str *copy = NEW_N(a, Str, n + 1);
    memcpy(copy, cells, n * sizeof *cells);
    return (TableRow){begin.row, copy, n};
}

enum { SCRATCH = 1 << 20 };

static Err read_records(TableFile *out, const char **why, Arena *a, Arena *scratch, Str text,
                        const TableOptions *o) {
    Str cells[TABLE_MAX_COLUMNS];
    size_t at = 0, n;
    Table *t = &out->items[0];
    out->format = TABLE_CSV;
    out->n = 1;
    if (str_starts(text, S("sep=")) && text.n > 5) { /* Excel's own first line */
        out->delimiter = text.p[4];
        TRY(csv_record(cells, &n, why, a, text, &at, out->delimiter));
    } else {
        out->delimiter = find_delimiter(text);
    }
    if (o->delimiter) out->delimiter = o->delimiter;
    t->text = text;
    t->delimiter = out->delimiter;
    for (int64_t row = 1; at < text.n; row++) {
        TableBegin begin = {row, at};
        if (arena_used(scratch) > SCRATCH) arena_reset(scratch);
        TRY(csv_record(cells, &n, why, scratch, text, &at, out->delimiter));
        if ((size_t)row <= o->skip) continue;
        TRY(add_row(t, why, a, begin, cells, n));
        if (o->has_skip) TRY(table_end(t, why, a));
    }
    return table_end(t, why, a);
}

static Err read_csv(TableFile *out, const char **why, Arena *a, Str text, const TableOptions *o) {
    Arena *scratch = arena_new(0);
    Err e = read_records(out, why, a, scratch, text, o);
    arena_free(scratch);
    return e;
}

/* ---- any file ---- */

Err table_read(TableFile *out, const char **why, Arena *a, Str bytes, const TableOptions *options) {
    TableOptions none = {0};
    Str text;
    *out = (TableFile){0};
    *why = "";
    if (!options) options = &none;
    if (bytes.n > (options->most ? options->most : TABLE_MAX_FILE))
        return refuse(why, N_("The file is larger than 64 MiB."));
    if (str_starts(bytes, S("PK\x03\x04"))) {
        TRY(table_read_xlsx(out, why, a, bytes, options));
    } else {
        TRY(to_utf8(&text, &out->encoding, why, a, bytes, options->encoding));
        for (size_t i = 0; i < text.n; i++)
            if (!text.p[i])
                return refuse(why, N_("The file is neither a table of text nor an Excel file."));
        text = without_controls(a, text);
        Str begin = str_trim(text);
        bool is_json = begin.n && (begin.p[0] == '{' || begin.p[0] == '[');
        TRY(is_json ? table_read_json(out, why, a, begin) : read_csv(out, why, a, text, options));
    }
    if (!out->n || !out->items[0].headers) return refuse(why, N_("The file is empty."));
    return OK;
}
