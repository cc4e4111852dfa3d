/* rcsa_matrices.c: processes by residual class, and the worst risks with the controls that hold
 * them, as of a day. Figures come from rcsa_report_query.c, in the reader's scope. Knows no SQL and
 * no markup. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/report.h"
#include "modules/rcsa/rcsa_pages.h"

enum { MATRIX_RISKS = 30 };

/* ---- processes ---- */

typedef struct Processes {
    Ctx *c;
    RcsaAsked asked;
    RcsaMethod method;
    RcsaProcessLines lines;
    const TreeItem *items;
    size_t n;
} Processes;

static int class_of(Str level) {
    int64_t k = 0;
    return str_to_int(&k, level) && k >= 1 && k <= CALC_LEVELS ? (int)k : 0;
}

/* Risks of each class in a process and all below it; the last one is how many are above the
 * tolerance. */
static void counts_of(int64_t counts[CALC_LEVELS + 1], const Processes *p, size_t at) {
    const TreeItem *top = &p->items[at];
    memset(counts, 0, (CALC_LEVELS + 1) * sizeof *counts);
    for (size_t i = at; i < p->n && (i == at || p->items[i].depth > top->depth); i++)
        for (size_t k = 0; k < p->lines.n; k++) {
            const RcsaProcessLine *x = &p->lines.items[k];
            int class = class_of(x->level);
            if (x->process != p->items[i].id || !class) continue;
            counts[class - 1] += x->count;
            counts[CALC_LEVELS] += x->above;
        }
}

static MatrixCell count_cell(Processes *p, Str process, const char *field, Str value, int64_t count,
                             int level) {
    if (!count) return (MatrixCell){0};
    p->asked.process = process;
    Str href = rcsa_risks_href(p->c, &p->asked);
    p->asked.process = (Str){0};
    return (MatrixCell){
        .count = count, .level = level, .href = report_link(p->c, href, field, value)};
}

static Block *process_matrix(Processes *p) {
    Ctx *c = p->c;
    size_t classes = (size_t)p->method.calc.n_classes, columns = classes + 1, rows = 0;
    Str *labels = NEW_N(c->arena, Str, p->n + 1), *keys = NEW_N(c->arena, Str, p->n + 1);
    Str *col_labels = NEW_N(c->arena, Str, columns), *col_keys = NEW_N(c->arena, Str, columns),
        *levels = NEW_N(c->arena, Str, CALC_LEVELS);
    MatrixCell *cells = NEW_N(c->arena, MatrixCell, (p->n + 1) * columns);
    for (size_t k = 0; k < classes; k++) {
        col_labels[k] = p->method.classes[k];
        col_keys[k] = str_of(rcsa_class_key((int)k + 1));
        levels[p->method.colours[k] - 1] = p->method.classes[k];
    }
    col_labels[classes] = TRS(c, N_("Above the tolerance"));
    col_keys[classes] = S("above");
    for (size_t i = 0; i < p->n; i++) {
        int64_t counts[CALC_LEVELS + 1];
        MatrixCell *row = &cells[rows * columns];
        counts_of(counts, p, i);
        if (p->items[i].is_retired) continue;
        keys[rows] = p->items[i].key;
        labels[rows] = str_fmt(c->arena, "%.*s %.*s", FMT(p->items[i].key), FMT(p->items[i].title));
        for (size_t k = 0; k < classes; k++)
            row[k] = count_cell(p, keys[rows], "residual_level", col_keys[k], counts[k],
                                p->method.colours[k]);
        row[classes] = count_cell(p, keys[rows], "appetite_position.in",
                                  S("above_tolerance,above_capacity"), counts[CALC_LEVELS], 0);
        rows++;
    }
    Block *b = view_block(c->arena, BLOCK_MATRIX);
    b->id = "processes";
    b->matrix = (MatrixView){.corner = TRS(c, N_("Process")),
                             .caption = TRS(c, N_("Risks of each process by residual class")),
                             .row_labels = labels,
                             .row_keys = keys,
                             .col_labels = col_labels,
                             .col_keys = col_keys,
                             .n_rows = rows,
                             .n_cols = columns,
                             .cells = cells,
                             .level_labels = levels,
                             .n_levels = classes};
    return b;
}

Err rcsa_page_processes(Ctx *c, const PageArgs *args, Page *out) {
    Processes p = {.c = c};
    Block *parameters;
    int64_t method;
    const Type *t = model_type(c->model, S("process"));
    if (!t) return ERR_MISSING;
    TRY(rcsa_asked(&p.asked, c, args->query));
    p.asked.filter.campaign = 0;
    TRY(rcsa_method_default(&method, c));
    if (!method) return issue(c, "", "no_method", N_("No method of rating is published."));
    TRY(rcsa_method_load(&p.method, c, method));
    TRY(rcsa_query_processes(&p.lines, c, &p.asked.filter));
    TRY(ref_tree(&p.items, &p.n, c, t, (Str){0}));
    TRY(rcsa_parameters(&parameters, c, "/reports/process-risks", &p.asked,
                        ASK_UNIT | ASK_CATEGORY | ASK_DAY, NULL, 0));
    out->title = TRS(c, N_("Processes by residual risk"));
    out->subtitle =
        rcsa_as_of(c, TRS(c, N_("Rated risks in use; a process counts those below it too.")),
                   p.asked.filter.as_of);
    out->as_of = p.asked.filter.as_of;
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, parameters);
    out->main = process_matrix(&p);
    view_put(c->arena, out->body, out->main);
    return OK;
}

