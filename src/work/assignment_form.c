/* assignment_form.c: the page where a person answers: what is asked, the record around it, the
 * fields as a form and one button; and for who reviews, what the answer changes. Rules are in
 * assignment_answer.c. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/asked.h"
#include "model/attachment.h"
#include "model/report.h"
#include "work/assignment.h"
#include "work/calendar.h"
#include "work/kit.h"
#include "work/pages.h"

/* Its own fields stand beside those of the record, under names that no record has. */
static const struct {
    const char *name, *of;
} own_fields[] = {
    {"answer_result", "result"}, {"answer_comment", "comment"}, {"evidence", "evidence"}};
enum { OWN_RESULT, OWN_COMMENT, OWN_EVIDENCE, OWN_FIELDS };

typedef struct Answering {
    Ctx *c;
    Record *r, *source; /* source NULL: gone, or the reader may not see it */
    Asked asked;
    bool is_open; /* the reader may answer now */
    const Input *typed;
} Answering;

static Err open_answer(Answering *a, Ctx *c, Str number) {
    const Type *t = model_need(c->model, "assignment");
    Str unknown;
    const char *why = NULL;
    *a = (Answering){.c = c};
    TRY(record_find(&a->r, c, t, number));
    TRY(answer_source(&a->source, c, a->r));
    if (a->source) {
        Err e = access_check(c, a->source, OP_READ);
        if (e == ERR_MISSING || e == ERR_DENIED)
            a->source = NULL;
        else
            TRY(e);
    }
    if (a->source) asked_parse(&a->asked, &unknown, c, a->source->type, record_text(a->r, "asked"));
    Err e = access_transition(c, a->r, type_transition(t, S("answer")), &why);
    a->is_open = e == OK;
    return e == ERR_MISSING || e == ERR_DENIED ? OK : e;
}

static bool is_refusal(Str result) {
    return str_is(result, "problem") || str_is(result, "not_applicable");
}

/* ---- what was sent ---- */

static void add_row(Input *in, Ctx *c, size_t i, Value row) {
    static const char *const names[ANSWER_CELLS] = {"field", "before", "after"};
    for (size_t k = 0; k < ANSWER_CELLS; k++)
        input_add(in, c->arena, str_fmt(c->arena, "answers[%zu].%s", i, names[k]), row.list[k].s);
}

static bool names_asked(const Asked *asked, Str name) {
    for (size_t i = 0; i < asked->n; i++) {
        Str own = str_of(asked->items[i]->name);
        if (str_starts(name, own) &&
            (name.n == own.n || name.p[own.n] == '.' || name.p[own.n] == '['))
            return true;
    }
    return false;
}

/* The record as the person saw it, when it has been saved since. */
static Err seen_version(Record **out, const Answering *a, const Input *form) {
    int64_t seen;
    *out = a->source;
    if (!str_to_int(&seen, input_getz(form, "answer_seen")) || seen == a->source->version)
        return OK;
    Err e = record_version(out, a->c, a->source->type, a->source->id, seen);
    if (e == ERR_MISSING) *out = a->source;
    return e == ERR_MISSING ? OK : e;
}

/* What was typed as rows: a field that nobody touched follows the record; one that both changed is
 * said with both values. */
