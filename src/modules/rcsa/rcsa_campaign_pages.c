/* rcsa_campaign_pages.c: how far a campaign has come, what the contradictions of an assessment say.
 * Knows no SQL and no markup. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/pages.h"
#include "modules/rcsa/rcsa_pages.h"

/* ---- progress ---- */

static const char *const shown_states[] = {"scoped",    "todo",     "submitted", "challenged",
                                           "committee", "approved", "published"};
enum { SHOWN = 7, UNITS_MOST = 500 };

typedef struct Progress {
    int64_t units[UNITS_MOST], counts[UNITS_MOST][SHOWN];
    size_t n;
    int64_t totals[SHOWN], all, late, overridden, disagreed, contradictions, answered;
} Progress;

static size_t unit_row(Progress *p, int64_t unit) {
    for (size_t i = 0; i < p->n; i++)
        if (p->units[i] == unit) return i;
    if (p->n == UNITS_MOST) return UNITS_MOST - 1;
    p->units[p->n] = unit;
    return p->n++;
}

static void add_line(Progress *p, const RcsaProgressLine *x) {
    size_t state = 0;
    while (state < SHOWN && !str_is(x->state, shown_states[state])) state++;
    if (state == SHOWN) return; /* superseded: counts as published */
    p->counts[unit_row(p, x->unit)][state] += x->count;
    p->totals[state] += x->count;
    p->all += x->count;
    if (state >= 2) p->answered += x->count;
    p->late += x->late;
    p->overridden += x->overridden;
    p->disagreed += x->disagreed;
    p->contradictions += x->contradictions;
}

static Err read_progress(Progress **out, Ctx *c, int64_t campaign) {
    RcsaProgress lines;
    *out = NEW(c->arena, Progress);
    TRY(rcsa_query_progress(&lines, c, campaign));
    for (size_t i = 0; i < lines.n; i++) {
        RcsaProgressLine x = lines.items[i];
        if (str_is(x.state, "superseded")) x.state = S("published");
        add_line(*out, &x);
    }
    return OK;
}

static Cell percent(int64_t part, int64_t all) {
    return all ? cell_percent(part * 100 / all, 0) : (Cell){0};
}

static Block *progress_facts(Ctx *c, const Progress *p) {
    Fact *f = NEW_N(c->arena, Fact, 6);
    f[0] =
        (Fact){.name = "assessments", .label = TRS(c, N_("Assessments")), .cell = cell_int(p->all)};
    f[1] = (Fact){
        .name = "answered", .label = TRS(c, N_("Answered")), .cell = percent(p->answered, p->all)};
    f[2] = (Fact){.name = "on_time",
                  .label = TRS(c, N_("On time")),
                  .cell = percent(p->all - p->late, p->all)};
    f[3] = (Fact){.name = "contradictions",
                  .label = TRS(c, N_("With contradictions")),
                  .cell = cell_int(p->contradictions)};
    f[4] = (Fact){.name = "overridden",
                  .label = TRS(c, N_("Another result than the method's")),
                  .cell = percent(p->overridden, p->all)};
    f[5] = (Fact){
        .name = "disagreed", .label = TRS(c, N_("Disagreements")), .cell = cell_int(p->disagreed)};
    Block *b = view_block(c->arena, BLOCK_FACTS);
    b->id = "figures";
    b->facts = (FactsView){.facts = f, .n = 6, .is_headline = true};
    return b;
}

static MatrixCell progress_cell(int64_t count, int64_t most, Str href) {
    int64_t shade = most ? 1 + count * 4 / most : 0;
    return (MatrixCell){.count = count,
                        .level = count ? (int)(shade > 5 ? 5 : shade) : 0,
                        .href = count ? href : (Str){0}};
}

/* States in which something is. */
static size_t states_in_use(size_t out[SHOWN], const Progress *p) {
    size_t n = 0;
    for (size_t k = 0; k < SHOWN; k++)
        if (p->totals[k]) out[n++] = k;
    return n;
}

