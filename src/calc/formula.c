/* formula.c: recursive descent into a postfix program, and the machine that runs it. See formula.h
 * for the grammar and the bounds. SPDX-License-Identifier: GPL-3.0-or-later */
#include "calc/formula.h"

#include <math.h>

#include "base/i18n.h"

typedef enum Op {
    OP_NUMBER,
    OP_NAME,
    OP_NEGATE,
    OP_PER_CENT,
    OP_NOT,
    OP_ADD,
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_POWER,
    OP_EQUAL,
    OP_UNEQUAL,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_AND,
    OP_OR,
    OP_CALL
} Op;

typedef enum Function {
    FN_MIN,
    FN_MAX,
    FN_SUM,
    FN_MEAN,
    FN_ABS,
    FN_ROUND,
    FN_FLOOR,
    FN_CEIL,
    FN_SQRT,
    FN_LN,
    FN_EXP,
    FN_IF,
    FN_COALESCE,
    FN_CLAMP
} Function;

/* clang-format off */
static const struct { const char *name; size_t least, most; } functions[] = {
    [FN_MIN] = {"min", 1, 50}, [FN_MAX] = {"max", 1, 50}, [FN_SUM] = {"sum", 1, 50}, [FN_MEAN] = {"mean", 1, 50},
    [FN_ABS] = {"abs", 1, 1}, [FN_ROUND] = {"round", 1, 2}, [FN_FLOOR] = {"floor", 1, 1}, [FN_CEIL] = {"ceil", 1, 1},
    [FN_SQRT] = {"sqrt", 1, 1}, [FN_LN] = {"ln", 1, 1}, [FN_EXP] = {"exp", 1, 1}, [FN_IF] = {"if", 3, 3},
    [FN_COALESCE] = {"coalesce", 1, 50}, [FN_CLAMP] = {"clamp", 3, 3},
};
/* clang-format on */

typedef struct Node {
    Op op;
    Function function;
    size_t n; /* arguments of a call, index of a name */
    double x;
} Node;

struct Formula {
    Node nodes[FORMULA_NODES];
    size_t n;
    Str names[FORMULA_NAMES];
    size_t n_names;
};

typedef struct Parser {
    Arena *arena;
    Str text;
    size_t at;
    int depth;
    Formula *out;
    FormulaError *why;
} Parser;

/* ---- reading ---- */

static Err fail_at(Parser *p, size_t at, const char *text, Str what) {
    if (p->why->text) return ERR_INVALID; /* the first one counts */
    int column = 1;
    for (size_t i = 0; i < at && i < p->text.n; i++)
        if (((unsigned char)p->text.p[i] & 0xc0) != 0x80) column++;
    *p->why = (FormulaError){at, column, text, str_copy(p->arena, what)};
    return ERR_INVALID;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
}

static void skip(Parser *p) {
    while (p->at < p->text.n && (p->text.p[p->at] == ' ' || p->text.p[p->at] == '\t' ||
                                 p->text.p[p->at] == '\n' || p->text.p[p->at] == '\r'))
        p->at++;
}

static char look(Parser *p) {
    skip(p);
    return p->at < p->text.n ? p->text.p[p->at] : 0;
}

static bool take(Parser *p, const char *symbol) {
    skip(p);
    if (!str_starts(str_sub(p->text, p->at, p->text.n), str_of(symbol))) return false;
    p->at += strlen(symbol);
    return true;
}

static Str word_at(Parser *p) {
    skip(p);
    size_t end = p->at;
    if (end >= p->text.n || !is_letter(p->text.p[end])) return (Str){0};
    while (end < p->text.n &&
           (is_letter(p->text.p[end]) || is_digit(p->text.p[end]) || p->text.p[end] == '.'))
        end++;
    return str_sub(p->text, p->at, end - p->at);
}

static bool take_word(Parser *p, const char *word) {
    Str here = word_at(p);
    if (!str_is(here, word)) return false;
    p->at += here.n;
    return true;
}

static Err put(Parser *p, Node node) {
    if (p->out->n >= FORMULA_NODES)
        return fail_at(p, p->at, N_("The formula is too long."), (Str){0});
    p->out->nodes[p->out->n++] = node;
    return OK;
}

