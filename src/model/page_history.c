/* page_history.c: what happened to a record, entry by entry, as people say it: who, what, from what
 * to what, why. Reads the history only; hidden fields are left out by history_list.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/page_kit.h"

enum { PAGE_ENTRIES = 50 };

/* clang-format off */
static const struct { const char *action, *words; Tone tone; } known_actions[] = {
    {"create",        N_("created it"), TONE_INFO},
    {"import",        N_("imported it"), TONE_INFO},
    {"import_undo",   N_("took the import back"), TONE_WARN},
    {"update",        N_("changed it"), TONE_NONE},
    {"edit",          N_("changed it"), TONE_NONE},
    {"save",          N_("changed it"), TONE_NONE},
    {"comment",       N_("wrote a comment"), TONE_NONE},
    {"read",          N_("read this restricted record"), TONE_WARN},
    {"export",        N_("exported it"), TONE_WARN},
    {"propose",       N_("proposed a change"), TONE_INFO},
    {"erase",         N_("erased personal data"), TONE_WARN},
    {"sign_in",       N_("signed in"), TONE_MUTED},
    {"sign_in_failed",N_("failed to sign in"), TONE_WARN},
    {"sign_out",      N_("signed out"), TONE_MUTED},
    {"password",      N_("changed the password"), TONE_WARN},
    {"sign_out_everywhere", N_("signed out everywhere"), TONE_WARN},
    {"second_factor_on",    N_("turned the second factor on"), TONE_INFO},
    {"second_factor_off",   N_("turned the second factor off"), TONE_WARN},
    {"secret_lost",         N_("lost a secret together with the key that protected it"), TONE_WARN},
};
/* clang-format on */

/* One change is a sentence: "raised “Estimated loss”"; the renderer adds from what to what. */
static Str one_change(Ctx *c, const Change *change) {
    const Cell *a = &change->before, *z = &change->after;
    bool both = a->kind == z->kind && strcmp(a->currency, z->currency) == 0;
    bool is_figure = a->kind == CELL_MONEY || a->kind == CELL_INT || a->kind == CELL_DECIMAL ||
                     a->kind == CELL_PERCENT;
    const char *words = TR(c, "changed “{0}”");
    if (a->kind == CELL_EMPTY && !a->is_masked) words = TR(c, "filled in “{0}”");
    if (z->kind == CELL_EMPTY && !z->is_masked) words = TR(c, "emptied “{0}”");
    if (both && is_figure && a->scale == z->scale && a->i != z->i)
        words = z->i > a->i ? TR(c, "raised “{0}”") : TR(c, "lowered “{0}”");
    return FILL(c, words, change->label);
}

/* Names of at most three changed fields: "changed Title, Unit and 2 more". */
static Str changed_words(Ctx *c, const TimelineItem *item) {
    if (item->n_changes == 1) return one_change(c, &item->changes[0]);
    Text names = text_new(c->arena, 0);
    size_t shown = item->n_changes < 3 ? item->n_changes : 3;
    for (size_t i = 0; i < shown; i++) {
        if (i) text_addz(&names, TR(c, ", "));
        text_add(&names, item->changes[i].label);
    }
    if (item->n_changes == shown) return FILL(c, TR(c, "changed: {0}"), text_str(&names));
    Str more = str_fmt(c->arena, "%zu", item->n_changes - shown);
    return FILL(c, TR(c, "changed: {0} and {1} more"), text_str(&names), more);
}

static Str action_words(Ctx *c, const Type *t, const HistoryEntry *e, TimelineItem *item) {
    const Transition *step = type_transition(t, e->action);
    if (step) {
        item->tone = step->to ? step->to->tone : TONE_NONE;
        if (step->def->done) return TRS(c, step->def->done);
        return FILL(c, TR(c, "did: {0}"), TRS(c, step->label));
    }
    for (size_t i = 0; i < LENGTH(known_actions); i++) {
        if (!str_is(e->action, known_actions[i].action)) continue;
        item->tone = known_actions[i].tone;
        bool is_change = !strcmp(known_actions[i].words, "changed it");
        if (is_change && item->n_changes) return changed_words(c, item);
        return TRS(c, known_actions[i].words);
    }
    if (item->n_changes) return changed_words(c, item);
    return TRS(c, str_z(c->arena, e->action));
}

Err page_kit_system_change(Cell *out, Ctx *c, const Type *t, Str name, Str text) {
    *out = (Cell){0};
    if (!text.n) return OK;
    if (str_is(name, "state")) {
        const State *s = type_state(t, text);
        *out = s ? page_kit_state(c, s) : cell_text(text);
        return OK;
    }
    if (str_is(name, "restricted")) {
        *out = cell_bool(str_is(text, "true"));
        return OK;
    }
    const char *kind = str_is(name, "unit") ? "unit" : str_is(name, "owner") ? "user" : NULL;
    const Type *target = kind ? model_type(c->model, str_of(kind)) : NULL;
    *out = cell_text(text);
    if (!target) return OK;
    int64_t id = 0;
    Err err = ref_find(&id, c, target, text);
    if (err == ERR_MISSING) return OK;
    TRY(err);
    return str_is(name, "unit") ? page_kit_unit(out, c, id) : page_kit_person(out, c, id);
}

static Err change_cell(Cell *out, Ctx *c, const Type *t, const HistoryChange *change, Str text,
                       bool hides) {
    if (change->is_erased || (hides && !text.n)) {
        *out = (Cell){.kind = CELL_EMPTY, .is_masked = true};
        return OK;
    }
    if (!change->field) return page_kit_system_change(out, c, t, change->name, text);
    *out = (Cell){0};
    if (!text.n) return OK;
    bool ok = false;
    Value v = field_from_text(c, change->field, text, &ok);
    *out = ok ? field_cell(c, change->field, v) : cell_text(text);
    return OK;
}

