/* core_rules.c: rules of the engine's own types: accounts, roles, delegations, taxonomies, rates,
 * limits and the second person of a change. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/core_rules.h"

#include "base/clock.h"
#include "base/json.h"
#include "model/account.h"
#include "model/cache.h"
#include "model/field.h"

static void check_order(Ctx *c, const Record *r) {
    Str from = record_text(r, "valid_from"), until = record_text(r, "valid_until");
    if (from.n && until.n && str_cmp(from, until) > 0)
        issue(c, "valid_until", "order", N_("It ends before it begins."));
}

void core_country(Ctx *c, Record *r, const char *field) {
    Str typed = record_text(r, field);
    char *letters;
    bool ok = typed.n == 2;
    if (!typed.n) return;
    letters = arena_alloc(c->arena, 3);
    for (size_t i = 0; ok && i < 2; i++) {
        char ch = typed.p[i];
        if (ch >= 'a' && ch <= 'z') ch = (char)(ch - 'a' + 'A');
        ok = ch >= 'A' && ch <= 'Z';
        letters[i] = ch;
    }
    if (!ok)
        issue(c, field, "bad_value", N_("A country is two letters, for example MA."));
    else
        record_set(r, field, value_text((Str){letters, 2}));
}

Err core_entity_validate(Ctx *c, const Saving *s) {
    core_country(c, s->after, "country");
    return core_tree_validate(c, s);
}

Err core_user_validate(Ctx *c, const Saving *s) {
    Str email = record_text(s->after, "email");
    ptrdiff_t at = str_find_char(email, '@');
    for (size_t i = 0; i < email.n; i++)
        if (email.p[i] <= ' ' || email.p[i] == '/' || email.p[i] == '"' || email.p[i] == ',')
            at = -1;
    if (email.n && (at < 1 || (size_t)at + 2 > email.n))
        issue(c, "email", "bad_value", N_("This is not an e-mail address."));
    if (!str_eq(email, str_lower_ascii(c->arena, email)))
        record_set(s->after, "email", value_text(str_lower_ascii(c->arena, email)));
    return OK;
}

Err core_user_after_save(Ctx *c, const Saving *s) {
    const char *step = s->transition ? s->transition->name : "";
    if (strcmp(step, "reset_second") == 0) TRY(account_second_clear(c, s->after->id));
    if (strcmp(step, "disable") == 0 || strcmp(step, "sign_out") == 0)
        return account_end_access(c, s->after->id);
    return OK;
}

Err core_user_has_second(Ctx *c, const Record *r) {
    if (record_text(r, "totp_secret").n) return OK;
    return issue(c, "", "none", N_("This account has no second factor."));
}

Err core_user_remove(Ctx *c, const Record *r, bool is_gone) {
    return is_gone ? account_forget(c, r->id) : OK;
}

Err core_assignment_validate(Ctx *c, const Saving *s) {
    const RoleDef *role = model_role(c->model, record_text(s->after, "role"));
    check_order(c, s->after);
    if (role && role->is_everybody && !s->before)
        issue(c, "role", "everybody", N_("Everybody holds this role already."));
    int64_t person = record_int(s->after, "person");
    bool is_self = person && (person == c->actor->user || person == c->actor->acting_for);
    if (!s->before && is_self)
        issue(c, "person", "self", N_("Somebody else must give you a role."));
    return OK;
}

/* Who delegates for others uses the right of an administrator, perhaps a borrowed one: then nothing
 * goes to who lent it, and the history names them. */
static void lent_by_admin(Ctx *c, int64_t to) {
    Actor *actor = c->actor;
    int64_t whom = 0;
    bool own = actor->is_system, is_self = false;
    for (size_t i = 0; i < actor->n_roles; i++) {
        int64_t lender = actor->roles[i].for_user;
        if (strcmp(actor->roles[i].role->name, "admin") != 0) continue;
        own = own || !lender;
        is_self = is_self || (to && to == lender);
        if (!whom) whom = lender;
    }
    if (own) return;
    actor->acting_for = whom;
    actor->is_acting_known = true;
    if (is_self) issue(c, "to_user", "self", N_("Somebody else must delegate to you."));
}

