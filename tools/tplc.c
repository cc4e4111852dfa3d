/* tplc.c: compiles HTML block templates (ui/blocks/NAME.html) to C functions tpl_NAME. A state
 * machine knows where in the HTML each {{ expression }} stands and picks the escaping; places where
 * no escaping is safe are build errors. Every { } block of C must leave the HTML state as it found
 * it. Usage: tplc OUTPUT_FOLDER FILE.html...   SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* memmem */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum Where {
    TEXT,
    TAG_NAME,
    IN_TAG,
    ATTR_NAME,
    AFTER_NAME,
    BEFORE_VALUE,
    VALUE_DOUBLE,
    VALUE_SINGLE,
    VALUE_BARE,
    COMMENT,
    DECLARATION
} Where;

typedef struct State {
    Where where;
    char tag[32], attr[48], value[24]; /* value: the first bytes of a URL attribute */
    size_t n_value;
    bool is_closing, in_script, in_style, keep_blanks, has_insert;
} State;

enum { DEPTH = 64 };
typedef struct Compiler {
    const char *file, *p;
    size_t n, at;
    int line;
    State s, blocks[DEPTH];
    int depth, block_line[DEPTH];
    FILE *out, *head;
    char lit[4096];
    size_t n_lit;
    bool has_args, after_newline; /* the last byte sent is a line feed */
    char name[64];
} Compiler;

__attribute__((format(printf, 2, 3), noreturn)) static void stop(const Compiler *c,
                                                                 const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%d: error: ", c->file, c->line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static void flush_literal(Compiler *c) {
    if (!c->n_lit) return;
    fputs("    html_lit(h, \"", c->out);
    for (size_t i = 0; i < c->n_lit; i++) {
        unsigned char b = (unsigned char)c->lit[i];
        if (b == '"' || b == '\\' || b == '?')
            fprintf(c->out, "\\%c", b);
        else if (b == '\n')
            fputs("\\n", c->out);
        else if (b < 0x20 || b >= 0x7F)
            fprintf(c->out, "\\%03o", b);
        else
            fputc(b, c->out);
    }
    fprintf(c->out, "\", %zu);\n", c->n_lit);
    c->n_lit = 0;
}

static void literal(Compiler *c, char b) {
    if (c->n_lit == sizeof c->lit) flush_literal(c);
    c->lit[c->n_lit++] = b;
    c->after_newline = b == '\n';
}

static void append(const Compiler *c, char *name, size_t size, char b) {
    size_t n = strlen(name);
    if (n + 1 >= size) stop(c, "name too long: %s", name);
    name[n] = (char)tolower((unsigned char)b);
    name[n + 1] = 0;
}

static bool is_one_of(const char *word, const char *const *list) {
    for (; *list; list++) {
        if (strcmp(word, *list) == 0) return true;
    }
    return false;
}

static bool is_url_attr(const char *attr) {
    static const char *const names[] = {
        "href",       "src",       "action",      "formaction", "poster",   "cite",     "data",
        "xlink:href", "manifest",  "ping",        "background", "hx-get",   "hx-post",  "hx-put",
        "hx-patch",   "hx-delete", "hx-push-url", "data-href",  "data-url", "data-src", NULL};
    return is_one_of(attr, names);
}

/* Mail programs know no style sheet of ours: templates named mail*.html are never shown by a
 * browser page, and may say themselves how they look, in the dark too. */
static int is_mail(const Compiler *c) {
    const char *slash = strrchr(c->file, '/');
    return strncmp(slash ? slash + 1 : c->file, "mail", 4) == 0;
}

static void check_attr(const Compiler *c) {
    const char *attr = c->s.attr;
    if (strncmp(attr, "on", 2) == 0 || strncmp(attr, "hx-on", 5) == 0)
        stop(c, "event-handler attributes are forbidden (CSP): %s", attr);
    if (strcmp(attr, "style") == 0 && !is_mail(c)) stop(c, "style attributes are forbidden (CSP)");
    if (strcmp(attr, "srcdoc") == 0) stop(c, "srcdoc is forbidden");
}

