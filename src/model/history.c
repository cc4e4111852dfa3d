/* history.c: writes and reads entries: what changed, the record's canonical form, the chain per
 * record. Sealing is in history_seal.c, verification in audit.c, the arithmetic in chain.c. Inside
 * the caller's transaction. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/chain.h"

#include "base/json.h"
#include "model/field.h"
#include "store/file_store.h"

/* clang-format off */
static const DbColumn entry_columns[] = {
    {"id", DB_INT, true, NULL, NULL}, {"type", DB_TEXT, true, "''", NULL}, {"record", DB_INT, true, "0", NULL},
    {"number", DB_TEXT, false, NULL, NULL}, {"at", DB_INT, true, "0", NULL}, {"actor", DB_INT, true, "0", NULL},
    {"actor_for", DB_INT, true, "0", NULL}, {"action", DB_TEXT, true, "''", NULL}, {"reason", DB_TEXT, false, NULL, NULL},
    {"source", DB_TEXT, false, NULL, NULL}, {"state", DB_TEXT, false, NULL, NULL}, {"version", DB_INT, true, "0", NULL},
    {"changes", DB_TEXT, false, NULL, NULL}, {"record_hash", DB_TEXT, false, NULL, NULL},
    {"prev_hash", DB_TEXT, false, NULL, NULL}, {"hash", DB_TEXT, true, "''", NULL}, {"import", DB_INT, true, "0", NULL}};
static const DbIndex entry_indexes[] = {
    {"entry_by_record", "type, record, id", false, NULL}, {"entry_by_actor", "actor, id", false, NULL},
    {"entry_by_import", "import, id", false, "import > 0"},
    {"entry_stand_in", "actor", false, "actor_for > 0"}, {"entry_stood_for", "actor_for", false, "actor_for > 0"}};
static const DbColumn sensitive_columns[] = {
    {"entry", DB_INT, true, "0", NULL}, {"field", DB_TEXT, true, "''", NULL},
    {"before", DB_TEXT, false, NULL, NULL}, {"after", DB_TEXT, false, NULL, NULL}};
static const DbColumn salt_columns[] = {
    {"type", DB_TEXT, true, "''", NULL}, {"record", DB_INT, true, "0", NULL}, {"salt", DB_TEXT, true, "''", NULL}};
static const DbColumn unsealed_columns[] = {{"entry", DB_INT, true, "0", NULL}};
static const DbColumn checkpoint_columns[] = {
    {"id", DB_INT, true, NULL, NULL}, {"at", DB_INT, true, "0", NULL}, {"first_entry", DB_INT, true, "0", NULL},
    {"n", DB_INT, true, "0", NULL}, {"root", DB_TEXT, true, "''", NULL}, {"prev", DB_TEXT, false, NULL, NULL},
    {"hash", DB_TEXT, true, "''", NULL}};
static const DbColumn leaf_columns[] = {
    {"checkpoint", DB_INT, true, "0", NULL}, {"pos", DB_INT, true, "0", NULL}, {"entry", DB_INT, true, "0", NULL},
    {"hash", DB_TEXT, true, "''", NULL}};
static const DbIndex leaf_indexes[] = {{"checkpoint_entry_once", "entry", true, NULL}};
static const DbColumn lock_columns[] = {{"id", DB_INT, true, "0", NULL}, {"what", DB_TEXT, false, NULL, NULL}};

#define COLUMNS(c) (c), LENGTH(c)
const DbTable history_tables[] = {
    {"entry", COLUMNS(entry_columns), NULL, entry_indexes, LENGTH(entry_indexes)},
    {"entry_sensitive", COLUMNS(sensitive_columns), "entry, field", NULL, 0},
    {"entry_salt", COLUMNS(salt_columns), "type, record", NULL, 0},
    {"unsealed", COLUMNS(unsealed_columns), "entry", NULL, 0},
    {"checkpoint", COLUMNS(checkpoint_columns), NULL, NULL, 0},
    {"checkpoint_entry", COLUMNS(leaf_columns), "checkpoint, pos", leaf_indexes, LENGTH(leaf_indexes)},
    {"seal_lock", COLUMNS(lock_columns), "id", NULL, 0},
};
const size_t history_n_tables = LENGTH(history_tables);
/* clang-format on */

