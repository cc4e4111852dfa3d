/* incident_anonymous.c: declaring without an account. Neither name nor address is kept: the record
 * has no author, only the hash of a code with which the declarant follows it. Straight to the
 * general inspection. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/secret.h"
#include "modules/incident/incident_pages.h"

enum { CODE_LENGTH = 10, MESSAGE_MAX = 4000, MESSAGES_MAX = 200 };

static void as_system(Ctx *c, Actor **kept) {
    *kept = c->actor;
    c->actor = NEW(c->arena, Actor);
    actor_system(c);
    c->cache = NULL;
}

static void as_before(Ctx *c, Actor *kept) {
    c->actor = kept;
    c->cache = NULL;
}

static Str code_hash(Ctx *c, Str code) {
    Text upper = text_new(c->arena, 100);
    for (size_t i = 0; i < code.n && i < 40; i++) {
        char ch = code.p[i];
        if (ch >= 'a' && ch <= 'z') ch = (char)(ch - 'a' + 'A');
        if (ch != ' ' && ch != '-') text_char(&upper, ch);
    }
    return sha256_hex(c->arena, text_str(&upper));
}

static Err find(Record **out, Ctx *c, Str code) {
    Records list;
    TRY(record_where(&list, c, model_need(c->model, "incident"), "follow_up_hash",
                     value_text(code_hash(c, code)), 1));
    if (!list.n) return ERR_MISSING;
    *out = list.items[0];
    return OK;
}

/* ---- writing ---- */

static Err create(Str *code, Ctx *c, Input *in) {
    Record *r, *saved;
    Input nothing = {0};
    *code = random_code(c->arena, CODE_LENGTH);
    input_add(in, c->arena, S("channel"), S("anonymous"));
    in->n_files = 0; /* files tell more about their author than people know */
    TRY(record_create(&r, c, model_need(c->model, "incident"), in));
    r = record_clone(c, r);
    record_set(r, "follow_up_hash", value_text(code_hash(c, *code)));
    TRY(record_save(&saved, c, r, "update"));
    return record_move(&r, c, saved, "submit", &nothing);
}

static Err add_message(Ctx *c, Str code, const Input *form) {
    Record *incident, *r, *saved;
    Records have;
    Str text = str_trim(input_getz(form, "message"));
    const Type *t = model_need(c->model, "case_message");
    TRY(find(&incident, c, code));
    if (incident->state->flags & STATE_CLOSED)
        return issue(c, "message", "closed", N_("The case is closed. Thank you."));
    if (!text.n) return issue(c, "message", "required", N_("Write your message first."));
    if (text.n > MESSAGE_MAX)
        return issue(c, "message", "too_long", N_("This message is too long."));
    TRY(record_children(&have, c, t, incident));
    if (have.n >= MESSAGES_MAX)
        return issue(c, "message", "too_many", N_("This case has too many messages."));
    r = record_new(c, t);
    record_set(r, "incident", value_int(incident->id));
    record_set(r, "message", value_text(text));
    record_set(r, "from_declarant", value_int(1));
    return record_save(&saved, c, r, "create");
}

Err incident_anonymous_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) {
    Actor *kept;
    Input in;
    Str code = args->rest;
    if (!code.n && input_has(form, S("code"))) { /* a code typed to follow a declaration */
        *redirect = report_link(c, S("/anonymous"), "code", input_getz(form, "code"));
        return OK;
    }
    if (!code.n) TRY(incident_declare_input(&in, c, form));
    as_system(c, &kept);
    Err e = code.n ? add_message(c, code, form) : create(&code, c, &in);
    as_before(c, kept);
    TRY(e);
    *redirect = str_fmt(c->arena, "/anonymous/%.*s", FMT(code));
    return OK;
}

/* ---- pages ---- */

