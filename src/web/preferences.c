/* preferences.c: language and colours, and the page of one's own account: password, sessions, API
 * tokens. SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/route.h"

#include "model/totp.h"

#include "base/secret.h"

#define RECENT_US (INT64_C(10) * 60 * 1000000) /* after signing in; no password is asked again */

Err preferences_run(Web *w) {
    Lang lang;
    Str theme = input_getz(&w->form, "theme");
    Str code = (Str){0};
    if (lang_parse(&lang, input_getz(&w->form, "lang"))) code = str_of(lang_code(lang));
    if (!str_is(theme, "light") && !str_is(theme, "dark") && !str_is(theme, "auto"))
        theme = (Str){0};
    if (w->session.id) TRY(session_preferences(w->c, w->session.id, code, theme));
    w->set_lang = code;
    w->set_theme = theme;
    return web_redirect(w, web_safe_path(input_getz(&w->form, "next"), S("/")), NULL);
}

/* ---- the page ---- */

static FormField input(Web *w, const char *name, const char *label, InputKind kind) {
    return (FormField){.name = str_of(name),
                       .label = trs(w->lang, label),
                       .kind = kind,
                       .is_required = true,
                       .max_length = 512};
}

static void field_errors(Web *w, FormField *f) {
    Str *errors = NEW_N(w->arena, Str, w->c->issues.n + 1);
    for (size_t i = 0; i < w->c->issues.n; i++)
        if (str_eq(w->c->issues.items[i].field, f->name))
            errors[f->n_errors++] = issue_text(w->c, &w->c->issues.items[i]);
    f->errors = errors;
}

static Block *section(Web *w, const char *title, const char *text, Block *inside) {
    Block *b = view_layout(w->arena, LAYOUT_SECTION, trs(w->lang, title));
    b->layout.text = trs(w->lang, text);
    view_put(w->arena, b, inside);
    return b;
}

static Block *form(Web *w, const char *action, FormField *fields, size_t n, const char *submit) {
    for (size_t i = 0; i < n; i++) field_errors(w, &fields[i]);
    Block *b = view_block(w->arena, BLOCK_FORM);
    FormGroup *group = NEW(w->arena, FormGroup);
    *group = (FormGroup){.fields = fields, .n = n};
    b->form = (FormView){.action = str_of(action),
                         .groups = group,
                         .n_groups = 1,
                         .submit_label = trs(w->lang, submit)};
    return b;
}

/* Left alone, tokens go: whoever had the password may have made one. */
static FormField keep_field(Web *w) {
    FormField f =
        input(w, "keep_tokens", N_("Keep my API tokens and calendar address"), INPUT_BOOL);
    f.is_required = false;
    f.help =
        trs(w->lang,
            N_("Otherwise programs that work in your name, and your calendar, need new ones."));
    return f;
}

static bool is_ticked(const Web *w, const char *name) {
    Str value = input_getz(&w->form, name);
    return value.n && !str_is(value, "false") && !str_is(value, "0");
}

static Block *password_form(Web *w) {
    FormField *f = NEW_N(w->arena, FormField, 4);
    f[0] = input(w, "current", N_("Current password"), INPUT_PASSWORD);
    f[3] = keep_field(w);
    f[1] = input(w, "password", N_("New password"), INPUT_PASSWORD);
    f[1].help = trs(w->lang, N_("At least 10 characters; a short sentence is good."));
    f[2] = input(w, "again", N_("The same once more"), INPUT_PASSWORD);
    return form(w, "/account/password", f, 4, N_("Change the password"));
}

static Block *table(Web *w, Column *columns, size_t n_columns, Row *rows, size_t n,
                    const char *empty) {
    Block *b = view_block(w->arena, BLOCK_LIST);
    b->list = (ListView){.columns = columns,
                         .n_columns = n_columns,
                         .rows = rows_of_array(w->arena, rows, n),
                         .total = (int64_t)n,
                         .total_is_exact = true,
                         .empty_title = trs(w->lang, empty),
                         .is_plain = true};
    return b;
}