/* ---- canonical form ---- */

static void scalar_text(Text *t, Value v) {
    if (v.kind == V_TEXT) {
        text_add(t, v.s);
    } else if (v.kind == V_MONEY) {
        text_int(t, v.i);
        text_char(t, ' ');
        text_addz(t, v.currency);
    } else if (v.kind == V_INT) {
        text_int(t, v.i);
    }
}

/* Inside a row the separators , ; and \ of a text are escaped: two different rows never look alike.
 */
static void item_text(Text *t, Arena *a, Value v) {
    Text one = text_new(a, 0);
    scalar_text(&one, v);
    Str s = text_str(&one);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == ',' || s.p[i] == ';' || s.p[i] == '\\') text_char(t, '\\');
        text_char(t, s.p[i]);
    }
}

/* Ids for references, minor units for money: what is stored, not how it is named today. Rows:
 * values separated by ',', rows ended by ';', of as many cells as were stored. */
static Str canonical_value(Arena *a, Value v) {
    Text t = text_new(a, 0);
    if (v.kind != V_LIST && v.kind != V_ROWS) {
        scalar_text(&t, v);
        return text_str(&t);
    }
    for (size_t i = 0; i < v.n; i++) {
        const Value *item = &v.list[i];
        if (i && v.kind == V_LIST) text_char(&t, ',');
        if (item->kind != V_LIST) {
            item_text(&t, a, *item);
            continue;
        }
        size_t cells = value_row_cells(*item);
        for (size_t k = 0; k < cells; k++) {
            const Value *inner = &item->list[k];
            if (k) text_char(&t, ',');
            for (size_t m = 0; inner->kind == V_LIST && m < inner->n; m++) {
                if (m) text_char(&t, '|');
                item_text(&t, a, inner->list[m]);
            }
            if (inner->kind != V_LIST) item_text(&t, a, *inner);
        }
        text_char(&t, ';');
    }
    return text_str(&t);
}

static Err salt_find(Str *out, Ctx *c, Arena *a, const Type *t, int64_t record) {
    bool found;
    *out = (Str){0};
    return db_get_text(out, &found, c->db, a,
                       "SELECT salt FROM entry_salt WHERE type = $1 AND record = $2",
                       ARGS(db_textz(t->name), db_int(record)));
}

static Err salt_need(Str *out, Ctx *c, const Type *t, int64_t record) {
    TRY(salt_find(out, c, c->arena, t, record));
    if (out->n) return OK;
    unsigned char bytes[16];
    random_bytes(bytes, sizeof bytes);
    *out = hex_encode(c->arena, bytes, sizeof bytes);
    return db_run(c->db, NULL, "INSERT INTO entry_salt (type, record, salt) VALUES ($1, $2, $3)",
                  ARGS(db_textz(t->name), db_int(record), db_text(*out)));
}

static bool has_sensitive(const Record *r) {
    for (size_t i = 0; r && i < r->type->n_fields; i++)
        if ((r->type->fields[i].flags & F_SENSITIVE) && !value_is_null(r->values[i])) return true;
    return false;
}

static void canonical_int(Text *t, const char *name, int64_t i) {
    if (i == 0) return;
    text_addz(t, name);
    text_char(t, '=');
    text_int(t, i);
    text_char(t, '\n');
}

