/* notice_query.c: the SQL of notice.h. notice(id, person, at, kind, type, record, version, actor,
 * event, arg, waits, read_at, mailed); notice_wish(person, mail, quiet_from, quiet_until,
 * digest_at, digest_day). SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/notice.h"

#include "model/sql.h"

#define DAY_US (INT64_C(86400) * 1000000)

/* clang-format off */
static const DbColumn notice_columns[] = {
    {.name = "id", .type = DB_INT, .not_null = true},
    {.name = "person", .type = DB_INT, .not_null = true, .references = "user"},
    {.name = "at", .type = DB_INT, .not_null = true},
    {.name = "kind", .type = DB_TEXT, .not_null = true},
    {.name = "type", .type = DB_TEXT, .not_null = true},
    {.name = "record", .type = DB_INT, .not_null = true},
    {.name = "version", .type = DB_INT, .not_null = true},
    {.name = "actor", .type = DB_INT, .not_null = true},
    {.name = "event", .type = DB_TEXT, .not_null = true},
    {.name = "arg", .type = DB_TEXT},
    {.name = "waits", .type = DB_INT, .not_null = true, .default_sql = "0"},
    {.name = "read_at", .type = DB_INT, .not_null = true, .default_sql = "0"},
    {.name = "mailed", .type = DB_INT, .not_null = true, .default_sql = "0"},
};
static const DbIndex notice_indexes[] = {
    {"notice_event", "person, event", true, NULL},
    {"notice_unread", "person, id", false, "read_at = 0"},
    {"notice_record", "person, type, record", false, "read_at = 0"},
    {"notice_person", "person, id", false, NULL},
    {"notice_age", "at", false, NULL},
};
static const DbColumn wish_columns[] = {
    {.name = "person", .type = DB_INT, .not_null = true, .references = "user"},
    {.name = "mail", .type = DB_TEXT, .not_null = true},
    {.name = "quiet_from", .type = DB_INT, .not_null = true},
    {.name = "quiet_until", .type = DB_INT, .not_null = true},
    {.name = "digest_at", .type = DB_INT, .not_null = true},
    {.name = "digest_day", .type = DB_TEXT},
};
const DbTable notice_tables[] = {
    {"notice", notice_columns, LENGTH(notice_columns), NULL, notice_indexes, LENGTH(notice_indexes)},
    {"notice_wish", wish_columns, LENGTH(wish_columns), "person", NULL, 0},
    {0}
};
/* clang-format on */

#define COLUMNS "id, person, at, record, version, actor, read_at, waits, kind, type, event, arg"

static Notice read_notice(const Rows *r) {
    return (Notice){.id = rows_int(r, 0),
                    .person = rows_int(r, 1),
                    .at = rows_int(r, 2),
                    .record = rows_int(r, 3),
                    .version = rows_int(r, 4),
                    .actor = rows_int(r, 5),
                    .read_at = rows_int(r, 6),
                    .waits = rows_int(r, 7) != 0,
                    .kind = rows_copy(r, 8),
                    .type = rows_copy(r, 9),
                    .key = rows_copy(r, 10),
                    .arg = rows_copy(r, 11)};
}

static Err read_all(Notices *out, Ctx *c, Rows *r) {
    bool more;
    *out = (Notices){0};
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = read_notice(r);
    }
}

Err notice_insert(int64_t *id, Ctx *c, const Notice *n) {
    bool found;
    *id = 0;
    return db_get_int(id, &found, c->db,
                      "INSERT INTO notice (person, at, kind, type, record, version, actor, event, "
                      "arg, waits) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
                      "ON CONFLICT (person, event) DO NOTHING RETURNING id",
                      ARGS(db_int(n->person), db_int(c->now_us), db_text(n->kind), db_text(n->type),
                           db_int(n->record), db_int(n->version), db_int(n->actor), db_text(n->key),
                           db_text_or_null(n->arg), db_int(n->waits)));
}

