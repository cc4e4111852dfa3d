/* incident_declare.c: declaring in three questions on one page: what happened, where and when it
 * was noticed, money or clients touched. Everything else is preset by the pattern or comes later.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"
#include "model/attachment.h"
#include "model/pages.h"
#include "model/report.h"
#include "modules/incident/incident_pages.h"
#include "modules/incident/incident_query.h"

enum { QUICK_PATTERNS = 6, PATTERNS_MAX = 40, TITLE_MAX = 90 };

/* ---- form fields ---- */

static const Str *errors_of(size_t *n, Ctx *c, Str name) {
    Str *list = NEW_N(c->arena, Str, c->issues.n + 1);
    *n = 0;
    for (size_t i = 0; i < c->issues.n; i++)
        if (str_eq(c->issues.items[i].field, name))
            list[(*n)++] = issue_text(c, &c->issues.items[i]);
    return list;
}

static FormField field(Ctx *c, const Input *typed, const char *name, InputKind kind, Str label,
                       Str help) {
    FormField f = {.name = str_of(name), .kind = kind, .label = label, .help = help};
    Str *value = NEW(c->arena, Str);
    *value = typed ? input_getz(typed, name) : (Str){0};
    f.values = value;
    f.n_values = value->n ? 1 : 0;
    f.errors = errors_of(&f.n_errors, c, f.name);
    return f;
}

static FormField choice_field(Ctx *c, const Input *typed, const char *name, Str label) {
    const Field *def = type_need(model_need(c->model, "incident"), name);
    FormField f = field(c, typed, name, INPUT_CHOICE, label, (Str){0});
    FilterOption *options = NEW_N(c->arena, FilterOption, def->n_choices);
    for (size_t i = 0; i < def->n_choices; i++)
        options[i] =
            (FilterOption){.value = str_of(def->choices[i].key),
                           .label = TRS(c, def->choices[i].label),
                           .is_chosen = f.n_values && str_is(f.values[0], def->choices[i].key)};
    f.options = options;
    f.n_options = def->n_choices;
    f.as_cards = true;
    return f;
}

static Err unit_field(FormField *out, Ctx *c, const Input *typed) {
    const TreeItem *items;
    size_t n, used = 0;
    const Type *unit = model_need(c->model, "unit");
    RefName mine = {0};
    TRY(ref_tree(&items, &n, c, unit, (Str){0}));
    *out = field(c, typed, "unit", INPUT_TREE, TRS(c, N_("Where?")), (Str){0});
    if (!out->n_values && c->actor->unit) TRY(ref_name(&mine, c, unit, c->actor->unit));
    if (mine.found) {
        Str *value = NEW(c->arena, Str);
        *value = mine.key;
        out->values = value;
        out->n_values = 1;
    }
    FilterOption *options = NEW_N(c->arena, FilterOption, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (items[i].is_retired) continue;
        options[used++] =
            (FilterOption){.value = items[i].key,
                           .label = items[i].title,
                           .depth = items[i].depth,
                           .is_chosen = out->n_values && str_eq(out->values[0], items[i].key)};
    }
    out->options = options;
    out->n_options = used;
    if (!used)
        out->help = TRS(
            c,
            N_("There is no unit yet. Whoever keeps the organisation makes the first one under “Units”."));
    out->is_required = true;
    return OK;
}

/* ---- the three questions ---- */

typedef struct Patterns {
    Ctx *c;
    FilterOption *options;
    size_t n, cap;
} Patterns;

static void put_option(Patterns *p, FilterOption o) {
    GROW(p->c->arena, p->options, p->n, p->cap);
    p->options[p->n++] = o;
}

static void put_pattern(Patterns *p, const Record *r) {
    put_option(p, (FilterOption){.value = record_text(r, "code"), .label = record_title(p->c, r)});
}

static bool is_in_use(const Record *r) {
    return !(r->state->flags & STATE_CLOSED);
}

/* What this unit declares most stands open; too few of them tell nothing. */
static Err quick_patterns(Patterns *p) {
    int64_t ids[QUICK_PATTERNS];
    size_t n;
    Ctx *c = p->c;
    TRY(incident_query_frequent(ids, &n, QUICK_PATTERNS, c, c->actor->unit));
    for (size_t i = 0; i < n; i++) {
        Record *r;
        TRY(record_load_raw(&r, c, model_need(c->model, "pattern"), ids[i]));
        if (is_in_use(r) && !record_bool(r, "is_restricted")) put_pattern(p, r);
    }
    return OK;
}