static Err typed_rows(Input *in, const Answering *a, const Input *form) {
    Ctx *c = a->c;
    Input fields = {0};
    Record *seen, *after = record_clone(c, a->source);
    size_t n = 0, before = c->issues.n;
    for (size_t i = 0; i < form->n; i++)
        if (names_asked(&a->asked, form->items[i].name))
            input_add(&fields, c->arena, form->items[i].name, form->items[i].value);
    Err e = record_read_input(after, c, &fields, false);
    if (e && e != ERR_INVALID) return e;
    TRY(seen_version(&seen, a, form));
    for (size_t i = 0; i < a->asked.n; i++) {
        const Field *f = a->asked.items[i];
        Value now = a->source->values[f->index], wrote = after->values[f->index];
        if (!asked_is_open(f, a->source) || value_eq(now, wrote)) continue;
        if (value_eq(wrote, seen->values[f->index])) continue;
        if (value_eq(now, seen->values[f->index])) {
            add_row(in, c, n++, answer_row_value(c, f, now, wrote));
            continue;
        }
        Issue both = {
            .field = str_of(f->name),
            .code = "conflict",
            .text = N_("Somebody else saved meanwhile: there it says “{0}”, you wrote “{1}”."),
            .args = {field_text(c, f, now), field_text(c, f, wrote)}};
        issues_add(&c->issues, c->arena, both);
    }
    if (e) return e;
    if (!n) input_add(in, c->arena, S("answers"), (Str){0}); /* an earlier answer does not stay */
    return c->issues.n > before ? ERR_CONFLICT : OK;
}

Err answer_page_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) {
    Answering a;
    Record *saved;
    Input in = {.files = form->files, .n_files = form->n_files, .files_cap = form->files_cap};
    TRY(open_answer(&a, c, args->rest));
    Str result = input_getz(form, own_fields[OWN_RESULT].name);
    for (size_t k = 0; k < OWN_FIELDS; k++) {
        Str one;
        for (size_t i = 0; input_nth(&one, form, str_of(own_fields[k].name), i); i++)
            input_add(&in, c->arena, str_of(own_fields[k].of), one);
    }
    if (a.asked.n && a.source && a.is_open && !is_refusal(result)) TRY(typed_rows(&in, &a, form));
    TRY(attachment_take(c, a.r->type, a.r, &in));
    TRY(record_move(&saved, c, a.r, "answer", &in));
    *redirect = S("/");
    return OK;
}

/* ---- the form ---- */

/* A field of the assignment itself, under its name in this form. */
static Err own_field(FormField *out, const Answering *a, int which) {
    Ctx *c = a->c;
    Input typed = {0};
    Str one;
    FormField *fields;
    size_t n;
    const Field *field = type_need(a->r->type, own_fields[which].of);
    Asked own = {.items = &field, .n = 1};
    for (size_t i = 0; a->typed && input_nth(&one, a->typed, str_of(own_fields[which].name), i);
         i++)
        input_add(&typed, c->arena, str_of(own_fields[which].of), one);
    TRY(asked_form(&fields, &n, c, &own, a->r, a->typed ? &typed : NULL));
    *out = n ? fields[0] : (FormField){.kind = INPUT_HIDDEN};
    out->name = str_of(own_fields[which].name);
    return OK;
}

/* Only what stands in the way: that something changed or not, the fields say. */
static Err refusal_field(FormField *out, const Answering *a) {
    TRY(own_field(out, a, OWN_RESULT));
    FilterOption *options = NEW_N(a->c->arena, FilterOption, out->n_options + 1);
    size_t n = 0;
    for (size_t i = 0; i < out->n_options; i++)
        if (is_refusal(out->options[i].value)) options[n++] = out->options[i];
    if (out->n_values && !is_refusal(out->values[0])) out->n_values = 0;
    out->options = options;
    out->n_options = n;
    out->as_cards = out->is_required = false;
    out->is_optional_part = !out->n_values && !out->n_errors;
    out->label = TRS(a->c, N_("It cannot be answered"));
    out->help = TRS(a->c, N_("Choose why and say it in the comment; the fields above then stay."));
    return OK;
}

