/* incident_taxonomy_report.c: losses in any taxonomy: the bank's own lists or one of others by a
 * version of its map. Sums are shared out without losing a cent, what is not mapped has a line of
 * its own, so that the total is the same in every taxonomy. Knows no SQL and no markup.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_pages.h"
#include "modules/incident/incident_taxonomy.h"

#include <math.h>

enum { LEVEL_DETAIL = 0, MOST_OWN = 2, MOST_CODES = 100 };

/* clang-format off */
static const char *const own_lists[MOST_OWN] = {"event_type", "risk_category"};
static const Choice levels[] = {{"1", N_("Top level"), 0}, {"2", N_("Second level"), 0}, {"detail", N_("In detail"), 0}, {0}};
/* clang-format on */

typedef struct Sums {
    int64_t count, gross, recoveries, net;
} Sums;

/* A line of the table: an entry, or (node NULL) what has no entry. */
typedef struct Line {
    const TreeItem *node;
    Sums sums;
    const Part **sources; /* what of the bank's codes is in it */
    size_t n, cap;
    bool is_rolled; /* entries below it are in it */
} Line;

typedef struct Report {
    Ctx *c;
    Period period;
    Str as_of, currency, taxonomy, version_typed;
    int level;
    Str level_key;
    const Field *field;     /* of the incident, that is read */
    TaxonomyVersion *v;     /* NULL: the bank's own list, or no version is in force */
    bool is_own, is_forced; /* is_forced: a version was chosen, not that of the day */
    TaxonomyVersions versions;
    const TreeItem *tree, *own; /* of the taxonomy; of the bank's list */
    size_t n_tree, n_own;
    Parts parts;
    Line *lines; /* one a node of `tree` */
    Line unmapped, unclassified;
    Sums all;
} Report;

/* ---- what is asked ---- */

static const Field *own_field(Ctx *c, Str name) {
    for (size_t i = 0; i < MOST_OWN; i++)
        if (str_is(name, own_lists[i])) return type_field(model_need(c->model, "incident"), name);
    return NULL;
}

static const TreeItem *item_of(const TreeItem *tree, size_t n, int64_t id) {
    for (size_t i = 0; i < n; i++)
        if (tree[i].id == id) return &tree[i];
    return NULL;
}

static Err external_tree(const TreeItem **out, size_t *n, Ctx *c) {
    return ref_tree(out, n, c, model_need(c->model, "taxon"), S("external"));
}

/* Without a choice: the first external taxonomy with a version in force, else event types. */
static Err default_taxonomy(Str *out, Ctx *c) {
    const TaxonomyVersions *all;
    RefName name;
    *out = str_of(own_lists[0]);
    TRY(taxonomy_in_force(&all, c));
    if (!all->n) return OK;
    TRY(ref_name(&name, c, model_need(c->model, "taxon"), all->items[0].taxonomy));
    *out = name.key;
    return OK;
}

static Err choose_version(Report *x, int64_t taxonomy) {
    Ctx *c = x->c;
    const TaxonomyVersions *all;
    TRY(taxonomy_versions_of(&x->versions, c, taxonomy));
    for (size_t i = 0; x->version_typed.n && i < x->versions.n; i++)
        if (str_eq(x->versions.items[i].code, x->version_typed)) x->v = &x->versions.items[i];
    if (x->version_typed.n && !x->v)
        return issue(c, "version", "bad_value", N_("This taxonomy has no such published version."));
    x->is_forced = x->v != NULL;
    if (x->v) return taxonomy_load(x->v, c);
    TRY(taxonomy_in_force(&all, c));
    for (size_t i = 0; i < all->n; i++)
        if (all->items[i].taxonomy == taxonomy) x->v = &all->items[i];
    return OK;
}

