/* import_pages.c: importing in the browser: a file is sent, checked by itself, shown row by row,
 * agreed to, saved by itself with its progress, and can be taken back. The person's rights hold
 * throughout. Knows no HTTP and no markup. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/import_page.h"
#include "model/template.h"

enum { MOST_LISTED = 1000 };

Err import_may(bool *out, Ctx *c, const Type *t) {
    const Access *a;
    TRY(access_of(&a, c, t, OP_IMPORT));
    *out = !(t->flags & TYPE_NO_PAGES) && access_any(a);
    return OK;
}

/* ---- whose run it is ---- */

typedef struct Seen {
    ImportRun run;
    bool is_mine, is_one, may_release; /* is_one: import_run_is_actors */
} Seen;

static Err seen_find(Seen *out, Ctx *c, Str id_text) {
    int64_t id, whom;
    if (!str_to_int(&id, id_text) || id < 1) return ERR_MISSING;
    TRY(import_run_load(&out->run, c, id));
    if (!out->run.type || !out->run.by) return ERR_MISSING;
    out->is_mine = out->run.by == c->actor->user;
    bool may, waits = out->run.takeover && !str_is(out->run.state, "waiting") &&
                      !str_is(out->run.state, "checked") && !str_is(out->run.state, "discarded");
    /* Whose role has ended sees, and takes back, nothing of it any more. */
    TRY(import_may(&may, c, out->run.type));
    if (!may || !(out->is_mine || waits)) return ERR_MISSING;
    TRY(import_run_is_actors(&out->is_one, &whom, c, &out->run));
    out->may_release = !out->is_one && str_is(out->run.state, "approval");
    return OK;
}

/* ---- one run ---- */

static Str run_href(Ctx *c, const ImportRun *run, const char *tail) {
    return str_fmt(c->arena, "/import%s?run=%lld", tail, (long long)run->id);
}

static Button button(Ctx *c, const ImportRun *run, const char *action, const char *label) {
    return (Button){.label = TRS(c, label),
                    .href = str_fmt(c->arena, "/import/%s", action),
                    .is_post = true,
                    .name = S("run"),
                    .value = str_fmt(c->arena, "%lld", (long long)run->id)};
}

static Button primary(Button b) {
    b.is_primary = true;
    return b;
}

static Button columns_link(Ctx *c, const ImportRun *run, const ImportReport *r) {
    return (Button){.label =
                        TRS(c, r->n_unknown ? N_("Columns and values") : N_("Choose the columns")),
                    .href = run_href(c, run, "/columns"),
                    .icon = "adjustments"};
}

static void add_buttons(Page *out, Ctx *c, const Seen *seen, const ImportReport *r) {
    const ImportRun *run = &seen->run;
    Button *b = NEW_N(c->arena, Button, 4);
    size_t n = 0;
    bool refused = run->all_or_nothing && r->n_rejected;
    if (str_is(run->state, "checked") && !refused && r->created + r->updated)
        b[n++] = primary(run->takeover ? button(c, run, "ask", N_("Ask for its release"))
                                       : button(c, run, "apply", N_("Import")));
    if (seen->may_release) {
        b[n++] = primary(button(c, run, "release", N_("Release")));
        b[n++] = button(c, run, "refuse", N_("Refuse"));
    }
    if (seen->is_mine && (str_is(run->state, "checked") || str_is(run->state, "refused")) &&
        r->n_sheets) {
        b[n] = columns_link(c, run, r);
        b[n++].is_primary =
            str_is(run->state, "refused") || !(r->created + r->updated + r->unchanged);
    }
    if (seen->is_mine && (str_is(run->state, "waiting") || str_is(run->state, "checked") ||
                          str_is(run->state, "refused") || str_is(run->state, "approval") ||
                          str_is(run->state, "queued")))
        b[n++] = button(c, run, "discard", N_("Throw away"));
    if (seen->is_mine && str_is(run->state, "running") && !run->is_cancelled) {
        b[n] = button(c, run, "cancel", N_("Cancel"));
        b[n++].is_danger = true;
    }
    if (seen->is_mine && str_is(run->state, "done") && run->created + run->updated &&
        !import_is_final(run->type))
        b[n++] = (Button){.label = TRS(c, N_("Take back")),
                          .href = run_href(c, run, "/undo"),
                          .asks = true,
                          .is_danger = true};
    out->buttons = b;
    out->n_buttons = n;
}

static Block *notice(Ctx *c, Tone tone, const char *title, Str text) {
    return view_text(c->arena, TEXT_NOTICE, tone, title ? TRS(c, title) : (Str){0}, text);
}

