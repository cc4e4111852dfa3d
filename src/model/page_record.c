/* page_record.c: one record as a page: header with the next step, key facts, groups, children, and
 * beside them the path, the people and the latest history; and the same as facts for machines.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/comment.h"
#include "model/page_kit.h"

enum { MOST_CHILDREN = 500, MOST_PATH_ENTRIES = 500, LATEST = 5 };

typedef struct View {
    Ctx *c;
    const Record *r;
    Page *page;
    FieldSet hidden;
    bool is_print;
    bool is_past;
    bool may_history;
} View;

/* ---- facts ---- */

void page_record_columns(const PageColumn **out, size_t *n, Ctx *c, const Type *t,
                         FieldSet hidden) {
    static const char *const first[] = {"number",     "title", "state", "version",    "created_at",
                                        "updated_at", "unit",  "owner", "created_by", "restricted"};
    size_t n_named = LENGTH(first) + t->n_fields, all = n_named + t->n_conditions;
    PageColumn *columns = NEW_N(c->arena, PageColumn, all);
    *n = 0;
    for (size_t i = 0; i < all; i++) {
        Str name = str_of(i < LENGTH(first) ? first[i]
                          : i < n_named     ? t->fields[i - LENGTH(first)].name
                                            : t->conditions[i - n_named].name);
        if (str_is(name, "restricted") && !(t->flags & TYPE_CONFIDENTIAL)) continue;
        bool repeated = false;
        for (size_t k = 0; k < *n; k++) repeated |= str_is(name, columns[k].name);
        if (!repeated && page_kit_column(&columns[*n], c, t, name, hidden)) ++*n;
    }
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
           !fieldset_has(v->hidden, f->index) && !is_name(v->r->type, f);
}

/* A field that only counts with another answer is noise while it is empty. */
static bool is_pointless(const View *v, const Field *f) {
    return (f->only_if || (f->flags & F_MORE)) && value_is_null(v->r->values[f->index]);
}

static Block *headline(const View *v) {
    const Type *t = v->r->type;
    Fact *facts = NEW_N(v->c->arena, Fact, t->n_fields + 1);
    size_t n = 0;
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
    return !strcmp(of, group);
}

static Block *group_section(const View *v, const FieldGroup *group) {
    Ctx *c = v->c;
    const Type *t = v->r->type;
    Fact *facts = NEW_N(c->arena, Fact, t->n_fields + 1);
    size_t n = 0, filled = 0;
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        bool wanted = in_group(t, f, group ? group->name : NULL) && is_shown(v, f) &&
                      !(f->flags & F_HEADLINE) && !is_pointless(v, f);
        if (!wanted) continue;
        Fact *fact = &facts[n++];
        *fact = (Fact){.name = f->name, .label = TRS(c, f->label)};
        fact->cell = page_kit_value(c, v->r, f, v->hidden);
        fact->is_wide = f->kind == KIND_LONG || f->kind == KIND_ROWS || f->kind == KIND_FILES ||
                        (f->flags & F_MULTILINE);
        filled += !value_is_null(v->r->values[f->index]);
    }
    if (!n) return NULL;
    Block *section =
        view_layout(c->arena, LAYOUT_SECTION, group ? TRS(c, group->label) : TRS(c, N_("Details")));
    section->id = group ? group->name : "details";
    section->layout.is_folded = !filled && !v->is_print;
    Block *block = view_block(c->arena, BLOCK_FACTS);
    block->facts = (FactsView){.facts = facts, .n = n};
    view_put(c->arena, section, block);
    return section;
}

/* ---- children ---- */

static const Field *amount_field(const Type *t) {
    const Field *f = type_field(t, S("amount"));
    return f && f->kind == KIND_MONEY ? f : NULL;
}

/* The converted amount when the type keeps one: only amounts of one currency are added up. */
static const Field *sum_field(const Type *t) {
    static const char *const names[] = {"signed_amount", "functional_amount", "group_amount",
                                        "base_amount", "amount"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        const Field *f = type_field(t, str_of(names[i]));
        if (f && f->kind == KIND_MONEY) return f;
    }
    return NULL;
}

