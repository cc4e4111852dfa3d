/* notice.c: from an event to the people who are told (notice.h). SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "work/notice.h"

#include "base/clock.h"
#include "base/json.h"
#include "model/bulk.h"
#include "work/kit.h"
#include "work/webhook.h"

enum { MOST_PEOPLE = 200 };

/* clang-format off */
const NoticeDef work_notices[] = {
    {.name = "waiting",   .text = N_("Waiting for you"), .tone = TONE_ACCENT},
    {.name = "returned",  .text = N_("Returned"),        .tone = TONE_WARN},
    {.name = "closed",    .text = N_("Closed"),          .tone = TONE_GOOD},
    {.name = "cancelled", .text = N_("Cancelled"),       .tone = TONE_MUTED},
    {.name = "assignment.due",       .to = "@owner", .text = N_("Due on {0}"),                     .tone = TONE_WARN},
    {.name = "assignment.late",      .to = "@owner", .text = N_("Overdue since {0}"),              .tone = TONE_BAD},
    {.name = "assignment.escalated",                 .text = N_("Not answered, due on {0}"),       .tone = TONE_BAD},
    {.name = "assignment.yours",     .to = "@owner", .text = N_("Handed over to you, due on {0}"), .tone = TONE_ACCENT},
    {.name = "watched", .text = N_("A record you follow moved on"), .tone = TONE_INFO},
    {.name = "mention", .text = N_("{0} wrote to you"),      .tone = TONE_ACCENT},
    {.name = "comment", .text = N_("New comment of {0}"),    .tone = TONE_INFO},
    {0}
};
/* clang-format on */

const NoticeDef *notice_def(const Model *m, Str name) {
    for (size_t i = 0; i < m->n_notices; i++)
        if (str_is(name, m->notices[i]->name)) return m->notices[i];
    return NULL;
}

/* ---- events ---- */

static void event_json(Json *j, const Event *e) {
    json_object(j);
    json_keyz(j, "type");
    json_str(j, e->type);
    json_keyz(j, "record");
    json_int(j, e->record);
    json_keyz(j, "version");
    json_int(j, e->version);
    json_keyz(j, "actor");
    json_int(j, e->actor);
    json_keyz(j, "previous");
    json_int(j, e->previous);
    json_keyz(j, "transition");
    json_str(j, e->transition);
    json_keyz(j, "from");
    json_str(j, e->from);
    json_keyz(j, "to");
    json_str(j, e->to);
    json_end_object(j);
}

Str event_write(Ctx *c, const Event *e) {
    Text t = text_new(c->arena, 0);
    Json j = json_new(&t);
    event_json(&j, e);
    return text_str(&t);
}

static bool event_of(Event *out, const JsonValue *v) {
    *out = (Event){.type = json_get_str(v, "type"),
                   .record = json_get_int(v, "record"),
                   .version = json_get_int(v, "version"),
                   .actor = json_get_int(v, "actor"),
                   .previous = json_get_int(v, "previous"),
                   .transition = json_get_str(v, "transition"),
                   .from = json_get_str(v, "from"),
                   .to = json_get_str(v, "to")};
    return out->type.n && out->record;
}

bool event_read(Event *out, Ctx *c, Str payload) {
    const JsonValue *v;
    Str why;
    return json_parse(&v, &why, c->arena, payload) == OK && event_of(out, v);
}

static bool is_worked_on(const Model *m, const Type *t) {
    for (size_t i = 0; i < t->n_states; i++)
        if (t->states[i].waits_for) return true;
    for (size_t i = 0; i < m->n_notices; i++)
        if (m->notices[i]->type && strcmp(m->notices[i]->type, t->name) == 0) return true;
    return false;
}

static Str event_key(Ctx *c, const Event *e) {
    return str_fmt(c->arena, "%.*s/%lld/%lld", FMT(e->type), (long long)e->record,
                   (long long)e->version);
}

/* One row; its lane is that of the first record: what its events set off is made in their order, on
 * any number of nodes. */