/* One statement for all: on SQLite what AUTOINCREMENT looks for is looked for once. */
static Err insert_some(Ctx *c, const Notice *list, size_t n) {
    const Notice *any = list;
    Sql s = sql_new(c->arena, c->db);
    sql_add(&s, "INSERT INTO notice (person, kind, waits, at, type, record, version, actor, event, "
                "arg) VALUES ");
    for (size_t i = 0; i < n; i++) {
        const DbValue values[] = {db_int(list[i].person), db_text(list[i].kind),
                                  db_int(list[i].waits),  db_int(c->now_us),
                                  db_text(any->type),     db_int(any->record),
                                  db_int(any->version),   db_int(any->actor),
                                  db_text(any->key),      db_text_or_null(any->arg)};
        for (size_t k = 0; k < LENGTH(values); k++) {
            sql_add(&s, k ? ", " : i ? ", (" : "(");
            sql_bind(&s, values[k]);
        }
        sql_add(&s, ")");
    }
    sql_add(&s, " ON CONFLICT (person, event) DO NOTHING");
    return sql_run(NULL, &s, c->db);
}

Err notice_insert_many(Ctx *c, const Notice *list, size_t n) {
    enum { PART = 20 };
    for (size_t i = 0; i < n; i += PART) TRY(insert_some(c, list + i, n - i < PART ? n - i : PART));
    return OK;
}

Err notice_find(Notice *out, Ctx *c, int64_t id) {
    Rows *r;
    bool found;
    TRY(db_few(&r, c->db, c->arena, "SELECT " COLUMNS " FROM notice WHERE id = $1",
               ARGS(db_int(id))));
    TRY(rows_next(&found, r));
    if (!found) return ERR_MISSING;
    *out = read_notice(r);
    rows_close(r);
    return OK;
}

Err notice_list(Notices *out, Ctx *c, int64_t person, bool unread, int64_t before_id,
                size_t limit) {
    Rows *r;
    const char *sql = unread ? "SELECT " COLUMNS " FROM notice WHERE person = $1 AND read_at = 0 "
                               "AND id < $2 ORDER BY id DESC LIMIT $3"
                             : "SELECT " COLUMNS " FROM notice WHERE person = $1 AND id < $2 "
                               "ORDER BY id DESC LIMIT $3";
    TRY(db_few(
        &r, c->db, c->arena, sql,
        ARGS(db_int(person), db_int(before_id ? before_id : INT64_MAX), db_int((int64_t)limit))));
    return read_all(out, c, r);
}

Err notice_mark(Ctx *c, int64_t person, int64_t id) {
    return db_run(c->db, NULL,
                  "UPDATE notice SET read_at = $2 WHERE person = $1 AND read_at = 0 AND "
                  "($3 = 0 OR id = $3)",
                  ARGS(db_int(person), db_int(c->now_us), db_int(id)));
}

/* Planned once, whoever it is. */
static const char unread_sql[] =
    "SELECT COUNT(*) FROM notice WHERE person = (SELECT $1) AND read_at = 0";
static const char unread_of_sql[] =
    "SELECT id FROM notice WHERE person = (SELECT $1) AND type = $2 AND record = $3 AND "
    "read_at = 0 LIMIT 1";
#define UNREAD_OF(c, r) ARGS(db_int((c)->actor->user), db_textz((r)->type->name), db_int((r)->id))

void work_unread_announce(Ctx *c) {
    if (c->actor->user) db_announce(c->db, unread_sql, ARGS(db_int(c->actor->user)));
}

Err work_unread(int64_t *out, Ctx *c) {
    static const char owner[] = "unread";
    bool found, is_new = true;
    Arena *arena;
    int64_t *kept = NULL;
    *out = 0;
    if (!c->actor->user) return OK;
    if (db_is_read_only(c->db))
        kept = ctx_memo(&is_new, &arena, c, owner, c->actor->user, NULL, sizeof *kept);
    if (is_new) TRY(db_get_int(out, &found, c->db, unread_sql, ARGS(db_int(c->actor->user))));
    if (kept && is_new) *kept = *out;
    if (kept) *out = *kept;
    return OK;
}

Err work_has_unread(bool *out, Ctx *c, const Record *r) {
    int64_t id, unread;
    *out = false;
    TRY(work_unread(&unread, c));
    if (!unread) return OK;
    return db_get_int(&id, out, c->db, unread_of_sql, UNREAD_OF(c, r));
}

Err work_mark_read(Ctx *c, const Record *r) {
    return db_run(
        c->db, NULL,
        "UPDATE notice SET read_at = $4 WHERE person = $1 AND type = $2 AND record = $3 "
        "AND read_at = 0",
        ARGS(db_int(c->actor->user), db_textz(r->type->name), db_int(r->id), db_int(c->now_us)));
}

