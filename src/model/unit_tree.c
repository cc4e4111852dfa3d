/* unit_tree.c: who reports to whom, on which day. unit_parent keeps each dated link; unit_under is
 * the closure, rebuilt whole by a move (a bank has some hundreds of units).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/cache.h"
#include "model/core_rules.h"

#include <stdlib.h>

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
    TRY(db_few(&r, c->db, c->arena,
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

static void under_put(Links *out, Ctx *c, int64_t ancestor, int64_t unit, Str from, Str until) {
    for (size_t i = out->n; i-- > 0 && out->items[i].unit == unit;)
        if (out->items[i].parent == ancestor && str_eq(out->items[i].from, from)) return;
    GROW(c->arena, out->items, out->n, out->cap);
    out->items[out->n++] = (Link){unit, ancestor, from, until};
}

/* Walks up from one unit; each step narrows the interval to the days when the whole way was valid.
 */
static void climb(Links *out, Ctx *c, const Links *links, int64_t unit) {
    Links todo = {0};
    under_put(out, c, unit, unit, S(DAY_FIRST), S(DAY_LAST));
    GROW(c->arena, todo.items, todo.n, todo.cap);
    todo.items[todo.n++] = (Link){unit, 0, S(DAY_FIRST), S(DAY_LAST)};
    for (size_t done = 0; done < todo.n && done < 10000; done++) {
        Link at = todo.items[done];
        for (size_t i = 0; i < links->n; i++) {
            if (links->items[i].unit != at.unit || !links->items[i].parent) continue;
            Str from = later(links->items[i].from, at.from),
                until = earlier(links->items[i].until, at.until);
            if (str_cmp(from, until) >= 0) continue;
            under_put(out, c, links->items[i].parent, unit, from, until);
            GROW(c->arena, todo.items, todo.n, todo.cap);
            todo.items[todo.n++] = (Link){links->items[i].parent, 0, from, until};
        }
    }
}

/* Everybody above (parent) each unit, with the days. */
static Err closure(Links *out, Ctx *c, const Links *links) {
    Rows *r;
    bool more;
    int64_t *units = NULL;
    size_t n = 0, cap = 0;
    TRY(db_few(&r, c->db, c->arena, "SELECT id FROM unit ORDER BY id", NO_ARGS));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) break;
        GROW(c->arena, units, n, cap);
        units[n++] = rows_int(r, 0);
    }
    for (size_t i = 0; i < n; i++) climb(out, c, links, units[i]);
    return OK;
}

Err unit_tree_rebuild(Ctx *c) {
    static const char *const columns[] = {"ancestor", "unit", "from_day", "until_day"};
    Links links = {0}, under = {0};
    TRY(links_read(&links, c));
    TRY(closure(&under, c, &links));
    DbValue *values = NEW_N(c->arena, DbValue, under.n * LENGTH(columns) + 1), *at = values;
    for (size_t i = 0; i < under.n; i++) {
        *at++ = db_int(under.items[i].parent);
        *at++ = db_int(under.items[i].unit);
        *at++ = db_text(under.items[i].from);
        *at++ = db_text(under.items[i].until);
    }
    TRY(db_run(c->db, NULL, "DELETE FROM unit_under", NO_ARGS));
    TRY(db_insert_many(c->db, "unit_under", columns, LENGTH(columns), values, under.n));
    cache_of(c)->units = NULL;
    return OK;
}

/* ---- is it still what it must be ---- */

static int link_cmp(const void *x, const void *y) {
    const Link *a = x, *b = y;
    if (a->unit != b->unit) return a->unit < b->unit ? -1 : 1;
    if (a->parent != b->parent) return a->parent < b->parent ? -1 : 1;
    return str_cmp(a->from, b->from);
}

static bool is_same_link(const Link *a, const Link *b) {
    return link_cmp(a, b) == 0 && str_eq(a->until, b->until);
}

