/* measure_page.c: a measure as a page: a matrix whose cells open the records behind them, and the
 * form of its parameters. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "model/core_rules.h"
#include "model/measure_kit.h"
#include "model/page_kit.h"

#include <stdlib.h>

enum { MOST_ROWS = 1000, MOST_COLUMNS = 400, SHOWN_SUMS = 3 };

typedef struct Mark {
    int64_t value, order;
    Str key, label;
} Mark;
typedef struct Side {
    int axis;
    Mark *marks;
    size_t n, cap;
} Side;
typedef struct Matrix {
    Ctx *c;
    const MeasureDef *m;
    MeasureQuery q;
    MeasureTable table;
    Side rows, columns;
    int sums[SHOWN_SUMS]; /* which sums are shown */
    int n_sums;
    char currency[4];
} Matrix;

/* ---- rows and columns ---- */

static Err mark_of_ref(Mark *out, Ctx *c, const Type *t, int64_t id) {
    RefName name = {0};
    if (t) TRY(ref_name(&name, c, t, id));
    out->key = name.found ? name.key : str_fmt(c->arena, "%lld", (long long)id);
    out->label = name.found && name.title.n ? name.title : out->key;
    return OK;
}

/* Nodes keep the order of their tree, others that of their codes. */
static Err order_of(int64_t *out, Ctx *c, const Type *t, Str kind, int64_t id) {
    const TreeItem *items;
    size_t n;
    *out = 0;
    if (!t || !(t->flags & TYPE_TREE)) return OK;
    TRY(ref_tree(&items, &n, c, t, kind));
    for (size_t i = 0; i < n; i++)
        if (items[i].id == id) *out = (int64_t)i;
    return OK;
}

/* A choice field's values are counted from 1 in the order of its choices. */
static bool mark_of_choice(Mark *out, const Matrix *x, int axis, int64_t value) {
    const Field *f = axis >= 0 ? measure_field(x->c, x->m, x->m->dims[axis]) : NULL;
    if (!f || f->kind != KIND_CHOICE || value < 1 || value > (int64_t)f->n_choices) return false;
    const Choice *choice = &f->choices[value - 1];
    out->key = str_of(choice->key);
    out->label = TRS(x->c, choice->label);
    return true;
}

static Err mark_of(Mark *out, const Matrix *x, int axis, int64_t value) {
    Ctx *c = x->c;
    Str kind = {0};
    const Type *t = NULL;
    *out = (Mark){.value = value, .order = value};
    if (axis == -1) {
        out->label = TRS(c, N_("All"));
        out->key = S("all");
        return OK;
    }
    if (axis == -2) {
        out->key = out->label = str_fmt(c->arena, "%04lld-%02lld", (long long)(value / 12),
                                        (long long)(value % 12 + 1));
        return OK;
    }
    if (axis == -3) {
        out->key = out->label = str_fmt(c->arena, "%04lld", (long long)value);
        return OK;
    }
    if (value == 0) {
        out->label = TRS(c, N_("Not given"));
        out->order = INT64_MAX;
        return OK;
    }
    if (axis == -4) t = model_type(c->model, S("unit"));
    if (axis == -5) t = model_type(c->model, S("entity"));
    if (mark_of_choice(out, x, axis, value)) return OK;
    if (axis >= 0) t = measure_dim_type(&kind, c, x->m, axis);
    TRY(mark_of_ref(out, c, t, value));
    return t ? order_of(&out->order, c, t, kind, value) : OK;
}

static int mark_by_value(const void *p, const void *q) {
    int64_t a = ((const Mark *)p)->value, b = ((const Mark *)q)->value;
    return a < b ? -1 : a > b;
}

static int mark_by_order(const void *p, const void *q) {
    const Mark *a = p, *b = q;
    if (a->order != b->order) return a->order < b->order ? -1 : 1;
    return str_cmp(a->key, b->key);
}

static void side_put(Side *s, Arena *a, int64_t value) {
    GROW(a, s->marks, s->n, s->cap);
    s->marks[s->n++] = (Mark){.value = value};
}

/* Months and years without a figure are shown too: a gap in time is information. */
static void fill_time(Side *s, Arena *a) {
    enum { MOST_FILLED = 240 };
    if ((s->axis != -2 && s->axis != -3) || s->n < 2) return;
    int64_t low = s->marks[0].value, high = s->marks[s->n - 1].value;
    if (high - low >= MOST_FILLED) return;
    s->n = 0;
    for (int64_t v = low; v <= high; v++) side_put(s, a, v);
}

