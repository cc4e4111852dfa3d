/* page_record.c: one record as a page: header with the next step, key facts, groups, children, and
 * beside them the path, the people and the latest history; and the same as facts for machines.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/comment.h"
#include "model/page_kit.h"
#include "model/save.h"

enum { MOST_PATH_ENTRIES = 500, LATEST = 5, MOST_MISSING = 6 };
enum { FOLD_LINES = 12 }; /* of rows in a group; more is looked up, not read */

typedef struct View {
    Ctx *c;
    const Record *r;
    Page *page;
    FieldSet hidden;
    bool is_print;
    bool is_past;
    bool may_history, may_update;
    HistoryEntries entries; /* newest first, when the reader may see them */
} View;

/* ---- facts ---- */

void page_record_columns(const PageColumn **out, size_t *n, Ctx *c, const Type *t,
                         FieldSet hidden) {
    static const char *const first[] = {"number",     "title",      "state",     "version",
                                        "created_at", "updated_at", "unit",      "owner",
                                        "created_by", "restricted", "updated_by"};
    PageColumn *columns =
        NEW_N(c->arena, PageColumn, LENGTH(first) + t->n_fields + t->n_conditions + t->n_readings);
    *n = 0;
    for (size_t i = 0; i < LENGTH(first); i++) {
        if (!strcmp(first[i], "restricted") && !(t->flags & TYPE_CONFIDENTIAL)) continue;
        *n += page_kit_column(&columns[*n], c, t, str_of(first[i]), hidden);
    }
    for (size_t i = 0; i < t->n_fields; i++)
        if (!page_kit_is_system(t->fields[i].name))
            *n += page_kit_field_column(&columns[*n], c, t, &t->fields[i], hidden);
    for (size_t i = 0; i < t->n_conditions; i++)
        *n += page_kit_condition_column(&columns[*n], c, &t->conditions[i], hidden);
    for (size_t i = 0; i < t->n_readings; i++)
        *n += page_kit_reading_column(&columns[*n], c, &t->readings[i], hidden);
    *out = columns;
}

Err page_record_facts(Ctx *c, const Record *r, Block **out) {
    FieldSet hidden = {0};
    const PageColumn *columns;
    size_t n;
    TRY(access_hidden(&hidden, c, r->type, r));
    page_record_columns(&columns, &n, c, r->type, hidden);
    Fact *facts = NEW_N(c->arena, Fact, n ? n : 1);
    for (size_t i = 0; i < n; i++) {
        const Field *f = columns[i].field;
        facts[i] = (Fact){.name = columns[i].name, .label = columns[i].label};
        TRY(page_kit_cell(&facts[i].cell, c, r, &columns[i], hidden));
        facts[i].is_hidden = f && (f->flags & F_HIDDEN);
        facts[i].is_wide = f && (f->kind == KIND_LONG || f->kind == KIND_ROWS);
    }
    *out = view_block(c->arena, BLOCK_FACTS);
    (*out)->facts = (FactsView){.facts = facts, .n = n};
    return OK;
}

static bool is_name(const Type *t, const Field *f) {
    bool is = f == t->key || f == t->title;
    for (int i = 0; i < LANG_COUNT; i++) is |= f == t->titles[i] && t->titles[i] == t->title;
    return is;
}

static bool is_shown(const View *v, const Field *f) {
    return page_kit_reader_field(f) && !(f->flags & F_HIDDEN) && f != v->r->type->parent &&
           strcmp(f->name, "written_in") != 0 && !fieldset_has(v->hidden, f->index) &&
           !is_name(v->r->type, f);
}

/* A field that only counts with another answer is noise while it is empty. */
static bool is_pointless(const View *v, const Field *f) {
    return (f->only_if || (f->flags & F_MORE)) && value_is_null(v->r->values[f->index]);
}