typedef struct Running {
    int64_t sum;
    char currency[4];
    bool is_mixed;
    bool any;
} Running;

static void run_on(Running *run, const Record *child, const Field *amount) {
    Value v = child->values[amount->index];
    const Field *sign = type_field(child->type, S("sign"));
    if (v.kind != V_MONEY || (child->state && (child->state->flags & STATE_VOID))) return;
    if (!run->any) memcpy(run->currency, v.currency, sizeof run->currency);
    run->any = true;
    int64_t factor = 1;
    if (sign && sign->kind == KIND_INT && child->values[sign->index].kind == V_INT)
        factor = child->values[sign->index].i;
    int64_t signed_amount;
    if (strcmp(run->currency, v.currency) != 0 || mul_overflows(v.i, factor, &signed_amount) ||
        add_overflows(run->sum, signed_amount, &run->sum))
        run->is_mixed = true;
}

static Cell running_cell(const Running *run) {
    if (!run->any || run->is_mixed) return (Cell){0};
    Money m = {.minor = run->sum};
    memcpy(m.currency, run->currency, sizeof m.currency);
    return cell_money(m);
}

static size_t child_columns(PageColumn *out, size_t max, Ctx *c, const Type *child,
                            FieldSet hidden) {
    size_t n = 0;
    if (page_kit_column(&out[n], c, child, S("number"), hidden)) n++;
    if (page_kit_title(c, child) && page_kit_column(&out[n], c, child, S("title"), hidden)) n++;
    for (size_t i = 0; i < child->n_fields && n + 2 < max; i++) {
        const Field *f = &child->fields[i];
        bool wanted = (f->flags & F_LISTED) && !(f->flags & F_HIDDEN) && f != child->parent &&
                      !is_name(child, f) && f != page_kit_title(c, child) &&
                      !(sum_field(child) == f && f != amount_field(child));
        if (wanted && page_kit_column(&out[n], c, child, str_of(f->name), hidden)) n++;
    }
    if (child->n_states > 1 && page_kit_column(&out[n], c, child, S("state"), hidden)) n++;
    return n;
}

static Column *plain_columns(Ctx *c, const PageColumn *from, size_t n, size_t extra) {
    Column *columns = NEW_N(c->arena, Column, n + extra);
    for (size_t i = 0; i < n; i++)
        columns[i] = (Column){
            .name = from[i].name, .label = from[i].label, .kind = from[i].kind, .is_main = i == 0};
    return columns;
}

static Err ledger_block(Block **out, Ctx *c, const Type *child, const Records *children,
                        const PageColumn *columns, size_t n) {
    const Field *sum = sum_field(child);
    Row *rows = NEW_N(c->arena, Row, children->n ? children->n : 1);
    Running run = {0};
    for (size_t i = 0; i < children->n; i++) {
        TRY(page_kit_row(&rows[i], c, c->arena, children->items[i], columns, n));
        Cell *cells = NEW_N(c->arena, Cell, n + 1);
        memcpy(cells, rows[i].cells, n * sizeof *cells);
        run_on(&run, children->items[i], sum);
        bool is_void = children->items[i]->state && (children->items[i]->state->flags & STATE_VOID);
        if (!is_void) cells[n] = running_cell(&run);
        rows[i].cells = cells;
    }
    Column *shown = plain_columns(c, columns, n, 1);
    shown[n] =
        (Column){.name = "running", .label = TRS(c, N_("Running total")), .kind = CELL_MONEY};
    Cell *totals = NEW_N(c->arena, Cell, n + 1);
    totals[0] = cell_label(S("total"), TRS(c, N_("Total")));
    totals[n] = running_cell(&run);
    view_share_currency(shown, n + 1, rows, children->n);
    *out = view_block(c->arena, BLOCK_LEDGER);
    (*out)->ledger = (LedgerView){.columns = shown,
                                  .n_columns = n + 1,
                                  .rows = rows,
                                  .n_rows = children->n,
                                  .totals = run.any && !run.is_mixed ? totals : NULL,
                                  .empty_text = TRS(c, N_("Nothing here yet"))};
    return OK;
}

