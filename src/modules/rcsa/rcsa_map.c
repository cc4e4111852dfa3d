/* rcsa_map.c: the heat maps: inherent, residual and target risk side by side, the movements between
 * them, each place opening its risks; now, at an earlier day, or as a campaign saw it. Knows no SQL
 * and no markup. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/rcsa/rcsa_pages.h"

/* clang-format off */
static const Choice stages[] = {
    {"residual", N_("Residual risk"), 0}, {"inherent", N_("Inherent risk"), 0}, {"target", N_("Target risk"), 0},
    {"moves", N_("From inherent to residual"), 0}, {"moves_to_target", N_("From residual to target"), 0}, {0}
};
/* clang-format on */
enum {
    STAGE_RESIDUAL,
    STAGE_INHERENT,
    STAGE_TARGET,
    STAGES,
    MOVES = STAGES,
    MOVES_TO_TARGET,
    MAPS
};

typedef struct Map {
    Ctx *c;
    RcsaAsked asked;
    RcsaMethod method;
    RcsaPlaces places;
} Map;

static void place_of(int *likelihood, int *impact, const RcsaPlace *p, int stage) {
    static const size_t at[STAGES][2] = {{2, 3}, {0, 1}, {4, 5}};
    const int all[] = {p->inherent_likelihood, p->inherent_impact,   p->residual_likelihood,
                       p->residual_impact,     p->target_likelihood, p->target_impact};
    *likelihood = all[at[stage][0]];
    *impact = all[at[stage][1]];
}

/* Field names of a stage: of the register, or of a campaign's assessments. */
static void stage_fields(const char **likelihood, const char **impact, const Map *m, int stage) {
    static const char *const names[STAGES][2] = {{"residual_likelihood", "residual_impact"},
                                                 {"inherent_likelihood", "inherent_impact"},
                                                 {"target_likelihood", "target_impact"}};
    *likelihood = names[stage][0];
    *impact = names[stage][1];
    if (stage != STAGE_RESIDUAL || !m->asked.filter.is_final) return;
    *likelihood = "final_likelihood";
    *impact = "final_impact";
}

static Str place_href(const Map *m, int stage, int likelihood, int impact) {
    const char *names[2];
    Ctx *c = m->c;
    stage_fields(&names[0], &names[1], m, stage);
    Str href = report_link(c, rcsa_risks_href(c, &m->asked), names[0], rcsa_int(c, likelihood));
    return report_link(c, href, names[1], rcsa_int(c, impact));
}

static Str place_name(const Map *m, int likelihood, int impact) {
    return RCSA_FILL(m->c, TR(m->c, N_("{0} × {1}")), rcsa_int(m->c, likelihood),
                     rcsa_int(m->c, impact));
}

/* "12 risks at 3 × 2, Medium; from 4 × 3: 8; from 3 × 3: 4" */
static Str note_of(const Map *m, int stage, int likelihood, int impact, int64_t count) {
    Ctx *c = m->c;
    int class = calc_class(&m->method.calc, likelihood, impact);
    Text t = text_new(c->arena, 4000);
    text_add(&t,
             RCSA_FILL(c, TR(c, N_("Risks at {0}: {1}. {2}.")), place_name(m, likelihood, impact),
                       rcsa_int(c, count), class ? m->method.classes[class - 1] : (Str){0}));
    if (stage == STAGE_INHERENT) return text_str(&t);
    for (size_t i = 0; i < m->places.n; i++) {
        const RcsaPlace *p = &m->places.items[i];
        int l, k;
        place_of(&l, &k, p, stage);
        bool moved = p->inherent_likelihood != l || p->inherent_impact != k;
        if (l != likelihood || k != impact || !moved) continue;
        text_char(&t, ' ');
        text_add(&t, RCSA_FILL(c, TR(c, N_("From {0}: {1}.")),
                               place_name(m, p->inherent_likelihood, p->inherent_impact),
                               rcsa_int(c, p->count)));
    }
    return text_str(&t);
}

static Block *stage_block(Map *m, int stage, int64_t *total) {
    Ctx *c = m->c;
    MatrixCell *cells;
    Block *b = rcsa_matrix(c, &m->method, &cells);
    *total = 0;
    for (size_t i = 0; i < m->places.n; i++) {
        int l, k;
        place_of(&l, &k, &m->places.items[i], stage);
        if (l < 1 || k < 1 || l > m->method.calc.n_likelihood || k > m->method.calc.n_impact)
            continue;
        size_t row = (size_t)(m->method.calc.n_likelihood - l);
        cells[row * b->matrix.n_cols + (size_t)k - 1].count += m->places.items[i].count;
        *total += m->places.items[i].count;
    }
    for (size_t r = 0; r < b->matrix.n_rows; r++)
        for (size_t k = 0; k < b->matrix.n_cols; k++) {
            MatrixCell *cell = &cells[r * b->matrix.n_cols + k];
            int l = m->method.calc.n_likelihood - (int)r, i = (int)k + 1;
            if (!cell->count) continue;
            cell->href = place_href(m, stage, l, i);
            cell->note = note_of(m, stage, l, i, cell->count);
        }
    b->matrix.caption =
        RCSA_FILL(c, TR(c, N_("{0} ({1})")), TRS(c, stages[stage].label), rcsa_int(c, *total));
    b->id = stages[stage].key;
    return b;
}