/* Nothing, no, or a sum of zero: true, but nobody reads on for it. */
static bool is_quiet(const View *v, const Field *f) {
    Value x = v->r->values[f->index];
    if (value_is_null(x)) return true;
    if (f->kind == KIND_BOOL) return !x.i;
    if (f->kind == KIND_CHOICE) return str_is(x.s, "none") || str_is(x.s, "0");
    return f->kind == KIND_MONEY && !x.i && (f->flags & (F_DERIVED | F_COMPUTED));
}

static Block *headline(const View *v) {
    const Type *t = v->r->type;
    size_t n = 0, most = 0;
    for (size_t i = 0; i < t->n_fields; i++) most += (t->fields[i].flags & F_HEADLINE) != 0;
    Fact *facts = NEW_N(v->c->arena, Fact, most + 1);
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        if (!(f->flags & F_HEADLINE) || !is_shown(v, f)) continue;
        facts[n++] = (Fact){.name = f->name,
                            .label = TRS(v->c, f->label),
                            .cell = page_kit_value(v->c, v->r, f, v->hidden)};
    }
    if (!n) return NULL;
    Block *block = view_block(v->c->arena, BLOCK_FACTS);
    block->id = "headline";
    block->facts = (FactsView){.facts = facts, .n = n, .is_headline = true};
    return block;
}

static bool in_group(const Type *t, const Field *f, const char *group) {
    const FieldGroup *first = t->def->groups;
    const char *of = f->group ? f->group : first ? first->name : NULL;
    if (!of || !group) return of == group;
    return of == group || (*of == *group && !strcmp(of, group));
}

/* What is said in a group, in a list of its own: a fact is large, and most fields say nothing. */
static const Field **group_fields(size_t *n, const View *v, const char *group) {
    const Type *t = v->r->type;
    const Field **list = NEW_N(v->c->arena, const Field *, t->n_fields + 1);
    *n = 0;
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        bool wanted = in_group(t, f, group) && is_shown(v, f) && !(f->flags & F_HEADLINE) &&
                      !is_pointless(v, f);
        /* Paper tells what there is. */
        if (wanted && !(v->is_print && value_is_null(v->r->values[f->index]))) list[(*n)++] = f;
    }
    return list;
}

static Block *group_section(const View *v, const FieldGroup *group) {
    Ctx *c = v->c;
    size_t n, filled = 0, lines = 0;
    const Field **fields = group_fields(&n, v, group ? group->name : NULL);
    for (size_t i = 0; i < n; i++) filled += v->is_print || !is_quiet(v, fields[i]);
    if (!filled) return NULL;
    Fact *facts = NEW_N(c->arena, Fact, n);
    for (size_t i = 0; i < n; i++) {
        const Field *f = fields[i];
        facts[i] = (Fact){.name = f->name, .label = TRS(c, f->label)};
        facts[i].cell = page_kit_value(c, v->r, f, v->hidden);
        facts[i].is_wide = f->kind == KIND_LONG || f->kind == KIND_ROWS || f->kind == KIND_FILES ||
                           (f->flags & F_MULTILINE);
        facts[i].is_quiet = !v->is_print && is_quiet(v, f);
        if (f->kind == KIND_ROWS) lines += v->r->values[f->index].n;
    }
    Block *section =
        view_layout(c->arena, LAYOUT_SECTION, group ? TRS(c, group->label) : TRS(c, N_("Details")));
    section->id = group ? group->name : "details";
    section->layout.is_folded = lines > FOLD_LINES && !v->is_print;
    Block *block = view_block(c->arena, BLOCK_FACTS);
    block->facts = (FactsView){.facts = facts, .n = n};
    view_put(c->arena, section, block);
    return section;
}

/* ---- side column ---- */

