/* indicator_log.c: the log of breaches: when each began, how bad it got and how long it lasted, who
 * acknowledged it in time, why it happened and what was decided. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "base/clock.h"
#include "model/report.h"
#include "modules/indicator/indicator_pages.h"

enum { LOG_ROWS = 50, WORDS_SHOWN = 90 };

static const Choice states[] = {
    {"current", N_("Not yet closed"), 0}, {"closed", N_("Closed"), 0}, {"all", N_("All"), 0}, {0}};
static const Choice levels[] = {{"red", N_("Red"), 0}, {"amber", N_("Amber"), 0}, {0}};

/* The parameters of the list of breaches that these choices stand for. */
typedef struct Asked {
    Str state, colour, unit, after;
} Asked;

static Input list_input(Ctx *c, const Asked *a) {
    Input in = {0};
    if (str_is(a->state, "current")) input_add(&in, c->arena, S("state.open"), S("1"));
    if (str_is(a->state, "closed")) input_add(&in, c->arena, S("state"), S("closed"));
    if (a->colour.n) input_add(&in, c->arena, S("colour"), a->colour);
    if (a->unit.n) input_add(&in, c->arena, S("unit.under"), a->unit);
    if (a->after.n) input_add(&in, c->arena, S("after"), a->after);
    input_add(&in, c->arena, S("sort"), S("-began_on"));
    return in;
}

/* ---- counts at the top ---- */

static Err count_fact(Fact *out, Ctx *c, const char *label, Str unit, const char *filter,
                      Tone tone) {
    ListQuery q;
    Input in = {0};
    Str path = S("/breaches"), rest = str_of(filter), part, name;
    int64_t n;
    bool exact;
    while (rest.n && str_cut(&part, &rest, '&')) {
        str_cut(&name, &part, '=');
        input_add(&in, c->arena, name, part);
        path = report_link(c, path, str_z(c->arena, name), part);
    }
    if (unit.n) {
        input_add(&in, c->arena, S("unit.under"), unit);
        path = report_link(c, path, "unit.under", unit);
    }
    TRY(list_parse(&q, c, model_need(c->model, "breach"), &in));
    TRY(list_count(&n, &exact, c, &q, LIST_COUNT_API));
    Cell cell = cell_int(n);
    cell.tone = n ? tone : TONE_NONE;
    *out = (Fact){.label = TRS(c, label), .cell = n ? cell_link(cell, path) : cell};
    return OK;
}

static Err counts(Block **out, Ctx *c, Str unit) {
    static const struct {
        const char *name, *label, *filter;
        Tone tone;
    } rows[] = {{"open", N_("Not yet closed"), "state.open=1", TONE_NONE},
                {"red", N_("Of them red"), "state.open=1&colour=red", TONE_BAD},
                {"late", N_("Not acknowledged in time"), "late_acknowledgement=true", TONE_BAD},
                {"analysed", N_("Analysed, to be decided"), "state=analysed", TONE_WARN},
                {"handled", N_("Being handled"), "state=handled", TONE_NONE},
                {"accepted", N_("Accepted for a time"), "state=accepted", TONE_NONE}};
    Fact *facts = NEW_N(c->arena, Fact, LENGTH(rows));
    for (size_t k = 0; k < LENGTH(rows); k++) {
        TRY(count_fact(&facts[k], c, rows[k].label, unit, rows[k].filter, rows[k].tone));
        facts[k].name = rows[k].name;
    }
    *out = view_block(c->arena, BLOCK_FACTS);
    (*out)->facts = (FactsView){.facts = facts, .n = LENGTH(rows), .is_headline = true};
    return OK;
}

/* ---- a line ---- */

/* From the first period to the one that was green again, or to today. */
static void duration(Cell *days, Cell *n, Ctx *c, const Record *r, const Indicator *i) {
    int64_t from, end, today;
    Str ended = record_text(r, "ended_on");
    CHECK(date_parse(&today, c->today), "today is no date");
    if (!date_parse(&from, record_text(r, "began_on"))) return;
    if (!date_parse(&end, ended)) end = today;
    int64_t periods = 0;
    for (int64_t p = from; p < end && periods < 1000; p = period_move(i->frequency, p, 1))
        periods++;
    *days = cell_int(end - from);
    *n = cell_int(periods);
}