static Err number(Parser *p) {
    size_t from = p->at, end = from;
    double x = 0, place = 1;
    while (end < p->text.n && is_digit(p->text.p[end])) x = x * 10 + (p->text.p[end++] - '0');
    if (end < p->text.n && p->text.p[end] == '.') {
        end++;
        size_t digits = end;
        while (end < p->text.n && is_digit(p->text.p[end])) {
            x = x * 10 + (p->text.p[end++] - '0');
            place *= 10;
        }
        if (end == digits) return fail_at(p, from, N_("A number ends with its point."), (Str){0});
    }
    p->at = end;
    if (end - from > 30 ||
        (end < p->text.n && (is_letter(p->text.p[end]) || p->text.p[end] == '.')))
        return fail_at(p, from, N_("“{0}” is no number; the decimal sign is a point."),
                       str_sub(p->text, from, end + 1 - from));
    return put(p, (Node){.op = OP_NUMBER, .x = x / place});
}

static Err name(Parser *p, Str word) {
    Formula *f = p->out;
    size_t i = 0;
    while (i < f->n_names && !str_eq(f->names[i], word)) i++;
    if (i == f->n_names) {
        if (i == FORMULA_NAMES)
            return fail_at(p, p->at - word.n, N_("The formula uses too many names."), (Str){0});
        f->names[f->n_names++] = str_copy(p->arena, word);
    }
    return put(p, (Node){.op = OP_NAME, .n = i});
}

static Err expression(Parser *p);

static Err call(Parser *p, Str word, size_t from) {
    size_t k = 0, n = 0;
    while (k < LENGTH(functions) && !str_is(word, functions[k].name)) k++;
    if (k == LENGTH(functions)) return fail_at(p, from, N_("There is no function “{0}”."), word);
    do {
        TRY(expression(p));
        n++;
    } while (n <= functions[k].most && take(p, ","));
    if (n < functions[k].least || n > functions[k].most)
        return fail_at(p, from, N_("“{0}” takes another number of values."), word);
    if (!take(p, ")")) return fail_at(p, p->at, N_("A closing bracket is missing here."), (Str){0});
    return put(p, (Node){.op = OP_CALL, .function = (Function)k, .n = n});
}

static Err atom(Parser *p) {
    char c = look(p);
    size_t from = p->at;
    if (is_digit(c)) return number(p);
    if (take(p, "(")) {
        TRY(expression(p));
        return take(p, ")") ? OK
                            : fail_at(p, p->at, N_("A closing bracket is missing here."), (Str){0});
    }
    Str word = word_at(p);
    if (!word.n)
        return fail_at(p, p->at,
                       c ? N_("A number, a name or a bracket is expected here.")
                         : N_("The formula ends too early."),
                       (Str){0});
    if (str_is(word, "and") || str_is(word, "or") || str_is(word, "not"))
        return fail_at(p, p->at, N_("“{0}” cannot stand here."), word);
    p->at += word.n;
    return take(p, "(") ? call(p, word, from) : name(p, word);
}

static Err unary(Parser *p) {
    bool minus = false;
    while (take(p, "-")) minus = !minus;
    TRY(atom(p));
    if (take(p, "%")) TRY(put(p, (Node){.op = OP_PER_CENT}));
    return minus ? put(p, (Node){.op = OP_NEGATE}) : OK;
}

static Err power(Parser *p) {
    if (++p->depth > FORMULA_DEPTH)
        return fail_at(p, p->at, N_("The formula is nested too deeply."), (Str){0});
    TRY(unary(p));
    if (take(p, "^")) {
        TRY(power(p));
        TRY(put(p, (Node){.op = OP_POWER}));
    }
    p->depth--;
    return OK;
}

static Err product(Parser *p) {
    TRY(power(p));
    for (;;) {
        Op op = take(p, "*") ? OP_MULTIPLY : take(p, "/") ? OP_DIVIDE : OP_NUMBER;
        if (op == OP_NUMBER) return OK;
        TRY(power(p));
        TRY(put(p, (Node){.op = op}));
    }
}

static Err sum(Parser *p) {
    TRY(product(p));
    for (;;) {
        Op op = take(p, "+") ? OP_ADD : take(p, "-") ? OP_SUBTRACT : OP_NUMBER;
        if (op == OP_NUMBER) return OK;
        TRY(product(p));
        TRY(put(p, (Node){.op = op}));
    }
}

static Err compare(Parser *p) {
    /* longer signs first */
    static const struct {
        const char *sign;
        Op op;
    } signs[] = {{"<>", OP_UNEQUAL}, {"<=", OP_LESS_EQUAL}, {">=", OP_GREATER_EQUAL},
                 {"=", OP_EQUAL},    {"<", OP_LESS},        {">", OP_GREATER}};
    TRY(sum(p));
    for (size_t i = 0; i < LENGTH(signs); i++) {
        if (!take(p, signs[i].sign)) continue;
        TRY(sum(p));
        return put(p, (Node){.op = signs[i].op});
    }
    return OK;
}