Err history_canonical(Str *out, Ctx *c, Arena *a, const Record *r) {
    Str salt = {0};
    if (has_sensitive(r)) TRY(salt_find(&salt, c, a, r->type, r->id));
    Text t = text_new(a, 0);
    text_addz(&t, "gardefou-record-1\n");
    chain_line(&t, S("type"), str_of(r->type->name));
    chain_line(&t, S("number"), record_number(a, r));
    canonical_int(&t, "version", r->version);
    if (r->state) chain_line(&t, S("state"), str_of(r->state->name));
    /* A child's unit and confidentiality are its parent's and change with it; audit.c compares. */
    if (!r->type->parent) {
        canonical_int(&t, "unit", r->unit);
        canonical_int(&t, "restricted", r->is_restricted);
    }
    canonical_int(&t, "owner", r->owner);
    canonical_int(&t, "created_at", r->created_at);
    canonical_int(&t, "created_by", r->created_by);
    canonical_int(&t, "updated_at", r->updated_at);
    canonical_int(&t, "updated_by", r->updated_by);
    canonical_int(&t, "moved_by", r->moved_by);
    for (size_t i = 0; i < r->type->n_named; i++) {
        const Field *f = r->type->named[i];
        Value v = r->values[f->index];
        if (value_is_null(v)) continue;
        Str text = canonical_value(a, v);
        if (f->flags & F_SENSITIVE) text = chain_salted(a, salt, text);
        if (text.n) chain_line(&t, str_of(f->name), text);
    }
    if (t.full) return ERR_INTERNAL;
    *out = text_str(&t);
    return OK;
}

Err history_record_hash(Str *out, Ctx *c, const Record *r) {
    Str canonical, salt;
    if (has_sensitive(r) && !db_is_read_only(c->db)) TRY(salt_need(&salt, c, r->type, r->id));
    TRY(history_canonical(&canonical, c, c->arena, r));
    *out = sha256_hex(c->arena, canonical);
    return OK;
}

/* ---- what changed ---- */

typedef struct Changes {
    Ctx *c;
    Json json;
    HistoryChange *sensitive;
    size_t n_sensitive, cap_sensitive;
    Str salt;
} Changes;

static void change_plain(Changes *ch, const char *name, Str before, Str after) {
    if (str_eq(before, after)) return;
    json_keyz(&ch->json, name);
    json_array(&ch->json);
    json_str(&ch->json, before);
    json_str(&ch->json, after);
    json_end_array(&ch->json);
}

/* An object of hashes instead of an array of texts, so a reader of the file sees that it is hashed.
 */
static Err change_sensitive(Changes *ch, const Record *r, const Field *f, Str before, Str after) {
    Ctx *c = ch->c;
    if (!ch->salt.n) TRY(salt_need(&ch->salt, c, r->type, r->id));
    json_keyz(&ch->json, f->name);
    json_object(&ch->json);
    json_keyz(&ch->json, "before");
    json_str(&ch->json, chain_salted(c->arena, ch->salt, before));
    json_keyz(&ch->json, "after");
    json_str(&ch->json, chain_salted(c->arena, ch->salt, after));
    json_end_object(&ch->json);
    GROW(c->arena, ch->sensitive, ch->n_sensitive, ch->cap_sensitive);
    ch->sensitive[ch->n_sensitive++] =
        (HistoryChange){.field = f, .name = str_of(f->name), .before = before, .after = after};
    return OK;
}

static Err ref_text(Str *out, Ctx *c, const char *type, int64_t id) {
    *out = (Str){0};
    if (id == 0) return OK;
    const Type *t = model_type(c->model, str_of(type));
    RefName name = {0};
    if (t) TRY(ref_name_stored(&name, c, t, id));
    *out = name.found ? name.key : str_fmt(c->arena, "%lld", (long long)id);
    return OK;
}

static Err change_ref(Changes *ch, const char *name, const char *type, int64_t before,
                      int64_t after) {
    if (before == after) return OK;
    Str x, y;
    TRY(ref_text(&x, ch->c, type, before));
    TRY(ref_text(&y, ch->c, type, after));
    change_plain(ch, name, x, y);
    return OK;
}

static Str value_text_of(Ctx *c, const Field *f, Value v) {
    return value_is_null(v) ? (Str){0} : field_text_stored(c, f, v);
}

static bool has_file(Value v, int64_t id) {
    for (size_t i = 0; i < v.n; i++)
        if (v.list[i].i == id) return true;
    return false;
}

