/* organisation_query.c: the SQL of the module: the tree of units as it was on a day.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/organisation/organisation.h"

#include "base/clock.h"

/* $1: the day, $2: the end of the day. Names and heads come from the version recorded then, or from
 * the oldest known state when the unit was entered later. */
static const char units_sql[] =
    "SELECT u.id, p.parent, u.code, "
    "CASE WHEN q.id IS NULL THEN u.name_fr ELSE q.name_fr END, "
    "CASE WHEN q.id IS NULL THEN u.name_en ELSE q.name_en END, "
    "CASE WHEN q.id IS NULL THEN u.name_ar ELSE q.name_ar END, "
    "u.kind, e.code, "
    "CASE WHEN q.id IS NULL THEN u.head ELSE q.head END, "
    "CASE WHEN q.id IS NULL THEN u.correspondent ELSE q.correspondent END, "
    "(SELECT COUNT(*) FROM \"user\" m WHERE m.home_unit = u.id AND m.state = 'active'), u.state "
    "FROM unit u JOIN unit_parent p ON p.unit = u.id AND p.from_day <= $1 AND p.until_day > $1 "
    "LEFT JOIN entity e ON e.id = u.entity "
    "LEFT JOIN unit_past q ON q.id = u.id AND q.recorded_from <= $2 AND q.recorded_until > $2 "
    "WHERE (u.valid_from IS NULL OR u.valid_from <= $1) "
    "AND (u.valid_until IS NULL OR u.valid_until >= $1) ORDER BY u.id";

static Str name_of(const Ctx *c, const Rows *r) {
    static const size_t column[LANG_COUNT] = {[LANG_FR] = 3, [LANG_EN] = 4, [LANG_AR] = 5};
    Str own = rows_copy(r, column[c->lang]);
    return own.n ? own : rows_copy(r, 3);
}

static Err read_units(OrgUnits *out, Ctx *c, Str day, int64_t end) {
    Rows *r;
    bool more;
    *out = (OrgUnits){0};
    TRY(db_rows(&r, c->db, c->arena, units_sql, ARGS(db_text(day), db_int(end))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (OrgUnit){.id = rows_int(r, 0),
                                         .parent = rows_int(r, 1),
                                         .code = rows_copy(r, 2),
                                         .name = name_of(c, r),
                                         .kind = rows_copy(r, 6),
                                         .entity = rows_copy(r, 7),
                                         .head = rows_int(r, 8),
                                         .correspondent = rows_int(r, 9),
                                         .people = rows_int(r, 10),
                                         .is_retired = str_is(rows_text(r, 11), "retired")};
    }
}

static size_t index_of(const OrgUnits *units, int64_t id) {
    size_t low = 0, high = units->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (units->items[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < units->n && units->items[low].id == id ? low : units->n;
}

/* Depth first with an explicit stack; a unit whose parent is not there that day stands at the top.
 */
static void in_order(OrgUnits *out, Ctx *c, const OrgUnits *all) {
    size_t n = all->n, top = 0;
    size_t *first = NEW_N(c->arena, size_t, n + 1), *next = NEW_N(c->arena, size_t, n + 1);
    size_t *stack = NEW_N(c->arena, size_t, n + 1);
    int *depth = NEW_N(c->arena, int, n + 1);
    *out = (OrgUnits){.items = NEW_N(c->arena, OrgUnit, n + 1), .cap = n + 1};
    for (size_t i = 0; i <= n; i++) first[i] = next[i] = n;
    for (size_t i = n; i-- > 0;) {
        size_t parent = all->items[i].parent ? index_of(all, all->items[i].parent) : n;
        next[i] = first[parent]; /* first[n]: the units at the top */
        first[parent] = i;
    }
    if (first[n] != n) stack[top++] = first[n];
    while (top) {
        size_t at = stack[--top];
        if (next[at] != n) {
            depth[next[at]] = depth[at];
            stack[top++] = next[at];
        }
        if (first[at] != n) {
            depth[first[at]] = depth[at] + 1;
            stack[top++] = first[at];
        }
        out->items[out->n] = all->items[at];
        out->items[out->n++].depth = depth[at];
    }
}

Err organisation_query_units(OrgUnits *out, Ctx *c, Str day) {
    OrgUnits all;
    int64_t days;
    if (!date_parse(&days, day)) return ERR_INVALID;
    TRY(read_units(&all, c, day, ctx_ends(c, day) - 1));
    in_order(out, c, &all);
    return OK;
}
