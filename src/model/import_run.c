/* import_run.c: see import_run.h. Every move names the states it may come from, so that two
 * persons, or a person and the work, never both win. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/import_run.h"

#include "base/utf8.h"
#include "model/access.h"
#include "model/sql.h"
#include "store/file_store.h"

/* clang-format off */
#define NUMBER(column) {.name = column, .type = DB_INT, .not_null = true, .default_sql = "0"}
static const DbColumn run_columns[] = {
    {.name = "id", .type = DB_INT, .not_null = true},
    {.name = "type", .type = DB_TEXT, .not_null = true}, {.name = "file", .type = DB_TEXT}, {.name = "map", .type = DB_TEXT},
    {.name = "mode", .type = DB_TEXT}, {.name = "stored", .type = DB_INT}, {.name = "at", .type = DB_INT, .not_null = true},
    {.name = "by", .type = DB_INT}, {.name = "read", .type = DB_INT}, {.name = "created", .type = DB_INT},
    {.name = "updated", .type = DB_INT}, {.name = "unchanged", .type = DB_INT}, {.name = "rejected", .type = DB_INT},
    {.name = "state", .type = DB_TEXT, .not_null = true},
    {.name = "map_text", .type = DB_TEXT}, {.name = "lang", .type = DB_TEXT}, {.name = "why", .type = DB_TEXT},
    {.name = "report", .type = DB_TEXT}, {.name = "owner", .type = DB_TEXT},
    NUMBER("takeover"), NUMBER("done"), NUMBER("children_created"), NUMBER("children_updated"),
    NUMBER("cancelled"), NUMBER("cancel_by"), NUMBER("released_by"), NUMBER("lease_until"), NUMBER("attempts"),
    NUMBER("undo_at"), NUMBER("undone"), NUMBER("kept"), NUMBER("ended_at"),
    NUMBER("acting_for"), NUMBER("released_for"),
};
static const DbIndex run_indexes[] = {{"import_run_by", "by, id", false, NULL}, {"import_run_state", "state, id", false, NULL}};
static const DbColumn map_columns[] = {
    {.name = "id", .type = DB_INT, .not_null = true}, {.name = "name", .type = DB_TEXT, .not_null = true},
    {.name = "type", .type = DB_TEXT, .not_null = true}, {.name = "text", .type = DB_TEXT, .not_null = true},
    {.name = "by", .type = DB_INT}, {.name = "at", .type = DB_INT, .not_null = true},
};
static const DbIndex map_indexes[] = {{"import_map_name", "name", true, NULL}};
const DbTable import_tables[] = {
    {.name = "import_run", .columns = run_columns, .n_columns = LENGTH(run_columns), .indexes = run_indexes, .n_indexes = LENGTH(run_indexes)},
    {.name = "import_map", .columns = map_columns, .n_columns = LENGTH(map_columns), .indexes = map_indexes, .n_indexes = LENGTH(map_indexes)},
};
/* clang-format on */
const size_t import_n_tables = LENGTH(import_tables);

static DbValue id_or_null(int64_t id) {
    return id ? db_int(id) : db_null();
}

Err import_run_add(int64_t *out, Ctx *c, const ImportRun *r) {
    bool found;
    return db_get_int(
        out, &found, c->db,
        "INSERT INTO import_run (type, file, map, map_text, mode, takeover, stored, at, \"by\", lang, read, state, acting_for) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id",
        ARGS(db_textz(r->type->name), db_text_or_null(r->file), db_text_or_null(r->map),
             db_text_or_null(r->map_text), db_textz(r->all_or_nothing ? "all" : "each"),
             db_int(r->takeover), id_or_null(r->stored), db_int(c->now_us), id_or_null(r->by),
             db_textz(lang_code(c->lang)), db_int(r->read), db_text(r->state),
             db_int(r->acting_for)));
}

#define RUN_FIELDS                                                                                 \
    "id, type, file, map, mode, stored, at, \"by\", read, created, updated, unchanged, rejected, " \
    "state, lang, why, owner, takeover, done, children_created, children_updated, cancelled, "     \
    "cancel_by, released_by, attempts, undo_at, undone, kept, ended_at, acting_for, released_for"

static void run_read(ImportRun *out, Ctx *c, const Rows *r) {
    *out = (ImportRun){.id = rows_int(r, 0),
                       .type = model_type(c->model, rows_text(r, 1)),
                       .file = rows_copy(r, 2),
                       .map = rows_copy(r, 3),
                       .all_or_nothing = str_is(rows_text(r, 4), "all"),
                       .stored = rows_int(r, 5),
                       .at = rows_int(r, 6),
                       .by = rows_int(r, 7),
                       .read = rows_int(r, 8),
                       .created = rows_int(r, 9),
                       .updated = rows_int(r, 10),
                       .unchanged = rows_int(r, 11),
                       .rejected = rows_int(r, 12),
                       .state = rows_copy(r, 13),
                       .why = rows_copy(r, 15),
                       .owner = rows_copy(r, 16),
                       .takeover = rows_int(r, 17) != 0,
                       .done = rows_int(r, 18),
                       .children_created = rows_int(r, 19),
                       .children_updated = rows_int(r, 20),
                       .is_cancelled = rows_int(r, 21) != 0,
                       .cancel_by = rows_int(r, 22),
                       .released_by = rows_int(r, 23),
                       .attempts = rows_int(r, 24),
                       .undo_at = rows_int(r, 25),
                       .undone = rows_int(r, 26),
                       .kept = rows_int(r, 27),
                       .ended_at = rows_int(r, 28),
                       .acting_for = rows_int(r, 29),
                       .released_for = rows_int(r, 30)};
    if (!lang_parse(&out->lang, rows_text(r, 14))) out->lang = LANG_FR;
}