static Err events_add(Ctx *c, const Event *events, size_t n) {
    Text t = text_new(c->arena, 0);
    Json j = json_new(&t);
    if (n > 1) json_array(&j);
    for (size_t i = 0; i < n; i++) event_json(&j, &events[i]);
    if (n > 1) json_end_array(&j);
    Str lane = str_fmt(c->arena, "event/%.*s/%lld", FMT(events->type), (long long)events->record);
    return outbox_add(c, &(OutboxRow){.topic = "event",
                                      .key = event_key(c, events),
                                      .lane = lane,
                                      .payload = text_str(&t)});
}

/* Of records that were made together. */
typedef struct EventList {
    Event *items;
    size_t n, cap;
} EventList;

static Err events_write(Ctx *c, void *gathered) {
    enum { MOST = 50 };
    const EventList *l = gathered;
    for (size_t i = 0; i < l->n; i += MOST)
        TRY(events_add(c, l->items + i, l->n - i < MOST ? l->n - i : MOST));
    return OK;
}

Err event_observe(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    bool moved = !s->before || s->before->state != r->state || s->transition;
    const Field *watchers = type_field(r->type, S("watchers"));
    bool is_watched = watchers && r->values[watchers->index].n > 0;
    bool heard = moved && (is_watched || is_worked_on(c->model, r->type));
    if (c->is_quiet || r->type->flags & TYPE_NO_PAGES) return OK;
    if (!heard) TRY(webhook_listens(&heard, c, r->type, !moved));
    if (!heard) return OK;
    Event e = {.type = str_of(r->type->name),
               .record = r->id,
               .version = r->version,
               .actor = c->actor->user,
               .previous = s->before ? s->before->moved_by : 0,
               .transition = str_of(s->transition ? s->transition->name : NULL),
               .from = str_of(s->before ? s->before->state->name : NULL),
               .to = str_of(r->state->name)};
    EventList *together = bulk_gather(c, sizeof *together, events_write);
    if (!together) return events_add(c, &e, 1);
    GROW(c->keep ? c->keep : c->arena, together->items, together->n, together->cap);
    together->items[together->n++] = e;
    return OK;
}

/* ---- people ---- */

void people_add(People *p, Ctx *c, int64_t user) {
    if (!user || p->n == MOST_PEOPLE) return;
    for (size_t i = 0; i < p->n; i++)
        if (p->ids[i] == user) return;
    GROW(c->arena, p->ids, p->n, p->cap);
    p->ids[p->n++] = user;
}

/* What these are made of; a save of one makes them anew. */
#define ROLES "user role_assignment delegation unit"

/* Somebody's rights, read once for all that they are asked about. */
typedef struct Reader {
    Ctx *own;
    Err err;
} Reader;

static Err reader_of(Ctx **out, Ctx *c, int64_t user) {
    static const char owner;
    bool is_new;
    Arena *memory, *scratch = c->arena;
    Reader *reader = ctx_memo(&is_new, &memory, c, &owner, user, ROLES, sizeof *reader);
    if (is_new) {
        c->arena = memory;
        reader->err = kit_as(&reader->own, c, user);
        c->arena = scratch;
    }
    *out = reader->own;
    reader->own->arena = scratch;
    reader->own->db = c->db;
    reader->own->issues = (Issues){0};
    return reader->err;
}

Err people_may_read(bool *out, Ctx *c, int64_t user, const Record *r) {
    Ctx *own;
    *out = false;
    Err e = reader_of(&own, c, user);
    if (e == OK) e = access_check(own, r, OP_READ);
    if (e == ERR_MISSING || e == ERR_DENIED) return OK;
    *out = e == OK;
    return e;
}

static Err add_reader(People *out, bool *added, Ctx *c, int64_t user, const Record *r) {
    bool may;
    TRY(people_may_read(&may, c, user, r));
    if (may) people_add(out, c, user);
    *added |= may;
    return OK;
}

/* Of a role, or of all that somebody has (def NULL). */
static Err delegates_of(const People **out, Ctx *c, int64_t user, const RoleDef *def) {
    static const char owner;
    bool is_new;
    Arena *memory, *scratch = c->arena;
    People *found = ctx_memo(&is_new, &memory, c, def ? (const void *)&def->label : &owner, user,
                             ROLES, sizeof *found);
    *out = found;
    if (!is_new) return OK;
    c->arena = memory;
    Err e = notice_delegates(found, c, user, str_of(def ? def->name : ""));
    c->arena = scratch;
    return e;
}

