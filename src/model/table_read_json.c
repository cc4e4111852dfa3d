/* table_read_json.c: JSON objects as rows of a table; see table_read.h. The text is cut into its
 * objects, and only one of them is in memory at a time. The walk keeps its own stack.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/i18n.h"
#include "base/json.h"
#include "model/table_read.h"

#include <stdio.h>

enum { SLOTS = 2048, DEPTH = 64, SCRATCH = 1 << 20 };

static const char no_json[] = N_("This is no valid JSON: neither one text nor one object a line.");

typedef struct Columns {
    Arena *arena;
    Table *table;
    Str *names;
    size_t n, cap;
    size_t slots[SLOTS]; /* index + 1 of a name by hash, open addressing */
    Str cells[TABLE_MAX_COLUMNS];
    Text joined[TABLE_MAX_COLUMNS]; /* of a cell that several values fill */
    size_t used[TABLE_MAX_COLUMNS]; /* cells that the object fills: only they are cleared */
    size_t n_used, width;           /* width: one past the last of them */
    Arena *scratch;                 /* of one object */
    int64_t row;                    /* objects so far, the blank ones too */
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
        k->used[k->n_used++] = i;
        if (i >= k->width) k->width = i + 1;
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

static Err too_long(Columns *k) {
    *k->why = N_("A name in the JSON file is longer than 256 bytes.");
    return ERR_INVALID;
}

/* A member or an entry; its path is made anew only where members of it follow. */
static Err step(Columns *k, Frame *stack, size_t *top) {
    Frame *f = &stack[*top - 1];
    const JsonValue *v = &f->value->items[f->next];
    bool is_member = f->value->kind == J_OBJECT,
         is_leaf = v->kind != J_OBJECT && v->kind != J_ARRAY;
    Str key = is_member ? f->value->keys[f->next] : (Str){0}, path = f->path;
    char joined[TABLE_MAX_PATH + 4];
    f->next++;
    if (is_member && path.n + key.n + 1 > TABLE_MAX_PATH) return too_long(k);
    if (is_member && path.n) {
        int n = snprintf(joined, sizeof joined, "%.*s.*", FMT(f->path));
        TRY(put(k, (Str){joined, (size_t)n}, key));
        n = snprintf(joined, sizeof joined, "%.*s.%.*s", FMT(f->path), FMT(key));
        path = (Str){joined, (size_t)n};
        if (!is_leaf) path = str_copy(k->scratch, path);
    } else if (is_member) {
        path = key;
    }
    if (is_leaf) return put(k, path, scalar(k->scratch, v));
    if (*top <= DEPTH) stack[(*top)++] = (Frame){v, 0, path};
    return OK;
}

static Err walk(Columns *k, const JsonValue *root) {
    Frame stack[DEPTH + 2];
    size_t top = 0;
    stack[top++] = (Frame){root, 0, {0}};
    while (top) {
        if (stack[top - 1].next >= stack[top - 1].value->n)
            top--;
        else
            TRY(step(k, stack, &top));
        if (arena_used(k->scratch) > TABLE_MAX_HELD) {
            *k->why = N_("An object of the JSON file is too large.");
            return ERR_INVALID;
        }
    }
    return OK;
}

static void clear_cells(Columns *k) {
    for (size_t i = 0; i < k->n_used; i++) {
        k->cells[k->used[i]] = (Str){0};
        k->joined[k->used[i]] = (Text){0};
    }
    k->n_used = 0;
    k->width = 0;
}

static Err add_object(Columns *k, Str text) {
    Table *t = k->table;
    const JsonValue *v;
    Str ignored;
    if (arena_used(k->scratch) > SCRATCH) arena_reset(k->scratch);
    if (++k->row > TABLE_MAX_ROWS) {
        *k->why = N_("The file has more than 1,000,000 rows.");
        return ERR_INVALID;
    }
    if (text.n > TABLE_MAX_OBJECT) {
        *k->why = N_("An object of the JSON file is too large.");
        return ERR_INVALID;
    }
    *k->why = no_json;
    TRY(json_parse(&v, &ignored, k->scratch, text));
    if (v->kind != J_OBJECT) {
        *k->why = N_("Each entry of the JSON file must be an object.");
        return ERR_INVALID;
    }
    clear_cells(k);
    TRY(walk(k, v));
    t->headers = k->names; /* grows with later rows; set again at the end */
    t->n_headers = k->n;
    return table_add_row(t, k->why, k->arena, k->row, k->cells, k->width);
}