/* What the state means for the reader, in a sentence. */
static Block *state_words(Ctx *c, const Seen *seen, const ImportReport *r) {
    const ImportRun *run = &seen->run;
    if (str_is(run->state, "refused"))
        return notice(c, TONE_BAD, N_("The file cannot be imported as it is."), run->why);
    if (str_is(run->state, "checked") && run->all_or_nothing && r->n_rejected)
        return notice(
            c, TONE_WARN, NULL,
            TRS(c, N_("Nothing will be imported as long as a row is rejected. Correct the "
                      "file and send it again.")));
    if (str_is(run->state, "checked") && !(r->created + r->updated + r->unchanged) && r->n_rejected)
        return notice(
            c, TONE_WARN, NULL,
            TRS(c, r->n_unknown ? N_("Nothing can be imported yet: values of the file name nothing "
                                     "here. Say what they mean under “Columns and values”.")
                                : N_("Nothing can be imported: the reasons stand beside the "
                                     "rows.")));
    if (str_is(run->state, "checked") && !(r->created + r->updated))
        return notice(c, TONE_INFO, NULL, TRS(c, N_("The file changes nothing.")));
    if (str_is(run->state, "checked"))
        return notice(c, TONE_INFO, NULL, TRS(c, N_("Nothing is saved yet. This would happen:")));
    if (str_is(run->state, "approval"))
        return notice(
            c, TONE_WARN, NULL,
            seen->is_one ? TRS(c, N_("A second person who may import this list has to release it."))
                         : TRS(c, N_("Somebody asks you to release this import. States and entries "
                                     "are taken over as the file gives them.")));
    if (str_is(run->state, "done"))
        return notice(c, TONE_GOOD, NULL, TRS(c, N_("The file is imported.")));
    if (str_is(run->state, "undone"))
        return notice(c, TONE_WARN, N_("The import was taken back."), run->why);
    if (str_is(run->state, "discarded"))
        return notice(c, TONE_INFO, NULL,
                      TRS(c, N_("The file was thrown away. Nothing was saved.")));
    return NULL;
}

static bool is_at_work(const ImportRun *run) {
    return str_is(run->state, "waiting") || str_is(run->state, "queued") ||
           str_is(run->state, "running") || str_is(run->state, "undoing");
}

static Block *titled(Ctx *c, const char *title, Block *inside) {
    Block *section = view_layout(c->arena, LAYOUT_SECTION, TRS(c, title));
    view_put(c->arena, section, inside);
    return section;
}

static void put_rejected(Page *out, Ctx *c, const ImportRun *run, const ImportReport *r) {
    if (!r->n_reasons) return;
    Block *section = titled(c, N_("Rejected rows"), import_rejected(c, r, MOST_LISTED));
    Button *load = NEW(c->arena, Button);
    *load = (Button){.label = TRS(c, N_("Download as Excel")),
                     .href = run_href(c, run, ".xlsx"),
                     .icon = "download"};
    section->layout.buttons = load;
    section->layout.n_buttons = 1;
    if (r->n_reasons > MOST_LISTED)
        section->layout.text = TRS(c, N_("The first 1,000 are shown; the file holds them all."));
    view_put(c->arena, out->body, section);
}

static Err run_page(Ctx *c, const PageArgs *args, Page *out) {
    Seen seen;
    ImportReport r;
    Block *left = NULL;
    TRY(seen_find(&seen, c, input_getz(args->query, "run")));
    const ImportRun *run = &seen.run;
    import_report_read(&r, c->arena, run->report);
    out->eyebrow = TRS(c, run->type->plural_label);
    out->title = run->file;
    out->state = import_state_cell(c, run->state);
    page_kit_trail(out, c->arena, TRS(c, N_("Import")), S("/import"));
    add_buttons(out, c, &seen, &r);
    Block *figures = import_figures(c, run, &r);
    if (args->format == FORMAT_CSV || args->format == FORMAT_XLSX) {
        out->main = import_rejected(c, &r, IMPORT_MOST_REASONS);
        view_put(c->arena, out->body, out->main);
        return OK;
    }
    out->main = figures;
    if (is_at_work(run)) {
        out->refresh_seconds = 1;
        view_put(c->arena, out->body, import_progress(c, run));
        view_put(c->arena, out->body, str_is(run->state, "waiting") ? NULL : figures);
        return OK;
    }
    view_put(c->arena, out->body, state_words(c, &seen, &r));
    if (!str_is(run->state, "refused") || run->read) view_put(c->arena, out->body, figures);
    if (str_is(run->state, "undone") && run->kept) TRY(import_left(&left, c, run->id));
    view_put(c->arena, out->body, left);
    if (str_is(run->state, "undone") || str_is(run->state, "discarded")) return OK;
    Block *sums = import_sums_list(c, &r);
    if (sums) view_put(c->arena, out->body, titled(c, N_("Control totals"), sums));
    view_put(c->arena, out->body, import_ignored(c, &r));
    put_rejected(out, c, run, &r);
    Block *lines = str_is(run->state, "done") ? NULL : import_lines(c, &r);
    if (lines) view_put(c->arena, out->body, titled(c, N_("Row by row"), lines));
    return OK;
}