Err import_run_load(ImportRun *out, Ctx *c, int64_t id) {
    Rows *r;
    bool found;
    TRY(db_few(&r, c->db, c->arena,
               "SELECT " RUN_FIELDS ", map_text, report FROM import_run WHERE id = $1",
               ARGS(db_int(id))));
    TRY(rows_next(&found, r));
    if (!found) return ERR_MISSING;
    run_read(out, c, r);
    out->map_text = rows_copy(r, 31);
    out->report = rows_copy(r, 32);
    rows_close(r);
    return OK;
}

Err import_run_list(ImportRuns *out, Ctx *c, ImportWhose whose) {
    static const char *const all[] = {
        "SELECT " RUN_FIELDS " FROM import_run WHERE \"by\" = $1 ORDER BY id DESC LIMIT 50",
        "SELECT " RUN_FIELDS " FROM import_run WHERE state = 'approval' AND \"by\" <> $1 "
        "ORDER BY id DESC LIMIT 50",
        "SELECT " RUN_FIELDS " FROM import_run WHERE $1 = $1 ORDER BY id DESC LIMIT 50"};
    Rows *r;
    bool more;
    *out = (ImportRuns){0};
    TRY(db_rows(&r, c->db, c->arena, all[whose], ARGS(db_int(c->actor->user))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        run_read(&out->items[out->n++], c, r);
    }
}

/* ---- moves ---- */

static void set_number(Sql *s, const char *column, int64_t value) {
    sql_add(s, ", ");
    sql_name(s, NULL, column);
    sql_add(s, " = ");
    sql_bind(s, db_int(value));
}

static Sql move_sql(Ctx *c, const char *to) {
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "UPDATE import_run SET state = ");
    sql_bind(&s, db_textz(to));
    return s;
}

static Err move_from(Sql *s, Ctx *c, int64_t id, const char *from) {
    Str rest = str_of(from), state;
    int64_t changed;
    bool first = true;
    sql_add(s, " WHERE id = ");
    sql_bind(s, db_int(id));
    sql_add(s, " AND state IN (");
    while (str_cut(&state, &rest, ' ')) {
        if (!first) sql_add(s, ", ");
        first = false;
        sql_bind(s, db_text(state));
    }
    sql_add(s, ")");
    TRY(sql_run(&changed, s, c->db));
    return changed == 1 ? OK : ERR_CONFLICT;
}

/* The stored file stays as long as the run needs it; later it is swept like any upload. */
Err import_run_hold(Ctx *c, int64_t id, bool is_held) {
    int64_t file;
    bool found;
    TRY(db_get_int(&file, &found, c->db, "SELECT stored FROM import_run WHERE id = $1",
                   ARGS(db_int(id))));
    return found ? file_store_hold(c->db, file, is_held) : OK;
}

Err import_run_move(Ctx *c, int64_t id, const char *from, const char *to) {
    Sql s = move_sql(c, to);
    bool ends = strcmp(to, "discarded") == 0;
    if (ends) set_number(&s, "ended_at", c->now_us);
    TRY(move_from(&s, c, id, from));
    return import_run_hold(c, id, !ends);
}

static bool is_of(const ImportRun *run, int64_t user) {
    return user && (user == run->by || user == run->acting_for);
}

Err import_run_is_actors(bool *out, int64_t *whom, Ctx *c, const ImportRun *run) {
    const Access *a;
    bool own = false;
    *whom = 0;
    TRY(access_of(&a, c, run->type, OP_IMPORT));
    for (size_t i = 0; i < a->n; i++) {
        int64_t lender = a->rules[i].role->for_user;
        own = own || !lender;
        if (!*whom || is_of(run, *whom)) *whom = lender;
    }
    if (own) *whom = 0;
    *out = is_of(run, c->actor->user) || is_of(run, *whom);
    return OK;
}

Err import_run_ask(Ctx *c, int64_t id) {
    ImportRun run;
    bool is_one;
    int64_t whom;
    TRY(import_run_load(&run, c, id));
    if (!run.type) return ERR_MISSING;
    TRY(import_run_is_actors(&is_one, &whom, c, &(ImportRun){.type = run.type}));
    Sql s = move_sql(c, "approval");
    if (whom) set_number(&s, "acting_for", whom);
    TRY(move_from(&s, c, id, "checked"));
    return import_run_hold(c, id, true);
}

