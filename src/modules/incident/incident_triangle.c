/* incident_triangle.c: how the losses of a year developed: what was known of them at the end of
 * each later year, and the factors from one end of year to the next. From the measure of losses,
 * each column as of its day; every cell opens the records as they were. Knows no SQL.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/measure.h"
#include "modules/incident/incident_pages.h"

enum { YEARS_MAX = 15 };

/* clang-format off */
static const Choice figures[] = {{"gross", N_("Gross loss"), 0}, {"net", N_("Net loss"), 0}, {"recoveries", N_("Recoveries"), 0}, {"count", N_("Count"), 0}, {0}};
static const Choice spans[] = {{"5", N_("5 years"), 0}, {"10", N_("10 years"), 0}, {0}};
/* clang-format on */

typedef struct Triangle {
    Ctx *c;
    int first, last; /* years of discovery; the last is under way */
    Str figure, span, currency;
    Str at[YEARS_MAX];                       /* day as of which the year's end is known */
    MeasureCell cells[YEARS_MAX][YEARS_MAX]; /* [year of discovery][age] */
} Triangle;

static Err triangle_read(Triangle *x, Ctx *c, const Input *query) {
    int64_t year, span;
    *x = (Triangle){.c = c};
    TRY(incident_kit_choice(&x->figure, c, query, "figure", figures));
    TRY(incident_kit_choice(&x->span, c, query, "years", spans));
    TRY(incident_group_currency(&x->currency, c));
    CHECK(str_to_int(&year, str_sub(c->today, 0, 4)) && str_to_int(&span, x->span),
          "today is no date");
    x->last = (int)year;
    x->first = x->last - (int)span + 1;
    return OK;
}

/* One reading a year's end: it gives that diagonal. */
static Err diagonals(Triangle *x) {
    Ctx *c = x->c;
    const MeasureDef *m = model_measure(c->model, S("losses"));
    if (!m) return ERR_MISSING;
    for (int year = x->first; year <= x->last; year++) {
        MeasureTable table = {0};
        size_t k = (size_t)(year - x->first);
        x->at[k] = year == x->last ? c->today : str_fmt(c->arena, "%04d-12-31", year);
        MeasureQuery q = {.measure = m,
                          .rows = -3,
                          .columns = -1,
                          .from = x->first * 12,
                          .to = year * 12 + 11,
                          .as_of = year == x->last ? (Str){0} : x->at[k]};
        TRY(measure_read(&table, c, &q));
        for (size_t i = 0; i < table.n; i++) {
            int64_t row = table.cells[i].row - x->first;
            if (row >= 0 && row <= (int64_t)k) x->cells[row][k - (size_t)row] = table.cells[i];
        }
    }
    return OK;
}

static int64_t value_of(const Triangle *x, const MeasureCell *m) {
    if (str_is(x->figure, "count")) return m->count;
    return m->sums[str_is(x->figure, "net") ? 2 : str_is(x->figure, "recoveries") ? 1 : 0];
}

static Str records(const Triangle *x, int year, size_t age) {
    Ctx *c = x->c;
    size_t k = (size_t)(year - x->first) + age;
    Str href = incident_kit_events(c, str_fmt(c->arena, "%04d-01-01", year),
                                   str_fmt(c->arena, "%04d-12-31", year), "event_kind=loss");
    return year + (int)age == x->last ? href : report_link(c, href, "as_of", x->at[k]);
}

