/* login.c: signing in and out, and the one-time link with which somebody chooses a first or a new
 * password. Hashing happens before the writing transaction; an unknown address costs the same work.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/route.h"

#include "base/log.h"
#include "base/secret.h"
#include "model/history.h"
#include "model/totp.h"
#include "work/directory.h"
#include "work/kit.h"

/* ---- forms ---- */

static FormField field(Web *w, const char *name, const char *label, InputKind kind) {
    return (FormField){.name = str_of(name),
                       .label = trs(w->lang, label),
                       .kind = kind,
                       .is_required = true,
                       .max_length = 512};
}

static void show_issues(Web *w, FormView *form) {
    Str *errors = NEW_N(w->arena, Str, w->c->issues.n + 1);
    for (size_t i = 0; i < w->c->issues.n; i++)
        errors[form->n_errors++] = issue_text(w->c, &w->c->issues.items[i]);
    form->errors = errors;
}

static Block *form_block(Web *w, Str action, FormField *fields, size_t n, const char *submit) {
    Block *b = view_block(w->arena, BLOCK_FORM);
    FormGroup *group = NEW(w->arena, FormGroup);
    *group = (FormGroup){.fields = fields, .n = n};
    b->form = (FormView){
        .action = action, .groups = group, .n_groups = 1, .submit_label = trs(w->lang, submit)};
    show_issues(w, &b->form);
    return b;
}

/* The second step: the ticket stands for the password that was right; it lives five minutes. */
static Err code_show(Web *w) {
    FormField *fields = NEW_N(w->arena, FormField, 3);
    Str *values = NEW_N(w->arena, Str, 2);
    values[0] = w->ticket.n ? w->ticket : input_getz(&w->form, "ticket");
    values[1] = web_safe_path(input_getz(&w->form, "next"), S("/"));
    fields[0] = field(w, "code", N_("Code of your authenticator"), INPUT_TEXT);
    fields[0].help = trs(w->lang, N_("Six digits; they change every half minute."));
    fields[0].max_length = 6;
    fields[1] = field(w, "ticket", N_("Ticket"), INPUT_HIDDEN);
    fields[2] = field(w, "next", N_("Next"), INPUT_HIDDEN);
    for (int i = 0; i < 2; i++) {
        fields[i + 1].values = &values[i];
        fields[i + 1].n_values = 1;
    }
    Page *page = web_page(w);
    page->title = trs(w->lang, N_("Second step"));
    page->is_bare = true;
    page->body = form_block(w, S("/login/code"), fields, 3, N_("Sign in"));
    return OK;
}

Err login_code_show(Web *w) {
    return code_show(w);
}

/* What may be done without signing in. */
static void public_pages(Web *w, Page *page) {
    const Model *m = w->c->model;
    Button *buttons = NEW_N(w->arena, Button, m->n_pages + 1);
    for (size_t i = 0; i < m->n_pages; i++)
        if (strcmp(m->pages[i]->right, "public") == 0)
            buttons[page->n_buttons++] = (Button){.label = trs(w->lang, m->pages[i]->label),
                                                  .href = str_of(m->pages[i]->path)};
    page->buttons = buttons;
}

Err login_show(Web *w) {
    if (w->ticket.n) return code_show(w);
    bool posted = w->request->method == HTTP_POST;
    const Input *in = posted ? &w->form : &w->query;
    Str next = web_safe_path(input_getz(in, "next"), S("/"));
    if (!posted && w->session.id) return web_redirect(w, next, NULL);
    FormField *fields = NEW_N(w->arena, FormField, 3);
    bool named = w->server->config.work.directory != NULL;
    fields[0] = field(w, "email", named ? N_("E-mail or user name") : N_("E-mail"), INPUT_TEXT);
    fields[1] = field(w, "password", N_("Password"), INPUT_PASSWORD);
    fields[2] = field(w, "next", N_("Next"), INPUT_HIDDEN);
    Str *values = NEW_N(w->arena, Str, 2);
    values[0] = input_getz(in, "email");
    values[1] = next;
    fields[0].values = &values[0];
    fields[0].n_values = values[0].n > 0;
    fields[2].values = &values[1];
    fields[2].n_values = 1;
    Page *page = web_page(w);
    page->title = trs(w->lang, N_("Sign in"));
    page->is_bare = true;
    page->body = form_block(w, S("/login"), fields, 3, N_("Sign in"));
    public_pages(w, page);
    return OK;
}