static void tag_ends(Compiler *c) {
    static const char *const keep[] = {"pre", "textarea", NULL};
    State *s = &c->s;
    s->where = TEXT;
    if (strcmp(s->tag, "style") == 0 && !is_mail(c)) stop(c, "<style> is forbidden (CSP)");
    if (strcmp(s->tag, "style") == 0) s->in_style = !s->is_closing;
    if (strcmp(s->tag, "script") == 0) s->in_script = !s->is_closing;
    if (is_one_of(s->tag, keep)) s->keep_blanks = !s->is_closing;
    s->tag[0] = s->attr[0] = 0;
    s->is_closing = false;
}

static void check_url_scheme(const Compiler *c) {
    const State *s = &c->s;
    const char *colon = memchr(s->value, ':', s->n_value);
    if (!colon) return;
    size_t before = (size_t)(colon - s->value);
    for (size_t i = 0; i < before; i++) {
        if (strchr("/?#", s->value[i])) return;
    }
    if (strncmp(s->value, "http:", 5) && strncmp(s->value, "https:", 6) &&
        strncmp(s->value, "mailto:", 7))
        stop(c, "this address scheme is forbidden: %.*s", (int)before + 1, s->value);
}

static void value_ends(Compiler *c) {
    if (is_url_attr(c->s.attr)) check_url_scheme(c);
    c->s.where = IN_TAG;
    c->s.attr[0] = 0;
    c->s.n_value = 0;
    c->s.has_insert = false;
}

static void value_byte(Compiler *c, char b) {
    State *s = &c->s;
    if (!is_url_attr(s->attr) || s->has_insert || s->n_value == sizeof s->value) return;
    if (isspace((unsigned char)b) && s->n_value == 0) return;
    s->value[s->n_value++] = (char)tolower((unsigned char)b);
}

static void begin_name(Compiler *c, char b) {
    c->s.where = ATTR_NAME;
    c->s.attr[0] = 0;
    append(c, c->s.attr, sizeof c->s.attr, b);
}

static void in_text(Compiler *c, char b) {
    const char *rest = c->p + c->at;
    if (c->s.in_script && !(b == '<' && c->n - c->at > 1 && rest[1] == '/')) {
        if (!isspace((unsigned char)b)) stop(c, "inline script is forbidden (CSP)");
        return;
    }
    if (b != '<' || c->at + 1 >= c->n) return;
    if (strncmp(rest, "<!--", 4) == 0)
        c->s.where = COMMENT;
    else if (rest[1] == '!')
        c->s.where = DECLARATION;
    else if (rest[1] == '/' || isalpha((unsigned char)rest[1]))
        c->s.where = TAG_NAME;
    else if (rest[1] == '{')
        stop(c, "an expression cannot name a tag");
    else
        stop(c, "write &lt; for a less-than sign");
}

