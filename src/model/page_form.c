/* page_form.c: the form of a new record or of a change, and the small form of a transition. Shows
 * only what this person may write now; what was typed is never lost. Saves nothing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/page_field.h"

#include "model/field.h"
#include "model/save.h"

typedef struct Form {
    Ctx *c;
    const Type *type;
    const Record *values; /* the record, or a new one with its defaults */
    const Input *typed;
    FieldSet hidden;
    bool is_new;
    bool is_long; /* too much for one look: what asks for nothing now is folded */
} Form;

enum { LONG_FORM = 40 };

/* ---- which fields ---- */

/* What the form says of another field: as it was typed, else as it is stored. A box that was sent
 * empty is not sent at all. */
static bool answer_is(const Form *form, const Field *other, Str values) {
    const Input *typed = form->typed;
    Str name = str_of(other->name), given = {0}, one, rest = values;
    if (!page_field_is_typed(typed, name) && !(typed && typed->n && other->kind == KIND_BOOL))
        return save_says(form->values,
                         str_fmt(form->c->arena, "%s=%.*s", other->name, FMT(values)).p);
    for (size_t k = 0; input_nth(&one, typed, name, k); k++) given = one;
    if (other->kind == KIND_BOOL) return str_is(values, str_is(given, "true") ? "true" : "false");
    while (str_cut(&one, &rest, '|'))
        if (str_eq(given, one)) return true;
    return false;
}

/* The field that "field=value" asks, with the values that it takes; NULL: always shown. */
static const Field *asks_about(const Form *form, const Field *f, Str *values) {
    Str name;
    *values = str_of(f->only_if);
    return values->n && str_cut(&name, values, '=') ? type_field(form->type, name) : NULL;
}

static Str answer_label(Ctx *c, const Field *other, Str value) {
    if (other->kind == KIND_BOOL) return TRS(c, str_is(value, "true") ? N_("Yes") : N_("No"));
    for (size_t i = 0; i < other->n_choices; i++)
        if (str_is(value, other->choices[i].key)) return TRS(c, other->choices[i].label);
    return value;
}

static void condition_help(FormField *out, Ctx *c, const Field *other, Str values) {
    Str words = {0}, one;
    while (str_cut(&one, &values, '|')) {
        Str label = answer_label(c, other, one);
        words = words.n ? FILL(c, TR(c, N_("{0}” or “{1}")), words, label) : label;
    }
    Str only = FILL(c, TR(c, "Only when {0} is “{1}”."), TRS(c, other->label), words);
    out->help = out->help.n ? str_fmt(c->arena, "%.*s %.*s", FMT(out->help), FMT(only)) : only;
    out->is_required = false;
}

/* What is there and may not be seen stays when nothing else is chosen, so nothing need be. */
static void unseen_help(FormField *out, Ctx *c) {
    Str keeps = TRS(c, N_("It names something that you may not see. Left empty, it stays."));
    out->help = out->help.n ? str_fmt(c->arena, "%.*s %.*s", FMT(out->help), FMT(keeps)) : keeps;
    out->is_required = false;
}

static bool is_writable(const Form *form, const Field *f) {
    if (f->flags & F_HIDDEN || fieldset_has(form->hidden, f->index)) return false;
    return save_field_writable(f, form->values, form->is_new);
}

static bool needed_to_leave(const Form *form, const Field *f) {
    return f->leave_rank != INT32_MAX && form->values->state &&
           f->leave_rank <= form->values->state->rank;
}

/* A value that was typed or stored is never out of sight. */
static bool holds_something(const FormField *f) {
    if (f->n_errors || f->n_child_rows) return true;
    if (f->kind == INPUT_BOOL) return f->n_values && str_is(f->values[0], "true");
    for (size_t i = 0; i < f->n_values; i++)
        if (f->values[i].n) return true;
    return false;
}