/* ---- signing in ---- */

static Err load_credentials(Web *w, Str email, Str *hash) {
    Db *db;
    TRY(db_read(&db, w->worker->db));
    w->c->db = db;
    Err e = account_credentials(&w->prepared_user, hash, w->c, email);
    if (e == OK)
        e = attempt_wait(&w->prepared_wait, &w->prepared_key, w->c, email, w->prepared_user,
                         w->device);
    w->c->db = NULL;
    db_rollback(db);
    return e;
}

/* Outside of any transaction: the directory may take its time. */
Err login_ask_directory(bool *right, Web *w, Str login, Str password) {
    DirectoryEntry *entry = NEW(w->arena, DirectoryEntry);
    Str why = {0};
    *right = false;
    Err e = ldap_login(entry, &why, w->arena, w->server->config.work.directory, login, password);
    if (entry->key.n) w->found_entry = entry;
    if (e == ERR_DENIED) return OK;
    if (e == ERR_BUSY) {
        log_line(LOG_WARN, "directory", "%.*s", FMT(why));
        w->is_directory_silent = true;
        return OK;
    }
    TRY(e);
    w->prepared_entry = entry;
    *right = true;
    return OK;
}

Err login_prepare(Web *w) {
    bool right;
    Str hash, email = str_trim(input_getz(&w->form, "email"));
    Str password = str_sub(input_getz(&w->form, "password"), 0, PASSWORD_MAX);
    TRY(load_credentials(w, email, &hash));
    w->prepared_owner = w->prepared_user;
    if (w->prepared_wait > 0) return OK;
    /* An account with a password of its own never needs the directory. */
    if (!hash.n && w->server->config.work.directory) {
        w->prepared_user = 0;
        return login_ask_directory(&right, w, email, password);
    }
    Err e = password_verify(hash, password);
    if (e == ERR_DENIED) w->prepared_user = 0;
    return e == ERR_DENIED ? OK : e;
}

/* A short name of the browser for the list of sessions, not the whole header. */
static Str client_name(const Web *w) {
    static const char *const names[][2] = {{"Edg/", "Edge"},      {"OPR/", "Opera"},
                                           {"Chrome/", "Chrome"}, {"Firefox/", "Firefox"},
                                           {"Safari/", "Safari"}, {"curl/", "curl"}};
    Str agent = http_header(w->request, "user-agent");
    for (size_t i = 0; i < LENGTH(names); i++)
        if (str_find(agent, str_of(names[i][0])) >= 0) return str_of(names[i][1]);
    return (Str){0};
}

static Err note_sign_in(Web *w, int64_t user, const char *action) {
    Record *r;
    TRY(record_load_raw(&r, w->c, model_need(w->c->model, "user"), user));
    TRY(actor_load(w->c, user));
    return history_note(w->c, r, action, (Str){0});
}

static Err open_session(Web *w, int64_t user) {
    Session s;
    /* A new id at every sign-in: what was there before is worth nothing. */
    if (w->session.id) TRY(session_end(w->c, w->session.id, 0));
    TRY(session_new(&s, w->c, user, client_name(w)));
    w->new_session = s.token;
    if (w->device.n < 40) TRY(device_new(&w->new_device, w->c, user));
    return note_sign_in(w, user, "sign_in");
}

