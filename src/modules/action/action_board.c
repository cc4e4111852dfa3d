/* action_board.c: actions or issues as cards in the columns of their states, and actions on a time
 * axis below their issues. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "modules/action/action_pages.h"

enum { MOST_BARS = 200, DAYS_BACK = 400 };

static void export_button(Page *out, Ctx *c, const char *path, const Input *query) {
    static const char *const names[] = {"of", "whose", "unit", "issue"};
    Str href = str_fmt(c->arena, "%s.xlsx", path);
    for (size_t i = 0; i < LENGTH(names); i++) {
        Str value = str_trim(input_getz(query, names[i]));
        if (value.n) href = report_link(c, href, names[i], value);
    }
    Button *b = NEW(c->arena, Button);
    *b = (Button){
        .label = TRS(c, N_("Export to a spreadsheet")), .href = href, .icon = "file-spreadsheet"};
    out->buttons = b;
    out->n_buttons = 1;
}

/* ---- board ---- */

static Str board_address(Ctx *c, const Input *query) {
    static const char *const names[] = {"of", "whose", "unit"};
    Str address = S("/action-board");
    for (size_t i = 0; i < LENGTH(names); i++) {
        Str value = str_trim(input_getz(query, names[i]));
        if (value.n) address = report_link(c, address, names[i], value);
    }
    return address;
}

