/* directory.c: from entries of the directory to accounts and roles (directory.h).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/directory.h"

#include "base/clock.h"
#include "base/log.h"
#include "model/account.h"
#include "work/kit.h"

#include <stdlib.h>

enum { SLICE = 100, CONFLICT_RETRIES = 4, SPARED = 10, MOST_ROLES = 200 };
#define BY_DIRECTORY S("the directory")

static void note(DirectoryReport *r, const char *what, Str who) {
    r->skipped++;
    text_fmt(&r->notes, "%.*s: %s\n", FMT(who), what);
}

static const Type *users(const Ctx *c) {
    return model_need(c->model, "user");
}

/* ---- the account of an entry ---- */

/* By the key of the directory, else by the address. *mine false: the account is not the
 * directory's to change. */
static Err find_account(Record **out, bool *mine, Ctx *c, DirectoryReport *report,
                        const DirectoryEntry *e, int64_t known) {
    int64_t id = known;
    Record *r;
    *out = NULL;
    *mine = true;
    if (!id) TRY(directory_account_of(&id, c, e->key));
    if (id) return record_load_raw(out, c, users(c), id);
    Err found = ref_find(&id, c, users(c), e->email);
    if (found == ERR_MISSING) return OK;
    TRY(found);
    TRY(record_load_raw(&r, c, users(c), id));
    bool is_left = record_bool(r, "directory_off");
    if (record_text(r, "directory_key").n ? !is_left : record_text(r, "password_hash").n > 0) {
        *mine = false;
        note(report,
             record_text(r, "directory_key").n
                 ? "left alone: another entry of the directory has this address"
                 : "left alone: the account has a password of its own",
             e->email);
        return OK;
    }
    *out = r;
    return OK;
}

static Err home_unit(Value *out, Ctx *c, const DirectoryEntry *e) {
    int64_t unit;
    *out = (Value){0};
    if (!e->unit.n) return OK;
    Err found = ref_find(&unit, c, model_need(c->model, "unit"), e->unit);
    if (found == ERR_MISSING) return OK;
    TRY(found);
    *out = value_int(unit);
    return OK;
}

static bool put(Record *r, const char *field, Value v) {
    if (value_eq(record_get(r, field), v)) return false;
    record_set(r, field, v);
    return true;
}

/* Somebody else may have the new address already: then the old one stays. */
static Err address_is_free(bool *out, Ctx *c, const Record *r, Str email) {
    int64_t id;
    Err e = ref_find(&id, c, users(c), email);
    *out = e == ERR_MISSING || (e == OK && id == r->id);
    return e == ERR_MISSING ? OK : e;
}

static Err write_account(Record **r, DirectoryReport *report, Ctx *c, const DirectoryEntry *e) {
    Record *next = *r ? record_clone(c, *r) : record_new(c, users(c));
    Value unit;
    bool is_free = true, changed = false;
    if (*r) TRY(address_is_free(&is_free, c, *r, e->email));
    if (!is_free) note(report, "the new address is another account's", e->email);
    if (is_free) changed |= put(next, "email", value_text(e->email));
    changed |= put(next, "name", value_text(e->name.n ? e->name : e->email));
    changed |= put(next, "directory_key", value_text(e->key));
    TRY(home_unit(&unit, c, e));
    if (unit.kind != V_NULL) changed |= put(next, "home_unit", unit);
    if (!changed) return OK;
    report->created += !*r;
    report->changed += *r != NULL;
    return record_save(r, c, next, *r ? "update" : "create");
}

/* What an administrator disabled here stays disabled. */
static Err set_active(Record **r, DirectoryReport *report, Ctx *c, bool active) {
    bool is_active = !((*r)->state->flags & STATE_CLOSED);
    Record *next;
    if (is_active == active || (active && !record_bool(*r, "directory_off"))) return OK;
    TRY(account_set_active(c, (*r)->id, active, BY_DIRECTORY));
    report->enabled += active;
    report->disabled += !active;
    TRY(record_load_raw(r, c, users(c), (*r)->id));
    next = record_clone(c, *r);
    record_set(next, "directory_off", active ? (Value){0} : value_int(1));
    return record_save(r, c, next, "update");
}

/* ---- roles ---- */

static Err unit_id(int64_t *out, bool *known, Ctx *c, Str code) {
    *out = 0;
    *known = true;
    if (!code.n) return OK;
    Err e = ref_find(out, c, model_need(c->model, "unit"), code);
    *known = e == OK;
    return e == ERR_MISSING ? OK : e;
}

static Record *held(const Records *all, Str role, int64_t unit) {
    for (size_t i = 0; i < all->n; i++) {
        Record *r = all->items[i];
        if (!(r->state->flags & STATE_CLOSED) && str_eq(record_text(r, "role"), role) &&
            record_int(r, "in_unit") == unit)
            return r;
    }
    return NULL;
}