static Err add_field(FormField *out, const Form *form, const Field *f) {
    Ctx *c = form->c;
    Str value;
    const Field *other = asks_about(form, f, &value);
    TRY(page_kit_form_field(out, c, f, form->values, form->typed));
    int rank = form->values->state ? form->values->state->rank : 0;
    if (f->leave_rank < rank) out->is_required = true;
    if (other) {
        condition_help(out, c, other, value);
        out->only_if = str_of(f->only_if);
        out->is_off = !holds_something(out) && !answer_is(form, other, value);
    } else if (!out->is_required && needed_to_leave(form, f)) {
        Str next = TRS(c, N_("Needed before the next step."));
        out->help = out->help.n ? str_fmt(c->arena, "%.*s %.*s", FMT(out->help), FMT(next)) : next;
        out->is_optional_part = false;
    }
    if (out->is_required || out->n_errors) out->is_optional_part = false;
    if (field_has_unseen(c, f, form->values->values[f->index])) unseen_help(out, c);
    /* The parent is given by where one comes from; it stays what it is. */
    if (f == form->type->parent && out->n_values) {
        out->kind = INPUT_HIDDEN;
        out->options = NULL;
        out->n_options = 0;
    }
    return OK;
}

static int turn_of(const Form *form, const FormField *field, const Field *f) {
    if (field->is_required) return 0;
    if (needed_to_leave(form, f)) return 1;
    return field->is_optional_part ? 3 : 2;
}

/* Does the field ask for a look now: is it needed and empty, or what this very state is about? */
static bool asks_now(const Form *form, const FormField *field, const Field *f) {
    if (field->n_errors || (form->is_new && field->is_required)) return true;
    if (form->values->state && f->leave_rank == form->values->state->rank) return true;
    return (field->is_required || needed_to_leave(form, f)) && !holds_something(field);
}

static void count_fields(FormGroup *group) {
    for (size_t i = 0; i < group->n; i++) {
        const FormField *f = &group->fields[i];
        if (f->kind == INPUT_HIDDEN || f->is_off) continue;
        group->n_shown++;
        group->n_filled += holds_something(f) && !f->is_default;
    }
}

static bool of_group(const Form *form, const Field *f, const FieldGroup *group) {
    const FieldGroup *first = form->type->def->groups;
    if (!group) return !first;
    return f->group ? !strcmp(f->group, group->name) : group == first;
}

static bool is_people(const Form *form, const Field *f) {
    return (form->type->flags & TYPE_CONFIDENTIAL) && !strcmp(f->name, "readers");
}

static Err fill_group(FormGroup *out, const Form *form, const FieldGroup *group) {
    Ctx *c = form->c;
    const Type *t = form->type;
    FormField *found = NEW_N(c->arena, FormField, t->n_fields + 1);
    int *turns = NEW_N(c->arena, int, t->n_fields + 1);
    size_t n = 0;
    bool asks = false;
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        if (!of_group(form, f, group) || is_people(form, f) || !is_writable(form, f)) continue;
        TRY(add_field(&found[n], form, f));
        turns[n] = turn_of(form, &found[n], f);
        asks |= asks_now(form, &found[n], f);
        n++;
    }
    FormField *fields = NEW_N(c->arena, FormField, n + 1);
    size_t put = 0, folded = 0;
    for (int turn = 0; turn < 4; turn++)
        for (size_t i = 0; i < n; i++)
            if (turns[i] == turn) fields[put++] = found[i];
    for (size_t i = 0; i < n; i++) folded += turns[i] == 3;
    *out = (FormGroup){
        .fields = fields, .n = n, .is_folded = n && (folded == n || (form->is_long && !asks))};
    count_fields(out);
    if (!group) return OK;
    out->label = TRS(c, group->label);
    out->text = group->text ? TRS(c, group->text) : (Str){0};
    return OK;
}

/* ---- place and people: what the engine keeps of every record ---- */

static Err unit_field(FormField *out, const Form *form) {
    Ctx *c = form->c;
    const Type *unit = model_need(c->model, "unit");
    Field f = {.name = "unit",
               .label = N_("Unit"),
               .kind = KIND_UNIT,
               .target = unit,
               .flags = F_REQUIRED,
               .help = N_("The unit where it happened or that it belongs to.")};
    Value v = form->values->unit ? value_int(form->values->unit) : (Value){0};
    return page_field_fill(out, c, &f, form->values, v, S("unit"), form->typed);
}

static Err owner_field(FormField *out, const Form *form) {
    Ctx *c = form->c;
    const Type *user = model_need(c->model, "user");
    Field f = {.name = "owner",
               .label = N_("Owner"),
               .kind = KIND_USER,
               .target = user,
               .flags = F_MORE,
               .help = N_("Who follows it to the end.")};
    Value v = form->values->owner ? value_int(form->values->owner) : (Value){0};
    return page_field_fill(out, c, &f, form->values, v, S("owner"), form->typed);
}