static Err side_build(Side *s, Matrix *x, int axis, bool is_row, size_t most) {
    Arena *a = x->c->arena;
    size_t n = 0;
    s->axis = axis;
    for (size_t i = 0; i < x->table.n; i++)
        side_put(s, a, is_row ? x->table.cells[i].row : x->table.cells[i].column);
    if (s->n) qsort(s->marks, s->n, sizeof *s->marks, mark_by_value);
    for (size_t i = 0; i < s->n; i++)
        if (i == 0 || s->marks[i].value != s->marks[n - 1].value) s->marks[n++] = s->marks[i];
    s->n = n;
    fill_time(s, a);
    if (s->n > most)
        return issue(
            x->c, is_row ? "rows" : "columns", "too_many",
            N_("That is too much for one table: choose a higher level or a shorter period."));
    for (size_t i = 0; i < s->n; i++) TRY(mark_of(&s->marks[i], x, axis, s->marks[i].value));
    if (s->n) qsort(s->marks, s->n, sizeof *s->marks, mark_by_order);
    return OK;
}

static ptrdiff_t side_find(const Side *s, int64_t value) {
    for (size_t i = 0; i < s->n; i++)
        if (s->marks[i].value == value) return (ptrdiff_t)i;
    return -1;
}

/* ---- the records behind a cell ---- */

static void add_dim(Input *in, Matrix *x, int dim, int64_t value, Str key, bool exact) {
    Ctx *c = x->c;
    Str kind;
    const Type *t = measure_dim_type(&kind, c, x->m, dim);
    const char *name = x->m->dims[dim];
    if (value == 0) {
        input_add(in, c->arena, str_fmt(c->arena, "%s.empty", name), S("1"));
    } else if (t && (t->flags & TYPE_TREE) && !exact) {
        input_add(in, c->arena, str_fmt(c->arena, "%s.under", name), key);
    } else {
        input_add(in, c->arena, str_of(name), key);
    }
}

typedef struct Behind {
    int64_t from, to;
    bool has_dim[FACT_DIMS], has_unit, has_entity;
} Behind;

static void add_mark(Input *in, Matrix *x, Behind *b, const Mark *mark, int axis, int level) {
    Arena *a = x->c->arena;
    if (!mark) return;
    if (axis >= 0) {
        add_dim(in, x, axis, mark->value, mark->key, level < 0);
        b->has_dim[axis] = true;
    } else if (axis == -2) {
        b->from = b->to = mark->value;
    } else if (axis == -3) {
        if (b->from < mark->value * 12) b->from = mark->value * 12;
        if (b->to == 0 || b->to > mark->value * 12 + 11) b->to = mark->value * 12 + 11;
    } else if (axis == -4) {
        input_add(in, a, mark->value ? S("unit") : S("unit.empty"),
                  mark->value ? mark->key : S("1"));
        b->has_unit = true;
    } else if (axis == -5 && measure_field(x->c, x->m, "entity")) {
        input_add(in, a, mark->value ? S("entity") : S("entity.empty"),
                  mark->value ? mark->key : S("1"));
        b->has_entity = true;
    }
}

static Err add_filters(Input *in, Matrix *x, const Behind *b) {
    Ctx *c = x->c;
    for (int i = 0; i < FACT_DIMS; i++) {
        Mark mark;
        if (!x->q.under[i] || b->has_dim[i]) continue;
        TRY(mark_of(&mark, x, i, x->q.under[i]));
        add_dim(in, x, i, x->q.under[i], mark.key, false);
    }
    if (x->q.unit && !b->has_unit) {
        Mark mark;
        TRY(mark_of(&mark, x, -4, x->q.unit));
        input_add(in, c->arena, S("unit.under"), mark.key);
    }
    if (x->q.entity && !b->has_entity && measure_field(c, x->m, "entity")) {
        Mark mark;
        TRY(mark_of(&mark, x, -5, x->q.entity));
        input_add(in, c->arena, S("entity"), mark.key);
    }
    return OK;
}

