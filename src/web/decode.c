/* decode.c: query strings, urlencoded and multipart forms and JSON bodies become one Input. Every
 * loop consumes input or ends, nothing recurses, all counts and lengths are bounded. Knows nothing
 * of fields or records; values are text until model/ checks them. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#define _GNU_SOURCE
#include "web/decode.h"

#include "base/json.h"
#include "base/utf8.h"

enum {
    MAX_NAMES = 2000,
    MAX_FILES = 64,
    MAX_NAME_BYTES = 512,
    MAX_PART_HEADER = 4096,
    MAX_PARAMETERS = 16,
    MAX_TEXT = 1 << 20,         /* bytes of all values together, files apart */
    MAX_TEXT_OF_MANY = 8 << 20, /* ... where a page takes more values than a form has */
    MAX_DEPTH = 64
};

static Err fail(Str *why, Str text) {
    *why = text;
    return ERR_INVALID;
}

static bool is_text(Str s) {
    return (s.n == 0 || memchr(s.p, 0, s.n) == NULL) && utf8_is_valid(s);
}

static size_t most_text(const Input *in) {
    return in->most > MAX_NAMES ? MAX_TEXT_OF_MANY : MAX_TEXT;
}

/* What is kept is copied, hashed and shown again: each byte of it costs many. */
static bool takes(Input *out, size_t n) {
    out->n_text += n;
    return out->n_text <= most_text(out);
}

static Err add(Input *out, Str *why, Arena *a, Str name, Str value) {
    if (!takes(out, name.n + value.n)) return fail(why, S("the texts together are too long"));
    size_t most = out->most ? out->most : MAX_NAMES;
    if (out->n >= most) return fail(why, str_fmt(a, "more than %zu values", most));
    if (name.n == 0 || name.n > MAX_NAME_BYTES) return fail(why, S("a name is empty or too long"));
    if (!is_text(name)) return fail(why, S("a name is not valid UTF-8 text"));
    if (!is_text(value)) {
        return fail(why, str_fmt(a, "%.*s: not valid UTF-8 text", FMT(name)));
    }
    input_add(out, a, name, value);
    return OK;
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

Str decode_percent(Arena *a, Str s, bool plus_is_blank, bool *ok) {
    *ok = true;
    if (s.n == 0) return (Str){0};
    char *p = arena_alloc(a, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '%') {
            int high = i + 2 < s.n ? hex_value(s.p[i + 1]) : -1;
            int low = i + 2 < s.n ? hex_value(s.p[i + 2]) : -1;
            if (high < 0 || low < 0) {
                *ok = false;
                return (Str){0};
            }
            p[n++] = (char)(unsigned char)(high * 16 + low);
            i += 2;
        } else {
            p[n++] = plus_is_blank && s.p[i] == '+' ? ' ' : s.p[i];
        }
    }
    return (Str){p, n};
}

static Err decode_pairs(Input *out, Str *why, Arena *a, Str text) {
    Str part;
    /* An escaped byte takes three. */
    if (text.n > 3 * most_text(out)) return fail(why, S("the texts together are too long"));
    while (text.n > 0 && str_cut(&part, &text, '&')) {
        if (part.n == 0) continue;
        Str raw_name, raw_value = part;
        bool name_ok, value_ok;
        str_cut(&raw_name, &raw_value, '=');
        if (raw_name.n == part.n) raw_value = (Str){0};
        Str name = decode_percent(a, raw_name, true, &name_ok);
        Str value = decode_percent(a, raw_value, true, &value_ok);
        if (!name_ok || !value_ok) return fail(why, S("a bad %-escape"));
        TRY(add(out, why, a, name, value));
    }
    return OK;
}

Err decode_query(Input *out, Arena *a, Str query) {
    Str why;
    return decode_pairs(out, &why, a, query);
}

/* ---- multipart/form-data (RFC 7578) ---- */

static ptrdiff_t find(Str s, size_t from, Str what) {
    if (from > s.n || what.n == 0) return -1;
    const char *hit = memmem(s.p + from, s.n - from, what.p, what.n);
    return hit ? hit - s.p : -1;
}

static bool same_word(Str a, const char *b) {
    size_t n = strlen(b);
    if (a.n != n) return false;
    for (size_t i = 0; i < n; i++) {
        char c = a.p[i] >= 'A' && a.p[i] <= 'Z' ? (char)(a.p[i] + 32) : a.p[i];
        if (c != b[i]) return false;
    }
    return true;
}

