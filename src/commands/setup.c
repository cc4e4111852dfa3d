/* setup.c: making, extending, filling and examining a database.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands/users.h"

#include "base/clock.h"
#include "base/json.h"
#include "model/history.h"
#include "model/measure.h"
#include "web/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>

/* ---- migrate, init ---- */

static Err migrate_work(Ctx *c, void *arg) {
    (void)arg;
    return model_migrate(c->model, c->db);
}

static Err seed_work(Ctx *c, void *arg) {
    (void)arg;
    for (size_t i = 0; all_modules[i]; i++)
        if (all_modules[i]->seed) TRY(all_modules[i]->seed(c));
    return OK;
}

Err setup_prepare(Run *run, Ctx **c, RunWork check) {
    TRY(run_write(run, c, migrate_work, NULL));
    TRY(site_begin(run, run->session));
    if (check) TRY(run_read(run, c, check, NULL));
    return run_write(run, c, seed_work, NULL);
}

static Err age_work(Ctx *c, void *arg) {
    return model_base_age(arg, c->model, c->db);
}

/* What a new version works out from the records is made for those that are there already. */
int setup_migrate(Run *run) {
    if (run_leftover(run, 0)) return run_usage(run, "migrate");
    Ctx *c = NULL;
    BaseAge age = BASE_EMPTY;
    int64_t places = 0, cells = 0;
    bool broken = false;
    Err e = run_read(run, &c, age_work, &age);
    if (e == OK) e = setup_prepare(run, &c, NULL);
    if (e == OK && age == BASE_BEHIND) e = rederive_mend(run, &c, &places, &cells, &broken);
    if (e != OK) return run_err(run, e, c, "migrate");
    if (broken)
        return run_fail(run,
                        "the tables are those of this version; stopped before all that follows "
                        "from the records was worked out: run gardefou rederive");
    if (run->json)
        text_fmt(&run->out, "{\"ok\":true,\"worked_out\":%lld}\n", (long long)(places + cells));
    else if (places + cells > 0)
        text_fmt(&run->out,
                 "The database is up to date; %lld places that follow from the records were worked "
                 "out anew.\n",
                 (long long)(places + cells));
    else
        text_addz(&run->out, "The database is up to date.\n");
    return 0;
}

typedef struct AdminWork {
    NewUser user;
    int64_t id;
} AdminWork;

static Err admin_work(Ctx *c, void *arg) {
    AdminWork *w = arg;
    bool is_first;
    TRY(users_none(&is_first, c, "user"));
    if (!is_first)
        return issue(c, "", "not_empty",
                     "This database has accounts already: use gardefou user add and role grant.");
    TRY(users_add(&w->id, c, &w->user));
    /* Whoever installs keeps accounts, structure and lists until he hands them over. */
    static const char *const roles[] = {"admin", "security", "organisation", "methodology"};
    for (size_t i = 0; i < LENGTH(roles); i++)
        TRY(users_grant(c, w->id, str_of(roles[i]), (Str){0}));
    return OK;
}

int setup_init(Run *run) {
    static const char usage[] = "init --admin EMAIL --password-stdin";
    AdminWork w = {
        .user = {.email = run_option(run, "--admin"), .name = run_option(run, "--name")}};
    bool typed = run_flag(run, "--password-stdin");
    if (w.user.email.n == 0 || !typed || run_leftover(run, 0)) return run_usage(run, usage);
    if (users_hash(&w.user.hash, run, w.user.email) != OK) return 1;
    Ctx *c = NULL;
    Err e = setup_prepare(run, &c, NULL);
    if (e == OK) e = run_write(run, &c, admin_work, &w);
    if (e != OK) return run_err(run, e, c, "init");
    if (run->json)
        text_addz(&run->out, "{\"ok\":true}\n");
    else
        text_fmt(&run->out, "Ready. Sign in as %.*s.\n", FMT(w.user.email));
    return 0;
}

/* ---- model ---- */

static void member(Json *j, const char *name, const char *value) {
    if (!value) return;
    json_keyz(j, name);
    json_strz(j, value);
}

static const char *const kind_names[] = {
    "none",   "text",    "long",  "int", "money", "decimal", "percent", "date",  "instant", "bool",
    "choice", "choices", "taxon", "ref", "refs",  "user",    "unit",    "files", "rows"};

