/* action_decide.c: an action decided in one form, from an issue, or from a record of another module
 * whose issue is opened with it (an incident, an indicator's breach). What may be done is asked
 * where it is done; the owner of an issue may always plan for it. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "modules/action/action_pages.h"

/* What of another module may show an issue: the type may be absent. */
static const struct Origin {
    const char *type;        /* and name of the parameter that holds its number */
    const char *source;      /* choice of the issue's field */
    const char *reference;   /* field of the issue that holds the number */
    const char *title;       /* N_() {0}: its title; NULL: the title alone */
    const char *description; /* field of the record */
    const char *text;        /* N_() */
} origins[] = {
    {"incident", "incident", "incident", NULL, "description",
     N_("The weakness that the incident showed.")},
    {"breach", "indicator", "source_reference", N_("Indicator outside its bounds: {0}"), "analysis",
     N_("The weakness that the indicator showed.")},
};

typedef struct From {
    Record *issue, *other;       /* one of them */
    const struct Origin *origin; /* of `other` */
} From;

static Err from_read(From *out, Ctx *c, const Input *in) {
    Str number = str_trim(input_getz(in, "issue"));
    *out = (From){0};
    if (number.n) return record_find(&out->issue, c, model_need(c->model, "issue"), number);
    for (size_t i = 0; i < LENGTH(origins); i++) {
        const Type *t = model_type(c->model, str_of(origins[i].type));
        number = str_trim(input_getz(in, origins[i].type));
        if (!t || !number.n) continue;
        out->origin = &origins[i];
        return record_find(&out->other, c, t, number);
    }
    return ERR_MISSING;
}

static Str text_of(const Record *r, const char *field) {
    return type_field(r->type, str_of(field)) ? record_text(r, field) : (Str){0};
}

/* ---- the form ---- */

static Str typed_or(const Input *in, const char *name, Str otherwise) {
    return input_has(in, str_of(name)) ? input_getz(in, name) : otherwise;
}

static FormField hidden(Ctx *c, const char *name, Str value) {
    FormField f = report_text(c, name, name, INPUT_HIDDEN, value);
    return f;
}

static FormField person(Ctx *c, const char *name, const char *label, Str value) {
    FormField f = report_text(c, name, label, INPUT_REF, value);
    f.lookup_href = S("/lookup/users?q=");
    f.is_required = true;
    return f;
}

static Err head_of(Str *out, Ctx *c, int64_t unit) {
    Record *r;
    RefName name = {0};
    *out = (Str){0};
    if (!unit) return OK;
    TRY(record_load_raw(&r, c, model_need(c->model, "unit"), unit));
    if (!record_int(r, "head")) return OK;
    TRY(ref_name(&name, c, model_need(c->model, "user"), record_int(r, "head")));
    *out = name.key;
    return OK;
}

static Err issue_group(FormGroup *out, Ctx *c, const Input *in, const From *from) {
    const Record *other = from->other;
    const Type *t = model_need(c->model, "issue");
    FormField *f = NEW_N(c->arena, FormField, 6);
    Str head, title = record_title(c, other);
    if (from->origin->title) title = ACTION_FILL(c, TR(c, from->origin->title), title);
    TRY(head_of(&head, c, other->unit));
    f[0] = report_text(c, "issue_title", N_("What is wrong?"), INPUT_TEXT,
                       typed_or(in, "issue_title", title));
    f[1] =
        report_text(c, "issue_description", N_("What was found?"), INPUT_LONG,
                    typed_or(in, "issue_description", text_of(other, from->origin->description)));
    f[1].rows = 4;
    f[2] = report_choice(c, "likelihood", N_("Likelihood"), type_need(t, "likelihood")->choices,
                         typed_or(in, "likelihood", S("3")));
    f[3] = report_choice(c, "impact", N_("Impact"), type_need(t, "impact")->choices,
                         typed_or(in, "impact", S("3")));
    f[4] = person(c, "issue_owner", N_("Owner of the issue"), typed_or(in, "issue_owner", head));
    for (int i = 0; i < 5; i++) f[i].is_required = true;
    *out = (FormGroup){
        .label = TRS(c, N_("The issue")), .text = TRS(c, from->origin->text), .fields = f, .n = 5};
    return OK;
}

static FormGroup action_group(Ctx *c, const Input *in, const From *from) {
    const Type *t = model_need(c->model, "action");
    FormField *f = NEW_N(c->arena, FormField, 8);
    Str number =
        from->issue ? record_number(c->arena, from->issue) : record_number(c->arena, from->other);
    f[0] = report_text(c, "title", N_("What is to be done?"), INPUT_TEXT,
                       typed_or(in, "title", S("")));
    f[1] = report_text(c, "deliverable", N_("Result that closes it"), INPUT_LONG,
                       typed_or(in, "deliverable", S("")));
    f[1].rows = 3;
    f[1].help = TRS(c, N_("What somebody else can look at to say that it is done."));
    f[2] = person(c, "owner", N_("Owner"), typed_or(in, "owner", S("")));
    f[3] = report_text(c, "due_on", N_("Due on"), INPUT_DATE, typed_or(in, "due_on", S("")));
    f[4] = report_choice(c, "priority", N_("Priority"), type_need(t, "priority")->choices,
                         typed_or(in, "priority", S("normal")));
    for (int i = 0; i < 4; i++) f[i].is_required = true;
    f[5] = hidden(c, from->issue ? "issue" : from->origin->type, number);
    return (FormGroup){.label = TRS(c, N_("The action")), .fields = f, .n = 6};
}

