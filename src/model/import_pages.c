/* import_pages.c: importing in the browser: a file is stored, checked on the reading side, shown
 * row by row and only then applied, with the rights of the person. More than 5,000 rows are for the
 * command line. Knows no HTTP and no markup. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/import.h"
#include "model/page_kit.h"
#include "store/file_store.h"

typedef struct Run {
    int64_t id, stored;
    const Type *type;
    Str file, map, state;
    bool all_or_nothing;
} Run;

/* ---- the result as a block ---- */

static Fact fact(Ctx *c, const char *name, const char *label, int64_t n) {
    return (Fact){.name = name, .label = TRS(c, label), .cell = cell_int(n)};
}

static Block *figures_block(Ctx *c, const ImportReport *r, bool is_done) {
    Block *b = view_block(c->arena, BLOCK_FACTS);
    Fact *facts = NEW_N(c->arena, Fact, 5);
    facts[0] = fact(c, "read", N_("Rows read"), r->read);
    facts[1] = fact(c, "created", is_done ? N_("Rows created") : N_("To create"), r->created);
    facts[2] = fact(c, "updated", is_done ? N_("Rows updated") : N_("To update"), r->updated);
    facts[3] = fact(c, "unchanged", N_("Unchanged"), r->unchanged);
    facts[4] = fact(c, "rejected", N_("Rejected"), r->n_rejected);
    b->facts = (FactsView){.facts = facts, .n = 5, .is_headline = true};
    return b;
}

static Block *plain_list(Ctx *c, const Column *columns, size_t n_columns, const Row *rows, size_t n,
                         const char *empty) {
    Block *b = view_block(c->arena, BLOCK_LIST);
    b->list = (ListView){.columns = columns,
                         .n_columns = n_columns,
                         .rows = rows_of_array(c->arena, rows, n),
                         .total = (int64_t)n,
                         .total_is_exact = true,
                         .empty_title = TRS(c, empty),
                         .is_plain = true};
    return b;
}

static Column column(Ctx *c, const char *name, const char *label, CellKind kind) {
    return (Column){.name = name, .label = TRS(c, label), .kind = kind};
}

static Block *rejected_block(Ctx *c, const ImportReport *r) {
    size_t n = r->n_reasons < IMPORT_MOST_SHOWN ? r->n_reasons : IMPORT_MOST_SHOWN;
    Column *columns = NEW_N(c->arena, Column, 4);
    Row *rows = NEW_N(c->arena, Row, n + 1);
    columns[0] = column(c, "row", N_("Row"), CELL_INT);
    columns[1] = column(c, "sheet", N_("Sheet"), CELL_TEXT);
    columns[2] = column(c, "column", N_("Column"), CELL_TEXT);
    columns[3] = column(c, "reason", N_("Reason"), CELL_LABEL);
    for (size_t i = 0; i < n; i++) {
        const ImportReject *x = &r->rejected[i];
        Cell *cells = NEW_N(c->arena, Cell, 4);
        cells[0] = cell_int(x->row);
        cells[1] = cell_text(x->sheet);
        cells[2] = cell_text(x->column);
        cells[3] = cell_label((Str){0}, x->reason);
        rows[i] = (Row){.cells = cells};
    }
    return plain_list(c, columns, 4, rows, n, N_("No row is rejected."));
}

static Cell action_cell(Ctx *c, ImportAction action) {
    switch (action) {
    case IMPORT_CREATE: return cell_state(S("create"), TRS(c, N_("Create")), TONE_GOOD);
    case IMPORT_UPDATE: return cell_state(S("update"), TRS(c, N_("Update")), TONE_INFO);
    case IMPORT_REJECT: return cell_state(S("reject"), TRS(c, N_("Reject")), TONE_BAD);
    default: return cell_state(S("unchanged"), TRS(c, N_("Unchanged")), TONE_MUTED);
    }
}

