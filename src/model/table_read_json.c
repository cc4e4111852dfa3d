/* table_read_json.c: JSON objects as rows of a table; see table_read.h. The walk keeps its own
 * stack. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/i18n.h"
#include "base/json.h"
#include "model/table_read.h"

enum { SLOTS = 2048, DEPTH = 64, MAX_TEXT = 16 << 20 };

typedef struct Columns {
    Arena *arena;
    Table *table;
    Str *names;
    size_t n, cap;
    size_t slots[SLOTS]; /* index + 1 of a name by hash, open addressing */
    Str cells[TABLE_MAX_COLUMNS];
    Text joined[TABLE_MAX_COLUMNS]; /* of a cell that several values fill */
    Arena *scratch;                 /* of one line; the same as arena for one text */
    const char **why;
} Columns;

static size_t hash_of(Str s) {
    size_t h = 5381;
    for (size_t i = 0; i < s.n; i++) h = h * 33u + (unsigned char)s.p[i];
    return h;
}

static Err column_of(size_t *out, Columns *k, Str name) {
    size_t at = hash_of(name) % SLOTS;
    while (k->slots[at] && !str_eq(k->names[k->slots[at] - 1], name)) at = (at + 1) % SLOTS;
    if (!k->slots[at]) {
        if (k->n >= TABLE_MAX_COLUMNS) {
            *k->why = N_("The file has more than 512 columns.");
            return ERR_INVALID;
        }
        GROW(k->arena, k->names, k->n, k->cap);
        k->names[k->n++] = str_copy(k->arena, name);
        k->slots[at] = k->n;
    }
    *out = k->slots[at] - 1;
    return OK;
}

static Err put(Columns *k, Str path, Str value) {
    size_t i;
    if (!value.n) return OK;
    TRY(column_of(&i, k, path.n ? path : S("value")));
    Text *t = &k->joined[i];
    if (!k->cells[i].n) {
        k->cells[i] = value;
        return OK;
    }
    if (k->cells[i].n + value.n + 2 > TABLE_MAX_CELL) return OK;
    if (!t->arena) {
        *t = text_new(k->scratch, TABLE_MAX_CELL);
        text_add(t, k->cells[i]);
    }
    text_addz(t, ", ");
    text_add(t, value);
    k->cells[i] = text_str(t);
    return OK;
}

static Str scalar(Arena *a, const JsonValue *v) {
    switch (v->kind) {
    case J_BOOL: return v->b ? S("true") : S("false");
    case J_INT: return str_fmt(a, "%lld", (long long)v->i);
    case J_REAL:
    case J_STRING: return v->s;
    default: return (Str){0};
    }
}

typedef struct Frame {
    const JsonValue *value;
    size_t next;
    Str path;
} Frame;

static Err walk(Columns *k, const JsonValue *root) {
    Frame stack[DEPTH + 2];
    size_t top = 0;
    stack[top++] = (Frame){root, 0, {0}};
    while (top) {
        Frame *f = &stack[top - 1];
        if (f->next >= f->value->n) {
            top--;
            continue;
        }
        const JsonValue *v = &f->value->items[f->next];
        bool is_member = f->value->kind == J_OBJECT;
        Str key = is_member ? f->value->keys[f->next] : (Str){0}, path = f->path;
        if (is_member) path = path.n ? str_fmt(k->scratch, "%.*s.%.*s", FMT(path), FMT(key)) : key;
        f->next++;
        if (is_member && f->path.n) TRY(put(k, str_fmt(k->scratch, "%.*s.*", FMT(f->path)), key));
        if (v->kind == J_OBJECT || v->kind == J_ARRAY) {
            if (top <= DEPTH) stack[top++] = (Frame){v, 0, path};
        } else {
            TRY(put(k, path, scalar(k->scratch, v)));
        }
    }
    return OK;
}

static Err add_object(Columns *k, const JsonValue *v, int64_t row) {
    Table *t = k->table;
    if (v->kind != J_OBJECT) {
        *k->why = N_("Each entry of the JSON file must be an object.");
        return ERR_INVALID;
    }
    memset(k->cells, 0, sizeof k->cells);
    memset(k->joined, 0, sizeof k->joined);
    TRY(walk(k, v));
    for (size_t i = 0; k->scratch != k->arena && i < k->n; i++)
        if (k->cells[i].n) k->cells[i] = str_copy(k->arena, k->cells[i]);
    t->headers = k->names; /* grows with later rows; set again at the end */
    t->n_headers = k->n;
    return table_add_row(t, k->why, k->arena, row, k->cells, k->n);
}

static Err add_line(Columns *k, Str line, int64_t row) {
    const JsonValue *v;
    Str why;
    if (line.n > MAX_TEXT || json_parse(&v, &why, k->scratch, line) != OK) {
        *k->why = N_("This is no valid JSON: neither one text nor one object a line.");
        return ERR_INVALID;
    }
    return add_object(k, v, row);
}

static Err add_lines(Columns *k, Str text) {
    Str line;
    Err e = OK;
    k->scratch = arena_new(TABLE_ARENA);
    for (int64_t row = 1; e == OK && str_cut(&line, &text, '\n'); row++) {
        line = str_trim(line);
        if (line.n) e = add_line(k, line, row);
        arena_reset(k->scratch);
    }
    arena_free(k->scratch);
    return e;
}

Err table_read_json(TableFile *out, const char **why, Arena *a, Str text) {
    const JsonValue *root;
    Str ignored;
    Columns *k = NEW(a, Columns);
    k->arena = k->scratch = a;
    k->table = &out->items[0];
    k->why = why;
    out->format = TABLE_JSON;
    out->n = 1;
    k->names = NEW_N(a, Str, 1);
    k->cap = 1;
    if (text.n > MAX_TEXT || json_parse(&root, &ignored, a, text) != OK) {
        TRY(add_lines(k, text));
    } else {
        const JsonValue *items = root->kind == J_OBJECT ? json_get(root, "items") : root;
        if (items && items->kind == J_ARRAY) {
            for (size_t i = 0; i < items->n; i++)
                TRY(add_object(k, &items->items[i], (int64_t)i + 1));
        } else {
            TRY(add_object(k, root, 1));
        }
    }
    k->table->headers = k->n ? k->names : NULL;
    k->table->n_headers = k->n;
    return OK;
}