/* ---- the first page ---- */

static Str figures_words(Ctx *c, const ImportRun *run) {
    bool would = word_in("checked approval queued", run->state);
    if (!would && !word_in("running done undoing undone", run->state)) return (Str){0};
    Str created = str_fmt(c->arena, "%lld", (long long)run->created);
    Str updated = str_fmt(c->arena, "%lld", (long long)run->updated);
    Str rejected = str_fmt(c->arena, "%lld", (long long)run->rejected);
    return FILL(c,
                would ? TR(c, N_("{0} to create, {1} to update, {2} rejected"))
                      : TR(c, N_("{0} created, {1} updated, {2} rejected")),
                created, updated, rejected);
}

static Block *runs_list(Ctx *c, const ImportRuns *runs, const char *title) {
    static const struct {
        const char *name, *label;
        CellKind kind;
    } known[] = {{"file", N_("File"), CELL_TEXT},
                 {"list", N_("List"), CELL_LABEL},
                 {"at", N_("Sent"), CELL_INSTANT},
                 {"state", N_("State"), CELL_STATE},
                 {"figures", N_("Result"), CELL_LABEL}};
    Column *columns = NEW_N(c->arena, Column, LENGTH(known));
    Row *rows = NEW_N(c->arena, Row, runs->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < LENGTH(known); i++)
        columns[i] = import_column(c, known[i].name, known[i].label, known[i].kind);
    columns[0].is_main = true;
    for (size_t i = 0; i < runs->n; i++) {
        const ImportRun *run = &runs->items[i];
        if (!run->type) continue;
        Cell *cells = NEW_N(c->arena, Cell, LENGTH(known));
        Str words = figures_words(c, run);
        cells[0] = cell_text(run->file);
        cells[1] = cell_label(str_of(run->type->name), TRS(c, run->type->plural_label));
        cells[2] = cell_instant(run->at);
        cells[3] = import_state_cell(c, run->state);
        cells[4] = cell_label(words, words);
        rows[n++] = (Row){.id = str_fmt(c->arena, "%lld", (long long)run->id),
                          .href = run_href(c, run, ""),
                          .cells = cells};
    }
    if (!n) return NULL;
    return titled(c, title, import_plain_list(c, columns, LENGTH(known), rows, n, ""));
}

static Err runs_of(ImportRuns *out, Ctx *c, ImportWhose whose) {
    ImportRuns all;
    *out = (ImportRuns){0};
    TRY(import_run_list(&all, c, whose));
    for (size_t i = 0; i < all.n; i++) {
        bool may = false, is_one = false;
        int64_t whom;
        if (all.items[i].type) TRY(import_may(&may, c, all.items[i].type));
        if (may && whose == IMPORT_TO_RELEASE)
            TRY(import_run_is_actors(&is_one, &whom, c, &all.items[i]));
        if (!may || is_one) continue;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = all.items[i];
    }
    return OK;
}

static Err templates(Block **out, Ctx *c) {
    FormField *field = NEW(c->arena, FormField);
    FormGroup *group = NEW(c->arena, FormGroup);
    Block *upload;
    TRY(import_upload_form(&upload, c, NULL));
    *field = upload->form.groups[0].fields[0];
    field->n_errors = 0; /* of the form above */
    *group = (FormGroup){.fields = field, .n = 1};
    Block *form = view_block(c->arena, BLOCK_FORM);
    form->id = "template";
    form->form = (FormView){.action = S("/import/template"),
                            .groups = group,
                            .n_groups = 1,
                            .is_get = true,
                            .submit_label = TRS(c, N_("Download the template"))};
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Excel template")));
    (*out)->layout.text =
        TRS(c, N_("An empty workbook with the columns of a list and its values to "
                  "choose from, with a second sheet for what belongs to it."));
    view_put(c->arena, *out, form);
    return OK;
}

