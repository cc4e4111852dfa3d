/* rcsa_appetite.c: where residual risk and the losses of twelve months stand against appetite,
 * tolerance and capacity, as of a day. Figures come from rcsa_report_query.c, in the reader's
 * scope. Knows no SQL and no markup. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/rcsa/rcsa_pages.h"

enum { ABOVE_MOST = 200 };

typedef struct Bounds {
    Cell cells[3];
    int64_t values[3]; /* capacity -1: none */
    bool is_level;
} Bounds;

static Bounds bounds_of(Ctx *c, const Record *a) {
    static const char *const names[] = {"appetite", "tolerance", "capacity"};
    Str measure = record_text(a, "measure");
    Bounds b = {.is_level = str_is(measure, "residual_level"), .values = {0, 0, -1}};
    const char *suffix = b.is_level ? "level" : str_is(measure, "count") ? "count" : "amount";
    for (size_t i = 0; i < 3; i++) {
        Value v = record_get(a, str_fmt(c->arena, "%s_%s", names[i], suffix).p);
        if (value_is_null(v)) continue;
        b.values[i] = v.i;
        if (v.kind == V_TEXT && !str_to_int(&b.values[i], v.s)) b.values[i] = 0;
        b.cells[i] = v.kind == V_TEXT    ? rcsa_class_cell(c, v.s)
                     : v.kind == V_MONEY ? report_money(v.i, str_of(v.currency))
                                         : cell_int(v.i);
    }
    return b;
}

static Err below(const int64_t **out, size_t *n, Ctx *c, int64_t category) {
    const TreeItem *items;
    size_t count;
    TRY(ref_tree(&items, &count, c, model_need(c->model, "taxon"), S("risk_category")));
    int64_t *ids = NEW_N(c->arena, int64_t, count + 1);
    *n = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i].id != category) continue;
        ids[(*n)++] = category;
        for (size_t k = i + 1; k < count && items[k].depth > items[i].depth; k++)
            ids[(*n)++] = items[k].id;
    }
    if (!*n) ids[(*n)++] = category;
    *out = ids;
    return OK;
}

static Err year_to(Str *from, Str *to, Ctx *c, Str as_of) {
    int64_t days;
    *to = as_of.n ? as_of : c->today;
    CHECK(date_parse(&days, *to), "today is no date");
    *from = date_text(c->arena, days - 365);
    return OK;
}

/* The figure that stands against the bounds, with the address of the records behind it. */
static Err actual_of(Cell *out, int64_t *value, int64_t *above, Ctx *c, const Record *a,
                     const Bounds *b, Str as_of) {
    RcsaFilter f = {.as_of = as_of};
    RcsaActual x;
    RcsaLevels levels;
    RefName category = {0}, entity = {0};
    Str from, to, currency, measure = record_text(a, "measure");
    TRY(below(&f.categories, &f.n_categories, c, record_int(a, "risk_category")));
    TRY(ref_name(&category, c, model_need(c->model, "taxon"), record_int(a, "risk_category")));
    if (record_int(a, "entity"))
        TRY(ref_name(&entity, c, model_need(c->model, "entity"), record_int(a, "entity")));
    *above = 0;
    if (b->is_level) {
        TRY(rcsa_query_levels(&levels, c, &f, record_int(a, "entity"), (int)b->values[1]));
        *value = levels.worst;
        *above = levels.above;
        Str href = report_link(c, S("/risks?state.in=active,dormant&sort=-residual_level"),
                               "risk_category.under", category.key);
        if (entity.key.n) href = report_link(c, href, "entity", entity.key);
        if (as_of.n) href = report_link(c, href, "as_of", as_of);
        *out = levels.worst
                   ? cell_link(rcsa_class_cell(c, str_of(rcsa_class_key(levels.worst))), href)
                   : (Cell){0};
        return OK;
    }
    TRY(year_to(&from, &to, c, as_of));
    TRY(rcsa_currency(&currency, c));
    TRY(rcsa_query_actual(&x, c, &f, record_int(a, "entity"), from, to));
    Str href = report_link(c, S("/incidents?event_kind=loss"), "discovered_on.ge", from);
    href = report_link(c, report_link(c, href, "discovered_on.le", to), "risk_category.under",
                       category.key);
    if (entity.key.n) href = report_link(c, href, "entity", entity.key);
    if (as_of.n) href = report_link(c, href, "as_of", as_of);
    *value = str_is(measure, "count") ? x.count : str_is(measure, "net_year") ? x.net : x.largest;
    *out = str_is(measure, "count") ? cell_int(x.count) : report_money(*value, currency);
    *out = cell_link(*out, href);
    return OK;
}

/* The category, and the entity that the appetite is for. */
static Err scope_note(Str *out, Ctx *c, const Record *a) {
    RefName category = {0}, entity = {0};
    TRY(ref_name(&category, c, model_need(c->model, "taxon"), record_int(a, "risk_category")));
    if (record_int(a, "entity"))
        TRY(ref_name(&entity, c, model_need(c->model, "entity"), record_int(a, "entity")));
    *out = entity.title.n ? RCSA_FILL(c, TR(c, N_("{0} · {1}")), category.title, entity.title)
                          : category.title;
    return OK;
}

