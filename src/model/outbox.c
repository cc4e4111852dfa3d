/* outbox.c: the table of what is still to happen (outbox.h). SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "model/outbox.h"

/* clang-format off */
static const DbColumn columns[] = {
    {.name = "id", .type = DB_INT, .not_null = true},
    {.name = "topic", .type = DB_TEXT, .not_null = true},
    {.name = "item_key", .type = DB_TEXT, .not_null = true},
    {.name = "payload", .type = DB_TEXT},
    {.name = "lane", .type = DB_TEXT},
    {.name = "state", .type = DB_TEXT, .not_null = true}, /* ready, running, done, dead */
    {.name = "created_at", .type = DB_INT, .not_null = true},
    {.name = "due_at", .type = DB_INT, .not_null = true},
    {.name = "attempts", .type = DB_INT, .not_null = true, .default_sql = "0"},
    {.name = "owner", .type = DB_TEXT},
    {.name = "fence", .type = DB_INT, .not_null = true, .default_sql = "0"},
    {.name = "lease_until", .type = DB_INT, .not_null = true, .default_sql = "0"},
    {.name = "ended_at", .type = DB_INT, .not_null = true, .default_sql = "0"},
    {.name = "error", .type = DB_TEXT},
};
static const DbIndex indexes[] = {
    {"outbox_key", "topic, item_key", true, NULL},
    {"outbox_due", "due_at, id", false, "state = 'ready'"},
    {"outbox_running", "lease_until", false, "state = 'running'"},
    {"outbox_lane", "lane, id", false, "lane IS NOT NULL AND state IN ('ready', 'running')"},
    {"outbox_state", "state, id", false, NULL},
    {"outbox_ended", "ended_at", false, "ended_at > 0"},
};
static const DbColumn pause_columns[] = {
    {.name = "target", .type = DB_TEXT, .not_null = true},
    {.name = "failures", .type = DB_INT, .not_null = true},
    {.name = "until", .type = DB_INT, .not_null = true},
};
const DbTable outbox_tables[] = {
    {"outbox", columns, LENGTH(columns), NULL, indexes, LENGTH(indexes)},
    {"outbox_pause", pause_columns, LENGTH(pause_columns), "target", NULL, 0},
};
const size_t outbox_n_tables = LENGTH(outbox_tables);
/* clang-format on */

Err outbox_add(Ctx *c, const OutboxRow *row) {
    return db_post(
        c->db,
        "INSERT INTO outbox (topic, item_key, payload, lane, state, created_at, due_at) "
        "VALUES ($1, $2, $3, $4, 'ready', $5, $6) ON CONFLICT (topic, item_key) DO NOTHING",
        ARGS(db_textz(row->topic), db_text(row->key), db_text_or_null(row->payload),
             db_text_or_null(row->lane), db_int(c->now_us),
             db_int(row->due_us ? row->due_us : c->now_us)));
}