static Block *lines_block(Ctx *c, const ImportReport *r) {
    Column *columns = NEW_N(c->arena, Column, 4);
    Row *rows = NEW_N(c->arena, Row, r->n_lines + 1);
    columns[0] = column(c, "row", N_("Row"), CELL_INT);
    columns[1] = column(c, "action", N_("What happens"), CELL_STATE);
    columns[2] = column(c, "number", N_("Number"), CELL_CODE);
    columns[3] = column(c, "text", N_("Title"), CELL_TEXT);
    for (size_t i = 0; i < r->n_lines; i++) {
        const ImportLine *x = &r->lines[i];
        Cell *cells = NEW_N(c->arena, Cell, 4);
        cells[0] = cell_int(x->row);
        cells[1] = action_cell(c, x->action);
        cells[2] = x->number.n ? cell_code(x->number) : (Cell){0};
        cells[3] = cell_text(x->text);
        rows[i] = (Row){.cells = cells};
    }
    return plain_list(c, columns, 4, rows, r->n_lines, N_("The file has no rows."));
}

Err import_block(Block **out, Ctx *c, const ImportReport *r, bool is_done) {
    *out = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, *out, figures_block(c, r, is_done));
    if (r->n_ignored) {
        Text t = text_new(c->arena, 0);
        for (size_t i = 0; i < r->n_ignored; i++) {
            if (i) text_addz(&t, TR(c, ", "));
            text_add(&t, r->ignored[i]);
        }
        view_put(c->arena, *out,
                 view_text(c->arena, TEXT_NOTICE, TONE_WARN,
                           TRS(c, N_("These columns are not imported")), text_str(&t)));
    }
    if (r->n_reasons) {
        Block *section = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Rejected rows")));
        view_put(c->arena, section, rejected_block(c, r));
        view_put(c->arena, *out, section);
    }
    if (is_done) return OK;
    Block *section = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Row by row")));
    view_put(c->arena, section, lines_block(c, r));
    view_put(c->arena, *out, section);
    return OK;
}

/* ---- a run ---- */

static Err run_find(Run *out, Ctx *c, Str id_text) {
    int64_t id;
    bool exists, found;
    Rows *r;
    if (!str_to_int(&id, id_text)) return ERR_MISSING;
    TRY(db_table_exists(&exists, c->db, "import_run"));
    if (!exists) return ERR_MISSING;
    TRY(db_rows(
        &r, c->db, c->arena,
        "SELECT type, file, map, stored, state, mode FROM import_run WHERE id = $1 AND \"by\" = $2",
        ARGS(db_int(id), db_int(c->actor->user))));
    TRY(rows_next(&found, r));
    if (!found) return ERR_MISSING;
    *out = (Run){.id = id,
                 .type = model_type(c->model, rows_text(r, 0)),
                 .file = rows_copy(r, 1),
                 .map = rows_copy(r, 2),
                 .stored = rows_int(r, 3),
                 .state = rows_copy(r, 4),
                 .all_or_nothing = str_is(rows_text(r, 5), "all")};
    rows_close(r);
    return out->type && out->stored ? OK : ERR_MISSING;
}

static Err stored_bytes(Str *out, Ctx *c, int64_t id) {
    StoredFile f;
    Str part;
    TRY(file_store_find(&f, c->db, c->arena, id)); /* swept after a day */
    if (f.size > TABLE_MAX_FILE) return ERR_MISSING;
    Text t = text_new(c->arena, TABLE_MAX_FILE + 1);
    for (int64_t i = 0;; i++) {
        TRY(file_store_part(&part, c->db, c->arena, id, i));
        if (!part.n) break;
        text_add(&t, part);
    }
    *out = text_str(&t);
    return OK;
}

static Err run_plan(ImportPlan **out, Ctx *c, const Run *run) {
    Str bytes;
    const BuiltMap *map = map_built_in(run->map);
    ImportOptions options = {.map = map ? str_of(map->text) : (Str){0},
                             .map_name = run->map,
                             .file_name = run->file,
                             .all_or_nothing = run->all_or_nothing,
                             .run = run->id};
    TRY(stored_bytes(&bytes, c, run->stored));
    TRY(import_plan(out, c, run->type, bytes, &options));
    return import_check(*out, c);
}

/* ---- the form ---- */

static Err may_import(bool *out, Ctx *c, const Type *t) {
    const Access *a;
    TRY(access_of(&a, c, t, OP_IMPORT));
    *out = !(t->flags & TYPE_NO_PAGES) && access_any(a);
    return OK;
}

