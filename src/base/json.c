/* json.c: the writer, and the reader as a copy of jansson's tree into the arena. jansson turns
 * numbers with a fraction into double and forgets their text. So that amounts stay exact, a scan
 * before it notes the text of every such number in document order (and refuses deep nesting before
 * jansson recurses); the tree is walked in the same order, as jansson's objects keep the order of
 * insertion. SPDX-License-Identifier: GPL-3.0-or-later */
/* jansson has functions of the same names. Hidden, ours are seen neither by the dynamic linker nor
 * by jansson itself; renamed, its three declarations do not clash with ours. str.h comes first:
 * what it takes from the C library stays visible. */
#include "base/str.h"
#pragma GCC visibility push(hidden)
#include "base/json.h"
#pragma GCC visibility pop
#include "base/utf8.h"

#define json_object jansson_object
#define json_array jansson_array
#define json_null jansson_null
#include <jansson.h>
#undef json_object
#undef json_array
#undef json_null

enum { DEPTH_MAX = 64 };

Json json_new(Text *out) {
    return (Json){.out = out};
}

static void before_value(Json *j) {
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    if (j->depth == 0) return;
    uint64_t bit = UINT64_C(1) << (j->depth - 1);
    if (j->has_item & bit) text_char(j->out, ',');
    j->has_item |= bit;
}

static void open_level(Json *j, char sign) {
    before_value(j);
    CHECK(j->depth < DEPTH_MAX, "JSON nested too deeply");
    text_char(j->out, sign);
    j->has_item &= ~(UINT64_C(1) << j->depth);
    j->depth++;
}

static void close_level(Json *j, char sign) {
    CHECK(j->depth > 0 && !j->after_key, "JSON level closed wrongly");
    j->depth--;
    text_char(j->out, sign);
}

void json_object(Json *j) {
    open_level(j, '{');
}

void json_array(Json *j) {
    open_level(j, '[');
}

void json_end_object(Json *j) {
    close_level(j, '}');
}

void json_end_array(Json *j) {
    close_level(j, ']');
}

static bool needs_escape(uint32_t c) {
    return c < 0x20 || c == '<' || c == '>' || c == '&' || c == 0x7F || c == 0x2028 || c == 0x2029;
}