static Err maps_list(Block **out, Ctx *c) {
    SavedMaps maps;
    *out = NULL;
    TRY(saved_map_list(&maps, c));
    Column *columns = NEW_N(c->arena, Column, 3);
    Row *rows = NEW_N(c->arena, Row, maps.n + 1);
    size_t n = 0;
    columns[0] = import_column(c, "name", N_("Map"), CELL_TEXT);
    columns[0].is_main = true;
    columns[1] = import_column(c, "list", N_("List"), CELL_LABEL);
    columns[2] = import_column(c, "by", N_("Saved by"), CELL_PERSON);
    for (size_t i = 0; i < maps.n; i++) {
        const Type *t = model_type(c->model, maps.items[i].type);
        bool may = false;
        if (t) TRY(import_may(&may, c, t));
        if (!may) continue;
        Cell *cells = NEW_N(c->arena, Cell, 3);
        cells[0] = cell_text(maps.items[i].name);
        cells[1] = cell_label(str_of(t->name), TRS(c, t->plural_label));
        if (maps.items[i].by) TRY(page_kit_person(&cells[2], c, maps.items[i].by));
        rows[n++] =
            (Row){.href = str_fmt(c->arena, "/import/map?id=%lld", (long long)maps.items[i].id),
                  .cells = cells};
    }
    if (n) *out = titled(c, N_("Saved maps"), import_plain_list(c, columns, 3, rows, n, ""));
    return OK;
}

static Err first_page(Ctx *c, const PageArgs *args, Page *out) {
    ImportRuns mine, others;
    Block *form, *template, *maps;
    TRY(import_upload_form(&form, c, args->query));
    TRY(runs_of(&others, c, IMPORT_TO_RELEASE));
    TRY(runs_of(&mine, c, IMPORT_MINE));
    TRY(templates(&template, c));
    TRY(maps_list(&maps, c));
    view_put(c->arena, out->body, runs_list(c, &others, N_("Waiting for your release")));
    view_put(c->arena, out->body, form);
    view_put(c->arena, out->body, template);
    view_put(c->arena, out->body, runs_list(c, &mine, N_("My imports")));
    view_put(c->arena, out->body, maps);
    out->main = form;
    return OK;
}

/* ---- smaller pages ---- */