static Err path_block(Block **out, const View *v) {
    Ctx *c = v->c;
    const Type *t = v->r->type;
    *out = NULL;
    if (t->n_states < 2 || !v->r->state) return OK;
    int64_t *at = NEW_N(c->arena, int64_t, t->n_states);
    Str *who = NEW_N(c->arena, Str, t->n_states);
    HistoryEntries entries = v->entries;
    for (size_t i = entries.n; i > 0; i--) {
        const HistoryEntry *e = &entries.items[i - 1];
        const State *s = type_state(t, e->state);
        const State *before = i < entries.n ? type_state(t, entries.items[i].state) : NULL;
        if (!s || s == before) continue;
        Cell person;
        TRY(page_kit_person(&person, c, e->actor));
        at[s->index] = e->at;
        who[s->index] = person.text;
    }
    PathStep *steps = NEW_N(c->arena, PathStep, t->n_states);
    bool *taken = NEW_N(c->arena, bool, t->n_states);
    size_t n = 0;
    for (size_t k = 0; k < t->n_states; k++) {
        const State *next = NULL;
        for (size_t i = 0; i < t->n_states; i++)
            if (!taken[i] && (!next || t->states[i].rank < next->rank)) next = &t->states[i];
        taken[next->index] = true;
        bool is_now = next == v->r->state;
        if ((next->flags & STATE_VOID) && !is_now) continue;
        if ((next->flags & STATE_ASIDE) && !is_now && !at[next->index]) continue;
        bool is_done = next->rank < v->r->state->rank;
        /* A state that this record's kind jumps over is no part of its path. */
        if (entries.n && is_done && !at[next->index]) continue;
        if ((v->r->state->flags & STATE_VOID) && !is_now && !at[next->index]) continue;
        steps[n++] = (PathStep){TRS(c, next->label), is_done, is_now,
                                is_done || is_now ? at[next->index] : 0, who[next->index]};
        if (!is_done && !is_now) steps[n - 1].who = (Str){0};
    }
    *out = view_block(c->arena, BLOCK_PATH);
    (*out)->path = (PathView){steps, n};
    return OK;
}

static Err people_card(Block **out, const View *v) {
    Ctx *c = v->c;
    const Record *r = v->r;
    static const char *const names[] = {"owner",      "unit",       "created_by",
                                        "created_at", "updated_at", "written_in"};
    Fact *facts = NEW_N(c->arena, Fact, LENGTH(names) + 1);
    size_t n = 0;
    for (size_t i = 0; i < LENGTH(names); i++) {
        PageColumn column;
        if (!page_kit_column(&column, c, r->type, str_of(names[i]), v->hidden) ||
            (column.field && strcmp(names[i], "written_in") != 0))
            continue;
        Fact *fact = &facts[n];
        *fact = (Fact){.name = column.name, .label = column.label};
        TRY(page_kit_cell(&fact->cell, c, r, &column, v->hidden));
        if (fact->cell.kind != CELL_EMPTY) n++;
    }
    const Field *readers = type_field(r->type, S("readers"));
    if (r->is_restricted && readers && !fieldset_has(v->hidden, readers->index))
        facts[n++] = (Fact){.name = readers->name,
                            .label = TRS(c, readers->label),
                            .cell = field_cell(c, readers, r->values[readers->index])};
    *out = view_layout(c->arena, LAYOUT_CARD, TRS(c, N_("People")));
    Block *block = view_block(c->arena, BLOCK_FACTS);
    block->facts = (FactsView){.facts = facts, .n = n};
    view_put(c->arena, *out, block);
    return OK;
}

static Err history_card(Block **out, const View *v) {
    Ctx *c = v->c;
    *out = NULL;
    if (!v->may_history) return OK;
    HistoryEntries entries = v->entries;
    if (entries.n > LATEST) entries.n = LATEST;
    Block *block = view_block(c->arena, BLOCK_TIMELINE);
    TRY(page_kit_timeline(&block->timeline, c, v->r, &entries));
    block->timeline.more_href = page_kit_path(c->arena, v->r, "history");
    *out = view_layout(c->arena, LAYOUT_CARD, TRS(c, N_("Latest changes")));
    view_put(c->arena, *out, block);
    return OK;
}