Err notice_sweep(int64_t *removed, Ctx *c) {
    return db_run(c->db, removed, "DELETE FROM notice WHERE at < $1 OR (at < $2 AND read_at > 0)",
                  ARGS(db_int(c->now_us - 365 * DAY_US), db_int(c->now_us - 90 * DAY_US)));
}

Err notice_reason(Str *out, Ctx *c, const Notice *n) {
    bool found;
    *out = (Str){0};
    TRY(db_get_text(out, &found, c->db, c->arena,
                    "SELECT reason FROM entry WHERE type = $1 AND record = $2 AND version = $3 "
                    "AND reason IS NOT NULL AND action <> 'comment' ORDER BY id LIMIT 1",
                    ARGS(db_text(n->type), db_int(n->record), db_int(n->version))));
    if (!found) *out = (Str){0};
    return OK;
}

/* ---- people ---- */

Err notice_holders(Holder **out, size_t *n, Ctx *c, Str role) {
    Rows *r;
    bool more;
    size_t cap = 0;
    *out = NULL;
    *n = 0;
    TRY(db_few(&r, c->db, c->arena,
               "SELECT ra.person, COALESCE(ra.in_unit, 0) FROM role_assignment ra JOIN \"user\" u "
               "ON u.id = ra.person WHERE ra.role = $1 AND ra.state = 'active' AND u.state = "
               "'active' AND (ra.valid_from IS NULL OR ra.valid_from <= $2) AND (ra.valid_until "
               "IS NULL OR ra.valid_until >= $2) ORDER BY ra.person",
               ARGS(db_text(role), db_text(c->today))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, *out, *n, cap);
        (*out)[(*n)++] = (Holder){rows_int(r, 0), rows_int(r, 1)};
    }
}

