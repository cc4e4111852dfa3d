/* history_seal.c: the sealer: turns unsealed entries into checkpoints. One at a time, by a row
 * lock; entries that commit late simply fall into a later checkpoint, membership is written down
 * and not guessed from ids. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/chain.h"

typedef struct Batch {
    int64_t *ids;
    size_t n;
    Merkle merkle;
} Batch;

static Err seal_lock(Ctx *c) {
    int64_t id;
    bool found;
    TRY(db_run(c->db, NULL,
               "INSERT INTO seal_lock (id, what) VALUES (1, 'sealer') ON CONFLICT DO NOTHING",
               NO_ARGS));
    Str sql = str_fmt(c->arena, "SELECT id FROM seal_lock WHERE id = 1%s", db_for_update(c->db));
    return db_get_int(&id, &found, c->db, sql.p, NO_ARGS);
}

static Err batch_read(Batch *out, Ctx *c, Arena *a) {
    Rows *rows;
    bool has;
    memset(out, 0, sizeof *out);
    out->ids = NEW_N(a, int64_t, CHAIN_MAX_SEALED);
    TRY(db_rows(&rows, c->db, a,
                /* CROSS: no planner may begin with the entries, which are all there ever were. */
                "SELECT u.entry, e.hash FROM unsealed u CROSS JOIN entry e WHERE e.id = u.entry "
                "ORDER BY u.entry LIMIT $1",
                ARGS(db_int(CHAIN_MAX_SEALED))));
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        if (out->n == CHAIN_MAX_SEALED) continue;
        out->ids[out->n++] = rows_int(rows, 0);
        merkle_add(&out->merkle, rows_int(rows, 0), rows_text(rows, 1));
    }
}

static Err leaves_write(Ctx *c, Arena *a, const Batch *b, int64_t checkpoint) {
    Sql sql = sql_new(a, c->db);
    sql_add(&sql, "INSERT INTO checkpoint_entry (checkpoint, pos, entry, hash) SELECT ");
    sql_bind(&sql, db_int(checkpoint));
    sql_add(&sql, ", row_number() OVER (ORDER BY e.id) - 1, e.id, e.hash FROM entry e WHERE ");
    sql_in_set(&sql, "e.id", b->ids, b->n);
    TRY(sql_run(NULL, &sql, c->db));
    /* By the index of the leaves just written: a planner that holds `unsealed` for empty, as it is
     * most of the time, compares each row with each key of a set otherwise. */
    return db_run(c->db, NULL,
                  "DELETE FROM unsealed WHERE EXISTS (SELECT 1 FROM checkpoint_entry k "
                  "WHERE k.entry = unsealed.entry AND k.checkpoint = $1)",
                  ARGS(db_int(checkpoint)));
}

static Err seal_batch(Ctx *c, Arena *a, const Batch *b) {
    ChainHash root, hash;
    ChainCheckpoint k = {.at = c->now_us, .first_entry = b->ids[0], .n = (int64_t)b->n};
    bool found;
    TRY(db_get_text(&k.prev, &found, c->db, a,
                    "SELECT hash FROM checkpoint ORDER BY id DESC LIMIT 1", NO_ARGS));
    if (!found) k.prev = (Str){0};
    merkle_root(&root, &b->merkle);
    k.root = chain_str(&root);
    chain_checkpoint_hash(&hash, a, &k);
    TRY(db_get_int(
        &k.id, &found, c->db,
        "INSERT INTO checkpoint (at, first_entry, n, root, prev, hash) VALUES ($1, $2, $3, $4, $5, $6)"
        " RETURNING id",
        ARGS(db_int(k.at), db_int(k.first_entry), db_int(k.n), db_text(k.root),
             db_text_or_null(k.prev), db_text(chain_str(&hash)))));
    if (!found) return ERR_INTERNAL;
    return leaves_write(c, a, b, k.id);
}

Err history_seal(int64_t *sealed, Ctx *c) {
    *sealed = 0;
    TRY(seal_lock(c));
    Arena *a = arena_new(0);
    Err err = OK;
    for (;;) {
        Batch batch;
        arena_reset(a);
        err = batch_read(&batch, c, a);
        if (err != OK || batch.n == 0) break;
        err = seal_batch(c, a, &batch);
        if (err != OK) break;
        *sealed += (int64_t)batch.n;
        if (batch.n < CHAIN_MAX_SEALED) break;
    }
    arena_free(a);
    return err;
}