enum { ATTACHED_PANELS, ATTACHED_FIRST, ATTACHED_LAST };

static Err attached(Block *into, const View *v, int place) {
    const Model *m = v->c->model;
    for (size_t i = 0; i < m->n_attach; i++) {
        const AttachDef *a = m->attach[i];
        if (strcmp(a->type, v->r->type->name) != 0) continue;
        Block *block = NULL;
        if (place == ATTACHED_PANELS && a->panel) TRY(a->panel(v->c, v->r, &block));
        if (place == (a->leads ? ATTACHED_FIRST : ATTACHED_LAST) && a->section)
            TRY(a->section(v->c, v->r, &block));
        view_put(v->c->arena, into, block);
    }
    return OK;
}

/* What the state waits for, or the very people whom one of its steps names with this record. */
static Str turn_of(const View *v) {
    const Record *r = v->r;
    for (size_t i = 0; r->state && i < r->type->n_transitions; i++) {
        const Transition *t = &r->type->transitions[i];
        const char *of = t->def->actors_of;
        Str words = {0};
        bool leaves = ((t->from >> r->state->index) & 1u) && t->def->actors;
        if (leaves && of && fieldset_has(v->hidden, type_need(r->type, of)->index)) continue;
        if (leaves && t->def->actors(&words, v->c, r) == OK && words.n) return words;
    }
    return str_of(r->state ? r->state->waits_for : NULL);
}

/* Whose turn it is: roles, or persons whom the record names. */
static Str turn_words(const View *v) {
    Ctx *c = v->c;
    Text t = text_new(c->arena, 0);
    Str rest, word;
    if (v->is_past) return (Str){0};
    rest = turn_of(v);
    while (page_kit_word(&word, &rest)) {
        const RoleDef *role = model_role(c->model, word);
        Cell person = {0};
        int64_t id = 0;
        if (str_is(word, "@creator")) id = v->r->created_by;
        if (str_is(word, "@owner")) id = v->r->owner;
        if (word.n > 2 && word.p[1] == '#' && !str_to_int(&id, str_sub(word, 2, word.n))) id = 0;
        if (id && page_kit_person(&person, c, id) != OK) person = (Cell){0};
        Str name = role ? TRS(c, role->label) : person.text;
        if (!name.n) continue;
        if (t.n) text_addz(&t, TR(c, ", "));
        text_add(&t, name);
    }
    return text_str(&t);
}

static Err side_column(Block *side, const View *v) {
    Ctx *c = v->c;
    Block *path = NULL, *people = NULL, *history = NULL;
    TRY(path_block(&path, v));
    if (path) {
        Block *card = view_layout(c->arena, LAYOUT_CARD, TRS(c, N_("Progress")));
        Str turn = turn_words(v);
        if (turn.n) card->layout.text = FILL(c, TR(c, "Now with: {0}"), turn);
        view_put(c->arena, card, path);
        view_put(c->arena, side, card);
    }
    TRY(people_card(&people, v));
    view_put(c->arena, side, people);
    TRY(attached(side, v, ATTACHED_PANELS));
    TRY(history_card(&history, v));
    view_put(c->arena, side, history);
    return OK;
}

/* Child types of a ledger stand high, beside the amounts they explain; the others at the end. */
static Err children(Block *content, const View *v, bool ledgers) {
    Ctx *c = v->c;
    bool may_add = !v->is_print && !v->is_past && !c->actor->is_read_only;
    for (size_t i = 0; i < c->model->n_types; i++) {
        const Type *child = &c->model->types[i];
        bool is_child = child->parent && child->parent->target == v->r->type;
        if (!is_child || (child->flags & TYPE_NO_PAGES) || ledgers != (child->def->ledger != NULL))
            continue;
        Block *section = NULL;
        TRY(page_children(&section, c, v->r, child, may_add));
        view_put(c->arena, content, section);
    }
    return OK;
}