Str history_file_about(Arena *a, const StoredFile *f) {
    Text t = text_new(a, 0);
    chain_line(&t, S("name"), f->name);
    chain_line(&t, S("content_type"), f->content_type);
    chain_line(&t, S("created_by"), str_fmt(a, "%lld", (long long)f->created_by));
    chain_line(&t, S("created_at"), str_fmt(a, "%lld", (long long)f->created_at));
    return sha256_hex(a, text_str(&t));
}

/* The record's own hash covers which files it has; this covers what is in those that are new, and
 * how they are called. */
static Err change_contents(Changes *ch, const Field *f, Value before, Value after) {
    Ctx *c = ch->c;
    Text t = text_new(c->arena, 0);
    for (size_t i = 0; i < after.n; i++) {
        StoredFile file;
        if (has_file(before, after.list[i].i)) continue;
        Err e = file_store_find(&file, c->db, c->arena, after.list[i].i);
        if (e == ERR_MISSING) continue; /* the claim refuses it */
        TRY(e);
        text_fmt(&t, "%s%lld=%.*s:%.*s", t.n ? "," : "", (long long)file.id, FMT(file.sha256),
                 FMT(history_file_about(c->arena, &file)));
    }
    change_plain(ch, str_fmt(c->arena, "%s" HISTORY_CONTENTS, f->name).p, (Str){0}, text_str(&t));
    return OK;
}

/* What is secret stands in no history. Of a hash that somebody is known by (a password's) its own
 * hash does: who writes another one into the base is found. What is sealed may be sealed anew. */
static void change_secret(Changes *ch, const Field *f, Value before, Value after) {
    Arena *a = ch->c->arena;
    if (!history_is_hashed(f)) return;
    change_plain(ch, str_fmt(a, "%s" HISTORY_CONTENTS, f->name).p,
                 before.s.n ? sha256_hex(a, before.s) : (Str){0},
                 after.s.n ? sha256_hex(a, after.s) : (Str){0});
}

static Str state_name(const Record *r) {
    return r && r->state ? str_of(r->state->name) : (Str){0};
}

/* before NULL: it is made; after NULL: it is taken away. */
static Err changes_of(Changes *ch, const Record *before, const Record *after) {
    Ctx *c = ch->c;
    const Record *any = after ? after : before;
    json_object(&ch->json);
    change_plain(ch, "state", state_name(before), state_name(after));
    TRY(change_ref(ch, "unit", "unit", before ? before->unit : 0, after ? after->unit : 0));
    TRY(change_ref(ch, "owner", "user", before ? before->owner : 0, after ? after->owner : 0));
    change_plain(ch, "restricted", before && before->is_restricted ? S("true") : (Str){0},
                 after && after->is_restricted ? S("true") : (Str){0});
    for (size_t i = 0; i < any->type->n_fields; i++) {
        const Field *f = &any->type->fields[i];
        Value x = before ? before->values[i] : (Value){0},
              y = after ? after->values[i] : (Value){0};
        if (f->flags & F_SECRET) change_secret(ch, f, x, y);
        if (f->flags & (F_DERIVED | F_SECRET)) continue;
        if (value_is_null(x) && value_is_null(y)) continue;
        if (value_eq(x, y)) continue;
        Str old = value_text_of(c, f, x), now = value_text_of(c, f, y);
        if (f->flags & F_SENSITIVE)
            TRY(change_sensitive(ch, any, f, old, now));
        else
            change_plain(ch, f->name, old, now);
        if (f->kind == KIND_FILES) TRY(change_contents(ch, f, x, y));
    }
    json_end_object(&ch->json);
    return OK;
}

/* ---- appending ---- */

static int64_t import_of(Str source) {
    int64_t id = 0;
    if (!str_starts(source, S("import:"))) return 0;
    return str_to_int(&id, str_sub(source, 7, source.n)) ? id : 0;
}