static Err child_list(Block **out, Ctx *c, const Records *children, const PageColumn *columns,
                      size_t n) {
    Row *rows = NEW_N(c->arena, Row, children->n ? children->n : 1);
    for (size_t i = 0; i < children->n; i++)
        TRY(page_kit_row(&rows[i], c, c->arena, children->items[i], columns, n));
    Column *shown = plain_columns(c, columns, n, 0);
    view_share_currency(shown, n, rows, children->n);
    *out = view_block(c->arena, BLOCK_LIST);
    (*out)->list = (ListView){.columns = shown,
                              .n_columns = n,
                              .rows = rows_of_array(c->arena, rows, children->n),
                              .total = (int64_t)children->n,
                              .total_is_exact = true,
                              .is_plain = true,
                              .empty_title = TRS(c, N_("Nothing here yet"))};
    return OK;
}

static Err add_button(const Button **out, size_t *n, const View *v, const Type *child) {
    Ctx *c = v->c;
    *n = 0;
    if (v->is_print || v->is_past || c->actor->is_read_only) return OK;
    if (v->r->state && (v->r->state->flags & (STATE_CLOSED | STATE_VOID))) return OK;
    Err err;
    bool allowed = page_kit_may_create(c, child, &err);
    TRY(err);
    if (!allowed) return OK;
    Button *button = NEW(c->arena, Button);
    Str number = page_kit_escape(c->arena, record_number(c->arena, v->r));
    *button = (Button){.label = FILL(c, TR(c, "Add: {0}"), TRS(c, child->label)),
                       .href = str_fmt(c->arena, "/%s/new?%s=%.*s", child->plural,
                                       child->parent->name, FMT(number)),
                       .icon = "plus"};
    *out = button;
    *n = 1;
    return OK;
}

/* Who may read a record need not read all that belongs to it: a declarant, or somebody of another
 * unit, has no rights on its entries. */
static Err readable_children(Records *out, const View *v, const Type *child) {
    Records all = {0};
    TRY(record_children(&all, v->c, child, v->r));
    for (size_t i = 0; i < all.n; i++) {
        Err err = access_check(v->c, all.items[i], OP_READ);
        if (err == ERR_MISSING) continue;
        TRY(err);
        GROW(v->c->arena, out->items, out->n, out->cap);
        out->items[out->n++] = all.items[i];
    }
    return OK;
}

static Err child_section(Block **out, const View *v, const Type *child) {
    Ctx *c = v->c;
    *out = NULL;
    const Access *access = NULL;
    TRY(access_of(&access, c, child, OP_READ));
    if (!access_any(access)) return OK;
    Records children = {0};
    TRY(readable_children(&children, v, child));
    bool is_cut = children.n > MOST_CHILDREN;
    if (is_cut) children.n = MOST_CHILDREN;
    const Button *buttons = NULL;
    size_t n_buttons = 0;
    TRY(add_button(&buttons, &n_buttons, v, child));
    if (!children.n && !n_buttons) return OK;
    FieldSet hidden = {0};
    TRY(access_hidden(&hidden, c, child, NULL));
    PageColumn *columns = NEW_N(c->arena, PageColumn, child->n_fields + 4);
    size_t n = child_columns(columns, child->n_fields + 4, c, child, hidden);
    if (!n) return OK;
    *out = view_layout(c->arena, LAYOUT_SECTION, TRS(c, child->plural_label));
    (*out)->id = child->plural;
    (*out)->layout.buttons = buttons;
    (*out)->layout.n_buttons = n_buttons;
    Block *block = NULL;
    bool is_ledger =
        amount_field(child) && !fieldset_has(hidden, sum_field(child)->index) && !is_cut;
    if (is_ledger)
        TRY(ledger_block(&block, c, child, &children, columns, n));
    else
        TRY(child_list(&block, c, &children, columns, n));
    view_put(c->arena, *out, block);
    return OK;
}

/* ---- side column ---- */