/* In time, late by so many days, or not yet: the words say it, the colour only repeats it. */
static Cell acknowledged_cell(Ctx *c, const Record *r) {
    Str by = record_text(r, "acknowledge_by"), on = record_text(r, "acknowledged_on");
    bool is_open = strcmp(r->state->name, "open") == 0;
    if (on.n) {
        bool late = by.n && str_cmp(on, by) > 0;
        Cell cell =
            cell_label(late ? S("late") : S("in_time"), TRS(c, late ? N_("Late") : N_("In time")));
        cell.tone = late ? TONE_BAD : TONE_GOOD;
        cell.note = report_day_words(c, on);
        return cell;
    }
    if (!is_open) return cell_label(S("never"), TRS(c, N_("Never")));
    bool late = by.n && str_cmp(by, c->today) < 0;
    Cell cell =
        cell_label(late ? S("overdue") : S("due"), TRS(c, late ? N_("Overdue") : N_("Due")));
    cell.tone = late ? TONE_BAD : TONE_WARN;
    if (by.n) cell.note = report_day_words(c, by);
    return cell;
}

static Cell words_cell(Ctx *c, Str words) {
    if (!words.n) return (Cell){0};
    ptrdiff_t line = str_find(words, S("\n"));
    Str first = line < 0 ? words : str_sub(words, 0, (size_t)line);
    size_t n = first.n;
    if (n > WORDS_SHOWN) /* not inside a letter */
        for (n = WORDS_SHOWN; n > 0 && ((unsigned char)first.p[n] & 0xc0) == 0x80; n--) continue;
    return cell_text(n < words.n ? str_fmt(c->arena, "%.*s …", (int)n, first.p) : first);
}

static Cell decision_cell(Ctx *c, const Record *r) {
    Str until = record_text(r, "accepted_until");
    if (strcmp(r->state->name, "accepted") != 0 || !until.n)
        return words_cell(c, record_text(r, "measures_taken"));
    return cell_text(
        INDICATOR_FILL(c, TR(c, N_("Accepted until {0}")), report_day_words(c, until)));
}

static Err log_row(ReportList *l, Ctx *c, const Record *r) {
    Indicator i;
    const Record *of;
    TRY(record_shared(&of, c, model_need(c->model, "indicator"), record_int(r, "indicator")));
    TRY(indicator_open(&i, c, (Record *)of));
    Cell *x = report_row(l, record_number(c->arena, r), record_path(c->arena, r));
    bool red = str_is(record_text(r, "colour"), "red");
    int64_t day;
    x[0] = report_ref(c, r);
    TRY(report_unit(&x[1], c, r->unit));
    x[2] = report_state(c, r);
    x[3] = report_choice_cell(c, r, "colour");
    if (date_parse(&day, record_text(r, "began_on")))
        x[4] = cell_code(indicator_period_label(c, &i, day));
    x[5] = indicator_value_cell(i.definition, record_int(r, "peak"));
    if (date_parse(&day, record_text(r, "peak_on"))) x[5].note = indicator_period_label(c, &i, day);
    x[5].tone = indicator_tone(red ? RED : AMBER);
    duration(&x[6], &x[7], c, r, &i);
    x[8] = acknowledged_cell(c, r);
    x[9] = words_cell(c, record_text(r, "analysis"));
    x[10] = decision_cell(c, r);
    x[11] = x[10].kind == CELL_TEXT && x[10].text.n ? x[10] : x[9]; /* the latest word */
    return OK;
}

static Err log_list(ReportList *l, Str *after, Ctx *c, const Asked *a) {
    ListQuery q;
    ListCursor *cursor;
    Input in = list_input(c, a);
    TRY(list_parse(&q, c, model_need(c->model, "breach"), &in));
    q.limit = LOG_ROWS;
    TRY(list_open(&cursor, c, &q));
    for (;;) {
        Record *r;
        TRY(list_next(&r, cursor, c->arena));
        if (!r) break;
        TRY(log_row(l, c, r));
    }
    *after = list_after(cursor);
    return OK;
}