/* One byte of constant HTML. */
static void step(Compiler *c, char b) {
    State *s = &c->s;
    bool blank = isspace((unsigned char)b);
    switch (s->where) {
    case TEXT: in_text(c, b); break;
    case TAG_NAME:
        if (b == '/' && !s->tag[0])
            s->is_closing = true;
        else if (b == '>')
            tag_ends(c);
        else if (blank || b == '/')
            s->where = IN_TAG;
        else
            append(c, s->tag, sizeof s->tag, b);
        break;
    case IN_TAG:
        if (b == '>')
            tag_ends(c);
        else if (!blank && b != '/')
            begin_name(c, b);
        break;
    case ATTR_NAME:
    case AFTER_NAME:
        if (b == '=' || b == '>' || blank || b == '/') check_attr(c);
        if (b == '=')
            s->where = BEFORE_VALUE;
        else if (b == '>')
            tag_ends(c);
        else if (blank)
            s->where = AFTER_NAME;
        else if (b == '/')
            s->where = IN_TAG;
        else if (s->where == AFTER_NAME)
            begin_name(c, b);
        else
            append(c, s->attr, sizeof s->attr, b);
        break;
    case BEFORE_VALUE:
        if (blank) break;
        if (b == '>') stop(c, "attribute without value: %s", s->attr);
        s->where = b == '"' ? VALUE_DOUBLE : b == '\'' ? VALUE_SINGLE : VALUE_BARE;
        s->n_value = 0;
        if (s->where == VALUE_BARE) value_byte(c, b);
        break;
    case VALUE_DOUBLE:
    case VALUE_SINGLE:
        if (b == (s->where == VALUE_DOUBLE ? '"' : '\''))
            value_ends(c);
        else
            value_byte(c, b);
        break;
    case VALUE_BARE:
        if (blank)
            value_ends(c);
        else if (b == '>') {
            value_ends(c);
            tag_ends(c);
        } else
            value_byte(c, b);
        break;
    case COMMENT:
        if (b == '>' && c->at >= 2 && memcmp(c->p + c->at - 2, "--", 2) == 0) s->where = TEXT;
        break;
    case DECLARATION:
        if (b == '>') s->where = TEXT;
        break;
    }
}

static bool same_place(const State *a, const State *b) {
    return a->where == b->where && !strcmp(a->tag, b->tag) && !strcmp(a->attr, b->attr) &&
           a->in_script == b->in_script && a->keep_blanks == b->keep_blanks;
}

/* Braces of a C statement outside strings, characters and comments. */
static void follow_braces(Compiler *c, const char *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '"' || p[i] == '\'') {
            char quote = p[i++];
            while (i < n && p[i] != quote) i += p[i] == '\\' ? 2 : 1;
        } else if (p[i] == '/' && i + 1 < n && p[i + 1] == '*') {
            const char *end = memmem(p + i + 2, n - i - 2, "*/", 2);
            i = end ? (size_t)(end - p) + 1 : n;
        } else if (p[i] == '{') {
            if (c->depth == DEPTH) stop(c, "blocks nested too deeply");
            c->block_line[c->depth] = c->line;
            c->blocks[c->depth++] = c->s;
        } else if (p[i] == '}') {
            if (c->depth == 0) stop(c, "a closing brace without its opening one");
            c->depth--;
            if (!same_place(&c->s, &c->blocks[c->depth]))
                stop(
                    c,
                    "the block of line %d must end in the same tag, attribute or quote as it began",
                    c->block_line[c->depth]);
            /* What a skipped block put into a URL value must not relax the check of the rest. */
            bool has_insert = c->s.has_insert;
            c->s = c->blocks[c->depth];
            c->s.has_insert |= has_insert;
        }
    }
}

static void line_directive(Compiler *c) {
    fprintf(c->out, "#line %d \"%s\"\n", c->line, c->file);
}

static void write_args(Compiler *c, const char *p, size_t n) {
    if (c->has_args) stop(c, "a second args line");
    c->has_args = true;
    fprintf(c->head, "void tpl_%s(Html *h%s%.*s);\n", c->name, n ? ", " : "", (int)n, p);
    fprintf(c->out, "void tpl_%s(Html *h%s%.*s) {\n    (void)h;\n", c->name, n ? ", " : "", (int)n,
            p);
}

static bool keyword(const char **p, size_t *n, const char *word) {
    size_t length = strlen(word);
    if (*n < length || memcmp(*p, word, length) ||
        (*n > length && !isspace((unsigned char)(*p)[length])))
        return false;
    *p += length;
    *n -= length;
    while (*n && isspace((unsigned char)**p)) (*p)++, (*n)--;
    return true;
}

static void trim(const char **p, size_t *n) {
    while (*n && isspace((unsigned char)**p)) (*p)++, (*n)--;
    while (*n && isspace((unsigned char)(*p)[*n - 1])) (*n)--;
}

