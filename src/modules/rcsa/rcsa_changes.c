/* rcsa_changes.c: what changed between two campaigns: classes then and now, the movements over the
 * risk map, the risks that moved; as of a day. Knows no SQL and no markup.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_pages.h"

static Err campaign_of(Record **out, Ctx *c, const Input *query, const char *name, size_t skip) {
    Str number = str_trim(input_getz(query, name));
    if (!number.n) return rcsa_newest_campaign(out, c, skip);
    Err e = record_find(out, c, model_need(c->model, "rcsa_campaign"), number);
    return e == ERR_MISSING ? issue(c, name, "bad_value", N_("There is no such entry.")) : e;
}

static Err campaign_choice(FormField *out, Ctx *c, const char *name, const char *label,
                           const Record *chosen) {
    RcsaIds ids;
    Str *value = NEW(c->arena, Str);
    *value = chosen ? record_number(c->arena, chosen) : (Str){0};
    *out = (FormField){.name = str_of(name),
                       .label = TRS(c, label),
                       .kind = INPUT_CHOICE,
                       .values = value,
                       .n_values = value->n ? 1 : 0};
    TRY(rcsa_query_campaigns(&ids, c));
    FilterOption *options = NEW_N(c->arena, FilterOption, ids.n + 1);
    for (size_t i = 0; i < ids.n; i++) {
        RefName ref = {0};
        TRY(ref_name(&ref, c, model_need(c->model, "rcsa_campaign"), ids.items[i]));
        options[out->n_options++] = (FilterOption){
            .value = ref.key, .label = ref.title, .is_chosen = str_eq(ref.key, *value)};
    }
    out->options = options;
    return OK;
}

static int class_index(Str level) {
    int64_t k = 0;
    return str_to_int(&k, level) && k >= 1 && k <= CALC_LEVELS ? (int)k - 1 : -1;
}

typedef struct Changes {
    Ctx *c;
    const Record *before, *after;
    RcsaMoves moves;
    int from, to; /* classes of the cell that is opened; 0: all that moved */
} Changes;

static Str change_href(const Changes *x, size_t from, size_t to) {
    Ctx *c = x->c;
    Str href =
        report_link(c, S("/reports/risk-changes"), "before", record_number(c->arena, x->before));
    href = report_link(c, href, "after", record_number(c->arena, x->after));
    href = report_link(c, href, "from", rcsa_int(c, (int64_t)from + 1));
    href = report_link(c, href, "to", rcsa_int(c, (int64_t)to + 1));
    return c->as_of.n ? report_link(c, href, "as_of", c->as_of) : href;
}

/* Residual class then (rows) and now (columns): green where it fell, red where it rose. */
static Block *moves_matrix(const Changes *x) {
    Ctx *c = x->c;
    enum { FELL = 1, ROSE = 3 };
    static const char *const names[] = {N_("Falling"), NULL, N_("Rising")};
    Str *labels = NEW_N(c->arena, Str, CALC_LEVELS), *keys = NEW_N(c->arena, Str, CALC_LEVELS),
        *levels = NEW_N(c->arena, Str, LENGTH(names));
    int64_t counts[CALC_LEVELS][CALC_LEVELS] = {{0}};
    size_t top = 4;
    for (size_t i = 0; i < LENGTH(names); i++) levels[i] = names[i] ? TRS(c, names[i]) : (Str){0};
    for (size_t i = 0; i < CALC_LEVELS; i++) {
        keys[i] = str_of(rcsa_classes[i].key);
        labels[i] = TRS(c, rcsa_classes[i].label);
    }
    for (size_t i = 0; i < x->moves.n; i++) {
        int a = class_index(x->moves.items[i].level_before),
            b = class_index(x->moves.items[i].level_after);
        if (a < 0 || b < 0) continue;
        counts[a][b]++;
        if ((size_t)(a > b ? a : b) + 1 > top) top = (size_t)(a > b ? a : b) + 1;
    }
    MatrixCell *cells = NEW_N(c->arena, MatrixCell, top * top);
    for (size_t a = 0; a < top; a++)
        for (size_t b = 0; b < top; b++)
            if (counts[a][b])
                cells[a * top + b] =
                    (MatrixCell){.count = counts[a][b],
                                 .level = a == b  ? 0
                                          : b > a ? ROSE
                                                  : FELL,
                                 .href = change_href(x, a, b),
                                 .note = RCSA_FILL(c, TR(c, N_("From {0} to {1}: {2}")), labels[a],
                                                   labels[b], rcsa_int(c, counts[a][b]))};
    Block *b = view_block(c->arena, BLOCK_MATRIX);
    b->id = "moves";
    b->matrix = (MatrixView){.corner = TRS(c, N_("Before, and now")),
                             .caption = TRS(c, N_("Residual risk then and now")),
                             .row_labels = labels,
                             .row_keys = keys,
                             .col_labels = labels,
                             .col_keys = keys,
                             .n_rows = top,
                             .n_cols = top,
                             .cells = cells,
                             .level_labels = levels,
                             .n_levels = LENGTH(names)};
    return b;
}