static Button delete_button(Web *w, const char *what, int64_t id, const char *label) {
    return (Button){.label = trs(w->lang, label),
                    .href = str_fmt(w->arena, "/account/%s/%lld/delete", what, (long long)id),
                    .is_post = true,
                    .is_danger = true};
}

/* Each session and token is a small card: its facts and the button that ends it. */
static Block *card(Web *w, Str title, Fact *facts, size_t n, Button button) {
    Block *b = view_layout(w->arena, LAYOUT_CARD, title);
    Block *inside = view_block(w->arena, BLOCK_FACTS);
    inside->facts = (FactsView){.facts = facts, .n = n};
    view_put(w->arena, b, inside);
    if (button.label.n) {
        Button *own = NEW(w->arena, Button);
        *own = button;
        b->layout.buttons = own;
        b->layout.n_buttons = 1;
    }
    return b;
}

static Fact fact(Web *w, const char *name, const char *label, Cell cell) {
    return (Fact){.name = name, .label = trs(w->lang, label), .cell = cell};
}

static Err sessions_block(Block **out, Web *w) {
    Sessions list;
    TRY(session_list(&list, w->c, w->c->actor->user));
    *out = view_layout(w->arena, LAYOUT_GRID, (Str){0});
    for (size_t i = 0; i < list.n; i++) {
        const Session *s = &list.items[i];
        bool own = s->id == w->session.id;
        Fact *f = NEW_N(w->arena, Fact, 3);
        f[0] = fact(w, "last_seen", N_("Last seen"), cell_instant(s->last_seen));
        f[1] = fact(w, "created_at", N_("Signed in"), cell_instant(s->created_at));
        f[2] = fact(w, "expires_at", N_("Ends at the latest"), cell_instant(s->expires_at));
        Str title = own           ? trs(w->lang, N_("This session"))
                    : s->client.n ? s->client
                                  : trs(w->lang, N_("Browser"));
        view_put(w->arena, *out,
                 card(w, title, f, 3,
                      own ? (Button){0} : delete_button(w, "sessions", s->id, N_("Sign out"))));
    }
    FormField *keep = NEW(w->arena, FormField);
    *keep = keep_field(w);
    Block *all = view_layout(w->arena, LAYOUT_STACK, (Str){0});
    view_put(w->arena, all, *out);
    view_put(w->arena, all,
             form(w, "/account/sessions/delete", keep, 1, N_("Sign out everywhere else")));
    *out = all;
    return OK;
}

/* A token outlives the session that made it: whoever finds one open makes none. */
static bool signed_in_lately(const Web *w) {
    return w->c->now_us - w->session.created_at < RECENT_US;
}