static Block *matrix(const Triangle *x, const char *caption) {
    Ctx *c = x->c;
    size_t n = (size_t)(x->last - x->first + 1);
    Str *rows = NEW_N(c->arena, Str, n), *ages = NEW_N(c->arena, Str, n),
        *keys = NEW_N(c->arena, Str, n);
    MatrixCell *cells = NEW_N(c->arena, MatrixCell, n * n);
    for (size_t r = 0; r < n; r++) {
        rows[r] = str_fmt(c->arena, "%d", x->first + (int)r);
        keys[r] = str_fmt(c->arena, "age_%d", (int)r);
        ages[r] =
            r ? INCIDENT_FILL(c, tr_n(c->lang, "{0} year later", "{0} years later", (int64_t)r),
                              str_fmt(c->arena, "%d", (int)r))
              : TRS(c, N_("End of the year"));
        for (size_t age = 0; r + age < n; age++) {
            const MeasureCell *m = &x->cells[r][age];
            cells[r * n + age] =
                (MatrixCell){.count = m->count,
                             .main = report_money(m->sums[0], x->currency),
                             .second = report_money(m->sums[2], x->currency),
                             .third = report_money(m->sums[1], x->currency),
                             .level = m->count ? 1 : 0,
                             .href = m->count ? records(x, x->first + (int)r, age) : (Str){0},
                             .note = INCIDENT_FILL(c, TR(c, N_("{0}, known on {1}")), rows[r],
                                                   report_day_words(c, x->at[r + age]))};
        }
    }
    Block *b = view_block(c->arena, BLOCK_MATRIX);
    b->matrix = (MatrixView){.corner = TRS(c, N_("Year of discovery")),
                             .caption = TRS(c, caption),
                             .row_labels = rows,
                             .row_keys = rows,
                             .col_labels = ages,
                             .col_keys = keys,
                             .n_rows = n,
                             .n_cols = n,
                             .cells = cells,
                             .main_name = "gross",
                             .second_name = "net",
                             .third_name = "recoveries",
                             .main_label = TRS(c, N_("Gross loss")),
                             .second_label = TRS(c, N_("Net loss")),
                             .third_label = TRS(c, N_("Recoveries")),
                             .shown = str_is(x->figure, "count")   ? 0
                                      : str_is(x->figure, "gross") ? 1
                                      : str_is(x->figure, "net")   ? 2
                                                                   : 3};
    return b;
}

/* From one end of year to the next, all years together that know both (chain ladder). The year
 * under way is left out: it has not ended. */
static Err factors(Block **out, const Triangle *x) {
    static const Column columns[] = {
        {.name = "step", .label = S(N_("From, to")), .kind = CELL_LABEL, .is_main = true},
        {.name = "years", .label = S(N_("Years")), .kind = CELL_INT},
        {.name = "factor", .label = S(N_("Factor")), .kind = CELL_DECIMAL}};
    Ctx *c = x->c;
    size_t n = (size_t)(x->last - x->first + 1);
    ReportList l = report_list(c, columns, LENGTH(columns));
    for (size_t age = 0; age + 2 < n; age++) {
        int64_t from = 0, to = 0, factor;
        for (size_t r = 0; r + age + 2 < n; r++)
            if (add_overflows(from, value_of(x, &x->cells[r][age]), &from) ||
                add_overflows(to, value_of(x, &x->cells[r][age + 1]), &to))
                return ERR_INTERNAL;
        Cell *cells = report_row(&l, str_fmt(c->arena, "%d", (int)age), (Str){0});
        cells[0] = cell_label(str_fmt(c->arena, "%d", (int)age),
                              INCIDENT_FILL(c, TR(c, N_("Age {0} to {1}")),
                                            str_fmt(c->arena, "%d", (int)age),
                                            str_fmt(c->arena, "%d", (int)age + 1)));
        cells[1] = cell_int((int64_t)(n - age - 2));
        if (from > 0 && mul_div(&factor, to, 1000, from)) cells[2] = cell_decimal(factor, 3);
    }
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Development from year to year")));
    view_put(c->arena, *out, report_block(&l, NULL, NULL, N_("No figure")));
    return OK;
}

Err incident_report_triangle(Ctx *c, const PageArgs *args, Page *out) {
    static const char path[] = "/reports/loss-triangle";
    Triangle *x = NEW(c->arena, Triangle);
    Block *steps;
    FormField f[2];
    TRY(triangle_read(x, c, args->query));
    TRY(diagonals(x));
    TRY(factors(&steps, x));
    f[0] = report_choice(c, "figure", N_("Figure"), figures, x->figure);
    f[1] = report_choice(c, "years", N_("Years"), spans, x->span);
    f[1].as_cards = true;
    out->title = TRS(c, N_("Development of losses"));
    out->subtitle = INCIDENT_FILL(
        c, TR(c, N_("Losses discovered since {0}, known at each end of year, in {1}")),
        str_fmt(c->arena, "%d", x->first), x->currency);
    out->main = matrix(x, N_("Losses by year of discovery and age"));
    out->main_key = "years";
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, report_parameters(c, path, f, LENGTH(f)));
    view_put(c->arena, out->body, out->main);
    view_put(c->arena, out->body, steps);
    view_put(
        c->arena, out->body,
        incident_kit_how(
            c,
            TRS(c,
                N_("Each line follows the losses discovered in one year: what was known of them on 31 December of that year, a year later and so on; the last figure of each line is of today. What was entered later than its date, by an import for example, stands where it was entered. Small losses declared together count as many. A factor compares the sums of all years of which both ends are known; the year under way is left out."))));
    return OK;
}
