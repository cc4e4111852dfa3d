/* import_eval.c: the functions of the map language and running a program on one row; see
 * import_map.h. Values are texts; numbers are exact decimals of at most six places.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/i18n.h"
#include "base/money.h"
#include "base/utf8.h"
#include "model/import_map.h"

typedef Err (*Function)(Str *out, MapRow *r, const Str *v, int n);
typedef struct FunctionDef {
    const char *name;
    int least, most;
    Function run;
} FunctionDef;

static Err fail(MapRow *r, const char *why) {
    r->why = why;
    return ERR_INVALID;
}

/* ---- numbers ---- */

bool map_number(int64_t *out6, Str text, bool comma) {
    text = str_trim(text);
    if (comma) return decimal_parse_loose(out6, text, 6, true);
    return decimal_parse(out6, text, 6) || decimal_parse_loose(out6, text, 6, false);
}

Str map_plain(Arena *a, int64_t value6) {
    Str s = decimal_text(a, value6, 6);
    if (str_find_char(s, '.') < 0) return s;
    while (s.n && s.p[s.n - 1] == '0') s.n--;
    if (s.n && s.p[s.n - 1] == '.') s.n--;
    return s;
}

static const char not_a_number[] = N_("This is not a number, or it has too many decimals.");

/* An empty text is 0 for sums only; here it stays empty. A result of another function has a point.
 */
static Err number(int64_t *out, MapRow *r, Str text) {
    bool plain = r->comma && str_find_char(text, ',') < 0 && decimal_parse(out, str_trim(text), 6);
    if (plain || map_number(out, text, r->comma)) return OK;
    return fail(r, not_a_number);
}

static Err scaled(int64_t *out, MapRow *r, Str text, Str factor) {
    int64_t value, by;
    TRY(number(&value, r, text));
    if (!decimal_parse(&by, str_trim(factor), 6)) return fail(r, not_a_number);
    if (!mul_div(out, value, by, 1000000)) return fail(r, N_("This number is too large."));
    return OK;
}

static Err f_number(Str *out, MapRow *r, const Str *v, int n) {
    int64_t value;
    *out = (Str){0};
    if (!str_trim(v[0]).n) return OK;
    TRY(scaled(&value, r, v[0], n > 1 ? v[1] : S("1")));
    *out = map_plain(r->arena, value);
    return OK;
}

/* money(x), money(x, factor), money(x, factor, currency) -> "12.50 CNY" */
static Err f_money(Str *out, MapRow *r, const Str *v, int n) {
    int64_t value, minor;
    Str currency = n > 2 ? str_trim(v[2]) : r->map->currency;
    *out = (Str){0};
    if (!str_trim(v[0]).n) return OK;
    if (!currency.n) currency = S("MAD");
    int digits = currency_digits(currency);
    if (digits < 0) return fail(r, N_("This currency is not known."));
    TRY(scaled(&value, r, v[0], n > 1 ? v[1] : S("1")));
    if (!decimal_rescale(&minor, value, 6, digits)) return fail(r, N_("This number is too large."));
    Money m = {.minor = minor};
    memcpy(m.currency, currency.p, 3);
    *out = str_fmt(r->arena, "%.*s %.*s", FMT(money_text(r->arena, m)), FMT(currency));
    return OK;
}

static Err sum(Str *out, MapRow *r, const Str *v, int n, int sign) {
    int64_t total = 0;
    bool any = false;
    *out = (Str){0};
    for (int i = 0; i < n; i++) {
        int64_t one;
        if (!str_trim(v[i]).n) continue;
        any = true;
        TRY(number(&one, r, v[i]));
        bool over =
            i && sign < 0 ? sub_overflows(total, one, &total) : add_overflows(total, one, &total);
        if (over) return fail(r, N_("This number is too large."));
    }
    if (any) *out = map_plain(r->arena, total);
    return OK;
}