static Err give(DirectoryReport *report, Ctx *c, int64_t user, Str role, int64_t unit) {
    Record *r = record_new(c, model_need(c->model, "role_assignment")), *saved;
    record_set(r, "person", value_int(user));
    record_set(r, "role", value_text(role));
    record_set(r, "valid_from", value_text(c->today));
    record_set(r, "from_directory", value_int(1));
    if (unit) record_set(r, "in_unit", value_int(unit));
    report->given++;
    return record_save(&saved, c, r, "create");
}

static Err withdraw(DirectoryReport *report, Ctx *c, Record *r) {
    Record *saved;
    Input in = {0};
    input_add(&in, c->arena, S("reason"), BY_DIRECTORY);
    report->withdrawn++;
    return record_move(&saved, c, r, "retire", &in);
}

/* Gives what the groups say; withdraws what the directory gave and no longer says. Roles given by
 * hand are nobody's business here. */
static Err write_roles(DirectoryReport *report, Ctx *c, const Directory *d, const DirectoryEntry *e,
                       int64_t user) {
    Records all = {0};
    bool *wanted;
    TRY(record_where(&all, c, model_need(c->model, "role_assignment"), "person", value_int(user),
                     MOST_ROLES));
    wanted = NEW_N(c->arena, bool, all.n + 1);
    for (size_t k = 0; k < d->n_roles; k++) {
        int64_t unit;
        bool known;
        if (!e->has_role[k]) continue;
        TRY(unit_id(&unit, &known, c, d->roles[k].unit));
        if (!known) {
            note(report, "no such unit in ldap_roles", d->roles[k].unit);
            continue;
        }
        const Record *r = held(&all, d->roles[k].role, unit);
        if (!r) {
            TRY(give(report, c, user, d->roles[k].role, unit));
            continue;
        }
        for (size_t i = 0; i < all.n; i++) wanted[i] = wanted[i] || all.items[i] == r;
    }
    for (size_t i = 0; i < all.n; i++)
        if (!wanted[i] && !(all.items[i]->state->flags & STATE_CLOSED) &&
            record_bool(all.items[i], "from_directory"))
            TRY(withdraw(report, c, all.items[i]));
    return OK;
}

Err directory_apply(int64_t *user, DirectoryReport *report, Ctx *c, const Directory *d,
                    const DirectoryEntry *e, int64_t known) {
    Record *r;
    bool mine;
    *user = 0;
    TRY(find_account(&r, &mine, c, report, e, known));
    if (!mine || (!r && e->is_disabled)) return OK;
    if (e->is_disabled) return set_active(&r, report, c, false);
    TRY(write_account(&r, report, c, e));
    TRY(set_active(&r, report, c, true));
    if (r->state->flags & STATE_CLOSED) return OK;
    TRY(write_roles(report, c, d, e, r->id));
    *user = r->id;
    return OK;
}

/* ---- everybody ---- */

typedef struct Sync {
    Directory *d;
    DirectoryReport *report;
    DirectoryEntries all;
    KeptAccounts kept;
    size_t at;
} Sync;

typedef Err (*SyncWork)(Ctx *c, Sync *s);

static Ctx *own_ctx(const Ctx *c) {
    Ctx *own = ctx_new(c->arena, c->model, c->session);
    own->now_us = c->now_us;
    own->today = c->today;
    own->source = S("directory");
    own->work = c->work;
    actor_system(own);
    return own;
}

/* A transaction of its own, again on a conflict with others. */
static Err in_write(Ctx *c, Sync *s, SyncWork work) {
    Err e = ERR_CONFLICT;
    DirectoryReport before = *s->report;
    for (int i = 0; i < CONFLICT_RETRIES && e == ERR_CONFLICT; i++) {
        Ctx *own = own_ctx(c);
        *s->report = before;
        TRY(db_write(&own->db, own->session));
        e = work(own, s);
        if (e == OK)
            e = db_commit(own->db);
        else
            db_rollback(own->db);
        for (size_t k = 0; e == ERR_INVALID && k < own->issues.n; k++)
            log_line(LOG_WARN, "directory", "%.*s: %s", FMT(own->issues.items[k].field),
                     own->issues.items[k].text);
    }
    return e;
}

static int by_key(const void *p, const void *q) {
    return str_cmp(((const KeptAccount *)p)->key, ((const KeptAccount *)q)->key);
}

static KeptAccount *kept_of(const Sync *s, Str key) {
    KeptAccount wanted = {.key = key};
    return s->kept.n ? bsearch(&wanted, s->kept.items, s->kept.n, sizeof wanted, by_key) : NULL;
}