Err action_board_build(Ctx *c, const PageArgs *args, Page *out) {
    static const char *const of_action[] = {"title", "owner", "due_on", "priority", "progress"};
    static const char *const of_issue[] = {"title", "owner", "target_on", "rating", "actions_open"};
    static const Choice kinds[] = {{"actions", N_("Actions"), 0}, {"issues", N_("Issues"), 0}, {0}};
    Input filters = {0};
    FormField f[3];
    Block *board;
    Str of = input_getz(args->query, "of"), whose = input_getz(args->query, "whose");
    bool issues = str_is(of, "issues");
    action_filters(&filters, c, args->query);
    BoardQuery q = {.filters = &filters,
                    .fields = issues ? of_issue : of_action,
                    .n_fields = LENGTH(of_action),
                    .sort = issues ? "target_on" : "due_on",
                    .back = board_address(c, args->query)};
    TRY(page_board(c, model_need(c->model, issues ? "issue" : "action"), &q, &board));
    f[0] = report_choice(c, "of", N_("Cards"), kinds, issues ? S("issues") : S("actions"));
    f[1] = report_choice(c, "whose", N_("Whose"), action_whose, whose.n ? whose : S("all"));
    f[0].as_cards = f[1].as_cards = true;
    TRY(report_unit_field(&f[2], c, "unit", N_("Unit"), input_getz(args->query, "unit")));
    out->title = TRS(c, issues ? N_("Board of issues") : N_("Board of actions"));
    out->subtitle = TRS(
        c,
        N_("Drag a card to its next state, or pick it up with the space bar and move it with the arrows; its menu does the same."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    export_button(out, c, "/action-board", args->query);
    view_put(c->arena, out->body, report_parameters(c, "/action-board", f, 3));
    view_put(c->arena, out->body, board);
    out->main = board;
    return OK;
}

/* ---- time axis ---- */

typedef struct Chart {
    Ctx *c;
    const Records *actions;
    GanttRow *rows;
    size_t n;
    int64_t *of_row; /* action id of a row; 0: an issue */
    int64_t from, to;
} Chart;

static void widen(Chart *g, Str day) {
    int64_t days;
    if (!date_parse(&days, day)) return;
    if (days < g->from) g->from = days;
    if (days > g->to) g->to = days;
}

static const GanttMark *marks_of(size_t *n, Ctx *c, const Record *r) {
    Value rows = record_get(r, "milestones");
    GanttMark *marks = NEW_N(c->arena, GanttMark, rows.n + 1);
    *n = 0;
    for (size_t i = 0; i < rows.n; i++) {
        Str due = rows.list[i].list[1].s, done = rows.list[i].list[2].s,
            name = rows.list[i].list[0].s;
        if (!due.n && !done.n) continue;
        marks[(*n)++] = (GanttMark){.day = done.n ? done : due,
                                    .is_done = done.n > 0,
                                    .label = ACTION_FILL(c, TR(c, "{0}: {1}"), name,
                                                         report_day_words(c, done.n ? done : due))};
    }
    return marks;
}

static Tone tone_of(const Ctx *c, const Record *r) {
    int64_t days;
    if (!action_state_is(r, "planned in_progress")) return TONE_GOOD;
    bool late = action_days_between(&days, record_text(r, "due_on"), c->today) && days > 0;
    if (late) return TONE_BAD;
    return days >= -30 ? TONE_WARN : TONE_INFO;
}

static Err bar_of(Chart *g, const Record *r) {
    Ctx *c = g->c;
    GanttRow *row = &g->rows[g->n];
    Cell *cells = NEW_N(c->arena, Cell, 3), owner;
    TRY(report_person(&owner, c, r->owner));
    cells[0] = cell_text(record_title(c, r));
    cells[1] = owner;
    cells[2] = report_state(c, r);
    Str done = record_text(r, "done_on"), start = record_text(r, "start_on");
    *row = (GanttRow){.id = record_number(c->arena, r),
                      .href = record_path(c->arena, r),
                      .cells = cells,
                      .start = start.n ? start : ctx_date(c, r->created_at),
                      .end = done.n ? done : record_text(r, "due_on"),
                      .baseline = record_text(r, "first_due_on"),
                      .progress = done.n ? 100 : (int)record_int(r, "progress"),
                      .depth = 1,
                      .tone = tone_of(c, r)};
    row->note = ACTION_FILL(c, TR(c, "{0}, {1}: {2} to {3}"), row->id, owner.text,
                            report_day_words(c, row->start), report_day_words(c, row->end));
    row->marks = marks_of(&row->n_marks, c, r);
    widen(g, row->start);
    widen(g, row->end);
    widen(g, row->baseline);
    g->of_row[g->n++] = r->id;
    return OK;
}

static int64_t first_issue(const Record *r) {
    Value v = action_refs(r, "issues");
    return v.n ? v.list[0].i : 0;
}

/* The heading of an issue spans its actions; one that may not be read has no name. */
static Err heading(Chart *g, int64_t id) {
    Ctx *c = g->c;
    RefName name = {0};
    Cell *cells = NEW_N(c->arena, Cell, 3);
    GanttRow *row = &g->rows[g->n];
    *row = (GanttRow){.cells = cells, .tone = TONE_MUTED};
    if (id) TRY(ref_name(&name, c, model_need(c->model, "issue"), id));
    cells[0] = cell_text(TRS(c, N_("Issue that you may not see")));
    if (name.found && !name.is_hidden) {
        row->id = name.key;
        row->href = str_fmt(c->arena, "/issues/%.*s", FMT(name.key));
        cells[0] = cell_text(name.title);
    }
    g->of_row[g->n++] = 0;
    return OK;
}

static void span_heading(Chart *g, size_t head) {
    GanttRow *row = &g->rows[head];
    int64_t done = 0, n = 0;
    for (size_t i = head + 1; i < g->n; i++) {
        const GanttRow *bar = &g->rows[i];
        if (!row->start.n || str_cmp(bar->start, row->start) < 0) row->start = bar->start;
        if (!row->end.n || str_cmp(bar->end, row->end) > 0) row->end = bar->end;
        done += bar->progress;
        n++;
    }
    row->progress = n ? (int)(done / n) : 0;
}

static void link_rows(Chart *g) {
    for (size_t i = 0; i < g->n; i++) {
        const Record *r = NULL;
        for (size_t k = 0; g->of_row[i] && k < g->actions->n; k++)
            if (g->actions->items[k]->id == g->of_row[i]) r = g->actions->items[k];
        if (!r) continue;
        Value needs = action_refs(r, "prerequisites");
        size_t *after = NEW_N(g->c->arena, size_t, needs.n + 1), n = 0;
        for (size_t k = 0; k < needs.n; k++)
            for (size_t row = 0; row < g->n; row++)
                if (g->of_row[row] == needs.list[k].i) after[n++] = row;
        g->rows[i].after = after;
        g->rows[i].n_after = n;
    }
}

static Err chart_fill(Chart *g) {
    bool *used = NEW_N(g->c->arena, bool, g->actions->n + 1);
    g->rows = NEW_N(g->c->arena, GanttRow, g->actions->n * 2 + 1);
    g->of_row = NEW_N(g->c->arena, int64_t, g->actions->n * 2 + 1);
    for (size_t i = 0; i < g->actions->n; i++) {
        if (used[i]) continue;
        size_t head = g->n;
        int64_t of = first_issue(g->actions->items[i]);
        TRY(heading(g, of));
        for (size_t k = i; k < g->actions->n; k++) {
            if (used[k] || first_issue(g->actions->items[k]) != of) continue;
            used[k] = true;
            TRY(bar_of(g, g->actions->items[k]));
        }
        span_heading(g, head);
    }
    link_rows(g);
    return OK;
}

static void axis_of(GanttView *v, const Chart *g, int64_t today) {
    int y, m, d;
    int64_t from = g->from < today - DAYS_BACK ? today - DAYS_BACK : g->from;
    date_from_days(&y, &m, &d, from);
    v->from = date_text(g->c->arena, date_to_days(y, m, 1));
    v->to = date_text(g->c->arena, (g->to > today ? g->to : today) + 15);
    v->today = g->c->today;
}

static Err gantt_actions(Records *out, Ctx *c, const Input *query, int64_t today) {
    Input params = {0};
    Str of = str_trim(input_getz(query, "issue"));
    action_filters(&params, c, query);
    if (of.n)
        input_add(&params, c->arena, S("issues"), of);
    else
        input_add(&params, c->arena, S("due_on.ge"), date_text(c->arena, today - DAYS_BACK));
    input_add(&params, c->arena, S("state.in"),
              of.n ? S("planned,in_progress,done,verified,effectiveness,closed")
                   : S("planned,in_progress,done"));
    input_add(&params, c->arena, S("sort"), S("due_on"));
    return action_list(out, c, "action", &params, MOST_BARS);
}

Err action_gantt_build(Ctx *c, const PageArgs *args, Page *out) {
    Records actions;
    FormField f[3];
    int64_t today;
    CHECK(date_parse(&today, c->today), "today is no date");
    Str whose = input_getz(args->query, "whose");
    TRY(gantt_actions(&actions, c, args->query, today));
    Chart g = {.c = c, .actions = &actions, .from = today - 30, .to = today + 60};
    TRY(chart_fill(&g));
    Column *columns = NEW_N(c->arena, Column, 3);
    columns[0] = (Column){.name = "title", .label = TRS(c, N_("Action")), .kind = CELL_TEXT};
    columns[1] = (Column){.name = "owner", .label = TRS(c, N_("Owner")), .kind = CELL_PERSON};
    columns[2] = (Column){.name = "state", .label = TRS(c, N_("State")), .kind = CELL_STATE};
    Block *b = view_block(c->arena, BLOCK_GANTT);
    b->gantt = (GanttView){.columns = columns,
                           .n_columns = 3,
                           .rows = g.rows,
                           .n_rows = g.n,
                           .empty_text = TRS(c, N_("No action to show"))};
    axis_of(&b->gantt, &g, today);
    f[0] = report_choice(c, "whose", N_("Whose"), action_whose, whose.n ? whose : S("all"));
    f[0].as_cards = true;
    TRY(report_unit_field(&f[1], c, "unit", N_("Unit"), input_getz(args->query, "unit")));
    f[2] = report_text(c, "issue", N_("Number of an issue"), INPUT_TEXT,
                       input_getz(args->query, "issue"));
    out->title = TRS(c, N_("Actions on a time axis"));
    out->subtitle = TRS(
        c,
        N_("Actions to do or submitted, below their issues; lines lead from what must come before."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    export_button(out, c, "/action-gantt", args->query);
    view_put(c->arena, out->body, report_parameters(c, "/action-gantt", f, 3));
    view_put(c->arena, out->body, b);
    out->main = b;
    return OK;
}