static Str status_words(Ctx *c, const Record *r) {
    static const struct {
        const char *state, *text;
    } words[] = {{"draft", N_("Your declaration is being written.")},
                 {"declared", N_("Your declaration has arrived. Nobody of the unit sees it.")},
                 {"qualification", N_("The general inspection is looking into it.")},
                 {"review", N_("The general inspection is looking into it.")},
                 {"approval", N_("The facts are established; a decision is being taken.")},
                 {"open", N_("Measures have been decided and are being followed up.")},
                 {"closure", N_("Measures have been decided and are being followed up.")},
                 {"closed", N_("The case is closed. Thank you.")},
                 {"cancelled", N_("The case was closed without further action.")}};
    for (size_t i = 0; i < LENGTH(words); i++)
        if (strcmp(r->state->name, words[i].state) == 0) return TRS(c, words[i].text);
    return TRS(c, r->state->label);
}

static Block *message_form(Ctx *c, Str code) {
    Block *b = view_block(c->arena, BLOCK_FORM);
    FormField *f = NEW(c->arena, FormField);
    FormGroup *g = NEW(c->arena, FormGroup);
    *f = (FormField){.name = S("message"),
                     .label = TRS(c, N_("Add a message or an answer")),
                     .kind = INPUT_LONG,
                     .rows = 4,
                     .max_length = MESSAGE_MAX,
                     .is_required = true};
    *g = (FormGroup){.fields = f, .n = 1};
    b->form = (FormView){.action = str_fmt(c->arena, "/anonymous/%.*s", FMT(code)),
                         .groups = g,
                         .n_groups = 1,
                         .submit_label = TRS(c, N_("Send"))};
    return b;
}

static Err follow(Ctx *c, Str code, Page *out) {
    Record *r;
    Records messages;
    TRY(find(&r, c, code));
    TRY(record_children(&messages, c, model_need(c->model, "case_message"), r));
    out->title = TRS(c, N_("Your declaration"));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    Block *keep = view_text(
        c->arena, TEXT_NOTICE, TONE_INFO, INCIDENT_FILL(c, TR(c, N_("Your code: {0}")), code),
        TRS(c,
            N_("Write it down: it is the only way back to this page. We do not know who you are.")));
    Block *state = view_text(c->arena, TEXT_NOTICE, TONE_GOOD, TRS(c, N_("Where it stands")),
                             status_words(c, r));
    view_put(c->arena, out->body, keep);
    view_put(c->arena, out->body, state);
    for (size_t i = 0; i < messages.n; i++) {
        const Record *m = messages.items[i];
        view_put(c->arena, out->body,
                 view_text(c->arena, TEXT_PLAIN, TONE_NONE,
                           record_bool(m, "from_declarant") ? TRS(c, N_("You"))
                                                            : TRS(c, N_("General inspection")),
                           record_text(m, "message")));
    }
    if (!(r->state->flags & STATE_CLOSED)) view_put(c->arena, out->body, message_form(c, code));
    out->main = state;
    return OK;
}

static Block *code_form(Ctx *c) {
    Block *b = view_block(c->arena, BLOCK_FORM);
    FormField *f = NEW(c->arena, FormField);
    FormGroup *g = NEW(c->arena, FormGroup);
    *f = (FormField){.name = S("code"),
                     .label = TRS(c, N_("Follow-up code")),
                     .kind = INPUT_TEXT,
                     .max_length = 40};
    *g = (FormGroup){.fields = f, .n = 1};
    b->form = (FormView){.action = S("/anonymous"),
                         .groups = g,
                         .n_groups = 1,
                         .submit_label = TRS(c, N_("Follow")),
                         .is_get = true};
    Block *section =
        view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("You have declared already?")));
    section->layout.is_folded = true;
    view_put(c->arena, section, b);
    return section;
}

Err incident_anonymous_build(Ctx *c, const PageArgs *args, Page *out) {
    Str code = args->rest.n ? args->rest : str_trim(input_getz(args->query, "code"));
    out->is_bare = true;
    if (code.n) return follow(c, code, out);
    Block *b = view_block(c->arena, BLOCK_FORM);
    b->form = (FormView){.action = S("/anonymous"),
                         .submit_label = TRS(c, N_("Declare without a name")),
                         .is_numbered = true};
    TRY(incident_declare_groups(&b->form.groups, &b->form.n_groups, c, args->query, true));
    out->title = TRS(c, N_("Declare without a name"));
    out->subtitle = TRS(
        c,
        N_("Neither your name nor your address is kept. It goes to the general inspection only."));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, b);
    view_put(c->arena, out->body, code_form(c));
    out->main = b;
    return OK;
}
