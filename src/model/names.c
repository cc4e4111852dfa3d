/* names.c: see names.h. A table of names is built up by the requests that need them and goes with
 * the last request that uses it once another number has been read, or when it is full or a minute
 * old (what changes a base behind the program's back is seen then).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/names.h"

#include "base/clock.h"

#include <pthread.h>

/* clang-format off */
static const DbColumn columns[] = {{.name = "id", .type = DB_INT, .not_null = true},
                                   {.name = "n", .type = DB_INT, .not_null = true}};
const DbTable names_tables[] = {{"name_version", columns, LENGTH(columns), "id", NULL, 0}};
const size_t names_n_tables = LENGTH(names_tables);
/* clang-format on */

enum { SLOTS = 4096, PEOPLE = 256, THINGS = 64, MOST_NAMES = 20000, MOST_AGE = 60 * 1000000 };
/* What they hold, in names. */
enum { PERSON_COSTS = 4, IDS_A_NAME = 8, THING_BYTES_A_NAME = 100 };

typedef struct KeptPerson KeptPerson;
struct KeptPerson {
    Person person;
    KeptPerson *next;
};

/* See ctx_kept. */
typedef struct KeptThing KeptThing;
struct KeptThing {
    KeptMake *make;
    int64_t id;
    const void *value;
    KeptThing *next;
};

struct NameTable {
    Arena *arena;
    struct Names *of;
    const Model *model;
    int64_t number, made_us;
    size_t users, n; /* requests that use it, and one while it is the current one */
    CacheRef *refs[SLOTS];
    CacheTree *trees;
    KeptPerson *people[PEOPLE];
    CacheUnits *units;
    KeptThing *things[THINGS];
};
/* One a base. */
typedef struct Names {
    Arena *arena;
    pthread_mutex_t lock;
    NameTable *current;
} Names;

static void *names_make(void) {
    Arena *a = arena_new(0);
    Names *names = NEW(a, Names);
    names->arena = a;
    CHECK(pthread_mutex_init(&names->lock, NULL) == 0, "no mutex");
    return names;
}

/* With the lock, or when nobody else is left. */
static void leave(NameTable *k) {
    if (k && --k->users == 0) arena_free(k->arena);
}

static void names_forget(void *memory) {
    Names *names = memory;
    leave(names->current);
    pthread_mutex_destroy(&names->lock);
    arena_free(names->arena);
}

static void release(void *table) {
    NameTable *k = table;
    Names *names = k->of;
    pthread_mutex_lock(&names->lock);
    leave(k);
    pthread_mutex_unlock(&names->lock);
}

static NameTable *table_new(Names *names, const Model *m, int64_t number) {
    Arena *a = arena_new(0);
    NameTable *k = NEW(a, NameTable);
    *k = (NameTable){.arena = a,
                     .of = names,
                     .model = m,
                     .number = number,
                     .made_us = clock_mono_us(),
                     .users = 1};
    return k;
}

static bool holds(const NameTable *k, const Model *m, int64_t number) {
    return k && k->model == m && k->number == number && k->n < MOST_NAMES &&
           clock_mono_us() - k->made_us < MOST_AGE;
}

/* Kept with the transaction, one more: 0 is not known yet. */
void names_tell(Ctx *c, int64_t number) {
    *db_mark(c->db) = number + 1;
}

static Err ask_number(int64_t *out, Ctx *c) {
    bool found;
    *out = *db_mark(c->db) - 1;
    if (*out >= 0) return OK;
    TRY(db_get_int(out, &found, c->db, "SELECT " NAMES_NUMBER, NO_ARGS));
    if (!found) *out = 0;
    names_tell(c, *out);
    return OK;
}

Err names_of(NameTable **out, Ctx *c, const Type *t) {
    *out = NULL;
    return t->is_public ? names_now(out, c) : OK;
}

Err names_now(NameTable **out, Ctx *c) {
    Cache *k = cache_of(c);
    *out = NULL;
    if (!db_is_read_only(c->db)) return OK;
    *out = k->names;
    if (*out) return OK;
    Names *names = db_memory(c->db, names_make, names_forget);
    if (!names) return OK;
    int64_t number;
    TRY(ask_number(&number, c));
    pthread_mutex_lock(&names->lock);
    if (!holds(names->current, c->model, number)) {
        leave(names->current);
        names->current = table_new(names, c->model, number);
    }
    *out = k->names = names->current;
    k->names->users++;
    pthread_mutex_unlock(&names->lock);
    arena_defer(k->arena, release, k->names);
    return OK;
}