Err core_delegation_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    int64_t from = record_int(r, "from_user"), to = record_int(r, "to_user");
    bool is_admin = actor_has_role(c, S("admin")), is_for_others = from != c->actor->user;
    check_order(c, r);
    if (from && from == to) issue(c, "to_user", "self", N_("Nobody can delegate to themselves."));
    if (!s->before && !is_admin && is_for_others)
        issue(c, "from_user", "denied", N_("You can only delegate what is yours."));
    if (!s->before && c->actor->user && to == c->actor->user)
        issue(c, "to_user", "self", N_("Somebody else must delegate to you."));
    if (!s->before && is_admin && is_for_others) lent_by_admin(c, to);
    return OK;
}

/* Of external taxonomies there may be several: an entry stays in its own, for maps lead to it. */
static Err check_tree(Ctx *c, const Saving *s) {
    int64_t before = 0, after = 0, parent = record_int(s->after, "parent");
    bool moves = s->before && record_int(s->before, "parent") != parent;
    if (!moves || !str_is(record_text(s->after, "kind"), "external")) return OK;
    TRY(ref_root(&before, c, s->after->type, s->after->id));
    TRY(ref_root(&after, c, s->after->type, parent ? parent : s->after->id));
    if (before != after || !parent)
        issue(c, "parent", "wrong_tree", N_("The entry stays in its own external taxonomy."));
    return OK;
}

Err core_taxon_validate(Ctx *c, const Saving *s) {
    Record *parent;
    int64_t id = record_int(s->after, "parent");
    check_order(c, s->after);
    TRY(core_tree_validate(c, s));
    TRY(check_tree(c, s));
    if (!id) return OK;
    TRY(record_load_raw(&parent, c, s->after->type, id));
    if (!str_eq(record_text(parent, "kind"), record_text(s->after, "kind")))
        issue(c, "parent", "wrong_list", N_("This entry belongs to another list."));
    return OK;
}

Err core_rate_validate(Ctx *c, const Saving *s) {
    if (str_eq(record_text(s->after, "currency"), record_text(s->after, "against")))
        issue(c, "against", "same", N_("The two currencies are the same."));
    if (str_cmp(record_text(s->after, "day"), c->today) > 0)
        issue(c, "day", "future", N_("A rate cannot be of the future."));
    return OK;
}

/* ---- settings ---- */

typedef struct Setting {
    const char *code;
    Str text;
    Value amount;
    bool found;
} Setting;
typedef struct Settings {
    Setting *items;
    size_t n, cap;
} Settings;

static Err make_settings(const void **out, Ctx *c, Arena *memory, int64_t day) {
    Rows *r;
    bool more;
    Settings *all = NEW(memory, Settings);
    TRY(db_rows(&r, c->db, c->arena,
                "SELECT code, value, amount, amount_currency FROM setting WHERE state = 'active' "
                "AND (valid_from IS NULL OR valid_from <= $1) ORDER BY id",
                ARGS(db_text(date_text(c->arena, day)))));
    *out = all;
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(memory, all->items, all->n, all->cap);
        Setting *e = &all->items[all->n++];
        *e = (Setting){.code = str_z(memory, rows_text(r, 0)),
                       .text = str_copy(memory, rows_text(r, 1)),
                       .found = true};
        if (!rows_is_null(r, 2)) e->amount = value_money(rows_int(r, 2), rows_text(r, 3));
    }
}

typedef struct OwnSettings {
    const Settings *all;
    Err err;
} OwnSettings;

static Err setting_find(const Setting **out, Ctx *c, const char *code) {
    static const Setting missing = {0};
    static const char owner = 0;
    Arena *memory, *own = c->arena;
    int64_t day = 0;
    bool is_new;
    (void)date_parse(&day, c->today);
    OwnSettings *s = ctx_memo(&is_new, &memory, c, &owner, day, "setting", sizeof *s);
    if (is_new) {
        const void *made = NULL;
        c->arena = memory;
        s->err = ctx_kept(&made, c, make_settings, day);
        c->arena = own;
        s->all = made;
    }
    TRY(s->err);
    *out = &missing;
    for (size_t i = 0; i < s->all->n && *out == &missing; i++)
        if (strcmp(s->all->items[i].code, code) == 0) *out = &s->all->items[i];
    return OK;
}

