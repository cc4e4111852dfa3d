/* ctx.c: the context of a request, job or command, and who acts in it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/ctx.h"

#include "base/clock.h"
#include "model/names.h"
#include "model/sql.h"

Ctx *ctx_new(Arena *a, const Model *m, DbSession *s) {
    Ctx *c = NEW(a, Ctx);
    c->arena = a;
    c->model = m;
    c->session = s;
    ctx_at(c, clock_now_us());
    c->lang = LANG_FR;
    c->source = S("cli");
    c->actor = NEW(a, Actor);
    return c;
}

const Zone *ctx_zone(const Ctx *c) {
    const Site *site = c->model ? c->model->site : NULL;
    return site && site->zone ? site->zone : zone_utc;
}

int64_t ctx_day(const Ctx *c, int64_t us) {
    return zone_day(ctx_zone(c), us);
}

Str ctx_date(const Ctx *c, int64_t us) {
    return date_text(c->arena, ctx_day(c, us));
}

int64_t ctx_begins(const Ctx *c, int64_t day) {
    return zone_instant(ctx_zone(c), day, 0);
}

int64_t ctx_ends(const Ctx *c, Str day) {
    int64_t days;
    return date_parse(&days, day) ? ctx_begins(c, days + 1) : INT64_MAX;
}

void ctx_at(Ctx *c, int64_t now_us) {
    c->now_us = now_us;
    c->today = ctx_date(c, now_us);
}

void actor_system(Ctx *c) {
    *c->actor = (Actor){.is_system = true, .name = S("Gardefou"), .lang = c->lang};
}

void actor_anonymous(Ctx *c) {
    *c->actor = (Actor){.lang = c->lang};
}

bool actor_has_role(const Ctx *c, Str role) {
    if (c->actor->is_system) return true;
    for (size_t i = 0; i < c->actor->n_roles; i++)
        if (str_is(role, c->actor->roles[i].role->name)) return true;
    return false;
}

typedef struct Roles {
    ActorRole *items;
    size_t n, cap;
} Roles;

static void role_add(Roles *list, Arena *a, ActorRole role) {
    GROW(a, list->items, list->n, list->cap);
    list->items[list->n++] = role;
}

/* Assignments valid today, of the user and of those who delegate to them. */
static Err roles_read(Roles *out, Ctx *c, int64_t user) {
    Rows *r;
    bool more;
    for (size_t i = 0; i < c->model->n_roles; i++)
        if (c->model->roles[i]->is_everybody)
            role_add(out, c->arena, (ActorRole){.role = c->model->roles[i]});
    TRY(db_few(
        &r, c->db, c->arena,
        "SELECT ra.role, ra.in_unit, 0, 0 FROM role_assignment ra WHERE ra.person = $1 AND ra.state = 'active' "
        "AND (ra.valid_from IS NULL OR ra.valid_from <= $2) AND (ra.valid_until IS NULL OR ra.valid_until >= $2) "
        "UNION ALL SELECT ra.role, ra.in_unit, d.from_user, CASE WHEN d.role IS NULL THEN 1 ELSE 0 END FROM delegation d JOIN role_assignment ra ON ra.person = d.from_user "
        "AND (d.role IS NULL OR d.role = ra.role) JOIN \"user\" u ON u.id = d.from_user "
        "WHERE d.to_user = $1 AND d.state = 'active' AND d.valid_from <= $2 AND d.valid_until >= $2 "
        "AND ra.state = 'active' AND u.state = 'active' "
        "AND (ra.valid_from IS NULL OR ra.valid_from <= $2) AND (ra.valid_until IS NULL OR ra.valid_until >= $2)",
        ARGS(db_int(user), db_text(c->today))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        const RoleDef *role = model_role(c->model, rows_text(r, 0));
        if (role)
            role_add(out, c->arena,
                     (ActorRole){role, rows_int(r, 1), rows_int(r, 2), rows_int(r, 3) != 0});
    }
}

static Err person_read(Person *out, Ctx *c, const char *sql, DbValue v) {
    Rows *r;
    bool found;
    Roles roles = {0};
    TRY(db_few(&r, c->db, c->arena, sql, &v, 1));
    TRY(rows_next(&found, r));
    if (!found) return ERR_MISSING;
    *out = (Person){.id = rows_int(r, 0),
                    .email = rows_copy(r, 1),
                    .name = rows_copy(r, 2),
                    .unit = rows_int(r, 3),
                    .language = rows_copy(r, 4),
                    .name_ar = rows_copy(r, 5),
                    .day = c->today};
    rows_close(r);
    TRY(roles_read(&roles, c, out->id));
    out->roles = roles.items;
    out->n_roles = roles.n;
    return OK;
}

static void become(Ctx *c, const Person *p) {
    Actor *a = c->actor;
    ActorRole *roles = NEW_N(c->arena, ActorRole, p->n_roles + 1);
    for (size_t i = 0; i < p->n_roles; i++) roles[i] = p->roles[i];
    *a = (Actor){.user = p->id,
                 .email = p->email,
                 .name = p->name,
                 .unit = p->unit,
                 .roles = roles,
                 .n_roles = p->n_roles,
                 .lang = LANG_FR};
    if (lang_parse(&a->lang, p->language)) c->lang = a->lang;
    if (c->lang == LANG_AR && p->name_ar.n) a->name = p->name_ar;
}

Err actor_load(Ctx *c, int64_t user) {
    Person own;
    NameTable *names;
    c->cache = NULL;
    TRY(names_now(&names, c));
    const Person *kept = names ? names_find_person(names, user, c->today) : NULL;
    if (!kept) {
        TRY(person_read(
            &own, c,
            "SELECT id, email, name, home_unit, language, name_ar FROM \"user\" WHERE id = $1 AND state = 'active'",
            db_int(user)));
        if (names) names_keep_person(names, &own);
    }
    become(c, kept ? kept : &own);
    return OK;
}

Err actor_load_by_email(Ctx *c, Str email) {
    Person own;
    TRY(person_read(
        &own, c,
        "SELECT id, email, name, home_unit, language, name_ar FROM \"user\" WHERE email = $1 AND state = 'active'",
        db_text(str_lower_ascii(c->arena, email))));
    c->cache = NULL;
    become(c, &own);
    return OK;
}

static void add(Ctx *c, const char *field, const char *code, const char *text, Str arg,
                bool is_warning) {
    Issue i = {.field = str_copy(c->arena, str_of(field)),
               .code = code,
               .text = text,
               .is_warning = is_warning};
    i.args[0] = arg;
    issues_add(&c->issues, c->arena, i);
}

Err issue(Ctx *c, const char *field, const char *code, const char *text) {
    add(c, field, code, text, (Str){0}, false);
    return ERR_INVALID;
}

Err issue_arg(Ctx *c, const char *field, const char *code, const char *text, Str arg) {
    add(c, field, code, text, arg, false);
    return ERR_INVALID;
}

void warn(Ctx *c, const char *field, const char *code, const char *text) {
    add(c, field, code, text, (Str){0}, true);
}

Str issue_text(Ctx *c, const Issue *i) {
    return tr_fill(c->arena, TR(c, i->text), i->args, 3);
}