static bool is_plain(unsigned char c) {
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

static void put_string(Text *t, Str s) {
    text_char(t, '"');
    size_t from = 0; /* what is plain is copied in runs */
    for (size_t i = 0; i < s.n;) {
        size_t at = i;
        if (is_plain((unsigned char)s.p[i])) {
            i++;
            continue;
        }
        uint32_t c = utf8_next(s, &i);
        bool is_bad = c == 0xFFFD && i - at == 1;
        if (c != '"' && c != '\\' && !needs_escape(c) && !is_bad) continue;
        text_add(t, str_sub(s, from, at - from));
        from = i;
        if (is_bad)
            utf8_put(t, 0xFFFD);
        else if (c == '\n')
            text_addz(t, "\\n");
        else if (c == '"' || c == '\\')
            text_add(t, (Str){(char[]){'\\', (char)c}, 2});
        else
            text_fmt(t, "\\u%04x", (unsigned)c);
    }
    text_add(t, str_sub(s, from, s.n));
    text_char(t, '"');
}

void json_key(Json *j, Str key) {
    CHECK(j->depth > 0 && !j->after_key, "JSON key outside an object");
    before_value(j);
    put_string(j->out, key);
    text_char(j->out, ':');
    j->after_key = true;
}

void json_keyz(Json *j, const char *key) {
    json_key(j, str_of(key));
}

void json_str(Json *j, Str s) {
    before_value(j);
    put_string(j->out, s);
}

void json_strz(Json *j, const char *z) {
    json_str(j, str_of(z));
}

void json_int(Json *j, int64_t i) {
    before_value(j);
    text_int(j->out, i);
}

void json_bool(Json *j, bool b) {
    before_value(j);
    text_addz(j->out, b ? "true" : "false");
}

void json_null(Json *j) {
    before_value(j);
    text_addz(j->out, "null");
}

void json_raw(Json *j, Str valid_json) {
    before_value(j);
    text_add(j->out, valid_json);
}

/* ---- reader ---- */

typedef struct Reals {
    Str *items;
    size_t n, cap, next;
} Reals;

static bool is_number_char(char c) {
    return (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
}

/* Position behind the string that opens at `at`. */
static size_t skip_string(Str s, size_t at) {
    for (at++; at < s.n && s.p[at] != '"'; at++) {
        if (s.p[at] == '\\') at++;
    }
    return at + 1;
}

/* Notes the numbers that are no integers; false when nested too deeply (*at: where). */
static bool scan(Reals *reals, size_t *at, Arena *a, Str s) {
    int depth = 0;
    for (*at = 0; *at < s.n;) {
        char c = s.p[*at];
        if (c == '"') {
            *at = skip_string(s, *at);
            continue;
        }
        if (c == '[' || c == '{') {
            if (++depth > DEPTH_MAX) return false;
        } else if (c == ']' || c == '}') {
            depth--;
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            size_t from = *at;
            bool is_real = false;
            for (; *at < s.n && is_number_char(s.p[*at]); (*at)++)
                is_real = is_real || s.p[*at] == '.' || s.p[*at] == 'e' || s.p[*at] == 'E';
            if (!is_real) continue;
            GROW(a, reals->items, reals->n, reals->cap);
            reals->items[reals->n++] = str_sub(s, from, *at - from);
            continue;
        }
        (*at)++;
    }
    return true;
}

/* One level of the walk: where its children are taken from and put. */
typedef struct Level {
    json_t *node;
    void *iterator; /* of an object */
    size_t next, n;
    Str *keys;
    JsonValue *items;
} Level;

/* Fills *out but for its children; true when it has some, then *level is ready to walk them. */
static bool copy_node(JsonValue *out, Level *level, Arena *a, Reals *reals, json_t *node) {
    *out = (JsonValue){.kind = J_NULL};
    switch (json_typeof(node)) {
    case JSON_NULL: return false;
    case JSON_TRUE:
    case JSON_FALSE:
        out->kind = J_BOOL;
        out->b = json_is_true(node);
        return false;
    case JSON_INTEGER:
        out->kind = J_INT;
        out->i = json_integer_value(node);
        return false;
    case JSON_REAL:
        out->kind = J_REAL;
        out->real = json_real_value(node);
        CHECK(reals->next < reals->n, "a number without its text");
        out->s = str_copy(a, reals->items[reals->next++]);
        return false;
    case JSON_STRING:
        out->kind = J_STRING;
        out->s = str_copy(a, (Str){json_string_value(node), json_string_length(node)});
        return false;
    case JSON_ARRAY:
    case JSON_OBJECT: break;
    }
    bool is_object = json_is_object(node);
    size_t n = is_object ? json_object_size(node) : json_array_size(node);
    *level = (Level){.node = node, .n = n, .items = NEW_N(a, JsonValue, n)};
    if (is_object) {
        level->keys = NEW_N(a, Str, n);
        level->iterator = json_object_iter(node);
    }
    out->kind = is_object ? J_OBJECT : J_ARRAY;
    out->n = n;
    out->keys = level->keys;
    out->items = level->items;
    return n > 0;
}

static const JsonValue *copy_tree(Arena *a, Reals *reals, json_t *root) {
    Level levels[DEPTH_MAX + 1];
    int depth = 0;
    JsonValue *out = NEW(a, JsonValue);
    if (copy_node(out, &levels[0], a, reals, root)) depth = 1;
    while (depth > 0) {
        Level *level = &levels[depth - 1];
        if (level->next == level->n) {
            depth--;
            continue;
        }
        size_t i = level->next++;
        json_t *child;
        if (level->keys) {
            level->keys[i] = str_copy(a, str_of(json_object_iter_key(level->iterator)));
            child = json_object_iter_value(level->iterator);
            level->iterator = json_object_iter_next(level->node, level->iterator);
        } else {
            child = json_array_get(level->node, i);
        }
        CHECK(depth <= DEPTH_MAX, "JSON nested too deeply");
        if (copy_node(&level->items[i], &levels[depth], a, reals, child)) depth++;
    }
    return out;
}

Err json_parse(const JsonValue **out, Str *why, Arena *a, Str text) {
    Reals reals = {0};
    size_t at;
    *why = S("");
    if (!scan(&reals, &at, a, text)) {
        *why = str_fmt(a, "nested too deeply at byte %zu", at + 1);
        return ERR_INVALID;
    }
    json_error_t error;
    json_t *root =
        json_loadb(text.n ? text.p : "", text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!root) {
        bool can_show = utf8_is_clean(str_of(error.text));
        *why = str_fmt(a, "line %d, column %d: %s", error.line, error.column,
                       can_show ? error.text : "not JSON");
        return ERR_INVALID;
    }
    *out = copy_tree(a, &reals, root);
    json_decref(root);
    return OK;
}

const JsonValue *json_get(const JsonValue *object, const char *key) {
    if (!object || object->kind != J_OBJECT) return NULL;
    for (size_t i = 0; i < object->n; i++) {
        if (str_is(object->keys[i], key)) return &object->items[i];
    }
    return NULL;
}

Str json_get_str(const JsonValue *object, const char *key) {
    const JsonValue *v = json_get(object, key);
    return v && v->kind == J_STRING ? v->s : S("");
}

int64_t json_get_int(const JsonValue *object, const char *key) {
    const JsonValue *v = json_get(object, key);
    return v && v->kind == J_INT ? v->i : 0;
}