static Err groups_of(FormView *view, const Answering *a) {
    Ctx *c = a->c;
    Record *values;
    FormGroup *groups = NEW_N(c->arena, FormGroup, 2);
    FormField *own = NEW_N(c->arena, FormField, OWN_FIELDS);
    view->groups = groups;
    if (a->asked.n && a->source) {
        FormField *fields;
        size_t n;
        TRY(answer_over(&values, c, a->r, a->source));
        TRY(asked_form(&fields, &n, c, &a->asked, values, a->typed));
        groups[view->n_groups++] =
            (FormGroup){.label = TRS(c, a->source->type->label), .fields = fields, .n = n};
    }
    TRY(own_field(&own[0], a, OWN_COMMENT));
    TRY(own_field(&own[1], a, OWN_EVIDENCE));
    if (a->asked.n)
        TRY(refusal_field(&own[2], a));
    else
        TRY(own_field(&own[2], a, OWN_RESULT));
    if (!a->asked.n) { /* the result is what is asked: it comes first */
        FormField result = own[2];
        own[2] = own[1];
        own[1] = own[0];
        own[0] = result;
        own[0].is_required = true;
    }
    groups[view->n_groups++] = (FormGroup){.label = TRS(c, N_("Your answer")),
                                           .fields = own,
                                           .n = OWN_FIELDS,
                                           .more_label = TRS(c, N_("It cannot be answered"))};
    view->has_files = true;
    return OK;
}

static bool shows(const FormView *view, Str field) {
    for (size_t g = 0; g < view->n_groups; g++)
        for (size_t i = 0; i < view->groups[g].n; i++) {
            const FormField *f = &view->groups[g].fields[i];
            if (f->n_errors && str_starts(field, f->name)) return true;
            for (size_t k = 0; f->n_errors && k < OWN_FIELDS; k++)
                if (str_is(field, own_fields[k].of) && str_is(f->name, own_fields[k].name))
                    return true;
        }
    return false;
}

/* What belongs to no field of the form stands above it, with the field's name when it has one. */
static void form_errors(FormView *view, const Answering *a) {
    Ctx *c = a->c;
    Str *texts = NEW_N(c->arena, Str, c->issues.n + 1);
    for (size_t i = 0; i < c->issues.n; i++) {
        const Issue *is = &c->issues.items[i];
        if (is->field.n && shows(view, is->field)) continue;
        const Field *f = a->source ? type_field(a->source->type, is->field) : NULL;
        Str text = issue_text(c, is);
        texts[view->n_errors++] = f ? FILL(c, TR(c, "{0}: {1}"), TRS(c, f->label), text) : text;
    }
    view->errors = texts;
}

static bool has_conflict(const Ctx *c) {
    for (size_t i = 0; i < c->issues.n; i++)
        if (!strcmp(c->issues.items[i].code, "conflict")) return true;
    return false;
}

/* Which version the person sees; after a conflict both values stand there, so the newest. */
static FormField seen_field(const Answering *a) {
    Ctx *c = a->c;
    Str typed = a->typed ? input_getz(a->typed, "answer_seen") : (Str){0};
    Str *value = NEW(c->arena, Str);
    *value = typed.n && !has_conflict(c) ? typed
             : a->source                 ? kit_text_int(c, a->source->version)
                                         : S("0");
    return (FormField){
        .name = S("answer_seen"), .kind = INPUT_HIDDEN, .values = value, .n_values = 1};
}

static Err form_block(Block **out, const Answering *a) {
    Ctx *c = a->c;
    Block *block = view_block(c->arena, BLOCK_FORM);
    FormView *view = &block->form;
    TRY(groups_of(view, a));
    form_errors(view, a);
    FormGroup *last = NEW_N(c->arena, FormGroup, view->n_groups);
    memcpy(last, view->groups, view->n_groups * sizeof *last);
    FormGroup *end = &last[view->n_groups - 1];
    FormField *fields = NEW_N(c->arena, FormField, end->n + 1);
    memcpy(fields, end->fields, end->n * sizeof *fields);
    fields[end->n++] = seen_field(a);
    end->fields = fields;
    view->groups = last;
    view->action = str_join(c->arena, S("/assignments/answer/"), record_number(c->arena, a->r));
    view->submit_label = TRS(c, N_("Send the answer"));
    view->cancel = (Button){.label = TRS(c, N_("Cancel")), .href = S("/")};
    view->version = kit_text_int(c, a->r->version);
    view->autosave = true;
    block->id = "form";
    *out = block;
    return OK;
}