/* Where no right was asked for the write itself, a delegate acts for somebody when every role of
 * their own hand was given by that one person. */
static int64_t acting_for(const Ctx *c) {
    int64_t whom = 0;
    if (c->actor && c->actor->is_acting_known) return c->actor->acting_for;
    for (size_t i = 0; c->actor && i < c->actor->n_roles; i++) {
        const ActorRole *role = &c->actor->roles[i];
        if (role->role && role->role->is_everybody) continue;
        if (role->for_user == 0 || (whom && whom != role->for_user)) return 0;
        whom = role->for_user;
    }
    return whom;
}

static void entry_fill(ChainEntry *e, Ctx *c, const char *action) {
    e->at = c->now_us;
    e->actor = c->actor ? c->actor->user : 0;
    e->actor_for = acting_for(c);
    e->action = str_of(action);
    e->source = c->source;
    e->import = import_of(c->source);
}

const char *const history_entry_columns[HISTORY_ENTRY_COLUMNS] = {
    "id",        "type",        "record",    "number", "at",    "actor",
    "actor_for", "action",      "reason",    "source", "state", "version",
    "changes",   "record_hash", "prev_hash", "hash",   "import"};

void history_entry_values(DbValue *out, const ChainEntry *e) {
    const DbValue values[HISTORY_ENTRY_COLUMNS] = {db_int(e->id),
                                                   db_text(e->type),
                                                   db_int(e->record),
                                                   db_text_or_null(e->number),
                                                   db_int(e->at),
                                                   db_int(e->actor),
                                                   db_int(e->actor_for),
                                                   db_text(e->action),
                                                   db_text_or_null(e->reason),
                                                   db_text_or_null(e->source),
                                                   db_text_or_null(e->state),
                                                   db_int(e->version),
                                                   db_text_or_null(e->changes),
                                                   db_text_or_null(e->record_hash),
                                                   db_text_or_null(e->prev_hash),
                                                   db_text(e->hash),
                                                   db_int(e->import)};
    memcpy(out, values, sizeof values);
}

static void entry_hash(ChainEntry *e, Ctx *c) {
    ChainHash hash;
    chain_entry_hash(&hash, c->arena, e);
    e->hash = str_copy(c->arena, chain_str(&hash));
}

static Err entry_write(ChainEntry *e, Ctx *c) {
    DbValue values[HISTORY_ENTRY_COLUMNS];
    bool found;
    entry_hash(e, c);
    history_entry_values(values, e);
    TRY(db_get_int(
        &e->id, &found, c->db,
        "INSERT INTO entry (type, record, number, at, actor, actor_for, action, reason, source, state,"
        " version, changes, record_hash, prev_hash, hash, import) VALUES ($1, $2, $3, $4, $5, $6, $7,"
        " $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING id",
        values + 1, HISTORY_ENTRY_COLUMNS - 1));
    if (!found) return ERR_INTERNAL;
    return db_post(c->db, "INSERT INTO unsealed (entry) VALUES ($1)", ARGS(db_int(e->id)));
}

typedef struct Last {
    Str hash, record_hash, state;
    int64_t version;
} Last;

static Err last_entry(Last *out, Ctx *c, Str type, int64_t record) {
    Rows *rows;
    bool has;
    memset(out, 0, sizeof *out);
    TRY(db_rows(
        &rows, c->db, c->arena,
        "SELECT hash, record_hash, state, version FROM entry WHERE type = $1 AND record = $2"
        " ORDER BY id DESC LIMIT 1",
        ARGS(db_text(type), db_int(record))));
    TRY(rows_next(&has, rows));
    if (!has) return OK;
    out->hash = rows_copy(rows, 0);
    out->record_hash = rows_copy(rows, 1);
    out->state = rows_copy(rows, 2);
    out->version = rows_int(rows, 3);
    rows_close(rows);
    return OK;
}

