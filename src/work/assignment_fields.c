/* assignment_fields.c: which fields of each record a plan asks: chosen by boxes, kept by name in
 * the plan. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/asked.h"
#include "work/kit.h"
#include "work/pages.h"

static Err plan_of(Record **out, const Type **t, Asked *asked, Ctx *c, Str number) {
    Str unknown;
    TRY(record_find(out, c, model_need(c->model, "assignment_plan"), number));
    *t = model_type(c->model, record_text(*out, "source_type"));
    if (!*t) return ERR_MISSING;
    asked_parse(asked, &unknown, c, *t, record_text(*out, "asked"));
    return OK;
}

static Str address(Ctx *c, const Record *plan) {
    return str_join(c->arena, S("/assignments/fields/"), record_number(c->arena, plan));
}

static bool is_chosen(const Asked *asked, const Field *f, const Input *typed) {
    Str one;
    for (size_t k = 0; typed && input_nth(&one, typed, S("asked"), k); k++)
        if (str_is(one, f->name)) return true;
    for (size_t i = 0; !typed && i < asked->n; i++)
        if (asked->items[i] == f) return true;
    return false;
}

static bool of_group(const Type *t, const Field *f, const FieldGroup *group) {
    if (!group) return true;
    return f->group ? !strcmp(f->group, group->name) : group == t->def->groups;
}

static bool in_list(Str list, const char *name) {
    Str word;
    while (list.n && str_cut(&word, &list, ','))
        if (str_is(str_trim(word), name)) return true;
    return false;
}

/* The open states as boxes: none chosen means all of them. */
static FormGroup states_of(Ctx *c, const Type *t, const Record *plan, const Input *typed) {
    FilterOption *options = NEW_N(c->arena, FilterOption, t->n_states + 1);
    Str *chosen = NEW_N(c->arena, Str, t->n_states + 1);
    FormField *field = NEW(c->arena, FormField);
    Str kept = record_text(plan, "states"), one;
    size_t n = 0, n_chosen = 0;
    for (size_t i = 0; i < t->n_states; i++) {
        const State *s = &t->states[i];
        if (s->flags & (STATE_CLOSED | STATE_VOID)) continue;
        bool is = !typed && in_list(kept, s->name);
        for (size_t k = 0; typed && input_nth(&one, typed, S("states"), k); k++)
            is = is || str_is(one, s->name);
        options[n++] =
            (FilterOption){.value = str_of(s->name), .label = TRS(c, s->label), .is_chosen = is};
        if (is) chosen[n_chosen++] = str_of(s->name);
    }
    *field = (FormField){.name = S("states"),
                         .label = TRS(c, N_("Asked while it is")),
                         .help = TRS(c, N_("Choose nothing to ask about all that are open.")),
                         .kind = INPUT_CHOICES,
                         .options = options,
                         .n_options = n,
                         .values = chosen,
                         .n_values = n_chosen};
    return (FormGroup){.fields = field, .n = n > 1 ? 1 : 0};
}

/* The fields of one group of the type's form as boxes. */
static FormGroup group_of(Ctx *c, const Type *t, const FieldGroup *group, const Asked *asked,
                          const Input *typed) {
    FilterOption *options = NEW_N(c->arena, FilterOption, t->n_fields + 1);
    Str *chosen = NEW_N(c->arena, Str, t->n_fields + 1);
    FormField *field = NEW(c->arena, FormField);
    size_t n = 0, n_chosen = 0;
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        if (!asked_allows(t, f) || !of_group(t, f, group)) continue;
        bool is = is_chosen(asked, f, typed);
        options[n++] =
            (FilterOption){.value = str_of(f->name), .label = TRS(c, f->label), .is_chosen = is};
        if (is) chosen[n_chosen++] = str_of(f->name);
    }
    *field = (FormField){.name = S("asked"),
                         .label = TRS(c, group ? group->label : N_("Fields asked")),
                         .kind = INPUT_CHOICES,
                         .options = options,
                         .n_options = n,
                         .values = chosen,
                         .n_values = n_chosen};
    return (FormGroup){.fields = field, .n = n ? 1 : 0};
}