static Err restricted_field(FormField *out, const Form *form) {
    Ctx *c = form->c;
    Field f = {.name = "restricted",
               .label = N_("Restricted"),
               .kind = KIND_BOOL,
               .flags = F_MORE,
               .help =
                   N_("Only those who handle restricted cases, and the people named, may see it.")};
    Value v = value_int(form->values->is_restricted);
    return page_field_fill(out, c, &f, form->values, v, S("restricted"), form->typed);
}

static Err people_group(FormGroup *out, const Form *form) {
    Ctx *c = form->c;
    const Type *t = form->type;
    FormField *fields = NEW_N(c->arena, FormField, 4);
    size_t n = 0;
    if (!(t->flags & TYPE_NO_UNIT) && !t->parent) {
        TRY(unit_field(&fields[n++], form));
        if (t->n_states > 1) TRY(owner_field(&fields[n++], form));
    }
    if (t->flags & TYPE_CONFIDENTIAL) {
        TRY(restricted_field(&fields[n++], form));
        const Field *readers = type_field(t, S("readers"));
        if (readers && is_writable(form, readers))
            TRY(page_kit_form_field(&fields[n++], c, readers, form->values, form->typed));
    }
    *out = (FormGroup){.label = TRS(c, N_("Place and people")),
                       .fields = fields,
                       .n = n,
                       .is_folded = form->is_long && !form->is_new};
    count_fields(out);
    return OK;
}

/* ---- the whole form ---- */

static bool is_in_groups(const FormView *view, Str field) {
    for (size_t g = 0; g < view->n_groups; g++)
        for (size_t i = 0; i < view->groups[g].n; i++) {
            const FormField *f = &view->groups[g].fields[i];
            if (f->kind != INPUT_HIDDEN && page_field_part_of(field, f->name)) return true;
        }
    return false;
}

/* What belongs to no field that is shown stands on top, with the field's name when it has one. */
static void whole_errors(FormView *view, Ctx *c, const Type *t) {
    Str *texts = NEW_N(c->arena, Str, c->issues.n + 1);
    FieldSet none = {0};
    for (size_t i = 0; i < c->issues.n; i++) {
        const Issue *is = &c->issues.items[i];
        if (is->field.n && is_in_groups(view, is->field)) continue;
        Str text = issue_text(c, is);
        PageColumn column;
        if (is->field.n && page_kit_column(&column, c, t, is->field, none))
            text = FILL(c, TR(c, "{0}: {1}"), column.label, text);
        texts[view->n_errors++] = text;
    }
    view->errors = texts;
}

static bool has_conflict(const Ctx *c) {
    for (size_t i = 0; i < c->issues.n; i++)
        if (!strcmp(c->issues.items[i].code, "conflict")) return true;
    return false;
}

static Str form_version(const Form *form) {
    Ctx *c = form->c;
    Str typed = form->typed ? input_getz(form->typed, "version") : (Str){0};
    if (typed.n && !has_conflict(c)) return typed;
    return str_fmt(c->arena, "%lld", (long long)form->values->version);
}

static Err fill_groups(FormView *view, const Form *form) {
    const FieldGroup *defs = form->type->def->groups;
    size_t n = 0;
    while (defs && defs[n].name) n++;
    FormGroup *groups = NEW_N(form->c->arena, FormGroup, n + 2);
    for (size_t i = 0; i < (n ? n : 1); i++) {
        TRY(fill_group(&groups[view->n_groups], form, n ? &defs[i] : NULL));
        if (!view->n_groups) groups[0].is_folded = false;
        if (groups[view->n_groups].n) view->n_groups++;
    }
    TRY(people_group(&groups[view->n_groups], form));
    if (groups[view->n_groups].n) view->n_groups++;
    view->groups = groups;
    for (size_t g = 0; g < view->n_groups; g++)
        for (size_t i = 0; i < groups[g].n; i++)
            view->has_files |= groups[g].fields[i].kind == INPUT_FILE;
    return OK;
}