/* All of the entry but its id and hash. */
static Err entry_make(ChainEntry *e, Changes *ch, const Record *before, const Record *after,
                      const char *action) {
    Ctx *c = ch->c;
    Text text = text_new(c->arena, 0);
    Last last = {0};
    *e = (ChainEntry){.type = str_of(after->type->name), .record = after->id};
    ch->json = json_new(&text);
    TRY(changes_of(ch, before, after));
    if (text.full) return ERR_INTERNAL;
    if (before) TRY(last_entry(&last, c, e->type, e->record));
    entry_fill(e, c, action);
    e->number = record_number(c->arena, after);
    e->reason = c->reason;
    e->state = after->state ? str_of(after->state->name) : (Str){0};
    e->version = after->version;
    e->changes = text_str(&text);
    e->prev_hash = last.hash;
    return history_record_hash(&e->record_hash, c, after);
}

static Err sensitive_write(const Changes *ch, int64_t entry) {
    for (size_t i = 0; i < ch->n_sensitive; i++)
        TRY(db_post(
            ch->c->db,
            "INSERT INTO entry_sensitive (entry, field, before, after) VALUES ($1, $2, $3, $4)",
            ARGS(db_int(entry), db_text(ch->sensitive[i].name),
                 db_text_or_null(ch->sensitive[i].before),
                 db_text_or_null(ch->sensitive[i].after))));
    return OK;
}

Err history_add(Ctx *c, const Record *before, Record *after, const char *action) {
    Changes ch = {.c = c};
    ChainEntry e;
    TRY(entry_make(&e, &ch, before, after, action));
    TRY(entry_write(&e, c));
    after->hash = e.hash;
    return sensitive_write(&ch, e.id);
}

Err history_entry_new(ChainEntry *out, Ctx *c, const Record *r, const char *action, int64_t id) {
    Changes ch = {.c = c};
    TRY(entry_make(out, &ch, NULL, r, action));
    out->id = id;
    entry_hash(out, c);
    return sensitive_write(&ch, id);
}

Err history_remove(Ctx *c, const Record *r, const char *action) {
    Text text = text_new(c->arena, 0);
    Changes ch = {.c = c, .json = json_new(&text)};
    ChainEntry e = {.type = str_of(r->type->name), .record = r->id};
    Last last = {0};
    TRY(changes_of(&ch, r, NULL));
    if (text.full) return ERR_INTERNAL;
    TRY(last_entry(&last, c, e.type, e.record));
    entry_fill(&e, c, action);
    e.number = record_number(c->arena, r);
    e.reason = c->reason;
    e.version = r->version + 1;
    e.changes = text_str(&text);
    e.prev_hash = last.hash;
    TRY(entry_write(&e, c));
    return sensitive_write(&ch, e.id);
}

Err history_made_by_import(bool *out, Ctx *c, const Record *r) {
    int64_t id = import_of(c->source), entry;
    *out = false;
    if (!id) return OK;
    return db_get_int(
        &entry, out, c->db,
        "SELECT id FROM entry WHERE type = $1 AND record = $2 AND import = $3 AND version = 1 LIMIT 1",
        ARGS(db_textz(r->type->name), db_int(r->id), db_int(id)));
}

/* Two notes of one record must not take the same previous entry: on PostgreSQL the row is locked
 * first. */
static Err note_lock(Ctx *c, const char *table, int64_t id) {
    int64_t seen;
    bool found;
    Sql sql = sql_new(c->arena, c->db);
    sql_add(&sql, "SELECT id FROM ");
    sql_name(&sql, NULL, table);
    sql_add(&sql, " WHERE id = ");
    sql_bind(&sql, db_int(id));
    sql_add(&sql, db_for_update(c->db));
    return db_get_int(&seen, &found, c->db, text_str(&sql.text).p, sql.args, sql.n);
}

