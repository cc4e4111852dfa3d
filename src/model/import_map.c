/* import_map.c: reading a map; see import_map.h and docs/IMPORT.md. An expression is read with a
 * stack of open calls, so nesting costs no recursion and is bounded. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "model/import_map.h"

#include "base/money.h"
#include "base/utf8.h"

typedef struct Reader {
    ImportMap *map;
    MapPart *part; /* where `field` goes: the row's record or the child being described */
    Arena *arena;
    Str rest; /* of the line */
    int line, sheets;
    Str *why;
} Reader;

static Err wrong(Reader *r, const char *what, Str about) {
    *r->why =
        str_fmt(r->arena, "line %d: %s%s%.*s", r->line, what, about.n ? ": " : "", FMT(about));
    return ERR_INVALID;
}

static void blanks(Reader *r) {
    while (r->rest.n && (r->rest.p[0] == ' ' || r->rest.p[0] == '\t'))
        r->rest = str_sub(r->rest, 1, r->rest.n);
}

static bool eat(Reader *r, char ch) {
    blanks(r);
    if (!r->rest.n || r->rest.p[0] != ch) return false;
    r->rest = str_sub(r->rest, 1, r->rest.n);
    return true;
}

/* "text" with \" and \\ and \n. */
static Err quoted(Str *out, Reader *r) {
    Text t = text_new(r->arena, 0);
    size_t i = 1;
    for (; i < r->rest.n && r->rest.p[i] != '"'; i++) {
        char ch = r->rest.p[i];
        if (ch == '\\' && i + 1 < r->rest.n) ch = r->rest.p[++i] == 'n' ? '\n' : r->rest.p[i];
        text_char(&t, ch);
    }
    if (i >= r->rest.n) return wrong(r, "a quotation mark is not closed", r->rest);
    *out = text_str(&t);
    r->rest = str_sub(r->rest, i + 1, r->rest.n);
    return OK;
}

/* A word up to a blank, or a quoted text. */
static Err word(Str *out, Reader *r) {
    blanks(r);
    if (r->rest.n && r->rest.p[0] == '"') return quoted(out, r);
    size_t n = 0;
    while (n < r->rest.n && r->rest.p[n] != ' ' && r->rest.p[n] != '\t') n++;
    *out = str_sub(r->rest, 0, n);
    r->rest = str_sub(r->rest, n, r->rest.n);
    return out->n ? OK : wrong(r, "something is missing at the end", (Str){0});
}

/* ---- expressions ---- */

typedef struct Open {
    int function, arguments, terms;
} Open;

static Err step(Reader *r, MapProgram *p, MapStep s) {
    if (p->n >= MAP_MAX_STEPS) return wrong(r, "the expression is too long", (Str){0});
    GROW(r->arena, p->steps, p->n, p->cap);
    p->steps[p->n++] = s;
    if (s.op == MAP_COLUMN && !p->column.n) p->column = s.text;
    return OK;
}

static bool is_bare(char ch) {
    return !strchr(",()+\"[]", ch);
}

static bool is_number(Str s) {
    int64_t ignored;
    return s.n && decimal_parse(&ignored, s, 9);
}

/* is_table: the second argument of lookup, which names value lines. */
static Err push_word(Reader *r, MapProgram *p, Str name, bool is_table) {
    if (is_table) return step(r, p, (MapStep){.op = MAP_LITERAL, .text = name});
    for (size_t i = 0; i < r->map->n_lets; i++)
        if (str_eq(r->map->lets[i].name, name)) {
            if (!p->column.n) p->column = r->map->lets[i].program.column;
            return step(r, p, (MapStep){.op = MAP_LET, .index = i});
        }
    bool is_literal = is_number(name) || str_is(name, "true") || str_is(name, "false") ||
                      (name.n == 3 && currency_digits(name) >= 0);
    return step(r, p, (MapStep){.op = is_literal ? MAP_LITERAL : MAP_COLUMN, .text = name});
}