Err plan_fields_build(Ctx *c, const PageArgs *args, Page *out) {
    Record *plan;
    const Type *t;
    Asked asked;
    TRY(plan_of(&plan, &t, &asked, c, args->rest));
    TRY(access_check(c, plan, OP_UPDATE));
    const Input *typed = input_has(args->query, S("version")) ? args->query : NULL;
    const FieldGroup *defs = t->def->groups;
    size_t n = 0;
    while (defs && defs[n].name) n++;
    FormGroup *groups = NEW_N(c->arena, FormGroup, n + 2);
    Block *block = view_block(c->arena, BLOCK_FORM);
    FormView *view = &block->form;
    for (size_t i = 0; i < (n ? n : 1); i++) {
        groups[view->n_groups] = group_of(c, t, n ? &defs[i] : NULL, &asked, typed);
        if (groups[view->n_groups].n) view->n_groups++;
    }
    groups[view->n_groups] = states_of(c, t, plan, typed);
    if (groups[view->n_groups].n) view->n_groups++;
    view->groups = groups;
    view->action = address(c, plan);
    view->submit_label = TRS(c, N_("Save"));
    view->cancel = (Button){.label = TRS(c, N_("Cancel")), .href = record_path(c->arena, plan)};
    view->version = kit_text_int(c, plan->version);
    Str *errors = NEW_N(c->arena, Str, c->issues.n + 1);
    for (size_t i = 0; i < c->issues.n; i++)
        errors[view->n_errors++] = issue_text(c, &c->issues.items[i]);
    view->errors = errors;
    Crumb *trail = NEW_N(c->arena, Crumb, 2);
    trail[0] = (Crumb){TRS(c, plan->type->plural_label), S("/assignment_plans")};
    trail[1] = (Crumb){record_number(c->arena, plan), record_path(c->arena, plan)};
    out->trail = trail;
    out->n_trail = 2;
    out->nav = "/assignment_plans";
    out->title = TRS(c, N_("Fields asked"));
    out->subtitle = FILL(c, TR(c, "{0} · {1}"), record_text(plan, "title"), TRS(c, t->label));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body,
             view_text(c->arena, TEXT_PLAIN, TONE_NONE, (Str){0},
                       TRS(c, N_("Whoever is asked gets these fields as one form, with the record "
                                 "beside it. With nothing chosen, the answer is a result and a "
                                 "comment."))));
    view_put(c->arena, out->body, block);
    out->main = block;
    return OK;
}

static Str joined(Ctx *c, const Input *form, const char *name) {
    Text names = text_new(c->arena, 0);
    Str one;
    for (size_t k = 0; input_nth(&one, form, str_of(name), k); k++) {
        if (!one.n) continue;
        if (names.n) text_addz(&names, ", ");
        text_add(&names, one);
    }
    return text_str(&names);
}

Err plan_fields_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) {
    Record *plan, *saved;
    const Type *t;
    Asked asked;
    int64_t version;
    Input in = {0};
    TRY(plan_of(&plan, &t, &asked, c, args->rest));
    if (!str_to_int(&version, input_getz(form, "version")))
        return issue(c, "version", "required", N_("The version of the record is missing."));
    input_add(&in, c->arena, S("asked"), joined(c, form, "asked"));
    input_add(&in, c->arena, S("states"), joined(c, form, "states"));
    TRY(record_update(&saved, c, plan, version, &in));
    *redirect = record_path(c->arena, plan);
    return OK;
}

Err plan_fields_section(Ctx *c, const Record *r, Block **out) {
    const Type *t = model_type(c->model, record_text(r, "source_type"));
    Asked asked;
    Str unknown;
    Text words = text_new(c->arena, 0);
    *out = NULL;
    if (!t || t->flags & TYPE_TWO_PERSONS) return OK;
    asked_parse(&asked, &unknown, c, t, record_text(r, "asked"));
    for (size_t i = 0; i < asked.n; i++) {
        if (i) text_addz(&words, TR(c, ", "));
        text_add(&words, TRS(c, asked.items[i]->label));
    }
    Block *text = view_text(c->arena, TEXT_PLAIN, TONE_NONE, (Str){0},
                            asked.n ? text_str(&words)
                                    : TRS(c, N_("None: the answer is a result and a comment.")));
    *out = kit_section(c, N_("Fields asked"), NULL, text);
    if (access_check(c, r, OP_UPDATE) != OK) return OK;
    Button *button = NEW(c->arena, Button);
    *button = (Button){.label = TRS(c, N_("Choose the fields")), .href = address(c, r)};
    (*out)->layout.buttons = button;
    (*out)->layout.n_buttons = 1;
    return OK;
}