static Err check_right(Ctx *c, const Type *t, const Record *r) {
    if (c->actor->is_read_only) return ERR_DENIED;
    if (r) return access_check(c, r, OP_UPDATE);
    const Access *read = NULL, *create = NULL;
    TRY(access_of(&create, c, t, OP_CREATE));
    if (access_any(create)) return OK;
    TRY(access_of(&read, c, t, OP_READ));
    return access_any(read) ? ERR_DENIED : ERR_MISSING;
}

/* The child's form says what it is added to. */
static Err parent_words(Page *out, const Form *form) {
    Ctx *c = form->c;
    const Field *parent = form->type->parent;
    if (!parent) return OK;
    int64_t id = form->values->values[parent->index].i;
    Str typed = form->typed ? input_getz(form->typed, parent->name) : (Str){0};
    if (typed.n) {
        Err err = ref_find(&id, c, parent->target, typed);
        if (err != OK && err != ERR_MISSING) return err;
    }
    if (!id) return OK;
    Record *r = NULL;
    Err err = record_load(&r, c, parent->target, id);
    if (err == ERR_MISSING || err == ERR_DENIED) return OK;
    TRY(err);
    Str number = record_number(c->arena, r);
    page_kit_trail(out, c->arena, TRS(c, parent->target->plural_label),
                   page_kit_list_path(c->arena, parent->target));
    page_kit_trail(out, c->arena, number, record_path(c->arena, r));
    out->subtitle = FILL(c, TR(c, "{0} · {1}"), number, record_title(c, r));
    return OK;
}

static Err form_header(Page *out, const Form *form, Str *back) {
    Ctx *c = form->c;
    const Type *t = form->type;
    *back = page_kit_list_path(c->arena, t);
    out->nav = str_z(c->arena, *back);
    TRY(parent_words(out, form));
    if (!out->n_trail)
        page_kit_trail(out, c->arena, TRS(c, t->plural_label), *back);
    else
        *back = out->trail[out->n_trail - 1].href;
    if (form->is_new) {
        out->title = FILL(c, TR(c, "New: {0}"), TRS(c, t->label));
        if (!out->subtitle.n && t->def->text) out->subtitle = TRS(c, t->def->text);
        return OK;
    }
    out->eyebrow = record_number(c->arena, form->values);
    out->title = record_title(c, form->values);
    out->state = t->n_states > 1 ? page_kit_state(c, form->values->state) : (Cell){0};
    *back = record_path(c->arena, form->values);
    page_kit_trail(out, c->arena, out->eyebrow, *back);
    out->etag = str_fmt(c->arena, "%lld", (long long)form->values->version);
    if (form->values->is_restricted) out->confidentiality = TRS(c, N_("Restricted"));
    return OK;
}

Err page_form(Ctx *c, const Type *t, const Record *r, const Input *typed, Page *out) {
    if (t->flags & TYPE_NO_PAGES) return ERR_MISSING;
    TRY(check_right(c, t, r));
    Form form = {.c = c,
                 .type = t,
                 .values = r ? r : record_new(c, t),
                 .typed = typed,
                 .is_new = !r,
                 .is_long = t->n_fields >= LONG_FORM};
    if (r)
        TRY(access_hidden(&form.hidden, c, t, r));
    else if (!c->actor->is_system)
        TRY(save_hidden_at_creation(&form.hidden, c, form.values));
    Str back;
    TRY(form_header(out, &form, &back));
    Block *block = view_block(c->arena, BLOCK_FORM);
    block->id = "form";
    FormView *view = &block->form;
    TRY(fill_groups(view, &form));
    whole_errors(view, c, t);
    view->action = r ? back : page_kit_list_path(c->arena, t);
    view->submit_label = TRS(c, N_("Save"));
    view->cancel = (Button){.label = TRS(c, N_("Cancel")), .href = back};
    view->version = r ? form_version(&form) : (Str){0};
    view->autosave = true;
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    if (has_conflict(c))
        view_put(
            c->arena, out->body,
            view_text(
                c->arena, TEXT_NOTICE, TONE_WARN,
                TRS(c, N_("Somebody else saved this record meanwhile")),
                TRS(c,
                    N_("Both values stand beside each field concerned. Keep what is right, then save again."))));
    view_put(c->arena, out->body, block);
    out->main = block;
    return OK;
}