static Err f_add(Str *out, MapRow *r, const Str *v, int n) {
    return sum(out, r, v, n, 1);
}

static Err f_sub(Str *out, MapRow *r, const Str *v, int n) {
    return sum(out, r, v, n, -1);
}

/* The number itself when above zero, else nothing. */
static Err f_positive(Str *out, MapRow *r, const Str *v, int n) {
    int64_t value;
    (void)n;
    *out = (Str){0};
    if (!str_trim(v[0]).n) return OK;
    TRY(number(&value, r, v[0]));
    if (value > 0) *out = map_plain(r->arena, value);
    return OK;
}

/* The text itself, unless it is nothing, a dash or zero; what is no number is judged later. */
static Err f_nonzero(Str *out, MapRow *r, const Str *v, int n) {
    int64_t value;
    Str text = str_trim(v[0]);
    (void)n;
    bool is_zero = import_is_nothing(text) || (map_number(&value, text, r->comma) && value == 0);
    *out = is_zero ? (Str){0} : text;
    return OK;
}

/* Without its sign: recoveries are written with and without one. */
static Err f_abs(Str *out, MapRow *r, const Str *v, int n) {
    static const Str minus = {"\xE2\x88\x92", 3};
    Str text = str_trim(v[0]);
    (void)n;
    (void)r;
    if (text.n > 2 && text.p[0] == '(' && text.p[text.n - 1] == ')')
        text = str_sub(text, 1, text.n - 2);
    else if (text.n > 1 && text.p[0] == '-')
        text = str_sub(text, 1, text.n);
    else if (str_starts(text, minus))
        text = str_sub(text, minus.n, text.n);
    *out = str_trim(text);
    return OK;
}

/* band(x, "10", "small", "100", "medium", "large"): the first word whose bound is above x. */
static Err f_band(Str *out, MapRow *r, const Str *v, int n) {
    int64_t value, bound;
    *out = (Str){0};
    if (!str_trim(v[0]).n) return OK;
    TRY(number(&value, r, v[0]));
    for (int i = 1; i + 1 < n; i += 2) {
        if (!decimal_parse(&bound, str_trim(v[i]), 6)) return fail(r, not_a_number);
        if (value >= bound) continue;
        *out = v[i + 1];
        return OK;
    }
    *out = v[n - 1];
    return OK;
}

/* ---- dates ---- */

static const char not_a_date[] = N_("This is not a date, for example 31/03/2026.");

static int days_in(int year, int month) {
    int64_t first = date_to_days(year, month, 1);
    int64_t next = month == 12 ? date_to_days(year + 1, 1, 1) : date_to_days(year, month + 1, 1);
    return (int)(next - first);
}

static Err make_date(Str *out, MapRow *r, int64_t year, int64_t month, int64_t day) {
    if (year < 1 || year > 9998 || month < 1 || month > 12) return fail(r, not_a_date);
    if (day < 1 || day > days_in((int)year, (int)month)) return fail(r, not_a_date);
    *out = date_text(r->arena, date_to_days((int)year, (int)month, (int)day));
    return OK;
}

/* date(x) as people write dates; date(x, "DD.MM.YYYY"): digits where the letters stand, the rest as
 * written. Without DD the last day of the month, without MM the last day of the year. Text behind
 * the format is an error. */