static Err behind(Str *out, Matrix *x, const Mark *row, const Mark *column) {
    Ctx *c = x->c;
    const Type *t = model_need(c->model, x->m->type);
    Behind b = {.from = x->q.from, .to = x->q.to};
    Input in = {0};
    add_mark(&in, x, &b, row, x->q.rows, x->q.rows_level);
    add_mark(&in, x, &b, column, x->q.columns, x->q.columns_level);
    TRY(add_filters(&in, x, &b));
    input_add_all(&in, c->arena, &x->q.filters);
    measure_records(&in, c, x->m, b.from, b.to);
    if (x->q.as_of.n) input_add(&in, c->arena, S("as_of"), x->q.as_of);
    *out = page_kit_url(c->arena, page_kit_list_path(c->arena, t), &in);
    return OK;
}

/* ---- the matrix ---- */

static Cell amount(const Matrix *x, const MeasureCell *cell, int i) {
    if (i >= x->n_sums) return (Cell){0};
    return cell_money(
        (Money){cell->sums[x->sums[i]], {x->currency[0], x->currency[1], x->currency[2], 0}});
}

static int64_t weight(const Matrix *x, const MeasureCell *cell) {
    int64_t w = x->n_sums ? cell->sums[x->sums[0]] : cell->count;
    return w < 0 ? (w == INT64_MIN ? INT64_MAX : -w) : w;
}

static int shade(const Matrix *x, const MeasureCell *cell, int64_t most) {
    int64_t w = weight(x, cell);
    if (cell->count == 0 && w == 0) return 0;
    int64_t step = most / 5 + 1;
    int level = (int)(w / step) + 1;
    return level > 5 ? 5 : level;
}

static Err matrix_cell(MatrixCell *out, Matrix *x, const MeasureCell *cell, const Mark *row,
                       const Mark *column, int64_t most) {
    *out = (MatrixCell){.count = cell->count, .level = shade(x, cell, most)};
    out->main = amount(x, cell, 0);
    out->second = amount(x, cell, 1);
    out->third = amount(x, cell, 2);
    return cell->count || out->level ? behind(&out->href, x, row, column) : OK;
}

static void choose_sums(Matrix *x, FieldSet hidden) {
    for (int i = 0; i < FACT_SUMS && x->n_sums < SHOWN_SUMS; i++)
        if (x->m->sums[i] && !measure_is_hidden(hidden, measure_field(x->c, x->m, x->m->sums[i])))
            x->sums[x->n_sums++] = i;
}

static void labels(const Str **labels_out, const Str **keys_out, Arena *a, const Side *s) {
    Str *names = NEW_N(a, Str, s->n + 1), *keys = NEW_N(a, Str, s->n + 1);
    for (size_t i = 0; i < s->n; i++) {
        names[i] = s->marks[i].label;
        keys[i] = s->marks[i].key;
    }
    *labels_out = names;
    *keys_out = keys;
}

static bool total_add(MeasureCell *into, const MeasureCell *cell) {
    bool ok = !add_overflows(into->count, cell->count, &into->count);
    for (size_t i = 0; i < FACT_SUMS; i++)
        ok = !add_overflows(into->sums[i], cell->sums[i], &into->sums[i]) && ok;
    return ok;
}

typedef struct Grid {
    MeasureCell *cells, *rows, *columns, total;
    int64_t most, most_row, most_column;
} Grid;

static Err grid_fill(Grid *g, Matrix *x) {
    Arena *a = x->c->arena;
    size_t n = x->columns.n;
    bool ok = true;
    g->cells = arena_array(a, x->rows.n + 1, (n + 1) * sizeof *g->cells);
    g->rows = NEW_N(a, MeasureCell, x->rows.n + 1);
    g->columns = NEW_N(a, MeasureCell, n + 1);
    for (size_t i = 0; i < x->table.n; i++) {
        const MeasureCell *cell = &x->table.cells[i];
        ptrdiff_t row = side_find(&x->rows, cell->row),
                  column = side_find(&x->columns, cell->column);
        if (row < 0 || column < 0) continue;
        g->cells[(size_t)row * n + (size_t)column] = *cell;
        ok = total_add(&g->rows[row], cell) && ok;
        ok = total_add(&g->columns[column], cell) && ok;
        ok = total_add(&g->total, cell) && ok;
        if (weight(x, cell) > g->most) g->most = weight(x, cell);
    }
    return ok ? OK : ERR_INTERNAL;
}