static Err family_patterns(Patterns *p, const Choice *family) {
    Records list;
    Ctx *c = p->c;
    bool any = false;
    TRY(record_where(&list, c, model_need(c->model, "pattern"), "family",
                     value_text(str_of(family->key)), PATTERNS_MAX));
    for (size_t i = 0; i < list.n; i++) {
        if (!is_in_use(list.items[i])) continue;
        if (!any) put_option(p, (FilterOption){.label = TRS(c, family->label), .is_group = true});
        any = true;
        put_pattern(p, list.items[i]);
    }
    return OK;
}

static Err pattern_field(FormField *out, Ctx *c, const Input *typed) {
    const Field *family = type_need(model_need(c->model, "pattern"), "family");
    Patterns p = {.c = c};
    *out = field(c, typed, "pattern", INPUT_CHOICE, TRS(c, N_("What is it like?")), (Str){0});
    if (c->actor->unit) TRY(quick_patterns(&p));
    out->n_quick = p.n;
    for (size_t i = 0; i < family->n_choices; i++) TRY(family_patterns(&p, &family->choices[i]));
    out->options = p.options;
    out->n_options = p.n;
    out->as_picker = true;
    return OK;
}

static Err first_question(FormGroup *out, Ctx *c, const Input *typed) {
    FormField *f = NEW_N(c->arena, FormField, 2);
    f[0] = field(
        c, typed, "description", INPUT_LONG, TRS(c, N_("Tell it in a few words")),
        TRS(c,
            N_("Facts in the order they happened. Do not write names of clients or account numbers.")));
    f[0].rows = 3;
    f[0].is_label_hidden = true;
    f[0].max_length = 20000;
    f[0].is_required = true;
    TRY(pattern_field(&f[1], c, typed));
    *out = (FormGroup){.label = TRS(c, N_("What happened?")), .fields = f, .n = 2};
    return OK;
}

static Err second_question(FormGroup *out, Ctx *c, const Input *typed) {
    FormField *f = NEW_N(c->arena, FormField, 2);
    TRY(unit_field(&f[0], c, typed));
    f[1] = field(c, typed, "discovered_on", INPUT_DATE, TRS(c, N_("When?")), (Str){0});
    if (!f[1].n_values) {
        Str *today = NEW(c->arena, Str);
        *today = c->today;
        f[1].values = today;
        f[1].n_values = 1;
    }
    f[1].is_required = true;
    *out =
        (FormGroup){.label = TRS(c, N_("Where and when did you notice it?")), .fields = f, .n = 2};
    return OK;
}

static Str currency_here(Ctx *c) {
    Record *unit;
    Str currency;
    if (c->actor->unit &&
        record_load_raw(&unit, c, model_need(c->model, "unit"), c->actor->unit) == OK &&
        incident_entity_currency(&currency, c, record_int(unit, "entity")) == OK)
        return currency;
    return S("MAD");
}

static Err third_question(FormGroup *out, Ctx *c, const Input *typed, bool is_anonymous) {
    FormField *f = NEW_N(c->arena, FormField, 6);
    size_t n = 0;
    bool has_lines = false;
    f[n] = choice_field(c, typed, "amount_range", TRS(c, N_("Is there money involved?")));
    f[n++].is_required = true;
    f[n++] = choice_field(c, typed, "clients_range", TRS(c, N_("Are clients affected?")));
    if (!is_anonymous)
        f[n++] = field(
            c, typed, "manager_involved", INPUT_BOOL, TRS(c, N_("My manager is involved")),
            TRS(c,
                N_("It then goes straight to the general inspection; your unit does not see it.")));
    f[n] = field(c, typed, "estimated_loss", INPUT_MONEY, TRS(c, N_("Amount, if you know it")),
                 (Str){0});
    Str *amount = NEW(c->arena, Str);
    *amount = typed ? input_get(typed, S("estimated_loss.amount")) : (Str){0};
    f[n].values = amount;
    f[n].n_values = amount->n ? 1 : 0;
    f[n].currency = typed ? input_get(typed, S("estimated_loss.currency")) : (Str){0};
    if (!f[n].currency.n) f[n].currency = currency_here(c);
    f[n++].is_optional_part = true;
    if (!is_anonymous)
        TRY(page_lines(&f[n], &has_lines, c, model_need(c->model, "incident"), "entries", typed));
    if (has_lines) {
        f[n].help =
            TRS(c, N_("What is booked already, a line each; a second person accepts each."));
        f[n].is_optional_part = !f[n].n_child_rows && !f[n].n_errors;
        n++;
    }
    if (!is_anonymous) {
        f[n] = field(c, typed, "files", INPUT_FILE, TRS(c, N_("Photo or file")), (Str){0});
        f[n++].is_optional_part = true;
    }
    *out = (FormGroup){.label = TRS(c, N_("Money or clients affected?")),
                       .text = TRS(c, N_("A range is enough.")),
                       .more_label = is_anonymous ? TRS(c, N_("Add the exact amount"))
                                     : has_lines
                                         ? TRS(c, N_("Add the exact amount, entries or a photo"))
                                         : TRS(c, N_("Add the exact amount or a photo")),
                       .fields = f,
                       .n = n};
    return OK;
}