/* Who is gone or shut there ends first, whatever happens to the rest. */
static Err end_work(Ctx *c, Sync *s) {
    for (size_t i = 0; i < s->kept.n; i++) {
        const KeptAccount *k = &s->kept.items[i];
        Record *r;
        if (!k->is_active || k->is_seen) continue;
        TRY(record_load_raw(&r, c, users(c), k->id));
        TRY(set_active(&r, s->report, c, false));
    }
    return OK;
}

static Err slice_work(Ctx *c, Sync *s) {
    size_t until = s->at + SLICE < s->all.n ? s->at + SLICE : s->all.n;
    for (size_t i = s->at; i < until; i++) {
        const DirectoryEntry *e = &s->all.items[i];
        const KeptAccount *k = kept_of(s, e->key);
        int64_t user;
        if (e->is_disabled) continue;
        TRY(directory_apply(&user, s->report, c, s->d, e, k ? k->id : 0));
    }
    return OK;
}

static Err read_kept(Sync *s, Ctx *c) {
    Ctx *own = own_ctx(c);
    TRY(db_read(&own->db, own->session));
    Err e = directory_kept(&s->kept, own);
    db_rollback(own->db);
    TRY(e);
    if (s->kept.n) qsort(s->kept.items, s->kept.n, sizeof *s->kept.items, by_key);
    for (size_t i = 0; i < s->all.n; i++) {
        KeptAccount *k = kept_of(s, s->all.items[i].key);
        if (k && !s->all.items[i].is_disabled) k->is_seen = true;
    }
    return OK;
}

/* A filter that finds nobody any more must not lock everybody out. */
static bool ends_too_many(const Sync *s, int64_t *ending) {
    int64_t active = 0;
    *ending = 0;
    for (size_t i = 0; i < s->kept.n; i++) {
        active += s->kept.items[i].is_active;
        *ending += s->kept.items[i].is_active && !s->kept.items[i].is_seen;
    }
    return *ending > SPARED && *ending * 2 > active;
}

Err directory_sync(DirectoryReport *report, Str *why, Ctx *c, Directory *d, bool is_sure,
                   bool is_trial) {
    Sync s = {.d = d, .report = report};
    int64_t ending;
    *report = (DirectoryReport){.notes = text_new(c->arena, 1 << 20)};
    TRY(ldap_everybody(&s.all, why, c->arena, d));
    report->seen = (int64_t)s.all.n;
    if (s.all.without_email)
        text_fmt(&report->notes, "%lld entries without mail were left out\n",
                 (long long)s.all.without_email);
    Str groups = s.all.missing_groups, group;
    while (groups.n && str_cut(&group, &groups, '\n'))
        if (group.n) note(report, "no such group", group);
    TRY(read_kept(&s, c));
    if (ends_too_many(&s, &ending) && !is_sure) {
        *why = str_fmt(c->arena, "%lld accounts would end, more than half: nothing was changed",
                       (long long)ending);
        return ERR_INVALID;
    }
    if (is_trial) {
        report->disabled = ending;
        return OK;
    }
    if (ending) TRY(in_write(c, &s, end_work));
    for (; s.at < s.all.n; s.at += SLICE) TRY(in_write(c, &s, slice_work));
    return OK;
}

Err directory_send(Ctx *c, Job *job) {
    DirectoryReport report;
    Directory *d = c->work ? c->work->directory : NULL;
    Str why = {0};
    if (!d) return OK;
    Err e = directory_sync(&report, &why, c, d, false, false);
    /* The next slot comes in some minutes: rows that fail must not pile up behind it. */
    if (e == OK) return OK;
    job->error = why;
    log_line(LOG_WARN, "directory", "%.*s", FMT(why.n ? why : S("failed, see above")));
    return OK;
}

/* ---- by hand ---- */

static Err save_as_system(Ctx *c, Record *next, const char *action) {
    Record *saved;
    Ctx *own;
    TRY(kit_as(&own, c, 0));
    return record_save(&saved, own, next, action);
}

Err directory_hand_over(Ctx *c, int64_t user) {
    Record *r;
    TRY(record_load_raw(&r, c, users(c), user));
    Record *next = record_clone(c, r);
    record_set(next, "password_hash", (Value){0});
    TRY(save_as_system(c, next, "update"));
    return account_end_access(c, user);
}

Err directory_take_back(Ctx *c, int64_t user) {
    Record *r;
    TRY(record_load_raw(&r, c, users(c), user));
    Record *next = record_clone(c, r);
    record_set(next, "directory_key", (Value){0});
    record_set(next, "directory_off", (Value){0});
    TRY(save_as_system(c, next, "update"));
    return account_end_access(c, user);
}