/* ---- the page ---- */

static Err due_facts(Block **out, const Answering *a) {
    Ctx *c = a->c;
    Fact *facts = NEW_N(c->arena, Fact, 4);
    size_t n = 0;
    Str counted;
    Str due = record_text(a->r, "due_on"), latest = record_text(a->r, "grace_until");
    facts[n++] = (Fact){.name = "due_on", .label = TRS(c, N_("Due on")), .cell = cell_date(due)};
    if (latest.n && !str_eq(latest, due))
        facts[n++] = (Fact){
            .name = "grace_until", .label = TRS(c, N_("At the latest")), .cell = cell_date(latest)};
    if (str_cmp(due, c->today) < 0 && kit_state(a->r, "open"))
        facts[0].cell.tone = TONE_BAD, facts[0].cell.note = TRS(c, N_("Overdue"));
    TRY(calendar_name(&counted, c, record_int(a->r, "calendar")));
    if (counted.n)
        facts[n++] = (Fact){.name = "calendar",
                            .label = TRS(c, N_("Working days counted by")),
                            .cell = cell_text(counted)};
    if (record_int(a->r, "reviewer")) {
        facts[n] = (Fact){.name = "reviewer", .label = TRS(c, N_("Then reviewed by"))};
        TRY(report_person(&facts[n++].cell, c, record_int(a->r, "reviewer")));
    }
    *out = view_block(c->arena, BLOCK_FACTS);
    (*out)->facts = (FactsView){.facts = facts, .n = n, .is_headline = true};
    return OK;
}

/* Why there is no form, or what to know before filling it in. */
static Err notices(Block *body, const Answering *a) {
    Ctx *c = a->c;
    Str back = record_text(a->r, "returned_why");
    bool may = true;
    if (has_conflict(c))
        view_put(c->arena, body,
                 view_text(c->arena, TEXT_NOTICE, TONE_WARN,
                           TRS(c, N_("Somebody else saved this record meanwhile")),
                           TRS(c, N_("Both values stand beside each field concerned. Keep what is "
                                     "right, then send again."))));
    if (back.n && kit_state(a->r, "open"))
        view_put(
            c->arena, body,
            view_text(c->arena, TEXT_NOTICE, TONE_WARN, TRS(c, N_("Your answer came back")), back));
    if (!a->is_open)
        view_put(c->arena, body,
                 view_text(c->arena, TEXT_NOTICE, TONE_INFO,
                           kit_state(a->r, "open") ? TRS(c, N_("This is asked of somebody else"))
                                                   : TRS(c, a->r->state->label),
                           TRS(c, N_("There is nothing for you to answer here now."))));
    if (a->asked.n && a->source && a->is_open) TRY(answer_may_write(&may, c, a->r, a->source));
    if (!may)
        view_put(
            c->arena, body,
            view_text(c->arena, TEXT_NOTICE, TONE_WARN,
                      TRS(c, N_("The record is closed to changes")),
                      TRS(c, N_("In its present state neither you nor the reviewer may change it. "
                                "You can confirm it as it is, or say what stands in the way."))));
    return OK;
}

