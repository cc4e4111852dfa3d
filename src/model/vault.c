/* vault.c: see vault.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/vault.h"

#include "base/secret.h"
#include "model/history.h"
#include "model/sql.h"

#define SEALED "s1:"
#define PROOF "gardefou"

/* clang-format off */
static const DbColumn columns[] = {
    {.name = "id", .type = DB_INT, .not_null = true},
    {.name = "proof", .type = DB_TEXT, .not_null = true},
};
const DbTable vault_tables[] = {{"vault", columns, LENGTH(columns), NULL, NULL, 0}};
const size_t vault_n_tables = LENGTH(vault_tables);
/* clang-format on */

static Str key_of(const Ctx *c) {
    return c->model->site ? c->model->site->key : (Str){0};
}

Err vault_state(VaultState *out, Ctx *c) {
    Str proof = {0}, text;
    bool found = false;
    TRY(db_get_text(&proof, &found, c->db, c->arena, "SELECT proof FROM vault WHERE id = 1",
                    NO_ARGS));
    Str key = key_of(c);
    *out = VAULT_NEW;
    if (!found) return OK;
    bool opens = key.n && secret_open(&text, c->arena, key, proof) && str_is(text, PROOF);
    *out = opens ? VAULT_OPEN : VAULT_LOST;
    return OK;
}

/* Two nodes may begin at once: the first proof stays. */
static Err take_key(VaultState *state, Ctx *c) {
    TRY(vault_state(state, c));
    if (*state != VAULT_NEW || !key_of(c).n) return OK;
    TRY(db_run(c->db, NULL,
               "INSERT INTO vault (id, proof) VALUES (1, $1) ON CONFLICT (id) DO NOTHING",
               ARGS(db_text(secret_seal(c->arena, key_of(c), S(PROOF))))));
    return vault_state(state, c);
}

Err vault_seal(Str *out, Ctx *c, Str secret) {
    VaultState state;
    *out = (Str){0};
    if (!secret.n) return OK;
    TRY(take_key(&state, c));
    if (state != VAULT_OPEN)
        return issue(
            c, "", "no_key",
            N_("The key that protects stored secrets is missing. Ask the operator of this installation."));
    *out = str_join(c->arena, S(SEALED), secret_seal(c->arena, key_of(c), secret));
    return OK;
}

bool vault_open(Str *out, const Ctx *c, Str stored) {
    Str prefix = S(SEALED);
    *out = stored;
    if (!str_starts(stored, prefix)) return true;
    *out = (Str){0};
    return key_of(c).n &&
           secret_open(out, c->arena, key_of(c), str_sub(stored, prefix.n, stored.n));
}

/* ---- all rows of a field ---- */

typedef struct Stored {
    int64_t id, version;
    Str text;
} Stored;

static Err stored_of(Stored **out, size_t *n, Ctx *c, const char *table, const Field *f) {
    Rows *r;
    size_t cap = 0;
    Sql s = sql_new(c->arena, c->db);
    *out = NULL;
    *n = 0;
    sql_add(&s, "SELECT id, version, ");
    sql_name(&s, NULL, f->name);
    sql_add(&s, " FROM ");
    sql_name(&s, NULL, table);
    sql_add(&s, " WHERE ");
    sql_name(&s, NULL, f->name);
    sql_add(&s, " IS NOT NULL ORDER BY id, version");
    TRY(sql_rows(&r, &s, c->db, c->arena));
    for (bool more;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, *out, *n, cap);
        (*out)[(*n)++] = (Stored){rows_int(r, 0), rows_int(r, 1), rows_copy(r, 2)};
    }
}

static Err store(Ctx *c, const char *table, const Field *f, const Stored *row, Str text) {
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "UPDATE ");
    sql_name(&s, NULL, table);
    sql_add(&s, " SET ");
    sql_name(&s, NULL, f->name);
    sql_add(&s, " = ");
    sql_bind(&s, db_text_or_null(text));
    sql_add(&s, " WHERE id = ");
    sql_bind(&s, db_int(row->id));
    sql_add(&s, " AND version = ");
    sql_bind(&s, db_int(row->version));
    return sql_run(NULL, &s, c->db);
}

/* Earlier versions of a row are asked for no secret: theirs go. */
static Err seal_rows(int64_t *sealed, Ctx *c, const Type *t, const Field *f, bool is_past) {
    Stored *rows;
    size_t n;
    const char *table = is_past ? t->columns.past : t->name;
    TRY(stored_of(&rows, &n, c, table, f));
    for (size_t i = 0; i < n; i++) {
        Str text = {0};
        if (str_starts(rows[i].text, S(SEALED))) continue;
        if (!is_past) TRY(vault_seal(&text, c, rows[i].text));
        TRY(store(c, table, f, &rows[i], text));
        ++*sealed;
    }
    return OK;
}

static Err empty_rows(int64_t *emptied, Ctx *c, const Type *t, const Field *f, bool is_past) {
    Stored *rows;
    size_t n;
    const char *table = is_past ? t->columns.past : t->name;
    TRY(stored_of(&rows, &n, c, table, f));
    for (size_t i = 0; i < n; i++) {
        Str text;
        Record *r;
        if (vault_open(&text, c, rows[i].text)) continue;
        TRY(store(c, table, f, &rows[i], (Str){0}));
        if (is_past) continue;
        TRY(record_load_raw(&r, c, t, rows[i].id));
        TRY(history_note(c, r, "secret_lost", (Str){0}));
        ++*emptied;
    }
    return OK;
}

typedef Err (*RowsWork)(int64_t *n, Ctx *c, const Type *t, const Field *f, bool is_past);

static Err all_rows(int64_t *n, Ctx *c, RowsWork work) {
    *n = 0;
    for (size_t i = 0; i < c->model->n_types; i++) {
        const Type *t = &c->model->types[i];
        for (size_t k = 0; k < t->n_fields; k++) {
            if (!(t->fields[k].flags & F_SEALED)) continue;
            TRY(work(n, c, t, &t->fields[k], false));
            TRY(work(n, c, t, &t->fields[k], true));
        }
    }
    return OK;
}

Err vault_begin(int64_t *sealed, Ctx *c) {
    VaultState state;
    *sealed = 0;
    TRY(take_key(&state, c));
    if (state == VAULT_LOST) return ERR_CONFLICT;
    return state == VAULT_OPEN ? all_rows(sealed, c, seal_rows) : OK;
}

Err vault_forget(int64_t *emptied, Ctx *c) {
    TRY(all_rows(emptied, c, empty_rows));
    return db_run(c->db, NULL, "DELETE FROM vault", NO_ARGS);
}