Err incident_declare_groups(const FormGroup **out, size_t *n, Ctx *c, const Input *typed,
                            bool is_anonymous) {
    FormGroup *groups = NEW_N(c->arena, FormGroup, 3);
    *n = 0;
    TRY(first_question(&groups[(*n)++], c, typed));
    TRY(second_question(&groups[(*n)++], c, typed));
    TRY(third_question(&groups[(*n)++], c, typed, is_anonymous));
    *out = groups;
    return OK;
}

/* ---- the answers ---- */

static Err make_title(Str *out, Ctx *c, Str pattern, Str description) {
    int64_t id;
    RefName name = {0};
    const Type *t = model_need(c->model, "pattern");
    Str rest = str_trim(description), line;
    str_cut(&line, &rest, '\n');
    line = str_trim(line);
    *out = utf8_count(line) <= TITLE_MAX
               ? line
               : str_fmt(c->arena, "%.*s…", FMT(str_trim(utf8_clip(line, TITLE_MAX))));
    if (!pattern.n || str_is(pattern, "OTH") || str_is(pattern, "NM")) return OK;
    Err e = ref_find(&id, c, t, pattern);
    if (e == ERR_MISSING) return OK;
    TRY(e);
    TRY(ref_name(&name, c, t, id));
    if (name.found) *out = name.title;
    return OK;
}

static bool is_of_entry(const InputItem *item) {
    return str_starts(item->name, S("entries["));
}

static bool has_entry(const Input *form) {
    for (size_t i = 0; i < form->n; i++)
        if (is_of_entry(&form->items[i]) && str_ends(form->items[i].name, S("].amount.amount")) &&
            str_trim(form->items[i].value).n)
            return true;
    return false;
}

Err incident_declare_input(Input *out, Ctx *c, const Input *form) {
    static const char *const names[] = {"pattern",
                                        "description",
                                        "unit",
                                        "discovered_on",
                                        "amount_range",
                                        "estimated_loss.amount",
                                        "estimated_loss.currency",
                                        "clients_range",
                                        "manager_involved"};
    Str title, description = input_getz(form, "description");
    *out = (Input){.files = form->files, .n_files = form->n_files, .files_cap = form->files_cap};
    if (!str_trim(description).n)
        issue(c, "description", "required", N_("Tell in a few words what happened."));
    bool has_amount = str_trim(input_getz(form, "estimated_loss.amount")).n || has_entry(form);
    if (!str_trim(input_getz(form, "amount_range")).n && !has_amount)
        issue(c, "amount_range", "required", N_("Choose a range, or “I do not know”."));
    if (!str_trim(input_getz(form, "unit")).n)
        issue(c, "unit", "required", N_("The unit is needed."));
    TRY(make_title(&title, c, str_trim(input_getz(form, "pattern")), description));
    for (size_t i = 0; i < LENGTH(names); i++) {
        Str value = {0}, one; /* the last one counts: a box follows its hidden empty twin */
        for (size_t k = 0; input_nth(&one, form, str_of(names[i]), k); k++)
            if (one.n) value = one;
        if (value.n) input_add(out, c->arena, str_of(names[i]), value);
    }
    if (!input_has(out, S("amount_range")) && has_amount)
        input_add(out, c->arena, S("amount_range"), S("unknown"));
    if (title.n) input_add(out, c->arena, S("title"), title);
    return c->issues.errors ? ERR_INVALID : OK;
}

