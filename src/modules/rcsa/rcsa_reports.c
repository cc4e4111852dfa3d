/* rcsa_reports.c: top ten risks, appetite, risks hit by events. Figures come from
 * rcsa_report_query.c, in the reader's scope. Knows no SQL and no markup. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/rcsa/rcsa_pages.h"

enum { TOP = 10, TOP_MOST = 100, ABOVE_MOST = 200 };

/* ---- lines of risks ---- */

static Err risk_rows(ReportList *l, Ctx *c, const RcsaRiskLines *lines) {
    const Type *t = model_need(c->model, "risk");
    for (size_t i = 0; i < lines->n; i++) {
        const RcsaRiskLine *x = &lines->items[i];
        Record *r;
        TRY(record_load_raw(&r, c, t, x->id));
        Str number = record_number(c->arena, r), href = record_path(c->arena, r);
        Cell *cells = report_row(l, number, href);
        cells[0] = cell_ref(number, record_title(c, r), href);
        TRY(rcsa_ref_cell(&cells[1], c, "unit", x->unit));
        TRY(rcsa_ref_cell(&cells[2], c, "process", x->process));
        cells[3] = rcsa_class_cell(c, x->inherent_level);
        cells[4] = rcsa_class_cell(c, x->residual_level);
        cells[5] = rcsa_position_cell(c, x->position);
        if (x->accepted_until.n) cells[6] = cell_date(x->accepted_until);
    }
    return OK;
}

static const Column risk_columns[] = {
    {.name = "risk", .label = S(N_("Risk")), .kind = CELL_REF, .is_main = true},
    {.name = "unit", .label = S(N_("Unit")), .kind = CELL_REF},
    {.name = "process", .label = S(N_("Process")), .kind = CELL_REF},
    {.name = "inherent_level", .label = S(N_("Inherent risk")), .kind = CELL_LABEL},
    {.name = "residual_level", .label = S(N_("Residual risk")), .kind = CELL_LABEL},
    {.name = "appetite_position", .label = S(N_("Against the appetite")), .kind = CELL_LABEL},
    {.name = "accepted_until", .label = S(N_("Accepted until")), .kind = CELL_DATE}};

Err rcsa_page_top(Ctx *c, const PageArgs *args, Page *out) {
    RcsaAsked asked;
    RcsaRiskLines lines;
    Block *parameters;
    int64_t limit = TOP;
    Str typed = str_trim(input_getz(args->query, "limit"));
    ReportList l = report_list(c, risk_columns, LENGTH(risk_columns));
    if (typed.n && (!str_to_int(&limit, typed) || limit < 1 || limit > TOP_MOST))
        issue(c, "limit", "bad_value", N_("Between 1 and 100."));
    TRY(rcsa_asked(&asked, c, args->query));
    asked.filter.campaign = 0;
    TRY(rcsa_query_worst(&lines, c, &asked.filter, false, limit));
    TRY(risk_rows(&l, c, &lines));
    TRY(rcsa_parameters(&parameters, c, "/reports/top-risks", &asked,
                        ASK_UNIT | ASK_CATEGORY | ASK_PROCESS | ASK_DAY, NULL, 0));
    Block *list = report_block(&l, "/reports/top-risks", args->query, N_("No risk is rated yet"));
    out->title = TRS(c, N_("Top risks"));
    out->subtitle = rcsa_as_of(c, TRS(c, N_("By residual class, then impact, then likelihood.")),
                               asked.filter.as_of);
    out->as_of = asked.filter.as_of;
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, parameters);
    view_put(c->arena, out->body, list);
    out->main = list;
    out->main_key = "risks";
    return OK;
}

/* ---- risks hit by events ---- */