static Err progress_matrix(Block **out, Ctx *c, const Progress *p, Str campaign) {
    const Type *t = model_need(c->model, "assessment");
    size_t used[SHOWN], n = states_in_use(used, p);
    Str *row_labels = NEW_N(c->arena, Str, p->n + 1), *row_keys = NEW_N(c->arena, Str, p->n + 1);
    Str *col_labels = NEW_N(c->arena, Str, SHOWN), *col_keys = NEW_N(c->arena, Str, SHOWN);
    MatrixCell *cells = NEW_N(c->arena, MatrixCell, (p->n + 1) * SHOWN),
               *totals = NEW_N(c->arena, MatrixCell, SHOWN);
    int64_t most = 0;
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < SHOWN; k++)
            if (p->counts[i][k] > most) most = p->counts[i][k];
    Str base = report_link(c, S("/assessments"), "campaign", campaign);
    if (c->as_of.n) base = report_link(c, base, "as_of", c->as_of);
    for (size_t k = 0; k < n; k++) {
        col_keys[k] = str_of(shown_states[used[k]]);
        col_labels[k] = TRS(c, type_state(t, col_keys[k])->label);
        totals[k] =
            progress_cell(p->totals[used[k]], 0, report_link(c, base, "state", col_keys[k]));
    }
    for (size_t i = 0; i < p->n; i++) {
        RefName unit = {0};
        TRY(ref_name(&unit, c, model_need(c->model, "unit"), p->units[i]));
        row_labels[i] = unit.title;
        row_keys[i] = unit.key;
        Str here = report_link(c, base, "unit", unit.key);
        for (size_t k = 0; k < n; k++)
            cells[i * n + k] = progress_cell(p->counts[i][used[k]], most,
                                             report_link(c, here, "state", col_keys[k]));
    }
    *out = view_block(c->arena, BLOCK_MATRIX);
    (*out)->id = "units";
    (*out)->matrix = (MatrixView){.corner = TRS(c, N_("Unit")),
                                  .caption = TRS(c, N_("Assessments by unit and state")),
                                  .row_labels = row_labels,
                                  .row_keys = row_keys,
                                  .col_labels = col_labels,
                                  .col_keys = col_keys,
                                  .n_rows = p->n,
                                  .n_cols = n,
                                  .cells = cells,
                                  .col_totals = totals};
    return OK;
}

static Err progress_blocks(Block *into, Block **matrix, Ctx *c, const Record *campaign) {
    Progress *p;
    TRY(read_progress(&p, c, campaign->id));
    TRY(progress_matrix(matrix, c, p, record_number(c->arena, campaign)));
    if (!p->all) {
        view_put(c->arena, into,
                 view_text(c->arena, TEXT_PLAIN, TONE_NONE, (Str){0},
                           TRS(c, N_("No assessment that you may see belongs to it yet."))));
        return OK;
    }
    view_put(c->arena, into, progress_facts(c, p));
    if ((*matrix)->matrix.n_cols > 1) view_put(c->arena, into, *matrix); /* else all stand alike */
    return OK;
}

static const Button *campaign_buttons(size_t *n, Ctx *c, const Record *campaign) {
    Button *b = NEW_N(c->arena, Button, 3);
    Str number = record_number(c->arena, campaign);
    *n = 0;
    if (rcsa_state_is(campaign, "open") || rcsa_state_is(campaign, "challenge"))
        b[(*n)++] = (Button){.label = TRS(c, N_("Answer")),
                             .href = report_link(c, S("/assess"), "campaign", number),
                             .icon = "clipboard-check"};
    if (campaign->state->rank >= 3 && !(campaign->state->flags & STATE_VOID)) {
        b[(*n)++] = (Button){.label = TRS(c, N_("Risk map")),
                             .href = report_link(c, S("/reports/risk-map"), "campaign", number),
                             .icon = "table"};
        b[(*n)++] = (Button){.label = TRS(c, N_("Changes")),
                             .href = report_link(c, S("/reports/risk-changes"), "after", number),
                             .icon = "arrows-exchange"};
    }
    return b;
}

Err rcsa_section_progress(Ctx *c, const Record *campaign, Block **out) {
    Block *matrix;
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Progress")));
    (*out)->id = "progress";
    (*out)->layout.buttons = campaign_buttons(&(*out)->layout.n_buttons, c, campaign);
    return progress_blocks(*out, &matrix, c, campaign);
}