static Err path_block(Block **out, const View *v) {
    Ctx *c = v->c;
    const Type *t = v->r->type;
    *out = NULL;
    if (t->n_states < 2 || !v->r->state) return OK;
    int64_t *at = NEW_N(c->arena, int64_t, t->n_states);
    Str *who = NEW_N(c->arena, Str, t->n_states);
    HistoryEntries entries = {0};
    if (v->may_history) TRY(history_list(&entries, c, v->r, 0, MOST_PATH_ENTRIES));
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
    static const char *const names[] = {"owner", "unit", "created_by", "created_at", "updated_at"};
    Fact *facts = NEW_N(c->arena, Fact, LENGTH(names) + 1);
    size_t n = 0;
    for (size_t i = 0; i < LENGTH(names); i++) {
        PageColumn column;
        if (!page_kit_column(&column, c, r->type, str_of(names[i]), v->hidden) || column.field)
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
    HistoryEntries entries = {0};
    TRY(history_list(&entries, c, v->r, 0, LATEST));
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

static Err side_column(Block *side, const View *v) {
    Ctx *c = v->c;
    Block *path = NULL, *people = NULL, *history = NULL;
    TRY(path_block(&path, v));
    if (path) {
        Block *card = view_layout(c->arena, LAYOUT_CARD, TRS(c, N_("Progress")));
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

static Err main_column(Block *content, const View *v) {
    Ctx *c = v->c;
    const Type *t = v->r->type;
    TRY(attached(content, v, ATTACHED_FIRST));
    for (const FieldGroup *g = t->def->groups; g && g->name; g++)
        view_put(c->arena, content, group_section(v, g));
    if (!t->def->groups) view_put(c->arena, content, group_section(v, NULL));
    for (size_t i = 0; i < c->model->n_types; i++) {
        const Type *child = &c->model->types[i];
        if (!child->parent || child->parent->target != t || (child->flags & TYPE_NO_PAGES))
            continue;
        Block *section = NULL;
        TRY(child_section(&section, v, child));
        view_put(c->arena, content, section);
    }
    TRY(attached(content, v, ATTACHED_LAST));
    Block *comments = NULL;
    if (!v->is_print) {
        TRY(comment_section(&comments, c, v->r, !v->is_past && !c->actor->is_read_only));
        view_put(c->arena, content, comments);
    }
    return OK;
}

/* ---- header ---- */

static Err transition_buttons(Button *buttons, size_t *n, const View *v) {
    const Type *t = v->r->type;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < t->n_transitions; i++) {
            bool is_first = (t->transitions[i].def->flags & TRANSITION_PRIMARY) != 0;
            bool offered = false;
            if (is_first != (pass == 0)) continue;
            TRY(page_kit_transition(&buttons[*n], &offered, v->c, v->r, &t->transitions[i]));
            *n += offered;
        }
    }
    return OK;
}

static Err header_buttons(const View *v) {
    Ctx *c = v->c;
    if (v->is_print) return OK;
    Button *buttons = NEW_N(c->arena, Button, v->r->type->n_transitions + 4);
    size_t n = 0;
    if (!v->is_past && !c->actor->is_read_only) {
        TRY(transition_buttons(buttons, &n, v));
        Err err = access_check(c, v->r, OP_UPDATE);
        if (err != OK && err != ERR_DENIED && err != ERR_MISSING) return err;
        if (err == OK)
            buttons[n++] = (Button){.label = TRS(c, N_("Edit")),
                                    .icon = "edit",
                                    .href = page_kit_path(c->arena, v->r, "edit")};
    }
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

static Err build(View *v) {
    Ctx *c = v->c;
    TRY(access_hidden(&v->hidden, c, v->r->type, v->r));
    Err err = access_check(c, v->r, OP_HISTORY);
    if (err != OK && err != ERR_DENIED && err != ERR_MISSING) return err;
    v->may_history = err == OK && !v->is_past;
    TRY(header(v));
    Block *body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    Block *split = view_layout(c->arena, v->is_print ? LAYOUT_STACK : LAYOUT_SPLIT, (Str){0});
    Block *content = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    Block *side = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    notices(body, v);
    view_put(c->arena, body, headline(v));
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

Err page_record_print(Ctx *c, const Record *r, const Input *query, Page *out) {
    (void)query;
    TRY(access_check(c, r, OP_READ));
    View v = {.c = c, .r = r, .page = out, .is_past = c->as_of.n > 0, .is_print = true};
    return build(&v);
}