static Err tokens_block(Block **out, Web *w) {
    ApiTokens list;
    TRY(token_list(&list, w->c, w->c->actor->user));
    *out = view_layout(w->arena, LAYOUT_STACK, (Str){0});
    FormField *f = NEW_N(w->arena, FormField, 4);
    size_t n_fields = 3;
    f[0] = input(w, "name", N_("What is it for"), INPUT_TEXT);
    f[0].max_length = 100;
    f[1] = input(w, "days", N_("Valid for days"), INPUT_INT);
    Str *days = NEW(w->arena, Str);
    *days = S("90");
    f[1].values = days;
    f[1].n_values = 1;
    f[2] = input(w, "write", N_("May also write"), INPUT_BOOL);
    f[2].is_required = false;
    if (!signed_in_lately(w))
        f[n_fields++] = input(w, "token_current", N_("Current password"), INPUT_PASSWORD);
    view_put(w->arena, *out, form(w, "/account/tokens", f, n_fields, N_("Create a token")));
    Column *columns = NEW_N(w->arena, Column, 5);
    columns[0] =
        (Column){.name = "name", .label = trs(w->lang, N_("What is it for")), .kind = CELL_TEXT};
    columns[1] =
        (Column){.name = "prefix", .label = trs(w->lang, N_("Begins with")), .kind = CELL_CODE};
    columns[2] = (Column){.name = "scope", .label = trs(w->lang, N_("Right")), .kind = CELL_LABEL};
    columns[3] = (Column){
        .name = "expires_at", .label = trs(w->lang, N_("Valid until")), .kind = CELL_INSTANT};
    columns[4] =
        (Column){.name = "last_used", .label = trs(w->lang, N_("Last used")), .kind = CELL_INSTANT};
    Row *rows = NEW_N(w->arena, Row, list.n + 1);
    size_t n = 0;
    Block *grid = view_layout(w->arena, LAYOUT_GRID, (Str){0});
    for (size_t i = 0; i < list.n; i++) {
        const ApiToken *t = &list.items[i];
        if (t->is_revoked) continue;
        Cell *cells = NEW_N(w->arena, Cell, 5);
        cells[0] = cell_text(t->name);
        cells[1] = cell_code(t->prefix);
        cells[2] = cell_label(t->is_read_only ? S("read") : S("write"),
                              trs(w->lang, t->is_read_only ? N_("Read") : N_("Read and write")));
        cells[3] = cell_instant(t->expires_at);
        cells[4] = t->last_used ? cell_instant(t->last_used) : (Cell){0};
        rows[n++] = (Row){.id = str_fmt(w->arena, "%lld", (long long)t->id), .cells = cells};
        view_put(w->arena, grid,
                 card(w, t->name, NULL, 0, delete_button(w, "tokens", t->id, N_("Revoke"))));
    }
    view_put(w->arena, *out, table(w, columns, 5, rows, n, N_("No tokens yet.")));
    if (n) view_put(w->arena, *out, grid);
    return OK;
}

static FormField hidden(Web *w, const char *name, Str value) {
    Str *values = NEW_N(w->arena, Str, 1);
    values[0] = value;
    return (FormField){.name = str_of(name), .kind = INPUT_HIDDEN, .values = values, .n_values = 1};
}

/* Turning it on needs the password, or whoever finds an open session could lock its owner out, and
 * shows a fresh secret that counts only once a code made from it comes back; turning it off needs a
 * code too. */
static Err second_block(Block **out, Web *w) {
    Arena *a = w->arena;
    Second now;
    Str secret = input_getz(&w->form, "secret");
    TRY(account_second(&now, w->c, w->c->actor->user));
    if (now.is_lost) {
        *out = view_text(a, TEXT_NOTICE, TONE_WARN, (Str){0},
                         trs(w->lang, N_("Your second factor cannot be checked here at the moment. "
                                         "Ask an administrator to reset it.")));
        return OK;
    }
    if (!secret.n) secret = totp_secret_new(a);
    FormField *fields = NEW_N(a, FormField, 3);
    fields[0] = input(w, "code", N_("Code of your authenticator"), INPUT_TEXT);
    fields[0].max_length = 6;
    fields[0].help = trs(w->lang, N_("Six digits; they change every half minute."));
    if (now.is_on) {
        *out = form(w, "/account/second", fields, 1, N_("Turn the second factor off"));
        return OK;
    }
    fields[0].help = trs(
        w->lang,
        N_("Enter the key above into an authenticator application, then the six digits that it shows."));
    fields[1] = input(w, "second_current", N_("Current password"), INPUT_PASSWORD);
    fields[2] = hidden(w, "secret", secret);
    *out = view_layout(a, LAYOUT_STACK, (Str){0});
    view_put(a, *out, view_text(a, TEXT_CODE, TONE_NONE, (Str){0}, secret));
    view_put(a, *out,
             view_text(a, TEXT_CODE, TONE_NONE, (Str){0}, totp_uri(a, secret, w->c->actor->email)));
    view_put(a, *out, form(w, "/account/second", fields, 3, N_("Turn the second factor on")));
    return OK;
}

/* Whoever sits at an open session guesses passwords and codes no faster than at the front door. */
static Err own_wait(Web *w) {
    return attempt_wait(&w->prepared_wait, &w->prepared_key, w->c, w->c->actor->email,
                        w->c->actor->user, w->device);
}