/* ---- risks and controls ---- */

/* A column is a control of the library, whichever unit runs it; controls of no library stand for
 * themselves. */
typedef struct Held {
    Ctx *c;
    bool hidden; /* how controls operate is not for this reader */
    Str *risk_labels, *risk_keys, *labels, *keys;
    int64_t *columns;
    int64_t *risks_held;
    int *worst;
    size_t n_risks, n, cap;
    struct {
        size_t row, column;
        MatrixCell cell;
    } * links;
    size_t n_links, cap_links;
} Held;

/* Where the ratings of controls are hidden from the reader, only the links are shown. */
static Err hides_ratings(bool *out, Ctx *c) {
    FieldSet hidden = {0};
    const Type *t = model_need(c->model, "control");
    TRY(access_hidden(&hidden, c, t, NULL));
    *out = fieldset_has(hidden, type_need(t, "operation")->index);
    return OK;
}

static Err column_of(size_t *out, Held *h, const Record *control) {
    Ctx *c = h->c;
    int64_t definition = record_int(control, "definition"),
            id = definition ? definition : -control->id;
    RefName name = {0};
    for (*out = 0; *out < h->n; (*out)++)
        if (h->columns[*out] == id) return OK;
    if (definition) TRY(ref_name(&name, c, model_need(c->model, "control_definition"), definition));
    h->columns[h->n] = id;
    h->keys[h->n] = definition ? name.key : record_number(c->arena, control);
    h->labels[h->n++] = definition ? name.title : record_title(c, control);
    return OK;
}

/* "C09 Double validation, key control: largely effective". */
static Str control_words(const Held *h, size_t column, bool is_key, int level) {
    Ctx *c = h->c;
    Str name = h->columns[column] > 0
                   ? str_fmt(c->arena, "%.*s %.*s", FMT(h->keys[column]), FMT(h->labels[column]))
                   : h->labels[column];
    Str rest = is_key ? TRS(c, N_("Key control")) : (Str){0};
    if (level) {
        Str words = TRS(c, rcsa_effectiveness[level - 1].label);
        rest = rest.n ? RCSA_FILL(c, TR(c, N_("{0} · {1}")), rest, words) : words;
    }
    return rest.n ? RCSA_FILL(c, TR(c, N_("{0} · {1}")), name, rest) : name;
}

static Err put_control(Held *h, const Value *row) {
    Ctx *c = h->c;
    Record *control;
    size_t column;
    Err e = record_load_raw(&control, c, model_need(c->model, "control"), row[RISK_CONTROL].i);
    if (e == ERR_MISSING) return OK; /* not there yet on that day */
    TRY(e);
    if (h->n == h->cap) return OK;
    TRY(column_of(&column, h, control));
    int effect = h->hidden ? 0 : rcsa_effect_of(record_text(control, "operation"));
    int level = effect >= 1 && effect <= 4 ? effect : 0;
    if (level > h->worst[column]) h->worst[column] = level;
    h->risks_held[column]++;
    GROW(c->arena, h->links, h->n_links, h->cap_links);
    h->links[h->n_links].row = h->n_risks;
    h->links[h->n_links].column = column;
    h->links[h->n_links++].cell =
        (MatrixCell){.count = 1,
                     .main = cell_text(row[RISK_CONTROL_KEY].i ? TRS(c, N_("Key")) : S("\xC3\x97")),
                     .level = level,
                     .note = control_words(h, column, row[RISK_CONTROL_KEY].i != 0, level),
                     .href = record_path(c->arena, control)};
    return OK;
}

static Err put_risk(Held *h, int64_t id) {
    Ctx *c = h->c;
    Record *r;
    RefName unit = {0};
    Err e = record_load_raw(&r, c, model_need(c->model, "risk"), id);
    if (e == ERR_MISSING) return OK;
    TRY(e);
    Value rows = record_get(r, "controls");
    TRY(ref_name(&unit, c, model_need(c->model, "unit"), r->unit));
    for (size_t i = 0; i < rows.n; i++) TRY(put_control(h, rows.list[i].list));
    h->risk_keys[h->n_risks] = record_number(c->arena, r);
    h->risk_labels[h->n_risks++] =
        RCSA_FILL(c, TR(c, N_("{0}, {1}")), record_title(c, r), unit.key);
    return OK;
}