static Err f_date(Str *out, MapRow *r, const Str *v, int n) {
    Str text = str_trim(v[0]);
    int64_t parts[3] = {-1, -1, -1}, days;
    *out = (Str){0};
    if (!text.n) return OK;
    if (n == 1) {
        if (!import_date(&days, r->arena, text)) return fail(r, not_a_date);
        *out = date_text(r->arena, days);
        return OK;
    }
    size_t at = 0;
    for (size_t i = 0; i < v[1].n; i++) {
        const char *letter = strchr("YMD", v[1].p[i]);
        char ch = at < text.n ? text.p[at] : 0;
        if (!letter || !v[1].p[i]) {
            if (ch != v[1].p[i]) return fail(r, not_a_date);
            at++;
            continue;
        }
        int64_t *part = &parts[letter - "YMD"];
        bool starts = i == 0 || v[1].p[i - 1] != v[1].p[i];
        if (ch < '0' || ch > '9') { /* 3/7/2004 fits M and MM */
            if (starts || *part < 0) return fail(r, not_a_date);
            continue;
        }
        *part = (*part < 0 ? 0 : *part) * 10 + (ch - '0');
        at++;
    }
    if (at != text.n) return fail(r, not_a_date);
    if (parts[1] < 0) parts[1] = 12;
    if (parts[2] < 0)
        parts[2] = parts[0] > 0 && parts[0] < 9999 && parts[1] >= 1 && parts[1] <= 12
                       ? days_in((int)parts[0], (int)parts[1])
                       : 0;
    return make_date(out, r, parts[0], parts[1], parts[2]);
}

/* ymd(year, month, day): what is missing becomes the last day of what is known; nothing without a
 * year. */
static Err f_ymd(Str *out, MapRow *r, const Str *v, int n) {
    int64_t parts[3] = {0, 12, 0};
    *out = (Str){0};
    if (!str_trim(v[0]).n) return OK;
    for (int i = 0; i < n; i++) {
        Str part = str_trim(v[i]);
        if (!part.n) continue;
        if (!str_to_int(&parts[i], part)) return fail(r, not_a_date);
    }
    bool month_known = n > 1 && str_trim(v[1]).n,
         day_known = month_known && n > 2 && str_trim(v[2]).n;
    if (parts[0] < 1 || parts[0] > 9998 || parts[1] < 1 || parts[1] > 12)
        return fail(r, not_a_date);
    if (!day_known) parts[2] = days_in((int)parts[0], (int)parts[1]);
    return make_date(out, r, parts[0], parts[1], parts[2]);
}

/* ---- texts ---- */

static Err f_concat(Str *out, MapRow *r, const Str *v, int n) {
    Text t = text_new(r->arena, TABLE_MAX_CELL);
    for (int i = 0; i < n; i++) text_add(&t, v[i]);
    if (t.full) return fail(r, N_("This is too long."));
    *out = text_str(&t);
    return OK;
}

static Err f_first(Str *out, MapRow *r, const Str *v, int n) {
    (void)r;
    *out = (Str){0};
    for (int i = 0; i < n && !str_trim(*out).n; i++) *out = v[i];
    return OK;
}

static Err f_if(Str *out, MapRow *r, const Str *v, int n) {
    (void)r;
    *out = str_trim(v[0]).n ? v[1] : n > 2 ? v[2] : (Str){0};
    return OK;
}

static Err f_eq(Str *out, MapRow *r, const Str *v, int n) {
    (void)n;
    *out = str_eq(utf8_fold(r->arena, v[0]), utf8_fold(r->arena, v[1])) ? S("true") : (Str){0};
    return OK;
}

static Err f_not(Str *out, MapRow *r, const Str *v, int n) {
    (void)r;
    (void)n;
    *out = str_trim(v[0]).n ? (Str){0} : S("true");
    return OK;
}

/* Is the word one of a list "a, b, c"? */
static Err f_has(Str *out, MapRow *r, const Str *v, int n) {
    Str rest = v[0], part, wanted = utf8_fold(r->arena, v[1]);
    (void)n;
    *out = (Str){0};
    while (str_cut(&part, &rest, ','))
        if (str_eq(utf8_fold(r->arena, part), wanted)) *out = S("true");
    return OK;
}

/* lookup(x, table): what the value lines say. A text that no line names is an error unless the
 * table has a line for *. */