/* ---- transition ---- */

static Err transition_fields(FormGroup *out, const Form *form, const Transition *t) {
    Ctx *c = form->c;
    FormField *fields = NEW_N(c->arena, FormField, form->type->n_fields + 3);
    size_t n = 0;
    Str next = form->typed ? input_getz(form->typed, "_next") : (Str){0};
    if (next.n) { /* where the person came from, and goes back to */
        fields[n] = (FormField){.name = S("_next"), .kind = INPUT_HIDDEN};
        page_field_add_value(&fields[n++], c->arena, next);
    }
    Str rest = str_of(t->def->sends), word;
    while (page_kit_word(&word, &rest) && n <= form->type->n_fields) {
        const Field *f = type_field(form->type, word);
        if (!f || f->flags & (F_COMPUTED | F_DERIVED | F_SECRET | F_HIDDEN) ||
            fieldset_has(form->hidden, f->index))
            continue;
        TRY(page_kit_form_field(&fields[n], c, f, form->values, form->typed));
        fields[n++].is_optional_part = false;
    }
    FormField *reason = &fields[n++];
    *reason = (FormField){.name = S("reason"),
                          .label = TRS(c, N_("Reason")),
                          .kind = INPUT_LONG,
                          .rows = 3,
                          .max_length = 2000,
                          .is_required = (t->def->flags & TRANSITION_REASON) != 0};
    reason->help = reason->is_required
                       ? TRS(c, N_("It is kept in the history, for everybody who may read it."))
                       : TRS(c, N_("If you wish: it is kept in the history."));
    if (form->typed && input_has(form->typed, S("reason")))
        page_field_add_value(reason, c->arena, input_getz(form->typed, "reason"));
    reason->errors = page_kit_errors(&reason->n_errors, c, S("reason"));
    *out = (FormGroup){.fields = fields, .n = n};
    return OK;
}

/* What the decision is about, where a module says that it belongs beside it. */
static Err step_sections(Block *body, Ctx *c, const Record *r) {
    for (size_t i = 0; i < c->model->n_attach; i++) {
        const AttachDef *a = c->model->attach[i];
        Block *block = NULL;
        if (!a->on_steps || !a->section || strcmp(a->type, r->type->name) != 0) continue;
        TRY(a->section(c, r, &block));
        view_put(c->arena, body, block);
    }
    return OK;
}

Err page_transition(Ctx *c, const Record *r, const Transition *t, const Input *typed, Page *out) {
    if (c->actor->is_read_only || c->as_of.n) return ERR_DENIED;
    Button step = {0};
    bool offered = false;
    TRY(access_check(c, r, OP_READ));
    TRY(page_kit_transition(&step, &offered, c, r, t));
    if (!offered && !(t->def->flags & TRANSITION_HIDDEN) && r->state && r->state->index < 64 &&
        !((t->from >> r->state->index) & 1u))
        return ERR_CONFLICT;
    if (!offered) return ERR_MISSING;
    if (step.disabled_why.n) return ERR_DENIED;
    Form form = {.c = c, .type = r->type, .values = r, .typed = typed};
    TRY(access_hidden(&form.hidden, c, r->type, r));
    Str back;
    TRY(form_header(out, &form, &back));
    out->title = TRS(c, t->label);
    out->subtitle = record_title(c, r);
    Block *block = view_block(c->arena, BLOCK_FORM);
    block->id = "form";
    FormGroup *group = NEW(c->arena, FormGroup);
    TRY(transition_fields(group, &form, t));
    if (t->to)
        group->text = FILL(c, TR(c, "{0} goes from “{1}” to “{2}”."), record_number(c->arena, r),
                           TRS(c, r->state->label), TRS(c, t->to->label));
    block->form = (FormView){.action = step.href,
                             .groups = group,
                             .n_groups = 1,
                             .submit_label = TRS(c, t->label),
                             .cancel = {.label = TRS(c, N_("Cancel")), .href = back},
                             .version = form_version(&form)};
    for (size_t i = 0; i < group->n; i++)
        block->form.has_files |= group->fields[i].kind == INPUT_FILE;
    whole_errors(&block->form, c, r->type);
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    TRY(step_sections(out->body, c, r));
    view_put(c->arena, out->body, block);
    out->main = block;
    return OK;
}
