/* job_pages.c: what happens by itself, for the administrator: what waits, what was set aside and
 * can be sent again; and the command `jobs`. It shows ids and reasons, no business data.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"
#include "work/job.h"
#include "work/kit.h"
#include "work/pages.h"

enum { SHOWN = 100 };

/* clang-format off */
static const KitColumn columns[] = {
    {"number",     N_("Number"),        CELL_INT,     false, false},
    {"topic",      N_("What"),          CELL_LABEL,   true,  false},
    {"error",      N_("Why it failed"), CELL_TEXT,    false, false},
    {"attempts",   N_("Attempts"),      CELL_INT,     false, false},
    {"created_at", N_("Added"),         CELL_INSTANT, false, false},
    {"due_at",     N_("Next attempt"),  CELL_INSTANT, false, false},
    {"key",        N_("Key"),           CELL_TEXT,    false, false},
    {"state",      N_("State"),         CELL_STATE,   false, true},
};
static const struct { const char *name, *label, *tab; Tone tone; } states[] = {
    {"dead",    N_("Set aside"), N_("Set aside"), TONE_BAD},
    {"ready",   N_("Waiting"),   N_("Waiting"),   TONE_INFO},
    {"running", N_("Under way"), N_("Under way"), TONE_ACCENT},
    {"done",    N_("Done"),      N_("Done"),      TONE_GOOD},
};
/* clang-format on */

static Cell state_cell(Ctx *c, Str state) {
    for (size_t i = 0; i < LENGTH(states); i++)
        if (str_is(state, states[i].name))
            return cell_state(state, TRS(c, states[i].label), states[i].tone);
    return cell_text(state);
}

static Row job_row(Ctx *c, const JobRow *j) {
    Cell *cells = NEW_N(c->arena, Cell, LENGTH(columns));
    const JobDef *def = job_def(c->model, j->topic);
    cells[0] = cell_int(j->id);
    cells[1] = cell_label(j->topic, def && def->label ? TRS(c, def->label) : j->topic);
    cells[2] = cell_text(j->error);
    cells[3] = cell_int(j->attempts);
    cells[4] = cell_instant(j->created_at);
    cells[5] = str_is(j->state, "ready") ? cell_instant(j->due_at) : (Cell){0};
    cells[6] = cell_code(j->key);
    cells[7] = state_cell(c, j->state);
    return (Row){.id = kit_text_int(c, j->id), .cells = cells};
}

static Tab *tabs(Ctx *c, Str state, const JobCounts *n) {
    const int64_t counts[] = {n->dead, n->ready, n->running, -1};
    Tab *list = NEW_N(c->arena, Tab, LENGTH(states));
    for (size_t i = 0; i < LENGTH(states); i++)
        list[i] = (Tab){.label = TRS(c, states[i].tab),
                        .href = str_fmt(c->arena, "/jobs?state=%s", states[i].name),
                        .count = counts[i],
                        .is_current = str_is(state, states[i].name)};
    return list;
}

Err job_page_build(Ctx *c, const PageArgs *args, Page *out) {
    JobRows jobs;
    JobCounts counts;
    Str state = input_getz(args->query, "state");
    int64_t before = 0;
    if (!state.n) state = S("dead");
    if (input_getz(args->query, "after").n)
        (void)str_to_int(&before, input_getz(args->query, "after"));
    TRY(job_list(&jobs, c, state, before, SHOWN + 1));
    TRY(job_counts(&counts, c));
    size_t n = jobs.n > SHOWN ? SHOWN : jobs.n;
    Row *rows = NEW_N(c->arena, Row, n + 1);
    for (size_t i = 0; i < n; i++) rows[i] = job_row(c, &jobs.items[i]);
    Block *list = kit_list(c, columns, LENGTH(columns), rows, n,
                           str_is(state, "dead") ? N_("Nothing is set aside") : N_("Nothing here"));
    list->list.tabs = tabs(c, state, &counts);
    list->list.n_tabs = LENGTH(states);
    if (jobs.n > SHOWN) {
        list->list.next_cursor = kit_text_int(c, jobs.items[n - 1].id);
        list->list.next_href = str_fmt(c->arena, "/jobs?state=%.*s&after=%.*s", FMT(state),
                                       FMT(list->list.next_cursor));
        list->list.total = -1;
    }
    if (str_is(state, "dead") && n) {
        Button *bulk = NEW_N(c->arena, Button, 2);
        bulk[0] = kit_post(c, N_("Send again"), S("/jobs"), "do", S("resend"));
        bulk[1] = kit_post(c, N_("Give up"), S("/jobs"), "do", S("drop"));
        bulk[1].is_danger = true;
        list->list.bulk = bulk;
        list->list.n_bulk = 2;
        Button *all = NEW(c->arena, Button);
        *all = kit_post(c, N_("Send all again"), S("/jobs"), "do", S("resend_all"));
        out->buttons = all;
        out->n_buttons = 1;
    }
    out->title = TRS(c, N_("Background work"));
    out->subtitle = TRS(c, N_("Mails, messages to other systems and work by the clock."));
    out->body = out->main = list;
    return OK;
}