/* On the assignment: how far the unit has come, and the way to its sheet. */
Err rcsa_section_lot(Ctx *c, const Record *assignment, Block **out) {
    RcsaLot lot;
    RefName unit = {0};
    if (!str_starts(record_text(assignment, "slot"), S("rcsa/"))) return OK;
    TRY(rcsa_query_lot(&lot, c, assignment->id));
    TRY(ref_name(&unit, c, model_need(c->model, "unit"), assignment->unit));
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Risks to assess")));
    (*out)->id = "lot";
    Fact *f = NEW_N(c->arena, Fact, 2);
    f[0] =
        (Fact){.name = "todo", .label = TRS(c, N_("Still to assess")), .cell = cell_int(lot.todo)};
    f[1] =
        (Fact){.name = "answered", .label = TRS(c, N_("Answered")), .cell = cell_int(lot.answered)};
    Block *facts = view_block(c->arena, BLOCK_FACTS);
    facts->facts = (FactsView){.facts = f, .n = 2, .is_headline = true};
    view_put(c->arena, *out, facts);
    if (!lot.todo) return OK;
    Button *b = NEW(c->arena, Button);
    Str href = report_link(c, S("/assess"), "campaign", record_text(assignment, "source_number"));
    *b = (Button){.label = TRS(c, N_("Answer")),
                  .href = report_link(c, href, "unit", unit.key),
                  .icon = "clipboard-check",
                  .is_primary = true};
    (*out)->layout.buttons = b;
    (*out)->layout.n_buttons = 1;
    return OK;
}

Err rcsa_newest_campaign(Record **out, Ctx *c, size_t skip) {
    RcsaIds ids;
    *out = NULL;
    TRY(rcsa_query_campaigns(&ids, c));
    if (ids.n <= skip) return OK;
    return record_load_raw(out, c, model_need(c->model, "rcsa_campaign"), ids.items[skip]);
}

Err rcsa_no_campaign(Ctx *c, Page *out, const char *title) {
    out->title = TRS(c, title);
    out->body = out->main = view_text(c->arena, TEXT_EMPTY, TONE_NONE,
                                      TRS(c, N_("No campaign has been opened yet")), (Str){0});
    return OK;
}

Err rcsa_page_progress(Ctx *c, const PageArgs *args, Page *out) {
    RcsaAsked asked;
    Block *matrix, *parameters;
    TRY(rcsa_asked(&asked, c, args->query));
    Record *campaign = asked.of_campaign;
    if (!campaign) TRY(rcsa_newest_campaign(&campaign, c, 0));
    if (!campaign) return rcsa_no_campaign(c, out, N_("Progress of the campaign"));
    asked.campaign = record_number(c->arena, campaign);
    TRY(rcsa_parameters(&parameters, c, "/reports/campaign-progress", &asked,
                        ASK_CAMPAIGN | ASK_DAY, NULL, 0));
    out->title = TRS(c, N_("Progress of the campaign"));
    out->subtitle =
        rcsa_as_of(c, str_fmt(c->arena, "%.*s.", FMT(record_title(c, campaign))), c->as_of);
    out->as_of = c->as_of;
    out->state = cell_state(str_of(campaign->state->name), TRS(c, campaign->state->label),
                            campaign->state->tone);
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, parameters);
    TRY(progress_blocks(out->body, &matrix, c, campaign));
    out->main = matrix;
    return OK;
}

/* ---- on an assessment ---- */

Err rcsa_section_contradictions(Ctx *c, const Record *r, Block **out) {
    Value rows = record_get(r, "contradictions");
    if (!rows.n) return OK;
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("What speaks against this opinion")));
    (*out)->id = "against";
    for (size_t i = 0; i < rows.n; i++) {
        const Value *row = rows.list[i].list;
        bool answered = str_trim(row[ASSESS_ANSWER].s).n > 0;
        view_put(c->arena, *out,
                 view_text(c->arena, TEXT_NOTICE, answered ? TONE_INFO : TONE_WARN,
                           rcsa_contradiction_text(c, row),
                           answered ? row[ASSESS_ANSWER].s : TRS(c, N_("Not answered yet."))));
    }
    return OK;
}

/* The rating in force, explained by the assessment that it comes from. */
Err rcsa_section_rating(Ctx *c, const Record *risk, Block **out) {
    Records list;
    const Record *last = NULL;
    Record *seen;
    TRY(record_where(&list, c, model_need(c->model, "assessment"), "risk", value_int(risk->id),
                     500));
    for (size_t i = 0; i < list.n; i++) {
        Record *then = list.items[i];
        Err e = c->as_of.n ? record_load_raw(&then, c, then->type, then->id) : OK;
        if (e == ERR_MISSING) continue; /* not there yet on that day */
        TRY(e);
        if (rcsa_state_is(then, "published")) last = then;
    }
    if (!last) return OK;
    Err e = record_load(&seen, c, last->type, last->id);
    if (e == ERR_MISSING || e == ERR_DENIED) return OK;
    TRY(e);
    return rcsa_section_why(c, seen, out);
}