static void model_field(Json *j, const Field *f) {
    if (f->flags & F_SECRET) return;
    json_object(j);
    member(j, "name", f->name);
    member(j, "label", f->label);
    member(j, "kind", kind_names[f->kind]);
    member(j, "of", f->of);
    json_keyz(j, "required");
    json_bool(j, (f->flags & F_REQUIRED) != 0);
    json_keyz(j, "computed");
    json_bool(j, (f->flags & (F_COMPUTED | F_DERIVED)) != 0);
    json_keyz(j, "multiline");
    json_bool(j, f->kind == KIND_LONG || (f->flags & F_MULTILINE));
    json_keyz(j, "assigned");
    json_bool(j, (f->flags & F_ASSIGNED) != 0);
    if (f->n_choices) {
        json_keyz(j, "choices");
        json_array(j);
        for (size_t i = 0; i < f->n_choices; i++) json_strz(j, f->choices[i].key);
        json_end_array(j);
    }
    if (f->n_rows) {
        json_keyz(j, "fields");
        json_array(j);
        for (size_t i = 0; i < f->n_rows; i++) {
            json_object(j);
            member(j, "name", f->rows[i].name);
            member(j, "label", f->rows[i].label);
            member(j, "kind", kind_names[f->rows[i].kind]);
            json_end_object(j);
        }
        json_end_array(j);
    }
    json_end_object(j);
}

static void model_workflow(Json *j, const Type *t) {
    json_keyz(j, "states");
    json_array(j);
    for (size_t i = 0; i < t->n_states; i++) {
        json_object(j);
        member(j, "name", t->states[i].name);
        member(j, "label", t->states[i].label);
        json_keyz(j, "closed");
        json_bool(j, (t->states[i].flags & STATE_CLOSED) != 0);
        json_keyz(j, "rank");
        json_int(j, t->states[i].rank);
        json_end_object(j);
    }
    json_end_array(j);
    json_keyz(j, "transitions");
    json_array(j);
    for (size_t i = 0; i < t->n_transitions; i++) {
        const Transition *x = &t->transitions[i];
        json_object(j);
        member(j, "name", x->name);
        member(j, "label", x->label);
        member(j, "from", x->def->from);
        member(j, "to", x->def->to);
        member(j, "roles", x->def->roles);
        json_keyz(j, "reason");
        json_bool(j, (x->def->flags & TRANSITION_REASON) != 0);
        json_keyz(j, "four_eyes");
        json_bool(j, (x->def->flags & (TRANSITION_NOT_CREATOR | TRANSITION_NOT_PREVIOUS |
                                       TRANSITION_NOT_EDITOR | TRANSITION_NOT_OWNER)) != 0);
        json_end_object(j);
    }
    json_end_array(j);
}

static void model_grants(Json *j, const Type *t) {
    static const char *const scopes[] = {"all", "unit", "own", "assigned"};
    static const struct {
        unsigned op;
        const char *name;
    } ops[] = {{OP_READ, "read"},
               {OP_CREATE, "create"},
               {OP_UPDATE, "update"},
               {OP_HISTORY, "history"},
               {OP_IMPORT, "import"}};
    json_keyz(j, "grants");
    json_array(j);
    for (size_t i = 0; i < t->n_grants; i++) {
        const GrantDef *g = &t->grants[i];
        json_object(j);
        member(j, "role", g->role);
        json_keyz(j, "ops");
        json_array(j);
        for (size_t k = 0; k < LENGTH(ops); k++)
            if (g->ops & ops[k].op) json_strz(j, ops[k].name);
        json_end_array(j);
        member(j, "scope", scopes[g->scope]);
        member(j, "hide", g->hide);
        member(j, "show", g->show);
        member(j, "states", g->states);
        json_keyz(j, "restricted");
        json_bool(j, g->restricted);
        json_end_object(j);
    }
    json_end_array(j);
}