/* Takes `; name=value` or `; name="value"` off *rest. Inside quotes only \" is an escape: browsers
 * send %22 and leave back-slashes of paths alone. False at the end or at an error (*ok). */
static bool next_parameter(Arena *a, Str *rest, Str *name, Str *value, bool *ok) {
    Str r = str_trim(*rest);
    *ok = true;
    if (r.n == 0) return false;
    *ok = false;
    if (r.p[0] != ';') return false;
    r = str_trim(str_sub(r, 1, r.n));
    ptrdiff_t equals = str_find_char(r, '=');
    if (equals <= 0) {
        *ok = r.n == 0;
        return false;
    }
    *name = str_trim(str_sub(r, 0, (size_t)equals));
    r = str_sub(r, (size_t)equals + 1, r.n);
    if (r.n == 0 || r.p[0] != '"') {
        ptrdiff_t end = str_find_char(r, ';');
        size_t n = end < 0 ? r.n : (size_t)end;
        *value = str_trim(str_sub(r, 0, n));
        *rest = str_sub(r, n, r.n);
        return *ok = true;
    }
    size_t n = 0, end = 1;
    while (end < r.n && r.p[end] != '"')
        end += r.p[end] == '\\' && end + 1 < r.n && r.p[end + 1] == '"' ? 2 : 1;
    if (end >= r.n) return false;
    char *p = arena_alloc(a, end);
    for (size_t i = 1; i < end; i++) {
        if (r.p[i] == '\\' && i + 1 < end && r.p[i + 1] == '"') i++;
        p[n++] = r.p[i];
    }
    *value = (Str){p, n};
    *rest = str_sub(r, end + 1, r.n);
    return *ok = true;
}

/* %22, %0D and %0A are the only escapes that browsers make in names of multipart parts. */
static Str unescape_name(Arena *a, Str s) {
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        Str three = str_sub(s, i, 3);
        bool known = same_word(three, "%22") || same_word(three, "%0d") || same_word(three, "%0a");
        p[n++] = known ? (char)(hex_value(s.p[i + 1]) * 16 + hex_value(s.p[i + 2])) : s.p[i];
        if (known) i += 2;
    }
    return (Str){p, n};
}

/* The last part of a path, without control characters, at most 255 bytes cut at a code point. */
static Str clean_file_name(Arena *a, Str s) {
    for (size_t i = s.n; i > 0; i--) {
        if (s.p[i - 1] == '/' || s.p[i - 1] == '\\') {
            s = str_sub(s, i, s.n);
            break;
        }
    }
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c != 0x7f) p[n++] = s.p[i];
    }
    while (n > 255 || (n > 0 && n < s.n && !utf8_is_valid((Str){p, n}))) n--;
    return (Str){p, n};
}

typedef struct Part {
    Str name, file_name, content_type;
    bool is_file, has_disposition;
} Part;

static Err read_disposition(Part *part, Str *why, Arena *a, Str value) {
    ptrdiff_t end = str_find_char(value, ';');
    Str kind = str_trim(str_sub(value, 0, end < 0 ? value.n : (size_t)end));
    if (!same_word(kind, "form-data") || part->has_disposition) {
        return fail(why, S("multipart: a part is not form-data"));
    }
    part->has_disposition = true;
    Str rest = str_sub(value, kind.n, value.n), name, text;
    bool ok, has_name = false;
    for (int n = 0; next_parameter(a, &rest, &name, &text, &ok); n++) {
        if (n == MAX_PARAMETERS) return fail(why, S("multipart: too many parameters of a part"));
        if (same_word(name, "name") && !has_name) {
            part->name = unescape_name(a, text);
            has_name = true;
        } else if (same_word(name, "filename") && !part->is_file) {
            if (!is_text(text)) return fail(why, S("multipart: a file name is not valid UTF-8"));
            part->file_name = clean_file_name(a, unescape_name(a, text));
            part->is_file = true;
        } else if (!same_word(name, "filename*")) {
            return fail(why, S("multipart: an unknown or repeated parameter of a part"));
        }
    }
    return ok && has_name ? OK : fail(why, S("multipart: a part has no name"));
}