static Err read_taxonomy(Report *x, const Input *query) {
    Ctx *c = x->c;
    x->taxonomy = str_trim(input_getz(query, "taxonomy"));
    x->version_typed = str_trim(input_getz(query, "version"));
    if (!x->taxonomy.n) TRY(default_taxonomy(&x->taxonomy, c));
    x->field = own_field(c, x->taxonomy);
    x->is_own = x->field != NULL;
    if (x->is_own && x->version_typed.n)
        return issue(c, "version", "bad_value", N_("This taxonomy has no such published version."));
    if (x->is_own)
        return ref_tree(&x->tree, &x->n_tree, c, model_need(c->model, "taxon"), x->taxonomy);
    TRY(external_tree(&x->tree, &x->n_tree, c));
    for (size_t i = 0; i < x->n_tree; i++)
        if (!x->tree[i].depth && str_eq(x->tree[i].key, x->taxonomy)) {
            TRY(choose_version(x, x->tree[i].id));
            x->field = x->v ? x->v->field : own_field(c, str_of(own_lists[0]));
            return x->field ? OK : ERR_MISSING;
        }
    return issue(c, "taxonomy", "bad_value", N_("There is no such taxonomy."));
}

static Err read_level(Report *x, const Input *query) {
    Str typed = str_trim(input_getz(query, "level"));
    const Choice *one = levels;
    while (typed.n && one->key && !str_is(typed, one->key)) one++;
    if (!one->key) return issue(x->c, "level", "bad_value", N_("This is none of the choices."));
    x->level_key = str_of(one->key);
    x->level = one == &levels[0] ? 1 : one == &levels[1] ? 2 : LEVEL_DETAIL;
    return OK;
}

static Err report_read(Report *x, Ctx *c, const Input *query) {
    *x = (Report){.c = c};
    TRY(incident_kit_period(&x->period, c, query, "rolling_12"));
    TRY(incident_kit_as_of(&x->as_of, c, query));
    c->as_of = x->as_of;
    TRY(read_taxonomy(x, query));
    TRY(read_level(x, query));
    TRY(incident_group_currency(&x->currency, c));
    return ref_tree(&x->own, &x->n_own, c, model_need(c->model, "taxon"), str_of(x->field->of));
}

/* ---- sharing out ---- */

static Err add(Sums *to, const Sums *s) {
    bool bad = add_overflows(to->count, s->count, &to->count) ||
               add_overflows(to->gross, s->gross, &to->gross) ||
               add_overflows(to->recoveries, s->recoveries, &to->recoveries) ||
               add_overflows(to->net, s->net, &to->net);
    return bad ? ERR_INTERNAL : OK;
}

/* An event counts once in a line, however many of its entries are in it. */
static Err put(Line *line, Ctx *c, const Part *source, Sums s) {
    if (line->n && line->sources[line->n - 1] == source) {
        s.count = 0;
    } else {
        GROW(c->arena, line->sources, line->n, line->cap);
        line->sources[line->n++] = source;
    }
    return add(&line->sums, &s);
}

/* The top of an external tree is its name: levels are counted below it. */
static int depth_of(const Report *x, const TreeItem *item) {
    return x->is_own ? item->depth + 1 : item->depth;
}

/* The line in which a node of the taxonomy stands at the level that was chosen. */
static Line *line_of(Report *x, int64_t node) {
    const TreeItem *item = item_of(x->tree, x->n_tree, node);
    while (item && x->level != LEVEL_DETAIL && depth_of(x, item) > x->level)
        item = item_of(x->tree, x->n_tree, item->parent);
    if (!item) return &x->unmapped;
    Line *line = &x->lines[item - x->tree];
    line->node = item;
    line->is_rolled = x->level != LEVEL_DETAIL && depth_of(x, item) == x->level;
    return line;
}

/* Amounts are shared out; an event counts whole wherever a part of it goes, as it is opened there.
 * Gross less recoveries is net in each part, too. */
static Err share_out(Report *x, const Part *p, const TaxonomyPlace *at) {
    const TaxonomyLine *lines = &x->v->lines[at->first];
    int64_t *parts = NEW_N(x->c->arena, int64_t, at->n * 3);
    int64_t *gross = parts, *back = gross + at->n, *net = back + at->n;
    taxonomy_split(gross, p->gross, lines, at->n);
    taxonomy_split(back, p->recoveries, lines, at->n);
    taxonomy_split(net, p->net, lines, at->n);
    bool is_net = p->gross - p->recoveries == p->net;
    for (size_t i = 0; i < at->n; i++) {
        Sums one = {p->count, gross[i], back[i], is_net ? gross[i] - back[i] : net[i]};
        TRY(put(line_of(x, lines[i].target), x->c, p, one));
    }
    return OK;
}

