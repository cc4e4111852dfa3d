/* page_home.c: My work: what waits for this person, why, since when, with its next step; what they
 * began; what changed lately around them. At most two list queries a type. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "model/page_kit.h"

#include "base/clock.h"

enum { MOST_RECENT = 10, RECENT_ENTRIES = 60, MOST_OF_A_KIND = 5, LOOK_NO_FURTHER = 15 };
enum { MOST_RECENT_OF_A_TYPE = 4, LATELY_DAYS = 60 };

/* clang-format off */
enum { BUCKET_REVIEW, BUCKET_APPROVE, BUCKET_COMPLETE, BUCKETS };
static const struct { const char *id, *label; } buckets[BUCKETS] = {
    {"to-review",   N_("To review")},
    {"to-approve",  N_("To approve")},
    {"to-complete", N_("To complete")},
};
enum { LINE_NUMBER, LINE_TITLE, LINE_AMOUNT, LINE_STATE, LINE_WHY, LINE_DUE, LINE_SINCE, LINE_NEXT };
static const struct { const char *name, *label; CellKind kind; } line_columns[] = {
    {"number", N_("Number"),    CELL_CODE},
    {"title",  N_("What"),      CELL_TEXT},
    {"amount", N_("Amount"),    CELL_MONEY},
    {"state",  N_("State"),     CELL_STATE},
    {"why",    N_("Why you"),   CELL_LABEL},
    {"due",    N_("Due"),       CELL_DATE},
    {"since",  N_("Since"),     CELL_DATE},
    {"next",   N_("Next step"), CELL_LABEL},
};
/* clang-format on */
enum { COLUMNS = LENGTH(line_columns) };

typedef struct Lines {
    Row *rows;
    size_t n, cap;
    Button *more; /* the whole lists of those kinds that were cut */
    size_t n_more, cap_more;
} Lines;

typedef struct Home {
    Ctx *c;
    Str whose; /* the reader and those who delegated everything to them, as a filter takes them */
    Lines waiting[BUCKETS], drafts, mine, recent;
    Button *create;
    size_t n_create;
} Home;

/* What a state's turn is about: its own next step says it best. */
static int bucket_of(const Type *t, const State *s) {
    for (size_t i = 0; i < t->n_transitions; i++) {
        const Transition *step = &t->transitions[i];
        if (s->index > 63 || !((step->from >> s->index) & 1u)) continue;
        if (strstr(step->name, "approve")) return BUCKET_APPROVE;
    }
    if (strstr(s->name, "approv")) return BUCKET_APPROVE;
    if (strstr(s->name, "review") || strstr(s->name, "declared") || strstr(s->name, "proposed") ||
        strstr(s->name, "check") || strstr(s->name, "submitted"))
        return BUCKET_REVIEW;
    return BUCKET_COMPLETE;
}

/* The next step that this person may make now; *any is false when none is open to them. */
static Err next_step(Button *out, bool *any, Ctx *c, const Record *r) {
    const Transition *t;
    TRY(access_next_step(&t, c, r));
    *any = t != NULL;
    if (!t) return OK;
    *out = page_kit_step(c, r, t);
    /* One comes back here for the next line; a page of a module knows its own way. */
    if (out->asks || out->is_post) out->href = str_join(c->arena, out->href, S("?_next=/"));
    return OK;
}

/* Where the line belongs: a child names its parent, anything else its unit or its kind; so does a
 * child that is called like its parent (the assessment of a risk). */
static Err line_context(Str *out, Ctx *c, const Record *r) {
    const Type *t = r->type;
    Cell unit;
    if (t->parent && r->values[t->parent->index].kind == V_INT) {
        Cell parent = field_cell(c, t->parent, r->values[t->parent->index]);
        *out = parent.text.n ? parent.text : parent.key;
        if (!str_eq(*out, record_title(c, r))) return OK;
    }
    TRY(page_kit_unit(&unit, c, r->unit));
    *out = unit.text.n ? unit.text : TRS(c, t->label);
    return OK;
}

static Cell line_amount(Ctx *c, const Record *r, FieldSet hidden) {
    for (size_t i = 0; i < r->type->n_fields; i++) {
        const Field *f = &r->type->fields[i];
        if (f->kind == KIND_MONEY && (f->flags & F_HEADLINE) && !fieldset_has(hidden, f->index))
            return page_kit_value(c, r, f, hidden);
    }
    return (Cell){0};
}