Err login_wait(Web *w, int64_t seconds) {
    w->is_refused = true;
    w->status = 429;
    (void)issue_arg(w->c, "", "wait", N_("Too many failed attempts. Please wait {0} seconds."),
                    str_fmt(w->arena, "%lld", (long long)seconds));
    return OK;
}

static Err code_refused(Web *w, const char *text) {
    w->is_refused = true;
    (void)issue(w->c, "", "credentials", text);
    return OK;
}

/* Whoever has a second factor shows it, whichever way they came. */
static Err open_or_ask(Web *w, int64_t user) {
    Second second;
    TRY(account_second(&second, w->c, user));
    if (!second.is_on) {
        TRY(open_session(w, user));
        return web_redirect(w, web_safe_path(input_getz(&w->form, "next"), S("/")), NULL);
    }
    if (second.is_lost) {
        log_line(LOG_ERROR, "key_missing", "a second factor cannot be checked, see docs/ADMIN.md");
        return code_refused(w, N_("Your second factor cannot be checked here at the moment. Ask an "
                                  "administrator to reset it."));
    }
    w->is_refused = true; /* not refused: shown at once, as the ticket may stand in no address */
    w->status = 200;
    return one_time_new(&w->ticket, w->c, user, "second", 300);
}

/* Made or brought up to date at the sign-in: who joined this morning need not wait. */
static Err account_of_entry(Web *w) {
    Ctx *own;
    DirectoryReport report = {.notes = text_new(w->arena, 1 << 16)};
    TRY(kit_as(&own, w->c, 0));
    own->source = S("directory");
    Err e = directory_apply(&w->prepared_user, &report, own, own->work->directory,
                            w->prepared_entry, 0);
    if (e == ERR_INVALID) return ERR_INTERNAL; /* nothing that the person could mend */
    TRY(e);
    if (w->prepared_user) return OK;
    w->is_refused = true;
    (void)issue(w->c, "", "closed",
                N_("Your account is not open here. Please ask an administrator."));
    /* The log names nobody; `gardefou user sync --dry-run` does. */
    log_line(LOG_WARN, "directory", "%.*s: an account was not opened at its sign-in",
             FMT(w->request->id));
    return OK;
}

/* The directory takes one person by many spellings of one name: tries count for the person, too.
 * *key is empty for an account without the directory. */
static Err entry_wait(Str *key, Web *w) {
    int64_t user, wait;
    Str hash;
    *key = (Str){0};
    if (!w->found_entry) return OK;
    TRY(account_credentials(&user, &hash, w->c, w->found_entry->email));
    TRY(attempt_wait(&wait, key, w->c, str_join(w->arena, S("directory "), w->found_entry->key),
                     user, w->device));
    if (wait > w->prepared_wait) w->prepared_wait = wait;
    return OK;
}

Err login_run(Web *w) {
    Str entry_key;
    /* Asked again in the writing transaction: many tries at one moment are not all free. */
    if (w->prepared_wait == 0)
        TRY(attempt_wait(&w->prepared_wait, &w->prepared_key, w->c,
                         str_trim(input_getz(&w->form, "email")), w->prepared_owner, w->device));
    TRY(entry_wait(&entry_key, w));
    if (w->prepared_wait > 0) return login_wait(w, w->prepared_wait);
    if (w->is_directory_silent) {
        w->is_refused = true;
        (void)issue(
            w->c, "", "directory",
            N_("The directory of the institution does not answer. Please try again in a minute."));
        return OK;
    }
    if (w->prepared_entry) TRY(account_of_entry(w));
    if (w->prepared_user == 0) {
        if (w->is_refused) return OK;
        w->is_refused = true;
        (void)issue(w->c, "", "credentials", N_("E-mail or password is wrong."));
        if (entry_key.n) TRY(attempt_failed(w->c, entry_key));
        return attempt_failed(w->c, w->prepared_key);
    }
    Second second;
    TRY(account_second(&second, w->c, w->prepared_user));
    /* With a second factor the password alone clears nothing. */
    if (!second.is_on) TRY(attempt_clear(w->c, w->prepared_key));
    if (!second.is_on && entry_key.n) TRY(attempt_clear(w->c, entry_key));
    return open_or_ask(w, w->prepared_user);
}