static Err share_all(Report *x) {
    Ctx *c = x->c;
    x->lines = NEW_N(c->arena, Line, x->n_tree ? x->n_tree : 1);
    for (size_t i = 0; i < x->parts.n; i++) {
        const Part *p = &x->parts.items[i];
        Sums s = {p->count, p->gross, p->recoveries, p->net};
        TRY(add(&x->all, &s));
        const TaxonomyPlace *at = x->v ? taxonomy_of(x->v, p->id) : NULL;
        if (!p->id)
            TRY(put(&x->unclassified, c, p, s));
        else if (x->is_own)
            TRY(put(line_of(x, p->id), c, p, s));
        else if (at)
            TRY(share_out(x, p, at));
        else
            TRY(put(&x->unmapped, c, p, s));
    }
    return OK;
}

/* ---- addresses of the records ---- */

static Str base_href(const Report *x) {
    Ctx *c = x->c;
    Str href =
        str_fmt(c->arena, "/incidents?event_kind=loss&discovered_on.ge=%.*s&discovered_on.le=%.*s",
                FMT(x->period.from), FMT(x->period.to));
    href =
        report_link(c, href, "state.in", incident_kit_states(c, model_need(c->model, "incident")));
    return x->as_of.n ? report_link(c, href, "as_of", x->as_of) : href;
}

static Str own_key(const Report *x, int64_t id) {
    const TreeItem *item = item_of(x->own, x->n_own, id);
    return item ? item->key : (Str){0};
}

/* By the codes of the bank that are in it. */
static Str codes_href(const Report *x, const Line *line) {
    Ctx *c = x->c;
    Text codes = text_new(c->arena, 8000);
    if (line->n > MOST_CODES) return (Str){0};
    for (size_t i = 0; i < line->n; i++) {
        if (i) text_char(&codes, ',');
        text_add(&codes, own_key(x, line->sources[i]->id));
    }
    return report_link(c, base_href(x), str_fmt(c->arena, "%s.in", x->field->name).p,
                       text_str(&codes));
}

static Str line_href(const Report *x, const Line *line) {
    Ctx *c = x->c;
    const char *field = x->is_own ? x->field->name : "external_codes";
    if (!line->node || x->is_forced) return codes_href(x, line);
    return report_link(c, base_href(x),
                       line->is_rolled ? str_fmt(c->arena, "%s.under", field).p : field,
                       line->node->key);
}

/* ---- the table ---- */

static Err source_cells(Cell *out, const Report *x, const Line *line) {
    Ctx *c = x->c;
    const Type *taxon = model_need(c->model, "taxon");
    Cell *cells = NEW_N(c->arena, Cell, line->n + 1);
    for (size_t i = 0; i < line->n; i++) {
        Str key = own_key(x, line->sources[i]->id);
        cells[i] = cell_link(cell_code(key), record_path_of(c->arena, taxon, key));
        const TaxonomyPlace *at = x->v ? taxonomy_of(x->v, line->sources[i]->id) : NULL;
        int64_t share = 0;
        for (size_t k = 0; at && line->node && k < at->n; k++) {
            const TreeItem *item = item_of(x->tree, x->n_tree, x->v->lines[at->first + k].target);
            while (item && item != line->node && line->is_rolled)
                item = item_of(x->tree, x->n_tree, item->parent);
            if (item == line->node) share += x->v->lines[at->first + k].share;
        }
        if (share && share < TAXONOMY_WHOLE) cells[i].note = report_share(c, share);
    }
    *out = line->n ? (Cell){.kind = CELL_LIST, .more = cells, .n_more = line->n} : (Cell){0};
    return OK;
}

static void figures(const Report *x, Cell *cells, const Sums *s, Str href) {
    cells[0] = report_count(s->count, href);
    cells[1] = report_money(s->gross, x->currency);
    if (x->all.gross > 0)
        cells[2] = cell_percent(llround(1000.0 * (double)s->gross / (double)x->all.gross), 1);
    cells[3] = report_money(s->recoveries, x->currency);
    cells[4] = report_money(s->net, x->currency);
}

