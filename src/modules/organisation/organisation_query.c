/* organisation_query.c: the SQL of the module: the tree of units as it was on a day. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/organisation/organisation.h"

/* The dated closure gives the parent of the day: the nearest ancestor, which itself has one ancestor less. */
static const char units_sql[] =
    "SELECT u.id, u.code, u.name_fr, u.name_en, u.name_ar, u.kind, h.name, h.name_ar, "
    "(SELECT COUNT(*) FROM \"user\" p WHERE p.home_unit = u.id AND p.state = 'active'), "
    "(SELECT COUNT(*) FROM unit_under d WHERE d.unit = u.id AND d.from_day <= $1 AND d.until_day > $1), "
    "(SELECT MAX(a.ancestor) FROM unit_under a WHERE a.unit = u.id AND a.ancestor <> u.id AND a.from_day <= $1 AND a.until_day > $1 "
    " AND (SELECT COUNT(*) FROM unit_under b WHERE b.unit = a.ancestor AND b.from_day <= $1 AND b.until_day > $1) = "
    " (SELECT COUNT(*) FROM unit_under d2 WHERE d2.unit = u.id AND d2.from_day <= $1 AND d2.until_day > $1) - 1) "
    "FROM unit u LEFT JOIN \"user\" h ON h.id = u.head "
    "WHERE u.state = 'active' AND (u.valid_from IS NULL OR u.valid_from <= $1) AND (u.valid_until IS NULL OR u.valid_until >= $1) "
    "ORDER BY u.code";

static Str first_of(Str a, Str b) {
    return a.n ? a : b;
}

static void put_below(OrgUnits *out, Ctx *c, const OrgUnits *all, int64_t parent, int depth) {
    if (depth > 20) return;
    for (size_t i = 0; i < all->n; i++) {
        if (all->items[i].parent != parent) continue;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n] = all->items[i];
        out->items[out->n++].depth = depth;
        put_below(out, c, all, all->items[i].id, depth + 1);
    }
}

Err organisation_query_units(OrgUnits *out, Ctx *c, Str day) {
    OrgUnits all = {0};
    Rows *r;
    bool more;
    TRY(db_rows(&r, c->db, c->arena, units_sql, ARGS(db_text(day))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) break;
        GROW(c->arena, all.items, all.n, all.cap);
        OrgUnit *u = &all.items[all.n++];
        *u = (OrgUnit){.id = rows_int(r, 0), .code = rows_copy(r, 1), .kind = rows_copy(r, 5), .people = rows_int(r, 8), .parent = rows_int(r, 10)};
        Str fr = rows_copy(r, 2), own = c->lang == LANG_EN ? rows_copy(r, 3) : c->lang == LANG_AR ? rows_copy(r, 4) : fr;
        u->name = first_of(own, fr);
        u->head = first_of(c->lang == LANG_AR ? rows_copy(r, 7) : (Str){0}, rows_copy(r, 6));
    }
    *out = (OrgUnits){0};
    put_below(out, c, &all, 0, 0);
    return OK;
}