/* One literal, column or opening of a call; *opened says which. */
static Err operand(Reader *r, MapProgram *p, Open *stack, size_t *depth, bool *opened) {
    Str name;
    *opened = false;
    blanks(r);
    if (!r->rest.n) return wrong(r, "the expression ends too early", (Str){0});
    if (r->rest.p[0] == '"') {
        TRY(quoted(&name, r));
        return step(r, p, (MapStep){.op = MAP_LITERAL, .text = name});
    }
    if (eat(r, '[')) {
        if (eat(r, '"')) { /* a name with ] or ? in it */
            r->rest = (Str){r->rest.p - 1, r->rest.n + 1};
            TRY(quoted(&name, r));
            if (!eat(r, ']')) return wrong(r, "a column in [ ] is not closed", r->rest);
            return step(r, p, (MapStep){.op = MAP_COLUMN, .text = str_trim(name)});
        }
        ptrdiff_t end = str_find_char(r->rest, ']');
        if (end < 1) return wrong(r, "a column in [ ] is not closed", r->rest);
        name = str_sub(r->rest, 0, (size_t)end);
        r->rest = str_sub(r->rest, (size_t)end + 1, r->rest.n);
        bool optional = str_ends(name, S("?"));
        if (optional) name = str_sub(name, 0, name.n - 1);
        return step(r, p,
                    (MapStep){.op = MAP_COLUMN, .text = str_trim(name), .is_optional = optional});
    }
    size_t n = 0;
    while (n < r->rest.n && is_bare(r->rest.p[n])) n++;
    name = str_trim(str_sub(r->rest, 0, n));
    r->rest = str_sub(r->rest, n, r->rest.n);
    if (!name.n) return wrong(r, "a column, text or function is missing before", r->rest);
    const Open *o = &stack[*depth - 1];
    bool names = o->function == map_lookup || o->function == map_translate;
    bool is_table = names && o->arguments == 1 && !o->terms;
    if (!eat(r, '(')) return push_word(r, p, name, is_table);
    int function = map_function(name);
    if (function < 0) return wrong(r, "there is no such function", name);
    if (*depth >= MAP_MAX_DEPTH) return wrong(r, "the expression is nested too deeply", (Str){0});
    stack[(*depth)++] = (Open){function, 0, 0};
    *opened = true;
    return OK;
}

/* Ends the terms joined by + of the innermost argument. */
static Err end_terms(Reader *r, MapProgram *p, Open *o) {
    int terms = o->terms;
    o->terms = 0;
    if (terms > MAP_MAX_STACK / 2) return wrong(r, "too many parts are joined", (Str){0});
    return terms > 1
               ? step(r, p, (MapStep){.op = MAP_CALL, .function = map_concat, .arguments = terms})
               : OK;
}

/* Closes calls while ) follows; *done at the end of the line. */
static Err close_calls(Reader *r, MapProgram *p, Open *stack, size_t *depth) {
    while (*depth > 1 && eat(r, ')')) {
        Open *o = &stack[*depth - 1];
        TRY(end_terms(r, p, o));
        o->arguments++;
        if (!map_function_takes(o->function, o->arguments))
            return wrong(r, "a function has too few or too many arguments", r->rest);
        TRY(step(r, p,
                 (MapStep){.op = MAP_CALL, .function = o->function, .arguments = o->arguments}));
        --*depth;
        stack[*depth - 1].terms++;
    }
    return OK;
}

static Err expression(MapProgram *p, Reader *r) {
    Open stack[MAP_MAX_DEPTH + 1];
    size_t depth = 1;
    bool opened;
    stack[0] = (Open){-1, 0, 0};
    *p = (MapProgram){0};
    for (;;) {
        TRY(operand(r, p, stack, &depth, &opened));
        if (opened) continue;
        stack[depth - 1].terms++;
        TRY(close_calls(r, p, stack, &depth));
        if (eat(r, '+')) continue;
        if (depth > 1 && eat(r, ',')) {
            TRY(end_terms(r, p, &stack[depth - 1]));
            if (++stack[depth - 1].arguments > MAP_MAX_STACK / 2)
                return wrong(r, "a function has too few or too many arguments", r->rest);
            continue;
        }
        blanks(r);
        if (r->rest.n) return wrong(r, "this was not expected", r->rest);
        if (depth > 1) return wrong(r, "a parenthesis is not closed", (Str){0});
        return end_terms(r, p, &stack[0]);
    }
}

/* ---- lines ---- */

static Err read_field(Reader *r, Str name) {
    MapPart *part = r->part;
    if (!eat(r, '=')) return wrong(r, "an = is missing", name);
    if (part->n_fields >= MAP_MAX_FIELDS) return wrong(r, "too many fields", name);
    GROW(r->arena, part->fields, part->n_fields, part->cap_fields);
    MapField *f = &part->fields[part->n_fields++];
    f->name = name;
    return expression(&f->program, r);
}