/* The current table for one who writes, when nothing of it was changed in the transaction: its
 * number is read anew each time, and a change raises it before it writes. */
static Err names_unchanged(NameTable **out, Ctx *c) {
    Names *names = db_memory(c->db, names_make, names_forget);
    int64_t number;
    bool found;
    *out = NULL;
    if (!names) return OK;
    TRY(db_get_int(&number, &found, c->db, "SELECT " NAMES_NUMBER, NO_ARGS));
    pthread_mutex_lock(&names->lock);
    if (holds(names->current, c->model, found ? number : 0)) {
        *out = names->current;
        (*out)->users++;
    }
    pthread_mutex_unlock(&names->lock);
    if (*out) arena_defer(cache_of(c)->arena, release, *out);
    return OK;
}

bool names_find(RefName *out, NameTable *k, const Type *t, int64_t id, Lang lang) {
    pthread_mutex_lock(&k->of->lock);
    CacheRef *e = k->refs[cache_hash(t, id) % SLOTS];
    while (e && !(e->type == t && e->name.id == id && e->lang == lang)) e = e->next;
    pthread_mutex_unlock(&k->of->lock);
    if (e) *out = e->name; /* what is kept is never changed */
    return e != NULL;
}

void names_keep(NameTable *k, const Type *t, RefName name, Lang lang) {
    pthread_mutex_lock(&k->of->lock);
    if (k->n < MOST_NAMES) {
        CacheRef **slot = &k->refs[cache_hash(t, name.id) % SLOTS];
        CacheRef *e = NEW(k->arena, CacheRef);
        name.key = str_copy(k->arena, name.key);
        name.title = str_copy(k->arena, name.title);
        *e = (CacheRef){.type = t, .name = name, .lang = lang, .next = *slot};
        *slot = e;
        k->n++;
    }
    pthread_mutex_unlock(&k->of->lock);
}

bool names_find_tree(const TreeItem **out, size_t *n, NameTable *k, const Type *t, Str kind,
                     Lang lang) {
    pthread_mutex_lock(&k->of->lock);
    CacheTree *e = k->trees;
    while (e && !(e->type == t && str_eq(e->kind, kind) && e->lang == lang)) e = e->next;
    pthread_mutex_unlock(&k->of->lock);
    if (!e) return false;
    *out = e->items;
    *n = e->n;
    return true;
}

void names_keep_tree(NameTable *k, const Type *t, Str kind, Lang lang, const TreeItem *items,
                     size_t n) {
    pthread_mutex_lock(&k->of->lock);
    if (n < MOST_NAMES && k->n < MOST_NAMES) {
        TreeItem *own = NEW_N(k->arena, TreeItem, n ? n : 1);
        for (size_t i = 0; i < n; i++) {
            own[i] = items[i];
            own[i].key = str_copy(k->arena, items[i].key);
            own[i].title = str_copy(k->arena, items[i].title);
        }
        CacheTree *e = NEW(k->arena, CacheTree);
        *e = (CacheTree){.type = t,
                         .kind = str_copy(k->arena, kind),
                         .lang = lang,
                         .items = own,
                         .n = n,
                         .next = k->trees};
        k->trees = e;
        k->n += n;
    }
    pthread_mutex_unlock(&k->of->lock);
}

static size_t person_slot(int64_t id) {
    return (size_t)id % PEOPLE;
}

const Person *names_find_person(NameTable *k, int64_t id, Str day) {
    pthread_mutex_lock(&k->of->lock);
    const KeptPerson *e = k->people[person_slot(id)];
    while (e && !(e->person.id == id && str_eq(e->person.day, day))) e = e->next;
    pthread_mutex_unlock(&k->of->lock);
    return e ? &e->person : NULL;
}

void names_keep_person(NameTable *k, const Person *person) {
    pthread_mutex_lock(&k->of->lock);
    if (k->n < MOST_NAMES) {
        KeptPerson *e = NEW(k->arena, KeptPerson), **slot = &k->people[person_slot(person->id)];
        ActorRole *roles = NEW_N(k->arena, ActorRole, person->n_roles + 1);
        for (size_t i = 0; i < person->n_roles; i++) roles[i] = person->roles[i];
        *e = (KeptPerson){.person = *person, .next = *slot};
        e->person.day = str_copy(k->arena, person->day);
        e->person.email = str_copy(k->arena, person->email);
        e->person.name = str_copy(k->arena, person->name);
        e->person.name_ar = str_copy(k->arena, person->name_ar);
        e->person.language = str_copy(k->arena, person->language);
        e->person.roles = roles;
        *slot = e;
        k->n += PERSON_COSTS + person->n_roles / IDS_A_NAME;
    }
    pthread_mutex_unlock(&k->of->lock);
}