static Err type_options(FormField *out, Ctx *c) {
    FilterOption *options = NEW_N(c->arena, FilterOption, c->model->n_types + 1);
    size_t n = 0;
    for (size_t i = 0; i < c->model->n_types; i++) {
        const Type *t = &c->model->types[i];
        bool may;
        TRY(may_import(&may, c, t));
        if (may)
            options[n++] =
                (FilterOption){.value = str_of(t->name), .label = TRS(c, t->plural_label)};
    }
    *out = (FormField){.name = S("type"),
                       .label = TRS(c, N_("List")),
                       .kind = INPUT_CHOICE,
                       .options = options,
                       .n_options = n,
                       .is_required = true};
    return n ? OK : ERR_DENIED;
}

static FormField map_options(Ctx *c) {
    size_t n = 0, most = 1;
    for (const BuiltMap *m = import_maps; m->name; m++) most++;
    FilterOption *options = NEW_N(c->arena, FilterOption, most);
    options[n++] = (FilterOption){.label = TRS(c, N_("By the names of the columns"))};
    for (const BuiltMap *m = import_maps; m->name; m++) {
        ImportMap *map;
        Str why;
        bool has_label = map_parse(&map, &why, c->arena, str_of(m->text)) == OK && map->label.n;
        options[n++] = (FilterOption){.value = str_of(m->name),
                                      .label = has_label ? map->label : str_of(m->name)};
    }
    return (FormField){.name = S("map"),
                       .label = TRS(c, N_("Map")),
                       .kind = INPUT_CHOICE,
                       .options = options,
                       .n_options = n,
                       .help = TRS(c, N_("Says which column fills which field."))};
}

static void keep_typed(Ctx *c, FormField *f, const Input *typed) {
    Str *value = NEW(c->arena, Str);
    *value = input_get(typed, f->name);
    if (value->n) {
        f->values = value;
        f->n_values = 1;
    }
    f->errors = page_kit_errors(&f->n_errors, c, f->name);
}

static Err form_block(Block **out, Ctx *c, const Input *typed) {
    FormField *fields = NEW_N(c->arena, FormField, 4);
    FormGroup *group = NEW(c->arena, FormGroup);
    TRY(type_options(&fields[0], c));
    fields[1] = map_options(c);
    fields[2] = (FormField){.name = S("file"),
                            .label = TRS(c, N_("File")),
                            .kind = INPUT_FILE,
                            .is_required = true,
                            .help = TRS(c, N_("CSV, Excel (xlsx) or JSON, at most 5,000 rows."))};
    fields[3] = (FormField){.name = S("all_or_nothing"),
                            .label = TRS(c, N_("Import nothing when a row is rejected")),
                            .kind = INPUT_BOOL};
    for (size_t i = 0; i < 4; i++) keep_typed(c, &fields[i], typed);
    *group = (FormGroup){.fields = fields, .n = 4};
    *out = view_block(c->arena, BLOCK_FORM);
    (*out)->form = (FormView){.action = S("/import"),
                              .groups = group,
                              .n_groups = 1,
                              .submit_label = TRS(c, N_("Check the file")),
                              .has_files = true};
    return OK;
}

static Block *apply_form(Ctx *c, const Run *run) {
    FormField *field = NEW(c->arena, FormField);
    FormGroup *group = NEW(c->arena, FormGroup);
    Str *id = NEW(c->arena, Str);
    *id = str_fmt(c->arena, "%lld", (long long)run->id);
    *field = (FormField){.name = S("run"), .kind = INPUT_HIDDEN, .values = id, .n_values = 1};
    *group = (FormGroup){.fields = field, .n = 1};
    Block *b = view_block(c->arena, BLOCK_FORM);
    b->form = (FormView){.action = S("/import"),
                         .groups = group,
                         .n_groups = 1,
                         .submit_label = TRS(c, N_("Import")),
                         .cancel = {.label = TRS(c, N_("Cancel")), .href = S("/import")}};
    return b;
}