static Err f_lookup(Str *out, MapRow *r, const Str *v, int n) {
    const ImportMap *m = r->map;
    Str wanted = utf8_fold(r->arena, v[0]);
    const MapValue *otherwise = NULL;
    (void)n;
    *out = (Str){0};
    for (size_t i = 0; i < m->n_values; i++) {
        const MapValue *x = &m->values[i];
        if (!str_eq(x->table, v[1])) continue;
        if (x->is_otherwise)
            otherwise = x;
        else if (str_eq(x->from, wanted))
            return *out = x->to, OK;
    }
    if (!wanted.n) return OK;
    if (!otherwise) return fail(r, N_("The map says nothing about this value."));
    *out = otherwise->to;
    return OK;
}

/* translate(x, table): what the value lines say, or the text itself. */
static Err f_translate(Str *out, MapRow *r, const Str *v, int n) {
    const ImportMap *m = r->map;
    Str wanted = utf8_fold(r->arena, v[0]);
    (void)n;
    *out = v[0];
    for (size_t i = 0; i < m->n_values && wanted.n; i++)
        if (!m->values[i].is_otherwise && str_eq(m->values[i].table, v[1]) &&
            str_eq(m->values[i].from, wanted))
            *out = m->values[i].to;
    return OK;
}

static Err f_upper(Str *out, MapRow *r, const Str *v, int n) {
    char *p = arena_alloc(r->arena, v[0].n + 1);
    (void)n;
    for (size_t i = 0; i < v[0].n; i++)
        p[i] = v[0].p[i] >= 'a' && v[0].p[i] <= 'z' ? (char)(v[0].p[i] - 32) : v[0].p[i];
    *out = (Str){p, v[0].n};
    return OK;
}

static Err f_lower(Str *out, MapRow *r, const Str *v, int n) {
    (void)n;
    *out = str_lower_ascii(r->arena, v[0]);
    return OK;
}

static Err f_trim(Str *out, MapRow *r, const Str *v, int n) {
    (void)r;
    (void)n;
    *out = str_trim(v[0]);
    return OK;
}

/* clip(x, 200): at most so many characters. */
static Err f_clip(Str *out, MapRow *r, const Str *v, int n) {
    int64_t most;
    (void)n;
    if (!str_to_int(&most, str_trim(v[1])) || most < 1) return fail(r, not_a_number);
    *out = utf8_count(v[0]) > (size_t)most ? utf8_clip(v[0], (size_t)most) : v[0];
    return OK;
}

/* part(x, 1, ","): the first, second ... part, trimmed. */
static Err f_part(Str *out, MapRow *r, const Str *v, int n) {
    int64_t k;
    Str rest = v[0], part;
    (void)n;
    *out = (Str){0};
    if (!str_to_int(&k, str_trim(v[1])) || k < 1 || v[2].n != 1) return fail(r, not_a_number);
    while (str_cut(&part, &rest, v[2].p[0]))
        if (--k == 0) *out = str_trim(part);
    return OK;
}

/* join(", ", a, b, c): those that are not empty. */
static Err f_join(Str *out, MapRow *r, const Str *v, int n) {
    Text t = text_new(r->arena, TABLE_MAX_CELL);
    for (int i = 1; i < n; i++) {
        if (!str_trim(v[i]).n) continue;
        if (t.n) text_add(&t, v[0]);
        text_add(&t, str_trim(v[i]));
    }
    *out = text_str(&t);
    return OK;
}

/* label("Province", x): "Province: x", or nothing. */
static Err f_label(Str *out, MapRow *r, const Str *v, int n) {
    (void)n;
    *out = str_trim(v[1]).n ? str_fmt(r->arena, "%.*s: %.*s", FMT(v[0]), FMT(str_trim(v[1])))
                            : (Str){0};
    return OK;
}

/* earliest(a, b): of ISO dates. */
static Err f_earliest(Str *out, MapRow *r, const Str *v, int n) {
    (void)r;
    *out = (Str){0};
    for (int i = 0; i < n; i++)
        if (str_trim(v[i]).n && (!out->n || str_cmp(str_trim(v[i]), *out) < 0))
            *out = str_trim(v[i]);
    return OK;
}