Err answer_page_build(Ctx *c, const PageArgs *args, Page *out) {
    Answering a;
    Block *block = NULL;
    TRY(open_answer(&a, c, args->rest));
    if (input_has(args->query, S("answer_seen"))) a.typed = args->query;
    out->title = record_text(a.r, "title");
    out->eyebrow = record_number(c->arena, a.r);
    out->state = cell_state(str_of(a.r->state->name), TRS(c, a.r->state->label), a.r->state->tone);
    Crumb *trail = NEW_N(c->arena, Crumb, 2);
    trail[0] = (Crumb){TRS(c, N_("My work")), S("/")};
    trail[1] = (Crumb){out->eyebrow, record_path(c->arena, a.r)};
    out->trail = trail;
    out->n_trail = 2;
    out->nav = "/";
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    TRY(notices(out->body, &a));
    TRY(due_facts(&block, &a));
    view_put(c->arena, out->body, block);
    Block *split = view_layout(c->arena, LAYOUT_SPLIT, (Str){0});
    Block *main = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    Block *side = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    if (record_text(a.r, "task").n)
        view_put(c->arena, main,
                 kit_section(c, N_("What is to be done"), NULL,
                             view_text(c->arena, TEXT_MARKDOWN, TONE_NONE, (Str){0},
                                       record_text(a.r, "task"))));
    if (a.is_open)
        TRY(form_block(&block, &a));
    else
        TRY(answer_section(c, a.r, &block));
    view_put(c->arena, main, block);
    out->main = a.is_open ? block : NULL;
    if (a.source) {
        TRY(asked_context(&block, c, a.source, &a.asked));
        view_put(c->arena, side, kit_section(c, N_("About"), NULL, block));
    }
    view_put(c->arena, split, main);
    view_put(c->arena, split, side);
    view_put(c->arena, out->body, split);
    return OK;
}

/* ---- for who reviews ---- */

/* clang-format off */
static const KitColumn columns[] = {
    {"field",  N_("Field"),  CELL_TEXT, true,  false},
    {"before", N_("Before"), CELL_TEXT, false, false},
    {"after",  N_("Answer"), CELL_TEXT, false, false},
};
/* clang-format on */

static Cell kept_cell(Ctx *c, const Field *f, Str text) {
    bool exact = c->is_exact, ok;
    c->is_exact = true;
    Value v = field_from_text(c, f, text, &ok);
    c->is_exact = exact;
    return ok && !value_is_null(v) ? field_cell(c, f, v) : cell_text(TRS(c, N_("nothing")));
}

/* Before and after, field by field; what the record says today where it is something else. */
Err answer_section(Ctx *c, const Record *r, Block **out) {
    Record *source;
    Value rows = record_get(r, "answers");
    *out = NULL;
    if (!record_text(r, "asked").n || kit_state(r, "planned") || kit_state(r, "cancelled"))
        return OK;
    TRY(answer_source(&source, c, r));
    if (!source || access_check(c, source, OP_READ) != OK) return OK;
    Row *lines = NEW_N(c->arena, Row, rows.n + 1);
    size_t n = 0;
    for (size_t i = 0; rows.kind == V_ROWS && i < rows.n; i++) {
        const Value *row = rows.list[i].list;
        const Field *f = type_field(source->type, row[ANSWER_FIELD].s);
        if (!f) continue;
        Cell *cells = NEW_N(c->arena, Cell, LENGTH(columns));
        cells[0] = cell_text(TRS(c, f->label));
        cells[1] = kept_cell(c, f, row[ANSWER_BEFORE].s);
        cells[2] = kept_cell(c, f, row[ANSWER_AFTER].s);
        Value now = source->values[f->index];
        Str text = field_text_stored(c, f, now);
        if (!kit_state(r, "done") && !str_eq(text, row[ANSWER_BEFORE].s))
            cells[1].note = FILL(c, TR(c, "meanwhile: {0}"), text);
        lines[n++] = (Row){.id = row[ANSWER_FIELD].s, .cells = cells};
    }
    if (kit_state(r, "open") && !n) return OK;
    Block *list = kit_list(c, columns, LENGTH(columns), lines, n,
                           N_("Nothing changes: everything was confirmed as it stands"));
    const char *title = kit_state(r, "done")   ? N_("What the answer changed")
                        : kit_state(r, "open") ? N_("What was answered and came back")
                                               : N_("What the answer changes");
    *out = kit_section(c, title, NULL, list);
    return OK;
}
