/* organisation_map_query.c: the SQL of the maps to external taxonomies. Values are bound; no
 * rights: for rules. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/organisation/organisation.h"

Err organisation_query_map_lines(MapLines *out, Ctx *c, int64_t map) {
    Rows *r;
    bool more;
    *out = (MapLines){0};
    TRY(db_rows(&r, c->db, c->arena,
                "SELECT l.id, l.source, l.target, l.share, s.code, "
                "s.kind, t.code, t.state FROM taxonomy_map_line l JOIN taxon s ON s.id = l.source "
                "JOIN taxon t ON t.id = l.target WHERE l.map = $1 AND l.state = 'active' "
                "ORDER BY l.source, l.id",
                ARGS(db_int(map))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (MapLine){.id = rows_int(r, 0),
                                         .source = rows_int(r, 1),
                                         .target = rows_int(r, 2),
                                         .share = rows_int(r, 3),
                                         .source_code = rows_copy(r, 4),
                                         .source_kind = rows_copy(r, 5),
                                         .target_code = rows_copy(r, 6),
                                         .is_target_retired = str_is(rows_text(r, 7), "retired")};
    }
}

Err organisation_query_map_share(int64_t *share, int64_t *same, Ctx *c, int64_t map, int64_t source,
                                 int64_t target, int64_t but) {
    Rows *r;
    bool found;
    *share = *same = 0;
    TRY(db_rows(&r, c->db, c->arena,
                "SELECT CAST(COALESCE(SUM(share), 0) AS BIGINT), "
                "CAST(COALESCE(SUM(CASE WHEN target = $3 THEN 1 ELSE 0 END), 0) AS BIGINT) "
                "FROM taxonomy_map_line WHERE map = $1 AND source = $2 AND state = 'active' "
                "AND id <> $4",
                ARGS(db_int(map), db_int(source), db_int(target), db_int(but))));
    TRY(rows_next(&found, r));
    if (!found) return OK;
    *share = rows_int(r, 0);
    *same = rows_int(r, 1);
    rows_close(r);
    return OK;
}

Err organisation_query_map_beside(int64_t *out, Ctx *c, int64_t map, int64_t taxonomy,
                                  Str valid_from) {
    bool found;
    *out = 0;
    return db_get_int(out, &found, c->db,
                      "SELECT COALESCE(MIN(id), 0) FROM taxonomy_map WHERE taxonomy = $1 AND "
                      "valid_from = $2 AND state = 'published' AND id <> $3",
                      ARGS(db_int(taxonomy), db_text(valid_from), db_int(map)));
}