static Err read_part_headers(Part *part, Str *why, Arena *a, Str headers) {
    int lines = 0;
    while (headers.n > 0) {
        ptrdiff_t end = find(headers, 0, S("\r\n"));
        Str line = str_sub(headers, 0, end < 0 ? headers.n : (size_t)end);
        headers = end < 0 ? (Str){0} : str_sub(headers, (size_t)end + 2, headers.n);
        ptrdiff_t colon = str_find_char(line, ':');
        if (colon <= 0 || ++lines > 16 || memchr(line.p, 0, line.n) != NULL) {
            return fail(why, S("multipart: a bad header of a part"));
        }
        Str name = str_sub(line, 0, (size_t)colon);
        Str value = str_trim(str_sub(line, (size_t)colon + 1, line.n));
        if (same_word(name, "content-disposition")) {
            TRY(read_disposition(part, why, a, value));
        } else if (same_word(name, "content-type")) {
            part->content_type = str_sub(value, 0, 255);
        } else if (same_word(name, "content-transfer-encoding") && !same_word(value, "binary") &&
                   !same_word(value, "8bit") && !same_word(value, "7bit")) {
            return fail(why, S("multipart: a transfer encoding is not supported"));
        }
    }
    return part->has_disposition ? OK : fail(why, S("multipart: a part has no name"));
}

static Err keep_part(Input *out, Str *why, Arena *a, const Part *part, Str bytes) {
    if (!part->is_file) return add(out, why, a, part->name, bytes);
    if (part->file_name.n == 0 && bytes.n == 0) return OK; /* a file field left empty */
    if (out->n_files >= MAX_FILES) return fail(why, S("more than 64 files"));
    if (part->name.n == 0 || part->name.n > MAX_NAME_BYTES || !is_text(part->name)) {
        return fail(why, S("multipart: a part has no valid name"));
    }
    GROW(a, out->files, out->n_files, out->files_cap);
    out->files[out->n_files++] = (InputFile){.field = part->name,
                                             .name = part->file_name,
                                             .content_type = part->content_type,
                                             .bytes = bytes};
    return OK;
}

static Err find_boundary(Str *out, Str *why, Arena *a, Str parameters) {
    Str name, value;
    bool ok;
    *out = (Str){0};
    while (next_parameter(a, &parameters, &name, &value, &ok)) {
        if (!same_word(name, "boundary")) continue;
        if (out->n > 0) return fail(why, S("multipart: two boundaries"));
        *out = value;
    }
    if (!ok || out->n == 0 || out->n > 70) return fail(why, S("multipart: no valid boundary"));
    for (size_t i = 0; i < out->n; i++) {
        if (out->p[i] < 0x20 || out->p[i] > 0x7e)
            return fail(why, S("multipart: no valid boundary"));
    }
    return OK;
}

static Err decode_multipart(Input *out, Str *why, Arena *a, Str parameters, Str body) {
    Str boundary;
    TRY(find_boundary(&boundary, why, a, parameters));
    Str delimiter = str_fmt(a, "\r\n--%.*s", FMT(boundary));
    Str first = str_sub(delimiter, 2, delimiter.n);
    if (!str_starts(body, first))
        return fail(why, S("multipart: does not begin with the boundary"));
    size_t at = first.n;
    for (int parts = 0; parts <= MAX_NAMES + MAX_FILES; parts++) {
        Str rest = str_sub(body, at, body.n);
        if (str_starts(rest, S("--"))) return OK;
        if (!str_starts(rest, S("\r\n"))) return fail(why, S("multipart: text after a boundary"));
        at += 2;
        ptrdiff_t blank = find(str_sub(body, 0, at + MAX_PART_HEADER), at, S("\r\n\r\n"));
        if (blank < 0) return fail(why, S("multipart: the head of a part does not end"));
        Part part = {0};
        TRY(read_part_headers(&part, why, a, str_sub(body, at, (size_t)blank - at)));
        size_t start = (size_t)blank + 4;
        /* The line break before the delimiter may be the one that ends an empty part's head. */
        ptrdiff_t end = find(body, start - 2, delimiter);
        if (end < 0) return fail(why, S("multipart: a part does not end"));
        size_t stop = (size_t)end < start ? start : (size_t)end;
        TRY(keep_part(out, why, a, &part, str_sub(body, start, stop - start)));
        at = (size_t)end + delimiter.n;
    }
    return fail(why, S("multipart: too many parts"));
}

/* ---- JSON ---- */

typedef struct Frame {
    const JsonValue *value;
    Str prefix;
    size_t next;
} Frame;

static bool is_nested(const JsonValue *v) {
    return v->kind == J_ARRAY || v->kind == J_OBJECT;
}

static Str scalar_text(Arena *a, const JsonValue *v) {
    switch (v->kind) {
    case J_BOOL: return v->b ? S("true") : S("false");
    case J_INT: return str_fmt(a, "%lld", (long long)v->i);
    case J_REAL:
    case J_STRING: return v->s;
    case J_NULL:
    case J_ARRAY:
    case J_OBJECT: break;
    }
    return (Str){0};
}