/* What belongs to no field of the form stands above it. */
static void other_errors(FormView *v, Ctx *c) {
    Str *texts = NEW_N(c->arena, Str, c->issues.n + 1);
    for (size_t i = 0; i < c->issues.n; i++) {
        const Issue *is = &c->issues.items[i];
        bool shown = false;
        for (size_t g = 0; g < v->n_groups; g++)
            for (size_t k = 0; k < v->groups[g].n; k++)
                shown = shown || (v->groups[g].fields[k].kind != INPUT_HIDDEN &&
                                  str_eq(v->groups[g].fields[k].name, is->field));
        if (!shown && !is->is_warning) texts[v->n_errors++] = issue_text(c, is);
    }
    v->errors = texts;
}

Err action_decide_build(Ctx *c, const PageArgs *args, Page *out) {
    From from;
    FormGroup *groups = NEW_N(c->arena, FormGroup, 2);
    size_t n = 0;
    TRY(from_read(&from, c, args->query));
    const Record *of = from.issue ? from.issue : from.other;
    c->shown = of;
    if (from.other) TRY(issue_group(&groups[n++], c, args->query, &from));
    groups[n++] = action_group(c, args->query, &from);
    Block *b = view_block(c->arena, BLOCK_FORM);
    b->id = "form";
    b->form =
        (FormView){.action = S("/plan-action"),
                   .groups = groups,
                   .n_groups = n,
                   .submit_label = TRS(c, N_("Decide")),
                   .cancel = {.label = TRS(c, N_("Cancel")), .href = record_path(c->arena, of)},
                   .autosave = true};
    other_errors(&b->form, c);
    out->title = TRS(c, N_("Decide an action"));
    out->subtitle =
        ACTION_FILL(c, TR(c, "{0} · {1}"), record_number(c->arena, of), record_title(c, of));
    out->body = out->main = b;
    out->nav = "/actions";
    return OK;
}

/* ---- what it makes ---- */

/* The words of the record types are those of this form. */
static void rename_issues(Ctx *c, size_t from) {
    static const struct {
        const char *theirs, *ours;
    } names[] = {{"title", "issue_title"},
                 {"description", "issue_description"},
                 {"owner", "issue_owner"},
                 {"target_on", "due_on"}};
    for (size_t i = from; i < c->issues.n; i++)
        for (size_t k = 0; k < LENGTH(names); k++)
            if (str_is(c->issues.items[i].field, names[k].theirs)) {
                c->issues.items[i].field = str_of(names[k].ours);
                break;
            }
}

static void put(Ctx *c, Input *in, const char *name, Str value) {
    input_add(in, c->arena, str_of(name), value);
}

static Err unit_code(Str *out, Ctx *c, int64_t unit) {
    RefName name = {0};
    *out = (Str){0};
    if (unit) TRY(ref_name(&name, c, model_need(c->model, "unit"), unit));
    *out = name.key;
    return OK;
}

static Err make_issue(Record **out, Ctx *c, const Input *form, const From *from) {
    Input in = {0}, nothing = {0};
    Str unit;
    Record *draft;
    TRY(unit_code(&unit, c, from->other->unit));
    put(c, &in, "title", input_getz(form, "issue_title"));
    put(c, &in, "description", input_getz(form, "issue_description"));
    put(c, &in, "source", str_of(from->origin->source));
    put(c, &in, from->origin->reference, record_number(c->arena, from->other));
    put(c, &in, "likelihood", input_getz(form, "likelihood"));
    put(c, &in, "impact", input_getz(form, "impact"));
    put(c, &in, "owner", input_getz(form, "issue_owner"));
    put(c, &in, "target_on", input_getz(form, "due_on"));
    put(c, &in, "unit", unit);
    size_t before = c->issues.n;
    Err e = record_create(&draft, c, model_need(c->model, "issue"), &in);
    if (!e) e = record_move(out, c, draft, "open", &nothing);
    rename_issues(c, before);
    return e;
}

static Err make_action(Record **out, Ctx *c, const Input *form, const Record *of) {
    static const char *const fields[] = {"title", "deliverable", "owner", "due_on", "priority"};
    const Type *t = model_need(c->model, "action");
    Input in = {0};
    Str unit;
    TRY(unit_code(&unit, c, of->unit));
    for (size_t i = 0; i < LENGTH(fields); i++) put(c, &in, fields[i], input_getz(form, fields[i]));
    put(c, &in, "issues", record_number(c->arena, of));
    put(c, &in, "unit", unit);
    bool is_owner = of->owner && of->owner == c->actor->user;
    const Access *a;
    TRY(access_of(&a, c, t, OP_CREATE));
    if (access_any(a) || !is_owner) return record_create(out, c, t, &in);
    /* The owner of an issue plans for it without any role. */
    Actor *kept = c->actor, all = *kept;
    all.is_system = true;
    c->actor = &all;
    c->cache = NULL;
    Err e = record_create(out, c, t, &in);
    c->actor = kept;
    c->cache = NULL;
    return e;
}

static void need(Ctx *c, const Input *form, const char *name) {
    if (!str_trim(input_getz(form, name)).n) issue(c, name, "required", N_("This is needed."));
}

Err action_decide_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) {
    From from;
    Record *of, *action;
    (void)args;
    TRY(from_read(&from, c, form));
    need(c, form, "title");
    need(c, form, "deliverable");
    need(c, form, "owner");
    need(c, form, "due_on");
    of = from.issue;
    if (c->issues.errors) return ERR_INVALID;
    if (from.other) TRY(make_issue(&of, c, form, &from));
    TRY(make_action(&action, c, form, of));
    *redirect = record_path(c->arena, action);
    return OK;
}
