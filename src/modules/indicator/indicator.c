/* indicator.c: the module's table: key indicators collected, judged, acted on.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/indicator/indicator_pages.h"

/* ---- command line ---- */

/* Those that nobody enters and that have no value now, with the reason: one line each. */
static Err tell_gaps(Ctx *c, Text *out) {
    const Type *t = model_need(c->model, "indicator");
    const Field *f = type_need(t, "gap");
    for (size_t k = 0; f->choices[k].key; k++) {
        Records list;
        TRY(record_where(&list, c, t, "gap", value_text(str_of(f->choices[k].key)), 1000));
        for (size_t i = 0; i < list.n; i++) {
            const Record *r = list.items[i];
            Str part = record_text(r, "gap_part");
            if (r->state->flags & STATE_CLOSED) continue;
            text_fmt(out, "%.*s %.*s: %.*s%s%.*s\n", FMT(record_number(c->arena, r)),
                     FMT(indicator_title(c, r)), FMT(TRS(c, f->choices[k].label)),
                     part.n ? ": " : "", FMT(part));
        }
    }
    return OK;
}

static Err command_run(Ctx *c, int argc, char **argv, Text *out, Text *err, int *exit_code) {
    int64_t values, asked;
    if (argc != 2 || strcmp(argv[1], "run") != 0) {
        text_addz(err, "usage: gardefou indicator run\n");
        *exit_code = 2;
        return OK;
    }
    TRY(indicator_automatic(c, &values));
    TRY(indicator_ask(&asked, c));
    TRY(indicator_daily(c));
    text_fmt(out, "%lld values, %lld asked of people\n", (long long)values, (long long)asked);
    return tell_gaps(c, out);
}

/* ---- by itself ---- */

static Err job_daily(Ctx *c, Job *job) {
    int64_t values;
    (void)job;
    TRY(indicator_automatic(c, &values));
    return indicator_daily(c);
}

/* clang-format off */
const CommandDef indicator_commands[] = {
    {.name = "indicator", .usage = "indicator run", .text = "count and calculate the indicators that nobody enters, ask people for the others", .writes = true, .run = command_run}, {0}};
static const JobDef jobs[] = {
    {.topic = "indicator_daily", .label = N_("Indicators that Gardefou counts"), .every = "daily 05:30", .run = job_daily},
    {.topic = "indicator_ask", .label = N_("Asks people for the values of indicators"), .every = "daily 05:00", .run = indicator_ask_job}, {0}};

const PageDef indicator_pages[] = {
    {.path = "/indicator-grid", .label = N_("Grid of indicators"), .right = "indicator", .build = indicator_grid, .nav = "indicators", .icon = "grid-dots"},
    {.path = "/indicator-entry", .label = N_("Enter values"), .right = "indicator", .build = indicator_entry, .post = indicator_entry_post, .nav = "indicators", .icon = "pencil", .creates = true},
    {.path = "/indicator-push", .label = N_("Values from a file or a system"), .right = "indicator", .build = indicator_push, .prepare = indicator_push_prepare, .post = indicator_push_post, .nav = "indicators", .icon = "upload", .creates = true, .most_values = 10 * SERIES_BATCH},
    {.path = "/indicator-due", .label = N_("Values that are due"), .right = "indicator", .build = indicator_due_sheet},
    {.path = "/reports/indicators", .label = N_("State of the indicators"), .right = "indicator", .build = indicator_dashboard, .nav = "reports", .icon = "gauge", .about = N_("Which indicators are red, amber, green or missing now."), .subject = "indicators", .is_pinned = true},
    {.path = "/reports/indicator-calendar", .label = N_("Calendar of colours"), .right = "indicator", .build = indicator_calendar, .nav = "reports", .icon = "calendar", .about = N_("A year of each indicator, month by month, by its worst colour."), .subject = "indicators"},
    {.path = "/reports/breaches", .label = N_("Log of breaches"), .right = "breach", .build = indicator_log, .nav = "reports", .icon = "alert-octagon", .about = N_("Which indicators left their bounds, how long, acknowledged in time or not, and what was decided."), .subject = "indicators"},
    {.path = "/reports/indicator-punctuality", .label = N_("Missing data and punctuality"), .right = "indicator", .build = indicator_punctuality, .nav = "reports", .icon = "clock", .about = N_("Who provides values, what is missing and what came late."), .subject = "indicators"},
    {0}};
static const SectionDef sections[] = {{.page = "/reports/committee", .right = "indicator", .order = 20, .build = indicator_committee}, {0}};
static const AttachDef attach[] = {{.type = "risk", .panel = indicator_linked_panel}, {.type = "control", .panel = indicator_linked_panel},
    {.type = "process", .panel = indicator_linked_panel}, {.type = "objective", .panel = indicator_linked_panel}, {.type = "indicator", .section = indicator_section, .leads = true},
    {.type = "indicator_definition", .section = indicator_definition_section},
    {.type = "assignment", .section = indicator_assignment_section, .leads = true}, {.type = "assignment", .transition = "answer", .guard = indicator_assignment_guard},
    {.type = "issue", .after_save = indicator_issue_saved}, {0}};

static const TypeDef *const types[] = {
    &indicator_definition_type, &indicator_type, &indicator_threshold_type, &indicator_batch_type, &indicator_breach_type, NULL};
static const SeriesDef *const series[] = {&indicator_values, NULL};
extern const Module module_indicator;
const Module module_indicator = {
    .name = "indicator", .label = N_("Indicators"), .uses = "unit user taxon process setting risk control objective risk_definition control_definition assignment incident action issue risk_acceptance", .types = types, .series = series, .attach = attach, .sections = sections,
    .pages = indicator_pages, .commands = indicator_commands, .jobs = jobs, .notices = indicator_notices, .seed = indicator_seed, .demo = indicator_demo, .demo_order = INDICATOR_ORDER};
/* clang-format on */