static Err add_array(Input *out, Str *why, Arena *a, Str name, const JsonValue *array,
                     bool *nested) {
    *nested = false;
    if (array->n == 0) return add(out, why, a, name, (Str){0});
    *nested = array->items[0].kind == J_OBJECT;
    for (size_t i = 0; i < array->n; i++) {
        const JsonValue *item = &array->items[i];
        if (item->kind == J_ARRAY || (item->kind == J_OBJECT) != *nested) {
            return fail(
                why, str_fmt(a, "%.*s: an array holds either plain values or objects", FMT(name)));
        }
        if (!*nested) TRY(add(out, why, a, name, scalar_text(a, item)));
    }
    return OK;
}

static Str child_name(Arena *a, const Frame *frame, size_t i) {
    if (frame->value->kind == J_ARRAY) return str_fmt(a, "%.*s[%zu]", FMT(frame->prefix), i);
    Str key = frame->value->keys[i];
    return frame->prefix.n ? str_fmt(a, "%.*s.%.*s", FMT(frame->prefix), FMT(key)) : key;
}

static Err flatten(Input *out, Str *why, Arena *a, const JsonValue *root) {
    Frame stack[MAX_DEPTH + 2];
    size_t depth = 0, steps = 0;
    stack[depth++] = (Frame){.value = root};
    while (depth > 0) {
        Frame *top = &stack[depth - 1];
        if (top->next >= top->value->n) {
            depth--;
            continue;
        }
        size_t i = top->next++;
        const JsonValue *v = &top->value->items[i];
        if (++steps > 16 * (out->most ? out->most : MAX_NAMES))
            return fail(why, S("JSON: too many values"));
        if (top->value->kind == J_OBJECT && top->value->keys[i].n == 0) {
            return fail(why, S("JSON: an empty name"));
        }
        Str name = child_name(a, top, i);
        if (name.n > MAX_NAME_BYTES) return fail(why, S("JSON: a name is too long"));
        bool descend = v->kind == J_OBJECT;
        if (v->kind == J_ARRAY) TRY(add_array(out, why, a, name, v, &descend));
        if (!is_nested(v)) TRY(add(out, why, a, name, scalar_text(a, v)));
        if (!descend) continue;
        if (depth >= LENGTH(stack)) return fail(why, S("JSON: too deep"));
        stack[depth++] = (Frame){.value = v, .prefix = name};
    }
    return OK;
}

/* No more than there are commas and brackets outside of texts; each becomes many times its size. */
static size_t count_values(Str s) {
    size_t n = 1;
    bool in_text = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (in_text && c == '\\')
            i++;
        else if (c == '"')
            in_text = !in_text;
        else if (!in_text && (c == ',' || c == '[' || c == '{'))
            n++;
    }
    return n;
}

static Err decode_json(Input *out, Str *why, Arena *a, Str body) {
    const JsonValue *root;
    size_t most = out->most ? out->most : MAX_NAMES;
    if (body.n > 6 * most_text(out)) return fail(why, S("the texts together are too long"));
    if (count_values(body) > 4 * most) return fail(why, S("JSON: too many values"));
    TRY(json_parse(&root, why, a, body));
    bool nested = true;
    if (root->kind == J_ARRAY) {
        for (size_t i = 0; i < root->n; i++) nested = nested && root->items[i].kind == J_OBJECT;
    } else {
        nested = root->kind == J_OBJECT;
    }
    if (!nested) return fail(why, S("JSON: an object, or an array of objects, is needed"));
    return flatten(out, why, a, root);
}

Err decode_body(Input *out, Str *why, Arena *a, Str content_type, Str body) {
    Str ignored;
    if (why == NULL) why = &ignored;
    *why = (Str){0};
    ptrdiff_t semicolon = str_find_char(content_type, ';');
    size_t n = semicolon < 0 ? content_type.n : (size_t)semicolon;
    Str type = str_trim(str_sub(content_type, 0, n));
    Str parameters = str_sub(content_type, n, content_type.n);
    if (same_word(type, "application/x-www-form-urlencoded"))
        return decode_pairs(out, why, a, body);
    if (same_word(type, "multipart/form-data")) {
        return decode_multipart(out, why, a, parameters, body);
    }
    if (same_word(type, "application/json")) return decode_json(out, why, a, body);
    return fail(why, S("the content type is not supported"));
}
