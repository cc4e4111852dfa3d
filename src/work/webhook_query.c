/* webhook_query.c: the log of deliveries: webhook_delivery(id, webhook, event, at, status,
 * milliseconds, attempt, error). SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/webhook.h"

/* clang-format off */
static const DbColumn columns[] = {
    {.name = "id", .type = DB_INT, .not_null = true},
    {.name = "webhook", .type = DB_INT, .not_null = true, .references = "webhook"},
    {.name = "event", .type = DB_TEXT, .not_null = true},
    {.name = "at", .type = DB_INT, .not_null = true},
    {.name = "status", .type = DB_INT, .not_null = true},
    {.name = "milliseconds", .type = DB_INT, .not_null = true},
    {.name = "attempt", .type = DB_INT, .not_null = true},
    {.name = "error", .type = DB_TEXT},
};
static const DbIndex indexes[] = {{"webhook_delivery_of", "webhook, id", false, NULL}, {"webhook_delivery_age", "at", false, NULL}};
const DbTable webhook_tables[] = {
    {"webhook_delivery", columns, LENGTH(columns), NULL, indexes, LENGTH(indexes)}, {0}};
/* clang-format on */

Err delivery_add(Ctx *c, const Delivery *d) {
    return db_run(c->db, NULL,
                  "INSERT INTO webhook_delivery (webhook, event, at, status, milliseconds, "
                  "attempt, error) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                  ARGS(db_int(d->webhook), db_text(d->event), db_int(c->now_us), db_int(d->status),
                       db_int(d->milliseconds), db_int(d->attempt), db_text_or_null(d->error)));
}

Err delivery_list(Deliveries *out, Ctx *c, int64_t webhook, size_t limit) {
    Rows *r;
    bool more;
    *out = (Deliveries){0};
    TRY(db_rows(&r, c->db, c->arena,
                "SELECT id, event, at, status, milliseconds, attempt, error FROM webhook_delivery "
                "WHERE webhook = $1 ORDER BY id DESC LIMIT $2",
                ARGS(db_int(webhook), db_int((int64_t)limit))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (Delivery){.id = rows_int(r, 0),
                                          .webhook = webhook,
                                          .event = rows_copy(r, 1),
                                          .at = rows_int(r, 2),
                                          .status = rows_int(r, 3),
                                          .milliseconds = rows_int(r, 4),
                                          .attempt = rows_int(r, 5),
                                          .error = rows_copy(r, 6)};
    }
}

Err webhook_sweep(int64_t *removed, Ctx *c) {
    return db_run(c->db, removed, "DELETE FROM webhook_delivery WHERE at < $1",
                  ARGS(db_int(c->now_us - OUTBOX_KEEP_US)));
}

Err webhook_listens(bool *out, Ctx *c, const Type *t, bool is_edit) {
    int64_t one;
    *out = false;
    if (!model_type(c->model, S("webhook"))) return OK;
    return db_get_int(&one, out, c->db,
                      "SELECT 1 FROM webhook WHERE state = 'active' AND ($1 = 0 OR edits = 1) AND "
                      "(types IS NULL OR types = '' OR types LIKE '%' || $2 || '%') LIMIT 1",
                      ARGS(db_int(is_edit), db_text(str_fmt(c->arena, ",%s,", t->name))));
}