static Err template_page(Ctx *c, const PageArgs *args, Page *out) {
    const Type *t = model_type(c->model, input_getz(args->query, "type"));
    PageFile *file = NEW(c->arena, PageFile);
    bool may = false;
    if (t) TRY(import_may(&may, c, t));
    if (!may) return ERR_MISSING;
    TRY(template_write(&file->fd, &file->size, c, t));
    file->name = str_fmt(c->arena, "%s-%s.xlsx", t->plural, lang_code(c->lang));
    file->content_type = S("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    out->file = file;
    return OK;
}

static Err undo_page(Ctx *c, const PageArgs *args, Page *out) {
    Seen seen;
    TRY(seen_find(&seen, c, input_getz(args->query, "run")));
    if (!seen.is_mine || !str_is(seen.run.state, "done")) return ERR_CONFLICT;
    FormField *field = NEW(c->arena, FormField);
    FormGroup *group = NEW(c->arena, FormGroup);
    Str *id = NEW(c->arena, Str);
    *id = str_fmt(c->arena, "%lld", (long long)seen.run.id);
    *field = (FormField){.name = S("run"), .kind = INPUT_HIDDEN, .values = id, .n_values = 1};
    *group = (FormGroup){.fields = field, .n = 1};
    Block *b = view_block(c->arena, BLOCK_FORM);
    b->form =
        (FormView){.action = S("/import/undo"),
                   .groups = group,
                   .n_groups = 1,
                   .submit_label = TRS(c, N_("Take back")),
                   .cancel = {.label = TRS(c, N_("Cancel")), .href = run_href(c, &seen.run, "")}};
    out->title = TRS(c, N_("Take back the import"));
    view_put(
        c->arena, out->body,
        notice(
            c, TONE_WARN, NULL,
            TRS(c, N_("Records that the import made go again, records that it changed say what "
                      "they said before. What somebody has changed since stays. The history keeps "
                      "both."))));
    view_put(c->arena, out->body, b);
    out->main = b;
    return OK;
}

static Err map_page(Ctx *c, const PageArgs *args, Page *out) {
    SavedMaps maps;
    int64_t id;
    if (!str_to_int(&id, input_getz(args->query, "id"))) return ERR_MISSING;
    TRY(saved_map_list(&maps, c));
    for (size_t i = 0; i < maps.n; i++) {
        const SavedMap *m = &maps.items[i];
        const Type *t = model_type(c->model, m->type);
        bool may = false;
        if (m->id != id || !t) continue;
        TRY(import_may(&may, c, t));
        if (!may) return ERR_MISSING;
        out->title = m->name;
        out->eyebrow = TRS(c, N_("Map"));
        out->subtitle = TRS(c, t->plural_label);
        page_kit_trail(out, c->arena, TRS(c, N_("Import")), S("/import"));
        out->main = view_text(c->arena, TEXT_CODE, TONE_NONE, (Str){0}, m->text);
        view_put(c->arena, out->body, out->main);
        if (m->by != c->actor->user) return OK;
        Button *b = NEW(c->arena, Button);
        *b = (Button){.label = TRS(c, N_("Remove")),
                      .href = S("/import/forget"),
                      .is_post = true,
                      .is_danger = true,
                      .name = S("id"),
                      .value = str_fmt(c->arena, "%lld", (long long)id)};
        out->buttons = b;
        out->n_buttons = 1;
        return OK;
    }
    return ERR_MISSING;
}

static Err build(Ctx *c, const PageArgs *args, Page *out) {
    Seen seen;
    out->title = TRS(c, N_("Import"));
    out->nav = "/import";
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    if (str_is(args->rest, "template")) return template_page(c, args, out);
    if (str_is(args->rest, "undo")) return undo_page(c, args, out);
    if (str_is(args->rest, "map")) return map_page(c, args, out);
    if (str_is(args->rest, "columns")) {
        TRY(seen_find(&seen, c, input_getz(args->query, "run")));
        return seen.is_mine ? import_columns_page(c, &seen.run, args->query, out) : ERR_MISSING;
    }
    if (args->rest.n) return ERR_MISSING;
    if (input_getz(args->query, "run").n) return run_page(c, args, out);
    return first_page(c, args, out);
}

/* ---- what is sent ---- */

static Err apply(Ctx *c, const Seen *seen) {
    ImportReport r;
    if (!seen->is_mine || seen->run.takeover) return ERR_DENIED;
    import_report_read(&r, c->arena, seen->run.report);
    if (seen->run.all_or_nothing && r.n_rejected) return ERR_CONFLICT;
    return import_run_move(c, seen->run.id, "checked", "queued");
}

/* What was pressed says more than that something is saved; where the page says it, no notice. */
static const char *notice_of(Str action) {
    if (str_is(action, "apply") || str_is(action, "release")) return "import_runs";
    if (str_is(action, "ask")) return "proposed";
    if (str_is(action, "cancel")) return "import_stops";
    if (str_is(action, "undo")) return "import_back";
    return NULL;
}

static Err act(Ctx *c, const Seen *seen, Str action) {
    int64_t id = seen->run.id;
    if (str_is(action, "apply")) return apply(c, seen);
    if (str_is(action, "release")) /* four eyes */
        return seen->is_one ? ERR_DENIED : import_run_release(c, id);
    if (str_is(action, "refuse") && !seen->is_one)
        return import_run_move(c, id, "approval", "discarded");
    if (!seen->is_mine) return ERR_DENIED;
    if (str_is(action, "ask")) return seen->run.takeover ? import_run_ask(c, id) : ERR_CONFLICT;
    if (str_is(action, "discard"))
        return import_run_move(c, id, "waiting checked refused approval queued", "discarded");
    if (str_is(action, "cancel")) return import_run_cancel(c, id);
    if (str_is(action, "undo")) return import_run_undo(c, id);
    return ERR_MISSING;
}

static Err post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) {
    Seen seen;
    int64_t id;
    if (!c->actor->user || c->actor->is_read_only) return ERR_DENIED;
    if (!args->rest.n) {
        *args->notice = "file_sent";
        return import_upload(c, form, redirect);
    }
    if (str_is(args->rest, "forget")) {
        *args->notice = "deleted";
        *redirect = S("/import");
        return str_to_int(&id, input_getz(form, "id")) ? saved_map_remove(c, id) : ERR_MISSING;
    }
    TRY(seen_find(&seen, c, input_getz(form, "run")));
    if (str_is(args->rest, "columns")) {
        *args->notice = "file_again";
        return seen.is_mine ? import_columns_post(c, &seen.run, form, redirect) : ERR_DENIED;
    }
    *args->notice = notice_of(args->rest);
    TRY(act(c, &seen, args->rest));
    *redirect = run_href(c, &seen.run, "");
    return OK;
}

/* clang-format off */
const PageDef import_pages[] = {
    {.path = "/import", .label = N_("Import"), .right = "role:admin organisation methodology finance analyst head_orm", .build = build, .nav = "administration", .icon = "upload", .post = post, .creates = true},
    {0}
};
/* clang-format on */
