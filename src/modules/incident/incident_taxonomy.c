/* incident_taxonomy.c: the versions of maps in force on a day, and what an event is called in them:
 * a column, a filter, a card beside the record. Knows no SQL and no markup.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_taxonomy.h"

#include "base/clock.h"
#include "modules/incident/incident_pages.h"

/* ---- versions ---- */

Err taxonomy_load(TaxonomyVersion *v, Ctx *c) {
    const TreeItem *tree;
    size_t n;
    TRY(taxonomy_query_lines(v, c));
    TRY(ref_tree(&tree, &n, c, model_need(c->model, "taxon"), str_of(v->field->of)));
    TaxonomyPlace *places = NEW_N(c->arena, TaxonomyPlace, n ? n : 1);
    taxonomy_places(places, tree, n, v->lines, v->n_lines);
    v->places = places;
    v->n_places = n;
    return OK;
}

/* Of each taxonomy the first that has begun decides; the newest come first. */
static Err keep_in_force(TaxonomyVersions *kept, Ctx *c, const TaxonomyVersions *all, Str day) {
    int64_t decided = 0;
    for (size_t i = 0; i < all->n; i++) {
        const TaxonomyVersion *v = &all->items[i];
        bool counts = str_is(v->state, "published") && str_cmp(v->valid_from, day) <= 0;
        if (!counts || v->taxonomy == decided) continue;
        decided = v->taxonomy;
        if (v->valid_until.n && str_cmp(v->valid_until, day) < 0) continue;
        GROW(c->arena, kept->items, kept->n, kept->cap);
        kept->items[kept->n] = *v;
        TRY(taxonomy_load(&kept->items[kept->n], c));
        kept->n++;
    }
    return OK;
}

static void copy_version(TaxonomyVersion *out, Arena *memory, const TaxonomyVersion *v) {
    TaxonomyLine *lines = NEW_N(memory, TaxonomyLine, v->n_lines + 1);
    TaxonomyPlace *places = NEW_N(memory, TaxonomyPlace, v->n_places + 1);
    if (v->n_lines) memcpy(lines, v->lines, v->n_lines * sizeof *lines);
    if (v->n_places) memcpy(places, v->places, v->n_places * sizeof *places);
    *out = *v;
    out->lines = lines;
    out->places = places;
    out->code = str_copy(memory, v->code);
    out->state = str_copy(memory, v->state);
    out->valid_from = str_copy(memory, v->valid_from);
    out->valid_until = str_copy(memory, v->valid_until);
    out->published_on = str_copy(memory, v->published_on);
}

static Err make_in_force(const void **out, Ctx *c, Arena *memory, int64_t day) {
    TaxonomyVersions all, found = {0}, *kept = NEW(memory, TaxonomyVersions);
    TRY(taxonomy_query_versions(&all, c, 0));
    TRY(keep_in_force(&found, c, &all, date_text(c->arena, day)));
    kept->items = NEW_N(memory, TaxonomyVersion, found.n + 1);
    for (size_t i = 0; i < found.n; i++)
        copy_version(&kept->items[kept->n++], memory, &found.items[i]);
    *out = kept;
    return OK;
}

typedef struct Kept {
    const TaxonomyVersions *versions;
    Err err;
} Kept;

Err taxonomy_in_force(const TaxonomyVersions **out, Ctx *c) {
    static const char owner = 0;
    static const TaxonomyVersions none = {0};
    Arena *memory, *own = c->arena;
    int64_t days = 0;
    bool is_new;
    (void)date_parse(&days, c->as_of.n ? c->as_of : c->today);
    Kept *kept = ctx_memo(&is_new, &memory, c, &owner, days, "taxonomy_map taxonomy_map_line taxon",
                          sizeof *kept);
    if (is_new) {
        const void *made = &none;
        bool is_today = !c->as_of.n || str_eq(c->as_of, c->today);
        c->arena = memory;
        /* Any day may be asked for: only today's are kept for all. */
        kept->err = is_today ? ctx_kept(&made, c, make_in_force, days)
                             : make_in_force(&made, c, memory, days);
        c->arena = own;
        kept->versions = made;
    }
    *out = kept->versions;
    return kept->err;
}

Err taxonomy_versions_of(TaxonomyVersions *out, Ctx *c, int64_t taxonomy) {
    return taxonomy_query_versions(out, c, taxonomy);
}

const TaxonomyPlace *taxonomy_of(const TaxonomyVersion *v, int64_t node) {
    return node ? taxonomy_place(v->places, v->n_places, node) : NULL;
}

/* ---- of an event ---- */

static Err node_cell(Cell *out, Ctx *c, const TaxonomyLine *line, bool is_linked) {
    const Type *taxon = model_need(c->model, "taxon");
    RefName name;
    TRY(ref_name(&name, c, taxon, line->target));
    *out = cell_ref(name.key, name.title,
                    is_linked ? record_path_of(c->arena, taxon, name.key) : (Str){0});
    if (line->share < TAXONOMY_WHOLE) out->note = report_share(c, line->share);
    return OK;
}

