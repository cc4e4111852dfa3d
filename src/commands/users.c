/* users.c: accounts, roles and API tokens from the command line. The operator acts as the system;
 * every change is an entry of the history like any other. SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands/users.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "commands/directory.h"
#include "model/account.h"
#include "model/list.h"

/* ---- parts shared with init ---- */

Err users_hash(Str *out, Run *run, Str email) {
    Str password = run->input;
    while (password.n && (password.p[password.n - 1] == '\n' || password.p[password.n - 1] == '\r'))
        password.n--;
    const char *why = password_problem(password, email);
    if (why) {
        run_fail(run, "%s", why);
        return ERR_INVALID;
    }
    return password_hash(out, run->arena, password);
}

Err users_add(int64_t *out, Ctx *c, const NewUser *n) {
    const Type *t = model_need(c->model, "user");
    Err e = ref_find(out, c, t, n->email);
    if (e == OK)
        return issue_arg(c, "email", "unique", "There is already an account {0}.", n->email);
    if (e != ERR_MISSING) return e;
    Record *r = record_new(c, t), *saved;
    record_set(r, "email", value_text(n->email));
    record_set(r, "name", value_text(n->name.n ? n->name : n->email));
    if (n->hash.n) record_set(r, "password_hash", value_text(n->hash));
    if (n->unit.n) {
        int64_t unit;
        e = ref_find(&unit, c, model_need(c->model, "unit"), n->unit);
        if (e == ERR_MISSING)
            return issue_arg(c, "unit", "missing", "There is no unit {0}.", n->unit);
        TRY(e);
        record_set(r, "home_unit", value_int(unit));
    }
    TRY(record_save(&saved, c, r, "create"));
    *out = saved->id;
    return OK;
}

Err users_grant(Ctx *c, int64_t user, Str role, Str unit) {
    if (!model_role(c->model, role))
        return issue_arg(c, "role", "missing", "There is no role {0}.", role);
    Record *r = record_new(c, model_need(c->model, "role_assignment")), *saved;
    record_set(r, "person", value_int(user));
    record_set(r, "role", value_text(role));
    record_set(r, "valid_from", value_text(c->today));
    if (unit.n) {
        int64_t id;
        Err e = ref_find(&id, c, model_need(c->model, "unit"), unit);
        if (e == ERR_MISSING) return issue_arg(c, "unit", "missing", "There is no unit {0}.", unit);
        TRY(e);
        record_set(r, "in_unit", value_int(id));
    }
    return record_save(&saved, c, r, "create");
}

Err users_none(bool *out, Ctx *c, const char *type) {
    ListQuery q;
    Input none = {0};
    ListCursor *cursor;
    Record *r;
    TRY(list_parse(&q, c, model_need(c->model, type), &none));
    q.limit = 1;
    TRY(list_open(&cursor, c, &q));
    TRY(list_next(&r, cursor, c->arena));
    *out = r == NULL;
    return OK;
}

/* Everything of a type in the order of numbers. */
static Err all_of(Records *out, Ctx *c, const char *type) {
    const Type *t = model_need(c->model, type);
    ListQuery q;
    Input none = {0};
    TRY(list_parse(&q, c, t, &none));
    q.limit = 0;
    ListCursor *cursor;
    TRY(list_open(&cursor, c, &q));
    *out = (Records){0};
    for (;;) {
        Record *r;
        TRY(list_next(&r, cursor, c->arena));
        if (!r) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = r;
    }
}

/* ---- user ---- */

typedef struct UserWork {
    Run *run;
    NewUser user;
    Str email, secret, reason;
    bool active, keep_tokens, ends_access;
    int64_t id;
} UserWork;

static Err add_work(Ctx *c, void *arg) {
    UserWork *w = arg;
    TRY(users_add(&w->id, c, &w->user));
    return w->user.hash.n ? OK : one_time_new(&w->secret, c, w->id, "password", 72 * 3600);
}

static Err active_work(Ctx *c, void *arg) {
    UserWork *w = arg;
    TRY(run_find_user(&w->id, c, w->email));
    return account_set_active(c, w->id, w->active, S("command line"));
}