/* The date on which something depends, with what holds on it today. */
static Cell line_due(Ctx *c, const Record *r, FieldSet hidden) {
    for (size_t i = 0; i < r->type->n_conditions; i++) {
        const Field *f = r->type->conditions[i].date;
        if (!fieldset_has(hidden, f->index) && !value_is_null(r->values[f->index]))
            return page_kit_value(c, r, f, hidden);
    }
    return (Cell){0};
}

/* The day, with how long ago beside it. */
static Cell line_since(Ctx *c, int64_t at) {
    int64_t days = ctx_day(c, c->now_us) - ctx_day(c, at);
    Cell cell = cell_date(ctx_date(c, at));
    cell.note = days <= 0 ? TRS(c, N_("today"))
                          : FILL(c, tr_n(c->lang, "{0} day", "{0} days", days),
                                 str_fmt(c->arena, "%lld", (long long)days));
    return cell;
}

static Err add_line(Lines *out, Ctx *c, const Record *r, Str why, const Button *next) {
    Cell *cells = NEW_N(c->arena, Cell, COLUMNS);
    FieldSet hidden = {0};
    TRY(access_hidden(&hidden, c, r->type, r));
    const Field *title = page_kit_title(c, r->type);
    Str href = record_path(c->arena, r), number = record_number(c->arena, r), context;
    TRY(line_context(&context, c, r));
    cells[LINE_NUMBER] = cell_code(number);
    cells[LINE_TITLE] = cell_text(record_title(c, r));
    if (title && fieldset_has(hidden, title->index)) cells[LINE_TITLE] = (Cell){.is_masked = true};
    cells[LINE_TITLE].note = FILL(c, TR(c, "{0} · {1}"), number, context);
    cells[LINE_AMOUNT] = line_amount(c, r, hidden);
    cells[LINE_STATE] = page_kit_state(c, r->state);
    cells[LINE_STATE].note = why;
    cells[LINE_WHY] = why.n ? cell_label((Str){0}, why) : (Cell){0};
    cells[LINE_DUE] = line_due(c, r, hidden);
    cells[LINE_SINCE] = line_since(c, r->updated_at);
    if (next) {
        cells[LINE_NEXT] = cell_link(cell_label((Str){0}, next->label), next->href);
        cells[LINE_NEXT].tone = TONE_ACCENT;
    }
    GROW(c->arena, out->rows, out->n, out->cap);
    out->rows[out->n++] = (Row){.id = number, .href = href, .cells = cells};
    return OK;
}

static Err waiting_query(Str *out, Ctx *c, const Type *t) {
    Text names = text_new(c->arena, 0);
    for (size_t i = 0; i < t->n_states; i++) {
        const State *s = &t->states[i];
        if (!s->waits_for || !page_kit_role_label(c, s->waits_for).n) continue;
        if (names.n) text_char(&names, ',');
        text_addz(&names, s->name);
    }
    *out = text_str(&names);
    return OK;
}

static Err list_of(ListCursor **out, Ctx *c, const Type *t, const char *name, Str value,
                   const char *sort, const char *limit) {
    Input params = {0};
    input_add(&params, c->arena, str_of(name), value);
    input_add(&params, c->arena, S("sort"), str_of(sort));
    input_add(&params, c->arena, S("limit"), str_of(limit));
    ListQuery q = {0};
    TRY(list_parse(&q, c, t, &params));
    return list_open(out, c, &q);
}

/* The states in which it is the turn of one person whom the record names by `word`. */
static Str states_of_word(Ctx *c, const Type *t, Str word) {
    Text names = text_new(c->arena, 0);
    for (size_t i = 0; i < t->n_states; i++) {
        if (!word_in(t->states[i].waits_for, word)) continue;
        if (names.n) text_char(&names, ',');
        text_addz(&names, t->states[i].name);
    }
    return text_str(&names);
}

static bool is_listed(const Home *h, const Record *r) {
    Str href = record_path(h->c->arena, r);
    for (int b = 0; b < BUCKETS; b++)
        for (size_t i = 0; i < h->waiting[b].n; i++)
            if (str_eq(h->waiting[b].rows[i].href, href)) return true;
    return false;
}