static Err main_column(Block *content, const View *v) {
    Ctx *c = v->c;
    const FieldGroup *g = v->r->type->def->groups;
    TRY(attached(content, v, ATTACHED_FIRST));
    view_put(c->arena, content, group_section(v, g && g->name ? g : NULL));
    TRY(children(content, v, true));
    for (g = g && g->name ? g + 1 : NULL; g && g->name; g++)
        view_put(c->arena, content, group_section(v, g));
    TRY(children(content, v, false));
    TRY(attached(content, v, ATTACHED_LAST));
    Block *comments = NULL;
    if (!v->is_print) {
        const HistoryEntries *all =
            v->may_history && v->entries.n < MOST_PATH_ENTRIES ? &v->entries : NULL;
        TRY(comment_section(&comments, c, v->r, all, !v->is_past && !c->actor->is_read_only));
        view_put(c->arena, content, comments);
    }
    return OK;
}

/* ---- header ---- */

static Err transition_buttons(Button *buttons, size_t *n, const View *v, bool primary) {
    const Type *t = v->r->type;
    for (size_t i = 0; i < t->n_transitions; i++) {
        bool is_first = (t->transitions[i].def->flags & TRANSITION_PRIMARY) != 0;
        bool offered = false;
        if (is_first != primary) continue;
        TRY(page_kit_transition(&buttons[*n], &offered, v->c, v->r, &t->transitions[i]));
        *n += offered;
    }
    return OK;
}

/* The next step, the form, and after them what is done seldom. */
static Err header_buttons(const View *v) {
    Ctx *c = v->c;
    if (v->is_print) return OK;
    Button *buttons = NEW_N(c->arena, Button, v->r->type->n_transitions + 4);
    size_t n = 0;
    bool writes = !v->is_past && !c->actor->is_read_only;
    if (writes) TRY(transition_buttons(buttons, &n, v, true));
    if (writes && v->may_update)
        buttons[n++] = (Button){.label = TRS(c, N_("Edit")),
                                .icon = "edit",
                                .href = page_kit_path(c->arena, v->r, "edit")};
    if (writes) TRY(transition_buttons(buttons, &n, v, false));
    if (v->may_history)
        buttons[n++] = (Button){.label = TRS(c, N_("History")),
                                .icon = "history",
                                .href = page_kit_path(c->arena, v->r, "history")};
    buttons[n++] = (Button){.label = TRS(c, N_("Print")),
                            .icon = "printer",
                            .href = page_kit_path(c->arena, v->r, "print")};
    v->page->buttons = buttons;
    v->page->n_buttons = n;
    return OK;
}

/* ---- what the next step still asks for ---- */

static bool is_missing(const View *v, const Transition *t, const Field *f) {
    int rank = t->to ? t->to->rank : v->r->state->rank + 1;
    bool wanted = f->leave_rank < rank && f->leave_rank >= v->r->state->rank;
    return wanted && is_shown(v, f) && value_is_null(v->r->values[f->index]) &&
           !(f->flags & (F_COMPUTED | F_DERIVED)) && save_field_asked(f, v->r);
}