/* default NAME = EXPRESSION */
static Err read_default(Reader *r) {
    MapPart *part = r->part;
    Str name;
    TRY(word(&name, r));
    if (!eat(r, '=')) return wrong(r, "an = is missing", name);
    if (part->n_defaults >= MAP_MAX_FIELDS) return wrong(r, "too many fields", name);
    GROW(r->arena, part->defaults, part->n_defaults, part->cap_defaults);
    MapField *f = &part->defaults[part->n_defaults++];
    f->name = name;
    return expression(&f->program, r);
}

/* also TYPE: what follows is for another sheet; how texts are read and the tables stay. */
static Err read_also(Reader *r) {
    ImportMap *m = NEW(r->arena, ImportMap), *old = r->map;
    if (r->part != &old->main) return wrong(r, "a child ends with: end", (Str){0});
    if (!old->main.n_fields) return wrong(r, "no field is filled", (Str){0});
    if (++r->sheets >= MAP_MAX_SHEETS) return wrong(r, "too many sheets", (Str){0});
    m->arena = r->arena;
    m->comma = old->comma;
    m->currency = old->currency;
    memcpy(m->empty, old->empty, sizeof m->empty);
    m->n_empty = old->n_empty;
    if (old->n_values) {
        m->values = NEW_N(r->arena, MapValue, old->n_values);
        memcpy(m->values, old->values, old->n_values * sizeof *m->values);
        m->n_values = m->cap_values = old->n_values;
    }
    old->also = m;
    r->map = m;
    r->part = &m->main;
    TRY(word(&m->main.type, r));
    blanks(r);
    return r->rest.n ? wrong(r, "this was not expected", r->rest) : OK;
}

static Err read_let(Reader *r) {
    Str name;
    MapProgram p;
    ImportMap *m = r->map;
    TRY(word(&name, r));
    if (!eat(r, '=')) return wrong(r, "an = is missing", name);
    if (m->n_lets >= MAP_MAX_LETS) return wrong(r, "too many names", name);
    TRY(expression(&p, r));
    GROW(r->arena, m->lets, m->n_lets, m->cap_lets);
    m->lets[m->n_lets++] = (MapLet){name, p};
    return OK;
}

/* value TABLE: "from" -> "to" */
static Err read_value(Reader *r) {
    ImportMap *m = r->map;
    Str from, to;
    blanks(r);
    ptrdiff_t colon = str_find_char(r->rest, ':');
    if (colon < 1) return wrong(r, "write value TABLE: \"from\" -> \"to\"", r->rest);
    Str table = str_trim(str_sub(r->rest, 0, (size_t)colon));
    r->rest = str_sub(r->rest, (size_t)colon + 1, r->rest.n);
    bool otherwise = false;
    blanks(r);
    if (r->rest.n && r->rest.p[0] == '"') {
        TRY(quoted(&from, r));
    } else {
        ptrdiff_t arrow = str_find(r->rest, S("->"));
        if (arrow < 0) return wrong(r, "write value TABLE: \"from\" -> \"to\"", r->rest);
        from = str_trim(str_sub(r->rest, 0, (size_t)arrow));
        r->rest = str_sub(r->rest, (size_t)arrow, r->rest.n);
        otherwise = str_is(from, "*");
    }
    if (!eat(r, '-') || !eat(r, '>')) return wrong(r, "an -> is missing", r->rest);
    blanks(r);
    if (r->rest.n && r->rest.p[0] == '"') {
        TRY(quoted(&to, r));
    } else {
        to = str_trim(r->rest);
        r->rest = (Str){0};
    }
    if (m->n_values >= MAP_MAX_VALUES) return wrong(r, "too many values", table);
    GROW(r->arena, m->values, m->n_values, m->cap_values);
    m->values[m->n_values++] = (MapValue){table, utf8_fold(r->arena, from), to, otherwise};
    return OK;
}

/* reject "reason" when EXPRESSION */
static Err read_reject(Reader *r) {
    ImportMap *m = r->map;
    Str reason, when;
    MapProgram p;
    TRY(word(&reason, r));
    TRY(word(&when, r));
    if (!str_is(when, "when")) return wrong(r, "write reject \"reason\" when EXPRESSION", when);
    TRY(expression(&p, r));
    GROW(r->arena, m->rejects, m->n_rejects, m->cap_rejects);
    m->rejects[m->n_rejects++] = (MapReject){reason, p};
    return OK;
}