Err notice_delegates(People *out, Ctx *c, int64_t person, Str role) {
    Rows *r;
    bool more;
    TRY(db_few(&r, c->db, c->arena,
               "SELECT d.to_user FROM delegation d JOIN \"user\" u ON u.id = d.to_user WHERE "
               "d.from_user = $1 AND d.state = 'active' AND d.valid_from <= $2 AND d.valid_until "
               ">= $2 AND u.state = 'active' AND (d.role IS NULL OR d.role = $3) ORDER BY d.id",
               ARGS(db_int(person), db_text(c->today), db_text(role))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        people_add(out, c, rows_int(r, 0));
    }
}

Err notice_ancestors(int64_t **out, size_t *n, Ctx *c, int64_t unit) {
    enum { DEPTH = 30 };
    *out = NEW_N(c->arena, int64_t, DEPTH);
    *n = 0;
    while (unit && *n < DEPTH) {
        bool found;
        (*out)[(*n)++] = unit;
        TRY(db_get_int(&unit, &found, c->db, "SELECT parent FROM unit WHERE id = $1",
                       ARGS(db_int(unit))));
        if (!found) break;
    }
    return OK;
}

/* ---- what a person wants ---- */

Err notice_wish(NoticeWish *out, Ctx *c, int64_t person) {
    Rows *r;
    bool found;
    *out = (NoticeWish){.mail = MAIL_ALL, .digest_at = 7 * 60 + 30};
    TRY(db_few(&r, c->db, c->arena,
               "SELECT mail, quiet_from, quiet_until, digest_at FROM notice_wish WHERE person = $1",
               ARGS(db_int(person))));
    TRY(rows_next(&found, r));
    if (!found) return OK;
    (void)mail_wish_parse(&out->mail, rows_text(r, 0));
    out->quiet_from = (int)rows_int(r, 1);
    out->quiet_until = (int)rows_int(r, 2);
    out->digest_at = (int)rows_int(r, 3);
    rows_close(r);
    return OK;
}

Err notice_wish_set(Ctx *c, int64_t person, const NoticeWish *w) {
    return db_run(c->db, NULL,
                  "INSERT INTO notice_wish (person, mail, quiet_from, quiet_until, digest_at) "
                  "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person) DO UPDATE SET mail = "
                  "excluded.mail, quiet_from = excluded.quiet_from, quiet_until = "
                  "excluded.quiet_until, digest_at = excluded.digest_at",
                  ARGS(db_int(person), db_textz(mail_wish_name(w->mail)), db_int(w->quiet_from),
                       db_int(w->quiet_until), db_int(w->digest_at)));
}

Err notice_digest_due(People *out, Ctx *c, Str today, int minute) {
    Rows *r;
    bool more;
    TRY(db_few(&r, c->db, c->arena,
               "SELECT person FROM notice_wish WHERE mail = 'daily' AND digest_at <= $1 AND "
               "(digest_day IS NULL OR digest_day < $2) ORDER BY person LIMIT 500",
               ARGS(db_int(minute), db_text(today))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        people_add(out, c, rows_int(r, 0));
    }
}

Err notice_digest_mark(Ctx *c, int64_t person, Str today) {
    return db_run(c->db, NULL, "UPDATE notice_wish SET digest_day = $2 WHERE person = $1",
                  ARGS(db_int(person), db_text(today)));
}

Err notice_for_digest(Notices *out, Ctx *c, int64_t person, size_t limit) {
    Rows *r;
    TRY(db_few(&r, c->db, c->arena,
               "SELECT " COLUMNS " FROM notice WHERE person = $1 AND read_at = 0 AND mailed = 0 "
               "ORDER BY id DESC LIMIT $2",
               ARGS(db_int(person), db_int((int64_t)limit))));
    return read_all(out, c, r);
}

Err notice_mailed(Ctx *c, int64_t person, int64_t from, int64_t to) {
    return db_run(c->db, NULL,
                  "UPDATE notice SET mailed = 1 WHERE person = $1 AND id >= $2 AND id <= $3 AND "
                  "mailed = 0",
                  ARGS(db_int(person), db_int(from), db_int(to)));
}

Err notice_commenters(People *out, Ctx *c, const Record *r) {
    Rows *rows;
    bool more;
    TRY(db_few(&rows, c->db, c->arena,
               "SELECT actor FROM entry WHERE type = $1 AND record = $2 AND action = 'comment' "
               "AND actor IS NOT NULL GROUP BY actor ORDER BY MAX(id) DESC LIMIT 30",
               ARGS(db_textz(r->type->name), db_int(r->id))));
    for (;;) {
        TRY(rows_next(&more, rows));
        if (!more) return OK;
        people_add(out, c, rows_int(rows, 0));
    }
}

Err notice_steps(Event **out, int64_t **at, size_t *n, Ctx *c, int64_t since_us, size_t limit) {
    Rows *r;
    bool more;
    *n = 0;
    *out = NEW_N(c->arena, Event, limit + 1);
    *at = NEW_N(c->arena, int64_t, limit + 1);
    /* Comments stand under the version that they speak of: of several the first made it. */
    TRY(db_few(&r, c->db, c->arena,
               "SELECT * FROM (SELECT e.id, e.type, e.record, e.version, e.actor, e.action, "
               "e.state, e.at, (SELECT p.state FROM entry p WHERE p.type = e.type AND p.record = "
               "e.record AND p.version = e.version - 1 ORDER BY p.id LIMIT 1) AS came_from, "
               "(SELECT p.actor FROM entry p WHERE p.type = e.type AND p.record = e.record AND "
               "p.version = e.version - 1 ORDER BY p.id LIMIT 1) AS previous FROM entry e WHERE "
               "e.at >= $1 AND e.record > 0 AND e.action NOT IN ('update', 'seed', 'link', "
               "'comment') ORDER BY e.at DESC, e.id DESC LIMIT $2) newest ORDER BY at, id",
               ARGS(db_int(since_us), db_int((int64_t)limit))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        Event *e = &(*out)[*n];
        *e = (Event){.type = rows_copy(r, 1),
                     .record = rows_int(r, 2),
                     .version = rows_int(r, 3),
                     .actor = rows_int(r, 4),
                     .transition = rows_copy(r, 5),
                     .to = rows_copy(r, 6),
                     .from = rows_copy(r, 8),
                     .previous = rows_int(r, 9)};
        if (str_is(e->transition, "create")) e->transition = (Str){0};
        (*at)[(*n)++] = rows_int(r, 7);
    }
}

Err notice_settle(Ctx *c, int64_t before_us) {
    return db_run(c->db, NULL,
                  "UPDATE notice SET mailed = 1, read_at = CASE WHEN at < $1 AND waits = 0 THEN at "
                  "+ 3600000000 ELSE 0 END WHERE mailed = 0",
                  ARGS(db_int(before_us)));
}