static void statement(Compiler *c, const char *p, size_t n) {
    trim(&p, &n);
    if (keyword(&p, &n, "include")) {
        if (c->has_args) stop(c, "include comes before args");
        fprintf(c->head, "#include %.*s\n", (int)n, p);
        return;
    }
    if (keyword(&p, &n, "args")) {
        write_args(c, p, n);
        return;
    }
    if (!c->has_args) stop(c, "the template must begin with {%% args ... %%}");
    bool is_call = keyword(&p, &n, "call");
    if (is_call && c->s.where != TEXT) stop(c, "a template can be called only between tags");
    flush_literal(c);
    line_directive(c);
    fprintf(c->out, "    %.*s%s\n", (int)n, p, is_call ? ";" : "");
    follow_braces(c, p, n);
}

static const char *escaper(Compiler *c) {
    State *s = &c->s;
    switch (s->where) {
    case TEXT:
        if (s->in_script) stop(c, "an expression in <script> is forbidden");
        if (s->in_style) stop(c, "an expression in <style> is forbidden");
        return "TPL_TEXT";
    case COMMENT: stop(c, "an expression in a comment is forbidden");
    case VALUE_BARE:
    case BEFORE_VALUE:
        stop(c, "an expression needs quotes around the attribute's value: %s", s->attr);
    case TAG_NAME:
    case IN_TAG:
    case ATTR_NAME:
    case AFTER_NAME:
    case DECLARATION:
        stop(c, "an expression inside a tag is forbidden (use {%% if %%} around an attribute)");
    case VALUE_DOUBLE:
    case VALUE_SINGLE: break;
    }
    if (strcmp(s->attr, "srcset") == 0) stop(c, "an expression in srcset is forbidden");
    if (!is_url_attr(s->attr)) return "TPL_ATTR";
    bool is_first = s->n_value == 0 && !s->has_insert;
    if (!is_first) check_url_scheme(c);
    s->has_insert = true;
    return is_first ? "TPL_URL" : "TPL_URL_PART";
}

static void expression(Compiler *c, const char *p, size_t n) {
    trim(&p, &n);
    if (!c->has_args) stop(c, "the template must begin with {%% args ... %%}");
    if (!n) stop(c, "an empty expression");
    const char *macro = escaper(c);
    flush_literal(c);
    c->after_newline = false;
    line_directive(c);
    fprintf(c->out, "    %s(h, (%.*s));\n", macro, (int)n, p);
}

static void translation(Compiler *c, const char *p, size_t n) {
    const char *macro = escaper(c);
    if (strncmp(macro, "TPL_URL", 7) == 0) stop(c, "no translation in an address");
    flush_literal(c);
    c->after_newline = false;
    line_directive(c);
    fputs("    html_tr(h, \"", c->out);
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '"' || p[i] == '\\') fputc('\\', c->out);
        if (p[i] == '\n') stop(c, "a text to translate stands on one line");
        fputc(p[i], c->out);
    }
    fputs("\");\n", c->out);
}

/* The end of what opens at c->at with two characters; counts no quotes: `close` ends it. */
static size_t find_close(const Compiler *c, const char *close) {
    const char *from = c->p + c->at + 2;
    const char *end = memmem(from, c->n - c->at - 2, close, 2);
    if (!end) stop(c, "%.2s is never closed", c->p + c->at);
    return (size_t)(end - c->p);
}

/* A line that holds only a statement leaves nothing in the page. */
static void swallow_line(Compiler *c, size_t open) {
    size_t from = open, to = c->at;
    while (from > 0 && (c->p[from - 1] == ' ' || c->p[from - 1] == '\t')) from--;
    while (to < c->n && (c->p[to] == ' ' || c->p[to] == '\t')) to++;
    bool alone = (from == 0 || c->p[from - 1] == '\n') && to < c->n && c->p[to] == '\n';
    if (!alone) return;
    c->at = to + 1;
    c->line++;
}