/* A child table is compared row by row; what cannot be read stays whole. */
static void change_rows(Change *out, Ctx *c, const HistoryChange *from) {
    bool was_ok = true, is_ok = true;
    Value was = {0}, becomes = {0};
    if (!from->field || from->field->kind != KIND_ROWS || out->before.is_masked ||
        out->after.is_masked)
        return;
    if (from->before.n) was = field_from_text(c, from->field, from->before, &was_ok);
    if (from->after.n) becomes = field_from_text(c, from->field, from->after, &is_ok);
    if (was_ok && is_ok)
        out->rows = page_kit_row_changes(&out->n_rows, c, from->field, was, becomes);
}

static Err timeline_changes(TimelineItem *item, Ctx *c, const Type *t, const HistoryEntry *e) {
    Change *changes = NEW_N(c->arena, Change, e->n_changes ? e->n_changes : 1);
    FieldSet none = {0};
    for (size_t i = 0; i < e->n_changes; i++) {
        const HistoryChange *from = &e->changes[i];
        if (from->field && (from->field->flags & (F_SECRET | F_HIDDEN))) continue;
        /* A step says itself where it leads: to people, not to programs. */
        bool is_step = !from->field && str_is(from->name, "state") && type_transition(t, e->action);
        Change *to = is_step ? NEW(c->arena, Change) : &changes[item->n_changes++];
        if (is_step) item->step = to;
        PageColumn column = {0};
        bool known = page_kit_column(&column, c, t, from->name, none);
        to->label = known ? column.label : from->name;
        to->name = str_z(c->arena, from->name);
        TRY(change_cell(&to->before, c, t, from, from->before, from->hides_before));
        TRY(change_cell(&to->after, c, t, from, from->after, from->hides_after));
        change_rows(to, c, from);
    }
    item->changes = changes;
    return OK;
}

static Err who_words(Str *out, Ctx *c, const HistoryEntry *e) {
    Cell actor, other;
    TRY(page_kit_person(&actor, c, e->actor));
    *out = actor.text;
    if (!e->actor)
        *out = str_is(e->source, "web") ? TRS(c, N_("Somebody without an account"))
                                        : TRS(c, N_("The system"));
    if (!e->actor_for) return OK;
    TRY(page_kit_person(&other, c, e->actor_for));
    *out = FILL(c, TR(c, "{0} for {1}"), *out, other.text);
    return OK;
}

Err page_kit_timeline(TimelineView *out, Ctx *c, const Record *r, const HistoryEntries *entries) {
    TimelineItem *items = NEW_N(c->arena, TimelineItem, entries->n ? entries->n : 1);
    for (size_t i = 0; i < entries->n; i++) {
        const HistoryEntry *e = &entries->items[i];
        TimelineItem *item = &items[i];
        *item = (TimelineItem){.at_us = e->at, .text = e->reason, .key = e->hash};
        TRY(timeline_changes(item, c, r->type, e));
        TRY(who_words(&item->who, c, e));
        item->what = action_words(c, r->type, e, item);
        /* The first version repeats every field: that is the record itself, not a change. */
        if (str_is(e->action, "create") || str_is(e->action, "propose")) item->n_changes = 0;
    }
    *out = (TimelineView){.items = items,
                          .n = entries->n,
                          .empty_text = TRS(c, N_("Nothing has been recorded yet."))};
    return OK;
}

Err page_history(Ctx *c, const Record *r, const Input *query, Page *out) {
    TRY(access_check(c, r, OP_HISTORY));
    int64_t before = 0;
    Str given = input_getz(query, "before");
    if (given.n && (!str_to_int(&before, given) || before < 0))
        return issue(c, "before", "invalid", N_("This page of the history does not exist."));
    HistoryEntries entries = {0};
    TRY(history_list(&entries, c, r, before, PAGE_ENTRIES + 1));
    bool has_more = entries.n > PAGE_ENTRIES;
    if (has_more) entries.n = PAGE_ENTRIES;
    Block *block = view_block(c->arena, BLOCK_HISTORY);
    block->id = "history";
    TRY(page_kit_timeline(&block->timeline, c, r, &entries));
    if (has_more) {
        long long last = entries.items[entries.n - 1].id;
        Str path = page_kit_path(c->arena, r, "history");
        block->timeline.more_href = str_fmt(c->arena, "%.*s?before=%lld", FMT(path), last);
    }
    Str number = record_number(c->arena, r);
    out->title = TRS(c, N_("History"));
    out->eyebrow = number;
    out->subtitle = record_title(c, r);
    out->state = page_kit_state(c, r->state);
    out->nav = str_z(c->arena, page_kit_list_path(c->arena, r->type));
    page_kit_trail(out, c->arena, TRS(c, r->type->plural_label),
                   page_kit_list_path(c->arena, r->type));
    page_kit_trail(out, c->arena, number, record_path(c->arena, r));
    if (r->is_restricted) out->confidentiality = TRS(c, N_("Restricted"));
    out->body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    view_put(
        c->arena, out->body,
        view_text(
            c->arena, TEXT_NOTICE, TONE_INFO, (Str){0},
            TRS(c,
                N_("Every change is kept for ever and chained to the one before it; an auditor can verify it with the audit commands."))));
    view_put(c->arena, out->body, block);
    out->main = block;
    return OK;
}