static Err hand_over_work(Ctx *c, void *arg) {
    return directory_hand_over_work(c, ((UserWork *)arg)->email);
}

static Err take_back_work(Ctx *c, void *arg) {
    return directory_take_back_work(c, ((UserWork *)arg)->email);
}

static Err second_work(Ctx *c, void *arg) {
    UserWork *w = arg;
    Record *r, *saved;
    Input in = {0};
    TRY(run_find_user(&w->id, c, w->email));
    TRY(record_load_raw(&r, c, model_need(c->model, "user"), w->id));
    input_add(&in, c->arena, S("reason"), S("command line"));
    return record_move(&saved, c, r, w->ends_access ? "sign_out" : "reset_second", &in);
}

static Err password_work(Ctx *c, void *arg) {
    UserWork *w = arg;
    TRY(run_find_user(&w->id, c, w->email));
    if (w->user.hash.n) return account_set_password(c, w->id, w->user.hash, 0, w->keep_tokens);
    return one_time_new(&w->secret, c, w->id, "password", 3600);
}

static void show_link(Run *run, Str secret, const char *hours) {
    if (secret.n == 0) return;
    if (run->json) return;
    text_fmt(&run->out, "/welcome/%.*s\n", FMT(secret));
    text_fmt(&run->err, "Give this address to the person; it works once, for %s.\n", hours);
}

static Err list_users_work(Ctx *c, void *arg) {
    Run *run = arg;
    Records all;
    TRY(all_of(&all, c, "user"));
    Json j = json_new(&run->out);
    if (run->json) json_array(&j);
    for (size_t i = 0; i < all.n; i++) {
        const Record *r = all.items[i];
        Str email = record_text(r, "email"), name = record_text(r, "name");
        if (!run->json) {
            text_fmt(&run->out, "%.*s\t%.*s\t%s\n", FMT(email), FMT(name), r->state->name);
            continue;
        }
        json_object(&j);
        json_keyz(&j, "email");
        json_str(&j, email);
        json_keyz(&j, "name");
        json_str(&j, name);
        json_keyz(&j, "state");
        json_strz(&j, r->state->name);
        json_end_object(&j);
    }
    if (run->json) {
        json_end_array(&j);
        text_char(&run->out, '\n');
    }
    return OK;
}

static int done(Run *run) {
    if (run->json) text_addz(&run->out, "{\"ok\":true}\n");
    return 0;
}

int users_user(Run *run) {
    static const char usage[] =
        "user add EMAIL --name NAME [--unit CODE] [--password-stdin] | list | "
        "disable EMAIL | enable EMAIL | password EMAIL [--password-stdin] [--keep-tokens] | "
        "reset-second EMAIL | sign-out EMAIL | "
        "sync [--dry-run] [--force] | directory EMAIL | local EMAIL";
    if (str_is(run_argument(run, 0), "sync")) return directory_run_sync(run);
    UserWork w = {.run = run};
    w.user.name = run_option(run, "--name");
    w.user.unit = run_option(run, "--unit");
    w.reason = run_option(run, "--reason");
    bool typed = run_flag(run, "--password-stdin");
    w.keep_tokens = run_flag(run, "--keep-tokens");
    Str verb = run_argument(run, 0);
    w.email = w.user.email = run_argument(run, 1);
    if (run_leftover(run, 2)) return run_usage(run, usage);
    Ctx *c = NULL;
    if (str_is(verb, "list")) {
        Err e = run_read(run, &c, list_users_work, run);
        return e == OK ? 0 : run_err(run, e, c, "user list");
    }
    if (w.email.n == 0) return run_usage(run, usage);
    if (typed && users_hash(&w.user.hash, run, w.email) != OK) return 1;
    RunWork work = NULL;
    if (str_is(verb, "add")) work = add_work;
    if (str_is(verb, "password")) work = password_work;
    if (str_is(verb, "disable") || str_is(verb, "enable")) work = active_work;
    if (str_is(verb, "directory")) work = hand_over_work;
    if (str_is(verb, "local")) work = take_back_work;
    if (str_is(verb, "reset-second") || str_is(verb, "sign-out")) work = second_work;
    w.ends_access = str_is(verb, "sign-out");
    w.active = str_is(verb, "enable");
    if (!work) return run_usage(run, usage);
    Err e = run_write(run, &c, work, &w);
    if (e != OK) return run_err(run, e, c, "user");
    show_link(run, w.secret, work == add_work ? "3 days" : "1 hour");
    if (run->json && w.secret.n) {
        text_fmt(&run->out, "{\"ok\":true,\"link\":\"/welcome/%.*s\"}\n", FMT(w.secret));
        return 0;
    }
    return done(run);
}

