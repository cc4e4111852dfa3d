/* rcsa_method_pages.c: what a dry run of a method shows, and the page that makes the next version
 * of a published one. Knows no SQL and no markup. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/report.h"
#include "modules/rcsa/rcsa_pages.h"

Err rcsa_section_trial(Ctx *c, const Record *method, Block **out) {
    RcsaTrial t;
    RcsaMethod m;
    if (!rcsa_state_is(method, "draft") && !rcsa_state_is(method, "trial")) return OK;
    TRY(rcsa_method_read(&m, c, method));
    if (calc_check(&m.calc)) return OK;
    TRY(rcsa_method_trial(&t, c, method));
    size_t n = (size_t)CALC_LEVELS;
    Str *rows = NEW_N(c->arena, Str, n), *columns = NEW_N(c->arena, Str, n);
    MatrixCell *cells = NEW_N(c->arena, MatrixCell, n * n);
    size_t top = (size_t)m.calc.n_classes;
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++)
            if (t.moves[a + 1][b + 1] && (a > b ? a : b) + 1 > top) top = (a > b ? a : b) + 1;
    for (size_t a = 0; a < top; a++) {
        rows[a] = TRS(c, rcsa_classes[a].label);
        columns[a] = a < (size_t)m.calc.n_classes ? m.classes[a] : rows[a];
        for (size_t b = 0; b < top; b++) {
            MatrixCell *x = &cells[a * top + b];
            x->count = t.moves[a + 1][b + 1];
            x->level = x->count ? (a == b ? 1 : b > a ? 4 : 2) : 0;
        }
    }
    Block *b = view_block(c->arena, BLOCK_MATRIX);
    b->id = "moves";
    b->matrix = (MatrixView){.corner = TRS(c, N_("Now, and with this version")),
                             .row_labels = rows,
                             .col_labels = columns,
                             .n_rows = top,
                             .n_cols = top,
                             .cells = cells};
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("What this version would move")));
    (*out)->id = "dry-run";
    (*out)->layout.text = RCSA_FILL(
        c,
        TR(c, N_("Assessments: {0}. Ratings that would rise: {1}. Ratings that would fall: {2}.")),
        rcsa_int(c, t.total), rcsa_int(c, t.up), rcsa_int(c, t.down));
    view_put(c->arena, *out, b);
    return OK;
}

/* ---- the method as people read it ---- */

static Block *scale_list(Ctx *c, const char *title, const Str *names, const Str *anchors, int n) {
    static const Column columns[] = {
        {.name = "level", .label = S(N_("Level")), .kind = CELL_CODE},
        {.name = "name", .label = S(N_("Name")), .kind = CELL_TEXT, .is_main = true},
        {.name = "words", .label = S(N_("In plain words")), .kind = CELL_TEXT}};
    ReportList l = report_list(c, columns, LENGTH(columns));
    for (int i = 0; i < n; i++) {
        Cell *cells = report_row(&l, rcsa_int(c, i + 1), (Str){0});
        cells[0] = cell_code(rcsa_int(c, i + 1));
        cells[1] = cell_text(names[i]);
        cells[2] = cell_text(anchors[i]);
    }
    Block *section = view_layout(c->arena, LAYOUT_SECTION, TRS(c, title));
    view_put(c->arena, section, report_block(&l, NULL, NULL, title));
    return section;
}

/* What each dimension of the impact looks like at each level. */
static Block *dimension_list(Ctx *c, const RcsaMethod *m) {
    size_t n = 1 + (size_t)m->calc.n_impact;
    Column *columns = NEW_N(c->arena, Column, n);
    columns[0] = (Column){
        .name = "dimension", .label = TRS(c, N_("Dimension")), .kind = CELL_TEXT, .is_main = true};
    for (size_t i = 1; i < n; i++)
        columns[i] = (Column){.name = str_fmt(c->arena, "level_%zu", i).p,
                              .label = m->impacts[i - 1],
                              .kind = CELL_TEXT};
    ReportList l = {.c = c, .columns = columns, .n_columns = n};
    for (size_t k = 0; k < m->n_dimensions; k++) {
        Cell *cells = report_row(&l, m->dimensions[k].code, (Str){0});
        cells[0] = cell_text(m->dimensions[k].name);
        for (size_t i = 1; i < n; i++) cells[i] = cell_text(m->dimensions[k].anchors[i - 1]);
    }
    Block *section = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("How bad, by dimension")));
    view_put(c->arena, section, report_block(&l, NULL, NULL, N_("How bad, by dimension")));
    return section;
}

/* The coloured matrix and the two scales in the reader's language; the rules follow as fields. */
Err rcsa_section_matrix(Ctx *c, const Record *method, Block **out) {
    RcsaMethod *m = NEW(c->arena, RcsaMethod);
    MatrixCell *cells;
    TRY(rcsa_method_read(m, c, method));
    if (calc_check(&m->calc)) return OK;
    Block *b = rcsa_matrix(c, m, &cells);
    b->id = "classes";
    b->matrix.caption = TRS(c, N_("The class of each place"));
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("How a risk is rated")));
    (*out)->id = "how";
    view_put(c->arena, *out, b);
    view_put(c->arena, *out,
             scale_list(c, N_("How often?"), m->likelihoods, m->likelihood_anchors,
                        m->calc.n_likelihood));
    view_put(c->arena, *out,
             scale_list(c, N_("How bad?"), m->impacts, m->impact_anchors, m->calc.n_impact));
    if (m->n_dimensions) view_put(c->arena, *out, dimension_list(c, m));
    return OK;
}

/* ---- the next version ---- */

static Err source(Record **out, Ctx *c, const Input *in) {
    Str number = str_trim(input_getz(in, "of"));
    if (!number.n) return ERR_MISSING;
    return record_find(out, c, model_need(c->model, "rcsa_method"), number);
}

Err rcsa_page_version(Ctx *c, const PageArgs *args, Page *out) {
    Record *m;
    TRY(source(&m, c, args->query));
    Block *b = view_block(c->arena, BLOCK_FORM);
    FormField *f = NEW(c->arena, FormField);
    FormGroup *g = NEW(c->arena, FormGroup);
    Str *number = NEW(c->arena, Str);
    *number = record_number(c->arena, m);
    *f = (FormField){.name = S("of"), .kind = INPUT_HIDDEN, .values = number, .n_values = 1};
    *g = (FormGroup){
        .text = TRS(
            c,
            N_("The new version begins as a copy. It changes nothing until a second person publishes it.")),
        .fields = f,
        .n = 1};
    b->form =
        (FormView){.action = S("/rcsa/new-version"),
                   .groups = g,
                   .n_groups = 1,
                   .submit_label = TRS(c, N_("Make the next version")),
                   .cancel = {.label = TRS(c, N_("Cancel")), .href = record_path(c->arena, m)}};
    out->title = TRS(c, N_("Next version of the method"));
    out->subtitle = record_title(c, m);
    out->body = out->main = b;
    return OK;
}

Err rcsa_post_version(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) {
    Record *m, *saved;
    const Access *a;
    (void)args;
    TRY(source(&m, c, form));
    TRY(access_of(&a, c, m->type, OP_CREATE));
    if (!access_any(a)) return ERR_DENIED;
    Record *copy = record_new(c, m->type);
    for (size_t i = 0; i < m->type->n_fields; i++)
        if (!(m->type->fields[i].flags & (F_COMPUTED | F_DERIVED))) copy->values[i] = m->values[i];
    record_set(copy, "note", (Value){0});
    TRY(record_save(&saved, c, copy, "create"));
    *redirect = record_path(c->arena, saved);
    return OK;
}
