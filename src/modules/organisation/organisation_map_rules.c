/* organisation_map_rules.c: what a map to an external taxonomy must satisfy: lines from one list
 * into one tree, shares that add up, one version a day, published by somebody who wrote none of it.
 * Knows no SQL and no page. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/report.h"
#include "modules/organisation/organisation.h"

enum { WHOLE = 10000 }; /* 100 % in hundredths of a per cent */

static bool in_state(const Record *r, const char *state) {
    return r && strcmp(r->state->name, state) == 0;
}

static bool is_published_now(const Saving *s) {
    return in_state(s->after, "published") && !in_state(s->before, "published");
}

static Err root_of(int64_t *out, Ctx *c, int64_t taxon) {
    return ref_root(out, c, model_need(c->model, "taxon"), taxon);
}

/* ---- the version ---- */

Err organisation_map_compute(Ctx *c, const Saving *s) {
    if (!is_published_now(s)) return OK;
    record_set(s->after, "published_on", value_text(c->today));
    if (c->actor->user) record_set(s->after, "published_by", value_int(c->actor->user));
    return OK;
}

/* Lines of one code stand together. */
static void check_shares(Ctx *c, const MapLines *lines) {
    for (size_t i = 0, k; i < lines->n; i = k) {
        int64_t sum = 0;
        for (k = i; k < lines->n && lines->items[k].source == lines->items[i].source; k++)
            sum += lines->items[k].share;
        if (sum == WHOLE) continue;
        Str what = str_fmt(c->arena, "%.*s: %.*s", FMT(lines->items[i].source_code),
                           FMT(report_share(c, sum)));
        issue_arg(c, "share", "sum", N_("The shares of each code must add up to 100 %: {0}"), what);
    }
}

static Err check_lines(Ctx *c, const Record *r) {
    MapLines lines = {0};
    if (r->id) TRY(organisation_query_map_lines(&lines, c, r->id));
    if (!lines.n) issue(c, "state", "empty", N_("This version has no line yet."));
    check_shares(c, &lines);
    for (size_t i = 0; i < lines.n; i++)
        if (lines.items[i].is_target_retired)
            issue_arg(c, "target", "retired", N_("{0} is retired."), lines.items[i].target_code);
    return OK;
}

static Err check_copy(Ctx *c, const Record *r) {
    const Record *from;
    int64_t id = record_int(r, "copy_of");
    if (!id || r->id) return OK;
    TRY(record_shared(&from, c, r->type, id));
    if (record_int(from, "taxonomy") != record_int(r, "taxonomy") ||
        !str_eq(record_text(from, "source_list"), record_text(r, "source_list")))
        issue(c, "copy_of", "other", N_("That version maps another list or to another taxonomy."));
    return OK;
}

Err organisation_map_validate(Ctx *c, const Saving *s) {
    const Record *r = s->after;
    int64_t root = 0, beside = 0, taxonomy = record_int(r, "taxonomy");
    Str from = record_text(r, "valid_from"), until = record_text(r, "valid_until");
    if (from.n && until.n && str_cmp(from, until) > 0)
        issue(c, "valid_until", "order", N_("It ends before it begins."));
    TRY(root_of(&root, c, taxonomy));
    if (root != taxonomy)
        issue(c, "taxonomy", "not_top", N_("Name the top entry of the external taxonomy."));
    TRY(check_copy(c, r));
    if (!is_published_now(s)) return OK;
    TRY(organisation_query_map_beside(&beside, c, r->id, taxonomy, from));
    if (beside)
        issue(c, "valid_from", "twice",
              N_("Another published version of this taxonomy begins on the same day."));
    return check_lines(c, r);
}

/* Four eyes over the lines, too: who wrote one of them does not publish it. */
Err organisation_map_guard_publish(Ctx *c, const Record *r) {
    const Type *t = model_need(c->model, "taxonomy_map_line");
    MapLines lines;
    TRY(organisation_query_map_lines(&lines, c, r->id));
    for (size_t i = 0; i < lines.n && !c->actor->is_system; i++) {
        Record *line;
        bool changed, made;
        TRY(record_load_raw(&line, c, t, lines.items[i].id));
        TRY(access_is_actor(&changed, c, line, line->updated_by));
        TRY(access_is_actor(&made, c, line, line->created_by));
        if (changed || made)
            return issue(c, "", "four_eyes",
                         N_("You wrote lines of this version: somebody else must publish it."));
    }
    return OK;
}

static Err copy_lines(Ctx *c, const Record *r, int64_t from) {
    MapLines lines;
    TRY(organisation_query_map_lines(&lines, c, from));
    for (size_t i = 0; i < lines.n; i++) {
        Record *done, *line = record_new(c, model_need(c->model, "taxonomy_map_line"));
        record_set(line, "map", value_int(r->id));
        record_set(line, "source", value_int(lines.items[i].source));
        record_set(line, "target", value_int(lines.items[i].target));
        record_set(line, "share", value_int(lines.items[i].share));
        TRY(record_save(&done, c, line, "create"));
    }
    return OK;
}

Err organisation_map_after_save(Ctx *c, const Saving *s) {
    int64_t from = record_int(s->after, "copy_of");
    return !s->before && from ? copy_lines(c, s->after, from) : OK;
}

/* Lines that were copied keep the version from being taken back. */
Err organisation_map_remove(Ctx *c, const Record *r, bool is_gone) {
    (void)c;
    (void)r;
    (void)is_gone;
    return OK;
}

/* ---- a line ---- */

static Err check_ends(Ctx *c, const Record *line, const Record *map) {
    Record *source, *target;
    int64_t root, from = record_int(line, "source"), to = record_int(line, "target");
    const Type *taxon = model_need(c->model, "taxon");
    if (from) {
        TRY(record_load_raw(&source, c, taxon, from));
        if (!str_eq(record_text(source, "kind"), record_text(map, "source_list")))
            issue(c, "source", "wrong_list", N_("This version maps codes of another list."));
    }
    if (!to) return OK;
    TRY(record_load_raw(&target, c, taxon, to));
    TRY(root_of(&root, c, to));
    if (root != record_int(map, "taxonomy"))
        issue(c, "target", "wrong_tree", N_("This is no entry of the version's taxonomy."));
    else if (!line->id && (target->state->flags & STATE_CLOSED))
        issue_arg(c, "target", "retired", N_("{0} is retired."), record_text(target, "code"));
    return OK;
}

Err organisation_map_line_validate(Ctx *c, const Saving *s) {
    const Record *line = s->after;
    Record *map;
    int64_t share, same;
    if (!record_int(line, "map")) return OK;
    TRY(record_load_raw(&map, c, model_need(c->model, "taxonomy_map"), record_int(line, "map")));
    if (!in_state(map, "draft"))
        return issue(
            c, "map", "published",
            N_("This version is no draft any more: make a new one that begins with its lines."));
    TRY(check_ends(c, line, map));
    if (!in_state(line, "active")) return OK;
    TRY(organisation_query_map_share(&share, &same, c, map->id, record_int(line, "source"),
                                     record_int(line, "target"), line->id));
    if (same) issue(c, "target", "twice", N_("This code has a line to this entry already."));
    if (share + record_int(line, "share") > WHOLE)
        issue_arg(c, "share", "sum", N_("The shares of this code would add up to {0}."),
                  report_share(c, share + record_int(line, "share")));
    return OK;
}