Err rcsa_page_triggers(Ctx *c, const PageArgs *args, Page *out) {
    static const Column columns[] = {
        {.name = "risk", .label = S(N_("Risk")), .kind = CELL_REF, .is_main = true},
        {.name = "unit", .label = S(N_("Unit")), .kind = CELL_REF},
        {.name = "residual_level", .label = S(N_("Residual risk")), .kind = CELL_LABEL},
        {.name = "assessed_on", .label = S(N_("Assessed on")), .kind = CELL_DATE},
        {.name = "losses_since", .label = S(N_("Losses since")), .kind = CELL_INT},
        {.name = "largest", .label = S(N_("Largest loss of twelve months")), .kind = CELL_MONEY},
        {.name = "near_misses", .label = S(N_("Near misses of twelve months")), .kind = CELL_INT}};
    ReportList l = report_list(c, columns, LENGTH(columns));
    RcsaAsked asked;
    RcsaIds ids;
    Str currency;
    const Access *access;
    Block *parameters;
    TRY(rcsa_asked(&asked, c, args->query));
    TRY(rcsa_currency(&currency, c));
    TRY(access_of(&access, c, model_need(c->model, "risk"), OP_READ));
    TRY(rcsa_query_active_risks(&ids, c));
    for (size_t i = 0; i < ids.n; i++) {
        Record *r;
        RcsaEvidence e;
        bool hit;
        TRY(rcsa_load_now(&r, c, "risk", ids.items[i]));
        if (!access_allows(access, r)) continue; /* rights are today's */
        if (c->as_of.n) TRY(record_load_raw(&r, c, r->type, r->id));
        TRY(rcsa_campaign_triggered(&hit, c, r, &e));
        if (!hit) continue;
        Str number = record_number(c->arena, r), href = record_path(c->arena, r);
        Cell *cells = report_row(&l, number, href);
        cells[0] = cell_ref(number, record_title(c, r), href);
        TRY(rcsa_ref_cell(&cells[1], c, "unit", r->unit));
        cells[2] = rcsa_class_cell(c, record_text(r, "residual_level"));
        if (!rcsa_is_empty(r, "assessed_on")) cells[3] = cell_date(record_text(r, "assessed_on"));
        cells[4] = cell_int(e.facts.losses_since);
        cells[5] = report_money(e.facts.largest, currency);
        cells[6] = cell_int(e.facts.near_misses);
    }
    Block *list = report_block(&l, "/reports/risk-triggers", args->query,
                               N_("No risk has been hit since its last assessment"));
    out->title = TRS(c, N_("Risks hit by events"));
    out->subtitle = rcsa_as_of(
        c,
        TRS(c,
            N_("A large loss, near misses or a failed test since the last assessment: a triggered campaign takes these risks.")),
        c->as_of);
    out->as_of = c->as_of;
    if (!c->as_of.n && (actor_has_role(c, "analyst") || actor_has_role(c, "head_orm"))) {
        Button *b = NEW(c->arena, Button);
        *b = (Button){.label = TRS(c, N_("New triggered campaign")),
                      .href = S("/rcsa_campaigns/new?kind=triggered"),
                      .icon = "plus",
                      .is_primary = true};
        out->buttons = b;
        out->n_buttons = 1;
    }
    TRY(rcsa_parameters(&parameters, c, "/reports/risk-triggers", &asked, ASK_DAY, NULL, 0));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, parameters);
    view_put(c->arena, out->body, list);
    out->main = list;
    out->main_key = "risks";
    return OK;
}

/* ---- appetite ---- */

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

static Err appetite_row(ReportList *l, Ctx *c, const Record *a, Str as_of) {
    Bounds b = bounds_of(c, a);
    int64_t value, above;
    Cell actual;
    TRY(actual_of(&actual, &value, &above, c, a, &b, as_of));
    CalcPosition p = actual.kind == CELL_EMPTY
                         ? POSITION_NONE
                         : calc_position(value, b.values[0], b.values[1], b.values[2]);
    Cell *cells = report_row(l, record_number(c->arena, a), record_path(c->arena, a));
    cells[0] = cell_text(record_title(c, a));
    cells[1] = rcsa_position_cell(c, str_of(rcsa_position_key(p)));
    cells[2] = actual;
    for (size_t i = 0; i < 3; i++) cells[3 + i] = b.cells[i];
    TRY(rcsa_ref_cell(&cells[6], c, "taxon", record_int(a, "risk_category")));
    TRY(rcsa_ref_cell(&cells[7], c, "entity", record_int(a, "entity")));
    if (above) cells[8] = cell_int(above);
    return OK;
}

static Err appetites_in_force(ReportList *l, Ctx *c, Str day, Str as_of) {
    RcsaIds ids;
    TRY(rcsa_query_appetites(&ids, c, day));
    for (size_t i = 0; i < ids.n; i++) {
        Record *a;
        TRY(record_load_raw(&a, c, model_need(c->model, "appetite"), ids.items[i]));
        TRY(appetite_row(l, c, a, as_of));
    }
    return OK;
}

Err rcsa_page_appetite(Ctx *c, const PageArgs *args, Page *out) {
    static const Column columns[] = {
        {.name = "statement", .label = S(N_("Statement")), .kind = CELL_TEXT, .is_main = true},
        {.name = "position", .label = S(N_("Against the appetite")), .kind = CELL_LABEL},
        {.name = "actual", .label = S(N_("Now")), .kind = CELL_LABEL},
        {.name = "appetite", .label = S(N_("Appetite")), .kind = CELL_LABEL},
        {.name = "tolerance", .label = S(N_("Tolerance")), .kind = CELL_LABEL},
        {.name = "capacity", .label = S(N_("Capacity")), .kind = CELL_LABEL},
        {.name = "category", .label = S(N_("Risk category")), .kind = CELL_REF},
        {.name = "entity", .label = S(N_("Entity")), .kind = CELL_REF},
        {.name = "above", .label = S(N_("Risks above the tolerance")), .kind = CELL_INT}};
    ReportList l = report_list(c, columns, LENGTH(columns)),
               risks = report_list(c, risk_columns, LENGTH(risk_columns));
    RcsaAsked asked;
    RcsaRiskLines lines;
    Block *parameters;
    TRY(rcsa_asked(&asked, c, args->query));
    Str as_of = asked.filter.as_of;
    TRY(appetites_in_force(&l, c, as_of.n ? as_of : c->today, as_of));
    TRY(rcsa_query_worst(&lines, c, &(RcsaFilter){.as_of = as_of}, true, ABOVE_MOST));
    TRY(risk_rows(&risks, c, &lines));
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