Err history_note(Ctx *c, const Record *r, const char *action, Str text) {
    enum { SYSTEM_CHAIN = 2 };
    ChainEntry e = {.type = S("system")};
    Last last;
    if (!r && c->actor && c->actor->user) {
        const Type *t = model_type(c->model, S("user"));
        Record *account;
        if (t && record_load_raw(&account, c, t, c->actor->user) == OK) r = account;
    }
    if (r) {
        e.type = str_of(r->type->name);
        e.record = r->id;
        e.number = record_number(c->arena, r);
        TRY(note_lock(c, r->type->name, r->id));
    } else {
        TRY(db_run(
            c->db, NULL,
            "INSERT INTO seal_lock (id, what) VALUES ($1, 'system notes') ON CONFLICT DO NOTHING",
            ARGS(db_int(SYSTEM_CHAIN))));
        TRY(note_lock(c, "seal_lock", SYSTEM_CHAIN));
    }
    TRY(last_entry(&last, c, e.type, e.record));
    entry_fill(&e, c, action);
    e.reason = text;
    e.prev_hash = last.hash;
    e.record_hash = last.record_hash;
    e.state = last.state;
    e.version = last.version;
    if (r && !last.hash.n) {
        TRY(history_record_hash(&e.record_hash, c, r));
        e.state = r->state ? str_of(r->state->name) : (Str){0};
        e.version = r->version;
    }
    return entry_write(&e, c);
}

Err history_erase(Ctx *c, const Record *r) {
    TRY(note_lock(c, r->type->name, r->id));
    TRY(db_run(
        c->db, NULL,
        "DELETE FROM entry_sensitive WHERE entry IN (SELECT id FROM entry WHERE type = $1 AND record = $2)",
        ARGS(db_textz(r->type->name), db_int(r->id))));
    if (!has_sensitive(r))
        TRY(db_run(c->db, NULL, "DELETE FROM entry_salt WHERE type = $1 AND record = $2",
                   ARGS(db_textz(r->type->name), db_int(r->id))));
    return history_note(c, r, "erase", c->reason);
}

/* ---- reading ---- */

static Err sensitive_find(HistoryChange *ch, Ctx *c, int64_t entry) {
    Rows *rows;
    bool has;
    TRY(db_few(&rows, c->db, c->arena,
               "SELECT before, after FROM entry_sensitive WHERE entry = $1 AND field = $2",
               ARGS(db_int(entry), db_text(ch->name))));
    TRY(rows_next(&has, rows));
    ch->is_erased = !has;
    if (!has) return OK;
    ch->before = rows_copy(rows, 0);
    ch->after = rows_copy(rows, 1);
    rows_close(rows);
    return OK;
}

static Err read_changes(HistoryEntry *e, Ctx *c, const Type *t, FieldSet hidden, Str text) {
    const JsonValue *json;
    Str why;
    if (!text.n) return OK;
    /* A tampered text must not stop the reader from seeing the rest; verification names it. */
    if (json_parse(&json, &why, c->arena, text) != OK || json->kind != J_OBJECT) return OK;
    HistoryChange *list = NEW_N(c->arena, HistoryChange, json->n + 1);
    for (size_t i = 0; i < json->n; i++) {
        const JsonValue *v = &json->items[i];
        if (str_ends(json->keys[i], S(HISTORY_CONTENTS))) continue;
        HistoryChange ch = {.field = type_field(t, json->keys[i]), .name = json->keys[i]};
        if (ch.field && ((ch.field->flags & F_SECRET) || fieldset_has(hidden, ch.field->index)))
            continue;
        if (v->kind == J_OBJECT) {
            TRY(sensitive_find(&ch, c, e->id));
        } else if (v->kind == J_ARRAY && v->n == 2) {
            ch.before = v->items[0].s;
            ch.after = v->items[1].s;
        }
        if (ch.field) {
            ch.before = field_seen_text(c, ch.field, ch.before, &ch.hides_before);
            ch.after = field_seen_text(c, ch.field, ch.after, &ch.hides_after);
        }
        list[e->n_changes++] = ch;
    }
    e->changes = list;
    return OK;
}