/* The fields without which the step on offer would be refused, before anybody tries. */
static Block *missing_notice(const View *v) {
    Ctx *c = v->c;
    const Type *type = v->r->type;
    if (!v->page->n_buttons || !v->page->buttons[0].is_primary || !v->may_update || !v->r->state)
        return NULL;
    const Transition *t = NULL;
    for (size_t i = 0; i < type->n_transitions && !t; i++)
        if (str_eq(TRS(c, type->transitions[i].label), v->page->buttons[0].label))
            t = &type->transitions[i];
    if (!t) return NULL;
    Text names = text_new(c->arena, 0);
    size_t n = 0;
    for (size_t i = 0; i < type->n_fields; i++) {
        if (!is_missing(v, t, &type->fields[i]) || n++ >= MOST_MISSING) continue;
        if (names.n) text_addz(&names, TR(c, ", "));
        text_add(&names, TRS(c, type->fields[i].label));
    }
    if (!n) return NULL;
    Str count = str_fmt(c->arena, "%zu", n > MOST_MISSING ? n - MOST_MISSING : 0);
    Str words = n > MOST_MISSING ? FILL(c, TR(c, "{0} and {1} more"), text_str(&names), count)
                                 : text_str(&names);
    Block *notice = view_text(c->arena, TEXT_NOTICE, TONE_INFO,
                              FILL(c, TR(c, "Before “{0}”:"), TRS(c, t->label)), words);
    notice->text.button =
        (Button){.label = TRS(c, N_("Fill in")), .href = page_kit_path(c->arena, v->r, "edit")};
    return notice;
}

static Err parent_crumb(const View *v) {
    Ctx *c = v->c;
    const Type *t = v->r->type;
    const Type *top = t->parent ? t->parent->target : NULL;
    if (!top || v->r->values[t->parent->index].kind != V_INT) {
        page_kit_trail(v->page, c->arena, TRS(c, t->plural_label), page_kit_list_path(c->arena, t));
        return OK;
    }
    RefName name = {0};
    TRY(ref_name(&name, c, top, v->r->values[t->parent->index].i));
    page_kit_trail(v->page, c->arena, TRS(c, top->plural_label), page_kit_list_path(c->arena, top));
    Str key = page_kit_escape(c->arena, name.key);
    if (name.found)
        page_kit_trail(v->page, c->arena, name.key,
                       str_fmt(c->arena, "/%s/%.*s", top->plural, FMT(key)));
    return OK;
}

static Err header(const View *v) {
    Ctx *c = v->c;
    const Record *r = v->r;
    Page *page = v->page;
    Cell unit, owner;
    TRY(page_kit_unit(&unit, c, r->unit));
    TRY(page_kit_person(&owner, c, r->owner));
    Str number = record_number(c->arena, r);
    const Field *key = r->type->key;
    bool is_hidden = key && fieldset_has(v->hidden, key->index);
    page->eyebrow = is_hidden ? TRS(c, r->type->label)
                              : FILL(c, TR(c, "{0} · {1}"), TRS(c, r->type->label), number);
    page->title = record_title(c, r);
    if (!page->title.n) page->title = number;
    page->state = r->type->n_states > 1 ? page_kit_state(c, r->state) : (Cell){0};
    page->marks = page_kit_marks(&page->n_marks, c, r, v->hidden);
    page->subtitle = unit.text;
    if (unit.text.n && owner.text.n)
        page->subtitle = FILL(c, TR(c, "{0} · followed by {1}"), unit.text, owner.text);
    else if (owner.text.n)
        page->subtitle = FILL(c, TR(c, "Followed by {0}"), owner.text);
    page->nav = str_z(c->arena, page_kit_list_path(c->arena, r->type));
    page->etag = str_fmt(c->arena, "%lld", (long long)r->version);
    page->is_print = v->is_print;
    if (r->is_restricted) page->confidentiality = TRS(c, N_("Restricted"));
    TRY(parent_crumb(v));
    return header_buttons(v);
}

static void notices(Block *body, const View *v) {
    Ctx *c = v->c;
    if (v->is_past) {
        v->page->as_of = c->as_of;
        v->page->is_past_said = true;
        Str title = FILL(c, TR(c, "As it stood on {0}"), page_kit_day(c->arena, c->as_of));
        Block *past =
            view_text(c->arena, TEXT_NOTICE, TONE_INFO, title,
                      TRS(c, N_("Later changes are not shown, and nothing can be changed here.")));
        past->text.button =
            (Button){.label = TRS(c, N_("Show today")), .href = record_path(c->arena, v->r)};
        view_put(c->arena, body, past);
    }
    if (v->r->is_restricted)
        view_put(
            c->arena, body,
            view_text(
                c->arena, TEXT_NOTICE, TONE_WARN, TRS(c, N_("Restricted record")),
                TRS(c,
                    N_("Only the people who need to know may see it, and each reading is noted."))));
}