static Err add_with_delegates(People *out, bool *any, Ctx *c, int64_t user, const RoleDef *def,
                              const Record *r) {
    const People *delegates;
    TRY(add_reader(out, any, c, user, r));
    TRY(delegates_of(&delegates, c, user, def));
    for (size_t i = 0; i < delegates->n; i++) TRY(add_reader(out, any, c, delegates->ids[i], r));
    return OK;
}

typedef struct Holders {
    Holder *items;
    size_t n;
} Holders;

static Err holders_of(const Holders **out, Ctx *c, const RoleDef *def) {
    bool is_new;
    Arena *memory, *scratch = c->arena;
    Holders *found = ctx_memo(&is_new, &memory, c, def, 0, ROLES, sizeof *found);
    *out = found;
    if (!is_new) return OK;
    c->arena = memory;
    Err e = notice_holders(&found->items, &found->n, c, str_of(def->name));
    c->arena = scratch;
    return e;
}

typedef struct Ancestors {
    int64_t *ids;
    size_t n;
} Ancestors;

static Err ancestors_of(const Ancestors **out, Ctx *c, int64_t unit) {
    static const char owner;
    bool is_new;
    Arena *memory, *scratch = c->arena;
    Ancestors *found = ctx_memo(&is_new, &memory, c, &owner, unit, "unit", sizeof *found);
    *out = found;
    if (!is_new) return OK;
    c->arena = memory;
    Err e = notice_ancestors(&found->ids, &found->n, c, unit);
    c->arena = scratch;
    return e;
}

/* Those of the role whose unit is nearest above the record; those for everywhere come last. What
 * belongs to no unit is told to those for everywhere, otherwise to all of the role. */
static Err add_role(People *out, Ctx *c, const Record *r, Str role) {
    const Holders *holders;
    const Ancestors *up;
    const RoleDef *def = model_role(c->model, role);
    if (!def || def->is_everybody) return OK;
    TRY(holders_of(&holders, c, def));
    TRY(ancestors_of(&up, c, r->unit));
    for (size_t level = 0; level <= up->n; level++) {
        int64_t unit = level < up->n ? up->ids[level] : 0;
        bool any = false;
        for (size_t i = 0; i < holders->n; i++)
            if (holders->items[i].unit == unit)
                TRY(add_with_delegates(out, &any, c, holders->items[i].person, def, r));
        if (any) return OK;
    }
    bool any = false;
    for (size_t i = 0; i < holders->n && !r->unit; i++)
        TRY(add_with_delegates(out, &any, c, holders->items[i].person, def, r));
    return OK;
}

/* Whom a word of a person means: several where it is a list of people. */
static void named(People *out, Ctx *c, const Record *r, Str word, const Event *e) {
    int64_t id = 0;
    if (str_is(word, "@creator")) id = r->created_by;
    if (str_is(word, "@owner")) id = r->owner;
    if (str_is(word, "@previous")) id = e ? e->previous : 0;
    if (word.n > 2 && word.p[1] == '#' && !str_to_int(&id, str_sub(word, 2, word.n))) id = 0;
    const Field *f = type_field(r->type, str_sub(word, 1, word.n));
    if (f && f->kind == KIND_USER) id = r->values[f->index].i;
    people_add(out, c, id);
    bool many = f && f->kind == KIND_REFS && f->target && !strcmp(f->target->name, "user");
    Value list = many ? r->values[f->index] : (Value){0};
    for (size_t i = 0; i < list.n; i++) people_add(out, c, list.list[i].i);
}

Err people_find(People *out, Ctx *c, const Record *r, const char *words, const Event *e) {
    Str rest = str_of(words), word;
    while (rest.n && str_cut(&word, &rest, ' ')) {
        if (!word.n) continue;
        if (word.p[0] != '@') {
            TRY(add_role(out, c, r, word));
            continue;
        }
        bool any = false;
        People people = {0};
        named(&people, c, r, word, e);
        for (size_t i = 0; i < people.n; i++)
            TRY(add_with_delegates(out, &any, c, people.ids[i], NULL, r));
    }
    return OK;
}