Err job_page_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) {
    (void)args;
    Str what = input_getz(form, "do");
    int64_t n;
    *redirect = S("/jobs");
    if (c->actor->is_read_only) return ERR_DENIED;
    if (str_is(what, "resend_all")) return job_resend(&n, c, 0);
    bool drop = str_is(what, "drop");
    if (!drop && !str_is(what, "resend"))
        return issue(c, "do", "unknown", N_("There is no such step."));
    for (size_t i = 0; i < form->n; i++) {
        int64_t id;
        if (!str_is(form->items[i].name, "number")) continue;
        if (!str_to_int(&id, form->items[i].value))
            return issue(c, "number", "bad_value", N_("There is no such entry."));
        Err e = drop ? job_drop(c, id) : job_resend(&n, c, id);
        if (e == ERR_MISSING) continue; /* somebody did it meanwhile */
        TRY(e);
    }
    return OK;
}

/* ---- the command ---- */

static void list_json(Text *out, const JobRows *jobs, const JobCounts *n) {
    Json j = json_new(out);
    json_object(&j);
    json_keyz(&j, "ready");
    json_int(&j, n->ready);
    json_keyz(&j, "running");
    json_int(&j, n->running);
    json_keyz(&j, "done");
    json_int(&j, n->done);
    json_keyz(&j, "dead");
    json_int(&j, n->dead);
    json_keyz(&j, "items");
    json_array(&j);
    for (size_t i = 0; i < jobs->n; i++) {
        const JobRow *x = &jobs->items[i];
        json_object(&j);
        json_keyz(&j, "id");
        json_int(&j, x->id);
        json_keyz(&j, "topic");
        json_str(&j, x->topic);
        json_keyz(&j, "key");
        json_str(&j, x->key);
        json_keyz(&j, "state");
        json_str(&j, x->state);
        json_keyz(&j, "attempts");
        json_int(&j, x->attempts);
        json_keyz(&j, "error");
        json_str(&j, x->error);
        json_end_object(&j);
    }
    json_end_array(&j);
    json_end_object(&j);
    text_char(out, '\n');
}

static Err list_command(Ctx *c, bool json, Str state, Text *out) {
    JobRows jobs;
    JobCounts n;
    TRY(job_list(&jobs, c, state, 0, 1000));
    TRY(job_counts(&n, c));
    if (json) {
        list_json(out, &jobs, &n);
        return OK;
    }
    text_fmt(out, "waiting %lld, under way %lld, done %lld, set aside %lld\n", (long long)n.ready,
             (long long)n.running, (long long)n.done, (long long)n.dead);
    for (size_t i = 0; i < jobs.n; i++)
        text_fmt(out, "%8lld  %-8.*s %-12.*s %2lld  %.*s  %.*s\n", (long long)jobs.items[i].id,
                 FMT(jobs.items[i].state), FMT(jobs.items[i].topic),
                 (long long)jobs.items[i].attempts, FMT(jobs.items[i].key),
                 FMT(jobs.items[i].error));
    return OK;
}

Err jobs_command_run(Ctx *c, int argc, char **argv, Text *out, Text *err, int *exit_code) {
    bool json = false;
    const char *words[2] = {NULL, NULL};
    size_t n_words = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            json = true;
        else if (argv[i][0] && n_words < 2)
            words[n_words++] = argv[i];
    }
    if (words[0] && strcmp(words[0], "list") == 0)
        return list_command(c, json, str_of(words[1]), out);
    int64_t id = 0, n = 0;
    bool all = words[1] && strcmp(words[1], "all") == 0;
    if (words[0] && strcmp(words[0], "resend") == 0 &&
        (all || (words[1] && str_to_int(&id, str_of(words[1])) && id > 0))) {
        TRY(job_resend(&n, c, all ? 0 : id));
        if (json)
            text_fmt(out, "{\"resent\":%lld}\n", (long long)n);
        else
            text_fmt(out, "%lld to be sent again\n", (long long)n);
        return OK;
    }
    text_addz(err, "usage: gardefou jobs list [STATE] [--json] | resend ID|all\n");
    *exit_code = 2;
    return OK;
}