/* ---- role ---- */

typedef struct RoleWork {
    Run *run;
    Str email, role, unit;
} RoleWork;

static Err grant_work(Ctx *c, void *arg) {
    RoleWork *w = arg;
    int64_t user;
    TRY(run_find_user(&user, c, w->email));
    return users_grant(c, user, w->role, w->unit);
}

static Err revoke_work(Ctx *c, void *arg) {
    RoleWork *w = arg;
    int64_t user, unit = 0;
    TRY(run_find_user(&user, c, w->email));
    if (w->unit.n) TRY(ref_find(&unit, c, model_need(c->model, "unit"), w->unit));
    Records all;
    TRY(record_where(&all, c, model_need(c->model, "role_assignment"), "person", value_int(user),
                     1000));
    size_t n = 0;
    for (size_t i = 0; i < all.n; i++) {
        Record *r = all.items[i], *saved;
        if ((r->state->flags & STATE_CLOSED) || !str_eq(record_text(r, "role"), w->role)) continue;
        if (unit && record_int(r, "in_unit") != unit) continue;
        Input in = {0};
        input_add(&in, c->arena, S("reason"), S("command line"));
        TRY(record_move(&saved, c, r, "retire", &in));
        n++;
    }
    return n ? OK : issue_arg(c, "role", "missing", "This person does not hold {0}.", w->role);
}

static Err list_roles_work(Ctx *c, void *arg) {
    RoleWork *w = arg;
    Run *run = w->run;
    Records all;
    TRY(all_of(&all, c, "role_assignment"));
    Json j = json_new(&run->out);
    if (run->json) json_array(&j);
    for (size_t i = 0; i < all.n; i++) {
        const Record *r = all.items[i];
        RefName user, unit = {0};
        TRY(ref_name(&user, c, model_need(c->model, "user"), record_int(r, "person")));
        if (record_int(r, "in_unit"))
            TRY(ref_name(&unit, c, model_need(c->model, "unit"), record_int(r, "in_unit")));
        if ((w->email.n && !str_eq(w->email, user.key)) || (r->state->flags & STATE_CLOSED))
            continue;
        Str role = record_text(r, "role");
        if (!run->json) {
            text_fmt(&run->out, "%.*s\t%.*s\t%.*s\n", FMT(user.key), FMT(role), FMT(unit.key));
            continue;
        }
        json_object(&j);
        json_keyz(&j, "user");
        json_str(&j, user.key);
        json_keyz(&j, "role");
        json_str(&j, role);
        json_keyz(&j, "unit");
        if (unit.key.n)
            json_str(&j, unit.key);
        else
            json_null(&j);
        json_end_object(&j);
    }
    if (run->json) {
        json_end_array(&j);
        text_char(&run->out, '\n');
    }
    return OK;
}

int users_role(Run *run) {
    static const char usage[] =
        "role grant EMAIL ROLE [--unit CODE] | revoke EMAIL ROLE [--unit CODE] | list [EMAIL]";
    RoleWork w = {.run = run, .unit = run_option(run, "--unit")};
    Str verb = run_argument(run, 0);
    w.email = run_argument(run, 1);
    w.role = run_argument(run, 2);
    if (run_leftover(run, 3)) return run_usage(run, usage);
    Ctx *c = NULL;
    Err e;
    if (str_is(verb, "list")) {
        e = run_read(run, &c, list_roles_work, &w);
        return e == OK ? 0 : run_err(run, e, c, "role list");
    }
    bool grant = str_is(verb, "grant");
    if (w.role.n == 0 || (!grant && !str_is(verb, "revoke"))) return run_usage(run, usage);
    e = run_write(run, &c, grant ? grant_work : revoke_work, &w);
    return e == OK ? done(run) : run_err(run, e, c, "role");
}