/* ---- telling ---- */

/* The row for the mail, as far as the person wants one. */
static Err add_mail(Ctx *c, const Notice *n, int64_t id) {
    NoticeWish wish;
    int64_t due;
    TRY(notice_wish(&wish, c, n->person));
    if (wish.mail == MAIL_NONE || wish.mail == MAIL_DAILY) return OK;
    if (wish.mail == MAIL_WAITING && !n->waits) return OK;
    TRY(notice_mail_time(&due, c, &wish));
    Str text = kit_text_int(c, id);
    return outbox_add(c,
                      &(OutboxRow){.topic = "mail", .key = text, .payload = text, .due_us = due});
}

/* Who is told the same; without mail nothing needs to know which of them were told already. */
static Err tell_all(Ctx *c, const Notice *list, size_t n) {
    if (!c->work || !c->work->mail_server.n) return notice_insert_many(c, list, n);
    for (size_t i = 0; i < n; i++) {
        int64_t id;
        TRY(notice_insert(&id, c, &list[i]));
        if (id) TRY(add_mail(c, &list[i], id));
    }
    return OK;
}

typedef struct Told {
    int64_t person;
    const char *kind;
    bool waits;
} Told;
typedef struct ToldList {
    Told *items;
    size_t n, cap;
} ToldList;

/* As `common`, to each of the list. */
static Err tell_list(Ctx *c, const ToldList *l, Notice common) {
    Notice *list = NEW_N(c->arena, Notice, l->n + 1);
    for (size_t i = 0; i < l->n; i++) {
        list[i] = common;
        list[i].person = l->items[i].person;
        list[i].kind = str_of(l->items[i].kind);
        list[i].waits = l->items[i].waits;
    }
    return tell_all(c, list, l->n);
}

static Told *told_put(ToldList *l, Ctx *c, int64_t person, const char *kind) {
    for (size_t i = 0; i < l->n; i++)
        if (l->items[i].person == person) return &l->items[i];
    GROW(c->arena, l->items, l->n, l->cap);
    l->items[l->n] = (Told){.person = person, .kind = kind};
    return &l->items[l->n++];
}

/* Whoever did it knows. */
static Err told_add(ToldList *l, Ctx *c, const Record *r, const Event *e, const char *words,
                    const char *kind) {
    People people = {0};
    TRY(people_find(&people, c, r, words, e));
    for (size_t i = 0; i < people.n; i++)
        if (people.ids[i] != e->actor) told_put(l, c, people.ids[i], kind);
    return OK;
}

static bool notice_matches(const NoticeDef *n, const Event *e) {
    Str rest = str_of(n->on), word;
    if (!n->on || !n->type || !str_is(e->type, n->type)) return false;
    while (rest.n && str_cut(&word, &rest, ' ')) {
        if (str_is(word, "@create") && !e->from.n) return true;
        if (word.n > 1 && word.p[0] == '=' && str_eq(str_sub(word, 1, word.n), e->to) &&
            !str_eq(e->from, e->to))
            return true;
        if (word.n && str_eq(word, e->transition)) return true;
    }
    return false;
}

static Err can_step(bool *out, Ctx *c, int64_t user, const Record *r) {
    Ctx *own;
    const Transition *t = NULL;
    *out = false;
    Err e = reader_of(&own, c, user);
    if (e == OK) e = access_lend(own, c, r);
    if (e == OK) e = access_next_step(&t, own, r);
    if (e == ERR_MISSING) return OK;
    *out = t != NULL || !r->type->n_transitions;
    return e;
}

/* The third line may step in anywhere; it is its turn only when nobody else's. */
static Str without_third_line(Ctx *c, const char *words) {
    Text t = text_new(c->arena, 0);
    Str rest = str_of(words), word;
    while (rest.n && str_cut(&word, &rest, ' ')) {
        const RoleDef *role = model_role(c->model, word);
        if (role && role->line == 3) continue;
        text_add(&t, word);
        text_char(&t, ' ');
    }
    return text_str(&t);
}

