/* unit_tree.c: who reports to whom, on which day. unit_parent keeps each dated link; unit_under is
 * the closure, rebuilt whole by a move (a bank has some hundreds of units).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/cache.h"
#include "model/core_rules.h"

#define DAY_FIRST "0001-01-01"
#define DAY_LAST "9999-12-31"

/* clang-format off */
static const DbColumn parent_columns[] = {
    {.name = "unit", .type = DB_INT, .references = "unit"}, {.name = "from_day", .type = DB_TEXT},
    {.name = "until_day", .type = DB_TEXT}, {.name = "parent", .type = DB_INT, .references = "unit"}};
static const DbColumn under_columns[] = {
    {.name = "ancestor", .type = DB_INT}, {.name = "unit", .type = DB_INT},
    {.name = "from_day", .type = DB_TEXT}, {.name = "until_day", .type = DB_TEXT}};
static const DbIndex under_indexes[] = {{.name = "unit_under_unit", .columns = "unit, ancestor"}};
const DbTable unit_tree_tables[] = {
    {.name = "unit_parent", .columns = parent_columns, .n_columns = LENGTH(parent_columns), .key = "unit, from_day"},
    {.name = "unit_under", .columns = under_columns, .n_columns = LENGTH(under_columns), .key = "ancestor, unit, from_day",
     .indexes = under_indexes, .n_indexes = LENGTH(under_indexes)}};
const size_t unit_tree_n_tables = LENGTH(unit_tree_tables);
/* clang-format on */

typedef struct Link {
    int64_t unit, parent;
    Str from, until;
} Link;
typedef struct Links {
    Link *items;
    size_t n, cap;
} Links;

static Err links_read(Links *out, Ctx *c) {
    Rows *r;
    bool more;
    TRY(db_rows(&r, c->db, c->arena,
                "SELECT unit, parent, from_day, until_day FROM unit_parent ORDER BY unit, from_day",
                NO_ARGS));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] =
            (Link){rows_int(r, 0), rows_int(r, 1), rows_copy(r, 2), rows_copy(r, 3)};
    }
}

static Str later(Str a, Str b) {
    return str_cmp(a, b) >= 0 ? a : b;
}

static Str earlier(Str a, Str b) {
    return str_cmp(a, b) <= 0 ? a : b;
}

static Err under_put(Ctx *c, int64_t ancestor, int64_t unit, Str from, Str until) {
    return db_run(
        c->db, NULL,
        "INSERT INTO unit_under (ancestor, unit, from_day, until_day) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (ancestor, unit, from_day) DO NOTHING",
        ARGS(db_int(ancestor), db_int(unit), db_text(from), db_text(until)));
}

/* Walks up from one unit; each step narrows the interval to the days when the whole way was valid.
 */
static Err climb(Ctx *c, const Links *links, int64_t unit) {
    Links todo = {0};
    TRY(under_put(c, unit, unit, S(DAY_FIRST), S(DAY_LAST)));
    GROW(c->arena, todo.items, todo.n, todo.cap);
    todo.items[todo.n++] = (Link){unit, 0, S(DAY_FIRST), S(DAY_LAST)};
    for (size_t done = 0; done < todo.n && done < 10000; done++) {
        Link at = todo.items[done];
        for (size_t i = 0; i < links->n; i++) {
            if (links->items[i].unit != at.unit || !links->items[i].parent) continue;
            Str from = later(links->items[i].from, at.from),
                until = earlier(links->items[i].until, at.until);
            if (str_cmp(from, until) >= 0) continue;
            TRY(under_put(c, links->items[i].parent, unit, from, until));
            GROW(c->arena, todo.items, todo.n, todo.cap);
            todo.items[todo.n++] = (Link){links->items[i].parent, 0, from, until};
        }
    }
    return OK;
}

