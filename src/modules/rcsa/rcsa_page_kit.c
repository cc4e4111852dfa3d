/* rcsa_page_kit.c: builders that the pages of the module share: what an address asks, parameter
 * forms, plain lists, the frame of a risk map. Knows no SQL and no markup.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/rcsa/rcsa_pages.h"

/* ---- what was asked ---- */

static Err node_ids(const int64_t **out, size_t *n, Ctx *c, const Input *query, const char *name,
                    const char *type, const char *kind, Str *code) {
    const TreeItem *items;
    size_t count;
    *code = str_trim(input_getz(query, name));
    *n = 0;
    if (!code->n || !model_type(c->model, str_of(type))) return OK;
    TRY(ref_tree(&items, &count, c, model_need(c->model, type), str_of(kind)));
    int64_t *ids = NEW_N(c->arena, int64_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(items[i].key, *code)) continue;
        ids[(*n)++] = items[i].id;
        for (size_t k = i + 1; k < count && items[k].depth > items[i].depth; k++)
            ids[(*n)++] = items[k].id;
    }
    *out = ids;
    return *n ? OK : issue(c, name, "bad_value", N_("There is no such entry."));
}

static Err asked_campaign(RcsaAsked *out, Ctx *c, const Input *query) {
    out->campaign = str_trim(input_getz(query, "campaign"));
    if (!out->campaign.n) return OK;
    Err e = record_find(&out->of_campaign, c, model_need(c->model, "rcsa_campaign"), out->campaign);
    if (e == ERR_MISSING) return issue(c, "campaign", "bad_value", N_("There is no such entry."));
    TRY(e);
    out->filter.campaign = out->of_campaign->id;
    out->filter.is_final =
        rcsa_state_is(out->of_campaign, "published") || rcsa_state_is(out->of_campaign, "archived");
    return OK;
}

Err rcsa_asked(RcsaAsked *out, Ctx *c, const Input *query) {
    RcsaFilter *f = &out->filter;
    *out = (RcsaAsked){.filter = {.as_of = c->as_of}};
    Err e[] = {node_ids(&f->units, &f->n_units, c, query, "unit", "unit", NULL, &out->unit),
               node_ids(&f->categories, &f->n_categories, c, query, "category", "taxon",
                        "risk_category", &out->category),
               node_ids(&f->processes, &f->n_processes, c, query, "process", "process", NULL,
                        &out->process),
               asked_campaign(out, c, query)};
    for (size_t i = 0; i < LENGTH(e); i++)
        if (e[i] && e[i] != ERR_INVALID) return e[i];
    return c->issues.errors ? ERR_INVALID : OK;
}

/* ---- parameter forms ---- */

static FormField field_of(Ctx *c, const char *name, Str label, InputKind kind, Str value) {
    Str *kept = NEW(c->arena, Str);
    *kept = value;
    return (FormField){.name = str_of(name),
                       .label = label,
                       .kind = kind,
                       .values = kept,
                       .n_values = value.n ? 1 : 0};
}

static Err tree_field(FormField *out, Ctx *c, const char *name, const char *label, const char *type,
                      const char *kind, Str value) {
    const TreeItem *items;
    size_t n;
    *out = field_of(c, name, TRS(c, label), INPUT_TREE, value);
    TRY(ref_tree(&items, &n, c, model_need(c->model, type), str_of(kind)));
    FilterOption *options = NEW_N(c->arena, FilterOption, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (items[i].is_retired) continue;
        options[out->n_options++] = (FilterOption){
            .value = items[i].key,
            .label = str_fmt(c->arena, "%.*s %.*s", FMT(items[i].key), FMT(items[i].title)),
            .depth = items[i].depth,
            .is_chosen = str_eq(items[i].key, value)};
    }
    out->options = options;
    return OK;
}

static Err campaign_field(FormField *out, Ctx *c, Str value) {
    RcsaIds ids;
    *out = field_of(c, "campaign", TRS(c, N_("Campaign")), INPUT_CHOICE, value);
    TRY(rcsa_query_campaigns(&ids, c));
    FilterOption *options = NEW_N(c->arena, FilterOption, ids.n + 1);
    for (size_t i = 0; i < ids.n; i++) {
        RefName name = {0};
        TRY(ref_name(&name, c, model_need(c->model, "rcsa_campaign"), ids.items[i]));
        if (!name.found) continue;
        options[out->n_options++] = (FilterOption){
            .value = name.key, .label = name.title, .is_chosen = str_eq(name.key, value)};
    }
    out->options = options;
    return OK;
}

Err rcsa_parameters(Block **out, Ctx *c, const char *path, const RcsaAsked *asked, unsigned which,
                    const FormField *more, size_t n_more) {
    FormField *f = NEW_N(c->arena, FormField, n_more + 6);
    size_t n = 0;
    for (; n < n_more; n++) f[n] = more[n];
    if (which & ASK_CAMPAIGN) TRY(campaign_field(&f[n++], c, asked->campaign));
    if (which & ASK_UNIT)
        TRY(tree_field(&f[n++], c, "unit", N_("Unit and below"), "unit", NULL, asked->unit));
    if (which & ASK_CATEGORY)
        TRY(tree_field(&f[n++], c, "category", N_("Risk category"), "taxon", "risk_category",
                       asked->category));
    if ((which & ASK_PROCESS) && model_type(c->model, S("process")))
        TRY(tree_field(&f[n++], c, "process", N_("Process"), "process", NULL, asked->process));
    if (which & ASK_DAY)
        f[n++] = field_of(c, "as_of", TRS(c, N_("Situation at")), INPUT_DATE, asked->filter.as_of);
    *out = report_parameters(c, path, f, n);
    return OK;
}