Err unit_tree_check(int64_t *unit, Ctx *c) {
    Links links = {0}, under = {0};
    Rows *r;
    bool more;
    *unit = 0;
    TRY(links_read(&links, c));
    TRY(closure(&under, c, &links));
    if (under.n) qsort(under.items, under.n, sizeof *under.items, link_cmp);
    TRY(db_rows(&r, c->db, c->arena,
                "SELECT unit, ancestor, from_day, until_day FROM unit_under"
                " ORDER BY unit, ancestor, from_day",
                NO_ARGS));
    for (size_t i = 0;; i++) {
        TRY(rows_next(&more, r));
        if (!more && i == under.n) return OK;
        Link stored = {0};
        if (more) stored = (Link){rows_int(r, 0), rows_int(r, 1), rows_text(r, 2), rows_text(r, 3)};
        if (more && i < under.n && is_same_link(&stored, &under.items[i])) continue;
        *unit = i < under.n ? under.items[i].unit : stored.unit;
        if (more && stored.unit < *unit) *unit = stored.unit;
        rows_close(r);
        return OK;
    }
}

/* Links follow each other without a gap, and the last is the unit's parent; their days and parents
 * are those that the unit had at some time. */
Err unit_links_check(int64_t *unit, Ctx *c) {
    static const char *const bad[] = {
        "SELECT MIN(u.id) FROM unit u LEFT JOIN unit_parent p ON p.unit = u.id AND p.until_day = '" DAY_LAST
        "' WHERE p.unit IS NULL OR COALESCE(p.parent, 0) <> COALESCE(u.parent, 0)",
        "SELECT MIN(p.unit) FROM unit_parent p WHERE p.from_day <> '" DAY_FIRST
        "' AND NOT EXISTS (SELECT 1 FROM unit u WHERE u.id = p.unit AND u.parent_since = p.from_day)"
        " AND NOT EXISTS (SELECT 1 FROM unit_past u WHERE u.id = p.unit AND u.parent_since = p.from_day)",
        "SELECT MIN(p.unit) FROM unit_parent p WHERE p.parent IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM unit u WHERE u.id = p.unit AND u.parent = p.parent)"
        " AND NOT EXISTS (SELECT 1 FROM unit_past u WHERE u.id = p.unit AND u.parent = p.parent)"};
    Links links = {0};
    bool found = false;
    TRY(links_read(&links, c));
    for (size_t i = 0; i < links.n; i++) {
        const Link *one = &links.items[i], *next = i + 1 < links.n ? one + 1 : NULL;
        bool is_last = !next || next->unit != one->unit;
        *unit = one->unit;
        if (!str_eq(one->until, is_last ? S(DAY_LAST) : next->from)) return OK;
    }
    for (size_t i = 0; !found && i < LENGTH(bad); i++)
        TRY(db_get_int(unit, &found, c->db, bad[i], NO_ARGS));
    if (!found) *unit = 0;
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

/* Of a unit that works for several lines the one with the largest share stands for it, unless
 * another is named. */
static void main_line(Record *r) {
    enum { LINE, SHARE };
    Value parts = record_get(r, "business_lines");
    int64_t most = 0;
    if (record_int(r, "business_line")) return;
    for (size_t i = 0; i < parts.n; i++) {
        const Value *cells = parts.list[i].list;
        if (cells[SHARE].i <= most || !cells[LINE].i) continue;
        most = cells[SHARE].i;
        record_set(r, "business_line", value_int(cells[LINE].i));
    }
}

static void check_lines(Ctx *c, const Record *r) {
    enum { LINE, SHARE, WHOLE = 10000 };
    Value parts = record_get(r, "business_lines");
    int64_t sum = 0;
    bool is_named = !parts.n;
    for (size_t i = 0; i < parts.n; i++) {
        const Value *cells = parts.list[i].list;
        sum += cells[SHARE].i;
        is_named |= cells[LINE].i == record_int(r, "business_line");
        for (size_t j = 0; j < i; j++)
            if (cells[LINE].i && parts.list[j].list[LINE].i == cells[LINE].i)
                issue(c, "business_lines", "twice",
                      N_("The same business line stands there twice: add its shares up."));
    }
    if (parts.n && sum != WHOLE)
        issue(c, "business_lines", "sum_100", N_("The shares must add up to 100 %."));
    if (!is_named)
        issue(c, "business_line", "not_split",
              N_("It is none of the lines over which the unit is split."));
}

Err core_unit_compute(Ctx *c, const Saving *s) {
    bool moved = s->before && record_int(s->before, "parent") != record_int(s->after, "parent");
    bool same_day = moved && str_eq(record_text(s->before, "parent_since"),
                                    record_text(s->after, "parent_since"));
    if (moved && same_day) record_set(s->after, "parent_since", value_text(c->today));
    main_line(s->after);
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
    check_lines(c, s->after);
    return core_tree_validate(c, s);
}
