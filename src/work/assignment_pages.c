/* assignment_pages.c: how far the asked things are: by plan for a year, and its calendar month by
 * month. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "work/assignment.h"
#include "work/kit.h"
#include "work/pages.h"

/* clang-format off */
static const KitColumn columns[] = {
    {"title",   N_("Plan"),             CELL_TEXT,    true,  false},
    {"asked",   N_("Asked"),            CELL_INT,     false, false},
    {"done",    N_("Done"),             CELL_INT,     false, false},
    {"rate",    N_("Completion"),       CELL_PERCENT, false, false},
    {"on_time", N_("On time"),          CELL_INT,     false, false},
    {"open",    N_("Still open"),       CELL_INT,     false, false},
    {"late",    N_("Overdue"),          CELL_INT,     false, false},
};
/* clang-format on */

static int year_asked(const Ctx *c, const Input *query) {
    int64_t year, day;
    int y = 2000, m, d;
    if (date_parse(&day, c->today)) date_from_days(&y, &m, &d, day);
    if (str_to_int(&year, input_getz(query, "year")) && year >= 2000 && year <= 2200) y = (int)year;
    return y;
}

static Err plan_title(Str *out, Str *href, Ctx *c, int64_t plan) {
    Record *r;
    *out = TRS(c, N_("Asked one by one"));
    *href = (Str){0};
    if (!plan) return OK;
    TRY(record_load_raw(&r, c, model_need(c->model, "assignment_plan"), plan));
    *out = record_title(c, r);
    *href = record_path(c->arena, r);
    return OK;
}

static Err figure_row(Row *out, Ctx *c, const PlanFigures *f) {
    Cell *cells = NEW_N(c->arena, Cell, LENGTH(columns));
    Str title, href;
    TRY(plan_title(&title, &href, c, f->plan));
    cells[0] = cell_text(title);
    cells[1] = cell_int(f->asked);
    cells[2] = cell_int(f->done);
    cells[3] = cell_percent(f->asked ? f->done * 1000 / f->asked : 0, 1);
    cells[4] = cell_int(f->on_time);
    cells[5] = cell_int(f->open);
    cells[6] = cell_int(f->late);
    if (f->late) cells[6].tone = TONE_BAD;
    *out = (Row){.href = href, .cells = cells};
    return OK;
}

/* Plans down, months across: asked, and how many of them are done. */
static Err year_block(Block **out, Ctx *c, const PlanFigures *f, size_t n, int year) {
    Str *rows = NEW_N(c->arena, Str, n + 1), *keys = NEW_N(c->arena, Str, n + 1);
    Str *months = NEW_N(c->arena, Str, 12);
    MatrixCell *cells = NEW_N(c->arena, MatrixCell, n * 12 + 1);
    size_t used = 0;
    for (int m = 0; m < 12; m++) months[m] = str_fmt(c->arena, "%02d", m + 1);
    for (size_t i = 0; i < n; i++) {
        int64_t asked[12] = {0}, done[12] = {0};
        Str href;
        if (!f[i].plan) continue;
        TRY(plan_title(&rows[used], &href, c, f[i].plan));
        TRY(assignment_year(asked, done, c, f[i].plan, year));
        keys[used] = kit_text_int(c, f[i].plan);
        for (int m = 0; m < 12; m++) {
            bool all = asked[m] && done[m] == asked[m];
            cells[used * 12 + (size_t)m] = (MatrixCell){.count = asked[m],
                                                        .main = cell_int(done[m]),
                                                        .level = !asked[m] ? 0
                                                                 : all     ? 1
                                                                           : 3};
        }
        used++;
    }
    *out = NULL;
    if (!used) return OK;
    *out = view_block(c->arena, BLOCK_MATRIX);
    (*out)->matrix = (MatrixView){.corner = TRS(c, N_("Plan")),
                                  .caption = TRS(c, N_("Asked by month, and how many are done")),
                                  .row_labels = rows,
                                  .row_keys = keys,
                                  .col_labels = months,
                                  .col_keys = months,
                                  .n_rows = used,
                                  .n_cols = 12,
                                  .cells = cells,
                                  .main_name = "done",
                                  .main_label = TRS(c, N_("Done"))};
    return OK;
}

static Button year_button(Ctx *c, int year) {
    return (Button){.label = kit_text_int(c, year),
                    .href = str_fmt(c->arena, "/assignments/overview?year=%d", year)};
}

Err assignment_page_build(Ctx *c, const PageArgs *args, Page *out) {
    PlanFigures *f;
    size_t n;
    Block *calendar;
    int year = year_asked(c, args->query);
    TRY(assignment_figures(&f, &n, c, str_fmt(c->arena, "%04d-01-01", year),
                           str_fmt(c->arena, "%04d-12-31", year)));
    Row *rows = NEW_N(c->arena, Row, n + 1);
    for (size_t i = 0; i < n; i++) TRY(figure_row(&rows[i], c, &f[i]));
    TRY(year_block(&calendar, c, f, n, year));
    Block *list =
        kit_list(c, columns, LENGTH(columns), rows, n, N_("Nothing was asked in this year"));
    Button *buttons = NEW_N(c->arena, Button, 2);
    buttons[0] = year_button(c, year - 1);
    buttons[1] = year_button(c, year + 1);
    out->buttons = buttons;
    out->n_buttons = 2;
    out->title = TRS(c, N_("Follow-up of assignments"));
    out->subtitle = kit_text_int(c, year);
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, list);
    if (calendar)
        view_put(c->arena, out->body, kit_section(c, N_("Calendar of the year"), NULL, calendar));
    out->main = list;
    return OK;
}

/* On an assignment: the record it is about, as far as the reader may see it. */
Err assignment_panel(Ctx *c, const Record *r, Block **out) {
    Record *source;
    const Type *t = model_type(c->model, record_text(r, "source_type"));
    *out = NULL;
    if (!t) return OK;
    Err e = record_load(&source, c, t, record_int(r, "source"));
    if (e == ERR_MISSING || e == ERR_DENIED) return OK;
    TRY(e);
    Fact *facts = NEW_N(c->arena, Fact, 2);
    facts[0] = (Fact){.name = "record",
                      .label = TRS(c, t->label),
                      .cell = cell_ref(record_number(c->arena, source), record_title(c, source),
                                       record_path(c->arena, source))};
    facts[1] = (Fact){.name = "state",
                      .label = TRS(c, N_("State")),
                      .cell = cell_state(str_of(source->state->name), TRS(c, source->state->label),
                                         source->state->tone)};
    Block *block = view_block(c->arena, BLOCK_FACTS);
    block->facts = (FactsView){.facts = facts, .n = 2};
    *out = kit_section(c, N_("About"), NULL, block);
    return OK;
}