Err incident_declare_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) {
    Input in;
    Record *r;
    const Type *t = model_need(c->model, "incident");
    (void)args;
    TRY(incident_declare_input(&in, c, form));
    TRY(attachment_take(c, t, NULL, &in));
    for (size_t i = 0; i < form->n; i++)
        if (is_of_entry(&form->items[i]))
            input_add(&in, c->arena, form->items[i].name, form->items[i].value);
    input_add(&in, c->arena, S("do"), S("submit"));
    TRY(record_create_with(&r, c, t, &in));
    *redirect = str_fmt(c->arena, "/declare/%.*s", FMT(record_number(c->arena, r)));
    return OK;
}

/* ---- pages ---- */

/* The same place and kind again: tills and machines rarely fail once. */
static Err declare_another(Page *out, Ctx *c, const Record *r) {
    RefName unit = {0}, pattern = {0};
    Button *button = NEW(c->arena, Button);
    if (r->unit) TRY(ref_name(&unit, c, model_need(c->model, "unit"), r->unit));
    if (record_int(r, "pattern"))
        TRY(ref_name(&pattern, c, model_need(c->model, "pattern"), record_int(r, "pattern")));
    Str href = S("/declare");
    if (unit.found) href = report_link(c, href, "unit", unit.key);
    if (pattern.found) href = report_link(c, href, "pattern", pattern.key);
    *button = (Button){.label = TRS(c, N_("Declare another like it")), .href = href};
    out->buttons = button;
    out->n_buttons = 1;
    return OK;
}

static Err thanks(Ctx *c, Str number, Page *out) {
    Record *r, *pattern;
    TRY(record_find(&r, c, model_need(c->model, "incident"), number));
    out->title = TRS(c, N_("Thank you"));
    out->is_confirmation = true;
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    Block *b = view_text(
        c->arena, TEXT_EMPTY, TONE_GOOD,
        INCIDENT_FILL(c, TR(c, N_("Your declaration is {0}.")), record_number(c->arena, r)),
        r->is_restricted
            ? TRS(c, N_("It went straight to the general inspection. Your unit does not see it."))
            : TRS(c,
                  N_("Your unit head and the risk correspondent see it now. You can follow it and answer questions.")));
    b->text.button = (Button){.label = TRS(c, N_("Open my declaration")),
                              .href = record_path(c->arena, r),
                              .is_primary = true};
    if (record_int(r, "pattern")) {
        static const char *const hints[LANG_COUNT] = {"hint_en", "hint_fr", "hint_ar"};
        TRY(record_load_raw(&pattern, c, model_need(c->model, "pattern"),
                            record_int(r, "pattern")));
        Str hint = record_text(pattern, hints[c->lang]);
        if (hint.n)
            view_put(
                c->arena, out->body,
                view_text(c->arena, TEXT_NOTICE, TONE_INFO, TRS(c, N_("What to do now")), hint));
    }
    view_put(c->arena, out->body, b);
    out->main = b;
    return declare_another(out, c, r);
}

/* Who knows the classification may write all of it at once. */
static void full_form(Ctx *c, Page *out) {
    static const char *const roles[] = {"correspondent", "analyst", "head_orm", "inspection"};
    bool knows = false;
    for (size_t i = 0; i < LENGTH(roles); i++) knows |= actor_has_role(c, str_of(roles[i]));
    if (!knows) return;
    Button *button = NEW(c->arena, Button);
    *button = (Button){.label = TRS(c, N_("The whole form")), .href = S("/incidents/new")};
    out->buttons = button;
    out->n_buttons = 1;
}

Err incident_declare_build(Ctx *c, const PageArgs *args, Page *out) {
    out->nav = "/incidents";
    if (args->rest.n) return thanks(c, args->rest, out);
    Block *b = view_block(c->arena, BLOCK_FORM);
    b->form = (FormView){.action = S("/declare"),
                         .submit_label = TRS(c, N_("Declare")),
                         .has_files = true,
                         .is_numbered = true,
                         .autosave = true};
    b->form.errors = errors_of(&b->form.n_errors, c, (Str){0});
    full_form(c, out);
    TRY(incident_declare_groups(&b->form.groups, &b->form.n_groups, c, args->query, false));
    out->title = TRS(c, N_("Declare an incident"));
    out->subtitle = TRS(c, N_("Three questions, one minute."));
    out->body = out->main = b;
    return OK;
}