/* clang-format off */
static const FunctionDef functions[] = {
    {"concat", 1, MAP_MAX_STACK, f_concat}, {"lookup", 2, 2, f_lookup}, {"translate", 2, 2, f_translate}, {"first", 1, MAP_MAX_STACK, f_first}, {"if", 2, 3, f_if}, {"eq", 2, 2, f_eq},
    {"not", 1, 1, f_not}, {"has", 2, 2, f_has}, {"date", 1, 2, f_date}, {"ymd", 1, 3, f_ymd},
    {"money", 1, 3, f_money}, {"number", 1, 2, f_number}, {"add", 1, MAP_MAX_STACK, f_add}, {"sub", 2, 2, f_sub},
    {"positive", 1, 1, f_positive}, {"band", 3, MAP_MAX_STACK, f_band}, {"upper", 1, 1, f_upper}, {"lower", 1, 1, f_lower},
    {"trim", 1, 1, f_trim}, {"clip", 2, 2, f_clip}, {"part", 3, 3, f_part}, {"join", 2, MAP_MAX_STACK, f_join},
    {"nonzero", 1, 1, f_nonzero}, {"abs", 1, 1, f_abs}, {"label", 2, 2, f_label}, {"earliest", 1, MAP_MAX_STACK, f_earliest}, {NULL, 0, 0, NULL}
};
/* clang-format on */
const int map_concat = 0, map_lookup = 1, map_translate = 2;

int map_function(Str name) {
    for (size_t i = 0; i < LENGTH(functions); i++)
        if (functions[i].run && str_is(name, functions[i].name)) return (int)i;
    return -1;
}

bool map_function_takes(int function, int arguments) {
    if (function < 0 || (size_t)function >= LENGTH(functions)) return false;
    return arguments >= functions[function].least && arguments <= functions[function].most;
}

/* ---- running ---- */

MapRow map_row(const ImportMap *m, const TableRow *row, Arena *a, bool comma) {
    return (MapRow){.map = m, .row = row, .arena = a, .comma = comma};
}

static Str cell_of(const MapRow *r, const MapStep *s) {
    Str cell = s->index == SIZE_MAX ? (Str){0} : table_cell(r->row, s->index);
    Str bare = str_trim(cell);
    for (size_t i = 0; i < r->map->n_empty; i++)
        if (str_eq(bare, r->map->empty[i])) return (Str){0};
    return cell;
}

/* Lets come first: they name only earlier ones, so one level at a time is enough. */
static Err run(Str *out, MapRow *r, const MapProgram *p) {
    Str stack[MAP_MAX_STACK], result;
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        const MapStep *s = &p->steps[i];
        switch (s->op) {
        case MAP_LITERAL: result = s->text; break;
        case MAP_COLUMN: result = cell_of(r, s); break;
        case MAP_LET: result = r->lets[s->index]; break;
        case MAP_CALL:
            n -= (size_t)s->arguments;
            TRY(functions[s->function].run(&result, r, stack + n, s->arguments));
            break;
        }
        if (n >= MAP_MAX_STACK || arena_used(r->arena) > MAP_MAX_MEMORY)
            return fail(r, N_("This is too long."));
        stack[n++] = result;
    }
    *out = n ? stack[n - 1] : (Str){0};
    return OK;
}

Err map_eval(Str *out, MapRow *r, const MapProgram *p) {
    for (size_t i = 0; i < r->map->n_lets; i++) {
        if ((r->has_let >> i) & 1u) continue;
        r->column = r->map->lets[i].program.column;
        TRY(run(&r->lets[i], r, &r->map->lets[i].program));
        r->has_let |= UINT64_C(1) << i;
    }
    r->column = p->column;
    return run(out, r, p);
}