static void add_more(Lines *lines, Ctx *c, const Type *t, Str href) {
    Str label = TRS(c, t->plural_label);
    for (size_t i = 0; i < lines->n_more; i++)
        if (str_starts(lines->more[i].href, str_fmt(c->arena, "/%s?", t->plural))) return;
    GROW(c->arena, lines->more, lines->n_more, lines->cap_more);
    lines->more[lines->n_more++] =
        (Button){.label = FILL(c, TR(c, N_("Show all: {0}")), label), .href = href};
}

/* Adds what a query gives and this person can do something about, each once; a few of a kind, for
 * forty lines of one campaign would hide the rest. */
static Err add_waiting(Home *h, ListCursor *cursor, const Type *t, Str role, Str whole) {
    Ctx *c = h->c;
    size_t taken[BUCKETS] = {0}, full = 0;
    for (;;) {
        Record *r = NULL;
        TRY(list_next(&r, cursor, c->arena));
        if (!r) break;
        Button next = {0};
        bool any = false;
        TRY(next_step(&next, &any, c, r));
        /* Four eyes or a limit: then it is somebody else's turn. */
        if ((!any && r->type->n_transitions) || is_listed(h, r)) continue;
        Str who = role.n ? role : page_kit_role_label(c, r->state->waits_for);
        int bucket = bucket_of(t, r->state);
        if (taken[bucket] == MOST_OF_A_KIND) {
            add_more(&h->waiting[bucket], c, t, whole);
            if (++full == LOOK_NO_FURTHER) return OK;
            continue;
        }
        taken[bucket]++;
        TRY(add_line(&h->waiting[bucket], c, r, who, any ? &next : NULL));
    }
    if (!list_after(cursor).n) return OK;
    for (int i = 0; i < BUCKETS; i++)
        if (taken[i]) add_more(&h->waiting[i], c, t, whole);
    return OK;
}

/* The reader, and who delegated everything to them. */
static Err whose_turns(Str *out, Ctx *c) {
    Text t = text_new(c->arena, 0);
    int64_t last = 0;
    text_addz(&t, "me");
    for (size_t i = 0; i < c->actor->n_roles; i++) {
        const ActorRole *role = &c->actor->roles[i];
        RefName who;
        if (!role->is_all || role->for_user == last) continue;
        last = role->for_user;
        TRY(ref_name_stored(&who, c, model_need(c->model, "user"), last));
        text_char(&t, ',');
        text_add(&t, who.key);
    }
    *out = text_str(&t);
    return OK;
}

static Err waiting_for_person(Home *h, const Type *t, const char *word, const char *field,
                              const char *label) {
    Ctx *c = h->c;
    ListCursor *cursor = NULL;
    Str states = states_of_word(c, t, str_of(word)), who = h->whose;
    if (!states.n || !c->actor->user) return OK;
    Input params = {0};
    ListQuery q = {0};
    Str by = str_fmt(c->arena, str_is(who, "me") ? "%s" : "%s.in", field);
    input_add(&params, c->arena, S("state.in"), states);
    input_add(&params, c->arena, by, who);
    Str whole = page_kit_url(c->arena, page_kit_list_path(c->arena, t), &params);
    input_add(&params, c->arena, S("sort"), S("id"));
    input_add(&params, c->arena, S("limit"), S("100"));
    TRY(list_parse(&q, c, t, &params));
    TRY(list_open(&cursor, c, &q));
    return add_waiting(h, cursor, t, TRS(c, label), whole);
}

/* Turns of a role, then those of persons whom the record names: its owner, or a field. */
static Err waiting_of(Home *h, const Type *t) {
    Ctx *c = h->c;
    Str states;
    FieldSet hidden = {0};
    TRY(waiting_query(&states, c, t));
    if (states.n) {
        ListCursor *cursor = NULL;
        TRY(list_of(&cursor, c, t, "state.in", states, "id", "100"));
        TRY(add_waiting(h, cursor, t, (Str){0},
                        str_fmt(c->arena, "/%s?state.in=%.*s", t->plural, FMT(states))));
    }
    TRY(access_hidden(&hidden, c, t, NULL));
    TRY(waiting_for_person(h, t, "@owner", "owner", N_("Owner")));
    for (size_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        bool many = f->kind == KIND_REFS && !strcmp(f->target->name, "user");
        if ((f->kind != KIND_USER && !many) || fieldset_has(hidden, f->index)) continue;
        TRY(waiting_for_person(h, t, str_fmt(c->arena, "@%s", f->name).p, f->name, f->label));
    }
    return OK;
}