static Err negation(Parser *p) {
    bool turned = false;
    while (take_word(p, "not")) turned = !turned;
    TRY(compare(p));
    return turned ? put(p, (Node){.op = OP_NOT}) : OK;
}

static Err conjunction(Parser *p) {
    TRY(negation(p));
    while (take_word(p, "and")) {
        TRY(negation(p));
        TRY(put(p, (Node){.op = OP_AND}));
    }
    return OK;
}

static Err expression(Parser *p) {
    if (++p->depth > FORMULA_DEPTH)
        return fail_at(p, p->at, N_("The formula is nested too deeply."), (Str){0});
    TRY(conjunction(p));
    while (take_word(p, "or")) {
        TRY(conjunction(p));
        TRY(put(p, (Node){.op = OP_OR}));
    }
    p->depth--;
    return OK;
}

Err formula_parse(Formula **out, FormulaError *why, Arena *a, Str text) {
    *why = (FormulaError){0};
    *out = NULL;
    Parser p = {.arena = a, .text = text, .out = NEW(a, Formula), .why = why};
    if (text.n > FORMULA_BYTES)
        return fail_at(&p, FORMULA_BYTES, N_("The formula is too long."), (Str){0});
    if (!str_trim(text).n) return fail_at(&p, 0, N_("The formula is empty."), (Str){0});
    TRY(expression(&p));
    if (look(&p)) {
        size_t end = p.at + 1;
        while (end < text.n && ((unsigned char)text.p[end] & 0xc0) == 0x80) end++;
        return fail_at(&p, p.at, N_("“{0}” is not understood here."),
                       str_sub(text, p.at, end - p.at));
    }
    *out = p.out;
    return OK;
}

size_t formula_n_names(const Formula *f) {
    return f->n_names;
}
Str formula_name(const Formula *f, size_t i) {
    return f->names[i];
}

/* ---- running ---- */

static const FormulaValue missing = {0, true};

static FormulaValue fold(Function function, const FormulaValue *v, size_t n) {
    FormulaValue r = v[0];
    for (size_t i = 0; i < n; i++)
        if (v[i].missing) return missing;
    for (size_t i = 1; i < n; i++) switch (function) {
        case FN_MIN: r.x = v[i].x < r.x ? v[i].x : r.x; break;
        case FN_MAX: r.x = v[i].x > r.x ? v[i].x : r.x; break;
        default: r.x += v[i].x; break;
        }
    if (function == FN_MEAN) r.x /= (double)n;
    return r;
}

/* Half away from zero at `digits` decimals, as people round. */
static double round_to(double x, double digits) {
    double places = digits < -9 ? -9 : digits > 9 ? 9 : floor(digits), scale = pow(10, places);
    return round(x * scale) / scale;
}

static FormulaValue choose(const FormulaValue *v) {
    return v[0].missing ? missing : v[0].x != 0 ? v[1] : v[2];
}

static FormulaValue coalesce(const FormulaValue *v, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!v[i].missing) return v[i];
    return missing;
}

static FormulaOutcome apply(FormulaValue *out, const Node *node, const FormulaValue *v) {
    FormulaValue r = v[0];
    switch (node->function) {
    case FN_MIN:
    case FN_MAX:
    case FN_SUM:
    case FN_MEAN: *out = fold(node->function, v, node->n); return FORMULA_OK;
    case FN_IF: *out = choose(v); return FORMULA_OK;
    case FN_COALESCE: *out = coalesce(v, node->n); return FORMULA_OK;
    default: break;
    }
    *out = missing;
    for (size_t i = 0; i < node->n; i++)
        if (v[i].missing) return FORMULA_OK;
    switch (node->function) {
    case FN_ABS: r.x = fabs(r.x); break;
    case FN_ROUND: r.x = round_to(r.x, node->n > 1 ? v[1].x : 0); break;
    case FN_FLOOR: r.x = floor(r.x); break;
    case FN_CEIL: r.x = ceil(r.x); break;
    case FN_SQRT:
        if (r.x < 0) return FORMULA_ZERO;
        r.x = sqrt(r.x);
        break;
    case FN_LN:
        if (r.x <= 0) return FORMULA_ZERO;
        r.x = log(r.x);
        break;
    case FN_EXP: r.x = exp(r.x); break;
    case FN_CLAMP: r.x = r.x < v[1].x ? v[1].x : r.x > v[2].x ? v[2].x : r.x; break;
    default: break;
    }
    *out = r;
    return FORMULA_OK;
}