static void model_type_json(Json *j, const Type *t) {
    json_object(j);
    member(j, "name", t->name);
    member(j, "plural", t->plural);
    member(j, "label", t->label);
    member(j, "module", t->module ? t->module->name : NULL);
    member(j, "prefix", t->prefix);
    member(j, "parent", t->parent ? t->parent->name : NULL);
    json_keyz(j, "pages");
    json_bool(j, !(t->flags & TYPE_NO_PAGES));
    json_keyz(j, "fields");
    json_array(j);
    for (size_t i = 0; i < t->n_fields; i++) model_field(j, &t->fields[i]);
    json_end_array(j);
    model_workflow(j, t);
    json_keyz(j, "conditions");
    json_array(j);
    for (size_t i = 0; i < t->n_conditions; i++) {
        json_object(j);
        member(j, "name", t->conditions[i].name);
        member(j, "label", t->conditions[i].label);
        member(j, "date", t->conditions[i].date->name);
        json_end_object(j);
    }
    json_end_array(j);
    json_keyz(j, "readings");
    json_array(j);
    for (size_t i = 0; i < t->n_readings; i++) {
        json_object(j);
        member(j, "name", t->readings[i].name);
        member(j, "label", t->readings[i].label);
        member(j, "fields", t->readings[i].def->fields);
        json_end_object(j);
    }
    json_end_array(j);
    model_grants(j, t);
    json_end_object(j);
}

/* The table of addresses, as the server matches them. */
static void model_routes(Json *j) {
    static const char *const methods[] = {"GET", "HEAD", "POST", "PATCH", "DELETE", "PUT"};
    size_t n;
    const Route *routes = route_table(&n);
    json_keyz(j, "routes");
    json_array(j);
    for (size_t i = 0; i < n; i++) {
        json_object(j);
        member(j, "method", methods[routes[i].method]);
        member(j, "pattern", routes[i].pattern);
        member(j, "right", routes[i].right);
        json_end_object(j);
    }
    json_end_array(j);
}

static void model_json(Text *out, const Model *m) {
    Json j = json_new(out);
    json_object(&j);
    json_keyz(&j, "types");
    json_array(&j);
    for (size_t i = 0; i < m->n_types; i++) model_type_json(&j, &m->types[i]);
    json_end_array(&j);
    json_keyz(&j, "roles");
    json_array(&j);
    for (size_t i = 0; i < m->n_roles; i++) {
        json_object(&j);
        member(&j, "name", m->roles[i]->name);
        member(&j, "label", m->roles[i]->label);
        json_end_object(&j);
    }
    json_end_array(&j);
    json_keyz(&j, "pages");
    json_array(&j);
    for (size_t i = 0; i < m->n_pages; i++) {
        json_object(&j);
        member(&j, "path", m->pages[i]->path);
        member(&j, "label", m->pages[i]->label);
        member(&j, "right", m->pages[i]->right);
        member(&j, "nav", m->pages[i]->nav);
        json_keyz(&j, "post");
        json_bool(&j, m->pages[i]->post != NULL);
        json_end_object(&j);
    }
    json_end_array(&j);
    model_routes(&j);
    json_keyz(&j, "measures");
    json_array(&j);
    for (size_t i = 0; i < m->n_measures; i++) {
        if (m->measures[i]->is_internal) continue;
        json_object(&j);
        member(&j, "name", m->measures[i]->name);
        member(&j, "label", m->measures[i]->label);
        member(&j, "type", m->measures[i]->type);
        json_end_object(&j);
    }
    json_end_array(&j);
    json_end_object(&j);
    text_char(out, '\n');
}

int setup_model(Run *run) {
    if (run_leftover(run, 0)) return run_usage(run, "model [--json]");
    const Model *m = run->model;
    if (run->json) {
        model_json(&run->out, m);
        return 0;
    }
    for (size_t i = 0; i < m->n_types; i++) {
        const Type *t = &m->types[i];
        text_fmt(&run->out, "%s (/%s): %zu fields, %zu states, %zu transitions, %zu grants\n",
                 t->name, t->plural, t->n_fields, t->n_states, t->n_transitions, t->n_grants);
        for (size_t k = 0; k < t->n_fields; k++)
            text_fmt(&run->out, "    %s %s\n", t->fields[k].name, kind_names[t->fields[k].kind]);
    }
    for (size_t i = 0; i < m->n_pages; i++)
        text_fmt(&run->out, "%s (%s)\n", m->pages[i]->path, m->pages[i]->right);
    return 0;
}