/* Under way, or of the last weeks. */
static bool is_of_today(const Ctx *c, const Record *r) {
    if (!(r->state->flags & STATE_CLOSED)) return true;
    return ctx_day(c, c->now_us) - ctx_day(c, r->created_at) <= LATELY_DAYS;
}

/* What I began and have not sent yet, and what I declared lately. */
static Err mine_of(Home *h, const Type *t) {
    Ctx *c = h->c;
    if (!c->actor->user) return OK;
    ListCursor *cursor = NULL;
    TRY(list_of(&cursor, c, t, "created_by", S("me"), "-id", "10"));
    for (;;) {
        Record *r = NULL;
        TRY(list_next(&r, cursor, c->arena));
        if (!r) return OK;
        if (!r->state || (r->state->flags & STATE_VOID) || !is_of_today(c, r)) continue;
        bool is_draft = r->state == &t->states[0] && !(r->state->flags & STATE_CLOSED);
        Button next = {0};
        bool any = false;
        if (is_draft) TRY(next_step(&next, &any, c, r));
        TRY(add_line(is_draft ? &h->drafts : &h->mine, c, r, (Str){0}, any ? &next : NULL));
    }
}

static Err create_of(Home *h, const Type *t) {
    Ctx *c = h->c;
    Err err;
    bool allowed = page_kit_may_create(c, t, &err);
    TRY(err);
    if (!allowed || t->parent || c->actor->is_read_only) return OK;
    Button one = page_kit_create(c, t), first = h->create[0];
    h->create[h->n_create++] = one;
    /* What has a page of its own to begin on is what most people come for. */
    if (!t->def->create_page || h->n_create == 1) return OK;
    h->create[0] = one;
    h->create[h->n_create - 1] = first;
    return OK;
}

static bool is_worked_on(const Type *t) {
    if ((t->flags & TYPE_NO_PAGES) || t->n_states < 2) return false;
    for (size_t i = 0; i < t->n_states; i++)
        if (t->states[i].waits_for) return true;
    return false;
}

typedef struct Seen {
    const Type *type;
    int64_t id;
    Record *record; /* NULL: not read, or not for this person */
    bool is_read;
} Seen;

/* The first few of each type in one statement. */
static Err read_ahead(Ctx *c, Seen *seen, size_t n, const Type *t) {
    enum { AHEAD = 2 * MOST_RECENT_OF_A_TYPE };
    int64_t ids[AHEAD];
    size_t n_ids = 0;
    Records found;
    for (size_t i = 0; i < n && n_ids < AHEAD; i++) {
        if (seen[i].type != t) continue;
        seen[i].is_read = true;
        ids[n_ids++] = seen[i].id;
    }
    TRY(record_load_many(&found, c, t, ids, n_ids));
    for (size_t k = 0; k < found.n; k++) {
        Err err = access_check(c, found.items[k], OP_READ);
        if (err == ERR_MISSING || err == ERR_DENIED) continue;
        TRY(err);
        for (size_t i = 0; i < n; i++)
            if (seen[i].type == t && seen[i].id == found.items[k]->id)
                seen[i].record = found.items[k];
    }
    return OK;
}

static Err read_seen(Ctx *c, Seen *seen, size_t n, size_t i) {
    if (!seen[i].is_read && !c->as_of.n) {
        bool is_first = true;
        for (size_t k = 0; k < i; k++) is_first = is_first && seen[k].type != seen[i].type;
        if (is_first) TRY(read_ahead(c, seen, n, seen[i].type));
    }
    if (seen[i].is_read) return OK;
    Err err = record_load(&seen[i].record, c, seen[i].type, seen[i].id);
    return err == ERR_MISSING || err == ERR_DENIED ? OK : err;
}