static Err own_refused(Web *w, const char *field, const char *text) {
    w->is_refused = true;
    (void)issue(w->c, field, "credentials", text);
    return attempt_failed(w->c, w->prepared_key);
}

Err account_show(Web *w) {
    Page *page = web_page(w);
    page->title = trs(w->lang, N_("My account"));
    page->subtitle = w->c->actor->email;
    Arena *a = w->arena;
    page->body = view_layout(a, LAYOUT_STACK, (Str){0});
    for (size_t i = 0; i < w->c->issues.n; i++)
        if (!w->c->issues.items[i].field.n)
            view_put(a, page->body,
                     view_text(a, TEXT_NOTICE, TONE_WARN, (Str){0},
                               issue_text(w->c, &w->c->issues.items[i])));
    Block *sessions, *tokens, *second, *feed;
    TRY(second_block(&second, w));
    TRY(sessions_block(&sessions, w));
    TRY(tokens_block(&tokens, w));
    TRY(feed_block(&feed, w));
    view_put(a, page->body,
             section(w, N_("Sessions"), N_("Where you are signed in. End what you do not know."),
                     sessions));
    int64_t user;
    Str hash;
    TRY(account_credentials(&user, &hash, w->c, w->c->actor->email));
    if (hash.n)
        view_put(
            a, page->body,
            section(
                w, N_("Password"),
                N_("Changing it signs you out everywhere else and revokes your API tokens and calendar address."),
                password_form(w)));
    else
        view_put(
            a, page->body,
            view_text(a, TEXT_NOTICE, TONE_INFO, trs(w->lang, N_("Password")),
                      trs(w->lang, N_("The password of this account is kept by the directory."))));
    view_put(a, page->body,
             section(w, N_("Second factor"),
                     N_("Besides the password, a code from your telephone."), second));
    view_put(a, page->body, feed);
    view_put(a, page->body,
             section(w, N_("API tokens"),
                     N_("For programs that work in your name, with your rights."), tokens));
    return OK;
}

/* ---- changes ---- */

/* w->prepared_wait: too many tries already; *right: the password given in `field` is the account's.
 * Failures are counted in the writing transaction that follows. */
static Err check_current(bool *right, Web *w, const char *field) {
    Db *db;
    int64_t user;
    Str hash;
    *right = false;
    TRY(db_read(&db, w->worker->db));
    w->c->db = db;
    Err e = account_credentials(&user, &hash, w->c, w->c->actor->email);
    if (e == OK) e = own_wait(w);
    w->c->db = NULL;
    db_rollback(db);
    TRY(e);
    if (w->prepared_wait > 0) return OK;
    Str given = str_sub(input_getz(&w->form, field), 0, PASSWORD_MAX);
    if (!hash.n && w->server->config.work.directory)
        return login_ask_directory(right, w, w->c->actor->email, given);
    e = password_verify(hash, given);
    *right = e == OK;
    return e == ERR_DENIED ? OK : e;
}

Err account_second_prepare(Web *w) {
    bool right;
    if (w->is_bearer) return ERR_DENIED;
    if (!input_has(&w->form, S("secret"))) return OK; /* turning it off: the code is the proof */
    TRY(check_current(&right, w, "second_current"));
    if (right) w->prepared = input_getz(&w->form, "secret");
    return OK;
}

Err account_second_run(Web *w) {
    Second now;
    int64_t step;
    TRY(own_wait(w));
    if (w->prepared_wait > 0) return login_wait(w, w->prepared_wait);
    TRY(account_second(&now, w->c, w->c->actor->user));
    Str secret = now.is_on ? now.secret : w->prepared;
    if (!secret.n) return own_refused(w, "second_current", N_("The current password is wrong."));
    if (secret.n != 32 ||
        !totp_verify(&step, w->arena, secret, str_trim(input_getz(&w->form, "code")), w->c->now_us,
                     now.step))
        return own_refused(w, "code", N_("This code is not right, or was used already."));
    TRY(attempt_clear(w->c, w->prepared_key));
    TRY(account_second_set(w->c, w->c->actor->user, now.is_on ? (Str){0} : secret));
    if (!now.is_on) TRY(account_second_used(w->c, w->c->actor->user, step));
    return web_redirect(w, S("/account"), "saved");
}