static Err read_child(Reader *r) {
    ImportMap *m = r->map;
    Str type, when;
    if (r->part != &m->main) return wrong(r, "a child ends with: end", (Str){0});
    if (m->n_children >= MAP_MAX_CHILDREN) return wrong(r, "too many children", (Str){0});
    TRY(word(&type, r));
    MapPart *part = &m->children[m->n_children++];
    part->type = type;
    r->part = part;
    blanks(r);
    if (!r->rest.n) return OK;
    TRY(word(&when, r));
    if (!str_is(when, "when")) return wrong(r, "write child TYPE when EXPRESSION", when);
    return expression(&part->when, r);
}

static Err read_key(Reader *r) {
    Str name;
    TRY(word(&name, r));
    TRY(read_field(r, name));
    r->part->key = r->part->fields[r->part->n_fields - 1].program;
    return OK;
}

static Err read_setting(Reader *r, Str name) {
    ImportMap *m = r->map;
    Str v;
    if (str_is(name, "label")) { /* the rest of the line */
        m->label = str_trim(r->rest);
        return OK;
    }
    TRY(word(&v, r));
    if (str_is(name, "type"))
        m->main.type = v;
    else if (str_is(name, "state"))
        r->part->state = v;
    else if (str_is(name, "sheet"))
        m->sheet = v;
    else if (str_is(name, "encoding"))
        m->encoding = v;
    else if (str_is(name, "currency")) {
        if (currency_digits(v) < 0) return wrong(r, "there is no such currency", v);
        m->currency = v;
    } else if (str_is(name, "delimiter")) {
        if (!str_is(v, "tab") && v.n != 1)
            return wrong(r, "a separator is one character or: tab", v);
        m->delimiter = v.n == 1 ? v.p[0] : '\t';
    } else if (str_is(name, "decimal")) {
        if (!str_is(v, "comma") && !str_is(v, "point"))
            return wrong(r, "write decimal comma or decimal point", v);
        m->comma = str_is(v, "comma");
    } else if (str_is(name, "skip")) {
        int64_t n;
        if (!str_to_int(&n, v) || n < 0 || n > 1000)
            return wrong(r, "this is not a number of lines", v);
        m->skip = (size_t)n;
        m->has_skip = true;
    } else if (str_is(name, "empty")) {
        if (m->n_empty >= LENGTH(m->empty)) return wrong(r, "too many texts for nothing", v);
        m->empty[m->n_empty++] = v;
    } else {
        return wrong(r, "this line is not known", name);
    }
    blanks(r);
    return r->rest.n ? wrong(r, "this was not expected", r->rest) : OK;
}

static Err read_line(Reader *r) {
    Str name;
    TRY(word(&name, r));
    if (str_is(name, "field")) {
        blanks(r);
        ptrdiff_t equals = str_find_char(r->rest, '=');
        if (equals < 1) return wrong(r, "an = is missing", r->rest);
        Str field = str_trim(str_sub(r->rest, 0, (size_t)equals));
        r->rest = str_sub(r->rest, (size_t)equals, r->rest.n);
        return read_field(r, field);
    }
    if (str_is(name, "key")) return read_key(r);
    if (str_is(name, "let")) return read_let(r);
    if (str_is(name, "default")) return read_default(r);
    if (str_is(name, "also")) return read_also(r);
    if (str_is(name, "value")) return read_value(r);
    if (str_is(name, "reject")) return read_reject(r);
    if (str_is(name, "child")) return read_child(r);
    if (str_is(name, "end")) {
        if (r->part == &r->map->main) return wrong(r, "end without child", (Str){0});
        r->part = &r->map->main;
        return OK;
    }
    return read_setting(r, name);
}