/* ---- token ---- */

typedef struct TokenWork {
    Run *run;
    Str email, name, secret;
    int64_t days, id;
    bool read_only;
} TokenWork;

static Err create_token_work(Ctx *c, void *arg) {
    TokenWork *w = arg;
    int64_t user;
    TRY(run_find_user(&user, c, w->email));
    return token_new(&w->secret, c, user, w->name.n ? w->name : S("command line"), w->read_only,
                     w->days);
}

static Err revoke_token_work(Ctx *c, void *arg) {
    TokenWork *w = arg;
    return token_revoke(c, w->id, 0);
}

static Err list_tokens_work(Ctx *c, void *arg) {
    TokenWork *w = arg;
    Run *run = w->run;
    int64_t user = 0;
    if (w->email.n) TRY(run_find_user(&user, c, w->email));
    ApiTokens all;
    TRY(token_list(&all, c, user));
    Json j = json_new(&run->out);
    if (run->json) json_array(&j);
    for (size_t i = 0; i < all.n; i++) {
        const ApiToken *t = &all.items[i];
        RefName who;
        TRY(ref_name(&who, c, model_need(c->model, "user"), t->user));
        Str until = instant_text(c->arena, t->expires_at);
        const char *scope = t->is_read_only ? "read" : "write";
        if (!run->json) {
            text_fmt(&run->out, "%lld\t%.*s\t%.*s...\t%s\t%.*s%s\n", (long long)t->id, FMT(who.key),
                     FMT(t->prefix), scope, FMT(until), t->is_revoked ? "\trevoked" : "");
            continue;
        }
        json_object(&j);
        json_keyz(&j, "id");
        json_int(&j, t->id);
        json_keyz(&j, "user");
        json_str(&j, who.key);
        json_keyz(&j, "prefix");
        json_str(&j, t->prefix);
        json_keyz(&j, "scope");
        json_strz(&j, scope);
        json_keyz(&j, "expires_at");
        json_str(&j, until);
        json_keyz(&j, "revoked");
        json_bool(&j, t->is_revoked);
        json_end_object(&j);
    }
    if (run->json) {
        json_end_array(&j);
        text_char(&run->out, '\n');
    }
    return OK;
}

int users_token(Run *run) {
    static const char usage[] =
        "token create --user EMAIL [--days N] [--read-only] [--name TEXT] | list [--user EMAIL] | revoke ID";
    TokenWork w = {
        .run = run, .email = run_option(run, "--user"), .name = run_option(run, "--name")};
    Str days = run_option(run, "--days");
    w.read_only = run_flag(run, "--read-only");
    w.days = 90;
    if (days.n && !str_to_int(&w.days, days)) return run_usage(run, usage);
    Str verb = run_argument(run, 0);
    Ctx *c = NULL;
    Err e;
    if (str_is(verb, "create") && w.email.n && !run_leftover(run, 1)) {
        e = run_write(run, &c, create_token_work, &w);
        if (e != OK) return run_err(run, e, c, "token create");
        if (run->json)
            text_fmt(&run->out, "{\"token\":\"%.*s\"}\n", FMT(w.secret));
        else
            text_fmt(&run->out, "%.*s\n", FMT(w.secret));
        return 0;
    }
    if (str_is(verb, "list") && !run_leftover(run, 1)) {
        e = run_read(run, &c, list_tokens_work, &w);
        return e == OK ? 0 : run_err(run, e, c, "token list");
    }
    if (!str_is(verb, "revoke") || !str_to_int(&w.id, run_argument(run, 1)) || run_leftover(run, 2))
        return run_usage(run, usage);
    e = run_write(run, &c, revoke_token_work, &w);
    return e == OK ? done(run) : run_err(run, e, c, "token revoke");
}