/* "What it shows. As of 23/11/2026." */
Str rcsa_as_of(Ctx *c, Str sentence, Str day) {
    Str when = RCSA_FILL(c, TR(c, N_("As of {0}.")), report_day_words(c, day.n ? day : c->today));
    return sentence.n ? str_fmt(c->arena, "%.*s %.*s", FMT(sentence), FMT(when)) : when;
}

/* ---- addresses ---- */

Str rcsa_risks_href(Ctx *c, const RcsaAsked *asked) {
    Str href = asked->of_campaign ? report_link(c, S("/assessments"), "campaign", asked->campaign)
                                  : S("/risks?state.in=active,dormant");
    if (asked->unit.n) href = report_link(c, href, "unit.under", asked->unit);
    if (asked->category.n) href = report_link(c, href, "risk_category.under", asked->category);
    if (asked->process.n) href = report_link(c, href, "process.under", asked->process);
    return asked->filter.as_of.n ? report_link(c, href, "as_of", asked->filter.as_of) : href;
}

/* ---- cells ---- */

static Cell choice_cell(const Ctx *c, const Choice *choices, Str key) {
    for (; choices->key; choices++) {
        if (!str_is(key, choices->key)) continue;
        Cell cell = cell_label(key, TRS(c, choices->label));
        cell.tone = choices->tone;
        return cell;
    }
    return (Cell){0};
}

Cell rcsa_class_cell(const Ctx *c, Str key) {
    return choice_cell(c, rcsa_classes, key);
}

Cell rcsa_position_cell(const Ctx *c, Str key) {
    return choice_cell(c, rcsa_positions, key);
}

Err rcsa_ref_cell(Cell *out, Ctx *c, const char *type, int64_t id) {
    RefName name = {0};
    const Type *t = model_type(c->model, str_of(type));
    *out = (Cell){0};
    if (!t || !id) return OK;
    TRY(ref_name(&name, c, t, id));
    if (name.is_hidden) {
        out->is_masked = true;
        return OK;
    }
    if (name.found)
        *out =
            cell_ref(name.key, name.title, str_fmt(c->arena, "/%s/%.*s", t->plural, FMT(name.key)));
    return OK;
}

Err rcsa_risk_row(Cell **cells, ReportList *l, Ctx *c, const Record *risk, int64_t unit) {
    Str number = record_number(c->arena, risk), href = record_path(c->arena, risk);
    *cells = report_row(l, number, href);
    (*cells)[0] = cell_ref(number, record_title(c, risk), href);
    (*cells)[0].is_named = true;
    (*cells)[0].note = number;
    TRY(rcsa_ref_cell(&(*cells)[1], c, "unit", unit));
    (*cells)[1].is_named = true; /* people know units by their name */
    return OK;
}

Str rcsa_int(Ctx *c, int64_t i) {
    return str_fmt(c->arena, "%lld", (long long)i);
}

/* ---- risk map ---- */

Block *rcsa_matrix(Ctx *c, const RcsaMethod *m, MatrixCell **cells) {
    size_t rows = (size_t)m->calc.n_likelihood, columns = (size_t)m->calc.n_impact,
           classes = (size_t)m->calc.n_classes;
    Str *row_labels = NEW_N(c->arena, Str, rows), *row_keys = NEW_N(c->arena, Str, rows);
    Str *col_labels = NEW_N(c->arena, Str, columns), *col_keys = NEW_N(c->arena, Str, columns);
    Str *levels = NEW_N(c->arena, Str, CALC_LEVELS);
    *cells = NEW_N(c->arena, MatrixCell, rows * columns);
    for (size_t r = 0; r < rows; r++) {
        size_t level = rows - r;
        row_keys[r] = rcsa_int(c, (int64_t)level);
        row_labels[r] = RCSA_FILL(c, TR(c, N_("{0} {1}")), row_keys[r], m->likelihoods[level - 1]);
        for (size_t k = 0; k < columns; k++) {
            int class = m->calc.matrix[level - 1][k];
            (*cells)[r * columns + k].level = class > 0 ? m->colours[class - 1] : 0;
        }
    }
    for (size_t k = 0; k < columns; k++) {
        col_keys[k] = rcsa_int(c, (int64_t)k + 1);
        col_labels[k] = m->impacts[k];
    }
    size_t n_levels = 0;
    for (size_t i = 0; i < classes; i++) {
        levels[m->colours[i] - 1] = m->classes[i];
        if ((size_t)m->colours[i] > n_levels) n_levels = (size_t)m->colours[i];
    }
    Block *b = view_block(c->arena, BLOCK_MATRIX);
    b->matrix = (MatrixView){.corner = TRS(c, N_("Likelihood and impact")),
                             .row_labels = row_labels,
                             .row_keys = row_keys,
                             .col_labels = col_labels,
                             .col_keys = col_keys,
                             .n_rows = rows,
                             .n_cols = columns,
                             .cells = *cells,
                             .level_labels = levels,
                             .n_levels = n_levels};
    return b;
}