static Err run_page(Ctx *c, const PageArgs *args, Page *out) {
    Run run;
    ImportPlan *p;
    Block *result;
    TRY(run_find(&run, c, input_getz(args->query, "run")));
    out->subtitle = run.file;
    Err e = run_plan(&p, c, &run);
    if (e == ERR_INVALID) {
        for (size_t i = 0; i < c->issues.n; i++)
            view_put(c->arena, out->body,
                     view_text(c->arena, TEXT_NOTICE, TONE_BAD, run.file,
                               issue_text(c, &c->issues.items[i])));
        return OK;
    }
    TRY(e);
    bool is_done = str_is(run.state, "done"), is_large = import_rows(p) > IMPORT_ONE_TRANSACTION;
    if (is_done)
        view_put(c->arena, out->body,
                 view_text(c->arena, TEXT_NOTICE, TONE_GOOD, TRS(c, N_("The file is imported.")),
                           TRS(c, N_("Checked once more, it now says:"))));
    else if (is_large)
        view_put(
            c->arena, out->body,
            view_text(
                c->arena, TEXT_NOTICE, TONE_WARN, (Str){0},
                TRS(c, N_("More than 5,000 rows are imported with the command gardefou import."))));
    TRY(import_block(&result, c, &p->report, false));
    view_put(c->arena, out->body, result);
    if (!is_done && !is_large && p->report.created + p->report.updated)
        view_put(c->arena, out->body, apply_form(c, &run));
    return OK;
}

static Err build(Ctx *c, const PageArgs *args, Page *out) {
    Block *form;
    out->title = TRS(c, N_("Import"));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    if (input_getz(args->query, "run").n) return run_page(c, args, out);
    TRY(form_block(&form, c, args->query));
    view_put(c->arena, out->body, form);
    out->main = form;
    return OK;
}

/* ---- what is sent ---- */

static Err store(Ctx *c, const Input *form, Str *redirect) {
    const Type *t = model_type(c->model, input_getz(form, "type"));
    Str map = input_getz(form, "map");
    const InputFile *file = NULL;
    int64_t stored, id;
    bool may = false, found;
    for (size_t i = 0; i < form->n_files; i++)
        if (str_is(form->files[i].field, "file") && form->files[i].bytes.n) file = &form->files[i];
    if (t) TRY(may_import(&may, c, t));
    if (!may) issue(c, "type", "denied", N_("You may not import this list."));
    if (map.n && !map_built_in(map)) issue(c, "map", "unknown", N_("There is no such map."));
    if (!file) issue(c, "file", "required", N_("Choose a file."));
    if (c->issues.errors) return ERR_INVALID;
    if (file->bytes.n > TABLE_MAX_FILE)
        return issue(c, "file", "too_large", N_("The file is larger than 64 MiB."));
    TRY(file_store_put(&stored, c->db, file->name, file_store_sniff(file->bytes), file->bytes,
                       c->actor->user, c->now_us));
    Str name = file_store_clean_name(c->arena, file->name);
    bool all = str_is(input_getz(form, "all_or_nothing"), "true");
    TRY(db_get_int(
        &id, &found, c->db,
        "INSERT INTO import_run (type, file, map, mode, stored, at, \"by\", state) VALUES ($1, $2, $3, $4, $5, $6, $7, 'checked') RETURNING id",
        ARGS(db_textz(t->name), db_text_or_null(name), db_text_or_null(map),
             db_textz(all ? "all" : "each"), db_int(stored), db_int(c->now_us),
             db_int(c->actor->user))));
    *redirect = str_fmt(c->arena, "/import?run=%lld", (long long)id);
    return OK;
}

static Err post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) {
    Run run;
    ImportPlan *p;
    bool done;
    (void)args;
    if (!c->actor->user || c->actor->is_read_only) return ERR_DENIED;
    Str id = input_getz(form, "run");
    if (!id.n) return store(c, form, redirect);
    TRY(run_find(&run, c, id));
    if (!str_is(run.state, "checked")) return ERR_CONFLICT;
    TRY(run_plan(&p, c, &run));
    if (import_rows(p) > IMPORT_ONE_TRANSACTION)
        return issue(c, "file", "too_many",
                     N_("More than 5,000 rows are imported with the command gardefou import."));
    if (run.all_or_nothing && p->report.n_rejected)
        return issue(c, "file", "rejected",
                     N_("Nothing was imported, because some rows cannot be."));
    TRY(import_begin(p, c));
    TRY(import_apply(p, c, 0, &done));
    TRY(import_finish(p, c));
    *redirect = str_fmt(c->arena, "/import?run=%lld", (long long)run.id);
    return OK;
}

/* clang-format off */
const PageDef import_pages[] = {
    {.path = "/import", .label = N_("Import"), .right = "role:admin organisation methodology finance analyst head_orm", .build = build, .nav = "administration", .icon = "upload", .post = post, .creates = true},
    {0}
};
/* clang-format on */