/* ---- where a value ends ---- */

static size_t past_blanks(Str t, size_t at) {
    while (at < t.n && strchr(" \t\r\n", t.p[at]) && t.p[at]) at++;
    return at;
}

static size_t past_string(Str t, size_t at) {
    for (at++; at < t.n && t.p[at] != '"'; at++) at += t.p[at] == '\\';
    return at < t.n ? at + 1 : t.n;
}

/* By quotes and brackets alone: whether it is a value is for the parser to say. */
static size_t past_value(Str t, size_t at) {
    size_t depth = 0;
    while (at < t.n) {
        char ch = t.p[at];
        if (ch == '"') {
            at = past_string(t, at);
        } else if (ch == '{' || ch == '[') {
            depth++;
            at++;
        } else if (ch == '}' || ch == ']') {
            if (!depth) return at;
            depth--;
            at++;
        } else if (!depth && strchr(",: \t\r\n", ch)) {
            return at;
        } else {
            at++;
            continue;
        }
        if (!depth) return at;
    }
    return at;
}

/* From the opening bracket; *at then stands behind the closing one. */
static Err add_array(Columns *k, Str t, size_t *at) {
    *at = past_blanks(t, *at + 1);
    bool ends = *at < t.n && t.p[*at] == ']';
    while (!ends) {
        size_t end = past_value(t, *at);
        TRY(add_object(k, str_sub(t, *at, end - *at)));
        *at = past_blanks(t, end);
        *k->why = no_json;
        if (*at >= t.n || (t.p[*at] != ',' && t.p[*at] != ']')) return ERR_INVALID;
        ends = t.p[*at] == ']';
        if (!ends) *at = past_blanks(t, *at + 1);
    }
    ++*at;
    return OK;
}

/* {"items": [...], ...}: its entries; *found says whether it is one. What stands around them must
 * be whole, too: no cut-off file is taken. */
static Err add_items(bool *found, Columns *k, Str t) {
    size_t at = past_blanks(t, 1);
    bool ends = false;
    while (at < t.n && t.p[at] == '"') {
        size_t end = past_string(t, at);
        bool is_items = str_is(str_sub(t, at, end - at), "\"items\"");
        at = past_blanks(t, end);
        if (at >= t.n || t.p[at] != ':' || (is_items && *found)) break;
        end = at = past_blanks(t, at + 1);
        if (is_items && at < t.n && t.p[at] == '[') {
            *found = true;
            TRY(add_array(k, t, &end));
        } else {
            end = past_value(t, at);
        }
        if (end == at) break; /* a name without a value */
        at = past_blanks(t, end);
        ends = at < t.n && t.p[at] == '}' && past_blanks(t, at + 1) >= t.n;
        if (ends || at >= t.n || t.p[at] != ',') break;
        at = past_blanks(t, at + 1);
    }
    *k->why = no_json;
    return *found && !ends ? ERR_INVALID : OK;
}

static Err add_text(Columns *k, Str text) {
    size_t at = 0, end = past_value(text, 0);
    bool is_one = past_blanks(text, end) >= text.n, has_items = false;
    *k->why = no_json;
    if (text.p[0] == '[') {
        TRY(add_array(k, text, &at));
        *k->why = no_json;
        return past_blanks(text, at) >= text.n ? OK : ERR_INVALID;
    }
    if (is_one) TRY(add_items(&has_items, k, text));
    while (!has_items && at < text.n) { /* one object, or one a line */
        end = past_value(text, at);
        TRY(add_object(k, str_sub(text, at, end - at)));
        at = past_blanks(text, end);
    }
    return OK;
}

Err table_read_json(TableFile *out, const char **why, Arena *a, Str text) {
    Columns *k = NEW(a, Columns);
    k->arena = a;
    k->table = &out->items[0];
    k->why = why;
    out->format = TABLE_JSON;
    out->n = 1;
    k->names = NEW_N(a, Str, 1);
    k->cap = 1;
    TRY(table_spool(&k->table->spool, why, a));
    k->scratch = arena_new(TABLE_ARENA);
    Err e = add_text(k, text);
    arena_free(k->scratch);
    TRY(e);
    k->table->headers = k->n ? k->names : NULL;
    k->table->n_headers = k->n;
    return table_spooled(&k->table->text, why, k->table->spool);
}