static void announce_children(Ctx *c, const Record *r) {
    for (size_t i = 0; i < c->model->n_types; i++) {
        const Type *child = &c->model->types[i];
        bool is_child = child->parent && child->parent->target == r->type;
        if (is_child && !(child->flags & TYPE_NO_PAGES) && access_may(c, child, OP_READ))
            record_children_announce(c, child, r);
    }
}

void page_record_announce(Ctx *c, const Record *r) {
    if (!c->as_of.n && access_may(c, r->type, OP_HISTORY)) history_steps_announce(c, r);
    announce_children(c, r);
    for (size_t i = 0; i < c->model->n_attach; i++) {
        const AttachDef *a = c->model->attach[i];
        if (a->announce && strcmp(a->type, r->type->name) == 0) a->announce(c, r);
    }
}

static Err build(View *v) {
    Ctx *c = v->c;
    TRY(access_hidden(&v->hidden, c, v->r->type, v->r));
    Err err = access_check(c, v->r, OP_HISTORY);
    if (err != OK && err != ERR_DENIED && err != ERR_MISSING) return err;
    v->may_history = err == OK && !v->is_past;
    err = access_check(c, v->r, OP_UPDATE);
    if (err != OK && err != ERR_DENIED && err != ERR_MISSING) return err;
    v->may_update = err == OK;
    if (v->may_history) TRY(history_steps(&v->entries, c, v->r, LATEST, MOST_PATH_ENTRIES));
    TRY(header(v));
    Block *body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    Block *split = view_layout(c->arena, v->is_print ? LAYOUT_STACK : LAYOUT_SPLIT, (Str){0});
    Block *content = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    Block *side = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    notices(body, v);
    view_put(c->arena, body, headline(v));
    view_put(c->arena, body, missing_notice(v));
    view_put(c->arena, body, split);
    view_put(c->arena, split, content);
    view_put(c->arena, split, side);
    TRY(main_column(content, v));
    TRY(side_column(side, v));
    v->page->body = body;
    v->page->main = body;
    return OK;
}

Err page_record(Ctx *c, const Record *r, const Input *query, Format format, Page *out) {
    (void)query;
    TRY(access_check(c, r, OP_READ));
    View v = {.c = c, .r = r, .page = out, .is_past = c->as_of.n > 0};
    if (format == FORMAT_HTML) {
        TRY(build(&v));
        return OK;
    }
    TRY(access_hidden(&v.hidden, c, r->type, r));
    out->title = record_title(c, r);
    out->etag = str_fmt(c->arena, "%lld", (long long)r->version);
    out->as_of = c->as_of;
    TRY(page_record_facts(c, r, &out->body));
    out->main = out->body;
    return OK;
}

/* What ties the paper to the record: its version and the hash of the last entry of its history. */
static Err print_proof(Page *out, Ctx *c, const Record *r) {
    Str version = str_fmt(c->arena, "%lld", (long long)r->version);
    Err e = access_check(c, r, OP_HISTORY);
    if (e != OK && e != ERR_DENIED && e != ERR_MISSING) return e;
    out->proof = e == OK && r->hash.n
                     ? FILL(c, TR(c, N_("Version {0}, fingerprint {1}")), version, r->hash)
                     : FILL(c, TR(c, N_("Version {0}")), version);
    return OK;
}

Err page_record_print(Ctx *c, const Record *r, const Input *query, Page *out) {
    (void)query;
    TRY(access_check(c, r, OP_READ));
    TRY(print_proof(out, c, r));
    View v = {.c = c, .r = r, .page = out, .is_past = c->as_of.n > 0, .is_print = true};
    return build(&v);
}