static bool starts_alone(const Compiler *c, size_t at) {
    /* Blanks before a statement that stands alone on its line. */
    size_t i = at;
    while (i < c->n && (c->p[i] == ' ' || c->p[i] == '\t')) i++;
    if (i + 1 >= c->n || c->p[i] != '{' || (c->p[i + 1] != '%' && c->p[i + 1] != '#')) return false;
    size_t back = at;
    while (back > 0 && (c->p[back - 1] == ' ' || c->p[back - 1] == '\t')) back--;
    if (back > 0 && c->p[back - 1] != '\n') return false;
    const char *end = memmem(c->p + i, c->n - i, c->p[i + 1] == '%' ? "%}" : "#}", 2);
    if (!end) return false;
    for (end += 2; end < c->p + c->n && (*end == ' ' || *end == '\t'); end++) {}
    return end < c->p + c->n && *end == '\n';
}

static void constant(Compiler *c) {
    char b = c->p[c->at];
    bool was_comment = c->s.where == COMMENT;
    bool blank = b == ' ' || b == '\t';
    if (!c->has_args) {
        if (!isspace((unsigned char)b)) stop(c, "the template must begin with {%% args ... %%}");
    } else if (blank && c->s.where == TEXT && !c->s.keep_blanks && starts_alone(c, c->at)) {
        /* dropped with its line */
    } else {
        step(c, b);
        bool indent =
            c->s.where == TEXT && !c->s.keep_blanks && (blank || b == '\n') && c->after_newline;
        if (c->s.where == COMMENT || was_comment) indent = true; /* comments are not sent */
        if (!indent) literal(c, b);
    }
    if (b == '\n') c->line++;
    c->at++;
}

static void compile_body(Compiler *c) {
    while (c->at < c->n) {
        const char *p = c->p + c->at;
        char second = c->at + 1 < c->n ? p[1] : 0;
        if (p[0] != '{' || !second || !strchr("{%_#", second)) {
            constant(c);
            continue;
        }
        const char *close = second == '{'   ? "}}"
                            : second == '%' ? "%}"
                            : second == '_' ? "_}"
                                            : "#}";
        size_t open = c->at, end = find_close(c, close);
        const char *inside = p + 2;
        size_t n = end - open - 2;
        if (second == '{')
            expression(c, inside, n);
        else if (second == '%')
            statement(c, inside, n);
        else if (second == '_')
            translation(c, inside, n);
        for (size_t i = open; i < end; i++) c->line += c->p[i] == '\n';
        c->at = end + 2;
        if (second == '%' || second == '#') swallow_line(c, open);
    }
    if (!c->has_args) stop(c, "the template must begin with {%% args ... %%}");
    if (c->depth) stop(c, "the block of line %d is never closed", c->block_line[c->depth - 1]);
    if (c->s.where != TEXT || c->s.in_script) stop(c, "the template ends inside a tag");
    flush_literal(c);
}

static FILE *create(const char *folder, const char *name, const char *end) {
    char path[512];
    snprintf(path, sizeof path, "%s/tpl%s%s%s", folder, *name ? "_" : "", name, end);
    FILE *f = fopen(path, "w");
    if (!f) {
        perror(path);
        exit(1);
    }
    return f;
}

static char *read_all(const char *path, size_t *n) {
    FILE *f = fopen(path, "rb");
    long size = -1;
    if (f && fseek(f, 0, SEEK_END) == 0) size = ftell(f);
    char *p = size >= 0 ? malloc((size_t)size + 1) : NULL;
    if (!p || fseek(f, 0, SEEK_SET) || fread(p, 1, (size_t)size, f) != (size_t)size) {
        perror(path);
        exit(1);
    }
    fclose(f);
    p[size] = 0;
    *n = (size_t)size;
    return p;
}