bool names_find_units(const int64_t **out, size_t *n, NameTable *k, int64_t unit, Str day) {
    pthread_mutex_lock(&k->of->lock);
    const CacheUnits *e = k->units;
    while (e && !(e->unit == unit && str_eq(e->day, day))) e = e->next;
    pthread_mutex_unlock(&k->of->lock);
    if (!e) return false;
    *out = e->ids;
    *n = e->n;
    return true;
}

void names_keep_units(NameTable *k, int64_t unit, Str day, const int64_t *ids, size_t n) {
    pthread_mutex_lock(&k->of->lock);
    if (k->n < MOST_NAMES) {
        CacheUnits *e = NEW(k->arena, CacheUnits);
        int64_t *own = NEW_N(k->arena, int64_t, n + 1);
        for (size_t i = 0; i < n; i++) own[i] = ids[i];
        *e = (CacheUnits){unit, str_copy(k->arena, day), own, n, k->units};
        k->units = e;
        k->n += 1 + n / IDS_A_NAME;
    }
    pthread_mutex_unlock(&k->of->lock);
}

static KeptThing **thing_slot(NameTable *k, KeptMake *make, int64_t id) {
    return &k->things[((uintptr_t)make / 16 + (size_t)id) % THINGS];
}

static const KeptThing *thing_find(NameTable *k, KeptMake *make, int64_t id) {
    const KeptThing *e = *thing_slot(k, make, id);
    while (e && !(e->make == make && e->id == id)) e = e->next;
    return e;
}

static void thing_free(void *memory) {
    arena_free(memory);
}

/* Made without the lock: where two requests made it at once, each may keep its own. */
static bool thing_keep(NameTable *k, Arena *own, KeptThing thing) {
    size_t costs = 1 + arena_used(own) / THING_BYTES_A_NAME;
    pthread_mutex_lock(&k->of->lock);
    bool fits = k->n < MOST_NAMES && costs < MOST_NAMES;
    if (fits) {
        KeptThing **slot = thing_slot(k, thing.make, thing.id), *e = NEW(k->arena, KeptThing);
        *e = thing;
        e->next = *slot;
        *slot = e;
        k->n += costs;
        arena_defer(k->arena, thing_free, own);
    }
    pthread_mutex_unlock(&k->of->lock);
    return fits;
}

static Err thing_make(const void **out, Ctx *c, NameTable *k, KeptMake *make, int64_t id) {
    /* On PostgreSQL each statement of one who writes may see another state. */
    bool may_keep = k && (db_is_read_only(c->db) || db_kind(c->db) == DB_SQLITE);
    if (!may_keep) return make(out, c, c->arena, id);
    Arena *own = arena_new(0);
    Err err = make(out, c, own, id);
    bool is_kept = err == OK && thing_keep(k, own, (KeptThing){make, id, *out, NULL});
    if (!is_kept) arena_defer(cache_of(c)->arena, thing_free, own);
    return err;
}

Err ctx_kept(const void **out, Ctx *c, KeptMake *make, int64_t id) {
    NameTable *k;
    TRY(db_is_read_only(c->db) ? names_now(&k, c) : names_unchanged(&k, c));
    if (k) {
        pthread_mutex_lock(&k->of->lock);
        const KeptThing *e = thing_find(k, make, id);
        pthread_mutex_unlock(&k->of->lock);
        *out = e ? e->value : NULL;
        if (e) return OK;
    }
    return thing_make(out, c, k, make, id);
}

Err names_changed(Ctx *c, const Type *t) {
    bool gives_roles = !strcmp(t->name, "role_assignment") || !strcmp(t->name, "delegation");
    if (!t->is_public && !gives_roles && !(t->flags & TYPE_KEPT)) return OK;
    return db_run(c->db, NULL,
                  "INSERT INTO name_version (id, n) VALUES (1, 1) "
                  "ON CONFLICT (id) DO UPDATE SET n = name_version.n + 1",
                  NO_ARGS);
}