/* "false and missing" is false and "true or missing" is true: what is known decides. */
static FormulaValue logic(Op op, FormulaValue a, FormulaValue b) {
    bool decides = op == OP_OR; /* the value that settles it alone */
    bool a_does = !a.missing && (a.x != 0) == decides, b_does = !b.missing && (b.x != 0) == decides;
    if (a_does || b_does) return (FormulaValue){decides, false};
    if (a.missing || b.missing) return missing;
    return (FormulaValue){!decides, false};
}

static FormulaOutcome binary(FormulaValue *out, Op op, FormulaValue a, FormulaValue b) {
    *out = missing;
    if (op == OP_AND || op == OP_OR) {
        *out = logic(op, a, b);
        return FORMULA_OK;
    }
    if (a.missing || b.missing) return FORMULA_OK;
    FormulaValue r = {0, false};
    switch (op) {
    case OP_ADD: r.x = a.x + b.x; break;
    case OP_SUBTRACT: r.x = a.x - b.x; break;
    case OP_MULTIPLY: r.x = a.x * b.x; break;
    case OP_DIVIDE:
        if (b.x == 0) return FORMULA_ZERO;
        r.x = a.x / b.x;
        break;
    case OP_POWER:
        if ((a.x == 0 && b.x < 0) || (a.x < 0 && floor(b.x) != b.x)) return FORMULA_ZERO;
        r.x = pow(a.x, b.x);
        break;
    case OP_EQUAL: r.x = a.x == b.x; break;
    case OP_UNEQUAL: r.x = a.x != b.x; break;
    case OP_LESS: r.x = a.x < b.x; break;
    case OP_LESS_EQUAL: r.x = a.x <= b.x; break;
    case OP_GREATER: r.x = a.x > b.x; break;
    default: r.x = a.x >= b.x; break;
    }
    *out = r;
    return FORMULA_OK;
}

static FormulaOutcome step(FormulaValue *stack, size_t *n, const Node *node,
                           const FormulaValue *values) {
    FormulaOutcome outcome = FORMULA_OK;
    FormulaValue r = missing, *top = *n ? &stack[*n - 1] : NULL;
    switch (node->op) {
    case OP_NUMBER: r = (FormulaValue){node->x, false}; break;
    case OP_NAME: r = values[node->n]; break;
    case OP_NEGATE: r = (FormulaValue){-top->x, top->missing}; break;
    case OP_PER_CENT: r = (FormulaValue){top->x / 100, top->missing}; break;
    case OP_NOT: r = (FormulaValue){top->x == 0, top->missing}; break;
    case OP_CALL: outcome = apply(&r, node, &stack[*n - node->n]); break;
    default: outcome = binary(&r, node->op, stack[*n - 2], stack[*n - 1]); break;
    }
    if (outcome == FORMULA_OK && !r.missing && !isfinite(r.x)) outcome = FORMULA_TOO_LARGE;
    if (node->op >= OP_NEGATE && node->op <= OP_NOT) *n -= 1;
    if (node->op >= OP_ADD && node->op <= OP_OR) *n -= 2;
    if (node->op == OP_CALL) *n -= node->n;
    stack[(*n)++] = outcome == FORMULA_OK ? r : missing;
    return outcome;
}

/* Both branches of an `if` are worked out: a division by zero in the one that is not taken must not
 * spoil the result. What cannot be worked out is missing, and the reason is told only when the
 * result is missing too. */
FormulaOutcome formula_eval(FormulaValue *out, const Formula *f, const FormulaValue *values) {
    FormulaValue stack[FORMULA_NODES];
    FormulaOutcome worst = FORMULA_OK;
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++) {
        FormulaOutcome outcome = step(stack, &n, &f->nodes[i], values);
        if (outcome != FORMULA_OK) worst = outcome;
    }
    *out = stack[0];
    if (!out->missing) return FORMULA_OK;
    out->x = 0;
    return worst;
}

FormulaValue formula_number(int64_t scaled, int64_t scale) {
    return (FormulaValue){(double)scaled / (double)scale, false};
}

bool formula_scaled(int64_t *out, FormulaValue v, int64_t scale) {
    double x = v.x * (double)scale;
    *out = 0;
    if (v.missing || !(x > -9e18 && x < 9e18)) return false;
    *out = (int64_t)(x < 0 ? x - 0.5 : x + 0.5);
    return true;
}