static HistoryEntry entry_of_row(const Rows *r) {
    return (HistoryEntry){.id = rows_int(r, 0),
                          .at = rows_int(r, 1),
                          .actor = rows_int(r, 2),
                          .actor_for = rows_int(r, 3),
                          .version = rows_int(r, 4),
                          .action = rows_copy(r, 5),
                          .reason = rows_copy(r, 6),
                          .source = rows_copy(r, 7),
                          .state = rows_copy(r, 8),
                          .hash = rows_copy(r, 9)};
}

#define ENTRY_COLUMNS                                                                              \
    "SELECT id, at, actor, actor_for, version, action, reason, source, state, hash"

/* Of most records these are all: one statement then. */
enum { FIRST_ENTRIES = 12 };

static Err entries_before(HistoryEntries *out, Ctx *c, const Record *r, size_t limit) {
    Rows *rows;
    bool has;
    TRY(db_few(&rows, c->db, c->arena,
               ENTRY_COLUMNS
               " FROM entry WHERE type = $1 AND record = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
               ARGS(db_textz(r->type->name), db_int(r->id), db_int(out->items[out->n - 1].id),
                    db_int((int64_t)limit))));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = entry_of_row(rows);
    }
}

/* It holds every field: the record itself. */
static bool is_making(const Type *t, const HistoryEntry *e) {
    return e->version == 1 && (str_is(e->action, "create") || str_is(e->action, "import")) &&
           !type_transition(t, e->action);
}

static const char steps_sql[] =
    ENTRY_COLUMNS ", changes FROM entry WHERE type = $1 AND record = $2 ORDER BY id DESC LIMIT $3";
#define STEPS_ARGS(r) ARGS(db_textz((r)->type->name), db_int((r)->id), db_int(FIRST_ENTRIES))

void history_steps_announce(Ctx *c, const Record *r) {
    db_announce(c->db, steps_sql, STEPS_ARGS(r));
}

Err history_steps(HistoryEntries *out, Ctx *c, const Record *r, size_t detailed, size_t limit) {
    FieldSet hidden;
    Rows *rows;
    bool has;
    Str changes[FIRST_ENTRIES] = {{0}};
    memset(out, 0, sizeof *out);
    CHECK(detailed <= FIRST_ENTRIES && limit > FIRST_ENTRIES, "history_steps: a few in detail");
    TRY(access_hidden(&hidden, c, r->type, r));
    TRY(db_few(&rows, c->db, c->arena, steps_sql, STEPS_ARGS(r)));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) break;
        GROW(c->arena, out->items, out->n, out->cap);
        HistoryEntry *e = &out->items[out->n];
        *e = entry_of_row(rows);
        if (out->n < detailed && !is_making(r->type, e)) changes[out->n] = rows_copy(rows, 10);
        out->n++;
    }
    for (size_t i = 0; i < out->n; i++)
        TRY(read_changes(&out->items[i], c, r->type, hidden, changes[i]));
    return out->n < FIRST_ENTRIES ? OK : entries_before(out, c, r, limit - out->n);
}

Err history_list(HistoryEntries *out, Ctx *c, const Record *r, int64_t before_id, size_t limit) {
    FieldSet hidden;
    Rows *rows;
    bool has;
    memset(out, 0, sizeof *out);
    if (limit == 0 || limit > 1000) limit = 1000;
    TRY(access_hidden(&hidden, c, r->type, r));
    TRY(db_few(
        &rows, c->db, c->arena,
        ENTRY_COLUMNS
        ", changes FROM entry WHERE type = $1 AND record = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
        ARGS(db_textz(r->type->name), db_int(r->id), db_int(before_id ? before_id : INT64_MAX),
             db_int((int64_t)limit))));
    Str *changes = NEW_N(c->arena, Str, limit);
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has || out->n == limit) break;
        GROW(c->arena, out->items, out->n, out->cap);
        changes[out->n] = rows_copy(rows, 10);
        out->items[out->n++] = entry_of_row(rows);
    }
    for (size_t i = 0; i < out->n; i++)
        TRY(read_changes(&out->items[i], c, r->type, hidden, changes[i]));
    return OK;
}
