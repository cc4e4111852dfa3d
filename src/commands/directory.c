/* directory.c: the directory of the institution on the command line: settings, synchronisation, an
 * account handed over or taken back, a look for `doctor`. SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands/directory.h"

#include "base/json.h"
#include "work/directory.h"

/* ---- settings ---- */

/* ROLE[@UNIT]:DN of a group; ROLE... : a DN may hold = and , but writes ; as \3B. */
static const char *read_roles(Directory *d, Arena *a, const Model *m, Str text) {
    DirectoryRole *roles = NULL;
    size_t cap = 0;
    Str one, who;
    while (text.n && str_cut(&one, &text, ';')) {
        DirectoryRole r = {0};
        one = str_trim(one);
        if (!one.n) continue;
        if (str_find_char(one, ':') < 0 || !str_cut(&who, &one, ':') || !str_trim(one).n)
            return "ldap_roles must read ROLE[@UNIT]:DN of a group; ...";
        r.group = str_z(a, str_trim(one));
        if (str_find_char(who, '@') >= 0) {
            (void)str_cut(&r.role, &who, '@');
            r.unit = str_trim(who);
        } else {
            r.role = who;
        }
        r.role = str_trim(r.role);
        const RoleDef *known = model_role(m, r.role);
        if (!known || known->is_everybody)
            return str_fmt(a, "ldap_roles names a role that does not exist: %.*s", FMT(r.role)).p;
        GROW(a, roles, d->n_roles, cap);
        roles[d->n_roles++] = r;
    }
    d->roles = roles;
    return NULL;
}

static const char *problem(const Directory *d) {
    bool tls = strncmp(d->server, "ldap://", 7) == 0 || strncmp(d->server, "ldaps://", 8) == 0;
    if (!tls) return "ldap_server must begin with ldap:// (StartTLS) or ldaps://";
    if (!d->base) return "ldap_base is needed when ldap_server is set";
    if (d->user && !d->password.n) return "ldap_password is needed when ldap_user is set";
    if (d->filter[0] != '(') return "ldap_filter must be a search filter in parentheses";
    return NULL;
}

const char *directory_settings(Directory **out, Run *run) {
    const Settings *s = run->settings;
    Arena *a = run->arena;
    *out = NULL;
    if (!setting(s, "ldap_server").n) return NULL;
    Directory *d = NEW(a, Directory);
    d->server = setting_z(s, a, "ldap_server");
    d->ca = setting_z(s, a, "ldap_ca");
    d->user = setting_z(s, a, "ldap_user");
    d->password = setting(s, "ldap_password");
    d->base = setting_z(s, a, "ldap_base");
    d->filter = setting_z(s, a, "ldap_filter");
    d->names = setting_z(s, a, "ldap_names");
    d->unit = setting_z(s, a, "ldap_unit");
    Str nested = setting(s, "ldap_nested");
    bool is_chain = str_is(nested, "chain"), is_walk = str_is(nested, "walk");
    d->nested = is_chain ? NESTED_CHAIN : is_walk ? NESTED_WALK : NESTED_NO;
    if (!is_chain && !is_walk && !str_is(nested, "no"))
        return "ldap_nested must be no, walk or chain";
    if (!d->filter) d->filter = "(objectClass=person)";
    if (!d->names) d->names = "mail";
    const char *why = problem(d);
    if (!why) why = read_roles(d, a, run->model, setting(s, "ldap_roles"));
    if (!why) *out = d;
    return why;
}

/* ---- doctor ---- */

void directory_look(Str *value, const char **advice, Run *run) {
    Directory *d;
    DirectoryEntries all;
    Str why = {0};
    *value = S("none");
    *advice = directory_settings(&d, run);
    if (!d) return;
    *value = str_of(d->server);
    if (ldap_everybody(&all, &why, run->arena, d) != OK) {
        *advice = str_z(run->arena, why);
        return;
    }
    *value = str_fmt(run->arena, "%s, %zu persons", d->server, all.n);
    if (!all.n) *advice = "ldap_base and ldap_filter find nobody with an address";
    if (all.missing_groups.n)
        *advice = str_fmt(run->arena, "groups in ldap_roles that are not there: %.*s",
                          FMT(str_trim(all.missing_groups)))
                      .p;
}

/* ---- user sync, user directory, user local ---- */

static void show(Run *run, const DirectoryReport *r) {
    const struct {
        const char *name;
        int64_t n;
    } all[] = {{"seen", r->seen},
               {"created", r->created},
               {"changed", r->changed},
               {"enabled", r->enabled},
               {"disabled", r->disabled},
               {"roles_given", r->given},
               {"roles_withdrawn", r->withdrawn},
               {"left_alone", r->skipped}};
    if (run->json) {
        Json j = json_new(&run->out);
        json_object(&j);
        for (size_t i = 0; i < LENGTH(all); i++) {
            json_keyz(&j, all[i].name);
            json_int(&j, all[i].n);
        }
        json_end_object(&j);
        text_char(&run->out, '\n');
        return;
    }
    for (size_t i = 0; i < LENGTH(all); i++)
        text_fmt(&run->out, "%-16s %lld\n", all[i].name, (long long)all[i].n);
    text_add(&run->err, text_str(&r->notes));
}

int directory_run_sync(Run *run) {
    Directory *d;
    DirectoryReport report;
    Str why = {0};
    bool trial = run_flag(run, "--dry-run"), sure = run_flag(run, "--force");
    if (run_leftover(run, 1)) return run_usage(run, "user sync [--dry-run] [--force]");
    const char *wrong = directory_settings(&d, run);
    if (wrong) return run_fail(run, "%s", wrong);
    if (!d) return run_fail(run, "no directory is set: ldap_server is empty");
    Ctx *c = ctx_new(run->arena, run->model, run->session);
    actor_system(c);
    Err e = directory_sync(&report, &why, c, d, sure, trial);
    if (e == ERR_INVALID && why.n)
        return run_fail(run, "%.*s (--force does it all the same)", FMT(why));
    if (e != OK && why.n) return run_fail(run, "%.*s", FMT(why));
    if (e != OK) return run_err(run, e, c, "user sync");
    show(run, &report);
    return 0;
}

Err directory_hand_over_work(Ctx *c, Str email) {
    int64_t user;
    TRY(run_find_user(&user, c, email));
    return directory_hand_over(c, user);
}

Err directory_take_back_work(Ctx *c, Str email) {
    int64_t user;
    TRY(run_find_user(&user, c, email));
    return directory_take_back(c, user);
}
