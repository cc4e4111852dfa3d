/* record.h: one record: load, create, change, move. A save checks input, rights, workflow and
 * rules, writes the row, its children, its history entry, measures and search text in the caller's
 * transaction; on any error the caller rolls back (the frame's savepoint), nothing is half saved.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H

#include "model/access.h"

struct Record {
    const Type *type;
    int64_t id;
    int64_t year, seq;
    int64_t version;
    const State *state;
    int64_t unit, owner, created_by, updated_by;
    int64_t created_at, updated_at;
    int64_t moved_by; /* who made the last transition; 0: none */
    bool is_restricted;
    Str hash;      /* of the last history entry, hex */
    Value *values; /* one per field */
};

/* Reading. NUMBER is the human number or the key field's value. ERR_MISSING when absent or hidden.
 * With c->as_of the version recorded at the end of that day. */
Err record_find(Record **out, Ctx *c, const Type *t, Str number) MUST;
/* The same for many numbers at once; NULL where there is none that the actor may read. */
Err record_find_many(Record **out, Ctx *c, const Type *t, const Str *numbers, size_t n) MUST;
Err record_load(Record **out, Ctx *c, const Type *t, int64_t id) MUST;     /* rights checked */
Err record_load_raw(Record **out, Ctx *c, const Type *t, int64_t id) MUST; /* no rights: for code */
/* Children of a type with .parent = this record, oldest first, rights inherited. */
typedef struct Records {
    Record **items;
    size_t n, cap;
} Records;
/* Stored records by id, as they are now, in the order of their ids; what is not there is left out.
 */
Err record_load_many(Records *out, Ctx *c, const Type *t, const int64_t *ids, size_t n) MUST;
Err record_children(Records *out, Ctx *c, const Type *child, const Record *parent) MUST;
/* All records of a type whose field has this value, or whose references hold it (code only, no
 * rights; at most `limit`). */
Err record_where(Records *out, Ctx *c, const Type *t, const char *field, Value v,
                 size_t limit) MUST;
/* They will be asked for soon, see db_announce. */
void record_find_announce(Ctx *c, const Type *t, Str number);
void record_children_announce(Ctx *c, const Type *child, const Record *parent);
void record_where_announce(Ctx *c, const Type *t, const char *field, Value v, size_t limit);
/* The id of the record of a type with external_key; 0: there is none (code only, no rights). */
Err record_by_outer_key(int64_t *id, Ctx *c, const Type *t, Str key) MUST;
/* Adds those columns of a type's table to an SQL text, as they stood at the end of a day: a table
 * in brackets, to be given an alias. day empty: now. Columns outside versions (F_DERIVED) are what
 * they were at the record's last change until then. */
void record_source(Sql *s, const Ctx *c, const Type *t, const char *columns, Str day);
/* Reference data (a pattern, a unit, a template) read once a context: do not change it. No rights.
 * With c->as_of as on that day, or as it is now when it was written down later. */
Err record_shared(const Record **out, Ctx *c, const Type *t, int64_t id) MUST;
Err record_shared_where(Records *out, Ctx *c, const Type *t, const char *field, int64_t value,
                        size_t limit) MUST;

/* Memory that is remembered as long as the context remembers what it read, zeroed when *is_new;
 * what hangs on it belongs into *arena. Forgotten when a record of one of `types` (blank separated)
 * is saved. owner: any address of its own. */
void *ctx_memo(bool *is_new, Arena **arena, Ctx *c, const void *owner, int64_t id,
               const char *types, size_t size);

/* What follows from records that hardly ever change, whoever reads: made once for all reading
 * requests of a base and dropped when one of them changes. `make` may read types that everybody may
 * read and those with TYPE_KEPT, no rights and no language; what it leaves belongs into `memory`.
 * A writing transaction that changed such a record makes its own. */
typedef Err KeptMake(const void **out, Ctx *c, Arena *memory, int64_t id);
Err ctx_kept(const void **out, Ctx *c, KeptMake *make, int64_t id) MUST;

/* The first `limit` records in a state (code only, no rights). */
Err record_in_state(Records *out, Ctx *c, const Type *t, const char *state, size_t limit) MUST;

Value record_get(const Record *r, const char *field); /* aborts on an unknown name */
int64_t record_int(const Record *r, const char *field);
Str record_text(const Record *r, const char *field);
bool record_bool(const Record *r, const char *field);
void record_set(Record *r, const char *field, Value v); /* in compute and code paths */
Str record_number_of(Arena *a, const Type *t, int64_t year, int64_t seq);
Str record_number(Arena *a, const Record *r);                   /* INC-2026-00042, or the key */
Str record_title(const Ctx *c, const Record *r);                /* in the reader's language */
Str record_choice_words(const Ctx *c, const Field *f, Str key); /* of a choice; else key itself */
Str record_path_of(Arena *a, const Type *t, Str number);
Str record_path(Arena *a, const Record *r); /* "/incidents/INC-2026-00042" */

