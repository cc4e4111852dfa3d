/* incident_taxonomy_query.c: the SQL of the maps to external taxonomies, and of losses by a code of
 * the bank as they stood on a day. Values are bound; the reader's scope is inside the losses.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident.h"
#include "modules/incident/incident_taxonomy.h"

Err taxonomy_query_versions(TaxonomyVersions *out, Ctx *c, int64_t taxonomy) {
    Rows *r;
    bool more;
    const Type *incident = model_need(c->model, "incident");
    *out = (TaxonomyVersions){0};
    if (!model_type(c->model, S("taxonomy_map"))) return OK;
    TRY(db_rows(&r, c->db, c->arena,
                "SELECT m.id, m.taxonomy, m.code, m.state, m.source_list, m.valid_from, "
                "m.valid_until, m.published_on FROM taxonomy_map m JOIN taxon t ON t.id = "
                "m.taxonomy WHERE m.state IN ('published', 'withdrawn') AND m.published_on IS NOT "
                "NULL AND (m.taxonomy = $1 OR $1 = 0) "
                "ORDER BY t.position, t.id, m.valid_from DESC, m.id DESC",
                ARGS(db_int(taxonomy))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        const Field *field = type_field(incident, rows_text(r, 4));
        if (!field) continue;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (TaxonomyVersion){.id = rows_int(r, 0),
                                                 .taxonomy = rows_int(r, 1),
                                                 .code = rows_copy(r, 2),
                                                 .state = rows_copy(r, 3),
                                                 .field = field,
                                                 .valid_from = rows_copy(r, 5),
                                                 .valid_until = rows_copy(r, 6),
                                                 .published_on = rows_copy(r, 7)};
    }
}

Err taxonomy_query_lines(TaxonomyVersion *v, Ctx *c) {
    Rows *r;
    bool more;
    TaxonomyLine *lines = NULL;
    size_t n = 0, cap = 0;
    TRY(db_rows(&r, c->db, c->arena,
                "SELECT source, target, share FROM taxonomy_map_line WHERE map = $1 AND state = "
                "'active' ORDER BY source, id",
                ARGS(db_int(v->id))));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) break;
        GROW(c->arena, lines, n, cap);
        lines[n++] = (TaxonomyLine){rows_int(r, 0), rows_int(r, 1), rows_int(r, 2)};
    }
    v->lines = lines;
    v->n_lines = n;
    return OK;
}

/* Rights are today's, on whatever day one looks. */
static Err add_scope(Sql *s, Ctx *c, Str as_of) {
    const Access *a;
    TRY(incident_query_scope(&a, c));
    if (!as_of.n || a->everything) {
        access_sql(s, a, "i");
        return OK;
    }
    sql_add(s, " AND i.id IN (SELECT n.id FROM incident n WHERE 1 = 1");
    access_sql(s, a, "n");
    sql_add(s, ")");
    return OK;
}

#define SUM_OF(column) "CAST(COALESCE(SUM(" column "), 0) AS BIGINT)"

Err taxonomy_query_parts(Parts *out, Ctx *c, const Field *by, Str from, Str to, Str as_of) {
    const Type *t = model_need(c->model, "incident");
    Rows *r;
    bool more;
    Sql s = sql_new(c->arena, c->db);
    *out = (Parts){0};
    sql_add(&s, "SELECT ");
    sql_name(&s, "i", by->name);
    sql_add(&s, ", COUNT(*), " SUM_OF("i.gross_group") ", " SUM_OF(
                    "i.recoveries_group") ", " SUM_OF("i.net_group") " FROM ");
    record_source(&s, c, t,
                  str_fmt(c->arena,
                          "id, unit, owner, created_by, restricted, state, event_kind, "
                          "discovered_on, gross_group, recoveries_group, net_group, %s",
                          by->name)
                      .p,
                  as_of);
    sql_add(&s, " i WHERE i.state NOT IN ('draft', 'cancelled') AND i.event_kind = 'loss' AND "
                "i.discovered_on >= ");
    sql_bind(&s, db_text(from));
    sql_add(&s, " AND i.discovered_on <= ");
    sql_bind(&s, db_text(to));
    TRY(add_scope(&s, c, as_of));
    sql_add(&s, " GROUP BY 1 ORDER BY 3 DESC, 2 DESC, 1");
    TRY(sql_rows(&r, &s, c->db, c->arena));
    for (;;) {
        TRY(rows_next(&more, r));
        if (!more) return OK;
        GROW(c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = (Part){.id = rows_int(r, 0),
                                      .count = rows_int(r, 1),
                                      .gross = rows_int(r, 2),
                                      .recoveries = rows_int(r, 3),
                                      .net = rows_int(r, 4)};
    }
}