static Err table_line(ReportList *l, const Report *x, const Line *line, const char *id,
                      const char *label) {
    Ctx *c = x->c;
    const Type *taxon = model_need(c->model, "taxon");
    Cell *cells = report_row(l, line->node ? line->node->key : str_of(id), (Str){0});
    cells[0] = line->node ? cell_ref(line->node->key, line->node->title,
                                     record_path_of(c->arena, taxon, line->node->key))
                          : cell_label(str_of(id), TRS(c, label));
    if (!x->is_own && strcmp(id, "unclassified") != 0) TRY(source_cells(&cells[1], x, line));
    Str href = line_href(x, line);
    if (strcmp(id, "unclassified") == 0)
        href =
            report_link(c, base_href(x), str_fmt(c->arena, "%s.empty", x->field->name).p, S("1"));
    figures(x, &cells[2], &line->sums, href);
    cells[7] = x->v ? cell_code(x->v->code) : (Cell){0};
    return OK;
}

static Err table(Block **out, Report *x, const char *path, const Input *query) {
    static const Column columns[] = {
        {.name = "entry",
         .label = S(N_("Entry of the taxonomy")),
         .kind = CELL_REF,
         .is_main = true},
        {.name = "codes", .label = S(N_("Codes of the bank")), .kind = CELL_LIST},
        {.name = "count", .label = S(N_("Incidents")), .kind = CELL_INT},
        {.name = "gross", .label = S(N_("Gross loss")), .kind = CELL_MONEY},
        {.name = "share", .label = S(N_("Share")), .kind = CELL_PERCENT},
        {.name = "recoveries", .label = S(N_("Recoveries")), .kind = CELL_MONEY},
        {.name = "net", .label = S(N_("Net loss")), .kind = CELL_MONEY},
        {.name = "version",
         .label = S(N_("Version of the map")),
         .kind = CELL_CODE,
         .is_hidden = true}};
    ReportList l = report_list(x->c, columns, LENGTH(columns));
    for (size_t i = 0; i < x->n_tree; i++)
        if (x->lines[i].n) TRY(table_line(&l, x, &x->lines[i], "", ""));
    if (!x->is_own) TRY(table_line(&l, x, &x->unmapped, "unmapped", N_("Not mapped")));
    if (x->unclassified.n)
        TRY(table_line(&l, x, &x->unclassified, "unclassified", N_("Not classified yet")));
    *out = report_block(&l, path, query, N_("No loss in this period"));
    return OK;
}

/* ---- what is not mapped ---- */

static const Part *part_of(const Report *x, int64_t id) {
    for (size_t i = 0; i < x->parts.n; i++)
        if (x->parts.items[i].id == id) return &x->parts.items[i];
    return NULL;
}

/* Codes in use that go nowhere and have none below that goes somewhere. */
static bool is_missing(const Report *x, size_t i) {
    if (x->own[i].is_retired || (x->v && taxonomy_of(x->v, x->own[i].id))) return false;
    for (size_t k = i + 1; x->v && k < x->n_own && x->own[k].depth > x->own[i].depth; k++)
        if (taxonomy_of(x->v, x->own[k].id)) return false;
    return true;
}

/* Those with losses are always told; of others the topmost says it for those below. */
static bool is_told(const Report *x, size_t i) {
    bool is_mapped = x->v && taxonomy_of(x->v, x->own[i].id);
    if (!is_mapped && part_of(x, x->own[i].id)) return true;
    if (!is_missing(x, i)) return false;
    const TreeItem *above = item_of(x->own, x->n_own, x->own[i].parent);
    return !above || !is_missing(x, (size_t)(above - x->own));
}