Err account_password_prepare(Web *w) {
    bool right;
    Str password = input_getz(&w->form, "password");
    if (w->is_bearer) return ERR_DENIED;
    TRY(check_current(&right, w, "current"));
    if (!right) return OK;
    const char *why = password_problem(password, w->c->actor->email);
    if (why) return issue(w->c, "password", "weak", why);
    if (!str_eq(password, input_getz(&w->form, "again")))
        return issue(w->c, "again", "differs", N_("The two passwords differ."));
    return password_hash(&w->prepared, w->arena, password);
}

Err account_password_run(Web *w) {
    TRY(own_wait(w));
    if (w->prepared_wait > 0) return login_wait(w, w->prepared_wait);
    if (!w->prepared.n) return own_refused(w, "current", N_("The current password is wrong."));
    TRY(attempt_clear(w->c, w->prepared_key));
    TRY(account_set_password(w->c, w->c->actor->user, w->prepared, w->session.id,
                             is_ticked(w, "keep_tokens")));
    return web_redirect(w, S("/account"), "password");
}

static Err number_of(int64_t *out, const Web *w) {
    return str_to_int(out, w->number) && *out > 0 ? OK : ERR_MISSING;
}

Err account_session_run(Web *w) {
    int64_t id;
    TRY(number_of(&id, w));
    TRY(session_end(w->c, id, w->c->actor->user));
    return web_redirect(w, S("/account"), "ended");
}

Err account_sessions_run(Web *w) {
    if (w->is_bearer) return ERR_DENIED;
    TRY(account_sign_out(w->c, w->c->actor->user, w->session.id, is_ticked(w, "keep_tokens")));
    return web_redirect(w, S("/account"), "ended");
}

Err account_token_prepare(Web *w) {
    if (w->is_bearer) return ERR_DENIED;
    w->prepared_user = signed_in_lately(w);
    if (w->prepared_user) return OK;
    bool right;
    TRY(check_current(&right, w, "token_current"));
    w->prepared_user = right;
    return OK;
}

/* The secret is shown once, on the answer itself: it is stored nowhere and in no cookie. */
Err account_token_run(Web *w) {
    int64_t days;
    if (!w->prepared_user) {
        TRY(own_wait(w));
        if (w->prepared_wait > 0) return login_wait(w, w->prepared_wait);
        return own_refused(w, "token_current", N_("The current password is wrong."));
    }
    if (!str_to_int(&days, input_getz(&w->form, "days")))
        return issue(w->c, "days", "range", N_("A token lives between 1 and 3650 days."));
    TRY(token_new(&w->prepared, w->c, w->c->actor->user, str_trim(input_getz(&w->form, "name")),
                  !is_ticked(w, "write"), days));
    w->is_refused = true; /* not refused: shown at once instead of a redirect */
    w->status = 200;
    return OK;
}

Err account_token_again(Web *w) {
    if (w->prepared.n == 0 || w->c->issues.errors) return account_show(w);
    TRY(account_show(w));
    Block *body = view_layout(w->arena, LAYOUT_STACK, (Str){0});
    view_put(w->arena, body,
             view_text(w->arena, TEXT_NOTICE, TONE_GOOD, trs(w->lang, N_("Your new token")),
                       trs(w->lang, N_("Copy it now: it is not shown again."))));
    view_put(w->arena, body, view_text(w->arena, TEXT_CODE, TONE_NONE, (Str){0}, w->prepared));
    view_put(w->arena, body, w->page->body);
    w->page->body = body;
    return OK;
}

Err account_token_revoke_run(Web *w) {
    int64_t id;
    TRY(number_of(&id, w));
    TRY(token_revoke(w->c, id, w->c->actor->user));
    return web_redirect(w, S("/account"), "revoked");
}