Err map_parse_any(ImportMap **out, Str *why, Arena *a, Str text) {
    ImportMap *m = NEW(a, ImportMap);
    Reader r = {.map = m, .part = &m->main, .arena = a, .why = why};
    Str line;
    *out = m;
    m->arena = a;
    m->comma = -1;
    if (text.n > MAP_MAX_BYTES || !utf8_is_clean(text))
        return wrong(&r, "a map is UTF-8 text of at most 256 KiB", (Str){0});
    while (str_cut(&line, &text, '\n')) {
        if (++r.line > MAP_MAX_LINES) return wrong(&r, "too many lines", (Str){0});
        r.rest = str_trim(line);
        if (!r.rest.n || r.rest.p[0] == '#') continue;
        TRY(read_line(&r));
    }
    if (r.part != &r.map->main) return wrong(&r, "a child ends with: end", (Str){0});
    if (!m->main.type.n) return wrong(&r, "the line type is missing", (Str){0});
    /* `also` turns to the map of another sheet, which must fill fields */
    if (r.map != m && !r.map->main.n_fields) return wrong(&r, "no field is filled", (Str){0});
    return OK;
}

Err map_parse(ImportMap **out, Str *why, Arena *a, Str text) {
    TRY(map_parse_any(out, why, a, text));
    if ((*out)->main.n_fields) return OK;
    *why = S("no field is filled");
    return ERR_INVALID;
}

/* ---- the columns of one file ---- */

static Err bind(MapProgram *p, Str *missing, Arena *a, const Str *headers, size_t n,
                bool is_loose) {
    for (size_t i = 0; i < p->n; i++) {
        MapStep *s = &p->steps[i];
        if (s->op != MAP_COLUMN) continue;
        s->index = SIZE_MAX;
        for (size_t k = 0; k < n && s->index == SIZE_MAX; k++)
            if (str_eq(headers[k], s->text)) s->index = k;
        Str folded = utf8_fold(a, s->text);
        for (size_t k = 0; k < n && s->index == SIZE_MAX && !is_loose; k++)
            if (folded.n && str_eq(utf8_fold(a, headers[k]), folded)) s->index = k;
        if (s->index != SIZE_MAX || s->is_optional || is_loose) continue;
        *missing = s->text;
        return ERR_INVALID;
    }
    return OK;
}

static Err bind_part(MapPart *part, Str *missing, Arena *a, const Str *headers, size_t n,
                     bool is_loose) {
    TRY(bind(&part->when, missing, a, headers, n, is_loose));
    TRY(bind(&part->key, missing, a, headers, n, is_loose));
    for (size_t i = 0; i < part->n_fields; i++)
        TRY(bind(&part->fields[i].program, missing, a, headers, n, is_loose));
    for (size_t i = 0; i < part->n_defaults; i++)
        TRY(bind(&part->defaults[i].program, missing, a, headers, n, is_loose));
    return OK;
}

Err map_bind(ImportMap *m, Str *missing, const Str *headers, size_t n, bool is_loose) {
    for (size_t i = 0; i < m->n_lets; i++)
        TRY(bind(&m->lets[i].program, missing, m->arena, headers, n, is_loose));
    for (size_t i = 0; i < m->n_rejects; i++)
        TRY(bind(&m->rejects[i].when, missing, m->arena, headers, n, is_loose));
    TRY(bind_part(&m->main, missing, m->arena, headers, n, is_loose));
    for (size_t i = 0; i < m->n_children; i++)
        TRY(bind_part(&m->children[i], missing, m->arena, headers, n, is_loose));
    return OK;
}

Str map_quote(Arena *a, Str text) {
    Text t = text_new(a, 0);
    text_char(&t, '"');
    for (size_t i = 0; i < text.n; i++) {
        char ch = text.p[i];
        if (ch == '"' || ch == '\\') text_char(&t, '\\');
        if (ch == '\n')
            text_addz(&t, "\\n");
        else
            text_char(&t, ch == '\r' ? ' ' : ch);
    }
    text_char(&t, '"');
    return text_str(&t);
}

Str map_quote_column(Arena *a, Str name) {
    return str_fmt(a, "[%.*s]", FMT(map_quote(a, name)));
}

MapProgram map_column(Arena *a, Str name, size_t index) {
    MapProgram p = {.steps = NEW(a, MapStep), .n = 1, .cap = 1, .column = name};
    p.steps[0] = (MapStep){.op = MAP_COLUMN, .index = index, .text = name};
    return p;
}

MapProgram map_literal(Arena *a, Str text) {
    MapProgram p = {.steps = NEW(a, MapStep), .n = 1, .cap = 1};
    p.steps[0] = (MapStep){.op = MAP_LITERAL, .text = text};
    return p;
}

const BuiltMap *map_built_in(Str name) {
    for (const BuiltMap *m = import_maps; m->name; m++)
        if (str_is(name, m->name)) return m;
    return NULL;
}