/* Writing. in: only the named fields change. *out is the record after (also set on ERR_INVALID for
 * forms: values as far as they could be read). ERR_INVALID: c->issues. ERR_CONFLICT: somebody else
 * saved (c->issues holds both values per field, code "conflict"). */
Err record_create(Record **out, Ctx *c, const Type *t, const Input *in) MUST;
/* The same with what may come in the same request, at most RECORD_MOST_WITHIN children, all or
 * nothing: new children, "entries[0].kind" by the name that their type gives itself
 * (TypeDef.within), and "do": a step that the new record takes at once (TRANSITION_AT_ONCE). Issues
 * of a child carry its place, "entries[0].amount". A line of which nothing was filled in is passed
 * over. */
enum { RECORD_MOST_WITHIN = 100 };
Err record_create_with(Record **out, Ctx *c, const Type *t, const Input *in) MUST;
/* The type whose new records come with a new one of `parent` under that name; NULL: none. */
const Type *record_within(const Model *m, const Type *parent, Str name);
/* The step of that name which a new record may take at once; NULL: there is none. */
const Transition *record_step_at_once(const Type *t, Str name);
Err record_update(Record **out, Ctx *c, const Record *r, int64_t version, const Input *in) MUST;
Err record_move(Record **out, Ctx *c, const Record *r, const char *transition,
                const Input *in) MUST;
/* A copy to change in code, saved as an edit by record_save (no rights for the system actor).
 * action: verb for the history. */
Record *record_clone(Ctx *c, const Record *r);
Record *record_new(Ctx *c, const Type *t);                                 /* defaults set */
Err record_save(Record **out, Ctx *c, Record *r, const char *action) MUST; /* create when id == 0 */
/* Sets derived fields (sums): outside version and hash; no history entry, measures follow. */
Err record_save_derived(Ctx *c, const Record *before, Record *after) MUST;
/* The same for many records of one type: a few statements instead of two each. */
Err record_save_derived_many(Ctx *c, const Record *const *before, Record *const *after,
                             size_t n) MUST;
/* Takes a record away as if it had never been saved; history and earlier versions stay. For
 * imports that are taken back. ERR_CONFLICT with an issue: another record refers to it, or its type
 * does not allow it. */
Err record_remove(Ctx *c, const Record *r, const char *action) MUST;
/* Saves `now` with what `then` says, an earlier version of it; rules are not asked again. Secrets
 * and sums stay. */
Err record_restore(Record **out, Ctx *c, const Record *now, const Record *then,
                   const char *action) MUST;
/* A version as it was before the one after it was saved. ERR_MISSING. */
Err record_version(Record **out, Ctx *c, const Type *t, int64_t id, int64_t version) MUST;
/* Reads Input into values with issues; used by forms' live figures, import and dry runs. */
Err record_read_input(Record *r, Ctx *c, const Input *in, bool is_new) MUST;
/* What would be refused now, without saving: required fields, compute and validate (issues and
 * warnings), as for an edit: Saving.transition is NULL here and the step in record_move. */
Err record_check(Ctx *c, const Record *before, Record *after) MUST;

/* References. A name follows the reader's rights, so that it may be shown wherever the reference
 * is: of a record that the actor may not read found is false, is_hidden true, key and title are
 * empty. The actor finds no record by its key or number either. Names of a type with is_public
 * (units, people, lists) are known to everybody. */
typedef struct RefName {
    Str key, title;
    int64_t id;
    bool found, is_hidden;
} RefName;
Err ref_name(RefName *out, Ctx *c, const Type *t, int64_t id) MUST;        /* cached per request */
Err ref_name_stored(RefName *out, Ctx *c, const Type *t, int64_t id) MUST; /* no rights: for code */
Err ref_find(int64_t *out, Ctx *c, const Type *t, Str key_or_number) MUST; /* ERR_MISSING */
/* By its name, whatever case and accents; kind: of a taxonomy, or empty. Of several in one branch
 * of a tree the one above the others. ERR_MISSING: none, or more than one. */
Err ref_find_name(int64_t *out, Ctx *c, const Type *t, Str kind, Str name) MUST;
/* Nodes of a taxonomy kind or a tree type in tree order (active ones, or all), for forms and
 * filters; only those that the actor may read. */
typedef struct TreeItem {
    int64_t id, parent;
    Str key, title;
    int depth;
    bool is_retired;
} TreeItem;
Err ref_tree(const TreeItem **out, size_t *n, Ctx *c, const Type *t, Str kind) MUST;
/* The ancestor of a taxon at depth 0 (its level 1 node); 0 for 0. */
Err ref_root(int64_t *out, Ctx *c, const Type *t, int64_t id) MUST;
Str field_default(const Ctx *c, const Field *f); /* in machine form; empty: none */
Value field_from_text(Ctx *c, const Field *f, Str text, bool *ok); /* machine form */
/* Machine form: what Input takes; refs as keys, those hidden from the actor left out. */
Str field_text(Ctx *c, const Field *f, Value v);
Str field_text_stored(Ctx *c, const Field *f, Value v); /* the same without rights: for code */
Cell field_cell(Ctx *c, const Field *f, Value v); /* for views; hidden refs are masked cells */

#endif