static Err seen_of(Seen *seen, size_t *n, Ctx *c) {
    Rows *rows = NULL;
    TRY(db_few(&rows, c->db, c->arena,
               "SELECT type, record FROM entry WHERE record > 0 ORDER BY id DESC LIMIT $1",
               ARGS(db_int(RECENT_ENTRIES))));
    for (;;) {
        bool has = false, again = false;
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        const Type *t = model_type(c->model, rows_text(rows, 0));
        int64_t id = rows_int(rows, 1);
        for (size_t i = 0; i < *n; i++) again |= seen[i].type == t && seen[i].id == id;
        if (!t || again || !is_worked_on(t) || *n == RECENT_ENTRIES) continue;
        seen[(*n)++] = (Seen){.type = t, .id = id};
    }
}

/* The newest entries of the history, whatever the type, as far as this person may read the records.
 */
static Err recent(Home *h) {
    Ctx *c = h->c;
    Seen *seen = NEW_N(c->arena, Seen, RECENT_ENTRIES);
    size_t n = 0, *of_type = NEW_N(c->arena, size_t, c->model->n_types + 1);
    TRY(seen_of(seen, &n, c));
    for (size_t i = 0; i < n && h->recent.n < MOST_RECENT; i++) {
        size_t *taken = &of_type[seen[i].type - c->model->types];
        if (*taken == MOST_RECENT_OF_A_TYPE) continue; /* a plan asks forty people at once */
        TRY(read_seen(c, seen, n, i));
        if (!seen[i].record) continue;
        ++*taken;
        TRY(add_line(&h->recent, c, seen[i].record, (Str){0}, NULL));
    }
    return OK;
}

/* ---- drawing ---- */

static Block *lines_block(Ctx *c, const char *id, Str title, const Lines *lines) {
    if (!lines->n) return NULL;
    bool has[COLUMNS] = {false};
    for (size_t i = 0; i < lines->n; i++)
        for (size_t k = 0; k < COLUMNS; k++)
            has[k] |= lines->rows[i].cells[k].kind != CELL_EMPTY || k == LINE_TITLE;
    Column *columns = NEW_N(c->arena, Column, COLUMNS);
    size_t n = 0;
    for (size_t k = 0; k < COLUMNS; k++)
        if (has[k])
            columns[n++] = (Column){.name = line_columns[k].name,
                                    .label = TRS(c, line_columns[k].label),
                                    .kind = line_columns[k].kind,
                                    .is_hidden = k == LINE_NUMBER || k == LINE_WHY,
                                    .is_main = k == LINE_TITLE};
    Row *rows = NEW_N(c->arena, Row, lines->n);
    for (size_t i = 0; i < lines->n; i++) {
        Cell *cells = NEW_N(c->arena, Cell, COLUMNS);
        size_t put = 0;
        for (size_t k = 0; k < COLUMNS; k++)
            if (has[k]) cells[put++] = lines->rows[i].cells[k];
        rows[i] = lines->rows[i];
        rows[i].cells = cells;
    }
    Block *section = view_layout(c->arena, LAYOUT_SECTION, title);
    section->id = id;
    section->layout.buttons = lines->more;
    section->layout.n_buttons = lines->n_more;
    Block *list = view_block(c->arena, BLOCK_LIST);
    view_share_currency(columns, n, rows, lines->n);
    list->list = (ListView){.columns = columns,
                            .n_columns = n,
                            .rows = rows_of_array(c->arena, rows, lines->n),
                            .total = lines->n_more ? -1 : (int64_t)lines->n,
                            .total_is_exact = true,
                            .is_plain = true};
    view_put(c->arena, section, list);
    return section;
}

static Block *nothing_waits(const Home *h) {
    Ctx *c = h->c;
    Str text =
        h->n_create
            ? TRS(c, N_("You can declare something new, or look at what changed around you."))
            : TRS(c, N_("What needs you will appear here."));
    Block *block =
        view_text(c->arena, TEXT_EMPTY, TONE_GOOD, TRS(c, N_("Nothing waits for you")), text);
    if (h->n_create) block->text.button = h->create[0];
    return block;
}

/* ---- a new installation ---- */