/* The same as arrows over the map of the later campaign's method. */
static Err moves_picture(Block **out, const Changes *x) {
    Ctx *c = x->c;
    RcsaMethod method;
    RcsaShifts all = {0};
    *out = NULL;
    if (!record_int(x->after, "method")) return OK;
    TRY(rcsa_method_load(&method, c, record_int(x->after, "method")));
    for (size_t i = 0; i < x->moves.n; i++) {
        const RcsaMove *m = &x->moves.items[i];
        int from = class_index(m->level_before), to = class_index(m->level_after);
        if (from < 0 || to < 0) continue;
        rcsa_shift_add(&all, c,
                       (RcsaShift){.from_likelihood = m->from_likelihood,
                                   .from_impact = m->from_impact,
                                   .to_likelihood = m->to_likelihood,
                                   .to_impact = m->to_impact,
                                   .count = 1,
                                   .href = change_href(x, (size_t)from, (size_t)to)});
    }
    *out = rcsa_moves(c, &method, &all, N_("From the earlier campaign to the later one"),
                      N_("Before"), N_("Now"));
    (*out)->id = "moves-map";
    return OK;
}

/* Those that moved, or those of the cell that was opened. */
static bool is_listed(const Changes *x, const RcsaMove *m) {
    if (!x->from && !x->to) return str_cmp(m->level_after, m->level_before) != 0;
    return class_index(m->level_before) + 1 == x->from && class_index(m->level_after) + 1 == x->to;
}

static Err moves_list(Block **out, const Changes *x, const Input *query) {
    static const Column columns[] = {
        {.name = "risk", .label = S(N_("Risk")), .kind = CELL_REF, .is_main = true},
        {.name = "unit", .label = S(N_("Unit")), .kind = CELL_REF},
        {.name = "before", .label = S(N_("Before")), .kind = CELL_LABEL},
        {.name = "after", .label = S(N_("Now")), .kind = CELL_LABEL},
        {.name = "direction", .label = S(N_("Movement")), .kind = CELL_LABEL},
        {.name = "assessment", .label = S(N_("Assessment of a risk")), .kind = CELL_REF}};
    Ctx *c = x->c;
    ReportList l = report_list(c, columns, LENGTH(columns));
    for (size_t i = 0; i < x->moves.n; i++) {
        const RcsaMove *m = &x->moves.items[i];
        Record *r;
        int order = str_cmp(m->level_after, m->level_before);
        if (!is_listed(x, m)) continue;
        TRY(record_load_raw(&r, c, model_need(c->model, "risk"), m->risk));
        Cell *cells;
        TRY(rcsa_risk_row(&cells, &l, c, r, r->unit));
        cells[2] = rcsa_class_cell(c, m->level_before);
        cells[3] = rcsa_class_cell(c, m->level_after);
        cells[4] = order > 0   ? cell_label(S("up"), TRS(c, N_("Rising")))
                   : order < 0 ? cell_label(S("down"), TRS(c, N_("Falling")))
                               : cell_label(S("same"), TRS(c, N_("Unchanged")));
        cells[4].tone = order > 0 ? TONE_BAD : order < 0 ? TONE_GOOD : TONE_MUTED;
        TRY(rcsa_ref_cell(&cells[5], c, "assessment", m->after));
        cells[5].text = cells[5].key;
    }
    *out = report_block(&l, "/reports/risk-changes", query, N_("No rating has moved"));
    (*out)->id = "risks";
    return OK;
}

static Err class_asked(int *out, Ctx *c, const Input *query, const char *name) {
    Str typed = str_trim(input_getz(query, name));
    *out = class_index(typed) + 1;
    return typed.n && !*out ? issue(c, name, "bad_value", N_("This is none of the choices.")) : OK;
}

Err rcsa_page_changes(Ctx *c, const PageArgs *args, Page *out) {
    Record *after = NULL, *before = NULL;
    Changes x = {.c = c};
    RcsaAsked asked = {0};
    FormField fields[2];
    Block *parameters, *list, *picture;
    Err e = campaign_of(&after, c, args->query, "after", 0);
    if (!e) e = campaign_of(&before, c, args->query, "before", 1);
    if (!e) e = class_asked(&x.from, c, args->query, "from");
    if (!e) e = class_asked(&x.to, c, args->query, "to");
    TRY(e);
    asked.filter.as_of = c->as_of;
    if (!after || !before) return rcsa_no_campaign(c, out, N_("Changes between two campaigns"));
    x.before = before;
    x.after = after;
    TRY(rcsa_query_moves(&x.moves, c, before->id, after->id));
    TRY(campaign_choice(&fields[0], c, "before", N_("From campaign"), before));
    TRY(campaign_choice(&fields[1], c, "after", N_("To campaign"), after));
    TRY(rcsa_parameters(&parameters, c, "/reports/risk-changes", &asked, ASK_DAY, fields, 2));
    TRY(moves_list(&list, &x, args->query));
    out->title = TRS(c, N_("Changes between two campaigns"));
    out->subtitle =
        rcsa_as_of(c,
                   str_fmt(c->arena, "%.*s.",
                           FMT(RCSA_FILL(c, TR(c, N_("{0}, then {1}")), record_title(c, before),
                                         record_title(c, after)))),
                   c->as_of);
    out->as_of = c->as_of;
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, parameters);
    Block *grid = view_layout(c->arena, LAYOUT_GRID, (Str){0});
    view_put(c->arena, grid, moves_matrix(&x));
    TRY(moves_picture(&picture, &x));
    if (picture) view_put(c->arena, grid, picture);
    view_put(c->arena, out->body, grid);
    view_put(c->arena, out->body, list);
    out->main = list;
    out->main_key = "risks";
    return OK;
}