/* ---- movements ---- */

static Str move_href(const Map *m, const RcsaPlace *p, bool to_target) {
    Ctx *c = m->c;
    Str href = place_href(m, STAGE_RESIDUAL, p->residual_likelihood, p->residual_impact);
    const char *names[2];
    int stage = to_target ? STAGE_TARGET : STAGE_INHERENT, l, k;
    stage_fields(&names[0], &names[1], m, stage);
    place_of(&l, &k, p, stage);
    return report_link(c, report_link(c, href, names[0], rcsa_int(c, l)), names[1], rcsa_int(c, k));
}

/* From inherent to residual, or from residual to target. */
static Block *movements(Map *m, bool to_target) {
    RcsaShifts all = {0};
    for (size_t i = 0; i < m->places.n; i++) {
        const RcsaPlace *p = &m->places.items[i];
        RcsaShift s = {.count = p->count, .href = move_href(m, p, to_target)};
        place_of(&s.from_likelihood, &s.from_impact, p,
                 to_target ? STAGE_RESIDUAL : STAGE_INHERENT);
        place_of(&s.to_likelihood, &s.to_impact, p, to_target ? STAGE_TARGET : STAGE_RESIDUAL);
        rcsa_shift_add(&all, m->c, s);
    }
    Block *b = to_target ? rcsa_moves(m->c, &m->method, &all, N_("From residual to target"),
                                      stages[STAGE_RESIDUAL].label, stages[STAGE_TARGET].label)
                         : rcsa_moves(m->c, &m->method, &all, N_("From inherent to residual"),
                                      stages[STAGE_INHERENT].label, stages[STAGE_RESIDUAL].label);
    b->id = to_target ? "moves_to_target" : "moves";
    return b;
}

/* ---- page ---- */

static Err read_stage(int *out, Ctx *c, const Input *query) {
    Str name = str_trim(input_getz(query, "map"));
    *out = STAGE_RESIDUAL;
    for (int i = 0; name.n && i < MAPS; i++)
        if (str_is(name, stages[i].key)) {
            *out = i;
            return OK;
        }
    return name.n ? issue(c, "map", "bad_value", N_("This is none of the choices.")) : OK;
}

static Err load_method(Map *m) {
    int64_t id = 0;
    if (m->asked.of_campaign) id = record_int(m->asked.of_campaign, "method");
    if (!id) TRY(rcsa_method_default(&id, m->c));
    if (!id) return issue(m->c, "", "no_method", N_("No method of rating is published."));
    return rcsa_method_load(&m->method, m->c, id);
}

Err rcsa_page_map(Ctx *c, const PageArgs *args, Page *out) {
    Map *m = NEW(c->arena, Map);
    int stage;
    int64_t total;
    Block *parameters, *blocks[MAPS];
    *m = (Map){.c = c};
    TRY(read_stage(&stage, c, args->query));
    TRY(rcsa_asked(&m->asked, c, args->query));
    TRY(load_method(m));
    TRY(rcsa_query_map(&m->places, c, &m->asked.filter));
    TRY(rcsa_parameters(&parameters, c, "/reports/risk-map", &m->asked,
                        ASK_CAMPAIGN | ASK_UNIT | ASK_CATEGORY | ASK_PROCESS | ASK_DAY, NULL, 0));
    Block *grid = view_layout(c->arena, LAYOUT_GRID, (Str){0});
    static const int order[STAGES] = {STAGE_INHERENT, STAGE_RESIDUAL, STAGE_TARGET};
    for (size_t i = 0; i < LENGTH(order); i++) {
        blocks[order[i]] = stage_block(m, order[i], &total);
        if (total || order[i] != STAGE_TARGET) view_put(c->arena, grid, blocks[order[i]]);
    }
    blocks[MOVES] = movements(m, false);
    blocks[MOVES_TO_TARGET] = movements(m, true);
    view_put(c->arena, grid, blocks[MOVES]);
    if (total) view_put(c->arena, grid, blocks[MOVES_TO_TARGET]);
    out->title = TRS(c, N_("Risk map"));
    out->subtitle =
        rcsa_as_of(c,
                   m->asked.of_campaign
                       ? str_fmt(c->arena, "%.*s.", FMT(record_title(c, m->asked.of_campaign)))
                       : TRS(c, N_("Rated risks of the register; each place opens its risks.")),
                   m->asked.filter.as_of);
    out->as_of = m->asked.filter.as_of;
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, parameters);
    view_put(c->arena, out->body, grid);
    out->main = blocks[stage];
    return OK;
}