/* ---- the page ---- */

static Err read_asked(Asked *a, Ctx *c, const Input *query) {
    *a = (Asked){.state = str_trim(input_getz(query, "show")),
                 .colour = str_trim(input_getz(query, "level")),
                 .unit = str_trim(input_getz(query, "unit")),
                 .after = str_trim(input_getz(query, "after"))};
    bool good = !a->state.n, level = !a->colour.n;
    for (size_t k = 0; states[k].key; k++) good = good || str_is(a->state, states[k].key);
    for (size_t k = 0; levels[k].key; k++) level = level || str_is(a->colour, levels[k].key);
    if (!good) return issue(c, "show", "bad_value", N_("This is none of the choices."));
    if (!level) return issue(c, "level", "bad_value", N_("This is none of the choices."));
    if (!a->state.n) a->state = S("current");
    return OK;
}

Err indicator_log(Ctx *c, const PageArgs *args, Page *out) {
    static const Column columns[] = {
        {.name = "breach", .label = S(N_("Breach")), .kind = CELL_REF, .is_main = true},
        {.name = "unit", .label = S(N_("Unit")), .kind = CELL_REF, .is_hidden = true},
        {.name = "state", .label = S(N_("State")), .kind = CELL_STATE},
        {.name = "level", .label = S(N_("Level")), .kind = CELL_LABEL},
        {.name = "began", .label = S(N_("First period")), .kind = CELL_CODE},
        {.name = "peak", .label = S(N_("Worst value")), .kind = CELL_DECIMAL},
        {.name = "days", .label = S(N_("Days")), .kind = CELL_INT},
        {.name = "periods", .label = S(N_("Periods")), .kind = CELL_INT, .is_hidden = true},
        {.name = "acknowledged", .label = S(N_("Acknowledged")), .kind = CELL_LABEL},
        {.name = "analysis", .label = S(N_("Analysis")), .kind = CELL_TEXT, .is_hidden = true},
        {.name = "decision",
         .label = S(N_("What is done about it")),
         .kind = CELL_TEXT,
         .is_hidden = true},
        {.name = "follow_up", .label = S(N_("Analysis or decision")), .kind = CELL_TEXT}};
    Asked a;
    Str after;
    Block *facts, *table;
    FormField f[3];
    TRY(read_asked(&a, c, args->query));
    ReportList l = report_list(c, columns, LENGTH(columns));
    TRY(log_list(&l, &after, c, &a));
    TRY(counts(&facts, c, a.unit));
    f[0] = report_choice(c, "show", N_("Show"), states, a.state);
    f[0].as_cards = true;
    f[1] = report_filter(c, "level", N_("Level"), levels, a.colour);
    TRY(report_unit_field(&f[2], c, "unit", N_("Unit"), a.unit));
    table = report_block(&l, "/reports/breaches", args->query, N_("No breach"));
    out->title = TRS(c, N_("Log of breaches"));
    out->subtitle = TRS(c, N_("From the first period outside the bounds until green again; to be "
                              "acknowledged within two working days."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, facts);
    view_put(c->arena, out->body, report_parameters(c, "/reports/breaches", f, 3));
    view_put(c->arena, out->body, table);
    if (after.n) {
        Str path = report_link(c, S("/reports/breaches"), "show", a.state);
        if (a.colour.n) path = report_link(c, path, "level", a.colour);
        if (a.unit.n) path = report_link(c, path, "unit", a.unit);
        Block *more = view_text(c->arena, TEXT_PLAIN, TONE_NONE, (Str){0},
                                TRS(c, N_("There are more breaches than fit on this page.")));
        more->text.button = (Button){.label = TRS(c, N_("Next breaches")),
                                     .href = report_link(c, path, "after", after)};
        view_put(c->arena, out->body, more);
    }
    out->main = table;
    out->main_key = "breaches";
    return OK;
}