static Err read_held(Held *h, Ctx *c, const RcsaFilter *f) {
    RcsaRiskLines lines;
    enum { MOST_COLUMNS = 200 };
    *h = (Held){.c = c, .cap = MOST_COLUMNS};
    TRY(hides_ratings(&h->hidden, c));
    TRY(rcsa_query_worst(&lines, c, f, false, MATRIX_RISKS));
    Str *words = NEW_N(c->arena, Str, 2 * (lines.n + MOST_COLUMNS) + 1);
    h->risk_labels = words;
    h->risk_keys = h->risk_labels + lines.n;
    h->labels = h->risk_keys + lines.n;
    h->keys = h->labels + MOST_COLUMNS;
    h->columns = NEW_N(c->arena, int64_t, MOST_COLUMNS);
    h->risks_held = NEW_N(c->arena, int64_t, MOST_COLUMNS);
    h->worst = NEW_N(c->arena, int, MOST_COLUMNS);
    for (size_t i = 0; i < lines.n; i++) TRY(put_risk(h, lines.items[i].id));
    return OK;
}

/* Under the codes of the columns what they are called stands in the list below. */
static Block *held_matrix(const Held *h) {
    Ctx *c = h->c;
    Str *levels = NEW_N(c->arena, Str, 4);
    MatrixCell *cells = NEW_N(c->arena, MatrixCell, h->n_risks * h->n + 1);
    for (int i = 0; i < 4; i++) levels[i] = TRS(c, rcsa_effectiveness[i].label);
    for (size_t i = 0; i < h->n_links; i++)
        cells[h->links[i].row * h->n + h->links[i].column] = h->links[i].cell;
    Block *b = view_block(c->arena, BLOCK_MATRIX);
    b->id = "matrix";
    b->matrix = (MatrixView){.corner = TRS(c, N_("Risk and control")),
                             .row_labels = h->risk_labels,
                             .row_keys = h->risk_keys,
                             .col_labels = h->keys,
                             .col_keys = h->keys,
                             .n_rows = h->n_risks,
                             .n_cols = h->n,
                             .cells = cells,
                             .main_name = "link",
                             .main_label = TRS(c, N_("Control")),
                             .shown = 1,
                             .level_labels = levels,
                             .n_levels = 4};
    return b;
}

static Block *held_list(const Held *h) {
    static const Column columns[] = {
        {.name = "control", .label = S(N_("Control")), .kind = CELL_TEXT, .is_main = true},
        {.name = "risks", .label = S(N_("Risks that it holds here")), .kind = CELL_INT},
        {.name = "operation", .label = S(N_("Weakest operation")), .kind = CELL_LABEL}};
    Ctx *c = h->c;
    ReportList l = report_list(c, columns, LENGTH(columns));
    for (size_t i = 0; i < h->n; i++) {
        Str href = report_link(c, S("/controls"), "definition", h->keys[i]);
        Cell *cells = report_row(&l, h->keys[i], h->columns[i] > 0 ? href : (Str){0});
        cells[0] = cell_text(
            h->columns[i] > 0 ? str_fmt(c->arena, "%.*s %.*s", FMT(h->keys[i]), FMT(h->labels[i]))
                              : h->labels[i]);
        cells[1] = cell_int(h->risks_held[i]);
        if (!h->worst[i]) continue;
        const Choice *x = &rcsa_effectiveness[h->worst[i] - 1];
        cells[2] = cell_label(str_of(x->key), TRS(c, x->label));
        cells[2].tone = x->tone;
    }
    Block *section = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("The controls")));
    Block *list = report_block(&l, NULL, NULL, N_("No control here"));
    list->id = "controls";
    view_put(c->arena, section, list);
    return section;
}

Err rcsa_page_controls(Ctx *c, const PageArgs *args, Page *out) {
    RcsaAsked asked;
    Held h;
    Block *parameters;
    TRY(rcsa_asked(&asked, c, args->query));
    asked.filter.campaign = 0;
    TRY(read_held(&h, c, &asked.filter));
    TRY(rcsa_parameters(&parameters, c, "/reports/risk-controls", &asked,
                        ASK_UNIT | ASK_CATEGORY | ASK_PROCESS | ASK_DAY, NULL, 0));
    out->title = TRS(c, N_("Risks and their controls"));
    out->subtitle = rcsa_as_of(
        c,
        TRS(c,
            N_("The thirty worst risks of the choice; a control is coloured by how it operates.")),
        asked.filter.as_of);
    out->as_of = asked.filter.as_of;
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, parameters);
    out->main = held_matrix(&h);
    if (h.n) {
        view_put(c->arena, out->body, out->main);
        view_put(c->arena, out->body, held_list(&h));
    } else {
        view_put(
            c->arena, out->body,
            view_text(c->arena, TEXT_EMPTY, TONE_NONE, TRS(c, N_("No control here")), (Str){0}));
    }
    return OK;
}