static Err matrix_cells(MatrixView *view, Matrix *x, const Grid *g) {
    Arena *a = x->c->arena;
    size_t n = x->columns.n;
    MatrixCell *cells = arena_array(a, x->rows.n + 1, (n + 1) * sizeof *cells);
    MatrixCell *rows = NEW_N(a, MatrixCell, x->rows.n + 1), *columns = NEW_N(a, MatrixCell, n + 1);
    MatrixCell *total = NEW(a, MatrixCell);
    for (size_t i = 0; i < x->rows.n; i++) {
        const Mark *row = &x->rows.marks[i];
        for (size_t k = 0; k < n; k++)
            TRY(matrix_cell(&cells[i * n + k], x, &g->cells[i * n + k], row, &x->columns.marks[k],
                            g->most));
        TRY(matrix_cell(&rows[i], x, &g->rows[i], row, NULL, INT64_MAX));
    }
    for (size_t k = 0; k < n; k++)
        TRY(matrix_cell(&columns[k], x, &g->columns[k], NULL, &x->columns.marks[k], INT64_MAX));
    TRY(matrix_cell(total, x, &g->total, NULL, NULL, INT64_MAX));
    view->cells = cells;
    view->row_totals = x->q.columns == -1 ? NULL : rows;
    view->col_totals = x->q.rows == -1 ? NULL : columns;
    view->total = total;
    return OK;
}

static Str axis_label(const Matrix *x, int axis) {
    Ctx *c = x->c;
    static const char *const others[] = {N_("All"), N_("Month"), N_("Year"), N_("Unit"),
                                         N_("Legal entity")};
    if (axis < 0) return TRS(c, others[-axis - 1]);
    const Field *f = measure_field(c, x->m, x->m->dims[axis]);
    return f ? TRS(c, f->label) : str_of(x->m->dims[axis]);
}

static Err matrix_block(Block **out, Matrix *x) {
    Ctx *c = x->c;
    Grid grid = {0};
    Block *block = view_block(c->arena, BLOCK_MATRIX);
    MatrixView *view = &block->matrix;
    TRY(grid_fill(&grid, x));
    view->corner = axis_label(x, x->q.rows);
    view->caption = TRS(c, x->m->label);
    view->n_rows = x->rows.n;
    view->n_cols = x->columns.n;
    labels(&view->row_labels, &view->row_keys, c->arena, &x->rows);
    labels(&view->col_labels, &view->col_keys, c->arena, &x->columns);
    TRY(matrix_cells(view, x, &grid));
    const char **names[] = {&view->main_name, &view->second_name, &view->third_name};
    Str *texts[] = {&view->main_label, &view->second_label, &view->third_label};
    for (int i = 0; i < x->n_sums; i++) {
        *names[i] = x->m->sums[x->sums[i]];
        *texts[i] = TRS(c, x->m->sum_labels[x->sums[i]]);
    }
    view->shown = x->n_sums ? 1 : 0;
    *out = block;
    return OK;
}

/* ---- the parameters ---- */

typedef struct Params {
    FormField items[10];
    size_t n;
} Params;

static FormField *param(Params *p, Ctx *c, const Input *query, Str name, Str label,
                        InputKind kind) {
    FormField *f = &p->items[p->n++];
    Str *value = NEW(c->arena, Str);
    *value = input_get(query, name);
    *f = (FormField){
        .name = name, .label = label, .kind = kind, .values = value, .n_values = value->n ? 1 : 0};
    f->errors = page_kit_errors(&f->n_errors, c, name);
    return f;
}

static void axis_param(Params *p, Matrix *x, const Input *query, Str name, Str label, int chosen) {
    static const char *const keys[] = {"none", "month", "year", "unit", "entity"};
    Ctx *c = x->c;
    FilterOption *options = NEW_N(c->arena, FilterOption, FACT_DIMS + LENGTH(keys));
    FormField *f = param(p, c, query, name, label, INPUT_CHOICE);
    Str *value = NEW(c->arena, Str);
    for (int i = 0; i < FACT_DIMS; i++)
        if (x->m->dims[i])
            options[f->n_options++] = (FilterOption){.value = str_of(x->m->dims[i]),
                                                     .label = axis_label(x, i),
                                                     .is_chosen = chosen == i};
    for (int i = 0; i < (int)LENGTH(keys); i++)
        options[f->n_options++] = (FilterOption){.value = str_of(keys[i]),
                                                 .label = axis_label(x, -i - 1),
                                                 .is_chosen = chosen == -i - 1};
    for (size_t i = 0; i < f->n_options; i++)
        if (options[i].is_chosen) *value = options[i].value;
    f->options = options;
    f->values = value;
    f->n_values = 1;
}