Err import_run_release(Ctx *c, int64_t id) {
    ImportRun run;
    bool is_one;
    int64_t whom;
    TRY(import_run_load(&run, c, id));
    if (!run.type) return ERR_MISSING;
    TRY(import_run_is_actors(&is_one, &whom, c, &run));
    if (is_one) return ERR_DENIED;
    Sql s = move_sql(c, "queued");
    set_number(&s, "released_by", c->actor->user);
    set_number(&s, "released_for", whom);
    return move_from(&s, c, id, "approval");
}

Err import_run_cancel(Ctx *c, int64_t id) {
    Sql s = move_sql(c, "running");
    set_number(&s, "cancelled", 1);
    set_number(&s, "cancel_by", c->actor->user);
    return move_from(&s, c, id, "running");
}

bool import_is_final(const Type *t) {
    return t && t->def->after_save && !t->def->remove;
}

Err import_run_undo(Ctx *c, int64_t id) {
    ImportRun run;
    TRY(import_run_load(&run, c, id));
    if (import_is_final(run.type))
        return issue(c, "", "stays",
                     N_("Records of this list change others as they are saved: an import into it "
                        "cannot be taken back. Correct or cancel the records instead.")),
               ERR_CONFLICT;
    Sql s = move_sql(c, "undoing");
    set_number(&s, "cancel_by", c->actor->user);
    set_number(&s, "undo_at", 0);
    set_number(&s, "done", 0);
    set_number(&s, "attempts", 0);
    return move_from(&s, c, id, "done");
}

Err import_run_remap(Ctx *c, int64_t id, Str map, Str map_text) {
    Sql s = move_sql(c, "waiting");
    sql_add(&s, ", map = ");
    sql_bind(&s, db_text_or_null(map));
    sql_add(&s, ", map_text = ");
    sql_bind(&s, db_text_or_null(map_text));
    sql_add(&s, ", why = NULL");
    set_number(&s, "done", 0);
    set_number(&s, "attempts", 0);
    return move_from(&s, c, id, "waiting checked refused");
}

/* ---- saved maps ---- */

#define MAP_FIELDS "id, name, type, text, \"by\", at"

static void map_of_row(SavedMap *out, const Rows *r) {
    *out = (SavedMap){.id = rows_int(r, 0),
                      .name = rows_copy(r, 1),
                      .type = rows_copy(r, 2),
                      .text = rows_copy(r, 3),
                      .by = rows_int(r, 4),
                      .at = rows_int(r, 5)};
}

Err saved_map_find(SavedMap *out, Ctx *c, Str name) {
    Rows *r;
    bool found;
    TRY(db_few(&r, c->db, c->arena, "SELECT " MAP_FIELDS " FROM import_map WHERE name = $1",
               ARGS(db_text(name))));
    TRY(rows_next(&found, r));
    if (!found) return ERR_MISSING;
    map_of_row(out, r);
    rows_close(r);
    return OK;
}

Err saved_map_list(SavedMaps *out, Ctx *c) {
    Rows *r;
    bool more;
    *out = (SavedMaps){0};
    TRY(db_rows(&r, c->db, c->arena,
                "SELECT " MAP_FIELDS " FROM import_map ORDER BY name LIMIT 500", NO_ARGS));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        map_of_row(&out->items[out->n++], r);
    }
}

Err saved_map_put(Ctx *c, const char *field, Str name, const Type *t, Str text) {
    SavedMap old;
    name = str_trim(name);
    if (!name.n || utf8_count(name) > 80)
        return issue(c, field, "too_long", N_("Give the map a name of at most 80 characters."));
    Err e = saved_map_find(&old, c, name);
    if (e && e != ERR_MISSING) return e;
    bool is_mine = e == OK && (c->actor->is_system || old.by == c->actor->user);
    if (map_built_in(name) || (e == OK && (!is_mine || !str_is(old.type, t->name))))
        return issue(c, field, "taken", N_("Another map has this name already."));
    if (e == OK)
        return db_run(c->db, NULL, "UPDATE import_map SET text = $2, at = $3 WHERE id = $1",
                      ARGS(db_int(old.id), db_text(text), db_int(c->now_us)));
    return db_run(
        c->db, NULL,
        "INSERT INTO import_map (name, type, text, \"by\", at) VALUES ($1, $2, $3, $4, $5)",
        ARGS(db_text(name), db_textz(t->name), db_text(text), id_or_null(c->actor->user),
             db_int(c->now_us)));
}

Err saved_map_remove(Ctx *c, int64_t id) {
    int64_t changed;
    TRY(db_run(c->db, &changed, "DELETE FROM import_map WHERE id = $1 AND (\"by\" = $2 OR $3 = 1)",
               ARGS(db_int(id), db_int(c->actor->user), db_int(c->actor->is_system))));
    return changed ? OK : ERR_MISSING;
}