static Err appetite_row(ReportList *l, Ctx *c, const Record *a, bool is_out) {
    Bounds b = bounds_of(c, a);
    int64_t value, above;
    Cell actual;
    TRY(actual_of(&actual, &value, &above, c, a, &b, c->as_of));
    CalcPosition p = actual.kind == CELL_EMPTY
                         ? POSITION_NONE
                         : calc_position(value, b.values[0], b.values[1], b.values[2]);
    if (is_out && p != POSITION_ABOVE_TOLERANCE && p != POSITION_ABOVE_CAPACITY) return OK;
    Cell *cells = report_row(l, record_number(c->arena, a), record_path(c->arena, a));
    cells[0] = cell_text(record_title(c, a));
    TRY(scope_note(&cells[0].note, c, a));
    cells[1] = rcsa_position_cell(c, str_of(rcsa_position_key(p)));
    cells[2] = actual;
    if (is_out) {
        cells[3] = b.cells[1];
        return OK;
    }
    for (size_t i = 0; i < 3; i++) cells[3 + i] = b.cells[i];
    if (above) {
        cells[6] = cell_int(above);
        cells[1].note = str_of(
            tr_n(c->lang, "1 risk above the tolerance", "{0} risks above the tolerance", above));
        cells[1].note = tr_fill(c->arena, cells[1].note.p, (const Str[]){rcsa_int(c, above)}, 1);
    }
    TRY(rcsa_ref_cell(&cells[7], c, "taxon", record_int(a, "risk_category")));
    return rcsa_ref_cell(&cells[8], c, "entity", record_int(a, "entity"));
}

Err rcsa_appetites(ReportList *out, Ctx *c, bool is_out) {
    static const Column columns[] = {
        {.name = "statement", .label = S(N_("Statement")), .kind = CELL_TEXT, .is_main = true},
        {.name = "position", .label = S(N_("Against the appetite")), .kind = CELL_LABEL},
        {.name = "actual", .label = S(N_("Now")), .kind = CELL_LABEL},
        {.name = "appetite", .label = S(N_("Appetite")), .kind = CELL_LABEL},
        {.name = "tolerance", .label = S(N_("Tolerance")), .kind = CELL_LABEL},
        {.name = "capacity", .label = S(N_("Capacity")), .kind = CELL_LABEL},
        {.name = "above",
         .label = S(N_("Risks above the tolerance")),
         .kind = CELL_INT,
         .is_hidden = true},
        {.name = "category", .label = S(N_("Risk category")), .kind = CELL_REF, .is_hidden = true},
        {.name = "entity", .label = S(N_("Entity")), .kind = CELL_REF, .is_hidden = true}};
    static const Column few[] = {
        {.name = "statement", .label = S(N_("Statement")), .kind = CELL_TEXT, .is_main = true},
        {.name = "position", .label = S(N_("Against the appetite")), .kind = CELL_LABEL},
        {.name = "actual", .label = S(N_("Now")), .kind = CELL_LABEL},
        {.name = "tolerance", .label = S(N_("Tolerance")), .kind = CELL_LABEL}};
    RcsaIds ids;
    *out = is_out ? report_list(c, few, LENGTH(few)) : report_list(c, columns, LENGTH(columns));
    TRY(rcsa_query_appetites(&ids, c, c->as_of.n ? c->as_of : c->today));
    for (size_t i = 0; i < ids.n; i++) {
        Record *a;
        TRY(record_load_raw(&a, c, model_need(c->model, "appetite"), ids.items[i]));
        TRY(appetite_row(out, c, a, is_out));
    }
    return OK;
}

Err rcsa_page_appetite(Ctx *c, const PageArgs *args, Page *out) {
    ReportList l, risks = report_list(c, rcsa_risk_columns, RCSA_RISK_COLUMNS);
    RcsaAsked asked;
    RcsaRiskLines lines;
    Block *parameters;
    TRY(rcsa_asked(&asked, c, args->query));
    Str as_of = asked.filter.as_of;
    TRY(rcsa_appetites(&l, c, false));
    TRY(rcsa_query_worst(&lines, c, &(RcsaFilter){.as_of = as_of}, true, ABOVE_MOST));
    TRY(rcsa_risk_rows(&risks, c, &lines));
    Block *list = report_block(&l, "/reports/appetite", args->query, N_("No appetite is approved"));
    TRY(rcsa_parameters(&parameters, c, "/reports/appetite", &asked, ASK_DAY, NULL, 0));
    Block *above = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Risks above the tolerance")));
    view_put(c->arena, above,
             report_block(&risks, NULL, NULL, N_("No risk is above the tolerance")));
    out->title = TRS(c, N_("Appetite and where we stand"));
    out->subtitle = rcsa_as_of(
        c,
        TRS(c,
            N_("Losses of twelve months in the group's currency; the worst residual risk of each category.")),
        as_of);
    out->as_of = as_of;
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, parameters);
    view_put(c->arena, out->body, list);
    view_put(c->arena, out->body, above);
    out->main = list;
    out->main_key = "appetites";
    return OK;
}