/* Wrong codes count like wrong passwords: the delay doubles, so that a million codes cannot be
 * tried. */
Err login_code_run(Web *w) {
    int64_t user, step, wait;
    Second second;
    Str ticket = input_getz(&w->form, "ticket"), key;
    Err e = one_time_find(&user, w->c, ticket, "second");
    if (e == ERR_MISSING) return code_refused(w, N_("That took too long. Please start again."));
    TRY(e);
    RefName who;
    TRY(ref_name(&who, w->c, model_need(w->c->model, "user"), user));
    TRY(attempt_wait(&wait, &key, w->c, who.key, user, w->device));
    if (wait > 0) return login_wait(w, wait);
    TRY(account_second(&second, w->c, user));
    if (!second.secret.n ||
        !totp_verify(&step, w->arena, second.secret, str_trim(input_getz(&w->form, "code")),
                     w->c->now_us, second.step)) {
        TRY(code_refused(w, N_("This code is not right, or was used already.")));
        return attempt_failed(w->c, key);
    }
    TRY(account_second_used(w->c, user, step));
    TRY(one_time_use(w->c, ticket));
    TRY(attempt_clear(w->c, key));
    TRY(open_session(w, user));
    return web_redirect(w, web_safe_path(input_getz(&w->form, "next"), S("/")), NULL);
}

Err logout_run(Web *w) {
    if (w->session.id) {
        TRY(session_end(w->c, w->session.id, 0));
        TRY(note_sign_in(w, w->session.user, "sign_out"));
    }
    w->end_session = true;
    return web_redirect(w, S("/login"), "signed_out");
}

/* ---- one-time link ---- */

Err welcome_show(Web *w) {
    int64_t user;
    if (w->ticket.n) return code_show(w);
    TRY(one_time_find(&user, w->c, w->name, "password"));
    FormField *fields = NEW_N(w->arena, FormField, 2);
    fields[0] = field(w, "password", N_("New password"), INPUT_PASSWORD);
    fields[0].help = trs(w->lang, N_("At least 10 characters; a short sentence is good."));
    fields[1] = field(w, "again", N_("The same once more"), INPUT_PASSWORD);
    Page *page = web_page(w);
    page->title = trs(w->lang, N_("Choose a password"));
    page->is_bare = true;
    page->body = form_block(w, str_join(w->arena, S("/welcome/"), w->name), fields, 2,
                            N_("Save and sign in"));
    return OK;
}

static Err check_new_password(Web *w, Str email) {
    Str password = input_getz(&w->form, "password");
    const char *why = password_problem(password, email);
    if (why) return issue(w->c, "password", "weak", why);
    if (!str_eq(password, input_getz(&w->form, "again")))
        return issue(w->c, "again", "differs", N_("The two passwords differ."));
    return OK;
}

Err welcome_prepare(Web *w) {
    Db *db;
    TRY(db_read(&db, w->worker->db));
    w->c->db = db;
    RefName who = {0};
    Err e = one_time_find(&w->prepared_user, w->c, w->name, "password");
    if (e == OK) e = ref_name(&who, w->c, model_need(w->c->model, "user"), w->prepared_user);
    w->c->db = NULL;
    db_rollback(db);
    TRY(e);
    TRY(check_new_password(w, who.key));
    return password_hash(&w->prepared, w->arena, input_getz(&w->form, "password"));
}

Err welcome_run(Web *w) {
    int64_t user;
    TRY(one_time_find(&user, w->c, w->name, "password"));
    TRY(one_time_use(w->c, w->name));
    TRY(actor_load(w->c, user));
    TRY(account_set_password(w->c, user, w->prepared, 0, false));
    w->session = (Session){0};
    return open_or_ask(w, user);
}