typedef struct Cells {
    Cell *items;
    size_t n, cap;
    bool are_linked;
} Cells;

static Err add_codes(Cells *out, Ctx *c, const TaxonomyVersion *v, const Record *r) {
    const TaxonomyPlace *at = taxonomy_of(v, r->values[v->field->index].i);
    for (size_t i = 0; at && i < at->n; i++) {
        GROW(c->arena, out->items, out->n, out->cap);
        TRY(node_cell(&out->items[out->n], c, &v->lines[at->first + i], out->are_linked));
        out->n++;
    }
    return OK;
}

static Cell cell_of(const Cells *cells) {
    return cells->n ? (Cell){.kind = CELL_LIST, .more = cells->items, .n_more = cells->n}
                    : (Cell){0};
}

/* An event that has no code of the bank yet has none elsewhere: no map is read for it. */
static bool has_code(const Record *r) {
    static const char *const mapped[] = {"event_type", "risk_category"};
    for (size_t i = 0; i < LENGTH(mapped); i++) {
        const Field *f = type_field(r->type, str_of(mapped[i]));
        if (f && r->values[f->index].i) return true;
    }
    return false;
}

static Err read_codes(Ctx *c, const Record *r, Cell *out) {
    const TaxonomyVersions *all;
    Cells cells = {0};
    *out = (Cell){0};
    if (!has_code(r)) return OK;
    TRY(taxonomy_in_force(&all, c));
    for (size_t i = 0; i < all->n; i++) TRY(add_codes(&cells, c, &all->items[i], r));
    *out = cell_of(&cells);
    return OK;
}

static bool leads_to(const TaxonomyVersion *v, const TaxonomyPlace *at, const int64_t *nodes,
                     size_t n) {
    for (size_t i = 0; i < at->n; i++)
        for (size_t k = 0; k < n; k++)
            if (v->lines[at->first + i].target == nodes[k]) return true;
    return false;
}

static Err codes_found(const int64_t **ids, size_t *n, Ctx *c, const Field *field,
                       const int64_t *nodes, size_t n_nodes) {
    const TaxonomyVersions *all;
    int64_t *list = NULL;
    size_t cap = 0;
    *n = 0;
    TRY(taxonomy_in_force(&all, c));
    for (size_t i = 0; i < all->n; i++) {
        const TaxonomyVersion *v = &all->items[i];
        for (size_t k = 0; v->field == field && k < v->n_places; k++) {
            if (!leads_to(v, &v->places[k], nodes, n_nodes)) continue;
            GROW(c->arena, list, *n, cap);
            list[(*n)++] = v->places[k].node;
        }
    }
    *ids = list;
    return OK;
}

/* clang-format off */
const ReadingDef incident_readings[] = {
    {.type = "incident", .name = "external_codes", .label = N_("External codes"), .fields = "event_type risk_category", .of = "external",
     .explain = "Entries of external taxonomies, by the versions of the maps in force today, or on as_of; not stored.",
     .read = read_codes, .found = codes_found},
    {0}};
/* clang-format on */

/* ---- beside the record ---- */

/* A taxonomy whose source the event does not have yet says nothing. */
static Err taxonomy_fact(Fact *out, bool *is_there, Ctx *c, const TaxonomyVersion *v,
                         const Record *r) {
    RefName name;
    Cells cells = {.are_linked = true};
    *is_there = r->values[v->field->index].i != 0;
    if (!*is_there) return OK;
    TRY(ref_name(&name, c, model_need(c->model, "taxon"), v->taxonomy));
    TRY(add_codes(&cells, c, v, r));
    *out = (Fact){.name = "external", .label = name.title, .cell = cell_of(&cells)};
    if (!cells.n) out->cell = cell_label(S("unmapped"), TRS(c, N_("Not mapped")));
    return OK;
}

Err taxonomy_panel(Ctx *c, const Record *r, Block **out) {
    const TaxonomyVersions *all;
    FieldSet hidden;
    size_t n = 0;
    TRY(access_hidden(&hidden, c, r->type, r));
    TRY(taxonomy_in_force(&all, c));
    Fact *facts = NEW_N(c->arena, Fact, all->n + 1);
    Text codes = text_new(c->arena, 2000);
    for (size_t i = 0; i < all->n; i++) {
        bool is_there = false;
        const TaxonomyVersion *v = &all->items[i];
        if (fieldset_has(hidden, v->field->index)) continue;
        TRY(taxonomy_fact(&facts[n], &is_there, c, v, r));
        if (!is_there) continue;
        n++;
        if (codes.n) text_addz(&codes, TR(c, ", "));
        text_add(&codes, v->code);
    }
    if (!n) return OK;
    Block *block = view_block(c->arena, BLOCK_FACTS);
    block->facts = (FactsView){.facts = facts, .n = n};
    *out = view_layout(c->arena, LAYOUT_CARD, TRS(c, N_("External taxonomies")));
    (*out)->id = "external";
    (*out)->layout.text = INCIDENT_FILL(c, TR(c, N_("Version of the map: {0}")), text_str(&codes));
    view_put(c->arena, *out, block);
    return OK;
}