static void compile(const char *folder, const char *path) {
    static Compiler c;
    memset(&c, 0, sizeof c);
    c.file = path;
    c.line = 1;
    const char *slash = strrchr(path, '/');
    snprintf(c.name, sizeof c.name, "%s", slash ? slash + 1 : path);
    char *dot = strstr(c.name, ".html");
    if (dot) *dot = 0;
    for (char *q = c.name; *q; q++) {
        if (!isalnum((unsigned char)*q)) *q = '_';
    }
    char *bytes = read_all(path, &c.n);
    c.p = bytes;
    c.out = create(folder, c.name, ".c");
    c.head = create(folder, c.name, ".h");
    fprintf(c.head,
            "/* Generated by tools/tplc from %s. */\n#ifndef TPL_%s_H\n#define TPL_%s_H\n"
            "#include \"web/html.h\"\n",
            path, c.name, c.name);
    fprintf(
        c.out,
        "/* Generated by tools/tplc from %s. */\n#include \"tpl.h\"\n#pragma GCC diagnostic ignored "
        "\"-Wunused-parameter\"\n",
        path);
    compile_body(&c);
    fputs("}\n", c.out);
    fputs("#endif\n", c.head);
    fclose(c.out);
    fclose(c.head);
    free(bytes);
}

/* The type of a value picks its writer; a type that is not listed does not compile. */
static const char prelude[] =
    "/* Generated by tools/tplc: all templates, and what writes a value by its C type. */\n"
    "#ifndef TPL_H\n#define TPL_H\n#include \"web/html.h\"\n"
    "static inline void tpl_text_z(Html *h, const char *z) { html_text(h, str_of(z)); }\n"
    "static inline void tpl_url_z(Html *h, const char *z) { html_url(h, str_of(z)); }\n"
    "static inline void tpl_part_z(Html *h, const char *z) { html_url_part(h, str_of(z)); }\n"
    "static inline void tpl_int(Html *h, int64_t i) { html_int(h, i); }\n"
    "static inline void tpl_size(Html *h, unsigned long long n) { html_int(h, (int64_t)n); }\n"
    "#define TPL_NUMBERS int: tpl_int, unsigned: tpl_int, long: tpl_int, unsigned long: tpl_size, \\\n"
    "    long long: tpl_int, unsigned long long: tpl_size\n"
    "#define TPL_TEXT(h, x) _Generic((x), Str: html_text, const char *: tpl_text_z, char *: tpl_text_z, \\\n"
    "    HtmlSafe: html_safe, TPL_NUMBERS)((h), (x))\n"
    "#define TPL_ATTR(h, x) _Generic((x), Str: html_text, const char *: tpl_text_z, char *: tpl_text_z, \\\n"
    "    TPL_NUMBERS)((h), (x))\n"
    "#define TPL_URL(h, x) _Generic((x), Str: html_url, const char *: tpl_url_z, char *: tpl_url_z)((h), (x))\n"
    "#define TPL_URL_PART(h, x) _Generic((x), Str: html_url_part, const char *: tpl_part_z, \\\n"
    "    char *: tpl_part_z, TPL_NUMBERS)((h), (x))\n";

static void write_all(const char *folder, int argc, char **argv) {
    FILE *f = create(folder, "", ".h");
    fputs(prelude, f);
    for (int i = 2; i < argc; i++) {
        const char *slash = strrchr(argv[i], '/');
        char name[64];
        snprintf(name, sizeof name, "%s", slash ? slash + 1 : argv[i]);
        char *dot = strstr(name, ".html");
        if (dot) *dot = 0;
        for (char *q = name; *q; q++) {
            if (!isalnum((unsigned char)*q)) *q = '_';
        }
        fprintf(f, "#include \"tpl_%s.h\"\n", name);
    }
    fputs("#endif\n", f);
    fclose(f);
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fputs("usage: tplc FOLDER FILE.html...\n", stderr);
        return 2;
    }
    for (int i = 2; i < argc; i++) compile(argv[1], argv[i]);
    write_all(argv[1], argc, argv);
    return 0;
}
