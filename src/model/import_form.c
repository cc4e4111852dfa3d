/* import_form.c: sending a file: which list it is for, which map reads it, what is to happen with
 * bad rows. The file is stored and waits for its check; nothing of it is read here.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/import_page.h"
#include "store/file_store.h"

static Err type_options(FormField *out, Ctx *c) {
    FilterOption *options = NEW_N(c->arena, FilterOption, c->model->n_types + 1);
    size_t n = 0;
    for (size_t i = 0; i < c->model->n_types; i++) {
        const Type *t = &c->model->types[i];
        bool may;
        TRY(import_may(&may, c, t));
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

static Str built_label(Ctx *c, const BuiltMap *m) {
    ImportMap *map;
    Str why;
    bool has_label = map_parse(&map, &why, c->arena, str_of(m->text)) == OK && map->label.n;
    return has_label ? map->label : str_of(m->name);
}

static Err map_options(FormField *out, Ctx *c) {
    SavedMaps saved;
    size_t n = 0, most = 0;
    TRY(saved_map_list(&saved, c));
    for (const BuiltMap *m = import_maps; m->name; m++) most++;
    FilterOption *options = NEW_N(c->arena, FilterOption, most + saved.n + 1);
    for (size_t i = 0; i < saved.n; i++) {
        const Type *t = model_type(c->model, saved.items[i].type);
        bool may = false;
        if (t) TRY(import_may(&may, c, t));
        if (may)
            options[n++] = (FilterOption){
                .value = saved.items[i].name,
                .label = FILL(c, TR(c, "{0} ({1})"), saved.items[i].name, TRS(c, t->plural_label))};
    }
    for (const BuiltMap *m = import_maps; m->name; m++)
        options[n++] = (FilterOption){.value = str_of(m->name), .label = built_label(c, m)};
    *out = (FormField){
        .name = S("map"),
        .label = TRS(c, N_("Map")),
        .kind = INPUT_CHOICE,
        .options = options,
        .n_options = n,
        .help = TRS(
            c, N_("Says which column fills which field. “None”: by the names of the columns. After "
                  "the check you can choose the columns yourself and save that under a name."))};
    return OK;
}

void import_keep_typed(Ctx *c, FormField *f, const Input *typed) {
    if (typed && input_has(typed, f->name)) {
        Str *value = NEW(c->arena, Str);
        *value = input_get(typed, f->name);
        f->values = value;
        f->n_values = value->n ? 1 : 0;
    }
    f->errors = page_kit_errors(&f->n_errors, c, f->name);
}

Err import_upload_form(Block **out, Ctx *c, const Input *typed) {
    enum { FIELDS = 5 };
    FormField *fields = NEW_N(c->arena, FormField, FIELDS);
    FormGroup *group = NEW(c->arena, FormGroup);
    TRY(type_options(&fields[0], c));
    fields[1] = (FormField){.name = S("file"),
                            .label = TRS(c, N_("File")),
                            .kind = INPUT_FILE,
                            .is_required = true,
                            .help = TRS(c, N_("CSV, Excel (xlsx) or JSON, at most 25 MiB."))};
    TRY(map_options(&fields[2], c));
    fields[3] = (FormField){.name = S("all_or_nothing"),
                            .label = TRS(c, N_("Import nothing when a row is rejected")),
                            .kind = INPUT_BOOL};
    fields[4] = (FormField){
        .name = S("takeover"),
        .label =
            TRS(c, N_("Take over history: states and accepted entries as the file gives them")),
        .kind = INPUT_BOOL,
        .help = TRS(c, N_("A second person who may import this list releases it. Without it, new "
                          "records begin at the first step."))};
    for (size_t i = 0; i < FIELDS; i++) import_keep_typed(c, &fields[i], typed);
    *group = (FormGroup){.fields = fields, .n = FIELDS};
    *out = view_block(c->arena, BLOCK_FORM);
    (*out)->id = "send";
    (*out)->form = (FormView){.action = S("/import"),
                              .groups = group,
                              .n_groups = 1,
                              .submit_label = TRS(c, N_("Check the file")),
                              .has_files = true};
    return OK;
}

/* ---- what is sent ---- */

static const InputFile *only_file(Ctx *c, const Input *form) {
    const InputFile *file = NULL;
    for (size_t i = 0; i < form->n_files; i++) {
        if (!str_is(form->files[i].field, "file") || !form->files[i].bytes.n) continue;
        if (file) issue(c, "file", "many", N_("Choose one file; send others one after the other."));
        file = &form->files[i];
    }
    if (!file) issue(c, "file", "required", N_("Choose a file."));
    if (file && file->bytes.n > TABLE_MAX_FILE)
        issue(c, "file", "too_large", N_("The file is larger than 64 MiB."));
    return file;
}

static Err find_map(ImportRun *run, Ctx *c, Str name) {
    SavedMap saved;
    const BuiltMap *built = map_built_in(name);
    run->map = name;
    if (!name.n) return OK;
    if (built) {
        run->map_text = str_of(built->text);
        return OK;
    }
    Err e = saved_map_find(&saved, c, name);
    if (e == ERR_MISSING) return issue(c, "map", "unknown", N_("There is no such map."));
    TRY(e);
    run->map_text = saved.text;
    if (run->type && !str_is(saved.type, run->type->name))
        return issue_arg(c, "map", "type", N_("The map is for another list: {0}."), saved.type);
    return OK;
}

Err import_upload(Ctx *c, const Input *form, Str *redirect) {
    ImportRun run = {.type = model_type(c->model, input_getz(form, "type")),
                     .by = c->actor->user,
                     .state = S("waiting")};
    bool may = false, is_one;
    if (run.type) TRY(import_may(&may, c, run.type));
    if (!may) issue(c, "type", "denied", N_("You may not import this list."));
    if (may) TRY(import_run_is_actors(&is_one, &run.acting_for, c, &run));
    Err e = find_map(&run, c, input_getz(form, "map"));
    if (e && e != ERR_INVALID) return e;
    const InputFile *file = only_file(c, form);
    if (c->issues.errors) return ERR_INVALID;
    TRY(file_store_put(&run.stored, c->db, file->name, file_store_sniff(file->bytes), file->bytes,
                       c->actor->user, c->now_us));
    run.file = file_store_clean_name(c->arena, file->name);
    run.all_or_nothing = str_is(input_getz(form, "all_or_nothing"), "true");
    run.takeover =
        str_is(input_getz(form, "takeover"), "true") || (run.type->flags & TYPE_TWO_PERSONS);
    TRY(import_run_add(&run.id, c, &run));
    *redirect = str_fmt(c->arena, "/import?run=%lld", (long long)run.id);
    return OK;
}