static Err tree_param(Params *p, Ctx *c, const Input *query, Str name, Str label, const Type *t,
                      Str kind) {
    if (!t || !(t->flags & TYPE_TREE)) return OK;
    FormField *f = param(p, c, query, name, label, INPUT_TREE);
    return page_kit_tree(&f->options, &f->n_options, c, t, kind, input_get(query, name));
}

static Err form_block(Block **out, Matrix *x, const Input *query, Str path) {
    Ctx *c = x->c;
    Params *p = NEW(c->arena, Params);
    Str kind;
    axis_param(p, x, query, S("rows"), TRS(c, N_("Rows")), x->q.rows);
    axis_param(p, x, query, S("columns"), TRS(c, N_("Columns")), x->q.columns);
    param(p, c, query, S("from"), TRS(c, N_("From month")), INPUT_TEXT)->example = S("2026-01");
    param(p, c, query, S("to"), TRS(c, N_("To month")), INPUT_TEXT)->example = S("2026-12");
    TRY(tree_param(p, c, query, S("unit"), TRS(c, N_("Unit")), model_type(c->model, S("unit")),
                   (Str){0}));
    for (int i = 0; i < FACT_DIMS; i++) {
        const Type *t = measure_dim_type(&kind, c, x->m, i);
        if (t)
            TRY(tree_param(p, c, query, str_fmt(c->arena, "%s.under", x->m->dims[i]),
                           axis_label(x, i), t, kind));
    }
    param(p, c, query, S("as_of"), TRS(c, N_("As recorded on")), INPUT_DATE);
    FormGroup *group = NEW(c->arena, FormGroup);
    *group = (FormGroup){.fields = p->items, .n = p->n};
    *out = view_block(c->arena, BLOCK_FORM);
    (*out)->form = (FormView){.action = path,
                              .groups = group,
                              .n_groups = 1,
                              .is_get = true,
                              .is_toolbar = true,
                              .submit_label = TRS(c, N_("Show"))};
    return OK;
}

static Err matrix_prepare(Matrix *x, const Input *query) {
    Ctx *c = x->c;
    FieldSet hidden;
    Str currency;
    bool found;
    const Access *access;
    TRY(access_of(&access, c, model_need(c->model, x->m->type), OP_READ));
    if (!access_any(access)) return ERR_DENIED;
    TRY(measure_parse(&x->q, c, x->m, query));
    TRY(measure_hidden(&hidden, c, x->m));
    choose_sums(x, hidden);
    TRY(setting_text(&currency, &found, c, "group_currency"));
    memcpy(x->currency, found && currency.n == 3 ? currency.p : "MAD", 3);
    TRY(measure_read(&x->table, c, &x->q));
    TRY(side_build(&x->rows, x, x->q.rows, true, MOST_ROWS));
    return side_build(&x->columns, x, x->q.columns, false, MOST_COLUMNS);
}

static void put_warnings(Block *body, Ctx *c) {
    for (size_t i = 0; i < c->issues.n; i++)
        if (c->issues.items[i].is_warning)
            view_put(c->arena, body,
                     view_text(c->arena, TEXT_NOTICE, TONE_WARN, (Str){0},
                               issue_text(c, &c->issues.items[i])));
}

Err measure_page(Ctx *c, const MeasureDef *m, const PageArgs *args, Page *out) {
    static const Input nothing;
    Matrix x = {.c = c, .m = m};
    const Input *query = args->query ? args->query : &nothing;
    Str path = str_fmt(c->arena, "/measures/%s", m->name);
    Block *form = NULL;
    TRY(matrix_prepare(&x, query));
    memset(out, 0, sizeof *out);
    out->title = TRS(c, m->label);
    out->as_of = x.q.as_of;
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    TRY(matrix_block(&out->main, &x));
    if (args->format == FORMAT_HTML) {
        if (m->text) out->subtitle = TRS(c, m->text);
        Button *export = NEW(c->arena, Button);
        export->label = TRS(c, N_("Export to a spreadsheet"));
        export->href = page_kit_url(c->arena, str_join(c->arena, path, S(".xlsx")), query);
        out->buttons = export;
        out->n_buttons = 1;
        TRY(form_block(&form, &x, query, path));
        view_put(c->arena, out->body, form);
        put_warnings(out->body, c);
    }
    view_put(c->arena, out->body, out->main);
    return OK;
}
