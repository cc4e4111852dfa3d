/* json.h: a streaming JSON writer into a Text, and strict reading with jansson behind it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/str.h"

/* Writer: commas and nesting are kept by the writer; depth <= 64. `<` `>` `&` U+2028 U+2029 are
 * escaped so that JSON can stand in HTML. Invalid UTF-8 becomes U+FFFD. */
typedef struct Json Json;
struct Json {
    Text *out;
    uint64_t has_item; /* one bit a level: a comma is due */
    int depth;
    bool after_key;
};

Json json_new(Text *out);
void json_object(Json *j);
void json_array(Json *j);
void json_end_object(Json *j);
void json_end_array(Json *j);
void json_key(Json *j, Str key);
void json_keyz(Json *j, const char *key);
void json_str(Json *j, Str s);
void json_strz(Json *j, const char *z);
void json_int(Json *j, int64_t i);
void json_bool(Json *j, bool b);
void json_null(Json *j);
void json_raw(Json *j, Str valid_json);

/* Reader: a tree in the arena. Duplicate keys, NUL, depth > 64, trailing bytes are errors.
 * Integers stay exact; a number with fraction or exponent keeps its source text in `s`. */
typedef enum JsonKind { J_NULL, J_BOOL, J_INT, J_REAL, J_STRING, J_ARRAY, J_OBJECT } JsonKind;
typedef struct JsonValue JsonValue;
struct JsonValue {
    JsonKind kind;
    bool b;
    int64_t i;
    double real;
    Str s;
    size_t n;
    const Str *keys;        /* J_OBJECT */
    const JsonValue *items; /* J_ARRAY, J_OBJECT */
};
/* ERR_INVALID with *why (in the arena, English, with line and column) when the text is no JSON. */
Err json_parse(const JsonValue **out, Str *why, Arena *a, Str text) MUST;
const JsonValue *json_get(const JsonValue *object, const char *key); /* NULL when absent */
Str json_get_str(const JsonValue *object, const char *key);          /* empty when absent */
int64_t json_get_int(const JsonValue *object, const char *key);      /* 0 when it is none */

#endif