static Err missing_codes(Block **out, const Report *x) {
    static const Column columns[] = {
        {.name = "code", .label = S(N_("Code of the bank")), .kind = CELL_REF, .is_main = true},
        {.name = "count", .label = S(N_("Incidents")), .kind = CELL_INT},
        {.name = "gross", .label = S(N_("Gross loss")), .kind = CELL_MONEY},
        {.name = "share", .label = S(N_("Share")), .kind = CELL_PERCENT},
        {.name = "recoveries", .label = S(N_("Recoveries")), .kind = CELL_MONEY},
        {.name = "net", .label = S(N_("Net loss")), .kind = CELL_MONEY}};
    Ctx *c = x->c;
    const Type *taxon = model_need(c->model, "taxon");
    ReportList l = report_list(c, columns, LENGTH(columns));
    for (size_t i = 0; i < x->n_own; i++) {
        if (!is_told(x, i)) continue;
        const TreeItem *item = &x->own[i];
        const Part *p = part_of(x, item->id);
        Sums s = p ? (Sums){p->count, p->gross, p->recoveries, p->net} : (Sums){0};
        Cell *cells = report_row(&l, item->key, (Str){0});
        cells[0] = cell_ref(item->key, item->title, record_path_of(c->arena, taxon, item->key));
        figures(x, &cells[1], &s, report_link(c, base_href(x), x->field->name, item->key));
    }
    Block *list = report_block(&l, NULL, NULL, N_("Every code is mapped"));
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("Codes that are not mapped")));
    (*out)->id = "unmapped";
    view_put(c->arena, *out, list);
    return OK;
}

/* ---- the page ---- */

static FormField taxonomy_field(Report *x, const TreeItem *external, size_t n) {
    Ctx *c = x->c;
    FormField f = report_text(c, "taxonomy", N_("Taxonomy"), INPUT_CHOICE, x->taxonomy);
    FilterOption *options = NEW_N(c->arena, FilterOption, n + MOST_OWN);
    for (size_t i = 0; i < n; i++)
        if (!external[i].depth)
            options[f.n_options++] =
                (FilterOption){.value = external[i].key,
                               .label = external[i].title,
                               .is_chosen = str_eq(external[i].key, x->taxonomy)};
    for (size_t i = 0; i < MOST_OWN; i++) {
        const Field *own = own_field(c, str_of(own_lists[i]));
        if (own)
            options[f.n_options++] = (FilterOption){.value = str_of(own->name),
                                                    .label = TRS(c, own->label),
                                                    .is_chosen = str_is(x->taxonomy, own->name)};
    }
    f.options = options;
    return f;
}

static FormField version_field(Report *x) {
    Ctx *c = x->c;
    FormField f =
        report_text(c, "version", N_("Version of the map"), INPUT_CHOICE, x->version_typed);
    FilterOption *options = NEW_N(c->arena, FilterOption, x->versions.n + 1);
    options[f.n_options++] =
        (FilterOption){.label = TRS(c, N_("That of the day")), .is_chosen = !x->is_forced};
    for (size_t i = 0; i < x->versions.n; i++)
        options[f.n_options++] =
            (FilterOption){.value = x->versions.items[i].code,
                           .label = x->versions.items[i].code,
                           .is_chosen = x->is_forced && x->v == &x->versions.items[i]};
    f.options = options;
    return f;
}

static Err parameters(Block **out, Report *x, const char *path) {
    FormField f[8];
    const TreeItem *external;
    size_t n_external, n;
    TRY(external_tree(&external, &n_external, x->c));
    n = incident_kit_period_fields(f, x->c, &x->period);
    f[n++] = taxonomy_field(x, external, n_external);
    if (!x->is_own) f[n++] = version_field(x);
    f[n++] = report_choice(x->c, "level", N_("Level"), levels, x->level_key);
    f[n++] = report_text(x->c, "as_of", N_("Situation at"), INPUT_DATE, x->as_of);
    *out = report_parameters(x->c, path, f, n);
    return OK;
}

static Block *headline(const Report *x) {
    Ctx *c = x->c;
    Fact *facts = NEW_N(c->arena, Fact, 4);
    facts[0] = incident_kit_fact("gross", TRS(c, N_("Gross loss")),
                                 report_money(x->all.gross, x->currency));
    facts[1] = incident_kit_fact("recoveries", TRS(c, N_("Recoveries")),
                                 report_money(x->all.recoveries, x->currency));
    facts[2] =
        incident_kit_fact("net", TRS(c, N_("Net loss")), report_money(x->all.net, x->currency));
    facts[3] = incident_kit_fact("count", TRS(c, N_("Incidents")),
                                 report_count(x->all.count, base_href(x)));
    Block *b = view_block(c->arena, BLOCK_FACTS);
    b->facts = (FactsView){.facts = facts, .n = 4, .is_headline = true};
    return b;
}