Err unit_tree_rebuild(Ctx *c) {
    Links links = {0};
    Rows *r;
    bool more;
    int64_t *units = NULL;
    size_t n = 0, cap = 0;
    TRY(links_read(&links, c));
    TRY(db_rows(&r, c->db, c->arena, "SELECT id FROM unit ORDER BY id", NO_ARGS));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) break;
        GROW(c->arena, units, n, cap);
        units[n++] = rows_int(r, 0);
    }
    TRY(db_run(c->db, NULL, "DELETE FROM unit_under", NO_ARGS));
    for (size_t i = 0; i < n; i++) TRY(climb(c, &links, units[i]));
    cache_of(c)->units = NULL;
    return OK;
}

/* A first link holds since ever; a move ends the old link on the day the new one begins. */
static Err link_write(Ctx *c, const Record *unit, bool is_first) {
    Str since = is_first ? S(DAY_FIRST) : record_text(unit, "parent_since");
    int64_t parent = record_int(unit, "parent");
    if (since.n != 10) since = c->today;
    TRY(db_run(c->db, NULL, "DELETE FROM unit_parent WHERE unit = $1 AND from_day >= $2",
               ARGS(db_int(unit->id), db_text(since))));
    TRY(db_run(c->db, NULL,
               "UPDATE unit_parent SET until_day = $2 WHERE unit = $1 AND until_day > $2",
               ARGS(db_int(unit->id), db_text(since))));
    return db_run(
        c->db, NULL,
        "INSERT INTO unit_parent (unit, from_day, until_day, parent) VALUES ($1, $2, $3, $4)",
        ARGS(db_int(unit->id), db_text(since), db_textz(DAY_LAST),
             parent ? db_int(parent) : db_null()));
}

Err core_unit_after_save(Ctx *c, const Saving *s) {
    bool moved = !s->before || record_int(s->before, "parent") != record_int(s->after, "parent");
    if (!moved) return OK;
    TRY(link_write(c, s->after, !s->before));
    return unit_tree_rebuild(c);
}

Err core_unit_remove(Ctx *c, const Record *r, bool is_gone) {
    if (is_gone) return unit_tree_rebuild(c);
    return db_run(c->db, NULL, "DELETE FROM unit_parent WHERE unit = $1", ARGS(db_int(r->id)));
}

Err core_unit_compute(Ctx *c, const Saving *s) {
    bool moved = s->before && record_int(s->before, "parent") != record_int(s->after, "parent");
    bool same_day = moved && str_eq(record_text(s->before, "parent_since"),
                                    record_text(s->after, "parent_since"));
    if (moved && same_day) record_set(s->after, "parent_since", value_text(c->today));
    return OK;
}

static Err climbs_to(bool *out, Ctx *c, const Type *t, int64_t from, int64_t to) {
    int64_t at = from;
    bool found = true;
    *out = false;
    for (int guard = 0; at && found && guard < 64; guard++) {
        Record *r;
        if (at == to) {
            *out = true;
            return OK;
        }
        Err e = record_load_raw(&r, c, t, at);
        if (e == ERR_MISSING) return OK;
        TRY(e);
        at = record_int(r, "parent");
    }
    *out = *out || at != 0; /* too deep is as bad as a circle */
    return OK;
}

Err core_tree_validate(Ctx *c, const Saving *s) {
    int64_t parent = record_int(s->after, "parent");
    bool circle = false;
    if (!parent) return OK;
    if (s->after->id) TRY(climbs_to(&circle, c, s->after->type, parent, s->after->id));
    if (circle) return issue(c, "parent", "circle", N_("It would stand under itself."));
    return OK;
}

Err core_unit_validate(Ctx *c, const Saving *s) {
    Str from = record_text(s->after, "valid_from"), until = record_text(s->after, "valid_until");
    if (from.n && until.n && str_cmp(from, until) > 0)
        issue(c, "valid_until", "order", N_("It ends before it begins."));
    return core_tree_validate(c, s);
}