Err setting_money(Money *out, bool *found, Ctx *c, const char *code) {
    const Setting *e;
    TRY(setting_find(&e, c, code));
    *found = e->found && !value_is_null(e->amount);
    if (!e->found) return OK;
    *out = (Money){.minor = e->amount.i};
    memcpy(out->currency, e->amount.currency, sizeof out->currency);
    return OK;
}

Err setting_text(Str *out, bool *found, Ctx *c, const char *code) {
    const Setting *e;
    TRY(setting_find(&e, c, code));
    *found = e->found;
    *out = e->text;
    return OK;
}

Err setting_whole(int64_t *out, Ctx *c, const char *code, int64_t otherwise) {
    Str text = {0};
    bool found;
    *out = otherwise;
    TRY(setting_text(&text, &found, c, code));
    if (found && !str_to_int(out, text)) *out = otherwise;
    return OK;
}

/* ---- rates ---- */

enum { RATE_SCALE = 9 };
static const int64_t rate_one = INT64_C(1000000000);

static Err rate_row(int64_t *rate9, Str *day, Str *source, bool *found, Ctx *c, Str from, Str to,
                    Str on_day) {
    Rows *r;
    TRY(db_few(
        &r, c->db, c->arena,
        "SELECT rate, day, source FROM rate WHERE currency = $1 AND against = $2 AND day <= $3 AND state = 'active' "
        "ORDER BY day DESC, id DESC LIMIT 1",
        ARGS(db_text(from), db_text(to), db_text(on_day))));
    TRY(rows_next(found, r));
    if (!*found) return OK;
    *rate9 = rows_int(r, 0);
    *day = rows_copy(r, 1);
    *source = rows_copy(r, 2);
    rows_close(r);
    return OK;
}

static Err rate_either_way(int64_t *rate9, Str *day, Str *source, bool *found, Ctx *c, Str from,
                           Str to, Str on_day) {
    TRY(rate_row(rate9, day, source, found, c, from, to, on_day));
    if (*found) return OK;
    TRY(rate_row(rate9, day, source, found, c, to, from, on_day));
    if (*found) *found = mul_div(rate9, rate_one, rate_one, *rate9);
    return OK;
}

static Err rate_search(int64_t *rate9, Str *day, Str *source, Ctx *c, Str from, Str to,
                       Str on_day) {
    bool found;
    TRY(rate_either_way(rate9, day, source, &found, c, from, to, on_day));
    if (found) return OK;
    static const char *const pivots[] = {"MAD", "EUR", "USD"};
    for (size_t i = 0; i < LENGTH(pivots); i++) {
        Str pivot = str_of(pivots[i]), second_day, second_source;
        int64_t first, second;
        if (str_eq(pivot, from) || str_eq(pivot, to)) continue;
        TRY(rate_either_way(&first, day, source, &found, c, from, pivot, on_day));
        if (!found) continue;
        TRY(rate_either_way(&second, &second_day, &second_source, &found, c, pivot, to, on_day));
        if (!found || !mul_div(rate9, first, second, rate_one)) continue;
        if (str_cmp(second_day, *day) < 0) *day = second_day;
        return OK;
    }
    return ERR_MISSING;
}

static size_t rate_slot(Str day) {
    size_t h = 0;
    for (size_t i = 0; i < day.n; i++) h = h * 31 + (unsigned char)day.p[i];
    return h % CACHE_RATES;
}

static bool is_rate(const CacheRate *e, Str from, Str to, Str on_day) {
    return str_eq(e->on_day, on_day) && str_eq(e->from, from) && str_eq(e->to, to);
}

Err rate_find(int64_t *rate9, Str *day, Str *source, Ctx *c, Str from, Str to, Str on_day) {
    *rate9 = rate_one;
    *day = on_day;
    *source = (Str){0};
    if (str_eq(from, to)) return OK;
    Cache *k = cache_of(c);
    CacheRate **slot = &k->rates[rate_slot(on_day)];
    CacheRate *e = *slot;
    while (e && !is_rate(e, from, to, on_day)) e = e->next;
    if (!e) {
        e = NEW(k->arena, CacheRate);
        *e = (CacheRate){.from = str_copy(k->arena, from),
                         .to = str_copy(k->arena, to),
                         .on_day = str_copy(k->arena, on_day),
                         .next = *slot};
        Arena *own = c->arena;
        c->arena = k->arena;
        e->err = rate_search(&e->rate9, &e->day, &e->source, c, from, to, e->on_day);
        c->arena = own;
        if (e->err && e->err != ERR_MISSING) return e->err;
        *slot = e;
        cache_saw(c, k, "rate");
    }
    if (e->err) return e->err;
    *rate9 = e->rate9;
    *day = e->day;
    *source = e->source;
    return OK;
}