/* Which version the figures are by. */
static Err version_notice(Block **out, const Report *x) {
    Ctx *c = x->c;
    const TaxonomyVersion *v = x->v;
    RefName map;
    if (!v) {
        Str day = report_day_words(c, x->as_of.n ? x->as_of : c->today);
        *out = view_text(
            c->arena, TEXT_NOTICE, TONE_WARN, TRS(c, N_("No version of the map is in force")),
            INCIDENT_FILL(c,
                          TR(c, N_("No published version holds on {0}: everything stands under "
                                   "“Not mapped”.")),
                          day));
        return OK;
    }
    TRY(ref_name(&map, c, model_need(c->model, "taxonomy_map"), v->id));
    Str title = INCIDENT_FILL(c, TR(c, N_("Version of the map: {0}")), v->code);
    Str text =
        v->valid_until.n
            ? INCIDENT_FILL(c, TR(c, N_("{0}. Valid {1} to {2}, published on {3}.")), map.title,
                            report_day_words(c, v->valid_from), report_day_words(c, v->valid_until),
                            report_day_words(c, v->published_on))
            : INCIDENT_FILL(c, TR(c, N_("{0}. Valid from {1}, published on {2}.")), map.title,
                            report_day_words(c, v->valid_from),
                            report_day_words(c, v->published_on));
    bool is_withdrawn = !str_is(v->state, "published");
    *out = view_text(c->arena, TEXT_NOTICE, is_withdrawn ? TONE_WARN : TONE_INFO, title, text);
    if (is_withdrawn)
        (*out)->text.title =
            INCIDENT_FILL(c, TR(c, N_("Version of the map: {0} (withdrawn)")), v->code);
    (*out)->text.button =
        (Button){.label = TRS(c, N_("Show the map")),
                 .href = record_path_of(c->arena, model_need(c->model, "taxonomy_map"), v->code)};
    return OK;
}

Err incident_report_taxonomy(Ctx *c, const PageArgs *args, Page *out) {
    static const char path[] = "/reports/losses-by-taxonomy";
    Report x;
    Block *form, *notice, *list, *missing, *how;
    TRY(report_read(&x, c, args->query));
    TRY(taxonomy_query_parts(&x.parts, c, x.field, x.period.from, x.period.to, x.as_of));
    TRY(share_all(&x));
    TRY(parameters(&form, &x, path));
    TRY(table(&list, &x, path, args->query));
    out->title = TRS(c, N_("Losses by taxonomy"));
    out->subtitle = INCIDENT_FILL(c, TR(c, N_("By date of discovery, {0} to {1}, in {2}")),
                                  report_day_words(c, x.period.from),
                                  report_day_words(c, x.period.to), x.currency);
    if (x.as_of.n) out->as_of = x.as_of;
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(c->arena, out->body, form);
    if (!x.is_own) {
        TRY(version_notice(&notice, &x));
        view_put(c->arena, out->body, notice);
    }
    view_put(c->arena, out->body, headline(&x));
    view_put(c->arena, out->body, list);
    if (!x.is_own) {
        TRY(missing_codes(&missing, &x));
        view_put(c->arena, out->body, missing);
        how = view_layout(c->arena, LAYOUT_SECTION, TRS(c, N_("How these figures are made")));
        how->layout.is_folded = true;
        view_put(
            c->arena, how,
            view_text(c->arena, TEXT_PLAIN, TONE_NONE, (Str){0},
                      TRS(c, N_("Losses by date of discovery, in the group's currency. Amounts "
                                "are shared out by the shares of the map, rounded so that "
                                "nothing is lost: the total is the same in every taxonomy. An "
                                "incident whose code is shared counts in each of its entries. "
                                "A code without a line of its own goes where the code above it "
                                "goes."))));
        view_put(c->arena, out->body, how);
    }
    out->main = list;
    out->main_key = "lines";
    return OK;
}