/* Whose turn it is now, when the record has not moved on meanwhile. */
static Err told_waiting(ToldList *l, Ctx *c, const Record *r, const Event *e) {
    People people = {0};
    if (!r->state->waits_for || !str_is(e->to, r->state->name)) return OK;
    TRY(people_find(&people, c, r, without_third_line(c, r->state->waits_for).p, e));
    if (!people.n) TRY(people_find(&people, c, r, r->state->waits_for, e));
    for (size_t i = 0; i < people.n; i++) {
        bool can;
        if (people.ids[i] == e->actor) continue;
        TRY(can_step(&can, c, people.ids[i], r));
        if (can) told_put(l, c, people.ids[i], "waiting")->waits = true;
    }
    return OK;
}

static Err told_general(ToldList *l, Ctx *c, const Record *r, const Event *e) {
    const State *from = e->from.n ? type_state(r->type, e->from) : NULL;
    const State *to = type_state(r->type, e->to);
    if (!to || from == to) return OK;
    if (to->flags & STATE_VOID) return told_add(l, c, r, e, "@creator @owner", "cancelled");
    if (to->flags & STATE_CLOSED) return told_add(l, c, r, e, "@creator @owner", "closed");
    if (from && to->rank < from->rank && !(from->flags & STATE_CLOSED))
        return told_add(l, c, r, e, "@previous @creator", "returned");
    return OK;
}

/* Whom the record keeps informed, as far as they may read it. */
static Err told_watchers(ToldList *l, Ctx *c, const Record *r, int64_t actor, const char *kind) {
    const Field *f = type_field(r->type, S("watchers"));
    Value v = f ? r->values[f->index] : (Value){0};
    for (size_t i = 0; f && i < v.n; i++) {
        bool may;
        if (v.list[i].i == actor) continue;
        TRY(people_may_read(&may, c, v.list[i].i, r));
        if (may) told_put(l, c, v.list[i].i, kind);
    }
    return OK;
}

static Err notices_of(ToldList *l, Ctx *c, const Record *r, const Event *e) {
    for (size_t i = 0; i < c->model->n_notices; i++) {
        const NoticeDef *n = c->model->notices[i];
        if (notice_matches(n, e) && (!n->when || n->when(c, r)))
            TRY(told_add(l, c, r, e, n->to, n->name));
    }
    TRY(told_general(l, c, r, e));
    TRY(told_waiting(l, c, r, e));
    return told_watchers(l, c, r, e->actor, "watched");
}

static Err tell_of(Ctx *c, const Event *e, Str key) {
    Record *r;
    ToldList told = {0};
    const Type *t = model_type(c->model, e->type);
    if (!t) return OK; /* its module is gone */
    Err err = record_load_raw(&r, c, t, e->record);
    if (err == ERR_MISSING) return OK;
    TRY(err);
    bool moved = !e->from.n || !str_eq(e->from, e->to) || e->transition.n;
    if (moved) TRY(notices_of(&told, c, r, e));
    TRY(tell_list(c, &told,
                  (Notice){.type = e->type,
                           .record = e->record,
                           .version = e->version,
                           .actor = e->actor,
                           .key = key}));
    return webhook_event(c, r, e, key);
}

/* One event, or those of records that were made together. */
Err event_run(Ctx *c, Job *job) {
    const JsonValue *v;
    Str why;
    if (json_parse(&v, &why, c->arena, job->payload) != OK) return ERR_INVALID;
    size_t n = v->kind == J_ARRAY ? v->n : 1;
    for (size_t i = 0; i < n; i++) {
        Event e;
        if (!event_of(&e, v->kind == J_ARRAY ? &v->items[i] : v)) return ERR_INVALID;
        TRY(tell_of(c, &e, event_key(c, &e)));
    }
    return OK;
}

/* ---- comments ---- */