/* ---- approval limits ---- */

Err limit_of_role(Money *out, bool *found, bool *unlimited, Ctx *c, Str role, Str measure,
                  int64_t entity) {
    Rows *r;
    bool more;
    *found = *unlimited = false;
    TRY(db_few(
        &r, c->db, c->arena,
        "SELECT up_to, up_to_currency FROM approval_limit WHERE role = $1 AND measure = $2 AND state = 'active' "
        "AND (entity IS NULL OR entity = $3)",
        ARGS(db_text(role), db_text(measure), db_int(entity))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        if (rows_is_null(r, 0)) *unlimited = true;
        if (rows_is_null(r, 0) || (*found && rows_int(r, 0) <= out->minor)) continue;
        Value v = value_money(rows_int(r, 0), rows_text(r, 1));
        *out = (Money){.minor = v.i};
        memcpy(out->currency, v.currency, sizeof out->currency);
        *found = true;
    }
}

static Err within(bool *out, Ctx *c, Value amount, Money limit) {
    int64_t rate9, in_limit;
    Str day, source;
    *out = false;
    Err e = rate_find(&rate9, &day, &source, c, str_of(amount.currency), str_of(limit.currency),
                      c->today);
    if (e == ERR_MISSING) return OK; /* an amount that cannot be compared is not within */
    TRY(e);
    if (!money_convert(&in_limit, amount.i, str_of(amount.currency), rate9, str_of(limit.currency)))
        return OK;
    *out = in_limit <= limit.minor;
    return OK;
}

/* Within what a role may approve in each measure that it has limits in; without any limit: no. */
static Err role_fits(bool *out, Ctx *c, const Record *r, Str role, const char *fields) {
    const Field *entity = type_field(r->type, S("entity"));
    int64_t where = entity ? r->values[entity->index].i : 0;
    Str rest = str_of(fields), field;
    bool any = false;
    *out = true;
    while (str_cut(&field, &rest, ' ')) {
        Money limit;
        bool found, unlimited, fits = true;
        Value amount = record_get(r, str_z(c->arena, field));
        TRY(limit_of_role(&limit, &found, &unlimited, c, role, field, where));
        any = any || found || unlimited;
        if (found && !unlimited && amount.i > 0) TRY(within(&fits, c, amount, limit));
        *out = *out && fits;
    }
    *out = *out && any;
    return OK;
}

static bool has_amount(Ctx *c, const Record *r, const char *fields) {
    Str rest = str_of(fields), field;
    while (str_cut(&field, &rest, ' ')) {
        Value amount = record_get(r, str_z(c->arena, field));
        if (!value_is_null(amount) && amount.i > 0) return true;
    }
    return false;
}

Err limit_roles(Str *out, Ctx *c, const Record *r, const char *roles, const char *fields) {
    Str rest = str_of(roles), role;
    Text t = text_new(c->arena, 0);
    *out = str_of(roles);
    if (!has_amount(c, r, fields)) return OK;
    while (str_cut(&role, &rest, ' ')) {
        bool fits = false;
        if (!role.n || role.p[0] == '@') continue;
        TRY(role_fits(&fits, c, r, role, fields));
        if (!fits) continue;
        text_add(&t, role);
        text_char(&t, ' ');
    }
    *out = text_str(&t);
    return OK;
}

/* ---- two persons ---- */

static Str input_json(Ctx *c, const Input *in) {
    Text t = text_new(c->arena, 60000);
    Json j = json_new(&t);
    json_array(&j);
    for (size_t i = 0; i < in->n; i++) {
        Str name = in->items[i].name;
        if ((name.n && name.p[0] == '_') || str_is(name, "version")) continue;
        json_array(&j);
        json_str(&j, name);
        json_str(&j, in->items[i].value);
        json_end_array(&j);
    }
    json_end_array(&j);
    return text_str(&t);
}

/* What was read of it, in machine form: the second person may have another language, in which
 * "1,5" as it was typed would be another number. */
static Input machine_form(Ctx *c, const Record *after, const Input *in) {
    Input out = {0};
    for (size_t i = 0; i < in->n; i++) {
        Str name = in->items[i].name, base = name;
        for (size_t k = 0; k < name.n && base.n == name.n; k++)
            if (name.p[k] == '[' || name.p[k] == '.') base = str_sub(name, 0, k);
        const Field *f = type_field(after->type, base);
        if (!f)
            input_add(&out, c->arena, name, in->items[i].value);
        else if (!input_has(&out, base))
            input_add(&out, c->arena, base, field_text(c, f, after->values[f->index]));
    }
    return out;
}

/* What it is about, in the language of the context. */
static void set_summary(Ctx *c, Record *request, const Record *of, bool is_new, const char *field) {
    Str args[2] = {TRS(c, of->type->label), record_title(c, of)};
    const char *words = is_new ? TR(c, "{0}: new, {1}") : TR(c, "{0}: change of {1}");
    record_set(request, field, value_text(tr_fill(c->arena, words, args, 2)));
}

Err core_propose(Record **out, Ctx *c, const Record *r, const Record *after, int64_t version,
                 const Input *sent) {
    const Type *t = after->type;
    Input in = machine_form(c, after, sent);
    Record *request = record_new(c, model_need(c->model, "change_request"));
    Str number = r ? record_number(c->arena, r) : (Str){0};
    set_summary(c, request, r ? r : after, !r, "summary");
    Lang own = c->lang;
    for (int l = 0; l < LANG_COUNT; l++) {
        c->lang = (Lang)l;
        set_summary(c, request, r ? r : after, !r,
                    str_fmt(c->arena, "summary_%s", lang_code(c->lang)).p);
    }
    c->lang = own;
    record_set(request, "on_type", value_text(str_of(t->name)));
    record_set(request, "on_number", value_text(number));
    record_set(request, "base_version", value_int(version));
    record_set(request, "changes", value_text(input_json(c, &in)));
    return record_save(out, c, request, "propose");
}

Err core_change_input(Input *out, Ctx *c, const Record *request) {
    Str json = record_text(request, "changes");
    const JsonValue *j;
    Str why;
    if (json_parse(&j, &why, c->arena, json) != OK || j->kind != J_ARRAY) return ERR_INTERNAL;
    for (size_t i = 0; i < j->n; i++)
        if (j->items[i].n == 2)
            input_add(out, c->arena, j->items[i].items[0].s, j->items[i].items[1].s);
    return OK;
}

/* Only one that nobody has decided on is taken back, and that one has changed nothing. */
Err core_change_remove(Ctx *c, const Record *r, bool is_gone) {
    (void)c;
    (void)r;
    (void)is_gone;
    return OK;
}

/* The change is applied as the system's, in the same transaction; the history names the request and
 * both persons. */
Err core_change_after_save(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    if (!s->transition || strcmp(s->transition->name, "apply") != 0) return OK;
    const Type *t = model_type(c->model, record_text(r, "on_type"));
    Input in = {0};
    Record *target, *done;
    if (!t) return ERR_MISSING;
    TRY(core_change_input(&in, c, r));
    Actor *person = c->actor;
    Actor second = *person;
    second.is_system =
        true; /* rights were checked when it was proposed and again now; the actor's id stays */
    Str reason = c->reason;
    bool is_exact = c->is_exact;
    c->is_exact = true;
    c->reason = str_fmt(c->arena, "%.*s", FMT(record_number(c->arena, r)));
    c->actor = &second;
    c->cache = NULL;
    Err e = OK;
    if (record_text(r, "on_number").n) {
        e = record_find(&target, c, t, record_text(r, "on_number"));
        if (!e) e = record_update(&done, c, target, record_int(r, "base_version"), &in);
    } else
        e = record_create(&done, c, t, &in);
    c->actor = person;
    c->cache = NULL;
    c->reason = reason;
    c->is_exact = is_exact;
    return e;
}