static Err is_empty(bool *out, Ctx *c, const Type *t) {
    Rows *rows;
    bool has;
    TRY(db_rows(&rows, c->db, c->arena,
                str_fmt(c->arena, "SELECT 1 FROM \"%s\" LIMIT 1", t->name).p, NULL, 0));
    *out = true;
    for (;;) {
        TRY(rows_next(&has, rows));
        if (!has) return OK;
        *out = false;
    }
}

/* Nothing can be declared before there is a place where it happened: to whom may make one, the next
 * of them is said. NULL: there is one, or it is somebody else's work. */
static Err first_steps(Block **out, Ctx *c) {
    static const char *const order[] = {"entity", "unit"};
    *out = NULL;
    for (size_t i = 0; i < LENGTH(order) && !c->actor->is_read_only; i++) {
        const Type *t = model_type(c->model, str_of(order[i]));
        Err err = OK;
        bool empty = false;
        if (!t || !page_kit_may_create(c, t, &err)) return err;
        TRY(is_empty(&empty, c, t));
        if (!empty) continue;
        *out = view_text(
            c->arena, TEXT_EMPTY, TONE_INFO, TRS(c, N_("Begin with your organisation")),
            TRS(c,
                N_("The legal entity first, then its units, then people and their roles. Import takes them from files, too.")));
        (*out)->id = "first-steps";
        (*out)->text.button = page_kit_create(c, t);
        return OK;
    }
    return OK;
}

/* Who may begin one thing only, and has nothing else to do, begins it right here: its page. */
static Err begin_here(Block **out, const Home *h) {
    Ctx *c = h->c;
    const Input none = {0};
    *out = NULL;
    for (size_t i = 0; h->n_create == 1 && !h->drafts.n && i < c->model->n_pages; i++) {
        const PageDef *def = c->model->pages[i];
        Page page = {0};
        if (!str_is(h->create[0].href, def->path)) continue;
        Err e = access_page(c, str_of(def->right));
        if (e == ERR_DENIED) return OK;
        TRY(e);
        TRY(def->build(c, &(PageArgs){.query = &none}, &page));
        *out = view_layout(c->arena, LAYOUT_SECTION, page.title);
        (*out)->layout.text = FILL(c, TR(c, N_("Nothing waits for you. {0}")), page.subtitle);
        view_put(c->arena, *out, page.body);
        return OK;
    }
    return OK;
}

Err page_home(Ctx *c, const Input *query, Page *out) {
    (void)query;
    Home h = {.c = c, .create = NEW_N(c->arena, Button, c->model->n_types + 1)};
    TRY(whose_turns(&h.whose, c));
    for (size_t i = 0; i < c->model->n_types; i++) {
        const Type *t = &c->model->types[i];
        if (!is_worked_on(t)) continue;
        const Access *read = NULL;
        TRY(access_of(&read, c, t, OP_READ));
        TRY(create_of(&h, t));
        if (!access_any(read)) continue;
        TRY(waiting_of(&h, t));
        TRY(mine_of(&h, t));
    }
    TRY(recent(&h));
    out->title = TRS(c, N_("My work"));
    out->nav = "/";
    Block *body = view_layout(c->arena, LAYOUT_STACK, (Str){0});
    size_t waiting = 0;
    for (int i = 0; i < BUCKETS; i++) waiting += h.waiting[i].n;
    Block *here = NULL;
    TRY(first_steps(&here, c));
    if (here) view_put(c->arena, body, here);
    bool is_new = here != NULL;
    if (!waiting && !is_new) TRY(begin_here(&here, &h));
    if (!waiting && !is_new) view_put(c->arena, body, here ? here : nothing_waits(&h));
    for (int i = 0; i < BUCKETS; i++)
        view_put(c->arena, body,
                 lines_block(c, buckets[i].id, TRS(c, buckets[i].label), &h.waiting[i]));
    view_put(c->arena, body, lines_block(c, "drafts", TRS(c, N_("My drafts")), &h.drafts));
    view_put(c->arena, body, lines_block(c, "mine", TRS(c, N_("What I declared lately")), &h.mine));
    view_put(c->arena, body, lines_block(c, "recent", TRS(c, N_("Changed lately")), &h.recent));
    out->body = body;
    out->main = body;
    return OK;
}