static Err told_comment(ToldList *l, Ctx *c, const Record *r, const JsonValue *v, int64_t actor) {
    const JsonValue *named = json_get(v, "mentioned");
    People others = {0};
    for (size_t i = 0; named && named->kind == J_ARRAY && i < named->n; i++) {
        bool may;
        TRY(people_may_read(&may, c, named->items[i].i, r));
        if (may && named->items[i].i != actor) told_put(l, c, named->items[i].i, "mention");
    }
    people_add(&others, c, r->owner);
    TRY(notice_commenters(&others, c, r));
    for (size_t i = 0; i < others.n; i++) {
        bool may;
        TRY(people_may_read(&may, c, others.ids[i], r));
        if (may && others.ids[i] != actor) told_put(l, c, others.ids[i], "comment");
    }
    return told_watchers(l, c, r, actor, "comment");
}

Err comment_run(Ctx *c, Job *job) {
    const JsonValue *v;
    Str why;
    Record *r;
    RefName who = {0};
    ToldList told = {0};
    if (json_parse(&v, &why, c->arena, job->payload) != OK) return ERR_INVALID;
    const Type *t = model_type(c->model, json_get_str(v, "type"));
    int64_t actor = json_get_int(v, "actor");
    if (!t) return OK; /* its module is gone */
    Err e = record_load_raw(&r, c, t, json_get_int(v, "record"));
    if (e == ERR_MISSING) return OK;
    TRY(e);
    TRY(told_comment(&told, c, r, v, actor));
    if (actor) TRY(ref_name_stored(&who, c, model_need(c->model, "user"), actor));
    return tell_list(c, &told,
                     (Notice){.type = str_of(r->type->name),
                              .record = r->id,
                              .version = r->version,
                              .actor = actor,
                              .key = job->key,
                              .arg = who.title});
}

Err work_tell(Ctx *c, const Record *r, const char *notice, const char *to, Str key, Str arg) {
    People people = {0};
    const NoticeDef *def = notice_def(c->model, str_of(notice));
    CHECK(def, notice);
    TRY(people_find(&people, c, r, to ? to : def->to, NULL));
    Notice *list = NEW_N(c->arena, Notice, people.n + 1);
    for (size_t i = 0; i < people.n; i++)
        list[i] = (Notice){.person = people.ids[i],
                           .kind = str_of(notice),
                           .type = str_of(r->type->name),
                           .record = r->id,
                           .version = r->version,
                           .key = key,
                           .arg = arg};
    return tell_all(c, list, people.n);
}

/* Day first, as all the reader's languages write it here; anything else stays. */
static Str readable(Ctx *c, Str arg) {
    int64_t days;
    int y, m, d;
    if (!date_parse(&days, arg)) return arg;
    date_from_days(&y, &m, &d, days);
    return str_fmt(c->arena, "%02d/%02d/%04d", d, m, y);
}

Str notice_headline(Ctx *c, const Notice *n) {
    const NoticeDef *def = notice_def(c->model, n->kind);
    if (!def) return n->kind;
    return FILL(c, TR(c, def->text), readable(c, n->arg));
}

/* ---- what a person wants ---- */

static const char *const wish_names[] = {"all", "waiting", "daily", "none"};

const char *mail_wish_name(MailWish w) {
    return wish_names[w];
}

bool mail_wish_parse(MailWish *out, Str name) {
    for (size_t i = 0; i < LENGTH(wish_names); i++)
        if (str_is(name, wish_names[i])) {
            *out = (MailWish)i;
            return true;
        }
    return false;
}

static bool is_quiet(const NoticeWish *w, int minute) {
    if (w->quiet_from == w->quiet_until) return false;
    if (w->quiet_from < w->quiet_until) return minute >= w->quiet_from && minute < w->quiet_until;
    return minute >= w->quiet_from || minute < w->quiet_until;
}

Err notice_mail_time(int64_t *out_us, Ctx *c, const NoticeWish *w) {
    const Zone *zone = ctx_zone(c);
    int64_t day;
    int minute;
    *out_us = c->now_us;
    zone_local(&day, &minute, zone, c->now_us);
    if (!is_quiet(w, minute)) return OK;
    if (minute >= w->quiet_until) day++;
    *out_us = zone_instant(zone, day, w->quiet_until);
    return OK;
}
